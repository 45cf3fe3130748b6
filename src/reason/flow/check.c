/* The check of a flow's declaration by meaning: what it names is there, every state is reached and
 * can be left, every clock has a period. */
#include "reason/flow/flow_internal.h"

static const char *const state_kinds[] = {"work", "wait", "end", NULL};
static const char *const areas[] = {"case", "city", "owner", NULL};
static const char *const rules[] = {"all", "majority", "one", NULL};
static const char *const rungs[] = {"remind", "superior", "supervise", "leader",
				    "notify", "call",     NULL};
static const char *const allows[] = {"return",   "withdraw", "add_signer", "countersign", "jump",
				     "transfer", "urge",     "comment",    "suspend",     "extend",
				     "pause",    "reopen",   NULL};

static bool one_of(const char *word, const char *const *words)
{
	while (*words && strcmp(*words, word) != 0)
		words++;
	return *words != NULL;
}

static void word(const struct ssf_check *k, const char *at, const json_t *o, const char *name,
		 const char *const *words)
{
	const char *z = json_string_value(json_object_get(o, name));
	char path[SSF_PATH];

	if (!z || one_of(z, words))
		return;
	ssf_path(path, at, name);
	ssf_problem_of(k, path, "不认识的值", "unknown value", z);
}

/* Every text of the list `name` of o is the id of something in `all`. */
static void names(const struct ssf_check *k, const char *at, const json_t *o, const char *name,
		  const json_t *all, const char *zh, const char *en)
{
	const json_t *e;
	char path[SSF_PATH];
	size_t i;

	ssf_path(path, at, name);
	json_array_foreach(json_object_get(o, name), i, e)
	{
		if (!ssf_find(all, "id", json_string_value(e)))
			ssf_problem_of(k, path, zh, en, json_string_value(e));
	}
}

static void once(const struct ssf_check *k, const char *at, const json_t *list)
{
	const json_t *e;
	size_t i;

	json_array_foreach(list, i, e)
	{
		const char *id = ssf_leave_id(e);

		if (*id && ssf_leave_find(list, id) != e)
			ssf_problem_of(k, at, "重复的编号", "the id comes twice", id);
	}
}

/* --- clocks ------------------------------------------------------------------------------------
 */

const struct ss_law_row *ssf_law_row(const struct ss_law *law, const char *name, int64_t day)
{
	const char *slash = strrchr(name, '/');
	char table[96];

	if (!slash || !ss_str_copy(table, sizeof(table), ss_str_n(name, (size_t)(slash - name))))
		return NULL;
	return ss_law_find(ss_law_table(law, table), day, SS_LAW_KEY(slash + 1));
}

static void ladder(const struct ssf_check *k, const char *at, const json_t *c)
{
	const json_t *e;
	char path[SSF_PATH], n[40];
	size_t i;

	json_array_foreach(json_object_get(c, "ladder"), i, e)
	{
		snprintf(n, sizeof(n), "ladder.%zu", i);
		ssf_path(path, at, n);
		word(k, path, e, "act", rungs);
		if ((json_object_get(e, "at") != NULL) + (json_object_get(e, "passed") != NULL) +
			(json_object_get(e, "left") != NULL) !=
		    1)
			ssf_problem(k, path, "at、passed、left 须写且只写一个",
				    "exactly one of at, passed, left");
		if (strcmp(ss_json_get_z(e, "act"), "call") == 0 && !json_object_get(e, "fn"))
			ssf_problem(k, path, "act 为 call 时缺少 fn", "act call needs fn");
	}
}

static void period(const struct ssf_check *k, const char *at, const json_t *c)
{
	const json_t *of = json_object_get(c, "for");
	const char *law = json_string_value(json_object_get(c, "law"));
	enum ssf_unit u;

	if (!law == !of) {
		ssf_problem(k, at, "law 与 for 须写且只写一个", "exactly one of law and for");
	} else if (law) {
		if (!ssf_law_row(ss_law_now(), law, SS_ANY_DAY))
			ssf_problem_of(k, at, "法表里没有这一期限",
				       "no such row in the tables of the law", law);
	} else if (!ssf_is_fn(of) &&
		   (ssf_unit_of(json_string_value(json_object_get(of, "unit")), &u) < 0 ||
		    ss_json_get_i64(of, "n", -1) < 0)) {
		ssf_problem(k, at,
			    "for 要 {n,unit} 或函数；单位 minute hour day working_day month year",
			    "for is {n,unit} or a function");
	}
}

