/* Dispersion in air: GB/T 3840-91, Briggs. */
#include "reason/calc/calc_internal.h"

#define SIGMA_POWER "dispersion/gb3840-sigma"
#define SIGMA_BRIGGS "dispersion/briggs-sigma"
#define PARAMETERS "dispersion/parameters"
#define CLASSES_GB "A B BC C CD D DE E F"
#define CLASSES "A B C D E F"
#define VALID "适用于与空气轻重相近的气体、平坦地面、半小时平均；重气不适用（HJ 169）。"
#define LID "混合层：上下各 10 个镜像；sigma_z 大于 1.6 倍混合层高时按均匀混合；源高于混合层为 0。"

static const struct ss_calc_output conc_out[] = {{"sigma_y_m", "number", "横向扩散参数，m"},
						 {"sigma_z_m", "number", "垂直扩散参数，m"},
						 {"conc_g_m3", "number", "浓度，g/m3"},
						 {0}};

static void put_conc(struct ss_calc_run *r, double sy, double sz, double conc)
{
	ss_calc_put(r, "sigma_y_m", sy);
	ss_calc_put(r, "sigma_z_m", sz);
	ss_calc_put(r, "conc_g_m3", conc);
}

/* The table writes "B-C" for BC. */
static bool is_class(const struct ss_calc_run *r, const char *name)
{
	struct ss_str s = ss_calc_get(r, "stability")->text;

	return s.n == 1 ? ss_str_is(s, name)
			: strlen(name) == 3 && name[0] == s.p[0] && name[2] == s.p[1];
}

/* axis: "y" or "z". */
static double sigma_gb(struct ss_calc_run *r, const char *axis, double x_m)
{
	const struct ss_law_table *t = ss_law_table(r->law, SIGMA_POWER);
	const struct ss_law_row *row = NULL;
	struct ss_sigma_power s = {.n = 0};
	int class_ = t ? ss_law_column(t, "stability") : 0,
	    of_axis = t ? ss_law_column(t, "axis") : 0;

	while ((row = ss_law_next(t, r->day, row)) && s.n < SS_SIGMA_PIECES) {
		if (is_class(r, row->text[class_]) && strcmp(row->text[of_axis], axis) == 0)
			s.piece[s.n++] = (struct ss_sigma_piece){ss_law_number(row, "x_to"),
								 ss_law_number(row, "exponent"),
								 ss_law_number(row, "coefficient")};
	}
	if (s.n == 0)
		ss_calc_lacks(r, SIGMA_POWER);
	return ss_sigma_power(&s, x_m);
}

static double sigma_briggs(struct ss_calc_run *r, const char *axis, double x_m)
{
	const struct ss_law_row *row = SS_CALC_ROW(r, SIGMA_BRIGGS, ss_calc_word(r, "site"), axis,
						   ss_calc_word(r, "stability"));
	const struct ss_sigma_briggs s = {ss_law_number(row, "a"), ss_law_number(row, "b"),
					  ss_law_number(row, "p")};

	return ss_sigma_briggs(&s, x_m);
}

/* --- plumes -------------------------------------------------------------------------------------
 */

#define PLUME_FIELDS                                                                               \
	SS_NUM("x_m", "下风向距离", "m", SS_ABOVE(0)),                                             \
	    SS_NUM("y_m", "横向距离", "m", SS_DEFAULT("0")),                                       \
	    SS_NUM("z_m", "受体高度", "m", SS_AT_LEAST(0), SS_DEFAULT("0")),                       \
	    SS_NUM("height_m", "有效源高", "m", SS_AT_LEAST(0)),                                   \
	    SS_NUM("wind_m_s", "源高处风速", "m/s", SS_LAW_MIN(PARAMETERS " wind.minimum")),       \
	    SS_NUM("rate_g_s", "源强", "g/s", SS_AT_LEAST(0)),                                     \
	    SS_NUM("mixing_height_m", "混合层高度，null 为没有", "m", SS_ABOVE(0), SS_OPTIONAL)

static const struct ss_calc_field plume_gb_in[] = {
    SS_WORD("stability", "稳定度（BC CD DE 为 B-C、C-D、D-E；按所给，不再提级）", CLASSES_GB),
    PLUME_FIELDS,
    {0}};
