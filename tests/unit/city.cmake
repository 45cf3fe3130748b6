ss_test(unit city SOURCES ${CMAKE_CURRENT_LIST_DIR}/city_test.c DEPENDS city hj212 base)
ss_test(unit tables SOURCES ${CMAKE_CURRENT_LIST_DIR}/tables_test.c DEPENDS tables base)
ss_test(unit city_answer SOURCES ${CMAKE_CURRENT_LIST_DIR}/city_answer_test.c DEPENDS city hj212 base)
