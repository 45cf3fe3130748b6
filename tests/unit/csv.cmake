ss_test(unit csv SOURCES unit/csv_test.c DEPENDS base)
