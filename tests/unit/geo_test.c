/* Distances against the geodesic of the ellipsoid (meridian by quadrature, parallel by Vincenty),
 * and shapes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "base/base.h"
#include "base/json.h"
#include "reason/geo/geo.h"

static json_t *shape(const char *text)
{
	json_t *v = NULL;

	assert_int_equal(ss_json_parse(ss_str_of(text), &v, NULL), 0);
	return v;
}

static double away(const char *text, double lon, double lat)
{
	json_t *v = shape(text);
	double d = ss_geo_away_m(v, (struct ss_geo_spot){lon, lat});

	json_decref(v);
	return d;
}

static bool meets(const char *text, const char *ring)
{
	json_t *v = shape(text), *r = shape(ring);
	bool yes = ss_geo_meets(v, r);

	json_decref(v);
	json_decref(r);
	return yes;
}

static void distances(void **state)
{
	struct ss_geo_spot a = {118.78, 32.05};

	(void)state;
	/* a degree of the meridian at 32.5 N, and of the parallel of 32 N, on the ellipsoid */
	assert_float_equal(
	    ss_geo_distance_m((struct ss_geo_spot){118, 32}, (struct ss_geo_spot){118, 33}),
	    110897.0, 15);
	assert_float_equal(
	    ss_geo_distance_m((struct ss_geo_spot){118, 32}, (struct ss_geo_spot){119, 32}),
	    94493.0, 15);
	assert_float_equal(ss_geo_distance_m(a, a), 0, 1e-9);
}

/* By GeographicLib on the ellipsoid of CGCS2000: where geodesics from 118.78 E 32.05 N end, and the
 * area of a quadrangle. What is within a buffer and what is not differs by a metre. */
static void against_geodesics(void **state)
{
	static const struct {
		double metres, lon, lat, off;
	} ends[] = {
	    {499, 118.785103704, 32.051164596, 0.01},  {501, 118.785124160, 32.051169263, 0.01},
	    {1000, 118.78, 32.059018128, 0.01},        {1000, 118.776378844, 32.041525669, 0.01},
	    {10000, 118.832987674, 32.128087777, 0.1}, {10000, 118.871654404, 32.004876035, 0.1}};
	json_t *ring = shape("[[118.7,32],[118.8,32],[118.82,32.08],[118.72,32.1]]");

	(void)state;
	for (size_t i = 0; i < SS_ARRAY_LEN(ends); i++)
		assert_float_equal(
		    ss_geo_distance_m((struct ss_geo_spot){118.78, 32.05},
				      (struct ss_geo_spot){ends[i].lon, ends[i].lat}),
		    ends[i].metres, ends[i].off);
	assert_float_equal(ss_geo_area_m2(ring) / 96353182, 1, 2e-5);
	json_decref(ring);
}

#define SQUARE                                                                                     \
	"{\"type\":\"Polygon\",\"coordinates\":[[[118,32],[118.1,32],[118.1,32.1],[118,32.1],["    \
	"118,32]]]}"
#define HOLED                                                                                      \
	"{\"type\":\"MultiPolygon\",\"coordinates\":[[[[118,32],[118.1,32],[118.1,32.1],[118,32."  \
	"1],[118,32]],[[118.04,32.04],[118.06,32.04],[118.06,32.06],[118.04,32.06],[118.04,32.04]" \
	"]]]}"
#define LINE "{\"type\":\"LineString\",\"coordinates\":[[118,32.05],[119,32.05]]}"

static void how_far(void **state)
{
	(void)state;
	assert_float_equal(away(SQUARE, 118.05, 32.05), 0, 1e-9);
	assert_true(away(SQUARE, 118.2, 32.05) > 9400 && away(SQUARE, 118.2, 32.05) < 9500);
	/* in the hole it is as far as to its edge */
	assert_true(away(HOLED, 118.05, 32.05) > 900 && away(HOLED, 118.05, 32.05) < 1200);
	assert_float_equal(away(HOLED, 118.02, 32.02), 0, 1e-9);
	assert_true(away(LINE, 118.5, 32.06) > 1100 && away(LINE, 118.5, 32.06) < 1120);
	assert_true(away("{\"type\":\"MultiPoint\",\"coordinates\":[[118,32],[119,32]]}", 118.5,
			 32) > 47000);
	assert_true(isnan(away("{\"type\":\"Point\",\"coordinates\":[]}", 118, 32)));
	assert_true(isnan(away("{\"type\":\"Circle\",\"coordinates\":[1,2]}", 118, 32)));
	assert_true(isnan(away("{}", 118, 32)));
}

