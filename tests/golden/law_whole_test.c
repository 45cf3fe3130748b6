/* The whole of the published files, where the collection they come from lies beside this tree. */
#include "golden/law_rows.h"

#include "golden/beside.h"

static void published_hours(void **state)
{
	struct ss_buf b = read_beside("air/national_stations_2017-07-07T16.csv");
	struct score s = score_aqi(ss_buf_str(&b), "o3_1h", "aqi", day_of("2017-07-07"));

	(void)state;
	print_message("2017: %d of %d\n", s.right, s.rows);
	assert_int_equal(s.rows, 1324);
	assert_int_equal(s.right, 1324);
	ss_buf_done(&b);
	b = read_beside("air/jiangsu_stations_2022-01-02T00.csv");
	s = score_aqi(ss_buf_str(&b), "o3_1h", "aqi", day_of("2022-01-02"));
	print_message("2022: %d of %d\n", s.right, s.rows);
	assert_int_equal(s.rows, 18);
	assert_int_equal(s.right, 18);
	ss_buf_done(&b);
}

/* Lake or river is not labelled in them: by river limits about nine of ten, by either nearly all.
 */
static void check_classes(const char *file)
{
	struct ss_buf b = read_beside(file);
	struct score s = score_water(ss_buf_str(&b), "_mg_l");

	print_message("%s: river %d, either %d of %d\n", file, s.right, s.either, s.rows);
	assert_true(s.rows > 1500);
	assert_true(s.right >= s.rows * 0.88);
	assert_true(s.either >= s.rows * 0.985);
	ss_buf_done(&b);
}

static void published_classes(void **state)
{
	(void)state;
	check_classes("water/jiangsu_auto_stations_2020-05_2020-12.csv.gz");
	check_classes("water/anhui_zhejiang_4hourly_2021-04.csv.gz");
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(published_hours),
					   cmocka_unit_test(published_classes)};
	FILE *f = fopen(BESIDE "air/national_stations_2017-07-07T16.csv", "r");

	if (!f) {
		printf("not run: %s is not there; tests/golden/law_test.c judges a sample\n",
		       BESIDE);
		return 77;
	}
	fclose(f);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
