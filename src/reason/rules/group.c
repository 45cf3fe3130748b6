/* Parts of one cause at one outlet, and the alarms that they make.
 *
 * Parts in order of start; an alarm is a chain of parts that overlap or lie closer than the hold.
 * Its start is that of its first part, and with the group it is its id. What is made of the parts
 * is compared with what stands in the findings; only what differs is put. */
#include <math.h>
#include <stdlib.h>

#include "base/num.h"
#include "reason/rules/rules_internal.h"

#define KIND "alarm"
#define HOLD_MOST SS_US_PER_DAY /* to say what an alarm was merged into */
#define MEMBERS_MOST 500        /* of one alarm: then the next begins */

struct part {
	struct ssr_part p; /* texts owned, but those of the basis: they live as long as the law */
	char *id, *what;
	char standard[64], clause[64], law[96];
};

struct touch {            /* an act on an alarm */
	int64_t start_us; /* of the alarm as it was then */
	bool close;
	int64_t at_us;
	char id[37], by[128], verdict[24];
	bool verified; /* by whom is proven */
	char *reason;
};

struct alarm {
	int64_t start_us, end_us;
	bool late, seen; /* seen: still there after a new sweep */
	uint64_t hash;   /* of the row as put */
};

struct ssr_group {
	int64_t site;
	char point[24], cause[72];
	struct part *parts; /* by start, then id */
	size_t n_parts, cap_parts;
	struct alarm *alarms; /* by start */
	size_t n_alarms, cap_alarms;
	struct touch *touches;
	size_t n_touches, cap_touches;
};

static const char *const severities[] = {"notice", "warning", "serious"};

int ssr_severity_parse(const char *text)
{
	for (int i = 0; i < 3; i++)
		if (strcmp(text, severities[i]) == 0)
			return i;
	return 0;
}

const char *ssr_severity_name(int severity)
{
	return severities[severity];
}

/* --- parts -------------------------------------------------------------------------------------
 */

static void part_done(struct part *x)
{
	free(x->id);
	free(x->what);
}

static int part_copy(const struct ssr_part *p, struct part *ret)
{
	*ret = (struct part){.p = *p, .id = strdup(p->id), .what = strdup(p->what)};
	if (!ret->id || !ret->what) {
		part_done(ret);
		return SS_ENOMEM;
	}
	ss_str_copy(ret->standard, sizeof(ret->standard),
		    ss_str_of(p->basis.standard ? p->basis.standard : ""));
	ss_str_copy(ret->clause, sizeof(ret->clause),
		    ss_str_of(p->basis.clause ? p->basis.clause : ""));
	ss_str_copy(ret->law, sizeof(ret->law), ss_str_of(p->basis.law ? p->basis.law : ""));
	return 0;
}

static int in_order(const void *a, const void *b)
{
	const struct part *x = a, *y = b;

	if (x->p.at.start_us != y->p.at.start_us)
		return x->p.at.start_us < y->p.at.start_us ? -1 : 1;
	return strcmp(x->id, y->id);
}

static int part_add(struct ssr_group *g, const struct ssr_part *p)
{
	struct part x;
	size_t i = g->n_parts;
	int r = ss_grow(&g->parts, &g->cap_parts, g->n_parts + 1, sizeof(*g->parts));

	if (r == 0)
		r = part_copy(p, &x);
	if (r < 0)
		return r;
	for (; i > 0 && in_order(&x, &g->parts[i - 1]) < 0; i--)
		g->parts[i] = g->parts[i - 1];
	g->parts[i] = x;
	g->n_parts++;
	return 0;
}

static bool same_span(const struct ssr_part_span *a, const struct ssr_part_span *b)
{
	bool both =
	    a->start_us == b->start_us && a->end_us == b->end_us && a->raised_us == b->raised_us;

	/* Of an open one the peak and the count still move; they are told when it ends. */
	return both &&
	       (a->end_us == SS_TIME_NONE || (a->peak_us == b->peak_us && a->count == b->count &&
					      (a->peak == b->peak || isnan(a->peak))));
}

/* --- loading -----------------------------------------------------------------------------------
 */

