/* What was emitted: measured hours and, for mass only, substitutes by HJ 75-2017 12.2 and HJ 356.
 * The concentration keeps its hole; a substitute is never the source of another. */
#include <math.h>

#include "reason/models/models.h"
#include "reason/review/review_internal.h"

#define GAP_HOURS (31 * SS_HOURS_A_DAY)
#define BACK_HOURS (124 * SS_HOURS_A_DAY)
#define CHUNK (10 * SS_HOURS_A_DAY)

struct mass_of {
	struct run *u;
	int64_t day, first; /* hour number of 00:00 */
	struct day_law law;
	const char *factor, *flow;
	struct hour_row c[SS_HOURS_A_DAY], q[SS_HOURS_A_DAY];
	struct ss_mass mass;
	uint32_t emitted; /* hours at which a substitution row stands */
};

static bool is_gap(const struct hour_row *r)
{
	return r->there && (r->state == SS_HOUR_INVALID || r->state == SS_HOUR_MISSING ||
			    (ss_hour_counts(r->state) && isnan(r->kg)));
}

static bool conc_gap(const struct hour_row *r)
{
	return r->there && (r->state == SS_HOUR_INVALID || r->state == SS_HOUR_MISSING);
}

typedef bool gap_fn(const struct hour_row *r);

/* How far the gap reaches from hour `at` in a direction; hours beyond it. */
static int reach(struct mass_of *x, const char *factor, int64_t at, int step, gap_fn *gap,
		 int64_t *ret)
{
	struct hour_row rows[SS_HOURS_A_DAY];
	int64_t hour = at + step;
	int r = 0;

	*ret = 0;
	while (*ret < GAP_HOURS) {
		int64_t from = step < 0 ? hour - SS_HOURS_A_DAY + 1 : hour;

		r = read_hours(x->u, factor, from, SS_HOURS_A_DAY, rows);
		if (r < 0)
			return r;
		for (int i = 0; i < SS_HOURS_A_DAY; i++) {
			if (!gap(&rows[step < 0 ? SS_HOURS_A_DAY - 1 - i : i]))
				return 0;
			(*ret)++;
		}
		hour += step * SS_HOURS_A_DAY;
	}
	return 0;
}

/* --- rows ---------------------------------------------------------------------------------------
 */

struct filled {
	int from, to; /* hours of the day */
	int64_t gap_from, gap_hours;
	const char *why;             /* what kind of gap, or why there is no value */
	double kg;                   /* of all these hours; NAN = none */
	double conc, m3;             /* water: what was put in; NAN */
	int64_t window, window_from; /* hours used, earliest; SS_TIME_NONE */
	int back;                    /* water: periods stepped back */
	struct ss_basis basis;
};

static int emit_filled(struct mass_of *x, const struct filled *f)
{
	struct ss_buf body = SS_BUF_MAX(4096);
	struct ss_json o = ss_json_on(&body);
	int hours = f->to - f->from, r;

	ss_json_obj(&o);
	ss_json_kknown(&o, "conc", f->conc);
	ss_json_ktime(&o, "gap_from", ss_hour_start(f->gap_from));
	ss_json_ki64(&o, "gap_hours", f->gap_hours);
	ss_json_ki64(&o, "hours", hours);
	ss_json_kknown(&o, "kg", f->kg);
	ss_json_kknown(&o, "m3", f->m3);
	if (f->back >= 0)
		ss_json_ki64(&o, "step_back", f->back);
	ss_json_kz(&o, "why", f->why);
	ss_json_ki64(&o, "window", f->window);
	ss_json_ktime(&o, "window_from",
		      f->window_from == SS_TIME_NONE ? SS_TIME_NONE
						     : ss_hour_start(f->window_from));
	ss_json_end_obj(&o);
	x->emitted |= 1u << f->from;
	if (isnan(f->kg)) {
		x->mass.open_hours += hours;
	} else {
		x->mass.substituted_kg += f->kg;
		x->mass.substituted_hours += hours;
	}
	r = row_new(x->u, "substitution", x->factor, "", ss_hour_start(x->first + f->from),
		    ss_hour_start(x->first + f->to), isnan(f->kg) ? "none" : "filled",
		    f->kg / hours, &f->basis, &body);
	ss_buf_done(&body);
	return r;
}

