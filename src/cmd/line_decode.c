#include "cmd/line_decode.h"

#include <math.h>

#include "base/map.h"
#include "sense/hj212/hj212.h"
#include "sense/tables/tables.h"

#define VALUES_MAX 512
#define NAME_MAX_ 56
#define TABLE_OBS_MAX ((size_t)SS_TABLE_PACKAGE_ROWS * (SS_MAPPING_VALUES + 1))

/* The factor names of a frame in order. Thousands of devices share a few dozen shapes, so a device
 * keeps only the series ids that belong to its shape: one comparison a name and no look-up. */
struct shape {
	struct shape *next;
	uint64_t hash;
	int n;
	struct shape_name {
		uint8_t code_n, cls_n;
		char text[NAME_MAX_]; /* code, then cls */
	} names[];
};

struct binding { /* a device's series for one command */
	struct binding *next;
	int cn;
	const struct shape *shape;
	int32_t frame_series;
	int32_t *ids;
};

struct known_device {
	uint64_t version; /* of the registry when it was looked up */
	struct ss_device device;
	struct binding *bindings;
};

struct ss_decoder {
	struct ss_registry *registry;
	struct ss_series *series;
	int64_t past_us, future_us;
	struct ss_map *devices; /* MN to struct known_device * */
	struct shape *shapes;
	struct ss_hj212_value values[VALUES_MAX];
	int value_count;
	struct ss_obs obs[VALUES_MAX + 1];
	struct ss_map *sites; /* site code to id, for tables */
	uint64_t sites_version;
	struct ss_obs *table_obs;
	struct ss_arena arena; /* of one encrypted frame */
	size_t table_n;
};

int ss_decoder_new(struct ss_registry *r, struct ss_series *st, int64_t past_us, int64_t future_us,
		   struct ss_decoder **ret)
{
	struct ss_decoder *d = calloc(1, sizeof(*d));

	if (!d)
		return SS_ENOMEM;
	*d = (struct ss_decoder){
	    .registry = r, .series = st, .past_us = past_us, .future_us = future_us};
	d->devices = ss_map_new();
	d->sites = ss_map_new();
	if (!d->devices || !d->sites) {
		ss_map_free(d->devices);
		ss_map_free(d->sites);
		free(d);
		return SS_ENOMEM;
	}
	d->sites_version = UINT64_MAX;
	ss_arena_init(&d->arena, 1 << 20);
	*ret = d;
	return 0;
}

static void drop_bindings(struct known_device *k)
{
	while (k->bindings) {
		struct binding *b = k->bindings;

		k->bindings = b->next;
		free(b->ids);
		free(b);
	}
}

void ss_decoder_free(struct ss_decoder *d)
{
	size_t it = 0;
	struct ss_str key;
	uint64_t v;

	if (!d)
		return;
	while (ss_map_next(d->devices, &it, &key, &v)) {
		drop_bindings((struct known_device *)(uintptr_t)v);
		free((void *)(uintptr_t)v);
	}
	ss_map_free(d->devices);
	ss_map_free(d->sites);
	free(d->table_obs);
	ss_arena_done(&d->arena);
	while (d->shapes) {
		struct shape *s = d->shapes;

		d->shapes = s->next;
		free(s);
	}
	free(d);
}

/* The device by MN, looked up again whenever the registry has changed. NULL: not registered. */
static struct known_device *device_of(struct ss_decoder *d, struct ss_str mn)
{
	uint64_t version = ss_registry_version(d->registry), v;
	struct known_device *k = NULL;
	struct ss_device fresh;

	if (ss_map_get(d->devices, mn, &v)) {
		k = (struct known_device *)(uintptr_t)v;
		if (k->version == version)
			return k;
	}
	if (ss_registry_device(d->registry, mn, &fresh) < 0)
		return NULL;
	if (!k) {
		k = calloc(1, sizeof(*k));
		if (!k || ss_map_put(d->devices, mn, (uint64_t)(uintptr_t)k) < 0) {
			free(k);
			return NULL;
		}
	} else if (fresh.site != k->device.site || strcmp(fresh.point, k->device.point) != 0) {
		drop_bindings(k);
	}
	k->version = version;
	k->device = fresh;
	return k;
}

static void take_value(void *arg, const struct ss_hj212_data *data, const struct ss_hj212_value *v)
{
	struct ss_decoder *d = arg;

	(void)data;
	if (d->value_count < VALUES_MAX && v->code.n + v->cls.n <= NAME_MAX_)
		d->values[d->value_count++] = *v;
}

static bool same_name(const struct shape_name *n, const struct ss_hj212_value *v)
{
	return n->code_n == v->code.n && n->cls_n == v->cls.n &&
	       memcmp(n->text, v->code.p, n->code_n) == 0 &&
	       memcmp(n->text + n->code_n, v->cls.p, n->cls_n) == 0;
}

