/* A registry with the same ids somewhere else: for trying things out beside the real one. */
#include "base/base.h"
#include "base/thread.h"
#include "record/registry/registry_internal.h"

static int copy_all(const struct ss_snapshot *s, struct ss_registry *r, struct ss_error *err)
{
	int res = 0;

	for (size_t i = 0; i < s->sites.n && res == 0; i++)
		res = ss_registry_store_put_site(r, s->sites.p[i], err);
	for (size_t i = 0; i < s->devices.n && res == 0; i++)
		res = ss_registry_store_put_device(r, s->devices.p[i], err);
	return res;
}

int ss_registry_copy(const struct ss_registry *from, struct ss_registry *r, struct ss_error *err)
{
	struct ss_snapshot *next;
	atomic_long *stripe;
	const struct ss_snapshot *s;
	int res;

	SS_LOCKED(&r->lock);
	res = ss_registry_store_ready(r, err);
	if (res == 0)
		res = ss_registry_store_begin(r, err);
	if (res < 0)
		return res;
	s = ss_registry_enter(from, &stripe);
	res = ss_registry_store_end(r, copy_all(s, r, err), err);
	ss_registry_leave(stripe);
	if (res == 0)
		res = ss_registry_store_load(r, &next, err);
	if (res == 0)
		ss_registry_publish(r, next);
	return res;
}
