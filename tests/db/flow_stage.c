#include "db/flow_stage.h"

#include <stdarg.h>
#include <stdlib.h>

#include "base/os.h"

const struct ss_viewer flow_machine = {.user = "system",
				       .login = "system",
				       .name = "m",
				       .org = "",
				       .label = SS_LABEL_RESTRICTED,
				       .all = true};

/* --- what the module would be ------------------------------------------------------------------
 */

static json_t *guard(struct flow_stage *s)
{
	if (!s->guard)
		return json_true();
	return json_pack("{s:[{s:s,s:s}]}", "missing", "zh", s->guard, "en", "something");
}

static int call(void *arg, const json_t *fn, const json_t *in, json_t **ret, struct ss_error *err)
{
	struct flow_stage *s = arg;
	int64_t n = json_integer_value(json_object_get(fn, "$fn"));

	assert_non_null(json_object_get(in, "case"));
	assert_non_null(json_object_get(in, "record"));
	assert_non_null(ss_script_turn());
	if (n == 1) {
		assert_false(ss_script_turn()->writes);
		*ret = guard(s);
	} else if (n == 2) {
		assert_true(ss_script_turn()->writes);
		*ret = json_pack("{s:s}", "effect", "done");
	} else if (n == 3) {
		*ret = json_pack("[s,s]", "u-a", "u-b");
	} else {
		return ss_error_set(err, SS_EINVAL, "m/flows.lua:9 函数出错；the function failed");
	}
	return 0;
}

static int text(void *arg, const char *module, const char *path, struct ss_buf *out,
		struct ss_error *err)
{
	char full[400];

	(void)arg;
	assert_string_equal(module, "m");
	snprintf(full, sizeof(full), "%s/db/%s", SS_TEST_DIR, path);
	if (ss_file_read(full, out) < 0)
		return ss_error_set(err, SS_ENOTFOUND, "没有 %s；no %s", path, path);
	return 0;
}

static int notify(void *arg, struct ss_db *db, const struct ss_flow_notice *n, struct ss_error *err)
{
	struct flow_stage *s = arg;
	json_t *o;

	(void)err;
	assert_non_null(db);
	if (s->forget)
		return 0;
	o = json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:o}", "kind", n->kind, "act", n->act,
		      "flow", n->flow, "id", n->id, "state", n->state, "title", n->title, "zh",
		      n->zh, "en", n->en, "to", json_deep_copy(n->to));
	if (n->due_us != SS_TIME_NONE)
		json_object_set_new(o, "due_us", json_integer(n->due_us));
	if (n->late_us != SS_TIME_NONE)
		json_object_set_new(o, "late_us", json_integer(n->late_us));
	json_array_append_new(s->notices, o);
	return 0;
}

static int event(void *arg, struct ss_db *db, const char *name, const char *flow, const json_t *c,
		 struct ss_error *err)
{
	struct flow_stage *s = arg;

	assert_non_null(db);
	assert_non_null(json_object_get(c, "id"));
	assert_true(*flow != 0);
	if (s->refuse_event)
		return ss_error_set(err, SS_ESTATE, "模块不同意；the module does not agree");
	json_array_append_new(s->events, json_string(name));
	return 0;
}

static void told(void *arg, struct ss_str e)
{
	struct flow_stage *s = arg;

	assert_true(e.n > 0);
	s->live++;
}

static int person(void *arg, const char *id, json_t **ret)
{
	(void)arg;
	if (strncmp(id, "u-", 2) != 0)
		return SS_ENOTFOUND;
	*ret = json_pack("{s:s,s:s}", "id", id, "name", id + 2);
	return 0;
}

static int saved(void *arg, struct ss_db *db, const struct ss_thing_event *e, struct ss_error *err)
{
	struct flow_stage *s = arg;

	return ss_flow_keeps(s->flows, db, e, err);
}

/* --- opening -----------------------------------------------------------------------------------
 */

json_t *flow_stage_types(void)
{
	struct ss_buf b = SS_BUF_MAX(1 << 20);
	struct ss_error e = {0};
	json_t *v;

	assert_int_equal(ss_file_read(SS_TEST_DIR "/db/flow_types.json", &b), 0);
	if (ss_json_parse(ss_buf_str(&b), &v, &e) < 0)
		fail_msg("%s", e.text);
	ss_buf_done(&b);
	return v;
}

static void open_on(struct flow_stage *s, struct db_env *env)
{
	const struct ss_files_settings files = {.dir = s->folder, .most = 1 << 20};
	struct ss_things_settings things = {.key_path = s->key, .saved = saved, .arg = s};
	struct ss_flows_settings set = {.text = text,
					.notify = notify,
					.event = event,
					.told = told,
					.person = person,
					.arg = s};
	json_t *types = flow_stage_types();

	assert_ok(ss_business_open(env->url, &s->business, &s->e), &s->e);
	things.business = s->business;
	assert_ok(ss_things_open(&things, &s->things, &s->e), &s->e);
	assert_ok(ss_files_open(&files, &s->files, &s->e), &s->e);
	set.business = s->business;
	set.things = s->things;
	set.files = s->files;
	s->script = (struct ss_script){.arg = s, .call = call};
	s->problems = json_array();
	s->notices = json_array();
	s->events = json_array();
	if (ss_things_load(s->things, types, &s->script, s->problems, &s->e) < 0)
		fail_msg("%s %s", s->e.text, json_dumps(s->problems, 0));
	assert_ok(ss_flows_open(&set, &s->flows, &s->e), &s->e);
	if (ss_flows_load(s->flows, types, &s->script, s->problems, &s->e) < 0)
		fail_msg("%s %s", s->e.text, json_dumps(s->problems, 0));
	json_decref(types);
}

