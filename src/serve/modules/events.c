/* on() and every(): what happened and what is due, told to the modules that asked for it. */
#include <stdlib.h>

#include "base/log.h"
#include "base/thread.h"
#include "modules_internal.h"
#include "modules_sql.h"
#include "record/business/business.h"
#include "record/things/viewer.h"

#define QUEUE_MAX 10000
#define TRIES 3
#define LOOK_US (1 * SS_US_PER_SEC)

int ss_modules_migrate(struct ss_business *b, struct ss_error *err)
{
	ss_modules_sql();
	return ss_business_migrate(b, "modules", err);
}

/* --- one handler
 * ---------------------------------------------------------------------------------- */

/* As the module itself, allowed to write. */
static int call_as_module(struct ss_modules *m, const json_t *decl, const json_t *in,
			  struct ss_error *err)
{
	const struct ss_viewer v = ss_viewer_system(ss_json_get_z(decl, "module"));
	const struct ss_script_turn turn = {&v, true}, *was = ss_script_as(&turn);
	json_t *ret = NULL;
	int r = ss_modules_call(m, json_object_get(decl, "fn"), in, &ret, err);

	ss_script_as(was);
	json_decref(ret);
	return r;
}

/* --- events that are part of a step
 * ---------------------------------------------------------------- */

/* A handler is not called again for what it itself changes. */
struct underway {
	const char *event, *id;
	const struct underway *outer;
};
static _Thread_local const struct underway *underway;

static bool is_underway(const char *event, const char *id)
{
	for (const struct underway *u = underway; u; u = u->outer)
		if (strcmp(u->event, event) == 0 && strcmp(u->id, id) == 0)
			return true;
	return false;
}

/* The handlers of an event in force; new reference or NULL. */
static json_t *handlers(struct ss_modules *m, const char *event)
{
	SS_LOCKED(&m->lock);
	return m->force ? json_incref(json_object_get(m->force->events, event)) : NULL;
}

bool ss_modules_hears(struct ss_modules *m, const char *event)
{
	SS_LOCKED(&m->lock);
	return m->force && json_object_get(m->force->events, event);
}

int ss_modules_event(struct ss_modules *m, const char *event, const json_t *in,
		     struct ss_error *err)
{
	const char *id = ss_json_get_z(in, "id")[0]
			     ? ss_json_get_z(in, "id")
			     : ss_json_get_z(json_object_get(in, "case"), "id");
	struct underway here = {event, id, underway};
	json_t *list, *d;
	size_t i;
	int r = 0;

	if (is_underway(event, id))
		return 0;
	list = handlers(m, event);
	underway = &here;
	json_array_foreach(list, i, d) if (r == 0) r = call_as_module(m, d, in, err);
	underway = here.outer;
	json_decref(list);
	return r;
}

/* --- schedules
 * -------------------------------------------------------------------------------------- */

struct run {
	struct ss_modules *m;
	const json_t *decl;
	char key[2 * SS_MODULE_ID];
	int64_t period, since; /* since: the period before this one that ran; SS_TIME_NONE */
};

static int last_period(struct ss_db *db, const char *key, int64_t *ret, struct ss_error *err)
{
	struct ss_stmt *st;
	int r = ss_db_stmt(db, "modules/every_last", &st, err);

	*ret = SS_TIME_NONE;
	if (r < 0)
		return r;
	ss_bind_z(st, 1, key);
	r = ss_step(st, err);
	if (r > 0)
		*ret = ss_col_i64(st, 0);
	ss_stmt_reset(st);
	return r < 0 ? r : 0;
}

static json_t *time_json(int64_t t_us)
{
	char iso[SS_TIME_ISO];

	if (t_us == SS_TIME_NONE)
		return json_null();
	ss_time_fmt_iso(iso, t_us);
	return json_string(iso);
}

