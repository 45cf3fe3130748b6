/* What the recorded frames of a device say. */
#include <stdlib.h>

#include "base/list.h"
#include "base/map.h"
#include "sense/conform/conform_internal.h"
#include "sense/dialogue/dialogue.h"

#define ENTRIES_MOST 2000000
#define RECORDS_MOST 100000 /* of one kind */
#define LATE_LIVE 3         /* intervals after which a live record is late */
#define DRIFT_LIMIT_S 60

struct times {
	int64_t *t;
	size_t n, cap;
};

struct records {
	struct ss_map *said; /* QN/CN/DataTime/PNO of what was taken, to its seq */
	struct times live, minute, hour;
	struct ss_clock clock;
	struct ss_clock_hour last_clock;
	bool clock_known;
	uint64_t clock_seq;
	uint64_t live_seq, minute_seq;
};

static void times_add(struct times *t, int64_t v)
{
	if (t->n < RECORDS_MOST && ss_grow(&t->t, &t->cap, t->n + 1, sizeof(*t->t)) == 0)
		t->t[t->n++] = v;
}

void frames_free(struct check *k)
{
	if (k->records) {
		ss_map_free(k->records->said);
		free(k->records->live.t);
		free(k->records->minute.t);
		free(k->records->hour.t);
	}
	free(k->records);
	k->records = NULL;
}

/* --- one frame against the clauses of form
 * ------------------------------------------------------------- */

static const struct {
	enum ss_clause clause;
	uint32_t faults;
} of_faults[] = {
    {SS_CLAUSE_LENGTH, SS_HJ212_F_LENGTH | SS_HJ212_F_LENGTH_FORM},
    {SS_CLAUSE_CRC, SS_HJ212_F_CRC | SS_HJ212_F_CRC_MODBUS | SS_HJ212_F_CRC_MODBUS_SWAPPED |
			SS_HJ212_F_CRC_OTHER | SS_HJ212_F_CRC_IMPOSSIBLE | SS_HJ212_F_CRC_CASE},
    {SS_CLAUSE_SEGMENT, SS_HJ212_F_SEGMENT_LONG},
    {SS_CLAUSE_QN, SS_HJ212_F_QN},
    {SS_CLAUSE_CN, SS_HJ212_F_CN},
    {SS_CLAUSE_MN, SS_HJ212_F_MN | SS_HJ212_F_MN_FORM},
    {SS_CLAUSE_FLAG, SS_HJ212_F_FLAG},
    {SS_CLAUSE_PACKET, SS_HJ212_F_PACKET},
    {SS_CLAUSE_HEAD,
     SS_HJ212_F_SEPARATOR | SS_HJ212_F_HEAD_TWICE | SS_HJ212_F_HEAD_UNKNOWN | SS_HJ212_F_HEAD_CASE},
    {SS_CLAUSE_AREA, SS_HJ212_F_CP | SS_HJ212_F_ITEM | SS_HJ212_F_TEXT_OPEN | SS_HJ212_F_CLASS},
};
static const struct {
	enum ss_clause clause;
	uint32_t faults;
} of_data_faults[] = {
    {SS_CLAUSE_TIME, SS_HJ212_F_TIME_MISSING | SS_HJ212_F_TIME | SS_HJ212_F_TIME_LONG},
    {SS_CLAUSE_VALUE, SS_HJ212_F_VALUE | SS_HJ212_F_CODE_TWICE},
    {SS_CLAUSE_MARK, SS_HJ212_F_MARK | SS_HJ212_F_MARK_STRAY},
};

static void by_faults(struct check *k, enum ss_clause c, uint32_t mine, uint32_t faults,
		      uint64_t seq)
{
	uint32_t hit = mine & faults, one = hit & (~hit + 1);

	if (!hit)
		clause_kept(k, c, seq);
	else
		clause_broken(k, c, seq, ss_hj212_fault_zh(one), "%s", ss_hj212_fault_en(one));
}

