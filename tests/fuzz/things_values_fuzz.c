/* Fields of a record, geometry among them, as strangers send them: refused by name, or kept in a
 * form that is taken again as it is. */
#include <stdint.h>
#include <stdlib.h>

#include "record/things/things_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char types[] =
    "[{\"kind\":\"record\",\"id\":\"t\",\"title\":{\"zh\":\"甲\",\"en\":\"t\"},\"family\":\"f\","
    "\"title_field\":"
    "\"a\",\"fields\":["
    "{\"id\":\"a\",\"title\":{\"zh\":\"a\",\"en\":\"a\"},\"type\":\"text\"},"
    "{\"id\":\"b\",\"title\":{\"zh\":\"b\",\"en\":\"b\"},\"type\":\"decimal\"},"
    "{\"id\":\"c\",\"title\":{\"zh\":\"c\",\"en\":\"c\"},\"type\":\"integer\"},"
    "{\"id\":\"d\",\"title\":{\"zh\":\"d\",\"en\":\"d\"},\"type\":\"number\"},"
    "{\"id\":\"e\",\"title\":{\"zh\":\"e\",\"en\":\"e\"},\"type\":\"date\"},"
    "{\"id\":\"f\",\"title\":{\"zh\":\"f\",\"en\":\"f\"},\"type\":\"time\"},"
    "{\"id\":\"g\",\"title\":{\"zh\":\"g\",\"en\":\"g\"},\"type\":\"point\"},"
    "{\"id\":\"h\",\"title\":{\"zh\":\"h\",\"en\":\"h\"},\"type\":\"line\"},"
    "{\"id\":\"i\",\"title\":{\"zh\":\"i\",\"en\":\"i\"},\"type\":\"polygon\"},"
    "{\"id\":\"j\",\"title\":{\"zh\":\"j\",\"en\":\"j\"},\"type\":\"choices\",\"choices\":[{"
    "\"code\":\"x\",\"zh\":"
    "\"x\",\"en\":\"x\"}]},"
    "{\"id\":\"k\",\"title\":{\"zh\":\"k\",\"en\":\"k\"},\"type\":\"text\",\"check\":\"credit_"
    "code\"},"
    "{\"id\":\"l\",\"title\":{\"zh\":\"l\",\"en\":\"l\"},\"type\":\"text\",\"check\":\"permit\"},"
    "{\"id\":\"m\",\"title\":{\"zh\":\"m\",\"en\":\"m\"},\"type\":\"text\",\"check\":\"idcard\"},"
    "{\"id\":\"n\",\"title\":{\"zh\":\"n\",\"en\":\"n\"},\"type\":\"list\",\"fields\":[{\"id\":"
    "\"p\",\"title\":{"
    "\"zh\":\"p\",\"en\":\"p\"},\"type\":\"text\",\"check\":\"phone\"}]},"
    "{\"id\":\"o\",\"title\":{\"zh\":\"o\",\"en\":\"o\"},\"type\":\"files\"}]}]";

static struct sst_types *made(void)
{
	static struct sst_types *ts;
	json_t *d = NULL;

	if (ts)
		return ts;
	if (ss_json_parse(ss_str_of(types), &d, NULL) < 0 ||
	    sst_types_make(NULL, d, NULL, NULL, &ts, NULL) < 0)
		abort();
	json_decref(d);
	return ts;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ss_things t = {0};
	struct sst_judge j = {.t = &t, .ty = made()->type[0]}, again = j;
	json_t *in = NULL, *kept = NULL, *twice = NULL;

	j.lenient = size > 0 && data[size - 1] == ' ';
	if (ss_json_parse(ss_str_n((const char *)data, size), &in, NULL) < 0)
		return 0;
	if (sst_judge_all(&j, in, &kept) == 0) {
		if (sst_judge_all(&again, kept, &twice) < 0 || !json_equal(kept, twice))
			abort();
	}
	json_decref(in);
	json_decref(kept);
	json_decref(twice);
	return 0;
}
