/* JSON as the platform writes it: one value, no blanks, UTF-8, no key twice, not deep. What is not
 * exactly that is refused, never guessed at. */
#include <stdlib.h>
#include <string.h>

#include "verify.h"

#define DEPTH_MAX 40
#define KEYS_MAX 256 /* of one object */
#define CHUNK 65536

struct chunk {
	struct chunk *next;
	size_t used, cap;
	char data[];
};
struct sv_doc {
	struct chunk *head;
};

struct sv_doc *sv_doc_new(void)
{
	return calloc(1, sizeof(struct sv_doc));
}

void sv_doc_free(struct sv_doc *d)
{
	while (d && d->head) {
		struct chunk *c = d->head;

		d->head = c->next;
		free(c);
	}
	free(d);
}

static void *take(struct sv_doc *d, size_t n)
{
	void *p;

	n = (n + 15) / 16 * 16;
	if (!d->head || d->head->cap - d->head->used < n) {
		size_t cap = n > CHUNK ? n : CHUNK;
		struct chunk *c = malloc(sizeof(*c) + cap);

		if (!c)
			return NULL;
		*c = (struct chunk){.next = d->head, .cap = cap};
		d->head = c;
	}
	p = d->head->data + d->head->used;
	d->head->used += n;
	memset(p, 0, n);
	return p;
}

struct parser {
	struct sv_doc *d;
	const uint8_t *p, *end;
	int depth;
};

static struct sv_node *value(struct parser *s);

static bool word(struct parser *s, const char *w)
{
	size_t n = strlen(w);

	if ((size_t)(s->end - s->p) < n || memcmp(s->p, w, n) != 0)
		return false;
	s->p += n;
	return true;
}

static bool hex4(struct parser *s, unsigned *ret)
{
	*ret = 0;
	if (s->end - s->p < 4)
		return false;
	for (int i = 0; i < 4; i++) {
		uint8_t c = *s->p++;
		int v = c >= '0' && c <= '9'   ? c - '0'
			: c >= 'a' && c <= 'f' ? c - 'a' + 10
			: c >= 'A' && c <= 'F' ? c - 'A' + 10
					       : -1;

		if (v < 0)
			return false;
		*ret = *ret * 16 + (unsigned)v;
	}
	return true;
}

static size_t utf8(uint8_t *o, unsigned c)
{
	if (c < 0x80) {
		o[0] = (uint8_t)c;
		return 1;
	}
	if (c < 0x800) {
		o[0] = (uint8_t)(0xc0 | c >> 6);
		o[1] = (uint8_t)(0x80 | (c & 63));
		return 2;
	}
	if (c < 0x10000) {
		o[0] = (uint8_t)(0xe0 | c >> 12);
		o[1] = (uint8_t)(0x80 | (c >> 6 & 63));
		o[2] = (uint8_t)(0x80 | (c & 63));
		return 3;
	}
	o[0] = (uint8_t)(0xf0 | c >> 18);
	o[1] = (uint8_t)(0x80 | (c >> 12 & 63));
	o[2] = (uint8_t)(0x80 | (c >> 6 & 63));
	o[3] = (uint8_t)(0x80 | (c & 63));
	return 4;
}

/* Behind a backslash. 0 = not allowed. */
static size_t escape(struct parser *s, uint8_t *o)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *at;
	unsigned c, low;

	if (s->p == s->end)
		return 0;
	if (*s->p != 'u') {
		at = *s->p ? strchr(from, *s->p) : NULL;
		if (!at)
			return 0;
		s->p++;
		*o = (uint8_t)to[at - from];
		return 1;
	}
	s->p++;
	if (!hex4(s, &c) || (c >= 0xdc00 && c < 0xe000))
		return 0;
	if (c >= 0xd800 && c < 0xdc00) {
		if (!word(s, "\\u") || !hex4(s, &low) || low < 0xdc00 || low > 0xdfff)
			return 0;
		c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
	}
	return utf8(o, c);
}

