/* The OpenAPI 3.1 document of a table of routes. */
#include "serve/http/http_internal.h"

#include "base/json.h"

static const char *const method_names[] = {"get", "post", "put", "patch", "delete"};

/* "GET /api/v1/sites/{id}" becomes "get_sites_id". */
static void operation_id(struct ss_json *j, const struct ss_route *rt)
{
	char out[160];
	struct ss_str rest = ss_str_of(rt->path), part;
	size_t n = (size_t)snprintf(out, sizeof(out), "%s", method_names[rt->method]);

	if (ss_str_starts(rest, SS_STR("/api/v1")))
		rest = ss_str_n(rest.p + 7, rest.n - 7);
	while (ss_str_split(&rest, '/', &part)) {
		if (part.n == 0 || n + part.n + 2 > sizeof(out))
			continue;
		out[n++] = '_';
		for (size_t i = 0; i < part.n; i++) {
			if (part.p[i] != '{' && part.p[i] != '}')
				out[n++] = part.p[i] == '.' ? '_' : part.p[i];
		}
	}
	ss_json_key(j, "operationId");
	ss_json_str(j, ss_str_n(out, n));
}

static void param_put(struct ss_json *j, const struct ss_param *p)
{
	bool time = strcmp(p->type, "date-time") == 0;

	ss_json_obj(j);
	ss_json_kz(j, "name", p->name);
	ss_json_kz(j, "in", p->in_path ? "path" : "query");
	ss_json_kbool(j, "required", p->required || p->in_path);
	ss_json_kz(j, "description", p->zh);
	ss_json_kz(j, "x-description-en", p->en);
	ss_json_key(j, "schema");
	ss_json_obj(j);
	ss_json_kz(j, "type", time ? "string" : p->type);
	if (time)
		ss_json_kz(j, "format", "date-time");
	ss_json_end_obj(j);
	ss_json_end_obj(j);
}

static void media_put(struct ss_json *j, const char *type, const char *schema)
{
	ss_json_key(j, type);
	ss_json_obj(j);
	ss_json_key(j, "schema");
	ss_json_raw(j, ss_str_of(schema));
	ss_json_end_obj(j);
}

/* lines: JSON lines are taken and given too. */
static void content_put(struct ss_json *j, const char *type, const char *schema, bool lines)
{
	ss_json_key(j, "content");
	ss_json_obj(j);
	media_put(j, type, schema);
	if (lines)
		media_put(j, "application/x-ndjson", "{\"type\":\"string\"}");
	ss_json_end_obj(j);
}

static void answers_put(struct ss_json *j, const struct ss_route *rt)
{
	ss_json_key(j, "responses");
	ss_json_obj(j);
	ss_json_key(j, "2XX");
	ss_json_obj(j);
	ss_json_kz(j, "description", "成功 success");
	if (rt->result_schema)
		content_put(j, "application/json", rt->result_schema, rt->flags & SS_ROUTE_LINES);
	ss_json_end_obj(j);
	ss_json_key(j, "default");
	ss_json_obj(j);
	ss_json_kz(j, "description", "问题 problem (RFC 9457)");
	content_put(j, "application/problem+json", "{\"$ref\":\"#/components/schemas/Problem\"}",
		    false);
	ss_json_end_obj(j);
	ss_json_end_obj(j);
}

static void route_put(struct ss_json *j, const struct ss_route *rt)
{
	ss_json_key(j, method_names[rt->method]);
	ss_json_obj(j);
	operation_id(j, rt);
	ss_json_kz(j, "summary", rt->zh);
	ss_json_kz(j, "x-summary-en", rt->en);
	ss_json_kz(j, "x-permission", rt->permission);
	if (rt->params && rt->params->name) {
		ss_json_key(j, "parameters");
		ss_json_arr(j);
		for (const struct ss_param *p = rt->params; p->name; p++)
			param_put(j, p);
		ss_json_end_arr(j);
	}
	if (rt->body_schema) {
		ss_json_key(j, "requestBody");
		ss_json_obj(j);
		ss_json_kbool(j, "required", true);
		content_put(j, "application/json", rt->body_schema, rt->flags & SS_ROUTE_LINES);
		ss_json_end_obj(j);
	}
	answers_put(j, rt);
	ss_json_end_obj(j);
}