static const struct ss_calc_field plume_briggs_in[] = {
    SS_WORD("site", "地面：乡村、城市", "rural urban"),
    SS_WORD("stability", "稳定度", CLASSES),
    PLUME_FIELDS,
    {0}};

static void put_plume(struct ss_calc_run *r, double sy, double sz)
{
	const struct ss_plume p = {.rate_g_s = ss_calc_num(r, "rate_g_s"),
				   .wind_m_s = ss_calc_num(r, "wind_m_s"),
				   .height_m = ss_calc_num(r, "height_m"),
				   .lid_m = ss_calc_num(r, "mixing_height_m"),
				   .images = (int)ss_calc_param(r, PARAMETERS, "lid.images"),
				   .well_mixed =
				       ss_calc_param(r, PARAMETERS, "lid.well_mixed_ratio")};

	put_conc(r, sy, sz, ss_plume(&p, sy, sz, ss_calc_num(r, "y_m"), ss_calc_num(r, "z_m")));
}

static void plume_gb(struct ss_calc_run *r)
{
	double x = ss_calc_num(r, "x_m");

	put_plume(r, sigma_gb(r, "y", x), sigma_gb(r, "z", x));
}

static void plume_briggs(struct ss_calc_run *r)
{
	double x = ss_calc_num(r, "x_m");

	put_plume(r, sigma_briggs(r, "y", x), sigma_briggs(r, "z", x));
}

/* --- puff ---------------------------------------------------------------------------------------
 */

static const struct ss_calc_field puff_in[] = {
    SS_WORD("stability", "稳定度", CLASSES_GB),
    SS_NUM("x_m", "下风向距离", "m"),
    SS_NUM("y_m", "横向距离", "m", SS_DEFAULT("0")),
    SS_NUM("z_m", "受体高度", "m", SS_AT_LEAST(0), SS_DEFAULT("0")),
    SS_NUM("t_s", "释放后的时间", "s", SS_ABOVE(0)),
    SS_NUM("wind_m_s", "风速", "m/s", SS_ABOVE(0)),
    SS_NUM("mass_g", "释放量", "g", SS_AT_LEAST(0)),
    SS_NUM("height_m", "有效源高", "m", SS_AT_LEAST(0)),
    SS_NUM("sigma_distance_m", "取扩散参数的距离，缺省为风速 x 时间", "m", SS_ABOVE(0),
	   SS_OPTIONAL),
    {0}};

static void puff(struct ss_calc_run *r)
{
	const struct ss_puff p = {.mass_g = ss_calc_num(r, "mass_g"),
				  .wind_m_s = ss_calc_num(r, "wind_m_s"),
				  .height_m = ss_calc_num(r, "height_m"),
				  .t_s = ss_calc_num(r, "t_s")};
	double x = ss_calc_given(r, "sigma_distance_m") ? ss_calc_num(r, "sigma_distance_m")
							: p.wind_m_s * p.t_s;
	double sy = sigma_gb(r, "y", x), sz = sigma_gb(r, "z", x);

	put_conc(r, sy, sz,
		 ss_puff(&p, sy, sz, ss_calc_num(r, "x_m"), ss_calc_num(r, "y_m"),
			 ss_calc_num(r, "z_m")));
}

/* --- wind and rise ------------------------------------------------------------------------------
 */

static const struct ss_calc_field wind_in[] = {
    SS_NUM("wind_10m_m_s", "10 m 高风速", "m/s", SS_AT_LEAST(0)),
    SS_NUM("height_m", "高度", "m", SS_ABOVE(0), SS_LAW_MAX(PARAMETERS " wind.profile_top")),
    SS_NUM("exponent", "风廓线指数", NULL, SS_AT_LEAST(0), SS_AT_MOST(1)),
    {0}};
static const struct ss_calc_output wind_out[] = {{"wind_m_s", "number", "该高度风速，m/s"}, {0}};

static void wind_profile(struct ss_calc_run *r)
{
	ss_calc_put(r, "wind_m_s",
		    ss_wind_at(ss_calc_num(r, "wind_10m_m_s"), ss_calc_num(r, "height_m"),
			       ss_calc_num(r, "exponent")));
}

