/* Limits: what acts have set for an outlet and factor, and what the law says by a site's target. */
#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/thread.h"
#include "reason/rules/rules_internal.h"

#define KIND "limit"

struct limit {
	struct limit *next; /* of the same site, point and factor */
	char averaging[8];
	bool converted;
	double low, high; /* in unit */
	char *unit, *standard, *clause, *permit;
	/* A row of the law instead of numbers: */
	char *grade, *scope, *fuel, *condition;
	int64_t from_day, to_day;
	int64_t start_us; /* of its finding */
	uint64_t seq;
};

struct ssr_limits {
	pthread_mutex_t mu;
	struct ss_map *by_place; /* "site|point|factor" to struct limit * */
};

struct ssr_limits *ssr_limits_new(void)
{
	struct ssr_limits *l = calloc(1, sizeof(*l));

	if (!l)
		return NULL;
	pthread_mutex_init(&l->mu, NULL);
	l->by_place = ss_map_new();
	if (!l->by_place) {
		free(l);
		return NULL;
	}
	return l;
}

static void limit_free(struct limit *x)
{
	free(x->unit);
	free(x->standard);
	free(x->clause);
	free(x->permit);
	free(x->grade);
	free(x->scope);
	free(x->fuel);
	free(x->condition);
	free(x);
}

void ssr_limits_free(struct ssr_limits *l)
{
	struct ss_str key;
	size_t it = 0;
	uint64_t v;

	if (!l)
		return;
	while (ss_map_next(l->by_place, &it, &key, &v)) {
		struct limit *x = (struct limit *)(uintptr_t)v;

		while (x) {
			struct limit *next = x->next;

			limit_free(x);
			x = next;
		}
	}
	ss_map_free(l->by_place);
	pthread_mutex_destroy(&l->mu);
	free(l);
}

static struct ss_str place(char out[160], int64_t site, const char *point, const char *factor)
{
	int n = snprintf(out, 160, "%lld|%s|%s", (long long)site, point, factor);

	return ss_str_n(out, (size_t)n);
}

static struct limit *list_of(struct ssr_limits *l, int64_t site, const char *point,
			     const char *factor)
{
	char text[160];
	uint64_t v = 0;

	ss_map_get(l->by_place, place(text, site, point, factor), &v);
	return (struct limit *)(uintptr_t)v;
}

bool ssr_limits_has(struct ss_rules *r, int64_t site, const char *point, const char *factor)
{
	SS_LOCKED(&r->limits->mu);
	return list_of(r->limits, site, point, factor) != NULL;
}

/* --- from an act to a limit ----------------------------------------------------------------------
 */

static int64_t day_of(const json_t *o, const char *name, int64_t otherwise)
{
	int64_t t;

	if (!json_object_get(o, name) ||
	    ss_time_parse_iso(ss_str_of(ss_json_get_z(o, name)), &t) < 0)
		return otherwise;
	return ss_day_of(t);
}

static struct limit *limit_of(const json_t *data)
{
	struct limit *x = calloc(1, sizeof(*x));

	if (!x)
		return NULL;
	ss_str_copy(x->averaging, sizeof(x->averaging),
		    ss_str_of(ss_json_get_z(data, "averaging")));
	x->converted = json_is_true(json_object_get(data, "converted"));
	x->low = ss_json_get_double(data, "low");
	x->high = ss_json_get_double(data, "high");
	x->unit = strdup(ss_json_get_z(data, "unit"));
	x->standard = strdup(ss_json_get_z(data, "standard"));
	x->clause = strdup(ss_json_get_z(data, "clause"));
	x->permit = strdup(ss_json_get_z(data, "permit"));
	x->grade = strdup(ss_json_get_z(data, "grade"));
	x->scope = strdup(ss_json_get_z(data, "scope"));
	x->fuel = strdup(ss_json_get_z(data, "fuel"));
	x->condition = strdup(ss_json_get_z(data, "condition"));
	x->from_day = day_of(data, "from", INT64_MIN);
	x->to_day = day_of(data, "to", INT64_MAX);
	if (x->unit && x->standard && x->clause && x->permit && x->grade && x->scope && x->fuel &&
	    x->condition)
		return x;
	limit_free(x);
	return NULL;
}

