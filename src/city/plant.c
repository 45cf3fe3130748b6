/* An outlet: production, its waste water or gas, treatment with power and chemicals, a tank that
 * evens out, and the instrument that looks at the end of it. All of it a pure function of the seed
 * and the time; the tank looks back at the load instead of keeping a state. */
#include "city/city_internal.h"

#include <math.h>
#include <pthread.h>

#include "base/csv.h"

#include "ss_city_industry_text.h" /* demo/nanjing/industries.csv */

#define INDUSTRIES 32
#define COLUMNS 25
enum column {
	COL_TRADE,
	COL_PROD,
	COL_TREAT,
	COL_FLOW,
	COL_WATER,
	COL_COND = COL_WATER + 4,
	COL_WARM,
	COL_TANK,
	COL_WATER_LIMIT,
	COL_GAS_FLOW = COL_WATER_LIMIT + 4,
	COL_GAS,
	COL_O2 = COL_GAS + 3,
	COL_STACK,
	COL_REF_O2,
	COL_GAS_LIMIT,
};

static struct {
	char trade[INDUSTRIES][32];
	double v[INDUSTRIES][COLUMNS];
	int n;
} table;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void read_table(void)
{
	struct ss_str text = ss_str_of(ss_city_industry_text), line;
	struct ss_csv csv;

	while (text.n && text.p[0] == '#')
		ss_str_split(&text, '\n', &line);
	ss_csv_init(&csv, ',', 4096, COLUMNS);
	ss_csv_feed(&csv, text, true);
	ss_assert(ss_csv_next(&csv) == 1); /* the header */
	while (ss_csv_next(&csv) == 1) {
		ss_assert(table.n < INDUSTRIES && csv.fields == COLUMNS);
		ss_str_copy(table.trade[table.n], sizeof(table.trade[0]), csv.field[0]);
		for (int i = 1; i < COLUMNS; i++)
			ss_assert(ss_parse_double(csv.field[i], &table.v[table.n][i]) == 0);
		table.n++;
	}
	ss_csv_done(&csv);
}

/* By the trade in the site's name, so that name and process belong together. */
static const double *industry_of(const char *name)
{
	for (int i = 0; i < table.n; i++)
		if (strstr(name, table.trade[i]))
			return table.v[i];
	return table.v[0];
}

static double around(uint64_t key, uint64_t what, double share)
{
	return exp(share * (2 * ss_unit(ss_mix3(key, 0x9a, what)) - 1));
}

static void make_plant(const struct ss_city *c, int device, struct ss_city_plant *p)
{
	const struct ss_city_site *s = &c->sites[c->devices[device].site];
	const double *v = industry_of(s->name);
	uint64_t key = ss_mix3(c->seed, 0x91a7, (uint64_t)device);

	*p = (struct ss_city_plant){
	    .gas = s->kind == SS_CITY_SOURCE_AIR,
	    .key = key,
	    .prod_kw = v[COL_PROD] * around(key, 1, 0.5),
	    .treat_kw = v[COL_TREAT] * around(key, 2, 0.3),
	    .cond = v[COL_COND] * around(key, 3, 0.25),
	    .warm = v[COL_WARM] * around(key, 4, 0.4),
	    .tank_us = v[COL_TANK] * around(key, 5, 0.4) * (double)SS_US_PER_HOUR,
	    .o2 = fmin(17.5, v[COL_O2] * around(key, 6, 0.08)),
	    .stack = v[COL_STACK] * around(key, 7, 0.15),
	    .ref_o2 = v[COL_REF_O2],
	    .rain = ss_unit(ss_mix(key ^ 8)) < 0.2 ? 0.02 + 0.05 * ss_unit(ss_mix(key ^ 9)) : 0,
	    .cycle_us = ss_mix(key ^ 10) % 3 == 0 ? 2 * SS_US_PER_HOUR : SS_US_PER_HOUR,
	    .visit_weekday = 1 + (int)(ss_mix(key ^ 11) % 5),
	    .visit_hour = 9 + (int)(ss_mix(key ^ 12) % 7),
	    .check_hour = (int)(ss_mix(key ^ 13) % 24),
	    .maintainer = (int)(ss_mix(key ^ 14) % 12),
	    .technician = (int)(ss_mix(key ^ 15) % 4),
	};
	p->by_day = ss_mix3(c->seed, 0x10ad, (uint64_t)c->devices[device].site) % 10 < 5;
	p->flow = (p->gas ? v[COL_GAS_FLOW] : v[COL_FLOW]) * around(key, 16, 0.5);
	for (int i = 0; i < (p->gas ? G_POLLUTANTS : W_POLLUTANTS); i++) {
		p->level[i] =
		    v[(p->gas ? COL_GAS : COL_WATER) + i] * around(key, 20 + (unsigned)i, 0.22);
		p->limit[i] = v[(p->gas ? COL_GAS_LIMIT : COL_WATER_LIMIT) + i];
	}
}

