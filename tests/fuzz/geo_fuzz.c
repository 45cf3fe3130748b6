/* A geometry and an outline as strangers send them, {"g":geometry,"r":ring}: a distance or none,
 * never less than nothing. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "reason/geo/geo.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	json_t *v = NULL;
	double away, box[4];

	if (ss_json_parse(ss_str_n((const char *)data, size), &v, NULL) < 0)
		return 0;
	away = ss_geo_away_m(json_object_get(v, "g"), (struct ss_geo_spot){118.8, 32.05});
	if (away < 0)
		abort();
	if (ss_geo_apart_m(json_object_get(v, "g"), json_object_get(v, "r")) < 0)
		abort();
	ss_geo_meets(json_object_get(v, "g"), json_object_get(v, "r"));
	ss_geo_box_of(json_object_get(v, "r"), box);
	if (ss_geo_area_m2(json_object_get(v, "r")) < 0)
		abort();
	json_decref(v);
	return 0;
}
