/* Any lines to any calculator: each gets one JSON object, a result or an error that says what and
 * where; a result never has null where a number is promised. The first line names the calculator.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/json.h"
#include "reason/calc/calc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool cond)
{
	if (!cond)
		abort();
}

static const struct ss_calc *choose(struct ss_str name)
{
	const struct ss_calc *c = ss_calc_find(name);
	size_t n = 0;

	while (!c && ss_calc_at(n))
		n++;
	return c ? c : ss_calc_at(ss_str_hash(name) % n);
}

static json_t *schema_of(const struct ss_calc *c)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(1 << 20);
	struct ss_json j = ss_json_on(&b);
	json_t *v = NULL;

	ss_calc_result_schema(c, &j);
	must(ss_json_parse(ss_buf_str(&b), &v, NULL) == 0);
	return v;
}

static void check_result(const json_t *schema, const json_t *result)
{
	const char *name;
	json_t *p;

	must(json_is_object(result));
	json_object_foreach(json_object_get(schema, "properties"), name, p)
	{
		const json_t *v = json_object_get(result, name);

		must(v != NULL);
		if (json_is_string(json_object_get(p, "type")))
			must(!json_is_null(v));
	}
}

static void check_answer(const json_t *schema, struct ss_str line)
{
	json_t *v = NULL, *error;

	must(ss_json_parse(line, &v, NULL) == 0);
	error = json_object_get(v, "error");
	must(json_object_size(v) == 1 && (error || json_object_get(v, "result")));
	if (error) {
		must(json_is_string(json_object_get(error, "code")));
		must(json_object_get(error, "field") != NULL);
		must(json_string_length(json_object_get(error, "message")) > 0);
	} else {
		check_result(schema, json_object_get(v, "result"));
	}
	json_decref(v);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ss_str rest = ss_str_n((const char *)data, size), name = {"", 0}, line, answers;
	ss_cleanup(ss_buf_done) struct ss_buf out = SS_BUF_MAX(64 << 20),
					      whole = SS_BUF_MAX(64 << 20);
	const struct ss_calc *c;
	size_t asked = 0, got = 0;
	json_t *schema;

	if (!ss_str_split(&rest, '\n', &name))
		return 0;
	c = choose(name);
	schema = schema_of(c);
	ss_calc_document(c, rest, &whole);
	must(whole.n > 0);
	ss_calc_lines(c, rest, &out);
	while (ss_str_split(&rest, '\n', &line))
		asked++;
	answers = ss_buf_str(&out);
	while (ss_str_split(&answers, '\n', &line)) {
		check_answer(schema, line);
		got++;
	}
	must(asked == got);
	json_decref(schema);
	return 0;
}
