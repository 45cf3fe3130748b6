/* What is wrong with a declaration of a flow is told by file, line and field; what a flow would do
 * is told before it is released. */
#include "unit/base_test.h"

#include "base/json.h"
#include "base/os.h"
#include "reason/flow/flow.h"

static char *types_text;

static const char *text(const json_t *o, const char *name)
{
	const char *z = json_string_value(json_object_get(o, name));

	return z ? z : "";
}

static json_t *parsed(const char *z)
{
	struct ss_error e = {0};
	json_t *v;

	if (ss_json_parse(ss_str_of(z), &v, &e) < 0)
		fail_msg("%s", e.text);
	return v;
}

static int setup(void **state)
{
	struct ss_buf b = SS_BUF_MAX(1 << 20);

	(void)state;
	if (ss_file_read(SS_TEST_DIR "/db/flow_types.json", &b) < 0)
		return -1;
	types_text = ss_buf_take(&b);
	return types_text ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	free(types_text);
	return 0;
}

/* The declarations with the first `from` replaced. */
static json_t *changed(const char *from, const char *to)
{
	struct ss_buf b = SS_BUF_MAX(1 << 20);
	const char *at = strstr(types_text, from);
	json_t *v;

	if (!at)
		fail_msg("no %s", from);
	ss_buf_add(&b, types_text, (size_t)(at - types_text));
	ss_buf_addz(&b, to);
	ss_buf_addz(&b, at + strlen(from));
	v = parsed(b.p);
	ss_buf_done(&b);
	return v;
}

static void good_ones_pass(void **state)
{
	json_t *d = parsed(types_text), *problems = json_array();
	struct ss_error e = {0};

	(void)state;
	if (ss_flows_check(d, problems, &e) < 0)
		fail_msg("%s %s", e.text, json_dumps(problems, 0));
	assert_int_equal(json_array_size(problems), 0);
	json_decref(problems);
	json_decref(d);
}

static void problems_are_named(void **state)
{
	static const struct {
		const char *from, *to, *field;
	} wrong[] = {
	    {"\"start\":\"filing\"", "\"start\":\"filling\"", "start"},
	    {"\"record\":\"matter\",\"version\"", "\"record\":\"mater\",\"version\"", "record"},
	    {"\"state_field\":\"stage\"", "\"state_field\":\"stages\"", "state_field"},
	    {"\"title\":{\"zh\":\"调查\",\"en\":\"investigation\"},", "", "states.1.title"},
	    {"\"title\":{\"zh\":\"调查\",\"en\":\"investigation\"}", "\"title\":{\"zh\":\"调查\"}",
	     "states.1.title"},
	    {"\"jump_roles\":[\"leader\"],\n", "\n", "states.investigate"},
	    {"\"exclude\":[\"investigate\"]", "\"exclude\":[\"nowhere\"]", "states.review.exclude"},
	    {"{\"to\":\"review\",\"title\"", "{\"to\":\"revue\",\"title\"",
	     "states.investigate.leave.0"},
	    {"\"rule\":\"all\"", "\"rule\":\"most\"", "states.review.leave.0.signers.rule"},
	    {"\"roles\":[\"leader\"],\"n\":2", "\"roles\":[],\"n\":2",
	     "states.review.leave.0.signers"},
	    {"\"kind\":\"wait\"", "\"kind\":\"sleep\"", "states.waiting.kind"},
	    {"\"area\":\"city\"", "\"area\":\"town\"", "states.review.area"},
	    {"\"kind\":\"work\",\"roles\":[\"reviewer\"]", "\"kind\":\"work\",\"roles\":[]",
	     "states.review"},
	    {"\"law\":\"enforcement/deadlines/decision\"",
	     "\"law\":\"enforcement/deadlines/never\"", "clocks.0"},
	    {"\"for\":{\"n\":30,\"unit\":\"minute\"}", "\"for\":{\"n\":30,\"unit\":\"moon\"}",
	     "states.filing.clocks.0"},
	    {"{\"at\":0.5,\"act\":\"remind\"}", "{\"act\":\"remind\"}",
	     "states.filing.clocks.0.ladder.0"},
	    {"{\"at\":0.5,\"act\":\"remind\"}", "{\"at\":0.5,\"act\":\"shout\"}",
	     "states.filing.clocks.0.ladder.0.act"},
	    {"\"from\":\"field:received\"", "\"from\":\"field:receipt\"", "clocks.1"},
	    {"\"until\":[\"decided\"]", "\"until\":[\"decide\"]", "clocks.0.until"},
	    {"\"form\":[\"facts\",\"fine\",\"grade\"]", "\"form\":[\"facts\",\"fines\"]",
	     "states.filing.form"},
	    {"\"needs\":{\"fields\":[\"facts\"]}", "\"needs\":{\"fields\":[\"fact\"]}",
	     "states.filing.leave.1.fields"},
	    {"\"needs\":{\"documents\":[\"notice\"]", "\"needs\":{\"documents\":[\"notices\"]",
	     "states.notice.leave.0.documents"},
	    {"\"allow\":[\"return\",\"comment\"],\n", "\"allow\":[\"return\",\"delete\"],\n",
	     "states.notice"},
	    {"\"number\":\"宁环罚告字〔{year}〕{n}号\"", "\"number\":\"宁环罚告字〔{year}〕号\"",
	     "documents.notice"},
	    {"\"on\":{\"$fn\":2}", "\"onn\":{\"$fn\":2}", "states.4.leave.0.onn"},
	    {"\"guard\":{\"$fn\":1}", "\"guard\":true", "states.1.leave.0.needs.guard"},
	    {"\"id\":\"rejected\"", "\"id\":\"decided\"", "states"},
	    /* Nobody goes to `rejected` any more; from `waiting` there is no way on. */
	    {"{\"to\":\"rejected\",", "{\"id\":\"x\",\"to\":\"investigate\",", "states.rejected"},
	    {"\"kind\":\"wait\",\"leave\":[{\"to\":\"notice\"",
	     "\"kind\":\"wait\",\"leave\":[{\"to\":\"waiting\"", "states.waiting"},
	    {"\"leave\":[{\"to\":\"done\",\"title\":{\"zh\":\"完成\",\"en\":\"done\"}}]",
	     "\"leave\":[]", "states.do"},
	};

	(void)state;
	for (size_t i = 0; i < SS_ARRAY_LEN(wrong); i++) {
		json_t *d = changed(wrong[i].from, wrong[i].to), *problems = json_array(), *p;
		struct ss_error e = {0};
		bool found = false;
		size_t k;

		assert_int_equal(ss_flows_check(d, problems, &e), SS_EINVAL);
		json_array_foreach(problems, k, p)
		{
			found |= strcmp(text(p, "field"), wrong[i].field) == 0;
			assert_string_equal(text(p, "file"), "m/flows.lua");
			assert_true(json_integer_value(json_object_get(p, "line")) > 0);
			assert_true(*text(p, "zh") && *text(p, "en"));
		}
		if (!found)
			fail_msg("%s: %s", wrong[i].to, json_dumps(problems, 0));
		json_decref(problems);
		json_decref(d);
	}
}

