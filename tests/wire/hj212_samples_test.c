/* All published frames and byte streams, field by field against their expected facts. */
#include "hj212_test.h"

static json_t *decode(const struct ss_hj212_frame *f)
{
	struct ss_buf b = SS_BUF_MAX(1 << 20);
	struct ss_json j = ss_json_on(&b);
	struct ss_error err = {0};
	json_t *got = NULL;

	ss_hj212_json(&j, f, NULL);
	assert_int_equal(b.err, 0);
	if (ss_json_parse(ss_buf_str(&b), &got, &err) < 0)
		fail_msg("%s: %s", err.text, b.p);
	ss_buf_done(&b);
	return got;
}

static void compare(const json_t *want, const json_t *got)
{
	static const char *const keys[] = {
	    "declared_len", "actual_len",       "len_ok", "crc_field", "crc_calc", "crc_ok",
	    "crc_alt",      "crc_in_value_set", "header", "flag",      "cp",       "verdict"};

	for (size_t i = 0; i < SS_ARRAY_LEN(keys); i++) {
		const json_t *w = json_object_get(want, keys[i]),
			     *g = json_object_get(got, keys[i]);

		if (!w != !g || (w && !json_equal(w, g)))
			fail_msg("%s: %s: want %s got %s",
				 json_string_value(json_object_get(want, "id")), keys[i],
				 w ? json_dumps(w, JSON_ENCODE_ANY) : "(absent)",
				 g ? json_dumps(g, JSON_ENCODE_ANY) : "(absent)");
	}
}

static json_t *next_json(struct ss_str *lines)
{
	struct ss_error err = {0};
	struct ss_str line;
	json_t *v;

	if (!ss_str_split(lines, '\n', &line) || line.n == 0)
		return NULL;
	if (ss_json_parse(line, &v, &err) < 0)
		fail_msg("%s", err.text);
	return v;
}

static void samples_as_one_stream(void **state)
{
	struct ss_buf raw = read_data("samples.txt"), facts = read_data("samples.jsonl");
	struct ss_str lines = ss_buf_str(&facts);
	struct ss_hj212_frame f;
	size_t at = 0, used;
	int frames = 0;
	json_t *want;

	(void)state;
	while ((want = next_json(&lines))) {
		json_t *got;

		assert_int_equal(ss_hj212_cut(raw.p + at, raw.n - at, true, NULL, &f, &used), 1);
		assert_int_equal(f.noise, 0);
		got = decode(&f);
		compare(want, got);
		json_decref(got);
		json_decref(want);
		at += used;
		frames++;
	}
	assert_int_equal(ss_hj212_cut(raw.p + at, raw.n - at, true, NULL, &f, &used), 0);
	assert_int_equal(frames, 115);
	ss_buf_done(&raw);
	ss_buf_done(&facts);
}

static void compare_short(const json_t *want, const struct ss_hj212_frame *f)
{
	json_t *got = decode(f), *header = json_object_get(got, "header");
	const char *text = json_string_value(json_object_get(want, "text"));

	assert_true(json_equal(json_object_get(want, "verdict"), json_object_get(got, "verdict")));
	assert_true(json_equal(json_object_get(want, "qn"), json_object_get(header, "QN")));
	assert_true(json_equal(json_object_get(want, "cn"), json_object_get(header, "CN")));
	if (json_object_get(want, "pno")) {
		struct ss_hj212_head h;

		assert_int_equal(ss_hj212_head(f->segment, &h), 0);
		assert_int_equal(h.pno, json_integer_value(json_object_get(want, "pno")));
	}
	if (text) {
		assert_string_equal(text, json_string_value(json_object_get(got, "text")));
		assert_true(json_equal(json_object_get(want, "encoding"),
				       json_object_get(got, "encoding")));
	}
	json_decref(got);
}

/* Feeds the chunks as a connection would: what a cut leaves stays for the next read. */
static void run_stream(const json_t *stream)
{
	const json_t *chunks = json_object_get(stream, "chunks_hex");
	const json_t *expect = json_object_get(stream, "expect");
	struct ss_buf b = SS_BUF_MAX(1 << 20);
	size_t frames = 0, used;
	struct ss_hj212_frame f;

	for (size_t i = 0; i <= json_array_size(chunks); i++) {
		bool end = i == json_array_size(chunks);
		uint8_t raw[8192];
		size_t n = 0;

		if (!end) {
			const char *hex = json_string_value(json_array_get(chunks, i));

			assert_int_equal(ss_hex_decode(ss_str_of(hex), raw, sizeof(raw), &n), 0);
			ss_buf_add(&b, raw, n);
		}
		while (ss_hj212_cut(b.p, b.n, end, NULL, &f, &used)) {
			assert_true(frames < json_array_size(expect));
			compare_short(json_array_get(expect, frames++), &f);
			ss_buf_cut(&b, used);
		}
		ss_buf_cut(&b, used);
	}
	assert_int_equal(frames, json_array_size(expect));
	ss_buf_done(&b);
}

static void streams(void **state)
{
	struct ss_buf facts = read_data("streams.jsonl");
	struct ss_str lines = ss_buf_str(&facts);
	json_t *stream;
	int count = 0;

	(void)state;
	while ((stream = next_json(&lines))) {
		run_stream(stream);
		json_decref(stream);
		count++;
	}
	assert_int_equal(count, 10);
	ss_buf_done(&facts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(samples_as_one_stream),
	    cmocka_unit_test(streams),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
