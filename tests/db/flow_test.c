/* Cases: the life of one, every forbidden way, the five primitives, clocks that fire once, what
 * must be there before a state is left. Both engines. */
#include "db/flow_stage.h"

#include <stdlib.h>

#include "record/cases/cases.h"

static const char *text(const json_t *o, const char *name)
{
	const char *z = json_string_value(json_object_get(o, name));

	return z ? z : "";
}

static bool lacks(const struct flow_stage *s, const char *what, const char *id)
{
	const json_t *p;
	size_t i;

	json_array_foreach(s->problems, i, p)
	{
		if (strcmp(text(p, "what"), what) == 0 && strcmp(text(p, "id"), id) == 0)
			return true;
	}
	return false;
}

static struct ss_viewer officer, other, far_officer, reviewer, leader, second, clerk, nobody;

static void people(void)
{
	officer = flow_person("u-officer", "officer", "320102");
	other = flow_person("u-other", "officer", "320102 320104");
	far_officer = flow_person("u-far", "officer", "320115");
	reviewer = flow_person("u-reviewer", "reviewer", "");
	leader = flow_person("u-leader", "leader", "");
	second = flow_person("u-second", "leader", "");
	clerk = flow_person("u-clerk", "clerk", "");
	nobody = flow_person("u-nobody", "visitor", "320102");
}

#define ACT(s, who, id, ...) flow_stage_act(s, who, id, NULL, __VA_ARGS__)
#define OK(s, who, id, ...)                                                                        \
	do {                                                                                       \
		if (flow_stage_act(s, who, id, NULL, __VA_ARGS__) < 0)                             \
			fail_msg("%s", (s)->e.text);                                               \
	} while (0)

/* To the state by the ordinary way. */
static void to_investigate(struct flow_stage *s, char id[37])
{
	flow_stage_start(s, &officer, id);
	OK(s, &officer, id, "{\"act\":\"go\",\"to\":\"investigate\"}");
	OK(s, &officer, id, "{\"act\":\"claim\"}");
}

static void to_review(struct flow_stage *s, char id[37])
{
	to_investigate(s, id);
	flow_stage_photo(s, &officer, id, 1);
	flow_stage_photo(s, &officer, id, 2);
	OK(s, &officer, id,
	   "{\"act\":\"go\",\"to\":\"review\",\"data\":{\"facts\":\"超标 1.2 "
	   "倍\",\"fine\":200000}}");
}

static void to_notice(struct flow_stage *s, char id[37])
{
	to_review(s, id);
	OK(s, &leader, id, "{\"act\":\"sign\",\"to\":\"notice\",\"verdict\":\"agree\"}");
	OK(s, &second, id, "{\"act\":\"sign\",\"to\":\"notice\",\"verdict\":\"agree\"}");
	OK(s, &reviewer, id, "{\"act\":\"go\",\"to\":\"notice\"}");
}

static int64_t bulk_refused(struct flow_stage *s, const char *id)
{
	json_t *ids = flow_json("[\"%s\"]", id), *set = flow_json("{\"name\":\"改\"}"), *out = NULL;
	int64_t n;

	assert_ok(ss_things_bulk(s->things, &officer, "matter", ids, NULL, set, "r", &out, &s->e),
		  &s->e);
	n = (int64_t)json_array_size(json_object_get(out, "refused"));
	json_decref(ids);
	json_decref(set);
	json_decref(out);
	return n;
}

static int64_t import_refused(struct flow_stage *s, const char *id)
{
	const struct ss_thing_import o = {.reason = "r"};
	json_t *out = NULL;
	char csv[200];
	int64_t n;

	snprintf(csv, sizeof(csv), "id,name\r\n%s,改\r\n", id);
	assert_ok(ss_things_import(s->things, &officer, "matter", ss_str_of(csv), &o, &out, &s->e),
		  &s->e);
	n = json_integer_value(json_object_get(out, "refused"));
	json_decref(out);
	return n;
}

/* The record of a case has no other way in than its forms, running or closed; a record that is no
 * case has. */
static void nothing_goes_round_the_flow(struct db_env *env)
{
	struct ss_thing_change c = SS_THING_CHANGE;
	struct flow_stage s;
	char id[37], plain[37], third[37];
	json_t *f, *t;

	people();
	c.reason = "r";
	flow_stage_open(&s, env);
	to_investigate(&s, id);
	f = flow_json("{\"name\":\"别的案由\"}");
	assert_int_equal(
	    ss_things_change(s.things, &officer, "matter", id, f, &c, NULL, NULL, &s.e), SS_ESTATE);
	assert_non_null(strstr(s.e.text, "表单"));
	assert_int_equal(ss_things_retire(s.things, &officer, "matter", id, &c, &s.e), SS_EDENIED);
	assert_int_equal(bulk_refused(&s, id), 1);
	assert_int_equal(import_refused(&s, id), 1);
	assert_true(ss_flow_has(s.flows, "matter", id));
	t = flow_json("{\"name\":\"不是案件\",\"area\":\"320102\"}");
	assert_ok(ss_things_create(s.things, &officer, "matter", t, &c, plain, NULL, &s.e), &s.e);
	assert_ok(ss_things_create(s.things, &officer, "matter", t, &c, third, NULL, &s.e), &s.e);
	assert_false(ss_flow_has(s.flows, "matter", plain));
	assert_ok(ss_things_change(s.things, &officer, "matter", plain, f, &c, NULL, NULL, &s.e),
		  &s.e);
	assert_int_equal(
	    ss_things_merge(s.things, &officer, "matter", plain, id, NULL, "r", third, &s.e),
	    SS_ESTATE);
	/* The form of the state takes what it is for; what the machine does is the flow's. */
	OK(&s, &officer, id, "{\"act\":\"save\",\"data\":{\"facts\":\"超标\"}}");
	assert_ok(ss_things_change(s.things, &flow_machine, "matter", id, f, &c, NULL, NULL, &s.e),
		  &s.e);
	json_decref(f);
	json_decref(t);
	flow_stage_close(&s);
}

