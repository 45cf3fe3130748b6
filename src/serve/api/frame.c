/* A journal entry as people read it: where a value stands in the frame, and no passwords. */
#include "serve/api/api_internal.h"

#define RAW_MAX ((size_t)64 * 1024) /* longer ones (files brought in) are cut for the reader */

/* PW= at the start, behind a separator, or as the end of NewPW=. */
void ss_mask_password(char *p, size_t n)
{
	for (size_t i = 0; i + 3 <= n; i++) {
		if (memcmp(p + i, "PW=", 3) != 0)
			continue;
		for (i += 3; i < n && !memchr(";,&\r\n", p[i], 5); i++)
			p[i] = '*';
	}
}

/* Under one key: the frame with its data area in the clear, CRC as sent. Lives in a. */
static bool plain_by(struct ss_arena *a, const uint8_t *key, struct ss_str body, struct ss_str *ret)
{
	struct ss_hj212_policy policy = {.segment_cap = 9999, .sm4_key = key};
	struct ss_hj212_frame f;
	struct ss_str segment;
	size_t used;
	char *text;

	if (ss_hj212_cut(body.p, body.n, true, &policy, &f, &used) != 1 || !f.encrypted ||
	    ss_hj212_plain(a, &f, &policy, &segment) < 0)
		return false;
	text = ss_arena_printf(a, "##%04zu%.*s%s", segment.n, SS_STR_ARG(segment), f.crc_field);
	if (!text)
		return false;
	*ret = ss_str_n(text, segment.n + 10);
	return true;
}

/* What a device encrypted (2025) as it was before, by its own keys; other entries as they are. Our
 * own commands stay closed: a new key travels in them. */
bool ss_frame_plain(struct ss_api *api, struct ss_arena *a, const struct ss_entry *e,
		    struct ss_str *ret)
{
	struct ss_hj212_policy policy = {.segment_cap = 9999};
	struct ss_hj212_frame f;
	struct ss_hj212_head h;
	struct ss_device d;
	size_t used;
	bool found;

	*ret = e->body;
	if ((e->kind != SS_ENTRY_HJ212 && e->kind != SS_ENTRY_HJ212_BAD) || !api->registry ||
	    ss_hj212_cut(e->body.p, e->body.n, true, &policy, &f, &used) != 1)
		return false;
	ss_hj212_head(f.segment, &h);
	if (!h.mn.n || ss_registry_device(api->registry, h.mn, &d) < 0 || !d.has_sm4_key)
		return false;
	found = plain_by(a, d.sm4_key, e->body, ret);
	for (int i = 0; !found && i < d.sm4_old_n; i++)
		found = plain_by(a, d.sm4_old[i].key, e->body, ret);
	explicit_bzero(&d, sizeof(d));
	return found;
}

bool ss_frame_find(struct ss_str raw, const char *factor, const char *stat, size_t *ret_start,
		   size_t *ret_end)
{
	struct ss_hj212_policy policy = {.segment_cap = 9999};
	struct ss_hj212_frame f;
	struct ss_hj212_head h;
	struct ss_hj212_walk w;
	struct ss_hj212_pair p;
	bool found = false;
	size_t used;

	if (ss_hj212_cut(raw.p, raw.n, true, &policy, &f, &used) != 1 ||
	    ss_hj212_head(f.segment, &h) < 0)
		return false;
	w = ss_hj212_walk(h.cp);
	/* The later of two is the one that counts. */
	while (ss_hj212_next_pair(&w, &p)) {
		struct ss_str cls = p.cls.n ? p.cls : SS_STR("Value");

		if (!p.has_value || !ss_str_is(cls, stat) ||
		    !ss_str_is(ss_hj212_factor(h.st, p.code), factor))
			continue;
		*ret_start = (size_t)(p.name.p - raw.p);
		*ret_end = (size_t)(p.value.p + p.value.n - raw.p);
		found = true;
	}
	return found;
}

/* As a script counts: UTF-16 units. */
static int64_t units(struct ss_str s)
{
	int64_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		n += (c & 0xc0) != 0x80;
		n += c >= 0xf0; /* four bytes: a pair of units */
	}
	return n;
}

static int64_t place_of(struct ss_arena *a, struct ss_str raw, size_t at)
{
	struct ss_str text;
	const char *encoding;

	if (ss_hj212_text(a, ss_str_n(raw.p, at), &text, &encoding) < 0)
		return -1;
	return units(text);
}

/* Returns whether there is something to show; highlight only where the text is not hex. */
static bool view_of(struct ss_arena *a, struct ss_str body, const char *factor, const char *stat,
		    struct ss_frame_view *v)
{
	size_t n = body.n < RAW_MAX ? body.n : RAW_MAX, start, end;
	char *copy = ss_arena_strdup(a, ss_str_n(body.p, n));
	bool found = !factor;

