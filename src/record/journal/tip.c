/* Signed tips: one line of fixed length each, so that people can read and print them and programs
 * can find one by halving. What is signed is the node id and the line up to the chain value. */
#include <fcntl.h>

#include "base/log.h"
#include "record/journal/journal_internal.h"

#define FRONT 285 /* "MAGIC6 group seq time first root prev chain": the signed part */

static void hex(char *out, const void *p, size_t n)
{
	ss_hex_encode(out, p, n);
}

static void front(char out[FRONT + 1], const char *magic, const struct ss_tip *t)
{
	char root[65] = {0}, prev[65] = {0}, chain[65] = {0};

	hex(root, t->root, 32);
	hex(prev, t->prev, 32);
	hex(chain, t->chain, 32);
	snprintf(out, FRONT + 1, "%.6s %020llu %020llu %020llu %020llu %s %s %s", magic,
		 (unsigned long long)t->group, (unsigned long long)t->seq,
		 (unsigned long long)t->time_us, (unsigned long long)t->first, root, prev, chain);
}

size_t ssj_tip_message(char *out, size_t cap, const char *magic, const uint8_t node[16],
		       const struct ss_tip *t)
{
	char id[33], line[FRONT + 1];
	int n;

	hex(id, node, 16);
	id[32] = 0;
	front(line, magic, t);
	n = snprintf(out, cap, "%s %s", id, line);
	return n < 0 ? 0 : (size_t)n;
}

void ssj_tip_digest(const struct ss_tip *t, const char *magic, uint8_t ret[32])
{
	char line[FRONT + 1];

	front(line, magic, t);
	if (ss_sm3(line, FRONT, ret) < 0)
		memset(ret, 0, 32);
}

static void tip_line(char out[SSJ_TIP_LINE + 1], const char *magic, const struct ss_tip *t)
{
	char line[FRONT + 1];
	uint8_t sig[80] = {0};
	char sig_hex[161];
	int n;

	memcpy(sig, t->sig, t->sig_n);
	hex(sig_hex, sig, 80);
	sig_hex[160] = 0;
	front(line, magic, t);
	n = snprintf(out, SSJ_TIP_LINE + 1, "%s %02u %s", line, (unsigned)t->sig_n, sig_hex);
	snprintf(out + n, (size_t)(SSJ_TIP_LINE + 1 - n), " %08x\n", ss_crc32c(0, out, (size_t)n));
}

static int number(const char *p, uint64_t *ret)
{
	return ss_parse_u64(ss_str_n(p, 20), ret) < 0 ? SS_ECORRUPT : 0;
}

int ssj_tip_parse(const char line[SSJ_TIP_LINE], const char *magic, struct ss_tip *ret)
{
	struct ss_tip t = {0};
	char again[SSJ_TIP_LINE + 1];
	uint64_t time, n;
	size_t got;

	if (number(line + 7, &t.group) < 0 || number(line + 28, &t.seq) < 0 ||
	    number(line + 49, &time) < 0 || number(line + 70, &t.first) < 0 ||
	    ss_parse_u64(ss_str_n(line + FRONT + 1, 2), &n) < 0 || n > 80)
		return SS_ECORRUPT;
	t.time_us = (int64_t)time;
	t.sig_n = (size_t)n;
	if (ss_hex_decode(ss_str_n(line + 91, 64), t.root, 32, &got) < 0 ||
	    ss_hex_decode(ss_str_n(line + 156, 64), t.prev, 32, &got) < 0 ||
	    ss_hex_decode(ss_str_n(line + 221, 64), t.chain, 32, &got) < 0 ||
	    ss_hex_decode(ss_str_n(line + FRONT + 4, 160), t.sig, 80, &got) < 0)
		return SS_ECORRUPT;
	tip_line(again, magic, &t); /* says the CRC and every blank too */
	if (memcmp(again, line, SSJ_TIP_LINE) != 0)
		return SS_ECORRUPT;
	*ret = t;
	return 0;
}

int ssj_tip_check(const struct ss_sm2_key *k, const char *magic, const uint8_t node[16],
		  const struct ss_tip *t)
{
	char msg[512];
	size_t n = ssj_tip_message(msg, sizeof(msg), magic, node, t);

	return ss_sm2_verify(k, msg, n, t->sig, t->sig_n);
}

