/* Commands that wait, go out one a device, and end. */
#include <stdlib.h>

#include "base/log.h"
#include "base/os.h"
#include "sense/dialogue/dialogue_internal.h"

#define DATA_KEPT 65536    /* of a device's answer in the database */
#define DATA_KEPT_GAP 1024 /* records that were fetched back stand in the journal */

static const struct {
	const char *key, *zh, *en;
} states[] = {
#define X(name, key, zh, en) {key, zh, en},
    SS_COMMAND_STATES(X)
#undef X
};
static const struct {
	const char *key;
	int priority;
} origins[] = {
#define X(name, key, zh, en) {key, SS_ORIGIN_##name},
    SS_ORIGINS(X)
#undef X
};

const char *ss_origin_key(enum ss_origin o)
{
	return (unsigned)o < SS_ORIGIN_COUNT_ ? origins[o].key : "?";
}

const char *ss_command_state_key(enum ss_command_state s)
{
	return (unsigned)s < SS_COMMAND_STATE_COUNT_ ? states[s].key : "?";
}

const char *ss_command_state_zh(enum ss_command_state s)
{
	return (unsigned)s < SS_COMMAND_STATE_COUNT_ ? states[s].zh : "?";
}

/* People first; the platform's own in the order of the list. */
int priority_of(enum ss_origin o)
{
	return origins[o].priority;
}

static void command_free(struct command *c)
{
	if (!c)
		return;
	if (c->cp)
		explicit_bzero(c->cp, strlen(c->cp));
	explicit_bzero(c->key, sizeof(c->key));
	free(c->cp);
	free(c->reason);
	free(c);
}

static void free_list(struct command *c)
{
	while (c) {
		struct command *next = c->next;

		command_free(c);
		c = next;
	}
}

void queue_free(struct ss_dialogue *d)
{
	free_list(d->queue);
	free_list(d->flying);
	free_list(d->arriving);
}

/* --- taking orders: any thread --------------------------------------------------------------- */

enum ss_hj212_edition ss_dialogue_edition(struct ss_dialogue *d, struct ss_str mn)
{
	struct ss_gateway *g = atomic_load(&d->gateway);
	struct ss_session_info si;
	struct ss_device v;

	if (ss_registry_device(d->parts.registry, mn, &v) == 0 && v.edition[0])
		for (int e = SS_HJ212_2005; e <= SS_HJ212_WATER; e++)
			if (!strcmp(v.edition, ss_hj212_edition_name((enum ss_hj212_edition)e)))
				return (enum ss_hj212_edition)e;
	if (g && ss_gateway_session(g, mn, &si) == 0)
		return (enum ss_hj212_edition)si.edition;
	return SS_HJ212_2017;
}

static bool connected(struct ss_dialogue *d, struct ss_str mn)
{
	struct ss_gateway *g = atomic_load(&d->gateway);
	struct ss_session_info si;

	return g && ss_gateway_session(g, mn, &si) == 0;
}

static int extension_check(const struct ss_order *o, struct ss_error *err)
{
	if (o->cn < 1000 || o->cn > 3999)
		return ss_error_set(err, SS_EINVAL,
				    "命令编码须在 1000 到 3999 之间；a command lies "
				    "between 1000 and 3999");
	for (size_t i = 0; i < o->cp.n; i++)
		if ((unsigned char)o->cp.p[i] < 0x20 || o->cp.p[i] == '#' || o->cp.p[i] == '&')
			return ss_error_set(err, SS_EINVAL,
					    "cp 不能含 &、# 或控制字符；cp must not hold &, # or "
					    "control characters");
	return o->cp.n <= SS_HJ212_COMMAND_CP_MAX ? 0 : SS_ETOOBIG;
}

int ss_dialogue_check(struct ss_dialogue *d, const struct ss_order *o, struct ss_error *err)
{
	enum ss_hj212_edition e = ss_dialogue_edition(d, o->mn);
	const struct ss_hj212_command *c = ss_hj212_command(o->cn, e);

	if (o->extension)
		return extension_check(o, err);
	if (!c)
		return ss_error_set(
		    err, SS_EINVAL,
		    "%s 版没有命令 %d（设备 " SS_STR_FMT
		    "）；本地扩展命令请注明 extension。edition %s has no command %d; "
		    "say extension for a local one",
		    ss_hj212_edition_name(e), o->cn, SS_STR_ARG(o->mn), ss_hj212_edition_name(e),
		    o->cn);
	return ss_hj212_command_check(c, e, o->cp, err);
}

