ss_test(db sqlite_fault SOURCES db/sqlite_fault_test.c DEPENDS db base)