static bool fits(const struct shape *s, const struct ss_decoder *d)
{
	if (s->n != d->value_count)
		return false;
	for (int i = 0; i < s->n; i++)
		if (!same_name(&s->names[i], &d->values[i]))
			return false;
	return true;
}

static uint64_t hash_names(const struct ss_decoder *d)
{
	uint64_t h = (uint64_t)d->value_count;

	for (int i = 0; i < d->value_count; i++)
		h = h * 1099511628211u ^ ss_str_hash(d->values[i].code) ^
		    (ss_str_hash(d->values[i].cls) << 1);
	return h;
}

static const struct shape *shape_of(struct ss_decoder *d)
{
	uint64_t h = hash_names(d);
	struct shape *s;

	for (s = d->shapes; s; s = s->next)
		if (s->hash == h && fits(s, d))
			return s;
	s = calloc(1, sizeof(*s) + (size_t)d->value_count * sizeof(s->names[0]));
	if (!s)
		return NULL;
	s->hash = h;
	s->n = d->value_count;
	for (int i = 0; i < s->n; i++) {
		const struct ss_hj212_value *v = &d->values[i];

		s->names[i].code_n = (uint8_t)v->code.n;
		s->names[i].cls_n = (uint8_t)v->cls.n;
		memcpy(s->names[i].text, v->code.p, v->code.n);
		memcpy(s->names[i].text + v->code.n, v->cls.p, v->cls.n);
	}
	s->next = d->shapes;
	d->shapes = s;
	return s;
}

static enum ss_period period_of(enum ss_hj212_period p)
{
	static const enum ss_period map[] = {[SS_HJ212_RTD] = SS_PERIOD_RTD,
					     [SS_HJ212_MINUTE] = SS_PERIOD_MINUTE,
					     [SS_HJ212_HOUR] = SS_PERIOD_HOUR,
					     [SS_HJ212_DAY] = SS_PERIOD_DAY};

	return map[p];
}

static int resolve(struct ss_decoder *d, const struct ss_device *dev, struct ss_str factor,
		   struct ss_str stat, enum ss_period period, int32_t *ret, struct ss_error *err)
{
	struct ss_series_key k = {.site = dev->site, .period = period};

	memcpy(k.point, dev->point, sizeof(k.point));
	ss_str_copy(k.factor, sizeof(k.factor), factor);
	ss_str_copy(k.stat, sizeof(k.stat), stat);
	return ss_series_resolve(d->series, &k, ret, err);
}

static int resolve_values(struct ss_decoder *d, const struct ss_device *dev, struct ss_str st,
			  enum ss_period period, int32_t *ids, struct ss_error *err)
{
	for (int i = 0; i < d->value_count; i++) {
		const struct ss_hj212_value *v = &d->values[i];
		int r = resolve(d, dev, ss_hj212_factor(st, v->code),
				v->cls.n ? v->cls : SS_STR("Value"), period, &ids[i], err);

		if (r < 0)
			return r;
	}
	return 0;
}

static int resolve_frame_index(struct ss_decoder *d, const struct ss_device *dev, struct ss_str cn,
			       enum ss_period period, int32_t *ret, struct ss_error *err)
{
	char factor[66];
	int n = snprintf(factor, sizeof(factor), "@%s", dev->mn);

	return resolve(d, dev, ss_str_n(factor, (size_t)n), cn, period, ret, err);
}

/* A device alternates between the packets of a split record, so the same command may have several
 * bindings; the first that fits is taken. */
static int binding_of(struct ss_decoder *d, struct known_device *k, const struct ss_hj212_head *h,
		      enum ss_period period, struct binding **ret, struct ss_error *err)
{
	struct binding *b;
	int r;

	for (b = k->bindings; b; b = b->next)
		if (b->cn == h->cn_num && fits(b->shape, d)) {
			*ret = b;
			return 0;
		}
	b = calloc(1, sizeof(*b));
	if (!b)
		return SS_ENOMEM;
	b->cn = h->cn_num;
	b->shape = shape_of(d);
	b->ids = calloc((size_t)d->value_count + 1, sizeof(*b->ids));
	r = b->shape && b->ids ? resolve_values(d, &k->device, h->st, period, b->ids, err)
			       : SS_ENOMEM;
	if (r == 0)
		r = resolve_frame_index(d, &k->device, h->cn, period, &b->frame_series, err);
	if (r < 0) {
		free(b->ids);
		free(b);
		return r;
	}
	b->next = k->bindings;
	k->bindings = b;
	*ret = b;
	return 0;
}

static int64_t start_of_period(const struct ss_device *dev, enum ss_hj212_period p, int64_t t_us)
{
	static const int64_t span[] = {0, 10 * SS_US_PER_MIN, SS_US_PER_HOUR, SS_US_PER_DAY};

	return dev->stamps_period_end ? t_us - span[p] : t_us;
}