/* A new key goes out under the one in use (2025). */
static void encrypt_with(struct ss_dialogue *d, struct command *c)
{
	struct ss_device v;

	if (c->row.cn != 1014 || !c->row.secret ||
	    ss_registry_device(d->parts.registry, ss_str_of(c->row.mn), &v) < 0 || !v.has_sm4_key)
		return;
	c->has_key = true;
	memcpy(c->key, v.sm4_key, sizeof(c->key));
	explicit_bzero(&v, sizeof(v));
}

static struct command *command_new(struct ss_dialogue *d, const struct ss_order *o)
{
	struct command *c = calloc(1, sizeof(*c));
	int64_t now = ss_time_now();

	if (!c)
		return NULL;
	c->cp = strndup(o->cp.p ? o->cp.p : "", o->cp.n);
	c->reason = strndup(o->reason.p ? o->reason.p : "", o->reason.n);
	if (!c->cp || !c->reason) {
		command_free(c);
		return NULL;
	}
	c->fresh = true;
	c->row.cn = o->cn;
	c->row.origin = o->origin;
	c->row.secret = ss_hj212_command_secret(o->cp);
	c->row.asked_us = now;
	c->row.expires_us = now + (o->valid_us > d->set.wait_us ? o->valid_us : d->set.wait_us);
	ss_str_copy(c->row.mn, sizeof(c->row.mn), o->mn);
	ss_str_copy(c->row.by, sizeof(c->row.by), o->by);
	encrypt_with(d, c);
	return c;
}

/* Under the lock. */
static int64_t waiting_add(struct ss_dialogue *d, const char *mn, int64_t by)
{
	uint64_t n = 0;

	ss_map_get(d->waiting_of, ss_str_of(mn), &n);
	n = (uint64_t)((int64_t)n + by);
	if (n == 0)
		ss_map_del(d->waiting_of, ss_str_of(mn));
	else if (ss_map_put(d->waiting_of, ss_str_of(mn), n) < 0)
		return SS_ENOMEM;
	d->waiting += (int)by;
	return (int64_t)n;
}

/* Under the lock: a place in the queue and an id. */
static int admit(struct ss_dialogue *d, struct command *c, struct ss_error *err)
{
	uint64_t n = 0;

	if (d->fault)
		return ss_error_set(err, d->fault,
				    "命令库不能写入，不下发命令；the database of "
				    "commands cannot be written, nothing is sent");
	ss_map_get(d->waiting_of, ss_str_of(c->row.mn), &n);
	if ((int64_t)n >= d->set.per_device || d->waiting >= QUEUE_MOST)
		return ss_error_set(
		    err, SS_EBUSY,
		    "设备 %s 已有 %llu 条命令在排队，请稍后；%llu commands wait for the "
		    "device already",
		    c->row.mn, (unsigned long long)n, (unsigned long long)n);
	if (waiting_add(d, c->row.mn, 1) < 0)
		return SS_ENOMEM;
	c->row.id = ++d->last_id;
	return 0;
}

/* Waits until the thread has put it on disk. */
static int arrive(struct ss_dialogue *d, struct command *c, int64_t *ret_id, struct ss_error *err)
{
	int64_t until = ss_time_mono() + 60 * SS_US_PER_SEC;
	int r;
	SS_LOCKED(&d->lock);

	r = admit(d, c, err);
	if (r < 0) {
		command_free(c);
		return r;
	}
	*ret_id = c->row.id;
	*d->arriving_end = c;
	d->arriving_end = &c->next;
	pthread_cond_broadcast(&d->moved);
	for (uint64_t turn = d->turns; d->turns < turn + 2 && d->fault == 0;)
		if (!ss_cond_wait_until(&d->moved, &d->lock, until))
			return ss_error_set(err, SS_ETIMEOUT, "命令库忙；the database is busy");
	return d->fault;
}

int ss_dialogue_send(struct ss_dialogue *d, const struct ss_order *o, int64_t *ret_id,
		     struct ss_error *err)
{
	struct command *c;
	int r = ss_dialogue_check(d, o, err);

