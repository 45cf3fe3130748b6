/* Marks as a cover: how many of the hours that would have been over the limit lie under marks, when
 * marks begin against the first reading above, and whether there are more than this outlet usually
 * has. */
#include <math.h>

#include "base/thread.h"
#include "reason/review/review_internal.h"

#define BEFORE_US (6 * SS_US_PER_HOUR) /* a mark may follow the first reading above so late */
#define MARKS_MAX 4096

struct cover {
	struct ss_review *r;
	const struct point *p;
	int64_t from, to;
	struct ss_span marks[MARKS_MAX]; /* of the time, any class and state but refused */
	size_t n_marks;
	int64_t usual; /* marks in the usual days before */
	double offsets[MARKS_MAX];
	size_t n_offsets;
	int64_t above, covered;
	struct ss_arena a;
	struct ss_error *err;
};

static void take_marks(struct cover *c, int64_t usual_from)
{
	const struct point_facts *f;

	pthread_rwlock_rdlock(&c->r->facts.lock);
	f = facts_of(&c->r->facts, c->p->site, c->p->point);
	for (size_t i = 0; f && i < f->marks.n; i++) {
		const struct fact_mark *m = &f->marks.v[i];

		if (m->state == SS_MARK_REFUSED)
			continue;
		if (m->m.from_us >= usual_from && m->m.from_us < c->from)
			c->usual++;
		if (m->m.from_us < c->to && m->m.to_us > c->from && c->n_marks < MARKS_MAX)
			c->marks[c->n_marks++] =
			    (struct ss_span){.from_us = m->m.from_us, .to_us = m->m.to_us};
	}
	pthread_rwlock_unlock(&c->r->facts.lock);
}

static double limit_of(const struct cover *c, const char *factor)
{
	const struct point_facts *f;
	const struct fact_parameter *x;
	double v;

	pthread_rwlock_rdlock(&c->r->facts.lock);
	f = facts_of(&c->r->facts, c->p->site, c->p->point);
	x = facts_parameter(f, factor, "limit_hour", c->to);
	x = x ? x : facts_parameter(f, factor, "limit_day", c->to);
	v = x && x->factor[0] ? x->value : (double)NAN;
	pthread_rwlock_unlock(&c->r->facts.lock);
	return v;
}

static bool under_mark(const struct cover *c, int64_t from, int64_t to)
{
	for (size_t i = 0; i < c->n_marks; i++) {
		if (c->marks[i].from_us < to && c->marks[i].to_us > from)
			return true;
	}
	return false;
}

static int count_hours(struct cover *c, int32_t series, double limit)
{
	struct ss_rollup *h;
	size_t n;
	int r = ss_series_rollup(c->r->parts.series, series, SS_ROLLUP_HOUR, c->from, c->to, &c->a,
				 &h, &n, c->err);

	for (size_t i = 0; r == 0 && i < n; i++) {
		if (h[i].n_valid == 0 || !(h[i].mean > limit))
			continue;
		c->above++;
		c->covered += under_mark(c, h[i].start_us, h[i].start_us + SS_US_PER_HOUR);
	}
	return r;
}

/* Start of each mark against the first reading above about it. */
static int note_starts(struct cover *c, int32_t series, double limit)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < c->n_marks; i++) {
		int64_t from = c->marks[i].from_us - BEFORE_US;
		int64_t to = c->marks[i].to_us < c->to ? c->marks[i].to_us : c->to;
		struct ss_point *p;
		size_t n, k = 0;

		r = ss_series_points(c->r->parts.series, series, from, to, 0, &c->a, &p, &n,
				     c->err);
		while (r == 0 && k < n && !(p[k].value > limit))
			k++;
		if (r == 0 && k < n && c->n_offsets < MARKS_MAX)
			c->offsets[c->n_offsets++] =
			    (double)(c->marks[i].from_us - p[k].time_us) / (double)SS_US_PER_MIN;
	}
	return r;
}

static int look_at(struct cover *c, const struct factor *f)
{
	double limit = limit_of(c, f->code);
	int32_t series = f->rtd >= 0 ? f->rtd : f->hour;
	int r;

	if (isnan(limit) || series < 0)
		return 0;
	r = count_hours(c, series, limit);
	return r < 0 ? r : note_starts(c, series, limit);
}

static bool copy_point(struct ss_review *r, int64_t site, const char *point, struct point *ret)
{
	struct point *p;
	SS_LOCKED(&r->lock);

	p = point_of(r, site, point);
	if (p)
		*ret = *p;
	return p != NULL;
}

int ss_review_abuse(struct ss_review *r, int64_t site, const char *point, int64_t from, int64_t to,
		    struct ss_abuse *ret, struct ss_error *err)
{
	double usual_days = ss_law_parameter(ss_law_now(), "review/parameters", "abuse.usual_days",
					     ss_day_of(to), NULL);
	double days = (double)(to - from) / (double)SS_US_PER_DAY;
	struct cover *c;
	struct point p;
	int res = 0;

	if (!copy_point(r, site, point, &p))
		return ss_error_set(err, SS_ENOTFOUND,
				    "没有受审核的排口 %lld %s no such outlet under review",
				    (long long)site, point);
	c = calloc(1, sizeof(*c));
	if (!c)
		return SS_ENOMEM;
	c->r = r, c->p = &p, c->from = from, c->to = to, c->err = err;
	ss_arena_init(&c->a, 256 << 20);
	take_marks(c, from - (int64_t)usual_days * SS_US_PER_DAY);
	for (size_t i = 0; res == 0 && i < p.n_factors; i++)
		res = look_at(c, &p.factors[i]);
	if (res == 0)
		ss_abuse_judge(c->above, c->covered, c->offsets, c->n_offsets, (int64_t)c->n_marks,
			       (double)c->usual / usual_days, days, ret);
	ss_arena_done(&c->a);
	free(c);
	return res;
}