static bool gas_is_warm(struct ss_calc_run *r)
{
	if (ss_calc_num(r, "stack_temp_k") >= ss_calc_num(r, "ambient_temp_k"))
		return true;
	ss_calc_fail(r, "range", "stack_temp_k", "烟气温度不能低于环境温度");
	return false;
}

static const struct ss_calc_field rise_gb_in[] = {
    SS_NUM("pressure_hpa", "大气压", "hPa", SS_ABOVE(0)),
    SS_NUM("flow_m3_s", "实际排烟率", "m3/s", SS_ABOVE(0)),
    SS_NUM("stack_temp_k", "烟气出口温度", "K", SS_ABOVE(0)),
    SS_NUM("ambient_temp_k", "环境温度", "K", SS_ABOVE(0)),
    SS_NUM("stack_height_m", "烟囱几何高度", "m", SS_ABOVE(0)),
    SS_NUM("wind_m_s", "出口处风速", "m/s", SS_ABOVE(0)),
    SS_WORD("area", "地区：农村或城市远郊、城区", "rural urban"),
    SS_NUM("exit_velocity_m_s", "出口速度；热释放率小于 2100 kW 或温差小于 35 K 时必填", "m/s",
	   SS_ABOVE(0), SS_OPTIONAL),
    SS_NUM("diameter_m", "出口内径；同上", "m", SS_ABOVE(0), SS_OPTIONAL),
    SS_NUM("wind_10m_m_s", "10 m 高风速；null 为大于 1.5；不大于 1.5 用微风式", "m/s",
	   SS_AT_LEAST(0), SS_OPTIONAL),
    SS_NUM("temp_gradient_k_m", "气温垂直梯度（微风式）；小于 0.01 取 0.01", "K/m",
	   SS_LAW_DEFAULT(PARAMETERS " rise.gradient_minimum")),
    {0}};
static const struct ss_calc_output rise_gb_out[] = {
    {"heat_kw", "number", "热释放率，kW"}, {"rise_m", "number", "抬升高度，m"}, {0}};

static struct ss_rise_law rise_law(struct ss_calc_run *r)
{
	const struct ss_law_table *t = ss_law_table(r->law, "dispersion/gb3840-rise");
	const struct ss_law_row *row = NULL;
	struct ss_rise_law l = {.heat_small_kw = ss_calc_param(r, PARAMETERS, "rise.heat_small"),
				.difference_k = ss_calc_param(r, PARAMETERS, "rise.difference"),
				.light_wind_m_s = ss_calc_param(r, PARAMETERS, "wind.light"),
				.factor = ss_calc_param(r, PARAMETERS, "rise.momentum_factor"),
				.velocity = ss_calc_param(r, PARAMETERS, "rise.momentum_a"),
				.heat = ss_calc_param(r, PARAMETERS, "rise.momentum_b"),
				.blend = ss_calc_param(r, PARAMETERS, "rise.blend_b"),
				.light = ss_calc_param(r, PARAMETERS, "rise.light_factor"),
				.lapse_k_m = ss_calc_param(r, PARAMETERS, "rise.lapse"),
				.gradient_least_k_m =
				    ss_calc_param(r, PARAMETERS, "rise.gradient_minimum")};

	for (size_t n = 0; n < SS_ARRAY_LEN(l.hot) && (row = ss_law_next(t, r->day, row));) {
		if (!ss_calc_is(r, "area", ss_law_text(row, "area")))
			continue;
		l.hot[n].heat_from_kw = ss_law_number(row, "heat_from");
		l.hot[n].n0 = ss_law_number(row, "n0");
		l.hot[n].n1 = ss_law_number(row, "n1");
		l.hot[n++].n2 = ss_law_number(row, "n2");
	}
	return l;
}

