/* Administrative Penalty Law: days and surcharges. */
#include "reason/calc/calc_internal.h"

#define DEADLINES "enforcement/deadlines"

/* --- penalty.deadline ---------------------------------------------------------------------------
 */

static const struct ss_calc_field deadline_in[] = {
    {.name = "step",
     .type = SS_CALC_TOKEN,
     .zh = "步骤：enforcement/deadlines 的一行",
     .words = DEADLINES " step"},
    SS_DATE("from", "起算之日（见该行的 counted_from）；次日为第 1 日"),
    SS_INT("extension_days", "经批准延长的日数，只用于 decision 与可延长的步骤", "d",
	   SS_AT_LEAST(0), SS_DEFAULT("0")),
    SS_INT("excluded_days", "不计入的日数，只用于 decision", "d", SS_AT_LEAST(0), SS_DEFAULT("0")),
    SS_DATES("holidays", "放假的工作日", SS_DEFAULT("[]")),
    SS_DATES("workdays", "上班的周末", SS_DEFAULT("[]")),
    SS_FLAG("legal_calendar", "上面两项没有列出的日子按法定日历 calendar/days，不只看周末",
	    SS_DEFAULT("false")),
    {0}};
static const struct ss_calc_output deadline_out[] = {
    {"last_day", "string", "最后一日，不顺延"},
    {"next_working_day", "string", "该日或其后的第一个工作日"},
    {0}};

static bool is_in(const struct ss_calc_value *dates, int64_t day)
{
	for (size_t i = 0; i < dates->n; i++) {
		if (dates->list[i] == (double)day)
			return true;
	}
	return false;
}

static bool is_working(const struct ss_calc_run *r, int64_t day)
{
	/* 1970-01-01 was a Thursday. */
	bool weekend = ((day + 3) % 7 + 7) % 7 >= 5;

	if (is_in(ss_calc_get(r, "workdays"), day))
		return true;
	if (is_in(ss_calc_get(r, "holidays"), day))
		return false;
	return ss_calc_num(r, "legal_calendar") == 1 ? ss_law_workday(r->law, day, NULL) : !weekend;
}

/* The n-th working day behind `day`; day itself for n = 0. */
static int64_t working_days_on(const struct ss_calc_run *r, int64_t day, double n)
{
	while (n > 0 && ss_calc_date_fits(day))
		n -= is_working(r, ++day);
	return day;
}

static int64_t working_day_from(const struct ss_calc_run *r, int64_t day)
{
	while (!is_working(r, day) && ss_calc_date_fits(day))
		day++;
	return day;
}

/* Days that only a decision may have, or a step that the law lets be extended. */
static bool extra_days_fit(struct ss_calc_run *r, const struct ss_law_row *row)
{
	static const char *const names[] = {"extension_days", "excluded_days"};
	bool longer = !isnan(ss_law_number(row, "extension"));

	for (size_t i = 0; i < SS_ARRAY_LEN(names); i++) {
		if (ss_calc_num(r, names[i]) > 0 && !ss_calc_is(r, "step", "decision") &&
		    !(i == 0 && longer)) {
			ss_calc_fail(r, "unsupported", names[i], "这一步骤没有 %s", names[i]);
			return false;
		}
		if (ss_calc_num(r, names[i]) > 3660000) {
			ss_calc_fail(r, "range", names[i], "%s 过大，期限超出历法", names[i]);
			return false;
		}
	}
	return true;
}

static void put_date(struct ss_calc_run *r, const char *name, int64_t day)
{
	char text[16];

	if (!ss_calc_date_fits(day)) {
		ss_calc_fail(r, "range", "from", "期限的最后一日超出公元 9999 年");
		return;
	}
	ss_calc_date_put(text, day);
	ss_calc_put_word(r, name, text);
}

/* The same day so many months on; where that month is shorter, its last day. */
static int64_t months_on(int64_t day, int months)
{
	struct ss_civil c = ss_civil_of(ss_day_start(day));
	int64_t t = 0;
	int month = c.month - 1 + months;

	c.year += month / 12;
	c.month = month % 12 + 1;
	while (ss_time_of_civil(&c, &t) < 0 && c.day > 28)
		c.day--;
	return ss_day_of(t);
}

static int64_t last_day_of(const struct ss_calc_run *r, const struct ss_law_row *row, int64_t from)
{
	const char *unit = ss_law_text(row, "unit");
	double n = ss_law_number(row, "limit");

	if (strcmp(unit, "working d") == 0)
		return working_days_on(r, from, n);
	if (strcmp(unit, "month") == 0 || strcmp(unit, "year") == 0)
		return months_on(from, (int)n * (strcmp(unit, "year") == 0 ? 12 : 1));
	return from +
	       (int64_t)(n + ss_calc_num(r, "extension_days") + ss_calc_num(r, "excluded_days"));
}

static void deadline(struct ss_calc_run *r)
{
	const struct ss_law_row *row = SS_CALC_ROW(r, DEADLINES, ss_calc_word(r, "step"));
	int64_t last;

	if (!row || !extra_days_fit(r, row))
		return;
	if (strcmp(ss_law_text(row, "unit"), "h") == 0) {
		ss_calc_fail(r, "unsupported", "step", "这一步骤以小时计，没有最后一日");
		return;
	}
	last = last_day_of(r, row, ss_calc_get(r, "from")->day);
	put_date(r, "last_day", last);
	put_date(r, "next_working_day", working_day_from(r, last));
}

/* --- penalty.late_surcharge ---------------------------------------------------------------------
 */

static const struct ss_calc_field late_in[] = {SS_NUM("fine_yuan", "罚款", "yuan", SS_AT_LEAST(0)),
					       SS_INT("days_late", "逾期天数", "d", SS_AT_LEAST(0)),
					       {0}};
static const struct ss_calc_output late_out[] = {{"surcharge_yuan", "number", "加处罚款，元"}, {0}};

static void late_surcharge(struct ss_calc_run *r)
{
	double daily = ss_calc_param(r, "enforcement/parameters", "late.daily_percent"),
	       most = ss_calc_param(r, "enforcement/parameters", "late.maximum_percent");

	ss_calc_put(r, "surcharge_yuan",
		    ss_calc_num(r, "fine_yuan") * fmin(daily * ss_calc_num(r, "days_late"), most) /
			100);
}

const struct ss_calc ss_calc_penalty[] = {
    {.name = "penalty.deadline",
     .zh = "行政处罚各步骤的最后一日",
     .en = "last day of a step of an administrative penalty",
     .basis = "行政处罚法 60、64、67、85；行政复议法 20",
     .formula = "起算之日的次日为第 1 日，加该行的日数（decision 另加延长与不计入）；以月、年计的"
		"到对应日，没有对应日的到月末",
     .note = "二、三、五、七日是工作日。workdays 优先于 holidays，两者优先于 "
	     "legal_calendar。不能延长的步骤有延长或不计入的日数时报该字段。"
	     "以小时计的步骤报 step。",
     .in = deadline_in,
     .out = deadline_out,
     .fn = deadline},
    {.name = "penalty.late_surcharge",
     .zh = "逾期缴纳罚款的加处罚款",
     .en = "surcharge on a fine paid late",
     .basis = "行政处罚法 72",
     .formula = "罚款 x 3 % x 天数，不超过罚款",
     .in = late_in,
     .out = late_out,
     .fn = late_surcharge},
    {0}};
