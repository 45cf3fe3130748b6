/* One device's line to the centre: what waits, what is in flight, what was answered. One thread. */
#pragma once

#include <netinet/in.h>
#include <stdio.h>

#include "base/base.h"

struct ss_link;
/* Something of the centre's that is no answer to us: a request. raw is the whole frame. */
typedef void ss_link_request(void *arg, struct ss_link *l, struct ss_str raw);

struct ss_link_net { /* shared by all lines */
	int epoll;
	struct sockaddr_in target;
	FILE *ledger;
	int window;
	int64_t resend_us; /* unanswered for so long: sent again */
	size_t waiting;    /* bytes not yet handed to the kernel, and not yet answered */
	int64_t sent, acked, resent, connects, lost_lines, connected, in_flight;
	int64_t past;             /* frames of the history on lines that are answered */
	bool telling_past;        /* what is said now is of the history */
	ss_link_request *request; /* NULL = nobody cares */
	void *request_arg;
};

struct ss_flight;
struct ss_link {
	int device;
	const char *mn;
	const uint8_t *key; /* 16 bytes: its data are encrypted; NULL = plain. Borrowed */
	int fd;             /* -1 = no line */
	bool connecting;
	int64_t retry_at, heard_at;
	struct ss_flight *first, *last; /* in order; the front ones are sent, the rest wait */
	int unanswered;                 /* sent and waiting for an answer */
	int64_t past;                   /* frames of the history among them and behind them */
	bool unheard;                   /* not answered in spite of all resends */
	struct ss_buf out;              /* being written */
	size_t out_at;
	struct ss_buf in;
};

int ss_link_net_init(struct ss_link_net *n, const char *target, const char *ledger, int window,
		     struct ss_error *err);
void ss_link_net_done(struct ss_link_net *n);
void ss_link_init(struct ss_link *l, int device, const char *mn);
void ss_link_done(struct ss_link_net *n, struct ss_link *l);
/* Hands over one or more whole frames (noise between them stays with the frame behind it). */
int ss_link_say(struct ss_link_net *n, struct ss_link *l, struct ss_str frames);
void ss_link_event(struct ss_link_net *n, struct ss_link *l, unsigned events);
/* Connects, resends, drops: now and then. down: an outage, the line stays closed. */
void ss_link_tend(struct ss_link_net *n, struct ss_link *l, int64_t now, bool down);
