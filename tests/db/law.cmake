ss_test(db law SOURCES ${CMAKE_CURRENT_LIST_DIR}/law_test.c DEPENDS line_fixture amend base TIMEOUT 900)