static void rise_gb(struct ss_calc_run *r)
{
	const struct ss_rise_law law = rise_law(r);
	struct ss_stack s = {.height_m = ss_calc_num(r, "stack_height_m"),
			     .stack_k = ss_calc_num(r, "stack_temp_k"),
			     .ambient_k = ss_calc_num(r, "ambient_temp_k"),
			     .wind_m_s = ss_calc_num(r, "wind_m_s"),
			     .wind_10m_m_s = ss_calc_num(r, "wind_10m_m_s"),
			     .gradient_k_m = ss_calc_num(r, "temp_gradient_k_m"),
			     .velocity_m_s = ss_calc_num(r, "exit_velocity_m_s"),
			     .diameter_m = ss_calc_num(r, "diameter_m")};

	if (!gas_is_warm(r))
		return;
	s.heat_kw = ss_stack_heat_kw(ss_calc_param(r, PARAMETERS, "rise.heat_factor"),
				     ss_calc_num(r, "pressure_hpa"), ss_calc_num(r, "flow_m3_s"),
				     s.stack_k, s.ambient_k);
	if (ss_stack_needs_exit(&law, &s) && (isnan(s.velocity_m_s) || isnan(s.diameter_m))) {
		const char *lacks = isnan(s.velocity_m_s) ? "exit_velocity_m_s" : "diameter_m";

		ss_calc_fail(r, "missing", lacks,
			     "热释放率小于 2100 kW 或温差小于 35 K 时须给出 %s", lacks);
		return;
	}
	ss_calc_put(r, "heat_kw", s.heat_kw);
	ss_calc_put(r, "rise_m", ss_rise_gb3840(&law, &s));
}

static const struct ss_calc_field rise_briggs_in[] = {
    SS_NUM("exit_velocity_m_s", "出口速度", "m/s", SS_ABOVE(0)),
    SS_NUM("diameter_m", "出口内径", "m", SS_ABOVE(0)),
    SS_NUM("stack_temp_k", "烟气出口温度", "K", SS_ABOVE(0)),
    SS_NUM("ambient_temp_k", "环境温度", "K", SS_ABOVE(0)),
    SS_NUM("wind_m_s", "出口处风速", "m/s", SS_ABOVE(0)),
    SS_WORD("stability", "稳定度；E、F 按稳定", CLASSES),
    SS_NUM("distance_m", "下风向距离；null 为最终抬升", "m", SS_ABOVE(0), SS_OPTIONAL),
    {0}};
static const struct ss_calc_output rise_briggs_out[] = {
    {"buoyancy_flux_m4_s3", "number", "浮力通量，m4/s3"},
    {"final_distance_m", "number?", "最终抬升的距离，m；E、F 为 null"},
    {"rise_m", "number", "抬升高度，m"},
    {0}};

/* NAN in neutral and unstable air. */
static double stable_gradient(struct ss_calc_run *r)
{
	if (ss_calc_is(r, "stability", "E"))
		return ss_calc_param(r, PARAMETERS, "briggs.gradient_e");
	if (ss_calc_is(r, "stability", "F"))
		return ss_calc_param(r, PARAMETERS, "briggs.gradient_f");
	return NAN;
}

static struct ss_briggs_law briggs_law(struct ss_calc_run *r)
{
	return (struct ss_briggs_law){
	    .gravity = ss_calc_param(r, PARAMETERS, "briggs.gravity"),
	    .flux_break = ss_calc_param(r, PARAMETERS, "briggs.flux_break"),
	    .small_factor = ss_calc_param(r, PARAMETERS, "briggs.distance_small_a"),
	    .small_power = ss_calc_param(r, PARAMETERS, "briggs.distance_small_p"),
	    .large_factor = ss_calc_param(r, PARAMETERS, "briggs.distance_large_a"),
	    .large_power = ss_calc_param(r, PARAMETERS, "briggs.distance_large_p"),
	    .rise = ss_calc_param(r, PARAMETERS, "briggs.rise_a"),
	    .stable = ss_calc_param(r, PARAMETERS, "briggs.stable_a"),
	    .momentum = ss_calc_param(r, PARAMETERS, "briggs.momentum_a")};
}