bool ss_city_is_outlet(const struct ss_city *c, int device)
{
	enum ss_city_kind k = c->sites[c->devices[device].site].kind;

	return k == SS_CITY_SOURCE_WATER || k == SS_CITY_SOURCE_AIR;
}

int ss_city_plants_make(struct ss_city *c)
{
	pthread_once(&once, read_table);
	c->plants = ss_arena_array(c->arena, (size_t)c->device_count, sizeof(*c->plants));
	if (!c->plants)
		return SS_ENOMEM;
	for (int i = 0; i < c->device_count; i++)
		if (ss_city_is_outlet(c, i))
			make_plant(c, i, &c->plants[i]);
	return 0;
}

double ss_city_permit(const struct ss_city *c, int device, size_t factor)
{
	const struct ss_city_plant *p = &c->plants[device];
	size_t first = p->gas ? G_FIRST : W_FIRST;
	size_t n = p->gas ? G_POLLUTANTS : W_POLLUTANTS;

	return ss_city_is_outlet(c, device) && factor >= first && factor < first + n
		   ? p->limit[factor - first]
		   : NAN;
}

double ss_city_white(uint64_t key, int64_t t_us, int64_t step_us)
{
	uint64_t h = ss_mix3(key, 0x3717, (uint64_t)(t_us / step_us));

	return ((double)(h & 0xffff) + (double)((h >> 16) & 0xffff) + (double)((h >> 32) & 0xffff) +
		(double)(h >> 48) - 2 * 65535.0) /
	       65535.0 * 1.7320508;
}

/* Load as the tank gives it on: the mean of now and three moments back to its residence time. */
static double evened_load(const struct ss_city *c, int site, int64_t t_us, double tank_us)
{
	double sum = 0;

	for (int i = 0; i < 4; i++)
		sum += ss_city_load(c, site, t_us - (int64_t)(tank_us * i / 3)) / 4;
	return sum;
}

struct moment { /* what all channels share */
	double load, evened, strength, air, rain;
};

static struct moment moment_of(const struct ss_city *c, int device, int64_t t_us)
{
	const struct ss_city_plant *p = &c->plants[device];
	int site = c->devices[device].site;

	return (struct moment){
	    .load = ss_city_load(c, site, t_us),
	    .evened =
		evened_load(c, site, t_us, p->gas ? 0.3 * (double)SS_US_PER_HOUR : p->tank_us),
	    .strength = ss_city_noise(p->key + 100, t_us, 40 * 3600),
	    .air = ss_city_temperature(c, t_us),
	    .rain = p->rain > 0 ? p->rain * ss_city_rain(c, t_us) : 0,
	};
}

/* Outlet concentration: level, load through the tank, strength of the inflow (common to all), own
 * slow noise; nitrification is weaker in cold water. */
static double water_level(const struct ss_city_plant *p, int i, const struct moment *m,
			  int64_t t_us)
{
	double own = ss_city_noise(p->key + 110 + (uint64_t)i * 5, t_us, 16 * 3600);
	double cold = i == 1 ? -0.012 * (m->air - 16) : 0;

	return p->level[i] *
	       exp(0.32 * log((0.3 + m->evened) / 1.1) + 0.13 * m->strength + 0.09 * own + cold) /
	       (1 + m->rain);
}

