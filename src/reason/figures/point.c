/* From a point of a series to the journal entries that hold it. The series keeps the seq of each
 * version only of revised points; for the others the frame index (series "@MN", values are journal
 * positions) tells which frames of the device are of that time. */
#include "reason/figures/figures_internal.h"
#include "record/journal/journal.h"

#define SEQS_MAX 64

struct search {
	const struct ss_figures_parts *p;
	const struct ss_series_info *s;
	int64_t time_us;
	struct ss_arena *a;
	uint64_t seq[SEQS_MAX];
	size_t n;
};

static void note(struct search *q, uint64_t seq)
{
	size_t i = q->n;

	if (seq == 0 || q->n == SEQS_MAX)
		return;
	for (size_t k = 0; k < q->n; k++)
		if (q->seq[k] == seq)
			return;
	for (; i > 0 && q->seq[i - 1] > seq; i--)
		q->seq[i] = q->seq[i - 1];
	q->seq[i] = seq;
	q->n++;
}

/* The frame index: the series of the device (or of imports) whose values are journal positions. */
static void ask_index(struct search *q, const char *factor, const char *stat)
{
	struct ss_series_key k = {.site = q->s->key.site, .period = q->s->key.period};
	struct ss_version *v = NULL;
	int32_t id;
	size_t n = 0;

	/* A file knows sites only, no measuring points. */
	if (strcmp(factor, "@import") != 0)
		ss_str_copy(k.point, sizeof(k.point), ss_str_of(q->s->key.point));
	ss_str_copy(k.factor, sizeof(k.factor), ss_str_of(factor));
	ss_str_copy(k.stat, sizeof(k.stat), ss_str_of(stat));
	if (ss_series_find(q->p->series, &k, &id) < 0 ||
	    ss_series_versions(q->p->series, id, q->time_us, q->a, &v, &n, NULL) < 0)
		return;
	for (size_t i = 0; i < n; i++)
		note(q, v[i].value >= 1 ? (uint64_t)v[i].value : 0);
}

static bool ask_device(void *arg, const struct ss_device *d)
{
	static const char *const commands[] = {"2011", "2021", "2031", "2041", "2051", "2061"};
	struct search *q = arg;
	char factor[72];

	if (d->site != q->s->key.site || strcmp(d->point, q->s->key.point) != 0)
		return true;
	snprintf(factor, sizeof(factor), "@%s", d->mn);
	for (size_t i = 0; i < SS_ARRAY_LEN(commands); i++)
		ask_index(q, factor, commands[i]);
	return true;
}

/* A device sends several frames for one time (other commands, packets): only those that hold the
 * factor are its origin. An encrypted one cannot be looked into and stays. */
static bool holds(struct search *q, const struct ss_entry *e)
{
	struct ss_frame_field f;

	return e->kind == SS_ENTRY_IMPORT ||
	       (q->p->codec.field(e->body, q->s->key.factor, q->s->key.stat, q->a, &f) &&
		(f.found || f.sealed));
}

uint64_t ssx_version_seq(const struct ss_version *v, size_t n, size_t i, const uint64_t *seq,
			 size_t seq_n)
{
	if (v[i].seq)
		return v[i].seq;
	for (size_t k = 0; k < seq_n; k++) {
		bool other = false;

		for (size_t m = 0; m < n; m++)
			other |= v[m].seq == seq[k];
		if (!other)
			return seq[k];
	}
	return 0;
}

int ss_point_entries(const struct ss_figures_parts *p, const struct ss_series_info *s,
		     int64_t time_us, struct ss_arena *a, uint64_t **ret, size_t *ret_n,
		     struct ss_error *err)
{
	struct search q = {.p = p, .s = s, .time_us = time_us, .a = a};
	struct ss_version *v = NULL;
	size_t n = 0, k = 0;
	uint64_t *out;
	int r = ss_series_versions(p->series, s->id, time_us, a, &v, &n, err);

	if (r < 0)
		return r;
	for (size_t i = 0; i < n; i++)
		note(&q, v[i].seq);
	if (p->registry)
		ss_registry_devices(p->registry, ask_device, &q);
	ask_index(&q, "@import", "import");
	out = ss_arena_array(a, q.n + 1, sizeof(*out));
	if (!out)
		return SS_ENOMEM;
	for (size_t i = 0; i < q.n && r >= 0; i++) {
		struct ss_arena_mark m = ss_arena_mark(a);
		struct ss_entry e;

		r = ss_journal_get(p->journal, q.seq[i], a, &e, err);
		if (r >= 0 && holds(&q, &e))
			out[k++] = q.seq[i];
		r = r == SS_ENOTFOUND ? 0 : r;
		ss_arena_rewind(a, m);
	}
	*ret = out;
	*ret_n = k;
	return r < 0 ? r : 0;
}
