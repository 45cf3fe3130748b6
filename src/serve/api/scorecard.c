/* Authentic, accurate, complete (真、准、全): the day's score of each source, down to the frame.
 * Authentic: frames that came whole and stand under a tip whose signature holds. Accurate: values
 * with a normal mark, and hours that the review found valid. Complete: records kept of those that
 * the device's interval promises. Reads the journal of the day on each request. */
#include <math.h>
#include <stdlib.h>

#include "base/list.h"
#include "base/map.h"
#include "record/findings/findings.h"
#include "serve/api/api_internal.h"

#define BAD_SHOWN 5
#define CARDS_MOST 200000

struct card {
	struct ss_device d;
	int64_t received, good, refused, faulty, not_signed, kept, expected;
	int64_t values, normal, hours_due, hours_valid, suspicions;
	struct {
		uint64_t seq;
		const char *why;
	} bad[BAD_SHOWN];
	size_t bad_n;
	double authentic, accurate, complete, score; /* 0 to 1; NAN: nothing to judge */
};

struct cards {
	struct ss_request *rq;
	struct ss_api *api;
	struct ss_map *at; /* MN to card */
	struct card *list;
	size_t n, cap;
	int64_t day, site;
	struct ss_str mn;
	uint64_t signed_to; /* last group under a good tip */
	int64_t tips, good_tips;
	int code;
};

/* --- the devices --- */

static bool take_device(void *arg, const struct ss_device *d)
{
	struct cards *c = arg;

	if (!ss_api_sees(c->rq, d->site) || (c->site && d->site != c->site) ||
	    (c->mn.n && !ss_str_is(c->mn, d->mn)))
		return true;
	c->code =
	    c->n < CARDS_MOST ? ss_grow(&c->list, &c->cap, c->n + 1, sizeof(*c->list)) : SS_ENOMEM;
	if (c->code < 0)
		return false;
	c->list[c->n] = (struct card){.d = *d};
	c->code = ss_map_put(c->at, ss_str_of(d->mn), c->n++);
	return c->code >= 0;
}

/* --- authentic: what came ------------------------------------------------------------------------
 */

/* Tips of the day and the first one behind it; each is checked with the node's own key. */
static int check_tips(struct cards *c, struct ss_error *err)
{
	struct ss_tip_check t;
	int r = ss_journal_tips_check(c->api->journal, ss_day_start(c->day),
				      ss_day_start(c->day + 1), &t, err);

	c->tips = t.tips;
	c->good_tips = t.good;
	c->signed_to = t.signed_to;
	return r;
}

static void bad(struct card *x, uint64_t seq, const char *why)
{
	if (x->bad_n < BAD_SHOWN) {
		x->bad[x->bad_n].seq = seq;
		x->bad[x->bad_n++].why = why;
	}
}

static void take_frame(struct cards *c, const struct ss_entry *e, const struct ss_hj212_frame *f,
		       struct card *x)
{
	/* The CRC of an encrypted frame is of what it says: the gateway has looked. */
	uint32_t faults = e->faults | (ss_hj212_sealed(f->segment) ? 0 : f->faults);

	x->received++;
	if (e->kind != SS_ENTRY_HJ212) {
		x->refused++;
		bad(x, e->seq, "退回 refused");
	} else if (faults) {
		x->faulty++;
		bad(x, e->seq, ss_hj212_fault_zh(faults & -faults));
	} else if (e->group > c->signed_to) {
		x->not_signed++;
	} else {
		x->good++;
	}
}

static void take_entry(struct cards *c, const struct ss_entry *e)
{
	struct ss_hj212_policy policy = {.segment_cap = SS_HJ212_SEGMENT_MAX};
	struct ss_hj212_frame f;
	struct ss_hj212_head h;
	uint64_t at;
	size_t used;

	if ((e->kind == SS_ENTRY_HJ212 || e->kind == SS_ENTRY_HJ212_BAD) &&
	    ss_hj212_cut(e->body.p, e->body.n, true, &policy, &f, &used) == 1 &&
	    ss_hj212_head(f.segment, &h) == 0 && ss_map_get(c->at, h.mn, &at))
		take_frame(c, e, &f, &c->list[at]);
}