/* Those that stand where no gap is any more. */
static int withdraw_rest(struct mass_of *x)
{
	struct ss_finding *rows;
	size_t n;
	int r = read_range(x->u, "substitution", x->factor, "", ss_hour_start(x->first),
			   ss_hour_start(x->first + SS_HOURS_A_DAY), &rows, &n);

	for (size_t i = 0; r == 0 && i < n; i++) {
		struct ss_finding *f = &rows[i];
		int64_t at = ss_hour_of(f->start_us) - x->first;

		if (!f->withdrawn && !(x->emitted >> at & 1))
			r = row_withdraw(x->u, f);
	}
	return r;
}

/* --- waste gas ----------------------------------------------------------------------------------
 */

static int capture_of(struct mass_of *x, int64_t hour, double *ret)
{
	struct ss_finding row;
	int64_t month = ss_month_of(ss_hour_start(hour));
	int r =
	    read_row(x->u, "capture", x->factor, "", ss_month_start(month - month % 3), &row, NULL);

	*ret = r == 0 && !isnan(row.value) ? row.value : 0;
	return r == SS_ENOTFOUND ? 0 : r;
}

/* The newest `need` valid hourly emissions before an hour, newest last. */
static int valid_before(struct mass_of *x, int64_t before, size_t need, double *kg, size_t *ret_n,
			int64_t *ret_from)
{
	struct hour_row *rows = ss_arena_array(&x->u->scratch, CHUNK, sizeof(*rows));
	int64_t at = before;
	size_t n = 0;

	if (!rows)
		return SS_ENOMEM;
	*ret_from = SS_TIME_NONE;
	while (n < need && before - at < BACK_HOURS) {
		int r;

		at -= CHUNK;
		r = read_hours(x->u, x->factor, at, CHUNK, rows);
		if (r < 0)
			return r;
		for (int i = CHUNK - 1; i >= 0 && n < need; i--) {
			if (!ss_hour_counts(rows[i].state) || isnan(rows[i].kg))
				continue;
			kg[n++] = rows[i].kg;
			*ret_from = at + i;
		}
	}
	*ret_n = n;
	return 0;
}

static int fill_gas(struct mass_of *x, struct filled *f, bool out_of_control, int64_t reference)
{
	int window = 0;
	double *kg, capture;
	size_t n, used;
	int r = capture_of(x, f->gap_from, &capture);

	f->kg = NAN;
	f->basis = x->law.mass_basis;
	if (r < 0)
		return r;
	if (!law_cems_window(x->day, out_of_control, capture, (double)f->gap_hours, &window,
			     &f->basis)) {
		f->why = "capture_too_low";
		return 0;
	}
	kg = ss_arena_array(&x->u->scratch, (size_t)window, sizeof(*kg));
	if (!kg)
		return SS_ENOMEM;
	r = valid_before(x, reference, (size_t)window, kg, &n, &f->window_from);
	if (r < 0)
		return r;
	f->kg = ss_cems_substitute(kg, n, (size_t)window, &used) * (f->to - f->from);
	f->window = (int64_t)n;
	if (n == 0)
		f->why = "nothing_before";
	return 0;
}

static int gas_gap(struct mass_of *x, struct filled *f)
{
	int64_t reference = f->gap_from;
	bool out_of_control = false;

	for (int h = f->from; h < f->to; h++) {
		if (!(x->c[h].reasons & (SS_REASON_BIT(SS_REASON_CHECK_FAILED) |
					 SS_REASON_BIT(SS_REASON_CHECK_OVERDUE))))
			continue;
		out_of_control = true;
		if (x->c[h].check_from_us != SS_TIME_NONE)
			reference = ss_hour_of(x->c[h].check_from_us);
	}
	f->why = out_of_control ? "out_of_control" : "maintenance";
	return fill_gas(x, f, out_of_control, reference);
}

