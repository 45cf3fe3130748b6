#include "base/log.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/base.h"
#include "base/json.h"
#include "base/utf8_internal.h"

#define FIELDS_MOST 4096 /* longer field texts are cut */
#define LINE_MOST 32768

/* A site that floods: after BURST lines within a second only the count goes on. Errors are always
 * written: each is the only trace of something given up. */
#define BURST 10
#define SITES 512

struct site {
	_Atomic(const char *) where;
	atomic_int_fast64_t second;
	atomic_uint_fast32_t lines;   /* written in this second */
	atomic_uint_fast32_t dropped; /* since the last written line */
};

static struct site sites[SITES];
static atomic_int lowest = SS_LOG_INFO;
static atomic_int as_json;

static const char *const level_names[] = {"debug", "info", "warn", "error"};

void ss_log_set_level(enum ss_log_level level)
{
	atomic_store_explicit(&lowest, (int)level, memory_order_relaxed);
}

int ss_log_level_parse(const char *name)
{
	for (size_t i = 0; i < SS_ARRAY_LEN(level_names); i++) {
		if (ss_str_eq_nocase(ss_str_of(name), ss_str_of(level_names[i])))
			return (int)i;
	}
	if (ss_str_eq_nocase(ss_str_of(name), SS_STR("warning")))
		return SS_LOG_WARN;
	return SS_EINVAL;
}

void ss_log_set_json(int on)
{
	atomic_store_explicit(&as_json, on, memory_order_relaxed);
}

/* Sites are known by the address of their static "file:line". NULL when the table is full: then
 * nothing is dropped. */
static struct site *site_of(const char *where)
{
	size_t at = ((uintptr_t)where * UINT64_C(0x9E3779B97F4A7C15)) >> 32;

	for (size_t i = 0; i < 16; i++) {
		struct site *s = &sites[(at + i) % SITES];
		const char *is = atomic_load(&s->where);

		if (is == where)
			return s;
		if (!is && (atomic_compare_exchange_strong(&s->where, &is, where) || is == where))
			return s;
	}
	return NULL;
}

/* Whether this line may be written; *ret_dropped lines of the site were not before it. */
static bool admit(const char *where, enum ss_log_level level, uint32_t *ret_dropped)
{
	struct site *s = site_of(where);
	int64_t now = ss_time_mono() / SS_US_PER_SEC, was;

	*ret_dropped = 0;
	if (!s)
		return true;
	was = atomic_load(&s->second);
	if (was != now && atomic_compare_exchange_strong(&s->second, &was, now))
		atomic_store(&s->lines, 0);
	if (level < SS_LOG_ERROR && atomic_fetch_add(&s->lines, 1) >= BURST) {
		atomic_fetch_add(&s->dropped, 1);
		return false;
	}
	*ret_dropped = (uint32_t)atomic_exchange(&s->dropped, 0);
	return true;
}

/* Characters that move the cursor, end the line or turn the direction of writing. */
static bool harmful(const unsigned char *p, size_t len)
{
	if (len == 1)
		return p[0] < 0x20 || p[0] == 0x7f;
	if (len == 2)
		return p[0] == 0xC2 && p[1] < 0xA0; /* C1 controls */
	if (len == 3 && p[0] == 0xE2 && p[1] == 0x80)
		return p[2] == 0xA8 || p[2] == 0xA9 || (p[2] >= 0xAA && p[2] <= 0xAE);
	return len == 3 && p[0] == 0xE2 && p[1] == 0x81 && p[2] >= 0xA6 && p[2] <= 0xA9;
}

static void add_escaped(struct ss_buf *b, struct ss_str s)
{
	const unsigned char *p = (const unsigned char *)s.p;

	for (size_t i = 0; i < s.n;) {
		size_t len = ss_utf8_len(p + i, s.n - i);

		if (len && !harmful(p + i, len)) {
			ss_buf_add(b, p + i, len);
			i += len;
			continue;
		}
		for (size_t k = 0; k < (len ? len : 1); k++)
			ss_buf_addf(b, "\\x%02x", p[i + k]);
		i += len ? len : 1;
	}
}

/* One event. Time, level, area and msg are ours; fields may carry what came from outside. */
struct event {
	int64_t t;
	enum ss_log_level level;
	const char *area, *msg, *where;
	struct ss_str fields;
	uint32_t dropped;
};

