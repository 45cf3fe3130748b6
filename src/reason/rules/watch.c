/* Series, and what each is held against.
 *
 * A point that comes in order of event time moves the state of its watches by one step. A point
 * that comes late, or a limit that changes, makes a stretch of time dirty: the stretch is gone over
 * again from the last moment before it at which nothing can have been going on, until such a moment
 * after it, and the parts in between are replaced by those found now. So the parts are a function
 * of the points, whatever their order. */
#include <math.h>
#include <stdlib.h>

#include "base/list.h"
#include "reason/rules/rules_internal.h"

#define FAR INT64_C(253370764800000000) /* beyond every event time */
#define ARENA_MOST (256u << 20)

enum source { PERMIT, TARGET, FLAGS };
static const char *const causes[] = {"permit", "target", "flags"};

struct watch {
	struct watch *next; /* of the series */
	int32_t series;
	enum source source;
	bool converted;
	struct ss_series_key *key; /* shared by the watches of the series */
	struct ssr_numbers n;
	struct ssr_group *group; /* NULL until there is a part */
	char id[96];
	struct ssr_run run;
	int64_t last_us;
	double last_value;
	uint8_t last_mark;
	bool known;  /* run and last_us are those of the series */
	int64_t day; /* of the limit: */
	uint32_t version;
	bool limited;
	double low, high;
	bool queued;
	int64_t dirty_from, dirty_to;
	uint64_t first_seq; /* of the entry that made it dirty first */
	struct watch *next_queued;
};

struct excuse {
	int64_t site, from_us, to_us;
	char point[24], factor[66], by[72];
};

struct slot {
	struct watch *watches;
	bool seen;
	bool quiet; /* only its marks are watched, and nothing goes on: normal points change nothing
		     */
	uint32_t version; /* of the limits when it was looked at */
};

struct ssr_watches {
	struct slot *slots; /* by id of series */
	size_t n;
	struct watch *queue, **queue_end;
	uint32_t version; /* moves with every change of limits */
	const struct ss_law *law;
	struct excuse *excuses;
	size_t n_excuses, cap_excuses;
	struct ss_arena arena;
};

struct ssr_watches *ssr_watches_new(void)
{
	struct ssr_watches *w = calloc(1, sizeof(*w));

	if (!w)
		return NULL;
	w->queue_end = &w->queue;
	w->law = ss_law_now();
	ss_arena_init(&w->arena, ARENA_MOST);
	return w;
}

void ssr_watches_free(struct ssr_watches *w)
{
	if (!w)
		return;
	for (size_t i = 0; i < w->n; i++) {
		struct watch *x = w->slots[i].watches;

		if (x)
			free(x->key);
		while (x) {
			struct watch *next = x->next;

			free(x);
			x = next;
		}
	}
	free(w->slots);
	free(w->excuses);
	ss_arena_done(&w->arena);
	free(w);
}

/* --- which series are watched
 * ---------------------------------------------------------------------- */

static bool in_law(const struct ss_series_key *k, bool *ret_converted)
{
	*ret_converted = strncmp(k->stat, "Zs", 2) == 0;
	const char *stat = k->stat + (*ret_converted ? 2 : 0);

	if (k->factor[0] == '@')
		return false;
	switch (k->period) {
	case SS_PERIOD_RTD:
		return strcmp(stat, "Rtd") == 0;
	case SS_PERIOD_HOUR:
	case SS_PERIOD_DAY:
		return strcmp(stat, "Avg") == 0;
	default:
		return false;
	}
}

static int64_t span_of(enum ss_period p)
{
	return p == SS_PERIOD_HOUR ? SS_US_PER_HOUR : p == SS_PERIOD_DAY ? SS_US_PER_DAY : 0;
}

static struct watch *watch_new(const struct ss_series_info *info, struct ss_series_key *key,
			       enum source source, bool converted)
{
	const char *averaging = ssr_averaging_of(info->key.period);
	struct ssr_numbers n;
	struct watch *x;