static bool fits(const struct ss_law_row *row, const char *column, const char *wanted)
{
	return ss_law_column(row->table, column) < 0 ||
	       strcmp(ss_law_text(row, column), wanted) == 0;
}

/* The row that the limit names, on a day. */
static const struct ss_limit *row_of(const struct limit *x, const char *factor, int64_t day)
{
	const struct ss_limit_query q = {
	    .standard = x->standard, .item = factor, .grade = x->grade, .day = day};
	const struct ss_limit *l = NULL;

	while ((l = ss_standards_next(&q, l)))
		if ((strcmp(l->averaging, x->averaging) == 0 || !l->averaging[0]) &&
		    fits(l->row, "scope", x->scope) && fits(l->row, "fuel", x->fuel) &&
		    fits(l->row, "condition", x->condition))
			return l;
	return NULL;
}

/* --- units ---------------------------------------------------------------------------------------
 */

/* What the series of the factor is in at this site. */
static const char *series_unit(struct ss_rules *r, int64_t site, const char *factor)
{
	const struct ss_law *law = ss_law_now();
	const struct ss_law_row *row;
	struct ss_factor f = {.unit = ""};
	struct ss_site s;

	ss_law_factor(law, factor, &f);
	if (ss_registry_site(r->s.registry, site, &s) < 0)
		return f.unit;
	row = ss_law_find(ss_law_table(law, "units/by-kind"), SS_ANY_DAY,
			  SS_LAW_KEY(ss_site_kind_key(s.kind), factor));
	return row ? ss_law_text(row, "unit") : f.unit;
}

static double in_series_unit(struct ss_rules *r, int64_t site, const char *factor, const char *unit,
			     double v)
{
	const char *to = series_unit(r, site, factor);
	double ratio = !unit[0] || !to[0] || strcmp(unit, to) == 0
			   ? 1
			   : ss_law_unit_ratio(ss_law_now(), unit, to);

	return ratio == 1 ? v : round(v * ratio * 1e9) / 1e9;
}

/* --- asking --------------------------------------------------------------------------------------
 */

static bool permit_at(struct ss_rules *r, int64_t site, const char *point, const char *factor,
		      const char *averaging, bool converted, int64_t day,
		      struct ss_rules_limit *ret)
{
	const struct limit *best = NULL;
	const struct ss_limit *row = NULL;
	SS_LOCKED(&r->limits->mu);

	for (const struct limit *x = list_of(r->limits, site, point, factor); x; x = x->next) {
		if (strcmp(x->averaging, averaging) != 0 || x->converted != converted ||
		    day < x->from_day || day > x->to_day)
			continue;
		if (!best || x->from_day > best->from_day ||
		    (x->from_day == best->from_day && x->seq > best->seq))
			best = x;
	}
	if (best && best->grade[0])
		row = row_of(best, factor, day);
	if (!best || (best->grade[0] && !row))
		return false;
	*ret = (struct ss_rules_limit){.low = row ? row->low : best->low,
				       .high = row ? row->high : best->high,
				       .unit = row ? row->unit : best->unit,
				       .standard = row ? row->standard : best->standard,
				       .clause = row ? row->clause : best->clause,
				       .permit = best->permit,
				       .source = "permit",
				       .from_day = best->from_day,
				       .to_day = best->to_day};
	return true; /* the texts live on: a limit is never freed while the rules run */
}

/* A drinking source by its target class, and the supplementary items. */
static bool target_at(struct ss_rules *r, int64_t site, const char *factor, int64_t day,
		      struct ss_rules_limit *ret)
{
	const struct ss_limit *l = NULL;
	struct ss_site s;
	bool lake;

