/* The container: POSIX ustar in one fixed form, so that the same members are the same bytes. */
#include <stdlib.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/json.h"
#include "base/os.h"
#include "serve/evidence/evidence_internal.h"

#define BLOCK 512
#define PIECE 65536 /* of a member that is copied */

enum { WHOLE, LONG };

int sse_pack_open(struct pack *k, const char *folder)
{
	*k = (struct pack){.fd = {-1, -1}};
	for (int i = 0; i < 2; i++) {
		k->fd[i] = ss_file_nameless(folder);
		if (k->fd[i] < 0)
			return k->fd[i];
	}
	return 0;
}

void sse_pack_done(struct pack *k)
{
	for (int i = 0; i < 2; i++)
		if (k->fd[i] >= 0)
			ss_os()->close(k->fd[i]);
	free(k->m);
	*k = (struct pack){.fd = {-1, -1}};
}

static int append(struct pack *k, int file, struct ss_str data)
{
	int64_t r;

	if (data.n > SS_EVIDENCE_MAX - k->bytes)
		return SS_ETOOBIG;
	r = ss_os()->pwrite(k->fd[file], data.p, data.n, k->end[file]);
	if (r < 0)
		return (int)r;
	k->end[file] += (int64_t)data.n;
	k->bytes += data.n;
	return 0;
}

/* What was appended since `at` is a member. */
static int name(struct pack *k, const char *path, int file, int64_t at, struct pack_member **ret)
{
	struct pack_member *m;

	ss_assert(strlen(path) < sizeof(m->path));
	if (ss_grow(&k->m, &k->cap, k->n + 1, sizeof(*k->m)) < 0)
		return SS_ENOMEM;
	m = &k->m[k->n++];
	*m = (struct pack_member){.file = file, .at = at, .n = (size_t)(k->end[file] - at)};
	snprintf(m->path, sizeof(m->path), "%s", path);
	*ret = m;
	return 0;
}

int sse_pack_add(struct pack *k, const char *path, struct ss_str data)
{
	struct pack_member *m;
	int64_t at = k->end[WHOLE];
	int r = append(k, WHOLE, data);

	if (r == 0)
		r = name(k, path, WHOLE, at, &m);
	return r < 0 ? r : ss_sm3(data.p, data.n, m->sm3);
}

/* --- piece by piece ----------------------------------------------------------------------------
 */

int sse_long_begin(struct pack_long *l, struct pack *k)
{
	*l = (struct pack_long){.k = k, .sm3 = ss_sm3_new(), .at = k->end[LONG]};
	return l->sm3 ? ss_sm3_start(l->sm3) : SS_ENOMEM;
}

int sse_long_put(struct pack_long *l, struct ss_str piece)
{
	int r = append(l->k, LONG, piece);

	return r < 0 ? r : ss_sm3_add(l->sm3, piece.p, piece.n);
}

int sse_long_end(struct pack_long *l, const char *path)
{
	struct pack_member *m;
	int r = name(l->k, path, LONG, l->at, &m);

	return r < 0 ? r : ss_sm3_end(l->sm3, m->sm3);
}

void sse_long_done(struct pack_long *l)
{
	ss_sm3_free(l->sm3);
	l->sm3 = NULL;
}

static int put_line(struct pack_long *l, const json_t *v)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(SS_EVIDENCE_MAX);
	int r = ss_json_canonical(&b, v);

	ss_buf_addc(&b, '\n');
	if (r >= 0)
		r = b.err;
	return r < 0 ? r : sse_long_put(l, ss_buf_str(&b));
}

int sse_pack_json(struct pack *k, const char *path, const json_t *v)
{
	bool lines = ss_str_ends(ss_str_of(path), SS_STR(".jsonl"));
	size_t n = lines ? json_array_size(v) : 1;
	struct pack_long l;
	int r = sse_long_begin(&l, k);

	for (size_t i = 0; i < n && r >= 0; i++)
		r = put_line(&l, lines ? json_array_get(v, i) : v);
	if (r >= 0)
		r = sse_long_end(&l, path);
	sse_long_done(&l);
	return r;
}

/* --- the whole ---------------------------------------------------------------------------------
 */

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct pack_member *)a)->path, ((const struct pack_member *)b)->path);
}

void sse_pack_sort(struct pack *k)
{
	ss_sort(k->m, k->n, sizeof(*k->m), by_path);
}

struct sink {
	int fd;
	int64_t at;
	struct ss_sm3 *sm3;
};

static int put(struct sink *s, const void *p, size_t n)
{
	int64_t r = ss_os()->pwrite(s->fd, p, n, s->at);

	if (r < 0)
		return (int)r;
	s->at += (int64_t)n;
	return ss_sm3_add(s->sm3, p, n);
}

static int put_head(struct sink *s, const char *path, size_t n)
{
	char h[BLOCK] = {0};
	unsigned sum = 0;

	memcpy(h, path, strlen(path));
	memcpy(h + 100, "0000644", 8);
	memcpy(h + 108, "0000000", 8);
	memcpy(h + 116, "0000000", 8);
	snprintf(h + 124, 12, "%011zo", n);
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
	return put(s, h, BLOCK);
}

static int put_rest(struct sink *s, size_t n)
{
	static const char zero[BLOCK];

	return put(s, zero, (BLOCK - n % BLOCK) % BLOCK);
}

static int put_text(struct sink *s, const char *path, struct ss_str data)
{
	int r = put_head(s, path, data.n);

	if (r >= 0)
		r = put(s, data.p, data.n);
	return r < 0 ? r : put_rest(s, data.n);
}

static int put_member(struct sink *s, const struct pack *k, const struct pack_member *m)
{
	char piece[PIECE];
	int r = put_head(s, m->path, m->n);

	for (size_t done = 0; done < m->n && r >= 0;) {
		size_t n = m->n - done < PIECE ? m->n - done : PIECE;

		if (ss_os()->pread(k->fd[m->file], piece, n, m->at + (int64_t)done) != (int64_t)n)
			return SS_EIO;
		r = put(s, piece, n);
		done += n;
	}
	return r < 0 ? r : put_rest(s, m->n);
}

int sse_pack_write(const struct pack *k, struct ss_str manifest, struct ss_str sig, int out,
		   struct ss_evidence_made *ret)
{
	static const char zero[2 * BLOCK];
	struct sink s = {.fd = out, .sm3 = ss_sm3_new()};
	int r = s.sm3 ? ss_sm3_start(s.sm3) : SS_ENOMEM;

	if (r >= 0)
		r = put_text(&s, "manifest.json", manifest);
	if (r >= 0)
		r = put_text(&s, "manifest.sig", sig);
	for (size_t i = 0; i < k->n && r >= 0; i++)
		r = put_member(&s, k, &k->m[i]);
	if (r >= 0)
		r = put(&s, zero, sizeof(zero));
	ret->bytes = s.at;
	if (r >= 0)
		r = ss_sm3_end(s.sm3, ret->sm3);
	ss_sm3_free(s.sm3);
	return r;
}
