/* Carbon and emission inventories. */
#include "reason/calc/calc_internal.h"

static const struct ss_calc_output co2_out[] = {{"co2_t", "number", "二氧化碳，t"}, {0}};

static const struct ss_calc_field fuel_in[] = {
    SS_NUM("amount", "消费量：t，气体为 1e4 Nm3", NULL, SS_AT_LEAST(0)),
    SS_NUM("ncv_gj", "低位发热量，每单位消费量", "GJ", SS_ABOVE(0)),
    SS_NUM("carbon_tc_gj", "单位热值含碳量", "tC/GJ", SS_ABOVE(0)),
    SS_NUM("oxidation", "碳氧化率", NULL, SS_ABOVE(0), SS_AT_MOST(1)),
    {0}};

static void fuel(struct ss_calc_run *r)
{
	ss_calc_put(r, "co2_t",
		    ss_fuel_co2_t(ss_calc_num(r, "amount"), ss_calc_num(r, "ncv_gj"),
				  ss_calc_num(r, "carbon_tc_gj"), ss_calc_num(r, "oxidation")));
}

static const struct ss_calc_field electricity_in[] = {
    SS_NUM("electricity_mwh", "净购入电量", "MWh", SS_AT_LEAST(0)),
    SS_NUM("factor_tco2_mwh", "排放因子", "tCO2/MWh", SS_AT_LEAST(0)),
    {0}};

static void electricity(struct ss_calc_run *r)
{
	ss_calc_put(r, "co2_t",
		    ss_calc_num(r, "electricity_mwh") * ss_calc_num(r, "factor_tco2_mwh"));
}

static const struct ss_calc_field grid_in[] = {
    SS_NUM("electricity_mwh", "净购入电量", "MWh", SS_AT_LEAST(0)),
    SS_INT("year", "年份：2021、2022、2023", NULL),
    SS_WORD("region", "全国或区域（江苏属华东 east；区域只有 2023）",
	    "national north northeast east central northwest south southwest"),
    {0}};
static const struct ss_calc_output grid_out[] = {
    {"co2_t", "number", "二氧化碳，t"}, {"factor_tco2_mwh", "number", "所用因子，tCO2/MWh"}, {0}};

static const struct ss_law_row *grid_row(const struct ss_calc_run *r, const char *region)
{
	double year = ss_calc_num(r, "year");
	char text[16];

	if (!(fabs(year) < 10000))
		return NULL;
	snprintf(text, sizeof(text), "%d", (int)year);
	return ss_law_find(ss_law_table(r->law, "carbon/grid-factors"), SS_ANY_DAY,
			   SS_LAW_KEY("electricity", text, region));
}

static void grid_electricity(struct ss_calc_run *r)
{
	const struct ss_law_row *row = grid_row(r, ss_calc_word(r, "region"));
	double factor = ss_law_number(row, "factor");

	if (!row && !grid_row(r, "national")) {
		ss_calc_fail(r, "unsupported", "year", "没有这一年的电力排放因子");
		return;
	}
	if (!row) {
		ss_calc_fail(r, "unsupported", "region", "这一年没有公布区域的电力排放因子");
		return;
	}
	ss_calc_put(r, "co2_t", ss_calc_num(r, "electricity_mwh") * factor);
	ss_calc_put(r, "factor_tco2_mwh", factor);
}

static const struct ss_calc_field heat_in[] = {
    SS_NUM("heat_gj", "净购入热力", "GJ", SS_AT_LEAST(0)),
    SS_NUM("factor_tco2_gj", "排放因子", "tCO2/GJ", SS_AT_LEAST(0),
	   SS_LAW_DEFAULT("carbon/parameters heat.factor")),
    {0}};

static void heat(struct ss_calc_run *r)
{
	ss_calc_put(r, "co2_t", ss_calc_num(r, "heat_gj") * ss_calc_num(r, "factor_tco2_gj"));
}

static const struct ss_calc_field inventory_in[] = {
    SS_NUM("activity", "活动水平", NULL, SS_AT_LEAST(0)),
    SS_NUM("factor_kg", "排放因子，每单位活动水平", "kg", SS_AT_LEAST(0)),
    SS_NUM("efficiency", "去除效率，写作小数", NULL, SS_AT_LEAST(0), SS_AT_MOST(1)),
    {0}};
static const struct ss_calc_output inventory_out[] = {{"emission_kg", "number", "排放量，kg"}, {0}};

static void inventory(struct ss_calc_run *r)
{
	ss_calc_put(r, "emission_kg",
		    ss_inventory(ss_calc_num(r, "activity"), ss_calc_num(r, "factor_kg"),
				 ss_calc_num(r, "efficiency")));
}

const struct ss_calc ss_calc_carbon[] = {
    {.name = "carbon.fuel",
     .zh = "燃料燃烧的二氧化碳",
     .en = "CO2 of fuel combustion",
     .basis = "GB/T 32150-2015",
     .formula = "消费量 x 热值 x 含碳量 x 氧化率 x 44/12",
     .in = fuel_in,
     .out = co2_out,
     .fn = fuel},
    {.name = "carbon.electricity",
     .zh = "外购电力的二氧化碳（因子自备）",
     .en = "CO2 of electricity with a given factor",
     .basis = "GB/T 32150-2015",
     .formula = "电量 x 因子",
     .in = electricity_in,
     .out = co2_out,
     .fn = electricity},
    {.name = "carbon.grid_electricity",
     .zh = "外购电力的二氧化碳（公布的因子）",
     .en = "CO2 of electricity with the published grid factor",
     .basis = "生态环境部电力二氧化碳排放因子公告",
     .formula = "电量 x 当年该区域的因子",
     .note = "没有因子的年份报 year；该年没有的区域报 region。",
     .unsure = "2021 年的因子只有一个来源",
     .in = grid_in,
     .out = grid_out,
     .fn = grid_electricity},
    {.name = "carbon.heat",
     .zh = "外购热力的二氧化碳",
     .en = "CO2 of purchased heat",
     .basis = "GB/T 32150-2015",
     .formula = "热量 x 因子",
     .in = heat_in,
     .out = co2_out,
     .fn = heat},
    {.name = "inventory.emission",
     .zh = "按活动水平与因子算排放量",
     .en = "emission by activity and factor",
     .basis = "排放清单编制技术指南",
     .formula = "E = A x EF x (1 - eta)",
     .in = inventory_in,
     .out = inventory_out,
     .fn = inventory},
    {0}};
