ss_test(unit geo SOURCES ${CMAKE_CURRENT_LIST_DIR}/geo_test.c DEPENDS geo base)
