#include "db/things_stage.h"

#include <stdlib.h>

const struct ss_viewer stage_system = {.user = "system",
				       .login = "system",
				       .name = "test",
				       .org = "",
				       .label = SS_LABEL_RESTRICTED,
				       .all = true};

const char stage_types[] =
    "[{\"kind\":\"code\",\"id\":\"nature\",\"rows\":[{\"code\":\"s\",\"zh\":\"国有\",\"en\":"
    "\"state\"},"
    "{\"code\":\"p\",\"zh\":\"民营\",\"en\":\"private\"}]},"
    "{\"kind\":\"record\",\"id\":\"person\",\"module\":\"m\",\"file\":\"m/records.lua\",\"line\":3,"
    "\"title\":{\"zh\":\"法人\",\"en\":\"legal "
    "person\"},\"family\":\"registry\",\"title_field\":\"name\","
    "\"fields\":["
    "{\"id\":\"name\",\"title\":{\"zh\":\"名称\",\"en\":\"name\"},\"type\":\"text\",\"required\":"
    "true,"
    "\"search\":true},"
    "{\"id\":\"credit_code\",\"title\":{\"zh\":\"信用代码\",\"en\":\"credit "
    "code\"},\"type\":\"text\","
    "\"unique\":true,\"check\":\"credit_code\",\"filter\":true},"
    "{\"id\":\"rep\",\"title\":{\"zh\":\"法定代表人\",\"en\":\"representative\"},\"type\":\"text\","
    "\"personal\":{\"purpose\":{\"zh\":\"联系\",\"en\":\"contact\"},\"basis\":\"条例\",\"keep_"
    "days\":365,"
    "\"mask\":\"name\",\"unmask\":[\"handler\"]}},"
    "{\"id\":\"phone\",\"title\":{\"zh\":\"电话\",\"en\":\"phone\"},\"type\":\"text\",\"check\":"
    "\"phone\","
    "\"personal\":{\"purpose\":{\"zh\":\"联系\",\"en\":\"contact\"},\"basis\":\"条例\",\"keep_"
    "days\":365,"
    "\"mask\":\"phone\",\"unmask\":[\"handler\"]}}],"
    "\"rights\":{\"officer\":\"RCU all\",\"handler\":\"R all\"}},"
    "{\"kind\":\"record\",\"id\":\"site\",\"module\":\"m\",\"file\":\"m/records.lua\",\"line\":20,"
    "\"title\":{\"zh\":\"排污单位\",\"en\":\"discharger\"},\"family\":\"registry\",\"title_field\":"
    "\"name\","
    "\"number\":{\"format\":\"SJ{date}{area}{n:4}\",\"field\":\"no\"},\"area\":\"area\",\"org\":"
    "\"org\","
    "\"assigned\":\"handler\",\"geometry\":\"place\",\"fields\":["
    "{\"id\":\"no\",\"title\":{\"zh\":\"编号\",\"en\":\"number\"},\"type\":\"text\"},"
    "{\"id\":\"name\",\"title\":{\"zh\":\"名称\",\"en\":\"name\"},\"type\":\"text\",\"required\":"
    "true,"
    "\"search\":true,\"max\":60,\"list\":true},"
    "{\"id\":\"area\",\"title\":{\"zh\":\"辖区\",\"en\":\"area\"},\"type\":\"area\",\"required\":"
    "true},"
    "{\"id\":\"org\",\"title\":{\"zh\":\"经营者代码\",\"en\":\"operator\"},\"type\":\"text\"},"
    "{\"id\":\"handler\",\"title\":{\"zh\":\"经办\",\"en\":\"handler\"},\"type\":\"user\"},"
    "{\"id\":\"owner\",\"title\":{\"zh\":\"法人\",\"en\":\"owner\"},\"type\":\"ref\",\"ref\":"
    "\"person\"},"
    "{\"id\":\"nature\",\"title\":{\"zh\":\"性质\",\"en\":\"nature\"},\"type\":\"code\",\"codes\":"
    "\"nature\","
    "\"filter\":true},"
    "{\"id\":\"tags\",\"title\":{\"zh\":\"标签\",\"en\":\"tags\"},\"type\":\"choices\",\"filter\":"
    "true,"
    "\"choices\":[{\"code\":\"key\",\"zh\":\"重点\",\"en\":\"key\"},{\"code\":\"air\",\"zh\":"
    "\"大气\",\"en\":"
    "\"air\"}]},"
    "{\"id\":\"height\",\"title\":{\"zh\":\"高度\",\"en\":\"height\"},\"type\":\"number\",\"min\":"
    "0,"
    "\"max\":500,\"unit\":\"m\",\"filter\":true},"
    "{\"id\":\"limit\",\"title\":{\"zh\":\"限值\",\"en\":\"limit\"},\"type\":\"decimal\","
    "\"decimals\":3,"
    "\"filter\":true},"
    "{\"id\":\"count\",\"title\":{\"zh\":\"数量\",\"en\":\"count\"},\"type\":\"integer\"},"
    "{\"id\":\"double\",\"title\":{\"zh\":\"两倍\",\"en\":\"twice\"},\"type\":\"integer\","
    "\"compute\":{\"$fn\":"
    "1}},"
    "{\"id\":\"since\",\"title\":{\"zh\":\"投产日期\",\"en\":\"since\"},\"type\":\"date\","
    "\"filter\":true},"
    "{\"id\":\"seen\",\"title\":{\"zh\":\"查看时刻\",\"en\":\"seen\"},\"type\":\"time\",\"filter\":"
    "true},"
    "{\"id\":\"active\",\"title\":{\"zh\":\"在产\",\"en\":\"active\"},\"type\":\"bool\",\"filter\":"
    "true},"
    "{\"id\":\"why_not\",\"title\":{\"zh\":\"停产原因\",\"en\":\"why "
    "not\"},\"type\":\"text\",\"required\":"
    "true,\"when\":{\"$fn\":2}},"
    "{\"id\":\"secret\",\"title\":{\"zh\":\"产能\",\"en\":\"capacity\"},\"type\":\"number\","
    "\"secret\":"
    "\"trade\",\"filter\":true},"
    "{\"id\":\"place\",\"title\":{\"zh\":\"位置\",\"en\":\"place\"},\"type\":\"point\"},"
    "{\"id\":\"outlets\",\"title\":{\"zh\":\"排口\",\"en\":\"outlets\"},\"type\":\"list\","
    "\"fields\":["
    "{\"id\":\"code\",\"title\":{\"zh\":\"编码\",\"en\":\"code\"},\"type\":\"text\",\"required\":"
    "true},"
    "{\"id\":\"contact\",\"title\":{\"zh\":\"联系人\",\"en\":\"contact\"},\"type\":\"text\","
    "\"personal\":{"
    "\"purpose\":{\"zh\":\"联系\",\"en\":\"contact\"},\"basis\":\"条例\",\"keep_days\":30,\"mask\":"
    "\"name\","
    "\"unmask\":[\"handler\"]}}]}],"
    "\"checks\":[{\"fn\":{\"$fn\":3},\"field\":\"count\"}],"
    "\"rights\":{\"leader\":\"R all\",\"officer\":\"RCUDX area\",\"ent\":\"RU "
    "own\",\"worker\":\"RU "
    "assigned\",\"keeper\":\"RCUDXK all\",\"editor\":\"RU all\"},"
    "\"duplicates\":{\"block\":[\"org\",{\"$fn\":4}],\"score\":{\"$fn\":5},\"propose\":85,\"list\":"
    "60}}]";

