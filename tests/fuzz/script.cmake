if(TARGET ss_modules)
  ss_fuzz(script SOURCES fuzz/script_fuzz.c DEPENDS modules base)
endif()
