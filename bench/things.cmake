# bench_things: a million records of one type; list page, search, map extent.
add_executable(bench_things EXCLUDE_FROM_ALL ${CMAKE_CURRENT_LIST_DIR}/things_bench.c)
target_link_libraries(bench_things PRIVATE ss_things ss_db)
