#include "serve/api/api_internal.h"

#define SCAN_MOST 100000 /* entries looked at for one page */
#define SCAN_STEP 5000

static const char *state_of(enum ss_journal_state s)
{
	return s == SS_JOURNAL_OK ? "ok" : s == SS_JOURNAL_FULL ? "full" : "failed";
}

int ss_get_journal_stat(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_api *api = ss_api_of(rq);
	struct ss_json j = ss_json_on(rs->out);
	struct ss_journal_stat st;
	int r = ss_api_need(api->journal, "journal", err);

	if (r < 0)
		return r;
	ss_journal_stat(api->journal, &st);
	ss_json_obj(&j);
	ss_json_kz(&j, "state", state_of(st.state));
	ss_json_ki64(&j, "entries", (int64_t)st.entries);
	ss_json_ki64(&j, "groups", (int64_t)st.groups);
	ss_json_ki64(&j, "chained", (int64_t)st.chained);
	ss_json_ki64(&j, "syncs", (int64_t)st.syncs);
	ss_json_ki64(&j, "bytes_open", (int64_t)st.bytes_open);
	ss_json_ki64(&j, "bytes_sealed", (int64_t)st.bytes_sealed);
	ss_json_ki64(&j, "bytes_raw", (int64_t)st.bytes_raw);
	ss_json_ki64(&j, "segments", st.segments);
	ss_json_ki64(&j, "sealed", st.sealed);
	ss_put_hex(&j, "chain_sm3", st.chain, sizeof(st.chain));
	ss_json_ki64(&j, "tip_group", (int64_t)st.tip_group);
	ss_json_ktime(&j, "tip_time", st.tip_group ? st.tip_time_us : SS_TIME_NONE);
	ss_json_end_obj(&j);
	return 0;
}

int ss_get_entry(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_api *api = ss_api_of(rq);
	struct ss_json j = ss_json_on(rs->out);
	struct ss_entry e;
	int64_t seq = 0;
	int r = ss_api_need(api->journal, "journal", err);

	if (r == 0)
		r = ss_request_i64(rq, "seq", 0, 0, INT64_MAX, &seq, err);
	if (r == 0)
		r = ss_journal_get(api->journal, (uint64_t)seq, rq->a, &e, err);
	if (r == 0 && !ss_api_sees_entry(rq, &e))
		r = SS_ENOTFOUND;
	if (r == SS_ENOTFOUND)
		ss_error_set(err, r, "日志里没有第 %lld 条；the journal has no entry %lld",
			     (long long)seq, (long long)seq);
	if (r < 0)
		return r;
	ss_put_entry(&j, api, rq->a, &e, NULL, NULL);
	return 0;
}

/* --- the list ------------------------------------------------------------------------------------
 */

static int kind_of(struct ss_request *rq, int *ret, struct ss_error *err)
{
	static const struct {
		const char *key;
		int kind;
	} kinds[] = {{"all", 0},
		     {"hj212", SS_ENTRY_HJ212},
		     {"bad", SS_ENTRY_HJ212_BAD},
		     {"import", SS_ENTRY_IMPORT},
		     {"command", SS_ENTRY_COMMAND},
		     {"manual", SS_ENTRY_MANUAL},
		     {"note", SS_ENTRY_NOTE},
		     {"act", SS_ENTRY_ACT}};
	struct ss_str s = ss_request_param(rq, "kind");

	*ret = 0;
	for (size_t i = 0; s.p && i < SS_ARRAY_LEN(kinds); i++) {
		*ret = kinds[i].kind;
		if (ss_str_is(s, kinds[i].key))
			return 0;
	}
	if (!s.p)
		return 0;
	ss_request_blame(rq, "kind");
	return ss_error_set(err, SS_EINVAL,
			    "参数 kind 须为 all、hj212、bad、import、command、manual、note 或 "
			    "act；parameter kind must be all, "
			    "hj212, bad, import, command, manual, note or act");
}

