ss_test(golden flow_clock SOURCES golden/flow_clock_test.c DEPENDS flow things business base)
