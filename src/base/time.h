/* Time. Inside: int64 microseconds since 1970-01-01 UTC. Outside: +08:00.
 * Asia/Shanghai is UTC+8 without summer time since 1991-09-15; earlier summer times (1986-1991) are
 * not modelled, no device reported then. Thread: any. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

#define SS_US_PER_SEC INT64_C(1000000)
#define SS_US_PER_MIN (60 * SS_US_PER_SEC)
#define SS_US_PER_HOUR (3600 * SS_US_PER_SEC)
#define SS_US_PER_DAY (86400 * SS_US_PER_SEC)
#define SS_UTC8_US (8 * SS_US_PER_HOUR)
#define SS_TIME_NONE INT64_MIN

struct ss_civil {                 /* a moment as the wall clock in Nanjing shows it */
	int year, month, day;     /* 1970.., 1..12, 1..31 */
	int hour, minute, second; /* 0..23, 0..59, 0..59 */
	int micro;
	int weekday; /* 1 Monday .. 7 Sunday */
};

int64_t ss_time_now(void);    /* wall clock through the os layer: data, never for timeouts */
int64_t ss_time_mono(void);   /* microseconds, monotonic: for timeouts and rates */
int64_t ss_time_worked(void); /* microseconds that this thread has had a core */

struct ss_civil ss_civil_of(int64_t t_us);
/* SS_ERANGE for an impossible date or hour (leap seconds too), years 1900..2999. */
int ss_time_of_civil(const struct ss_civil *c, int64_t *ret_us);

/* Whole local hours, days (days since 1970-01-01 local), months (year*12+month-1), years.
 * Floor also before 1970. */
int64_t ss_hour_of(int64_t t_us); /* UTC hour number; same edges as local hours */
int64_t ss_day_of(int64_t t_us);
int64_t ss_month_of(int64_t t_us);
int64_t ss_month_of_day(int64_t day);
int64_t ss_hour_start(int64_t hour);
int64_t ss_day_start(int64_t day);
int64_t ss_month_start(int64_t month);

/* "YYYYMMDDhhmmss" local, more digits after the 14th ignored (up to 17). SS_EPARSE, SS_ERANGE. */
int ss_time_parse_compact(struct ss_str s, int64_t *ret_us);
void ss_time_fmt_compact(char out[18], int64_t t_us, int digits); /* 14 or 17 digits, terminated */

/* "2026-11-23T10:32:07.123456+08:00"; fraction only when not 0; at most 33 bytes with the 0. */
#define SS_TIME_ISO 40
size_t ss_time_fmt_iso(char out[SS_TIME_ISO], int64_t t_us);
/* Date or date-time with 'T' or blank, optional seconds and fraction, offset Z, +hh:mm or none
 * (none = +08:00). */
int ss_time_parse_iso(struct ss_str s, int64_t *ret_us);
