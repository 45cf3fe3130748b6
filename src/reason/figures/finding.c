/* Findings in the tree: what they say, every version, the law they stand on, what they were made of
 * as their deriver tells it, and the acts of people that touched them. */
#include <math.h>

#include "base/json.h"
#include "reason/figures/figures_internal.h"
#include "reason/lawbook/lawbook.h"
#include "reason/standards/standards.h"
#include "record/acts/acts.h"
#include "record/findings/findings.h"

#define LAW_ROWS_MAX 20 /* of one clause and day */

static const struct ss_explainer *explainer_of(const struct ss_figures *f, const char *kind)
{
	for (size_t i = 0; i < f->explainer_n; i++)
		if (strcmp(f->explainer[i]->kind, kind) == 0)
			return f->explainer[i];
	return NULL;
}

static json_t *body_of(const struct ss_finding *f)
{
	json_t *v = NULL;

	if (f->body.n == 0 || ss_json_parse(f->body, &v, NULL) < 0)
		return json_object();
	return v;
}

static const char *or_empty(const char *z)
{
	return z ? z : "";
}

static json_t *basis_of(const struct ss_basis *b)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:s}", "rule", or_empty(b->rule), "standard",
			 or_empty(b->standard), "clause", or_empty(b->clause), "law",
			 or_empty(b->law), "code", or_empty(b->code));
}

static json_t *version_of(const struct ss_finding *f, bool current)
{
	json_t *o = json_pack("{s:i, s:s, s:b, s:b, s:I, s:o, s:o}", "version", f->version, "state",
			      f->state, "withdrawn", f->withdrawn, "current", current, "seq",
			      (json_int_t)f->seq, "body", body_of(f), "basis", basis_of(&f->basis));

	ssx_number(o, "value", f->value);
	ssx_time(o, "known", f->known_us);
	return o;
}

/* --- law --- */

/* What else the row says: "w01018 1A day 50 mg/L"; rows of one clause are told apart by it. */
static const char *rest_of(struct ss_explain *x, const struct ss_law_row *row)
{
	static const char *const said[] = {"standard", "clause",  "source",     "mark",    "medium",
					   "text_en",  "name_en", "valid_from", "valid_to"};
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(400);

	for (size_t i = 0; i < row->table->n_columns; i++) {
		bool again = !row->text[i][0];

		for (size_t k = 0; k < SS_ARRAY_LEN(said); k++)
			again |= strcmp(said[k], row->table->columns[i].name) == 0;
		if (!again)
			ss_buf_addf(&b, "%s%s", b.n ? " " : "", row->text[i]);
	}
	return ss_arena_str(&x->a, ss_buf_str(&b)).p;
}

/* Where the row stands: its table, its key, a day on which it holds. */
static void put_place(json_t *n, const struct ss_law_row *row, int64_t day)
{
	ss_cleanup(ss_buf_done) struct ss_buf key = SS_BUF_MAX(4096);
	char text[SS_TIME_ISO];

	json_object_set_new(n, "table", json_string(row->table->name));
	if (ss_lawbook_key(&key, row) == 0)
		json_object_set_new(n, "key", json_stringn(key.n ? key.p : "", key.n));
	ss_time_fmt_iso(text, ss_day_start(day));
	json_object_set_new(n, "day", json_stringn(text, 10));
}

static int put_law(struct ss_explain *x, const struct ss_law_row *row, int64_t day)
{
	static const struct {
		char mark;
		const char *zh;
	} sure[] = {
	    {'S', "照标准文本"}, {'R', "别的来源相同"}, {'G', "惯例，待确认"}, {'U', "推定"}};
	const struct ss_law_table *t = row->table;
	const char *how = "", *rest = or_empty(rest_of(x, row));
	char mark[2] = {row->mark, 0};
	json_t *n, *fields;

	for (size_t i = 0; i < SS_ARRAY_LEN(sure); i++)
		how = sure[i].mark == row->mark ? sure[i].zh : how;
	n = ssx_node(x, "law", ss_arena_printf(&x->a, "law~%s~%u", t->name, row->line),
		     ss_arena_printf(&x->a, "依据 %s %s：%s（表 %s，%s）", ss_law_standard(row),
				     ss_law_clause(row), rest, t->title, how),
		     ss_arena_printf(&x->a, "%s %s: %s (table %s)", ss_law_standard(row),
				     ss_law_clause(row), rest, t->title_en));
	if (!n)
		return 0;
	fields = json_object();
	for (size_t i = 0; i < t->n_columns; i++)
		if (row->text[i][0])
			json_object_set_new(fields, t->columns[i].name, json_string(row->text[i]));
	put_place(n, row, day);
	json_object_set_new(n, "row", fields);
	ssx_time(n, "from",
		 row->from_day == INT64_MIN ? SS_TIME_NONE : ss_day_start(row->from_day));
	ssx_time(n, "to", row->to_day == INT64_MAX ? SS_TIME_NONE : ss_day_start(row->to_day + 1));
	ssx_time(n, "recorded", row->recorded_us);
	json_object_set_new(n, "amendment", json_string(row->amendment));
	json_object_set_new(n, "sure", json_string(mark));
	json_object_set_new(n, "version", json_string(ss_law_version(ss_law_now())));
	return 0;
}

