#include "serve/api/api_internal.h"

#define POINTS_DEF 4000
#define POINTS_MOST 500000
#define POINT_BYTES 64

/* --- points ------------------------------------------------------------------------------------
 */

static size_t put_mark_text(char *p, uint8_t mark)
{
	p[0] = '"';
	p[1] = mark > 0x20 && mark < 0x7f && mark != '"' && mark != '\\' ? (char)mark
	       : mark                                                    ? '?'
									 : 'N';
	p[2] = '"';
	return 3;
}

static size_t value_text(char *p, double v)
{
	if (__builtin_isfinite(v))
		return ss_fmt_double(p, v);
	memcpy(p, "null", 4);
	return 4;
}

/* [ms,value,"N"] or with a 1 at the end when revised. p has POINT_BYTES. */
static size_t point_text(char *p, const struct ss_point *pt)
{
	size_t n = 0;

	p[n++] = '[';
	n += ss_fmt_i64(p + n, pt->time_us / 1000);
	p[n++] = ',';
	n += value_text(p + n, pt->value);
	p[n++] = ',';
	n += put_mark_text(p + n, pt->mark);
	if (pt->revised) {
		p[n++] = ',';
		p[n++] = '1';
	}
	p[n++] = ']';
	return n;
}

/* Behind the "[" that is there already, up to the end of the array. Straight into the buffer: a
 * month of minutes is 45,000 points. */
static void put_points(struct ss_buf *b, const struct ss_point *pts, size_t n)
{
	ss_buf_reserve(b, n * 28 + 2 * POINT_BYTES);
	for (size_t i = 0; i < n; i++) {
		if (ss_buf_reserve(b, POINT_BYTES) < 0)
			return;
		if (i)
			b->p[b->n++] = ',';
		b->n += point_text(b->p + b->n, &pts[i]);
	}
	ss_buf_addc(b, ']'); /* ends the text with a 0 again, too */
}

static void open_answer(struct ss_json *j, struct ss_api *api, const struct ss_series_info *s,
			int64_t from, int64_t to)
{
	ss_json_obj(j);
	ss_json_key(j, "series");
	ss_put_series(j, api, s);
	ss_json_ktime(j, "from", from);
	ss_json_ktime(j, "to", to);
}

int ss_get_points(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_series *st = ss_api_of(rq)->series;
	struct ss_json j = ss_json_on(rs->out);
	struct ss_series_info s;
	struct ss_point *pts = NULL;
	int64_t from, to, max;
	size_t n = 0, total = 0;
	bool sampled = false;
	int r = ss_api_series(rq, &s, err);

	if (r == 0)
		r = ss_api_span(rq, SS_US_PER_DAY, &from, &to, err);
	if (r == 0)
		r = ss_request_i64(rq, "max", POINTS_DEF, 10, POINTS_MOST, &max, err);
	if (r < 0)
		return r;
	r = ss_series_points(st, s.id, from, to, (size_t)max, rq->a, &pts, &n, err);
	total = n;
	if (r == SS_ETOOBIG) {
		sampled = true;
		*err = (struct ss_error){0};
		/* A bucket keeps up to four points besides the flagged ones. */
		r = ss_series_sample(st, s.id, from, to, (size_t)max / 4, rq->a, &pts, &n, &total,
				     err);
	}
	if (r < 0)
		return r;
	open_answer(&j, ss_api_of(rq), &s, from, to);
	ss_json_kbool(&j, "sampled", sampled);
	ss_json_ki64(&j, "total", (int64_t)total);
	ss_json_key(&j, "points");
	ss_json_raw(&j, SS_STR("[")); /* the rest of the array goes straight into the buffer */
	put_points(rs->out, pts, n);
	ss_json_end_obj(&j);
	return 0;
}

int ss_get_rollup(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_json j = ss_json_on(rs->out);
	struct ss_series_info s;
	enum ss_rollup_period p;
	struct ss_rollup *rows = NULL;
	int64_t from, to;
	size_t n = 0;
	int r = ss_api_series(rq, &s, err);

	if (r == 0)
		r = ss_api_rollup(rq, "period", SS_ROLLUP_HOUR, &p, err);
	if (r == 0)
		r = ss_api_span(rq, 31 * SS_US_PER_DAY, &from, &to, err);
	if (r == 0)
		r = ss_series_rollup(ss_api_of(rq)->series, s.id, p, from, to, rq->a, &rows, &n,
				     err);
	if (r < 0)
		return r;
	open_answer(&j, ss_api_of(rq), &s, from, to);
	ss_json_key(&j, "points");
	ss_json_raw(&j, SS_STR("["));
	ss_put_rollups(rs->out, rows, n);
	ss_json_end_obj(&j);
	return 0;
}

/* --- all series at once: rows as arrays, their columns named once
 * --------------------------------------- */

struct latest {
	struct ss_buf *b;
	struct ss_str factor, stat;
	bool any;
	const struct ss_request *rq;
};

/* Names come from devices: what would need an escape is shown as '?'. p has room for 80. */
static char *put_text(char *p, const char *z)
{
	*p++ = '"';
	for (int i = 0; z[i] && i < 76; i++)
		*p++ = z[i] > 0x1f && z[i] < 0x7f && z[i] != '"' && z[i] != '\\' ? z[i] : '?';
	*p++ = '"';
	*p++ = ',';
	return p;
}

