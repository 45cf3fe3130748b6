ss_fuzz(csv SOURCES fuzz/csv_fuzz.c DEPENDS base)
