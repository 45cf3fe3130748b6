#include "base/json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/utf8_internal.h"

#define DEPTH_MOST 60

static void put(struct ss_json *j, const char *p, size_t n)
{
	ss_buf_add(j->out, p, n);
}

/* Before every value and key: a comma unless it is the first of its container or follows its key.
 */
static void before(struct ss_json *j)
{
	uint64_t bit = UINT64_C(1) << j->depth;

	if (j->after_key) {
		j->after_key = false;
		return;
	}
	ss_assert(!(j->in_obj & bit));                   /* in an object a key comes first */
	ss_assert(j->depth > 0 || !(j->need_comma & 1)); /* one value at the top */
	if (j->need_comma & bit)
		ss_buf_addc(j->out, ',');
	j->need_comma |= bit;
}

static void begin(struct ss_json *j, char c, bool obj)
{
	uint64_t bit;

	before(j);
	ss_buf_addc(j->out, c);
	ss_assert(j->depth < DEPTH_MOST);
	j->depth++;
	bit = UINT64_C(1) << j->depth;
	j->need_comma &= ~bit;
	j->in_obj = obj ? j->in_obj | bit : j->in_obj & ~bit;
}

static void end(struct ss_json *j, char c, bool obj)
{
	ss_assert(j->depth > 0 && !j->after_key);
	ss_assert(!!(j->in_obj & UINT64_C(1) << j->depth) == obj);
	j->depth--;
	ss_buf_addc(j->out, c);
}

void ss_json_obj(struct ss_json *j)
{
	begin(j, '{', true);
}

void ss_json_end_obj(struct ss_json *j)
{
	end(j, '}', true);
}

void ss_json_arr(struct ss_json *j)
{
	begin(j, '[', false);
}

void ss_json_end_arr(struct ss_json *j)
{
	end(j, ']', false);
}

/* What needs no escape: printable ASCII but quote and backslash. */
static bool plain(unsigned char c)
{
	return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

/* Bytes at the start of p[0..n) that go out as they are. Eight at a time; a byte that is no plain
 * one sets its high bit in one of the five terms (a false alarm only costs the slow look). */
static size_t plain_run(const unsigned char *p, size_t n)
{
	const uint64_t ones = UINT64_C(0x0101010101010101), high = ones << 7;
	size_t i = 0;

	for (; n - i >= 8; i += 8) {
		uint64_t w, quote, slash, del;

		memcpy(&w, p + i, 8);
		quote = w ^ ones * '"';
		slash = w ^ ones * '\\';
		del = w ^ ones * 0x7f;
		if ((w | (w - ones * 0x20) | (quote - ones) | (slash - ones) | (del - ones)) & high)
			break;
	}
	while (i < n && plain(p[i]))
		i++;
	return i;
}

static void put_escaped(struct ss_json *j, unsigned char c)
{
	static const char from[] = "\"\\\n\r\t\b\f", to[] = "\"\\nrtbf";
	const char *at = c ? strchr(from, c) : NULL;
	char t[6] = {'\\', 'u', '0', '0', 0, 0};

	if (at) {
		t[1] = to[at - from];
		put(j, t, 2);
		return;
	}
	ss_hex_encode(t + 4, &c, 1);
	put(j, t, 6);
}

/* From the first byte on that is not plain. */
static void put_odd_text(struct ss_json *j, struct ss_str s)
{
	const unsigned char *p = (const unsigned char *)s.p;
	size_t i = 0, from = 0;

	while (i < s.n) {
		size_t len = ss_utf8_len(p + i, s.n - i);

		if (plain(p[i]) || len > 1) {
			i += len;
			continue;
		}
		put(j, s.p + from, i - from);
		if (len == 0)
			put(j, "\xEF\xBF\xBD", 3);
		else
			put_escaped(j, p[i]);
		from = ++i;
	}
	put(j, s.p + from, i - from);
}

static void put_text(struct ss_json *j, struct ss_str s)
{
	size_t n = s.n ? plain_run((const unsigned char *)s.p, s.n) : 0;

	ss_buf_addc(j->out, '"');
	put(j, s.p, n);
	if (n < s.n)
		put_odd_text(j, ss_str_n(s.p + n, s.n - n));
	ss_buf_addc(j->out, '"');
}

void ss_json_key(struct ss_json *j, const char *name)
{
	uint64_t bit = UINT64_C(1) << j->depth;

	ss_assert((j->in_obj & bit) && !j->after_key);
	if (j->need_comma & bit)
		ss_buf_addc(j->out, ',');
	j->need_comma |= bit;
	put_text(j, ss_str_of(name));
	ss_buf_addc(j->out, ':');
	j->after_key = true;
}

void ss_json_str(struct ss_json *j, struct ss_str s)
{
	before(j);
	put_text(j, s);
}

void ss_json_z(struct ss_json *j, const char *z)
{
	if (z)
		ss_json_str(j, ss_str_of(z));
	else
		ss_json_null(j);
}

void ss_json_i64(struct ss_json *j, int64_t v)
{
	before(j);
	ss_buf_add_i64(j->out, v);
}

void ss_json_double(struct ss_json *j, double v)
{
	if (!isfinite(v)) {
		ss_json_null(j);
		return;
	}
	before(j);
	ss_buf_add_double(j->out,
			  v + 0.0); /* -0 becomes 0: readers of JSON take it for an integer */
}

void ss_json_bool(struct ss_json *j, bool v)
{
	before(j);
	put(j, v ? "true" : "false", v ? 4 : 5);
}

void ss_json_null(struct ss_json *j)
{
	before(j);
	put(j, "null", 4);
}

void ss_json_time(struct ss_json *j, int64_t t_us)
{
	char t[SS_TIME_ISO + 1];
	size_t n;

	if (t_us == SS_TIME_NONE) {
		ss_json_null(j);
		return;
	}
	before(j);
	t[0] = '"';
	n = ss_time_fmt_iso(t + 1, t_us);
	t[n + 1] = '"';
	put(j, t, n + 2);
}

void ss_json_raw(struct ss_json *j, struct ss_str s)
{
	ss_assert(s.n > 0);
	before(j);
	put(j, s.p, s.n);
}

void ss_json_kknown(struct ss_json *j, const char *k, double v)
{
	if (!isnan(v))
		ss_json_kdouble(j, k, v);
}

/* jansson's own bound is 2048 levels of recursion; ours is what the writer can write. */
static bool too_deep(struct ss_str s)
{
	bool in_text = false;
	int depth = 0;

	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (in_text) {
			if (c == '\\')
				i++;
			else if (c == '"')
				in_text = false;
		} else if (c == '"') {
			in_text = true;
		} else if (c == '{' || c == '[') {
			if (++depth > DEPTH_MOST)
				return true;
		} else if (c == '}' || c == ']') {
			depth--;
		}
	}
	return false;
}

