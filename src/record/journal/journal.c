/* Opening, closing, figures. */
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>

#include "base/config.h"
#include "base/log.h"
#include "record/journal/journal_internal.h"

const struct ss_option ss_journal_options[] = {
    SS_OPTION(struct ss_journal_settings, STRING, dir, "journal.dir", "",
	      "日志目录，空为数据目录下的 journal",
	      "folder of the journal; empty: journal in the data folder"),
    SS_OPTION(struct ss_journal_settings, STRING, copy_dir, "journal.copy-dir", "",
	      "签名锚点的第二存放处，宜在另一块盘或另一台机器",
	      "second place for signed tips, best another disk or machine"),
    SS_OPTION(struct ss_journal_settings, SIZE, segment_bytes, "journal.segment", "256M",
	      "一段的大小，超过即封存", "size of a segment; sealed above it", .min = 1 << 20,
	      .max = INT64_C(4) << 30),
    SS_OPTION(struct ss_journal_settings, DURATION, group_us, "journal.group", "2ms",
	      "凑一组最多等多久", "longest wait to gather a group", .max = SS_US_PER_SEC),
    SS_OPTION(struct ss_journal_settings, DURATION, tip_us, "journal.tip", "1m", "多久签一次锚点",
	      "how often a tip is signed", .min = 100000, .max = SS_US_PER_DAY),
    SS_OPTION(struct ss_journal_settings, SIZE, lane_bytes, "journal.lane", "32M",
	      "一个入口最多积压多少未落盘的字节", "most unsynced bytes of one producer",
	      .min = 64 << 10, .max = 256 << 20),
    SS_OPTION(struct ss_journal_settings, INT, zstd_level, "journal.zstd", "6", "封存的压缩级别",
	      "compression level of sealing", .min = 1, .max = 19),
    SS_OPTION(struct ss_journal_settings, SIZE, reserve_bytes, "journal.reserve", "64M",
	      "磁盘满时留给登录、报警、审计的空间",
	      "kept free for login, alarms and audit when the disk is full",
	      .max = INT64_C(1) << 40),
    {0},
};

static void defaults(struct ss_journal_settings *s)
{
	if (s->segment_bytes <= 0)
		s->segment_bytes = INT64_C(256) << 20;
	if (s->group_us < 0)
		s->group_us = 2000;
	if (s->tip_us <= 0)
		s->tip_us = SS_US_PER_MIN;
	if (s->lane_bytes <= 0)
		s->lane_bytes = 32 << 20;
	if (s->zstd_level <= 0)
		s->zstd_level = 6;
	if (s->reserve_bytes < 0)
		s->reserve_bytes = 0;
}

static struct ss_journal *journal_new(const struct ss_journal_settings *s)
{
	struct ss_journal *j = calloc(1, sizeof(*j));

	if (!j)
		return NULL;
	j->s = *s;
	defaults(&j->s);
	j->read_only = s->read_only;
	j->lock_fd = j->reserve_fd = j->tips.fd = -1;
	ss_str_copy(j->dir, sizeof(j->dir), ss_str_of(s->dir));
	ss_str_copy(j->copy_dir, sizeof(j->copy_dir), ss_str_of(s->copy_dir));
	pthread_mutex_init(&j->lock, NULL);
	pthread_mutex_init(&j->wm, NULL);
	ss_cond_init(&j->durable_cond);
	ss_cond_init(&j->keeper_cond);
	ss_cond_init(&j->sealer_cond);
	ss_cond_init(&j->wcond);
	return j;
}

static void table_drop(struct ss_journal *j)
{
	for (size_t i = 0; i < j->seg_n; i++)
		ssj_segment_unref(j, j->seg[i]);
	j->seg_n = 0;
	j->active = NULL;
}

static void fd_close(int *fd)
{
	if (*fd >= 0)
		ss_os()->close(*fd);
	*fd = -1;
}

static void journal_free(struct ss_journal *j)
{
	table_drop(j);
	fd_close(&j->tips.fd);
	fd_close(&j->reserve_fd);
	fd_close(&j->lock_fd);
	ssj_lanes_free(j);
	ss_sm2_free(j->key);
	free(j->seg);
	free(j->iov);
	free(j->heads);
	free(j->groups);
	pthread_cond_destroy(&j->durable_cond);
	pthread_cond_destroy(&j->keeper_cond);
	pthread_cond_destroy(&j->sealer_cond);
	pthread_cond_destroy(&j->wcond);
	pthread_mutex_destroy(&j->lock);
	pthread_mutex_destroy(&j->wm);
	free(j);
}

/* The lock goes with the descriptor, so a killed process leaves none behind. */
static int lock(struct ss_journal *j, struct ss_error *err)
{
	char path[SSJ_PATH];

	ssj_file(path, j->dir, "lock");
	j->lock_fd = ss_os()->open(path, O_RDWR | O_CREAT, 0640);
	if (j->lock_fd < 0)
		return ss_error_set(err, j->lock_fd,
				    "写不了日志目录，请查权限和磁盘 cannot write in the journal "
				    "folder, look at rights and disk: %s",
				    path);
	if (flock(j->lock_fd, LOCK_EX | LOCK_NB) < 0)
		return ss_error_set(
		    err, errno == EWOULDBLOCK ? SS_EBUSY : SS_EIO,
		    "日志正被另一个进程使用 another process has the journal open: %s", path);
	return 0;
}

