/* One loop: what a thread does all day, its mailbox, its beginning and end. */
#include "sense/gateway/gateway_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static int epoll_add(int ep, int fd, void *ptr)
{
	struct epoll_event ev = {.events = EPOLLIN, .data.ptr = ptr};

	return epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev) < 0 ? ss_err_from_errno(errno) : 0;
}

static int loop_fds(struct loop *l)
{
	int r;

	l->ep = epoll_create1(EPOLL_CLOEXEC);
	l->ctl = epoll_create1(EPOLL_CLOEXEC);
	l->wake = ss_wake_new();
	l->reserve = ss_os()->open("/dev/null", O_RDONLY, 0);
	if (l->ep < 0 || l->ctl < 0 || l->wake < 0 || l->reserve < 0)
		return SS_EFDS;
	r = epoll_add(l->ep, l->ctl, &l->ctl);
	return r < 0 ? r : epoll_add(l->ctl, l->wake, &l->wake);
}

static void loop_lists(struct loop *l)
{
	link_init(&l->free_conns);
	link_init(&l->paused);
	link_init(&l->outs);
	link_init(&l->commands);
	for (int i = 0; i < GW_WHEEL; i++)
		link_init(&l->wheel[i]);
}

int loop_init(struct loop *l, struct ss_gateway *g, int index, struct ss_error *err)
{
	char name[16];
	int r;

	l->g = g;
	l->index = index;
	l->ep = l->ctl = l->wake = l->reserve = -1;
	loop_lists(l);
	pthread_mutex_init(&l->mail_lock, NULL);
	ss_buf_init(&l->scratch, 65536);
	l->now = ss_time_mono();
	l->wall = ss_time_now();
	l->ahead = l->wall - l->now;
	l->wheel_tick = l->now / GW_TICK_US;
	l->rbuf_n = GW_RECV + (size_t)g->set.segment_cap + 4096;
	l->rbuf = malloc(l->rbuf_n);
	l->devs = ss_map_new();
	if (!l->rbuf || !l->devs)
		return ss_error_set(err, SS_ENOMEM, "接入网关：内存不足 (gateway: out of memory)");
	r = loop_fds(l);
	if (r < 0)
		return ss_error_set(err, r,
				    "接入网关：无法建立事件循环 (cannot make the event loop)");
	snprintf(name, sizeof(name), "gateway-%d", index);
	r = ss_journal_lane(g->journal, name, l->wake, &l->lane);
	if (r < 0)
		return ss_error_set(err, r, "接入网关：日志不给通道 (no lane of the journal)");
	return 0;
}

/* The wake descriptor stays open: the journal may still write to it, and its number must not
 * become somebody else's. */
void loop_done(struct loop *l)
{
	accept_close(l);
	conns_free(l);
	devs_free(l);
	answers_free(l);
	ss_map_free(l->devs);
	ss_buf_done(&l->scratch);
	free(l->rbuf);
	if (l->ep >= 0)
		ss_os()->close(l->ep);
	if (l->ctl >= 0)
		ss_os()->close(l->ctl);
	if (l->reserve >= 0)
		ss_os()->close(l->reserve);
	if (!l->lane && l->wake >= 0)
		ss_os()->close(l->wake);
	pthread_mutex_destroy(&l->mail_lock);
}

void loop_post(struct loop *l, struct letter *m)
{
	bool shut;

	m->next = NULL;
	{
		SS_LOCKED(&l->mail_lock);
		shut = l->mail_shut;
		if (!shut) {
			if (l->mail_last)
				l->mail_last->next = m;
			else
				l->mail = m;
			l->mail_last = m;
		}
	}
	if (shut)
		m->drop(m);
	else
		ss_wake(l->wake);
}

static struct letter *mail_take(struct loop *l, bool shut)
{
	struct letter *m;
	SS_LOCKED(&l->mail_lock);

	m = l->mail;
	l->mail = l->mail_last = NULL;
	l->mail_shut = shut;
	return m;
}

static void mail_read(struct loop *l)
{
	struct letter *m = mail_take(l, false), *next;

	for (; m; m = next) {
		next = m->next;
		m->fn(l, m);
	}
}

