/* A gateway with its journal and registry in a temporary folder, and clients that speak HJ 212 over
 * loopback. Frames and CRC are made here, apart from the product's codec. */
#pragma once

#include "base/base.h"
#include "record/journal/journal.h"
#include "record/registry/registry.h"
#include "sense/gateway/gateway.h"

#define PATIENCE_MS                                                                                \
	300000 /* an answer that comes is seen at once; none is late on a slow machine */

struct gw {
	char dir[64];
	struct ss_journal *j;
	struct ss_registry *r;
	struct ss_gateway *g;
	struct ss_gateway_settings s;
	struct ss_journal_settings js;
};

/* Defaults; change w->s and w->js before gw_up. */
void gw_init(struct gw *w);
void gw_up(struct gw *w);
void gw_down(struct gw *w); /* stops, keeps the folder */
void gw_done(struct gw *w); /* stops, removes the folder */
struct ss_gateway_stat gw_stat(const struct gw *w);
/* Waits up to two minutes until the counter at least has the value; the value it has at the end. */
#define gw_wait(w, name, want) gw_wait_at((w), offsetof(struct ss_gateway_stat, name), (want))
int64_t gw_wait_at(const struct gw *w, size_t offset, int64_t want);
void gw_register(struct gw *w, struct ss_device d);

/* A connection; receives wait at most 5 s. */
int client(const struct gw *w);
int client_from(const struct gw *w, const char *address);
void put(int fd, const char *p, size_t n);
void put_buf(int fd, const struct ss_buf *b);
/* Next line (frame with CR LF, terminated); 0 at the end of the connection, -1 when nothing came.
 */
int line(int fd, char *out, size_t cap, int timeout_ms);
bool quiet(int fd, int ms);  /* nothing comes, and the connection stays */
bool closed(int fd, int ms); /* the other side closes within the time */

uint16_t crc_by_hand(const char *p, size_t n);
void segment_frame(struct ss_buf *b, const char *segment); /* adds */
/* 2017, Flag as given, ST=32 CN=2011 with a value. QN from n. */
void data_frame(struct ss_buf *b, const char *mn, int64_t n, int flag);
void qn_text(char out[18], int64_t n);
bool has(const char *line, const char *part);

/* How often each QN 0..n-1 stands in the journal as an accepted frame (or of the kind). */
void journal_count(struct gw *w, enum ss_entry_kind kind, int64_t n, uint8_t *ret);
int64_t journal_kind(struct gw *w, enum ss_entry_kind kind);
/* The same, waiting up to 5 s until so many are on disk. */
int64_t journal_wait(struct gw *w, enum ss_entry_kind kind, int64_t want);
int64_t qn_of(const char *p, size_t n); /* number of the first QN=..., -1 */
