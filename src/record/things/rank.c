/* Where each row of a type stands in the order of one of its columns, held in memory: so that rows
 * with common words are brought into the order without touching a record, wherever in the order
 * they lie. A rank is made of one walk through the index; rows that are written afterwards are
 * noted, and are looked at as they are now. */
#include <stdlib.h>
#include <unistd.h>

#include "base/base.h"
#include "base/thread.h"
#include "record/things/query_internal.h"

#define WALK_FIRST 512      /* so many rows of the order are tried before the words are gathered */
#define POSTINGS 4          /* of so many pairs at most */
#define POSTING_MOST 150000 /* and of so many rows, when another pair has fewer */
#define CHUNK_FIRST 128
#define CHUNK_MOST 2048

/* --- the ranks that are held --------------------------------------------------------------------
 */

static void drop(struct sst_rank *r)
{
	if (!r || atomic_fetch_sub(&r->refs, 1) > 1)
		return;
	drop(r->next);
	free(r->place);
	free(r->row);
	free(r);
}

void sst_rank_drop(struct sst_rank **r)
{
	drop(*r);
	*r = NULL;
}

/* Under the lock. The one that is made meanwhile takes its place. */
static void take_out(struct ss_things *t, struct sst_rank *r)
{
	for (size_t i = 0; i < SST_RANKS; i++)
		if (t->rank[i] == r) {
			t->rank[i] = r->next;
			r->next = NULL;
			drop(r);
			return;
		}
}

void sst_ranks_open(struct ss_things *t)
{
	pthread_mutex_init(&t->rank_mu, NULL);
	ss_cond_init(&t->rank_done);
	t->rank_at_once = SST_RANK_AT_ONCE;
}

void sst_ranks_close(struct ss_things *t)
{
	pthread_mutex_lock(&t->rank_mu);
	t->rank_stop = true;
	while (t->rank_makers > 0)
		pthread_cond_wait(&t->rank_done, &t->rank_mu);
	for (size_t i = 0; i < SST_RANKS; i++)
		drop(t->rank[i]);
	pthread_mutex_unlock(&t->rank_mu);
	pthread_cond_destroy(&t->rank_done);
	pthread_mutex_destroy(&t->rank_mu);
}

static bool touched(const struct sst_rank *r, int64_t n)
{
	for (size_t i = 0; i < r->n_touched; i++)
		if (r->touched[i] == n)
			return true;
	return false;
}

static void note(struct sst_rank *r, int64_t n)
{
	if (touched(r, n))
		return;
	if (r->n_touched == SST_TOUCHED)
		r->over = true;
	else
		r->touched[r->n_touched++] = n;
	r->worn = r->worn || r->n_touched > SST_TOUCHED / 2;
}

void sst_rank_touch(struct ss_things *t, const char *type, int64_t n)
{
	SS_LOCKED(&t->rank_mu);
	for (size_t i = 0; i < SST_RANKS; i++) {
		struct sst_rank *r = t->rank[i];

		if (!r || strcmp(r->type, type) != 0)
			continue;
		note(r, n);
		if (r->next)
			note(r->next, n);
		if (r->over)
			take_out(t, r);
	}
}

static struct sst_rank *found(struct ss_things *t, const char *type, const char *expr)
{
	for (size_t i = 0; i < SST_RANKS; i++)
		if (t->rank[i] && strcmp(t->rank[i]->type, type) == 0 &&
		    strcmp(t->rank[i]->expr, expr) == 0)
			return t->rank[i];
	return NULL;
}

/* A free place, else that of the rank that was not used for longest. */
static size_t place_for_one(const struct ss_things *t)
{
	size_t oldest = 0;

	for (size_t i = 0; i < SST_RANKS; i++) {
		if (!t->rank[i])
			return i;
		if (t->rank[i]->used < t->rank[oldest]->used)
			oldest = i;
	}
	return oldest;
}

static struct sst_rank *empty(const char *type, const char *expr)
{
	struct sst_rank *r = calloc(1, sizeof(*r));

