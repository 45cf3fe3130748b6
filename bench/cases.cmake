# bench_cases: the sweep over open cases with deadlines, beside one synced write of the same database.
add_executable(bench_cases EXCLUDE_FROM_ALL ${CMAKE_CURRENT_LIST_DIR}/cases_bench.c)
target_include_directories(bench_cases PRIVATE ${CMAKE_SOURCE_DIR} ${CMAKE_SOURCE_DIR}/tests)
target_compile_definitions(bench_cases PRIVATE SS_TEST_DIR="${CMAKE_SOURCE_DIR}/tests")
target_link_libraries(bench_cases PRIVATE ss_flow_stage cmocka)
