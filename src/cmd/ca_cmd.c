/* shanshui ca: what the holder of a key does on a machine of his own, so that the key never leaves
 * it. ca key --out FILE [--kind sm2|p256]       a new private key, 0600 ca request --key FILE
 * --name LOGIN        a request (PKCS#10) for the security administrator ca sign --key FILE
 * CHALLENGE              the answer to the challenge of a sign-in, in hex ca check --chain FILE
 * [--crl FILE] CERT   is the certificate good now */
#include "base/os.h"
#include "base/x509.h"

#include "base/base.h"
#include "base/config.h"
#include "cmd/cmd.h"
#include "cmd/words.h"

struct ca_args {
	const char *out, *kind, *key, *name, *org, *chain, *crl;
};

static const struct ss_option rows[] = {
    SS_WORD_TEXT(struct ca_args, out, "", "新私钥的文件", "file of the new key"),
    SS_WORD_TEXT(struct ca_args, kind, "sm2", "sm2 或 p256", "sm2 or p256"),
    SS_WORD_TEXT(struct ca_args, key, "", "私钥的文件", "file of the private key"),
    SS_WORD_TEXT(struct ca_args, name, "", "登录名或节点名", "login, or name of the node"),
    SS_WORD_TEXT(struct ca_args, org, "", "单位", "organisation"),
    SS_WORD_TEXT(struct ca_args, chain, "", "签发证书与根证书（GET /api/v1/ca/chain）",
		 "issuing and root certificate"),
    SS_WORD_TEXT(struct ca_args, crl, "", "吊销列表（GET /api/v1/ca/crl）", "list of the revoked"),
    {0},
};

static int say(int r, const char *zh, const char *en)
{
	if (r < 0)
		fprintf(stderr, "%s（%s）；%s: %s\n", zh, ss_err_zh(r), en, ss_err_en(r));
	return r < 0;
}

static int load(const char *path, struct ss_pkey **ret)
{
	struct ss_buf b = SS_BUF_MAX(SS_CERT_PEM_MAX);
	int r = ss_file_read(path, &b);

	if (r == 0)
		r = ss_pkey_private_from_pem(ss_buf_str(&b), ret);
	if (b.p)
		explicit_bzero(b.p, b.cap);
	ss_buf_done(&b);
	return r;
}

static int make_key(const struct ca_args *a)
{
	struct ss_buf b = SS_BUF_MAX(SS_CERT_PEM_MAX), old = SS_BUF_MAX(SS_CERT_PEM_MAX);
	struct ss_pkey *k = NULL;
	int r = strcmp(a->kind, "sm2") != 0 && strcmp(a->kind, "p256") != 0 ? SS_EINVAL : 0;

	if (r == 0 && ss_file_read(a->out, &old) != SS_ENOTFOUND)
		r = SS_EEXISTS; /* a key is not overwritten */
	if (r == 0)
		r = ss_pkey_make(a->kind[0] == 's' ? SS_PKEY_SM2 : SS_PKEY_P256, &k);
	if (r == 0)
		r = ss_pkey_private_pem(k, &b);
	if (r == 0)
		r = ss_file_write_atomic(a->out, b.p, b.n, 0600);
	if (b.p)
		explicit_bzero(b.p, b.cap);
	ss_buf_done(&b);
	ss_buf_done(&old);
	ss_pkey_free(k);
	return say(r, "私钥做不了", "the key cannot be made");
}

static int request(const struct ca_args *a)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(SS_CERT_PEM_MAX);
	struct ss_pkey *k = NULL;
	int r = load(a->key, &k);

	if (r == 0)
		r = ss_csr_make(k, a->name, a->org, &b);
	ss_pkey_free(k);
	if (r == 0)
		printf(SS_STR_FMT, SS_STR_ARG(ss_buf_str(&b)));
	return say(r, "证书请求做不了", "the request cannot be made");
}

