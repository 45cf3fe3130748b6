/* What must be there before a state is left; each thing that lacks is named. */
#include "reason/flow/flow_internal.h"

static bool empty(const json_t *v)
{
	return !v || json_is_null(v) || (json_is_string(v) && json_string_length(v) == 0) ||
	       (json_is_array(v) && json_array_size(v) == 0) ||
	       (json_is_object(v) && json_object_size(v) == 0);
}

void ssf_lacks(const struct ssf_turn *t, const char *what, const char *id, const char *zh,
	       const char *en)
{
	if (t->problems)
		json_array_append_new(t->problems, json_pack("{s:s,s:s,s:s,s:s}", "what", what,
							     "id", id, "zh", zh, "en", en));
}

static size_t fields(const struct ssf_turn *t, const json_t *list)
{
	const json_t *e, *have = json_object_get(t->record, "fields");
	json_t *type = NULL;
	size_t i, n = 0;

	json_array_foreach(list, i, e)
	{
		const char *id = json_string_value(e);
		const json_t *f;

		if (!empty(json_object_get(have, id)))
			continue;
		if (!type)
			type = t->f ? ss_things_declaration(t->f->s.things,
							    ss_json_get_z(t->flow, "record"))
				    : json_null();
		f = ssf_find(json_object_get(type, "fields"), "id", id);
		ssf_lacks(t, "field", id, f ? ssf_zh(f) : id, f ? ssf_en(f) : id);
		n++;
	}
	json_decref(type);
	return n;
}

static int64_t files_of(const struct ssf_turn *t, const char *kind)
{
	const json_t *e;
	int64_t n = 0;
	size_t i;

	json_array_foreach(json_object_get(t->c, "files"), i, e) n +=
	    strcmp(ss_json_get_z(e, "kind"), kind) == 0;
	return n;
}

static size_t files(const struct ssf_turn *t, const json_t *list)
{
	const json_t *e;
	char zh[300], en[300];
	size_t i, n = 0;

	json_array_foreach(list, i, e)
	{
		int64_t min = ss_json_get_i64(e, "min", 1),
			have = files_of(t, ss_json_get_z(e, "kind"));

		if (have >= min)
			continue;
		snprintf(zh, sizeof(zh), "%s（需 %lld 份，已有 %lld 份）", ssf_zh(e),
			 (long long)min, (long long)have);
		snprintf(en, sizeof(en), "%s (%lld needed, %lld there)", ssf_en(e), (long long)min,
			 (long long)have);
		ssf_lacks(t, "file", ss_json_get_z(e, "kind"), zh, en);
		n++;
	}
	return n;
}

static bool has_document(const struct ssf_turn *t, const char *id)
{
	const json_t *e;
	size_t i;

	json_array_foreach(json_object_get(t->c, "documents"), i, e)
	{
		if (strcmp(ss_json_get_z(e, "document"), id) == 0 && !json_object_get(e, "void_us"))
			return true;
	}
	return false;
}

static size_t documents(const struct ssf_turn *t, const json_t *list)
{
	const json_t *e, *d;
	size_t i, n = 0;

	json_array_foreach(list, i, e)
	{
		const char *id = json_string_value(e);

		if (has_document(t, id))
			continue;
		d = ssf_find(json_object_get(t->flow, "documents"), "id", id);
		ssf_lacks(t, "document", id, ssf_zh(d), ssf_en(d));
		n++;
	}
	return n;
}

/* Sub-cases of the named flows: at least one, and all closed. */
static size_t subs(const struct ssf_turn *t, const json_t *list)
{
	const json_t *e, *s;
	size_t i, k, n = 0;

	json_array_foreach(list, i, e)
	{
		bool any = false, open = false;

		json_array_foreach(json_object_get(t->c, "subs"), k, s)
		{
			if (strcmp(ss_json_get_z(s, "flow"), json_string_value(e)) != 0)
				continue;
			any = true;
			open |= !json_object_get(s, "closed_us");
		}
		if (any && !open)
			continue;
		s = t->set ? ssf_flow(t->set, json_string_value(e)) : NULL;
		ssf_lacks(t, "sub", json_string_value(e), s ? ssf_zh(s) : json_string_value(e),
			  s ? ssf_en(s) : json_string_value(e));
		n++;
	}
	return n;
}

/* true, or {missing=[{zh,en}]}. */
static int guard(const struct ssf_turn *t, const json_t *fn, size_t *n)
{
	json_t *said;
	const json_t *e, *missing;
	size_t i;
	int r = ssf_call(t, fn, false, NULL, &said);

	if (r < 0)
		return r;
	missing = json_object_get(said, "missing");
	json_array_foreach(missing, i, e)
	{
		const char *zh = ss_json_get_z(e, "zh"), *en = ss_json_get_z(e, "en");

		ssf_lacks(t, "guard", ss_json_get_z(e, "id"),
			  json_is_string(e) ? json_string_value(e) : zh, *en ? en : zh);
		(*n)++;
	}
	if (!json_is_true(said) && json_array_size(missing) == 0) {
		ssf_lacks(t, "guard", "", "办理条件不满足", "the condition does not hold");
		(*n)++;
	}
	json_decref(said);
	return 0;
}

