/* Suspicion with reasons, never guilt: detectors of the cheats D1 to D18 of the domain's page on
 * automatic monitoring (sections 5 and 19) and of plain failures. Pure functions over the hours of
 * one outlet; the same code runs in the line, in `shanshui detect bench` and in the tests.
 *
 * One day at a time: what would be normal is learnt from the outlet's own past by robust regression
 * on production, chemicals, hour, weekday, air temperature and rain, leaving out the last days;
 * each detector gives s in 0 .. 1; families combine in log-odds; a person confirms on site.
 * Parameters and weights are tables in src/reason/detect. Thread: one owner a watch; the tables are
 * static. */
#pragma once

#include "base/base.h"

/* --- what a detector sees ------------------------------------------------------------------- */

enum ss_detect_channel { /* roles.csv says which factor plays which part */
			 SS_CH_POLLUTANT,
			 SS_CH_FLOW = SS_CH_POLLUTANT + 4,
			 SS_CH_TEMPERATURE,
			 SS_CH_CONDUCTIVITY,
			 SS_CH_PH,
			 SS_CH_OXYGEN,
			 SS_CH_INFLOW,
			 SS_CH_PRODUCTION,
			 SS_CH_TREATMENT,
			 SS_CH_CHEMICALS,
			 SS_CH_COUNT_,
};
#define SS_CH_NONE (-1)
/* Channel of a factor code at an outlet of that medium; SS_CH_NONE when it plays no part. */
int ss_detect_channel(bool gas, struct ss_str factor);
const char *ss_detect_factor(bool gas, int channel);       /* its code; NULL when there is none */
const char *ss_detect_channel_name(bool gas, int channel); /* in Chinese */

enum ss_detect_event_kind { SS_EV_MARK, SS_EV_VISIT, SS_EV_CHECK, SS_EV_PARAMETER, SS_EV_NOTE };
struct ss_detect_event { /* in order of at_us: when it was put on record */
	enum ss_detect_event_kind kind;
	int64_t at_us, from_us, to_us;
	int channel;             /* SS_CH_NONE = all */
	char code[16];           /* mark; note: upgrade reuse shared newdevice */
	double set, read, bound; /* a check */
};
struct ss_detect_visit { /* of any outlet of the city, for who cannot be in two places */
	uint64_t who, outlet, photo; /* hashes; photo 0 = none */
	int64_t from_us, to_us;
	double lon, lat;
};

struct ss_detect_data { /* arrays are borrowed; hour i begins at start_us + i hours */
	bool gas;
	uint64_t outlet;
	int64_t start_us; /* a local midnight */
	int hours;
	double *value[SS_CH_COUNT_];   /* hour means, NAN = missing; NULL = no such channel */
	uint8_t *mark[SS_CH_COUNT_];   /* as sent, 'N' normal, 0 missing */
	double *ten[SS_CH_COUNT_];     /* six ten-minute means an hour; NULL = not kept */
	int8_t *revised[SS_CH_COUNT_]; /* -1 replaced by a lower value, 1 by a higher; or NULL */
	double limit[SS_CH_COUNT_];    /* NAN = none known */
	double *air, *rain;            /* C, mm/h; NAN or NULL = not known */
	int32_t *twin; /* another outlet with exactly these pollutants in that hour, -1 = none */
	int cycle_h;   /* of the analyser, 1 or more */
	const struct ss_detect_event *events;
	size_t event_count;
	const struct ss_detect_visit *visits; /* of the whole city, any order */
	size_t visit_count;
};

/* Cycle of the analyser as the data show it: how long values stand; 1 or 2 h, at least 1. */
int ss_detect_cycle(const struct ss_detect_data *d);

/* --- detectors ------------------------------------------------------------------------------ */

enum ss_detector {
#define X(id, family, version, days, media, zh, en) SS_DETECT_##id,
#include "reason/detect/detectors.def"
#undef X
	SS_DETECT_COUNT_,
};
enum ss_detect_family {
#define X(id, zh, en) SS_FAMILY_##id,
#include "reason/detect/families.def"
#undef X
	SS_FAMILY_COUNT_,
};
struct ss_detector_info {
	const char *id, *zh, *en;
	enum ss_detect_family family;
	int version, min_days;
	char media; /* W G B */
};
const struct ss_detector_info *ss_detector_info(enum ss_detector d);
const char *ss_detect_family_zh(enum ss_detect_family f);
const char *ss_detect_family_en(enum ss_detect_family f);

struct ss_detect_params {
#define X(name) double name;
#include "reason/detect/params.def"
#undef X
};
/* From src/reason/detect/params.csv. SS_EPARSE names the line. */
int ss_detect_load(struct ss_error *err);
const struct ss_detect_params *ss_detect_params(void);
void ss_detect_params_each(void (*fn)(void *, const char *name, double value, const char *unit,
				      const char *meaning),
			   void *arg);

