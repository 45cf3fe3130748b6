/* Every row again, from nothing but the table, the tips and the node's public key. Two threads: one
 * reads the rows, the other chains them. */
#include "record/audit/audit_internal.h"

#include <stdlib.h>

#define PROGRESS_EVERY 50000
#define GRACE_ROWS                                                                                 \
	100000 /* so many rows must be signed at least once, however often that is set             \
		*/

struct tips {
	struct ss_tip_list l;
	size_t at;      /* first that the chain has not passed */
	int64_t passed; /* row of the last that held */
};

struct verify {
	const struct ss_audit_place *p;
	struct tips own, copy;
	struct ss_sm3 *sm3;
	struct ss_buf bytes;
	uint8_t chain[SS_SM3_LEN];
	int64_t seq; /* last row that held */
	void (*progress)(void *, int64_t);
	void *arg;
	struct ss_audit_report *rep;
	struct ss_error *err;
};

static int bad(struct verify *v, int64_t row, const char *what)
{
	v->rep->first_bad = row;
	ss_str_copy(v->rep->what, sizeof(v->rep->what), ss_str_of(what));
	return ss_error_set(v->err, SS_ECORRUPT, "审计第 %lld 行 row %lld: %s", (long long)row,
			    (long long)row, what);
}

/* Row from which on a tip does not hold: all before were covered by a tip that does. */
static int64_t after_good(const struct verify *v)
{
	int64_t a = v->own.passed, b = v->copy.passed;

	return (a > b ? a : b) + 1;
}

static int tip_pass(struct verify *v, struct tips *t)
{
	for (; t->at < t->l.n && (int64_t)t->l.p[t->at].group <= v->seq; t->at++) {
		const struct ss_tip *tip = &t->l.p[t->at];

		if ((int64_t)tip->group != v->seq || memcmp(tip->chain, v->chain, SS_SM3_LEN) != 0)
			return bad(
			    v, after_good(v),
			    "自此行起被重写，与签名锚点不符 rewritten from here on, the signed "
			    "tip does not match");
		t->passed = v->seq;
	}
	return 0;
}

static int row_pass(struct verify *v, const struct ss_audit_row *row, bool chain_good)
{
	int r;

	if (row->seq > v->seq + 1)
		return bad(v, v->seq + 1, "缺行 the row is missing");
	if (row->seq <= v->seq)
		return bad(v, row->seq, "多出的行 a row that does not belong there");
	r = ss_audit_chain_next(v->sm3, &v->bytes, row, v->chain);
	if (r < 0 && r != SS_ETOOBIG)
		return ss_error_set(v->err, r,
				    "审计链计算失败；the audit chain cannot be computed");
	if (r < 0 || !chain_good || memcmp(v->chain, row->chain, SS_SM3_LEN) != 0)
		return bad(v, row->seq,
			   "内容与链值不符（此行被改，或上一行连同链值被改）the row does not match "
			   "its chain value: it was changed, or the one before it with its value");
	v->seq = row->seq;
	if (v->p->head_seq == v->seq && memcmp(v->chain, v->p->head_chain, SS_SM3_LEN) != 0)
		return bad(v, after_good(v),
			   "自此行起被重写，与运行中的节点所记不符 rewritten from here on, the "
			   "running node remembers otherwise");
	r = tip_pass(v, &v->own);
	if (r == 0)
		r = tip_pass(v, &v->copy);
	if (r == 0 && v->progress && v->seq % PROGRESS_EVERY == 0)
		v->progress(v->arg, v->seq);
	return r;
}

/* What was known to be there is there. */
static int end_pass(struct verify *v)
{
	if (v->own.at < v->own.l.n || v->copy.at < v->copy.l.n || v->p->head_seq > v->seq)
		return bad(v, v->seq + 1, "末尾被截去 the tail has been cut off from this row on");
	if (v->seq >= GRACE_ROWS && !v->own.l.n)
		return bad(v, 1, "签名锚点文件不见了 the file of signed tips is gone");
	if (v->own.passed >= GRACE_ROWS && v->p->copy_dir && v->p->copy_dir[0] && !v->copy.l.n)
		return bad(v, 1, "锚点副本不见了 the copy of the signed tips is gone");
	return 0;
}

