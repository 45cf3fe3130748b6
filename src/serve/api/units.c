/* Units by kind of site, the same as explanations tell. */
#include "reason/figures/figures.h"
#include "serve/api/api_internal.h"

struct ss_str ss_unit_of(enum ss_site_kind kind, const char *factor, struct ss_str otherwise)
{
	const char *unit = ss_figures_unit(kind, factor);

	return unit ? ss_str_of(unit) : otherwise;
}
