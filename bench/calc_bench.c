/* Batches as a city asks for them, each beside the bare formula in a plain C loop over the same
 * numbers in the same run: a year of hourly AQI of 1,000 stations, a plume field of a million
 * receptors, a million water classifications, and the lines of JSON beside reading them alone.
 * Prints nanoseconds an item and the ratio; no verdict. */
#include <math.h>
#include <stdlib.h>

#include "base/base.h"
#include "base/json.h"
#include "reason/calc/calc.h"
#include "reason/judge/judge.h"
#include "reason/models/models.h"

#define STATIONS 1000
#define HOURS 8760
#define RECEPTORS 1000000
#define WATERS 1000000
#define LINES 200000
#define DAY_2026 20513 /* 2026-03-01 */
#define ROUNDS 3

static double sink;
static uint64_t seed = 7;

static double rnd(double to)
{
	seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return to * (double)(seed >> 11) / 9007199254740992.0;
}

/* The best of some rounds. */
static double best(void (*fn)(void), size_t items)
{
	double ns = INFINITY;

	for (int i = 0; i < ROUNDS; i++) {
		int64_t t = ss_time_mono();

		fn();
		ns = fmin(ns, (double)(ss_time_mono() - t) * 1000 / (double)items);
	}
	return ns;
}

static void tell(const char *what, double ns, const char *peer, double peer_ns, size_t items)
{
	printf("%-34s %8.1f ns  %-28s %8.1f ns  ratio %.2f  whole %.2f s\n", what, ns, peer,
	       peer_ns, ns / peer_ns, ns * (double)items / 1e9);
	fflush(stdout);
}

/* --- AQI ----------------------------------------------------------------------------------------
 */

static struct ss_aqi_law law;
static double (*conc)[SS_AIR_ITEM_COUNT_]; /* the hours of a station, over and over */
static struct ss_aqi *index_of;

static void aqi_year(void)
{
	for (int s = 0; s < STATIONS; s++) {
		ss_aqi_many(&law, (const double(*)[SS_AIR_ITEM_COUNT_])conc, HOURS, index_of);
		sink += index_of[s % HOURS].aqi;
	}
}

/* The formula in doubles: not exact at the breakpoints, and no rounding before. */
static int bare_iaqi(const struct ss_aqi_scale *s, double c)
{
	for (size_t i = 0; i < s->n; i++) {
		if (isnan(s->to[i]))
			return s->index_to[i];
		if (c <= s->to[i])
			return (int)ceil((s->index_to[i] - s->index_from[i]) * (c - s->from[i]) /
					     (s->to[i] - s->from[i]) +
					 s->index_from[i]);
	}
	return -1;
}

static void bare_year(void)
{
	for (int s = 0; s < STATIONS; s++) {
		for (size_t h = 0; h < HOURS; h++) {
			int worst = -1;

			for (int k = 0; k < SS_AIR_ITEM_COUNT_; k++) {
				int v = bare_iaqi(&law.scale[k], conc[h][k]);

				index_of[h].iaqi[k] = v;
				worst = v > worst ? v : worst;
			}
			index_of[h].aqi = worst;
		}
		sink += index_of[s % HOURS].aqi;
	}
}

static void bench_aqi(void)
{
	static const double most[SS_AIR_ITEM_COUNT_] = {60, 120, 3, 220, 200, 120};

	conc = calloc(HOURS, sizeof(*conc));
	index_of = calloc(HOURS, sizeof(*index_of));
	ss_assert(conc && index_of && ss_judge_aqi(ss_law_now(), DAY_2026, "hour", &law));
	for (size_t h = 0; h < HOURS; h++) {
		for (int k = 0; k < SS_AIR_ITEM_COUNT_; k++)
			conc[h][k] = k == SS_AIR_CO ? round(rnd(most[k]) * 1000) / 1000
						    : round(rnd(most[k]) * 10) / 10;
	}
	tell("AQI of an hour, six items", best(aqi_year, (size_t)STATIONS * HOURS),
	     "bare formula, not exact", best(bare_year, (size_t)STATIONS * HOURS),
	     (size_t)STATIONS * HOURS);
}

/* --- plume --------------------------------------------------------------------------------------
 */

static const struct ss_sigma_power sigma_y = {.piece = {{1000, 0.929418, 0.110726},
							{NAN, 0.888723, 0.146669}},
					      .n = 2},
				   sigma_z = {.piece = {{1000, 0.826212, 0.104634},
							{10000, 0.632023, 0.400167},
							{NAN, 0.555360, 0.810763}},
					      .n = 3};
static double *px, *py, *pz, *pc;

static void plume_field(void)
{
	const struct ss_plume p = {.rate_g_s = 100, .wind_m_s = 4, .height_m = 60, .lid_m = NAN};

	ss_plume_field(&p, &sigma_y, &sigma_z, px, py, pz, RECEPTORS, pc);
	sink += pc[RECEPTORS / 2];
}

