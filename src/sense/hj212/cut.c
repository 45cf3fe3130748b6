/* Framing. The rule is in hj212.h; this is how it is kept with a bounded amount of work a byte.
 *
 * A `##` at s is *sound* when its length field leads to `&&` + 4 hex and the CRC is right. Going
 * from left to right each `##` is resolved to GOOD, FAILED, or PENDING (its declared end lies
 * beyond the bytes that are there). A sound frame that lies inside s and not within a // text of s
 * makes s FAILED: so a wrong length field never holds up or swallows the frames behind it. The
 * first FAILED one is remembered (`bad`) and becomes a rejected frame when its own end comes before
 * a GOOD one.
 *
 * Every decision depends on the bytes up to a position fixed by the stream, never on how many bytes
 * happen to be there: that makes the result independent of the reads.
 *
 * Work: the next end marker and the next sound frame are remembered while s moves on, so the same
 * bytes are not searched again for each `##` of a hostile stream. */
#include "sense/hj212/hj212_internal.h"

#define NONE SIZE_MAX
#define HEAD_LEN 6          /* ## and the length field */
#define FRAME_LEN 10        /* with the CRC */
#define CRC_DIRECT 8        /* CRCs of one cut that are made from their bytes */
#define SUM_STEP 64         /* bytes between two sums */
#define SUMS 2048           /* sums kept at a time */
#define SUMS_BACK (1 << 15) /* kept behind when they move on: more than two frames */

/* The bytes between `sums_base` and SUM_STEP * i behind it, xored into 8 lanes by their place: with
 * them the CRC of any piece costs the same, however often the pieces of a hostile stream overlap.
 * Not cleared. */
struct sums {
	uint64_t to[SUMS];
};

struct scan {
	uint64_t work; /* bytes looked at */
	const char *p;
	size_t n;
	bool at_end;
	size_t cap;
	const struct ss_hj212_policy *policy;
	size_t marker;           /* first end marker at or after where it was asked for, or NONE */
	size_t marker_seen;      /* no marker starts before this, except `marker` */
	size_t inner, inner_end; /* the sound frame that ends first among those searched, or NONE */
	size_t crc_seg, crc_len; /* segment of `crc` */
	uint16_t crc;
	int crcs; /* made so far */
	struct sums *sums;
	size_t sums_n; /* known of them */
	size_t sums_base;
	size_t inner_from, inner_seen; /* `##` searched from, and up to */
};

/* The first `##` that failed and may still become a rejected frame. */
struct bad {
	size_t at;     /* NONE: there is none */
	size_t by_len; /* end by its length field when && + 4 hex stand there, or NONE */
	size_t marker; /* first end marker behind its header, or NONE */
};

enum state { GOOD, FAILED, PENDING };

/* Position of the first pair cc in [from, to), or to. */
static size_t find(struct scan *c, size_t from, size_t to, char ch)
{
	size_t at = ss_hj212_find_pair(c->p, from, to, ch);

	c->work += (at < to ? at + 2 : to) - (from < at ? from : at);
	return at;
}

static bool four_hex(const char *p)
{
	return ss_hj212_hex_value(p[0]) >= 0 && ss_hj212_hex_value(p[1]) >= 0 &&
	       ss_hj212_hex_value(p[2]) >= 0 && ss_hj212_hex_value(p[3]) >= 0;
}

/* The length field, or -1 when it is not four digits. */
static int declared(const char *digits)
{
	int v = 0;

	for (int i = 0; i < 4; i++) {
		if (!ss_hj212_is_digit(digits[i]))
			return -1;
		v = v * 10 + (digits[i] - '0');
	}
	return v;
}

/* && before and 4 hex at the end of a segment of length len; the bytes must be there. */
static bool fits(const char *frame, size_t len)
{
	const char *q = frame + HEAD_LEN + len;

	return len >= 2 && q[-1] == '&' && q[-2] == '&' && four_hex(q);
}

static unsigned crc_field(const char *hex)
{
	unsigned v = 0;

	for (int i = 0; i < 4; i++)
		v = v << 4 | (unsigned)ss_hj212_hex_value(hex[i]);
	return v;
}