	if (ss_registry_site(r->s.registry, site, &s) < 0 || s.kind != SS_SITE_DRINKING)
		return false;
	lake = strcmp(s.attribute[SS_ATTRIBUTE_BODY], "lake") == 0;
	for (const char *const *medium =
		 (const char *const[]){lake ? "lake" : "river", "water", "drinking", NULL};
	     !l && *medium; medium++) {
		bool classed = strcmp(*medium, "drinking") != 0;
		const struct ss_limit_query q = {.medium = *medium,
						 .item = factor,
						 .grade = classed ? s.attribute[SS_ATTRIBUTE_TARGET]
								  : NULL,
						 .day = day};

		if (!classed || s.attribute[SS_ATTRIBUTE_TARGET][0])
			l = ss_standards_next(&q, NULL);
	}
	if (!l)
		return false;
	*ret = (struct ss_rules_limit){.low = l->low,
				       .high = l->high,
				       .unit = l->unit,
				       .standard = l->standard,
				       .clause = l->clause,
				       .permit = "",
				       .source = "target",
				       .from_day = l->from_day,
				       .to_day = l->to_day};
	return true;
}

bool ssr_limit_at(struct ss_rules *r, const struct ss_series_key *k, const char *source,
		  bool converted, int64_t day, struct ss_rules_limit *ret)
{
	bool found = strcmp(source, "permit") == 0
			 ? permit_at(r, k->site, k->point, k->factor, ssr_averaging_of(k->period),
				     converted, day, ret)
			 : target_at(r, k->site, k->factor, day, ret);

	if (!found)
		return false;
	ret->low = in_series_unit(r, k->site, k->factor, ret->unit, ret->low);
	ret->high = in_series_unit(r, k->site, k->factor, ret->unit, ret->high);
	ret->unit = series_unit(r, k->site, k->factor);
	return true;
}

int ss_rules_limit(struct ss_rules *r, int64_t site, const char *point, const char *factor,
		   const char *averaging, bool converted, int64_t day, struct ss_arena *a,
		   struct ss_rules_limit *ret)
{
	struct ss_rules_limit x;

	if (!permit_at(r, site, point, factor, averaging, converted, day, &x) &&
	    !target_at(r, site, factor, day, &x))
		return SS_ENOTFOUND;
	x.low = in_series_unit(r, site, factor, x.unit, x.low);
	x.high = in_series_unit(r, site, factor, x.unit, x.high);
	x.unit = ss_arena_strdup(a, ss_str_of(series_unit(r, site, factor)));
	x.standard = ss_arena_strdup(a, ss_str_of(x.standard));
	x.clause = ss_arena_strdup(a, ss_str_of(x.clause));
	x.permit = ss_arena_strdup(a, ss_str_of(x.permit));
	if (!x.unit || !x.standard || !x.clause || !x.permit)
		return SS_ENOMEM;
	*ret = x;
	return 0;
}

/* --- acts
 * ------------------------------------------------------------------------------------------ */

static int refuse(struct ss_error *err, const char *field, const char *zh, const char *en)
{
	return ss_error_set(err, SS_EINVAL, "字段 %s：%s；field %s: %s", field, zh, field, en);
}

static int check_numbers(struct ss_rules *r, int64_t site, const char *factor, const json_t *d,
			 struct ss_error *err)
{
	double low = ss_json_get_double(d, "low"), high = ss_json_get_double(d, "high");
	const char *unit = ss_json_get_z(d, "unit");

	if (isnan(low) && isnan(high))
		return refuse(err, "data.high", "须有 high 或 low，或以 grade 指到标准的一行",
			      "give high or low, or name a row of a standard by grade");
	if (low > high)
		return refuse(err, "data.low", "不得大于 high", "must not be above high");
	if (unit[0] && strcmp(unit, series_unit(r, site, factor)) != 0 &&
	    isnan(ss_law_unit_ratio(ss_law_now(), unit, series_unit(r, site, factor))))
		return refuse(err, "data.unit", "与该因子的单位不同类",
			      "is no unit of the same quantity as the factor's");
	return 0;
}

