if(TARGET ss_lawbook)
  ss_fuzz(law SOURCES ${CMAKE_CURRENT_LIST_DIR}/law_fuzz.c DEPENDS lawbook standards base)
endif()
