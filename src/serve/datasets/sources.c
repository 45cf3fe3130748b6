/* What a set may be made of. A kind is a row of the table below: tables brought in from outside
 * will be one more. */
#include "serve/datasets/datasets_internal.h"

#include <math.h>
#include <stdlib.h>

#include "reason/flow/flow.h"
#include "record/findings/findings.h"
#include "record/registry/registry.h"

#define CASES_PAGE 500

/* --- sites --------------------------------------------------------------------------------------
 */

int dsx_sites_of(struct dsx_run *x, const json_t *source, const struct ss_scope *scope,
		 struct dsx_sites *ret)
{
	const char *kind = dsx_word(source, "site_kind");
	enum ss_site_kind k;

	*ret = (struct dsx_sites){.kind = -1,
				  .district = dsx_word(source, "district"),
				  .ids = json_object_get(source, "sites"),
				  .scope = scope};
	if (*kind && ss_site_kind_parse(ss_str_of(kind), &k) < 0)
		return dsx_bad(x, "source.site_kind", "没有这种站点",
			       "there is no such kind of site");
	if (*kind)
		ret->kind = (int)k;
	if (*ret->district && !ss_registry_district(ss_str_of(ret->district)))
		return dsx_bad(x, "source.district", "没有这个区", "there is no such district");
	if (ret->ids && !json_is_array(ret->ids))
		return dsx_bad(x, "source.sites", "须为站点编号或编码的数组",
			       "an array of ids or codes of sites is wanted");
	return 0;
}

static bool listed(const json_t *ids, const struct ss_site *s)
{
	const json_t *v;
	size_t i;

	json_array_foreach(ids, i, v)
	{
		if (json_is_string(v) ? strcmp(json_string_value(v), s->code) == 0
				      : json_integer_value(v) == s->id)
			return true;
	}
	return false;
}

bool dsx_site_in(const struct dsx_sites *f, const struct ss_site *s)
{
	if ((f->kind >= 0 && (int)s->kind != f->kind) ||
	    (*f->district && strcmp(f->district, s->district) != 0) ||
	    (f->ids && !listed(f->ids, s)))
		return false;
	return ss_scope_sees(f->scope, s);
}

const json_t *dsx_labels(struct dsx_run *x, json_t *labels)
{
	if (labels)
		json_array_append_new(x->res->keep, labels);
	return labels;
}

const json_t *dsx_district_labels(struct dsx_run *x)
{
	json_t *o = json_object();
	size_t n;
	const struct ss_district *d = ss_registry_districts(&n);

	for (size_t i = 0; i < n; i++)
		json_object_set_new(o, d[i].code,
				    json_pack("{s:s,s:s}", "zh", d[i].zh, "en", d[i].en));
	return dsx_labels(x, o);
}

static const json_t *kind_labels(struct dsx_run *x)
{
	static const struct {
		const char *key, *zh, *en;
	} kinds[] = {
#define X(name, key, zh, en) {key, zh, en},
#include "record/registry/site_kinds.def"
#undef X
	};
	json_t *o = json_object();

	for (size_t i = 0; i < SS_ARRAY_LEN(kinds); i++)
		json_object_set_new(o, kinds[i].key,
				    json_pack("{s:s,s:s}", "zh", kinds[i].zh, "en", kinds[i].en));
	return dsx_labels(x, o);
}

/* Texts "code zh en" by | as labels. */
static const json_t *words(struct dsx_run *x, const char *list)
{
	struct ss_str rest = ss_str_of(list), one, part[3];
	json_t *o = json_object();

	while (ss_str_split(&rest, '|', &one)) {
		for (int i = 0; i < 3; i++)
			ss_str_split(&one, ',', &part[i]);
		json_object_setn_new(o, part[0].p, part[0].n,
				     json_pack("{s:s%,s:s%}", "zh", part[1].p, part[1].n, "en",
					       part[2].p, part[2].n));
	}
	return dsx_labels(x, o);
}

static struct dsx_col *col(struct dsx_table *t, const char *name, const char *zh, const char *en,
			   enum dsx_type type, const char *role, const json_t *labels)
{
	struct dsx_col *c = dsx_col_add(t, name, zh, en, type);

	if (c) {
		c->role = role;
		c->labels = labels;
	}
	return c;
}

