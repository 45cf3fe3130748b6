/* The table that fails as told. */
#include <signal.h>
#include <stdatomic.h>
#include <string.h>

#include "base/base.h"
#include "base/os.h"

#define CALLS(X)                                                                                   \
	X(random)                                                                                  \
	X(open)                                                                                    \
	X(close)                                                                                   \
	X(pread)                                                                                   \
	X(pwrite)                                                                                  \
	X(pwritev)                                                                                 \
	X(datasync)                                                                                \
	X(sync)                                                                                    \
	X(sync_dir)                                                                                \
	X(truncate)                                                                                \
	X(allocate)                                                                                \
	X(size)                                                                                    \
	X(rename)                                                                                  \
	X(unlink)                                                                                  \
	X(mkdir)                                                                                   \
	X(dbwrite)                                                                                 \
	X(dbsync)                                                                                  \
	X(recv)                                                                                    \
	X(send)                                                                                    \
	X(accept)

enum call {
#define X(name) CALL_##name,
	CALLS(X)
#undef X
	    CALL_COUNT_
};

static const char *const call_names[CALL_COUNT_] = {
#define X(name) #name,
    CALLS(X)
#undef X
};

#define FAULT_SHORT 1 /* half of it is done; where the contract is "whole", an error follows */
#define FAULT_KILL 2  /* the process dies before the call, as by a power cut */

static const struct {
	const char *name;
	int what;
} faults[] = {
    {"eio", SS_EIO},        {"enospc", SS_ENOSPC},   {"reset", SS_EGONE},
    {"short", FAULT_SHORT}, {"efds", SS_EFDS},       {"enomem", SS_ENOMEM},
    {"eagain", SS_EAGAIN},  {"edenied", SS_EDENIED}, {"kill", FAULT_KILL},
};

#define RULES_MOST 32

struct rule {
	enum call call;
	int what;
	uint64_t nth;
	bool on; /* nth and all after it */
};

static struct rule rules[RULES_MOST];
static size_t rule_count;
static atomic_uint_fast64_t counts[CALL_COUNT_];

/* Counts the call; what is to happen to it, or 0. */
static int fault_of(enum call call)
{
	uint64_t n = atomic_fetch_add(&counts[call], 1) + 1;

	for (size_t i = 0; i < rule_count; i++) {
		const struct rule *r = &rules[i];

		if (r->call != call || !(r->on ? n >= r->nth : n == r->nth))
			continue;
		if (r->what == FAULT_KILL)
			raise(SIGKILL);
		return r->what;
	}
	return 0;
}

static int fault_random(void *p, size_t n)
{
	int f = fault_of(CALL_random);

	return f ? (f < 0 ? f : SS_EIO) : ss_os_real.random(p, n);
}

static int fault_open(const char *path, int flags, int mode)
{
	int f = fault_of(CALL_open);

	return f ? (f < 0 ? f : SS_EIO) : ss_os_real.open(path, flags, mode);
}

/* The descriptor is given back all the same, as by the system. */
static int fault_close(int fd)
{
	int f = fault_of(CALL_close);
	int r = ss_os_real.close(fd);

	return f ? (f < 0 ? f : SS_EIO) : r;
}

static int64_t fault_pread(int fd, void *p, size_t n, int64_t at)
{
	int f = fault_of(CALL_pread);

	if (f < 0)
		return f;
	return ss_os_real.pread(fd, p, f == FAULT_SHORT ? n / 2 : n, at);
}

static int64_t fault_pwrite(int fd, const void *p, size_t n, int64_t at)
{
	int f = fault_of(CALL_pwrite);
	int64_t r;

	if (f < 0)
		return f;
	r = ss_os_real.pwrite(fd, p, f == FAULT_SHORT ? n / 2 : n, at);
	return f == FAULT_SHORT && r >= 0 ? SS_EIO : r;
}

/* A torn group: the first half of its bytes is written, then the error comes. */
static int64_t torn_pwritev(int fd, const struct iovec *iov, int count, int64_t at)
{
	size_t half = 0;

	for (int i = 0; i < count; i++)
		half += iov[i].iov_len;
	half /= 2;
	for (int i = 0; i < count && half; i++) {
		size_t n = iov[i].iov_len < half ? iov[i].iov_len : half;
		int64_t r = ss_os_real.pwrite(fd, iov[i].iov_base, n, at);

		if (r < 0)
			return r;
		at += r;
		half -= n;
	}
	return SS_EIO;
}

static int64_t fault_pwritev(int fd, const struct iovec *iov, int count, int64_t at)
{
	int f = fault_of(CALL_pwritev);

	if (f == FAULT_SHORT)
		return torn_pwritev(fd, iov, count, at);
	return f ? f : ss_os_real.pwritev(fd, iov, count, at);
}

