/* What is here: one question, and all that every module has within a radius or an outline, with the
 * sites as they stood then, the alarms that stood then, and the base map. Every part is asked for
 * with the rights of who asks; what he may not see is not there. */
#include <math.h>
#include <stdlib.h>

#include "base/list.h"
#include "reason/geo/geo.h"
#include "record/findings/findings.h"
#include "serve/access/access.h"
#include "serve/api/map.h"
#include "serve/api/things.h"

#define RING_MOST 2000
#define LIMIT_DEFAULT 100
#define LIMIT_MOST 1000

struct here {
	struct ss_map_ask ask;
	const json_t *body;
	struct ss_geo_spot at; /* the middle, or of the outline */
	double radius_m;       /* 0: by the outline or the line */
	json_t *ring;          /* outline; NULL: by the radius or the line */
	json_t *line;          /* with a buffer on both sides */
	json_t *closed;        /* the outline as a line */
	double buffer_m;       /* around the outline or the line */
	bool moved;            /* came as GCJ-02 */
	double box[4];
	struct ss_thing_time when;
	int64_t limit, total;
	struct ss_json *j;
	struct ss_error *err;
};

/* --- the question -------------------------------------------------------------------------------
 */

static int refuse(struct ss_error *err, const char *zh, const char *en)
{
	return ss_error_set(err, SS_EINVAL, "%s；%s", zh, en);
}

static void move_back(struct here *h, double *lon, double *lat)
{
	if (h->moved)
		ss_gcj02_to_wgs84(lon, lat);
}

static bool is_place(double lon, double lat)
{
	return fabs(lon) <= 180 && fabs(lat) <= 85;
}

static int read_positions(struct here *h, const json_t *points, json_t *into)
{
	size_t i;
	json_t *p;

	json_array_foreach((json_t *)points, i, p)
	{
		double lon = json_number_value(json_array_get(p, 0));
		double lat = json_number_value(json_array_get(p, 1));

		if (json_array_size(p) < 2 || !json_is_number(json_array_get(p, 0)) ||
		    !json_is_number(json_array_get(p, 1)) || !is_place(lon, lat))
			return refuse(h->err, "点须为 [经度, 纬度]",
				      "a position is [longitude, latitude]");
		move_back(h, &lon, &lat);
		json_array_append_new(into, json_pack("[f,f]", lon, lat));
	}
	return 0;
}

/* An outline or a line, with what is around it. */
static int read_shape(struct here *h, const json_t *points, size_t least, json_t **into)
{
	size_t n = json_array_size(points);
	int r;

	h->buffer_m = json_number_value(json_object_get(h->body, "buffer_m"));
	if (n < least || n > RING_MOST)
		return refuse(h->err, "polygon 须有 3 至 2000 个点，line 须有 2 至 2000 个点",
			      "polygon has 3 to 2000 positions, line 2 to 2000");
	if (!(h->buffer_m >= 0 && h->buffer_m <= SS_GEO_REACH_M) || (least == 2 && !h->buffer_m))
		return refuse(h->err, "buffer_m 须为 0 至 50000，line 须有",
			      "buffer_m is 0 to 50000; a line needs one");
	*into = json_array();
	r = read_positions(h, points, *into);
	if (r < 0)
		return r;
	h->closed = json_copy(*into);
	json_array_append(h->closed, json_array_get(*into, 0));
	ss_geo_box_of(*into, h->box);
	h->at = ss_geo_middle(*into);
	if (h->buffer_m > 0)
		ss_geo_box_grow(h->box, h->buffer_m);
	if (h->box[2] - h->box[0] > 3 || h->box[3] - h->box[1] > 3)
		return refuse(h->err, "范围超过 3 度", "wider than 3 degrees");
	return 0;
}

