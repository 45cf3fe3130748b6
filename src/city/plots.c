/* What is not as it should be at an outlet, or only looks so: sections 5 and 19 of the domain's
 * page. Strength 0, 1, 2 is weak, medium, strong. A plot changes the plant itself, what the
 * instrument shows, or the hour record in the logger. */
#include "city/city_internal.h"

#include <math.h>

static int first_of(const struct ss_city_plant *p)
{
	return p->gas ? G_FIRST : W_FIRST;
}

static int count_of(const struct ss_city_plant *p)
{
	return p->gas ? G_POLLUTANTS : W_POLLUTANTS;
}

static void scale(const struct ss_city_plant *p, const struct ss_city_plot *plot, double k,
		  struct ss_city_sample *s)
{
	for (int i = first_of(p); i < first_of(p) + count_of(p); i++)
		if (plot->factor < 0 || plot->factor == i)
			s->v[i] *= k;
}

static double by_strength(const struct ss_city_plot *p, double weak, double medium, double strong)
{
	return p->strength == 0 ? weak : p->strength == 1 ? medium : strong;
}

static double hour_in_day(int64_t t_us)
{
	return (double)(t_us - ss_day_start(ss_day_of(t_us))) / (double)SS_US_PER_HOUR;
}

static bool within(double h, double from, double to)
{
	return from <= to ? h >= from && h < to : h >= from || h < to;
}

/* The hours of a day in which the cheat is at work: fewer when it is weak. */
static bool at_work(const struct ss_city_plot *p, int64_t t_us, double from, double weak_h,
		    double medium_h, double strong_h)
{
	double h = by_strength(p, weak_h, medium_h, strong_h);

	if (p->by_day && from > 12) /* who does not work at night cheats by day */
		from = 8;
	return h >= 24 || within(hour_in_day(t_us), from, fmod(from + h, 24));
}

/* Bad hours of the plant: a bad batch once or twice a day. 0 = none, else how far it has come, 1
 * from its start on; the rise takes an hour and is not covered. */
static double surge(const struct ss_city_plant *p, const struct ss_city_plot *plot, int64_t t_us)
{
	int64_t day = ss_day_of(t_us);

	for (int k = 0; k < (plot->strength == 2 ? 2 : 1); k++) {
		uint64_t key = ss_mix3(p->key, 0x5b + (uint64_t)k, (uint64_t)day);
		double start = 2 + 8 * ss_unit(key) + 11 * k;
		double x = hour_in_day(t_us) - start;

		if (plot->strength == 0 && ss_unit(ss_mix(key)) > 0.8)
			continue;
		if (x >= -1 && x < 2 + 1.5 * ss_unit(ss_mix(key ^ 1)))
			return fmin(1, x + 1.001);
	}
	return 0;
}

static void mix_in(double *v, double share, double other)
{
	*v = *v * (1 - share) + share * other;
}

/* --- the plant ------------------------------------------------------------------------------ */

/* True levels near or over the limit, so that there is something to hide. */
static void strain(const struct ss_city_plant *p, const struct ss_city_plot *plot, double median,
		   struct ss_city_sample *s)
{
	for (int i = 0; i < count_of(p); i++)
		if (plot->factor < 0 || plot->factor == first_of(p) + i)
			s->v[first_of(p) + i] *= median * p->limit[i] / p->level[i];
}

static void bypass(const struct ss_city_plant *p, const struct ss_city_plot *plot, int64_t t_us,
		   struct ss_city_sample *s)
{
	int64_t in_cycle = (t_us + SS_UTC8_US) % p->cycle_us;
	bool by_day = p->by_day; /* what has no night shift can only dump between samples */
	bool pulses = by_day || ((p->key & 1024) && plot->strength > 0);

	if (!by_day && within(hour_in_day(t_us), 22.5, 5.5)) {
		s->v[W_FLOW] *= by_strength(plot, 0.65, 0.4, 0.15);
		s->v[W_TREAT] *= by_strength(plot, 0.85, 0.65, 0.45);
	}
	if (pulses) /* the gate shuts about the time at which the sampler draws */
		s->v[W_FLOW] *=
		    in_cycle < 10 * SS_US_PER_MIN || in_cycle >= p->cycle_us - 10 * SS_US_PER_MIN
			? 0.25
			: 1.15;
}

