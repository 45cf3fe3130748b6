/* Calling a module's functions: each call takes a box of the module, from its pool or made anew. */
#include <poll.h>
#include <stdlib.h>

#include "base/os.h"
#include "base/thread.h"
#include "modules_internal.h"
#include "ss_module_prelude.h"

#define LOAD_STEPS 50000000
#define LOAD_US (5 * SS_US_PER_SEC)
/* A check or a computed field; and one that may write, inside a transaction. */
#ifdef __SANITIZE_THREAD__ /* what the engines do for a script takes many times as long */
#define SLOWER 10
#else
#define SLOWER 1
#endif
#define PURE_STEPS 5000000
#define PURE_US (SLOWER * SS_US_PER_SEC)
#define ACT_STEPS 50000000
#define ACT_US (SLOWER * 4 * SS_US_PER_SEC)
#define RESTORE_STEPS 20000000
#define WAIT_US (5 * SS_US_PER_SEC)
#define PENALTY_MS 100 /* a module that goes over its limits again and again is not in a hurry */
#define NESTED_MAX 6   /* a script that writes a record whose check is a script ... */

/* --- boxes --------------------------------------------------------------------------------------
 */

static int open_host(lua_State *L)
{
	ss_declare_open(L);
	ss_host_open(L);
	return 0;
}

static int load_prelude(lua_State *L)
{
	ss_box_compile(L, ss_str_n(ss_module_prelude, ss_module_prelude_n), "prelude.lua");
	lua_call(L, 0, 0);
	return 0;
}

static int load_file(lua_State *L)
{
	const struct ss_module_file *f = lua_touserdata(L, 1);

	ss_box_compile(L, ss_buf_str(&f->text), f->name);
	lua_call(L, 0, 0);
	return 0;
}

static int remember(lua_State *L)
{
	ss_box_remember(L);
	return 0;
}

static int load_all(struct ss_module *m, struct ss_box *b, json_t *decls, struct ss_error *err)
{
	struct ss_inside *in = b->owner;
	int r = ss_box_run(b, LOAD_STEPS, LOAD_US, open_host, NULL, err);

	if (r == 0)
		r = ss_box_run(b, LOAD_STEPS, LOAD_US, load_prelude, NULL, err);
	in->decls = decls;
	for (size_t i = 0; r == 0 && i < m->n_files; i++) {
		in->file = m->files[i].name;
		r = ss_box_run(b, LOAD_STEPS, LOAD_US, load_file, &m->files[i], err);
		if (r < 0 && !strstr(err->text, ".lua:"))
			ss_error_prefix(err, "%s:0", in->file); /* the line is not known */
	}
	in->decls = NULL;
	in->file = NULL;
	return r < 0 ? r : ss_box_run(b, LOAD_STEPS, LOAD_US, remember, NULL, err);
}

int ss_module_box(struct ss_module *m, json_t *decls, struct ss_box **ret, struct ss_error *err)
{
	struct ss_box *b = malloc(sizeof(*b));
	struct ss_inside *in = calloc(1, sizeof(*in));
	int r = b && in ? ss_box_new(b, SS_BOX_MEMORY, in) : SS_ENOMEM;

	if (r < 0) {
		free(b);
		free(in);
		return ss_error_set(err, r, "%s：内存不足 out of memory", m->id);
	}
	in->all = m->all;
	in->module = m;
	r = load_all(m, b, decls, err);
	if (r < 0) {
		ss_module_box_free(b);
		return r;
	}
	b->gentle = true;
	*ret = b;
	return 0;
}

void ss_module_box_free(struct ss_box *b)
{
	struct ss_inside *in;

	if (!b)
		return;
	in = b->owner;
	ss_box_free(b);
	free(in);
	free(b);
}

/* One more box of a module that is loaded: it must declare the same again. */
static int another(struct ss_module *m, struct ss_box **ret, struct ss_error *err)
{
	json_t *decls = json_array();
	int r = decls ? ss_module_box(m, decls, ret, err) : SS_ENOMEM;

	if (r == 0 && !json_equal(decls, m->raw)) {
		ss_module_box_free(*ret);
		r = ss_error_set(err, SS_EINVAL,
				 "%s：每次装载声明的不一样 declares something else "
				 "each time it is loaded",
				 m->id);
	}
	json_decref(decls);
	return r;
}

