/* The city on the wire: one connection a device, frames when they are due, resends by the standard
 * (10 s, 3 times, then the line is dropped and the store is told again). One thread. */
#include "city/agenda_internal.h"
#include "city/answer_internal.h"
#include "city/city_internal.h"
#include "city/link_internal.h"

#include <errno.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/log.h"
#include "base/os.h"

#define SWEEP_US (500 * 1000)
#define RESEND_US (10 * SS_US_PER_SEC)
#define AHEAD_MAX (8u << 20) /* bytes waiting over all devices before new events are held back */

struct speaker {
	const struct ss_city *city;
	const struct ss_city_run *run;
	struct ss_agenda *agenda;
	struct ss_link *links;
	struct ss_answerer *answerers;
	bool *silent; /* by device: not among those asked for; NULL = none is */
	struct ss_link_net net;
	struct ss_buf frames, answer;
	int64_t mono0, live0, next_sweep,
	    next_word; /* mono0: simulated start; live0: end of history */
	bool history;
	struct ss_city_result result;
};

static int64_t simulated(const struct speaker *s)
{
	double past = (double)(ss_time_mono() - s->mono0) * s->run->speed;

	return s->history ? s->run->start_us : s->run->start_us + (int64_t)past;
}

static bool is_silent(const struct speaker *s, int device)
{
	return s->silent && s->silent[device];
}

/* Of the time before the start only what a curve needs: all hours and days, minutes of the last
 * twelve hours (or as asked), live values of the last hour. */
static bool worth_telling(const struct speaker *s, const struct ss_city_event *e)
{
	int64_t age = s->run->start_us - e->send_us;

	if (e->cn == 2011)
		return age < SS_US_PER_HOUR;
	return e->cn != 2051 ||
	       age < (s->run->minutes_us ? s->run->minutes_us : 12 * SS_US_PER_HOUR);
}

static void as_commanded(const struct speaker *s, int device, struct ss_city_event *e)
{
	const struct ss_answerer *a = &s->answerers[device];

	e->clock_s = a->clock_s;
	e->pw = a->pw;
	e->key = a->has_key ? a->key : NULL;
}

/* A request of the centre; what follows later is told by the sweep. */
static void requested(void *arg, struct ss_link *l, struct ss_str raw)
{
	struct speaker *s = arg;

	ss_buf_reset(&s->answer);
	if (ss_city_answer(s->city, l->device, &s->answerers[l->device], raw, simulated(s),
			   &s->answer) == 0)
		ss_link_say(&s->net, l, ss_buf_str(&s->answer));
}

static void tell_later(struct speaker *s, int device, int64_t now)
{
	struct ss_answerer *a = &s->answerers[device];

	if (!a->later_at || now < a->later_at)
		return;
	a->later_at = 0;
	ss_link_say(&s->net, &s->links[device], ss_buf_str(&a->later));
	ss_buf_reset(&a->later);
}

/* All of the history is answered. What fell due meanwhile is told at once: the clock runs on. */
static int go_live(struct speaker *s)
{
	char line[64];
	int n = snprintf(line, sizeof(line), "acked %lld\n", (long long)s->net.acked);

	s->history = false;
	s->live0 = ss_time_mono();
	return s->run->told ? ss_file_write_atomic(s->run->told, line, (size_t)n, 0644) : 0;
}

static int speak_due(struct speaker *s)
{
	int64_t until = simulated(s);
	int taken = 0;

	while (s->net.waiting < AHEAD_MAX && ss_agenda_due(s->agenda) <= until && taken++ < 20000) {
		struct ss_city_event e;
		int device = ss_agenda_take(s->agenda, &e);
		int r;

		if (is_silent(s, device) || !worth_telling(s, &e))
			continue;
		ss_buf_reset(&s->frames);
		as_commanded(s, device, &e);
		r = ss_city_frame(s->city, device, &e, &s->frames);
		s->net.telling_past = s->history;
		if (r == 0)
			r = ss_link_say(&s->net, &s->links[device], ss_buf_str(&s->frames));
		s->net.telling_past = false;
		if (r < 0)
			return r;
	}
	return s->history && ss_agenda_due(s->agenda) > until && s->net.past == 0 ? go_live(s) : 0;
}

static void sweep(struct speaker *s)
{
	int64_t now = ss_time_mono(), sim = simulated(s);

	for (int i = 0; i < s->city->device_count; i++) {
		bool down = !s->history && ss_city_down(s->city, i, sim);

		if (is_silent(s, i))
			continue;
		ss_link_tend(&s->net, &s->links[i], now, down);
		tell_later(s, i, now);
	}
	if (s->net.ledger)
		fflush(s->net.ledger);
	if (!s->run->quiet && now >= s->next_word) {
		fprintf(stderr,
			"城市 city: 已发 sent %lld 已应答 acked %lld 在线 connected %lld 等待 "
			"waiting %zu B%s\n",
			(long long)s->net.sent, (long long)s->net.acked,
			(long long)s->net.connected, s->net.waiting,
			s->history ? "（历史 history）" : "");
		s->next_word = now + 10 * SS_US_PER_SEC;
	}
	s->next_sweep = now + SWEEP_US;
}

