/* The review of data for people: the rows as they are, hours with their reasons, the calendar of an
 * outlet, the daily sheet, the dictionary, marks as a cover. */
#include <math.h>

#include "reason/quality/quality.h"
#include "reason/review/review.h"
#include "reason/standards/standards.h"
#include "record/findings/findings.h"
#include "serve/api/api_internal.h"

#define ROWS_DEFAULT 500
#define ROWS_MOST 5000
#define SPAN_MOST (400 * SS_US_PER_DAY)

static int need(struct ss_request *rq, struct ss_error *err)
{
	return ss_api_need(ss_api_of(rq)->findings, "findings", err);
}

/* site, and point as text ("" = the site itself). */
static int outlet(struct ss_request *rq, bool must, int64_t *ret_site, const char **ret_point,
		  struct ss_error *err)
{
	struct ss_str point = ss_request_param(rq, "point");
	int r = ss_request_i64(rq, "site", 0, must ? 1 : 0, INT64_MAX, ret_site, err);

	if (r == 0 && *ret_site && !ss_api_sees(rq, *ret_site))
		r = ss_error_set(err, SS_ENOTFOUND, "没有编号为 %lld 的站点；there is no site %lld",
				 (long long)*ret_site, (long long)*ret_site);
	*ret_point = point.p ? ss_arena_strdup(rq->a, point) : NULL;
	if (must && !*ret_point)
		*ret_point = "";
	return r;
}

static const char *text_param(struct ss_request *rq, const char *name)
{
	struct ss_str s = ss_request_param(rq, name);

	return s.p ? ss_arena_strdup(rq->a, s) : NULL;
}

/* --- rows ----------------------------------------------------------------------------------------
 */

static const char *const kinds[] = {"hour_state",   "day_mean",    "mass",       "substitution",
				    "transmission", "capture",     "mark",       "check",
				    "parameter",    "visit",       "exceed_day", "explanation",
				    "sheet_item",   "sheet_close", "clock"};

static void put_row(struct ss_json *j, const struct ss_finding *f)
{
	char id[SS_FINDING_ID];

	ss_json_obj(j);
	ss_json_kz(j, "id", ss_finding_id(&f->key, f->start_us, id, sizeof(id)) == 0 ? id : NULL);
	ss_json_kz(j, "kind", f->key.kind);
	ss_json_ki64(j, "site", f->key.site);
	ss_json_kz(j, "point", f->key.point);
	ss_json_kz(j, "factor", f->key.factor);
	ss_json_kz(j, "sub", f->key.sub);
	ss_json_ktime(j, "start", f->start_us);
	ss_json_ktime(j, "end", f->end_us);
	ss_json_kz(j, "state", f->state);
	ss_json_kdouble(j, "value", f->value);
	ss_json_ki64(j, "version", f->version);
	ss_json_kz(j, "standard", f->basis.standard);
	ss_json_kz(j, "clause", f->basis.clause);
	ss_json_key(j, "body");
	ss_json_raw(j, f->body.n ? f->body : SS_STR("{}"));
	ss_json_end_obj(j);
}

struct listing {
	struct ss_json *j;
	const struct ss_request *rq;
	int64_t left;
	char last[SS_FINDING_ID];
	bool more;
};

static bool list_row(void *arg, const struct ss_finding *f)
{
	struct listing *l = arg;

	if (!ss_api_sees(l->rq, f->key.site))
		return true;
	if (l->left == 0) {
		l->more = true;
		return false;
	}
	l->left--;
	put_row(l->j, f);
	return ss_finding_id(&f->key, f->start_us, l->last, sizeof(l->last)) == 0;
}

static int kind_asked(struct ss_request *rq, const char **ret, struct ss_error *err)
{
	struct ss_str kind = ss_request_param(rq, "kind");

	for (size_t i = 0; i < SS_ARRAY_LEN(kinds); i++) {
		if (ss_str_is(kind, kinds[i])) {
			*ret = kinds[i];
			return 0;
		}
	}
	ss_request_blame(rq, "kind");
	return ss_error_set(
	    err, SS_EINVAL,
	    "参数 kind 不是审核的行：hour_state day_mean mass substitution transmission "
	    "capture mark check parameter visit exceed_day explanation sheet_item；"
	    "parameter kind is no row of the review");
}

