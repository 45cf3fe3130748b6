/* Gaps: what a device owes by its contract and has not sent; asked for again until it is there, or
 * given up with the reason. Whether a record is there is read from the device's frame index, which
 * is made of the journal: nothing about it need be remembered here but what was asked.
 *
 * A look costs in proportion to what is new since the last one; a turn ends after TURN_US. Requests
 * go out at a rate of their own, few at once, the device that waited longest first, never while a
 * command of a person waits for it. */
#include <stdlib.h>

#include "base/log.h"
#include "record/journal/journal.h"
#include "sense/dialogue/dialogue_internal.h"

#define TURN_US 5000
#define SETTLE_US (3 * SS_US_PER_SEC) /* from 9012 until the line has surely kept what came */
#define RETRY_US (2 * SS_US_PER_MIN)  /* doubled by each request that brings nothing */
#define RETRY_MOST_US (6 * SS_US_PER_HOUR)
#define BEHIND 20000      /* entries of the journal: a few seconds of a city */
#define ASKS_PER_TURN 256 /* devices looked at for asking */

/* Longest gap of one row: one request asks for all of it. */
static const int64_t longest[] = {SS_US_PER_DAY, 7 * SS_US_PER_DAY, 31 * SS_US_PER_DAY};

static const struct {
	const char *key, *zh;
} states[] = {
#define X(name, key, zh, en) {key, zh},
    SS_GAP_STATES(X)
#undef X
};

const char *ss_gap_state_key(enum ss_gap_state s)
{
	return (unsigned)s < SS_GAP_STATE_COUNT_ ? states[s].key : "?";
}

const char *ss_gap_state_zh(enum ss_gap_state s)
{
	return (unsigned)s < SS_GAP_STATE_COUNT_ ? states[s].zh : "?";
}

void gaps_free(struct device *v)
{
	while (v->gaps) {
		struct gap *g = v->gaps;

		v->gaps = g->next;
		free(g);
	}
}

/* Local edges: hours and days of Nanjing, minutes by the hour. */
static int64_t slot_of(int64_t t_us, int64_t interval_us)
{
	return (t_us + SS_UTC8_US) / interval_us;
}

static int64_t slot_start(int64_t slot, int64_t interval_us)
{
	return slot * interval_us - SS_UTC8_US;
}

/* Which of the slots [from, to) are there: a byte each in the arena. NULL: cannot be read now. */
static char *present(struct ss_dialogue *d, const struct kind *c, int64_t interval_us, int64_t from,
		     int64_t to)
{
	struct ss_point *p;
	size_t n = 0;
	char *is;

	ss_arena_reset(&d->arena);
	is = ss_arena_array(&d->arena, (size_t)(to - from), 1);
	if (!is || c->series < 0 ||
	    ss_series_points(d->parts.series, c->series, slot_start(from, interval_us),
			     slot_start(to, interval_us), 0, &d->arena, &p, &n, NULL) < 0)
		return NULL;
	memset(is, 0, (size_t)(to - from));
	for (size_t i = 0; i < n; i++)
		is[slot_of(p[i].time_us, interval_us) - from] = 1;
	return is;
}

/* --- state
 * ---------------------------------------------------------------------------------------- */

static void set_missing(struct ss_dialogue *d, struct gap *g, int missing)
{
	if (missing == g->row.missing)
		return;
	if (g->row.state == SS_GAP_OPEN)
		count(d, records_missing, missing - g->row.missing);
	g->row.missing = missing;
	g->dirty = true;
}

/* The one place that moves a gap from state to state. */
static void set_state(struct ss_dialogue *d, struct device *v, struct gap *g, enum ss_gap_state s,
		      const char *why)
{
	int now_open = s == SS_GAP_OPEN, was_open = g->row.state == SS_GAP_OPEN && g->row.id;

	{
		SS_LOCKED(&d->lock);
		d->stat.gaps_open += now_open - was_open;
		d->stat.records_missing += (now_open - was_open) * (int64_t)g->row.missing;
		d->stat.gaps_filled += s == SS_GAP_FILLED;
		d->stat.gaps_given_up += s == SS_GAP_GIVEN_UP;
	}
	v->open += now_open - was_open;
	g->row.state = s;
	g->row.closed_us = now_open ? 0 : ss_time_now();
	if (why)
		ss_str_copy(g->row.why, sizeof(g->row.why), ss_str_of(why));
	g->dirty = true;
}

