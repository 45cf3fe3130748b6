/* Any bytes, cut anywhere: never out of bounds, and the cut changes nothing. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/charset.h"
#include "base/csv.h"

static void pieces_are_utf8(struct ss_str text)
{
	struct ss_text t;
	struct ss_str piece;
	bool last = false;

	if (ss_text_open(&t, text) < 0)
		return;
	while (!last)
		if (ss_text_next(&t, &piece, &last) < 0 || !ss_utf8_valid(piece))
			abort();
	ss_text_done(&t);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A digest of rows, lines and errors. */
static uint64_t read_all(struct ss_str text, size_t cut)
{
	struct ss_csv c;
	struct ss_str part[2] = {{text.p, cut}, {text.p + cut, text.n - cut}};
	uint64_t h = 0;
	int r;

	ss_csv_init(&c, ',', 200, 8);
	for (int i = 0; i < 2; i++) {
		ss_csv_feed(&c, part[i], i == 1);
		while ((r = ss_csv_next(&c)) != 0) {
			h = h * 31 + (uint64_t)c.line * 7 + (uint64_t)(r + 100);
			for (size_t k = 0; r > 0 && k < c.fields; k++)
				h = h * 31 + ss_str_hash(c.field[k]);
			if (r > 0 && (c.fields == 0 || c.fields > 8))
				abort();
		}
	}
	ss_csv_done(&c);
	return h;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 1)
		return 0;
	struct ss_str text = ss_str_n((const char *)data + 1, size - 1);
	size_t cut = text.n ? data[0] % (text.n + 1) : 0;
	/* A byte order mark cut in two is not one. */
	if (cut > 0 && cut < 3)
		cut = 0;
	if (text.n < 3 || memcmp(text.p, "\xef\xbb\xbf", 3) != 0 || cut >= 3)
		if (read_all(text, cut) != read_all(text, text.n))
			abort();
	pieces_are_utf8(text);
	return 0;
}
