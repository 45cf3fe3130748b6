#include "base/csv.h"

#include "base/base.h"
#include "base/charset.h"

enum state {
	ROW_START, /* before the first byte of a row */
	FIELD_START,
	PLAIN,
	QUOTED,
	QUOTE_IN_QUOTED, /* a closing quote, or the first of two */
	SKIP,            /* a bad row, up to its line end */
};

void ss_csv_init(struct ss_csv *c, char separator, size_t max_row, size_t max_fields)
{
	*c = (struct ss_csv){.separator = separator, .max_fields = max_fields, .at_line = 1};
	c->text = SS_BUF_MAX(max_row);
	c->ends = SS_BUF_MAX(max_fields * sizeof(size_t));
	c->views = SS_BUF_MAX(max_fields * sizeof(struct ss_str));
}

void ss_csv_done(struct ss_csv *c)
{
	ss_buf_done(&c->text);
	ss_buf_done(&c->ends);
	ss_buf_done(&c->views);
}

void ss_csv_feed(struct ss_csv *c, struct ss_str piece, bool last)
{
	ss_assert(c->chunk.n == 0 && !c->last);
	c->chunk = piece;
	c->last = last;
}

void ss_csv_restart(struct ss_csv *c, struct ss_str rest, int64_t line)
{
	c->state = ROW_START;
	c->bad = 0;
	c->counted_cr = false;
	c->begun = c->last = true;
	c->chunk = rest;
	c->at_line = line;
}

static void spoil(struct ss_csv *c, int code)
{
	c->bad = code;
	c->state = SKIP;
}

static void add(struct ss_csv *c, char b)
{
	if (ss_buf_addc(&c->text, b) < 0)
		spoil(c, c->text.err);
}

static void end_field(struct ss_csv *c)
{
	size_t end = c->text.n;

	c->state = FIELD_START;
	if (ss_buf_add(&c->ends, &end, sizeof(end)) < 0)
		spoil(c, c->ends.err);
}

static int end_row(struct ss_csv *c)
{
	size_t start = 0, end;
	int bad = c->bad;

	c->bad = 0;
	c->state = ROW_START;
	c->fields = 0;
	if (bad)
		return bad;
	for (size_t i = 0; i < c->ends.n / sizeof(end); i++) {
		memcpy(&end, c->ends.p + i * sizeof(end), sizeof(end));
		struct ss_str v = ss_str_n(ss_buf_str(&c->text).p + start, end - start);
		if (ss_buf_add(&c->views, &v, sizeof(v)) < 0)
			return c->views.err;
		start = end;
	}
	c->fields = c->views.n / sizeof(struct ss_str);
	c->field = (const struct ss_str *)(const void *)c->views.p;
	return 1;
}

static void start_row(struct ss_csv *c)
{
	ss_buf_reset(&c->text);
	ss_buf_reset(&c->ends);
	ss_buf_reset(&c->views);
	c->line = c->at_line;
	c->state = FIELD_START;
}

static void in_field(struct ss_csv *c, char b)
{
	if (b == c->separator) {
		end_field(c);
	} else if (b == '"') {
		if (c->state == FIELD_START)
			c->state = QUOTED;
		else
			spoil(c, SS_EPARSE);
	} else {
		c->state = PLAIN;
		add(c, b);
	}
}

static void behind_quote(struct ss_csv *c, char b)
{
	if (b == '"') {
		c->state = QUOTED;
		add(c, b);
	} else if (b == c->separator) {
		end_field(c);
	} else {
		spoil(c, SS_EPARSE);
	}
}

static void take(struct ss_csv *c, char b)
{
	switch ((enum state)c->state) {
	case ROW_START:
		start_row(c);
		in_field(c, b);
		break;
	case FIELD_START:
	case PLAIN:
		in_field(c, b);
		break;
	case QUOTED:
		if (b == '"')
			c->state = QUOTE_IN_QUOTED;
		else
			add(c, b);
		break;
	case QUOTE_IN_QUOTED:
		behind_quote(c, b);
		break;
	case SKIP:
		break;
	}
}