/* The lanes of the bytes between the base and `at`. */
static uint64_t lanes_before(struct scan *c, size_t at)
{
	const char *p = c->p + c->sums_base;
	uint64_t acc = 0, word;
	uint8_t lane[8] = {0};
	size_t i;

	at -= c->sums_base;
	i = at / SUM_STEP;

	if (c->sums_n == 0)
		c->sums->to[c->sums_n++] = 0;
	for (; c->sums_n <= i; c->sums_n++) {
		acc = c->sums->to[c->sums_n - 1];
		for (size_t k = (c->sums_n - 1) * SUM_STEP; k < c->sums_n * SUM_STEP; k += 8) {
			memcpy(&word, p + k, 8);
			acc ^= word;
		}
		c->sums->to[c->sums_n] = acc;
		c->work += SUM_STEP;
	}
	c->work += at % SUM_STEP;
	acc = c->sums->to[i];
	for (i *= SUM_STEP; i + 8 <= at; i += 8) {
		memcpy(&word, p + i, 8);
		acc ^= word;
	}
	memcpy(lane, p + i, at - i);
	memcpy(&word, lane, 8);
	return acc ^ word;
}

/* Whether the sums reach over the piece; they move on with the scan. */
static bool sums_reach(struct scan *c, size_t seg, size_t end)
{
	if ((end - c->sums_base) / SUM_STEP >= SUMS && seg >= c->sums_base) {
		c->sums_base = seg < SUMS_BACK ? 0 : (seg - SUMS_BACK) / SUM_STEP * SUM_STEP;
		c->sums_n = 0;
	}
	return seg >= c->sums_base;
}

/* The CRC by sums: the lanes of the piece, turned so that it begins with lane 0. */
static uint16_t crc_by_sums(struct scan *c, size_t seg, size_t len)
{
	uint64_t acc = lanes_before(c, seg + len) ^ lanes_before(c, seg);
	uint8_t place[8], lane[8];

	memcpy(place, &acc, 8);
	for (size_t k = 0; k < 8; k++)
		lane[k] = place[(seg + k) & 7];
	return ss_hj212_crc_of_lanes(lane, len);
}

/* The standard's CRC of len bytes at seg; the last one is remembered, since a frame that proves
 * sound is asked for twice. */
static uint16_t segment_crc(struct scan *c, size_t seg, size_t len)
{
	if (c->crc_seg == seg && c->crc_len == len)
		return c->crc;
	c->crc_seg = seg;
	c->crc_len = len;
	if (len && c->crcs++ >= CRC_DIRECT && sums_reach(c, seg, seg + len)) {
		c->crc = crc_by_sums(c, seg, len);
	} else {
		c->crc = ss_hj212_crc(c->p + seg, len);
		c->work += len;
	}
	return c->crc;
}

/* Where length and CRC agree and a line end follows, though && is missing: a frame all the same, of
 * wrong grammar. Four given characters are not there by chance. */
static bool fits_without_end(struct scan *c, size_t s, size_t len)
{
	const char *seg = c->p + s + HEAD_LEN, *q = seg + len;
	bool ends = q + 4 == c->p + c->n ? c->at_end : q[4] == '\r' || q[4] == '\n';

	return ends && ss_hj212_is_letter(seg[0]) && four_hex(q) &&
	       segment_crc(c, s + HEAD_LEN, len) == crc_field(q);
}

static bool sm4_fits(const uint8_t key[16], struct ss_str seg, unsigned field, uint16_t *ret_crc)
{
	char plain[SS_HJ212_SEGMENT_MAX];
	int64_t n = ss_hj212_sm4_plain(key, seg, plain, sizeof(plain));

	if (n < 0)
		return false;
	*ret_crc = ss_hj212_crc(plain, (size_t)n);
	return *ret_crc == field;
}

static bool modbus_fits(struct ss_str seg, unsigned field)
{
	unsigned m = ss_hj212_crc_modbus(seg);

	return field == m || field == ((m << 8 & 0xFF00) | m >> 8);
}

/* Whether the policy takes the CRC behind the segment of len bytes in the frame at `at`. */
static bool segment_crc_fits(struct scan *c, size_t at, size_t len)
{
	struct ss_str seg = {c->p + at + HEAD_LEN, len};
	unsigned field = crc_field(seg.p + len);
	uint16_t plain_crc;

	if (segment_crc(c, at + HEAD_LEN, len) == field)
		return true;
	if (c->policy->accept_modbus_crc && modbus_fits(seg, field))
		return true;
	return c->policy->sm4_key && sm4_fits(c->policy->sm4_key, seg, field, &plain_crc);
}

