/* The check of a flow's declaration, first by form: which members there are, of what kind; each
 * problem names file, line and field. */
#include "reason/flow/flow_internal.h"

/* kind: s text, i integer, n number, l list of texts, f function, t {zh,en}, a anything,
 * O object, L list of objects; in capitals: `in` says what is inside. */
struct member {
	const char *name;
	char kind;
	bool need;
	const struct member *in;
};

static const struct member rung[] = {{"at", 'n', false, NULL},   {"passed", 'n', false, NULL},
				     {"left", 'n', false, NULL}, {"act", 's', true, NULL},
				     {"to", 'l', false, NULL},   {"title", 't', false, NULL},
				     {"fn", 'f', false, NULL},   {0}};
static const struct member clock_[] = {
    {"id", 's', true, NULL},         {"title", 't', true, NULL},
    {"law", 's', false, NULL},       {"for", 'a', false, NULL},
    {"from", 's', false, NULL},      {"pause", 'l', false, NULL},
    {"until", 'l', false, NULL},     {"ladder", 'L', false, rung},
    {"extension", 'i', false, NULL}, {"extend_roles", 'l', false, NULL},
    {"when", 'f', false, NULL},      {0}};
static const struct member file_need[] = {
    {"kind", 's', true, NULL}, {"min", 'i', false, NULL}, {"title", 't', true, NULL}, {0}};
static const struct member file_kind[] = {
    {"kind", 's', true, NULL}, {"title", 't', true, NULL}, {0}};
static const struct member needs[] = {
    {"fields", 'l', false, NULL}, {"files", 'L', false, file_need}, {"documents", 'l', false, NULL},
    {"subs", 'l', false, NULL},   {"guard", 'f', false, NULL},      {0}};
static const struct member signers[] = {
    {"roles", 'l', true, NULL}, {"n", 'i', false, NULL}, {"rule", 's', false, NULL}, {0}};
static const struct member leave[] = {
    {"id", 's', false, NULL},     {"to", 's', true, NULL},
    {"title", 't', true, NULL},   {"roles", 'l', false, NULL},
    {"needs", 'O', false, needs}, {"signers", 'O', false, signers},
    {"on", 'f', false, NULL},     {0}};
static const struct member state[] = {{"id", 's', true, NULL},
				      {"title", 't', true, NULL},
				      {"kind", 's', true, NULL},
				      {"roles", 'l', false, NULL},
				      {"area", 's', false, NULL},
				      {"exclude", 'l', false, NULL},
				      {"assign", 'f', false, NULL},
				      {"form", 'l', false, NULL},
				      {"required", 'l', false, NULL},
				      {"clocks", 'L', false, clock_},
				      {"leave", 'L', false, leave},
				      {"allow", 'l', false, NULL},
				      {"jump_roles", 'l', false, NULL},
				      {"on_enter", 'f', false, NULL},
				      {0}};
static const struct member document[] = {
    {"id", 's', true, NULL},       {"title", 't', true, NULL},
    {"template", 's', true, NULL}, {"number", 's', false, NULL},
    {"states", 'l', false, NULL},  {"needs", 'l', false, NULL},
    {"fill", 'f', false, NULL},    {0}};
static const struct member flow[] = {{"kind", 's', true, NULL},
				     {"id", 's', true, NULL},
				     {"module", 's', false, NULL},
				     {"file", 's', false, NULL},
				     {"line", 'i', false, NULL},
				     {"title", 't', true, NULL},
				     {"record", 's', true, NULL},
				     {"version", 'i', false, NULL},
				     {"start", 's', true, NULL},
				     {"states", 'L', true, state},
				     {"clocks", 'L', false, clock_},
				     {"documents", 'L', false, document},
				     {"files", 'L', false, file_kind},
				     {"sub", 'l', false, NULL},
				     {"open_roles", 'l', false, NULL},
				     {"state_field", 's', false, NULL},
				     {0}};

