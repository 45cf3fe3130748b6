/* Hazardous waste: codes and transfer manifests. */
#include "reason/calc/calc_internal.h"

static bool is_digits(struct ss_str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
	}
	return s.n > 0;
}

/* --- waste.code ---------------------------------------------------------------------------------
 */

static const struct ss_calc_field code_in[] = {
    SS_TEXT("code", "废物代码 NNN-NNN-NN：行业、序号、类别"), {0}};
static const struct ss_calc_output code_out[] = {
    {"well_formed", "boolean", "写法与类别都对"},
    {"category", "string?", "类别 HW01 至 HW50，写法不对为 null"},
    {0}};

/* "HW08" of "900-249-08", NULL when it is none. */
static const char *category_of(struct ss_calc_run *r, struct ss_str s)
{
	const struct ss_law_table *t = ss_law_table(r->law, "waste/categories");
	const struct ss_law_row *row = NULL;

	if (s.n != 10 || s.p[3] != '-' || s.p[7] != '-' || !is_digits(ss_str_n(s.p, 3)) ||
	    !is_digits(ss_str_n(s.p + 4, 3)) || !is_digits(ss_str_n(s.p + 8, 2)))
		return NULL;
	while ((row = ss_law_next(t, r->day, row))) {
		if (ss_str_is(ss_str_n(s.p + 8, 2), ss_law_text(row, "number")))
			return ss_law_text(row, "code");
	}
	return NULL;
}

static void waste_code(struct ss_calc_run *r)
{
	const char *category = category_of(r, ss_calc_get(r, "code")->text);

	ss_json_kbool(r->j, "well_formed", category != NULL);
	ss_calc_put_word(r, "category", category);
}

/* --- waste.manifest_number ----------------------------------------------------------------------
 */

static const struct ss_calc_field manifest_in[] = {
    SS_TEXT("number", "联单编号"),
    SS_TEXT("origin_code", "移出地行政区划代码前四位，南京 3201"),
    {0}};
static const struct ss_calc_output manifest_out[] = {
    {"well_formed", "boolean", "14 位数字：年 4、省 2、市 2、流水 6"},
    {"origin_matches", "boolean", "移出地相符；编号不合时为 false"},
    {0}};

static void manifest_number(struct ss_calc_run *r)
{
	struct ss_str number = ss_calc_get(r, "number")->text,
		      origin = ss_calc_get(r, "origin_code")->text;
	double year = ss_calc_param(r, "waste/parameters", "manifest.year_digits"),
	       place = ss_calc_param(r, "waste/parameters", "manifest.origin_digits"),
	       serial = ss_calc_param(r, "waste/parameters", "manifest.serial_digits");
	bool well;

	if (r->code)
		return;
	if (origin.n != (size_t)place || !is_digits(origin)) {
		ss_calc_fail(r, "format", "origin_code", "origin_code 须为 %d 位数字", (int)place);
		return;
	}
	well = number.n == (size_t)(year + place + serial) && is_digits(number);
	ss_json_kbool(r->j, "well_formed", well);
	ss_json_kbool(r->j, "origin_matches",
		      well && ss_str_eq(ss_str_n(number.p + (size_t)year, origin.n), origin));
}

const struct ss_calc ss_calc_waste[] = {{.name = "waste.code",
					 .zh = "核对危险废物代码",
					 .en = "check a hazardous waste code",
					 .basis = "国家危险废物名录",
					 .formula = "NNN-NNN-NN；类别 01 至 50，没有 41 至 44",
					 .note = "写错的代码是结果，不是错误；只有类型不对才报错。",
					 .in = code_in,
					 .out = code_out,
					 .fn = waste_code},
					{.name = "waste.manifest_number",
					 .zh = "核对危险废物转移联单编号",
					 .en = "check a transfer manifest number",
					 .basis = "危险废物转移管理办法 15",
					 .formula = "年 4 位 + 移出地省 2 位、市 2 位 + 流水 6 位",
					 .note = "origin_code 不是四位数字时报 origin_code。",
					 .in = manifest_in,
					 .out = manifest_out,
					 .fn = manifest_number},
					{0}};
