/* Opening, looking up, and the single writes. */
#include <math.h>
#include <stdlib.h>

#include "base/base.h"
#include "base/thread.h"
#include "base/uuid.h"
#include "record/registry/registry_internal.h"

static int load(struct ss_registry *r, struct ss_error *err)
{
	struct ss_snapshot *s;
	int res = ss_registry_store_load(r, &s, err);

	if (res < 0)
		return res;
	ss_registry_publish(r, s);
	return ss_unknowns_load(r, err);
}

static int open_as(const char *url, bool read_only, struct ss_registry **ret, struct ss_error *err)
{
	/* Aligned for the counters. */
	struct ss_registry *r = aligned_alloc(64, sizeof(*r));
	int res;

	if (!r)
		return ss_error_set(err, SS_ENOMEM, "内存不足；out of memory");
	memset(r, 0, sizeof(*r));
	pthread_mutex_init(&r->lock, NULL);
	r->read_only = read_only;
	r->url = strdup(url);
	res = r->url ? ss_unknowns_new(&r->unknowns) : SS_ENOMEM;
	if (res == 0)
		res = ss_registry_store_open(r, err);
	if (res == 0)
		res = load(r, err);
	if (res < 0) {
		ss_registry_close(r);
		return res;
	}
	*ret = r;
	return 0;
}

int ss_registry_open(const char *url, struct ss_registry **ret, struct ss_error *err)
{
	return open_as(url, false, ret, err);
}

int ss_registry_open_read(const char *url, struct ss_registry **ret, struct ss_error *err)
{
	return open_as(url, true, ret, err);
}

int ss_registry_use_keys(struct ss_registry *r, const char *path, struct ss_error *err)
{
	struct ss_error ignored;
	int res = ss_registry_flush(r, &ignored);
	SS_LOCKED(&r->lock);

	(void)res;
	res = ss_keyring_open(path, &r->keys, err);
	if (res < 0)
		return res;
	r->lost = true; /* read again, with keys this time */
	return ss_registry_store_ready(r, err);
}

void ss_registry_close(struct ss_registry *r)
{
	struct ss_error ignored;

	if (!r)
		return;
	/* What could not be written is heard again, and the journal has it all. */
	if (r->db && !r->read_only)
		(void)ss_registry_flush(r, &ignored);
	ss_db_close(r->db);
	ss_registry_free_snapshots(r);
	ss_unknowns_free(r->unknowns);
	ss_keyring_free(r->keys);
	pthread_mutex_destroy(&r->lock);
	free(r->url);
	free(r);
}

int ss_registry_device(const struct ss_registry *r, struct ss_str mn, struct ss_device *ret)
{
	atomic_long *stripe;
	const struct ss_snapshot *s = ss_registry_enter(r, &stripe);
	const struct ss_device *d = ss_snapshot_device(s, mn);

	if (d)
		*ret = *d;
	ss_registry_leave(stripe);
	return d ? 0 : SS_ENOTFOUND;
}

int ss_registry_site(const struct ss_registry *r, int64_t id, struct ss_site *ret)
{
	atomic_long *stripe;
	const struct ss_snapshot *s = ss_registry_enter(r, &stripe);
	const struct ss_site *site = ss_snapshot_site(s, id);

	if (site)
		*ret = *site;
	ss_registry_leave(stripe);
	return site ? 0 : SS_ENOTFOUND;
}

int ss_registry_attribute(const struct ss_registry *r, int64_t site, const char *name, char *ret,
			  size_t cap)
{
	static const char *const keys[] = {
#define X(name_, key, zh) key,
	    SS_SITE_ATTRIBUTES(X)
#undef X
	};
	atomic_long *stripe;
	const struct ss_snapshot *s = ss_registry_enter(r, &stripe);
	const struct ss_site *x = ss_snapshot_site(s, site);
	int res = SS_ENOTFOUND;

	for (size_t i = 0; x && i < SS_ARRAY_LEN(keys); i++) {
		if (strcmp(keys[i], name) != 0 || !x->attribute[i][0])
			continue;
		ss_str_copy(ret, cap, ss_str_of(x->attribute[i]));
		res = 0;
	}
	ss_registry_leave(stripe);
	return res;
}

uint64_t ss_registry_version(const struct ss_registry *r)
{
	return atomic_load(&((struct ss_registry *)r)->version);
}

void ss_registry_sites(const struct ss_registry *r, bool (*fn)(void *, const struct ss_site *),
		       void *arg)
{
	atomic_long *stripe;
	const struct ss_snapshot *s = ss_registry_enter(r, &stripe);

	for (size_t i = 0; i < s->sites.n; i++)
		if (!fn(arg, s->sites.p[i]))
			break;
	ss_registry_leave(stripe);
}