/* --- waste water --------------------------------------------------------------------------------
 */

static double mean_of_days(const struct ss_finding *rows, size_t n)
{
	double sum = 0;
	size_t used = 0;

	for (size_t i = 0; i < n; i++) {
		if (strcmp(rows[i].state, "valid") != 0 || isnan(rows[i].value))
			continue;
		sum += rows[i].value;
		used++;
	}
	return used ? sum / (double)used : (double)NAN;
}

static int last_quarter(struct mass_of *x, const char *factor, int64_t hour, double *ret)
{
	int64_t month = ss_month_of(ss_hour_start(hour)), quarter = month - month % 3;
	struct ss_finding *rows;
	size_t n;
	int r = read_range(x->u, "day_mean", factor, "", ss_month_start(quarter - 3),
			   ss_month_start(quarter), &rows, &n);

	*ret = r == 0 ? mean_of_days(rows, n) : (double)NAN;
	return r;
}

/* A value for one factor's gap at hour `at`: of the same length before, further back, or the last
 * quarter's mean. */
static int fill_factor(struct mass_of *x, const char *factor, bool flow, int64_t at,
		       struct filled *f, double *ret)
{
	size_t back = (size_t)x->law.back_hours;
	struct hour_row *rows = ss_arena_array(&x->u->scratch, back, sizeof(*rows));
	double *v = ss_arena_array(&x->u->scratch, back, sizeof(*v));
	int64_t before, after, start;
	int r = reach(x, factor, at, -1, conc_gap, &before);

	if (!rows || !v)
		return SS_ENOMEM;
	if (r == 0)
		r = reach(x, factor, at, 1, conc_gap, &after);
	start = at - before;
	if (r == 0)
		r = read_hours(x->u, factor, start - (int64_t)back, back, rows);
	if (r < 0)
		return r;
	for (size_t i = 0; i < back; i++)
		v[i] = !ss_hour_counts(rows[i].state) ? (double)NAN
		       : flow                         ? rows[i].m3
						      : rows[i].value;
	*ret = ss_fill_water(v, back, (size_t)(before + 1 + after), back, false, &f->back);
	if (f->back >= 0) {
		f->window = before + 1 + after;
		f->window_from = start - (f->back + 1) * f->window;
		return 0;
	}
	f->why = "last_quarter";
	r = last_quarter(x, factor, at, ret);
	*ret = flow ? *ret * 3.6 : *ret; /* the flow's day means are in L/s */
	return r;
}

/* Hours of one gap that lack the same things are one row. */
static int water_gap(struct mass_of *x, struct filled *f)
{
	double kg = 0;
	int r = 0;

	f->basis = x->law.mass_basis;
	f->basis.rule = "wastewater.substitute";
	f->why = "previous_period";
	for (int h = f->from; r == 0 && h < f->to; h++) {
		const struct hour_row *c = &x->c[h], *q = &x->q[h];
		double conc = ss_hour_counts(c->state) ? c->value : f->conc;
		double m3 = ss_hour_counts(q->state) ? q->m3 : f->m3;

		if (isnan(conc)) {
			r = fill_factor(x, x->factor, false, x->first + h, f, &f->conc);
			conc = f->conc;
		}
		if (r == 0 && isnan(m3)) {
			r = fill_factor(x, x->flow, true, x->first + h, f, &f->m3);
			m3 = f->m3;
		}
		kg += ss_load_kg(conc > 0 ? conc : conc < 0 ? 0 : conc, m3);
	}
	f->kg = kg;
	if (isnan(kg))
		f->why = "nothing_before";
	return r;
}

/* --- the day ------------------------------------------------------------------------------------
 */

