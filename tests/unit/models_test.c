/* The pure methods against worked numbers of the standards and of published calculations. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "base/base.h"
#include "reason/models/models.h"

#define NEAR(got, want) assert_float_equal((got) / (want), 1, 1e-5)

static void decimals(void **state)
{
	struct ss_decimal d;

	(void)state;
	d = ss_decimal_of(4.35);
	assert_true(d.places == 3 && d.m == 4350);
	d = ss_decimal_of(35.0004);
	assert_true(d.places == 4 && d.m == 350004);
	d = ss_decimal_of(-0.0000012);
	assert_true(d.places == 7 && d.m == -12);
	d = ss_decimal_of(1.5e-9);
	assert_true(d.places == 10 && d.m == 15);
	d = ss_decimal_of(4.9e-324); /* too small for 18 places, yet not nothing */
	assert_int_equal(d.m, 1);
	d = ss_decimal_of(123456789.125);
	assert_true(d.places == 3 && d.m == 123456789125);
	/* GB/T 8170: ties to even, from the decimal text. */
	assert_true(ss_round_even(4.35, 1) == 4.4);
	assert_true(ss_round_even(4.45, 1) == 4.4);
	assert_true(ss_round_even(60.5, 0) == 60);
	assert_true(ss_round_even(61.5, 0) == 62);
	assert_true(ss_round_even(60.50000001, 0) == 61);
	assert_true(ss_round_even(-2.5, 0) == -2);
	assert_true(ss_round_even(-3.5, 0) == -4);
	assert_true(ss_round_even(0.125, 2) == 0.12);
	assert_true(ss_round_even(2.675, 2) == 2.68); /* as a double it lies below */
	assert_true(ss_round_money(2.675, 2) == 2.68);
	assert_true(ss_round_money(0.125, 2) == 0.13);
	assert_true(ss_round_money(8.4 * 3100, 2) == 26040);
	assert_true(ss_round_money(-1.005, 2) == -1.01);
}

/* PM2.5 of HJ 633-2012, first two rows. */
static const struct ss_aqi_law pm = {.scale[SS_AIR_PM25] = {.n = 3,
							    .from = {0, 35, 75},
							    .to = {35, 75, NAN},
							    .index_from = {0, 50, 500},
							    .index_to = {50, 100, 500}},
				     .published_above = -1,
				     .primary_above = 50};

static void index_is_rounded_up_exactly(void **state)
{
	(void)state;
	assert_int_equal(ss_iaqi(&pm, SS_AIR_PM25, 35), 50);
	assert_int_equal(ss_iaqi(&pm, SS_AIR_PM25, 35.0001), 51);
	assert_int_equal(ss_iaqi(&pm, SS_AIR_PM25, 35.8), 51); /* 50 + 50 * 0.8 / 40 = 51 */
	assert_int_equal(ss_iaqi(&pm, SS_AIR_PM25, 35.8000000001), 52);
	assert_int_equal(ss_iaqi(&pm, SS_AIR_PM25, 34.3), 49); /* 49.0 exactly */
	assert_int_equal(ss_iaqi(&pm, SS_AIR_PM25, 1e-300), 1);
	assert_int_equal(ss_iaqi(&pm, SS_AIR_PM25, 0), 0);
	assert_int_equal(ss_iaqi(&pm, SS_AIR_PM25, 75), 100);
	assert_int_equal(ss_iaqi(&pm, SS_AIR_PM25, 1e300), 500);
	assert_int_equal(ss_iaqi(&pm, SS_AIR_PM25, INFINITY), 500);
	assert_int_equal(ss_iaqi(&pm, SS_AIR_PM25, NAN), SS_NO_INDEX);
	assert_int_equal(ss_iaqi(&pm, SS_AIR_SO2, 1), SS_NO_INDEX);
}

