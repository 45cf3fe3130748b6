/* Soil: GB 36600-2018, GB 15618-2018. */
#include "reason/calc/calc_internal.h"

#define ABOVE_NONE "not_above_screening"
#define ABOVE_SCREENING "above_screening"

/* --- soil.construction --------------------------------------------------------------------------
 */

static const struct ss_calc_field construction_in[] = {
    {.name = "item",
     .type = SS_CALC_TOKEN,
     .zh = "项目（表 1 基本项目 45 项）",
     .words = "soil/construction item basic yes"},
    SS_WORD("land", "第一类、第二类用地", "class_1 class_2"),
    SS_NUM("conc_mg_kg", "含量", "mg/kg", SS_AT_LEAST(0)),
    {0}};
static const struct ss_calc_output construction_out[] = {
    {"grade", "string",
     "not_above_screening 不超筛选值、above_screening 超筛选值而不超管制值、above_intervention "
     "超管制值"},
    {"screening_mg_kg", "number", "筛选值，mg/kg"},
    {"intervention_mg_kg", "number", "管制值，mg/kg"},
    {0}};

static void construction(struct ss_calc_run *r)
{
	const struct ss_law_row *row =
	    SS_CALC_ROW(r, "soil/construction", ss_calc_word(r, "item"), ss_calc_word(r, "land"));
	double conc = ss_calc_num(r, "conc_mg_kg"), screening = ss_law_number(row, "screening"),
	       intervention = ss_law_number(row, "intervention");

	ss_calc_put_word(r, "grade",
			 conc <= screening      ? ABOVE_NONE
			 : conc <= intervention ? ABOVE_SCREENING
						: "above_intervention");
	ss_calc_put(r, "screening_mg_kg", screening);
	ss_calc_put(r, "intervention_mg_kg", intervention);
}

/* --- soil.farmland ------------------------------------------------------------------------------
 */

static const struct ss_calc_field farmland_in[] = {
    SS_WORD("item", "项目", "cd hg as pb cr cu ni zn"),
    SS_WORD("use", "水田、果园、其他；果园只对铜另有值，水田对铜镍锌同其他", "paddy orchard other"),
    SS_NUM("ph", "土壤 pH", NULL, SS_AT_LEAST(0), SS_AT_MOST(14)),
    SS_NUM("conc_mg_kg", "元素总量", "mg/kg", SS_AT_LEAST(0)),
    {0}};
static const struct ss_calc_output farmland_out[] = {
    {"grade", "string",
     "not_above_screening 不超筛选值、above_screening 超筛选值、above_control 超管制值"},
    {"screening_mg_kg", "number", "筛选值，mg/kg"},
    {"control_mg_kg", "number?", "管制值，mg/kg；铜镍锌为 null"},
    {0}};

/* pH bands: above ph_low, up to ph_high. */
static const struct ss_law_row *farmland_row(const struct ss_calc_run *r, const char *use)
{
	const struct ss_law_table *t = ss_law_table(r->law, "soil/farmland");
	const struct ss_law_row *row = NULL;
	double ph = ss_calc_num(r, "ph");

	while ((row = ss_law_next(t, r->day, row))) {
		double low = ss_law_number(row, "ph_low"), high = ss_law_number(row, "ph_high");

		if (ss_calc_is(r, "item", ss_law_text(row, "item")) &&
		    strcmp(ss_law_text(row, "use"), use) == 0 && (isnan(low) || ph > low) &&
		    (isnan(high) || ph <= high))
			break;
	}
	return row;
}

static void farmland(struct ss_calc_run *r)
{
	const struct ss_law_row *row = farmland_row(r, ss_calc_word(r, "use"));
	double conc = ss_calc_num(r, "conc_mg_kg"), screening, control;

	if (!row)
		row = farmland_row(r, "other");
	if (!row) {
		ss_calc_lacks(r, "soil/farmland");
		return;
	}
	screening = ss_law_number(row, "screening");
	control = ss_law_number(row, "control");
	ss_calc_put_word(r, "grade",
			 conc <= screening ? ABOVE_NONE
			 : conc > control  ? "above_control"
					   : ABOVE_SCREENING);
	ss_calc_put(r, "screening_mg_kg", screening);
	ss_calc_put_or_null(r, "control_mg_kg", control);
}

const struct ss_calc ss_calc_soil[] = {
    {.name = "soil.construction",
     .zh = "建设用地土壤与筛选值、管制值比较",
     .en = "soil of construction land against screening and intervention values",
     .basis = "GB 36600-2018 表 1",
     .formula = "含量不大于筛选值；大于筛选值而不大于管制值；大于管制值",
     .in = construction_in,
     .out = construction_out,
     .fn = construction},
    {.name = "soil.farmland",
     .zh = "农用地土壤与筛选值、管制值比较",
     .en = "farmland soil against screening and control values",
     .basis = "GB 15618-2018 表 1、表 3",
     .formula = "按 pH 分段（<= 5.5、<= 6.5、<= 7.5、> 7.5）取值后比较",
     .note = "铜、镍、锌没有管制值。",
     .in = farmland_in,
     .out = farmland_out,
     .fn = farmland},
    {0}};
