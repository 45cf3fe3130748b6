/* Packing a block. */
#include "base/map.h"
#include "record/journal/pack_internal.h"

struct packer {
	struct ss_buf col[COL_COUNT];
	struct pack_slot *slot;
	size_t slot_n, slot_cap;
	struct ss_map *by_key;
	struct pack_slot now; /* message being packed */
	uint64_t number, seq; /* expected */
	int64_t arrived_us;   /* of the last entry */
	uint32_t last;        /* slot of the last entry, + 1 */
};

static void put_varint(struct packer *k, int col, uint64_t v)
{
	ss_buf_add_varint(&k->col[col], v);
}

static void put_text(struct packer *k, const char *p, size_t n)
{
	put_varint(k, COL_TEXT, n);
	ss_buf_add(&k->col[COL_TEXT], p, n);
}

/* The value of a header field, empty when it is not there. */
static struct ss_str field(struct ss_str body, struct ss_str name)
{
	ptrdiff_t at = ss_str_find(ss_str_n(body.p, body.n < 160 ? body.n : 160), name);
	struct ss_str v = {body.p, 0};

	if (at < 0)
		return v;
	v.p = body.p + at + name.n;
	while (v.p + v.n < body.p + body.n && v.p[v.n] != ';' && v.n < 64)
		v.n++;
	return v;
}

/* Entries of one device and command share a slot. */
static int slot_for(struct packer *k, const struct ss_entry *e, uint32_t *ret)
{
	char key[255 + 64 + 64 + 2];
	struct ss_str mn = field(e->body, SS_STR(";MN="));
	struct ss_str cn = field(e->body, SS_STR(";CN="));
	size_t n = 0;
	uint64_t v;

	memcpy(key, e->source.p, e->source.n);
	n = e->source.n;
	key[n++] = 0;
	memcpy(key + n, mn.p, mn.n);
	n += mn.n;
	key[n++] = 0;
	memcpy(key + n, cn.p, cn.n);
	n += cn.n;
	if (ss_map_get(k->by_key, ss_str_n(key, n), &v)) {
		*ret = (uint32_t)v;
		return 0;
	}
	if (ss_grow(&k->slot, &k->slot_cap, k->slot_n + 1, sizeof(*k->slot)) < 0)
		return SS_ENOMEM;
	k->slot[k->slot_n] = (struct pack_slot){.kind = SS_ENTRY_HJ212, .source = e->source};
	*ret = (uint32_t)k->slot_n;
	return ss_map_put(k->by_key, ss_str_n(key, n), k->slot_n++);
}

static void put_slot(struct packer *k, uint32_t slot, bool is_new, struct ss_str source)
{
	struct pack_slot *last = k->last ? &k->slot[k->last - 1] : NULL;

	if (is_new) {
		put_varint(k, COL_SLOT, 1);
		put_text(k, source.p, source.n);
	} else if (last && last->after == slot + 1) {
		put_varint(k, COL_SLOT, 0);
	} else {
		put_varint(k, COL_SLOT, slot + 2);
	}
	if (last)
		last->after = slot + 1;
	k->last = slot + 1;
}

static void put_tag(struct packer *k, struct pack_slot *s, const struct ss_entry *e)
{
	struct ss_buf *b = &k->col[COL_TAG];

	if (s->kind == e->kind && s->verdict == e->verdict && s->faults == e->faults) {
		ss_buf_addc(b, 0);
		return;
	}
	ss_buf_addc(b, 1);
	ss_buf_addc(b, (char)e->kind);
	ss_buf_addc(b, (char)e->verdict);
	ss_buf_add_varint(b, e->faults);
	s->kind = (uint8_t)e->kind;
	s->verdict = e->verdict;
	s->faults = e->faults;
}

/* Same text between the numbers, and as many numbers. */
static bool like(const struct pack_slot *a, const struct pack_slot *b)
{
	size_t x = 0, y = 0;

	if (a->token_n != b->token_n)
		return false;
	for (size_t i = 0; i <= a->token_n; i++) {
		size_t to_x = i < a->token_n ? a->token[i].at : a->n;
		size_t to_y = i < b->token_n ? b->token[i].at : b->n;

		if (to_x - x != to_y - y || memcmp(a->text + x, b->text + y, to_x - x) != 0)
			return false;
		x = i < a->token_n ? to_x + a->token[i].len : to_x;
		y = i < b->token_n ? to_y + b->token[i].len : to_y;
	}
	return true;
}

/* The new number is of the old one's form, so that old form and new value give its text. */
static bool same_form(const struct pack_token *old, const struct pack_token *t)
{
	if (!old->usable || !t->usable || old->time != t->time || old->decimals != t->decimals)
		return false;
	if (old->time)
		return true;
	return old->plain ? t->plain : t->len == old->len && t->value >= 0;
}

static void put_numbers(struct packer *k, const struct pack_slot *s, int64_t arrived_us)
{
	for (size_t i = 0; i < s->token_n; i++) {
		const struct pack_token *old = &s->token[i], *t = &k->now.token[i];
		int col = COL_NUMBER + (int)(i < PACK_TOKENS ? i : PACK_TOKENS - 1);
		int64_t d;

		if (!same_form(old, t)) {
			put_varint(k, col, 0);
			put_text(k, k->now.text + t->at, t->len);
			continue;
		}
		d = t->value - ssj_pack_expect(old, s->arrived_us, arrived_us);
		put_varint(k, col, (((uint64_t)d << 1) ^ (uint64_t)(d >> 63)) + 1);
	}
}

