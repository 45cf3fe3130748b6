/* Reads everything again and believes nothing: CRC, numbers, padding, chain, side files, tips and
 * their signatures, here and in the second place. Uses no table and no index of the open journal.
 */
#include <fcntl.h>

#include "record/journal/journal_internal.h"

struct tips {
	struct ss_tip_list l;
	size_t at; /* first not yet passed by the chain */
};
struct seen { /* a chain value that some header stated */
	uint64_t segment, group;
	uint8_t chain[32];
};
struct verify {
	const char *dir;
	uint8_t node[16];
	struct tips own, copy;
	struct ssj_hash hash;
	struct ssj_tree tree; /* groups since the last tip, here */
	uint8_t chain[32];
	uint64_t group, seq; /* last passed */
	uint64_t segment;    /* being read */
	struct seen *seen;
	size_t seen_n, seen_cap;
	uint8_t *side; /* records of the segment's side file */
	size_t side_n, side_at;
	uint8_t *buf;
	size_t cap;
	void (*progress)(void *, uint64_t);
	void *arg;
	struct ss_error *err;
};

static int bad(struct verify *v, int64_t at, uint64_t group, const char *what)
{
	return ss_error_set(
	    v->err, SS_ECORRUPT, "日志段 segment %llu 偏移 offset %lld 组 group %llu: %s",
	    (unsigned long long)v->segment, (long long)at, (unsigned long long)group, what);
}

/* --- tips --- */

/* A tip's tree begins with the group that it names. */
static bool tree_begins(const struct tips *t, uint64_t group)
{
	return t->at < t->l.n && t->l.p[t->at].first == group;
}

static int tip_pass(struct verify *v, struct tips *t)
{
	uint8_t root[32];
	int r;

	for (; t->at < t->l.n && t->l.p[t->at].group <= v->group; t->at++) {
		const struct ss_tip *tip = &t->l.p[t->at];

		if (tip->group != v->group || tip->seq != v->seq ||
		    memcmp(tip->chain, v->chain, 32) != 0)
			return ss_tip_bad(&t->l, t->at, "与日志链不符 does not match the chain",
					  v->err);
		r = ssj_tree_root(&v->hash, &v->tree, root);
		if (tip->first != v->tree.first || r < 0 || memcmp(tip->root, root, 32) != 0)
			return ss_tip_bad(
			    &t->l, t->at,
			    "树根与各组不符 root of the tree does not match the groups", v->err);
	}
	return 0;
}

static int tips_end(struct verify *v, const struct tips *t)
{
	if (t->at >= t->l.n)
		return 0;
	return ss_error_set(v->err, SS_ECORRUPT,
			    "日志段 segment %llu 组 group %llu: 签名锚点覆盖的组缺失 groups "
			    "covered by a signed tip are missing (%s: %llu)",
			    (unsigned long long)v->segment, (unsigned long long)v->group + 1,
			    t->l.path, (unsigned long long)t->l.p[t->l.n - 1].group);
}

/* --- one group --- */

static int seen_pass(struct verify *v)
{
	for (size_t i = 0; i < v->seen_n; i++) {
		if (v->seen[i].group != v->group)
			continue;
		if (memcmp(v->seen[i].chain, v->chain, 32) != 0) {
			v->segment = v->seen[i].segment;
			return bad(
			    v, 80, v->group,
			    "段头所记的链值不符 chain value in the segment header does not match");
		}
		v->seen[i] = v->seen[--v->seen_n];
		i--;
	}
	return 0;
}

static int side_pass(struct verify *v, uint64_t salt)
{
	while (v->side_at + SSJ_CHAIN_REC <= v->side_n) {
		uint64_t group, seq;
		uint8_t chain[32];

		if (ssj_chain_rec_get(v->side + v->side_at, salt, &group, &seq, chain) < 0)
			return bad(v, (int64_t)v->side_at, v->group,
				   "链文件记录损坏 record of the chain side file damaged");
		if (group > v->group)
			return 0;
		if (group != v->group || seq != v->seq || memcmp(chain, v->chain, 32) != 0)
			return bad(v, (int64_t)v->side_at, group,
				   "链文件与日志链不符 chain side file does not match the chain");
		v->side_at += SSJ_CHAIN_REC;
	}
	return 0;
}

static int entries_good(const uint8_t *p, const struct ssj_group *g)
{
	const uint8_t *end = p + g->bytes;
	struct ss_entry e;

	for (uint32_t i = 0; i < g->count; i++)
		if (ssj_entry_get(&p, end, &e) < 0)
			return SS_ECORRUPT;
	return p == end ? 0 : SS_ECORRUPT;
}