int ss_get_review_rows(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_json j = ss_json_on(rs->out);
	struct listing l = {.j = &j, .rq = rq};
	struct ss_finding_query q = {.after_start = SS_TIME_NONE, .fn = list_row, .arg = &l};
	struct ss_finding_key after;
	struct ss_page page;
	int r = need(rq, err);

	if (r == 0)
		r = kind_asked(rq, &q.kind, err);
	if (r == 0)
		r = outlet(rq, false, &q.site, &q.point, err);
	if (r == 0)
		r = ss_request_time(rq, "from", SS_TIME_NONE, &q.from, err);
	if (r == 0)
		r = ss_request_time(rq, "to", SS_TIME_NONE, &q.to, err);
	if (r == 0)
		r = ss_page_open(rq, "review", ROWS_DEFAULT, ROWS_MOST, &page, err);
	if (r < 0)
		return r;
	q.factor = text_param(rq, "factor");
	q.sub = text_param(rq, "sub");
	q.states = text_param(rq, "state");
	l.left = page.limit;
	if (page.after.p) {
		r = ss_finding_id_parse(page.after, &after, &q.after_start);
		if (r < 0)
			return r;
		q.after = &after;
	}
	ss_json_obj(&j);
	ss_json_key(&j, "items");
	ss_json_arr(&j);
	r = ss_findings_each(ss_api_of(rq)->findings, &q, err);
	ss_json_end_arr(&j);
	ss_page_next(&j, "review", l.more ? ss_str_of(l.last) : ss_str_n(NULL, 0));
	ss_json_end_obj(&j);
	return r;
}

/* --- hours ---------------------------------------------------------------------------------------
 */

static void put_reason(struct ss_json *j, const char *key)
{
	enum ss_reason r;

	if (ss_reason_parse(ss_str_of(key), &r) < 0)
		return;
	ss_json_obj(j);
	ss_json_kz(j, "key", key);
	ss_json_kz(j, "zh", ss_reason_zh(r));
	ss_json_kz(j, "en", ss_reason_en(r));
	ss_json_end_obj(j);
}

/* state NULL: no row, so nothing was due. */
static void put_hour(struct ss_json *j, int64_t start_us, const struct ss_finding *f,
		     const json_t *body)
{
	enum ss_hour_state s = SS_HOUR_NOT_DUE;
	const json_t *reasons = json_object_get(body, "reasons");

	if (f)
		ss_hour_state_parse(ss_str_of(f->state), &s);
	ss_json_obj(j);
	ss_json_ktime(j, "time", start_us);
	ss_json_kz(j, "state", ss_hour_state_key(s));
	ss_json_kz(j, "state_zh", ss_hour_state_zh(s));
	ss_json_kdouble(j, "value", f ? f->value : (double)NAN);
	ss_json_ki64(j, "version", f ? f->version : 0);
	ss_json_key(j, "reasons");
	ss_json_arr(j);
	for (size_t i = 0; i < json_array_size(reasons); i++)
		put_reason(j, json_string_value(json_array_get(reasons, i)));
	ss_json_end_arr(j);
	ss_json_key(j, "body");
	ss_json_raw(j, f && f->body.n ? f->body : SS_STR("{}"));
	ss_json_end_obj(j);
}

static int put_hours(struct ss_json *j, const struct ss_finding *rows, size_t n, int64_t from,
		     int64_t to, struct ss_error *err)
{
	size_t at = 0;
	int r = 0;

	for (int64_t h = ss_hour_of(from); r == 0 && ss_hour_start(h) < to; h++) {
		const struct ss_finding *f = NULL;
		json_t *body = NULL;

		while (at < n && ss_hour_of(rows[at].start_us) < h)
			at++;
		if (at < n && ss_hour_of(rows[at].start_us) == h && !rows[at].withdrawn)
			f = &rows[at];
		if (f)
			r = ss_json_parse(f->body, &body, err);
		if (r == 0)
			put_hour(j, ss_hour_start(h), f, body);
		json_decref(body);
	}
	return r;
}

int ss_get_review_hours(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_json j = ss_json_on(rs->out);
	struct ss_finding_key k = {.kind = "hour_state"};
	struct ss_finding *rows;
	const char *point;
	int64_t from, to;
	size_t n;
	int r = need(rq, err);

	if (r == 0)
		r = outlet(rq, true, &k.site, &point, err);
	if (r == 0)
		r = ss_api_span(rq, SS_US_PER_DAY, &from, &to, err);
	if (r < 0)
		return r;
	if (to - from > SPAN_MOST) {
		ss_request_blame(rq, "to");
		return ss_error_set(err, SS_ERANGE, "一次最多 400 天 at most 400 days at a time");
	}
	ss_str_copy(k.point, sizeof(k.point), ss_str_of(point));
	ss_str_copy(k.factor, sizeof(k.factor), ss_request_param(rq, "factor"));
	r = ss_findings_range(ss_api_of(rq)->findings, &k, from, to, rq->a, &rows, &n, err);
	if (r < 0)
		return r;
	ss_json_obj(&j);
	ss_json_ki64(&j, "site", k.site);
	ss_json_kz(&j, "point", k.point);
	ss_json_kz(&j, "factor", k.factor);
	ss_json_key(&j, "items");
	ss_json_arr(&j);
	r = put_hours(&j, rows, n, from, to, err);
	ss_json_end_arr(&j);
	ss_json_end_obj(&j);
	return r;
}

