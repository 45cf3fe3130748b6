if(TARGET ss_datasets)
  ss_fuzz(datasets SOURCES fuzz/datasets_fuzz.c DEPENDS datasets)
endif()
