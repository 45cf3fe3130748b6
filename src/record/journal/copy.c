/* A copy of the journal up to a moment, byte for byte what it was then: whole sealed segments as
 * they are, the one in which the moment lies as groups of the raw form. Chain and tips hold in the
 * copy as they did. */
#include <fcntl.h>

#include "record/journal/journal_internal.h"

struct copy {
	struct ss_journal *j;
	const char *to;
	int64_t until_us;
	bool ended; /* the moment has come: nothing behind it */
	struct ss_journal_copied done;
};

static int copy_sealed(struct copy *c, const struct ssj_segment *s, struct ss_error *err)
{
	char from[SSJ_PATH], to[SSJ_PATH];
	int r;

	ssj_path(from, c->j->dir, s->number, "zst");
	ssj_path(to, c->to, s->number, "zst");
	r = ss_file_copy(from, to, 0640, NULL);
	if (r < 0)
		return ss_error_set(err, r, "复制不了 %s（%s）；cannot copy %s: %s", from,
				    ss_err_zh(r), from, ss_err_en(r));
	c->done.groups = s->last_group;
	c->done.entries = s->last_seq;
	return 0;
}

static int put_group(struct copy *c, int fd, const struct ssj_view *v)
{
	int64_t n = ss_os()->pwrite(fd, v->raw, v->n, v->at);

	if (n < 0)
		return (int)n;
	c->done.groups = v->g.number;
	c->done.entries = v->g.first_seq + v->g.count - 1;
	return 0;
}

static int copy_groups(struct copy *c, const struct ssj_segment *s, int fd, struct ss_error *err)
{
	uint8_t head[SSJ_SEGMENT_HEAD];
	struct ssj_view v = {0};
	struct ssj_walk w;
	int64_t n;
	int r;

	ssj_head_put(head, &s->head);
	n = ss_os()->pwrite(fd, head, sizeof(head), 0);
	ssj_walk_init(&w, c->j);
	r = n < 0 ? (int)n : ssj_walk_to(&w, s->first_group, err);
	while (r >= 0 && c->done.groups < s->last_group) {
		r = ssj_walk_next(&w, &v, err);
		if (r <= 0)
			break;
		c->ended = v.g.time_us > c->until_us;
		if (c->ended)
			break;
		r = put_group(c, fd, &v);
	}
	ssj_walk_done(&w);
	return r;
}

static int copy_raw(struct copy *c, const struct ssj_segment *s, struct ss_error *err)
{
	char to[SSJ_PATH];
	uint64_t before = c->done.groups;
	int fd, r, synced;

	ssj_path(to, c->to, s->number, "raw");
	fd = ss_os()->open(to, O_RDWR | O_CREAT | O_EXCL, 0640);
	if (fd < 0)
		return ss_error_set(err, fd, "建不了 %s；cannot make %s", to, to);
	r = copy_groups(c, s, fd, err);
	synced = r < 0 ? r : ss_os()->sync(fd);
	ss_os()->close(fd);
	if (synced >= 0 && c->done.groups == before && c->ended)
		synced = ss_os()->unlink(to); /* nothing of it is that old */
	if (synced < 0 && (!err || !err->code))
		ss_error_set(err, synced, "写不了 %s（%s）；cannot write %s: %s", to,
			     ss_err_zh(synced), to, ss_err_en(synced));
	return synced < 0 ? synced : 0;
}

static int copy_tips(struct copy *c)
{
	char to[SSJ_PATH], line[SSJ_TIP_LINE];
	int64_t n = 0, at = 0;
	struct ss_tip t;
	int fd, r = 0;

	ssj_file(to, c->to, "tips");
	fd = ss_os()->open(to, O_RDWR | O_CREAT | O_EXCL, 0644);
	if (fd < 0)
		return fd;
	for (; r == 0 && at < c->j->tips.size; at += SSJ_TIP_LINE) {
		r = ssj_tip_read(c->j->tips.fd, SSJ_TIP_MAGIC, at / SSJ_TIP_LINE, &t);
		if (r < 0 || t.group > c->done.groups)
			break;
		n = ss_os()->pread(c->j->tips.fd, line, sizeof(line), at);
		if (n == SSJ_TIP_LINE)
			n = ss_os()->pwrite(fd, line, sizeof(line), at);
		r = n < 0 ? (int)n : 0;
	}
	/* A last line that is just being written is not one yet. */
	if (r == SS_ENOTFOUND || (r == SS_ECORRUPT && at + 2 * SSJ_TIP_LINE > c->j->tips.size))
		r = 0;
	if (r == 0)
		r = ss_os()->sync(fd);
	ss_os()->close(fd);
	return r;
}

static int copy_rest(struct copy *c, struct ss_error *err)
{
	char from[SSJ_PATH], to[SSJ_PATH];
	int r = c->j->tips.fd < 0 ? 0 : copy_tips(c);

	ssj_file(from, c->j->dir, "node.pub");
	ssj_file(to, c->to, "node.pub");
	if (r >= 0)
		r = ss_file_copy(from, to, 0644, NULL);
	if (r >= 0)
		r = ss_os()->sync_dir(c->to);
	return r < 0 ? ss_error_set(err, r,
				    "日志的锚点复制不了（%s）；the tips of the journal cannot be "
				    "copied: %s",
				    ss_err_zh(r), ss_err_en(r))
		     : 0;
}

int ss_journal_copy(const char *dir, const char *to, int64_t until_us,
		    struct ss_journal_copied *ret, struct ss_error *err)
{
	const struct ss_journal_settings s = {.dir = dir, .read_only = true};
	struct copy c = {.to = to, .until_us = until_us};
	int r = ss_journal_open(&s, &c.j, err);

	if (r < 0)
		return r;
	r = ss_mkdirs(to, 0750);
	if (r < 0)
		ss_error_set(err, r, "建不了 %s；cannot make %s", to, to);
	for (size_t i = 0; r >= 0 && i < c.j->seg_n && !c.ended; i++) {
		const struct ssj_segment *seg = c.j->seg[i];

		if (seg->sealed && seg->max_time <= until_us)
			r = copy_sealed(&c, seg, err);
		else
			r = copy_raw(&c, seg, err);
	}
	if (r >= 0)
		r = copy_rest(&c, err);
	ss_journal_close(c.j);
	if (r >= 0)
		*ret = c.done;
	return r < 0 ? r : 0;
}

/* --- how often this node was restored --- */

int ss_journal_epoch(const char *dir, struct ss_epoch *ret)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(100);
	struct ss_str rest, number;
	char path[SSJ_PATH];
	int r;

	ssj_file(path, dir, "epoch");
	*ret = (struct ss_epoch){0};
	r = ss_file_read(path, &b);
	if (r < 0)
		return r == SS_ENOTFOUND ? 0 : r;
	rest = ss_str_trim(ss_buf_str(&b));
	if (!ss_str_split(&rest, ' ', &number) || ss_parse_i64(number, &ret->number) < 0 ||
	    ss_parse_i64(rest, &ret->at_us) < 0)
		return SS_ECORRUPT;
	return 0;
}

int ss_journal_epoch_set(const char *dir, const struct ss_epoch *e)
{
	char path[SSJ_PATH], text[64];
	int n =
	    snprintf(text, sizeof(text), "%lld %lld\n", (long long)e->number, (long long)e->at_us);

	ssj_file(path, dir, "epoch");
	return ss_file_write_atomic(path, text, (size_t)n, 0644);
}
