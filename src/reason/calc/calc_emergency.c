/* Incidents and enterprise risk: the national plan of 2014, HJ 941-2018. */
#include "reason/calc/calc_internal.h"

#define INCIDENTS "emergency/incident-grades"
#define GRADES "I II III IV"

/* --- incident.grade -----------------------------------------------------------------------------
 */

static const struct ss_calc_field grade_in[] = {
    SS_INT("deaths", "死亡人数", NULL, SS_AT_LEAST(0), SS_OPTIONAL),
    SS_INT("poisoned", "中毒或重伤人数", NULL, SS_AT_LEAST(0), SS_OPTIONAL),
    SS_INT("evacuated", "疏散转移人数", NULL, SS_AT_LEAST(0), SS_OPTIONAL),
    SS_NUM("loss_yuan", "直接经济损失", "yuan", SS_AT_LEAST(0), SS_OPTIONAL),
    SS_WORD("water_source_cut", "水源地取水中断：设区的市级以上、县级市、乡镇",
	    "prefecture_city county_city township", SS_OPTIONAL),
    SS_WORD("crosses", "跨界影响：国境（重大）、省、设区的市、县",
	    "country province prefecture county", SS_OPTIONAL),
    SS_WORD("ecology", "生态功能丧失、部分丧失，保护物种受损",
	    "function_lost function_partly_lost protected_species_damaged", SS_OPTIONAL),
    SS_WORD("source_lost_class", "丢失、被盗放射源的类别", "I II III IV V", SS_OPTIONAL),
    SS_FLAG("source_severe_effect", "I、II 类源丢失并造成大范围严重后果", SS_DEFAULT("false")),
    {0}};
static const struct ss_calc_output grade_out[] = {
    {"grade", "string", "I 至 IV"}, {"name", "string", "特别重大、重大、较大、一般"}, {0}};

/* Does the row's criterion hold for the input? */
static bool row_holds(const struct ss_calc_run *r, const struct ss_law_row *row)
{
	const char *criterion = ss_law_text(row, "criterion"), *token = ss_law_text(row, "token");
	double low = ss_law_number(row, "low"), high = ss_law_number(row, "high"), v;

	if (strcmp(criterion, "source_severe_effect") == 0)
		return ss_calc_num(r, criterion) == 1 && ss_calc_is(r, "source_lost_class", token);
	if (!ss_calc_given(r, criterion))
		return false;
	if (token[0])
		return ss_calc_is(r, criterion, token);
	v = ss_calc_num(r, criterion);
	return v >= low && (isnan(high) || v < high);
}

static void incident_grade(struct ss_calc_run *r)
{
	const struct ss_law_table *t = ss_law_table(r->law, INCIDENTS);
	const struct ss_law_row *row = NULL, *worst = NULL;

	while ((row = ss_law_next(t, r->day, row))) {
		const struct ss_law_row *grade;

		if (!row_holds(r, row))
			continue;
		grade = SS_CALC_ROW(r, "emergency/grades", ss_law_text(row, "grade"));
		if (!worst || ss_law_number(grade, "level") < ss_law_number(worst, "level"))
			worst = grade;
	}
	if (!worst) {
		ss_calc_fail(r, "missing", "deaths",
			     "没有给出任何判据，如 deaths、evacuated、water_source_cut");
		return;
	}
	ss_calc_put_word(r, "grade", ss_law_text(worst, "grade"));
	ss_calc_put_word(r, "name", ss_law_text(worst, "name"));
}

/* --- incident.report_deadline -------------------------------------------------------------------
 */

static const struct ss_calc_field deadline_in[] = {SS_WORD("grade", "事件级别", GRADES), {0}};
static const struct ss_calc_output deadline_out[] = {
    {"report_within_hours", "number", "首次报告的时限，小时"}, {0}};

static void report_deadline(struct ss_calc_run *r)
{
	ss_calc_put(r, "report_within_hours",
		    ss_law_number(SS_CALC_ROW(r, "emergency/grades", ss_calc_word(r, "grade")),
				  "report_hours"));
}

/* --- risk
 * ----------------------------------------------------------------------------------------- */

static const struct ss_calc_field risk_in[] = {
    SS_NUM("q_ratio", "风险物质数量与临界量比值 Q", NULL, SS_AT_LEAST(0)),
    SS_NUM("m_score", "工艺与控制水平 M 分值", NULL, SS_AT_LEAST(0), SS_AT_MOST(100)),
    SS_WORD("e_level", "受体敏感程度", "E1 E2 E3"),
    {0}};
