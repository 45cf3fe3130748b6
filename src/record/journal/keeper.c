/* The keeper: follows the durable groups, keeps the SM3 chain and its side files, signs tips. */
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/log.h"
#include "record/journal/journal_internal.h"

#define POLL_US 100000 /* while groups come, the chain is moved this often */

static const char rec_magic[4] = {'S', 'S', 'C', '1'};

void ssj_be_low(int nice_value)
{
	setpriority(PRIO_PROCESS, (id_t)syscall(SYS_gettid), nice_value); /* only a wish */
}

/* --- side file: chain values of a raw segment, to start from after a restart --- */

void ssj_chain_rec_put(uint8_t out[SSJ_CHAIN_REC], uint64_t salt, uint64_t group, uint64_t seq,
		       const uint8_t chain[32])
{
	memcpy(out, rec_magic, 4);
	ssj_le(out + 8, salt, 8);
	ssj_le(out + 16, group, 8);
	ssj_le(out + 24, seq, 8);
	memcpy(out + 32, chain, 32);
	ssj_le(out + 4, ss_crc32c(0, out + 8, SSJ_CHAIN_REC - 8), 4);
}

int ssj_chain_rec_get(const uint8_t in[SSJ_CHAIN_REC], uint64_t salt, uint64_t *ret_group,
		      uint64_t *ret_seq, uint8_t chain[32])
{
	if (memcmp(in, rec_magic, 4) != 0 || ssj_ld(in + 8, 8) != salt ||
	    ssj_ld(in + 4, 4) != ss_crc32c(0, in + 8, SSJ_CHAIN_REC - 8))
		return SS_ECORRUPT;
	*ret_group = ssj_ld(in + 16, 8);
	*ret_seq = ssj_ld(in + 24, 8);
	memcpy(chain, in + 32, 32);
	return 0;
}

/* Reads the records of a segment into its chain marks; stops at the first that does not fit. */
static int side_load(struct ss_journal *j, struct ssj_segment *s, struct ss_error *err)
{
	char path[SSJ_PATH];
	uint8_t rec[SSJ_CHAIN_REC], chain[32];
	uint64_t group, seq, last = 0;
	int64_t at = 0;
	int fd, r = 0;

	ssj_path(path, j->dir, s->number, "chain");
	fd = ss_os()->open(path, j->read_only ? O_RDONLY : O_RDWR, 0);
	if (fd < 0)
		return 0;
	while (ss_os()->pread(fd, rec, sizeof(rec), at) == SSJ_CHAIN_REC &&
	       ssj_chain_rec_get(rec, s->head.salt, &group, &seq, chain) == 0) {
		if (group > s->last_group && !s->seal_failed && !j->read_only) {
			r = ss_error_set(
			    err, SS_ECORRUPT,
			    "日志段 segment %llu 偏移 offset %lld 组 group %llu: 已确认的组缺失 "
			    "acknowledged groups are missing, the chain had come to %llu",
			    (unsigned long long)s->number, (long long)s->end,
			    (unsigned long long)s->last_group + 1, (unsigned long long)group);
			break;
		}
		if (group + 1 < s->first_group || (s->chain_n && group <= last))
			break;
		r = ssj_chain_mark_add(s, group, chain);
		if (r < 0)
			break;
		last = group;
		at += SSJ_CHAIN_REC;
	}
	if (r >= 0 && !j->read_only)
		ss_os()->truncate(fd, at); /* only a help: made again from the groups */
	ss_os()->close(fd);
	return r;
}

struct side {
	int fd;
	int64_t at;
	struct ssj_segment *s; /* referenced by the walk */
	int64_t since;         /* bytes chained since the last record */
};

/* Nothing more is written to a disk that has failed. */
static bool disk_failed(struct ss_journal *j)
{
	return atomic_load(&j->state) == SS_JOURNAL_FAILED;
}

