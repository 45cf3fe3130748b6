/* Opening: the table of segments, the tail of the last one. */
#include <fcntl.h>

#include "base/log.h"
#include "record/journal/journal_internal.h"

/* Padding between the end of a group and the next start is zero. */
static bool padding_good(struct ssj_window *w, int64_t end, int64_t limit)
{
	int64_t to = ssj_align(end) < limit ? ssj_align(end) : limit;
	const uint8_t *p;

	if (to == end)
		return true;
	if (ssj_window_get(w, end, (size_t)(to - end), limit, &p) <= 0)
		return false;
	for (int64_t i = 0; i < to - end; i++)
		if (p[i])
			return false;
	return true;
}

/* What stands behind the damage at ret->bad: looks from `at` on for a whole group of a batch above
 * `torn`, the batch that a write may have left half done. */
static int tail(struct ssj_segment *s, struct ssj_window *w, int64_t at, int64_t limit,
		uint64_t torn, struct ssj_tail *ret)
{
	struct ssj_group g;
	int64_t from = at;
	int r;

	while ((r = ssj_resync(w, from, limit, s->head.salt, s->last_group + 1, &from, &g)) > 0) {
		if (g.batch > torn) { /* written after what stood at `at` was synced */
			ret->later = g.number;
			ret->later_at = from;
			return 0;
		}
		from += SSJ_ALIGN;
	}
	return r;
}

int ssj_walk_raw(struct ssj_segment *s, int64_t limit, bool full, struct ssj_tail *ret)
{
	struct ssj_window w = {.fd = s->fd};
	int64_t at = ssj_align(SSJ_SEGMENT_HEAD);
	uint64_t torn = 0;
	int r = 0;

	*ret = (struct ssj_tail){.bad = -1};
	for (;;) {
		struct ssj_group g;
		const uint8_t *p;

		r = ssj_group_read(&w, at, limit, s->head.salt, full, &g, &p, &ret->why);
		if (r > 0 && (g.number != s->last_group + 1 || g.first_seq != s->last_seq + 1)) {
			ret->why = "组号或序号不连续 numbers do not continue";
			r = SS_ECORRUPT;
		}
		if (r <= 0)
			break;
		r = ssj_mark_add(s, &g, at);
		s->raw_bytes += SSJ_GROUP_HEAD + (int64_t)g.bytes;
		s->end = at + SSJ_GROUP_HEAD + (int64_t)g.bytes;
		at = ssj_align(s->end);
		if (r < 0)
			break;
		if (full && at < limit && !padding_good(&w, s->end, limit)) {
			/* No write leaves that: it is cut off only when no group follows. */
			ret->why = "填充不是零 padding is not zero";
			ret->bad = s->end;
			r = SS_ECORRUPT;
			break;
		}
		s->end = at < limit ? at : limit; /* with the padding that is there */
	}
	if (r == SS_ECORRUPT && ret->bad < 0) {
		ret->bad = at;
		torn = s->last_group + 1;
	}
	if (r == SS_ECORRUPT)
		r = tail(s, &w, at, limit, torn, ret);
	ssj_window_done(&w);
	return r < 0 ? r : 0;
}

static int add(struct ss_journal *j, struct ssj_segment *s)
{
	SS_LOCKED(&j->lock);
	return ssj_table_add(j, s);
}

static int open_sealed(struct ss_journal *j, uint64_t number, struct ss_error *err)
{
	struct ssj_segment *s;
	struct ssj_sealed *z;
	char path[SSJ_PATH];
	int r;

	ssj_path(path, j->dir, number, "zst");
	r = ssj_sealed_open(path, false, &z, err);
	if (r < 0)
		return r;
	s = ssj_segment_new(number);
	if (!s) {
		ssj_sealed_close(z);
		return SS_ENOMEM;
	}
	s->head = z->head;
	s->sealed = s->whole = true;
	s->first_group = z->head.first_group;
	s->first_seq = z->head.first_seq;
	s->last_group = z->last_group;
	s->last_seq = z->last_seq;
	s->max_time = z->max_time;
	s->raw_bytes = z->raw_bytes;
	s->file_bytes = z->file_bytes;
	memcpy(s->chain_end, z->chain_end, 32);
	s->chain_end_group = z->last_group;
	ssj_sealed_close(z);
	return add(j, s);
}

/* A raw segment that another follows: was whole when that one was begun. Only its headers are
 * walked here; damage shows when its groups are read. */
static int open_whole(struct ss_journal *j, uint64_t number, struct ss_error *err)
{
	struct ssj_segment *s;
	struct ssj_tail t;
	int r;

	r = ssj_segment_open_raw(j->dir, number, false, &s, err);
	if (r < 0)
		return r;
	r = ssj_walk_raw(s, s->file_bytes, false, &t);
	s->whole = true;
	s->seal_failed = t.bad >= 0;
	if (s->seal_failed)
		s->end = s->file_bytes;
	if (r >= 0)
		r = add(j, s);
	if (r < 0)
		ssj_segment_unref(j, s);
	return r;
}

static int torn(struct ss_journal *j, struct ssj_segment *s, const struct ssj_tail *t,
		struct ss_error *err)
{
	if (t->later)
		return ss_error_set(err, SS_ECORRUPT,
				    "日志段 segment %llu 偏移 offset %lld 组 group %llu: "
				    "%s；其后还有完好的组 whole groups follow (%llu at %lld). "
				    "请从副本恢复该文件 restore the file from a copy: %s",
				    (unsigned long long)s->number, (long long)t->bad,
				    (unsigned long long)s->last_group + 1, t->why,
				    (unsigned long long)t->later, (long long)t->later_at, j->dir);
	return 0;
}

