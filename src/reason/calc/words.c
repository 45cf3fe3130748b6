#include "reason/calc/calc_internal.h"

#define WORDS_MOST 512

struct words {
	struct ss_str *word;
	size_t n, most;
};

static void add_once(struct words *w, struct ss_str word)
{
	for (size_t i = 0; i < w->n; i++) {
		if (ss_str_eq(w->word[i], word))
			return;
	}
	if (w->n < w->most)
		w->word[w->n++] = word;
}

static struct ss_str next_word(struct ss_str *rest)
{
	struct ss_str part = {"", 0};

	ss_str_split(rest, ' ', &part);
	return part;
}

/* The column of a name that is not terminated. */
static int column_of(const struct ss_law_table *t, struct ss_str name)
{
	char text[64];

	ss_str_copy(text, sizeof(text), name);
	return ss_law_column(t, text);
}

/* "table column [where value]" */
static void law_words(const char *spec, struct words *w)
{
	struct ss_str rest = ss_str_of(spec), name = next_word(&rest);
	struct ss_str column = next_word(&rest), where = next_word(&rest);
	const struct ss_law_table *t;
	int of, at = -1;
	char table[64];

	ss_str_copy(table, sizeof(table), name);
	t = ss_law_table(ss_law_now(), table);
	if (!t)
		return;
	of = column_of(t, column);
	if (where.n)
		at = column_of(t, where);
	ss_assert(of >= 0 && (where.n == 0 || at >= 0));
	for (size_t i = 0; i < t->n_rows; i++) {
		if (at < 0 || ss_str_is(rest, t->rows[i].text[at]))
			add_once(w, ss_str_of(t->rows[i].text[of]));
	}
}

/* Most words that there can be: one between blanks, one a row. */
static size_t most_words(const struct ss_calc_field *f)
{
	size_t n = 1;

	for (const char *p = f->tokens ? f->tokens : ""; *p; p++)
		n += *p == ' ';
	return f->words ? WORDS_MOST : n;
}

const struct ss_str *ss_calc_words(const struct ss_calc_field *f, struct ss_arena *a, size_t *ret_n)
{
	struct words w = {.most = most_words(f)};
	struct ss_str rest = ss_str_of(f->tokens), specs = ss_str_of(f->words), one;

	w.word = ss_arena_array(a, w.most, sizeof(*w.word));
	while (w.word && rest.n)
		add_once(&w, next_word(&rest));
	/* Several columns stand with a semicolon between. */
	while (w.word && ss_str_split(&specs, ';', &one)) {
		char spec[128];

		ss_str_copy(spec, sizeof(spec), one);
		law_words(spec, &w);
	}
	*ret_n = w.n;
	return w.word;
}

int ss_calc_word_of(const struct ss_calc_field *f, struct ss_arena *a, struct ss_str word)
{
	struct ss_str rest = ss_str_of(f->tokens);
	const struct ss_str *all;
	size_t n;

	for (int i = 0; rest.n; i++) {
		if (ss_str_eq(next_word(&rest), word))
			return i;
	}
	if (!f->words)
		return -1;
	all = ss_calc_words(f, a, &n);
	for (size_t i = 0; i < n; i++) {
		if (ss_str_eq(all[i], word))
			return (int)i;
	}
	return -1;
}

double ss_calc_law_parameter(const struct ss_law *law, const char *both, int64_t day)
{
	struct ss_str rest = ss_str_of(both), table = next_word(&rest);
	char name[64];
	double v;

	ss_str_copy(name, sizeof(name), table);
	v = ss_law_parameter(law, name, rest.p, day, NULL);
	return isnan(v) ? ss_law_parameter(law, name, rest.p, SS_ANY_DAY, NULL) : v;
}

void ss_calc_bounds(const struct ss_calc_field *f, double *ret_min, double *ret_max)
{
	int64_t today = f->law_min || f->law_max ? ss_day_of(ss_time_now()) : 0;

	*ret_min = f->has_min ? f->min : (double)NAN;
	*ret_max = f->has_max ? f->max : (double)NAN;
	if (f->law_min)
		*ret_min = ss_calc_law_parameter(ss_law_now(), f->law_min, today);
	if (f->law_max)
		*ret_max = ss_calc_law_parameter(ss_law_now(), f->law_max, today);
}