static void add_text(struct ss_buf *b, const struct event *e)
{
	char iso[SS_TIME_ISO];

	ss_time_fmt_iso(iso, e->t);
	ss_buf_addf(b, "%s %s %s ", iso, level_names[e->level], e->area);
	add_escaped(b, ss_str_of(e->msg));
	if (e->fields.n)
		ss_buf_addc(b, ' ');
	add_escaped(b, e->fields);
	if (e->dropped)
		ss_buf_addf(b, " dropped=%u", (unsigned)e->dropped);
	ss_buf_addc(b, '\n');
}

static bool is_key(struct ss_str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		      c == '_' || c == '.' || c == '-'))
			return false;
	}
	return s.n > 0 && s.n < 64;
}

struct field {
	struct ss_str key, value;
};

#define FIELDS_COUNT 32

/* "a=1 b=two words c=3" into pairs. A word that is no pair, and a pair whose key was there before,
 * belong to the value in front: what came from outside cannot replace a field of ours. */
static size_t split_fields(struct ss_str text, struct field f[FIELDS_COUNT])
{
	const char *end = text.p + text.n;
	struct ss_str word, key;
	size_t n = 0;

	while (ss_str_split(&text, ' ', &word)) {
		bool pair =
		    memchr(word.p, '=', word.n) && ss_str_split(&word, '=', &key) && is_key(key);

		for (size_t i = 0; pair && i < n; i++)
			pair = !ss_str_eq(f[i].key, key);
		if (pair && n < FIELDS_COUNT)
			f[n++] = (struct field){key, word};
	}
	for (size_t i = 0; i < n; i++) {
		const char *until = i + 1 < n ? f[i + 1].key.p - 1 : end;

		f[i].value.n = (size_t)(until - f[i].value.p);
	}
	return n;
}

static void add_json_fields(struct ss_json *j, struct ss_str text)
{
	struct field f[FIELDS_COUNT];
	size_t n = split_fields(text, f);

	ss_json_key(j, "fields");
	ss_json_obj(j);
	if (n == 0 || f[0].key.p != text.p)
		ss_json_kstr(j, "_", ss_str_n(text.p, n ? (size_t)(f[0].key.p - text.p) : text.n));
	for (size_t i = 0; i < n; i++) {
		char key[64];

		ss_str_copy(key, sizeof(key), f[i].key);
		ss_json_kstr(j, key, f[i].value);
	}
	ss_json_end_obj(j);
}

static void add_json(struct ss_buf *b, const struct event *e)
{
	struct ss_json j = ss_json_on(b);

	ss_json_obj(&j);
	ss_json_ktime(&j, "time", e->t);
	ss_json_kz(&j, "level", level_names[e->level]);
	ss_json_kz(&j, "area", e->area);
	ss_json_kz(&j, "msg", e->msg);
	if (e->fields.n)
		add_json_fields(&j, e->fields);
	if (e->dropped)
		ss_json_ki64(&j, "dropped", e->dropped);
	if (e->level == SS_LOG_ERROR)
		ss_json_kz(&j, "where", e->where);
	ss_json_end_obj(&j);
	ss_buf_addc(b, '\n');
}

/* The line in one write, so that lines of threads do not mix. */
static void put_line(const struct ss_buf *b)
{
	size_t at = 0;

	while (at < b->n) {
		ssize_t r = write(STDERR_FILENO, b->p + at, b->n - at);

		if (r <= 0)
			return;
		at += (size_t)r;
	}
}

void ss_log_at(enum ss_log_level level, const char *area, const char *where, const char *msg,
	       const char *fields, ...)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(LINE_MOST);
	char text[FIELDS_MOST];
	struct event e = {.level = level, .area = area, .msg = msg, .where = where};
	va_list ap;
	int n;

	if ((int)level < atomic_load_explicit(&lowest, memory_order_relaxed))
		return;
	if (!admit(where, level, &e.dropped))
		return;
	va_start(ap, fields);
	n = vsnprintf(text, sizeof(text), fields, ap);
	va_end(ap);
	e.fields = ss_str_n(text, n < 0                      ? 0
				  : (size_t)n < sizeof(text) ? (size_t)n
							     : sizeof(text) - 1);
	e.t = ss_time_now();
	if (atomic_load_explicit(&as_json, memory_order_relaxed))
		add_json(&b, &e);
	else
		add_text(&b, &e);
	put_line(&b);
}