static void rise_briggs(struct ss_calc_run *r)
{
	const struct ss_briggs_law law = briggs_law(r);
	const struct ss_stack s = {.stack_k = ss_calc_num(r, "stack_temp_k"),
				   .ambient_k = ss_calc_num(r, "ambient_temp_k"),
				   .wind_m_s = ss_calc_num(r, "wind_m_s"),
				   .velocity_m_s = ss_calc_num(r, "exit_velocity_m_s"),
				   .diameter_m = ss_calc_num(r, "diameter_m")};
	struct ss_briggs_rise rise;

	if (!gas_is_warm(r))
		return;
	rise = ss_rise_briggs(&law, &s, stable_gradient(r), ss_calc_num(r, "distance_m"));
	ss_calc_put(r, "buoyancy_flux_m4_s3", rise.flux_m4_s3);
	ss_calc_put_or_null(r, "final_distance_m", rise.final_m);
	ss_calc_put(r, "rise_m", rise.rise_m);
}

const struct ss_calc ss_calc_dispersion[] = {
    {.name = "plume.gb3840",
     .zh = "高斯烟羽，GB/T 3840 扩散参数",
     .en = "steady Gaussian plume with the sigma of GB/T 3840",
     .basis = "GB/T 3840-91",
     .formula =
	 "C = Q/(2 pi u sy sz) exp(-y^2/2sy^2) {exp(-(z-H)^2/2sz^2) + exp(-(z+H)^2/2sz^2)}，s = g "
	 "x^a",
     .note = LID VALID,
     .in = plume_gb_in,
     .out = conc_out,
     .fn = plume_gb},
    {.name = "plume.briggs",
     .zh = "高斯烟羽，Briggs 1973 扩散参数",
     .en = "steady Gaussian plume with the sigma of Briggs 1973",
     .basis = "Briggs 1973",
     .formula = "同 plume.gb3840，sigma = c x (1 + b x)^e",
     .note = LID VALID,
     .in = plume_briggs_in,
     .out = conc_out,
     .fn = plume_briggs},
    {.name = "puff.gb3840",
     .zh = "瞬时高斯烟团，GB/T 3840 扩散参数",
     .en = "instantaneous Gaussian puff, sigma_x = sigma_y",
     .basis = "GB/T 3840-91；HJ 169-2018",
     .formula =
	 "C = M/[(2 pi)^1.5 sx sy sz] exp(-(x-ut)^2/2sx^2) exp(-y^2/2sy^2) {地面反射两项}，sx = sy",
     .note = VALID,
     .in = puff_in,
     .out = conc_out,
     .fn = puff},
    {.name = "wind.profile",
     .zh = "某高度的风速（幂律）",
     .en = "wind at a height by the power law",
     .basis = "GB/T 3840-91",
     .formula = "u = u10 (z/10)^p",
     .note = "不外推到 200 m 以上。",
     .in = wind_in,
     .out = wind_out,
     .fn = wind_profile},
    {.name = "plume_rise.gb3840",
     .zh = "烟气抬升高度，GB/T 3840",
     .en = "plume rise by GB/T 3840-91",
     .basis = "GB/T 3840-91 附录",
     .formula =
	 "Qh = 0.35 Pa Qv (Ts-Ta)/Ts；Qh >= 2100 kW 且温差 >= 35 K：n0 Qh^n1 Hs^n2/u；Qh <= 1700 "
	 "或温差 < 35：2(1.5 Vs D + 0.01 Qh)/u；其间线性内插；微风：5.50 Qh^(1/4) (dTa/dz + "
	 "0.0098)^(-3/8)",
     .note = "Pa 用 hPa。烟气冷于空气时报 stack_temp_k。",
     .in = rise_gb_in,
     .out = rise_gb_out,
     .fn = rise_gb},
    {.name = "plume_rise.briggs",
     .zh = "烟气抬升高度，Briggs",
     .en = "Briggs plume rise, the larger of buoyant and momentum rise",
     .basis = "Briggs 1969 至 1975",
     .formula = "F = g Vs d^2 (Ts-Ta)/(4 Ts)；xf = 49 F^(5/8)（F < 55）或 119 F^(2/5)；1.6 F^(1/3) "
		"x^(2/3)/u；稳定：2.6 (F/(u s))^(1/3)；动力：3 d Vs/u",
     .note = "g 9.80665；E、F 的位温梯度 0.020、0.035 K/m。烟气冷于空气时报 stack_temp_k。",
     .in = rise_briggs_in,
     .out = rise_briggs_out,
     .fn = rise_briggs},
    {0}};
