/* Figures worked out again: a value from the bytes of its frame, a mean from its points, a finding
 * by its deriver; and whether it came out the same, to the byte. */
#include <math.h>

#include "base/json.h"
#include "reason/figures/figures_internal.h"

struct again {
	json_t *stored, *again;
	const char *zh, *en;
};

/* --- a value from its frame --- */

static int frame_value(struct ss_explain *x, const struct ss_series_info *s, uint64_t seq,
		       double *ret, bool *sealed, struct ss_error *err)
{
	struct ss_frame_field f = {.found = false};
	struct ss_entry e;
	int r = ss_journal_get(x->f->p.journal, seq, &x->a, &e, err);

	if (r < 0)
		return r;
	*ret = NAN;
	*sealed = false;
	if (e.kind != SS_ENTRY_HJ212 ||
	    !x->f->p.codec.field(e.body, s->key.factor, s->key.stat, &x->a, &f))
		return SS_ENOTFOUND;
	*sealed = f.sealed;
	if (f.found && ss_parse_double(f.value, ret) < 0)
		*ret = NAN;
	return f.found ? 0 : SS_ENOTFOUND;
}

/* Each version from its own entry, and which of them stands. */
static int observation(struct ss_explain *x, const struct ss_series_info *s, int64_t time_us,
		       struct again *g, struct ss_error *err)
{
	struct ss_version *v = NULL;
	uint64_t *seq;
	size_t n = 0, seq_n = 0;
	bool sealed = false;
	double value = NAN;
	int r = ss_series_versions(x->f->p.series, s->id, time_us, &x->a, &v, &n, err);

	if (r >= 0)
		r = ss_point_entries(&x->f->p, s, time_us, &x->a, &seq, &seq_n, err);
	if (r < 0)
		return r;
	g->zh = "从报文字节重新解出；导入的表与加密报文不在此列";
	g->en = "decoded again from the bytes of the frame; not for tables and encrypted frames";
	for (size_t i = 0; i < n; i++) {
		uint64_t from = ssx_version_seq(v, n, i, seq, seq_n);
		char key[32];

		snprintf(key, sizeof(key), "version_%zu", i + 1);
		ssx_number(g->stored, key, v[i].value);
		r = from ? frame_value(x, s, from, &value, &sealed, err) : SS_ENOTFOUND;
		if (r == SS_ENOTFOUND)
			return ss_error_set(err, SS_EUNSUPPORTED,
					    "这一值不是明文报文带来的，不能从字节重新解出；the "
					    "value did not come in a plain frame");
		if (r < 0)
			return r;
		ssx_number(g->again, key, value);
	}
	return n ? 0
		 : ss_error_set(err, SS_ENOTFOUND,
				"这个时刻没有数据；there is no point at that time");
}

/* --- a mean from its points --- */

struct decimal { /* the sum as a whole number of 10^-scale while it is exact */
	int64_t sum;
	int scale;
	bool exact;
	double plain, hour; /* doubles: of the hours before, of the hour at hand */
	int64_t at;         /* that hour */
};

static bool to_scale(double v, int scale, int64_t *ret)
{
	static const double ten[] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9};
	double m = nearbyint(v * ten[scale]);

	if (fabs(m) >= 0x1p50 || m / ten[scale] != v)
		return false;
	*ret = (int64_t)m;
	return true;
}

static double mean_of(const struct ss_point *p, size_t n, int *ret_valid)
{
	static const double ten[] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9};
	struct decimal d = {.exact = true};
	int valid = 0;

	for (size_t i = 0; i < n && d.exact; i++) { /* the least scale that holds all */
		int64_t m;

		if (p[i].mark != 'N' || !isfinite(p[i].value))
			continue;
		while (d.scale < 9 && !to_scale(p[i].value, d.scale, &m))
			d.scale++;
		d.exact = to_scale(p[i].value, d.scale, &m);
	}
	for (size_t i = 0; i < n; i++) {
		int64_t m;

		if (p[i].mark != 'N' || !isfinite(p[i].value))
			continue;
		valid++;
		if (ss_hour_of(p[i].time_us) != d.at) { /* a day adds the sums of its hours */
			d.plain += d.hour;
			d.hour = 0;
			d.at = ss_hour_of(p[i].time_us);
		}
		d.hour += p[i].value;
		d.exact = d.exact && to_scale(p[i].value, d.scale, &m);
		if (d.exact)
			d.sum += m;
	}
	*ret_valid = valid;
	if (valid == 0)
		return NAN;
	if (d.exact && llabs(d.sum) < INT64_C(1) << 53)
		return (double)d.sum / ((double)valid * ten[d.scale]);
	return (d.plain + d.hour) / valid;
}

