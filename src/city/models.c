/* Weather, production and the level of each factor. Not science: plausible, smooth, repeatable. */
#include "city/city_internal.h"

#include <math.h>

static const struct ss_city_factor air[] = {
    {"a34004", NULL, 0, DRIVE_AIR_EPISODE, 34, 0.2, 0.18, 8, 0.25, 2, 400, false, false},
    {"a34002", "PM10", 0, DRIVE_AIR_EPISODE, 58, 0.2, 0.18, 9, 0.25, 4, 600, false, false},
    {"a05024", "O3", 0, DRIVE_OZONE, 78, 0.15, 0.75, 15, 0.18, 2, 350, false, false},
    {"a21004", NULL, 0, DRIVE_TRAFFIC, 32, 0.3, 0.35, 8, 0.25, 2, 200, false, false},
    {"a21026", "02", 0, DRIVE_FREE, 7, 0.3, 0.2, 11, 0.2, 1, 150, false, false},
    {"a21005", "04", 1, DRIVE_AIR_EPISODE, 0.7, 0.2, 0.2, 8, 0.2, 0.1, 10, false, false},
    {"a01001", NULL, 1, DRIVE_TEMPERATURE, 0, 0.6, 0, 15, 0.02, -15, 42, false, false},
    {"a01002", NULL, 0, DRIVE_FREE, 68, 0.05, 0.2, 5, 0.1, 12, 100, false, false},
    {"a01006", NULL, 2, DRIVE_FREE, 101.6, 0.001, 0.002, 10, 0.003, 97, 105, false, false},
    {"a01007", NULL, 1, DRIVE_FREE, 2.4, 0.3, 0.3, 14, 0.4, 0, 28, false, false},
    {"a01008", NULL, 0, DRIVE_FREE, 150, 0.2, 0.2, 12, 0.4, 0, 359, false, false},
    {"Rain", NULL, 1, DRIVE_RAIN, 0, 0, 0, 0, 0, 0, 200, false, false}, /* mm/h; no code */
};
static const struct ss_city_factor water[] = {
    {"w01001", "001", 2, DRIVE_FREE, 7.7, 0.04, 0.01, 15, 0.01, 5, 10, false, false},
    {"w01010", NULL, 1, DRIVE_WARM_WATER, 0, 0.4, 0, 16, 0.01, 0, 36, false, false},
    {"w01009", NULL, 2, DRIVE_FREE, 8.1, 0.15, 0.08, 15, 0.06, 0.5, 16, false, false},
    {"w01014", NULL, 1, DRIVE_FREE, 365, 0.25, 0.02, 12, 0.05, 50, 3000, false, false},
    {"w01003", NULL, 1, DRIVE_FREE, 28, 0.5, 0.05, 12, 0.3, 0.5, 800, false, false},
    {"w01019", NULL, 2, DRIVE_FREE, 3.1, 0.35, 0.04, 10, 0.12, 0.4, 30, false, false},
    {"w21003", "060", 3, DRIVE_FREE, 0.28, 0.6, 0.1, 7, 0.3, 0.01, 12, false, false},
    {"w21011", "101", 3, DRIVE_FREE, 0.11, 0.45, 0.05, 9, 0.2, 0.005, 2, false, false},
    {"w21001", NULL, 2, DRIVE_FREE, 1.9, 0.35, 0.04, 9, 0.12, 0.1, 20, false, false},
};
/* Intakes are cleaner than sections, and now and then ammonia comes close to class III. */
static const struct ss_city_factor drinking[] = {
    {"w01001", "001", 2, DRIVE_FREE, 7.8, 0.03, 0.01, 15, 0.008, 6.5, 8.8, false, false},
    {"w01010", NULL, 1, DRIVE_WARM_WATER, 0, 0.4, 0, 16, 0.01, 0, 34, false, false},
    {"w01009", NULL, 2, DRIVE_FREE, 8.4, 0.1, 0.06, 15, 0.04, 3, 15, false, false},
    {"w01014", NULL, 1, DRIVE_FREE, 310, 0.2, 0.02, 12, 0.04, 100, 900, false, false},
    {"w01003", NULL, 1, DRIVE_FREE, 14, 0.4, 0.05, 12, 0.25, 0.5, 300, false, false},
    {"w01019", NULL, 2, DRIVE_FREE, 1.9, 0.2, 0.03, 10, 0.08, 0.4, 12, false, false},
    {"w21003", "060", 3, DRIVE_FREE, 0.09, 0.5, 0.1, 7, 0.3, 0.01, 3, false, false},
    {"w21011", "101", 3, DRIVE_FREE, 0.05, 0.3, 0.05, 9, 0.15, 0.005, 0.6, false, false},
};
/* Drains of fields and villages: nutrients follow the season of farming. */
static const struct ss_city_factor rural[] = {
    {"w01001", "001", 2, DRIVE_FREE, 7.5, 0.05, 0.01, 15, 0.015, 5.5, 9.5, false, false},
    {"w01010", NULL, 1, DRIVE_WARM_WATER, 0, 0.6, 0, 16, 0.01, 0, 36, false, false},
    {"w01009", NULL, 2, DRIVE_FREE, 6.4, 0.2, 0.15, 15, 0.1, 0.5, 15, false, false},
    {"w01019", NULL, 2, DRIVE_FREE, 4.8, 0.35, 0.04, 10, 0.15, 0.6, 30, false, false},
    {"w21003", "060", 3, DRIVE_FREE, 0.6, 0.6, 0.1, 7, 0.35, 0.02, 15, false, false},
    {"w21011", "101", 3, DRIVE_FREE, 0.16, 0.45, 0.05, 9, 0.25, 0.01, 3, false, false},
    {"w21001", NULL, 2, DRIVE_FREE, 2.8, 0.35, 0.04, 9, 0.15, 0.2, 25, false, false},
};
static const struct ss_city_factor roadside[] = {
    {"a34004", NULL, 0, DRIVE_AIR_EPISODE, 38, 0.2, 0.22, 8, 0.25, 2, 400, false, false},
    {"a34002", "PM10", 0, DRIVE_AIR_EPISODE, 69, 0.2, 0.22, 9, 0.25, 4, 600, false, false},
    {"a05024", "O3", 0, DRIVE_OZONE, 62, 0.15, 0.75, 15, 0.18, 2, 300, false, false},
    {"a21004", NULL, 0, DRIVE_TRAFFIC, 52, 0.3, 0.4, 8, 0.2, 3, 300, false, false},
    {"a21026", "02", 0, DRIVE_FREE, 8, 0.3, 0.2, 11, 0.2, 1, 150, false, false},
    {"a21005", "04", 1, DRIVE_TRAFFIC, 1.0, 0.2, 0.3, 8, 0.2, 0.1, 12, false, false},
    {"VehFlow", NULL, 0, DRIVE_TRAFFIC, 1500, 0.4, 0.5, 9, 0.08, 0, 9000, false, false},
};
/* Outlets: the values come of plant.c; here are codes, decimals and ranges only. Process
 * factors are those of HJ 212-2017 (inflow, blower, dosing; slurry pumps); the power of production
 * has no code there and goes by a plain name. */
