/* From the tree of an explanation to the rows of a package. */
#include "base/json.h"
#include "serve/evidence/evidence_internal.h"

struct walk {
	const struct ss_figures_parts *p;
	struct collected *c;
	struct ss_arena a;
	json_t *seen; /* ids of rows that are taken */
	struct ss_error *err;
};

static int add_seq(struct collected *c, uint64_t seq)
{
	if (ss_grow(&c->seq, &c->seq_cap, c->seq_n + 1, sizeof(*c->seq)) < 0)
		return SS_ENOMEM;
	c->seq[c->seq_n++] = seq;
	return 0;
}

static bool fresh(struct walk *w, const char *id)
{
	if (json_object_get(w->seen, id))
		return false;
	json_object_set_new(w->seen, id, json_true());
	return true;
}

/* The node without what lies below it. */
static json_t *bare(const json_t *node)
{
	json_t *o = json_copy((json_t *)node);

	json_object_del(o, "inputs");
	return o;
}

/* --- observations --- */

/* Where the value stands in its frame, so that others find it there. */
static int say_field(struct walk *w, json_t *row, uint64_t seq)
{
	const char *form = "unread";
	struct ss_frame_field f;
	struct ss_entry e;
	int r = ss_journal_get(w->p->journal, seq, &w->a, &e, w->err);

	if (r < 0)
		return r;
	if (e.kind == SS_ENTRY_IMPORT) {
		form = "table";
	} else if (e.kind == SS_ENTRY_HJ212 &&
		   w->p->codec.field(e.body, ss_json_get_z(row, "factor"),
				     ss_json_get_z(row, "stat"), &w->a, &f)) {
		form = f.sealed ? "sealed" : f.found ? "hj212" : "unread";
		json_object_set_new(row, "mn", json_stringn(f.mn.p, f.mn.n));
		if (f.found) {
			json_object_set_new(row, "field", json_stringn(f.name.p, f.name.n));
			json_object_set_new(row, "flag_field", json_stringn(f.flag.p, f.flag.n));
			json_object_set_new(row, "data_time",
					    json_stringn(f.data_time.p, f.data_time.n));
		}
	}
	json_object_set_new(row, "form", json_string(form));
	ss_arena_reset(&w->a);
	return 0;
}

static int observation(struct walk *w, const json_t *node)
{
	const json_t *series = json_object_get(node, "series"),
		     *versions = json_object_get(node, "versions");
	int r = 0;

	for (size_t i = 0; i < json_array_size(versions) && r >= 0; i++) {
		const json_t *v = json_array_get(versions, i);
		uint64_t seq = (uint64_t)json_integer_value(json_object_get(v, "seq"));
		json_t *row = json_pack(
		    "{s:O, s:O, s:O, s:s, s:s, s:s, s:s, s:s}", "series",
		    json_object_get(series, "id"), "time", json_object_get(node, "time"), "time_us",
		    json_object_get(node, "time_us"), "site", ss_json_get_z(series, "site_code"),
		    "point", ss_json_get_z(series, "point"), "factor",
		    ss_json_get_z(series, "factor"), "stat", ss_json_get_z(series, "stat"),
		    "period", ss_json_get_z(series, "period"));

		json_object_update(row, (json_t *)v);
		json_array_append_new(w->c->observations, row);
		if (seq) /* what an older store cannot say any more stays without a frame */
			r = add_seq(w->c, seq);
		if (seq && r >= 0)
			r = say_field(w, row, seq);
	}
	return r;
}

static void rollup(struct walk *w, const json_t *node)
{
	const json_t *series = json_object_get(node, "series");
	json_t *row = bare(node);

	json_object_del(row, "series");
	json_object_set(row, "series", json_object_get(series, "id"));
	json_object_set(row, "from_us", json_object_get(node, "start_us"));
	json_object_set(row, "to_us", json_object_get(node, "end_us"));
	json_object_del(row, "start_us");
	json_object_del(row, "end_us");
	json_array_append_new(w->c->rollups, row);
}

/* --- what is registered, as it is now --- */

