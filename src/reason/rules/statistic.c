/* What other derivers hand in: statistics to be judged, and alarms of their own. */
#include <math.h>

#include "reason/rules/rules_internal.h"

static void describe(struct ss_json *j, const struct ss_statistic *x,
		     const struct ss_rules_limit *l)
{
	ss_json_obj(j);
	ss_json_kz(j, "averaging", x->averaging);
	if (x->converted)
		ss_json_kbool(j, "converted", true);
	ss_json_kz(j, "factor", x->factor);
	ss_json_key(j, "limit");
	ss_json_obj(j);
	ss_json_kknown(j, "high", l->high);
	ss_json_kknown(j, "low", l->low);
	ss_json_kz(j, "permit", l->permit);
	ss_json_kz(j, "source", l->source);
	ss_json_kz(j, "unit", l->unit);
	ss_json_end_obj(j);
	ss_json_kbool(j, "valid", true);
	ss_json_end_obj(j);
}

static double in_unit(const struct ss_statistic *x, const char *unit)
{
	double ratio = !x->unit[0] || !unit[0] || strcmp(x->unit, unit) == 0
			   ? 1
			   : ss_law_unit_ratio(ss_law_now(), x->unit, unit);

	return ratio == 1 ? x->value : round(x->value * ratio * 1e9) / 1e9;
}

int ss_rules_judge_statistic(struct ss_rules *r, const struct ss_statistic *x, struct ss_error *err)
{
	ss_cleanup(ss_arena_done) struct ss_arena a;
	ss_cleanup(ss_buf_done) struct ss_buf what = SS_BUF_MAX(4096);
	struct ss_json j = ss_json_on(&what);
	struct ss_finding_key k = {.kind = "alarm", .site = x->site, .sub = "exceedance"};
	struct ss_rules_limit l;
	struct ssr_numbers n;
	struct ssr_group *g;
	struct ssr_part p;
	char id[128];
	double v = NAN;
	bool over = false;

	ss_arena_init(&a, 1 << 16);
	if (x->valid && !isnan(x->value) &&
	    ss_rules_limit(r, x->site, x->point, x->factor, x->averaging, x->converted,
			   ss_day_of(x->start_us), &a, &l) == 0) {
		v = in_unit(x, l.unit);
		over = v > l.high || v < l.low;
	}
	ss_str_copy(k.point, sizeof(k.point), ss_str_of(x->point));
	if (!ssr_numbers_of("permit", x->averaging, ss_day_of(x->start_us), &n) ||
	    (!over && !ss_findings_known(r->s.findings, &k)))
		return 0;
	snprintf(id, sizeof(id), "%s~%s~valid%s", x->factor, x->averaging,
		 x->converted ? "~converted" : "");
	p = (struct ssr_part){.id = id,
			      .at = {.start_us = x->start_us,
				     .end_us = x->end_us,
				     .raised_us = x->end_us,
				     .first = v,
				     .peak = v,
				     .peak_us = x->start_us,
				     .count = 1},
			      .severity = ssr_severity_parse(n.severity),
			      .late_us = n.late_us,
			      .hold_us = n.hold_us,
			      .seq = x->seq,
			      .known_us = x->known_us};
	if (over) {
		describe(&j, x, &l);
		p.what = what.p;
		p.basis = (struct ss_basis){"permit", l.standard, l.clause,
					    ss_law_version(ss_law_now()), SSR_CODE};
	}
	g = ssr_group_of(r, x->site, x->point, "exceedance", err);
	if (!g || what.err)
		return SS_ENOMEM;
	return ssr_group_replace(r, g, id, x->start_us, x->start_us + 1, &p, over, err);
}