/* By arrival: what came that day. */
static int read_journal(struct cards *c, struct ss_error *err)
{
	uint64_t from = ss_journal_seek_time(c->api->journal, ss_day_start(c->day));
	uint64_t to = ss_journal_seek_time(c->api->journal, ss_day_start(c->day + 1));
	struct ss_reader *rd;
	struct ss_entry e;
	int r = ss_reader_open(c->api->journal, from, &rd, err);

	if (r < 0)
		return r;
	while ((r = ss_reader_next(rd, &e, NULL)) == 1 || r == SS_ECORRUPT) {
		if (r == 1 && e.seq >= to)
			break;
		if (ss_request_cancelled(c->rq)) {
			r = SS_ECANCELLED;
			break;
		}
		if (r == 1)
			take_entry(c, &e);
	}
	ss_reader_close(rd);
	return r < 0 ? r : 0;
}

static bool take_suspicion(void *arg, const struct ss_finding *f)
{
	struct card *x = arg;

	if (strcmp(f->key.point, x->d.point) == 0 && strcmp(f->state, "false") != 0)
		x->suspicions++;
	return true;
}

/* --- accurate: what it is worth -----------------------------------------------------------------
 */

static bool take_hour(void *arg, const struct ss_finding *f)
{
	struct card *x = arg;

	if (strcmp(f->key.point, x->d.point) != 0 || strcmp(f->state, "stopped") == 0 ||
	    strcmp(f->state, "not_due") == 0)
		return true;
	x->hours_due++;
	x->hours_valid += strcmp(f->state, "valid") == 0 || strcmp(f->state, "excused") == 0;
	return true;
}

static int ask(struct cards *c, struct card *x, const char *kind, int64_t back,
	       bool (*fn)(void *, const struct ss_finding *))
{
	const struct ss_finding_query q = {.kind = kind,
					   .site = x->d.site,
					   .from = ss_day_start(c->day) - back,
					   .to = ss_day_start(c->day + 1),
					   .after_start = SS_TIME_NONE,
					   .fn = fn,
					   .arg = x};

	return c->api->findings ? ss_findings_each(c->api->findings, &q, NULL) : 0;
}

static bool of_device(const struct card *x, const struct ss_series_info *s)
{
	return strcmp(s->key.point, x->d.point) == 0 && s->key.factor[0] != '@' &&
	       s->key.period == SS_PERIOD_RTD;
}

static int count_values(struct cards *c, struct card *x)
{
	struct ss_arena_mark m = ss_arena_mark(c->rq->a);
	struct ss_series_info *s;
	size_t n;
	int r = ss_series_of_site(c->api->series, x->d.site, c->rq->a, &s, &n);

	for (size_t i = 0; i < n && r >= 0; i++) {
		struct ss_rollup *h;
		size_t k = 0;

		if (!of_device(x, &s[i]))
			continue;
		r = ss_series_rollup(c->api->series, s[i].id, SS_ROLLUP_DAY, ss_day_start(c->day),
				     ss_day_start(c->day + 1), c->rq->a, &h, &k, NULL);
		for (size_t d = 0; d < k && r >= 0; d++) {
			x->values += h[d].n;
			x->normal += h[d].n_valid;
		}
	}
	ss_arena_rewind(c->rq->a, m);
	return r;
}

/* --- complete: what is there ---------------------------------------------------------------------
 */

static int count_kept(struct cards *c, struct card *x)
{
	struct ss_series_key k = {.site = x->d.site, .period = SS_PERIOD_RTD, .stat = "2011"};
	struct ss_arena_mark m = ss_arena_mark(c->rq->a);
	struct ss_point *p;
	size_t n = 0;
	int32_t id;
	int r = 0;

	ss_str_copy(k.point, sizeof(k.point), ss_str_of(x->d.point));
	snprintf(k.factor, sizeof(k.factor), "@%s", x->d.mn);
	if (ss_series_find(c->api->series, &k, &id) == 0)
		r = ss_series_points(c->api->series, id, ss_day_start(c->day),
				     ss_day_start(c->day + 1), 0, c->rq->a, &p, &n, NULL);
	ss_arena_rewind(c->rq->a, m);
	x->kept = r < 0 ? 0 : (int64_t)n;
	x->expected = x->d.interval_s > 0
			  ? ss_records_promised(&x->d, x->d.interval_s, c->day, x->kept > 0)
			  : -1;
	return r;
}

