/* Records of a declared type as a source. The engine of records decides over rows and fields; a
 * field that is not the viewer's is a column without values, so that one set serves everybody. */
#include "record/things/things.h"
#include "serve/datasets/datasets_internal.h"

#define PAGE 1000

struct source {
	struct dsx_run *x;
	const char *type;
	json_t *mine, *whole; /* declarations: as he sees it, and all of it */
	struct dsx_table *t;
};

static const json_t *field_in(const json_t *decl, const char *id)
{
	const json_t *fields = json_object_get(decl, "fields"), *f;
	size_t i;

	json_array_foreach(fields, i, f)
	{
		if (strcmp(dsx_word(f, "id"), id) == 0)
			return f;
	}
	return NULL;
}

static bool is_one_of(const char *z, const char *list)
{
	struct ss_str rest = ss_str_of(list), one;

	while (ss_str_split(&rest, ' ', &one)) {
		if (ss_str_is(one, z))
			return true;
	}
	return false;
}

/* --- columns ------------------------------------------------------------------------------------
 */

static const json_t *labels_of(struct dsx_run *x, const json_t *f)
{
	const json_t *choices = json_object_get(f, "choices"), *c;
	json_t *o;
	size_t i;

	if (strcmp(dsx_word(f, "type"), "area") == 0)
		return dsx_district_labels(x);
	if (!json_is_array(choices))
		return NULL;
	o = json_object();
	json_array_foreach(choices, i, c)
	{
		json_object_set_new(
		    o, dsx_word(c, "code"),
		    json_pack("{s:s,s:s}", "zh", dsx_word(c, "zh"), "en", dsx_word(c, "en")));
	}
	return dsx_labels(x, o);
}

static void set_col(struct source *s, const char *name, const char *zh, const char *en,
		    const json_t *f, enum dsx_type type)
{
	struct dsx_run *x = s->x;
	struct dsx_col *c = dsx_col_add(s->t, name, zh, en, type);

	if (!c)
		return;
	c->unit = dsx_keep(x, dsx_word(f, "unit"));
	c->hidden = !field_in(s->mine, dsx_word(f, "id"));
	c->labels = c->hidden ? NULL : labels_of(x, f);
	if (strcmp(dsx_word(f, "type"), "area") == 0)
		c->role = "geo";
}

static void place_cols(struct source *s, const json_t *f, const char *id)
{
	struct dsx_run *x = s->x;
	bool main = strcmp(dsx_word(s->whole, "geometry"), id) == 0;
	const char *lon = main ? "lon" : ss_arena_printf(x->a, "%s_lon", id);
	const char *lat = main ? "lat" : ss_arena_printf(x->a, "%s_lat", id);

	if (!lon || !lat)
		return;
	set_col(s, lon, "经度", "longitude", f, DSX_NUMBER);
	set_col(s, lat, "纬度", "latitude", f, DSX_NUMBER);
	for (int i = 0; i < 2; i++) {
		int c = dsx_col_find(s->t, i ? lat : lon);

		if (c >= 0)
			s->t->cols[c].role = "geo";
	}
}

static void field_col(struct source *s, const json_t *f)
{
	struct dsx_run *x = s->x;
	const char *type = dsx_word(f, "type"), *id = dsx_keep(x, dsx_word(f, "id"));
	const json_t *title = json_object_get(f, "title");
	enum dsx_type t = is_one_of(type, "integer number decimal money") ? DSX_NUMBER
			  : is_one_of(type, "date time")                  ? DSX_TIME
			  : strcmp(type, "bool") == 0                     ? DSX_BOOL
									  : DSX_TEXT;

	if (strcmp(type, "point") == 0)
		place_cols(s, f, id);
	else if (!is_one_of(type, "list object file files line polygon longtext"))
		set_col(s, id, dsx_keep(x, dsx_word(title, "zh")),
			dsx_keep(x, dsx_word(title, "en")), f, t);
}

