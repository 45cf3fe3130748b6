/* Two sets of findings, and of hours and days of the series, held against each other. */
#include <math.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/map.h"
#include "cmd/rehearse_internal.h"
#include "record/findings/findings.h"
#include "record/series/series.h"

struct stores {
	struct ss_findings *findings;
	struct ss_series *series;
};

static void stores_close(struct stores *s)
{
	ss_findings_close(s->findings);
	ss_series_close(s->series);
}

static int stores_open(struct stores *s, const char *findings, const char *series,
		       struct ss_error *err)
{
	const struct ss_findings_settings f = {.url = findings, .read_only = true};
	const struct ss_series_settings x = {.url = series, .read_only = true};
	int r;

	*s = (struct stores){NULL, NULL};
	r = ss_findings_open(&f, &s->findings, err);
	return r < 0 ? r : ss_series_open(&x, &s->series, err);
}

static int stores_under(struct stores *s, const char *dir, struct ss_error *err)
{
	char f[600], x[600];

	snprintf(f, sizeof(f), "sqlite:%s/findings.db", dir);
	snprintf(x, sizeof(x), "sqlite:%s/series.db", dir);
	return stores_open(s, f, x, err);
}

/* --- findings --- */

struct set { /* rows of one kind by id */
	struct ss_map *by_id;
	struct row {
		char *id;
		json_t *body;
		char *text; /* all that counts */
		bool met;
	} * row;
	size_t n, cap;
	int err;
};

static void set_done(struct set *s)
{
	for (size_t i = 0; i < s->n; i++) {
		free(s->row[i].id);
		json_decref(s->row[i].body);
		free(s->row[i].text);
	}
	free(s->row);
	ss_map_free(s->by_id);
}

static json_t *row_json(const struct ss_finding *f)
{
	json_t *o = json_pack("{s:s}", "state", f->state), *body = NULL;
	char iso[SS_TIME_ISO];

	json_object_set_new(o, "value", isfinite(f->value) ? json_real(f->value) : json_null());
	if (f->end_us != SS_TIME_NONE) {
		ss_time_fmt_iso(iso, f->end_us);
		json_object_set_new(o, "end", json_string(iso));
	}
	if (f->body.n && ss_json_parse(f->body, &body, NULL) == 0)
		json_object_set_new(o, "body", body);
	json_object_set_new(o, "basis",
			    json_pack("{s:s, s:s, s:s}", "rule", f->basis.rule ? f->basis.rule : "",
				      "standard", f->basis.standard ? f->basis.standard : "",
				      "clause", f->basis.clause ? f->basis.clause : ""));
	return o;
}

static bool take_row(void *arg, const struct ss_finding *f)
{
	struct set *s = arg;
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(1 << 20);
	char id[SS_FINDING_ID];
	struct row r = {.met = false};

	s->err = ss_grow(&s->row, &s->cap, s->n + 1, sizeof(*s->row));
	if (s->err < 0)
		return false;
	s->err = ss_finding_id(&f->key, f->start_us, id, sizeof(id));
	r.id = strdup(id);
	r.body = row_json(f);
	if (s->err >= 0)
		s->err = ss_json_canonical(&b, r.body);
	r.text = ss_buf_take(&b);
	s->row[s->n++] = r;
	if (s->err >= 0)
		s->err =
		    r.id && r.text ? ss_map_put(s->by_id, ss_str_of(r.id), s->n - 1) : SS_ENOMEM;
	return s->err >= 0;
}

static int set_load(struct set *s, struct ss_findings *f, const char *kind, int64_t site,
		    struct ss_error *err)
{
	const struct ss_finding_query q = {.kind = kind,
					   .site = site,
					   .from = SS_TIME_NONE,
					   .to = SS_TIME_NONE,
					   .after_start = SS_TIME_NONE,
					   .fn = take_row,
					   .arg = s};
	int r;

	*s = (struct set){.by_id = ss_map_new()};
	if (!s->by_id)
		return SS_ENOMEM;
	r = ss_findings_each(f, &q, err);
	return r < 0 ? r : s->err;
}

struct diff {
	json_t *rows, *counts;
	size_t most;
	bool truncated;
};

