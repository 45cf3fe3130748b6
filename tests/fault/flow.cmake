ss_test(fault flow SOURCES fault/flow_fault_test.c DEPENDS flow_stage pg_fixture flow files things db base TIMEOUT 300)
