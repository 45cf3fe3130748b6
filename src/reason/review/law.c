/* The law's numbers for the review, from the tables of standards/. */
#include <math.h>

#include "reason/review/review_internal.h"

static const char *medium_of(enum ss_site_kind kind)
{
	switch (kind) {
	case SS_SITE_SOURCE_WATER:
		return "wastewater";
	case SS_SITE_SOURCE_AIR:
		return "gas";
	case SS_SITE_AIR:
	case SS_SITE_ROADSIDE:
		return "air";
	case SS_SITE_WATER:
	case SS_SITE_DRINKING:
	case SS_SITE_RURAL:
		return "water";
	default:
		return NULL;
	}
}

bool law_reviews(enum ss_site_kind kind)
{
	return medium_of(kind) != NULL;
}

/* The law a row of findings stands on: the set built in, or the amendment that brought the row. A
 * later amendment of something else changes nothing about it. */
static const char *law_of_row(const struct ss_law_row *row)
{
	if (row && row->amendment[0])
		return row->amendment;
	return ss_law_version(ss_law_then(INT64_MIN + 1));
}

static const struct ss_law_row *factor_row(const struct ss_law *law, enum ss_site_kind kind,
					   int64_t day, const char *factor)
{
	const char *medium = medium_of(kind);

	return medium ? ss_law_find(ss_law_table(law, "review/factors"), day,
				    SS_LAW_KEY(medium, factor))
		      : NULL;
}

static enum role role_named(const char *name)
{
	static const char *const names[] = {"",         "conc",        "flow",     "ph",   "oxygen",
					    "moisture", "temperature", "pressure", "ozone"};

	for (size_t i = 1; i < SS_ARRAY_LEN(names); i++) {
		if (strcmp(name, names[i]) == 0)
			return (enum role)i;
	}
	return ROLE_NONE;
}

enum role role_of(enum ss_site_kind kind, const char *factor)
{
	return role_named(ss_law_text(factor_row(ss_law_now(), kind, SS_ANY_DAY, factor), "role"));
}

static double parameter(const struct day_law *d, const char *table, const char *name,
			struct ss_basis *ret)
{
	const struct ss_law_row *row;
	double v = ss_law_parameter(d->law, table, name, d->day, &row);

	if (ret)
		*ret = (struct ss_basis){.rule = name,
					 .standard = ss_law_standard(row),
					 .clause = ss_law_clause(row),
					 .law = law_of_row(row)};
	return v;
}

static int64_t minutes_of(const struct day_law *d, const char *name)
{
	return (int64_t)parameter(d, "review/parameters", name, NULL) * SS_US_PER_MIN;
}

/* The row of a medium in one of the tables quality/... */
static const struct ss_law_row *medium_row(const struct day_law *d, const char *table)
{
	const char *medium = medium_of(d->kind);

	return medium ? ss_law_find(ss_law_table(d->law, table), d->day, SS_LAW_KEY(medium)) : NULL;
}

static int whole_of(const struct ss_law_row *row, const char *column)
{
	double v = row ? ss_law_number(row, column) : (double)NAN;

	return isnan(v) ? 0 : (int)v;
}

static void take_watch(struct day_law *d)
{
	const struct ss_law_row *row = medium_row(d, "quality/watch");

	d->watch = (struct ss_watch_rule){
	    .constant_hours = whole_of(row, "constant_hours"),
	    .spike_k = ss_law_number(row, "spike_k"),
	    .spike_floor = ss_law_number(row, "spike_floor_share"),
	    .spike_hours = whole_of(row, "spike_hours"),
	    .spike_least = whole_of(row, "spike_least"),
	};
}

static void take_day(struct day_law *d)
{
	const struct ss_law_row *row = medium_row(d, "quality/day");

	d->need_hours = whole_of(row, "need_hours");
	d->day_share = ss_law_number(row, "need_share");
	d->day_basis = (struct ss_basis){.rule = "day.mean",
					 .standard = ss_law_standard(row),
					 .clause = ss_law_clause(row),
					 .law = law_of_row(row)};
}

