# bench_script: the gateway beside modules that misbehave.
if(TARGET ss_modules)
  add_executable(bench_script EXCLUDE_FROM_ALL
    ${CMAKE_CURRENT_LIST_DIR}/script_bench.c ${CMAKE_CURRENT_LIST_DIR}/load.c)
  target_include_directories(bench_script PRIVATE ${CMAKE_SOURCE_DIR}/src ${CMAKE_CURRENT_LIST_DIR})
  target_link_libraries(bench_script PRIVATE ss_gateway ss_journal ss_registry ss_hj212 ss_db ss_modules ss_base)
endif()
