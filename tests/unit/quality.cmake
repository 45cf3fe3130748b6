if(TARGET ss_quality)
  ss_test(unit quality SOURCES ${CMAKE_CURRENT_LIST_DIR}/quality_test.c DEPENDS quality base)
endif()
