/* The numbers of the rules: standards/alarms, and of supervision standards/quality/parameters. */
#include <math.h>

#include "reason/rules/rules_internal.h"
#include "record/registry/registry.h"

const char *ssr_averaging_of(enum ss_period p)
{
	return ss_period_key(p);
}

double ssr_parameter(const char *name, double otherwise)
{
	double v = ss_law_parameter(ss_law_now(), "alarms/parameters", name, SS_ANY_DAY, NULL);

	return isnan(v) ? otherwise : v;
}

static double supervision(const char *name)
{
	double v = ss_law_parameter(ss_law_now(), "quality/parameters", name, SS_ANY_DAY, NULL);

	return isnan(v) ? 0 : v;
}

static int64_t us_of(double v, int64_t unit)
{
	return (int64_t)(v * (double)unit);
}

bool ssr_numbers_of(const char *cause, const char *averaging, int64_t day, struct ssr_numbers *ret)
{
	const struct ss_law_row *row = ss_law_find(ss_law_table(ss_law_now(), "alarms/runs"), day,
						   SS_LAW_KEY(cause, averaging));
	double minutes = ss_law_number(row, "minutes");

	if (!row)
		return false;
	if (isnan(minutes)) /* the table leaves it to supervision */
		minutes = 60 * supervision("supervision.flag_hours");
	*ret = (struct ssr_numbers){
	    .count = (int)ss_law_number(row, "count"),
	    .least_us = us_of(minutes, SS_US_PER_MIN),
	    .clear_count = (int)ss_law_number(row, "clear_count"),
	    .clear_share = ss_law_number(row, "clear_share"),
	    .gap_us = us_of(ss_law_number(row, "gap_hours"), SS_US_PER_HOUR),
	    .hold_us = us_of(ss_law_number(row, "hold_minutes"), SS_US_PER_MIN),
	    .late_us = us_of(ss_law_number(row, "late_minutes"), SS_US_PER_MIN),
	    .severity = ss_law_text(row, "severity"),
	    .standard = ss_law_standard(row),
	    .clause = ss_law_clause(row),
	};
	return true;
}

void ssr_silence_of(const char *site_kind, struct ssr_silence *ret)
{
	const struct ss_law_table *t = ss_law_table(ss_law_now(), "alarms/silence");
	const struct ss_law_row *row = ss_law_find(t, SS_ANY_DAY, SS_LAW_KEY(site_kind));

	if (!row)
		row = ss_law_find(t, SS_ANY_DAY, SS_LAW_KEY("*"));
	*ret = (struct ssr_silence){
	    .intervals = ss_law_number(row, "intervals"),
	    .supervision = strcmp(ss_law_text(row, "supervision"), "yes") == 0,
	    .least_us = us_of(ss_law_number(row, "least_seconds"), SS_US_PER_SEC),
	    .severity = ss_law_text(row, "severity"),
	    .standard = ss_law_standard(row),
	    .clause = ss_law_clause(row),
	};
	ret->day_us = us_of(supervision("supervision.silence_hours"), SS_US_PER_HOUR);
	ret->night_us = us_of(supervision("supervision.silence_night_hours"), SS_US_PER_HOUR);
}

const char *ssr_severity_at(const struct ss_rules *r, int64_t site, int severity)
{
	const char *name = ssr_severity_name(severity);
	const struct ss_law_row *row = NULL;
	struct ss_site s;

	if (site && ss_registry_site(r->s.registry, site, &s) == 0)
		row = ss_law_find(ss_law_table(ss_law_now(), "alarms/urgency"), SS_ANY_DAY,
				  SS_LAW_KEY(ss_site_kind_key(s.kind), name));
	return row ? ss_law_text(row, "becomes") : name;
}
