/* Slow handlers run on threads made as they are needed, while their connection is suspended. */
#include "serve/http/http_internal.h"

#include "base/thread.h"

struct ss_jobs {
	pthread_mutex_t lock;
	pthread_cond_t more, gone;
	struct ss_req *head, **tail;
	int threads, idle, most;
	bool stopping;
};

#define IDLE_US (10 * SS_US_PER_SEC)

struct ss_jobs *ss_jobs_new(int most)
{
	struct ss_jobs *j = calloc(1, sizeof(*j));

	if (!j)
		return NULL;
	pthread_mutex_init(&j->lock, NULL);
	ss_cond_init(&j->more);
	ss_cond_init(&j->gone);
	j->tail = &j->head;
	j->most = most;
	return j;
}

static struct ss_req *job_take(struct ss_jobs *j)
{
	struct ss_req *q = j->head;

	if (!q)
		return NULL;
	j->head = q->next;
	if (!j->head)
		j->tail = &j->head;
	q->next = NULL;
	return q;
}

/* After the resume the request belongs to its connection's thread again. */
static void job_done(struct ss_req *q)
{
	q->phase = SS_PHASE_DONE;
	MHD_resume_connection(q->mhd);
}

static void *worker(void *arg)
{
	struct ss_jobs *j = arg;
	bool waiting = true;

	pthread_mutex_lock(&j->lock);
	while (waiting || j->head) {
		struct ss_req *q = job_take(j);

		if (q) {
			pthread_mutex_unlock(&j->lock);
			ss_req_run(q);
			job_done(q);
			pthread_mutex_lock(&j->lock);
			continue;
		}
		j->idle++;
		waiting = !j->stopping &&
			  ss_cond_wait_until(&j->more, &j->lock, ss_time_mono() + IDLE_US);
		j->idle--;
	}
	j->threads--;
	pthread_cond_broadcast(&j->gone);
	pthread_mutex_unlock(&j->lock);
	return NULL;
}

static int worker_start(struct ss_jobs *j)
{
	pthread_t t;
	int r = ss_thread_start(&t, "http-job", worker, j);

	if (r < 0)
		return r;
	pthread_detach(t); /* ss_jobs_stop waits for the count instead */
	j->threads++;
	return 0;
}

int ss_jobs_add(struct ss_jobs *j, struct ss_req *q)
{
	int waiting = 0;

	SS_LOCKED(&j->lock);
	if (j->stopping)
		return SS_ECANCELLED;
	for (struct ss_req *w = j->head; w; w = w->next)
		waiting++;
	if (waiting >= j->idle && j->threads < j->most && worker_start(j) < 0 && j->threads == 0)
		return SS_ENOMEM;
	q->phase = SS_PHASE_QUEUED;
	q->next = NULL;
	/* Suspended before anybody can resume it: the workers wait for the lock. */
	MHD_suspend_connection(q->mhd);
	*j->tail = q;
	j->tail = &q->next;
	pthread_cond_signal(&j->more);
	return 0;
}

void ss_jobs_stop(struct ss_jobs *j)
{
	struct ss_req *q;

	if (!j)
		return;
	pthread_mutex_lock(&j->lock);
	j->stopping = true;
	while ((q = job_take(j))) {
		q->result =
		    ss_error_set(&q->err, SS_ECANCELLED, "服务正在停止；the server is stopping");
		job_done(q);
	}
	pthread_cond_broadcast(&j->more);
	while (j->threads > 0)
		pthread_cond_wait(&j->gone, &j->lock);
	pthread_mutex_unlock(&j->lock);
	pthread_cond_destroy(&j->more);
	pthread_cond_destroy(&j->gone);
	pthread_mutex_destroy(&j->lock);
	free(j);
}
