if(TARGET ss_access)
  ss_fuzz(jose SOURCES ${CMAKE_CURRENT_LIST_DIR}/jose_fuzz.c DEPENDS access)
endif()
