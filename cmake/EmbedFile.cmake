# cmake -DFROM=file -DSYMBOL=name -DOUT=folder -P EmbedFile.cmake; see ss_embed.
cmake_minimum_required(VERSION 3.25)
include(${CMAKE_CURRENT_LIST_DIR}/EmbedText.cmake)
ss_text_literal(${FROM} literal)
file(WRITE ${OUT}/${SYMBOL}.h
  "/* Made by the build. */\n#pragma once\n\n#include <stddef.h>\n\n"
  "extern const char ${SYMBOL}[];\nextern const size_t ${SYMBOL}_n;\n")
file(WRITE ${OUT}/${SYMBOL}.c
  "/* Made by the build from ${FROM}. */\n#include \"${SYMBOL}.h\"\n\n"
  "const char ${SYMBOL}[] =\n\t${literal};\nconst size_t ${SYMBOL}_n = sizeof(${SYMBOL}) - 1;\n")
