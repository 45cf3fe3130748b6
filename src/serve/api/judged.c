/* What the law says of a site's hours (water: days) of the past: by the law of each one's own day,
 * or as if the law of another day held (what-if). Computed from what is kept, nothing is written.
 */
#include <math.h>

#include "reason/lawbook/lawbook.h"
#include "serve/api/api_internal.h"
#include "serve/api/grade.h"
#include "serve/api/standards_internal.h"

#define SPAN_US (2 * SS_US_PER_DAY)
#define SPAN_MOST_US (100 * SS_US_PER_DAY)
#define EDITIONS_MOST 8

struct edition {
	const char *standard;
	int64_t from_us, to_us, n;
};

struct judged {
	struct ss_api *api;
	struct ss_request *rq;
	struct ss_site site;
	struct ss_grade_law by;
	enum ss_rollup_period period;
	int64_t from, to;
	struct ss_series_info *all; /* as of the step at hand */
	struct ss_rollup **values;  /* of each series, in order */
	size_t *n_values, *at, n;
	struct edition edition[EDITIONS_MOST];
	size_t n_editions;
};

/* Series that speak of a whole period: hours, and live ones where there are none. */
static bool usable(const struct ss_series_info *s)
{
	return (s->key.period == SS_PERIOD_HOUR && strcmp(s->key.stat, "Avg") == 0) ||
	       (s->key.period == SS_PERIOD_RTD && strcmp(s->key.stat, "Rtd") == 0);
}

static int load(struct judged *d, struct ss_error *err)
{
	struct ss_arena *a = d->rq->a;
	size_t all = 0;
	int r = ss_series_of_site(d->api->series, d->site.id, a, &d->all, &all);

	for (size_t i = 0; r == 0 && i < all; i++) {
		if (usable(&d->all[i]))
			d->all[d->n++] = d->all[i];
	}
	d->values = ss_arena_array(a, d->n + 1, sizeof(*d->values));
	d->n_values = ss_arena_array(a, d->n + 1, sizeof(*d->n_values));
	d->at = ss_arena_array(a, d->n + 1, sizeof(*d->at));
	if (r == 0 && (!d->values || !d->n_values || !d->at))
		r = SS_ENOMEM;
	for (size_t i = 0; r == 0 && i < d->n; i++)
		r = ss_series_rollup(d->api->series, d->all[i].id, d->period, d->from, d->to, a,
				     &d->values[i], &d->n_values[i], err);
	return r;
}

/* The series as they stood at the next moment; SS_TIME_NONE behind the last one. */
static int64_t step(struct judged *d)
{
	int64_t t = INT64_MAX;

	for (size_t i = 0; i < d->n; i++) {
		if (d->at[i] < d->n_values[i] && d->values[i][d->at[i]].start_us < t)
			t = d->values[i][d->at[i]].start_us;
	}
	for (size_t i = 0; i < d->n; i++) {
		struct ss_series_info *s = &d->all[i];
		const struct ss_rollup *v = &d->values[i][d->at[i]];
		bool here = d->at[i] < d->n_values[i] && v->start_us == t;

		s->count = here && v->n_valid > 0;
		s->last_us = here ? t : SS_TIME_NONE;
		s->last_value = here ? v->mean : (double)NAN;
		s->last_mark = 'N';
		d->at[i] += here;
	}
	return t == INT64_MAX ? SS_TIME_NONE : t;
}

static void note_edition(struct judged *d, const struct ss_grade *g)
{
	size_t i = 0;

	while (i < d->n_editions && strcmp(d->edition[i].standard, g->standard) != 0)
		i++;
	if (i == EDITIONS_MOST)
		return;
	if (i == d->n_editions)
		d->edition[d->n_editions++] =
		    (struct edition){.standard = g->standard, .from_us = g->time_us};
	d->edition[i].to_us = g->time_us;
	d->edition[i].n++;
}