static void open_gap(struct ss_dialogue *d, struct device *v, int k, int64_t from, int64_t to)
{
	struct gap *g = calloc(1, sizeof(*g));
	int64_t interval = v->kind[k].interval_us, now = ss_time_now();

	if (!g)
		return; /* the next look finds it */
	g->row = (struct ss_gap_row){.cn = ss_contract_cn[k],
				     .from_us = slot_start(from, interval),
				     .to_us = slot_start(to, interval),
				     .interval_us = interval,
				     .expected = (int)(to - from),
				     .missing = (int)(to - from),
				     .found_us = now,
				     .next_us = now + d->set.own_us};
	memcpy(g->row.mn, v->mn, sizeof(g->row.mn));
	set_state(d, v, g, SS_GAP_OPEN, NULL);
	g->row.id = ++d->last_gap_id;
	count(d, gaps_found, 1);
	g->next = v->gaps;
	v->gaps = g;
}

/* --- looking
 * -------------------------------------------------------------------------------------- */

static const struct gap *gap_at(const struct device *v, int cn, int64_t t_us)
{
	for (const struct gap *g = v->gaps; g; g = g->next)
		if (g->row.cn == cn && t_us >= g->row.from_us && t_us < g->row.to_us)
			return g;
	return NULL;
}

/* A run of missing slots continues the newest gap while nobody has asked for that yet. */
static bool extend(struct ss_dialogue *d, struct device *v, int k, int64_t slot)
{
	int64_t interval = v->kind[k].interval_us, start = slot_start(slot, interval);

	for (struct gap *g = v->gaps; g; g = g->next) {
		if (g->row.cn != ss_contract_cn[k] || g->row.to_us != start ||
		    g->row.state != SS_GAP_OPEN || g->row.asked || g->command ||
		    g->row.interval_us != interval ||
		    start + interval - g->row.from_us > longest[k])
			continue;
		g->row.to_us = start + interval;
		g->row.expected++;
		g->row.next_us = ss_time_now() + d->set.own_us;
		set_missing(d, g, g->row.missing + 1);
		return true;
	}
	return false;
}

/* Makes gaps of the missing slots in [from, to); how far it came: a full device stops it. */
static int64_t find_missing(struct ss_dialogue *d, struct device *v, int k, const char *is,
			    int64_t from, int64_t to)
{
	int64_t interval = v->kind[k].interval_us, most = longest[k] / interval;

	for (int64_t s = from; s < to;) {
		int64_t end = s;

		if (is[s - from] || gap_at(v, ss_contract_cn[k], slot_start(s, interval)) ||
		    extend(d, v, k, s)) {
			s++;
			continue;
		}
		if (v->open >= GAPS_PER_DEVICE)
			return s;
		while (end < to && !is[end - from] && end - s < most &&
		       !gap_at(v, ss_contract_cn[k], slot_start(end, interval)))
			end++;
		open_gap(d, v, k, s, end);
		s = end;
	}
	return to;
}

/* Days and hours come a little after their end; a day's record later than an hour's. */
static int64_t due_of(const struct ss_dialogue *d, int k)
{
	return d->set.due_us * (k == 2 ? 6 : 1);
}

static void look_for_new(struct ss_dialogue *d, struct device *v, int k)
{
	struct kind *c = &v->kind[k];
	int64_t now = ss_time_now(), begin, from, to;
	char *is;

	if (!c->interval_us || c->first_us == SS_TIME_NONE)
		return;
	begin = c->looked_us != SS_TIME_NONE ? c->looked_us : now - d->set.look_back_us;
	from = slot_of(begin, c->interval_us);
	if (slot_start(from, c->interval_us) < begin)
		from++;
	if (from <= slot_of(c->first_us, c->interval_us))
		from = slot_of(c->first_us, c->interval_us) + 1;
	to = slot_of(now - due_of(d, k), c->interval_us);
	if (from >= to)
		return;
	is = present(d, c, c->interval_us, from, to);
	if (is)
		c->looked_us = slot_start(find_missing(d, v, k, is, from, to), c->interval_us);
}

static int backoff_shift(int n)
{
	return n > 10 ? 10 : n;
}

static void judge_request(struct ss_dialogue *d, struct device *v, struct gap *g, int missing)
{
	int64_t wait = RETRY_US << backoff_shift(g->row.idle);

	if (missing < g->row.missing) { /* it brought something: the rest at once */
		g->row.idle = 0;
		g->row.next_us = 0;
		return;
	}
	g->row.idle++;
	g->row.next_us = ss_time_now() + (wait < RETRY_MOST_US ? wait : RETRY_MOST_US);
	g->dirty = true;
	if (g->row.idle >= d->set.gap_tries)
		set_state(d, v, g, SS_GAP_GIVEN_UP, NULL);
}