static void whole_life(struct db_env *env)
{
	struct flow_stage s;
	char id[37], sub[37];
	json_t *c, *made, *ask;

	people();
	flow_stage_open(&s, env);
	to_notice(&s, id);
	assert_int_equal(ACT(&s, &officer, id, "{\"act\":\"go\",\"to\":\"decided\"}"), SS_ESTATE);
	assert_true(lacks(&s, "document", "notice"));
	assert_true(lacks(&s, "sub", "side"));
	assert_non_null(strstr(s.e.text, "行政处罚事先告知书"));
	if (flow_stage_act(&s, &officer, id, &made,
			   "{\"act\":\"document\",\"document\":\"notice\"}") < 0)
		fail_msg("%s", s.e.text);
	assert_non_null(strstr(text(made, "number"), "宁环罚告字〔"));
	json_decref(made);
	ask = flow_json("{\"data\":{\"name\":\"协查\",\"area\":\"320102\"},\"parent\":\"%s\"}", id);
	assert_ok(ss_flow_start(s.flows, &officer, "side", ask, sub, s.problems, &s.e), &s.e);
	json_decref(ask);
	assert_int_equal(ACT(&s, &officer, id, "{\"act\":\"go\",\"to\":\"decided\"}"), SS_ESTATE);
	ask = flow_json("{\"act\":\"go\",\"to\":\"done\"}");
	assert_ok(ss_flow_act(s.flows, &officer, "side", sub, ask, &made, NULL, &s.e), &s.e);
	json_decref(ask);
	json_decref(made);
	if (flow_stage_act(&s, &officer, id, &made, "{\"act\":\"go\",\"to\":\"decided\"}") < 0)
		fail_msg("%s", s.e.text);
	assert_string_equal(text(made, "effect"), "done");
	assert_string_equal(text(made, "state"), "decided");
	json_decref(made);
	c = flow_stage_case(&s, id);
	assert_non_null(json_object_get(c, "closed_us"));
	assert_string_equal(text(json_object_get(json_object_get(c, "record"), "fields"), "stage"),
			    "decided");
	assert_int_equal(json_array_size(json_object_get(c, "trace")),
			 (size_t)json_integer_value(json_object_get(c, "n")));
	json_decref(c);
	assert_int_equal(ACT(&s, &officer, id, "{\"act\":\"go\",\"to\":\"filing\"}"), SS_ESTATE);
	OK(&s, &officer, id, "{\"act\":\"comment\",\"note\":\"归档\"}");
	assert_true(s.live > 0);
	assert_string_equal(json_string_value(json_array_get(s.events, 0)), "case.opened");
	flow_stage_close(&s);
}

/* From every state to every other by every moving act: only what is declared moves. */
static void every_forbidden_jump(struct db_env *env)
{
	static const char *const states[] = {"filing", "investigate", "review",  "waiting",
					     "notice", "decided",     "rejected"};
	static const char *const acts[] = {"go", "return", "jump", "withdraw"};
	struct flow_stage s;
	char id[37];
	int tried = 0;

	people();
	flow_stage_open(&s, env);
	to_review(&s, id);
	for (size_t i = 0; i < SS_ARRAY_LEN(states); i++) {
		for (size_t k = 0; k < SS_ARRAY_LEN(acts); k++) {
			const struct ss_viewer *who[] = {&nobody, &far_officer, &other, &clerk};

			for (size_t w = 0; w < SS_ARRAY_LEN(who); w++, tried++) {
				int r = ACT(&s, who[w], id,
					    "{\"act\":\"%s\",\"to\":\"%s\",\"note\":\"x\"}",
					    acts[k], states[i]);

				if (r != SS_EDENIED && r != SS_ENOTFOUND && r != SS_ESTATE)
					fail_msg("%s %s by %s: %d", acts[k], states[i],
						 who[w]->user, r);
			}
		}
		/* The reviewer himself: only the two ways, and those lack or are allowed. */
		if (strcmp(states[i], "waiting") != 0) {
			assert_int_equal(
			    ACT(&s, &reviewer, id, "{\"act\":\"go\",\"to\":\"%s\"}", states[i]),
			    SS_ESTATE);
			tried++;
		}
		assert_int_equal(ACT(&s, &reviewer, id,
				     "{\"act\":\"jump\",\"to\":\"%s\",\"note\":\"x\"}", states[i]),
				 SS_EDENIED);
	}
	flow_stage_state(&s, id, "review");
	assert_true(tried > 100);
	/* Backwards only to where it was; a jump only by its roles, with a note, not to itself. */
	assert_int_equal(
	    ACT(&s, &reviewer, id, "{\"act\":\"return\",\"to\":\"notice\",\"note\":\"x\"}"),
	    SS_ESTATE);
	assert_int_equal(ACT(&s, &reviewer, id, "{\"act\":\"return\",\"to\":\"filing\"}"),
			 SS_EINVAL);
	assert_int_equal(
	    ACT(&s, &leader, id, "{\"act\":\"jump\",\"to\":\"review\",\"note\":\"x\"}"), SS_ESTATE);
	assert_int_equal(ACT(&s, &leader, id, "{\"act\":\"jump\",\"to\":\"notice\"}"), SS_EINVAL);
	OK(&s, &leader, id, "{\"act\":\"jump\",\"to\":\"notice\",\"note\":\"紧急\"}");
	flow_stage_state(&s, id, "notice");
	flow_stage_close(&s);
}

