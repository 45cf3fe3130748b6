/* Any bytes as JSON: what is read is written by our writer and reads back equal; any bytes as a
 * text come out as valid JSON and valid UTF-8. */
#include "base/base.h"
#include "base/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void put(struct ss_json *j, const json_t *v);

static void put_object(struct ss_json *j, const json_t *v)
{
	const char *key;
	json_t *item;

	ss_json_obj(j);
	json_object_foreach((json_t *)(uintptr_t)v, key, item)
	{
		ss_json_key(j, key);
		put(j, item);
	}
	ss_json_end_obj(j);
}

static void put(struct ss_json *j, const json_t *v)
{
	switch (json_typeof(v)) {
	case JSON_OBJECT:
		put_object(j, v);
		break;
	case JSON_ARRAY:
		ss_json_arr(j);
		for (size_t i = 0; i < json_array_size(v); i++)
			put(j, json_array_get(v, i));
		ss_json_end_arr(j);
		break;
	case JSON_STRING:
		ss_json_str(j, ss_str_n(json_string_value(v), json_string_length(v)));
		break;
	case JSON_INTEGER:
		ss_json_i64(j, json_integer_value(v));
		break;
	case JSON_REAL:
		ss_json_double(j, json_real_value(v));
		break;
	case JSON_TRUE:
	case JSON_FALSE:
		ss_json_bool(j, json_is_true(v));
		break;
	default:
		ss_json_null(j);
	}
}

/* Equal but for reals without a fraction, which the shortest form writes as whole numbers. */
static void check_value(struct ss_str text)
{
	struct ss_buf once = SS_BUF_MAX(1 << 24), twice = SS_BUF_MAX(1 << 24);
	struct ss_json j = ss_json_on(&once), k = ss_json_on(&twice);
	struct ss_error err = {0};
	json_t *v, *back;

	if (ss_json_parse(text, &v, &err) < 0) {
		ss_assert(err.code < 0 && err.text[0]);
		return;
	}
	put(&j, v);
	ss_assert(once.err == 0 && j.depth == 0);
	/* a whole real beyond 64 bits has no other form */
	if (ss_json_parse(ss_buf_str(&once), &back, &err) == 0) {
		put(&k, back);
		ss_assert(ss_str_eq(ss_buf_str(&once), ss_buf_str(&twice)));
		json_decref(back);
	}
	json_decref(v);
	ss_buf_done(&once);
	ss_buf_done(&twice);
}

static void check_text(struct ss_str text)
{
	struct ss_buf b = SS_BUF_MAX(1 << 24);
	struct ss_json j = ss_json_on(&b);
	struct ss_error err;
	json_t *v;

	ss_json_str(&j, text);
	ss_assert(b.err == 0 && ss_utf8_valid(ss_buf_str(&b)));
	/* jansson refuses the NUL character, which the writer can write */
	if (ss_str_find(text, ss_str_n("", 1)) < 0) {
		ss_assert(ss_json_parse(ss_buf_str(&b), &v, &err) == 0);
		if (ss_utf8_valid(text))
			ss_assert(
			    ss_str_eq(ss_str_n(json_string_value(v), json_string_length(v)), text));
		json_decref(v);
	}
	ss_buf_done(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ss_str text = ss_str_n((const char *)data, size);

	check_value(text);
	check_text(text);
	return 0;
}