int ssj_tip_read(int fd, const char *magic, int64_t i, struct ss_tip *ret)
{
	char line[SSJ_TIP_LINE];
	int64_t n = ss_os()->pread(fd, line, sizeof(line), i * SSJ_TIP_LINE);

	if (n < 0)
		return (int)n;
	return n < SSJ_TIP_LINE ? SS_ENOTFOUND : ssj_tip_parse(line, magic, ret);
}

int ssj_tip_first(struct ss_journal *j, uint64_t group, int64_t *ret_i, struct ss_tip *ret)
{
	int64_t lo = 0, hi;
	int fd;

	pthread_mutex_lock(&j->lock);
	hi = j->tips.size / SSJ_TIP_LINE;
	fd = j->tips.fd;
	pthread_mutex_unlock(&j->lock);
	if (fd < 0)
		return SS_ENOTFOUND;
	while (lo < hi) {
		int64_t mid = (lo + hi) / 2;
		struct ss_tip t;
		int r = ssj_tip_read(fd, SSJ_TIP_MAGIC, mid, &t);

		if (r < 0)
			return r;
		if (t.group < group)
			lo = mid + 1;
		else
			hi = mid;
	}
	*ret_i = lo;
	return ssj_tip_read(fd, SSJ_TIP_MAGIC, lo, ret);
}

int ssj_tip_last(struct ss_journal *j, struct ss_tip *ret)
{
	return ss_tips_last(&j->tips, ret);
}

void ssj_node_of(const char *pem, uint8_t node[16])
{
	uint8_t d[32] = {0};

	ss_sm3(pem, strlen(pem), d);
	memcpy(node, d, 16);
}

void ssj_copy_path(char out[SSJ_PATH], const char *copy_dir, const char *name,
		   const uint8_t node[16], const char *ext)
{
	char id[33];

	hex(id, node, 16);
	id[32] = 0;
	snprintf(out, SSJ_PATH, "%s/%s-%s.%s", copy_dir, name, id, ext);
}

/* --- the key --- */

static int key_write(struct ss_journal *j, struct ss_error *err)
{
	char key[SSJ_PATH], pub[SSJ_PATH];
	ss_cleanup(ss_buf_done) struct ss_buf old = SS_BUF_MAX(4096);
	char *pem;
	int r;

	ssj_file(key, j->dir, "node.key");
	ssj_file(pub, j->dir, "node.pub");
	r = ss_sm2_load_or_make(key, &j->key, err);
	if (r < 0)
		return r;
	r = ss_sm2_public_pem(j->key, &pem);
	if (r < 0)
		return ss_error_set(err, r, "读不出节点公钥 no public part in %s", key);
	ssj_node_of(pem, j->node);
	if (ss_file_read(pub, &old) < 0 || !ss_str_is(ss_buf_str(&old), pem))
		r = ss_file_write_atomic(pub, pem, strlen(pem), 0644);
	free(pem);
	return r < 0 ? ss_error_set(err, r, "写不了节点公钥 cannot write %s", pub) : 0;
}

int ssj_key_read(const char *dir, struct ss_sm2_key **ret, uint8_t node[16], struct ss_error *err)
{
	ss_cleanup(ss_buf_done) struct ss_buf pem = SS_BUF_MAX(4096);
	char pub[SSJ_PATH];
	int r;

	ssj_file(pub, dir, "node.pub");
	r = ss_file_read(pub, &pem);
	if (r >= 0)
		r = ss_sm2_public_from_pem(pem.p, pem.n, ret);
	if (r < 0)
		return ss_error_set(err, r, "读不了节点公钥 cannot read the node's public key %s",
				    pub);
	ssj_node_of(pem.p, node);
	return 0;
}

/* --- the files --- */

