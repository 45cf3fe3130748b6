/* Changes to the law: what a new row covers, what is left of the old ones, what is refused; the
 * sets before stay as they were. */
#include "unit/base_test.h"

#include <pthread.h>
#include <stdatomic.h>

#include "reason/standards/standards.h"

static int64_t day(const char *text)
{
	int64_t t;

	assert_int_equal(ss_time_parse_iso(ss_str_of(text), &t), 0);
	return ss_day_of(t);
}

static struct ss_law *suppose(const struct ss_law *base, const char *table, const char *data,
			      int code, const char *why)
{
	struct ss_law_change c = {.id = "", .table = table, .recorded_us = 1000};
	struct ss_law *law = NULL;
	struct ss_error err = {0};
	json_t *j;
	int r;

	assert_int_equal(ss_json_parse(ss_str_of(data), &j, &err), 0);
	c.data = j;
	err = (struct ss_error){0};
	r = ss_law_supposed(base, &c, &law, &err);
	json_decref(j);
	if (r != code || (why && !strstr(err.text, why)))
		fail_msg("%d, not %d: %s", r, code, err.text);
	return law;
}

static double limit_on(const struct ss_law *law, const char *on)
{
	struct ss_limit_query q = {.law = law,
				   .standard = "GB 3096-2008",
				   .medium = "noise",
				   .item = "Leq",
				   .grade = "2",
				   .averaging = "day",
				   .day = day(on)};
	const struct ss_limit *l = ss_standards_next(&q, NULL);

	assert_non_null(l);
	assert_null(ss_standards_next(&q, l)); /* one row a day */
	return l->high;
}

#define ORIGIN "\"standard\":\"GB 3096-2008\",\"clause\":\"修\",\"source\":\"试验\",\"mark\":\"U\""
#define ZONE                                                                                       \
	"\"medium\":\"noise\",\"item\":\"Leq\",\"grade\":\"2\",\"averaging\":\"day\",\"unit\":"    \
	"\"dB\","

static void a_future_limit_holds_from_its_day(void **state)
{
	const struct ss_law *now = ss_law_now();
	struct ss_law *law =
	    suppose(now, "limits/noise-zone",
		    "{\"rows\":[{" ZONE "\"high\":57.5,\"valid_from\":\"2027-01-01\"," ORIGIN "}]}",
		    0, NULL);

	(void)state;
	assert_true(limit_on(law, "2026-12-31") == 60);
	assert_true(limit_on(law, "2027-01-01") == 57.5);
	assert_true(limit_on(law, "2040-01-01") == 57.5);
	assert_true(limit_on(now, "2027-01-01") == 60); /* the set before is as it was */
	assert_string_not_equal(ss_law_digest(law), ss_law_digest(now));
	assert_non_null(strstr(ss_law_version(law), "+1"));
	ss_law_free(law);
}

static void a_span_in_the_middle_splits(void **state)
{
	const struct ss_law *now = ss_law_now();
	struct ss_law *one =
	    suppose(now, "limits/noise-zone",
		    "{\"rows\":[{" ZONE "\"high\":50,\"valid_from\":\"2027-01-01\","
		    "\"valid_to\":\"2027-12-31\"," ORIGIN "}]}",
		    0, NULL);
	struct ss_law *two =
	    suppose(one, "limits/noise-zone",
		    "{\"rows\":[{" ZONE "\"high\":45,\"valid_from\":\"2026-06-01\","
		    "\"valid_to\":\"2027-06-30\"," ORIGIN "}]}",
		    0, NULL);

	(void)state;
	assert_true(limit_on(one, "2026-12-31") == 60);
	assert_true(limit_on(one, "2027-06-01") == 50);
	assert_true(limit_on(one, "2028-01-01") == 60);
	assert_true(limit_on(two, "2026-05-31") == 60);
	assert_true(limit_on(two, "2026-06-01") == 45);
	assert_true(limit_on(two, "2027-07-01") == 50);
	assert_true(limit_on(two, "2028-01-01") == 60);
	ss_law_free(two);
	ss_law_free(one);
}