void flow_stage_open(struct flow_stage *s, struct db_env *env)
{
	*s = (struct flow_stage){0};
	snprintf(s->key, sizeof(s->key), "%s/business.key", env->dir);
	snprintf(s->folder, sizeof(s->folder), "%s/files", env->dir);
	open_on(s, env);
}

void flow_stage_close(struct flow_stage *s)
{
	ss_flows_close(s->flows);
	ss_files_close(s->files);
	ss_things_close(s->things);
	ss_business_close(s->business);
	json_decref(s->problems);
	json_decref(s->notices);
	json_decref(s->events);
	ss_os_set(NULL);
}

void flow_stage_again(struct flow_stage *s, struct db_env *env)
{
	flow_stage_close(s);
	open_on(s, env);
}

/* --- people and acts ----------------------------------------------------------------------------
 */

struct ss_viewer flow_person(const char *id, const char *role, const char *areas)
{
	static struct {
		char text[64];
		const char *area[8];
		struct ss_viewer_role role;
	} kept[64];
	static size_t used;
	size_t k = used++ % SS_ARRAY_LEN(kept), n = 0;
	struct ss_str rest = ss_str_of(areas), part;

	snprintf(kept[k].text, sizeof(kept[k].text), "%s", areas);
	while (ss_str_split(&rest, ' ', &part) && n < 8) {
		kept[k].text[part.p - areas + (ptrdiff_t)part.n] = 0;
		kept[k].area[n++] = kept[k].text + (part.p - areas);
	}
	kept[k].role = (struct ss_viewer_role){role, kept[k].area, n};
	return (struct ss_viewer){.user = id,
				  .login = id,
				  .name = id,
				  .org = "",
				  .label = SS_LABEL_RESTRICTED,
				  .roles = &kept[k].role,
				  .n_roles = 1};
}

static json_t *json_of(const char *fmt, va_list ap)
{
	struct ss_buf b = SS_BUF_MAX(1 << 20);
	struct ss_error e = {0};
	json_t *v = NULL;

	assert_int_equal(ss_buf_addv(&b, fmt, ap), 0);
	if (ss_json_parse(ss_buf_str(&b), &v, &e) < 0)
		fail_msg("%s: %s", b.p, e.text);
	ss_buf_done(&b);
	return v;
}

json_t *flow_json(const char *fmt, ...)
{
	va_list ap;
	json_t *v;

	va_start(ap, fmt);
	v = json_of(fmt, ap);
	va_end(ap);
	return v;
}

int flow_stage_act(struct flow_stage *s, const struct ss_viewer *v, const char *id, json_t **ret,
		   const char *ask, ...)
{
	json_t *in, *out = NULL;
	va_list ap;
	int r;

	va_start(ap, ask);
	in = json_of(ask, ap);
	va_end(ap);
	json_array_clear(s->problems);
	s->e = (struct ss_error){0};
	r = ss_flow_act(s->flows, v, "matter_flow", id, in, &out, s->problems, &s->e);
	json_decref(in);
	if (ret && r == 0)
		*ret = out;
	else
		json_decref(out);
	return r;
}

void flow_stage_start(struct flow_stage *s, const struct ss_viewer *v, char id[37])
{
	json_t *ask = flow_json("{\"data\":{\"name\":\"超标排放\",\"area\":\"320102\"}}");

	s->e = (struct ss_error){0};
	if (ss_flow_start(s->flows, v, "matter_flow", ask, id, s->problems, &s->e) < 0)
		fail_msg("%s", s->e.text);
	json_decref(ask);
}

json_t *flow_stage_case(struct flow_stage *s, const char *id)
{
	json_t *c = NULL;

	s->e = (struct ss_error){0};
	if (ss_flow_case(s->flows, &flow_machine, "matter_flow", id, &c, &s->e) < 0)
		fail_msg("%s", s->e.text);
	return c;
}

void flow_stage_state(struct flow_stage *s, const char *id, const char *state)
{
	json_t *c = flow_stage_case(s, id);

	assert_string_equal(json_string_value(json_object_get(c, "state")), state);
	json_decref(c);
}

void flow_stage_photo(struct flow_stage *s, const struct ss_viewer *v, const char *id, int n)
{
	struct ss_upload *u;
	struct ss_file_info info;
	char bytes[64];

	memcpy(bytes, "\xff\xd8\xff\xe0", 4);
	snprintf(bytes + 4, 60, "picture %d of %s", n, id);
	assert_ok(ss_upload_begin(s->files, "a.jpg", &u, &s->e), &s->e);
	assert_ok(ss_upload_add(u, bytes, sizeof(bytes), &s->e), &s->e);
	assert_ok(ss_upload_end(u, &info, &s->e), &s->e);
	if (flow_stage_act(
		s, v, id, NULL,
		"{\"act\":\"attach\",\"digest\":\"%s\",\"kind\":\"photo\",\"name\":\"a%d.jpg\"}",
		info.digest, n) < 0)
		fail_msg("%s", s->e.text);
}

/* --- the clock
 * ------------------------------------------------------------------------------------ */

static int64_t clock_at;

static int64_t now_us(void)
{
	return clock_at;
}

void flow_stage_clock(int64_t at_us)
{
	static struct ss_os os;

	os = ss_os_real;
	os.now_us = now_us;
	clock_at = at_us;
	ss_os_set(&os);
}
