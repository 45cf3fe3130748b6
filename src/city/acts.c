/* What people put on record about an outlet: visits, marks, checks, parameters, notes. Honest ones
 * by the plant's week; some that belong to a fault and its repair; some that are part of a cheat.
 */
#include "city/city_internal.h"

#include <math.h>
#include <stdlib.h>

#include "base/json.h"

#define OF_DAY_MAX 64

struct day {
	const struct ss_city *c;
	int device;
	int64_t start; /* of the local day */
	struct ss_city_act list[OF_DAY_MAX];
	int n;
};

static struct ss_city_act *add(struct day *d, enum ss_city_act_kind kind, int64_t at, int64_t from,
			       int64_t to)
{
	struct ss_city_act *a = &d->list[d->n < OF_DAY_MAX - 1 ? d->n++ : d->n];

	*a = (struct ss_city_act){.kind = kind,
				  .device = d->device,
				  .factor = -1,
				  .at_us = at,
				  .from_us = from,
				  .to_us = to};
	return a;
}

static void mark(struct day *d, const char *code, int64_t at, int64_t from, int64_t to)
{
	snprintf(add(d, SS_CITY_ACT_MARK, at, from, to)->code, 12, "%s", code);
}

static void note(struct day *d, const char *code, int64_t at)
{
	snprintf(add(d, SS_CITY_ACT_NOTE, at, at, at)->code, 12, "%s", code);
}

static void visit(struct day *d, const char *who, uint64_t photo, int64_t from)
{
	struct ss_city_act *a =
	    add(d, SS_CITY_ACT_VISIT, from + 45 * SS_US_PER_MIN, from, from + 40 * SS_US_PER_MIN);

	snprintf(a->who, sizeof(a->who), "%s", who);
	a->photo = photo;
}

static void technician(const struct ss_city_plant *p, char who[24])
{
	snprintf(who, 24, "YW%02d-%03d", p->maintainer + 1, p->technician + 1);
}

static uint64_t photo_of(const struct ss_city_plant *p, int64_t day)
{
	return ss_mix3(p->key, 0xf070, (uint64_t)day);
}

/* Error of a check: a third of the bound, as instruments in care have; dressed under D14. */
static void check(struct day *d, int factor, int64_t at)
{
	const struct ss_city_plant *p = &d->c->plants[d->device];
	const struct ss_city_plot *plot = ss_city_plot_at(d->c, d->device, at);
	struct ss_city_act *a = add(d, SS_CITY_ACT_CALIBRATION, at, at, at + 10 * SS_US_PER_MIN);
	double share = 0.3 * ss_city_white(p->key + 400 + (uint64_t)factor, at, SS_US_PER_HOUR);

	if (plot && plot->kind == SS_PLOT_D14)
		share *= plot->strength == 0 ? 0.1 : plot->strength == 1 ? 0.06 : 0.03;
	a->factor = factor;
	a->set = p->limit[factor - (p->gas ? G_FIRST : W_FIRST)];
	a->bound = 0.1 * a->set;
	a->read = a->set + share * a->bound;
}

static void planned(struct day *d)
{
	const struct ss_city_plant *p = &d->c->plants[d->device];
	int first = p->gas ? G_FIRST : W_FIRST, n = p->gas ? G_POLLUTANTS : W_POLLUTANTS;
	int64_t at = d->start + p->visit_hour * SS_US_PER_HOUR;
	char who[24];

	check(d, first, d->start + p->check_hour * SS_US_PER_HOUR);
	if (ss_civil_of(d->start).weekday != p->visit_weekday)
		return;
	technician(p, who);
	visit(d, who, photo_of(p, ss_day_of(d->start)), at + 5 * SS_US_PER_MIN);
	mark(d, "B02", at, at, at + SS_US_PER_HOUR);
	for (int i = 0; i < n; i++)
		check(d, first + i, at + (10 + 5 * i) * SS_US_PER_MIN);
}

/* Each span of the day in which trouble is covered by a mark. */
static void covering_marks(struct day *d, const struct ss_city_plot *plot)
{
	int64_t step = 10 * SS_US_PER_MIN, from = SS_TIME_NONE;

	for (int64_t t = d->start; t <= d->start + SS_US_PER_DAY; t += step) {
		double v[SS_CITY_FACTORS_MAX];
		char m[SS_CITY_FACTORS_MAX];
		bool gas = d->c->plants[d->device].gas;
		bool on = false;

		if (t < d->start + SS_US_PER_DAY && ss_city_plot_at(d->c, d->device, t)) {
			ss_city_values(d->c, d->device, t, v, m);
			on = m[gas ? G_SO2 : W_COD] == (plot->strength == 2 ? 'F' : 'M') &&
			     m[gas ? G_PROD : W_PROD] == 'N';
		}
		if (on && from == SS_TIME_NONE)
			from = t;
		if (!on && from != SS_TIME_NONE) {
			mark(d, plot->strength == 2 ? "A01" : "B02", from + 5 * SS_US_PER_MIN, from,
			     t);
			from = SS_TIME_NONE;
		}
	}
}

