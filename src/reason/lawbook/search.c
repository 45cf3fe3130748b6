/* Words in the texts of all rows. A few thousand rows: looked through, not indexed. */
#include <stdlib.h>

#include "reason/lawbook/lawbook.h"

#define WORDS_MAX 8
#define CODES_MAX 16
#define FOLDED_MAX 1024 /* of a cell, so much is looked at */

enum { BY_TITLE = 1, BY_CODE = 2, BY_PART = 3, BY_BEGINNING = 4, BY_WHOLE = 5 };

struct word {
	char text[256]; /* folded */
	size_t n;
	size_t n_grade; /* of "iii类" the "iii": a cell that is just this is meant, too */
	const char *code[CODES_MAX]; /* factors that it names */
	size_t n_codes;
};

/* What one character is compared as: capitals are small, Ⅲ is iii, the wide space a space. */
static struct ss_str folded(struct ss_str s, char one[1])
{
	static const struct {
		const char *from, *to;
	} wide[] = {{"Ⅰ", "i"}, {"Ⅱ", "ii"}, {"Ⅲ", "iii"}, {"Ⅳ", "iv"}, {"Ⅴ", "v"}, {"　", " "}};

	for (size_t i = 0; (unsigned char)s.p[0] >= 0xe0 && i < SS_ARRAY_LEN(wide); i++) {
		if (ss_str_starts(s, ss_str_of(wide[i].from)))
			return ss_str_of(wide[i].to);
	}
	one[0] = s.p[0] >= 'A' && s.p[0] <= 'Z' ? (char)(s.p[0] + ('a' - 'A')) : s.p[0];
	return ss_str_n(one, 1);
}

/* Bytes written; what does not fit is left out. */
static size_t fold(struct ss_str s, char *out, size_t cap)
{
	size_t n = 0;

	while (s.n) {
		char one[1];
		struct ss_str f = folded(s, one);
		size_t took = f.p == one ? 1 : 3; /* the wide ones have three bytes */

		if (n + f.n > cap)
			break;
		memcpy(out + n, f.p, f.n);
		n += f.n;
		s = ss_str_n(s.p + took, s.n - took);
	}
	return n;
}

/* How well the word stands in the text; 0: not at all. */
static int stands(const struct word *w, const char *text)
{
	char in[FOLDED_MAX];
	struct ss_str t = ss_str_n(in, fold(ss_str_of(text), in, sizeof(in)));
	int64_t at = ss_str_find(t, ss_str_n(w->text, w->n));

	if (w->n_grade && ss_str_eq(t, ss_str_n(w->text, w->n_grade)))
		return BY_WHOLE;
	if (at < 0)
		return 0;
	return at > 0 ? BY_PART : t.n == w->n ? BY_WHOLE : BY_BEGINNING;
}

static void add_code(struct word *w, const char *code)
{
	for (size_t i = 0; i < w->n_codes; i++) {
		if (strcmp(w->code[i], code) == 0)
			return;
	}
	if (w->n_codes < CODES_MAX)
		w->code[w->n_codes++] = code;
}

/* Factors whose name, old code or alias is the word, or begins with it in their name. */
static void find_codes(const struct ss_law *law, struct word *w)
{
	const struct ss_law_table *f = ss_law_table(law, "codes/factors");
	const struct ss_law_table *a = ss_law_table(law, "codes/factor-aliases");

	for (const struct ss_law_row *r = NULL; (r = ss_law_next(a, SS_ANY_DAY, r));) {
		if (stands(w, ss_law_text(r, "alias")) == BY_WHOLE)
			add_code(w, ss_law_text(r, "factor"));
	}
	for (const struct ss_law_row *r = NULL; (r = ss_law_next(f, SS_ANY_DAY, r));) {
		if (stands(w, ss_law_text(r, "old")) == BY_WHOLE ||
		    stands(w, ss_law_text(r, "name")) >= BY_BEGINNING ||
		    stands(w, ss_law_text(r, "name_en")) == BY_WHOLE)
			add_code(w, ss_law_text(r, "code"));
	}
}

