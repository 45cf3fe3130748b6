/* A device's day: which record leaves when. Slots are its live reports; minute, hour and day
 * records follow the slot in which their period ended. */
#include "city/answer_internal.h"
#include "city/city_internal.h"

#define LATE_SLOTS 20 /* a late live record leaves this many reports later */

enum step {
	STEP_CLOCK,
	STEP_LIVE,
	STEP_MINUTE,
	STEP_HOUR,
	STEP_DAY,
	STEP_LATE,
	STEP_FILL,
	STEP_END
};

static int64_t slot_us(const struct ss_city_device *d, int64_t slot)
{
	return (slot * d->interval_s + d->phase_s) * SS_US_PER_SEC;
}

static bool is_late(const struct ss_city *c, int device, int64_t slot)
{
	return (c->devices[device].traits & SS_TRAIT_LATE) &&
	       ss_unit(ss_mix3(c->seed ^ 0x1a7e, (uint64_t)device, (uint64_t)slot)) < 0.06;
}

bool ss_city_down(const struct ss_city *c, int device, int64_t t_us)
{
	uint64_t key = ss_mix3(c->seed ^ 0xd0, (uint64_t)device, (uint64_t)ss_day_of(t_us));
	int64_t into = t_us - ss_day_start(ss_day_of(t_us));
	int64_t start = (int64_t)(ss_unit(key) * 21.5 * (double)SS_US_PER_HOUR);
	int64_t length = (10 + (int64_t)(ss_mix(key) % 110)) * SS_US_PER_MIN;

	return (c->devices[device].traits & SS_TRAIT_OUTAGES) && into >= start &&
	       into < start + length;
}

/* The last edge of a period of that length at or before t; local time for days. */
static int64_t edge(int64_t t_us, int64_t period_us)
{
	int64_t local = t_us + SS_UTC8_US;

	return local - local % period_us - SS_UTC8_US;
}

static bool ended(const struct ss_city_device *d, int64_t at, int64_t period_us)
{
	return edge(at, period_us) > at - d->interval_s * SS_US_PER_SEC;
}

void ss_city_seek(const struct ss_city *c, int device, int64_t from_us, struct ss_city_script *ret)
{
	const struct ss_city_device *d = &c->devices[device];
	int64_t slot = (from_us / SS_US_PER_SEC - d->phase_s) / d->interval_s;

	while (slot_us(d, slot) < from_us)
		slot++;
	*ret = (struct ss_city_script){.device = device, .slot = slot};
}

static void fill(const struct ss_city *c, struct ss_city_script *s, int cn, int64_t data_us,
		 int64_t send_us, struct ss_city_event *ret)
{
	uint64_t key = ss_mix3(c->seed ^ 0x2b1e, (uint64_t)s->device,
			       (uint64_t)(data_us / SS_US_PER_SEC) + (uint64_t)cn);
	uint32_t traits = c->devices[s->device].traits;

	*ret = (struct ss_city_event){
	    .send_us = send_us,
	    .data_us = data_us,
	    .cn = cn,
	    .twice = (traits & SS_TRAIT_DOUBLES) && ss_unit(key) < 0.1,
	    .bad_crc = (traits & SS_TRAIT_BAD_CRC) && ss_unit(ss_mix(key)) < 0.02,
	};
}

/* After an outage the logger tells every ten-minute record it kept, oldest first. */
static bool backlog(const struct ss_city *c, struct ss_city_script *s, int64_t at,
		    struct ss_city_event *ret)
{
	const struct ss_city_device *d = &c->devices[s->device];
	int64_t step = 10 * SS_US_PER_MIN;

	if (!s->fill_end_us) {
		int64_t back = at - d->interval_s * SS_US_PER_SEC;

		if (!ss_city_down(c, s->device, back) ||
		    (ss_city_manner(c, s->device) & SS_MANNER_KEEPS))
			return false;
		while (ss_city_down(c, s->device, back - step))
			back -= step;
		s->fill_us = edge(back, step);
		s->fill_end_us = edge(at, step);
	}
	if (s->fill_us >= s->fill_end_us) {
		s->fill_end_us = 0;
		return false;
	}
	fill(c, s, 2051, s->fill_us, at + 900 * 1000, ret);
	ret->backfill = true;
	s->fill_us += step;
	return true;
}

static bool take_step(const struct ss_city *c, struct ss_city_script *s, int64_t at,
		      struct ss_city_event *ret)
{
	const struct ss_city_device *d = &c->devices[s->device];

	switch ((enum step)s->step) {
	case STEP_CLOCK: /* a clock that is known to be off is asked for, now and then */
		fill(c, s, 1013, at, at, ret);
		ret->twice = ret->bad_crc = false;
		return (d->traits & SS_TRAIT_DRIFT) && ended(d, at, SS_US_PER_HOUR);
	case STEP_LIVE:
		fill(c, s, 2011, at, at, ret);
		return !is_late(c, s->device, s->slot);
	case STEP_MINUTE:
		fill(c, s, 2051, edge(at, 10 * SS_US_PER_MIN) - 10 * SS_US_PER_MIN, at + 200 * 1000,
		     ret);
		return ended(d, at, 10 * SS_US_PER_MIN) &&
		       !ss_city_dark(c, s->device, ret->data_us);
	case STEP_HOUR:
		fill(c, s, 2061, edge(at, SS_US_PER_HOUR) - SS_US_PER_HOUR, at + 400 * 1000, ret);
		return ended(d, at, SS_US_PER_HOUR) &&
		       !ss_city_dark(c, s->device, ret->data_us + SS_US_PER_HOUR / 2);
	case STEP_DAY:
		fill(c, s, 2031, edge(at, SS_US_PER_DAY) - SS_US_PER_DAY, at + 600 * 1000, ret);
		return ended(d, at, SS_US_PER_DAY);
	case STEP_LATE:
		fill(c, s, 2011, slot_us(d, s->slot - LATE_SLOTS), at + 800 * 1000, ret);
		ret->backfill = true;
		return is_late(c, s->device, s->slot - LATE_SLOTS);
	default:
		return backlog(c, s, at, ret);
	}
}

void ss_city_next(const struct ss_city *c, struct ss_city_script *s, struct ss_city_event *ret)
{
	const struct ss_city_device *d = &c->devices[s->device];

	for (;;) {
		int64_t at = slot_us(d, s->slot);
		bool down = ss_city_down(c, s->device, at) || ss_city_dark(c, s->device, at);

		while (!down && s->step < STEP_END) {
			bool took = take_step(c, s, at, ret);

			if (s->step != STEP_FILL || !took)
				s->step++;
			if (took)
				return;
		}
		s->slot++;
		s->step = STEP_CLOCK;
	}
}
