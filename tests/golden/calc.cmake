if(TARGET ss_calc)
  ss_test(golden calc SOURCES ${CMAKE_CURRENT_LIST_DIR}/calc_test.c DEPENDS calc base)
  ss_test(golden calc_property SOURCES ${CMAKE_CURRENT_LIST_DIR}/calc_property_test.c DEPENDS calc judge base)
endif()
