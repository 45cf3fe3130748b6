/* The districts of today, read once from standards/area/nanjing.csv as the build embedded it. That
 * table also holds the city and former divisions. */
#include <pthread.h>
#include <stdio.h>

#include "base/base.h"
#include "base/csv.h"
#include "record/registry/registry.h"
#include "ss_nanjing_csv.h"

#define DISTRICTS_MAX 64

static struct ss_district districts[DISTRICTS_MAX];
static size_t count;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void add(const struct ss_csv *c)
{
	ss_assert(count < DISTRICTS_MAX && c->fields >= 4);
	if (!ss_str_is(c->field[3], "district"))
		return;
	struct ss_district *d = &districts[count++];

	/* The file is part of the program: what does not fit is a mistake made at its build. */
	ss_assert(ss_str_copy(d->code, sizeof(d->code), c->field[0]) &&
		  ss_str_copy(d->zh, sizeof(d->zh), c->field[1]) &&
		  ss_str_copy(d->en, sizeof(d->en), c->field[2]));
}

static void load(void)
{
	struct ss_csv c;
	int r;

	ss_csv_init(&c, ',', 1024, 16);
	ss_csv_feed(&c, ss_str_n(ss_nanjing_csv, ss_nanjing_csv_n), true);
	while ((r = ss_csv_next(&c)) != 0) {
		ss_assert(r > 0);
		if (c.line > 1)
			add(&c);
	}
	ss_csv_done(&c);
}

const struct ss_district *ss_registry_districts(size_t *ret_n)
{
	pthread_once(&once, load);
	*ret_n = count;
	return districts;
}

/* "320102", "玄武区" or "玄武". */
static bool is(const struct ss_district *d, struct ss_str text)
{
	struct ss_str zh = ss_str_of(d->zh), tail = SS_STR("区");

	if (ss_str_is(text, d->code) || ss_str_eq(text, zh))
		return true;
	return ss_str_ends(zh, tail) && ss_str_eq(text, ss_str_n(zh.p, zh.n - tail.n));
}

const struct ss_district *ss_registry_district(struct ss_str text)
{
	size_t n;
	const struct ss_district *d = ss_registry_districts(&n);

	for (size_t i = 0; i < n; i++)
		if (is(&d[i], text))
			return &d[i];
	return NULL;
}
