if(TARGET ss_modules)
  ss_test(db modules_acts SOURCES db/modules_acts_test.c DEPENDS line_fixture modules things business acts db base TIMEOUT 300)
endif()
