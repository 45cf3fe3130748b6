/* Between rows and the database. */
#include "record/audit/audit_internal.h"

#include "audit_sql.h"

static int last_row(struct ss_db *db, const uint8_t node[16], int64_t *ret_seq,
		    uint8_t ret_chain[SS_SM3_LEN], struct ss_error *err)
{
	struct ss_stmt *s;
	int r = ss_db_stmt(db, "audit/last", &s, err);

	if (r == 0)
		r = ss_step(s, err);
	if (r < 0)
		return r;
	*ret_seq = 0;
	r = r == 0 ? ss_audit_chain_start(node, ret_chain) : 1;
	if (r == 1) {
		struct ss_str c = ss_col_blob(s, 1);

		*ret_seq = ss_col_i64(s, 0);
		r = 0;
		if (c.n == SS_SM3_LEN)
			memcpy(ret_chain, c.p, SS_SM3_LEN);
		else
			memset(ret_chain, 0, SS_SM3_LEN);
	}
	ss_stmt_reset(s);
	return r;
}

int ss_audit_store_open(struct ss_audit_store *st, const char *url, const uint8_t node[16],
			int64_t *ret_seq, uint8_t ret_chain[SS_SM3_LEN], struct ss_error *err)
{
	static const char *const features[] = {"audit", NULL};
	struct ss_db *db;
	int r;

	ss_audit_sql();
	r = ss_db_open(url, NULL, SS_DB_WRITER, &db, err);
	if (r < 0)
		return r;
	r = ss_db_migrate(db, features, err);
	if (r == 0)
		r = last_row(db, node, ret_seq, ret_chain, err);
	if (r < 0)
		ss_db_close(db);
	else
		st->db = db;
	return r;
}

void ss_audit_store_close(struct ss_audit_store *st)
{
	ss_db_close(st->db);
	st->db = NULL;
}

static int bind(struct ss_stmt *s, const struct ss_audit_row *row)
{
	int i = 1;
	int r = ss_bind_i64(s, i++, row->seq);

	if (r == 0)
		r = ss_bind_i64(s, i++, row->at_us);
	if (r == 0)
		r = ss_bind_i64(s, i++, row->status);
#define X(name, most)                                                                              \
	if (r == 0)                                                                                \
		r = ss_bind_str(s, i++, row->name);
	SS_AUDIT_TEXTS(X)
#undef X
	if (r == 0)
		r = ss_bind_blob(s, i, row->chain, SS_SM3_LEN);
	return r;
}

/* 1 when the row of the spool is there already: its file outlived a crash. */
static int is_taken(struct ss_audit_store *st, const struct ss_audit_item *it, struct ss_error *err)
{
	struct ss_stmt *s;
	int r;

	if (!it->spool)
		return 0;
	r = ss_db_stmt(st->db, "audit/spooled", &s, err);
	if (r == 0)
		r = ss_bind_str(s, 1, it->row->request);
	if (r == 0)
		r = ss_step(s, err);
	if (r >= 0)
		ss_stmt_reset(s);
	return r;
}

static int add_one(struct ss_audit_store *st, const struct ss_audit_item *it, int64_t *seq,
		   uint8_t chain[SS_SM3_LEN], struct ss_error *err)
{
	struct ss_stmt *s;
	int64_t n;
	int r = is_taken(st, it, err);

	if (r != 0)
		return r < 0 ? r : 0;
	it->row->seq = ++*seq;
	r = ss_audit_chain_next(st->sm3, &st->bytes, it->row, chain);
	if (r < 0)
		return ss_error_set(err, r, "审计链计算失败；the audit chain cannot be computed");
	memcpy(it->row->chain, chain, SS_SM3_LEN);
	r = ss_db_stmt(st->db, "audit/add", &s, err);
	if (r == 0)
		r = bind(s, it->row);
	if (r < 0)
		return r;
	n = ss_run(s, err);
	return n < 0 ? (int)n : 0;
}