static bool known_st(struct ss_str st)
{
	static const char list[] =
	    " 21 22 23 24 25 26 27 31 32 33 34 35 36 37 38 39 41 44 45 51 52 91 ";
	char want[8];

	if (st.n != 2)
		return false;
	snprintf(want, sizeof(want), " " SS_STR_FMT " ", SS_STR_ARG(st));
	return strstr(list, want) != NULL;
}

/* 0, 1, 2: the version bits of Flag (2017 6.3.2; 2025 and the surface-water profile share 2). */
static int version_bits(enum ss_hj212_edition e)
{
	return e == SS_HJ212_2005 ? 0 : e == SS_HJ212_2017 ? 1 : 2;
}

static void head_check(struct check *k, const struct ss_hj212_head *h, uint64_t seq)
{
	int bits = h->flag < 0 ? 0 : h->flag >> 2;

	if (known_st(h->st))
		clause_kept(k, SS_CLAUSE_ST, seq);
	else
		clause_broken(k, SS_CLAUSE_ST, seq, "ST 不在标准之内", "ST is not the standard's");
	if (h->pw.n == 6 && (!k->device.pw[0] || ss_str_is(h->pw, k->device.pw)))
		clause_kept(k, SS_CLAUSE_PW, seq);
	else
		clause_broken(k, SS_CLAUSE_PW, seq, "PW 不是登记的六位密码",
			      "PW is not the registered one of six characters");
	if (bits != version_bits(k->r.edition))
		clause_broken(k, SS_CLAUSE_FLAG, seq, "Flag 的版本位与登记的版本不符",
			      "Flag says version %d, the register %d", bits,
			      version_bits(k->r.edition));
}

static void size_check(struct check *k, const struct ss_hj212_head *h, uint64_t seq)
{
	size_t most = k->r.edition == SS_HJ212_2005 ? 960 : 950;

	if (h->cp.n > most)
		clause_broken(k, SS_CLAUSE_SEGMENT, seq, "数据区超过规定的字节数",
			      "data area of %zu bytes, at most %zu", h->cp.n, most);
}

static void ignore(void *arg, const struct ss_hj212_data *d, const struct ss_hj212_value *v)
{
	(void)arg, (void)d, (void)v;
}

/* --- data: periods, intervals, order
 * ---------------------------------------------------------------------- */

static int64_t span_of(enum ss_hj212_period p)
{
	static const int64_t span[] = {0, SS_US_PER_MIN, SS_US_PER_HOUR, SS_US_PER_DAY};

	return span[p];
}

static void period_check(struct check *k, const struct ss_hj212_data *d, uint64_t seq)
{
	int64_t minute = frames_minute_interval(k), span = span_of(d->period);

	if (d->period == SS_HJ212_MINUTE && minute)
		span = minute;
	if ((d->time_us + SS_UTC8_US) % span == 0)
		clause_kept(k, SS_CLAUSE_PERIOD, seq);
	else
		clause_broken(k, SS_CLAUSE_PERIOD, seq, "DataTime 不在时段开始",
			      "DataTime is not the start of its period");
}

/* Late: long after its time though not marked as backfill, by the device's own clock (QN). */
static void live_check(struct check *k, const struct ss_hj212_head *h,
		       const struct ss_hj212_data *d, uint64_t seq)
{
	int64_t interval =
	    k->device.interval_s > 0 ? k->device.interval_s * SS_US_PER_SEC : SS_US_PER_MIN;
	int64_t said;

	if (h->rf)
		return;
	times_add(&k->records->live, d->time_us);
	k->records->live_seq = seq;
	if (h->qn.n != 17 || ss_time_parse_compact(h->qn, &said) < 0)
		return;
	if (said - d->time_us <= LATE_LIVE * interval)
		clause_kept(k, SS_CLAUSE_ORDER, seq);
	else
		clause_broken(k, SS_CLAUSE_ORDER, seq, "实时数据迟到",
			      "live data %lld s old when it left",
			      (long long)((said - d->time_us) / SS_US_PER_SEC));
}