static int rollup(struct ss_explain *x, const struct ss_series_info *s, enum ss_rollup_period p,
		  int64_t start_us, struct again *g, struct ss_error *err)
{
	int64_t end = start_us + ssx_period_us(p);
	struct ss_rollup *h;
	struct ss_point *pt;
	size_t n = 0, k = 0;
	int valid = 0;
	double mean;
	int r = ss_series_rollup(x->f->p.series, s->id, p, start_us, end, &x->a, &h, &n, err);

	if (r >= 0 && n != 1)
		r = ss_error_set(err, SS_ENOTFOUND,
				 "这一时段没有数据；there is nothing in that period");
	if (r >= 0)
		r = ss_series_points(x->f->p.series, s->id, start_us, end, 0, &x->a, &pt, &k, err);
	if (r < 0)
		return r;
	g->zh = "从本时段各观测点重新求平均";
	g->en = "the mean of the points of the period, worked out again";
	json_object_set_new(g->stored, "n", json_integer(h->n));
	json_object_set_new(g->stored, "n_valid", json_integer(h->n_valid));
	ssx_number(g->stored, "mean", h->mean);
	mean = mean_of(pt, k, &valid);
	json_object_set_new(g->again, "n", json_integer((json_int_t)k));
	json_object_set_new(g->again, "n_valid", json_integer(valid));
	ssx_number(g->again, "mean", mean);
	return 0;
}

/* --- all --- */

static json_t *differing(const json_t *a, const json_t *b)
{
	json_t *list = json_array();
	const char *key;
	json_t *v;

	json_object_foreach((json_t *)a, key, v) if (!json_equal(v, json_object_get(b, key)))
	    json_array_append_new(list, json_string(key));
	return list;
}

static int work(struct ss_explain *x, struct ss_str id, struct again *g, struct ss_error *err)
{
	struct ss_series_info s;
	struct ssx_id at;
	int r = ssx_id_parse(id, &at, err);

	if (r < 0)
		return r;
	if (at.form == SSX_ENTRY)
		return ss_error_set(err, SS_EUNSUPPORTED,
				    "日志条目就是原始字节，不是算出来的；an entry is not computed");
	if (at.form == SSX_FINDING) {
		g->zh = "由产生它的判定程序从现有输入重算";
		g->en = "worked out again by its deriver from the inputs kept";
		return ssx_finding_again(x, id, g->stored, g->again, err);
	}
	r = ssx_series(x->f, at.number, &s, err);
	if (r < 0)
		return r;
	if (at.form == SSX_OBS)
		return observation(x, &s, at.time_us, g, err);
	return rollup(x, &s, at.form == SSX_HOUR ? SS_ROLLUP_HOUR : SS_ROLLUP_DAY, at.time_us, g,
		      err);
}

/* Without looking for what it comes from. */
static int compare(struct ss_figures *f, struct ss_str id, json_t **ret, struct ss_error *err)
{
	struct ss_explain x = {.f = f, .left = SS_EXPLAIN_NODES};
	struct again g = {.stored = json_object(), .again = json_object(), .zh = "", .en = ""};
	json_t *differs;
	int r;

	ss_arena_init(&x.a, (size_t)1 << 30);
	r = work(&x, id, &g, err);
	if (r >= 0) {
		differs = differing(g.stored, g.again);
		*ret = json_pack("{s:s%, s:b, s:O, s:O, s:s, s:s, s:o}", "id", id.p, id.n, "same",
				 json_array_size(differs) == 0, "stored", g.stored, "again",
				 g.again, "how_zh", g.zh, "how_en", g.en, "differs", differs);
		if (!*ret)
			r = SS_ENOMEM;
	}
	json_decref(g.stored);
	json_decref(g.again);
	ss_arena_done(&x.a);
	return r < 0 ? r : 0;
}

/* --- what it comes from --- */

#define BLAME_NODES 5000
#define BLAME_MOST 20

static bool can_differ(const char *kind)
{
	return strcmp(kind, "finding") == 0 || strcmp(kind, "observation") == 0;
}

/* The deepest inputs that do not come out the same; false: none of these. */
static bool blame(struct ss_figures *f, const json_t *node, json_t *list)
{
	json_t *in, *v;
	bool any = false;
	size_t i;

	json_array_foreach(json_object_get(node, "inputs"), i, in)
	{
		const char *id = json_string_value(json_object_get(in, "id"));
		bool below = blame(f, in, list), differs;

		if (below || !can_differ(json_string_value(json_object_get(in, "kind")))) {
			any = any || below;
			continue;
		}
		if (json_array_size(list) >= BLAME_MOST || compare(f, ss_str_of(id), &v, NULL) < 0)
			continue;
		differs = !json_is_true(json_object_get(v, "same"));
		if (differs)
			json_array_append_new(list, json_pack("{s:s, s:O, s:O, s:O}", "id", id,
							      "zh", json_object_get(in, "zh"), "en",
							      json_object_get(in, "en"), "differs",
							      json_object_get(v, "differs")));
		json_decref(v);
		any = any || differs;
	}
	return any;
}

int ss_recompute(struct ss_figures *f, struct ss_str id, json_t **ret, struct ss_error *err)
{
	json_t *tree, *from;
	int r = compare(f, id, ret, err);

	if (r < 0 || json_is_true(json_object_get(*ret, "same")))
		return r;
	from = json_array();
	if (ss_explain(f, id, BLAME_NODES, &tree, NULL) >= 0) {
		blame(f, tree, from);
		json_decref(tree);
	}
	json_object_set_new(*ret, "from", from);
	return 0;
}