	if (r) {
		snprintf(r->type, sizeof(r->type), "%s", type);
		snprintf(r->expr, sizeof(r->expr), "%s", expr);
		atomic_store(&r->refs, 1);
	}
	return r;
}

/* *ret_make: it is to be made, now or meanwhile; from now on what is written is noted in it. Held
 * for the one that makes it. */
static struct sst_rank *hold(struct ss_things *t, const char *type, const char *expr,
			     struct sst_rank **ret_make)
{
	SS_LOCKED(&t->rank_mu);
	struct sst_rank *r = found(t, type, expr), *make = NULL;
	size_t i;

	*ret_make = NULL;
	if (!r) {
		make = empty(type, expr);
		i = place_for_one(t);
		drop(t->rank[i]);
		t->rank[i] = make;
	} else if (!r->ready) { /* somebody makes it */
		return NULL;
	} else if (r->worn && !r->next && r->last > t->rank_at_once) {
		make = r->next = empty(type, expr);
	}
	if (make) {
		make->used = ++t->rank_uses;
		atomic_fetch_add(&make->refs, 1);
		*ret_make = make;
	}
	if (r) {
		r->used = ++t->rank_uses;
		atomic_fetch_add(&r->refs, 1);
	}
	return r;
}

/* --- made ---------------------------------------------------------------------------------------
 */

static int last_of(struct ss_db *db, const char *type, int64_t *ret, struct ss_error *err)
{
	ss_cleanup(sst_sql_freep) struct sst_sql *q = sst_sql_new(ss_db_engine(db));
	struct ss_stmt *st;
	int r;

	if (!q)
		return SS_ENOMEM;
	sst_add(q, "select coalesce(max(n), 0) from t_%s", type);
	r = sst_stmt(q, db, &st, err);
	if (r == 0)
		r = ss_step(st, err);
	if (r < 0)
		return r;
	*ret = ss_col_i64(st, 0);
	ss_stmt_reset(st);
	return 0;
}

static bool stopped(struct ss_things *t)
{
	SS_LOCKED(&t->rank_mu);
	return t->rank_stop;
}

static int walk_index(struct ss_things *t, struct ss_db *db, struct sst_rank *r,
		      struct ss_error *err)
{
	ss_cleanup(sst_sql_freep) struct sst_sql *q = sst_sql_new(ss_db_engine(db));
	struct ss_stmt *st;
	int k;

	if (!q)
		return SS_ENOMEM;
	sst_add(q, "select t.n from t_%s t where %s is not null order by %s, t.n", r->type, r->expr,
		r->expr);
	k = sst_stmt(q, db, &st, err);
	while (k >= 0 && (k = ss_step(st, err)) == 1) {
		int64_t n = ss_col_i64(st, 0);

		if (n < 1 || n > r->last) /* came in meanwhile: not known to the rank */
			continue;
		r->row[r->n] = (uint32_t)n;
		r->place[n] = ++r->n;
		if (r->n % 4096 == 0 && stopped(t)) {
			k = SS_ECANCELLED;
			break;
		}
	}
	if (k >= 0 || k == SS_ECANCELLED)
		ss_stmt_reset(st);
	return k < 0 ? k : 0;
}

static int make(struct ss_things *t, struct ss_db *db, struct sst_rank *r, struct ss_error *err)
{
	int k = last_of(db, r->type, &r->last, err);

	if (k < 0)
		return k;
	if (r->last >= UINT32_MAX)
		return SS_ERANGE;
	r->place = calloc((size_t)r->last + 1, sizeof(*r->place));
	r->row = calloc((size_t)r->last + 1, sizeof(*r->row));
	return r->place && r->row ? walk_index(t, db, r, err) : SS_ENOMEM;
}

/* Under the lock: it serves from now on, in the place of the one that is worn; or it goes, and that
 * one serves on. True: it serves. */
