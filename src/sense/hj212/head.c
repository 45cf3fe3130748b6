/* The header of a data segment: fields before CP, in any order, with the habits of the field. */
#include "sense/hj212/scan_internal.h"

static const char *const names[] = {"QN", "ST", "CN", "PW", "MN", "Flag", "PNUM", "PNO", "RF"};

static bool same_name(struct ss_str a, const char *name)
{
	size_t i;

	for (i = 0; i < a.n && name[i]; i++) {
		if ((a.p[i] | 0x20) != (name[i] | 0x20))
			return false;
	}
	return i == a.n && !name[i];
}

const char *ss_hj212_field_name(struct ss_str name)
{
	for (size_t i = 0; i < SS_ARRAY_LEN(names); i++) {
		if (same_name(name, names[i]))
			return names[i];
	}
	return NULL;
}

/* Where "CP" begins when s ends with CP= (blanks allowed), or -1. */
static ptrdiff_t cp_before(struct ss_str s, uint32_t *faults)
{
	struct ss_str t = ss_hj212_trim(s);

	if (t.n == 0 || t.p[t.n - 1] != '=')
		return -1;
	t.n--;
	while (t.n && ss_hj212_is_blank(t.p[t.n - 1]))
		t.n--;
	if (t.n < 2 || (t.p[t.n - 1] | 0x20) != 'p' || (t.p[t.n - 2] | 0x20) != 'c')
		return -1;
	if (t.p[t.n - 1] != 'P' || t.p[t.n - 2] != 'C')
		*faults |= SS_HJ212_F_HEAD_CASE;
	if (t.n + 1 != s.n)
		*faults |= SS_HJ212_F_SEPARATOR;
	return t.p + t.n - 2 - s.p;
}

/* The data area up to the last &&. */
static struct ss_str data_area(struct ss_str rest, uint32_t *faults)
{
	struct ss_str t = ss_hj212_trim(rest);

	if (t.n >= 2 && t.p[t.n - 1] == '&' && t.p[t.n - 2] == '&')
		t.n -= 2;
	else
		*faults |= SS_HJ212_F_CP;
	return ss_hj212_trim(t);
}

bool ss_hj212_split_cp(struct ss_str segment, struct ss_str *ret_head, struct ss_str *ret_cp,
		       uint32_t *faults)
{
	size_t amp = ss_hj212_find_pair(segment.p, 0, segment.n, '&');
	ptrdiff_t at = -1;

	if (amp < segment.n)
		at = cp_before(ss_str_n(segment.p, amp), faults);
	if (at < 0) {
		*faults |= SS_HJ212_F_CP;
		*ret_head = ss_str_n(segment.p, amp);
		*ret_cp = ss_str_n(segment.p + amp, 0);
		return false;
	}
	*ret_cp = data_area(ss_str_n(segment.p + amp + 2, segment.n - amp - 2), faults);
	*ret_head = ss_str_n(segment.p, (size_t)at);
	if (at > 0 && segment.p[at - 1] != ';')
		*faults |= SS_HJ212_F_SEPARATOR;
	return true;
}

static inline bool next_field(struct ss_hj212_fields *f, struct ss_hj212_field *ret)
{
	while (f->rest.n) {
		const char *p = f->rest.p;
		size_t eq = find_end(p, 0, f->rest.n, true), n = find_end(p, eq, f->rest.n, false);
		size_t used = n + (n < f->rest.n);

		if (n < f->rest.n && p[n] == ',')
			f->faults |= SS_HJ212_F_SEPARATOR;
		f->rest.p += used;
		f->rest.n -= used;
		if (eq == n) {
			if (n)
				f->faults |= SS_HJ212_F_SEPARATOR;
			continue;
		}
		ret->name = ss_hj212_trim(ss_str_n(p, eq));
		ret->value = ss_hj212_trim(ss_str_n(p + eq + 1, n - eq - 1));
		if (ret->name.n + ret->value.n + 1 != n)
			f->faults |= SS_HJ212_F_SEPARATOR;
		return true;
	}
	return false;
}

bool ss_hj212_next_field(struct ss_hj212_fields *f, struct ss_hj212_field *ret)
{
	return next_field(f, ret);
}

