/* The day of an outlet: means as the standard of the medium takes them, counts of states and
 * transmission, days over the limit, the daily sheet; and whose mass it touches. */
#include <math.h>

#include "reason/review/review_internal.h"

#define GAP_DAYS 31
#define WINDOW_DAYS 125 /* a substitute looks back so far at most: 2,160 valid hours and stops */

struct day_of {
	struct run *u;
	int64_t day;
	struct day_law law;
	struct hour_row rows[FACTORS_MAX][SS_HOURS_A_DAY];
	const struct hour_row *flow; /* NULL = none */
	struct day_sheet sheet;
};

static struct ss_day_hours values_of(const struct hour_row *rows)
{
	struct ss_day_hours d;

	for (int i = 0; i < SS_HOURS_A_DAY; i++) {
		d.state[i] = rows[i].state;
		d.value[i] = rows[i].value;
	}
	return d;
}

static struct ss_day_hours converted_of(const struct hour_row *rows)
{
	struct ss_day_hours d = values_of(rows);

	for (int i = 0; i < SS_HOURS_A_DAY; i++) {
		d.value[i] = rows[i].converted;
		if (ss_hour_counts(d.state[i]) && isnan(d.value[i]))
			d.state[i] = SS_HOUR_INVALID;
	}
	return d;
}

static struct ss_day_hours m3_of(const struct hour_row *rows)
{
	struct ss_day_hours d = {.state = {0}};

	for (int i = 0; i < SS_HOURS_A_DAY; i++) {
		d.state[i] = rows ? rows[i].state : SS_HOUR_MISSING;
		d.value[i] = rows ? rows[i].m3 : (double)NAN;
	}
	return d;
}

static int emit_mean(struct day_of *x, const char *factor, const char *sub, const char *method,
		     const struct ss_day *d, double total_m3)
{
	struct ss_buf body = SS_BUF_MAX(4096);
	struct ss_json o = ss_json_on(&body);
	const char *state = d->valid ? "valid" : d->hours ? "invalid" : "none";
	int r;

	ss_json_obj(&o);
	ss_json_ki64(&o, "hours", d->hours);
	ss_json_kknown(&o, "max", d->max);
	ss_json_kz(&o, "method", method);
	ss_json_kknown(&o, "min", d->min);
	ss_json_kknown(&o, "plain", d->plain_mean);
	ss_json_kknown(&o, "total_m3", total_m3);
	ss_json_end_obj(&o);
	r = row_new(x->u, "day_mean", factor, sub, ss_day_start(x->day), ss_day_start(x->day + 1),
		    state, d->mean, &x->law.day_basis, &body);
	ss_buf_done(&body);
	return r;
}

/* What the day no longer has. */
static int withdraw(struct day_of *x, const char *kind, const char *factor, const char *sub)
{
	struct ss_finding was;
	int r = read_row(x->u, kind, factor, sub, ss_day_start(x->day), &was, NULL);

	if (r == SS_ENOTFOUND)
		return 0;
	return r < 0 || was.withdrawn ? r : row_withdraw(x->u, &was);
}

/* --- means by medium ---------------------------------------------------------------------------
 */

static double sum_m3(const struct hour_row *rows)
{
	double sum = 0;

	for (int i = 0; i < SS_HOURS_A_DAY; i++)
		sum += isnan(rows[i].m3) ? 0 : rows[i].m3;
	return sum;
}

static int mean_water_source(struct day_of *x, const struct factor *f, const struct hour_row *rows,
			     struct ss_day *d)
{
	struct ss_day_hours c = values_of(rows), q = m3_of(x->flow);

	if (f->role == ROLE_PH) {
		ss_day_ph(&c, x->law.day_share, d);
		return emit_mean(x, f->code, "", "median", d, NAN);
	}
	if (f->role == ROLE_FLOW) {
		ss_day_plain(&c, x->law.day_share, d);
		return emit_mean(x, f->code, "", "plain", d, sum_m3(rows));
	}
	ss_day_water(&c, &q, x->law.day_share, d);
	return emit_mean(x, f->code, "", "flow_weighted", d, NAN);
}

static int mean_gas_source(struct day_of *x, const struct factor *f, const struct hour_row *rows,
			   struct ss_day *d)
{
	struct ss_day_hours c = values_of(rows), z = converted_of(rows);
	struct ss_day converted;
	int r;

