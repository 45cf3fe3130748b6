/* Ambient air: HJ 633, GB 3095, HJ 663. */
#include "reason/calc/calc_internal.h"

#define POLLUTANTS "so2 no2 co o3 pm10 pm25 tsp nox pb bap"
#define AQI_ITEMS "so2 no2 co o3 pm10 pm25"
#define BASIS_AQI "HJ 633-2026 4.2、4.3、5.3.1 表 3；HJ 633-2012 表 1"

static const char *const item_names[SS_AIR_ITEM_COUNT_] = {"so2", "no2",  "co",
							   "o3",  "pm10", "pm25"};

/* A day on which the edition held. */
static int64_t edition_day(struct ss_calc_run *r, const char *rule_set)
{
	const struct ss_law_table *t = ss_law_table(r->law, "air/rule-sets");
	const struct ss_law_row *row = NULL;

	while ((row = ss_law_next(t, SS_ANY_DAY, row))) {
		if (strcmp(ss_law_text(row, "rule_set"), rule_set) == 0)
			return row->from_day != INT64_MIN ? row->from_day : row->to_day;
	}
	ss_calc_lacks(r, "air/rule-sets");
	return 0;
}

static bool is_2012(const struct ss_calc_run *r)
{
	return ss_calc_is(r, "edition", "2012");
}

/* The law of an edition is put together from some hundred rows: once a thread and set of the law.
 */
struct edition {
	const struct ss_law *set;
	int64_t day; /* on which the edition held */
	struct ss_aqi_law day_law, hour_law;
};

/* NULL fails the run. */
static const struct edition *edition_of(struct ss_calc_run *r)
{
	static _Thread_local struct edition kept[2];
	struct edition *e = &kept[is_2012(r)];

	if (e->set == r->law)
		return e;
	e->set = NULL;
	e->day = edition_day(r, is_2012(r) ? "hj633_2012" : "hj633_2026");
	if (r->code)
		return NULL;
	if (!ss_judge_aqi(r->law, e->day, "day", &e->day_law) ||
	    !ss_judge_aqi(r->law, e->day, "hour", &e->hour_law)) {
		ss_calc_lacks(r, "limits/air-aqi");
		return NULL;
	}
	e->set = r->law;
	return e;
}

static void put_index(struct ss_calc_run *r, const char *name, int index)
{
	ss_calc_put_or_null(r, name, index == SS_NO_INDEX ? (double)NAN : index);
}

/* --- air.iaqi -----------------------------------------------------------------------------------
 */

static const struct ss_calc_field iaqi_in[] = {
    SS_WORD("edition", "规则版本", "2012 2026"),
    SS_WORD("item", "项目与时段",
	    "so2_24h so2_1h no2_24h no2_1h co_24h co_1h o3_8h o3_1h pm10_24h pm25_24h pm10_1h "
	    "pm25_1h"),
    SS_NUM("conc", "浓度（CO 为 mg/m3）", "ug/m3", SS_AT_LEAST(0)),
    {0}};
static const struct ss_calc_output iaqi_out[] = {
    {"iaqi", "integer?", "空气质量分指数 0 至 500，没有时为 null"},
    {"use_instead", "string?", "改用的项目（2012 版超出该时段表值时）"},
    {0}};

static enum ss_air_item item_of(struct ss_str token, struct ss_str *ret_average)
{
	struct ss_str name;

	*ret_average = token;
	ss_str_split(ret_average, '_', &name);
	for (int i = 0; i < SS_AIR_ITEM_COUNT_; i++) {
		if (ss_str_is(name, item_names[i]))
			return (enum ss_air_item)i;
	}
	return SS_AIR_ITEM_COUNT_;
}

/* Notes under table 1 of HJ 633-2012: beyond the column of one period, the other is used. */
static const char *other_period(const struct ss_calc_run *r)
{
	if (ss_calc_is(r, "item", "so2_1h"))
		return "so2_24h";
	return ss_calc_is(r, "item", "o3_8h") ? "o3_1h" : NULL;
}

