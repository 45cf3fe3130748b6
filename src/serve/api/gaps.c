/* What devices owe and what is missing of it: arrival contracts, arrivals, gaps; and their clocks.
 */
#include "serve/api/api_internal.h"

#define LATE_US (10 * SS_US_PER_MIN) /* after the end of its period: late */
#define SLOTS_MOST 3000

static const char *cn_zh(int cn)
{
	return cn == 2051 ? "分钟数据" : cn == 2061 ? "小时数据" : "日数据";
}

/* --- gaps
 * ------------------------------------------------------------------------------------------ */

static void put_gap(struct ss_json *j, const struct ss_gap_row *g)
{
	ss_json_obj(j);
	ss_json_ki64(j, "id", g->id);
	ss_json_kz(j, "mn", g->mn);
	ss_json_ki64(j, "cn", g->cn);
	ss_json_kz(j, "kind", cn_zh(g->cn));
	ss_json_ktime(j, "from", g->from_us);
	ss_json_ktime(j, "to", g->to_us);
	ss_json_ki64(j, "interval_s", g->interval_us / SS_US_PER_SEC);
	ss_json_ki64(j, "expected", g->expected);
	ss_json_ki64(j, "missing", g->missing);
	ss_json_kz(j, "state", ss_gap_state_key(g->state));
	ss_json_kz(j, "state_zh", ss_gap_state_zh(g->state));
	ss_json_ki64(j, "asked", g->asked);
	ss_json_ki64(j, "without_gain", g->idle);
	ss_json_ktime(j, "not_before", g->next_us ? g->next_us : SS_TIME_NONE);
	ss_json_ktime(j, "found", g->found_us);
	ss_json_ktime(j, "closed", g->closed_us ? g->closed_us : SS_TIME_NONE);
	ss_json_kz(j, "why", g->why);
	ss_json_end_obj(j);
}

static int state_asked(struct ss_request *rq, int *ret, struct ss_error *err)
{
	struct ss_str s = ss_request_param(rq, "state");

	*ret = -1;
	if (!s.p)
		return 0;
	for (int i = 0; i < SS_GAP_STATE_COUNT_; i++)
		if (ss_str_is(s, ss_gap_state_key((enum ss_gap_state)i)))
			*ret = i;
	if (*ret >= 0)
		return 0;
	ss_request_blame(rq, "state");
	return ss_error_set(err, SS_EINVAL,
			    "参数 state 须为 open、filled 或 given_up；parameter state "
			    "must be open, filled or given_up");
}

/* Of a whole page those that he may see; *before: where the next page begins, 0 behind the last. */
static int put_gaps(struct ss_request *rq, struct ss_json *j, int state, int64_t cn, int64_t limit,
		    int64_t *before, struct ss_error *err)
{
	struct ss_api *api = ss_api_of(rq);
	struct ss_gap_row *g;
	int64_t left = limit;
	size_t n;
	int r;

	do {
		r = ss_dialogue_gaps(api->dialogue, ss_request_param(rq, "mn"), state, (int)cn,
				     *before, limit, rq->a, &g, &n, err);
		for (size_t i = 0; r == 0 && i < n && left > 0; i++) {
			*before = g[i].id;
			if (!ss_scope_sees_device(rq->actor->scope, api->registry,
						  ss_str_of(g[i].mn)))
				continue;
			put_gap(j, &g[i]);
			left--;
		}
	} while (r == 0 && left > 0 && n == (size_t)limit);
	if (left > 0)
		*before = 0;
	return r;
}

int ss_get_gaps(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_api *api = ss_api_of(rq);
	struct ss_json j = ss_json_on(rs->out);
	struct ss_page page;
	int64_t before, cn = 0;
	int state, r = ss_api_need(api->dialogue, "dialogue", err);

	if (r == 0)
		r = ss_page_before(rq, "gap", &page, &before, err);
	if (r == 0)
		r = state_asked(rq, &state, err);
	if (r == 0)
		r = ss_request_i64(rq, "cn", 0, 0, 9999, &cn, err);
	if (r < 0)
		return r;
	ss_json_obj(&j);
	ss_json_key(&j, "items");
	ss_json_arr(&j);
	r = put_gaps(rq, &j, state, cn, page.limit, &before, err);
	if (r < 0)
		return r;
	ss_json_end_arr(&j);
	ss_page_next_id(&j, "gap", before != 0, before);
	ss_json_end_obj(&j);
	return 0;
}

