ss_test(db suspect SOURCES db/suspect_test.c DEPENDS line_fixture suspect city base TIMEOUT 900)
