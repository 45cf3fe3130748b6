/* The list of devices: what the registry knows and what the line hears, in one row. */
#include <pthread.h>

#include "base/list.h"
#include "base/thread.h"
#include "serve/api/api_internal.h"

#define SORT_TEXT 24

struct row {
	struct ss_device_live live;
	int64_t number; /* what the list is sorted by, when it is not the name */
};

static const char *const sorts[] = {"mn",     "last_frame", "first_frame", "frames",
				    "faulty", "drift",      "state"};
enum { BY_MN, BY_LAST, BY_FIRST, BY_FRAMES, BY_FAULTY, BY_DRIFT, BY_STATE };

struct filter {
	struct ss_api *api;
	const struct ss_scope *scope;
	bool by_state, down, full;
	enum ss_device_state state;
	struct ss_str q;
	int sort;
	char tag[SORT_TEXT];
	struct ss_arena *a;
	struct row *rows;
	size_t n, cap;
};

/* --- one row
 * --------------------------------------------------------------------------------------- */

static void put_fault_counts(struct ss_json *j, const struct ss_device_live *l)
{
	ss_json_key(j, "faults");
	ss_json_obj(j);
	for (int i = 0; i < SS_STATES_FAULTS; i++) {
		const char *key = l->faults[i] ? ss_hj212_fault_key(1u << i) : NULL;

		if (key)
			ss_json_ki64(j, key, l->faults[i]);
	}
	ss_json_end_obj(j);
}

static void put_its_site(struct ss_json *j, struct ss_api *api, int64_t id)
{
	struct ss_site s;

	ss_json_key(j, "site");
	if (!id || !api->registry || ss_registry_site(api->registry, id, &s) < 0) {
		ss_json_null(j);
		return;
	}
	ss_json_obj(j);
	ss_json_ki64(j, "id", s.id);
	ss_json_kz(j, "name", s.name);
	ss_json_end_obj(j);
}

static void put_session(struct ss_json *j, struct ss_api *api, const char *mn,
			const char *known_peer)
{
	struct ss_session_info si;
	bool on = api->gateway && ss_gateway_session(api->gateway, ss_str_of(mn), &si) == 0;

	ss_json_kbool(j, "connected", on);
	ss_json_kz(j, "peer", on ? si.peer : *known_peer ? known_peer : NULL);
}

/* To the millisecond. */
static double seconds(int64_t us)
{
	int64_t ms = us / 1000;

	return (double)ms / 1000;
}

void ss_put_device(struct ss_json *j, struct ss_api *api, const struct ss_device_live *l)
{
	struct ss_device d = {0};
	struct ss_unknown u = {0};
	bool known = api->registry && ss_registry_device(api->registry, ss_str_of(l->mn), &d) == 0;

	if (!known && api->registry)
		ss_registry_unknown(api->registry, ss_str_of(l->mn), &u);
	ss_json_obj(j);
	ss_json_kz(j, "mn", l->mn);
	ss_json_kz(j, "state", ss_device_state_key(l->state));
	put_its_site(j, api, known ? d.site : l->site);
	ss_json_kz(j, "point", d.point);
	ss_json_kz(j, "profile", d.edition);
	ss_json_kz(j, "st", known ? d.system : u.system);
	put_session(j, api, l->mn, u.peer);
	ss_json_ktime(j, "last_frame", l->last_us);
	ss_json_ktime(j, "first_frame", l->first_us);
	ss_json_ktime(j, "data_time", l->data_us);
	ss_json_ki64(j, "frames", l->frames);
	ss_json_ki64(j, "faulty", l->faulty);
	ss_json_key(j, "drift_s");
	if (l->drift_us == SS_TIME_NONE)
		ss_json_null(j);
	else
		ss_json_double(j, seconds(l->drift_us));
	ss_json_kdouble(j, "interval_s", seconds(l->interval_us));
	put_fault_counts(j, l);
	ss_json_end_obj(j);
}

void ss_api_state_put(struct ss_json *j, const struct ss_device_live *d)
{
	ss_json_obj(j);
	ss_json_kz(j, "mn", d->mn);
	ss_json_key(j, "site");
	if (d->site)
		ss_json_i64(j, d->site);
	else
		ss_json_null(j);
	ss_json_kz(j, "state", ss_device_state_key(d->state));
	ss_json_ktime(j, "last_frame", d->last_us);
	ss_json_end_obj(j);
}

/* --- the list ------------------------------------------------------------------------------------
 */

static bool text_fits(const struct filter *f, const struct ss_device_live *l)
{
	struct ss_site s;

	if (!f->q.p || ss_str_find_nocase(ss_str_of(l->mn), f->q) >= 0)
		return true;
	return l->site && f->api->registry &&
	       ss_registry_site(f->api->registry, l->site, &s) == 0 &&
	       (ss_str_find_nocase(ss_str_of(s.name), f->q) >= 0 ||
		ss_str_find_nocase(ss_str_of(s.code), f->q) >= 0);
}

static int64_t number_of(int sort, const struct ss_device_live *l)
{
	switch (sort) {
	case BY_LAST:
		return l->last_us;
	case BY_FIRST:
		return l->first_us;
	case BY_FRAMES:
		return l->frames;
	case BY_FAULTY:
		return l->faulty;
	case BY_DRIFT:
		return l->drift_us == SS_TIME_NONE ? -1
		       : l->drift_us < 0           ? -l->drift_us
						   : l->drift_us;
	case BY_STATE:
		return l->state;
	default:
		return 0;
	}
}

