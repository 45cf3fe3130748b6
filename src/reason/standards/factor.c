/* Factors and units as the law names them. */
#include <math.h>

#include "reason/standards/standards.h"

/* What a process or the station house tells; of several devices only the first has its name, as
 * the table has one for all of them: "e101xx". */
static const struct ss_law_row *process_factor(const struct ss_law *law, const char *code)
{
	const struct ss_law_table *t = ss_law_table(law, "codes/process-factors");
	const struct ss_law_row *row = ss_law_find(t, SS_ANY_DAY, SS_LAW_KEY(code));
	char first[8];

	if (row || strlen(code) != 6 || strcmp(code + 4, "01") != 0)
		return row;
	snprintf(first, sizeof(first), "%.4sxx", code);
	return ss_law_find(t, SS_ANY_DAY, SS_LAW_KEY(first));
}

static bool of_process(const struct ss_law *law, const char *code, struct ss_factor *ret)
{
	const struct ss_law_row *row = process_factor(law, code);
	const char *en = row ? ss_law_text(row, "name_en") : "";

	if (!row)
		return false;
	*ret = (struct ss_factor){.code = code,
				  .name = ss_law_text(row, "name"),
				  .name_en = en[0] ? en : code,
				  .unit = ss_law_text(row, "unit"),
				  .total_unit = "",
				  .medium = "process",
				  .row = row};
	return true;
}

bool ss_law_factor(const struct ss_law *law, const char *code, struct ss_factor *ret)
{
	const struct ss_law_row *row =
	    ss_law_find(ss_law_table(law, "codes/factors"), SS_ANY_DAY, SS_LAW_KEY(code));

	if (!row)
		return of_process(law, code, ret);
	*ret = (struct ss_factor){.code = ss_law_text(row, "code"),
				  .name = ss_law_text(row, "name"),
				  .name_en = ss_law_text(row, "name_en"),
				  .unit = ss_law_text(row, "unit"),
				  .total_unit = ss_law_text(row, "total_unit"),
				  .medium = ss_law_text(row, "medium"),
				  .row = row};
	return true;
}

double ss_law_unit_ratio(const struct ss_law *law, const char *from, const char *to)
{
	const struct ss_law_table *t = ss_law_table(law, "codes/units");
	const struct ss_law_row *a, *b;

	if (strcmp(from, to) == 0)
		return 1;
	a = ss_law_find(t, SS_ANY_DAY, SS_LAW_KEY(from));
	b = ss_law_find(t, SS_ANY_DAY, SS_LAW_KEY(to));
	if (!a || !b || strcmp(ss_law_text(a, "quantity"), ss_law_text(b, "quantity")) != 0 ||
	    strcmp(ss_law_text(a, "base"), ss_law_text(b, "base")) != 0)
		return NAN;
	return ss_law_number(a, "factor") / ss_law_number(b, "factor");
}
