#include "base/time.h"

#include <string.h>

#include "base/base.h"
#include "base/os.h"

int64_t ss_time_now(void)
{
	return ss_os()->now_us();
}

int64_t ss_time_mono(void)
{
	return ss_os()->mono_us();
}

int64_t ss_time_worked(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * SS_US_PER_SEC + t.tv_nsec / 1000;
}

static int64_t floor_div(int64_t a, int64_t b)
{
	int64_t q = a / b;

	return a % b < 0 ? q - 1 : q;
}

/* Proleptic Gregorian calendar. Years are counted from 1 March, so that the leap day is the last
 * of a year; 400 years are an era of 146097 days; 719468 days lie between 0000-03-01 and
 * 1970-01-01. */
static int64_t days_of_date(int64_t y, int m, int d)
{
	int64_t era, yoe, doy;

	y -= m <= 2;
	era = floor_div(y, 400);
	yoe = y - era * 400;
	doy = (153 * (m > 2 ? m - 3 : m + 9) + 2) / 5 + d - 1;
	return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

static void date_of_days(int64_t days, int *y, int *m, int *d)
{
	int64_t era, doe, yoe, doy, mp;

	days += 719468;
	era = floor_div(days, 146097);
	doe = days - era * 146097;
	yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	mp = (5 * doy + 2) / 153;
	*d = (int)(doy - (153 * mp + 2) / 5 + 1);
	*m = (int)(mp < 10 ? mp + 3 : mp - 9);
	*y = (int)(yoe + era * 400 + (*m <= 2));
}

struct ss_civil ss_civil_of(int64_t t_us)
{
	/* Seconds first: adding eight hours to microseconds could overflow at the far end. */
	int64_t sec = floor_div(t_us, SS_US_PER_SEC);
	int64_t local = sec + SS_UTC8_US / SS_US_PER_SEC;
	int64_t days = floor_div(local, 86400);
	int64_t rest = local - days * 86400;
	int64_t wd = (days + 3) % 7; /* 1970-01-01 was a Thursday */
	struct ss_civil c;

	c.micro = (int)(t_us % SS_US_PER_SEC);
	if (c.micro < 0)
		c.micro += (int)SS_US_PER_SEC;
	date_of_days(days, &c.year, &c.month, &c.day);
	c.hour = (int)(rest / 3600);
	c.minute = (int)(rest / 60 % 60);
	c.second = (int)(rest % 60);
	c.weekday = (int)(wd < 0 ? wd + 7 : wd) + 1;
	return c;
}

static int days_in_month(int y, int m)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	if (m == 2 && y % 4 == 0 && (y % 100 != 0 || y % 400 == 0))
		return 29;
	return days[m - 1];
}

int ss_time_of_civil(const struct ss_civil *c, int64_t *ret_us)
{
	int64_t sec;

	if (c->year < 1900 || c->year > 2999 || c->month < 1 || c->month > 12 || c->day < 1 ||
	    c->day > days_in_month(c->year, c->month))
		return SS_ERANGE;
	if (c->hour < 0 || c->hour > 23 || c->minute < 0 || c->minute > 59 || c->second < 0 ||
	    c->second > 59 || c->micro < 0 || c->micro > 999999)
		return SS_ERANGE;
	sec = days_of_date(c->year, c->month, c->day) * 86400 + c->hour * 3600 + c->minute * 60 +
	      c->second;
	*ret_us = sec * SS_US_PER_SEC - SS_UTC8_US + c->micro;
	return 0;
}

int64_t ss_hour_of(int64_t t_us)
{
	return floor_div(t_us, SS_US_PER_HOUR);
}

int64_t ss_day_of(int64_t t_us)
{
	return floor_div(ss_hour_of(t_us) + 8, 24);
}

int64_t ss_month_of_day(int64_t day)
{
	int y, m, d;

	date_of_days(day, &y, &m, &d);
	return (int64_t)y * 12 + m - 1;
}