static void side_close(struct ss_journal *j, struct side *f)
{
	if (f->fd >= 0) {
		if (!disk_failed(j))
			ss_os()->datasync(f->fd);
		ss_os()->close(f->fd);
	}
	*f = (struct side){.fd = -1};
}

static void side_open(struct ss_journal *j, struct side *f, struct ssj_segment *s, bool fresh)
{
	char path[SSJ_PATH];

	side_close(j, f);
	f->s = s;
	ssj_path(path, j->dir, s->number, "chain");
	f->fd = ss_os()->open(path, O_RDWR | O_CREAT, 0640);
	if (f->fd < 0)
		return;
	if (fresh) /* whatever stands there is not of this segment */
		ss_os()->truncate(f->fd, 0);
	f->at = ss_os()->size(f->fd) / SSJ_CHAIN_REC * SSJ_CHAIN_REC;
}

static void side_add(struct side *f, uint64_t group, uint64_t seq, const uint8_t chain[32])
{
	uint8_t rec[SSJ_CHAIN_REC];

	f->since = 0;
	if (f->fd < 0)
		return;
	ssj_chain_rec_put(rec, f->s->head.salt, group, seq, chain);
	if (ss_os()->pwrite(f->fd, rec, sizeof(rec), f->at) >= 0)
		f->at += SSJ_CHAIN_REC;
}

/* --- at open --- */

/* The chain goes on from the first segment whose own is not whole. */
static int load_segment(struct ss_journal *j, struct ssj_segment *s, bool *ret_more,
			struct ss_error *err)
{
	const struct ssj_chain_mark *m;
	int r = 0;

	*ret_more = true;
	if (!s->sealed) {
		r = side_load(j, s, err);
		if (r < 0)
			return r;
		m = s->chain_n ? &s->chains[s->chain_n - 1] : NULL;
		if (m) {
			s->chain_end_group = m->group;
			memcpy(s->chain_end, m->chain, 32);
		} else if (s->head.prev_group == s->first_group - 1) {
			s->chain_end_group = s->head.prev_group;
			memcpy(s->chain_end, s->head.prev_chain, 32);
			r = ssj_chain_mark_add(s, s->head.prev_group, s->head.prev_chain);
		}
		*ret_more = s->chain_end_group == s->last_group;
	}
	if (s->chain_end_group >= j->chained_group && s->chain_end_group) {
		j->chained_group = s->chain_end_group;
		memcpy(j->chain, s->chain_end, 32);
	}
	return r;
}

int ssj_keeper_load(struct ss_journal *j, struct ss_error *err)
{
	struct ss_tip t;
	bool more = true;
	int r = 0;

	ssj_chain_start(j->node, j->chain);
	for (size_t i = 0; i < j->seg_n && more && r >= 0; i++)
		r = load_segment(j, j->seg[i], &more, err);
	if (r < 0)
		return r;
	if (ssj_tip_last(j, &t) < 0)
		return 0;
	j->tip_group = t.group;
	j->tip_time_us = t.time_us;
	if (t.group > j->durable_group && !j->read_only)
		return ss_error_set(err, SS_ECORRUPT,
				    "日志缺尾 the journal has lost its end: 签名锚点到第 %llu 组 a "
				    "signed tip covers group %llu, 现只有 only %llu are here (%s)",
				    (unsigned long long)t.group, (unsigned long long)t.group,
				    (unsigned long long)j->durable_group, j->dir);
	return 0;
}

/* --- running --- */

static void broken(struct ss_journal *j, const char *why)
{
	pthread_mutex_lock(&j->lock);
	j->chain_broken = true;
	pthread_mutex_unlock(&j->lock);
	ss_log_error("journal", "日志链断开 chain broken", "dir=%s after_group=%llu why=\"%s\"",
		     j->dir, (unsigned long long)j->chained_group, why);
}

