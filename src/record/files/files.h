/* Attachments by digest: the bytes of a file lie once under their SM3 digest, whoever attached
 * them. They come in piece by piece, of any size up to the limit, and are looked at before they are
 * kept: what is inside must be what the name says; programs, scripts, pages and encrypted documents
 * are refused. What a file is to whom is not known here. Thread: any; one upload one owner. */
#pragma once

#include "base/base.h"
#include "base/config.h"

struct ss_files_settings {
	const char *dir; /* "var/files" */
	int64_t most;    /* largest file; default 512 MiB */
};
extern const struct ss_option ss_files_options[]; /* files.* rows */

#define SS_FILE_DIGEST 65
struct ss_file_info {
	char digest[SS_FILE_DIGEST];
	char type[80]; /* "image/jpeg" */
	int64_t size;
};

struct ss_files;
/* Makes the folder; what unfinished uploads left is removed. */
int ss_files_open(const struct ss_files_settings *s, struct ss_files **ret, struct ss_error *err);
void ss_files_close(struct ss_files *f); /* NULL-safe */

/* An upload. name says by its ending what is inside. */
struct ss_upload;
int ss_upload_begin(struct ss_files *f, const char *name, struct ss_upload **ret,
		    struct ss_error *err);
/* SS_ETOOBIG above the limit, SS_ENOSPC, SS_EIO. */
int ss_upload_add(struct ss_upload *u, const void *p, size_t n, struct ss_error *err);
/* Checks, syncs, keeps; frees u also on failure. SS_EINVAL says what is wrong with the content. */
int ss_upload_end(struct ss_upload *u, struct ss_file_info *ret, struct ss_error *err);
void ss_upload_drop(struct ss_upload *u); /* NULL-safe */

/* SS_ENOTFOUND. */
int ss_files_stat(struct ss_files *f, const char *digest, struct ss_file_info *ret,
		  struct ss_error *err);
/* A descriptor to read from; the caller closes it. */
int ss_files_read(struct ss_files *f, const char *digest, struct ss_error *err);
