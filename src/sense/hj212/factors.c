/* Factor codes: the 2017 tables, the codes of 2005, and the plain names of field practice. */
#include "sense/hj212/hj212_internal.h"

struct twin {
	const char *from, *to;
};

/* infos and old_codes in byte order; names without a code, as dust poles and small air stations
 * send them (case does not matter), and the same in waters; media of the systems. From
 * standards/codes/{factors,factor-aliases,systems}.csv. */
#include "hj212_factors.h"

enum medium { WATER, AIR, OTHER };

static enum medium medium_of(struct ss_str st)
{
	for (size_t i = 0; i < SS_ARRAY_LEN(systems); i++) {
		if (ss_str_is(st, systems[i].from))
			return strcmp(systems[i].to, "water") == 0 ? WATER
			       : strcmp(systems[i].to, "air") == 0 ? AIR
								   : OTHER;
	}
	return OTHER;
}

const struct ss_hj212_factor_info *ss_hj212_factors(size_t *ret_n)
{
	*ret_n = SS_ARRAY_LEN(infos);
	return infos;
}

const struct ss_hj212_factor_info *ss_hj212_factor_info(struct ss_str code)
{
	size_t lo = 0, hi = SS_ARRAY_LEN(infos);

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		int order = ss_str_cmp(ss_str_of(infos[mid].code), code);

		if (order == 0)
			return &infos[mid];
		if (order < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

static const char *find_old(struct ss_str code)
{
	size_t lo = 0, hi = SS_ARRAY_LEN(old_codes);

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		int order = ss_str_cmp(ss_str_of(old_codes[mid].from), code);

		if (order == 0)
			return old_codes[mid].to;
		if (order < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

static const char *find_name(const struct twin *t, size_t n, struct ss_str name)
{
	for (size_t i = 0; i < n; i++) {
		if (ss_str_eq_nocase(name, ss_str_of(t[i].from)))
			return t[i].to;
	}
	return NULL;
}

/* A 2005 code counts only in its own medium: "023" is chromium in water, but a maker's own number
 * for some solvent on ST=31. */
static const char *from_old(enum medium m, struct ss_str code)
{
	const char *to = find_old(code);

	if (!to || (m == WATER && to[0] != 'w') || (m != WATER && to[0] != 'a'))
		return NULL;
	return m == OTHER ? NULL : to;
}

/* "01018" for w01018, as in an example of the 2017 standard itself. */
static const char *from_bare_digits(enum medium m, struct ss_str code)
{
	char full[6] = {m == WATER ? 'w' : 'a'};
	const struct ss_hj212_factor_info *info;

	if (code.n != 5 || m == OTHER)
		return NULL;
	memcpy(full + 1, code.p, 5);
	info = ss_hj212_factor_info(ss_str_n(full, 6));
	return info ? info->code : NULL;
}

static bool looks_like_2017(struct ss_str code)
{
	if (code.n != 6 || (code.p[0] != 'w' && code.p[0] != 'a'))
		return false;
	for (size_t i = 1; i < 6; i++) {
		if (!ss_hj212_is_digit(code.p[i]))
			return false;
	}
	return true;
}

struct ss_str ss_hj212_factor(struct ss_str st, struct ss_str code)
{
	const char *to = NULL;
	enum medium m;

	if (looks_like_2017(code) || ss_hj212_factor_info(code))
		return code;
	m = medium_of(st);
	to = from_old(m, code);
	if (!to)
		to = from_bare_digits(m, code);
	if (!to && m == WATER)
		to = find_name(water_names, SS_ARRAY_LEN(water_names), code);
	else if (!to)
		to = find_name(names, SS_ARRAY_LEN(names), code);
	return to ? ss_str_of(to) : code;
}
