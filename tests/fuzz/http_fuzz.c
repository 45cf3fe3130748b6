/* Request targets, cursors and headers as strangers send them: path and query parser, router,
 * guards, cursor, password mask. */
#include <stdint.h>

#include "serve/api/api_internal.h"
#include "serve/http/http_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static struct ss_router *router(void)
{
	static struct ss_router *r;

	if (!r && ss_router_new(ss_api_routes, &r, NULL) < 0)
		abort();
	return r;
}

/* What was let through holds no control character and is UTF-8. */
static void expect_clean(struct ss_str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f)
			abort();
	}
	if (!ss_utf8_valid(s))
		abort();
}

static void fuzz_target(struct ss_str all, struct ss_arena *a)
{
	struct ss_pair pairs[SS_HTTP_PAIRS];
	struct ss_str path = {0};
	unsigned methods;
	size_t n = 0, n_path = 0;
	int m = all.n ? (unsigned char)all.p[0] % 5 : 0;

	ss_str_split(&all, '?', &path);
	if (ss_router_match(router(), (enum ss_method)m, path, a, pairs, &n_path, &methods) >= 0) {
		for (size_t i = 0; i < n_path; i++)
			expect_clean(pairs[i].value);
		n = n_path;
	}
	if (ss_http_query(all, a, pairs, SS_HTTP_PAIRS, &n, NULL) < 0)
		return;
	for (size_t i = n_path; i < n; i++) {
		expect_clean(pairs[i].name);
		expect_clean(pairs[i].value);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct ss_str all = {(const char *)data, n}, key;
	struct ss_arena a;
	size_t start, end;
	char *copy;

	ss_arena_init(&a, 8 << 20);
	fuzz_target(all, &a);
	(void)ss_http_loopback_host(all);
	(void)ss_http_same_origin(all, SS_STR("localhost:8080"));
	(void)ss_http_accepts_gzip(all);
	(void)ss_http_etag_matches(all, "\"x\"");
	if (ss_cursor_parse(all, "site", &a, &key) == 0 && key.p[key.n] != 0)
		abort();
	copy = ss_arena_strdup(&a, all);
	if (copy)
		ss_mask_password(copy, n);
	if (ss_frame_find(all, "a34004", "Rtd", &start, &end) && (start > end || end > n))
		abort();
	ss_arena_done(&a);
	return 0;
}
