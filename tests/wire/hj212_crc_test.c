/* The CRC: vectors of the standards, and all ways to it against the standard's own words. */
#include "hj212_test.h"

static const struct {
	const char *segment;
	unsigned crc;
} vectors[] = {
    /* 2017 annex A; 2025 annex A.1; two published frames; the other three computed apart. */
    {"QN=20160801085857223;ST=32;CN=1062;PW=100000;MN=010000A8900016F000169DC0;Flag=5;"
     "CP=&&RtdInterval=30&&",
     0x1C80},
    {"QN=20240601085857223;ST=32;CN=1011;PW=123456;MN=010000A8900016F000169DC0;Flag=9;CP=&&&&",
     0x2200},
    {"QN=20231008125115215;ST=22;CN=9011;PW=123456;MN=010000A8900016F000169DC0;Flag=4;"
     "CP=&&QnRtn=1&&",
     0xCC01},
    {"QN=20040516010101001;ST=32;CN=2051;PW=123456;MN=88888880000001;Flag=3;"
     "CP=&&BeginTime=20040506111000,EndTime=20040506151000&&",
     0x6B80},
    {"", 0xFFFF},
    {"123456789", 0x2F80},
};

static void standard_vectors(void **state)
{
	(void)state;
	for (size_t i = 0; i < SS_ARRAY_LEN(vectors); i++) {
		const char *s = vectors[i].segment;

		assert_int_equal(ss_hj212_crc(s, strlen(s)), vectors[i].crc);
		assert_int_equal(ss_hj212_crc_bytewise(s, strlen(s)), vectors[i].crc);
	}
	assert_int_equal(ss_hj212_crc("\0", 1), 0x4040);
}

static void all_ways_agree(void **state)
{
	uint8_t room[1100];
	uint64_t seed = 212;

	(void)state;
	for (int round = 0; round < 40; round++) {
		size_t from = rnd(&seed) % 17;

		for (size_t i = 0; i < sizeof(room); i++)
			room[i] = (uint8_t)rnd(&seed);
		for (size_t n = 0; n < 1060; n += n < 80 ? 1 : 13) {
			uint16_t want = ss_hj212_crc_bytewise(room + from, n);

			assert_int_equal(ss_hj212_crc_table(room + from, n), want);
			assert_int_equal(ss_hj212_crc_slices(room + from, n), want);
			assert_int_equal(ss_hj212_crc(room + from, n), want);
			assert_true(n == 0 || ss_hj212_crc_possible(want));
		}
	}
}

/* Every table entry follows from the bit-by-bit form; and the step has order 8, which the xor form
 * stands on: eight zero bytes bring the high byte of every state back. */
static void step_has_order_8(void **state)
{
	uint8_t b[9] = {0};

	(void)state;
	for (int x = 0; x < 256; x++) {
		b[0] = (uint8_t)x;
		assert_int_equal(ss_hj212_crc_table(b, 1), ss_hj212_crc_bytewise(b, 1));
		assert_int_equal(ss_hj212_crc_bytewise(b, 1) >> 8,
				 ss_hj212_crc_bytewise(b, 9) >> 8);
	}
}

static void only_256_values(void **state)
{
	int possible = 0;

	(void)state;
	for (unsigned v = 0; v < 65536; v++)
		possible += ss_hj212_crc_possible((uint16_t)v);
	assert_int_equal(possible, 256);
	assert_true(ss_hj212_crc_possible(0x0000)); /* a published segment of 451 bytes has it */
	assert_false(ss_hj212_crc_possible(0x1234));
	assert_false(ss_hj212_crc_possible(0xFFFF));
}

/* Check values of the families over "123456789", from the common catalogue of CRCs. */
static void families(void **state)
{
	static const struct {
		unsigned crc;
		const char *name;
	} known[] = {
	    {0x4B37, "crc16_modbus"},
	    {0x374B, "crc16_modbus_byte_swapped"},
	    {0xBB3D, "crc16_arc"},
	    {0x29B1, "crc16_ccitt_false"},
	    {0x31C3, "crc16_xmodem"},
	    {0x2189, "crc16_kermit"},
	    {0x8921, "crc16_kermit_byte_swapped"},
	    {0x906E, "crc16_x25"},
	    {0xB4C8, "crc16_usb"},
	    {0x01DD, "sum16"},
	    {0x00DD, "sum8"},
	    {0x802F, "hj212_byte_swapped"},
	};
	struct ss_str s = SS_STR("123456789");

	(void)state;
	for (size_t i = 0; i < SS_ARRAY_LEN(known); i++) {
		const char *alt = ss_hj212_crc_alt(s, (uint16_t)known[i].crc);

		assert_non_null(alt);
		assert_string_equal(alt, known[i].name);
	}
	assert_null(ss_hj212_crc_alt(s, 0x1234));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(standard_vectors), cmocka_unit_test(all_ways_agree),
	    cmocka_unit_test(step_has_order_8), cmocka_unit_test(only_256_values),
	    cmocka_unit_test(families),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
