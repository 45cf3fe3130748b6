/* The sealer: turns whole, chained segments into their sealed form. The raw file goes only after
 * the sealed one is synced and every group read back from it is the same, byte by byte. */
#include <fcntl.h>

#include "base/log.h"
#include "record/journal/journal_internal.h"

#define RETRY_US (5 * SS_US_PER_SEC)

static bool closing(struct ss_journal *j)
{
	SS_LOCKED(&j->lock);

	return j->closing;
}

static struct ssj_segment *ready(struct ss_journal *j)
{
	for (size_t i = 0; i < j->seg_n; i++) {
		struct ssj_segment *s = j->seg[i];

		if (!s->sealed && s->whole && !s->seal_failed && s->last_group >= s->first_group &&
		    s->chain_end_group == s->last_group) {
			ssj_segment_ref(s);
			return s;
		}
	}
	return NULL;
}

/* The chain before the segment's first group. */
static int chain_before(struct ss_journal *j, struct ssj_segment *s, uint8_t out[32])
{
	SS_LOCKED(&j->lock);
	uint64_t want = s->first_group - 1;

	if (s->chain_n && s->chains[0].group == want) {
		memcpy(out, s->chains[0].chain, 32);
		return 0;
	}
	if (s->head.prev_group == want) {
		memcpy(out, s->head.prev_chain, 32);
		return 0;
	}
	for (size_t i = 0; i < j->seg_n; i++)
		if (j->seg[i]->last_group == want && j->seg[i]->chain_end_group == want) {
			memcpy(out, j->seg[i]->chain_end, 32);
			return 0;
		}
	return SS_ENOTFOUND;
}

/* The chain after the group if there is a mark; *at moves along the marks. */
static bool chain_after(struct ss_journal *j, const struct ssj_segment *s, uint64_t group,
			size_t *at, uint8_t out[32])
{
	SS_LOCKED(&j->lock);

	while (*at < s->chain_n && s->chains[*at].group < group)
		++*at;
	if (*at >= s->chain_n || s->chains[*at].group != group)
		return false;
	memcpy(out, s->chains[*at].chain, 32);
	return true;
}

static int add_groups(struct ss_journal *j, struct ssj_segment *s, struct ssj_sealer *z,
		      struct ssj_walk *w, struct ss_error *err)
{
	struct ssj_view v = {0};
	uint8_t chain[32];
	size_t at = 0;
	int r;

	r = ssj_walk_to(w, s->first_group, err);
	while (r >= 0 && v.g.number < s->last_group) {
		if (closing(j))
			return SS_ECANCELLED;
		r = ssj_walk_next(w, &v, err);
		if (r == 0)
			r = SS_ECORRUPT;
		if (r > 0)
			r = ssj_seal_add(z, &v,
					 chain_after(j, s, v.g.number, &at, chain) ? chain : NULL);
	}
	return r;
}

static int write_sealed(struct ss_journal *j, struct ssj_segment *s, const char *tmp,
			struct ss_error *err)
{
	uint8_t head[SSJ_SEGMENT_HEAD], before[32];
	struct ssj_sealer *z = NULL;
	struct ssj_walk w;
	int r;

	ssj_head_put(head, &s->head);
	r = chain_before(j, s, before);
	if (r >= 0)
		r = ssj_seal_start(tmp, head, j->s.zstd_level, before, &z);
	if (r < 0)
		return r;
	ssj_walk_init(&w, j);
	r = add_groups(j, s, z, &w, err);
	ssj_walk_done(&w);
	if (r >= 0)
		r = ssj_seal_finish(z, s->chain_end);
	ssj_seal_free(z);
	return r;
}

/* Every block of the sealed file against the raw file. */
static int compare_block(struct ssj_sealed *z, size_t i, struct ssj_window *raw, int64_t limit,
			 uint8_t **buf, size_t *cap, struct ss_error *err)
{
	int64_t at = z->block[i].raw_at;
	size_t n, pos = 0;
	int r;

	r = ssj_sealed_block(z, i, buf, cap, &n, err);
	while (r >= 0 && pos < n) {
		const uint8_t *p;
		struct ssj_group g;
		size_t whole;

		if (n - pos < SSJ_GROUP_HEAD ||
		    ssj_group_get(*buf + pos, z->head.salt, NULL, &g) < 0)
			return SS_ECORRUPT;
		whole = SSJ_GROUP_HEAD + (size_t)g.bytes;
		if (whole > n - pos || ssj_window_get(raw, at, whole, limit, &p) <= 0 ||
		    memcmp(p, *buf + pos, whole) != 0)
			return SS_ECORRUPT;
		pos += whole;
		at = ssj_align(at + (int64_t)whole);
	}
	return r;
}

static int read_back(struct ss_journal *j, const struct ssj_segment *s, const char *tmp,
		     struct ss_error *err)
{
	struct ssj_window raw = {.fd = s->fd};
	struct ssj_sealed *z;
	uint8_t *buf = NULL;
	size_t cap = 0;
	int r;

