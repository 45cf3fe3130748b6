# The fault matrix against the whole server: one script a row, devices and network of our own.
#   SS_FAULT_ROUNDS=N   rounds of the rows that have rounds (1000 and more before a release)
find_program(SS_BASH bash)
add_executable(fault_device ${CMAKE_CURRENT_LIST_DIR}/fault_device.c)
add_executable(fault_package ${CMAKE_CURRENT_LIST_DIR}/fault_package.c)
target_link_libraries(fault_package PRIVATE ss_exchange)
add_library(fault_malloc SHARED ${CMAKE_CURRENT_LIST_DIR}/fault_malloc.c)
target_compile_options(fault_malloc PRIVATE -fno-builtin -fno-sanitize=all)
target_link_options(fault_malloc PRIVATE -fno-sanitize=all)
add_library(fault_clock SHARED ${CMAKE_CURRENT_LIST_DIR}/fault_clock.c)
target_compile_options(fault_clock PRIVATE -fno-sanitize=all)
target_link_options(fault_clock PRIVATE -fno-sanitize=all)
file(GLOB fault_rows RELATIVE ${CMAKE_CURRENT_LIST_DIR} CONFIGURE_DEPENDS
  ${CMAKE_CURRENT_LIST_DIR}/[0-9][0-9]_*.sh)
foreach(row ${fault_rows})
  string(REPLACE ".sh" "" name ${row})
  if(SS_BASH AND NOT SS_SANITIZE STREQUAL "fuzz")
    add_test(NAME fault.${name} COMMAND ${SS_BASH} ${CMAKE_CURRENT_LIST_DIR}/${row})
    set_tests_properties(fault.${name} PROPERTIES LABELS fault TIMEOUT 7200 SKIP_RETURN_CODE 77
      ENVIRONMENT
      "SHANSHUI=$<TARGET_FILE:shanshui>;FAULT_DEVICE=$<TARGET_FILE:fault_device>;FAULT_PACKAGE=$<TARGET_FILE:fault_package>;FAULT_MALLOC=$<TARGET_FILE:fault_malloc>;FAULT_CLOCK=$<TARGET_FILE:fault_clock>;SS_FAULT_SANITIZE=${SS_SANITIZE}")
  endif()
endforeach()
