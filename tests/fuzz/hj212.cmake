# The HJ 212 codec.
set(dir ${CMAKE_CURRENT_LIST_DIR})
foreach(part cut segment diff)
  ss_fuzz(hj212_${part} SOURCES ${dir}/hj212_${part}_fuzz.c DEPENDS hj212)
endforeach()
ss_fuzz(hj212_command SOURCES ${CMAKE_CURRENT_LIST_DIR}/hj212_command_fuzz.c DEPENDS city hj212 base)
