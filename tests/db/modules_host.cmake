if(TARGET ss_modules)
  ss_test(db modules_host SOURCES db/modules_host_test.c DEPENDS modules things_stage pg_fixture things db base TIMEOUT 300)
endif()
