/* A package of another city, signed with a key of its own: what a test wants it to say, true or
 * not. fault_package KEY SENDER RECEIVER EPOCH SEQUENCE AGE_SECONDS BODY [schema]   on stdout */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "serve/exchange/exchange.h"

static int sign(void *arg, struct ss_str m, uint8_t sig[SS_SM2_SIG_MAX], size_t *ret_n,
		struct ss_error *err)
{
	(void)err;
	return ss_sm2_sign(arg, m.p, m.n, sig, ret_n);
}

static int node_of(const struct ss_sm2_key *key, char node[33])
{
	uint8_t d[SS_SM3_LEN];
	char *pem = NULL;
	int r = ss_sm2_public_pem(key, &pem);

	if (r == 0)
		r = ss_sm3(pem, strlen(pem), d);
	free(pem);
	if (r == 0)
		ss_hex_encode(node, d, 16);
	return r;
}

int main(int argc, char **argv)
{
	struct ss_buf out = SS_BUF_MAX(SS_PACKAGE_MOST);
	struct ss_sm2_key *key = NULL;
	struct ss_error err = {0};
	char node[33] = {0};

	if (argc < 8)
		return 2;
	int r = ss_sm2_load_or_make(argv[1], &key, &err);
	if (r == 0)
		r = node_of(key, node);
	struct ss_package p = {
	    .sender = ss_str_of(argv[2]),
	    .receiver = ss_str_of(argv[3]),
	    .schema = ss_str_of(argc > 8 ? argv[8] : "test/1"),
	    .node = ss_str_of(node),
	    .epoch = atoll(argv[4]),
	    .sequence = atoll(argv[5]),
	    .time_us = ss_time_now() - atoll(argv[6]) * SS_US_PER_SEC,
	    .body = {{SS_STR("one"), ss_str_of(argv[7]), 1}, {SS_STR("two"), SS_STR("第二\n"), 2}},
	    .n_bodies = 2};
	if (r == 0)
		r = ss_package_write(&p, sign, key, &out, &err);
	if (r == 0 && fwrite(out.p, 1, out.n, stdout) != out.n)
		r = SS_EIO;
	if (r < 0)
		fprintf(stderr, "%s %s\n", ss_err_name(r), err.text);
	ss_sm2_free(key);
	ss_buf_done(&out);
	return r < 0;
}