	if (!ssr_numbers_of(causes[source], averaging, SS_ANY_DAY, &n))
		return NULL;
	x = calloc(1, sizeof(*x));
	if (!x)
		return NULL;
	*x = (struct watch){.series = info->id,
			    .source = source,
			    .converted = converted,
			    .key = key,
			    .n = n,
			    .day = INT64_MIN,
			    .last_us = SS_TIME_NONE};
	x->run.prev_us = SS_TIME_NONE;
	x->run.span_us = span_of(info->key.period);
	snprintf(x->id, sizeof(x->id), "%s~%s~%s%s", info->key.factor, averaging, causes[source],
		 converted ? "~converted" : "");
	return x;
}

static bool wanted(struct ss_rules *r, const struct ss_series_key *k, enum source source,
		   bool converted)
{
	struct ss_rules_limit l;

	switch (source) {
	case PERMIT:
		return ssr_limits_has(r, k->site, k->point, k->factor);
	case TARGET:
		return !converted && k->period != SS_PERIOD_DAY &&
		       ssr_limit_at(r, k, "target", false, ss_day_of(r->known_us), &l);
	case FLAGS:
		return !converted && k->period == SS_PERIOD_RTD;
	}
	return false;
}

static bool has(const struct slot *s, enum source source)
{
	for (const struct watch *x = s->watches; x; x = x->next)
		if (x->source == source)
			return true;
	return false;
}

static int look_at_series(struct ss_rules *r, struct slot *s, int32_t id)
{
	struct ss_series_info info;
	struct ss_series_key *key = s->watches ? s->watches->key : NULL;
	bool converted;

	s->seen = true;
	s->quiet = false;
	s->version = r->watches->version;
	if (ss_series_info(r->s.series, id, &info) < 0 || !in_law(&info.key, &converted))
		return 0;
	for (enum source c = PERMIT; c <= FLAGS; c++) {
		struct watch *x;

		if (has(s, c) || !wanted(r, &info.key, c, converted))
			continue;
		if (!key) {
			key = malloc(sizeof(*key));
			if (!key)
				return SS_ENOMEM;
			*key = info.key;
		}
		x = watch_new(&info, key, c, converted);
		if (x) {
			x->next = s->watches;
			s->watches = x;
		}
	}
	if (!s->watches)
		free(key);
	return 0;
}

static int slot_of(struct ss_rules *r, int32_t id, struct slot **ret)
{
	struct ssr_watches *w = r->watches;

	if ((size_t)id >= w->n) {
		size_t n = (size_t)id + 1 + w->n / 2;
		struct slot *more = reallocarray(w->slots, n, sizeof(*more));

		if (!more)
			return SS_ENOMEM;
		memset(more + w->n, 0, (n - w->n) * sizeof(*more));
		w->slots = more;
		w->n = n;
	}
	*ret = &w->slots[id];
	if (!(*ret)->seen || (*ret)->version != w->version)
		return look_at_series(r, *ret, id);
	return 0;
}

/* --- one point
 * --------------------------------------------------------------------------------------- */

static bool excused(const struct ssr_watches *w, const struct watch *x, int64_t t_us)
{
	for (size_t i = 0; i < w->n_excuses; i++) {
		const struct excuse *e = &w->excuses[i];

		if (e->site == x->key->site && t_us >= e->from_us && t_us < e->to_us &&
		    strcmp(e->point, x->key->point) == 0 &&
		    (!e->factor[0] || strcmp(e->factor, x->key->factor) == 0))
			return true;
	}
	return false;
}

static void limit_of_day(struct ss_rules *r, struct watch *x, int64_t day)
{
	struct ss_rules_limit l;

	if (x->day == day && x->version == r->watches->version)
		return;
	x->day = day;
	x->version = r->watches->version;
	x->limited = ssr_limit_at(r, x->key, causes[x->source], x->converted, day, &l);
	x->low = x->limited ? l.low : (double)NAN;
	x->high = x->limited ? l.high : (double)NAN;
}

