/* Structured log, one line an event: time level area message key=value ... to stderr.
 * base, db, codecs and pure computation never log; they return errors, and exactly one caller logs.
 * Error = we gave up; warning = we went on and say so. Values are escaped (no CR, LF, ESC from
 * outside reaches the terminal or forges a line). Thread: any. */
#pragma once

#include <stddef.h>

#include "base/error.h" /* SS_HERE */

enum ss_log_level { SS_LOG_DEBUG, SS_LOG_INFO, SS_LOG_WARN, SS_LOG_ERROR };

void ss_log_set_level(enum ss_log_level lowest);
int ss_log_level_parse(const char *name); /* "debug" ...; negative when unknown */
void ss_log_set_json(int on);             /* one JSON object a line instead of text */

/* fields: printf text of key=value pairs separated by blanks, or "". When one call site floods, at
 * most ten lines a second of it are written below error; the next line of the site says dropped=N.
 */
#define ss_log(level, area, msg, ...) ss_log_at((level), (area), SS_HERE, (msg), __VA_ARGS__)
#define ss_log_debug(area, msg, ...) ss_log(SS_LOG_DEBUG, area, msg, __VA_ARGS__)
#define ss_log_info(area, msg, ...) ss_log(SS_LOG_INFO, area, msg, __VA_ARGS__)
#define ss_log_warn(area, msg, ...) ss_log(SS_LOG_WARN, area, msg, __VA_ARGS__)
#define ss_log_error(area, msg, ...) ss_log(SS_LOG_ERROR, area, msg, __VA_ARGS__)
void ss_log_at(enum ss_log_level level, const char *area, const char *where, const char *msg,
	       const char *fields, ...) __attribute__((format(printf, 5, 6)));
