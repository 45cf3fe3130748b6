foreach(part fault power)
  ss_test(fault journal_${part} SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/fault/journal_${part}_test.c DEPENDS journal TIMEOUT 600)
endforeach()
