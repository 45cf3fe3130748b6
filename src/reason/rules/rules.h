/* Alarms: what exceeds its limit for as long as the rule says, who is silent, whose marks or clock
 * are wrong. A deriver (see record/findings): alarms are findings of kind "alarm", what people do
 * about them are acts.
 *
 * Parts and alarms. A *part* is one cause at one place in event time: a factor above its limit, a
 * device that is not heard. Parts of one cause at one outlet that overlap (or lie closer than the
 * rule's hold) are one *alarm* with members. Everything is a function of the observations and acts
 * that were put, in whatever order they came: late, doubled or shuffled input ends in the same
 * alarms. What arrives late raises its alarm with the note "late", which is not told live. An alarm
 * whose reason is gone (a later version of the data, a changed limit, an excuse) stays readable,
 * withdrawn.
 * Numbers of the rules: standards/alarms/. Limits: acts limit.set, and the law by the targets of
 * sites. Thread: the line's, but for what says otherwise. */
#pragma once

#include "base/base.h"
#include "record/findings/findings.h"

struct ss_registry;
struct ss_series;

struct ss_rules;

struct ss_rules_settings {
	struct ss_findings *findings; /* borrowed, all of them */
	struct ss_series *series;
	const struct ss_registry *registry;
	/* An alarm was raised, changed or cleared, and that is durable. Not called for late ones.
	 * id: of the finding; body: as stored. NULL: nobody is told. */
	void (*tell)(void *arg, const struct ss_finding *alarm, const char *id);
	void *arg;
};

/* Reads open alarms and limits from the findings. */
int ss_rules_new(const struct ss_rules_settings *s, struct ss_rules **ret, struct ss_error *err);
void ss_rules_free(struct ss_rules *r); /* NULL-safe */
/* Fills in the deriver of these rules; comes behind those that call ss_rules_judge. */
void ss_rules_deriver(struct ss_rules *r, struct ss_deriver *ret);

/* --- for other derivers: line thread, before this one settles ------------------------------- */

/* A statistic of an outlet and factor: the hour's or day's value that the standard names. Calling
 * again with another value, or valid = false, changes or withdraws what came of it. */
struct ss_statistic {
	int64_t site;
	const char *point, *factor;
	const char *averaging; /* "hour" "day" */
	bool converted;        /* at reference oxygen */
	int64_t start_us, end_us;
	double value;     /* in `unit` */
	const char *unit; /* "" = the factor's own */
	bool valid;
	uint64_t seq;     /* of the entry that made it so */
	int64_t known_us; /* its arrival */
};
int ss_rules_judge_statistic(struct ss_rules *r, const struct ss_statistic *x,
			     struct ss_error *err);

/* A span in which bad marks (device faults) of the outlet are explained: an accepted mark. factor
 * "" = all. Withdraws what it covers; on = false takes the excuse back. by: id of the mark. */
struct ss_excuse {
	int64_t site;
	const char *point, *factor, *by;
	int64_t from_us, to_us;
	bool on;
};
int ss_rules_excuse(struct ss_rules *r, const struct ss_excuse *x, struct ss_error *err);

/* --- limits: any thread --------------------------------------------------------------------- */

struct ss_rules_limit {
	double low, high; /* both inclusive; NAN = none; in the unit of the series */
	const char *unit, *standard, *clause, *permit, *source; /* source: "permit" "law" */
	int64_t from_day, to_day; /* inclusive; open ends INT64_MIN/MAX */
};
/* The limit of an outlet and factor on a day; the texts live in a. SS_ENOTFOUND: none. */
int ss_rules_limit(struct ss_rules *r, int64_t site, const char *point, const char *factor,
		   const char *averaging, bool converted, int64_t day, struct ss_arena *a,
		   struct ss_rules_limit *ret);