static void iaqi(struct ss_calc_run *r)
{
	struct ss_str average;
	enum ss_air_item item = item_of(ss_calc_get(r, "item")->text, &average);
	bool hour = ss_str_is(average, "1h");
	const struct edition *e;
	int index;

	if (is_2012(r) && hour && (item == SS_AIR_PM10 || item == SS_AIR_PM25)) {
		ss_calc_fail(r, "unsupported", "item",
			     "HJ 633-2012 没有颗粒物 1 小时分指数，请用 24 小时均值");
		return;
	}
	e = edition_of(r);
	if (!e)
		return;
	index = ss_iaqi(hour ? &e->hour_law : &e->day_law, item, ss_calc_num(r, "conc"));
	put_index(r, "iaqi", index);
	ss_calc_put_word(r, "use_instead", index == SS_NO_INDEX ? other_period(r) : NULL);
}

/* --- air.aqi_daily ------------------------------------------------------------------------------
 */

static const struct ss_calc_field daily_in[] = {
    SS_WORD("edition", "规则版本", "2012 2026"),
    SS_NUM("so2_24h_ug_m3", "SO2 日均值，null 为缺", "ug/m3", SS_AT_LEAST(0), SS_OPTIONAL),
    SS_NUM("no2_24h_ug_m3", "NO2 日均值，null 为缺", "ug/m3", SS_AT_LEAST(0), SS_OPTIONAL),
    SS_NUM("co_24h_mg_m3", "CO 日均值，null 为缺", "mg/m3", SS_AT_LEAST(0), SS_OPTIONAL),
    SS_NUM("o3_8h_ug_m3", "O3 日最大 8 小时，null 为缺", "ug/m3", SS_AT_LEAST(0), SS_OPTIONAL),
    SS_NUM("pm10_24h_ug_m3", "PM10 日均值，null 为缺", "ug/m3", SS_AT_LEAST(0), SS_OPTIONAL),
    SS_NUM("pm25_24h_ug_m3", "PM2.5 日均值，null 为缺", "ug/m3", SS_AT_LEAST(0), SS_OPTIONAL),
    SS_NUM("o3_1h_ug_m3", "O3 日最大 1 小时，仅 2012 版", "ug/m3", SS_AT_LEAST(0), SS_OPTIONAL),
    SS_WORDS("not_in_plan", "不在点位监测方案内、缺少不妨碍发布的项目（2026 版）", AQI_ITEMS,
	     SS_DEFAULT("[]")),
    {0}};
static const struct ss_calc_output daily_out[] = {
    {"iaqi", "object", "各项分指数：so2 no2 co o3_8h pm10 pm25，2012 版另有 o3_1h；没有时为 null"},
    {"aqi", "integer?", "空气质量指数"},
    {"primary", "string[]", "首要污染物（集合；AQI 不超过 50 时为空）"},
    {"level", "integer?", "级别 1 至 6"},
    {0}};

/* Bits of the items not in the plan. */
static unsigned waived(const struct ss_calc_run *r)
{
	const struct ss_calc_value *v = ss_calc_get(r, "not_in_plan");
	unsigned bits = 0;

	for (size_t i = 0; i < v->n; i++)
		bits |= 1u << (unsigned)v->list[i];
	return bits;
}

static void put_daily_indices(struct ss_calc_run *r, const int *index, size_t n)
{
	static const char *const names[] = {"so2", "no2", "co", "o3_8h", "pm10", "pm25", "o3_1h"};

	ss_json_key(r->j, "iaqi");
	ss_json_obj(r->j);
	for (size_t i = 0; i < n; i++)
		put_index(r, names[i], index[i]);
	ss_json_end_obj(r->j);
}

