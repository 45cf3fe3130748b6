/* What one row cannot show: rows of one key that overlap or leave a gap, steps out of order, codes
 * that no table lists. */
#include <math.h>

#include "reason/standards/standards_internal.h"

static bool overlap(const struct ss_law_row *a, const struct ss_law_row *b)
{
	return a->from_day <= b->to_day && b->from_day <= a->to_day;
}

/* Does some row of the key begin behind this one, and none right behind it? */
static bool leaves_gap(const struct ss_law_table *t, const struct ss_law_row *row)
{
	bool later = false;

	if (row->to_day == INT64_MAX)
		return false;
	for (size_t i = 0; i < t->n_rows; i++) {
		const struct ss_law_row *o = &t->rows[i];

		if (o == row || o->from_day <= row->to_day || !ss_law_same_key(o, row))
			continue;
		if (o->from_day == row->to_day + 1)
			return false;
		later = true;
	}
	return later;
}

static int check_days(const struct ss_law_table *t, struct ss_error *err)
{
	for (size_t i = 0; i < t->n_rows; i++) {
		const struct ss_law_row *row = &t->rows[i];
		char what[96];

		for (uint32_t k = row->chain; k != LAW_NONE; k = t->rows[k].chain) {
			if (!ss_law_same_key(row, &t->rows[k]) || !overlap(row, &t->rows[k]))
				continue;
			snprintf(what, sizeof(what), "与第 %u 行", t->rows[k].line);
			return ss_law_bad(err, row, "同一主键的有效期重叠",
					  "two rows of one key hold on the same day", what);
		}
		if (!t->gaps && leaves_gap(t, row))
			return ss_law_bad(err, row, "之后有一段日子没有法可依",
					  "no row holds on the days behind valid_to", "valid_to");
	}
	return 0;
}

/* --- steps -------------------------------------------------------------------------------------
 */

/* "continuous GROUP... : LOW HIGH"; also "stepped" and "widening", see standards/README.md. */
struct order {
	struct ss_str mode;
	int group[LAW_KEYS_MAX], n_group, low, high;
};

static bool read_order(const struct ss_law_table *t, struct order *o)
{
	struct ss_str rest = ss_str_of(t->order), left, word;
	char name[64];
	int *to[2] = {&o->low, &o->high};
	int n = 0;

	*o = (struct order){0};
	if (!ss_str_split(&rest, ':', &left) || !ss_str_split(&left, ' ', &o->mode))
		return false;
	while (ss_str_split(&left, ' ', &word)) {
		if (o->n_group == LAW_KEYS_MAX || !ss_str_copy(name, sizeof(name), word))
			return false;
		o->group[o->n_group] = ss_law_column(t, name);
		if (o->group[o->n_group++] < 0)
			return false;
	}
	rest = ss_str_trim(rest);
	while (n < 2 && ss_str_split(&rest, ' ', &word)) {
		if (!ss_str_copy(name, sizeof(name), word) ||
		    (*to[n++] = ss_law_column(t, name)) < 0)
			return false;
	}
	return n == 2;
}

static bool same_group(const struct order *o, const struct ss_law_row *a,
		       const struct ss_law_row *b)
{
	for (int i = 0; i < o->n_group; i++) {
		if (strcmp(a->text[o->group[i]], b->text[o->group[i]]) != 0)
			return false;
	}
	return true;
}

/* Numbers that are not there compare as right. */
static bool in_order(const struct order *o, const struct ss_law_row *a, const struct ss_law_row *b)
{
	double low = a->number[o->low], high = a->number[o->high];
	double next_low = b->number[o->low], next_high = b->number[o->high];

	if (ss_str_is(o->mode, "continuous"))
		return isnan(high) || isnan(next_low) || high == next_low;
	if (ss_str_is(o->mode, "stepped"))
		return isnan(high) || isnan(next_low) || next_low > high;
	return !(next_low > low) && !(next_high < high); /* widening */
}

/* Steps follow each other by their lower, then upper bound, wherever the rows stand; classes that
 * widen follow in the order of the rows. */
static bool goes_before(const struct order *o, const struct ss_law_row *a,
			const struct ss_law_row *b)
{
	double x = a->number[o->low], y = b->number[o->low];

	if (ss_str_is(o->mode, "widening"))
		return a < b;
	x = isnan(x) ? -INFINITY : x;
	y = isnan(y) ? -INFINITY : y;
	if (x != y)
		return x < y;
	x = a->number[o->high];
	y = b->number[o->high];
	return (isnan(x) ? INFINITY : x) < (isnan(y) ? INFINITY : y);
}

#define STEPS_MAX 512
struct steps {
	const struct ss_law_row *row[STEPS_MAX];
	size_t n;
};

/* The rows of g that hold on that day, in order. */
static void steps_on(const struct order *o, const struct steps *g, int64_t on, struct steps *ret)
{
	ret->n = 0;
	for (size_t i = 0; i < g->n; i++) {
		size_t k = ret->n;

		if (on < g->row[i]->from_day || on > g->row[i]->to_day)
			continue;
		for (; k > 0 && goes_before(o, g->row[i], ret->row[k - 1]); k--)
			ret->row[k] = ret->row[k - 1];
		ret->row[k] = g->row[i];
		ret->n++;
	}
}