int ss_post_gap_retry(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_api *api = ss_api_of(rq);
	struct ss_json j = ss_json_on(rs->out);
	int64_t id;
	int r = ss_request_i64(rq, "id", 0, 1, INT64_MAX, &id, err);

	if (r == 0)
		r = ss_api_need(api->dialogue, "dialogue", err);
	if (r == 0 && !ss_api_sees_all(rq)) /* ids of gaps are numbered over the whole city */
		r = ss_error_set(err, SS_ENOTFOUND, "没有缺口 %lld；there is no gap %lld",
				 (long long)id, (long long)id);
	if (r == 0)
		r = ss_dialogue_gap_again(api->dialogue, id, err);
	if (r < 0)
		return r;
	rs->status = 202;
	ss_json_obj(&j);
	ss_json_ki64(&j, "id", id);
	ss_json_end_obj(&j);
	return 0;
}

/* --- the contract
 * ------------------------------------------------------------------------------------ */

static void put_contract(struct ss_json *j, const struct ss_contract_row *c)
{
	ss_json_obj(j);
	ss_json_ki64(j, "cn", c->cn);
	ss_json_kz(j, "kind", cn_zh(c->cn));
	ss_json_ki64(j, "interval_s", c->interval_us / SS_US_PER_SEC);
	ss_json_kz(j, "source", c->declared ? "declared" : c->interval_us ? "learned" : "none");
	ss_json_ktime(j, "since", c->first_us);
	ss_json_ktime(j, "looked", c->looked_us);
	ss_json_ki64(j, "open", c->open);
	ss_json_end_obj(j);
}

int ss_get_contract(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_api *api = ss_api_of(rq);
	struct ss_json j = ss_json_on(rs->out);
	struct ss_str mn = ss_request_param(rq, "mn");
	struct ss_contract_row c[SS_CONTRACT_KINDS];
	int r = ss_api_need(api->dialogue, "dialogue", err);

	if (r == 0)
		r = ss_dialogue_contract(api->dialogue, mn, c, err);
	if (r < 0)
		return r;
	ss_json_obj(&j);
	ss_json_kstr(&j, "mn", mn);
	ss_json_key(&j, "items");
	ss_json_arr(&j);
	for (int k = 0; k < SS_CONTRACT_KINDS; k++)
		put_contract(&j, &c[k]);
	ss_json_end_arr(&j);
	ss_json_end_obj(&j);
	return 0;
}

int ss_put_contract(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_api *api = ss_api_of(rq);
	const json_t *body = ss_request_json(rq);
	const char *by = ss_api_by(rq, body);
	int r = ss_api_need(api->dialogue, "dialogue", err);

	if (r == 0)
		r = ss_dialogue_declare(api->dialogue, ss_request_param(rq, "mn"),
					(int)json_integer_value(json_object_get(body, "cn")),
					json_integer_value(json_object_get(body, "interval_s")),
					by[0] ? ss_str_of(by) : SS_STR("身份未核实"), err);
	return r < 0 ? r : ss_get_contract(rq, rs, err);
}

/* --- arrivals: each record owed, whether and when it came
 * ------------------------------------------------ */

struct arrivals {
	struct ss_api *api;
	struct ss_arena *a;
	struct ss_device device;
	int cn;
	int64_t from, to, interval;
	struct ss_point *p;
	size_t n;
	int64_t expected, received, late;
};

static int arrivals_series(struct arrivals *w, enum ss_period period, const char *stat,
			   int32_t *ret)
{
	struct ss_series_key key = {.site = w->device.site, .period = period};

	memcpy(key.point, w->device.point, sizeof(key.point));
	snprintf(key.factor, sizeof(key.factor), "@%s", w->device.mn);
	snprintf(key.stat, sizeof(key.stat), "%s", stat);
	return ss_series_find(w->api->series, &key, ret);
}

static int read_arrivals(struct arrivals *w, struct ss_error *err)
{
	struct ss_contract_row c[SS_CONTRACT_KINDS];
	char stat[8];
	int32_t id;
	int r = ss_dialogue_contract(w->api->dialogue, ss_str_of(w->device.mn), c, err), k = 0;

	if (r < 0)
		return r;
	while (k < SS_CONTRACT_KINDS && c[k].cn != w->cn)
		k++;
	if (k == SS_CONTRACT_KINDS)
		return ss_error_set(err, SS_EINVAL,
				    "参数 cn 须为 2051、2061 或 2031；parameter cn must "
				    "be 2051, 2061 or 2031");
	w->interval = c[k].interval_us;
	if (!w->interval)
		return 0;
	w->from = (w->from + SS_UTC8_US) / w->interval * w->interval - SS_UTC8_US;
	if ((w->to - w->from) / w->interval > SLOTS_MOST)
		return ss_error_set(err, SS_ERANGE,
				    "时段太长，最多 %d 条；too long, at most %d records",
				    SLOTS_MOST, SLOTS_MOST);
	snprintf(stat, sizeof(stat), "%d", w->cn);
	if (arrivals_series(w, (enum ss_period)(SS_PERIOD_MINUTE + k), stat, &id) < 0)
		return 0;
	return ss_series_points(w->api->series, id, w->from, w->to, 0, w->a, &w->p, &w->n, err);
}