int ssr_limit_validate(void *self, const struct ss_act *a, struct ss_error *err)
{
	struct ss_rules *r = self;
	int64_t site = json_integer_value(json_object_get(a->target, "site")), from;
	const char *factor = ss_json_get_z(a->target, "factor");
	struct ss_factor f;
	struct ss_site s;
	struct limit *x;
	int z = 0;

	if (ss_registry_site(r->s.registry, site, &s) < 0)
		return refuse(err, "target.site", "没有这个站点", "no such site");
	if (!ss_law_factor(ss_law_now(), factor, &f))
		return refuse(err, "target.factor", "没有这个因子", "no such factor");
	if (strlen(ss_json_get_z(a->target, "point")) > 23)
		return refuse(err, "target.point", "过长", "is too long");
	x = limit_of(a->data);
	if (!x)
		return SS_ENOMEM;
	from = x->from_day;
	if (from > x->to_day)
		z = refuse(err, "data.to", "早于 from", "is before from");
	else if (!x->grade[0])
		z = check_numbers(r, site, factor, a->data, err);
	else if (!row_of(x, factor, from))
		z = refuse(err, "data.grade",
			   "标准表里没有这一行（standard、grade、scope、fuel、condition）",
			   "no such row of the standard (standard, grade, scope, fuel, condition)");
	limit_free(x);
	return z;
}

static int keep(struct ssr_limits *l, int64_t site, const char *point, const char *factor,
		struct limit *x)
{
	char text[160];
	SS_LOCKED(&l->mu);

	x->next = list_of(l, site, point, factor);
	return ss_map_put(l->by_place, place(text, site, point, factor), (uint64_t)(uintptr_t)x);
}

static void key_of(struct ss_finding_key *k, int64_t site, const char *point, const char *factor,
		   const struct limit *x)
{
	*k = (struct ss_finding_key){.kind = KIND, .site = site};
	ss_str_copy(k->point, sizeof(k->point), ss_str_of(point));
	ss_str_copy(k->factor, sizeof(k->factor), ss_str_of(factor));
	snprintf(k->sub, sizeof(k->sub), "%s%s", x->averaging, x->converted ? ".converted" : "");
}

/* The limits under one id hold on no day from now on. The last instant that one of them held to. */
static int64_t retire(struct ssr_limits *l, const struct ss_finding_key *k, int64_t start)
{
	int64_t to = INT64_MIN;
	SS_LOCKED(&l->mu);

	for (struct limit *x = list_of(l, k->site, k->point, k->factor); x; x = x->next) {
		char sub[72];

		snprintf(sub, sizeof(sub), "%s%s", x->averaging, x->converted ? ".converted" : "");
		if (x->start_us != start || strcmp(sub, k->sub) != 0 || x->from_day == INT64_MAX)
			continue;
		if (to != INT64_MAX)
			to = x->to_day == INT64_MAX ? INT64_MAX : ss_day_start(x->to_day + 1);
		x->from_day = INT64_MAX;
		x->to_day = INT64_MIN;
	}
	return to;
}

static int put_limit(struct ss_rules *r, const struct ss_act *a, int64_t site, const char *point,
		     const char *factor, const struct limit *x, struct ss_json *result,
		     struct ss_error *err)
{
	ss_cleanup(ss_buf_done) struct ss_buf data = SS_BUF_MAX(1 << 16);
	ss_cleanup(ss_buf_done) struct ss_buf body = SS_BUF_MAX(1 << 17);
	struct ss_json j = ss_json_on(&body);
	struct ss_finding f = {.start_us = x->start_us,
			       .end_us = x->to_day == INT64_MAX ? SS_TIME_NONE
								: ss_day_start(x->to_day + 1),
			       .state = "set",
			       .value = isnan(x->high) ? x->low : x->high,
			       .basis = {"limit.set", x->standard, x->clause, "", SSR_CODE},
			       .seq = r->seq,
			       .known_us = r->known_us};
	char id[SS_FINDING_ID];
	int z = ss_json_canonical(&data, a->data);

