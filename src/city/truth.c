/* Who gets which plot, and the ground truth written out. */
#include "city/city_internal.h"

#include <math.h>

#include "base/json.h"

static const struct {
	const char *code;
	enum ss_city_plot_class class_;
	char media;
	const char *zh;
} kinds[SS_PLOT_KIND_COUNT_] = {
    [SS_PLOT_NONE] = {"", SS_PLOT_HONEST, 0, ""},
#define X(name, code, class, media, zh, en) [SS_PLOT_##name] = {code, SS_PLOT_##class, media, zh},
#include "city/plots.def"
#undef X
};

const char *ss_city_plot_code(enum ss_city_plot_kind k)
{
	return kinds[k].code;
}

const char *ss_city_plot_zh(enum ss_city_plot_kind k)
{
	return kinds[k].zh;
}

enum ss_city_plot_class ss_city_plot_class(enum ss_city_plot_kind k)
{
	return kinds[k].class_;
}

const struct ss_city_plot *ss_city_plot_at(const struct ss_city *c, int device, int64_t t_us)
{
	const struct ss_city_plot *p = c->plots ? &c->plots[device] : NULL;

	return p && p->kind != SS_PLOT_NONE && t_us >= p->from_us && t_us < p->to_us ? p : NULL;
}

struct rank {
	uint64_t key;
	int device;
};

static int by_key(const void *a, const void *b)
{
	const struct rank *x = a, *y = b;

	return x->key < y->key ? -1 : x->key > y->key;
}

static bool fits(enum ss_city_plot_kind k, bool gas)
{
	return kinds[k].media == 'B' || (kinds[k].media == 'G') == gas;
}

/* The kinds of a class in turn, passing over those that the medium has not. */
static enum ss_city_plot_kind next_kind(enum ss_city_plot_class class_, bool gas, int *turn)
{
	for (;;) {
		enum ss_city_plot_kind k = (enum ss_city_plot_kind)(*turn % SS_PLOT_KIND_COUNT_);

		(*turn)++;
		if (kinds[k].class_ == class_ && fits(k, gas))
			return k;
	}
}

/* Traits of a plant are there from the start; repairs end within days; cheats go on. */
static void set_span(struct ss_city_plot *p, const struct ss_city_plot_ask *ask, uint64_t key)
{
	int64_t spread = ask->spread_us ? ask->spread_us : 21 * SS_US_PER_DAY;
	int64_t hours = spread / SS_US_PER_HOUR;
	int64_t start = (int64_t)(ss_unit(key) * (double)hours) * SS_US_PER_HOUR;
	int64_t days = 8 + (int64_t)(ss_mix(key) % 20);

	p->from_us = ask->month_us + start;
	p->to_us = p->from_us + days * SS_US_PER_DAY;
	switch (p->kind) {
	case SS_PLOT_F_GAP:
	case SS_PLOT_F_STUCK:
	case SS_PLOT_F_PUMP:
	case SS_PLOT_F_UNIT:
		p->to_us = p->from_us + (8 + (int64_t)(ss_mix(key) % 22)) * SS_US_PER_HOUR;
		break;
	case SS_PLOT_F_DRIFT:
		p->to_us = p->from_us + 7 * SS_US_PER_DAY;
		break;
	case SS_PLOT_F_METER:
	case SS_PLOT_F_NOISY:
	case SS_PLOT_F_SPIKE:
	case SS_PLOT_F_ZERO:
	case SS_PLOT_F_RANGE:
		p->to_us = p->from_us + 3 * SS_US_PER_DAY;
		break;
	case SS_PLOT_T_FLUSH:
		p->to_us = p->from_us + 50 * SS_US_PER_HOUR;
		break;
	case SS_PLOT_T_RECAL:
	case SS_PLOT_T_NEWDEV: /* somebody comes, by day */
		p->from_us = ss_day_start(ss_day_of(p->from_us)) + 11 * SS_US_PER_HOUR;
		p->to_us = p->from_us + 400 * SS_US_PER_DAY;
		break;
	case SS_PLOT_T_BETTER:
	case SS_PLOT_T_REUSE:
	case SS_PLOT_T_OXYGEN:
		p->to_us = p->from_us + 400 * SS_US_PER_DAY;
		break;
	default:
		if (kinds[p->kind].class_ == SS_PLOT_TRAP) { /* a trait of the plant */
			p->from_us = ask->month_us - 400 * SS_US_PER_DAY;
			p->to_us = ask->month_us + 400 * SS_US_PER_DAY;
		}
	}
	if (kinds[p->kind].class_ == SS_PLOT_FAULT) /* repaired by day */
		p->to_us = ss_day_start(ss_day_of(p->to_us)) +
			   (10 + (int64_t)(ss_mix(key ^ 3) % 8)) * SS_US_PER_HOUR;
	if (p->to_us <= p->from_us)
		p->to_us += SS_US_PER_DAY;
}

/* An honest outlet of the same medium, by the seed; the outlet itself when there is none. */
static int peer_of(const struct ss_city *c, int device, uint64_t key)
{
	for (int i = 0; i < c->device_count; i++) {
		int d = (int)((key + (uint64_t)i) % (uint64_t)c->device_count);

		if (d != device && ss_city_is_outlet(c, d) && c->plots[d].kind == SS_PLOT_NONE &&
		    c->plants[d].gas == c->plants[device].gas)
			return d;
	}
	return device;
}

