/* Any text as a number, any bits as a double: what is read can be written and read back the same.
 */
#include <math.h>
#include <string.h>

#include "base/base.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_double(double v)
{
	char t[SS_DOUBLE_MAX];
	double back = 0;
	size_t n;

	if (!isfinite(v))
		return;
	n = ss_fmt_double(t, v);
	ss_assert(n > 0 && n <= 26);
	ss_assert(ss_parse_double(ss_str_n(t, n), &back) == 0);
	ss_assert(memcmp(&back, &v, sizeof(v)) == 0);
}

static void check_varints(const uint8_t *p, size_t n)
{
	const uint8_t *end = p + n;
	uint64_t u, again;

	while (ss_get_varint(&p, end, &u) == 0) {
		struct ss_buf b = SS_BUF_MAX(10);
		const uint8_t *q;

		ss_assert(ss_buf_add_varint(&b, u) == 0);
		q = (const uint8_t *)b.p;
		ss_assert(ss_get_varint(&q, q + b.n, &again) == 0 && again == u);
		ss_buf_done(&b);
	}
}

static void check_integers(struct ss_str s)
{
	uint8_t bytes[64];
	char t[24];
	int64_t i, i2;
	uint64_t u;
	size_t n;

	if (ss_parse_i64(s, &i) == 0)
		ss_assert(ss_parse_i64(ss_str_n(t, ss_fmt_i64(t, i)), &i2) == 0 && i2 == i);
	ss_parse_u64(s, &u);
	ss_parse_hex(s, &u);
	ss_parse_size(s, &u);
	if (ss_parse_duration(s, &i) == 0)
		ss_assert(i >= 0);
	ss_hex_decode(s, bytes, sizeof(bytes), &n);
}

static void check_times(struct ss_str s)
{
	char out[SS_TIME_ISO], c[18];
	int64_t t, back;

	if (ss_time_parse_iso(s, &t) == 0) {
		size_t n = ss_time_fmt_iso(out, t);

		/* an offset may carry the moment over the edge of the years that can be read */
		ss_assert(n < SS_TIME_ISO);
		if (ss_time_parse_iso(ss_str_n(out, n), &back) == 0)
			ss_assert(back == t);
	}
	if (ss_time_parse_compact(s, &t) == 0) {
		ss_time_fmt_compact(c, t, 14);
		ss_assert(memcmp(c, s.p, 14) == 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ss_str s = ss_str_n((const char *)data, size);
	double v;

	if (ss_parse_double(s, &v) == 0)
		check_double(v);
	for (size_t i = 0; i + sizeof(v) <= size; i += sizeof(v)) {
		memcpy(&v, data + i, sizeof(v));
		check_double(v);
	}
	check_integers(s);
	check_varints(data, size);
	check_times(s);
	return 0;
}
