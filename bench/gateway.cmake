# bench_gateway: the gateway and its journal against the limits of the machine.
add_executable(bench_gateway EXCLUDE_FROM_ALL
  ${CMAKE_CURRENT_LIST_DIR}/gateway_bench.c ${CMAKE_CURRENT_LIST_DIR}/load.c)
target_include_directories(bench_gateway PRIVATE ${CMAKE_SOURCE_DIR}/src ${CMAKE_CURRENT_LIST_DIR})
target_link_libraries(bench_gateway PRIVATE ss_gateway ss_journal ss_registry ss_hj212 ss_db ss_base)