/* A number of at most `most`, or -1. */
static int small_number(struct ss_str s, int most)
{
	int v = 0;

	if (s.n == 0 || s.n > 9)
		return -1;
	for (size_t i = 0; i < s.n; i++) {
		if (!ss_hj212_is_digit(s.p[i]))
			return -1;
		v = v * 10 + (s.p[i] - '0');
	}
	return v > most ? -1 : v;
}

static void put_text(struct ss_str *field, struct ss_str value, struct ss_hj212_head *h)
{
	if (field->p)
		h->faults |= SS_HJ212_F_HEAD_TWICE;
	*field = value;
}

static void put_flag(struct ss_str value, struct ss_hj212_head *h)
{
	if (h->flag >= 0)
		h->faults |= SS_HJ212_F_HEAD_TWICE;
	h->flag = small_number(value, 255);
	if (h->flag < 0)
		h->faults |= SS_HJ212_F_FLAG;
}

static void put_packet(int *field, struct ss_str value, struct ss_hj212_head *h)
{
	int v = small_number(value, 999999);

	if (v < 0)
		h->faults |= SS_HJ212_F_PACKET;
	*field = v < 0 ? 0 : v;
}

/* Two letters as one number, small letters as capitals. */
#define PAIR(a, b) ((unsigned)(a) << 8 | (unsigned)(b))

static bool put_pair_name(const struct ss_hj212_field *f, struct ss_hj212_head *h)
{
	switch (PAIR(f->name.p[0] & ~0x20, f->name.p[1] & ~0x20)) {
	case PAIR('Q', 'N'):
		put_text(&h->qn, f->value, h);
		return true;
	case PAIR('S', 'T'):
		put_text(&h->st, f->value, h);
		return true;
	case PAIR('C', 'N'):
		put_text(&h->cn, f->value, h);
		return true;
	case PAIR('P', 'W'):
		put_text(&h->pw, f->value, h);
		return true;
	case PAIR('M', 'N'):
		put_text(&h->mn, f->value, h);
		return true;
	case PAIR('R', 'F'):
		h->rf = ss_str_is(f->value, "1");
		return true;
	default:
		return false;
	}
}

static void put_field(const struct ss_hj212_field *f, struct ss_hj212_head *h)
{
	if (f->name.n == 2 && put_pair_name(f, h)) {
		if ((f->name.p[0] | f->name.p[1]) & 0x20)
			h->faults |= SS_HJ212_F_HEAD_CASE;
	} else if (same_name(f->name, "Flag")) {
		put_flag(f->value, h);
		if (!ss_str_is(f->name, "Flag"))
			h->faults |= SS_HJ212_F_HEAD_CASE;
	} else if (same_name(f->name, "PNUM")) {
		put_packet(&h->pnum, f->value, h);
	} else if (same_name(f->name, "PNO")) {
		put_packet(&h->pno, f->value, h);
	} else {
		h->faults |= SS_HJ212_F_HEAD_UNKNOWN;
	}
}

/* "Flag=5" as an item of the data area (a maker's slip), when the header has none: only as the
 * first or the last item, so that the search costs nothing. */
static void flag_inside(struct ss_hj212_head *h)
{
	struct ss_str first = h->cp, last = h->cp;
	int v = -1;

	for (first.n = 0; first.n < h->cp.n && first.n < 9 && !ends_part(first.p[first.n]);)
		first.n++;
	for (last.p += last.n, last.n = 0; last.p > h->cp.p && last.n < 9 && !ends_part(last.p[-1]);
	     last.n++)
		last.p--;
	if (first.n > 5 && same_name(ss_str_n(first.p, 5), "Flag="))
		v = small_number(ss_str_n(first.p + 5, first.n - 5), 255);
	if (v < 0 && last.n > 5 && same_name(ss_str_n(last.p, 5), "Flag="))
		v = small_number(ss_str_n(last.p + 5, last.n - 5), 255);
	h->flag = v;
	if (v >= 0)
		h->faults |= SS_HJ212_F_FLAG;
}

static bool all_digits(struct ss_str s)
{
	unsigned bad = 0;

	for (size_t i = 0; i < s.n; i++)
		bad |= (unsigned char)(s.p[i] - '0') > 9;
	return !bad;
}

static void check_packets(struct ss_hj212_head *h)
{
	bool split = h->flag > 0 && h->flag & 2;

	if (split != (h->pnum > 0) || (h->pnum > 0) != (h->pno > 0) || h->pno > h->pnum)
		h->faults |= SS_HJ212_F_PACKET;
}

