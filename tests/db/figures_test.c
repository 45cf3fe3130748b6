/* Explaining, working out again, and what would change, on both engines. */
#include <math.h>
#include <stdlib.h>

#include "cmd/rehearse.h"
#include "db/line_fixture.h"
#include "reason/figures/figures.h"
#include "reason/lawbook/lawbook.h"
#include "serve/evidence/evidence.h"

#define T0 INT64_C(1772294400000000) /* 2026-03-01 00:00 +08:00 */

/* --- a deriver of sums, that can say what its rows are made of ---------------------------------
 */

struct sums {
	struct line_env *l;
	double lie; /* added by recompute, so that it differs */
};

static int sum_of(struct line_env *l, int64_t from, double *ret, struct ss_error *err)
{
	struct ss_series_key k = {
	    .site = 1, .period = SS_PERIOD_RTD, .factor = "w01018", .stat = "Rtd"};
	ss_cleanup(ss_arena_done) struct ss_arena a;
	struct ss_point *p;
	int32_t id;
	size_t n;
	int r;

	ss_arena_init(&a, 1 << 20);
	*ret = 0;
	if (ss_series_find(l->series, &k, &id) < 0)
		return 0;
	r = ss_series_points(l->series, id, from, from + SS_US_PER_HOUR, 0, &a, &p, &n, err);
	for (size_t i = 0; r >= 0 && i < n; i++)
		*ret += p[i].value;
	return r;
}

static void sum_row(struct ss_finding *x, int64_t from, double sum)
{
	*x = (struct ss_finding){
	    .start_us = from,
	    .end_us = from + SS_US_PER_HOUR,
	    .state = "ok",
	    .value = sum,
	    .body = SS_STR("{\"made\":\"sum\"}"),
	    .basis = {
		.rule = "sum", .standard = "GB 3838-2002", .clause = "表1", .code = "test/1"}};
	memcpy(x->key.kind, "toy_sum", 8);
	memcpy(x->key.factor, "w01018", 7);
	x->key.site = 1;
}

static int sum_entry(void *self, const struct ss_taken *t, struct ss_error *err)
{
	struct sums *s = self;
	struct ss_finding x;
	double sum;
	int r;

	if (t->n == 0 || t->site != 1)
		return 0;
	r = sum_of(s->l, ss_hour_start(ss_hour_of(t->data_us)), &sum, err);
	sum_row(&x, ss_hour_start(ss_hour_of(t->data_us)), sum);
	x.seq = t->entry->seq;
	x.known_us = t->entry->arrived_us;
	r = r < 0 ? r : ss_findings_put(s->l->findings, &x, err);
	memcpy(x.key.kind, "toy_any", 8); /* of the outlet, of no one factor */
	x.key.factor[0] = 0;
	return r < 0 ? r : ss_findings_put(s->l->findings, &x, err);
}

static int sum_inputs(void *self, struct ss_explain *x, const struct ss_finding *f,
		      struct ss_error *err)
{
	const struct ss_series_key k = {
	    .site = 1, .period = SS_PERIOD_RTD, .factor = "w01018", .stat = "Rtd"};

	(void)self;
	return ss_explain_series(x, &k, f->start_us, f->end_us, err);
}

static int sum_again(void *self, const struct ss_finding *f, struct ss_arena *a,
		     struct ss_finding *ret, struct ss_error *err)
{
	struct sums *s = self;
	double sum;
	int r = sum_of(s->l, f->start_us, &sum, err);

	(void)a;
	sum_row(ret, f->start_us, sum + s->lie);
	return r;
}

static void make(struct line_env *l)
{
	struct sums *s = calloc(1, sizeof(*s));

	s->l = l;
	l->own = s;
	l->derivers[l->n_derivers++] =
	    (struct ss_deriver){.name = "sums", .self = s, .on_entry = sum_entry};
}

static void drop(struct line_env *l)
{
	free(l->own);
}

/* --- a city -------------------------------------------------------------------------------------
 */

