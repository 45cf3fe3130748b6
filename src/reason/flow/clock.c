/* When a clock of a case ends and when the steps of its ladder fire: counted days of the legal
 * calendar or minutes, less the union of the pauses. */
#include "reason/flow/flow_internal.h"

#include <math.h>
#include <stdlib.h>

#define COUNT_MAX 40000 /* units: beyond every period of the law */

static const struct {
	const char *word, *law; /* in declarations; in the tables of the law */
} units[] = {
    [SSF_MINUTE] = {"minute", "min"}, [SSF_HOUR] = {"hour", "h"},
    [SSF_DAY] = {"day", "d"},         [SSF_WORKING_DAY] = {"working_day", "working d"},
    [SSF_MONTH] = {"month", "month"}, [SSF_YEAR] = {"year", "year"},
};

const char *ssf_unit_word(enum ssf_unit u)
{
	return units[u].word;
}

int ssf_unit_of(const char *word, enum ssf_unit *ret)
{
	for (size_t i = 0; word && i < SS_ARRAY_LEN(units); i++) {
		if (strcmp(units[i].word, word) == 0 || strcmp(units[i].law, word) == 0) {
			*ret = (enum ssf_unit)i;
			return 0;
		}
	}
	return SS_EINVAL;
}

static int by_start(const void *a, const void *b)
{
	const struct ssf_span *x = a, *y = b;

	return (x->from > y->from) - (x->from < y->from);
}

size_t ssf_spans_union(struct ssf_span *s, size_t n)
{
	size_t out = 0;

	ss_sort(s, n, sizeof(*s), by_start);
	for (size_t i = 0; i < n; i++) {
		if (s[i].to <= s[i].from)
			continue;
		if (out && s[i].from <= s[out - 1].to) {
			if (s[i].to > s[out - 1].to)
				s[out - 1].to = s[i].to;
		} else {
			s[out++] = s[i];
		}
	}
	return out;
}

/* --- by day ------------------------------------------------------------------------------------
 */

/* Of a pause the first day counts and the last does not: its length is the difference of the dates.
 */
static bool left_out(const struct ssf_course *c, int64_t day)
{
	for (size_t i = 0; i < c->n_spans; i++) {
		int64_t from = ss_day_of(c->spans[i].from);

		if (day > from && (c->spans[i].to == SSF_OPEN || day <= ss_day_of(c->spans[i].to)))
			return true;
	}
	return false;
}

static bool counts(const struct ssf_course *c, int64_t day, bool *sure)
{
	if (left_out(c, day))
		return false;
	return c->unit != SSF_WORKING_DAY || ss_law_workday(c->law, day, sure);
}

/* The n-th counted day behind `day`; day itself for 0. SS_EAGAIN: it never comes. */
static int counted(const struct ssf_course *c, int64_t day, int64_t n, bool *sure, int64_t *ret)
{
	int64_t most = day + COUNT_MAX;

	while (n > 0 && day < most)
		n -= counts(c, ++day, sure);
	*ret = day;
	return n > 0 ? SS_EAGAIN : 0;
}

/* Counted days of the period: months and years are as many days as they have from the start on. */
static int days_of(const struct ssf_course *c, int64_t *ret)
{
	struct ss_deadline d;
	int r;

	*ret = c->n;
	if (c->unit == SSF_DAY || c->unit == SSF_WORKING_DAY)
		return 0;
	r = ss_law_period(c->law, c->n, units[c->unit].law, ss_day_of(c->start_us), &d);
	if (r == 0)
		*ret = d.last_day - ss_day_of(c->start_us);
	return r;
}

static int due_by_day(const struct ssf_course *c, struct ssf_due *ret)
{
	int64_t n, last;
	int r = days_of(c, &n);

	if (r == 0)
		r = counted(c, ss_day_of(c->start_us), n, &ret->sure, &last);
	if (r < 0)
		return r;
	ret->last_day = last;
	ret->at_us = ss_day_start(ss_law_next_workday(c->law, last, &ret->sure) + 1);
	return 0;
}

