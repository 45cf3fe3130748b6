/* Registering devices: one by one from the quarantine list, or many from a file. */
#include <math.h>
#include <pthread.h>

#include "base/thread.h"
#include "serve/api/api_internal.h"

/* "Is it there?" and "put it" are one step: of two equal requests one finds it there already. */
static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;

/* Before a site is made for it: the registry would refuse the device after that. */
static int mn_check(struct ss_str mn, struct ss_error *err)
{
	for (size_t i = 0; i < mn.n; i++) {
		char c = mn.p[i];

		if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
		    c == '_' || c == '-')
			continue;
		return ss_error_set(err, SS_EINVAL,
				    "mn 只能有字母、数字、下划线和短横；only letters, digits, _ "
				    "and - are allowed in mn");
	}
	return 0;
}

/* By the system code of HJ 212-2017 table 5. */
static enum ss_site_kind kind_by_system(const char *st)
{
	static const struct {
		const char *st;
		enum ss_site_kind kind;
	} rows[] = {{"21", SS_SITE_WATER},      {"22", SS_SITE_AIR},          {"23", SS_SITE_NOISE},
		    {"31", SS_SITE_SOURCE_AIR}, {"32", SS_SITE_SOURCE_WATER}, {"36", SS_SITE_NOISE},
		    {"39", SS_SITE_DUST}};

	for (size_t i = 0; i < SS_ARRAY_LEN(rows); i++) {
		if (strcmp(rows[i].st, st) == 0)
			return rows[i].kind;
	}
	return SS_SITE_SOURCE_WATER;
}

static int kind_of(struct ss_request *rq, const char *st, enum ss_site_kind *ret,
		   struct ss_error *err)
{
	struct ss_str kind = ss_json_get_str(ss_request_json(rq), "kind");

	*ret = kind_by_system(st);
	if (kind.n == 0 || ss_site_kind_parse(kind, ret) == 0)
		return 0;
	ss_request_blame(rq, "kind");
	return ss_error_set(err, SS_EINVAL, "kind 不是站点类别；kind is no kind of site");
}

static int site_new(struct ss_request *rq, const char *mn, const char *st, struct ss_site *s,
		    struct ss_error *err)
{
	const json_t *body = ss_request_json(rq);
	struct ss_str name = ss_json_get_str(body, "site_name"),
		      district = ss_json_get_str(body, "district");
	int r = kind_of(rq, st, &s->kind, err);

	if (r < 0)
		return r;
	if (district.n && !ss_registry_district(district)) {
		ss_request_blame(rq, "district");
		return ss_error_set(err, SS_EINVAL,
				    "district 不是本市的区；district is none of the city's");
	}
	if (district.n)
		ss_str_copy(s->district, sizeof(s->district),
			    ss_str_of(ss_registry_district(district)->code));
	snprintf(s->code, sizeof(s->code), "%.39s", mn);
	if (name.n)
		ss_str_copy(s->name, sizeof(s->name), name);
	else
		snprintf(s->name, sizeof(s->name), "设备 %s", mn);
	ss_str_copy(s->attribute[SS_ATTRIBUTE_TARGET], sizeof(s->attribute[0]),
		    ss_json_get_str(body, "target"));
	ss_str_copy(s->attribute[SS_ATTRIBUTE_ZONE], sizeof(s->attribute[0]),
		    ss_json_get_str(body, "zone"));
	ss_str_copy(s->attribute[SS_ATTRIBUTE_BODY], sizeof(s->attribute[0]),
		    ss_json_get_str(body, "body"));
	s->lon = ss_json_get_double(body, "lon");
	s->lat = ss_json_get_double(body, "lat");
	ss_str_copy(s->state, sizeof(s->state), SS_STR("running"));
	return ss_registry_put_site(ss_api_of(rq)->registry, s, err);
}

static int site_of(struct ss_request *rq, const char *mn, const char *st, int64_t *ret,
		   struct ss_error *err)
{
	const json_t *id = json_object_get(ss_request_json(rq), "site_id");
	struct ss_site s = {0};
	int r;

	if (json_is_integer(id)) {
		*ret = json_integer_value(id);
		if (ss_registry_site(ss_api_of(rq)->registry, *ret, &s) == 0)
			return 0;
		ss_request_blame(rq, "site_id");
		return ss_error_set(err, SS_EFOREIGN,
				    "没有编号为 %lld 的站点；there is no site %lld",
				    (long long)*ret, (long long)*ret);
	}
	r = site_new(rq, mn, st, &s, err);
	*ret = s.id;
	return r;
}

static int device_new(struct ss_request *rq, struct ss_str mn, struct ss_error *err)
{
	struct ss_registry *reg = ss_api_of(rq)->registry;
	struct ss_device d = {.registered_us = ss_time_now()};
	struct ss_unknown u = {0};
	int r;

	SS_LOCKED(&one_at_a_time);
	ss_str_copy(d.mn, sizeof(d.mn), mn);
	if (ss_registry_device(reg, mn, &(struct ss_device){0}) == 0)
		return ss_error_set(err, SS_EEXISTS,
				    "设备 %s 已经登记；device %s is registered already", d.mn,
				    d.mn);
	ss_registry_unknown(reg, mn, &u);
	ss_str_copy(d.system, sizeof(d.system), ss_str_of(u.system));
	r = site_of(rq, d.mn, u.system, &d.site, err);
	return r < 0 ? r : ss_registry_put_device(reg, &d, err);
}

