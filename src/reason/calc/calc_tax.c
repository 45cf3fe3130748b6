/* Environmental Protection Tax Law. */
#include "reason/calc/calc_internal.h"

#define LAW "环境保护税法"
#define KINDS_MOST 512
#define CLASS1 "tax/water-equivalents pollutant class 1"
#define CLASS2 "tax/water-equivalents pollutant class 2"
#define AIR "tax/air-equivalents pollutant"

#define SHARES(list)                                                                               \
	SS_OBJ("payable_share", "各污染物应缴比例 1、0.75、0.5；没有的为 1", NULL, .words = list,  \
	       .open_keys = true, SS_ABOVE(0), SS_AT_MOST(1), SS_DEFAULT("{}"))

/* One outlet's pollutants of one list. */
struct list {
	const struct ss_calc_value *amounts;
	double equivalent[KINDS_MOST]; /* NAN = absent */
};

static struct ss_str word(const struct list *l, size_t i)
{
	return l->amounts->key[i];
}

/* Share of the tax that is paid on a pollutant. */
static double share_of(const struct ss_calc_run *r, struct ss_str pollutant)
{
	const struct ss_calc_value *v = ss_calc_get(r, "payable_share");

	for (size_t i = 0; i < v->n; i++) {
		if (ss_str_eq(v->key[i], pollutant) && !isnan(v->list[i]))
			return v->list[i];
	}
	return 1;
}

/* class: of the water table, NULL for air. */
static void take_list(struct ss_calc_run *r, const char *field, const char *class_, struct list *l)
{
	l->amounts = ss_calc_get(r, field);
	for (size_t i = 0; i < l->amounts->n; i++) {
		const char *name = ss_arena_strdup(r->a, word(l, i));
		const struct ss_law_row *row = NULL;

		l->equivalent[i] = NAN;
		if (!name || isnan(l->amounts->list[i]))
			continue;
		row = class_ ? SS_CALC_ROW(r, "tax/water-equivalents", class_, name)
			     : SS_CALC_ROW(r, "tax/air-equivalents", name);
		l->equivalent[i] = l->amounts->list[i] / ss_law_number(row, "equivalent");
	}
}

/* Of the pollutants of a group (BOD5, COD, TOC of one outlet) only the largest stays. */
static void one_of_group(struct ss_calc_run *r, struct list *l)
{
	size_t best = KINDS_MOST;

	for (size_t i = 0; i < l->amounts->n; i++) {
		const char *name = ss_arena_strdup(r->a, word(l, i));

		if (!name || isnan(l->equivalent[i]) ||
		    !ss_law_text(SS_CALC_ROW(r, "tax/water-equivalents", "2", name), "group")[0])
			continue;
		if (best != KINDS_MOST && l->equivalent[i] <= l->equivalent[best]) {
			l->equivalent[i] = NAN;
			continue;
		}
		if (best != KINDS_MOST)
			l->equivalent[best] = NAN;
		best = i;
	}
}

/* Writes the largest ones and returns the tax on them at 1 yuan. */
static double put_charged(struct ss_calc_run *r, const char *name, const struct list *l,
			  const char *largest)
{
	size_t index[16], most = (size_t)fmin(ss_calc_param(r, "tax/parameters", largest), 16), n;
	double sum = 0;

	if (r->code)
		return 0;
	n = ss_largest(l->equivalent, l->amounts->n, most, index);
	ss_json_key(r->j, name);
	ss_json_arr(r->j);
	for (size_t i = 0; i < n; i++) {
		double e = l->equivalent[index[i]];

		ss_json_obj(r->j);
		ss_json_kstr(r->j, "pollutant", word(l, index[i]));
		ss_calc_put(r, "equivalent", ss_round_noise(e));
		ss_json_end_obj(r->j);
		sum += e * share_of(r, word(l, index[i]));
	}
	ss_json_end_arr(r->j);
	return sum;
}

static void put_tax(struct ss_calc_run *r, double equivalents)
{
	ss_calc_put(r, "tax_yuan", ss_round_money(equivalents * ss_calc_num(r, "rate_yuan"), 2));
}

/* --- tax.air ------------------------------------------------------------------------------------
 */

static const struct ss_calc_field air_in[] = {
    SS_OBJ("amounts_kg", "各污染物排放量", "kg", .words = AIR, .open_keys = true, SS_AT_LEAST(0)),
    SS_NUM("rate_yuan", "每污染当量税额", "yuan", SS_LAW_MIN("tax/parameters air.rate_minimum"),
	   SS_LAW_MAX("tax/parameters air.rate_maximum")),
    SHARES(AIR),
    {0}};
