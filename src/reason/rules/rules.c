/* The deriver: entries in, alarms out; what is to be told waits until it is durable. */
#include "reason/rules/rules.h"

#include <stdlib.h>

#include "reason/amend/amend.h"
#include "reason/rules/rules_internal.h"

#define BUSY_US 5000  /* for late points in one settle while entries come */
#define IDLE_US 40000 /* while none come */

struct ssr_told {
	struct ssr_told *next;
	struct ss_finding x;
	char id[SS_FINDING_ID];
	char state[24], note[8];
	char body[];
};

/* --- telling ------------------------------------------------------------------------------------
 */

static void told_free(struct ssr_told *t)
{
	while (t) {
		struct ssr_told *next = t->next;

		free(t);
		t = next;
	}
}

/* Only the newest of each alarm is told. */
static void forget(struct ssr_told **list, const char *id)
{
	for (struct ssr_told **at = list; *at; at = &(*at)->next) {
		struct ssr_told *t = *at;

		if (strcmp(t->id, id) != 0)
			continue;
		*at = t->next;
		free(t);
		return;
	}
}

int ssr_tell(struct ss_rules *r, const struct ss_finding *x)
{
	struct ssr_told *t, **end;
	int z;

	if (!r->s.tell)
		return 0;
	t = calloc(1, sizeof(*t) + x->body.n + 1);
	if (!t)
		return SS_ENOMEM;
	t->x = *x;
	memcpy(t->body, x->body.p, x->body.n);
	t->x.body = ss_str_n(t->body, x->body.n);
	ss_str_copy(t->state, sizeof(t->state), ss_str_of(x->state));
	ss_str_copy(t->note, sizeof(t->note), ss_str_of(x->note));
	t->x.state = t->state;
	t->x.note = t->note;
	t->x.basis = (struct ss_basis){"", "", "", "", ""};
	z = ss_finding_id(&x->key, x->start_us, t->id, sizeof(t->id));
	if (z < 0) {
		free(t);
		return z;
	}
	forget(&r->fresh, t->id);
	for (end = &r->fresh; *end; end = &(*end)->next)
		;
	*end = t;
	return 0;
}

static void committed(void *self)
{
	struct ss_rules *r = self;

	for (struct ssr_told *t = r->settled; t; t = t->next)
		r->s.tell(r->s.arg, &t->x, t->id);
	told_free(r->settled);
	r->settled = NULL;
}

/* --- the deriver ---------------------------------------------------------------------------------
 */

static void at_entry(struct ss_rules *r, const struct ss_taken *t)
{
	if (t->entry->seq > r->seq || t->again) {
		r->seq = t->entry->seq > r->seq ? t->entry->seq : r->seq;
		r->known_us = t->entry->arrived_us;
	}
}

/* Tables that points are held against. */
static bool is_of_limits(const char *table)
{
	return strncmp(table, "limits/", 7) == 0 || strncmp(table, "units/", 6) == 0 ||
	       strcmp(table, "alarms/runs") == 0;
}

static int entry(void *self, const struct ss_taken *t, struct ss_error *err)
{
	struct ss_rules *r = self;
	bool newest = false;
	char table[64];
	int64_t day;
	int z = 0;

	at_entry(r, t);
	r->entries = true;
	if (!t->again && ss_amend_of(t->entry, table, &day) && is_of_limits(table))
		z = ssr_watch_law_changed(r, day == INT64_MIN ? day : ss_day_start(day));
	if (z == 0 && t->has_frame && !t->again && t->mn.n)
		z = ssr_device_heard(r, t, false, &newest, err);
	for (size_t i = 0; z == 0 && i < t->n; i++)
		z = ssr_watch_obs(r, t, &t->obs[i], newest && !t->again, err);
	return z;
}

static void known(void *self, const struct ss_taken *t)
{
	struct ss_rules *r = self;
	bool newest;

	at_entry(r, t);
	if (t->has_frame && t->mn.n)
		ssr_device_heard(r, t, true, &newest, NULL);
}

static int tick(void *self, int64_t now_us, struct ss_error *err)
{
	struct ss_rules *r = self;
	int64_t entry_us = r->known_us;
	int z;

	r->known_us = now_us;
	z = ssr_devices_clock(r, now_us, err);
	r->known_us = entry_us;
	return z;
}