	ss_day_gas(&c, x->law.need_hours, d);
	r = emit_mean(x, f->code, "", "plain", d,
		      f->role == ROLE_FLOW ? sum_m3(rows) : (double)NAN);
	ss_day_gas(&z, x->law.need_hours, &converted);
	if (r == 0 && converted.hours == 0)
		return withdraw(x, "day_mean", f->code, "converted");
	if (r < 0)
		return r;
	*d = converted; /* the limit is for the reference oxygen */
	return emit_mean(x, f->code, "converted", "plain", &converted, NAN);
}

static int mean_air(struct day_of *x, const struct factor *f, const struct hour_row *rows,
		    struct ss_day *d)
{
	struct ss_day_hours c = values_of(rows);
	struct ss_day eight, peak;
	int r;

	ss_day_air(&c, x->law.need_hours, d);
	r = emit_mean(x, f->code, "", "plain", d, NAN);
	if (r < 0 || f->role != ROLE_OZONE)
		return r;
	peak = *d;
	peak.mean = peak.max;
	r = emit_mean(x, f->code, "1h", "max_hour", &peak, NAN);
	ss_day_ozone8(&x->law.ozone, &c, &eight);
	return r < 0 ? r : emit_mean(x, f->code, "8h", "max_8h", &eight, NAN);
}

static int emit_means(struct day_of *x, const struct factor *f, const struct hour_row *rows,
		      struct ss_day *d)
{
	struct ss_day_hours c;

	switch (x->law.kind) {
	case SS_SITE_SOURCE_WATER:
		return mean_water_source(x, f, rows, d);
	case SS_SITE_SOURCE_AIR:
		return mean_gas_source(x, f, rows, d);
	case SS_SITE_AIR:
	case SS_SITE_ROADSIDE:
		return mean_air(x, f, rows, d);
	default:
		c = values_of(rows);
		if (f->role == ROLE_PH)
			ss_day_ph(&c, x->law.day_share, d);
		else
			ss_day_plain(&c, x->law.day_share, d);
		return emit_mean(x, f->code, "", f->role == ROLE_PH ? "median" : "plain", d, NAN);
	}
}

/* --- transmission ------------------------------------------------------------------------------
 */

void transmission_count(const struct hour_row *rows, int64_t backfill_us, struct day_counts *ret)
{
	*ret = (struct day_counts){.t = {0}};
	for (int i = 0; i < SS_HOURS_A_DAY; i++) {
		const struct hour_row *r = &rows[i];
		bool expected = r->state != SS_HOUR_STOPPED && r->state != SS_HOUR_NOT_DUE;

		ret->states.of[r->state]++;
		ret->t.due += r->state != SS_HOUR_NOT_DUE;
		ret->t.stopped += r->state == SS_HOUR_STOPPED;
		if (!expected || !r->received)
			continue;
		if (r->late_s * SS_US_PER_SEC > backfill_us) {
			ret->too_late++;
			continue;
		}
		ret->t.received++;
		ret->t.late += r->late_s > 0;
		ret->t.valid += ss_hour_counts(r->state);
	}
}

int transmission_emit(struct run *u, const char *factor, const char *sub, int64_t from_day,
		      int64_t to_day, const struct day_counts *c, const struct day_law *law)
{
	struct ss_buf body = SS_BUF_MAX(4096);
	struct ss_json o = ss_json_on(&body);
	struct ss_rates rates = ss_rates(&c->t);
	const char *state = isnan(rates.effective)                        ? "none"
			    : rates.effective >= law->transmission_target ? "met"
									  : "missed";
	int r;

	ss_json_obj(&o);
	ss_json_ki64(&o, "due", c->t.due);
	ss_json_ki64(&o, "expected", rates.expected);
	ss_json_key(&o, "hours");
	ss_json_obj(&o);
	for (int i = 0; i < SS_HOUR_STATE_COUNT_; i++) { /* in order of the keys */
		static const enum ss_hour_state order[] = {SS_HOUR_EXCUSED, SS_HOUR_INVALID,
							   SS_HOUR_MISSING, SS_HOUR_NOT_DUE,
							   SS_HOUR_STOPPED, SS_HOUR_VALID};

		ss_json_ki64(&o, ss_hour_state_key(order[i]), c->states.of[order[i]]);
	}
	ss_json_end_obj(&o);
	ss_json_ki64(&o, "late", c->t.late);
	ss_json_ki64(&o, "received", c->t.received);
	ss_json_ki64(&o, "stopped", c->t.stopped);
	ss_json_ki64(&o, "too_late", c->too_late);
	ss_json_kknown(&o, "transmission", rates.transmission);
	ss_json_ki64(&o, "valid", c->t.valid);
	ss_json_kknown(&o, "validity", rates.validity);
	ss_json_end_obj(&o);
	r = row_new(u, "transmission", factor, sub, ss_day_start(from_day), ss_day_start(to_day),
		    state, rates.effective, &law->rate_basis, &body);
	ss_buf_done(&body);
	return r;
}