static bool is(const struct ss_law_row *row, const char *column, const char *want)
{
	int c = ss_law_column(row->table, column);

	return c >= 0 && strcmp(row->text[c], want) == 0;
}

/* A row that names another factor is not meant; nor is the register of standards itself. */
static bool of_factor(const struct ss_law_row *row, const char *factor)
{
	static const char *const columns[] = {"item", "factor"};

	if (strcmp(row->table->kind, "register") == 0)
		return false;
	for (size_t i = 0; factor && *factor && i < SS_ARRAY_LEN(columns); i++) {
		int c = ss_law_column(row->table, columns[i]);

		if (c >= 0 && row->text[c][0] && strcmp(row->text[c], factor) != 0)
			return false;
	}
	return true;
}

int ss_explain_law(struct ss_explain *x, const char *standard, const char *clause,
		   const char *factor, int64_t t_us)
{
	const struct ss_law *law = ss_law_now();
	size_t n, found = 0;
	const struct ss_law_table *const *t = ss_law_tables(law, &n);
	int64_t day = ss_day_of(t_us);

	for (size_t i = 0; i < n; i++) {
		const struct ss_law_row *row = NULL;

		while ((row = ss_law_next(t[i], day, row)) && found < LAW_ROWS_MAX) {
			if (!is(row, "standard", standard) ||
			    (clause[0] && !is(row, "clause", clause)) || !of_factor(row, factor))
				continue;
			found++;
			put_law(x, row, day);
		}
	}
	return 0;
}

/* --- acts --- */

struct acts {
	struct ss_explain *x;
	const struct ss_finding *f; /* its site's acts are taken when they are about its time */
	bool by_time;
	int64_t from, to;
};

static int64_t time_member(const json_t *o, const char *name, int64_t otherwise)
{
	const char *text = json_string_value(json_object_get(o, name));
	int64_t t;

	return text && ss_time_parse_iso(ss_str_of(text), &t) == 0 ? t : otherwise;
}

/* An act about the outlet concerns the finding when its span, or its time, meets the finding's. */
static bool concerns(const struct acts *q, const struct ss_act *a, const json_t *whole)
{
	const json_t *data = json_object_get(whole, "data");
	const char *point =
	    json_string_value(json_object_get(json_object_get(whole, "target"), "point"));
	int64_t from = time_member(data, "start", time_member(data, "at", a->at_us));
	int64_t to = time_member(data, "end", from);

	if (!q->by_time)
		return true;
	return (!point || strcmp(point, q->f->key.point) == 0) && from < q->to && to >= q->from;
}

static const char *act_word(const struct ss_explain *x, const char *name, bool english)
{
	const struct ss_act_kind *k;

	for (size_t i = 0; x->f->p.acts && (k = ss_acts_kind(x->f->p.acts, i)); i++)
		if (strcmp(k->name, name) == 0)
			return english ? k->en : k->zh;
	return name;
}

