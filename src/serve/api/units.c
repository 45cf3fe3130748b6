/* Units by kind of site, from standards/units/by-kind.csv: ambient stations report in micrograms
 * where the table of HJ 212 prints nanograms or milligrams. */
#include "reason/standards/standards.h"
#include "serve/api/api_internal.h"

struct ss_str ss_unit_of(enum ss_site_kind kind, const char *factor, struct ss_str otherwise)
{
	const struct ss_law_row *row =
	    ss_law_find(ss_law_table(ss_law_now(), "units/by-kind"), SS_ANY_DAY,
			SS_LAW_KEY(ss_site_kind_key(kind), factor));

	return row ? ss_str_of(ss_law_text(row, "unit")) : otherwise;
}
