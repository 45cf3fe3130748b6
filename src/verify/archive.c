/* The container: POSIX ustar in its one allowed form (docs/evidence.md section 2). A header is made
 * again from path and size and must be the same 512 bytes, so that no bit of it is free. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "verify.h"

#define BLOCK 512
#define MEMBERS_MAX 4000000

/* Letters, digits, - _ . and single / between; no part starts with a point. */
static bool good_path(const char *p)
{
	bool start = true;

	if (!*p)
		return false;
	for (; *p; p++) {
		bool plain = (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') ||
			     (*p >= '0' && *p <= '9') || *p == '-' || *p == '_' || *p == '.';

		if ((*p == '/' && start) || (*p == '.' && start) || (!plain && *p != '/'))
			return false;
		start = *p == '/';
	}
	return !start;
}

static void header(uint8_t out[BLOCK], const char *path, uint64_t size)
{
	unsigned sum = 0;

	memset(out, 0, BLOCK);
	memcpy(out, path, strlen(path));
	memcpy(out + 100, "0000644", 8);
	memcpy(out + 108, "0000000", 8);
	memcpy(out + 116, "0000000", 8);
	snprintf((char *)out + 124, 12, "%011llo", (unsigned long long)size);
	memcpy(out + 136, "00000000000", 12);
	memset(out + 148, ' ', 8);
	out[156] = '0';
	memcpy(out + 257, "ustar", 6);
	memcpy(out + 263, "00", 2);
	memcpy(out + 329, "0000000", 8);
	memcpy(out + 337, "0000000", 8);
	for (int i = 0; i < BLOCK; i++)
		sum += out[i];
	snprintf((char *)out + 148, 8, "%06o", sum);
	out[155] = ' ';
}

static bool read_size(const uint8_t *p, uint64_t *ret)
{
	*ret = 0;
	for (int i = 0; i < 11; i++) {
		if (p[i] < '0' || p[i] > '7')
			return false;
		*ret = *ret * 8 + (uint64_t)(p[i] - '0');
	}
	return true;
}

static bool zero(const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i])
			return false;
	return true;
}

static bool fail(struct sv_report *r, size_t at, const char *name, const char *zh, const char *en)
{
	char where[128], shown[64] = "";
	size_t n = 0;

	for (; name && name[n] && n < sizeof(shown) - 1; n++)
		shown[n] = name[n] < ' ' || name[n] > '~' ? '?' : name[n];
	shown[n] = 0;
	snprintf(where, sizeof(where), "tar@%zu %s", at, shown);
	sv_break(r, where, 0, 0, zh, en);
	return false;
}

static bool add(struct sv_archive *a, const struct sv_member *m)
{
	if ((a->n & (a->n - 1)) == 0) {
		size_t cap = a->n ? a->n * 2 : 16;
		void *p = realloc(a->m, cap * sizeof(*a->m));

		if (!p)
			return false;
		a->m = p;
	}
	a->m[a->n++] = *m;
	return true;
}

/* One member at *at. */
static bool take(struct sv_bytes file, size_t *at, struct sv_archive *a, struct sv_report *r)
{
	const uint8_t *h = file.p + *at;
	struct sv_member m = {.path = ""};
	uint8_t want[BLOCK];
	uint64_t size, room;
	/* For naming what is broken: the header's own name may be the broken part. */
	const char *last = a->n ? a->m[a->n - 1].path : "";

	memcpy(m.path, h, 100);
	if (!good_path(m.path))
		return fail(r, *at, last, "成员路径不合规定（在此成员之后）",
			    "path of a member is not allowed (behind this member)");
	if (!read_size(h + 124, &size))
		return fail(r, *at, m.path, "成员头损坏：长度", "member's header: size");
	header(want, m.path, size);
	if (memcmp(want, h, BLOCK) != 0)
		return fail(r, *at, m.path, "成员头损坏", "member's header is damaged");
	room = (size + BLOCK - 1) / BLOCK * BLOCK;
	if (room > file.n - *at - BLOCK)
		return fail(r, *at, m.path, "包被截短：成员不全", "cut short inside this member");
	m.data = (struct sv_bytes){h + BLOCK, (size_t)size};
	if (!zero(m.data.p + size, (size_t)(room - size)))
		return fail(r, *at + BLOCK + (size_t)size, m.path, "成员后的填充不是零",
			    "padding behind the member is not zero");
	if (a->n == 0   ? strcmp(m.path, "manifest.json") != 0
	    : a->n == 1 ? strcmp(m.path, "manifest.sig") != 0
	    : a->n > 2
		? strcmp(last, m.path) >= 0
		: strcmp(m.path, "manifest.json") == 0 || strcmp(m.path, "manifest.sig") == 0)
		return fail(r, *at, m.path, "成员次序不对、重复或多余",
			    "member out of order, doubled or not allowed here");
	if (a->n >= MEMBERS_MAX || !add(a, &m))
		return fail(r, *at, m.path, "成员太多", "too many members");
	*at += BLOCK + (size_t)room;
	return true;
}

bool sv_archive_read(struct sv_bytes file, struct sv_archive *ret, struct sv_report *r)
{
	size_t at = 0;

	*ret = (struct sv_archive){NULL, 0};
	if (file.n % BLOCK)
		return fail(r, file.n, NULL, "包的长度不是 512 的倍数：被截短或加长",
			    "length is no multiple of 512: cut short or extended");
	while (at + BLOCK <= file.n && file.p[at])
		if (!take(file, &at, ret, r))
			return false;
	if (file.n - at != 2 * BLOCK || !zero(file.p + at, 2 * BLOCK))
		return fail(r, at, ret->n ? ret->m[ret->n - 1].path : NULL,
			    "包尾不对：被截短、加长或改动（在此成员之后）",
			    "end is wrong: cut short, extended or changed (behind this member)");
	return true;
}

void sv_archive_free(struct sv_archive *a)
{
	free(a->m);
}

struct sv_member *sv_member(const struct sv_archive *a, const char *path)
{
	size_t lo = 2, hi = a->n;

	for (size_t i = 0; i < 2 && i < a->n; i++)
		if (strcmp(a->m[i].path, path) == 0)
			return &a->m[i];
	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		int c = strcmp(a->m[mid].path, path);

		if (c == 0)
			return &a->m[mid];
		if (c < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}
