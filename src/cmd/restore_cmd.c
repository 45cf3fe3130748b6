/* shanshui restore --from DIR --keys DIR --data NEW [--to TIME] [--journal LATER]
 * Into a folder that is not there yet. The databases are those of the backup; the journal comes
 * from it, or from a later one, and ends at TIME: what came until then is all there, nothing of
 * what came after. The line works the rest out of the journal at the next start. */
#include <sys/stat.h>
#include <unistd.h>

#include "base/config.h"
#include "base/os.h"
#include "cmd/backup_set.h"
#include "cmd/cmd.h"
#include "cmd/words.h"
#include "record/audit/audit.h"
#include "record/db/db.h"

struct restore_args {
	const char *from, *journal, *keys, *data, *db, *to;
};

static const struct ss_option rows[] = {
    SS_WORD_TEXT(struct restore_args, from, "", "备份的文件夹", "folder of the backup"),
    SS_WORD_TEXT(struct restore_args, journal, "", "日志取自这个较晚的备份；空为同一个",
		 "take the journal from this later backup; empty = the same"),
    SS_WORD_TEXT(struct restore_args, keys, "", "分开保管的密钥",
		 "folder of the keys that were kept apart"),
    SS_WORD_TEXT(struct restore_args, data, "", "恢复到这个新的数据目录", "new data folder"),
    SS_OPTION(struct restore_args, STRING, db, "db", "", "PostgreSQL：恢复到这个新建的空库",
	      "PostgreSQL: restore into this new, empty database", .secret = true),
    SS_WORD_TEXT(struct restore_args, to, "",
		 "恢复到这一刻，如 2026-11-28T02:00:00+08:00；空为备份所及",
		 "moment to restore to; empty = as far as the backup reaches"),
    {0},
};

struct work {
	const struct restore_args *a;
	struct ss_backup set, later;
	int64_t until_us;
	char dir[SS_SET_PATH]; /* made here, moved to its name when whole */
	struct ss_journal_copied journal;
	int64_t epoch;
};

static int moment(struct work *w, struct ss_error *err)
{
	const struct ss_backup *reach = w->later.manifest ? &w->later : &w->set;
	char from[SS_TIME_ISO], to[SS_TIME_ISO];

	w->until_us = reach->reaches_us;
	if (w->a->to[0] && ss_time_parse_iso(ss_str_of(w->a->to), &w->until_us) < 0)
		return ss_error_set(err, SS_EPARSE, "--to %s 读不懂；cannot be read as a time",
				    w->a->to);
	if (w->until_us >= w->set.databases_us && w->until_us <= reach->reaches_us)
		return 0;
	ss_time_fmt_iso(from, w->set.databases_us);
	ss_time_fmt_iso(to, reach->reaches_us);
	return ss_error_set(
	    err, SS_ERANGE,
	    "这个备份只能恢复到 %s 至 %s 之间：更早用较早的备份，更晚用 --journal "
	    "指较晚的备份；this backup can be restored to a moment between %s and %s: take an "
	    "earlier one, or a later one's journal (--journal)",
	    from, to, from, to);
}

static int open_sets(struct work *w, struct ss_error *err)
{
	int r = ss_backup_open(&w->set, w->a->from, w->a->keys, err);

	if (r == 0 && w->a->journal[0])
		r = ss_backup_open(&w->later, w->a->journal, w->a->keys, err);
	if (r == 0 && w->set.pgsql != (w->a->db[0] != 0))
		r = ss_error_set(
		    err, SS_EINVAL,
		    w->set.pgsql
			? "备份的库是 PostgreSQL：请用 --db 给出新建的空库；the backup is of a "
			  "PostgreSQL database: give a new, empty one by --db"
			: "备份的库是 SQLite，不用 --db；the backup is of SQLite: without --db");
	if (r == 0)
		r = moment(w, err);
	w->epoch = w->set.epoch > w->later.epoch ? w->set.epoch : w->later.epoch;
	if (r == 0 && w->later.manifest && w->set.epoch != w->later.epoch)
		r = ss_error_set(
		    err, SS_ECONFLICT,
		    "两个备份之间节点被恢复过，日志接不上；the node was restored between the two "
		    "backups, the journals do not join");
	return r;
}