/* --- the two threads: batches of rows go from the reader to the chain --- */

#define BATCH_ROWS 512
#define BATCHES 8
#define ROW_MAX (64u << 10) /* texts of one row; ours are shorter */

struct batch {
	struct ss_audit_row row[BATCH_ROWS];
	bool good[BATCH_ROWS];
	struct ss_buf text; /* the rows' texts, by offset until the batch is whole */
	int n;
};

struct pipe {
	const char *url;
	pthread_mutex_t lock;
	pthread_cond_t moved;
	struct batch *b; /* BATCHES of them, used in a ring */
	unsigned put, taken;
	bool ended, stop;
	int result;
	struct ss_error err;
};

static size_t row_bytes(const struct ss_audit_row *row)
{
	size_t n = 0;

#define X(name, most) n += row->name.n;
	SS_AUDIT_TEXTS(X)
#undef X
	return n;
}

/* Texts lie one behind the other; their pointers are set when the buffer moves no more. */
static int batch_add(struct batch *b, struct ss_stmt *s)
{
	struct ss_audit_row *row = &b->row[b->n];

	ss_audit_store_row(s, row, &b->good[b->n]);
	if (row_bytes(row) > ROW_MAX) { /* never written by us */
		b->good[b->n] = false;
#define X(name, most) row->name = SS_STR("");
		SS_AUDIT_TEXTS(X)
#undef X
	}
#define X(name, most) ss_buf_adds(&b->text, row->name);
	SS_AUDIT_TEXTS(X)
#undef X
	b->n++;
	return b->text.err;
}

static void batch_seal(struct batch *b)
{
	const char *at = b->text.p ? b->text.p : "";

	for (int i = 0; i < b->n; i++) {
#define X(name, most)                                                                              \
	b->row[i].name.p = at;                                                                     \
	at += b->row[i].name.n;
		SS_AUDIT_TEXTS(X)
#undef X
	}
}

/* The next batch to fill; NULL when the other side has given up. */
static struct batch *batch_open(struct pipe *p)
{
	struct batch *b;

	SS_LOCKED(&p->lock);
	while (p->put - p->taken == BATCHES && !p->stop)
		pthread_cond_wait(&p->moved, &p->lock);
	if (p->stop)
		return NULL;
	b = &p->b[p->put % BATCHES];
	b->n = 0;
	ss_buf_reset(&b->text);
	return b;
}

static void batch_put(struct pipe *p, struct batch *b)
{
	batch_seal(b);
	SS_LOCKED(&p->lock);
	p->put++;
	pthread_cond_signal(&p->moved);
}

static int read_rows(struct pipe *p, struct ss_stmt *s)
{
	struct batch *b = batch_open(p);
	int r = 0;

	while (b && (r = ss_step(s, &p->err)) == 1) {
		r = batch_add(b, s);
		if (r < 0)
			return r;
		if (b->n < BATCH_ROWS)
			continue;
		batch_put(p, b);
		b = batch_open(p);
	}
	if (b && r == 0)
		batch_put(p, b);
	ss_stmt_reset(s);
	return r < 0 ? r : 0;
}

static int read_table(struct pipe *p)
{
	struct ss_db *db;
	struct ss_stmt *s;
	int r = ss_audit_store_read(p->url, &db, &p->err);

	if (r < 0)
		return r;
	r = ss_db_stmt(db, "audit/scan", &s, &p->err);
	if (r == 0)
		r = ss_bind_i64(s, 1, INT64_MIN);
	if (r == 0)
		r = read_rows(p, s);
	ss_db_close(db);
	return r;
}