/* Only the machine opens again what closed, where that is allowed, and with a reason. */
static void opened_again(struct db_env *env)
{
	struct flow_stage s;
	char id[37];
	json_t *c;

	people();
	flow_stage_open(&s, env);
	flow_stage_start(&s, &officer, id);
	assert_int_equal(ACT(&s, &flow_machine, id, "{\"act\":\"reopen\",\"note\":\"x\"}"),
			 SS_ESTATE);
	OK(&s, &officer, id, "{\"act\":\"go\",\"to\":\"rejected\",\"data\":{\"facts\":\"误报\"}}");
	assert_int_equal(ACT(&s, &officer, id, "{\"act\":\"reopen\",\"note\":\"x\"}"), SS_EDENIED);
	assert_int_equal(ACT(&s, &flow_machine, id, "{\"act\":\"reopen\"}"), SS_EINVAL);
	OK(&s, &flow_machine, id, "{\"act\":\"reopen\",\"note\":\"拆分\"}");
	flow_stage_state(&s, id, "filing");
	c = flow_stage_case(&s, id);
	assert_null(json_object_get(c, "closed_us"));
	assert_string_equal(text(json_array_get(json_object_get(c, "trace"), 2), "note"), "拆分");
	json_decref(c);
	OK(&s, &officer, id, "{\"act\":\"go\",\"to\":\"investigate\"}"); /* work goes on */
	flow_stage_close(&s);
}

/* Who reads the case and does not walk the way is told what it lacks all the same. */
static void ways_told(struct flow_stage *s, const char *id)
{
	json_t *c = NULL, *way, *e;
	size_t i;

	assert_int_equal(ss_flow_case(s->flows, &clerk, "matter_flow", id, &c, &s->e), 0);
	way = json_array_get(json_object_get(c, "ways"), 0);
	assert_string_equal(text(way, "to"), "review");
	assert_int_equal(json_array_size(json_object_get(way, "missing")), 4);
	json_array_foreach(json_object_get(c, "may"), i, e)
	    assert_string_not_equal(text(e, "act"), "go");
	json_decref(c);
}

static void what_lacks_is_named(struct db_env *env)
{
	struct flow_stage s;
	char id[37];

	people();
	flow_stage_open(&s, env);
	to_investigate(&s, id);
	s.guard = "询问笔录";
	assert_int_equal(ACT(&s, &officer, id, "{\"act\":\"go\",\"to\":\"review\"}"), SS_ESTATE);
	assert_true(lacks(&s, "field", "facts"));
	assert_true(lacks(&s, "field", "fine"));
	assert_true(lacks(&s, "file", "photo"));
	assert_true(lacks(&s, "guard", ""));
	assert_non_null(strstr(s.e.text, "违法事实"));
	assert_non_null(strstr(s.e.text, "现场照片（需 2 份，已有 0 份）"));
	assert_non_null(strstr(s.e.text, "询问笔录"));
	ways_told(&s, id);
	/* Nothing of it was kept. */
	assert_int_equal(
	    ACT(&s, &officer, id, "{\"act\":\"go\",\"to\":\"review\",\"data\":{\"facts\":\"x\"}}"),
	    SS_ESTATE);
	assert_int_equal(ACT(&s, &officer, id, "{\"act\":\"go\",\"to\":\"review\"}"), SS_ESTATE);
	assert_true(lacks(&s, "field", "facts"));
	/* A field that is not in the form; a bad value. */
	assert_int_equal(ACT(&s, &officer, id, "{\"act\":\"save\",\"data\":{\"area\":\"320104\"}}"),
			 SS_EINVAL);
	assert_int_equal(ACT(&s, &officer, id, "{\"act\":\"save\",\"data\":{\"fine\":\"many\"}}"),
			 SS_EINVAL);
	assert_true(lacks(&s, "field", "fine"));
	flow_stage_close(&s);
}