static int empty_target(struct work *w, struct ss_error *err)
{
	struct stat st;

	if (stat(w->a->data, &st) == 0 && rmdir(w->a->data) < 0)
		return ss_error_set(
		    err, SS_EEXISTS,
		    "%s 不是空的：恢复只进空的文件夹；is not empty: restoring is only into "
		    "an empty folder",
		    w->a->data);
	if ((size_t)snprintf(w->dir, sizeof(w->dir), "%s.restoring", w->a->data) >=
	    sizeof(w->dir) - 64)
		return SS_ETOOBIG;
	if (stat(w->dir, &st) == 0)
		return ss_error_set(
		    err, SS_EEXISTS,
		    "%s 是没有做完的一次恢复：先移走；is left of a restore that did not "
		    "end: remove it first",
		    w->dir);
	return ss_mkdirs(w->dir, 0750);
}

static int put_file(void *arg, const char *name, struct ss_error *err)
{
	struct work *w = arg;
	char from[SS_SET_PATH], to[SS_SET_PATH];
	const char *slash = strrchr(name, '/');
	int r = 0;

	if (strncmp(name, "journal/", 8) == 0 || strncmp(name, "backup.", 7) == 0 ||
	    strcmp(name, SS_BACKUP_DUMP) == 0)
		return 0;
	if (ss_backup_path(from, w->set.dir, name) < 0 || ss_backup_path(to, w->dir, name) < 0)
		return SS_ETOOBIG;
	if (slash) {
		char folder[SS_SET_PATH];

		snprintf(folder, sizeof(folder), "%.500s/%.*s", w->dir, (int)(slash - name), name);
		r = ss_mkdirs(folder, 0750);
	}
	if (r == 0)
		r = ss_file_copy(from, to, 0640, NULL);
	return r < 0 ? ss_error_set(err, r, "写不了 %s（%s）；cannot write %s: %s", to,
				    ss_err_zh(r), to, ss_err_en(r))
		     : 0;
}

static int put_journal(struct work *w, struct ss_error *err)
{
	const char *set = w->later.manifest ? w->later.dir : w->set.dir;
	char from[SS_SET_PATH], to[SS_SET_PATH];
	int r = ss_backup_path(from, set, "journal");

	if (r == 0)
		r = ss_backup_path(to, w->dir, "journal");
	return r == 0 ? ss_journal_copy(from, to, w->until_us, &w->journal, err) : r;
}

static int put_keys(struct work *w, struct ss_error *err)
{
	char from[SS_SET_PATH], to[SS_SET_PATH];
	static const char *const names[][2] = {{"node.key", "journal/node.key"},
					       {"access.key", "access.key"},
					       {"business.key", "business.key"},
					       {"device.key", "device.key"}};
	int r = 0;

	for (size_t i = 0; r == 0 && i < SS_ARRAY_LEN(names); i++) {
		if (ss_backup_path(from, w->a->keys, names[i][0]) < 0 ||
		    ss_backup_path(to, w->dir, names[i][1]) < 0)
			return SS_ETOOBIG;
		r = ss_file_copy(from, to, 0600, NULL);
		if (r == SS_ENOTFOUND && i > 0)
			r = 0; /* was not made yet */
	}
	if (r == 0 &&
	    (ss_backup_path(from, w->a->keys, "ca") < 0 || ss_backup_path(to, w->dir, "ca") < 0))
		r = SS_ETOOBIG;
	if (r == 0)
		r = ss_tree_copy(from, to, err);
	return r < 0 && !err->code
		   ? ss_error_set(err, r, "密钥放不回去（%s）；the keys cannot be put back: %s",
				  ss_err_zh(r), ss_err_en(r))
		   : r;
}

static int put_database(const struct work *w, struct ss_error *err)
{
	char dump[SS_SET_PATH];
	int r = w->set.pgsql ? ss_backup_path(dump, w->set.dir, SS_BACKUP_DUMP) : 0;

	return r == 0 && w->set.pgsql ? ss_db_load(w->a->db, dump, err) : r;
}

