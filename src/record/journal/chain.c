/* The chain of digests (docs/internals/journal-format.md, section 3): entries, groups, chain, and
 * the tree over the groups between two tips, so that one entry can be proven without showing any
 * other. The first byte of what is hashed says what it is: none of them can pass for another. */
#include "record/journal/journal_internal.h"

static const char of_entry = 'E', of_group = 'G', of_chain = 'C', of_node = 'N';

int ssj_hash_open(struct ssj_hash *h)
{
	h->outer = ss_sm3_new();
	h->inner = ss_sm3_new();
	if (h->outer && h->inner)
		return 0;
	ssj_hash_close(h);
	return SS_ENOMEM;
}

void ssj_hash_close(struct ssj_hash *h)
{
	ss_sm3_free(h->outer);
	ss_sm3_free(h->inner);
	*h = (struct ssj_hash){NULL, NULL};
}

static int digest(struct ss_sm3 *s, char what, const void *a, size_t an, const void *b, size_t bn,
		  uint8_t ret[32])
{
	int r = ss_sm3_start(s);

	if (r >= 0)
		r = ss_sm3_add(s, &what, 1);
	if (r >= 0)
		r = ss_sm3_add(s, a, an);
	if (r >= 0 && bn)
		r = ss_sm3_add(s, b, bn);
	return r < 0 ? r : ss_sm3_end(s, ret);
}

int ssj_entry_digest(struct ssj_hash *h, const void *entry, size_t n, uint8_t ret[32])
{
	return digest(h->inner, of_entry, entry, n, NULL, 0, ret);
}

int ssj_group_digest(struct ssj_hash *h, const uint8_t *raw, size_t n, uint8_t ret[32])
{
	const uint8_t *p = raw + SSJ_GROUP_HEAD, *end = raw + n;
	struct ss_entry e;
	uint8_t one[32];
	int r = n < SSJ_GROUP_HEAD ? SS_ECORRUPT : ss_sm3_start(h->outer);

	if (r >= 0)
		r = ss_sm3_add(h->outer, &of_group, 1);
	if (r >= 0)
		r = ss_sm3_add(h->outer, raw, SSJ_GROUP_HEAD);
	while (r >= 0 && p < end) {
		const uint8_t *from = p;

		r = ssj_entry_get(&p, end, &e);
		if (r >= 0)
			r = ssj_entry_digest(h, from, (size_t)(p - from), one);
		if (r >= 0)
			r = ss_sm3_add(h->outer, one, sizeof(one));
	}
	return r < 0 ? r : ss_sm3_end(h->outer, ret);
}

void ssj_chain_start(const uint8_t node[16], uint8_t chain[32])
{
	uint8_t text[18 + 16];

	memcpy(text, "shanshui-journal-2", 18);
	memcpy(text + 18, node, 16);
	if (ss_sm3(text, sizeof(text), chain) < 0)
		memset(chain, 0, 32);
}

int ssj_chain_step(struct ssj_hash *h, uint8_t chain[32], const uint8_t *raw, size_t n,
		   uint8_t ret_group[32])
{
	uint8_t group[32];
	int r = ssj_group_digest(h, raw, n, group);

	if (r >= 0)
		r = digest(h->outer, of_chain, chain, 32, group, 32, chain);
	if (r >= 0 && ret_group)
		memcpy(ret_group, group, 32);
	return r < 0 ? r : 0;
}

int ssj_node_digest(struct ssj_hash *h, const uint8_t left[32], const uint8_t right[32],
		    uint8_t ret[32])
{
	return digest(h->outer, of_node, left, 32, right, 32, ret);
}

/* --- the tree, grown leaf by leaf: level i of `part` is the root of 2^i leaves --- */

void ssj_tree_start(struct ssj_tree *t, uint64_t first)
{
	t->first = first;
	t->n = 0;
}

int ssj_tree_add(struct ssj_hash *h, struct ssj_tree *t, const uint8_t leaf[32])
{
	uint8_t up[32];
	int level = 0;

	memcpy(up, leaf, 32);
	for (; t->n >> level & 1; level++) {
		int r = ssj_node_digest(h, t->part[level], up, up);

		if (r < 0)
			return r;
	}
	memcpy(t->part[level], up, 32);
	t->n++;
	return 0;
}

int ssj_tree_root(struct ssj_hash *h, const struct ssj_tree *t, uint8_t ret[32])
{
	bool have = false;

	memset(ret, 0, 32);
	for (int level = 0; level < 64; level++) {
		int r = 0;

		if (!(t->n >> level & 1))
			continue;
		if (have)
			r = ssj_node_digest(h, t->part[level], ret, ret);
		else
			memcpy(ret, t->part[level], 32);
		if (r < 0)
			return r;
		have = true;
	}
	return have ? 0 : SS_ENOTFOUND;
}