static void bare_plume(void)
{
	for (size_t i = 0; i < RECEPTORS; i++) {
		double x = px[i];
		double sy = x <= 1000 ? 0.110726 * pow(x, 0.929418) : 0.146669 * pow(x, 0.888723);
		double sz = x <= 1000    ? 0.104634 * pow(x, 0.826212)
			    : x <= 10000 ? 0.400167 * pow(x, 0.632023)
					 : 0.810763 * pow(x, 0.555360);
		double down = pz[i] - 60, up = pz[i] + 60;

		pc[i] = 100 / (2 * M_PI * 4 * sy * sz) * exp(-py[i] * py[i] / (2 * sy * sy)) *
			(exp(-down * down / (2 * sz * sz)) + exp(-up * up / (2 * sz * sz)));
	}
	sink += pc[RECEPTORS / 2];
}

static void bench_plume(void)
{
	px = calloc(RECEPTORS, sizeof(double));
	py = calloc(RECEPTORS, sizeof(double));
	pz = calloc(RECEPTORS, sizeof(double));
	pc = calloc(RECEPTORS, sizeof(double));
	ss_assert(px && py && pz && pc);
	for (size_t i = 0; i < RECEPTORS; i++) {
		px[i] = 1 + rnd(15000);
		py[i] = rnd(2000) - 1000;
		pz[i] = rnd(30);
	}
	tell("plume at a receptor", best(plume_field, RECEPTORS), "bare formula",
	     best(bare_plume, RECEPTORS), RECEPTORS);
}

/* --- water --------------------------------------------------------------------------------------
 */

#define ITEMS 9
static struct ss_class_scale scale[ITEMS];
static double (*water)[ITEMS];

static void water_classes(void)
{
	for (size_t i = 0; i < WATERS; i++) {
		int class_[ITEMS];

		for (int k = 0; k < ITEMS; k++)
			class_[k] = ss_item_class(&scale[k], water[i][k]);
		sink += ss_worst_class(class_, ITEMS);
	}
}

/* Reading the same numbers once: nothing can be faster. */
static void read_numbers(void)
{
	double sum = 0;

	for (size_t i = 0; i < WATERS; i++) {
		for (int k = 0; k < ITEMS; k++)
			sum += water[i][k];
	}
	sink += sum;
}

static void bench_water(void)
{
	static const char *const items[ITEMS] = {"w01001", "w01009", "w01019", "w01018", "w01017",
						 "w21003", "w21011", "w22001", "w19002"};

	water = calloc(WATERS, sizeof(*water));
	ss_assert(water);
	for (int k = 0; k < ITEMS; k++) {
		ss_assert(ss_judge_class(ss_law_now(), DAY_2026, "river", items[k], &scale[k]));
		for (size_t i = 0; i < WATERS; i++)
			water[i][k] = k == 0 ? 5.5 + rnd(4)
					     : rnd(scale[k].high[4] > 0 ? scale[k].high[4] : 12);
	}
	tell("class of a section, nine items", best(water_classes, WATERS), "reading the numbers",
	     best(read_numbers, WATERS), WATERS);
}

/* --- lines of JSON ------------------------------------------------------------------------------
 */

static struct ss_buf lines = SS_BUF_MAX(256 << 20), answers = SS_BUF_MAX(512 << 20);
static const struct ss_calc *calc;

static void calc_lines(void)
{
	ss_buf_reset(&answers);
	ss_calc_lines(calc, ss_buf_str(&lines), &answers);
	ss_assert(answers.err == 0);
}

static void parse_lines(void)
{
	struct ss_str rest = ss_buf_str(&lines), line;

	while (ss_str_split(&rest, '\n', &line)) {
		json_t *v = json_loadb(line.p, line.n, JSON_REJECT_DUPLICATES, NULL);

		sink += (double)json_object_size(v);
		json_decref(v);
	}
}

static void bench_lines(const char *name, const char *fmt, double most)
{
	char label[64];

	calc = ss_calc_find(ss_str_of(name));
	ss_assert(calc);
	ss_buf_reset(&lines);
	for (int i = 0; i < LINES; i++) {
		const char *at = strchr(fmt, '@');

		ss_buf_add(&lines, fmt, (size_t)(at - fmt));
		ss_buf_add_double(&lines, round(rnd(most) * 10) / 10);
		ss_buf_addz(&lines, at + 1);
		ss_buf_addc(&lines, '\n');
	}
	snprintf(label, sizeof(label), "line of %s", name);
	tell(label, best(calc_lines, LINES), "jansson reading it", best(parse_lines, LINES), LINES);
}

int main(void)
{
	bench_aqi();
	bench_plume();
	bench_water();
	bench_lines("air.iaqi", "{\"edition\":\"2026\",\"item\":\"pm25_24h\",\"conc\":@}", 300);
	bench_lines("water.item_class", "{\"item\":\"cod\",\"value\":@}", 50);
	bench_lines(
	    "plume.gb3840",
	    "{\"stability\":\"D\",\"x_m\":@,\"height_m\":60,\"wind_m_s\":4,\"rate_g_s\":100}",
	    9000);
	bench_lines(
	    "tax.air",
	    "{\"amounts_kg\":{\"so2\":@,\"nox\":190,\"soot\":21,\"co\":9},\"rate_yuan\":8.4}", 900);
	printf("(%g)\n", sink);
	return 0;
}