/* --- the functions ------------------------------------------------------------------------------
 */

static int64_t number_of(const json_t *in, const char *name)
{
	return json_integer_value(json_object_get(json_object_get(in, "record"), name));
}

static json_t *twice(const json_t *in)
{
	return json_integer(2 * number_of(in, "count"));
}

static json_t *not_active(const json_t *in)
{
	return json_boolean(
	    json_is_false(json_object_get(json_object_get(in, "record"), "active")));
}

static json_t *count_is_not_13(const json_t *in)
{
	return number_of(in, "count") == 13
		   ? json_pack("{s:s,s:s}", "zh", "不能是十三", "en", "must not be thirteen")
		   : json_true();
}

static json_t *first_letters(const json_t *in)
{
	const char *name =
	    json_string_value(json_object_get(json_object_get(in, "record"), "name"));

	return json_stringn(name ? name : "", name && strlen(name) >= 6 ? 6 : 0);
}

static const char *name_of(const json_t *in, const char *which)
{
	const char *z = json_string_value(json_object_get(json_object_get(in, which), "name"));

	return z ? z : "";
}

static json_t *same_name(const json_t *in)
{
	const char *a = name_of(in, "a"), *b = name_of(in, "b");
	int score = strcmp(a, b) == 0 ? 95 : strncmp(a, b, 9) == 0 ? 70 : 10;

	return json_pack("{s:i,s:[s]}", "score", score, "why", "名称");
}

static json_t *(*const functions[])(const json_t *) = {
    NULL, twice, not_active, count_is_not_13, first_letters, same_name};

static int call(void *arg, const json_t *fn, const json_t *in, json_t **ret, struct ss_error *err)
{
	size_t i = (size_t)json_integer_value(json_object_get(fn, "$fn"));

	(void)arg;
	if (i == 0 || i >= SS_ARRAY_LEN(functions))
		return ss_error_set(err, SS_EGONE, "没有这个函数；there is no such function");
	*ret = functions[i](in);
	return 0;
}