/* The mark and what the run does, in one transaction. */
static int run_once(struct ss_db *db, void *arg, struct ss_error *err)
{
	struct run *run = arg;
	struct ss_stmt *st;
	int64_t rows;
	json_t *in;
	int r = last_period(db, run->key, &run->since, err);

	if (r == 0)
		r = ss_db_stmt(db, "modules/every_claim", &st, err);
	if (r < 0)
		return r;
	ss_bind_z(st, 1, run->key);
	ss_bind_i64(st, 2, run->period);
	ss_bind_i64(st, 3, ss_time_now());
	rows = ss_run(st, err);
	if (rows <= 0)
		return (int)rows; /* another one has it */
	in = json_pack("{s:s, s:o, s:o}", "id", ss_json_get_z(run->decl, "id"), "at",
		       time_json(run->period), "since", time_json(run->since));
	r = in ? call_as_module(run->m, run->decl, in, err) : SS_ENOMEM;
	json_decref(in);
	return r;
}

/* What this process knows of a schedule: the period that it need not look at again. */
static int64_t known_period(struct ss_modules *m, const char *key)
{
	SS_LOCKED(&m->lock);
	json_t *v = json_object_get(m->ran, key);

	return v ? json_integer_value(v) : SS_TIME_NONE;
}

static void know_period(struct ss_modules *m, const char *key, int64_t period)
{
	SS_LOCKED(&m->lock);
	json_object_set_new(m->ran, key, json_integer(period));
}

static void tick_one(struct ss_modules *m, const json_t *decl, int64_t now, int64_t *next)
{
	struct run run = {.m = m, .decl = decl};
	struct ss_error err = {0};
	struct ss_every e;
	int r;

	if (ss_every_parse(ss_json_get_z(decl, "when"), &e) < 0)
		return;
	snprintf(run.key, sizeof(run.key), "%s:%s", ss_json_get_z(decl, "module"),
		 ss_json_get_z(decl, "id"));
	run.period = ss_every_start(&e, now);
	if (ss_every_next(&e, now) < *next)
		*next = ss_every_next(&e, now);
	if (known_period(m, run.key) >= run.period)
		return;
	r = ss_business_write(m->host.business, run_once, &run, &err);
	if (r < 0)
		ss_log_error(
		    "module",
		    ss_err_retry(r) && r != SS_ETIMEOUT
			? "定时任务未成，即将再试 the schedule failed, it will be tried again"
			: "定时任务未成，下一周期再试 the schedule failed, next try in its next "
			  "period",
		    "id=%s code=%s why=\"%s\"", run.key, ss_err_name(r), err.text);
	if (r >= 0 || !ss_err_retry(r) || r == SS_ETIMEOUT)
		know_period(m, run.key, run.period);
}

int ss_modules_tick(struct ss_modules *m, int64_t now_us, int64_t *ret_next_us,
		    struct ss_error *err)
{
	json_t *all = ss_modules_declarations(m, "every", NULL), *d;
	size_t i;

	if (!all)
		return ss_error_set(err, SS_ENOMEM, "内存不足 out of memory");
	*ret_next_us = INT64_MAX;
	json_array_foreach(all, i, d) tick_one(m, d, now_us, ret_next_us);
	json_decref(all);
	return 0;
}

/* --- events from elsewhere
 * ---------------------------------------------------------------------------- */

struct told {
	struct ss_modules *m;
	const json_t *decl, *in;
	const char *event, *about, *error;
	bool call;
};

static int claim_event(struct ss_db *db, void *arg, struct ss_error *err)
{
	struct told *t = arg;
	struct ss_stmt *st;
	int64_t rows;
	int r = ss_db_stmt(db, "modules/event_claim", &st, err);

	if (r < 0)
		return r;
	ss_bind_z(st, 1, ss_json_get_z(t->decl, "module"));
	ss_bind_z(st, 2, t->event);
	ss_bind_z(st, 3, t->about);
	ss_bind_i64(st, 4, ss_time_now());
	ss_bind_z(st, 5, t->error);
	rows = ss_run(st, err);
	if (rows <= 0 || !t->call)
		return (int)rows;
	return call_as_module(t->m, t->decl, t->in, err);
}

