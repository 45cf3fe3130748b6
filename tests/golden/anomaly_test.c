/* The failure detectors on real measurements that are not of emissions (two machines' temperatures,
 * a count of journeys), with failures put in at known places, where the collection lies beside this
 * tree; nothing of it is in the tree. What they were labelled with by others is told beside. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/base.h"
#include "base/json.h"
#include "golden/beside.h"
#include "reason/detect/detect.h"

#define DIR "anomaly/"
#define PIECE 336 /* values looked at together, as many as hours in the line's fourteen days */
#define GAP 6     /* values that are lost */
#define HELD 12   /* values that stand still */

struct real {
	double *v;
	char (*when)[20];
	size_t n, cap;
};
struct score {
	int in[3], found[3];    /* lost, held, spike */
	size_t values, flagged; /* outside of what was put in */
};

static struct real read_values(const char *name)
{
	struct ss_buf b = read_beside(name);
	struct ss_str rest = ss_buf_str(&b), line, when, value;
	struct real x = {0};

	ss_str_split(&rest, '\n', &line); /* the names */
	while (ss_str_split(&rest, '\n', &line)) {
		double d;

		ss_str_split(&line, ',', &when);
		value = ss_str_trim(line);
		if (ss_parse_double(value, &d) < 0)
			continue;
		if (x.n == x.cap) {
			x.cap = x.cap ? 2 * x.cap : 4096;
			x.v = realloc(x.v, x.cap * sizeof(*x.v));
			x.when = realloc(x.when, x.cap * sizeof(*x.when));
			assert_true(x.v && x.when);
		}
		ss_str_copy(x.when[x.n], sizeof(x.when[0]), when);
		x.v[x.n++] = d;
	}
	ss_buf_done(&b);
	return x;
}

static int up(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* From the twentieth to the nineteen twentieths of all values. */
static double range_of(const struct real *x)
{
	double *sorted = malloc(x->n * sizeof(*sorted)), range;

	assert_non_null(sorted);
	memcpy(sorted, x->v, x->n * sizeof(*sorted));
	ss_sort(sorted, x->n, sizeof(*sorted), up);
	range = sorted[x->n * 19 / 20] - sorted[x->n / 20];
	free(sorted);
	return range;
}

/* One failure a piece, of the three kinds in turn, somewhere in its middle. */
static void put_in(double *v, size_t piece, double range, size_t *ret_at, size_t *ret_n)
{
	size_t at = 40 + piece * 7919 % (PIECE - 80), n = piece % 3 == 0   ? GAP
							  : piece % 3 == 1 ? HELD
									   : 1;

	for (size_t i = at; i < at + n; i++)
		v[i] = piece % 3 == 0 ? (double)NAN : piece % 3 == 1 ? v[at] : v[i] + range;
	*ret_at = at;
	*ret_n = n;
}

static void scan_pieces(const struct real *x, struct score *s)
{
	static const uint8_t bits[] = {
	    1 << SS_FAIL_MISSING, 1 << SS_FAIL_CONSTANT | 1 << SS_FAIL_CLIPPED, 1 << SS_FAIL_SPIKE};
	double range = range_of(x);
	uint8_t seen[PIECE];

	for (size_t piece = 0; (piece + 1) * PIECE <= x->n; piece++) {
		double *v = x->v + piece * PIECE;
		size_t at, n;
		bool found = false;

		put_in(v, piece, range, &at, &n);
		ss_fail_scan(v, PIECE, ss_detect_params(), seen);
		for (size_t i = 0; i < PIECE; i++) {
			bool inside = i + 1 >= at && i < at + n;

			found = found || (inside && seen[i] & bits[piece % 3]);
			s->values += !inside;
			s->flagged += !inside && seen[i];
		}
		s->in[piece % 3]++;
		s->found[piece % 3] += found;
	}
}

/* Windows that others labelled in which anything is seen, of the values as they are. */
static int labelled_seen(const struct real *x, const json_t *windows)
{
	uint8_t *seen = calloc(x->n, 1);
	int hits = 0;
	size_t k;
	json_t *w;

	assert_non_null(seen);
	for (size_t piece = 0; (piece + 1) * PIECE <= x->n; piece++)
		ss_fail_scan(x->v + piece * PIECE, PIECE, ss_detect_params(), seen + piece * PIECE);
	json_array_foreach(windows, k, w)
	{
		const char *from = json_string_value(json_array_get(w, 0));
		const char *to = json_string_value(json_array_get(w, 1));
		bool hit = false;

		for (size_t i = 0; i < x->n; i++)
			hit = hit || (seen[i] && strncmp(x->when[i], from, 19) >= 0 &&
				      strncmp(x->when[i], to, 19) <= 0);
		hits += hit;
	}
	free(seen);
	return hits;
}

static void failures_put_in_are_found(void **state)
{
	static const char *const names[] = {"realKnownCause_machine_temperature_system_failure",
					    "realKnownCause_ambient_temperature_system_failure",
					    "realKnownCause_nyc_taxi"};
	struct ss_buf b = read_beside(DIR "labels.json");
	struct score s = {0};
	struct ss_error e = {0};
	json_t *labels;

	(void)state;
	assert_int_equal(ss_detect_load(&e), 0);
	assert_int_equal(ss_json_parse(ss_buf_str(&b), &labels, &e), 0);
	for (size_t i = 0; i < SS_ARRAY_LEN(names); i++) {
		char csv[96], gz[120];
		const json_t *windows;
		struct real x;

		snprintf(csv, sizeof(csv), "%s.csv", names[i]);
		snprintf(gz, sizeof(gz), DIR "%s.gz", csv);
		x = read_values(gz);
		windows = json_object_get(json_object_get(labels, csv), "windows");
		print_message("%s: %zu values, something seen in %d of %zu windows labelled\n", csv,
			      x.n, labelled_seen(&x, windows), json_array_size(windows));
		scan_pieces(&x, &s);
		free(x.v);
		free(x.when);
	}
	print_message("put in and found: lost %d/%d, held %d/%d, spikes %d/%d; of %zu other values "
		      "%zu seen = %.2f in 1000\n",
		      s.found[0], s.in[0], s.found[1], s.in[1], s.found[2], s.in[2], s.values,
		      s.flagged, 1000.0 * (double)s.flagged / (double)s.values);
	assert_int_equal(s.found[0], s.in[0]);
	assert_true(s.found[1] >= s.in[1] * 0.95);
	assert_true(s.found[2] >= s.in[2] * 0.8);
	json_decref(labels);
	ss_buf_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(failures_put_in_are_found)};
	FILE *f = fopen(BESIDE DIR "labels.json", "r");

	if (!f) {
		printf("not run: %s is not there\n", BESIDE DIR);
		return 77;
	}
	fclose(f);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