static void water_process(const struct ss_city *c, int device, int64_t t_us,
			  struct ss_city_sample *s)
{
	const struct ss_city_plant *p = &c->plants[device];
	struct moment m = moment_of(c, device, t_us);
	double in = p->flow * (0.06 + 0.94 * m.load) *
		    exp(0.05 * ss_city_noise(p->key + 130, t_us, 5 * 3600));

	s->v[W_IN] = in * (1 + m.rain);
	s->v[W_FLOW] = p->flow * (0.06 + 0.94 * m.evened) * (1 + m.rain) *
		       exp(0.04 * ss_city_noise(p->key + 131, t_us, 4 * 3600));
	s->v[W_PH] = 7.25 + 0.3 * (2 * ss_unit(p->key) - 1) +
		     0.1 * ss_city_noise(p->key + 132, t_us, 20 * 3600);
	s->v[W_TEMP] = 9 + 0.6 * m.air + p->warm * (0.4 + 0.6 * m.evened) +
		       0.25 * ss_city_noise(p->key + 133, t_us, 8 * 3600);
	s->v[W_COND] = p->cond *
		       exp(0.06 * m.strength + 0.12 * log((0.3 + m.evened) / 1.1) +
			   0.03 * ss_city_noise(p->key + 134, t_us, 30 * 3600)) /
		       (1 + m.rain);
	s->v[W_PROD] = p->prod_kw * (0.05 + 0.95 * m.load) *
		       exp(0.03 * ss_city_noise(p->key + 135, t_us, 3 * 3600));
	s->v[W_TREAT] = p->treat_kw * (0.25 + 0.75 * m.evened) *
			exp(0.05 * m.strength + 0.04 * ss_city_noise(p->key + 136, t_us, 6 * 3600));
	s->v[W_CHEM] = 0.08 * p->treat_kw * (0.1 + 0.9 * m.evened) *
		       exp(0.15 * m.strength + 0.05 * ss_city_noise(p->key + 137, t_us, 6 * 3600));
	if (m.evened < 0.01) {
		s->v[W_FLOW] = 0;
		s->process_mark = s->mark = 'F';
	}
}

static void water_pollutants(const struct ss_city *c, int device, int64_t t_us,
			     struct ss_city_sample *s)
{
	struct moment m = moment_of(c, device, t_us);

	for (int i = 0; i < W_POLLUTANTS; i++)
		s->v[W_FIRST + i] = water_level(&c->plants[device], i, &m, t_us);
}

static void gas_stopped(const struct ss_city_plant *p, const struct moment *m, int64_t t_us,
			struct ss_city_sample *s)
{
	s->v[G_FLOW] = 0.02 * p->flow;
	s->v[G_VEL] = 0.3;
	s->v[G_O2] = 20.85 + 0.05 * ss_city_noise(p->key + 150, t_us, 3600);
	s->v[G_TEMP] = m->air + 6;
	s->v[G_HUM] = 2;
	for (int i = 0; i < G_POLLUTANTS; i++)
		s->v[G_FIRST + i] *= 0.02;
	s->process_mark = s->mark = 'F';
}

static void gas_process(const struct ss_city *c, int device, int64_t t_us, struct ss_city_sample *s)
{
	const struct ss_city_plant *p = &c->plants[device];
	struct moment m = moment_of(c, device, t_us);
	double swing = exp(0.03 * ss_city_noise(p->key + 140, t_us, 4 * 3600));

	s->v[G_O2] = fmin(20.5, p->o2 + 2.6 * (1 - m.evened) +
				    0.25 * ss_city_noise(p->key + 141, t_us, 7 * 3600));
	s->v[G_FLOW] = p->flow * (0.22 + 0.78 * m.evened) * swing;
	s->v[G_VEL] = 11 * (0.22 + 0.78 * m.evened) * swing;
	s->v[G_TEMP] = 25 + (p->stack - 25) * (0.6 + 0.4 * m.evened) +
		       1.2 * ss_city_noise(p->key + 142, t_us, 5 * 3600);
	s->v[G_PRES] = -0.12 + 0.02 * ss_city_noise(p->key + 143, t_us, 5 * 3600);
	s->v[G_HUM] = 9 + 0.5 * ss_city_noise(p->key + 144, t_us, 12 * 3600);
	s->v[G_PROD] = p->prod_kw * (0.05 + 0.95 * m.load) *
		       exp(0.03 * ss_city_noise(p->key + 145, t_us, 3 * 3600));
	s->v[G_TREAT] = p->treat_kw * (0.2 + 0.8 * m.evened) *
			exp(0.05 * m.strength + 0.04 * ss_city_noise(p->key + 146, t_us, 6 * 3600));
	s->v[G_CHEM] = 0.1 * p->treat_kw * (0.05 + 0.95 * m.evened) *
		       exp(0.15 * m.strength + 0.05 * ss_city_noise(p->key + 147, t_us, 6 * 3600));
	for (int i = 0; i < G_POLLUTANTS; i++)
		s->v[G_FIRST + i] =
		    p->level[i] * (21 - s->v[G_O2]) / (21 - p->o2) *
		    exp(0.2 * log((0.3 + m.evened) / 1.1) + 0.12 * m.strength +
			0.13 * ss_city_noise(p->key + 150 + (uint64_t)i * 5, t_us, 10 * 3600));
	if (m.load == 0)
		gas_stopped(p, &m, t_us, s);
}

