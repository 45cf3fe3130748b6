/* Hostile evidence packages against the verifier. The first byte says how the rest is taken: bit 0:
 * as JSON alone; bit 1: as anchors; otherwise as a package, and with bit 2 the headers of its
 * members are made right first, so that what lies behind them is reached. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "verify/verify.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void right_header(uint8_t *h)
{
	unsigned sum = 0;

	memset(h + 148, ' ', 8);
	for (int i = 0; i < 512; i++)
		sum += h[i];
	snprintf((char *)h + 148, 8, "%06o", sum);
	h[155] = ' ';
}

static void right_headers(uint8_t *p, size_t n)
{
	size_t at = 0;

	while (at + 512 <= n && p[at]) {
		size_t size = 0;

		right_header(p + at);
		for (int i = 124; i < 135; i++)
			size = size * 8 + (p[at + (size_t)i] & 7);
		if (size > n)
			return;
		at += 512 + (size + 511) / 512 * 512;
	}
}

static void as_json(struct sv_bytes text)
{
	struct sv_doc *d = sv_doc_new();
	const struct sv_node *v = sv_parse(d, text);
	char out[64];
	uint64_t u;
	double f;

	sv_get_u64(v, "group", &u);
	sv_get_double(v, "value", &f);
	sv_get_string(v, "field", out, sizeof(out));
	sv_doc_free(d);
}

static void as_anchors(struct sv_bytes text)
{
	static struct sv_tip tip[2] = {{.group = 3, .first = 1}, {.group = 9, .first = 4}};
	struct sv_chain c = {
	    .node_hex = "00112233445566778899aabbccddeeff", .tip = tip, .tip_n = 2};
	struct sv_report r = {.broken_n = 0};

	sv_chain_anchors(&c, text, &r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static struct sv_report r;
	struct sv_bytes rest = {NULL, n - 1}, none = {NULL, 0};
	uint8_t *copy;

	if (n < 1 || n > 1 << 20)
		return 0;
	copy = malloc(n); /* exactly, so that one byte too far shows */
	memcpy(copy, data + 1, n - 1);
	rest.p = copy;
	if (data[0] & 1) {
		as_json(rest);
	} else if (data[0] & 2) {
		as_anchors(rest);
	} else {
		if (data[0] & 4)
			right_headers(copy, n - 1);
		sv_check(rest, none, &r);
		if (sv_verdict(&r) == SV_GOOD) /* never without anchors */
			abort();
	}
	free(copy);
	return 0;
}
