/* Emission monitoring: HJ 75-2017, HJ 356-2019. */
#include "reason/calc/calc_internal.h"

#define BASIS "HJ 75-2017 附录"
#define OXYGEN "含氧量须小于 21 %：等于空气时没有烟气可换算。"

/* --- conversions --------------------------------------------------------------------------------
 */

static const struct ss_calc_field oxygen_in[] = {
    SS_NUM("conc_dry_std_mg_m3", "标态干基浓度", "mg/m3", SS_AT_LEAST(0)),
    SS_NUM("o2_ref_percent", "基准含氧量", "%", SS_AT_LEAST(0), SS_BELOW(SS_AIR_OXYGEN_PERCENT)),
    SS_NUM("o2_percent", "实测含氧量（干基）", "%", SS_AT_LEAST(0),
	   SS_BELOW(SS_AIR_OXYGEN_PERCENT)),
    {0}};
static const struct ss_calc_output conc_ref_out[] = {
    {"conc_ref_mg_m3", "number", "折算浓度，mg/m3"}, {0}};

static void reference_oxygen(struct ss_calc_run *r)
{
	ss_calc_put(r, "conc_ref_mg_m3",
		    ss_at_reference_oxygen(ss_calc_num(r, "conc_dry_std_mg_m3"),
					   ss_calc_num(r, "o2_percent"),
					   ss_calc_num(r, "o2_ref_percent")));
}

static const struct ss_calc_field alpha_in[] = {
    SS_NUM("conc_mg_m3", "浓度", "mg/m3", SS_AT_LEAST(0)),
    SS_NUM("alpha", "实测过量空气系数", NULL, SS_AT_LEAST(1)),
    SS_NUM("alpha_ref", "基准过量空气系数", NULL, SS_AT_LEAST(1)),
    {0}};

static void excess_air_conversion(struct ss_calc_run *r)
{
	ss_calc_put(r, "conc_ref_mg_m3",
		    ss_at_reference_excess_air(ss_calc_num(r, "conc_mg_m3"),
					       ss_calc_num(r, "alpha"),
					       ss_calc_num(r, "alpha_ref")));
}

static const struct ss_calc_field excess_in[] = {SS_NUM("o2_percent", "实测含氧量（干基）", "%",
							SS_AT_LEAST(0),
							SS_BELOW(SS_AIR_OXYGEN_PERCENT)),
						 {0}};
static const struct ss_calc_output excess_out[] = {{"alpha", "number", "过量空气系数"}, {0}};

static void excess_air(struct ss_calc_run *r)
{
	ss_calc_put(r, "alpha", ss_excess_air(ss_calc_num(r, "o2_percent")));
}

static const struct ss_calc_field wet_in[] = {
    SS_NUM("conc_wet_mg_m3", "湿基浓度", "mg/m3", SS_AT_LEAST(0)),
    SS_NUM("moisture_percent", "含湿量", "%", SS_AT_LEAST(0), SS_BELOW(100)),
    {0}};
static const struct ss_calc_output wet_out[] = {{"conc_dry_mg_m3", "number", "干基浓度，mg/m3"},
						{0}};

static void wet_to_dry(struct ss_calc_run *r)
{
	ss_calc_put(
	    r, "conc_dry_mg_m3",
	    ss_wet_to_dry(ss_calc_num(r, "conc_wet_mg_m3"), ss_calc_num(r, "moisture_percent")));
}

static const struct ss_calc_field ppm_in[] = {
    SS_NUM("conc_ppm", "体积浓度", "ppm", SS_AT_LEAST(0)),
    SS_NUM("molar_mass_g_mol", "摩尔质量：SO2 64、NO 30、NO2 46、CO 28", "g/mol", SS_ABOVE(0)),
    {0}};
static const struct ss_calc_output ppm_out[] = {
    {"conc_mg_m3", "number", "质量浓度（273 K、101.325 kPa），mg/m3"}, {0}};

static void ppm_to_mass(struct ss_calc_run *r)
{
	ss_calc_put(r, "conc_mg_m3",
		    ss_ppm_to_mass(ss_calc_num(r, "conc_ppm"), ss_calc_num(r, "molar_mass_g_mol")));
}

static const struct ss_calc_field flow_in[] = {
    SS_NUM("flow_actual_m3_h", "实际工况湿烟气流量", "m3/h", SS_AT_LEAST(0)),
    SS_NUM("temperature_c", "烟温", "degC", SS_ABOVE(-273)),
    SS_NUM("ambient_pa", "大气压", "Pa", SS_ABOVE(0)),
    SS_NUM("static_pa", "烟气静压（表压，可为负）", "Pa"),
    SS_NUM("moisture_percent", "含湿量", "%", SS_AT_LEAST(0), SS_BELOW(100)),
    {0}};
