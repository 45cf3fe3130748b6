/* Observations as a source: the newest value of each series, or a stretch of time. Of each site,
 * point and factor the series that stands for it is taken (ss_series_rank), unless a statistic is
 * named; periods of which it has nothing are filled by the hour means that the device itself sent,
 * as history does. Only sites in the viewer's scope. */
#include "record/series/series.h"
#include "serve/datasets/datasets_internal.h"

#include <stdlib.h>

#include "record/registry/scope.h"

#define SERIES_MOST 5000
#define POINTS 40000 /* of raw values, of all series together; more are thinned */
#define BUCKETS_LEAST 60

struct pick {
	struct dsx_run *x;
	const json_t *factor; /* text, array, or NULL */
	const char *stat;
	struct dsx_sites sites;
	struct found {
		struct ss_series_info s;
		struct ss_series_info
		    hours; /* the device's own hour means beside it; id 0 = none */
		struct ss_site site;
	} * list;
	size_t n;
	struct ss_map *at;
	int code;
};

static bool wants_factor(const struct pick *p, const char *factor)
{
	const json_t *v;
	size_t i;

	if (factor[0] == '@')
		return false;
	if (!p->factor)
		return true;
	if (json_is_string(p->factor))
		return strcmp(json_string_value(p->factor), factor) == 0;
	json_array_foreach(p->factor, i, v)
	{
		if (json_is_string(v) && strcmp(json_string_value(v), factor) == 0)
			return true;
	}
	return false;
}

static bool better(const struct ss_series_info *a, const struct ss_series_info *b)
{
	int ra = ss_series_rank(a), rb = ss_series_rank(b);

	return ra != rb ? ra > rb : a->last_us > b->last_us;
}

/* Another series of the same site, point and factor. */
static void take_beside(struct found *f, const struct ss_series_info *s)
{
	struct ss_series_info other = *s;

	if (better(s, &f->s)) {
		other = f->s;
		f->s = *s;
	}
	if (other.key.period == SS_PERIOD_HOUR && ss_series_rank(&other) > 0)
		f->hours = other;
}

static bool take(void *arg, const struct ss_series_info *s)
{
	struct pick *p = arg;
	struct ss_site site;
	char key[160];
	uint64_t at;

	if (s->count == 0 || !wants_factor(p, s->key.factor) ||
	    (*p->stat ? strcmp(p->stat, s->key.stat) != 0 : ss_series_rank(s) == 0) ||
	    ss_registry_site(p->x->p->registry, s->key.site, &site) < 0 ||
	    !dsx_site_in(&p->sites, &site))
		return true;
	snprintf(key, sizeof(key), "%lld/%s/%s", (long long)s->key.site, s->key.point,
		 s->key.factor);
	if (ss_map_get(p->at, ss_str_of(key), &at)) {
		take_beside(&p->list[at], s);
		return true;
	}
	if (p->n == SERIES_MOST) {
		p->x->res->truncated = true;
		return false;
	}
	p->list[p->n] = (struct found){.s = *s, .site = site};
	p->code = ss_map_put(p->at, ss_str_of(key), p->n++);
	return p->code == 0;
}

static int cmp_found(const void *a, const void *b)
{
	const struct found *l = a, *r = b;

	return (l->s.id > r->s.id) - (l->s.id < r->s.id);
}

static int pick(struct dsx_run *x, const json_t *source, struct pick *p)
{
	int r = x->p->series && x->p->registry ? 0 : SS_EUNSUPPORTED;

	*p = (struct pick){
	    .x = x, .factor = json_object_get(source, "factor"), .stat = dsx_word(source, "stat")};
	if (r == 0 && p->factor && !json_is_string(p->factor) && !json_is_array(p->factor))
		r = dsx_bad(x, "source.factor", "须为因子编码或其数组",
			    "the code of a factor or an array of them is wanted");
	if (r == 0)
		r = dsx_sites_of(x, source, x->q->series, &p->sites);
	if (r < 0)
		return r;
	p->list = ss_arena_array(x->a, SERIES_MOST, sizeof(*p->list));
	p->at = ss_map_new();
	if (!p->list || !p->at)
		return SS_ENOMEM;
	ss_series_each(x->p->series, take, p);
	ss_map_free(p->at);
	p->at = NULL;
	ss_sort(p->list, p->n, sizeof(*p->list), cmp_found);
	x->res->series = ss_arena_array(x->a, 2 * p->n + 1, sizeof(int32_t));
	if (!x->res->series)
		return SS_ENOMEM;
	x->res->n_series = 0;
	for (size_t i = 0; i < p->n; i++) {
		x->res->series[x->res->n_series++] = p->list[i].s.id;
		if (p->list[i].hours.id)
			x->res->series[x->res->n_series++] = p->list[i].hours.id;
	}
	x->res->topic_latest = true;
	return p->code;
}

