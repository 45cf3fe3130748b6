/* A private PostgreSQL 15 for one test program, and a way to run one test body on both engines.
 * The server listens on a socket in its own folder under /tmp only, and goes with the program,
 * however that ends (a watcher waits for it). */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/base.h"
#include "record/db/db.h"

struct db_env {
	enum ss_db_engine engine;
	char url[512]; /* an empty database of this test's own */
	char dir[64];  /* a folder of this test's own */
	void (*body)(struct db_env *env);
};

int db_env_sqlite(void **state);
int db_env_pgsql(void **state);
int db_env_done(void **state);
void db_env_run(void **state);

/* Two entries of a cmocka table: the body `fn(struct db_env *)` on SQLite and on PostgreSQL. */
#define DB_TEST(fn) DB_TEST_SQLITE(fn), DB_TEST_PGSQL(fn)
#define DB_TEST_SQLITE(fn)                                                                         \
	{                                                                                          \
#fn " [sqlite]", db_env_run, db_env_sqlite, db_env_done, (void *)(fn)              \
	}
#define DB_TEST_PGSQL(fn)                                                                          \
	{                                                                                          \
#fn " [postgresql]", db_env_run, db_env_pgsql, db_env_done, (void *)(fn)           \
	}

/* Runs the table. Without PostgreSQL's programs the other tests run and 77 is returned. */
int db_test_main(const char *name, const struct CMUnitTest *tests, size_t n);

/* The server itself: 0, or 77 after printing "not run: reason". */
int pg_fixture_start(void);
void pg_fixture_stop(void);
/* URL of a new empty database; fails the test when it cannot be made. */
void pg_fixture_database(char *out, size_t cap);
/* Ends every other connection to the database of url, as a fail-over would. */
void pg_fixture_cut(const char *url);

/* 0 or fails the test with the error's text. */
#define assert_ok(expr, err)                                                                       \
	do {                                                                                       \
		int64_t r_ = (expr);                                                               \
		if (r_ < 0)                                                                        \
			fail_msg("%s: %s: %s", #expr, ss_err_name((int)r_), (err)->text);          \
	} while (0)
