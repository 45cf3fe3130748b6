ss_fuzz(flow SOURCES fuzz/flow_fuzz.c DEPENDS flow)
ss_fuzz(template SOURCES fuzz/template_fuzz.c DEPENDS documents)
