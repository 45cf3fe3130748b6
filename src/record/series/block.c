#include "record/series/block_internal.h"

#include <math.h>
#include <zstd.h>

#include "base/crypto.h"
#include "record/series/rans_internal.h"

/* Head byte: format in the low bits. */
#define FORMAT 1
#define HEAD_ZSTD 0x10 /* the rest is one zstd frame, its plain length before it as varint */
#define RAW_VALUES 15  /* in place of a scale: values are doubles */

const double ss_series_pow10[SS_SCALE_MAX + 1] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9};

/* Units of time, largest first; a block uses the first that divides every offset and gap. */
static const int64_t units[] = {SS_US_PER_HOUR, SS_US_PER_MIN, SS_US_PER_SEC, 1000, 1};

struct ss_codec {
	ZSTD_CCtx *cctx;
	ZSTD_DCtx *dctx;
	int level;
	struct ss_buf plain; /* body before zstd */
	struct ss_buf packed;
	int64_t *m;  /* mantissas or raw bits of the points with a number */
	uint64_t *z; /* zigzag deltas; also bytes of raw values */
	size_t cap;  /* of m and z */
	struct ss_point *points;
	size_t points_cap;
};

struct ss_codec *ss_codec_new(int zstd_level)
{
	struct ss_codec *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->level = zstd_level;
	c->cctx = ZSTD_createCCtx();
	c->dctx = ZSTD_createDCtx();
	ss_buf_init(&c->plain, (size_t)1 << 30);
	ss_buf_init(&c->packed, (size_t)1 << 30);
	if (!c->cctx || !c->dctx) {
		ss_codec_free(c);
		return NULL;
	}
	return c;
}

void ss_codec_free(struct ss_codec *c)
{
	if (!c)
		return;
	ZSTD_freeCCtx(c->cctx);
	ZSTD_freeDCtx(c->dctx);
	ss_buf_done(&c->plain);
	ss_buf_done(&c->packed);
	free(c->m);
	free(c->z);
	free(c->points);
	free(c);
}

static int grow_scratch(struct ss_codec *c, size_t n)
{
	if (n <= c->cap)
		return 0;
	size_t cap = n + n / 2 + 1024;
	int64_t *m = realloc(c->m, cap * sizeof(*m));

	if (!m)
		return SS_ENOMEM;
	c->m = m;
	uint64_t *z = realloc(c->z, cap * sizeof(*z));

	if (!z)
		return SS_ENOMEM;
	c->z = z;
	c->cap = cap;
	return 0;
}

static int grow_points(struct ss_codec *c, size_t n)
{
	if (n <= c->points_cap)
		return 0;
	size_t cap = n + n / 2 + 1024;
	struct ss_point *p = realloc(c->points, cap * sizeof(*p));

	if (!p)
		return SS_ENOMEM;
	c->points = p;
	c->points_cap = cap;
	return 0;
}

/* --- times ---------------------------------------------------------------------------------- */

static int find_unit(int64_t base, const struct ss_point *p, size_t n, size_t *ret_unit)
{
	size_t u = 0;
	int64_t before = 0;

	if (p[0].time_us < base)
		return SS_EINVAL;
	while ((p[0].time_us - base) % units[u] != 0)
		u++;
	for (size_t i = 1; i < n; i++) {
		int64_t gap = p[i].time_us - p[i - 1].time_us;

		if (gap <= 0)
			return SS_EINVAL;
		if (gap == before) /* division is dear, and nearly all gaps are alike */
			continue;
		before = gap;
		while (gap % units[u] != 0)
			u++;
	}
	*ret_unit = u;
	return 0;
}

/* The usual gap: the middle one of three samples keeps a block with one gap from being coded as
 * all exceptions. */
static int64_t usual_gap(const struct ss_point *p, size_t n, int64_t unit)
{
	int64_t g[3];

	if (n < 2)
		return 1;
	for (size_t k = 0; k < 3; k++) {
		size_t i = 1 + (n - 2) * (k + 1) / 4;

		g[k] = (p[i].time_us - p[i - 1].time_us) / unit;
	}
	if (g[0] == g[1] || g[0] == g[2])
		return g[0];
	return g[1] == g[2] || n > 3 ? g[1] : g[0];
}