static void dilute(const struct ss_city_plant *p, const struct ss_city_plot *plot, int64_t t_us,
		   struct ss_city_sample *s)
{
	double k = at_work(plot, t_us, 8, 10, 14, 24) ? by_strength(plot, 1.35, 1.7, 2.2) : 1;

	scale(p, plot, 1 / k, s);
	s->v[p->gas ? G_FLOW : W_FLOW] *= k;
	if (p->gas) {
		s->v[G_VEL] *= k;
		mix_in(&s->v[G_O2], 1 - 1 / k, 20.9);
	} else {
		s->v[W_COND] /= pow(k, 0.85);
	}
}

/* 30 h without work, 20 h of rinsing, then as ever. */
static void flush(const struct ss_city_plant *p, const struct ss_city_plot *plot, double into_h,
		  struct ss_city_sample *s)
{
	if (into_h < 30) {
		s->v[W_FLOW] = 0;
		s->v[W_IN] *= 0.02;
		s->v[W_PROD] *= 0.06;
		s->v[W_TREAT] *= 0.3;
		s->v[W_CHEM] *= 0.1;
		s->mark = s->process_mark = 'F';
	} else if (into_h < 50) {
		scale(p, plot, 0.3, s);
		s->v[W_COND] *= 0.4;
		s->v[W_TEMP] -= 2;
		s->v[W_PROD] *= 0.3;
	}
}

static void trap_process(const struct ss_city *c, const struct ss_city_plant *p,
			 const struct ss_city_plot *plot, int64_t t_us, struct ss_city_sample *s)
{
	double rain = 0.22 * ss_city_rain(c, t_us);
	double into_h = (double)(t_us - plot->from_us) / (double)SS_US_PER_HOUR;

	switch (plot->kind) {
	case SS_PLOT_T_RAIN:
		scale(p, plot, 1 / (1 + rain), s);
		s->v[W_FLOW] *= 1 + rain;
		s->v[W_IN] *= 1 + rain;
		s->v[W_COND] /= 1 + rain;
		break;
	case SS_PLOT_T_FLUSH:
		flush(p, plot, into_h, s);
		break;
	case SS_PLOT_T_SETPOINT:
		for (int i = 0; i < count_of(p); i++)
			s->v[first_of(p) + i] =
			    0.85 * p->limit[i] *
			    exp(0.03 * ss_city_noise(p->key + 300 + (uint64_t)i, t_us, 6 * 3600));
		s->v[p->gas ? G_CHEM : W_CHEM] *=
		    exp(0.3 * ss_city_noise(p->key + 310, t_us, 6 * 3600));
		break;
	case SS_PLOT_T_LEVEL: /* 70 min, of which the pump runs 30 */
		s->v[W_FLOW] *= t_us % (70 * SS_US_PER_MIN) < 30 * SS_US_PER_MIN ? 70.0 / 30 : 0;
		break;
	case SS_PLOT_T_METER:
		s->v[p->gas ? G_TREAT : W_TREAT] +=
		    ss_mix3(p->key, 0x5a, (uint64_t)(t_us / (9 * SS_US_PER_HOUR))) % 2
			? 0.6 * p->treat_kw
			: 0;
		break;
	case SS_PLOT_T_TANK:
		if (ss_day_of(t_us) % 3 == 0 && within(hour_in_day(t_us), 1, 9)) {
			s->v[W_TREAT] *= 0.4;
			s->v[W_FLOW] *= 0.12;
			s->v[W_IN] *= 0.12;
		}
		break;
	case SS_PLOT_T_BETTER:
		scale(p, plot, exp(-0.6 * fmin(1, into_h / 240)), s);
		s->v[p->gas ? G_TREAT : W_TREAT] *= 1 + 0.4 * fmin(1, into_h / 240);
		s->v[p->gas ? G_CHEM : W_CHEM] *= 1 + 0.5 * fmin(1, into_h / 240);
		break;
	case SS_PLOT_T_REUSE:
		s->v[W_FLOW] *= 0.7;
		s->v[W_IN] *= 0.7;
		break;
	default:
		break;
	}
}

