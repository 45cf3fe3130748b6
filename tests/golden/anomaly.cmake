if(TARGET ss_detect)
  ss_test(golden anomaly SOURCES ${CMAKE_CURRENT_LIST_DIR}/anomaly_test.c DEPENDS detect base)
  target_link_libraries(test_golden_anomaly PRIVATE z)
endif()
