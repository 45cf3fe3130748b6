/* One frame as JSON, with every fault found in it. */
#include "base/json.h"
#include "sense/hj212/hj212_internal.h"

#define HEADER_FIELDS 32 /* more are not shown; the standard has 10 */

struct view {
	struct ss_json *j;
	struct ss_arena arena;
	uint32_t faults;
	const char *encoding; /* of the first text that is not plain UTF-8 */
	struct ss_str text;   /* of the first // // value */
	const char *text_encoding;
};

static struct ss_str readable(struct view *v, struct ss_str bytes, const char **ret_encoding)
{
	struct ss_str s = bytes;

	*ret_encoding = "utf-8";
	if (ss_hj212_text(&v->arena, bytes, &s, ret_encoding) < 0)
		return bytes;
	if (strcmp(*ret_encoding, "utf-8") != 0 && !v->encoding)
		v->encoding = *ret_encoding;
	return s;
}

static void put_text(struct view *v, struct ss_str bytes)
{
	const char *encoding;

	ss_json_str(v->j, readable(v, bytes, &encoding));
}

static void put_hex4(struct ss_json *j, const char *key, unsigned crc)
{
	char z[8];

	snprintf(z, sizeof(z), "%04X", crc & 0xFFFF);
	ss_json_kz(j, key, z);
}

static void put_frame(struct view *v, const struct ss_hj212_frame *f, struct ss_str plain)
{
	struct ss_json *j = v->j;
	unsigned field = (unsigned)strtoul(f->crc_field, NULL, 16);

	ss_json_key(j, "declared_len");
	if (f->declared_len < 0)
		ss_json_null(j);
	else
		ss_json_i64(j, f->declared_len);
	ss_json_ki64(j, "actual_len", f->actual_len);
	ss_json_kbool(j, "len_ok", f->declared_len == f->actual_len);
	ss_json_kz(j, "crc_field", f->crc_field);
	put_hex4(j, "crc_calc", f->crc_calc);
	ss_json_kbool(j, "crc_ok", f->crc_ok);
	if (!f->crc_ok) {
		ss_json_kz(j, "crc_alt", ss_hj212_crc_alt(plain, (uint16_t)field));
		ss_json_kbool(j, "crc_in_value_set", ss_hj212_crc_possible((uint16_t)field));
	}
	if (f->encrypted)
		ss_json_kbool(j, "encrypted", true);
}

/* The last of doubled fields counts, as in ss_hj212_head. */
static void put_header(struct view *v, struct ss_str segment)
{
	struct ss_hj212_field list[HEADER_FIELDS], f;
	struct ss_hj212_fields fields = {0};
	struct ss_str cp;
	uint32_t ignored = 0;
	size_t n = 0, i;

	ss_hj212_split_cp(segment, &fields.rest, &cp, &ignored);
	fields.rest = ss_hj212_skip_number(fields.rest, &ignored);
	while (ss_hj212_next_field(&fields, &f)) {
		const char *known = ss_hj212_field_name(f.name);

		if (known)
			f.name = ss_str_of(known);
		for (i = 0; i < n && !ss_str_eq(list[i].name, f.name);)
			i++;
		if (i == HEADER_FIELDS)
			continue;
		list[i] = f;
		n += i == n;
	}
	ss_json_key(v->j, "header");
	ss_json_obj(v->j);
	for (i = 0; i < n; i++) {
		const char *encoding;
		const char *key = ss_arena_strdup(&v->arena, readable(v, list[i].name, &encoding));

		ss_json_key(v->j, key ? key : "");
		put_text(v, list[i].value);
	}
	ss_json_end_obj(v->j);
}

static void put_flag(struct ss_json *j, const struct ss_hj212_head *h)
{
	if (h->flag < 0)
		return;
	ss_json_key(j, "flag");
	ss_json_obj(j);
	ss_json_ki64(j, "version", h->flag >> 2);
	ss_json_kbool(j, "split", h->flag & 2);
	ss_json_kbool(j, "ack", h->flag & 1);
	ss_json_end_obj(j);
}

