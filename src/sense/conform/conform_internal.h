/* Inside the check of conformance. */
#pragma once

#include <pthread.h>
#include <stdatomic.h>

#include "base/base.h"
#include "record/journal/journal.h"
#include "record/registry/registry.h"
#include "sense/conform/conform.h"

struct check {
	struct ss_conform *c;
	struct ss_conform_report r; /* the thread's own; copied out under the lock now and then */
	struct ss_device device;
	int64_t span_us;
	bool live;
	char by[128];
	pthread_t thread;
	bool started;
	/* frames.c */
	struct ss_arena arena;
	struct records *records;
};

struct ss_conform {
	struct ss_conform_parts parts;
	pthread_mutex_t lock;
	struct check *check[16];
	struct ss_conform_report report[16]; /* what others see */
	int64_t last_id;
	atomic_bool stopping;
};

/* A clause kept, or broken with the reason. seq 0 = no frame stands for it. */
void clause_kept(struct check *k, enum ss_clause c, uint64_t seq);
void clause_broken(struct check *k, enum ss_clause c, uint64_t seq, const char *zh, const char *en,
		   ...) __attribute__((format(printf, 5, 6)));
bool clause_due(const struct check *k, enum ss_clause c);
void report_out(struct check *k);

int frames_check(struct check *k, struct ss_error *err);
void frames_free(struct check *k);
void probes_run(struct check *k);
/* Minute interval that the recorded frames show; 0 = none seen. frames.c */
int64_t frames_minute_interval(const struct check *k);