static bool put_in(struct ss_things *t, struct sst_rank *r, int k)
{
	bool good = k == 0 && !r->over;

	for (size_t i = 0; i < SST_RANKS; i++) {
		struct sst_rank *was = t->rank[i];

		if (was == r || (was && was->next == r)) {
			r->ready = good;
			if (was == r && !good) {
				take_out(t, r);
			} else if (was != r && good) {
				take_out(t, was);
			} else if (was != r) {
				was->next = NULL;
				drop(r);
			}
			return good;
		}
	}
	return false; /* another column's rank took the place */
}

struct maker {
	struct ss_things *t;
	struct sst_rank *r;
};

/* A write that is going on may have changed rows before the rank could note them. */
static int wait_idle(struct ss_things *t)
{
	for (int i = 0; i < 2000; i++) {
		if (ss_business_idle(t->s.business))
			return 0;
		if (stopped(t))
			return SS_ECANCELLED;
		usleep(5000);
	}
	return SS_EBUSY;
}

static void *make_meanwhile(void *arg)
{
	struct maker *m = arg;
	struct ss_things *t = m->t;
	struct ss_db *db = NULL;
	struct ss_error none = {0};
	int k = wait_idle(t);

	if (k == 0)
		k = ss_business_take(t->s.business, &db, &none);
	if (k == 0)
		k = make(t, db, m->r, &none);
	if (db)
		ss_business_give(t->s.business, db);
	SS_LOCKED(&t->rank_mu);
	put_in(t, m->r, k);
	drop(m->r);
	free(m);
	t->rank_makers--;
	pthread_cond_broadcast(&t->rank_done);
	return NULL;
}

/* Takes over the hold on r. */
static void start_maker(struct ss_things *t, struct sst_rank *r)
{
	struct maker *m = calloc(1, sizeof(*m));
	pthread_t thread;

	SS_LOCKED(&t->rank_mu);
	if (m)
		*m = (struct maker){t, r};
	if (m && !t->rank_stop && ss_thread_start(&thread, "rank", make_meanwhile, m) == 0) {
		pthread_detach(thread);
		t->rank_makers++;
		return;
	}
	free(m);
	put_in(t, r, SS_ENOMEM);
	drop(r);
}

/* By who asks. A write that is going on is not waited for. */
static struct sst_rank *make_at_once(struct sst_query *x, struct sst_rank *r)
{
	struct ss_error none = {0};
	int k = ss_business_idle(x->t->s.business) ? make(x->t, x->db, r, &none) : SS_EBUSY;

	SS_LOCKED(&x->t->rank_mu);
	if (put_in(x->t, r, k))
		return r;
	drop(r);
	return NULL;
}

struct sst_rank *sst_rank_take(struct sst_query *x, const struct sst_col *col)
{
	struct sst_rank *make, *r = hold(x->t, x->ty->id, col->expr, &make);
	struct ss_error none = {0};
	int64_t last = 0;

	if (!make)
		return r;
	if (!r && last_of(x->db, x->ty->id, &last, &none) == 0 && last <= x->t->rank_at_once)
		return make_at_once(x, make);
	start_maker(x->t, make);
	return r;
}

/* --- sets of rows -------------------------------------------------------------------------------
 */

static bool has(const uint64_t *set, int64_t i)
{
	return set[i >> 6] >> (i & 63) & 1;
}

static void put(uint64_t *set, int64_t i)
{
	set[i >> 6] |= UINT64_C(1) << (i & 63);
}

static size_t cells(int64_t last)
{
	return (size_t)(last >> 6) + 1;
}

static int take_list(struct sst_walk *w, uint64_t *set, struct ss_str list)
{
	struct ss_str part;
	int64_t n;

	while (ss_str_split(&list, ',', &part)) {
		if (part.n && ss_parse_i64(part, &n) < 0)
			return SS_EPARSE;
		if (part.n && n <= w->last)
			put(set, n);
	}
	return 0;
}

/* The rows with a pair, up to `most`; how many. Over a wire as one text. */
static int64_t posting(struct sst_walk *w, const struct sst_gram *g, int64_t most, uint64_t *set,
		       struct ss_error *err)
{
	struct sst_query *x = w->x;
	bool pg = ss_db_engine(x->db) == SS_DB_PGSQL;
	ss_cleanup(sst_sql_freep) struct sst_sql *q = sst_sql_new(ss_db_engine(x->db));
	struct ss_stmt *st;
	int64_t n = 0;
	int r;

