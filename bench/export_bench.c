/* Writes the workload to stdout in the form a peer loads fastest, so that every store answers about
 * the same points:
 *
 *	bench_export influx|rowbinary|pgcopy W|L [stations] [minutes]
 *
 * influx: a line a reading, for VictoriaMetrics (no flags: it has none). rowbinary: ClickHouse,
 * (UInt32 ts seconds, UInt32 station, UInt8 factor, Float64 v, UInt8 mark). pgcopy: PostgreSQL,
 * (int4 series, timestamptz, float8, int2 mark), series = station x 8 + factor. */
#include <endian.h>
#include <stdio.h>
#include <string.h>

#include "base/base.h"
#include "workload.h"

#define PG_EPOCH_US INT64_C(946684800000000)

static void influx(int station, int64_t t, const struct workload_point *p, int n)
{
	if (!n)
		return;
	printf("o,station=%d", station);
	for (int i = 0; i < n; i++)
		printf("%c%s=%.*f", i ? ',' : ' ', workload_factors[p[i].factor],
		       workload_decimals[p[i].factor], p[i].value);
	printf(" %lld000\n", (long long)t);
}

static char *put(char *p, const void *v, size_t n)
{
	memcpy(p, v, n);
	return p + n;
}

static void rowbinary(int station, int64_t t, const struct workload_point *p, int n)
{
	for (int i = 0; i < n; i++) {
		uint32_t ts = (uint32_t)(t / SS_US_PER_SEC), st = (uint32_t)station;
		uint8_t factor = (uint8_t)p[i].factor, mark = (uint8_t)p[i].mark;
		char row[18], *at = row;

		at = put(at, &ts, 4);
		at = put(at, &st, 4);
		at = put(at, &factor, 1);
		at = put(at, &p[i].value, 8);
		at = put(at, &mark, 1);
		fwrite(row, 1, sizeof(row), stdout);
	}
}

static char *put_be(char *at, int bytes, uint64_t v)
{
	uint32_t len = htobe32((uint32_t)bytes);
	uint64_t big = htobe64(v << (64 - 8 * bytes));

	at = put(at, &len, 4);
	return put(at, &big, (size_t)bytes);
}

static void pgcopy(int station, int64_t t, const struct workload_point *p, int n)
{
	for (int i = 0; i < n; i++) {
		char row[64], *at = row;
		uint64_t v;

		memcpy(&v, &p[i].value, 8);
		at = put(at, "\0\4", 2);
		at = put_be(at, 4, (uint64_t)((station - WORKLOAD_SITE) * 8 + p[i].factor));
		at = put_be(at, 8, (uint64_t)(t - PG_EPOCH_US));
		at = put_be(at, 8, v);
		at = put_be(at, 2, (uint64_t)p[i].mark);
		fwrite(row, 1, (size_t)(at - row), stdout);
	}
}

static void all(struct workload *w, void (*say)(int, int64_t, const struct workload_point *, int))
{
	for (int m = 0; m < w->minutes; m++)
		for (int s = 0; s < w->stations; s++) {
			struct workload_point p[WORKLOAD_FACTORS];
			int n = workload_next(w, s, p);

			say(WORKLOAD_SITE + s, WORKLOAD_T0 + m * SS_US_PER_MIN, p, n);
		}
}

int main(int argc, char **argv)
{
	int64_t stations = 0, minutes = 0;
	struct workload *w;

	if (argc < 3) {
		fputs("bench_export influx|rowbinary|pgcopy W|L [stations] [minutes]\n", stderr);
		return 2;
	}
	if (argc > 3)
		ss_parse_i64(ss_str_of(argv[3]), &stations);
	if (argc > 4)
		ss_parse_i64(ss_str_of(argv[4]), &minutes);
	w = workload_new(argv[2][0], (int)stations, (int)minutes);
	if (strcmp(argv[1], "influx") == 0) {
		all(w, influx);
	} else if (strcmp(argv[1], "rowbinary") == 0) {
		all(w, rowbinary);
	} else {
		fwrite("PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 1, 19, stdout);
		all(w, pgcopy);
		fwrite("\377\377", 1, 2, stdout);
	}
	workload_free(w);
	return fflush(stdout) != 0;
}