int64_t ss_month_of(int64_t t_us)
{
	return ss_month_of_day(ss_day_of(t_us));
}

/* n * unit - minus, held at the ends of int64 instead of overflowing. */
static int64_t start_of(int64_t n, int64_t unit, int64_t minus)
{
	int64_t t;

	if (__builtin_mul_overflow(n, unit, &t) || __builtin_sub_overflow(t, minus, &t))
		return n < 0 ? INT64_MIN : INT64_MAX;
	return t;
}

int64_t ss_hour_start(int64_t hour)
{
	return start_of(hour, SS_US_PER_HOUR, 0);
}

int64_t ss_day_start(int64_t day)
{
	return start_of(day, SS_US_PER_DAY, SS_UTC8_US);
}

int64_t ss_month_start(int64_t month)
{
	int64_t year = floor_div(month, 12);

	if (year < -300000 || year > 300000)
		return month < 0 ? INT64_MIN : INT64_MAX;
	return ss_day_start(days_of_date(year, (int)(month - year * 12) + 1, 1));
}

/* n digits at p as a number, or -1. */
static int digits(const char *p, int n)
{
	int v = 0;

	for (int i = 0; i < n; i++) {
		unsigned d = (unsigned char)p[i] - (unsigned)'0';

		if (d > 9)
			return -1;
		v = v * 10 + (int)d;
	}
	return v;
}

int ss_time_parse_compact(struct ss_str s, int64_t *ret_us)
{
	struct ss_civil c = {0};

	if (s.n < 14 || s.n > 17)
		return SS_EPARSE;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return SS_EPARSE;
	}
	c.year = digits(s.p, 4);
	c.month = digits(s.p + 4, 2);
	c.day = digits(s.p + 6, 2);
	c.hour = digits(s.p + 8, 2);
	c.minute = digits(s.p + 10, 2);
	c.second = digits(s.p + 12, 2);
	return ss_time_of_civil(&c, ret_us);
}

static char *put_digits(char *out, int v, int n)
{
	for (int i = n - 1; i >= 0; i--) {
		out[i] = (char)('0' + v % 10);
		v /= 10;
	}
	return out + n;
}

static inline char *put2(char *out, int v)
{
	out[0] = (char)('0' + v / 10);
	out[1] = (char)('0' + v % 10);
	return out + 2;
}

/* Month, day, hour, minute, second with what stands between them; 0 for nothing. */
static char *put_fields(char *p, const struct ss_civil *c, const char between[5])
{
	const int v[5] = {c->month, c->day, c->hour, c->minute, c->second};

	for (int i = 0; i < 5; i++) {
		if (between[i])
			*p++ = between[i];
		p = put2(p, v[i]);
	}
	return p;
}

void ss_time_fmt_compact(char out[18], int64_t t_us, int digits_wanted)
{
	struct ss_civil c = ss_civil_of(t_us);
	char *p = out;

	ss_assert(digits_wanted == 14 || digits_wanted == 17);
	p = put_digits(p, c.year < 0 ? 0 : c.year > 9999 ? 9999 : c.year, 4);
	p = put_fields(p, &c, (const char[5]){0});
	if (digits_wanted == 17)
		p = put_digits(p, c.micro / 1000, 3);
	*p = 0;
}

static char *put_year(char *p, int year)
{
	if (year < 0) {
		*p++ = '-';
		year = -year;
	}
	return put_digits(p, year, year > 99999 ? 6 : year > 9999 ? 5 : 4);
}

size_t ss_time_fmt_iso(char out[SS_TIME_ISO], int64_t t_us)
{
	struct ss_civil c = ss_civil_of(t_us);
	char *p = put_year(out, c.year);

	p = put_fields(p, &c, (const char[5]){'-', '-', 'T', ':', ':'});
	if (c.micro) {
		*p++ = '.';
		p = put_digits(p, c.micro, 6);
	}
	memcpy(p, "+08:00", 7);
	return (size_t)(p - out) + 6;
}