	if (!q)
		return SS_ENOMEM;
	sst_add(q, pg ? "select count(*), string_agg(cast(n as text), ',') from (" : "");
	sst_add(q, "select n from g_%s where gram >= ", x->ty->id);
	sst_int(q, g->lo);
	sst_add(q, " and gram <= ");
	sst_int(q, g->hi);
	sst_add(q, " limit ");
	sst_int(q, most);
	sst_add(q, pg ? ") s" : "");
	r = sst_stmt(q, x->db, &st, err);
	while (r >= 0 && (r = ss_step(st, err)) == 1) {
		n = pg ? ss_col_i64(st, 0) : n + 1;
		if (pg)
			r = take_list(w, set, ss_col_str(st, 1));
		else if (ss_col_i64(st, 0) <= w->last)
			put(set, ss_col_i64(st, 0));
	}
	if (r >= 0)
		ss_stmt_reset(st);
	return r < 0 ? r : n;
}

/* --- a walk -------------------------------------------------------------------------------------
 */

static void add_loose(struct sst_walk *w, int64_t n)
{
	w->loose[w->n_loose++] = n;
	put(w->is_loose, n);
}

/* What was written since the rank was made is looked at as it is now: it has no place in it. */
static int loosen(struct sst_walk *w)
{
	SS_LOCKED(&w->x->t->rank_mu);
	struct sst_rank *r = w->rank;

	r->worn = r->worn || w->last - r->last > SST_FRESH / 2;
	if (r->over || w->last - r->last > SST_FRESH) {
		take_out(w->x->t, r);
		return SS_EBUSY;
	}
	w->n_touched = r->n_touched;
	for (size_t i = 0; i < r->n_touched; i++)
		if (r->touched[i] <= r->last)
			add_loose(w, r->touched[i]);
	for (int64_t n = r->last + 1; n <= w->last; n++)
		add_loose(w, n);
	return 0;
}

int sst_walk_open(struct sst_walk *w, struct sst_query *x, bool down, struct ss_error *err)
{
	int r;

	*w = (struct sst_walk){.x = x,
			       .rank = x->rank,
			       .down = down,
			       .all = true,
			       .chunk = CHUNK_FIRST,
			       .at = down ? x->rank->n : 1,
			       .list = SS_BUF_MAX(1 << 20)};
	r = last_of(x->db, x->ty->id, &w->last, err);
	if (r < 0)
		return r;
	w->last = w->last > x->rank->last ? w->last : x->rank->last;
	w->is_loose = calloc(cells(w->last), sizeof(*w->is_loose));
	w->has = calloc(cells(w->last), sizeof(*w->has));
	w->here = calloc(cells(x->rank->n), sizeof(*w->here));
	w->loose = calloc(SST_TOUCHED + SST_FRESH, sizeof(*w->loose));
	if (!w->is_loose || !w->has || !w->here || !w->loose)
		return ss_error_set(err, SS_ENOMEM, "内存不足；out of memory");
	return loosen(w);
}

void sst_walk_close(struct sst_walk *w)
{
	free(w->is_loose);
	free(w->has);
	free(w->here);
	free(w->loose);
	ss_buf_done(&w->list);
}

bool sst_walk_from(struct sst_walk *w, int64_t n)
{
	if (n > w->rank->last || n < 1 || has(w->is_loose, n) || !w->rank->place[n])
		return false;
	w->at = w->rank->place[n];
	return true;
}

void sst_walk_nowhere(struct sst_walk *w)
{
	w->at = w->down ? 0 : (int64_t)w->rank->n + 1;
}

/* Leaves the rows that have the pair too, unless they are `most` or more. */
static int join(struct sst_walk *w, bool *joined, const struct sst_gram *g, int64_t most,
		struct ss_error *err)
{
	size_t n = cells(w->last);
	uint64_t *set = calloc(n, sizeof(*set));
	int64_t k = set ? posting(w, g, most, set, err) : SS_ENOMEM;