/* --- over the limit -----------------------------------------------------------------------------
 */

static void put_explanation(struct ss_json *o, const struct fact_explanation *e)
{
	ss_json_key(o, "explanation");
	if (!e) {
		ss_json_null(o);
		return;
	}
	ss_json_obj(o);
	ss_json_ktime(o, "at", e->at_us);
	ss_json_kz(o, "by", e->by);
	ss_json_kz(o, "text", e->text);
	ss_json_end_obj(o);
}

static const struct fact_explanation *explanation_of(const struct point_facts *f,
						     const char *factor, int64_t day)
{
	for (size_t i = 0; f && i < f->explanations.n; i++) {
		const struct fact_explanation *e = &f->explanations.v[i];

		if (e->day == day && strcmp(e->factor, factor) == 0)
			return e;
	}
	return NULL;
}

const struct fact_close *close_of(const struct point_facts *f, const char *what, int64_t day)
{
	for (size_t i = 0; f && i < f->closes.n; i++) {
		const struct fact_close *c = &f->closes.v[i];

		if (c->day == day && strcmp(c->what, what) == 0)
			return c;
	}
	return NULL;
}

/* The next working day at the hour by which the firm has to explain. */
int64_t explain_by(const struct day_law *law, int64_t day)
{
	double hour =
	    ss_law_parameter(law->law, "quality/parameters", "explain.deadline_hour", day, NULL);

	return ss_day_start(next_working_day(law->law, day)) + (int64_t)hour * SS_US_PER_HOUR;
}

static int emit_exceed(struct day_of *x, const char *factor, const struct ss_day *d,
		       const struct ss_review_limit *limit)
{
	struct ss_buf body = SS_BUF_MAX(16384);
	struct ss_json o = ss_json_on(&body);
	const struct point_facts *f;
	const struct fact_explanation *e;
	const struct fact_close *c;
	const char *state;
	int r;

	pthread_rwlock_rdlock(&x->u->r->facts.lock);
	f = facts_of(&x->u->r->facts, x->u->p.site, x->u->p.point);
	e = explanation_of(f, factor, x->day);
	c = close_of(f, "over", x->day);
	state = c ? "closed" : e ? "explained" : "found";
	ss_json_obj(&o);
	ss_json_kz(&o, "clause", limit->basis.clause);
	ss_json_ktime(&o, "explain_by", explain_by(&x->law, x->day));
	put_explanation(&o, e);
	ss_json_kknown(&o, "high", limit->high);
	ss_json_kknown(&o, "low", limit->low);
	ss_json_kknown(&o, "max", d->max);
	ss_json_kknown(&o, "min", d->min);
	ss_json_kz(&o, "standard", limit->basis.standard);
	ss_json_kz(&o, "verdict", c ? c->code : NULL);
	ss_json_end_obj(&o);
	pthread_rwlock_unlock(&x->u->r->facts.lock);
	r = row_new(x->u, "exceed_day", factor, "", ss_day_start(x->day), ss_day_start(x->day + 1),
		    state, d->mean, &limit->basis, &body);
	ss_buf_done(&body);
	return r;
}

static int judge_limit(struct day_of *x, const struct factor *f, const struct ss_day *d,
		       bool converted)
{
	struct ss_review_limit limit;
	bool ph = f->role == ROLE_PH;

	if (!x->law.sheet || (f->role != ROLE_CONC && !ph))
		return 0;
	if (!d->valid || !limit_of_outlet(x->u, f->code, converted, x->day, &limit) ||
	    !((ph ? d->max : d->mean) > limit.high || (ph ? d->min : d->mean) < limit.low))
		return withdraw(x, "exceed_day", f->code, "");
	x->sheet.over |= UINT32_C(1) << (f - x->u->p.factors);
	return emit_exceed(x, f->code, d, &limit);
}

/* --- what follows ------------------------------------------------------------------------------
 */

