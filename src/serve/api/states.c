#include "serve/api/states.h"

#include <pthread.h>

#include "base/list.h"
#include "base/map.h"
#include "base/thread.h"
#include "record/registry/registry.h"
#include "sense/hj212/hj212.h"
#include "serve/api/states_internal.h"

#define SAMPLES 9       /* of clock drift, for the median */
#define SAMPLES_LEAST 3 /* before that nothing is said about a clock */
#define STEADY_US (10 * SS_US_PER_SEC)
#define SECONDS 16 /* counters of frames by second of arrival */
#define RATE_SECONDS 10
#define SITES_MAX 4000000
#define GUESS_US (5 * SS_US_PER_MIN) /* interval of a device about which nothing is known */
#define LEAST_US (60 * SS_US_PER_SEC)

struct device {
	struct ss_device_live live;
	bool registered;
	int8_t told;        /* state that the last tick with a listener saw, -1 = none */
	int32_t contract_s; /* arrival contract of the registry, 0 = none */
	int64_t gap_us;     /* usual distance of frames, smoothed; 0 = not known */
	int64_t drift[SAMPLES];
	int64_t last_drift; /* the sample before, taken or not; SS_TIME_NONE = none */
	uint8_t n_drift, at_drift;
	bool drift_new;
	struct ss_clock clock;
};

struct site {
	int32_t devices, heard, here;
	int64_t last_us;
};

struct ss_states {
	pthread_mutex_t lock;
	const struct ss_registry *registry;
	uint64_t version; /* of the registry that was taken over last */
	bool taken;
	struct ss_map *by_mn; /* to index in list */
	struct device **list;
	size_t n, cap, sorted; /* sorted: as many were there at the last sort of `order` */
	struct device **order;
	struct site *sites;
	size_t n_sites;
	struct ss_states_sum sum;
	int64_t second[SECONDS];
	int64_t second_n[SECONDS];
};

static const struct {
	const char *key;
} device_states[] = {
#define X(name, key, zh, en) {key},
    SS_DEVICE_STATES(X)
#undef X
};

const char *ss_device_state_key(enum ss_device_state s)
{
	return (unsigned)s < SS_DEVICE_STATE_COUNT_ ? device_states[s].key : "?";
}

int ss_device_state_parse(struct ss_str key, enum ss_device_state *ret)
{
	for (int i = 0; i < SS_DEVICE_STATE_COUNT_; i++) {
		if (ss_str_is(key, device_states[i].key)) {
			*ret = (enum ss_device_state)i;
			return 0;
		}
	}
	return SS_EINVAL;
}

const char *ss_site_state_key(enum ss_site_state s)
{
	static const char *const keys[] = {"never", "online", "partial", "silent", "stopped"};

	return (unsigned)s < SS_ARRAY_LEN(keys) ? keys[s] : "?";
}

struct ss_states *ss_states_new(const struct ss_registry *registry)
{
	struct ss_states *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->by_mn = ss_map_new();
	if (!s->by_mn) {
		free(s);
		return NULL;
	}
	s->registry = registry;
	pthread_mutex_init(&s->lock, NULL);
	return s;
}

void ss_states_free(struct ss_states *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->n; i++)
		free(s->list[i]);
	free(s->list);
	free(s->order);
	free(s->sites);
	ss_map_free(s->by_mn);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

static struct device *find(const struct ss_states *s, struct ss_str mn)
{
	uint64_t i;

	return ss_map_get(s->by_mn, mn, &i) ? s->list[i] : NULL;
}

/* NULL: no memory, or a name too long to be one. */
static struct device *add(struct ss_states *s, struct ss_str mn)
{
	struct device *d;

	if (mn.n == 0 || mn.n >= sizeof(d->live.mn) ||
	    ss_grow(&s->list, &s->cap, s->n + 1, sizeof(*s->list)) < 0)
		return NULL;
	d = calloc(1, sizeof(*d));
	if (!d || ss_map_put(s->by_mn, mn, s->n) < 0) {
		free(d);
		return NULL;
	}
	ss_str_copy(d->live.mn, sizeof(d->live.mn), mn);
	d->live.first_us = d->live.last_us = d->live.data_us = d->live.drift_us = SS_TIME_NONE;
	d->told = -1;
	d->last_drift = SS_TIME_NONE;
	ss_clock_init(&d->clock);
	s->list[s->n++] = d;
	return d;
}

