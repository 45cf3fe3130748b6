/* Documents: what a template prints, what it refuses; sums in capital Chinese; the PDF. */
#include "unit/base_test.h"

#include <sys/wait.h>

#include "base/json.h"
#include "base/os.h"
#include "reason/documents/documents.h"

static json_t *parsed(const char *z)
{
	struct ss_error e = {0};
	json_t *v;

	if (ss_json_parse(ss_str_of(z), &v, &e) < 0)
		fail_msg("%s", e.text);
	return v;
}

/* The rules of 中国人民银行《正确填写票据和结算凭证的基本规定》: zero inside is said once, 整 after
 * yuan or jiao. */
static void sums_in_capitals(void **state)
{
	static const struct {
		double v;
		const char *zh;
	} sums[] = {
	    {0, "零元整"},
	    {200000, "贰拾万元整"},
	    {1409.50, "壹仟肆佰零玖元伍角整"},
	    {6007.14, "陆仟零柒元壹角肆分"},
	    {1680.32, "壹仟陆佰捌拾元叁角贰分"},
	    {107000.53, "壹拾万零柒仟元伍角叁分"},
	    {16409.02, "壹万陆仟肆佰零玖元零贰分"},
	    {325.04, "叁佰贰拾伍元零肆分"},
	    {100000001, "壹亿零壹元整"},
	    {1360000, "壹佰叁拾陆万元整"},
	    {0.05, "伍分"},
	    {0.5, "伍角整"},
	};

	(void)state;
	for (size_t i = 0; i < SS_ARRAY_LEN(sums); i++) {
		struct ss_buf b = SS_BUF_MAX(400);

		assert_int_equal(ss_money_capital(sums[i].v, &b), 0);
		assert_string_equal(b.p, sums[i].zh);
		ss_buf_done(&b);
	}
	struct ss_buf b = SS_BUF_MAX(400);

	assert_int_equal(ss_money_capital(1e15, &b), SS_ERANGE);
	ss_buf_done(&b);
}

static void prints(const char *template, const char *values, const char *wanted)
{
	struct ss_buf b = SS_BUF_MAX(1 << 16);
	struct ss_error e = {0};
	json_t *v = parsed(values);

	assert_int_equal(ss_template_check(ss_str_of(template), &e), 0);
	if (ss_template_fill(ss_str_of(template), v, &b, NULL, &e) < 0)
		fail_msg("%s", e.text);
	assert_string_equal(b.p ? b.p : "", wanted);
	ss_buf_done(&b);
	json_decref(v);
}

static void templates_print(void **state)
{
	(void)state;
	prints("<p>{{a}}</p>", "{\"a\":\"<script>&\\\"\"}", "<p>&lt;script&gt;&amp;&quot;</p>");
	prints("{{a.b}} {{a.c?}} {{a.l}}", "{\"a\":{\"b\":1.5,\"l\":[\"x\",\"y\"]}}", "1.5  x、y");
	prints("{{d|date}} {{n|number}} {{n|money}}", "{\"d\":\"2026-09-08\",\"n\":1234567.5}",
	       "2026年9月8日 1,234,567.5 壹佰贰拾叁万肆仟伍佰陆拾柒元伍角整");
	prints("{{t|lines}}", "{\"t\":\"a\\nb\"}", "a<br>b");
	prints("{{#if a}}y{{else}}n{{/if}}{{#if b}}y{{else}}n{{/if}}", "{\"a\":0,\"b\":[]}", "yn");
	prints("{{#each l}}{{index}}{{this.x}}{{#if this.y}}+{{/if}} {{/each}}",
	       "{\"l\":[{\"x\":\"a\",\"y\":true},{\"x\":\"b\"}]}", "1a+ 2b ");
	prints("{{#each l}}{{#each this.m}}{{this}}{{/each}};{{/each}}",
	       "{\"l\":[{\"m\":[1,2]},{\"m\":[3]}]}", "12;3;");
	prints("{{l.1.x}}", "{\"l\":[{\"x\":1},{\"x\":2}]}", "2");
	/* A value never becomes a placeholder. */
	prints("{{a}}", "{\"a\":\"{{b}}\",\"b\":\"x\"}", "{{b}}");
}

static void blanks_are_named(void **state)
{
	struct ss_buf b = SS_BUF_MAX(1 << 16);
	struct ss_error e = {0};
	json_t *v = parsed("{\"a\":\"\",\"l\":[{\"x\":1},{}]}"), *blanks = json_array();

	(void)state;
	assert_int_equal(
	    ss_template_fill(SS_STR("{{a}}{{b.c}}{{d?}}{{#each l}}{{this.x}}{{/each}}{{a}}"), v, &b,
			     blanks, &e),
	    SS_EINVAL);
	assert_int_equal(json_array_size(blanks), 3);
	assert_string_equal(json_string_value(json_array_get(blanks, 0)), "a");
	assert_string_equal(json_string_value(json_array_get(blanks, 1)), "b.c");
	assert_string_equal(json_string_value(json_array_get(blanks, 2)), "this.x");
	ss_buf_done(&b);
	json_decref(v);
	json_decref(blanks);
}

