/* What people filed, as the hours need it. Loaded from the review's own rows at the start, kept up
 * by the acts. */
#include <math.h>
#include <stdlib.h>

#include "reason/review/review_internal.h"

static int64_t time_of(const json_t *o, const char *key, int64_t otherwise)
{
	int64_t t;

	return ss_time_parse_iso(ss_str_of(ss_json_get_z(o, key)), &t) == 0 ? t : otherwise;
}

#define COPY(dst, z) ss_str_copy(dst, sizeof(dst), ss_str_of(z))

int fact_mark_of(const struct ss_finding *f, const json_t *o, struct fact_mark *ret)
{
	struct mark_law law;
	const char *code = ss_json_get_z(o, "code");
	int r = law_of_mark(ss_day_of(f->start_us), code, &law);

	if (r < 0)
		return r;
	*ret =
	    (struct fact_mark){.site = f->key.site,
			       .key_start_us = f->start_us,
			       .seq = f->seq,
			       .revision = (int)json_integer_value(json_object_get(o, "revision")),
			       .manual = strcmp(ss_json_get_z(o, "source"), "auto") != 0,
			       .effect = law.effect,
			       .m = {.cls = law.cls,
				     .from_us = time_of(o, "from", f->start_us),
				     .to_us = time_of(o, "to", INT64_MAX),
				     .filed_us = time_of(o, "filed_at", f->start_us)}};
	COPY(ret->id, f->key.sub);
	COPY(ret->point, f->key.point);
	COPY(ret->factor, f->key.factor);
	COPY(ret->m.code, code);
	COPY(ret->filed_by, ss_json_get_z(o, "filed_by"));
	return ss_mark_state_parse(ss_str_of(f->state), &ret->state);
}

static int take_mark(struct facts *facts, const struct ss_finding *f, const json_t *o)
{
	struct fact_mark m;

	return fact_mark_of(f, o, &m) < 0 ? 0 : facts_add_mark(facts, &m);
}

static int take_check(struct facts *facts, const struct ss_finding *f, const json_t *o)
{
	struct fact_check c = {.site = f->key.site,
			       .at_us = f->start_us,
			       .set = json_number_of(o, "set"),
			       .read = json_number_of(o, "read"),
			       .error = json_number_of(o, "error"),
			       .bound = json_number_of(o, "bound"),
			       .passed = strcmp(f->state, "passed") == 0};

	COPY(c.id, f->key.sub);
	COPY(c.point, f->key.point);
	COPY(c.factor, f->key.factor);
	COPY(c.kind, ss_json_get_z(o, "kind"));
	return facts_add_check(facts, &c);
}

static int take_parameter(struct facts *facts, const struct ss_finding *f, const json_t *o)
{
	struct fact_parameter x = {.site = f->key.site,
				   .from_us = f->start_us,
				   .value = f->value,
				   .reported = strcmp(f->state, "reported") == 0};

	COPY(x.point, f->key.point);
	COPY(x.factor, f->key.factor);
	COPY(x.name, ss_json_get_z(o, "name"));
	COPY(x.text, ss_json_get_z(o, "text"));
	return facts_add_parameter(facts, &x);
}

static int take_close(struct facts *facts, const struct ss_finding *f, const json_t *o)
{
	struct fact_close c = {.site = f->key.site,
			       .day = ss_day_of(f->start_us),
			       .at_us = time_of(o, "at", f->start_us)};

	COPY(c.point, f->key.point);
	COPY(c.what, f->key.sub);
	COPY(c.code, f->state);
	COPY(c.by, ss_json_get_z(o, "by"));
	COPY(c.note, ss_json_get_z(o, "note"));
	return facts_add_close(facts, &c);
}

static int take_explanation(struct facts *facts, const struct ss_finding *f, const json_t *o)
{
	struct fact_explanation x = {.site = f->key.site,
				     .day = ss_day_of(f->start_us),
				     .at_us = time_of(o, "at", f->start_us)};

	COPY(x.point, f->key.point);
	COPY(x.factor, f->key.factor);
	COPY(x.by, ss_json_get_z(o, "by"));
	COPY(x.text, ss_json_get_z(o, "text"));
	return facts_add_explanation(facts, &x);
}

/* --- keeping -----------------------------------------------------------------------------------
 */

static size_t name_of(char out[64], int64_t site, const char *point)
{
	return (size_t)snprintf(out, 64, "%lld %s", (long long)site, point);
}

struct point_facts *facts_of(const struct facts *f, int64_t site, const char *point)
{
	char name[64];
	uint64_t v;

	if (!ss_map_get(f->by_name, ss_str_n(name, name_of(name, site, point)), &v))
		return NULL;
	return (struct point_facts *)(uintptr_t)v;
}

static struct point_facts *facts_make(struct facts *f, int64_t site, const char *point)
{
	struct point_facts *p = facts_of(f, site, point);
	char name[64];

