/* The legal calendar: which days are worked, and when a period of the law ends. */
#include "reason/standards/standards.h"

#define PERIOD_MAX 40000 /* days or more: beyond every period of the law */

static void day_text(int64_t day, char ret[12])
{
	struct ss_civil c = ss_civil_of(ss_day_start(day));

	snprintf(ret, 12, "%04d-%02d-%02d", c.year % 10000, c.month, c.day);
}

/* Has the year's arrangement been announced? */
static bool announced(const struct ss_law *law, int64_t day)
{
	char year[8];
	const struct ss_law_row *row;

	snprintf(year, sizeof(year), "%d", ss_civil_of(ss_day_start(day)).year);
	row = ss_law_find(ss_law_table(law, "calendar/years"), SS_ANY_DAY, SS_LAW_KEY(year));
	return row && strcmp(ss_law_text(row, "status"), "announced") == 0;
}

bool ss_law_workday(const struct ss_law *law, int64_t day, bool *sure)
{
	char text[12];
	const struct ss_law_row *row;

	day_text(day, text);
	row = ss_law_find(ss_law_table(law, "calendar/days"), SS_ANY_DAY, SS_LAW_KEY(text));
	if (sure && !announced(law, day))
		*sure = false;
	if (row)
		return strcmp(ss_law_text(row, "kind"), "workday") == 0;
	return ss_civil_of(ss_day_start(day)).weekday <= 5;
}

int64_t ss_law_next_workday(const struct ss_law *law, int64_t day, bool *sure)
{
	while (!ss_law_workday(law, day, sure))
		day++;
	return day;
}

static int64_t workdays_behind(const struct ss_law *law, int64_t day, int64_t n, bool *sure)
{
	for (; n > 0; n--)
		day = ss_law_next_workday(law, day + 1, sure);
	return day;
}

static bool leap(int year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

/* The same day of a later month; the month's last one where it is shorter. */
static int64_t months_behind(int64_t day, int64_t n)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	struct ss_civil c = ss_civil_of(ss_day_start(day));
	int64_t month = (int64_t)c.year * 12 + c.month - 1 + n, t = 0;
	int last;

	c.year = (int)(month / 12);
	c.month = (int)(month % 12) + 1;
	last = days[c.month - 1] + (c.month == 2 && leap(c.year));
	c.day = c.day < last ? c.day : last;
	return ss_time_of_civil(&c, &t) == 0 ? ss_day_of(t) : INT64_MAX;
}

int ss_law_period(const struct ss_law *law, int64_t n, const char *unit, int64_t from_day,
		  struct ss_deadline *ret)
{
	*ret = (struct ss_deadline){.sure = true};
	if (n < 0 || n > PERIOD_MAX)
		return SS_ERANGE;
	if (strcmp(unit, "working d") == 0)
		ret->last_day = workdays_behind(law, from_day, n, &ret->sure);
	else if (strcmp(unit, "d") == 0)
		ret->last_day = from_day + n;
	else if (strcmp(unit, "month") == 0)
		ret->last_day = months_behind(from_day, n);
	else if (strcmp(unit, "year") == 0)
		ret->last_day = months_behind(from_day, 12 * n);
	else
		return SS_EUNSUPPORTED;
	if (ret->last_day == INT64_MAX)
		return SS_ERANGE;
	ret->due_day = ss_law_next_workday(law, ret->last_day, &ret->sure);
	return 0;
}

int ss_law_deadline(const struct ss_law *law, const struct ss_law_row *row, int64_t from_day,
		    struct ss_deadline *ret)
{
	return ss_law_period(law, (int64_t)ss_law_number(row, "limit"), ss_law_text(row, "unit"),
			     from_day, ret);
}
