/* Every calculator against worked cases, and the convention of bad input. */
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

static struct ss_buf read_file(const char *path)
{
	struct ss_buf b = SS_BUF_MAX(4 << 20);
	char piece[65536];
	size_t n;
	FILE *f = fopen(path, "r");

	assert_non_null(f);
	while ((n = fread(piece, 1, sizeof(piece), f)) > 0)
		assert_int_equal(ss_buf_add(&b, piece, n), 0);
	fclose(f);
	return b;
}

#define SEED "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0" /* SM3 of "abc" */

/* --- worked cases -------------------------------------------------------------------------------
 */

static bool same(const json_t *got, const json_t *want, double tol);

static bool same_number(const json_t *got, const json_t *want, double tol)
{
	double a = json_number_value(got), b = json_number_value(want);

	return json_is_number(got) && (a == b || fabs(a - b) <= tol * fabs(b));
}

static bool same_object(const json_t *got, const json_t *want, double tol)
{
	const char *key;
	json_t *v;

	json_object_foreach((json_t *)(uintptr_t)want, key, v)
	{
		if (!same(json_object_get(got, key), v, tol))
			return false;
	}
	return json_is_object(got);
}

/* In any order: the lists of the cases are sets, or have one element twice the same. */
static bool same_list(const json_t *got, const json_t *want, double tol)
{
	for (size_t i = 0; i < json_array_size(want); i++) {
		bool there = false;

		for (size_t k = 0; k < json_array_size(got); k++)
			there |= same(json_array_get(got, k), json_array_get(want, i), tol);
		if (!there)
			return false;
	}
	return json_is_array(got) && json_array_size(got) == json_array_size(want);
}

static bool same(const json_t *got, const json_t *want, double tol)
{
	if (json_is_number(want))
		return same_number(got, want, tol);
	if (json_is_object(want))
		return same_object(got, want, tol);
	return json_is_array(want) ? same_list(got, want, tol) : json_equal(got, want);
}

static const char *text(const json_t *o, const char *key)
{
	const char *z = json_string_value(json_object_get(o, key));

	return z ? z : "";
}

static json_t *answer_to(const char *name, struct ss_str line)
{
	const struct ss_calc *c = ss_calc_find(ss_str_of(name));
	ss_cleanup(ss_buf_done) struct ss_buf out = SS_BUF_MAX(1 << 20);
	json_t *v;

	if (!c)
		fail_msg("no calculator %s", name);
	ss_calc_line(c, line, &out);
	assert_int_equal(ss_json_parse(ss_buf_str(&out), &v, NULL), 0);
	return v;
}

static bool right(const json_t *c, const json_t *got)
{
	const json_t *want = json_object_get(c, "result"), *error = json_object_get(got, "error");
	double tol = json_number_value(json_object_get(c, "rel_tol"));

	if (want)
		return same(json_object_get(got, "result"), want, tol);
	return strcmp(text(error, "field"), text(c, "error_field")) == 0 &&
	       strcmp(text(error, "code"), text(c, "error_code")) == 0;
}

static void worked_cases(void **state)
{
	struct ss_buf b = read_file(SS_TEST_DIR "/golden/calc-cases.jsonl");
	struct ss_str rest = ss_buf_str(&b), line;
	int n = 0, bad = 0;

	(void)state;
	while (ss_str_split(&rest, '\n', &line)) {
		json_t *c, *got;
		char *in;

		assert_int_equal(ss_json_parse(line, &c, NULL), 0);
		in = json_dumps(json_object_get(c, "input"), 0);
		got = answer_to(text(c, "calc"), ss_str_of(in));
		n++;
		if (!right(c, got)) {
			char *z = json_dumps(got, JSON_COMPACT);

			print_message("%.*s\n  gave %s\n", SS_STR_ARG(line), z);
			free(z);
			bad++;
		}
		free(in);
		json_decref(got);
		json_decref(c);
	}
	ss_buf_done(&b);
	assert_int_equal(n, 171);
	assert_int_equal(bad, 0);
}

