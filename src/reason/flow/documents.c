/* Documents of a case: a template filled from the record, numbered in the same transaction. A
 * document that was served is frozen; a void one keeps its number and the reason. */
#include "reason/flow/flow_internal.h"

#include "base/crypto.h"
#include "reason/documents/documents.h"

#define HTML_MAX (4 << 20)

/* --- values: fields as people read them --------------------------------------------------------
 */

static json_t *shown(const struct ssf_turn *t, const json_t *field, json_t *v);

static json_t *choice(const json_t *field, const json_t *v)
{
	const json_t *c = ssf_find(json_object_get(field, "choices"), "code", json_string_value(v));

	return json_string(c ? ss_json_get_z(c, "zh") : json_string_value(v));
}

/* The name of the record that is referred to. */
static json_t *named(const struct ssf_turn *t, const json_t *field, const json_t *v)
{
	const struct ss_viewer machine = ss_viewer_system(ss_json_get_z(t->flow, "module"));
	const struct ss_thing_time now = SS_THING_NOW;
	json_t *o = NULL, *name;

	if (ss_things_get(t->f->s.things, &machine, ss_json_get_z(field, "ref"),
			  json_string_value(v), &now, &o, NULL) < 0)
		return json_string(json_string_value(v));
	name = json_string(ss_json_get_z(o, "title"));
	json_decref(o);
	return name;
}

static json_t *fields_shown(const struct ssf_turn *t, const json_t *fields, json_t *values)
{
	json_t *out = json_object(), *v;
	const char *name;

	json_object_foreach(values, name, v)
	    json_object_set_new(out, name, shown(t, ssf_find(fields, "id", name), v));
	return out;
}

static json_t *shown(const struct ssf_turn *t, const json_t *field, json_t *v)
{
	json_t *list, *e;
	size_t i;

	if (json_is_array(v)) {
		list = json_array();
		json_array_foreach(v, i, e) json_array_append_new(list, shown(t, field, e));
		return list;
	}
	if (json_is_object(v) && json_object_get(field, "fields"))
		return fields_shown(t, json_object_get(field, "fields"), v);
	if (json_is_string(v) && json_object_get(field, "choices"))
		return choice(field, v);
	if (json_is_string(v) && json_object_get(field, "ref"))
		return named(t, field, v);
	return json_incref(v);
}

static int filled(struct ssf_turn *t, const json_t *decl, json_t *values)
{
	const json_t *fn = json_object_get(decl, "fill");
	json_t *more = NULL;
	int r;

	if (!fn)
		return 0;
	r = ssf_call(t, fn, false,
		     json_pack("{s:O}", "document", json_object_get(values, "document")), &more);
	if (r == 0 && json_is_object(more))
		json_object_set(values, "extra", more);
	json_decref(more);
	return r;
}

/* A document that is served names the party: the masked fields that the template prints stand in it
 * in clear, and the trace says which. */
static json_t *in_clear(const struct ssf_turn *t, const json_t *decl, const json_t *type)
{
	const struct ss_viewer machine = ss_viewer_system(ss_json_get_z(t->flow, "module"));
	json_t *out = json_copy(json_object_get(t->record, "fields")), *clear, *told = json_array();
	const json_t *f;
	size_t i;

	json_array_foreach(json_object_get(type, "fields"), i, f)
	{
		const char *id = ss_json_get_z(f, "id");
		char path[80];

		snprintf(path, sizeof(path), "record.%s", id);
		if (!json_object_get(f, "personal") || !json_object_get(out, id) ||
		    !strstr(ss_json_get_z(decl, "$text"), path) ||
		    ss_things_unmask(t->f->s.things, &machine, ss_json_get_z(t->flow, "record"),
				     SSF_ID(t), id, &clear, NULL) < 0)
			continue;
		json_object_set_new(out, id, clear);
		json_array_append_new(told, json_string(id));
	}
	if (json_array_size(told))
		json_object_set(t->data, "unmasked", told);
	json_decref(told);
	return out;
}

/* record, raw, case, by, today, document, extra: what a template may print. */
static json_t *values_of(const struct ssf_turn *t, const json_t *decl, const char *number,
			 const char *id)
{
	json_t *type = ss_things_declaration(t->f->s.things, ss_json_get_z(t->flow, "record"));
	json_t *fields = in_clear(t, decl, type);
	json_t *v =
	    json_pack("{s:o,s:O,s:O,s:s,s:I,s:{s:s,s:s,s:I}}", "record",
		      fields_shown(t, json_object_get(type, "fields"), fields), "raw", fields,
		      "case", t->c, "by", t->who->name ? t->who->name : t->who->user, "today",
		      t->now, "document", "number", number, "id", id, "date", t->now);

	json_decref(fields);
	json_decref(type);
	return v;
}

/* --- blanks by name -----------------------------------------------------------------------------
 */