static void common(struct day_law *d)
{
	const char *own = "review/parameters", *emission = "emission/parameters";

	take_watch(d);
	take_day(d);
	d->grace_us = minutes_of(d, "hour.grace_minutes");
	d->ahead_us = minutes_of(d, "clock.ahead_minutes");
	d->history_us = (int64_t)parameter(d, own, "review.history_days", NULL) * SS_US_PER_DAY;
	d->lapse_days = (int)parameter(d, own, "link.lapse_days", NULL);
	d->o2_lock = parameter(d, emission, "oxygen.stop_lock", NULL);
	d->backfill_us =
	    (int64_t)parameter(d, emission, "transmission.backfill_hours", NULL) * SS_US_PER_HOUR;
	d->transmission_target = parameter(d, emission, "transmission.target", &d->rate_basis);
	d->cycle_hours = 1;
}

static void source_water(struct day_law *d)
{
	d->back_hours =
	    (int)(parameter(d, "wastewater/parameters", "substitution.step_days", &d->mass_basis) *
		  24);
	d->mass = d->weighted = d->sheet = true;
}

static void source_air(struct day_law *d)
{
	const struct ss_law_row *due = ss_law_find(ss_law_table(d->law, "emission/calibration"),
						   d->day, SS_LAW_KEY("in_situ"));

	parameter(d, "emission/parameters", "capture.target", &d->capture_basis);
	d->mass_basis = d->capture_basis;
	d->check_due_us = (int64_t)ss_law_number(due, "interval") * SS_US_PER_DAY;
	d->mass = d->sheet = true;
}

static void ambient_air(struct day_law *d)
{
	struct ss_limit_query q = {
	    .law = d->law, .item = "a05024", .averaging = "8h", .day = d->day};

	d->ozone.hours_of_8 = (int)parameter(d, "air/parameters", "o3_8h.hours_minimum", NULL);
	d->ozone.windows = (int)parameter(d, "air/parameters", "o3_8h.windows_minimum", NULL);
	d->ozone.exceed = NAN;
	for (const struct ss_limit *l = NULL; (l = ss_standards_next(&q, l));) {
		if (strcmp(l->grade, "50-100") == 0)
			d->ozone.exceed = l->high; /* index 100 is the limit of grade II */
	}
}

static void surface_water(struct day_law *d)
{
	d->cycle_hours =
	    (int)parameter(d, "review/parameters", "section.cycle_hours", &d->day_basis);
	d->day_share = parameter(d, "wastewater/parameters", "day.hours_share", NULL);
}

void law_of_day(enum ss_site_kind kind, int64_t day, struct day_law *ret)
{
	*ret = (struct day_law){.law = ss_law_now(), .day = day, .kind = kind};
	common(ret);
	switch (kind) {
	case SS_SITE_SOURCE_WATER:
		source_water(ret);
		break;
	case SS_SITE_SOURCE_AIR:
		source_air(ret);
		break;
	case SS_SITE_AIR:
	case SS_SITE_ROADSIDE:
		ambient_air(ret);
		break;
	default:
		surface_water(ret);
		break;
	}
}

static struct ss_hour_rule hour_rule(const struct day_law *d, const struct ss_law_row *row,
				     enum role role)
{
	struct ss_hour_rule rule = {.need_minutes = whole_of(row, "need_minutes"),
				    .differ = ss_law_number(row, "differ_percent") / 100,
				    .o2_running = ss_law_number(row, "oxygen_running")};

	if (role == ROLE_FLOW && d->kind == SS_SITE_SOURCE_WATER)
		rule.need_minutes =
		    (int)parameter(d, "wastewater/parameters", "flow.valid_minutes", NULL);
	return rule;
}