static enum ssr_verdict judge(struct ss_rules *r, struct watch *x, const struct ss_point *p,
			      double *ret_excess)
{
	bool normal = p->mark == 'N' || p->mark == 0;

	*ret_excess = 0;
	if (x->source == FLAGS)
		return normal || excused(r->watches, x, p->time_us) ? SSR_OK : SSR_OVER;
	if (!normal || isnan(p->value))
		return SSR_NEITHER;
	limit_of_day(r, x, ss_day_of(p->time_us));
	if (!x->limited)
		return SSR_OK;
	if (p->value > x->high) {
		*ret_excess = p->value - x->high;
		return SSR_OVER;
	}
	if (p->value < x->low) {
		*ret_excess = x->low - p->value;
		return SSR_OVER;
	}
	if (x->n.clear_share < 1 && p->value > x->high * x->n.clear_share)
		return SSR_NEITHER;
	return SSR_OK;
}

/* --- parts
 * ------------------------------------------------------------------------------------------- */

static void put_limit(struct ss_json *j, const struct ss_rules_limit *l)
{
	ss_json_key(j, "limit");
	ss_json_obj(j);
	ss_json_kknown(j, "high", l->high);
	ss_json_kknown(j, "low", l->low);
	ss_json_kz(j, "permit", l->permit);
	ss_json_kz(j, "source", l->source);
	ss_json_kz(j, "unit", l->unit);
	ss_json_end_obj(j);
}

static int describe(struct ss_rules *r, const struct watch *x, const struct ssr_part_span *at,
		    struct ss_buf *what, struct ssr_part *p)
{
	struct ss_json j = ss_json_on(what);
	struct ss_rules_limit l;

	*p = (struct ssr_part){.id = x->id,
			       .at = *at,
			       .severity = ssr_severity_parse(x->n.severity),
			       .late_us = x->n.late_us,
			       .hold_us = x->n.hold_us,
			       .basis = {causes[x->source], x->n.standard, x->n.clause,
					 ss_law_version(ss_law_now()), SSR_CODE},
			       .seq = r->seq,
			       .known_us = r->known_us};
	ss_json_obj(&j);
	ss_json_kz(&j, "averaging", ssr_averaging_of(x->key->period));
	if (x->converted)
		ss_json_kbool(&j, "converted", true);
	ss_json_kz(&j, "factor", x->key->factor);
	if (x->source != FLAGS &&
	    ssr_limit_at(r, x->key, causes[x->source], x->converted, ss_day_of(at->start_us), &l)) {
		put_limit(&j, &l);
		p->basis.standard = l.standard;
		p->basis.clause = l.clause;
	}
	ss_json_end_obj(&j);
	p->what = what->p;
	return what->err;
}

static const char *cause_of(const struct watch *x)
{
	return x->source == FLAGS ? "flags" : "exceedance";
}

static int group_of(struct ss_rules *r, struct watch *x, struct ss_error *err)
{
	if (!x->group)
		x->group = ssr_group_of(r, x->key->site, x->key->point, cause_of(x), err);
	return x->group ? 0 : SS_ENOMEM;
}

static int replace(struct ss_rules *r, struct watch *x, int64_t from, int64_t to,
		   const struct ssr_part_span *spans, size_t n, struct ss_error *err)
{
	struct ss_buf *what = calloc(n + 1, sizeof(*what));
	struct ssr_part *parts = calloc(n + 1, sizeof(*parts));
	int z = what && parts ? group_of(r, x, err) : SS_ENOMEM;

	for (size_t i = 0; z == 0 && i < n; i++) {
		ss_buf_init(&what[i], 4096);
		z = describe(r, x, &spans[i], &what[i], &parts[i]);
	}
	if (z == 0)
		z = ssr_group_replace(r, x->group, x->id, from, to, parts, n, err);
	for (size_t i = 0; what && i < n; i++)
		ss_buf_done(&what[i]);
	free(what);
	free(parts);
	return z;
}