/* Of two rows of one amendment the later takes over from its day: that is no slip. */
static void steps_of_one_amendment_follow(void **state)
{
	struct ss_law *law =
	    suppose(ss_law_now(), "limits/noise-zone",
		    "{\"rows\":[{" ZONE "\"high\":57,\"valid_from\":\"2027-01-01\"," ORIGIN
		    "},{" ZONE "\"high\":55,\"valid_from\":\"2028-01-01\"," ORIGIN "}]}",
		    0, NULL);

	(void)state;
	assert_true(limit_on(law, "2026-12-31") == 60);
	assert_true(limit_on(law, "2027-12-31") == 57);
	assert_true(limit_on(law, "2028-01-01") == 55);
	ss_law_free(law);
}

static void an_end_ends(void **state)
{
	struct ss_law *law = suppose(ss_law_now(), "codes/factor-aliases",
				     "{\"end\":[{\"kind\":\"device\",\"medium\":\"air\",\"alias\":"
				     "\"TSP\",\"valid_to\":\"2026-12-31\"}]}",
				     0, NULL);
	const struct ss_law_table *t = ss_law_table(law, "codes/factor-aliases");

	(void)state;
	assert_non_null(ss_law_find(t, day("2026-12-31"), SS_LAW_KEY("device", "air", "TSP")));
	assert_null(ss_law_find(t, day("2027-01-01"), SS_LAW_KEY("device", "air", "TSP")));
	ss_law_free(law);
}

static void a_new_factor_is_known(void **state)
{
	struct ss_law *law =
	    suppose(ss_law_now(), "codes/factors",
		    "{\"rows\":[{\"code\":\"a99999\",\"name\":\"新因子\",\"unit\":\"ug/m3\","
		    "\"medium\":\"air\",\"standard\":\"平台自定\",\"mark\":\"U\"}]}",
		    0, NULL);
	struct ss_factor f;

	(void)state;
	assert_false(ss_law_factor(ss_law_now(), "a99999", &f));
	assert_true(ss_law_factor(law, "a99999", &f));
	assert_string_equal(f.name, "新因子");
	assert_string_equal(f.unit, "ug/m3");
	ss_law_free(law);
}

static void bad_changes_are_named(void **state)
{
	const struct ss_law *now = ss_law_now();

	(void)state;
	suppose(now, "limits/none", "{\"rows\":[]}", SS_ENOTFOUND, "limits/none");
	suppose(now, "columns", "{\"rows\":[]}", SS_EINVAL, "不能修订");
	suppose(now, "limits/noise-zone", "{}", SS_EINVAL, "没有内容");
	suppose(now, "limits/noise-zone", "{\"rows\":{}}", SS_EINVAL, "须是数组");
	suppose(now, "limits/noise-zone", "{\"rows\":[7]}", SS_EINVAL, "data.rows[0]");
	suppose(now, "limits/noise-zone", "{\"rows\":[{\"colour\":\"red\"}]}", SS_EINVAL,
		"data.rows[0].colour");
	suppose(now, "limits/noise-zone", "{\"rows\":[{" ZONE "\"high\":[1]," ORIGIN "}]}",
		SS_EINVAL, "data.rows[0].high");
	suppose(now, "limits/noise-zone", "{\"rows\":[{" ZONE "\"high\":\"x\"," ORIGIN "}]}",
		SS_EPARSE, "列 high（x）");
	/* all of history may not be replaced by leaving a day out */
	suppose(now, "limits/noise-zone", "{\"rows\":[{" ZONE "\"high\":1," ORIGIN "}]}", SS_EINVAL,
		"valid_from");
	suppose(now, "limits/noise-zone",
		"{\"rows\":[{" ZONE "\"high\":1,\"valid_from\":\"2027-01-01\",\"mark\":\"U\","
		"\"standard\":\"GB 0\"}]}",
		SS_EPARSE, "GB 0");
	suppose(now, "limits/noise-zone",
		"{\"rows\":[{\"medium\":\"noise\",\"item\":\"Leq\",\"grade\":\"2\",\"averaging\":"
		"\"day\",\"unit\":\"mg/m3x\",\"high\":1,\"valid_from\":\"2027-01-01\"," ORIGIN
		"}]}",
		SS_EPARSE, "mg/m3x");
	/* a unit of the units, but not of a level: it would never be compared */
	suppose(now, "limits/noise-zone",
		"{\"rows\":[{\"medium\":\"noise\",\"item\":\"Leq\",\"grade\":\"2\",\"averaging\":"
		"\"day\",\"unit\":\"mg/m3\",\"high\":1,\"valid_from\":\"2027-01-01\"," ORIGIN "}]}",
		SS_EPARSE, "Leq 的单位 mg/m3");
	/* one slip of two rows of the same days is not for the second to decide */
	suppose(now, "limits/noise-zone",
		"{\"rows\":[{" ZONE "\"high\":57,\"valid_from\":\"2027-01-01\"," ORIGIN "},{" ZONE
		"\"high\":56,\"valid_from\":\"2027-01-01\"," ORIGIN "}]}",
		SS_EINVAL, "data.rows[1].valid_from");
	suppose(now, "codes/factors", "{\"end\":[{\"code\":\"a34004\"}]}", SS_EINVAL, "末日");
	suppose(now, "codes/factors", "{\"end\":[{\"code\":\"zz\",\"valid_to\":\"2026-12-31\"}]}",
		SS_EINVAL, "没有这个主键");
	/* half a step of a ladder: the next breakpoint no longer follows */
	suppose(
	    now, "limits/air-aqi",
	    "{\"rows\":[{\"medium\":\"air\",\"item\":\"a34004\",\"grade\":\"0-50\",\"averaging\":"
	    "\"day\",\"low\":0,\"high\":30,\"unit\":\"ug/m3\",\"valid_from\":\"2027-01-01\","
	    "\"standard\":\"HJ 633-2026\",\"source\":\"x\",\"mark\":\"U\"}]}",
	    SS_EPARSE, "不相接");
}

