/* The lines that nodes exchange, read and written: pure. What does not fit to the letter is
 * refused.
 */
#include "links_internal.h"

static int number(struct ss_str *rest, int64_t *ret)
{
	struct ss_str part;

	return ss_str_split(rest, ' ', &part) && ss_parse_i64(part, ret) == 0 && *ret >= 0
		   ? 0
		   : SS_EPARSE;
}

/* The word, then what follows it. */
static int begins(struct ss_str line, const char *word, struct ss_str *ret_rest)
{
	struct ss_str part;

	*ret_rest = line;
	return ss_str_split(ret_rest, ' ', &part) && ss_str_is(part, word) ? 0 : SS_EPARSE;
}

int ss_link_hello_read(struct ss_str line, struct ss_link_hello *ret)
{
	struct ss_str rest;
	int64_t epoch = 0, n = 0;
	int r = begins(line, "SSLINK1", &rest);

	if (r == 0)
		r = number(&rest, &epoch);
	if (r == 0)
		r = number(&rest, &n);
	if (r < 0 || rest.n || n == 0 || n > SSL_PEM_MOST)
		return SS_EPARSE;
	*ret = (struct ss_link_hello){epoch, (size_t)n};
	return 0;
}

int ss_link_hello_put(char line[SSL_LINE], const struct ss_link_hello *h)
{
	return snprintf(line, SSL_LINE, "SSLINK1 %lld %zu\n", (long long)h->epoch, h->pem_n);
}

int ss_link_block_read(struct ss_str line, struct ss_link_block *ret)
{
	struct ss_str rest;
	int64_t kind = 0, at = 0, n = 0;
	int r = begins(line, "TIPS", &rest);

	if (r == 0)
		r = number(&rest, &kind);
	if (r == 0)
		r = number(&rest, &at);
	if (r == 0)
		r = number(&rest, &n);
	if (r < 0 || rest.n || kind >= SSL_KINDS || n == 0 || n > SSL_LINES * SS_TIP_LINE)
		return SS_EPARSE;
	*ret = (struct ss_link_block){(int)kind, at, (size_t)n};
	return 0;
}

int ss_link_block_put(char line[SSL_LINE], const struct ss_link_block *b)
{
	return snprintf(line, SSL_LINE, "TIPS %d %lld %zu\n", b->kind, (long long)b->at, b->n);
}

int ss_link_kept_read(struct ss_str line, const char *word, struct ss_link_kept *ret)
{
	struct ss_link_kept k = {0};
	struct ss_str rest, part;
	int r = begins(line, word, &rest);

	for (int i = 0; r == 0 && i < SSL_KINDS; i++)
		r = number(&rest, &k.n[i]);
	for (int i = 0; r == 0 && i < SSL_KINDS; i++) {
		size_t n = 0;

		if (!ss_str_split(&rest, ' ', &part) || part.n != 64 ||
		    ss_hex_decode(part, k.last[i], 32, &n) < 0 || n != 32)
			r = SS_EPARSE;
	}
	if (r < 0 || rest.n)
		return SS_EPARSE;
	*ret = k;
	return 0;
}

int ss_link_kept_put(char line[SSL_LINE], const char *word, const struct ss_link_kept *k)
{
	char last[SSL_KINDS][65] = {{0}};

	for (int i = 0; i < SSL_KINDS; i++)
		ss_hex_encode(last[i], k->last[i], 32);
	return snprintf(line, SSL_LINE, "%s %lld %lld %s %s\n", word, (long long)k->n[0],
			(long long)k->n[1], last[0], last[1]);
}

int ss_link_refusal_put(char line[SSL_LINE], const char *why)
{
	int n = snprintf(line, SSL_LINE - 1, "NO %s", why);

	n = n < SSL_LINE - 2 ? n : SSL_LINE - 2;
	for (int i = 0; i < n; i++)
		line[i] = (unsigned char)line[i] < ' ' ? ' ' : line[i];
	line[n] = '\n';
	line[n + 1] = 0;
	return n + 1;
}