enum ss_detect_why { SS_WHY_OK, SS_WHY_HISTORY, SS_WHY_NO_MODEL, SS_WHY_NO_DATA };
struct ss_detect_hit {
	double s;               /* 0 .. 1 */
	enum ss_detect_why why; /* other than OK: silent, s = 0 */
	int channel;            /* that shows it best */
	int64_t from_us, to_us; /* window of the chart */
	double num[4];          /* the numbers of the sentence, see words.c */
};

/* Failures of the honest kind. They claim hours, so that no cheat is seen in them. */
enum ss_failure {
	SS_FAIL_MISSING,
	SS_FAIL_CONSTANT,
	SS_FAIL_SPIKE,
	SS_FAIL_DRIFT,
	SS_FAIL_CLIPPED,
	SS_FAIL_PUMP,
	SS_FAIL_COUNT_,
};
const char *ss_failure_zh(enum ss_failure f);
struct ss_fail {
	enum ss_failure kind;
	int channel;
	int64_t from_us, to_us;
	bool explained; /* flagged by the device, or by a visit or mark on record */
};
/* The bare failure detectors on one series, any interval; for channels and for real data alike.
 * ret: bit 1 << kind for each value. sd: noise of the series, see ss_series_scale. */
void ss_fail_scan(const double *v, size_t n, const struct ss_detect_params *p, uint8_t *ret);

/* --- a watch over one outlet ----------------------------------------------------------------- */

#define SS_FAILS_MAX 64
struct ss_detect_day {
	int64_t day;
	int history_days;
	struct ss_detect_hit hit[SS_DETECT_COUNT_];
	double family[SS_FAMILY_COUNT_]; /* greatest s of each */
	double logit, raw, score;        /* calibrated score 0 .. 1 */
	struct ss_fail fails[SS_FAILS_MAX];
	int fail_count;
};
struct ss_watch;
/* Follows the outlet of `d` (borrowed, may grow until the next call). */
int ss_watch_new(const struct ss_detect_data *d, struct ss_watch **ret);
void ss_watch_free(struct ss_watch *w); /* NULL-safe */
/* What is to be thought at the end of local day `day` (the day is whole). `frozen`: a suspicion is
 * open, the model is not learnt again. Later data of the same outlet are not looked at. */
int ss_watch_day(struct ss_watch *w, int64_t day, bool frozen, struct ss_detect_day *ret);

/* --- from days to suspicions ------------------------------------------------------------------ */

struct ss_detect_weights { /* src/reason/detect/weights.csv */
	double prior, weight[SS_FAMILY_COUNT_];
	int knots; /* of the isotonic calibration: raw to score, steps */
	double raw[32], score[32];
	char seeds[64], version[24];
};
const struct ss_detect_weights *ss_detect_weights(void);
/* Log-odds of section 5: prior + sum over families of weight x logit(s). What a family does not see
 * (s <= 0.5) says nothing: it is no proof of honesty. */
double ss_detect_logit(const struct ss_detect_weights *w, const double family[SS_FAMILY_COUNT_]);
double ss_detect_calibrated(const struct ss_detect_weights *w, double raw);

struct ss_suspicion_state { /* of one outlet, carried from day to day; zeroed at first */
	bool open;
	int64_t opened_day, last_day;         /* last day above the bar */
	int high_days[SS_FAMILY_COUNT_];      /* days in a row above open_family */
	int64_t cool_until[SS_FAMILY_COUNT_]; /* by family after a suspicion was closed */
	double peak;
};
/* True when the day opens a suspicion. */
bool ss_suspicion_day(struct ss_suspicion_state *s, const struct ss_detect_day *d);
/* A person has decided, or it was closed otherwise. */
void ss_suspicion_close(struct ss_suspicion_state *s, const struct ss_detect_day *d);

struct ss_reason {
	enum ss_detector detector;
	double term; /* weight x logit */
};
/* The three largest terms, largest first; returns how many (0 .. 3). */
int ss_detect_reasons(const struct ss_detect_day *d, struct ss_reason ret[3]);
/* The sentence of a hit with its numbers, Chinese and English, appended. */
int ss_detect_sentence(const struct ss_detect_data *data, enum ss_detector d,
		       const struct ss_detect_hit *h, struct ss_buf *zh, struct ss_buf *en);
/* What an officer looks at on site for this detector (section 16), Chinese. */
const char *ss_detect_on_site(enum ss_detector d);
const char *ss_detect_on_site_en(enum ss_detector d);
const char *ss_detect_blind_en(enum ss_detector d);
/* What it cannot see, Chinese. */
const char *ss_detect_blind(enum ss_detector d);

/* What was reached on seeds apart from those of the fit; src/reason/detect/figures.csv, made by
 * `shanshui detect bench --figures`. kind "D1" ..: found within 7 days, of so many, by strength;
 * kind "all": named figures, `of` NAN. */
struct ss_detect_figure {
	char kind[8], strength[24];
	double value, of;
};
void ss_detect_figures(void (*fn)(void *, const struct ss_detect_figure *), void *arg);

/* Channels whose charts show it; returns how many (at most 4). */
int ss_detect_charts(const struct ss_detect_data *data, enum ss_detector d,
		     const struct ss_detect_hit *h, int ret[4]);
