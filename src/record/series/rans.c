#include "record/series/rans_internal.h"

#include <math.h>
#include <pthread.h>

/* Range of the state: one 16-bit word is read or written at a time. */
#define BITS 11
#define TOTAL (1u << BITS)
#define LOW (1u << 16)
#define SYMBOLS 256
#define TABLES 64
#define SHIFT_MAX 57
#define WIDE 40 /* mean symbol above which low bits are split off */

/* Fall from one distance to the next, 0.32 fixed point: part of the format, never change.
 * Bell: exp(-1 / (2 s^2)), s = 0.3 * 1.18^i. Peak: exp(-1 / b), b = 0.1 * 1.22^i. */
static const uint32_t bell[32] = {
    16604001u,   79462540u,   244619874u,  548532332u,  979663770u,  1485831696u, 2003935997u,
    2484198084u, 2898641703u, 3238313301u, 3506557835u, 3712812342u, 3868385687u, 3984122429u,
    4069373236u, 4131722277u, 4177088941u, 4209977596u, 4233757367u, 4250918458u, 4263286188u,
    4272190693u, 4278597244u, 4283204255u, 4286515999u, 4288896022u, 4290606132u, 4291834728u,
    4292717303u, 4293351267u, 4293806627u, 4294133690u,
};
static const uint32_t peak[32] = {
    194991u,     1183502u,    5189177u,    17428910u,   47049881u,   106187531u,  206937841u,
    357563637u,  559804633u,  808374926u,  1092479051u, 1398384061u, 1712009845u, 2020872318u,
    2315165295u, 2588081871u, 2835612414u, 3056063167u, 3249483537u, 3417120190u, 3560957095u,
    3683360181u, 3786821933u, 3873790318u, 3946563373u, 4007231823u, 4057654942u, 4099458181u,
    4134044113u, 4162610736u, 4186173153u, 4205586042u,
};

struct table {
	uint16_t escape; /* symbol that stands for itself and all above */
	uint16_t freq[SYMBOLS], start[SYMBOLS];
	uint16_t cost[SYMBOLS];    /* of a symbol, 1/256 bit; for choosing only */
	uint64_t inverse[SYMBOLS]; /* 2^48 / freq, rounded up: exact quotients of 32-bit states */
	uint32_t decode[TOTAL];    /* symbol | freq << 8 | offset in it << 20 */
};

static struct table tables[TABLES];
static pthread_once_t once = PTHREAD_ONCE_INIT;

/* Weights of the distances 0, 1, 2 ... by whole-number steps only, so that every machine has the
 * same tables. */
static uint64_t weights(int id, uint64_t w[SYMBOLS / 2])
{
	bool is_bell = id < 32;
	uint64_t q = is_bell ? bell[id] : peak[id - 32], fall = q, total;

	w[0] = UINT64_C(1) << 32;
	total = w[0];
	for (int k = 1; k < SYMBOLS / 2; k++) {
		w[k] = w[k - 1] * fall >> 32;
		if (is_bell)
			fall = (fall * q >> 32) * q >> 32;
		total += 2 * w[k];
	}
	return total;
}

/* Symbol z is distance (z + 1) / 2 up or down. */
static void set_freqs(struct table *t, int id)
{
	uint64_t w[SYMBOLS / 2], total = weights(id, w);
	uint32_t sum = 0;
	int z = 0;

	for (; z < SYMBOLS - 1; z++) {
		uint64_t f = (w[(z + 1) / 2] * TOTAL * 2 + total) / (total * 2);

		if (f == 0)
			break;
		t->freq[z] = (uint16_t)f;
		sum += (uint32_t)f;
	}
	t->escape = (uint16_t)z;
	t->freq[z] = 1;
	sum++;
	for (int i = 0; sum != TOTAL;
	     i = (i + 1) % (z ? z : 1)) { /* rounding goes to the likely ones */
		if (sum < TOTAL) {
			t->freq[i]++;
			sum++;
		} else if (t->freq[i] > 1) {
			t->freq[i]--;
			sum--;
		}
	}
}

