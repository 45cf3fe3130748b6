/* Commands to devices. Each MN has one loop that owns its commands (by hash), whatever loop the
 * device is connected to: it journals, asks the connection's loop to send, keeps the time, and is
 * told of every answer of that MN. A resend goes to the connection of the MN's last frame, so a
 * device that reconnects in between still gets it. */
#include "sense/gateway/gateway_internal.h"

#define QN_LEN 17

enum state {
	TO_JOURNAL, /* next: put it into the lane */
	ON_ITS_WAY, /* in the lane; sent once on disk */
	WAIT_ANSWER,
	WAIT_RESULT, /* 9011 said yes */
};

struct command {
	struct letter m;
	struct link link;
	struct ss_gateway *g;
	struct loop *owner;
	struct session *s; /* with a reference */
	enum state state;
	int cn, sent; /* times */
	int64_t deadline, run_us;
	uint64_t ticket;
	char qn[QN_LEN + 1];
	bool has_key;
	uint8_t key[16];
	struct ss_buf cp, frame, data;
	struct ss_command_result result;
	ss_command_done *done;
	void *arg;
};

/* What a device said that may concern a command. */
struct heard {
	struct letter m;
	const struct session *s;
	int cn, rtn;
	char qn[QN_LEN + 1];
	size_t n; /* of a data frame's data area */
	char cp[];
};

/* A frame for a connection of another loop. */
struct parcel {
	struct letter m;
	struct conn *c;
	uint64_t serial;
	size_t n;
	char p[];
};

static struct loop *owner_of(struct ss_gateway *g, const struct session *s)
{
	return &g->loops[(ss_str_hash(ss_str_of(s->mn)) >> 8) % (unsigned)g->loop_count];
}

static void command_free(struct command *k)
{
	atomic_store(&k->s->command, 0);
	session_put(k->g, k->s);
	ss_buf_done(&k->cp);
	ss_buf_done(&k->frame);
	explicit_bzero(k->key, sizeof(k->key));
	free(k);
}

/* The one place that ends a command. */
static void finish(struct command *k, int code)
{
	struct ss_command_result r = k->result;
	struct ss_buf data = k->data;
	ss_command_done *done = k->done;
	void *arg = k->arg;

	r.code = code;
	r.done_us = ss_time_now();
	r.sent = k->sent;
	r.data = ss_buf_str(&data);
	memcpy(r.qn, k->qn, sizeof(r.qn));
	if (link_in(&k->link))
		link_drop(&k->link);
	command_free(k); /* first: done may send the next one */
	if (done)
		done(arg, &r);
	ss_buf_done(&data);
}

/* Milliseconds of the wall clock, never the same twice in this process. */
static void fresh_qn(struct ss_gateway *g, char qn[QN_LEN + 1])
{
	int64_t last = atomic_load(&g->last_qn_ms), ms;

	do {
		ms = ss_time_now() / 1000;
		if (ms <= last)
			ms = last + 1;
	} while (!atomic_compare_exchange_weak(&g->last_qn_ms, &last, ms));
	ss_time_fmt_compact(qn, ms * 1000, QN_LEN);
}

static int flag_of(uint8_t edition)
{
	switch (edition) {
	case SS_HJ212_2005:
		return 1;
	case SS_HJ212_2017:
		return 5;
	default:
		return 9;
	}
}

/* Each sending of 1012 states its own moment: the device sets its clock when it hears it. */
static void clock_add(struct ss_buf *seg, const struct command *k)
{
	char now[18];

	if (k->cn != 1012 || ss_hj212_pair_value(ss_buf_str(&k->cp), "SystemTime").n)
		return;
	ss_time_fmt_compact(now, ss_time_now(), 14);
	ss_buf_addf(seg, "%sSystemTime=%s", k->cp.n ? ";" : "", now);
}

/* The register's, which a command may just have changed; else as the device says it. */
static struct ss_str password_of(const struct command *k, struct ss_device *hold)
{
	struct ss_registry *r = k->g->registry;

	if (r && ss_registry_device(r, ss_str_of(k->s->mn), hold) == 0 && hold->pw[0])
		return ss_str_of(hold->pw);
	return ss_str_of(k->s->pw);
}

