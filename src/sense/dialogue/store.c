/* Between the dialogue and its database. */
#include <stdlib.h>

#include "dialogue_sql.h"
#include "sense/dialogue/dialogue_internal.h"

int store_open(struct ss_dialogue *d, struct ss_error *err)
{
	static const char *const features[] = {"dialogue", NULL};
	int r;

	ss_dialogue_sql();
	r = ss_db_open(d->url, NULL, SS_DB_WRITER, &d->db, err);
	if (r == 0)
		r = ss_db_migrate(d->db, features, err);
	if (r == 0 && !d->pool)
		r = ss_db_pool_new(d->url, NULL, 2, &d->pool, err);
	return r;
}

void store_close(struct ss_dialogue *d)
{
	ss_db_close(d->db);
	d->db = NULL;
}

static int64_t last_id(struct ss_dialogue *d, const char *name, int64_t *ret, struct ss_error *err)
{
	struct ss_stmt *st;
	int r = ss_db_stmt(d->db, name, &st, err);

	if (r < 0)
		return r;
	r = ss_step(st, err);
	if (r == 1)
		*ret = ss_col_i64(st, 0);
	ss_stmt_reset(st);
	return r < 0 ? r : 0;
}

/* --- commands --- */

int store_command(struct ss_dialogue *d, const struct command *c, struct ss_str data,
		  struct ss_error *err)
{
	const struct ss_command_row *w = &c->row;
	struct ss_stmt *st;
	int r = ss_db_stmt(d->db, "dialogue/command_put", &st, err);

	if (r < 0)
		return r;
	ss_bind_i64(st, 1, w->id);
	ss_bind_z(st, 2, w->mn);
	ss_bind_i64(st, 3, w->cn);
	ss_bind_z(st, 4, w->secret ? "******" : c->cp);
	ss_bind_i64(st, 5, w->secret);
	ss_bind_i64(st, 6, w->origin);
	ss_bind_z(st, 7, w->by);
	ss_bind_z(st, 8, c->reason);
	ss_bind_i64(st, 9, w->gap_id);
	ss_bind_i64(st, 10, w->state);
	ss_bind_i64(st, 11, w->asked_us);
	ss_bind_i64(st, 12, w->expires_us);
	ss_bind_i64(st, 13, w->sent_us);
	ss_bind_i64(st, 14, w->done_us);
	ss_bind_i64(st, 15, w->code);
	ss_bind_i64(st, 16, w->qn_rtn);
	ss_bind_i64(st, 17, w->exe_rtn);
	ss_bind_i64(st, 18, w->sent);
	ss_bind_i64(st, 19, w->frames);
	ss_bind_z(st, 20, w->qn);
	ss_bind_str(st, 21, data);
	return (int)ss_run(st, err) < 0 ? SS_EIO : 0;
}

/* Texts borrow from the statement's row. */
static void read_command(struct ss_stmt *st, struct ss_command_row *w)
{
	*w = (struct ss_command_row){.id = ss_col_i64(st, 0),
				     .cn = (int)ss_col_i64(st, 2),
				     .cp = ss_col_str(st, 3),
				     .secret = ss_col_i64(st, 4) != 0,
				     .origin = (enum ss_origin)ss_col_i64(st, 5),
				     .reason = ss_col_str(st, 7),
				     .gap_id = ss_col_i64(st, 8),
				     .state = (enum ss_command_state)ss_col_i64(st, 9),
				     .asked_us = ss_col_i64(st, 10),
				     .expires_us = ss_col_i64(st, 11),
				     .sent_us = ss_col_i64(st, 12),
				     .done_us = ss_col_i64(st, 13),
				     .code = (int)ss_col_i64(st, 14),
				     .qn_rtn = (int)ss_col_i64(st, 15),
				     .exe_rtn = (int)ss_col_i64(st, 16),
				     .sent = (int)ss_col_i64(st, 17),
				     .frames = (int)ss_col_i64(st, 18),
				     .data = ss_col_str(st, 20)};
	ss_str_copy(w->mn, sizeof(w->mn), ss_col_str(st, 1));
	ss_str_copy(w->by, sizeof(w->by), ss_col_str(st, 6));
	ss_str_copy(w->qn, sizeof(w->qn), ss_col_str(st, 19));
}

