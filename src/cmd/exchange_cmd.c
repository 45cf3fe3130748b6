/* shanshui exchange verify FILE  is the package good: needs nothing but the sender's public key
 * shanshui exchange take FILE    the same, and takes it, once: into the data folder of a node
 * What is taken and what is refused is written into the audit, with the reason. */
#include <stdio.h>
#include <stdlib.h>

#include "base/config.h"
#include "base/os.h"
#include "cmd/cmd.h"
#include "cmd/words.h"
#include "record/audit/audit.h"
#include "record/journal/journal.h"
#include "serve/exchange/exchange.h"

struct exchange_args {
	const char *key, *from, *as, *data, *db, *receipt;
	int64_t age;
};

static const struct ss_option rows[] = {
    SS_WORD_TEXT(struct exchange_args, key, "", "对方的公钥（PEM），由可靠的途径得来",
		 "public key of the sender (PEM), from a way that is trusted"),
    SS_WORD_TEXT(struct exchange_args, from, "", "这把公钥是谁的", "whose key it is"),
    SS_WORD_TEXT(struct exchange_args, as, "", "本方的名称，收件人须是它",
		 "our name: the package must be for it"),
    SS_OPTION(struct exchange_args, DURATION, age, "age", "30d", "比这更早的包不收",
	      "older packages are refused", .min = SS_US_PER_SEC,
	      .max = INT64_C(3650) * 86400 * SS_US_PER_SEC),
    SS_WORD_DATA(struct exchange_args),
    SS_WORD_DB(struct exchange_args),
    SS_WORD_TEXT(struct exchange_args, receipt, "", "take：签名的回执写到哪里",
		 "take: where to write the signed receipt"),
    {0},
};

struct taking {
	const struct exchange_args *a;
	struct ss_buf text, key;
	struct ss_package p;
};

static void taking_done(struct taking *t)
{
	ss_package_done(&t->p);
	ss_buf_done(&t->text);
	ss_buf_done(&t->key);
}

/* One more byte than is allowed, so that what is too long is told as that. */
static int read_file(const char *path, struct ss_buf *b, struct ss_error *err)
{
	int r = ss_file_read(path, b);

	if (r == SS_ETOOBIG)
		return ss_error_set(err, r, "%s 过大，不收；is too large: not taken", path);
	return r < 0 ? ss_error_set(err, r, "读不了 %s（%s）；cannot read %s: %s", path,
				    ss_err_zh(r), path, ss_err_en(r))
		     : 0;
}

static int check(struct taking *t, const char *file, struct ss_error *err)
{
	const struct exchange_args *a = t->a;
	int r = 0;

	if (!a->key[0] || !a->as[0] || !a->from[0])
		return ss_error_set(
		    err, SS_EINVAL,
		    "要有 --key、--from 与 --as；--key, --from and --as are needed");
	r = read_file(a->key, &t->key, err);
	if (r == 0)
		r = read_file(file, &t->text, err);
	if (r == 0)
		r = ss_package_read(ss_buf_str(&t->text), &t->p, err);
	return r < 0 ? r
		     : ss_package_check(&t->p,
					&(struct ss_package_trust){.key = ss_buf_str(&t->key),
								   .sender = ss_str_of(a->from),
								   .receiver = ss_str_of(a->as),
								   .now_us = ss_time_now(),
								   .most_age_us = a->age},
					err);
}

static void say_good(const struct ss_package *p, const char *what)
{
	char time[SS_TIME_ISO];

	ss_time_fmt_iso(time, p->time_us);
	printf("%s: 第 number %lld 号（第 epoch %lld 代），" SS_STR_FMT " 至 to " SS_STR_FMT
	       "，%s，" SS_STR_FMT "，正文 bodies %zu\n",
	       what, (long long)p->sequence, (long long)p->epoch, SS_STR_ARG(p->sender),
	       SS_STR_ARG(p->receiver), time, SS_STR_ARG(p->schema), p->n_bodies);
}

static int refused(const struct ss_error *err, int r)
{
	fprintf(stderr, "拒收：%s\nrefused (%s)\n", err->code ? err->text : ss_err_zh(r),
		ss_err_name(r));
	return 1;
}

static int verify(const struct exchange_args *a, const char *file)
{
	struct taking t = {.a = a, .text = SS_BUF_MAX(SS_PACKAGE_MOST), .key = SS_BUF_MAX(4096)};
	struct ss_error err = {0};
	int r = check(&t, file, &err);

	if (r == 0)
		say_good(&t.p, "完好 good");
	r = r < 0 ? refused(&err, r) : 0;
	taking_done(&t);
	return r;
}

/* --- take --- */

static void put_detail(const struct taking *t, const struct ss_error *err, struct ss_buf *out)
{
	struct ss_json j = ss_json_on(out);
	char hex[65] = {0};

	ss_hex_encode(hex, t->p.sm3, SS_SM3_LEN);
	ss_json_obj(&j);
	if (t->p.held) {
		ss_json_kstr(&j, "sender", t->p.sender);
		ss_json_kstr(&j, "receiver", t->p.receiver);
		ss_json_kstr(&j, "schema", t->p.schema);
		ss_json_ki64(&j, "epoch", t->p.epoch);
		ss_json_ki64(&j, "sequence", t->p.sequence);
		ss_json_kz(&j, "sm3", hex);
	}
	if (err->code)
		ss_json_kz(&j, "why", err->text);
	ss_json_end_obj(&j);
}