static void moved(struct ss_journal *j, struct ssj_segment *s, const struct ssj_view *v,
		  const uint8_t chain[32], bool mark)
{
	SS_LOCKED(&j->lock);
	j->chained_group = v->g.number;
	memcpy(j->chain, chain, 32);
	s->chain_end_group = v->g.number;
	memcpy(s->chain_end, chain, 32);
	if (mark)
		ssj_chain_mark_add(s, v->g.number, chain);
}

struct keep {
	struct ss_journal *j;
	struct ssj_walk w;
	struct side side;
	struct ssj_hash hash;
	struct ssj_tree tree; /* groups since the last tip */
	uint8_t chain[32];
	uint64_t seq; /* last chained */
};

static size_t marks_of(struct ss_journal *j, const struct ssj_segment *s)
{
	SS_LOCKED(&j->lock);

	return s->chain_n;
}

static void enter(struct keep *k, uint64_t before)
{
	struct ssj_segment *s = k->w.s;

	side_open(k->j, &k->side, s, marks_of(k->j, s) == 0);
	if (before == s->first_group - 1 && k->side.at == 0) {
		side_add(&k->side, before, s->first_seq - 1, k->chain);
		pthread_mutex_lock(&k->j->lock);
		if (s->chain_n == 0)
			ssj_chain_mark_add(s, before, k->chain);
		pthread_mutex_unlock(&k->j->lock);
	}
}

/* Leaves a last record in the side file of a segment that is done. */
static void leave(struct keep *k, uint64_t group)
{
	if (k->side.s && k->side.since && !disk_failed(k->j))
		side_add(&k->side, group, k->seq, k->chain);
}

static int step(struct keep *k, const struct ssj_view *v)
{
	struct ss_journal *j = k->j;
	uint8_t digest[32];
	bool mark;
	int r;

	if (k->w.s != k->side.s) {
		leave(k, v->g.number - 1);
		enter(k, v->g.number - 1);
	}
	r = ssj_chain_step(&k->hash, k->chain, v->raw, v->n, digest);
	if (r >= 0 &&
	    v->g.number >= k->tree.first) /* after a restart the chain may pass a tip again */
		r = ssj_tree_add(&k->hash, &k->tree, digest);
	if (r < 0)
		return r;
	k->side.since += (int64_t)v->n;
	k->seq = v->g.first_seq + v->g.count - 1;
	mark = k->side.since >= SSJ_CHAIN_EVERY;
	moved(j, k->w.s, v, k->chain, mark);
	if (mark)
		side_add(&k->side, v->g.number, k->seq, k->chain);
	return 0;
}

/* What the last tip says about a group that the chain passes again after a restart. */
static bool agrees(struct keep *k, uint64_t group)
{
	struct ss_tip t;

	if (group != k->j->tip_group || ssj_tip_last(k->j, &t) < 0 || t.group != group)
		return true;
	return memcmp(t.chain, k->chain, 32) == 0;
}

/* Chains a part of what is durable. 1 = there may be more, 0 = all done or broken. */
static int chain_some(struct keep *k)
{
	struct ss_error err = {0};
	struct ssj_view v;

	if (k->j->chain_broken)
		return 0;
	for (int i = 0; i < 256; i++) {
		int r = ssj_walk_next(&k->w, &v, &err);

		if (r == 0)
			return 0;
		if (r > 0)
			r = step(k, &v);
		if (r < 0) {
			broken(k->j, err.code ? err.text : ss_err_name(r));
			return 0;
		}
		if (!agrees(k, v.g.number)) {
			broken(k->j, "与签名锚点不符 does not match the signed tip");
			return 0;
		}
	}
	return 1;
}

