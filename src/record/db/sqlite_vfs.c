/* SQLite's own file layer, with ss_os asked before each write and sync, so that a full disk, a
 * failing disk and a death between two writes can be had from a seed in the database too. */
#include "record/db/db_internal.h"

#include <pthread.h>
#include <sqlite3.h>

#include "base/os.h"

struct file {
	sqlite3_file base;
	sqlite3_file *real; /* in the same block, behind this */
};

static sqlite3_vfs *system_vfs, our_vfs;
static pthread_once_t once = PTHREAD_ONCE_INIT;

#define REAL(f) (((struct file *)(f))->real)
#define CALL(f, method, ...) REAL(f)->pMethods->method(REAL(f), ##__VA_ARGS__)

static int on_write(sqlite3_file *f, const void *p, int n, sqlite3_int64 at)
{
	int r = ss_os()->dbwrite();

	if (r < 0)
		return r == SS_ENOSPC ? SQLITE_FULL : SQLITE_IOERR_WRITE;
	return CALL(f, xWrite, p, n, at);
}

static int on_sync(sqlite3_file *f, int flags)
{
	if (ss_os()->dbsync() < 0)
		return SQLITE_IOERR_FSYNC;
	return CALL(f, xSync, flags);
}

/* The rest is passed on. */

static int on_close(sqlite3_file *f)
{
	return CALL(f, xClose);
}

static int on_read(sqlite3_file *f, void *p, int n, sqlite3_int64 at)
{
	return CALL(f, xRead, p, n, at);
}

static int on_truncate(sqlite3_file *f, sqlite3_int64 n)
{
	return CALL(f, xTruncate, n);
}

static int on_size(sqlite3_file *f, sqlite3_int64 *n)
{
	return CALL(f, xFileSize, n);
}

static int on_lock(sqlite3_file *f, int level)
{
	return CALL(f, xLock, level);
}

static int on_unlock(sqlite3_file *f, int level)
{
	return CALL(f, xUnlock, level);
}

static int on_check(sqlite3_file *f, int *out)
{
	return CALL(f, xCheckReservedLock, out);
}

static int on_control(sqlite3_file *f, int op, void *arg)
{
	return CALL(f, xFileControl, op, arg);
}

static int on_sector(sqlite3_file *f)
{
	return CALL(f, xSectorSize);
}

static int on_traits(sqlite3_file *f)
{
	return CALL(f, xDeviceCharacteristics);
}

static int on_shm_map(sqlite3_file *f, int page, int size, int extend, void volatile **out)
{
	return CALL(f, xShmMap, page, size, extend, out);
}

static int on_shm_lock(sqlite3_file *f, int offset, int n, int flags)
{
	return CALL(f, xShmLock, offset, n, flags);
}

static void on_shm_barrier(sqlite3_file *f)
{
	CALL(f, xShmBarrier);
}

static int on_shm_unmap(sqlite3_file *f, int remove)
{
	return CALL(f, xShmUnmap, remove);
}

static int on_fetch(sqlite3_file *f, sqlite3_int64 at, int n, void **out)
{
	return CALL(f, xFetch, at, n, out);
}

static int on_unfetch(sqlite3_file *f, sqlite3_int64 at, void *p)
{
	return CALL(f, xUnfetch, at, p);
}

static const sqlite3_io_methods methods = {
    .iVersion = 3,
    .xClose = on_close,
    .xRead = on_read,
    .xWrite = on_write,
    .xTruncate = on_truncate,
    .xSync = on_sync,
    .xFileSize = on_size,
    .xLock = on_lock,
    .xUnlock = on_unlock,
    .xCheckReservedLock = on_check,
    .xFileControl = on_control,
    .xSectorSize = on_sector,
    .xDeviceCharacteristics = on_traits,
    .xShmMap = on_shm_map,
    .xShmLock = on_shm_lock,
    .xShmBarrier = on_shm_barrier,
    .xShmUnmap = on_shm_unmap,
    .xFetch = on_fetch,
    .xUnfetch = on_unfetch,
};

static int on_open(sqlite3_vfs *v, const char *name, sqlite3_file *f, int flags, int *out_flags)
{
	struct file *file = (struct file *)f;

	(void)v;
	file->base.pMethods = NULL; /* SQLite closes what has methods, also after a failure */
	file->real = (sqlite3_file *)(file + 1);
	int r = system_vfs->xOpen(system_vfs, name, file->real, flags, out_flags);
	if (file->real->pMethods)
		file->base.pMethods = &methods;
	return r;
}

static void install(void)
{
	/* Nobody asks how much memory SQLite has; counting it takes one lock for all threads at
	 * each allocation. */
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	system_vfs = sqlite3_vfs_find(NULL);
	if (!system_vfs)
		return;
	our_vfs = *system_vfs;
	our_vfs.pNext = NULL;
	our_vfs.zName = "shanshui";
	our_vfs.szOsFile = (int)sizeof(struct file) + system_vfs->szOsFile;
	our_vfs.xOpen = on_open;
	if (sqlite3_vfs_register(&our_vfs, 0) != SQLITE_OK)
		our_vfs.zName = NULL;
}

const char *ss_sqlite_vfs(void)
{
	pthread_once(&once, install);
	return our_vfs.zName;
}
