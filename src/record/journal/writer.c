/* The writer: gathers all lanes, writes them as groups straight out of the lanes' memory, syncs
 * once, and only then moves the durable numbers. One batch is on its way at a time; each group
 * names the first group of its batch, so that recovery can tell a torn write (nothing of a later
 * batch behind it) from damage. */
#include <fcntl.h>

#include "base/log.h"
#include "record/journal/journal_internal.h"

#define URGENT (64u << 10)
#define FULL_RETRY_US 200000

static const uint8_t zeros[SSJ_ALIGN];

void ssj_poke(struct ss_journal *j)
{
	pthread_mutex_lock(&j->wm);
	pthread_cond_signal(&j->wcond);
	pthread_mutex_unlock(&j->wm);
}

void ssj_wake_lanes(struct ss_journal *j)
{
	for (struct ss_lane *l = atomic_load(&j->lanes); l; l = l->next)
		if (l->wake_fd >= 0)
			ss_wake(l->wake_fd);
}

void ssj_set_state(struct ss_journal *j, enum ss_journal_state s)
{
	if (atomic_exchange(&j->state, (int)s) == (int)s)
		return;
	pthread_mutex_lock(&j->lock);
	pthread_cond_broadcast(&j->durable_cond);
	pthread_mutex_unlock(&j->lock);
	ssj_wake_lanes(j);
	if (s == SS_JOURNAL_FAILED)
		ss_log_error(
		    "journal",
		    "日志写入失败，停止确认 write or sync failed, nothing more is acknowledged",
		    "dir=%s", j->dir);
	else if (s == SS_JOURNAL_FULL)
		ss_log_warn("journal", "磁盘已满，暂停接收 disk full, puts wait for space",
			    "dir=%s", j->dir);
	else
		ss_log_info("journal", "磁盘有空间，继续接收 space is back", "dir=%s", j->dir);
}

/* A block kept so that others (login, alarms, audit) can still write when the disk is full: given
 * up with state FULL, and taken again before the journal goes on. */
static int reserve_take(struct ss_journal *j)
{
	int r;

	if (j->reserve_held || j->s.reserve_bytes <= 0)
		return 0;
	r = ss_os()->allocate(j->reserve_fd, 0, j->s.reserve_bytes);
	if (r < 0 && r != SS_EUNSUPPORTED) {
		ss_os()->truncate(j->reserve_fd, 0);
		return r;
	}
	j->reserve_held = true;
	return 0;
}

static void reserve_give(struct ss_journal *j)
{
	if (j->reserve_held && ss_os()->truncate(j->reserve_fd, 0) >= 0)
		j->reserve_held = false;
}

static int write_zeros(int fd, int64_t from, int64_t to)
{
	static const uint8_t blank[64 << 10];
	struct iovec iov[64];

	while (from < to) {
		int64_t left = to - from, n;
		int k = 0;

		for (; k < 64 && left > 0; k++) {
			n = left < (int64_t)sizeof(blank) ? left : (int64_t)sizeof(blank);
			iov[k] = (struct iovec){(void *)(uintptr_t)blank, (size_t)n};
			left -= n;
		}
		n = ss_os()->pwritev(fd, iov, k, from);
		if (n < 0)
			return (int)n;
		from = to - left;
	}
	return 0;
}

/* Blocks for the active file up to `upto`, in steps: written with zeros and synced before a group
 * goes there. So a full disk shows before anything is half written, and the sync of a group needs
 * nothing of the file system's own books. It must not: a file system that gives up (ext4 with its
 * journal aborted) says "done" to a sync whose block it could no longer enter there, and the group
 * it was said of reads as zero afterwards. */
static int allocate_upto(struct ss_journal *j, int64_t upto)
{
	int64_t step = SSJ_ALLOCATE < j->s.segment_bytes ? SSJ_ALLOCATE : j->s.segment_bytes;
	int64_t want, end = ssj_align(j->write_at), from = j->allocated > end ? j->allocated : end;
	int r;

	if (upto <= j->allocated)
		return 0;
	want = (upto + step - 1) / step * step;
	r = ss_os()->allocate(j->active->fd, from, want - from);
	if (r == 0 || r == SS_EUNSUPPORTED)
		r = write_zeros(j->active->fd, from, want);
	if (r >= 0)
		r = ss_os()->sync(j->active->fd);
	if (r < 0)
		return r;
	j->allocated = want;
	return 0;
}