static void list(struct diff *d, const char *id, const char *kind, json_t *before, json_t *after)
{
	if (json_array_size(d->rows) >= d->most) {
		d->truncated = true;
		return;
	}
	json_array_append_new(d->rows, json_pack("{s:s, s:s, s:O?, s:O?}", "id", id, "kind", kind,
						 "before", before, "after", after));
}

static void count(struct diff *d, const char *kind, const char *what)
{
	json_t *k = json_object_get(d->counts, kind);

	if (!k) {
		k = json_pack("{s:i, s:i, s:i}", "changed", 0, "new", 0, "gone", 0);
		json_object_set_new(d->counts, kind, k);
	}
	json_object_set_new(k, what,
			    json_integer(json_integer_value(json_object_get(k, what)) + 1));
}

static void hold_against(struct diff *d, const char *kind, struct set *a, struct set *b)
{
	for (size_t i = 0; i < a->n; i++) {
		struct row *x = &a->row[i], *y;
		uint64_t at;

		if (!ss_map_get(b->by_id, ss_str_of(x->id), &at)) {
			count(d, kind, "gone");
			list(d, x->id, kind, x->body, NULL);
			continue;
		}
		y = &b->row[at];
		y->met = true;
		if (strcmp(x->text, y->text) == 0)
			continue;
		count(d, kind, "changed");
		list(d, x->id, kind, x->body, y->body);
	}
	for (size_t i = 0; i < b->n; i++) {
		if (b->row[i].met)
			continue;
		count(d, kind, "new");
		list(d, b->row[i].id, kind, NULL, b->row[i].body);
	}
}

struct kinds {
	json_t *set;
};

static bool take_kind(void *arg, const char *kind)
{
	json_object_set_new(((struct kinds *)arg)->set, kind, json_true());
	return true;
}

static int diff_findings(struct diff *d, struct ss_findings *a, struct ss_findings *b, int64_t site,
			 size_t *ret_rows, struct ss_error *err)
{
	struct kinds k = {json_object()};
	const char *kind;
	json_t *v;
	int r = ss_findings_kinds(a, take_kind, &k, err);

	if (r >= 0)
		r = ss_findings_kinds(b, take_kind, &k, err);
	json_object_foreach(k.set, kind, v)
	{
		struct set x = {0}, y = {0};

		if (r >= 0)
			r = set_load(&x, a, kind, site, err);
		if (r >= 0)
			r = set_load(&y, b, kind, site, err);
		if (r >= 0) {
			hold_against(d, kind, &x, &y);
			*ret_rows += x.n;
		}
		set_done(&x);
		set_done(&y);
	}
	json_decref(k.set);
	return r;
}

/* --- hours and days of the series --- */

struct sweep {
	struct diff *d;
	struct stores *a, *b, *own; /* own: whose ids are told */
	int64_t site;
	struct ss_error *err;
	int r;
};

static json_t *rollup_json(const struct ss_rollup *h)
{
	json_t *o = json_pack("{s:i, s:i}", "n", h->n, "n_valid", h->n_valid);

	json_object_set_new(o, "mean", isfinite(h->mean) ? json_real(h->mean) : json_null());
	return o;
}

static bool same_rollup(const struct ss_rollup *x, const struct ss_rollup *y)
{
	return x->n == y->n && x->n_valid == y->n_valid &&
	       (x->mean == y->mean || (isnan(x->mean) && isnan(y->mean))) &&
	       (x->min == y->min || isnan(x->min)) && (x->max == y->max || isnan(x->max));
}

static void tell_rollup(struct sweep *w, const char *what, int32_t id, const struct ss_rollup *x,
			const struct ss_rollup *y)
{
	json_t *before = x ? rollup_json(x) : NULL, *after = y ? rollup_json(y) : NULL;
	char name[64];

	snprintf(name, sizeof(name), "%s~%d~%lld", what, id,
		 (long long)(x ? x->start_us : y->start_us));
	count(w->d, what, !x ? "new" : !y ? "gone" : "changed");
	list(w->d, name, what, before, after);
	json_decref(before);
	json_decref(after);
}

