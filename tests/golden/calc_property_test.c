/* What must hold for any number: monotone where the standard is, continuous at class bounds as the
 * standard says, masses kept, conversions that lead back, the edges of every range. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/base.h"
#include "base/json.h"
#include "reason/calc/calc.h"
#include "reason/judge/judge.h"
#include "reason/models/models.h"

#define DAY_2012 20512 /* 2026-02-28 */
#define DAY_2026 20513
static void near_to(double got, double want, double tol)
{
	if (!(fabs(got - want) <= tol * fabs(want)))
		fail_msg("%.17g is not %.17g", got, want);
}

/* A small generator: the same numbers everywhere. */
static uint64_t seed = 42;
static double rnd(double from, double to)
{
	seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return from + (to - from) * (double)(seed >> 11) / 9007199254740992.0;
}

/* --- air ----------------------------------------------------------------------------------------
 */

static void index_properties(const struct ss_aqi_law *law)
{
	for (int item = 0; item < SS_AIR_ITEM_COUNT_; item++) {
		const struct ss_aqi_scale *s = &law->scale[item];
		int last = 0;

		assert_true(s->n >= 4);
		for (size_t i = 0; i < s->n; i++) {
			/* At a breakpoint exactly the index of both sides. */
			assert_int_equal(ss_iaqi(law, (enum ss_air_item)item, s->from[i]),
					 i && isnan(s->to[i]) ? s->index_to[i - 1]
							      : s->index_from[i]);
			if (!isnan(s->to[i]))
				assert_int_equal(ss_iaqi(law, (enum ss_air_item)item, s->to[i]),
						 s->index_to[i]);
		}
		for (double c = 0; c < 4000; c += 0.37) {
			int v = ss_iaqi(law, (enum ss_air_item)item, c);

			if (v == SS_NO_INDEX)
				break;
			assert_true(v >= last && v <= 500);
			last = v;
		}
	}
}

static void index_is_monotone(void **state)
{
	static const char *const averages[] = {"day", "hour"};
	struct ss_aqi_law law;

	(void)state;
	for (size_t i = 0; i < SS_ARRAY_LEN(averages); i++) {
		assert_non_null(ss_judge_aqi(ss_law_now(), DAY_2012, averages[i], &law));
		assert_false(law.half_even);
		index_properties(&law);
		assert_non_null(ss_judge_aqi(ss_law_now(), DAY_2026, averages[i], &law));
		assert_true(law.half_even);
		index_properties(&law);
	}
}

/* GB/T 8170: the rounded value is nearest, and a tie ends even. */
static void rounding(void **state)
{
	(void)state;
	for (int i = 0; i < 200000; i++) {
		int64_t m = (int64_t)rnd(0, 5e6);
		double v = (double)m / 1000, got = ss_round_even(v, 1);
		int64_t tenths = llround(got * 10), twice = llabs(tenths * 100 - m);

		assert_true(twice <= 50);
		if (twice == 50)
			assert_int_equal(tenths % 2, 0);
		assert_true(ss_round_even(got, 1) == got);
	}
}

static void percentile_is_between(void **state)
{
	double v[50], low = INFINITY, high = -INFINITY, last = -INFINITY;

	(void)state;
	for (size_t i = 0; i < SS_ARRAY_LEN(v); i++) {
		v[i] = rnd(-10, 10);
		low = fmin(low, v[i]);
		high = fmax(high, v[i]);
	}
	for (double p = 0.01; p <= 1; p += 0.01) {
		double got = ss_percentile(v, SS_ARRAY_LEN(v), p);

		assert_true(got >= low && got <= high && got >= last);
		last = got;
	}
	assert_true(ss_percentile(v, SS_ARRAY_LEN(v), 1) == high);
}

/* --- water --------------------------------------------------------------------------------------
 */

static void class_bounds(const struct ss_class_scale *s)
{
	for (int k = 0; k < SS_WATER_CLASSES; k++) {
		double bound = s->high[k];

		if (isnan(bound) || !isnan(s->low[k]))
			continue;
		/* On the bound the class or a better one that ends there too, beyond it a worse. */
		assert_true(ss_item_class(s, bound) <= k + 1);
		assert_true(ss_item_class(s, nextafter(bound, INFINITY)) > k + 1);
		assert_true(ss_item_class(s, bound / 2) <= ss_item_class(s, bound));
	}
}

