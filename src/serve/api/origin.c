/* From a point of a series down to the bytes that a device sent. */
#include "reason/figures/figures.h"
#include "serve/api/api_internal.h"

static int put_point(struct ss_json *j, int64_t t, const struct ss_version *v, size_t n)
{
	const struct ss_version *now = NULL;
	size_t number = 0;

	for (size_t i = 0; i < n; i++) {
		if (v[i].current) {
			now = &v[i];
			number = i + 1;
		}
	}
	if (!now)
		return SS_ENOTFOUND;
	ss_json_key(j, "point");
	ss_json_obj(j);
	ss_json_ktime(j, "time", t);
	ss_json_kdouble(j, "value", now->value);
	ss_json_key(j, "flag");
	ss_put_mark(j, now->mark);
	ss_json_ki64(j, "version", (int64_t)number);
	ss_json_key(j, "versions");
	ss_json_arr(j);
	for (size_t i = 0; i < n; i++) {
		ss_json_obj(j);
		ss_json_ki64(j, "version", (int64_t)i + 1);
		ss_json_kdouble(j, "value", v[i].value);
		ss_json_key(j, "flag");
		ss_put_mark(j, v[i].mark);
		ss_json_ki64(j, "seq", (int64_t)v[i].seq);
		ss_json_kbool(j, "current", v[i].current);
		ss_json_end_obj(j);
	}
	ss_json_end_arr(j);
	ss_json_end_obj(j);
	return 0;
}

struct search {
	struct ss_request *rq;
	const struct ss_series_info *s;
	int64_t time_us;
	const uint64_t *seq;
	size_t seq_n;
};

static int put_frames(struct ss_json *j, struct search *q)
{
	struct ss_api *api = ss_api_of(q->rq);
	struct ss_entry e;

	ss_json_key(j, "frames");
	ss_json_arr(j);
	for (size_t i = 0; i < q->seq_n; i++) {
		int r = ss_journal_get(api->journal, q->seq[i], q->rq->a, &e, NULL);

		if (r < 0)
			return r;
		ss_put_entry(j, api, q->rq->a, &e, q->s->key.factor, q->s->key.stat);
	}
	ss_json_end_arr(j);
	return 0;
}

static int answer(struct search *q, struct ss_response *rs, const struct ss_version *v, size_t n,
		  struct ss_error *err)
{
	struct ss_json j = ss_json_on(rs->out);
	int r;

	ss_json_obj(&j);
	if (put_point(&j, q->time_us, v, n) < 0)
		return ss_error_set(err, SS_ENOTFOUND,
				    "这个时刻没有数据；there is no point at that time");
	ss_json_key(&j, "series");
	ss_put_series(&j, ss_api_of(q->rq), q->s);
	r = put_frames(&j, q);
	if (r < 0)
		return ss_error_set(err, r,
				    "读不了原始报文；the frame cannot be read from the journal");
	ss_json_end_obj(&j);
	return 0;
}

int ss_get_origin(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_api *api = ss_api_of(rq);
	struct ss_series_info s;
	struct search q = {.rq = rq, .s = &s};
	struct ss_version *v = NULL;
	uint64_t *seq = NULL;
	size_t n = 0;
	int r = ss_api_series(rq, &s, err);

	if (r == 0)
		r = ss_api_need(api->figures, "figures", err);
	if (r == 0)
		r = ss_request_time(rq, "time", 0, &q.time_us, err);
	if (r == 0)
		r = ss_series_versions(api->series, s.id, q.time_us, rq->a, &v, &n, err);
	if (r == 0)
		r = ss_point_entries(ss_figures_parts(api->figures), &s, q.time_us, rq->a, &seq,
				     &q.seq_n, err);
	if (r < 0)
		return r;
	q.seq = seq;
	return answer(&q, rs, v, n, err);
}