static void *reader(void *arg)
{
	struct pipe *p = arg;
	int r = read_table(p);

	SS_LOCKED(&p->lock);
	p->result = r;
	p->ended = true;
	pthread_cond_signal(&p->moved);
	return NULL;
}

static struct batch *batch_take(struct pipe *p)
{
	SS_LOCKED(&p->lock);
	while (p->put == p->taken && !p->ended)
		pthread_cond_wait(&p->moved, &p->lock);
	return p->put == p->taken ? NULL : &p->b[p->taken % BATCHES];
}

static void batch_done(struct pipe *p, bool stop)
{
	SS_LOCKED(&p->lock);
	p->taken++;
	p->stop = stop;
	pthread_cond_signal(&p->moved);
}

static int chain_rows(struct verify *v, struct pipe *p)
{
	struct batch *b;
	int r = 0;

	while ((b = batch_take(p))) {
		for (int i = 0; r == 0 && i < b->n; i++)
			r = row_pass(v, &b->row[i], b->good[i]);
		batch_done(p, r < 0);
	}
	return r;
}

static int rows(struct verify *v)
{
	struct pipe p = {.url = v->p->url, .b = calloc(BATCHES, sizeof(struct batch))};
	pthread_t t;
	int r;

	if (!p.b)
		return SS_ENOMEM;
	for (int i = 0; i < BATCHES; i++)
		p.b[i].text = SS_BUF_MAX((size_t)BATCH_ROWS << 16);
	pthread_mutex_init(&p.lock, NULL);
	ss_cond_init(&p.moved);
	r = ss_thread_start(&t, "audit-read", reader, &p);
	if (r == 0) {
		r = chain_rows(v, &p);
		pthread_join(t, NULL);
		if (r == 0 && p.result < 0) {
			r = p.result;
			if (v->err)
				*v->err = p.err;
		}
	}
	for (int i = 0; i < BATCHES; i++)
		ss_buf_done(&p.b[i].text);
	pthread_cond_destroy(&p.moved);
	pthread_mutex_destroy(&p.lock);
	free(p.b);
	return r;
}

/* --- all --- */

/* Tips first, rows after: what is signed meanwhile is not missed among the rows. */
static int run(struct verify *v)
{
	char path[SS_AUDIT_PATH];
	uint8_t node[16];
	int r;

	snprintf(path, sizeof(path), "%.900s/audit.tips", v->p->data);
	r = ss_tip_lists_read(&(struct ss_tip_place){v->p->journal_dir, path, v->p->copy_dir,
						     SS_AUDIT_NAME, SS_AUDIT_MAGIC},
			      &v->own.l, &v->copy.l, node, v->err);
	if (r == 0)
		r = ss_audit_chain_start(node, v->chain);
	if (r == 0)
		r = rows(v);
	v->rep->rows = v->seq;
	v->rep->signed_rows = v->own.passed;
	v->rep->copied_rows = v->copy.passed;
	return r == 0 ? end_pass(v) : r;
}

int ss_audit_verify(const struct ss_audit_place *p, void (*progress)(void *, int64_t), void *arg,
		    struct ss_audit_report *ret, struct ss_error *err)
{
	struct ss_error own_err = {0};
	struct verify v = {.p = p,
			   .progress = progress,
			   .arg = arg,
			   .rep = ret,
			   .err = err ? err : &own_err,
			   .bytes = SS_BUF_MAX(1 << 20)};
	int r;

	*ret = (struct ss_audit_report){0};
	v.sm3 = ss_sm3_new();
	r = v.sm3 ? run(&v) : SS_ENOMEM;
	if (r < 0 && v.err->code == 0)
		ss_error_set(v.err, r, "审计核验没有做完（%s）；the verification did not end: %s",
			     ss_err_zh(r), ss_err_en(r));
	ss_sm3_free(v.sm3);
	ss_buf_done(&v.bytes);
	free(v.own.l.p);
	free(v.copy.l.p);
	return r;
}
