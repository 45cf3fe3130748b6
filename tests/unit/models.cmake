ss_test(unit models SOURCES ${CMAKE_CURRENT_LIST_DIR}/models_test.c DEPENDS models base)