/* --- going over a stretch again
 * ------------------------------------------------------------------------ */

struct found {
	struct ssr_part_span *p;
	size_t n, cap;
};

static int found_add(struct found *f, const struct ssr_part_span *s)
{
	if (ss_grow(&f->p, &f->cap, f->n + 1, sizeof(*f->p)) < 0)
		return SS_ENOMEM;
	f->p[f->n++] = *s;
	return 0;
}

struct pass {
	struct watch *x;
	struct ssr_run run;
	int64_t begin;   /* parts from here on are known; SS_TIME_NONE: not yet */
	int64_t stopped; /* nothing was going on here, behind the stretch; FAR: went to the end */
	int64_t last_us;
	double last_value;
	uint8_t last_mark;
	struct found found;
};

/* Points in order. Returns 1 when it may stop. */
static int pass_points(struct ss_rules *r, struct pass *s, const struct ss_point *p, size_t n,
		       int64_t dirty_to)
{
	for (size_t i = 0; i < n; i++) {
		struct ssr_part_span ended;
		double excess;
		enum ssr_verdict v = judge(r, s->x, &p[i], &excess);
		bool end =
		    ssr_run_step(&s->run, &s->x->n, p[i].time_us, p[i].value, excess, v, &ended);

		if (end && s->begin != SS_TIME_NONE && ended.start_us >= s->begin &&
		    found_add(&s->found, &ended) < 0)
			return SS_ENOMEM;
		s->last_us = p[i].time_us;
		s->last_value = p[i].value;
		s->last_mark = p[i].mark;
		if (!ssr_run_forced_idle(&s->run))
			continue;
		if (s->begin == SS_TIME_NONE)
			s->begin = p[i].time_us;
		if (p[i].time_us > dirty_to && s->x->known) {
			s->stopped = p[i].time_us;
			return 1;
		}
	}
	return 0;
}

static int read_points(struct ss_rules *r, const struct watch *x, int64_t from, int64_t to,
		       struct ss_point **ret, size_t *ret_n, struct ss_error *err)
{
	ss_arena_reset(&r->watches->arena);
	return ss_series_points(r->s.series, x->series, from, to, 0, &r->watches->arena, ret, ret_n,
				err);
}

static void pass_begin(struct pass *s, struct watch *x)
{
	s->x = x;
	s->run = (struct ssr_run){.prev_us = SS_TIME_NONE, .span_us = x->run.span_us};
	s->begin = SS_TIME_NONE;
	s->stopped = FAR;
	s->last_us = SS_TIME_NONE;
	s->found.n = 0;
}

static int64_t first_look(const struct watch *x)
{
	return x->key->period == SS_PERIOD_RTD    ? SS_US_PER_HOUR
	       : x->key->period == SS_PERIOD_HOUR ? SS_US_PER_DAY
						  : 30 * SS_US_PER_DAY;
}

/* From `from` - back to the first moment behind dirty_to at which nothing goes on. Returns 1 when
 * the state at dirty_from is sure, 0 when it must begin earlier. */
static int pass_from(struct ss_rules *r, struct pass *s, int64_t begin, bool whole,
		     struct ss_error *err)
{
	struct watch *x = s->x;
	int64_t at = begin, step = 24 * first_look(x), to = x->dirty_from;
	int z = 0;

	if (whole)
		s->begin = INT64_MIN + 1; /* of the series' first point on */
	while (z == 0 && at < FAR) {
		struct ss_point *p;
		size_t n;

		z = read_points(r, x, at, to, &p, &n, err);
		if (z == 0)
			z = pass_points(r, s, p, n, x->dirty_to);
		if (z < 0)
			return z;
		if (s->begin == SS_TIME_NONE) /* reached the stretch unsure */
			return 0;
		at = to;
		to = to < x->dirty_to ? x->dirty_to + 1 : to > FAR - step ? FAR : to + step;
		if (to < FAR && s->last_us != SS_TIME_NONE && at > x->dirty_to) {
			struct ss_series_info info;

			/* nothing behind: no need to walk to the end of time */
			if (ss_series_info(r->s.series, x->series, &info) == 0 && info.last_us < at)
				break;
		}
		step *= 2;
	}
	return 1;
}

