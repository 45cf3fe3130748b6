/* The figures' view of HJ 212: where a value stands in a frame, and how factors are called. */
#include "sense/hj212/hj212.h"
#include "serve/evidence/evidence.h"

static bool take(struct ss_hj212_head *h, const char *factor, const char *stat, struct ss_arena *a,
		 struct ss_frame_field *ret)
{
	struct ss_hj212_walk w = ss_hj212_walk(h->cp);
	struct ss_hj212_pair p;

	while (ss_hj212_next_pair(&w, &p)) { /* the later of two is the one that counts */
		struct ss_str cls = p.cls.n ? p.cls : SS_STR("Value");

		if (p.has_value && ss_str_is(p.name, "DataTime") && !ret->data_time.n)
			ret->data_time = p.value;
		if (!p.has_value || !ss_str_is(cls, stat) ||
		    !ss_str_is(ss_hj212_factor(h->st, p.code), factor))
			continue;
		ret->name = p.name;
		ret->value = p.value;
		ret->flag = ss_str_of(ss_arena_printf(a, SS_STR_FMT "-Flag", SS_STR_ARG(p.code)));
		ret->found = true;
	}
	return ret->flag.p || !ret->found;
}

static bool field(struct ss_str frame, const char *factor, const char *stat, struct ss_arena *a,
		  struct ss_frame_field *ret)
{
	struct ss_hj212_policy policy = {.segment_cap = SS_HJ212_SEGMENT_MAX};
	struct ss_hj212_frame f;
	struct ss_hj212_head h;
	size_t used;

	*ret = (struct ss_frame_field){.found = false};
	if (ss_hj212_cut(frame.p, frame.n, true, &policy, &f, &used) != 1 ||
	    ss_hj212_head(f.segment, &h) < 0)
		return false;
	ret->mn = h.mn;
	ret->sealed = f.encrypted || ss_hj212_sealed(f.segment);
	return ret->sealed || take(&h, factor, stat, a, ret);
}

static void factor_names(const char *code, const char **ret_zh, const char **ret_en,
			 const char **ret_unit)
{
	const struct ss_hj212_factor_info *i = ss_hj212_factor_info(ss_str_of(code));

	*ret_zh = i ? i->zh : code;
	*ret_en = i ? i->en : code;
	*ret_unit = i ? i->unit : "";
}

const struct ss_figures_codec ss_hj212_figures_codec = {.field = field, .factor = factor_names};