static void classes_change_at_their_bounds(void **state)
{
	static const char *const items[] = {"w01019", "w01018", "w01017", "w21003", "w21011",
					    "w21001", "w20122", "w20111", "w22001", "w02003"};
	struct ss_class_scale s;

	(void)state;
	for (size_t i = 0; i < SS_ARRAY_LEN(items); i++) {
		assert_non_null(ss_judge_class(ss_law_now(), DAY_2026, "river", items[i], &s));
		class_bounds(&s);
		assert_non_null(ss_judge_class(ss_law_now(), DAY_2026, "lake", items[i], &s));
		class_bounds(&s);
		assert_int_equal(ss_item_class(&s, 0), 1);
		assert_int_equal(ss_item_class(&s, 1e9), SS_WORSE_THAN_V);
	}
	/* Oxygen the other way round. */
	assert_non_null(ss_judge_class(ss_law_now(), DAY_2026, "river", "w01009", &s));
	for (int k = 0; k < SS_WATER_CLASSES; k++) {
		assert_int_equal(ss_item_class(&s, s.low[k]), k + 1);
		assert_int_equal(ss_item_class(&s, nextafter(s.low[k], 0)), k + 2);
	}
}

/* --- emissions: there and back ------------------------------------------------------------------
 */

static void conversions_lead_back(void **state)
{
	(void)state;
	for (int i = 0; i < 20000; i++) {
		double c = rnd(0.1, 500), o2 = rnd(0, 20.9), ref = rnd(0, 20.9), w = rnd(0, 99);
		double t = rnd(-50, 400), ps = rnd(-5000, 5000);

		near_to(ss_at_reference_oxygen(ss_at_reference_oxygen(c, o2, ref), ref, o2), c,
			1e-12);
		near_to(ss_at_reference_excess_air(c, ss_excess_air(o2), ss_excess_air(ref)),
			ss_at_reference_oxygen(c, o2, ref), 1e-12);
		near_to(ss_wet_to_dry(c * (1 - w / 100), w), c, 1e-12);
		near_to(ss_ppm_to_mass(c, 64) / ss_ppm_to_mass(c, 32), 2, 1e-12);
		/* Concentration times volume is the mass, whatever the state. */
		near_to(ss_conc_standard(c, t, 101325, ps) *
			    ss_flow_dry_standard(1000, t, 101325, ps, 0),
			c * 1000, 1e-12);
		/* More oxygen means more dilution: the converted value grows. */
		assert_true(ss_at_reference_oxygen(c, o2 * 0.9, ref) <=
			    ss_at_reference_oxygen(c, o2, ref));
	}
}

/* The methods calculate with the numbers that the table of the standard names. */
static void methods_and_tables_agree(void **state)
{
	const struct ss_law *law = ss_law_now();
	double k = ss_law_parameter(law, "emission/parameters", "standard.temperature", DAY_2026,
				    NULL),
	       pa = ss_law_parameter(law, "emission/parameters", "standard.pressure", DAY_2026,
				     NULL),
	       o2 = ss_law_parameter(law, "emission/parameters", "air.oxygen", DAY_2026, NULL),
	       molar = ss_law_parameter(law, "emission/parameters", "molar.volume", DAY_2026, NULL);

	(void)state;
	near_to(ss_flow_dry_standard(1000, 0, pa, 0, 0), 1000, 1e-15);
	near_to(ss_flow_dry_standard(1000, k, pa, 0, 0), 500, 1e-15);
	near_to(ss_excess_air(o2 / 2), 2, 1e-15);
	assert_true(isnan(ss_excess_air(o2)));
	near_to(ss_ppm_to_mass(1, molar), 1, 1e-15);
	near_to(ss_fuel_co2_t(1, 1, 1, 1),
		ss_law_parameter(law, "carbon/parameters", "co2.carbon_numerator", DAY_2026, NULL) /
		    ss_law_parameter(law, "carbon/parameters", "co2.carbon_denominator", DAY_2026,
				     NULL),
		1e-15);
}

/* --- dispersion ---------------------------------------------------------------------------------
 */

static json_t *answer(const char *calc, const char *in)
{
	ss_cleanup(ss_buf_done) struct ss_buf out = SS_BUF_MAX(1 << 20);
	json_t *v;

	ss_calc_line(ss_calc_find(ss_str_of(calc)), ss_str_of(in), &out);
	assert_int_equal(ss_json_parse(ss_buf_str(&out), &v, NULL), 0);
	return v;
}

static double sigma_at(const char *class_, const char *axis, double x)
{
	char in[200];
	json_t *v;
	double s;

	snprintf(
	    in, sizeof(in),
	    "{\"stability\":\"%s\",\"x_m\":%.17g,\"height_m\":1,\"wind_m_s\":1,\"rate_g_s\":1}",
	    class_, x);
	v = answer("plume.gb3840", in);
	s = json_number_value(json_object_get(json_object_get(v, "result"), axis));
	json_decref(v);
	return s;
}

