# Data that the program carries inside: SQL texts and code lists. Written as C by cmake itself, so
# that a build needs no scripting language.

# ss_sql(COMPONENT FOLDER FEATURE): embeds every FOLDER/*.sql as "FEATURE/name" and every
# FOLDER/migrations/*.sql as "FEATURE/migrations/0001-what" into component ss_COMPONENT. FOLDER is
# taken from the calling CMakeLists.txt. <name>.sqlite.sql and <name>.pgsql.sql stand for one name.
# The component includes "FEATURE_sql.h" and calls ss_FEATURE_sql() before its first statement.
# The test db.sql_texts migrates and prepares all that was embedded so, without being told.
function(ss_sql component folder feature)
  get_filename_component(from ${folder} ABSOLUTE BASE_DIR ${CMAKE_CURRENT_SOURCE_DIR})
  file(GLOB texts CONFIGURE_DEPENDS ${from}/*.sql ${from}/migrations/*.sql)
  set(out ${CMAKE_CURRENT_BINARY_DIR}/embed)
  add_custom_command(
    OUTPUT ${out}/${feature}_sql.c ${out}/${feature}_sql.h
    COMMAND ${CMAKE_COMMAND} -DFROM=${from} -DFEATURE=${feature} -DOUT=${out}
      -P ${CMAKE_SOURCE_DIR}/cmake/EmbedSql.cmake
    DEPENDS ${texts} ${from} ${CMAKE_SOURCE_DIR}/cmake/EmbedSql.cmake
      ${CMAKE_SOURCE_DIR}/cmake/EmbedText.cmake
    VERBATIM)
  target_sources(ss_${component} PRIVATE ${out}/${feature}_sql.c ${out}/${feature}_sql.h)
  target_include_directories(ss_${component} PRIVATE ${out})
  set_property(GLOBAL APPEND PROPERTY SS_SQL_FEATURES ${feature})
  set_property(GLOBAL APPEND PROPERTY SS_SQL_COMPONENTS ${component})
endfunction()

# ss_embed(COMPONENT SYMBOL FILE): FILE's bytes as `extern const char SYMBOL[]; extern const size_t
# SYMBOL_n;` of component ss_COMPONENT, declared in "SYMBOL.h". Text only (no zero bytes).
function(ss_embed component symbol file)
  get_filename_component(from ${file} ABSOLUTE BASE_DIR ${CMAKE_CURRENT_SOURCE_DIR})
  set(out ${CMAKE_CURRENT_BINARY_DIR}/embed)
  add_custom_command(
    OUTPUT ${out}/${symbol}.c ${out}/${symbol}.h
    COMMAND ${CMAKE_COMMAND} -DFROM=${from} -DSYMBOL=${symbol} -DOUT=${out}
      -P ${CMAKE_SOURCE_DIR}/cmake/EmbedFile.cmake
    DEPENDS ${from} ${CMAKE_SOURCE_DIR}/cmake/EmbedFile.cmake
      ${CMAKE_SOURCE_DIR}/cmake/EmbedText.cmake
    VERBATIM)
  target_sources(ss_${component} PRIVATE ${out}/${symbol}.c ${out}/${symbol}.h)
  target_include_directories(ss_${component} PRIVATE ${out})
endfunction()

# ss_embed_tables(COMPONENT FOLDER): every CSV file below FOLDER, named "folder/name", in
# ss_law_files[] of component ss_COMPONENT.
function(ss_embed_tables component folder)
  file(GLOB_RECURSE tables CONFIGURE_DEPENDS ${folder}/*.csv)
  set(out ${CMAKE_CURRENT_BINARY_DIR}/embed)
  add_custom_command(
    OUTPUT ${out}/ss_law_files.c
    COMMAND ${CMAKE_COMMAND} -DFROM=${folder} -DOUT=${out}
      -P ${CMAKE_SOURCE_DIR}/cmake/EmbedTables.cmake
    DEPENDS ${tables} ${CMAKE_SOURCE_DIR}/cmake/EmbedTables.cmake
      ${CMAKE_SOURCE_DIR}/cmake/EmbedText.cmake
    VERBATIM)
  target_sources(ss_${component} PRIVATE ${out}/ss_law_files.c)
endfunction()
