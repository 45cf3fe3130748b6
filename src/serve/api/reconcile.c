/* Does everything add up? Per device, local day of the data and command: how many records its
 * interval promises, how many frames came and were kept in the journal, how many records stand in
 * the series; and the city's counts against a statement of the province. First form: the journal is
 * read through on each request and the statement lives in memory. */
#include <pthread.h>
#include <stdlib.h>

#include "base/csv.h"
#include "base/list.h"
#include "base/map.h"
#include "base/thread.h"
#include "serve/api/api_internal.h"

#define DAYS_MOST 31
#define ROWS_MOST 2000000
#define STATEMENT_MOST 200000

struct row {
	char mn[65];
	int64_t day;
	int cn;
	int64_t received, refused, journaled, kept;
	int64_t expected; /* -1 = not known */
	bool registered;
};

struct books {
	struct ss_request *rq;
	struct ss_api *api;
	struct ss_map *at; /* "mn day cn" to row */
	struct row *rows;
	size_t n, cap;
	int64_t from_day, to_day; /* to: behind the last */
	int code;
};

static const struct command {
	int cn;
	const char *key;
	enum ss_period period;
	int64_t every_s; /* 0 = the device's interval */
} commands[] = {{2011, "2011", SS_PERIOD_RTD, 0},
		{2051, "2051", SS_PERIOD_MINUTE, 600},
		{2061, "2061", SS_PERIOD_HOUR, 3600},
		{2031, "2031", SS_PERIOD_DAY, 86400}};

/* NULL: no memory (b->code is set). */
static struct row *row_of(struct books *b, struct ss_str mn, int64_t day, int cn)
{
	char key[128];
	int len = snprintf(key, sizeof(key), "%.*s %lld %d", (int)(mn.n < 64 ? mn.n : 64), mn.p,
			   (long long)day, cn);
	uint64_t i;

	if (ss_map_get(b->at, ss_str_n(key, (size_t)len), &i))
		return &b->rows[i];
	b->code =
	    b->n < ROWS_MOST ? ss_grow(&b->rows, &b->cap, b->n + 1, sizeof(*b->rows)) : SS_ENOMEM;
	if (b->code < 0)
		return NULL;
	b->code = ss_map_put(b->at, ss_str_n(key, (size_t)len), b->n);
	if (b->code < 0)
		return NULL;
	b->rows[b->n] = (struct row){.day = day, .cn = cn, .expected = -1};
	ss_str_copy(b->rows[b->n].mn, sizeof(b->rows[0].mn), mn);
	return &b->rows[b->n++];
}

/* --- what came ----------------------------------------------------------------------------------
 */

static int64_t day_of_frame(struct ss_str cp)
{
	ptrdiff_t i = ss_str_find(cp, SS_STR("DataTime="));
	int64_t t;

	if (i < 0 || cp.n < (size_t)i + 9 + 14 ||
	    ss_time_parse_compact(ss_str_n(cp.p + i + 9, 14), &t) < 0)
		return INT64_MIN;
	return ss_day_of(t);
}

static bool is_data(int cn)
{
	for (size_t i = 0; i < SS_ARRAY_LEN(commands); i++) {
		if (commands[i].cn == cn)
			return true;
	}
	return false;
}

/* Decrypted where it has to be; lives in a. */
static bool head_of(struct books *b, const struct ss_entry *e, struct ss_arena *a,
		    struct ss_hj212_head *ret)
{
	struct ss_hj212_policy policy = {.segment_cap = 9999};
	struct ss_hj212_frame f;
	struct ss_str body;
	size_t used;

	if (ss_hj212_cut(e->body.p, e->body.n, true, &policy, &f, &used) != 1)
		return false;
	if (ss_hj212_sealed(f.segment) && ss_frame_plain(b->api, a, e, &body) &&
	    ss_hj212_cut(body.p, body.n, true, &policy, &f, &used) != 1)
		return false;
	return ss_hj212_head(f.segment, ret) == 0 && ret->mn.n > 0;
}

static void take_head(struct books *b, const struct ss_entry *e, const struct ss_hj212_head *h)
{
	struct row *row;
	int64_t day;

	if (!is_data(h->cn_num) || h->pno > 1)
		return; /* a split record counts by its first packet */
	day = day_of_frame(h->cp);
	if (day < b->from_day || day >= b->to_day)
		return;
	row = row_of(b, h->mn, day, h->cn_num);
	if (!row)
		return;
	row->received++;
	if (e->kind == SS_ENTRY_HJ212)
		row->journaled++;
	else
		row->refused++;
}