static int load_member(struct ssr_group *g, const json_t *m, const struct ss_finding *row)
{
	ss_cleanup(ss_buf_done) struct ss_buf what = SS_BUF_MAX(SS_FINDING_BODY_MAX);
	struct ssr_part p = {
	    .id = ss_json_get_z(m, "id"),
	    .at = {.start_us = ss_json_get_i64(m, "start_us", SS_TIME_NONE),
		   .end_us = ss_json_get_i64(m, "end_us", SS_TIME_NONE),
		   .raised_us = ss_json_get_i64(m, "raised_us", SS_TIME_NONE),
		   .first = ss_json_get_double(m, "first"),
		   .peak = ss_json_get_double(m, "peak"),
		   .peak_us = ss_json_get_i64(m, "peak_us", SS_TIME_NONE),
		   .count = json_integer_value(json_object_get(m, "count"))},
	    .severity = ssr_severity_parse(ss_json_get_z(m, "severity")),
	    .late_us = json_integer_value(json_object_get(m, "late_us")),
	    .hold_us = json_integer_value(json_object_get(m, "hold_us")),
	    .basis = {.rule = g->cause,
		      .standard = ss_json_get_z(m, "standard"),
		      .clause = ss_json_get_z(m, "clause"),
		      .law = ss_json_get_z(m, "law")},
	    .seq = row->seq,
	    .known_us = row->known_us,
	};
	const json_t *w = json_object_get(m, "what");
	int r = w ? ss_json_canonical(&what, w) : SS_ECORRUPT;

	if (r < 0)
		return r;
	p.what = what.p;
	return part_add(g, &p);
}

static int load_touch(struct ssr_group *g, const struct ss_finding *row, const json_t *o,
		      bool close)
{
	struct touch t = {.close = close,
			  .at_us = ss_json_get_i64(o, "at_us", SS_TIME_NONE),
			  .start_us = ss_json_get_i64(o, "start_us", SS_TIME_NONE),
			  .verified = json_is_true(json_object_get(o, "verified"))};

	(void)row;
	if (!o || !json_is_object(o))
		return 0;
	if (ss_grow(&g->touches, &g->cap_touches, g->n_touches + 1, sizeof(t)) < 0)
		return SS_ENOMEM;
	ss_str_copy(t.id, sizeof(t.id), ss_str_of(ss_json_get_z(o, "act")));
	ss_str_copy(t.by, sizeof(t.by), ss_str_of(ss_json_get_z(o, "by")));
	ss_str_copy(t.verdict, sizeof(t.verdict), ss_str_of(ss_json_get_z(o, "verdict")));
	t.reason = strdup(ss_json_get_z(o, "reason"));
	if (!t.reason)
		return SS_ENOMEM;
	g->touches[g->n_touches++] = t;
	return 0;
}

struct loading {
	struct ssr_group *g;
	int r;
};

static bool load_row(void *arg, const struct ss_finding *row)
{
	struct loading *l = arg;
	struct ssr_group *g = l->g;
	json_t *body, *m;
	size_t i;

	if (row->withdrawn)
		return true;
	l->r = ss_grow(&g->alarms, &g->cap_alarms, g->n_alarms + 1, sizeof(*g->alarms));
	if (l->r == 0)
		l->r = ss_json_parse(row->body, &body, NULL);
	if (l->r < 0)
		return false;
	g->alarms[g->n_alarms++] = (struct alarm){.start_us = row->start_us,
						  .end_us = row->end_us,
						  .late = strcmp(row->note, "late") == 0};
	json_array_foreach(json_object_get(body, "members"), i, m)
	{
		if (l->r == 0)
			l->r = load_member(g, m, row);
	}
	if (l->r == 0)
		l->r = load_touch(g, row, json_object_get(body, "ack"), false);
	if (l->r == 0)
		l->r = load_touch(g, row, json_object_get(body, "close"), true);
	json_decref(body);
	return l->r == 0;
}