static void mail_shut(struct loop *l)
{
	struct letter *m = mail_take(l, true), *next;

	for (; m; m = next) {
		next = m->next;
		m->drop(m);
	}
}

static int wait_ms(const struct loop *l)
{
	if (atomic_load_explicit(&l->g->stop, memory_order_relaxed) || link_in(&l->paused))
		return 5;
	if (l->blocked_serial || l->accept_until)
		return 20;
	if (l->open_count || link_in(&l->commands))
		return GW_TICK_US / 1000;
	return 1000;
}

static void ctl_events(struct loop *l)
{
	struct epoll_event ev[1 + GW_LISTENERS];
	int n = epoll_wait(l->ctl, ev, (int)SS_ARRAY_LEN(ev), 0);

	for (int i = 0; i < n; i++) {
		if (ev[i].data.ptr == &l->wake)
			ss_wake_clear(l->wake);
		else
			l->accept_waiting = true;
	}
}

/* Time-outs and rates go by the monotonic clock; what arrives is stamped with the wall's. When that
 * is set by hand or by a server, whoever reads the stamps has to know. */
static void watch_clock(struct loop *l)
{
	int64_t ahead = l->wall - l->now, jump = ahead - l->ahead;

	if (l->index != 0 || (jump < GW_JUMP_US && jump > -GW_JUMP_US))
		return;
	l->ahead = ahead;
	count_add(l, clock_jumps, 1);
	ss_log_warn(
	    "gateway",
	    "平台时钟跳变，收到时刻以新时钟为准，计时不受影响 (the platform's clock jumped; "
	    "arrivals follow it, time-outs do not)",
	    "seconds=%.3f", (double)jump / 1e6);
}

/* Listeners come last in a turn: a slot freed by an event is not given to a new connection while
 * an event of the old one may still be in the list. */
static void turn(struct loop *l)
{
	struct epoll_event ev[GW_EVENTS];
	int n = epoll_wait(l->blocked_serial ? l->ctl : l->ep, ev, GW_EVENTS, wait_ms(l));

	l->now = ss_time_mono();
	l->wall = ss_time_now();
	count_add(l, turns, 1);
	watch_clock(l);
	if (l->blocked_serial) {
		ctl_events(l);
		n = 0;
	}
	for (int i = 0; i < n; i++) {
		if (ev[i].data.ptr == &l->ctl)
			ctl_events(l);
		else if (!l->blocked_serial)
			conn_event(l, ev[i].data.ptr, ev[i].events);
	}
	answers_send(l, ss_lane_durable(l->lane));
	mail_read(l);
	commands_run(l);
	conn_unblock(l);
	accept_resume_if_due(l);
	if (l->accept_waiting)
		accept_ready(l);
	timers_run(l);
	devs_sweep(l);
}

/* What was put into the lane is given its time to reach the disk and its answer to be sent. */
static void wind_down(struct loop *l)
{
	int64_t end = ss_time_mono() + GW_STOP_US;
	struct epoll_event ev[GW_EVENTS];

	accept_close(l);
	while (ss_time_mono() < end && (answers_waiting(l) || link_in(&l->outs))) {
		epoll_wait(l->ctl, ev, GW_EVENTS, 5);
		ss_wake_clear(l->wake);
		l->now = ss_time_mono();
		answers_send(l, ss_lane_durable(l->lane));
		for (struct link *k = l->outs.next, *next; k != &l->outs; k = next) {
			next = k->next;
			conn_flush(l, link_of(struct conn, list, k));
		}
	}
}

static void *loop_main(void *arg)
{
	struct loop *l = arg;

	while (!atomic_load_explicit(&l->g->stop, memory_order_relaxed))
		turn(l);
	wind_down(l);
	commands_end(l);
	mail_shut(l);
	return NULL;
}

int loop_start(struct loop *l, struct ss_error *err)
{
	char name[16];
	int r;

	snprintf(name, sizeof(name), "gateway-%d", l->index);
	r = ss_thread_start(&l->thread, name, loop_main, l);
	if (r < 0)
		return ss_error_set(err, r, "接入网关：无法启动线程 (cannot start a thread)");
	l->started = true;
	return 0;
}