void ssf_problem(const struct ssf_check *k, const char *field, const char *zh, const char *en)
{
	json_array_append_new(k->problems, json_pack("{s:s,s:I,s:s,s:s,s:s}", "file",
						     ss_json_get_z(k->decl, "file"), "line",
						     ss_json_get_i64(k->decl, "line", 0), "field",
						     field, "zh", zh, "en", en));
	k->count[0]++;
}

void ssf_problem_of(const struct ssf_check *k, const char *field, const char *zh, const char *en,
		    const char *what)
{
	char z[400], e[400];

	snprintf(z, sizeof(z), "%s：%s", zh, what);
	snprintf(e, sizeof(e), "%s: %s", en, what);
	ssf_problem(k, field, z, e);
}

void ssf_path(char out[SSF_PATH], const char *at, const char *name)
{
	snprintf(out, SSF_PATH, "%s%s%s", at, *at ? "." : "", name);
}

static bool texts(const json_t *v)
{
	const json_t *e;
	size_t i;

	if (!json_is_array(v))
		return json_is_object(v) && json_object_size(v) == 0; /* an empty table of Lua */
	json_array_foreach(v, i, e)
	{
		if (!json_is_string(e))
			return false;
	}
	return true;
}

bool ssf_is_fn(const json_t *v)
{
	return json_is_integer(json_object_get(v, "$fn"));
}

static bool labelled(const json_t *v)
{
	return json_string_length(json_object_get(v, "zh")) > 0 &&
	       json_string_length(json_object_get(v, "en")) > 0;
}

static const char *unlike(char kind, const json_t *v)
{
	if (kind == 's' && json_string_length(v) == 0)
		return "要一段文字；a text";
	if (kind == 'i' && !json_is_integer(v))
		return "要整数；an integer";
	if (kind == 'n' && !json_is_number(v))
		return "要数；a number";
	if (kind == 'l' && !texts(v))
		return "要文字的列表；a list of texts";
	if (kind == 'f' && !ssf_is_fn(v))
		return "要函数；a function";
	if (kind == 't' && !labelled(v))
		return "要中文与英文名称；a title in Chinese and English {zh,en}";
	if (kind == 'O' && !json_is_object(v))
		return "要对象；an object";
	if (kind == 'L' && !json_is_array(v) && !(json_is_object(v) && json_object_size(v) == 0))
		return "要列表；a list";
	return NULL;
}

static void inside(const struct ssf_check *k, const char *at, const json_t *o,
		   const struct member *m);

static void value(const struct ssf_check *k, const char *at, const json_t *v,
		  const struct member *m)
{
	const char *why = unlike(m->kind, v);
	const json_t *e;
	char n[24], path[SSF_PATH];
	size_t i;

	if (why) {
		ssf_problem(k, at, why, "wrong kind of value");
		return;
	}
	if (m->kind == 'O')
		inside(k, at, v, m->in);
	if (m->kind != 'L')
		return;
	json_array_foreach(v, i, e)
	{
		snprintf(n, sizeof(n), "%zu", i);
		ssf_path(path, at, n);
		inside(k, path, e, m->in);
	}
}

static const struct member *member_of(const struct member *m, const char *name)
{
	while (m->name && strcmp(m->name, name) != 0)
		m++;
	return m->name ? m : NULL;
}

static void inside(const struct ssf_check *k, const char *at, const json_t *o,
		   const struct member *m)
{
	char path[SSF_PATH];
	const char *name;
	json_t *v;

	if (!json_is_object(o)) {
		ssf_problem(k, at, "要对象", "an object is wanted");
		return;
	}
	for (const struct member *x = m; x->name; x++) {
		ssf_path(path, at, x->name);
		if (x->need && !json_object_get(o, x->name))
			ssf_problem(k, path, "缺少", "missing");
	}
	json_object_foreach((json_t *)o, name, v)
	{
		const struct member *x = member_of(m, name);

		ssf_path(path, at, name);
		if (!x)
			ssf_problem(k, path, "不认识的字段", "unknown field");
		else if (!json_is_null(v))
			value(k, path, v, x);
	}
}

void ssf_check_form(const struct ssf_check *k)
{
	inside(k, "", k->decl, flow);
}
