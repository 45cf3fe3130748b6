/* One wheel entry a connection. A limit that moves away (a byte came) costs nothing: the wheel
 * looks at the connection when its turn comes and puts it on again. */
#include "sense/gateway/gateway_internal.h"

#define FAR_US ((int64_t)(GW_WHEEL - 2) * GW_TICK_US)

static int64_t sooner(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* When the next limit of this connection falls due if nothing more happens. */
static int64_t due(const struct loop *l, const struct conn *c)
{
	const struct ss_gateway_settings *s = &l->g->set;
	int64_t t = INT64_MAX;

	/* What we hold up ourselves is not the peer's silence. */
	if (s->idle_us > 0 && !c->pause && !l->blocked_serial)
		t = sooner(t, c->last_us + (c->superseded ? s->idle_us / 10 : s->idle_us));
	if (s->first_frame_us > 0) {
		if (!c->greeted)
			t = sooner(t, c->opened_us + s->first_frame_us);
		if (c->partial_us && !c->pause)
			t = sooner(t, c->partial_us + s->first_frame_us);
		if (c->out)
			t = sooner(t, c->out_us + s->first_frame_us);
	}
	return t;
}

static void place(struct loop *l, struct conn *c)
{
	c->wheel_us = sooner(due(l, c), l->now + FAR_US);
	if (c->wheel_us < l->now + GW_TICK_US)
		c->wheel_us = l->now + GW_TICK_US;
	link_add(&l->wheel[c->wheel_us / GW_TICK_US % GW_WHEEL], &c->wheel);
}

void timer_add(struct loop *l, struct conn *c)
{
	place(l, c);
}

/* A limit has come nearer than when the connection was put on the wheel. */
void timer_sooner(struct loop *l, struct conn *c)
{
	if (due(l, c) >= c->wheel_us)
		return;
	link_drop(&c->wheel);
	place(l, c);
}

static void look(struct loop *l, struct conn *c)
{
	if (due(l, c) > l->now || l->blocked_serial) {
		place(l, c);
		return;
	}
	if (c->superseded)
		count_add(l, half_open, 1);
	else
		count_add(l, idle_closed, 1);
	conn_close(l, c);
}

/* Until the journal takes no more: a second one that is blocked would push the first from its
 * place, and nobody would try that one's frame again. */
static void resume_due(struct loop *l)
{
	for (struct link *k = l->paused.next, *next; k != &l->paused && !l->blocked_serial;
	     k = next) {
		struct conn *c = link_of(struct conn, paused, k);

		next = k->next;
		if ((c->pause & PAUSE_RATE) && c->pause_until <= l->now)
			conn_resume(l, c, PAUSE_RATE);
		else if ((c->pause & PAUSE_HISTORY) && history_resumes(l, c))
			conn_resume(l, c, PAUSE_HISTORY);
	}
}

void timers_run(struct loop *l)
{
	int64_t tick = l->now / GW_TICK_US;

	resume_due(l);
	if (tick - l->wheel_tick > GW_WHEEL)
		l->wheel_tick = tick - GW_WHEEL;
	while (l->wheel_tick < tick) {
		struct link due_now, *head = &l->wheel[++l->wheel_tick % GW_WHEEL];

		/* Taken off as a whole: what is put on again must not be looked at twice. */
		link_init(&due_now);
		while (link_in(head)) {
			struct link *k = head->next;

			link_drop(k);
			link_add(&due_now, k);
		}
		while (link_in(&due_now)) {
			struct link *k = due_now.next;

			link_drop(k);
			look(l, link_of(struct conn, wheel, k));
		}
	}
}
