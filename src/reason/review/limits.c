/* What an outlet may discharge as the mean of a day: the limit of its permit, filed as a parameter
 * of the outlet ("limit_day", "limit_day_low"), which names standard and clause in its text. */
#include <math.h>

#include "reason/review/review_internal.h"

static double filed(const struct point_facts *f, const char *factor, const char *name, int64_t at,
		    const char **ret_text)
{
	const struct fact_parameter *x = facts_parameter(f, factor, name, at);

	/* a limit is of one factor: what is filed for the whole outlet is none */
	if (!x || x->factor[0] == 0)
		return NAN;
	if (x->text[0])
		*ret_text = x->text;
	return x->value;
}

bool limit_of_outlet(struct run *u, const char *factor, bool converted, int64_t day,
		     struct ss_review_limit *ret)
{
	const struct ss_review_hooks *h = &u->r->hooks;
	const char *text = "排污许可证";
	const struct point_facts *f;

	if (h->limit &&
	    h->limit(h->arg, u->p.site, u->p.point, factor, converted, day, u->a, ret) == 0)
		return true;

	pthread_rwlock_rdlock(&u->r->facts.lock);
	f = facts_of(&u->r->facts, u->p.site, u->p.point);
	ret->high = filed(f, factor, "limit_day", ss_day_start(day), &text);
	ret->low = filed(f, factor, "limit_day_low", ss_day_start(day), &text);
	text = ss_arena_strdup(u->a, ss_str_of(text));
	pthread_rwlock_unlock(&u->r->facts.lock);
	ret->basis = (struct ss_basis){
	    .rule = "limit.day", .standard = text ? text : "", .clause = "", .law = ""};
	return !isnan(ret->high) || !isnan(ret->low);
}
