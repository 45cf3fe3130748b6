/* The acts on a case: when each may be taken, and what it does. Reading a case and telling what may
 * be done asks the same functions. */
#include "reason/flow/flow_internal.h"

#include "base/uuid.h"

static int denied(const struct ssf_turn *t, const char *zh, const char *en)
{
	return ss_error_set(t->err, SS_EDENIED, "%s；%s", zh, en);
}

static int not_now(const struct ssf_turn *t, const char *zh, const char *en)
{
	return ss_error_set(t->err, SS_ESTATE, "%s；%s", zh, en);
}

static int bad(const struct ssf_turn *t, const char *zh, const char *en)
{
	return ss_error_set(t->err, SS_EINVAL, "%s；%s", zh, en);
}

static const char *ask(const struct ssf_turn *t, const char *name)
{
	return ss_json_get_z(t->ask, name);
}

static int anybody(const struct ssf_turn *t)
{
	return t->who ? 0 : SS_EDENIED;
}

/* Work, or a signature that he owes: who takes part may add to the case. */
static int taking_part(const struct ssf_turn *t)
{
	const json_t *e;
	size_t i;
	struct ssf_turn quiet = *t;

	quiet.err = NULL;
	if (!t->who)
		return SS_EDENIED;
	if (ssf_may_work(&quiet) == 0)
		return 0;
	json_array_foreach(json_object_get(t->c, "tasks"), i, e)
	{
		if (!json_object_get(e, "done_us") && ssf_task_for(t, e))
			return 0;
	}
	return ssf_may_work(t);
}

/* After the end only what is declared for that end, as the list of a hand-over with both names. */
static int document_may(const struct ssf_turn *t)
{
	const json_t *e;
	size_t i;

	if (!json_object_get(t->c, "closed_us"))
		return taking_part(t);
	json_array_foreach(json_object_get(t->flow, "documents"), i, e)
	{
		if (ssf_list_has(json_object_get(e, "states"), ss_json_get_z(t->state, "id")))
			return taking_part(t);
	}
	return not_now(t, "案件已办结", "the case is closed");
}

static int put_trace(struct ssf_turn *t)
{
	return ssf_trace(t, t->act, "", ask(t, "note"), t->data);
}

/* --- tasks: claim, release, transfer, accept, refuse -------------------------------------------
 */

static int claim_may(const struct ssf_turn *t)
{
	const json_t *task = ssf_task(t);

	if (task && json_object_get(task, "person"))
		return not_now(t, "已有人承办", "somebody has it already");
	return ssf_may_work(t);
}

static int claim(struct ssf_turn *t)
{
	const struct ss_case_who who = ssf_who(t);
	int r = ss_case_task_hold(t->db, ss_json_get_z(ssf_task(t), "id"), &who, t->now, t->err);

	return r < 0 ? r : put_trace(t);
}

static int holder_may(const struct ssf_turn *t)
{
	return ssf_holds(t) || (t->who && t->who->all && ssf_task(t))
		   ? 0
		   : denied(t, "须由承办人办理", "only who holds the task may");
}

static int release(struct ssf_turn *t)
{
	int r = ss_case_task_hold(t->db, ss_json_get_z(ssf_task(t), "id"), NULL, 0, t->err);

	return r < 0 ? r : put_trace(t);
}

/* To a person or to another area; the other side has to accept. */
static int transfer(struct ssf_turn *t)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(1024);
	const char *user = ask(t, "user"), *area = ask(t, "area");
	json_t *offer, *person = NULL;
	int r;

	if (!*user == !*area)
		return bad(t, "转办须写明 user 或 area 之一", "transfer needs user or area");
	if (*user && t->f->s.person && t->f->s.person(t->f->s.arg, user, &person) < 0)
		return ss_error_set(t->err, SS_ENOTFOUND, "没有账号 %s；there is no account %s",
				    user, user);
	offer = *user ? json_pack("{s:s,s:s}", "user", user, "name",
				  person ? ss_json_get_z(person, "name") : user)
		      : json_pack("{s:s}", "area", area);
	json_object_set(t->data, "to", offer);
	r = ss_json_canonical(&b, offer);
	json_decref(offer);
	json_decref(person);
	if (r == 0)
		r = ss_case_task_offer(t->db, ss_json_get_z(ssf_task(t), "id"), b.p, t->now,
				       t->err);
	return r < 0 ? r : put_trace(t);
}