/* Exceptions from the usual gap: count, then (points since the last one, gap - usual). */
static int put_times(struct ss_buf *b, int64_t base, const struct ss_point *p, size_t n)
{
	size_t u, exceptions = 0, last = 0;
	int r = find_unit(base, p, n, &u);

	if (r < 0)
		return r;
	int64_t unit = units[u], step = usual_gap(p, n, unit), usual = step * unit;

	for (size_t i = 1; i < n; i++)
		exceptions += p[i].time_us - p[i - 1].time_us != usual;
	ss_buf_addc(b, (char)u);
	ss_buf_add_varint(b, (uint64_t)((p[0].time_us - base) / unit));
	ss_buf_add_varint(b, (uint64_t)step);
	ss_buf_add_varint(b, exceptions);
	for (size_t i = 1; i < n && exceptions > 0; i++) {
		int64_t gap = p[i].time_us - p[i - 1].time_us;

		if (gap == usual)
			continue;
		ss_buf_add_varint(b, i - last);
		ss_buf_add_svarint(b, gap / unit - step);
		last = i;
	}
	return b->err;
}

struct in {
	const uint8_t *p, *end;
};

static int get_u64(struct in *s, uint64_t max, uint64_t *ret)
{
	int r = ss_get_varint(&s->p, s->end, ret);

	return r < 0 ? r : *ret > max ? SS_ECORRUPT : 0;
}

static int get_byte(struct in *s, uint8_t *ret)
{
	if (s->p >= s->end)
		return SS_ECORRUPT;
	*ret = *s->p++;
	return 0;
}

/* Times are kept below 2^62 so that no sum of two can overflow. */
#define TIME_LIMIT (INT64_C(1) << 62)

static int fill_times(struct ss_point *p, size_t from, size_t to, int64_t gap)
{
	if (from >= to)
		return 0;
	if (gap <= 0 || gap > TIME_LIMIT / (int64_t)(to - from) ||
	    p[from - 1].time_us > TIME_LIMIT - gap * (int64_t)(to - from))
		return SS_ECORRUPT;
	for (size_t i = from; i < to; i++)
		p[i].time_us = p[i - 1].time_us + gap;
	return 0;
}

static int get_times(struct in *s, int64_t base, struct ss_point *p, size_t n)
{
	uint64_t first, step, exceptions, skip;
	uint8_t u;
	size_t at = 1;
	int r = get_byte(s, &u);

	if (r < 0 || u >= SS_ARRAY_LEN(units))
		return SS_ECORRUPT;
	uint64_t limit = (uint64_t)(TIME_LIMIT / units[u] / 4);

	if (get_u64(s, limit, &first) < 0 || get_u64(s, limit, &step) < 0 ||
	    get_u64(s, n - 1, &exceptions) < 0 || base > TIME_LIMIT / 2 || base < -TIME_LIMIT / 2)
		return SS_ECORRUPT;
	int64_t usual = (int64_t)step * units[u];

	p[0].time_us = base + (int64_t)first * units[u];
	for (uint64_t e = 0, last = 0; e < exceptions; e++) {
		int64_t d;

		if (get_u64(s, n - 1 - last, &skip) < 0 || skip == 0 ||
		    ss_get_svarint(&s->p, s->end, &d) < 0 || d > (int64_t)limit ||
		    d < -(int64_t)limit)
			return SS_ECORRUPT;
		last += skip;
		if (fill_times(p, at, last, usual) < 0 ||
		    fill_times(p, last, last + 1, usual + d * units[u]) < 0)
			return SS_ECORRUPT;
		at = last + 1;
	}
	return fill_times(p, at, n, usual);
}

/* --- marks, revised, points without a number -------------------------------------------------- */

