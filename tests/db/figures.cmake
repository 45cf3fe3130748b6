ss_test(db figures SOURCES db/figures_test.c DEPENDS line_fixture rehearse evidence figures lawbook base TIMEOUT 900)
target_link_libraries(test_db_figures PRIVATE m)
