/* Inside the audit only. */
#pragma once

#include <pthread.h>
#include <stdatomic.h>

#include "base/thread.h"
#include "record/audit/audit.h"
#include "record/journal/tips.h"

#define SS_AUDIT_MAGIC "SSAUD1"
#define SS_AUDIT_NAME "audit"
#define SS_AUDIT_PATH 1024

/* --- chain.c: the bytes that are chained --- */

/* chain of no row: SM3("SSAUDIT1" || node). */
int ss_audit_chain_start(const uint8_t node[16], uint8_t ret[SS_SM3_LEN]);
/* chain = SM3(chain || bytes of the row); b is room that is used again and again. */
int ss_audit_chain_next(struct ss_sm3 *sm3, struct ss_buf *b, const struct ss_audit_row *row,
			uint8_t chain[SS_SM3_LEN]);
/* A copy in one block of memory with clean texts; the caller frees. NULL: out of memory. */
struct ss_audit_row *ss_audit_row_copy(const struct ss_audit_row *row);

/* --- store.c: the only file that names SQL --- */

struct ss_audit_store {
	struct ss_db *db; /* the writer; NULL: to be opened */
	struct ss_sm3 *sm3;
	struct ss_buf bytes;
	int64_t seq; /* last row on disk */
	uint8_t chain[SS_SM3_LEN];
};
/* Opens, migrates, reads the last row into *ret_seq, ret_chain (genesis when there is none). */
int ss_audit_store_open(struct ss_audit_store *st, const char *url, const uint8_t node[16],
			int64_t *ret_seq, uint8_t ret_chain[SS_SM3_LEN], struct ss_error *err);
void ss_audit_store_close(struct ss_audit_store *st);
/* Adds the rows (numbered from st->seq + 1) in one transaction; on success st stands behind them. A
 * spooled row that is there already is left out. */
struct ss_audit_item;
int ss_audit_store_add(struct ss_audit_store *st, struct ss_audit_item *head, struct ss_error *err);
/* Row of a scan or search at the statement's cursor; its texts live until the next step. */
void ss_audit_store_row(struct ss_stmt *s, struct ss_audit_row *ret, bool *ret_chain_good);
int ss_audit_store_search(struct ss_db *db, const struct ss_audit_filter *f,
			  bool (*fn)(void *, const struct ss_audit_row *), void *arg,
			  struct ss_error *err);
int ss_audit_store_read(const char *url, struct ss_db **ret, struct ss_error *err);

/* --- audit.c --- */

struct ss_audit_item { /* a row on its way */
	struct ss_audit_item *next;
	struct ss_audit_row *row;
	char *spool; /* path of its file in the spool, deleted when it is on disk; or NULL */
	bool waited; /* somebody waits: he frees it */
	bool done;
};

/* --- spool.c --- */

/* Rows found in the spool, oldest first; a file that cannot be read is renamed to *.bad and its
 * name is given in a row of its own. */
int ss_audit_spool_take(const char *data, struct ss_audit_item **ret_head, int *ret_n);
void ss_audit_item_free(struct ss_audit_item *it);
