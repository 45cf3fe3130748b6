/* Periods and durations as modules write them. */
#include "modules_internal.h"

static int days_in(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && leap);
}

struct duration {
	int64_t months, us;
};

/* One "12H" of it; unit says what follows the digits. */
static int add_part(struct duration *d, int64_t n, char unit, bool time)
{
	switch (unit) {
	case 'Y':
		d->months += time ? 0 : 12 * n;
		return time ? SS_EPARSE : 0;
	case 'M':
		if (time)
			d->us += n * SS_US_PER_MIN;
		else
			d->months += n;
		return 0;
	case 'W':
		d->us += n * 7 * SS_US_PER_DAY;
		return time ? SS_EPARSE : 0;
	case 'D':
		d->us += n * SS_US_PER_DAY;
		return time ? SS_EPARSE : 0;
	case 'H':
		d->us += n * SS_US_PER_HOUR;
		return time ? 0 : SS_EPARSE;
	case 'S':
		d->us += n * SS_US_PER_SEC;
		return time ? 0 : SS_EPARSE;
	default:
		return SS_EPARSE;
	}
}

static int parse_duration(struct ss_str s, struct duration *ret)
{
	bool minus = s.n && s.p[0] == '-', time = false;
	size_t i = minus;
	int parts = 0, r = 0;

	*ret = (struct duration){0};
	if (i >= s.n || s.p[i++] != 'P')
		return SS_EPARSE;
	while (r == 0 && i < s.n) {
		int64_t n = 0;
		int digits = 0;

		if (s.p[i] == 'T' && !time) {
			time = true;
			i++;
			continue;
		}
		for (; i < s.n && s.p[i] >= '0' && s.p[i] <= '9' && digits < 7; i++, digits++)
			n = n * 10 + (s.p[i] - '0');
		if (digits == 0 || i == s.n)
			return SS_EPARSE;
		r = add_part(ret, n, s.p[i++], time);
		parts++;
	}
	if (minus)
		*ret = (struct duration){-ret->months, -ret->us};
	return parts ? r : SS_EPARSE;
}

int ss_time_add_iso(int64_t t_us, struct ss_str text, int64_t *ret_us)
{
	struct ss_civil c = ss_civil_of(t_us);
	struct duration d;
	int64_t month, moved = t_us;
	int r = parse_duration(text, &d);

	if (r == 0 && d.months) {
		month = c.year * 12 + c.month - 1 + d.months;
		c.year = (int)(month / 12);
		c.month = (int)(month % 12) + 1;
		if (month < 0 || c.year < 1900 || c.year > 2999)
			return SS_ERANGE;
		if (c.day > days_in(c.year, c.month))
			c.day = days_in(c.year, c.month);
		r = ss_time_of_civil(&c, &moved);
	}
	if (r < 0)
		return r;
	*ret_us = moved + d.us;
	return 0;
}

/* "06:30" to minutes. */
static int parse_clock(struct ss_str s, int *ret)
{
	int h, m;

	if (s.n != 5 || s.p[2] != ':')
		return SS_EPARSE;
	for (int i = 0; i < 5; i++)
		if (i != 2 && (s.p[i] < '0' || s.p[i] > '9'))
			return SS_EPARSE;
	h = (s.p[0] - '0') * 10 + s.p[1] - '0';
	m = (s.p[3] - '0') * 10 + s.p[4] - '0';
	if (h > 23 || m > 59)
		return SS_EPARSE;
	*ret = h * 60 + m;
	return 0;
}

int ss_every_parse(const char *when, struct ss_every *ret)
{
	struct ss_str rest = ss_str_of(when), word, day;
	struct duration d;
	int64_t n;

	*ret = (struct ss_every){0};
	if (parse_duration(rest, &d) == 0) {
		ret->period_us = d.us;
		return d.months || d.us < SS_US_PER_MIN || SS_US_PER_DAY % d.us != 0 ? SS_EPARSE
										     : 0;
	}
	if (!ss_str_split(&rest, ' ', &word))
		return SS_EPARSE;
	if (ss_str_is(word, "daily"))
		return parse_clock(rest, &ret->minute);
	if (!ss_str_is(word, "monthly") || !ss_str_split(&rest, ' ', &day) ||
	    ss_parse_i64(day, &n) < 0 || n < 1 || n > 28)
		return SS_EPARSE;
	ret->day = (int)n;
	return parse_clock(rest, &ret->minute);
}

static int64_t of_month(const struct ss_every *e, int64_t month)
{
	return ss_month_start(month) + (e->day - 1) * SS_US_PER_DAY + e->minute * SS_US_PER_MIN;
}

int64_t ss_every_start(const struct ss_every *e, int64_t now_us)
{
	int64_t at;

	if (e->period_us) {
		at = ss_day_start(ss_day_of(now_us));
		return at + (now_us - at) / e->period_us * e->period_us;
	}
	if (e->day) {
		at = of_month(e, ss_month_of(now_us));
		return at <= now_us ? at : of_month(e, ss_month_of(now_us) - 1);
	}
	at = ss_day_start(ss_day_of(now_us)) + e->minute * SS_US_PER_MIN;
	return at <= now_us ? at : at - SS_US_PER_DAY;
}

int64_t ss_every_next(const struct ss_every *e, int64_t now_us)
{
	int64_t at = ss_every_start(e, now_us);

	if (e->period_us)
		return at + e->period_us;
	return e->day ? of_month(e, ss_month_of(at) + 1) : at + SS_US_PER_DAY;
}