/* The pieces of GB/T 3840 meet: within 0.03 %, with the standard's own exceptions. */
static void sigma_pieces_meet(void **state)
{
	static const char *const classes[] = {"A", "B", "BC", "C", "CD", "D", "DE", "E", "F"};
	static const double breaks[] = {300, 500, 1000, 2000, 10000};

	(void)state;
	for (size_t c = 0; c < SS_ARRAY_LEN(classes); c++) {
		double most = strcmp(classes[c], "BC") == 0 || strcmp(classes[c], "DE") == 0 ? 0.009
			      : strcmp(classes[c], "CD") == 0 ? 0.00125
							      : 0.0003;

		for (size_t b = 0; b < SS_ARRAY_LEN(breaks); b++) {
			double x = breaks[b], up = nextafter(x, INFINITY);

			near_to(sigma_at(classes[c], "sigma_y_m", up),
				sigma_at(classes[c], "sigma_y_m", x), most);
			near_to(sigma_at(classes[c], "sigma_z_m", up),
				sigma_at(classes[c], "sigma_z_m", x),
				most < 0.00125 ? most : 0.00125);
			assert_true(sigma_at(classes[c], "sigma_z_m", x) >
				    sigma_at(classes[c], "sigma_z_m", x * 0.9));
		}
	}
}

/* A puff holds what was released; the ground reflects the lower half. */
static void a_puff_keeps_its_mass(void **state)
{
	const struct ss_puff p = {.mass_g = 1000, .wind_m_s = 5, .height_m = 20, .t_s = 120};
	double sum = 0, step = 8;

	(void)state;
	for (double x = 300; x < 900; x += step)
		for (double y = -300; y < 300; y += step)
			for (double z = step / 2; z < 200; z += step)
				sum += ss_puff(&p, 42, 21, x, y, z);
	near_to(sum * step * step * step, 1000, 1e-3);
}

/* What crosses a plane downwind is what leaves the stack, with and without a lid. */
static void a_plume_keeps_its_flux(void **state)
{
	static const double lids[] = {NAN, 100, 60};

	(void)state;
	for (size_t i = 0; i < SS_ARRAY_LEN(lids); i++) {
		const struct ss_plume p = {.rate_g_s = 50,
					   .wind_m_s = 3,
					   .height_m = 40,
					   .lid_m = lids[i],
					   .images = 10,
					   .well_mixed = 1.6};
		double sum = 0, step = 2, top = isnan(lids[i]) ? 600 : lids[i];

		for (double y = -400; y < 400; y += step)
			for (double z = step / 2; z < top; z += step)
				sum += ss_plume(&p, 70, 80, y, z);
		near_to(sum * step * step * p.wind_m_s, 50, 1e-3);
		assert_true(ss_plume(&p, 70, 80, 15, 5) == ss_plume(&p, 70, 80, -15, 5));
	}
}

/* --- rivers -------------------------------------------------------------------------------------
 */

static void a_spill_keeps_its_mass(void **state)
{
	struct ss_river_spill p = {
	    .mass_g = 1e5, .area_m2 = 50, .ex_m2_s = 15, .velocity_m_s = 0.4, .k_per_day = 0.5};
	double sum = 0;

	(void)state;
	for (double x = -3000; x < 8000; x += 5)
		sum += ss_river_spill(&p, x, 6000);
	near_to(sum * 5 * p.area_m2, p.mass_g * exp(-0.5 / 86400 * 6000), 1e-9);
	near_to(ss_river_mix(3, 0, 7, 2), 7, 1e-15);
	near_to(ss_river_mix(3, 1, 7, 1), 5, 1e-15);
}

/* --- edges of every range -----------------------------------------------------------------------
 */

/* Field name that the answer blames for its range, or "". */
static const char *range_field(const struct ss_calc *c, json_t *in, char out[96])
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(1 << 20);
	char *text = json_dumps(in, 0);
	json_t *v, *e;

	ss_calc_line(c, ss_str_of(text), &b);
	assert_int_equal(ss_json_parse(ss_buf_str(&b), &v, NULL), 0);
	e = json_object_get(v, "error");
	out[0] = 0;
	if (e && strcmp(json_string_value(json_object_get(e, "code")), "range") == 0)
		snprintf(out, 96, "%s", json_string_value(json_object_get(e, "field")));
	json_decref(v);
	free(text);
	return out;
}

static int edges;

