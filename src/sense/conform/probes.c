/* What a device answers when it is asked: only questions that change nothing. */
#include <stdio.h>

#include "sense/conform/conform_internal.h"
#include "sense/dialogue/dialogue.h"

#define CLOCK_LIMIT_S 60
#define WAIT_US (150 * SS_US_PER_SEC) /* above all of the gateway's own time-outs */

struct answer {
	struct ss_arena a;
	struct ss_command_row row;
	bool any; /* 9011 came */
};

static bool stop(void *arg)
{
	return atomic_load(&((struct check *)arg)->c->stopping);
}

/* Asks and judges the exchange itself; false: there is nothing to judge the content by. */
static bool ask(struct check *k, int cn, const char *cp, bool extension, struct answer *w)
{
	struct ss_dialogue *d = k->c->parts.dialogue;
	struct ss_order o = {.mn = ss_str_of(k->r.mn),
			     .cn = cn,
			     .cp = ss_str_of(cp),
			     .by = ss_str_of(k->by),
			     .reason = SS_STR("一致性检查"),
			     .origin = SS_ORIGIN_CONFORMANCE,
			     .extension = extension};
	int64_t id;

	w->any = false;
	if (atomic_load(&k->c->stopping) || ss_dialogue_send(d, &o, &id, NULL) < 0)
		return false;
	k->r.asked = true;
	ss_dialogue_wait(d, id, ss_time_mono() + WAIT_US, stop, k);
	if (ss_dialogue_command(d, id, &w->a, &w->row, NULL) < 0)
		return false;
	w->any = w->row.qn_rtn > 0;
	return w->row.state > SS_COMMAND_SENT && w->row.sent > 0 && w->row.code != SS_EGONE;
}

static void note_command(struct check *k, enum ss_clause c, int64_t id)
{
	k->r.row[c].command = id;
}

static void broken(struct check *k, enum ss_clause c, const struct answer *w)
{
	struct ss_arena a;
	const char *says, *en;
	char zh[200];

	ss_arena_init(&a, 4096);
	says = ss_command_row_says(&w->row, &a);
	en = strstr(says, "；");
	ss_str_copy(zh, sizeof(zh), ss_str_n(says, en ? (size_t)(en - says) : strlen(says)));
	clause_broken(k, c, 0, zh, "%s", en ? en + strlen("；") : says);
	note_command(k, c, w->row.id);
	ss_arena_done(&a);
}

static void kept(struct check *k, enum ss_clause c, const struct answer *w)
{
	clause_kept(k, c, 0);
	if (k->r.row[c].verdict == SS_CLAUSE_PASS)
		note_command(k, c, w->row.id);
}

/* 9011 in time and once asked; 9012 after it. */
static void judge_exchange(struct check *k, const struct answer *w)
{
	if (w->any && w->row.sent == 1)
		kept(k, SS_CLAUSE_ANSWER, w);
	else
		broken(k, SS_CLAUSE_ANSWER, w);
	if (w->row.qn_rtn != 1)
		return;
	if (w->row.exe_rtn > 0)
		kept(k, SS_CLAUSE_RESULT, w);
	else
		broken(k, SS_CLAUSE_RESULT, w);
}

static struct ss_str first_value(const struct answer *w, const char *name)
{
	struct ss_str rest = w->row.data, line, v = {0};

	while (!v.n && ss_str_split(&rest, '\n', &line))
		v = ss_hj212_pair_value(line, name);
	return v;
}

static bool within(struct ss_str v, int64_t least, int64_t most)
{
	int64_t n;

	return ss_parse_i64(v, &n) == 0 && n >= least && n <= most;
}

/* --- the questions
 * ------------------------------------------------------------------------------------------ */

static bool clock_is_told(const struct answer *w)
{
	int64_t t;

	return ss_time_parse_compact(first_value(w, "SystemTime"), &t) == 0;
}

static bool live_interval_is_told(const struct answer *w)
{
	return within(first_value(w, "RtdInterval"), 30, 3600);
}

static bool minute_interval_is_told(const struct answer *w)
{
	struct ss_str v = first_value(w, "MinInterval");
	int64_t n;

	return ss_parse_i64(v, &n) == 0 && n >= 1 && n <= 30 && 60 % n == 0;
}

static bool serial_is_told(const struct answer *w)
{
	return ss_str_find(w->row.data, SS_STR("-SN=")) > 0;
}

static bool info_is_told(const struct answer *w)
{
	return ss_str_find(w->row.data, SS_STR("-Info=")) > 0;
}

static const struct {
	enum ss_clause clause;
	int cn;
	const char *cp;
	bool (*told)(const struct answer *w);
} questions[] = {
    {SS_CLAUSE_GET_CLOCK, 1011, "", clock_is_told},
    {SS_CLAUSE_GET_LIVE, 1061, "", live_interval_is_told},
    {SS_CLAUSE_GET_MINUTE, 1063, "", minute_interval_is_told},
    {SS_CLAUSE_INSTRUMENT, 3019, "PolId=w01018", serial_is_told},
    {SS_CLAUSE_INFO, 3020, "PolId=w01018;InfoId=i12001", info_is_told},
};

static bool said_no(const struct answer *w)
{
	return w->row.qn_rtn != 1 || w->row.exe_rtn != 1;
}