static void note_text(struct view *v, struct ss_str value)
{
	if (v->text.p || value.n < 4 || !ss_str_starts(value, SS_STR("//")) ||
	    !ss_str_ends(value, SS_STR("//")))
		return;
	v->text = readable(v, ss_str_n(value.p + 2, value.n - 4), &v->text_encoding);
}

static void put_pair(struct view *v, const struct ss_hj212_pair *p)
{
	ss_json_arr(v->j);
	put_text(v, p->name);
	if (p->has_value)
		put_text(v, p->value);
	else
		ss_json_null(v->j);
	ss_json_end_arr(v->j);
	note_text(v, p->value);
}

static void put_cp(struct view *v, struct ss_str cp)
{
	struct ss_hj212_walk w = ss_hj212_walk(cp);
	struct ss_hj212_pair p;
	int item = -1;

	ss_json_key(v->j, "cp");
	ss_json_arr(v->j);
	while (ss_hj212_next_pair(&w, &p)) {
		if (p.item != item) {
			if (item >= 0)
				ss_json_end_arr(v->j);
			ss_json_arr(v->j);
			item = p.item;
		}
		put_pair(v, &p);
	}
	if (item >= 0)
		ss_json_end_arr(v->j);
	ss_json_end_arr(v->j);
	v->faults |= w.faults;
	if (v->text.p) {
		ss_json_kstr(v->j, "text", v->text);
		ss_json_kz(v->j, "encoding", v->text_encoding);
	} else if (v->encoding) {
		ss_json_kz(v->j, "encoding", v->encoding);
	}
}

static void put_faults(struct ss_json *j, uint32_t faults)
{
	ss_json_key(j, "faults");
	ss_json_arr(j);
	for (uint32_t bit = 1; bit; bit <<= 1) {
		if (!(faults & bit))
			continue;
		ss_json_obj(j);
		ss_json_kz(j, "key", ss_hj212_fault_key(bit));
		ss_json_kz(j, "rule", ss_hj212_fault_rule(bit));
		ss_json_kz(j, "zh", ss_hj212_fault_zh(bit));
		ss_json_kz(j, "en", ss_hj212_fault_en(bit));
		ss_json_end_obj(j);
	}
	ss_json_end_arr(j);
}

void ss_hj212_json(struct ss_json *j, const struct ss_hj212_frame *f,
		   const struct ss_hj212_policy *policy)
{
	struct view v = {.j = j, .faults = f->faults};
	struct ss_str plain = f->segment;
	enum ss_hj212_verdict verdict = f->verdict;
	struct ss_hj212_head h;
	struct ss_hj212_data d;

	ss_arena_init(&v.arena, 1 << 20);
	if (ss_hj212_plain(&v.arena, f, policy, &plain) < 0)
		plain = f->segment;
	if (ss_hj212_head(plain, &h) < 0 && verdict == SS_HJ212_ACCEPT)
		verdict = SS_HJ212_REJECT_GRAMMAR;
	ss_hj212_observe(&h, &d, NULL, NULL);
	v.faults |= h.faults | d.faults;
	if (!f->crc_ok && ss_hj212_edition(&h) == SS_HJ212_2025 && ss_hj212_sealed(f->segment))
		v.faults |= SS_HJ212_F_ENCRYPTED; /* why the CRC does not fit: there is no key */

	ss_json_obj(j);
	put_frame(&v, f, plain);
	put_header(&v, plain);
	put_flag(j, &h);
	put_cp(&v, h.cp);
	ss_json_kz(j, "verdict", ss_hj212_verdict_name(verdict));
	ss_json_kz(j, "edition", ss_hj212_edition_name(ss_hj212_edition(&h)));
	put_faults(j, v.faults);
	ss_json_end_obj(j);
	ss_arena_done(&v.arena);
}
