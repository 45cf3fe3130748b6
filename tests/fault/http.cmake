ss_test(fault http SOURCES fault/http_fault_test.c api/client.c DEPENDS http)