static int head_fill(struct ss_journal *j, struct ssj_head *h, uint64_t number)
{
	*h = (struct ssj_head){
	    .number = number,
	    .first_group = j->next_group,
	    .first_seq = j->next_seq,
	    .time_us = ss_time_now(),
	};
	memcpy(h->node, j->node, 16);
	pthread_mutex_lock(&j->lock);
	h->prev_group = j->chained_group;
	memcpy(h->prev_chain, j->chain, 32);
	pthread_mutex_unlock(&j->lock);
	return ss_os()->random(&h->salt, sizeof(h->salt));
}

/* A segment appears under its name only with a whole, synced header. */
static int segment_file(struct ss_journal *j, const struct ssj_head *h)
{
	const struct ss_os *os = ss_os();
	char tmp[SSJ_PATH], path[SSJ_PATH];
	uint8_t raw[SSJ_SEGMENT_HEAD];
	int fd, r;

	ssj_path(tmp, j->dir, h->number, "new");
	ssj_path(path, j->dir, h->number, "raw");
	ssj_head_put(raw, h);
	fd = os->open(tmp, O_RDWR | O_CREAT | O_TRUNC, 0640);
	if (fd < 0)
		return fd;
	r = (int)os->pwrite(fd, raw, sizeof(raw), 0);
	if (r >= 0)
		r = os->sync(fd);
	if (r >= 0)
		r = os->rename(tmp, path);
	if (r >= 0)
		r = os->sync_dir(j->dir);
	if (r < 0) {
		os->close(fd);
		os->unlink(tmp);
		return r;
	}
	return fd;
}

static int segment_share(struct ss_journal *j, struct ssj_segment *s)
{
	SS_LOCKED(&j->lock);
	int r = ssj_table_add(j, s);

	if (r < 0)
		return r;
	if (j->active)
		j->active->whole = true;
	j->active = s;
	return 0;
}

/* Cut to its length before another follows: zeros are ahead only in the last segment. */
static int retire(struct ss_journal *j)
{
	return j->active ? ss_os()->truncate(j->active->fd, j->write_at) : 0;
}

static uint64_t last_number(struct ss_journal *j)
{
	SS_LOCKED(&j->lock);

	return j->seg_n ? j->seg[j->seg_n - 1]->number : 0;
}

int ssj_new_segment(struct ss_journal *j)
{
	struct ssj_segment *s = ssj_segment_new(last_number(j) + 1);
	int r;

	if (!s)
		return SS_ENOMEM;
	r = retire(j);
	if (r >= 0)
		r = head_fill(j, &s->head, s->number);
	if (r >= 0)
		r = s->fd = segment_file(j, &s->head);
	if (r < 0) {
		free(s);
		return r;
	}
	s->first_group = j->next_group;
	s->first_seq = j->next_seq;
	s->last_group = s->first_group - 1;
	s->last_seq = s->first_seq - 1;
	s->end = s->file_bytes = SSJ_SEGMENT_HEAD;
	r = segment_share(j, s);
	if (r < 0) {
		ss_os()->close(s->fd);
		free(s);
		return r;
	}
	j->write_at = SSJ_SEGMENT_HEAD;
	j->allocated = 0;
	return 0;
}

/* --- gathering --- */

static bool take(struct ss_lane *l)
{
	SS_LOCKED(&l->m);
	if (l->taken || l->half[l->active].n == 0)
		return false;
	l->active ^= 1;
	l->taken = true;
	l->taken_upto = l->put;
	return true;
}

static void give_back(struct ss_lane *l)
{
	struct ssj_half *h = &l->half[l->active ^ 1];

	SS_LOCKED(&l->m);
	h->n = 0;
	h->chunk_n = 0;
	l->taken = false;
}

/* Bytes waiting in the lanes, and since when. */
static size_t waiting(struct ss_journal *j, int64_t *ret_since)
{
	size_t n = 0;

	*ret_since = INT64_MAX;
	for (struct ss_lane *l = atomic_load(&j->lanes); l; l = l->next) {
		SS_LOCKED(&l->m);
		const struct ssj_half *h = &l->half[l->active];

		if (h->n && h->since_us < *ret_since)
			*ret_since = h->since_us;
		n += h->n;
	}
	return n;
}

