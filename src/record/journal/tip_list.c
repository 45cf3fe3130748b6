/* Tips read again for a verification. */
#include <fcntl.h>

#include "record/journal/journal_internal.h"

struct load {
	const struct ss_tip_place *place;
	struct ss_sm2_key *key;
	uint8_t node[16];
	struct ss_error *err;
};

/* A line of which at least one whole sector never reached the disk: that part is zero, no other. */
static bool torn_line(const char line[SSJ_TIP_LINE], int64_t at)
{
	bool torn = false;

	for (int i = 0; i < SSJ_TIP_LINE;) {
		int to = i + (int)(SSJ_ALIGN - (at + i) % SSJ_ALIGN);
		int zero = 0, n;

		if (to > SSJ_TIP_LINE)
			to = SSJ_TIP_LINE;
		for (n = to - i; i < to; i++)
			zero += line[i] == 0;
		if (zero && zero != n)
			return false;
		torn |= zero > 0;
	}
	return torn;
}

int ss_tip_bad(const struct ss_tip_list *l, size_t i, const char *what, struct ss_error *err)
{
	return ss_error_set(err, SS_ECORRUPT, "锚点 tips %s 偏移 offset %lld 组 group %llu: %s",
			    l->path, (long long)i * SSJ_TIP_LINE,
			    i < l->n ? (unsigned long long)l->p[i].group : 0ULL, what);
}

static int add(struct load *v, struct ss_tip_list *l, const struct ss_tip *tip)
{
	uint8_t prev[32] = {0};
	int r;

	r = ss_grow(&l->p, &l->cap, l->n + 1, sizeof(*l->p));
	if (r < 0)
		return r;
	l->p[l->n++] = *tip;
	if ((l->n > 1 && tip->group <= l->p[l->n - 2].group) || tip->first > tip->group)
		return ss_tip_bad(l, l->n - 1, "次序不对 out of order", v->err);
	if (l->n > 1)
		ssj_tip_digest(&l->p[l->n - 2], v->place->magic, prev);
	if (memcmp(prev, tip->prev, 32) != 0)
		return ss_tip_bad(l, l->n - 1,
				  "与前一行不相接 does not name the line before it: one is missing",
				  v->err);
	if (ssj_tip_check(v->key, v->place->magic, v->node, tip) < 0)
		return ss_tip_bad(l, l->n - 1, "签名不对 signature is wrong", v->err);
	return 0;
}

static int load(struct load *v, struct ss_tip_list *l)
{
	char line[SSJ_TIP_LINE];
	int fd = ss_os()->open(l->path, O_RDONLY, 0);
	int64_t n;
	int r = 0;

	if (fd == SS_ENOTFOUND)
		return 0;
	if (fd < 0)
		return ss_error_set(v->err, fd, "打不开锚点文件 cannot open %s", l->path);
	while (r >= 0 && (n = ss_os()->pread(fd, line, sizeof(line),
					     (int64_t)l->n * SSJ_TIP_LINE)) == SSJ_TIP_LINE) {
		struct ss_tip tip;

		if (ssj_tip_parse(line, v->place->magic, &tip) == 0)
			r = add(v, l, &tip);
		else if (torn_line(line, (int64_t)l->n * SSJ_TIP_LINE))
			break;
		else
			r = ss_tip_bad(l, l->n, "该行损坏 line damaged", v->err);
	}
	ss_os()->close(fd);
	return r;
}

static int load_copy(struct load *v, struct ss_tip_list *l)
{
	ss_cleanup(ss_buf_done) struct ss_buf own = SS_BUF_MAX(4096), copy = SS_BUF_MAX(4096);
	const struct ss_tip_place *p = v->place;
	char a[SSJ_PATH], b[SSJ_PATH];
	int r;

	if (!p->copy_dir || !p->copy_dir[0])
		return 0;
	ssj_file(a, p->journal_dir, "node.pub");
	ssj_copy_path(b, p->copy_dir, SSJ_TIP_NAME, v->node, "pub");
	r = ss_file_read(b, &copy);
	if (r == SS_ENOTFOUND)
		return 0; /* no tip has been copied yet */
	if (r < 0 || ss_file_read(a, &own) < 0 || !ss_str_eq(ss_buf_str(&own), ss_buf_str(&copy)))
		return ss_error_set(
		    v->err, SS_ECORRUPT,
		    "公钥副本不符 偏移 offset 0: copy of the public key differs: %s", b);
	ssj_copy_path(l->path, p->copy_dir, p->name, v->node, "tips");
	return load(v, l);
}

int ss_tip_lists_read(const struct ss_tip_place *place, struct ss_tip_list *ret_own,
		      struct ss_tip_list *ret_copy, uint8_t ret_node[16], struct ss_error *err)
{
	struct load v = {.place = place, .err = err};
	int r = ssj_key_read(place->journal_dir, &v.key, v.node, err);

	if (r < 0)
		return r;
	ss_str_copy(ret_own->path, sizeof(ret_own->path), ss_str_of(place->path));
	r = load(&v, ret_own);
	if (r >= 0)
		r = load_copy(&v, ret_copy);
	memcpy(ret_node, v.node, 16);
	ss_sm2_free(v.key);
	return r < 0 ? r : 0;
}
