/* Where standards, tools and systems do not agree: what the register declares with its resolution,
 * and what is found in the tables and in the record. */
#include <math.h>
#include <stdlib.h>

#include "reason/lawbook/lawbook.h"
#include "serve/api/api_internal.h"
#include "serve/api/standards_internal.h"

static void declared(struct ss_json *j, const struct ss_law_ask *a)
{
	const struct ss_law_table *t = ss_law_table(a->law, "register/conflicts");

	ss_json_key(j, "declared");
	ss_json_arr(j);
	for (const struct ss_law_row *r = NULL; (r = ss_law_next(t, a->day, r));)
		ss_lawbook_put_row(j, r);
	ss_json_end_arr(j);
}

/* --- units: what devices send by the table of codes, against the unit of a limit -----------------
 */

static bool seen_before(const struct ss_limit_query *q, const struct ss_limit *l)
{
	for (const struct ss_limit *o = NULL; (o = ss_standards_next(q, o)) && o != l;) {
		if (strcmp(o->unit, l->unit) == 0)
			return true;
	}
	return false;
}

static void put_unit(struct ss_json *j, const struct ss_law *law, const struct ss_factor *f,
		     const struct ss_limit *l)
{
	double ratio = ss_law_unit_ratio(law, f->unit, l->unit);

	ss_json_obj(j);
	ss_json_kz(j, "factor", f->code);
	ss_json_kz(j, "name", f->name);
	ss_json_kz(j, "code_unit", f->unit);
	ss_json_kz(j, "limit_unit", l->unit);
	ss_json_kz(j, "standard", l->standard);
	ss_json_kdouble(j, "ratio", ratio);
	ss_json_kz(j, "resolution",
		   isnan(ratio) ? "量不同，不换算，不判定 not the same quantity: not judged"
				: "判定前乘以 ratio multiplied by ratio before judging");
	ss_json_end_obj(j);
}

/* Each factor and unit once. */
static void units(struct ss_json *j, const struct ss_law *law)
{
	const struct ss_limit_query q = {.law = law, .day = SS_ANY_DAY};
	struct ss_factor f;

	ss_json_key(j, "units");
	ss_json_arr(j);
	for (const struct ss_limit *l = NULL; (l = ss_standards_next(&q, l));) {
		struct ss_limit_query same = q;

		same.item = l->item;
		if (l->unit[0] && ss_law_factor(law, l->item, &f) && f.unit[0] &&
		    strcmp(f.unit, l->unit) != 0 && !seen_before(&same, l))
			put_unit(j, law, &f, l);
	}
	ss_json_end_arr(j);
}

/* --- limits: two standards on one day for the same thing ----------------------------------------
 */

static bool disagree(const struct ss_limit *a, const struct ss_limit *b, int64_t day)
{
	return strcmp(a->item, b->item) == 0 && strcmp(a->medium, b->medium) == 0 &&
	       strcmp(a->averaging, b->averaging) == 0 && strcmp(a->unit, b->unit) == 0 &&
	       strcmp(a->standard, b->standard) != 0 && b->high != a->high && !isnan(a->high) &&
	       !isnan(b->high) && day >= b->from_day && day <= b->to_day;
}

static void put_limit(struct ss_json *j, const char *name, const struct ss_limit *l)
{
	ss_json_key(j, name);
	ss_json_obj(j);
	ss_json_kz(j, "standard", l->standard);
	ss_json_kz(j, "clause", l->clause);
	ss_json_kz(j, "grade", l->grade);
	ss_json_kdouble(j, "high", l->high);
	ss_json_kz(j, "unit", l->unit);
	ss_json_end_obj(j);
}

static void put_pair(struct ss_json *j, const struct ss_limit *a, const struct ss_limit *b)
{
	ss_json_obj(j);
	ss_json_kz(j, "medium", a->medium);
	ss_json_kz(j, "item", a->item);
	ss_json_kz(j, "averaging", a->averaging);
	put_limit(j, "one", a);
	put_limit(j, "other", b);
	ss_json_kdouble(j, "stricter", fmin(a->high, b->high));
	ss_json_kz(
	    j, "resolution",
	    "按排污单位许可登记的标准与级别；都适用时从严，不交叉执行 by the standard and grade of "
	    "the permit; where both hold, the stricter one");
	ss_json_end_obj(j);
}

/* Each limit with the first of another standard behind it that says something else. */
static void limits(struct ss_json *j, const struct ss_law_ask *a)
{
	const struct ss_limit_query q = {.law = a->law, .day = a->day};

	ss_json_key(j, "limits");
	ss_json_arr(j);
	for (const struct ss_limit *l = NULL; (l = ss_standards_next(&q, l));) {
		struct ss_limit_query same = q;
		const struct ss_limit *o = l;

		same.item = l->item;
		while (l->item[0] != '@' && (o = ss_standards_next(&same, o)) &&
		       !disagree(l, o, a->day))
			;
		if (o && o != l)
			put_pair(j, l, o);
	}
	ss_json_end_arr(j);
}

/* --- codes in the record that no table knows ----------------------------------------------------
 */

struct unknown {
	char factor[64];
	int64_t series, points, site;
};
struct found {
	const struct ss_law *law;
	struct unknown list[256];
	size_t n;
};

static bool look(void *arg, const struct ss_series_info *s)
{
	struct found *f = arg;
	struct ss_factor known;
	size_t i = 0;

	if (s->key.factor[0] == '@' || ss_law_factor(f->law, s->key.factor, &known))
		return true;
	while (i < f->n && strcmp(f->list[i].factor, s->key.factor) != 0)
		i++;
	if (i == SS_ARRAY_LEN(f->list))
		return true;
	if (i == f->n) {
		f->list[f->n++] = (struct unknown){.site = s->key.site};
		ss_str_copy(f->list[i].factor, sizeof(f->list[i].factor), ss_str_of(s->key.factor));
	}
	f->list[i].series++;
	f->list[i].points += s->count;
	return true;
}

static int codes(struct ss_json *j, struct ss_request *rq, const struct ss_law *law)
{
	struct ss_api *api = ss_api_of(rq);
	struct found *f = ss_arena_alloc(rq->a, sizeof(*f));

	if (!f)
		return SS_ENOMEM;
	f->law = law;
	if (api->series)
		ss_series_each(api->series, look, f);
	ss_json_key(j, "codes");
	ss_json_arr(j);
	for (size_t i = 0; i < f->n; i++) {
		ss_json_obj(j);
		ss_json_kz(j, "factor", f->list[i].factor);
		ss_json_ki64(j, "series", f->list[i].series);
		ss_json_ki64(j, "points", f->list[i].points);
		ss_json_ki64(j, "site", f->list[i].site);
		ss_json_kz(
		    j, "resolution",
		    "照原样保存，不判定；以 law.amend 登记为新因子（codes/factors） kept as sent, "
		    "not judged; add it to codes/factors by law.amend");
		ss_json_end_obj(j);
	}
	ss_json_end_arr(j);
	return 0;
}

int ss_get_conflicts(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_json j = ss_json_on(rs->out);
	struct ss_law_ask a;
	int r = ss_law_ask(rq, &a, err);

	if (r < 0)
		return r;
	if (a.day == SS_ANY_DAY)
		a.day = ss_day_of(ss_time_now());
	ss_json_obj(&j);
	ss_law_put_ask(&j, &a);
	declared(&j, &a);
	units(&j, a.law);
	limits(&j, &a);
	r = codes(&j, rq, a.law);
	ss_json_end_obj(&j);
	return r;
}
