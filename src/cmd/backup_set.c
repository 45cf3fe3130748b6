#include "cmd/backup_set.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/crypto.h"
#include "base/os.h"

#define MANIFEST_MAX (64u << 20)
#define FORMAT "shanshui-backup-1"

int ss_backup_path(char out[SS_SET_PATH], const char *dir, const char *name)
{
	int n = snprintf(out, SS_SET_PATH, "%s/%s", dir, name);

	return n < 0 || n >= SS_SET_PATH ? SS_ETOOBIG : 0;
}

/* --- a tree of files --- */

struct walk {
	const char *root;
	int (*fn)(void *, const char *, struct ss_error *);
	void *arg;
};

static int descend(const struct walk *w, const char *below, int depth, struct ss_error *err);

static int visit(const struct walk *w, const char *below, const char *name, int depth,
		 struct ss_error *err)
{
	char part[SS_SET_PATH], path[SS_SET_PATH];
	struct stat st;
	int r = snprintf(part, sizeof(part), "%s%s%s", below, *below ? "/" : "", name);

	if (r < 0 || r >= SS_SET_PATH || ss_backup_path(path, w->root, part) < 0)
		return ss_error_set(err, SS_ETOOBIG, "路径过长 path too long: %s", name);
	if (lstat(path, &st) < 0)
		return errno == ENOENT ? 0 : ss_err_from_errno(errno); /* gone meanwhile */
	if (S_ISDIR(st.st_mode))
		return descend(w, part, depth + 1, err);
	return S_ISREG(st.st_mode) ? w->fn(w->arg, part, err) : 0;
}

static int visible(const struct dirent *e)
{
	return strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
}

static int descend(const struct walk *w, const char *below, int depth, struct ss_error *err)
{
	char path[SS_SET_PATH];
	struct dirent **list;
	int n, r = ss_backup_path(path, w->root, below);

	if (r < 0 || depth > 20)
		return ss_error_set(err, SS_ETOOBIG, "路径过长 path too long: %s", below);
	n = scandir(path, &list, visible, alphasort);
	if (n < 0)
		return errno == ENOENT && depth == 0 ? 0 : ss_err_from_errno(errno);
	for (int i = 0; i < n; i++) {
		if (r == 0)
			r = visit(w, below, list[i]->d_name, depth, err);
		free(list[i]);
	}
	free(list);
	return r;
}

int ss_tree_each(const char *dir, int (*fn)(void *arg, const char *name, struct ss_error *err),
		 void *arg, struct ss_error *err)
{
	const struct walk w = {dir, fn, arg};
	int r = descend(&w, "", 0, err);

	return r < 0 && (!err || !err->code)
		   ? ss_error_set(err, r, "读不了 %s（%s）；cannot read %s: %s", dir, ss_err_zh(r),
				  dir, ss_err_en(r))
		   : r;
}

struct two {
	const char *from, *to;
};

static int folder_for(const char *path)
{
	char folder[SS_SET_PATH];
	const char *slash = strrchr(path, '/');

	if (!slash || !ss_str_copy(folder, sizeof(folder), ss_str_n(path, (size_t)(slash - path))))
		return SS_EINVAL;
	return ss_mkdirs(folder, 0750);
}

static int copy_one(void *arg, const char *name, struct ss_error *err)
{
	const struct two *t = arg;
	char from[SS_SET_PATH], to[SS_SET_PATH];
	int r = ss_backup_path(from, t->from, name);

	if (r == 0)
		r = ss_backup_path(to, t->to, name);
	if (r == 0)
		r = folder_for(to);
	if (r == 0)
		r = ss_file_copy(from, to, 0640, NULL);
	if (r == SS_ENOTFOUND)
		return 0; /* gone meanwhile */
	return r < 0 ? ss_error_set(err, r, "复制不了 %s（%s）；cannot copy %s: %s", from,
				    ss_err_zh(r), from, ss_err_en(r))
		     : 0;
}

int ss_tree_copy(const char *from, const char *to, struct ss_error *err)
{
	struct two t = {from, to};

	return ss_tree_each(from, copy_one, &t, err);
}

/* --- the manifest --- */

struct listing {
	const char *dir;
	json_t *files;
};

