/* Configuration from tables of options: one row a setting; file, environment, flags and
 * --print-config all come from the same rows. Later wins: default, file, environment (SHANSHUI_NAME
 * with . and - as _), flag (--name value or --name=value). Thread: start-up only. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct ss_buf;

enum ss_option_type {
	SS_OPT_STRING,   /* const char *  (owned by the config) */
	SS_OPT_INT,      /* int64_t, min..max */
	SS_OPT_BOOL,     /* bool; flag without value = true */
	SS_OPT_SIZE,     /* int64_t bytes: 64M */
	SS_OPT_DURATION, /* int64_t microseconds: 10s */
	SS_OPT_ENUM,     /* const char *, one of `choices` separated by | */
};

struct ss_option {
	const char
	    *name; /* "hj212.idle", used as --hj212.idle, in the file and as SHANSHUI_HJ212_IDLE */
	const char *alias; /* short flag name such as "http", or NULL */
	enum ss_option_type type;
	size_t offset;    /* of the field in the feature's settings struct */
	const char *def;  /* default as text; NULL = must be given */
	int64_t min, max; /* INT, SIZE, DURATION; 0,0 = no bounds */
	const char *choices;
	bool secret;         /* never printed */
	const char *zh, *en; /* help */
};

/* A row of a table: T is the settings, type STRING, INT ...; what else it has follows by name:
 * SS_OPTION(struct x_settings, INT, most, "x.most", "8", "上限", "most", .min = 1, .max = 99). */
#define SS_OPTION(T, type_, field_, name_, def_, zh_, en_, ...)                                    \
	{                                                                                          \
		.name = name_, .type = SS_OPT_##type_, .offset = offsetof(T, field_), .def = def_, \
		.zh = zh_, .en = en_, ##__VA_ARGS__                                                \
	}

struct ss_config; /* holds a list of (table, struct) pairs and all strings */

struct ss_config *ss_config_new(void);
void ss_config_free(struct ss_config *c);
/* Registers a feature's rows and the struct they fill; fills it with the defaults. rows end with
 * name NULL; both are borrowed and outlive c. */
int ss_config_add(struct ss_config *c, const struct ss_option *rows, void *settings);
/* "name = value" lines; # at the start of a line or behind a blank begins a comment; a value in
 * double quotes keeps # and blanks. Errors name file and line. */
int ss_config_file(struct ss_config *c, const char *path, struct ss_error *err);
int ss_config_env(struct ss_config *c, struct ss_error *err);
/* Takes what it knows from argv[from..]; unknown --flags are errors; other words are left in order
 * at argv[from..*ret_rest), so are all behind a word --. As the last stage it also checks that
 * every setting without a default has been given. --help prints all options and ends the program.
 */
int ss_config_args(struct ss_config *c, int argc, char **argv, int from, int *ret_rest,
		   struct ss_error *err);
/* All options with value, where it came from, and help; secrets as ****. Can be read back as a file
 * (but for the secrets). */
int ss_config_print(const struct ss_config *c, struct ss_buf *out);