void dsx_site_cols(struct dsx_run *x, struct dsx_table *t)
{
	col(t, "site", "站点编号", "site id", DSX_NUMBER, "id", NULL);
	col(t, "site_code", "站点编码", "site code", DSX_TEXT, "id", NULL);
	col(t, "site_name", "站点", "site", DSX_TEXT, NULL, NULL);
	col(t, "kind", "站点类别", "kind of site", DSX_TEXT, NULL, kind_labels(x));
	col(t, "district", "区", "district", DSX_TEXT, "geo", dsx_district_labels(x));
	col(t, "lon", "经度", "longitude", DSX_NUMBER, "geo", NULL);
	col(t, "lat", "纬度", "latitude", DSX_NUMBER, "geo", NULL);
}

/* s must live with the result. */
void dsx_site_cells(struct dsx_cell *c, const struct dsx_table *t, const struct ss_site *s)
{
	int at = dsx_col_find(t, "site");

	c[at] = dsx_num((double)s->id);
	c[at + 1] = dsx_text(s->code);
	c[at + 2] = dsx_text(s->name);
	c[at + 3] = dsx_text(ss_site_kind_key(s->kind));
	c[at + 4] = *s->district ? dsx_text(s->district) : DSX_NONE;
	c[at + 5] = dsx_num(s->lon);
	c[at + 6] = dsx_num(s->lat);
}

static const struct ss_site *keep_site(struct dsx_run *x, const struct ss_site *s)
{
	struct ss_site *copy = ss_arena_alloc(x->a, sizeof(*copy));

	if (copy)
		*copy = *s;
	return copy;
}

/* --- the stretch of time: {"last":"24h"} or {"from","to"} ---------------------------------------
 */

int dsx_window(struct dsx_run *x, const json_t *source, int64_t most_us, int64_t *ret_from,
	       int64_t *ret_to)
{
	const json_t *w = json_object_get(source, "window");
	const char *last = dsx_word(w, "last"), *from = dsx_word(w, "from"),
		   *to = dsx_word(w, "to");
	int64_t span = SS_US_PER_DAY;

	*ret_to = x->now_us;
	if (w && dsx_known(x, w, "source.window", "last from to") < 0)
		return SS_EINVAL;
	if (*last && (ss_parse_duration(ss_str_of(last), &span) < 0 || span <= 0))
		return dsx_bad(x, "source.window.last", "须如 24h 或 7d",
			       "24h or 7d or the like is wanted");
	if (*to && ss_time_parse_iso(ss_str_of(to), ret_to) < 0)
		return dsx_bad(x, "source.window.to", "不是时间", "no time");
	*ret_from = *ret_to - span;
	if (*from && ss_time_parse_iso(ss_str_of(from), ret_from) < 0)
		return dsx_bad(x, "source.window.from", "不是时间", "no time");
	if (*ret_to > x->now_us)
		*ret_to = x->now_us;
	if (*ret_from >= *ret_to && !*to)
		*ret_from = *ret_to - span;
	if (*ret_from > *ret_to)
		*ret_from = *ret_to;
	if (*ret_to - *ret_from > most_us)
		return dsx_bad(x, "source.window", "时段过长，改用较粗的 step",
			       "too long: take a coarser step");
	return 0;
}

/* --- alarms -------------------------------------------------------------------------------------
 */

struct alarms {
	struct dsx_run *x;
	struct dsx_table *t;
	struct dsx_sites sites;
	int code;
};

static void alarm_cols(struct dsx_run *x, struct dsx_table *t)
{
	col(t, "id", "告警编号", "alarm id", DSX_TEXT, "id", NULL);
	col(t, "cause", "缘由", "cause", DSX_TEXT, NULL,
	    words(x, "exceedance,超标,exceedance|silence,断联,silence|outage,停运,outage|flags,"
		     "标记异常,flags|clock,时钟,clock"));
	col(t, "severity", "级别", "severity", DSX_TEXT, "state",
	    words(
		x,
		"notice,提示,notice|warning,一般,warning|serious,重要,serious|urgent,紧急,urgent"));
	col(t, "state", "状态", "state", DSX_TEXT, "state",
	    words(x, "raised,待确认,raised|acknowledged,已确认,acknowledged|cleared,已解除,cleared|"
		     "closed,已办结,closed|withdrawn,已撤回,withdrawn"));
	col(t, "active", "在案", "active", DSX_BOOL, "flag", NULL);
	col(t, "late", "迟报", "late", DSX_BOOL, "flag", NULL);
	col(t, "start", "开始", "start", DSX_TIME, NULL, NULL);
	col(t, "cleared", "解除", "cleared", DSX_TIME, NULL, NULL);
	col(t, "hours", "持续", "duration", DSX_NUMBER, NULL, NULL)->unit = "h";
	dsx_site_cols(x, t);
	col(t, "factor", "因子", "factor", DSX_TEXT, NULL, NULL);
	col(t, "members", "合并数", "merged", DSX_NUMBER, NULL, NULL);
	col(t, "standard", "标准", "standard", DSX_TEXT, NULL, NULL);
	col(t, "clause", "条款", "clause", DSX_TEXT, NULL, NULL);
}

