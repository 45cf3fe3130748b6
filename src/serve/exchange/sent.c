/* What leaves: numbered inside the write that sends it, signed by the node's key. */
#include <stdlib.h>

#include "base/config.h"
#include "exchange_sent_sql.h"
#include "record/business/business.h"
#include "record/journal/journal.h"
#include "serve/exchange/exchange.h"

const struct ss_option ss_exchange_options[] = {
    SS_OPTION(struct ss_exchange_settings, STRING, name, "exchange.name", "",
	      "本节点对外的名称，写进交换包；空为密钥的编号",
	      "name of this node in packages to others; empty = the id of its key"),
    {0},
};

struct ss_exchange {
	struct ss_business *business;
	struct ss_journal *journal;
	struct ss_sm2_key *key; /* of a bench */
	char name[SS_PACKAGE_NAME + 1], node[33];
	int64_t epoch;
};

static int sign(void *arg, struct ss_str m, uint8_t sig[SS_SM2_SIG_MAX], size_t *ret_n,
		struct ss_error *err)
{
	struct ss_exchange *x = arg;

	return x->journal ? ss_journal_sign(x->journal, m.p, m.n, sig, ret_n, err)
			  : ss_sm2_sign(x->key, m.p, m.n, sig, ret_n);
}

static int find_key(struct ss_exchange *x, const char *data, struct ss_error *err)
{
	char path[1024], *pem = NULL;
	uint8_t d[SS_SM3_LEN];
	int r;

	if (x->journal)
		r = ss_journal_node(x->journal, &pem, d);
	else {
		snprintf(path, sizeof(path), "%s/exchange.key", data);
		r = ss_sm2_load_or_make(path, &x->key, err);
		if (r == 0)
			r = ss_sm2_public_pem(x->key, &pem);
		if (r == 0)
			r = ss_sm3(pem, strlen(pem), d);
	}
	free(pem);
	if (r == 0)
		ss_hex_encode(x->node, d, 16);
	return r;
}

static int find_epoch(struct ss_exchange *x, const char *data)
{
	struct ss_epoch e = {0};
	char path[1024];
	int r = 0;

	snprintf(path, sizeof(path), "%s/journal", data);
	if (x->journal)
		r = ss_journal_epoch(path, &e);
	x->epoch = e.number;
	return r;
}

int ss_exchange_open(const struct ss_exchange_settings *s, struct ss_business *b,
		     struct ss_journal *journal, const char *data, struct ss_exchange **ret,
		     struct ss_error *err)
{
	struct ss_exchange *x = calloc(1, sizeof(*x));
	int r;

	if (!x)
		return SS_ENOMEM;
	x->business = b;
	x->journal = journal;
	ss_exchange_sent_sql();
	r = find_key(x, data, err);
	if (r == 0)
		r = find_epoch(x, data);
	ss_str_copy(x->name, sizeof(x->name), ss_str_of(s->name && s->name[0] ? s->name : x->node));
	if (r == 0)
		r = ss_business_migrate(b, "exchange_sent", err);
	if (r < 0) {
		ss_exchange_close(x);
		return r;
	}
	*ret = x;
	return 0;
}

void ss_exchange_close(struct ss_exchange *x)
{
	if (!x)
		return;
	ss_sm2_free(x->key);
	free(x);
}

static int last_number(struct ss_db *db, const struct ss_package *p, int64_t *ret,
		       struct ss_error *err)
{
	struct ss_stmt *st;
	int r = ss_db_stmt(db, "exchange_sent/last", &st, err);

	if (r < 0)
		return r;
	ss_bind_str(st, 1, p->receiver);
	ss_bind_i64(st, 2, p->epoch);
	r = ss_step(st, err);
	if (r < 0)
		return r;
	*ret = ss_col_i64(st, 0);
	ss_stmt_reset(st);
	return 0;
}

static int note(struct ss_db *db, const struct ss_package *p, struct ss_error *err)
{
	struct ss_stmt *st;
	char hex[65] = {0};
	int64_t n;
	int r = ss_db_stmt(db, "exchange_sent/add", &st, err);

	if (r < 0)
		return r;
	ss_hex_encode(hex, p->sm3, SS_SM3_LEN);
	ss_bind_str(st, 1, p->receiver);
	ss_bind_i64(st, 2, p->epoch);
	ss_bind_i64(st, 3, p->sequence);
	ss_bind_str(st, 4, p->schema);
	ss_bind_i64(st, 5, p->time_us);
	ss_bind_z(st, 6, hex);
	n = ss_run(st, err);
	return n < 0 ? (int)n : 0;
}

int ss_exchange_pack(struct ss_exchange *x, struct ss_package *p, struct ss_buf *out,
		     struct ss_error *err)
{
	struct ss_db *db = ss_business_current(x->business);
	int64_t last = 0;
	int r;

	if (!db)
		return ss_error_set(err, SS_ESTATE,
				    "交换包只在改动之中做；a package is made inside a write only");
	if (!p->receiver.n || p->receiver.n > SS_PACKAGE_NAME || !p->schema.n ||
	    p->schema.n > SS_PACKAGE_NAME)
		return ss_error_set(err, SS_EINVAL,
				    "交换包要有收件人与格式名，各不超过 %d 字节；a package needs a "
				    "receiver and a schema of at most %d bytes",
				    SS_PACKAGE_NAME, SS_PACKAGE_NAME);
	p->sender = ss_str_of(x->name);
	p->node = ss_str_of(x->node);
	p->epoch = x->epoch;
	p->time_us = ss_time_now();
	r = last_number(db, p, &last, err);
	p->sequence = last + 1;
	if (r == 0)
		r = ss_package_write(p, sign, x, out, err);
	return r == 0 ? note(db, p, err) : r;
}