/* ---- end markers ---- */

/* 1: && + 4 hex + (CR, LF, ##, the characters backslash r or n, or the end) at i; 0: not; -1: more
 * bytes are needed to say. */
static int marker_at(const struct scan *c, size_t i)
{
	size_t after = i + 6;
	char a, b;

	for (size_t k = i + 2; k < after && k < c->n; k++) {
		if (ss_hj212_hex_value(c->p[k]) < 0)
			return 0;
	}
	if (after >= c->n)
		return !c->at_end ? -1 : after == c->n;
	a = c->p[after];
	if (a == '\r' || a == '\n')
		return 1;
	if (a != '#' && a != '\\')
		return 0;
	if (after + 1 >= c->n)
		return c->at_end ? 0 : -1;
	b = c->p[after + 1];
	return a == '#' ? b == '#' : b == 'r' || b == 'n';
}

/* The first end marker at or after from; NONE when there is none yet. from never goes back. */
static size_t next_marker(struct scan *c, size_t from)
{
	size_t i;

	if (c->marker != NONE && c->marker >= from)
		return c->marker;
	c->marker = NONE;
	i = from > c->marker_seen ? from : c->marker_seen;
	for (;; i++) {
		i = find(c, i, c->n, '&');
		if (i >= c->n)
			break;
		int r = marker_at(c, i);

		if (r < 0)
			break;
		if (r > 0) {
			c->marker = i;
			break;
		}
	}
	c->marker_seen = i;
	return c->marker;
}

/* ---- sound frames inside ---- */

/* End of the sound frame at s, or NONE. */
static size_t sound_end(struct scan *c, size_t s)
{
	int len;

	if (s + FRAME_LEN > c->n)
		return NONE;
	len = declared(c->p + s + 2);
	if (len < 0 || (size_t)len > c->cap || s + FRAME_LEN + (size_t)len > c->n)
		return NONE;
	if (!fits(c->p + s, (size_t)len) || !segment_crc_fits(c, s, (size_t)len))
		return NONE;
	return s + FRAME_LEN + (size_t)len;
}

/* Finds, among the sound frames that start at or after from, the one that ends first, looking no
 * further than starts before `to`. */
static void search_inner(struct scan *c, size_t from, size_t to)
{
	size_t i, end;

	if (c->inner_from == NONE || (c->inner != NONE && c->inner < from)) {
		c->inner = c->inner_end = NONE;
		c->inner_seen = from;
	}
	c->inner_from = from;
	to = to < c->n ? to : c->n;
	for (i = c->inner_seen > from ? c->inner_seen : from;; i++) {
		if (to > c->inner_end)
			to = c->inner_end;
		i = find(c, i, to, '#');
		if (i >= to)
			break;
		end = sound_end(c, i);
		if (end < c->inner_end) {
			c->inner = i;
			c->inner_end = end;
		}
	}
	c->inner_seen = i ? i - 1 : 0; /* a pair may straddle `to` */
}

/* A // at i begins a text when = stands before it, blanks aside. */
static bool text_begins(const struct scan *c, size_t s, size_t i)
{
	while (i > s && ss_hj212_is_blank(c->p[i - 1]))
		i--;
	return i > s && c->p[i - 1] == '=';
}

/* A // before i ends the text when ; , or && follow: alone it is part of it ("http://"). */
static bool text_ends(const struct scan *c, size_t i, size_t to)
{
	while (i < to && ss_hj212_is_blank(c->p[i]))
		i++;
	if (i >= to)
		return false;
	return c->p[i] == ';' || c->p[i] == ',' ||
	       (c->p[i] == '&' && i + 1 < to && c->p[i + 1] == '&');
}

/* Whether a // text is open at `at` in a frame that begins at s, as the walk of the data area reads
 * texts. */
static bool in_text(struct scan *c, size_t s, size_t at)
{
	bool open = false;
	size_t i = s + HEAD_LEN;

	while ((i = find(c, i, at, '/')) < at) {
		bool turns = open ? text_ends(c, i + 2, at) : text_begins(c, s + HEAD_LEN, i);

		open ^= turns;
		i += turns ? 2 : 1;
	}
	return open;
}