static int keep_texts(struct ss_command_row *w, struct ss_arena *a)
{
	struct ss_str *texts[] = {&w->cp, &w->reason, &w->data};

	for (size_t i = 0; i < SS_ARRAY_LEN(texts); i++) {
		char *p = ss_arena_alloc(a, texts[i]->n + 1);

		if (!p)
			return SS_ENOMEM;
		memcpy(p, texts[i]->p ? texts[i]->p : "", texts[i]->n);
		p[texts[i]->n] = 0;
		texts[i]->p = p;
	}
	return 0;
}

int ss_dialogue_command(struct ss_dialogue *d, int64_t id, struct ss_arena *a,
			struct ss_command_row *ret, struct ss_error *err)
{
	struct ss_stmt *st;
	struct ss_db *db;
	int r = ss_db_take(d->pool, &db, err);

	if (r < 0)
		return r;
	r = ss_db_stmt(db, "dialogue/command_get", &st, err);
	if (r == 0) {
		ss_bind_i64(st, 1, id);
		r = ss_step(st, err);
	}
	if (r == 1) {
		read_command(st, ret);
		r = keep_texts(ret, a);
		ss_stmt_reset(st);
	} else if (r == 0) {
		r = ss_error_set(err, SS_ENOTFOUND,
				 "没有编号为 %lld 的命令；there is no command %lld", (long long)id,
				 (long long)id);
	}
	ss_db_give(d->pool, db);
	return r;
}

/* Rows of a reader's statement into an array in a. */
static int list(struct ss_stmt *st, struct ss_arena *a, int64_t limit, size_t size,
		int (*read)(struct ss_stmt *, void *, struct ss_arena *), void **ret, size_t *ret_n,
		struct ss_error *err)
{
	char *rows = ss_arena_alloc(a, (size_t)limit * size);
	size_t n = 0;
	int r = rows ? 1 : SS_ENOMEM;

	while (r == 1 && n < (size_t)limit) {
		r = ss_step(st, err);
		if (r == 1 && read(st, rows + n * size, a) == 0)
			n++;
	}
	ss_stmt_reset(st);
	*ret = rows;
	*ret_n = n;
	return r < 0 ? r : 0;
}

static int list_command(struct ss_stmt *st, void *row, struct ss_arena *a)
{
	read_command(st, row);
	return keep_texts(row, a);
}

int ss_dialogue_commands(struct ss_dialogue *d, struct ss_str mn, int64_t before, int64_t limit,
			 struct ss_arena *a, struct ss_command_row **ret, size_t *ret_n,
			 struct ss_error *err)
{
	struct ss_stmt *st;
	struct ss_db *db;
	int r = ss_db_take(d->pool, &db, err);

	if (r < 0)
		return r;
	r = ss_db_stmt(db, "dialogue/command_list", &st, err);
	if (r == 0) {
		ss_bind_str(st, 1, mn.p ? mn : SS_STR(""));
		ss_bind_i64(st, 2, before);
		ss_bind_i64(st, 3, limit);
		r = list(st, a, limit, sizeof(**ret), list_command, (void **)ret, ret_n, err);
	}
	ss_db_give(d->pool, db);
	return r;
}

static char *copy(struct ss_str s)
{
	return strndup(s.p ? s.p : "", s.n);
}