static void make_tables(void)
{
	for (int id = 0; id < TABLES; id++) {
		struct table *t = &tables[id];
		uint32_t at = 0;

		set_freqs(t, id);
		for (uint32_t s = 0; s <= t->escape; s++) {
			t->start[s] = (uint16_t)at;
			t->inverse[s] = ((UINT64_C(1) << 48) + t->freq[s] - 1) / t->freq[s];
			t->cost[s] = (uint16_t)(256 * (BITS - log2(t->freq[s])));
			for (uint32_t i = 0; i < t->freq[s]; i++)
				t->decode[at + i] = s | (uint32_t)t->freq[s] << 8 | i << 20;
			at += t->freq[s];
		}
	}
}

/* --- writing ---------------------------------------------------------------------------------- */

static unsigned choose_shift(const uint64_t *z, size_t n)
{
	uint64_t mean = 0;
	unsigned shift = 0;

	for (size_t i = 0; i < n; i++)
		mean += z[i] / n;
	while (mean >> shift > WIDE)
		shift++;
	return shift > SHIFT_MAX ? SHIFT_MAX : shift;
}

static int choose_table(const uint64_t *z, size_t n, unsigned shift)
{
	uint32_t count[SYMBOLS] = {0};
	uint64_t least = UINT64_MAX;
	int best = 0, top = 0;

	for (size_t i = 0; i < n; i++) {
		uint64_t s = z[i] >> shift;

		count[s < SYMBOLS ? s : SYMBOLS - 1]++;
	}
	for (int s = 0; s < SYMBOLS; s++)
		top = count[s] ? s : top;
	for (int id = 0; id < TABLES; id++) {
		const struct table *t = &tables[id];
		uint64_t bits = 0;

		for (int s = 0; s <= top; s++)
			bits += (uint64_t)count[s] *
				(s < t->escape ? t->cost[s] : t->cost[t->escape] + 256u * 10);
		if (bits < least) {
			least = bits;
			best = id;
		}
	}
	return best;
}

static void put_escapes(struct ss_buf *out, const uint64_t *z, size_t n, unsigned shift,
			unsigned escape)
{
	for (size_t i = 0; i < n; i++)
		if (z[i] >> shift >= escape)
			ss_buf_add_varint(out, (z[i] >> shift) - escape);
}

static void put_low_bits(struct ss_buf *out, const uint64_t *z, size_t n, unsigned shift)
{
	unsigned __int128 acc = 0;
	unsigned held = 0;

	for (size_t i = 0; i < n && shift > 0; i++) {
		acc |= (unsigned __int128)(z[i] & ((UINT64_C(1) << shift) - 1)) << held;
		for (held += shift; held >= 8; held -= 8, acc >>= 8)
			ss_buf_addc(out, (char)(acc & 0xff));
	}
	if (held > 0)
		ss_buf_addc(out, (char)(acc & 0xff));
}

/* Symbols from the last to the first; the words come out backwards, so that reading runs forward.
 */
static int put_symbols(const struct table *t, const uint64_t *z, size_t n, unsigned shift,
		       struct ss_buf *out)
{
	uint16_t *words = malloc((n + 1) * sizeof(*words)), *p = words ? words + n : NULL;
	uint32_t x = LOW;

	if (!words)
		return SS_ENOMEM;
	for (size_t i = n; i-- > 0;) {
		uint64_t s = z[i] >> shift;

		s = s < t->escape ? s : t->escape;
		uint32_t f = t->freq[s];

		if (x >= (uint64_t)f << (32 - BITS)) {
			*--p = (uint16_t)x;
			x >>= 16;
		}
		uint32_t q = (uint32_t)((unsigned __int128)x * t->inverse[s] >> 48);

		x = (q << BITS) + (x - q * f) + t->start[s];
	}
	for (int i = 0; i < 4; i++)
		ss_buf_addc(out, (char)(x >> (8 * i)));
	ss_buf_add(out, p, (size_t)(words + n - p) * sizeof(*p)); /* little-endian hosts only */
	free(words);
	return out->err;
}

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "words are written as they lie");