static void roles_areas_and_exclusion(struct db_env *env)
{
	struct flow_stage s;
	struct ss_viewer both = flow_person("u-officer", "reviewer", "");
	char id[37];
	json_t *c, *list;

	people();
	flow_stage_open(&s, env);
	to_review(&s, id);
	/* Who investigated may not review, whatever roles he has now. */
	assert_int_equal(ACT(&s, &both, id, "{\"act\":\"claim\"}"), SS_EDENIED);
	assert_non_null(strstr(s.e.text, "回避"));
	/* Not his area: as if it were not there; and no count of it. */
	assert_int_equal(ss_flow_case(s.flows, &far_officer, "matter_flow", id, &c, &s.e),
			 SS_ENOTFOUND);
	assert_int_equal(ss_flow_case(s.flows, NULL, "matter_flow", id, &c, &s.e), SS_ENOTFOUND);
	const struct ss_flow_query q = {.limit = 10};

	assert_ok(ss_flow_cases(s.flows, &far_officer, &q, &list, &s.e), &s.e);
	assert_int_equal(json_array_size(json_object_get(list, "items")), 0);
	json_decref(list);
	assert_ok(ss_flow_cases(s.flows, &officer, &q, &list, &s.e), &s.e);
	assert_int_equal(json_array_size(json_object_get(list, "items")), 1);
	json_decref(list);
	assert_ok(ss_flow_tasks(s.flows, &reviewer, 10, &list, &s.e), &s.e);
	assert_int_equal(json_array_size(json_object_get(list, "items")), 1);
	json_decref(list);
	assert_ok(ss_flow_tasks(s.flows, &officer, 10, &list, &s.e), &s.e);
	assert_int_equal(json_array_size(json_object_get(list, "items")), 0);
	json_decref(list);
	/* Claimed by one, it is not the other's. */
	OK(&s, &reviewer, id, "{\"act\":\"claim\"}");
	struct ss_viewer another = flow_person("u-reviewer2", "reviewer", "");

	assert_int_equal(ACT(&s, &another, id, "{\"act\":\"go\",\"to\":\"waiting\"}"), SS_EDENIED);
	OK(&s, &reviewer, id, "{\"act\":\"release\"}");
	OK(&s, &another, id, "{\"act\":\"go\",\"to\":\"waiting\"}");
	/* Who may not create such records may not start, nor who has no opening role. */
	list = flow_json("{\"data\":{\"name\":\"n\",\"area\":\"320115\"}}");
	char other_id[37];

	assert_int_equal(ss_flow_start(s.flows, &leader, "matter_flow", list, other_id, NULL, &s.e),
			 SS_EDENIED);
	assert_true(ss_flow_start(s.flows, &officer, "matter_flow", list, other_id, NULL, &s.e) <
		    0);
	assert_true(ss_flow_start(s.flows, &nobody, "matter_flow", list, other_id, NULL, &s.e) < 0);
	json_decref(list);
	flow_stage_close(&s);
}

static void back_and_forth(struct db_env *env)
{
	struct flow_stage s;
	char id[37];
	json_t *c, *task;

	people();
	flow_stage_open(&s, env);
	to_review(&s, id);
	/* Withdrawn before it was taken, by who sent it, not by another. */
	assert_int_equal(ACT(&s, &other, id, "{\"act\":\"withdraw\"}"), SS_EDENIED);
	OK(&s, &officer, id, "{\"act\":\"withdraw\"}");
	flow_stage_state(&s, id, "investigate");
	OK(&s, &officer, id, "{\"act\":\"go\",\"to\":\"review\"}");
	OK(&s, &reviewer, id, "{\"act\":\"claim\"}");
	assert_int_equal(ACT(&s, &officer, id, "{\"act\":\"withdraw\"}"), SS_ESTATE);
	/* Sent back: to who worked there. */
	OK(&s, &reviewer, id, "{\"act\":\"return\",\"note\":\"补充笔录\"}");
	flow_stage_state(&s, id, "investigate");
	c = flow_stage_case(&s, id);
	task = json_array_get(json_object_get(c, "tasks"),
			      json_array_size(json_object_get(c, "tasks")) - 1);
	assert_string_equal(text(task, "person"), "u-officer");
	json_decref(c);
	flow_stage_close(&s);
}

