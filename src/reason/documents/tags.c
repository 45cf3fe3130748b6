/* The markup of a document: a small set of tags, read piece by piece. */
#include "reason/documents/documents_internal.h"

static const char *const names[] = {
#define X(name) #name,
#include "reason/documents/tags.def"
#undef X
};
static const char *const classes[] = {"center", "right", "noindent", "small", "sign", "box", NULL};

static int tag_of(struct ss_str name)
{
	for (int i = 0; i < SSD_TAG_COUNT_; i++) {
		if (ss_str_is(name, names[i]))
			return i;
	}
	return SS_ENOTFOUND;
}

static bool word_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static struct ss_str word(struct ss_str *s)
{
	struct ss_str w = {s->p, 0};

	while (w.n < s->n && word_char(s->p[w.n]))
		w.n++;
	*s = ss_str_n(s->p + w.n, s->n - w.n);
	return w;
}

static int class_known(struct ss_str value)
{
	struct ss_str part;

	while (ss_str_split(&value, ' ', &part)) {
		const char *const *c = classes;

		while (*c && !ss_str_is(part, *c))
			c++;
		if (part.n && !*c)
			return SS_EPARSE;
	}
	return 0;
}

static int span_of(struct ss_str value, int *ret)
{
	int64_t n;

	if (ss_parse_i64(value, &n) < 0 || n < 1 || n > 40)
		return SS_EPARSE;
	*ret = (int)n;
	return 0;
}

static int width_of(struct ss_str value, double *ret)
{
	if (!ss_str_ends(value, SS_STR("%")) ||
	    ss_parse_double(ss_str_n(value.p, value.n - 1), ret) < 0 || *ret <= 0 || *ret > 100)
		return SS_EPARSE;
	return 0;
}

static int attribute(struct ssd_piece *p, struct ss_str name, struct ss_str value)
{
	bool cell = p->tag == SSD_td || p->tag == SSD_th;

	if (ss_str_is(name, "class")) {
		p->cls = value;
		return class_known(value);
	}
	if (cell && ss_str_is(name, "colspan"))
		return span_of(value, &p->colspan);
	if (cell && ss_str_is(name, "width"))
		return width_of(value, &p->width);
	return SS_EPARSE;
}

/* name="value" ... up to the end of the tag. */
static int attributes(struct ssd_piece *p, struct ss_str s)
{
	struct ss_str name, value;
	ptrdiff_t end;

	for (s = ss_str_trim(s); s.n; s = ss_str_trim(s)) {
		name = word(&s);
		if (name.n == 0 || s.n < 2 || s.p[0] != '=' || s.p[1] != '"')
			return SS_EPARSE;
		s = ss_str_n(s.p + 2, s.n - 2);
		end = ss_str_find(s, SS_STR("\""));
		if (end < 0)
			return SS_EPARSE;
		value = ss_str_n(s.p, (size_t)end);
		s = ss_str_n(s.p + end + 1, s.n - (size_t)end - 1);
		if (attribute(p, name, value) < 0)
			return SS_EPARSE;
	}
	return 0;
}

static int tag(struct ss_str inside, struct ssd_piece *p, struct ss_error *err)
{
	struct ss_str s = inside;

	if (s.n && s.p[0] == '/') {
		p->end = true;
		s = ss_str_n(s.p + 1, s.n - 1);
	} else if (s.n && s.p[s.n - 1] == '/') {
		s.n--;
	}
	p->tag = tag_of(word(&s));
	p->alone = p->tag == SSD_br || p->tag == SSD_hr;
	if (p->tag < 0 || (p->end && (p->alone || ss_str_trim(s).n)) || attributes(p, s) < 0)
		return ss_error_set(err, SS_EPARSE,
				    "模板里不能用 <" SS_STR_FMT ">；<" SS_STR_FMT
				    "> is not allowed",
				    (int)(inside.n < 60 ? inside.n : 60), inside.p,
				    (int)(inside.n < 60 ? inside.n : 60), inside.p);
	return 1;
}

int ssd_next(struct ss_str *rest, struct ssd_piece *ret, struct ss_error *err)
{
	struct ss_str s = *rest;
	ptrdiff_t at;

	*ret = (struct ssd_piece){.tag = SSD_TEXT, .colspan = 1};
	if (s.n == 0)
		return 0;
	at = ss_str_find(s, SS_STR("<"));
	if (at != 0) {
		ret->text = ss_str_n(s.p, at < 0 ? s.n : (size_t)at);
		*rest = ss_str_n(s.p + ret->text.n, s.n - ret->text.n);
		return 1;
	}
	at = ss_str_find(s, SS_STR(">"));
	if (at < 0)
		return ss_error_set(err, SS_EPARSE, "模板里有没写完的标记；an unfinished tag");
	*rest = ss_str_n(s.p + at + 1, s.n - (size_t)at - 1);
	return tag(ss_str_n(s.p + 1, (size_t)at - 1), ret, err);
}

static const struct {
	const char *entity, *text;
} entities[] = {{"&lt;", "<"},    {"&gt;", ">"},          {"&amp;", "&"},
		{"&quot;", "\""}, {"&nbsp;", "\xc2\xa0"}, {"&#39;", "'"}};

int ssd_unescape(struct ss_str s, struct ss_buf *out)
{
	while (s.n) {
		size_t n = 1;
		struct ss_str put = ss_str_n(s.p, 1);

		for (size_t i = 0; *s.p == '&' && i < SS_ARRAY_LEN(entities); i++) {
			if (!ss_str_starts(s, ss_str_of(entities[i].entity)))
				continue;
			n = strlen(entities[i].entity);
			put = ss_str_of(entities[i].text);
			break;
		}
		ss_buf_adds(out, put);
		s = ss_str_n(s.p + n, s.n - n);
	}
	return out->err;
}

bool ssd_has_class(const struct ssd_piece *p, const char *cls)
{
	struct ss_str rest = p->cls, part;

	while (ss_str_split(&rest, ' ', &part)) {
		if (ss_str_is(part, cls))
			return true;
	}
	return false;
}

int ssd_tags_check(struct ss_str text, struct ss_error *err)
{
	struct ssd_piece p;
	int open[SSD_DEPTH], n = 0, r;

	while ((r = ssd_next(&text, &p, err)) == 1) {
		if (p.tag == SSD_TEXT || p.alone)
			continue;
		if (p.end && (n == 0 || open[--n] != p.tag))
			return ss_error_set(err, SS_EPARSE, "</%s> 没有开头；</%s> ends nothing",
					    names[p.tag], names[p.tag]);
		if (!p.end && n == SSD_DEPTH)
			return ss_error_set(err, SS_EPARSE, "标记套得太深；tags nest too deep");
		if (!p.end)
			open[n++] = p.tag;
	}
	if (r == 0 && n)
		return ss_error_set(err, SS_EPARSE, "<%s> 没有结尾；<%s> is not closed",
				    names[open[n - 1]], names[open[n - 1]]);
	return r;
}
