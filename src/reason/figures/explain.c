/* The walk from a figure down to the bytes, as a tree of JSON. */
#include <math.h>

#include "base/json.h"
#include "reason/figures/figures_internal.h"
#include "reason/standards/standards.h"
#include "record/findings/findings.h"

int ss_figures_new(const struct ss_figures_parts *p, struct ss_figures **ret)
{
	struct ss_figures *f = calloc(1, sizeof(*f));

	if (!f)
		return SS_ENOMEM;
	f->p = *p;
	*ret = f;
	return 0;
}

void ss_figures_free(struct ss_figures *f)
{
	free(f);
}

const struct ss_figures_parts *ss_figures_parts(const struct ss_figures *f)
{
	return &f->p;
}

int ss_figures_register(struct ss_figures *f, const struct ss_explainer *e)
{
	for (size_t i = 0; i < f->explainer_n; i++)
		if (strcmp(f->explainer[i]->kind, e->kind) == 0)
			return SS_EEXISTS;
	if (f->explainer_n == EXPLAINERS_MAX)
		return SS_ENOMEM;
	f->explainer[f->explainer_n++] = e;
	return 0;
}

/* --- nodes --- */

json_t *ssx_node(struct ss_explain *x, const char *kind, const char *id, const char *zh,
		 const char *en)
{
	json_t *n;

	if (x->left == 0) {
		x->truncated = true;
		return NULL;
	}
	x->left--;
	n = json_pack("{s:s, s:s, s:s, s:s, s:[]}", "kind", kind, "id", id, "zh", zh, "en", en,
		      "inputs");
	if (!n || json_array_append_new(x->into, n) < 0)
		return NULL;
	return n;
}

void ssx_time(json_t *o, const char *key, int64_t t_us)
{
	char iso[SS_TIME_ISO];

	if (t_us == SS_TIME_NONE) {
		json_object_set_new(o, key, json_null());
		return;
	}
	ss_time_fmt_iso(iso, t_us);
	json_object_set_new(o, key, json_string(iso));
}

void ssx_number(json_t *o, const char *key, double v)
{
	json_object_set_new(o, key, isfinite(v) ? json_real(v) : json_null());
}

const char *ssx_when(struct ss_arena *a, int64_t t_us)
{
	struct ss_civil c = ss_civil_of(t_us);

	return ss_arena_printf(a, "%04d-%02d-%02d %02d:%02d:%02d", c.year, c.month, c.day, c.hour,
			       c.minute, c.second);
}

const char *ssx_double(struct ss_arena *a, double v)
{
	char text[SS_DOUBLE_MAX];

	if (!isfinite(v))
		return "（无数值）";
	return ss_arena_strdup(a, ss_str_n(text, ss_fmt_double(text, v)));
}

int ssx_series(struct ss_figures *f, int64_t id, struct ss_series_info *ret, struct ss_error *err)
{
	if (id > 0 && id <= INT32_MAX && ss_series_info(f->p.series, (int32_t)id, ret) == 0)
		return 0;
	return ss_error_set(err, SS_ENOTFOUND, "没有序列 %lld；there is no series %lld",
			    (long long)id, (long long)id);
}

/* --- an entry --- */

static const char *entry_kind(enum ss_entry_kind k, const char **zh)
{
	static const struct {
		const char *key, *zh;
	} names[] = {{"other", "条目"},      {"hj212", "HJ 212 报文"},  {"hj212_bad", "有误的报文"},
		     {"import", "导入的表"}, {"command", "下发的报文"}, {"manual", "人工录入"},
		     {"note", "节点自述"},   {"act", "人的操作"}};
	size_t i = (size_t)k < SS_ARRAY_LEN(names) ? (size_t)k : 0;

	*zh = names[i].zh;
	return names[i].key;
}

static void put_tip(struct ss_explain *x, json_t *n, uint64_t group)
{
	struct ss_tip t;
	char hex[65] = {0};
	json_t *o;

	if (ss_journal_tip_of(x->f->p.journal, group, &t) < 0) {
		json_object_set_new(n, "tip", json_null());
		return;
	}
	ss_hex_encode(hex, t.root, 32);
	o = json_pack("{s:I, s:s}", "group", (json_int_t)t.group, "root", hex);
	ssx_time(o, "time", t.time_us);
	json_object_set_new(n, "tip", o);
}

