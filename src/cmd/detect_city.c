#include "cmd/detect_city.h"

#include <math.h>
#include <stdlib.h>

#define MONTH_DAYS 30
#define EVENTS_MAX 4096
/* 2026-03-01: the place in the year decides rain and temperature; seeds decide the rest. */
#define MONTH_START INT64_C(1772294400000000)

static const char *const codes_water[] = {"w00000", "w01001",   "w01018", "w21003",
					  "w21011", "w21001",   "w01010", "w01014",
					  "e10101", "PrdPower", "e30201", "e31301"};
static const char *const codes_gas[] = {"a00000", "a34013",   "a21026", "a21002",
					"a19001", "a01011",   "a01012", "a01013",
					"a01014", "PrdPower", "g10401", "g11001"};

static int channel_of(bool gas, size_t factor)
{
	return ss_detect_channel(gas, ss_str_of(gas ? codes_gas[factor] : codes_water[factor]));
}

struct taking { /* acts of one outlet into its events, and all visits */
	struct ss_sim *s;
	struct ss_detect_data *d;
	struct ss_detect_event *events;
	size_t n;
};

static void take_visit(struct taking *t, const struct ss_city_act *a)
{
	const struct ss_city_site *site = &t->s->city.sites[t->s->city.devices[a->device].site];

	t->s->visits[t->s->visit_count++] = (struct ss_detect_visit){
	    .who = ss_str_hash(ss_str_of(a->who)),
	    .outlet = t->d->outlet,
	    .photo = a->photo,
	    .from_us = a->from_us,
	    .to_us = a->to_us,
	    .lon = site->lon,
	    .lat = site->lat,
	};
}

static void take_act(void *arg, const struct ss_city_act *a)
{
	static const enum ss_detect_event_kind kinds[] = {SS_EV_MARK, SS_EV_VISIT, SS_EV_CHECK,
							  SS_EV_PARAMETER, SS_EV_NOTE};
	struct taking *t = arg;
	struct ss_detect_event *e = &t->events[t->n];

	if (t->n == EVENTS_MAX)
		return;
	*e = (struct ss_detect_event){
	    .kind = kinds[a->kind],
	    .at_us = a->at_us,
	    .from_us = a->from_us,
	    .to_us = a->to_us,
	    .channel = a->factor < 0 ? SS_CH_NONE : channel_of(t->d->gas, (size_t)a->factor),
	    .set = a->set,
	    .read = a->read,
	    .bound = a->bound,
	};
	snprintf(e->code, sizeof(e->code), "%s", a->code);
	t->n++;
	if (a->kind == SS_CITY_ACT_VISIT)
		take_visit(t, a);
}

static int room(struct ss_sim *s, struct ss_detect_data *d)
{
	size_t h = (size_t)s->hours;

	for (size_t f = 0; f < SS_ARRAY_LEN(codes_water); f++) {
		int c = channel_of(d->gas, f);

		if (c == SS_CH_NONE)
			continue;
		d->value[c] = ss_arena_array(&s->arena, h, sizeof(double));
		d->mark[c] = ss_arena_alloc(&s->arena, h);
		if (!d->value[c] || !d->mark[c])
			return SS_ENOMEM;
		if (c > SS_CH_FLOW)
			continue;
		d->ten[c] = ss_arena_array(&s->arena, 6 * h, sizeof(double));
		if (!d->ten[c])
			return SS_ENOMEM;
	}
	d->twin = ss_arena_array(&s->arena, h, sizeof(*d->twin));
	return d->twin ? 0 : SS_ENOMEM;
}

/* Ten-minute means of the hour, and the hour as the logger reports it. */
static void take_hour(struct ss_sim *s, int device, struct ss_detect_data *d, int h)
{
	int64_t from = s->start_us + h * SS_US_PER_HOUR;
	struct ss_city_spread hour[SS_CITY_FACTORS_MAX];
	double ten[6][SS_CITY_FACTORS_MAX];
	bool dark = ss_city_dark(&s->city, device, from + SS_US_PER_HOUR / 2);
	size_t n = ss_city_hour(&s->city, device, from, hour, ten);

	for (size_t f = 0; f < n; f++) {
		int c = channel_of(d->gas, f);

		if (c == SS_CH_NONE)
			continue;
		d->value[c][h] = dark ? NAN : round(hour[f].mean * 1000) / 1000;
		d->mark[c][h] = dark ? 0 : (uint8_t)hour[f].mark;
	}
	for (int k = 0; k < 6; k++) {
		int64_t t = from + k * 10 * SS_US_PER_MIN;
		bool off = ss_city_dark(&s->city, device, t);

		for (size_t f = 0; f < n; f++) {
			int c = channel_of(d->gas, f);

			if (c != SS_CH_NONE && d->ten[c])
				d->ten[c][6 * h + k] = off ? NAN : ten[k][f];
		}
	}
}