/* The instrument: looks every cycle (water), is a little noisy, drifts between visits. */
static void instrument(const struct ss_city_plant *p, int64_t t_us, struct ss_city_sample *s)
{
	int first = p->gas ? G_FIRST : W_FIRST, n = p->gas ? G_POLLUTANTS : W_POLLUTANTS;
	int64_t cycle = p->gas ? 10 * SS_US_PER_MIN : p->cycle_us;
	double week = (double)(ss_day_of(t_us) + 7 - p->visit_weekday) / 7;
	double drift = (week - floor(week)) * 0.03 * (2 * ss_unit(ss_mix(p->key ^ 30)) - 1);

	for (int i = 0; i < n; i++) {
		uint64_t key = p->key + 200 + (uint64_t)i;

		s->v[first + i] *= exp(0.022 * ss_city_white(key, t_us, cycle) + drift);
	}
	if (p->gas)
		s->v[G_O2] += 0.04 * ss_city_white(p->key + 210, t_us, cycle);
}

/* Ten minutes of zero check every day, an hour of maintenance at the weekly visit. */
static void planned_marks(const struct ss_city_plant *p, int64_t t_us, struct ss_city_sample *s)
{
	struct ss_civil c = ss_civil_of(t_us);

	if (s->mark != 'N')
		return;
	if (c.weekday == p->visit_weekday && c.hour == p->visit_hour)
		s->mark = 'M';
	else if (c.hour == p->check_hour && c.minute < 10)
		s->mark = 'C';
}

static void at_moment(const struct ss_city *c, int device, int64_t t_us,
		      const struct ss_city_plot *plot, struct ss_city_sample *s)
{
	const struct ss_city_plant *p = &c->plants[device];
	int64_t seen = p->gas ? t_us : t_us - (t_us + SS_UTC8_US) % p->cycle_us;
	struct ss_city_sample then;

	*s = (struct ss_city_sample){.mark = 'N', .process_mark = 'N'};
	if (p->gas)
		gas_process(c, device, t_us, s);
	else
		water_process(c, device, t_us, s);
	if (plot)
		ss_plot_process(c, device, plot, t_us, s);
	if (!p->gas) { /* the analyser still shows its last sample */
		then = (struct ss_city_sample){.mark = 'N', .process_mark = 'N'};
		water_pollutants(c, device, seen, &then);
		if (plot)
			ss_plot_process(c, device, plot, seen, &then);
		memcpy(&s->v[W_FIRST], &then.v[W_FIRST], W_POLLUTANTS * sizeof(double));
	}
	instrument(p, t_us, s);
	planned_marks(p, t_us, s);
	if (plot)
		ss_plot_reading(c, device, plot, t_us, s);
}

void ss_city_honest(const struct ss_city *c, int device, int64_t t_us, struct ss_city_sample *ret)
{
	at_moment(c, device, t_us, NULL, ret);
}

void ss_city_outlet(const struct ss_city *c, int device, int64_t t_us, struct ss_city_sample *ret)
{
	at_moment(c, device, t_us, ss_city_plot_at(c, device, t_us), ret);
}
