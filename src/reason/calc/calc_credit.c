/* Credit of enterprises, and division codes. */
#include "reason/calc/calc_internal.h"

#define BASIS "江苏省企事业环保信用评价办法（2019 试行、2020）"
#define FULL "credit/parameters score.full"

static const char *colour_of(struct ss_calc_run *r, double score)
{
	const struct ss_law_table *t = ss_law_table(r->law, "enforcement/credit-colours");
	const struct ss_law_row *row = NULL;

	while ((row = ss_law_next(t, r->day, row))) {
		double low = ss_law_number(row, "low");

		if ((isnan(low) || score >= low) && score <= ss_law_number(row, "high"))
			return ss_law_text(row, "colour");
	}
	ss_calc_lacks(r, "enforcement/credit-colours");
	return "";
}

static const struct ss_calc_field colour_in[] = {SS_INT("score", "分数", NULL, SS_LAW_MAX(FULL)),
						 {0}};
static const struct ss_calc_output colour_out[] = {
    {"colour", "string", "green 绿、blue 蓝、yellow 黄、red 红、black 黑"}, {0}};

static void colour(struct ss_calc_run *r)
{
	ss_calc_put_word(r, "colour", colour_of(r, ss_calc_num(r, "score")));
}

static const struct ss_calc_field score_in[] = {
    SS_INT("start", "起始分，缺省为初评分", NULL, SS_LAW_MAX(FULL),
	   SS_LAW_DEFAULT("credit/parameters score.start")),
    SS_NUMS("deductions", "各次扣分，整数", NULL, SS_LAW_MIN("credit/parameters deduction.minimum"),
	    SS_LAW_MAX("credit/parameters deduction.maximum")),
    {0}};
static const struct ss_calc_output score_out[] = {
    {"score", "integer", "扣分后的分数"}, {"colour", "string", "对应的颜色"}, {0}};

static void score(struct ss_calc_run *r)
{
	const struct ss_calc_value *v = ss_calc_get(r, "deductions");
	double left = ss_calc_num(r, "start");

	for (size_t i = 0; i < v->n; i++) {
		if (v->list[i] != floor(v->list[i])) {
			ss_calc_fail(r, "type", "deductions", "deductions 的每次扣分须为整数");
			return;
		}
		left -= v->list[i];
	}
	ss_calc_put(r, "score", left);
	ss_calc_put_word(r, "colour", colour_of(r, left));
}

/* --- admin.region -------------------------------------------------------------------------------
 */

static const struct ss_calc_field region_in[] = {SS_TEXT("code", "行政区划代码，六位"), {0}};
static const struct ss_calc_output region_out[] = {
    {"name", "string", "名称"}, {"current", "boolean", "现行；已撤并的为 false"}, {0}};

static void region(struct ss_calc_run *r)
{
	struct ss_str code = ss_calc_get(r, "code")->text;
	const struct ss_law_row *row;

	for (size_t i = 0; i < code.n; i++) {
		if (code.n != 6 || code.p[i] < '0' || code.p[i] > '9')
			code.n = 0;
	}
	if (code.n == 0) {
		ss_calc_fail(r, "format", "code", "code 须为六位数字");
		return;
	}
	row = ss_law_find(ss_law_table(r->law, "area/nanjing"), SS_ANY_DAY,
			  SS_LAW_KEY(ss_calc_word(r, "code")));
	if (!row) {
		ss_calc_fail(r, "unknown_value", "code",
			     "南京没有这个行政区划代码（江北新区没有国标代码）");
		return;
	}
	ss_calc_put_word(r, "name", ss_law_text(row, "name_zh"));
	ss_json_kbool(r->j, "current", strcmp(ss_law_text(row, "level"), "former") != 0);
}

const struct ss_calc ss_calc_credit[] = {
    {.name = "credit.colour",
     .zh = "企业环保信用分的颜色",
     .en = "colour of an enterprise's credit score",
     .basis = BASIS,
     .formula = "绿 11 至 12，蓝 6 至 10，黄 3 至 5，红 1 至 2，黑 0 及以下",
     .unsure = "据公开报道；其后的修订未见",
     .in = colour_in,
     .out = colour_out,
     .fn = colour},
    {.name = "credit.score",
     .zh = "企业环保信用扣分",
     .en = "credit score after deductions",
     .basis = BASIS,
     .formula = "起始分 - sum(扣分)",
     .note = "一次扣 1 至 12 分，整数。",
     .unsure = "据公开报道；其后的修订未见",
     .in = score_in,
     .out = score_out,
     .fn = score},
    {.name = "admin.region",
     .zh = "南京行政区划代码的名称",
     .en = "name of a Nanjing division code",
     .basis = "GB/T 2260",
     .formula = "查 area/nanjing",
     .note = "不是六位数字、不在南京或没有的代码报 code。",
     .in = region_in,
     .out = region_out,
     .fn = region},
    {0}};
