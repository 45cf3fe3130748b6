/* The one-writer rule on SQLite. SQLite 3.40.1 can lose or damage commits when two connections
 * write or checkpoint around a reset of the WAL (fixed in 3.51.3), so the second writer is refused
 * before it opens the file: by a register among the threads of this process, and by a lock on
 * <database>.lock among processes. The kernel drops the lock with the process, however it ends. */
#include "record/db/db_internal.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/os.h"
#include "base/thread.h"

struct ss_writer_lock {
	int fd;
	dev_t dev;
	ino_t ino;
	struct ss_writer_lock *next;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct ss_writer_lock *held;

static bool held_here(const struct stat *st)
{
	for (struct ss_writer_lock *l = held; l; l = l->next)
		if (l->dev == st->st_dev && l->ino == st->st_ino)
			return true;
	return false;
}

static int busy(int fd, const char *path, struct ss_error *err)
{
	char who[24] = "";
	int64_t n = ss_os()->pread(fd, who, sizeof(who) - 1, 0);
	struct ss_str pid = ss_str_trim(ss_str_n(who, n > 0 ? (size_t)n : 0));

	return ss_error_set(err, SS_EBUSY,
			    "数据库 %s 已有写入者（进程 " SS_STR_FMT
			    "）：请先停止它；the database already has a writer (process " SS_STR_FMT
			    "): stop it first",
			    path, SS_STR_ARG(pid), SS_STR_ARG(pid));
}

/* Path of the lock beside the file that a link may point to. */
static int lock_path(const char *db_path, struct ss_buf *b)
{
	char *real = realpath(db_path, NULL);

	ss_buf_addf(b, "%s.lock", real ? real : db_path);
	free(real);
	return b->err;
}

static int lock_file(int fd, const char *db_path, struct ss_writer_lock *l, struct ss_error *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return ss_error_set(err, SS_EIO, "%s.lock: 无法读取；cannot be read", db_path);
	if (held_here(&st) || flock(fd, LOCK_EX | LOCK_NB) < 0)
		return busy(fd, db_path, err);
	l->fd = fd;
	l->dev = st.st_dev;
	l->ino = st.st_ino;
	return 0;
}

static void write_pid(int fd)
{
	char who[24];
	int n = snprintf(who, sizeof(who), "%d\n", (int)getpid());

	/* Only for the message above: the lock holds without it. */
	if (ss_os()->truncate(fd, 0) == 0)
		(void)ss_os()->pwrite(fd, who, (size_t)n, 0);
}

int ss_writer_lock_take(const char *db_path, struct ss_writer_lock **ret, struct ss_error *err)
{
	ss_cleanup(ss_buf_done) struct ss_buf path = SS_BUF_MAX(4096);
	struct ss_writer_lock *l;
	int r = lock_path(db_path, &path), fd;

	if (r < 0)
		return ss_error_set(err, r, "%s: 路径过长；path too long", db_path);
	SS_LOCKED(&lock);
	fd = ss_os()->open(path.p, O_RDWR | O_CREAT, 0640);
	if (fd < 0)
		return ss_error_set(err, fd, "%s: 无法建立锁文件；cannot make the lock file",
				    path.p);
	l = calloc(1, sizeof(*l));
	r = l ? lock_file(fd, db_path, l, err) : SS_ENOMEM;
	if (r < 0) {
		free(l);
		ss_os()->close(fd);
		return r;
	}
	write_pid(fd);
	l->next = held;
	held = l;
	*ret = l;
	return 0;
}

void ss_writer_lock_free(struct ss_writer_lock *l)
{
	if (!l)
		return;
	SS_LOCKED(&lock);
	for (struct ss_writer_lock **p = &held; *p; p = &(*p)->next) {
		if (*p == l) {
			*p = l->next;
			break;
		}
	}
	ss_os()->close(l->fd); /* drops the lock; the file stays, for removing it would race */
	free(l);
}