static uint8_t state_of(const struct ss_point *p)
{
	return (uint8_t)((p->revised ? 1 : 0) | (p->value != p->value ? 2 : 0));
}

/* Runs of points that are not (mark N, never revised, with a number):
 * count, then (points since the last run, length, mark, state). */
static int put_marks(struct ss_buf *b, const struct ss_point *p, size_t n, struct ss_buf *runs)
{
	size_t count = 0, last = 0;

	ss_buf_reset(runs);
	for (size_t i = 0; i < n;) {
		size_t from = i;

		if (p[i].mark == 'N' && state_of(&p[i]) == 0) {
			i++;
			continue;
		}
		while (i < n && p[i].mark == p[from].mark && state_of(&p[i]) == state_of(&p[from]))
			i++;
		ss_buf_add_varint(runs, from - last);
		ss_buf_add_varint(runs, (uint64_t)(i - from - 1) << 2 | state_of(&p[from]));
		ss_buf_addc(runs, (char)p[from].mark);
		last = i;
		count++;
	}
	ss_buf_add_varint(b, count);
	ss_buf_adds(b, ss_buf_str(runs));
	return b->err ? b->err : runs->err;
}

static int get_marks(struct in *s, struct ss_point *p, size_t n, size_t *ret_numbers)
{
	uint64_t count, skip, len;
	size_t at = 0, without = 0;
	uint8_t mark;

	if (get_u64(s, n, &count) < 0)
		return SS_ECORRUPT;
	for (size_t i = 0; i < n; i++) {
		p[i].mark = 'N';
		p[i].revised = 0;
		p[i].value = 0;
	}
	while (count-- > 0) {
		if (get_u64(s, n - at, &skip) < 0 || get_u64(s, (uint64_t)n << 2, &len) < 0 ||
		    get_byte(s, &mark) < 0)
			return SS_ECORRUPT;
		size_t from = at + skip, to = from + (len >> 2) + 1;

		if (to > n)
			return SS_ECORRUPT;
		for (size_t i = from; i < to; i++) {
			p[i].mark = mark;
			p[i].revised = len & 1;
			p[i].value = len & 2 ? (double)NAN : 0;
		}
		without += len & 2 ? to - from : 0;
		at = to;
	}
	*ret_numbers = n - without;
	return 0;
}

/* --- values --------------------------------------------------------------------------------- */

/* Mantissas of all points with a number at the smallest common scale, or RAW_VALUES with the bits.
 */
static int quantise(const struct ss_point *p, size_t n, int64_t *m, size_t *ret_numbers)
{
	int scale = 0;
	size_t k = 0;

	for (size_t i = 0; i < n; i++) {
		if (p[i].value != p[i].value)
			continue;
		if (ss_mantissa(p[i].value, scale, &m[k])) {
			k++;
			continue;
		}
		if (scale++ == SS_SCALE_MAX)
			break;
		i = (size_t)-1;
		k = 0;
	}
	if (scale <= SS_SCALE_MAX) {
		*ret_numbers = k;
		return scale;
	}
	k = 0;
	for (size_t i = 0; i < n; i++)
		if (p[i].value == p[i].value)
			memcpy(&m[k++], &p[i].value, sizeof(m[0]));
	*ret_numbers = k;
	return RAW_VALUES;
}

static inline uint64_t zigzag(int64_t v)
{
	return (uint64_t)v << 1 ^ (uint64_t)(v >> 63);
}

/* Decimals: first mantissa, then the deltas as rANS, which reaches to the end. */
static int put_decimals(struct ss_codec *c, size_t k)
{
	int64_t before = c->m[0];

	ss_buf_add_svarint(&c->plain, before);
	for (size_t i = 1; i < k; i++) {
		int64_t m = c->m[i];

		c->z[i] = zigzag(m - before);
		before = m;
	}
	return ss_rans_encode(c->z + 1, k - 1, &c->plain);
}

