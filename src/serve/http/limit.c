/* How many requests one sender may make: a bucket each (ITU-T I.371, the virtual schedule), in a
 * table that does not grow. A sender is an account over all its sessions, a token, or the network
 * of whoever did not sign in; this machine itself is none, nor what a proxy on it brings. */
#include "serve/http/http_internal.h"

#include "base/os.h"
#include "base/thread.h"

#define SETS 1024
#define WAYS 8
#define TOLD_US SS_US_PER_MIN

struct seat {
	char who[SS_LIMIT_WHO];   /* "" = free */
	int64_t full_us;          /* when the bucket is full again */
	int64_t seen_us, told_us; /* told: 0 = never */
	int64_t refused;          /* since it was told */
};
struct ss_limit {
	pthread_mutex_t lock;
	int64_t cost_us, depth_us;
	uint64_t salt;
	struct seat seat[SETS * WAYS];
};

int ss_limit_new(int64_t rate, int64_t burst, struct ss_limit **ret)
{
	struct ss_limit *l = calloc(1, sizeof(*l));
	int r = l ? ss_os()->random(&l->salt, sizeof(l->salt)) : SS_ENOMEM;

	if (r < 0) {
		free(l);
		return r;
	}
	pthread_mutex_init(&l->lock, NULL);
	l->cost_us = SS_US_PER_SEC / rate;
	l->depth_us = l->cost_us * (burst > 0 ? burst : 1);
	*ret = l;
	return 0;
}

void ss_limit_free(struct ss_limit *l)
{
	if (!l)
		return;
	pthread_mutex_destroy(&l->lock);
	free(l);
}

/* FNV-1a from a random start: which set, nothing more. */
static size_t set_of(const struct ss_limit *l, const char *who)
{
	uint64_t h = l->salt;

	for (; *who; who++)
		h = (h ^ (unsigned char)*who) * UINT64_C(0x100000001b3);
	return (size_t)(h >> 32) % SETS * WAYS;
}

/* The sender's, or the one that was idle longest. */
static struct seat *seat_of(struct ss_limit *l, const char *who)
{
	struct seat *set = &l->seat[set_of(l, who)], *s = set;

	for (size_t i = 0; i < WAYS; i++) {
		if (strcmp(set[i].who, who) == 0)
			return &set[i];
		if (set[i].seen_us < s->seen_us)
			s = &set[i];
	}
	*s = (struct seat){.full_us = 0};
	ss_str_copy(s->who, sizeof(s->who), ss_str_of(who));
	return s;
}

int64_t ss_limit_take(struct ss_limit *l, const char *who, int64_t now_us, int64_t *ret_refused)
{
	struct seat *s;
	int64_t full;

	SS_LOCKED(&l->lock);
	s = seat_of(l, who);
	s->seen_us = now_us;
	full = (s->full_us > now_us ? s->full_us : now_us) + l->cost_us;
	*ret_refused = 0;
	if (full - now_us <= l->depth_us) {
		s->full_us = full;
		return 0;
	}
	s->refused++;
	if (!s->told_us || now_us - s->told_us >= TOLD_US) {
		*ret_refused = s->refused;
		s->refused = 0;
		s->told_us = now_us;
	}
	return full - now_us - l->depth_us;
}

bool ss_limit_who(const struct ss_actor *actor, const struct ss_conn *c, char out[SS_LIMIT_WHO])
{
	if (actor->counted)
		snprintf(out, SS_LIMIT_WHO, "account/%s", actor->counted);
	else if (c && !c->local)
		snprintf(out, SS_LIMIT_WHO, "address/%s", c->network);
	else
		return false;
	return true;
}

/* One row a minute and sender. */
static void tell(struct ss_req *q, const char *who, int64_t refused)
{
	const struct ss_gate *g = q->h->set.gate;
	char detail[48], id[40];
	struct ss_gate_act act = {.action = "request.limit",
				  .target = ss_str_of(who),
				  .code = SS_ELIMITED,
				  .status = 429,
				  .origin = q->conn ? q->conn->address : "",
				  .request = ss_request_id(q, id)};

	snprintf(detail, sizeof(detail), "{\"refused\":%lld}", (long long)refused);
	act.detail = ss_str_of(detail);
	if (g && g->record)
		g->record(g->arg, &q->actor, &act, false, NULL);
}

int ss_limit_check(struct ss_req *q)
{
	char who[SS_LIMIT_WHO];
	int64_t wait_us, refused;

	if (!q->h->limit || !ss_limit_who(&q->actor, q->conn, who))
		return 0;
	wait_us = ss_limit_take(q->h->limit, who, q->started_us, &refused);
	if (wait_us == 0)
		return 0;
	atomic_fetch_add_explicit(&q->h->limited, 1, memory_order_relaxed);
	if (refused)
		tell(q, who, refused);
	q->retry_s = (int)((wait_us + SS_US_PER_SEC - 1) / SS_US_PER_SEC);
	return ss_req_problem(q, 429, SS_ELIMITED,
			      "请求太多，请 %d 秒后再试；too many requests, try again in %d s",
			      q->retry_s, q->retry_s);
}
