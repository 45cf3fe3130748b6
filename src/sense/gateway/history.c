/* History lets live data go first. What a device had kept (marked as backfill, or with a data time
 * long past) goes into the same journal, and the line takes the journal in its order; so history is
 * not read from the socket while too much waits there, nor faster than its rate while live data
 * come: what is derived of it costs more than the reading. TCP tells the device. Nothing is lost
 * and nothing overtakes: the frame waits unanswered, in the connection's own order. A connection
 * that waits is still given one frame every GW_HISTORY_US, so that no device runs into its
 * time-outs however far behind the line is (a rebuild, a flood). The data time of an encrypted
 * frame cannot be read here: of those only marked ones wait. */
#include "sense/gateway/gateway_internal.h"

#define GW_HISTORY_US (2 * SS_US_PER_SEC)
#define GW_LIVE_US SS_US_PER_SEC /* live data have come within: history keeps to its rate */
#define GW_HISTORY_BURST_US 20000

enum age { AGE_LIVE, AGE_HOUR, AGE_DAY };

/* Beyond what a report is later than the start of its own period. */
static const int64_t age_us[] = {
    [AGE_LIVE] = 30 * SS_US_PER_MIN,
    [AGE_HOUR] = 3 * SS_US_PER_HOUR,
    [AGE_DAY] = 2 * SS_US_PER_DAY,
};

static enum age age_of(int cn)
{
	return cn == 2061 ? AGE_HOUR : cn == 2031 ? AGE_DAY : AGE_LIVE;
}

static const char *older_than(struct loop *l, enum age a)
{
	int64_t off = l->wall - l->old_wall;

	if (off < 0 || off >= SS_US_PER_SEC) {
		for (size_t i = 0; i < SS_ARRAY_LEN(age_us); i++)
			ss_time_fmt_compact(l->old_than[i], l->wall - age_us[i], 14);
		l->old_wall = l->wall;
	}
	return l->old_than[a];
}

static bool is_history(struct loop *l, const struct ss_hj212_head *h)
{
	static const char name[] = "DataTime=";
	int64_t at;

	if (h->rf)
		return true;
	at = ss_str_find(h->cp, SS_STR(name));
	if (at < 0 || h->cp.n < (size_t)at + sizeof(name) - 1 + 14)
		return false;
	return memcmp(h->cp.p + at + sizeof(name) - 1, older_than(l, age_of(h->cn_num)), 14) < 0;
}

/* This loop's share of the time between two frames of history. */
static int64_t step_us(const struct loop *l)
{
	return SS_US_PER_SEC * l->g->loop_count / l->g->set.history_rate;
}

/* What the rate leaves, in frames; INT64_MAX while there is nothing live to be held up. */
static int64_t paced(struct loop *l)
{
	int64_t live = atomic_load_explicit(&l->g->live_us, memory_order_relaxed);

	if (l->g->set.history_rate <= 0 || live == 0 || l->now - live > GW_LIVE_US)
		return INT64_MAX;
	if (l->history_tat < l->now - GW_HISTORY_BURST_US)
		l->history_tat = l->now - GW_HISTORY_BURST_US;
	return l->history_tat > l->now ? 0 : (l->now - l->history_tat) / step_us(l);
}

/* How many more this loop may put, of its share. */
static int64_t room(struct loop *l)
{
	const struct ss_gateway_settings *s = &l->g->set;
	uint64_t taken, entries;
	int64_t behind, most;

	if (l->history_asked == l->now)
		return l->history_room;
	taken = s->taken(s->taken_arg);
	entries = ss_journal_entries(l->g->journal);
	behind = (int64_t)(l->put_ticket - ss_lane_durable(l->lane));
	behind += entries > taken ? (int64_t)(entries - taken) : 0;
	l->history_room = (s->history_ahead - behind + l->g->loop_count - 1) / l->g->loop_count;
	most = paced(l);
	l->history_room = l->history_room > most ? most : l->history_room;
	l->history_asked = l->now;
	return l->history_room;
}

static bool unlimited(const struct loop *l)
{
	return l->g->set.history_ahead <= 0 || !l->g->set.taken;
}

static void note_live(struct loop *l)
{
	if (atomic_load_explicit(&l->g->live_us, memory_order_relaxed) < l->now - GW_TICK_US)
		atomic_store_explicit(&l->g->live_us, l->now, memory_order_relaxed);
}

bool history_waits(struct loop *l, struct conn *c, const struct ss_hj212_head *h)
{
	if (unlimited(l))
		return false;
	if (!is_history(l, h)) {
		note_live(l);
		return false;
	}
	if (room(l) > 0 || (c->history_until && c->history_until <= l->now)) {
		l->history_room--;
		if (l->g->set.history_rate > 0)
			l->history_tat += step_us(l);
		c->history_until = 0;
		return false;
	}
	if (!c->history_until) {
		c->history_until = l->now + GW_HISTORY_US;
		count_add(l, history_waits, 1);
	}
	conn_pause(l, c, PAUSE_HISTORY);
	return true;
}

bool history_resumes(struct loop *l, const struct conn *c)
{
	return room(l) > 0 || c->history_until <= l->now;
}
