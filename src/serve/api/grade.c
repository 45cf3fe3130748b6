#include "serve/api/grade.h"

#include <math.h>

#include "reason/judge/judge.h"
#include "serve/api/api_internal.h"

#define WATER_SPAN_US SS_US_PER_DAY /* items of a section are measured at their own pace */
#define RTD_SPAN_US SS_US_PER_HOUR

const struct ss_grade_law ss_grade_own_day = {.day = SS_ANY_DAY};

static int64_t day_of(const struct ss_grade_law *by, int64_t time_us)
{
	return by->day == SS_ANY_DAY ? ss_day_of(time_us) : by->day;
}

/* --- the values ------------------------------------------------------------------------------- */

/* The hour's mean where the factor has one, else the newest live value. */
static const struct ss_series_info *value_of(const struct ss_series_info *all, size_t n,
					     const char *factor)
{
	const struct ss_series_info *best = NULL;

	for (size_t i = 0; i < n; i++) {
		const struct ss_series_info *s = &all[i];
		bool hour = s->key.period == SS_PERIOD_HOUR && strcmp(s->key.stat, "Avg") == 0;
		bool live = s->key.period == SS_PERIOD_RTD && strcmp(s->key.stat, "Rtd") == 0;
		bool best_hour = best && best->key.period == SS_PERIOD_HOUR;

		if (s->count == 0 || (!hour && !live) || strcmp(s->key.factor, factor) != 0)
			continue;
		if (!best || hour > best_hour || (hour == best_hour && s->last_us > best->last_us))
			best = s;
	}
	return best;
}

/* In the unit of the limit; NAN when it has no normal mark or another kind of unit. Decimal noise
 * of the conversion is taken off. */
static double in_unit(const struct ss_site *site, const struct ss_series_info *s, const char *unit)
{
	struct ss_factor f = {.unit = unit};
	const struct ss_law *law = ss_law_now();
	double ratio;

	ss_law_factor(law, s->key.factor, &f);
	ratio = ss_law_unit_ratio(law, ss_unit_of(site->kind, s->key.factor, ss_str_of(f.unit)).p,
				  unit);
	if (s->last_mark != 'N' && s->last_mark != 0)
		return NAN;
	return ratio == 1 ? s->last_value : round(s->last_value * ratio * 1e9) / 1e9;
}

static void note_primary(struct ss_grade *g, const char *factor)
{
	if (g->n_primary < SS_GRADE_PRIMARY_MAX)
		g->primary[g->n_primary++] = factor;
}

static void stand_on(struct ss_grade *g, const struct ss_limit *l)
{
	if (!l || g->standard)
		return;
	g->standard = l->standard;
	g->clause = l->clause;
}

/* --- air -------------------------------------------------------------------------------------- */

static void judge_air(const struct ss_grade_law *by, const struct ss_site *site,
		      const struct ss_series_info *all, size_t n, struct ss_grade *g)
{
	const struct ss_series_info *s[SS_AIR_ITEM_COUNT_];
	double conc[SS_AIR_ITEM_COUNT_];
	const struct ss_limit *level;
	struct ss_aqi_law law;
	struct ss_aqi r;

	g->kind = SS_GRADE_AQI;
	for (int i = 0; i < SS_AIR_ITEM_COUNT_; i++) {
		s[i] = value_of(all, n, ss_air_codes[i]);
		if (s[i] && (g->time_us == SS_TIME_NONE || s[i]->last_us > g->time_us))
			g->time_us = s[i]->last_us;
	}
	if (g->time_us == SS_TIME_NONE)
		return;
	stand_on(g, ss_judge_aqi(by->law, day_of(by, g->time_us), "hour", &law));
	for (int i = 0; i < SS_AIR_ITEM_COUNT_; i++) {
		/* One index is of one hour. */
		bool same = s[i] && ss_hour_of(s[i]->last_us) == ss_hour_of(g->time_us);

		conc[i] =
		    same ? in_unit(site, s[i], i == SS_AIR_CO ? "mg/m3" : "ug/m3") : (double)NAN;
	}
	ss_aqi(&law, conc, &r);
	if (!g->standard || r.aqi == SS_NO_INDEX)
		return;
	g->value = r.aqi;
	level = ss_judge_aqi_level(by->law, day_of(by, g->time_us), r.aqi);
	g->level = level ? level->grade[0] - '0' : 0;
	g->text = level ? level->text : "";
	g->text_en = level ? level->text_en : "";
	for (int i = 0; i < SS_AIR_ITEM_COUNT_; i++) {
		if (r.primary >> i & 1)
			note_primary(g, ss_air_codes[i]);
	}
}

