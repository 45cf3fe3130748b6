/* Data sets and charts: run, checked, tried, given as a file. They are made and changed as records
 * (things.c); here they are used. */
#include "serve/api/datasets.h"
#include "reason/standards/standards.h"
#include "serve/access/access.h"
#include "serve/api/things.h"
#include "serve/datasets/datasets.h"

/* --- who asks, of what --------------------------------------------------------------------------
 */

static void factor(void *arg, const struct ss_series_key *k, struct ss_set_factor *ret)
{
	struct ss_factor f;

	ret->unit = ss_factor_of(arg, k, &f);
	ret->zh = f.name;
	ret->en = f.name_en;
}

static const char *site_state(void *arg, int64_t site)
{
	const struct ss_api *api = arg;
	int64_t last;

	if (!api->states || ss_states_site_devices(api->states, site) == 0)
		return NULL;
	return ss_site_state_key(ss_states_site(api->states, site, &last));
}

static const char *device_state(void *arg, struct ss_str mn)
{
	const struct ss_api *api = arg;
	struct ss_device_live live;

	return api->states && ss_states_get(api->states, mn, &live) == 0
		   ? ss_device_state_key(live.state)
		   : NULL;
}

void ss_api_set_parts(struct ss_api *api, struct ss_set_parts *ret)
{
	*ret = (struct ss_set_parts){.things = api->things,
				     .flows = api->flows,
				     .series = api->series,
				     .registry = api->registry,
				     .findings = api->findings,
				     .factor = factor,
				     .site_state = site_state,
				     .device_state = device_state,
				     .arg = api};
}

struct asked {
	struct ss_thing_ask thing;
	struct ss_set_parts parts;
	struct ss_set_ask ask;
	json_t *params;
};

/* Each part of the record with the scope that its own permission gives. */
static void scopes(struct ss_request *rq, struct asked *k)
{
	static const char *const permissions[] = {"series.read", "alarm.read", "site.read",
						  "device.read"};
	const struct ss_scope **to[] = {&k->ask.series, &k->ask.alarms, &k->ask.sites,
					&k->ask.devices};

	for (size_t i = 0; i < SS_ARRAY_LEN(permissions); i++)
		*to[i] = ss_access_scope(rq->actor, permissions[i], rq->a);
}

static int read_params(struct ss_request *rq, struct asked *k, struct ss_error *err)
{
	struct ss_str text = ss_request_param(rq, "params");
	int r = text.n ? ss_json_parse(text, &k->params, err) : 0;

	if (r == 0 && k->params && !json_is_object(k->params))
		r = ss_error_set(err, SS_EINVAL,
				 "params 须为 JSON 对象；params must be a JSON object");
	if (r < 0)
		ss_request_blame(rq, "params");
	k->ask.params = k->params;
	return r;
}

static int begin(struct ss_request *rq, struct asked *k, struct ss_error *err)
{
	struct ss_api *api = ss_api_of(rq);
	int r;

	memset(k, 0, sizeof(*k));
	r = ss_thing_ask(rq, &k->thing, err);
	ss_api_set_parts(api, &k->parts);
	k->ask = (struct ss_set_ask){.viewer = &k->thing.viewer, .as_of_us = SS_TIME_NONE};
	scopes(rq, k);
	return r;
}

static int end(struct ss_request *rq, struct asked *k, int r)
{
	json_decref(k->params);
	return ss_thing_ask_done(rq, &k->thing, r);
}

static const char *text_of(const json_t *record, const char *field)
{
	return json_string_value(json_object_get(json_object_get(record, "fields"), field));
}

/* --- lists --------------------------------------------------------------------------------------
 */

static void put_named(struct ss_json *j, const json_t *record)
{
	static const char *const names[] = {"code", "name", "name_en", "note"};

	ss_json_kz(j, "id", json_string_value(json_object_get(record, "id")));
	for (size_t i = 0; i < SS_ARRAY_LEN(names); i++)
		ss_json_kz(j, names[i], text_of(record, names[i]));
	ss_json_ki64(j, "version", json_integer_value(json_object_get(record, "version")));
	ss_json_kz(j, "changed", json_string_value(json_object_get(record, "changed")));
}

static void put_spec(struct ss_json *j, const json_t *record)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(4 << 20);
	json_t *spec = NULL;

	ss_json_key(j, "spec");
	if (ss_set_spec(record, &spec, NULL) == 0 && ss_json_canonical(&b, spec) == 0)
		ss_json_raw(j, ss_buf_str(&b));
	else
		ss_json_null(j);
	json_decref(spec);
}

static void put_item(struct ss_json *j, const json_t *record)
{
	ss_json_obj(j);
	put_named(j, record);
	put_spec(j, record);
	ss_json_end_obj(j);
}