/* Until something is worth writing; false when told to stop and nothing is left. */
static bool gather_wait(struct ss_journal *j)
{
	SS_LOCKED(&j->wm);
	for (;;) {
		int64_t since;
		size_t n;

		atomic_store(&j->writer_idle, true);
		n = waiting(j, &since);
		if (n)
			atomic_store(&j->writer_idle, false);
		if (atomic_load(&j->writer_stop))
			return n > 0;
		if (n >= URGENT || (n && j->s.group_us == 0))
			return true;
		if (!n)
			pthread_cond_wait(&j->wcond, &j->wm);
		else if (!ss_cond_wait_until(&j->wcond, &j->wm, since + j->s.group_us))
			return true;
	}
}

static int iov_add(struct ss_journal *j, void *p, size_t n)
{
	int r;

	r = ss_grow(&j->iov, &j->iov_cap, j->iov_n + 1, sizeof(*j->iov));
	if (r < 0)
		return r;
	j->iov[j->iov_n++] = (struct iovec){p, n};
	return 0;
}

struct build {
	struct ss_journal *j;
	struct ssj_group g; /* being filled */
	size_t first_iov;   /* of its body */
	uint64_t batch;
	int64_t bytes; /* of all, with padding */
};

static int group_open(struct build *b)
{
	struct ss_journal *j = b->j;

	b->g = (struct ssj_group){
	    .number = b->batch + j->group_n,
	    .batch = b->batch,
	    .first_seq = j->group_n
			     ? j->groups[j->group_n - 1].first_seq + j->groups[j->group_n - 1].count
			     : j->next_seq,
	    .time_us = ss_time_now(),
	};
	b->first_iov = j->iov_n + 1;
	return iov_add(j, NULL, SSJ_GROUP_HEAD); /* its header: placed when the array stands */
}

static int group_close(struct build *b)
{
	struct ss_journal *j = b->j;
	size_t n = SSJ_GROUP_HEAD + b->g.bytes;
	size_t pad = (size_t)ssj_align((int64_t)n) - n;
	int r;

	r = ss_grow(&j->groups, &j->group_cap, j->group_n + 1, sizeof(*j->groups));
	if (r == 0 && pad)
		r = iov_add(j, (void *)(uintptr_t)zeros, pad);
	if (r < 0)
		return r;
	j->groups[j->group_n++] = b->g;
	b->bytes += (int64_t)(n + pad);
	b->g.count = 0;
	return 0;
}

static int add_piece(struct build *b, uint8_t *p, size_t n, uint32_t count)
{
	int r = 0;

	if (!b->g.count)
		r = group_open(b);
	if (r == 0)
		r = iov_add(b->j, p, n);
	if (r < 0)
		return r;
	b->g.bytes += (uint32_t)n;
	b->g.count += count;
	return b->g.bytes >= SSJ_GROUP_TARGET ? group_close(b) : 0;
}

static int add_lane(struct build *b, struct ss_lane *l)
{
	struct ssj_half *h = &l->half[l->active ^ 1];
	size_t from = 0;
	int r = 0;

	for (size_t i = 0; i < h->chunk_n && r == 0; i++) {
		r = add_piece(b, h->p + from, h->chunk[i].end - from, h->chunk[i].count);
		from = h->chunk[i].end;
	}
	return r;
}

/* Headers and CRC, once the arrays no longer move. */
static int stamp(struct ss_journal *j)
{
	size_t cap = 0, at = 0;

	free(j->heads);
	j->heads = NULL;
	if (ss_grow(&j->heads, &cap, j->group_n, sizeof(*j->heads)) < 0)
		return SS_ENOMEM;
	for (size_t g = 0; g < j->group_n; g++) {
		size_t body = at + 1, left = j->groups[g].bytes;

		ssj_group_put(j->heads[g], j->active->head.salt, &j->groups[g]);
		j->iov[at++].iov_base = j->heads[g];
		while (left)
			left -= j->iov[at++].iov_len;
		ssj_group_seal(j->heads[g], &j->iov[body], (int)(at - body));
		if (at < j->iov_n && j->iov[at].iov_base == zeros)
			at++;
	}
	return 0;
}

static int build(struct ss_journal *j, int64_t *ret_bytes)
{
	struct build b = {.j = j, .batch = j->next_group};
	int r = 0;

	j->iov_n = j->group_n = 0;
	for (struct ss_lane *l = atomic_load(&j->lanes); l && r == 0; l = l->next)
		if (l->taken)
			r = add_lane(&b, l);
	if (r == 0 && b.g.count)
		r = group_close(&b);
	*ret_bytes = b.bytes;
	return r;
}

/* --- writing --- */

/* What passes by itself: no space, no descriptor for the next segment, no memory. Nothing of the
 * batch is on disk then, so it is tried again. */
