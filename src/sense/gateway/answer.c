/* Answers: built when the frame is taken, kept in the order of the lane's tickets, sent straight
 * from there once the ticket is on disk. Answers of frames that came together go out in one send.
 */
#include "sense/gateway/gateway_internal.h"

#define CHUNK ((uint32_t)128 * 1024)
#define HEAD ((uint32_t)sizeof(struct run))

static struct run_chunk *chunk_get(struct run_queue *q)
{
	struct run_chunk *k = q->spare;

	q->spare = NULL;
	if (!k)
		k = malloc(sizeof(*k) + CHUNK);
	if (!k)
		return NULL;
	k->next = NULL;
	k->from = k->to = 0;
	if (q->tail)
		q->tail->next = k;
	else
		q->head = k;
	q->tail = k;
	return k;
}

void answer_run_end(struct loop *l)
{
	struct run_queue *q = &l->runs;

	if (q->open)
		q->tail->to = (q->tail->to + 7) & ~UINT32_C(7);
	q->open = NULL;
}

static int run_begin(struct loop *l, struct conn *c, uint32_t need)
{
	struct run_queue *q = &l->runs;
	struct run_chunk *k = q->tail;

	if ((!k || k->to + HEAD + need + 8 > CHUNK) && !(k = chunk_get(q)))
		return SS_ENOMEM;
	q->open = (struct run *)(void *)(k->p + k->to);
	*q->open =
	    (struct run){.c = c, .serial = atomic_load_explicit(&c->serial, memory_order_relaxed)};
	k->to += HEAD;
	c->runs++;
	return 0;
}

/* Room for the next answer of the connection's run; NULL when memory is gone. */
static char *run_room(struct loop *l, struct conn *c, uint32_t need)
{
	struct run_queue *q = &l->runs;

	if (q->open && q->tail->to + need + 8 > CHUNK)
		answer_run_end(l);
	if (!q->open && (need > CHUNK / 2 || run_begin(l, c, need) < 0))
		return NULL;
	return q->tail->p + q->tail->to;
}

static void run_grow(struct loop *l, uint32_t n, uint64_t ticket)
{
	l->runs.tail->to += n;
	l->runs.open->n += n;
	l->runs.open->answers++;
	l->runs.open->ticket = ticket;
}

static bool form_fits(const struct answer_form *f, const struct ss_hj212_head *h, int cn)
{
	return f && f->answer == cn && f->cn == h->cn_num && f->flag == h->flag &&
	       f->pnum == h->pnum && f->pno == h->pno && f->qn_n == h->qn.n &&
	       ss_str_eq(ss_str_n(f->st, f->st_n), h->st) &&
	       ss_str_eq(ss_str_n(f->pw, f->pw_n), h->pw);
}

static void form_free(struct dev *d)
{
	free(d->form);
	d->form = NULL;
}

/* Keeps the answer just built as the form of the next ones, if QN stands in it exactly once. */
static void form_learn(struct dev *d, const struct ss_hj212_head *h, int cn, struct ss_str text)
{
	ptrdiff_t at = h->qn.n >= 8 ? ss_str_find(text, h->qn) : -1;
	struct answer_form *f;

	form_free(d);
	if (at < 0 || text.n > 1024 || h->st.n > sizeof(f->st) || h->pw.n > sizeof(f->pw) ||
	    ss_str_find(ss_str_n(text.p + at + 1, text.n - (size_t)at - 1), h->qn) >= 0)
		return;
	f = malloc(sizeof(*f) + text.n);
	if (!f)
		return;
	*f = (struct answer_form){.cn = h->cn_num,
				  .flag = h->flag,
				  .pnum = h->pnum,
				  .pno = h->pno,
				  .answer = cn,
				  .n = (uint16_t)text.n,
				  .qn_at = (uint16_t)at,
				  .qn_n = (uint16_t)h->qn.n,
				  .st_n = (uint8_t)h->st.n,
				  .pw_n = (uint8_t)h->pw.n};
	memcpy(f->st, h->st.p, h->st.n);
	memcpy(f->pw, h->pw.p, h->pw.n);
	memcpy(f->p, text.p, text.n);
	d->form = f;
}

/* "##" length, segment, CRC, CR LF: only QN and the CRC differ. */
static void form_write(const struct answer_form *f, struct ss_str qn, char *out)
{
	static const char hex[] = "0123456789ABCDEF";
	uint16_t crc;
	char *at;

	memcpy(out, f->p, f->n);
	memcpy(out + f->qn_at, qn.p, qn.n);
	crc = ss_hj212_crc(out + 6, (size_t)f->n - 12);
	at = out + f->n - 6;
	for (int i = 0; i < 4; i++)
		at[i] = hex[crc >> (12 - 4 * i) & 15];
}

static int answer_slow(struct loop *l, struct conn *c, struct dev *d, const struct ss_hj212_head *h,
		       int cn, uint64_t ticket)
{
	char *room;
	int r;

	ss_buf_reset(&l->scratch);
	r = ss_hj212_answer_put(&l->scratch, h, cn, SS_STR(""));
	if (r < 0)
		return r;
	room = run_room(l, c, (uint32_t)l->scratch.n);
	if (!room)
		return SS_ENOMEM;
	memcpy(room, l->scratch.p, l->scratch.n);
	run_grow(l, (uint32_t)l->scratch.n, ticket);
	if (d)
		form_learn(d, h, cn, ss_buf_str(&l->scratch));
	return 0;
}

int answer_add(struct loop *l, struct conn *c, struct dev *d, const struct ss_hj212_head *h, int cn,
	       uint64_t ticket)
{
	char *room;

	if (!d || !form_fits(d->form, h, cn))
		return answer_slow(l, c, d, h, cn, ticket);
	room = run_room(l, c, d->form->n);
	if (!room)
		return SS_ENOMEM;
	form_write(d->form, h->qn, room);
	run_grow(l, d->form->n, ticket);
	return 0;
}

static void chunk_drop(struct run_queue *q)
{
	struct run_chunk *k = q->head;

	q->head = k->next;
	if (!q->head)
		q->tail = NULL;
	if (q->spare)
		free(k);
	else
		q->spare = k;
}

static void run_send(struct loop *l, struct run *r)
{
	struct conn *c = r->c;

	if (!conn_alive(c, r->serial))
		return; /* the device asks again by sending again */
	c->runs--;
	count_add(l, answers, r->answers);
	conn_send(l, c, (const char *)(r + 1), r->n);
	if (conn_alive(c, r->serial))
		conn_close_if_done(l, c);
}

/* Between turns no run is open: everything up to `to` is whole. */
void answers_send(struct loop *l, uint64_t durable)
{
	struct run_queue *q = &l->runs;

	while (q->head) {
		struct run_chunk *k = q->head;
		struct run *r = (struct run *)(void *)(k->p + k->from);

		if (k->from == k->to) {
			chunk_drop(q);
			continue;
		}
		if (r->ticket > durable)
			return;
		k->from += (HEAD + r->n + 7) & ~UINT32_C(7);
		run_send(l, r);
	}
}

bool answers_waiting(const struct loop *l)
{
	return l->runs.head && l->runs.head->from < l->runs.head->to;
}

void answers_free(struct loop *l)
{
	while (l->runs.head)
		chunk_drop(&l->runs);
	free(l->runs.spare);
	l->runs.spare = NULL;
}