static void every_calculator_has_a_case(void **state)
{
	struct ss_buf b = read_file(SS_TEST_DIR "/golden/calc-cases.jsonl");
	const struct ss_calc *c;
	int n = 0;

	(void)state;
	for (size_t i = 0; (c = ss_calc_at(i)); i++, n++) {
		char quoted[96];

		snprintf(quoted, sizeof(quoted), "\"calc\": \"%s\"", ss_calc_name(c));
		if (ss_str_find(ss_buf_str(&b), ss_str_of(quoted)) < 0)
			fail_msg("no case of %s", ss_calc_name(c));
	}
	assert_int_equal(n, 66);
	ss_buf_done(&b);
}

/* --- the convention -----------------------------------------------------------------------------
 */

static void check_error(const char *calc, const char *in, const char *code, const char *field)
{
	json_t *got = answer_to(calc, ss_str_of(in)), *e = json_object_get(got, "error");

	if (strcmp(text(e, "code"), code) != 0 ||
	    strcmp(text(e, "field"), field ? field : "") != 0 ||
	    json_is_null(json_object_get(e, "field")) != (field == NULL) || !*text(e, "message"))
		fail_msg("%s %s gave %s", calc, in, json_dumps(got, 0));
	json_decref(got);
}

static void bad_input_is_named(void **state)
{
	static const char *const cases[][4] = {
	    {"air.level", "", "json", NULL},
	    {"air.level", "{", "json", NULL},
	    {"air.level", "[1]", "json", NULL},
	    {"air.level", "12", "json", NULL},
	    {"air.level", "null", "json", NULL},
	    {"air.level", "{\"aqi\":1,\"aqi\":2}", "json", NULL},
	    {"air.level", "{\"aqi\":1} x", "json", NULL},
	    {"air.level", "{\"aqi\":\"\xff\"}", "json", NULL},
	    {"air.level", "{}", "missing", "aqi"},
	    {"air.level", "{\"aqi\":null}", "missing", "aqi"},
	    {"air.level", "{\"aqi\":\"12\"}", "type", "aqi"},
	    {"air.level", "{\"aqi\":\"NaN\"}", "type", "aqi"},
	    {"air.level", "{\"aqi\":true}", "type", "aqi"},
	    {"air.level", "{\"aqi\":[1]}", "type", "aqi"},
	    {"air.level", "{\"aqi\":NaN}", "type", "aqi"},
	    {"air.level", "{\"aqi\":-Infinity}", "type", "aqi"},
	    {"air.level", "{\"aqi\":1e999}", "type", "aqi"},
	    {"air.level", "{\"aqi\":5.5}", "type", "aqi"},
	    {"air.level", "{\"aqi\":501}", "range", "aqi"},
	    {"air.level", "{\"aqi\":123456789012345678901234567890}", "range", "aqi"},
	    {"air.level", "{\"aqi\":1,\"x\":1}", "unknown_field", "x"},
	    {"air.level", "{\"x\":1}", "unknown_field", "x"},
	    {"air.level", "{\"aqi\":0x10}", "json", NULL},
	    {"air.level", "{\"aqi\":+1}", "json", NULL},
	    {"air.level", "{\"aqi\":Infinit}", "json", NULL},
	    {"air.level", "{\"Infinity\":1}", "unknown_field", "Infinity"},
	    {"air.edition_for_date", "{\"observed_on\":\"2026-02-29\"}", "format", "observed_on"},
	    {"air.edition_for_date", "{\"observed_on\":\"2026-13-01\"}", "format", "observed_on"},
	    {"air.edition_for_date", "{\"observed_on\":\"2026-3-1\"}", "format", "observed_on"},
	    {"air.edition_for_date", "{\"observed_on\":\"20260301\"}", "format", "observed_on"},
	    {"air.edition_for_date", "{\"observed_on\":\"2026-03-01 \"}", "format", "observed_on"},
	    {"air.edition_for_date", "{\"observed_on\":20260301}", "type", "observed_on"},
	    {"air.iaqi", "{\"edition\":2026,\"item\":\"pm25_24h\",\"conc\":1}", "type", "edition"},
	    {"air.iaqi", "{\"edition\":\"2013\",\"item\":\"pm25_24h\",\"conc\":1}", "unknown_value",
	     "edition"},
	    {"air.iaqi", "{\"edition\":\"2012\",\"item\":\"pm25_1h\",\"conc\":1}", "unsupported",
	     "item"},
	    {"air.aqi_daily", "{\"edition\":\"2026\",\"o3_1h_ug_m3\":1}", "unsupported",
	     "o3_1h_ug_m3"},
	    {"air.aqi_daily", "{\"edition\":\"2026\",\"not_in_plan\":[\"x\"]}", "unknown_value",
	     "not_in_plan"},
	    {"air.aqi_daily", "{\"edition\":\"2026\",\"not_in_plan\":[1]}", "type", "not_in_plan"},
	    {"air.limit",
	     "{\"edition\":\"2026\",\"pollutant\":\"co\",\"average\":\"1h\",\"grade\":1}",
	     "missing", "phase"},
	    {"air.validity", "{\"item\":\"pm25\",\"statistic\":\"1h\",\"valid_minutes\":50}",
	     "unsupported", "statistic"},
	    {"air.validity", "{\"item\":\"so2\",\"statistic\":\"1h\"}", "missing", "valid_minutes"},
	    {"air.percentile", "{\"values\":[],\"p\":0.5}", "range", "values"},
	    {"air.percentile", "{\"values\":[null],\"p\":0.5}", "range", "values"},
	    {"air.percentile", "{\"values\":[1,\"2\"],\"p\":0.5}", "type", "values"},
	    {"air.percentile", "{\"values\":[1],\"p\":0}", "range", "p"},
	    {"air.percentile", "{\"values\":5,\"p\":0.5}", "type", "values"},
	    {"water.class", "{\"waterbody\":\"river\",\"items\":{\"cod\":-1}}", "range",
	     "items.cod"},
	    {"water.class", "{\"waterbody\":\"river\",\"items\":{\"cod\":\"1\"}}", "type",
	     "items.cod"},
	    {"water.class", "{\"waterbody\":\"river\",\"items\":{\"xx\":1}}", "unknown_field",
	     "items.xx"},
	    {"water.class", "{\"waterbody\":\"river\",\"items\":{\"ph\":14.01,\"cod\":1}}", "range",
	     "items.ph"},
	    {"water.class", "{\"waterbody\":\"lake\",\"items\":{\"tn\":1,\"fecal_coliform\":5}}",
	     "missing", "items"},
	    {"water.class", "{\"waterbody\":\"lake\",\"items\":{\"cod\":null}}", "missing",
	     "items"},
	    {"water.item_class", "{\"item\":\"ph\",\"value\":15}", "range", "value"},
	    {"emission.total", "{\"hourly_kg\":[1,null]}", "missing", "substitute_kg"},
	    {"emission.flow_standard",
	     "{\"flow_actual_m3_h\":1,\"temperature_c\":1,\"ambient_pa\":100,\"static_pa\":-100,"
	     "\"moisture_percent\":0}",
	     "range", "static_pa"},
	    {"tax.air", "{\"amounts_kg\":{\"so2\":1},\"rate_yuan\":13}", "range", "rate_yuan"},
	    {"tax.air",
	     "{\"amounts_kg\":{\"so2\":1},\"rate_yuan\":2,\"payable_share\":{\"so2\":0}}", "range",
	     "payable_share.so2"},
	    {"tax.water", "{\"class2_kg\":{\"tn\":1},\"rate_yuan\":2}", "unknown_value",
	     "class2_kg.tn"},
	    {"tax.solid", "{\"kind\":\"other\",\"generated_t\":1,\"used_t\":2}", "range",
	     "generated_t"},
	    {"tax.noise", "{\"exceed_db\":3.5,\"days\":1}", "type", "exceed_db"},
	    {"carbon.grid_electricity",
	     "{\"electricity_mwh\":1,\"year\":2019,\"region\":\"national\"}", "unsupported",
	     "year"},
	    {"carbon.grid_electricity", "{\"electricity_mwh\":1,\"year\":2022,\"region\":\"east\"}",
	     "unsupported", "region"},
	    {"incident.grade", "{}", "missing", "deaths"},
	    {"incident.grade", "{\"source_severe_effect\":true}", "missing", "deaths"},
	    {"penalty.deadline",
	     "{\"step\":\"payment\",\"from\":\"2026-01-01\",\"excluded_days\":1}", "unsupported",
	     "excluded_days"},
	    {"penalty.deadline",
	     "{\"step\":\"payment\",\"from\":\"2026-01-01\",\"holidays\":[\"2026-02-30\"]}",
	     "format", "holidays"},
	    {"penalty.deadline", "{\"step\":\"criminal_transfer\",\"from\":\"2026-01-01\"}",
	     "unsupported", "step"},
	    {"penalty.deadline", "{\"step\":\"xx\",\"from\":\"2026-01-01\"}", "unknown_value",
	     "step"},
	    {"random.draw", "{\"seed\":\"00\",\"n\":1,\"k\":1}", "format", "seed"},
	    {"random.draw", "{\"seed\":\"" SEED "\",\"n\":1,\"k\":2}", "range", "k"},
	    {"random.draw", "{\"seed\":\"" SEED "\",\"n\":2,\"k\":1,\"weights\":[1]}", "range",
	     "weights"},
	    {"random.draw", "{\"seed\":\"" SEED "\",\"n\":1,\"k\":1,\"weights\":[1.5]}", "type",
	     "weights"},
	    {"waste.code", "{\"code\":5}", "type", "code"},
	    {"waste.manifest_number", "{\"number\":\"1\",\"origin_code\":\"32a1\"}", "format",
	     "origin_code"},
	    {"admin.region", "{\"code\":\"32010\"}", "format", "code"},
	    {"admin.region", "{\"code\":\"310101\"}", "unknown_value", "code"},
	    {"credit.score", "{\"deductions\":[1.5]}", "type", "deductions"},
	    {"credit.score", "{\"deductions\":[13]}", "range", "deductions"},
	    /* A result beyond all doubles is not silently null. */
	    {"emission.rate", "{\"conc_dry_std_mg_m3\":1e300,\"flow_dry_std_m3_h\":1e300}", "range",
	     "conc_dry_std_mg_m3"}};

	(void)state;
	for (size_t i = 0; i < SS_ARRAY_LEN(cases); i++)
		check_error(cases[i][0], cases[i][1], cases[i][2], cases[i][3]);
}

