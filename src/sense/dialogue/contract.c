/* What each device owes: its records of each kind, one an interval. */
#include <stdlib.h>

#include "base/list.h"
#include "base/log.h"
#include "sense/dialogue/dialogue_internal.h"

#define LEARN_US (10 * SS_US_PER_MIN) /* an interval is learned anew so often */
#define LEARN_BACK_US (6 * SS_US_PER_HOUR)
#define LEARN_POINTS 200
#define LEARN_LEAST 3 /* equal distances before an interval is believed */

const int ss_contract_cn[SS_CONTRACT_KINDS] = {2051, 2061, 2031};
static const enum ss_period periods[] = {SS_PERIOD_MINUTE, SS_PERIOD_HOUR, SS_PERIOD_DAY};

int kind_of(int cn)
{
	for (int k = 0; k < SS_CONTRACT_KINDS; k++)
		if (ss_contract_cn[k] == cn)
			return k;
	return -1;
}

struct device *device_find(struct ss_dialogue *d, struct ss_str mn)
{
	uint64_t i;

	return ss_map_get(d->by_mn, mn, &i) ? d->devices[i] : NULL;
}

struct device *device_get(struct ss_dialogue *d, struct ss_str mn)
{
	struct device *v = device_find(d, mn);

	if (v || ss_grow(&d->devices, &d->device_cap, d->device_n + 1, sizeof(*d->devices)) < 0)
		return v;
	v = calloc(1, sizeof(*v));
	if (!v || ss_map_put(d->by_mn, mn, d->device_n) < 0) {
		free(v);
		return NULL;
	}
	ss_str_copy(v->mn, sizeof(v->mn), mn);
	for (int k = 0; k < SS_CONTRACT_KINDS; k++) {
		v->kind[k].series = -1;
		v->kind[k].first_us = v->kind[k].looked_us = SS_TIME_NONE;
	}
	d->devices[d->device_n++] = v;
	return v;
}

static bool take_device(void *arg, const struct ss_device *r)
{
	struct ss_dialogue *d = arg;
	struct device *v = device_get(d, ss_str_of(r->mn));
	struct ss_site s;

	if (!v)
		return false;
	if (v->site != r->site || strcmp(v->point, r->point) != 0)
		for (int k = 0; k < SS_CONTRACT_KINDS; k++)
			v->kind[k].series = -1;
	v->site = r->site;
	memcpy(v->point, r->point, sizeof(v->point));
	v->seen = ss_registry_site(d->parts.registry, r->site, &s) == 0 &&
		  strcmp(s.state, "stopped") != 0;
	return true;
}

/* Where the devices or the declared intervals have changed since. */
void contract_turn(struct ss_dialogue *d)
{
	uint64_t version = ss_registry_version(d->parts.registry);
	struct ss_error err = {0};
	int64_t asked;

	{
		SS_LOCKED(&d->lock);
		asked = d->contract_version;
	}
	if (d->registry_taken && version == d->registry_version && asked == d->contract_seen)
		return;
	for (size_t i = 0; i < d->device_n; i++)
		d->devices[i]->seen = false;
	ss_registry_devices(d->parts.registry, take_device, d);
	if (store_contracts(d, &err) < 0)
		failed(d, err.code ? err.code : SS_EIO, &err);
	d->registry_taken = true;
	d->registry_version = version;
	d->contract_seen = asked;
}

/* Finds the device's frame index of the kind; false: it never sent one. */
static bool index_of(struct ss_dialogue *d, struct device *v, int k)
{
	struct ss_series_key key = {.site = v->site, .period = periods[k]};
	struct ss_series_info info;

	memcpy(key.point, v->point, sizeof(key.point));
	snprintf(key.factor, sizeof(key.factor), "@%s", v->mn);
	snprintf(key.stat, sizeof(key.stat), "%d", ss_contract_cn[k]);
	if (v->kind[k].series < 0 &&
	    ss_series_find(d->parts.series, &key, &v->kind[k].series) < 0) {
		v->kind[k].series = -1;
		return false;
	}
	if (ss_series_info(d->parts.series, v->kind[k].series, &info) < 0)
		return false;
	v->kind[k].first_us = info.first_us;
	return info.first_us != SS_TIME_NONE;
}

