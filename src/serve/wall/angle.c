/* The dialect of angle brackets: <word,field,...> both ways, ASCII. Commands are rows of a table.
 */
#include "serve/wall/wall.h"

#include <string.h>

#define FIELD_MAX 65535

static const struct op {
	const char *name, *word;
	const char *fields; /* w wall, n window, i input, c crop, r rect, l layout, z order, p
			       panel, o on, t text */
	bool again;
} ops[] = {
    {"open", "open", "wnicr", false},    {"move", "move", "nicr", true},
    {"switch", "icha", "nic", true},     {"close", "shut", "n", false},
    {"clear", "rset", "w", true},        {"order", "torb", "nz", true},
    {"save_layout", "save", "lw", true}, {"layout", "call", "lw", true},
    {"input", "rcpm", "i", true},        {"status", "xsta", "", true},
    {"windows", "xlst", "w", true},      {"power", "xpwr", "po", true},
    {"subtitle", "xsub", "wt", true},
};
const char *const ss_wall_ops[] = {"open",    "move",        "switch",   "close", "clear",
				   "order",   "save_layout", "layout",   "input", "status",
				   "windows", "power",       "subtitle", NULL};

static const struct op *op_of(const char *name)
{
	for (size_t i = 0; name && i < SS_ARRAY_LEN(ops); i++)
		if (strcmp(ops[i].name, name) == 0)
			return &ops[i];
	return NULL;
}

static int bad(struct ss_error *err, const char *member)
{
	return ss_error_set(err, SS_EINVAL,
			    "拼接命令的 %s 不对；%s of the wall command is not right", member,
			    member);
}

static int put_number(struct ss_buf *out, const json_t *v, int64_t most, const char *member,
		      struct ss_error *err)
{
	if (!json_is_integer(v) || json_integer_value(v) < 0 || json_integer_value(v) > most)
		return bad(err, member);
	return ss_buf_addf(out, ",%lld", (long long)json_integer_value(v));
}

/* Four numbers; an absent crop is the whole input. */
static int put_four(struct ss_buf *out, const json_t *v, const char *member, struct ss_error *err)
{
	int r = 0;

	if (!v && strcmp(member, "crop") == 0)
		return ss_buf_addf(out, ",0,0,0,0");
	if (json_array_size(v) != 4)
		return bad(err, member);
	for (size_t i = 0; r == 0 && i < 4; i++)
		r = put_number(out, json_array_get(v, i), FIELD_MAX, member, err);
	return r;
}

static int put_rect(struct ss_buf *out, const json_t *v, struct ss_error *err)
{
	int r = put_four(out, v, "rect", err);

	if (r == 0 &&
	    (json_integer_value(json_array_get(v, 0)) >= json_integer_value(json_array_get(v, 2)) ||
	     json_integer_value(json_array_get(v, 1)) >= json_integer_value(json_array_get(v, 3))))
		return bad(err, "rect");
	return r;
}

static int put_order(struct ss_buf *out, const json_t *v, struct ss_error *err)
{
	const char *z = json_string_value(v);

	if (!z || (strcmp(z, "top") != 0 && strcmp(z, "bottom") != 0))
		return bad(err, "order");
	return ss_buf_addf(out, ",%d", strcmp(z, "bottom") == 0);
}

