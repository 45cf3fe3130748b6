/* Declarations of data sets, whatever they are: refused with problems, or run. A line before the
 * JSON that begins with '=' is an expression. */
#include "serve/datasets/datasets.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expression(struct ss_str text)
{
	static const char *const names[] = {"a", "b", "值"};
	struct ss_error err = {0};
	double v;

	if (ss_set_expr_try(text, names, 3, &v, &err) < 0)
		ss_assert(err.text[0]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct ss_set_parts nothing;
	struct ss_viewer v = ss_viewer_system("fuzz");
	struct ss_set_ask q = {.viewer = &v, .as_of_us = 1767196800000000};
	struct ss_str text = ss_str_n((const char *)data, size);
	ss_cleanup(ss_buf_done) struct ss_buf csv = SS_BUF_MAX(64 << 20);
	struct ss_set_result *res = NULL;
	json_t *spec = NULL, *problems;
	struct ss_error err = {0};

	if (size && data[0] == '=') {
		expression(ss_str_n(text.p + 1, text.n - 1));
		return 0;
	}
	if (ss_json_parse(text, &spec, &err) < 0)
		return 0;
	problems = json_array();
	if (ss_set_run(&nothing, &q, spec, &res, problems, &err) == 0)
		ss_set_csv(res, &csv);
	else
		ss_assert(err.text[0] || json_array_size(problems));
	ss_set_done(res);
	json_decref(problems);
	json_decref(spec);
	return 0;
}
