/* Whether the rings of a polygon bound an area: what JTS 2 (jsts) says of each. */
#include "unit/base_test.h"

#include "base/json.h"
#include "record/things/things_internal.h"

static void as_jts_says(void **state)
{
	FILE *f = fopen(SS_TEST_DIR "/golden/polygons.jsonl", "r");
	char line[4096];
	int said[2] = {0};

	(void)state;
	assert_non_null(f);
	while (fgets(line, sizeof(line), f)) {
		struct sst_geometry_why why = {0};
		json_t *o = json_loads(line, 0, NULL);
		bool valid = json_is_true(json_object_get(o, "valid"));

		assert_non_null(o);
		if (sst_rings_valid(json_object_get(o, "rings"), &why) != valid)
			fail_msg("%s%s", line, why.en);
		said[valid]++;
		json_decref(o);
	}
	fclose(f);
	assert_true(said[0] > 100 && said[1] > 100);
}

/* A bow tie whose two long edges halve each other. */
static void where_it_crosses(void **state)
{
	struct sst_geometry_why why = {0};
	json_t *rings =
	    json_loads("[[[118.7,32],[118.8,32.1],[118.8,32],[118.7,32.1],[118.7,32]]]", 0, NULL);

	(void)state;
	assert_false(sst_rings_valid(rings, &why));
	assert_string_equal(why.zh, "面的边界自相交：经度 118.750000，纬度 32.050000 处");
	assert_string_equal(why.en, "the polygon crosses itself at longitude 118.750000, latitude "
				    "32.050000");
	json_decref(rings);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(as_jts_says),
					   cmocka_unit_test(where_it_crosses)};

	return cmocka_run_group_tests_name("polygons", tests, NULL, NULL);
}
