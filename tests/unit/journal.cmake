foreach(part basic pack read verify)
  ss_test(unit journal_${part} SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/unit/journal_${part}_test.c DEPENDS journal)
endforeach()
ss_test(unit journal_cmd SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/unit/journal_cmd_test.c DEPENDS journal_cmd journal)
