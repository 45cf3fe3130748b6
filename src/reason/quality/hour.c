#include <math.h>

#include "reason/models/models.h"
#include "reason/quality/quality.h"

/* Minutes of the hour that a span covers, as a mask of bits. */
static uint64_t minutes_of(const struct ss_span *s, int64_t start_us)
{
	uint64_t mask = 0;

	if (s->to_us <= start_us || s->from_us >= start_us + SS_US_PER_HOUR)
		return 0;
	for (int i = 0; i < SS_MINUTES_AN_HOUR; i++) {
		int64_t at = i * SS_US_PER_MIN;

		/* the minute belongs to the span that holds its beginning */
		if (s->from_us <= start_us + at && start_us + at < s->to_us)
			mask |= UINT64_C(1) << i;
	}
	return mask;
}

struct covers {
	uint64_t of[SS_EFFECT_COUNT_];
};

static void strike_mask(struct ss_minutes *m, uint64_t mask, enum ss_reason why)
{
	for (int i = 0; i < SS_MINUTES_AN_HOUR; i++) {
		if (mask >> i & 1)
			ss_minutes_strike(m, i, i + 1, why);
	}
}

static struct covers take_spans(const struct ss_hour_input *in, uint64_t *reasons)
{
	static const enum ss_reason notes[SS_EFFECT_COUNT_] = {
	    [SS_EFFECT_STOPPED] = SS_REASON_STOP,
	    [SS_EFFECT_NOT_EXPECTED] = SS_REASON_NOT_EXPECTED,
	    [SS_EFFECT_INVALID] = SS_REASON_MARK,
	    [SS_EFFECT_EXCUSED] = SS_REASON_EXCUSED,
	    [SS_EFFECT_JUDGED] = SS_REASON_JUDGED,
	    [SS_EFFECT_PENDING] = SS_REASON_PENDING,
	};
	struct covers c = {{0}};

	for (size_t i = 0; i < in->n_spans; i++) {
		const struct ss_span *s = &in->spans[i];
		uint64_t mask = minutes_of(s, in->start_us);
		enum ss_reason why = s->effect == SS_EFFECT_INVALID ? s->reason : notes[s->effect];

		if (mask == 0)
			continue;
		c.of[s->effect] |= mask;
		*reasons |= SS_REASON_BIT(why);
		if (s->effect == SS_EFFECT_INVALID)
			strike_mask(in->minutes, mask, why);
	}
	return c;
}

static bool device_counts(const struct ss_hour_input *in)
{
	return !isnan(in->device_value) && ss_reason_of_flag(in->device_flag) == SS_REASON_COUNT_ &&
	       !(in->device_value < in->screen->low &&
		 !(in->device_value >= in->screen->negative_from)) &&
	       !(in->device_value > in->screen->high);
}

/* More minutes than the rule can spare: the hour cannot be valid beside them. */
static bool too_many(const struct ss_hour_rule *rule, uint64_t mask)
{
	int spare =
	    rule->need_minutes ? SS_MINUTES_AN_HOUR - rule->need_minutes : SS_MINUTES_AN_HOUR - 1;

	return __builtin_popcountll(mask) > spare;
}

static uint64_t bad_reasons(const struct ss_minutes *m)
{
	uint64_t bits = 0;

	for (int i = 0; i < SS_MINUTES_AN_HOUR; i++) {
		if (m->state[i] == SS_MINUTE_BAD)
			bits |= SS_REASON_BIT(m->reason[i]);
	}
	return bits;
}

/* Stopped, banked, no discharge, not linked: nothing has to be there. */
static bool nothing_due(const struct ss_hour_rule *rule, const struct ss_hour_input *in,
			const struct covers *c, struct ss_hour *ret)
{
	bool stopped = too_many(rule, c->of[SS_EFFECT_STOPPED]);
	bool unexpected = too_many(rule, c->of[SS_EFFECT_NOT_EXPECTED]);

	if ((stopped || unexpected) && in->contradicted) {
		ret->reasons |= SS_REASON_BIT(SS_REASON_CONTRADICTED);
		stopped = unexpected = false;
	}
	if (in->not_due != SS_REASON_COUNT_ && !stopped && !unexpected) {
		ret->reasons |= SS_REASON_BIT(in->not_due);
		unexpected = true;
	}
	if (stopped)
		ret->state = SS_HOUR_STOPPED;
	else if (unexpected)
		ret->state = SS_HOUR_NOT_DUE;
	return stopped || unexpected;
}

/* The device's own hour stands in where minutes did not come, never where they were bad. */
static bool by_device(const struct ss_hour_rule *rule, const struct ss_hour_input *in,
		      const struct covers *c, const struct ss_hour *h)
{
	int spare = rule->need_minutes ? SS_MINUTES_AN_HOUR - rule->need_minutes : 0;

	return device_counts(in) && h->bad_minutes <= spare &&
	       !too_many(rule, c->of[SS_EFFECT_INVALID]);
}

static void take_value(const struct ss_hour_rule *rule, const struct ss_hour_input *in,
		       const struct covers *c, struct ss_hour *ret)
{
	int need = rule->need_minutes ? rule->need_minutes : 1;

	if (ret->valid_minutes >= need) {
		ret->value = ret->minute_mean;
	} else if (by_device(rule, in, c, ret)) {
		ret->value = in->device_value;
		ret->reasons |= SS_REASON_BIT(SS_REASON_DEVICE_HOUR);
	}
}