/* Was there an alarm of this cause at the outlet? */
static bool ever(struct ss_rules *r, const struct watch *x)
{
	struct ss_finding_key k = {.kind = "alarm", .site = x->key->site};

	memcpy(k.point, x->key->point, sizeof(k.point));
	ss_str_copy(k.sub, sizeof(k.sub), ss_str_of(cause_of(x)));
	return ss_findings_known(r->s.findings, &k);
}

static int finish_pass(struct ss_rules *r, struct pass *s, struct ss_error *err)
{
	struct watch *x = s->x;
	int z = 0;

	if (s->stopped == FAR) {
		if (s->run.active && s->run.raised)
			z = found_add(&s->found, &s->run.at);
		x->run = s->run;
		x->last_us = s->last_us;
		x->last_value = s->last_value;
		x->last_mark = s->last_mark;
		x->known = true;
	}
	if (z < 0)
		return z;
	if (s->found.n == 0 && !x->group && !ever(r, x))
		return 0;
	return replace(r, x, s->begin, s->stopped, s->found.p, s->found.n, err);
}

static int go_over(struct ss_rules *r, struct watch *x, struct ss_error *err)
{
	struct pass s = {.x = x};
	struct ss_series_info info;
	int64_t back = first_look(x);
	int z = ss_series_info(r->s.series, x->series, &info);

	while (z == 0) {
		int64_t begin = x->dirty_from - back;
		bool whole = info.first_us == SS_TIME_NONE || begin <= info.first_us;

		pass_begin(&s, x);
		z = pass_from(r, &s, whole ? info.first_us : begin, whole, err);
		back *= 4;
	}
	if (z == 1)
		z = finish_pass(r, &s, err);
	free(s.found.p);
	return z;
}

/* --- points as they come
 * --------------------------------------------------------------------------------- */

static void make_dirty(struct ss_rules *r, struct watch *x, int64_t from, int64_t to, uint64_t seq)
{
	struct ssr_watches *w = r->watches;

	if (!x->queued) {
		x->queued = true;
		x->dirty_from = from;
		x->dirty_to = to;
		x->first_seq = seq;
		x->next_queued = NULL;
		*w->queue_end = x;
		w->queue_end = &x->next_queued;
		return;
	}
	x->dirty_from = from < x->dirty_from ? from : x->dirty_from;
	x->dirty_to = to > x->dirty_to ? to : x->dirty_to;
}

static int raised(struct ss_rules *r, struct watch *x, struct ss_error *err)
{
	return replace(r, x, x->run.at.start_us, x->run.at.start_us + 1, &x->run.at, 1, err);
}

static int step(struct ss_rules *r, struct watch *x, const struct ss_point *p, struct ss_error *err)
{
	bool was_raised = x->run.active && x->run.raised;
	struct ssr_part_span ended;
	double excess;
	enum ssr_verdict v = judge(r, x, p, &excess);
	int z = 0;

	if (ssr_run_step(&x->run, &x->n, p->time_us, p->value, excess, v, &ended))
		z = replace(r, x, ended.start_us, ended.start_us + 1, &ended, 1, err);
	x->last_us = p->time_us;
	x->last_value = p->value;
	x->last_mark = p->mark;
	if (z < 0 || !x->run.active || !x->run.raised)
		return z;
	if (!was_raised || x->run.at.raised_us == p->time_us + x->run.span_us)
		return raised(r, x, err);
	if (x->group && r->known_us - p->time_us <= x->n.late_us && ssr_group_has_late(x->group))
		return ssr_group_current(r, x->group, p->time_us, r->seq, r->known_us, err);
	return 0;
}

