/* Which rows somebody may see: the one restriction that every query for people takes. A scope is
 * made by the access layer for one person and one right; what is made for the machine itself (the
 * line, the gateway) asks without one. */
#pragma once

#include "record/registry/registry.h"

#define SS_SCOPE_AREAS 32
#define SS_SCOPE_SITES 64

enum ss_label { SS_LABEL_PUBLIC, SS_LABEL_INTERNAL, SS_LABEL_RESTRICTED, SS_LABEL_COUNT_ };
const char *ss_label_key(enum ss_label l); /* "public" ... */
int ss_label_parse(struct ss_str key, enum ss_label *ret);

struct ss_scope {
	bool all;            /* every area; the label still counts */
	enum ss_label label; /* highest that may be seen */
	size_t n_areas, n_sites;
	char area[SS_SCOPE_AREAS][12]; /* districts */
	char site[SS_SCOPE_SITES][40]; /* codes of sites of the person's own organisation */
};

/* NULL sees nothing: the default is to refuse. */
bool ss_scope_sees(const struct ss_scope *sc, const struct ss_site *site);
/* Whether it restricts anything at all. */
bool ss_scope_is_all(const struct ss_scope *sc);
/* By id; an unknown site is seen only where nothing is restricted. Any thread. */
bool ss_scope_sees_id(const struct ss_scope *sc, const struct ss_registry *r, int64_t site);
/* A device: its site's answer; one that is not registered is seen where nothing is restricted. */
bool ss_scope_sees_device(const struct ss_scope *sc, const struct ss_registry *r, struct ss_str mn);
/* Whether there is any site that it does not see. */
bool ss_scope_hides_any(const struct ss_scope *sc, const struct ss_registry *r);
/* The walks of registry.h, over what may be seen. */
void ss_registry_sites_in(const struct ss_registry *r, const struct ss_scope *sc,
			  bool (*fn)(void *, const struct ss_site *), void *arg);