static int load_commands(struct ss_dialogue *d, struct ss_error *err)
{
	struct ss_stmt *st;
	int r = ss_db_stmt(d->db, "dialogue/command_open", &st, err);

	while (r >= 0 && (r = ss_step(st, err)) == 1) {
		struct command *c = calloc(1, sizeof(*c));

		if (!c)
			return SS_ENOMEM;
		read_command(st, &c->row);
		c->cp = copy(c->row.cp);
		c->reason = copy(c->row.reason);
		c->row.cp = c->row.reason = c->row.data = (struct ss_str){0};
		queue_restore(d, c);
	}
	return r;
}

/* --- gaps --- */

static void read_gap(struct ss_stmt *st, struct ss_gap_row *g)
{
	*g = (struct ss_gap_row){.id = ss_col_i64(st, 0),
				 .cn = (int)ss_col_i64(st, 2),
				 .from_us = ss_col_i64(st, 3),
				 .to_us = ss_col_i64(st, 4),
				 .interval_us = ss_col_i64(st, 5),
				 .expected = (int)ss_col_i64(st, 6),
				 .missing = (int)ss_col_i64(st, 7),
				 .state = (enum ss_gap_state)ss_col_i64(st, 8),
				 .asked = (int)ss_col_i64(st, 9),
				 .idle = (int)ss_col_i64(st, 10),
				 .next_us = ss_col_i64(st, 11),
				 .found_us = ss_col_i64(st, 12),
				 .closed_us = ss_col_i64(st, 13)};
	ss_str_copy(g->mn, sizeof(g->mn), ss_col_str(st, 1));
	ss_str_copy(g->why, sizeof(g->why), ss_col_str(st, 14));
}

int store_gap(struct ss_dialogue *d, const struct ss_gap_row *g, struct ss_error *err)
{
	struct ss_stmt *st;
	int r = ss_db_stmt(d->db, "dialogue/gap_put", &st, err);

	if (r < 0)
		return r;
	ss_bind_i64(st, 1, g->id);
	ss_bind_z(st, 2, g->mn);
	ss_bind_i64(st, 3, g->cn);
	ss_bind_i64(st, 4, g->from_us);
	ss_bind_i64(st, 5, g->to_us);
	ss_bind_i64(st, 6, g->interval_us);
	ss_bind_i64(st, 7, g->expected);
	ss_bind_i64(st, 8, g->missing);
	ss_bind_i64(st, 9, g->state);
	ss_bind_i64(st, 10, g->asked);
	ss_bind_i64(st, 11, g->idle);
	ss_bind_i64(st, 12, g->next_us);
	ss_bind_i64(st, 13, g->found_us);
	ss_bind_i64(st, 14, g->closed_us);
	ss_bind_z(st, 15, g->why);
	return (int)ss_run(st, err) < 0 ? SS_EIO : 0;
}

static int load_gaps(struct ss_dialogue *d, struct ss_error *err)
{
	struct ss_stmt *st;
	int r = ss_db_stmt(d->db, "dialogue/gap_load", &st, err);

	if (r == 0)
		ss_bind_i64(st, 1, ss_time_now() - d->set.look_back_us);
	while (r >= 0 && (r = ss_step(st, err)) == 1) {
		struct gap *g = calloc(1, sizeof(*g));
		struct device *v;

		if (!g)
			return SS_ENOMEM;
		read_gap(st, &g->row);
		v = device_get(d, ss_str_of(g->row.mn));
		if (!v) {
			free(g);
			return SS_ENOMEM;
		}
		g->next = v->gaps;
		v->gaps = g;
		v->open += g->row.state == SS_GAP_OPEN;
	}
	return r;
}

static int list_gap(struct ss_stmt *st, void *row, struct ss_arena *a)
{
	(void)a;
	read_gap(st, row);
	return 0;
}

int ss_dialogue_gaps(struct ss_dialogue *d, struct ss_str mn, int state, int cn, int64_t before,
		     int64_t limit, struct ss_arena *a, struct ss_gap_row **ret, size_t *ret_n,
		     struct ss_error *err)
{
	struct ss_stmt *st;
	struct ss_db *db;
	int r = ss_db_take(d->pool, &db, err);

