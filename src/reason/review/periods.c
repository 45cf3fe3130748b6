/* Months, quarters and years out of days: transmission, capture rate, mass. */
#include <math.h>

#include "reason/models/models.h"
#include "reason/review/review_internal.h"

static int add_counts(const struct ss_finding *f, struct day_counts *c, struct ss_error *err)
{
	json_t *o, *hours;
	int r = ss_json_parse(f->body, &o, err);

	if (r < 0)
		return r;
	hours = json_object_get(o, "hours");
	for (int i = 0; i < SS_HOUR_STATE_COUNT_; i++)
		c->states.of[i] +=
		    (int)ss_json_get_i64(hours, ss_hour_state_key((enum ss_hour_state)i), 0);
	c->t.due += ss_json_get_i64(o, "due", 0);
	c->t.stopped += ss_json_get_i64(o, "stopped", 0);
	c->t.received += ss_json_get_i64(o, "received", 0);
	c->t.valid += ss_json_get_i64(o, "valid", 0);
	c->t.late += ss_json_get_i64(o, "late", 0);
	c->too_late += ss_json_get_i64(o, "too_late", 0);
	json_decref(o);
	return 0;
}

static int sum_days(struct run *u, const char *factor, int64_t from_month, int64_t to_month,
		    struct day_counts *ret)
{
	struct ss_finding *rows;
	size_t n;
	int r = read_range(u, "transmission", factor, "day", ss_month_start(from_month),
			   ss_month_start(to_month), &rows, &n);

	*ret = (struct day_counts){.t = {0}};
	for (size_t i = 0; r == 0 && i < n; i++)
		r = add_counts(&rows[i], ret, u->err);
	return r;
}

/* --- capture rate, HJ 75-2017 12.1 --------------------------------------------------------------
 */

/* Whether two rates give the same windows for every gap. */
static bool same_windows(int64_t day, double a, double b)
{
	static const double gaps[] = {1, 25, 1000};

	for (int i = 0; i < 2 * (int)SS_ARRAY_LEN(gaps); i++) {
		struct ss_basis basis;
		int x = 0, y = 0;

		law_cems_window(day, i % 2, isnan(a) ? 0 : a, gaps[i / 2], &x, &basis);
		law_cems_window(day, i % 2, isnan(b) ? 0 : b, gaps[i / 2], &y, &basis);
		if (x != y)
			return false;
	}
	return true;
}

static int emit_capture(struct run *u, const char *factor, int64_t quarter,
			const struct day_counts *c, const struct day_law *law, bool *ret_changed)
{
	const int *of = c->states.of;
	double all = 0, invalid = of[SS_HOUR_INVALID] + of[SS_HOUR_MISSING];
	double stopped = of[SS_HOUR_STOPPED] + of[SS_HOUR_NOT_DUE], v;
	double target =
	    ss_law_parameter(law->law, "emission/parameters", "capture.target", law->day, NULL);
	struct ss_buf body = SS_BUF_MAX(1024);
	struct ss_json o = ss_json_on(&body);
	struct ss_finding was;
	int r;

	for (int i = 0; i < SS_HOUR_STATE_COUNT_; i++)
		all += of[i];
	v = ss_capture_percent(all, invalid, stopped);
	r = read_row(u, "capture", factor, "", ss_month_start(quarter), &was, NULL);
	*ret_changed = r != 0 || !same_windows(law->day, was.value, v);
	ss_json_obj(&o);
	ss_json_kdouble(&o, "hours", all);
	ss_json_kdouble(&o, "invalid", invalid);
	ss_json_kdouble(&o, "stopped", stopped);
	ss_json_end_obj(&o);
	r = row_new(u, "capture", factor, "", ss_month_start(quarter), ss_month_start(quarter + 3),
		    isnan(v)      ? "none"
		    : v >= target ? "met"
				  : "missed",
		    v, &law->capture_basis, &body);
	ss_buf_done(&body);
	return r;
}