static void blank(const struct ssf_turn *t, const json_t *type, const char *path)
{
	const char *id = strncmp(path, "record.", 7) == 0 ? path + 7 : path;
	char top[80];
	const json_t *f;

	ss_str_copy(top, sizeof(top), ss_str_n(id, strcspn(id, ".")));
	f = ssf_find(json_object_get(type, "fields"), "id", top);
	ssf_lacks(t, "field", id, f ? ssf_zh(f) : path, f ? ssf_en(f) : path);
}

static int refused(struct ssf_turn *t, const json_t *decl, const json_t *blanks)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(380);
	json_t *type = ss_things_declaration(t->f->s.things, ss_json_get_z(t->flow, "record"));
	size_t i, from = json_array_size(t->problems);
	const json_t *e;

	json_array_foreach(blanks, i, e) blank(t, type, json_string_value(e));
	json_decref(type);
	json_array_foreach(t->problems, i, e)
	{
		if (i >= from)
			ss_buf_addf(&b, "%s%s", b.n ? "、" : "", ss_json_get_z(e, "zh"));
	}
	return ss_error_set(t->err, SS_ESTATE,
			    "《%s》有必填的空白：%s；required blanks in the document", ssf_zh(decl),
			    b.p ? b.p : "");
}

static int needed(struct ssf_turn *t, const json_t *decl)
{
	const json_t *list = json_object_get(decl, "needs"), *e;
	json_t *blanks = json_array();
	size_t i;
	int r = 0;

	json_array_foreach(list, i, e)
	{
		const json_t *v =
		    json_object_get(json_object_get(t->record, "fields"), json_string_value(e));

		if (!v || json_is_null(v) || (json_is_string(v) && json_string_length(v) == 0) ||
		    (json_is_array(v) && json_array_size(v) == 0))
			json_array_append(blanks, (json_t *)e);
	}
	if (json_array_size(blanks))
		r = refused(t, decl, blanks);
	json_decref(blanks);
	return r;
}

/* --- making
 * --------------------------------------------------------------------------------------- */

static int64_t versions(const struct ssf_turn *t, const char *id, const json_t **ret_last)
{
	const json_t *e;
	int64_t n = 0;
	size_t i;

	*ret_last = NULL;
	json_array_foreach(json_object_get(t->c, "documents"), i, e)
	{
		if (strcmp(ss_json_get_z(e, "document"), id) != 0)
			continue;
		n = ss_json_get_i64(e, "version", 0) > n ? ss_json_get_i64(e, "version", 0) : n;
		*ret_last = e;
	}
	return n;
}

/* A new version of one that was not served keeps its number; a void number is not used again. */
static int number_of(struct ssf_turn *t, const json_t *decl, const json_t *last, char out[200])
{
	const char *format = json_string_value(json_object_get(decl, "number"));

	out[0] = 0;
	if (!format)
		return 0;
	if (last && !json_object_get(last, "void_us")) {
		ss_str_copy(out, 200, ss_str_of(ss_json_get_z(last, "number")));
		return 0;
	}
	return ss_things_number(t->f->s.things, format, ss_json_get_z(t->c, "area"), t->now, out,
				200, t->err);
}

static int print(struct ssf_turn *t, const json_t *decl, const char *number, struct ss_buf *html)
{
	const json_t *text = json_object_get(decl, "$text");
	json_t *values = values_of(t, decl, number, SSF_ID(t)), *blanks = json_array();
	int r = filled(t, decl, values);

	if (r == 0)
		r = ss_template_fill(ss_str_n(json_string_value(text), json_string_length(text)),
				     values, html, blanks, t->err);
	if (r == SS_EINVAL && json_array_size(blanks))
		r = refused(t, decl, blanks);
	json_decref(values);
	json_decref(blanks);
	return r;
}

static int keep(struct ssf_turn *t, const json_t *decl, int64_t version, const char *number,
		struct ss_str html)
{
	uint8_t sum[SS_SM3_LEN];
	char hex[2 * SS_SM3_LEN + 1] = "", id[40];
	struct ss_case_document d = {.case_id = SSF_ID(t),
				     .document = ss_json_get_z(decl, "id"),
				     .number = number,
				     .title = ssf_zh(decl),
				     .html = html.p,
				     .digest = hex,
				     .state = t->from,
				     .by = ssf_who(t),
				     .version = version,
				     .at_us = t->now};
	int r = ss_sm3(html.p, html.n, sum);

	if (r < 0)
		return ss_error_set(t->err, r, "摘要算不出；no digest");
	ss_hex_encode(hex, sum, SS_SM3_LEN);
	r = ss_case_document_add(t->db, &d, id, t->err);
	if (r < 0)
		return r;
	json_object_set_new(t->made, "document", json_string(id));
	json_object_set_new(t->made, "number", json_string(number));
	json_object_set_new(t->data, "document", json_string(d.document));
	json_object_set_new(t->data, "number", json_string(number));
	json_object_set_new(t->data, "version", json_integer(version));
	json_object_set_new(t->data, "digest", json_string(hex));
	return ssf_trace(t, t->act, "", ss_json_get_z(t->ask, "note"), t->data);
}