int ss_json_parse(struct ss_str text, json_t **ret, struct ss_error *err)
{
	json_error_t e;
	json_t *v;

	if (too_deep(text))
		return ss_error_set(err, SS_EPARSE,
				    "JSON 嵌套超过 %d 层; JSON is nested deeper than %d levels",
				    DEPTH_MOST, DEPTH_MOST);
	v = json_loadb(text.n ? text.p : "", text.n, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &e);
	if (!v) {
		int code = json_error_code(&e) == json_error_out_of_memory ? SS_ENOMEM : SS_EPARSE;

		return ss_error_set(
		    err, code, "JSON 第 %d 行第 %d 列有误：%s; JSON error at line %d column %d: %s",
		    e.line, e.column, e.text, e.line, e.column, e.text);
	}
	*ret = v;
	return 0;
}

/* --- members ---------------------------------------------------------------------------------- */

const char *ss_json_get_z(const json_t *o, const char *name)
{
	const char *z = json_string_value(json_object_get(o, name));

	return z ? z : "";
}

struct ss_str ss_json_get_str(const json_t *o, const char *name)
{
	const json_t *v = json_object_get(o, name);

	return ss_str_n(json_is_string(v) ? json_string_value(v) : "", json_string_length(v));
}

int64_t ss_json_get_i64(const json_t *o, const char *name, int64_t otherwise)
{
	const json_t *v = json_object_get(o, name);

	return json_is_integer(v) ? json_integer_value(v) : otherwise;
}

double ss_json_get_double(const json_t *o, const char *name)
{
	const json_t *v = json_object_get(o, name);

	return json_is_number(v) ? json_number_value(v) : (double)NAN;
}

/* --- canonical JSON --------------------------------------------------------------------------- */

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int put_canonical(struct ss_json *j, const json_t *v, int depth);

static int canonical_object(struct ss_json *j, const json_t *v, int depth)
{
	size_t n = json_object_size(v), i = 0;
	const char **names = calloc(n + 1, sizeof(*names)), *name;
	json_t *member;
	int r = 0;

	if (!names) {
		ss_json_null(j); /* the key before it wants its value */
		return SS_ENOMEM;
	}
	json_object_foreach((json_t *)v, name, member) names[i++] = name;
	ss_sort(names, n, sizeof(*names), by_name);
	ss_json_obj(j);
	for (i = 0; i < n && r == 0; i++) {
		ss_json_key(j, names[i]);
		r = put_canonical(j, json_object_get(v, names[i]), depth + 1);
	}
	ss_json_end_obj(j);
	free(names);
	return r;
}

static int canonical_array(struct ss_json *j, const json_t *v, int depth)
{
	size_t i;
	json_t *member;
	int r = 0;

	ss_json_arr(j);
	json_array_foreach(v, i, member)
	{
		if (r == 0)
			r = put_canonical(j, member, depth + 1);
	}
	ss_json_end_arr(j);
	return r;
}

static int put_canonical(struct ss_json *j, const json_t *v, int depth)
{
	if (depth > 32) {
		ss_json_null(j);
		return SS_ETOOBIG;
	}
	switch (json_typeof(v)) {
	case JSON_OBJECT:
		return canonical_object(j, v, depth);
	case JSON_ARRAY:
		return canonical_array(j, v, depth);
	case JSON_STRING:
		ss_json_str(j, ss_str_n(json_string_value(v), json_string_length(v)));
		return 0;
	case JSON_INTEGER:
		ss_json_i64(j, json_integer_value(v));
		return 0;
	case JSON_REAL:
		ss_json_double(j, json_real_value(v));
		return 0;
	case JSON_TRUE:
	case JSON_FALSE:
		ss_json_bool(j, json_is_true(v));
		return 0;
	default:
		ss_json_null(j);
		return 0;
	}
}

int ss_json_canonical(struct ss_buf *out, const json_t *v)
{
	struct ss_json j = ss_json_on(out);
	int r = put_canonical(&j, v, 0);

	return r < 0 ? r : out->err;
}
