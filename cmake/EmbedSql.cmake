# cmake -DFROM=folder -DFEATURE=name -DOUT=folder -P EmbedSql.cmake; see ss_sql.
# A name is a text for both engines, or a pair: half a pair, or both kinds at once, stops the build.
cmake_minimum_required(VERSION 3.25)
include(${CMAKE_CURRENT_LIST_DIR}/EmbedText.cmake)

file(GLOB texts RELATIVE ${FROM} ${FROM}/*.sql ${FROM}/migrations/*.sql)
list(SORT texts)
set(names)
foreach(text ${texts})
  string(REGEX REPLACE "(\\.sqlite|\\.pgsql)?\\.sql$" "" name ${text})
  list(APPEND names ${name})
endforeach()
list(REMOVE_DUPLICATES names)

set(rows)
foreach(name ${names})
  foreach(kind both sqlite pgsql)
    if(kind STREQUAL "both")
      set(path ${FROM}/${name}.sql)
    else()
      set(path ${FROM}/${name}.${kind}.sql)
    endif()
    set(${kind} NULL)
    if(EXISTS ${path})
      ss_text_literal(${path} ${kind})
    endif()
  endforeach()
  if(both STREQUAL "NULL" AND (sqlite STREQUAL "NULL" OR pgsql STREQUAL "NULL"))
    message(FATAL_ERROR "${FROM}/${name}: needs both .sqlite.sql and .pgsql.sql")
  elseif(NOT both STREQUAL "NULL" AND NOT (sqlite STREQUAL "NULL" AND pgsql STREQUAL "NULL"))
    message(FATAL_ERROR "${FROM}/${name}: .sql beside .sqlite.sql or .pgsql.sql")
  endif()
  set(migration false)
  if(name MATCHES "^migrations/")
    set(migration true)
    if(NOT name MATCHES "^migrations/[0-9][0-9][0-9][0-9]-[a-z0-9-]+$")
      message(FATAL_ERROR "${FROM}/${name}: a migration is named 0001-what")
    endif()
  endif()
  string(APPEND rows "\t{\"${FEATURE}/${name}\",\n\t${both},\n\t${sqlite},\n\t${pgsql},\n\t${migration}},\n")
endforeach()

file(WRITE ${OUT}/${FEATURE}_sql.h
  "/* Made by the build. */\n#pragma once\n\n"
  "/* Makes the SQL texts of ${FEATURE} known to ss_db_stmt; idempotent. Thread: any. */\n"
  "void ss_${FEATURE}_sql(void);\n")
file(WRITE ${OUT}/${FEATURE}_sql.c
  "/* Made by the build from ${FROM}. */\n#include \"${FEATURE}_sql.h\"\n\n"
  "#include \"record/db/db.h\"\n\nstatic const struct ss_sql_entry entries[] = {\n${rows}};\n\n"
  "void ss_${FEATURE}_sql(void)\n{\n\tss_sql_register(entries, sizeof(entries) / sizeof(entries[0]));\n}\n")