static void columns(struct source *s, struct dsx_table *t)
{
	const json_t *f;
	struct dsx_col *c;
	size_t i;

	c = dsx_col_add(t, "id", "编号", "id", DSX_TEXT);
	if (c)
		c->role = "id";
	json_array_foreach(json_object_get(s->whole, "fields"), i, f)
	{
		field_col(s, f);
	}
	dsx_col_add(t, "created", "登记时间", "created", DSX_TIME);
	dsx_col_add(t, "changed", "变更时间", "changed", DSX_TIME);
}

/* --- cells --------------------------------------------------------------------------------------
 */

static struct dsx_cell joined(struct dsx_run *x, const json_t *list)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(1 << 16);
	const json_t *v;
	size_t i;

	json_array_foreach(list, i, v)
	{
		ss_buf_addz(&b, i ? "、" : "");
		ss_buf_addz(&b, json_is_string(v) ? json_string_value(v) : "");
	}
	return b.n ? dsx_text(dsx_keep(x, b.p)) : DSX_NONE;
}

static struct dsx_cell cell_of(struct dsx_run *x, enum dsx_type type, const json_t *v,
			       const json_t *names)
{
	const char *z = json_string_value(v);
	const char *name = z ? json_string_value(json_object_get(names, z)) : NULL;
	double d;
	int64_t us;

	switch (type) {
	case DSX_NUMBER:
		if (json_is_number(v))
			return dsx_num(json_number_value(v));
		return z && ss_parse_double(ss_str_of(z), &d) == 0 ? dsx_num(d) : DSX_NONE;
	case DSX_TIME:
		return z && ss_time_parse_iso(ss_str_of(z), &us) == 0 ? dsx_time(us) : DSX_NONE;
	case DSX_BOOL:
		return json_is_boolean(v) ? dsx_num(json_is_true(v)) : DSX_NONE;
	default:
		if (json_is_array(v))
			return joined(x, v);
		return z ? dsx_text(dsx_keep(x, name ? name : z)) : DSX_NONE;
	}
}

static void place_cell(const struct dsx_col *c, const json_t *fields, const json_t *decl,
		       struct dsx_cell *cell)
{
	size_t n = strlen(c->name), cut = n > 4 ? n - 4 : 0;
	bool lat = strcmp(c->name + (n < 3 ? 0 : n - 3), "lat") == 0;
	char id[80];
	const json_t *p;

	ss_str_copy(id, sizeof(id),
		    cut ? ss_str_n(c->name, cut) : ss_str_of(dsx_word(decl, "geometry")));
	p = json_array_get(json_object_get(json_object_get(fields, id), "coordinates"), lat);
	if (json_is_number(p))
		*cell = dsx_num(json_number_value(p));
}

static int put_record(struct source *s, struct dsx_table *t, const json_t *item,
		      const json_t *names)
{
	struct dsx_run *x = s->x;
	const json_t *fields = json_object_get(item, "fields");
	int r = 0;
	struct dsx_cell *row = dsx_row_add(x, t, &r);
	int64_t us;

	for (size_t i = 0; row && i < t->n_cols; i++) {
		const struct dsx_col *c = &t->cols[i];
		const json_t *v = json_object_get(fields, c->name);

		if (c->hidden)
			continue;
		if (c->role && strcmp(c->role, "geo") == 0 && c->type == DSX_NUMBER)
			place_cell(c, fields, s->whole, &row[i]);
		else
			row[i] = cell_of(x, c->type, v ? v : json_object_get(item, c->name), names);
	}
	if (ss_time_parse_iso(ss_str_of(dsx_word(item, "changed")), &us) == 0 &&
	    (x->res->data_us == SS_TIME_NONE || us > x->res->data_us))
		x->res->data_us = us;
	return r;
}

static int read_rows(struct source *s, struct dsx_table *t, struct ss_thing_query *q,
		     struct ss_error *err)
{
	struct dsx_run *x = s->x;
	json_t *list = NULL;
	int r;