static void clocks(const struct ssf_check *k, const char *at, const json_t *o, const json_t *record)
{
	const json_t *list = json_object_get(o, "clocks"), *c;
	char path[SSF_PATH], n[24];
	const char *from;
	size_t i;

	json_array_foreach(list, i, c)
	{
		snprintf(n, sizeof(n), "clocks.%zu", i);
		ssf_path(path, at, n);
		period(k, path, c);
		ladder(k, path, c);
		names(k, path, c, "until", json_object_get(k->decl, "states"), "没有这个状态",
		      "no such state");
		from = ss_json_get_z(c, "from");
		if (*from && strcmp(from, "enter") != 0 && strcmp(from, "case") != 0 &&
		    (strncmp(from, "field:", 6) != 0 ||
		     (record && !ssf_find(json_object_get(record, "fields"), "id", from + 6))))
			ssf_problem_of(k, path, "from 要 enter、case 或 field:字段",
				       "from is enter, case or field:NAME", from);
	}
}

/* --- states ------------------------------------------------------------------------------------
 */

static void signers(const struct ssf_check *k, const char *at, const json_t *l)
{
	const json_t *s = json_object_get(l, "signers");
	char path[SSF_PATH];

	if (!s)
		return;
	ssf_path(path, at, "signers");
	word(k, path, s, "rule", rules);
	if (ss_json_get_i64(s, "n", 1) < 1)
		ssf_problem(k, path, "n 至少为 1", "n is at least 1");
	if (json_array_size(json_object_get(s, "roles")) == 0)
		ssf_problem(k, path, "没有人能签", "nobody may sign");
}

static void leaves(const struct ssf_check *k, const char *at, const json_t *s, const json_t *record)
{
	const json_t *l, *needs, *states = json_object_get(k->decl, "states");
	const json_t *fields = record ? json_object_get(record, "fields") : NULL;
	char path[SSF_PATH], n[40];
	size_t i;

	json_array_foreach(json_object_get(s, "leave"), i, l)
	{
		snprintf(n, sizeof(n), "leave.%zu", i);
		ssf_path(path, at, n);
		if (!ssf_find(states, "id", ss_json_get_z(l, "to")))
			ssf_problem_of(k, path, "去向没有这个状态", "no such state to go to",
				       ss_json_get_z(l, "to"));
		signers(k, path, l);
		needs = json_object_get(l, "needs");
		if (fields)
			names(k, path, needs, "fields", fields, "没有这个字段", "no such field");
		names(k, path, needs, "documents", json_object_get(k->decl, "documents"),
		      "没有这个文书", "no such document");
	}
	ssf_path(path, at, "leave");
	once(k, path, json_object_get(s, "leave"));
}

static void people(const struct ssf_check *k, const char *at, const json_t *s)
{
	const json_t *l, *e;
	bool end = strcmp(ss_json_get_z(s, "kind"), "end") == 0;
	size_t i, n = json_array_size(json_object_get(s, "leave"));

	if (end && n)
		ssf_problem(k, at, "终点不能再离开", "an end cannot be left");
	if (!end && n == 0)
		ssf_problem(k, at, "死路：不是终点，却没有去处", "dead end: no end, and no way on");
	if (strcmp(ss_json_get_z(s, "kind"), "work") == 0 && !json_object_get(s, "assign") &&
	    json_array_size(json_object_get(s, "roles")) == 0)
		ssf_problem(k, at, "没有人能办：缺少 roles 或 assign",
			    "nobody may work here: roles or assign is missing");
	json_array_foreach(json_object_get(s, "leave"), i, l)
	{
		e = json_object_get(l, "roles");
		if (e && json_array_size(e) == 0)
			ssf_problem_of(k, at, "没有人能离开，去向", "nobody may leave, to",
				       ss_json_get_z(l, "to"));
	}
	json_array_foreach(json_object_get(s, "allow"), i, e)
	{
		if (!one_of(json_string_value(e), allows))
			ssf_problem_of(k, at, "allow 里不认识的行为", "unknown act in allow",
				       json_string_value(e));
	}
	if (ssf_list_has(json_object_get(s, "allow"), "jump") &&
	    json_array_size(json_object_get(s, "jump_roles")) == 0)
		ssf_problem(k, at, "允许跳转却没有 jump_roles",
			    "jump is allowed, jump_roles is missing");
}