static int load(struct ss_rules *r, struct ssr_group *g, struct ss_error *err)
{
	struct loading l = {.g = g};
	const struct ss_finding_query q = {.kind = KIND,
					   .site = g->site,
					   .point = g->point,
					   .sub = g->cause,
					   .from = SS_TIME_NONE,
					   .to = SS_TIME_NONE,
					   .after_start = SS_TIME_NONE,
					   .fn = load_row,
					   .arg = &l};
	int x = ss_findings_each(r->s.findings, &q, err);

	if (x == 0 && l.r < 0)
		return ss_error_set(err, l.r,
				    "告警记录不可读 an alarm cannot be read: site %lld %s",
				    (long long)g->site, g->cause);
	return x;
}

static void group_free(struct ssr_group *g)
{
	for (size_t i = 0; i < g->n_parts; i++)
		part_done(&g->parts[i]);
	for (size_t i = 0; i < g->n_touches; i++)
		free(g->touches[i].reason);
	free(g->parts);
	free(g->alarms);
	free(g->touches);
	free(g);
}

struct ssr_group *ssr_group_of(struct ss_rules *r, int64_t site, const char *point,
			       const char *cause, struct ss_error *err)
{
	char text[160];
	int n = snprintf(text, sizeof(text), "%lld|%s|%s", (long long)site, point, cause);
	struct ss_str key = ss_str_n(text, (size_t)n);
	struct ssr_group *g;
	uint64_t v;

	if (ss_map_get(r->groups, key, &v)) {
		g = (struct ssr_group *)(uintptr_t)v;
		return g;
	}
	g = calloc(1, sizeof(*g));
	if (!g)
		return NULL;
	g->site = site;
	ss_str_copy(g->point, sizeof(g->point), ss_str_of(point));
	ss_str_copy(g->cause, sizeof(g->cause), ss_str_of(cause));
	if (load(r, g, err) < 0 || ss_map_put(r->groups, key, (uint64_t)(uintptr_t)g) < 0) {
		group_free(g);
		return NULL;
	}
	return g;
}

void ssr_groups_free(struct ss_rules *r)
{
	struct ss_str key;
	size_t it = 0;
	uint64_t v;

	while (r->groups && ss_map_next(r->groups, &it, &key, &v))
		group_free((struct ssr_group *)(uintptr_t)v);
	ss_map_free(r->groups);
}

/* --- rows --------------------------------------------------------------------------------------
 */

static void put_time(struct ss_json *j, const char *name, int64_t t_us)
{
	if (t_us != SS_TIME_NONE)
		ss_json_ki64(j, name, t_us);
}

/* Members in order of their names, as canonical JSON wants them. */
static void put_member(struct ss_json *j, const struct part *x)
{
	const struct ssr_part_span *s = &x->p.at;
	bool open = s->end_us == SS_TIME_NONE;

	ss_json_obj(j);
	ss_json_kz(j, "clause", x->clause);
	if (!open)
		ss_json_ki64(j, "count", s->count);
	put_time(j, "end_us", s->end_us);
	ss_json_kdouble(j, "first", s->first);
	ss_json_ki64(j, "hold_us", x->p.hold_us);
	ss_json_kz(j, "id", x->id);
	ss_json_ki64(j, "late_us", x->p.late_us);
	ss_json_kz(j, "law", x->law);
	if (!open) {
		ss_json_kdouble(j, "peak", s->peak);
		put_time(j, "peak_us", s->peak_us);
	}
	put_time(j, "raised_us", s->raised_us);
	ss_json_kz(j, "severity", ssr_severity_name(x->p.severity));
	ss_json_kz(j, "standard", x->standard);
	put_time(j, "start_us", s->start_us);
	ss_json_key(j, "what");
	ss_json_raw(j, ss_str_of(x->what));
	ss_json_end_obj(j);
}

static void put_touch(struct ss_json *j, const char *name, const struct touch *t)
{
	if (!t)
		return;
	ss_json_key(j, name);
	ss_json_obj(j);
	ss_json_kz(j, "act", t->id);
	ss_json_ki64(j, "at_us", t->at_us);
	ss_json_kz(j, "by", t->by);
	ss_json_kz(j, "reason", t->reason);
	ss_json_ki64(j, "start_us", t->start_us);
	if (t->verdict[0])
		ss_json_kz(j, "verdict", t->verdict);
	if (t->verified)
		ss_json_kbool(j, "verified", true);
	ss_json_end_obj(j);
}

