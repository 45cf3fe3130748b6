#include "contract.h"

#include <pthread.h>

#include "serve/api/api.h"
#include "serve/http/http_internal.h"

#define PLACE 200

/* One answer on the way through its schema. */
struct walk {
	char place[PLACE];
	size_t n;
};

static const struct ss_route *routes;
static json_t *schemas;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void read_table(void)
{
	const char *text;

	assert_int_equal(ss_api_table(&routes, &text, NULL), 0);
	assert_int_equal(ss_json_parse(ss_str_of(text), &schemas, NULL), 0);
}

/* --- which route it was --------------------------------------------------------------------------
 */

/* How many parts of the path are written as in the route; -1: it is another one's. */
static int fits(const char *path, struct ss_str target)
{
	struct ss_str rest = ss_str_of(path), part, want;
	int same = 0;

	while (ss_str_split(&rest, '/', &part)) {
		if (!ss_str_split(&target, '/', &want))
			return -1;
		if (ss_str_eq(part, want))
			same++;
		else if (!part.n || part.p[0] != '{' || !want.n)
			return -1;
	}
	return target.n ? -1 : same;
}

static const struct ss_route *route_of(const char *method, const char *target)
{
	static const char *const names[] = {"GET", "POST", "PUT", "PATCH", "DELETE"};
	struct ss_str path = ss_str_n(target, strcspn(target, "?"));
	const struct ss_route *best = NULL;
	int most = -1;

	for (const struct ss_route *rt = routes; rt->path; rt++) {
		int same = strcmp(names[rt->method], method) == 0 ? fits(rt->path, path) : -1;

		if (same > most) {
			best = rt;
			most = same;
		}
	}
	return best;
}

/* --- members that the schema does not name -------------------------------------------------------
 */

static bool named(struct walk *w, const json_t *schema, json_t *v);

static const json_t *meant(const json_t *schema)
{
	const char *ref;

	while ((ref = json_string_value(json_object_get(schema, "$ref"))))
		schema = json_object_get(schemas, strrchr(ref, '/') + 1);
	return schema;
}

static bool inside(struct walk *w, const char *name, const json_t *schema, json_t *v)
{
	size_t n = w->n;

	w->n += (size_t)snprintf(w->place + n, PLACE - n, "/%s", name);
	w->n = w->n < PLACE ? w->n : PLACE - 1;
	if (!named(w, schema, v))
		return false;
	w->n = n;
	w->place[n] = 0;
	return true;
}

static bool members_named(struct walk *w, const json_t *schema, json_t *v)
{
	const json_t *props = json_object_get(schema, "properties"),
		     *more = json_object_get(schema, "additionalProperties");
	const char *name;
	json_t *item;

	json_object_foreach(v, name, item)
	{
		const json_t *sub = json_object_get(props, name);

		if (!sub && props && !more) {
			(void)inside(w, name, NULL, item); /* for its place */
			return false;
		}
		if (!inside(w, name, sub ? sub : more, item))
			return false;
	}
	return true;
}

static bool items_named(struct walk *w, const json_t *schema, json_t *v)
{
	const json_t *first = json_object_get(schema, "prefixItems"),
		     *items = json_object_get(schema, "items");

	for (size_t i = 0; i < json_array_size(v); i++) {
		const json_t *sub = i < json_array_size(first) ? json_array_get(first, i) : items;

		if (!inside(w, "0", sub, json_array_get(v, i)))
			return false;
	}
	return true;
}

/* One of those that it may be, and no member more. */
static bool any_named(struct walk *w, const json_t *list, json_t *v)
{
	bool ok = !list;
	size_t n = w->n;

	for (size_t i = 0; !ok && i < json_array_size(list); i++) {
		const json_t *one = json_array_get(list, i);

		if (ss_schema_check(one, schemas, v, NULL) < 0)
			continue;
		w->n = n;
		w->place[n] = 0;
		ok = named(w, one, v);
	}
	return ok;
}

static bool named(struct walk *w, const json_t *schema, json_t *v)
{
	bool ok = true;

	schema = meant(schema);
	if (!json_is_object(schema))
		return true;
	if (json_is_object(v))
		ok = members_named(w, schema, v);
	else if (json_is_array(v))
		ok = items_named(w, schema, v);
	return ok && any_named(w, json_object_get(schema, "anyOf"), v) &&
	       any_named(w, json_object_get(schema, "oneOf"), v);
}

/* --- an answer -----------------------------------------------------------------------------------
 */

static void held_against(const char *text, const char *what, json_t *v)
{
	struct walk w = {0};
	struct ss_error err = {0};
	json_t *schema;

	assert_int_equal(ss_json_parse(ss_str_of(text), &schema, NULL), 0);
	if (ss_schema_check(schema, schemas, v, &err) < 0)
		fail_msg("%s: %s", what, err.text);
	if (!named(&w, schema, v))
		fail_msg("%s: the contract does not name %s", what, w.place);
	json_decref(schema);
}

/* What the table says nothing of: the contract itself, files, and what OpenID has a standard of its
 * own for. */
static bool is_stated(const struct ss_route *rt, const char *target, struct ss_str type)
{
	if (rt && rt->result_schema)
		return true;
	if (ss_str_is(type, "application/geo+json") || strcmp(target, "/api/v1/openapi.json") == 0)
		return false;
	return !rt || strncmp(rt->path, "/api/", 5) == 0;
}

void contract_check(const char *method, const char *target, const struct reply *r)
{
	struct ss_str type = reply_header(r, "Content-Type");
	const struct ss_route *rt;
	json_t *v = NULL;
	char what[300];

	if (r->status < 200 || r->status > 299 || !r->body.n ||
	    (!ss_str_starts(type, SS_STR("application/json")) &&
	     !ss_str_starts(type, SS_STR("application/geo+json"))))
		return;
	pthread_once(&once, read_table);
	rt = route_of(method, target);
	if (!is_stated(rt, target, type))
		return;
	snprintf(what, sizeof(what), "%s %.200s", method, target);
	if (!rt || !rt->result_schema)
		fail_msg("%s: the table states no schema", what);
	assert_int_equal(ss_json_parse(ss_buf_str(&r->body), &v, NULL), 0);
	held_against(rt->result_schema, what, v);
	json_decref(v);
}

/* --- events of the live stream -------------------------------------------------------------------
 */

/* What happened within one tick comes as one event with items. */
static void event_held(const char *topic, json_t *v)
{
	char schema[80], what[40];
	json_t *items = json_object_get(v, "items"), *one;
	size_t i;

	snprintf(what, sizeof(what), "event %s", topic);
	snprintf(schema, sizeof(schema), "{\"$ref\":\"#/components/schemas/%s%c%s\"}",
		 strcmp(topic, "summary") == 0 ? "" : "Live", topic[0] - 'a' + 'A', topic + 1);
	if (!items)
		held_against(schema, what, v);
	json_array_foreach(items, i, one) held_against(schema, what, one);
}

int contract_events(const char *stream, const char *topic)
{
	char mark[60];
	int n = 0;

	pthread_once(&once, read_table);
	snprintf(mark, sizeof(mark), "event: %s\ndata: ", topic);
	for (const char *p = stream; (p = strstr(p, mark)); n++) {
		const char *end = strchr(p += strlen(mark), '\n');
		json_t *v = NULL;

		if (!end)
			break; /* the last one may be cut */
		assert_int_equal(ss_json_parse(ss_str_n(p, (size_t)(end - p)), &v, NULL), 0);
		event_held(topic, v);
		json_decref(v);
	}
	return n;
}