	*v = (struct ss_frame_view){
	    .raw = SS_STR(""), .encoding = "hex", .highlight_start = -1, .highlight_end = -1};
	if (!copy)
		return found;
	if (factor && ss_frame_find(ss_str_n(copy, n), factor, stat, &start, &end)) {
		found = true;
		v->highlight_start = place_of(a, ss_str_n(copy, n), start);
		v->highlight_end = place_of(a, ss_str_n(copy, n), end);
	}
	ss_mask_password(copy, n);
	if (ss_hj212_text(a, ss_str_n(copy, n), &v->raw, &v->encoding) < 0 ||
	    strcmp(v->encoding, "hex") == 0)
		v->highlight_start = -1;
	return found;
}

static const char *kind_of(enum ss_entry_kind k)
{
	switch (k) {
	case SS_ENTRY_HJ212:
		return "hj212";
	case SS_ENTRY_HJ212_BAD:
		return "hj212_bad";
	case SS_ENTRY_IMPORT:
		return "import";
	case SS_ENTRY_COMMAND:
		return "command";
	case SS_ENTRY_MANUAL:
		return "manual";
	case SS_ENTRY_NOTE:
		return "note";
	case SS_ENTRY_ACT:
		return "act";
	}
	return "other";
}

static bool is_frame(const struct ss_entry *e)
{
	return e->kind == SS_ENTRY_HJ212 || e->kind == SS_ENTRY_HJ212_BAD ||
	       e->kind == SS_ENTRY_COMMAND;
}

/* verdict, crc_field, crc_calc, faults: as the codec sees the bytes, besides what the gateway
 * noted. */
static void put_check(struct ss_json *j, const struct ss_entry *e, struct ss_str body)
{
	struct ss_hj212_policy policy = {.segment_cap = 9999};
	struct ss_hj212_frame f = {0};
	char calc[8] = "";
	uint32_t faults = e->faults;
	size_t used;
	bool there = is_frame(e) && ss_hj212_cut(body.p, body.n, true, &policy, &f, &used) == 1;

	if (there) {
		faults |= f.faults;
		snprintf(calc, sizeof(calc), "%04X", (unsigned)f.crc_calc);
	}
	ss_json_kz(j, "verdict",
		   is_frame(e) ? ss_hj212_verdict_name((enum ss_hj212_verdict)e->verdict)
			       : "accept");
	ss_json_kz(j, "crc_field", there ? f.crc_field : NULL);
	ss_json_kz(j, "crc_calc", there ? calc : NULL);
	ss_json_key(j, "faults");
	ss_put_faults(j, is_frame(e) ? faults : 0);
}

static void put_proof(struct ss_json *j, struct ss_api *api, uint64_t group)
{
	struct ss_tip tip;
	uint8_t chain[32];
	bool signed_ = ss_journal_tip_for(api->journal, group, &tip, chain) == 0;

	ss_json_ki64(j, "group", (int64_t)group);
	if (signed_) {
		ss_put_hex(j, "chain_sm3", chain, sizeof(chain));
	} else {
		ss_json_key(j, "chain_sm3");
		ss_json_null(j);
	}
	ss_json_key(j, "tip");
	if (signed_)
		ss_put_tip(j, &tip);
	else
		ss_json_null(j);
}

static void put_highlight(struct ss_json *j, const struct ss_frame_view *v)
{
	ss_json_key(j, "highlight");
	if (v->highlight_start < 0 || v->highlight_end < v->highlight_start) {
		ss_json_null(j);
		return;
	}
	ss_json_arr(j);
	ss_json_i64(j, v->highlight_start);
	ss_json_i64(j, v->highlight_end);
	ss_json_end_arr(j);
}

bool ss_put_entry(struct ss_json *j, struct ss_api *api, struct ss_arena *a,
		  const struct ss_entry *e, const char *factor, const char *stat)
{
	struct ss_frame_view v;
	struct ss_str body;
	bool encrypted = ss_frame_plain(api, a, e, &body);
	bool found = view_of(a, body, is_frame(e) ? factor : NULL, stat, &v);

	ss_json_obj(j);
	ss_json_ki64(j, "seq", (int64_t)e->seq);
	ss_json_kz(j, "kind", kind_of(e->kind));
	ss_json_ktime(j, "arrived", e->arrived_us);
	ss_json_kstr(j, "peer", e->source);
	ss_json_ki64(j, "bytes", (int64_t)e->body.n);
	ss_json_kstr(j, "raw", v.raw);
	ss_json_kz(j, "encoding", v.encoding);
	ss_json_kbool(j, "encrypted", encrypted);
	put_check(j, e, body);
	put_proof(j, api, e->group);
	put_highlight(j, &v);
	ss_json_end_obj(j);
	return found;
}