static int list_of(struct ss_request *rq, struct ss_response *rs, const char *type,
		   struct ss_error *err)
{
	struct ss_json j = ss_json_on(rs->out);
	struct ss_thing_query q = {.when = SS_THING_NOW, .limit = 1000, .sort = "name"};
	json_t *list = NULL;
	struct asked k;
	int r = begin(rq, &k, err);

	if (r == 0)
		r = ss_things_list(k.parts.things, &k.thing.viewer, type, &q, &list, err);
	if (r == 0) {
		const json_t *items = json_object_get(list, "items");

		ss_json_obj(&j);
		ss_json_key(&j, "items");
		ss_json_arr(&j);
		for (size_t i = 0; i < json_array_size(items); i++)
			put_item(&j, json_array_get(items, i));
		ss_json_end_arr(&j);
		ss_json_end_obj(&j);
	}
	json_decref(list);
	return end(rq, &k, r);
}

static int get_datasets(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	return list_of(rq, rs, SS_SET_TYPE, err);
}

static int get_charts(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	return list_of(rq, rs, SS_CHART_TYPE, err);
}

static int one_of(struct ss_request *rq, struct ss_response *rs, const char *type,
		  struct ss_error *err)
{
	struct ss_json j = ss_json_on(rs->out);
	json_t *record = NULL;
	struct asked k;
	int r = begin(rq, &k, err);

	if (r == 0)
		r = ss_set_find(&k.parts, &k.thing.viewer, type, ss_thing_param(rq, "code"),
				&record, err);
	if (r == 0)
		put_item(&j, record);
	json_decref(record);
	return end(rq, &k, r);
}

static int get_dataset(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	return one_of(rq, rs, SS_SET_TYPE, err);
}

static int get_chart(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	return one_of(rq, rs, SS_CHART_TYPE, err);
}

static int get_sources(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_json j = ss_json_on(rs->out);
	struct asked k;
	int r = begin(rq, &k, err);

	if (r == 0) {
		ss_json_obj(&j);
		r = ss_set_put_sources(&k.parts, &k.ask, &j, err);
	}
	if (r == 0)
		ss_json_end_obj(&j);
	return end(rq, &k, r);
}

/* --- running ------------------------------------------------------------------------------------
 */

/* The set of the path, run as asked. */
static int run_named(struct ss_request *rq, struct asked *k, json_t **ret_set,
		     struct ss_set_result **ret, struct ss_error *err)
{
	json_t *spec = NULL;
	int r = read_params(rq, k, err);

	if (r == 0)
		r = ss_request_i64(rq, "max", 0, 1, SS_SET_ROWS_MOST, &k->ask.most, err);
	if (r == 0)
		r = ss_request_time(rq, "as_of", SS_TIME_NONE, &k->ask.as_of_us, err);
	if (r == 0)
		r = ss_set_find(&k->parts, &k->thing.viewer, SS_SET_TYPE,
				ss_thing_param(rq, "code"), ret_set, err);
	if (r == 0)
		r = ss_set_spec(*ret_set, &spec, err);
	if (r == 0)
		r = ss_set_run(&k->parts, &k->ask, spec, ret, k->thing.problems, err);
	json_decref(spec);
	return r;
}

static int get_rows(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_json j = ss_json_on(rs->out);
	struct ss_set_result *res = NULL;
	json_t *set = NULL;
	struct asked k;
	int r = begin(rq, &k, err);

	if (r == 0)
		r = run_named(rq, &k, &set, &res, err);
	if (r == 0) {
		ss_json_obj(&j);
		put_named(&j, set);
		ss_set_put(res, &j);
		ss_json_end_obj(&j);
	}
	ss_set_done(res);
	json_decref(set);
	return end(rq, &k, r);
}

static int get_csv(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_set_result *res = NULL;
	json_t *set = NULL;
	struct asked k;
	int r = begin(rq, &k, err);

	if (r == 0)
		r = run_named(rq, &k, &set, &res, err);
	if (r == 0)
		r = ss_set_csv(res, rs->out);
	if (r == 0) {
		rs->type = "text/csv; charset=utf-8";
		rs->filename = ss_arena_printf(
		    rq->a, "%s.csv", text_of(set, "code") ? text_of(set, "code") : "data");
		ss_request_target(rq, "dataset/%s", ss_thing_param(rq, "code"));
		ss_json_ki64(ss_request_detail(rq), "rows", ss_set_rows(res));
	}
	ss_set_done(res);
	json_decref(set);
	return end(rq, &k, r);
}

static void ask_body(const json_t *body, struct asked *k)
{
	k->ask.params = json_object_get(body, "params");
	k->ask.most = json_integer_value(json_object_get(body, "max"));
	k->ask.most = k->ask.most < 0 ? 0 : k->ask.most;
}