	r = ssj_sealed_open(tmp, true, &z, err);
	if (r < 0)
		return r;
	if (z->last_group != s->last_group || z->last_seq != s->last_seq)
		r = SS_ECORRUPT;
	for (size_t i = 0; i < z->block_n && r >= 0; i++)
		r = closing(j) ? SS_ECANCELLED : compare_block(z, i, &raw, s->end, &buf, &cap, err);
	free(buf);
	ssj_window_done(&raw);
	ssj_sealed_close(z);
	return r < 0 ? r : 0;
}

static struct ssj_segment *sealed_object(const struct ssj_segment *s, int64_t file_bytes)
{
	struct ssj_segment *n = ssj_segment_new(s->number);

	if (!n)
		return NULL;
	n->head = s->head;
	n->sealed = n->whole = true;
	n->first_group = s->first_group;
	n->first_seq = s->first_seq;
	n->last_group = s->last_group;
	n->last_seq = s->last_seq;
	n->max_time = s->max_time;
	n->raw_bytes = s->raw_bytes;
	n->file_bytes = file_bytes;
	n->chain_end_group = s->chain_end_group;
	memcpy(n->chain_end, s->chain_end, 32);
	return n;
}

static void swap(struct ss_journal *j, struct ssj_segment *old, struct ssj_segment *new)
{
	SS_LOCKED(&j->lock);

	for (size_t i = 0; i < j->seg_n; i++)
		if (j->seg[i] == old)
			j->seg[i] = new;
}

static int64_t bytes_of(const char *path)
{
	int fd = ss_os()->open(path, O_RDONLY, 0);
	int64_t n;

	if (fd < 0)
		return 0;
	n = ss_os()->size(fd);
	ss_os()->close(fd);
	return n < 0 ? 0 : n;
}

/* The sealed file takes its name, and only when that is on disk the raw one goes. */
static int take_over(struct ss_journal *j, struct ssj_segment *s, const char *tmp)
{
	const struct ss_os *os = ss_os();
	struct ssj_segment *new;
	char path[SSJ_PATH], raw[SSJ_PATH], side[SSJ_PATH];
	int r;

	ssj_path(path, j->dir, s->number, "zst");
	ssj_path(raw, j->dir, s->number, "raw");
	ssj_path(side, j->dir, s->number, "chain");
	r = os->rename(tmp, path);
	if (r >= 0)
		r = os->sync_dir(j->dir);
	if (r < 0)
		return r;
	new = sealed_object(s, bytes_of(path));
	if (!new)
		return SS_ENOMEM;
	swap(j, s, new);
	os->unlink(raw);
	os->unlink(side);
	r = os->sync_dir(j->dir); /* if this is lost, both are found at open and it is done again */
	ssj_segment_unref(j, s);  /* the table's */
	return 0;
}

static int seal(struct ss_journal *j, struct ssj_segment *s)
{
	struct ss_error err = {0};
	char tmp[SSJ_PATH];
	int r;

	ssj_path(tmp, j->dir, s->number, "tmp");
	r = write_sealed(j, s, tmp, &err);
	if (r >= 0)
		r = read_back(j, s, tmp, &err);
	if (r >= 0)
		r = take_over(j, s, tmp);
	if (r >= 0)
		return 0;
	ss_os()->unlink(tmp);
	if (r == SS_ECORRUPT || r == SS_ENOTFOUND) {
		pthread_mutex_lock(&j->lock);
		s->seal_failed = true;
		pthread_mutex_unlock(&j->lock);
	}
	if (r != SS_ECANCELLED)
		ss_log_warn("journal", "封存失败，原文件保留 sealing failed, the raw file stays",
			    "dir=%s segment=%llu why=%s text=\"%s\"", j->dir,
			    (unsigned long long)s->number, ss_err_name(r), err.text);
	return r;
}

/* One segment that can be sealed, with a reference; NULL at the end. */
static struct ssj_segment *wait_ready(struct ss_journal *j, int64_t not_before)
{
	SS_LOCKED(&j->lock);
	for (;;) {
		int64_t now = ss_time_mono();
		struct ssj_segment *s = now < not_before || j->closing ? NULL : ready(j);

		if (s || j->closing)
			return s;
		ss_cond_wait_until(&j->sealer_cond, &j->lock, now + SS_US_PER_SEC);
	}
}

void *ssj_sealer_main(void *arg)
{
	struct ss_journal *j = arg;
	struct ssj_segment *s;
	int64_t not_before = 0;

	ssj_be_low(15);
	while ((s = wait_ready(j, not_before))) {
		if (seal(j, s) < 0)
			not_before = ss_time_mono() + RETRY_US;
		ssj_segment_unref(j, s);
	}
	return NULL;
}
