/* Records by the table: import, export, the same change in many; and duplicates: merging, undoing,
 * parting. */
#include "serve/api/things.h"

/* Counts of a report for the audit. */
static void put_counts(struct ss_request *rq, const json_t *report)
{
	struct ss_json *j = ss_request_detail(rq);
	const char *name;
	json_t *v;

	json_object_foreach((json_t *)report, name, v)
	{
		if (json_is_integer(v))
			ss_json_ki64(j, name, json_integer_value(v));
	}
}

/* --- tables
 * ---------------------------------------------------------------------------------------- */

int ss_post_things_import(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_str dry = ss_request_param(rq, "dry"), keep = ss_request_param(rq, "keep");
	const struct ss_thing_import o = {
	    .reason = ss_thing_param(rq, "reason")[0] ? ss_thing_param(rq, "reason") : NULL,
	    .dry = dry.n && !ss_str_is(dry, "0"),
	    .keep = keep.n && !ss_str_is(keep, "0")};
	struct ss_thing_ask x;
	json_t *report = NULL;
	int r = ss_thing_ask(rq, &x, err);

	if (r == 0)
		r = ss_things_import(x.things, &x.viewer, x.type, rq->body, &o, &report, err);
	if (r == 0) {
		put_counts(rq, report);
		ss_json_kbool(ss_request_detail(rq), "dry", o.dry);
		r = ss_thing_answer(rs, report);
	}
	return ss_thing_ask_done(rq, &x, r);
}

static int format_of(struct ss_request *rq, enum ss_thing_format *ret, struct ss_error *err)
{
	static const char *const names[] = {"csv", "xlsx", "geojson"};
	const char *z = ss_thing_param(rq, "format");

	*ret = SS_THING_CSV;
	for (size_t i = 0; i < SS_ARRAY_LEN(names); i++)
		if (strcmp(z, names[i]) == 0) {
			*ret = (enum ss_thing_format)i;
			return 0;
		}
	if (!z[0])
		return 0;
	ss_request_blame(rq, "format");
	return ss_error_set(err, SS_EINVAL,
			    "format 须为 csv、xlsx 或 geojson；format is csv, xlsx or geojson");
}

static void put_file(struct ss_request *rq, struct ss_response *rs, const char *type,
		     enum ss_thing_format f)
{
	static const char *const ends[] = {"csv", "xlsx", "geojson"};
	static const char *const types[] = {
	    "text/csv; charset=utf-8",
	    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
	    "application/geo+json"};
	char day[18];

	ss_time_fmt_compact(day, ss_time_now(), 14);
	rs->type = types[f];
	rs->filename = ss_arena_printf(rq->a, "%s-%s.%s", type, day, ends[f]);
}

int ss_get_things_export(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_thing_params p = {0};
	enum ss_thing_format format;
	struct ss_thing_ask x;
	json_t *summary = NULL;
	int r = ss_thing_ask(rq, &x, err);

	if (r == 0)
		r = format_of(rq, &format, err);
	if (r == 0)
		r = ss_thing_query(rq, &x, &p, err);
	if (r == 0)
		r = ss_response_file(rq, rs, err);
	if (r == 0)
		r = ss_things_export(x.things, &x.viewer, x.type, &p.q, format, rs->file, &summary,
				     err);
	ss_json_kstr(ss_request_detail(rq), "filter", ss_request_param(rq, "filter"));
	ss_json_kstr(ss_request_detail(rq), "q", ss_request_param(rq, "q"));
	if (r == 0) {
		ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(8192);

		ss_json_key(ss_request_detail(rq), "file");
		ss_json_raw(ss_request_detail(rq),
			    ss_json_canonical(&b, summary) == 0 ? ss_buf_str(&b) : SS_STR("null"));
		put_file(rq, rs, x.type, format);
	}
	json_decref(summary);
	ss_thing_query_done(&p);
	return ss_thing_ask_done(rq, &x, r);
}

int ss_get_things_template(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	enum ss_thing_format format;
	struct ss_thing_ask x;
	int r = ss_thing_ask(rq, &x, err);

	if (r == 0)
		r = format_of(rq, &format, err);
	if (r == 0 && format == SS_THING_GEOJSON)
		r = ss_error_set(err, SS_EINVAL, "模板为 csv 或 xlsx；a template is csv or xlsx");
	if (r == 0)
		r = ss_things_template(x.things, &x.viewer, x.type, format, rs->out, err);
	if (r == 0)
		put_file(rq, rs, x.type, format);
	return ss_thing_ask_done(rq, &x, r);
}

int ss_post_things_bulk(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	const json_t *body = ss_request_json(rq);
	struct ss_thing_ask x;
	json_t *report = NULL;
	int r = ss_thing_ask(rq, &x, err);

	if (r == 0)
		r = ss_things_bulk(x.things, &x.viewer, x.type, json_object_get(body, "ids"),
				   json_object_get(body, "filter"), json_object_get(body, "set"),
				   ss_json_get_z(body, "reason"), &report, err);
	if (r == 0) {
		put_counts(rq, report);
		ss_json_kz(ss_request_detail(rq), "reason", ss_json_get_z(body, "reason"));
		r = ss_thing_answer(rs, report);
	}
	return ss_thing_ask_done(rq, &x, r);
}