static void check_result(const char *calc, const char *in, const char *want)
{
	json_t *got = answer_to(calc, ss_str_of(in)), *w;

	assert_int_equal(ss_json_parse(ss_str_of(want), &w, NULL), 0);
	if (!same(json_object_get(got, "result"), w, 1e-9))
		fail_msg("%s %s gave %s", calc, in, json_dumps(got, 0));
	json_decref(w);
	json_decref(got);
}

/* Ties and edges, each by the standard's own words. */
static void edges(void **state)
{
	static const char *const cases[][3] = {
	    /* Rounded from the decimal text, half to even: 4.35 to 4.4, 4.45 to 4.4. */
	    {"air.iaqi", "{\"edition\":\"2026\",\"item\":\"co_24h\",\"conc\":4.35}",
	     "{\"iaqi\":102}"},
	    {"air.iaqi", "{\"edition\":\"2026\",\"item\":\"co_24h\",\"conc\":4.25}",
	     "{\"iaqi\":101}"},
	    {"air.iaqi", "{\"edition\":\"2026\",\"item\":\"pm25_24h\",\"conc\":60.5}",
	     "{\"iaqi\":100}"},
	    {"air.iaqi", "{\"edition\":\"2026\",\"item\":\"pm25_24h\",\"conc\":35}",
	     "{\"iaqi\":50}"},
	    {"air.iaqi", "{\"edition\":\"2012\",\"item\":\"pm25_24h\",\"conc\":35.00001}",
	     "{\"iaqi\":51}"},
	    {"air.iaqi", "{\"edition\":\"2012\",\"item\":\"so2_1h\",\"conc\":800}",
	     "{\"iaqi\":200,\"use_instead\":null}"},
	    {"air.iaqi", "{\"edition\":\"2012\",\"item\":\"so2_1h\",\"conc\":801}",
	     "{\"iaqi\":null,\"use_instead\":\"so2_24h\"}"},
	    {"air.iaqi", "{\"edition\":\"2012\",\"item\":\"o3_8h\",\"conc\":1e30}",
	     "{\"iaqi\":null,\"use_instead\":\"o3_1h\"}"},
	    {"air.iaqi", "{\"edition\":\"2026\",\"item\":\"so2_1h\",\"conc\":1e300}",
	     "{\"iaqi\":200,\"use_instead\":null}"},
	    {"air.iaqi", "{\"edition\":\"2026\",\"item\":\"o3_8h\",\"conc\":900}",
	     "{\"iaqi\":300}"},
	    {"air.level", "{\"aqi\":0}", "{\"level\":1}"},
	    {"air.level", "{\"aqi\":500.0}", "{\"level\":6}"},
	    {"air.aqi_daily", "{\"edition\":\"2012\",\"o3_8h_ug_m3\":801,\"o3_1h_ug_m3\":900}",
	     "{\"iaqi\":{\"o3_8h\":null,\"o3_1h\":350},\"aqi\":350,\"primary\":[\"o3\"],\"level\":"
	     "6}"},
	    {"air.aqi_daily",
	     "{\"edition\":\"2026\",\"pm25_24h_ug_m3\":40,\"not_in_plan\":[\"so2\",\"no2\",\"co\","
	     "\"o3\",\"pm10\"]}",
	     "{\"aqi\":60,\"primary\":[\"pm25\"],\"level\":2}"},
	    {"air.edition_for_date", "{\"observed_on\":\"2026-02-28\"}",
	     "{\"limits\":\"gb3095_2012\"}"},
	    {"air.edition_for_date", "{\"observed_on\":\"0001-01-01\"}",
	     "{\"aqi\":\"hj633_2012\"}"},
	    {"air.edition_for_date", "{\"observed_on\":\"9999-12-31\"}",
	     "{\"limits\":\"gb3095_2026_final\"}"},
	    {"air.validity", "{\"item\":\"so2\",\"statistic\":\"monthly\",\"february_days\":25}",
	     "{\"valid\":true}"},
	    {"air.validity", "{\"item\":\"so2\",\"statistic\":\"monthly\",\"valid_days\":26}",
	     "{\"valid\":false}"},
	    {"air.validity",
	     "{\"item\":\"no2\",\"statistic\":\"annual\",\"valid_days\":324,\"min_month_days\":27,"
	     "\"february_days\":25}",
	     "{\"valid\":true}"},
	    {"air.validity",
	     "{\"item\":\"pb\",\"statistic\":\"quarter\",\"valid_days\":15,\"min_month_days\":4}",
	     "{\"valid\":false}"},
	    {"water.item_class", "{\"item\":\"do\",\"value\":7.5}", "{\"class\":\"I\"}"},
	    {"water.item_class", "{\"item\":\"do\",\"value\":7.49}", "{\"class\":\"II\"}"},
	    {"water.item_class", "{\"item\":\"tp\",\"value\":0.05,\"waterbody\":\"lake\"}",
	     "{\"class\":\"III\"}"},
	    {"water.item_class", "{\"item\":\"ph\",\"value\":9.01}",
	     "{\"class\":\"worse_than_V\"}"},
	    {"water.item_class", "{\"item\":\"hg\",\"value\":5e-5}", "{\"class\":\"I\"}"},
	    {"water.class",
	     "{\"waterbody\":\"lake\",\"items\":{\"cod\":15,\"tn\":9,\"fecal_coliform\":50000}}",
	     "{\"class\":\"I\",\"item_classes\":{\"tn\":\"worse_than_V\",\"fecal_coliform\":"
	     "\"worse_"
	     "than_V\"},\"worse_than_iii\":[]}"},
	    {"cems.substitution_rule",
	     "{\"capture_percent\":74.9,\"consecutive_hours\":1,\"kind\":\"maintenance\"}",
	     "{\"window_valid_hours\":null,\"window_before\":null}"},
	    {"cems.substitution_rule",
	     "{\"capture_percent\":90,\"consecutive_hours\":24,\"kind\":\"out_of_control\"}",
	     "{\"window_valid_hours\":180,\"window_before\":\"last_calibration\"}"},
	    {"wastewater.daily_mean", "{\"flow_m3\":[0,null],\"conc_mg_l\":[5,6]}",
	     "{\"mean_mg_l\":null}"},
	    {"soil.farmland", "{\"item\":\"cu\",\"use\":\"orchard\",\"ph\":5.5,\"conc_mg_kg\":150}",
	     "{\"grade\":\"not_above_screening\",\"screening_mg_kg\":150,\"control_mg_kg\":null}"},
	    {"soil.farmland", "{\"item\":\"cd\",\"use\":\"orchard\",\"ph\":7.6,\"conc_mg_kg\":1}",
	     "{\"grade\":\"above_screening\",\"screening_mg_kg\":0.6,\"control_mg_kg\":4}"},
	    {"eco.diversity", "{\"counts\":[7,0]}",
	     "{\"shannon_ln\":0,\"simpson\":0,\"pielou\":null,\"margalef\":0}"},
	    {"eco.diversity", "{\"counts\":[1]}", "{\"margalef\":null}"},
	    /* 0.36 + 0.35 + 0.19 and 0.10 of 70 and 30: 70 exactly, class 1. */
	    {"eco.eqi", "{\"pattern\":70,\"function\":70,\"biodiversity\":70,\"stress\":30}",
	     "{\"class\":1}"},
	    {"tax.reduction", "{\"conc\":35,\"limit\":50,\"all_within_limit\":true}",
	     "{\"payable_share\":1}"},
	    {"tax.reduction", "{\"conc\":0.7,\"limit\":1,\"all_within_limit\":true}",
	     "{\"payable_share\":1}"},
	    {"tax.reduction", "{\"conc\":49.9,\"limit\":100,\"all_within_limit\":true}",
	     "{\"payable_share\":0.5}"},
	    {"tax.reduction", "{\"conc\":1,\"limit\":100,\"all_within_limit\":false}",
	     "{\"payable_share\":1}"},
	    {"tax.solid",
	     "{\"kind\":\"other\",\"generated_t\":0.3,\"used_t\":0.1,\"stored_t\":0.2}",
	     "{\"taxable_t\":0,\"tax_yuan\":0}"},
	    {"tax.noise", "{\"exceed_db\":0,\"days\":30}", "{\"tax_yuan\":0}"},
	    {"tax.noise", "{\"exceed_db\":16.0,\"days\":14,\"units\":2}", "{\"tax_yuan\":11200}"},
	    {"incident.grade",
	     "{\"source_lost_class\":\"II\",\"source_severe_effect\":true,\"deaths\":0}",
	     "{\"grade\":\"I\"}"},
	    {"incident.grade", "{\"deaths\":3,\"crosses\":\"county\"}", "{\"grade\":\"III\"}"},
	    {"risk.hj941", "{\"q_ratio\":0.99,\"m_score\":100,\"e_level\":\"E1\"}",
	     "{\"q_level\":\"Q0\",\"m_level\":\"M4\",\"risk\":\"general\"}"},
	    {"penalty.late_surcharge", "{\"fine_yuan\":1000,\"days_late\":34}",
	     "{\"surcharge_yuan\":1000}"},
	    {"noise.zone", "{\"zone\":\"0\",\"period\":\"day\",\"leq_db\":50}",
	     "{\"meets\":true,\"limit_db\":50}"},
	    {"credit.score", "{\"deductions\":[12]}", "{\"score\":-3,\"colour\":\"black\"}"},
	    {"credit.score", "{\"deductions\":[]}", "{\"score\":9,\"colour\":\"blue\"}"},
	    {"waste.code", "{\"code\":\"900-041-41\"}",
	     "{\"well_formed\":false,\"category\":null}"},
	    {"waste.code", "{\"code\":\"９00-041-49\"}",
	     "{\"well_formed\":false,\"category\":null}"},
	    {"waste.manifest_number", "{\"number\":\"20263201000001\",\"origin_code\":\"3202\"}",
	     "{\"well_formed\":true,\"origin_matches\":false}"},
	    {"plume.gb3840",
	     "{\"stability\":\"D\",\"x_m\":500,\"height_m\":100,\"wind_m_s\":1,\"rate_g_s\":1,"
	     "\"mixing_height_m\":99}",
	     "{\"conc_g_m3\":0}"},
	};

	(void)state;
	for (size_t i = 0; i < SS_ARRAY_LEN(cases); i++)
		check_result(cases[i][0], cases[i][1], cases[i][2]);
}