static bool put_act(void *arg, const struct ss_act *a, struct ss_str result)
{
	struct acts *q = arg;
	struct ss_explain *x = q->x;
	json_t *whole = NULL, *n, *r = NULL, *before;

	if (ss_json_parse(a->body, &whole, NULL) < 0)
		return true;
	if (concerns(q, a, whole)) {
		n = ssx_node(x, "act", ss_arena_printf(&x->a, "act~%s", a->id),
			     ss_arena_printf(&x->a, "%s，%s，%s%s：%s", act_word(x, a->act, false),
					     ssx_when(&x->a, a->at_us), a->by,
					     a->verified ? "" : "（身份未核实）", a->reason),
			     ss_arena_printf(&x->a, "%s by %s at %s%s", act_word(x, a->act, true),
					     a->by, ssx_when(&x->a, a->at_us),
					     a->verified ? "" : " (identity not verified)"));
		if (n) {
			json_object_set(n, "act", whole);
			if (result.n && ss_json_parse(result, &r, NULL) == 0)
				json_object_set_new(n, "result", r);
			before = x->into;
			x->into = json_object_get(n, "inputs");
			ssx_entry(x, a->seq, NULL);
			x->into = before;
		}
	}
	json_decref(whole);
	return !x->truncated;
}

static int acts_of(struct ss_explain *x, const struct ss_finding *f, const char *id, int64_t to,
		   struct ss_error *err)
{
	struct acts q = {.x = x, .f = f, .from = f->start_us, .to = to};
	struct ss_act_query ask = {
	    .from = SS_TIME_NONE, .to = SS_TIME_NONE, .fn = put_act, .arg = &q};
	int r;

	ask.target = ss_arena_printf(&x->a, "%s:%s", f->key.kind, id);
	r = ss_findings_acts(x->f->p.findings, &ask, err);
	if (r < 0 || f->key.site == 0)
		return r;
	ask.target = ss_arena_printf(&x->a, "site:%lld", (long long)f->key.site);
	q.by_time = true;
	return ss_findings_acts(x->f->p.findings, &ask, err);
}

/* --- inputs --- */

int ss_explain_series(struct ss_explain *x, const struct ss_series_key *k, int64_t from, int64_t to,
		      struct ss_error *err)
{
	struct ss_series_info s;
	struct ss_point *p;
	int32_t id;
	size_t n;
	int r;

	if (ss_series_find(x->f->p.series, k, &id) < 0 ||
	    ss_series_info(x->f->p.series, id, &s) < 0)
		return 0;
	r = ss_series_points(x->f->p.series, id, from, to, 0, &x->a, &p, &n, err);
	for (size_t i = 0; i < n && r >= 0 && !x->truncated; i++)
		r = ssx_observation(x, &s, p[i].time_us, err);
	return r;
}

/* The observations of its outlet and factor; of no one factor, all of them. "@..." is an index of
 * frames: where a value was read, not what was observed. */
static int under(struct ss_explain *x, const struct ss_finding *f, int64_t to, struct ss_error *err)
{
	struct ss_series_info *s;
	size_t n;
	int r = ss_series_of_site(x->f->p.series, f->key.site, &x->a, &s, &n);

	for (size_t i = 0; i < n && r >= 0 && !x->truncated; i++)
		if (s[i].key.factor[0] != '@' && strcmp(s[i].key.point, f->key.point) == 0 &&
		    (f->key.factor[0] == 0 || strcmp(s[i].key.factor, f->key.factor) == 0))
			r = ss_explain_series(x, &s[i].key, f->start_us, to, err);
	return r;
}

int64_t ss_explain_end(const struct ss_finding *f)
{
	int64_t now = ss_time_now();

	if (f->end_us != SS_TIME_NONE)
		return f->end_us;
	return now > f->known_us ? now : f->known_us + 1;
}

/* The law behind it; where the row is of no one factor, by those that its members name. */
static int law_of(struct ss_explain *x, const struct ss_finding *f)
{
	json_t *body = NULL, *m;
	const char *before = "";
	size_t i, told = 0;
	int r = 0;

	if (!f->key.factor[0] && f->body.n && ss_json_parse(f->body, &body, NULL) < 0)
		body = NULL;
	json_array_foreach(json_object_get(body, "members"), i, m)
	{
		const char *factor = ss_json_get_z(json_object_get(m, "what"), "factor");

		if (!factor[0] || strcmp(factor, before) == 0 || r < 0)
			continue;
		before = factor;
		told++;
		r = ss_explain_law(x, f->basis.standard, or_empty(f->basis.clause), factor,
				   f->start_us);
	}
	json_decref(body);
	return told ? r
		    : ss_explain_law(x, f->basis.standard, or_empty(f->basis.clause), f->key.factor,
				     f->start_us);
}

static int inputs_of(struct ss_explain *x, const struct ss_finding *f, const char *id,
		     struct ss_error *err)
{
	const struct ss_explainer *e = explainer_of(x->f, f->key.kind);
	int64_t to = ss_explain_end(f);
	int r = 0;

