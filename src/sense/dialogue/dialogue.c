/* The dialogue's thread, its options, its beginning and end. */
#include <stdlib.h>

#include "base/log.h"
#include "sense/dialogue/dialogue_internal.h"

#define ROW(name, type, field, def, least, most, zh, en)                                           \
	SS_OPTION(struct ss_dialogue_settings, type, field, "dialogue." name, def, zh, en,         \
		  .min = (least), .max = (most))

const struct ss_option ss_dialogue_options[] = {
    ROW("in-flight", INT, in_flight, "64", 1, 10000, "同时下发的命令数上限",
	"commands under way over all devices"),
    ROW("per-device", INT, per_device, "16", 1, 1000, "一台设备排队命令数上限",
	"commands that may wait for one device"),
    ROW("wait", DURATION, wait_us, "10m", 1000000, INT64_MAX, "命令排队多久仍未发出即作废",
	"a command may wait so long for its turn"),
    SS_OPTION(
	struct ss_dialogue_settings, ENUM, clock, "dialogue.clock", "off",
	"何时自动校时（1012）：off 不校，request 设备请求（1013）时，drift 偏差超限时，both 两者",
	"when clocks are set (1012): off, at a device's request (1013), by drift, both",
	.choices = "off|request|drift|both"),
    ROW("clock-limit", DURATION, clock_limit_us, "60s", 1000000, INT64_MAX,
	"时钟偏差超过此值才自动校时，每台每天至多一次",
	"drift above which a clock is set, once a day a device at most"),
    ROW("gaps", BOOL, gaps, "true", 0, 0, "缺数是否自动补取；否则只列出",
	"fetch gaps back; else they are only shown"),
    ROW("look-back", DURATION, look_back_us, "7d", 1000000, INT64_MAX, "查缺回看的期限",
	"gaps older than this are not looked for"),
    ROW("due", DURATION, due_us, "10m", 0, INT64_MAX, "时段结束多久后仍未收到算缺数（日数据六倍）",
	"a record is missing so long after its period (days: six times)"),
    ROW("own", DURATION, own_us, "10m", 0, INT64_MAX, "发现缺口后留给设备自己补报的时间",
	"the device's own time to send it late before it is asked"),
    ROW("scan", DURATION, scan_us, "60s", 1000, INT64_MAX, "每台设备隔多久查看一次",
	"every device is looked at so often"),
    ROW("gap-rate", INT, gap_rate, "120", 1, 1000000, "每分钟补取请求数上限（全部设备）",
	"requests to fetch back a minute over all devices"),
    ROW("gap-in-flight", INT, gap_in_flight, "8", 1, 10000, "同时进行的补取请求数上限",
	"requests to fetch back under way at once"),
    ROW("gap-tries", INT, gap_tries, "5", 1, 100, "连续多少次请求没有收获即放弃",
	"requests in a row that bring nothing before a gap is given up"),
    ROW("keep", DURATION, keep_us, "400d", 1000000, INT64_MAX, "已结束的命令与缺口保留多久",
	"finished commands and gaps are kept so long"),
    {0},
};

#define IDLE_US (50 * 1000)
#define NOTES_MOST 10000

/* A database that fails stops the sending: nothing goes out that is not written down. It is opened
 * anew a little later. */
void failed(struct ss_dialogue *d, int code, const struct ss_error *err)
{
	SS_LOCKED(&d->lock);
	if (!d->fault)
		ss_log_error(
		    "dialogue",
		    "命令库写入失败，暂停下发命令 the database of commands failed, nothing is sent",
		    "why=\"%s\"", err && err->text[0] ? err->text : ss_err_zh(code));
	d->fault = code < 0 ? code : SS_EIO;
	d->stat.stuck = true;
}

static void recover(struct ss_dialogue *d)
{
	struct ss_error err = {0};

	if (!d->fault || ss_time_mono() < d->prune_mono)
		return;
	d->prune_mono = ss_time_mono() + 5 * SS_US_PER_SEC;
	store_close(d);
	if (store_open(d, &err) < 0)
		return;
	for (struct command *c = d->queue; c; c = c->next)
		c->fresh = true;
	SS_LOCKED(&d->lock);
	d->fault = 0;
	d->stat.stuck = false;
	ss_log_info("dialogue", "命令库已恢复 the database of commands is back", "ok=1");
}

