/* Environmental noise: GB 3096-2008. */
#include "reason/calc/calc_internal.h"

static const struct ss_calc_field zone_in[] = {
    SS_WORD("zone", "声环境功能区", "0 1 2 3 4a 4b"),
    SS_WORD("period", "昼间、夜间", "day night"),
    SS_NUM("leq_db", "等效声级，按所给比较", "dB(A)", SS_AT_LEAST(0), SS_AT_MOST(200)),
    {0}};
static const struct ss_calc_output zone_out[] = {
    {"meets", "boolean", "是否达标"}, {"limit_db", "number", "限值，dB(A)"}, {0}};

static void zone(struct ss_calc_run *r)
{
	const struct ss_limit *l =
	    ss_judge_noise(r->law, r->day, ss_calc_word(r, "zone"), ss_calc_is(r, "period", "day"));

	if (!l) {
		ss_calc_lacks(r, "limits/noise-zone");
		return;
	}
	ss_json_kbool(r->j, "meets", ss_calc_num(r, "leq_db") <= l->high);
	ss_calc_put(r, "limit_db", l->high);
}

static const struct ss_calc_field mean_in[] = {
    SS_NUMS("levels_db", "各声级", "dB(A)", .not_empty = true), {0}};
static const struct ss_calc_output mean_out[] = {{"leq_db", "number", "能量平均值，dB(A)"}, {0}};

static void energy_mean(struct ss_calc_run *r)
{
	const struct ss_calc_value *v = ss_calc_get(r, "levels_db");

	ss_calc_put(r, "leq_db", ss_noise_mean(v->list, v->n));
}

static const struct ss_calc_field ldn_in[] = {
    SS_NUM("ld_db", "昼间等效声级", "dB(A)"), SS_NUM("ln_db", "夜间等效声级", "dB(A)"), {0}};
static const struct ss_calc_output ldn_out[] = {{"ldn_db", "number", "昼夜等效声级，dB(A)"}, {0}};

static void ldn(struct ss_calc_run *r)
{
	ss_calc_put(r, "ldn_db", ss_noise_ldn(ss_calc_num(r, "ld_db"), ss_calc_num(r, "ln_db")));
}

const struct ss_calc ss_calc_noise[] = {
    {.name = "noise.zone",
     .zh = "声级是否符合功能区限值",
     .en = "does a level meet its functional zone",
     .basis = "GB 3096-2008 表 1",
     .formula = "声级不大于限值",
     .in = zone_in,
     .out = zone_out,
     .fn = zone},
    {.name = "noise.energy_mean",
     .zh = "声级的能量平均",
     .en = "energy mean of levels",
     .basis = "GB 3096-2008",
     .formula = "10 lg(sum 10^(0.1 L)/n)",
     .in = mean_in,
     .out = mean_out,
     .fn = energy_mean},
    {.name = "noise.ldn",
     .zh = "昼夜等效声级",
     .en = "day-night level, night counting 10 dB more",
     .basis = "GB 3096-2008；HJ 640-2012",
     .formula = "10 lg[(16 x 10^(0.1 Ld) + 8 x 10^(0.1 (Ln + 10)))/24]",
     .in = ldn_in,
     .out = ldn_out,
     .fn = ldn},
    {0}};
