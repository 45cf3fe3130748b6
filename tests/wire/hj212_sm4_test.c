/* Encrypted data areas of 2025: the vector of its annex A (key of sixteen 0x30), as raw bytes and
 * in the printed form one maker sends. */
#include "hj212_test.h"

static const uint8_t key[16] = {0x30, 0x30, 0x30, 0x30, 0x30, 0x30, 0x30, 0x30,
				0x30, 0x30, 0x30, 0x30, 0x30, 0x30, 0x30, 0x30};
static const struct ss_hj212_policy with_key = {.sm4_key = key};

static const char head[] = "QN=20240520210700000;ST=31;CN=2051;PW=123456;"
			   "MN=010000A8900016F000169DC0;Flag=9;CP=&&";
static const char plain_cp[] =
    "DataTime=20240520210600;a01011-Min=1.35,a01011-Avg=1.35,a01011-Max=1.35,a01011-Flag=N;"
    "a01012-Min=9.3,a01012-Avg=9.3,a01012-Max=9.3,a01012-Flag=N;"
    "a01014-Min=3.20,a01014-Avg=3.211,a01014-Max=3.212,a01014-Flag=N";
/* The same area through openssl enc -sm4-ecb -nopad; the annex prints E43E159A ... 8B41. */
static const char cipher_hex[] =
    "e43e159acfab242cb53155fb8b9281a1a242577abfaed881be88b72d69fc55ed1a80119faac8b3cd33d285cc"
    "76f57f2ca7f88b9573c6647e0f07e24609bd6b63eb20c5b9784f28e71d2f4994ff61d9e1c2b3075592b4d1e0"
    "9c4d8bb27be97b559e3da6643781a6f477769deeb009b10dfff3426922725d607dc4480f0cac5f70db2587b1"
    "24bcb281592721d6e4bc180a97e5e111499cbe822e31c8d7761553543aa24207c290997bbde64f9266bc5f52"
    "9a172e381c1d898ca1a0d771a914a7b2d7467c70b94f1d4a7b0350a48dbf8b41";

static void raw_frame(struct ss_buf *b)
{
	uint8_t cipher[208];
	size_t n;

	assert_int_equal(ss_hex_decode(ss_str_of(cipher_hex), cipher, sizeof(cipher), &n), 0);
	assert_int_equal(n, 208);
	ss_buf_addf(b, "##0295%s", head);
	ss_buf_add(b, cipher, n);
	ss_buf_addz(b, "&&2200\r\n");
}

static void printed_frame(struct ss_buf *b)
{
	ss_buf_addf(b, "##1128%s{", head);
	for (size_t i = 0; i < 208; i++)
		ss_buf_addf(b, "%s0x%.2s", i ? "," : "", cipher_hex + 2 * i);
	ss_buf_addz(b, "}&&2200\r\n");
}

static void check_plain(const struct ss_buf *b)
{
	struct ss_hj212_frame f;
	struct ss_arena a;
	struct ss_str plain;
	size_t used;

	ss_arena_init(&a, 1 << 20);
	assert_int_equal(ss_hj212_cut(b->p, b->n, false, &with_key, &f, &used), 1);
	assert_int_equal(f.verdict, SS_HJ212_ACCEPT);
	assert_true(f.crc_ok && f.encrypted);
	assert_int_equal(f.crc_calc, 0x2200);
	assert_int_equal(used, b->n);
	assert_int_equal(ss_hj212_plain(&a, &f, &with_key, &plain), 0);
	assert_int_equal(plain.n, 295);
	assert_memory_equal(plain.p, head, sizeof(head) - 1);
	assert_memory_equal(plain.p + sizeof(head) - 1, plain_cp, sizeof(plain_cp) - 1);
	assert_int_equal(ss_hj212_plain(&a, &f, NULL, &plain), SS_EINVAL);
	ss_arena_done(&a);
}

static void annex_vector_raw(void **state)
{
	struct ss_buf b = SS_BUF_MAX(4096);

	(void)state;
	raw_frame(&b);
	check_plain(&b);
	ss_buf_done(&b);
}

static void annex_vector_printed(void **state)
{
	struct ss_buf b = SS_BUF_MAX(4096);

	(void)state;
	printed_frame(&b);
	check_plain(&b);
	ss_buf_done(&b);
}

/* Without the key it is a wrong CRC, kept as evidence and said to be encrypted; a plain frame is
 * not touched by the key. */
static void without_key(void **state)
{
	struct ss_buf b = SS_BUF_MAX(4096), text = SS_BUF_MAX(1 << 16);
	struct ss_json j = ss_json_on(&text);
	struct ss_hj212_frame f;
	size_t used;

	(void)state;
	raw_frame(&b);
	assert_int_equal(ss_hj212_cut(b.p, b.n, false, NULL, &f, &used), 1);
	assert_int_equal(f.verdict, SS_HJ212_REJECT_CRC);
	ss_hj212_json(&j, &f, NULL);
	assert_non_null(strstr(text.p, "\"key\":\"encrypted\""));
	ss_buf_reset(&b);
	add_frame(&b, "QN=20240601085857223;ST=32;CN=1011;PW=123456;MN=010000A8900016F000169DC0;"
		      "Flag=9;CP=&&&&");
	assert_int_equal(ss_hj212_cut(b.p, b.n, false, &with_key, &f, &used), 1);
	assert_int_equal(f.verdict, SS_HJ212_ACCEPT);
	assert_false(f.encrypted);
	ss_buf_done(&text);
	ss_buf_done(&b);
}

/* A tail shorter than 16 stays plain: encrypting "abc" leaves it as it is. */
static void short_tail_is_plain(void **state)
{
	char out[64];

	(void)state;
	assert_int_equal(ss_hj212_sm4_plain(key, SS_STR("CP=&&abc&&"), out, sizeof(out)), 10);
	assert_memory_equal(out, "CP=&&abc&&", 10);
	assert_int_equal(ss_hj212_sm4_plain(key, SS_STR("CP=abc"), out, sizeof(out)), SS_EPARSE);
	assert_int_equal(ss_hj212_sm4_plain(key, SS_STR("CP=&&abc&&"), out, 9), SS_ETOOBIG);
	assert_int_equal(ss_hj212_sm4_plain(key, SS_STR("CP=&&{0xG1}&&"), out, sizeof(out)),
			 SS_ECRYPTO);
}

/* Whatever the first cipher byte is (one frame in 256 began with a brace and was refused). */
static void any_key_is_read(void **state)
{
	static const char seg[] =
	    "QN=20261127230117257;ST=32;CN=2011;PW=123456;MN=SECRET;Flag=8;CP=&&"
	    "DataTime=20260301000000;w01018-Rtd=1,w01018-Flag=N&&";

	(void)state;
	for (int i = 0; i < 4096; i++) {
		ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(1024);
		uint8_t k[16] = {(uint8_t)i, (uint8_t)(i >> 8), 7};
		const struct ss_hj212_policy p = {.sm4_key = k};
		struct ss_hj212_frame f;
		size_t used;

		assert_int_equal(ss_hj212_frame_put_sm4(&b, SS_STR(seg), k), 0);
		assert_int_equal(ss_hj212_cut(b.p, b.n, false, &p, &f, &used), 1);
		assert_int_equal(f.verdict, SS_HJ212_ACCEPT);
		assert_true(f.encrypted);
		assert_int_equal(used, b.n);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(any_key_is_read),      cmocka_unit_test(annex_vector_raw),
	    cmocka_unit_test(annex_vector_printed), cmocka_unit_test(without_key),
	    cmocka_unit_test(short_tail_is_plain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