/* The 1 h ozone of 2012 is one more index of the same pollutant. */
static void put_primary(struct ss_calc_run *r, unsigned bits)
{
	if (bits >> SS_AIR_ITEM_COUNT_ & 1)
		bits |= 1u << SS_AIR_O3;
	ss_json_key(r->j, "primary");
	ss_json_arr(r->j);
	for (int i = 0; i < SS_AIR_ITEM_COUNT_; i++) {
		if (bits >> i & 1)
			ss_json_z(r->j, item_names[i]);
	}
	ss_json_end_arr(r->j);
}

static void put_level(struct ss_calc_run *r, int64_t day, int aqi)
{
	const struct ss_limit *l = aqi == SS_NO_INDEX ? NULL : ss_judge_aqi_level(r->law, day, aqi);

	ss_calc_put_or_null(r, "level", l ? l->grade[0] - '0' : (double)NAN);
}

static void aqi_daily(struct ss_calc_run *r)
{
	const double conc[SS_AIR_ITEM_COUNT_] = {
	    ss_calc_num(r, "so2_24h_ug_m3"),  ss_calc_num(r, "no2_24h_ug_m3"),
	    ss_calc_num(r, "co_24h_mg_m3"),   ss_calc_num(r, "o3_8h_ug_m3"),
	    ss_calc_num(r, "pm10_24h_ug_m3"), ss_calc_num(r, "pm25_24h_ug_m3")};
	int index[SS_AIR_ITEM_COUNT_ + 1], aqi;
	size_t n = SS_AIR_ITEM_COUNT_ + is_2012(r);
	const struct edition *e;
	unsigned primary;

	if (!is_2012(r) && ss_calc_given(r, "o3_1h_ug_m3")) {
		ss_calc_fail(r, "unsupported", "o3_1h_ug_m3",
			     "HJ 633-2026 的日评价没有 O3 1 小时项目，请去掉 o3_1h_ug_m3");
		return;
	}
	e = edition_of(r);
	if (!e)
		return;
	for (int i = 0; i < SS_AIR_ITEM_COUNT_; i++)
		index[i] = ss_iaqi(&e->day_law, (enum ss_air_item)i, conc[i]);
	index[SS_AIR_ITEM_COUNT_] = ss_iaqi(&e->hour_law, SS_AIR_O3, ss_calc_num(r, "o3_1h_ug_m3"));
	aqi = ss_aqi_of(&e->day_law, index, n, waived(r), &primary);
	put_daily_indices(r, index, n);
	put_index(r, "aqi", aqi);
	put_primary(r, primary);
	put_level(r, e->day, aqi);
}

/* --- air.edition_for_date -----------------------------------------------------------------------
 */

static const struct ss_calc_field edition_in[] = {SS_DATE("observed_on", "观测日（自然日）"), {0}};
static const struct ss_calc_output edition_out[] = {
    {"limits", "string", "限值：gb3095_2012、gb3095_2026_transition、gb3095_2026_final"},
    {"aqi", "string", "指数：hj633_2012、hj633_2026"},
    {"assessment", "string", "评价：hj663_2013、hj663_2026"},
    {0}};

static void edition_for_date(struct ss_calc_run *r)
{
	const struct ss_law_table *t = ss_law_table(r->law, "air/rule-sets");
	int64_t day = ss_calc_get(r, "observed_on")->day;

	for (const struct ss_calc_output *o = edition_out; o->name; o++) {
		const struct ss_law_row *row = ss_law_find(t, day, SS_LAW_KEY(o->name));

		if (!row)
			ss_calc_lacks(r, "air/rule-sets");
		else
			ss_calc_put_word(r, o->name, ss_law_text(row, "rule_set"));
	}
}

/* --- air.level ----------------------------------------------------------------------------------
 */

static const struct ss_calc_field level_in[] = {
    SS_INT("aqi", "AQI 或分指数", NULL, SS_AT_LEAST(0), SS_AT_MOST(500)), {0}};