static const struct ss_calc_output risk_out[] = {
    {"q_level", "string", "Q0 至 Q3"},
    {"m_level", "string", "M1 至 M4"},
    {"risk", "string", "general 一般、larger 较大、major 重大"},
    {0}};

/* low <= v < high */
static const char *level_of(struct ss_calc_run *r, const char *subject, double v)
{
	const struct ss_law_table *t = ss_law_table(r->law, "emergency/risk-levels");
	const struct ss_law_row *row = NULL;

	while ((row = ss_law_next(t, r->day, row))) {
		double high = ss_law_number(row, "high");

		if (strcmp(ss_law_text(row, "subject"), subject) == 0 &&
		    v >= ss_law_number(row, "low") && (isnan(high) || v < high))
			return ss_law_text(row, "level");
	}
	ss_calc_lacks(r, "emergency/risk-levels");
	return "";
}

static void hj941(struct ss_calc_run *r)
{
	const char *q = level_of(r, "q", ss_calc_num(r, "q_ratio")),
		   *m = level_of(r, "m", ss_calc_num(r, "m_score"));
	const struct ss_law_row *row =
	    SS_CALC_ROW(r, "emergency/risk-matrix", ss_calc_word(r, "e_level"), q, m);

	ss_calc_put_word(r, "q_level", q);
	ss_calc_put_word(r, "m_level", m);
	ss_calc_put_word(r, "risk", ss_law_text(row, "risk"));
}

static const struct ss_calc_field ratio_in[] = {
    SS_NUMS("amounts_t", "各风险物质最大存在量", "t", SS_AT_LEAST(0), .not_empty = true),
    SS_NUMS("criticals_t", "各自的临界量，与存在量一样长", "t", SS_ABOVE(0), .not_empty = true),
    {0}};
static const struct ss_calc_output ratio_out[] = {{"q_ratio", "number", "比值 Q"}, {0}};

static void q_ratio(struct ss_calc_run *r)
{
	const struct ss_calc_value *w = ss_calc_get(r, "amounts_t"),
				   *c = ss_calc_get(r, "criticals_t");

	if (w->n != c->n) {
		ss_calc_fail(r, "range", "criticals_t",
			     "criticals_t 有 %zu 个，须与 amounts_t 的 %zu 个一样多", c->n, w->n);
		return;
	}
	ss_calc_put(r, "q_ratio", ss_sum_of_ratios(w->list, c->list, w->n));
}

const struct ss_calc ss_calc_emergency[] = {
    {.name = "incident.grade",
     .zh = "突发环境事件分级",
     .en = "grade of an environmental emergency: highest of the criteria given",
     .basis = "国家突发环境事件应急预案（2014）附件 1",
     .formula = "取所给判据中最高的一级；“以上”含本数",
     .note = "一个判据也没有时报 deaths。",
     .in = grade_in,
     .out = grade_out,
     .fn = incident_grade},
    {.name = "incident.report_deadline",
     .zh = "事件首次报告的时限",
     .en = "hours for the first report",
     .basis = "突发环境事件信息报告办法（2011）3",
     .formula = "I、II 级 2 小时，III、IV 级 4 小时",
     .in = deadline_in,
     .out = deadline_out,
     .fn = report_deadline},
    {.name = "risk.hj941",
     .zh = "企业突发环境事件风险等级",
     .en = "enterprise environmental risk grade",
     .basis = "HJ 941-2018",
     .formula = "由 Q、M、E 查矩阵；Q < 1 一般",
     .note = "Q 以 1、10、100 分级，M 以 25、45、65 分级，下限含本数。",
     .unsure = "矩阵与 M3、M4 的分界 65 待与正式文本核对",
     .in = risk_in,
     .out = risk_out,
     .fn = hj941},
    {.name = "risk.q_ratio",
     .zh = "风险物质数量与临界量比值 Q",
     .en = "ratio Q of risk substances to critical amounts",
     .basis = "HJ 941-2018",
     .formula = "Q = sum(w/W)",
     .note = "长度不同报 criticals_t。",
     .in = ratio_in,
     .out = ratio_out,
     .fn = q_ratio},
    {0}};