static void signatures(struct db_env *env)
{
	struct flow_stage s;
	struct ss_viewer a = flow_person("u-a", "visitor", "320115"),
			 b = flow_person("u-b", "visitor", ""),
			 third = flow_person("u-c", "visitor", "");
	char id[37];

	people();
	flow_stage_open(&s, env);
	to_review(&s, id);
	assert_int_equal(ACT(&s, &reviewer, id, "{\"act\":\"go\",\"to\":\"notice\"}"), SS_ESTATE);
	assert_true(lacks(&s, "signer", "notice"));
	OK(&s, &leader, id, "{\"act\":\"sign\",\"to\":\"notice\",\"verdict\":\"agree\"}");
	/* One person signs once. */
	assert_int_equal(
	    ACT(&s, &leader, id, "{\"act\":\"sign\",\"to\":\"notice\",\"verdict\":\"agree\"}"),
	    SS_ESTATE);
	assert_int_equal(ACT(&s, &reviewer, id, "{\"act\":\"go\",\"to\":\"notice\"}"), SS_ESTATE);
	OK(&s, &second, id, "{\"act\":\"sign\",\"to\":\"notice\",\"verdict\":\"agree\"}");
	/* An added signer must agree too; a countersignature by majority. */
	OK(&s, &reviewer, id, "{\"act\":\"add_signer\",\"users\":[\"u-a\"]}");
	assert_int_equal(ACT(&s, &reviewer, id, "{\"act\":\"go\",\"to\":\"notice\"}"), SS_ESTATE);
	assert_non_null(strstr(s.e.text, "加签"));
	assert_int_equal(ACT(&s, &third, id, "{\"act\":\"sign\",\"verdict\":\"agree\"}"),
			 SS_ENOTFOUND);
	assert_int_equal(ACT(&s, &a, id, "{\"act\":\"sign\",\"verdict\":\"disagree\"}"), SS_EINVAL);
	OK(&s, &a, id, "{\"act\":\"sign\",\"verdict\":\"agree\"}");
	OK(&s, &reviewer, id,
	   "{\"act\":\"countersign\",\"users\":[\"u-a\",\"u-b\",\"u-c\"],\"rule\":\"majority\"}");
	OK(&s, &a, id, "{\"act\":\"sign\",\"verdict\":\"agree\"}");
	assert_int_equal(ACT(&s, &reviewer, id, "{\"act\":\"go\",\"to\":\"notice\"}"), SS_ESTATE);
	OK(&s, &b, id, "{\"act\":\"sign\",\"verdict\":\"disagree\",\"note\":\"不妥\"}");
	OK(&s, &third, id, "{\"act\":\"sign\",\"verdict\":\"agree\"}");
	OK(&s, &reviewer, id, "{\"act\":\"go\",\"to\":\"notice\"}");
	assert_int_equal(ACT(&s, &officer, id, "{\"act\":\"add_signer\",\"users\":[\"u-a\"]}"),
			 SS_ESTATE);
	flow_stage_close(&s);
}

static void transfers(struct db_env *env)
{
	struct flow_stage s;
	char id[37];
	json_t *c;

	people();
	flow_stage_open(&s, env);
	flow_stage_start(&s, &officer, id);
	OK(&s, &officer, id, "{\"act\":\"transfer\",\"area\":\"320115\",\"note\":\"不属本区\"}");
	/* The other side sees it now, and has to say yes. */
	assert_ok(ss_flow_case(s.flows, &far_officer, "matter_flow", id, &c, &s.e), &s.e);
	assert_int_equal(json_object_size(json_object_get(json_object_get(c, "record"), "fields")),
			 0);
	json_decref(c);
	assert_int_equal(ACT(&s, &other, id, "{\"act\":\"accept\"}"), SS_EDENIED);
	OK(&s, &far_officer, id, "{\"act\":\"refuse\",\"note\":\"不属我区\"}");
	assert_int_equal(ACT(&s, &far_officer, id, "{\"act\":\"accept\"}"), SS_ENOTFOUND);
	OK(&s, &officer, id, "{\"act\":\"transfer\",\"area\":\"320115\",\"note\":\"再请接收\"}");
	OK(&s, &far_officer, id, "{\"act\":\"accept\"}");
	assert_int_equal(ACT(&s, &officer, id, "{\"act\":\"comment\",\"note\":\"x\"}"),
			 SS_ENOTFOUND);
	OK(&s, &far_officer, id, "{\"act\":\"go\",\"to\":\"investigate\"}");
	c = flow_stage_case(&s, id);
	assert_string_equal(text(c, "area"), "320115");
	json_decref(c);
	assert_int_equal(
	    ACT(&s, &far_officer, id, "{\"act\":\"transfer\",\"user\":\"nobody\",\"note\":\"x\"}"),
	    SS_ENOTFOUND);
	flow_stage_close(&s);
}

static void asked_twice(struct db_env *env)
{
	struct flow_stage s;
	char id[37];
	json_t *c;
	int64_t n;

	people();
	flow_stage_open(&s, env);
	flow_stage_start(&s, &officer, id);
	c = flow_stage_case(&s, id);
	n = json_integer_value(json_object_get(c, "n"));
	json_decref(c);
	OK(&s, &officer, id, "{\"act\":\"go\",\"to\":\"investigate\",\"ask\":\"k1\",\"n\":%lld}",
	   (long long)n);
	/* The answer was lost; the phone asks again. */
	OK(&s, &officer, id, "{\"act\":\"go\",\"to\":\"investigate\",\"ask\":\"k1\",\"n\":%lld}",
	   (long long)n);
	flow_stage_state(&s, id, "investigate");
	assert_int_equal(
	    ACT(&s, &officer, id, "{\"act\":\"comment\",\"note\":\"x\",\"n\":%lld}", (long long)n),
	    SS_ECONFLICT);
	/* An effect that is refused takes everything back. */
	s.refuse_event = true;
	flow_stage_photo(&s, &officer, id, 1);
	flow_stage_photo(&s, &officer, id, 2);
	assert_int_equal(
	    ACT(&s, &officer, id,
		"{\"act\":\"go\",\"to\":\"review\",\"data\":{\"facts\":\"a\",\"fine\":1}}"),
	    SS_ESTATE);
	flow_stage_state(&s, id, "investigate");
	flow_stage_close(&s);
}