static const struct ss_calc_output level_out[] = {
    {"level", "integer", "级别 1 至 6"},
    {"name", "string", "优、良、轻度污染、中度污染、重度污染、严重污染"},
    {"colour", "string", "green yellow orange red purple maroon"},
    {"rgb", "integer[]", "颜色的红、绿、蓝"},
    {0}};

static void level(struct ss_calc_run *r)
{
	static const char *const parts[] = {"rgb_r", "rgb_g", "rgb_b"};
	const struct ss_limit *l =
	    ss_judge_aqi_level(r->law, edition_day(r, "hj633_2026"), (int)ss_calc_num(r, "aqi"));
	const struct ss_law_row *row = l ? SS_CALC_ROW(r, "air/level-colours", l->grade) : NULL;

	if (!row) {
		ss_calc_lacks(r, "limits/air-levels");
		return;
	}
	ss_calc_put(r, "level", l->grade[0] - '0');
	ss_calc_put_word(r, "name", l->text);
	ss_calc_put_word(r, "colour", ss_law_text(row, "colour"));
	ss_json_key(r->j, "rgb");
	ss_json_arr(r->j);
	for (size_t i = 0; i < SS_ARRAY_LEN(parts); i++)
		ss_json_double(r->j, ss_law_number(row, parts[i]));
	ss_json_end_arr(r->j);
}

/* --- air.limit ----------------------------------------------------------------------------------
 */

static const struct ss_calc_field limit_in[] = {
    SS_WORD("edition", "标准版本", "2012 2026"),
    SS_WORD("phase", "2026 版的阶段：过渡期、正式（2012 版不看）", "transition final", SS_OPTIONAL),
    SS_WORD("pollutant", "污染物", POLLUTANTS),
    SS_WORD("average", "平均时间", "annual quarter daily mda8 1h"),
    SS_INT("grade", "级别：一类区用 1，二类区用 2", NULL, SS_AT_LEAST(1), SS_AT_MOST(2)),
    {0}};
static const struct ss_calc_output limit_out[] = {
    {"limit", "number", "浓度限值"}, {"unit", "string", "ug/m3，CO 为 mg/m3"}, {0}};

/* The row of a limit; NULL when the table has none. */
static const struct ss_law_row *limit_row(struct ss_calc_run *r, const char *rule_set,
					  const char *token, const char *grade, const char *average)
{
	const struct ss_law_row *alias =
	    SS_CALC_ROW(r, "codes/factor-aliases", "calc", "air", token);

	return ss_law_find(ss_law_table(r->law, "limits/air-quality"), SS_ANY_DAY,
			   SS_LAW_KEY(rule_set, ss_law_text(alias, "factor"), grade, average));
}

static const char *limit_set(struct ss_calc_run *r)
{
	if (is_2012(r))
		return "gb3095_2012";
	if (!ss_calc_given(r, "phase"))
		ss_calc_fail(r, "missing", "phase",
			     "2026 版须写明 phase：transition（过渡期）或 final（正式）");
	return ss_calc_is(r, "phase", "final") ? "gb3095_2026_final" : "gb3095_2026_transition";
}

static void limit(struct ss_calc_run *r)
{
	const char *set = limit_set(r);
	const struct ss_law_row *row = r->code ? NULL
					       : limit_row(r, set, ss_calc_word(r, "pollutant"),
							   ss_calc_num(r, "grade") == 1 ? "1" : "2",
							   ss_calc_word(r, "average"));

	if (!row) {
		ss_calc_fail(r, "unsupported", "average",
			     "标准没有给出这一污染物在这一平均时间的限值");
		return;
	}
	ss_calc_put(r, "limit", ss_law_number(row, "high"));
	ss_calc_put_word(r, "unit", ss_law_text(row, "unit"));
}

/* --- air.validity -------------------------------------------------------------------------------
 */

