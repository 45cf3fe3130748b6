/* Outlets, their series, and which hours of them are to be judged. */
#include "reason/review/review_internal.h"

static struct point not_ours;

static size_t name_of(char out[64], int64_t site, const char *point)
{
	return (size_t)snprintf(out, 64, "%lld %s", (long long)site, point);
}

/* The outlets that the register has devices at, each with the longest of their intervals. */
static bool note_place(void *arg, const struct ss_device *d)
{
	struct ss_map **places = arg;
	char name[64];
	struct ss_str key = ss_str_n(name, name_of(name, d->site, d->point));
	uint64_t interval_s = d->interval_s > 0 ? (uint64_t)d->interval_s : 0, before;

	if (ss_map_get(*places, key, &before) && before >= interval_s)
		return true;
	if (ss_map_put(*places, key, interval_s) == 0)
		return true;
	ss_map_free(*places);
	*places = NULL;
	return false;
}

/* Read as a whole when the register has changed: outlets come by the thousand, and a walk of the
 * register for each would hold up the line. */
static bool places_know(struct ss_review *r)
{
	uint64_t version = ss_registry_version(r->parts.registry);
	struct ss_map *places;

	if (r->places && version == r->places_version)
		return true;
	places = ss_map_new();
	if (places)
		ss_registry_devices(r->parts.registry, note_place, &places);
	if (!places)
		return false; /* read at the next need */
	ss_map_free(r->places);
	r->places = places;
	r->places_version = version;
	return true;
}

static void know_devices(const struct ss_review *r, struct point *p)
{
	char name[64];
	uint64_t interval_s = 0;

	p->device =
	    ss_map_get(r->places, ss_str_n(name, name_of(name, p->site, p->point)), &interval_s);
	p->interval_s = p->device ? (int32_t)interval_s : 0;
}

void points_refresh(struct ss_review *r)
{
	if (r->places && r->places_version == ss_registry_version(r->parts.registry) &&
	    r->refreshed_version == r->places_version)
		return;
	if (!places_know(r))
		return;
	for (size_t i = 0; i < r->n_points; i++)
		know_devices(r, r->points[i]);
	r->refreshed_version = r->places_version;
}

static int keep_point(struct ss_review *r, struct point *p)
{
	char name[64];
	size_t n = name_of(name, p->site, p->point);

	if (ss_grow(&r->points, &r->cap_points, r->n_points + 1, sizeof(*r->points)) < 0)
		return SS_ENOMEM;
	p->index = r->n_points;
	r->points[r->n_points++] = p;
	return ss_map_put(r->by_name, ss_str_n(name, n), (uint64_t)(uintptr_t)p);
}

struct point *point_of(struct ss_review *r, int64_t site, const char *point)
{
	struct ss_site s;
	char name[64];
	uint64_t v;
	struct point *p;

	if (ss_map_get(r->by_name, ss_str_n(name, name_of(name, site, point)), &v))
		return (struct point *)(uintptr_t)v;
	if (ss_registry_site(r->parts.registry, site, &s) < 0 || !law_reviews(s.kind))
		return NULL;
	p = calloc(1, sizeof(*p));
	if (!p)
		return NULL;
	p->site = site;
	ss_str_copy(p->point, sizeof(p->point), ss_str_of(point));
	p->kind = s.kind;
	p->first_data_us = p->last_data_us = p->clock_hour = SS_TIME_NONE;
	if (!places_know(r) || keep_point(r, p) < 0) {
		free(p);
		return NULL;
	}
	know_devices(r, p);
	return p;
}

static struct factor *factor_of(struct point *p, const char *code)
{
	struct factor *f;
	enum role role;

	for (size_t i = 0; i < p->n_factors; i++) {
		if (strcmp(p->factors[i].code, code) == 0)
			return &p->factors[i];
	}
	role = role_of(p->kind, code);
	if (role == ROLE_NONE || p->n_factors == FACTORS_MAX || strlen(code) >= sizeof(f->code))
		return NULL;
	f = &p->factors[p->n_factors++];
	*f = (struct factor){.role = role, -1, -1, -1, -1, -1};
	f->rtd = f->minute = f->hour = f->hour_total = f->zs_hour = -1;
	snprintf(f->code, sizeof(f->code), "%s", code);
	return f;
}

/* Whether hours are made of it. */
static bool take_series(struct point *p, const struct ss_series_key *k, int32_t id,
			uint8_t *ret_factor)
{
	struct factor *f = k->factor[0] == '@' ? NULL : factor_of(p, k->factor);

	if (!f)
		return false;
	if (k->period == SS_PERIOD_RTD && strcmp(k->stat, "Rtd") == 0)
		f->rtd = id;
	else if (k->period == SS_PERIOD_MINUTE && strcmp(k->stat, "Avg") == 0)
		f->minute = id;
	else if (k->period == SS_PERIOD_HOUR && strcmp(k->stat, "Avg") == 0)
		f->hour = id;
	else if (k->period == SS_PERIOD_HOUR && strcmp(k->stat, "Cou") == 0)
		f->hour_total = id;
	else if (k->period == SS_PERIOD_HOUR && strcmp(k->stat, "ZsAvg") == 0)
		f->zs_hour = id;
	else
		return false;
	*ret_factor = (uint8_t)(f - p->factors);
	return true;
}