#define STEP(grade, low, high)                                                                     \
	"{\"medium\":\"air\",\"item\":\"a34004\",\"grade\":\"" grade "\",\"averaging\":\"day\","   \
	"\"low\":" low ",\"high\":" high ",\"unit\":\"ug/m3\",\"valid_from\":\"2027-01-01\","      \
	"\"standard\":\"HJ 633-2026\",\"source\":\"x\",\"mark\":\"U\"}"

/* Both steps at a breakpoint move together; before that day they are as they were. */
static void a_breakpoint_moves_whole(void **state)
{
	struct ss_law *law = suppose(
	    ss_law_now(), "limits/air-aqi",
	    "{\"rows\":[" STEP("0-50", "0", "30") "," STEP("50-100", "30", "60") "]}", 0, NULL);
	struct ss_limit_query q = {
	    .law = law, .medium = "air", .item = "a34004", .averaging = "day", .grade = "50-100"};

	(void)state;
	q.day = day("2027-01-01");
	assert_true(ss_standards_next(&q, NULL)->low == 30);
	q.day = day("2026-12-31");
	assert_true(ss_standards_next(&q, NULL)->low == 35);
	ss_law_free(law);
}

/* One year only, in a table whose classes follow in its order: what is left of the old row before
 * and after stands where it stood. */
static void a_year_in_a_ladder(void **state)
{
	struct ss_law *law =
	    suppose(ss_law_now(), "limits/water-class",
		    "{\"rows\":[{\"medium\":\"water\",\"item\":\"w21003\",\"grade\":\"III\","
		    "\"averaging\":\"\",\"high\":1.3,\"unit\":\"mg/L\",\"valid_from\":"
		    "\"2100-01-01\",\"valid_to\":\"2100-12-31\",\"standard\":"
		    "\"GB 3838-2002\",\"mark\":\"U\"}]}",
		    0, NULL);
	struct ss_limit_query q = {.law = law, .medium = "water", .item = "w21003", .grade = "III"};
	static const struct {
		const char *on;
		double high;
	} want[] = {{"2099-12-31", 1}, {"2100-01-01", 1.3}, {"2100-12-31", 1.3}, {"2101-01-01", 1}};

	(void)state;
	for (size_t i = 0; i < SS_ARRAY_LEN(want); i++) {
		q.day = day(want[i].on);
		assert_true(ss_standards_next(&q, NULL)->high == want[i].high);
	}
	ss_law_free(law);
}