static void bad_templates_are_refused(void **state)
{
	static const char *const bad[] = {
	    "<script>x</script>",
	    "<p onclick=\"x\">a</p>",
	    "<p style=\"x\">a</p>",
	    "<a href=\"x\">a</a>",
	    "<p>a",
	    "<p><b>a</p></b>",
	    "a</p>",
	    "<p class=\"evil\">a</p>",
	    "{{a",
	    "{{a|run}}",
	    "{{a b}}",
	    "{{#if a}}x",
	    "{{#each a}}x{{/if}}",
	    "{{/if}}",
	    "{{else}}",
	    "{{}}",
	    "<td colspan=\"x\">a</td>",
	    "<p",
	    "<!-- a -->",
	    "<img src=\"x\">",
	    "{{#if a}}<p>{{/if}}x",
	    "\xff\xfe",
	    "{{a..b|}}{{a|}}|{{|a}}",
	};

	(void)state;
	for (size_t i = 0; i < SS_ARRAY_LEN(bad); i++) {
		struct ss_error e = {0};

		if (ss_template_check(ss_str_of(bad[i]), &e) != SS_EPARSE)
			fail_msg("taken: %s", bad[i]);
		assert_true(e.text[0] != 0);
	}
}

/* Deep nesting is refused, not followed. */
static void depth_is_bounded(void **state)
{
	struct ss_buf b = SS_BUF_MAX(1 << 20);
	struct ss_error e = {0};

	(void)state;
	for (int i = 0; i < 1000; i++)
		ss_buf_addz(&b, "{{#if a}}");
	for (int i = 0; i < 1000; i++)
		ss_buf_addz(&b, "{{/if}}");
	assert_int_equal(ss_template_check(ss_buf_str(&b), &e), SS_EPARSE);
	ss_buf_reset(&b);
	for (int i = 0; i < 1000; i++)
		ss_buf_addz(&b, "<div>");
	assert_int_equal(ss_template_check(ss_buf_str(&b), &e), SS_EPARSE);
	ss_buf_done(&b);
}

/* Long enough for several pages, tables across them; the text comes out again (pdftotext). */
static void pdf_has_the_text(void **state)
{
	struct ss_buf body = SS_BUF_MAX(1 << 20), out = SS_BUF_MAX(16 << 20);
	struct ss_error e = {0};

	(void)state;
	ss_buf_addz(&body, "<h1>行政处罚决定书</h1><p class=\"right\">宁环罚字〔2026〕7号</p>");
	for (int i = 0; i < 60; i++)
		ss_buf_addf(&body,
			    "<p>第%d段：当事人于二〇二六年三月排放污染物，浓度超过限值 &lt;1.2&gt; "
			    "倍。</p>",
			    i);
	ss_buf_addz(&body, "<table><tr><th width=\"20%\">序号</th><th>证据</th></tr>");
	for (int i = 0; i < 80; i++)
		ss_buf_addf(&body,
			    "<tr><td class=\"center\">%d</td><td>现场检查笔录第%d页</td></tr>", i,
			    i);
	ss_buf_addz(&body, "</table><p class=\"sign\">南京市生态环境局</p><qr>01a2</qr>");
	assert_int_equal(ss_document_pdf(ss_buf_str(&body), "决定书", &out, &e), 0);
	assert_memory_equal(out.p, "%PDF-1", 6);
	assert_int_equal(ss_file_write_atomic("out.pdf", out.p, out.n, 0600), 0);
	ss_buf_reset(&out);
	if (access("/usr/bin/pdftotext", X_OK) == 0) {
		int status;
		pid_t pid = fork();

		if (pid == 0) {
			execl("/usr/bin/pdftotext", "pdftotext", "out.pdf", "out.txt", NULL);
			_exit(127);
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_int_equal(status, 0);
		assert_int_equal(ss_file_read("out.txt", &out), 0);
		assert_non_null(strstr(out.p, "行政处罚决定书"));
		assert_non_null(strstr(out.p, "<1.2>"));
		assert_non_null(strstr(out.p, "现场检查笔录第79页"));
		assert_non_null(strstr(out.p, "南京市生态环境局"));
	} else {
		print_message("pdftotext is not here: the text was not read back\n");
	}
	ss_buf_done(&out);
	ss_buf_done(&body);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(sums_in_capitals), cmocka_unit_test(templates_print),
	    cmocka_unit_test(blanks_are_named), cmocka_unit_test(bad_templates_are_refused),
	    cmocka_unit_test(depth_is_bounded), cmocka_unit_test(pdf_has_the_text)};

	return cmocka_run_group_tests_name("templates", tests, enter_scratch, NULL);
}