static struct device *get(struct ss_states *s, struct ss_str mn)
{
	struct device *d = find(s, mn);

	return d ? d : add(s, mn);
}

/* --- frames ---------------------------------------------------------------------------------- */

static void count_second(struct ss_states *s, int64_t arrived_us)
{
	int64_t sec = arrived_us / SS_US_PER_SEC;
	size_t i = (size_t)(sec % SECONDS);

	if (s->second[i] != sec) {
		s->second[i] = sec;
		s->second_n[i] = 0;
	}
	s->second_n[i]++;
}

static void note_arrival(struct device *d, int64_t t)
{
	struct ss_device_live *l = &d->live;

	if (l->last_us != SS_TIME_NONE && t > l->last_us) {
		int64_t gap = t - l->last_us;

		/* Bursts (several commands at once) and outages say nothing about the rhythm. */
		if (gap >= LEAST_US / 2 && gap < SS_US_PER_DAY)
			d->gap_us = d->gap_us ? d->gap_us + (gap - d->gap_us) / 8 : gap;
	}
	if (l->first_us == SS_TIME_NONE || t < l->first_us)
		l->first_us = t;
	if (l->last_us == SS_TIME_NONE || t > l->last_us)
		l->last_us = t;
}

static void note_faults(struct ss_states *s, struct device *d, int verdict, uint32_t faults)
{
	/* An encrypted data area is marked like a fault, but is none. */
	uint32_t real = faults & ~(uint32_t)SS_HJ212_F_ENCRYPTED;

	if (verdict != SS_HJ212_ACCEPT || real) {
		d->live.faulty++;
		s->sum.faulty++;
	}
	for (uint32_t f = real; f; f &= f - 1)
		d->live.faults[__builtin_ctz(f)]++;
}

/* A clock that is off is off by the same from frame to frame. Where the distance changes by more,
 * the device sends what it had stored (without saying so, as before HJ 212-2025), and its clock may
 * be right. */
static void note_drift(struct device *d, int64_t drift_us)
{
	int64_t before = d->last_drift;

	if (drift_us == SS_TIME_NONE)
		return;
	d->last_drift = drift_us;
	if (before == SS_TIME_NONE || drift_us - before > STEADY_US ||
	    before - drift_us > STEADY_US)
		return;
	d->drift[d->at_drift] = drift_us;
	d->at_drift = (uint8_t)((d->at_drift + 1) % SAMPLES);
	if (d->n_drift < SAMPLES)
		d->n_drift++;
	d->drift_new = true;
}

bool ss_states_frame(struct ss_states *s, struct ss_str mn, int64_t site, uint64_t seq,
		     int64_t arrived_us, int64_t data_time_us, int64_t drift_us, int verdict,
		     uint32_t faults, struct ss_str qn, struct ss_clock_hour *ret_hour)
{
	struct device *d;
	int64_t t;

	SS_LOCKED(&s->lock);
	s->sum.frames++;
	count_second(s, arrived_us);
	d = get(s, mn);
	if (!d)
		return false;
	d->live.frames++;
	note_faults(s, d, verdict, faults);
	/* A frame that is not accepted may carry somebody else's MN by damage: it proves no life.
	 */
	if (verdict == SS_HJ212_ACCEPT) {
		note_arrival(d, arrived_us);
		note_drift(d, drift_us);
		if (data_time_us != SS_TIME_NONE &&
		    (d->live.data_us == SS_TIME_NONE || data_time_us > d->live.data_us))
			d->live.data_us = data_time_us;
	}
	if (site)
		d->live.site = site;
	if (seq > d->live.last_seq)
		d->live.last_seq = seq;
	return verdict == SS_HJ212_ACCEPT && qn.n == 17 && ss_time_parse_compact(qn, &t) == 0 &&
	       ss_clock_take(&d->clock, t, arrived_us, ret_hour);
}

