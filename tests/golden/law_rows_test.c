/* Rows of the tables against what the standards print, line by line of law-rows.jsonl: the numbers
 * come from the references, not from the tables. Further: what the dates decide, and the calendar.
 */
#include "unit/base_test.h"

#include <math.h>

#include "base/json.h"
#include "base/os.h"
#include "reason/lawbook/lawbook.h"

static int64_t day(const char *text)
{
	int64_t t;

	assert_int_equal(ss_time_parse_iso(ss_str_of(text), &t), 0);
	return ss_day_of(t);
}

static const char *text(const json_t *o, const char *name)
{
	const char *s = json_string_value(json_object_get(o, name));

	return s ? s : "";
}

static void check_line(struct ss_str line)
{
	const struct ss_law_row *row = NULL;
	const struct ss_law_table *t;
	struct ss_error err = {0};
	const json_t *want;
	json_t *o;

	assert_int_equal(ss_json_parse(line, &o, &err), 0);
	t = ss_law_table(ss_law_now(), text(o, "table"));
	if (!t ||
	    ss_lawbook_find(t, day(text(o, "day")), ss_str_of(text(o, "key")), &row, &err) < 0)
		fail_msg(SS_STR_FMT ": %s", SS_STR_ARG(line), err.text);
	want = json_object_get(o, "value");
	if (want) {
		double is = ss_law_number(row, text(o, "column"));

		if (fabs(is - json_number_value(want)) > 1e-12 * fabs(is))
			fail_msg(SS_STR_FMT ": %.17g", SS_STR_ARG(line), is);
	} else {
		assert_string_equal(ss_law_text(row, text(o, "column")), text(o, "text"));
	}
	json_decref(o);
}

static void rows_are_as_printed(void **state)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(1 << 20);
	struct ss_str rest, line;
	int n = 0;

	(void)state;
	assert_int_equal(ss_file_read(SS_TEST_DIR "/golden/law-rows.jsonl", &b), 0);
	rest = ss_buf_str(&b);
	while (ss_str_split(&rest, '\n', &line)) {
		if (line.n == 0)
			continue;
		check_line(line);
		n++;
	}
	assert_true(n >= 1196);
}

/* On every day from 2013 to 2040 exactly one edition of each kind holds for the air. */
static void one_edition_a_day(void **state)
{
	static const char *const subjects[] = {"limits", "aqi", "assessment"};
	const struct ss_law_table *t = ss_law_table(ss_law_now(), "air/rule-sets");

	(void)state;
	for (size_t i = 0; i < SS_ARRAY_LEN(subjects); i++) {
		for (int64_t d = day("2013-01-01"); d < day("2040-01-01"); d++) {
			int n = 0;

			for (const struct ss_law_row *r = NULL; (r = ss_law_next(t, d, r));)
				n += strcmp(ss_law_text(r, "subject"), subjects[i]) == 0;
			assert_int_equal(n, 1);
		}
	}
}

/* A search finds by name, by alias, by old code; words together narrow it. */
static void found(const char *query, const char *table, const char *key)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(4096);
	struct ss_lawbook_hit hits[100];
	size_t total, n = ss_lawbook_search(ss_law_now(), ss_str_of(query), day("2026-07-01"), hits,
					    SS_ARRAY_LEN(hits), &total);

	assert_true(total >= n);
	for (size_t i = 0; i < n; i++) {
		ss_buf_reset(&b);
		assert_int_equal(ss_lawbook_key(&b, hits[i].row), 0);
		if (strcmp(hits[i].row->table->name, table) == 0 && ss_str_is(ss_buf_str(&b), key))
			return;
	}
	fail_msg("%s does not find %s %s (%zu hits)", query, table, key, total);
}

static void search_finds(void **state)
{
	struct ss_lawbook_hit hits[10];
	size_t total;

	(void)state;
	found("细颗粒物", "codes/factors", "a34004");
	found("pm2.5 二级", "limits/air-quality", "gb3095_2026_transition|a34004|2|annual");
	found("011", "codes/factors", "w01018");
	found("CODMn III", "limits/water-class", "GB 3838-2002|water|w01019|III|");
	found("总磷 III类", "limits/water-class", "GB 3838-2002|lake|w21011|III|");
	found("总磷　Ⅲ类", "limits/water-class", "GB 3838-2002|river|w21011|III|");
	found("硝酸盐 饮用水", "limits/water-class", "GB 3838-2002|drinking|@nitrate_n|limit|");
	found("废矿物油", "waste/common-codes", "900-249-08");
	found("听证", "enforcement/deadlines", "hearing_request");
	assert_int_equal(
	    ss_lawbook_search(ss_law_now(), SS_STR("没有这样的词句"), SS_ANY_DAY, hits, 10, &total),
	    0);
	assert_int_equal(total, 0);
	assert_int_equal(
	    ss_lawbook_search(ss_law_now(), SS_STR("  "), SS_ANY_DAY, hits, 10, &total), 0);
}