static int fill(struct ss_decoder *d, struct known_device *k, const struct ss_hj212_head *h,
		const struct ss_hj212_data *data, const struct ss_entry *e, struct ss_decoded *ret,
		struct ss_error *err)
{
	int64_t t = start_of_period(&k->device, data->period, data->time_us);
	struct binding *b = NULL;
	int r = binding_of(d, k, h, period_of(data->period), &b, err);

	if (r < 0)
		return r;
	for (int i = 0; i < d->value_count; i++)
		d->obs[i] = (struct ss_obs){b->ids[i], (uint8_t)d->values[i].mark, t,
					    d->values[i].value, e->seq};
	d->obs[d->value_count] = (struct ss_obs){b->frame_series, 'N', t, (double)e->seq, e->seq};
	ret->kind = SS_DECODE_DATA;
	ret->obs = d->obs;
	ret->n = (size_t)d->value_count + 1;
	return 0;
}

static enum ss_decode_kind check_time(const struct ss_decoder *d, int64_t t_us, int64_t arrived_us)
{
	if (t_us == SS_TIME_NONE)
		return SS_DECODE_NO_TIME;
	if (t_us < arrived_us - d->past_us || t_us > arrived_us + d->future_us)
		return SS_DECODE_OUTSIDE;
	return SS_DECODE_DATA;
}

static bool frame_of(struct ss_str body, const struct ss_hj212_policy *policy,
		     struct ss_hj212_frame *ret)
{
	size_t used;

	return ss_hj212_cut(body.p, body.n, true, policy, ret, &used) == 1;
}

static bool plain_by(struct ss_decoder *d, const uint8_t *key, struct ss_str body,
		     struct ss_hj212_head *ret)
{
	struct ss_hj212_policy policy = {.segment_cap = SS_HJ212_SEGMENT_MAX, .sm4_key = key};
	struct ss_hj212_frame f;
	struct ss_str segment;

	ss_arena_reset(&d->arena);
	return frame_of(body, &policy, &f) && f.crc_ok &&
	       ss_hj212_plain(&d->arena, &f, &policy, &segment) == 0 &&
	       ss_hj212_head(segment, ret) == 0;
}

/* The head of a frame with its data in the clear, by the device's own key or one it had before:
 * what stands in the journal is read again years later. */
static bool plain_head(struct ss_decoder *d, const struct ss_device *dev, struct ss_str body,
		       struct ss_hj212_head *ret)
{
	bool done = plain_by(d, dev->sm4_key, body, ret);

	for (int i = 0; !done && i < dev->sm4_old_n; i++)
		done = plain_by(d, dev->sm4_old[i].key, body, ret);
	return done;
}

static int decode_data(struct ss_decoder *d, struct known_device *k, const struct ss_hj212_head *h,
		       const struct ss_entry *e, struct ss_decoded *ret, struct ss_error *err)
{
	struct ss_hj212_data data = {.time_us = SS_TIME_NONE};
	int n;

	d->value_count = 0;
	n = ss_hj212_observe(h, &data, take_value, d);
	ret->data_us = data.time_us;
	if (n <= 0 || d->value_count == 0) {
		ret->kind = n < 0 ? SS_DECODE_BAD : SS_DECODE_NOTHING;
		return 0;
	}
	ret->kind = check_time(d, data.time_us, e->arrived_us);
	ret->live = !h->rf && data.period == SS_HJ212_RTD;
	return ret->kind == SS_DECODE_DATA ? fill(d, k, h, &data, e, ret, err) : 0;
}

static int decode_hj212(struct ss_decoder *d, const struct ss_entry *e, struct ss_decoded *ret,
			struct ss_error *err)
{
	static const struct ss_hj212_policy any = {.segment_cap = SS_HJ212_SEGMENT_MAX};
	struct ss_hj212_frame f;
	struct ss_hj212_head h;
	struct known_device *k;

	ret->kind = SS_DECODE_BAD;
	if (!frame_of(e->body, &any, &f) || ss_hj212_head(f.segment, &h) < 0)
		return 0;
	ret->has_frame = h.mn.n > 0;
	ret->mn = h.mn;
	ret->system = h.st;
	ret->qn = h.qn;
	ret->cn = h.cn_num;
	ret->rf = h.rf;
	k = h.mn.n ? device_of(d, h.mn) : NULL;
	if (!k) {
		ret->kind = e->kind == SS_ENTRY_HJ212 ? SS_DECODE_UNKNOWN : SS_DECODE_BAD;
		return 0;
	}
	ret->site = k->device.site;
	if (e->kind != SS_ENTRY_HJ212)
		return 0;
	if (k->device.has_sm4_key && !plain_head(d, &k->device, e->body, &h))
		return 0;
	return decode_data(d, k, &h, e, ret, err);
}

