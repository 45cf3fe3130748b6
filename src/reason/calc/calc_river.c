/* Rivers: HJ 2.3-2018 annex E. */
#include "reason/calc/calc_internal.h"

#define BASIS "HJ 2.3-2018 附录 E"

static const struct ss_calc_output conc_out[] = {{"conc_mg_l", "number", "浓度，mg/L"}, {0}};

static const struct ss_calc_field mix_in[] = {
    SS_NUM("waste_conc_mg_l", "污水浓度", "mg/L", SS_AT_LEAST(0)),
    SS_NUM("waste_flow_m3_s", "污水流量", "m3/s", SS_AT_LEAST(0)),
    SS_NUM("river_conc_mg_l", "河流浓度", "mg/L", SS_AT_LEAST(0)),
    SS_NUM("river_flow_m3_s", "河流流量", "m3/s", SS_AT_LEAST(0)),
    {0}};

static void mix(struct ss_calc_run *r)
{
	double waste = ss_calc_num(r, "waste_flow_m3_s"), river = ss_calc_num(r, "river_flow_m3_s");

	if (waste + river <= 0) {
		ss_calc_fail(r, "range", "river_flow_m3_s", "污水与河流的流量不能都为 0");
		return;
	}
	ss_calc_put(r, "conc_mg_l",
		    ss_river_mix(ss_calc_num(r, "waste_conc_mg_l"), waste,
				 ss_calc_num(r, "river_conc_mg_l"), river));
}

static const struct ss_calc_field decay_in[] = {
    SS_NUM("conc0_mg_l", "起点浓度", "mg/L", SS_AT_LEAST(0)),
    SS_NUM("k_per_day", "降解系数", "1/d", SS_AT_LEAST(0)),
    SS_NUM("x_m", "流下距离", "m", SS_AT_LEAST(0)),
    SS_NUM("velocity_m_s", "流速", "m/s", SS_ABOVE(0)),
    {0}};

static void decay_1d(struct ss_calc_run *r)
{
	ss_calc_put(r, "conc_mg_l",
		    ss_river_decay(ss_calc_num(r, "conc0_mg_l"), ss_calc_num(r, "k_per_day"),
				   ss_calc_num(r, "x_m"), ss_calc_num(r, "velocity_m_s")));
}

static const struct ss_calc_field length_in[] = {
    SS_NUM("width_m", "河宽", "m", SS_ABOVE(0)),
    SS_NUM("outlet_distance_m", "排口到近岸的距离，不超过河宽一半", "m", SS_AT_LEAST(0)),
    SS_NUM("velocity_m_s", "流速", "m/s", SS_ABOVE(0)),
    SS_NUM("ey_m2_s", "横向扩散系数", "m2/s", SS_ABOVE(0)),
    {0}};
static const struct ss_calc_output length_out[] = {{"length_m", "number", "混合段长度，m"}, {0}};

static void mixing_length(struct ss_calc_run *r)
{
	const struct ss_mixing_law law = {ss_calc_param(r, "river/parameters", "mixing.a"),
					  ss_calc_param(r, "river/parameters", "mixing.b"),
					  ss_calc_param(r, "river/parameters", "mixing.c"),
					  ss_calc_param(r, "river/parameters", "mixing.d")};
	double width = ss_calc_num(r, "width_m"), outlet = ss_calc_num(r, "outlet_distance_m");

	if (outlet > width / 2) {
		ss_calc_fail(r, "range", "outlet_distance_m", "排口到近岸的距离不能超过河宽的一半");
		return;
	}
	ss_calc_put(r, "length_m",
		    ss_river_mixing_length(&law, width, outlet, ss_calc_num(r, "velocity_m_s"),
					   ss_calc_num(r, "ey_m2_s")));
}

static const struct ss_calc_field plume_in[] = {
    SS_NUM("rate_g_s", "排放强度", "g/s", SS_AT_LEAST(0)),
    SS_NUM("depth_m", "水深", "m", SS_ABOVE(0)),
    SS_NUM("ey_m2_s", "横向扩散系数", "m2/s", SS_ABOVE(0)),
    SS_NUM("velocity_m_s", "流速", "m/s", SS_ABOVE(0)),
    SS_NUM("x_m", "流下距离", "m", SS_ABOVE(0)),
    SS_NUM("y_m", "离岸距离", "m", SS_AT_LEAST(0)),
    SS_NUM("k_per_day", "降解系数", "1/d", SS_AT_LEAST(0)),
    SS_NUM("background_mg_l", "背景浓度", "mg/L", SS_AT_LEAST(0)),
    SS_NUM("width_m", "河宽；null 为不计对岸", "m", SS_ABOVE(0), SS_OPTIONAL),
    {0}};