static int get_decimals(struct ss_codec *c, struct in *s, size_t k)
{
	int64_t m;

	if (ss_get_svarint(&s->p, s->end, &m) < 0)
		return SS_ECORRUPT;
	int r = ss_rans_decode(s->p, s->end, c->z + 1, k - 1);

	s->p = s->end;
	c->m[0] = m;
	for (size_t i = 1; i < k && r == 0; i++) {
		m = (int64_t)((uint64_t)m + ((c->z[i] >> 1) ^ (0 - (c->z[i] & 1))));
		c->m[i] = m;
	}
	return r;
}

/* Doubles: xor with the one before, bytes of equal weight side by side so that zstd finds them. */
static int put_raw(struct ss_codec *c, size_t k)
{
	uint8_t *bytes = (uint8_t *)c->z;

	for (int byte = 0; byte < 8; byte++) {
		uint64_t before = 0;

		for (size_t i = 0; i < k; i++) {
			bytes[i] = (uint8_t)(((uint64_t)c->m[i] ^ before) >> (8 * byte));
			before = (uint64_t)c->m[i];
		}
		ss_buf_add(&c->plain, bytes, k);
	}
	return c->plain.err;
}

static int get_raw(struct ss_codec *c, struct in *s, size_t k)
{
	uint64_t v = 0;

	if ((size_t)(s->end - s->p) / 8 < k)
		return SS_ECORRUPT;
	for (size_t i = 0; i < k; i++) {
		uint64_t x = 0;

		for (int byte = 0; byte < 8; byte++)
			x |= (uint64_t)s->p[(size_t)byte * k + i] << (8 * byte);
		v ^= x;
		c->m[i] = (int64_t)v;
	}
	s->p += 8 * k;
	return 0;
}

static int put_values(struct ss_codec *c, const struct ss_point *p, size_t n, bool *ret_raw)
{
	size_t k;
	int r = grow_scratch(c, n + 1);

	if (r < 0)
		return r;
	int scale = quantise(p, n, c->m, &k);

	*ret_raw = scale == RAW_VALUES;
	ss_buf_addc(&c->plain, (char)scale);
	if (k == 0)
		return c->plain.err;
	return scale == RAW_VALUES ? put_raw(c, k) : put_decimals(c, k);
}

static void set_values(const struct ss_codec *c, struct ss_point *p, size_t n, size_t numbers,
		       int scale)
{
	size_t k = 0;

	if (numbers == n && scale != RAW_VALUES) {
		const double unit = ss_series_pow10[scale];

		for (size_t i = 0; i < n; i++)
			p[i].value = (double)c->m[i] / unit;
		return;
	}

	for (size_t i = 0; i < n; i++) {
		if (p[i].value != p[i].value)
			continue;
		if (scale == RAW_VALUES)
			memcpy(&p[i].value, &c->m[k], sizeof(c->m[k]));
		else
			p[i].value = (double)c->m[k] / ss_series_pow10[scale];
		k++;
	}
}

static int get_values(struct ss_codec *c, struct in *s, struct ss_point *p, size_t n, size_t k)
{
	uint8_t scale;
	int r = get_byte(s, &scale);

	if (r < 0 || (scale > SS_SCALE_MAX && scale != RAW_VALUES))
		return SS_ECORRUPT;
	if (k > 0) {
		r = grow_scratch(c, k + 1);
		if (r == 0)
			r = scale == RAW_VALUES ? get_raw(c, s, k) : get_decimals(c, s, k);
		if (r < 0)
			return r;
	}
	set_values(c, p, n, k, scale);
	return s->p == s->end ? 0 : SS_ECORRUPT;
}

/* --- the block ------------------------------------------------------------------------------ */

static int put_body(struct ss_codec *c, bool raw, struct ss_buf *out)
{
	struct ss_str plain = ss_buf_str(&c->plain);
	size_t bound = ZSTD_compressBound(plain.n);

	ss_buf_reset(&c->packed);
	if (raw && ss_buf_reserve(&c->packed, bound) == 0) {
		size_t z =
		    ZSTD_compressCCtx(c->cctx, c->packed.p, bound, plain.p, plain.n, c->level);

		if (!ZSTD_isError(z) && z + 3 < plain.n) {
			out->p[out->n - 1] |= HEAD_ZSTD;
			ss_buf_add_varint(out, plain.n);
			return ss_buf_add(out, c->packed.p, z);
		}
	}
	return ss_buf_adds(out, plain);
}