static void give(struct ss_city *c, const struct ss_city_plot_ask *ask, int device,
		 enum ss_city_plot_kind kind, int nth)
{
	uint64_t key = ss_mix3(c->seed, 0x9107, (uint64_t)device);
	struct ss_city_plot *p = &c->plots[device];
	const struct ss_city_plant *plant = &c->plants[device];

	*p = (struct ss_city_plot){
	    .kind = kind, .strength = (nth + (int)kind) % 3, .factor = -1, .peer = -1};
	p->by_day = plant->by_day;
	if (kind == SS_PLOT_D4 && p->strength < 2)
		p->factor = plant->gas ? G_SO2 : W_COD;
	if (kind == SS_PLOT_D2 && p->strength < 2)
		p->factor = plant->gas ? G_NOX : W_COD;
	if (kind == SS_PLOT_F_DRIFT || kind == SS_PLOT_F_SPIKE)
		p->factor = plant->gas ? G_SO2 : W_NH3;
	set_span(p, ask, key);
}

/* Slots of the technicians' week, so that no two honest visits of one person meet. */
static void plan_visits(struct ss_city *c)
{
	static const int hours[] = {8, 11, 14, 17};
	int nth = 0;

	for (int i = 0; i < c->device_count; i++) {
		struct ss_city_plant *p = &c->plants[i];

		if (!ss_city_is_outlet(c, i))
			continue;
		p->visit_hour = hours[nth % 4];
		p->visit_weekday = 1 + nth / 4 % 5;
		p->technician = nth / 20;
		p->maintainer = nth / 60;
		nth++;
	}
}

int ss_city_plot(struct ss_city *c, const struct ss_city_plot_ask *ask)
{
	struct rank *rank = ss_arena_array(c->arena, (size_t)c->device_count, sizeof(*rank));
	int n = 0, turn[4] = {0}, counts[3], of_kind[SS_PLOT_KIND_COUNT_] = {0};

	c->plots = ss_arena_array(c->arena, (size_t)c->device_count, sizeof(*c->plots));
	if (!rank || !c->plots)
		return SS_ENOMEM;
	plan_visits(c);
	for (int i = 0; i < c->device_count && (ask->outlets <= 0 || n < ask->outlets); i++)
		if (ss_city_is_outlet(c, i))
			rank[n++] = (struct rank){ss_mix3(c->seed, 0x5eed, (uint64_t)i), i};
	ss_sort(rank, (size_t)n, sizeof(*rank), by_key);
	counts[0] = ask->cheats < 0 ? n * 8 / 100 : ask->cheats;
	counts[1] = ask->faults < 0 ? n * 10 / 100 : ask->faults;
	counts[2] = ask->traps < 0 ? n * 5 / 100 : ask->traps;
	for (int class_ = 0, at = 0; class_ < 3; class_++)
		for (int i = 0; i < counts[class_] && at < n; i++, at++) {
			int d = rank[at].device;
			enum ss_city_plot_kind k = next_kind((enum ss_city_plot_class)(class_ + 1),
							     c->plants[d].gas, &turn[class_]);

			give(c, ask, d, k, of_kind[k]++);
		}
	for (int i = 0; i < c->device_count; i++)
		if (c->plots[i].kind == SS_PLOT_D18 || c->plots[i].kind == SS_PLOT_T_SHARED ||
		    c->plots[i].kind == SS_PLOT_D15)
			c->plots[i].peer = peer_of(c, i, ss_mix3(c->seed, 0x9ee6, (uint64_t)i));
	return 0;
}

static void truth_line(const struct ss_city *c, int device, struct ss_buf *out)
{
	static const char *const strengths[] = {"weak", "medium", "strong"};
	static const char *const classes[] = {"", "cheat", "fault", "trap"};
	const struct ss_city_device *d = &c->devices[device];
	const struct ss_city_plot *p = &c->plots[device];
	size_t n;
	const struct ss_city_factor *f = ss_city_factors(c->sites[d->site].kind, &n);
	struct ss_json j = ss_json_on(out);

	ss_json_obj(&j);
	ss_json_kz(&j, "class", classes[kinds[p->kind].class_]);
	ss_json_kz(&j, "outlet", c->sites[d->site].code);
	ss_json_kz(&j, "point", d->point);
	ss_json_kz(&j, "mn", d->mn);
	ss_json_kz(&j, "kind", kinds[p->kind].code);
	ss_json_kz(&j, "what", kinds[p->kind].zh);
	ss_json_kz(&j, "factor", p->factor < 0 ? "*" : f[p->factor].code);
	ss_json_ktime(&j, "from", p->from_us);
	ss_json_ktime(&j, "to", p->to_us);
	ss_json_kz(&j, "strength", strengths[p->strength]);
	ss_json_end_obj(&j);
	ss_buf_addc(out, '\n');
}

int ss_city_truth(const struct ss_city *c, struct ss_buf *out)
{
	for (int class_ = SS_PLOT_CHEAT; class_ <= SS_PLOT_TRAP; class_++)
		for (int i = 0; c->plots && i < c->device_count; i++)
			if ((int)kinds[c->plots[i].kind].class_ == class_)
				truth_line(c, i, out);
	return out->err;
}