static int transfer_may(const struct ssf_turn *t)
{
	const json_t *task = ssf_task(t);

	if (!task)
		return not_now(t, "没有待办", "there is no task");
	if (json_object_get(task, "offer"))
		return not_now(t, "已在转办，等对方答复", "it is offered already");
	return ssf_may_work(t);
}

static int offered_may(const struct ssf_turn *t)
{
	const json_t *task = ssf_task(t);

	if (!task || !json_object_get(task, "offer"))
		return not_now(t, "没有转办给您的事", "nothing is offered to you");
	if (t->who && t->who->all)
		return 0;
	if (strcmp(ss_json_get_z(task, "person"), t->who->user) == 0 || !ssf_task_for(t, task))
		return denied(t, "不是转办给您的", "it is not offered to you");
	return 0;
}

/* A case that goes to another area is that area's from now on. */
static int move_area(struct ssf_turn *t, const char *area)
{
	json_t *type = ss_things_declaration(t->f->s.things, ss_json_get_z(t->flow, "record"));
	const char *field = ss_json_get_z(type, "area");
	json_t *fields = *field ? json_pack("{s:s}", field, area) : NULL;
	int r = fields ? 0 : not_now(t, "记录没有辖区字段，不能转区", "the record has no area");

	if (r == 0)
		r = ssf_change(t, fields, "转办；transferred", NULL);
	json_decref(fields);
	json_decref(type);
	return r;
}

static int accept_it(struct ssf_turn *t)
{
	const json_t *task = ssf_task(t), *offer = json_object_get(task, "offer");
	const struct ss_case_who who = ssf_who(t);
	int r = 0;

	if (*ss_json_get_z(offer, "area"))
		r = move_area(t, ss_json_get_z(offer, "area"));
	if (r == 0)
		r = ss_case_task_hold(t->db, ss_json_get_z(task, "id"), &who, t->now, t->err);
	return r < 0 ? r : put_trace(t);
}

static int refuse_it(struct ssf_turn *t)
{
	int r = ss_case_task_offer(t->db, ss_json_get_z(ssf_task(t), "id"), NULL, 0, t->err);

	return r < 0 ? r : put_trace(t);
}

/* --- moving: go, return, withdraw, jump ---------------------------------------------------------
 */

/* A leave with roles of its own is for those; else for who works here. A state that waits is left
 * by the machine or by those roles. */
static int leave_may(const struct ssf_turn *t, const json_t *leave)
{
	const json_t *roles = json_object_get(leave, "roles");
	const char *state;

	if (t->who && t->who->all)
		return 0;
	if (!roles)
		return ssf_may_work(t);
	if (ssf_excluded(t, &state))
		return ssf_may_work(t);
	return ssf_covers(t, roles, ss_json_get_z(t->state, "area"))
		   ? 0
		   : denied(t, "这一去向不由您的角色决定", "this way is not for your roles");
}

static int go_may(const struct ssf_turn *t)
{
	const json_t *l;
	size_t i;
	int r = not_now(t, "这里没有去处", "there is no way on from here");

	json_array_foreach(json_object_get(t->state, "leave"), i, l)
	{
		r = leave_may(t, l);
		if (r == 0)
			break;
	}
	return r;
}

static int lacks(const struct ssf_turn *t, size_t n, size_t from)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(400);
	const json_t *p;
	size_t i;

	json_array_foreach(t->problems, i, p)
	{
		if (i >= from)
			ss_buf_addf(&b, "%s%s", b.n ? "、" : "", ss_json_get_z(p, "zh"));
	}
	return ss_error_set(t->err, SS_ESTATE, "离开「%s」还缺 %zu 项：%s；%zu things lack",
			    ssf_zh(t->state), n, b.p ? b.p : "", n);
}

static int leave_effects(struct ssf_turn *t, const json_t *leave)
{
	const json_t *fn = json_object_get(leave, "on");
	json_t *said = NULL;
	int r;

	if (!fn)
		return 0;
	r = ssf_call(t, fn, true, json_pack("{s:s}", "to", ss_json_get_z(leave, "to")), &said);
	if (r == 0 && json_is_object(said))
		json_object_update(t->made, said);
	json_decref(said);
	return r < 0 ? r : ssf_record_again(t);
}

