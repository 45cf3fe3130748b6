#include "base_test.h"

static void check(const struct ss_buf *b)
{
	assert_true(b->n <= b->max);
	assert_true(b->cap == 0 ? b->p == NULL : b->n < b->cap);
	if (b->cap)
		assert_int_equal(b->p[b->n], 0);
}

static void adds(void **state)
{
	struct ss_buf b = SS_BUF_MAX(1000);

	(void)state;
	assert_str(ss_buf_str(&b), "");
	assert_int_equal(ss_buf_addz(&b, "a="), 0);
	assert_int_equal(ss_buf_add_i64(&b, INT64_MIN), 0);
	assert_int_equal(ss_buf_addc(&b, ' '), 0);
	assert_int_equal(ss_buf_add_double(&b, 0.125), 0);
	assert_int_equal(ss_buf_addf(&b, " %s-%d", "x", 7), 0);
	assert_int_equal(ss_buf_adds(&b, ss_str_n(NULL, 0)), 0);
	assert_str(ss_buf_str(&b), "a=-9223372036854775808 0.125 x-7");
	check(&b);
	ss_buf_cut(&b, 2);
	ss_buf_cut(&b, 0);
	assert_str(ss_buf_str(&b), "-9223372036854775808 0.125 x-7");
	ss_buf_reset(&b);
	assert_str(ss_buf_str(&b), "");
	ss_buf_done(&b);
	check(&b);
	assert_int_equal(b.max, 1000);
	ss_buf_done(&b);
	ss_buf_done(NULL);
}

/* Every limit from 0 to 200, every way to reach it. */
static void limits(void **state)
{
	(void)state;
	for (size_t max = 0; max <= 200; max++) {
		struct ss_buf b = SS_BUF_MAX(max);

		for (size_t i = 0; i < max; i++)
			assert_int_equal(ss_buf_addc(&b, 'x'), 0);
		check(&b);
		assert_int_equal(ss_buf_addf(&b, "%s", ""), 0);
		assert_int_equal(ss_buf_addf(&b, "%d", 1), SS_ETOOBIG);
		assert_int_equal(b.n, max);
		check(&b);
		assert_int_equal(ss_buf_add(&b, "", 0), SS_ETOOBIG); /* the error stays */
		assert_null(ss_buf_take(&b));
		ss_buf_reset(&b);
		assert_int_equal(ss_buf_reserve(&b, max), 0);
		assert_int_equal(ss_buf_reserve(&b, max + 1), SS_ETOOBIG);
		ss_buf_done(&b);
	}
}

static void huge(void **state)
{
	struct ss_buf b = SS_BUF_MAX(SIZE_MAX);

	(void)state;
	assert_int_equal(ss_buf_addz(&b, "abc"), 0);
	assert_int_equal(ss_buf_reserve(&b, SIZE_MAX), SS_ETOOBIG);
	ss_buf_reset(&b);
	assert_int_equal(ss_buf_addz(&b, "abc"), 0);
	assert_int_equal(ss_buf_reserve(&b, SIZE_MAX - 3), SS_ETOOBIG);
	ss_buf_done(&b);
}

static void takes(void **state)
{
	struct ss_buf b = SS_BUF_MAX(10);
	char *p;

	(void)state;
	p = ss_buf_take(&b);
	assert_string_equal(p, "");
	free(p);
	ss_buf_addz(&b, "0123456789");
	p = ss_buf_take(&b);
	assert_string_equal(p, "0123456789");
	assert_null(b.p);
	assert_int_equal(b.max, 10);
	free(p);
}

static void varints(void **state)
{
	static const uint64_t edges[] = {0,         1, 127, 128, 300, 16383, 16384, UINT64_MAX / 2,
					 UINT64_MAX};
	struct ss_buf b = SS_BUF_MAX(1000);
	const uint8_t *p, *end;
	uint64_t u;
	int64_t i;

	(void)state;
	for (size_t k = 0; k < SS_ARRAY_LEN(edges); k++) {
		ss_buf_add_varint(&b, edges[k]);
		ss_buf_add_svarint(&b, (int64_t)edges[k]);
		ss_buf_add_svarint(&b, (int64_t)(0 - edges[k]));
	}
	assert_int_equal(b.err, 0);
	p = (const uint8_t *)b.p;
	end = p + b.n;
	for (size_t k = 0; k < SS_ARRAY_LEN(edges); k++) {
		assert_int_equal(ss_get_varint(&p, end, &u), 0);
		assert_true(u == edges[k]);
		assert_int_equal(ss_get_svarint(&p, end, &i), 0);
		assert_true(i == (int64_t)edges[k]);
		assert_int_equal(ss_get_svarint(&p, end, &i), 0);
		assert_true(i == (int64_t)(0 - edges[k]));
	}
	assert_ptr_equal(p, end);
	assert_int_equal(ss_get_varint(&p, end, &u), SS_ECORRUPT);
	ss_buf_done(&b);
}

static void bad_varints(void **state)
{
	static const uint8_t unfinished[] = {0x80, 0x80};
	static const uint8_t too_many_bits[] = {0xff, 0xff, 0xff, 0xff, 0xff,
						0xff, 0xff, 0xff, 0xff, 0x02};
	static const uint8_t too_long[] = {0x80, 0x80, 0x80, 0x80, 0x80, 0x80,
					   0x80, 0x80, 0x80, 0x80, 0x00};
	const uint8_t *p = unfinished;
	uint64_t u = 77;

	(void)state;
	assert_int_equal(ss_get_varint(&p, p + 2, &u), SS_ECORRUPT);
	assert_ptr_equal(p, unfinished);
	p = too_many_bits;
	assert_int_equal(ss_get_varint(&p, p + 10, &u), SS_ECORRUPT);
	p = too_long;
	assert_int_equal(ss_get_varint(&p, p + 11, &u), SS_ECORRUPT);
	assert_int_equal(u, 77);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(adds),  cmocka_unit_test(limits),  cmocka_unit_test(huge),
	    cmocka_unit_test(takes), cmocka_unit_test(varints), cmocka_unit_test(bad_varints),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