/* Bytes of one UTF-8 character at p, or 0. */
static size_t character(const uint8_t *p, const uint8_t *end)
{
	size_t n = *p < 0x80   ? 1
		   : *p < 0xc2 ? 0
		   : *p < 0xe0 ? 2
		   : *p < 0xf0 ? 3
		   : *p < 0xf5 ? 4
			       : 0;

	if (n == 0 || (size_t)(end - p) < n)
		return 0;
	for (size_t i = 1; i < n; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	if ((*p == 0xe0 && p[1] < 0xa0) || (*p == 0xed && p[1] >= 0xa0) ||
	    (*p == 0xf0 && p[1] < 0x90) || (*p == 0xf4 && p[1] >= 0x90))
		return 0;
	return n;
}

static bool string(struct parser *s, struct sv_bytes *ret)
{
	const uint8_t *close;
	uint8_t *o;
	size_t n = 0;

	if (s->p == s->end || *s->p++ != '"')
		return false;
	for (close = s->p; close < s->end && *close != '"'; close++)
		close += *close == '\\' && close + 1 < s->end;
	if (close >= s->end)
		return false;
	o = take(s->d, (size_t)(close - s->p) + 5);
	if (!o)
		return false;
	while (s->p < close) {
		size_t k;

		if (*s->p < 0x20)
			return false;
		if (*s->p == '\\') {
			s->p++;
			k = escape(s, o + n);
		} else {
			k = character(s->p, close);
			memcpy(o + n, s->p, k);
			s->p += k;
		}
		if (k == 0)
			return false;
		n += k;
	}
	if (s->p != close)
		return false;
	s->p++;
	*ret = (struct sv_bytes){o, n};
	return true;
}

static size_t digits(const uint8_t *p, const uint8_t *end)
{
	size_t n = 0;

	while (p + n < end && p[n] >= '0' && p[n] <= '9')
		n++;
	return n;
}

static bool number(struct parser *s, struct sv_bytes *ret)
{
	const uint8_t *from = s->p, *p = s->p;
	size_t n;

	p += p < s->end && *p == '-';
	n = digits(p, s->end);
	if (n == 0 || (n > 1 && *p == '0'))
		return false;
	p += n;
	if (p < s->end && *p == '.') {
		n = digits(++p, s->end);
		if (n == 0)
			return false;
		p += n;
	}
	if (p < s->end && (*p == 'e' || *p == 'E')) {
		p++;
		p += p < s->end && (*p == '+' || *p == '-');
		n = digits(p, s->end);
		if (n == 0)
			return false;
		p += n;
	}
	*ret = (struct sv_bytes){from, (size_t)(p - from)};
	s->p = p;
	return ret->n < 64;
}

static bool known(const struct sv_node *parent, struct sv_bytes key)
{
	for (const struct sv_node *c = parent->child; c; c = c->next)
		if (c->key.n == key.n && memcmp(c->key.p, key.p, key.n) == 0)
			return true;
	return false;
}

static bool members(struct parser *s, struct sv_node *n, uint8_t close)
{
	struct sv_node **link = &n->child;

	if (s->p < s->end && *s->p == close) {
		s->p++;
		return true;
	}
	for (size_t count = 1;; count++) {
		struct sv_bytes key = {(const uint8_t *)"", 0};
		struct sv_node *c;

		if (close == '}' && (count > KEYS_MAX || !string(s, &key) || known(n, key) ||
				     s->p == s->end || *s->p++ != ':'))
			return false;
		c = value(s);
		if (!c || s->p == s->end)
			return false;
		c->key = key;
		*link = c;
		link = &c->next;
		if (*s->p == close) {
			s->p++;
			return true;
		}
		if (*s->p++ != ',')
			return false;
	}
}

static bool content(struct parser *s, struct sv_node *n)
{
	switch (*s->p) {
	case '{':
		s->p++;
		n->type = SV_OBJECT;
		return members(s, n, '}');
	case '[':
		s->p++;
		n->type = SV_ARRAY;
		return members(s, n, ']');
	case '"':
		n->type = SV_STRING;
		return string(s, &n->text);
	case 't':
		n->type = SV_BOOL;
		n->truth = true;
		return word(s, "true");
	case 'f':
		n->type = SV_BOOL;
		return word(s, "false");
	case 'n':
		return word(s, "null");
	default:
		n->type = SV_NUMBER;
		return number(s, &n->text);
	}
}

static struct sv_node *value(struct parser *s)
{
	struct sv_node *n = s->p < s->end && s->depth < DEPTH_MAX ? take(s->d, sizeof(*n)) : NULL;
	bool good;

	if (!n)
		return NULL;
	s->depth++;
	good = content(s, n);
	s->depth--;
	return good ? n : NULL;
}

const struct sv_node *sv_parse(struct sv_doc *d, struct sv_bytes text)
{
	struct parser s = {.d = d, .p = text.p, .end = text.p + text.n};
	struct sv_node *n = text.n ? value(&s) : NULL;

	return n && s.p == s.end ? n : NULL;
}

const struct sv_node *sv_get(const struct sv_node *obj, const char *key)
{
	size_t n = strlen(key);

	if (!obj || obj->type != SV_OBJECT)
		return NULL;
	for (const struct sv_node *c = obj->child; c; c = c->next)
		if (c->key.n == n && memcmp(c->key.p, key, n) == 0)
			return c;
	return NULL;
}

bool sv_get_u64(const struct sv_node *obj, const char *key, uint64_t *ret)
{
	const struct sv_node *n = sv_get(obj, key);
	uint64_t v = 0;

	if (!n || n->type != SV_NUMBER || n->text.n > 19)
		return false;
	for (size_t i = 0; i < n->text.n; i++) {
		uint8_t c = n->text.p[i];

		if (c < '0' || c > '9')
			return false;
		v = v * 10 + (uint64_t)(c - '0');
	}
	*ret = v;
	return true;
}

bool sv_get_double(const struct sv_node *obj, const char *key, double *ret)
{
	const struct sv_node *n = sv_get(obj, key);
	char text[64];

	if (!n || n->type != SV_NUMBER)
		return false;
	memcpy(text, n->text.p, n->text.n);
	text[n->text.n] = 0;
	*ret = strtod(text, NULL);
	return true;
}

bool sv_get_string(const struct sv_node *obj, const char *key, char *ret, size_t cap)
{
	const struct sv_node *n = sv_get(obj, key);

	if (!n || n->type != SV_STRING || n->text.n >= cap || memchr(n->text.p, 0, n->text.n))
		return false;
	memcpy(ret, n->text.p, n->text.n);
	ret[n->text.n] = 0;
	return true;
}

bool sv_get_hex(const struct sv_node *obj, const char *key, uint8_t *ret, size_t n)
{
	const struct sv_node *v = sv_get(obj, key);

	return v && v->type == SV_STRING && sv_unhex(v->text, ret, n);
}

bool sv_is(const struct sv_node *n, const char *text)
{
	size_t len = strlen(text);

	return n && n->type == SV_STRING && n->text.n == len && memcmp(n->text.p, text, len) == 0;
}

bool sv_line(struct sv_bytes *rest, struct sv_bytes *ret)
{
	const uint8_t *lf = rest->n ? memchr(rest->p, '\n', rest->n) : NULL;

	if (!lf)
		return false;
	*ret = (struct sv_bytes){rest->p, (size_t)(lf - rest->p)};
	rest->n -= ret->n + 1;
	rest->p = lf + 1;
	return true;
}