static int frame_build(struct command *k)
{
	ss_cleanup(ss_buf_done) struct ss_buf seg = SS_BUF_MAX(SS_HJ212_SEGMENT_CAP);
	struct session *s = k->s;
	struct ss_device hold;
	struct ss_str pw;

	{
		SS_LOCKED(session_lock(k->g, s));
		pw = password_of(k, &hold);
		ss_buf_addf(&seg, "QN=%s;ST=%s;CN=%d;PW=" SS_STR_FMT ";MN=%s;Flag=%d;CP=&&", k->qn,
			    s->st[0] ? s->st : "91", k->cn, SS_STR_ARG(pw), s->mn,
			    flag_of(s->edition));
	}
	ss_buf_adds(&seg, ss_buf_str(&k->cp));
	clock_add(&seg, k);
	if (ss_buf_addz(&seg, "&&") < 0)
		return seg.err;
	ss_buf_reset(&k->frame);
	return k->has_key ? ss_hj212_frame_put_sm4(&k->frame, ss_buf_str(&seg), k->key)
			  : ss_hj212_frame_put(&k->frame, ss_buf_str(&seg));
}

/* Where the MN's last frame came from; false = nowhere now. */
static bool route_now(struct command *k, struct parcel *to, struct loop **ret_loop, char *peer,
		      size_t cap)
{
	struct session *s = k->s;
	SS_LOCKED(session_lock(k->g, s));

	to->c = s->route;
	to->serial = atomic_load(&s->route_serial);
	*ret_loop = s->route_loop;
	if (!s->route || !conn_alive(s->route, to->serial))
		return false;
	peer_text(peer, cap, "tcp/", s->addr, s->port);
	return true;
}

static void parcel_drop(struct letter *m)
{
	free(m);
}

static void parcel_read(struct loop *l, struct letter *m)
{
	struct parcel *p = (struct parcel *)m;

	if (conn_alive(p->c, p->serial))
		conn_send(l, p->c, p->p, p->n);
	free(p);
}

static void to_journal(struct loop *l, struct command *k)
{
	struct parcel to;
	struct loop *at;
	char peer[80];
	struct ss_entry e = {.kind = SS_ENTRY_COMMAND, .arrived_us = l->wall};
	int r;

	if (!route_now(k, &to, &at, peer, sizeof(peer))) {
		finish(k, SS_EGONE);
		return;
	}
	r = k->cn == 1012 ? frame_build(k) : 0;
	if (r < 0) {
		finish(k, r);
		return;
	}
	e.source = ss_str_of(peer);
	e.body = ss_str_trim(ss_buf_str(&k->frame));
	r = ss_lane_put(l->lane, &e, &k->ticket);
	if (r == 0)
		k->state = ON_ITS_WAY;
	else if (r != SS_EBUSY && r != SS_ENOSPC)
		finish(k, SS_EIO);
}

static void transmit(struct loop *l, struct command *k)
{
	struct parcel *p = calloc(1, sizeof(*p) + k->frame.n);
	struct loop *at;
	char peer[80];

	if (!p)
		return; /* next turn */
	if (!route_now(k, p, &at, peer, sizeof(peer))) {
		free(p);
		finish(k, SS_EGONE);
		return;
	}
	p->m.fn = parcel_read;
	p->m.drop = parcel_drop;
	p->n = k->frame.n;
	memcpy(p->p, k->frame.p, k->frame.n);
	k->state = WAIT_ANSWER;
	k->deadline = l->now + k->g->set.command_timeout_us;
	if (k->sent++ == 0)
		k->result.sent_us = l->wall;
	count_add(l, commands, 1);
	loop_post(at, &p->m);
}

static void overdue(struct command *k)
{
	if (k->state == WAIT_ANSWER && k->sent <= k->g->set.command_resends)
		k->state = TO_JOURNAL; /* each sending is in the journal */
	else
		finish(k, SS_ETIMEOUT);
}

