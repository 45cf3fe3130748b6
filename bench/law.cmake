# bench_law: looking the law up, beside SQLite with the same rows in memory.
add_executable(bench_law EXCLUDE_FROM_ALL ${CMAKE_CURRENT_LIST_DIR}/law_bench.c)
target_link_libraries(bench_law PRIVATE ss_judge ss_standards ss_base sqlite3)
