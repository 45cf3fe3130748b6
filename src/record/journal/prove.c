/* Proofs of single entries: for each tip concerned its groups are read once, and each wanted group
 * gets its path in the tip's tree. */
#include <fcntl.h>

#include "record/journal/journal_internal.h"

struct kept { /* a group that holds a wanted entry */
	uint64_t group;
	uint8_t *raw;
	size_t n;
};
struct prove {
	struct ss_journal *j;
	struct ssj_hash hash;
	struct ssj_walk walk;
	struct ss_tip tip;
	const uint64_t *seq; /* wanted, from here on */
	size_t seq_n;
	uint8_t (*leaf)[32]; /* of the tip's groups, then the levels above them */
	size_t leaf_n, leaf_cap;
	struct kept *kept;
	size_t kept_n, kept_cap;
	uint8_t path[64][32];
	int (*each)(void *arg, const struct ss_proof *p);
	void *arg;
	struct ss_error *err;
};

static int keep(struct prove *p, const struct ssj_view *v)
{
	struct kept k = {.group = v->g.number, .n = v->n};
	int r = ss_grow(&p->kept, &p->kept_cap, p->kept_n + 1, sizeof(*p->kept));

	if (r < 0)
		return r;
	k.raw = malloc(v->n);
	if (!k.raw)
		return SS_ENOMEM;
	memcpy(k.raw, v->raw, v->n);
	p->kept[p->kept_n++] = k;
	return 0;
}

static bool wanted(const struct prove *p, uint64_t first, uint64_t count)
{
	size_t lo = 0, hi = p->seq_n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (p->seq[mid] < first)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < p->seq_n && p->seq[lo] < first + count;
}

static int take_group(struct prove *p, const struct ssj_view *v)
{
	int r = ss_grow(&p->leaf, &p->leaf_cap, p->leaf_n + 1, sizeof(*p->leaf));

	if (r >= 0)
		r = ssj_group_digest(&p->hash, v->raw, v->n, p->leaf[p->leaf_n]);
	if (r < 0)
		return r;
	p->leaf_n++;
	return wanted(p, v->g.first_seq, v->g.count) ? keep(p, v) : 0;
}

static int read_groups(struct prove *p)
{
	int r = ssj_walk_to(&p->walk, p->tip.first, p->err);

	p->leaf_n = 0;
	while (r >= 0 && p->walk.next <= p->tip.group) {
		struct ssj_view v;

		r = ssj_walk_next(&p->walk, &v, p->err);
		if (r == 0)
			return ss_error_set(p->err, SS_ECORRUPT,
					    "锚点覆盖的组缺失 groups of a tip are missing");
		if (r > 0 && v.g.number >= p->tip.first)
			r = take_group(p, &v);
	}
	return r;
}

/* The levels of the tree behind the leaves, one after the other: pairs are joined, a last one
 * without a partner goes up as it is, which is the tree of RFC 6962 2.1. */
static int grow_levels(struct prove *p)
{
	size_t from = 0, n = p->leaf_n;
	int r = ss_grow(&p->leaf, &p->leaf_cap, 2 * n + 64, sizeof(*p->leaf));

	while (n > 1 && r >= 0) {
		size_t up = from + n;

		for (size_t i = 0; i + 1 < n && r >= 0; i += 2)
			r = ssj_node_digest(&p->hash, p->leaf[from + i], p->leaf[from + i + 1],
					    p->leaf[up + i / 2]);
		if (n % 2)
			memcpy(p->leaf[up + n / 2], p->leaf[from + n - 1], 32);
		from = up;
		n = (n + 1) / 2;
	}
	return r;
}

static size_t path_of(struct prove *p, size_t m)
{
	size_t from = 0, k = 0;

	for (size_t n = p->leaf_n; n > 1; n = (n + 1) / 2, m /= 2) {
		if ((m ^ 1) < n)
			memcpy(p->path[k++], p->leaf[from + (m ^ 1)], 32);
		from += n;
	}
	return k;
}

static int fill_entries(struct prove *p, const struct kept *k, const struct ssj_group *g,
			struct ss_proof_entry *e)
{
	const uint8_t *at = k->raw + SSJ_GROUP_HEAD, *end = k->raw + k->n;
	int r = 0;

