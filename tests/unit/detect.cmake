ss_test(unit detect SOURCES ${CMAKE_CURRENT_LIST_DIR}/detect_test.c DEPENDS detect_bench detect city base)
# Ten seconds in a release build, minutes under a sanitizer, which sees the same code in unit.detect.
if(SS_SANITIZE STREQUAL "" AND CMAKE_BUILD_TYPE STREQUAL "Release")
  ss_test(unit detect_guard SOURCES ${CMAKE_CURRENT_LIST_DIR}/detect_guard_test.c DEPENDS detect_bench detect city base)
endif()
