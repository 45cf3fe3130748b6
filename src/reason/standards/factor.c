/* Factors and units as the law names them. */
#include <ctype.h>
#include <math.h>

#include "reason/standards/standards.h"

/* "e302xx" is one name for the devices 01 to 99 of a kind: 0 for a code that is no such device. */
static int device_of(const char *code)
{
	if (strlen(code) != 6 || !isdigit((unsigned char)code[4]) ||
	    !isdigit((unsigned char)code[5]))
		return 0;
	return (code[4] - '0') * 10 + code[5] - '0';
}

/* What a process or the station house tells. */
static const struct ss_law_row *process_factor(const struct ss_law *law, const char *code,
					       int *ret_device)
{
	const struct ss_law_table *t = ss_law_table(law, "codes/process-factors");
	const struct ss_law_row *row = ss_law_find(t, SS_ANY_DAY, SS_LAW_KEY(code));
	char any[8];

	*ret_device = row ? 0 : device_of(code);
	if (!*ret_device)
		return row;
	snprintf(any, sizeof(any), "%.4sxx", code);
	return ss_law_find(t, SS_ANY_DAY, SS_LAW_KEY(any));
}

/* The second device and those behind it are told apart by their number. */
static const char *numbered(char ret[SS_FACTOR_NUMBERED], const char *name, int device)
{
	if (device < 2)
		return name;
	snprintf(ret, SS_FACTOR_NUMBERED, "%s %d", name, device);
	return ret;
}

static bool of_process(const struct ss_law *law, const char *code, struct ss_factor *ret)
{
	int device;
	const struct ss_law_row *row = process_factor(law, code, &device);
	const char *en = row ? ss_law_text(row, "name_en") : "";

	if (!row)
		return false;
	*ret = (struct ss_factor){.code = code,
				  .unit = ss_law_text(row, "unit"),
				  .total_unit = "",
				  .medium = "process",
				  .row = row};
	ret->name = numbered(ret->own[0], ss_law_text(row, "name"), device);
	ret->name_en = en[0] ? numbered(ret->own[1], en, device) : code;
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