static const json_t *found(const json_t *list, const char *id)
{
	const json_t *e;
	size_t i;

	json_array_foreach(list, i, e)
	{
		if (strcmp(text(e, "id"), id) == 0)
			return e;
	}
	fail_msg("no %s", id);
	return NULL;
}

/* Worked out by hand: every case is filed once; half of them go on; each of those is reviewed once.
 * 10 a day, 2 days each: 20 in filing, 10 in review (Little's law). */
static void load_is_told(void **state)
{
	json_t *flow =
	    parsed("{\"id\":\"f\",\"start\":\"a\",\"states\":["
		   "{\"id\":\"a\",\"kind\":\"work\",\"roles\":[\"r\"],\"title\":{\"zh\":\"甲\","
		   "\"en\":\"a\"},"
		   "\"clocks\":[{\"id\":\"k\",\"for\":{\"n\":2,\"unit\":\"day\"}}],"
		   "\"leave\":[{\"to\":\"b\"},{\"to\":\"c\"}]},"
		   "{\"id\":\"b\",\"kind\":\"work\",\"roles\":[\"r\"],\"title\":{\"zh\":\"乙\","
		   "\"en\":\"b\"},"
		   "\"leave\":[{\"to\":\"c\"}]},"
		   "{\"id\":\"c\",\"kind\":\"end\",\"title\":{\"zh\":\"完\",\"en\":\"c\"}},"
		   "{\"id\":\"lost\",\"kind\":\"work\",\"title\":{\"zh\":\"失\",\"en\":\"lost\"},"
		   "\"leave\":[{\"to\":\"trap\"}]},"
		   "{\"id\":\"trap\",\"kind\":\"wait\",\"title\":{\"zh\":\"困\",\"en\":\"trap\"},"
		   "\"leave\":[{\"to\":\"lost\"}]}]}");
	json_t *in = parsed("{\"cases\":20000,\"per_day\":10,\"seed\":7,\"days\":{\"a\":2,\"b\":2},"
			    "\"people\":{\"a\":15,\"b\":15}}");
	json_t *out, *again;
	struct ss_error e = {0};

	(void)state;
	assert_int_equal(ss_flow_simulate(flow, in, &out, &e), 0);
	assert_int_equal(ss_flow_simulate(flow, in, &again, &e), 0);
	assert_true(json_equal(out, again));
	const json_t *states = json_object_get(out, "states");

	assert_float_equal(json_number_value(json_object_get(found(states, "a"), "load")), 20, 0.6);
	assert_float_equal(json_number_value(json_object_get(found(states, "b"), "load")), 10, 0.5);
	assert_true(json_is_true(json_object_get(found(states, "a"), "too_few")));
	assert_false(json_is_true(json_object_get(found(states, "b"), "too_few")));
	/* exp(-1) of exponential times are longer than their mean. */
	assert_float_equal(json_number_value(json_object_get(json_object_get(out, "late"), "k")),
			   0.368, 0.02);
	assert_int_equal(json_array_size(json_object_get(out, "unreachable")), 2);
	assert_string_equal(json_string_value(json_array_get(json_object_get(out, "nobody"), 0)),
			    "lost");
	assert_int_equal(json_integer_value(json_object_get(out, "never_ended")), 0);
	json_decref(again);
	json_decref(out);
	json_decref(in);
	json_decref(flow);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(good_ones_pass),
					   cmocka_unit_test(problems_are_named),
					   cmocka_unit_test(load_is_told)};

	return cmocka_run_group_tests_name("flow check", tests, setup, teardown);
}
