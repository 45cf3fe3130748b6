if(TARGET ss_wall)
  ss_test(wire wall SOURCES wire/wall_test.c DEPENDS wall base)
endif()
