# bench_journal: the journal against the disk's own limits.
add_executable(bench_journal EXCLUDE_FROM_ALL
  ${CMAKE_CURRENT_LIST_DIR}/journal_bench.c ${CMAKE_CURRENT_LIST_DIR}/frames.c)
target_include_directories(bench_journal PRIVATE ${CMAKE_SOURCE_DIR})
target_link_libraries(bench_journal PRIVATE ss_journal)