/* 2025: data whose period ended long before it left is backfill, and must say so. */
static void backfill_check(struct check *k, const struct ss_hj212_head *h,
			   const struct ss_hj212_data *d, uint64_t seq)
{
	int64_t said, span = span_of(d->period);

	if (d->period == SS_HJ212_MINUTE)
		span = 30 * SS_US_PER_MIN;
	if (h->qn.n != 17 || ss_time_parse_compact(h->qn, &said) < 0 ||
	    said - d->time_us < 2 * span + SS_US_PER_HOUR)
		return;
	if (h->rf)
		clause_kept(k, SS_CLAUSE_BACKFILL, seq);
	else
		clause_broken(k, SS_CLAUSE_BACKFILL, seq, "补报数据没有 RF=1",
			      "backfill without RF=1");
}

static void data_check(struct check *k, const struct ss_hj212_head *h, uint64_t seq)
{
	struct ss_hj212_data d = {.time_us = SS_TIME_NONE};
	int n = ss_hj212_observe(h, &d, ignore, NULL);

	if (n <= 0 && !(d.faults & SS_HJ212_F_TIME_MISSING))
		return;
	for (size_t i = 0; i < SS_ARRAY_LEN(of_data_faults); i++)
		by_faults(k, of_data_faults[i].clause, of_data_faults[i].faults, d.faults, seq);
	if (d.time_us == SS_TIME_NONE)
		return;
	if (d.period == SS_HJ212_RTD) {
		live_check(k, h, &d, seq);
		return;
	}
	period_check(k, &d, seq);
	backfill_check(k, h, &d, seq);
	if (d.period == SS_HJ212_DAY)
		return;
	times_add(d.period == SS_HJ212_MINUTE ? &k->records->minute : &k->records->hour, d.time_us);
	k->records->minute_seq = seq;
}

/* --- repeats and the clock
 * ------------------------------------------------------------------------------------ */

/* The same bytes under the same QN once more, though it asked for an answer and got it. */
static void repeat_check(struct check *k, const struct ss_hj212_head *h, struct ss_str raw,
			 uint64_t seq)
{
	char key[40];
	int n = snprintf(key, sizeof(key), "%016llx", (unsigned long long)ss_str_hash(raw));
	uint64_t before;

	if (!ss_hj212_wants_answer(h))
		return;
	if (ss_map_get(k->records->said, ss_str_n(key, (size_t)n), &before)) {
		clause_broken(k, SS_CLAUSE_REPEAT, seq, "已得到应答的一帧又发了一次",
			      "sent again, entry %llu was answered", (unsigned long long)before);
		return;
	}
	ss_map_put(k->records->said, ss_str_n(key, (size_t)n), seq);
	clause_kept(k, SS_CLAUSE_REPEAT, seq);
}

static void clock_take(struct check *k, const struct ss_hj212_head *h, const struct ss_entry *e)
{
	struct ss_clock_hour hour;
	int64_t said;

	if (h->rf || h->qn.n != 17 || ss_hj212_is_answer(h->cn_num) ||
	    ss_time_parse_compact(h->qn, &said) < 0)
		return;
	if (ss_clock_take(&k->records->clock, said, e->arrived_us, &hour)) {
		k->records->last_clock = hour;
		k->records->clock_known = true;
	}
	k->records->clock_seq = e->seq;
}

static void clock_check(struct check *k)
{
	struct records *w = k->records;
	struct ss_clock_hour hour;

	if (ss_clock_now(&w->clock, &hour)) {
		w->last_clock = hour;
		w->clock_known = true;
	}
	if (!w->clock_known)
		return;
	if (w->last_clock.drift_s <= DRIFT_LIMIT_S && w->last_clock.drift_s >= -DRIFT_LIMIT_S)
		clause_kept(k, SS_CLAUSE_CLOCK, w->clock_seq);
	else
		clause_broken(k, SS_CLAUSE_CLOCK, w->clock_seq, "时钟偏差超过 60 秒",
			      "the clock is off by %.0f s", w->last_clock.drift_s);
}

/* --- intervals and holes
 * ---------------------------------------------------------------------------------------- */

