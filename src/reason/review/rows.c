/* Reading the review's own rows back, and making new ones. */
#include <math.h>

#include "reason/review/review_internal.h"

static struct ss_finding_key key_of(const struct point *p, const char *kind, const char *factor,
				    const char *sub)
{
	struct ss_finding_key k = {.site = p->site};

	snprintf(k.kind, sizeof(k.kind), "%s", kind);
	snprintf(k.point, sizeof(k.point), "%s", p->point);
	snprintf(k.factor, sizeof(k.factor), "%s", factor);
	snprintf(k.sub, sizeof(k.sub), "%s", sub);
	return k;
}

int row_new(struct run *u, const char *kind, const char *factor, const char *sub, int64_t start_us,
	    int64_t end_us, const char *state, double value, const struct ss_basis *b,
	    struct ss_buf *body)
{
	struct ss_finding f = {.key = key_of(&u->p, kind, factor, sub),
			       .start_us = start_us,
			       .end_us = end_us,
			       .state = state,
			       .value = value,
			       .seq = u->seq,
			       .known_us = u->known_us};

	if (b)
		f.basis = *b;
	f.basis.code = CODE_VERSION;
	f.body = ss_arena_str(u->a, body ? ss_buf_str(body) : SS_STR("{}"));
	if (!f.body.p)
		return SS_ENOMEM;
	return list_add(&u->job->rows, f);
}

static const char *kept(struct run *u, const char *z)
{
	return z ? ss_arena_strdup(u->a, ss_str_of(z)) : "";
}

/* What a row was read into is gone when its day is done: all of it is copied. */
int row_withdraw(struct run *u, const struct ss_finding *was)
{
	struct ss_finding f = *was;

	f.withdrawn = true;
	f.note = "";
	f.seq = u->seq;
	f.known_us = u->known_us;
	f.state = kept(u, was->state);
	f.body = ss_arena_str(u->a, was->body);
	f.basis =
	    (struct ss_basis){kept(u, was->basis.rule), kept(u, was->basis.standard),
			      kept(u, was->basis.clause), kept(u, was->basis.law), CODE_VERSION};
	if (!f.state || !f.body.p || !f.basis.rule || !f.basis.standard || !f.basis.clause ||
	    !f.basis.law)
		return SS_ENOMEM;
	return list_add(&u->job->rows, f);
}

int read_row(struct run *u, const char *kind, const char *factor, const char *sub, int64_t start_us,
	     struct ss_finding *ret, json_t **ret_body)
{
	struct ss_finding_key k = key_of(&u->p, kind, factor, sub);
	int r = ss_findings_get(u->r->parts.findings, &k, start_us, &u->scratch, ret, u->err);

	if (r == 0 && ret_body && ss_json_parse(ret->body, ret_body, u->err) < 0)
		return SS_ECORRUPT;
	return r;
}

int read_range(struct run *u, const char *kind, const char *factor, const char *sub, int64_t from,
	       int64_t to, struct ss_finding **ret, size_t *ret_n)
{
	struct ss_finding_key k = key_of(&u->p, kind, factor, sub);

	return ss_findings_range(u->r->parts.findings, &k, from, to, &u->scratch, ret, ret_n,
				 u->err);
}

double json_number_of(const json_t *o, const char *key)
{
	const json_t *v = json_object_get(o, key);

	return json_is_number(v) ? json_number_value(v) : (double)NAN;
}

/* --- the body of an hour, read fast --------------------------------------------------------------
 */

/* Bodies of hour_state are canonical, flat and written here: names and texts without escapes. */
struct scan {
	struct ss_str rest;
};

static bool next_member(struct scan *s, struct ss_str *ret_key, struct ss_str *ret_value)
{
	const char *p = s->rest.p, *end = p + s->rest.n, *q;
	char close;

	while (p < end && (*p == '{' || *p == ','))
		p++;
	if (p >= end || *p != '"' || !(q = memchr(p + 1, '"', (size_t)(end - p - 1))) ||
	    q + 2 >= end)
		return false;
	*ret_key = ss_str_n(p + 1, (size_t)(q - p - 1));
	p = q + 2; /* behind the colon */
	close = *p == '[' ? ']' : *p == '"' ? '"' : 0;
	q = close ? memchr(p + 1, close, (size_t)(end - p - 1)) : NULL;
	if (close && !q)
		return false;
	for (q = q ? q + 1 : p; q < end && *q != ',' && *q != '}'; q++)
		;
	*ret_value = ss_str_n(p, (size_t)(q - p));
	s->rest = ss_str_n(q, (size_t)(end - q));
	return true;
}

static uint64_t reasons_of(struct ss_str list)
{
	struct ss_str part;
	uint64_t bits = 0;

	while (ss_str_split(&list, '"', &part)) {
		enum ss_reason r;

		if (part.n > 1 && ss_reason_parse(part, &r) == 0)
			bits |= SS_REASON_BIT(r);
	}
	return bits;
}

static void take_member(struct ss_str key, struct ss_str v, struct hour_row *ret)
{
	int64_t late;

	if (ss_str_is(key, "kg"))
		ss_parse_double(v, &ret->kg);
	else if (ss_str_is(key, "m3"))
		ss_parse_double(v, &ret->m3);
	else if (ss_str_is(key, "converted"))
		ss_parse_double(v, &ret->converted);
	else if (ss_str_is(key, "reasons"))
		ret->reasons = reasons_of(v);
	else if (ss_str_is(key, "received"))
		ret->received = ss_str_is(v, "true");
	else if (ss_str_is(key, "late_s") && ss_parse_i64(v, &late) == 0)
		ret->late_s = (int32_t)late;
	else if (ss_str_is(key, "check_from") && v.n > 2)
		ss_time_parse_iso(ss_str_n(v.p + 1, v.n - 2), &ret->check_from_us);
}

static void take_row(const struct ss_finding *f, struct hour_row *ret)
{
	struct scan s = {f->body};
	struct ss_str key, value;

	if (f->withdrawn)
		return;
	ret->there = true;
	ss_hour_state_parse(ss_str_of(f->state), &ret->state);
	ret->value = f->value;
	while (next_member(&s, &key, &value))
		take_member(key, value, ret);
}

int read_hours(struct run *u, const char *factor, int64_t from_hour, size_t n, struct hour_row *ret)
{
	struct ss_finding *rows;
	size_t n_rows;
	int r;

	for (size_t i = 0; i < n; i++)
		ret[i] = (struct hour_row){.state = SS_HOUR_NOT_DUE,
					   .value = NAN,
					   .kg = NAN,
					   .m3 = NAN,
					   .converted = NAN,
					   .check_from_us = SS_TIME_NONE};
	r = read_range(u, "hour_state", factor, "", ss_hour_start(from_hour),
		       ss_hour_start(from_hour + (int64_t)n), &rows, &n_rows);
	for (size_t i = 0; r == 0 && i < n_rows; i++)
		take_row(&rows[i], &ret[ss_hour_of(rows[i].start_us) - from_hour]);
	return r;
}

void put_reasons(struct ss_json *j, uint64_t reasons)
{
	ss_json_key(j, "reasons");
	ss_json_arr(j);
	for (int i = 0; i < SS_REASON_COUNT_; i++) {
		if (reasons >> i & 1)
			ss_json_z(j, ss_reason_key((enum ss_reason)i));
	}
	ss_json_end_arr(j);
}
