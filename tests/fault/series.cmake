ss_test(fault series SOURCES fault/series_fault_test.c DEPENDS series db base TIMEOUT 400)
