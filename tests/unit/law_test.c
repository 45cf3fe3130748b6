/* The tables of the law: what is built in loads and is whole; what is bad is refused with table,
 * row and column. */
#include "unit/base_test.h"

#include <math.h>

#include "reason/standards/standards_internal.h"

static int64_t day(const char *text)
{
	int64_t t;

	assert_int_equal(ss_time_parse_iso(ss_str_of(text), &t), 0);
	return ss_day_of(t);
}

static void built_in_tables_load(void **state)
{
	struct ss_error err = {0};
	size_t n;

	(void)state;
	if (ss_standards_load(&err) < 0)
		print_error("%s\n", err.text);
	assert_int_equal(err.code, 0);
	ss_law_tables(ss_law_now(), &n);
	assert_true(n > 30);
	assert_int_equal(strlen(ss_law_digest(ss_law_now())), 64);
}

/* Every key has at most one row on every day: looked at on each day on which a row begins or ends.
 */
static void one_row_a_day(void **state)
{
	size_t n;
	const struct ss_law_table *const *t = ss_law_tables(ss_law_now(), &n);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		for (size_t a = 0; a < t[i]->n_rows; a++) {
			const struct ss_law_row *row = &t[i]->rows[a];
			int64_t edge = row->from_day == INT64_MIN ? -100000 : row->from_day;
			const char *key[LAW_KEYS_MAX];

			for (size_t k = 0; k < t[i]->n_keys; k++)
				key[k] = row->text[t[i]->key[k]];
			assert_ptr_equal(ss_law_find(t[i], edge, key), row);
		}
	}
}

static void the_day_chooses_the_row(void **state)
{
	const struct ss_law_table *t = ss_law_table(ss_law_now(), "air/rule-sets");

	(void)state;
	assert_non_null(t);
	assert_string_equal(
	    ss_law_text(ss_law_find(t, day("2026-02-28"), SS_LAW_KEY("limits")), "rule_set"),
	    "gb3095_2012");
	assert_string_equal(
	    ss_law_text(ss_law_find(t, day("2026-03-01"), SS_LAW_KEY("limits")), "rule_set"),
	    "gb3095_2026_transition");
	assert_string_equal(
	    ss_law_text(ss_law_find(t, day("2030-12-31"), SS_LAW_KEY("limits")), "rule_set"),
	    "gb3095_2026_transition");
	assert_string_equal(
	    ss_law_text(ss_law_find(t, day("2031-01-01"), SS_LAW_KEY("limits")), "rule_set"),
	    "gb3095_2026_final");
	assert_null(ss_law_find(t, SS_ANY_DAY, SS_LAW_KEY("nothing")));
	assert_null(ss_law_find(NULL, SS_ANY_DAY, SS_LAW_KEY("limits")));
	assert_true(isnan(ss_law_number(NULL, "value")));
}

static void parameters_have_a_row(void **state)
{
	const struct ss_law_row *row;

	(void)state;
	assert_true(ss_law_parameter(ss_law_now(), "emission/parameters", "capture.target",
				     day("2026-07-01"), &row) == 75);
	assert_string_equal(ss_law_standard(row), "HJ 75-2017");
	assert_true(isnan(
	    ss_law_parameter(ss_law_now(), "emission/parameters", "no.such", SS_ANY_DAY, &row)));
	assert_null(row);
}

/* The folder's README names every table and every column of its own. */
static void readme_names_all(void **state)
{
	size_t n;
	const struct ss_law_table *const *t = ss_law_tables(ss_law_now(), &n);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		const char *slash = strchr(t[i]->name, '/');
		char path[512], word[128], text[65536];
		size_t got;
		FILE *f;

		if (!slash)
			continue;
		snprintf(path, sizeof(path), "%s/standards/%.*s/README.md", SS_SOURCE_DIR,
			 (int)(slash - t[i]->name), t[i]->name);
		f = fopen(path, "r");
		assert_non_null(f);
		got = fread(text, 1, sizeof(text) - 1, f);
		text[got] = 0;
		fclose(f);
		snprintf(word, sizeof(word), "[%s](%s.csv)", slash + 1, slash + 1);
		if (!strstr(text, word))
			print_error("%s: %s\n", path, word);
		assert_non_null(strstr(text, word));
		for (size_t k = 0; k < t[i]->n_columns; k++) {
			snprintf(word, sizeof(word), "%s", t[i]->columns[k].name);
			assert_non_null(strstr(text, word));
		}
	}
}

/* --- bad tables --------------------------------------------------------------------------------
 */

#define TABLES                                                                                     \
	"table,kind,title,title_en,key,order,gaps,about\n"                                         \
	"tables,schema,t,t,table,,,\ncolumns,schema,c,c,table column,,,\n"                         \
	"t,parameters,T,T,name,\"continuous : low high\",,\n"