static const struct ss_calc_output flow_out[] = {
    {"flow_dry_std_m3_h", "number", "标态干烟气流量，m3/h"}, {0}};

static void flow_standard(struct ss_calc_run *r)
{
	double ambient = ss_calc_num(r, "ambient_pa"), gauge = ss_calc_num(r, "static_pa");

	if (ambient + gauge <= 0) {
		ss_calc_fail(r, "range", "static_pa", "大气压与静压之和须大于 0");
		return;
	}
	ss_calc_put(r, "flow_dry_std_m3_h",
		    ss_flow_dry_standard(ss_calc_num(r, "flow_actual_m3_h"),
					 ss_calc_num(r, "temperature_c"), ambient, gauge,
					 ss_calc_num(r, "moisture_percent")));
}

/* --- amounts ------------------------------------------------------------------------------------
 */

static const struct ss_calc_field rate_in[] = {
    SS_NUM("conc_dry_std_mg_m3", "标态干基浓度，不折算", "mg/m3", SS_AT_LEAST(0)),
    SS_NUM("flow_dry_std_m3_h", "标态干烟气流量", "m3/h", SS_AT_LEAST(0)),
    {0}};
static const struct ss_calc_output rate_out[] = {{"rate_kg_h", "number", "小时排放量，kg/h"}, {0}};

static void rate(struct ss_calc_run *r)
{
	ss_calc_put(r, "rate_kg_h",
		    ss_emission_rate_kg_h(ss_calc_num(r, "conc_dry_std_mg_m3"),
					  ss_calc_num(r, "flow_dry_std_m3_h")));
}

static const struct ss_calc_field total_in[] = {
    SS_NUMS("hourly_kg", "各小时排放量；null 为无效小时", "kg", SS_AT_LEAST(0), .null_inside = true,
	    .not_empty = true),
    SS_NUM("substitute_kg", "无效小时的替代值；有 null 时必填", "kg", SS_AT_LEAST(0), SS_OPTIONAL),
    {0}};
static const struct ss_calc_output total_out[] = {
    {"total_kg", "number", "合计，kg"}, {"substituted_hours", "integer", "替代的小时数"}, {0}};

static void total(struct ss_calc_run *r)
{
	const struct ss_calc_value *v = ss_calc_get(r, "hourly_kg");
	size_t substituted;
	double sum =
	    ss_emission_total_kg(v->list, v->n, ss_calc_num(r, "substitute_kg"), &substituted);

	if (substituted && !ss_calc_given(r, "substitute_kg")) {
		ss_calc_fail(r, "missing", "substitute_kg",
			     "有 %zu 个无效小时，须给出 substitute_kg", substituted);
		return;
	}
	ss_calc_put(r, "total_kg", sum);
	ss_calc_put(r, "substituted_hours", (double)substituted);
}

/* --- CEMS ---------------------------------------------------------------------------------------
 */

#define KINDS "out_of_control maintenance"
#define ROWS 32

static const struct ss_calc_field rule_in[] = {
    SS_NUM("capture_percent", "本季度有效数据捕集率", "%", SS_AT_LEAST(0), SS_AT_MOST(100)),
    SS_NUM("consecutive_hours", "连续无效小时数", "h", SS_ABOVE(0)),
    SS_WORD("kind", "情形：out_of_control 失控，maintenance 维护及其他无效", KINDS),
    {0}};
static const struct ss_calc_output rule_out[] = {
    {"window_valid_hours", "integer?",
     "取此前多少个有效小时中的最大小时排放量；捕集率不足时没有规则"},
    {"window_before", "string?",
     "在何时之前：last_calibration 上次校准（失控），failure 失效（维护及其他）"},
    {0}};

static void substitution_rule(struct ss_calc_run *r)
{
	const struct ss_law_table *t = ss_law_table(r->law, "emission/substitution");
	const struct ss_law_row *row = NULL, *from[ROWS];
	struct ss_cems_window rows[ROWS];
	const struct ss_cems_window *w;
	size_t n = 0;

	while ((row = ss_law_next(t, r->day, row)) && n < ROWS) {
		double over = ss_law_number(row, "hours_over");

		if (!ss_calc_is(r, "kind", ss_law_text(row, "kind")))
			continue;
		from[n] = row;
		rows[n++] = (struct ss_cems_window){
		    .capture_from = ss_law_number(row, "capture_low"),
		    .capture_below = ss_law_number(row, "capture_high"),
		    .gap_over = isnan(over) ? 0 : over,
		    .gap_hours = ss_law_number(row, "hours_to"),
		    .valid_hours = (int)ss_law_number(row, "window_valid_hours")};
	}
	w = ss_cems_window(rows, n, ss_calc_num(r, "capture_percent"),
			   ss_calc_num(r, "consecutive_hours"));
	ss_calc_put_or_null(r, "window_valid_hours", w ? w->valid_hours : (double)NAN);
	ss_calc_put_word(r, "window_before",
			 w ? ss_law_text(from[w - rows], "window_before") : NULL);
}

