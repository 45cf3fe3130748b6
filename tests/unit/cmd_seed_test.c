/* The moments and kept names of what modules bring along. */
#include "base_test.h"

#include "base/json.h"
#include "base/time.h"
#include "cmd/module_seed.h"

static int64_t at(const char *iso)
{
	int64_t t = 0;

	assert_int_equal(ss_time_parse_iso(ss_str_of(iso), &t), 0);
	return t;
}

static void says(const char *text, const char *want)
{
	ss_cleanup(ss_buf_done) struct ss_buf out = SS_BUF_MAX(1000);
	json_t *kept = json_pack("{s:s}", "e1", "0190");
	struct ss_error err = {0};

	assert_int_equal(
	    ss_seed_text(ss_str_of(text), at("2026-11-27T23:40:31+08:00"), kept, &out, &err), 0);
	assert_string_equal(out.p ? out.p : "", want);
	json_decref(kept);
}

static void moments(void **state)
{
	(void)state;
	says("", "");
	says("{\"a\": {\"b\": 1}}", "{\"a\": {\"b\": 1}}");
	says("{{now}}", "2026-11-27T23:40:00+08:00");
	says("x {{now-35m}},{{now+2h}} y",
	     "x 2026-11-27T23:05:00+08:00,2026-11-28T01:40:00+08:00 y");
	says("{{now-90s}}", "2026-11-27T23:38:30+08:00");
	/* the city's day, also late in the evening of another */
	says("{{day 08:00}} {{day+1 20:30}} {{day-27 00:00}}",
	     "2026-11-27T08:00:00+08:00 2026-11-28T20:30:00+08:00 2026-10-31T00:00:00+08:00");
	says("/{{e1}}/acts", "/0190/acts");
	says("{{ open", "{{ open");
}

static void refusals(void **state)
{
	static const char *const bad[] = {"{{none}}",     "{{now-}}",        "{{now-5}}",
					  "{{now-5y}}",   "{{now*5m}}",      "{{now--5m}}",
					  "{{day}}",      "{{day 24:00}}",   "{{day+ 08:00}}",
					  "{{day+1 08}}", "{{day+1 08:60}}", "{{}}"};

	(void)state;
	for (size_t i = 0; i < SS_ARRAY_LEN(bad); i++) {
		ss_cleanup(ss_buf_done) struct ss_buf out = SS_BUF_MAX(1000);
		struct ss_error err = {0};

		assert_int_equal(ss_seed_text(ss_str_of(bad[i]), 0, NULL, &out, &err), SS_EPARSE);
		assert_true(err.text[0]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(moments), cmocka_unit_test(refusals)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