static void plume_2d(struct ss_calc_run *r)
{
	const struct ss_river_plume p = {.rate_g_s = ss_calc_num(r, "rate_g_s"),
					 .depth_m = ss_calc_num(r, "depth_m"),
					 .ey_m2_s = ss_calc_num(r, "ey_m2_s"),
					 .velocity_m_s = ss_calc_num(r, "velocity_m_s"),
					 .k_per_day = ss_calc_num(r, "k_per_day"),
					 .background_mg_l = ss_calc_num(r, "background_mg_l"),
					 .width_m = ss_calc_num(r, "width_m")};
	double y = ss_calc_num(r, "y_m");

	if (y > p.width_m) {
		ss_calc_fail(r, "range", "y_m", "离岸距离不能超过河宽");
		return;
	}
	ss_calc_put(r, "conc_mg_l", ss_river_plume(&p, ss_calc_num(r, "x_m"), y));
}

static const struct ss_calc_field spill_in[] = {
    SS_NUM("mass_g", "泄漏量", "g", SS_AT_LEAST(0)),
    SS_NUM("area_m2", "过水断面面积", "m2", SS_ABOVE(0)),
    SS_NUM("ex_m2_s", "纵向扩散系数", "m2/s", SS_ABOVE(0)),
    SS_NUM("velocity_m_s", "流速", "m/s", SS_AT_LEAST(0)),
    SS_NUM("x_m", "离泄漏点的距离，下游为正", "m"),
    SS_NUM("t_s", "泄漏后的时间", "s", SS_ABOVE(0)),
    SS_NUM("k_per_day", "降解系数", "1/d", SS_AT_LEAST(0)),
    SS_NUM("background_mg_l", "背景浓度", "mg/L", SS_AT_LEAST(0), SS_DEFAULT("0")),
    {0}};

static void spill_1d(struct ss_calc_run *r)
{
	const struct ss_river_spill p = {.mass_g = ss_calc_num(r, "mass_g"),
					 .area_m2 = ss_calc_num(r, "area_m2"),
					 .ex_m2_s = ss_calc_num(r, "ex_m2_s"),
					 .velocity_m_s = ss_calc_num(r, "velocity_m_s"),
					 .k_per_day = ss_calc_num(r, "k_per_day"),
					 .background_mg_l = ss_calc_num(r, "background_mg_l")};

	ss_calc_put(r, "conc_mg_l",
		    ss_river_spill(&p, ss_calc_num(r, "x_m"), ss_calc_num(r, "t_s")));
}

const struct ss_calc ss_calc_river[] = {
    {.name = "river.mix",
     .zh = "河流完全混合浓度",
     .en = "complete mixing in a river",
     .basis = BASIS,
     .formula = "C = (Cp Qp + Ch Qh)/(Qp + Qh)",
     .note = "两个流量都为 0 时报 river_flow_m3_s。",
     .in = mix_in,
     .out = conc_out,
     .fn = mix},
    {.name = "river.decay_1d",
     .zh = "河流一维稳态降解",
     .en = "steady one-dimensional decay",
     .basis = BASIS,
     .formula = "C = C0 exp(-k x/u)",
     .in = decay_in,
     .out = conc_out,
     .fn = decay_1d},
    {.name = "river.mixing_length",
     .zh = "混合段长度",
     .en = "length of the mixing reach",
     .basis = BASIS,
     .formula = "Lm = {0.11 + 0.7 [0.5 - a/B - 1.1 (0.5 - a/B)^2]^0.5} u B^2/Ey",
     .note = "排口距离超过半河宽时报 outlet_distance_m。",
     .in = length_in,
     .out = length_out,
     .fn = mixing_length},
    {.name = "river.plume_2d",
     .zh = "岸边排口平面二维稳态浓度",
     .en = "steady two-dimensional plume of a bank outlet",
     .basis = BASIS,
     .formula = "C = Ch + m/(h sqrt(pi Ey u x)) sum exp(-u (y - 2nB)^2/(4 Ey x)) exp(-k "
		"x/u)，给出河宽时 n "
		"= -1、0、1",
     .note = "背景浓度不降解。y 超过河宽时报 y_m。",
     .in = plume_in,
     .out = conc_out,
     .fn = plume_2d},
    {.name = "river.spill_1d",
     .zh = "瞬时泄漏一维浓度",
     .en = "instantaneous one-dimensional release",
     .basis = BASIS,
     .formula = "C = M/(A sqrt(4 pi Ex t)) exp(-k t) exp(-(x - u t)^2/(4 Ex t)) + Ch",
     .in = spill_in,
     .out = conc_out,
     .fn = spill_1d},
    {0}};