static void not_valid(const struct ss_hour_input *in, const struct covers *c, struct ss_hour *ret)
{
	enum ss_reason device = ss_reason_of_flag(in->device_flag);

	if (!ret->received) {
		ret->state = c->of[SS_EFFECT_INVALID] ? SS_HOUR_INVALID : SS_HOUR_MISSING;
		ret->reasons |= SS_REASON_BIT(SS_REASON_MISSING);
		return;
	}
	ret->state = SS_HOUR_INVALID;
	ret->reasons |= bad_reasons(in->minutes);
	if (ret->valid_minutes + ret->bad_minutes == 0) { /* the device's hour alone came */
		if (device != SS_REASON_COUNT_)
			ret->reasons |= SS_REASON_BIT(device);
		else if (!device_counts(in))
			ret->reasons |= SS_REASON_BIT(isnan(in->device_value) ? SS_REASON_NOT_NUMBER
									      : SS_REASON_RANGE);
	}
	if (ret->valid_minutes + ret->bad_minutes < SS_MINUTES_AN_HOUR && ret->bad_minutes == 0)
		ret->reasons |= SS_REASON_BIT(SS_REASON_FEW);
}

static void note_difference(const struct ss_hour_rule *rule, const struct ss_hour_input *in,
			    struct ss_hour *ret)
{
	double dl = in->screen->detection_limit, d = fabs(in->device_value - ret->minute_mean);
	double far = rule->differ * fabs(ret->minute_mean);

	if (!isnan(dl) && dl > far)
		far = dl;
	if (ss_reason_of_flag(in->device_flag) == SS_REASON_COUNT_ && d > far)
		ret->reasons |= SS_REASON_BIT(SS_REASON_DIFFERS);
}

void ss_hour_judge(const struct ss_hour_rule *rule, const struct ss_hour_input *in,
		   struct ss_hour *ret)
{
	struct covers c;

	*ret = (struct ss_hour){.state = SS_HOUR_MISSING,
				.value = NAN,
				.device_value = in->device_value,
				.reasons = in->minutes->notes};
	ret->received = in->device_flag != 0 ||
			ss_minutes_count(in->minutes, SS_MINUTE_NONE) < SS_MINUTES_AN_HOUR;
	c = take_spans(in, &ret->reasons);
	ret->valid_minutes = ss_minutes_count(in->minutes, SS_MINUTE_OK);
	ret->bad_minutes = ss_minutes_count(in->minutes, SS_MINUTE_BAD);
	ret->minute_mean = ss_minutes_mean(in->minutes);
	if (nothing_due(rule, in, &c, ret))
		return;
	take_value(rule, in, &c, ret);
	note_difference(rule, in, ret);
	if (isnan(ret->value))
		not_valid(in, &c, ret);
	else
		ret->state = c.of[SS_EFFECT_EXCUSED] ? SS_HOUR_EXCUSED : SS_HOUR_VALID;
}

/* --- watching ------------------------------------------------------------------------------- */

struct ss_hour_spread ss_minutes_spread(const struct ss_minutes *m, const struct ss_hour *h)
{
	struct ss_hour_spread s = {
	    .counts = ss_hour_counts(h->state), .mean = h->value, .min = NAN, .max = NAN};

	for (int i = 0; i < SS_MINUTES_AN_HOUR; i++) {
		if (m->state[i] != SS_MINUTE_OK)
			continue;
		s.min = !(m->value[i] >= s.min) ? m->value[i] : s.min;
		s.max = !(m->value[i] <= s.max) ? m->value[i] : s.max;
	}
	if (isnan(s.min))
		s.min = s.max = h->value;
	return s;
}

static bool is_constant(const struct ss_watch_rule *rule, const struct ss_hour_spread *hours,
			size_t n_before, const struct ss_screen *screen)
{
	const struct ss_hour_spread *h = &hours[n_before];
	int back = rule->constant_hours;

	if (back <= 0 || n_before + 1 < (size_t)back || h->min == 0 ||
	    (!isnan(screen->detection_limit) && h->min <= screen->detection_limit))
		return false;
	for (int i = 0; i < back; i++) {
		const struct ss_hour_spread *x = &hours[n_before - (size_t)i];

		if (!x->counts || x->min != h->min || x->max != h->min)
			return false;
	}
	return true;
}

#define SPIKE_MAX 48
static bool is_spike(const struct ss_watch_rule *rule, const struct ss_hour_spread *hours,
		     size_t n_before)
{
	double v[SPIKE_MAX], mid, mad, far;
	size_t n = 0;

	for (size_t i = 0; i < n_before && (int)i < rule->spike_hours && n < SPIKE_MAX; i++) {
		if (hours[n_before - 1 - i].counts)
			v[n++] = hours[n_before - 1 - i].mean;
	}
	if (rule->spike_k <= 0 || n == 0 || (int)n < rule->spike_least)
		return false;
	mid = ss_median(v, n);
	for (size_t i = 0; i < n; i++)
		v[i] = fabs(v[i] - mid);
	mad = ss_median(v, n);
	far = fmax(rule->spike_k * mad, rule->spike_floor * fabs(mid));
	return fabs(hours[n_before].mean - mid) > far;
}

uint64_t ss_hour_watch(const struct ss_watch_rule *rule, const struct ss_hour_spread *hours,
		       size_t n_before, const struct ss_screen *screen, bool flowing)
{
	const struct ss_hour_spread *h = &hours[n_before];
	uint64_t bits = 0;

	if (!h->counts)
		return 0;
	if (is_constant(rule, hours, n_before, screen))
		bits |= SS_REASON_BIT(SS_REASON_CONSTANT);
	if (h->min == 0 && h->max == 0 && flowing)
		bits |= SS_REASON_BIT(SS_REASON_ZERO);
	if (is_spike(rule, hours, n_before))
		bits |= SS_REASON_BIT(SS_REASON_SPIKE);
	return bits;
}
