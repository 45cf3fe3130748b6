/* Rows of published values, judged by the law of their day. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/base.h"
#include "base/csv.h"
#include "reason/judge/judge.h"

static inline double cell(struct ss_str s)
{
	double v;

	return ss_parse_double(s, &v) == 0 ? v : (double)NAN;
}

/* Position of a heading in the row at hand; the test ends when there is none. */
static inline size_t heading(const struct ss_csv *c, const char *name)
{
	for (size_t i = 0; i < c->fields; i++) {
		if (ss_str_is(c->field[i], name))
			return i;
	}
	fail_msg("no column %s", name);
	return 0;
}

static inline int64_t day_of(const char *iso)
{
	int64_t t;

	assert_int_equal(ss_time_parse_iso(ss_str_of(iso), &t), 0);
	return ss_day_of(t);
}

struct score {
	int rows, right, either; /* either: with the TP limits of rivers or of lakes */
};

/* Columns pm2_5 pm10 so2 no2 co and o3 (named `ozone`), published AQI in `published`. */
static inline struct score score_aqi(struct ss_str text, const char *ozone, const char *published,
				     int64_t day)
{
	const char *const names[SS_AIR_ITEM_COUNT_] = {"so2", "no2", "co", ozone, "pm10", "pm2_5"};
	size_t at[SS_AIR_ITEM_COUNT_], result;
	struct score s = {0};
	struct ss_aqi_law law;
	struct ss_csv c;

	assert_non_null(ss_judge_aqi(NULL, day, "hour", &law));
	ss_csv_init(&c, ',', 8192, 64);
	ss_csv_feed(&c, text, true);
	assert_int_equal(ss_csv_next(&c), 1);
	for (int i = 0; i < SS_AIR_ITEM_COUNT_; i++)
		at[i] = heading(&c, names[i]);
	result = heading(&c, published);
	while (ss_csv_next(&c) == 1) {
		double conc[SS_AIR_ITEM_COUNT_], want = cell(c.field[result]);
		bool whole = !isnan(want);
		struct ss_aqi r;

		for (int i = 0; i < SS_AIR_ITEM_COUNT_; i++) {
			conc[i] = cell(c.field[at[i]]);
			whole = whole && !isnan(conc[i]);
		}
		if (!whole)
			continue;
		ss_aqi(&law, conc, &r);
		s.rows++;
		s.right += r.aqi == (int)want;
	}
	ss_csv_done(&c);
	return s;
}

static inline int class_of(const double *v, const char *body)
{
	static const char *const items[] = {"w01001", "w01009", "w01019", "w21003", "w21011"};
	int classes[5];

	for (int i = 0; i < 5; i++) {
		struct ss_class_scale s;

		assert_non_null(ss_judge_class(NULL, day_of("2021-04-01"), body, items[i], &s));
		classes[i] = ss_item_class(&s, v[i]);
	}
	return ss_worst_class(classes, 5);
}

/* Columns ph, do.., codmn.., nh3n.., tp.. (with `suffix`), published_class. */
static inline struct score score_water(struct ss_str text, const char *suffix)
{
	static const char *const names[] = {"ph", "do", "codmn", "nh3n", "tp"};
	size_t at[5], result;
	struct score s = {0};
	struct ss_csv c;

	ss_csv_init(&c, ',', 8192, 64);
	ss_csv_feed(&c, text, true);
	assert_int_equal(ss_csv_next(&c), 1);
	for (int i = 0; i < 5; i++) {
		char name[32];

		snprintf(name, sizeof(name), "%s%s", names[i], i ? suffix : "");
		at[i] = heading(&c, name);
	}
	result = heading(&c, "published_class");
	while (ss_csv_next(&c) == 1) {
		int want = ss_class_parse(c.field[result]), river;
		double v[5];
		bool whole = want > 0;

		for (int i = 0; i < 5; i++) {
			v[i] = cell(c.field[at[i]]);
			whole = whole && !isnan(v[i]);
		}
		if (!whole)
			continue;
		river = class_of(v, "river");
		s.rows++;
		s.right += river == want;
		s.either += river == want || class_of(v, "lake") == want;
	}
	ss_csv_done(&c);
	return s;
}

/* All of a file or of what a command prints; the test ends when it cannot be read. */
static inline void slurp(FILE *f, struct ss_buf *b)
{
	char piece[65536];
	size_t n;

	assert_non_null(f);
	while ((n = fread(piece, 1, sizeof(piece), f)) > 0)
		assert_int_equal(ss_buf_add(b, piece, n), 0);
}
