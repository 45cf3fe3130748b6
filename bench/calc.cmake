# bench_calc: batches of the calculators' methods beside the bare formula in plain C.
add_executable(bench_calc EXCLUDE_FROM_ALL ${CMAKE_CURRENT_LIST_DIR}/calc_bench.c)
target_link_libraries(bench_calc PRIVATE ss_calc ss_judge ss_models m)
