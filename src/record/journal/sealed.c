/* The sealed form of a segment: blocks of groups, each compressed for itself, a table to find them,
 * a footer. Restores the raw file bit by bit. */
#include <fcntl.h>
#include <zstd.h>

#include "record/journal/journal_internal.h"

#define HEAD (2 * SSJ_SEGMENT_HEAD)
#define ROW 96
#define FOOT 128
#define BLOCK_MAX (SSJ_GROUP_MAX + SSJ_BLOCK_RAW + (2u << 20)) /* raw bytes; more is damage */

enum codec { CODEC_ZSTD = 0, CODEC_PACKED = 1 };

static const char head_magic[8] = {'S', 'S', 'J', 'Z', 'S', 'T', '1', '\n'};
static const char foot_magic[8] = {'S', 'S', 'J', 'Z', 'E', 'N', 'D', '\n'};

/* --- reading --- */

static void row_get(const uint8_t *p, struct ssj_block *b)
{
	b->first_group = ssj_ld(p, 8);
	b->first_seq = ssj_ld(p + 8, 8);
	b->max_time = (int64_t)ssj_ld(p + 16, 8);
	b->at = (int64_t)ssj_ld(p + 24, 8);
	b->stored = (uint32_t)ssj_ld(p + 32, 4);
	b->raw = (uint32_t)ssj_ld(p + 36, 4);
	b->groups = (uint32_t)ssj_ld(p + 40, 4);
	b->crc = (uint32_t)ssj_ld(p + 44, 4);
	b->raw_at = (int64_t)ssj_ld(p + 48, 8);
	b->codec = (uint32_t)ssj_ld(p + 56, 4);
	memcpy(b->chain, p + 64, 32);
}

static void row_put(uint8_t *p, const struct ssj_block *b)
{
	memset(p, 0, ROW);
	ssj_le(p, b->first_group, 8);
	ssj_le(p + 8, b->first_seq, 8);
	ssj_le(p + 16, (uint64_t)b->max_time, 8);
	ssj_le(p + 24, (uint64_t)b->at, 8);
	ssj_le(p + 32, b->stored, 4);
	ssj_le(p + 36, b->raw, 4);
	ssj_le(p + 40, b->groups, 4);
	ssj_le(p + 44, b->crc, 4);
	ssj_le(p + 48, (uint64_t)b->raw_at, 8);
	ssj_le(p + 56, b->codec, 4);
	memcpy(p + 64, b->chain, 32);
}

static bool row_good(const struct ssj_sealed *z, size_t i, int64_t table_at)
{
	const struct ssj_block *b = &z->block[i];
	const struct ssj_block *before = i ? b - 1 : NULL;

	if (b->groups == 0 || b->raw > BLOCK_MAX || b->stored == 0 || b->codec > CODEC_PACKED)
		return false;
	if (b->at != (before ? before->at + before->stored : HEAD) || b->at + b->stored > table_at)
		return false;
	return b->first_group ==
	       (before ? before->first_group + before->groups : z->head.first_group);
}

static int read_table(struct ssj_sealed *z, int64_t at, uint64_t count, uint32_t crc)
{
	size_t n = (size_t)count * ROW;
	uint8_t *p = malloc(n ? n : 1);
	int r = SS_ECORRUPT;

	z->block = calloc(count ? count : 1, sizeof(*z->block));
	if (!p || !z->block) {
		free(p);
		return SS_ENOMEM;
	}
	if (ss_os()->pread(z->fd, p, n, at) == (int64_t)n && ss_crc32c(0, p, n) == crc) {
		z->block_n = (size_t)count;
		r = 0;
		for (size_t i = 0; i < z->block_n && r == 0; i++) {
			row_get(p + i * ROW, &z->block[i]);
			if (!row_good(z, i, at))
				r = SS_ECORRUPT;
		}
	}
	free(p);
	return r;
}