static int fault_datasync(int fd)
{
	int f = fault_of(CALL_datasync);

	return f ? (f < 0 ? f : SS_EIO) : ss_os_real.datasync(fd);
}

static int fault_sync(int fd)
{
	int f = fault_of(CALL_sync);

	return f ? (f < 0 ? f : SS_EIO) : ss_os_real.sync(fd);
}

static int fault_sync_dir(const char *path)
{
	int f = fault_of(CALL_sync_dir);

	return f ? (f < 0 ? f : SS_EIO) : ss_os_real.sync_dir(path);
}

static int fault_truncate(int fd, int64_t size)
{
	int f = fault_of(CALL_truncate);

	return f ? (f < 0 ? f : SS_EIO) : ss_os_real.truncate(fd, size);
}

static int fault_allocate(int fd, int64_t at, int64_t n)
{
	int f = fault_of(CALL_allocate);

	return f ? (f < 0 ? f : SS_EIO) : ss_os_real.allocate(fd, at, n);
}

static int64_t fault_size(int fd)
{
	int f = fault_of(CALL_size);

	return f ? (f < 0 ? f : SS_EIO) : ss_os_real.size(fd);
}

static int fault_rename(const char *from, const char *to)
{
	int f = fault_of(CALL_rename);

	return f ? (f < 0 ? f : SS_EIO) : ss_os_real.rename(from, to);
}

static int fault_unlink(const char *path)
{
	int f = fault_of(CALL_unlink);

	return f ? (f < 0 ? f : SS_EIO) : ss_os_real.unlink(path);
}

static int fault_mkdir(const char *path, int mode)
{
	int f = fault_of(CALL_mkdir);

	return f ? (f < 0 ? f : SS_EIO) : ss_os_real.mkdir(path, mode);
}

static int fault_dbwrite(void)
{
	int f = fault_of(CALL_dbwrite);

	return f > 0 ? SS_EIO : f;
}

static int fault_dbsync(void)
{
	int f = fault_of(CALL_dbsync);

	return f > 0 ? SS_EIO : f;
}

static int64_t fault_recv(int fd, void *p, size_t n)
{
	int f = fault_of(CALL_recv);

	if (f < 0)
		return f;
	return ss_os_real.recv(fd, p, f == FAULT_SHORT && n ? 1 : n);
}

static int64_t fault_send(int fd, const void *p, size_t n)
{
	int f = fault_of(CALL_send);

	if (f < 0)
		return f;
	return ss_os_real.send(fd, p, f == FAULT_SHORT && n > 1 ? n / 2 : n);
}

static int fault_accept(int fd, struct sockaddr *sa, socklen_t *len)
{
	int f = fault_of(CALL_accept);

	return f ? (f < 0 ? f : SS_EGONE) : ss_os_real.accept(fd, sa, len);
}

static struct ss_os fault_table = {
#define X(name) .name = fault_##name,
    CALLS(X)
#undef X
};

static int call_of(struct ss_str name, enum call *ret)
{
	for (int i = 0; i < CALL_COUNT_; i++) {
		if (ss_str_is(name, call_names[i])) {
			*ret = (enum call)i;
			return 0;
		}
	}
	return SS_EPARSE;
}

static int fault_named(struct ss_str name, int *ret)
{
	for (size_t i = 0; i < SS_ARRAY_LEN(faults); i++) {
		if (ss_str_is(name, faults[i].name)) {
			*ret = faults[i].what;
			return 0;
		}
	}
	return SS_EPARSE;
}

static int parse_rule(struct ss_str text, struct rule *r)
{
	struct ss_str call, fault, nth;

	if (!ss_str_split(&text, ':', &call) || !ss_str_split(&text, ':', &fault) ||
	    !ss_str_split(&text, ':', &nth) || text.n)
		return SS_EPARSE;
	r->on = ss_str_ends(nth, SS_STR("+"));
	nth.n -= r->on;
	if (call_of(call, &r->call) < 0 || fault_named(fault, &r->what) < 0 ||
	    ss_parse_u64(nth, &r->nth) < 0 || r->nth == 0)
		return SS_EPARSE;
	return 0;
}

int ss_os_fault_install(const char *spec)
{
	struct rule fresh[RULES_MOST];
	struct ss_str rest = ss_str_of(spec), part;
	size_t n = 0;

	while (rest.n && ss_str_split(&rest, ',', &part)) {
		int r = n < RULES_MOST ? parse_rule(ss_str_trim(part), &fresh[n]) : SS_ETOOBIG;

		if (r < 0)
			return r;
		n++;
	}
	memcpy(rules, fresh, n * sizeof(rules[0]));
	rule_count = n;
	for (int i = 0; i < CALL_COUNT_; i++)
		atomic_store(&counts[i], 0);
	fault_table.now_us = ss_os_real.now_us;
	fault_table.mono_us = ss_os_real.mono_us;
	ss_os_set(&fault_table);
	return 0;
}
