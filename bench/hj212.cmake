# bench_hj212: one core, no network, the codec alone.
add_executable(bench_hj212 EXCLUDE_FROM_ALL ${CMAKE_CURRENT_LIST_DIR}/hj212_bench.c)
target_link_libraries(bench_hj212 PRIVATE ss_hj212)
