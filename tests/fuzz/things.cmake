ss_fuzz(things_declare SOURCES fuzz/things_declare_fuzz.c DEPENDS things)
ss_fuzz(things_values SOURCES fuzz/things_values_fuzz.c DEPENDS things)
ss_fuzz(things_table SOURCES fuzz/things_table_fuzz.c DEPENDS things)