	if (p)
		return p;
	p = calloc(1, sizeof(*p));
	if (p && ss_map_put(f->by_name, ss_str_n(name, name_of(name, site, point)),
			    (uint64_t)(uintptr_t)p) < 0) {
		free(p);
		p = NULL;
	}
	return p;
}

struct fact_mark *facts_mark(const struct facts *f, const char *id)
{
	struct point_facts *p;
	uint64_t v;

	if (!ss_map_get(f->by_mark, ss_str_of(id), &v))
		return NULL;
	p = (struct point_facts *)(uintptr_t)v;
	for (size_t i = 0; i < p->marks.n; i++) {
		if (strcmp(p->marks.v[i].id, id) == 0)
			return &p->marks.v[i];
	}
	return NULL;
}

int facts_add_mark(struct facts *f, const struct fact_mark *m)
{
	struct point_facts *p = facts_make(f, m->site, m->point);
	int r;

	if (facts_mark(f, m->id))
		return 0;
	r = p ? list_add(&p->marks, *m) : SS_ENOMEM;
	return r < 0 ? r : ss_map_put(f->by_mark, ss_str_of(m->id), (uint64_t)(uintptr_t)p);
}

int facts_add_check(struct facts *f, const struct fact_check *c)
{
	struct point_facts *p = facts_make(f, c->site, c->point);
	int r;

	for (size_t i = 0; p && i < p->checks.n; i++) {
		if (strcmp(p->checks.v[i].id, c->id) == 0)
			return 0;
	}
	r = p ? list_add(&p->checks, *c) : SS_ENOMEM;
	for (size_t at = r == 0 ? p->checks.n - 1 : 0; at > 0; at--) {
		struct fact_check *x = &p->checks.v[at], was = *x;

		if (x[-1].at_us <= x->at_us)
			break;
		*x = x[-1];
		x[-1] = was;
	}
	return r;
}

int facts_add_parameter(struct facts *f, const struct fact_parameter *x)
{
	struct point_facts *p = facts_make(f, x->site, x->point);

	for (size_t i = 0; p && i < p->parameters.n; i++) {
		struct fact_parameter *y = &p->parameters.v[i];

		if (y->from_us == x->from_us && y->reported == x->reported &&
		    strcmp(y->name, x->name) == 0 && strcmp(y->factor, x->factor) == 0) {
			*y = *x;
			return 0;
		}
	}
	return p ? list_add(&p->parameters, *x) : SS_ENOMEM;
}

int facts_add_close(struct facts *f, const struct fact_close *c)
{
	struct point_facts *p = facts_make(f, c->site, c->point);

	for (size_t i = 0; p && i < p->closes.n; i++) {
		struct fact_close *x = &p->closes.v[i];

		if (x->day == c->day && strcmp(x->what, c->what) == 0) {
			*x = *c;
			return 0;
		}
	}
	return p ? list_add(&p->closes, *c) : SS_ENOMEM;
}

int facts_add_explanation(struct facts *f, const struct fact_explanation *c)
{
	struct point_facts *p = facts_make(f, c->site, c->point);

	for (size_t i = 0; p && i < p->explanations.n; i++) {
		struct fact_explanation *x = &p->explanations.v[i];

		if (x->day == c->day && strcmp(x->factor, c->factor) == 0) {
			*x = *c;
			return 0;
		}
	}
	return p ? list_add(&p->explanations, *c) : SS_ENOMEM;
}

struct loading {
	struct facts *facts;
	int (*take)(struct facts *, const struct ss_finding *, const json_t *);
	int r;
};

static bool load_row(void *arg, const struct ss_finding *f)
{
	struct loading *l = arg;
	json_t *o;

	l->r = ss_json_parse(f->body, &o, NULL);
	if (l->r < 0)
		return false;
	l->r = l->take(l->facts, f, o);
	json_decref(o);
	return l->r == 0;
}

int facts_load(struct ss_review *r, struct ss_error *err)
{
	static const struct {
		const char *kind;
		int (*take)(struct facts *, const struct ss_finding *, const json_t *);
	} kinds[] = {{"mark", take_mark},
		     {"check", take_check},
		     {"parameter", take_parameter},
		     {"sheet_close", take_close},
		     {"explanation", take_explanation}};
	int res = 0;

	r->facts.by_name = ss_map_new();
	r->facts.by_mark = ss_map_new();
	if (!r->facts.by_name || !r->facts.by_mark)
		return SS_ENOMEM;
	for (size_t i = 0; res == 0 && i < SS_ARRAY_LEN(kinds); i++) {
		struct loading l = {&r->facts, kinds[i].take, 0};
		struct ss_finding_query q = {.kind = kinds[i].kind,
					     .from = SS_TIME_NONE,
					     .to = SS_TIME_NONE,
					     .after_start = SS_TIME_NONE,
					     .fn = load_row,
					     .arg = &l};

		res = ss_findings_each(r->parts.findings, &q, err);
		res = res == 0 ? l.r : res;
	}
	return res;
}

