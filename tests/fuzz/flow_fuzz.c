/* Any declaration: the check of flows says what is wrong or finds it good; a good one is simulated.
 */
#include "base/base.h"
#include "reason/flow/flow.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	json_t *d, *problems, *in, *out = NULL;
	struct ss_error err = {0};
	int r;

	if (ss_json_parse(ss_str_n((const char *)data, size), &d, NULL) < 0)
		return 0;
	problems = json_array();
	r = ss_flows_check(d, problems, &err);
	ss_assert(r == 0 || (r == SS_EINVAL && json_array_size(problems) > 0));
	in = json_pack("{s:i}", "cases", 20);
	for (size_t i = 0; r == 0 && i < json_array_size(d); i++) {
		if (ss_flow_simulate(json_array_get(d, i), in, &out, &err) == 0)
			json_decref(out);
	}
	json_decref(in);
	json_decref(problems);
	json_decref(d);
	return 0;
}
