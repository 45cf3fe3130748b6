ss_test(unit http_parts SOURCES unit/http_parts_test.c DEPENDS http)
ss_test(unit states SOURCES unit/states_test.c DEPENDS api)
