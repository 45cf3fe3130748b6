/* Inside the codec only. */
#pragma once

#include "sense/hj212/hj212.h"

/* The three ways to the same CRC; tests hold them against each other. */
uint16_t ss_hj212_crc_bytewise(const void *p, size_t n); /* the standard's own words, bit by bit */
uint16_t ss_hj212_crc_table(const void *p, size_t n);    /* one table look-up a byte */
uint16_t ss_hj212_crc_slices(const void *p, size_t n);   /* eight bytes a step */

/* The CRC of n > 0 bytes of which only this is known: lane[k] is the xor of those at k, k + 8 ...
 */
uint16_t ss_hj212_crc_of_lanes(const uint8_t lane[8], size_t n);

static inline bool ss_hj212_is_digit(char c)
{
	return (unsigned char)(c - '0') < 10;
}

static inline bool ss_hj212_is_letter(char c)
{
	return (unsigned char)((c | 0x20) - 'a') < 26;
}

static inline int ss_hj212_hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static inline bool ss_hj212_is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Zeroes n bytes by the library's memset: for a size it knows the compiler would use `rep stos`,
 * whose start alone costs more than the work on a header. */
static inline void ss_hj212_clear(void *p, size_t n)
{
	__asm__("" : "+r"(n));
	memset(p, 0, n);
}

/* As ss_str_trim, inline: most texts have nothing to trim. */
static inline struct ss_str ss_hj212_trim(struct ss_str s)
{
	while (s.n && ss_hj212_is_blank(s.p[0])) {
		s.p++;
		s.n--;
	}
	while (s.n && ss_hj212_is_blank(s.p[s.n - 1]))
		s.n--;
	return s;
}

/* Position of the first two equal bytes cc at or after from; n when there is none. */
static inline size_t ss_hj212_find_pair(const char *p, size_t from, size_t n, char c)
{
	while (from + 1 < n) {
		const char *hit = memchr(p + from, c, n - from - 1);

		if (!hit)
			return n;
		from = (size_t)(hit - p);
		if (p[from + 1] == c)
			return from;
		from++;
	}
	return n;
}

/* ss_hj212_cut that also adds to *work the bytes it looked at: tests hold it to a bound. */
int ss_hj212_cut_counted(const char *p, size_t n, bool at_end, const struct ss_hj212_policy *policy,
			 struct ss_hj212_frame *ret, size_t *ret_used, uint64_t *work);

/* One header field as it stands: name and value trimmed. */
struct ss_hj212_field {
	struct ss_str name, value;
};
struct ss_hj212_fields {
	struct ss_str rest;
	uint32_t faults;
};
/* Splits a segment into the part before CP and the data area; faults F_CP, F_SEPARATOR. false when
 * there is no CP. */
bool ss_hj212_split_cp(struct ss_str segment, struct ss_str *ret_head, struct ss_str *ret_cp,
		       uint32_t *faults);
bool ss_hj212_next_field(struct ss_hj212_fields *f, struct ss_hj212_field *ret);
/* s without a number some gateways put before the first field ("##00010206ST="). */
struct ss_str ss_hj212_skip_number(struct ss_str s, uint32_t *faults);
/* The standard's spelling of a header name, or NULL. */
const char *ss_hj212_field_name(struct ss_str name);

/* SM4 of 2025. Makes the plain segment in out (at most cap bytes); its length, or SS_EPARSE when
 * the segment has no data area, SS_ECRYPTO, SS_ETOOBIG. */
int64_t ss_hj212_sm4_plain(const uint8_t key[16], struct ss_str segment, char *out, size_t cap);
/* The CRC of the standard has 256 values only: by a wrong key one frame in 256 would pass. A data
 * area begins with the name of an item, so its first group of 16 is plain ASCII. */
bool ss_hj212_readable(const char *p, size_t n);
