ss_test(unit clock SOURCES ${CMAKE_CURRENT_LIST_DIR}/clock_test.c DEPENDS dialogue base)
ss_test(unit hj212_commands SOURCES ${CMAKE_CURRENT_LIST_DIR}/hj212_commands_test.c DEPENDS hj212 base)