	if (to <= f->start_us)
		to = f->start_us + 1;
	if (f->basis.standard && f->basis.standard[0])
		r = law_of(x, f);
	if (r >= 0)
		r = acts_of(x, f, id, to, err);
	if (r >= 0 && e && e->inputs)
		r = e->inputs(e->self, x, f, err);
	if (r >= 0 && (!e || !e->inputs || e->observations))
		r = under(x, f, to, err);
	return r;
}

static const char *kind_zh(const struct ss_figures *f, const char *kind, bool english)
{
	const struct ss_explainer *e = explainer_of(f, kind);

	return !e ? kind : english ? e->en : e->zh;
}

static const char *state_word(const struct ss_figures *f, const struct ss_finding *x, bool english)
{
	const struct ss_explainer *e = explainer_of(f, x->key.kind);

	return e && e->state ? e->state(x->state, english) : x->state;
}

static json_t *finding_node(struct ss_explain *x, const struct ss_finding *f, const char *id)
{
	const char *zh, *en, *unit;
	bool one = f->key.factor[0], based = or_empty(f->basis.standard)[0];
	bool coded = or_empty(f->basis.code)[0];
	json_t *n;

	x->f->p.codec.factor(f->key.factor, &zh, &en, &unit);
	n = ssx_node(x, "finding", id,
		     ss_arena_printf(&x->a, "%s%s%s，%s 起：%s，%s%s%s，第 %d 版%s%s%s%s%s%s",
				     kind_zh(x->f, f->key.kind, false), one ? " " : "",
				     one ? zh : "", ssx_when(&x->a, f->start_us),
				     state_word(x->f, f, false), isfinite(f->value) ? "数值 " : "",
				     isfinite(f->value) ? ssx_double(&x->a, f->value) : "无数值",
				     f->withdrawn ? "，依据已撤回" : "", f->version,
				     based ? "，依据 " : "", or_empty(f->basis.standard),
				     based ? " " : "", or_empty(f->basis.clause),
				     coded ? "，规则版本 " : "", or_empty(f->basis.code)),
		     ss_arena_printf(&x->a, "%s%s%s from %s: %s, version %d%s%s%s%s%s%s",
				     kind_zh(x->f, f->key.kind, true), one ? " of " : "",
				     one ? en : "", ssx_when(&x->a, f->start_us),
				     state_word(x->f, f, true), f->version, based ? ", by " : "",
				     or_empty(f->basis.standard), based ? " " : "",
				     or_empty(f->basis.clause), coded ? ", rules as of " : "",
				     or_empty(f->basis.code)));
	if (!n)
		return NULL;
	json_object_set_new(n, "finding", json_string(f->key.kind));
	json_object_set_new(n, "site", json_integer(f->key.site));
	json_object_set_new(n, "point", json_string(f->key.point));
	json_object_set_new(n, "factor", json_string(f->key.factor));
	json_object_set_new(n, "sub", json_string(f->key.sub));
	ssx_time(n, "start", f->start_us);
	ssx_time(n, "end", f->end_us);
	ssx_time(n, "known", f->known_us);
	json_object_set_new(n, "state", json_string(f->state));
	ssx_number(n, "value", f->value);
	json_object_set_new(n, "version", json_integer(f->version));
	json_object_set_new(n, "withdrawn", json_boolean(f->withdrawn));
	json_object_set_new(n, "seq", json_integer((json_int_t)f->seq));
	json_object_set_new(n, "body", body_of(f));
	json_object_set_new(n, "basis", basis_of(&f->basis));
	return n;
}

static int versions_into(struct ss_explain *x, json_t *n, const struct ss_finding *f,
			 struct ss_error *err)
{
	struct ss_finding *v;
	size_t count;
	json_t *list = json_array();
	int r =
	    ss_findings_versions(x->f->p.findings, &f->key, f->start_us, &x->a, &v, &count, err);

	for (size_t i = 0; i < count && r >= 0; i++)
		json_array_append_new(list, version_of(&v[i], i + 1 == count && f->version != 0));
	if (f->version == 0) /* only just put, not in the store yet */
		json_array_append_new(list, version_of(f, true));
	json_object_set_new(n, "versions", list);
	return r;
}

int ssx_finding(struct ss_explain *x, const struct ss_finding_key *k, int64_t start_us,
		struct ss_error *err)
{
	char id[SS_FINDING_ID];
	struct ss_finding f;
	json_t *n, *before;
	int r;