static int list_one(void *arg, const char *name, struct ss_error *err)
{
	struct listing *l = arg;
	char path[SS_SET_PATH], hex[65] = {0};
	uint8_t sm3[SS_SM3_LEN];
	int64_t size = 0;
	int r = ss_backup_path(path, l->dir, name);

	if (strcmp(name, "backup.json") == 0 || strcmp(name, "backup.sig") == 0)
		return 0;
	if (r == 0)
		r = ss_file_sm3(path, sm3, &size);
	if (r < 0)
		return ss_error_set(err, r, "读不了 %s；cannot read %s", path, path);
	ss_hex_encode(hex, sm3, sizeof(sm3));
	if (json_array_append_new(l->files, json_pack("{s:s,s:I,s:s}", "path", name, "size",
						      (json_int_t)size, "sm3", hex)) < 0)
		return SS_ENOMEM;
	return 0;
}

static int sign(const struct ss_backup *set, const char *journal_dir, struct ss_str text,
		struct ss_error *err)
{
	const struct ss_journal_settings js = {.dir = journal_dir, .read_only = true};
	char path[SS_SET_PATH], hex[2 * SS_SM2_SIG_MAX + 1];
	uint8_t sig[SS_SM2_SIG_MAX];
	struct ss_journal *j = NULL;
	size_t n = 0;
	int r = ss_journal_open(&js, &j, err);

	if (r == 0)
		r = ss_journal_sign(j, text.p, text.n, sig, &n, err);
	ss_journal_close(j);
	if (r < 0)
		return r;
	ss_hex_encode(hex, sig, n);
	r = ss_backup_path(path, set->dir, "backup.sig");
	return r < 0 ? r : ss_file_write_atomic(path, hex, 2 * n, 0644);
}

int ss_backup_write(struct ss_backup *set, const char *journal_dir, struct ss_error *err)
{
	ss_cleanup(ss_buf_done) struct ss_buf text = SS_BUF_MAX(MANIFEST_MAX);
	struct listing l = {set->dir, json_array()};
	char path[SS_SET_PATH];
	int r = l.files ? ss_tree_each(set->dir, list_one, &l, err) : SS_ENOMEM;

	set->manifest = json_pack("{s:s,s:s,s:I,s:I,s:I,s:b,s:o}", "format", FORMAT, "node",
				  set->node, "databases_us", (json_int_t)set->databases_us,
				  "reaches_us", (json_int_t)set->reaches_us, "epoch",
				  (json_int_t)set->epoch, "pgsql", set->pgsql, "files", l.files);
	if (r == 0)
		r = set->manifest ? ss_json_canonical(&text, set->manifest) : SS_ENOMEM;
	if (r == 0)
		r = ss_backup_path(path, set->dir, "backup.json");
	if (r == 0)
		r = ss_file_write_atomic(path, text.p, text.n, 0644);
	if (r == 0)
		r = sign(set, journal_dir, ss_buf_str(&text), err);
	if (r == 0)
		r = ss_os()->sync_dir(set->dir);
	return r < 0 && (!err || !err->code)
		   ? ss_error_set(err, r, "写不了备份清单（%s）；cannot write the manifest: %s",
				  ss_err_zh(r), ss_err_en(r))
		   : r;
}

/* --- reading it, believing nothing --- */

static int bad(struct ss_error *err, const char *path, const char *zh, const char *en)
{
	return ss_error_set(err, SS_ECORRUPT, "备份 %s %s，不恢复；the backup %s %s: not restored",
			    path, zh, path, en);
}

/* The key is the one kept apart: whoever can write the backup cannot sign it. */
static int own_key(const char *key_dir, struct ss_sm2_key **ret, char node[33],
		   struct ss_error *err)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(4096);
	char path[SS_SET_PATH], *pem = NULL;
	uint8_t d[SS_SM3_LEN];
	int r = ss_backup_path(path, key_dir, "node.key");

	if (r == 0)
		r = ss_file_read(path, &b);
	if (b.p)
		explicit_bzero(b.p, b.cap);
	if (r < 0)
		return ss_error_set(err, r,
				    "密钥夹里没有 %s（%s）；the folder of keys lacks it: %s", path,
				    ss_err_zh(r), ss_err_en(r));
	r = ss_sm2_load_or_make(path, ret, err);
	if (r == 0)
		r = ss_sm2_public_pem(*ret, &pem);
	if (r == 0)
		r = ss_sm3(pem, strlen(pem), d);
	free(pem);
	if (r == 0) {
		ss_hex_encode(node, d, 16);
		node[32] = 0;
	}
	return r;
}