bool ss_states_clock(struct ss_states *s, struct ss_str mn, struct ss_clock_hour *ret)
{
	const struct device *d;

	SS_LOCKED(&s->lock);
	d = find(s, mn);
	return d && ss_clock_now(&d->clock, ret);
}

int64_t ss_states_drift(struct ss_str qn, int64_t data_time_us, int64_t arrived_us, bool live)
{
	int64_t t;

	if (!live)
		return SS_TIME_NONE;
	if (qn.n >= 14 && ss_time_parse_compact(qn, &t) == 0)
		return t - arrived_us;
	return data_time_us == SS_TIME_NONE ? SS_TIME_NONE : data_time_us - arrived_us;
}

/* --- the clock ----------------------------------------------------------------------------------
 */

static void judge_drift(struct device *d)
{
	int64_t v[SAMPLES];

	if (!d->drift_new || d->n_drift < SAMPLES_LEAST)
		return;
	memcpy(v, d->drift, sizeof(v));
	ss_sort(v, d->n_drift, sizeof(v[0]), ss_sort_i64);
	d->live.drift_us = v[d->n_drift / 2];
	d->drift_new = false;
}

static int64_t interval_of(const struct device *d)
{
	if (d->contract_s > 0)
		return d->contract_s * SS_US_PER_SEC;
	return d->gap_us > LEAST_US ? d->gap_us : d->gap_us ? LEAST_US : GUESS_US;
}

static enum ss_device_state judge(struct device *d, int64_t now)
{
	struct ss_device_live *l = &d->live;

	judge_drift(d);
	l->interval_us = interval_of(d);
	if (!d->registered && !l->site)
		return SS_DEVICE_QUARANTINED;
	if (l->last_us == SS_TIME_NONE)
		return SS_DEVICE_NEVER;
	if (now - l->last_us > SS_STATES_INTERVALS * l->interval_us)
		return SS_DEVICE_SILENT;
	if (l->drift_us != SS_TIME_NONE &&
	    (l->drift_us > SS_STATES_DRIFT_US || l->drift_us < -SS_STATES_DRIFT_US))
		return SS_DEVICE_DRIFT;
	return SS_DEVICE_ONLINE;
}

static bool take_device(void *arg, const struct ss_device *r)
{
	struct ss_states *s = arg;
	struct device *d = get(s, ss_str_of(r->mn));

	if (!d)
		return false;
	d->registered = true;
	d->live.site = r->site;
	d->contract_s = r->interval_s;
	return true;
}

static bool take_unknown(void *arg, const struct ss_unknown *u)
{
	struct ss_states *s = arg;
	struct device *d = get(s, ss_str_of(u->mn));

	if (!d)
		return false;
	if (d->live.first_us == SS_TIME_NONE || u->first_us < d->live.first_us)
		d->live.first_us = u->first_us;
	if (d->live.last_us == SS_TIME_NONE || u->last_us > d->live.last_us)
		d->live.last_us = u->last_us;
	if (u->frames > d->live.frames)
		d->live.frames = u->frames;
	return true;
}

static void take_registry(struct ss_states *s)
{
	uint64_t version;

	if (!s->registry)
		return;
	version = ss_registry_version(s->registry);
	if (s->taken && version == s->version)
		return;
	ss_registry_devices(s->registry, take_device, s);
	if (!s->taken)
		ss_registry_unknowns((struct ss_registry *)(uintptr_t)s->registry, take_unknown, s);
	s->version = version;
	s->taken = true;
}

static struct site *site_at(struct ss_states *s, int64_t id)
{
	size_t n;
	struct site *sites;

	if (id <= 0 || id >= SITES_MAX)
		return NULL;
	if ((size_t)id < s->n_sites)
		return &s->sites[id];
	n = (size_t)id + 1 + s->n_sites / 2;
	sites = realloc(s->sites, n * sizeof(*sites));
	if (!sites)
		return NULL;
	memset(sites + s->n_sites, 0, (n - s->n_sites) * sizeof(*sites));
	s->sites = sites;
	s->n_sites = n;
	return &sites[id];
}

