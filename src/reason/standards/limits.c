/* The tables limits/..., typed and found by item. */
#include "reason/standards/standards_internal.h"

static bool is_limits(const struct ss_law_table *t)
{
	return strncmp(t->name, "limits/", 7) == 0;
}

static struct ss_limit limit_of(const struct ss_law_row *row, const struct ss_law_limits *set)
{
	return (struct ss_limit){.standard = ss_law_text(row, "standard"),
				 .clause = ss_law_text(row, "clause"),
				 .medium = ss_law_text(row, "medium"),
				 .item = ss_law_text(row, "item"),
				 .grade = ss_law_text(row, "grade"),
				 .averaging = ss_law_text(row, "averaging"),
				 .low = ss_law_number(row, "low"),
				 .high = ss_law_number(row, "high"),
				 .unit = ss_law_text(row, "unit"),
				 .from_day = row->from_day,
				 .to_day = row->to_day,
				 .source = ss_law_text(row, "source"),
				 .mark = ss_law_text(row, "mark"),
				 .text = ss_law_text(row, "text"),
				 .text_en = ss_law_text(row, "text_en"),
				 .row = row,
				 .set = set,
				 .chain = LAW_NONE};
}

static size_t slot(const struct ss_law_limits *l, const char *item)
{
	return ss_str_hash(ss_str_of(item)) & (l->n_heads - 1);
}

static void index_items(struct ss_limit *rows, struct ss_law_limits *l, uint32_t *heads)
{
	memset(heads, 0xff, l->n_heads * sizeof(*heads));
	for (size_t i = l->n; i-- > 0;) {
		uint32_t *head = &heads[slot(l, rows[i].item)];

		rows[i].chain = *head;
		*head = (uint32_t)i;
	}
}

int ss_law_limits_of(struct ss_arena *a, const struct ss_law *law, const struct ss_law_limits **ret)
{
	struct ss_law_limits *l = ss_arena_alloc(a, sizeof(*l));
	struct ss_limit *rows;
	uint32_t *heads;
	size_t n = 0;

	for (size_t i = 0; i < law->n; i++)
		n += is_limits(law->tables[i]) ? law->tables[i]->n_rows : 0;
	rows = ss_arena_array(a, n + 1, sizeof(*rows));
	if (!l || !rows)
		return SS_ENOMEM;
	l->rows = rows;
	for (size_t i = 0; i < law->n; i++) {
		const struct ss_law_table *t = law->tables[i];

		for (size_t k = 0; is_limits(t) && k < t->n_rows; k++)
			rows[l->n++] = limit_of(&t->rows[k], l);
	}
	l->n_heads = 16;
	while (l->n_heads < 2 * n)
		l->n_heads *= 2;
	heads = ss_arena_array(a, l->n_heads, sizeof(*heads));
	if (!heads)
		return SS_ENOMEM;
	l->heads = heads;
	index_items(rows, l, heads);
	*ret = l;
	return 0;
}

const struct ss_limit *ss_standards_all(size_t *ret_n)
{
	const struct ss_law_limits *l = ss_law_now()->limits;

	*ret_n = l->n;
	return l->rows;
}

static bool fits(const char *want, const char *is)
{
	return !want || strcmp(want, is) == 0;
}

/* The first row to look at: behind `after`, by item where one is asked for. */
static uint32_t begin(const struct ss_law_limits *l, const struct ss_limit_query *q,
		      const struct ss_limit *after)
{
	if (after && q->item && strcmp(after->item, q->item) == 0)
		return after->chain;
	if (after)
		return (uint32_t)(after - l->rows) + 1;
	if (l->n_heads == 0)
		return LAW_NONE;
	return q->item ? l->heads[slot(l, q->item)] : 0;
}

const struct ss_limit *ss_standards_next(const struct ss_limit_query *q,
					 const struct ss_limit *after)
{
	const struct ss_law_limits *set =
	    after ? after->set : (q->law ? q->law : ss_law_now())->limits;

	for (uint32_t i = begin(set, q, after); i < set->n;
	     i = q->item ? set->rows[i].chain : i + 1) {
		const struct ss_limit *l = &set->rows[i];

		if (fits(q->item, l->item) && fits(q->medium, l->medium) &&
		    fits(q->averaging, l->averaging) && fits(q->grade, l->grade) &&
		    fits(q->standard, l->standard) &&
		    (q->day == SS_ANY_DAY || (q->day >= l->from_day && q->day <= l->to_day)))
			return l;
	}
	return NULL;
}