static bool passes(int r)
{
	return r == SS_ENOSPC || r == SS_EFDS || r == SS_ENOMEM;
}

/* Puts the batch into the file. Whatever a failed write left behind is cut off again: it was never
 * acknowledged. */
static int put_batch(struct ss_journal *j, int64_t bytes)
{
	int64_t w;
	int r;

	r = reserve_take(j);
	if (r >= 0 && j->active->end >= j->s.segment_bytes)
		r = ssj_new_segment(j);
	if (r >= 0)
		r = allocate_upto(j, ssj_align(j->write_at) + bytes);
	if (r >= 0)
		r = stamp(j);
	if (r < 0)
		return r;
	w = ss_os()->pwritev(j->active->fd, j->iov, (int)j->iov_n, ssj_align(j->write_at));
	if (w >= 0)
		return 0;
	if (passes((int)w)) {
		if (ss_os()->truncate(j->active->fd, j->write_at) < 0)
			return SS_EIO;
		j->allocated = 0;
	}
	return (int)w;
}

static void publish(struct ss_journal *j, int64_t bytes)
{
	struct ssj_segment *s = j->active;
	int64_t at = ssj_align(j->write_at);
	const struct ssj_group *last = &j->groups[j->group_n - 1];

	SS_LOCKED(&j->lock);
	for (size_t i = 0; i < j->group_n; i++) {
		int64_t n = SSJ_GROUP_HEAD + (int64_t)j->groups[i].bytes;

		ssj_mark_add(s, &j->groups[i], at); /* without memory: a coarser index */
		s->raw_bytes += n;
		at += ssj_align(n);
	}
	j->write_at = ssj_align(j->write_at) + bytes;
	s->end = s->file_bytes = j->write_at;
	j->durable_group = last->number;
	j->durable_seq = last->first_seq + last->count - 1;
	j->syncs++;
	j->next_group = j->durable_group + 1;
	j->next_seq = j->durable_seq + 1;
	for (struct ss_lane *l = atomic_load(&j->lanes); l; l = l->next)
		if (l->taken)
			atomic_store_explicit(&l->durable, l->taken_upto, memory_order_release);
	pthread_cond_broadcast(&j->durable_cond);
	pthread_cond_signal(&j->keeper_cond);
}

static void give_all_back(struct ss_journal *j)
{
	for (struct ss_lane *l = atomic_load(&j->lanes); l; l = l->next) {
		if (!l->taken)
			continue;
		give_back(l);
		if (l->wake_fd >= 0)
			ss_wake(l->wake_fd);
	}
}

/* Waits a while before the next try; on a full disk gives the reserved block to the others. False
 * when told to stop. */
static bool retry_wait(struct ss_journal *j, int why)
{
	int64_t until = ss_time_mono() + FULL_RETRY_US;

	if (why == SS_ENOSPC) {
		reserve_give(j);
		ssj_set_state(j, SS_JOURNAL_FULL);
	} else {
		ss_log_warn("journal", "暂时写不了，稍后再试 cannot write now, trying again",
			    "dir=%s why=%s", j->dir, ss_err_name(why));
	}
	SS_LOCKED(&j->wm);
	while (!atomic_load(&j->writer_stop))
		if (!ss_cond_wait_until(&j->wcond, &j->wm, until))
			return true;
	return false;
}

/* 0 when the batch is durable. After a failed sync nothing is tried again: the kernel may have
 * dropped the pages and call them clean. */
static int commit(struct ss_journal *j)
{
	int64_t bytes;
	int r;

	do {
		r = build(j, &bytes);
		if (r >= 0)
			r = put_batch(j, bytes);
	} while (passes(r) && retry_wait(j, r));
	if (passes(r))
		return r;
	if (r >= 0)
		r = ss_os()->datasync(j->active->fd);
	if (r < 0) {
		ssj_set_state(j, SS_JOURNAL_FAILED);
		return r;
	}
	publish(j, bytes);
	ssj_set_state(j, SS_JOURNAL_OK);
	give_all_back(j);
	return 0;
}

void *ssj_writer_main(void *arg)
{
	struct ss_journal *j = arg;

	while (gather_wait(j)) {
		for (struct ss_lane *l = atomic_load(&j->lanes); l; l = l->next)
			take(l);
		if (commit(j) < 0)
			break;
	}
	pthread_mutex_lock(&j->lock);
	j->no_more = true;
	pthread_cond_signal(&j->keeper_cond);
	pthread_mutex_unlock(&j->lock);
	return NULL;
}
