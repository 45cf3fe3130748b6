# bench_export: the workload for the peers. bench_whole: figures of the whole server.
add_executable(bench_export EXCLUDE_FROM_ALL
  ${CMAKE_CURRENT_LIST_DIR}/export_bench.c ${CMAKE_CURRENT_LIST_DIR}/workload.c)
target_include_directories(bench_export PRIVATE ${CMAKE_CURRENT_LIST_DIR})
target_link_libraries(bench_export PRIVATE ss_base m)

add_executable(bench_whole EXCLUDE_FROM_ALL ${CMAKE_CURRENT_LIST_DIR}/whole_bench.c
  ${CMAKE_CURRENT_LIST_DIR}/workload.c)
target_include_directories(bench_whole PRIVATE ${CMAKE_CURRENT_LIST_DIR})
target_link_libraries(bench_whole PRIVATE ss_journal ss_hj212 ss_base m)
