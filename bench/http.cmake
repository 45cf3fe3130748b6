# A small API request and live pages, beside bare libmicrohttpd. Needs wrk.
add_executable(bench_http EXCLUDE_FROM_ALL ${CMAKE_CURRENT_LIST_DIR}/http_bench.c)
target_link_libraries(bench_http PRIVATE ss_http ss_base microhttpd)
