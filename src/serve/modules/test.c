/* A module's own tests (tests/NAME.lua): run in a box with the module loaded, against the engines
 * of the host, as the module itself or as whom the test says. */
#include <dirent.h>
#include <stdlib.h>

#include "base/os.h"
#include "base/thread.h"
#include "modules_internal.h"
#include "record/things/viewer.h"

#define TEST_STEPS 300000000
#define TEST_US (300 * SS_US_PER_SEC) /* steps are what stops a test */
#define TEST_FILE_MAX (512 << 10)
#define AREAS_MOST 16

/* Of the file at hand; a thread runs one at a time. */
struct testing {
	struct ss_buf *out;
	struct ss_modules_tested *told;
	struct ss_viewer viewer;
	struct ss_viewer_role role;
	struct ss_script_turn turn;
	char role_id[60], area[AREAS_MOST][16], org[64];
	const char *areas[AREAS_MOST];
	const char *name;
	struct ss_str text;
	json_t *hold;
};
static _Thread_local struct testing *at;

static void as_machine(struct testing *t)
{
	t->viewer = ss_viewer_system("test");
	t->turn = (struct ss_script_turn){&t->viewer, true};
}

/* --- what test files call -----------------------------------------------------------------------
 */

static int h_test(lua_State *L)
{
	const char *name = luaL_checkstring(L, 1);

	luaL_checktype(L, 2, LUA_TFUNCTION);
	as_machine(at);
	lua_pushvalue(L, 2);
	if (lua_pcall(L, 0, 0, 0) == LUA_OK) {
		at->told->passed++;
		return 0;
	}
	if (ss_box_of(L)->dead)
		return lua_error(L);
	at->told->failed++;
	ss_buf_addf(at->out, "%s：「%s」不成立 failed: %s\n", at->name, name,
		    ss_box_tostring(L, -1, NULL));
	return 0;
}

static int h_eq(lua_State *L)
{
	const char *is, *should;

	if (lua_compare(L, 1, 2, LUA_OPEQ))
		return 0;
	is = ss_box_tostring(L, 1, NULL);
	should = ss_box_tostring(L, 2, NULL);
	return luaL_error(L, "是 %s，应为 should be %s", is, should);
}

static int h_ok(lua_State *L)
{
	return lua_toboolean(L, 1) ? 0 : luaL_error(L, "不成立 does not hold");
}

/* fails(fn, part): fn raises an error whose text has the part. */
static int h_fails(lua_State *L)
{
	const char *part = luaL_optstring(L, 2, "");
	size_t n;
	struct ss_str said;

	luaL_checktype(L, 1, LUA_TFUNCTION);
	lua_pushvalue(L, 1);
	if (lua_pcall(L, 0, 0, 0) == LUA_OK)
		return luaL_error(L, "没有被拒绝 was not refused");
	if (ss_box_of(L)->dead)
		return lua_error(L);
	said.p = ss_box_tostring(L, -1, &n);
	said.n = n;
	if (ss_str_find(said, ss_str_of(part)) >= 0)
		return 0;
	return luaL_error(L, "拒绝时说的是：%s；没有提到 does not name %s", said.p, part);
}

static void area_of(lua_State *L, struct testing *t)
{
	const char *z = lua_tostring(L, -1);

	if (!z || t->role.n_areas == AREAS_MOST)
		return;
	ss_str_copy(t->area[t->role.n_areas], sizeof(t->area[0]), ss_str_of(z));
	t->areas[t->role.n_areas] = t->area[t->role.n_areas];
	t->role.n_areas++;
}

/* as("enforce_officer", {area="320104", org=, user=}): from now on in this test. */
static int h_as(lua_State *L)
{
	struct testing *t = at;

	ss_str_copy(t->role_id, sizeof(t->role_id), ss_str_of(luaL_checkstring(L, 1)));
	t->role = (struct ss_viewer_role){.id = t->role_id, .areas = t->areas};
	t->org[0] = 0;
	if (lua_istable(L, 2)) {
		lua_getfield(L, 2, "area");
		area_of(L, t);
		lua_getfield(L, 2, "org");
		if (lua_isstring(L, -1))
			ss_str_copy(t->org, sizeof(t->org), ss_str_of(lua_tostring(L, -1)));
	}
	t->viewer = (struct ss_viewer){.user = t->role_id,
				       .login = t->role_id,
				       .name = t->role_id,
				       .org = t->org,
				       .label = SS_LABEL_INTERNAL,
				       .roles = &t->role,
				       .n_roles = 1};
	return 0;
}