/* Counts physical lines; true when b is a line end. The LF of a CR LF counts with its CR. */
static bool line_end(struct ss_csv *c, char b)
{
	bool lf_of_crlf = b == '\n' && c->counted_cr;

	c->counted_cr = b == '\r';
	if (b != '\r' && b != '\n')
		return false;
	if (!lf_of_crlf)
		c->at_line++;
	return true;
}

/* A line end outside quotes: 1 or an error when it ends a row, 0 for a blank line. */
static int at_line_end(struct ss_csv *c)
{
	if (c->state == ROW_START)
		return 0;
	if (c->state != SKIP)
		end_field(c);
	return end_row(c);
}

static int at_end(struct ss_csv *c)
{
	if (c->state == QUOTED)
		spoil(c, SS_EPARSE);
	return at_line_end(c);
}

static void skip_mark(struct ss_csv *c)
{
	if (!c->begun && ss_str_starts(c->chunk, SS_STR("\xef\xbb\xbf"))) {
		c->chunk.p += 3;
		c->chunk.n -= 3;
	}
	c->begun = true;
}

int ss_csv_next(struct ss_csv *c)
{
	skip_mark(c);
	while (c->chunk.n > 0) {
		char b = *c->chunk.p;
		c->chunk.p++;
		c->chunk.n--;
		if (!line_end(c, b)) {
			take(c, b);
			continue;
		}
		if (c->state == QUOTED) {
			add(c, b);
			continue;
		}
		int r = at_line_end(c);
		if (r != 0)
			return r;
	}
	return c->last ? at_end(c) : 0;
}

int ss_csv_read(struct ss_csv *c, struct ss_text *t)
{
	int r = c->chunk.n || c->last ? ss_csv_next(c) : 0;

	while (r == 0 && !c->last) {
		struct ss_str piece;
		bool last;

		r = ss_text_next(t, &piece, &last);
		if (r < 0)
			return r;
		ss_csv_feed(c, piece, last);
		r = ss_csv_next(c);
	}
	return r;
}

static char separator_of(struct ss_str text)
{
	static const char sep[3] = {',', ';', '\t'};
	size_t count[3] = {0}, most = 0;
	bool quoted = false;
	size_t i = 0;

	while (i < text.n && memchr("\r\n", text.p[i], 2)) /* blank lines before it */
		i++;
	for (; i < text.n && (quoted || !memchr("\r\n", text.p[i], 2)); i++) {
		quoted ^= text.p[i] == '"';
		for (size_t k = 0; k < 3 && !quoted; k++)
			count[k] += text.p[i] == sep[k];
	}
	for (size_t k = 1; k < 3; k++)
		if (count[k] > count[most])
			most = k;
	return sep[most];
}

int ss_csv_open(struct ss_csv *c, struct ss_text *t, size_t max_row, size_t max_fields)
{
	struct ss_str piece;
	bool last;
	int r;

	ss_csv_init(c, ',', max_row, max_fields);
	r = ss_text_next(t, &piece, &last);
	if (r < 0)
		return r;
	c->separator = separator_of(piece);
	ss_csv_feed(c, piece, last);
	return 0;
}

static bool formula(struct ss_str f)
{
	double d;

	return f.n > 0 && memchr("=+-@\t", f.p[0], 5) && ss_parse_double(f, &d) < 0;
}

int ss_csv_put(struct ss_buf *out, struct ss_str field, bool first)
{
	bool quote = false;

	for (size_t i = 0; i < field.n && !quote; i++)
		quote = memchr("\",\r\n", field.p[i], 4) != NULL;
	if (!first)
		ss_buf_addc(out, ',');
	if (quote)
		ss_buf_addc(out, '"');
	if (formula(field))
		ss_buf_addc(out, '\'');
	for (size_t i = 0; i < field.n; i++) {
		if (field.p[i] == '"')
			ss_buf_addc(out, '"');
		ss_buf_addc(out, field.p[i]);
	}
	if (quote)
		ss_buf_addc(out, '"');
	return out->err;
}
