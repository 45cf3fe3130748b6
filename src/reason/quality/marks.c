#include <math.h>

#include "reason/quality/quality.h"

static const char *const keys[] = {"filed", "accepted", "doubted", "refused"};

const char *ss_mark_state_key(enum ss_mark_state s)
{
	return keys[s];
}

int ss_mark_state_parse(struct ss_str key, enum ss_mark_state *ret)
{
	for (size_t i = 0; i < SS_ARRAY_LEN(keys); i++) {
		if (ss_str_is(key, keys[i])) {
			*ret = (enum ss_mark_state)i;
			return 0;
		}
	}
	return SS_ENOTFOUND;
}

int64_t ss_mark_deadline(const struct ss_mark_rule *rule, int64_t from_us)
{
	return ss_day_start(ss_day_of(from_us) + 1) + rule->deadline_hour * SS_US_PER_HOUR;
}

static double hours_of(const struct ss_mark *m)
{
	if (m->to_us == INT64_MAX)
		return 0; /* not known yet; looked at again when it is closed */
	return (double)(m->to_us - m->from_us) / (double)SS_US_PER_HOUR;
}

enum ss_mark_fault ss_mark_check(const struct ss_mark_rule *rule, const struct ss_mark *m,
				 const struct ss_mark *others, size_t n_others)
{
	if (m->to_us <= m->from_us)
		return SS_MARK_BACKWARDS;
	if ((double)(m->from_us - m->filed_us) > rule->ahead_hours * (double)SS_US_PER_HOUR)
		return SS_MARK_FUTURE;
	if (m->filed_us > ss_mark_deadline(rule, m->from_us) && !m->has_reason)
		return SS_MARK_LATE;
	for (size_t i = 0; i < n_others; i++) {
		if (others[i].cls == m->cls && others[i].from_us < m->to_us &&
		    m->from_us < others[i].to_us)
			return SS_MARK_OVERLAPS;
	}
	if (!m->has_evidence && (rule->needs_report || hours_of(m) > rule->evidence_hours))
		return SS_MARK_EVIDENCE;
	return SS_MARK_FINE;
}

enum ss_mark_state ss_mark_first(const struct ss_mark_rule *rule, const struct ss_mark *m)
{
	if (hours_of(m) > rule->max_hours)
		return SS_MARK_DOUBTED;
	return m->filed_us > ss_mark_deadline(rule, m->from_us) ? SS_MARK_FILED : SS_MARK_ACCEPTED;
}