static void lines_and_documents(void **state)
{
	const struct ss_calc *c = ss_calc_find(SS_STR("emission.excess_air"));
	ss_cleanup(ss_buf_done) struct ss_buf out = SS_BUF_MAX(1 << 20);

	(void)state;
	ss_calc_lines(c, SS_STR("{\"o2_percent\":6}\n\nx\n{\"o2_percent\":0}\r\n"), &out);
	assert_true(ss_str_starts(ss_buf_str(&out), SS_STR("{\"result\":{\"alpha\":1.4}}\n"
							   "{\"error\":{\"code\":\"json\"")));
	assert_true(ss_str_ends(ss_buf_str(&out), SS_STR("}\n{\"result\":{\"alpha\":1}}\n")));
	ss_buf_reset(&out);
	ss_calc_document(c, SS_STR("[{\"o2_percent\":0},\n{\"o2_percent\":6}]"), &out);
	assert_string_equal(out.p, "[{\"result\":{\"alpha\":1}},{\"result\":{\"alpha\":1.4}}]");
	ss_buf_reset(&out);
	ss_calc_document(c, SS_STR("[]"), &out);
	assert_string_equal(out.p, "[]");
	ss_buf_reset(&out);
	assert_true(ss_calc_document(c, SS_STR("{\"o2_percent\":0}\n5\n"), &out));
	assert_true(
	    ss_str_starts(ss_buf_str(&out), SS_STR("{\"result\":{\"alpha\":1}}\n{\"error\"")));
	ss_buf_reset(&out);
	assert_false(ss_calc_document(c, SS_STR("{\n\"o2_percent\":0\n}\n"), &out));
	assert_string_equal(out.p, "{\"result\":{\"alpha\":1}}");
	assert_null(ss_calc_find(SS_STR("air.nothing")));
}

