if(TARGET ss_wall)
  ss_fuzz(wall SOURCES fuzz/wall_fuzz.c DEPENDS wall base)
endif()