static int verify_journal(const struct work *w, struct ss_error *err)
{
	char journal[SS_SET_PATH];
	int r = ss_backup_path(journal, w->dir, "journal");

	return r == 0 ? ss_journal_verify(journal, NULL, NULL, NULL, err) : r;
}

static int verify_audit(const struct work *w, struct ss_error *err)
{
	char journal[SS_SET_PATH], url[SS_SET_PATH + 20];
	struct ss_audit_report rep = {0};
	const struct ss_audit_place p = {
	    .url = w->set.pgsql ? w->a->db : url, .data = w->dir, .journal_dir = journal};
	int r = ss_backup_path(journal, w->dir, "journal");

	snprintf(url, sizeof(url), "sqlite:%s/audit.db", w->dir);
	return r == 0 ? ss_audit_verify(&p, NULL, NULL, &rep, err) : r;
}

/* A node that was restored is not the one it was: it says so, and so does its audit. */
static int mark(const struct work *w, struct ss_error *err)
{
	const struct ss_epoch e = {w->epoch + 1, ss_time_now()};
	char journal[SS_SET_PATH], to[SS_TIME_ISO], detail[400];
	struct ss_audit_row row = {.actor = SS_STR("os:restore"),
				   .via = SS_STR("cli"),
				   .origin = SS_STR("local"),
				   .action = SS_STR("node.restore"),
				   .target = ss_str_of(w->a->from),
				   .outcome = SS_STR("ok")};
	int r = ss_backup_path(journal, w->dir, "journal");

	ss_time_fmt_iso(to, w->until_us);
	snprintf(detail, sizeof(detail), "{\"epoch\":%lld,\"to\":\"%s\",\"entries\":%llu}",
		 (long long)e.number, to, (unsigned long long)w->journal.entries);
	row.detail = ss_str_of(detail);
	if (r == 0)
		r = ss_journal_epoch_set(journal, &e);
	return r == 0 ? ss_audit_spool(w->dir, &row, err) : r;
}

static int restore(struct work *w, struct ss_error *err)
{
	int r = open_sets(w, err);

	if (r == 0)
		r = empty_target(w, err);
	if (r == 0)
		r = ss_tree_each(w->set.dir, put_file, w, err);
	if (r == 0)
		r = put_journal(w, err);
	if (r == 0)
		r = put_keys(w, err);
	if (r == 0)
		r = verify_journal(w, err);
	if (r == 0)
		r = put_database(w, err);
	if (r == 0)
		r = verify_audit(w, err);
	if (r == 0)
		r = mark(w, err);
	return r == 0 ? ss_os()->rename(w->dir, w->a->data) : r;
}

static int run(const void *args)
{
	const struct restore_args *a = args;
	struct work w = {.a = a};
	struct ss_error err = {0};
	char to[SS_TIME_ISO];
	int r = a->from[0] && a->keys[0] && a->data[0]
		    ? restore(&w, &err)
		    : ss_error_set(
			  &err, SS_EINVAL,
			  "要有 --from、--keys 与 --data；--from, --keys and --data are needed");

	if (r < 0) {
		fprintf(stderr, "没有恢复：%s\nnot restored (%s)\n",
			err.code ? err.text : ss_err_zh(r), ss_err_name(r));
	} else {
		ss_time_fmt_iso(to, w.until_us);
		printf("已恢复 restored: %s 到 to %s，%llu 条日志 entries，第 %lld 代 epoch\n",
		       a->data, to, (unsigned long long)w.journal.entries, (long long)w.epoch + 1);
	}
	ss_backup_done(&w.set);
	ss_backup_done(&w.later);
	return r < 0;
}

static int usage(void)
{
	fputs("用法 usage: shanshui restore --from DIR --keys DIR --data NEW [--to TIME] "
	      "[--journal LATER]\n",
	      stderr);
	return 2;
}

int ss_cmd_restore(int argc, char **argv)
{
	struct restore_args s = {0};

	return ss_words_run(&(struct ss_words){rows, &s, usage, .alone = run}, argc, argv, 1);
}