/* Sorted and each once. */
static void tidy(struct times *t)
{
	size_t n = 0;

	ss_sort(t->t, t->n, sizeof(*t->t), ss_sort_i64);
	for (size_t i = 0; i < t->n; i++)
		if (n == 0 || t->t[n - 1] != t->t[i])
			t->t[n++] = t->t[i];
	t->n = n;
}

/* The commonest distance; 0 when fewer than three agree. */
static int64_t commonest(const struct times *t)
{
	int64_t best = 0;
	int most = 2;

	for (size_t i = 1; i < t->n && i < 400; i++) {
		int64_t step = t->t[i] - t->t[i - 1];
		int n = 0;

		for (size_t j = 1; j < t->n && j < 400; j++)
			n += t->t[j] - t->t[j - 1] == step;
		if (n > most) {
			most = n;
			best = step;
		}
	}
	return best;
}

int64_t frames_minute_interval(const struct check *k)
{
	const struct times *t = &k->records->minute;
	struct times last = {t->t + (t->n > 100 ? t->n - 100 : 0), t->n > 100 ? 100 : t->n, 0};
	int64_t us = commonest(&last);

	return us > 0 && us <= 30 * SS_US_PER_MIN ? us : 0;
}

static void interval_check(struct check *k)
{
	int64_t us = commonest(&k->records->live), want = k->device.interval_s * SS_US_PER_SEC;

	if (!us || !want)
		return;
	if (us == want)
		clause_kept(k, SS_CLAUSE_INTERVAL, k->records->live_seq);
	else
		clause_broken(k, SS_CLAUSE_INTERVAL, k->records->live_seq,
			      "实时数据间隔与登记的不一致", "every %lld s, registered %lld s",
			      (long long)(us / SS_US_PER_SEC), (long long)(want / SS_US_PER_SEC));
}

static void holes_check(struct check *k, const struct times *t, int64_t step)
{
	for (size_t i = 1; step && i < t->n; i++) {
		if (t->t[i] - t->t[i - 1] <= step)
			clause_kept(k, SS_CLAUSE_COMPLETE, k->records->minute_seq);
		else
			clause_broken(k, SS_CLAUSE_COMPLETE, k->records->minute_seq,
				      "分钟或小时数据有缺", "%lld records are missing",
				      (long long)((t->t[i] - t->t[i - 1]) / step - 1));
	}
}

/* --- reading the journal
 * ------------------------------------------------------------------------------------------- */

/* The key fits (the first group reads as text), only the CRC does not. */
static bool opens_without_crc(struct check *k, struct ss_hj212_frame *f, struct ss_hj212_head *h)
{
	struct ss_hj212_policy p = {.segment_cap = SS_HJ212_SEGMENT_MAX};
	struct ss_str segment;

	for (int i = -1; i < k->device.sm4_old_n; i++) {
		p.sm4_key = i < 0 ? k->device.sm4_key : k->device.sm4_old[i].key;
		f->encrypted = true;
		if (ss_hj212_plain(&k->arena, f, &p, &segment) == 0 &&
		    ss_hj212_head(segment, h) == 0)
			return true;
	}
	f->encrypted = false;
	return false;
}

/* The frame with its data in the clear; *ret_how: 0 plain, 1 by a key of its own, -1 cannot be
 * read. */
static bool open_frame(struct check *k, struct ss_str body, struct ss_hj212_frame *f,
		       struct ss_hj212_head *h, int *ret_how)
{
	struct ss_hj212_policy p = {.segment_cap = SS_HJ212_SEGMENT_MAX};
	struct ss_str segment;
	size_t used;

	*ret_how = 0;
	for (int i = -1; k->device.has_sm4_key && i < k->device.sm4_old_n; i++) {
		p.sm4_key = i < 0 ? k->device.sm4_key : k->device.sm4_old[i].key;
		if (ss_hj212_cut(body.p, body.n, true, &p, f, &used) == 1 && f->encrypted &&
		    ss_hj212_plain(&k->arena, f, &p, &segment) == 0 &&
		    ss_hj212_head(segment, h) == 0) {
			*ret_how = 1;
			return true;
		}
	}
	p.sm4_key = NULL;
	if (ss_hj212_cut(body.p, body.n, true, &p, f, &used) != 1)
		return false;
	ss_hj212_head(f->segment, h);
	if (k->device.has_sm4_key && !f->crc_ok)
		*ret_how = opens_without_crc(k, f, h) ? 1 : -1;
	return true;
}