/* The way of batches gives what the single one gives. */
static void many_at_once(void **state)
{
	static const double odd[] = {NAN,  -1,         0,  34.3,  35,    35.0001,
				     35.8, 74.9999999, 75, 1e300, 40000, 1e-9};
	double conc[SS_ARRAY_LEN(odd)][SS_AIR_ITEM_COUNT_];
	struct ss_aqi many[SS_ARRAY_LEN(odd)], one;
	struct ss_aqi_law law = pm;

	(void)state;
	for (int k = 0; k < SS_AIR_ITEM_COUNT_; k++)
		law.scale[k] = pm.scale[SS_AIR_PM25];
	for (size_t i = 0; i < SS_ARRAY_LEN(odd); i++) {
		for (int k = 0; k < SS_AIR_ITEM_COUNT_; k++)
			conc[i][k] = odd[(i + (size_t)k) % SS_ARRAY_LEN(odd)];
	}
	for (int round = 0; round < 2; round++) {
		law.half_even = round;
		ss_aqi_many(&law, (const double(*)[SS_AIR_ITEM_COUNT_])conc, SS_ARRAY_LEN(odd),
			    many);
		for (size_t i = 0; i < SS_ARRAY_LEN(odd); i++) {
			ss_aqi(&law, conc[i], &one);
			assert_memory_equal(&one, &many[i], sizeof(one));
		}
	}
}

static void missing_items_block_or_not(void **state)
{
	const int iaqi[] = {40, SS_NO_INDEX, 60, 60};
	struct ss_aqi_law law = {.published_above = 100, .primary_above = 50};
	unsigned primary;

	(void)state;
	assert_int_equal(ss_aqi_of(&law, iaqi, 4, 0, &primary), SS_NO_INDEX);
	assert_int_equal(primary, 0);
	assert_int_equal(ss_aqi_of(&law, iaqi, 4, 1 << 1, &primary), 60);
	assert_int_equal(primary, 1 << 2 | 1 << 3);
	law.published_above = -1;
	assert_int_equal(ss_aqi_of(&law, iaqi, 4, 0, &primary), 60);
	law.published_above = 39;
	assert_int_equal(ss_aqi_of(&law, iaqi, 2, 0, &primary), 40);
	assert_int_equal(primary, 0); /* not above 50 */
	assert_int_equal(ss_aqi_of(&law, iaqi, 0, 0, &primary), SS_NO_INDEX);
}

static void enough_valid_data(void **state)
{
	const struct ss_air_counts year = {NAN, NAN, 324, 27, 25};
	struct ss_air_counts have = {NAN, NAN, 324, 27, 25};

	(void)state;
	assert_true(ss_air_valid(&year, &have));
	have.february_days = 24;
	assert_false(ss_air_valid(&year, &have));
	have.february_days = NAN;
	assert_false(ss_air_valid(&year, &have));
}

static void percentiles(void **state)
{
	double v[] = {5, NAN, 1, 4, NAN, 2, 3}, two[] = {9, 7};
	double year[365];
	size_t n = ss_drop_nan(v, SS_ARRAY_LEN(v));

	(void)state;
	assert_int_equal(n, 5);
	assert_true(ss_percentile(v, n, 1) == 5);
	assert_true(ss_percentile(v, n, 0.5) == 3);
	assert_true(ss_median(two, 2) == 8);
	assert_true(isnan(ss_percentile(v, 0, 0.5)) && isnan(ss_mean(v, 0)));
	for (int i = 0; i < 365; i++)
		year[i] = 365 - i;
	NEAR(ss_percentile(year, 365, 0.95), 346.8);
	NEAR(ss_percentile(year, 365, 0.98), 357.72);
}

static void emission_conversions(void **state)
{
	(void)state;
	NEAR(ss_at_reference_oxygen(28, 8.5, 6), 33.6);
	assert_true(isnan(ss_at_reference_oxygen(28, 21, 6)));
	assert_true(isnan(ss_at_reference_oxygen(28, 8, -1)));
	NEAR(ss_excess_air(6), 1.4);
	assert_true(isnan(ss_excess_air(21)));
	NEAR(ss_at_reference_excess_air(36, 1.9, 1.7), 40.23529412);
	assert_true(isnan(ss_at_reference_excess_air(36, 0.9, 1.7)));
	NEAR(ss_wet_to_dry(30, 8), 32.60869565);
	assert_true(isnan(ss_wet_to_dry(30, 100)));
	NEAR(ss_ppm_to_mass(100, 64), 285.7142857);
	NEAR(ss_flow_dry_standard(20000, 120, 101325, -500, 8), 12718.60671);
	assert_true(isnan(ss_flow_dry_standard(20000, 120, 500, -500, 8)));
	assert_true(isnan(ss_flow_dry_standard(20000, -273, 101325, 0, 8)));
	NEAR(ss_emission_rate_kg_h(28.5, 132000), 3.762);
	/* The same gas, measured hot: concentration and volume change inversely. */
	NEAR(ss_conc_standard(10, 120, 101325, -500) *
		 ss_flow_dry_standard(20000, 120, 101325, -500, 0),
	     10 * 20000);
}

