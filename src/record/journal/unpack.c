/* Unpacking a block: the input is a file that may have been damaged or made by an enemy, so every
 * step is checked against what is really there and against the size that was promised. */
#include "record/journal/pack_internal.h"

struct unpacker {
	const uint8_t *p[COL_COUNT], *end[COL_COUNT];
	struct pack_slot *slot;
	size_t slot_n, slot_cap;
	uint8_t *out, *out_end;
	uint64_t salt;
	uint64_t number, seq;
	int64_t arrived_us;
	uint32_t last;
	char *text; /* message being built */
	size_t text_n, text_cap;
};

static int get(struct unpacker *u, int col, uint64_t *ret)
{
	return ss_get_varint(&u->p[col], u->end[col], ret) < 0 ? SS_ECORRUPT : 0;
}

static int get_signed(struct unpacker *u, int col, int64_t *ret)
{
	return ss_get_svarint(&u->p[col], u->end[col], ret) < 0 ? SS_ECORRUPT : 0;
}

static int get_byte(struct unpacker *u, int col, uint8_t *ret)
{
	if (u->p[col] >= u->end[col])
		return SS_ECORRUPT;
	*ret = *u->p[col]++;
	return 0;
}

static int get_text(struct unpacker *u, struct ss_str *ret)
{
	uint64_t n;

	if (get(u, COL_TEXT, &n) < 0 || n > (uint64_t)(u->end[COL_TEXT] - u->p[COL_TEXT]))
		return SS_ECORRUPT;
	*ret = ss_str_n((const char *)u->p[COL_TEXT], (size_t)n);
	u->p[COL_TEXT] += n;
	return 0;
}

static int new_slot(struct unpacker *u, uint32_t *ret)
{
	struct ss_str source;

	if (get_text(u, &source) < 0 || source.n > 255)
		return SS_ECORRUPT;
	if (ss_grow(&u->slot, &u->slot_cap, u->slot_n + 1, sizeof(*u->slot)) < 0)
		return SS_ENOMEM;
	u->slot[u->slot_n] = (struct pack_slot){.kind = SS_ENTRY_HJ212, .source = source};
	*ret = (uint32_t)u->slot_n++;
	return 0;
}

static int get_slot(struct unpacker *u, uint32_t *ret)
{
	uint32_t slot = 0;
	uint64_t v;
	int r;

	if (get(u, COL_SLOT, &v) < 0)
		return SS_ECORRUPT;
	if (v == 1) {
		r = new_slot(u, &slot);
		if (r < 0)
			return r;
	} else if (v == 0) {
		if (!u->last || !u->slot[u->last - 1].after)
			return SS_ECORRUPT;
		slot = u->slot[u->last - 1].after - 1;
	} else {
		if (v - 2 >= u->slot_n)
			return SS_ECORRUPT;
		slot = (uint32_t)(v - 2);
	}
	if (u->last)
		u->slot[u->last - 1].after = slot + 1;
	u->last = slot + 1;
	*ret = slot;
	return 0;
}

static int get_tag(struct unpacker *u, struct pack_slot *s)
{
	uint64_t faults;
	uint8_t other;

	if (get_byte(u, COL_TAG, &other) < 0 || other > 1)
		return SS_ECORRUPT;
	if (!other)
		return 0;
	if (get_byte(u, COL_TAG, &s->kind) < 0 || get_byte(u, COL_TAG, &s->verdict) < 0 ||
	    get(u, COL_TAG, &faults) < 0 || faults > UINT32_MAX)
		return SS_ECORRUPT;
	s->faults = (uint32_t)faults;
	return 0;
}

static int add(struct unpacker *u, const char *p, size_t n)
{
	if (n > SSJ_ENTRY_MAX || u->text_n + n > SSJ_ENTRY_MAX)
		return SS_ECORRUPT;
	if (ss_grow(&u->text, &u->text_cap, u->text_n + n + 1, 1) < 0)
		return SS_ENOMEM;
	memcpy(u->text + u->text_n, p, n);
	u->text_n += n;
	return 0;
}

/* The text of token i of the message like the slot's last. */
static int get_number(struct unpacker *u, const struct pack_slot *s, size_t i, int64_t arrived_us)
{
	const struct pack_token *old = &s->token[i];
	int col = COL_NUMBER + (int)(i < PACK_TOKENS ? i : PACK_TOKENS - 1);
	struct ss_str text;
	char out[24];
	uint64_t code, v;

	if (get(u, col, &code) < 0)
		return SS_ECORRUPT;
	if (code == 0)
		return get_text(u, &text) < 0 ? SS_ECORRUPT : add(u, text.p, text.n);
	if (!old->usable)
		return SS_ECORRUPT;
	code--;
	v = (uint64_t)ssj_pack_expect(old, s->arrived_us, arrived_us);
	v += (code >> 1) ^ (0 - (code & 1));
	text = ss_str_n(out, ssj_pack_render(out, old, (int64_t)v));
	return text.n ? add(u, text.p, text.n) : SS_ECORRUPT;
}

static int like_last(struct unpacker *u, const struct pack_slot *s, int64_t arrived_us)
{
	size_t at = 0;
	int r = 0;

	if (!s->text)
		return SS_ECORRUPT;
	for (size_t i = 0; i < s->token_n && r == 0; i++) {
		r = add(u, s->text + at, s->token[i].at - at);
		if (r == 0)
			r = get_number(u, s, i, arrived_us);
		at = s->token[i].at + s->token[i].len;
	}
	return r < 0 ? r : add(u, s->text + at, s->n - at);
}

