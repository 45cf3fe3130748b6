#include "cmd/line_live.h"

#include <math.h>

#include "base/json.h"
#include "cmd/line_grade.h"
#include "record/journal/journal.h"
#include "record/series/series.h"
#include "serve/api/api.h"
#include "serve/api/states.h"
#include "serve/http/http.h"

#define WAITING_MAX 100000 /* values; beyond, pages read the lists again anyway */

struct waiting {
	int64_t site;
	struct ss_obs obs;
};

struct ss_live {
	struct ss_line_parts parts;
	int64_t publish_us, next_values, next_second;
	struct waiting *list;
	size_t n;
	struct ss_buf out;
	struct ss_json json; /* of the states being told */
	int changed;
	struct ss_line_grade *grade;
};

int ss_live_new(const struct ss_line_parts *p, int64_t publish_us, struct ss_live **ret)
{
	struct ss_live *v = calloc(1, sizeof(*v));

	if (!v)
		return SS_ENOMEM;
	v->parts = *p;
	v->publish_us = publish_us;
	v->list = malloc(WAITING_MAX * sizeof(*v->list));
	ss_buf_init(&v->out, 64 << 20);
	if (!v->list || ss_line_grade_new(p, &v->grade) < 0) {
		free(v->list);
		free(v);
		return SS_ENOMEM;
	}
	*ret = v;
	return 0;
}

void ss_live_free(struct ss_live *v)
{
	if (!v)
		return;
	ss_line_grade_free(v->grade);
	free(v->list);
	ss_buf_done(&v->out);
	free(v);
}

static void tell_frame(struct ss_live *v, const struct ss_entry *e, const struct ss_decoded *d)
{
	struct ss_json j;

	ss_buf_reset(&v->out);
	j = ss_json_on(&v->out);
	ss_json_obj(&j);
	ss_json_kstr(&j, "mn", d->mn);
	ss_json_ki64(&j, "site", d->site);
	ss_json_ki64(&j, "seq", (int64_t)e->seq);
	ss_json_ktime(&j, "time", e->arrived_us);
	ss_json_ki64(&j, "cn", d->cn);
	ss_json_end_obj(&j);
	ss_hub_publish(v->parts.hub, "frame", ss_buf_str(&v->out));
}

void ss_live_take(struct ss_live *v, const struct ss_entry *e, const struct ss_decoded *d)
{
	if (d->has_frame && ss_hub_has_listeners(v->parts.hub, "frame"))
		tell_frame(v, e, d);
	if (!d->has_frame || !ss_hub_has_listeners(v->parts.hub, "latest") ||
	    v->n + d->n > WAITING_MAX)
		return;
	for (size_t i = 0; i + 1 < d->n; i++) /* the last one is the frame index */
		v->list[v->n++] = (struct waiting){d->site, d->obs[i]};
}

static int by_site(const void *a, const void *b)
{
	const struct waiting *x = a, *y = b;

	if (x->site != y->site)
		return x->site < y->site ? -1 : 1;
	if (x->obs.series != y->obs.series)
		return x->obs.series < y->obs.series ? -1 : 1;
	return (x->obs.time_us > y->obs.time_us) - (x->obs.time_us < y->obs.time_us);
}

static void put_value(struct ss_live *v, struct ss_json *j, const struct ss_obs *o)
{
	struct ss_series_info info;

	if (ss_series_info(v->parts.series, o->series, &info) < 0)
		return;
	ss_json_obj(j);
	ss_json_ki64(j, "series", o->series);
	ss_json_kz(j, "factor", info.key.factor);
	ss_json_kz(j, "stat", info.key.stat);
	ss_json_kz(j, "period", ss_period_key(info.key.period));
	ss_json_kdouble(j, "value", o->value);
	ss_json_kstr(j, "flag", ss_str_n((const char *)&o->mark, 1));
	ss_json_ktime(j, "time", o->time_us);
	ss_json_end_obj(j);
}

/* Is it the newest of its series in the list? Only that one is told. */
static bool newest(const struct ss_live *v, size_t i)
{
	return i + 1 == v->n || v->list[i + 1].obs.series != v->list[i].obs.series;
}

static void end_site(struct ss_live *v, struct ss_json *j, int64_t site)
{
	if (site < 0)
		return;
	ss_json_end_arr(j);
	ss_line_grade_put(v->grade, j, site);
	ss_json_end_obj(j);
}

static void tell_values(struct ss_live *v)
{
	struct ss_json j;
	int64_t site = -1;

	ss_buf_reset(&v->out);
	j = ss_json_on(&v->out);
	ss_sort(v->list, v->n, sizeof(*v->list), by_site);
	ss_json_obj(&j);
	ss_json_key(&j, "items");
	ss_json_arr(&j);
	for (size_t i = 0; i < v->n; i++) {
		if (v->list[i].site != site) {
			end_site(v, &j, site);
			site = v->list[i].site;
			ss_json_obj(&j);
			ss_json_ki64(&j, "site", site);
			ss_json_key(&j, "values");
			ss_json_arr(&j);
		}
		if (newest(v, i))
			put_value(v, &j, &v->list[i].obs);
	}
	end_site(v, &j, site);
	ss_json_end_arr(&j);
	ss_json_end_obj(&j);
	if (!v->out.err)
		ss_hub_publish(v->parts.hub, "latest", ss_buf_str(&v->out));
	v->n = 0;
}

static void state_changed(void *arg, const struct ss_device_live *d)
{
	struct ss_live *v = arg;

	ss_api_state_put(&v->json, d);
	v->changed++;
}

static void tell_second(struct ss_live *v)
{
	struct ss_json j;

	ss_buf_reset(&v->out);
	v->json = ss_json_on(&v->out);
	v->changed = 0;
	ss_json_obj(&v->json);
	ss_json_key(&v->json, "items");
	ss_json_arr(&v->json);
	ss_states_tick(v->parts.states, ss_time_now(), state_changed, v);
	ss_json_end_arr(&v->json);
	ss_json_end_obj(&v->json);
	if (v->changed && !v->out.err)
		ss_hub_publish(v->parts.hub, "state", ss_buf_str(&v->out));
	if (!ss_hub_has_listeners(v->parts.hub, "summary"))
		return;
	ss_buf_reset(&v->out);
	j = ss_json_on(&v->out);
	ss_api_summary_put(v->parts.api, &j);
	if (!v->out.err)
		ss_hub_publish(v->parts.hub, "summary", ss_buf_str(&v->out));
}

void ss_live_tick(struct ss_live *v, int64_t mono_us)
{
	if (v->n && mono_us >= v->next_values) {
		tell_values(v);
		v->next_values = mono_us + v->publish_us;
	}
	if (mono_us >= v->next_second) {
		tell_second(v);
		v->next_second = mono_us + SS_US_PER_SEC;
	}
}