static int write_down(const struct taking *t, const char *file, const struct ss_error *why,
		      struct ss_error *err)
{
	ss_cleanup(ss_buf_done) struct ss_buf detail = SS_BUF_MAX(4096);
	struct ss_audit_row row = {.actor = SS_STR("os:exchange"),
				   .via = SS_STR("cli"),
				   .origin = SS_STR("local"),
				   .action = SS_STR("exchange.take"),
				   .target = ss_str_of(file),
				   .status = why->code ? 1 : 0,
				   .outcome = why->code ? SS_STR("refused") : SS_STR("ok")};

	put_detail(t, why, &detail);
	row.detail = ss_buf_str(&detail);
	return ss_audit_spool(t->a->data, &row, err);
}

static int sign(void *arg, struct ss_str m, uint8_t sig[SS_SM2_SIG_MAX], size_t *ret_n,
		struct ss_error *err)
{
	return ss_journal_sign(arg, m.p, m.n, sig, ret_n, err);
}

static int make_receipt(const struct taking *t, struct ss_journal *j, struct ss_buf *out,
			struct ss_error *err)
{
	ss_cleanup(ss_buf_done) struct ss_buf body = SS_BUF_MAX(4096);
	char node[33] = {0}, *pem = NULL, folder[1024];
	struct ss_package p = {.sender = t->p.receiver,
			       .receiver = t->p.sender,
			       .schema = SS_STR("shanshui/receipt/1"),
			       .node = SS_STR(""),
			       .sequence = t->p.sequence,
			       .time_us = ss_time_now(),
			       .n_bodies = 1};
	struct ss_epoch epoch = {0};
	uint8_t id[16];
	int r = ss_journal_node(j, &pem, id);

	free(pem);
	snprintf(folder, sizeof(folder), "%s/journal", t->a->data);
	if (r == 0)
		r = ss_journal_epoch(folder, &epoch);
	if (r < 0)
		return r;
	ss_hex_encode(node, id, sizeof(id));
	p.node = ss_str_of(node);
	p.epoch = epoch.number;
	put_detail(t, &(struct ss_error){0}, &body);
	p.body[0] = (struct ss_package_body){SS_STR("receipt"), ss_buf_str(&body), 1};
	return ss_package_write(&p, sign, j, out, err);
}

/* What quotes the digest of the package, signed by this node. */
static int write_receipt(const struct taking *t, struct ss_error *err)
{
	ss_cleanup(ss_buf_done) struct ss_buf out = SS_BUF_MAX(SS_PACKAGE_MOST);
	char folder[1024];
	const struct ss_journal_settings s = {.dir = folder, .read_only = true};
	struct ss_journal *j = NULL;
	int r;

	if (!t->a->receipt[0])
		return 0;
	snprintf(folder, sizeof(folder), "%s/journal", t->a->data);
	r = ss_journal_open(&s, &j, err);
	if (r == 0)
		r = make_receipt(t, j, &out, err);
	if (r == 0)
		r = ss_file_write_atomic(t->a->receipt, out.p, out.n, 0644);
	ss_journal_close(j);
	return r;
}

static int take_it(struct taking *t, const char *file, struct ss_error *err)
{
	char own[1024];
	int r = check(t, file, err);

	snprintf(own, sizeof(own), "sqlite:%s/exchange.db", t->a->data);
	return r < 0 ? r
		     : ss_exchange_take(t->a->db[0] ? t->a->db : own, &t->p, ss_buf_str(&t->text),
					ss_time_now(), err);
}

static int take(const struct exchange_args *a, const char *file)
{
	struct taking t = {.a = a, .text = SS_BUF_MAX(SS_PACKAGE_MOST), .key = SS_BUF_MAX(4096)};
	struct ss_error why = {0}, err = {0};
	int r = ss_audit_spool_ready(a->data, &err), w;

	if (r < 0) {
		taking_done(&t);
		return ss_words_failed(r, &err);
	}
	r = take_it(&t, file, &why);
	if (r < 0 && !why.code)
		ss_error_set(&why, r, "%s；%s", ss_err_zh(r), ss_err_en(r));
	w = write_down(&t, file, &why, &err);
	/* The same once more: its receipt may have been lost on the way. */
	if (w == 0 && (r == 0 || r == SS_EEXISTS))
		w = write_receipt(&t, &err);
	if (r == 0)
		say_good(&t.p, "已收 taken");
	else
		refused(&why, r);
	taking_done(&t);
	return w < 0 ? ss_words_failed(w, &err) : r < 0;
}

static int usage(void)
{
	fputs(
	    "用法 usage:\n"
	    "  shanshui exchange verify FILE --key PEM --from 对方 SENDER --as 本方 US [--age "
	    "30d]\n"
	    "  shanshui exchange take FILE   --key PEM --from 对方 SENDER --as 本方 US --data DIR "
	    "[--db URL] [--receipt FILE]\n",
	    stderr);
	return 2;
}

static int run(void *args, int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[0], "verify") == 0)
		return verify(args, argv[1]);
	return argc == 2 && strcmp(argv[0], "take") == 0 ? take(args, argv[1]) : usage();
}

int ss_cmd_exchange(int argc, char **argv)
{
	struct exchange_args s = {0};

	return ss_words_run(&(struct ss_words){rows, &s, usage, .run = run}, argc, argv, 1);
}
