/* Numbers in messages: found, read, written again. Packing and unpacking must agree on every step
 * here; docs/internals/journal-format.md says it in words. */
#include "record/journal/pack_internal.h"

#define TIME_MOST (INT64_C(32503651200) * SS_US_PER_SEC) /* 3000-01-01 in Nanjing */

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool alnum(char c)
{
	return digit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '.' ||
	       c == '-' || c == '_';
}

static bool time_token(struct pack_token *t, const char *p)
{
	int64_t us, ms = 0;
	char again[18];

	if (t->len != 14 && t->len != 17)
		return false;
	for (int i = 0; i < t->len; i++)
		if (!digit(p[i]))
			return false;
	if (ss_time_parse_compact(ss_str_n(p, 14), &us) < 0 || us < 0 || us >= TIME_MOST)
		return false;
	for (int i = 14; i < t->len; i++)
		ms = ms * 10 + (p[i] - '0');
	ss_time_fmt_compact(again, us, 14);
	if (memcmp(again, p, 14) != 0)
		return false;
	t->time = t->len;
	t->value = t->len == 17 ? us / 1000 + ms : us / SS_US_PER_SEC;
	t->usable = true;
	return true;
}

void ssj_pack_token(struct pack_token *t, const char *p)
{
	bool minus = p[0] == '-';
	int point = -1, digits = 0;
	int64_t v = 0;

	t->time = 0;
	t->decimals = 0;
	t->plain = t->usable = false;
	t->value = 0;
	if (time_token(t, p))
		return;
	for (int i = minus; i < t->len; i++) {
		if (p[i] == '.') {
			point = i;
			continue;
		}
		if (++digits > 18)
			return;
		v = v * 10 + (p[i] - '0');
	}
	t->decimals = point < 0 ? 0 : (uint8_t)(t->len - point - 1);
	t->plain = !(p[minus] == '0' && digits - t->decimals > 1) && !(minus && v == 0);
	t->usable = t->plain || !minus;
	t->value = minus ? -v : v;
}

/* Length of the number at p, 0 when there is none. */
static size_t number_len(const char *p, const char *end)
{
	const char *q = p;
	const char *from;

	if (q < end && *q == '-')
		q++;
	from = q;
	while (q < end && digit(*q))
		q++;
	if (q == from)
		return 0;
	if (q + 1 < end && *q == '.' && digit(q[1])) {
		q++;
		while (q < end && digit(*q))
			q++;
	}
	if ((q < end && alnum(*q)) || q - p > 24)
		return 0;
	return (size_t)(q - p);
}

int ssj_pack_tokens(struct pack_slot *s)
{
	const char *end = s->text + s->n;
	const char *p = s->text;

	s->token_n = 0;
	while (p && p < end && (p = memchr(p, '=', (size_t)(end - p)))) {
		size_t n = number_len(++p, end);
		struct pack_token *t;

		if (!n)
			continue;
		if (ss_grow(&s->token, &s->token_cap, s->token_n + 1, sizeof(*s->token)) < 0)
			return SS_ENOMEM;
		t = &s->token[s->token_n++];
		t->at = (uint32_t)(p - s->text);
		t->len = (uint8_t)n;
		ssj_pack_token(t, p);
		p += n;
	}
	return 0;
}

static size_t render_time(char out[24], const struct pack_token *t, int64_t value)
{
	int64_t unit = t->time == 17 ? 1000 : SS_US_PER_SEC;
	char text[18];

	if (value < 0 || value >= TIME_MOST / unit)
		return 0;
	ss_time_fmt_compact(text, value * unit, t->time);
	memcpy(out, text, t->time);
	return t->time;
}

size_t ssj_pack_render(char out[24], const struct pack_token *t, int64_t value)
{
	char rev[24];
	uint64_t v = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
	size_t n = 0, least = t->decimals ? t->decimals + 2u : 1;

	if (t->time)
		return render_time(out, t, value);
	if (v > UINT64_C(999999999999999999) || (!t->plain && value < 0))
		return 0;
	if (!t->plain)
		least = t->len;
	while (v || n < least) {
		if (n >= sizeof(rev) - 2)
			return 0;
		if (t->decimals && n == t->decimals)
			rev[n++] = '.';
		rev[n++] = (char)('0' + v % 10);
		v /= 10;
	}
	if (value < 0)
		rev[n++] = '-';
	for (size_t i = 0; i < n; i++)
		out[i] = rev[n - 1 - i];
	return n;
}

int ssj_pack_text(struct pack_slot *s, const char *p, size_t n)
{
	if (ss_grow(&s->text, &s->cap, n + 1, 1) < 0)
		return SS_ENOMEM;
	if (n)
		memcpy(s->text, p, n);
	s->n = n;
	return 0;
}

void ssj_pack_slots_free(struct pack_slot *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(s[i].text);
		free(s[i].token);
		free(s[i].source_own);
	}
	free(s);
}

/* One step of the register for each value of its high byte xor the input; made at first use by
 * whoever comes first, every one the same. */
static uint16_t crc_step(unsigned v)
{
	for (int b = 0; b < 8; b++)
		v = v & 1 ? (v >> 1) ^ 0xA001 : v >> 1;
	return (uint16_t)v;
}

static uint16_t crc_table[256];
static pthread_once_t crc_once = PTHREAD_ONCE_INIT;

static void crc_make(void)
{
	for (unsigned i = 0; i < 256; i++)
		crc_table[i] = crc_step(i);
}

uint16_t ssj_frame_crc(const char *p, size_t n)
{
	unsigned c = 0xFFFF;

	pthread_once(&crc_once, crc_make);
	for (size_t i = 0; i < n; i++)
		c = crc_table[(c >> 8) ^ (uint8_t)p[i]];
	return (uint16_t)c;
}

bool ssj_frame_good(struct ss_str body)
{
	char want[12];

	if (body.n < 10 || body.n > 9999 + 10)
		return false;
	snprintf(want, sizeof(want), "##%04u", (unsigned)(body.n - 10));
	if (memcmp(body.p, want, 6) != 0)
		return false;
	snprintf(want, sizeof(want), "%04X", ssj_frame_crc(body.p + 6, body.n - 10));
	return memcmp(body.p + body.n - 4, want, 4) == 0;
}