static int copy_pub(struct ss_tips *f)
{
	ss_cleanup(ss_buf_done) struct ss_buf pem = SS_BUF_MAX(4096);
	char from[SSJ_PATH], to[SSJ_PATH];
	int fd, r;

	ssj_copy_path(to, f->copy_dir, SSJ_TIP_NAME, f->node, "pub");
	fd = ss_os()->open(to, O_RDONLY, 0);
	if (fd >= 0) {
		ss_os()->close(fd);
		return 0;
	}
	ssj_file(from, f->key_dir, "node.pub");
	r = ss_mkdirs(f->copy_dir, 0750);
	if (r >= 0)
		r = ss_file_read(from, &pem);
	return r < 0 ? r : ss_file_write_atomic(to, pem.p, pem.n, 0644);
}

/* Is the copy's last line ours? It is not where this node was restored from a backup: what the copy
 * knows of the time after it is evidence and stays. */
static bool goes_on(struct ss_tips *f, int fd, int64_t at)
{
	char theirs[SSJ_TIP_LINE], ours[SSJ_TIP_LINE];

	if (at == 0)
		return true;
	return ss_os()->pread(fd, theirs, sizeof(theirs), at - SSJ_TIP_LINE) == SSJ_TIP_LINE &&
	       ss_os()->pread(f->fd, ours, sizeof(ours), at - SSJ_TIP_LINE) == SSJ_TIP_LINE &&
	       memcmp(theirs, ours, sizeof(ours)) == 0;
}

/* Brings the copy up to our own file: what it lacks is appended, nothing is written over. */
static int copy_lines(struct ss_tips *f, int fd)
{
	int64_t size = ss_os()->size(fd);
	int64_t at = size < 0 ? size : size / SSJ_TIP_LINE * SSJ_TIP_LINE;
	char line[SSJ_TIP_LINE];

	if (at < 0)
		return (int)at;
	if (!goes_on(f, fd, at))
		return SS_ECONFLICT;
	for (; at < f->size; at += SSJ_TIP_LINE) {
		int64_t n = ss_os()->pread(f->fd, line, sizeof(line), at);

		if (n != SSJ_TIP_LINE)
			return SS_EIO;
		n = ss_os()->pwrite(fd, line, sizeof(line), at);
		if (n < 0)
			return (int)n;
	}
	return ss_os()->datasync(fd);
}

static void copy(struct ss_tips *f)
{
	char to[SSJ_PATH];
	int fd, r;

	if (!f->copy_dir[0])
		return;
	r = copy_pub(f);
	ssj_copy_path(to, f->copy_dir, f->name, f->node, "tips");
	fd = r < 0 ? r : ss_os()->open(to, O_RDWR | O_CREAT, 0644);
	r = fd;
	if (fd >= 0) {
		r = copy_lines(f, fd);
		ss_os()->close(fd);
	}
	if (r < 0)
		ss_log_warn("journal",
			    "锚点副本写不了，下次再试 copy of tips failed, next time again",
			    "to=%s why=%s", to, ss_err_name(r));
}

/* A line that a crash left half written was never relied on. */
static int cut_torn(struct ss_tips *f)
{
	struct ss_tip t;
	int64_t n = f->size / SSJ_TIP_LINE * SSJ_TIP_LINE;

	if (n && ssj_tip_read(f->fd, f->magic, n / SSJ_TIP_LINE - 1, &t) == SS_ECORRUPT)
		n -= SSJ_TIP_LINE;
	if (n == f->size)
		return 0;
	f->size = n;
	return ss_os()->truncate(f->fd, n);
}

/* The next tip names the last one, so that one must be read. */
static int know_last(struct ss_tips *f)
{
	struct ss_tip t;
	int r = ss_tips_last(f, &t);

	if (r == 0)
		ssj_tip_digest(&t, f->magic, f->digest);
	return r == SS_ENOTFOUND ? 0 : r;
}

/* Opens the file of f, whose other members are set. */
static int tips_open(struct ss_tips *f, const char *path, bool read_only, struct ss_error *err)
{
	int64_t n;
	int r;

	f->fd = ss_os()->open(path, read_only ? O_RDONLY : O_RDWR | O_CREAT, 0644);
	if (f->fd == SS_ENOTFOUND && read_only)
		return 0;
	if (f->fd < 0)
		return ss_error_set(err, f->fd, "打不开锚点文件 cannot open %s", path);
	n = ss_os()->size(f->fd);
	f->size = n < 0 ? 0 : n;
	r = n < 0 ? (int)n : read_only ? 0 : cut_torn(f);
	if (r >= 0 && !read_only)
		r = know_last(f);
	return r < 0 ? ss_error_set(err, r, "读不了锚点文件 cannot read %s", path) : 0;
}

