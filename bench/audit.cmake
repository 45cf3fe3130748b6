# bench_audit: verification of audit rows against SM3 alone over the same bytes.
add_executable(bench_audit EXCLUDE_FROM_ALL ${CMAKE_CURRENT_LIST_DIR}/audit_bench.c)
target_include_directories(bench_audit PRIVATE ${CMAKE_SOURCE_DIR} ${CMAKE_SOURCE_DIR}/tests)
target_link_libraries(bench_audit PRIVATE ss_audit ss_pg_fixture)