static int reserve_open(struct ss_journal *j, struct ss_error *err)
{
	char path[SSJ_PATH];

	if (j->s.reserve_bytes == 0)
		return 0;
	ssj_file(path, j->dir, "reserve");
	j->reserve_fd = ss_os()->open(path, O_RDWR | O_CREAT, 0640);
	if (j->reserve_fd < 0)
		return ss_error_set(err, j->reserve_fd, "建不了预留文件 cannot make %s", path);
	return 0;
}

static int open_write(struct ss_journal *j, struct ss_error *err)
{
	int r;

	r = ss_mkdirs(j->dir, 0750);
	if (r < 0)
		return ss_error_set(err, r, "建不了日志目录 cannot make the journal folder %s",
				    j->dir);
	r = lock(j, err);
	if (r >= 0)
		r = reserve_open(j, err);
	if (r >= 0)
		r = ssj_tip_open(j, err);
	if (r >= 0)
		r = ssj_recover(j, err);
	if (r >= 0)
		r = ssj_keeper_load(j, err);
	if (r < 0)
		return r;
	if (!j->active) {
		r = ssj_new_segment(j);
		if (r < 0)
			return ss_error_set(err, r, "建不了日志段 cannot make a segment in %s",
					    j->dir);
	}
	return 0;
}

/* A server may be sealing at the same time: a file that goes away while we look is no damage. */
static int open_read(struct ss_journal *j, struct ss_error *err)
{
	int r;

	r = ssj_tip_open(j, err);
	for (int i = 0; r >= 0 && i < 5; i++) {
		table_drop(j);
		r = ssj_recover(j, err);
		if (r != SS_ENOTFOUND)
			break;
		r = i < 4 ? 0 : r;
	}
	return r < 0 ? r : ssj_keeper_load(j, err);
}

static int start(struct ss_journal *j, struct ss_error *err)
{
	int r;

	j->tip_due_us = ss_time_mono() + j->s.tip_us;
	r = ss_thread_start(&j->writer, "journal-write", ssj_writer_main, j);
	j->writer_on = r >= 0;
	if (r >= 0)
		r = ss_thread_start(&j->keeper, "journal-chain", ssj_keeper_main, j);
	j->keeper_on = r >= 0;
	if (r >= 0)
		r = ss_thread_start(&j->sealer, "journal-seal", ssj_sealer_main, j);
	j->sealer_on = r >= 0;
	return r < 0 ? ss_error_set(err, r, "起不了日志线程 cannot start the journal's threads")
		     : 0;
}

int ss_journal_open(const struct ss_journal_settings *s, struct ss_journal **ret,
		    struct ss_error *err)
{
	struct ss_journal *j;
	int r;

	if (!s->dir || !s->dir[0] || strlen(s->dir) > SSJ_PATH - 64 ||
	    (s->copy_dir && strlen(s->copy_dir) > SSJ_PATH - 64))
		return ss_error_set(err, SS_EINVAL,
				    "日志目录没给或太长 folder of the journal missing or too long");
	j = journal_new(s);
	if (!j)
		return ss_error_set(err, SS_ENOMEM, "内存不足 out of memory");
	r = j->read_only ? open_read(j, err) : open_write(j, err);
	if (r >= 0 && !j->read_only)
		r = start(j, err);
	if (r < 0) {
		ss_journal_close(j);
		return r;
	}
	*ret = j;
	return 0;
}

static void stop_writer(struct ss_journal *j)
{
	atomic_store(&j->writer_stop, true);
	ssj_poke(j);
	if (j->writer_on)
		pthread_join(j->writer, NULL);
	pthread_mutex_lock(&j->lock);
	j->no_more = true;
	j->closing = true;
	pthread_cond_signal(&j->keeper_cond);
	pthread_cond_signal(&j->sealer_cond);
	pthread_mutex_unlock(&j->lock);
}

/* The zeros ahead; all bytes up to here are synced already. */
static void trim(struct ss_journal *j)
{
	if (j->active && !j->read_only && j->writer_on &&
	    atomic_load(&j->state) != SS_JOURNAL_FAILED)
		ss_os()->truncate(j->active->fd, j->write_at);
}

void ss_journal_close(struct ss_journal *j)
{
	if (!j)
		return;
	stop_writer(j);
	if (j->sealer_on)
		pthread_join(j->sealer, NULL);
	if (j->keeper_on)
		pthread_join(j->keeper, NULL);
	trim(j);
	journal_free(j);
}

static void count_segments(struct ss_journal *j, struct ss_journal_stat *st)
{
	for (size_t i = 0; i < j->seg_n; i++) {
		const struct ssj_segment *s = j->seg[i];

		st->segments++;
		st->sealed += s->sealed;
		*(s->sealed ? &st->bytes_sealed : &st->bytes_open) += (uint64_t)s->file_bytes;
		st->bytes_raw += (uint64_t)s->raw_bytes;
	}
}

uint64_t ss_journal_entries(struct ss_journal *j)
{
	SS_LOCKED(&j->lock);
	return j->durable_seq;
}

void ss_journal_stat(struct ss_journal *j, struct ss_journal_stat *ret)
{
	struct ss_journal_stat st = {0};

	st.state = (enum ss_journal_state)atomic_load(&j->state);
	SS_LOCKED(&j->lock);
	st.entries = j->durable_seq;
	st.groups = j->durable_group;
	st.chained = j->chained_group;
	st.syncs = j->syncs;
	memcpy(st.chain, j->chain, 32);
	st.tip_group = j->tip_group;
	st.tip_time_us = j->tip_time_us;
	count_segments(j, &st);
	*ret = st;
}
