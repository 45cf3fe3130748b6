#include "cmd/line_grade.h"

#include <stdlib.h>

#include "serve/api/grade.h"

#define SITES_MAX 4000000

struct ss_line_grade {
	struct ss_line_parts parts;
	struct ss_buf out;
	uint64_t *told; /* by site: hash of the grade that pages know, 0 = none */
	size_t n_told;
};

int ss_line_grade_new(const struct ss_line_parts *p, struct ss_line_grade **ret)
{
	struct ss_line_grade *g = calloc(1, sizeof(*g));

	if (!g)
		return SS_ENOMEM;
	g->parts = *p;
	ss_buf_init(&g->out, 1 << 20);
	*ret = g;
	return 0;
}

void ss_line_grade_free(struct ss_line_grade *g)
{
	if (!g)
		return;
	ss_buf_done(&g->out);
	free(g->told);
	free(g);
}

static uint64_t *told_of(struct ss_line_grade *g, int64_t site)
{
	size_t n;
	uint64_t *more;

	if (site <= 0 || site >= SITES_MAX)
		return NULL;
	if ((size_t)site < g->n_told)
		return &g->told[site];
	n = (size_t)site + 1 + g->n_told / 2;
	more = realloc(g->told, n * sizeof(*more));
	if (!more)
		return NULL;
	memset(more + g->n_told, 0, (n - g->n_told) * sizeof(*more));
	g->told = more;
	g->n_told = n;
	return &g->told[site];
}

void ss_line_grade_put(struct ss_line_grade *g, struct ss_json *j, int64_t site)
{
	struct ss_json text = ss_json_on(&g->out);
	uint64_t *told = told_of(g, site), hash;
	struct ss_grade grade;

	if (!told || ss_grade_site(g->parts.registry, g->parts.series, site, &grade) < 0)
		return;
	ss_buf_reset(&g->out);
	ss_grade_put(&text, &grade);
	hash = ss_str_hash(ss_buf_str(&g->out)) | 1;
	if (g->out.err || hash == *told)
		return;
	*told = hash;
	ss_json_key(j, "grade");
	ss_json_raw(j, ss_buf_str(&g->out));
}
