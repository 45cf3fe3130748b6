/* Between the detectors only. */
#pragma once

#include "reason/detect/detect.h"

#define FEATURES 10
#define BASE_DAYS 60

struct model {        /* of one channel, by robust regression on its own past */
	bool ok;      /* enough days to learn from */
	bool telling; /* and it explains enough (model_r2) */
	double coef[FEATURES], least[FEATURES], most[FEATURES];
	double sd_hour, sd_day, r2;
	double swell; /* errors ahead against errors in the base */
};

/* What detectors know of the base; it stands until the model is learnt again. NAN = not yet. */
struct base_facts {
	double still_run, short_treatment, low_memory[2], usual_memory[2], least_spread,
	    usual_spread;
	double night_usual, night_sd, pulse, impossible, diluted, low_oxygen;
	double match, alone_sd[4], rise_sd[4], pile[4], block[2], gaps, marks, before_mean,
	    before_sd;
};

struct ss_watch {
	const struct ss_detect_data *d;
	const struct ss_detect_params *p;
	struct ss_arena arena;
	int cap;                   /* hours that the arrays hold */
	double (*x)[FEATURES];     /* features of an hour; x[h][0] NAN = not known */
	double *res[SS_CH_COUNT_]; /* hour minus expected, in logarithms where there is a log */
	uint8_t *run, *claimed, *fail;
	int known;                  /* hours whose features and residuals stand */
	double even[3];             /* evened meters up to there */
	int idle, settle;           /* hours without work, hours still to settle */
	double scale[SS_CH_COUNT_]; /* usual level of production and chemicals */
	struct model m[SS_CH_COUNT_];
	struct base_facts *base;
	int64_t fitted_day;
	int64_t day;            /* being looked at */
	int end;                /* hours up to the end of that day */
	int base_from, base_to; /* hours learnt from */
	int n;                  /* pollutants of the medium that the outlet has */
};

/* watch.c */
bool w_is_log(int channel);
double w_sum_sd(double *v, int n); /* robust deviation (MAD) about the median; sorts v */
double w_median(double *v, int n); /* sorts v */
double w_logistic(double x, double half, double width);
/* Value counts: number, marked normal, plant runs, no failure has it. */
bool w_good(const struct ss_watch *w, int channel, int h);
bool w_has(const struct ss_watch *w, int channel);
bool w_rain(const struct ss_watch *w, int h);
/* Mean residual over the good hours of [from, to); returns how many there were. */
int w_mean_res(const struct ss_watch *w, int channel, int from, int to, double *ret);
/* Greatest fall of the mean residual over the last 3, 5 or 7 days, as multiples of what the means
 * of so many days have shown before; positive z = a fall. ret_step in the unit of the residual. */
double w_fall(const struct ss_watch *w, int channel, double *ret_step, int *ret_days);
/* Something on record between the days: a visit with a parameter or check, or such a note. */
bool w_filed(const struct ss_watch *w, int days, const char *note);
int64_t w_time(const struct ss_watch *w, int h);

/* model.c */
void w_learn(struct ss_watch *w);
/* fails.c */
void w_failures(struct ss_watch *w, struct ss_detect_day *ret);

/* spells.c: stretches without a normal value in the last days, and how high it stood before. */
struct spell {
	int from, to;  /* hours */
	double before; /* how far above the usual the last good values stood, in deviations */
};
/* gaps: hours with nothing at all; else hours that are marked while meters go on. Planned ones (the
 * same hour of the week as before) are left out. */
int w_spells(const struct ss_watch *w, bool gaps, int days, struct spell *ret, int max);
/* How far the `before` of n spells lie above chance, in deviations. */
double w_spell_z(const struct ss_watch *w, const struct spell *s, int n);
/* How many more spells than usual, in deviations, bounded; ret_all how many. */
double w_spell_excess(const struct ss_watch *w, bool gaps, int days, double *ret_all);

typedef void detector_fn(const struct ss_watch *w, struct ss_detect_hit *h);
#define X(id, family, version, days, media, zh, en) detector_fn ss_detect_run_##id;
#include "reason/detect/detectors.def"
#undef X