static bool collect(void *arg, const struct ss_device_live *l)
{
	struct filter *f = arg;

	if ((f->by_state && l->state != f->state) || !text_fits(f, l) ||
	    !ss_scope_sees_device(f->scope, f->api->registry, ss_str_of(l->mn)))
		return true;
	f->full = ss_grow(&f->rows, &f->cap, f->n + 1, sizeof(*f->rows)) < 0;
	if (f->full)
		return false;
	f->rows[f->n].live = *l;
	f->rows[f->n].number = number_of(f->sort, l);
	f->n++;
	return true;
}

static int cmp_row(const void *a, const void *b, void *arg)
{
	const struct row *x = a, *y = b;
	const struct filter *f = arg;
	int c = (x->number > y->number) - (x->number < y->number);

	if (c == 0)
		c = strcmp(x->live.mn, y->live.mn);
	return f->down ? -c : c;
}

static int sort_open(struct ss_request *rq, struct filter *f, struct ss_error *err)
{
	struct ss_str s = ss_request_param(rq, "sort");

	if (!s.p)
		s = SS_STR("mn");
	snprintf(f->tag, sizeof(f->tag), "device-%.*s", (int)(s.n > 12 ? 12 : s.n), s.p);
	f->down = s.n && s.p[0] == '-';
	if (f->down)
		s = ss_str_n(s.p + 1, s.n - 1);
	for (int i = 0; i < (int)SS_ARRAY_LEN(sorts); i++) {
		if (ss_str_is(s, sorts[i])) {
			f->sort = i;
			return 0;
		}
	}
	ss_request_blame(rq, "sort");
	return ss_error_set(err, SS_EINVAL,
			    "参数 sort 须为 mn、last_frame、first_frame、frames、faulty、drift 或 "
			    "state，前加 - 为降序；"
			    "parameter sort must be mn, last_frame, first_frame, frames, faulty, "
			    "drift or state, with - in "
			    "front for descending");
}

static int filter_open(struct ss_request *rq, struct filter *f, struct ss_error *err)
{
	struct ss_str state = ss_request_param(rq, "state");

	*f = (struct filter){.api = ss_api_of(rq),
			     .scope = rq->actor->scope,
			     .q = ss_request_param(rq, "q"),
			     .a = rq->a};
	if (state.p) {
		f->by_state = true;
		if (ss_device_state_parse(state, &f->state) < 0) {
			ss_request_blame(rq, "state");
			return ss_error_set(err, SS_EINVAL,
					    "参数 state 须为 online、silent、drift、quarantined 或 "
					    "never；parameter state "
					    "must be online, silent, drift, quarantined or never");
		}
	}
	return sort_open(rq, f, err);
}

/* "number/mn" of the last row seen; the first row behind it. */
static size_t start_of(const struct filter *f, struct ss_str after)
{
	struct row last = {0};
	struct ss_str number;
	size_t i = 0;

	if (!after.p || !ss_str_split(&after, '/', &number) ||
	    ss_parse_i64(number, &last.number) < 0)
		return 0;
	ss_str_copy(last.live.mn, sizeof(last.live.mn), after);
	while (i < f->n && cmp_row(&f->rows[i], &last, (void *)(uintptr_t)f) <= 0)
		i++;
	return i;
}

static void put_list(struct ss_json *j, const struct filter *f, const struct ss_page *page)
{
	size_t i = start_of(f, page->after),
	       end = i + (size_t)page->limit < f->n ? i + (size_t)page->limit : f->n;
	struct ss_str key = {0};
	char text[120];

	ss_json_obj(j);
	ss_json_key(j, "items");
	ss_json_arr(j);
	for (; i < end; i++)
		ss_put_device(j, f->api, &f->rows[i].live);
	ss_json_end_arr(j);
	if (end < f->n && end > 0)
		key = ss_str_n(text, (size_t)snprintf(text, sizeof(text), "%lld/%s",
						      (long long)f->rows[end - 1].number,
						      f->rows[end - 1].live.mn));
	ss_page_next(j, f->tag, key);
	ss_json_ki64(j, "total", (int64_t)f->n);
	ss_json_end_obj(j);
}

int ss_get_devices(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_api *api = ss_api_of(rq);
	struct ss_json j = ss_json_on(rs->out);
	struct ss_page page;
	struct filter f;
	int r = ss_api_need(api->states, "states", err);

	if (r == 0)
		r = filter_open(rq, &f, err);
	if (r == 0)
		r = ss_page_open(rq, f.tag, 100, 5000, &page, err);
	if (r < 0)
		return r;
	ss_states_each(api->states, collect, &f);
	if (f.full) {
		r = ss_error_set(err, SS_ENOMEM, "内存不足；out of memory");
	} else {
		if (f.n)
			qsort_r(f.rows, f.n, sizeof(*f.rows), cmp_row, &f);
		put_list(&j, &f, &page);
	}
	free(f.rows);
	return r;
}

int ss_get_device(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_api *api = ss_api_of(rq);
	struct ss_json j = ss_json_on(rs->out);
	struct ss_str mn = ss_request_param(rq, "mn");
	struct ss_device d;
	struct ss_device_live l = {.first_us = SS_TIME_NONE,
				   .last_us = SS_TIME_NONE,
				   .data_us = SS_TIME_NONE,
				   .drift_us = SS_TIME_NONE};

	if ((!api->states || ss_states_get(api->states, mn, &l) < 0) &&
	    (!api->registry || ss_registry_device(api->registry, mn, &d) < 0))
		return ss_error_set(err, SS_ENOTFOUND, "没有设备 %.*s；there is no device %.*s",
				    SS_STR_ARG(mn), SS_STR_ARG(mn));
	ss_str_copy(l.mn, sizeof(l.mn), mn);
	ss_put_device(&j, api, &l);
	return 0;
}
