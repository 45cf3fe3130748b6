/* The store of files. */
#include "record/files/files_internal.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>

#include "base/crypto.h"
#include "base/os.h"
#include "base/uuid.h"

#define PATH_MAX_ 4096
#define PIECE (64 << 10)

struct ss_files {
	char dir[PATH_MAX_ - 200];
	int64_t most;
};

const struct ss_option ss_files_options[] = {
    SS_OPTION(struct ss_files_settings, STRING, dir, "files.dir", "",
	      "附件的文件夹；空为数据目录下的 files",
	      "folder of attachments; empty: files in the data folder"),
    SS_OPTION(struct ss_files_settings, SIZE, most, "files.max", "512M", "附件的最大字节数",
	      "largest attachment", .min = 1 << 10, .max = INT64_C(64) << 30),
    {0}};

/* dir/incoming/ID and dir/ab/abcdef... */
static void incoming(const struct ss_files *f, const char *id, char out[PATH_MAX_])
{
	snprintf(out, PATH_MAX_, "%s/incoming/%s", f->dir, id);
}

static void place(const struct ss_files *f, const char *digest, char out[PATH_MAX_])
{
	snprintf(out, PATH_MAX_, "%s/%.2s/%s", f->dir, digest, digest);
}

static bool is_digest(const char *s)
{
	return strlen(s) == 2 * SS_SM3_LEN && strspn(s, "0123456789abcdef") == 2 * SS_SM3_LEN;
}

/* Uploads that a crash cut off. */
static void sweep(const struct ss_files *f)
{
	char path[PATH_MAX_];
	struct dirent *e;
	DIR *d;

	incoming(f, "", path);
	d = opendir(path);
	while (d && (e = readdir(d))) {
		if (e->d_name[0] == '.' || !ss_uuid_valid(ss_str_of(e->d_name)))
			continue;
		incoming(f, e->d_name, path);
		ss_os()->unlink(path);
	}
	if (d)
		closedir(d);
}

int ss_files_open(const struct ss_files_settings *s, struct ss_files **ret, struct ss_error *err)
{
	struct ss_files *f = calloc(1, sizeof(*f));
	char path[PATH_MAX_];
	int r;

	if (!f)
		return ss_error_set(err, SS_ENOMEM, "内存不足；out of memory");
	f->most = s->most;
	if (!ss_str_copy(f->dir, sizeof(f->dir), ss_str_of(s->dir)) || !*s->dir) {
		free(f);
		return ss_error_set(err, SS_EINVAL, "附件的文件夹名不合；bad folder of files");
	}
	incoming(f, "", path);
	r = ss_mkdirs(path, 0700);
	if (r < 0) {
		free(f);
		return ss_error_set(err, r, "建不了附件的文件夹 %s；cannot make %s", path, path);
	}
	sweep(f);
	*ret = f;
	return 0;
}

void ss_files_close(struct ss_files *f)
{
	free(f);
}

/* --- uploads -----------------------------------------------------------------------------------
 */

struct ss_upload {
	struct ss_files *f;
	struct ss_sm3 *sm3;
	char path[PATH_MAX_], name[256], head[SSFL_HEAD];
	size_t n_head;
	int64_t size;
	int fd;
	struct ssfl_scan scan;
};

void ss_upload_drop(struct ss_upload *u)
{
	if (!u)
		return;
	if (u->fd >= 0) {
		ss_os()->close(u->fd);
		ss_os()->unlink(u->path);
	}
	ss_sm3_free(u->sm3);
	free(u);
}

int ss_upload_begin(struct ss_files *f, const char *name, struct ss_upload **ret,
		    struct ss_error *err)
{
	struct ss_upload *u;
	char id[SS_UUID];
	int r = ss_uuid7(id);

	if (!ssfl_by_name(name))
		return ss_error_set(err, SS_EINVAL,
				    "不收这种文件：%s；files of this kind are not taken: %s", name,
				    name);
	u = r < 0 ? NULL : calloc(1, sizeof(*u));
	if (!u)
		return ss_error_set(err, SS_ENOMEM, "内存不足；out of memory");
	u->f = f;
	ss_str_copy(u->name, sizeof(u->name), ss_str_of(name));
	incoming(f, id, u->path);
	u->fd = ss_os()->open(u->path, O_CREAT | O_EXCL | O_RDWR, 0600);
	u->sm3 = ss_sm3_new();
	r = u->fd < 0 ? u->fd : u->sm3 ? ss_sm3_start(u->sm3) : SS_ENOMEM;
	if (r < 0) {
		ss_upload_drop(u);
		return ss_error_set(err, r, "附件写不下；the upload cannot be written");
	}
	*ret = u;
	return 0;
}