	for (uint32_t i = 0; i < g->count && r >= 0; i++) {
		const uint8_t *from = at;
		struct ss_entry one;

		r = ssj_entry_get(&at, end, &one);
		if (r < 0)
			return r;
		e[i] = (struct ss_proof_entry){.seq = g->first_seq + i,
					       .shown = wanted(p, g->first_seq + i, 1),
					       .raw = from,
					       .n = (size_t)(at - from)};
		r = ssj_entry_digest(&p->hash, from, e[i].n, e[i].digest);
	}
	return r;
}

static int tell(struct prove *p, const struct kept *k)
{
	struct ss_proof out = {.group = k->group, .head = k->raw, .tip = p->tip, .path = p->path};
	struct ssj_group g;
	int r;

	ssj_group_get(k->raw, ssj_ld(k->raw + 8, 8), NULL, &g);
	out.entry = calloc(g.count, sizeof(*out.entry));
	out.entry_n = g.count;
	r = out.entry ? fill_entries(p, k, &g, out.entry) : SS_ENOMEM;
	out.path_n = path_of(p, (size_t)(k->group - p->tip.first));
	if (r >= 0)
		r = p->each(p->arg, &out);
	free(out.entry);
	return r;
}

static void drop_kept(struct prove *p)
{
	for (size_t i = 0; i < p->kept_n; i++)
		free(p->kept[i].raw);
	p->kept_n = 0;
}

/* All wanted seqs that the tip of the first one covers. */
static int one_tip(struct prove *p, uint64_t group)
{
	int64_t i;
	int r = ssj_tip_first(p->j, group, &i, &p->tip);

	if (r < 0 || p->tip.first > group)
		return ss_error_set(p->err, SS_ENOTFOUND,
				    "第 %llu 条还没有签名锚点，请过一分钟再试 no signed tip covers "
				    "entry %llu yet, try again in a minute",
				    (unsigned long long)*p->seq, (unsigned long long)*p->seq);
	r = read_groups(p);
	if (r >= 0)
		r = grow_levels(p);
	for (size_t k = 0; k < p->kept_n && r >= 0; k++)
		r = tell(p, &p->kept[k]);
	drop_kept(p);
	while (r >= 0 && p->seq_n && *p->seq <= p->tip.seq) {
		p->seq++;
		p->seq_n--;
	}
	return r;
}

static int run(struct prove *p)
{
	struct ss_arena a;
	int r = 0;

	ss_arena_init(&a, SSJ_ENTRY_MAX + (1 << 20));
	while (r >= 0 && p->seq_n) {
		struct ss_entry e;

		ss_arena_reset(&a);
		r = ss_journal_get(p->j, *p->seq, &a, &e, p->err);
		if (r >= 0)
			r = one_tip(p, e.group);
	}
	ss_arena_done(&a);
	return r;
}

int ss_journal_prove(struct ss_journal *j, const uint64_t *seqs, size_t n,
		     int (*each)(void *arg, const struct ss_proof *p), void *arg,
		     struct ss_error *err)
{
	struct prove p = {.j = j, .seq = seqs, .seq_n = n, .each = each, .arg = arg, .err = err};
	int r = ssj_hash_open(&p.hash);

	if (r < 0)
		return ss_error_set(err, r, "SM3 不可用 no SM3");
	ssj_walk_init(&p.walk, j);
	r = run(&p);
	if (r < 0 && err && !err->code)
		ss_error_set(err, r, "日志读不了 cannot read the journal");
	ssj_walk_done(&p.walk);
	ssj_hash_close(&p.hash);
	drop_kept(&p);
	free(p.kept);
	free(p.leaf);
	return r < 0 ? r : 0;
}

int ss_journal_tip_of(struct ss_journal *j, uint64_t group, struct ss_tip *ret)
{
	int64_t i;

	return ssj_tip_first(j, group, &i, ret);
}