/* --- draws --------------------------------------------------------------------------------------
 */

/* The picks in their order: the numbers come from node's SM3 and the published text. */
static void draws_in_order(void **state)
{
	static const char *const cases[][2] = {
	    {"{\"seed\":\"" SEED "\",\"position\":0,\"n\":10,\"k\":10}",
	     "{\"result\":{\"picks\":[3,10,5,4,8,7,2,1,9,6],\"position\":10}}"},
	    {"{\"seed\":\"" SEED "\",\"position\":1,\"n\":1000,\"k\":4}",
	     "{\"result\":{\"picks\":[417,376,287,37],\"position\":5}}"},
	    {"{\"seed\":\"" SEED "\",\"n\":4,\"k\":3,\"weights\":[1000,2000,500,3000]}",
	     "{\"result\":{\"picks\":[2,4,1],\"position\":3}}"}};

	(void)state;
	for (size_t i = 0; i < SS_ARRAY_LEN(cases); i++) {
		ss_cleanup(ss_buf_done) struct ss_buf out = SS_BUF_MAX(1 << 20);

		ss_calc_line(ss_calc_find(SS_STR("random.draw")), ss_str_of(cases[i][0]), &out);
		assert_true(ss_str_is(ss_buf_str(&out), cases[i][1]));
	}
}

