#include "reason/amend/amend.h"

#include <stdlib.h>

#include "base/list.h"
#include "reason/amend/amend_internal.h"

static struct ss_law_change change_of(const struct ss_act *a)
{
	const char *table = json_string_value(json_object_get(a->target, "table"));

	return (struct ss_law_change){
	    .id = a->id, .table = table ? table : "", .data = a->data, .recorded_us = a->at_us};
}

static int validate(void *self, const struct ss_act *a, struct ss_error *err)
{
	const struct ss_law_change c = change_of(a);
	struct ss_law *law = NULL;
	int r = ss_law_supposed(ss_law_now(), &c, &law, err);

	(void)self;
	ss_law_free(law);
	return r;
}

/* What two people wrote at the same time may not fit together: the second then changes nothing, and
 * its result says so. */
static int apply(void *self, const struct ss_act *a, struct ss_json *result, struct ss_error *err)
{
	const struct ss_law_change c = change_of(a);
	struct ss_error why = {0};
	int r = ss_law_amend(&c, &why);

	(void)self;
	(void)err;
	ss_json_kbool(result, "holds", r == 0);
	if (r < 0)
		ss_json_kz(result, "refused", why.text);
	ss_json_kz(result, "law", ss_law_version(ss_law_now()));
	ss_json_kz(result, "digest", ss_law_digest(ss_law_now()));
	return 0;
}

static const struct ss_act_field target[] = {{"table", SS_ACT_STRING, true, "法表", "table", NULL},
					     {0}};
static const struct ss_act_field data[] = {
    {"rows", SS_ACT_ARRAY, false, "新增的行", "rows that are added", NULL},
    {"end", SS_ACT_ARRAY, false, "到期的主键", "keys that end", NULL},
    {0}};
static const struct ss_act_kind kinds[] = {{.name = SS_ACT_LAW_AMEND,
					    .zh = "修订法表",
					    .en = "amend a table of the law",
					    .target = target,
					    .data = data,
					    .needs_reason = true,
					    .validate = validate,
					    .apply = apply},
					   {0}};

const struct ss_deriver *ss_amend_deriver(void)
{
	static const struct ss_deriver deriver = {.name = "law", .acts = kinds};

	return &deriver;
}

/* --- what it reaches ---------------------------------------------------------------------------
 */

/* A row holds from its day on; a key ends behind its last day. */
static int64_t first_day(const json_t *list, const char *name, int64_t behind)
{
	int64_t first = INT64_MAX, t;
	const json_t *o;
	size_t i;

	json_array_foreach(list, i, o)
	{
		const char *z = json_string_value(json_object_get(o, name));
		int64_t day = z && ss_time_parse_iso(ss_str_of(z), &t) == 0 ? ss_day_of(t) + behind
									    : INT64_MIN;

		first = day < first ? day : first;
	}
	return first;
}

bool ss_amend_of(const struct ss_entry *e, char ret_table[64], int64_t *ret_day)
{
	struct ss_error err = {0};
	struct ss_act a;
	json_t *hold;
	int64_t rows, ends;
	bool is;

	if (e->kind != SS_ENTRY_ACT ||
	    ss_str_find(e->body, SS_STR("\"act\":\"" SS_ACT_LAW_AMEND "\"")) < 0 ||
	    ss_act_parse(e->body, &a, &hold, &err) < 0)
		return false;
	rows = first_day(json_object_get(a.data, "rows"), "valid_from", 0);
	ends = first_day(json_object_get(a.data, "end"), "valid_to", 1);
	is = strcmp(a.act, SS_ACT_LAW_AMEND) == 0 &&
	     ss_str_copy(ret_table, 64, ss_str_of(change_of(&a).table));
	*ret_day = rows < ends ? rows : ends;
	json_decref(hold);
	return is;
}

/* --- at the start ------------------------------------------------------------------------------
 */

struct kept_act {
	struct ss_law_change change;
	char id[37];
	json_t *hold;
};
struct restore {
	struct kept_act *acts;
	size_t n, room;
	size_t left_out;
	struct ss_error err; /* the first */
	bool no_memory;
};

static void leave_out(struct restore *x, const struct ss_error *err, const char *what)
{
	if (x->left_out++)
		return;
	x->err = *err;
	ss_error_prefix(&x->err, "%s 未恢复 not restored", what);
}

static bool more_room(struct restore *x)
{
	x->no_memory = ss_grow(&x->acts, &x->room, x->n + 1, sizeof(*x->acts)) < 0;
	return !x->no_memory;
}

static bool collect(void *arg, const struct ss_act *act, struct ss_str result)
{
	struct restore *x = arg;
	struct ss_error err = {0};
	struct ss_act whole;
	json_t *hold = NULL;

	if (ss_str_find(result, SS_STR("\"holds\":true")) < 0)
		return true; /* it never held */
	if (!more_room(x))
		return false;
	if (ss_act_parse(act->body, &whole, &hold, &err) < 0) {
		leave_out(x, &err, act->id);
		return true;
	}
	x->acts[x->n] = (struct kept_act){.change = change_of(&whole), .hold = hold};
	ss_str_copy(x->acts[x->n].id, sizeof(x->acts[x->n].id), ss_str_of(whole.id));
	x->n++;
	return true;
}

/* Those made before `until` on the edition at hand. What does not fit it counts only for the last.
 */
static void amend_until(struct restore *x, int64_t until_us, bool last)
{
	for (size_t i = 0; i < x->n; i++) {
		struct ss_law_change c = x->acts[i].change;
		struct ss_error err = {0};

		c.id = x->acts[i].id;
		if (c.recorded_us < until_us && ss_law_amend(&c, &err) < 0 && last)
			leave_out(x, &err, c.id);
	}
}

static int with_editions(struct restore *x, const char *dir, struct ss_error *err)
{
	struct ss_kept_edition list[SS_EDITIONS_MAX];
	struct ss_law_edition present = {.files = NULL};
	size_t n = 0;
	int r = ss_editions_open(dir, list, &n, err);

	for (size_t i = 0; r == 0 && i + 1 < n; i++) {
		struct ss_error why = {0};

		if (ss_editions_begin(dir, &list[i], &why) < 0)
			leave_out(x, &why, list[i].digest);
		else
			amend_until(x, list[i + 1].since_us, false);
	}
	if (r < 0 || n < 2)
		return r;
	present.since_us = list[n - 1].since_us;
	return ss_law_begin_edition(&present, err);
}

int ss_amend_restore(struct ss_findings *f, const char *dir, size_t *ret_left_out,
		     struct ss_error *err)
{
	struct restore x = {0};
	const struct ss_act_query q = {.act = SS_ACT_LAW_AMEND,
				       .from = SS_TIME_NONE,
				       .to = SS_TIME_NONE,
				       .fn = collect,
				       .arg = &x};
	int r = ss_standards_load(err);

	if (r == 0)
		r = ss_findings_acts(f, &q, err);
	if (r == 0 && x.no_memory)
		r = ss_error_set(err, SS_ENOMEM, "修订太多，内存不够 too many amendments");
	if (r == 0 && dir)
		r = with_editions(&x, dir, err);
	if (r == 0)
		amend_until(&x, INT64_MAX, true);
	for (size_t i = 0; i < x.n; i++)
		json_decref(x.acts[i].hold);
	free(x.acts);
	if (r < 0)
		return r;
	*ret_left_out = x.left_out;
	if (err && x.left_out)
		*err = x.err;
	return 0;
}