static void what_meets(void **state)
{
	static const char *const in = "[[118.02,32.02],[118.03,32.02],[118.03,32.03]]";
	static const char *const over = "[[117.9,31.9],[118.3,31.9],[118.3,32.3],[117.9,32.3]]";

	(void)state;
	assert_true(meets(SQUARE, in));   /* the ring lies inside the face */
	assert_true(meets(SQUARE, over)); /* the face inside the ring */
	assert_false(meets(HOLED, "[[118.045,32.045],[118.05,32.045],[118.05,32.05]]"));
	assert_true(meets(LINE, over)); /* crosses, one end outside */
	assert_true(
	    meets(LINE, "[[118.4,32.0],[118.6,32.0],[118.6,32.1],[118.4,32.1]]")); /* no end in */
	assert_false(meets(LINE, in));
	assert_true(meets("{\"type\":\"Point\",\"coordinates\":[118.025,32.022]}", in));
	assert_false(meets("{\"type\":\"Point\",\"coordinates\":[118.025,32.028]}", in));
	assert_false(meets(SQUARE, "[[118,32],[118.1,32]]"));
}

static double apart(const char *text, const char *line)
{
	json_t *v = shape(text), *l = shape(line);
	double d = ss_geo_apart_m(v, l);

	json_decref(v);
	json_decref(l);
	return d;
}

static void from_a_line(void **state)
{
	double box[4] = {118, 32, 118.1, 32.1};

	(void)state;
	assert_true(fabs(apart("{\"type\":\"Point\",\"coordinates\":[118.5,32.06]}",
			       "[[118,32.05],[119,32.05]]") -
			 1109) < 3);
	assert_float_equal(apart(SQUARE, "[[117.9,32.05],[118.3,32.05]]"), 0, 1e-9);
	assert_float_equal(apart(SQUARE, "[[118.05,32.05],[118.06,32.05]]"), 0, 1e-9); /* inside */
	assert_true(fabs(apart(SQUARE, "[[118.11,31],[118.11,33]]") - 944) < 3);
	assert_true(isnan(apart(SQUARE, "[[118,32]]")));
	ss_geo_box_grow(box, 1000);
	assert_true(box[0] < 117.9895 && box[0] > 117.985 && box[3] > 32.109 && box[3] < 32.11);
}

/* Lengths of a degree of the ellipsoid by their series: 110,889 m of the meridian at 32.125 N,
 * 94,236 m of the parallel of 32.25 N. */
static void along_a_line(void **state)
{
	json_t *line = shape(
		   "{\"type\":\"LineString\",\"coordinates\":[[118,32],[118,32.1],[118,33]]}"),
	       *point = shape("{\"type\":\"Point\",\"coordinates\":[118,32]}");
	struct ss_geo_along a;

	(void)state;
	assert_int_equal(ss_geo_along(line, (struct ss_geo_spot){118.01, 32.25}, &a), 0);
	assert_float_equal(a.along_m, 27722.2, 5);
	assert_float_equal(a.away_m, 942.4, 0.5);
	assert_float_equal(a.length_m, 110897, 15);
	assert_false(a.left); /* to the east of what runs north */
	assert_int_equal(ss_geo_along(line, (struct ss_geo_spot){118, 31.9}, &a), 0);
	assert_float_equal(a.along_m, 0, 1e-9); /* before its start */
	assert_int_equal(ss_geo_along(line, (struct ss_geo_spot){117.99, 32.25}, &a), 0);
	assert_true(a.left);
	assert_int_equal(ss_geo_along(point, (struct ss_geo_spot){118, 32}, &a), SS_EINVAL);
	json_decref(line);
	json_decref(point);
}

static void bearings(void **state)
{
	const struct ss_geo_spot a = {118, 32};

	(void)state;
	assert_float_equal(ss_geo_bearing_deg(a, (struct ss_geo_spot){118, 32.01}), 0, 1e-9);
	assert_float_equal(ss_geo_bearing_deg(a, (struct ss_geo_spot){118.01, 32}), 90, 0.01);
	assert_float_equal(ss_geo_bearing_deg(a, (struct ss_geo_spot){117.99, 32}), 270, 0.01);
	/* 1 m of latitude for 1 m of longitude: cos 32 = 0.848 of the degree, by the ellipsoid
	 * 0.852 */
	assert_float_equal(ss_geo_bearing_deg(a, (struct ss_geo_spot){118.01, 31.99148}), 135, 0.1);
}

static void extent_and_size(void **state)
{
	json_t *ring = shape("[[118,32],[118.1,32],[118.1,32.1],[118,32.1]]");
	double box[4];

	(void)state;
	/* 0.1 degrees square at 32.05 N: 9.443 km by 11.089 km */
	assert_float_equal(ss_geo_area_m2(ring) / 104.75e6, 1, 0.001);
	ss_geo_box_of(ring, box);
	assert_true(box[0] == 118 && box[3] == 32.1);
	json_decref(ring);
	ss_geo_box_around((struct ss_geo_spot){118, 32}, 1000, box);
	assert_true(ss_geo_distance_m((struct ss_geo_spot){118, 32},
				      (struct ss_geo_spot){box[0], 32}) >= 1000);
	assert_true(ss_geo_distance_m((struct ss_geo_spot){118, 32},
				      (struct ss_geo_spot){118, box[3]}) >= 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(distances),       cmocka_unit_test(how_far),
	    cmocka_unit_test(what_meets),      cmocka_unit_test(from_a_line),
	    cmocka_unit_test(extent_and_size), cmocka_unit_test(along_a_line),
	    cmocka_unit_test(bearings),        cmocka_unit_test(against_geodesics),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
