#include "record/things/viewer.h"

bool ss_viewer_has(const struct ss_viewer *v, const char *role)
{
	if (!v)
		return false;
	for (size_t i = 0; i < v->n_roles; i++)
		if (strcmp(v->roles[i].id, role) == 0)
			return true;
	return v->all;
}

bool ss_viewer_in_area(const struct ss_viewer *v, const char *area)
{
	if (!v)
		return false;
	for (size_t i = 0; i < v->n_roles; i++)
		for (size_t k = 0; k < v->roles[i].n_areas; k++)
			if (strcmp(v->roles[i].areas[k], area) == 0)
				return true;
	return v->all;
}