/* Damage that still reads as a block must be seen too. */
static uint16_t check_of(const char *p, size_t n)
{
	uint32_t crc = ss_crc32c(0, p, n);

	return (uint16_t)(crc ^ crc >> 16);
}

int ss_block_encode(struct ss_codec *c, int64_t base_us, const struct ss_point *p, size_t n,
		    struct ss_buf *out)
{
	bool raw = false;
	size_t at = out->n;

	if (n == 0 || n > SS_BLOCK_MAX_POINTS)
		return SS_EINVAL;
	ss_buf_reset(&c->plain);
	int r = put_times(&c->plain, base_us, p, n);

	if (r == 0)
		r = put_marks(&c->plain, p, n, &c->packed);
	if (r == 0)
		r = put_values(c, p, n, &raw);
	if (r < 0)
		return r;
	ss_buf_add_varint(out, n);
	ss_buf_addc(out, FORMAT);
	if (out->err || put_body(c, raw, out) < 0)
		return out->err;
	uint16_t check = check_of(out->p + at, out->n - at);

	ss_buf_addc(out, (char)check);
	return ss_buf_addc(out, (char)(check >> 8));
}

size_t ss_block_count(struct ss_str block)
{
	const uint8_t *p = (const uint8_t *)block.p;
	uint64_t n;

	if (ss_get_varint(&p, p + block.n, &n) < 0 || n > SS_BLOCK_MAX_POINTS)
		return 0;
	return n;
}

/* Sets *s to the plain body. The longest body a block of n points can have bounds the memory that
 * hostile bytes can ask for. */
static int unpack(struct ss_codec *c, struct in *s, size_t n)
{
	uint8_t head;
	uint64_t len;

	if (get_byte(s, &head) < 0 || (head & ~HEAD_ZSTD) != FORMAT)
		return SS_ECORRUPT;
	if (!(head & HEAD_ZSTD))
		return 0;
	if (get_u64(s, 64 + (uint64_t)n * 48, &len) < 0)
		return SS_ECORRUPT;
	ss_buf_reset(&c->plain);
	if (ss_buf_reserve(&c->plain, len) < 0)
		return SS_ENOMEM;
	size_t got = ZSTD_decompressDCtx(c->dctx, c->plain.p, len, s->p, (size_t)(s->end - s->p));

	if (ZSTD_isError(got) || got != len)
		return SS_ECORRUPT;
	s->p = (const uint8_t *)c->plain.p;
	s->end = s->p + len;
	return 0;
}

int ss_block_decode(struct ss_codec *c, int64_t base_us, struct ss_str block,
		    const struct ss_point **ret, size_t *ret_n)
{
	struct in s = {(const uint8_t *)block.p, (const uint8_t *)block.p + block.n};
	uint64_t n;
	size_t numbers;

	if (block.n < 4)
		return SS_ECORRUPT;
	s.end -= 2;
	if (check_of(block.p, block.n - 2) != (s.end[0] | s.end[1] << 8))
		return SS_ECORRUPT;
	if (get_u64(&s, SS_BLOCK_MAX_POINTS, &n) < 0 || n == 0)
		return SS_ECORRUPT;
	int r = unpack(c, &s, n);

	if (r == 0)
		r = grow_points(c, n);
	if (r == 0)
		r = get_times(&s, base_us, c->points, n);
	if (r == 0)
		r = get_marks(&s, c->points, n, &numbers);
	if (r == 0)
		r = get_values(c, &s, c->points, n, numbers);
	if (r < 0)
		return r == SS_ENOMEM ? r : SS_ECORRUPT;
	*ret = c->points;
	*ret_n = n;
	return 0;
}