static bool known(struct ss_modules *m, const struct told *t)
{
	struct ss_db *db;
	struct ss_stmt *st;
	bool yes = false;

	if (ss_business_take(m->host.business, &db, NULL) < 0)
		return false;
	if (ss_db_stmt(db, "modules/event_known", &st, NULL) == 0) {
		ss_bind_z(st, 1, ss_json_get_z(t->decl, "module"));
		ss_bind_z(st, 2, t->event);
		ss_bind_z(st, 3, t->about);
		yes = ss_step(st, NULL) > 0;
		ss_stmt_reset(st);
	}
	ss_business_give(m->host.business, db);
	return yes;
}

/* Three tries; then it is set aside with the reason. */
static void tell_one(struct ss_modules *m, struct told *t)
{
	struct ss_error err = {0};
	int r = SS_EBUSY;

	if (known(m, t))
		return;
	for (int i = 0; r < 0 && i < TRIES; i++) {
		err = (struct ss_error){0};
		r = ss_business_write(m->host.business, claim_event, t, &err);
	}
	if (r >= 0)
		return;
	ss_log_error("module", "模块没能处理事件，已搁置 a module failed at an event, set aside",
		     "module=%s event=%s about=%s why=\"%s\"", ss_json_get_z(t->decl, "module"),
		     t->event, t->about, err.text);
	t->error = err.text[0] ? err.text : ss_err_zh(r);
	t->call = false;
	ss_business_write(m->host.business, claim_event, t, NULL);
}

static void tell_all(struct ss_modules *m, const json_t *what)
{
	json_t *list = handlers(m, ss_json_get_z(what, "event")), *d;
	size_t i;

	json_array_foreach(list, i, d)
	{
		struct told t = {.m = m,
				 .decl = d,
				 .in = json_object_get(what, "in"),
				 .event = ss_json_get_z(what, "event"),
				 .about = ss_json_get_z(what, "about"),
				 .error = "",
				 .call = true};

		tell_one(m, &t);
	}
	json_decref(list);
}

int ss_modules_tell(struct ss_modules *m, const char *event, const char *about, struct ss_str in)
{
	json_t *v = NULL, *what;
	int r = 0;

	if (!ss_modules_hears(m, event))
		return 0;
	r = ss_json_parse(in, &v, NULL);
	what =
	    r == 0 ? json_pack("{s:s, s:s, s:o}", "event", event, "about", about, "in", v) : NULL;
	if (!what)
		return SS_EPARSE;
	SS_LOCKED(&m->lock);
	if (json_array_size(m->queue) >= QUEUE_MAX) {
		json_decref(what);
		return SS_EBUSY;
	}
	json_array_append_new(m->queue, what);
	pthread_cond_broadcast(&m->wake);
	return 0;
}

/* --- the thread
 * --------------------------------------------------------------------------------------- */

static json_t *next_told(struct ss_modules *m)
{
	json_t *what;

	SS_LOCKED(&m->lock);
	what = json_incref(json_array_get(m->queue, 0));
	if (what)
		json_array_remove(m->queue, 0);
	return what;
}

static bool stopping(struct ss_modules *m)
{
	SS_LOCKED(&m->lock);
	return m->stopping;
}

static void *loop(void *arg)
{
	struct ss_modules *m = arg;
	bool first = true;

	while (!stopping(m)) {
		int64_t next, until = ss_time_mono() + LOOK_US;
		json_t *what;

		while (!stopping(m) && (what = next_told(m))) {
			tell_all(m, what);
			json_decref(what);
		}
		ss_modules_acts(m, first);
		first = false;
		ss_modules_tick(m, ss_time_now(), &next, NULL);
		SS_LOCKED(&m->lock);
		while (!m->stopping && json_array_size(m->queue) == 0 &&
		       ss_cond_wait_until(&m->wake, &m->lock, until))
			;
	}
	return NULL;
}

int ss_modules_start(struct ss_modules *m)
{
	int r = ss_thread_start(&m->thread, "modules", loop, m);

	m->running = r == 0;
	return r;
}

void ss_modules_stop(struct ss_modules *m)
{
	if (!m || !m->running)
		return;
	pthread_mutex_lock(&m->lock);
	m->stopping = true;
	pthread_cond_broadcast(&m->wake);
	pthread_mutex_unlock(&m->lock);
	pthread_join(m->thread, NULL);
	m->running = false;
}
