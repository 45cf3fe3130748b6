ss_fuzz(gateway_session SOURCES ${CMAKE_CURRENT_LIST_DIR}/gateway_session_fuzz.c
  DEPENDS gateway registry journal hj212 db base)
