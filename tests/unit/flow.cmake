ss_test(unit flow_check SOURCES ${CMAKE_CURRENT_LIST_DIR}/flow_check_test.c DEPENDS flow base)
ss_test(unit templates SOURCES ${CMAKE_CURRENT_LIST_DIR}/templates_test.c DEPENDS documents base)