	if (r < 0)
		return r;
	if (o->mn.n == 0 || o->mn.n > 64)
		return ss_error_set(err, SS_EINVAL, "没有设备编号；there is no device number");
	if (o->valid_us <= 0 && !connected(d, o->mn))
		return ss_error_set(err, SS_ENOTFOUND,
				    "设备 " SS_STR_FMT
				    " 不在线，无法下发命令 (device is not connected)",
				    SS_STR_ARG(o->mn));
	c = command_new(d, o);
	return c ? arrive(d, c, ret_id, err) : SS_ENOMEM;
}

int ss_dialogue_renew_key(struct ss_dialogue *d, struct ss_str mn, struct ss_str by,
			  struct ss_str reason, int64_t *ret_id, struct ss_error *err)
{
	char cp[] = "NewKey=00000000000000000000000000000000";
	struct ss_order o = {.mn = mn,
			     .cn = 1014,
			     .cp = ss_str_of(cp),
			     .by = by,
			     .reason = reason,
			     .origin = SS_ORIGIN_KEY};
	struct ss_device v;
	uint8_t key[16];
	int r = ss_registry_device(d->parts.registry, mn, &v);

	if (r < 0 || !v.has_sm4_key)
		return ss_error_set(
		    err, r < 0 ? SS_ENOTFOUND : SS_ESTATE,
		    "设备 " SS_STR_FMT
		    " 没有登记初始密钥，不能更换；the device has no registered key to "
		    "renew",
		    SS_STR_ARG(mn));
	r = ss_os()->random(key, sizeof(key));
	if (r < 0)
		return r;
	ss_hex_encode(cp + 7, key, sizeof(key));
	r = ss_dialogue_send(d, &o, ret_id, err);
	explicit_bzero(cp, sizeof(cp));
	explicit_bzero(key, sizeof(key));
	explicit_bzero(&v, sizeof(v));
	return r;
}

int ss_dialogue_cancel(struct ss_dialogue *d, int64_t id, struct ss_error *err)
{
	uint64_t turn;
	SS_LOCKED(&d->lock);

	if (d->cancel_count == (int)SS_ARRAY_LEN(d->cancel))
		return SS_EBUSY;
	d->cancel[d->cancel_count++] = id;
	turn = d->turns;
	pthread_cond_broadcast(&d->moved);
	while (d->turns < turn + 2)
		if (!ss_cond_wait_until(&d->moved, &d->lock, ss_time_mono() + 5 * SS_US_PER_SEC))
			return ss_error_set(err, SS_ETIMEOUT, "忙；busy");
	return 0;
}

static bool over(struct ss_dialogue *d, int64_t id)
{
	struct ss_arena a;
	struct ss_command_row w;
	bool is;

	ss_arena_init(&a, 64 << 10);
	is = ss_dialogue_command(d, id, &a, &w, NULL) < 0 || w.state > SS_COMMAND_SENT;
	ss_arena_done(&a);
	return is;
}

void ss_dialogue_wait(struct ss_dialogue *d, int64_t id, int64_t until_us, bool (*stop)(void *),
		      void *arg)
{
	while (!over(d, id) && ss_time_mono() < until_us && !(stop && stop(arg))) {
		SS_LOCKED(&d->lock);
		ss_cond_wait_until(&d->moved, &d->lock, ss_time_mono() + SS_US_PER_SEC / 5);
	}
}

/* --- the thread's own ----------------------------------------------------------------------------
 */

static void insert(struct ss_dialogue *d, struct command *c)
{
	struct command **at = &d->queue;

	while (*at && (priority_of((*at)->row.origin) < priority_of(c->row.origin) ||
		       ((*at)->row.origin == c->row.origin && (*at)->row.id < c->row.id)))
		at = &(*at)->next;
	c->next = *at;
	*at = c;
}

/* One that the database had as waiting or under way. A secret is not there any more. */
void queue_restore(struct ss_dialogue *d, struct command *c)
{
	const struct ss_hj212_command *k =
	    ss_hj212_command(c->row.cn, ss_dialogue_edition(d, ss_str_of(c->row.mn)));
	bool again = k && !k->changes, own = c->row.origin != SS_ORIGIN_PERSON;

	/* The platform's own are thought over anew. */
	if (!c->cp || !c->reason || c->row.secret || own ||
	    (c->row.state == SS_COMMAND_SENT && !again)) {
		c->row.state = SS_COMMAND_INTERRUPTED;
		c->row.code = SS_ECANCELLED;
		c->row.done_us = ss_time_now();
	} else {
		c->row.state = SS_COMMAND_QUEUED;
	}
	waiting_add(d, c->row.mn, 1);
	c->fresh = true;
	insert(d, c);
}

