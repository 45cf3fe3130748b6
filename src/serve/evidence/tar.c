/* The container: POSIX ustar in one fixed form, so that the same members are the same bytes. */
#include "base/crypto.h"
#include "record/findings/findings.h"
#include "serve/evidence/evidence_internal.h"

#define BLOCK 512

void sse_pack_done(struct pack *k)
{
	for (size_t i = 0; i < k->n; i++)
		free(k->m[i].p);
	free(k->m);
	*k = (struct pack){NULL, 0, 0, 0};
}

int sse_pack_add(struct pack *k, const char *path, struct ss_str data)
{
	struct pack_member *m;

	ss_assert(strlen(path) < sizeof(m->path));
	if (data.n > SS_EVIDENCE_MAX - k->bytes)
		return SS_ETOOBIG;
	if (k->n == k->cap) {
		size_t cap = k->cap ? k->cap * 2 : 64;
		void *p = realloc(k->m, cap * sizeof(*k->m));

		if (!p)
			return SS_ENOMEM;
		k->m = p;
		k->cap = cap;
	}
	m = &k->m[k->n];
	*m = (struct pack_member){.p = malloc(data.n + 1), .n = data.n};
	if (!m->p)
		return SS_ENOMEM;
	if (data.n)
		memcpy(m->p, data.p, data.n);
	snprintf(m->path, sizeof(m->path), "%s", path);
	k->bytes += data.n;
	k->n++;
	return 0;
}

int sse_pack_json(struct pack *k, const char *path, const json_t *v)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(SS_EVIDENCE_MAX);
	bool lines = ss_str_ends(ss_str_of(path), SS_STR(".jsonl"));
	int r = 0;

	if (lines)
		for (size_t i = 0; i < json_array_size(v) && r >= 0; i++) {
			r = ss_json_canonical(&b, json_array_get(v, i));
			ss_buf_addc(&b, '\n');
		}
	else
		r = ss_json_canonical(&b, v);
	if (!lines)
		ss_buf_addc(&b, '\n');
	if (r >= 0)
		r = b.err;
	return r < 0 ? r : sse_pack_add(k, path, ss_buf_str(&b));
}

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct pack_member *)a)->path, ((const struct pack_member *)b)->path);
}

void sse_pack_sort(struct pack *k)
{
	ss_sort(k->m, k->n, sizeof(*k->m), by_path);
	for (size_t i = 0; i < k->n; i++)
		ss_sm3(k->m[i].p, k->m[i].n, k->m[i].sm3);
}

static void put_member(struct ss_buf *out, const char *path, struct ss_str data)
{
	static const char zero[BLOCK];
	char h[BLOCK] = {0};
	unsigned sum = 0;

	memcpy(h, path, strlen(path));
	memcpy(h + 100, "0000644", 8);
	memcpy(h + 108, "0000000", 8);
	memcpy(h + 116, "0000000", 8);
	snprintf(h + 124, 12, "%011zo", data.n);
	memcpy(h + 136, "00000000000", 12);
	memset(h + 148, ' ', 8);
	h[156] = '0';
	memcpy(h + 257, "ustar", 6);
	memcpy(h + 263, "00", 2);
	memcpy(h + 329, "0000000", 8);
	memcpy(h + 337, "0000000", 8);
	for (int i = 0; i < BLOCK; i++)
		sum += (unsigned char)h[i];
	snprintf(h + 148, 8, "%06o", sum);
	h[155] = ' ';
	ss_buf_add(out, h, BLOCK);
	ss_buf_adds(out, data);
	ss_buf_add(out, zero, (BLOCK - data.n % BLOCK) % BLOCK);
}

int sse_pack_write(const struct pack *k, struct ss_str manifest, struct ss_str sig,
		   struct ss_buf *out)
{
	static const char zero[2 * BLOCK];

	put_member(out, "manifest.json", manifest);
	put_member(out, "manifest.sig", sig);
	for (size_t i = 0; i < k->n; i++)
		put_member(out, k->m[i].path, ss_str_n(k->m[i].p, k->m[i].n));
	ss_buf_add(out, zero, sizeof(zero));
	return out->err;
}
