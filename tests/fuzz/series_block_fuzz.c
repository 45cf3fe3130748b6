/* Any bytes as block, as packed hours and as rANS. What decodes must encode again to a block that
 * decodes to the same points. The check bits are set right, or nothing would get past them. */
#include "base/crypto.h"
#include "record/series/block_internal.h"
#include "record/series/rans_internal.h"
#include "record/series/rollup_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void again(struct ss_codec *c, const struct ss_point *p, size_t n)
{
	struct ss_buf b = SS_BUF_MAX(1 << 26);
	struct ss_point *copy = malloc(n * sizeof(*p));
	const struct ss_point *q;
	size_t k;

	ss_assert(copy != NULL);
	memcpy(copy, p, n * sizeof(*p));
	ss_assert(ss_block_encode(c, 0, copy, n, &b) == 0);
	ss_assert(ss_block_decode(c, 0, ss_buf_str(&b), &q, &k) == 0 && k == n);
	for (size_t i = 0; i < n; i++)
		ss_assert(
		    q[i].time_us == copy[i].time_us && q[i].mark == copy[i].mark &&
		    q[i].revised == copy[i].revised &&
		    (memcmp(&q[i].value, &copy[i].value, 8) == 0 || q[i].value != q[i].value));
	free(copy);
	ss_buf_done(&b);
}

static void try_block(struct ss_codec *c, const uint8_t *data, size_t n)
{
	struct ss_buf b = SS_BUF_MAX(1 << 20);
	const struct ss_point *p;
	size_t k;

	ss_buf_add(&b, data, n);
	uint32_t crc = ss_crc32c(0, data, n);
	uint16_t check = (uint16_t)(crc ^ crc >> 16);

	ss_buf_addc(&b, (char)check);
	ss_buf_addc(&b, (char)(check >> 8));
	if (ss_block_count(ss_buf_str(&b)) < 100000 &&
	    ss_block_decode(c, 0, ss_buf_str(&b), &p, &k) == 0 && p[0].time_us >= 0)
		again(c, p, k);
	ss_buf_done(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static struct ss_codec *c;
	struct ss_roll hours[24];
	uint64_t z[300];
	size_t k;

	if (!c)
		c = ss_codec_new(1);
	if (!c || n < 1 || n > 65536)
		return 0;
	if (data[0] % 4 == 1)
		ss_rans_decode(data + 1, data + n, z, SS_ARRAY_LEN(z));
	else if (data[0] % 4 == 2)
		ss_pack_decode(ss_str_n((const char *)data + 1, n - 1), 20000, 2, -5, hours, &k);
	else
		try_block(c, data + 1, n - 1);
	return 0;
}
