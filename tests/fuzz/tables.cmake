ss_fuzz(tables SOURCES fuzz/tables_fuzz.c DEPENDS tables)