/* Words on the wall: nothing in them may end the command or part its fields. */
static int put_text(struct ss_buf *out, const json_t *v, struct ss_error *err)
{
	const char *z = json_string_value(v);
	int r;

	if (!z || strlen(z) > 300 || strpbrk(z, "<>,"))
		return bad(err, "text");
	for (const char *p = z; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			return bad(err, "text");
	r = ss_buf_addc(out, ',');
	return r < 0 ? r : ss_buf_add(out, z, strlen(z));
}

static int put_field(char field, const json_t *c, int64_t wall, struct ss_buf *out,
		     struct ss_error *err)
{
	switch (field) {
	case 'w':
		return ss_buf_addf(out, ",%lld", (long long)wall);
	case 'n':
		return put_number(out, json_object_get(c, "window"), 999, "window", err);
	case 'i':
		return put_number(out, json_object_get(c, "input"), 999, "input", err);
	case 'l':
		return put_number(out, json_object_get(c, "layout"), 39, "layout", err);
	case 'p':
		return put_number(out, json_object_get(c, "panel"), 999, "panel", err);
	case 'c':
		return put_four(out, json_object_get(c, "crop"), "crop", err);
	case 'r':
		return put_rect(out, json_object_get(c, "rect"), err);
	case 'z':
		return put_order(out, json_object_get(c, "order"), err);
	case 't':
		return put_text(out, json_object_get(c, "text"), err);
	default:
		if (!json_is_boolean(json_object_get(c, "on")))
			return bad(err, "on");
		return ss_buf_addf(out, ",%d", json_is_true(json_object_get(c, "on")));
	}
}

static int encode(const json_t *c, int64_t wall, struct ss_buf *out, bool *ret_again,
		  struct ss_error *err)
{
	const struct op *o = op_of(json_string_value(json_object_get(c, "op")));
	int r;

	if (!o)
		return bad(err, "op");
	r = ss_buf_addf(out, "<%s", o->word);
	for (const char *f = o->fields; r >= 0 && *f; f++)
		r = put_field(*f, c, wall, out, err);
	if (r >= 0)
		r = ss_buf_addc(out, '>');
	if (r < 0)
		return r;
	*ret_again = o->again;
	return 0;
}

/* Line ends and noise before "<" belong to nobody; "<" inside a reply begins it anew (half a line
 * was lost). */
static int64_t cut(struct ss_str bytes)
{
	const char *end = memchr(bytes.p, '>', bytes.n);

	if (end)
		return end - bytes.p + 1;
	return bytes.n > SS_WALL_REPLY_MAX ? SS_EPARSE : 0;
}

static int read_reply(struct ss_str s, struct ss_wall_reply *ret)
{
	size_t at = s.n;
	struct ss_str rest, part;

	ret->n = 0;
	if (s.n < 2 || s.p[s.n - 1] != '>')
		return SS_EPARSE;
	while (at > 0 && s.p[at - 1] != '<')
		at--;
	if (at == 0 || at == s.n - 1)
		return SS_EPARSE;
	rest = ss_str_n(s.p + at, s.n - at - 1);
	if (!ss_utf8_valid(rest))
		return SS_EPARSE;
	while (ss_str_split(&rest, ',', &part)) {
		if (ret->n == SS_ARRAY_LEN(ret->word))
			return SS_EPARSE;
		ret->word[ret->n++] = ss_str_trim(part);
	}
	return ret->n ? 0 : SS_EPARSE;
}

static json_t *word_json(struct ss_str w)
{
	int64_t v;

	return ss_parse_i64(w, &v) == 0 ? json_integer(v) : json_stringn(w.p, w.n);
}

/* <xlst,wall,win,src,x0,y0,x1,y1,...> */
static json_t *windows_of(const struct ss_wall_reply *r)
{
	static const char *const names[] = {"window", "input", "x0", "y0", "x1", "y1"};
	json_t *list = json_array();

	for (size_t i = 2; i + SS_ARRAY_LEN(names) <= r->n; i += SS_ARRAY_LEN(names)) {
		json_t *w = json_object();

		for (size_t k = 0; k < SS_ARRAY_LEN(names); k++)
			json_object_set_new(w, names[k], word_json(r->word[i + k]));
		json_array_append_new(list, w);
	}
	return list;
}

static json_t *values_of(const struct ss_wall_reply *r)
{
	json_t *list = json_array();

	for (size_t i = 1; i < r->n; i++)
		json_array_append_new(list, word_json(r->word[i]));
	return list;
}

/* A query is answered under its own word; everything else by OK or the word of a refusal. */
static json_t *answer(const json_t *command, const struct ss_wall_reply *r)
{
	const struct op *o = op_of(json_string_value(json_object_get(command, "op")));
	bool asked = o && ss_str_is(r->word[0], o->word);
	bool ok = asked || ss_str_is(r->word[0], "OK");
	json_t *a = json_pack("{s:b,s:o}", "ok", ok, "result",
			      asked ? json_string("OK") : json_stringn(r->word[0].p, r->word[0].n));

	if (a && asked && strcmp(o->name, "windows") == 0)
		json_object_set_new(a, "windows", windows_of(r));
	else if (a && asked)
		json_object_set_new(a, "values", values_of(r));
	return a;
}

const struct ss_wall_dialect ss_wall_angle = {
    .name = "angle", .encode = encode, .cut = cut, .read = read_reply, .answer = answer};

const struct ss_wall_dialect *ss_wall_dialect(const char *name)
{
	return name && strcmp(name, ss_wall_angle.name) == 0 ? &ss_wall_angle : NULL;
}
