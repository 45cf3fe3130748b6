/* How far, inside or not, how large: GeoJSON geometries in degrees of CGCS2000 against a spot or a
 * ring. Worked in the plane that touches the ellipsoid at the spot: good to 1 in 10,000 within 100
 * km. Pure; any thread. */
#pragma once

#include "base/base.h"
#include "base/json.h"

#define SS_GEO_REACH_M 50000 /* furthest that is asked for */

struct ss_geo_spot {
	double lon, lat;
};

double ss_geo_distance_m(struct ss_geo_spot a, struct ss_geo_spot b);
/* Of b as seen from a: degrees from north, clockwise, 0 to 360. */
double ss_geo_bearing_deg(struct ss_geo_spot a, struct ss_geo_spot b);
/* Where the spot lies along a line that runs from its first position to its last. */
struct ss_geo_along {
	double away_m;  /* of the spot from the line */
	double along_m; /* from the start to the place nearest to it */
	double length_m;
	bool left; /* of one who looks along the line there */
};
/* SS_EINVAL: no LineString. */
int ss_geo_along(const json_t *geometry, struct ss_geo_spot from, struct ss_geo_along *ret);
/* Metres from the spot to the nearest part of the geometry, 0 inside a polygon; NAN when it is none
 * (Point, LineString, Polygon and their Multi forms). */
double ss_geo_away_m(const json_t *geometry, struct ss_geo_spot from);
/* Whether they have a part in common. ring: array of positions, the last to the first closes it. */
bool ss_geo_meets(const json_t *geometry, const json_t *ring);
/* Metres between the geometry and the line; 0 where they cross; NAN when there is none. */
double ss_geo_apart_m(const json_t *geometry, const json_t *line);
/* West, south, east, north around the spot, or of a ring. */
void ss_geo_box_around(struct ss_geo_spot at, double radius_m, double box[4]);
void ss_geo_box_of(const json_t *ring, double box[4]);
void ss_geo_box_grow(double box[4], double by_m);
/* Of a ring without crossings; its middle, the mean of its corners. */
double ss_geo_area_m2(const json_t *ring);
struct ss_geo_spot ss_geo_middle(const json_t *ring);
