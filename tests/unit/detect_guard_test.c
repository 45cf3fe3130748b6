/* Detection and false alarms must not fall or rise unnoticed. Not timed; deterministic by its seed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cmd/detect_bench.h"

/* What version 1 of the weights reached on this seed, less a little. */
#define GUARD_FOUND 34
#define GUARD_FALSE 2

/* The quick guard: deterministic by its seed, so that a fall of detection or a rise of false alarms
 * shows as soon as a detector, a parameter, a weight or the simulator changes. The full figures are
 * those of `shanshui detect bench`, kept in bench/RESULTS.md. */
static void the_guard(void **state)
{
	struct ss_sim_ask ask = {.seed = 901,
				 .outlets = 100,
				 .cheats = 36,
				 .faults = 12,
				 .traps = 16,
				 .history_days = 35};
	struct ss_bench b;
	struct ss_sim s;

	(void)state;
	assert_int_equal(ss_sim_make(&ask, &s), 0);
	assert_int_equal(ss_bench_run(&s, &b), 0);
	print_message("guard: found in 7 days %d of %d, false %d of %d\n", b.found_7d, b.cheats,
		      b.false_suspicions, b.honest);
	assert_int_equal(b.cheats, 36);
	assert_in_range(b.found_7d, GUARD_FOUND, 36);
	assert_in_range(b.false_suspicions, 0, GUARD_FALSE);
	ss_sim_done(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(the_guard)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