/* From here on: what is made known stays known in this process. */
static void sets_are_known_in_their_order(void **state)
{
	const struct ss_law *first = ss_law_now();
	struct ss_law_change c = {.id = "id-1", .table = "codes/factors", .recorded_us = 5000};
	json_t *rows;
	struct ss_error err = {0};
	struct ss_factor f;

	(void)state;
	assert_int_equal(
	    ss_json_parse(
		SS_STR("{\"rows\":[{\"code\":\"a99998\",\"name\":\"甲\",\"medium\":\"air\","
		       "\"standard\":\"平台自定\",\"mark\":\"U\"}]}"),
		&rows, &err),
	    0);
	c.data = rows;
	assert_int_equal(ss_law_amend(&c, &err), 0);
	assert_true(ss_law_factor(ss_law_now(), "a99998", &f));
	assert_string_equal(f.row->amendment, "id-1");
	assert_true(f.row->recorded_us == 5000);
	assert_ptr_equal(ss_law_then(4999), first);
	assert_ptr_equal(ss_law_then(5000), ss_law_now());
	assert_int_equal(ss_law_amend(&c, &err), 0); /* the same id again: nothing */
	assert_ptr_equal(ss_law_before(ss_law_now()), first);
	c.id = "id-2"; /* recorded at the same moment: still in its order */
	assert_int_equal(ss_law_amend(&c, &err), SS_EINVAL); /* the key is there: no day said */
	assert_string_equal(ss_law_amendment(ss_law_now()), "id-1");
	assert_string_equal(ss_law_amended_table(ss_law_now()), "codes/factors");
	assert_null(ss_law_before(first));
	json_decref(rows);
}

/* Readers go on while the law is amended: each sees one whole set, never less than the one before.
 */
static void *read_on(void *arg)
{
	const atomic_bool *done = arg;
	size_t rows = 0;

	while (!atomic_load(done)) {
		const struct ss_law *law = ss_law_now();
		const struct ss_law_table *t = ss_law_table(law, "codes/factors");
		const struct ss_law_row *last = &t->rows[t->n_rows - 1];

		if (t->n_rows < rows ||
		    ss_law_find(t, SS_ANY_DAY, SS_LAW_KEY(last->text[0])) != last)
			return arg;
		rows = t->n_rows;
	}
	return NULL;
}

static void readers_see_whole_sets(void **state)
{
	atomic_bool done = false;
	pthread_t threads[3];

	(void)state;
	for (size_t i = 0; i < SS_ARRAY_LEN(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, read_on, &done), 0);
	for (int i = 0; i < 20; i++) {
		char id[16], text[200];
		struct ss_law_change c = {.id = id, .table = "codes/factors", .recorded_us = 9000};
		struct ss_error err = {0};
		json_t *data;

		snprintf(id, sizeof(id), "many-%d", i);
		snprintf(text, sizeof(text),
			 "{\"rows\":[{\"code\":\"b%05d\",\"name\":\"丙\",\"medium\":\"air\","
			 "\"standard\":"
			 "\"平台自定\",\"mark\":\"U\"}]}",
			 i);
		assert_int_equal(ss_json_parse(ss_str_of(text), &data, &err), 0);
		c.data = data;
		assert_int_equal(ss_law_amend(&c, &err), 0);
		json_decref(data);
	}
	atomic_store(&done, true);
	for (size_t i = 0; i < SS_ARRAY_LEN(threads); i++) {
		void *bad;

		assert_int_equal(pthread_join(threads[i], &bad), 0);
		assert_null(bad);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_future_limit_holds_from_its_day),
	    cmocka_unit_test(a_span_in_the_middle_splits),
	    cmocka_unit_test(steps_of_one_amendment_follow),
	    cmocka_unit_test(an_end_ends),
	    cmocka_unit_test(a_new_factor_is_known),
	    cmocka_unit_test(bad_changes_are_named),
	    cmocka_unit_test(a_breakpoint_moves_whole),
	    cmocka_unit_test(a_year_in_a_ladder),
	    cmocka_unit_test(sets_are_known_in_their_order),
	    cmocka_unit_test(readers_see_whole_sets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
