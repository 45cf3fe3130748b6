/* The journal's first promises: what is put is there, in order, after opening again. */
#include "unit/journal_test.h"

static void test_put_read_reopen(void **state)
{
	struct ss_journal_stat st;
	struct jt t;

	(void)state;
	jt_init(&t, "basic");
	jt_open(&t);
	jt_put(&t, 1, 1001);
	jt_expect(&t, 1000);
	jt_close(&t);
	jt_open(&t);
	ss_journal_stat(t.j, &st);
	assert_int_equal(st.entries, 1000);
	assert_int_equal(st.chained, st.groups);
	assert_int_equal(st.tip_group, st.groups);
	jt_put(&t, 1001, 1501);
	jt_expect(&t, 1500);
	jt_done(&t);
}

static void test_second_opener_is_refused(void **state)
{
	struct ss_journal *other;
	struct ss_error err = {0};
	struct jt t;

	(void)state;
	jt_init(&t, "second");
	jt_open(&t);
	assert_int_equal(ss_journal_open(&t.s, &other, &err), SS_EBUSY);
	jt_done(&t);
}

static void test_rotate_and_seal(void **state)
{
	struct ss_journal_stat st;
	struct jt t;

	(void)state;
	jt_init(&t, "seal");
	t.s.segment_bytes = 1 << 20;
	jt_open(&t);
	for (uint64_t i = 1; i < 20000; i += 500)
		jt_put(&t, i, i + 500);
	for (int i = 0; i < 12000; i++) {
		ss_journal_stat(t.j, &st);
		if (st.sealed + 1 == st.segments)
			break;
		usleep(10000);
	}
	assert_int_equal(st.sealed + 1, st.segments);
	assert_true(st.sealed > 5);
	jt_expect(&t, 20000);
	jt_close(&t);
	jt_open(&t);
	jt_expect(&t, 20000);
	jt_done(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_put_read_reopen),
	    cmocka_unit_test(test_second_opener_is_refused),
	    cmocka_unit_test(test_rotate_and_seal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