static bool path_seen(const struct ss_route *routes, size_t i)
{
	for (size_t k = 0; k < i; k++) {
		if (strcmp(routes[k].path, routes[i].path) == 0)
			return true;
	}
	return false;
}

static void paths_put(struct ss_json *j, const struct ss_route *routes)
{
	ss_json_key(j, "paths");
	ss_json_obj(j);
	for (size_t i = 0; routes[i].path; i++) {
		if (path_seen(routes, i))
			continue;
		ss_json_key(j, routes[i].path);
		ss_json_obj(j);
		for (size_t k = i; routes[k].path; k++) {
			if (strcmp(routes[k].path, routes[i].path) == 0)
				route_put(j, &routes[k]);
		}
		ss_json_end_obj(j);
	}
	ss_json_end_obj(j);
}

static const char problem[] = "{\"type\":\"object\",\"required\":[\"type\",\"title\",\"status\","
			      "\"detail\",\"code\"],\"properties\":{"
			      "\"type\":{\"type\":\"string\"},\"title\":{\"type\":\"string\"},"
			      "\"title_en\":{\"type\":\"string\"},"
			      "\"status\":{\"type\":\"integer\"},\"detail\":{\"type\":\"string\"},"
			      "\"detail_en\":{\"type\":\"string\"},"
			      "\"code\":{\"type\":\"string\"},\"parameter\":{\"type\":\"string\"},"
			      "\"retry\":{\"type\":\"boolean\"},"
			      "\"problems\":{\"type\":\"array\",\"items\":{\"type\":\"object\"}},"
			      "\"request_id\":{\"type\":\"string\"}}}";

static int components_put(struct ss_json *j, const char *schemas)
{
	struct ss_error err;
	json_t *all = NULL, *sub;
	const char *name;
	int r = ss_json_parse(ss_str_of(schemas && *schemas ? schemas : "{}"), &all, &err);

	if (r < 0)
		return r;
	ss_json_key(j, "components");
	ss_json_obj(j);
	ss_json_key(j, "schemas");
	ss_json_obj(j);
	json_object_foreach(all, name, sub)
	{
		char *text = json_dumps(sub, JSON_COMPACT | JSON_ENCODE_ANY);

		if (!text) {
			r = SS_ENOMEM;
			break;
		}
		ss_json_key(j, name);
		ss_json_raw(j, ss_str_of(text));
		free(text);
	}
	if (!json_object_get(all, "Problem")) {
		ss_json_key(j, "Problem");
		ss_json_raw(j, ss_str_of(problem));
	}
	ss_json_end_obj(j);
	ss_json_end_obj(j);
	json_decref(all);
	return r;
}

int ss_http_openapi(const struct ss_route *routes, const char *schemas, struct ss_buf *out)
{
	struct ss_json j = ss_json_on(out);
	int r;

	ss_json_obj(&j);
	ss_json_kz(&j, "openapi", "3.1.0");
	ss_json_key(&j, "info");
	ss_json_obj(&j);
	ss_json_kz(&j, "title", "山水接口 Shanshui API");
	ss_json_kz(&j, "version", "1");
	ss_json_kz(&j, "description",
		   "时间一律为 +08:00 的 ISO 8601；错误为 RFC 9457。Times are ISO 8601 at +08:00; "
		   "errors are RFC 9457.");
	ss_json_end_obj(&j);
	paths_put(&j, routes);
	r = components_put(&j, schemas);
	if (r < 0)
		return r;
	ss_json_end_obj(&j);
	return out->err;
}

int ss_http_openapi_more(struct ss_str document, const json_t *more, struct ss_buf *out)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(16 << 20);
	int r = ss_json_canonical(&b, more);

	if (r < 0 || b.n <= 2)
		return r < 0 ? r : ss_buf_adds(out, document);
	/* The schemas stand last: three objects end behind them. */
	ss_buf_add(out, document.p, document.n - 3);
	ss_buf_addc(out, ',');
	ss_buf_add(out, b.p + 1, b.n - 2);
	return ss_buf_addz(out, "}}}");
}