static void prune(struct ss_dialogue *d)
{
	struct ss_error err = {0};
	int64_t now = ss_time_mono();
	int r;

	if (d->fault || now < d->prune_mono)
		return;
	d->prune_mono = now + SS_US_PER_HOUR;
	r = store_prune(d, ss_time_now() - d->set.keep_us, &err);
	if (r < 0)
		failed(d, r, &err);
}

/* --- clocks --- */

static bool wants(const struct ss_dialogue *d, const char *what)
{
	return !strcmp(d->set.clock, what) || !strcmp(d->set.clock, "both");
}

/* Once a day a device: a clock that runs away at once again is a fault to be seen, not to be
 * hidden. */
static void set_clock(struct ss_dialogue *d, const struct note *n)
{
	uint64_t today = (uint64_t)ss_day_of(ss_time_now()), last = 0;
	double limit = (double)d->set.clock_limit_us / 1e6;

	if (n->asked ? !wants(d, "request")
		     : !wants(d, "drift") || (n->drift_s <= limit && n->drift_s >= -limit))
		return;
	if (!n->asked && ss_map_get(d->clock_day, ss_str_of(n->mn), &last) && last == today)
		return;
	if (queue_own(d, n->mn, 1012, SS_STR(""), SS_ORIGIN_CLOCK, 0) && !n->asked)
		ss_map_put(d->clock_day, ss_str_of(n->mn), today);
}

static void take_notes(struct ss_dialogue *d)
{
	struct note *n;

	{
		SS_LOCKED(&d->lock);
		n = d->notes;
		d->notes = NULL;
		d->note_count = 0;
	}
	while (n) {
		struct note *next = n->next;

		set_clock(d, n);
		free(n);
		n = next;
	}
}

static void note_add(struct ss_dialogue *d, struct ss_str mn, bool asked, double drift_s)
{
	struct note *n;
	SS_LOCKED(&d->lock);

	if (d->note_count == NOTES_MOST || !strcmp(d->set.clock, "off"))
		return;
	n = calloc(1, sizeof(*n));
	if (!n)
		return; /* the device asks again */
	ss_str_copy(n->mn, sizeof(n->mn), mn);
	n->asked = asked;
	n->drift_s = drift_s;
	n->next = d->notes;
	d->notes = n;
	d->note_count++;
	if (asked)
		pthread_cond_broadcast(&d->moved);
}

void ss_dialogue_clock_asked(struct ss_dialogue *d, struct ss_str mn)
{
	note_add(d, mn, true, 0);
}

void ss_dialogue_clock_known(struct ss_dialogue *d, struct ss_str mn, double drift_s)
{
	note_add(d, mn, false, drift_s);
}

/* --- the thread ----------------------------------------------------------------------------------
 */

static void take_again(struct ss_dialogue *d)
{
	int64_t ids[SS_ARRAY_LEN(d->again)];
	int n;

	{
		SS_LOCKED(&d->lock);
		n = d->again_count;
		memcpy(ids, d->again, sizeof(ids));
		d->again_count = 0;
	}
	for (int i = 0; i < n; i++)
		gaps_again(d, ids[i]);
}

int ss_dialogue_gap_again(struct ss_dialogue *d, int64_t id, struct ss_error *err)
{
	struct ss_arena a;
	struct ss_gap_row *g;
	size_t n = 0;
	int r;

	ss_arena_init(&a, 64 << 10);
	r = ss_dialogue_gaps(d, SS_STR(""), -1, 0, id + 1, 1, &a, &g, &n, err);
	if (r == 0 && (n == 0 || g->id != id))
		r = ss_error_set(err, SS_ENOTFOUND, "没有编号为 %lld 的缺口；there is no gap %lld",
				 (long long)id, (long long)id);
	else if (r == 0 && g->state != SS_GAP_GIVEN_UP)
		r = ss_error_set(err, SS_ESTATE, "缺口 %lld 没有放弃；gap %lld was not given up",
				 (long long)id, (long long)id);
	ss_arena_done(&a);
	if (r < 0)
		return r;
	SS_LOCKED(&d->lock);
	if (d->again_count == (int)SS_ARRAY_LEN(d->again))
		return SS_EBUSY;
	d->again[d->again_count++] = id;
	return 0;
}

