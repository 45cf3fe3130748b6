/* Between the files of the city only. */
#pragma once

#include "city/city.h"

/* How a factor behaves: base level with a spread between sites, a daily swing, weather, noise. */
enum ss_city_drive {
	DRIVE_FREE,
	DRIVE_AIR_EPISODE,
	DRIVE_OZONE,
	DRIVE_TEMPERATURE,
	DRIVE_TRAFFIC,
	DRIVE_WARM_WATER,
	DRIVE_RAIN,
	DRIVE_PLANT, /* see plant.c */
};

struct ss_city_factor {
	const char *code, *old; /* 2017 and 2005 code */
	int decimals;
	enum ss_city_drive drive;
	double base, spread; /* level and +- share between sites */
	double swing;        /* daily swing as a share */
	double peak_hour;    /* of the swing */
	double noise;        /* share */
	double least, most;  /* range */
	bool converted;      /* also Zs (reference oxygen) */
	bool total;          /* also -Cou in hour and day records */
};
/* Channels of an outlet, in the order of its factors in models.c. */
enum ss_water_channel {
	W_FLOW,
	W_PH,
	W_COD,
	W_NH3,
	W_TP,
	W_TN,
	W_TEMP,
	W_COND,
	W_IN,
	W_PROD,
	W_TREAT,
	W_CHEM,
	W_COUNT_,
};
enum ss_gas_channel {
	G_FLOW,
	G_PM,
	G_SO2,
	G_NOX,
	G_O2,
	G_VEL,
	G_TEMP,
	G_PRES,
	G_HUM,
	G_PROD,
	G_TREAT,
	G_CHEM,
	G_COUNT_,
};
enum { W_FIRST = W_COD, W_POLLUTANTS = 4, G_FIRST = G_PM, G_POLLUTANTS = 3 };

struct ss_city_plant {
	bool gas;
	double prod_kw, treat_kw, flow, level[4], limit[4];
	double cond, warm, tank_us; /* water */
	double o2, stack, ref_o2;   /* gas */
	double rain;                /* share of rain water in the drains */
	int64_t cycle_us;           /* of the analyser */
	int visit_weekday, visit_hour, check_hour;
	int maintainer, technician;
	bool by_day; /* no night shift */
	uint64_t key;
};
int ss_city_plants_make(struct ss_city *c);
struct ss_city_sample {
	double v[SS_CITY_FACTORS_MAX];
	char mark, process_mark; /* of the analyser; of meters and probes */
};
/* Everything an outlet shows at a time, cheats and faults in it, not rounded. */
void ss_city_outlet(const struct ss_city *c, int device, int64_t t_us, struct ss_city_sample *ret);
/* The same without cheats, faults and traps: what the plant would show. */
void ss_city_honest(const struct ss_city *c, int device, int64_t t_us, struct ss_city_sample *ret);
/* The plot that is under way at that time, or NULL. */
const struct ss_city_plot *ss_city_plot_at(const struct ss_city *c, int device, int64_t t_us);
/* plots.c: what a plot does to the plant itself, to what the instrument shows, to an hour record.
 */
void ss_plot_process(const struct ss_city *c, int device, const struct ss_city_plot *p,
		     int64_t t_us, struct ss_city_sample *s);
void ss_plot_reading(const struct ss_city *c, int device, const struct ss_city_plot *p,
		     int64_t t_us, struct ss_city_sample *s);
void ss_plot_hour(const struct ss_city *c, int device, int64_t from_us, struct ss_city_spread *all);
double ss_city_white(uint64_t key, int64_t t_us, int64_t step_us); /* new each step, deviation 1 */

const char *ss_city_kind_st(enum ss_city_kind k);
const struct ss_city_factor *ss_city_factors(enum ss_city_kind k, size_t *ret_n);

/* Hashes of the seed: the same on every machine. */
static inline uint64_t ss_mix(uint64_t x)
{
	x += UINT64_C(0x9E3779B97F4A7C15);
	x = (x ^ (x >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
	x = (x ^ (x >> 27)) * UINT64_C(0x94D049BB133111EB);
	return x ^ (x >> 31);
}
static inline uint64_t ss_mix3(uint64_t a, uint64_t b, uint64_t c)
{
	return ss_mix(ss_mix(ss_mix(a) ^ b) ^ c);
}
static inline double ss_unit(uint64_t h) /* [0, 1) */
{
	return (double)(h >> 11) * 0x1p-53;
}
/* Smooth noise about 0 with deviation about 1, knots every `step_s` seconds. */
double ss_city_noise(uint64_t key, int64_t t_us, double step_s);
/* Production load of an outlet, 0 stopped .. 1 full; weather of the whole city. */
double ss_city_load(const struct ss_city *c, int site, int64_t t_us);
double ss_city_temperature(const struct ss_city *c, int64_t t_us);
double ss_city_rain(const struct ss_city *c, int64_t t_us); /* mm an hour */

/* Outlines of the districts, parsed once. */
struct ss_city_outline {
	struct ss_str code, name;
	double lon, lat;    /* of the label */
	const double *ring; /* lon, lat pairs */
	int points;
};
const struct ss_city_outline *ss_city_outlines(size_t *ret_n);
bool ss_city_inside(const struct ss_city_outline *o, double lon, double lat);