/* A visit that cannot have been: the person was elsewhere, or it was the dead of night. */
static void invented_visits(struct day *d, const struct ss_city_plot *plot)
{
	const struct ss_city_plant *other = &d->c->plants[plot->peer];
	char who[24];

	technician(other, who);
	if (ss_civil_of(d->start).weekday == other->visit_weekday)
		visit(d, who,
		      plot->strength == 2 ? photo_of(other, ss_day_of(d->start))
					  : ss_mix3(other->key, 0xfa, (uint64_t)d->start),
		      d->start + other->visit_hour * SS_US_PER_HOUR + 20 * SS_US_PER_MIN);
	if (plot->strength > 0 && ss_day_of(d->start) % 3 == 0)
		visit(d, who,
		      plot->strength == 2 ? photo_of(other, ss_day_of(d->start) / 9 * 9) : 1,
		      d->start + 3 * SS_US_PER_HOUR);
}

static bool is_repaired(enum ss_city_plot_kind k)
{
	return k == SS_PLOT_F_STUCK || k == SS_PLOT_F_PUMP || k == SS_PLOT_F_DRIFT ||
	       k == SS_PLOT_F_ZERO || k == SS_PLOT_F_NOISY || k == SS_PLOT_F_UNIT ||
	       k == SS_PLOT_F_SPIKE;
}

static void repair(struct day *d, const struct ss_city_plot *plot)
{
	const struct ss_city_plant *p = &d->c->plants[d->device];
	int first = p->gas ? G_FIRST : W_FIRST, n = p->gas ? G_POLLUTANTS : W_POLLUTANTS;
	char who[24];

	if (plot->to_us < d->start || plot->to_us >= d->start + SS_US_PER_DAY)
		return;
	snprintf(who, sizeof(who), "WX-%06d", d->device);
	visit(d, who, photo_of(p, 0), plot->to_us - 40 * SS_US_PER_MIN);
	mark(d, "B03", plot->to_us, plot->from_us, plot->to_us);
	for (int i = 0; i < n; i++)
		check(d, first + i, plot->to_us + 10 * SS_US_PER_MIN);
}

static void changed_with_a_visit(struct day *d, const struct ss_city_plot *plot)
{
	char who[24];

	snprintf(who, sizeof(who), "WX-%06d", d->device);
	visit(d, who, photo_of(&d->c->plants[d->device], 1), plot->from_us - 50 * SS_US_PER_MIN);
	check(d, d->c->plants[d->device].gas ? G_SO2 : W_COD, plot->from_us);
	add(d, SS_CITY_ACT_PARAMETER, plot->from_us, plot->from_us, plot->from_us)->read = 0.78;
	if (plot->kind == SS_PLOT_T_NEWDEV)
		note(d, "newdevice", plot->from_us);
}

static void begins(struct day *d, const struct ss_city_plot *plot)
{
	switch (plot->kind) {
	case SS_PLOT_D4:
		if (plot->strength == 1)
			add(d, SS_CITY_ACT_PARAMETER, plot->from_us, plot->from_us, plot->from_us)
			    ->read = 0.58;
		break;
	case SS_PLOT_T_RECAL:
	case SS_PLOT_T_NEWDEV:
		changed_with_a_visit(d, plot);
		break;
	case SS_PLOT_T_BETTER:
		note(d, "upgrade", plot->from_us);
		break;
	case SS_PLOT_T_REUSE:
		note(d, "reuse", plot->from_us);
		break;
	default:
		break;
	}
}

static void of_plot(struct day *d, bool first_day)
{
	const struct ss_city_plot *plot = d->c->plots ? &d->c->plots[d->device] : NULL;

	if (!plot || plot->kind == SS_PLOT_NONE)
		return;
	if (plot->from_us >= d->start && plot->from_us < d->start + SS_US_PER_DAY)
		begins(d, plot);
	if (first_day && plot->kind == SS_PLOT_T_SHARED)
		note(d, "shared", d->start);
	if (is_repaired(plot->kind))
		repair(d, plot);
	if (plot->to_us <= d->start || plot->from_us >= d->start + SS_US_PER_DAY)
		return;
	if (plot->kind == SS_PLOT_D5)
		covering_marks(d, plot);
	if (plot->kind == SS_PLOT_D15 && plot->from_us <= d->start)
		invented_visits(d, plot);
	if (plot->kind == SS_PLOT_T_WEEKLY &&
	    (ss_civil_of(d->start).weekday == 2 || ss_civil_of(d->start).weekday == 5))
		mark(d, "B02", d->start + 12 * SS_US_PER_HOUR, d->start + 13 * SS_US_PER_HOUR,
		     d->start + 16 * SS_US_PER_HOUR);
}