static void put_rule(struct ss_json *j, const struct judged *d)
{
	bool what_if = d->by.day != SS_ANY_DAY, crosses = d->n_editions > 1;

	ss_json_key(j, "rule");
	ss_json_obj(j);
	ss_json_kbool(j, "what_if", what_if);
	ss_json_kbool(j, "crosses", crosses);
	ss_json_kz(
	    j, "note",
	    what_if ? "假设：全部按指定日的法判断，不改写已有判断"
	    : crosses
		? "跨越版本更替：各时刻按当日的版本判断，前后不可直接比较；要比较请用 law_day 指定"
		  "一版"
		: "按观测日当日的法判断");
	ss_json_kz(
	    j, "note_en",
	    what_if ? "what-if: everything by the law of the day given; nothing is overwritten"
	    : crosses
		? "the span crosses a change of edition: each moment by its own day, not to be "
		  "compared; give law_day to judge by one edition"
		: "by the law of the day of observation");
	ss_json_key(j, "editions");
	ss_json_arr(j);
	for (size_t i = 0; i < d->n_editions; i++) {
		ss_json_obj(j);
		ss_json_kz(j, "standard", d->edition[i].standard);
		ss_json_ktime(j, "first", d->edition[i].from_us);
		ss_json_ktime(j, "last", d->edition[i].to_us);
		ss_json_ki64(j, "count", d->edition[i].n);
		ss_json_end_obj(j);
	}
	ss_json_end_arr(j);
	ss_json_end_obj(j);
}

static void put_items(struct ss_json *j, struct judged *d)
{
	struct ss_grade g;

	ss_json_key(j, "items");
	ss_json_arr(j);
	while (step(d) != SS_TIME_NONE) {
		ss_grade_of(&d->by, &d->site, d->all, d->n, &g);
		if (g.kind == SS_GRADE_NONE || g.time_us == SS_TIME_NONE)
			continue;
		if (g.standard)
			note_edition(d, &g);
		ss_grade_put(j, &g);
	}
	ss_json_end_arr(j);
}

static int read_params(struct judged *d, struct ss_law_ask *a, struct ss_error *err)
{
	int64_t id, known;
	int r = ss_request_i64(d->rq, "id", 0, 1, INT64_MAX, &id, err);

	if (r == 0)
		r = ss_api_span(d->rq, SPAN_US, &d->from, &d->to, err);
	if (r == 0)
		r = ss_law_day_param(d->rq, "law_day", SS_ANY_DAY, &a->day, err);
	if (r == 0)
		r = ss_request_time(d->rq, "known", ss_time_now(), &known, err);
	if (r == 0 && d->to - d->from > SPAN_MOST_US)
		r = ss_error_set(err, SS_ERANGE, "一次至多 100 天 at most 100 days at once");
	if (r < 0)
		return r;
	a->law = ss_law_then(known);
	d->by = (struct ss_grade_law){a->law, a->day};
	r = ss_registry_site(d->api->registry, id, &d->site);
	if (r < 0)
		ss_error_set(err, r, "没有编号 %lld 的站点 no such site", (long long)id);
	return r;
}

int ss_get_judged(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_json j = ss_json_on(rs->out);
	struct judged d = {.api = ss_api_of(rq), .rq = rq};
	struct ss_law_ask a;
	int r = read_params(&d, &a, err);

	if (r < 0)
		return r;
	d.period = d.site.kind == SS_SITE_WATER || d.site.kind == SS_SITE_DRINKING ||
			   d.site.kind == SS_SITE_RURAL
		       ? SS_ROLLUP_DAY
		       : SS_ROLLUP_HOUR;
	r = load(&d, err);
	if (r < 0)
		return r;
	ss_json_obj(&j);
	ss_json_ki64(&j, "site", d.site.id);
	ss_json_kz(&j, "name", d.site.name);
	ss_json_kz(&j, "period", d.period == SS_ROLLUP_DAY ? "day" : "hour");
	ss_json_ktime(&j, "from", d.from);
	ss_json_ktime(&j, "to", d.to);
	ss_law_put_ask(&j, &a);
	put_items(&j, &d);
	put_rule(&j, &d);
	ss_json_end_obj(&j);
	return 0;
}
