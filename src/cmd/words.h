/* The words of a command: what every command does with them before its own work. Thread: one. */
#pragma once

#include <stddef.h>

#include "base/config.h"
#include "base/error.h"

/* Rows that several commands have, of a table of options (SS_OPTION). T: its settings, which have a
 * field of that name. */
#define SS_WORD_TEXT(T, field_, def_, zh_, en_)                                                    \
	SS_OPTION(T, STRING, field_, #field_, def_, zh_, en_)
#define SS_WORD_YES(T, field_, zh_, en_) SS_OPTION(T, BOOL, field_, #field_, "false", zh_, en_)
#define SS_WORD_DATA(T) SS_WORD_TEXT(T, data, "var", "数据目录", "data folder")
#define SS_WORD_DB(T)                                                                              \
	SS_OPTION(T, STRING, db, "db", "", "数据库地址；空 = 数据目录中的 SQLite",                 \
		  "database URL; blank = SQLite in the data folder", .secret = true)
#define SS_WORD_SERVER(T, def_)                                                                    \
	SS_WORD_TEXT(T, server, def_, "正在运行的服务，如 http://127.0.0.1:8080",                  \
		     "a running server, such as http://127.0.0.1:8080")
#define SS_WORD_JSON(T) SS_WORD_YES(T, json, "输出 JSON", "print JSON")

struct ss_words {
	const struct ss_option *rows; /* they fill settings */
	void *settings;
	int (*usage)(void); /* says on stderr how it is called; 2 */
	/* The words that are no options; the exit status. */
	int (*run)(void *settings, int argc, char **argv);
	int (*alone)(const void *settings); /* instead of run: it takes no such words */
};

/* Reads argv[from..) and runs; the exit status. What a wrong word was is said, then the usage. */
int ss_words_run(const struct ss_words *w, int argc, char **argv, int from);

/* Says on stderr what went wrong; 1. */
int ss_words_failed(int code, const struct ss_error *e);
