/* Links between nodes: a node sends its signed tips (of the journal and of the audit) to its peers,
 * and keeps those that peers send, so that no node can write its own past anew unseen. TLS 1.3 with
 * a node certificate of the inner authority on both sides (P-256: the TLS of Debian 12 knows no
 * SM2). Files of certificates are read at each connection: renewal and a new list of the revoked
 * need no restart. docs/operations/certificates.md. Threads: one that sends, two that receive. */
#pragma once

#include "base/base.h"
#include "base/config.h"
#include "base/json.h"

struct ss_journal;
struct ss_audit;

struct ss_links_settings {
	const char *listen;                /* "" = nobody may send here */
	const char *from;                  /* names of peers that may, comma between */
	const char *to;                    /* NAME@HOST:PORT, comma between; "" = none */
	const char *cert, *key, *ca, *crl; /* PEM files */
	const char *keep;                  /* "" = peers in the data folder */
	const char *data;                  /* the node's */
	int64_t every_us;
};
extern const struct ss_option ss_links_options[]; /* link.* */

struct ss_links;
/* Without listen and to: *ret is NULL. The journal and the audit outlive it. */
int ss_links_open(const struct ss_links_settings *s, struct ss_journal *j, struct ss_audit *audit,
		  struct ss_links **ret, struct ss_error *err);
void ss_links_close(struct ss_links *l); /* NULL-safe */
/* For /health: a member "links"; and for /metrics. NULL: nothing. */
void ss_links_health(struct ss_links *l, struct ss_json *j);
void ss_links_metrics(struct ss_links *l, struct ss_buf *out);