static int post_preview(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	const json_t *body = ss_request_json(rq);
	struct ss_json j = ss_json_on(rs->out);
	struct ss_set_result *res = NULL;
	struct asked k;
	int r = begin(rq, &k, err);

	ask_body(body, &k);
	if (r == 0)
		r = ss_set_run(&k.parts, &k.ask, json_object_get(body, "spec"), &res,
			       k.thing.problems, err);
	if (r == 0) {
		ss_json_obj(&j);
		ss_set_put(res, &j);
		ss_json_end_obj(&j);
	}
	ss_set_done(res);
	return end(rq, &k, r);
}

/* What is wrong is an answer, not a failure. */
static int post_check(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	const json_t *body = ss_request_json(rq);
	ss_cleanup(ss_buf_done) struct ss_buf list = SS_BUF_MAX(1 << 20);
	struct ss_json j = ss_json_on(rs->out);
	struct ss_set_result *res = NULL;
	struct asked k;
	int r = begin(rq, &k, err);

	ask_body(body, &k);
	k.ask.strict = true;
	if (r == 0)
		r = ss_set_check(&k.parts, &k.ask, json_object_get(body, "spec"), &res,
				 k.thing.problems, err);
	if (r == 0 || (r == SS_EINVAL && json_array_size(k.thing.problems))) {
		*err = (struct ss_error){0};
		ss_json_obj(&j);
		ss_json_kbool(&j, "ok", r == 0);
		r = ss_json_canonical(&list, k.thing.problems);
		ss_json_key(&j, "problems");
		ss_json_raw(&j, r == 0 ? ss_buf_str(&list) : SS_STR("[]"));
		ss_json_key(&j, "fields");
		if (res)
			ss_set_put_fields(res, &j);
		else
			ss_json_raw(&j, SS_STR("[]"));
		ss_json_end_obj(&j);
	}
	ss_set_done(res);
	return end(rq, &k, r);
}

/* --- the table ----------------------------------------------------------------------------------
 */

#define OBJECT "{\"type\":\"object\"}"
#define BODY                                                                                       \
	"{\"type\":\"object\",\"required\":[\"spec\"],\"additionalProperties\":false,"             \
	"\"properties\":{\"spec\":" OBJECT ",\"params\":" OBJECT                                   \
	",\"max\":{\"type\":\"integer\"}}}"
#define CODE                                                                                       \
	{                                                                                          \
		"code", "string", true, true, "代号或记录编号", "code, or id of the record"        \
	}
#define FLAGS (SS_ROUTE_SLOW | SS_ROUTE_DECLARED)
#define BASE "/api/v1/datasets"

static const struct ss_param p_code[] = {CODE, {0}};
static const struct ss_param p_rows[] = {
    CODE,
    {"params", "string", false, false, "参数，JSON 对象", "parameters, a JSON object"},
    {"max", "integer", false, false, "至多多少行", "rows at most"},
    {"as_of", "date-time", false, false, "那时的情形", "as it was then"},
    {0}};

const struct ss_route ss_dataset_routes[] = {
    {SS_GET, BASE, "thing.read", "数据集", "data sets", NULL, NULL, SS_REF("SetItems"),
     get_datasets, FLAGS},
    {SS_GET, BASE "/sources", "thing.read", "数据集可取自哪里", "what a data set can be made of",
     NULL, NULL, SS_REF("SetSources"), get_sources, FLAGS},
    {SS_POST, BASE "/check", "thing.read", "检查一个数据集的写法，逐字段说明",
     "check the declaration of a data set, field by field", NULL, BODY, SS_REF("SetChecked"),
     post_check, FLAGS | SS_ROUTE_PURE},
    {SS_POST, BASE "/preview", "thing.read", "试算一个数据集，不保存",
     "run a data set without keeping it", NULL, BODY, SS_REF("SetRows"), post_preview,
     FLAGS | SS_ROUTE_PURE},
    {SS_GET, BASE "/{code}", "thing.read", "一个数据集的声明", "the declaration of a data set",
     p_code, NULL, SS_REF("SetItem"), get_dataset, FLAGS},
    {SS_GET, BASE "/{code}/rows", "thing.read", "数据集的行，按看的人的权限",
     "rows of a data set, by the rights of who looks", p_rows, NULL, SS_REF("SetRows"), get_rows,
     FLAGS},
    {SS_GET, BASE "/{code}/csv", "thing.export", "数据集存为 CSV（记入审计）",
     "a data set as CSV (audited)", p_rows, NULL, NULL, get_csv, FLAGS | SS_ROUTE_DISCLOSES},
    {SS_GET, "/api/v1/charts", "thing.read", "图", "charts", NULL, NULL, SS_REF("ChartItems"),
     get_charts, FLAGS},
    {SS_GET, "/api/v1/charts/{code}", "thing.read", "一张图", "one chart", p_code, NULL,
     SS_REF("ChartItem"), get_chart, FLAGS},
    {0},
};