static int one_gap(struct mass_of *x, int from, int to)
{
	struct filled f = {.from = from,
			   .to = to,
			   .conc = NAN,
			   .m3 = NAN,
			   .back = -1,
			   .window_from = SS_TIME_NONE};
	int64_t before = 0, after = 0;
	int r = 0;

	if (from == 0)
		r = reach(x, x->factor, x->first, -1, is_gap, &before);
	if (r == 0 && to == SS_HOURS_A_DAY)
		r = reach(x, x->factor, x->first + to - 1, 1, is_gap, &after);
	if (r < 0)
		return r;
	f.gap_from = x->first + from - before;
	f.gap_hours = before + (to - from) + after;
	r = x->law.weighted ? water_gap(x, &f) : gas_gap(x, &f);
	return r < 0 ? r : emit_filled(x, &f);
}

static int all_gaps(struct mass_of *x)
{
	int r = 0, from = -1;

	for (int h = 0; r == 0 && h <= SS_HOURS_A_DAY; h++) {
		bool gap = h < SS_HOURS_A_DAY && is_gap(&x->c[h]);

		if (gap && from < 0)
			from = h;
		if (gap || from < 0)
			continue;
		r = one_gap(x, from, h);
		from = -1;
	}
	return r;
}

int mass_emit(struct run *u, const char *factor, const char *sub, int64_t from_us, int64_t to_us,
	      const struct ss_mass *m, const struct day_law *law)
{
	struct ss_buf body = SS_BUF_MAX(4096);
	struct ss_json o = ss_json_on(&body);
	int r;

	ss_json_obj(&o);
	ss_json_ki64(&o, "measured_hours", m->measured_hours);
	ss_json_kdouble(&o, "measured_kg", m->measured_kg);
	ss_json_ki64(&o, "open_hours", m->open_hours);
	ss_json_ki64(&o, "substituted_hours", m->substituted_hours);
	ss_json_kdouble(&o, "substituted_kg", m->substituted_kg);
	ss_json_kdouble(&o, "substituted_share", ss_mass_share(m));
	ss_json_end_obj(&o);
	r = row_new(u, "mass", factor, sub, from_us, to_us, m->open_hours ? "open" : "whole",
		    ss_mass_total(m), &law->mass_basis, &body);
	ss_buf_done(&body);
	return r;
}

static int mass_of_factor(struct mass_of *x)
{
	int r = read_hours(x->u, x->factor, x->first, SS_HOURS_A_DAY, x->c);

	if (r == 0)
		r = read_hours(x->u, x->flow, x->first, SS_HOURS_A_DAY, x->q);
	if (r < 0)
		return r;
	x->mass = (struct ss_mass){0};
	x->emitted = 0;
	for (int h = 0; h < SS_HOURS_A_DAY; h++) {
		if (!ss_hour_counts(x->c[h].state) || isnan(x->c[h].kg))
			continue;
		x->mass.measured_kg += x->c[h].kg;
		x->mass.measured_hours++;
	}
	r = all_gaps(x);
	if (r == 0)
		r = withdraw_rest(x);
	return r < 0 ? r
		     : mass_emit(x->u, x->factor, "day", ss_day_start(x->day),
				 ss_day_start(x->day + 1), &x->mass, &x->law);
}

int run_mass(struct run *u, int64_t day)
{
	struct mass_of *x = ss_arena_alloc(&u->scratch, sizeof(*x));
	int r = 0;

	if (!x)
		return SS_ENOMEM;
	x->u = u;
	x->day = day;
	x->first = ss_hour_of(ss_day_start(day));
	law_of_day(u->p.kind, day, &x->law);
	for (size_t i = 0; i < u->p.n_factors; i++) {
		if (u->p.factors[i].role == ROLE_FLOW)
			x->flow = u->p.factors[i].code;
	}
	if (!x->law.mass || !x->flow)
		return 0;
	for (size_t i = 0; r == 0 && i < u->p.n_factors; i++) {
		if (u->p.factors[i].role != ROLE_CONC)
			continue;
		x->factor = u->p.factors[i].code;
		r = mass_of_factor(x);
	}
	return r < 0 ? r
		     : run_follow(u, ss_day_of(ss_month_start(ss_month_of_day(day))),
				  1u << PHASE_MONTH);
}