static bool put_latest(void *arg, const struct ss_series_info *s)
{
	struct latest *l = arg;
	char text[512], *p = text;

	if (s->key.factor[0] == '@' || (l->factor.p && !ss_str_is(l->factor, s->key.factor)) ||
	    (l->stat.p && !ss_str_is(l->stat, s->key.stat)) || s->count == 0 ||
	    !ss_api_sees(l->rq, s->key.site))
		return true;
	if (l->any)
		*p++ = ',';
	l->any = true;
	*p++ = '[';
	p += ss_fmt_i64(p, s->id);
	*p++ = ',';
	p += ss_fmt_i64(p, s->key.site);
	*p++ = ',';
	p = put_text(p, s->key.factor);
	p = put_text(p, s->key.stat);
	p = put_text(p, ss_period_key(s->key.period));
	p += ss_fmt_i64(p, s->last_us / 1000);
	*p++ = ',';
	p += value_text(p, s->last_value);
	*p++ = ',';
	p += put_mark_text(p, s->last_mark);
	*p++ = ']';
	ss_buf_add(l->b, text, (size_t)(p - text));
	return true;
}

int ss_get_latest(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_series *st = ss_api_of(rq)->series;
	struct latest l = {.b = rs->out,
			   .factor = ss_request_param(rq, "factor"),
			   .stat = ss_request_param(rq, "stat"),
			   .rq = rq};
	int r = ss_api_need(st, "series", err);

	if (r < 0)
		return r;
	ss_buf_addz(rs->out, "{\"columns\":[\"series\",\"site\",\"factor\",\"stat\",\"period\","
			     "\"time_ms\",\"value\","
			     "\"flag\"],\"items\":[");
	ss_series_each(st, put_latest, &l);
	ss_buf_addz(rs->out, "]}");
	return 0;
}

struct matrix {
	struct ss_api *api;
	const struct ss_request *rq;
	struct ss_buf *b;
	bool any;
};

static void put_matrix_row(void *arg, int32_t id, const struct ss_rollup *rows, size_t n)
{
	struct matrix *m = arg;
	struct ss_series_info s;

	if (ss_series_info(m->api->series, id, &s) < 0 || !ss_api_sees(m->rq, s.key.site))
		return;
	ss_buf_addf(m->b, "%s{\"series\":%d,\"site\":%lld,\"points\":[", m->any ? "," : "", id,
		    (long long)s.key.site);
	m->any = true;
	ss_put_rollups(m->b, rows, n);
	ss_buf_addc(m->b, '}');
}

static int factor_of(struct ss_request *rq, struct ss_str *ret_factor, struct ss_str *ret_stat)
{
	struct ss_str stat = ss_request_param(rq, "stat");

	*ret_factor = ss_request_param(rq, "factor");
	*ret_stat = stat.p ? stat : SS_STR("Rtd");
	return 0;
}

int ss_get_matrix(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct matrix m = {.api = ss_api_of(rq), .rq = rq, .b = rs->out};
	enum ss_rollup_period rp;
	enum ss_period p;
	struct ss_str factor, stat;
	int64_t from, to;
	int r = ss_api_need(m.api->series, "series", err);

	factor_of(rq, &factor, &stat);
	if (r == 0)
		r = ss_api_period(rq, SS_PERIOD_RTD, &p, err);
	if (r == 0)
		r = ss_api_rollup(rq, "rollup", SS_ROLLUP_HOUR, &rp, err);
	if (r == 0)
		r = ss_api_span(rq, SS_US_PER_DAY, &from, &to, err);
	if (r < 0)
		return r;
	ss_buf_addz(
	    rs->out,
	    "{\"columns\":[\"start_ms\",\"mean\",\"min\",\"max\",\"n\",\"n_valid\"],\"items\":[");
	r = ss_series_matrix(m.api->series, factor, stat, p, rp, from, to, put_matrix_row, &m, err);
	ss_buf_addz(rs->out, "]}");
	return r;
}

/* 1 when he may see it. */
static int put_top(struct ss_json *j, struct ss_request *rq, const struct ss_top *t)
{
	const struct ss_api *api = ss_api_of(rq);
	struct ss_series_info s;
	struct ss_site site;

	if (ss_series_info(api->series, t->id, &s) < 0 || !ss_api_sees(rq, s.key.site))
		return 0;
	ss_json_obj(j);
	ss_json_ki64(j, "series", t->id);
	ss_json_key(j, "site");
	ss_json_obj(j);
	ss_json_ki64(j, "id", s.key.site);
	ss_json_kz(j, "name",
		   api->registry && ss_registry_site(api->registry, s.key.site, &site) == 0
		       ? site.name
		       : "");
	ss_json_end_obj(j);
	ss_json_kdouble(j, "max", t->max);
	ss_json_ktime(j, "time", t->time_us);
	ss_json_end_obj(j);
	return 1;
}

int ss_get_top(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_api *api = ss_api_of(rq);
	struct ss_json j = ss_json_on(rs->out);
	struct ss_str factor, stat;
	struct ss_top *top = NULL;
	enum ss_period p;
	int64_t from, to, count;
	size_t n = 0;
	int r = ss_api_need(api->series, "series", err);

	factor_of(rq, &factor, &stat);
	if (r == 0)
		r = ss_api_period(rq, SS_PERIOD_RTD, &p, err);
	if (r == 0)
		r = ss_api_span(rq, SS_US_PER_DAY, &from, &to, err);
	if (r == 0)
		r = ss_request_i64(rq, "count", 20, 1, 1000, &count, err);
	if (r == 0)
		/* Who does not see all gets the first of what he sees, as long as there are any
		 * among a thousand. */
		r = ss_series_top(api->series, factor, stat, p, from, to,
				  ss_scope_is_all(rq->actor->scope) ? (size_t)count : 1000, rq->a,
				  &top, &n, err);
	if (r < 0)
		return r;
	ss_json_obj(&j);
	ss_json_key(&j, "items");
	ss_json_arr(&j);
	for (size_t i = 0; i < n && count > 0; i++)
		count -= put_top(&j, rq, &top[i]);
	ss_json_end_arr(&j);
	ss_json_end_obj(&j);
	return 0;
}