/* A sound frame lies in s and ends before `end`. */
static bool killed(struct scan *c, size_t s, size_t end)
{
	search_inner(c, s + HEAD_LEN, end);
	return c->inner != NONE && c->inner_end < end && !in_text(c, s, c->inner);
}

/* ---- one ## ---- */

/* An end marker with the right CRC stands before the declared end. Devices whose length is wrong
 * are answered there, not when the bytes of the declared length have come in. */
static bool ends_early(struct scan *c, size_t s, size_t end)
{
	size_t marker = next_marker(c, s + HEAD_LEN);

	return marker != NONE && marker + 6 < end &&
	       segment_crc_fits(c, s, marker + 2 - s - HEAD_LEN);
}

/* What the `##` at s is as far as the first n bytes tell; *ret_fits: its length leads to && + hex,
 * or to the right CRC. */
static enum state resolve(struct scan *c, size_t s, size_t n, bool *ret_fits)
{
	bool more = !c->at_end || n < c->n;
	size_t end;
	int len;

	*ret_fits = false;
	for (size_t i = s + 2; i < s + HEAD_LEN; i++) {
		if (i >= n)
			return more ? PENDING : FAILED;
		if (!ss_hj212_is_digit(c->p[i]))
			return FAILED;
	}
	len = declared(c->p + s + 2);
	if ((size_t)len > c->cap)
		return FAILED;
	end = s + FRAME_LEN + (size_t)len;
	if (c->policy->accept_wrong_len && ends_early(c, s, end))
		return FAILED;
	if (end <= n) {
		*ret_fits = fits(c->p + s, (size_t)len);
		if (!*ret_fits || !segment_crc_fits(c, s, (size_t)len)) {
			*ret_fits |= fits_without_end(c, s, (size_t)len);
			return FAILED;
		}
		return killed(c, s, end) ? FAILED : GOOD;
	}
	return !more || killed(c, s, n + 1) ? FAILED : PENDING;
}

/* ---- results ---- */

static uint32_t noise_in(const struct scan *c, size_t upto)
{
	uint32_t count = 0;

	for (size_t i = 0; i < upto; i++) {
		if (c->p[i] == '\r' || c->p[i] == '\n')
			continue;
		if (c->p[i] == '\\' && i + 4 <= upto && memcmp(c->p + i, "\\r\\n", 4) == 0) {
			i += 3;
			continue;
		}
		count++;
	}
	return count;
}

static size_t skip_tail(const struct scan *c, size_t i)
{
	if (i + 4 <= c->n && memcmp(c->p + i, "\\r\\n", 4) == 0)
		return i + 4;
	if (i < c->n && c->p[i] == '\r')
		i++;
	if (i < c->n && c->p[i] == '\n')
		i++;
	return i;
}

/* Length of what stands at the end of the bytes and may be the first part of ## or \r\n. */
static size_t partial(const struct scan *c)
{
	if (c->at_end || c->n == 0)
		return 0;
	if (c->p[c->n - 1] == '#')
		return 1;
	for (size_t k = c->n < 3 ? c->n : 3; k > 0; k--) {
		if (memcmp(c->p + c->n - k, "\\r\\n", k) == 0)
			return k;
	}
	return 0;
}

/* Faults of a CRC that is not the standard's. */
static uint32_t crc_faults(const struct ss_hj212_frame *f, unsigned field)
{
	const char *alt = ss_hj212_crc_alt(f->segment, (uint16_t)field);
	uint32_t faults = SS_HJ212_F_CRC;

	if (!ss_hj212_crc_possible((uint16_t)field))
		faults |= SS_HJ212_F_CRC_IMPOSSIBLE;
	if (!alt)
		return faults;
	if (strcmp(alt, "crc16_modbus") == 0)
		return faults | SS_HJ212_F_CRC_MODBUS;
	if (strcmp(alt, "crc16_modbus_byte_swapped") == 0)
		return faults | SS_HJ212_F_CRC_MODBUS_SWAPPED;
	return faults | SS_HJ212_F_CRC_OTHER;
}

static bool has_lower(const char hex[4])
{
	return (hex[0] | hex[1] | hex[2] | hex[3]) & 0x20 &&
	       (hex[0] >= 'a' || hex[1] >= 'a' || hex[2] >= 'a' || hex[3] >= 'a');
}