/* --- clocks ------------------------------------------------------------------------------------
 */

static int64_t at(const char *z)
{
	int64_t t;

	assert_int_equal(ss_time_parse_iso(ss_str_of(z), &t), 0);
	return t;
}

static int64_t sweep(struct flow_stage *s, int64_t now, int64_t *late)
{
	struct ss_flow_swept w;

	flow_stage_clock(now);
	s->e = (struct ss_error){0};
	assert_ok(ss_flow_sweep(s->flows, now, 1000, &w, &s->e), &s->e);
	if (late)
		*late = w.late;
	return w.fired;
}

static void ladder_fires_once(struct db_env *env)
{
	struct flow_stage s;
	int64_t t0 = at("2026-03-02T09:00:00"), late;
	char id[37];
	json_t *c;

	people();
	flow_stage_open(&s, env);
	flow_stage_clock(t0);
	flow_stage_start(&s, &officer, id);
	assert_int_equal(sweep(&s, t0 + 14 * SS_US_PER_MIN, NULL), 0);
	assert_int_equal(sweep(&s, t0 + 15 * SS_US_PER_MIN, NULL), 1);
	assert_int_equal(sweep(&s, t0 + 15 * SS_US_PER_MIN, NULL), 0);
	/* The clock goes back, and on again: not a second time. */
	assert_int_equal(sweep(&s, t0 - SS_US_PER_HOUR, NULL), 0);
	assert_int_equal(sweep(&s, t0 + 16 * SS_US_PER_MIN, NULL), 0);
	/* Two at once after a stop: both, told as late, each once. */
	flow_stage_again(&s, env);
	assert_int_equal(sweep(&s, t0 + 40 * SS_US_PER_MIN, &late), 2);
	assert_int_equal(late, 2);
	assert_int_equal(sweep(&s, t0 + 46 * SS_US_PER_MIN, &late), 1);
	assert_int_equal(late, 0);
	assert_int_equal(sweep(&s, t0 + 300 * SS_US_PER_MIN, NULL), 0);
	c = flow_stage_case(&s, id);
	assert_int_equal(json_array_size(json_object_get(c, "firings")), 4);
	assert_non_null(json_object_get(c, "supervised_us"));
	json_decref(c);
	assert_int_equal(json_array_size(s.notices), 3); /* since it was opened again */
	assert_string_equal(text(json_array_get(s.notices, 0), "act"), "superior");
	/* The state is left: its clock is silent, that of the case goes on. */
	OK(&s, &officer, id, "{\"act\":\"go\",\"to\":\"investigate\"}");
	assert_int_equal(sweep(&s, at("2026-05-01T00:00:00") - 1, NULL), 0);
	assert_int_equal(sweep(&s, at("2026-05-02T00:00:00"), NULL), 1);
	flow_stage_close(&s);
}

static const json_t *clock_of(const json_t *c, const char *id)
{
	const json_t *k, *found = NULL;
	size_t i;

	json_array_foreach(json_object_get(c, "clocks"), i, k)
	{
		if (strcmp(text(k, "clock"), id) == 0)
			found = k;
	}
	assert_non_null(found);
	return found;
}

/* The trace's entry of the only firing. */
static json_t *only_firing(struct flow_stage *s, const char *id)
{
	json_t *c = flow_stage_case(s, id), *e, *found = NULL;
	size_t i;

	json_array_foreach(json_object_get(c, "trace"), i, e)
	{
		if (strcmp(text(e, "act"), "clock") != 0)
			continue;
		assert_null(found);
		found = json_incref(e);
		assert_int_equal(json_integer_value(json_object_get(e, "n")),
				 json_integer_value(json_object_get(c, "n")));
	}
	assert_int_equal(json_array_size(json_object_get(c, "firings")), 1);
	json_decref(c);
	return found;
}

struct before {
	struct flow_stage *s;
	const char *id;
};

static int fired_before(struct ss_db *db, void *arg, struct ss_error *err)
{
	struct before *b = arg;
	json_t *c = flow_stage_case(b->s, b->id);
	int r = ss_case_fire(db, text(clock_of(c, "quick"), "id"), 0, b->id, "remind", 1, 1, err);

	json_decref(c);
	return r;
}

/* More than are read and written at once: each fires once, all are told alike; and one whose step
 * had fired before stops none of the others: the first then fires by itself, with the same words.
 */
