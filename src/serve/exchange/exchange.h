/* Packages between cities, districts and other authorities: docs/exchange.md. A package is text: a
 * line that says how long its parts are, a manifest (canonical JSON) that names sender, receiver,
 * epoch, number, time, schema and each body with its count, length and SM3, the sender's SM2
 * signature over the manifest, and the bodies as they are. Nothing in it is compressed. What is
 * inside the bodies is the business of the modules that make and take them. */
#pragma once

#include "base/base.h"
#include "base/config.h"
#include "base/crypto.h"
#include "base/json.h"

struct ss_business;
struct ss_journal;

#define SS_PACKAGE_MOST ((size_t)64 << 20)
#define SS_PACKAGE_BODIES 32
#define SS_PACKAGE_NAME 120 /* bytes of a name */

struct ss_package_body {
	struct ss_str name, data; /* UTF-8 */
	int64_t count;            /* of what it holds: rows, documents ... */
};

struct ss_package {
	struct ss_str sender, receiver, schema;
	struct ss_str node; /* id of the sender's key, 32 digits */
	int64_t epoch, sequence, time_us;
	struct ss_package_body body[SS_PACKAGE_BODIES];
	size_t n_bodies;
	/* Of one that was read: */
	uint8_t sm3[SS_SM3_LEN]; /* of the manifest; receipts name it */
	struct ss_str manifest, sig_hex;
	json_t *held; /* ss_package_done; the names live in it */
};

/* Writes it; sign is asked once, for the manifest. p->sm3 is set. */
typedef int ss_package_sign(void *arg, struct ss_str manifest, uint8_t sig[SS_SM2_SIG_MAX],
			    size_t *ret_n, struct ss_error *err);
int ss_package_write(struct ss_package *p, ss_package_sign *sign, void *arg, struct ss_buf *out,
		     struct ss_error *err);
/* Any bytes. Borrows text. What is missing, cut, too long, compressed or ambiguous is refused with
 * the reason: SS_EPARSE, SS_ETOOBIG, SS_ECORRUPT. Signature, digests and names are not checked. */
int ss_package_read(struct ss_str text, struct ss_package *ret, struct ss_error *err);
void ss_package_done(struct ss_package *p);

struct ss_package_trust {
	struct ss_str key;      /* PEM of the sender */
	struct ss_str sender;   /* whose key it is; "" = whoever the package names */
	struct ss_str receiver; /* who we are */
	int64_t now_us, most_age_us;
};
/* Signature, key, bodies, sender, receiver, age, in this order. SS_ECORRUPT, SS_EDENIED, SS_ERANGE.
 */
int ss_package_check(const struct ss_package *p, const struct ss_package_trust *t,
		     struct ss_error *err);

/* --- received: a database of its own, so that taking works beside a running node --- */

/* url as in db.h: "sqlite:.../exchange.db", or PostgreSQL (schema "exchange"). Each number of a
 * sender is taken once and in order; SS_EEXISTS: taken before, SS_ECONFLICT: another package has
 * the number, SS_ESTATE: one before it is missing, SS_ERANGE: of an epoch that is over. */
int ss_exchange_take(const char *url, const struct ss_package *p, struct ss_str text,
		     int64_t now_us, struct ss_error *err);

/* --- sent: numbered inside a write of the business database --- */

struct ss_exchange_settings {
	const char *name; /* of this node, as others know it; "" = the id of its key */
};
extern const struct ss_option ss_exchange_options[]; /* exchange.* */

struct ss_exchange;
/* data: the node's folder. journal NULL: a bench, with a key of its own there. */
int ss_exchange_open(const struct ss_exchange_settings *s, struct ss_business *b,
		     struct ss_journal *journal, const char *data, struct ss_exchange **ret,
		     struct ss_error *err);
void ss_exchange_close(struct ss_exchange *x); /* NULL-safe */
/* p: receiver, schema and bodies; the rest is filled in. Inside a write, which gives the number. */
int ss_exchange_pack(struct ss_exchange *x, struct ss_package *p, struct ss_buf *out,
		     struct ss_error *err);