static const struct ss_calc_field validity_in[] = {
    SS_WORD("item", "污染物", "so2 no2 co o3 pm10 pm25 tsp nox pb bap"),
    SS_WORD("statistic", "统计", "1h 8h daily monthly annual quarter"),
    SS_NUM("valid_minutes", "1h：该小时有效采样分钟", "min", SS_AT_LEAST(0), SS_AT_MOST(60),
	   SS_OPTIONAL),
    SS_NUM("valid_hours", "8h：八个小时均值中的有效个数；daily：小时均值或采样小时", "h",
	   SS_AT_LEAST(0), SS_AT_MOST(24), SS_OPTIONAL),
    SS_NUM("valid_days", "monthly、quarter、annual：有效日均值个数", "d", SS_AT_LEAST(0),
	   SS_AT_MOST(366), SS_OPTIONAL),
    SS_NUM("min_month_days", "annual、quarter：各月有效日数的最小值（有二月规定的不含二月）", "d",
	   SS_AT_LEAST(0), SS_AT_MOST(31), SS_OPTIONAL),
    SS_NUM("february_days", "annual：二月有效日数；monthly：评价二月时代替 valid_days", "d",
	   SS_AT_LEAST(0), SS_AT_MOST(29), SS_OPTIONAL),
    {0}};
static const struct ss_calc_output validity_out[] = {{"valid", "boolean", "数据是否有效"}, {0}};

static void need_field(struct ss_calc_run *r, const char *name, double need)
{
	if (!isnan(need) && !ss_calc_given(r, name))
		ss_calc_fail(r, "missing", name, "这一统计需要 %s", name);
}

/* What the row asks for, in the terms of the method. */
static struct ss_air_counts needed(const struct ss_calc_run *r, const struct ss_law_row *row)
{
	const char *counts = ss_law_text(row, "counts");
	double n = ss_law_number(row, "minimum");
	struct ss_air_counts c = {.minutes = strcmp(counts, "valid_minutes") == 0 ? n : (double)NAN,
				  .hours = strcmp(counts, "valid_hours") == 0 ? n : (double)NAN,
				  .days = strcmp(counts, "valid_days") == 0 ? n : (double)NAN,
				  .month_days = ss_law_number(row, "month_minimum"),
				  .february_days = ss_law_number(row, "february_minimum")};

	if (ss_calc_is(r, "statistic", "monthly")) {
		/* Of February its own number is asked for, of other months the usual one. */
		if (ss_calc_given(r, "february_days"))
			c.days = NAN;
		else
			c.february_days = NAN;
	}
	return c;
}

static void validity(struct ss_calc_run *r)
{
	const struct ss_law_row *row =
	    ss_law_find(ss_law_table(r->law, "air/validity"), SS_ANY_DAY,
			SS_LAW_KEY(ss_calc_word(r, "item"), ss_calc_word(r, "statistic")));
	struct ss_air_counts need,
	    have = {ss_calc_num(r, "valid_minutes"), ss_calc_num(r, "valid_hours"),
		    ss_calc_num(r, "valid_days"), ss_calc_num(r, "min_month_days"),
		    ss_calc_num(r, "february_days")};

	if (!row) {
		ss_calc_fail(r, "unsupported", "statistic",
			     "GB 3095 表 4 没有这一污染物的这一统计");
		return;
	}
	need = needed(r, row);
	need_field(r, "valid_minutes", need.minutes);
	need_field(r, "valid_hours", need.hours);
	need_field(r, "valid_days", need.days);
	need_field(r, "min_month_days", need.month_days);
	need_field(r, "february_days", need.february_days);
	ss_json_kbool(r->j, "valid", ss_air_valid(&need, &have));
}

/* --- air.percentile -----------------------------------------------------------------------------
 */

static const struct ss_calc_field percentile_in[] = {
    SS_NUMS("values", "数值；null 不计", NULL, .null_inside = true, .not_empty = true),
    SS_NUM("p", "百分位，写作小数", NULL, SS_ABOVE(0), SS_AT_MOST(1)),
    {0}};