/* The commonest distance of minute records that the standard allows (2017 annex B: MinInterval). */
static int64_t commonest(const struct ss_point *p, size_t n)
{
	static const int minutes[] = {1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30};
	int hits[SS_ARRAY_LEN(minutes)] = {0}, best = -1;

	for (size_t i = 1; i < n; i++)
		for (size_t m = 0; m < SS_ARRAY_LEN(minutes); m++)
			hits[m] += p[i].time_us - p[i - 1].time_us == minutes[m] * SS_US_PER_MIN;
	for (size_t m = 0; m < SS_ARRAY_LEN(minutes); m++)
		if (hits[m] >= LEARN_LEAST && (best < 0 || hits[m] > hits[best]))
			best = (int)m;
	return best < 0 ? 0 : minutes[best] * SS_US_PER_MIN;
}

static int64_t learn_minutes(struct ss_dialogue *d, const struct kind *k)
{
	struct ss_series_info info;
	struct ss_point *p;
	size_t n = 0;

	ss_arena_reset(&d->arena);
	if (ss_series_info(d->parts.series, k->series, &info) < 0 ||
	    ss_series_points(d->parts.series, k->series, info.last_us - LEARN_BACK_US,
			     info.last_us + 1, 0, &d->arena, &p, &n, NULL) < 0)
		return 0;
	if (n > LEARN_POINTS) {
		p += n - LEARN_POINTS;
		n = LEARN_POINTS;
	}
	return commonest(p, n);
}

void contract_learn(struct ss_dialogue *d, struct device *v, int k)
{
	static const int64_t fixed[] = {0, SS_US_PER_HOUR, SS_US_PER_DAY};
	struct kind *c = &v->kind[k];
	int64_t now = ss_time_mono(), us;

	if (!index_of(d, v, k) || c->declared || (c->interval_us && now < c->learn_us))
		return;
	c->learn_us = now + LEARN_US;
	us = fixed[k] ? fixed[k] : learn_minutes(d, c);
	if (us)
		c->interval_us = us;
}

/* --- asked from outside --------------------------------------------------------------------------
 */

int ss_dialogue_contract(struct ss_dialogue *d, struct ss_str mn,
			 struct ss_contract_row ret[SS_CONTRACT_KINDS], struct ss_error *err)
{
	const struct device *v;
	SS_LOCKED(&d->world);

	v = device_find(d, mn);
	if (!v)
		return ss_error_set(err, SS_ENOTFOUND,
				    "没有设备 " SS_STR_FMT
				    " 的到数约定；no contract of this device",
				    SS_STR_ARG(mn));
	for (int k = 0; k < SS_CONTRACT_KINDS; k++) {
		const struct kind *c = &v->kind[k];

		ret[k] = (struct ss_contract_row){.cn = ss_contract_cn[k],
						  .interval_us = c->interval_us,
						  .declared = c->declared,
						  .first_us = c->first_us,
						  .looked_us = c->looked_us};
		for (const struct gap *g = v->gaps; g; g = g->next)
			ret[k].open +=
			    g->row.cn == ss_contract_cn[k] && g->row.state == SS_GAP_OPEN;
	}
	return 0;
}

int ss_dialogue_declare(struct ss_dialogue *d, struct ss_str mn, int cn, int64_t interval_s,
			struct ss_str by, struct ss_error *err)
{
	struct ss_device r;
	bool minute = cn == 2051 && interval_s > 0;
	int res;

	if (ss_registry_device(d->parts.registry, mn, &r) < 0)
		return ss_error_set(err, SS_ENOTFOUND,
				    "设备 " SS_STR_FMT " 没有登记；the device is not registered",
				    SS_STR_ARG(mn));
	if (kind_of(cn) < 0)
		return ss_error_set(err, SS_EINVAL,
				    "cn 须为 2051、2061 或 2031；cn must be 2051, "
				    "2061 or 2031");
	if ((minute && (interval_s % 60 || interval_s > 1800 || 3600 % interval_s)) ||
	    (cn == 2061 && interval_s > 0 && interval_s != 3600) ||
	    (cn == 2031 && interval_s > 0 && interval_s != 86400))
		return ss_error_set(
		    err, SS_EINVAL,
		    "interval_s：分钟数据须为 1 2 3 4 5 6 10 12 15 20 30 分钟，小时 3600，日 "
		    "86400，0 为不要求；minutes that divide the hour, 3600 for hours, "
		    "86400 for days, 0 = owed nothing");
	SS_LOCKED(&d->world);
	res = store_declare(d, mn, cn, interval_s, by, err);
	SS_LOCKED(&d->lock);
	d->contract_version++;
	pthread_cond_broadcast(&d->moved);
	return res;
}
