/* The city: a seeded Nanjing of sites, devices, weather and production that speaks HJ 212.
 * It drives the demo, drills, tests and benches. Everything a device says is a pure function of
 * (seed, device, time): same seed, same bytes, whatever the network does. Thread: a made city is
 * read-only and may be used by any thread. */
#pragma once

#include "base/base.h"

struct ss_city_factor; /* process model of one factor; see models.c */

enum ss_city_kind {
#define X(name, key, st, share, zh) SS_CITY_##name,
#include "city/kinds.def"
#undef X
	SS_CITY_KIND_COUNT_,
};

/* What an outlet does beyond honest work; plots.def lists the kinds. */
enum ss_city_plot_class { SS_PLOT_HONEST, SS_PLOT_CHEAT, SS_PLOT_FAULT, SS_PLOT_TRAP };
enum ss_city_plot_kind {
	SS_PLOT_NONE,
#define X(name, code, class, media, zh, en) SS_PLOT_##name,
#include "city/plots.def"
#undef X
	SS_PLOT_KIND_COUNT_,
};
struct ss_city_plot {
	enum ss_city_plot_kind kind;
	int strength; /* 0 weak, 1 medium, 2 strong */
	int factor;   /* index into the factors of the device's kind, -1 = all pollutants */
	bool by_day;  /* the plant has no night shift */
	int peer;     /* device whose values are copied; -1 = none */
	int64_t from_us, to_us;
};
struct ss_city_plant; /* process and analyser of an outlet; plant.c */

struct ss_city_site {
	enum ss_city_kind kind;
	int district; /* index into outlines */
	char code[24];
	char name[96];
	double lon, lat;
};

/* What a device does besides reporting well; from the seed. */
enum ss_city_trait {
	SS_TRAIT_LATE = 1 << 0,    /* some records leave minutes after their time, as backfill */
	SS_TRAIT_DOUBLES = 1 << 1, /* sends some frames twice */
	SS_TRAIT_BAD_CRC = 1 << 2, /* now and then a frame with a wrong CRC, then the right one */
	SS_TRAIT_OUTAGES = 1 << 3, /* drops the line for 10 to 120 min a day, then backfills */
	SS_TRAIT_DRIFT = 1 << 4,   /* clock 7 min off */
	SS_TRAIT_UNREGISTERED = 1 << 5, /* not in the register: quarantine */
	SS_TRAIT_NOISE = 1 << 6,        /* line noise and DTU text between frames */
};

struct ss_city_device {
	int site;
	char point[12];  /* "DW001" ... or "" */
	char mn[48];     /* 14, 12 or 24 characters by edition */
	char edition[8]; /* "2005" "2017" "2025" */
	uint32_t traits;
	int interval_s; /* of live data */
	int phase_s;    /* when in the interval it reports */
	int drift_s;
};

struct ss_city {
	uint64_t seed;
	struct ss_city_site *sites;
	int site_count;
	struct ss_city_device *devices;
	int device_count;
	struct ss_city_plant *plants; /* by device; only outlets have one */
	struct ss_city_plot *plots;   /* by device; NULL = all are honest */
	struct ss_arena *arena;       /* borrowed; holds it all */
};

/* Makes a city with that many devices; live interval in seconds (60 when 0). Lives in a. */
int ss_city_make(struct ss_arena *a, uint64_t seed, int devices, int interval_s,
		 struct ss_city *ret);
/* Numbers of sites and devices begin behind `first` (0 as made), so that two cities can stand side
 * by side in one register. */
void ss_city_number(struct ss_city *c, int first);

const char *ss_city_kind_key(enum ss_city_kind k);
struct ss_str ss_city_district_code(int district);
struct ss_str ss_city_district_name(int district);

/* What device `d` has to say next at or after simulated time `after_us`. */
struct ss_city_event {
	int64_t send_us; /* when it leaves the device */
	int64_t data_us; /* DataTime */
	int cn;          /* 2011 2051 2061 2031 */
	bool backfill, twice, bad_crc;
	/* What commands have changed: seconds added to its clock, password, key; 0, NULL = the
	 * seed's own. */
	int clock_s;
	const char *pw;
	const uint8_t *key;
};
struct ss_city_script { /* one device's place in its own day; zeroed, then seek */
	int device;
	int64_t slot;                 /* live reports since the epoch */
	int step;                     /* what of this slot comes next */
	int64_t fill_us, fill_end_us; /* backlog of an outage still to be told; 0 = none */
};
void ss_city_seek(const struct ss_city *c, int device, int64_t from_us, struct ss_city_script *ret);
void ss_city_next(const struct ss_city *c, struct ss_city_script *s, struct ss_city_event *ret);

/* The frame of an event, whole with ## and CR LF, appended to out. */
int ss_city_frame(const struct ss_city *c, int device, const struct ss_city_event *e,
		  struct ss_buf *out);

/* Is the device's line down at that time (outage)? */
bool ss_city_down(const struct ss_city *c, int device, int64_t t_us);
/* What a device measures at a time: every factor of its kind in order, rounded to the factor's
 * decimals, each with its mark. At most SS_CITY_FACTORS_MAX. Returns how many. */
#define SS_CITY_FACTORS_MAX 16
size_t ss_city_values(const struct ss_city *c, int device, int64_t t_us,
		      double v[SS_CITY_FACTORS_MAX], char mark[SS_CITY_FACTORS_MAX]);