int ssx_entry(struct ss_explain *x, uint64_t seq, struct ss_error *err)
{
	struct ss_arena_mark m = ss_arena_mark(&x->a);
	struct ss_entry e;
	const char *zh, *key, *when;
	char id[40];
	json_t *n;
	int r = ss_journal_get(x->f->p.journal, seq, &x->a, &e, err);

	if (r < 0)
		return r == SS_ENOTFOUND
			   ? ss_error_set(err, r,
					  "日志里没有第 %llu 条；the journal "
					  "has no entry %llu",
					  (unsigned long long)seq, (unsigned long long)seq)
			   : r;
	key = entry_kind(e.kind, &zh);
	when = ssx_when(&x->a, e.arrived_us);
	snprintf(id, sizeof(id), "entry~%llu", (unsigned long long)seq);
	n = ssx_node(
	    x, "entry", id,
	    ss_arena_printf(&x->a, "日志第 %llu 条：%s，%zu 字节，%s 到达，来自 %.*s",
			    (unsigned long long)seq, zh, e.body.n, when, SS_STR_ARG(e.source)),
	    ss_arena_printf(&x->a,
			    "journal entry %llu: %s, %zu bytes, arrived %s from "
			    "%.*s",
			    (unsigned long long)seq, key, e.body.n, when, SS_STR_ARG(e.source)));
	if (n) {
		json_object_set_new(n, "seq", json_integer((json_int_t)seq));
		json_object_set_new(n, "entry_kind", json_string(key));
		ssx_time(n, "arrived", e.arrived_us);
		json_object_set_new(n, "bytes", json_integer((json_int_t)e.body.n));
		json_object_set_new(n, "verdict", json_integer(e.verdict));
		json_object_set_new(n, "faults", json_integer(e.faults));
		json_object_set_new(n, "group", json_integer((json_int_t)e.group));
		put_tip(x, n, e.group);
	}
	ss_arena_rewind(&x->a, m);
	return 0;
}

/* --- an observation --- */

const char *ss_figures_unit(enum ss_site_kind kind, const char *factor)
{
	const struct ss_law_row *row =
	    ss_law_find(ss_law_table(ss_law_now(), "units/by-kind"), SS_ANY_DAY,
			SS_LAW_KEY(ss_site_kind_key(kind), factor));

	return row ? ss_law_text(row, "unit") : NULL;
}

/* What a series is called and counted in, at its site. */
static void words_of(struct ss_explain *x, const struct ss_series_key *k, const char **zh,
		     const char **en, const char **unit)
{
	struct ss_registry *g = x->f->p.registry;
	const char *own = NULL;
	struct ss_site site;

	x->f->p.codec.factor(k->factor, zh, en, unit);
	if (g && strcmp(k->stat, "Cou") != 0 && ss_registry_site(g, k->site, &site) == 0)
		own = ss_figures_unit(site.kind, k->factor);
	if (own)
		*unit = own;
}

static json_t *series_of(struct ss_explain *x, const struct ss_series_info *s)
{
	const char *zh, *en, *unit;
	struct ss_site site = {.name = "", .code = ""};

	words_of(x, &s->key, &zh, &en, &unit);
	if (x->f->p.registry)
		ss_registry_site(x->f->p.registry, s->key.site, &site);
	return json_pack("{s:i, s:I, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "id", s->id, "site",
			 (json_int_t)s->key.site, "site_code", site.code, "site_name", site.name,
			 "point", s->key.point, "factor", s->key.factor, "name", zh, "unit", unit,
			 "stat", s->key.stat, "period", ss_period_key(s->key.period));
}

static json_t *versions_of(const struct ss_version *v, size_t n, const uint64_t *seq, size_t seq_n,
			   const struct ss_version **now, size_t *ret_number)
{
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++) {
		char mark[2] = {v[i].mark ? (char)v[i].mark : 'N', 0};
		json_t *o = json_pack("{s:I, s:s, s:I, s:b}", "version", (json_int_t)i + 1, "mark",
				      mark, "seq", (json_int_t)ssx_version_seq(v, n, i, seq, seq_n),
				      "current", v[i].current);

		ssx_number(o, "value", v[i].value);
		json_array_append_new(list, o);
		if (v[i].current) {
			*now = &v[i];
			*ret_number = i + 1;
		}
	}
	return list;
}

/* Runs inside the node: its inputs are where the next nodes go. */
static json_t *enter(struct ss_explain *x, json_t *node)
{
	json_t *before = x->into;

	x->into = json_object_get(node, "inputs");
	x->depth++;
	return before;
}

static void leave(struct ss_explain *x, json_t *before)
{
	x->into = before;
	x->depth--;
}

static int entries_into(struct ss_explain *x, json_t *n, const uint64_t *seq, size_t count,
			struct ss_error *err)
{
	json_t *before = enter(x, n);
	int r = 0;

	for (size_t i = 0; i < count && r >= 0; i++)
		r = ssx_entry(x, seq[i], err);
	leave(x, before);
	return r;
}

int ssx_observation(struct ss_explain *x, const struct ss_series_info *s, int64_t time_us,
		    struct ss_error *err)
{
	struct ss_arena_mark m = ss_arena_mark(&x->a);
	const struct ss_version *now = NULL;
	struct ss_version *v = NULL;
	const char *zh, *en, *unit;
	size_t n = 0, number = 0, seq_n = 0;
	uint64_t *seq = NULL;
	char id[64];
	json_t *list, *node;
	int r = ss_series_versions(x->f->p.series, s->id, time_us, &x->a, &v, &n, err);

