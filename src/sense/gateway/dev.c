/* A loop's own view of a device: found without a lock, asks the registry when that has changed. */
#include "sense/gateway/gateway_internal.h"

#define SWEEP_US (10 * SS_US_PER_SEC)
#define SWEEP_MOST 1024

/* GCRA: tat is when the bucket would be empty again. The caller keeps the new tat once the frame is
 * really taken. */
bool rate_ok(int64_t *tat, int64_t now, int64_t rate, int64_t *ret_until)
{
	const int64_t burst = GW_BURST * SS_US_PER_SEC;
	int64_t t = *tat > now ? *tat : now;

	if (rate <= 0)
		return true;
	if (t - now > burst) {
		*ret_until = t - burst;
		return false;
	}
	*tat = t + SS_US_PER_SEC / rate;
	return true;
}

static uint8_t edition_named(const char *name)
{
	for (int e = SS_HJ212_2005; e <= SS_HJ212_WATER; e++)
		if (name[0] && !strcmp(name, ss_hj212_edition_name((enum ss_hj212_edition)e)))
			return (uint8_t)(e + 1);
	return 0;
}

static void dev_keys(struct dev *d, const struct ss_device *r)
{
	memcpy(d->sm4_key, r->sm4_key, sizeof(d->sm4_key));
	d->policy.sm4_key = r->has_sm4_key ? d->sm4_key : NULL;
	d->old_n = r->sm4_old_n;
	for (int i = 0; i < r->sm4_old_n; i++) {
		d->old_until[i] = r->sm4_old[i].until_us + GW_KEY_OVERLAP_US;
		memcpy(d->sm4_old[i], r->sm4_old[i].key, 16);
	}
}

static void dev_policy(struct loop *l, struct dev *d, const struct ss_device *r)
{
	memset(&d->policy, 0, sizeof(d->policy));
	d->policy.segment_cap = (size_t)l->g->set.segment_cap;
	d->policy.accept_wrong_len = r->accept_wrong_len;
	d->policy.accept_modbus_crc = r->accept_modbus_crc;
	dev_keys(d, r);
	if (d->version && strcmp(d->pw, r->pw) != 0) {
		memcpy(d->pw_before, d->pw, sizeof(d->pw_before));
		d->pw_until = l->now + GW_PW_OVERLAP_US;
	}
	d->has_policy = r->accept_wrong_len || r->accept_modbus_crc || r->has_sm4_key;
	ss_str_copy(d->pw, sizeof(d->pw), ss_str_of(r->pw));
	d->edition_by_register = edition_named(r->edition);
}

static bool registered(struct loop *l, struct ss_str mn, struct ss_device *ret)
{
	return l->g->registry && ss_registry_device(l->g->registry, mn, ret) == 0;
}

static uint64_t registry_version(const struct loop *l)
{
	return l->g->registry ? ss_registry_version(l->g->registry) : 0;
}

static struct dev *dev_find(struct loop *l, struct conn *c, struct ss_str mn)
{
	uint64_t v;

	if (c->dev && c->dev->mn_n == mn.n && !memcmp(c->dev->s->mn, mn.p, mn.n))
		return c->dev;
	return ss_map_get(l->devs, mn, &v) ? (struct dev *)(uintptr_t)v : NULL;
}

static struct dev *dev_new(struct loop *l, struct ss_str mn, const struct ss_device *r)
{
	struct dev *d = calloc(1, sizeof(*d));
	struct ss_device none = {0};
	int err = 0;

	if (!d)
		return NULL;
	d->s = session_get(l->g, mn, r != NULL, &err);
	if (!d->s || ss_map_put(l->devs, mn, (uintptr_t)d) < 0) {
		if (d->s)
			session_put(l->g, d->s);
		free(d);
		return NULL;
	}
	d->mn_n = (uint8_t)mn.n;
	d->known = r != NULL;
	d->flag_version = -1;
	dev_policy(l, d, r ? r : &none);
	return d;
}

/* The register has changed since: policy, password, known or not. */
void dev_refresh(struct loop *l, struct dev *d)
{
	struct ss_device r = {0};
	bool known = registered(l, ss_str_of(d->s->mn), &r);

	dev_policy(l, d, &r);
	d->flag_version = -1;
	if (known != d->known) {
		SS_LOCKED(session_lock(l->g, d->s));
		if (d->s->known != known)
			atomic_fetch_add(&l->g->unknown, known ? -1 : 1);
		d->s->known = known;
		d->known = known;
	}
}