static int settle(void *self, uint64_t seq, uint64_t *cursor, struct ss_error *err)
{
	struct ss_rules *r = self;
	uint64_t undone;
	int z = ssr_watch_settle(r, r->entries ? BUSY_US : IDLE_US, &undone, err);
	struct ssr_told **end = &r->settled;

	(void)seq;
	r->entries = false;
	if (undone && undone <= *cursor)
		*cursor = undone - 1;
	for (struct ssr_told *t = r->fresh; t; t = t->next)
		forget(&r->settled, t->id);
	while (*end)
		end = &(*end)->next;
	*end = r->fresh;
	r->fresh = NULL;
	return z;
}

/* --- acts
 * ------------------------------------------------------------------------------------------ */

static const struct ss_act_field alarm_target[] = {
    {"alarm", SS_ACT_STRING, true, "告警编号", "id of the alarm", NULL}, {0}};
static const struct ss_act_field close_data[] = {
    {"verdict", SS_ACT_STRING, true, "结论", "verdict",
     "true|false_alarm|device_fault|maintenance|test|other"},
    {0}};
static const struct ss_act_field limit_target[] = {
    {"site", SS_ACT_INTEGER, true, "站点编号", "id of the site", NULL},
    {"point", SS_ACT_STRING, false, "排口", "outlet", NULL},
    {"factor", SS_ACT_STRING, true, "因子编码", "code of the factor", NULL},
    {0}};
static const struct ss_act_field limit_data[] = {
    {"averaging", SS_ACT_STRING, true, "时段", "averaging", "rtd|hour|day"},
    {"from", SS_ACT_DAY, true, "自", "first day", NULL},
    {"to", SS_ACT_DAY, false, "至（含）", "last day, inclusive", NULL},
    {"high", SS_ACT_NUMBER, false, "上限（含）", "upper limit, inclusive", NULL},
    {"low", SS_ACT_NUMBER, false, "下限（含）", "lower limit, inclusive", NULL},
    {"unit", SS_ACT_STRING, false, "单位，缺省为因子的单位", "unit, the factor's by default", NULL},
    {"converted", SS_ACT_BOOL, false, "折算值", "at reference oxygen", NULL},
    {"standard", SS_ACT_STRING, false, "标准", "standard", NULL},
    {"clause", SS_ACT_STRING, false, "条款", "clause", NULL},
    {"permit", SS_ACT_STRING, false, "许可证编号", "number of the permit", NULL},
    {"grade", SS_ACT_STRING, false, "标准中的级别：数取自标准表",
     "grade of the standard: the number comes from its table", NULL},
    {"scope", SS_ACT_STRING, false, "标准中的适用", "scope in the standard", NULL},
    {"fuel", SS_ACT_STRING, false, "标准中的燃料", "fuel in the standard", NULL},
    {"condition", SS_ACT_STRING, false, "标准中的条件", "condition in the standard", NULL},
    {0}};
static const struct ss_act_field revoke_target[] = {
    {"limit", SS_ACT_STRING, true, "限值编号", "id of the limit", NULL}, {0}};

static int named(const struct ss_act *a, const char *field, const char *kind,
		 struct ss_finding_key *ret_key, int64_t *ret_start, struct ss_error *err)
{
	const char *id = json_string_value(json_object_get(a->target, field));

	if (!id || ss_finding_id_parse(ss_str_of(id), ret_key, ret_start) < 0 ||
	    strcmp(ret_key->kind, kind) != 0)
		return ss_error_set(err, SS_EINVAL,
				    "字段 target.%s 不是这样的编号；field target.%s is no such id",
				    field, field);
	return 0;
}

/* Any thread: what the findings say of it now. */
static int state_now(struct ss_rules *r, const struct ss_act *a, const char *field,
		     const char *kind, char state[24], struct ss_error *err)
{
	ss_cleanup(ss_arena_done) struct ss_arena arena;
	struct ss_finding_key k;
	struct ss_finding x;
	int64_t start;
	int z = named(a, field, kind, &k, &start, err);

	ss_arena_init(&arena, 8 << 20);
	if (z == 0)
		z = ss_findings_get(r->s.findings, &k, start, &arena, &x, err);
	if (z == 0)
		ss_str_copy(state, 24, ss_str_of(x.state));
	return z;
}

static int ack_validate(void *self, const struct ss_act *a, struct ss_error *err)
{
	char state[24];
	int z = state_now(self, a, "alarm", "alarm", state, err);

	if (z == 0 && strcmp(state, "closed") == 0)
		return ss_error_set(err, SS_ESTATE, "告警已经办结；the alarm is closed");
	if (z == 0 && strcmp(state, "withdrawn") == 0)
		return ss_error_set(err, SS_ESTATE,
				    "告警已经撤回，所据数据已变；the alarm was withdrawn");
	return z;
}

