/* Inside the registry only. */
#pragma once

#include <pthread.h>
#include <stdatomic.h>

#include "record/registry/registry.h"

struct ss_map;

/* --- snapshot.c: sites and devices in memory, never changed once published --- */

struct ss_reg_index { /* open addressing; a slot holds a position + 1, 0 is empty */
	uint32_t *slot;
	size_t cap, used;
};

struct ss_reg_list { /* pointers */
	void **p;
	size_t n, cap;
};

struct ss_snapshot {
	struct ss_reg_list sites, devices; /* struct ss_site *, struct ss_device * */
	struct ss_reg_index by_id, by_code, by_mn;
	/* While it is built: records made for it, and records of its forerunner that they replace.
	 */
	struct ss_reg_list added, replaced;
	/* Once it is retired: */
	struct ss_snapshot *next;
	struct ss_reg_list dropped; /* records that only this one and older ones hold */
	uint64_t seen;              /* stripes that were without readers since */
};

/* Room for so many more records. NULL: out of memory. */
struct ss_snapshot *ss_snapshot_copy(const struct ss_snapshot *of, size_t sites, size_t devices);
/* Forgets one that was never published, with the records made for it. NULL-safe. */
void ss_snapshot_discard(struct ss_snapshot *s);
/* Copies the record in, in place of the one with the same id or mn. SS_ENOMEM. */
int ss_snapshot_put_site(struct ss_snapshot *s, const struct ss_site *site);
int ss_snapshot_put_device(struct ss_snapshot *s, const struct ss_device *d);
const struct ss_site *ss_snapshot_site(const struct ss_snapshot *s, int64_t id);
const struct ss_site *ss_snapshot_site_by_code(const struct ss_snapshot *s, struct ss_str code);
const struct ss_device *ss_snapshot_device(const struct ss_snapshot *s, struct ss_str mn);

/* Readers announce themselves on one of several counters (their thread's own, mostly), so that
 * look-ups on many cores do not fight over one cache line. A retired snapshot is freed when every
 * counter has been seen at 0 after it was replaced: whoever could still hold it has left then. */
#define SS_STRIPES 32
struct ss_stripe {
	_Alignas(64) atomic_long readers;
};

struct ss_unknowns;

struct ss_registry {
	_Atomic(struct ss_snapshot *) now;
	_Atomic uint64_t version;
	struct ss_stripe stripe[SS_STRIPES];

	pthread_mutex_t lock; /* one writer: the connection and everything below */
	struct ss_snapshot *retired, *retired_last;
	struct ss_db *db;
	char *url;
	bool lost; /* the connection must be opened again */
	bool read_only;
	int64_t last_site_id;

	struct ss_keyring *keys;      /* NULL: keys are neither read nor stored */
	struct ss_unknowns *unknowns; /* with its own lock, taken after `lock` */
};

const struct ss_snapshot *ss_registry_enter(const struct ss_registry *r, atomic_long **ret_stripe);
void ss_registry_leave(atomic_long *stripe);
/* The writer: next becomes what readers see; the one before it is retired. Cannot fail. */
void ss_registry_publish(struct ss_registry *r, struct ss_snapshot *next);
void ss_registry_free_snapshots(struct ss_registry *r); /* at close, no readers left */

/* --- store.c: the only file that names SQL. Callers hold r->lock --- */

int ss_registry_store_open(struct ss_registry *r, struct ss_error *err);
/* Opens again after a loss, and loads anew what others may have changed meanwhile. */
int ss_registry_store_ready(struct ss_registry *r, struct ss_error *err);
int ss_registry_store_load(struct ss_registry *r, struct ss_snapshot **ret, struct ss_error *err);
int ss_registry_store_put_site(struct ss_registry *r, const struct ss_site *s,
			       struct ss_error *err);
int ss_registry_store_put_device(struct ss_registry *r, const struct ss_device *d,
				 struct ss_error *err);
int ss_registry_store_put_unknown(struct ss_registry *r, const struct ss_unknown *u,
				  struct ss_error *err);
int ss_registry_store_forget_unknown(struct ss_registry *r, struct ss_str mn, struct ss_error *err);
int ss_registry_store_load_unknowns(struct ss_registry *r,
				    int (*fn)(void *, const struct ss_unknown *), void *arg,
				    struct ss_error *err);
/* Commit or, after an error in `res`, roll back; notes a lost connection. */
int ss_registry_store_begin(struct ss_registry *r, struct ss_error *err);
int ss_registry_store_end(struct ss_registry *r, int res, struct ss_error *err);

/* --- keys.c: devices' keys at rest --- */

#define SS_KEYRING_MAX 512
struct ss_keyring;
int ss_keyring_open(const char *path, struct ss_keyring **ret, struct ss_error *err);
void ss_keyring_free(struct ss_keyring *k);
/* ret holds SS_KEYRING_MAX bytes. SS_EUNSUPPORTED when k is NULL. */
int ss_keyring_seal(const struct ss_keyring *k, const struct ss_device *d, uint8_t *ret,
		    size_t *ret_n);
/* Fills the keys of d, whose mn is known. SS_ECORRUPT: another node's, another device's, or
 * changed. */
int ss_keyring_unseal(const struct ss_keyring *k, struct ss_str sealed, struct ss_device *d);
void ss_registry_renew_key(const struct ss_device *old, struct ss_device *d);

/* --- check.c: what a record must be --- */

struct ss_why { /* the first thing that is wrong */
	const char *field;
	char zh[160], en[160];
};
/* All return 0 or SS_EINVAL with *why filled. */
int ss_why(struct ss_why *why, const char *field, const char *zh, const char *en);
int ss_check_mn(struct ss_str mn, struct ss_why *why);
int ss_check_site(const struct ss_site *s, struct ss_why *why);
int ss_check_device(const struct ss_device *d, struct ss_why *why);
bool ss_same_site(const struct ss_site *a, const struct ss_site *b);
bool ss_same_device(const struct ss_device *a, const struct ss_device *b);

/* --- import_row.c: one row of the import --- */

struct ss_row_column;
/* The column of a heading (key or Chinese name), NULL when there is none such. */
const struct ss_row_column *ss_row_column(struct ss_str heading);
const char *ss_row_column_key(const struct ss_row_column *c);
/* Puts one cell that is not blank into the records. */
int ss_row_take(const struct ss_row_column *c, struct ss_str cell, struct ss_site *site,
		struct ss_device *d, struct ss_why *why);

/* --- unknown.c --- */

int ss_unknowns_new(struct ss_unknowns **ret);
void ss_unknowns_free(struct ss_unknowns *u);
int ss_unknowns_load(struct ss_registry *r, struct ss_error *err);
