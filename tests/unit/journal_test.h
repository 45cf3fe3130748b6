/* Helpers of the journal's tests: a folder of its own, entries made from a number. */
#pragma once

#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/thread.h"
#include <cmocka.h>
#include <dirent.h>

#include "base/base.h"
#include "base/os.h"
#include "record/journal/journal.h"

struct jt {
	char dir[256], copy[300];
	struct ss_journal_settings s;
	struct ss_journal *j;
	struct ss_lane *lane;
};

static inline void jt_wipe(const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *e;

	if (!d)
		return;
	while ((e = readdir(d))) {
		char path[1024];

		if (e->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		unlink(path);
	}
	closedir(d);
	rmdir(dir);
}

static inline void jt_init(struct jt *t, const char *name)
{
	const char *tmp = getenv("TMPDIR");

	memset(t, 0, sizeof(*t));
	snprintf(t->dir, sizeof(t->dir), "%s/ss-journal-%s-%d", tmp ? tmp : "/tmp", name,
		 (int)getpid());
	snprintf(t->copy, sizeof(t->copy), "%s-copy", t->dir);
	jt_wipe(t->dir);
	jt_wipe(t->copy);
	t->s = (struct ss_journal_settings){
	    .dir = t->dir,
	    .copy_dir = t->copy,
	    .segment_bytes = 256 << 20,
	    .group_us = 0,
	    .tip_us = SS_US_PER_MIN,
	    .lane_bytes = 1 << 20,
	    .zstd_level = 3,
	    .reserve_bytes = 0,
	};
}

static inline void jt_open(struct jt *t)
{
	struct ss_error err = {0};

	if (ss_journal_open(&t->s, &t->j, &err) < 0)
		fail_msg("open: %s %s", ss_err_name(err.code), err.text);
	assert_int_equal(ss_journal_lane(t->j, "test", -1, &t->lane), 0);
}

static inline void jt_close(struct jt *t)
{
	ss_journal_close(t->j);
	t->j = NULL;
}

static inline void jt_done(struct jt *t)
{
	jt_close(t);
	jt_wipe(t->dir);
	jt_wipe(t->copy);
}

/* Entry number i: its text says the number, length varies, now and then empty or with any bytes. */
struct jt_text {
	char source[64], body[1600];
};
static inline struct ss_entry jt_entry(uint64_t i, struct jt_text *x)
{
	size_t n = i % 17 == 0 ? 0 : (size_t)(40 + i * 7919 % 1500);
	int head = snprintf(x->body, sizeof(x->body), "##%llu:", (unsigned long long)i);

	for (size_t k = (size_t)head; k < n; k++)
		x->body[k] = (char)(i * 31 + k * (k % 5 == 0 ? i : 1));
	snprintf(x->source, sizeof(x->source), "tcp/10.0.%llu.%llu:5000",
		 (unsigned long long)(i / 250 % 250), (unsigned long long)(i % 250));
	return (struct ss_entry){
	    .kind = i % 29 == 0 ? SS_ENTRY_HJ212_BAD : SS_ENTRY_HJ212,
	    .verdict = (uint8_t)(i % 3),
	    .faults = (uint32_t)(i % 11 == 0 ? i : 0),
	    .arrived_us = INT64_C(1795000000000000) + (int64_t)i * 1000,
	    .source = ss_str_of(x->source),
	    .body = {x->body, n},
	};
}

static inline void jt_same(const struct ss_entry *got, uint64_t i)
{
	struct jt_text x;
	struct ss_entry e = jt_entry(i, &x);

	assert_int_equal(got->kind, e.kind);
	assert_int_equal(got->verdict, e.verdict);
	assert_int_equal(got->faults, e.faults);
	assert_int_equal(got->arrived_us, e.arrived_us);
	assert_true(ss_str_eq(got->source, e.source));
	assert_true(ss_str_eq(got->body, e.body));
}

/* Puts entries from..to-1 and waits until they are durable. */
static inline void jt_put(struct jt *t, uint64_t from, uint64_t to)
{
	uint64_t ticket = 0;

	for (uint64_t i = from; i < to; i++) {
		struct jt_text x;
		struct ss_entry e = jt_entry(i, &x);
		int r;

		while ((r = ss_lane_put(t->lane, &e, &ticket)) == SS_EBUSY)
			ss_lane_wait(t->lane, ticket, SS_US_PER_SEC);
		assert_int_equal(r, 0);
	}
	assert_int_equal(ss_lane_wait(t->lane, ticket, 60 * SS_US_PER_SEC), 0);
}

/* The journal holds exactly entries 1..n, numbered so. */
static inline void jt_expect(struct jt *t, uint64_t n)
{
	struct ss_error err = {0};
	struct ss_reader *r;
	struct ss_entry e;
	uint64_t i = 0;
	int got;

	assert_int_equal(ss_reader_open(t->j, 1, &r, &err), 0);
	while ((got = ss_reader_next(r, &e, &err)) == 1) {
		i++;
		assert_int_equal(e.seq, i);
		jt_same(&e, i);
	}
	if (got < 0)
		fail_msg("read: %s", err.text);
	assert_int_equal(i, n);
	ss_reader_close(r);
}
