/* shanshui-verify: checks an evidence package (docs/evidence.md) without any part of the platform.
 * Written from the format pages alone; links the C library and OpenSSL's libcrypto, includes
 * nothing outside this folder. Builds with one line: see docs/evidence.md. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sv_bytes {
	const uint8_t *p;
	size_t n;
};

/* --- report.c: what was found ------------------------------------------------------------------
 */

#define SV_BROKEN_MAX 20 /* more are counted only */
struct sv_broken {
	char where[128];     /* member of the package, or "tar" and a place */
	uint64_t group, seq; /* 0 = not of one */
	const char *zh, *en;
};
enum sv_verdict {
	SV_GOOD,       /* whole, and held by the anchors given */
	SV_UNANCHORED, /* whole, but nothing says that the chain was not made anew */
	SV_BROKEN,
};
struct sv_report {
	struct sv_broken broken[SV_BROKEN_MAX];
	size_t broken_n;
	char node[33], subject[256], created[48];
	size_t members, groups, frames, entries_hidden, acts, tips, observations, unread, noted,
	    rollups;
	uint64_t last_used;   /* greatest group of a tip that a proof needs */
	uint64_t anchored_to; /* greatest tip that an anchor holds; 0 = none */
	bool anchors_given;
};
void sv_break(struct sv_report *r, const char *where, uint64_t group, uint64_t seq, const char *zh,
	      const char *en);
enum sv_verdict sv_verdict(const struct sv_report *r);
void sv_print_text(const struct sv_report *r);
void sv_print_json(const struct sv_report *r);

/* --- hash.c: SM3, SM2, hex ---------------------------------------------------------------------
 */

/* SM3 over up to four pieces, one behind the other; a piece with p NULL ends them. */
void sv_sm3(const struct sv_bytes piece[4], uint8_t out[32]);
void sv_sm3_one(const void *p, size_t n, uint8_t out[32]);
struct sv_key;
struct sv_key *sv_key_read(struct sv_bytes pem); /* NULL: no SM2 public key */
void sv_key_free(struct sv_key *k);
/* SM2 with SM3 and the user id 1234567812345678; the DER form must be the only one. */
bool sv_signed(struct sv_key *k, struct sv_bytes msg, struct sv_bytes sig);
bool sv_unhex(struct sv_bytes text, uint8_t *out, size_t n); /* exactly 2n lower-case digits */
void sv_hex(char *out, const uint8_t *p, size_t n);          /* terminated */

/* --- archive.c: the container ------------------------------------------------------------------
 */

struct sv_member {
	char path[101];
	struct sv_bytes data;
	bool whole; /* its digest is the one in the manifest */
	bool used;  /* a frame: named by a group */
};
struct sv_archive {
	struct sv_member *m;
	size_t n;
};
/* Strict: one form of every header, no doubles, no odd paths, nothing behind the end. */
bool sv_archive_read(struct sv_bytes file, struct sv_archive *ret, struct sv_report *r);
void sv_archive_free(struct sv_archive *a);
struct sv_member *sv_member(const struct sv_archive *a, const char *path); /* or NULL */

/* --- text.c: JSON without blanks, whole or refused ---------------------------------------------
 */

enum sv_type { SV_NULL, SV_BOOL, SV_NUMBER, SV_STRING, SV_ARRAY, SV_OBJECT };
struct sv_node {
	enum sv_type type;
	struct sv_bytes key, text; /* text: of a string (unescaped) or number */
	bool truth;
	struct sv_node *child, *next;
};
struct sv_doc;
struct sv_doc *sv_doc_new(void);
void sv_doc_free(struct sv_doc *d);
/* The one value that fills text; NULL when it is not one. Lives in d. */
const struct sv_node *sv_parse(struct sv_doc *d, struct sv_bytes text);
const struct sv_node *sv_get(const struct sv_node *obj, const char *key); /* or NULL */
bool sv_get_u64(const struct sv_node *obj, const char *key, uint64_t *ret);
bool sv_get_double(const struct sv_node *obj, const char *key, double *ret);
/* A string without zero bytes that fits, terminated. */
bool sv_get_string(const struct sv_node *obj, const char *key, char *ret, size_t cap);
bool sv_get_hex(const struct sv_node *obj, const char *key, uint8_t *ret, size_t n);
bool sv_is(const struct sv_node *n, const char *text);
/* Cuts the next line (with its LF) off *rest; false at the end or when the last line has none. */
bool sv_line(struct sv_bytes *rest, struct sv_bytes *ret);

/* --- chain.c: tips, groups, tree, anchors ------------------------------------------------------
 */

struct sv_tip {
	uint64_t group, seq, first;
	uint8_t root[32], digest[32];
};
struct sv_entry { /* an entry that is shown */
	uint64_t seq;
	uint8_t kind, verdict;
	uint32_t faults;
	struct sv_bytes body;
};
struct sv_chain {
	uint8_t node[16];
	char node_hex[33];
	struct sv_key *key;
	struct sv_tip *tip;
	size_t tip_n;
	struct sv_entry *entry; /* in order of seq */
	size_t entry_n;
};
void sv_chain_free(struct sv_chain *c);
void sv_chain_key(struct sv_chain *c, const struct sv_archive *a, struct sv_report *r);
void sv_chain_tips(struct sv_chain *c, const struct sv_archive *a, struct sv_report *r);
void sv_chain_groups(struct sv_chain *c, struct sv_archive *a, struct sv_report *r);
/* anchors: text, see docs/evidence.md section 5. */
void sv_chain_anchors(struct sv_chain *c, struct sv_bytes anchors, struct sv_report *r);
const struct sv_entry *sv_chain_entry(const struct sv_chain *c, uint64_t seq); /* or NULL */

/* --- frame.c: the values again, from the bytes -------------------------------------------------
 */

void sv_observations(const struct sv_chain *c, const struct sv_archive *a, struct sv_report *r);

/* --- check.c: all of it ------------------------------------------------------------------------
 */

/* anchors.p NULL: none given. */
void sv_check(struct sv_bytes package, struct sv_bytes anchors, struct sv_report *r);