static void turn(struct ss_dialogue *d)
{
	SS_LOCKED(&d->world);
	recover(d);
	if (d->fault)
		return;
	contract_turn(d);
	take_notes(d);
	take_again(d);
	queue_turn(d);
	gaps_turn(d);
	prune(d);
}

/* Until somebody has something, or a while has passed. */
static void rest(struct ss_dialogue *d)
{
	SS_LOCKED(&d->lock);
	d->stat.devices = (int64_t)d->device_n;
	d->turns++;
	pthread_cond_broadcast(&d->moved);
	if (!d->arriving && !d->outcomes && !d->cancel_count && !d->notes)
		ss_cond_wait_until(&d->moved, &d->lock, ss_time_mono() + IDLE_US);
}

static void *main_of(void *arg)
{
	struct ss_dialogue *d = arg;

	while (!atomic_load(&d->stopping)) {
		turn(d);
		rest(d);
	}
	turn(d);
	return NULL;
}

/* --- beginning and end
 * ------------------------------------------------------------------------------ */

static int make(struct ss_dialogue *d, struct ss_error *err)
{
	int r;

	d->by_mn = ss_map_new();
	d->busy = ss_map_new();
	d->waiting_of = ss_map_new();
	d->clock_day = ss_map_new();
	if (!d->url || !d->by_mn || !d->busy || !d->waiting_of || !d->clock_day)
		return SS_ENOMEM;
	r = store_open(d, err);
	if (r == 0)
		r = store_load(d, err);
	return r;
}

int ss_dialogue_open(const struct ss_dialogue_settings *s, const struct ss_dialogue_parts *p,
		     struct ss_dialogue **ret, struct ss_error *err)
{
	struct ss_dialogue *d = calloc(1, sizeof(*d));
	int r;

	if (!d)
		return SS_ENOMEM;
	d->set = *s;
	d->parts = *p;
	d->url = strdup(p->url);
	d->arriving_end = &d->arriving;
	d->outcomes_end = &d->outcomes;
	d->tokens_mono = d->prune_mono = ss_time_mono();
	pthread_mutex_init(&d->world, NULL);
	pthread_mutex_init(&d->lock, NULL);
	ss_cond_init(&d->moved);
	ss_arena_init(&d->arena, 64 << 20);
	r = make(d, err);
	if (r == 0)
		r = ss_thread_start(&d->thread, "dialogue", main_of, d);
	if (r < 0) {
		ss_dialogue_close(d);
		return r;
	}
	d->started = true;
	*ret = d;
	return 0;
}

void ss_dialogue_run(struct ss_dialogue *d, struct ss_gateway *g)
{
	atomic_store(&d->gateway, g);
}

void ss_dialogue_rest(struct ss_dialogue *d)
{
	if (!d)
		return;
	SS_LOCKED(&d->world); /* between turns: none is left using it */
	atomic_store(&d->gateway, NULL);
}

void ss_dialogue_close(struct ss_dialogue *d)
{
	if (!d)
		return;
	atomic_store(&d->stopping, true);
	if (d->started)
		pthread_join(d->thread, NULL);
	queue_free(d);
	while (d->outcomes) {
		struct outcome *o = d->outcomes;

		d->outcomes = o->next;
		free(o);
	}
	while (d->notes) {
		struct note *n = d->notes;

		d->notes = n->next;
		free(n);
	}
	for (size_t i = 0; i < d->device_n; i++) {
		gaps_free(d->devices[i]);
		free(d->devices[i]);
	}
	free(d->devices);
	ss_map_free(d->by_mn);
	ss_map_free(d->busy);
	ss_map_free(d->waiting_of);
	ss_map_free(d->clock_day);
	ss_db_pool_free(d->pool);
	store_close(d);
	ss_arena_done(&d->arena);
	pthread_mutex_destroy(&d->world);
	pthread_mutex_destroy(&d->lock);
	pthread_cond_destroy(&d->moved);
	free(d->url);
	free(d);
}

void ss_dialogue_stat(struct ss_dialogue *d, struct ss_dialogue_stat *ret)
{
	SS_LOCKED(&d->lock);
	*ret = d->stat;
}
