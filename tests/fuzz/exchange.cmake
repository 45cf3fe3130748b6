if(TARGET ss_exchange)
  ss_fuzz(exchange SOURCES ${CMAKE_CURRENT_LIST_DIR}/exchange_fuzz.c DEPENDS exchange)
endif()
