/* Load of many HJ 212 devices from one thread: prebuilt frames of 364 bytes with 8 factors, each
 * connection its own MN, answers counted by their known length. Made for benchmarks: it checks the
 * first answer of each connection whole and the rest by size. */
#pragma once

#include <stdint.h>

#define LOAD_FRAME 364 /* bytes of a frame with its tail */
#define LOAD_ANSWER 99 /* of a 9014 with QN of 17, PW of 6 and MN of 24 */

struct load_settings {
	int port;        /* on 127.0.0.1 */
	int connections; /* from addresses 127.0.1.1, .2 ..., 5,000 each */
	int window;   /* frames in flight a connection; 1 = lock-step, 0 = send without answers */
	int64_t rate; /* frames a second over all connections, 0 = as fast as the window lets */
	int64_t warm_us;        /* not counted */
	int64_t run_us;         /* counted; 0 = connect, one frame each, then wait for `hold_fd` */
	int hold_fd, resume_fd; /* with run_us 0: a byte is written when all are in, then one is
				 * waited for; hold_fd -1 = neither */
};

struct load_result {
	int connected;
	int64_t sent, acked; /* in the counted time */
	int64_t us;          /* counted time */
	int64_t bad;         /* answers that were not what they should be, connections lost */
	int64_t p50_us, p99_us, p999_us,
	    max_us; /* from sending (or from when it was due) to answer */
	double cpu_s;
};

/* 0, or -1 with a line on stderr. */
int load_run(const struct load_settings *s, struct load_result *ret);
