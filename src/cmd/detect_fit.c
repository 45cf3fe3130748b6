#include "cmd/detect_fit.h"

#include <math.h>
#include <stdlib.h>

#define STEPS 3000
#define EVIDENCE_MAX 5.0F

void ss_fit_done(struct ss_fit *f)
{
	free(f->row);
	*f = (struct ss_fit){0};
}

static int add_day(struct ss_fit *f, const double *family, bool cheats)
{
	struct ss_fit_row *r;

	if (ss_grow(&f->row, &f->cap, f->n + 1, sizeof(*f->row)) < 0)
		return SS_ENOMEM;
	r = &f->row[f->n++];
	*r = (struct ss_fit_row){.cheats = cheats};
	for (int i = 0; i < SS_FAMILY_COUNT_; i++)
		if (family[i] > 0.5)
			r->x[i] = fminf(EVIDENCE_MAX, (float)log(family[i] / (1 - family[i])));
	return 0;
}

/* A day counts as cheating from the third day of the cheat on: before, nobody could know. */
int ss_fit_add(struct ss_fit *f, const struct ss_bench *b)
{
	int r = 0;

	for (int i = 0; i < b->outlets; i++) {
		const struct ss_bench_outlet *o = &b->each[i];
		bool cheat = o->plot && ss_city_plot_class(o->plot->kind) == SS_PLOT_CHEAT;

		for (int d = 0; r == 0 && d < SS_BENCH_DAYS; d++) {
			if (cheat && d >= o->start_day &&
			    (d < o->start_day + 2 || d > o->start_day + 8))
				continue;
			r = add_day(f, o->family[d], cheat && d >= o->start_day);
		}
	}
	return r;
}

static double raw_of(const struct ss_detect_weights *w, const struct ss_fit_row *r)
{
	double z = w->prior;

	for (int i = 0; i < SS_FAMILY_COUNT_; i++)
		z += w->weight[i] * r->x[i];
	return 1 / (1 + exp(-z));
}

static void descend(const struct ss_fit *f, double weight_yes, struct ss_detect_weights *w)
{
	double total = 0, g[SS_FAMILY_COUNT_], g0, rate = 0.5;

	for (size_t k = 0; k < f->n; k++)
		total += f->row[k].cheats ? weight_yes : 1;
	for (int step = 0; step < STEPS; step++) {
		g0 = 0;
		for (int i = 0; i < SS_FAMILY_COUNT_; i++)
			g[i] = 0.002 * (w->weight[i] - 1); /* towards section 5's own sum */
		for (size_t k = 0; k < f->n; k++) {
			const struct ss_fit_row *r = &f->row[k];
			double e =
			    (raw_of(w, r) - r->cheats) * (r->cheats ? weight_yes : 1) / total;

			g0 += e;
			for (int i = 0; i < SS_FAMILY_COUNT_; i++)
				g[i] += e * r->x[i];
		}
		w->prior -= 4 * rate * g0;
		for (int i = 0; i < SS_FAMILY_COUNT_; i++)
			w->weight[i] = fmin(3, fmax(0, w->weight[i] - 4 * rate * g[i]));
	}
}

struct pool {
	double raw, yes, all;
};

static int by_raw(const void *a, const void *b)
{
	const struct pool *x = a, *y = b;

	return x->raw < y->raw ? -1 : x->raw > y->raw;
}

/* Pools adjacent violators; blocks become knots at their mean raw score. */
static void calibrate(const struct ss_fit *f, double weight_yes, struct ss_detect_weights *w)
{
	struct pool *p = calloc(f->n ? f->n : 1, sizeof(*p));
	size_t n = 0;

	if (!p)
		return;
	for (size_t k = 0; k < f->n; k++) {
		double all = f->row[k].cheats ? weight_yes : 1;

		p[k] = (struct pool){raw_of(w, &f->row[k]), f->row[k].cheats ? all : 0, all};
	}
	ss_sort(p, f->n, sizeof(*p), by_raw);
	for (size_t k = 0; k < f->n; k++) {
		p[n++] = p[k];
		while (n > 1 && (p[n - 1].raw - p[n - 2].raw < 1e-6 ||
				 p[n - 2].yes / p[n - 2].all >= p[n - 1].yes / p[n - 1].all)) {
			struct pool *a = &p[n - 2], *b = &p[n - 1];

			a->raw = (a->raw * a->all + b->raw * b->all) / (a->all + b->all);
			a->yes += b->yes;
			a->all += b->all;
			n--;
		}
	}
	w->knots = 0;
	for (size_t k = 0; k < n; k++) {
		bool last = k == n - 1;

		if (p[k].all < 3 && !last) /* too few to say */
			continue;
		if (w->knots == (int)SS_ARRAY_LEN(w->raw))
			w->knots--;
		w->raw[w->knots] = p[k].raw;
		w->score[w->knots++] = fmin(0.995, fmax(0.001, p[k].yes / p[k].all));
	}
	free(p);
}

void ss_fit_run(const struct ss_fit *f, double share, struct ss_detect_weights *ret)
{
	double yes = 0;

	for (size_t k = 0; k < f->n; k++)
		yes += f->row[k].cheats;
	ret->prior = -3.5;
	for (int i = 0; i < SS_FAMILY_COUNT_; i++)
		ret->weight[i] = 1;
	if (yes > 0 && yes < (double)f->n) {
		double weight_yes = share / (1 - share) * ((double)f->n - yes) / yes;

		descend(f, weight_yes, ret);
		calibrate(f, weight_yes, ret);
	}
}

int ss_fit_write(const struct ss_detect_weights *w, struct ss_buf *out)
{
	static const char *const names[] = {
#define X(id, zh, en) #id,
#include "reason/detect/families.def"
#undef X
	};

	ss_buf_addf(
	    out,
	    "# Weights of the families and calibration of the score, made by `shanshui detect "
	    "fit`.\nwhat,name,value\nversion,%s,\nseeds,%s,\nprior,,%.4f\n",
	    w->version, w->seeds, w->prior);
	for (int i = 0; i < SS_FAMILY_COUNT_; i++)
		ss_buf_addf(out, "weight,%s,%.4f\n", names[i], w->weight[i]);
	for (int i = 0; i < w->knots; i++)
		ss_buf_addf(out, "knot,%.5f,%.4f\n", w->raw[i], w->score[i]);
	return out->err;
}
