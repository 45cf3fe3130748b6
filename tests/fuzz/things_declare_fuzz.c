/* Declarations as strangers write them: either a problem with file, field and both languages, or a
 * set of types that holds together. */
#include <stdint.h>
#include <stdlib.h>

#include "record/things/things_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	json_t *d = NULL, *problems = json_array(), *p;
	struct ss_error err = {0};
	size_t i;
	int r;

	if (ss_json_parse(ss_str_n((const char *)data, size), &d, NULL) == 0) {
		r = ss_things_check(NULL, d, problems, &err);
		if (r == SS_EINVAL && json_is_array(d) && json_array_size(problems) == 0)
			abort();
		if (r == 0 && json_array_size(problems) != 0)
			abort();
		json_array_foreach(problems, i, p)
		{
			if (!json_string_value(json_object_get(p, "field")) ||
			    !json_string_value(json_object_get(p, "zh")) ||
			    !json_string_value(json_object_get(p, "en")))
				abort();
		}
	}
	json_decref(d);
	json_decref(problems);
	return 0;
}