static void put_arrival(struct ss_json *j, struct arrivals *w, const struct ss_point *p)
{
	struct ss_entry e;
	int64_t due = p->time_us + w->interval + LATE_US;

	ss_json_ki64(j, "seq", (int64_t)p->value);
	if (ss_journal_get(w->api->journal, (uint64_t)p->value, w->a, &e, NULL) < 0)
		return;
	ss_json_ktime(j, "arrived", e.arrived_us);
	ss_json_kbool(j, "late", e.arrived_us > due);
	w->late += e.arrived_us > due;
}

static void put_slots(struct ss_json *j, struct arrivals *w)
{
	size_t i = 0;

	for (int64_t t = w->from; w->interval && t < w->to; t += w->interval) {
		bool any = false;

		while (i < w->n && w->p[i].time_us < t)
			i++;
		any = i < w->n && w->p[i].time_us < t + w->interval;
		ss_json_obj(j);
		ss_json_ktime(j, "time", t);
		ss_json_kbool(j, "received", any);
		if (any)
			put_arrival(j, w, &w->p[i]);
		ss_json_end_obj(j);
		w->expected++;
		w->received += any;
	}
}

int ss_get_arrivals(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct arrivals w = {.api = ss_api_of(rq), .a = rq->a};
	struct ss_json j = ss_json_on(rs->out);
	int64_t cn = 2061;
	int r = ss_api_need(w.api->dialogue, "dialogue", err);

	if (r == 0)
		r = ss_api_need(w.api->journal, "journal", err);
	if (r == 0)
		r = ss_request_i64(rq, "cn", 2061, 2000, 2999, &cn, err);
	if (r == 0)
		r = ss_api_span(rq, SS_US_PER_DAY, &w.from, &w.to, err);
	if (r == 0 &&
	    ss_registry_device(w.api->registry, ss_request_param(rq, "mn"), &w.device) < 0)
		r = ss_error_set(err, SS_ENOTFOUND,
				 "没有登记这台设备；the device is not registered");
	w.cn = (int)cn;
	if (r == 0)
		r = read_arrivals(&w, err);
	if (r < 0)
		return r;
	ss_json_obj(&j);
	ss_json_kz(&j, "mn", w.device.mn);
	ss_json_ki64(&j, "cn", w.cn);
	ss_json_ki64(&j, "interval_s", w.interval / SS_US_PER_SEC);
	ss_json_key(&j, "items");
	ss_json_arr(&j);
	put_slots(&j, &w);
	ss_json_end_arr(&j);
	ss_json_ki64(&j, "expected", w.expected);
	ss_json_ki64(&j, "received", w.received);
	ss_json_ki64(&j, "late", w.late);
	ss_json_ki64(&j, "missing", w.expected - w.received);
	ss_json_end_obj(&j);
	return 0;
}

/* --- clock
 * ------------------------------------------------------------------------------------------------
 */

int ss_get_clock(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct arrivals w = {.api = ss_api_of(rq), .a = rq->a};
	struct ss_json j = ss_json_on(rs->out);
	struct ss_clock_hour now;
	int32_t id;
	int r = ss_api_need(w.api->series, "series", err);

	if (r == 0)
		r = ss_api_span(rq, 30 * SS_US_PER_DAY, &w.from, &w.to, err);
	if (r == 0 &&
	    ss_registry_device(w.api->registry, ss_request_param(rq, "mn"), &w.device) < 0)
		r = ss_error_set(err, SS_ENOTFOUND,
				 "没有登记这台设备；the device is not registered");
	if (r == 0 && arrivals_series(&w, SS_PERIOD_HOUR, SS_CLOCK_STAT, &id) == 0)
		r = ss_series_points(w.api->series, id, w.from, w.to, 0, w.a, &w.p, &w.n, err);
	if (r < 0)
		return r;
	ss_json_obj(&j);
	ss_json_kz(&j, "mn", w.device.mn);
	ss_json_kz(&j, "unit", "s");
	ss_json_key(&j, "now_s");
	if (w.api->states && ss_states_clock(w.api->states, ss_str_of(w.device.mn), &now))
		ss_json_double(&j, now.drift_s);
	else
		ss_json_null(&j);
	ss_json_key(&j, "points"); /* [start of the hour in ms, seconds ahead] */
	ss_json_arr(&j);
	for (size_t i = 0; i < w.n; i++) {
		ss_json_arr(&j);
		ss_json_i64(&j, w.p[i].time_us / 1000);
		ss_json_double(&j, w.p[i].value);
		ss_json_end_arr(&j);
	}
	ss_json_end_arr(&j);
	ss_json_end_obj(&j);
	return 0;
}