static int read_foot(struct ssj_sealed *z, bool blocks)
{
	uint8_t f[FOOT];
	int64_t at = z->file_bytes - FOOT;
	int64_t table_at;
	uint64_t count;

	if (at < HEAD || ss_os()->pread(z->fd, f, FOOT, at) != FOOT)
		return SS_ECORRUPT;
	if (memcmp(f, foot_magic, 8) != 0 || ssj_ld(f + 124, 4) != ss_crc32c(0, f, 124))
		return SS_ECORRUPT;
	table_at = (int64_t)ssj_ld(f + 8, 8);
	count = ssj_ld(f + 16, 8);
	z->last_group = ssj_ld(f + 24, 8);
	z->last_seq = ssj_ld(f + 32, 8);
	z->raw_bytes = (int64_t)ssj_ld(f + 40, 8);
	z->raw_file_bytes = (int64_t)ssj_ld(f + 48, 8);
	z->max_time = (int64_t)ssj_ld(f + 56, 8);
	memcpy(z->chain_end, f + 64, 32);
	if (table_at < HEAD || count > (uint64_t)at / ROW ||
	    table_at + (int64_t)count * ROW != at || z->last_group < z->head.first_group ||
	    z->last_seq < z->head.first_seq)
		return SS_ECORRUPT;
	return blocks ? read_table(z, table_at, count, (uint32_t)ssj_ld(f + 96, 4)) : 0;
}

static int read_head(struct ssj_sealed *z)
{
	uint8_t h[HEAD];

	if (ss_os()->pread(z->fd, h, HEAD, 0) != HEAD || memcmp(h, head_magic, 8) != 0 ||
	    ssj_ld(h + 252, 4) != ss_crc32c(0, h, 252))
		return SS_ECORRUPT;
	if (ssj_ld(h + 8, 4) != SSJ_VERSION || ssj_ld(h + 12, 4) != HEAD)
		return SS_EVERSION;
	memcpy(z->head_raw, h + SSJ_SEGMENT_HEAD, SSJ_SEGMENT_HEAD);
	return ssj_head_get(z->head_raw, &z->head);
}

int ssj_sealed_open(const char *path, bool blocks, struct ssj_sealed **ret, struct ss_error *err)
{
	struct ssj_sealed *z = calloc(1, sizeof(*z));
	const char *what = "打不开 cannot open";
	int r;

	if (!z)
		return ss_error_set(err, SS_ENOMEM, "内存不足 out of memory");
	r = z->fd = ss_os()->open(path, O_RDONLY, 0);
	if (r >= 0) {
		z->file_bytes = ss_os()->size(z->fd);
		r = z->file_bytes < 0 ? (int)z->file_bytes : 0;
	}
	if (r >= 0) {
		what = "偏移 offset 0: 封存段头损坏 head of sealed segment damaged";
		r = read_head(z);
	}
	if (r >= 0) {
		what = "封存段尾或目录损坏 footer or table of sealed segment damaged";
		r = read_foot(z, blocks);
	}
	if (r < 0) {
		ssj_sealed_close(z);
		return ss_error_set(err, r, "%s: %s", path, what);
	}
	*ret = z;
	return 0;
}

void ssj_sealed_close(struct ssj_sealed *z)
{
	if (!z)
		return;
	if (z->fd >= 0)
		ss_os()->close(z->fd);
	if (z->dctx)
		ZSTD_freeDCtx(z->dctx);
	free(z->stored);
	free(z->plain);
	free(z->block);
	free(z);
}

/* Decompresses z->stored into *buf; the frame must say its size. */
static int inflate(struct ssj_sealed *z, const struct ssj_block *b, uint8_t **buf, size_t *cap,
		   size_t most, size_t *ret_n)
{
	unsigned long long n = ZSTD_getFrameContentSize(z->stored, b->stored);
	size_t got;

	if (n == ZSTD_CONTENTSIZE_ERROR || n == ZSTD_CONTENTSIZE_UNKNOWN || n > most)
		return SS_ECORRUPT;
	if (!z->dctx)
		z->dctx = ZSTD_createDCtx();
	if (!z->dctx || ss_grow(buf, cap, n ? (size_t)n : 1, 1) < 0)
		return SS_ENOMEM;
	got = ZSTD_decompressDCtx(z->dctx, *buf, (size_t)n, z->stored, b->stored);
	if (ZSTD_isError(got) || got != n)
		return SS_ECORRUPT;
	*ret_n = got;
	return 0;
}

static int decode(struct ssj_sealed *z, const struct ssj_block *b, uint8_t **buf, size_t *cap)
{
	size_t n;
	int r;

	if (b->codec == CODEC_ZSTD) {
		r = inflate(z, b, buf, cap, BLOCK_MAX, &n);
		return r == 0 && n != b->raw ? SS_ECORRUPT : r;
	}
	r = inflate(z, b, &z->plain, &z->plain_cap, 2 * (size_t)BLOCK_MAX, &n);
	if (r < 0)
		return r;
	if (ss_grow(buf, cap, b->raw, 1) < 0)
		return SS_ENOMEM;
	return ssj_unpack(z->plain, n, z->head.salt, b->raw, *buf);
}