/* --- signatures --------------------------------------------------------------------------------
 */

struct tally {
	int64_t agree, disagree, open;
};

static bool of_step(const struct ssf_turn *t, const json_t *s)
{
	return ss_json_get_i64(s, "step", 0) == ss_json_get_i64(t->c, "step", 0);
}

/* Of this step, one kind, one leave or round. */
static struct tally count(const struct ssf_turn *t, const char *kind, const char *key,
			  const char *value)
{
	struct tally n = {0};
	const json_t *s;
	size_t i;

	json_array_foreach(json_object_get(t->c, "signs"), i, s)
	{
		const char *v = ss_json_get_z(s, "verdict");

		if (!of_step(t, s) || strcmp(ss_json_get_z(s, "kind"), kind) != 0 ||
		    strcmp(ss_json_get_z(s, key), value) != 0)
			continue;
		n.agree += strcmp(v, "agree") == 0;
		n.disagree += strcmp(v, "disagree") == 0;
		n.open += !*v;
	}
	return n;
}

static bool settled(struct tally n, int64_t wanted, const char *rule)
{
	if (strcmp(rule, "one") == 0)
		return n.agree >= 1;
	if (strcmp(rule, "majority") == 0)
		return n.agree + n.disagree >= wanted &&
		       2 * n.agree > n.agree + n.disagree + n.open;
	return n.agree >= wanted && n.disagree == 0 && n.open == 0;
}

static size_t asked(const struct ssf_turn *t, const json_t *sign)
{
	const char *kind = ss_json_get_z(sign, "kind"), *round = ss_json_get_z(sign, "round");
	struct tally n = count(t, kind, "round", round);
	char zh[200], en[200];

	if (settled(n, n.agree + n.disagree + n.open, ss_json_get_z(sign, "rule")))
		return 0;
	snprintf(zh, sizeof(zh), "%s：同意 %lld，不同意 %lld，未答 %lld",
		 strcmp(kind, "added") == 0 ? "加签" : "会签", (long long)n.agree,
		 (long long)n.disagree, (long long)n.open);
	snprintf(en, sizeof(en), "signatures asked for: %lld agree, %lld disagree, %lld open",
		 (long long)n.agree, (long long)n.disagree, (long long)n.open);
	ssf_lacks(t, "signer", round, zh, en);
	return 1;
}

static size_t signatures(const struct ssf_turn *t, const json_t *leave)
{
	const json_t *want = json_object_get(leave, "signers"), *s;
	const char *rule = ss_json_get_z(want, "rule"), *last = "";
	struct tally n;
	char zh[200], en[200];
	size_t i, lacking = 0;

	json_array_foreach(json_object_get(t->c, "signs"), i, s)
	{
		if (!of_step(t, s) || strcmp(ss_json_get_z(s, "kind"), "leave") == 0 ||
		    strcmp(ss_json_get_z(s, "round"), last) == 0)
			continue;
		last = ss_json_get_z(s, "round");
		lacking += asked(t, s);
	}
	if (!want)
		return lacking;
	n = count(t, "leave", "leave_to", ssf_leave_id(leave));
	if (settled(n, ss_json_get_i64(want, "n", 1), rule))
		return lacking;
	snprintf(zh, sizeof(zh), "签署：需 %lld 人，同意 %lld，不同意 %lld",
		 (long long)ss_json_get_i64(want, "n", 1), (long long)n.agree,
		 (long long)n.disagree);
	snprintf(en, sizeof(en), "signatures: %lld needed, %lld agree, %lld disagree",
		 (long long)ss_json_get_i64(want, "n", 1), (long long)n.agree,
		 (long long)n.disagree);
	ssf_lacks(t, "signer", ssf_leave_id(leave), zh, en);
	return lacking + 1;
}

int ssf_needs(const struct ssf_turn *t, const json_t *leave, size_t *ret_n)
{
	const json_t *needs = json_object_get(leave, "needs"),
		     *fn = json_object_get(needs, "guard");
	size_t n = fields(t, json_object_get(t->state, "required"));
	int r = 0;

	n += fields(t, json_object_get(needs, "fields"));
	n += files(t, json_object_get(needs, "files"));
	n += documents(t, json_object_get(needs, "documents"));
	n += subs(t, json_object_get(needs, "subs"));
	n += signatures(t, leave);
	if (fn)
		r = guard(t, fn, &n);
	*ret_n = n;
	return r;
}