/* --- calendar ------------------------------------------------------------------------------------
 */

struct square { /* an outlet's factor and day */
	char factor[66];
	int64_t day;
	struct ss_str hours; /* object of counts */
	double effective, mean, kg, substituted_share;
	bool mean_valid, over;
	char over_state[16];
};
struct calendar {
	struct ss_arena *a;
	struct square *list;
	size_t n, cap;
	struct ss_error *err;
	int r;
};

static struct square *square_of(struct calendar *c, const struct ss_finding *f)
{
	int64_t day = ss_day_of(f->start_us);
	struct square *s;

	for (size_t i = c->n; i-- > 0;) {
		if (c->list[i].day == day && strcmp(c->list[i].factor, f->key.factor) == 0)
			return &c->list[i];
	}
	if (c->n == c->cap) {
		size_t cap = c->cap ? 2 * c->cap : 256;
		struct square *grown = ss_arena_array(c->a, cap, sizeof(*grown));

		if (!grown)
			return NULL;
		if (c->n)
			memcpy(grown, c->list, c->n * sizeof(*grown));
		c->list = grown;
		c->cap = cap;
	}
	s = &c->list[c->n++];
	*s = (struct square){.day = day,
			     .hours = SS_STR("{}"),
			     .effective = NAN,
			     .mean = NAN,
			     .kg = NAN,
			     .substituted_share = NAN};
	memcpy(s->factor, f->key.factor, sizeof(s->factor));
	return s;
}

static void take_hours(struct calendar *c, struct square *s, const json_t *body)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(4096);
	const json_t *hours = json_object_get(body, "hours");

	if (hours && ss_json_canonical(&b, hours) == 0)
		s->hours = ss_arena_str(c->a, ss_buf_str(&b));
}

static bool take_square(void *arg, const struct ss_finding *f)
{
	struct calendar *c = arg;
	struct square *s = square_of(c, f);
	json_t *body = NULL;

	c->r = s ? ss_json_parse(f->body, &body, c->err) : SS_ENOMEM;
	if (c->r < 0)
		return false;
	if (strcmp(f->key.kind, "transmission") == 0) {
		s->effective = f->value;
		take_hours(c, s, body);
	} else if (strcmp(f->key.kind, "day_mean") == 0) {
		/* at reference oxygen, or the 8 h maximum, where there is one: what limits are for
		 */
		if (isnan(s->mean) || strcmp(f->key.sub, "converted") == 0 ||
		    strcmp(f->key.sub, "8h") == 0) {
			s->mean = f->value;
			s->mean_valid = strcmp(f->state, "valid") == 0;
		}
	} else if (strcmp(f->key.kind, "mass") == 0) {
		s->kg = f->value;
		s->substituted_share =
		    json_number_value(json_object_get(body, "substituted_share"));
	} else {
		s->over = true;
		ss_str_copy(s->over_state, sizeof(s->over_state), ss_str_of(f->state));
	}
	json_decref(body);
	return true;
}

static int by_factor_and_day(const void *a, const void *b)
{
	const struct square *x = a, *y = b;
	int d = strcmp(x->factor, y->factor);

	return d ? d : (x->day > y->day) - (x->day < y->day);
}

static void put_day(struct ss_json *j, int64_t day)
{
	char iso[SS_TIME_ISO];

	ss_time_fmt_iso(iso, ss_day_start(day));
	ss_json_kstr(j, "day", ss_str_n(iso, 10));
}

static void put_square(struct ss_json *j, const struct square *s)
{
	ss_json_obj(j);
	put_day(j, s->day);
	ss_json_key(j, "hours");
	ss_json_raw(j, s->hours);
	ss_json_kdouble(j, "effective", s->effective);
	ss_json_kdouble(j, "mean", s->mean);
	ss_json_kbool(j, "mean_valid", s->mean_valid);
	ss_json_kz(j, "over", s->over ? s->over_state : NULL);
	ss_json_kdouble(j, "kg", s->kg);
	ss_json_kdouble(j, "substituted_share", s->substituted_share);
	ss_json_end_obj(j);
}

