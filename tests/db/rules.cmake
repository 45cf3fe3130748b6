ss_test(db rules SOURCES db/rules_test.c DEPENDS line_fixture rules base TIMEOUT 900)