int ss_upload_add(struct ss_upload *u, const void *p, size_t n, struct ss_error *err)
{
	size_t head = SSFL_HEAD - u->n_head < n ? SSFL_HEAD - u->n_head : n;
	int64_t r;

	if (u->size + (int64_t)n > u->f->most)
		return ss_error_set(err, SS_ETOOBIG, "附件超过 %lld 字节；over %lld bytes",
				    (long long)u->f->most, (long long)u->f->most);
	memcpy(u->head + u->n_head, p, head);
	u->n_head += head;
	ssfl_scan(&u->scan, ss_str_n(p, n));
	r = ss_sm3_add(u->sm3, p, n);
	if (r >= 0)
		r = ss_os()->pwrite(u->fd, p, n, u->size);
	if (r < 0)
		return ss_error_set(err, (int)r, "附件写不下；the upload cannot be written");
	u->size += (int64_t)n;
	return 0;
}

static int looked_at(const struct ss_upload *u, const char **type, struct ss_error *err)
{
	int r;

	if (u->size == 0)
		return ss_error_set(err, SS_EINVAL, "%s 是空的；%s is empty", u->name, u->name);
	r = ssfl_check(u->name, ss_str_n(u->head, u->n_head), type, err);
	if (r == 0 && u->scan.found && strcmp(*type, "application/pdf") == 0)
		return ss_error_set(err, SS_EINVAL,
				    "%s 是加密的 PDF，不收：请去掉密码再传；%s is an encrypted PDF",
				    u->name, u->name);
	return r;
}

/* Synced, then under its name, then the folder synced: whole or not there. */
static int put(struct ss_upload *u, const char *digest)
{
	char to[PATH_MAX_], folder[PATH_MAX_];
	int r = ss_os()->sync(u->fd);

	place(u->f, digest, to);
	snprintf(folder, sizeof(folder), "%s/%.2s", u->f->dir, digest);
	if (r == 0)
		r = ss_os()->mkdir(folder, 0700);
	if (r == 0)
		r = ss_os()->rename(u->path, to);
	if (r == 0)
		r = ss_os()->sync_dir(folder);
	if (r == 0)
		r = ss_os()->sync_dir(u->f->dir);
	return r;
}

int ss_upload_end(struct ss_upload *u, struct ss_file_info *ret, struct ss_error *err)
{
	struct ss_file_info info = {.size = u->size};
	uint8_t sum[SS_SM3_LEN];
	const char *type = "";
	int r = looked_at(u, &type, err);

	if (r == 0) {
		r = ss_sm3_end(u->sm3, sum);
		ss_hex_encode(info.digest, sum, SS_SM3_LEN);
		ss_str_copy(info.type, sizeof(info.type), ss_str_of(type));
		if (r == 0)
			r = put(u, info.digest);
		if (r < 0)
			ss_error_set(err, r, "附件存不下；the file cannot be kept");
	}
	if (r == 0) {
		ss_os()->close(u->fd);
		u->fd = -1;
		*ret = info;
	}
	ss_upload_drop(u);
	return r;
}

/* --- reading ------------------------------------------------------------------------------------
 */

int ss_files_read(struct ss_files *f, const char *digest, struct ss_error *err)
{
	char path[PATH_MAX_];
	int fd;

	if (!is_digest(digest))
		return ss_error_set(err, SS_ENOTFOUND, "没有文件 %.64s；there is no file %.64s",
				    digest, digest);
	place(f, digest, path);
	fd = ss_os()->open(path, O_RDONLY, 0);
	if (fd < 0)
		return ss_error_set(err, fd, "没有文件 %s；there is no file %s", digest, digest);
	return fd;
}

/* The type by the bytes alone: the names are whose who attached it. */
static const char *type_of(const char *group)
{
	return !group                       ? "application/octet-stream"
	       : strcmp(group, "jpeg") == 0 ? "image/jpeg"
	       : strcmp(group, "png") == 0  ? "image/png"
	       : strcmp(group, "pdf") == 0  ? "application/pdf"
	       : strcmp(group, "text") == 0 ? "text/plain"
					    : "application/octet-stream";
}

int ss_files_stat(struct ss_files *f, const char *digest, struct ss_file_info *ret,
		  struct ss_error *err)
{
	struct ss_file_info info = {.size = 0};
	char head[SSFL_HEAD];
	int64_t n;
	int fd = ss_files_read(f, digest, err);

	if (fd < 0)
		return fd;
	info.size = ss_os()->size(fd);
	n = ss_os()->pread(fd, head, sizeof(head), 0);
	ss_os()->close(fd);
	if (info.size < 0 || n < 0)
		return ss_error_set(err, SS_EIO, "读不了文件 %s；cannot read %s", digest, digest);
	ss_str_copy(info.digest, sizeof(info.digest), ss_str_of(digest));
	ss_str_copy(info.type, sizeof(info.type),
		    ss_str_of(type_of(ssfl_sniff(ss_str_n(head, (size_t)n)))));
	*ret = info;
	return 0;
}
