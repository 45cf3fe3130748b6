/* How fast the HJ 212 codec is on one core: cut + head + observe of a 364-byte frame with 8
 * factors, beside the least that any receiver does with the same bytes (find the line end, copy)
 * and beside the CRC by one table look-up a byte. Prints nanoseconds and millions a second; no
 * verdict. */
#include "base/base.h"
#include "sense/hj212/hj212.h"
#include "sense/hj212/hj212_internal.h"

#define FRAMES 500 /* 180 kB: what a busy read leaves in the cache */
#define ROUNDS 1500

static const char segment[] =
    "QN=20260301120000123;ST=31;CN=2011;PW=123456;MN=320100A8900016F000169DC0;Flag=5;"
    "CP=&&DataTime=20260301120000;a21026-Rtd=12.35,a21026-Flag=N;a21002-Rtd=41.7,a21002-Flag=N;"
    "a34013-Rtd=5.12,a34013-Flag=N;a19001-Rtd=8.43,a19001-Flag=N;a01011-Rtd=12.6,a01011-Flag=N;"
    "a01012-Rtd=101.4,a01012-Flag=N;a01013-Rtd=-0.052,a01013-Flag=N;a01014-Rtd=7.9,a01014-Flag=N&&";

static struct ss_buf stream;
static double sink;

static void take(void *arg, const struct ss_hj212_data *d, const struct ss_hj212_value *v)
{
	(void)arg;
	(void)d;
	sink += v->value;
}

static void codec(void)
{
	size_t at = 0, used;
	struct ss_hj212_frame f;
	struct ss_hj212_head h;
	struct ss_hj212_data d;
	int values = 0;

	while (ss_hj212_cut(stream.p + at, stream.n - at, false, NULL, &f, &used)) {
		at += used;
		ss_hj212_head(f.segment, &h);
		values += ss_hj212_observe(&h, &d, take, NULL);
	}
	ss_assert(values == FRAMES * 8);
}

static void cut_only(void)
{
	size_t at = 0, used;
	struct ss_hj212_frame f;

	while (ss_hj212_cut(stream.p + at, stream.n - at, false, NULL, &f, &used))
		at += used;
}

static void head_only(void)
{
	struct ss_hj212_head h;

	for (int i = 0; i < FRAMES; i++) {
		ss_hj212_head(ss_str_of(segment), &h);
		sink += h.flag;
	}
}

static void least(void)
{
	static char copy[1024];
	const char *p = stream.p, *end = stream.p + stream.n, *nl;

	while ((nl = memchr(p, '\n', (size_t)(end - p)))) {
		memcpy(copy, p, (size_t)(nl - p));
		sink += copy[nl - p - 1];
		p = nl + 1;
	}
}

static void crc_table(void)
{
	for (int i = 0; i < FRAMES; i++)
		sink += ss_hj212_crc_table(segment, sizeof(segment) - 1);
}

static void crc_slices(void)
{
	for (int i = 0; i < FRAMES; i++)
		sink += ss_hj212_crc_slices(segment, sizeof(segment) - 1);
}

static void crc_xor(void)
{
	for (int i = 0; i < FRAMES; i++)
		sink += ss_hj212_crc(segment, sizeof(segment) - 1);
}

/* Best of the rounds: the machine is shared. Nanoseconds a frame. */
static double best(void (*fn)(void))
{
	int64_t least_us = INT64_MAX;

	for (int i = 0; i < ROUNDS; i++) {
		int64_t t = ss_time_mono();

		fn();
		t = ss_time_mono() - t;
		least_us = t < least_us ? t : least_us;
	}
	return (double)least_us * 1000 / FRAMES;
}

static void hostile(const char *unit)
{
	struct ss_buf b = SS_BUF_MAX(8 << 20);
	size_t at = 0, used;
	struct ss_hj212_frame f;
	int64_t t;

	while (b.n < 4 << 20)
		ss_buf_addz(&b, unit);
	t = ss_time_mono();
	while (ss_hj212_cut(b.p + at, b.n - at, true, NULL, &f, &used))
		at += used;
	t = ss_time_mono() - t;
	printf("hostile %-24s %8.1f MB/s\n", unit[0] == '\r' ? unit + 2 : unit,
	       (double)b.n / (double)(t + 1));
	ss_buf_done(&b);
}

int main(void)
{
	static const struct {
		const char *name;
		void (*fn)(void);
	} rows[] = {
	    {"memchr + memcpy of the line", least},
	    {"cut", cut_only},
	    {"head", head_only},
	    {"cut + head + observe, 8 factors", codec},
	    {"CRC, one look-up a byte", crc_table},
	    {"CRC, slicing by 8", crc_slices},
	    {"CRC, xor of words", crc_xor},
	};
	double ns[SS_ARRAY_LEN(rows)];

	ss_buf_init(&stream, 64 << 20);
	for (int i = 0; i < FRAMES; i++)
		ss_hj212_frame_put(&stream, ss_str_of(segment));
	printf("frame of %zu bytes, segment %zu\n", stream.n / FRAMES, sizeof(segment) - 1);
	for (size_t i = 0; i < SS_ARRAY_LEN(rows); i++)
		ns[i] = best(rows[i].fn);
	for (size_t i = 0; i < SS_ARRAY_LEN(rows); i++)
		printf("%-34s %8.1f ns  %7.2f M/s  x%.2f of memchr+memcpy  x%.2f of table CRC\n",
		       rows[i].name, ns[i], 1000 / ns[i], ns[i] / ns[0], ns[i] / ns[4]);
	hostile("##");
	hostile("##8000");
	hostile("##8000&&1234\r");
	hostile("##8006CP=&&1234\r"); /* 8016 = 501 units: every length leads to && + 4 hex */
	ss_buf_done(&stream);
	return sink == 0.5;
}
