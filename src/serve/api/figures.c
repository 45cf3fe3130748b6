/* Figures explained, worked out again, and packed as evidence. */
#include "reason/figures/figures.h"
#include "base/crypto.h"
#include "record/findings/findings.h"
#include "serve/api/api_internal.h"
#include "serve/api/things.h"
#include "serve/evidence/evidence.h"

#define TIP_WAIT (20 * SS_US_PER_SEC)

/* What is there and not his is not there. */
static int seen(struct ss_request *rq, struct ss_str id, struct ss_error *err)
{
	if (ss_api_sees_figure(rq, id))
		return 0;
	return ss_error_set(err, SS_ENOTFOUND, "没有这个数；there is no such figure");
}

/* The figure asked for: an id, or series, time and what (obs hour day). */
static int figure_id(struct ss_request *rq, struct ss_str *ret, struct ss_error *err)
{
	struct ss_str id = ss_request_param(rq, "id"), what = ss_request_param(rq, "what");
	int64_t series, t;
	int r;

	if (id.n) {
		*ret = id;
		return 0;
	}
	r = ss_request_i64(rq, "series", 0, 0, INT32_MAX, &series, err);
	if (r == 0)
		r = ss_request_time(rq, "time", SS_TIME_NONE, &t, err);
	if (r < 0)
		return r;
	if (series == 0 || t == SS_TIME_NONE) {
		ss_request_blame(rq, "id");
		return ss_error_set(err, SS_EINVAL,
				    "须给 id，或 series 与 time；id, or series and time, must be "
				    "given");
	}
	what = what.n ? what : SS_STR("obs");
	if (ss_str_is(what, "hour"))
		t = ss_hour_start(ss_hour_of(t));
	else if (ss_str_is(what, "day"))
		t = ss_day_start(ss_day_of(t));
	*ret = ss_str_of(ss_arena_printf(rq->a, SS_STR_FMT "~%lld~%lld", SS_STR_ARG(what),
					 (long long)series, (long long)t));
	return ret->p ? 0 : SS_ENOMEM;
}

int ss_get_explain(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_figures *f = ss_api_of(rq)->figures;
	struct ss_str id;
	int64_t most;
	json_t *tree;
	int r = ss_api_need(f, "figures", err);

	if (r == 0)
		r = figure_id(rq, &id, err);
	if (r == 0)
		r = seen(rq, id, err);
	if (r == 0)
		r = ss_request_i64(rq, "max", 5000, 1, SS_EXPLAIN_NODES, &most, err);
	if (r == 0)
		r = ss_explain(f, id, (size_t)most, &tree, err);
	return r < 0 ? r : ss_thing_answer(rs, tree);
}

/* A finding whose deriver cannot do it alone: all of its site again from the journal. */
static int with_the_journal(struct ss_request *rq, const char *id, json_t **ret,
			    struct ss_error *err)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX((size_t)1 << 30);
	json_t *all, *row, *differs = json_array(), *was = json_object(), *is = json_object();
	struct ss_finding_key k;
	int64_t start;
	size_t i;
	int r = ss_finding_id_parse(ss_str_of(id), &k, &start);

	if (r >= 0)
		r = ss_api_rehearse(rq, NULL, k.site, &b, err);
	if (r >= 0)
		r = ss_json_parse(ss_buf_str(&b), &all, err);
	if (r >= 0) {
		json_array_foreach(json_object_get(json_object_get(all, "again"), "listed"), i, row)
		{
			if (strcmp(json_string_value(json_object_get(row, "id")), id) != 0)
				continue;
			json_array_append_new(differs, json_string("row"));
			json_object_set(was, "row", json_object_get(row, "before"));
			json_object_set(is, "row", json_object_get(row, "after"));
		}
		*ret =
		    json_pack("{s:s, s:b, s:O, s:O, s:s, s:s, s:O}", "id", id, "same",
			      json_array_size(differs) == 0, "stored", was, "again", is, "how_zh",
			      "本站点全部日志从头重推，逐行与所存比对", "how_en",
			      "all of the site derived again from the journal", "differs", differs);
		json_decref(all);
	}
	json_decref(differs);
	json_decref(was);
	json_decref(is);
	return r;
}

int ss_post_recompute(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_figures *f = ss_api_of(rq)->figures;
	const char *id = json_string_value(json_object_get(ss_request_json(rq), "id"));
	json_t *v;
	int r = ss_api_need(f, "figures", err);

	if (r == 0)
		r = seen(rq, ss_str_of(id), err);
	if (r == 0)
		r = ss_recompute(f, ss_str_of(id), &v, err);
	if (r == SS_EUNSUPPORTED && ss_api_of(rq)->program && strncmp(id, "obs~", 4) != 0 &&
	    strncmp(id, "entry~", 6) != 0)
		r = with_the_journal(rq, id, &v, err);
	return r < 0 ? r : ss_thing_answer(rs, v);
}

/* "evidence-obs~12~1764.tar" without what file systems dislike. */
static const char *file_name(struct ss_arena *a, const char *id)
{
	char *name = ss_arena_printf(a, "evidence-%s.tar", id);

	for (char *p = name; p && *p; p++)
		if (!(*p >= 'a' && *p <= 'z') && !(*p >= 'A' && *p <= 'Z') &&
		    !(*p >= '0' && *p <= '9') && *p != '.' && *p != '_')
			*p = '-';
	return name;
}

int ss_post_evidence(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_figures *f = ss_api_of(rq)->figures;
	const json_t *body = ss_request_json(rq);
	const char *id = json_string_value(json_object_get(body, "id"));
	struct ss_evidence_ask ask = {
	    .id = ss_str_of(id),
	    .by = ss_api_by(rq, body),
	    .why = json_string_value(json_object_get(body, "why")),
	    .created_us = ss_time_now(),
	    .wait_us = TIP_WAIT,
	    .folder = ss_request_folder(rq),
	};
	struct ss_evidence_made made;
	int r = ss_api_need(f, "figures", err);

	ss_request_target(rq, "%s", id);
	if (r == 0)
		r = seen(rq, ask.id, err);
	if (r == 0)
		r = ss_response_file(rq, rs, err);
	if (r == 0)
		r = ss_evidence_export(f, &ask, rs->file, &made, err);
	if (r < 0)
		return r;
	ss_json_kz(ss_request_detail(rq), "why", ask.why);
	ss_json_ki64(ss_request_detail(rq), "bytes", made.bytes);
	ss_put_hex(ss_request_detail(rq), "sm3", made.sm3, sizeof(made.sm3));
	rs->type = "application/x-tar";
	rs->filename = file_name(rq->a, id);
	return 0;
}

int ss_get_anchors(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_journal *j = ss_api_of(rq)->journal;
	bool paper = ss_str_is(ss_request_param(rq, "form"), "paper");
	int r = ss_api_need(j, "journal", err);

	if (r == 0)
		r = ss_evidence_anchors(j, paper, rs->out, err);
	if (r < 0)
		return r;
	rs->type = "text/plain; charset=utf-8";
	return 0;
}