/* Takes n digits off *s; -1 when they are not there. */
static int take_digits(struct ss_str *s, int n)
{
	int v = s->n < (size_t)n ? -1 : digits(s->p, n);

	if (v >= 0)
		*s = ss_str_n(s->p + n, s->n - (size_t)n);
	return v;
}

static bool take_char(struct ss_str *s, char c)
{
	if (s->n == 0 || s->p[0] != c)
		return false;
	*s = ss_str_n(s->p + 1, s->n - 1);
	return true;
}

/* Fraction of a second behind the point: at least one digit, those after the sixth are dropped. */
static int take_fraction(struct ss_str *s)
{
	int v = 0, n = 0;

	for (; s->n && s->p[0] >= '0' && s->p[0] <= '9'; n++) {
		int d = take_digits(s, 1);

		if (n < 6)
			v = v * 10 + d;
	}
	if (n == 0)
		return -1;
	for (; n < 6; n++)
		v *= 10;
	return v;
}

static int take_date(struct ss_str *s, struct ss_civil *c)
{
	c->year = take_digits(s, 4);
	if (c->year < 0 || !take_char(s, '-'))
		return SS_EPARSE;
	c->month = take_digits(s, 2);
	if (c->month < 0 || !take_char(s, '-'))
		return SS_EPARSE;
	c->day = take_digits(s, 2);
	return c->day < 0 ? SS_EPARSE : 0;
}

static int take_clock(struct ss_str *s, struct ss_civil *c)
{
	c->hour = take_digits(s, 2);
	if (c->hour < 0 || !take_char(s, ':'))
		return SS_EPARSE;
	c->minute = take_digits(s, 2);
	if (c->minute < 0)
		return SS_EPARSE;
	if (!take_char(s, ':'))
		return 0;
	c->second = take_digits(s, 2);
	if (c->second < 0)
		return SS_EPARSE;
	if (!take_char(s, '.'))
		return 0;
	c->micro = take_fraction(s);
	return c->micro < 0 ? SS_EPARSE : 0;
}

/* Offset from UTC in microseconds; +08:00 when there is none. */
static int take_offset(struct ss_str *s, int64_t *ret_us)
{
	int hour, minute, sign;

	*ret_us = SS_UTC8_US;
	if (s->n == 0)
		return 0;
	if (take_char(s, 'Z') || take_char(s, 'z')) {
		*ret_us = 0;
		return 0;
	}
	sign = take_char(s, '+') ? 1 : take_char(s, '-') ? -1 : 0;
	if (!sign)
		return SS_EPARSE;
	hour = take_digits(s, 2);
	if (hour < 0 || !take_char(s, ':'))
		return SS_EPARSE;
	minute = take_digits(s, 2);
	if (minute < 0)
		return SS_EPARSE;
	if (hour > 23 || minute > 59)
		return SS_ERANGE;
	*ret_us = sign * (hour * SS_US_PER_HOUR + minute * SS_US_PER_MIN);
	return 0;
}

int ss_time_parse_iso(struct ss_str s, int64_t *ret_us)
{
	struct ss_civil c = {0};
	int64_t offset = SS_UTC8_US, t;
	int r;

	r = take_date(&s, &c);
	if (r == 0 && s.n) {
		if (!take_char(&s, 'T') && !take_char(&s, 't') && !take_char(&s, ' '))
			return SS_EPARSE;
		r = take_clock(&s, &c);
		if (r == 0)
			r = take_offset(&s, &offset);
	}
	if (r < 0)
		return r;
	if (s.n)
		return SS_EPARSE;
	r = ss_time_of_civil(&c, &t);
	if (r < 0)
		return r;
	*ret_us = t + SS_UTC8_US - offset;
	return 0;
}
