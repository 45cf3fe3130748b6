/* What a node may say over a link, once its certificate was believed: any bytes. A line is refused
 * or says the same when it is written again; a whole visit (greeting, key, blocks of tips, END) is
 * taken into a copy as far as its signatures go, and nothing else comes into the copy. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "serve/links/links_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char dir[64];

static void clean_up(void) __attribute__((destructor));
static void clean_up(void)
{
	if (dir[0])
		rmdir(dir);
}

static void check(bool ok)
{
	if (!ok)
		abort();
}

static struct ss_str without_lf(const char *line, int n)
{
	check(n > 0 && n < SSL_LINE && line[n - 1] == '\n' && !memchr(line, '\n', (size_t)n - 1));
	return ss_str_n(line, (size_t)n - 1);
}

static void check_kept(struct ss_str s, const char *word)
{
	char line[SSL_LINE];
	struct ss_link_kept k, again;

	if (ss_link_kept_read(s, word, &k) < 0)
		return;
	check(k.n[0] >= 0 && k.n[1] >= 0);
	check(ss_link_kept_read(without_lf(line, ss_link_kept_put(line, word, &k)), word, &again) ==
	      0);
	check(memcmp(&k, &again, sizeof(k)) == 0);
}

static void check_line(struct ss_str s)
{
	char line[SSL_LINE], why[SSL_LINE];
	struct ss_link_hello h, h2;
	struct ss_link_block b, b2;

	if (ss_link_hello_read(s, &h) == 0) {
		check(h.epoch >= 0 && h.pem_n > 0 && h.pem_n <= SSL_PEM_MOST);
		check(ss_link_hello_read(without_lf(line, ss_link_hello_put(line, &h)), &h2) == 0);
		check(h.epoch == h2.epoch && h.pem_n == h2.pem_n);
	}
	if (ss_link_block_read(s, &b) == 0) {
		check(b.kind >= 0 && b.kind < SSL_KINDS && b.at >= 0 && b.n > 0 &&
		      b.n <= SSL_LINES * SS_TIP_LINE);
		check(ss_link_block_read(without_lf(line, ss_link_block_put(line, &b)), &b2) == 0);
		check(b.kind == b2.kind && b.at == b2.at && b.n == b2.n);
	}
	check_kept(s, "HAVE");
	check_kept(s, "OK");
	ss_str_copy(why, sizeof(why), s);
	without_lf(line, ss_link_refusal_put(line, why));
}

/* --- a visit --- */

/* A line as the channel gives it: at most 79 characters. */
static bool next_line(struct ss_str *rest, struct ss_str *ret)
{
	const char *lf = rest->n ? memchr(rest->p, '\n', rest->n < 80 ? rest->n : 80) : NULL;

	if (!lf)
		return false;
	*ret = ss_str_n(rest->p, (size_t)(lf - rest->p));
	*rest = ss_str_n(lf + 1, rest->n - ret->n - 1);
	return true;
}

static bool next_bytes(struct ss_str *rest, size_t n, struct ss_str *ret)
{
	if (rest->n < n)
		return false;
	*ret = ss_str_n(rest->p, n);
	*rest = ss_str_n(rest->p + n, rest->n - n);
	return true;
}

static void drop_copy(const uint8_t node[16])
{
	static const char *const files[][2] = {
	    {"journal", "tips"}, {"audit", "tips"}, {"journal", "pub"}};
	char id[33] = {0}, path[160];

	ss_hex_encode(id, node, 16);
	for (size_t i = 0; i < SS_ARRAY_LEN(files); i++) {
		snprintf(path, sizeof(path), "%s/%s-%s.%s", dir, files[i][0], id, files[i][1]);
		unlink(path);
	}
}

/* Bytes taken, all in all. */
static void take_blocks(struct ss_str rest, struct ss_str pem, int64_t taken[SSL_KINDS])
{
	struct ss_str line, block;
	struct ss_link_block b;

	while (next_line(&rest, &line) && !ss_str_is(line, "END") &&
	       ss_link_block_read(line, &b) == 0 && next_bytes(&rest, b.n, &block)) {
		const struct ss_tip_source s = {.pem = pem,
						.name = ss_link_kinds[b.kind].name,
						.magic = ss_link_kinds[b.kind].magic};
		struct ss_error err = {0};

		if (ss_tip_copy_append(dir, &s, b.at, block, &err) < 0)
			return;
		check(b.at == taken[b.kind]);
		taken[b.kind] += (int64_t)b.n;
	}
}

static void visit(struct ss_str rest)
{
	int64_t taken[SSL_KINDS] = {0};
	struct ss_link_hello h;
	struct ss_str line, pem;
	uint8_t node[16], last[32];

	if (!next_line(&rest, &line) || ss_link_hello_read(line, &h) < 0 ||
	    !next_bytes(&rest, h.pem_n, &pem))
		return;
	ss_tip_node(pem, node);
	take_blocks(rest, pem, taken);
	for (int i = 0; i < SSL_KINDS; i++)
		check(ss_tip_copy_size(dir, ss_link_kinds[i].name, node, last) == taken[i]);
	drop_copy(node);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ss_str all = ss_str_n((const char *)data, size), rest = all, line;

	if (!dir[0]) {
		snprintf(dir, sizeof(dir), "%s/ss-links-fuzz-XXXXXX",
			 access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
		check(mkdtemp(dir) != NULL);
	}
	check_line(all);
	while (next_line(&rest, &line))
		check_line(line);
	visit(all);
	return 0;
}