static int check_signature(const struct ss_backup *set, const struct ss_sm2_key *key,
			   struct ss_str text, struct ss_error *err)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(400);
	uint8_t sig[SS_SM2_SIG_MAX];
	char path[SS_SET_PATH];
	size_t n = 0;

	if (ss_backup_path(path, set->dir, "backup.sig") < 0 || ss_file_read(path, &b) < 0 ||
	    ss_hex_decode(ss_str_trim(ss_buf_str(&b)), sig, sizeof(sig), &n) < 0)
		return bad(err, path, "没有可读的签名", "has no signature that can be read");
	if (ss_sm2_verify(key, text.p, text.n, sig, n) < 0)
		return bad(err, set->dir, "的清单被改过，或不是这个节点的（签名不符）",
			   "has a manifest that was changed or is another node's (signature)");
	return 0;
}

static int check_file(const struct ss_backup *set, json_t *row, struct ss_error *err)
{
	const char *name = json_string_value(json_object_get(row, "path"));
	const char *want = json_string_value(json_object_get(row, "sm3"));
	char path[SS_SET_PATH], hex[65] = {0};
	uint8_t sm3[SS_SM3_LEN];
	int64_t size = 0;
	int r;

	if (!name || !want || *name == '/' || strstr(name, "..") ||
	    ss_backup_path(path, set->dir, name) < 0)
		return bad(err, set->dir, "的清单读不懂", "has a manifest that cannot be read");
	r = ss_file_sm3(path, sm3, &size);
	if (r == SS_ENOTFOUND)
		return bad(err, path, "缺失", "is missing");
	if (r < 0)
		return bad(err, path, "读不了", "cannot be read");
	ss_hex_encode(hex, sm3, sizeof(sm3));
	if (size != json_integer_value(json_object_get(row, "size")) || strcmp(hex, want) != 0)
		return bad(err, path, "已损坏（长度或 SM3 不符）", "is damaged (length or SM3)");
	return 0;
}

static int read_manifest(struct ss_backup *set, struct ss_str text, struct ss_error *err)
{
	const char *format = NULL, *node = NULL;
	json_int_t databases, reaches, epoch;
	int pgsql;

	if (ss_json_parse(text, &set->manifest, NULL) < 0 ||
	    json_unpack(set->manifest, "{s:s,s:s,s:I,s:I,s:I,s:b}", "format", &format, "node",
			&node, "databases_us", &databases, "reaches_us", &reaches, "epoch", &epoch,
			"pgsql", &pgsql) < 0)
		return bad(err, set->dir, "的清单读不懂", "has a manifest that cannot be read");
	if (strcmp(format, FORMAT) != 0)
		return ss_error_set(err, SS_EVERSION,
				    "备份 %s 的格式是 %s，本程序只读 " FORMAT
				    "；the backup %s has the format %s, this program reads " FORMAT,
				    set->dir, format, set->dir, format);
	set->databases_us = databases;
	set->reaches_us = reaches;
	set->epoch = epoch;
	set->pgsql = pgsql;
	ss_str_copy(set->node, sizeof(set->node), ss_str_of(node));
	return 0;
}

int ss_backup_open(struct ss_backup *ret, const char *dir, const char *key_dir,
		   struct ss_error *err)
{
	ss_cleanup(ss_buf_done) struct ss_buf text = SS_BUF_MAX(MANIFEST_MAX);
	struct ss_sm2_key *key = NULL;
	char path[SS_SET_PATH], node[33];
	json_t *row;
	size_t i;
	int r;

	*ret = (struct ss_backup){0};
	ss_str_copy(ret->dir, sizeof(ret->dir), ss_str_of(dir));
	r = own_key(key_dir, &key, node, err);
	if (r == 0 &&
	    (ss_backup_path(path, dir, "backup.json") < 0 || ss_file_read(path, &text) < 0))
		r = bad(err, dir, "没有清单 backup.json", "has no manifest backup.json");
	if (r == 0)
		r = check_signature(ret, key, ss_buf_str(&text), err);
	if (r == 0)
		r = read_manifest(ret, ss_buf_str(&text), err);
	if (r == 0)
		json_array_foreach(json_object_get(ret->manifest, "files"), i, row)
		{
			r = r < 0 ? r : check_file(ret, row, err);
		}
	ss_sm2_free(key);
	if (r < 0)
		ss_backup_done(ret);
	return r;
}

void ss_backup_done(struct ss_backup *set)
{
	json_decref(set->manifest);
	set->manifest = NULL;
}
