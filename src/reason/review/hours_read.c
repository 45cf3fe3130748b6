/* Hours that nothing has touched since they were judged last are taken as they were (memo.c); the
 * others are read from the series: readings to minutes, the device's own hours beside them. */
#include <math.h>

#include "reason/review/hours_internal.h"

/* --- what is known already ----------------------------------------------------------------------
 */

/* The hour before the window has only to tell at what time its last reading was. */
void window_find_clean(struct window *w, bool from_scratch)
{
	w->n_stretches = 0;
	for (int h = -1; h < w->n; h++) {
		struct memo_slot *s = memo_slot(w->memo, w->first + h);
		struct stretch *last = w->n_stretches ? &w->stretches[w->n_stretches - 1] : NULL;

		w->clean[h + 1] = !from_scratch && memo_holds(s, &w->u->p) && (h < 0 || s->judged);
		if (h >= 0)
			w->any[h] = is_clean(w, h) && s->any;
		if (is_clean(w, h))
			continue;
		s->known = s->judged = false;
		if (last && last->to == h)
			last->to = h + 1;
		else
			w->stretches[w->n_stretches++] = (struct stretch){h, h + 1};
	}
}

void window_remember(struct window *w)
{
	for (int h = -1; h < w->n; h++) {
		struct memo_slot *s = memo_slot(w->memo, w->first + h);

		if (is_clean(w, h))
			continue;
		s->known = true;
		s->judged = h >= 0;
		s->any = h >= 0 && w->any[h];
		s->stamp = w->u->p.stamp;
	}
}

/* --- reading ------------------------------------------------------------------------------------
 */

/* The points of the hours to be read; before_us: with those before, whose readings reach into them.
 */
static int points_of(struct window *w, int32_t series, int64_t before_us, struct ss_point **ret,
		     size_t *ret_n)
{
	struct ss_point *all = NULL, *p;
	size_t n_all = 0, n;
	int r = 0;

	for (size_t i = 0; series >= 0 && r == 0 && i < w->n_stretches; i++) {
		const struct stretch *s = &w->stretches[i];
		int64_t from = ss_hour_start(w->first + s->from) - (s->from < 0 ? 0 : before_us);
		struct ss_point *more;

		r = ss_series_points(w->u->r->parts.series, series, from,
				     ss_hour_start(w->first + s->to), 0, w->a, &p, &n, w->u->err);
		if (r < 0 || n == 0)
			continue;
		more = n_all ? ss_arena_array(w->a, n_all + n, sizeof(*more)) : p;
		if (!more)
			return SS_ENOMEM;
		if (n_all) {
			memcpy(more, all, n_all * sizeof(*more));
			memcpy(more + n_all, p, n * sizeof(*more));
		}
		all = more;
		n_all += n;
	}
	*ret = all;
	*ret_n = n_all;
	return r;
}

static void note_steps(struct window *w, struct judged *j, enum series_use use,
		       const struct ss_point *p, size_t n)
{
	for (int h = -1; h < w->n; h++)
		if (!is_clean(w, h))
			entry_of(w, j, h)->steps[use] = (struct steps){.least_us = INT64_MAX};
	for (size_t i = 0; i < n; i++) {
		int h = (int)(ss_hour_of(p[i].time_us) - w->first);
		struct steps *s;

		if (is_clean(w, h))
			continue;
		s = &entry_of(w, j, h)->steps[use];
		if (!s->any)
			s->first_us = p[i].time_us;
		else if (p[i].time_us - s->last_us < s->least_us)
			s->least_us = p[i].time_us - s->last_us;
		s->any = true;
		s->last_us = p[i].time_us;
	}
}

/* Between any two readings of the window. */
static int64_t least_step(const struct window *w, const struct judged *j, enum series_use use)
{
	const struct steps *before = NULL;
	int64_t least = INT64_MAX;

	for (int h = -1; h < w->n; h++) {
		const struct steps *s = &entry_of(w, j, h)->steps[use];

		if (!s->any)
			continue;
		if (before && s->first_us - before->last_us < least)
			least = s->first_us - before->last_us;
		least = s->least_us < least ? s->least_us : least;
		before = s;
	}
	return least;
}