/* On the bound, and a step to either side of it. */
static void check_edge(const struct ss_calc *c, const json_t *base, const char *name,
		       const json_t *schema, const char *word, int side, bool open)
{
	const json_t *bound = json_object_get(schema, word);
	bool whole = strcmp(json_string_value(json_object_get(schema, "type")), "integer") == 0;
	double v, step;

	if (!bound)
		return;
	v = json_number_value(bound);
	step = whole ? 1 : fmax(fabs(v), 1) * 1e-9;
	for (int k = -1; k <= 1; k++) {
		json_t *in = json_deep_copy(base);
		bool outside = k * side > 0 || (k == 0 && open);
		char field[96];

		json_object_set_new(in, name, json_real(v + k * step));
		range_field(c, in, field);
		if (outside != (strcmp(field, name) == 0) && !(field[0] && !outside))
			fail_msg("%s.%s: %g is %s", ss_calc_name(c), name, v + k * step,
				 outside ? "taken" : "refused");
		json_decref(in);
	}
	edges++;
}

static void check_edges(const struct ss_calc *c, const json_t *base)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(1 << 20);
	struct ss_json j = ss_json_on(&b);
	json_t *schema, *props, *p;
	const char *name;

	ss_calc_input_schema(c, &j);
	assert_int_equal(ss_json_parse(ss_buf_str(&b), &schema, NULL), 0);
	props = json_object_get(schema, "properties");
	json_object_foreach(props, name, p)
	{
		json_t *any = json_object_get(p, "anyOf"), *s = any ? json_array_get(any, 0) : p;

		if (!json_is_string(json_object_get(s, "type")))
			continue;
		check_edge(c, base, name, s, "minimum", -1, false);
		check_edge(c, base, name, s, "exclusiveMinimum", -1, true);
		check_edge(c, base, name, s, "maximum", 1, false);
		check_edge(c, base, name, s, "exclusiveMaximum", 1, true);
	}
	json_decref(schema);
}

/* From the first good case of each calculator. */
static void every_range_ends_where_it_says(void **state)
{
	FILE *f = fopen(SS_TEST_DIR "/golden/calc-cases.jsonl", "r");
	const struct ss_calc *last = NULL;
	char *line = NULL;
	size_t cap = 0;

	(void)state;
	assert_non_null(f);
	while (getline(&line, &cap, f) > 0) {
		json_t *v;
		const struct ss_calc *c;

		assert_int_equal(ss_json_parse(ss_str_of(line), &v, NULL), 0);
		c = ss_calc_find(ss_str_of(json_string_value(json_object_get(v, "calc"))));
		if (c != last && json_object_get(v, "result")) {
			check_edges(c, json_object_get(v, "input"));
			last = c;
		}
		json_decref(v);
	}
	free(line);
	fclose(f);
	assert_true(edges > 150);
}

/* --- steps --------------------------------------------------------------------------------------
 */

/* The template has @ where the number goes. */
static double number_of(const char *calc, const char *member, const char *with, double x)
{
	char in[300];
	const char *at = strstr(with, "@");
	json_t *v;
	double got;

	snprintf(in, sizeof(in), "%.*s%.17g%s", (int)(at - with), with, x, at + 1);
	v = answer(calc, in);
	got = json_number_value(json_object_get(json_object_get(v, "result"), member));
	json_decref(v);
	return got;
}

static void more_is_never_cheaper(void **state)
{
	double last = -1;

	(void)state;
	for (int db = 0; db <= 30; db++) {
		double tax =
		    number_of("tax.noise", "tax_yuan", "{\"exceed_db\":@,\"days\":20}", db);

		assert_true(tax >= last);
		last = tax;
	}
	last = 0;
	for (double c = 0; c <= 110; c += 0.5) {
		double share = number_of("tax.reduction", "payable_share",
					 "{\"conc\":@,\"limit\":100,\"all_within_limit\":true}", c);

		assert_true(share >= last);
		last = share;
	}
	last = 0;
	for (int days = 0; days < 60; days++) {
		double late = number_of("penalty.late_surcharge", "surcharge_yuan",
					"{\"fine_yuan\":1000,\"days_late\":@}", days);

		assert_true(late >= last && late <= 1000);
		last = late;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(index_is_monotone),
	    cmocka_unit_test(rounding),
	    cmocka_unit_test(percentile_is_between),
	    cmocka_unit_test(classes_change_at_their_bounds),
	    cmocka_unit_test(conversions_lead_back),
	    cmocka_unit_test(methods_and_tables_agree),
	    cmocka_unit_test(sigma_pieces_meet),
	    cmocka_unit_test(a_puff_keeps_its_mass),
	    cmocka_unit_test(a_plume_keeps_its_flux),
	    cmocka_unit_test(a_spill_keeps_its_mass),
	    cmocka_unit_test(every_range_ends_where_it_says),
	    cmocka_unit_test(more_is_never_cheaper),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