static int cut_tail(struct ssj_segment *s, struct ss_error *err)
{
	const struct ss_os *os = ss_os();
	int r;

	r = os->truncate(s->fd, s->end);
	if (r >= 0)
		r = os->sync(s->fd);
	if (r < 0)
		return ss_error_set(err, r,
				    "截不掉未写完的日志尾 cannot cut the torn tail of segment %llu",
				    (unsigned long long)s->number);
	s->file_bytes = s->end;
	return 0;
}

/* For reading only: groups behind damage in the last segment count too. */
static int to_last_group(struct ssj_segment *s, int64_t at)
{
	struct ssj_window w = {.fd = s->fd};
	struct ssj_group g;
	int r;

	while ((r = ssj_resync(&w, at, s->file_bytes, s->head.salt, s->last_group + 1, &at, &g)) >
	       0) {
		s->last_group = g.number;
		s->last_seq = g.first_seq + g.count - 1;
		at += SSJ_GROUP_HEAD + (int64_t)g.bytes;
		s->end = at;
	}
	ssj_window_done(&w);
	return r;
}

static int open_last(struct ss_journal *j, uint64_t number, struct ss_error *err)
{
	struct ssj_segment *s;
	struct ssj_tail t;
	int r;

	r = ssj_segment_open_raw(j->dir, number, !j->read_only, &s, err);
	if (r < 0)
		return r;
	r = ssj_walk_raw(s, s->file_bytes, true, &t);
	if (r < 0)
		ss_error_set(err, r, "读不了日志段 cannot read segment %llu",
			     (unsigned long long)number);
	if (r >= 0 && t.bad >= 0 && !j->read_only)
		r = torn(j, s, &t, err);
	if (r >= 0 && !j->read_only && s->file_bytes != s->end)
		r = cut_tail(s, err);
	if (r >= 0 && j->read_only && t.later)
		r = to_last_group(s, t.later_at);
	if (r >= 0)
		r = add(j, s);
	if (r < 0) {
		ssj_segment_unref(j, s);
		return r;
	}
	j->active = s;
	return 0;
}

/* An older segment that cannot be opened does not stop the journal: its groups are missing, and
 * every reader that comes by says so. */
static int skip_damaged(struct ss_journal *j, uint64_t number, struct ss_error *err)
{
	ss_log_error("journal", "日志段损坏，跳过 segment damaged, passed over",
		     "dir=%s segment=%llu why=\"%s\"", j->dir, (unsigned long long)number,
		     err ? err->text : "");
	return 0;
}

struct names {
	uint64_t *raw, *zst;
	size_t raw_n, zst_n;
};

/* Both forms of one segment: sealing was broken off before the raw file went. The raw one counts;
 * sealing it again replaces the other. */
static int open_all(struct ss_journal *j, const struct names *n, struct ss_error *err)
{
	size_t a = 0, b = 0;
	int r = 0;

	while (r >= 0 && (a < n->raw_n || b < n->zst_n)) {
		uint64_t raw = a < n->raw_n ? n->raw[a] : UINT64_MAX;
		uint64_t zst = b < n->zst_n ? n->zst[b] : UINT64_MAX;

		if (zst < raw)
			r = open_sealed(j, zst, err);
		else if (a + 1 < n->raw_n || b + (zst == raw) < n->zst_n)
			r = open_whole(j, raw, err);
		else
			return open_last(j, raw, err);
		a += raw <= zst;
		b += zst <= raw;
		if (r == SS_ECORRUPT)
			r = skip_damaged(j, zst < raw ? zst : raw, err);
	}
	return r;
}

static void drop_left_over(struct ss_journal *j, const char *ext)
{
	uint64_t *list;
	size_t n;

	if (ssj_scan_dir(j->dir, ext, &list, &n) < 0)
		return;
	for (size_t i = 0; i < n; i++) {
		char path[SSJ_PATH];

		ssj_path(path, j->dir, list[i], ext);
		ss_os()->unlink(path);
	}
	free(list);
}

static int continue_numbers(struct ss_journal *j)
{
	struct ssj_segment *last = j->seg_n ? j->seg[j->seg_n - 1] : NULL;

	for (size_t i = 0; i + 1 < j->seg_n; i++)
		if (j->seg[i]->seal_failed) { /* the walk stopped at the damage */
			j->seg[i]->last_group = j->seg[i + 1]->first_group - 1;
			j->seg[i]->last_seq = j->seg[i + 1]->first_seq - 1;
		}
	j->durable_group = last ? last->last_group : 0;
	j->durable_seq = last ? last->last_seq : 0;
	j->next_group = j->durable_group + 1;
	j->next_seq = j->durable_seq + 1;
	if (j->active) {
		j->write_at = j->active->end;
		j->allocated = 0;
	}
	return 0;
}

int ssj_recover(struct ss_journal *j, struct ss_error *err)
{
	struct names n = {0};
	int r;

	if (!j->read_only) {
		drop_left_over(j, "new");
		drop_left_over(j, "tmp");
	}
	r = ssj_scan_dir(j->dir, "raw", &n.raw,
			 &n.raw_n); /* first: sealing makes zst, then drops raw */
	if (r >= 0)
		r = ssj_scan_dir(j->dir, "zst", &n.zst, &n.zst_n);
	if (r < 0)
		ss_error_set(err, r, "读不了日志目录 cannot read the journal folder %s", j->dir);
	else
		r = open_all(j, &n, err);
	free(n.raw);
	free(n.zst);
	return r < 0 ? r : continue_numbers(j);
}
