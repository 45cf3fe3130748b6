# The whole of the published files where their collection lies beside this tree, else the samples here.
if(TARGET shanshui)
  add_test(NAME golden.published COMMAND bash ${CMAKE_CURRENT_LIST_DIR}/published.sh $<TARGET_FILE:shanshui>
    ${CMAKE_CURRENT_LIST_DIR} ${CMAKE_SOURCE_DIR}/../shared/data)
  set_tests_properties(golden.published PROPERTIES LABELS golden TIMEOUT 900 SKIP_RETURN_CODE 77)
endif()