/* What it reports of a period of 10 min, an hour or a day. An hour's mean is the mean of its six
 * ten-minute means, unless somebody changed it in the logger. */
struct ss_city_spread {
	double mean, min, max;
	char mark;
};
size_t ss_city_period(const struct ss_city *c, int device, int64_t from_us, int64_t span_us,
		      struct ss_city_spread ret[SS_CITY_FACTORS_MAX]);
/* An hour with its six ten-minute means, got in one go. */
size_t ss_city_hour(const struct ss_city *c, int device, int64_t from_us,
		    struct ss_city_spread ret[SS_CITY_FACTORS_MAX],
		    double ret_ten[6][SS_CITY_FACTORS_MAX]);

/* --- outlets that cheat, fail, or only look as if ------------------------------------------- */

struct ss_city_plot_ask {
	int64_t month_us;          /* plots begin from here on and last 8 days or more */
	int64_t spread_us;         /* within this time; 0 = 21 days */
	int outlets;               /* the first so many outlets take part; 0 = all */
	int cheats, faults, traps; /* how many of them; negative = 8 %, 10 % and 5 % */
};
/* Gives out the plots by the seed; call it before the city is used. Lives in the city's arena. */
int ss_city_plot(struct ss_city *c, const struct ss_city_plot_ask *ask);
const char *ss_city_plot_code(enum ss_city_plot_kind k);
const char *ss_city_plot_zh(enum ss_city_plot_kind k);
enum ss_city_plot_class ss_city_plot_class(enum ss_city_plot_kind k);
bool ss_city_is_outlet(const struct ss_city *c, int device);
/* Silent without a later back-fill: cut off by its owner or by a bad line. */
bool ss_city_dark(const struct ss_city *c, int device, int64_t t_us);
/* The ground truth: one JSON line an outlet with a plot: outlet, mn, point, class, kind, factor,
 * from, to, strength. */
int ss_city_truth(const struct ss_city *c, struct ss_buf *out);

/* What people of the plant and its maintainer put on record in [from, to), in order of time. */
enum ss_city_act_kind {
	SS_CITY_ACT_MARK,        /* a mark filed: code, from, to */
	SS_CITY_ACT_VISIT,       /* a visit of the maintainer: who, from, to */
	SS_CITY_ACT_CALIBRATION, /* a check: set, read, bound */
	SS_CITY_ACT_PARAMETER,   /* slope of the calibration curve as the device reports it */
	SS_CITY_ACT_NOTE,        /* a note filed with the permit: code */
};
struct ss_city_act {
	enum ss_city_act_kind kind;
	int device;
	int factor; /* index, -1 = all */
	int64_t at_us, from_us, to_us;
	char
	    code[12]; /* B02 ... of the mark; "upgrade", "reuse", "shared", "newdevice" of a note */
	char who[24]; /* technician */
	uint64_t photo; /* perceptual hash of the visit's photo; 0 = none */
	double set, read, bound;
};
/* Calls fn for each act of the device, in order of at_us. */
void ss_city_acts(const struct ss_city *c, int device, int64_t from_us, int64_t to_us,
		  void (*fn)(void *, const struct ss_city_act *), void *arg);
/* All acts of all outlets as the JSON lines that the platform takes as acts. */
int ss_city_acts_json(const struct ss_city *c, int64_t from_us, int64_t to_us, struct ss_buf *out);
/* Air temperature (C) and rain (mm/h) of the whole city. */
void ss_city_weather(const struct ss_city *c, int64_t t_us, double *ret_air, double *ret_rain);
/* Limit of the outlet's invented permit for a factor; NAN = none. */
double ss_city_permit(const struct ss_city *c, int device, size_t factor);

/* The register of the city as the CSV that `shanshui device import` takes. */
int ss_city_register(const struct ss_city *c, struct ss_buf *out);

/* What is wrong with each device and how it takes commands, as CSV: mn,edition,traits,manners
 * (words with blanks between, "" = honest in everything). The truth that conformance is held
 * against. */
int ss_city_manners(const struct ss_city *c, struct ss_buf *out);

/* Speaking over TCP. */
struct ss_city_run {
	const char *target;  /* "127.0.0.1:9212" */
	int64_t start_us;    /* simulated time at which live speaking starts */
	double speed;        /* simulated seconds a second; 1 = live */
	int64_t duration_us; /* real time to run; 0 = until *stop */
	int64_t history_us;  /* first report hours (2061) and minutes of this span before start */
	int64_t minutes_us;  /* of which minutes (2051) so far back; 0 = 12 hours */
	const char *ledger;  /* file: one line an acknowledged frame; NULL = none */
	const char *told;    /* file: written once all of the history is answered; NULL = none */
	int64_t resend_us;   /* unanswered for so long: sent again; 0 = 10 s */
	int window;          /* frames in flight a device; default 8 */
	const char *only;    /* MNs with commas between: the others are silent; NULL or "" = all */
	volatile bool *stop;
	bool quiet;
};
struct ss_city_result {
	int64_t sent, acked, resent, unacked, connects, lost_lines;
};
int ss_city_speak(const struct ss_city *c, const struct ss_city_run *r, struct ss_city_result *ret,
		  struct ss_error *err);
/* The same frames into a file, in order of leaving, for [start, start + span). */
int ss_city_dump(const struct ss_city *c, int64_t start_us, int64_t span_us, struct ss_buf *out,
		 int (*full)(void *, struct ss_buf *), void *arg);