static const struct ss_calc_output air_out[] = {
    {"charged", "object[]", "计税的污染物与当量数 {pollutant, equivalent}（集合）"},
    {"tax_yuan", "number", "应纳税额，元，到分"},
    {0}};

static void tax_air(struct ss_calc_run *r)
{
	struct list l;

	take_list(r, "amounts_kg", NULL, &l);
	put_tax(r, put_charged(r, "charged", &l, "air.largest"));
}

/* --- tax.water ----------------------------------------------------------------------------------
 */

static const struct ss_calc_field water_in[] = {
    SS_OBJ("class1_kg", "第一类水污染物排放量", "kg", .words = CLASS1, SS_AT_LEAST(0),
	   SS_DEFAULT("{}")),
    SS_OBJ("class2_kg", "第二类水污染物排放量", "kg", .words = CLASS2, .open_keys = true,
	   SS_AT_LEAST(0), SS_DEFAULT("{}")),
    SS_NUM("rate_yuan", "每污染当量税额", "yuan", SS_LAW_MIN("tax/parameters water.rate_minimum"),
	   SS_LAW_MAX("tax/parameters water.rate_maximum")),
    SHARES(CLASS1 ";" CLASS2),
    {0}};
static const struct ss_calc_output water_out[] = {
    {"class1_charged", "object[]", "第一类计税的 {pollutant, equivalent}（集合）"},
    {"class2_charged", "object[]", "第二类计税的 {pollutant, equivalent}（集合）"},
    {"tax_yuan", "number", "应纳税额，元，到分"},
    {0}};

static void tax_water(struct ss_calc_run *r)
{
	struct list first, second;
	double sum;

	take_list(r, "class1_kg", "1", &first);
	take_list(r, "class2_kg", "2", &second);
	one_of_group(r, &second);
	sum = put_charged(r, "class1_charged", &first, "water.class1_largest");
	sum += put_charged(r, "class2_charged", &second, "water.class2_largest");
	put_tax(r, sum);
}

/* --- tax.solid ----------------------------------------------------------------------------------
 */

static const struct ss_calc_field solid_in[] = {
    SS_WORD("kind", "煤矸石、尾矿、危险废物、冶炼渣粉煤灰炉渣及其他",
	    "coal_gangue tailings hazardous other"),
    SS_NUM("generated_t", "产生量", "t", SS_AT_LEAST(0)),
    SS_NUM("stored_t", "依规贮存量", "t", SS_AT_LEAST(0), SS_DEFAULT("0")),
    SS_NUM("disposed_t", "依规处置量", "t", SS_AT_LEAST(0), SS_DEFAULT("0")),
    SS_NUM("used_t", "综合利用量", "t", SS_AT_LEAST(0), SS_DEFAULT("0")),
    {0}};
static const struct ss_calc_output solid_out[] = {
    {"taxable_t", "number", "应税排放量，t"}, {"tax_yuan", "number", "应纳税额，元"}, {0}};

static void tax_solid(struct ss_calc_run *r)
{
	const struct ss_law_row *row = SS_CALC_ROW(r, "tax/solid-rates", ss_calc_word(r, "kind"));
	double taxable = ss_taxable_waste(ss_calc_num(r, "generated_t"), ss_calc_num(r, "stored_t"),
					  ss_calc_num(r, "disposed_t"), ss_calc_num(r, "used_t"));

	if (taxable < 0) {
		ss_calc_fail(r, "range", "generated_t", "贮存、处置、利用之和不能超过产生量");
		return;
	}
	ss_calc_put(r, "taxable_t", taxable);
	ss_calc_put(r, "tax_yuan", taxable * ss_law_number(row, "rate"));
}

/* --- tax.noise ----------------------------------------------------------------------------------
 */

static const struct ss_calc_field noise_in[] = {
    SS_INT("exceed_db", "超标分贝，整数；0 不征", "dB", SS_AT_LEAST(0)),
    SS_INT("days", "当月超标天数", "d", SS_AT_LEAST(0), SS_AT_MOST(31)),
    SS_INT("units", "计税单位数：一处边界超过 100 m 有两处以上超标按 2", NULL, SS_AT_LEAST(1),
	   SS_DEFAULT("1")),
    {0}};
static const struct ss_calc_output tax_out[] = {{"tax_yuan", "number", "当月应纳税额，元"}, {0}};