/* The rate decides which window the quarter's gaps are filled from. */
static int follow_gaps(struct run *u, const char *factor, int64_t quarter)
{
	struct ss_finding *rows;
	size_t n;
	int r = read_range(u, "substitution", factor, "", ss_month_start(quarter),
			   ss_month_start(quarter + 3), &rows, &n);

	for (size_t i = 0; r == 0 && i < n; i++)
		r = run_follow(u, ss_day_of(rows[i].start_us), 1u << PHASE_MASS);
	return r;
}

static int quarter_of_factor(struct run *u, const struct factor *f, int64_t month,
			     const struct day_law *law)
{
	int64_t quarter = month - month % 3;
	struct day_counts c;
	bool changed;
	int r = sum_days(u, f->code, month, month + 1, &c);

	if (r == 0)
		r = transmission_emit(u, f->code, "month", ss_day_of(ss_month_start(month)),
				      ss_day_of(ss_month_start(month + 1)), &c, law);
	if (r == 0)
		r = sum_days(u, f->code, quarter, quarter + 3, &c);
	if (r == 0)
		r = transmission_emit(u, f->code, "quarter", ss_day_of(ss_month_start(quarter)),
				      ss_day_of(ss_month_start(quarter + 3)), &c, law);
	if (r < 0 || u->p.kind != SS_SITE_SOURCE_AIR || f->role != ROLE_CONC)
		return r;
	r = emit_capture(u, f->code, quarter, &c, law, &changed);
	return r == 0 && changed ? follow_gaps(u, f->code, quarter) : r;
}

int run_quarter(struct run *u, int64_t day)
{
	struct day_law law;
	int r = 0;

	law_of_day(u->p.kind, day, &law);
	for (size_t i = 0; r == 0 && i < u->p.n_factors; i++)
		r = quarter_of_factor(u, &u->p.factors[i], ss_month_of_day(day), &law);
	return r;
}

/* --- mass ---------------------------------------------------------------------------------------
 */

static int sum_mass(struct run *u, const char *factor, const char *sub, int64_t from_month,
		    int64_t to_month, struct ss_mass *ret)
{
	struct ss_finding *rows;
	size_t n;
	int r = read_range(u, "mass", factor, sub, ss_month_start(from_month),
			   ss_month_start(to_month), &rows, &n);

	*ret = (struct ss_mass){0};
	for (size_t i = 0; r == 0 && i < n; i++) {
		json_t *o;
		struct ss_mass m;

		r = ss_json_parse(rows[i].body, &o, u->err);
		if (r < 0)
			return r;
		m = (struct ss_mass){.measured_kg = json_number_of(o, "measured_kg"),
				     .substituted_kg = json_number_of(o, "substituted_kg"),
				     .measured_hours = ss_json_get_i64(o, "measured_hours", 0),
				     .substituted_hours =
					 ss_json_get_i64(o, "substituted_hours", 0),
				     .open_hours = ss_json_get_i64(o, "open_hours", 0)};
		ss_mass_add(ret, &m);
		json_decref(o);
	}
	return r;
}

int run_month(struct run *u, int64_t day)
{
	int64_t month = ss_month_of_day(day), year = month - month % 12;
	struct day_law law;
	int r = 0;

	law_of_day(u->p.kind, day, &law);
	for (size_t i = 0; r == 0 && i < u->p.n_factors; i++) {
		const struct factor *f = &u->p.factors[i];
		struct ss_mass m;

		if (f->role != ROLE_CONC)
			continue;
		r = sum_mass(u, f->code, "day", month, month + 1, &m);
		if (r == 0)
			r = mass_emit(u, f->code, "month", ss_month_start(month),
				      ss_month_start(month + 1), &m, &law);
		if (r == 0)
			r = sum_mass(u, f->code, "day", year, year + 12, &m);
		if (r == 0)
			r = mass_emit(u, f->code, "year", ss_month_start(year),
				      ss_month_start(year + 12), &m, &law);
	}
	return r;
}
