/* Biodiversity and ecological indices: HJ 192-2015, the EQI rule of 2021. */
#include "reason/calc/calc_internal.h"

#define PARTS_MOST 8
#define SHARE(n, z) SS_NUM(n, z, NULL, SS_AT_LEAST(0), SS_AT_MOST(100))

/* --- eco.diversity ------------------------------------------------------------------------------
 */

static const struct ss_calc_field diversity_in[] = {
    SS_NUMS("counts", "各物种个体数；0 不计", NULL, SS_AT_LEAST(0), .not_empty = true), {0}};
static const struct ss_calc_output diversity_out[] = {
    {"shannon_ln", "number", "Shannon 指数，自然对数"},
    {"shannon_log2", "number", "Shannon 指数，以 2 为底"},
    {"simpson", "number", "1 - sum p^2"},
    {"pielou", "number?", "均匀度；只有一种时为 null"},
    {"margalef", "number?", "(S - 1)/ln N；只有一个个体时为 null"},
    {0}};

static void diversity(struct ss_calc_run *r)
{
	const struct ss_calc_value *v = ss_calc_get(r, "counts");
	struct ss_diversity d = ss_diversity(v->list, v->n);

	if (d.species == 0) {
		ss_calc_fail(r, "range", "counts", "counts 里一个个体也没有");
		return;
	}
	if (!isfinite(d.individuals)) {
		ss_calc_fail(r, "range", "counts", "counts 之和超出可表示的范围");
		return;
	}
	ss_calc_put(r, "shannon_ln", d.shannon);
	ss_calc_put(r, "shannon_log2", d.shannon / log(2));
	ss_calc_put(r, "simpson", d.simpson);
	ss_calc_put_or_null(r, "pielou", d.pielou);
	ss_calc_put_or_null(r, "margalef", d.margalef);
}

/* --- indices ------------------------------------------------------------------------------------
 */

/* Sum of the weighted parts, each a field of the same name. */
static double weighted(struct ss_calc_run *r, const char *table)
{
	const struct ss_law_table *t = ss_law_table(r->law, table);
	const struct ss_law_row *row = NULL;
	double weights[PARTS_MOST], values[PARTS_MOST];
	size_t n = 0;

	while ((row = ss_law_next(t, r->day, row)) && n < PARTS_MOST) {
		weights[n] = ss_law_number(row, "weight");
		if (ss_law_text(row, "reversed")[0])
			weights[n] = -weights[n];
		values[n++] = ss_calc_num(r, ss_law_text(row, "part"));
	}
	if (n == 0)
		ss_calc_lacks(r, table);
	return ss_eco_index(weights, values, n);
}

/* low <= v < high */
static const char *grade_of(struct ss_calc_run *r, const char *table, double v)
{
	const struct ss_law_table *t = ss_law_table(r->law, table);
	const struct ss_law_row *row = NULL;
	double clean = ss_round_noise(v);

	while ((row = ss_law_next(t, r->day, row))) {
		double low = ss_law_number(row, "low"), high = ss_law_number(row, "high");

		if ((isnan(low) || clean >= low) && (isnan(high) || clean < high))
			return ss_law_text(row, "grade");
	}
	ss_calc_lacks(r, table);
	return "";
}

static const struct ss_calc_field ei_in[] = {
    SHARE("biology", "生物丰度指数"),
    SHARE("vegetation", "植被覆盖指数"),
    SHARE("water_network", "水网密度指数"),
    SHARE("land_stress", "土地胁迫指数"),
    SHARE("pollution_load", "污染负荷指数"),
    SS_NUM("restriction", "环境限制指数：相加，不大于 0", NULL, SS_AT_MOST(0), SS_DEFAULT("0")),
    {0}};
static const struct ss_calc_output ei_out[] = {
    {"ei", "number", "生态环境状况指数"},
    {"grade", "string", "excellent 优、good 良、fair 一般、poor 较差、bad 差"},
    {0}};

static void ei(struct ss_calc_run *r)
{
	double v = weighted(r, "ecology/ei-weights") + ss_calc_num(r, "restriction");

	ss_calc_put(r, "ei", v);
	ss_calc_put_word(r, "grade", grade_of(r, "ecology/ei-grades", v));
}

