#include "base/error.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"

struct err_row {
	int code;
	int http;
	int retry;
	const char *name;
	const char *zh;
	const char *en;
};

static const struct err_row rows[] = {
#define X(name, code, http, retry, zh, en) {code, http, retry, #name, zh, en},
#include "base/errors.def"
#undef X
};
static const struct err_row row_ok = {0, 200, 0, "SS_OK", "成功", "ok"};
static const struct err_row row_unknown = {0, 500, 0, "SS_E?", "未知错误", "unknown error"};

static const struct err_row *row_of(int code)
{
	if (code >= 0)
		return &row_ok;
	for (size_t i = 0; i < SS_ARRAY_LEN(rows); i++) {
		if (rows[i].code == code)
			return &rows[i];
	}
	return &row_unknown;
}

const char *ss_err_name(int code)
{
	return row_of(code)->name;
}

const char *ss_err_zh(int code)
{
	return row_of(code)->zh;
}

const char *ss_err_en(int code)
{
	return row_of(code)->en;
}

int ss_err_http(int code)
{
	return row_of(code)->http;
}

int ss_err_retry(int code)
{
	return row_of(code)->retry;
}

static const struct {
	int errnum;
	int code;
} errnos[] = {
    {EINVAL, SS_EINVAL},
    {EBADF, SS_EINVAL},
    {ENAMETOOLONG, SS_EINVAL},
    {EISDIR, SS_EINVAL},
    {ELOOP, SS_EINVAL},
    {ENOMEM, SS_ENOMEM},
    {ENOBUFS, SS_ENOMEM},
    {E2BIG, SS_ETOOBIG},
    {EMSGSIZE, SS_ETOOBIG},
    {ENOENT, SS_ENOTFOUND},
    {ENOTDIR, SS_ENOTFOUND},
    {ENXIO, SS_ENOTFOUND},
    {EEXIST, SS_EEXISTS},
    {ENOTEMPTY, SS_EEXISTS},
    {EADDRINUSE, SS_EEXISTS},
    {EACCES, SS_EDENIED},
    {EPERM, SS_EDENIED},
    {EROFS, SS_EDENIED},
    {ERANGE, SS_ERANGE},
    {EOVERFLOW, SS_ERANGE},
    {EBUSY, SS_EBUSY},
    {ETXTBSY, SS_EBUSY},
    {ENOSPC, SS_ENOSPC},
    {EDQUOT, SS_ENOSPC},
    {EFBIG, SS_ENOSPC}, /* RLIMIT_FSIZE: to the one who writes it is a full disk */
    {EPIPE, SS_EGONE},
    {ECONNRESET, SS_EGONE},
    {ECONNABORTED, SS_EGONE},
    {ECONNREFUSED, SS_EGONE},
    {ENOTCONN, SS_EGONE},
    {ESHUTDOWN, SS_EGONE},
    {EHOSTUNREACH, SS_EGONE},
    {ENETUNREACH, SS_EGONE},
    {ENETDOWN, SS_EGONE},
    {ETIMEDOUT, SS_ETIMEOUT},
    {ENOSYS, SS_EUNSUPPORTED},
    {EOPNOTSUPP, SS_EUNSUPPORTED},
    {EAFNOSUPPORT, SS_EUNSUPPORTED},
    {ECANCELED, SS_ECANCELLED},
    {EMFILE, SS_EFDS},
    {ENFILE, SS_EFDS},
    {EAGAIN, SS_EAGAIN},
    {EINPROGRESS, SS_EAGAIN},
    {EINTR, SS_EAGAIN},
};

int ss_err_from_errno(int errnum)
{
	for (size_t i = 0; i < SS_ARRAY_LEN(errnos); i++) {
		if (errnos[i].errnum == errnum)
			return errnos[i].code;
	}
	return SS_EIO;
}

/* vsnprintf into out, but never ending in half a character. */
__attribute__((format(printf, 3, 0))) static void fmt_text(char *out, size_t cap, const char *fmt,
							   va_list ap)
{
	char text[2 * sizeof(((struct ss_error *)0)->text)];
	int n = vsnprintf(text, sizeof(text), fmt, ap);

	ss_str_copy(out, cap, n < 0 ? SS_STR("") : ss_str_of(text));
}

int ss_error_set_at(struct ss_error *err, int code, const char *where, const char *fmt, ...)
{
	va_list ap;

	if (!err)
		return code;
	va_start(ap, fmt);
	fmt_text(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	err->code = code;
	err->where = where;
	return code;
}

void ss_error_prefix(struct ss_error *err, const char *fmt, ...)
{
	char text[sizeof(err->text)], whole[2 * sizeof(err->text) + 2];
	va_list ap;

	if (!err)
		return;
	va_start(ap, fmt);
	fmt_text(text, sizeof(text), fmt, ap);
	va_end(ap);
	snprintf(whole, sizeof(whole), "%s: %s", text, err->text);
	ss_str_copy(err->text, sizeof(err->text), ss_str_of(whole));
}

void ss_assert_failed(const char *cond, const char *where)
{
	fprintf(stderr, "shanshui: 内部断言不成立 assertion failed: %s (%s)\n", cond, where);
	abort();
}