static void many_fire_together(struct db_env *env)
{
	enum { MANY = 150 };
	struct flow_stage s;
	int64_t t0 = at("2026-03-02T09:00:00"), late;
	char id[MANY][37];
	struct before before = {&s, id[1]};
	struct ss_flow_swept w;
	json_t *first, *e;

	people();
	flow_stage_open(&s, env);
	flow_stage_clock(t0);
	for (int i = 0; i < MANY; i++)
		flow_stage_start(&s, &officer, id[i]);
	assert_ok(ss_business_write(s.business, fired_before, &before, &s.e), &s.e);
	assert_int_equal(sweep(&s, t0 + 15 * SS_US_PER_MIN, &late), MANY - 1);
	assert_int_equal(late, 0);
	first = only_firing(&s, id[0]);
	for (int i = 2; i < MANY; i++) {
		e = only_firing(&s, id[i]);
		assert_true(json_equal(e, first));
		json_decref(e);
	}
	json_decref(first);
	assert_int_equal(sweep(&s, t0 + 15 * SS_US_PER_MIN, NULL), 0);
	/* The second step; and no more at once than are asked for. */
	assert_int_equal(sweep(&s, t0 + 24 * SS_US_PER_MIN, NULL), MANY);
	assert_int_equal(sweep(&s, t0 + 24 * SS_US_PER_MIN, NULL), 0);
	flow_stage_clock(t0 + 30 * SS_US_PER_MIN);
	assert_ok(ss_flow_sweep(s.flows, t0 + 30 * SS_US_PER_MIN, 100, &w, &s.e), &s.e);
	assert_int_equal(w.fired, 100);
	assert_int_equal(w.left, 1);
	assert_int_equal(sweep(&s, t0 + 30 * SS_US_PER_MIN, NULL), MANY - 100);
	e = flow_stage_case(&s, id[MANY - 1]);
	assert_non_null(json_object_get(e, "supervised_us"));
	json_decref(e);
	flow_stage_close(&s);
}

static void due_is(struct flow_stage *s, const char *id, const char *clock, const char *last_day)
{
	json_t *c = flow_stage_case(s, id);
	const json_t *day = json_object_get(clock_of(c, clock), "last_day");

	if (!last_day)
		assert_null(day);
	else
		assert_int_equal(json_integer_value(day), ss_day_of(at(last_day)));
	json_decref(c);
}

/* Filed 2026-01-15: 2026-04-15; with 20 days of laboratory and 7 of hearing that overlap 5:
 * 2026-05-07 (penalties, worked dates). Extended once by 30 more, before it is over. */
static void excluded_time(struct db_env *env)
{
	struct flow_stage s;
	char id[37];

	people();
	flow_stage_open(&s, env);
	flow_stage_clock(at("2026-01-15T10:00:00"));
	flow_stage_start(&s, &officer, id);
	due_is(&s, id, "decision", "2026-04-15");
	OK(&s, &officer, id, "{\"act\":\"go\",\"to\":\"investigate\"}");
	flow_stage_clock(at("2026-02-05T09:00:00"));
	OK(&s, &officer, id,
	   "{\"act\":\"pause\",\"kind\":\"lab\",\"note\":\"送检\",\"document\":\"检单1\"}");
	due_is(&s, id, "decision", NULL); /* stands still */
	flow_stage_clock(at("2026-02-25T17:00:00"));
	json_t *c = flow_stage_case(&s, id);
	char pause[40];

	snprintf(pause, sizeof(pause), "%s",
		 text(json_array_get(json_object_get(c, "pauses"), 0), "id"));
	json_decref(c);
	OK(&s, &officer, id, "{\"act\":\"end_pause\",\"pause\":\"%s\"}", pause);
	due_is(&s, id, "decision", "2026-05-05");
	flow_stage_clock(at("2026-03-05T09:00:00"));
	OK(&s, &officer, id,
	   "{\"act\":\"pause\",\"kind\":\"hearing\",\"from\":\"2026-02-20\",\"until\":\"2026-02-"
	   "27\",\"note\":\"听证\"}");
	due_is(&s, id, "decision", "2026-05-07");
	/* A kind that this clock does not know leaves it alone. */
	OK(&s, &officer, id,
	   "{\"act\":\"pause\",\"kind\":\"holiday\",\"from\":\"2026-03-01\",\"until\":\"2026-03-"
	   "04\",\"note\":\"x\"}");
	due_is(&s, id, "decision", "2026-05-07");
	assert_int_equal(
	    ACT(&s, &officer, id,
		"{\"act\":\"extend\",\"clock\":\"decision\",\"by\":30,\"note\":\"案情复杂\"}"),
	    SS_EDENIED);
	flow_stage_close(&s);
}

static void counted_from_a_field(struct db_env *env)
{
	struct flow_stage s;
	char id[37];

	people();
	flow_stage_open(&s, env);
	flow_stage_clock(at("2026-09-01T10:00:00"));
	flow_stage_start(&s, &officer, id);
	due_is(&s, id, "payment", NULL);
	OK(&s, &officer, id, "{\"act\":\"go\",\"to\":\"investigate\"}");
	OK(&s, &officer, id, "{\"act\":\"save\",\"data\":{\"received\":\"2026-09-18\"}}");
	due_is(&s, id, "payment", "2026-10-03");
	assert_int_equal(sweep(&s, at("2026-10-08T23:59:00"), NULL), 0);
	assert_int_equal(sweep(&s, at("2026-10-09T00:00:01"), NULL), 1);
	flow_stage_close(&s);
}