/* Between the last day of one edition and the first of the next: what HJ 633-2026 changes of the
 * daily breakpoints is PM2.5 (75 to 60) and PM10 (150 to 120), each in the two segments it bounds.
 */
static void editions_are_compared(void **state)
{
	struct ss_lawbook_change list[512];
	const struct ss_law_table *t = ss_law_table(ss_law_now(), "limits/air-aqi");
	size_t n =
	    ss_lawbook_diff(t, day("2026-02-28"), t, day("2026-03-01"), list, SS_ARRAY_LEN(list));
	int moved = 0;

	(void)state;
	assert_true(n <= SS_ARRAY_LEN(list));
	for (size_t i = 0; i < n; i++) {
		const struct ss_law_row *a = list[i].before, *b = list[i].after;

		if (!a || !b || strcmp(ss_law_text(a, "averaging"), "day") != 0 ||
		    (ss_law_number(a, "low") == ss_law_number(b, "low") &&
		     ss_law_number(a, "high") == ss_law_number(b, "high")) ||
		    isnan(ss_law_number(a, "high")))
			continue;
		assert_true(strcmp(ss_law_text(a, "item"), "a34004") == 0 ||
			    strcmp(ss_law_text(a, "item"), "a34002") == 0);
		moved++;
	}
	assert_int_equal(moved, 4);
}

/* 2026: the National Day holiday is 1 to 7 October, Saturday the 10th is worked (notice for 2026).
 */
static void the_calendar_counts(void **state)
{
	const struct ss_law *law = ss_law_now();
	const struct ss_law_table *t = ss_law_table(law, "enforcement/deadlines");
	struct ss_deadline d;
	bool sure = true;

	(void)state;
	assert_true(ss_law_workday(law, day("2026-09-30"), &sure));
	assert_false(ss_law_workday(law, day("2026-10-01"), &sure));
	assert_true(ss_law_workday(law, day("2026-10-10"), &sure)); /* Saturday */
	assert_false(ss_law_workday(law, day("2026-10-11"), &sure));
	assert_true(sure);
	assert_int_equal(ss_law_next_workday(law, day("2026-10-02"), NULL), day("2026-10-08"));

	/* 5 working days from Monday 28 September: 29, 30, 8, 9, 10 October. */
	assert_int_equal(ss_law_deadline(law,
					 ss_law_find(t, SS_ANY_DAY, SS_LAW_KEY("hearing_request")),
					 day("2026-09-28"), &d),
			 0);
	assert_int_equal(d.last_day, day("2026-10-10"));
	assert_int_equal(d.due_day, day("2026-10-10"));
	assert_true(d.sure);
	/* 15 days from 20 September end on 5 October, a holiday: due on the 8th. */
	assert_int_equal(ss_law_deadline(law, ss_law_find(t, SS_ANY_DAY, SS_LAW_KEY("payment")),
					 day("2026-09-20"), &d),
			 0);
	assert_int_equal(d.last_day, day("2026-10-05"));
	assert_int_equal(d.due_day, day("2026-10-08"));
	/* 6 months from 31 August: the last of February; of a year that is not announced: unsure.
	 */
	assert_int_equal(ss_law_deadline(law, ss_law_find(t, SS_ANY_DAY, SS_LAW_KEY("suit")),
					 day("2027-08-31"), &d),
			 0);
	assert_int_equal(d.last_day, day("2028-02-29"));
	assert_false(d.sure);
	assert_int_equal(
	    ss_law_deadline(law, ss_law_find(t, SS_ANY_DAY, SS_LAW_KEY("criminal_transfer")),
			    day("2027-08-31"), &d),
	    SS_EUNSUPPORTED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rows_are_as_printed), cmocka_unit_test(one_edition_a_day),
	    cmocka_unit_test(search_finds),        cmocka_unit_test(editions_are_compared),
	    cmocka_unit_test(the_calendar_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