int ss_audit_store_add(struct ss_audit_store *st, struct ss_audit_item *head, struct ss_error *err)
{
	uint8_t chain[SS_SM3_LEN];
	int64_t seq = st->seq;
	int r = ss_db_begin(st->db, err);

	if (r < 0)
		return r;
	memcpy(chain, st->chain, SS_SM3_LEN);
	for (struct ss_audit_item *it = head; r == 0 && it; it = it->next)
		r = add_one(st, it, &seq, chain, err);
	if (r < 0) {
		ss_db_rollback(st->db);
		return r;
	}
	r = ss_db_commit(st->db, err);
	if (r < 0)
		return r;
	st->seq = seq;
	memcpy(st->chain, chain, SS_SM3_LEN);
	return 0;
}

/* --- reading --- */

int ss_audit_store_read(const char *url, struct ss_db **ret, struct ss_error *err)
{
	ss_audit_sql();
	return ss_db_open(url, NULL, SS_DB_READER, ret, err);
}

void ss_audit_store_row(struct ss_stmt *s, struct ss_audit_row *ret, bool *ret_chain_good)
{
	struct ss_str c;
	int i = 0;

	ret->seq = ss_col_i64(s, i++);
	ret->at_us = ss_col_i64(s, i++);
	ret->status = ss_col_i64(s, i++);
#define X(name, most) ret->name = ss_col_str(s, i++);
	SS_AUDIT_TEXTS(X)
#undef X
	c = ss_col_blob(s, i);
	*ret_chain_good = c.n == SS_SM3_LEN;
	if (*ret_chain_good)
		memcpy(ret->chain, c.p, SS_SM3_LEN);
	else
		memset(ret->chain, 0, SS_SM3_LEN);
}

/* "%text%" in lower case with what LIKE takes specially escaped. */
static int pattern(struct ss_buf *b, struct ss_str text)
{
	if (text.n == 0)
		return 0;
	ss_buf_addc(b, '%');
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];

		if (c == '%' || c == '_' || c == '\\')
			ss_buf_addc(b, '\\');
		ss_buf_addc(b, c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c);
	}
	return ss_buf_addc(b, '%');
}

static int bind_filter(struct ss_stmt *s, const struct ss_audit_filter *f,
		       const struct ss_buf *like)
{
	const struct ss_str texts[] = {f->actor, f->action, f->outcome, f->via, ss_buf_str(like)};
	int r = ss_bind_i64(s, 1, f->before_seq > 0 ? f->before_seq : INT64_MAX);

	if (r == 0)
		r = ss_bind_i64(s, 2, f->from_us);
	if (r == 0)
		r = ss_bind_i64(s, 3, f->to_us == SS_TIME_NONE ? INT64_MAX : f->to_us);
	for (int i = 0; r == 0 && i < (int)SS_ARRAY_LEN(texts); i++)
		r = ss_bind_str(s, 4 + i, texts[i].n ? texts[i] : SS_STR(""));
	return r == 0 ? ss_bind_i64(s, 9, f->limit) : r;
}

int ss_audit_store_search(struct ss_db *db, const struct ss_audit_filter *f,
			  bool (*fn)(void *, const struct ss_audit_row *), void *arg,
			  struct ss_error *err)
{
	ss_cleanup(ss_buf_done) struct ss_buf like = SS_BUF_MAX(2048);
	struct ss_audit_row row;
	struct ss_stmt *s;
	bool good;
	int r = pattern(&like, f->text);

	if (r == 0)
		r = ss_db_stmt(db, "audit/search", &s, err);
	if (r == 0)
		r = bind_filter(s, f, &like);
	if (r < 0)
		return r;
	while ((r = ss_step(s, err)) == 1) {
		ss_audit_store_row(s, &row, &good);
		if (!fn(arg, &row))
			break;
	}
	ss_stmt_reset(s);
	return r < 0 ? r : 0;
}