static int64_t filed_of(const struct window *w, enum series_use use)
{
	return use == USE_RTD ? w->u->p.interval_s * SS_US_PER_SEC : 0;
}

/* What a reading speaks for: the interval filed, else the least step seen, within bounds. */
static int64_t span_of(const struct window *w, const struct judged *j, enum series_use use)
{
	int64_t filed_us = filed_of(w, use), step;

	if (filed_us > 0)
		return filed_us < SS_US_PER_HOUR ? filed_us : SS_US_PER_HOUR;
	step = least_step(w, j, use);
	if (step <= SS_US_PER_HOUR)
		return step;
	return use == USE_RTD ? SS_US_PER_MIN : 10 * SS_US_PER_MIN;
}

static int add_readings(struct window *w, struct judged *j, const struct ss_point *p, size_t n,
			int64_t span_us)
{
	struct ss_reading *r = ss_arena_array(w->a, n + 1, sizeof(*r));
	size_t from = 0;

	if (!r)
		return SS_ENOMEM;
	for (size_t i = 0; i < n; i++)
		r[i] = (struct ss_reading){p[i].time_us, span_us, p[i].value, p[i].mark};
	for (int h = 0; h < w->n; h++) {
		int64_t start = ss_hour_start(w->first + h);
		size_t to;

		if (is_clean(w, h))
			continue;
		while (from < n && r[from].time_us + span_us <= start)
			from++;
		for (to = from; to < n && r[to].time_us < start + SS_US_PER_HOUR; to++)
			;
		ss_minutes_add(j->minutes[h], start, r + from, to - from, &j->law.screen);
		w->any[h] = w->any[h] || (to > from && r[to - 1].time_us >= start);
	}
	return 0;
}

static int take_minutes(struct window *w, struct judged *j, enum series_use use)
{
	int64_t filed = filed_of(w, use);
	struct ss_point *p;
	size_t n;
	int r = points_of(w, use == USE_RTD ? j->f->rtd : j->f->minute,
			  filed > 0 && filed < SS_US_PER_HOUR ? filed : SS_US_PER_HOUR, &p, &n);

	if (r < 0)
		return r;
	note_steps(w, j, use, p, n);
	j->span_us[use] = span_of(w, j, use);
	return add_readings(w, j, p, n, j->span_us[use]);
}

enum device_part { PART_VALUE, PART_TOTAL, PART_CONVERTED };

static int take_device_part(struct window *w, struct judged *j, int32_t series,
			    enum device_part part)
{
	struct ss_point *p;
	size_t n;
	int r = points_of(w, series, 0, &p, &n);

	for (size_t i = 0; r == 0 && i < n; i++) {
		int64_t h = ss_hour_of(p[i].time_us) - w->first;
		struct device_hour *d = &j->device[h < 0 ? 0 : h];

		if (h < 0)
			continue;
		if (part == PART_TOTAL)
			d->total = p[i].value;
		else if (part == PART_CONVERTED)
			d->converted = p[i].value;
		else
			*d = (struct device_hour){p[i].value, d->total, d->converted,
						  p[i].mark ? p[i].mark : 'N'};
		w->any[h] = true;
	}
	return r;
}

static void take_parameters(struct window *w, struct judged *j, const struct point_facts *facts)
{
	const char *factor = j->f->code;
	int64_t from = ss_hour_start(w->first), to = ss_hour_start(w->first + w->n);
	int64_t noon = ss_day_start(w->d->day);
	const struct fact_parameter *x;

	x = facts_parameter(facts, factor, "o2_ref", noon);
	j->o2_ref = x ? x->value : (double)NAN;
	x = facts_parameter(facts, factor, "basis", noon);
	j->wet = x && strcmp(x->text, "wet") == 0;
	x = facts_parameter(facts, factor, "range_high", noon);
	if (x)
		j->law.screen.high = x->value;
	x = facts_parameter(facts, factor, "detection_limit", noon);
	if (x)
		j->law.screen.detection_limit = x->value;
	j->parameter_differs = facts_parameter_differs(facts, factor, from, to);
}