static const struct ss_calc_field capture_in[] = {
    SS_NUM("quarter_hours", "季度小时数", "h", SS_ABOVE(0)),
    SS_NUM("invalid_hours", "无效小时数", "h", SS_AT_LEAST(0)),
    SS_NUM("stop_hours", "停运小时数", "h", SS_AT_LEAST(0)),
    {0}};
static const struct ss_calc_output capture_out[] = {
    {"capture_percent", "number", "捕集率，%"}, {"meets_75", "boolean", "是否达到 75 %"}, {0}};

static void capture_rate(struct ss_calc_run *r)
{
	double quarter = ss_calc_num(r, "quarter_hours"), invalid = ss_calc_num(r, "invalid_hours"),
	       stop = ss_calc_num(r, "stop_hours"), percent;
	double target = ss_calc_param(r, "emission/parameters", "capture.target");

	if (stop >= quarter) {
		ss_calc_fail(r, "range", "stop_hours", "停运小时须少于季度小时数，否则没有捕集率");
		return;
	}
	percent = ss_capture_percent(quarter, invalid, stop);
	if (isnan(percent)) {
		ss_calc_fail(r, "range", "invalid_hours", "无效小时不能多于运行小时");
		return;
	}
	ss_calc_put(r, "capture_percent", percent);
	ss_json_kbool(r->j, "meets_75", percent >= target);
}

/* --- waste water --------------------------------------------------------------------------------
 */

static const struct ss_calc_field daily_in[] = {
    SS_NUMS("flow_m3", "各小时流量", "m3", SS_AT_LEAST(0), .null_inside = true, .not_empty = true),
    SS_NUMS("conc_mg_l", "各小时浓度，与流量一样长；任一为 null 的小时不计", "mg/L", SS_AT_LEAST(0),
	    .null_inside = true, .not_empty = true),
    {0}};
static const struct ss_calc_output daily_out[] = {
    {"mean_mg_l", "number?", "按流量加权的日均值，mg/L；所计小时没有流量时为 null"}, {0}};

/* Water in the hours that have both. */
static bool any_water(const struct ss_calc_value *q, const struct ss_calc_value *c)
{
	for (size_t i = 0; i < q->n; i++) {
		if (q->list[i] > 0 && !isnan(c->list[i]))
			return true;
	}
	return false;
}

static void daily_mean(struct ss_calc_run *r)
{
	const struct ss_calc_value *q = ss_calc_get(r, "flow_m3"), *c = ss_calc_get(r, "conc_mg_l");

	if (q->n != c->n) {
		ss_calc_fail(r, "range", "conc_mg_l",
			     "conc_mg_l 有 %zu 个，须与 flow_m3 的 %zu 个一样多", c->n, q->n);
		return;
	}
	if (any_water(q, c))
		ss_calc_put(r, "mean_mg_l", ss_flow_weighted_mean(c->list, q->list, q->n));
	else
		ss_calc_put_or_null(r, "mean_mg_l", NAN);
}

static const struct ss_calc_field substitute_in[] = {
    SS_WORD("item", "项目", "ph cod nh3n tp tn flow"),
    SS_INT("gap_hours", "缺失小时数", "h", SS_AT_LEAST(1)),
    SS_NUMS("previous", "缺失前等长时段的各小时值", NULL, .not_empty = true),
    {0}};
static const struct ss_calc_output substitute_out[] = {{"value", "number", "替代值"}, {0}};

static void substitute(struct ss_calc_run *r)
{
	const struct ss_calc_value *v = ss_calc_get(r, "previous");
	const struct ss_law_row *row =
	    SS_CALC_ROW(r, "wastewater/substitution", ss_calc_word(r, "item"));

	if ((double)v->n != ss_calc_num(r, "gap_hours")) {
		ss_calc_fail(r, "range", "previous", "previous 有 %zu 个值，须与 gap_hours 相等",
			     v->n);
		return;
	}
	ss_calc_put(r, "value",
		    strcmp(ss_law_text(row, "method"), "median") == 0 ? ss_median(v->list, v->n)
								      : ss_mean(v->list, v->n));
}