int ss_journal_tip_lines(struct ss_journal *j, uint64_t group, int64_t until_us,
			 int (*each)(void *arg, struct ss_str line), void *arg)
{
	struct ss_tip t;
	int64_t i;
	int r = ssj_tip_first(j, group, &i, &t);

	while (r >= 0) {
		char line[SSJ_TIP_LINE];

		if (ss_os()->pread(j->tips.fd, line, sizeof(line), i * SSJ_TIP_LINE) !=
		    SSJ_TIP_LINE)
			return SS_EIO;
		r = each(arg, ss_str_n(line, sizeof(line)));
		if (r < 0 || t.time_us >= until_us ||
		    ssj_tip_read(j->tips.fd, SSJ_TIP_MAGIC, ++i, &t) < 0)
			break;
	}
	return r < 0 ? r : 0;
}

/* Number of the first tip signed at or after the time, by halving: times rise but for a clock that
 * was set back, which costs no more than a tip too many. */
static int64_t tip_at(struct ss_journal *j, int64_t count, int64_t t_us)
{
	int64_t lo = 0, hi = count;

	while (lo < hi) {
		int64_t mid = (lo + hi) / 2;
		struct ss_tip t;

		if (ssj_tip_read(j->tips.fd, SSJ_TIP_MAGIC, mid, &t) >= 0 && t.time_us < t_us)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

int ss_journal_tips_check(struct ss_journal *j, int64_t from_us, int64_t to_us,
			  struct ss_tip_check *ret, struct ss_error *err)
{
	uint8_t prev[32] = {0};
	struct ss_tip t;
	int64_t count, i;

	*ret = (struct ss_tip_check){0, 0, 0};
	pthread_mutex_lock(&j->lock);
	count = j->tips.size / SSJ_TIP_LINE;
	pthread_mutex_unlock(&j->lock);
	if (j->tips.fd < 0 || count == 0)
		return 0;
	i = tip_at(j, count, from_us);
	if (i > 0 && ssj_tip_read(j->tips.fd, SSJ_TIP_MAGIC, i - 1, &t) >= 0)
		ssj_tip_digest(&t, SSJ_TIP_MAGIC, prev);
	for (bool behind = false; i < count && !behind; i++) {
		int r = ssj_tip_read(j->tips.fd, SSJ_TIP_MAGIC, i, &t);

		if (r < 0 && r != SS_ECORRUPT)
			return ss_error_set(err, r, "锚点读不了 cannot read the tips");
		ret->tips++;
		behind = r >= 0 && t.time_us >= to_us;
		if (r < 0 || memcmp(t.prev, prev, 32) != 0 ||
		    ssj_tip_check(j->key, SSJ_TIP_MAGIC, j->node, &t) < 0)
			continue;
		ret->good++;
		ret->signed_to = t.group;
		ssj_tip_digest(&t, SSJ_TIP_MAGIC, prev);
	}
	return 0;
}

int ss_journal_tip_now(struct ss_journal *j, uint64_t group, int64_t timeout_us)
{
	int64_t until = ss_time_mono() + timeout_us;

	SS_LOCKED(&j->lock);
	while (j->tip_group < group) {
		if (j->read_only || j->chain_broken || j->no_more)
			return SS_ESTATE;
		if (ss_time_mono() >= until)
			return SS_ETIMEOUT;
		j->tip_asked = true;
		pthread_cond_signal(&j->keeper_cond);
		ss_cond_wait_until(&j->durable_cond, &j->lock, until);
	}
	return 0;
}

int ss_journal_node(struct ss_journal *j, char **ret_pem, uint8_t ret_id[16])
{
	memcpy(ret_id, j->node, 16);
	return ss_sm2_public_pem(j->key, ret_pem);
}

int ss_journal_sign(struct ss_journal *j, const void *msg, size_t n, uint8_t sig[80], size_t *ret_n,
		    struct ss_error *err)
{
	struct ss_sm2_key *key = NULL;
	char path[SSJ_PATH];
	int r = 0;

	if (!j->read_only)
		return ss_sm2_sign(j->key, msg, n, sig, ret_n);
	ssj_file(path, j->dir, "node.key");
	r = ss_os()->open(path, O_RDONLY, 0);
	if (r < 0)
		return ss_error_set(err, r, "打不开节点私钥 cannot open the node's key %s", path);
	ss_os()->close(r);
	r = ss_sm2_load_or_make(path, &key, err);
	if (r >= 0)
		r = ss_sm2_sign(key, msg, n, sig, ret_n);
	ss_sm2_free(key);
	return r;
}