static void suspended(struct db_env *env)
{
	struct flow_stage s;
	int64_t t0 = at("2026-03-02T09:00:00");
	struct ss_flow_swept w;
	char id[37];

	people();
	flow_stage_open(&s, env);
	flow_stage_clock(t0);
	flow_stage_start(&s, &officer, id);
	OK(&s, &officer, id,
	   "{\"act\":\"suspend\",\"note\":\"等法院\",\"until\":\"2026-03-02T10:00:00\"}");
	assert_int_equal(ACT(&s, &officer, id, "{\"act\":\"go\",\"to\":\"investigate\"}"),
			 SS_ESTATE);
	assert_int_equal(sweep(&s, t0 + 50 * SS_US_PER_MIN, NULL), 0);
	flow_stage_clock(t0 + SS_US_PER_HOUR + 1);
	assert_ok(ss_flow_sweep(s.flows, t0 + SS_US_PER_HOUR + 1, 100, &w, &s.e), &s.e);
	assert_int_equal(w.resumed, 1);
	assert_int_equal(w.fired, 0);
	assert_int_equal(sweep(&s, t0 + 76 * SS_US_PER_MIN, NULL), 1);
	OK(&s, &officer, id, "{\"act\":\"go\",\"to\":\"investigate\"}");
	flow_stage_close(&s);
}

/* --- documents ----------------------------------------------------------------------------------
 */

static void documents(struct db_env *env)
{
	struct flow_stage s;
	char id[37], doc[40], number[200];
	struct ss_buf out = SS_BUF_MAX(16 << 20);
	json_t *made;

	people();
	flow_stage_open(&s, env);
	to_review(&s, id);
	assert_int_equal(ACT(&s, &reviewer, id, "{\"act\":\"document\",\"document\":\"notice\"}"),
			 SS_ESTATE);
	OK(&s, &leader, id, "{\"act\":\"jump\",\"to\":\"notice\",\"note\":\"x\"}");
	OK(&s, &officer, id, "{\"act\":\"save\",\"data\":{\"fine\":null}}");
	assert_int_equal(ACT(&s, &officer, id, "{\"act\":\"document\",\"document\":\"notice\"}"),
			 SS_ESTATE);
	assert_true(lacks(&s, "field", "fine"));
	assert_non_null(strstr(s.e.text, "罚款金额"));
	OK(&s, &officer, id, "{\"act\":\"save\",\"data\":{\"fine\":200000}}");
	assert_int_equal(flow_stage_act(&s, &officer, id, &made,
					"{\"act\":\"document\",\"document\":\"notice\"}"),
			 0);
	snprintf(doc, sizeof(doc), "%s", text(made, "document"));
	snprintf(number, sizeof(number), "%s", text(made, "number"));
	json_decref(made);
	assert_non_null(strstr(number, "〕1号")); /* the refused ones used none */
	/* Again before it is served: a new version under the same number. */
	assert_int_equal(flow_stage_act(&s, &officer, id, &made,
					"{\"act\":\"document\",\"document\":\"notice\"}"),
			 0);
	assert_string_equal(text(made, "number"), number);
	snprintf(doc, sizeof(doc), "%s", text(made, "document"));
	json_decref(made);
	assert_ok(ss_flow_document(s.flows, &officer, "matter_flow", id, doc, false, &out, &s.e),
		  &s.e);
	assert_non_null(strstr(out.p, "贰拾万元整"));
	assert_non_null(strstr(out.p, "超标 1.2 倍"));
	assert_non_null(strstr(out.p, "200,000"));
	assert_non_null(strstr(out.p, "<svg"));
	ss_buf_reset(&out);
	assert_ok(ss_flow_document(s.flows, &officer, "matter_flow", id, doc, true, &out, &s.e),
		  &s.e);
	assert_memory_equal(out.p, "%PDF-", 5);
	assert_int_equal(
	    ss_flow_document(s.flows, &far_officer, "matter_flow", id, doc, true, &out, &s.e),
	    SS_ENOTFOUND);
	OK(&s, &officer, id, "{\"act\":\"serve\",\"document\":\"%s\"}", doc);
	assert_int_equal(ACT(&s, &officer, id, "{\"act\":\"document\",\"document\":\"notice\"}"),
			 SS_ESTATE);
	OK(&s, &officer, id, "{\"act\":\"void\",\"document\":\"%s\",\"note\":\"写错\"}", doc);
	assert_int_equal(flow_stage_act(&s, &officer, id, &made,
					"{\"act\":\"document\",\"document\":\"notice\"}"),
			 0);
	assert_non_null(strstr(text(made, "number"), "〕2号")); /* a void number stays used */
	json_decref(made);
	ss_buf_done(&out);
	flow_stage_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    DB_TEST(nothing_goes_round_the_flow),
	    DB_TEST(whole_life),
	    DB_TEST(every_forbidden_jump),
	    DB_TEST(opened_again),
	    DB_TEST(what_lacks_is_named),
	    DB_TEST(roles_areas_and_exclusion),
	    DB_TEST(back_and_forth),
	    DB_TEST(signatures),
	    DB_TEST(transfers),
	    DB_TEST(asked_twice),
	    DB_TEST(ladder_fires_once),
	    DB_TEST(many_fire_together),
	    DB_TEST(excluded_time),
	    DB_TEST(counted_from_a_field),
	    DB_TEST(suspended),
	    DB_TEST(documents),
	};

	return db_test_main("flow", tests, SS_ARRAY_LEN(tests));
}
