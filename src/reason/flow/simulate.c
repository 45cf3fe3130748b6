/* A flow before release: what is reached, what cannot be left, and how much work it makes. The run
 * of cases is drawn from a seed, so that anybody gets the same figures. */
#include "reason/flow/flow_internal.h"

#include <math.h>
#include <stdlib.h>

#define STEPS_MOST 500
#define CASES_MOST 100000

/* --- the graph ---------------------------------------------------------------------------------
 */

static size_t index_of(const json_t *states, const char *id)
{
	const json_t *s;
	size_t i;

	json_array_foreach(states, i, s)
	{
		if (strcmp(ss_json_get_z(s, "id"), id) == 0)
			return i;
	}
	return SSF_STATES;
}

/* One round over all edges; whether anything was new. */
static bool spread(const json_t *states, struct ssf_reach *r)
{
	const json_t *s, *l;
	bool more = false;
	size_t i, k;

	json_array_foreach(states, i, s)
	{
		json_array_foreach(json_object_get(s, "leave"), k, l)
		{
			size_t to = index_of(states, ss_json_get_z(l, "to"));

			if (to >= SSF_STATES)
				continue;
			more |= r->from_start[i] && !r->from_start[to];
			r->from_start[to] |= r->from_start[i];
			more |= r->to_end[to] && !r->to_end[i];
			r->to_end[i] |= r->to_end[to];
		}
	}
	return more;
}

void ssf_reach(const json_t *flow, struct ssf_reach *ret)
{
	const json_t *states = json_object_get(flow, "states"), *s;
	size_t i, start = index_of(states, ss_json_get_z(flow, "start"));

	*ret = (struct ssf_reach){0};
	if (start < SSF_STATES)
		ret->from_start[start] = true;
	json_array_foreach(states, i, s)
	{
		if (i < SSF_STATES)
			ret->to_end[i] = ssf_state_is(s, "end");
	}
	while (spread(states, ret))
		;
}

/* --- the run ------------------------------------------------------------------------------------
 */

struct run {
	const json_t *flow, *states, *in;
	uint64_t rng;
	int64_t cases, visits[SSF_STATES];
	double days[SSF_STATES], *whole; /* of each case that ended */
	size_t n_whole;
	int64_t stuck;
	json_t *late; /* clock: {"runs","late"} */
};

/* splitmix64: in [0, 1). */
static double draw(struct run *r)
{
	uint64_t z = (r->rng += 0x9E3779B97F4A7C15u);

	z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
	z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
	return (double)((z ^ (z >> 31)) >> 11) / 9007199254740992.0;
}

static double number_of(const json_t *in, const char *group, const char *name, double otherwise)
{
	const json_t *v = json_object_get(json_object_get(in, group), name);

	return json_is_number(v) && json_number_value(v) >= 0 ? json_number_value(v) : otherwise;
}

static double weight(const struct run *r, const json_t *state, const json_t *leave)
{
	char name[200];

	snprintf(name, sizeof(name), "%s.%s", ss_json_get_z(state, "id"), ssf_leave_id(leave));
	return number_of(r->in, "share", name, 1);
}

static const json_t *way(struct run *r, const json_t *state)
{
	const json_t *leave = json_object_get(state, "leave"), *l;
	double all = 0, x;
	size_t i;

	json_array_foreach(leave, i, l) all += weight(r, state, l);
	x = draw(r) * all;
	json_array_foreach(leave, i, l)
	{
		x -= weight(r, state, l);
		if (x < 0)
			return l;
	}
	return NULL;
}

/* Days of a period, roughly: five working days a week. */
static double period_days(const json_t *clock)
{
	const char *law = json_string_value(json_object_get(clock, "law"));
	const json_t *of = json_object_get(clock, "for");
	const struct ss_law_row *row = law ? ssf_law_row(ss_law_now(), law, SS_ANY_DAY) : NULL;
	double n = row ? ss_law_number(row, "limit") : (double)ss_json_get_i64(of, "n", -1);
	enum ssf_unit u;
	static const double days[] = {1 / 1440.0, 1 / 24.0, 1, 1.4, 30.4, 365};

	if (n < 0 ||
	    ssf_unit_of(row ? ss_law_text(row, "unit") : ss_json_get_z(of, "unit"), &u) < 0)
		return INFINITY;
	return n * days[u];
}

static void count_late(struct run *r, const json_t *owner, double days)
{
	const json_t *c;
	size_t i;

	json_array_foreach(json_object_get(owner, "clocks"), i, c)
	{
		json_t *o = json_object_get(r->late, ss_json_get_z(c, "id"));

		if (!o) {
			o = json_pack("{s:i,s:i}", "runs", 0, "late", 0);
			json_object_set_new(r->late, ss_json_get_z(c, "id"), o);
		}
		json_object_set_new(o, "runs", json_integer(ss_json_get_i64(o, "runs", 0) + 1));
		if (days > period_days(c))
			json_object_set_new(o, "late",
					    json_integer(ss_json_get_i64(o, "late", 0) + 1));
	}
}

