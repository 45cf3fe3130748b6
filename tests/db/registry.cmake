ss_test(db registry SOURCES db/registry_test.c DEPENDS pg_fixture registry db base TIMEOUT 900)
