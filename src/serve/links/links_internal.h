#pragma once

#include <openssl/ssl.h>
#include <pthread.h>

#include "record/journal/tips.h"
#include "serve/links/links.h"

#define SSL_PEERS 16
#define SSL_NAME 128
#define SSL_PATH 1024
#define SSL_LINES 256 /* tips in one message */
#define SSL_RECEIVERS 2
#define SSL_PEM_MOST 4096
#define SSL_LINE 400 /* characters of a line, with its LF and 0 */

/* What is sent: name of the copy, word of the line, file. */
struct ss_link_kind {
	const char *name, *magic, *file;
};
#define SSL_KINDS 2
extern const struct ss_link_kind ss_link_kinds[SSL_KINDS];

struct ss_link_peer {
	char name[SSL_NAME], address[300]; /* address "": it sends to us */
	bool out, ok;
	int64_t at_us, tried_us; /* last time all went well; last try */
	int64_t epoch;           /* of what it sends */
	int64_t kept[SSL_KINDS]; /* bytes that the one who receives has */
	char why[300];
};

struct ss_links {
	struct ss_links_settings s;
	struct ss_journal *journal;
	struct ss_audit *audit;
	char keep[SSL_PATH];
	int fd, port;
	pthread_mutex_t lock; /* peers, refused, why */
	pthread_cond_t wake;
	bool stopping;
	struct ss_link_peer peer[2 * SSL_PEERS];
	size_t n;
	int64_t refused;
	char why[300];           /* of the last that was refused */
	pthread_mutex_t keeping; /* one peer's files at a time */
	pthread_t sender, receiver[SSL_RECEIVERS];
	bool sender_on, receiver_on[SSL_RECEIVERS];
};

/* --- words.c: the lines, read (without LF; SS_EPARSE) and written (with LF; how long) --- */
struct ss_link_hello { /* who sends: its epoch, and how long its public key is, which follows */
	int64_t epoch;
	size_t pem_n;
};
struct ss_link_block { /* tips that follow, and where in the copy they belong */
	int kind;
	int64_t at;
	size_t n;
};
struct ss_link_kept { /* what the one who receives has */
	int64_t n[SSL_KINDS];
	uint8_t last[SSL_KINDS][32]; /* SM3 of its last line */
};
int ss_link_hello_read(struct ss_str line, struct ss_link_hello *ret);
int ss_link_hello_put(char line[SSL_LINE], const struct ss_link_hello *h);
int ss_link_block_read(struct ss_str line, struct ss_link_block *ret);
int ss_link_block_put(char line[SSL_LINE], const struct ss_link_block *b);
int ss_link_kept_read(struct ss_str line, const char *word, struct ss_link_kept *ret);
int ss_link_kept_put(char line[SSL_LINE], const char *word, const struct ss_link_kept *k);
int ss_link_refusal_put(char line[SSL_LINE], const char *why);

/* --- channel.c: one connection, every wait bounded by its end --- */
struct ss_channel {
	int fd;
	SSL_CTX *ctx;
	SSL *ssl;
	int64_t until_us; /* monotonic */
	const char *peer; /* for messages */
};
/* Takes fd over. server: whoever comes; else the certificate must bear `name`. SS_EDENIED says in
 * words what is wrong with the other's certificate. */
int ss_channel_open(struct ss_channel *c, const struct ss_links_settings *s, int fd, bool server,
		    const char *name, struct ss_error *err);
void ss_channel_close(struct ss_channel *c);
int ss_channel_name(const struct ss_channel *c,
		    char ret[SSL_NAME]); /* of the other's certificate */
int ss_channel_put(struct ss_channel *c, const void *p, size_t n, struct ss_error *err);
int ss_channel_get(struct ss_channel *c, void *p, size_t n, struct ss_error *err);
int ss_channel_line(struct ss_channel *c, char *ret, size_t cap,
		    struct ss_error *err); /* without LF */
int ss_channel_listen(const char *address, int *ret_fd, int *ret_port, struct ss_error *err);
int ss_channel_connect(const char *address, int *ret_fd, struct ss_error *err);

void *ss_link_receive(void *links);
void *ss_link_send(void *links);
/* What became of a peer; told in the log when it changes. */
void ss_link_told(struct ss_links *l, const char *name, bool out, const struct ss_error *err);
struct ss_link_peer *ss_link_peer(struct ss_links *l, const char *name,
				  bool out); /* with the lock */
bool ss_link_stopping(struct ss_links *l);
