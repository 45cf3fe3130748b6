/* Errors: one list, one idiom.
 * Every function that can fail returns int: 0 or more is success, negative is an SS_E code.
 * Results come last as ret_ parameters and are written on success only. At the borders of a
 * feature a further `struct ss_error *err` (may be NULL) carries what happened, to which thing,
 * and what to do, in words for people. Thread: any. */
#pragma once

#include <stdarg.h>

enum ss_err {
	SS_OK = 0,
#define X(name, code, http, retry, zh, en) name = code,
#include "base/errors.def"
#undef X
};

struct ss_error {
	int code;          /* SS_E..., 0 when empty */
	char text[512];    /* Chinese first, then English; always terminated */
	const char *where; /* "file:line" of the place that set it; static */
};

/* Name ("SS_EINVAL"), texts, HTTP status, and whether trying again makes sense. Static strings. */
const char *ss_err_name(int code);
const char *ss_err_zh(int code);
const char *ss_err_en(int code);
int ss_err_http(int code);
int ss_err_retry(int code);

/* The SS_E code for an errno value; SS_EIO where nothing fits better. */
int ss_err_from_errno(int errnum);

/* Whom to ask for a right that one lacks: the end of every refusal. */
#define SS_ASK_ZH "可向安全管理员申请"
#define SS_ASK_EN "ask the security administrator"

/* Sets *err (which may be NULL) and returns code, so that `return ss_error_set(...)` reads well. */
#define ss_error_set(err, code, ...) ss_error_set_at((err), (code), SS_HERE, __VA_ARGS__)
int ss_error_set_at(struct ss_error *err, int code, const char *where, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* Puts "text: " in front of what *err says already; the code stays. */
void ss_error_prefix(struct ss_error *err, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#define SS_STRINGIFY_(x) #x
#define SS_STRINGIFY(x) SS_STRINGIFY_(x)
#define SS_HERE __FILE__ ":" SS_STRINGIFY(__LINE__)

/* Invariants. Stay on in release: run right or stop. Never for input from outside. */
#define ss_assert(cond) ((cond) ? (void)0 : ss_assert_failed(#cond, SS_HERE))
void ss_assert_failed(const char *cond, const char *where) __attribute__((noreturn, cold));

/* Scope-bound clean-up: `ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(256);` */
#define ss_cleanup(fn) __attribute__((cleanup(fn)))
#define SS_UNUSED __attribute__((unused))
#define SS_ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))