static void put_calendar(struct ss_json *j, struct ss_api *api, struct calendar *c, int64_t site)
{
	ss_sort(c->list, c->n, sizeof(*c->list), by_factor_and_day);
	ss_json_key(j, "factors");
	ss_json_arr(j);
	for (size_t i = 0; i < c->n;) {
		struct ss_series_key k = {.site = site};
		size_t from = i;

		memcpy(k.factor, c->list[i].factor, sizeof(k.factor));
		ss_json_obj(j);
		ss_put_factor(j, api, &k);
		ss_json_key(j, "days");
		ss_json_arr(j);
		for (; i < c->n && strcmp(c->list[i].factor, c->list[from].factor) == 0; i++)
			put_square(j, &c->list[i]);
		ss_json_end_arr(j);
		ss_json_end_obj(j);
	}
	ss_json_end_arr(j);
}

int ss_get_review_calendar(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	static const char *const of[][2] = {
	    {"transmission", "day"}, {"day_mean", NULL}, {"mass", "day"}, {"exceed_day", NULL}};
	struct ss_api *api = ss_api_of(rq);
	struct ss_json j = ss_json_on(rs->out);
	struct calendar c = {.a = rq->a, .err = err};
	struct ss_finding_query q = {.after_start = SS_TIME_NONE, .fn = take_square, .arg = &c};
	int r = need(rq, err);

	if (r == 0)
		r = outlet(rq, true, &q.site, &q.point, err);
	if (r == 0)
		r = ss_api_span(rq, 31 * SS_US_PER_DAY, &q.from, &q.to, err);
	if (r == 0 && q.to - q.from > SPAN_MOST) {
		ss_request_blame(rq, "to");
		r = ss_error_set(err, SS_ERANGE, "一次最多 400 天 at most 400 days at a time");
	}
	q.from = r == 0 ? ss_day_start(ss_day_of(q.from)) : q.from;
	q.factor = text_param(rq, "factor");
	for (size_t i = 0; r == 0 && i < SS_ARRAY_LEN(of); i++) {
		q.kind = of[i][0];
		q.sub = of[i][1];
		r = ss_findings_each(api->findings, &q, err);
		r = r == 0 ? c.r : r;
	}
	if (r < 0)
		return r;
	ss_json_obj(&j);
	ss_json_ki64(&j, "site", q.site);
	ss_json_kz(&j, "point", q.point);
	put_calendar(&j, api, &c, q.site);
	ss_json_end_obj(&j);
	return 0;
}

/* --- the daily sheet
 * ------------------------------------------------------------------------------ */

struct sheet {
	struct ss_json *j;
	const struct ss_request *rq;
	struct ss_registry *registry;
	int64_t open, closed;
};

static bool put_item(void *arg, const struct ss_finding *f)
{
	struct sheet *s = arg;
	struct ss_site site;
	bool open = strcmp(f->state, "open") == 0;

	if (!ss_api_sees(s->rq, f->key.site))
		return true;
	s->open += open;
	s->closed += !open;
	if (ss_registry_site(s->registry, f->key.site, &site) < 0)
		return true;
	ss_json_obj(s->j);
	ss_json_ki64(s->j, "site", f->key.site);
	ss_json_kz(s->j, "site_name", site.name);
	ss_json_kz(s->j, "district", site.district);
	ss_json_kz(s->j, "point", f->key.point);
	ss_json_kz(s->j, "what", f->key.sub);
	ss_json_kz(s->j, "state", f->state);
	ss_json_kdouble(s->j, "hours", f->value);
	ss_json_key(s->j, "body");
	ss_json_raw(s->j, f->body);
	ss_json_end_obj(s->j);
	return true;
}

int ss_get_review_sheet(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_api *api = ss_api_of(rq);
	struct ss_json j = ss_json_on(rs->out);
	struct sheet s = {.j = &j, .rq = rq, .registry = api->registry};
	struct ss_finding_query q = {
	    .kind = "sheet_item", .after_start = SS_TIME_NONE, .fn = put_item, .arg = &s};
	int64_t t, day;
	int r = need(rq, err);

	if (r == 0)
		r = ss_request_time(rq, "day", ss_time_now() - SS_US_PER_DAY, &t, err);
	if (r < 0)
		return r;
	day = ss_day_of(t);
	q.from = ss_day_start(day);
	q.to = ss_day_start(day + 1);
	q.states = text_param(rq, "state");
	q.sub = text_param(rq, "what");
	ss_json_obj(&j);
	put_day(&j, day);
	ss_json_key(&j, "items");
	ss_json_arr(&j);
	r = ss_findings_each(api->findings, &q, err);
	ss_json_end_arr(&j);
	ss_json_ki64(&j, "open", s.open);
	ss_json_ki64(&j, "closed", s.closed);
	ss_json_end_obj(&j);
	return r;
}

