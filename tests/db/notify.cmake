if(TARGET ss_notify)
  ss_test(db notify SOURCES db/notify_test.c DEPENDS pg_fixture notify business db base)
endif()