int64_t queue_own(struct ss_dialogue *d, const char *mn, int cn, struct ss_str cp,
		  enum ss_origin origin, int64_t gap_id)
{
	struct ss_order o = {.mn = ss_str_of(mn),
			     .cn = cn,
			     .cp = cp,
			     .by = SS_STR("山水"),
			     .reason = SS_STR(""),
			     .origin = origin};
	struct command *c;
	int r;

	if (ss_dialogue_check(d, &o, NULL) < 0)
		return 0;
	c = command_new(d, &o);
	if (!c)
		return 0;
	c->row.gap_id = gap_id;
	{
		SS_LOCKED(&d->lock);
		r = admit(d, c, NULL);
	}
	if (r < 0) {
		command_free(c);
		return 0;
	}
	insert(d, c);
	return c->row.id;
}

static void keep(struct ss_dialogue *d, const struct command *c, struct ss_str data)
{
	struct ss_error err = {0};
	size_t most = c->row.origin == SS_ORIGIN_GAP ? DATA_KEPT_GAP : DATA_KEPT;
	int r;

	while (data.n > most || (data.n && data.p[data.n - 1] != '\n')) /* whole lines */
		data.n--;
	if (!ss_utf8_valid(data) || memchr(data.p, 0, data.n))
		data =
		    SS_STR("（答复不是 UTF-8 文本，见日志原文；not UTF-8 text, see the journal）");
	r = store_command(d, c, data, &err);
	if (r < 0)
		failed(d, r, &err);
}

/* The device has taken over a password or a key: so does the register. Where it may have (it was
 * sent, but no result came), the new key is accepted beside the one in use. */
static int take_over(struct ss_dialogue *d, const struct command *c, bool surely)
{
	struct ss_str cp = ss_str_of(c->cp), v;
	struct ss_device dev;
	uint8_t key[16];
	size_t n;
	int r;

	if (ss_registry_device(d->parts.registry, ss_str_of(c->row.mn), &dev) < 0)
		return 0;
	if (c->row.cn == 1072 && surely && dev.pw[0]) {
		v = ss_hj212_pair_value(cp, "NewPW");
		ss_str_copy(dev.pw, sizeof(dev.pw), v.n ? v : ss_hj212_pair_value(cp, "PW"));
		return ss_registry_put_device(d->parts.registry, &dev, NULL);
	}
	if (c->row.cn != 1014 || !dev.has_sm4_key ||
	    ss_hex_decode(ss_hj212_pair_value(cp, "NewKey"), key, sizeof(key), &n) < 0 || n != 16)
		return 0;
	memcpy(dev.sm4_key, key, 16);
	r = ss_registry_put_device(d->parts.registry, &dev, NULL);
	if (r == 0 && !surely) {
		memcpy(dev.sm4_key, c->key, 16);
		r = ss_registry_put_device(d->parts.registry, &dev, NULL);
	}
	explicit_bzero(key, sizeof(key));
	explicit_bzero(&dev, sizeof(dev));
	return r;
}

/* Ends it: counted, kept, told to the gaps. c is unlinked already. */
static void end(struct ss_dialogue *d, struct command *c, struct ss_str data)
{
	bool surely = c->row.state == SS_COMMAND_DONE;

	if (c->row.secret && (surely || (c->row.sent && c->row.code == SS_ETIMEOUT)) &&
	    take_over(d, c, surely) < 0)
		ss_log_error(
		    "dialogue",
		    "设备已更换密码或密钥，但登记未能更新，请重新设置 the device has a new "
		    "password or key, but the register could not be changed: set it again",
		    "mn=%s cn=%d", c->row.mn, c->row.cn);
	keep(d, c, data);
	if (c->row.origin == SS_ORIGIN_GAP)
		gaps_outcome(d, c);
	{
		SS_LOCKED(&d->lock);
		waiting_add(d, c->row.mn, -1);
		if (c->row.state == SS_COMMAND_DONE)
			d->stat.done++;
		else
			d->stat.failed++;
	}
	command_free(c);
}

static void take_arrivals(struct ss_dialogue *d)
{
	struct command *c;

	{
		SS_LOCKED(&d->lock);
		c = d->arriving;
		d->arriving = NULL;
		d->arriving_end = &d->arriving;
	}
	while (c) {
		struct command *next = c->next;

		insert(d, c);
		c = next;
	}
}