static int wait_ms(const struct speaker *s)
{
	int64_t due =
	    (int64_t)((double)(ss_agenda_due(s->agenda) - simulated(s)) / s->run->speed) / 1000;

	if (s->net.waiting >= AHEAD_MAX || due > 50)
		return 50;
	return due < 0 ? 0 : (int)due;
}

static bool finished(const struct speaker *s)
{
	if (s->run->stop && *s->run->stop)
		return true;
	return s->run->duration_us && !s->history &&
	       ss_time_mono() - s->live0 >= s->run->duration_us;
}

static int loop(struct speaker *s)
{
	struct epoll_event ev[256];

	while (!finished(s)) {
		int r = speak_due(s);
		int n;

		if (r < 0)
			return r;
		n = epoll_wait(s->net.epoll, ev, SS_ARRAY_LEN(ev), wait_ms(s));
		for (int i = 0; i < n; i++)
			ss_link_event(&s->net, &s->links[ev[i].data.u32], ev[i].events);
		if (ss_time_mono() >= s->next_sweep)
			sweep(s);
	}
	return 0;
}

/* What is in flight at the end gets a moment to be answered. */
static void drain(struct speaker *s)
{
	struct epoll_event ev[256];
	int64_t until = ss_time_mono() + 3 * SS_US_PER_SEC;

	while (s->net.in_flight > 0 && ss_time_mono() < until) {
		int n = epoll_wait(s->net.epoll, ev, SS_ARRAY_LEN(ev), 50);

		for (int i = 0; i < n; i++)
			ss_link_event(&s->net, &s->links[ev[i].data.u32], ev[i].events);
	}
}

static int device_of(const struct ss_city *c, struct ss_str mn)
{
	for (int i = 0; i < c->device_count; i++)
		if (ss_str_eq(mn, ss_str_of(c->devices[i].mn)))
			return i;
	return -1;
}

static int choose(struct speaker *s, struct ss_error *err)
{
	struct ss_str list = ss_str_of(s->run->only ? s->run->only : ""), mn;
	int n = s->city->device_count;

	if (!list.n)
		return 0;
	s->silent = malloc((size_t)n * sizeof(*s->silent));
	if (!s->silent)
		return SS_ENOMEM;
	memset(s->silent, true, (size_t)n * sizeof(*s->silent));
	while (ss_str_split(&list, ',', &mn)) {
		int i = device_of(s->city, mn);

		if (i < 0)
			return ss_error_set(err, SS_EINVAL,
					    "城市里没有 MN 为 " SS_STR_FMT
					    " 的设备 the city has no device of this MN",
					    SS_STR_ARG(mn));
		s->silent[i] = false;
	}
	return 0;
}

static int set_up(struct speaker *s, struct ss_error *err)
{
	int r = ss_link_net_init(&s->net, s->run->target, s->run->ledger, s->run->window, err);

	s->net.resend_us = s->run->resend_us ? s->run->resend_us : RESEND_US;
	if (r == 0)
		r = choose(s, err);
	if (r < 0)
		return r;
	r = ss_agenda_new(s->city, s->run->start_us - s->run->history_us, &s->agenda);
	if (r < 0)
		return r;
	s->links = calloc((size_t)s->city->device_count, sizeof(*s->links));
	s->answerers = calloc((size_t)s->city->device_count, sizeof(*s->answerers));
	if (!s->links || !s->answerers)
		return SS_ENOMEM;
	for (int i = 0; i < s->city->device_count; i++) {
		ss_link_init(&s->links[i], i, s->city->devices[i].mn);
		ss_answerer_init(&s->answerers[i], s->city, i);
		s->links[i].key = s->answerers[i].has_key ? s->answerers[i].key : NULL;
	}
	s->net.request = requested;
	s->net.request_arg = s;
	ss_buf_init(&s->frames, 1 << 20);
	ss_buf_init(&s->answer, 4 << 20);
	s->mono0 = s->live0 = ss_time_mono();
	return 0;
}

static void tear_down(struct speaker *s)
{
	for (int i = 0; s->links && i < s->city->device_count; i++)
		ss_link_done(&s->net, &s->links[i]);
	for (int i = 0; s->answerers && i < s->city->device_count; i++)
		ss_answerer_done(&s->answerers[i]);
	free(s->answerers);
	free(s->silent);
	free(s->links);
	ss_buf_done(&s->answer);
	ss_agenda_free(s->agenda);
	ss_buf_done(&s->frames);
	ss_link_net_done(&s->net);
}

int ss_city_speak(const struct ss_city *c, const struct ss_city_run *r, struct ss_city_result *ret,
		  struct ss_error *err)
{
	struct speaker s = {
	    .city = c, .run = r, .history = r->history_us > 0 || r->told, .net.epoll = -1};
	int code = set_up(&s, err);

	if (code == 0)
		code = loop(&s);
	if (code == 0)
		drain(&s);
	*ret = (struct ss_city_result){s.net.sent,      s.net.acked,    s.net.resent,
				       s.net.in_flight, s.net.connects, s.net.lost_lines};
	tear_down(&s);
	return code;
}
