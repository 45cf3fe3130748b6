#include <math.h>

#include "reason/models/models.h"
#include "reason/quality/quality.h"

void ss_minutes_init(struct ss_minutes *m)
{
	*m = (struct ss_minutes){.notes = 0};
	for (int i = 0; i < SS_MINUTES_AN_HOUR; i++)
		m->value[i] = NAN;
}

/* What one minute has gathered of the readings of one call. */
struct gather {
	double sum;
	uint16_t normal, all;
	uint8_t reason; /* of the worst seen: first in the list of reasons */
};

static enum ss_reason why_not(const struct ss_reading *r, const struct ss_screen *s,
			      uint64_t *notes)
{
	enum ss_reason flag = ss_reason_of_flag(r->flag);

	if (flag != SS_REASON_COUNT_)
		return flag;
	if (isnan(r->value))
		return SS_REASON_NOT_NUMBER;
	if (r->value > s->high)
		return SS_REASON_RANGE;
	if (!(r->value < s->low))
		return SS_REASON_COUNT_;
	if (!(r->value >= s->negative_from))
		return SS_REASON_RANGE;
	*notes |= SS_REASON_BIT(SS_REASON_NEGATIVE);
	return SS_REASON_COUNT_;
}

static void gather_one(struct gather *g, const struct ss_reading *r, enum ss_reason bad)
{
	g->all++;
	if (bad == SS_REASON_COUNT_) {
		g->normal++;
		g->sum += r->value;
	} else if (g->reason == SS_REASON_COUNT_ || bad < g->reason) {
		g->reason = (uint8_t)bad;
	}
}

static int minute_at(int64_t into_us, int64_t round_up)
{
	int64_t m = (into_us + round_up) / SS_US_PER_MIN;

	return (int)(m < 0 ? 0 : m > SS_MINUTES_AN_HOUR ? SS_MINUTES_AN_HOUR : m);
}

static void settle(struct ss_minutes *m, const struct gather *g)
{
	for (int i = 0; i < SS_MINUTES_AN_HOUR; i++) {
		if (g[i].all == 0 || m->state[i] != SS_MINUTE_NONE)
			continue;
		if (g[i].normal * 4 >= g[i].all * 3) {
			m->state[i] = SS_MINUTE_OK;
			m->value[i] = g[i].sum / g[i].normal;
		} else {
			m->state[i] = SS_MINUTE_BAD;
			m->reason[i] = g[i].reason;
		}
	}
}

void ss_minutes_add(struct ss_minutes *m, int64_t hour_start_us, const struct ss_reading *r,
		    size_t n, const struct ss_screen *screen)
{
	struct gather g[SS_MINUTES_AN_HOUR] = {{0}};

	for (int i = 0; i < SS_MINUTES_AN_HOUR; i++)
		g[i].reason = SS_REASON_COUNT_;
	for (size_t k = 0; k < n; k++) {
		int64_t into = r[k].time_us - hour_start_us;
		int64_t end = into + r[k].span_us;
		int from, to;

		if (end <= 0 || into >= SS_US_PER_HOUR)
			continue;
		/* A minute belongs to the readings that begin in it; a span reaches on from there.
		 */
		from = into < 0 ? 0 : minute_at(into, 0);
		to = minute_at(end, SS_US_PER_MIN - 1);
		if (r[k].span_us <= SS_US_PER_MIN || to <= from)
			to = from + 1;
		if (into < 0 && end <= SS_US_PER_MIN / 2)
			continue;
		for (int i = from; i < to; i++)
			gather_one(&g[i], &r[k], why_not(&r[k], screen, &m->notes));
	}
	settle(m, g);
}

void ss_minutes_strike(struct ss_minutes *m, int from, int to, enum ss_reason why)
{
	for (int i = from; i < to; i++) {
		if (m->state[i] != SS_MINUTE_OK)
			continue;
		m->state[i] = SS_MINUTE_BAD;
		m->reason[i] = (uint8_t)why;
		m->value[i] = NAN;
	}
}

int ss_minutes_count(const struct ss_minutes *m, enum ss_minute_state s)
{
	int n = 0;

	for (int i = 0; i < SS_MINUTES_AN_HOUR; i++)
		n += m->state[i] == s;
	return n;
}

double ss_minutes_mean(const struct ss_minutes *m)
{
	double sum = 0;
	int n = 0;

	for (int i = 0; i < SS_MINUTES_AN_HOUR; i++) {
		if (m->state[i] != SS_MINUTE_OK)
			continue;
		sum += m->value[i];
		n++;
	}
	return n ? sum / n : (double)NAN;
}

void ss_minutes_dry(struct ss_minutes *m, const struct ss_minutes *moisture)
{
	for (int i = 0; i < SS_MINUTES_AN_HOUR; i++) {
		if (m->state[i] != SS_MINUTE_OK)
			continue;
		m->value[i] = ss_wet_to_dry(m->value[i], moisture->value[i]);
		if (isnan(m->value[i])) {
			m->state[i] = SS_MINUTE_BAD;
			m->reason[i] = SS_REASON_MISSING;
		}
	}
}

void ss_minutes_convert(const struct ss_minutes *m, const struct ss_minutes *oxygen, double o2_ref,
			double o2_lock, struct ss_minutes *ret)
{
	*ret = *m;
	for (int i = 0; i < SS_MINUTES_AN_HOUR; i++) {
		double o2 = oxygen->value[i];

		if (m->state[i] != SS_MINUTE_OK)
			continue;
		ret->value[i] =
		    o2 >= o2_lock ? (double)NAN : ss_at_reference_oxygen(m->value[i], o2, o2_ref);
		if (!isnan(ret->value[i]))
			continue;
		ret->state[i] = SS_MINUTE_BAD;
		ret->reason[i] = SS_REASON_NO_OXYGEN;
		ret->notes |= SS_REASON_BIT(SS_REASON_NO_OXYGEN);
	}
}