static int first_touch(struct ss_rules *r, struct watch *x, int64_t t_us, struct ss_error *err)
{
	if (!x->queued) {
		x->dirty_from = x->dirty_to = t_us;
	} else { /* what is waited for is gone over as well */
		x->dirty_from = t_us < x->dirty_from ? t_us : x->dirty_from;
		x->dirty_to = t_us > x->dirty_to ? t_us : x->dirty_to;
	}
	return go_over(r, x, err);
}

static int watch_point(struct ss_rules *r, struct watch *x, const struct ss_point *p, uint64_t seq,
		       struct ss_error *err)
{
	if (!x->known)
		return first_touch(r, x, p->time_us, err);
	if (x->last_us == SS_TIME_NONE || p->time_us > x->last_us)
		return step(r, x, p, err);
	if (p->time_us == x->last_us && p->mark == x->last_mark &&
	    (p->value == x->last_value || (isnan(p->value) && isnan(x->last_value))))
		return 0;
	make_dirty(r, x, p->time_us, p->time_us, seq);
	return 0;
}

/* A normal point of a series of which only the marks are watched: nothing is kept of it, and the
 * next that matters goes over the series. */
static bool quiet(struct slot *s)
{
	struct watch *x = s->watches;

	if (x && (x->next || x->source != FLAGS || x->run.active || x->queued))
		return false;
	if (x)
		x->known = false;
	s->quiet = true;
	return true;
}

int ssr_watch_obs(struct ss_rules *r, const struct ss_taken *t, const struct ss_obs *o, bool newest,
		  struct ss_error *err)
{
	const struct ss_point p = {.time_us = o->time_us, .value = o->value, .mark = o->mark};
	bool normal = newest && (o->mark == 'N' || o->mark == 0);
	struct slot *s;
	int z = slot_of(r, o->series, &s);

	if (z == 0 && normal && (s->quiet || quiet(s)))
		return 0;
	if (z == 0)
		s->quiet = false;
	for (struct watch *x = z == 0 ? s->watches : NULL; z == 0 && x; x = x->next)
		z = watch_point(r, x, &p, t->entry->seq, err);
	return z;
}

/* --- limits and excuses that change
 * ------------------------------------------------------------------------ */

static int touch_series(struct ss_rules *r, int32_t id, int64_t from_us, int64_t to_us, bool flags)
{
	struct slot *s;
	int z = slot_of(r, id, &s);

	for (struct watch *x = z == 0 ? s->watches : NULL; x; x = x->next)
		if ((x->source == FLAGS) == flags) {
			s->quiet = false;
			make_dirty(r, x, from_us, to_us, r->seq);
		}
	return z;
}

static int touch_outlet(struct ss_rules *r, int64_t site, const char *point, const char *factor,
			int64_t from_us, int64_t to_us, bool flags)
{
	ss_cleanup(ss_arena_done) struct ss_arena a;
	struct ss_series_info *all;
	size_t n;
	int z;

	ss_arena_init(&a, 16 << 20);
	z = ss_series_of_site(r->s.series, site, &a, &all, &n);
	for (size_t i = 0; z == 0 && i < n; i++) {
		const struct ss_series_info *x = &all[i];
		int64_t from = from_us > x->first_us ? from_us : x->first_us;
		int64_t to = to_us < x->last_us ? to_us : x->last_us;

		if (x->count > 0 && from <= to && strcmp(x->key.point, point) == 0 &&
		    (!factor[0] || strcmp(x->key.factor, factor) == 0))
			z = touch_series(r, x->id, from, to, flags);
	}
	return z;
}

int ssr_watch_limits_changed(struct ss_rules *r, int64_t site, const char *point,
			     const char *factor, int64_t from_us, int64_t to_us,
			     struct ss_error *err)
{
	(void)err;
	r->watches->version++;
	return touch_outlet(r, site, point, factor, from_us, to_us, false);
}