static void command_step(struct loop *l, struct command *k, uint64_t durable)
{
	if (l->now >= k->deadline && k->state != TO_JOURNAL && k->state != ON_ITS_WAY) {
		overdue(k);
		return;
	}
	if (l->now >= k->deadline + 2 * k->g->set.command_timeout_us) {
		finish(k, SS_ETIMEOUT); /* the journal does not take it */
		return;
	}
	if (k->state == TO_JOURNAL)
		to_journal(l, k);
	else if (k->state == ON_ITS_WAY && k->ticket <= durable)
		transmit(l, k);
}

void commands_run(struct loop *l)
{
	uint64_t durable = link_in(&l->commands) ? ss_lane_durable(l->lane) : 0;

	for (struct link *n = l->commands.next, *next; n != &l->commands; n = next) {
		next = n->next;
		command_step(l, link_of(struct command, link, n), durable);
	}
}

void commands_end(struct loop *l)
{
	while (link_in(&l->commands))
		finish(link_of(struct command, link, l->commands.next), SS_EGONE);
}

static void command_read(struct loop *l, struct letter *m)
{
	struct command *k = (struct command *)m;

	k->deadline = l->now + k->g->set.command_timeout_us;
	link_add(&l->commands, &k->link);
}

static void command_drop(struct letter *m)
{
	finish((struct command *)m, SS_EGONE);
}

/* Takes over the caller's reference of s and its command mark, also on failure. */
static int command_post(struct ss_gateway *g, struct session *s, const struct ss_command_order *o,
			ss_command_done *done, void *arg)
{
	struct command *k = calloc(1, sizeof(*k));
	int r;

	if (!k) {
		atomic_store(&s->command, 0);
		session_put(g, s);
		return SS_ENOMEM;
	}
	*k = (struct command){.g = g,
			      .s = s,
			      .cn = o->cn,
			      .run_us = o->run_us > 0 ? o->run_us : g->set.command_run_us,
			      .has_key = o->sm4_key != NULL,
			      .done = done,
			      .arg = arg,
			      .m = {.fn = command_read, .drop = command_drop}};
	link_init(&k->link);
	if (o->sm4_key)
		memcpy(k->key, o->sm4_key, sizeof(k->key));
	ss_buf_init(&k->cp, SS_HJ212_SEGMENT_STANDARD);
	ss_buf_init(&k->frame, SS_HJ212_SEGMENT_CAP + 64);
	ss_buf_init(&k->data, SS_COMMAND_DATA_MAX);
	fresh_qn(g, k->qn);
	r = ss_buf_adds(&k->cp, o->cp);
	if (r == 0)
		r = frame_build(k);
	if (r < 0) {
		command_free(k);
		return r;
	}
	loop_post(owner_of(g, s), &k->m);
	return 0;
}

static bool session_connected(struct ss_gateway *g, struct session *s)
{
	SS_LOCKED(session_lock(g, s));
	return s->route && conn_alive(s->route, atomic_load(&s->route_serial));
}

static int refuse(struct ss_gateway *g, struct session *s, int code, struct ss_str mn,
		  const char *why, struct ss_error *err)
{
	if (s)
		session_put(g, s);
	return ss_error_set(err, code, "设备 " SS_STR_FMT " %s", SS_STR_ARG(mn), why);
}

int ss_gateway_command(struct ss_gateway *g, const struct ss_command_order *o,
		       ss_command_done *done, void *arg, struct ss_error *err)
{
	struct session *s = session_find(g, o->mn);
	int none = 0, r;

	if (!s || !session_connected(g, s))
		return refuse(g, s, SS_ENOTFOUND, o->mn,
			      "不在线，无法下发命令 (device is not connected)", err);
	if (o->cn < 1000 || o->cn > 9999 || memchr(o->cp.p ? o->cp.p : "", '#', o->cp.n))
		return refuse(g, s, SS_EINVAL, o->mn, "的命令编码或参数不合规定 (bad command)",
			      err);
	if (!atomic_compare_exchange_strong(&s->command, &none, 1))
		return refuse(g, s, SS_EBUSY, o->mn,
			      "还有一条命令未完成，请稍后再发 (a command is still under way)", err);
	r = command_post(g, s, o, done, arg);
	if (r < 0)
		return refuse(g, NULL, r, o->mn, "的命令无法生成 (cannot build it)", err);
	return 0;
}