static int go(struct ssf_turn *t)
{
	const json_t *leave = ssf_leave_find(json_object_get(t->state, "leave"), ask(t, "to"));
	size_t n = 0, from = json_array_size(t->problems);
	int r;

	if (!leave)
		return ss_error_set(t->err, SS_ESTATE,
				    "「%s」没有到 %s 的去处；there is no way from here to %s",
				    ssf_zh(t->state), ask(t, "to"), ask(t, "to"));
	r = leave_may(t, leave);
	if (r == 0)
		r = ssf_save(t);
	if (r == 0)
		r = ssf_needs(t, leave, &n);
	if (r < 0 || n)
		return r < 0 ? r : lacks(t, n, from);
	json_object_set_new(t->data, "leave", json_string(ssf_leave_id(leave)));
	r = leave_effects(t, leave);
	return r < 0 ? r : ssf_move(t, ss_json_get_z(leave, "to"), NULL);
}

/* The last entry that moved the case into its state. */
static const json_t *last_move(const struct ssf_turn *t)
{
	const json_t *trace = json_object_get(t->c, "trace");

	for (size_t i = json_array_size(trace); i-- > 0;) {
		const json_t *e = json_array_get(trace, i);

		if (*ss_json_get_z(e, "to_state"))
			return e;
	}
	return NULL;
}

/* Who left that state last: what is sent back goes to him. */
static struct ss_case_who last_there(const struct ssf_turn *t, const char *state)
{
	const json_t *trace = json_object_get(t->c, "trace");

	for (size_t i = json_array_size(trace); i-- > 0;) {
		const json_t *e = json_array_get(trace, i);

		if (strcmp(ss_json_get_z(e, "act"), "go") == 0 &&
		    strcmp(ss_json_get_z(e, "from_state"), state) == 0 &&
		    strcmp(ss_json_get_z(e, "by_id"), "system") != 0)
			return (struct ss_case_who){ss_json_get_z(e, "by_id"),
						    ss_json_get_z(e, "by_name")};
	}
	return (struct ss_case_who){NULL, NULL};
}

static bool was_there(const struct ssf_turn *t, const char *state)
{
	const json_t *e;
	size_t i;

	json_array_foreach(json_object_get(t->c, "trace"), i, e)
	{
		if (strcmp(ss_json_get_z(e, "to_state"), state) == 0)
			return true;
	}
	return false;
}

static int send_back(struct ssf_turn *t)
{
	const json_t *last = last_move(t);
	const char *to = *ask(t, "to") ? ask(t, "to") : ss_json_get_z(last, "from_state");
	const json_t *state = ssf_state(t->flow, to);
	struct ss_case_who last_holder, holder;
	char id[80], name[200];

	if (!state || ssf_state_is(state, "end") || !was_there(t, to) || strcmp(to, t->from) == 0)
		return ss_error_set(
		    t->err, SS_ESTATE,
		    "只能退回到经过的环节，%s 不是；only to a state it was in, %s is not",
		    *to ? to : "（无）", to);
	last_holder = last_there(t, to);
	ss_str_copy(id, sizeof(id), ss_str_of(last_holder.id));
	ss_str_copy(name, sizeof(name), ss_str_of(last_holder.name));
	holder = (struct ss_case_who){last_holder.id ? id : NULL, name};
	return ssf_move(t, ss_json_get_z(state, "id"), &holder);
}

/* What closed by mistake of a machine or against a later finding: decided by the module, never by
 * hand. */
static int reopen_may(const struct ssf_turn *t)
{
	if (!json_object_get(t->c, "closed_us"))
		return not_now(t, "案件没有办结", "the case is not closed");
	return t->who && t->who->all ? 0
				     : denied(t, "只由模块重开", "only the module opens it again");
}

/* Back into the state from which it was closed. */
static int reopen(struct ssf_turn *t)
{
	const json_t *state = ssf_state(t->flow, ss_json_get_z(last_move(t), "from_state"));

	if (!state || ssf_state_is(state, "end"))
		return not_now(t, "没有可回的环节", "there is no state to go back to");
	return ssf_move(t, ss_json_get_z(state, "id"), NULL);
}