static bool note_site(void *arg, const struct ss_site *s)
{
	struct ss_decoder *d = arg;

	return ss_map_put(d->sites, ss_str_of(s->code), (uint64_t)s->id) == 0;
}

static bool site_by_code(struct ss_decoder *d, const char *code, int64_t *ret)
{
	uint64_t version = ss_registry_version(d->registry), id;

	if (d->sites_version != version) {
		ss_registry_sites(d->registry, note_site, d);
		d->sites_version = version;
	}
	if (!ss_map_get(d->sites, ss_str_of(code), &id))
		return false;
	*ret = (int64_t)id;
	return true;
}

static enum ss_period period_named(struct ss_str key)
{
	for (int p = 0; p < SS_PERIOD_COUNT_; p++)
		if (ss_str_is(key, ss_period_key((enum ss_period)p)))
			return (enum ss_period)p;
	return SS_PERIOD_HOUR;
}

struct table_work {
	struct ss_decoder *d;
	const struct ss_mapping *mapping;
	enum ss_period period;
	uint64_t seq;
	struct ss_error *err;
};

static int table_obs(struct table_work *w, int64_t site, const struct ss_table_row *row, int i)
{
	struct ss_device as_device = {.site = site};
	const struct ss_mapping_value *rule = row->value[i].rule;
	struct ss_obs *o = &w->d->table_obs[w->d->table_n];
	int r = resolve(w->d, &as_device, rule->factor, rule->stat, w->period, &o->series, w->err);

	if (r < 0)
		return r;
	o->mark = (uint8_t)row->mark;
	o->time_us = row->time_us;
	o->value = row->value[i].value;
	o->seq = w->seq;
	w->d->table_n++;
	return 0;
}

/* The frame index of a table: which journal entry a row's values came from. */
static int table_index(struct table_work *w, int64_t site, const struct ss_table_row *row)
{
	struct ss_device as_device = {.site = site};
	struct ss_obs *o = &w->d->table_obs[w->d->table_n];
	int r = resolve(w->d, &as_device, SS_STR("@import"), SS_STR("import"), w->period,
			&o->series, w->err);

	if (r < 0)
		return r;
	o->mark = 'N';
	o->time_us = row->time_us;
	o->value = (double)w->seq;
	o->seq = w->seq;
	w->d->table_n++;
	return 0;
}

static int table_row(void *arg, const struct ss_table_row *row, struct ss_str raw)
{
	struct table_work *w = arg;
	int64_t site;
	int r = 0;

	(void)raw;
	if (!site_by_code(w->d, row->site_code, &site))
		return 0;
	for (int i = 0; r == 0 && i < row->n && w->d->table_n + 1 < TABLE_OBS_MAX; i++)
		if (!isnan(row->value[i].value))
			r = table_obs(w, site, row, i);
	return r < 0 ? r : table_index(w, site, row);
}

static void table_bad(void *arg, int64_t line, const char *field, const char *why)
{
	(void)arg, (void)line, (void)field, (void)why; /* was reported to who brought it in */
}

static int decode_table(struct ss_decoder *d, const struct ss_entry *e, struct ss_decoded *ret,
			struct ss_error *err)
{
	struct ss_mapping mapping;
	struct ss_str text, csv;
	int64_t line;
	struct table_work w = {.d = d, .mapping = &mapping, .seq = e->seq, .err = err};
	int r;

	ret->kind = SS_DECODE_BAD;
	if (ss_table_open(e->body, &text, &csv, &line) < 0 ||
	    ss_mapping_parse(text, &mapping, NULL) < 0)
		return 0;
	if (!d->table_obs)
		d->table_obs = calloc(TABLE_OBS_MAX + 1, sizeof(*d->table_obs));
	if (!d->table_obs)
		return SS_ENOMEM;
	d->table_n = 0;
	w.period = period_named(mapping.period);
	r = ss_table_scan(&mapping, csv, line, table_row, table_bad, &w, err);
	if (r == SS_EPARSE)
		return 0;
	ret->kind = SS_DECODE_DATA;
	ret->obs = d->table_obs;
	ret->n = d->table_n;
	return r;
}

int ss_decode(struct ss_decoder *d, const struct ss_entry *e, struct ss_decoded *ret,
	      struct ss_error *err)
{
	*ret = (struct ss_decoded){.data_us = SS_TIME_NONE};
	if (e->kind == SS_ENTRY_HJ212 || e->kind == SS_ENTRY_HJ212_BAD)
		return decode_hj212(d, e, ret, err);
	return e->kind == SS_ENTRY_IMPORT ? decode_table(d, e, ret, err) : 0;
}
