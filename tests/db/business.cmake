ss_test(db business SOURCES db/business_test.c DEPENDS pg_fixture business things db base TIMEOUT 300)