#define OUTLET(code, old, decimals, least, most, converted, total)                                 \
	{                                                                                          \
		code, old, decimals, DRIVE_PLANT, 0, 0, 0, 0, 0, least, most, converted, total     \
	}
static const struct ss_city_factor source_water[] = {
    OUTLET("w00000", "B01", 2, 0, 2000, false, true),
    OUTLET("w01001", "001", 2, 0, 14, false, false),
    OUTLET("w01018", "011", 1, 1, 800, false, true),
    OUTLET("w21003", "060", 2, 0.02, 100, false, true),
    OUTLET("w21011", "101", 3, 0.01, 10, false, true),
    OUTLET("w21001", "065", 2, 0.05, 150, false, true),
    OUTLET("w01010", NULL, 1, 0, 60, false, false),
    OUTLET("w01014", NULL, 0, 0, 20000, false, false),
    OUTLET("e10101", NULL, 2, 0, 3000, false, false),
    OUTLET("PrdPower", NULL, 1, 0, 20000, false, false),
    OUTLET("e30201", NULL, 1, 0, 3000, false, false),
    OUTLET("e31301", NULL, 2, 0, 500, false, false),
};
static const struct ss_city_factor source_air[] = {
    OUTLET("a00000", "B02", 2, 0, 500, false, true),
    OUTLET("a34013", "01", 2, 0, 100, true, true),
    OUTLET("a21026", "02", 2, 0, 1000, true, true),
    OUTLET("a21002", "03", 2, 0, 1200, true, true),
    OUTLET("a19001", "S01", 2, 0, 25, false, false),
    OUTLET("a01011", "S02", 2, 0, 40, false, false),
    OUTLET("a01012", "S03", 1, 0, 300, false, false),
    OUTLET("a01013", "S08", 3, -5, 5, false, false),
    OUTLET("a01014", "S05", 2, 0, 40, false, false),
    OUTLET("PrdPower", NULL, 1, 0, 20000, false, false),
    OUTLET("g10401", NULL, 1, 0, 3000, false, false),
    OUTLET("g11001", NULL, 2, 0, 500, false, false),
};
static const struct ss_city_factor noise_point[] = {
    {"Leq", NULL, 1, DRIVE_TRAFFIC, 55, 0.01, 0.1, 14, 0.008, 30, 95, false, false},
    {"L10", NULL, 1, DRIVE_TRAFFIC, 58, 0.01, 0.1, 14, 0.008, 32, 99, false, false},
    {"L50", NULL, 1, DRIVE_TRAFFIC, 52, 0.01, 0.1, 14, 0.008, 30, 90, false, false},
    {"L90", NULL, 1, DRIVE_TRAFFIC, 46, 0.01, 0.1, 14, 0.008, 28, 85, false, false},
};
static const struct ss_city_factor dust[] = {
    {"a34001", "TSP", 0, DRIVE_TRAFFIC, 118, 0.4, 0.3, 15, 0.35, 8, 2000, false, false},
    {"a34002", "PM10", 0, DRIVE_AIR_EPISODE, 66, 0.3, 0.25, 15, 0.3, 4, 900, false, false},
    {"a34004", "PM25", 0, DRIVE_AIR_EPISODE, 37, 0.2, 0.15, 9, 0.25, 2, 500, false, false},
    {"LA", NULL, 1, DRIVE_TRAFFIC, 60, 0.1, 0.12, 14, 0.05, 30, 110, false, false},
    {"a01001", "TEM", 1, DRIVE_TEMPERATURE, 0, 0.8, 0, 15, 0.02, -15, 44, false, false},
    {"a01002", "RH", 0, DRIVE_FREE, 66, 0.06, 0.2, 5, 0.1, 10, 100, false, false},
    {"a01007", "WS", 1, DRIVE_FREE, 1.9, 0.3, 0.3, 14, 0.4, 0, 25, false, false},
};

