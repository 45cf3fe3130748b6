/* A backup as a folder: the files, a manifest (backup.json) that names each with its length and
 * SM3, and a signature over the manifest by the node's key (backup.sig). The keys are not in it.
 * docs/operations/backup.md. Thread: one owner. */
#pragma once

#include "base/base.h"
#include "base/json.h"
#include "record/journal/journal.h"

#define SS_SET_PATH 1024
#define SS_BACKUP_DUMP "database.dump" /* of PostgreSQL, in the set */

struct ss_backup {
	char dir[SS_SET_PATH];
	int64_t databases_us; /* the databases are as they were then */
	int64_t reaches_us;   /* the journal reaches to here */
	int64_t epoch;
	bool pgsql; /* databases are a dump of PostgreSQL */
	char node[33];
	json_t *manifest; /* ss_backup_done */
};

/* DIR/NAME into out; SS_ETOOBIG. */
int ss_backup_path(char out[SS_SET_PATH], const char *dir, const char *name);
/* Writes manifest and signature over what lies in set->dir. The key is that of the journal in
 * journal_dir. */
int ss_backup_write(struct ss_backup *set, const char *journal_dir, struct ss_error *err);
/* Reads it and checks signature (by the key in key_dir/node.key) and every file. SS_ECORRUPT names
 * what is wrong. */
int ss_backup_open(struct ss_backup *ret, const char *dir, const char *key_dir,
		   struct ss_error *err);
void ss_backup_done(struct ss_backup *set);
/* Copies all files below `from` into `to`, keeping their names; a folder that is not there is
 * empty. */
int ss_tree_copy(const char *from, const char *to, struct ss_error *err);
/* Calls fn for each regular file below dir, by its name from there on, sorted. */
int ss_tree_each(const char *dir, int (*fn)(void *arg, const char *name, struct ss_error *err),
		 void *arg, struct ss_error *err);