/* --- scores --- */

static double share(int64_t part, int64_t whole)
{
	double s = whole > 0 ? (double)part / (double)whole : (double)NAN;

	return s > 1 ? 1 : s;
}

static double least(double a, double b)
{
	return isnan(a) || b < a ? b : a;
}

/* Frames that no tip covers yet are left out, not held against it. The whole is the least of the
 * three. */
static void settle(struct card *x)
{
	x->authentic = share(x->good, x->received - x->not_signed);
	x->accurate =
	    x->hours_due ? share(x->hours_valid, x->hours_due) : share(x->normal, x->values);
	x->complete = x->expected >= 0 ? share(x->kept, x->expected) : (double)NAN;
	x->score = least(least(x->authentic, x->accurate), x->complete);
}

static int judge(struct cards *c)
{
	int r = 0;

	for (size_t i = 0; i < c->n && r >= 0; i++) {
		struct card *x = &c->list[i];

		r = count_values(c, x);
		if (r >= 0)
			r = count_kept(c, x);
		if (r >= 0)
			r = ask(c, x, "hour_state", 0, take_hour);
		if (r >= 0)
			r = ask(c, x, "suspicion", 7 * SS_US_PER_DAY, take_suspicion);
		settle(x);
	}
	return r;
}

static int worst_first(const void *a, const void *b)
{
	const struct card *x = a, *y = b;
	double p = isnan(x->score) ? 2 : x->score, q = isnan(y->score) ? 2 : y->score;

	return p < q ? -1 : p > q ? 1 : strcmp(x->d.mn, y->d.mn);
}

/* --- the answer --- */

static void put_authentic(struct ss_json *j, const struct card *x)
{
	ss_json_key(j, "authentic");
	ss_json_obj(j);
	ss_json_kdouble(j, "score", x->authentic);
	ss_json_ki64(j, "received", x->received);
	ss_json_ki64(j, "good", x->good);
	ss_json_ki64(j, "refused", x->refused);
	ss_json_ki64(j, "faulty", x->faulty);
	ss_json_ki64(j, "unsigned", x->not_signed);
	ss_json_ki64(j, "suspicions", x->suspicions);
	ss_json_key(j, "bad");
	ss_json_arr(j);
	for (size_t i = 0; i < x->bad_n; i++) {
		ss_json_obj(j);
		ss_json_ki64(j, "seq", (int64_t)x->bad[i].seq);
		ss_json_kz(j, "why", x->bad[i].why ? x->bad[i].why : "");
		ss_json_end_obj(j);
	}
	ss_json_end_arr(j);
	ss_json_end_obj(j);
}

static void put_worth(struct ss_json *j, const struct card *x)
{
	ss_json_key(j, "accurate");
	ss_json_obj(j);
	ss_json_kdouble(j, "score", x->accurate);
	ss_json_ki64(j, "values", x->values);
	ss_json_ki64(j, "normal", x->normal);
	ss_json_ki64(j, "hours_due", x->hours_due);
	ss_json_ki64(j, "hours_valid", x->hours_valid);
	ss_json_end_obj(j);
	ss_json_key(j, "complete");
	ss_json_obj(j);
	ss_json_kdouble(j, "score", x->complete);
	ss_json_key(j, "expected");
	if (x->expected >= 0)
		ss_json_i64(j, x->expected);
	else
		ss_json_null(j);
	ss_json_ki64(j, "kept", x->kept);
	ss_json_end_obj(j);
}