const struct ss_city_factor *ss_city_factors(enum ss_city_kind k, size_t *ret_n)
{
#define LIST(a) (*ret_n = SS_ARRAY_LEN(a), (a))
	switch (k) {
	case SS_CITY_AIR:
		return LIST(air);
	case SS_CITY_WATER:
		return LIST(water);
	case SS_CITY_SOURCE_WATER:
		return LIST(source_water);
	case SS_CITY_SOURCE_AIR:
		return LIST(source_air);
	case SS_CITY_NOISE:
		return LIST(noise_point);
	case SS_CITY_DRINKING:
		return LIST(drinking);
	case SS_CITY_RURAL:
		return LIST(rural);
	case SS_CITY_ROADSIDE:
		return LIST(roadside);
	default:
		return LIST(dust);
	}
#undef LIST
}

static double knot(uint64_t key, int64_t i)
{
	uint64_t h = ss_mix3(key, (uint64_t)i, 7);

	/* Sum of four uniforms, scaled to deviation 1: near enough to a bell. */
	return ((double)(h & 0xffff) + (double)((h >> 16) & 0xffff) + (double)((h >> 32) & 0xffff) +
		(double)(h >> 48) - 2 * 65535.0) /
	       65535.0 * 1.7320508;
}

static double layer(uint64_t key, double t_s, double step_s)
{
	double x = t_s / step_s;
	double i = floor(x);
	double f = x - i;
	double w = f * f * (3 - 2 * f);

	return knot(key, (int64_t)i) * (1 - w) + knot(key, (int64_t)i + 1) * w;
}

double ss_city_noise(uint64_t key, int64_t t_us, double step_s)
{
	double t = (double)t_us / 1e6;

	return 0.75 * layer(key, t, step_s) + 0.45 * layer(key + 1, t, step_s / 7) +
	       0.25 * layer(key + 2, t, step_s / 60);
}

static double hour_of_day(int64_t t_us)
{
	int64_t in_day = t_us - ss_day_start(ss_day_of(t_us));

	return (double)in_day / (double)SS_US_PER_HOUR;
}

