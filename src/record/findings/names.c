/* Kinds, keys and bases: each distinct one is kept once under a small number. */
#include <stdlib.h>

#include "base/list.h"
#include "record/findings/findings_internal.h"

#define KEY_TEXT 320

static int names_init(struct ssf_names *n)
{
	n->by_text = ss_map_new();
	return n->by_text ? 0 : SS_ENOMEM;
}

static void names_done(struct ssf_names *n)
{
	for (size_t i = 0; i < n->n; i++)
		free(n->at[i]);
	free(n->at);
	ss_map_free(n->by_text);
}

int ssf_names_init(struct ss_findings *f)
{
	int r = names_init(&f->kinds);

	if (r == 0)
		r = names_init(&f->keys);
	return r == 0 ? names_init(&f->bases) : r;
}

void ssf_names_done(struct ss_findings *f)
{
	names_done(&f->kinds);
	names_done(&f->keys);
	names_done(&f->bases);
}

static uint64_t find(const struct ssf_names *n, struct ss_str text)
{
	uint64_t id = 0;

	return ss_map_get(n->by_text, text, &id) ? id : 0;
}

/* Takes p (malloc) on success. */
static int add(struct ssf_names *n, struct ss_str text, void *p)
{
	if (ss_grow(&n->at, &n->cap, n->n + 1, sizeof(*n->at)) < 0)
		return SS_ENOMEM;
	int r = ss_map_put(n->by_text, text, n->n + 1);

	if (r < 0)
		return r;
	n->at[n->n++] = p;
	return 0;
}

/* --- kinds ----------------------------------------------------------------------------------- */

static int kind_of(struct ss_findings *f, const char *kind, int32_t *ret)
{
	struct ss_str text = ss_str_of(kind);
	uint64_t id = find(&f->kinds, text);

	if (id == 0) {
		char *copy = strdup(kind);
		int r = copy ? add(&f->kinds, text, copy) : SS_ENOMEM;

		if (r < 0) {
			free(copy);
			return r;
		}
		id = f->kinds.n;
	}
	*ret = (int32_t)id;
	return 0;
}

int32_t ssf_kind_find(struct ss_findings *f, const char *kind)
{
	return (int32_t)find(&f->kinds, ss_str_of(kind));
}

/* --- keys ------------------------------------------------------------------------------------ */

static struct ss_str key_text(char out[KEY_TEXT], int32_t kind, const struct ss_finding_key *k)
{
	int n = snprintf(out, KEY_TEXT, "%d\n%lld\n%s\n%s\n%s", kind, (long long)k->site, k->point,
			 k->factor, k->sub);

	return ss_str_n(out, (size_t)n);
}

static char *append(char *at, const char *z, const char **ret)
{
	size_t n = strlen(z) + 1;

	*ret = memcpy(at, z, n);
	return at + n;
}

static struct ssf_key *key_new(int32_t id, int32_t kind, const struct ss_finding_key *k)
{
	size_t n = strlen(k->point) + strlen(k->factor) + strlen(k->sub) + 3;
	struct ssf_key *x = calloc(1, sizeof(*x) + n);
	char *at;

	if (!x)
		return NULL;
	x->id = id;
	x->kind = kind;
	x->site = k->site;
	at = append((char *)(x + 1), k->point, &x->point);
	at = append(at, k->factor, &x->factor);
	append(at, k->sub, &x->sub);
	return x;
}

int ssf_key_of(struct ss_findings *f, const struct ss_finding_key *k, struct ssf_key **ret)
{
	char text[KEY_TEXT];
	struct ss_str t;
	struct ssf_key *x;
	int32_t kind;
	int r = kind_of(f, k->kind, &kind);
	uint64_t id;

	if (r < 0)
		return r;
	t = key_text(text, kind, k);
	id = find(&f->keys, t);
	if (id) {
		*ret = f->keys.at[id - 1];
		return 0;
	}
	x = key_new((int32_t)f->keys.n + 1, kind, k);
	r = x ? add(&f->keys, t, x) : SS_ENOMEM;
	if (r < 0) {
		free(x);
		return r;
	}
	*ret = x;
	return 0;
}

struct ssf_key *ssf_key_find(struct ss_findings *f, const struct ss_finding_key *k)
{
	char text[KEY_TEXT];
	int32_t kind = ssf_kind_find(f, k->kind);
	uint64_t id = kind ? find(&f->keys, key_text(text, kind, k)) : 0;

	return id ? f->keys.at[id - 1] : NULL;
}

void ssf_key_out(const struct ss_findings *f, const struct ssf_key *k, struct ss_finding_key *ret)
{
	const char *kind = f->kinds.at[k->kind - 1];

	ss_str_copy(ret->kind, sizeof(ret->kind), ss_str_of(kind));
	ret->site = k->site;
	ss_str_copy(ret->point, sizeof(ret->point), ss_str_of(k->point));
	ss_str_copy(ret->factor, sizeof(ret->factor), ss_str_of(k->factor));
	ss_str_copy(ret->sub, sizeof(ret->sub), ss_str_of(k->sub));
}