/* Ids for /explain: the day of each live series, from there to every frame. */
static int put_drill(struct ss_json *j, const struct cards *c, const struct card *x)
{
	struct ss_arena_mark m = ss_arena_mark(c->rq->a);
	struct ss_series_info *s;
	char id[64];
	size_t n;
	int r = ss_series_of_site(c->api->series, x->d.site, c->rq->a, &s, &n);

	ss_json_key(j, "drill");
	ss_json_arr(j);
	for (size_t i = 0; i < n && r >= 0; i++) {
		const struct ss_hj212_factor_info *f =
		    ss_hj212_factor_info(ss_str_of(s[i].key.factor));

		if (!of_device(x, &s[i]) || s[i].last_us < ss_day_start(c->day))
			continue;
		snprintf(id, sizeof(id), "day~%d~%lld", s[i].id, (long long)ss_day_start(c->day));
		ss_json_obj(j);
		ss_json_kz(j, "id", id);
		ss_json_kz(j, "factor", s[i].key.factor);
		ss_json_kz(j, "name", f ? f->zh : s[i].key.factor);
		ss_json_end_obj(j);
	}
	ss_json_end_arr(j);
	ss_arena_rewind(c->rq->a, m);
	return r;
}

static int put_card(struct ss_json *j, const struct cards *c, const struct card *x)
{
	struct ss_site s = {.name = ""};
	int r;

	ss_registry_site(c->api->registry, x->d.site, &s);
	ss_json_obj(j);
	ss_json_kz(j, "mn", x->d.mn);
	ss_json_ki64(j, "site", x->d.site);
	ss_json_kz(j, "site_name", s.name);
	ss_json_kz(j, "point", x->d.point);
	ss_json_kdouble(j, "score", x->score);
	put_authentic(j, x);
	put_worth(j, x);
	r = put_drill(j, c, x);
	ss_json_end_obj(j);
	return r;
}

static int answer(struct cards *c, int64_t limit, struct ss_buf *out)
{
	struct ss_json j = ss_json_on(out);
	char iso[SS_TIME_ISO];
	int r = 0;

	ss_time_fmt_iso(iso, ss_day_start(c->day));
	ss_json_obj(&j);
	ss_json_kstr(&j, "day", ss_str_n(iso, 10));
	ss_json_key(&j, "chain");
	ss_json_obj(&j);
	ss_json_ki64(&j, "tips", c->tips);
	ss_json_ki64(&j, "good", c->good_tips);
	ss_json_kbool(&j, "whole", c->tips == c->good_tips);
	ss_json_end_obj(&j);
	ss_json_ki64(&j, "total", (int64_t)c->n);
	ss_json_key(&j, "items");
	ss_json_arr(&j);
	for (size_t i = 0; i < c->n && (int64_t)i < limit && r >= 0; i++)
		r = put_card(&j, c, &c->list[i]);
	ss_json_end_arr(&j);
	ss_json_end_obj(&j);
	return r;
}

static int work(struct cards *c, int64_t limit, struct ss_buf *out, struct ss_error *err)
{
	int r = check_tips(c, err);

	if (r >= 0) {
		ss_registry_devices(c->api->registry, take_device, c);
		r = c->code;
	}
	if (r >= 0)
		r = read_journal(c, err);
	if (r >= 0)
		r = judge(c);
	if (r < 0)
		return r;
	ss_sort(c->list, c->n, sizeof(*c->list), worst_first);
	return answer(c, limit, out);
}

int ss_get_scorecard(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct cards c = {.rq = rq, .api = ss_api_of(rq), .mn = ss_request_param(rq, "mn")};
	int64_t t, limit;
	int r = ss_api_need(c.api->journal, "journal", err);

	if (r == 0)
		r = ss_api_need(c.api->registry, "registry", err);
	if (r == 0)
		r = ss_request_time(rq, "day", ss_time_now(), &t, err);
	if (r == 0)
		r = ss_request_i64(rq, "site", 0, 0, INT64_MAX, &c.site, err);
	if (r == 0)
		r = ss_request_i64(rq, "limit", 200, 1, 20000, &limit, err);
	if (r < 0)
		return r;
	c.day = ss_day_of(t);
	c.at = ss_map_new();
	r = c.at ? work(&c, limit, rs->out, err) : SS_ENOMEM;
	ss_map_free(c.at);
	free(c.list);
	return r;
}