int ssj_sealed_block(struct ssj_sealed *z, size_t i, uint8_t **buf, size_t *cap, size_t *ret_n,
		     struct ss_error *err)
{
	const struct ssj_block *b = &z->block[i];
	int64_t n;
	int r;

	if (ss_grow(&z->stored, &z->stored_cap, b->stored, 1) < 0)
		return ss_error_set(err, SS_ENOMEM, "内存不足 out of memory");
	n = ss_os()->pread(z->fd, z->stored, b->stored, b->at);
	if (n < 0)
		return ss_error_set(err, (int)n, "读不了封存块 cannot read a sealed block");
	if (n != b->stored || ss_crc32c(0, z->stored, b->stored) != b->crc)
		return ss_error_set(err, SS_ECORRUPT,
				    "封存块校验和 CRC-32C 不符 of a sealed block does not match");
	r = decode(z, b, buf, cap);
	if (r < 0)
		return ss_error_set(err, r, "封存块解不开 a sealed block cannot be unpacked");
	*ret_n = b->raw;
	return 0;
}

static size_t find(const struct ssj_sealed *z, uint64_t v, bool by_seq)
{
	size_t lo = 0, hi = z->block_n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if ((by_seq ? z->block[mid].first_seq : z->block[mid].first_group) <= v)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo ? lo - 1 : 0;
}

size_t ssj_sealed_find(const struct ssj_sealed *z, uint64_t group)
{
	return find(z, group, false);
}

size_t ssj_sealed_find_seq(const struct ssj_sealed *z, uint64_t seq)
{
	return find(z, seq, true);
}

/* --- writing --- */

struct ssj_sealer {
	int fd;
	uint64_t salt;
	ZSTD_CCtx *cctx;
	int64_t at;
	struct ss_buf raw, packed;
	uint8_t *out;
	size_t out_cap;
	struct ssj_block now;
	struct ssj_block *block;
	size_t block_n, block_cap;
	uint64_t last_group, last_seq;
	int64_t raw_bytes, raw_end, max_time;
};

static int put(struct ssj_sealer *z, const void *p, size_t n)
{
	int64_t r = ss_os()->pwrite(z->fd, p, n, z->at);

	if (r < 0)
		return (int)r;
	z->at += (int64_t)n;
	return 0;
}

static int set_level(struct ssj_sealer *z, int level)
{
	z->cctx = ZSTD_createCCtx();
	if (!z->cctx)
		return SS_ENOMEM;
	ZSTD_CCtx_setParameter(z->cctx, ZSTD_c_compressionLevel, level);
	ZSTD_CCtx_setParameter(z->cctx, ZSTD_c_windowLog, 23);
	ZSTD_CCtx_setParameter(z->cctx, ZSTD_c_checksumFlag, 0); /* the table has a CRC */
	return 0;
}

int ssj_seal_start(const char *path, const uint8_t head[SSJ_SEGMENT_HEAD], int level,
		   const uint8_t chain[32], struct ssj_sealer **ret)
{
	struct ssj_sealer *z = calloc(1, sizeof(*z));
	uint8_t h[SSJ_SEGMENT_HEAD] = {0};
	int r;

	if (!z)
		return SS_ENOMEM;
	z->salt = ssj_ld(head + 64, 8);
	z->max_time = INT64_MIN;
	z->raw_end = SSJ_SEGMENT_HEAD;
	ss_buf_init(&z->raw, BLOCK_MAX);
	ss_buf_init(&z->packed, 2 * (size_t)BLOCK_MAX);
	memcpy(z->now.chain, chain, 32);
	memcpy(h, head_magic, 8);
	ssj_le(h + 8, SSJ_VERSION, 4);
	ssj_le(h + 12, HEAD, 4);
	ssj_le(h + 252, ss_crc32c(0, h, 252), 4);
	r = z->fd = ss_os()->open(path, O_RDWR | O_CREAT | O_TRUNC, 0640);
	if (r >= 0)
		r = put(z, h, sizeof(h));
	if (r >= 0)
		r = put(z, head, SSJ_SEGMENT_HEAD);
	if (r >= 0)
		r = set_level(z, level);
	if (r < 0) {
		ssj_seal_free(z);
		return r;
	}
	*ret = z;
	return 0;
}