static int read_circle(struct here *h)
{
	h->at.lon = json_number_value(json_object_get(h->body, "lon"));
	h->at.lat = json_number_value(json_object_get(h->body, "lat"));
	h->radius_m = json_number_value(json_object_get(h->body, "radius_m"));
	if (!json_object_get(h->body, "lon") || !json_object_get(h->body, "lat") ||
	    !is_place(h->at.lon, h->at.lat))
		return refuse(h->err, "须有 lon、lat、radius_m，或 polygon，或 line",
			      "lon, lat and radius_m, polygon or line must be given");
	if (!(h->radius_m > 0 && h->radius_m <= SS_GEO_REACH_M))
		return refuse(h->err, "radius_m 须大于 0、不大于 50000",
			      "radius_m is above 0 and at most 50000");
	move_back(h, &h->at.lon, &h->at.lat);
	ss_geo_box_around(h->at, h->radius_m, h->box);
	return 0;
}

static int read_time(const struct here *h, const char *name, int64_t *ret)
{
	const char *z = json_string_value(json_object_get(h->body, name));

	*ret = SS_TIME_NONE;
	return !z || ss_time_parse_iso(ss_str_of(z), ret) == 0
		   ? 0
		   : refuse(h->err, "as_of、known_at 须为时刻", "as_of and known_at are times");
}

static int read_question(struct here *h)
{
	const json_t *ring = json_object_get(h->body, "polygon");
	const json_t *line = json_object_get(h->body, "line");
	const json_t *limit = json_object_get(h->body, "limit");
	const char *crs = json_string_value(json_object_get(h->body, "crs"));
	int r;

	h->moved = crs && strcmp(crs, "GCJ02") == 0;
	h->limit = limit ? json_integer_value(limit) : LIMIT_DEFAULT;
	if (h->limit < 1 || h->limit > LIMIT_MOST)
		return refuse(h->err, "limit 须为 1 至 1000", "limit is 1 to 1000");
	r = read_time(h, "as_of", &h->when.as_of_us);
	if (r == 0)
		r = read_time(h, "known_at", &h->when.known_at_us);
	if (r == 0)
		r = ring   ? read_shape(h, ring, 3, &h->ring)
		    : line ? read_shape(h, line, 2, &h->line)
			   : read_circle(h);
	return r;
}

static bool wanted(const struct here *h, const char *layer)
{
	const json_t *list = json_object_get(h->body, "layers");
	size_t i;
	json_t *l;

	if (!list)
		return true;
	json_array_foreach((json_t *)list, i,
			   l) if (strcmp(json_string_value(l) ? json_string_value(l) : "", layer) ==
				  0) return true;
	return false;
}

/* Metres from the middle when it belongs, else NAN. */
static double belongs(const struct here *h, const json_t *geometry)
{
	double away = h->line ? ss_geo_apart_m(geometry, h->line) : ss_geo_away_m(geometry, h->at);

	if (h->line)
		return away <= h->buffer_m ? away : (double)NAN;
	if (h->ring && ss_geo_meets(geometry, h->ring))
		return away;
	if (h->ring)
		return h->buffer_m > 0 && ss_geo_apart_m(geometry, h->closed) <= h->buffer_m
			   ? away
			   : (double)NAN;
	return away <= h->radius_m ? away : (double)NAN;
}

static double point_belongs(const struct here *h, double lon, double lat)
{
	json_t *g;
	double d;

	if (!isfinite(lon) || !isfinite(lat) || lon < h->box[0] || lon > h->box[2] ||
	    lat < h->box[1] || lat > h->box[3])
		return NAN;
	g = json_pack("{s:s,s:[f,f]}", "type", "Point", "coordinates", lon, lat);
	d = belongs(h, g);
	json_decref(g);
	return d;
}

/* --- groups of the answer ------------------------------------------------------------------------
 */

static void open_group(struct here *h, const char *id, const char *zh, const char *en)
{
	ss_json_obj(h->j);
	ss_json_kz(h->j, "id", id);
	ss_json_key(h->j, "title");
	ss_json_obj(h->j);
	ss_json_kz(h->j, "zh", zh);
	ss_json_kz(h->j, "en", en);
	ss_json_end_obj(h->j);
	ss_json_key(h->j, "layers");
	ss_json_arr(h->j);
}

static void close_group(struct here *h)
{
	ss_json_end_arr(h->j);
	ss_json_end_obj(h->j);
}

static void put_json(struct ss_json *j, const json_t *v)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(16 << 20);

	if (v && ss_json_canonical(&b, v) == 0)
		ss_json_raw(j, ss_buf_str(&b));
	else
		ss_json_null(j);
}