	if (r >= 0)
		r = ss_point_entries(&x->f->p, s, time_us, &x->a, &seq, &seq_n, err);
	if (r < 0)
		return r;
	list = versions_of(v, n, seq, seq_n, &now, &number);
	if (!now) {
		json_decref(list);
		return ss_error_set(err, SS_ENOTFOUND,
				    "这个时刻没有数据；there is no point at that time");
	}
	words_of(x, &s->key, &zh, &en, &unit);
	snprintf(id, sizeof(id), "obs~%d~%lld", s->id, (long long)time_us);
	node = ssx_node(
	    x, "observation", id,
	    ss_arena_printf(&x->a, "%s %s，%s：%s %s，标记 %c，第 %zu 版（共 %zu 版）", zh,
			    s->key.stat, ssx_when(&x->a, time_us), ssx_double(&x->a, now->value),
			    unit, now->mark ? now->mark : 'N', number, n),
	    ss_arena_printf(&x->a, "%s %s at %s: %s %s, mark %c, version %zu of %zu", en,
			    s->key.stat, ssx_when(&x->a, time_us), ssx_double(&x->a, now->value),
			    unit, now->mark ? now->mark : 'N', number, n));
	if (node) {
		char mark[2] = {now->mark ? (char)now->mark : 'N', 0};

		json_object_set_new(node, "series", series_of(x, s));
		ssx_time(node, "time", time_us);
		json_object_set_new(node, "time_us", json_integer(time_us));
		ssx_number(node, "value", now->value);
		json_object_set_new(node, "mark", json_string(mark));
		json_object_set_new(node, "version", json_integer((json_int_t)number));
		json_object_set(node, "versions", list);
		r = entries_into(x, node, seq, seq_n, err);
	}
	json_decref(list);
	ss_arena_rewind(&x->a, m);
	return r;
}

/* --- means of hours and days --- */

static int points_of(struct ss_explain *x, const struct ss_series_info *s, int64_t from, int64_t to,
		     struct ss_error *err)
{
	struct ss_point *p;
	size_t n;
	int r = ss_series_points(x->f->p.series, s->id, from, to, 0, &x->a, &p, &n, err);

	for (size_t i = 0; i < n && r >= 0 && !x->truncated; i++)
		r = ssx_observation(x, s, p[i].time_us, err);
	return r;
}

static int hours_of(struct ss_explain *x, const struct ss_series_info *s, int64_t from, int64_t to,
		    struct ss_error *err)
{
	struct ss_rollup *h;
	size_t n;
	int r =
	    ss_series_rollup(x->f->p.series, s->id, SS_ROLLUP_HOUR, from, to, &x->a, &h, &n, err);

	for (size_t i = 0; i < n && r >= 0 && !x->truncated; i++)
		r = ssx_rollup(x, s, SS_ROLLUP_HOUR, h[i].start_us, err);
	return r;
}

int ssx_rollup(struct ss_explain *x, const struct ss_series_info *s, enum ss_rollup_period p,
	       int64_t start_us, struct ss_error *err)
{
	const char *key = p == SS_ROLLUP_HOUR ? "hour" : "day", *zh, *en, *unit;
	int64_t end = start_us + ssx_period_us(p);
	struct ss_rollup *h;
	json_t *node, *before;
	size_t n = 0;
	char id[64];
	int r = ss_series_rollup(x->f->p.series, s->id, p, start_us, end, &x->a, &h, &n, err);

	if (r < 0)
		return r;
	if (n != 1 || h->start_us != start_us)
		return ss_error_set(err, SS_ENOTFOUND,
				    "这一时段没有数据；there is nothing in that period");
	words_of(x, &s->key, &zh, &en, &unit);
	snprintf(id, sizeof(id), "%s~%d~%lld", key, s->id, (long long)start_us);
	node = ssx_node(x, "rollup", id,
			ss_arena_printf(&x->a, "%s %s，%s 起的一%s：均值 %s %s，有效 %d / 共 %d",
					zh, s->key.stat, ssx_when(&x->a, start_us),
					p == SS_ROLLUP_HOUR ? "小时" : "天",
					ssx_double(&x->a, h->mean), unit, h->n_valid, h->n),
			ss_arena_printf(&x->a, "%s %s, the %s from %s: mean %s %s, %d valid of %d",
					en, s->key.stat, key, ssx_when(&x->a, start_us),
					ssx_double(&x->a, h->mean), unit, h->n_valid, h->n));
	if (!node)
		return 0;
	json_object_set_new(node, "period", json_string(key));
	json_object_set_new(node, "series", series_of(x, s));
	ssx_time(node, "start", start_us);
	json_object_set_new(node, "start_us", json_integer(start_us));
	json_object_set_new(node, "end_us", json_integer(end));
	json_object_set_new(node, "n", json_integer(h->n));
	json_object_set_new(node, "n_valid", json_integer(h->n_valid));
	ssx_number(node, "mean", h->mean);
	ssx_number(node, "min", h->min);
	ssx_number(node, "max", h->max);
	json_object_set_new(node, "basis",
			    json_pack("{s:s, s:s, s:s}", "rule", "series.mean", "zh",
				      "标记为 N 且有数的点的算术平均；十进制下准确时按整数求和",
				      "code", "series/1"));
	before = enter(x, node);
	r = p == SS_ROLLUP_HOUR ? points_of(x, s, start_us, end, err)
				: hours_of(x, s, start_us, end, err);
	leave(x, before);
	return r;
}

