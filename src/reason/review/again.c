/* A row worked out again: the phase that made it runs on what is kept now, its rows are looked
 * through, and nothing is put. Whether an hour came late is asked of the journal alone. */
#include "base/thread.h"
#include "reason/review/review_internal.h"

static const struct {
	const char *kind, *sub; /* sub NULL: any other */
	enum phase phase;
} made_by[] = {
    {"hour_state", NULL, PHASE_HOURS},  {"day_mean", NULL, PHASE_DAY},
    {"exceed_day", NULL, PHASE_DAY},    {"sheet_item", NULL, PHASE_DAY},
    {"transmission", "day", PHASE_DAY}, {"transmission", NULL, PHASE_QUARTER},
    {"capture", NULL, PHASE_QUARTER},   {"substitution", NULL, PHASE_MASS},
    {"mass", "day", PHASE_MASS},        {"mass", NULL, PHASE_MONTH},
};

static enum phase phase_of(const struct ss_finding_key *k)
{
	for (size_t i = 0; i < SS_ARRAY_LEN(made_by); i++) {
		if (strcmp(k->kind, made_by[i].kind) == 0 &&
		    (!made_by[i].sub || strcmp(k->sub, made_by[i].sub) == 0))
			return made_by[i].phase;
	}
	return PHASE_COUNT_;
}

static int run_again(struct run *u, enum phase ph, int64_t start_us)
{
	struct dirty d = {.day = ss_day_of(start_us)};

	d.hours = 1u << (ss_hour_of(start_us) - ss_hour_of(ss_day_start(d.day)));
	return run_phase(u, ph, &d);
}

static const struct ss_finding *find(const struct job *j, const struct ss_finding *f)
{
	for (size_t i = j->rows.n; i > 0; i--) {
		const struct ss_finding *x = &j->rows.v[i - 1];

		if (x->start_us == f->start_us && strcmp(x->key.kind, f->key.kind) == 0 &&
		    strcmp(x->key.factor, f->key.factor) == 0 &&
		    strcmp(x->key.sub, f->key.sub) == 0)
			return x;
	}
	return NULL;
}

/* Texts of the law and of the run do not live as long as the caller's arena. */
static int copy_out(struct ss_arena *a, const struct ss_finding *made, struct ss_finding *ret)
{
	const char **texts[] = {&ret->state,          &ret->note,         &ret->basis.rule,
				&ret->basis.standard, &ret->basis.clause, &ret->basis.law,
				&ret->basis.code};

	*ret = *made;
	ret->body = ss_arena_str(a, made->body);
	for (size_t i = 0; i < SS_ARRAY_LEN(texts); i++) {
		*texts[i] = ss_arena_strdup(a, ss_str_of(*texts[i] ? *texts[i] : ""));
		if (!*texts[i])
			return SS_ENOMEM;
	}
	return ret->body.p ? 0 : SS_ENOMEM;
}

/* The outlet as it is now; false: it is not reviewed. */
static bool take_point(struct ss_review *r, const struct ss_finding_key *k, struct run *u)
{
	SS_LOCKED(&r->lock);
	const struct point *p = point_of(r, k->site, k->point);

	if (!p)
		return false;
	u->p = *p;
	u->p.dirty.v = NULL;
	u->p.dirty.n = 0;
	if (r->now_us > u->now_us)
		u->now_us = r->now_us;
	return true;
}

int ss_review_again(struct ss_review *r, const struct ss_finding *f, int64_t now_us,
		    struct ss_arena *a, struct ss_finding *ret, struct ss_error *err)
{
	struct job job = {.arena = {0}};
	struct run u = {.r = r,
			.job = &job,
			.a = &job.arena,
			.now_us = now_us,
			.seq = UINT64_MAX,
			.again = true,
			.err = err};
	enum phase ph = phase_of(&f->key);
	const struct ss_finding *made;
	int res;

	if (ph == PHASE_COUNT_ || !take_point(r, &f->key, &u))
		return ss_error_set(err, SS_EUNSUPPORTED,
				    "数据审核不产生这类行，或不再审核这个排口；the review makes no "
				    "such rows, or not for this outlet any more");
	ss_arena_init(&job.arena, 256 << 20);
	ss_arena_init(&u.scratch, 256 << 20);
	res = run_again(&u, ph, f->start_us);
	made = res == 0 ? find(&job, f) : NULL;
	if (res == 0)
		res = copy_out(a, made ? made : f, ret);
	if (!made)
		ret->withdrawn = true; /* what is kept now gives no such row */
	ss_arena_done(&u.scratch);
	ss_arena_done(&job.arena);
	free(job.rows.v);
	free(job.more.v);
	return res;
}

size_t ss_review_beside(struct ss_review *r, const struct ss_finding_key *k,
			char ret[3][SS_FACTOR_CODE])
{
	SS_LOCKED(&r->lock);
	const struct point *p = point_of(r, k->site, k->point);
	size_t n = 0;

	if (!p || role_of(p->kind, k->factor) == ROLE_FLOW ||
	    role_of(p->kind, k->factor) == ROLE_OXYGEN ||
	    role_of(p->kind, k->factor) == ROLE_MOISTURE)
		return 0;
	for (size_t i = 0; i < p->n_factors && n < 3; i++) {
		enum role role = p->factors[i].role;

		if (role == ROLE_FLOW || role == ROLE_OXYGEN || role == ROLE_MOISTURE)
			memcpy(ret[n++], p->factors[i].code, sizeof(ret[0]));
	}
	return n;
}
