#include "record/registry/scope.h"

static const char *const label_keys[] = {"public", "internal", "restricted"};

const char *ss_label_key(enum ss_label l)
{
	return (unsigned)l < SS_LABEL_COUNT_ ? label_keys[l] : "?";
}

int ss_label_parse(struct ss_str key, enum ss_label *ret)
{
	for (int i = 0; i < SS_LABEL_COUNT_; i++) {
		if (ss_str_is(key, label_keys[i])) {
			*ret = (enum ss_label)i;
			return 0;
		}
	}
	return SS_EINVAL;
}

/* What bears no label is internal; a label nobody knows is the highest. */
static enum ss_label label_of(const struct ss_site *s)
{
	struct ss_str key = ss_str_of(s->attribute[SS_ATTRIBUTE_LABEL]);
	enum ss_label l = SS_LABEL_RESTRICTED;

	if (key.n == 0)
		return SS_LABEL_INTERNAL;
	return ss_label_parse(key, &l) < 0 ? SS_LABEL_RESTRICTED : l;
}

bool ss_scope_sees(const struct ss_scope *sc, const struct ss_site *site)
{
	if (!sc || label_of(site) > sc->label)
		return false;
	if (sc->all)
		return true;
	for (size_t i = 0; i < sc->n_areas; i++) {
		if (strcmp(sc->area[i], site->district) == 0)
			return true;
	}
	for (size_t i = 0; i < sc->n_sites; i++) {
		if (strcmp(sc->site[i], site->code) == 0)
			return true;
	}
	return false;
}

bool ss_scope_is_all(const struct ss_scope *sc)
{
	return sc && sc->all && sc->label == SS_LABEL_RESTRICTED;
}

bool ss_scope_sees_id(const struct ss_scope *sc, const struct ss_registry *r, int64_t id)
{
	struct ss_site site;

	if (ss_scope_is_all(sc))
		return true;
	return r && ss_registry_site(r, id, &site) == 0 && ss_scope_sees(sc, &site);
}

bool ss_scope_sees_device(const struct ss_scope *sc, const struct ss_registry *r, struct ss_str mn)
{
	struct ss_device d;

	if (ss_scope_is_all(sc))
		return true;
	return r && ss_registry_device(r, mn, &d) == 0 && ss_scope_sees_id(sc, r, d.site);
}

struct walk {
	const struct ss_scope *sc;
	bool (*fn)(void *, const struct ss_site *);
	void *arg;
};

static bool step(void *arg, const struct ss_site *s)
{
	struct walk *w = arg;

	return ss_scope_sees(w->sc, s) ? w->fn(w->arg, s) : true;
}

void ss_registry_sites_in(const struct ss_registry *r, const struct ss_scope *sc,
			  bool (*fn)(void *, const struct ss_site *), void *arg)
{
	struct walk w = {sc, fn, arg};

	ss_registry_sites(r, step, &w);
}

struct hidden {
	const struct ss_scope *sc;
	bool any;
};

static bool look(void *arg, const struct ss_site *s)
{
	struct hidden *h = arg;

	h->any = !ss_scope_sees(h->sc, s);
	return !h->any;
}

bool ss_scope_hides_any(const struct ss_scope *sc, const struct ss_registry *r)
{
	struct hidden h = {.sc = sc};

	if (ss_scope_is_all(sc))
		return false;
	if (!sc || !r)
		return true;
	ss_registry_sites(r, look, &h);
	return h.any;
}