int ss_rans_encode(const uint64_t *z, size_t n, struct ss_buf *out)
{
	pthread_once(&once, make_tables);
	unsigned shift = choose_shift(z, n);
	int id = choose_table(z, n, shift);

	ss_buf_addc(out, (char)id);
	ss_buf_addc(out, (char)shift);
	ss_cleanup(ss_buf_done) struct ss_buf side = SS_BUF_MAX((size_t)1 << 30);

	put_escapes(&side, z, n, shift, tables[id].escape);
	put_low_bits(&side, z, n, shift);
	if (side.err)
		return side.err;
	ss_buf_add_varint(out, side.n);
	ss_buf_adds(out, ss_buf_str(&side));
	return put_symbols(&tables[id], z, n, shift, out);
}

/* --- reading ---------------------------------------------------------------------------------- */

/* Symbols at the end of the bytes; the state must come back to where writing began. */
static int get_symbols(const struct table *t, const uint8_t *p, const uint8_t *end, uint64_t *z,
		       size_t n)
{
	uint32_t x;

	if (end - p < 4)
		return SS_ECORRUPT;
	memcpy(&x, p, sizeof(x));
	p += sizeof(x);
	for (size_t i = 0; i < n; i++) {
		uint32_t e = t->decode[x & (TOTAL - 1)];

		z[i] = e & 0xff;
		x = (e >> 8 & 0xfff) * (x >> BITS) + (e >> 20);
		if (x < LOW) {
			uint16_t w;

			if (end - p < 2)
				return SS_ECORRUPT;
			memcpy(&w, p, sizeof(w));
			p += sizeof(w);
			x = x << 16 | w;
		}
	}
	return x == LOW && p == end ? 0 : SS_ECORRUPT;
}

static int get_escapes(const uint8_t **p, const uint8_t *end, unsigned escape, uint64_t *z,
		       size_t n)
{
	for (size_t i = 0; i < n; i++) {
		uint64_t more;

		if (z[i] != escape)
			continue;
		if (ss_get_varint(p, end, &more) < 0)
			return SS_ECORRUPT;
		z[i] += more;
	}
	return 0;
}

static void get_low_bits(const uint8_t *p, uint64_t *z, size_t n, unsigned shift)
{
	unsigned __int128 acc = 0;
	unsigned held = 0;

	for (size_t i = 0; i < n && shift > 0; i++) {
		for (; held < shift; held += 8)
			acc |= (unsigned __int128)*p++ << held;
		z[i] = z[i] << shift | ((uint64_t)acc & ((UINT64_C(1) << shift) - 1));
		acc >>= shift;
		held -= shift;
	}
}

int ss_rans_decode(const uint8_t *p, const uint8_t *end, uint64_t *z, size_t n)
{
	pthread_once(&once, make_tables);
	if (end - p < 2 || p[0] >= TABLES || p[1] > SHIFT_MAX)
		return SS_ECORRUPT;
	const struct table *t = &tables[p[0]];
	unsigned shift = p[1];
	uint64_t side;

	p += 2;
	if (ss_get_varint(&p, end, &side) < 0 || side > (uint64_t)(end - p))
		return SS_ECORRUPT;
	int r = get_symbols(t, p + side, end, z, n);

	end = p + side;
	if (r == 0)
		r = get_escapes(&p, end, t->escape, z, n);
	if (r < 0 || (uint64_t)(end - p) != ((uint64_t)n * shift + 7) / 8)
		return SS_ECORRUPT;
	get_low_bits(p, z, n, shift);
	return 0;
}