static void one_case(struct run *r)
{
	const char *id = ss_json_get_z(r->flow, "start");
	double all = 0;

	for (int step = 0; step < STEPS_MOST; step++) {
		size_t i = index_of(r->states, id);
		const json_t *s = json_array_get(r->states, i), *l;
		double days;

		if (!s)
			break;
		r->visits[i]++;
		if (ssf_state_is(s, "end")) {
			r->whole[r->n_whole++] = all;
			count_late(r, r->flow, all);
			return;
		}
		days = -log(1 - draw(r)) * number_of(r->in, "days", id, 1);
		r->days[i] += days;
		all += days;
		count_late(r, s, days);
		l = way(r, s);
		if (!l)
			break;
		id = ss_json_get_z(l, "to");
	}
	r->stuck++;
}

/* --- the answer ---------------------------------------------------------------------------------
 */

static json_t *states_told(const struct run *r, double per_day)
{
	json_t *list = json_array();
	const json_t *s;
	size_t i;

	json_array_foreach(r->states, i, s)
	{
		double visits = (double)r->visits[i] / (double)r->cases;
		double mean = r->visits[i] ? r->days[i] / (double)r->visits[i] : 0;
		double load = per_day * visits * mean,
		       people = number_of(r->in, "people", ss_json_get_z(s, "id"), 0);

		json_array_append_new(
		    list, json_pack("{s:s,s:O,s:f,s:f,s:f,s:i,s:b}", "id", ss_json_get_z(s, "id"),
				    "title", json_object_get(s, "title"), "visits", visits,
				    "mean_days", mean, "load", load, "people_needed",
				    (int)ceil(load), "too_few", people > 0 && load > people));
	}
	return list;
}

/* States by what is wrong with them. */
static json_t *wrong(const struct run *r, int what)
{
	json_t *list = json_array();
	struct ssf_reach reach;
	const json_t *s;
	size_t i;

	ssf_reach(r->flow, &reach);
	json_array_foreach(r->states, i, s)
	{
		bool nobody = ssf_state_is(s, "work") && !json_object_get(s, "assign") &&
			      json_array_size(json_object_get(s, "roles")) == 0;
		bool is = what == 0   ? reach.from_start[i] && !reach.to_end[i]
			  : what == 1 ? !reach.from_start[i]
				      : nobody;

		if (is)
			json_array_append_new(list, json_string(ss_json_get_z(s, "id")));
	}
	return list;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static json_t *days_told(struct run *r)
{
	double sum = 0;

	if (r->n_whole == 0)
		return json_null();
	ss_sort(r->whole, r->n_whole, sizeof(double), by_size);
	for (size_t i = 0; i < r->n_whole; i++)
		sum += r->whole[i];
	return json_pack("{s:f,s:f,s:f}", "mean", sum / (double)r->n_whole, "p50",
			 r->whole[r->n_whole / 2], "p90", r->whole[r->n_whole * 9 / 10]);
}

static json_t *late_told(const struct run *r)
{
	json_t *o = json_object(), *v;
	const char *name;

	json_object_foreach(r->late, name, v)
	    json_object_set_new(o, name,
				json_real((double)ss_json_get_i64(v, "late", 0) /
					  (double)ss_json_get_i64(v, "runs", 1)));
	return o;
}

int ss_flow_simulate(const json_t *flow, const json_t *in, json_t **ret, struct ss_error *err)
{
	struct run r = {.flow = flow, .states = json_object_get(flow, "states"), .in = in};
	double per_day = json_number_value(json_object_get(in, "per_day"));

	r.cases = ss_json_get_i64(in, "cases", 1000);
	r.rng = (uint64_t)ss_json_get_i64(in, "seed", 1);
	if (r.cases < 1 || r.cases > CASES_MOST || json_array_size(r.states) > SSF_STATES)
		return ss_error_set(err, SS_ERANGE,
				    "cases 须在 1 至 %d 之间；cases is from 1 to %d", CASES_MOST,
				    CASES_MOST);
	r.whole = calloc((size_t)r.cases, sizeof(double));
	r.late = json_object();
	if (!r.whole)
		return ss_error_set(err, SS_ENOMEM, "内存不足；out of memory");
	for (int64_t i = 0; i < r.cases; i++)
		one_case(&r);
	*ret = json_pack("{s:o,s:o,s:o,s:o,s:o,s:o,s:I,s:I}", "dead_ends", wrong(&r, 0),
			 "unreachable", wrong(&r, 1), "nobody", wrong(&r, 2), "states",
			 states_told(&r, per_day > 0 ? per_day : 1), "days", days_told(&r), "late",
			 late_told(&r), "cases", r.cases, "never_ended", r.stuck);
	json_decref(r.late);
	free(r.whole);
	return 0;
}