static const struct ss_calc_field eqi_in[] = {SHARE("pattern", "生态格局"),
					      SHARE("function", "生态功能"),
					      SHARE("biodiversity", "生物多样性"),
					      SHARE("stress", "生态胁迫"),
					      {0}};
static const struct ss_calc_output eqi_out[] = {
    {"eqi", "number", "区域生态质量指数"}, {"class", "integer", "类别 1 至 5"}, {0}};

static void eqi(struct ss_calc_run *r)
{
	double v = weighted(r, "ecology/eqi-weights");

	ss_calc_put(r, "eqi", v);
	ss_calc_put(r, "class", grade_of(r, "ecology/eqi-grades", v)[0] - '0');
}

/* --- eco.habitat_quality ------------------------------------------------------------------------
 */

/* So much may the shares sum to: a whole, and rounding of the shares. */
#define WHOLE 1.000001

static const struct ss_calc_field habitat_in[] = {
    SS_OBJ("area_fraction", "各类土地占面积的比例；没有的为 0", NULL,
	   .words = "ecology/habitat-weights land", SS_AT_LEAST(0), SS_AT_MOST(1)),
    {0}};
static const struct ss_calc_output habitat_out[] = {
    {"habitat_quality", "number", "生境质量指数，不封顶"}, {0}};

static void habitat_quality(struct ss_calc_run *r)
{
	const struct ss_calc_value *v = ss_calc_get(r, "area_fraction");
	double weights[PARTS_MOST], sum = 0;
	size_t n = v->n < PARTS_MOST ? v->n : PARTS_MOST;

	for (size_t i = 0; i < n; i++) {
		const char *land = ss_arena_strdup(r->a, v->key[i]);

		weights[i] = ss_law_number(
		    SS_CALC_ROW(r, "ecology/habitat-weights", land ? land : ""), "weight");
		if (isnan(v->list[i]))
			v->list[i] = 0;
		sum += v->list[i];
	}
	if (ss_round_noise(sum) > WHOLE) {
		ss_calc_fail(r, "range", "area_fraction", "各类土地比例之和不能超过 1");
		return;
	}
	ss_calc_put(r, "habitat_quality",
		    ss_weighted_shares(ss_calc_param(r, "ecology/parameters", "habitat.normal"),
				       weights, v->list, n));
}

const struct ss_calc ss_calc_ecology[] = {
    {.name = "eco.diversity",
     .zh = "生物多样性指数",
     .en = "diversity indices of a sample",
     .basis = "通行定义",
     .formula = "H = -sum p ln p；D = 1 - sum p^2；J = H/ln S；d = (S - 1)/ln N",
     .note = "没有个体时报 counts。",
     .in = diversity_in,
     .out = diversity_out,
     .fn = diversity},
    {.name = "eco.ei",
     .zh = "生态环境状况指数 EI",
     .en = "ecological environment index",
     .basis = "HJ 192-2015",
     .formula =
	 "0.35 生物 + 0.25 植被 + 0.15 水网 + 0.15 (100 - 土地胁迫) + 0.10 (100 - 污染负荷) + 限制",
     .note = "不小于 75 优、55 良、35 一般、20 较差，其下差。",
     .in = ei_in,
     .out = ei_out,
     .fn = ei},
    {.name = "eco.eqi",
     .zh = "区域生态质量指数 EQI",
     .en = "regional ecological quality index",
     .basis = "区域生态质量评价办法（试行）2021",
     .formula = "0.36 格局 + 0.35 功能 + 0.19 生物多样性 + 0.10 (100 - 胁迫)",
     .note = "不小于 70 一类、55 二类、40 三类、30 四类，其下五类。",
     .unsure = "权重待与正式文本核对",
     .in = eqi_in,
     .out = eqi_out,
     .fn = eqi},
    {.name = "eco.habitat_quality",
     .zh = "生境质量指数",
     .en = "habitat quality index",
     .basis = "HJ 192-2015",
     .formula = "511.2642131067 x (0.35 林 + 0.21 草 + 0.28 水 + 0.11 耕 + 0.04 建 + 0.01 未利用)",
     .note = "比例之和超过 1.000001 时报 area_fraction。",
     .in = habitat_in,
     .out = habitat_out,
     .fn = habitat_quality},
    {0}};