/* x counted days behind the start: whole ones to the end of the day, a part of the next as that
 * part of its 24 hours. */
static int moment_by_day(const struct ssf_course *c, double x, int64_t *ret)
{
	double whole = floor(x + 1e-9), part = x - whole;
	int64_t day;
	bool sure;
	int r = counted(c, ss_day_of(c->start_us), (int64_t)whole, &sure, &day);

	if (r < 0)
		return r;
	*ret = ss_day_start(day + 1);
	if (part < 1e-9)
		return 0;
	r = counted(c, day, 1, &sure, &day);
	if (r == 0)
		*ret = ss_day_start(day) + (int64_t)(part * (double)SS_US_PER_DAY);
	return r;
}

/* --- by minute ----------------------------------------------------------------------------------
 */

static int64_t unit_us(const struct ssf_course *c)
{
	return c->unit == SSF_HOUR ? SS_US_PER_HOUR : SS_US_PER_MIN;
}

static int moment_by_time(const struct ssf_course *c, double x, int64_t *ret)
{
	int64_t t = c->start_us + (int64_t)(x * (double)unit_us(c));

	for (size_t i = 0; i < c->n_spans; i++) {
		int64_t from = c->spans[i].from > c->start_us ? c->spans[i].from : c->start_us;

		if (from >= t)
			break;
		if (c->spans[i].to == SSF_OPEN)
			return SS_EAGAIN;
		if (c->spans[i].to > from)
			t += c->spans[i].to - from;
	}
	*ret = t;
	return 0;
}

/* --- both --------------------------------------------------------------------------------------
 */

static bool by_day(const struct ssf_course *c)
{
	return c->unit >= SSF_DAY;
}

int ssf_clock_due(const struct ssf_course *c, struct ssf_due *ret)
{
	int r;

	*ret = (struct ssf_due){.sure = true, .last_day = SS_ANY_DAY};
	if (c->n < 0 || c->n > COUNT_MAX)
		return SS_ERANGE;
	if (by_day(c))
		return due_by_day(c, ret);
	r = moment_by_time(c, (double)c->n, &ret->at_us);
	if (r == 0)
		ret->last_day = ss_day_of(ret->at_us);
	return r;
}

int ssf_clock_moment(const struct ssf_course *c, const struct ssf_rung *g, int64_t *ret)
{
	struct ssf_due due;
	int64_t n = c->n;
	double x;
	int r = ssf_clock_due(c, &due);

	if (r == 0 && by_day(c))
		r = days_of(c, &n);
	if (r < 0)
		return r;
	x = g->by == SSF_SHARE ? g->x * (double)n : g->by == SSF_PASSED ? g->x : (double)n - g->x;
	if (x < 0)
		x = 0;
	r = by_day(c) ? moment_by_day(c, x, ret) : moment_by_time(c, x, ret);
	if (r < 0)
		return r;
	/* The end of the period itself may have moved to a working day; nothing later comes before
	 * it. */
	if (fabs(x - (double)n) < 1e-9 || (x > (double)n && *ret < due.at_us))
		*ret = due.at_us;
	return 0;
}

int64_t ssf_clock_used(const struct ssf_course *c, int64_t now)
{
	int64_t used = 0, day = ss_day_of(c->start_us), to = ss_day_of(now);
	bool sure;

	if (by_day(c)) {
		while (day < to && day - ss_day_of(c->start_us) < COUNT_MAX)
			used += counts(c, ++day, &sure);
		return used;
	}
	used = now - c->start_us;
	for (size_t i = 0; i < c->n_spans; i++) {
		int64_t a = c->spans[i].from > c->start_us ? c->spans[i].from : c->start_us,
			b = c->spans[i].to < now ? c->spans[i].to : now;

		used -= b > a ? b - a : 0;
	}
	return used < 0 ? 0 : used / unit_us(c);
}