/* --- columns ------------------------------------------------------------------------------------
 */

static const json_t *factor_labels(const struct pick *p)
{
	json_t *o = json_object();
	struct ss_set_factor f;

	for (size_t i = 0; i < p->n; i++) {
		const struct ss_series_key *k = &p->list[i].s.key;

		if (json_object_get(o, k->factor))
			continue;
		p->x->p->factor(p->x->p->arg, k, &f);
		json_object_set_new(o, k->factor, json_pack("{s:s,s:s}", "zh", f.zh, "en", f.en));
	}
	return dsx_labels(p->x, o);
}

/* The unit, when all have the same. */
static const char *common_unit(const struct pick *p)
{
	struct ss_set_factor f;
	const char *unit = "", *is;

	for (size_t i = 0; i < p->n; i++) {
		if (i && strcmp(p->list[i].s.key.factor, p->list[i - 1].s.key.factor) == 0 &&
		    p->list[i].site.kind == p->list[i - 1].site.kind)
			continue;
		p->x->p->factor(p->x->p->arg, &p->list[i].s.key, &f);
		is = ss_arena_strdup(p->x->a, f.unit);
		if (!is || (*unit && strcmp(unit, is) != 0))
			return "";
		unit = is;
	}
	return unit;
}

static void columns(struct pick *p, struct dsx_table *t, bool rollup)
{
	struct dsx_col *c;
	const char *unit = common_unit(p);
	static const struct {
		const char *name, *zh, *en;
	} more[] = {{"min", "最小", "min"}, {"max", "最大", "max"}},
	  counts[] = {{"n", "点数", "points"}, {"n_valid", "有效点数", "valid points"}};

	dsx_col_add(t, "time", "时间", "time", DSX_TIME);
	dsx_site_cols(p->x, t);
	dsx_col_add(t, "point", "点位", "point", DSX_TEXT);
	c = dsx_col_add(t, "factor", "因子", "factor", DSX_TEXT);
	if (c)
		c->labels = factor_labels(p);
	dsx_col_add(t, "stat", "统计量", "statistic", DSX_TEXT);
	dsx_col_add(t, "unit", "单位", "unit", DSX_TEXT);
	c = dsx_col_add(t, "value", "数值", "value", DSX_NUMBER);
	if (c) {
		c->unit = unit;
		c->adds = DSX_NEVER;
	}
	for (size_t i = 0; rollup && i < SS_ARRAY_LEN(more); i++) {
		c = dsx_col_add(t, more[i].name, more[i].zh, more[i].en, DSX_NUMBER);
		if (c) {
			c->unit = unit;
			c->adds = DSX_NEVER;
		}
	}
	for (size_t i = 0; rollup && i < SS_ARRAY_LEN(counts); i++) {
		c = dsx_col_add(t, counts[i].name, counts[i].zh, counts[i].en, DSX_NUMBER);
		if (c)
			c->adds = DSX_COUNT;
	}
	if (rollup)
		return;
	c = dsx_col_add(t, "flag", "标记", "flag", DSX_TEXT);
	if (c)
		c->role = "flag";
	c = dsx_col_add(t, "series", "序列", "series", DSX_NUMBER);
	if (c)
		c->role = "id";
}

/* --- cells --------------------------------------------------------------------------------------
 */