/* The CRC over cipher bytes fits by chance once in 256 frames: where the data area does not read as
 * plain text the key is tried all the same. */
bool ss_hj212_sealed(struct ss_str seg)
{
	ptrdiff_t at = ss_str_find(seg, SS_STR("CP=&&"));

	return at >= 0 && !ss_hj212_readable(seg.p + at + 5, seg.n - (size_t)at - 5);
}

static void judge_crc(struct scan *c, struct ss_hj212_frame *f)
{
	unsigned field = crc_field(f->crc_field);

	f->crc_calc = segment_crc(c, (size_t)(f->segment.p - c->p), f->segment.n);
	f->crc_ok = f->crc_calc == field;
	if (c->policy->sm4_key && (!f->crc_ok || ss_hj212_sealed(f->segment)) &&
	    sm4_fits(c->policy->sm4_key, f->segment, field, &f->crc_calc)) {
		f->crc_ok = f->encrypted = true;
		f->faults |= SS_HJ212_F_ENCRYPTED;
	}
	if (!f->crc_ok)
		f->faults |= crc_faults(f, field);
	if (has_lower(f->crc_field))
		f->faults |= SS_HJ212_F_CRC_CASE;
}

static void judge_length(struct ss_hj212_frame *f)
{
	if (f->declared_len < 0)
		f->faults |= SS_HJ212_F_LENGTH_FORM;
	if (f->declared_len != f->actual_len)
		f->faults |= SS_HJ212_F_LENGTH;
	if (f->actual_len > SS_HJ212_SEGMENT_STANDARD)
		f->faults |= SS_HJ212_F_SEGMENT_LONG;
}

static enum ss_hj212_verdict verdict(const struct scan *c, const struct ss_hj212_frame *f)
{
	bool crc_taken =
	    f->crc_ok || (c->policy->accept_modbus_crc &&
			  f->faults & (SS_HJ212_F_CRC_MODBUS | SS_HJ212_F_CRC_MODBUS_SWAPPED));

	if (f->declared_len != f->actual_len && !(c->policy->accept_wrong_len && crc_taken))
		return SS_HJ212_REJECT_LENGTH;
	if (!crc_taken)
		return SS_HJ212_REJECT_CRC;
	return ss_str_ends(f->segment, SS_STR("&&")) ? SS_HJ212_ACCEPT : SS_HJ212_REJECT_GRAMMAR;
}

/* Where the segment begins: behind four digits, or, when there are fewer, behind those. */
static size_t segment_start(const struct scan *c, size_t s)
{
	size_t i = s + 2;

	while (i < c->n && i < s + HEAD_LEN && ss_hj212_is_digit(c->p[i]))
		i++;
	return i;
}

/* The same for a whole frame: a spoilt digit of the length field ("01A8") is not of the segment;
 * the CRC tells where that begins. */
static size_t segment_of(const struct scan *c, size_t s, size_t end)
{
	size_t first = segment_start(c, s);

	for (size_t i = s + HEAD_LEN; i > first && i + 4 <= end; i--) {
		if (ss_hj212_crc(c->p + i, end - 4 - i) == crc_field(c->p + end - 4))
			return i;
	}
	return first;
}

/* The frame [s, end), end being behind its CRC. */
static int put_frame(struct scan *c, size_t s, size_t end, struct ss_hj212_frame *ret,
		     size_t *ret_used)
{
	size_t seg = segment_of(c, s, end);

	*ret = (struct ss_hj212_frame){
	    .raw = {c->p + s, end - s},
	    .segment = {c->p + seg, end - 4 - seg},
	    .declared_len = declared(c->p + s + 2),
	    .actual_len = (int)(end - 4 - seg),
	    .noise = noise_in(c, s),
	};
	memcpy(ret->crc_field, c->p + end - 4, 4);
	judge_length(ret);
	judge_crc(c, ret);
	ret->verdict = verdict(c, ret);
	*ret_used = skip_tail(c, end);
	return 1;
}

/* Nothing whole: keep what begins at `keep`, drop the rest. */
static int put_nothing(const struct scan *c, size_t keep, struct ss_hj212_frame *ret,
		       size_t *ret_used)
{
	*ret = (struct ss_hj212_frame){.noise = noise_in(c, keep)};
	*ret_used = keep;
	return 0;
}

