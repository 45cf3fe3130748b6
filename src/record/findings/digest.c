/* One number for all that stands, equal whatever engine and whatever order of arrival. */
#include <stdlib.h>

#include "base/crypto.h"
#include "record/findings/findings_internal.h"

struct digest {
	struct ss_findings *f;
	struct ss_sm3 *sm3;
	struct ss_buf b;
};

static void add_text(struct digest *d, struct ss_str s)
{
	ss_buf_add_varint(&d->b, s.n);
	ss_buf_adds(&d->b, s);
}

static void add_z(struct digest *d, const char *z)
{
	add_text(d, ss_str_of(z));
}

static void add_row(struct digest *d, const struct ss_finding *x)
{
	double value = x->value == x->value ? x->value : 0;
	uint64_t bits;

	memcpy(&bits, &value, sizeof(bits));
	add_z(d, x->key.kind);
	ss_buf_add_svarint(&d->b, x->key.site);
	add_z(d, x->key.point);
	add_z(d, x->key.factor);
	add_z(d, x->key.sub);
	ss_buf_add_svarint(&d->b, x->start_us);
	ss_buf_add_svarint(&d->b, x->end_us);
	add_z(d, x->state);
	ss_buf_add_varint(&d->b, x->value == x->value);
	ss_buf_add_varint(&d->b, bits);
	add_text(d, x->body);
	add_z(d, x->basis.rule);
	add_z(d, x->basis.standard);
	add_z(d, x->basis.clause);
	add_z(d, x->basis.law);
	add_z(d, x->basis.code);
}

static int feed_key(struct digest *d, struct ss_db *db, int32_t id, struct ss_error *err)
{
	struct ss_stmt *st;
	struct ss_finding x;
	int r = ss_db_stmt(db, "findings/standing", &st, err);

	if (r < 0)
		return r;
	ss_bind_i64(st, 1, id);
	while ((r = ss_step(st, err)) == 1) {
		ssf_row(st, &x);
		add_row(d, &x);
		r = d->b.err ? d->b.err : ss_sm3_add(d->sm3, d->b.p, d->b.n);
		ss_buf_reset(&d->b);
		if (r < 0) {
			ss_stmt_reset(st);
			return r;
		}
	}
	return r;
}

/* --- keys in natural order ------------------------------------------------------------------- */

struct entry {
	const char *kind;
	const struct ssf_key *key;
};

static int compare(const void *pa, const void *pb)
{
	const struct entry *a = pa, *b = pb;
	int c = strcmp(a->kind, b->kind);

	if (c != 0)
		return c;
	if (a->key->site != b->key->site)
		return a->key->site < b->key->site ? -1 : 1;
	if ((c = strcmp(a->key->point, b->key->point)) != 0 ||
	    (c = strcmp(a->key->factor, b->key->factor)) != 0)
		return c;
	return strcmp(a->key->sub, b->key->sub);
}

static int keys_of(struct ss_findings *f, const char *kind, struct entry **ret, size_t *ret_n)
{
	SS_LOCKED(&f->mu);
	struct entry *list = calloc(f->keys.n + 1, sizeof(*list));
	size_t n = 0;

	if (!list)
		return SS_ENOMEM;
	for (size_t i = 0; i < f->keys.n; i++) {
		const struct ssf_key *k = f->keys.at[i];
		const char *name = f->kinds.at[k->kind - 1];

		if (!kind || strcmp(kind, name) == 0)
			list[n++] = (struct entry){name, k};
	}
	ss_sort(list, n, sizeof(*list), compare);
	*ret = list;
	*ret_n = n;
	return 0;
}

static int feed_all(struct digest *d, const char *kind, struct ss_error *err)
{
	struct entry *list;
	struct ss_db *db;
	size_t n;
	int r = keys_of(d->f, kind, &list, &n);

	if (r < 0)
		return r;
	r = ss_db_take(d->f->pool, &db, err);
	if (r == 0) {
		for (size_t i = 0; r == 0 && i < n; i++)
			r = feed_key(d, db, list[i].key->id, err);
		ss_db_give(d->f->pool, db);
	}
	free(list);
	return r;
}

int ss_findings_digest(struct ss_findings *f, const char *kind, uint8_t out[32],
		       struct ss_error *err)
{
	struct digest d = {.f = f, .sm3 = ss_sm3_new()};
	int r = d.sm3 ? ss_sm3_start(d.sm3) : SS_ENOMEM;

	ss_buf_init(&d.b, SS_FINDING_BODY_MAX + (64u << 10));
	if (r == 0)
		r = feed_all(&d, kind, err);
	if (r == 0)
		r = ss_sm3_end(d.sm3, out);
	ss_buf_done(&d.b);
	ss_sm3_free(d.sm3);
	return r;
}