static const char *mark_text(struct dsx_run *x, uint8_t mark)
{
	char z[2] = {(char)mark, 0};

	return mark > 0x20 && mark < 0x7f && mark != 'N' ? dsx_keep(x, z) : "N";
}

static int64_t when(struct dsx_run *x, int64_t us)
{
	if (us != SS_TIME_NONE && (x->res->data_us == SS_TIME_NONE || us > x->res->data_us))
		x->res->data_us = us;
	return us;
}

/* Whether the row before is of the same series: its texts are these too. */
static bool same_texts(const struct dsx_table *t, const struct found *f,
		       const struct ss_series_key *k)
{
	const struct dsx_cell *row;
	int c = dsx_col_find(t, "point");

	if (t->n_rows < 2)
		return false;
	row = dsx_row(t, t->n_rows - 2);
	return row[c + 1].z && row[1].v == (double)f->site.id && strcmp(row[c].z, k->point) == 0 &&
	       strcmp(row[c + 1].z, k->factor) == 0 && strcmp(row[c + 2].z, k->stat) == 0;
}

/* A row with all but the value; k: of f's series or of its hours. */
static struct dsx_cell *row_of(struct pick *p, struct dsx_table *t, const struct found *f,
			       const struct ss_series_key *k, int64_t us, int *ret_code)
{
	struct dsx_cell *row = dsx_row_add(p->x, t, ret_code);
	struct ss_set_factor is;
	int c = dsx_col_find(t, "point");

	if (!row)
		return NULL;
	row[0] = dsx_time(when(p->x, us));
	if (same_texts(t, f, k)) {
		memcpy(row + 1, dsx_row(t, t->n_rows - 2) + 1, (size_t)(c + 3) * sizeof(*row));
		return row;
	}
	dsx_site_cells(row, t, &f->site);
	p->x->p->factor(p->x->p->arg, k, &is);
	row[c] = dsx_text(k->point);
	row[c + 1] = dsx_text(k->factor);
	row[c + 2] = dsx_text(k->stat);
	row[c + 3] = dsx_text(ss_arena_strdup(p->x->a, is.unit));
	return row;
}

static int put_value(struct pick *p, struct dsx_table *t, const struct found *f, int64_t us,
		     double v, uint8_t mark)
{
	int r = 0, c = dsx_col_find(t, "value");
	struct dsx_cell *row = row_of(p, t, f, &f->s.key, us, &r);

	if (!row)
		return r;
	row[c] = __builtin_isfinite(v) ? dsx_num(v) : DSX_NONE;
	row[c + 1] = dsx_text(mark_text(p->x, mark));
	row[c + 2] = dsx_num(f->s.id);
	p->x->res->flags[mark > 0x20 && mark < 0x7f ? mark : 'N']++;
	return 0;
}

int dsx_latest(struct dsx_run *x, const json_t *source, struct dsx_table *t, struct ss_error *err)
{
	struct pick p;
	int r = pick(x, source, &p);

	(void)err;
	if (r < 0)
		return r;
	columns(&p, t, false);
	dsx_did(x, "最新观测值", "newest observations");
	for (size_t i = 0; i < p.n && r == 0 && !x->dry; i++)
		r = put_value(&p, t, &p.list[i], p.list[i].s.last_us, p.list[i].s.last_value,
			      p.list[i].s.last_mark);
	return r;
}

static int raw(struct pick *p, struct dsx_table *t, int64_t from, int64_t to, struct ss_error *err)
{
	size_t buckets = POINTS / 4 / (p->n ? p->n : 1);
	int r = 0;

	buckets = buckets < BUCKETS_LEAST ? BUCKETS_LEAST : buckets > 1500 ? 1500 : buckets;
	for (size_t i = 0; i < p->n && r == 0; i++) {
		ss_cleanup(ss_arena_done) struct ss_arena a;
		struct ss_point *pts = NULL;
		size_t n = 0, total = 0;

		ss_arena_init(&a, 256u << 20);
		r = ss_series_points(p->x->p->series, p->list[i].s.id, from, to, buckets * 4, &a,
				     &pts, &n, err);
		if (r == SS_ETOOBIG) {
			*err = (struct ss_error){0};
			p->x->res->sampled = true;
			r = ss_series_sample(p->x->p->series, p->list[i].s.id, from, to, buckets,
					     &a, &pts, &n, &total, err);
		}
		p->x->res->total += total > n ? total - n : 0;
		for (size_t k = 0; k < n && r == 0; k++)
			r = put_value(p, t, &p->list[i], pts[k].time_us, pts[k].value, pts[k].mark);
	}
	return r;
}

