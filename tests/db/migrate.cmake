ss_test(db migrate SOURCES db/migrate_test.c DEPENDS pg_fixture db base)