/* Length of the numeral in a word like "iii类"; else 0. */
static size_t grade_of(struct ss_str word)
{
	struct ss_str class_ = SS_STR("类");
	size_t n = 0;

	while (n < word.n && (word.p[n] == 'i' || word.p[n] == 'v'))
		n++;
	return ss_str_eq(ss_str_n(word.p + n, word.n - n), class_) ? n : 0;
}

static size_t read_words(const struct ss_law *law, struct ss_str query, struct word *ret)
{
	char text[FOLDED_MAX];
	struct ss_str rest = ss_str_n(text, fold(query, text, sizeof(text))), one;
	size_t n = 0;

	while (n < WORDS_MAX && ss_str_split(&rest, ' ', &one)) {
		struct word *w = &ret[n];

		if (one.n == 0 || one.n > sizeof(w->text))
			continue;
		*w = (struct word){.n = one.n, .n_grade = grade_of(one)};
		memcpy(w->text, one.p, one.n);
		find_codes(law, w);
		n++;
	}
	return n;
}

/* Best place of one word in a row. */
static int place_of(const struct word *w, const struct ss_law_row *row, int *ret_column)
{
	int best = 0;

	for (size_t i = 0; i < row->table->n_columns; i++) {
		const char *text = row->text[i];
		int s = text[0] ? stands(w, text) : 0;

		if (s > best) {
			best = s;
			*ret_column = (int)i;
		}
		for (size_t k = 0; best < BY_CODE && k < w->n_codes; k++) {
			if (strcmp(text, w->code[k]) == 0)
				best = BY_CODE;
		}
	}
	if (best == 0 && (stands(w, row->table->title) || stands(w, row->table->name)))
		best = BY_TITLE;
	return best;
}

static struct ss_lawbook_hit look(const struct word *w, size_t n, const struct ss_law_row *row)
{
	struct ss_lawbook_hit h = {.row = row, .column = -1};
	int best = 0;

	for (size_t i = 0; i < n; i++) {
		int column = -1, s = place_of(&w[i], row, &column);

		h.words += s > 0;
		h.score += s;
		if (s > best) {
			best = s;
			h.column = column;
		}
	}
	if (best <= BY_TITLE)
		h.words = 0; /* the title alone would bring whole tables */
	return h;
}

static bool better(const struct ss_lawbook_hit *a, const struct ss_lawbook_hit *b)
{
	return a->words != b->words ? a->words > b->words : a->score > b->score;
}

/* Keeps the best cap hits, in order; equal ones in the order of the tables. */
static size_t keep(struct ss_lawbook_hit *list, size_t n, size_t cap,
		   const struct ss_lawbook_hit *h)
{
	size_t i;

	if (n == cap && (n == 0 || !better(h, &list[n - 1])))
		return n;
	i = n < cap ? n++ : n - 1;
	for (; i > 0 && better(h, &list[i - 1]); i--)
		list[i] = list[i - 1];
	list[i] = *h;
	return n;
}

size_t ss_lawbook_search(const struct ss_law *law, struct ss_str query, int64_t day,
			 struct ss_lawbook_hit *ret, size_t cap, size_t *ret_total)
{
	struct word *words = calloc(WORDS_MAX, sizeof(*words));
	size_t n_words = words ? read_words(law, query, words) : 0, n = 0, n_tables;
	const struct ss_law_table *const *tables = ss_law_tables(law, &n_tables);
	int most = 0;

	*ret_total = 0;
	for (size_t t = 0; n_words && t < n_tables; t++) {
		if (strcmp(tables[t]->kind, "schema") == 0)
			continue;
		for (const struct ss_law_row *r = NULL; (r = ss_law_next(tables[t], day, r));) {
			struct ss_lawbook_hit h = look(words, n_words, r);

			if (h.words == 0 || h.words < most)
				continue;
			*ret_total = h.words > most ? 1 : *ret_total + 1;
			most = h.words;
			n = keep(ret, n, cap, &h);
		}
	}
	while (n > 0 && ret[n - 1].words < most)
		n--;
	free(words);
	return n;
}