/* Of a command: the stat is its number. */
static bool is_frame_index(const struct ss_series_key *k)
{
	return k->factor[0] == '@' && k->period != SS_PERIOD_DAY && k->stat[0] >= '0' &&
	       k->stat[0] <= '9';
}

struct point *point_of_series(struct ss_review *r, int32_t series, size_t *ret_factor)
{
	struct ss_series_info info;
	struct point *p;
	size_t i = (size_t)series;

	*ret_factor = i < r->n_by_series ? r->by_series[i].factor : 0;
	if (i < r->n_by_series && r->by_series[i].p)
		return r->by_series[i].p == &not_ours ? NULL : r->by_series[i].p;
	if (i >= r->n_by_series) {
		size_t n = i + 1 + i / 2 + 1024;
		struct series_of *grown = realloc(r->by_series, n * sizeof(*grown));

		if (!grown)
			return NULL;
		memset(grown + r->n_by_series, 0, (n - r->n_by_series) * sizeof(*grown));
		r->by_series = grown;
		r->n_by_series = n;
	}
	if (ss_series_info(r->parts.series, series, &info) < 0)
		return NULL;
	p = point_of(r, info.key.site, info.key.point);
	if (p && is_frame_index(&info.key) && p->n_frames < FRAMES_MAX)
		p->frames[p->n_frames++] = (struct frame_index){series, info.key.period};
	if (p && !take_series(p, &info.key, series, &r->by_series[i].factor))
		p = NULL;
	r->by_series[i].p = p ? p : &not_ours;
	*ret_factor = r->by_series[i].factor;
	return p;
}

struct dirty *dirty_of(struct point *p, int64_t day)
{
	size_t at = p->dirty.n;

	while (at > 0 && p->dirty.v[at - 1].day > day)
		at--;
	if (at > 0 && p->dirty.v[at - 1].day == day)
		return &p->dirty.v[at - 1];
	if (ss_grow(&p->dirty.v, &p->dirty.cap, p->dirty.n + 1, sizeof(*p->dirty.v)) < 0)
		return NULL;
	memmove(p->dirty.v + at + 1, p->dirty.v + at, (p->dirty.n - at) * sizeof(*p->dirty.v));
	p->dirty.n++;
	p->dirty.v[at] = (struct dirty){.day = day};
	return &p->dirty.v[at];
}

static bool queue_room(struct ss_review *r)
{
	size_t cap = r->queue_cap ? 2 * r->queue_cap : 256;
	struct point **q;

	if (r->queue_n < r->queue_cap)
		return true;
	q = malloc(cap * sizeof(*q));
	if (!q)
		return false; /* found again at the next touch */
	for (size_t i = 0; i < r->queue_n; i++)
		q[i] = r->queue[(r->queue_at + i) % r->queue_cap];
	free(r->queue);
	r->queue = q;
	r->queue_cap = cap;
	r->queue_at = 0;
	return true;
}

static void queue_at(struct ss_review *r, size_t at, struct point *p, int64_t since_us)
{
	r->queue[at % r->queue_cap] = p;
	r->queue_n++;
	p->queued = true;
	p->since_us = since_us;
	pthread_cond_signal(&r->changed);
}

void point_queue(struct ss_review *r, struct point *p, uint64_t seq)
{
	if (p->held == 0 || seq < p->held)
		p->held = seq;
	p->more = p->in_flight;
	if (!p->queued && !p->in_flight && queue_room(r))
		queue_at(r, r->queue_at + r->queue_n, p, ss_time_mono());
}

void point_go_on(struct ss_review *r, struct point *p)
{
	if (!queue_room(r))
		return;
	r->queue_at = (r->queue_at + r->queue_cap - 1) % r->queue_cap;
	queue_at(r, r->queue_at, p, 0);
}

void touch_span(struct ss_review *r, struct point *p, int64_t from_us, int64_t to_us, uint64_t seq)
{
	int64_t last = r->frontier_known ? ss_hour_start(r->frontier) : r->known_us;
	int64_t to = to_us > last ? last : to_us - 1;

	for (int64_t day = ss_day_of(from_us); day <= ss_day_of(to); day++) {
		struct dirty *d = dirty_of(p, day);

		if (!d)
			return;
		d->hours = (1u << SS_HOURS_A_DAY) - 1;
		d->phases |= 1u << PHASE_HOURS;
	}
	if (from_us <= to)
		point_queue(r, p, seq);
}

#define BACK_DAYS 400 /* so far back a change is applied to days already judged */
void touch_days(struct ss_review *r, struct point *p, int64_t from_day, enum phase ph, uint64_t seq)
{
	int64_t last = ss_day_of(r->frontier_known ? ss_hour_start(r->frontier) : r->known_us);
	int64_t day = from_day < last - BACK_DAYS ? last - BACK_DAYS : from_day;

	if (p->first_data_us == SS_TIME_NONE || day > last)
		return;
	if (day < ss_day_of(p->first_data_us))
		day = ss_day_of(p->first_data_us);
	for (; day <= last; day++) {
		struct dirty *d = dirty_of(p, day);

		if (!d)
			return;
		d->phases |= 1u << ph;
		if (ph == PHASE_HOURS)
			d->hours = hours_to_judge(r, p, day);
	}
	point_queue(r, p, seq);
}