const struct ss_calc ss_calc_emission[] = {
    {.name = "emission.reference_oxygen",
     .zh = "折算到基准含氧量",
     .en = "convert to the reference oxygen content",
     .basis = BASIS,
     .formula = "c (21 - O2基准)/(21 - O2实测)",
     .note = OXYGEN,
     .in = oxygen_in,
     .out = conc_ref_out,
     .fn = reference_oxygen},
    {.name = "emission.excess_air_conversion",
     .zh = "折算到基准过量空气系数",
     .en = "convert to the reference excess air coefficient",
     .basis = BASIS,
     .formula = "c alpha/alpha_ref",
     .note = "系数不小于 1。",
     .in = alpha_in,
     .out = conc_ref_out,
     .fn = excess_air_conversion},
    {.name = "emission.excess_air",
     .zh = "由含氧量算过量空气系数",
     .en = "excess air coefficient from oxygen",
     .basis = BASIS,
     .formula = "21/(21 - O2)",
     .note = OXYGEN,
     .in = excess_in,
     .out = excess_out,
     .fn = excess_air},
    {.name = "emission.wet_to_dry",
     .zh = "湿基换算干基",
     .en = "wet to dry basis",
     .basis = BASIS,
     .formula = "c/(1 - Xsw/100)",
     .in = wet_in,
     .out = wet_out,
     .fn = wet_to_dry},
    {.name = "emission.ppm_to_mass",
     .zh = "体积浓度换算质量浓度",
     .en = "volume to mass concentration at 273 K, 101.325 kPa",
     .basis = BASIS,
     .formula = "M/22.4 x ppm",
     .in = ppm_in,
     .out = ppm_out,
     .fn = ppm_to_mass},
    {.name = "emission.flow_standard",
     .zh = "标态干烟气流量",
     .en = "dry flow at 273 K, 101325 Pa",
     .basis = BASIS,
     .formula = "Q x 273/(273 + t) x (Ba + Ps)/101325 x (1 - Xsw/100)",
     .note = "大气压与静压之和不大于 0 时报 static_pa。",
     .in = flow_in,
     .out = flow_out,
     .fn = flow_standard},
    {.name = "emission.rate",
     .zh = "小时排放量",
     .en = "hourly emission from the concentration that is not converted to reference oxygen",
     .basis = BASIS,
     .formula = "c Q 1e-6",
     .in = rate_in,
     .out = rate_out,
     .fn = rate},
    {.name = "emission.total",
     .zh = "排放量合计（无效小时替代）",
     .en = "sum of hourly emissions with substitution of invalid hours",
     .basis = "HJ 75-2017 12",
     .formula = "有效小时之和 + 无效小时数 x 替代值",
     .note = "有 null 而没有 substitute_kg 时报 substitute_kg。",
     .in = total_in,
     .out = total_out,
     .fn = total},
    {.name = "cems.substitution_rule",
     .zh = "缺失排放量用此前哪些小时替代",
     .en = "which past hours give the substitute emission (their largest hourly value)",
     .basis = "HJ 75-2017 12.2",
     .formula = "按捕集率、情形、连续小时查 emission/substitution",
     .note = "捕集率低于 75 % 没有规则，两项都为 null。",
     .in = rule_in,
     .out = rule_out,
     .fn = substitution_rule},
    {.name = "cems.capture_rate",
     .zh = "季度有效数据捕集率",
     .en = "valid data capture rate of a quarter",
     .basis = "HJ 75-2017 12.1",
     .formula = "(季度小时 - 停运 - 无效)/(季度小时 - 停运) x 100",
     .note = "停运不少于季度小时报 stop_hours；无效多于运行小时报 invalid_hours。",
     .in = capture_in,
     .out = capture_out,
     .fn = capture_rate},
    {.name = "wastewater.daily_mean",
     .zh = "废水按流量加权的日均值",
     .en = "flow-weighted daily mean of waste water",
     .basis = "HJ 356-2019",
     .formula = "sum(C Q)/sum(Q)，只计两者都有的小时",
     .note = "长度不同报 conc_mg_l。",
     .in = daily_in,
     .out = daily_out,
     .fn = daily_mean},
    {.name = "wastewater.substitute",
     .zh = "废水缺失值的替代值",
     .en = "substitute for a gap from the period of the same length just before",
     .basis = "HJ 356-2019",
     .formula = "前一等长时段的算术平均值；pH 为中位值",
     .note = "previous 的个数须等于 gap_hours。",
     .in = substitute_in,
     .out = substitute_out,
     .fn = substitute},
    {0}};
