set(dir ${CMAKE_CURRENT_LIST_DIR})
foreach(name num config json x509)
  ss_fuzz(${name} SOURCES ${dir}/${name}_fuzz.c DEPENDS base)
endforeach()