static bool is_gap(const struct hour_row *r)
{
	return r->there && (r->state == SS_HOUR_INVALID || r->state == SS_HOUR_MISSING ||
			    (ss_hour_counts(r->state) && isnan(r->kg)));
}

/* Days of a gap that reaches over the end of this day: its length decides on all of them. */
static int follow_gap(struct day_of *x, const char *factor, int step)
{
	struct hour_row rows[SS_HOURS_A_DAY];
	int64_t day = x->day + step;
	int r = 0;

	for (int i = 0; r == 0 && i < GAP_DAYS; i++, day += step) {
		r = read_hours(x->u, factor, ss_hour_of(ss_day_start(day)), SS_HOURS_A_DAY, rows);
		if (r < 0 || !is_gap(&rows[step < 0 ? SS_HOURS_A_DAY - 1 : 0]))
			return r;
		r = run_follow(x->u, day, 1u << PHASE_MASS);
		if (!is_gap(&rows[step < 0 ? 0 : SS_HOURS_A_DAY - 1]))
			return r;
	}
	return r;
}

/* Later substitutes may have taken theirs from this day. */
static int follow_substitutes(struct day_of *x, const char *factor)
{
	struct ss_finding *rows;
	size_t n;
	int r = read_range(x->u, "substitution", factor, "", ss_day_start(x->day + 1),
			   ss_day_start(x->day + WINDOW_DAYS), &rows, &n);

	for (size_t i = 0; r == 0 && i < n; i++)
		r = run_follow(x->u, ss_day_of(rows[i].start_us), 1u << PHASE_MASS);
	return r;
}

static int64_t month_day(int64_t day)
{
	return ss_day_of(ss_month_start(ss_month_of_day(day)));
}

static int follow_day(struct day_of *x)
{
	int r = run_follow(x->u, month_day(x->day), 1u << PHASE_QUARTER);

	if (r == 0 && x->law.mass)
		r = run_follow(x->u, x->day, 1u << PHASE_MASS);
	for (size_t i = 0; r == 0 && x->law.mass && i < x->u->p.n_factors; i++) {
		const struct factor *f = &x->u->p.factors[i];

		if (f->role != ROLE_CONC)
			continue;
		r = follow_gap(x, f->code, -1);
		if (r == 0)
			r = follow_gap(x, f->code, 1);
		if (r == 0)
			r = follow_substitutes(x, f->code);
	}
	return r;
}

/* The mean that limits are for is that at reference oxygen, where there is one. */
static bool converted_mean(const struct hour_row *rows)
{
	for (int i = 0; i < SS_HOURS_A_DAY; i++) {
		if (ss_hour_counts(rows[i].state) && !isnan(rows[i].converted))
			return true;
	}
	return false;
}

static int day_of_factor(struct day_of *x, size_t i)
{
	const struct factor *f = &x->u->p.factors[i];
	struct day_counts counts;
	struct ss_day d;
	int r = emit_means(x, f, x->rows[i], &d);

	if (r < 0)
		return r;
	transmission_count(x->rows[i], x->law.backfill_us, &counts);
	sheet_count(&x->sheet, i, x->rows[i]);
	r = transmission_emit(x->u, f->code, "day", x->day, x->day + 1, &counts, &x->law);
	return r < 0 ? r : judge_limit(x, f, &d, converted_mean(x->rows[i]));
}

int run_day(struct run *u, int64_t day)
{
	struct day_of *x = ss_arena_alloc(&u->scratch, sizeof(*x));
	bool any = false;
	int r = 0;

	if (!x)
		return SS_ENOMEM;
	x->u = u;
	x->day = day;
	law_of_day(u->p.kind, day, &x->law);
	for (size_t i = 0; r == 0 && i < u->p.n_factors; i++) {
		r = read_hours(u, u->p.factors[i].code, ss_hour_of(ss_day_start(day)),
			       SS_HOURS_A_DAY, x->rows[i]);
		if (u->p.factors[i].role == ROLE_FLOW)
			x->flow = x->rows[i];
		for (int h = 0; h < SS_HOURS_A_DAY; h++)
			any = any || x->rows[i][h].there;
	}
	if (r < 0 || !any)
		return r;
	u->job->days++;
	for (size_t i = 0; r == 0 && i < u->p.n_factors; i++)
		r = day_of_factor(x, i);
	if (r == 0 && x->law.sheet)
		r = sheet_emit(u, day, &x->sheet, &x->law);
	return r == 0 ? follow_day(x) : r;
}