static int sweep_period(struct sweep *w, enum ss_rollup_period p, const char *what, int32_t a,
			int32_t b, int32_t id)
{
	struct ss_rollup *x = NULL, *y = NULL;
	size_t n = 0, m = 0, i = 0, k = 0;
	struct ss_arena ar;
	int r = 0;

	ss_arena_init(&ar, (size_t)1 << 30);
	if (a)
		r = ss_series_rollup(w->a->series, a, p, 0, INT64_C(1) << 52, &ar, &x, &n, w->err);
	if (r >= 0 && b)
		r = ss_series_rollup(w->b->series, b, p, 0, INT64_C(1) << 52, &ar, &y, &m, w->err);
	while (r >= 0 && (i < n || k < m)) {
		if (k == m || (i < n && x[i].start_us < y[k].start_us)) {
			tell_rollup(w, what, id, &x[i++], NULL);
		} else if (i == n || y[k].start_us < x[i].start_us) {
			tell_rollup(w, what, id, NULL, &y[k++]);
		} else {
			if (!same_rollup(&x[i], &y[k]))
				tell_rollup(w, what, id, &x[i], &y[k]);
			i++;
			k++;
		}
	}
	ss_arena_done(&ar);
	return r;
}

static bool sweep_series(void *arg, const struct ss_series_info *s)
{
	struct sweep *w = arg;
	int32_t a = 0, id = 0;

	if (s->key.factor[0] == '@' || (w->site && s->key.site != w->site))
		return true;
	ss_series_find(w->a->series, &s->key, &a);
	ss_series_find(w->own->series, &s->key, &id);
	w->r = sweep_period(w, SS_ROLLUP_HOUR, "hour", a, s->id, id);
	if (w->r >= 0)
		w->r = sweep_period(w, SS_ROLLUP_DAY, "day", a, s->id, id);
	return w->r >= 0;
}

static int diff_series(struct diff *d, struct stores *a, struct stores *b, struct stores *own,
		       int64_t site, struct ss_error *err)
{
	struct sweep w = {.d = d, .a = a, .b = b, .own = own, .site = site, .err = err};

	ss_series_each(b->series, sweep_series, &w);
	return w.r;
}

/* --- all --- */

static json_t *again_of(struct stores *own, struct stores *a, int64_t site, struct ss_error *err)
{
	struct diff d = {.rows = json_array(), .counts = json_object(), .most = 200};
	json_t *ids = json_array(), *v;
	size_t rows = 0, i;
	int64_t differ = 0;
	const char *kind, *what;
	json_t *k;

	if (diff_findings(&d, own->findings, a->findings, site, &rows, err) >= 0) {
		json_array_foreach(d.rows, i, v) json_array_append(ids, json_object_get(v, "id"));
		json_object_foreach(d.counts, kind, k)
		{
			json_object_foreach(k, what, v)
			{
				differ += json_integer_value(v);
			}
		}
	}
	return json_pack("{s:o, s:I, s:I, s:o, s:o}", "listed", d.rows, "rows", (json_int_t)rows,
			 "differing", (json_int_t)differ, "counts", d.counts, "differ", ids);
}

static int own_open(const struct ss_rehearsal *a, struct stores *s, struct ss_error *err)
{
	if (a->db && a->db[0])
		return stores_open(s, a->db, a->db, err);
	return stores_under(s, a->data, err);
}

int ssr_compare(const struct ss_rehearsal *a, const char *before, const char *after, json_t *into,
		struct ss_error *err)
{
	struct diff d = {
	    .rows = json_array(), .counts = json_object(), .most = a->most ? a->most : 1000};
	struct stores x = {0}, y = {0}, own = {0};
	size_t rows = 0;
	int r = stores_under(&x, before, err);

	if (r >= 0)
		r = stores_under(&y, after, err);
	if (r >= 0)
		r = own_open(a, &own, err);
	if (r >= 0)
		r = diff_findings(&d, x.findings, y.findings, a->site, &rows, err);
	if (r >= 0)
		r = diff_series(&d, &x, &y, &own, a->site, err);
	if (r >= 0)
		json_object_set_new(into, "again", again_of(&own, &x, a->site, err));
	json_object_set_new(into, "counts", d.counts);
	json_object_set_new(into, "rows", d.rows);
	json_object_set_new(into, "truncated", json_boolean(d.truncated));
	stores_close(&x);
	stores_close(&y);
	stores_close(&own);
	return r;
}