static void alarm_cells(struct dsx_run *x, struct dsx_cell *row, const struct dsx_table *t,
			const struct ss_finding *f, const json_t *body)
{
	const json_t *members = json_object_get(body, "members"),
		     *first = json_array_get(members, 0);
	int64_t end = f->end_us == SS_TIME_NONE ? x->now_us : f->end_us;
	char id[SS_FINDING_ID] = "";
	int c = dsx_col_find(t, "factor");
	const char *factor = *f->key.factor ? f->key.factor : dsx_word(first, "factor");

	ss_finding_id(&f->key, f->start_us, id, sizeof(id));
	row[0] = dsx_text(dsx_keep(x, id));
	row[1] = dsx_text(dsx_keep(x, f->key.sub));
	row[2] = dsx_text(dsx_keep(x, dsx_word(body, "severity")));
	row[3] = dsx_text(dsx_keep(x, f->state));
	row[4] = dsx_num(!f->withdrawn && f->end_us == SS_TIME_NONE);
	row[5] = dsx_num(strcmp(f->note, "late") == 0);
	row[6] = dsx_time(f->start_us);
	row[7] = dsx_time(f->end_us);
	row[8] = dsx_num(floor((double)(end - f->start_us) / 36e6) / 100);
	row[c] = *factor ? dsx_text(dsx_keep(x, factor)) : DSX_NONE;
	row[c + 1] = dsx_num((double)json_array_size(members));
	row[c + 2] = dsx_text(dsx_keep(x, dsx_word(first, "standard")));
	row[c + 3] = dsx_text(dsx_keep(x, dsx_word(first, "clause")));
}

static bool put_alarm(void *arg, const struct ss_finding *f)
{
	struct alarms *l = arg;
	struct ss_site s = {0};
	json_t *body = NULL;
	struct dsx_cell *row;
	const struct ss_site *kept;

	if (ss_registry_site(l->x->p->registry, f->key.site, &s) < 0 || !dsx_site_in(&l->sites, &s))
		return true;
	if (l->t->n_rows == DSX_SOURCE_ROWS) {
		l->x->res->truncated = true;
		return false;
	}
	row = dsx_row_add(l->x, l->t, &l->code);
	kept = row ? keep_site(l->x, &s) : NULL;
	if (!kept)
		return false;
	if (ss_json_parse(f->body, &body, NULL) < 0)
		body = NULL;
	dsx_site_cells(row, l->t, kept);
	alarm_cells(l->x, row, l->t, f, body);
	json_decref(body);
	if (f->known_us != SS_TIME_NONE &&
	    (l->x->res->data_us == SS_TIME_NONE || f->known_us > l->x->res->data_us))
		l->x->res->data_us = f->known_us;
	return true;
}

static int from_alarms(struct dsx_run *x, const json_t *source, struct dsx_table *t,
		       struct ss_error *err)
{
	struct alarms l = {.x = x, .t = t};
	struct ss_finding_query q = {.kind = "alarm",
				     .open = json_is_true(json_object_get(source, "active")),
				     .from = SS_TIME_NONE,
				     .to = SS_TIME_NONE,
				     .after_start = SS_TIME_NONE,
				     .descending = true,
				     .fn = put_alarm,
				     .arg = &l};
	int r = x->p->findings && x->p->registry ? dsx_sites_of(x, source, x->q->alarms, &l.sites)
						 : SS_EUNSUPPORTED;

	if (r == 0 && json_object_get(source, "window"))
		r = dsx_window(x, source, 40000 * SS_US_PER_DAY, &q.from, &q.to);
	if (r < 0)
		return r;
	alarm_cols(x, t);
	dsx_did(x, "告警", "alarms");
	x->res->topic_alarm = true;
	if (x->dry || !x->q->alarms)
		return 0;
	r = ss_findings_each(x->p->findings, &q, err);
	return r < 0 ? r : l.code;
}