static double noise_rate(struct ss_calc_run *r, double exceed_db)
{
	const struct ss_law_table *t = ss_law_table(r->law, "tax/noise-rates");
	const struct ss_law_row *row = NULL;

	while ((row = ss_law_next(t, r->day, row))) {
		double high = ss_law_number(row, "exceed_high");

		if (exceed_db >= ss_law_number(row, "exceed_low") &&
		    (isnan(high) || exceed_db <= high))
			return ss_law_number(row, "rate");
	}
	return 0;
}

static void tax_noise(struct ss_calc_run *r)
{
	bool half =
	    ss_calc_num(r, "days") < ss_calc_param(r, "tax/parameters", "noise.half_below_days");
	double share = half ? ss_calc_param(r, "tax/parameters", "noise.half_share") : 1;

	ss_calc_put(r, "tax_yuan",
		    noise_rate(r, ss_calc_num(r, "exceed_db")) * ss_calc_num(r, "units") * share);
}

/* --- tax.reduction ------------------------------------------------------------------------------
 */

static const struct ss_calc_field reduction_in[] = {
    SS_NUM("conc", "月均浓度，与限值同单位", NULL, SS_AT_LEAST(0)),
    SS_NUM("limit", "排放限值", NULL, SS_ABOVE(0)),
    SS_FLAG("all_within_limit", "每个小时（水为日）均值都不超限"),
    {0}};
static const struct ss_calc_output reduction_out[] = {
    {"payable_share", "number", "应缴比例 1、0.75、0.5"}, {0}};

/* Lower than the limit by more than `percent`; a binary hair from the bound is the bound. */
static bool lower_by(double conc, double limit, double percent)
{
	double bound = limit * (100 - percent) / 100;

	return bound - conc > 1e-12 * bound;
}

static void tax_reduction(struct ss_calc_run *r)
{
	const struct ss_law_table *t = ss_law_table(r->law, "tax/reductions");
	const struct ss_law_row *row = NULL;
	double share = 1;

	while (ss_calc_num(r, "all_within_limit") == 1 && (row = ss_law_next(t, r->day, row))) {
		if (lower_by(ss_calc_num(r, "conc"), ss_calc_num(r, "limit"),
			     ss_law_number(row, "below_percent")))
			share = fmin(share, ss_law_number(row, "payable_share"));
	}
	ss_calc_put(r, "payable_share", share);
}

const struct ss_calc ss_calc_tax[] = {
    {.name = "tax.air",
     .zh = "一个排放口的大气污染物环境保护税",
     .en = "tax on air pollutants of one outlet",
     .basis = LAW " 8、9、13、附表二",
     .formula = "当量数 = kg/当量值；取最大三项，sum(当量数 x 税额 x 应缴比例)",
     .note = "当量数相等时取表中在前的。适用税额见 standards/tax/rates。",
     .in = air_in,
     .out = air_out,
     .fn = tax_air},
    {.name = "tax.water",
     .zh = "一个排放口的水污染物环境保护税",
     .en = "tax on water pollutants of one outlet",
     .basis = LAW " 9、13、附表二",
     .formula = "第一类取最大五项，第二类取最大三项；cod、bod5、toc 只取当量数最大的一项",
     .note = "当量数相等时取表中在前的。适用税额见 standards/tax/rates。",
     .in = water_in,
     .out = water_out,
     .fn = tax_water},
    {.name = "tax.solid",
     .zh = "固体废物环境保护税",
     .en = "tax on solid waste",
     .basis = LAW " 附表一",
     .formula = "(产生 - 贮存 - 处置 - 综合利用) x 税额",
     .note = "减项之和超过产生量时报 generated_t。",
     .in = solid_in,
     .out = solid_out,
     .fn = tax_solid},
    {.name = "tax.noise",
     .zh = "工业噪声月税额",
     .en = "monthly tax on industrial noise",
     .basis = LAW " 附表一",
     .formula = "按超标分贝查表 x 单位数；当月不足 15 天减半",
     .note = "只收整数分贝。",
     .in = noise_in,
     .out = tax_out,
     .fn = tax_noise},
    {.name = "tax.reduction",
     .zh = "低浓度减征后的应缴比例",
     .en = "share of the tax that is paid for low concentrations",
     .basis = LAW " 13",
     .formula = "低于限值 30 % 以上 0.75，50 % 以上 0.5；有超限的为 1",
     .unsure = "恰好 30 %、50 % 时取未减征，待确认",
     .in = reduction_in,
     .out = reduction_out,
     .fn = tax_reduction},
    {0}};
