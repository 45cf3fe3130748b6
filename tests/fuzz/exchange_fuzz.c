/* A package from outside: any bytes. Refused with a reason in two languages, or read so that it
 * says the same when it is written again; what no key signed is never good. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "serve/exchange/exchange.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool ok)
{
	if (!ok)
		abort();
}

/* The signature that stood there. */
static int same(void *arg, struct ss_str manifest, uint8_t sig[SS_SM2_SIG_MAX], size_t *ret_n,
		struct ss_error *err)
{
	struct ss_package *p = arg;

	(void)err;
	(void)manifest;
	return ss_hex_decode(p->sig_hex, sig, SS_SM2_SIG_MAX, ret_n);
}

static bool digests_hold(const struct ss_package *p)
{
	const json_t *list = json_object_get(p->held, "bodies");
	char hex[65] = {0};
	uint8_t d[SS_SM3_LEN];

	for (size_t i = 0; i < p->n_bodies; i++) {
		check(ss_sm3(p->body[i].data.p, p->body[i].data.n, d) == 0);
		ss_hex_encode(hex, d, sizeof(d));
		if (!ss_str_is(ss_json_get_str(json_array_get(list, i), "sm3"), hex))
			return false;
	}
	return true;
}

static void write_again(struct ss_package *p, struct ss_str text)
{
	struct ss_buf out = SS_BUF_MAX(SS_PACKAGE_MOST);
	struct ss_package q = *p;
	struct ss_error err = {0};

	check(ss_package_write(&q, same, p, &out, &err) == 0);
	check(ss_str_cmp(ss_buf_str(&out), text) == 0);
	check(memcmp(q.sm3, p->sm3, sizeof(q.sm3)) == 0);
	ss_buf_done(&out);
}

/* Nobody has its private half. */
static const char pem[] = "-----BEGIN PUBLIC KEY-----\n"
			  "MFkwEwYHKoZIzj0CAQYIKoEcz1UBgi0DQgAErSk6x+FnkZ9QyER2zHMeb7w9v2X5\n"
			  "EEdx1qHfxbc9A9D3z5+x6utD+gFXwVnxdNzSvKZOea0N50YL0euv4rTurA==\n"
			  "-----END PUBLIC KEY-----\n";

static void never_good(const struct ss_package *p)
{
	const struct ss_package_trust t = {
	    .key = ss_str_of(pem), .receiver = p->receiver, .now_us = p->time_us, .most_age_us = 1};
	struct ss_error err = {0};

	check(ss_package_check(p, &t, &err) < 0 && err.text[0]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ss_str text = ss_str_n((const char *)data, size);
	struct ss_error err = {0};
	struct ss_package p;

	if (ss_package_read(text, &p, &err) < 0) {
		check(err.text[0] != 0);
		return 0;
	}
	check(p.sequence > 0 && p.epoch >= 0 && p.sender.n && p.receiver.n && p.schema.n);
	if (digests_hold(&p))
		write_again(&p, text);
	never_good(&p);
	ss_package_done(&p);
	return 0;
}