/* --- ids --- */

int ssx_id_parse(struct ss_str id, struct ssx_id *ret, struct ss_error *err)
{
	static const char *const forms[] = {"obs", "hour", "day", "entry"};
	struct ss_str rest = id, part[3];
	size_t n = 0;

	while (n < 3 && ss_str_split(&rest, '~', &part[n]))
		n++;
	*ret = (struct ssx_id){.form = SSX_FINDING, .time_us = SS_TIME_NONE};
	if (rest.n || n < 2)
		return n == 3 ? 0
			      : ss_error_set(err, SS_EINVAL,
					     "id 的写法不对，如 obs~12~1764201600000000；the id is "
					     "not of a known form");
	for (size_t i = 0; i < SS_ARRAY_LEN(forms); i++) {
		if (!ss_str_is(part[0], forms[i]) || n != (i == SSX_ENTRY ? 2u : 3u) ||
		    ss_parse_i64(part[1], &ret->number) < 0 ||
		    (n == 3 && ss_parse_i64(part[2], &ret->time_us) < 0))
			continue;
		ret->form = (enum ssx_form)i;
		return 0;
	}
	return ss_error_set(err, SS_EINVAL,
			    "id 的写法不对，如 obs~12~1764201600000000；the id is not of a known "
			    "form");
}

int ss_figure_of(struct ss_figures *f, struct ss_str id, struct ss_figure_of *ret)
{
	struct ss_finding_key k;
	struct ss_series_info s;
	struct ssx_id at;
	int64_t start;
	int r = ssx_id_parse(id, &at, NULL);

	*ret = (struct ss_figure_of){.kind = "series"};
	if (r < 0)
		return r;
	if (at.form == SSX_ENTRY) {
		ret->seq = (uint64_t)at.number;
		return ret->seq ? 0 : SS_ENOTFOUND;
	}
	if (at.form != SSX_FINDING) {
		r = ssx_series(f, at.number, &s, NULL);
		ret->site = r < 0 ? 0 : s.key.site;
		return r;
	}
	r = ss_finding_id_parse(id, &k, &start);
	if (r < 0)
		return r;
	ret->site = k.site;
	ss_str_copy(ret->kind, sizeof(ret->kind), ss_str_of(k.kind));
	return 0;
}

static int walk(struct ss_explain *x, struct ss_str id, struct ss_error *err)
{
	struct ss_series_info s;
	struct ssx_id at;
	int r = ssx_id_parse(id, &at, err);

	if (r < 0)
		return r;
	if (at.form == SSX_ENTRY)
		return ssx_entry(x, (uint64_t)at.number, err);
	if (at.form == SSX_FINDING)
		return ssx_finding_id(x, id, err);
	r = ssx_series(x->f, at.number, &s, err);
	if (r < 0)
		return r;
	if (at.form == SSX_OBS)
		return ssx_observation(x, &s, at.time_us, err);
	return ssx_rollup(x, &s, at.form == SSX_HOUR ? SS_ROLLUP_HOUR : SS_ROLLUP_DAY, at.time_us,
			  err);
}

int ss_explain(struct ss_figures *f, struct ss_str id, size_t most, json_t **ret,
	       struct ss_error *err)
{
	struct ss_explain x = {
	    .f = f, .left = most ? most : SS_EXPLAIN_NODES, .into = json_array()};
	int r;

	ss_arena_init(&x.a, (size_t)1 << 30);
	r = x.into ? walk(&x, id, err) : SS_ENOMEM;
	if (r >= 0 && json_array_size(x.into) == 1) {
		*ret = json_incref(json_array_get(x.into, 0));
		if (x.truncated)
			json_object_set_new(*ret, "truncated", json_true());
	} else if (r >= 0) {
		r = SS_ENOMEM;
	}
	json_decref(x.into);
	ss_arena_done(&x.a);
	return r < 0 ? r : 0;
}