static struct command *unlink_id(struct command **list, int64_t id)
{
	for (struct command **at = list; *at; at = &(*at)->next)
		if ((*at)->row.id == id) {
			struct command *c = *at;

			*at = c->next;
			return c;
		}
	return NULL;
}

static void take_cancels(struct ss_dialogue *d)
{
	int64_t ids[SS_ARRAY_LEN(d->cancel)];
	int n;

	{
		SS_LOCKED(&d->lock);
		n = d->cancel_count;
		memcpy(ids, d->cancel, sizeof(ids));
		d->cancel_count = 0;
	}
	for (int i = 0; i < n; i++) {
		struct command *c = unlink_id(&d->queue, ids[i]);

		if (!c)
			continue;
		c->row.state = SS_COMMAND_CANCELLED;
		c->row.code = SS_ECANCELLED;
		c->row.done_us = ss_time_now();
		end(d, c, SS_STR(""));
	}
}

static void land(struct ss_dialogue *d, const struct outcome *o)
{
	struct command *c;

	if (o->r.code == SS_EGONE && !atomic_load(&d->gateway))
		return; /* the platform ends: stays as under way, judged at the next start */
	c = unlink_id(&d->flying, o->id);
	if (!c)
		return;
	d->flying_n--;
	ss_map_del(d->busy, ss_str_of(c->row.mn));
	c->row.code = o->r.code;
	c->row.qn_rtn = o->r.qn_rtn;
	c->row.exe_rtn = o->r.exe_rtn;
	c->row.sent = o->r.sent;
	c->row.frames = o->r.frames;
	c->row.sent_us = o->r.sent_us;
	c->row.done_us = o->r.done_us;
	memcpy(c->row.qn, o->r.qn, sizeof(c->row.qn));
	/* 9012 with anything but 1 is the device's word that it did not. */
	c->row.state = o->r.code == 0 && o->r.exe_rtn <= 1 ? SS_COMMAND_DONE : SS_COMMAND_FAILED;
	end(d, c, ss_str_n(o->data, o->n));
}

static void take_outcomes(struct ss_dialogue *d)
{
	struct outcome *o;

	{
		SS_LOCKED(&d->lock);
		o = d->outcomes;
		d->outcomes = NULL;
		d->outcomes_end = &d->outcomes;
	}
	while (o) {
		struct outcome *next = o->next;

		land(d, o);
		free(o);
		o = next;
	}
}

struct ticket { /* what the gateway hands back */
	struct ss_dialogue *d;
	int64_t id;
};

/* Gateway thread. */
static void done(void *arg, const struct ss_command_result *r)
{
	struct ticket *t = arg;
	struct ss_dialogue *d = t->d;
	struct outcome *o = calloc(1, sizeof(*o) + r->data.n);

	ss_assert(o); /* a command without an end would hold its device for ever */
	o->id = t->id;
	o->r = *r;
	o->n = r->data.n;
	if (o->n)
		memcpy(o->data, r->data.p, o->n);
	free(t);
	SS_LOCKED(&d->lock);
	*d->outcomes_end = o;
	d->outcomes_end = &o->next;
	pthread_cond_broadcast(&d->moved);
}

/* 0, or SS_EBUSY, SS_ENOTFOUND: not now. */
static int transmit(struct ss_dialogue *d, struct command *c)
{
	struct ticket *t = malloc(sizeof(*t));
	struct ss_command_order o = {.mn = ss_str_of(c->row.mn),
				     .cn = c->row.cn,
				     .cp = ss_str_of(c->cp),
				     .sm4_key = c->has_key ? c->key : NULL};
	int r;

	if (!t)
		return SS_EBUSY;
	*t = (struct ticket){d, c->row.id};
	r = ss_gateway_command(atomic_load(&d->gateway), &o, done, t, NULL);
	if (r < 0)
		free(t);
	return r;
}

static void expire(struct ss_dialogue *d, struct command *c)
{
	c->row.state = SS_COMMAND_EXPIRED;
	c->row.code = SS_ETIMEOUT;
	c->row.done_us = ss_time_now();
	end(d, c, SS_STR(""));
}