static int sign(const struct ca_args *a, const char *challenge)
{
	uint8_t sig[SS_PKEY_SIG_MAX];
	char text[200], hex[2 * SS_PKEY_SIG_MAX + 1];
	struct ss_pkey *k = NULL;
	size_t n = 0;
	int r = strlen(challenge) == 64 ? load(a->key, &k) : SS_EINVAL;

	/* Only ever this: what is signed can be nothing but a sign-in. */
	snprintf(text, sizeof(text), "shanshui-sign-in:%s", challenge);
	if (r == 0)
		r = ss_pkey_sign(k, text, strlen(text), sig, &n);
	ss_pkey_free(k);
	if (r == 0) {
		ss_hex_encode(hex, sig, n);
		printf("%.*s\n", (int)(2 * n), hex);
	}
	return say(r, "签不了", "cannot sign");
}

/* Both certificates of the chain's file apart. */
static struct ss_str second(struct ss_str all)
{
	static const char end[] = "-----END CERTIFICATE-----";
	const char *p = all.n ? memmem(all.p, all.n, end, sizeof(end) - 1) : NULL;

	return p ? ss_str_n(p + sizeof(end) - 1, all.n - (size_t)(p - all.p) - sizeof(end) + 1)
		 : SS_STR("");
}

static int check_crl(const struct ca_args *a, struct ss_str chain, struct ss_str cert,
		     struct ss_error *err)
{
	ss_cleanup(ss_buf_done) struct ss_buf crl = SS_BUF_MAX(64u << 20);
	struct ss_cert_info info;
	bool revoked = false;
	int64_t next = 0;
	int r = ss_cert_read(cert, &info);

	if (r < 0)
		return r;
	ss_pkey_free(info.key);
	r = ss_file_read(a->crl, &crl);
	if (r == 0)
		r = ss_crl_read(ss_buf_str(&crl), chain, info.serial, &revoked, &next);
	if (r == 0 && next <= ss_time_now())
		r = ss_error_set(err, SS_EDENIED,
				 "吊销列表已过期；the list of the revoked is out of date");
	if (r == 0 && revoked)
		r = ss_error_set(err, SS_EDENIED, "证书已吊销；the certificate was revoked");
	return r;
}

static int check(const struct ca_args *a, const char *path)
{
	ss_cleanup(ss_buf_done) struct ss_buf chain = SS_BUF_MAX(2 * SS_CERT_PEM_MAX);
	ss_cleanup(ss_buf_done) struct ss_buf cert = SS_BUF_MAX(SS_CERT_PEM_MAX);
	struct ss_error err = {0};
	int r = ss_file_read(a->chain, &chain);

	if (r == 0)
		r = ss_file_read(path, &cert);
	if (r == 0)
		r = ss_cert_check(ss_buf_str(&cert), ss_buf_str(&chain), second(ss_buf_str(&chain)),
				  ss_time_now(), &err);
	if (r == 0 && a->crl[0])
		r = check_crl(a, ss_buf_str(&chain), ss_buf_str(&cert), &err);
	if (r == 0)
		puts("有效 good");
	else
		fprintf(stderr, "%s\n", err.text[0] ? err.text : ss_err_zh(r));
	return r < 0;
}

static int usage(void)
{
	fprintf(stderr, "用法 usage: shanshui ca key --out FILE [--kind sm2|p256]\n"
			"  shanshui ca request --key FILE --name LOGIN [--org ORG]\n"
			"  shanshui ca sign --key FILE CHALLENGE\n"
			"  shanshui ca check --chain FILE [--crl FILE] CERT\n");
	return 2;
}

static int run(void *args, int argc, char **argv)
{
	const struct ca_args *a = args;
	const char *what = argc > 0 ? argv[0] : "", *arg = argc == 2 ? argv[1] : NULL;

	if (argc == 1 && strcmp(what, "key") == 0 && a->out[0])
		return make_key(a);
	if (argc == 1 && strcmp(what, "request") == 0 && a->key[0] && a->name[0])
		return request(a);
	if (arg && strcmp(what, "sign") == 0 && a->key[0])
		return sign(a, arg);
	if (arg && strcmp(what, "check") == 0 && a->chain[0])
		return check(a, arg);
	return usage();
}

int ss_cmd_ca(int argc, char **argv)
{
	struct ca_args s = {0};

	return ss_words_run(&(struct ss_words){rows, &s, usage, .run = run}, argc, argv, 1);
}