static void open_layer(struct here *h, const char *id, const json_t *title, const char *zh,
		       const char *en)
{
	ss_json_obj(h->j);
	ss_json_kz(h->j, "id", id);
	ss_json_key(h->j, "title");
	if (title) {
		put_json(h->j, title);
	} else {
		ss_json_obj(h->j);
		ss_json_kz(h->j, "zh", zh);
		ss_json_kz(h->j, "en", en);
		ss_json_end_obj(h->j);
	}
	ss_json_key(h->j, "items");
	ss_json_arr(h->j);
}

static void close_layer(struct here *h, int64_t count, bool more)
{
	ss_json_end_arr(h->j);
	ss_json_ki64(h->j, "count", count);
	ss_json_kbool(h->j, "truncated", more);
	ss_json_end_obj(h->j);
	h->total += count;
}

/* Something found, told later in the order of its distance. */
struct found {
	double away;
	int64_t site;
	const json_t *feature;
};
struct founds {
	struct found *p;
	size_t n, cap;
	bool full;
};

static void add_found(struct founds *f, struct found x)
{
	if (ss_grow(&f->p, &f->cap, f->n + 1, sizeof(*f->p)) < 0)
		f->full = true;
	else
		f->p[f->n++] = x;
}

static int nearer(const void *a, const void *b)
{
	const struct found *x = a, *y = b;

	return x->away != y->away ? (x->away > y->away) - (x->away < y->away)
				  : (x->site > y->site) - (x->site < y->site);
}

static void in_order(struct founds *f)
{
	if (f->n)
		ss_sort(f->p, f->n, sizeof(*f->p), nearer);
}

static void put_metres(struct ss_json *j, double away)
{
	ss_json_kdouble(j, "distance_m", round(away * 10) / 10);
}

/* --- sites and their alarms
 * ----------------------------------------------------------------------- */

struct sites {
	struct here *h;
	struct founds found;
};

static bool take_site(void *arg, const struct ss_site *s)
{
	struct sites *x = arg;
	double away = point_belongs(x->h, s->lon, s->lat);

	if (isfinite(away))
		add_found(&x->found, (struct found){.away = away, .site = s->id});
	return !x->found.full;
}

static void find_sites(struct here *h, const char *permission, struct sites *x)
{
	const struct ss_scope *sc = ss_access_scope(h->ask.rq->actor, permission, h->ask.rq->a);

	*x = (struct sites){.h = h};
	if (h->ask.api->registry && sc)
		ss_registry_sites_in(h->ask.api->registry, sc, take_site, x);
	in_order(&x->found);
}

static int put_sites(struct here *h)
{
	struct sites x;
	int64_t n = 0;
	int r = 0;

	if (!wanted(h, "sites"))
		return 0;
	find_sites(h, "site.read", &x);
	open_group(h, "sites", "监测站点", "Sites");
	open_layer(h, "sites", NULL, "站点", "Sites");
	for (size_t i = 0; r == 0 && i < x.found.n && n < h->limit; i++, n++) {
		ss_json_obj(h->j);
		put_metres(h->j, x.found.p[i].away);
		ss_json_key(h->j, "site");
		r = ss_site_put(h->j, h->ask.api, h->ask.rq->a, x.found.p[i].site, h->when.as_of_us,
				h->err);
		ss_json_end_obj(h->j);
	}
	close_layer(h, (int64_t)x.found.n, (int64_t)x.found.n > h->limit);
	close_group(h);
	free(x.found.p);
	return r;
}

struct alarms {
	struct here *h;
	struct sites near;
	int64_t at, n;
};

static const struct found *near_site(const struct alarms *a, int64_t site)
{
	for (size_t i = 0; i < a->near.found.n; i++)
		if (a->near.found.p[i].site == site)
			return &a->near.found.p[i];
	return NULL;
}