/* --- the stage ----------------------------------------------------------------------------------
 */

static void told(void *arg, struct ss_str text)
{
	struct stage *s = arg;

	s->told++;
	ss_str_copy(s->last_event, sizeof(s->last_event), text);
}

static int saved(void *arg, struct ss_db *db, const struct ss_thing_event *e, struct ss_error *err)
{
	struct stage *s = arg;

	(void)db;
	s->saved++;
	if (e->after && json_object_get(e->after, "count") &&
	    json_integer_value(json_object_get(e->after, "count")) == 666)
		return ss_error_set(err, SS_ESTATE, "模块不同意；the module does not agree");
	return 0;
}

static void open_on(struct stage *s, struct db_env *env)
{
	struct ss_error e = {0};
	struct ss_things_settings set = {
	    .key_path = s->key, .saved = saved, .told = told, .arg = s};
	json_t *types = stage_json(stage_types);
	char dir[160];
	const struct ss_files_settings files = {.dir = dir, .most = 1 << 20};

	snprintf(dir, sizeof(dir), "%s/files", env->dir);
	assert_ok(ss_business_open(env->url, &s->business, &e), &e);
	assert_ok(ss_files_open(&files, &s->files, &e), &e);
	set.business = s->business;
	set.files = s->files;
	assert_ok(ss_things_open(&set, &s->things, &e), &e);
	s->script = (struct ss_script){.call = call};
	s->problems = json_array();
	if (ss_things_load(s->things, types, &s->script, s->problems, &e) < 0)
		fail_msg("%s", e.text);
	json_decref(types);
}

void stage_open(struct stage *s, struct db_env *env)
{
	*s = (struct stage){0};
	snprintf(s->key, sizeof(s->key), "%s/business.key", env->dir);
	open_on(s, env);
}

void stage_close(struct stage *s)
{
	ss_things_close(s->things);
	ss_files_close(s->files);
	ss_business_close(s->business);
	json_decref(s->problems);
}

void stage_again(struct stage *s, struct db_env *env)
{
	stage_close(s);
	open_on(s, env);
}

json_t *stage_json(const char *text)
{
	json_t *v = NULL;
	struct ss_error e = {0};

	if (!text)
		return NULL;
	if (ss_json_parse(ss_str_of(text), &v, &e) < 0)
		fail_msg("%s: %s", text, e.text);
	return v;
}

const struct ss_viewer *stage_viewer(const char *role, const char *areas, const char *org,
				     enum ss_label label)
{
	static char text[256];
	static const char *area[16];
	static struct ss_viewer_role r;
	static struct ss_viewer v;
	size_t n = 0;

	snprintf(text, sizeof(text), "%s", areas);
	for (char *p = text; *p && n < 16;) {
		char *end = strchr(p, ' ');

		area[n++] = p;
		if (!end)
			break;
		*end = 0;
		p = end + 1;
	}
	r = (struct ss_viewer_role){role, area, n};
	v = (struct ss_viewer){.user = "u-1",
			       .login = "u1",
			       .name = "小王",
			       .org = org,
			       .label = label,
			       .roles = &r,
			       .n_roles = 1};
	return &v;
}

void stage_put(struct stage *s, const char *type, const char *fields, char id[37])
{
	struct ss_error e = {0};
	const struct ss_thing_change c = SS_THING_CHANGE;
	json_t *f = stage_json(fields);

	json_array_clear(s->problems);
	if (ss_things_create(s->things, &stage_system, type, f, &c, id, s->problems, &e) < 0)
		fail_msg("%s: %s", fields, e.text);
	json_decref(f);
}

json_t *stage_list(struct stage *s, const struct ss_viewer *v, const char *type, const char *filter,
		   const char *q, const char *sort, int64_t limit, const char *cursor)
{
	struct ss_error e = {0};
	json_t *f = stage_json(filter), *out = NULL;
	const struct ss_thing_query ask = {.filter = f,
					   .q = ss_str_of(q),
					   .sort = sort,
					   .cursor = cursor,
					   .when = SS_THING_NOW,
					   .limit = limit,
					   .count = true};

	if (ss_things_list(s->things, v, type, &ask, &out, &e) < 0)
		fail_msg("%s", e.text);
	json_decref(f);
	return out;
}

char *stage_titles(const json_t *list)
{
	struct ss_buf b = SS_BUF_MAX(1 << 20);
	size_t i;
	json_t *o;

	ss_buf_addz(&b, "");
	json_array_foreach(json_object_get(list, "items"), i, o)
	{
		ss_buf_addf(&b, "%s%s", i ? " " : "",
			    json_string_value(json_object_get(o, "title")));
	}
	return b.p ? ss_buf_take(&b) : strdup("");
}