static int tell_line(struct ss_api *api, struct ss_str mn)
{
	return api->registered ? api->registered(api->registered_arg, mn) : 0;
}

/* What the audit keeps: there was none before; what is there now, without password and key. */
static void put_audit(struct ss_request *rq, const struct ss_api *api, struct ss_str mn)
{
	struct ss_json *j = ss_request_detail(rq);
	struct ss_device d;

	if (ss_registry_device(api->registry, mn, &d) < 0)
		return;
	ss_json_kz(j, "before", NULL);
	ss_json_key(j, "after");
	ss_json_obj(j);
	ss_json_ki64(j, "site", d.site);
	ss_json_kz(j, "point", d.point);
	ss_json_kz(j, "edition", d.edition);
	ss_json_kz(j, "system", d.system);
	ss_json_ki64(j, "interval_s", d.interval_s);
	ss_json_end_obj(j);
}

int ss_post_device(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_api *api = ss_api_of(rq);
	struct ss_json j = ss_json_on(rs->out);
	struct ss_str mn = ss_json_get_str(ss_request_json(rq), "mn");
	struct ss_device_live l = {.first_us = SS_TIME_NONE,
				   .last_us = SS_TIME_NONE,
				   .data_us = SS_TIME_NONE,
				   .drift_us = SS_TIME_NONE};
	int r = ss_api_need(api->registry, "registry", err);

	ss_request_target(rq, "device/%.*s", SS_STR_ARG(mn));
	if (r == 0)
		r = mn_check(mn, err);
	if (r == 0)
		r = device_new(rq, mn, err);
	if (r == 0)
		put_audit(rq, api, mn);
	if (r == 0) {
		r = tell_line(api, mn);
		if (r < 0)
			ss_error_set(err, r,
				     "设备已登记，但隔离的报文未能重读；registered, but what "
				     "quarantine kept "
				     "could not be read again");
	}
	if (r < 0)
		return r;
	if (api->states) {
		ss_states_tick(api->states, ss_time_now(), NULL, NULL);
		ss_states_get(api->states, mn, &l);
	}
	ss_str_copy(l.mn, sizeof(l.mn), mn);
	rs->status = 201;
	rs->location = ss_arena_printf(rq->a, "/api/v1/devices/%.*s", SS_STR_ARG(mn));
	ss_put_device(&j, api, &l);
	return 0;
}

/* --- from a file
 * ------------------------------------------------------------------------------------- */

struct released {
	struct ss_api *api;
	struct ss_arena *a;
	struct ss_str *mns;
	size_t n;
};

static bool collect_released(void *arg, const struct ss_unknown *u)
{
	struct released *q = arg;
	struct ss_device d;

	if (ss_registry_device(q->api->registry, ss_str_of(u->mn), &d) < 0)
		return true;
	if (q->n % 256 == 0) {
		struct ss_str *more = ss_arena_array(q->a, q->n + 256, sizeof(*more));

		if (!more)
			return false;
		if (q->n)
			memcpy(more, q->mns, q->n * sizeof(*more));
		q->mns = more;
	}
	q->mns[q->n] = ss_arena_str(q->a, ss_str_of(u->mn));
	q->n += q->mns[q->n].p != NULL;
	return true;
}

static void put_report(struct ss_json *j, const struct ss_import_report *rep)
{
	struct ss_str rest = ss_buf_str(&rep->lines), line;

	ss_json_obj(j);
	ss_json_ki64(j, "rows", rep->rows);
	ss_json_ki64(j, "added", rep->added);
	ss_json_ki64(j, "updated", rep->updated);
	ss_json_ki64(j, "unchanged", rep->unchanged);
	ss_json_ki64(j, "rejected", rep->rejected);
	ss_json_key(j, "lines");
	ss_json_arr(j);
	while (ss_str_split(&rest, '\n', &line)) {
		if (line.n)
			ss_json_str(j, line);
	}
	ss_json_end_arr(j);
	ss_json_end_obj(j);
}

int ss_post_import(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_api *api = ss_api_of(rq);
	struct ss_json j = ss_json_on(rs->out);
	struct released q = {.api = api, .a = rq->a};
	struct ss_import_report rep = {0};
	int r = ss_api_need(api->registry, "registry", err);

	if (r < 0)
		return r;
	if (!ss_str_starts(rq->type, SS_STR("text/csv")))
		return ss_error_set(err, SS_EINVAL, "正文须为 text/csv；the body must be text/csv");
	r = ss_registry_import(api->registry, rq->body, &rep, err);
	if (r == 0) {
		ss_registry_unknowns(api->registry, collect_released, &q);
		for (size_t i = 0; i < q.n; i++)
			tell_line(api, q.mns[i]);
		put_report(&j, &rep);
		ss_request_target(rq, "devices");
		ss_json_ki64(ss_request_detail(rq), "rows", rep.rows);
		ss_json_ki64(ss_request_detail(rq), "added", rep.added);
		ss_json_ki64(ss_request_detail(rq), "updated", rep.updated);
		ss_json_ki64(ss_request_detail(rq), "rejected", rep.rejected);
	}
	ss_buf_done(&rep.lines);
	return r;
}