static int withdraw_may(const struct ssf_turn *t)
{
	const json_t *last = last_move(t), *e;
	size_t i;

	if (!last || strcmp(ss_json_get_z(last, "act"), "go") != 0 || !t->who ||
	    strcmp(ss_json_get_z(last, "by_id"), t->who->user) != 0)
		return denied(t, "只有送出的人可以撤回", "only who sent it may withdraw");
	json_array_foreach(json_object_get(t->c, "tasks"), i, e)
	{
		if (ss_json_get_i64(e, "step", 0) == ss_json_get_i64(t->c, "step", 0) &&
		    json_object_get(e, "claimed_us"))
			return not_now(t, "对方已接手，不能撤回", "it is taken already");
	}
	json_array_foreach(json_object_get(t->c, "trace"), i, e)
	{
		const char *act = ss_json_get_z(e, "act");

		if (ss_json_get_i64(e, "n", 0) > ss_json_get_i64(last, "n", 0) &&
		    strcmp(act, "comment") != 0 && strcmp(act, "urge") != 0 &&
		    strcmp(act, "clock") != 0 && strcmp(act, "redate") != 0)
			return not_now(t, "对方已办理，不能撤回", "it was acted on already");
	}
	return 0;
}

static int withdraw(struct ssf_turn *t)
{
	const struct ss_case_who who = ssf_who(t);
	char to[80];

	ss_str_copy(to, sizeof(to), ss_str_of(ss_json_get_z(last_move(t), "from_state")));
	return ssf_move(t, to, &who);
}

static int jump_may(const struct ssf_turn *t)
{
	if (t->who && t->who->all)
		return 0;
	return ssf_covers(t, json_object_get(t->state, "jump_roles"), "case")
		   ? 0
		   : denied(t, "跳转须由指定的角色决定", "a jump is for other roles");
}

static int jump(struct ssf_turn *t)
{
	const json_t *state = ssf_state(t->flow, ask(t, "to"));

	if (!state || strcmp(ask(t, "to"), t->from) == 0)
		return ss_error_set(t->err, SS_ESTATE, "不能跳转到 %s；no jump to %s", ask(t, "to"),
				    ask(t, "to"));
	return ssf_move(t, ask(t, "to"), NULL);
}

/* --- signing ------------------------------------------------------------------------------------
 */

static int may_sign_leave(const struct ssf_turn *t, const json_t *leave)
{
	const json_t *signers = json_object_get(leave, "signers");
	const char *state;

	if (!signers || ssf_excluded(t, &state) ||
	    !ssf_covers(t, json_object_get(signers, "roles"), ss_json_get_z(t->state, "area")))
		return denied(t, "您不是这里的签署人", "you are no signer here");
	return 0;
}

/* What he was asked for by name and has not answered. */
static json_t *asked_of(const struct ssf_turn *t)
{
	json_t *e;
	size_t i;

	json_array_foreach(json_object_get(t->c, "signs"), i, e)
	{
		if (t->who && strcmp(ss_json_get_z(e, "person"), t->who->user) == 0 &&
		    !json_object_get(e, "verdict") &&
		    ss_json_get_i64(e, "step", 0) == ss_json_get_i64(t->c, "step", 0))
			return e;
	}
	return NULL;
}

static int sign_may(const struct ssf_turn *t)
{
	const json_t *l;
	size_t i;

	if (!t->who)
		return SS_EDENIED;
	if (asked_of(t))
		return 0;
	json_array_foreach(json_object_get(t->state, "leave"), i, l)
	{
		struct ssf_turn quiet = *t;

		quiet.err = NULL;
		if (may_sign_leave(&quiet, l) == 0)
			return 0;
	}
	return denied(t, "这里没有等您签署的事", "nothing waits for your signature");
}

