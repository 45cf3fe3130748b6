# bench_evidence: packages made and checked, against SM3 itself.
add_executable(bench_evidence EXCLUDE_FROM_ALL ${CMAKE_CURRENT_LIST_DIR}/evidence_bench.c)
target_link_libraries(bench_evidence PRIVATE ss_node ss_evidence ss_verify m)
