/* Framing of arbitrary bytes: the same records in one read and in many; records are in order,
 * within the bytes, and right by the standard's words when accepted; a good frame behind the bytes
 * is found unless a legal frame covers it. The first byte chooses the policy, the second the size
 * of reads. */
#include <stdlib.h>

#include "base/base.h"
#include "sense/hj212/hj212.h"
#include "sense/hj212/hj212_internal.h"

#define MOST 2048

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct record {
	size_t at, n;
	enum ss_hj212_verdict verdict;
	uint32_t faults, noise;
	uint16_t crc;
};

static const char good[] = "##0087QN=20160801085857223;ST=91;CN=9014;PW=123456;"
			   "MN=010000A8900016F000169DC0;Flag=4;CP=&&&&3240\r\n";

static size_t run(const char *p, size_t n, size_t step, const struct ss_hj212_policy *policy,
		  struct record *out)
{
	size_t start = 0, end = step < n ? step : n, count = 0, used;
	uint32_t noise = 0;

	for (;;) {
		struct ss_hj212_frame f;
		/* A copy of exactly the bytes there are: reading past them is seen. */
		char *piece = malloc(end - start + 1);
		int r;

		ss_assert(piece);
		memcpy(piece, p + start, end - start);
		piece = realloc(piece, end - start ? end - start : 1);
		r = ss_hj212_cut(piece, end - start, end == n, policy, &f, &used);
		ss_assert(used <= end - start);
		noise += f.noise;
		if (r) {
			ss_assert(count < MOST);
			out[count++] = (struct record){.at = start + (size_t)(f.raw.p - piece),
						       .n = f.raw.n,
						       .verdict = f.verdict,
						       .faults = f.faults,
						       .noise = noise,
						       .crc = f.crc_calc};
			ss_assert(f.raw.n <= SS_HJ212_SEGMENT_CAP + 10);
			noise = 0;
		}
		free(piece);
		start += used;
		if (!r && end == n)
			break;
		if (!r)
			end = end + step < n ? end + step : n;
	}
	ss_assert(start == n);
	return count;
}

static void check_records(const char *p, const struct record *r, size_t n,
			  const struct ss_hj212_policy *policy)
{
	size_t before = 0;

	for (size_t i = 0; i < n; i++) {
		const char *raw = p + r[i].at;

		ss_assert(r[i].at >= before && raw[0] == '#' && raw[1] == '#');
		before = r[i].at + r[i].n;
		if (r[i].verdict != SS_HJ212_ACCEPT || policy->accept_modbus_crc ||
		    policy->accept_wrong_len)
			continue;
		ss_assert(r[i].n >= 12 && memcmp(raw + r[i].n - 6, "&&", 2) == 0);
		ss_assert(ss_hj212_crc_bytewise(raw + 6, r[i].n - 10) == r[i].crc);
	}
}

static void check_good(const struct record *r, size_t n, size_t at)
{
	for (size_t i = 0; i < n; i++) {
		if (r[i].verdict == SS_HJ212_ACCEPT && r[i].at <= at && r[i].at + r[i].n > at)
			return;
	}
	ss_assert(!"the good frame is lost");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct record whole[MOST], pieces[MOST];
	struct ss_hj212_policy policy = {0};
	size_t step, n, count;
	char *p;

	if (size < 2 || size > 16000)
		return 0;
	policy.accept_wrong_len = data[0] & 1;
	policy.accept_modbus_crc = data[0] & 2;
	step = 1 + data[1];
	n = size - 2 + sizeof(good) - 1;
	p = malloc(n);
	ss_assert(p);
	memcpy(p, data + 2, size - 2);
	memcpy(p + size - 2, good, sizeof(good) - 1);
	count = run(p, n, n, &policy, whole);
	check_records(p, whole, count, &policy);
	check_good(whole, count, size - 2);
	ss_assert(run(p, n, size > 4000 ? step + 500 : step, &policy, pieces) == count);
	for (size_t i = 0; i < count; i++) {
		ss_assert(whole[i].at == pieces[i].at && whole[i].n == pieces[i].n);
		ss_assert(whole[i].verdict == pieces[i].verdict &&
			  whole[i].noise == pieces[i].noise);
		ss_assert(whole[i].faults == pieces[i].faults && whole[i].crc == pieces[i].crc);
	}
	free(p);
	return 0;
}