static int check_steps(const struct ss_law_table *t, const struct order *o, const struct steps *g,
		       struct ss_error *err)
{
	struct steps s;

	for (size_t e = 0; e < g->n; e++) { /* the steps change only when some row begins */
		steps_on(o, g, g->row[e]->from_day, &s);
		for (size_t i = 0; i + 1 < s.n; i++) {
			if (!in_order(o, s.row[i], s.row[i + 1]))
				return ss_law_bad(err, s.row[i + 1], "与上一级不相接",
						  "does not follow from the step before",
						  t->columns[o->low].name);
		}
	}
	return 0;
}

/* The group of row `first`; empty when an earlier row began it. */
static void take_group(const struct ss_law_table *t, const struct order *o, size_t first,
		       struct steps *ret)
{
	ret->n = 0;
	for (size_t i = 0; i < t->n_rows && ret->n < STEPS_MAX; i++) {
		if (!same_group(o, &t->rows[first], &t->rows[i]))
			continue;
		if (i < first)
			return;
		ret->row[ret->n++] = &t->rows[i];
	}
}

static int check_order(const struct ss_law_table *t, struct ss_error *err)
{
	struct order o;
	struct steps g;
	int r = 0;

	if (t->order[0] == 0)
		return 0;
	if (!read_order(t, &o))
		return ss_error_set(err, SS_EPARSE, "tables.csv：表 %s 的 order 不对 bad order: %s",
				    t->name, t->order);
	for (size_t i = 0; r == 0 && i < t->n_rows; i++) {
		const struct ss_law_row *row = &t->rows[i];

		if (row->number[o.low] > row->number[o.high])
			return ss_law_bad(err, row, "大于上界", "low above high",
					  t->columns[o.low].name);
		take_group(t, &o, i, &g);
		r = check_steps(t, &o, &g, err);
	}
	return r;
}

/* --- codes -------------------------------------------------------------------------------------
 */

static bool known(const struct ss_law *law, const char *table, const char *code)
{
	const struct ss_law_table *t = ss_law_table(law, table);

	return t && t->n_keys == 1 && ss_law_find(t, SS_ANY_DAY, SS_LAW_KEY(code));
}

/* A limit's item: a factor, the name of a grade, or a rule. */
static bool known_item(const struct ss_law *law, const char *text)
{
	return text[0] == '@' || strcmp(text, "AQI") == 0 || strcmp(text, "CLASS") == 0 ||
	       known(law, "codes/factors", text);
}

static int check_codes(const struct ss_law *law, const struct ss_law_row *row, struct ss_error *err)
{
	const struct ss_law_table *t = row->table;

	for (size_t i = 0; i < t->n_columns; i++) {
		const char *type = t->columns[i].type, *text = row->text[i];
		bool ok = true;
		char what[192];

		if (text[0] == 0)
			continue;
		if (strcmp(type, "unit") == 0)
			ok = known(law, "codes/units", text);
		else if (strcmp(type, "factor") == 0)
			ok = known(law, "codes/factors", text);
		else if (strcmp(type, "item") == 0)
			ok = known_item(law, text);
		else if (strncmp(type, "ref ", 4) == 0)
			ok = known(law, type + 4, text);
		if (ok)
			continue;
		snprintf(what, sizeof(what), "列 %s 的 %.80s", t->columns[i].name, text);
		return ss_law_bad(err, row, "没有这个代码或单位", "unknown code or unit", what);
	}
	return 0;
}

/* A limit is of the quantity that the factor is reported in, or a rate of emission, or (colour) how
 * many times to dilute: of any other it would never be compared. */
static bool fits(const struct ss_law *law, const struct ss_law_row *factor, const char *unit)
{
	const struct ss_law_row *u =
	    ss_law_find(ss_law_table(law, "codes/units"), SS_ANY_DAY, SS_LAW_KEY(unit));
	const char *quantity = ss_law_text(u, "quantity");

	return strcmp(quantity, "mass flow") == 0 || strcmp(quantity, "ratio") == 0 ||
	       !isnan(ss_law_unit_ratio(law, unit, ss_law_text(factor, "unit")));
}

static int check_unit(const struct ss_law *law, const struct ss_law_row *row, struct ss_error *err)
{
	int item = ss_law_column(row->table, "item"), unit = ss_law_column(row->table, "unit");
	const struct ss_law_row *factor;
	char what[192];

	if (item < 0 || unit < 0 || strcmp(row->table->columns[item].type, "item") != 0 ||
	    row->text[unit][0] == 0)
		return 0;
	factor = ss_law_find(ss_law_table(law, "codes/factors"), SS_ANY_DAY,
			     SS_LAW_KEY(row->text[item]));
	if (!factor || fits(law, factor, row->text[unit]))
		return 0;
	snprintf(what, sizeof(what), "%s 的单位 %.40s", row->text[item], row->text[unit]);
	return ss_law_bad(err, row, "与因子的单位不是同一种量", "not a unit of what the factor is",
			  what);
}

int ss_law_check(const struct ss_law *law, const struct ss_law_table *t, struct ss_error *err)
{
	int r = check_days(t, err);

	if (r == 0)
		r = check_order(t, err);
	for (size_t i = 0; r == 0 && i < t->n_rows; i++) {
		r = check_codes(law, &t->rows[i], err);
		if (r == 0)
			r = check_unit(law, &t->rows[i], err);
	}
	return r;
}
