ss_test(db derive SOURCES db/derive_test.c DEPENDS line_fixture base TIMEOUT 900)
