ss_test(db month SOURCES ${CMAKE_CURRENT_LIST_DIR}/month_test.c DEPENDS pg_fixture node city base TIMEOUT 1800)
