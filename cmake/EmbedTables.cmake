# cmake -DFROM=folder -DOUT=folder -P EmbedTables.cmake; see ss_embed_tables.
cmake_minimum_required(VERSION 3.25)
include(${CMAKE_CURRENT_LIST_DIR}/EmbedText.cmake)
file(GLOB_RECURSE tables RELATIVE ${FROM} ${FROM}/*.csv)
list(SORT tables)
set(texts)
set(rows)
set(n 0)
foreach(table ${tables})
  ss_text_literal(${FROM}/${table} literal)
  string(REGEX REPLACE "\\.csv$" "" name ${table})
  string(APPEND texts "static const char t${n}[] =\n\t${literal};\n")
  string(APPEND rows "\t{\"${name}\", {t${n}, sizeof(t${n}) - 1}},\n")
  math(EXPR n "${n} + 1")
endforeach()
file(WRITE ${OUT}/ss_law_files.c
  "/* Made by the build from ${FROM}. */\n#include \"reason/standards/standards_internal.h\"\n\n"
  "${texts}\nconst struct ss_law_file ss_law_files[] = {\n${rows}};\n"
  "const size_t ss_law_files_n = ${n};\n")