/* raw: header and body, CRC already found right. */
static int pass(struct verify *v, int64_t at, uint64_t salt, const struct ssj_group *g,
		const uint8_t *raw)
{
	uint8_t digest[32];
	int r;

	if (g->number != v->group + 1 || g->first_seq != v->seq + 1)
		return bad(v, at, v->group + 1, "组缺失或次序不对 group missing or out of order");
	if (entries_good(raw + SSJ_GROUP_HEAD, g) < 0)
		return bad(v, at, g->number, "条目格式不对 entries cannot be read");
	r = ssj_chain_step(&v->hash, v->chain, raw, SSJ_GROUP_HEAD + (size_t)g->bytes, digest);
	if (tree_begins(&v->own, g->number) || tree_begins(&v->copy, g->number))
		ssj_tree_start(&v->tree, g->number);
	if (r >= 0)
		r = ssj_tree_add(&v->hash, &v->tree, digest);
	if (r < 0)
		return r;
	v->group = g->number;
	v->seq = g->first_seq + g->count - 1;
	r = seen_pass(v);
	if (r >= 0)
		r = side_pass(v, salt);
	if (r >= 0)
		r = tip_pass(v, &v->own);
	if (r >= 0)
		r = tip_pass(v, &v->copy);
	if (r >= 0 && v->progress && v->group % 4096 == 0)
		v->progress(v->arg, v->group);
	return r;
}

/* --- raw segments --- */

static int head_pass(struct verify *v, const struct ssj_head *h)
{
	int r;

	if (memcmp(h->node, v->node, 16) != 0)
		return bad(v, 48, h->first_group, "节点不符 belongs to another node");
	if (h->first_group != v->group + 1 || h->first_seq != v->seq + 1)
		return bad(v, 24, v->group + 1,
			   "前面的组缺失 groups before this segment are missing");
	r = ss_grow(&v->seen, &v->seen_cap, v->seen_n + 1, sizeof(*v->seen));
	if (r < 0)
		return r;
	v->seen[v->seen_n] = (struct seen){.segment = v->segment, .group = h->prev_group};
	memcpy(v->seen[v->seen_n++].chain, h->prev_chain, 32);
	return h->prev_group == v->group ? seen_pass(v) : 0;
}

static int side_load(struct verify *v, uint64_t salt)
{
	char path[SSJ_PATH];
	int64_t n;
	int fd;

	v->side_n = v->side_at = 0;
	ssj_path(path, v->dir, v->segment, "chain");
	fd = ss_os()->open(path, O_RDONLY, 0);
	if (fd < 0)
		return 0;
	n = ss_os()->size(fd);
	free(v->side);
	v->side = n > 0 ? malloc((size_t)n) : NULL;
	if (v->side) {
		n = ss_os()->pread(fd, v->side, (size_t)n, 0);
		v->side_n = n > 0 ? (size_t)n : 0;
	}
	ss_os()->close(fd);
	/* A record that never reached the disk is zero. */
	while (v->side_n >= SSJ_CHAIN_REC &&
	       v->side[v->side_n / SSJ_CHAIN_REC * SSJ_CHAIN_REC - SSJ_CHAIN_REC] == 0)
		v->side_n -= SSJ_CHAIN_REC;
	return side_pass(v, salt);
}

static int padding(struct verify *v, struct ssj_window *w, int64_t from, int64_t limit)
{
	int64_t to = ssj_align(from) < limit ? ssj_align(from) : limit;
	const uint8_t *p;

	if (from >= to)
		return 0;
	if (ssj_window_get(w, from, (size_t)(to - from), limit, &p) <= 0)
		return SS_EIO;
	for (int64_t i = 0; i < to - from; i++)
		if (p[i])
			return bad(v, from + i, v->group, "填充不是零 padding is not zero");
	return 0;
}

/* The group at that place read once more, not from what was read ahead. */
static bool good_now(struct ssj_window *w, int64_t at, int64_t limit, uint64_t salt)
{
	const uint8_t *p;
	const char *why;
	struct ssj_group g;

	w->n = 0;
	return ssj_group_read(w, at, limit, salt, true, &g, &p, &why) > 0;
}

/* A tail that was never acknowledged: nothing of a later write behind it, no tip covers it. 0 =
 * that is what it is, 1 = the writer was in the middle of the group, and it is whole now: read it
 * again. */