static void tips_of(struct ss_tips *f, const struct ss_journal *j, const char *name,
		    const char *magic)
{
	*f = (struct ss_tips){
	    .fd = -1, .name = name, .magic = magic, .key_dir = j->dir, .copy_dir = j->copy_dir};
	f->key = j->key;
	memcpy(f->node, j->node, 16);
}

int ssj_tip_open(struct ss_journal *j, struct ss_error *err)
{
	char path[SSJ_PATH];
	int r;

	r = j->read_only ? ssj_key_read(j->dir, &j->key, j->node, err) : key_write(j, err);
	if (r < 0)
		return r;
	ssj_file(path, j->dir, "tips");
	tips_of(&j->tips, j, SSJ_TIP_NAME, SSJ_TIP_MAGIC);
	return tips_open(&j->tips, path, j->read_only, err);
}

/* Signs the tip and appends it to the file; the copy comes later. */
static int append(struct ss_tips *f, struct ss_tip *t)
{
	char line[SSJ_TIP_LINE + 1], msg[512];
	int64_t w;
	int r;

	memcpy(t->prev, f->digest, 32);
	r = ss_sm2_sign(f->key, msg, ssj_tip_message(msg, sizeof(msg), f->magic, f->node, t),
			t->sig, &t->sig_n);
	if (r < 0)
		return r;
	tip_line(line, f->magic, t);
	w = ss_os()->pwrite(f->fd, line, SSJ_TIP_LINE, f->size);
	return w < 0 ? (int)w : ss_os()->datasync(f->fd);
}

static void behind(struct ss_tips *f, const struct ss_tip *t)
{
	f->size += SSJ_TIP_LINE;
	ssj_tip_digest(t, f->magic, f->digest);
}

int ssj_tip_sign(struct ss_journal *j, const struct ss_tip *tip)
{
	struct ss_tip t = *tip;
	int r = append(&j->tips, &t);

	if (r < 0)
		return r;
	pthread_mutex_lock(&j->lock);
	behind(&j->tips, &t);
	j->tip_group = t.group;
	j->tip_time_us = t.time_us;
	pthread_cond_broadcast(&j->durable_cond);
	pthread_mutex_unlock(&j->lock);
	copy(&j->tips);
	return 0;
}

/* --- other chains of this node --- */

int ss_tips_open(const struct ss_journal *j, const char *path, const char *name, const char *magic,
		 struct ss_tips **ret, struct ss_error *err)
{
	struct ss_tips *f = malloc(sizeof(*f));
	int r;

	if (!f)
		return ss_error_set(err, SS_ENOMEM, "内存不足；out of memory");
	tips_of(f, j, name, magic);
	r = tips_open(f, path, false, err);
	if (r < 0)
		ss_tips_close(f);
	else
		*ret = f;
	return r;
}

void ss_tips_close(struct ss_tips *f)
{
	if (f && f->fd >= 0)
		ss_os()->close(f->fd);
	free(f);
}

int ss_tips_add(struct ss_tips *f, struct ss_tip *t)
{
	int r = append(f, t);

	if (r < 0)
		return r;
	behind(f, t);
	copy(f);
	return 0;
}

int ss_tips_last(const struct ss_tips *f, struct ss_tip *ret)
{
	if (f->fd < 0 || f->size < SSJ_TIP_LINE)
		return SS_ENOTFOUND;
	return ssj_tip_read(f->fd, f->magic, f->size / SSJ_TIP_LINE - 1, ret);
}

void ss_tips_node(const struct ss_tips *f, uint8_t node[16])
{
	memcpy(node, f->node, 16);
}

void ss_tips_place(const struct ss_journal *j, char *ret_dir, char *ret_copy_dir, size_t cap)
{
	ss_str_copy(ret_dir, cap, ss_str_of(j->dir));
	ss_str_copy(ret_copy_dir, cap, ss_str_of(j->copy_dir));
}
