/* From detectors to one score, and from days to a suspicion (section 5). */
#include <math.h>

#include "reason/detect/detect_internal.h"

/* Section 5 sums over families; only what a family sees counts. */
static double evidence(double s)
{
	return s > 0.5 ? log(s / (1 - s)) : 0;
}

double ss_detect_logit(const struct ss_detect_weights *w, const double family[SS_FAMILY_COUNT_])
{
	double sum = w->prior;

	for (int i = 0; i < SS_FAMILY_COUNT_; i++)
		sum += w->weight[i] * evidence(family[i]);
	return sum;
}

double ss_detect_calibrated(const struct ss_detect_weights *w, double raw)
{
	if (w->knots == 0)
		return raw;
	if (raw <= w->raw[0])
		return w->score[0];
	for (int i = 1; i < w->knots; i++)
		if (raw <= w->raw[i]) {
			double span = w->raw[i] - w->raw[i - 1];
			double f = span > 0 ? (raw - w->raw[i - 1]) / span : 1;

			return w->score[i - 1] + f * (w->score[i] - w->score[i - 1]);
		}
	return w->score[w->knots - 1];
}

static bool family_high(struct ss_suspicion_state *s, const struct ss_detect_day *d)
{
	const struct ss_detect_params *p = ss_detect_params();
	bool high = false;

	for (int i = 0; i < SS_FAMILY_COUNT_; i++) {
		s->high_days[i] = d->family[i] >= p->open_family ? s->high_days[i] + 1 : 0;
		high |= s->high_days[i] >= p->open_family_days && d->day >= s->cool_until[i];
	}
	return high;
}

/* Some family that speaks is not cooling down. */
static bool is_warm(const struct ss_suspicion_state *s, const struct ss_detect_day *d)
{
	for (int i = 0; i < SS_FAMILY_COUNT_; i++)
		if (d->family[i] > 0.5 && d->day >= s->cool_until[i])
			return true;
	return false;
}

bool ss_suspicion_day(struct ss_suspicion_state *s, const struct ss_detect_day *d)
{
	const struct ss_detect_params *p = ss_detect_params();
	bool high = family_high(s, d);
	bool over = (d->score >= p->open_score && is_warm(s, d)) || high;

	if (over)
		s->last_day = d->day;
	if (s->open) {
		s->peak = fmax(s->peak, d->score);
		return false;
	}
	if (!over)
		return false;
	s->open = true;
	s->opened_day = d->day;
	s->peak = d->score;
	return true;
}

void ss_suspicion_close(struct ss_suspicion_state *s, const struct ss_detect_day *d)
{
	const struct ss_detect_params *p = ss_detect_params();

	s->open = false;
	for (int i = 0; i < SS_FAMILY_COUNT_; i++) {
		s->high_days[i] = 0;
		if (d->family[i] > 0.5)
			s->cool_until[i] = d->day + (int64_t)p->cool_days;
	}
}

int ss_detect_reasons(const struct ss_detect_day *d, struct ss_reason ret[3])
{
	const struct ss_detect_weights *w = ss_detect_weights();
	int n = 0;

	for (int f = 0; f < SS_FAMILY_COUNT_; f++) {
		struct ss_reason r = {SS_DETECT_COUNT_, 0};

		for (int i = 0; i < SS_DETECT_COUNT_; i++) /* of a family the greatest */
			if ((int)ss_detector_info((enum ss_detector)i)->family == f &&
			    d->hit[i].s > 0.5 &&
			    (r.detector == SS_DETECT_COUNT_ || d->hit[i].s > d->hit[r.detector].s))
				r.detector = (enum ss_detector)i;
		if (r.detector == SS_DETECT_COUNT_)
			continue;
		r.term = w->weight[f] * evidence(d->hit[r.detector].s);
		for (int k = 0; k < 3; k++)
			if (k >= n || r.term > ret[k].term) {
				for (int m = n < 3 ? n : 2; m > k; m--)
					ret[m] = ret[m - 1];
				ret[k] = r;
				n += n < 3;
				break;
			}
	}
	return n;
}