/* Counts a gap again; asked: a request for it is just over. */
static void look_again(struct ss_dialogue *d, struct device *v, struct gap *g, bool asked)
{
	int64_t from = slot_of(g->row.from_us, g->row.interval_us),
		to = slot_of(g->row.to_us, g->row.interval_us);
	char *is = present(d, &v->kind[kind_of(g->row.cn)], g->row.interval_us, from, to);
	int missing = 0;

	if (!is)
		return;
	for (int64_t s = from; s < to; s++)
		missing += !is[s - from];
	if (asked && missing)
		judge_request(d, v, g, missing);
	if (missing != g->row.missing)
		g->row.why[0] = 0;
	set_missing(d, g, missing);
	if (!missing && g->row.state != SS_GAP_FILLED)
		set_state(d, v, g, SS_GAP_FILLED, NULL);
}

static void look_at_gaps(struct ss_dialogue *d, struct device *v)
{
	int64_t now = ss_time_now(), mono = ss_time_mono();

	for (struct gap *g = v->gaps; g; g = g->next) {
		bool asked = g->check_us && mono >= g->check_us;

		if (g->command || (g->check_us && !asked))
			continue;
		g->check_us = 0;
		look_again(d, v, g, asked);
		if (g->row.state == SS_GAP_OPEN && g->row.to_us < now - d->set.look_back_us)
			set_state(d, v, g, SS_GAP_GIVEN_UP,
				  "超过回看期限，设备一直没有补上；older than the look-back");
	}
}

/* Written, and out of memory once it is filled or too old to matter. */
static void put_away(struct ss_dialogue *d, struct device *v)
{
	int64_t oldest = ss_time_now() - d->set.look_back_us;
	struct ss_error err = {0};

	for (struct gap **at = &v->gaps; *at;) {
		struct gap *g = *at;
		bool over = g->row.state == SS_GAP_FILLED ||
			    (g->row.state == SS_GAP_GIVEN_UP && g->row.to_us < oldest);
		int r = g->dirty && !d->fault ? store_gap(d, &g->row, &err) : 0;

		if (r < 0)
			failed(d, r, &err);
		g->dirty = g->dirty && (r < 0 || d->fault);
		if (!over || g->dirty) {
			at = &g->next;
			continue;
		}
		*at = g->next;
		free(g);
	}
}

static void look_at(struct ss_dialogue *d, struct device *v)
{
	if (!v->seen)
		return;
	for (int k = 0; k < SS_CONTRACT_KINDS; k++) {
		contract_learn(d, v, k);
		look_for_new(d, v, k);
	}
	look_at_gaps(d, v);
}

/* While observations lag behind what has arrived (after a crash, in a flood of backfill) what is
 * missing cannot be told from what is not read yet. */
static bool line_is_behind(struct ss_dialogue *d)
{
	struct ss_journal_stat st;

	if (!d->parts.journal)
		return false;
	ss_journal_stat(d->parts.journal, &st);
	return st.entries > ss_series_cursor(d->parts.series) + BEHIND;
}

static void look_round(struct ss_dialogue *d, int64_t until)
{
	struct ss_error err = {0};
	size_t from = d->scan_at;
	int64_t now = ss_time_mono();
	int r;

	if (d->scan_at == 0 && now < d->scan_mono)
		return;
	if (d->scan_at == 0)
		d->scan_mono = now + d->set.scan_us;
	while (d->scan_at < d->device_n && ss_time_mono() < until)
		look_at(d, d->devices[d->scan_at++]);
	r = ss_db_begin(d->db, &err);
	for (size_t i = from; r == 0 && i < d->scan_at; i++)
		put_away(d, d->devices[i]);
	if (r == 0)
		r = ss_db_commit(d->db, &err);
	if (r < 0)
		failed(d, r, &err);
	if (d->scan_at >= d->device_n) {
		d->scan_at = 0;
		count(d, rounds, 1);
	}
}

/* --- asking
 * --------------------------------------------------------------------------------------- */

static void ask(struct ss_dialogue *d, struct device *v, struct gap *g)
{
	int64_t interval = g->row.interval_us, from = slot_of(g->row.from_us, interval),
		to = slot_of(g->row.to_us, interval);
	char *is = present(d, &v->kind[kind_of(g->row.cn)], interval, from, to);
	int64_t first = from, last = to - 1;
	char cp[80], a[18], b[18];

	if (!is)
		return;
	while (first < last && is[first - from])
		first++;
	while (last > first && is[last - from])
		last--;
	if (is[first - from])
		return; /* filled meanwhile: the next look says so */
	ss_time_fmt_compact(a, slot_start(first, interval), 14);
	ss_time_fmt_compact(b, slot_start(last + 1, interval), 14);
	snprintf(cp, sizeof(cp), "BeginTime=%s,EndTime=%s", a, b);
	g->command = queue_own(d, v->mn, g->row.cn, ss_str_of(cp), SS_ORIGIN_GAP, g->row.id);
	if (!g->command)
		return;
	v->asking = true;
	g->row.asked++;
	g->dirty = true;
	d->asking_n++;
	d->tokens -= 1;
	count(d, gaps_asked, 1);
}

