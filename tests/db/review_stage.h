/* The review of data without a line: observations and acts are given to its deriver by hand, and
 * the clock is the test's own. */
#pragma once

#include "db/pg_fixture.h"
#include "reason/quality/quality.h"
#include "reason/review/review.h"
#include "record/findings/findings.h"
#include "record/journal/journal.h"
#include "record/registry/registry.h"
#include "record/series/series.h"

#define T0 INT64_C(1772294400000000) /* 2026-03-01 00:00 +08:00 */
#define HOUR SS_US_PER_HOUR
#define MIN SS_US_PER_MIN
#define DAY SS_US_PER_DAY

struct stage {
	char record_url[600], series_url[600], findings_url[600];
	char keys[300]; /* file of the devices' keys */
	struct ss_registry *registry;
	struct ss_series *series;
	struct ss_findings *findings;
	struct ss_review *review;
	const struct ss_deriver *deriver;
	uint64_t seq, ticket;
	int64_t site;
	char point[24];
	bool table; /* no device stands at the point */
	int acts;
};

/* Of each entry of the stage: when it came. */
#define STAGE_ENTRIES (1 << 18)
extern int64_t stage_arrived[STAGE_ENTRIES];

void stage_place(struct stage *s, struct db_env *env, const char *sub);
void stage_open(struct stage *s);
void stage_close(struct stage *s);
/* Site, outlet and a device of it; later calls of stage_* speak of that outlet. */
void stage_outlet(struct stage *s, enum ss_site_kind kind, const char *code, const char *point,
		  int32_t interval_s);
/* One observation, as an entry of its own that arrived then. */
void stage_obs(struct stage *s, int64_t arrived_us, const char *factor, const char *stat,
	       enum ss_period period, int64_t time_us, double value, uint8_t mark);
/* The same in its two halves: kept in the series, and told to the deriver. */
struct stage_told {
	struct ss_entry entry;
	struct ss_obs obs[2];
	struct ss_taken taken;
};
void stage_keep(struct stage *s, int64_t arrived_us, const char *factor, const char *stat,
		enum ss_period period, int64_t time_us, double value, uint8_t mark,
		struct stage_told *ret);
void stage_tell(struct stage *s, const struct stage_told *t);
/* A normal hour record (2061, Avg) that arrived in time. */
void stage_hour(struct stage *s, const char *factor, int64_t time_us, double value);
/* An act as a person does it; json texts of target members behind site and point, and of data.
 * Returns 0, or what validate says. */
int stage_act(struct stage *s, int64_t at_us, const char *act, const char *target, const char *data,
	      const char *reason, char ret_id[37]);
/* All is judged as of now, put, and durable. */
void stage_now(struct stage *s, int64_t now_us);

/* The row of the outlet; NULL when there is none or it is withdrawn. Lives until the next call. */
const struct ss_finding *stage_row(struct stage *s, const char *kind, const char *factor,
				   const char *sub, int64_t start_us);
double stage_value(struct stage *s, const char *kind, const char *factor, const char *sub,
		   int64_t start_us);
const char *stage_state(struct stage *s, const char *kind, const char *factor, const char *sub,
			int64_t start_us); /* "" when there is none */
/* A number of the body; NAN. name may be "hours.valid". */
double stage_number(struct stage *s, const char *kind, const char *factor, const char *sub,
		    int64_t start_us, const char *name);
bool stage_says(struct stage *s, const char *kind, const char *factor, int64_t start_us,
		enum ss_reason r);
void stage_digest(struct stage *s, char hex[65]);

#define assert_near(a, b, tol)                                                                     \
	do {                                                                                       \
		double a_ = (a), b_ = (b);                                                         \
		if (!(fabs(a_ - b_) <= (tol)))                                                     \
			fail_msg("%s: %.9g, expected %.9g", #a, a_, b_);                           \
	} while (0)