	if (r < 0)
		return r;
	r = ss_db_stmt(db, "dialogue/gap_list", &st, err);
	if (r == 0) {
		ss_bind_str(st, 1, mn.p ? mn : SS_STR(""));
		ss_bind_i64(st, 2, state);
		ss_bind_i64(st, 3, cn);
		ss_bind_i64(st, 4, before);
		ss_bind_i64(st, 5, limit);
		r = list(st, a, limit, sizeof(**ret), list_gap, (void **)ret, ret_n, err);
	}
	ss_db_give(d->pool, db);
	return r;
}

static int count_gaps(struct ss_dialogue *d, struct ss_error *err)
{
	struct ss_stmt *st;
	int r = ss_db_stmt(d->db, "dialogue/gap_count", &st, err);

	while (r >= 0 && (r = ss_step(st, err)) == 1) {
		if (ss_col_i64(st, 0) != SS_GAP_OPEN)
			continue;
		d->stat.gaps_open = ss_col_i64(st, 1);
		d->stat.records_missing = ss_col_i64(st, 2);
	}
	return r;
}

int store_load(struct ss_dialogue *d, struct ss_error *err)
{
	int r = (int)last_id(d, "dialogue/command_last_id", &d->last_id, err);

	if (r == 0)
		r = (int)last_id(d, "dialogue/gap_last_id", &d->last_gap_id, err);
	if (r == 0)
		r = load_commands(d, err);
	if (r == 0)
		r = load_gaps(d, err);
	return r == 0 ? count_gaps(d, err) : r;
}

static int prune(struct ss_dialogue *d, const char *name, int64_t before_us, struct ss_error *err)
{
	struct ss_stmt *st;
	int r = ss_db_stmt(d->db, name, &st, err);

	if (r < 0)
		return r;
	ss_bind_i64(st, 1, before_us);
	return ss_run(st, err) < 0 ? SS_EIO : 0;
}

int store_prune(struct ss_dialogue *d, int64_t before_us, struct ss_error *err)
{
	int r = prune(d, "dialogue/command_prune", before_us, err);

	return r == 0 ? prune(d, "dialogue/gap_prune", before_us, err) : r;
}

/* --- contracts --- */

int store_contracts(struct ss_dialogue *d, struct ss_error *err)
{
	struct ss_stmt *st;
	int r = ss_db_stmt(d->db, "dialogue/contract_list", &st, err);

	for (size_t i = 0; r == 0 && i < d->device_n; i++)
		for (int k = 0; k < SS_CONTRACT_KINDS; k++)
			d->devices[i]->kind[k].declared = false;
	while (r >= 0 && (r = ss_step(st, err)) == 1) {
		struct device *v = device_find(d, ss_col_str(st, 0));
		int k = kind_of((int)ss_col_i64(st, 1));

		if (!v || k < 0)
			continue;
		v->kind[k].declared = true;
		v->kind[k].interval_us = ss_col_i64(st, 2) * SS_US_PER_SEC;
	}
	return r;
}

int store_declare(struct ss_dialogue *d, struct ss_str mn, int cn, int64_t interval_s,
		  struct ss_str by, struct ss_error *err)
{
	struct ss_stmt *st;
	bool drop = interval_s < 0;
	int r =
	    ss_db_stmt(d->db, drop ? "dialogue/contract_drop" : "dialogue/contract_put", &st, err);

	if (r < 0)
		return r;
	ss_bind_str(st, 1, mn);
	ss_bind_i64(st, 2, cn);
	if (!drop) {
		ss_bind_i64(st, 3, interval_s);
		ss_bind_str(st, 4, by);
		ss_bind_i64(st, 5, ss_time_now());
	}
	return ss_run(st, err) < 0 ? SS_EIO : 0;
}
