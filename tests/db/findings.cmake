ss_test(db findings SOURCES db/findings_test.c DEPENDS pg_fixture findings db base)
target_link_libraries(test_db_findings PRIVATE m)