double ss_city_temperature(const struct ss_city *c, int64_t t_us)
{
	double year = (double)(ss_day_of(t_us) % 365) / 365.0; /* 0 = 1 January, near enough */
	double season = 16.2 - 12.4 * cos(2 * M_PI * (year - 0.055));
	double day = 3.9 * cos(2 * M_PI * (hour_of_day(t_us) - 15) / 24);

	return season + day + 3 * ss_city_noise(ss_mix(c->seed ^ 0x7e), t_us, 2.5 * 86400);
}

double ss_city_rain(const struct ss_city *c, int64_t t_us)
{
	double w = ss_city_noise(ss_mix(c->seed ^ 0x4a), t_us, 1.6 * 86400) - 1.1;

	return w > 0 ? 6 * w : 0;
}

void ss_city_weather(const struct ss_city *c, int64_t t_us, double *ret_air, double *ret_rain)
{
	*ret_air = ss_city_temperature(c, t_us);
	*ret_rain = ss_city_rain(c, t_us);
}

/* Shops run round the clock, two shifts, or days only; each stops for a few days now and then. */
double ss_city_load(const struct ss_city *c, int site, int64_t t_us)
{
	uint64_t key = ss_mix3(c->seed, 0x10ad, (uint64_t)site);
	int pattern = (int)(key % 10);
	double h = hour_of_day(t_us);
	double load = 0.82 + 0.12 * ss_city_noise(key, t_us, 6 * 3600);

	if (ss_unit(ss_mix3(key, 0x57, (uint64_t)(ss_day_of(t_us) / 4))) < 0.04)
		return 0; /* stopped for these four days */
	if (pattern < 2 && (h < 7.5 || h > 18))
		return 0;
	if (pattern >= 2 && pattern < 5 && (h < 6 || h > 22.5))
		return 0;
	return fmin(1, fmax(0.25, load));
}

static double season_episode(const struct ss_city *c, int64_t t_us)
{
	double year = (double)(ss_day_of(t_us) % 365) / 365.0;
	double winter = 1 + 0.35 * cos(2 * M_PI * (year - 0.02));
	double episode = exp(0.5 * ss_city_noise(ss_mix(c->seed ^ 0xe9), t_us, 3.2 * 86400));

	return winter * episode / (1 + 0.15 * ss_city_rain(c, t_us));
}

static double driven(const struct ss_city *c, const struct ss_city_factor *f, double level,
		     int64_t t_us)
{
	double h = hour_of_day(t_us);
	double year = (double)(ss_day_of(t_us) % 365) / 365.0;
	double swing = 1 + f->swing * cos(2 * M_PI * (h - f->peak_hour) / 24);

	switch (f->drive) {
	case DRIVE_AIR_EPISODE:
		return level * swing * season_episode(c, t_us);
	case DRIVE_OZONE:
		return level * swing * (1 - 0.45 * cos(2 * M_PI * (year - 0.04)));
	case DRIVE_TRAFFIC:
		return level * (swing + 0.5 * f->swing * cos(4 * M_PI * (h - 8) / 24));
	default:
		return level * swing;
	}
}

static double level_of(const struct ss_city *c, const struct ss_city_factor *f, uint64_t key,
		       int64_t t_us)
{
	double place = 2 * ss_unit(key) - 1;
	double n = ss_city_noise(key, t_us, 5 * 3600);

	if (f->drive == DRIVE_TEMPERATURE)
		return ss_city_temperature(c, t_us) + f->spread * place + 0.3 * n;
	if (f->drive == DRIVE_RAIN)
		return ss_city_rain(c, t_us);
	if (f->drive == DRIVE_WARM_WATER)
		return fmax(2, 0.8 * ss_city_temperature(c, t_us) + 4 + 1.5 * place) + 0.2 * n;
	return driven(c, f, f->base * (1 + f->spread * place), t_us) * exp(f->noise * n);
}

static char mark_of(uint64_t key, int64_t t_us)
{
	uint64_t day = ss_mix3(key, 0xf1a6, (uint64_t)ss_day_of(t_us));
	double h = hour_of_day(t_us);
	double at = 24 * ss_unit(ss_mix(day));

	if (ss_unit(day) < 0.25 && h >= at && h < at + 0.35)
		return (day >> 7) % 5 == 0 ? 'M' : 'C';
	if (ss_unit(ss_mix(day ^ 3)) < 0.02 && h >= at && h < at + 1.5)
		return 'D';
	return 'N';
}