/* --- water ------------------------------------------------------------------------------------ */

/* Walks the items that make the class of a section, once each. */
static const struct ss_limit *next_item(const struct ss_law *law, int64_t day, const char *body,
					const struct ss_limit *after)
{
	struct ss_limit_query q = {.law = law, .grade = "I", .day = day};
	const struct ss_limit *l = after;

	while ((l = ss_standards_next(&q, l))) {
		if (strcmp(l->item, "CLASS") != 0 &&
		    (strcmp(l->medium, "water") == 0 || strcmp(l->medium, body) == 0) &&
		    ss_judge_counted(law, day, l->item))
			return l;
	}
	return NULL;
}

struct classed {
	const struct ss_site *site;
	const struct ss_series_info *all;
	size_t n;
	const char *body;
	const struct ss_law *law;
	int64_t day;
	int worst;
	bool counted; /* something besides pH: pH alone makes no class */
};

static int class_of_item(const struct classed *c, const struct ss_limit *l, int64_t newest)
{
	const struct ss_series_info *s = value_of(c->all, c->n, l->item);
	struct ss_class_scale scale;

	if (!s || newest - s->last_us > WATER_SPAN_US ||
	    !ss_judge_class(c->law, c->day, c->body, l->item, &scale))
		return 0;
	return ss_item_class(&scale, in_unit(c->site, s, l->unit));
}

/* The basis is the row that decides: of the item that makes the class, at that class. */
static void stand_on_class(const struct classed *c, struct ss_grade *g)
{
	static const char *const grades[] = {"I", "II", "III", "IV", "V", "V"};
	struct ss_limit_query q = {
	    .law = c->law, .item = g->primary[0], .grade = grades[c->worst - 1], .day = c->day};
	const struct ss_limit *l = NULL;

	while ((l = ss_standards_next(&q, l))) {
		if (strcmp(l->medium, "water") == 0 || strcmp(l->medium, c->body) == 0)
			stand_on(g, l);
	}
}

static void judge_items(struct classed *c, struct ss_grade *g)
{
	const struct ss_limit *l = NULL;

	while ((l = next_item(c->law, c->day, c->body, l))) {
		int k = class_of_item(c, l, g->time_us);

		if (k == 0)
			continue;
		c->counted = c->counted || strcmp(l->item, "w01001") != 0;
		if (k > c->worst) {
			c->worst = k;
			g->n_primary = 0;
		}
		if (k == c->worst)
			note_primary(g, l->item);
	}
	if (c->worst && g->n_primary)
		stand_on_class(c, g);
}

/* Supplementary items of drinking sources: one above its limit is enough. */
static void judge_supplements(const struct classed *c, struct ss_grade *g)
{
	struct ss_limit_query q = {.law = c->law, .medium = "drinking", .day = c->day};
	const struct ss_limit *l = NULL;

	while ((l = ss_standards_next(&q, l))) {
		const struct ss_series_info *s = value_of(c->all, c->n, l->item);

		if (!s || g->time_us - s->last_us > WATER_SPAN_US ||
		    !(in_unit(c->site, s, l->unit) > l->high))
			continue;
		g->met = 0;
		note_primary(g, l->item);
	}
}

static int64_t newest_of(const struct classed *c)
{
	const struct ss_limit *l = NULL;
	int64_t t = SS_TIME_NONE;

	while ((l = next_item(c->law, SS_ANY_DAY, c->body, l))) {
		const struct ss_series_info *s = value_of(c->all, c->n, l->item);

		if (s && (t == SS_TIME_NONE || s->last_us > t))
			t = s->last_us;
	}
	return t;
}

static void judge_water(const struct ss_grade_law *by, const struct ss_site *site,
			const struct ss_series_info *all, size_t n, struct ss_grade *g)
{
	struct classed c = {.site = site, .all = all, .n = n, .law = by->law};
	const char *target = site->attribute[SS_ATTRIBUTE_TARGET];
	const struct ss_limit *name;

	g->kind = SS_GRADE_WATER_CLASS;
	c.body = strcmp(site->attribute[SS_ATTRIBUTE_BODY], "lake") == 0 ? "lake" : "river";
	ss_str_copy(g->target, sizeof(g->target), ss_str_of(target));
	g->time_us = newest_of(&c);
	if (g->time_us == SS_TIME_NONE)
		return;
	c.day = day_of(by, g->time_us);
	judge_items(&c, g);
	if (!c.counted) {
		g->n_primary = 0;
		return;
	}
	g->value = g->level = c.worst;
	name = ss_judge_class_name(c.law, c.day, c.worst);
	g->text = name ? name->text : "";
	g->text_en = name ? name->text_en : "";
	if (c.worst == 1)
		g->n_primary = 0; /* nothing stands out */
	if (target[0])
		g->met = c.worst <= ss_class_parse(ss_str_of(target));
	if (site->kind == SS_SITE_DRINKING)
		judge_supplements(&c, g);
}

