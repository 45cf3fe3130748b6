/* Another node's tips, kept as it sends them: every line's signature, and that each names the one
 * before it. */
#include <fcntl.h>

#include "record/journal/journal_internal.h"

struct taker {
	const char *magic;
	struct ss_sm2_key *key;
	uint8_t node[16];
	struct ss_tip last; /* group 0: none */
};

static int bad(struct ss_error *err, int64_t at, const char *zh, const char *en)
{
	return ss_error_set(err, SS_ECORRUPT, "锚点偏移 %lld %s；the tip at offset %lld %s",
			    (long long)at, zh, (long long)at, en);
}

static int take_line(struct taker *t, const char *line, int64_t at, struct ss_error *err)
{
	uint8_t prev[32] = {0};
	struct ss_tip tip;

	if (ssj_tip_parse(line, t->magic, &tip) < 0)
		return bad(err, at, "读不懂", "cannot be read");
	if (t->last.group)
		ssj_tip_digest(&t->last, t->magic, prev);
	if (tip.group <= t->last.group || memcmp(prev, tip.prev, 32) != 0)
		return bad(err, at, "接不上前一行", "does not go on from the line before");
	if (ssj_tip_check(t->key, t->magic, t->node, &tip) < 0)
		return bad(err, at, "签名不对", "has a wrong signature");
	t->last = tip;
	return 0;
}

static int keep_pub(const char *dir, const struct taker *t, struct ss_str pem)
{
	char path[SSJ_PATH];
	int fd;

	ssj_copy_path(path, dir, SSJ_TIP_NAME, t->node, "pub");
	fd = ss_os()->open(path, O_RDONLY, 0);
	if (fd < 0)
		return ss_file_write_atomic(path, pem.p, pem.n, 0644);
	ss_os()->close(fd);
	return 0;
}

static int open_copy(const char *dir, const char *name, const uint8_t node[16], int64_t *ret_size)
{
	char path[SSJ_PATH];
	int fd;

	ssj_copy_path(path, dir, name, node, "tips");
	fd = ss_os()->open(path, O_RDWR | O_CREAT, 0644);
	if (fd < 0)
		return fd;
	*ret_size = ss_os()->size(fd) / SSJ_TIP_LINE * SSJ_TIP_LINE;
	return fd;
}

int64_t ss_tip_copy_size(const char *dir, const char *name, const uint8_t node[16],
			 uint8_t ret_last[32])
{
	char path[SSJ_PATH], line[SSJ_TIP_LINE];
	int64_t n;
	int fd;

	memset(ret_last, 0, 32);
	ssj_copy_path(path, dir, name, node, "tips");
	fd = ss_os()->open(path, O_RDONLY, 0);
	if (fd < 0)
		return fd == SS_ENOTFOUND ? 0 : fd;
	n = ss_os()->size(fd);
	n = n < 0 ? n : n / SSJ_TIP_LINE * SSJ_TIP_LINE;
	if (n > 0 && (ss_os()->pread(fd, line, sizeof(line), n - SSJ_TIP_LINE) != SSJ_TIP_LINE ||
		      ss_sm3(line, sizeof(line), ret_last) < 0))
		n = SS_EIO;
	ss_os()->close(fd);
	return n;
}

static int append(struct taker *t, int fd, int64_t at, struct ss_str lines, struct ss_error *err)
{
	int64_t n = 0;
	int r = 0;

	if (at)
		r = ssj_tip_read(fd, t->magic, at / SSJ_TIP_LINE - 1, &t->last);
	for (size_t i = 0; r == 0 && i < lines.n; i += SSJ_TIP_LINE)
		r = take_line(t, lines.p + i, at + (int64_t)i, err);
	if (r == 0)
		n = ss_os()->pwrite(fd, lines.p, lines.n, at);
	return r < 0 ? r : n < 0 ? (int)n : ss_os()->datasync(fd);
}

int ss_tip_copy_append(const char *dir, const struct ss_tip_source *s, int64_t at,
		       struct ss_str lines, struct ss_error *err)
{
	struct taker t = {.magic = s->magic};
	int64_t size = 0;
	int fd, r = ss_sm2_public_from_pem(s->pem.p, s->pem.n, &t.key);

	if (r < 0 || lines.n % SSJ_TIP_LINE) {
		ss_sm2_free(t.key);
		return ss_error_set(err, SS_EPARSE, "公钥或锚点读不懂；key or tips cannot be read");
	}
	ss_tip_node(s->pem, t.node);
	fd = ss_mkdirs(dir, 0750) < 0 ? SS_EIO : open_copy(dir, s->name, t.node, &size);
	r = fd < 0 ? fd : keep_pub(dir, &t, s->pem);
	if (r >= 0 && at != size)
		r = ss_error_set(err, SS_ECONFLICT,
				 "副本有 %lld 字节，不是 %lld；the copy has %lld bytes, not %lld",
				 (long long)size, (long long)at, (long long)size, (long long)at);
	if (r >= 0)
		r = append(&t, fd, at, lines, err);
	if (fd >= 0)
		ss_os()->close(fd);
	ss_sm2_free(t.key);
	return r < 0 && err && !err->code
		   ? ss_error_set(err, r, "副本写不了（%s）；the copy cannot be written: %s",
				  ss_err_zh(r), ss_err_en(r))
		   : r;
}

void ss_tip_node(struct ss_str pem, uint8_t node[16])
{
	uint8_t d[32] = {0};

	ss_sm3(pem.p, pem.n, d);
	memcpy(node, d, 16);
}
