#include "reason/calc/calc_internal.h"

#define ARENA (64u << 20) /* most that one input may need */

static const struct ss_calc *const subjects[] = {
    ss_calc_air,       ss_calc_water,   ss_calc_emission, ss_calc_dispersion, ss_calc_river,
    ss_calc_soil,      ss_calc_ecology, ss_calc_waste,    ss_calc_tax,        ss_calc_carbon,
    ss_calc_emergency, ss_calc_penalty, ss_calc_noise,    ss_calc_credit,     ss_calc_random};

const struct ss_calc *ss_calc_at(size_t i)
{
	for (size_t s = 0; s < SS_ARRAY_LEN(subjects); s++) {
		for (const struct ss_calc *c = subjects[s]; c->name; c++) {
			if (i-- == 0)
				return c;
		}
	}
	return NULL;
}

const struct ss_calc *ss_calc_find(struct ss_str name)
{
	const struct ss_calc *c;

	for (size_t i = 0; (c = ss_calc_at(i)); i++) {
		if (ss_str_is(name, c->name))
			return c;
	}
	return NULL;
}

const char *ss_calc_name(const struct ss_calc *c)
{
	return c->name;
}

const char *ss_calc_zh(const struct ss_calc *c)
{
	return c->zh;
}

const char *ss_calc_en(const struct ss_calc *c)
{
	return c->en;
}

/* --- running ------------------------------------------------------------------------------------
 */

static void put_error(struct ss_buf *out, const struct ss_calc_run *r)
{
	struct ss_json j = ss_json_on(out);

	ss_json_obj(&j);
	ss_json_key(&j, "error");
	ss_json_obj(&j);
	ss_json_kz(&j, "code", r->code);
	ss_json_kz(&j, "field", r->field);
	ss_json_kz(&j, "message", r->message);
	ss_json_end_obj(&j);
	ss_json_end_obj(&j);
}

/* Drops what was written behind n. */
static void cut_back(struct ss_buf *out, size_t n)
{
	if (out->n > n) {
		out->n = n;
		out->p[n] = 0;
	}
}

static void answer(const struct ss_calc *c, const json_t *in, struct ss_arena *a,
		   struct ss_buf *out)
{
	struct ss_json j = ss_json_on(out);
	struct ss_calc_run r = {
	    .calc = c, .a = a, .j = &j, .law = ss_law_now(), .day = ss_day_of(ss_time_now())};
	size_t before = out->n;

	if (!json_is_object(in))
		ss_calc_fail(&r, "json", NULL, "这一行不是 JSON 对象 {...}");
	else
		ss_calc_take(&r, in);
	if (!r.code) {
		ss_json_obj(&j);
		ss_json_key(&j, "result");
		ss_json_obj(&j);
		c->fn(&r);
		ss_json_end_obj(&j);
		ss_json_end_obj(&j);
	}
	if (r.code) {
		cut_back(out, before);
		put_error(out, &r);
	}
}

static void line_answer(const struct ss_calc *c, struct ss_str line, struct ss_arena *a,
			struct ss_buf *out)
{
	json_t *in = ss_calc_read(line);

	answer(c, in, a, out);
	json_decref(in);
	ss_arena_reset(a);
}

void ss_calc_line(const struct ss_calc *c, struct ss_str line, struct ss_buf *out)
{
	struct ss_arena a;

	ss_arena_init(&a, ARENA);
	line_answer(c, line, &a, out);
	ss_arena_done(&a);
}

void ss_calc_lines(const struct ss_calc *c, struct ss_str text, struct ss_buf *out)
{
	struct ss_arena a;
	struct ss_str line;

	ss_arena_init(&a, ARENA);
	while (ss_str_split(&text, '\n', &line)) {
		line_answer(c, line, &a, out);
		ss_buf_addc(out, '\n');
	}
	ss_arena_done(&a);
}

/* Several lines, the first of them an object by itself. */
static bool looks_like_lines(struct ss_str text)
{
	struct ss_str first;
	bool is = false;
	json_t *v;

	if (ss_str_split(&text, '\n', &first) && ss_str_trim(text).n) {
		v = ss_calc_read(first);
		is = json_is_object(v);
		json_decref(v);
	}
	return is;
}

static void array_answer(const struct ss_calc *c, const json_t *in, struct ss_arena *a,
			 struct ss_buf *out)
{
	ss_buf_addc(out, '[');
	for (size_t i = 0; i < json_array_size(in); i++) {
		if (i)
			ss_buf_addc(out, ',');
		answer(c, json_array_get(in, i), a, out);
		ss_arena_reset(a);
	}
	ss_buf_addc(out, ']');
}

bool ss_calc_document(const struct ss_calc *c, struct ss_str text, struct ss_buf *out)
{
	json_t *in = ss_calc_read(text);
	struct ss_arena a;

	if (!in && looks_like_lines(text)) {
		ss_calc_lines(c, text, out);
		return true;
	}
	ss_arena_init(&a, ARENA);
	if (json_is_array(in))
		array_answer(c, in, &a, out);
	else
		answer(c, in, &a, out);
	json_decref(in);
	ss_arena_done(&a);
	return false;
}