static void answered(struct loop *l, struct command *k, const struct heard *h)
{
	switch (h->cn) {
	case 9011:
		k->result.qn_rtn = h->rtn;
		if (h->rtn != 1) {
			finish(k, SS_ESTATE);
			return;
		}
		k->state = WAIT_RESULT;
		k->deadline = l->now + k->run_us;
		return;
	case 9012:
		k->result.exe_rtn = h->rtn;
		finish(k, 0);
		return;
	case 9013:
		finish(k, 0);
		return;
	}
}

static void data_heard(struct loop *l, struct command *k, const struct heard *h)
{
	k->result.frames++;
	if (k->data.n + h->n + 1 <= SS_COMMAND_DATA_MAX) {
		ss_buf_add(&k->data, h->cp, h->n);
		ss_buf_addc(&k->data, '\n');
	}
	if (k->state == WAIT_RESULT)
		k->deadline = l->now + k->run_us;
}

static void hear(struct loop *l, const struct heard *h)
{
	for (struct link *n = l->commands.next; n != &l->commands; n = n->next) {
		struct command *k = link_of(struct command, link, n);

		if (k->s != h->s || !k->sent)
			continue;
		if (ss_hj212_is_answer(h->cn) && !strcmp(k->qn, h->qn)) {
			answered(l, k, h);
		} else if (h->cn == k->cn) {
			data_heard(l, k, h);
		}
		return; /* one in flight a device */
	}
}

static void heard_read(struct loop *l, struct letter *m)
{
	hear(l, (struct heard *)m);
	free(m);
}

static void heard_drop(struct letter *m)
{
	free(m);
}

static int number_of(struct ss_str s)
{
	int64_t v;

	return ss_parse_i64(s, &v) == 0 && v >= 0 && v <= 9999 ? (int)v : 0;
}

/* The answered QN stands in the header (2017) or in CP (2005). */
static void heard_fill(struct heard *o, const struct ss_hj212_head *h)
{
	struct ss_hj212_walk w = ss_hj212_walk(h->cp);
	struct ss_hj212_pair pair;
	struct ss_str qn = h->qn;

	while (ss_hj212_is_answer(h->cn_num) && ss_hj212_next_pair(&w, &pair)) {
		if (ss_str_is(pair.name, "QN"))
			qn = pair.value;
		else if (ss_str_is(pair.name, "QnRtn") || ss_str_is(pair.name, "ExeRtn"))
			o->rtn = number_of(pair.value);
	}
	o->cn = h->cn_num;
	if (qn.n == QN_LEN)
		ss_str_copy(o->qn, sizeof(o->qn), qn);
}

/* The data area as the device meant it; the arena holds what had to be decrypted. */
static struct ss_str plain_cp(struct ss_arena *a, const struct dev *d,
			      const struct ss_hj212_frame *f, const struct ss_hj212_head *h)
{
	struct ss_hj212_head clear;
	struct ss_str segment;

	if (ss_hj212_is_answer(h->cn_num))
		return (struct ss_str){0};
	if (!f->encrypted)
		return h->cp;
	if (ss_hj212_plain(a, f, &d->policy, &segment) < 0 || ss_hj212_head(segment, &clear) < 0)
		return (struct ss_str){0};
	return clear.cp;
}

/* A frame of a device with a command under way. Loop thread of the connection. */
void command_heard(struct loop *l, struct dev *d, const struct ss_hj212_frame *f,
		   const struct ss_hj212_head *h)
{
	struct loop *owner = owner_of(l->g, d->s);
	struct ss_arena a;
	struct ss_str cp;
	struct heard *o;

	ss_arena_init(&a, SS_HJ212_SEGMENT_CAP * 2);
	cp = plain_cp(&a, d, f, h);
	o = calloc(1, sizeof(*o) + cp.n);
	if (o) {
		o->m.fn = heard_read;
		o->m.drop = heard_drop;
		o->s = d->s;
		o->n = cp.n;
		if (cp.n)
			memcpy(o->cp, cp.p, cp.n);
		heard_fill(o, h);
		if (owner == l)
			heard_read(l, &o->m);
		else
			loop_post(owner, &o->m);
	} /* else the time-out covers it */
	ss_arena_done(&a);
}