void ss_registry_devices(const struct ss_registry *r, bool (*fn)(void *, const struct ss_device *),
			 void *arg)
{
	atomic_long *stripe;
	const struct ss_snapshot *s = ss_registry_enter(r, &stripe);

	for (size_t i = 0; i < s->devices.n; i++)
		if (!fn(arg, s->devices.p[i]))
			break;
	ss_registry_leave(stripe);
}

static int refuse(const struct ss_why *why, const char *what, struct ss_error *err)
{
	return ss_error_set(err, SS_EINVAL, "%s %s：%s；%s", what, why->field, why->zh, why->en);
}

/* Writes the record and makes it visible, or neither: nothing can fail behind the commit. */
static int change(struct ss_registry *r, const struct ss_site *site, const struct ss_device *d,
		  struct ss_error *err)
{
	struct ss_snapshot *next = ss_snapshot_copy(atomic_load(&r->now), 1, 1);
	int res = next ? 0 : SS_ENOMEM;

	if (res == 0)
		res = site ? ss_snapshot_put_site(next, site) : ss_snapshot_put_device(next, d);
	if (res == 0)
		res = ss_registry_store_begin(r, err);
	if (res == 0) {
		res = site ? ss_registry_store_put_site(r, site, err)
			   : ss_registry_store_put_device(r, d, err);
		res = ss_registry_store_end(r, res, err);
	}
	if (res < 0) {
		ss_snapshot_discard(next);
		return res;
	}
	ss_registry_publish(r, next);
	return 0;
}

/* Id and uid of the site that is meant, or new ones. */
static int identify(struct ss_registry *r, struct ss_site *site, struct ss_error *err)
{
	const struct ss_snapshot *s = atomic_load(&r->now);
	const struct ss_site *by_code = ss_snapshot_site_by_code(s, ss_str_of(site->code));
	const struct ss_site *old = site->id ? ss_snapshot_site(s, site->id) : by_code;

	if (site->id && !old)
		return ss_error_set(err, SS_ENOTFOUND,
				    "没有编号为 %lld 的站点；no site with this id",
				    (long long)site->id);
	if (by_code && by_code != old)
		return ss_error_set(
		    err, SS_EUNIQUE,
		    "站点编码 %s 已属于另一站点；the site code belongs to another site",
		    site->code);
	if (old) {
		site->id = old->id;
		memcpy(site->uid, old->uid, sizeof(site->uid));
		for (int i = 0; i < SS_ATTRIBUTE_COUNT_; i++)
			if (!site->attribute[i][0])
				memcpy(site->attribute[i], old->attribute[i],
				       sizeof(site->attribute[i]));
		return 0;
	}
	int res = ss_uuid7(site->uid);
	if (res == 0)
		site->id = r->last_site_id + 1;
	return res;
}

static bool site_is_there(struct ss_registry *r, const struct ss_site *site)
{
	const struct ss_site *old = ss_snapshot_site(atomic_load(&r->now), site->id);

	return old && ss_same_site(old, site);
}

int ss_registry_put_site(struct ss_registry *r, struct ss_site *site, struct ss_error *err)
{
	struct ss_site s = *site;
	struct ss_why why;
	int res;

	if (!s.state[0])
		ss_str_copy(s.state, sizeof(s.state), SS_STR("running"));
	if (ss_check_site(&s, &why) < 0)
		return refuse(&why, s.code, err);
	SS_LOCKED(&r->lock);
	res = ss_registry_store_ready(r, err);
	if (res == 0)
		res = identify(r, &s, err);
	if (res == 0 && !site_is_there(r, &s))
		res = change(r, &s, NULL, err);
	if (res < 0)
		return res;
	if (s.id > r->last_site_id)
		r->last_site_id = s.id;
	*site = s;
	return 0;
}

int ss_registry_put_device(struct ss_registry *r, const struct ss_device *d, struct ss_error *err)
{
	struct ss_device x = *d;
	struct ss_why why;
	int res;

	if (ss_check_device(&x, &why) < 0)
		return refuse(&why, x.mn, err);
	x.sm4_old_n = 0;
	SS_LOCKED(&r->lock);
	res = ss_registry_store_ready(r, err);
	if (res < 0)
		return res;
	const struct ss_snapshot *s = atomic_load(&r->now);
	if (!ss_snapshot_site(s, x.site))
		return ss_error_set(
		    err, SS_EFOREIGN,
		    "设备 %s 的站点 %lld 不存在；the site of this device does not exist", x.mn,
		    (long long)x.site);
	const struct ss_device *old = ss_snapshot_device(s, ss_str_of(x.mn));
	ss_registry_renew_key(old, &x);
	if (old && ss_same_device(old, &x))
		return 0;
	if (old)
		x.registered_us = old->registered_us;
	else if (x.registered_us == 0)
		x.registered_us = ss_time_now();
	return change(r, NULL, &x, err);
}
