/* Geometry as it comes in, in one of three systems, and as it is kept: CGCS2000. WGS 84 is the same
 * within 1e-8 degrees; GCJ-02 is moved back and marked. Pure. */
#include <math.h>

#include "base/base.h"
#include "record/things/things_internal.h"

#define POINTS_MAX 20000

/* --- GCJ-02 -----------------------------------------------------------------------------------
 * The published offset over the Krasovsky 1940 ellipsoid; its inverse by iteration. */

#define AXIS 6378245.0
#define EE 0.00669342162296594323
#define PI 3.14159265358979324

static double shift_lat(double x, double y)
{
	double r = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(fabs(x));

	r += (20.0 * sin(6.0 * x * PI) + 20.0 * sin(2.0 * x * PI)) * 2.0 / 3.0;
	r += (20.0 * sin(y * PI) + 40.0 * sin(y / 3.0 * PI)) * 2.0 / 3.0;
	return r + (160.0 * sin(y / 12.0 * PI) + 320.0 * sin(y * PI / 30.0)) * 2.0 / 3.0;
}

static double shift_lon(double x, double y)
{
	double r = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(fabs(x));

	r += (20.0 * sin(6.0 * x * PI) + 20.0 * sin(2.0 * x * PI)) * 2.0 / 3.0;
	r += (20.0 * sin(x * PI) + 40.0 * sin(x / 3.0 * PI)) * 2.0 / 3.0;
	return r + (150.0 * sin(x / 12.0 * PI) + 300.0 * sin(x / 30.0 * PI)) * 2.0 / 3.0;
}

void ss_wgs84_to_gcj02(double *lon, double *lat)
{
	double x = *lon - 105.0, y = *lat - 35.0, rad = *lat / 180.0 * PI;
	double magic = 1 - EE * sin(rad) * sin(rad), root = sqrt(magic);
	double dlat = shift_lat(x, y) * 180.0 / (AXIS * (1 - EE) / (magic * root) * PI);
	double dlon = shift_lon(x, y) * 180.0 / (AXIS / root * cos(rad) * PI);

	*lon += dlon;
	*lat += dlat;
}

void ss_gcj02_to_wgs84(double *lon, double *lat)
{
	double x = *lon, y = *lat;

	for (int i = 0; i < 10; i++) {
		double gx = x, gy = y;

		ss_wgs84_to_gcj02(&gx, &gy);
		x += *lon - gx;
		y += *lat - gy;
	}
	*lon = round(x * 1e7) / 1e7;
	*lat = round(y * 1e7) / 1e7;
}

/* --- reading -----------------------------------------------------------------------------------
 */

struct geo {
	bool gcj;
	int points;
	struct sst_geometry_why *why;
};

static json_t *wrong(const struct geo *g, const char *zh, const char *en)
{
	snprintf(g->why->zh, sizeof(g->why->zh), "%s", zh);
	snprintf(g->why->en, sizeof(g->why->en), "%s", en);
	return NULL;
}

static json_t *position(struct geo *g, const json_t *v)
{
	double x = json_number_value(json_array_get(v, 0));
	double y = json_number_value(json_array_get(v, 1));

	if (json_array_size(v) < 2 || !json_is_number(json_array_get(v, 0)) ||
	    !json_is_number(json_array_get(v, 1)))
		return wrong(g, "坐标须为 [经度, 纬度]", "a position is [longitude, latitude]");
	if (++g->points > POINTS_MAX)
		return wrong(g, "点数超过 20000", "more than 20000 points");
	if (!(fabs(x) <= 180 && fabs(y) <= 90))
		return wrong(g,
			     fabs(y) <= 180 && fabs(x) <= 90 ? "经纬度超出范围，似乎颠倒了"
							     : "经纬度超出范围",
			     "longitude or latitude out of range; perhaps swapped");
	if (g->gcj)
		ss_gcj02_to_wgs84(&x, &y);
	return json_pack("[f,f]", x, y);
}

static json_t *path(struct geo *g, const json_t *v, size_t least, bool closed)
{
	size_t n = json_array_size(v);
	json_t *out = json_array();

	if (n < least) {
		json_decref(out);
		return wrong(g, closed ? "面的每一环至少 4 个点" : "线至少 2 个点",
			     "a ring has at least 4 points, a line 2");
	}
	if (closed && !json_equal(json_array_get(v, 0), json_array_get(v, n - 1))) {
		json_decref(out);
		return wrong(g, "面的环没有闭合", "a ring of the polygon is not closed");
	}
	for (size_t i = 0; i < n; i++) {
		json_t *p = position(g, json_array_get(v, i));

		if (!p) {
			json_decref(out);
			return NULL;
		}
		json_array_append_new(out, p);
	}
	return out;
}