static bool two_digits_in(const char *p, int least, int most)
{
	int v = (p[0] - '0') * 10 + p[1] - '0';

	return v >= least && v <= most;
}

/* 17 digits YYYYMMDDhhmmsszzz; how long a month is does not matter for a name of a request. */
static bool is_qn(struct ss_str s)
{
	return s.n == 17 && all_digits(s) && two_digits_in(s.p + 4, 1, 12) &&
	       two_digits_in(s.p + 6, 1, 31) && two_digits_in(s.p + 8, 0, 23) &&
	       two_digits_in(s.p + 10, 0, 59) && two_digits_in(s.p + 12, 0, 59);
}

/* What the standards ask of the fields together. 2005 uploads go without QN and Flag. */
static void check(struct ss_hj212_head *h)
{
	bool is_2005 = h->flag < 4;

	h->cn_num = h->cn.n == 4 && all_digits(h->cn) ? small_number(h->cn, 9999) : 0;
	if (h->cn_num == 0)
		h->faults |= SS_HJ212_F_CN;
	if (h->mn.n == 0 && !(is_2005 && h->cn_num == 9014))
		h->faults |= SS_HJ212_F_MN;
	else if (h->mn.n && h->mn.n != (is_2005 ? 14 : 24))
		h->faults |= SS_HJ212_F_MN_FORM;
	if (h->qn.n ? !is_qn(h->qn) : !is_2005)
		h->faults |= SS_HJ212_F_QN;
	if (h->st.n != 2)
		h->faults |= SS_HJ212_F_ST;
	check_packets(h);
}

/* A four-digit number some gateways put before the first field ("##00010206ST="). */
struct ss_str ss_hj212_skip_number(struct ss_str s, uint32_t *faults)
{
	size_t i = 0;

	while (i < s.n && (ss_hj212_is_digit(s.p[i]) || ss_hj212_is_blank(s.p[i])))
		i++;
	if (i)
		*faults |= SS_HJ212_F_SEPARATOR;
	return ss_str_n(s.p + i, s.n - i);
}

int ss_hj212_head(struct ss_str segment, struct ss_hj212_head *ret)
{
	struct ss_hj212_fields fields = {0};
	struct ss_hj212_field f;
	bool has_cp;

	ss_hj212_clear(ret, sizeof(*ret));
	ret->flag = -1;
	has_cp = ss_hj212_split_cp(segment, &fields.rest, &ret->cp, &ret->faults);
	fields.rest = ss_hj212_skip_number(fields.rest, &ret->faults);
	while (next_field(&fields, &f))
		put_field(&f, ret);
	ret->faults |= fields.faults;
	if (ret->flag < 0)
		flag_inside(ret);
	check(ret);
	return has_cp && (ret->mn.n || ret->cn.n) ? 0 : SS_EPARSE;
}

static bool is_hex24(struct ss_str mn)
{
	for (size_t i = 0; i < mn.n; i++) {
		if (ss_hj212_hex_value(mn.p[i]) < 0)
			return false;
	}
	return mn.n == 24;
}

/* A140100_2006: letter, area of six digits, underscore, number. */
static bool is_water_mn(struct ss_str mn)
{
	unsigned char letter = mn.n ? (unsigned char)(mn.p[0] | 0x20) : 0;

	return mn.n == 12 && letter >= 'a' && letter <= 'z' && mn.p[7] == '_' &&
	       all_digits(ss_str_n(mn.p + 1, 6)) && all_digits(ss_str_n(mn.p + 8, 4));
}

enum ss_hj212_edition ss_hj212_edition(const struct ss_hj212_head *h)
{
	int version = h->flag < 0 ? 0 : h->flag >> 2;

	if (version == 0)
		return SS_HJ212_2005;
	if (version != 2)
		return SS_HJ212_2017;
	if (is_water_mn(h->mn) || (ss_str_is(h->st, "21") && !is_hex24(h->mn)))
		return SS_HJ212_WATER;
	return SS_HJ212_2025;
}

const char *ss_hj212_edition_name(enum ss_hj212_edition e)
{
	static const char *const edition_names[] = {"2005", "2017", "2025", "water"};

	ss_assert((unsigned)e < SS_ARRAY_LEN(edition_names));
	return edition_names[e];
}