static void take_entry(struct books *b, const struct ss_entry *e)
{
	struct ss_hj212_head h;
	struct ss_arena a;

	if (e->kind != SS_ENTRY_HJ212 && e->kind != SS_ENTRY_HJ212_BAD)
		return;
	ss_arena_init(&a, 1 << 16);
	if (head_of(b, e, &a, &h))
		take_head(b, e, &h);
	ss_arena_done(&a);
}

/* From the first arrival that can have carried the span (a clock may be hours ahead) to the end:
 * late frames belong to their day. */
static int read_journal(struct books *b, struct ss_error *err)
{
	uint64_t from =
	    ss_journal_seek_time(b->api->journal, ss_day_start(b->from_day) - SS_US_PER_DAY);
	struct ss_reader *rd;
	struct ss_entry e;
	int r = ss_reader_open(b->api->journal, from, &rd, err);

	if (r < 0)
		return r;
	while (b->code == 0 && ((r = ss_reader_next(rd, &e, NULL)) == 1 || r == SS_ECORRUPT)) {
		if (ss_request_cancelled(b->rq))
			b->code = SS_ECANCELLED;
		if (r == 1)
			take_entry(b, &e);
	}
	ss_reader_close(rd);
	return b->code < 0 ? b->code : r;
}

/* --- what stands and what was promised ----------------------------------------------------------
 */

int64_t ss_records_promised(const struct ss_device *d, int64_t every, int64_t day, bool reported)
{
	int64_t from = ss_day_start(day), to = ss_day_start(day + 1), now = ss_time_now();

	if (every <= 0)
		return -1;
	to = to < now ? to : now;
	if (!reported && from < d->registered_us)
		from = d->registered_us;
	return to > from ? (to - from) / (every * SS_US_PER_SEC) : 0;
}

static int take_kept(struct books *b, const struct ss_device *d, const struct command *c)
{
	struct ss_series_key k = {.site = d->site, .period = c->period};
	struct ss_arena_mark m = ss_arena_mark(b->rq->a);
	struct ss_point *p = NULL;
	struct ss_error ignored;
	size_t n = 0;
	int32_t id;
	int r;

	ss_str_copy(k.point, sizeof(k.point), ss_str_of(d->point));
	snprintf(k.factor, sizeof(k.factor), "@%s", d->mn);
	ss_str_copy(k.stat, sizeof(k.stat), ss_str_of(c->key));
	if (ss_series_find(b->api->series, &k, &id) < 0)
		return 0;
	r = ss_series_points(b->api->series, id, ss_day_start(b->from_day), ss_day_start(b->to_day),
			     0, b->rq->a, &p, &n, &ignored);
	for (size_t i = 0; r == 0 && i < n; i++) {
		struct row *row = row_of(b, ss_str_of(d->mn), ss_day_of(p[i].time_us), c->cn);

		if (!row)
			return b->code;
		row->kept++;
	}
	ss_arena_rewind(b->rq->a, m);
	return r;
}

static bool take_device(void *arg, const struct ss_device *d)
{
	struct books *b = arg;

	for (size_t i = 0; b->code == 0 && i < SS_ARRAY_LEN(commands); i++) {
		const struct command *c = &commands[i];
		int r = take_kept(b, d, c);

		b->code = b->code < 0 ? b->code : r;
		for (int64_t day = b->from_day; b->code == 0 && c->cn == 2011 && day < b->to_day;
		     day++)
			row_of(b, ss_str_of(d->mn), day, c->cn); /* a day of silence is a row too */
	}
	return b->code == 0;
}

static bool settle_device(void *arg, const struct ss_device *d)
{
	struct books *b = arg;

	for (size_t i = 0; i < SS_ARRAY_LEN(commands); i++) {
		for (int64_t day = b->from_day; day < b->to_day; day++) {
			char key[128];
			int len = snprintf(key, sizeof(key), "%s %lld %d", d->mn, (long long)day,
					   commands[i].cn);
			uint64_t at;

			if (!ss_map_get(b->at, ss_str_n(key, (size_t)len), &at))
				continue;
			b->rows[at].registered = true;
			b->rows[at].expected = ss_records_promised(
			    d, commands[i].every_s ? commands[i].every_s : d->interval_s, day,
			    b->rows[at].kept > 0);
		}
	}
	return true;
}

static int by_row(const void *x, const void *y)
{
	const struct row *a = x, *b = y;
	int c = strcmp(a->mn, b->mn);

	if (c)
		return c;
	if (a->day != b->day)
		return a->day < b->day ? -1 : 1;
	return a->cn - b->cn;
}

