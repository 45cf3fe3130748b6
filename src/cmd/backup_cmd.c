/* shanshui backup --data DIR --out DIR --keys DIR [--db URL]
 * Beside a running server: copies what it keeps without stopping it. Databases first, then what
 * they refer to, the journal last: so nothing in them is ahead of the journal. */
#include <sys/stat.h>

#include "base/config.h"
#include "base/crypto.h"
#include "base/os.h"
#include "cmd/backup_set.h"
#include "cmd/cmd.h"
#include "cmd/words.h"
#include "record/db/db.h"

struct backup_args {
	const char *data, *out, *keys, *db;
};

static const struct ss_option rows[] = {
    SS_WORD_TEXT(struct backup_args, data, "var", "数据目录", "data folder"),
    SS_WORD_TEXT(struct backup_args, out, "", "备份放到这个新文件夹", "new folder for the backup"),
    SS_WORD_TEXT(struct backup_args, keys, "", "密钥放到这个文件夹，须与备份分开保管",
		 "folder for the keys, to be kept apart"),
    SS_OPTION(struct backup_args, STRING, db, "db", "",
	      "数据库地址，同 serve；空为数据目录内的 SQLite",
	      "database as for serve; empty = SQLite in the data folder", .secret = true),
    {0},
};

/* The audit last: a row of each act the others hold. Its tips before it: they may lag, not lead. */
static const char *const databases[] = {"access", "record",   "business", "dialogue",
					"series", "findings", "exchange", "audit"};
static const char *const trees[] = {"files", "law"};
static const char *const singles[] = {"line.state"};
static const char *const keys[] = {"access.key", "business.key", "device.key"};

static int fresh_folder(const char *path, int mode, struct ss_error *err)
{
	struct stat st;

	if (!*path)
		return ss_error_set(err, SS_EINVAL,
				    "要有 --out 与 --keys；--out and --keys are needed");
	if (stat(path, &st) == 0)
		return ss_error_set(err, SS_EEXISTS,
				    "%s 已经存在，不覆盖；is there already, not overwritten", path);
	return ss_mkdirs(path, mode);
}

/* A file of the data folder; one that is not there is left out. */
static int take(const char *data, const char *out, const char *name, const char *as, int mode,
		struct ss_error *err)
{
	char from[SS_SET_PATH], to[SS_SET_PATH];
	int r = ss_backup_path(from, data, name);

	if (r == 0)
		r = ss_backup_path(to, out, as);
	if (r == 0)
		r = ss_file_copy(from, to, mode, NULL);
	if (r == SS_ENOTFOUND)
		return 0;
	return r < 0 ? ss_error_set(err, r, "复制不了 %s（%s）；cannot copy %s: %s", from,
				    ss_err_zh(r), from, ss_err_en(r))
		     : 0;
}

static int take_database(const struct backup_args *a, const char *name, struct ss_error *err)
{
	char from[SS_SET_PATH], to[SS_SET_PATH], file[32];
	struct stat st;

	snprintf(file, sizeof(file), "%s.db", name);
	if (ss_backup_path(from, a->data, file) < 0 || ss_backup_path(to, a->out, file) < 0)
		return SS_ETOOBIG;
	return stat(from, &st) < 0 ? 0 : ss_db_copy(from, to, err);
}

static int take_databases(const struct backup_args *a, struct ss_error *err)
{
	char dump[SS_SET_PATH];
	int r = take(a->data, a->out, "audit.tips", "audit.tips", 0640, err);

	if (r == 0 && a->db[0])
		r = ss_backup_path(dump, a->out, SS_BACKUP_DUMP);
	if (r < 0 || a->db[0])
		return r < 0 ? r : ss_db_dump(a->db, dump, err);
	for (size_t i = 0; r == 0 && i < SS_ARRAY_LEN(databases); i++)
		r = take_database(a, databases[i], err);
	return r;
}

static int take_rest(const struct backup_args *a, struct ss_error *err)
{
	char from[SS_SET_PATH], to[SS_SET_PATH];
	int r = 0;

	for (size_t i = 0; r == 0 && i < SS_ARRAY_LEN(trees); i++) {
		if (ss_backup_path(from, a->data, trees[i]) < 0 ||
		    ss_backup_path(to, a->out, trees[i]) < 0)
			return SS_ETOOBIG;
		r = ss_tree_copy(from, to, err);
	}
	for (size_t i = 0; r == 0 && i < SS_ARRAY_LEN(singles); i++)
		r = take(a->data, a->out, singles[i], singles[i], 0640, err);
	return r;
}

