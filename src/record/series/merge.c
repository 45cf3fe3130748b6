#include "record/series/merge_internal.h"

bool ss_same_value(double a, double b)
{
	return memcmp(&a, &b, sizeof(a)) == 0 || (a != a && b != b);
}

/* A total order over doubles, NaN last. */
static int cmp_value(double a, double b)
{
	if (a != a || b != b)
		return (a != a) - (b != b);
	return (a > b) - (a < b);
}

static int cmp_version(const struct ss_ver *a, const struct ss_ver *b)
{
	if (a->seq != b->seq)
		return a->seq < b->seq ? -1 : 1;
	int c = cmp_value(a->value, b->value);

	return c ? c : (int)a->mark - (int)b->mark;
}

static int cmp_inc(const void *pa, const void *pb)
{
	const struct ss_inc *a = pa, *b = pb;

	if (a->time_us != b->time_us)
		return a->time_us < b->time_us ? -1 : 1;
	if (a->seq != b->seq)
		return a->seq < b->seq ? -1 : 1;
	int c = cmp_value(a->value, b->value);

	return c ? c : (int)a->mark - (int)b->mark;
}

bool ss_inc_sorted(const struct ss_inc *in, size_t n)
{
	for (size_t i = 1; i < n; i++)
		if (cmp_inc(&in[i - 1], &in[i]) > 0)
			return false;
	return true;
}

void ss_inc_sort(struct ss_inc *in, size_t n)
{
	if (!ss_inc_sorted(in, n))
		ss_sort(in, n, sizeof(*in), cmp_inc);
}

void ss_merge_done(struct ss_merge *m)
{
	free(m->out);
	free(m->changed);
	free(m->ver);
	*m = (struct ss_merge){0};
}

static bool same_version(const struct ss_ver *v, double value, uint8_t mark)
{
	return v->mark == mark && ss_same_value(v->value, value);
}

int ss_merge_version(struct ss_merge *m, struct ss_ver v)
{
	for (size_t i = m->group; i < m->n_ver; i++) {
		if (!same_version(&m->ver[i], v.value, v.mark))
			continue;
		if (v.seq < m->ver[i].seq)
			m->ver[i].seq = v.seq;
		return 0;
	}
	if (ss_grow(&m->ver, &m->ver_cap, m->n_ver + 1, sizeof(v)) < 0)
		return SS_ENOMEM;
	size_t at = m->n_ver++;

	for (; at > m->group && cmp_version(&v, &m->ver[at - 1]) < 0; at--)
		m->ver[at] = m->ver[at - 1];
	m->ver[at] = v;
	return 0;
}

static bool better(const struct ss_ver *a, const struct ss_ver *b)
{
	if ((a->mark == 'N') != (b->mark == 'N'))
		return a->mark == 'N';
	return cmp_version(a, b) > 0;
}

size_t ss_best_version(const struct ss_ver *v, size_t n)
{
	size_t best = 0;

	for (size_t i = 1; i < n; i++)
		if (better(&v[i], &v[best]))
			best = i;
	return best;
}

/* Versions of the point as kept; none when old is NULL. */
static int old_versions(struct ss_merge *m, const struct ss_point *old)
{
	if (!old)
		return 0;
	if (old->revised && m->versions)
		return m->versions(m->arg, old->time_us, m);
	return ss_merge_version(
	    m, (struct ss_ver){.time_us = old->time_us, .value = old->value, .mark = old->mark});
}

static void emit(struct ss_merge *m, struct ss_point p, bool changed)
{
	if (changed)
		m->changed[m->n_changed++] = (uint32_t)m->n;
	m->out[m->n++] = p;
}

/* All that came in for one time, against the kept point (or NULL). */
static int merge_point(struct ss_merge *m, const struct ss_point *old, const struct ss_inc *in,
		       size_t n)
{
	bool plain = true;
	const uint8_t mark = in[0].mark;

	for (size_t i = 1; i < n && plain; i++)
		plain = in[i].mark == mark && ss_same_value(in[i].value, in[0].value);
	if (plain && old && old->mark == mark && ss_same_value(old->value, in[0].value)) {
		emit(m, *old, false);
		return 0;
	}
	if (plain && !old) {
		emit(m, (struct ss_point){in[0].time_us, in[0].value, mark, 0}, true);
		return 0;
	}
	m->group = m->n_ver;
	int r = old_versions(m, old);
	size_t before = m->n_ver - m->group;

	for (size_t i = 0; i < n && r == 0; i++)
		r = ss_merge_version(
		    m, (struct ss_ver){in[i].time_us, in[i].value, in[i].seq, (uint8_t)in[i].mark});
	if (r < 0)
		return r;
	size_t count = m->n_ver - m->group;
	const struct ss_ver *best = &m->ver[m->group + ss_best_version(&m->ver[m->group], count)];

	/* Nothing new after all. A reader may have the point from before a commit and the versions
	 * from after it: then the kept point is not the best of them. */
	if (old && count == before && same_version(best, old->value, old->mark)) {
		m->n_ver = m->group;
		emit(m, *old, false);
		return 0;
	}
	emit(m, (struct ss_point){best->time_us, best->value, best->mark, count > 1}, true);
	if (count == 1)
		m->n_ver = m->group;
	return 0;
}

static void copy_old(struct ss_merge *m, const struct ss_point *p, size_t n)
{
	if (n == 0)
		return;
	memcpy(m->out + m->n, p, n * sizeof(*p));
	m->n += n;
}

int ss_merge_run(struct ss_merge *m, const struct ss_point *old, size_t n_old,
		 const struct ss_inc *in, size_t n_in)
{
	size_t o = 0, i = 0;

	m->n = m->n_changed = m->n_ver = 0;
	if (ss_grow(&m->out, &m->cap, n_old + n_in, sizeof(*m->out)) < 0 ||
	    ss_grow(&m->changed, &m->changed_cap, n_in, sizeof(*m->changed)) < 0)
		return SS_ENOMEM;
	while (i < n_in) {
		size_t from = o;

		while (o < n_old && old[o].time_us < in[i].time_us)
			o++;
		copy_old(m, old ? old + from : NULL, o - from);
		size_t to = i + 1;

		while (to < n_in && in[to].time_us == in[i].time_us)
			to++;
		const struct ss_point *at =
		    o < n_old && old[o].time_us == in[i].time_us ? &old[o++] : NULL;
		int r = merge_point(m, at, &in[i], to - i);

		if (r < 0)
			return r;
		i = to;
	}
	copy_old(m, old ? old + o : NULL, n_old - o);
	return 0;
}