static void tip(struct keep *k)
{
	struct ss_journal *j = k->j;
	struct ss_tip t = {.group = j->chained_group,
			   .seq = k->seq,
			   .time_us = ss_time_now(),
			   .first = k->tree.first};
	int r;

	j->tip_due_us = ss_time_mono() + j->s.tip_us;
	pthread_mutex_lock(&j->lock);
	j->tip_asked = false;
	pthread_mutex_unlock(&j->lock);
	if (disk_failed(j))
		return;
	if (j->chain_broken || t.group <= j->tip_group || !k->seq)
		return;
	memcpy(t.chain, k->chain, 32);
	r = ssj_tree_root(&k->hash, &k->tree, t.root);
	if (r >= 0)
		r = ssj_tip_sign(j, &t);
	if (r >= 0)
		ssj_tree_start(&k->tree, t.group + 1);
	else
		ss_log_warn("journal", "锚点写不了，下次再试 tip not written, next time again",
			    "dir=%s group=%llu why=%s", j->dir, (unsigned long long)t.group,
			    ss_err_name(r));
}

/* Waits for groups, a tip's time or the end; false at the end. */
static bool wait_work(struct ss_journal *j)
{
	int64_t poll = ss_time_mono() + POLL_US;

	SS_LOCKED(&j->lock);
	for (;;) {
		int64_t now = ss_time_mono();
		bool waits = j->durable_group > j->chained_group && !j->chain_broken;
		bool unsigned_ = j->chained_group > j->tip_group;
		int64_t until = waits ? poll : unsigned_ ? j->tip_due_us : now + SS_US_PER_MIN;

		if (j->no_more)
			return false;
		if (j->tip_asked && (waits || unsigned_)) {
			j->tip_due_us = now;
			return true;
		}
		if (now >= until)
			return true;
		ss_cond_wait_until(&j->keeper_cond, &j->lock, until);
	}
}

/* The groups between the last tip and where the chain goes on: the next tip's tree holds them too.
 * Where they cannot be read, it begins behind them. */
static void tree_catch_up(struct keep *k)
{
	struct ss_journal *j = k->j;
	struct ss_error err = {0};
	struct ssj_view v;
	uint8_t leaf[32];
	int r;

	ssj_tree_start(&k->tree, j->tip_group + 1);
	if (j->chained_group <= j->tip_group)
		return;
	r = ssj_walk_to(&k->w, j->tip_group + 1, &err);
	while (r >= 0 && k->w.next <= j->chained_group) {
		r = ssj_walk_next(&k->w, &v, &err);
		if (r == 0)
			r = SS_ENOTFOUND;
		if (r > 0 && v.g.number > j->tip_group)
			r = ssj_group_digest(&k->hash, v.raw, v.n, leaf);
		if (r >= 0 && v.g.number > j->tip_group)
			r = ssj_tree_add(&k->hash, &k->tree, leaf);
	}
	if (r < 0)
		ssj_tree_start(&k->tree, j->chained_group + 1);
}

static int keep_start(struct keep *k, struct ss_journal *j)
{
	struct ss_error err = {0};
	int r;

	*k = (struct keep){.j = j, .side = {.fd = -1}};
	ssj_walk_init(&k->w, j);
	memcpy(k->chain, j->chain, 32);
	pthread_mutex_lock(&j->lock);
	if (j->chained_group == j->durable_group)
		k->seq = j->durable_seq;
	pthread_mutex_unlock(&j->lock);
	r = ssj_hash_open(&k->hash);
	if (r < 0)
		return r;
	tree_catch_up(k);
	r = ssj_walk_to(&k->w, j->chained_group + 1, &err);
	if (r < 0)
		broken(j, err.text);
	return 0;
}

void *ssj_keeper_main(void *arg)
{
	struct ss_journal *j = arg;
	struct keep k;
	bool more = true;

	ssj_be_low(5);
	if (keep_start(&k, j) < 0) {
		broken(j, "内存不足 out of memory");
		more = false;
	}
	while (more) {
		more = wait_work(j);
		while (chain_some(&k) > 0)
			if (ss_time_mono() >= j->tip_due_us)
				tip(&k);
		if (!more || ss_time_mono() >= j->tip_due_us)
			tip(&k);
	}
	leave(&k, j->chained_group);
	side_close(j, &k.side);
	ssj_walk_done(&k.w);
	ssj_hash_close(&k.hash);
	return NULL;
}