static int sign_leave(struct ssf_turn *t, const char *verdict)
{
	const json_t *leave = ssf_leave_find(json_object_get(t->state, "leave"), ask(t, "to"));
	struct ss_case_sign s = {.case_id = SSF_ID(t),
				 .kind = "leave",
				 .leave = ask(t, "to"),
				 .round = "",
				 .rule = ss_json_get_z(json_object_get(leave, "signers"), "rule"),
				 .verdict = verdict,
				 .note = ask(t, "note"),
				 .person = ssf_who(t),
				 .step = ss_json_get_i64(t->c, "step", 0),
				 .at_us = t->now};
	const json_t *e;
	size_t i;
	int r = may_sign_leave(t, leave);

	if (r < 0)
		return r;
	json_array_foreach(json_object_get(t->c, "signs"), i, e)
	{
		if (strcmp(ss_json_get_z(e, "person"), t->who->user) == 0 &&
		    strcmp(ss_json_get_z(e, "leave_to"), s.leave) == 0 &&
		    ss_json_get_i64(e, "step", 0) == s.step)
			return not_now(t, "您已经签过，一人只签一次", "you have signed already");
	}
	r = ss_case_sign_add(t->db, &s, t->err);
	return r < 0 ? r : put_trace(t);
}

/* The task of a signature that was asked for by name ends with it. */
static int end_own_sign_task(struct ssf_turn *t)
{
	const json_t *e;
	size_t i;

	json_array_foreach(json_object_get(t->c, "tasks"), i, e)
	{
		if (!json_object_get(e, "done_us") &&
		    strcmp(ss_json_get_z(e, "kind"), "sign") == 0 &&
		    strcmp(ss_json_get_z(e, "person"), t->who->user) == 0)
			return ss_case_task_end(t->db, ss_json_get_z(e, "id"), t->now, "sign",
						t->err);
	}
	return 0;
}

static int sign(struct ssf_turn *t)
{
	const char *verdict = ask(t, "verdict");
	const json_t *mine = asked_of(t);
	int r;

	if (strcmp(verdict, "agree") != 0 && strcmp(verdict, "disagree") != 0)
		return bad(t, "verdict 须为 agree 或 disagree", "verdict is agree or disagree");
	if (strcmp(verdict, "disagree") == 0 && !*ask(t, "note"))
		return bad(t, "不同意须写明理由", "to disagree needs a note");
	json_object_set_new(t->data, "verdict", json_string(verdict));
	if (*ask(t, "to"))
		return sign_leave(t, verdict);
	if (!mine)
		return bad(t, "签署哪一去向须写明 to", "name the way by `to`");
	r = ss_case_sign_give(t->db, ss_json_get_z(mine, "id"), verdict, ask(t, "note"), t->now,
			      t->err);
	if (r >= 0)
		r = end_own_sign_task(t);
	return r < 0 ? r : put_trace(t);
}

static int ask_one(struct ssf_turn *t, const json_t *person, const char *kind, const char *round,
		   const char *rule)
{
	const char *user =
	    json_is_string(person) ? json_string_value(person) : ss_json_get_z(person, "user");
	struct ss_case_task task = {.case_id = SSF_ID(t),
				    .state = t->from,
				    .kind = "sign",
				    .roles = "[]",
				    .area = "",
				    .org = "",
				    .step = ss_json_get_i64(t->c, "step", 0),
				    .at_us = t->now};
	struct ss_case_sign s = {.case_id = task.case_id,
				 .kind = kind,
				 .leave = "",
				 .round = round,
				 .rule = rule,
				 .note = "",
				 .step = task.step,
				 .at_us = t->now};
	json_t *account = NULL;
	int r;

	if (!*user || (t->f->s.person && t->f->s.person(t->f->s.arg, user, &account) < 0))
		return ss_error_set(t->err, SS_ENOTFOUND, "没有账号 %s；there is no account %s",
				    user, user);
	s.person = (struct ss_case_who){user, account ? ss_json_get_z(account, "name") : user};
	task.person = s.person;
	r = ss_case_sign_add(t->db, &s, t->err);
	if (r >= 0)
		r = ss_case_task_add(t->db, &task, t->err);
	json_decref(account);
	return r < 0 ? r : 0;
}

