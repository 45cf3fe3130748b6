/* The replaceable layer under everything that can fail for reasons outside the program: clock,
 * random, files, sockets. Code never calls the system for these directly; tests put their own table
 * in place (faults from a seed, a clock that jumps, a disk that fills).
 * All calls return 0 or more, or a negative SS_E code. Thread: any; ss_os_set only before threads
 * start or in tests. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/uio.h>

struct ss_os {
	int64_t (*now_us)(void);  /* wall clock, microseconds UTC */
	int64_t (*mono_us)(void); /* monotonic */
	int (*random)(void *p, size_t n);

	/* Files. open: flags and mode as open(2), close-on-exec is added. */
	int (*open)(const char *path, int flags, int mode);
	int (*close)(int fd);
	int64_t (*pread)(int fd, void *p, size_t n,
			 int64_t at); /* whole n, or fewer at the end of file */
	int64_t (*pwrite)(int fd, const void *p, size_t n, int64_t at); /* whole n or an error */
	int64_t (*pwritev)(int fd, const struct iovec *iov, int count,
			   int64_t at); /* whole or an error */
	int (*datasync)(int fd);
	int (*sync)(int fd);
	int (*sync_dir)(const char *path);
	int (*truncate)(int fd, int64_t size);
	int (*allocate)(int fd, int64_t at,
			int64_t n); /* reserves blocks, size stays; SS_EUNSUPPORTED is no failure */
	int64_t (*size)(int fd);
	int (*rename)(const char *from, const char *to);
	int (*unlink)(const char *path);
	int (*mkdir)(const char *path, int mode); /* 0 also when it is there already */

	/* Asked before the embedded database, which has a file layer of its own, writes to or syncs
	 * one of its files, and before a writer's command (begin, commit, a migration's statement)
	 * goes to a database server: 0, or the error that it then meets. */
	int (*dbwrite)(void);
	int (*dbsync)(void);

	/* Sockets, non-blocking. recv: 0 = orderly end; SS_EAGAIN = nothing now; SS_EGONE = reset.
	 */
	int64_t (*recv)(int fd, void *p, size_t n);
	int64_t (*send)(int fd, const void *p, size_t n);
	int (*accept)(int fd, struct sockaddr *sa,
		      socklen_t *len); /* SS_EFDS when out of descriptors */
};

extern const struct ss_os ss_os_real; /* the real system */
const struct ss_os *ss_os(void);
void ss_os_set(const struct ss_os *os); /* NULL: back to ss_os_real */

/* A table that passes on to the real system but fails as told; for tests and `--fault` of the
 * fault build. spec: "datasync:eio:3,pwrite:enospc:5+,recv:reset:100" = call:fault:nth[+],
 * nth counted from 1 for each call, + for that one and all after it. Faults: eio enospc reset efds
 * enomem eagain edenied; short (half of a pread, pwrite or pwritev is done, a write then says
 * SS_EIO; recv takes one byte, send half; any other call says SS_EIO); kill (the process dies
 * before the call, as by a power cut). "" or NULL: no fault. SS_EPARSE, SS_ETOOBIG (32 rules). */
int ss_os_fault_install(const char *spec);

/* Whole files, in place of what is in b; b->max is the limit. */
struct ss_buf;
struct ss_str;
int ss_file_read(const char *path, struct ss_buf *b);
/* Writes beside, syncs, renames over, syncs the folder: either the old or the new content. */
int ss_file_write_atomic(const char *path, const void *p, size_t n, int mode);
/* Copies a file to where none is (SS_EEXISTS), synced; the SM3 of what was copied into sm3 unless
 * NULL. */
int ss_file_copy(const char *from, const char *to, int mode, uint8_t sm3[32]);
/* A file without a name, for what is too long for memory: gone when it is closed. The descriptor.
 */
int ss_file_nameless(const char *folder);
/* A file as text whose pages come as they are read and stay nobody's: its size does not matter.
 * SS_ETOOBIG over most. Nobody may cut the file meanwhile. */
int ss_file_map(const char *path, size_t most, struct ss_str *ret);
void ss_file_unmap(struct ss_str text);
int ss_file_sm3(const char *path, uint8_t sm3[32], int64_t *ret_size);
int ss_mkdirs(const char *path, int mode);
/* Removes a folder with all that is in it; links are removed, not followed. */
int ss_rmtree(const char *path);