void ss_plot_process(const struct ss_city *c, int device, const struct ss_city_plot *plot,
		     int64_t t_us, struct ss_city_sample *s)
{
	const struct ss_city_plant *p = &c->plants[device];

	if (s->mark == 'F')
		return;
	switch (plot->kind) {
	case SS_PLOT_D2:
		strain(p, plot, by_strength(plot, 0.9, 0.98, 1.1), s);
		break;
	case SS_PLOT_D5:
	case SS_PLOT_D12:
		scale(p, plot, 1 + 0.9 * surge(p, plot, t_us), s);
		break;
	case SS_PLOT_D6:
		bypass(p, plot, t_us, s);
		break;
	case SS_PLOT_D8:
		if (at_work(plot, t_us, 20, 9, 14, 24))
			s->v[p->gas ? G_TREAT : W_TREAT] *= by_strength(plot, 0.5, 0.3, 0.1);
		break;
	case SS_PLOT_D10:
		dilute(p, plot, t_us, s);
		break;
	default:
		trap_process(c, p, plot, t_us, s);
	}
}

/* --- the instrument ------------------------------------------------------------------------- */

static void swap_sample(const struct ss_city *c, const struct ss_city_plant *p,
			const struct ss_city_plot *plot, int64_t t_us, struct ss_city_sample *s)
{
	double share = by_strength(plot, 0.55, 0.8, 0.92);

	if (!at_work(plot, t_us, 8, 7, 11, 24))
		return;
	for (int i = 0; i < count_of(p); i++)
		mix_in(&s->v[first_of(p) + i], share, 0.04 * p->level[i]);
	if (p->gas) {
		mix_in(&s->v[G_O2], share, 20.9);
	} else {
		mix_in(&s->v[W_TEMP], 0.7 * share, 16 + 0.2 * ss_city_temperature(c, t_us));
		mix_in(&s->v[W_COND], share, 340);
	}
}

static void copy_from(const struct ss_city *c, int device, const struct ss_city_plant *p,
		      int64_t t_us, struct ss_city_sample *s)
{
	struct ss_city_sample other;

	ss_city_honest(c, device, t_us, &other);
	memcpy(&s->v[first_of(p)], &other.v[first_of(p)], (size_t)count_of(p) * sizeof(double));
}

/* Weak: every night shows the night before the first; medium: every day that day; strong: frozen.
 */
static void replay(const struct ss_city *c, int device, const struct ss_city_plot *plot,
		   int64_t t_us, struct ss_city_sample *s)
{
	int64_t into = t_us - plot->from_us;
	int64_t from = plot->from_us - SS_US_PER_DAY + into % SS_US_PER_DAY;

	if (!at_work(plot, t_us, 19, 12, 24, 24))
		return;
	copy_from(c, device, &c->plants[device], plot->strength == 2 ? plot->from_us : from, s);
}

static void impossible(const struct ss_city *c, const struct ss_city_plant *p,
		       const struct ss_city_plot *plot, int64_t t_us, struct ss_city_sample *s)
{
	if (!at_work(plot, t_us, 10, 5, 10, 24))
		return;
	if (p->gas)
		s->v[G_TEMP] = ss_city_temperature(c, t_us) + 4;
	else
		s->v[W_TN] =
		    0.7 * s->v[W_NH3] * exp(0.05 * ss_city_white(p->key + 320, t_us, p->cycle_us));
}

/* A box that makes numbers: even noise about a level, no link to the process. */
static void make_up(const struct ss_city_plant *p, const struct ss_city_plot *plot, int64_t t_us,
		    struct ss_city_sample *s)
{
	int64_t step = p->gas ? 10 * SS_US_PER_MIN : p->cycle_us;
	double own = by_strength(plot, 0.75, 1, 1);

	for (int i = 0; i < count_of(p); i++) {
		double w = ss_city_white(p->key + 330 + (uint64_t)i, t_us, step);
		double made = 0.7 * p->level[i] * exp(by_strength(plot, 0.05, 0.06, 0.1) * w);
		double *v = &s->v[first_of(p) + i];

		*v = exp((1 - own) * log(fmax(*v, 1e-6)) + own * log(made));
	}
}

static void keep_sample(const struct ss_city_plant *p, const struct ss_city_plot *plot,
			int64_t t_us, struct ss_city_sample *s)
{
	double batch = by_strength(plot, 0.1, 0.05, 0);

	for (int i = 0; i < count_of(p); i++) {
		uint64_t key = p->key + 340 + (uint64_t)i;

		s->v[first_of(p) + i] = p->level[i] * by_strength(plot, 0.75, 0.6, 0.4) *
					exp(batch * ss_city_white(key, t_us, 2 * SS_US_PER_DAY) +
					    0.02 * ss_city_white(key ^ 1, t_us, p->cycle_us));
	}
}

