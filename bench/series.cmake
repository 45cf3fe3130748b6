add_executable(bench_series ${CMAKE_CURRENT_LIST_DIR}/series_bench.c)
target_link_libraries(bench_series PRIVATE ss_series ss_base m)