/* 加签 asks persons each of whom must agree, 会签 asks several by a rule. */
static int ask_signers(struct ssf_turn *t)
{
	const json_t *users = json_object_get(t->ask, "users"), *e;
	bool added = strcmp(t->act, "add_signer") == 0;
	const char *rule = *ask(t, "rule") && !added ? ask(t, "rule") : "all";
	char round[SS_UUID];
	size_t i;
	int r = ss_uuid7(round);

	if (json_array_size(users) == 0 || json_array_size(users) > 50)
		return bad(t, "须写明 users（一至五十人）", "name users, one to fifty");
	if (strcmp(rule, "all") != 0 && strcmp(rule, "majority") != 0 && strcmp(rule, "one") != 0)
		return bad(t, "rule 须为 all、majority 或 one", "rule is all, majority or one");
	json_array_foreach(users, i, e)
	{
		if (r == 0)
			r = ask_one(t, e, added ? "added" : "countersign", round, rule);
	}
	json_object_set(t->data, "users", (json_t *)users);
	json_object_set_new(t->data, "rule", json_string(rule));
	return r < 0 ? r : put_trace(t);
}

/* --- time: suspend, resume, pause, end_pause, extend --------------------------------------------
 */

static int time_of(const struct ssf_turn *t, const char *name, int64_t otherwise, int64_t *ret)
{
	const char *z = ask(t, name);

	*ret = otherwise;
	if (*z && ss_time_parse_iso(ss_str_of(z), ret) < 0)
		return ss_error_set(t->err, SS_EINVAL, "%s 不是日期或时刻；%s is no time", name,
				    name);
	return 0;
}

static int add_pause(struct ssf_turn *t, int64_t from, int64_t to)
{
	struct ss_case_pause p = {.case_id = SSF_ID(t),
				  .kind = *ask(t, "kind") ? ask(t, "kind") : "suspend",
				  .note = ask(t, "note"),
				  .document =
				      json_string_value(json_object_get(t->ask, "document")),
				  .from_us = from,
				  .to_us = to,
				  .by = ssf_who(t)};

	json_object_set_new(t->data, "kind", json_string(p.kind));
	return ss_case_pause_add(t->db, &p, t->err);
}

static int times_again(struct ssf_turn *t)
{
	int r = put_trace(t);

	if (r == 0)
		r = ssf_turn_again(t);
	return r < 0 ? r : ssf_clocks_refresh(t, NULL);
}

static int suspend(struct ssf_turn *t)
{
	int64_t until;
	int r = time_of(t, "until", SS_TIME_NONE, &until);

	if (r == 0 && until != SS_TIME_NONE && until <= t->now)
		return bad(t, "until 已经过去", "until is past");
	if (r == 0)
		r = add_pause(t, t->now, SS_TIME_NONE);
	if (r >= 0)
		r = ss_case_suspend(t->db, SSF_ID(t), t->now, until, t->err);
	return r < 0 ? r : times_again(t);
}

static int resume_may(const struct ssf_turn *t)
{
	if (!json_object_get(t->c, "suspended_us"))
		return not_now(t, "没有挂起", "it is not suspended");
	return ssf_may_work(t);
}

static int resume(struct ssf_turn *t)
{
	const json_t *p;
	int64_t since = ss_json_get_i64(t->c, "suspended_us", 0);
	size_t i;
	int r = 0;

	json_array_foreach(json_object_get(t->c, "pauses"), i, p)
	{
		if (r >= 0 && !json_object_get(p, "to_us") &&
		    ss_json_get_i64(p, "from_us", 0) == since)
			r = ss_case_pause_end(t->db, ss_json_get_z(p, "id"), t->now, t->err);
	}
	if (r >= 0)
		r = ss_case_suspend(t->db, SSF_ID(t), SS_TIME_NONE, SS_TIME_NONE, t->err);
	return r < 0 ? r : times_again(t);
}

/* Time that is not counted while the work goes on: laboratory, hearing, publication. */
static int pause_clock(struct ssf_turn *t)
{
	int64_t from, to;
	int r = time_of(t, "from", t->now, &from);

	if (r == 0)
		r = time_of(t, "until", SS_TIME_NONE, &to);
	if (r < 0)
		return r;
	if (!*ask(t, "kind"))
		return bad(t, "须写明 kind（不计入的缘由）", "name the kind");
	if (from > t->now || from < ss_day_start(ss_day_of(ss_json_get_i64(t->c, "opened_us", 0))))
		return bad(t, "from 须在立案之后、现在之前",
			   "from is before the case or in the future");
	if (to != SS_TIME_NONE && to < from)
		return bad(t, "until 早于 from", "until is before from");
	r = add_pause(t, from, to);
	return r < 0 ? r : times_again(t);
}

