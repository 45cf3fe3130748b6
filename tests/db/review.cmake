if(TARGET ss_review)
  ss_test(db review SOURCES ${CMAKE_CURRENT_LIST_DIR}/review_test.c ${CMAKE_CURRENT_LIST_DIR}/review_stage.c
    DEPENDS pg_fixture review findings journal base TIMEOUT 900)
  ss_test(db review_month SOURCES ${CMAKE_CURRENT_LIST_DIR}/review_month_test.c ${CMAKE_CURRENT_LIST_DIR}/review_stage.c
    DEPENDS pg_fixture node review city base TIMEOUT 1500)
endif()
