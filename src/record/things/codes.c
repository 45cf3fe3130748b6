/* Codes of the standards in records: the lists that fields take from, the words of the codes that
 * records hold, and codes found by their words. */
#include "base/base.h"
#include "record/things/things_internal.h"

#define CHOICES_MAX 500 /* a list that is longer does not go with the declaration */
#define FOUND_MOST 50

static json_t *row_of(const char *code, const char *zh, const char *en)
{
	return json_pack("{s:s,s:s,s:s}", "code", code, "zh", zh, "en", en);
}

/* --- with a declaration -------------------------------------------------------------------------
 */

static bool add_choice(void *arg, const char *code, const char *zh, const char *en)
{
	json_array_append_new(arg, row_of(code, zh, en));
	return json_array_size(arg) <= CHOICES_MAX;
}

void sst_put_choices(struct ss_things *t, const struct sst_types *ts, json_t *fields)
{
	size_t i;
	json_t *f;

	json_array_foreach(fields, i, f)
	{
		const char *list = json_string_value(json_object_get(f, "codes"));
		json_t *own = list ? sst_codes_here(ts, list) : NULL, *out;

		sst_put_choices(t, ts, json_object_get(f, "fields"));
		if (!list || json_object_get(f, "choices"))
			continue;
		if (own) {
			json_object_set(f, "choices", own);
			continue;
		}
		out = json_array();
		if (t->s.codes_of)
			t->s.codes_of(t->s.codes, list, add_choice, out);
		if (json_array_size(out) && json_array_size(out) <= CHOICES_MAX)
			json_object_set(f, "choices", out);
		json_decref(out);
	}
}

/* --- with records -------------------------------------------------------------------------------
 */

struct wording {
	const struct ss_things *t;
	const struct sst_types *ts;
	json_t *out; /* {list: {code: words}} */
};

static void one(const struct wording *w, const struct sst_field *f, const char *code)
{
	json_t *list = json_object_get(w->out, f->codes);
	const char *zh, *en;

	if (json_object_get(list, code) || sst_code(w->t, w->ts, f, code, &zh, &en) < 0)
		return;
	if (!list) {
		list = json_object();
		json_object_set_new(w->out, f->codes, list);
	}
	json_object_set_new(list, code, json_pack("{s:s,s:s}", "zh", zh, "en", en));
}

static void of_field(const struct wording *w, const struct sst_field *f, const json_t *v)
{
	size_t i;
	json_t *item;

	if (f->codes && json_is_string(v))
		one(w, f, json_string_value(v));
	json_array_foreach((json_t *)v, i, item) of_field(w, f, item);
	for (size_t k = 0; json_is_object(v) && k < f->n_sub; k++)
		of_field(w, &f->sub[k], json_object_get(v, f->sub[k].id));
}

json_t *sst_code_words(const struct ss_things *t, const struct sst_type *ty, const json_t *items)
{
	const struct wording w = {t, ty->all, json_object()};
	size_t i;
	json_t *o;

	json_array_foreach((json_t *)items, i, o)
	{
		const json_t *fields = json_object_get(o, "fields");

		for (size_t k = 0; k < ty->n_fields; k++)
			of_field(&w, &ty->fields[k], json_object_get(fields, ty->fields[k].id));
	}
	return w.out;
}

/* --- by its words, in tables --------------------------------------------------------------------
 */

struct titled {
	struct ss_str words;
	char *ret;
	size_t cap;
	int n;
};

static bool add_titled(void *arg, const char *code, const char *zh, const char *en)
{
	struct titled *s = arg;

	if (ss_str_is(s->words, zh) || ss_str_is(s->words, en))
		s->n += snprintf(s->ret, s->cap, "%s", code) < (int)s->cap;
	return s->n < 2;
}

bool sst_code_titled(const struct ss_things *t, const struct sst_types *ts, const char *list,
		     struct ss_str words, char *ret, size_t cap)
{
	struct titled s = {.words = words, .ret = ret, .cap = cap};
	const json_t *own = sst_codes_here(ts, list);
	size_t i;
	json_t *row;

	if (!words.n)
		return false;
	json_array_foreach((json_t *)own, i, row) add_titled(
	    &s, ss_json_get_z(row, "code"), ss_json_get_z(row, "zh"), ss_json_get_z(row, "en"));
	if (!own && t->s.codes_of)
		t->s.codes_of(t->s.codes, list, add_titled, &s);
	return s.n == 1;
}

/* --- found --------------------------------------------------------------------------------------
 */

struct search {
	struct ss_str q;
	json_t *items;
	bool more;
};

static bool add_found(void *arg, const char *code, const char *zh, const char *en)
{
	struct search *s = arg;

	if (ss_str_find_nocase(ss_str_of(code), s->q) != 0 &&
	    ss_str_find_nocase(ss_str_of(zh), s->q) < 0 &&
	    ss_str_find_nocase(ss_str_of(en), s->q) < 0)
		return true;
	s->more = json_array_size(s->items) == FOUND_MOST;
	if (!s->more)
		json_array_append_new(s->items, row_of(code, zh, en));
	return !s->more;
}

static void search_here(struct search *s, const json_t *rows)
{
	size_t i;
	json_t *row;

	json_array_foreach((json_t *)rows, i, row)
	{
		const char *code = json_string_value(json_object_get(row, "code"));
		const char *zh = json_string_value(json_object_get(row, "zh"));
		const char *en = json_string_value(json_object_get(row, "en"));

		if (code && !add_found(s, code, zh ? zh : code, en ? en : code))
			return;
	}
}

int ss_things_codes(struct ss_things *t, const char *list, struct ss_str q, json_t **ret,
		    struct ss_error *err)
{
	ss_cleanup(sst_types_drop) struct sst_types *ts = sst_types_hold(t);
	const json_t *here = ts ? sst_codes_here(ts, list) : NULL;
	struct search s = {.q = q};

	if (!here && !(t->s.has_list && t->s.has_list(t->s.codes, list)))
		return ss_error_set(err, SS_ENOTFOUND,
				    "没有这张代码表：%.60s；no such list of codes: %.60s", list,
				    list);
	s.items = json_array();
	if (here)
		search_here(&s, here);
	else if (t->s.codes_of)
		t->s.codes_of(t->s.codes, list, add_found, &s);
	*ret = json_pack("{s:o,s:b}", "items", s.items, "more", s.more);
	return 0;
}