static bool put_alarm(void *arg, const struct ss_finding *f)
{
	struct alarms *a = arg;
	const struct found *x = ss_alarm_stood(f, a->at) ? near_site(a, f->key.site) : NULL;

	if (!x || a->n++ >= a->h->limit)
		return true;
	ss_json_obj(a->h->j);
	put_metres(a->h->j, x->away);
	ss_json_key(a->h->j, "alarm");
	ss_alarm_put(a->h->j, a->h->ask.api, f, false);
	ss_json_end_obj(a->h->j);
	return true;
}

static int put_alarms(struct here *h)
{
	struct alarms a = {
	    .h = h, .at = h->when.as_of_us == SS_TIME_NONE ? ss_time_now() : h->when.as_of_us};
	const struct ss_finding_query q = {.kind = "alarm",
					   .open = h->when.as_of_us == SS_TIME_NONE,
					   .from = SS_TIME_NONE,
					   .to = a.at + 1,
					   .after_start = SS_TIME_NONE,
					   .descending = true,
					   .fn = put_alarm,
					   .arg = &a};
	int r = 0;

	if (!wanted(h, "alarms") || !h->ask.api->findings)
		return 0;
	find_sites(h, "alarm.read", &a.near);
	open_group(h, "alarms", "告警", "Alarms");
	open_layer(h, "alarms", NULL, "在案告警", "Alarms that stand");
	if (a.near.found.n)
		r = ss_findings_each(h->ask.api->findings, &q, h->err);
	close_layer(h, a.n, a.n > h->limit);
	close_group(h);
	free(a.near.found.p);
	return r;
}

/* --- records of every module
 * ---------------------------------------------------------------------- */

static void put_member(struct ss_json *j, const char *name, const json_t *v)
{
	ss_json_key(j, name);
	put_json(j, v);
}

static void put_record(struct here *h, const struct ss_layer *l, const struct found *x)
{
	const json_t *p = json_object_get(x->feature, "properties");
	json_t *link = ss_map_link(&h->ask, l->type, json_string_value(json_object_get(p, "id")));

	ss_json_obj(h->j);
	put_metres(h->j, x->away);
	put_member(h->j, "id", json_object_get(p, "id"));
	put_member(h->j, "title", json_object_get(p, "title"));
	put_member(h->j, "area", json_object_get(p, "area"));
	put_member(h->j, "via", json_object_get(p, "via"));
	put_member(h->j, "geometry", json_object_get(x->feature, "geometry"));
	put_member(h->j, "link", link);
	ss_json_end_obj(h->j);
	json_decref(link);
}

static int put_layer(struct here *h, const struct ss_layer *l)
{
	const struct ss_thing_query q = {.bbox = h->box, .when = h->when, .limit = 5000};
	struct founds found = {0};
	json_t *features = NULL, *f;
	bool more = false;
	size_t i;
	int r = ss_map_features(&h->ask, l, &q, &features, &more, h->err);

	if (r < 0)
		return r;
	json_array_foreach(features, i, f)
	{
		double away = belongs(h, json_object_get(f, "geometry"));

		if (isfinite(away))
			add_found(&found,
				  (struct found){.away = away, .site = (int64_t)i, .feature = f});
	}
	in_order(&found);
	open_layer(h, l->type, l->title, NULL, NULL);
	for (size_t k = 0; k < found.n && (int64_t)k < h->limit; k++)
		put_record(h, l, &found.p[k]);
	close_layer(h, (int64_t)found.n, more || (int64_t)found.n > h->limit);
	free(found.p);
	json_decref(features);
	return found.full ? SS_ENOMEM : 0;
}

static bool has_place(const struct ss_layer *l)
{
	return l->place == SS_PLACE_OWN || l->place == SS_PLACE_REF;
}

static bool module_wanted(const struct here *h, const char *module)
{
	for (size_t i = 0; i < h->ask.n; i++) {
		const struct ss_layer *l = &h->ask.layer[i];

		if (strcmp(l->module, module) == 0 && has_place(l) && wanted(h, l->type))
			return true;
	}
	return false;
}

static int put_module(struct here *h, const char *module)
{
	json_t *title = ss_map_module_title(&h->ask, module);
	int r = 0;

	open_group(h, module, json_string_value(json_object_get(title, "zh")),
		   json_string_value(json_object_get(title, "en")));
	for (size_t i = 0; r == 0 && i < h->ask.n; i++) {
		const struct ss_layer *l = &h->ask.layer[i];

		if (strcmp(l->module, module) == 0 && has_place(l) && wanted(h, l->type))
			r = put_layer(h, l);
	}
	close_group(h);
	json_decref(title);
	return r;
}