void ssj_seal_free(struct ssj_sealer *z)
{
	if (!z)
		return;
	if (z->fd >= 0)
		ss_os()->close(z->fd);
	ZSTD_freeCCtx(z->cctx);
	ss_buf_done(&z->raw);
	ss_buf_done(&z->packed);
	free(z->out);
	free(z->block);
	free(z);
}

static int compress(struct ssj_sealer *z, const void *p, size_t n, size_t *ret_n)
{
	size_t bound = ZSTD_compressBound(n);
	size_t got;

	if (ss_grow(&z->out, &z->out_cap, bound, 1) < 0)
		return SS_ENOMEM;
	got = ZSTD_compress2(z->cctx, z->out, z->out_cap, p, n);
	if (ZSTD_isError(got))
		return SS_ENOMEM;
	*ret_n = got;
	return 0;
}

static int flush(struct ssj_sealer *z)
{
	struct ssj_block *b = &z->now;
	size_t n;
	int r;

	ss_buf_reset(&z->packed);
	b->codec = CODEC_PACKED;
	r = ssj_pack((const uint8_t *)z->raw.p, z->raw.n, z->salt, &z->packed);
	if (r == SS_EUNSUPPORTED) { /* not in the form that packing knows */
		b->codec = CODEC_ZSTD;
		r = compress(z, z->raw.p, z->raw.n, &n);
	} else if (r >= 0) {
		r = compress(z, z->packed.p, z->packed.n, &n);
	}
	if (r >= 0)
		r = ss_grow(&z->block, &z->block_cap, z->block_n + 1, sizeof(*z->block));
	if (r < 0)
		return r;
	b->at = z->at;
	b->stored = (uint32_t)n;
	b->raw = (uint32_t)z->raw.n;
	b->crc = ss_crc32c(0, z->out, n);
	z->block[z->block_n++] = *b;
	ss_buf_reset(&z->raw);
	b->groups = 0;
	return put(z, z->out, n);
}

int ssj_seal_add(struct ssj_sealer *z, const struct ssj_view *v, const uint8_t *chain_after)
{
	struct ssj_block *b = &z->now;
	int r;

	if (!b->groups) {
		b->first_group = v->g.number;
		b->first_seq = v->g.first_seq;
		b->raw_at = v->at;
		b->max_time = INT64_MIN;
	}
	r = ss_buf_add(&z->raw, v->raw, v->n);
	if (r < 0)
		return r;
	b->groups++;
	if (v->g.time_us > b->max_time)
		b->max_time = v->g.time_us;
	if (v->g.time_us > z->max_time)
		z->max_time = v->g.time_us;
	z->last_group = v->g.number;
	z->last_seq = v->g.first_seq + v->g.count - 1;
	z->raw_bytes += (int64_t)v->n;
	z->raw_end = ssj_align(v->at + (int64_t)v->n);
	if (!chain_after || z->raw.n < SSJ_BLOCK_RAW)
		return 0;
	r = flush(z);
	memcpy(b->chain, chain_after, 32);
	return r;
}

static int put_table(struct ssj_sealer *z, uint32_t *ret_crc)
{
	uint8_t row[ROW];
	uint32_t crc = 0;
	int r = 0;

	for (size_t i = 0; i < z->block_n && r >= 0; i++) {
		row_put(row, &z->block[i]);
		crc = ss_crc32c(crc, row, ROW);
		r = put(z, row, ROW);
	}
	*ret_crc = crc;
	return r;
}

int ssj_seal_finish(struct ssj_sealer *z, const uint8_t chain_end[32])
{
	uint8_t f[FOOT] = {0};
	int64_t table_at;
	uint32_t crc = 0;
	int r = 0;

	if (z->now.groups)
		r = flush(z);
	table_at = z->at;
	if (r >= 0)
		r = put_table(z, &crc);
	if (r < 0)
		return r;
	memcpy(f, foot_magic, 8);
	ssj_le(f + 8, (uint64_t)table_at, 8);
	ssj_le(f + 16, z->block_n, 8);
	ssj_le(f + 24, z->last_group, 8);
	ssj_le(f + 32, z->last_seq, 8);
	ssj_le(f + 40, (uint64_t)z->raw_bytes, 8);
	ssj_le(f + 48, (uint64_t)z->raw_end, 8);
	ssj_le(f + 56, (uint64_t)z->max_time, 8);
	memcpy(f + 64, chain_end, 32);
	ssj_le(f + 96, crc, 4);
	ssj_le(f + 124, ss_crc32c(0, f, 124), 4);
	r = put(z, f, FOOT);
	return r < 0 ? r : ss_os()->sync(z->fd);
}