/* --- noise ------------------------------------------------------------------------------------ */

static void judge_noise(const struct ss_grade_law *by, const struct ss_site *site,
			const struct ss_series_info *all, size_t n, struct ss_grade *g)
{
	const struct ss_series_info *s = value_of(all, n, "Leq");
	const char *zone = site->attribute[SS_ATTRIBUTE_ZONE];
	const struct ss_limit *l;

	g->kind = SS_GRADE_NOISE;
	ss_str_copy(g->target, sizeof(g->target), ss_str_of(zone));
	if (!s)
		return;
	g->time_us = s->last_us;
	g->value = in_unit(site, s, "dB");
	l = ss_judge_noise(by->law, day_of(by, g->time_us), zone,
			   ss_judge_noise_is_day(by->law, g->time_us));
	stand_on(g, l);
	if (!l || isnan(g->value))
		return;
	g->limit = l->high;
	g->met = g->value <= l->high;
	g->text = g->met ? "达标" : "超标";
	g->text_en = g->met ? "Met" : "Exceeded";
}

/* --- one face --------------------------------------------------------------------------------- */

void ss_grade_of(const struct ss_grade_law *by, const struct ss_site *site,
		 const struct ss_series_info *all, size_t n, struct ss_grade *ret)
{
	*ret = (struct ss_grade){.value = NAN,
				 .limit = NAN,
				 .met = -1,
				 .text = "",
				 .text_en = "",
				 .time_us = SS_TIME_NONE};
	switch (site->kind) {
	case SS_SITE_AIR:
	case SS_SITE_ROADSIDE:
		judge_air(by, site, all, n, ret);
		break;
	case SS_SITE_WATER:
	case SS_SITE_DRINKING:
	case SS_SITE_RURAL:
		judge_water(by, site, all, n, ret);
		break;
	case SS_SITE_NOISE:
		judge_noise(by, site, all, n, ret);
		break;
	default:
		break;
	}
}

void ss_grade_put(struct ss_json *j, const struct ss_grade *g)
{
	static const char *const kinds[] = {NULL, "aqi", "water_class", "noise"};
	char basis[96];

	if (g->kind == SS_GRADE_NONE || g->time_us == SS_TIME_NONE) {
		ss_json_null(j);
		return;
	}
	snprintf(basis, sizeof(basis), "%s %s", g->standard ? g->standard : "",
		 g->clause ? g->clause : "");
	ss_json_obj(j);
	ss_json_kz(j, "kind", kinds[g->kind]);
	ss_json_kdouble(j, "value", g->value);
	ss_json_ki64(j, "level", g->level);
	ss_json_kz(j, "text", g->text);
	ss_json_kz(j, "text_en", g->text_en);
	ss_json_key(j, "primary");
	ss_json_arr(j);
	for (size_t i = 0; i < g->n_primary; i++)
		ss_json_z(j, g->primary[i]);
	ss_json_end_arr(j);
	ss_json_kz(j, "target", g->target[0] ? g->target : NULL);
	ss_json_kdouble(j, "limit", g->limit);
	ss_json_key(j, "met");
	if (g->met < 0)
		ss_json_null(j);
	else
		ss_json_bool(j, g->met);
	ss_json_kz(j, "basis", g->standard ? basis : NULL);
	ss_json_kz(j, "edition", g->standard);
	ss_json_ktime(j, "time", g->time_us);
	ss_json_kbool(j, "provisional", true);
	ss_json_end_obj(j);
}

int ss_grade_site(const struct ss_registry *r, struct ss_series *st, int64_t site,
		  struct ss_grade *ret)
{
	struct ss_series_info *all = NULL;
	struct ss_arena a;
	struct ss_site s;
	size_t n = 0;
	int res = ss_registry_site(r, site, &s);

	if (res < 0)
		return res;
	ss_arena_init(&a, 1 << 20);
	res = ss_series_of_site(st, site, &a, &all, &n);
	if (res == 0)
		ss_grade_of(&ss_grade_own_day, &s, all, n, ret);
	ss_arena_done(&a);
	return res;
}