static int put_rollup(struct pick *p, struct dsx_table *t, const struct found *f,
		      const struct ss_series_key *k, const struct ss_rollup *of)
{
	int r = 0, c = dsx_col_find(t, "value");
	struct dsx_cell *row = row_of(p, t, f, k, of->start_us, &r);

	if (!row)
		return r;
	row[c] = dsx_num(of->mean);
	row[c + 1] = dsx_num(of->min);
	row[c + 2] = dsx_num(of->max);
	row[c + 3] = dsx_num(of->n);
	row[c + 4] = dsx_num(of->n_valid);
	return 0;
}

/* In order of time; of a period that both have the series' own counts. */
static int rollups_of(struct pick *p, struct dsx_table *t, const struct found *f,
		      enum ss_rollup_period rp, int64_t from, int64_t to, struct ss_error *err)
{
	ss_cleanup(ss_arena_done) struct ss_arena a;
	struct ss_rollup *rows = NULL, *more = NULL;
	size_t n = 0, n_more = 0, k = 0;
	int r;

	ss_arena_init(&a, 64u << 20);
	r = ss_series_rollup(p->x->p->series, f->s.id, rp, from, to, &a, &rows, &n, err);
	if (r >= 0 && f->hours.id)
		r = ss_series_rollup(p->x->p->series, f->hours.id, rp, from, to, &a, &more, &n_more,
				     err);
	for (size_t i = 0; (i < n || k < n_more) && r >= 0;) {
		if (k < n_more && (i == n || more[k].start_us < rows[i].start_us)) {
			r = put_rollup(p, t, f, &f->hours.key, &more[k++]);
			continue;
		}
		k += k < n_more && more[k].start_us == rows[i].start_us;
		r = put_rollup(p, t, f, &f->s.key, &rows[i++]);
	}
	return r < 0 ? r : 0;
}

static int rollups(struct pick *p, struct dsx_table *t, enum ss_rollup_period rp, int64_t from,
		   int64_t to, struct ss_error *err)
{
	int r = 0;

	for (size_t i = 0; i < p->n && r == 0; i++)
		r = rollups_of(p, t, &p->list[i], rp, from, to, err);
	return r;
}

int dsx_series(struct dsx_run *x, const json_t *source, struct dsx_table *t, struct ss_error *err)
{
	static const struct {
		const char *name, *zh, *en;
		int64_t most_us;
	} steps[] = {{"hour", "逐时汇总", "hourly", 400 * SS_US_PER_DAY},
		     {"day", "逐日汇总", "daily", 4000 * SS_US_PER_DAY},
		     {"month", "逐月汇总", "monthly", 40000 * SS_US_PER_DAY},
		     {"year", "逐年汇总", "yearly", 40000 * SS_US_PER_DAY},
		     {"raw", "逐点观测值", "observations", 400 * SS_US_PER_DAY}};
	const char *step = dsx_word(source, "step");
	struct pick p;
	size_t i = 0;
	int64_t from, to;
	int r = pick(x, source, &p);

	while (i < SS_ARRAY_LEN(steps) && strcmp(steps[i].name, *step ? step : "hour") != 0)
		i++;
	if (i == SS_ARRAY_LEN(steps))
		return dsx_bad(x, "source.step", "须为 raw hour day month year",
			       "must be raw hour day month year");
	if (r == 0)
		r = dsx_window(x, source, steps[i].most_us, &from, &to);
	if (r < 0)
		return r;
	columns(&p, t, i < 4);
	dsx_did(x, steps[i].zh, steps[i].en);
	if (x->dry)
		return 0;
	return i < 4 ? rollups(&p, t, (enum ss_rollup_period)i, from, to, err)
		     : raw(&p, t, from, to, err);
}