/* The first act of its kind on the alarm, or on one that was merged into it. */
static const struct touch *touch_of(const struct ssr_group *g, int64_t from, int64_t end,
				    bool close)
{
	for (size_t i = 0; i < g->n_touches; i++) {
		const struct touch *t = &g->touches[i];

		if (t->close == close && t->start_us >= from &&
		    (end == SS_TIME_NONE || t->start_us <= end))
			return t;
	}
	return NULL;
}

static const char *state_of(int64_t end_us, const struct touch *ack, const struct touch *close)
{
	if (end_us == SS_TIME_NONE)
		return ack ? "acknowledged" : "raised";
	return close ? "closed" : "cleared";
}

struct chain { /* parts [from, to) make one alarm */
	size_t from, to;
	int64_t start_us, end_us, raised_us;
	int64_t reach_us; /* a part that begins by then is of it too */
	int severity;
	const struct part *worst;
	uint64_t seq;
	int64_t known_us;
	bool late; /* every part became known late */
};

static struct chain chain_at(const struct ssr_group *g, size_t from)
{
	struct chain c = {.from = from, .to = from, .late = true, .raised_us = INT64_MAX};
	int64_t reach = INT64_MIN, last = INT64_MIN;

	for (; c.to < g->n_parts && c.to - from < MEMBERS_MOST; c.to++) {
		const struct part *x = &g->parts[c.to];
		const struct ssr_part_span *s = &x->p.at;
		int64_t end = s->end_us == SS_TIME_NONE ? INT64_MAX : s->end_us;

		if (c.to > from && reach != INT64_MAX && s->start_us > reach)
			break;
		last = end > last ? end : last;
		end = end == INT64_MAX ? end : end + x->p.hold_us;
		reach = end > reach ? end : reach;
		if (!c.worst || x->p.severity > c.severity) {
			c.severity = x->p.severity;
			c.worst = x;
		}
		c.raised_us = s->raised_us < c.raised_us ? s->raised_us : c.raised_us;
		c.late = c.late && x->p.known_us - s->raised_us > x->p.late_us;
		if (x->p.seq > c.seq) {
			c.seq = x->p.seq;
			c.known_us = x->p.known_us;
		}
	}
	c.start_us = g->parts[from].p.at.start_us;
	c.end_us = last == INT64_MAX ? SS_TIME_NONE : last;
	c.reach_us = reach;
	return c;
}

static int body_of(const struct ss_rules *r, const struct ssr_group *g, const struct chain *c,
		   struct ss_buf *out)
{
	struct ss_json j = ss_json_on(out);

	ss_json_obj(&j);
	put_touch(&j, "ack", touch_of(g, c->start_us, c->end_us, false));
	ss_json_kz(&j, "cause", g->cause);
	if (c->end_us != SS_TIME_NONE)
		put_touch(&j, "close", touch_of(g, c->start_us, c->end_us, true));
	ss_json_key(&j, "members");
	ss_json_arr(&j);
	for (size_t i = c->from; i < c->to; i++)
		put_member(&j, &g->parts[i]);
	ss_json_end_arr(&j);
	ss_json_ki64(&j, "raised_us", c->raised_us);
	ss_json_kz(&j, "severity", ssr_severity_at(r, g->site, c->severity));
	ss_json_end_obj(&j);
	return out->err;
}

static void key_of(const struct ssr_group *g, struct ss_finding_key *ret)
{
	*ret = (struct ss_finding_key){.kind = KIND, .site = g->site};
	memcpy(ret->point, g->point, sizeof(ret->point));
	memcpy(ret->sub, g->cause, sizeof(ret->sub));
}

static struct alarm *alarm_at(struct ssr_group *g, int64_t start_us)
{
	for (size_t i = g->n_alarms; i > 0; i--)
		if (g->alarms[i - 1].start_us == start_us)
			return &g->alarms[i - 1];
	return NULL;
}