static void swap_text(struct pack_slot *s, struct pack_slot *now)
{
	struct pack_slot t = *s;

	s->text = now->text;
	s->n = now->n;
	s->cap = now->cap;
	s->token = now->token;
	s->token_n = now->token_n;
	s->token_cap = now->token_cap;
	now->text = t.text;
	now->cap = t.cap;
	now->token = t.token;
	now->token_cap = t.token_cap;
}

static int put_body(struct packer *k, struct pack_slot *s, const struct ss_entry *e)
{
	bool frame = ssj_frame_good(e->body);
	struct ss_str core = frame ? ss_str_n(e->body.p + 6, e->body.n - 10) : e->body;
	bool same;
	int r;

	r = ssj_pack_text(&k->now, core.p, core.n);
	if (r == 0)
		r = ssj_pack_tokens(&k->now);
	if (r < 0)
		return r;
	same = s->text && like(s, &k->now);
	ss_buf_addc(&k->col[COL_MODE], (char)((frame ? MODE_FRAME : 0) | (same ? MODE_LIKE : 0)));
	if (same)
		put_numbers(k, s, e->arrived_us);
	else
		put_text(k, core.p, core.n);
	swap_text(s, &k->now);
	return 0;
}

static int put_entry(struct packer *k, const struct ss_entry *e)
{
	size_t slots = k->slot_n;
	struct pack_slot *s;
	uint32_t slot;
	int r;

	r = slot_for(k, e, &slot);
	if (r < 0)
		return r;
	s = &k->slot[slot];
	put_slot(k, slot, k->slot_n > slots, e->source);
	put_tag(k, s, e);
	ss_buf_add_svarint(&k->col[COL_ARRIVED],
			   (int64_t)((uint64_t)e->arrived_us - (uint64_t)k->arrived_us));
	k->arrived_us = e->arrived_us;
	r = put_body(k, s, e);
	s->arrived_us = e->arrived_us;
	return r;
}

static int put_group(struct packer *k, const struct ssj_group *g, const uint8_t *body)
{
	const uint8_t *end = body + g->bytes;
	struct ss_buf *b = &k->col[COL_GROUP];

	ss_buf_add_varint(b, g->count);
	ss_buf_add_varint(b, g->number - g->batch);
	ss_buf_add_svarint(b, (int64_t)(g->number - k->number));
	ss_buf_add_svarint(b, (int64_t)(g->first_seq - k->seq));
	k->number = g->number + 1;
	k->seq = g->first_seq + g->count;
	for (uint32_t i = 0; i < g->count; i++) {
		struct ss_entry e;
		int r = ssj_entry_get(&body, end, &e);

		if (r == 0)
			r = put_entry(k, &e);
		if (r < 0)
			return r == SS_ECORRUPT ? SS_EUNSUPPORTED : r;
	}
	ss_buf_add_svarint(&k->col[COL_TIME],
			   (int64_t)((uint64_t)g->time_us - (uint64_t)k->arrived_us));
	return body == end ? 0 : SS_EUNSUPPORTED;
}

static int put_all(struct packer *k, const uint8_t *raw, size_t n, uint64_t salt)
{
	for (size_t at = 0; at < n;) {
		struct ssj_group g;
		int r;

		if (n - at < SSJ_GROUP_HEAD || ssj_group_get(raw + at, salt, NULL, &g) < 0 ||
		    g.bytes > n - at - SSJ_GROUP_HEAD ||
		    ssj_group_get(raw + at, salt, raw + at + SSJ_GROUP_HEAD, &g) < 0)
			return SS_EUNSUPPORTED;
		r = put_group(k, &g, raw + at + SSJ_GROUP_HEAD);
		if (r < 0)
			return r;
		at += SSJ_GROUP_HEAD + (size_t)g.bytes;
	}
	return 0;
}

static int gather(struct packer *k, struct ss_buf *out)
{
	for (int i = 0; i < COL_COUNT; i++) {
		if (k->col[i].err)
			return k->col[i].err;
		ss_buf_add_varint(out, k->col[i].n);
	}
	for (int i = 0; i < COL_COUNT; i++)
		ss_buf_adds(out, ss_buf_str(&k->col[i]));
	return out->err;
}

int ssj_pack(const uint8_t *raw, size_t n, uint64_t salt, struct ss_buf *out)
{
	struct packer *k = calloc(1, sizeof(*k));
	int r = SS_ENOMEM;

	if (!k)
		return r;
	for (int i = 0; i < COL_COUNT; i++)
		ss_buf_init(&k->col[i], out->max);
	k->by_key = ss_map_new();
	if (k->by_key)
		r = put_all(k, raw, n, salt);
	if (r == 0)
		r = gather(k, out);
	for (int i = 0; i < COL_COUNT; i++)
		ss_buf_done(&k->col[i]);
	ss_map_free(k->by_key);
	ssj_pack_slots_free(k->slot, k->slot_n);
	free(k->now.text);
	free(k->now.token);
	free(k);
	return r;
}