void law_of_factor(const struct day_law *d, const char *factor, struct factor_law *ret)
{
	const struct ss_law_row *hour = medium_row(d, "quality/hour"), *range;
	const char *medium = medium_of(d->kind);

	range = ss_law_find(ss_law_table(d->law, "quality/ranges"), d->day,
			    SS_LAW_KEY(medium ? medium : "", factor));
	*ret = (struct factor_law){
	    .role = role_named(ss_law_text(factor_row(d->law, d->kind, d->day, factor), "role")),
	    .screen = {ss_law_number(range, "low"), ss_law_number(range, "high"),
		       ss_law_number(range, "negative_from"), NAN},
	    .basis = {.rule = "hour.state",
		      .standard = ss_law_standard(hour),
		      .clause = ss_law_clause(hour),
		      .law = law_of_row(hour)}};
	ret->hour = hour_rule(d, hour, ret->role);
}

bool law_cems_window(int64_t day, bool out_of_control, double capture, double gap_hours,
		     int *ret_hours, struct ss_basis *ret)
{
	const struct ss_law *law = ss_law_now();
	const struct ss_law_table *t = ss_law_table(law, "emission/substitution");
	const char *kind = out_of_control ? "out_of_control" : "maintenance";
	const struct ss_law_row *row = NULL;

	while ((row = ss_law_next(t, day, row))) {
		double over = ss_law_number(row, "hours_over"), to = ss_law_number(row, "hours_to");

		if (strcmp(ss_law_text(row, "kind"), kind) != 0 ||
		    capture < ss_law_number(row, "capture_low") ||
		    capture >= ss_law_number(row, "capture_high") || gap_hours <= over ||
		    gap_hours > to)
			continue;
		*ret_hours = (int)ss_law_number(row, "window_valid_hours");
		*ret = (struct ss_basis){.rule = "cems.substitution",
					 .standard = ss_law_standard(row),
					 .clause = ss_law_clause(row),
					 .law = law_of_row(row)};
		return true;
	}
	return false;
}

static enum ss_mark_effect effect_named(const char *name)
{
	static const char *const names[] = {"stopped", "not_expected", "invalid",
					    "excused", "judged",       "pending"};

	for (size_t i = 0; i < SS_ARRAY_LEN(names); i++) {
		if (strcmp(name, names[i]) == 0)
			return (enum ss_mark_effect)i;
	}
	return SS_EFFECT_JUDGED;
}

static double lesser(double a, double b)
{
	return isnan(a) || b < a ? b : a;
}

int law_of_mark(int64_t day, const char *code, struct mark_law *ret)
{
	struct day_law d = {.law = ss_law_now(), .day = day};
	const struct ss_law_row *row =
	    ss_law_find(ss_law_table(d.law, "quality/marks"), day, SS_LAW_KEY(code));
	const char *own = "quality/parameters";

	if (!row)
		return SS_ENOTFOUND;
	*ret = (struct mark_law){
	    .cls = ss_law_text(row, "class")[0],
	    .effect = effect_named(ss_law_text(row, "effect")),
	    .name = ss_law_text(row, "name"),
	    .name_en = ss_law_text(row, "name_en"),
	    .needs = ss_law_text(row, "corroborated_by"),
	    .row = row,
	    .rule = {.max_hours = ss_law_number(row, "max_hours"),
		     .ahead_hours = parameter(&d, own, "mark.ahead_hours", NULL),
		     .deadline_hour = (int)parameter(&d, own, "mark.deadline_hour", NULL),
		     .evidence_hours = lesser(ss_law_number(row, "evidence_hours"),
					      ss_law_number(row, "ask_hours")),
		     .needs_report = strcmp(ss_law_text(row, "needs_report"), "yes") == 0}};
	return 0;
}

int64_t next_working_day(const struct ss_law *law, int64_t day)
{
	const struct ss_law_table *t = ss_law_table(law, "calendar/days");
	int64_t d = day + 1;

	for (int i = 0; i < 31; i++, d++) {
		char text[16];
		struct ss_civil c = ss_civil_of(ss_day_start(d));
		const struct ss_law_row *row;

		snprintf(text, sizeof(text), "%04d-%02d-%02d", c.year, c.month, c.day);
		row = ss_law_find(t, SS_ANY_DAY, SS_LAW_KEY(text));
		if (row ? strcmp(ss_law_text(row, "kind"), "workday") == 0 : c.weekday <= 5)
			return d;
	}
	return d;
}
