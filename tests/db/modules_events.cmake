if(TARGET ss_modules)
  ss_test(db modules_events SOURCES db/modules_events_test.c DEPENDS pg_fixture modules notify things business db base)
endif()