/* Its clock as it says itself, beside what its frames show. */
static void judge_clock(struct check *k, const struct answer *w)
{
	int64_t t, off;

	if (ss_time_parse_compact(first_value(w, "SystemTime"), &t) < 0)
		return;
	off = (t - w->row.done_us) / SS_US_PER_SEC;
	if (off <= CLOCK_LIMIT_S && off >= -CLOCK_LIMIT_S)
		kept(k, SS_CLAUSE_CLOCK, w);
	else
		clause_broken(k, SS_CLAUSE_CLOCK, 0, "时钟偏差超过 60 秒",
			      "the clock is off by %lld s", (long long)off);
}

static void judge_told(struct check *k, size_t i, const struct answer *w)
{
	enum ss_clause c = questions[i].clause;

	if (said_no(w)) {
		broken(k, c, w);
	} else if (!questions[i].told(w)) {
		clause_broken(k, c, 0, "答复里没有所要的内容，或超出范围",
			      "the answer lacks what was asked, or it is out of range");
		note_command(k, c, w->row.id);
	} else {
		kept(k, c, w);
	}
	if (c == SS_CLAUSE_GET_CLOCK)
		judge_clock(k, w);
}

/* --- history
 * -------------------------------------------------------------------------------------------------
 */

struct span {
	enum ss_clause clause;
	int cn, records;
	int64_t step;
};

static void count_records(const struct answer *w, const struct span *s, int64_t from, int64_t to,
			  int *ret_in, int *ret_out)
{
	struct ss_str rest = w->row.data, line;
	int64_t t, last = SS_TIME_NONE;

	*ret_in = *ret_out = 0;
	while (ss_str_split(&rest, '\n', &line)) {
		if (ss_time_parse_compact(ss_hj212_pair_value(line, "DataTime"), &t) < 0)
			continue;
		if (t < from || t >= to)
			++*ret_out;
		else if (last == SS_TIME_NONE || t != last) /* a record's packets share its time */
			++*ret_in;
		last = t;
	}
	(void)s;
}

static void history(struct check *k, const struct span *s)
{
	int64_t now = ss_time_now() + SS_UTC8_US, to = now - now % s->step - SS_UTC8_US - s->step,
		from = to - s->records * s->step;
	char cp[80], a[18], b[18];
	struct answer w;
	int in, out;

	if (!clause_due(k, s->clause))
		return;
	ss_time_fmt_compact(a, from, 14);
	ss_time_fmt_compact(b, to - SS_US_PER_SEC, 14);
	snprintf(cp, sizeof(cp), "BeginTime=%s,EndTime=%s", a, b);
	ss_arena_init(&w.a, 1 << 20);
	if (ask(k, s->cn, cp, false, &w)) {
		judge_exchange(k, &w);
		count_records(&w, s, from, to, &in, &out);
		if (said_no(&w)) {
			broken(k, s->clause, &w);
		} else if (in < s->records || out) {
			clause_broken(k, s->clause, 0, "给出的记录不全，或时间在范围之外",
				      "%d of %d records, %d outside the span", in, s->records, out);
			note_command(k, s->clause, w.row.id);
		} else {
			kept(k, s->clause, &w);
		}
	}
	ss_arena_done(&w.a);
}

/* --- all of them
 * ------------------------------------------------------------------------------------------------
 */

/* An answer came, or the question could not be put; false: the device is mute, no use in going on.
 */
static bool question(struct check *k, size_t i)
{
	struct answer w;
	bool mute = false;

	if (!clause_due(k, questions[i].clause))
		return true;
	ss_arena_init(&w.a, 1 << 20);
	if (ask(k, questions[i].cn, questions[i].cp, false, &w)) {
		judge_exchange(k, &w);
		if (w.any)
			judge_told(k, i, &w);
		mute = !w.any;
	}
	ss_arena_done(&w.a);
	report_out(k);
	return !mute;
}

static void unknown_command(struct check *k)
{
	struct answer w;

	if (!clause_due(k, SS_CLAUSE_UNKNOWN))
		return;
	ss_arena_init(&w.a, 1 << 16);
	if (ask(k, 3999, "", true, &w)) {
		if (w.row.qn_rtn == 8)
			kept(k, SS_CLAUSE_UNKNOWN, &w);
		else
			broken(k, SS_CLAUSE_UNKNOWN, &w);
	}
	ss_arena_done(&w.a);
}

/* Records that the device must still have: an hour of minutes, six hours, two days. */
void probes_run(struct check *k)
{
	int64_t minute = frames_minute_interval(k);
	const struct span spans[] = {
	    {SS_CLAUSE_HISTORY_MINUTE, 2051, 6, minute ? minute : 10 * SS_US_PER_MIN},
	    {SS_CLAUSE_HISTORY_HOUR, 2061, 6, SS_US_PER_HOUR},
	    {SS_CLAUSE_HISTORY_DAY, 2031, 2, SS_US_PER_DAY},
	};

	for (size_t i = 0; i < SS_ARRAY_LEN(questions); i++)
		if (!question(k, i))
			return;
	for (size_t i = 0; i < SS_ARRAY_LEN(spans); i++) {
		history(k, &spans[i]);
		report_out(k);
		/* The profile without get-commands is first asked here. */
		if (k->r.row[SS_CLAUSE_ANSWER].verdict == SS_CLAUSE_FAIL)
			break;
	}
	unknown_command(k);
}
