/* The CRC of HJ 212 (2017 annex A). The register is 16 bits wide, but its low byte is thrown away
 * before each byte is taken in, so only the high byte carries over: one step is the linear map
 * h' = A(h xor b) on 8 bits. A to the eighth power is the identity (a test checks it). So bytes
 * that stand a multiple of 8 apart meet the same power of A, and the CRC of any text is the xor of
 * its 8-byte words followed by eight table look-ups: it runs at the speed of xor, on any processor.
 * That is why there is no path with GFNI or pshufb: there is nothing left for them to do. */
#include "sense/hj212/crc_tables_internal.h"
#include "sense/hj212/hj212_internal.h"

#define POLY 0xA001u

uint16_t ss_hj212_crc_bytewise(const void *p, size_t n)
{
	const uint8_t *b = p;
	unsigned r = 0xFFFF;

	for (size_t i = 0; i < n; i++) {
		r = (r >> 8) ^ b[i];
		for (int k = 0; k < 8; k++)
			r = r & 1 ? r >> 1 ^ POLY : r >> 1;
	}
	return (uint16_t)r;
}

uint16_t ss_hj212_crc_table(const void *p, size_t n)
{
	const uint8_t *b = p;
	unsigned r = 0xFFFF;

	for (size_t i = 0; i < n; i++)
		r = crc_table[(r >> 8) ^ b[i]];
	return (uint16_t)r;
}

uint16_t ss_hj212_crc_slices(const void *p, size_t n)
{
	const uint8_t *b = p;
	size_t i = 0;
	unsigned h = 0xFF;

	if (n == 0)
		return 0xFFFF;
	for (; i + 8 <= n; i += 8) { /* A^8 is the identity, so b[0] meets power[0] */
		h ^= b[i] ^ crc_power[7][b[i + 1]] ^ crc_power[6][b[i + 2]] ^
		     crc_power[5][b[i + 3]] ^ crc_power[4][b[i + 4]] ^ crc_power[3][b[i + 5]] ^
		     crc_power[2][b[i + 6]] ^ crc_power[1][b[i + 7]];
	}
	for (; i < n; i++)
		h = crc_power[1][h ^ b[i]];
	return (uint16_t)(h << 8 | crc_low[h]);
}

/* Sixteen bytes at a time; the compiler makes one vector register of it where the machine has one.
 */
typedef uint64_t lanes16 __attribute__((vector_size(16)));

static inline lanes16 load16(const uint8_t *b)
{
	lanes16 v;

	memcpy(&v, b, sizeof(v));
	return v;
}

/* Xor of all whole 8-byte words; *ret_done is where it stopped. */
static uint64_t xor_words(const uint8_t *b, size_t n, size_t *ret_done)
{
	lanes16 a0 = {0}, a1 = {0};
	uint64_t acc, w;
	size_t i = 0;

	for (; i + 32 <= n; i += 32) {
		a0 ^= load16(b + i);
		a1 ^= load16(b + i + 16);
	}
	a0 ^= a1;
	acc = a0[0] ^ a0[1];
	for (; i + 8 <= n; i += 8) {
		memcpy(&w, b + i, 8);
		acc ^= w;
	}
	*ret_done = i;
	return acc;
}

uint16_t ss_hj212_crc_of_lanes(const uint8_t lane[8], size_t n)
{
	unsigned h = crc_power[n & 7][0xFF]; /* the start value meets the first byte */

	for (size_t k = 0; k < 8; k++)
		h ^= crc_power[(n - k) & 7][lane[k]];
	return (uint16_t)(h << 8 | crc_low[h]);
}

uint16_t ss_hj212_crc(const void *p, size_t n)
{
	const uint8_t *b = p;
	uint8_t lane[8];
	uint64_t acc;
	size_t done;

	if (n == 0)
		return 0xFFFF;
	acc = xor_words(b, n, &done);
	memcpy(lane, &acc,
	       8); /* in the order of memory, so the byte order of the machine is all one */
	for (size_t k = 0; done + k < n; k++)
		lane[k] ^= b[done + k];
	return ss_hj212_crc_of_lanes(lane, n);
}

bool ss_hj212_crc_possible(uint16_t crc)
{
	return crc_low[crc >> 8] == (crc & 0xFF);
}

/* ---- the families found in wrong frames ---- */

/* Reflected, polynomial given reflected. */
static uint16_t reflected(struct ss_str s, unsigned init, unsigned poly)
{
	unsigned r = init;

	for (size_t i = 0; i < s.n; i++) {
		r ^= (uint8_t)s.p[i];
		for (int k = 0; k < 8; k++)
			r = r & 1 ? r >> 1 ^ poly : r >> 1;
	}
	return (uint16_t)r;
}

/* Most significant bit first. */
static uint16_t straight(struct ss_str s, unsigned init, unsigned poly)
{
	unsigned r = init;

	for (size_t i = 0; i < s.n; i++) {
		r ^= (unsigned)(uint8_t)s.p[i] << 8;
		for (int k = 0; k < 8; k++)
			r = r & 0x8000 ? (r << 1 ^ poly) & 0xFFFF : r << 1 & 0xFFFF;
	}
	return (uint16_t)r;
}

static uint16_t sum16(struct ss_str s)
{
	unsigned r = 0;

	for (size_t i = 0; i < s.n; i++)
		r += (uint8_t)s.p[i];
	return (uint16_t)r;
}

static uint16_t swap16(uint16_t v)
{
	return (uint16_t)(v << 8 | v >> 8);
}

uint16_t ss_hj212_crc_modbus(struct ss_str s)
{
	return reflected(s, 0xFFFF, POLY);
}

const char *ss_hj212_crc_alt(struct ss_str s, uint16_t field)
{
	const struct {
		const char *name, *swapped;
		uint16_t crc;
	} families[] = {
	    {"crc16_modbus", "crc16_modbus_byte_swapped", ss_hj212_crc_modbus(s)},
	    {NULL, "hj212_byte_swapped", ss_hj212_crc(s.p, s.n)},
	    {"crc16_arc", "crc16_arc_byte_swapped", reflected(s, 0, POLY)},
	    {"crc16_ccitt_false", "crc16_ccitt_false_byte_swapped", straight(s, 0xFFFF, 0x1021)},
	    {"crc16_xmodem", "crc16_xmodem_byte_swapped", straight(s, 0, 0x1021)},
	    {"crc16_kermit", "crc16_kermit_byte_swapped", reflected(s, 0, 0x8408)},
	    {"crc16_x25", "crc16_x25_byte_swapped", (uint16_t)~reflected(s, 0xFFFF, 0x8408)},
	    {"crc16_usb", "crc16_usb_byte_swapped", (uint16_t)~reflected(s, 0xFFFF, POLY)},
	    {"sum16", "sum16_byte_swapped", sum16(s)},
	    {"sum8", NULL, (uint16_t)(sum16(s) & 0xFF)},
	};

	for (size_t i = 0; i < SS_ARRAY_LEN(families); i++) {
		if (families[i].name && families[i].crc == field)
			return families[i].name;
		if (families[i].swapped && swap16(families[i].crc) == field)
			return families[i].swapped;
	}
	return NULL;
}