	if (!x->f->p.findings)
		return ss_error_set(err, SS_EUNSUPPORTED,
				    "本节点没有判定库；this node keeps no findings");
	r = ss_findings_get(x->f->p.findings, k, start_us, &x->a, &f, err);
	if (r < 0)
		return r == SS_ENOTFOUND
			   ? ss_error_set(err, r, "没有这一判定；there is no such finding")
			   : r;
	r = ss_finding_id(k, start_us, id, sizeof(id));
	n = r < 0 ? NULL : finding_node(x, &f, id);
	if (!n)
		return r;
	r = versions_into(x, n, &f, err);
	before = x->into;
	x->into = json_object_get(n, "inputs");
	x->depth++;
	if (r >= 0 && x->depth < 12)
		r = inputs_of(x, &f, id, err);
	x->depth--;
	x->into = before;
	return r;
}

int ssx_finding_id(struct ss_explain *x, struct ss_str id, struct ss_error *err)
{
	struct ss_finding_key k;
	int64_t start;

	if (ss_finding_id_parse(id, &k, &start) < 0)
		return ss_error_set(err, SS_EINVAL,
				    "id 的写法不对，如 obs~12~1764201600000000；the id is not of a "
				    "known form");
	return ssx_finding(x, &k, start, err);
}

int ss_explain_findings(struct ss_explain *x, const struct ss_finding_key *k, int64_t from,
			int64_t to, struct ss_error *err)
{
	struct ss_finding *row;
	size_t n;
	int r;

	if (!x->f->p.findings)
		return 0;
	r = ss_findings_range(x->f->p.findings, k, from, to, &x->a, &row, &n, err);
	for (size_t i = 0; i < n && r >= 0 && !x->truncated; i++)
		r = ssx_finding(x, k, row[i].start_us, err);
	return r;
}

struct related {
	struct ss_explain *x;
	struct ss_error *err;
	int r;
};

static bool put_related(void *arg, const struct ss_finding *f)
{
	struct related *q = arg;

	q->r = ssx_finding(q->x, &f->key, f->start_us, q->err);
	return q->r >= 0 && !q->x->truncated;
}

int ss_explain_related(struct ss_explain *x, const char *kind, const struct ss_finding_key *at,
		       int64_t from, int64_t to, struct ss_error *err)
{
	struct related q = {.x = x, .err = err};
	const struct ss_finding_query ask = {.kind = kind,
					     .site = at->site,
					     .point = at->point,
					     .factor = at->factor[0] ? at->factor : NULL,
					     .from = from,
					     .to = to,
					     .after_start = SS_TIME_NONE,
					     .fn = put_related,
					     .arg = &q};
	int r = ss_findings_each(x->f->p.findings, &ask, err);

	return r < 0 ? r : q.r;
}

/* --- again --- */

static void put_row(json_t *o, const struct ss_finding *f)
{
	json_object_set_new(o, "state", json_string(f->state));
	json_object_set_new(o, "withdrawn", json_boolean(f->withdrawn));
	ssx_number(o, "value", f->value);
	ssx_time(o, "end", f->end_us);
	json_object_set_new(o, "body", body_of(f));
	json_object_set_new(o, "basis", basis_of(&f->basis));
}

int ssx_finding_again(struct ss_explain *x, struct ss_str id, json_t *stored, json_t *again,
		      struct ss_error *err)
{
	const struct ss_explainer *e;
	struct ss_finding_key k;
	struct ss_finding f, g = {0};
	int64_t start;
	int r;

	if (!x->f->p.findings || ss_finding_id_parse(id, &k, &start) < 0)
		return ss_error_set(err, SS_EINVAL, "id 的写法不对；the id is not of a known form");
	r = ss_findings_get(x->f->p.findings, &k, start, &x->a, &f, err);
	if (r < 0)
		return r;
	e = explainer_of(x->f, k.kind);
	if (!e || !e->recompute)
		return ss_error_set(err, SS_EUNSUPPORTED,
				    "这类判定只能随日志整体重算（shanshui rehearse）；rows of this "
				    "kind are worked out again with the journal only");
	r = e->recompute(e->self, &f, &x->a, &g, err);
	if (r < 0)
		return r;
	put_row(stored, &f);
	put_row(again, &g);
	return 0;
}
