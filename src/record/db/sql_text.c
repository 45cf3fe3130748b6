/* A lexer of SQL just good enough to leave quotes and comments alone. */
#include "record/db/db_internal.h"

#include <ctype.h>

static bool word_char(char c)
{
	return isalnum((unsigned char)c) || c == '_' || (c & 0x80);
}

static size_t quoted(struct ss_str s, size_t i)
{
	char q = s.p[i] == '[' ? ']' : s.p[i];

	for (i++; i < s.n; i++) {
		if (s.p[i] != q)
			continue;
		if (q == ']' || i + 1 >= s.n || s.p[i + 1] != q)
			return i + 1;
		i++; /* a doubled quote stands for itself */
	}
	return s.n;
}

static size_t block_comment(struct ss_str s, size_t i)
{
	for (i += 2; i + 1 < s.n; i++)
		if (s.p[i] == '*' && s.p[i + 1] == '/')
			return i + 2;
	return s.n;
}

static size_t line_comment(struct ss_str s, size_t i)
{
	while (i < s.n && s.p[i] != '\n')
		i++;
	return i;
}

/* $tag$ ... $tag$; the tag may be empty but never starts with a digit. */
static size_t dollar_quoted(struct ss_str s, size_t i)
{
	size_t e = i + 1;

	while (e < s.n && word_char(s.p[e]))
		e++;
	if (e >= s.n || s.p[e] != '$' || isdigit((unsigned char)s.p[i + 1]))
		return i + 1;
	struct ss_str tag = ss_str_n(s.p + i, e + 1 - i);
	ptrdiff_t end = ss_str_find(ss_str_n(s.p + e + 1, s.n - e - 1), tag);
	return end < 0 ? s.n : e + 1 + (size_t)end + tag.n;
}

/* End of the piece that starts at i: a quote, a comment, a word, or one character. */
static size_t piece_end(struct ss_str s, size_t i)
{
	char c = s.p[i], next = i + 1 < s.n ? s.p[i + 1] : 0;

	if (c == '\'' || c == '"' || c == '`')
		return quoted(s, i);
	if (c == '-' && next == '-')
		return line_comment(s, i);
	if (c == '/' && next == '*')
		return block_comment(s, i);
	if (c == '$' && !isdigit((unsigned char)next))
		return dollar_quoted(s, i);
	if (!word_char(c))
		return i + 1;
	while (i < s.n && word_char(s.p[i]))
		i++;
	return i;
}

static bool is_param(struct ss_str s, size_t i)
{
	return s.p[i] == '$' && i + 1 < s.n && isdigit((unsigned char)s.p[i + 1]);
}

int ss_sql_rewrite(struct ss_str sql, struct ss_buf *out, int *ret_params)
{
	int64_t most = 0, n;
	size_t i = 0, e;

	while (i < sql.n) {
		if (!is_param(sql, i)) {
			e = piece_end(sql, i);
			ss_buf_add(out, sql.p + i, e - i);
			i = e;
			continue;
		}
		for (e = i + 1; e < sql.n && isdigit((unsigned char)sql.p[e]); e++)
			;
		int r = ss_parse_i64(ss_str_n(sql.p + i + 1, e - i - 1), &n);
		if (r < 0 || n < 1 || n > 9999)
			return SS_ERANGE;
		most = n > most ? n : most;
		ss_buf_addf(out, "?%d", (int)n);
		i = e;
	}
	*ret_params = (int)most;
	return out->err;
}

static bool comment_or_blank(struct ss_str s, size_t i)
{
	char c = s.p[i];

	return isspace((unsigned char)c) || (c == '-' && i + 1 < s.n && s.p[i + 1] == '-') ||
	       (c == '/' && i + 1 < s.n && s.p[i + 1] == '*');
}

/* The body of a trigger holds semicolons; it ends at the one behind the word END. */
struct trigger_watch {
	int words;
	bool create, trigger, end;
};

static void watch_word(struct trigger_watch *w, struct ss_str word)
{
	if (w->words == 0)
		w->create = ss_str_eq_nocase(word, SS_STR("create"));
	else if (w->words <= 2 && w->create)
		w->trigger |= ss_str_eq_nocase(word, SS_STR("trigger"));
	w->end = ss_str_eq_nocase(word, SS_STR("end"));
	w->words++;
}

static size_t statement_end(struct ss_str s, size_t i)
{
	struct trigger_watch w = {0};
	size_t e;

	for (; i < s.n; i = e) {
		e = piece_end(s, i);
		if (comment_or_blank(s, i))
			continue;
		if (s.p[i] == ';' && (!w.trigger || w.end))
			return i;
		if (word_char(s.p[i]))
			watch_word(&w, ss_str_n(s.p + i, e - i));
		else
			w.end = false;
	}
	return s.n;
}

bool ss_sql_next(struct ss_str *rest, struct ss_str *ret)
{
	struct ss_str s = *rest;
	size_t i = 0, e;

	while (i < s.n && (s.p[i] == ';' || comment_or_blank(s, i)))
		i = piece_end(s, i);
	if (i >= s.n) {
		*rest = ss_str_n(s.p + s.n, 0);
		return false;
	}
	e = statement_end(s, i);
	*ret = ss_str_n(s.p + i, e - i);
	*rest = e < s.n ? ss_str_n(s.p + e + 1, s.n - e - 1) : ss_str_n(s.p + s.n, 0);
	return true;
}