int ssf_document_make(struct ssf_turn *t)
{
	ss_cleanup(ss_buf_done) struct ss_buf html = SS_BUF_MAX(HTML_MAX);
	const json_t *decl = ssf_find(json_object_get(t->flow, "documents"), "id",
				      ss_json_get_z(t->ask, "document"));
	const json_t *states = json_object_get(decl, "states"), *last;
	char number[200];
	int64_t version;
	int r;

	if (!decl)
		return ss_error_set(t->err, SS_ENOTFOUND, "没有这种文书 %s；no such document",
				    ss_json_get_z(t->ask, "document"));
	if ((json_array_size(states) || json_object_get(t->c, "closed_us")) &&
	    !ssf_list_has(states, t->from))
		return ss_error_set(t->err, SS_ESTATE,
				    "「%s」环节不做《%s》；not made in this state",
				    ssf_zh(t->state), ssf_zh(decl));
	version = versions(t, ss_json_get_z(decl, "id"), &last);
	if (last && json_object_get(last, "frozen_us") && !json_object_get(last, "void_us"))
		return ss_error_set(
		    t->err, SS_ESTATE,
		    "《%s》已送达定稿，更正须另行补正；the document was served and is frozen",
		    ssf_zh(decl));
	r = needed(t, decl);
	if (r == 0)
		r = number_of(t, decl, last, number);
	if (r == 0)
		r = print(t, decl, number, &html);
	return r < 0 ? r : keep(t, decl, version + 1, number, ss_buf_str(&html));
}

/* --- served, void -------------------------------------------------------------------------------
 */

static const json_t *asked_for(struct ssf_turn *t)
{
	const json_t *d =
	    ssf_find(json_object_get(t->c, "documents"), "id", ss_json_get_z(t->ask, "document"));

	if (!d || json_object_get(d, "void_us")) {
		ss_error_set(t->err, SS_ENOTFOUND, "没有这份有效的文书；no such document");
		return NULL;
	}
	json_object_set(t->data, "document", json_object_get(d, "document"));
	json_object_set(t->data, "number", json_object_get(d, "number"));
	return d;
}

int ssf_document_serve(struct ssf_turn *t)
{
	const json_t *d = asked_for(t);
	int r;

	if (!d)
		return SS_ENOTFOUND;
	if (json_object_get(d, "frozen_us"))
		return ss_error_set(t->err, SS_ESTATE, "这份文书已送达定稿；it was served already");
	r = ss_case_document_freeze(t->db, ss_json_get_z(d, "id"), t->now, t->err);
	return r < 0 ? r : ssf_trace(t, t->act, "", ss_json_get_z(t->ask, "note"), t->data);
}

int ssf_document_void(struct ssf_turn *t)
{
	const json_t *d = asked_for(t);
	int r;

	if (!d)
		return SS_ENOTFOUND;
	r = ss_case_document_void(t->db, ss_json_get_z(d, "id"), t->now,
				  ss_json_get_z(t->ask, "note"), t->err);
	return r < 0 ? r : ssf_trace(t, t->act, "", ss_json_get_z(t->ask, "note"), t->data);
}

/* --- reading
 * -------------------------------------------------------------------------------------- */

static int read_document(struct ssf_turn *t, const char *document, bool pdf, struct ss_buf *out)
{
	json_t *d = NULL;
	const json_t *html;
	struct ss_str body;
	int r = ssf_sees(t);

	if (r == 0)
		r = ss_case_document(t->db, SSF_ID(t), document, &d, t->err);
	if (r < 0)
		return ss_error_set(t->err, r, "没有这份文书；no such document");
	html = json_object_get(d, "html");
	body = ss_str_n(json_string_value(html), json_string_length(html));
	r = pdf ? ss_document_pdf(body, ss_json_get_z(d, "title"), out, t->err)
		: ss_document_page(body, ss_json_get_z(d, "title"), out);
	json_decref(d);
	return r;
}

int ss_flow_document(struct ss_flows *f, const struct ss_viewer *v, const char *flow,
		     const char *id, const char *document, bool pdf, struct ss_buf *out,
		     struct ss_error *err)
{
	struct ssf_turn t = {.f = f, .who = v, .now = ss_time_now(), .err = err};
	struct ssf_set *set;
	int r = v ? ss_business_take(f->s.business, &t.db, err) : SS_ENOTFOUND;

	if (r < 0)
		return r;
	set = ssf_hold(f);
	t.set = set;
	r = ssf_turn_open(&t, flow, id, SS_CASE_TASKS);
	if (r == 0)
		r = read_document(&t, document, pdf, out);
	ssf_turn_done(&t);
	ss_business_give(f->s.business, t.db);
	ssf_drop(&set);
	return r;
}
