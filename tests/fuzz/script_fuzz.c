/* Any text as a script and any JSON as its input (the first line of the text, when it is some): the
 * box stays within its memory and its steps, ends in words, forgets what the run changed and works
 * on. */
#include <stdint.h>
#include <stdlib.h>

#include "base/base.h"
#include "base/json.h"
#include "serve/modules/box_internal.h"

#define MEMORY ((size_t)4 << 20)
#define STEPS 300000
#define WALL (SS_US_PER_SEC / 2)
#define OVERSHOOT 1

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool cond)
{
	if (!cond)
		abort();
}

struct script {
	struct ss_str text;
	json_t *in, *hold;
};

static int run(lua_State *L)
{
	struct script *s = lua_touserdata(L, 1);

	ss_box_compile(L, s->text, "fuzz.lua");
	ss_box_push(L, s->in);
	lua_call(L, 1, 1);
	ss_box_read(L, -1, false, s->hold);
	return 0;
}

static int remember(lua_State *L)
{
	ss_box_remember(L);
	return 0;
}

static int restore(lua_State *L)
{
	ss_box_restore(L);
	return 0;
}

static int still_works(lua_State *L)
{
	ss_box_compile(L, SS_STR("assert(('x'):rep(3) == 'xxx' and left_behind == nil)"),
		       "after.lua");
	lua_call(L, 0, 0);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct script s = {.text = ss_str_n((const char *)data, size), .hold = json_array()};
	struct ss_str rest = s.text, line = {"", 0};
	struct ss_error err = {0};
	struct ss_box b;
	int r;

	if (ss_str_split(&rest, '\n', &line) && ss_json_parse(line, &s.in, NULL) == 0)
		s.text = rest;
	must(ss_box_new(&b, MEMORY, NULL) == 0);
	must(ss_box_run(&b, STEPS, SS_US_PER_MIN, remember, NULL, NULL) == 0);
	r = ss_box_run(&b, STEPS, WALL, run, &s, &err);
	must(r == 0 || (err.text[0] && err.code == r));
	must(b.steps_left >= -OVERSHOOT && b.peak <= MEMORY);
	must(ss_box_run(&b, STEPS * 10, SS_US_PER_MIN, restore, NULL, NULL) == 0);
	must(ss_box_run(&b, STEPS, SS_US_PER_MIN, still_works, NULL, &err) == 0);
	ss_box_free(&b);
	json_decref(s.hold);
	json_decref(s.in);
	return 0;
}