/* The slot's new text becomes what was built; the old memory is used for the next. */
static int keep(struct unpacker *u, struct pack_slot *s)
{
	char *p = s->text;
	size_t cap = s->cap;

	s->text = u->text;
	s->n = u->text_n;
	s->cap = u->text_cap;
	u->text = p;
	u->text_cap = cap;
	return ssj_pack_tokens(s);
}

static int get_core(struct unpacker *u, struct pack_slot *s, int64_t arrived_us, uint8_t *ret_mode)
{
	struct ss_str text;
	int r;

	if (get_byte(u, COL_MODE, ret_mode) < 0 || *ret_mode > (MODE_FRAME | MODE_LIKE))
		return SS_ECORRUPT;
	u->text_n = 0;
	if (*ret_mode & MODE_LIKE) {
		r = like_last(u, s, arrived_us);
	} else {
		r = get_text(u, &text);
		if (r == 0)
			r = add(u, text.p, text.n);
	}
	return r < 0 ? r : keep(u, s);
}

static int write_entry(struct unpacker *u, const struct pack_slot *s, uint8_t mode)
{
	size_t extra = mode & MODE_FRAME ? 10 : 0;
	struct ss_entry e = {
	    .kind = (enum ss_entry_kind)s->kind,
	    .verdict = s->verdict,
	    .faults = s->faults,
	    .arrived_us = u->arrived_us,
	    .source = s->source,
	    .body = {NULL, s->n + extra},
	};
	char *body;
	char hex[8];

	if (ssj_entry_size(&e) > (size_t)(u->out_end - u->out) || (extra && s->n > 9999))
		return SS_ECORRUPT;
	e.body.n = 0; /* head and source; the body follows by hand */
	ssj_entry_put(u->out, &e);
	ssj_le(u->out + 16, s->n + extra, 4);
	body = (char *)u->out + SSJ_ENTRY_HEAD + s->source.n;
	if (extra) {
		snprintf(hex, sizeof(hex), "##%04u", (unsigned)s->n % 10000);
		memcpy(body, hex, 6);
		snprintf(hex, sizeof(hex), "%04X", ssj_frame_crc(s->text, s->n));
		memcpy(body + 6 + s->n, hex, 4);
		body += 6;
	}
	memcpy(body, s->text, s->n);
	u->out += SSJ_ENTRY_HEAD + s->source.n + s->n + extra;
	return 0;
}

static int get_entry(struct unpacker *u)
{
	struct pack_slot *s;
	uint32_t slot;
	int64_t d;
	uint8_t mode;
	int r;

	r = get_slot(u, &slot);
	if (r < 0)
		return r;
	s = &u->slot[slot];
	r = get_tag(u, s);
	if (r == 0)
		r = get_signed(u, COL_ARRIVED, &d);
	if (r < 0)
		return r;
	u->arrived_us = (int64_t)((uint64_t)u->arrived_us + (uint64_t)d);
	r = get_core(u, s, u->arrived_us, &mode);
	if (r < 0)
		return r;
	s->arrived_us = u->arrived_us;
	return write_entry(u, s, mode);
}

static int get_group(struct unpacker *u)
{
	uint64_t count, back;
	int64_t number, seq, time;
	uint8_t *head = u->out;
	struct ssj_group g;
	struct iovec body;
	int r = 0;

	if (get(u, COL_GROUP, &count) < 0 || get(u, COL_GROUP, &back) < 0 ||
	    get_signed(u, COL_GROUP, &number) < 0 || get_signed(u, COL_GROUP, &seq) < 0 ||
	    count == 0 || count > UINT32_MAX || u->out_end - u->out < SSJ_GROUP_HEAD)
		return SS_ECORRUPT;
	u->number += (uint64_t)number;
	u->seq += (uint64_t)seq;
	u->out += SSJ_GROUP_HEAD;
	for (uint64_t i = 0; i < count && r == 0; i++)
		r = get_entry(u);
	if (r == 0)
		r = get_signed(u, COL_TIME, &time);
	if (r < 0)
		return r;
	g = (struct ssj_group){
	    .number = u->number,
	    .batch = u->number - back,
	    .first_seq = u->seq,
	    .count = (uint32_t)count,
	    .bytes = (uint32_t)(u->out - head - SSJ_GROUP_HEAD),
	    .time_us = (int64_t)((uint64_t)u->arrived_us + (uint64_t)time),
	};
	ssj_group_put(head, u->salt, &g);
	body = (struct iovec){head + SSJ_GROUP_HEAD, g.bytes};
	ssj_group_seal(head, &body, 1);
	u->number++;
	u->seq += count;
	return 0;
}

static int columns(struct unpacker *u, const uint8_t *p, const uint8_t *end)
{
	uint64_t n[COL_COUNT];

	for (int i = 0; i < COL_COUNT; i++)
		if (ss_get_varint(&p, end, &n[i]) < 0)
			return SS_ECORRUPT;
	for (int i = 0; i < COL_COUNT; i++) {
		if (n[i] > (uint64_t)(end - p))
			return SS_ECORRUPT;
		u->p[i] = p;
		p += n[i];
		u->end[i] = p;
	}
	return p == end ? 0 : SS_ECORRUPT;
}

int ssj_unpack(const uint8_t *p, size_t n, uint64_t salt, size_t raw_n, uint8_t *raw)
{
	struct unpacker *u = calloc(1, sizeof(*u));
	int r;

	if (!u)
		return SS_ENOMEM;
	u->salt = salt;
	u->out = raw;
	u->out_end = raw + raw_n;
	r = columns(u, p, p + n);
	while (r == 0 && u->out < u->out_end)
		r = get_group(u);
	for (int i = 0; i < COL_COUNT && r == 0; i++)
		if (u->p[i] != u->end[i])
			r = SS_ECORRUPT;
	ssj_pack_slots_free(u->slot, u->slot_n);
	free(u->text);
	free(u);
	return r;
}
