/* What people decide about a suspicion. Nothing that one said is overwritten by another: all
 * verdicts stand in order, the last is the state, and two that differ are shown as disputed. */
#include <stdlib.h>

#include "base/json.h"
#include "reason/suspect/suspect_internal.h"

bool verdict_closes(const char *verdict)
{
	return strcmp(verdict, "looking") != 0;
}

static int target_of(const struct ss_act *a, struct ss_finding_key *key, int64_t *start,
		     struct ss_error *err)
{
	const char *id = ss_json_get_z(a->target, "suspicion");

	if (ss_finding_id_parse(ss_str_of(id), key, start) < 0 ||
	    strcmp(key->kind, "suspicion") != 0)
		return ss_error_set(err, SS_EINVAL,
				    "target.suspicion %s 不是疑点编号 is not the id of a suspicion",
				    id);
	return 0;
}

static int validate(void *self, const struct ss_act *a, struct ss_error *err)
{
	struct ss_suspect *s = self;
	struct ss_finding_key key;
	struct ss_finding f;
	struct ss_arena arena;
	int64_t start;
	int r = target_of(a, &key, &start, err);

	if (r < 0)
		return r;
	ss_arena_init(&arena, 4 << 20);
	r = ss_findings_get(s->parts.findings, &key, start, &arena, &f, NULL);
	ss_arena_done(&arena);
	if (r == SS_ENOTFOUND)
		return ss_error_set(err, SS_ENOTFOUND, "没有疑点 %s no such suspicion",
				    ss_json_get_z(a->target, "suspicion"));
	return r;
}

static int add(struct ss_suspect *s, const struct verdict *v)
{
	SS_LOCKED(&s->lock);

	for (size_t i = 0; i < s->verdict_count; i++)
		if (s->verdicts[i].seq == v->seq)
			return 0;
	if (ss_grow(&s->verdicts, &s->verdict_cap, s->verdict_count + 1, sizeof(*v)) < 0)
		return SS_ENOMEM;
	s->verdicts[s->verdict_count++] = *v;
	return 0;
}

static int verdict_of(const struct ss_act *a, struct verdict *v)
{
	struct ss_finding_key key;

	*v = (struct verdict){.at_us = a->at_us, .seq = a->seq};
	if (target_of(a, &key, &v->opened_us, NULL) < 0)
		return SS_EINVAL;
	v->site = key.site;
	ss_str_copy(v->point, sizeof(v->point), ss_str_of(key.point));
	ss_str_copy(v->verdict, sizeof(v->verdict), ss_str_of(ss_json_get_z(a->data, "verdict")));
	ss_str_copy(v->note, sizeof(v->note), ss_str_of(a->reason));
	ss_str_copy(v->trap, sizeof(v->trap), ss_str_of(ss_json_get_z(a->data, "trap")));
	ss_str_copy(v->by, sizeof(v->by), ss_str_of(a->by));
	return 0;
}

static int apply(void *self, const struct ss_act *a, struct ss_json *result, struct ss_error *err)
{
	struct ss_suspect *s = self;
	struct ss_site site;
	struct verdict v;
	int r = verdict_of(a, &v);

	(void)err;
	if (r < 0) {
		ss_json_kz(result, "fault", "target");
		return 0;
	}
	r = add(s, &v);
	if (r == 0 && ss_registry_site(s->parts.registry, v.site, &site) == 0) {
		struct outlet *o;
		SS_LOCKED(&s->lock);

		o = outlet_at(s, v.site, v.point, site.kind == SS_SITE_SOURCE_AIR);
		if (o)
			touch(s, o, ss_day_of(v.opened_us));
	}
	ss_json_kz(result, "state", v.verdict);
	return r;
}

static bool restore(void *arg, const struct ss_act *a, struct ss_str result)
{
	struct ss_act act = *a;
	struct verdict v;
	json_t *tree = NULL;

	(void)result;
	if (ss_json_parse(a->body, &tree, NULL) < 0)
		return true;
	act.target = json_object_get(tree, "target");
	act.data = json_object_get(tree, "data");
	act.reason = ss_json_get_z(tree, "reason");
	if (verdict_of(&act, &v) == 0)
		add(arg, &v);
	json_decref(tree);
	return true;
}

int verdicts_restore(struct ss_suspect *s, struct ss_error *err)
{
	struct ss_act_query q = {.act = SS_ACT_VERDICT,
				 .from = SS_TIME_NONE,
				 .to = SS_TIME_NONE,
				 .fn = restore,
				 .arg = s};

	return ss_findings_acts(s->parts.findings, &q, err);
}

size_t verdicts_of(struct ss_suspect *s, const struct outlet *o, int64_t opened_us,
		   struct verdict *ret, size_t max)
{
	size_t n = 0;
	SS_LOCKED(&s->lock);

	for (size_t i = 0; i < s->verdict_count && n < max; i++)
		if (s->verdicts[i].site == o->site && s->verdicts[i].opened_us == opened_us &&
		    strcmp(s->verdicts[i].point, o->point) == 0)
			ret[n++] = s->verdicts[i];
	return n;
}

static const struct ss_act_field target[] = {
    {"suspicion", SS_ACT_STRING, true, "疑点编号", "id of the suspicion", NULL}, {0}};
static const struct ss_act_field data[] = {
    {"verdict", SS_ACT_STRING, true, "结论：查看中、属实、不实、不明", "verdict",
     "looking|confirmed|false|unclear"},
    {"trap", SS_ACT_STRING, false, "不实时：像造假的是什么", "if false: what looked like it", NULL},
    {0}};
const struct ss_act_kind suspect_acts[] = {{.name = SS_ACT_VERDICT,
					    .zh = "疑点结论",
					    .en = "verdict on a suspicion",
					    .target = target,
					    .data = data,
					    .needs_reason = true,
					    .validate = validate,
					    .apply = apply},
					   {0}};