/* 10,000 draws of 5 of 21, by weight and not: each is drawn as often as it should. The quantiles of
 * chi-square with 20 degrees at 0.01 and 0.99 are 8.260 and 37.566 (tables). */
static void draws_are_uniform(void **state)
{
	double seen[21] = {0}, x2 = 0, each = 10000 * 5 / 21.0;

	(void)state;
	for (int t = 0; t < 10000; t++) {
		char in[200];
		json_t *got, *v;
		size_t i;

		snprintf(in, sizeof(in), "{\"seed\":\"%s%08x\",\"n\":21,\"k\":5}", SEED + 8, t);
		got = answer_to("random.draw", ss_str_of(in));
		json_array_foreach(json_object_get(json_object_get(got, "result"), "picks"), i, v)
		    seen[json_integer_value(v) - 1]++;
		json_decref(got);
	}
	/* Without replacement the spread is smaller by (n - k) / (n - 1). */
	for (int i = 0; i < 21; i++)
		x2 += (seen[i] - each) * (seen[i] - each) / (each * 16 / 20);
	assert_true(x2 > 8.260 && x2 < 37.566);
}

/* --- what is made from the table ----------------------------------------------------------------
 */

static void page_is_current(void **state)
{
	struct ss_buf page = read_file(SS_SOURCE_DIR "/docs/calculators.md");
	ss_cleanup(ss_buf_done) struct ss_buf want = SS_BUF_MAX(4 << 20);

	(void)state;
	ss_calc_page(&want);
	if (!ss_str_eq(ss_buf_str(&page), ss_buf_str(&want)))
		fail_msg("docs/calculators.md is old; repair: build/shanshui calc --page > "
			 "docs/calculators.md");
	ss_buf_done(&page);
}