static int take_keys(const struct backup_args *a, struct ss_error *err)
{
	char from[SS_SET_PATH], to[SS_SET_PATH];
	int r = take(a->data, a->keys, "journal/node.key", "node.key", 0600, err);

	for (size_t i = 0; r == 0 && i < SS_ARRAY_LEN(keys); i++)
		r = take(a->data, a->keys, keys[i], keys[i], 0600, err);
	if (r == 0 &&
	    (ss_backup_path(from, a->data, "ca") < 0 || ss_backup_path(to, a->keys, "ca") < 0))
		r = SS_ETOOBIG;
	return r == 0 ? ss_tree_copy(from, to, err) : r;
}

static int node_of(const char *journal, char node[33])
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(4096);
	char path[SS_SET_PATH];
	uint8_t d[SS_SM3_LEN];
	int r = ss_backup_path(path, journal, "node.pub");

	if (r == 0)
		r = ss_file_read(path, &b);
	if (r == 0)
		r = ss_sm3(b.p, b.n, d);
	if (r == 0)
		ss_hex_encode(node, d, 16);
	return r;
}

static int take_journal(struct ss_backup *set, const char *journal, struct ss_error *err)
{
	struct ss_journal_copied done = {0};
	char to[SS_SET_PATH];
	int r = ss_backup_path(to, set->dir, "journal");

	/* A segment may be sealed between the look into the folder and the reading. */
	for (int tries = 0; r == 0 && tries < 5; tries++) {
		set->reaches_us = ss_time_now();
		r = ss_journal_copy(journal, to, INT64_MAX, &done, err);
		if (r != SS_ENOTFOUND)
			break;
		r = 0;
	}
	if (r == 0)
		printf("日志 journal: %llu 条 entries，%llu 组 groups\n",
		       (unsigned long long)done.entries, (unsigned long long)done.groups);
	return r;
}

static int make(const struct backup_args *a, struct ss_backup *set, struct ss_error *err)
{
	char journal[SS_SET_PATH];
	struct ss_epoch epoch = {0};
	int r = ss_backup_path(journal, a->data, "journal");

	ss_str_copy(set->dir, sizeof(set->dir), ss_str_of(a->out));
	set->pgsql = a->db[0];
	if (r == 0 && node_of(journal, set->node) < 0)
		return ss_error_set(err, SS_ENOTFOUND,
				    "%s 里没有节点的日志；no node's journal in %s", a->data,
				    a->data);
	r = fresh_folder(a->out, 0750, err);
	if (r == 0)
		r = fresh_folder(a->keys, 0700, err);
	if (r == 0)
		r = take_databases(a, err);
	set->databases_us = ss_time_now();
	if (r == 0)
		r = take_rest(a, err);
	if (r == 0)
		r = take_keys(a, err);
	if (r == 0)
		r = take_journal(set, journal, err);
	if (r == 0)
		r = ss_journal_epoch(journal, &epoch);
	set->epoch = epoch.number;
	return r == 0 ? ss_backup_write(set, journal, err) : r;
}

static int run(const void *args)
{
	const struct backup_args *a = args;
	char from[SS_TIME_ISO], to[SS_TIME_ISO];
	struct ss_error err = {0};
	struct ss_backup set = {0};
	int r = make(a, &set, &err);

	ss_backup_done(&set);
	if (r < 0) {
		fprintf(stderr, "备份没有做成：%s\nthe backup was not made (%s)\n",
			err.code ? err.text : ss_err_zh(r), ss_err_name(r));
		return 1;
	}
	ss_time_fmt_iso(from, set.databases_us);
	ss_time_fmt_iso(to, set.reaches_us);
	printf("已备份 backed up: %s\n  可恢复到 can be restored to: %s .. %s\n"
	       "  密钥 keys: %s（与备份分开保管 keep them apart）\n",
	       a->out, from, to, a->keys);
	return 0;
}

static int usage(void)
{
	fputs("用法 usage: shanshui backup --data DIR --out DIR --keys DIR [--db URL]\n", stderr);
	return 2;
}

int ss_cmd_backup(int argc, char **argv)
{
	struct backup_args s = {0};

	return ss_words_run(&(struct ss_words){rows, &s, usage, .alone = run}, argc, argv, 1);
}