/* --- cases --------------------------------------------------------------------------------------
 */

static const json_t *state_labels(struct dsx_run *x, const json_t *decl)
{
	json_t *o = json_object();
	const json_t *s;
	size_t i;

	json_array_foreach(json_object_get(decl, "states"), i, s)
	{
		const json_t *title = json_object_get(s, "title");

		json_object_set_new(o, dsx_word(s, "id"),
				    json_pack("{s:s,s:s}", "zh", dsx_word(title, "zh"), "en",
					      dsx_word(title, "en")));
	}
	return dsx_labels(x, o);
}

static void case_cols(struct dsx_run *x, struct dsx_table *t, const json_t *decl)
{
	struct dsx_col *c;

	col(t, "id", "案件编号", "case id", DSX_TEXT, "id", NULL);
	col(t, "flow", "流程", "flow", DSX_TEXT, NULL, NULL);
	col(t, "title", "标题", "title", DSX_TEXT, NULL, NULL);
	col(t, "state", "环节", "stage", DSX_TEXT, "state", state_labels(x, decl));
	col(t, "district", "区", "district", DSX_TEXT, "geo", dsx_district_labels(x));
	col(t, "org", "单位", "organisation", DSX_TEXT, NULL, NULL);
	col(t, "open", "在办", "open", DSX_BOOL, "flag", NULL);
	col(t, "opened", "立案", "opened", DSX_TIME, NULL, NULL);
	col(t, "entered", "进入本环节", "entered", DSX_TIME, NULL, NULL);
	col(t, "closed", "办结", "closed", DSX_TIME, NULL, NULL);
	c = col(t, "days", "历时", "age", DSX_NUMBER, NULL, NULL);
	c->unit = "d";
	c->adds = DSX_NEVER;
	col(t, "n", "件数", "cases", DSX_NUMBER, NULL, NULL)->adds = DSX_COUNT;
}

static struct dsx_cell us_of(const json_t *o, const char *name)
{
	const json_t *v = json_object_get(o, name);

	return json_is_integer(v) ? dsx_time(json_integer_value(v)) : DSX_NONE;
}

static int put_case(struct dsx_run *x, struct dsx_table *t, const json_t *k)
{
	static const char *const texts[] = {"id", "flow", "title", "state", "area", "org"};
	int r = 0;
	struct dsx_cell *row = dsx_row_add(x, t, &r);
	double end;

	if (!row)
		return r;
	for (size_t i = 0; i < SS_ARRAY_LEN(texts); i++) {
		if (*dsx_word(k, texts[i]))
			row[i] = dsx_text(dsx_keep(x, dsx_word(k, texts[i])));
	}
	row[7] = us_of(k, "opened_us");
	row[8] = us_of(k, "entered_us");
	row[9] = us_of(k, "closed_us");
	row[6] = dsx_num(dsx_none(row[9]));
	end = dsx_none(row[9]) ? dsx_time(x->now_us).v : row[9].v;
	row[10] = dsx_none(row[7]) ? DSX_NONE : dsx_num(floor((end - row[7].v) / 864e3) / 100);
	row[11] = dsx_num(1);
	if (!dsx_none(row[8]) &&
	    (x->res->data_us == SS_TIME_NONE || row[8].v * 1000 > (double)x->res->data_us))
		x->res->data_us = (int64_t)row[8].v * 1000;
	return 0;
}

static int read_cases(struct dsx_run *x, struct ss_flow_query *q, struct dsx_table *t,
		      struct ss_error *err)
{
	json_t *list = NULL, *page;
	const char *next;
	int r;

	do {
		const json_t *items;

		page = NULL;
		r = ss_flow_cases(x->p->flows, x->q->viewer, q, &page, err);
		json_decref(list); /* the cursor lay in it until now */
		list = page;
		items = json_object_get(list, "items");
		for (size_t i = 0; r == 0 && i < json_array_size(items); i++)
			r = put_case(x, t, json_array_get(items, i));
		next = r == 0 ? json_string_value(json_object_get(list, "next")) : NULL;
		q->cursor = ss_str_of(next);
		if (next && t->n_rows >= SS_SET_ROWS_MOST) {
			x->res->truncated = true;
			break;
		}
	} while (next);
	json_decref(list);
	return r;
}