static void cap(const struct ss_city_plant *p, const struct ss_city_plot *plot, int64_t t_us,
		struct ss_city_sample *s)
{
	double w = ss_city_white(p->key + 380, t_us, p->cycle_us);

	for (int i = 0; i < count_of(p); i++) {
		double top = p->limit[i] * (0.96 + by_strength(plot, 0.008, 0.004, 0) * w);

		if (plot->factor < 0 || plot->factor == first_of(p) + i)
			s->v[first_of(p) + i] = fmin(s->v[first_of(p) + i], top);
	}
}

static void cover(const struct ss_city_plant *p, const struct ss_city_plot *plot, int64_t t_us,
		  struct ss_city_sample *s)
{
	if (s->mark == 'N' && surge(p, plot, t_us) >= 1)
		s->mark = plot->strength == 2 ? 'F' : 'M';
}

static void fault_reading(const struct ss_city *c, int device, const struct ss_city_plot *plot,
			  int64_t t_us, struct ss_city_sample *s)
{
	const struct ss_city_plant *p = &c->plants[device];
	double into_h = (double)(t_us - plot->from_us) / (double)SS_US_PER_HOUR;
	double h = hour_in_day(t_us);

	switch (plot->kind) {
	case SS_PLOT_F_STUCK:
	case SS_PLOT_F_PUMP:
		copy_from(c, device, p, plot->from_us, s);
		if (plot->kind == SS_PLOT_F_PUMP)
			scale(p, plot, 1 + 0.02 * ss_city_white(p->key + 350, t_us, p->cycle_us),
			      s);
		if (into_h > 6)
			s->mark = 'D';
		break;
	case SS_PLOT_F_SPIKE:
		if (ss_unit(ss_mix3(p->key, 0x5c, (uint64_t)(t_us / (10 * SS_US_PER_MIN)))) < 0.025)
			scale(p, plot, 5, s);
		break;
	case SS_PLOT_F_DRIFT:
		scale(p, plot, 1 + 0.03 * into_h / 24, s);
		break;
	case SS_PLOT_F_RANGE:
		if (within(h, 13, 16))
			s->mark = 'T';
		break;
	case SS_PLOT_F_ZERO:
		if (within(h, 3, 8)) {
			scale(p, plot, 0, s);
			s->mark = h > 4 ? 'D' : s->mark;
		}
		break;
	case SS_PLOT_F_NOISY:
		scale(p, plot, exp(0.12 * ss_city_white(p->key + 360, t_us, p->cycle_us)), s);
		break;
	case SS_PLOT_F_METER:
		s->v[p->gas ? G_PROD : W_PROD] = s->v[p->gas ? G_TREAT : W_TREAT] = 0;
		s->process_mark = 'D';
		break;
	case SS_PLOT_F_UNIT:
		scale(p, plot, 1000, s);
		break;
	default:
		break;
	}
}

static void trap_reading(const struct ss_city *c, const struct ss_city_plant *p,
			 const struct ss_city_plot *plot, int64_t t_us, struct ss_city_sample *s)
{
	struct ss_civil at = ss_civil_of(t_us);

	switch (plot->kind) {
	case SS_PLOT_T_BELOW:
		scale(p, plot, 0.004, s);
		break;
	case SS_PLOT_T_RECAL:
		scale(p, plot, 0.78, s);
		break;
	case SS_PLOT_T_WEEKLY:
		if ((at.weekday == 2 || at.weekday == 5) && at.hour >= 13 && at.hour < 16 &&
		    s->mark == 'N')
			s->mark = 'M';
		break;
	case SS_PLOT_T_NEAR:
		s->v[W_NH3] =
		    s->v[W_TN] * 0.95 * exp(0.03 * ss_city_white(p->key + 370, t_us, p->cycle_us));
		break;
	case SS_PLOT_T_NEWDEV:
		scale(p, plot, 0.95 * exp(0.05 * ss_city_white(p->key + 371, t_us, p->cycle_us)),
		      s);
		break;
	case SS_PLOT_T_OXYGEN:
		s->v[G_O2] -= 0.02 * (double)(t_us - plot->from_us) / (double)SS_US_PER_DAY;
		break;
	case SS_PLOT_T_SHARED:
		copy_from(c, plot->peer, p, t_us, s);
		break;
	default:
		break;
	}
}