	if (z < 0)
		return z;
	key_of(&f.key, site, point, factor, x);
	ss_json_obj(&j);
	ss_json_kz(&j, "act", a->id);
	ss_json_kz(&j, "by", a->by);
	ss_json_key(&j, "data");
	ss_json_raw(&j, ss_buf_str(&data));
	ss_json_end_obj(&j);
	f.body = ss_buf_str(&body);
	z = ss_finding_id(&f.key, f.start_us, id, sizeof(id));
	if (z < 0)
		return z;
	ss_json_kz(result, "limit", id);
	return ss_findings_put(r->s.findings, &f, err);
}

int ssr_limit_apply(void *self, const struct ss_act *a, struct ss_json *result,
		    struct ss_error *err)
{
	struct ss_rules *r = self;
	int64_t site = json_integer_value(json_object_get(a->target, "site"));
	const char *point = ss_json_get_z(a->target, "point"),
		   *factor = ss_json_get_z(a->target, "factor");
	struct limit *x = limit_of(a->data);
	struct ss_finding_key k;
	int64_t to, before;
	int z;

	if (!x)
		return SS_ENOMEM;
	x->seq = a->seq;
	x->start_us = x->from_day == INT64_MIN ? 0 : ss_day_start(x->from_day);
	to = x->to_day == INT64_MAX ? INT64_MAX : ss_day_start(x->to_day + 1);
	key_of(&k, site, point, factor, x);
	before = retire(r->limits, &k, x->start_us); /* set again from the same day: replaced */
	to = before > to ? before : to;
	z = put_limit(r, a, site, point, factor, x, result, err);
	if (z == 0)
		z = keep(r->limits, site, point, factor, x);
	if (z < 0)
		return z;
	return ssr_watch_limits_changed(r, site, point, factor, x->start_us, to, err);
}

/* Taken back: it no longer holds on any day. */
int ssr_limit_revoke_apply(void *self, const struct ss_act *a, struct ss_json *result,
			   struct ss_error *err)
{
	struct ss_rules *r = self;
	ss_cleanup(ss_arena_done) struct ss_arena arena;
	struct ss_finding_key k;
	struct ss_finding f;
	int64_t start, from = 0, to = INT64_MAX;
	int z;

	ss_arena_init(&arena, 1 << 20);
	if (ss_finding_id_parse(ss_str_of(ss_json_get_z(a->target, "limit")), &k, &start) < 0 ||
	    ss_findings_get(r->s.findings, &k, start, &arena, &f, NULL) < 0 || f.withdrawn) {
		ss_json_kz(result, "effect", "none");
		return 0;
	}
	retire(r->limits, &k, start);
	from = f.start_us;
	to = f.end_us == SS_TIME_NONE ? INT64_MAX : f.end_us;
	f.withdrawn = true;
	f.state = "revoked";
	f.seq = r->seq;
	f.known_us = r->known_us;
	ss_json_kz(result, "limit", ss_json_get_z(a->target, "limit"));
	z = ss_findings_put(r->s.findings, &f, err);
	return z < 0 ? z : ssr_watch_limits_changed(r, k.site, k.point, k.factor, from, to, err);
}

/* --- loading
 * --------------------------------------------------------------------------------------- */

struct loading {
	struct ss_rules *r;
	int z;
};

static bool load_one(void *arg, const struct ss_finding *f)
{
	struct loading *l = arg;
	struct limit *x;
	json_t *body;

	l->z = ss_json_parse(f->body, &body, NULL);
	if (l->z < 0)
		return false;
	x = limit_of(json_object_get(body, "data"));
	json_decref(body);
	if (!x) {
		l->z = SS_ENOMEM;
		return false;
	}
	x->seq = f->seq;
	x->start_us = f->start_us;
	l->z = keep(l->r->limits, f->key.site, f->key.point, f->key.factor, x);
	return l->z == 0;
}

int ssr_limits_load(struct ss_rules *r, struct ss_error *err)
{
	struct loading l = {.r = r};
	const struct ss_finding_query q = {.kind = KIND,
					   .from = SS_TIME_NONE,
					   .to = SS_TIME_NONE,
					   .after_start = SS_TIME_NONE,
					   .fn = load_one,
					   .arg = &l};
	int z = ss_findings_each(r->s.findings, &q, err);

	return z < 0 ? z : l.z;
}