static int take_outlet(struct ss_sim *s, int i)
{
	struct ss_detect_data *d = &s->data[i];
	int device = s->device[i];
	struct taking t = {.s = s, .d = d};
	int r;

	*d = (struct ss_detect_data){
	    .gas = s->city.sites[s->city.devices[device].site].kind == SS_CITY_SOURCE_AIR,
	    .outlet = (uint64_t)device,
	    .start_us = s->start_us,
	    .hours = s->hours,
	    .air = s->air,
	    .rain = s->rain,
	};
	r = room(s, d);
	if (r < 0)
		return r;
	for (int c = 0; c < SS_CH_COUNT_; c++)
		d->limit[c] = NAN;
	for (size_t f = 0; f < SS_ARRAY_LEN(codes_water); f++)
		if (channel_of(d->gas, f) != SS_CH_NONE)
			d->limit[channel_of(d->gas, f)] = ss_city_permit(&s->city, device, f);
	for (int h = 0; h < s->hours; h++)
		take_hour(s, device, d, h);
	d->cycle_h = ss_detect_cycle(d);
	t.events = ss_arena_array(&s->arena, EVENTS_MAX, sizeof(*t.events));
	if (!t.events)
		return SS_ENOMEM;
	ss_city_acts(&s->city, device, s->start_us, s->start_us + s->hours * SS_US_PER_HOUR,
		     take_act, &t);
	d->events = t.events;
	d->event_count = t.n;
	return 0;
}

struct mate {
	uint64_t hash;
	int outlet;
};

static int by_hash(const void *a, const void *b)
{
	const struct mate *x = a, *y = b;

	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	return x->outlet - y->outlet;
}

/* 0: no fresh and normal values in that hour. */
static uint64_t values_hash(const struct ss_detect_data *d, int h)
{
	uint64_t hash = d->gas + 1;
	bool fresh = false;

	for (int c = 0; c < 4 && d->value[c]; c++) {
		uint64_t bits;

		if (isnan(d->value[c][h]) || d->mark[c][h] != 'N')
			return 0;
		fresh |= h > 0 && d->value[c][h] != d->value[c][h - 1];
		memcpy(&bits, &d->value[c][h], sizeof(bits));
		hash = (hash ^ bits) * UINT64_C(0x9E3779B97F4A7C15);
		hash ^= hash >> 29;
	}
	return fresh ? hash : 0;
}

static int find_twins(struct ss_sim *s)
{
	struct mate *m = ss_arena_array(&s->arena, (size_t)s->n, sizeof(*m));

	if (!m)
		return SS_ENOMEM;
	for (int h = 0; h < s->hours; h++) {
		for (int i = 0; i < s->n; i++) {
			s->data[i].twin[h] = -1;
			m[i] = (struct mate){values_hash(&s->data[i], h), i};
		}
		ss_sort(m, (size_t)s->n, sizeof(*m), by_hash);
		for (int i = 1; i < s->n; i++)
			if (m[i].hash && m[i].hash == m[i - 1].hash) {
				s->data[m[i].outlet].twin[h] = m[i - 1].outlet;
				s->data[m[i - 1].outlet].twin[h] = m[i].outlet;
			}
	}
	return 0;
}

static int weather(struct ss_sim *s)
{
	s->air = ss_arena_array(&s->arena, (size_t)s->hours, sizeof(double));
	s->rain = ss_arena_array(&s->arena, (size_t)s->hours, sizeof(double));
	if (!s->air || !s->rain)
		return SS_ENOMEM;
	for (int h = 0; h < s->hours; h++)
		ss_city_weather(&s->city, s->start_us + h * SS_US_PER_HOUR + SS_US_PER_HOUR / 2,
				&s->air[h], &s->rain[h]);
	return 0;
}

static int make(struct ss_sim *s, const struct ss_sim_ask *ask)
{
	struct ss_city_plot_ask plot = {.month_us = s->month_us,
					.outlets = ask->outlets,
					.cheats = ask->cheats,
					.faults = ask->faults,
					.traps = ask->traps};
	/* 57 % of a city's devices stand at outlets. */
	int devices = ask->outlets * 1000 / 570 + 4;
	int r = ss_city_make(&s->arena, ask->seed, devices, 60, &s->city);

	if (r == 0)
		r = ss_city_plot(&s->city, &plot);
	if (r == 0)
		r = weather(s);
	s->device = ss_arena_array(&s->arena, (size_t)ask->outlets, sizeof(int));
	s->data = ss_arena_array(&s->arena, (size_t)ask->outlets, sizeof(*s->data));
	s->visits = ss_arena_array(&s->arena, (size_t)ask->outlets * 64, sizeof(*s->visits));
	if (r < 0 || !s->device || !s->data || !s->visits)
		return r < 0 ? r : SS_ENOMEM;
	for (int d = 0; d < devices && s->n < ask->outlets; d++)
		if (ss_city_is_outlet(&s->city, d))
			s->device[s->n++] = d;
	for (int i = 0; r == 0 && i < s->n; i++)
		r = take_outlet(s, i);
	for (int i = 0; i < s->n; i++) {
		s->data[i].visits = s->visits;
		s->data[i].visit_count = s->visit_count;
	}
	return r == 0 ? find_twins(s) : r;
}

int ss_sim_make(const struct ss_sim_ask *ask, struct ss_sim *ret)
{
	int r;

	*ret = (struct ss_sim){.month_us = MONTH_START,
			       .start_us = MONTH_START - ask->history_days * SS_US_PER_DAY,
			       .hours = 24 * (ask->history_days + MONTH_DAYS)};
	ss_arena_init(&ret->arena, (size_t)8 << 30);
	r = make(ret, ask);
	if (r < 0)
		ss_sim_done(ret);
	return r;
}

void ss_sim_done(struct ss_sim *s)
{
	ss_arena_done(&s->arena);
}

const struct ss_city_plot *ss_sim_plot(const struct ss_sim *s, int outlet)
{
	const struct ss_city_plot *p = &s->city.plots[s->device[outlet]];

	return p->kind == SS_PLOT_NONE ? NULL : p;
}
