/* A suspicion as a row: its reasons in words, the numbers of all detectors, the charts. */
#include <math.h>
#include <stdlib.h>

#include "base/json.h"
#include "reason/suspect/suspect_internal.h"

static double rounded(double v)
{
	return round(v * 1e4) / 1e4;
}

static void put_charts(struct ss_json *j, const struct ss_detect_data *d, enum ss_detector det,
		       const struct ss_detect_hit *h)
{
	int charts[4], n = ss_detect_charts(d, det, h, charts);

	ss_json_key(j, "charts");
	ss_json_arr(j);
	for (int i = 0; i < n; i++) {
		ss_json_obj(j);
		ss_json_kz(j, "factor", ss_detect_factor(d->gas, charts[i]));
		ss_json_kz(j, "name", ss_detect_channel_name(d->gas, charts[i]));
		ss_json_ktime(j, "from", h->from_us - 3 * SS_US_PER_DAY);
		ss_json_ktime(j, "to", h->to_us);
		ss_json_end_obj(j);
	}
	ss_json_end_arr(j);
}

static void put_hit(struct ss_json *j, const struct ss_detect_data *d, enum ss_detector det,
		    const struct ss_detect_hit *h, double term)
{
	const struct ss_detector_info *info = ss_detector_info(det);
	ss_cleanup(ss_buf_done) struct ss_buf zh = SS_BUF_MAX(4096);
	ss_cleanup(ss_buf_done) struct ss_buf en = SS_BUF_MAX(4096);

	ss_detect_sentence(d, det, h, &zh, &en);
	ss_json_obj(j);
	ss_json_kz(j, "detector", info->id);
	ss_json_ki64(j, "version", info->version);
	ss_json_kz(j, "name", info->zh);
	ss_json_kz(j, "name_en", info->en);
	ss_json_kz(j, "family", ss_detect_family_zh(info->family));
	ss_json_kz(j, "family_en", ss_detect_family_en(info->family));
	ss_json_kdouble(j, "s", rounded(h->s));
	if (!isnan(term))
		ss_json_kdouble(j, "term", rounded(term));
	ss_json_kstr(j, "sentence", ss_buf_str(&zh));
	ss_json_kstr(j, "sentence_en", ss_buf_str(&en));
	if (h->why == SS_WHY_OK && h->s > 0.5) {
		put_charts(j, d, det, h);
		ss_json_kz(j, "on_site", ss_detect_on_site(det));
		ss_json_kz(j, "on_site_en", ss_detect_on_site_en(det));
	}
	ss_json_end_obj(j);
}

static void put_reasons(struct ss_json *j, const struct ss_detect_data *d,
			const struct ss_detect_day *day)
{
	struct ss_reason why[3];
	int n = ss_detect_reasons(day, why);

	ss_json_key(j, "reasons");
	ss_json_arr(j);
	for (int i = 0; i < n; i++)
		put_hit(j, d, why[i].detector, &day->hit[why[i].detector], why[i].term);
	ss_json_end_arr(j);
	ss_json_key(j, "features");
	ss_json_arr(j);
	for (int i = 0; i < SS_DETECT_COUNT_; i++)
		put_hit(j, d, (enum ss_detector)i, &day->hit[i], NAN);
	ss_json_end_arr(j);
}

static void put_failures(struct ss_json *j, const struct ss_detect_data *d,
			 const struct ss_detect_day *day)
{
	ss_json_key(j, "failures");
	ss_json_arr(j);
	for (int i = 0; i < day->fail_count; i++) {
		const struct ss_fail *f = &day->fails[i];

		ss_json_obj(j);
		ss_json_kz(j, "kind", ss_failure_zh(f->kind));
		ss_json_kz(j, "factor", ss_detect_factor(d->gas, f->channel));
		ss_json_ktime(j, "from", f->from_us);
		ss_json_ktime(j, "to", f->to_us);
		ss_json_kbool(j, "explained", f->explained);
		ss_json_end_obj(j);
	}
	ss_json_end_arr(j);
}

static void put_verdicts(struct ss_json *j, const struct verdict *v, size_t n)
{
	bool differ = false;

	ss_json_key(j, "verdicts");
	ss_json_arr(j);
	for (size_t i = 0; i < n; i++) {
		ss_json_obj(j);
		ss_json_kz(j, "verdict", v[i].verdict);
		ss_json_kz(j, "by", v[i].by);
		ss_json_ktime(j, "at", v[i].at_us);
		ss_json_kz(j, "note", v[i].note);
		ss_json_kz(j, "trap", v[i].trap);
		ss_json_end_obj(j);
		for (size_t k = 0; k < i; k++)
			differ |= verdict_closes(v[i].verdict) && verdict_closes(v[k].verdict) &&
				  strcmp(v[i].verdict, v[k].verdict) != 0;
	}
	ss_json_end_arr(j);
	ss_json_kbool(j, "disputed", differ);
}