static void help_and_schemas(void **state)
{
	const struct ss_calc *c;

	(void)state;
	for (size_t i = 0; (c = ss_calc_at(i)); i++) {
		ss_cleanup(ss_buf_done) struct ss_buf out = SS_BUF_MAX(1 << 20);
		struct ss_json j = ss_json_on(&out);
		json_t *v;

		ss_calc_help(c, &out);
		assert_true(ss_utf8_valid(ss_buf_str(&out)));
		assert_true(ss_str_find(ss_buf_str(&out), SS_STR("formula")) > 0);
		ss_buf_reset(&out);
		ss_calc_describe(c, &j);
		assert_int_equal(ss_json_parse(ss_buf_str(&out), &v, NULL), 0);
		assert_true(json_object_size(
				json_object_get(json_object_get(v, "input"), "properties")) > 0);
		assert_true(json_object_size(
				json_object_get(json_object_get(v, "result"), "properties")) > 0);
		json_decref(v);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(worked_cases),        cmocka_unit_test(every_calculator_has_a_case),
	    cmocka_unit_test(bad_input_is_named),  cmocka_unit_test(edges),
	    cmocka_unit_test(lines_and_documents), cmocka_unit_test(page_is_current),
	    cmocka_unit_test(help_and_schemas),    cmocka_unit_test(draws_in_order),
	    cmocka_unit_test(draws_are_uniform),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