static int tail(struct verify *v, struct ssj_window *w, int64_t at, int64_t limit, uint64_t salt,
		bool last, const char *why)
{
	struct ssj_group g;
	int64_t from = at;
	int r = 0;

	while (last && (r = ssj_resync(w, from, limit, salt, v->group + 1, &from, &g)) > 0) {
		if (g.batch > v->group + 1)
			break;
		from += SSJ_ALIGN;
	}
	if (r < 0)
		return ss_error_set(v->err, r, "读不了日志段 cannot read segment %llu",
				    (unsigned long long)v->segment);
	if (last && r == 0 && v->own.at >= v->own.l.n && v->copy.at >= v->copy.l.n &&
	    v->side_at >= v->side_n)
		return 0;
	if (last && good_now(w, at, limit, salt))
		return 1;
	return bad(v, at, v->group + 1, why);
}

static int raw_groups(struct verify *v, struct ssj_window *w, const struct ssj_head *h,
		      int64_t limit, bool last)
{
	int64_t at = ssj_align(SSJ_SEGMENT_HEAD);
	int r;

	r = padding(v, w, SSJ_SEGMENT_HEAD, limit);
	while (r >= 0) {
		const uint8_t *p;
		const char *why;
		struct ssj_group g;

		r = ssj_group_read(w, at, limit, h->salt, true, &g, &p, &why);
		if (r == SS_ECORRUPT) {
			r = tail(v, w, at, limit, h->salt, last, why);
			if (r <= 0)
				return r;
			continue;
		}
		if (r <= 0)
			return r < 0 ? ss_error_set(v->err, r,
						    "读不了日志段 cannot read segment %llu",
						    (unsigned long long)v->segment)
				     : 0;
		r = pass(v, at, h->salt, &g, p);
		at += SSJ_GROUP_HEAD + (int64_t)g.bytes;
		if (r >= 0)
			r = padding(v, w, at, limit);
		at = ssj_align(at);
	}
	return r;
}

static int raw_segment(struct verify *v, bool last)
{
	struct ssj_segment *s;
	struct ssj_window w;
	int r;

	r = ssj_segment_open_raw(v->dir, v->segment, false, &s, v->err);
	if (r < 0)
		return r;
	w = (struct ssj_window){.fd = s->fd};
	r = head_pass(v, &s->head);
	if (r >= 0)
		r = side_load(v, s->head.salt);
	if (r >= 0)
		r = raw_groups(v, &w, &s->head, ss_os()->size(s->fd), last);
	if (r >= 0)
		r = v->side_at < v->side_n ? bad(v, (int64_t)v->side_at, v->group,
						 "链文件记到的组缺失 groups that the chain side "
						 "file names are missing")
					   : 0;
	ssj_window_done(&w);
	ssj_segment_free(s);
	return r;
}

/* --- sealed segments --- */

static int block_groups(struct verify *v, struct ssj_sealed *z, const struct ssj_block *b, size_t n,
			int64_t *raw_at)
{
	int64_t max_time = INT64_MIN;
	size_t pos = 0;
	int r = 0;

	for (uint32_t i = 0; i < b->groups && r >= 0; i++) {
		struct ssj_group g;
		const uint8_t *p = v->buf + pos;

		if (n - pos < SSJ_GROUP_HEAD || ssj_group_get(p, z->head.salt, NULL, &g) < 0 ||
		    g.bytes > n - pos - SSJ_GROUP_HEAD ||
		    ssj_group_get(p, z->head.salt, p + SSJ_GROUP_HEAD, &g) < 0)
			return bad(v, b->at, v->group + 1,
				   "封存块里的组损坏 group in a sealed block damaged");
		r = pass(v, b->at, z->head.salt, &g, p);
		if (g.time_us > max_time)
			max_time = g.time_us;
		pos += SSJ_GROUP_HEAD + (size_t)g.bytes;
		*raw_at = ssj_align(*raw_at + SSJ_GROUP_HEAD + (int64_t)g.bytes);
	}
	if (r >= 0 && (pos != n || max_time != b->max_time))
		return bad(v, b->at, v->group,
			   "封存块与目录不符 sealed block differs from its table");
	return r;
}