/* 1: took a free one; 0: may make one; negative: none in time. */
static int take_free(struct ss_module *m, struct ss_box **ret, struct ss_error *err)
{
	struct ss_modules *all = m->all;
	int64_t until = ss_time_mono() + WAIT_US;

	SS_LOCKED(&all->lock);
	while (m->n_free == 0 && m->n_made == SS_MODULE_BOXES)
		if (!ss_cond_wait_until(&all->freed, &all->lock, until))
			return ss_error_set(
			    err, SS_EBUSY, "模块 %s 正忙，请稍后再试 the module is busy, try again",
			    m->id);
	if (m->n_free) {
		*ret = m->free[--m->n_free];
		return 1;
	}
	m->n_made++;
	return 0;
}

static void give_back(struct ss_module *m, struct ss_box *b)
{
	struct ss_modules *all = m->all;

	SS_LOCKED(&all->lock);
	if (b)
		m->free[m->n_free++] = b;
	else
		m->n_made--;
	pthread_cond_broadcast(&all->freed);
}

static int take(struct ss_module *m, struct ss_box **ret, struct ss_error *err)
{
	int r = take_free(m, ret, err);

	if (r != 0)
		return r < 0 ? r : 0;
	r = another(m, ret, err);
	if (r < 0)
		give_back(m, NULL);
	return r;
}

/* --- a call -------------------------------------------------------------------------------------
 */

struct call {
	int fn;
	const json_t *in;
	json_t *hold, *out;
};

static int call_kept(lua_State *L)
{
	struct call *c = lua_touserdata(L, 1);

	ss_box_kept(L, c->fn);
	ss_box_push(L, c->in);
	lua_call(L, 1, 1);
	c->out = ss_box_read(L, -1, false, c->hold);
	return 0;
}

static int restore(lua_State *L)
{
	ss_box_restore(L);
	return 0;
}

static int run_call(struct ss_box *b, struct call *c, struct ss_error *err)
{
	const struct ss_script_turn *turn = ss_script_turn();
	struct ss_inside *in = b->owner;
	bool act = turn && turn->writes;
	int r;

	in->hold = c->hold;
	r = ss_box_run(b, act ? ACT_STEPS : PURE_STEPS, act ? ACT_US : PURE_US, call_kept, c, err);
	in->hold = NULL;
	return r;
}

static int call_in(struct ss_module *m, struct call *c, struct ss_error *err)
{
	struct ss_box *b;
	int r = take(m, &b, err);

	if (r < 0)
		return r;
	r = run_call(b, c, err);
	if (ss_box_run(b, RESTORE_STEPS, LOAD_US, restore, NULL, NULL) < 0) {
		ss_module_box_free(b); /* it no longer is what it was loaded as */
		b = NULL;
	}
	give_back(m, b);
	if (r == SS_ETIMEOUT || r == SS_ETOOBIG)
		poll(NULL, 0, PENALTY_MS);
	if (r < 0)
		ss_error_prefix(err, "%s", m->id);
	return r;
}

/* The module that function n belongs to, held; NULL when no set knows it any more. */
static struct ss_module *hold_module(struct ss_modules *all, int64_t n)
{
	SS_LOCKED(&all->lock);
	for (struct ss_modset *s = all->sets; s; s = s->next)
		for (size_t i = 0; i < s->n; i++)
			if (n >= s->modules[i].first_fn &&
			    n < s->modules[i].first_fn + s->modules[i].n_fns) {
				s->refs++;
				return &s->modules[i];
			}
	return NULL;
}

static void release_module(struct ss_module *m)
{
	SS_LOCKED(&m->all->lock);
	m->set->refs--;
}

static _Thread_local int nested;

int ss_modules_call(void *arg, const json_t *fn, const json_t *in, json_t **ret,
		    struct ss_error *err)
{
	const json_t *n = json_object_get(fn, "$fn");
	struct ss_module *m = json_is_integer(n) ? hold_module(arg, json_integer_value(n)) : NULL;
	struct call c = {.in = in};
	int r;

	if (!m)
		return ss_error_set(
		    err, SS_EGONE,
		    "这个函数所属的模块版本已不在用，请重试 the function belongs to "
		    "modules that were replaced, try again");
	c.fn = (int)(json_integer_value(n) - m->first_fn);
	c.hold = json_array();
	if (!c.hold)
		r = SS_ENOMEM;
	else if (nested >= NESTED_MAX)
		r = ss_error_set(err, SS_ETOOBIG,
				 "%s：脚本互相触发过深 scripts set off one another too deep",
				 m->id);
	else {
		nested++;
		r = call_in(m, &c, err);
		nested--;
	}
	if (r == 0)
		*ret = json_incref(c.out);
	json_decref(c.hold);
	release_module(m);
	return r;
}
