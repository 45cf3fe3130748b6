/* Checks: begun, read, ended. */
#include "sense/conform/conform.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/thread.h"
#include "sense/conform/conform_internal.h"
#include "sense/dialogue/dialogue.h"

#define O SS_HJ212_BIT(SS_HJ212_2005)
#define S SS_HJ212_BIT(SS_HJ212_2017)
#define T SS_HJ212_BIT(SS_HJ212_2025)
#define W SS_HJ212_BIT(SS_HJ212_WATER)

static const struct ss_clause_info clauses[] = {
#define K(name, key, editions, live, rule, zh, en) {key, editions, live, rule, zh, en},
#include "sense/conform/clauses.def"
#undef K
};

const struct ss_clause_info *ss_clause_info(enum ss_clause c)
{
	return &clauses[c];
}

const char *ss_clause_verdict_key(enum ss_clause_verdict v)
{
	return v == SS_CLAUSE_PASS ? "pass" : v == SS_CLAUSE_FAIL ? "fail" : "not_seen";
}

const char *ss_clause_verdict_zh(enum ss_clause_verdict v)
{
	return v == SS_CLAUSE_PASS ? "符合" : v == SS_CLAUSE_FAIL ? "不符合" : "未见";
}

bool clause_due(const struct check *k, enum ss_clause c)
{
	return (clauses[c].editions & SS_HJ212_BIT(k->r.edition)) != 0;
}

void clause_kept(struct check *k, enum ss_clause c, uint64_t seq)
{
	struct ss_clause_row *w = &k->r.row[c];

	if (!clause_due(k, c))
		return;
	w->seen++;
	if (w->verdict == SS_CLAUSE_FAIL)
		return;
	w->verdict = SS_CLAUSE_PASS;
	if (seq)
		w->seq = seq;
}

void clause_broken(struct check *k, enum ss_clause c, uint64_t seq, const char *zh, const char *en,
		   ...)
{
	struct ss_clause_row *w = &k->r.row[c];
	va_list ap;

	if (!clause_due(k, c))
		return;
	w->seen++;
	w->bad++;
	if (w->verdict == SS_CLAUSE_FAIL)
		return; /* the first one is the evidence */
	w->verdict = SS_CLAUSE_FAIL;
	w->seq = seq;
	ss_str_copy(w->zh, sizeof(w->zh), ss_str_of(zh));
	va_start(ap, en);
	vsnprintf(w->en, sizeof(w->en), en, ap);
	va_end(ap);
}

static int slot_of(const struct ss_conform *c, int64_t id)
{
	for (int i = 0; i < (int)SS_ARRAY_LEN(c->report); i++)
		if (c->report[i].id == id && id > 0)
			return i;
	return -1;
}

void report_out(struct check *k)
{
	int i;
	SS_LOCKED(&k->c->lock);

	i = slot_of(k->c, k->r.id);
	if (i >= 0)
		k->c->report[i] = k->r;
}

static void *run(void *arg)
{
	struct check *k = arg;
	struct ss_error err = {0};

	k->r.code = frames_check(k, &err);
	report_out(k);
	if (k->live && k->r.code == 0)
		probes_run(k);
	frames_free(k);
	k->r.running = false;
	k->r.done_us = ss_time_now();
	report_out(k);
	return NULL;
}

static void check_free(struct check *k)
{
	if (!k)
		return;
	if (k->started)
		pthread_join(k->thread, NULL);
	explicit_bzero(&k->device, sizeof(k->device));
	free(k);
}

int ss_conform_new(const struct ss_conform_parts *p, struct ss_conform **ret)
{
	struct ss_conform *c = calloc(1, sizeof(*c));

	if (!c)
		return SS_ENOMEM;
	c->parts = *p;
	pthread_mutex_init(&c->lock, NULL);
	*ret = c;
	return 0;
}

void ss_conform_free(struct ss_conform *c)
{
	if (!c)
		return;
	atomic_store(&c->stopping, true);
	for (size_t i = 0; i < SS_ARRAY_LEN(c->check); i++)
		check_free(c->check[i]);
	pthread_mutex_destroy(&c->lock);
	free(c);
}

/* A place whose check is over, the oldest; under the lock. */
static int place(const struct ss_conform *c)
{
	int best = -1;

	for (int i = 0; i < (int)SS_ARRAY_LEN(c->report); i++)
		if (!c->report[i].running && (best < 0 || c->report[i].id < c->report[best].id))
			best = i;
	return best;
}

static struct check *check_new(struct ss_conform *c, const struct ss_conform_order *o)
{
	struct check *k = calloc(1, sizeof(*k));

	if (!k)
		return NULL;
	k->c = c;
	k->span_us = o->span_us;
	k->live = o->live;
	ss_str_copy(k->by, sizeof(k->by), o->by);
	k->r.running = true;
	k->r.begun_us = ss_time_now();
	k->r.to_us = k->r.begun_us;
	k->r.from_us = k->r.begun_us - o->span_us;
	k->r.edition = ss_dialogue_edition(c->parts.dialogue, o->mn);
	ss_str_copy(k->r.mn, sizeof(k->r.mn), o->mn);
	return k;
}

static int begin(struct ss_conform *c, struct check *k, int64_t *ret_id, struct ss_error *err)
{
	int i, r;
	SS_LOCKED(&c->lock);

	i = place(c);
	if (i < 0)
		return ss_error_set(err, SS_EBUSY, "同时进行的检查过多；too many checks at once");
	check_free(c->check[i]);
	c->check[i] = k;
	k->r.id = ++c->last_id;
	c->report[i] = k->r;
	r = ss_thread_start(&k->thread, "conform", run, k);
	k->started = r == 0;
	c->report[i].running = k->started;
	*ret_id = k->r.id;
	return r;
}

int ss_conform_start(struct ss_conform *c, const struct ss_conform_order *o, int64_t *ret_id,
		     struct ss_error *err)
{
	struct ss_device d;
	struct check *k;
	int r;

	if (ss_registry_device(c->parts.registry, o->mn, &d) < 0)
		return ss_error_set(err, SS_ENOTFOUND,
				    "设备 " SS_STR_FMT " 没有登记；the device is not registered",
				    SS_STR_ARG(o->mn));
	k = check_new(c, o);
	if (!k)
		return SS_ENOMEM;
	k->device = d;
	r = begin(c, k, ret_id, err);
	if (r == SS_EBUSY)
		check_free(k);
	return r;
}

int ss_conform_report(struct ss_conform *c, int64_t id, struct ss_conform_report *ret)
{
	int i;
	SS_LOCKED(&c->lock);

	i = slot_of(c, id);
	if (i < 0)
		return SS_ENOTFOUND;
	*ret = c->report[i];
	return 0;
}