/* --- the province's statement -------------------------------------------------------------------
 */

struct stated {
	char mn[65];
	int64_t day, count;
	int cn;
};
static struct {
	pthread_mutex_t lock;
	struct stated *rows;
	size_t n;
	int64_t at_us;
} province = {.lock = PTHREAD_MUTEX_INITIALIZER};

static int read_stated(const struct ss_csv *c, struct stated *s)
{
	int64_t t, cn;

	if (c->fields != 4 || !ss_str_copy(s->mn, sizeof(s->mn), ss_str_trim(c->field[0])) ||
	    !s->mn[0] || ss_time_parse_iso(ss_str_trim(c->field[1]), &t) < 0 ||
	    ss_parse_i64(ss_str_trim(c->field[2]), &cn) < 0 || !is_data((int)cn) ||
	    ss_parse_i64(ss_str_trim(c->field[3]), &s->count) < 0 || s->count < 0)
		return SS_EINVAL;
	s->day = ss_day_of(t);
	s->cn = (int)cn;
	return 0;
}

static int read_statement(struct ss_csv *c, struct stated *rows, size_t *n, struct ss_error *err)
{
	int got = ss_csv_next(c);

	if (got != 1 || c->fields != 4 || !ss_str_is(ss_str_trim(c->field[0]), "mn") ||
	    !ss_str_is(ss_str_trim(c->field[3]), "count"))
		return ss_error_set(err, SS_EINVAL,
				    "表头须为 mn,day,cn,count；the header must be mn,day,cn,count");
	while ((got = ss_csv_next(c)) == 1) {
		if (*n == STATEMENT_MOST)
			return ss_error_set(err, SS_ETOOBIG, "对账单行数过多；too many rows");
		if (read_stated(c, &rows[*n]) < 0)
			return ss_error_set(
			    err, SS_EINVAL,
			    "对账单第 %lld 行不对：mn,日期,2011|2051|2061|2031,条数；bad row %lld",
			    (long long)c->line, (long long)c->line);
		(*n)++;
	}
	return got < 0
		   ? ss_error_set(err, got, "对账单第 %lld 行不合 CSV；bad CSV", (long long)c->line)
		   : 0;
}

int ss_post_province(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_json j = ss_json_on(rs->out);
	struct stated *rows;
	struct ss_csv csv;
	size_t n = 0;
	int r;

	if (!ss_str_starts(rq->type, SS_STR("text/csv")))
		return ss_error_set(err, SS_EINVAL, "正文须为 text/csv；the body must be text/csv");
	rows = calloc(STATEMENT_MOST, sizeof(*rows));
	if (!rows)
		return SS_ENOMEM;
	ss_csv_init(&csv, ',', 4096, 16);
	ss_csv_feed(&csv, rq->body, true);
	r = read_statement(&csv, rows, &n, err);
	ss_csv_done(&csv);
	if (r < 0) {
		free(rows);
		return r;
	}
	SS_LOCKED(&province.lock);
	free(province.rows);
	province.rows = rows;
	province.n = n;
	province.at_us = ss_time_now();
	ss_json_obj(&j);
	ss_json_ki64(&j, "rows", (int64_t)n);
	ss_json_ktime(&j, "time", province.at_us);
	ss_json_end_obj(&j);
	return 0;
}

/* --- the answer ---------------------------------------------------------------------------------
 */

static void put_day(struct ss_json *j, int64_t day)
{
	struct ss_civil c = ss_civil_of(ss_day_start(day));
	char text[16];

	snprintf(text, sizeof(text), "%04d-%02d-%02d", c.year, c.month, c.day);
	ss_json_kz(j, "day", text);
}

static void put_head(struct ss_json *j, const char *mn, int64_t day, int cn)
{
	ss_json_kz(j, "mn", mn);
	put_day(j, day);
	ss_json_ki64(j, "cn", cn);
}

static void put_row(struct ss_json *j, const struct row *r)
{
	ss_json_obj(j);
	put_head(j, r->mn, r->day, r->cn);
	ss_json_kbool(j, "registered", r->registered);
	ss_json_key(j, "expected");
	if (r->expected < 0)
		ss_json_null(j);
	else
		ss_json_i64(j, r->expected);
	ss_json_ki64(j, "received", r->received);
	ss_json_ki64(j, "refused", r->refused);
	ss_json_ki64(j, "journaled", r->journaled);
	ss_json_ki64(j, "kept", r->kept);
	ss_json_end_obj(j);
}