static int end_pause(struct ssf_turn *t)
{
	const json_t *p = ssf_find(json_object_get(t->c, "pauses"), "id", ask(t, "pause"));
	int64_t to;
	int r = time_of(t, "until", t->now, &to);

	if (r < 0)
		return r;
	if (!p || json_object_get(p, "to_us"))
		return bad(t, "没有这一段未结束的时间（pause）", "no such open pause");
	if (to < ss_json_get_i64(p, "from_us", 0) || to > t->now)
		return bad(t, "until 须在其开始之后、现在之前", "until is not within the pause");
	r = ss_case_pause_end(t->db, ss_json_get_z(p, "id"), to, t->err);
	return r < 0 ? r : times_again(t);
}

/* Once, before it is over, by no more than the law or the declaration allows. */
static int extend(struct ssf_turn *t)
{
	const json_t *row = NULL, *e, *decl;
	int64_t most, more = ss_json_get_i64(t->ask, "by", 0);
	size_t i;
	int r;

	json_array_foreach(json_object_get(t->c, "clocks"), i, e)
	{
		if (strcmp(ss_json_get_z(e, "clock"), ask(t, "clock")) == 0 &&
		    !json_object_get(e, "done_us"))
			row = e;
	}
	decl = row ? ssf_clock_decl(t, row) : NULL;
	if (!decl)
		return bad(t, "没有在走的时钟 clock", "no such running clock");
	if (json_object_get(decl, "extend_roles") && !t->who->all &&
	    !ssf_covers(t, json_object_get(decl, "extend_roles"), "case"))
		return denied(t, "延期须由指定的角色批准", "an extension is for other roles");
	most = ssf_extension(decl, ss_json_get_i64(row, "start_us", t->now));
	if (ss_json_get_i64(row, "extended", 0) > 0)
		return not_now(t, "已延期过一次", "it was extended once already");
	if (ss_json_get_i64(row, "due_us", INT64_MAX) < t->now)
		return not_now(t, "期限已过，不能再延期", "the period is over");
	if (more < 1 || more > most)
		return ss_error_set(t->err, SS_ERANGE,
				    "by 须在 1 至 %lld 之间；by is from 1 to %lld", (long long)most,
				    (long long)most);
	json_object_set_new(t->data, "clock", json_string(ask(t, "clock")));
	json_object_set_new(t->data, "by", json_integer(more));
	r = ss_case_clock_extend(t->db, ss_json_get_z(row, "id"), more, t->err);
	return r < 0 ? r : times_again(t);
}

/* --- adding: save, comment, urge, attach, link ---------------------------------------------------
 */

static int save(struct ssf_turn *t)
{
	int r = ssf_save(t);

	if (r == 0)
		r = ssf_clocks_refresh(t, NULL); /* those that count from a field */
	return r < 0 ? r : put_trace(t);
}

static int comment(struct ssf_turn *t)
{
	return put_trace(t);
}

static int urge(struct ssf_turn *t)
{
	char zh[300], en[300];
	int r = ss_case_task_urge(t->db, SSF_ID(t), t->err);

	if (r < 0)
		return r;
	snprintf(zh, sizeof(zh), "催办：%s「%s」%s", ssf_zh(t->flow), ssf_zh(t->state),
		 ask(t, "note"));
	snprintf(en, sizeof(en), "urged: %s, %s", ssf_en(t->flow), ssf_en(t->state));
	r = ssf_notify(t, "urge", "urge", zh, en);
	return r < 0 ? r : put_trace(t);
}

static int link_to(struct ssf_turn *t)
{
	struct ss_case_link l = {.case_id = SSF_ID(t),
				 .kind = ask(t, "kind"),
				 .ref = ask(t, "ref"),
				 .title = ask(t, "title"),
				 .by = ssf_who(t),
				 .at_us = t->now};
	int r;

	if (!*l.kind || !*l.ref || strlen(l.kind) > 40 || strlen(l.ref) > 200)
		return bad(t, "须写明 kind 与 ref", "name kind and ref");
	json_object_set_new(t->data, "kind", json_string(l.kind));
	json_object_set_new(t->data, "ref", json_string(l.ref));
	r = ss_case_link_add(t->db, &l, t->err);
	return r < 0 ? r : put_trace(t);
}