void ss_plot_reading(const struct ss_city *c, int device, const struct ss_city_plot *plot,
		     int64_t t_us, struct ss_city_sample *s)
{
	const struct ss_city_plant *p = &c->plants[device];
	double saw;

	if (s->mark == 'F') {
		if (plot->kind == SS_PLOT_D16) /* the offset stays when the fire is out */
			s->v[G_O2] -= by_strength(plot, 1, 1.8, 3);
		return;
	}
	switch (plot->kind) {
	case SS_PLOT_D1:
		swap_sample(c, p, plot, t_us, s);
		break;
	case SS_PLOT_D2:
		cap(p, plot, t_us, s);
		break;
	case SS_PLOT_D3:
		replay(c, device, plot, t_us, s);
		break;
	case SS_PLOT_D4:
		scale(p, plot, by_strength(plot, 0.72, 0.58, 0.42), s);
		break;
	case SS_PLOT_D5:
		cover(p, plot, t_us, s);
		break;
	case SS_PLOT_D9:
		impossible(c, p, plot, t_us, s);
		break;
	case SS_PLOT_D11:
		make_up(p, plot, t_us, s);
		break;
	case SS_PLOT_D13:
		keep_sample(p, plot, t_us, s);
		break;
	case SS_PLOT_D14: /* what the check should have shown */
		saw = (double)((ss_day_of(t_us) + 7 - p->visit_weekday) % 7) / 6;
		scale(p, plot, 1 - by_strength(plot, 0.1, 0.16, 0.25) * saw, s);
		break;
	case SS_PLOT_D16:
		s->v[G_O2] -= by_strength(plot, 1, 1.8, 3);
		break;
	case SS_PLOT_D17:
		s->v[p->gas ? G_FLOW : W_FLOW] *= by_strength(plot, 0.75, 0.6, 0.4);
		if (p->gas)
			s->v[G_VEL] *= by_strength(plot, 0.75, 0.6, 0.4);
		break;
	case SS_PLOT_D18:
		if (at_work(plot, t_us, 20, 12, 24, 24))
			copy_from(c, plot->peer, p, t_us, s);
		break;
	default:
		fault_reading(c, device, plot, t_us, s);
		trap_reading(c, p, plot, t_us, s);
	}
}

/* --- the logger and the line ----------------------------------------------------------------- */

void ss_plot_hour(const struct ss_city *c, int device, int64_t from_us, struct ss_city_spread *all)
{
	const struct ss_city_plot *plot = ss_city_plot_at(c, device, from_us);
	const struct ss_city_plant *p = &c->plants[device];

	if (!plot || (plot->kind != SS_PLOT_D7 && plot->kind != SS_PLOT_T_LOGGER))
		return;
	for (int i = 0; i < count_of(p); i++) {
		struct ss_city_spread *s = &all[first_of(p) + i];
		uint64_t key = p->key + 390 + (uint64_t)i;

		if (plot->kind == SS_PLOT_T_LOGGER)
			s->mean *= 1 + 0.012 * ss_city_white(key, from_us, SS_US_PER_HOUR);
		else if (s->mean > p->level[i] * by_strength(plot, 1.05, 0.85, 0))
			s->mean *= by_strength(plot, 0.88, 0.75, 0.6);
	}
}

bool ss_city_dark(const struct ss_city *c, int device, int64_t t_us)
{
	const struct ss_city_plot *plot = ss_city_plot_at(c, device, t_us);
	uint64_t key;
	double start;

	if (!plot)
		return false;
	switch (plot->kind) {
	case SS_PLOT_D12:
		return surge(&c->plants[device], plot, t_us) >= 1;
	case SS_PLOT_F_GAP:
		return true;
	case SS_PLOT_T_SIM: /* twice a day, an hour or two, at any time */
		key = ss_mix3(c->plants[device].key, 0x51a, (uint64_t)(2 * t_us / SS_US_PER_DAY));
		start = 9.5 * ss_unit(key);
		return within(fmod((double)t_us / (double)SS_US_PER_HOUR, 12), start,
			      start + 1 + 1.5 * ss_unit(ss_mix(key)));
	default:
		return false;
	}
}