/* --- bases ----------------------------------------------------------------------------------- */

static const char *text_or_empty(const char *z)
{
	return z ? z : "";
}

static struct ssf_basis *basis_new(const struct ss_basis *b)
{
	const char *from[] = {text_or_empty(b->rule), text_or_empty(b->standard),
			      text_or_empty(b->clause), text_or_empty(b->law),
			      text_or_empty(b->code)};
	size_t n = 0;
	struct ssf_basis *x;
	char *at;

	for (size_t i = 0; i < SS_ARRAY_LEN(from); i++)
		n += strlen(from[i]) + 1;
	x = calloc(1, sizeof(*x) + n);
	if (!x)
		return NULL;
	at = append((char *)(x + 1), from[0], &x->rule);
	at = append(at, from[1], &x->standard);
	at = append(at, from[2], &x->clause);
	at = append(at, from[3], &x->law);
	append(at, from[4], &x->code);
	return x;
}

int ssf_basis_of(struct ss_findings *f, const struct ss_basis *b, int32_t *ret)
{
	ss_cleanup(ss_buf_done) struct ss_buf text = SS_BUF_MAX(8192);
	struct ssf_basis *x;
	uint64_t id;
	int r;

	ss_buf_addf(&text, "%s\n%s\n%s\n%s\n%s", text_or_empty(b->rule), text_or_empty(b->standard),
		    text_or_empty(b->clause), text_or_empty(b->law), text_or_empty(b->code));
	if (text.err)
		return text.err;
	id = find(&f->bases, ss_buf_str(&text));
	if (id == 0) {
		x = basis_new(b);
		r = x ? add(&f->bases, ss_buf_str(&text), x) : SS_ENOMEM;
		if (r < 0) {
			free(x);
			return r;
		}
		id = f->bases.n;
	}
	*ret = (int32_t)id;
	return 0;
}

/* --- from the database ----------------------------------------------------------------------- */

static int load_kind(struct ss_findings *f, struct ss_stmt *st)
{
	char kind[24];
	int32_t id;
	int r;

	if (!ss_str_copy(kind, sizeof(kind), ss_col_str(st, 1)))
		return SS_ECORRUPT;
	r = kind_of(f, kind, &id);
	return r < 0 ? r : id == ss_col_i64(st, 0) ? 0 : SS_ECORRUPT;
}

static int load_key(struct ss_findings *f, struct ss_stmt *st)
{
	struct ss_finding_key k = {.site = ss_col_i64(st, 2)};
	struct ssf_key *x;
	int r;

	if (!ss_str_copy(k.kind, sizeof(k.kind), ss_col_str(st, 1)) ||
	    !ss_str_copy(k.point, sizeof(k.point), ss_col_str(st, 3)) ||
	    !ss_str_copy(k.factor, sizeof(k.factor), ss_col_str(st, 4)) ||
	    !ss_str_copy(k.sub, sizeof(k.sub), ss_col_str(st, 5)))
		return SS_ECORRUPT;
	r = ssf_key_of(f, &k, &x);
	return r < 0 ? r : x->id == ss_col_i64(st, 0) ? 0 : SS_ECORRUPT;
}

static int load_basis(struct ss_findings *f, struct ss_stmt *st)
{
	char text[5][1024];
	int32_t id;
	int r;

	for (int i = 0; i < 5; i++)
		if (!ss_str_copy(text[i], sizeof(text[i]), ss_col_str(st, i + 1)))
			return SS_ECORRUPT;
	r = ssf_basis_of(f, &(struct ss_basis){text[0], text[1], text[2], text[3], text[4]}, &id);
	return r < 0 ? r : id == ss_col_i64(st, 0) ? 0 : SS_ECORRUPT;
}

static int load(struct ss_findings *f, struct ss_db *db, const char *name,
		int (*row)(struct ss_findings *, struct ss_stmt *), struct ss_error *err)
{
	struct ss_stmt *st;
	int r = ss_db_stmt(db, name, &st, err);

	while (r >= 0 && (r = ss_step(st, err)) == 1) {
		r = row(f, st);
		if (r < 0) {
			ss_stmt_reset(st);
			return ss_error_set(err, r,
					    "衍生库的名称表有误（%s）；the names in the findings "
					    "store are damaged (%s)",
					    name, name);
		}
	}
	return r;
}

int ssf_names_load(struct ss_findings *f, struct ss_db *db, struct ss_error *err)
{
	int r = load(f, db, "findings/kinds", load_kind, err);

	if (r == 0)
		r = load(f, db, "findings/keys", load_key, err);
	if (r == 0)
		r = load(f, db, "findings/bases", load_basis, err);
	f->kinds.stored = f->kinds.n;
	f->keys.stored = f->keys.n;
	f->bases.stored = f->bases.n;
	return r;
}
