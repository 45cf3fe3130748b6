# base: one test program a part.
set(dir ${CMAKE_CURRENT_LIST_DIR})
foreach(part arena buf config crypto error json log map num os str thread time)
  ss_test(unit base_${part} SOURCES ${dir}/base_${part}_test.c DEPENDS base)
endforeach()

# Every allocation fails once: the allocator of base itself is wrapped, OpenSSL's and jansson's are
# replaced through their own hooks.
ss_test(unit base_alloc SOURCES ${dir}/base_alloc_test.c DEPENDS base)
foreach(fn malloc calloc realloc reallocarray strdup strndup)
  target_link_options(test_unit_base_alloc PRIVATE -Wl,--wrap=${fn})
endforeach()

# Each banned function is an error of the compiler, each header of base compiles alone.
add_test(NAME unit.base_headers COMMAND sh ${dir}/base_headers_test.sh ${CMAKE_C_COMPILER} ${CMAKE_SOURCE_DIR}/src)
set_tests_properties(unit.base_headers PROPERTIES LABELS unit TIMEOUT 120)
