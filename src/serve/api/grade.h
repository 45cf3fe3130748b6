/* What the law says of a site's newest hour values: AQI, class of surface water, noise against the
 * limit of its zone. Provisional: no review of data has taken place. Thread: any. */
#pragma once

#include "base/base.h"
#include "base/json.h"

struct ss_law;
struct ss_registry;
struct ss_series;
struct ss_series_info;
struct ss_site;

enum ss_grade_kind { SS_GRADE_NONE, SS_GRADE_AQI, SS_GRADE_WATER_CLASS, SS_GRADE_NOISE };

#define SS_GRADE_PRIMARY_MAX 8
struct ss_grade {
	enum ss_grade_kind kind;
	double value;               /* AQI, class 1 to 6, dB; NAN = not enough to judge by */
	int level;                  /* AQI level 1 to 6, class 1 to 6, 0 */
	const char *text, *text_en; /* static */
	const char *primary[SS_GRADE_PRIMARY_MAX]; /* factors that decide it; static */
	size_t n_primary;
	char target[12];               /* class or zone it is held against, "" = none */
	int met;                       /* 1, 0, or -1 = cannot be said */
	double limit;                  /* of noise; NAN */
	const char *standard, *clause; /* static; NULL = no law holds */
	int64_t time_us;               /* of the newest value used */
};

/* By which law: the set (NULL = of now) and the day of it that holds. */
struct ss_grade_law {
	const struct ss_law *law;
	int64_t day; /* SS_ANY_DAY: the values' own; another one is a what-if */
};
extern const struct ss_grade_law ss_grade_own_day; /* the law of now, of the values' own day */
/* all: the series of the site. */
void ss_grade_of(const struct ss_grade_law *by, const struct ss_site *site,
		 const struct ss_series_info *all, size_t n, struct ss_grade *ret);
/* Object, or null for SS_GRADE_NONE. */
void ss_grade_put(struct ss_json *j, const struct ss_grade *g);
/* Reads the series of the site and judges. SS_ENOTFOUND: no such site. */
int ss_grade_site(const struct ss_registry *r, struct ss_series *st, int64_t site,
		  struct ss_grade *ret);