static bool somebody_waits(struct ss_dialogue *d, const char *mn)
{
	SS_LOCKED(&d->lock);
	return ss_map_get(d->waiting_of, ss_str_of(mn), &(uint64_t){0});
}

/* Whoever reads the list sees why nothing is asked. */
static void say_absent(struct gap *g)
{
	if (g->row.why[0])
		return;
	ss_str_copy(g->row.why, sizeof(g->row.why),
		    ss_str_of("设备不在线，上线后补取；not connected, asked once it is back"));
	g->dirty = true;
}

/* The newest first: what is asked of yesterday matters more than of last week. */
static void ask_device(struct ss_dialogue *d, struct device *v)
{
	struct ss_gateway *gw = atomic_load(&d->gateway);
	int64_t now = ss_time_now();
	struct ss_session_info si;
	struct gap *best = NULL;

	if (!v->seen || v->asking || !v->open || somebody_waits(d, v->mn))
		return;
	for (struct gap *g = v->gaps; g; g = g->next)
		if (g->row.state == SS_GAP_OPEN && !g->command && !g->check_us &&
		    g->row.next_us <= now && (!best || g->row.from_us > best->row.from_us))
			best = g;
	if (!best)
		return;
	if (ss_gateway_session(gw, ss_str_of(v->mn), &si) < 0)
		say_absent(best);
	else
		ask(d, v, best);
}

static void ask_round(struct ss_dialogue *d)
{
	int64_t now = ss_time_mono();

	d->tokens += (double)(now - d->tokens_mono) * (double)d->set.gap_rate / 60e6;
	d->tokens_mono = now;
	if (d->tokens > (double)d->set.gap_in_flight)
		d->tokens = (double)d->set.gap_in_flight;
	if (!d->set.gaps || d->fault || !atomic_load(&d->gateway))
		return;
	for (int i = 0; i < ASKS_PER_TURN && (size_t)i < d->device_n; i++) {
		if (d->tokens < 1 || d->asking_n >= d->set.gap_in_flight)
			return;
		d->ask_at = (d->ask_at + 1) % d->device_n;
		ask_device(d, d->devices[d->ask_at]);
	}
}

void gaps_turn(struct ss_dialogue *d)
{
	if (line_is_behind(d))
		return;
	look_round(d, ss_time_mono() + TURN_US);
	ask_round(d);
}

static struct gap *gap_by_id(struct device *v, int64_t id)
{
	for (struct gap *g = v ? v->gaps : NULL; g; g = g->next)
		if (g->row.id == id)
			return g;
	return NULL;
}

/* 9011 with these is the device's word that it never will; so is 9012 with "no data", said twice.
 */
static bool is_final(const struct gap *g, const struct ss_command_row *w)
{
	return (w->code == SS_ESTATE && (w->qn_rtn == 8 || g->row.idle >= 1)) ||
	       (w->code == 0 && w->exe_rtn == 100 && g->row.idle >= 1);
}

/* A request is over: the records are counted again once the line has kept them. */
void gaps_outcome(struct ss_dialogue *d, const struct command *c)
{
	struct device *v = device_find(d, ss_str_of(c->row.mn));
	struct gap *g = gap_by_id(v, c->row.gap_id);

	if (v && v->asking) {
		v->asking = false;
		d->asking_n--;
	}
	if (!g)
		return;
	g->command = 0;
	g->dirty = true;
	ss_arena_reset(&d->arena);
	ss_str_copy(g->row.why, sizeof(g->row.why),
		    ss_str_of(ss_command_row_says(&c->row, &d->arena)));
	if (c->row.state == SS_COMMAND_EXPIRED || c->row.code == SS_EGONE ||
	    c->row.state == SS_COMMAND_INTERRUPTED) {
		g->row.next_us = ss_time_now() + RETRY_US; /* it was not asked at all, or cut off */
		return;
	}
	if (is_final(g, &c->row))
		set_state(d, v, g, SS_GAP_GIVEN_UP, NULL); /* looked at again like all of them */
	else
		g->check_us = ss_time_mono() + SETTLE_US;
}

void gaps_again(struct ss_dialogue *d, int64_t id)
{
	for (size_t i = 0; i < d->device_n; i++) {
		struct gap *g = gap_by_id(d->devices[i], id);

		if (!g || g->row.state != SS_GAP_GIVEN_UP)
			continue;
		g->row.idle = 0;
		g->row.next_us = 0;
		set_state(d, d->devices[i], g, SS_GAP_OPEN, "");
	}
}
