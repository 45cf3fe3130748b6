# bench_review: what the review of an outlet costs, an hour that closes and a frame that comes late.
add_executable(bench_review EXCLUDE_FROM_ALL ${CMAKE_CURRENT_LIST_DIR}/review_bench.c
  ${CMAKE_SOURCE_DIR}/tests/db/review_stage.c)
target_include_directories(bench_review PRIVATE ${CMAKE_SOURCE_DIR}/tests)
target_link_libraries(bench_review PRIVATE ss_pg_fixture ss_node ss_review ss_city ss_base)