/* --- the table ----------------------------------------------------------------------------------
 */

static const struct ssf_act acts[] = {
    {"go", "办理", "go on", 0, go_may, go},
    {"save", "保存", "save", 0, ssf_may_work, save},
    {"claim", "认领", "claim", 0, claim_may, claim},
    {"release", "放回", "release", 0, holder_may, release},
    {"return", "退回", "return", SSF_ALLOWED | SSF_NOTE, ssf_may_work, send_back},
    {"withdraw", "撤回", "withdraw", SSF_ALLOWED, withdraw_may, withdraw},
    {"jump", "跳转", "jump", SSF_ALLOWED | SSF_NOTE, jump_may, jump},
    {"reopen", "重开", "open again", SSF_ALLOWED | SSF_NOTE | SSF_CLOSED, reopen_may, reopen},
    {"transfer", "转办", "transfer", SSF_ALLOWED | SSF_NOTE, transfer_may, transfer},
    {"accept", "接受转办", "accept", 0, offered_may, accept_it},
    {"refuse", "不接受转办", "refuse", SSF_NOTE, offered_may, refuse_it},
    {"sign", "签署", "sign", 0, sign_may, sign},
    {"add_signer", "加签", "add a signer", SSF_ALLOWED, ssf_may_work, ask_signers},
    {"countersign", "会签", "countersign", SSF_ALLOWED, ssf_may_work, ask_signers},
    {"suspend", "挂起", "suspend", SSF_ALLOWED | SSF_NOTE, ssf_may_work, suspend},
    {"resume", "恢复", "resume", SSF_SUSPENDED, resume_may, resume},
    {"pause", "不计入期限", "leave time out", SSF_ALLOWED | SSF_NOTE, ssf_may_work, pause_clock},
    {"end_pause", "恢复计时", "count again", SSF_SUSPENDED, ssf_may_work, end_pause},
    {"extend", "延期", "extend", SSF_ALLOWED | SSF_NOTE, ssf_may_work, extend},
    {"urge", "催办", "urge", SSF_ALLOWED | SSF_SUSPENDED, anybody, urge},
    {"comment", "意见", "comment", SSF_ALLOWED | SSF_NOTE | SSF_CLOSED | SSF_SUSPENDED, anybody,
     comment},
    {"attach", "附件", "attach", SSF_SUSPENDED, taking_part, ssf_attach},
    {"link", "关联", "link", SSF_SUSPENDED, taking_part, link_to},
    {"document", "制作文书", "make a document", SSF_CLOSED, document_may, ssf_document_make},
    {"serve", "文书送达定稿", "a document was served", 0, taking_part, ssf_document_serve},
    {"void", "文书作废", "void a document", SSF_NOTE, taking_part, ssf_document_void},
};

const struct ssf_act *ssf_act_of(const char *id)
{
	for (size_t i = 0; i < SS_ARRAY_LEN(acts); i++) {
		if (strcmp(acts[i].id, id) == 0)
			return &acts[i];
	}
	return NULL;
}

const struct ssf_act *ssf_act_at(size_t i)
{
	return i < SS_ARRAY_LEN(acts) ? &acts[i] : NULL;
}

int ssf_act_may(const struct ssf_turn *t, const struct ssf_act *a)
{
	if (json_object_get(t->c, "closed_us") && !(a->flags & SSF_CLOSED))
		return not_now(t, "案件已办结", "the case is closed");
	if (json_object_get(t->c, "suspended_us") && !(a->flags & SSF_SUSPENDED))
		return not_now(t, "案件已挂起，先恢复", "the case is suspended");
	if ((a->flags & SSF_ALLOWED) && !ssf_list_has(json_object_get(t->state, "allow"), a->id))
		return ss_error_set(t->err, SS_ESTATE, "「%s」环节不允许%s；%s is not allowed here",
				    ssf_zh(t->state), a->zh, a->en);
	return a->may(t);
}
