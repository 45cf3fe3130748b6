/* Acts of modules (limit_set). The step that decides on one and the act lie in two stores, so the
 * act is kept in the step's own transaction, goes to the journal behind it, and is forgotten when
 * it is there: a kill between loses nothing. One that was there already goes again under the same
 * id, which the line passes over. */
#include <stdlib.h>

#include "base/log.h"
#include "base/uuid.h"
#include "modules_internal.h"
#include "record/acts/acts.h"
#include "record/business/business.h"

#define ACT_WAIT (5 * SS_US_PER_SEC)
#define AGAIN_US SS_US_PER_MIN /* behind a step it goes at once; what is older was left behind */

int ss_module_act_put(struct ss_acts *acts, const json_t *act, bool only_check,
		      struct ss_error *err)
{
	ss_cleanup(ss_buf_done) struct ss_buf result = SS_BUF_MAX(1 << 16);
	struct ss_act_new n = {.act = "limit.set",
			       .id = json_string_value(json_object_get(act, "id")),
			       .by = json_string_value(json_object_get(act, "by")),
			       .target = json_object_get(act, "target"),
			       .data = json_object_get(act, "data"),
			       .at_us = SS_TIME_NONE};
	char id[SS_UUID];
	int r = only_check ? ss_acts_check(acts, &n, err)
			   : ss_acts_append(acts, &n, ACT_WAIT, id, &result, err);

	return r == SS_ETIMEOUT ? 0 : r; /* written is enough */
}

struct step { /* of an act: kept, or taken out; error NULL: the journal has it */
	const char *id, *error;
	struct ss_str act;
};

static int keep(struct ss_db *db, const struct step *s, struct ss_error *err)
{
	struct ss_stmt *st;
	int r = ss_db_stmt(db, "modules/act_put", &st, err);

	if (r < 0)
		return r;
	ss_bind_z(st, 1, s->id);
	ss_bind_str(st, 2, s->act);
	ss_bind_i64(st, 3, ss_time_now());
	r = (int)ss_run(st, err);
	return r < 0 ? r : 0;
}

static int settle(struct ss_db *db, void *arg, struct ss_error *err)
{
	const struct step *s = arg;
	struct ss_stmt *st;
	int r = ss_db_stmt(db, s->error ? "modules/act_refused" : "modules/act_done", &st, err);

	if (r < 0)
		return r;
	ss_bind_z(st, 1, s->id);
	if (s->error)
		ss_bind_z(st, 2, s->error);
	r = (int)ss_run(st, err);
	return r < 0 ? r : 0;
}

/* Full disks and the like pass; then it stays and goes later. */
static bool will_pass(int r)
{
	return r != SS_EINVAL && r != SS_ENOTFOUND && r != SS_EPARSE && r != SS_ERANGE &&
	       r != SS_ETOOBIG;
}

static void hand_over(struct ss_modules *m, const char *id, const json_t *act)
{
	struct ss_error err = {0}, why = {0};
	struct step s = {.id = id};
	int r = ss_module_act_put(m->host.acts, act, false, &err);

	if (r < 0)
		ss_log_error("module",
			     will_pass(r)
				 ? "限值没有写下，稍后再写 a limit was not written, later again"
				 : "限值写不下，已搁置 a limit cannot be written, set aside",
			     "id=%s why=\"%s\"", id, err.text);
	if (r < 0 && will_pass(r))
		return;
	s.error = r < 0 ? err.text : NULL;
	if (ss_business_write(m->host.business, settle, &s, &why) < 0)
		ss_log_warn("module", "限值已写下而未销账，会再写一次 written, and will be again",
			    "id=%s why=\"%s\"", id, why.text);
}

static void after(void *arg, struct ss_str text)
{
	json_t *act = NULL;

	if (ss_json_parse(text, &act, NULL) == 0)
		hand_over(arg, json_string_value(json_object_get(act, "id")), act);
	json_decref(act);
}

int ss_module_act_later(struct ss_modules *m, json_t *act, struct ss_error *err)
{
	ss_cleanup(ss_buf_done) struct ss_buf text = SS_BUF_MAX(1 << 16);
	char id[SS_UUID];
	int r = ss_uuid7(id);

	if (r == 0 && json_object_set_new(act, "id", json_string(id)) < 0)
		r = SS_ENOMEM;
	if (r == 0)
		r = ss_json_canonical(&text, act);
	if (r < 0)
		return ss_error_set(err, r, "限值内容过大 the limit is too large");
	r = keep(ss_business_current(m->host.business),
		 &(struct step){.id = id, .act = ss_buf_str(&text)}, err);
	return r < 0 ? r : ss_business_after(m->host.business, after, m, ss_buf_str(&text));
}

static json_t *waiting(struct ss_modules *m, int64_t before_us)
{
	json_t *list = json_array(), *act;
	struct ss_db *db;
	struct ss_stmt *st;

	if (ss_business_take(m->host.business, &db, NULL) < 0)
		return list;
	if (ss_db_stmt(db, "modules/act_waiting", &st, NULL) == 0) {
		ss_bind_i64(st, 1, before_us);
		while (ss_step(st, NULL) > 0) {
			struct ss_str text = ss_col_str(st, 1);

			if (ss_json_parse(text, &act, NULL) == 0)
				json_array_append_new(list, act);
		}
		ss_stmt_reset(st);
	}
	ss_business_give(m->host.business, db);
	return list;
}

void ss_modules_acts(struct ss_modules *m, bool first)
{
	int64_t now = ss_time_now();
	json_t *list, *act;
	size_t i;

	if (!m->host.acts || !m->host.business)
		return;
	list = waiting(m, first ? INT64_MAX : now - AGAIN_US);
	json_array_foreach(list, i, act)
	    hand_over(m, json_string_value(json_object_get(act, "id")), act);
	json_decref(list);
}