static void emission_totals(void **state)
{
	const double hours[] = {1.2, NAN, 1.4, NAN}, past[] = {9, 3, NAN, 5, 4, NAN};
	const struct ss_cems_window rows[] = {
	    {.capture_from = 90, .capture_below = NAN, .gap_hours = 24, .valid_hours = 180},
	    {.capture_from = 90,
	     .capture_below = NAN,
	     .gap_over = 24,
	     .gap_hours = NAN,
	     .valid_hours = 720},
	    {.capture_from = 75, .capture_below = 90, .gap_hours = NAN, .valid_hours = 2160}};
	size_t n;

	(void)state;
	NEAR(ss_emission_total_kg(hours, 4, 2, &n), 6.6);
	assert_int_equal(n, 2);
	assert_true(ss_emission_total_kg(hours, 1, NAN, &n) == 1.2);
	assert_true(isnan(ss_emission_total_kg(hours, 4, NAN, &n)));
	NEAR(ss_capture_percent(2208, 300, 200), 85.05976096);
	assert_true(isnan(ss_capture_percent(2208, 0, 2208)));
	assert_true(isnan(ss_capture_percent(2208, 9, 2200)));
	assert_int_equal(ss_cems_window(rows, 3, 90, 24)->valid_hours, 180);
	assert_int_equal(ss_cems_window(rows, 3, 100, 24.5)->valid_hours, 720);
	assert_int_equal(ss_cems_window(rows, 3, 89.99, 1)->valid_hours, 2160);
	assert_null(ss_cems_window(rows, 3, 74.99, 1));
	assert_true(ss_cems_substitute(past, 6, 3, &n) == 5);
	assert_int_equal(n, 3);
	assert_true(ss_cems_substitute(past, 6, 180, &n) == 9);
	assert_int_equal(n, 4);
	assert_true(isnan(ss_cems_substitute(past, 0, 180, &n)));
}

static void wastewater(void **state)
{
	const double q[] = {12, 18, NAN, 20}, c[] = {41, 38, 55, 52}, dry[] = {0, 0};
	double ph[] = {7.6, 7.1, 7.3};

	(void)state;
	NEAR(ss_flow_weighted_mean(c, q, 4), 44.32);
	assert_true(isnan(ss_flow_weighted_mean(c, dry, 2)));
	assert_true(ss_median(ph, 3) == 7.3);
	NEAR(ss_load_kg(44.32, 50), 2.216);
}

static void lakes(void **state)
{
	const struct ss_tli_law law = {.base = {2.5, 9.436, 5.453, 5.118, 0.109},
				       .slope = {1.086, 1.624, 1.694, -1.94, 2.661},
				       .weight = {.2663, .1879, .1790, .1834, .1834}};
	const double v[] = {10, 0.05, 1.0, 1.0, 4.0}, bad[] = {0, 1, 1, 1, 1};
	double items[SS_TLI_ITEM_COUNT_];

	(void)state;
	NEAR(ss_tli(&law, v, items), 48.01808081);
	NEAR(items[SS_TLI_CHLA], 50.00607411);
	NEAR(items[SS_TLI_SD], 51.18);
	assert_true(isnan(ss_tli(&law, bad, items)));
}

static void noise(void **state)
{
	const double l[] = {58, NAN, 63, 66}, loud[] = {5000, 5000};

	(void)state;
	NEAR(ss_noise_mean(l, 4), 63.42902204);
	NEAR(ss_noise_mean(loud, 2), 5000); /* no overflow on the way */
	assert_true(isnan(ss_noise_mean(l, 0)));
	NEAR(ss_noise_ldn(62, 55), 63.24424044);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(decimals),
	    cmocka_unit_test(index_is_rounded_up_exactly),
	    cmocka_unit_test(many_at_once),
	    cmocka_unit_test(missing_items_block_or_not),
	    cmocka_unit_test(enough_valid_data),
	    cmocka_unit_test(percentiles),
	    cmocka_unit_test(emission_conversions),
	    cmocka_unit_test(emission_totals),
	    cmocka_unit_test(wastewater),
	    cmocka_unit_test(lakes),
	    cmocka_unit_test(noise),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
