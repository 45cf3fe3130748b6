if(TARGET ss_datasets)
  ss_test(unit datasets SOURCES unit/datasets_test.c DEPENDS datasets)
endif()