static const struct ss_calc_output percentile_out[] = {{"value", "number", "百分位数"}, {0}};

static void percentile(struct ss_calc_run *r)
{
	const struct ss_calc_value *v = ss_calc_get(r, "values");
	size_t n = ss_drop_nan(v->list, v->n);

	if (n == 0)
		ss_calc_fail(r, "range", "values", "values 里没有数值");
	else
		ss_calc_put(r, "value", ss_percentile(v->list, n, ss_calc_num(r, "p")));
}

/* --- air.composite_index ------------------------------------------------------------------------
 */

static const struct ss_calc_field composite_in[] = {
    SS_WORD("limits", "所比的限值", "gb3095_2012 gb3095_2026_transition gb3095_2026_final"),
    SS_NUM("so2_ug_m3", "SO2 时段均值", "ug/m3", SS_AT_LEAST(0)),
    SS_NUM("no2_ug_m3", "NO2 时段均值", "ug/m3", SS_AT_LEAST(0)),
    SS_NUM("pm10_ug_m3", "PM10 时段均值", "ug/m3", SS_AT_LEAST(0)),
    SS_NUM("pm25_ug_m3", "PM2.5 时段均值", "ug/m3", SS_AT_LEAST(0)),
    SS_NUM("co_p95_mg_m3", "CO 日均值第 95 百分位数", "mg/m3", SS_AT_LEAST(0)),
    SS_NUM("o3_p90_ug_m3", "O3 日最大 8 小时第 90 百分位数", "ug/m3", SS_AT_LEAST(0)),
    SS_OBJ("weights", "权重，缺省每项 1", NULL, .tokens = "so2 no2 pm10 pm25 co o3", SS_AT_LEAST(0),
	   SS_DEFAULT("{}")),
    {0}};
static const struct ss_calc_output composite_out[] = {
    {"index", "number", "综合指数，不修约"},
    {"parts", "object", "各项单项指数（不乘权重）：so2 no2 pm10 pm25 co o3"},
    {0}};

static void composite_index(struct ss_calc_run *r)
{
	static const struct {
		const char *token, *field, *average;
	} items[] = {{"so2", "so2_ug_m3", "annual"},   {"no2", "no2_ug_m3", "annual"},
		     {"pm10", "pm10_ug_m3", "annual"}, {"pm25", "pm25_ug_m3", "annual"},
		     {"co", "co_p95_mg_m3", "daily"},  {"o3", "o3_p90_ug_m3", "mda8"}};
	const struct ss_calc_value *weights = ss_calc_get(r, "weights");
	double part[SS_ARRAY_LEN(items)], sum = 0;

	for (size_t i = 0; i < SS_ARRAY_LEN(items); i++) {
		const struct ss_law_row *row =
		    limit_row(r, ss_calc_word(r, "limits"), items[i].token, "2", items[i].average);
		double weight = !weights->n || isnan(weights->list[i]) ? 1 : weights->list[i];

		if (!row)
			ss_calc_lacks(r, "limits/air-quality");
		part[i] = ss_calc_num(r, items[i].field) / ss_law_number(row, "high");
		sum += weight * part[i];
	}
	ss_calc_put(r, "index", sum);
	ss_json_key(r->j, "parts");
	ss_json_obj(r->j);
	for (size_t i = 0; i < SS_ARRAY_LEN(items); i++)
		ss_calc_put(r, items[i].token, part[i]);
	ss_json_end_obj(r->j);
}