static void one_state(const struct ssf_check *k, const char *at, const json_t *s,
		      const json_t *record)
{
	const json_t *fields = record ? json_object_get(record, "fields") : NULL;

	word(k, at, s, "kind", state_kinds);
	word(k, at, s, "area", areas);
	people(k, at, s);
	leaves(k, at, s, record);
	clocks(k, at, s, record);
	names(k, at, s, "exclude", json_object_get(k->decl, "states"), "没有这个状态",
	      "no such state");
	if (fields) {
		names(k, at, s, "form", fields, "记录没有这个字段", "the record has no such field");
		names(k, at, s, "required", fields, "记录没有这个字段",
		      "the record has no such field");
	}
}

static void states(const struct ssf_check *k, const json_t *record)
{
	const json_t *list = json_object_get(k->decl, "states"), *s;
	struct ssf_reach reach;
	char path[SSF_PATH];
	size_t i;

	json_array_foreach(list, i, s)
	{
		snprintf(path, sizeof(path), "states.%s", ss_json_get_z(s, "id"));
		one_state(k, path, s, record);
	}
	once(k, "states", list);
	if (!ssf_find(list, "id", ss_json_get_z(k->decl, "start"))) {
		ssf_problem(k, "start", "没有这个状态", "no such state");
		return;
	}
	if (json_array_size(list) > SSF_STATES) {
		ssf_problem(k, "states", "状态太多", "too many states");
		return;
	}
	ssf_reach(k->decl, &reach);
	json_array_foreach(list, i, s)
	{
		snprintf(path, sizeof(path), "states.%s", ss_json_get_z(s, "id"));
		if (!reach.from_start[i])
			ssf_problem(k, path, "到不了的状态", "the state is never reached");
		else if (!reach.to_end[i])
			ssf_problem(k, path, "从这里到不了任何终点", "no end is reached from here");
	}
}

static void documents(const struct ssf_check *k, const json_t *record)
{
	const json_t *list = json_object_get(k->decl, "documents"), *d;
	char path[SSF_PATH];
	size_t i;

	once(k, "documents", list);
	json_array_foreach(list, i, d)
	{
		const char *number = json_string_value(json_object_get(d, "number"));

		snprintf(path, sizeof(path), "documents.%s", ss_json_get_z(d, "id"));
		names(k, path, d, "states", json_object_get(k->decl, "states"), "没有这个状态",
		      "no such state");
		if (record)
			names(k, path, d, "needs", json_object_get(record, "fields"),
			      "记录没有这个字段", "the record has no such field");
		if (number && !strstr(number, "{n"))
			ssf_problem(k, path, "编号格式里没有 {n}",
				    "the format of the number lacks {n}");
	}
}

json_t *ssf_record_of(const json_t *all, const json_t *flow)
{
	const char *id = ss_json_get_z(flow, "record");
	json_t *d;
	size_t i;

	json_array_foreach(all, i, d)
	{
		if (strcmp(ss_json_get_z(d, "kind"), "record") == 0 &&
		    strcmp(ss_json_get_z(d, "id"), id) == 0)
			return d;
	}
	return NULL;
}

static void check_one(const struct ssf_check *k, const json_t *all)
{
	const json_t *record = ssf_record_of(all, k->decl);
	const char *stage = json_string_value(json_object_get(k->decl, "state_field"));

	ssf_check_form(k);
	if (k->count[0])
		return;
	if (!record)
		ssf_problem_of(k, "record", "没有这个记录类型", "no such record type",
			       ss_json_get_z(k->decl, "record"));
	if (record && stage && !ssf_find(json_object_get(record, "fields"), "id", stage))
		ssf_problem_of(k, "state_field", "记录没有这个字段", "the record has no such field",
			       stage);
	clocks(k, "", k->decl, record);
	states(k, record);
	documents(k, record);
}

int ss_flows_check(const json_t *declarations, json_t *problems, struct ss_error *err)
{
	const json_t *d;
	size_t i, all = 0;

	json_array_foreach(declarations, i, d)
	{
		size_t count = 0;
		const struct ssf_check k = {.problems = problems, .decl = d, .count = &count};

		if (strcmp(ss_json_get_z(d, "kind"), "flow") != 0)
			continue;
		check_one(&k, declarations);
		all += count;
	}
	return all ? ss_error_set(err, SS_EINVAL,
				  "流程声明有 %zu 处问题；%zu problems in the flows", all, all)
		   : 0;
}