static void count_site(struct ss_states *s, const struct device *d)
{
	struct site *at = d->live.state == SS_DEVICE_QUARANTINED ? NULL : site_at(s, d->live.site);

	if (!at)
		return;
	if (at->devices == 0)
		at->last_us = SS_TIME_NONE;
	at->devices++;
	at->heard += d->live.last_us != SS_TIME_NONE;
	at->here += d->live.state == SS_DEVICE_ONLINE || d->live.state == SS_DEVICE_DRIFT;
	if (d->live.last_us != SS_TIME_NONE && d->live.last_us > at->last_us)
		at->last_us = d->live.last_us;
}

static double rate(const struct ss_states *s, int64_t now_us)
{
	int64_t sec = now_us / SS_US_PER_SEC, n = 0;

	for (size_t i = 0; i < SECONDS; i++) {
		if (s->second[i] < sec && s->second[i] >= sec - RATE_SECONDS)
			n += s->second_n[i];
	}
	return (double)n / RATE_SECONDS;
}

void ss_states_tick(struct ss_states *s, int64_t now_us, ss_states_changed_fn *fn, void *arg)
{
	SS_LOCKED(&s->lock);
	take_registry(s);
	memset(s->sum.devices, 0, sizeof(s->sum.devices));
	if (s->sites)
		memset(s->sites, 0, s->n_sites * sizeof(*s->sites));
	for (size_t i = 0; i < s->n; i++) {
		struct device *d = s->list[i];
		enum ss_device_state st = judge(d, now_us);

		d->live.state = st;
		s->sum.devices[st]++;
		count_site(s, d);
		if (fn && d->told != (int8_t)st) {
			d->told = (int8_t)st;
			fn(arg, &d->live);
		}
	}
	s->sum.total = (int64_t)s->n;
	s->sum.per_second = rate(s, now_us);
}

/* --- readers -----------------------------------------------------------------------------------
 */

void ss_states_sum(struct ss_states *s, struct ss_states_sum *ret)
{
	SS_LOCKED(&s->lock);
	*ret = s->sum;
}

int ss_states_get(struct ss_states *s, struct ss_str mn, struct ss_device_live *ret)
{
	struct device *d;

	SS_LOCKED(&s->lock);
	d = find(s, mn);
	if (!d)
		return SS_ENOTFOUND;
	*ret = d->live;
	return 0;
}

static int cmp_mn(const void *a, const void *b)
{
	return strcmp((*(struct device *const *)a)->live.mn, (*(struct device *const *)b)->live.mn);
}

static bool sort(struct ss_states *s)
{
	struct device **order;

	if (s->sorted == s->n)
		return true;
	order = realloc(s->order, s->n * sizeof(struct device *));
	if (!order)
		return false;
	memcpy(order, s->list, s->n * sizeof(struct device *));
	ss_sort(order, s->n, sizeof(struct device *), cmp_mn);
	s->order = order;
	s->sorted = s->n;
	return true;
}

void ss_states_each(struct ss_states *s, bool (*fn)(void *, const struct ss_device_live *),
		    void *arg)
{
	SS_LOCKED(&s->lock);
	if (!sort(s))
		return;
	for (size_t i = 0; i < s->n; i++) {
		if (!fn(arg, &s->order[i]->live))
			return;
	}
}

enum ss_site_state ss_states_site(struct ss_states *s, int64_t site, int64_t *ret_last_us)
{
	const struct site *at;

	SS_LOCKED(&s->lock);
	*ret_last_us = SS_TIME_NONE;
	if (site <= 0 || (size_t)site >= s->n_sites)
		return SS_SITE_NEVER;
	at = &s->sites[site];
	if (at->devices == 0 || at->heard == 0)
		return SS_SITE_NEVER;
	*ret_last_us = at->last_us;
	if (at->here == at->devices)
		return SS_SITE_ONLINE;
	return at->here ? SS_SITE_PARTIAL : SS_SITE_SILENT;
}

int64_t ss_states_site_devices(struct ss_states *s, int64_t site)
{
	SS_LOCKED(&s->lock);
	return site > 0 && (size_t)site < s->n_sites ? s->sites[site].devices : 0;
}