static void dev_free(struct loop *l, struct dev *d)
{
	ss_map_del(l->devs, ss_str_of(d->s->mn));
	session_put(l->g, d->s);
	free(d->form);
	free(d);
}

/* The device of a frame that came on c. NULL: too many unregistered ones. */
struct dev *dev_get(struct loop *l, struct conn *c, struct ss_str mn)
{
	uint64_t version = registry_version(l);
	struct dev *d = dev_find(l, c, mn);
	struct ss_device r;

	if (!d) {
		bool known = registered(l, mn, &r);

		d = dev_new(l, mn, known ? &r : NULL);
		if (!d) {
			l->sweep_now = true;
			return NULL;
		}
		d->version = version;
	} else if (d->version != version) {
		dev_refresh(l, d);
		d->version = version;
	}
	conn_use_dev(c, d);
	return d;
}

/* For a frame that did not pass: only a device already met or registered, nothing new is made for
 * an MN that may be garbage. */
struct dev *dev_peek(struct loop *l, struct conn *c, struct ss_str mn)
{
	struct ss_device r;

	if (!dev_find(l, c, mn) && !registered(l, mn, &r))
		return NULL;
	return dev_get(l, c, mn);
}

static void edition_learn(struct dev *d, const struct ss_hj212_head *h)
{
	d->flag_version = (int16_t)(h->flag < 0 ? 0 : h->flag >> 2);
	d->edition = d->edition_by_register ? (uint8_t)(d->edition_by_register - 1)
					    : (uint8_t)ss_hj212_edition(h);
}

/* Keeps in the session what a command to this device needs: edition, ST and PW as it uses them. */
void dev_profile(struct loop *l, struct dev *d, const struct ss_hj212_head *h)
{
	struct session *s = d->s;

	if (ss_hj212_is_answer(h->cn_num) || h->st.n >= sizeof(d->st) || h->pw.n > GW_PW_MAX)
		return;
	if (d->flag_version == (h->flag < 0 ? 0 : h->flag >> 2) && ss_str_is(h->st, d->st) &&
	    ss_str_is(h->pw, d->last_pw))
		return;
	edition_learn(d, h);
	ss_str_copy(d->st, sizeof(d->st), h->st);
	ss_str_copy(d->last_pw, sizeof(d->last_pw), h->pw);
	SS_LOCKED(session_lock(l->g, s));
	s->edition = d->edition;
	ss_str_copy(s->st, sizeof(s->st), h->st);
	ss_str_copy(s->pw, sizeof(s->pw), d->pw[0] ? ss_str_of(d->pw) : h->pw);
}

static bool dev_dead(struct loop *l, struct dev *d)
{
	if (d->refs)
		return false;
	SS_LOCKED(session_lock(l->g, d->s));
	return !(d->s->route && d->s->route_loop == l &&
		 conn_alive(d->s->route, atomic_load(&d->s->route_serial)));
}

/* Forgets devices whose connections are gone. */
void devs_sweep(struct loop *l)
{
	struct dev *dead[SWEEP_MOST];
	size_t n = 0, it = 0;
	struct ss_str mn;
	uint64_t v;

	if (l->now - l->swept_us < (l->sweep_now ? SS_US_PER_SEC : SWEEP_US))
		return;
	l->swept_us = l->now;
	while (n < SWEEP_MOST && ss_map_next(l->devs, &it, &mn, &v))
		if (dev_dead(l, (struct dev *)(uintptr_t)v))
			dead[n++] = (struct dev *)(uintptr_t)v;
	l->sweep_now = n == SWEEP_MOST;
	for (size_t i = 0; i < n; i++)
		dev_free(l, dead[i]);
}

void devs_free(struct loop *l)
{
	size_t it = 0;
	struct ss_str mn;
	uint64_t v;

	while (l->devs && ss_map_next(l->devs, &it, &mn, &v)) {
		struct dev *d = (struct dev *)(uintptr_t)v;

		session_put(l->g, d->s);
		free(d->form);
		free(d);
	}
}