struct city {
	struct line_env l;
	struct ss_figures *f;
	struct ss_explainer how;
	int32_t cod;
};

static void city_open(struct city *c, struct db_env *env)
{
	struct ss_series_key k = {
	    .site = 1, .period = SS_PERIOD_RTD, .factor = "w01018", .stat = "Rtd"};
	char values[100];

	*c = (struct city){.cod = 0};
	line_env_place(&c->l, env, "city");
	c->l.make = make;
	c->l.drop = drop;
	line_env_open(&c->l);
	line_env_register(&c->l, "mn,site_code,site_name,kind,district\n"
				 "OURS0001,S1,甲厂,source_water,玄武\n");
	line_env_start(&c->l);
	for (int i = 0; i < 130; i++) {
		int64_t t = T0 + i * SS_US_PER_MIN;

		/* From the second hour on with more digits than a sum of whole numbers can hold. */
		snprintf(values, sizeof(values), i < 60 ? "w01018-Rtd=%.2f" : "w01018-Rtd=%.13f",
			 i < 60 ? i * 1.37 : sqrt(i));
		line_env_frame(&c->l, t + SS_US_PER_SEC, "OURS0001", 2011, t, values);
	}
	line_env_settle(&c->l);
	assert_int_equal(ss_series_find(c->l.series, &k, &c->cod), 0);
	const struct ss_figures_parts parts = {.journal = c->l.journal,
					       .registry = c->l.registry,
					       .series = c->l.series,
					       .findings = c->l.findings,
					       .codec = ss_hj212_figures_codec};
	assert_int_equal(ss_figures_new(&parts, &c->f), 0);
	c->how = (struct ss_explainer){.kind = "toy_sum",
				       .zh = "小时和",
				       .en = "sum of the hour",
				       .self = c->l.own,
				       .inputs = sum_inputs,
				       .recompute = sum_again};
	assert_int_equal(ss_figures_register(c->f, &c->how), 0);
	assert_int_equal(ss_figures_register(c->f, &c->how), SS_EEXISTS);
}

static void city_close(struct city *c)
{
	ss_figures_free(c->f);
	line_env_close(&c->l);
}

static int count(const json_t *n, const char *kind)
{
	const json_t *in = json_object_get(n, "inputs");
	int k = strcmp(json_string_value(json_object_get(n, "kind")), kind) == 0;

	for (size_t i = 0; i < json_array_size(in); i++)
		k += count(json_array_get(in, i), kind);
	return k;
}

static json_t *explain(struct city *c, const char *id, size_t most)
{
	struct ss_error e = {0};
	json_t *v;

	assert_ok(ss_explain(c->f, ss_str_of(id), most, &v, &e), &e);
	return v;
}