#define COLUMNS                                                                                    \
	"table,column,type,required,title,title_en,about\n"                                        \
	"*,table,text,yes,t,t,\n*,column,text,,t,t,\n*,type,text,,t,t,\n*,required,text,,t,t,\n"   \
	"*,kind,text,,t,t,\n*,key,text,,t,t,\n*,order,text,,t,t,\n*,gaps,text,,t,t,\n"             \
	"*,title,text,,t,t,\n*,title_en,text,,t,t,\n*,about,text,,t,t,\n"                          \
	"*,standard,text,yes,t,t,\n*,clause,text,,t,t,\n*,valid_from,day,,t,t,\n"                  \
	"*,valid_to,day,,t,t,\n*,source,text,,t,t,\n*,mark,mark,yes,t,t,\n"                        \
	"t,name,text,yes,n,n,\nt,low,number,,l,l,\nt,high,number,,h,h,\nt,unit,unit,,u,u,\n"       \
	"t,use,one a|b,,u,u,\nt,on,yes,,o,o,\nt,count,int,,c,c,\n"
#define HEAD "name,low,high,unit,use,on,count,standard,clause,valid_from,valid_to,source,mark\n"

static int build(const char *rows, struct ss_error *err)
{
	char text[4096];
	struct ss_law *law = NULL;
	int r;

	snprintf(text, sizeof(text), "%s%s", HEAD, rows);
	r = ss_law_build((const struct ss_law_file[]){{"tables", ss_str_of(TABLES)},
						      {"columns", ss_str_of(COLUMNS)},
						      {"t", ss_str_of(text)}},
			 3, &law, err);
	if (r == 0)
		ss_law_free(law);
	return r;
}

static void refused(const char *rows, const char *why)
{
	struct ss_error err = {0};

	assert_int_equal(build(rows, &err), SS_EPARSE);
	if (!strstr(err.text, why))
		print_error("%s\n", err.text);
	assert_non_null(strstr(err.text, why));
}

static void bad_rows_are_named(void **state)
{
	struct ss_error err = {0};

	(void)state;
	assert_int_equal(build("x,1,2,,a,yes,3,GB 1,1,,2026-01-31,s,S\n"
			       "y,2,3,,b,,,GB 1,1,,,s,U\n"
			       "x,3,4,,a,,,GB 1,1,2026-02-01,,s,S\n",
			       &err),
			 0);
	refused("x,1,2,,a,,,GB 1,1,,,s,S\nx,2,3,,a,,,GB 1,1,,,s,S\n", "有效期重叠");
	refused("x,1,2,,a,,,GB 1,1,,2026-01-31,s,S\nx,2,3,,a,,,GB 1,1,2026-02-02,,s,S\n",
		"没有法可依");
	refused("x,one,2,,a,,,GB 1,1,,,s,S\n", "列 low（one） 不是数");
	refused("x,1,2,,c,,,GB 1,1,,,s,S\n", "不在列举之内");
	refused("x,1,2,,a,no,,GB 1,1,,,s,S\n", "只能是 yes 或空");
	refused("x,1,2,,a,,1.5,GB 1,1,,,s,S\n", "不是整数");
	refused(",1,2,,a,,,GB 1,1,,,s,S\n", "不能空");
	refused("x,1,2,,a,,,GB 1,1,2026-02-30,,s,S\n", "不是日期");
	refused("x,1,2,,a,,,GB 1,1,2026-02-02,2026-02-01,s,S\n", "晚于 valid_to");
	refused("x,1,2,,a,,,GB 1,1,,,s,Q\n", "只能是 S R G U");
	refused("x,1,2,,a,,,,1,,,s,S\n", "列 standard（） 不能空");
	refused("x,1,2,mg/L,a,,,GB 1,1,,,s,S\n", "没有这个代码或单位");
	refused("x,2,1,,a,,,GB 1,1,,,s,S\n", "大于上界");
	refused("x,1,2,,a,,,GB 1,1,,,s,S\ny,3,4,,a,,,GB 1,1,,,s,S\n", "与上一级不相接");
	refused("x,1,2\n", "列数与表头不同");
	refused("\"x\"y,2,3,,a,,,GB 1,1,,,s,S\n", "不是合法的 CSV 行");
	refused("\xff\xfe,2,3,,a,,,GB 1,1,,,s,S\n", "不是 UTF-8");
}

static void undeclared_is_refused(void **state)
{
	struct ss_error err = {0};
	struct ss_law *law;
	const struct ss_law_file files[] = {{"tables", ss_str_of(TABLES)},
					    {"columns", ss_str_of(COLUMNS)},
					    {"t", SS_STR("name,what\n")},
					    {"other", SS_STR("name\n")}};

	(void)state;
	assert_int_equal(ss_law_build(files, 3, &law, &err), SS_EPARSE);
	assert_non_null(strstr(err.text, "what"));
	assert_int_equal(ss_law_build(files, 2, &law, &err), SS_EPARSE);
	assert_non_null(strstr(err.text, "不存在"));
	assert_int_equal(ss_law_build(&files[2], 1, &law, &err), SS_EPARSE);
	assert_int_equal(ss_law_build(files, 0, &law, &err), SS_EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(built_in_tables_load),    cmocka_unit_test(one_row_a_day),
	    cmocka_unit_test(the_day_chooses_the_row), cmocka_unit_test(parameters_have_a_row),
	    cmocka_unit_test(readme_names_all),        cmocka_unit_test(bad_rows_are_named),
	    cmocka_unit_test(undeclared_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