static json_t *rings(struct geo *g, const json_t *v)
{
	json_t *out = json_array();

	if (!json_array_size(v)) {
		json_decref(out);
		return wrong(g, "面没有环", "the polygon has no ring");
	}
	for (size_t i = 0; i < json_array_size(v); i++) {
		json_t *ring = path(g, json_array_get(v, i), 4, true);

		if (!ring) {
			json_decref(out);
			return NULL;
		}
		json_array_append_new(out, ring);
	}
	/* By the positions as they were given: those are the ones that he can look up. */
	if (!sst_rings_valid(v, g->why)) {
		json_decref(out);
		return NULL;
	}
	return out;
}

static json_t *coordinates(struct geo *g, const json_t *v, enum sst_ftype want)
{
	if (want == SST_POINT)
		return position(g, v);
	return want == SST_LINE ? path(g, v, 2, false) : rings(g, v);
}

/* Our name of a system, also from the names of its publishers. */
static const char *system_of(const char *crs)
{
	static const char *const names[][2] = {{"CGCS2000", "EPSG:4490"},
					       {"WGS84", "EPSG:4326"},
					       {"WGS84", "WGS-84"},
					       {"GCJ02", "GCJ-02"}};

	for (size_t i = 0; i < SS_ARRAY_LEN(names); i++)
		if (strcmp(crs, names[i][0]) == 0 || strcmp(crs, names[i][1]) == 0)
			return names[i][0];
	return NULL;
}

int sst_geometry(const json_t *in, enum sst_ftype want, json_t **ret,
		 struct sst_geometry_why *ret_why)
{
	static const char *const names[] = {"Point", "LineString", "Polygon"};
	const char *type = json_string_value(json_object_get(in, "type"));
	const char *crs = json_string_value(json_object_get(in, "crs"));
	const char *from = json_string_value(json_object_get(in, "from"));
	const char *name = names[want - SST_POINT];
	struct geo g = {.why = ret_why};
	json_t *c;

	wrong(&g, "须为对应类型的几何 {type, coordinates, crs}",
	      "must be a geometry of that type {type, coordinates, crs}");
	if (!type || strcmp(type, name) != 0)
		return SS_EINVAL;
	wrong(&g, "坐标系 crs 须为 WGS84、CGCS2000 或 GCJ02",
	      "crs must be WGS84, CGCS2000 or GCJ02");
	crs = crs ? system_of(crs) : "CGCS2000";
	if (!crs)
		return SS_EINVAL;
	g.gcj = strcmp(crs, "GCJ02") == 0;
	from = strcmp(crs, "CGCS2000") != 0 ? crs : from ? system_of(from) : NULL;
	c = coordinates(&g, json_object_get(in, "coordinates"), want);
	if (!c)
		return SS_EINVAL;
	*ret = json_pack("{s:s,s:o,s:s}", "type", name, "coordinates", c, "crs", "CGCS2000");
	if (!*ret)
		return SS_ENOMEM;
	/* CGCS2000 and WGS 84 agree within decimetres: nothing is moved, but it stays known. */
	if (from && strcmp(from, "CGCS2000") != 0)
		json_object_set_new(*ret, "from", json_string(from));
	return 0;
}

static void grow(const json_t *v, double box[4])
{
	if (json_is_array(json_array_get(v, 0))) {
		for (size_t i = 0; i < json_array_size(v); i++)
			grow(json_array_get(v, i), box);
		return;
	}
	double x = json_number_value(json_array_get(v, 0));
	double y = json_number_value(json_array_get(v, 1));

	box[0] = fmin(box[0], x), box[1] = fmin(box[1], y);
	box[2] = fmax(box[2], x), box[3] = fmax(box[3], y);
}

bool sst_geometry_box(const json_t *g, double box[4])
{
	const json_t *c = json_object_get(g, "coordinates");

	if (!json_array_size(c))
		return false;
	box[0] = box[1] = HUGE_VAL;
	box[2] = box[3] = -HUGE_VAL;
	grow(c, box);
	return box[0] <= box[2];
}

/* Nanjing lies between 118°22' and 119°14' E, 31°14' and 32°37' N (the city's own description). */
bool sst_in_city(const double box[4])
{
	return box[2] >= 118.0 + 22.0 / 60 && box[0] <= 119.0 + 14.0 / 60 &&
	       box[3] >= 31.0 + 14.0 / 60 && box[1] <= 32.0 + 37.0 / 60;
}