static const char *figure(char id[600], const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static const char *figure(char id[600], const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(id, 600, fmt, ap);
	va_end(ap);
	return id;
}

/* --- tests --------------------------------------------------------------------------------------
 */

/* Whoever follows a law node comes to the row that it speaks of. Returns how many there were. */
static int rows_stand(const json_t *n)
{
	const json_t *in;
	size_t i;
	int found = 0;

	if (strcmp(json_string_value(json_object_get(n, "kind")), "law") == 0) {
		const struct ss_law_table *t =
		    ss_law_table(ss_law_now(), json_string_value(json_object_get(n, "table")));
		const json_t *said = json_object_get(json_object_get(n, "row"), "clause");
		const struct ss_law_row *row;
		int64_t day;

		assert_int_equal(ss_time_parse_iso(
				     ss_str_of(json_string_value(json_object_get(n, "day"))), &day),
				 0);
		assert_int_equal(
		    ss_lawbook_find(t, ss_day_of(day),
				    ss_str_of(json_string_value(json_object_get(n, "key"))), &row,
				    NULL),
		    0);
		assert_string_equal(ss_law_clause(row), said ? json_string_value(said) : "");
		found++;
	}
	json_array_foreach(json_object_get(n, "inputs"), i, in) found += rows_stand(in);
	return found;
}

static void a_figure_goes_down_to_the_journal(struct db_env *env)
{
	static const char *const bad[] = {"",       "obs",     "obs~x~1", "hour~1",
					  "entry~", "a~b~c~d", "~~"};
	struct ss_finding_key k = {.kind = "toy_sum", .site = 1, .factor = "w01018"};
	char id[600];
	struct ss_error e = {0};
	struct city c;
	json_t *v;

	city_open(&c, env);
	v = explain(&c, figure(id, "hour~%d~%lld", c.cod, (long long)T0), 0);
	assert_int_equal(count(v, "observation"), 60);
	assert_int_equal(count(v, "entry"), 60);
	json_decref(v);
	v = explain(&c, figure(id, "day~%d~%lld", c.cod, (long long)T0), 0);
	assert_int_equal(count(v, "rollup"), 4);
	assert_int_equal(count(v, "entry"), 130);
	json_decref(v);
	v = explain(&c, id, 10);
	assert_true(json_is_true(json_object_get(v, "truncated")));
	json_decref(v);
	assert_int_equal(ss_finding_id(&k, T0, id, sizeof(id)), 0);
	v = explain(&c, id, 0);
	assert_int_equal(count(v, "observation"), 60);
	assert_true(rows_stand(v) > 0);
	assert_true(json_array_size(json_object_get(v, "versions")) >= 1);
	json_decref(v);
	/* All that was observed at the outlet, and nothing else: the index of frames, kept as a
	 * series beside them, is no observation. */
	k = (struct ss_finding_key){.kind = "toy_any", .site = 1};
	assert_int_equal(ss_finding_id(&k, T0, id, sizeof(id)), 0);
	v = explain(&c, id, 0);
	assert_int_equal(count(v, "observation"), 60);
	json_decref(v);
	for (size_t i = 0; i < SS_ARRAY_LEN(bad); i++)
		if (ss_explain(c.f, ss_str_of(bad[i]), 0, &v, &e) != SS_EINVAL)
			fail_msg("taken: %s", bad[i]);
	assert_int_equal(ss_explain(c.f, SS_STR("entry~9999"), 0, &v, &e), SS_ENOTFOUND);
	city_close(&c);
}

static void again(struct city *c, const char *id, bool same)
{
	struct ss_error e = {0};
	json_t *v;

	assert_ok(ss_recompute(c->f, ss_str_of(id), &v, &e), &e);
	if (json_is_true(json_object_get(v, "same")) != same)
		fail_msg("%s", json_dumps(v, JSON_COMPACT));
	json_decref(v);
}

static void figures_come_out_the_same_again(struct db_env *env)
{
	struct ss_finding_key k = {.kind = "toy_sum", .site = 1, .factor = "w01018"};
	char id[600];
	struct ss_error e = {0};
	struct city c;
	json_t *v;

	city_open(&c, env);
	assert_ok(ss_series_flush(c.l.series, &e), &e);
	for (int i = 0; i < 130; i += 7)
		again(&c, figure(id, "obs~%d~%lld", c.cod, (long long)(T0 + i * SS_US_PER_MIN)),
		      true);
	for (int h = 0; h < 3; h++)
		again(&c, figure(id, "hour~%d~%lld", c.cod, (long long)(T0 + h * SS_US_PER_HOUR)),
		      true);
	again(&c, figure(id, "day~%d~%lld", c.cod, (long long)T0), true);
	assert_int_equal(ss_finding_id(&k, T0, id, sizeof(id)), 0);
	again(&c, id, true);
	((struct sums *)c.l.own)->lie = 1;
	again(&c, id, false);
	assert_int_equal(ss_recompute(c.f, SS_STR("entry~1"), &v, &e), SS_EUNSUPPORTED);
	city_close(&c);
}

/* A value changed in the store behind the journal's back: the sum no longer comes out, and it is
 * said which of its sixty inputs is why. A figure that was itself changed has none to blame. */
static void what_differs_is_named(struct db_env *env)
{
	const int64_t at = T0 + 5 * SS_US_PER_MIN;
	struct ss_finding_key k = {.kind = "toy_sum", .site = 1, .factor = "w01018"};
	char id[600], obs[600];
	struct ss_obs o = {.mark = 'N', .time_us = at, .value = 999};
	ss_cleanup(ss_arena_done) struct ss_arena a;
	struct ss_series_info info;
	struct ss_error e = {0};
	struct city c;
	json_t *v, *from;
	uint64_t *seq;
	size_t n;

	ss_arena_init(&a, 1 << 20);
	city_open(&c, env);
	assert_int_equal(ss_finding_id(&k, T0, id, sizeof(id)), 0);
	((struct sums *)c.l.own)->lie = 1;
	assert_ok(ss_recompute(c.f, ss_str_of(id), &v, &e), &e);
	assert_true(json_is_false(json_object_get(v, "same")));
	assert_int_equal(json_array_size(json_object_get(v, "from")), 0);
	json_decref(v);
	((struct sums *)c.l.own)->lie = 0;
	assert_int_equal(ss_series_info(c.l.series, c.cod, &info), 0);
	assert_ok(ss_point_entries(ss_figures_parts(c.f), &info, at, &a, &seq, &n, &e), &e);
	assert_int_equal(n, 1);
	o.series = c.cod;
	o.seq = seq[0];
	assert_ok(ss_series_put(c.l.series, &o, 1, ss_series_cursor(c.l.series), &e), &e);
	assert_ok(ss_recompute(c.f, ss_str_of(id), &v, &e), &e);
	from = json_object_get(v, "from");
	assert_int_equal(json_array_size(from), 1);
	assert_string_equal(json_string_value(json_object_get(json_array_get(from, 0), "id")),
			    figure(obs, "obs~%d~%lld", c.cod, (long long)at));
	json_decref(v);
	city_close(&c);
}

/* A late value, tried out: its hour and day change, and nothing is written. */
static void a_late_value_is_tried_out(struct db_env *env)
{
	json_t *changes =
	    json_pack("[{s:s}]", "frame",
		      "QN=20260301010000000;ST=32;CN=2011;PW=1;MN=OURS0001;Flag=5;CP=&&DataTime="
		      "20260301003030;w01018-Rtd=9999&&");
	struct ss_rehearsal a = {.changes = changes, .db = ""};
	char dir[160], before[65], after[65];
	struct ss_error e = {0};
	uint8_t sum[32];
	struct city c;
	json_t *v, *row;

	city_open(&c, env);
	assert_ok(ss_series_flush(c.l.series, &e), &e);
	assert_ok(ss_series_digest(c.l.series, sum, &e), &e);
	ss_hex_encode(before, sum, 32);
	city_close(&c);
	snprintf(dir, sizeof(dir), "%s", c.l.dir);
	a.data = dir;
	if (env->engine == SS_DB_PGSQL)
		a.db = c.l.record_url;
	assert_ok(ss_rehearse(&a, &v, &e), &e);
	assert_true(json_is_true(json_object_get(v, "settled")));
	row = json_object_get(json_object_get(v, "counts"), "hour");
	assert_int_equal(json_integer_value(json_object_get(row, "changed")), 1);
	row = json_object_get(json_object_get(v, "counts"), "day");
	assert_int_equal(json_integer_value(json_object_get(row, "changed")), 1);
	json_decref(v);
	json_decref(changes);
	line_env_open(&c.l);
	assert_ok(ss_series_digest(c.l.series, sum, &e), &e);
	ss_hex_encode(after, sum, 32);
	assert_memory_equal(before, after, 64);
	line_env_close(&c.l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    DB_TEST(a_figure_goes_down_to_the_journal),
	    DB_TEST(figures_come_out_the_same_again),
	    DB_TEST(what_differs_is_named),
	    DB_TEST(a_late_value_is_tried_out),
	};

	return db_test_main("figures", tests, SS_ARRAY_LEN(tests));
}