/* --- the dictionary
 * ------------------------------------------------------------------------------- */

static void put_words(struct ss_json *j, const char *key, const char *zh, const char *en)
{
	ss_json_obj(j);
	ss_json_kz(j, "key", key);
	ss_json_kz(j, "zh", zh);
	ss_json_kz(j, "en", en);
	ss_json_end_obj(j);
}

static void put_marks(struct ss_json *j, int64_t day)
{
	const struct ss_law_table *t = ss_law_table(ss_law_now(), "quality/marks");
	const struct ss_law_row *row = NULL;

	ss_json_key(j, "marks");
	ss_json_arr(j);
	while ((row = ss_law_next(t, day, row))) {
		ss_json_obj(j);
		ss_json_kz(j, "code", ss_law_text(row, "code"));
		ss_json_kz(j, "class", ss_law_text(row, "class"));
		ss_json_kz(j, "name", ss_law_text(row, "name"));
		ss_json_kz(j, "name_en", ss_law_text(row, "name_en"));
		ss_json_kz(j, "effect", ss_law_text(row, "effect"));
		ss_json_kdouble(j, "max_hours", ss_law_number(row, "max_hours"));
		ss_json_kz(j, "corroborated_by", ss_law_text(row, "corroborated_by"));
		ss_json_end_obj(j);
	}
	ss_json_end_arr(j);
}

static void put_closing(struct ss_json *j, int64_t day)
{
	const struct ss_law_table *t = ss_law_table(ss_law_now(), "review/closing");
	const struct ss_law_row *row = NULL;

	ss_json_key(j, "closing");
	ss_json_arr(j);
	while ((row = ss_law_next(t, day, row)))
		put_words(j, ss_law_text(row, "code"), ss_law_text(row, "name"),
			  ss_law_text(row, "name_en"));
	ss_json_end_arr(j);
}

int ss_get_review_dictionary(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_json j = ss_json_on(rs->out);
	int64_t day = ss_day_of(ss_time_now());

	(void)rq, (void)err;
	ss_json_obj(&j);
	ss_json_key(&j, "states");
	ss_json_arr(&j);
	for (int i = 0; i < SS_HOUR_STATE_COUNT_; i++)
		put_words(&j, ss_hour_state_key((enum ss_hour_state)i),
			  ss_hour_state_zh((enum ss_hour_state)i),
			  ss_hour_state_en((enum ss_hour_state)i));
	ss_json_end_arr(&j);
	ss_json_key(&j, "reasons");
	ss_json_arr(&j);
	for (int i = 0; i < SS_REASON_COUNT_; i++)
		put_words(&j, ss_reason_key((enum ss_reason)i), ss_reason_zh((enum ss_reason)i),
			  ss_reason_en((enum ss_reason)i));
	ss_json_end_arr(&j);
	put_marks(&j, day);
	put_closing(&j, day);
	ss_json_end_obj(&j);
	return 0;
}

/* --- marks as a cover
 * ------------------------------------------------------------------------------ */

int ss_get_review_cover(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_api *api = ss_api_of(rq);
	struct ss_json j = ss_json_on(rs->out);
	struct ss_abuse a;
	const char *point;
	int64_t site, from, to;
	int r = ss_api_need(api->review, "review", err);

	if (r == 0)
		r = outlet(rq, true, &site, &point, err);
	if (r == 0)
		r = ss_api_span(rq, 90 * SS_US_PER_DAY, &from, &to, err);
	if (r == 0)
		r = ss_review_abuse(api->review, site, point, from, to, &a, err);
	if (r < 0)
		return r;
	ss_json_obj(&j);
	ss_json_ktime(&j, "from", from);
	ss_json_ktime(&j, "to", to);
	ss_json_ki64(&j, "marks", a.marks);
	ss_json_ki64(&j, "would_exceed_hours", a.would_exceed);
	ss_json_ki64(&j, "covered_hours", a.covered);
	ss_json_kdouble(&j, "covered_share", a.share);
	ss_json_kdouble(&j, "start_after_first_above_min", a.start_median_min);
	ss_json_kdouble(&j, "expected_marks", a.expected);
	ss_json_kdouble(&j, "p", a.p);
	ss_json_end_obj(&j);
	return 0;
}