static void encrypt_check(struct check *k, const struct ss_hj212_head *h, int how, uint64_t seq)
{
	if (!k->device.has_sm4_key || h->cn_num < 2000 || h->cn_num > 2999)
		return;
	if (how > 0)
		clause_kept(k, SS_CLAUSE_ENCRYPT, seq);
	else if (how == 0)
		clause_broken(k, SS_CLAUSE_ENCRYPT, seq, "数据区没有加密",
			      "the data area is plain");
	else
		clause_broken(k, SS_CLAUSE_ENCRYPT, seq, "用登记的密钥解不开",
			      "it cannot be read by the registered key");
}

static void frame_check(struct check *k, const struct ss_entry *e)
{
	struct ss_hj212_frame f;
	struct ss_hj212_head h = {0};
	uint32_t faults;
	int how;

	ss_arena_reset(&k->arena);
	if (!open_frame(k, e->body, &f, &h, &how) || !ss_str_is(h.mn, k->r.mn))
		return;
	k->r.frames++;
	encrypt_check(k, &h, how, e->seq);
	if (how < 0)
		return; /* by a wrong key nothing more can be said */
	faults = f.faults | h.faults;
	for (size_t i = 0; i < SS_ARRAY_LEN(of_faults); i++)
		by_faults(k, of_faults[i].clause, of_faults[i].faults, faults, e->seq);
	if (f.verdict != SS_HJ212_ACCEPT)
		return;
	size_check(k, &h, e->seq);
	if (ss_hj212_is_answer(h.cn_num))
		return;
	head_check(k, &h, e->seq);
	repeat_check(k, &h, f.raw, e->seq);
	clock_take(k, &h, e);
	data_check(k, &h, e->seq);
}

static int read_frames(struct check *k, struct ss_error *err)
{
	struct ss_journal *j = k->c->parts.journal;
	struct ss_journal_stat st;
	struct ss_reader *rd;
	struct ss_entry e;
	uint64_t from = ss_journal_seek_time(j, k->r.from_us);
	int r;

	ss_journal_stat(j, &st);
	if (st.entries > ENTRIES_MOST && from < st.entries - ENTRIES_MOST)
		from = st.entries - ENTRIES_MOST;
	r = ss_reader_open(j, from, &rd, err);
	if (r < 0)
		return r;
	/* A damaged group is passed over; the line and verify report it. */
	while (((r = ss_reader_next(rd, &e, NULL)) == 1 || r == SS_ECORRUPT) &&
	       !atomic_load(&k->c->stopping)) {
		if (r != 1)
			continue;
		if (e.seq > st.entries)
			break;
		k->r.looked++;
		if ((e.kind == SS_ENTRY_HJ212 || e.kind == SS_ENTRY_HJ212_BAD) &&
		    ss_str_find(e.body, ss_str_of(k->r.mn)) >= 0)
			frame_check(k, &e);
	}
	ss_reader_close(rd);
	return r < 0 && r != SS_ECORRUPT ? r : 0;
}

int frames_check(struct check *k, struct ss_error *err)
{
	int r;

	k->records = calloc(1, sizeof(*k->records));
	if (!k->records)
		return SS_ENOMEM;
	k->records->said = ss_map_new();
	if (!k->records->said)
		return SS_ENOMEM;
	ss_clock_init(&k->records->clock);
	ss_arena_init(&k->arena, 1 << 20);
	r = read_frames(k, err);
	ss_arena_done(&k->arena);
	if (r < 0)
		return r;
	tidy(&k->records->live);
	tidy(&k->records->minute);
	tidy(&k->records->hour);
	interval_check(k);
	holes_check(k, &k->records->minute, frames_minute_interval(k));
	holes_check(k, &k->records->hour, SS_US_PER_HOUR);
	clock_check(k);
	return 0;
}