static uint64_t hash_row(const struct ss_finding *x)
{
	return (ss_str_hash(x->body) * 31 ^ ss_str_hash(ss_str_of(x->state)) ^
		(uint64_t)x->end_us) *
		   2 +
	       (x->note[0] != 0);
}

static int put_row(struct ss_rules *r, struct ssr_group *g, const struct chain *c, struct alarm *a,
		   bool fresh, struct ss_error *err)
{
	ss_cleanup(ss_buf_done) struct ss_buf body = SS_BUF_MAX(SS_FINDING_BODY_MAX);
	const struct part *w = c->worst;
	struct ss_finding x = {.start_us = c->start_us,
			       .end_us = c->end_us,
			       .state =
				   state_of(c->end_us, touch_of(g, c->start_us, c->end_us, false),
					    touch_of(g, c->start_us, c->end_us, true)),
			       .value = c->end_us == SS_TIME_NONE ? w->p.at.first : w->p.at.peak,
			       .basis = {g->cause, w->standard, w->clause, w->law, SSR_CODE},
			       .note = a->late ? "late" : "",
			       .seq = r->seq > c->seq ? r->seq : c->seq,
			       .known_us = r->seq > c->seq ? r->known_us : c->known_us};
	int z = body_of(r, g, c, &body);

	if (z < 0)
		return ss_error_set(err, z, "告警过大 an alarm is too large: site %lld %s",
				    (long long)g->site, g->cause);
	key_of(g, &x.key);
	x.body = ss_buf_str(&body);
	if (!fresh && a->hash == hash_row(&x))
		return 0;
	a->hash = hash_row(&x);
	a->end_us = c->end_us;
	z = ss_findings_put(r->s.findings, &x, err);
	return z == 0 && !a->late ? ssr_tell(r, &x) : z;
}

/* Its reason is gone, or it is part of another now. */
static int put_withdrawn(struct ss_rules *r, struct ssr_group *g, const struct alarm *a,
			 const struct alarm *into, struct ss_error *err)
{
	ss_cleanup(ss_buf_done) struct ss_buf body = SS_BUF_MAX(1 << 16);
	struct ss_json j = ss_json_on(&body);
	char id[SS_FINDING_ID];
	struct ss_finding x = {.start_us = a->start_us,
			       .end_us = a->end_us == SS_TIME_NONE ? a->start_us : a->end_us,
			       .withdrawn = true,
			       .state = "withdrawn",
			       .value = NAN,
			       .basis = {.rule = g->cause, .code = SSR_CODE},
			       .note = a->late ? "late" : "",
			       .seq = r->seq,
			       .known_us = r->known_us};
	int z;

	key_of(g, &x.key);
	ss_json_obj(&j);
	ss_json_kz(&j, "cause", g->cause);
	if (into) {
		z = ss_finding_id(&x.key, into->start_us, id, sizeof(id));
		ss_json_kz(&j, "into", z == 0 ? id : "");
	}
	ss_json_key(&j, "members");
	ss_json_arr(&j);
	ss_json_end_arr(&j);
	ss_json_kz(&j, "severity", "notice");
	ss_json_kz(&j, "why", into ? "merged" : "basis");
	ss_json_end_obj(&j);
	x.body = ss_buf_str(&body);
	z = ss_findings_put(r->s.findings, &x, err);
	return z == 0 && !a->late ? ssr_tell(r, &x) : z;
}

static int alarm_new(struct ssr_group *g, const struct chain *c, struct alarm **ret)
{
	struct alarm *a;
	size_t i = g->n_alarms;

	if (ss_grow(&g->alarms, &g->cap_alarms, g->n_alarms + 1, sizeof(*g->alarms)) < 0)
		return SS_ENOMEM;
	for (; i > 0 && g->alarms[i - 1].start_us > c->start_us; i--)
		g->alarms[i] = g->alarms[i - 1];
	a = &g->alarms[i];
	*a = (struct alarm){.start_us = c->start_us, .end_us = c->end_us};
	g->n_alarms++;
	*ret = a;
	return 0;
}