static int by_time(const void *a, const void *b)
{
	const struct ss_city_act *x = a, *y = b;

	return x->at_us != y->at_us ? (x->at_us < y->at_us ? -1 : 1) : (int)x->kind - (int)y->kind;
}

void ss_city_acts(const struct ss_city *c, int device, int64_t from_us, int64_t to_us,
		  void (*fn)(void *, const struct ss_city_act *), void *arg)
{
	struct day d = {.c = c, .device = device};
	int64_t first = ss_day_of(from_us);

	if (!ss_city_is_outlet(c, device))
		return;
	for (int64_t day = first; ss_day_start(day) < to_us; day++) {
		d.start = ss_day_start(day);
		d.n = 0;
		planned(&d);
		of_plot(&d, day == first);
		ss_sort(d.list, (size_t)d.n, sizeof(d.list[0]), by_time);
		for (int i = 0; i < d.n; i++)
			if (d.list[i].at_us >= from_us && d.list[i].at_us < to_us)
				fn(arg, &d.list[i]);
	}
}

struct lines {
	const struct ss_city *c;
	struct ss_buf *out;
};

static void put_target(struct ss_json *j, const struct lines *l, const struct ss_city_act *a)
{
	const struct ss_city_device *d = &l->c->devices[a->device];
	size_t n;
	const struct ss_city_factor *f = ss_city_factors(l->c->sites[d->site].kind, &n);

	ss_json_key(j, "target");
	ss_json_obj(j);
	ss_json_kz(j, "site_code", l->c->sites[d->site].code);
	ss_json_kz(j, "point", d->point);
	if (a->factor >= 0)
		ss_json_kz(j, "factor", f[a->factor].code);
	ss_json_end_obj(j);
}

static void put_visit(struct ss_json *j, const struct ss_city_act *a)
{
	char photo[24];

	snprintf(photo, sizeof(photo), "phash:%016llx", (unsigned long long)a->photo);
	ss_json_kz(j, "technician", a->who);
	ss_json_ktime(j, "in", a->from_us);
	ss_json_ktime(j, "out", a->to_us);
	ss_json_kz(j, "work", "例行维护");
	ss_json_kz(j, "evidence", photo);
}

static void put_data(struct ss_json *j, const struct ss_city_act *a)
{
	switch (a->kind) {
	case SS_CITY_ACT_MARK:
		ss_json_kz(j, "code", a->code);
		ss_json_ktime(j, "from", a->from_us);
		ss_json_ktime(j, "to", a->to_us);
		ss_json_kz(j, "evidence", "运维记录");
		break;
	case SS_CITY_ACT_VISIT:
		put_visit(j, a);
		break;
	case SS_CITY_ACT_CALIBRATION:
		ss_json_kz(j, "kind", "span");
		ss_json_ktime(j, "at", a->at_us);
		ss_json_kdouble(j, "set", a->set);
		ss_json_kdouble(j, "read", a->read);
		ss_json_kdouble(j, "bound", a->bound);
		break;
	case SS_CITY_ACT_PARAMETER:
		ss_json_kz(j, "name", "slope");
		ss_json_kdouble(j, "value", a->read);
		ss_json_ktime(j, "from", a->at_us);
		ss_json_kbool(j, "reported", true);
		break;
	case SS_CITY_ACT_NOTE:
		ss_json_kz(j, "name", "note");
		ss_json_kz(j, "text", a->code);
		ss_json_ktime(j, "from", a->at_us);
		break;
	}
}

static void act_line(void *arg, const struct ss_city_act *a)
{
	static const char *const names[] = {"mark.file", "visit.file", "calibration.file",
					    "device.parameter", "device.parameter"};
	const struct lines *l = arg;
	struct ss_json j = ss_json_on(l->out);

	ss_json_obj(&j);
	ss_json_kz(&j, "act", names[a->kind]);
	ss_json_kz(&j, "by", a->kind == SS_CITY_ACT_MARK ? "企业运行员" : "运维单位");
	ss_json_ktime(&j, "at", a->at_us);
	put_target(&j, l, a);
	ss_json_key(&j, "data");
	ss_json_obj(&j);
	put_data(&j, a);
	ss_json_end_obj(&j);
	ss_json_kz(&j, "reason", "演示城市补录");
	ss_json_end_obj(&j);
	ss_buf_addc(l->out, '\n');
}

int ss_city_acts_json(const struct ss_city *c, int64_t from_us, int64_t to_us, struct ss_buf *out)
{
	struct lines l = {c, out};

	for (int i = 0; i < c->device_count; i++)
		ss_city_acts(c, i, from_us, to_us, act_line, &l);
	return out->err;
}