static int body_of(struct ss_suspect *s, const struct outlet *o, const struct found *f,
		   const struct verdict *v, size_t n, struct ss_buf *out)
{
	ss_cleanup(ss_buf_done) struct ss_buf text = SS_BUF_MAX(SS_FINDING_BODY_MAX);
	struct ss_json j = ss_json_on(&text);
	struct ss_detect_data d = {.gas = o->gas};
	double here = 0; /* channels that a chart may show: any value will do */
	json_t *tree = NULL;
	int r;

	(void)s;
	for (int c = 0; c < SS_CH_COUNT_; c++)
		d.value[c] = ss_detect_factor(o->gas, c) ? &here : NULL;
	ss_json_obj(&j);
	ss_json_ktime(&j, "opened", ss_day_start(f->opened_day));
	ss_json_ktime(&j, "last_seen", ss_day_start(f->last_day));
	ss_json_ktime(&j, "day", ss_day_start(f->best.day));
	ss_json_kz(&j, "medium", o->gas ? "gas" : "water");
	ss_json_kdouble(&j, "score", rounded(f->peak));
	ss_json_kdouble(&j, "logit", rounded(f->best.logit));
	ss_json_kz(&j, "weights", ss_detect_weights()->version);
	put_reasons(&j, &d, &f->best);
	put_failures(&j, &d, &f->best);
	put_verdicts(&j, v, n);
	ss_json_end_obj(&j);
	r = text.err ? text.err : ss_json_parse(ss_buf_str(&text), &tree, NULL);
	if (r == 0)
		r = ss_json_canonical(out, tree);
	json_decref(tree);
	return r;
}

static struct ss_finding row_of(const struct outlet *o, int64_t opened_us)
{
	struct ss_finding f = {.key = {.kind = "suspicion", .site = o->site},
			       .start_us = opened_us,
			       .end_us = SS_TIME_NONE,
			       .state = "new",
			       .value = NAN,
			       .basis = {.rule = RULE_ID, .code = CODE_VERSION}};

	ss_str_copy(f.key.point, sizeof(f.key.point), ss_str_of(o->point));
	return f;
}

static int make_row(struct ss_suspect *s, struct job *job, const struct outlet *o,
		    const struct found *f)
{
	struct verdict v[32];
	struct ss_finding *row = &job->rows[job->n];
	size_t n = verdicts_of(s, o, ss_day_start(f->opened_day), v, SS_ARRAY_LEN(v));
	ss_cleanup(ss_buf_done) struct ss_buf body = SS_BUF_MAX(SS_FINDING_BODY_MAX);
	int r = body_of(s, o, f, v, n, &body);

	if (r < 0)
		return r;
	*row = row_of(o, ss_day_start(f->opened_day));
	row->value = rounded(f->peak);
	row->basis.law = ss_detect_weights()->version;
	if (n) {
		row->state = ss_arena_strdup(&job->arena, ss_str_of(v[n - 1].verdict));
		for (size_t i = 0; i < n; i++)
			if (verdict_closes(v[i].verdict) && row->end_us == SS_TIME_NONE)
				row->end_us = v[i].at_us;
	}
	row->body = ss_arena_str(&job->arena, ss_buf_str(&body));
	if (!row->state || !row->body.p)
		return SS_ENOMEM;
	job->n++;
	return 0;
}

struct standing {
	struct job *job;
	const struct outlet *o;
	size_t cap;
};

/* A row that the data no longer bear is withdrawn; what people said stays with it. */
static bool withdraw(void *arg, const struct ss_finding *f)
{
	struct standing *x = arg;
	struct ss_finding *row;

	if (strcmp(f->key.point, x->o->point) != 0 || x->job->n == x->cap)
		return true;
	for (size_t i = 0; i < x->o->found_count; i++)
		if (ss_day_start(x->o->found[i].opened_day) == f->start_us)
			return true;
	row = &x->job->rows[x->job->n];
	*row = row_of(x->o, f->start_us);
	row->withdrawn = true;
	row->value = f->value;
	row->end_us = f->end_us;
	row->state = ss_arena_strdup(&x->job->arena, ss_str_of(f->state));
	row->body = ss_arena_str(&x->job->arena, f->body);
	row->basis.law = ss_detect_weights()->version;
	x->job->n += row->state && row->body.p;
	return true;
}

int rows_make(struct ss_suspect *s, struct outlet *o, struct job **ret, struct ss_error *err)
{
	struct job *job = calloc(1, sizeof(*job));
	struct standing x = {job, o, o->found_count + 64};
	struct ss_finding_query q = {.kind = "suspicion",
				     .site = o->site,
				     .from = SS_TIME_NONE,
				     .to = SS_TIME_NONE,
				     .after_start = SS_TIME_NONE,
				     .fn = withdraw,
				     .arg = &x};
	int r = 0;

	if (!job)
		return SS_ENOMEM;
	ss_arena_init(&job->arena, 64 << 20);
	job->rows = ss_arena_array(&job->arena, x.cap, sizeof(*job->rows));
	if (!job->rows)
		r = SS_ENOMEM;
	for (size_t i = 0; r == 0 && i < o->found_count; i++)
		r = make_row(s, job, o, &o->found[i]);
	if (r == 0)
		r = ss_findings_each(s->parts.findings, &q, err);
	if (r < 0) {
		ss_arena_done(&job->arena);
		free(job);
		return r;
	}
	*ret = job;
	return 0;
}
