/* Who looks: what every engine call for people takes. Made by serve/access from the person who
 * asks (ss_access_viewer), or here for the machine itself. All is borrowed. NULL sees nothing. */
#pragma once

#include "base/base.h"
#include "record/registry/scope.h"

struct ss_viewer_role {
	const char *id;           /* "enforce_officer" */
	const char *const *areas; /* districts of this assignment; with rows "area" */
	size_t n_areas;
};

struct ss_viewer {
	const char *user;  /* id of the account, "system" for the machine */
	const char *login; /* for the audit */
	const char *name;  /* for people; a module's id for the machine */
	const char *org;   /* code of the person's organisation (an enterprise: its credit code) */
	enum ss_label label;
	bool all;                           /* the machine itself: every right, every row */
	const struct ss_viewer_role *roles; /* assignments in force now */
	size_t n_roles;
};

/* Rules, timers, seeds of a module. */
static inline struct ss_viewer ss_viewer_system(const char *module)
{
	return (struct ss_viewer){.user = "system",
				  .login = "system",
				  .name = module,
				  .org = "",
				  .label = SS_LABEL_RESTRICTED,
				  .all = true};
}
bool ss_viewer_has(const struct ss_viewer *v, const char *role); /* `all` has every role */
/* Some assignment names the area. */
bool ss_viewer_in_area(const struct ss_viewer *v, const char *area);