static int open_tests(lua_State *L)
{
	static const luaL_Reg fns[] = {{"test", h_test},   {"eq", h_eq}, {"ok", h_ok},
				       {"fails", h_fails}, {"as", h_as}, {NULL, NULL}};

	for (const luaL_Reg *f = fns; f->name; f++) {
		lua_pushcfunction(L, f->func);
		ss_box_global(L, f->name);
	}
	return 0;
}

static int run_text(lua_State *L)
{
	struct testing *t = lua_touserdata(L, 1);

	ss_box_compile(L, t->text, t->name);
	lua_call(L, 0, 0);
	return 0;
}

/* --- one file -----------------------------------------------------------------------------------
 */

static int run_file(struct ss_module *m, struct testing *t, struct ss_error *err)
{
	const struct ss_script_turn *was = ss_script_as(&t->turn);
	json_t *decls = json_array();
	struct ss_box *b = NULL;
	int r = ss_module_box(m, decls, &b, err);

	if (r == 0) {
		((struct ss_inside *)b->owner)->hold = t->hold;
		at = t;
		r = ss_box_run(b, TEST_STEPS, TEST_US, open_tests, NULL, err);
		if (r == 0)
			r = ss_box_run(b, TEST_STEPS, TEST_US, run_text, t, err);
		at = NULL;
		ss_module_box_free(b);
	}
	ss_script_as(was);
	json_decref(decls);
	return r;
}

static struct ss_module *module_of(struct ss_modules *m, const char *id)
{
	SS_LOCKED(&m->lock);
	for (size_t i = 0; m->force && i < m->force->n; i++)
		if (strcmp(m->force->modules[i].id, id) == 0)
			return &m->force->modules[i];
	return NULL;
}

int ss_modules_test(struct ss_modules *m, const char *id, const char *file, struct ss_buf *out,
		    struct ss_modules_tested *ret, struct ss_error *err)
{
	ss_cleanup(ss_buf_done) struct ss_buf text = SS_BUF_MAX(TEST_FILE_MAX);
	struct ss_module *module = module_of(m, id);
	struct testing t = {.out = out, .told = ret, .hold = json_array()};
	char path[900], name[300];
	int r;

	if (!module) {
		json_decref(t.hold);
		return ss_error_set(err, SS_ENOTFOUND, "没有模块 %s；there is no module %s", id,
				    id);
	}
	snprintf(path, sizeof(path), "%s/tests/%s", module->path, file);
	snprintf(name, sizeof(name), "%s/tests/%s", id, file);
	r = ss_file_read(path, &text);
	if (r < 0)
		ss_error_set(err, r, "%s：读不了 cannot be read", name);
	t.name = name;
	t.text = ss_buf_str(&text);
	as_machine(&t);
	if (r == 0)
		r = run_file(module, &t, err);
	json_decref(t.hold);
	return r;
}

/* --- which there are ----------------------------------------------------------------------------
 */

static int by_file(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void files_of(const struct ss_module *m, json_t *out)
{
	char path[600], *names[64];
	size_t n = 0;
	struct dirent *e;
	DIR *d;

	snprintf(path, sizeof(path), "%s/tests", m->path);
	d = opendir(path);
	while (d && n < SS_ARRAY_LEN(names) && (e = readdir(d)))
		if (ss_str_ends(ss_str_of(e->d_name), SS_STR(".lua")) && e->d_name[0] != '.')
			names[n++] = strdup(e->d_name);
	if (d)
		closedir(d);
	ss_sort(names, n, sizeof(*names), by_file);
	for (size_t i = 0; i < n; i++) {
		json_array_append_new(out,
				      json_pack("{s:s,s:s}", "module", m->id, "file", names[i]));
		free(names[i]);
	}
}

json_t *ss_modules_tests(struct ss_modules *m, const char *id)
{
	json_t *out = json_array();
	SS_LOCKED(&m->lock);

	for (size_t i = 0; m->force && i < m->force->n; i++)
		if (!id || strcmp(m->force->modules[i].id, id) == 0)
			files_of(&m->force->modules[i], out);
	return out;
}