static int from_cases(struct dsx_run *x, const json_t *source, struct dsx_table *t,
		      struct ss_error *err)
{
	struct ss_flow_query q = {.flow = ss_str_of(dsx_word(source, "flow")),
				  .open = json_is_true(json_object_get(source, "open")),
				  .limit = CASES_PAGE};
	const json_t *title;
	json_t *decl = NULL;
	int r = x->p->flows ? 0 : SS_EUNSUPPORTED;

	if (r == 0 &&
	    ss_flows_get(x->p->flows, x->q->viewer, dsx_word(source, "flow"), &decl, NULL) < 0)
		return dsx_bad(x, "source.flow", "没有这个流程，或不是您可看的",
			       "no such flow, or not yours to see");
	if (r < 0)
		return r;
	case_cols(x, t, decl);
	title = json_object_get(decl, "title");
	dsx_did(x, dsx_keep(x, dsx_word(title, "zh")), dsx_keep(x, dsx_word(title, "en")));
	x->res->topic_case = true;
	json_decref(decl);
	return x->dry ? 0 : read_cases(x, &q, t, err);
}

/* --- what is registered -------------------------------------------------------------------------
 */

struct walk {
	struct dsx_run *x;
	struct dsx_table *t;
	struct dsx_sites sites;
	int code;
};

static bool put_site(void *arg, const struct ss_site *s)
{
	struct walk *w = arg;
	const struct ss_site *kept;
	struct dsx_cell *row;
	const char *state = w->x->p->site_state ? w->x->p->site_state(w->x->p->arg, s->id) : NULL;

	if (!dsx_site_in(&w->sites, s))
		return true;
	row = dsx_row_add(w->x, w->t, &w->code);
	kept = row ? keep_site(w->x, s) : NULL;
	if (!kept)
		return false;
	dsx_site_cells(row, w->t, kept);
	row[7] = state ? dsx_text(state) : DSX_NONE;
	return true;
}

static bool put_device(void *arg, const struct ss_device *d)
{
	struct walk *w = arg;
	const struct ss_site *kept;
	struct dsx_cell *row;
	struct ss_site s;
	const char *state =
	    w->x->p->device_state ? w->x->p->device_state(w->x->p->arg, ss_str_of(d->mn)) : NULL;

	if (ss_registry_site(w->x->p->registry, d->site, &s) < 0 || !dsx_site_in(&w->sites, &s))
		return true;
	row = dsx_row_add(w->x, w->t, &w->code);
	kept = row ? keep_site(w->x, &s) : NULL;
	if (!kept)
		return false;
	dsx_site_cells(row, w->t, kept);
	row[7] = state ? dsx_text(state) : DSX_NONE;
	row[8] = dsx_text(dsx_keep(w->x, d->mn));
	row[9] = dsx_text(dsx_keep(w->x, d->point));
	row[10] = dsx_num(d->interval_s);
	row[11] = dsx_time(d->registered_us);
	return true;
}

static int from_registry(struct dsx_run *x, const json_t *source, struct dsx_table *t,
			 struct ss_error *err)
{
	bool devices = strcmp(dsx_word(source, "of"), "devices") == 0;
	struct walk w = {.x = x, .t = t};
	const struct ss_scope *scope = devices ? x->q->devices : x->q->sites;
	int r = x->p->registry ? dsx_sites_of(x, source, scope, &w.sites) : SS_EUNSUPPORTED;

	(void)err;
	if (r < 0)
		return r;
	if (!devices && strcmp(dsx_word(source, "of"), "sites") != 0)
		return dsx_bad(x, "source.of", "须为 sites 或 devices", "must be sites or devices");
	dsx_site_cols(x, t);
	col(t, "state", "状态", "state", DSX_TEXT, "state",
	    words(x, "never,从未上报,never|online,在线,online|silent,静默,silent|partial,部分在线,"
		     "partly|drift,时钟偏差,drift|stopped,停运,stopped"));
	if (devices) {
		col(t, "mn", "设备标识", "device", DSX_TEXT, "id", NULL);
		col(t, "point", "点位", "point", DSX_TEXT, NULL, NULL);
		col(t, "interval_s", "上报间隔", "interval", DSX_NUMBER, NULL, NULL)->unit = "s";
		col(t, "registered", "登记时间", "registered", DSX_TIME, NULL, NULL);
	}
	dsx_did(x, devices ? "登记的设备" : "登记的站点",
		devices ? "registered devices" : "registered sites");
	x->res->data_us = x->now_us;
	if (x->dry)
		return 0;
	if (devices)
		ss_registry_devices(x->p->registry, put_device, &w);
	else
		ss_registry_sites(x->p->registry, put_site, &w);
	return w.code;
}

