/* Templates: what is printed, in which words, what is refused by name, and that nothing gets out of
 * its place. Sums in words by the rules of bank bills (大写). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>
#include <stdlib.h>

#include "reason/documents/documents.h"

static void fills(const char *template_, const char *values, const char *want)
{
	ss_cleanup(ss_buf_done) struct ss_buf out = SS_BUF_MAX(1 << 16);
	json_t *v = json_loads(values, 0, NULL), *blanks = json_array();
	struct ss_error err = {0};
	int r = ss_template_fill(ss_str_of(template_), v, &out, blanks, &err);

	assert_non_null(v);
	if (r < 0 || !ss_str_is(ss_buf_str(&out), want))
		fail_msg("%s: %s " SS_STR_FMT, template_, err.text, SS_STR_ARG(ss_buf_str(&out)));
	json_decref(v);
	json_decref(blanks);
}

static void values_in_words(void **state)
{
	(void)state;
	fills("<p>{{a}}</p>", "{\"a\":\"<b>&\"}", "<p>&lt;b&gt;&amp;</p>");
	fills("<p>{{a|money}}</p>", "{\"a\":460000}", "<p>肆拾陆万元整</p>");
	fills("<p>{{a|money}}</p>", "{\"a\":\"460000\"}",
	      "<p>肆拾陆万元整</p>"); /* as records keep it */
	fills("<p>{{a|money}}</p>", "{\"a\":\"100005.60\"}", "<p>壹拾万零伍元陆角整</p>");
	fills("<p>{{a|money}}</p>", "{\"a\":\"0\"}", "<p>零元整</p>");
	fills("<p>{{a|number}}</p>", "{\"a\":\"1234567.5\"}", "<p>1,234,567.5</p>");
	fills("<p>{{a|date}}</p>", "{\"a\":\"2026-01-05\"}", "<p>2026年1月5日</p>");
	fills("<p>{{a?}}</p>", "{}", "<p></p>");
	fills("<p>{{#each l}}{{index}}{{this.x}} {{/each}}</p>",
	      "{\"l\":[{\"x\":\"甲\"},{\"x\":\"乙\"}]}", "<p>1甲 2乙 </p>");
	fills("<p>{{#if a}}有{{else}}无{{/if}}</p>", "{\"a\":[]}", "<p>无</p>");
}

static void blanks_are_named(void **state)
{
	ss_cleanup(ss_buf_done) struct ss_buf out = SS_BUF_MAX(1 << 16);
	json_t *v = json_loads("{\"a\":\"\"}", 0, NULL), *blanks = json_array();
	struct ss_error err = {0};

	(void)state;
	assert_int_equal(
	    ss_template_fill(SS_STR("<p>{{a}}{{b.c}}{{a}}</p>"), v, &out, blanks, &err), SS_EINVAL);
	assert_int_equal(json_array_size(blanks), 2); /* each once */
	assert_string_equal(json_string_value(json_array_get(blanks, 1)), "b.c");
	json_decref(v);
	json_decref(blanks);
}

static void bad_templates_are_refused(void **state)
{
	static const char *const bad[] = {"<p>{{a|x}}</p>",         "<p>{{#if a}}</p>",
					  "<p>{{/each}}</p>",       "<script>1</script>",
					  "<p onclick=\"1\">a</p>", "<p>{{a</p>"};

	(void)state;
	for (size_t i = 0; i < SS_ARRAY_LEN(bad); i++) {
		struct ss_error err = {0};

		if (ss_template_check(ss_str_of(bad[i]), &err) == 0)
			fail_msg("taken: %s", bad[i]);
		assert_true(err.text[0] != 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(values_in_words),
					   cmocka_unit_test(blanks_are_named),
					   cmocka_unit_test(bad_templates_are_refused)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