static void put_total(struct ss_json *j, const struct books *b)
{
	struct row t = {0};

	for (size_t i = 0; i < b->n; i++) {
		t.received += b->rows[i].received;
		t.refused += b->rows[i].refused;
		t.journaled += b->rows[i].journaled;
		t.kept += b->rows[i].kept;
		t.expected += b->rows[i].expected > 0 ? b->rows[i].expected : 0;
	}
	ss_json_key(j, "total");
	ss_json_obj(j);
	ss_json_ki64(j, "expected", t.expected);
	ss_json_ki64(j, "received", t.received);
	ss_json_ki64(j, "refused", t.refused);
	ss_json_ki64(j, "journaled", t.journaled);
	ss_json_ki64(j, "kept", t.kept);
	ss_json_end_obj(j);
}

static int64_t city_count(const struct books *b, const struct stated *s)
{
	char key[128];
	int len = snprintf(key, sizeof(key), "%s %lld %d", s->mn, (long long)s->day, s->cn);
	uint64_t at;

	return ss_map_get(b->at, ss_str_n(key, (size_t)len), &at) ? b->rows[at].kept : 0;
}

/* What the province states for these days against what stands here. Rows that it does not state are
 * not compared: which of its books are open is its affair. */
static void put_province(struct ss_json *j, const struct books *b)
{
	int64_t compared = 0, equal = 0;

	SS_LOCKED(&province.lock);
	ss_json_key(j, "province");
	if (!province.rows) {
		ss_json_null(j);
		return;
	}
	ss_json_obj(j);
	ss_json_ktime(j, "time", province.at_us);
	ss_json_key(j, "differences");
	ss_json_arr(j);
	for (size_t i = 0; i < province.n; i++) {
		const struct stated *s = &province.rows[i];
		int64_t city;

		if (s->day < b->from_day || s->day >= b->to_day)
			continue;
		city = city_count(b, s);
		compared++;
		equal += city == s->count;
		if (city == s->count)
			continue;
		ss_json_obj(j);
		put_head(j, s->mn, s->day, s->cn);
		ss_json_ki64(j, "city", city);
		ss_json_ki64(j, "province", s->count);
		ss_json_ki64(j, "difference", city - s->count);
		ss_json_end_obj(j);
	}
	ss_json_end_arr(j);
	ss_json_ki64(j, "compared", compared);
	ss_json_ki64(j, "equal", equal);
	ss_json_end_obj(j);
}

static void put_books(struct ss_json *j, struct books *b, struct ss_str mn)
{
	ss_json_obj(j);
	ss_json_ktime(j, "from", ss_day_start(b->from_day));
	ss_json_ktime(j, "to", ss_day_start(b->to_day));
	put_total(j, b);
	put_province(j, b);
	ss_sort(b->rows, b->n, sizeof(*b->rows), by_row); /* the map is of no use from here */
	ss_json_key(j, "items");
	ss_json_arr(j);
	for (size_t i = 0; i < b->n; i++) {
		if (!mn.p || ss_str_is(mn, b->rows[i].mn))
			put_row(j, &b->rows[i]);
	}
	ss_json_end_arr(j);
	ss_json_end_obj(j);
}

static int open_books(struct books *b, struct ss_error *err)
{
	int64_t from, to;
	int r = ss_api_need(b->api->series, "series", err);

	if (r == 0)
		r = ss_api_need(b->api->journal, "journal", err);
	if (r == 0)
		r = ss_api_span(b->rq, SS_US_PER_DAY, &from, &to, err);
	if (r < 0)
		return r;
	b->from_day = ss_day_of(from);
	b->to_day = ss_day_of(to - 1) + 1;
	if (b->to_day - b->from_day > DAYS_MOST) {
		ss_request_blame(b->rq, "from");
		return ss_error_set(err, SS_ERANGE, "最多 31 天；at most 31 days");
	}
	b->at = ss_map_new();
	return b->at ? 0 : SS_ENOMEM;
}

int ss_get_reconciliation(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct books b = {.rq = rq, .api = ss_api_of(rq)};
	struct ss_json j = ss_json_on(rs->out);
	int r = open_books(&b, err);

	if (r == 0)
		r = read_journal(&b, err);
	if (r == 0) {
		ss_registry_devices(b.api->registry, take_device, &b);
		ss_registry_devices(b.api->registry, settle_device, &b);
		r = b.code;
	}
	if (r == 0)
		put_books(&j, &b, ss_request_param(rq, "mn"));
	ss_map_free(b.at);
	free(b.rows);
	return r < 0 ? ss_error_set(err, r, "对账未能完成；reconciliation could not be done") : 0;
}