void facts_done(struct facts *f)
{
	struct ss_str key;
	size_t it = 0;
	uint64_t v;

	while (f->by_name && ss_map_next(f->by_name, &it, &key, &v)) {
		struct point_facts *p = (struct point_facts *)(uintptr_t)v;

		free(p->marks.v);
		free(p->checks.v);
		free(p->parameters.v);
		free(p->closes.v);
		free(p->explanations.v);
		free(p);
	}
	ss_map_free(f->by_name);
	ss_map_free(f->by_mark);
}

/* --- asking ------------------------------------------------------------------------------------
 */

static bool on_factor(const char *factor, const char *is)
{
	return is[0] == 0 || strcmp(is, factor) == 0;
}

static size_t mark_spans(const struct point_facts *f, const char *factor, int64_t from, int64_t to,
			 struct ss_span *ret, size_t cap)
{
	size_t n = 0;

	for (size_t i = 0; i < f->marks.n; i++) {
		const struct fact_mark *m = &f->marks.v[i];

		if (m->state != SS_MARK_ACCEPTED || m->m.from_us >= to || m->m.to_us <= from ||
		    !on_factor(factor, m->factor))
			continue;
		if (n < cap)
			ret[n] = (struct ss_span){m->m.from_us, m->m.to_us, m->effect,
						  SS_REASON_MARK, (int32_t)i};
		n++;
	}
	return n;
}

#define CHECKS_MAX 1024 /* the newest of them */
static size_t check_spans(const struct point_facts *f, const char *factor, int64_t from, int64_t to,
			  int64_t due_us, int64_t now_us, struct ss_span *ret, size_t cap)
{
	struct ss_check c[CHECKS_MAX];
	struct ss_span s[CHECKS_MAX];
	size_t n = 0, got, out = 0;

	for (size_t i = f->checks.n > CHECKS_MAX ? f->checks.n - CHECKS_MAX : 0; i < f->checks.n;
	     i++) {
		const struct fact_check *x = &f->checks.v[i];

		if (on_factor(factor, x->factor))
			c[n++] = (struct ss_check){x->at_us, x->passed, -1 - (int32_t)i};
	}
	got = n ? ss_check_spans(c, n, due_us, now_us, s, CHECKS_MAX) : 0;
	for (size_t i = 0; i < got && i < CHECKS_MAX; i++) {
		if (s[i].from_us >= to || s[i].to_us <= from)
			continue;
		if (out < cap)
			ret[out] = s[i];
		out++;
	}
	return out;
}

size_t facts_spans(const struct point_facts *f, const char *factor, int64_t from, int64_t to,
		   int64_t check_due_us, int64_t now_us, struct ss_span *ret, size_t cap)
{
	size_t n = f ? mark_spans(f, factor, from, to, ret, cap) : 0;

	n = n < cap ? n : cap;
	if (f)
		n += check_spans(f, factor, from, to, check_due_us, now_us, ret + n, cap - n);
	return n < cap ? n : cap;
}

const struct fact_parameter *facts_parameter(const struct point_facts *f, const char *factor,
					     const char *name, int64_t at_us)
{
	const struct fact_parameter *best = NULL;

	for (size_t i = 0; f && i < f->parameters.n; i++) {
		const struct fact_parameter *x = &f->parameters.v[i];
		bool own = x->factor[0] != 0, best_own = best && best->factor[0] != 0;

		if (x->reported || x->from_us > at_us || strcmp(x->name, name) != 0 ||
		    !on_factor(factor, x->factor))
			continue;
		/* the factor's own before the outlet's, then the latest */
		if (!best || own > best_own || (own == best_own && x->from_us >= best->from_us))
			best = x;
	}
	return best;
}

static bool differs(const struct fact_parameter *filed, const struct fact_parameter *x)
{
	if (!filed)
		return false;
	return isnan(x->value) ? strcmp(x->text, filed->text) != 0 : x->value != filed->value;
}

/* Another report of the same parameter has taken its place before the time begins. */
static bool superseded(const struct point_facts *f, const struct fact_parameter *x, int64_t from)
{
	for (size_t i = 0; i < f->parameters.n; i++) {
		const struct fact_parameter *y = &f->parameters.v[i];

		if (y->reported && y->from_us > x->from_us && y->from_us <= from &&
		    strcmp(y->factor, x->factor) == 0 && strcmp(y->name, x->name) == 0)
			return true;
	}
	return false;
}

bool facts_parameter_differs(const struct point_facts *f, const char *factor, int64_t from,
			     int64_t to)
{
	for (size_t i = 0; f && i < f->parameters.n; i++) {
		const struct fact_parameter *x = &f->parameters.v[i];

		if (x->reported && x->from_us < to && on_factor(factor, x->factor) &&
		    !superseded(f, x, from) &&
		    differs(facts_parameter(f, factor, x->name, x->from_us), x))
			return true;
	}
	return false;
}