static bool is_first(const struct here *h, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (strcmp(h->ask.layer[k].module, h->ask.layer[i].module) == 0)
			return false;
	return true;
}

static int put_modules(struct here *h)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < h->ask.n; i++)
		if (is_first(h, i) && module_wanted(h, h->ask.layer[i].module))
			r = put_module(h, h->ask.layer[i].module);
	return r;
}

/* --- the ground ---------------------------------------------------------------------------------
 */

struct ground {
	struct here *h;
	const char *layer;
	int64_t n;
};

static bool put_ground(void *arg, const struct ss_base_object *o)
{
	struct ground *g = arg;
	bool open = g->layer && strcmp(g->layer, o->layer) == 0;
	double away = belongs(g->h, o->geometry);

	if (!isfinite(away))
		return true;
	if (!open && g->layer)
		close_layer(g->h, g->n, g->n > g->h->limit);
	if (!open) {
		open_layer(g->h, o->layer, NULL, o->layer_zh, o->layer_en);
		g->layer = o->layer;
		g->n = 0;
	}
	if (g->n++ >= g->h->limit)
		return true;
	ss_json_obj(g->h->j);
	put_metres(g->h->j, away);
	ss_json_kz(g->h->j, "title", o->name);
	ss_json_kz(g->h->j, "title_en", o->name_en[0] ? o->name_en : o->name);
	ss_json_end_obj(g->h->j);
	return true;
}

static void put_base(struct here *h)
{
	struct ground g = {.h = h};

	if (!wanted(h, "base"))
		return;
	open_group(h, "base", "基础地理与土地覆盖", "Ground");
	ss_map_base(put_ground, &g);
	if (g.layer)
		close_layer(h, g.n, g.n > h->limit);
	close_group(h);
}

/* --- the answer ---------------------------------------------------------------------------------
 */

static void put_shape(struct here *h)
{
	struct ss_json *j = h->j;
	const char *area = ss_registry_area_at(h->at.lon, h->at.lat);

	ss_json_ktime(j, "as_of",
		      h->when.as_of_us == SS_TIME_NONE ? ss_time_now() : h->when.as_of_us);
	ss_json_kbool(j, "past", h->when.as_of_us != SS_TIME_NONE);
	ss_json_kdouble(j, "lon", h->at.lon);
	ss_json_kdouble(j, "lat", h->at.lat);
	ss_json_kz(j, "crs", "CGCS2000");
	ss_json_kz(j, "from_crs", h->moved ? "GCJ02" : NULL);
	ss_json_kdouble(j, "area_m2",
			h->ring   ? ss_geo_area_m2(h->ring)
			: h->line ? (double)NAN
				  : 3.14159265358979323846 * h->radius_m * h->radius_m);
	ss_json_kdouble(j, "buffer_m", h->buffer_m);
	ss_json_key(j, "district");
	ss_put_district(j, area ? area : "");
}

static int put_answer(struct here *h)
{
	int r;

	ss_json_obj(h->j);
	put_shape(h);
	ss_json_key(h->j, "groups");
	ss_json_arr(h->j);
	r = put_sites(h);
	if (r == 0)
		r = put_alarms(h);
	if (r == 0)
		r = put_modules(h);
	if (r == 0)
		put_base(h);
	if (r < 0)
		return r;
	ss_json_end_arr(h->j);
	ss_json_ki64(h->j, "total", h->total);
	ss_json_end_obj(h->j);
	return 0;
}

int ss_post_map_here(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_json j = ss_json_on(rs->out);
	struct here h = {.body = ss_request_json(rq), .j = &j, .err = err};
	int r = ss_map_open(rq, &h.ask, err);

	h.ask.located = json_object();
	if (r == 0)
		r = read_question(&h);
	if (r == 0)
		r = put_answer(&h);
	ss_map_done(&h.ask);
	json_decref(h.ring);
	json_decref(h.line);
	json_decref(h.closed);
	return r;
}