/* One after another by priority, each device once; true when it left the queue. */
static bool send_one(struct ss_dialogue *d, struct command *c)
{
	int r;

	if (ss_map_get(d->busy, ss_str_of(c->row.mn), &(uint64_t){0}))
		return false;
	/* On disk as under way first: after a crash it is known that it may have gone out. */
	c->row.state = SS_COMMAND_SENT;
	keep(d, c, SS_STR(""));
	r = d->fault ? SS_EBUSY : ss_map_put(d->busy, ss_str_of(c->row.mn), 1);
	if (r == 0) {
		r = transmit(d, c);
		if (r < 0)
			ss_map_del(d->busy, ss_str_of(c->row.mn));
	}
	if (r == 0)
		return true;
	c->row.state = SS_COMMAND_QUEUED;
	keep(d, c, SS_STR(""));
	return false;
}

static bool may_go(struct ss_dialogue *d, const struct command *c)
{
	return d->flying_n < d->set.in_flight && !d->fault && atomic_load(&d->gateway) &&
	       connected(d, ss_str_of(c->row.mn)) &&
	       !ss_map_get(d->busy, ss_str_of(c->row.mn), &(uint64_t){0});
}

static void dispatch(struct ss_dialogue *d)
{
	int64_t now = ss_time_now();

	for (struct command **at = &d->queue; *at;) {
		struct command *c = *at;

		if (c->row.state == SS_COMMAND_INTERRUPTED || now > c->row.expires_us) {
			*at = c->next;
			if (c->row.state == SS_COMMAND_INTERRUPTED)
				end(d, c, SS_STR(""));
			else
				expire(d, c);
		} else if (may_go(d, c) && send_one(d, c)) {
			*at = c->next;
			c->next = d->flying;
			d->flying = c;
			d->flying_n++;
			count(d, sent, 1);
		} else {
			at = &c->next;
		}
	}
}

static void write_fresh(struct ss_dialogue *d)
{
	for (struct command *c = d->queue; c; c = c->next) {
		if (c->fresh)
			keep(d, c, SS_STR(""));
		c->fresh = false;
	}
}

void queue_turn(struct ss_dialogue *d)
{
	int n = 0;

	take_outcomes(d);
	take_arrivals(d);
	write_fresh(d);
	take_cancels(d);
	dispatch(d);
	for (const struct command *c = d->queue; c; c = c->next)
		n++;
	SS_LOCKED(&d->lock);
	d->stat.queued = n;
	d->stat.under_way = d->flying_n;
}

/* --- in words
 * -------------------------------------------------------------------------------------- */

const char *ss_command_row_says(const struct ss_command_row *c, struct ss_arena *a)
{
	const char *text = NULL;

	if (c->state == SS_COMMAND_QUEUED)
		return "排队等候；waits for its turn";
	if (c->state == SS_COMMAND_SENT)
		return "已发出，等待设备；under way";
	if (c->state == SS_COMMAND_EXPIRED)
		return "在有效期内没有机会发出（设备不在线或一直有别的命令）；never could be sent "
		       "within "
		       "its time";
	if (c->state == SS_COMMAND_CANCELLED)
		return "发出之前已撤销；withdrawn before it was sent";
	if (c->state == SS_COMMAND_INTERRUPTED)
		return "平台停止时尚未完成，设备是否执行不明，不自动重发；the platform ended "
		       "meanwhile: "
		       "whether the device did it is not known, it is not sent again";
	if (c->code == SS_ESTATE)
		text = ss_arena_printf(a, "设备拒绝（9011 QnRtn=%d %s）；the device refused",
				       c->qn_rtn, ss_hj212_qn_rtn_zh(c->qn_rtn));
	else if (c->code == SS_ETIMEOUT && !c->qn_rtn)
		text = ss_arena_printf(a, "发出 %d 次，设备没有应答；sent %d times, no answer",
				       c->sent, c->sent);
	else if (c->code == SS_ETIMEOUT)
		text = "设备答应执行，但没有给出结果（9012）；agreed, but no result came";
	else if (c->code == SS_EGONE)
		text = "设备中途断开；the device has gone";
	else if (c->code < 0)
		text = ss_arena_printf(a, "%s；%s", ss_err_zh(c->code), ss_err_en(c->code));
	else if (c->exe_rtn)
		text = ss_arena_printf(a, "设备答复（9012 ExeRtn=%d %s）；the device's result",
				       c->exe_rtn, ss_hj212_exe_rtn_zh(c->exe_rtn));
	else
		text = "设备已确认（9013）；acknowledged";
	return text ? text : "";
}
