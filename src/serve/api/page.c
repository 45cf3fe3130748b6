#include "serve/api/api_internal.h"

#define KEY_MAX 200

int ss_cursor_parse(struct ss_str text, const char *tag, struct ss_arena *a, struct ss_str *ret_key)
{
	char out[KEY_MAX];
	size_t n, tag_n = strlen(tag);
	char *copy;

	if (ss_hex_decode(text, out, sizeof(out), &n) < 0 || n <= tag_n ||
	    memcmp(out, tag, tag_n) != 0 || out[tag_n] != ':' || !ss_utf8_valid(ss_str_n(out, n)) ||
	    memchr(out, 0, n))
		return SS_EINVAL;
	copy = ss_arena_strdup(a, ss_str_n(out + tag_n + 1, n - tag_n - 1));
	if (!copy)
		return SS_ENOMEM;
	*ret_key = ss_str_n(copy, n - tag_n - 1);
	return 0;
}

int ss_page_open(struct ss_request *rq, const char *tag, int64_t def, int64_t most,
		 struct ss_page *ret, struct ss_error *err)
{
	struct ss_str cursor = ss_request_param(rq, "cursor");
	int r = ss_request_i64(rq, "limit", def, 1, most, &ret->limit, err);

	ret->after = ss_str_n(NULL, 0);
	if (r < 0 || !cursor.p)
		return r;
	if (ss_cursor_parse(cursor, tag, rq->a, &ret->after) == 0)
		return 0;
	ss_request_blame(rq, "cursor");
	return ss_error_set(err, SS_EINVAL,
			    "参数 cursor 不是这个列表（和排序）给出的；parameter cursor was not "
			    "given by this list in "
			    "this order");
}

void ss_page_next(struct ss_json *j, const char *tag, struct ss_str key)
{
	char plain[KEY_MAX], hex[2 * KEY_MAX];
	int n;

	ss_json_key(j, "next");
	n = key.p ? snprintf(plain, sizeof(plain), "%s:%.*s", tag, SS_STR_ARG(key)) : 0;
	if (n <= 0 || (size_t)n >= sizeof(plain)) {
		ss_json_null(j);
		return;
	}
	ss_hex_encode(hex, plain, (size_t)n);
	ss_json_str(j, ss_str_n(hex, 2 * (size_t)n));
}