/* --- written down, and other sets ---------------------------------------------------------------
 */

static int static_cols(struct dsx_run *x, const json_t *cols, struct dsx_table *t)
{
	static const char *const types[] = {"text", "number", "time", "bool"};

	if (!json_is_array(cols) || json_array_size(cols) == 0 || json_array_size(cols) > 40)
		return dsx_bad(x, "source.columns", "须为 1 至 40 列的数组",
			       "an array of 1 to 40 columns is wanted");
	for (size_t i = 0; i < json_array_size(cols); i++) {
		const json_t *c = json_array_get(cols, i), *title = json_object_get(c, "title");
		const char *name = dsx_keep(x, dsx_word(c, "name"));
		size_t type = 0;
		struct dsx_col *made;

		while (type < 4 && strcmp(types[type], dsx_word(c, "type")) != 0)
			type++;
		made = type < 4 && *name
			   ? dsx_col_add(
				 t, name,
				 *dsx_word(title, "zh") ? dsx_keep(x, dsx_word(title, "zh")) : name,
				 *dsx_word(title, "en") ? dsx_keep(x, dsx_word(title, "en")) : name,
				 (enum dsx_type)type)
			   : NULL;
		if (!made)
			return dsx_bad(
			    x, dsx_path(x, "source.columns", "", (int64_t)i),
			    "须有不重复的 name 与类型 text number time bool",
			    "a name of its own and a type text number time bool are wanted");
		made->unit = dsx_keep(x, dsx_word(c, "unit"));
	}
	return 0;
}

static struct dsx_cell static_cell(struct dsx_run *x, enum dsx_type type, const json_t *v)
{
	const char *z = json_string_value(v);
	int64_t us;

	if (type == DSX_TEXT)
		return z ? dsx_text(dsx_keep(x, z)) : DSX_NONE;
	if (type == DSX_TIME)
		return z && ss_time_parse_iso(ss_str_of(z), &us) == 0 ? dsx_time(us) : DSX_NONE;
	if (json_is_boolean(v))
		return dsx_num(json_is_true(v));
	return json_is_number(v) ? dsx_num(json_number_value(v)) : DSX_NONE;
}

static int from_static(struct dsx_run *x, const json_t *source, struct dsx_table *t,
		       struct ss_error *err)
{
	const json_t *rows = json_object_get(source, "rows");
	int r = static_cols(x, json_object_get(source, "columns"), t);

	(void)err;
	if (r == 0 && (!json_is_array(rows) || json_array_size(rows) > 5000))
		r = dsx_bad(x, "source.rows", "须为至多 5000 行的数组",
			    "an array of at most 5000 rows is wanted");
	for (size_t i = 0; i < json_array_size(rows) && r == 0; i++) {
		const json_t *v = json_array_get(rows, i);
		struct dsx_cell *row;

		if (json_array_size(v) != t->n_cols)
			return dsx_bad(x, dsx_path(x, "source.rows", "", (int64_t)i), "列数不合",
				       "wrong count of cells");
		row = x->dry ? NULL : dsx_row_add(x, t, &r);
		for (size_t k = 0; row && k < t->n_cols; k++)
			row[k] = static_cell(x, t->cols[k].type, json_array_get(v, k));
	}
	dsx_did(x, "写定的表", "a table as written");
	return r;
}

static int from_set(struct dsx_run *x, const json_t *source, struct dsx_table *t,
		    struct ss_error *err)
{
	return dsx_run_named(x, dsx_word(source, "set"), "source.set", t, err);
}

const struct dsx_source dsx_sources[] = {
    {"records", "记录", "records", "type filter q", dsx_records},
    {"latest", "最新观测值", "newest observations", "factor stat site_kind district sites",
     dsx_latest},
    {"series", "观测序列", "observations over time",
     "factor stat site_kind district sites step window", dsx_series},
    {"alarms", "告警", "alarms", "active window site_kind district sites", from_alarms},
    {"cases", "案件", "cases", "flow open", from_cases},
    {"registry", "站点与设备", "sites and devices", "of site_kind district sites", from_registry},
    {"static", "写定的表", "a table as written", "columns rows", from_static},
    {"set", "另一个数据集", "another set", "set", from_set},
    {NULL, NULL, NULL, NULL, NULL},
};
