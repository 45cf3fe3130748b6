ss_test(db writer SOURCES db/writer_test.c DEPENDS db base)