static double station_value(const struct ss_city *c, int device, const struct ss_city_factor *f,
			    int64_t t_us, char *ret_mark)
{
	uint64_t name = ss_str_hash(ss_str_of(f->code));
	uint64_t key = ss_mix3(c->seed, (uint64_t)device + 1, name);
	char mark = mark_of(ss_mix3(c->seed, 0xde, (uint64_t)device), t_us);

	*ret_mark = mark;
	if (mark == 'C')
		return f->base * 1.5; /* span gas or standard solution */
	return mark == 'D' ? 0 : level_of(c, f, key, t_us);
}

/* Meters of flow, power and heat go on while the analyser is calibrated; a stop is everybody's. */
static bool is_analysed(const struct ss_city_plant *p, size_t i)
{
	return p->gas ? (i >= G_FIRST && i <= G_O2) : (i >= W_FIRST && i < W_FIRST + W_POLLUTANTS);
}

size_t ss_city_values(const struct ss_city *c, int device, int64_t t_us,
		      double v[SS_CITY_FACTORS_MAX], char mark[SS_CITY_FACTORS_MAX])
{
	const struct ss_city_plant *p = &c->plants[device];
	bool outlet = ss_city_is_outlet(c, device);
	struct ss_city_sample s;
	size_t n;
	const struct ss_city_factor *f =
	    ss_city_factors(c->sites[c->devices[device].site].kind, &n);

	if (outlet)
		ss_city_outlet(c, device, t_us, &s);
	for (size_t i = 0; i < n; i++) {
		double unit = pow(10, f[i].decimals);
		double x;

		if (outlet) {
			x = s.v[i];
			mark[i] = is_analysed(p, i) ? s.mark : s.process_mark;
		} else {
			x = station_value(c, device, &f[i], t_us, &mark[i]);
		}
		if (x > f[i].most && outlet && mark[i] == 'N')
			mark[i] = 'T';
		x = fmin(f[i].most, fmax(f[i].least, x));
		v[i] = round(x * unit) / unit;
	}
	return n;
}

static int samples_of(int64_t span_us)
{
	return span_us > SS_US_PER_HOUR ? 24 : span_us == SS_US_PER_HOUR ? 6 : 1;
}

static size_t period(const struct ss_city *c, int device, int64_t from_us, int64_t span_us,
		     struct ss_city_spread ret[SS_CITY_FACTORS_MAX],
		     double ten[6][SS_CITY_FACTORS_MAX])
{
	int samples = samples_of(span_us), normal[SS_CITY_FACTORS_MAX] = {0};
	double v[SS_CITY_FACTORS_MAX];
	char mark[SS_CITY_FACTORS_MAX];
	size_t n = 0;

	for (size_t i = 0; i < SS_CITY_FACTORS_MAX; i++)
		ret[i] = (struct ss_city_spread){0, INFINITY, -INFINITY, 'N'};
	for (int k = 0; k < samples; k++) {
		n = ss_city_values(c, device, from_us + span_us * k / samples, v, mark);
		if (ten)
			memcpy(ten[k], v, sizeof(v));
		for (size_t i = 0; i < n; i++) {
			if (mark[i] != 'N')
				ret[i].mark = mark[i];
			normal[i] += mark[i] == 'N';
			ret[i].mean += v[i] / samples;
			ret[i].min = fmin(ret[i].min, v[i]);
			ret[i].max = fmax(ret[i].max, v[i]);
		}
	}
	for (size_t i = 0; i < n; i++) /* 75 % normal elements make the period normal */
		if (normal[i] * 4 >= samples * 3)
			ret[i].mark = 'N';
	if (span_us == SS_US_PER_HOUR && c->plots)
		ss_plot_hour(c, device, from_us, ret);
	return n;
}

size_t ss_city_period(const struct ss_city *c, int device, int64_t from_us, int64_t span_us,
		      struct ss_city_spread ret[SS_CITY_FACTORS_MAX])
{
	return period(c, device, from_us, span_us, ret, NULL);
}

size_t ss_city_hour(const struct ss_city *c, int device, int64_t from_us,
		    struct ss_city_spread ret[SS_CITY_FACTORS_MAX],
		    double ret_ten[6][SS_CITY_FACTORS_MAX])
{
	return period(c, device, from_us, SS_US_PER_HOUR, ret, ret_ten);
}