/* An alarm that was told and is now part of one that begins earlier need not be told as late. */
static bool took_over_live(const struct ssr_group *g, const struct chain *c)
{
	for (size_t i = 0; i < g->n_alarms; i++) {
		const struct alarm *a = &g->alarms[i];

		if (!a->late && a->start_us > c->start_us &&
		    (c->end_us == SS_TIME_NONE || a->start_us <= c->end_us))
			return true;
	}
	return false;
}

static int drop_unseen(struct ss_rules *r, struct ssr_group *g, struct ss_error *err)
{
	size_t n = 0;
	int z = 0;

	for (size_t i = 0; i < g->n_alarms; i++) {
		const struct alarm *a = &g->alarms[i], *into = NULL;

		if (a->seen) {
			g->alarms[n++] = *a;
			continue;
		}
		for (size_t k = 0; k < g->n_alarms; k++) {
			const struct alarm *b = &g->alarms[k];

			if (b->seen && b->start_us < a->start_us &&
			    (b->end_us == SS_TIME_NONE || a->start_us <= b->end_us + HOLD_MOST))
				into = b;
		}
		if (z == 0)
			z = put_withdrawn(r, g, a, into, err);
	}
	g->n_alarms = n;
	return z;
}

/* Chains that ended before what changed stand as they are. */
static bool untouched(const struct chain *c, const struct alarm *a, int64_t changed_us)
{
	return a && c->end_us != SS_TIME_NONE && a->end_us == c->end_us && c->reach_us < changed_us;
}

static int sweep(struct ss_rules *r, struct ssr_group *g, int64_t changed_us, struct ss_error *err)
{
	int z = 0;

	for (size_t i = 0; i < g->n_alarms; i++)
		g->alarms[i].seen = false;
	for (size_t i = 0; z == 0 && i < g->n_parts;) {
		struct chain c = chain_at(g, i);
		struct alarm *a = alarm_at(g, c.start_us);
		bool fresh = !a;

		i = c.to;
		if (untouched(&c, a, changed_us)) {
			a->seen = true;
			continue;
		}
		if (fresh) {
			bool live = took_over_live(g, &c);

			z = alarm_new(g, &c, &a);
			if (z == 0)
				a->late = c.late && !live;
		}
		if (z == 0) {
			a->seen = true;
			z = put_row(r, g, &c, a, fresh, err);
		}
	}
	return z < 0 ? z : drop_unseen(r, g, err);
}

/* --- changes -----------------------------------------------------------------------------------
 */

static const struct ssr_part *same_in(const struct ssr_part *parts, size_t n, const struct part *x)
{
	for (size_t i = 0; i < n; i++)
		if (same_span(&parts[i].at, &x->p.at) && strcmp(parts[i].what, x->what) == 0 &&
		    parts[i].severity == x->p.severity)
			return &parts[i];
	return NULL;
}

static bool has(const struct ssr_group *g, const struct ssr_part *p)
{
	for (size_t i = 0; i < g->n_parts; i++)
		if (g->parts[i].p.at.start_us == p->at.start_us &&
		    strcmp(g->parts[i].id, p->id) == 0)
			return true;
	return false;
}

/* Becoming known once is enough: the same part found again keeps when that was. */
static int add_keeping(struct ssr_group *g, const struct ssr_part *p, const struct part *old)
{
	struct ssr_part x = *p;

	if (old && old->p.at.start_us == p->at.start_us) {
		x.seq = old->p.seq;
		x.known_us = old->p.known_us;
	}
	return part_add(g, &x);
}