/* ---- the way through ---- */

/* Remembers the failed `##` at s, unless it is known already that no frame can end in its reach. */
static void remember(struct scan *c, size_t s, bool by_len, struct bad *bad)
{
	size_t reach = s + FRAME_LEN + c->cap;

	*bad = (struct bad){.at = s, .by_len = NONE};
	if (by_len)
		bad->by_len = s + FRAME_LEN + (size_t)declared(c->p + s + 2);
	bad->marker = next_marker(c, segment_start(c, s));
	if (bad->marker != NONE && bad->marker + 6 > reach)
		bad->marker = NONE;
	else if (bad->marker != NONE || (c->n < reach + 2 && !c->at_end))
		return;
	if (!by_len)
		bad->at = NONE;
}

static size_t bad_end(const struct bad *bad)
{
	if (bad->at == NONE)
		return NONE;
	if (bad->by_len != NONE)
		return bad->by_len;
	return bad->marker == NONE ? NONE : bad->marker + 6;
}

/* The `##` at s, knowing that a failed one stands before it: that one is waited for only as far as
 * one frame reaches, so that the buffer stays bounded. */
static enum state resolve_behind(struct scan *c, size_t s, struct bad *bad, bool *ret_fits)
{
	size_t reach = bad->at == NONE ? NONE : bad->at + FRAME_LEN + c->cap + 2;
	enum state st;

	if (reach >= c->n)
		return resolve(c, s, c->n, ret_fits);
	st = resolve(c, s, reach, ret_fits);
	if (st != PENDING)
		return st;
	bad->at = NONE;
	return resolve(c, s, c->n, ret_fits);
}

static int cut_from(struct scan *c, struct ss_hj212_frame *ret, size_t *ret_used)
{
	struct bad bad = {.at = NONE};

	for (size_t s = 0;; s++) {
		bool by_len;

		s = find(c, s, c->n, '#');
		if (bad_end(&bad) != NONE && (s >= c->n || bad_end(&bad) <= s))
			return put_frame(c, bad.at, bad_end(&bad), ret, ret_used);
		if (s >= c->n)
			break;
		switch (resolve_behind(c, s, &bad, &by_len)) {
		case GOOD:
			if (bad.at != NONE && bad.marker != NONE && bad.marker + 6 <= s)
				return put_frame(c, bad.at, bad.marker + 6, ret, ret_used);
			return put_frame(c, s, s + FRAME_LEN + (size_t)declared(c->p + s + 2), ret,
					 ret_used);
		case PENDING:
			return put_nothing(c, bad.at == NONE ? s : bad.at, ret, ret_used);
		case FAILED:
			if (bad.at == NONE)
				remember(c, s, by_len, &bad);
			break;
		}
	}
	return put_nothing(c, bad.at == NONE ? c->n - partial(c) : bad.at, ret, ret_used);
}

int ss_hj212_cut_counted(const char *p, size_t n, bool at_end, const struct ss_hj212_policy *policy,
			 struct ss_hj212_frame *ret, size_t *ret_used, uint64_t *work)
{
	static const struct ss_hj212_policy standard = {0};
	struct sums sums __attribute__((uninitialized));
	struct scan c = {
	    .sums = &sums,
	    .p = p,
	    .n = n,
	    .at_end = at_end,
	    .policy = policy ? policy : &standard,
	    .marker = NONE,
	    .inner = NONE,
	    .inner_end = NONE,
	    .inner_from = NONE,
	    .crc_seg = NONE,
	};
	int r;

	c.cap = c.policy->segment_cap ? c.policy->segment_cap : SS_HJ212_SEGMENT_CAP;
	if (c.cap > SS_HJ212_SEGMENT_MAX)
		c.cap = SS_HJ212_SEGMENT_MAX;
	r = cut_from(&c, ret, ret_used);
	*work += c.work + ret->raw.n;
	return r;
}

int ss_hj212_cut(const char *p, size_t n, bool at_end, const struct ss_hj212_policy *policy,
		 struct ss_hj212_frame *ret, size_t *ret_used)
{
	uint64_t work = 0;

	return ss_hj212_cut_counted(p, n, at_end, policy, ret, ret_used, &work);
}
