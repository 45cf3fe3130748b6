/* What was taken: each number of a sender once, in order. */
#include "exchange_received_sql.h"
#include "record/db/db.h"
#include "serve/exchange/exchange.h"

static void digest_of(const struct ss_package *p, char hex[65])
{
	ss_hex_encode(hex, p->sm3, SS_SM3_LEN);
	hex[64] = 0;
}

/* Under its number something was taken: the same, or another package. */
static int check_known(struct ss_db *db, const struct ss_package *p, struct ss_error *err)
{
	struct ss_stmt *st;
	char hex[65];
	int r = ss_db_stmt(db, "exchange_received/get", &st, err);

	if (r < 0)
		return r;
	ss_bind_str(st, 1, p->sender);
	ss_bind_i64(st, 2, p->epoch);
	ss_bind_i64(st, 3, p->sequence);
	r = ss_step(st, err);
	if (r <= 0)
		return r;
	digest_of(p, hex);
	bool same = ss_str_is(ss_col_str(st, 0), hex);
	ss_stmt_reset(st);
	return same ? ss_error_set(
			  err, SS_EEXISTS,
			  "第 %lld 号已经收过，不再收；number %lld was taken before: not again",
			  (long long)p->sequence, (long long)p->sequence)
		    : ss_error_set(
			  err, SS_ECONFLICT,
			  "第 %lld 号收过内容不同的另一个包：一号两版，请向对方核实；another "
			  "package was taken under number %lld: two versions, ask the sender",
			  (long long)p->sequence, (long long)p->sequence);
}

static int check_order(struct ss_db *db, const struct ss_package *p, struct ss_error *err)
{
	int64_t epoch = -1, last = 0;
	struct ss_stmt *st;
	int r = ss_db_stmt(db, "exchange_received/last", &st, err);

	if (r < 0)
		return r;
	ss_bind_str(st, 1, p->sender);
	r = ss_step(st, err);
	if (r < 0)
		return r;
	if (r == 1) {
		epoch = ss_col_i64(st, 0);
		last = ss_col_i64(st, 1);
	}
	ss_stmt_reset(st);
	if (p->epoch < epoch)
		return ss_error_set(
		    err, SS_ERANGE,
		    "包是对方从备份恢复（第 %lld 代）以前的，已作废；it is from before "
		    "the sender was restored (epoch %lld): void",
		    (long long)epoch, (long long)epoch);
	last = p->epoch > epoch ? 0 : last;
	return p->sequence == last + 1
		   ? 0
		   : ss_error_set(
			 err, SS_ESTATE,
			 "次序不对：应收第 %lld 号，这是第 %lld 号；out of order: number %lld "
			 "is due, this is %lld",
			 (long long)last + 1, (long long)p->sequence, (long long)last + 1,
			 (long long)p->sequence);
}

static int add(struct ss_db *db, const struct ss_package *p, struct ss_str text, int64_t now_us,
	       struct ss_error *err)
{
	struct ss_stmt *st;
	char hex[65];
	int64_t n;
	int r = ss_db_stmt(db, "exchange_received/add", &st, err);

	if (r < 0)
		return r;
	digest_of(p, hex);
	ss_bind_str(st, 1, p->sender);
	ss_bind_i64(st, 2, p->epoch);
	ss_bind_i64(st, 3, p->sequence);
	ss_bind_str(st, 4, p->schema);
	ss_bind_i64(st, 5, p->time_us);
	ss_bind_i64(st, 6, now_us);
	ss_bind_z(st, 7, hex);
	ss_bind_str(st, 8, text);
	n = ss_run(st, err);
	return n < 0 ? (int)n : 0;
}

static int take(struct ss_db *db, const struct ss_package *p, struct ss_str text, int64_t now_us,
		struct ss_error *err)
{
	int r = ss_db_begin(db, err);

	if (r < 0)
		return r;
	r = check_known(db, p, err);
	if (r == 0)
		r = check_order(db, p, err);
	if (r == 0)
		r = add(db, p, text, now_us, err);
	if (r == 0)
		return ss_db_commit(db, err);
	ss_db_rollback(db);
	return r;
}

int ss_exchange_take(const char *url, const struct ss_package *p, struct ss_str text,
		     int64_t now_us, struct ss_error *err)
{
	struct ss_db *db = NULL;
	int r;

	ss_exchange_received_sql();
	r = ss_db_open(url, "exchange", SS_DB_WRITER, &db, err);
	if (r == 0)
		r = ss_db_migrate(db, (const char *const[]){"exchange_received", NULL}, err);
	if (r == 0)
		r = take(db, p, text, now_us, err);
	ss_db_close(db);
	return r;
}
