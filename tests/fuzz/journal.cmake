ss_fuzz(journal_segment SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/fuzz/journal_segment_fuzz.c DEPENDS journal)