	if (k >= 0 && k < most) {
		for (size_t i = 0; i < n; i++)
			w->has[i] = *joined ? w->has[i] & set[i] : set[i];
		*joined = true;
	}
	free(set);
	return k < 0 ? (int)k : 0;
}

/* Brings the rows that have them into the order. */
static void arrange(struct sst_walk *w)
{
	const struct sst_rank *rank = w->rank;
	size_t k = 0;

	for (int64_t n = 1; n <= rank->last; n++) {
		if (!w->has[n >> 6])
			n |= 63;
		else if (has(w->has, n) && rank->place[n] && !has(w->is_loose, n))
			put(w->here, rank->place[n]);
	}
	for (size_t i = 0; i < w->n_loose; i++)
		if (has(w->has, w->loose[i]))
			w->loose[k++] = w->loose[i];
	w->n_loose = k;
}

static int gather(struct sst_walk *w, struct ss_error *err)
{
	const struct sst_query *x = w->x;
	bool joined = false;
	int r = 0;

	for (size_t i = 0; r == 0 && i < x->n_grams && i < POSTINGS; i++)
		r = join(w, &joined, &x->gram[i], POSTING_MOST, err);
	if (r == 0 && !joined)
		r = join(w, &joined, &x->gram[x->rarest], INT64_MAX, err);
	if (r == 0)
		arrange(w);
	w->all = false;
	return r;
}

/* The next place of a row that is wanted, or 0. */
static int64_t next_place(struct sst_walk *w)
{
	int64_t step = w->down ? -1 : 1, last = w->rank->n;

	for (; w->at >= 1 && w->at <= last; w->at += step) {
		int64_t at = w->at;

		if (!w->all && !w->here[at >> 6])
			w->at = w->down ? at & ~INT64_C(63) : at | 63;
		else if (w->all ? !has(w->is_loose, w->rank->row[at - 1]) : has(w->here, at))
			break;
	}
	if (w->at < 1 || w->at > last)
		return 0;
	w->at += step;
	return w->at - step;
}

static void add_row(struct sst_walk *w, int64_t n)
{
	bool pg = ss_db_engine(w->x->db) == SS_DB_PGSQL;

	ss_buf_addc(&w->list, w->list.n ? ',' : pg ? '{' : '[');
	ss_buf_add_i64(&w->list, n);
}

int sst_walk_next(struct sst_walk *w, int64_t *ret_upto, struct ss_error *err)
{
	bool pg = ss_db_engine(w->x->db) == SS_DB_PGSQL;
	int64_t n = 0, at = 0;
	int r = 0;

	if (w->over)
		return 0;
	if (w->all && (w->walked >= WALK_FIRST || w->n_loose > CHUNK_FIRST))
		r = gather(w, err);
	if (r < 0)
		return r;
	ss_buf_reset(&w->list);
	while (n < w->chunk && (at = next_place(w)) != 0) {
		*ret_upto = w->rank->row[at - 1];
		add_row(w, *ret_upto);
		n++;
	}
	if (at == 0) /* the rest, with no end */
		*ret_upto = 0;
	w->over = at == 0;
	for (size_t i = 0; i < w->n_loose; i++)
		add_row(w, w->loose[i]);
	w->walked += n;
	w->chunk = w->chunk * 2 < CHUNK_MOST ? w->chunk * 2 : CHUNK_MOST;
	if (w->list.n)
		ss_buf_addc(&w->list, pg ? '}' : ']');
	return w->list.err < 0 ? w->list.err : w->list.n > 0;
}

bool sst_walk_held(struct sst_walk *w)
{
	SS_LOCKED(&w->x->t->rank_mu);
	const struct sst_rank *r = w->rank;

	if (r->over)
		return false;
	for (size_t i = w->n_touched; i < r->n_touched; i++)
		if (r->touched[i] <= r->last && (w->all || has(w->has, r->touched[i])))
			return false;
	return true;
}
