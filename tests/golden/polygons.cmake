if(TARGET ss_things)
  ss_test(golden polygons SOURCES ${CMAKE_CURRENT_LIST_DIR}/polygons_test.c DEPENDS things base)
endif()