static int blocks(struct verify *v, struct ssj_sealed *z)
{
	int64_t raw_at = ssj_align(SSJ_SEGMENT_HEAD);

	for (size_t i = 0; i < z->block_n; i++) {
		const struct ssj_block *b = &z->block[i];
		struct ss_error why = {0};
		size_t n;
		int r;

		if (b->first_group != v->group + 1 || b->first_seq != v->seq + 1 ||
		    b->raw_at != raw_at || memcmp(b->chain, v->chain, 32) != 0)
			return bad(v, b->at, v->group + 1,
				   "封存块目录与链不符 table of a sealed segment does not match "
				   "the chain");
		r = ssj_sealed_block(z, i, &v->buf, &v->cap, &n, &why);
		if (r < 0)
			return r == SS_ECORRUPT ? bad(v, b->at, v->group + 1, why.text)
						: ss_error_set(v->err, r, "%s", why.text);
		r = block_groups(v, z, b, n, &raw_at);
		if (r < 0)
			return r;
	}
	if (z->last_group != v->group || z->last_seq != v->seq || z->raw_file_bytes != raw_at ||
	    memcmp(z->chain_end, v->chain, 32) != 0)
		return bad(v, z->file_bytes - 128, v->group,
			   "封存段尾与链不符 footer of a sealed segment does not match the chain");
	return 0;
}

static int sealed_segment(struct verify *v)
{
	struct ss_error why = {0};
	struct ssj_sealed *z;
	char path[SSJ_PATH];
	int r;

	ssj_path(path, v->dir, v->segment, "zst");
	r = ssj_sealed_open(path, true, &z, &why);
	if (r == SS_ECORRUPT)
		return bad(v, 0, v->group + 1, why.text);
	if (r < 0)
		return ss_error_set(v->err, r, "%s", why.text);
	if (z->head.number != v->segment)
		r = bad(v, SSJ_SEGMENT_HEAD + 16, v->group + 1, "段号不符 wrong segment number");
	v->side_n = v->side_at = 0;
	if (r >= 0)
		r = head_pass(v, &z->head);
	if (r >= 0)
		r = blocks(v, z);
	ssj_sealed_close(z);
	return r;
}

/* --- all --- */

/* Raw where there is a raw file, else sealed; sealing may be going on. */
static int segment(struct verify *v, uint64_t number, bool raw, bool last)
{
	int r = SS_ENOTFOUND;

	v->segment = number;
	if (raw)
		r = raw_segment(v, last);
	if (r == SS_ENOTFOUND)
		r = sealed_segment(v);
	return r;
}

static int segments(struct verify *v)
{
	uint64_t *raw = NULL, *zst = NULL;
	size_t raw_n = 0, zst_n = 0, a = 0, b = 0;
	int r;

	r = ssj_scan_dir(v->dir, "raw", &raw, &raw_n);
	if (r >= 0)
		r = ssj_scan_dir(v->dir, "zst", &zst, &zst_n);
	if (r < 0)
		ss_error_set(v->err, r, "读不了日志目录 cannot read the journal folder %s", v->dir);
	while (r >= 0 && (a < raw_n || b < zst_n)) {
		uint64_t x = a < raw_n ? raw[a] : UINT64_MAX;
		uint64_t y = b < zst_n ? zst[b] : UINT64_MAX;

		a += x <= y;
		b += y <= x;
		r = segment(v, x < y ? x : y, x <= y, a >= raw_n && b >= zst_n);
	}
	free(raw);
	free(zst);
	return r;
}

static int run(struct verify *v, const char *copy_dir)
{
	char path[SSJ_PATH];
	int r;

	ssj_file(path, v->dir, "tips");
	r = ss_tip_lists_read(
	    &(struct ss_tip_place){v->dir, path, copy_dir, SSJ_TIP_NAME, SSJ_TIP_MAGIC}, &v->own.l,
	    &v->copy.l, v->node, v->err);
	if (r < 0)
		return r;
	ssj_chain_start(v->node, v->chain);
	r = segments(v);
	if (r >= 0)
		r = tips_end(v, &v->own);
	if (r >= 0)
		r = tips_end(v, &v->copy);
	if (r >= 0 && v->progress)
		v->progress(v->arg, v->group);
	return r < 0 ? r : 0;
}

int ss_journal_verify(const char *dir, const char *copy_dir,
		      void (*progress)(void *, uint64_t groups), void *arg, struct ss_error *err)
{
	struct ss_error own_err = {0};
	struct verify v = {.dir = dir, .progress = progress, .arg = arg};
	int r;

	v.err = err ? err : &own_err;
	r = ssj_hash_open(&v.hash);
	if (r >= 0)
		r = run(&v, copy_dir);
	ssj_hash_close(&v.hash);
	free(v.own.l.p);
	free(v.copy.l.p);
	free(v.seen);
	free(v.side);
	free(v.buf);
	return r;
}