/* --- duplicates
 * ------------------------------------------------------------------------------------ */

static int answer_record(struct ss_request *rq, struct ss_response *rs,
			 const struct ss_thing_ask *x, const char *id, struct ss_error *err)
{
	json_t *o = NULL;
	int r = ss_things_get(x->things, &x->viewer, x->type, id, NULL, &o, err);

	(void)rq;
	return r < 0 ? r : ss_thing_answer(rs, o);
}

int ss_post_thing_merge(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	const json_t *body = ss_request_json(rq);
	struct ss_thing_ask x;
	char merge[37];
	int r = ss_thing_ask(rq, &x, err);

	if (r == 0)
		r = ss_things_merge(x.things, &x.viewer, x.type, x.id, ss_json_get_z(body, "with"),
				    json_object_get(body, "choose"), ss_json_get_z(body, "reason"),
				    merge, err);
	if (r == 0) {
		ss_json_kz(ss_request_detail(rq), "with", ss_json_get_z(body, "with"));
		ss_json_kz(ss_request_detail(rq), "reason", ss_json_get_z(body, "reason"));
		r = answer_record(rq, rs, &x, x.id, err);
	}
	return ss_thing_ask_done(rq, &x, r);
}

int ss_post_thing_unmerge(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	const json_t *body = ss_request_json(rq);
	struct ss_thing_ask x;
	char other[37];
	int r = ss_thing_ask(rq, &x, err);

	if (r == 0)
		r = ss_things_unmerge(x.things, &x.viewer, x.type, x.id,
				      ss_json_get_z(body, "with"), ss_json_get_z(body, "reason"),
				      other, err);
	if (r == 0) {
		ss_json_kz(ss_request_detail(rq), "with", other);
		r = answer_record(rq, rs, &x, other, err);
	}
	return ss_thing_ask_done(rq, &x, r);
}

int ss_post_thing_split(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	const json_t *body = ss_request_json(rq);
	struct ss_thing_ask x;
	char id[37];
	int r = ss_thing_ask(rq, &x, err);

	if (r == 0)
		r = ss_things_split(x.things, &x.viewer, x.type, x.id,
				    json_object_get(body, "fields"), json_object_get(body, "move"),
				    ss_json_get_z(body, "reason"), id, x.problems, err);
	if (r == 0) {
		ss_json_kz(ss_request_detail(rq), "new", id);
		rs->status = 201;
		r = answer_record(rq, rs, &x, id, err);
	}
	return ss_thing_ask_done(rq, &x, r);
}

int ss_get_things_duplicates(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_thing_ask x;
	json_t *items = NULL;
	int r = ss_thing_ask(rq, &x, err);

	if (r == 0)
		r = ss_things_duplicates(x.things, &x.viewer, x.type, ss_thing_param(rq, "state"),
					 &items, err);
	if (r == 0)
		r = ss_thing_answer(rs, json_pack("{s:o}", "items", items));
	return ss_thing_ask_done(rq, &x, r);
}

int ss_post_things_similar(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	const json_t *body = ss_request_json(rq);
	struct ss_thing_ask x;
	json_t *items = NULL;
	int r = ss_thing_ask(rq, &x, err);

	if (r == 0)
		r = ss_things_similar(x.things, &x.viewer, x.type, json_object_get(body, "fields"),
				      ss_json_get_z(body, "id"), &items, err);
	if (r == 0)
		r = ss_thing_answer(rs, json_pack("{s:o}", "items", items));
	return ss_thing_ask_done(rq, &x, r);
}

int ss_post_things_apart(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	const json_t *body = ss_request_json(rq);
	struct ss_thing_ask x;
	int r = ss_thing_ask(rq, &x, err);

	if (r == 0)
		r = ss_things_apart(x.things, &x.viewer, x.type, ss_json_get_z(body, "a"),
				    ss_json_get_z(body, "b"), err);
	if (r == 0) {
		ss_json_kz(ss_request_detail(rq), "a", ss_json_get_z(body, "a"));
		ss_json_kz(ss_request_detail(rq), "b", ss_json_get_z(body, "b"));
		r = ss_thing_answer(rs, json_pack("{s:s}", "state", "apart"));
	}
	return ss_thing_ask_done(rq, &x, r);
}

int ss_post_things_find_duplicates(struct ss_request *rq, struct ss_response *rs,
				   struct ss_error *err)
{
	struct ss_thing_ask x;
	json_t *report = NULL;
	int r = ss_thing_ask(rq, &x, err);

	if (r == 0 && !ss_things_may(x.things, &x.viewer, x.type, 'U'))
		r = ss_things_may(x.things, &x.viewer, x.type, 'R')
			? ss_error_set(err, SS_EDENIED,
				       "没有查重的权限，" SS_ASK_ZH
				       "；you may not look for duplicates, " SS_ASK_EN)
			: ss_error_set(err, SS_ENOTFOUND,
				       "没有这个类型或记录：%s；no such type or record: %s", x.type,
				       x.type);
	if (r == 0)
		r = ss_things_find_duplicates(x.things, x.type, &report, err);
	if (r == 0) {
		put_counts(rq, report);
		r = ss_thing_answer(rs, report);
	}
	return ss_thing_ask_done(rq, &x, r);
}
