/* The thread that judges. One run is one phase of one outlet; its rows are put by the line's thread
 * before the outlet's next phase begins, so that every phase reads what the one before has put. */
#include "base/log.h"
#include "base/thread.h"
#include "reason/review/review_internal.h"

#define DAYS_A_RUN 8
#define DONE_MAX 512 /* jobs whose rows wait to be put */
#define TICKING_US SS_US_PER_SEC

int64_t closed_hour(int64_t now_us, int64_t grace_us)
{
	return ss_hour_of(now_us - grace_us) - 1;
}

int32_t lateness_of(const struct ss_review *r, int64_t hour, int64_t arrived_us)
{
	int64_t late = arrived_us - ss_hour_start(hour + 1);

	if (late <= r->grace_us)
		return 0;
	late /= SS_US_PER_SEC;
	return late > INT32_MAX ? INT32_MAX : (int32_t)late;
}

static enum phase first_phase(const struct point *p)
{
	uint8_t all = 0;

	for (size_t i = 0; i < p->dirty.n; i++)
		all |= p->dirty.v[i].phases;
	return all ? (enum phase)__builtin_ctz(all) : PHASE_COUNT_;
}

/* Takes the days of a phase out of the outlet's list. */
static size_t take_days(struct point *p, enum phase ph, struct dirty *ret, size_t cap)
{
	size_t n = 0, keep = 0;

	for (size_t i = 0; i < p->dirty.n; i++) {
		struct dirty *d = &p->dirty.v[i];

		if (d->phases >> ph & 1 && n < cap) {
			ret[n++] = *d;
			d->phases &= (uint8_t) ~(1u << ph);
			if (ph == PHASE_HOURS)
				*d = (struct dirty){
				    .day = d->day, .phases = d->phases, .spread = d->spread};
		}
		if (d->phases)
			p->dirty.v[keep++] = *d;
	}
	p->dirty.n = keep;
	return n;
}

int run_phase(struct run *u, enum phase ph, const struct dirty *d)
{
	switch (ph) {
	case PHASE_HOURS:
		return run_hours(u, d);
	case PHASE_DAY:
		return run_day(u, d->day);
	case PHASE_QUARTER:
		return run_quarter(u, d->day);
	case PHASE_MASS:
		return run_mass(u, d->day);
	default:
		return run_month(u, d->day);
	}
}

static int run_days(struct run *u, enum phase ph, const struct dirty *days, size_t n)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < n; i++) {
		ss_arena_reset(&u->scratch);
		r = run_phase(u, ph, &days[i]);
	}
	return r;
}

int run_follow(struct run *u, int64_t day, uint8_t phases)
{
	struct dirty d = {.day = day, .phases = phases};

	if (phases >> PHASE_HOURS & 1)
		d.hours = (1u << SS_HOURS_A_DAY) - 1;
	return list_add(&u->job->more, d);
}

static struct job *job_new(struct point *p)
{
	struct job *j = calloc(1, sizeof(*j));

	if (!j)
		return NULL;
	j->point = p;
	ss_arena_init(&j->arena, 256 << 20);
	return j;
}

void job_free(struct job *j)
{
	ss_arena_done(&j->arena);
	free(j->rows.v);
	free(j->more.v);
	free(j);
}

/* The lock is held at entry and exit, not in between. */
static int work_on(struct ss_review *r, struct point *p)
{
	struct dirty days[DAYS_A_RUN];
	enum phase ph = first_phase(p);
	size_t n = ph == PHASE_COUNT_ ? 0 : take_days(p, ph, days, DAYS_A_RUN);
	struct ss_error err = {0};
	struct job *j;
	struct run u = {.r = r,
			.p = *p,
			.now_us = r->now_us,
			.seq = r->seq,
			.known_us = r->known_us,
			.err = &err};
	int64_t began = ss_time_mono();
	int res = 0;

	if (n == 0) {
		if (p->dirty.n == 0)
			p->held = 0;
		return 0;
	}
	j = job_new(p);
	if (!j)
		return SS_ENOMEM;
	p->in_flight = true;
	pthread_mutex_unlock(&r->lock);
	u.p.dirty.v = NULL;
	u.job = j;
	u.a = &j->arena;
	ss_arena_init(&u.scratch, 256 << 20);
	res = run_days(&u, ph, days, n);
	ss_arena_done(&u.scratch);
	for (size_t i = 0; ph == PHASE_HOURS && i < n; i++)
		free(days[i].late_s);
	pthread_mutex_lock(&r->lock);
	r->rest_until_us = 2 * ss_time_mono() - began;
	r->stat.busy_us += ss_time_mono() - began;
	r->stat.hours_judged += j->hours;
	r->stat.days_judged += j->days;
	if (res < 0) {
		ss_str_copy(r->stat.why, sizeof(r->stat.why), ss_str_of(err.text));
		job_free(j);
		return res;
	}
	*r->done_tail = j;
	r->done_tail = &j->next;
	r->n_done++;
	return 0;
}

/* When the next outlet's turn is. */
static int64_t turn_of(const struct ss_review *r, const struct point *p)
{
	int64_t gathered = p->since_us ? p->since_us + r->parts.gather_us : 0;
	bool live = r->parts.gather_us > 0 && ss_time_mono() < r->ticked_us + TICKING_US;

	if (!live || r->hurried)
		return 0;
	return gathered > r->rest_until_us ? gathered : r->rest_until_us;
}

static void *run_thread(void *arg)
{
	struct ss_review *r = arg;
	int res = 0;

	pthread_mutex_lock(&r->lock);
	while (!r->stopping && res == 0) {
		struct point *p;

		if (r->queue_n == 0 || r->n_done >= DONE_MAX || !r->frontier_known) {
			r->busy = false;
			pthread_cond_broadcast(&r->changed);
			pthread_cond_wait(&r->changed, &r->lock);
			continue;
		}
		p = r->queue[r->queue_at];
		if (turn_of(r, p) > ss_time_mono()) {
			r->busy = false;
			ss_cond_wait_until(&r->changed, &r->lock, turn_of(r, p));
			continue;
		}
		r->busy = true;
		r->queue_at = (r->queue_at + 1) % r->queue_cap;
		r->queue_n--;
		p->queued = false;
		res = work_on(r, p);
	}
	r->busy = false;
	if (res < 0) {
		r->stat.failed = res;
		ss_log_error("review", "数据审核停止 review of data has stopped", "why=\"%s\"",
			     r->stat.why);
	}
	pthread_cond_broadcast(&r->changed);
	pthread_mutex_unlock(&r->lock);
	return NULL;
}

int worker_start(struct ss_review *r)
{
	int res = ss_thread_start(&r->thread, "ss-review", run_thread, r);

	r->started = res == 0;
	return res;
}

void worker_stop(struct ss_review *r)
{
	if (!r->started)
		return;
	pthread_mutex_lock(&r->lock);
	r->stopping = true;
	pthread_cond_broadcast(&r->changed);
	pthread_mutex_unlock(&r->lock);
	pthread_join(r->thread, NULL);
	r->started = false;
	while (r->done) {
		struct job *j = r->done;

		r->done = j->next;
		job_free(j);
	}
}
