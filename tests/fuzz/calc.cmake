if(TARGET ss_calc)
  ss_fuzz(calc SOURCES fuzz/calc_fuzz.c DEPENDS calc base)
endif()
