# The HJ 212 codec.
set(dir ${CMAKE_CURRENT_LIST_DIR})
foreach(part crc samples cut segment sm4)
  ss_test(wire hj212_${part} SOURCES ${dir}/hj212_${part}_test.c DEPENDS hj212)
endforeach()
ss_test(wire hj212_cmd SOURCES ${dir}/hj212_cmd_test.c DEPENDS hj212_cmd)