	do {
		const json_t *items, *item;
		json_t *page = NULL;
		size_t i;

		r = ss_things_list(x->p->things, x->q->viewer, s->type, q, &page, err);
		json_decref(list); /* the cursor lay in it until now */
		list = page;
		items = json_object_get(list, "items");
		for (i = 0; r == 0 && i < json_array_size(items); i++) {
			item = json_array_get(items, i);
			r = put_record(s, t, item, json_object_get(list, "names"));
		}
		q->cursor = r == 0 ? json_string_value(json_object_get(list, "next")) : NULL;
		if (t->n_rows >= DSX_SOURCE_ROWS && q->cursor) {
			x->res->truncated = true;
			break;
		}
	} while (q->cursor);
	json_decref(list);
	return r;
}

/* --- the whole ----------------------------------------------------------------------------------
 */

/* Whether every field that a filter names is his. */
static bool all_his(const struct source *s, const json_t *filter)
{
	const char *field = json_string_value(json_object_get(filter, "field"));
	const json_t *v;
	const char *k;
	size_t i;

	if (json_is_array(filter)) {
		json_array_foreach(filter, i, v)
		{
			if (!all_his(s, v))
				return false;
		}
		return true;
	}
	json_object_foreach((json_t *)filter, k, v)
	{
		if (json_is_array(v) && (strcmp(k, "all") == 0 || strcmp(k, "any") == 0) &&
		    !all_his(s, v))
			return false;
	}
	return !field || !field_in(s->whole, field) || field_in(s->mine, field);
}

static int ask(struct source *s, const json_t *source, struct dsx_table *t, struct ss_error *err)
{
	struct dsx_run *x = s->x;
	struct ss_error why = {0};
	struct ss_thing_query q = {.filter = json_object_get(source, "filter"),
				   .q = ss_str_of(dsx_word(source, "q")),
				   .when = {x->q->as_of_us, SS_TIME_NONE},
				   .limit = x->dry ? 1 : PAGE};
	char *semi;
	int r;

	if (q.filter && !all_his(s, q.filter) && !x->q->strict)
		return 0; /* what he may not know of holds for no row */
	if (x->dry && !q.filter)
		return 0;
	if (x->dry) {
		int64_t n;

		r = ss_things_count(x->p->things, x->q->viewer, s->type, &q, &n, &why);
	} else {
		r = read_rows(s, t, &q, &why);
	}
	if (r != SS_EINVAL) {
		if (r < 0 && err)
			*err = why;
		return r;
	}
	semi = strstr(why.text, "；");
	if (semi)
		*semi = 0;
	return dsx_bad(x, "source.filter", why.text, semi ? semi + strlen("；") : why.text);
}

int dsx_records(struct dsx_run *x, const json_t *source, struct dsx_table *t, struct ss_error *err)
{
	struct source s = {.x = x, .type = dsx_keep(x, dsx_word(source, "type")), .t = t};
	int r = x->p->things ? 0 : SS_EUNSUPPORTED;

	if (r == 0 && ss_things_type(x->p->things, x->q->viewer, s.type, &s.mine, NULL) < 0)
		return dsx_bad(x, "source.type", "没有这个类型，或不是您可看的",
			       "no such type, or not yours to see");
	s.whole = r == 0 ? ss_things_declaration(x->p->things, s.type) : NULL;
	if (r == 0 && !s.whole)
		r = SS_ENOMEM;
	if (r == 0) {
		columns(&s, t);
		r = ask(&s, source, t, err);
	}
	if (r == 0) {
		const json_t *title = json_object_get(s.mine, "title");

		dsx_did(x, dsx_keep(x, dsx_word(title, "zh")), dsx_keep(x, dsx_word(title, "en")));
		x->res->topic_thing = true;
		if (x->res->n_types < SS_ARRAY_LEN(x->res->types))
			x->res->types[x->res->n_types++] = s.type;
	}
	json_decref(s.mine);
	json_decref(s.whole);
	return r;
}