static int close_validate(void *self, const struct ss_act *a, struct ss_error *err)
{
	char state[24];
	int z = state_now(self, a, "alarm", "alarm", state, err);

	if (z == 0 && strcmp(state, "cleared") != 0)
		return ss_error_set(
		    err, SS_ESTATE,
		    "只有已解除而未办结的告警可以办结，现在是 %s；only a cleared alarm can be "
		    "closed, it is %s",
		    state, state);
	return z;
}

static int revoke_validate(void *self, const struct ss_act *a, struct ss_error *err)
{
	char state[24];

	return state_now(self, a, "limit", "limit", state, err);
}

static int on_alarm(struct ss_rules *r, const struct ss_act *a, const char *what,
		    struct ss_json *result, struct ss_error *err)
{
	struct ss_finding_key k;
	int64_t start;

	r->seq = a->seq > r->seq ? a->seq : r->seq;
	r->known_us = a->at_us;
	if (named(a, "alarm", "alarm", &k, &start, NULL) < 0) {
		ss_json_kz(result, "effect", "none");
		return 0;
	}
	return ssr_group_act(r, &k, start, what, a, result, err);
}

static int ack_apply(void *self, const struct ss_act *a, struct ss_json *result,
		     struct ss_error *err)
{
	return on_alarm(self, a, "ack", result, err);
}

static int close_apply(void *self, const struct ss_act *a, struct ss_json *result,
		       struct ss_error *err)
{
	return on_alarm(self, a, "close", result, err);
}

static int limit_apply(void *self, const struct ss_act *a, struct ss_json *result,
		       struct ss_error *err)
{
	struct ss_rules *r = self;

	r->seq = a->seq > r->seq ? a->seq : r->seq;
	r->known_us = a->at_us;
	return ssr_limit_apply(self, a, result, err);
}

static int revoke_apply(void *self, const struct ss_act *a, struct ss_json *result,
			struct ss_error *err)
{
	struct ss_rules *r = self;

	r->seq = a->seq > r->seq ? a->seq : r->seq;
	r->known_us = a->at_us;
	return ssr_limit_revoke_apply(self, a, result, err);
}

static const struct ss_act_kind acts[] = {
    {"alarm.ack", "确认告警", "acknowledge an alarm", alarm_target, NULL, true, ack_validate,
     ack_apply},
    {"alarm.close", "办结告警", "close an alarm", alarm_target, close_data, true, close_validate,
     close_apply},
    {"limit.set", "设定限值", "set a limit", limit_target, limit_data, false, ssr_limit_validate,
     limit_apply},
    {"limit.revoke", "撤销限值", "revoke a limit", revoke_target, NULL, true, revoke_validate,
     revoke_apply},
    {0}};

/* --- the whole
 * --------------------------------------------------------------------------------------- */

int ss_rules_new(const struct ss_rules_settings *s, struct ss_rules **ret, struct ss_error *err)
{
	struct ss_rules *r = calloc(1, sizeof(*r));
	int z = r ? ss_standards_load(err) : SS_ENOMEM;

	if (z < 0) {
		free(r);
		return z;
	}
	r->s = *s;
	r->groups = ss_map_new();
	r->limits = ssr_limits_new();
	r->watches = ssr_watches_new();
	r->devices = ssr_devices_new();
	z = r->groups && r->limits && r->watches && r->devices ? ssr_limits_load(r, err)
							       : SS_ENOMEM;
	if (z == 0)
		z = ssr_devices_load(r, err);
	if (z < 0) {
		ss_rules_free(r);
		return z;
	}
	*ret = r;
	return 0;
}

void ss_rules_free(struct ss_rules *r)
{
	if (!r)
		return;
	told_free(r->fresh);
	told_free(r->settled);
	ssr_devices_free(r->devices);
	ssr_watches_free(r->watches);
	ssr_groups_free(r);
	ssr_limits_free(r->limits);
	free(r);
}

void ss_rules_deriver(struct ss_rules *r, struct ss_deriver *ret)
{
	*ret = (struct ss_deriver){.name = "rules",
				   .self = r,
				   .on_entry = entry,
				   .on_known = known,
				   .on_tick = tick,
				   .on_settle = settle,
				   .on_committed = committed,
				   .acts = acts};
}