struct scan {
	struct ss_json *j;
	struct ss_request *rq;
	struct ss_api *api;
	struct ss_arena *a;
	int kind;
	int64_t limit, put, skip; /* skip: so many of the kind are passed over first */
	uint64_t seen;            /* last seq looked at */
};

/* Entries from..to of the kind, put when j is there, else counted. */
static int scan(struct scan *s, uint64_t from, uint64_t to, struct ss_error *err)
{
	struct ss_reader *rd;
	struct ss_entry e;
	int r = ss_reader_open(s->api->journal, from, &rd, err);

	while (r >= 0 && s->put < s->limit) {
		struct ss_arena_mark m = ss_arena_mark(s->a);

		r = ss_reader_next(rd, &e, err);
		if (r != 1 || e.seq > to)
			break;
		s->seen = e.seq;
		if ((s->kind && (int)e.kind != s->kind) || !ss_api_sees_entry(s->rq, &e))
			continue;
		if (s->skip > 0) {
			s->skip--;
			continue;
		}
		s->put++;
		if (s->j)
			ss_put_entry(s->j, s->api, s->a, &e, NULL, NULL);
		ss_arena_rewind(s->a, m);
	}
	if (r >= 0)
		ss_reader_close(rd);
	return r < 0 ? r : 0;
}

/* Without a start: the newest ones. Steps back until enough of the kind are found. */
static int newest(struct scan *s, uint64_t last, uint64_t *ret_from, struct ss_error *err)
{
	struct scan count = *s;
	uint64_t from = last + 1, looked = 0;

	count.j = NULL;
	count.put = 0;
	if (!s->kind && ss_api_sees_all(s->rq)) {
		*ret_from = last > (uint64_t)s->limit ? last - (uint64_t)s->limit + 1 : 1;
		return 0;
	}
	while (from > 1 && count.put < s->limit && looked < SCAN_MOST) {
		uint64_t to = from - 1, step = to > SCAN_STEP ? SCAN_STEP : to;
		int64_t limit = count.limit;
		int r;

		from = to - step + 1;
		count.limit = INT64_MAX;
		r = scan(&count, from, to, err);
		count.limit = limit;
		if (r < 0)
			return r;
		looked += step;
	}
	*ret_from = from;
	/* More than asked for in the last step: the page ends with the newest one. */
	s->skip = count.put > s->limit ? count.put - s->limit : 0;
	return 0;
}

int ss_get_entries(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_api *api = ss_api_of(rq);
	struct ss_json j = ss_json_on(rs->out);
	struct scan s = {.j = &j, .rq = rq, .api = api, .a = rq->a};
	struct ss_journal_stat st;
	int64_t first = 0;
	uint64_t from;
	int r = ss_api_need(api->journal, "journal", err);

	if (r == 0)
		r = kind_of(rq, &s.kind, err);
	if (r == 0)
		r = ss_request_i64(rq, "limit", 50, 1, 1000, &s.limit, err);
	if (r == 0)
		r = ss_request_i64(rq, "from", 0, 1, INT64_MAX, &first, err);
	if (r < 0)
		return r;
	ss_journal_stat(api->journal, &st);
	from = (uint64_t)first;
	if (!from)
		r = newest(&s, st.entries, &from, err);
	if (r < 0)
		return r;
	ss_json_obj(&j);
	ss_json_key(&j, "items");
	ss_json_arr(&j);
	r = scan(&s, from, from + SCAN_MOST, err);
	ss_json_end_arr(&j);
	ss_json_key(&j, "next");
	if (s.seen && s.seen < st.entries)
		ss_json_i64(&j, (int64_t)s.seen + 1);
	else
		ss_json_null(&j);
	/* How many there are is for those who may see them all. */
	ss_json_ki64(&j, "last", (int64_t)(ss_api_sees_all(rq) ? st.entries : s.seen));
	ss_json_end_obj(&j);
	return r;
}