struct all_series {
	int32_t *id;
	size_t n, cap;
};

static bool note_series(void *arg, const struct ss_series_info *x)
{
	struct all_series *all = arg;

	if (x->key.factor[0] == '@' || x->count == 0)
		return true;
	if (ss_grow(&all->id, &all->cap, all->n + 1, sizeof(*all->id)) < 0)
		return false;
	all->id[all->n++] = x->id;
	return true;
}

#define LAW_DAYS 400
int ssr_watch_law_changed(struct ss_rules *r, int64_t from_us)
{
	int64_t least = r->known_us - LAW_DAYS * SS_US_PER_DAY;
	struct all_series all = {.n = 0};
	int z = 0;

	r->watches->law = ss_law_now();
	r->watches->version++;
	ss_series_each(r->s.series, note_series, &all);
	for (size_t i = 0; z == 0 && i < all.n; i++) {
		struct ss_series_info x;
		int64_t from = from_us > least ? from_us : least;

		z = ss_series_info(r->s.series, all.id[i], &x);
		if (z == 0 && x.last_us >= from)
			z = touch_series(r, x.id, from > x.first_us ? from : x.first_us, x.last_us,
					 false);
	}
	free(all.id);
	return z;
}

static bool same_excuse(const struct excuse *e, const struct ss_excuse *x)
{
	return e->site == x->site && strcmp(e->by, x->by) == 0 && strcmp(e->point, x->point) == 0 &&
	       strcmp(e->factor, x->factor) == 0;
}

int ss_rules_excuse(struct ss_rules *r, const struct ss_excuse *x, struct ss_error *err)
{
	struct ssr_watches *w = r->watches;
	int64_t from = x->from_us, to = x->to_us;
	size_t n = 0;

	(void)err;
	for (size_t i = 0; i < w->n_excuses; i++) {
		struct excuse *e = &w->excuses[i];

		if (!same_excuse(e, x)) {
			w->excuses[n++] = *e;
			continue;
		}
		from = e->from_us < from ? e->from_us : from;
		to = e->to_us > to ? e->to_us : to;
	}
	w->n_excuses = n;
	if (x->on) {
		if (ss_grow(&w->excuses, &w->cap_excuses, n + 1, sizeof(*w->excuses)) < 0)
			return SS_ENOMEM;
		struct excuse *e = &w->excuses[w->n_excuses++];

		*e = (struct excuse){x->site, x->from_us, x->to_us, "", "", ""};
		ss_str_copy(e->point, sizeof(e->point), ss_str_of(x->point));
		ss_str_copy(e->factor, sizeof(e->factor), ss_str_of(x->factor));
		ss_str_copy(e->by, sizeof(e->by), ss_str_of(x->by));
	}
	return touch_outlet(r, x->site, x->point, x->factor, from, to, true);
}

/* --- settling
 * ------------------------------------------------------------------------------------------------
 */

static uint64_t first_undone(const struct ssr_watches *w)
{
	uint64_t first = 0;

	for (const struct watch *x = w->queue; x; x = x->next_queued)
		first = first == 0 || x->first_seq < first ? x->first_seq : first;
	return first;
}

int ssr_watch_settle(struct ss_rules *r, int64_t budget_us, uint64_t *ret_undone,
		     struct ss_error *err)
{
	struct ssr_watches *w = r->watches;
	int64_t until = ss_time_mono() + budget_us;
	int z = 0;

	if (w->law != ss_law_now()) { /* an amendment: days that come are judged by it */
		w->law = ss_law_now();
		w->version++;
	}
	while (z == 0 && w->queue && ss_time_mono() < until) {
		struct watch *x = w->queue;

		w->queue = x->next_queued;
		if (!w->queue)
			w->queue_end = &w->queue;
		x->queued = false;
		z = go_over(r, x, err);
	}
	*ret_undone = first_undone(w);
	return z;
}