int ssr_group_replace(struct ss_rules *r, struct ssr_group *g, const char *id, int64_t from,
		      int64_t to, const struct ssr_part *parts, size_t n, struct ss_error *err)
{
	int64_t changed = INT64_MAX;
	int z = 0;

	for (size_t i = g->n_parts; i > 0; i--) {
		struct part *x = &g->parts[i - 1];
		const struct ssr_part_span *s = &x->p.at;
		struct part old = *x;

		if (strcmp(x->id, id) != 0 || s->start_us < from || s->start_us >= to ||
		    same_in(parts, n, x))
			continue;
		changed = s->start_us < changed ? s->start_us : changed;
		memmove(x, x + 1, (g->n_parts - i) * sizeof(*x));
		g->n_parts--;
		for (size_t k = 0; z == 0 && k < n; k++)
			if (parts[k].at.start_us == old.p.at.start_us)
				z = add_keeping(g, &parts[k], &old);
		part_done(&old);
	}
	for (size_t k = 0; z == 0 && k < n; k++) {
		if (has(g, &parts[k]))
			continue;
		changed = parts[k].at.start_us < changed ? parts[k].at.start_us : changed;
		z = part_add(g, &parts[k]);
	}
	return z < 0 || changed == INT64_MAX ? z : sweep(r, g, changed, err);
}

bool ssr_group_has_late(const struct ssr_group *g)
{
	return g->n_alarms > 0 && g->alarms[g->n_alarms - 1].late &&
	       g->alarms[g->n_alarms - 1].end_us == SS_TIME_NONE;
}

int ssr_group_current(struct ss_rules *r, struct ssr_group *g, int64_t t_us, uint64_t seq,
		      int64_t known_us, struct ss_error *err)
{
	(void)t_us, (void)seq, (void)known_us;
	g->alarms[g->n_alarms - 1].late = false;
	return sweep(r, g, g->alarms[g->n_alarms - 1].start_us, err);
}

/* --- acts --------------------------------------------------------------------------------------
 */

/* The alarm that began then, or the one it has become part of. */
static const struct alarm *alarm_over(const struct ssr_group *g, int64_t start_us)
{
	for (size_t i = g->n_alarms; i > 0; i--) {
		const struct alarm *a = &g->alarms[i - 1];

		if (a->start_us <= start_us && (a->end_us == SS_TIME_NONE || start_us <= a->end_us))
			return a;
	}
	return NULL;
}

static int touch_add(struct ssr_group *g, int64_t start_us, bool close, const struct ss_act *a)
{
	struct touch t = {
	    .start_us = start_us, .close = close, .at_us = a->at_us, .verified = a->verified};

	if (ss_grow(&g->touches, &g->cap_touches, g->n_touches + 1, sizeof(t)) < 0)
		return SS_ENOMEM;
	memcpy(t.id, a->id, sizeof(t.id));
	memcpy(t.by, a->by, sizeof(t.by));
	ss_str_copy(t.verdict, sizeof(t.verdict), ss_str_of(ss_json_get_z(a->data, "verdict")));
	t.reason = strdup(a->reason);
	if (!t.reason)
		return SS_ENOMEM;
	g->touches[g->n_touches++] = t;
	return 0;
}

int ssr_group_act(struct ss_rules *r, const struct ss_finding_key *key, int64_t start_us,
		  const char *what, const struct ss_act *a, struct ss_json *result,
		  struct ss_error *err)
{
	bool close = strcmp(what, "close") == 0;
	struct ssr_group *g = ssr_group_of(r, key->site, key->point, key->sub, err);
	const struct alarm *x = g ? alarm_over(g, start_us) : NULL;
	char id[SS_FINDING_ID];
	const struct touch *before;
	int z;

	if (!g)
		return err && err->code ? err->code : SS_ENOMEM;
	if (!x || (close && x->end_us == SS_TIME_NONE)) {
		ss_json_kz(result, "effect", "none");
		ss_json_kz(result, "why", x ? "alarm is still in force" : "alarm was withdrawn");
		return 0;
	}
	before = touch_of(g, x->start_us, x->end_us, close);
	z = before ? 0 : touch_add(g, start_us, close, a);
	if (z == 0)
		z = ss_finding_id(key, x->start_us, id, sizeof(id));
	if (z < 0)
		return z;
	ss_json_kz(result, "alarm", id);
	ss_json_kz(result, "effect", before ? "none" : what);
	if (before)
		ss_json_kz(result, "why", close ? "closed before" : "acknowledged before");
	else
		ss_json_kz(result, "state",
			   state_of(x->end_us, touch_of(g, x->start_us, x->end_us, false),
				    touch_of(g, x->start_us, x->end_us, true)));
	return sweep(r, g, x->start_us, err);
}