static bool device(void *arg, const struct ss_device *d)
{
	struct walk *w = arg;
	char id[80];
	json_t *o, *site;
	size_t i;

	json_array_foreach(w->c->sites, i, site)
	{
		if (json_integer_value(json_object_get(site, "site")) != d->site)
			continue;
		snprintf(id, sizeof(id), "device %s", d->mn);
		if (!fresh(w, id))
			return true;
		o = json_pack("{s:s, s:I, s:s, s:s, s:s, s:i, s:b, s:b, s:b, s:b}", "mn", d->mn,
			      "site", (json_int_t)d->site, "point", d->point, "edition", d->edition,
			      "system", d->system, "interval_s", d->interval_s, "encrypted",
			      d->has_sm4_key, "accept_wrong_len", d->accept_wrong_len,
			      "accept_modbus_crc", d->accept_modbus_crc, "stamps_period_end",
			      d->stamps_period_end);
		json_array_append_new(w->c->devices, o);
		return true;
	}
	return true;
}

static void site(struct walk *w, int64_t id)
{
	struct ss_site s;
	char key[40];
	json_t *o;

	snprintf(key, sizeof(key), "site %lld", (long long)id);
	if (!w->p->registry || id == 0 || !fresh(w, key) ||
	    ss_registry_site(w->p->registry, id, &s) < 0)
		return;
	o = json_pack("{s:I, s:s, s:s, s:s, s:s, s:s, s:s}", "site", (json_int_t)s.id, "uid", s.uid,
		      "code", s.code, "name", s.name, "kind", ss_site_kind_key(s.kind), "district",
		      s.district, "state", s.state);
	json_array_append_new(w->c->sites, o);
}

/* --- the walk --- */

static int node(struct walk *w, const json_t *n)
{
	const char *kind = ss_json_get_z(n, "kind");
	const json_t *in = json_object_get(n, "inputs");
	int r = 0;

	if (strcmp(kind, "entry") == 0)
		return add_seq(w->c, (uint64_t)json_integer_value(json_object_get(n, "seq")));
	if (!fresh(w, ss_json_get_z(n, "id")))
		return 0;
	if (strcmp(kind, "observation") == 0)
		r = observation(w, n);
	else if (strcmp(kind, "rollup") == 0)
		rollup(w, n);
	else if (strcmp(kind, "finding") == 0)
		json_array_append_new(w->c->findings, bare(n));
	else if (strcmp(kind, "law") == 0)
		json_array_append_new(w->c->law, bare(n));
	else if (strcmp(kind, "act") == 0)
		json_array_append_new(w->c->acts, bare(n));
	site(w, json_integer_value(json_object_get(n, "site")));
	site(w, json_integer_value(json_object_get(json_object_get(n, "series"), "site")));
	for (size_t i = 0; i < json_array_size(in) && r >= 0; i++)
		r = node(w, json_array_get(in, i));
	return r;
}

static int by_number(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static void without_doubles(struct collected *c)
{
	size_t k = 0;

	ss_sort(c->seq, c->seq_n, sizeof(*c->seq), by_number);
	for (size_t i = 0; i < c->seq_n; i++)
		if (k == 0 || c->seq[i] != c->seq[k - 1])
			c->seq[k++] = c->seq[i];
	c->seq_n = k;
}

int sse_collect(const struct ss_figures_parts *p, const json_t *tree, struct collected *ret,
		struct ss_error *err)
{
	struct walk w = {.p = p, .c = ret, .seen = json_object(), .err = err};
	int r;

	*ret = (struct collected){.observations = json_array(),
				  .rollups = json_array(),
				  .findings = json_array(),
				  .law = json_array(),
				  .acts = json_array(),
				  .sites = json_array(),
				  .devices = json_array()};
	ss_arena_init(&w.a, (size_t)64 << 20);
	r = node(&w, tree);
	if (r >= 0 && p->registry)
		ss_registry_devices(p->registry, device, &w);
	without_doubles(ret);
	json_decref(w.seen);
	ss_arena_done(&w.a);
	return r;
}

void sse_collected_done(struct collected *c)
{
	json_decref(c->observations);
	json_decref(c->rollups);
	json_decref(c->findings);
	json_decref(c->law);
	json_decref(c->acts);
	json_decref(c->sites);
	json_decref(c->devices);
	free(c->seq);
}