const struct ss_calc ss_calc_air[] = {
    {.name = "air.iaqi",
     .zh = "单项空气质量分指数",
     .en = "individual air quality index of one item",
     .basis = "HJ 633-2026 4.2、表 3；HJ 633-2012 表 1",
     .formula = "IAQI = (IAQIhi - IAQIlo)/(BPhi - BPlo) x (C - BPlo) + IAQIlo，按精确分数向上取整",
     .note = "2026 版先按 GB/T 8170 修约（四舍六入五成双，按十进制写法）：整数 ug/m3，CO "
	     "一位小数。末级断点"
	     "以上为 500。2012 版 SO2 1 小时大于 800 改用 so2_24h，O3 8 小时大于 800 改用 "
	     "o3_1h；2012 版没有"
	     "颗粒物 1 小时项目（字段 item）。",
     .in = iaqi_in,
     .out = iaqi_out,
     .fn = iaqi},
    {.name = "air.aqi_daily",
     .zh = "日 AQI、首要污染物与级别",
     .en = "daily AQI, primary pollutants and level from six daily values",
     .basis = BASIS_AQI,
     .formula = "AQI = max(IAQI)；首要污染物：AQI 大于 50 时分指数最大者，并列同列",
     .note =
	 "2026 版缺项时，AQI 大于 100 才发布，方案外的项目（not_in_plan）缺少不妨碍；2026 版不收 "
	 "o3_1h_ug_m3。",
     .unsure = "2012 版缺项时取其余的最大值，待确认",
     .in = daily_in,
     .out = daily_out,
     .fn = aqi_daily},
    {.name = "air.edition_for_date",
     .zh = "观测日适用的规则版本",
     .en = "rule set that applies to an observation day",
     .basis = "GB 3095-2026 4.4；2026-03-01 实施",
     .formula = "按观测日查 air/rule-sets",
     .in = edition_in,
     .out = edition_out,
     .fn = edition_for_date},
    {.name = "air.level",
     .zh = "AQI 的级别、名称与颜色",
     .en = "level, name and colour of an AQI or IAQI",
     .basis = "HJ 633-2026 附录 A（与 2012 版相同）",
     .formula = "按指数查级别表",
     .note = "只收 0 至 500 的整数。",
     .in = level_in,
     .out = level_out,
     .fn = level},
    {.name = "air.limit",
     .zh = "环境空气污染物浓度限值",
     .en = "ambient air concentration limit",
     .basis = "GB 3095-2026 表 1、表 2；GB 3095-2012 及 2018 年修改单",
     .formula = "按版本、阶段、污染物、平均时间、级别查表",
     .note = "表中没有的平均时间报 average；2026 版缺 phase 报 phase。",
     .in = limit_in,
     .out = limit_out,
     .fn = limit},
    {.name = "air.validity",
     .zh = "统计的有效数据是否足够",
     .en = "does a statistic have enough valid data",
     .basis = "GB 3095-2026 表 4（与 2012 版相同）",
     .formula = "有效个数不小于表中最低要求；年统计同时要求各月与二月",
     .note = "表中没有的统计报 statistic；缺所需的个数报该字段。",
     .in = validity_in,
     .out = validity_out,
     .fn = validity},
    {.name = "air.percentile",
     .zh = "时段百分位数",
     .en = "percentile of a period",
     .basis = "HJ 663 附录：百分位数计算方法",
     .formula = "k = 1 + (n - 1) p；X = X(s) + (X(s+1) - X(s)) (k - s)，s = floor(k)",
     .note = "全为 null 时报 values。",
     .in = percentile_in,
     .out = percentile_out,
     .fn = percentile},
    {.name = "air.composite_index",
     .zh = "环境空气质量综合指数（城市排名）",
     .en = "composite air quality index of a period",
     .basis = "城市环境空气质量排名技术规定 2018；限值取 GB 3095 二级",
     .formula = "I = sum(权重 x 值/限值)；CO 比日均限值，O3 比 8 小时限值，其余比年均限值",
     .unsure = "2026 版的权重待与正式文本核对，故由输入给出",
     .in = composite_in,
     .out = composite_out,
     .fn = composite_index},
    {0}};