static void take_facts(struct window *w, struct judged *j)
{
	struct facts *all = &w->u->r->facts;
	const struct point_facts *facts;

	pthread_rwlock_rdlock(&all->lock);
	facts = facts_of(all, w->u->p.site, w->u->p.point);
	take_parameters(w, j, facts);
	j->n_spans =
	    facts_spans(facts, j->f->code, ss_hour_start(w->first), ss_hour_start(w->first + w->n),
			w->law.check_due_us, w->u->now_us, j->spans, SPANS_MAX);
	pthread_rwlock_unlock(&all->lock);
}

static struct ss_minutes *new_minutes(struct window *w)
{
	struct ss_minutes *m = ss_arena_alloc(w->a, sizeof(*m));

	if (m)
		ss_minutes_init(m);
	return m;
}

static int open_hour(struct window *w, struct judged *j, int h)
{
	j->device[h] = (struct device_hour){NAN, NAN, NAN, 0};
	if (is_clean(w, h)) {
		j->device[h] = entry_of(w, j, h)->device;
		return 0;
	}
	j->minutes[h] = new_minutes(w);
	j->converted[h] = new_minutes(w);
	return j->minutes[h] && j->converted[h] ? 0 : SS_ENOMEM;
}

static int open_factor(struct window *w, size_t index, struct judged *j)
{
	size_t n = (size_t)w->n;
	int r = 0;

	*j = (struct judged){.f = &w->u->p.factors[index], .index = index};
	law_of_factor(&w->law, j->f->code, &j->law);
	j->minutes = ss_arena_array(w->a, n, sizeof(*j->minutes));
	j->converted = ss_arena_array(w->a, n, sizeof(*j->converted));
	j->converted_mean = ss_arena_array(w->a, n, sizeof(*j->converted_mean));
	j->device = ss_arena_array(w->a, n, sizeof(*j->device));
	j->hours = ss_arena_array(w->a, n, sizeof(*j->hours));
	j->spreads = ss_arena_array(w->a, n, sizeof(*j->spreads));
	if (!j->minutes || !j->converted || !j->converted_mean || !j->device || !j->hours ||
	    !j->spreads)
		return SS_ENOMEM;
	for (int h = 0; r == 0 && h < w->n; h++)
		r = open_hour(w, j, h);
	take_facts(w, j);
	return r;
}

static int read_factor(struct window *w, struct judged *j)
{
	int r = take_minutes(w, j, USE_RTD);

	if (r == 0)
		r = take_minutes(w, j, USE_MINUTE);
	if (r == 0)
		r = take_device_part(w, j, j->f->hour, PART_VALUE);
	if (r == 0)
		r = take_device_part(w, j, j->f->hour_total, PART_TOTAL);
	if (r == 0)
		r = take_device_part(w, j, j->f->zs_hour, PART_CONVERTED);
	return r;
}

int window_read(struct window *w)
{
	const struct point *p = &w->u->p;
	int r = 0;

	w->n_all = 0;
	w->all = ss_arena_array(w->a, p->n_factors + 1, sizeof(*w->all));
	if (!w->all)
		return SS_ENOMEM;
	for (size_t i = 0; r == 0 && i < p->n_factors; i++) {
		struct judged *j = &w->all[w->n_all++];

		r = open_factor(w, i, j);
		if (r == 0)
			r = read_factor(w, j);
		if (p->factors[i].role == ROLE_FLOW)
			w->flow = j;
		if (p->factors[i].role == ROLE_OXYGEN)
			w->oxygen = j;
		if (p->factors[i].role == ROLE_MOISTURE)
			w->moisture = j;
	}
	return r;
}
