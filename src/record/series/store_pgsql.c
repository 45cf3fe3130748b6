/* PostgreSQL: observations as ordinary rows, partitioned by month; rollups as rows. What a flush
 * writes is gathered, put down by COPY and merged in by one statement a table. */
#include "record/series/store_internal.h"

struct obs_row {
	struct ss_point p;
	int32_t series;
};
struct roll_row {
	int32_t series, cls;
	struct ss_roll r;
};
struct state_row {
	int32_t id;
	struct ss_state x;
};

struct pg {
	struct obs_row *obs;
	size_t n_obs, obs_cap;
	struct roll_row *hours, *days;
	size_t n_hours, hours_cap, n_days, days_cap;
	struct state_row *states;
	size_t n_states, states_cap;
	struct ss_point_vec old;
	int64_t *months; /* whose partition is there */
	size_t n_months, months_cap;
};

static int pg_open(struct ss_store *s)
{
	s->own = calloc(1, sizeof(struct pg));
	return s->own ? 0 : SS_ENOMEM;
}

static void pg_close(struct ss_store *s)
{
	struct pg *g = s->own;

	if (!g)
		return;
	free(g->obs);
	free(g->hours);
	free(g->days);
	free(g->states);
	free(g->old.p);
	free(g->months);
	free(g);
}

static int run_named(struct ss_db *db, const char *name, struct ss_error *err)
{
	struct ss_stmt *st;
	int r = ss_db_stmt(db, name, &st, err);
	int64_t n = r < 0 ? r : ss_run(st, err);

	return n < 0 ? (int)n : 0;
}

static int pg_flush_begin(struct ss_store *s, struct ss_error *err)
{
	struct pg *g = s->own;

	g->n_obs = g->n_hours = g->n_days = g->n_states = 0;
	g->n_months = 0; /* what an undone transaction made is gone */
	return run_named(s->w, "series/new_clear", err);
}

static int pg_rolls(struct ss_reading *rd, int32_t cls, int32_t id, bool day, int64_t from,
		    int64_t to, struct ss_sroll_vec *v)
{
	struct ss_stmt *st;
	int r = ss_db_stmt(rd->db, day ? "series/day_get" : "series/hour_get", &st, rd->err);

	(void)cls;
	if (r < 0)
		return r;
	ss_bind_i64(st, 1, id);
	ss_bind_i64(st, 2, from);
	ss_bind_i64(st, 3, to);
	while ((r = ss_step(st, rd->err)) > 0) {
		struct ss_roll roll = ss_col_roll(st);

		r = ss_srolls_add(v, id, &roll);
		if (r < 0)
			break;
	}
	ss_stmt_reset(st);
	return r;
}

static int pg_points(struct ss_reading *rd, int32_t id, int64_t from, int64_t to,
		     struct ss_point_vec *v)
{
	struct ss_stmt *st;
	int r = ss_db_stmt(rd->db, "series/points", &st, rd->err);

	if (r < 0)
		return r;
	ss_bind_i64(st, 1, id);
	ss_bind_i64(st, 2, from);
	ss_bind_i64(st, 3, to);
	while ((r = ss_step(st, rd->err)) > 0) {
		struct ss_point p = {ss_col_i64(st, 0), ss_col_double(st, 1),
				     (uint8_t)ss_col_i64(st, 2), (uint8_t)ss_col_i64(st, 3)};

		r = ss_points_add(v, &p, 1);
		if (r < 0)
			break;
	}
	ss_stmt_reset(st);
	return r;
}

static int pg_scan(struct ss_reading *rd, int32_t cls, bool day, int64_t from, int64_t to,
		   struct ss_sroll_vec *v)
{
	struct ss_stmt *st;
	int r = ss_db_stmt(rd->db, day ? "series/day_scan" : "series/hour_scan", &st, rd->err);

	if (r < 0)
		return r;
	ss_bind_i64(st, 1, cls);
	ss_bind_i64(st, 2, from);
	ss_bind_i64(st, 3, to);
	while ((r = ss_step(st, rd->err)) > 0) {
		struct ss_roll roll = ss_col_roll(st);

		r = ss_srolls_add(v, (int32_t)ss_col_i64(st, 0), &roll);
		if (r < 0)
			break;
	}
	ss_stmt_reset(st);
	return r;
}

static int pg_hours_get(struct ss_store *s, struct ss_unit *u, struct ss_day *d,
			struct ss_error *err)
{
	struct ss_reading rd = {s->w, s->codec, err};
	struct ss_sroll_vec v = {0};
	int64_t first = ss_hour_of(ss_day_start(u->day));
	int r = pg_rolls(&rd, u->cls, u->series, false, first, first + 24, &v);

	d->n_hours = 0;
	for (size_t i = 0; i < v.n && i < 24 && r == 0; i++)
		d->hours[d->n_hours++] = v.p[i].r;
	free(v.p);
	return r;
}

static int pg_day_get(struct ss_store *s, struct ss_unit *u, struct ss_day *d, struct ss_error *err)
{
	struct pg *g = s->own;
	struct ss_reading rd = {s->w, s->codec, err};

	g->old.n = 0;
	d->n_hours = 0;
	int r = pg_points(&rd, u->series, ss_day_start(u->day), ss_day_start(u->day + 1), &g->old);

	d->points = g->old.p;
	d->n = g->old.n;
	return r < 0 || !u->rolls || d->n == 0 ? r : pg_hours_get(s, u, d, err);
}

static int pg_day_seal(struct ss_store *s, int32_t series, int64_t day, struct ss_error *err)
{
	(void)s;
	(void)series;
	(void)day;
	(void)err;
	return 0;
}

/* The partition of a month; made once a flush at most. */
static int need_month(struct ss_store *s, int64_t t_us, struct ss_error *err)
{
	struct pg *g = s->own;
	int64_t m = ss_month_of(t_us), year = m >= 0 ? m / 12 : (m - 11) / 12;
	struct ss_stmt *st;
	char sql[256];

	for (size_t i = 0; i < g->n_months; i++)
		if (g->months[i] == m)
			return 0;
	if (ss_grow(&g->months, &g->months_cap, g->n_months + 1, sizeof(m)) < 0)
		return SS_ENOMEM;
	snprintf(sql, sizeof(sql),
		 "CREATE TABLE IF NOT EXISTS observation_y%04dm%02d PARTITION OF observation "
		 "FOR VALUES FROM (%lld) TO (%lld)",
		 (int)year, (int)(m - year * 12) + 1, (long long)ss_month_start(m),
		 (long long)ss_month_start(m + 1));
	int r = ss_db_stmt_text(s->w, sql, &st, err);
	int64_t n = r < 0 ? r : ss_run(st, err);

	if (n < 0)
		return (int)n;
	g->months[g->n_months++] = m;
	return 0;
}

static int put_rolls(struct pg *g, const struct ss_unit *u, const struct ss_merge *m,
		     const struct ss_roll *hours, size_t n)
{
	struct ss_roll day = ss_roll_combine(u->day, hours, n);
	size_t c = 0;

	if (ss_grow(&g->days, &g->days_cap, g->n_days + 1, sizeof(*g->days)) < 0 ||
	    ss_grow(&g->hours, &g->hours_cap, g->n_hours + n, sizeof(*g->hours)) < 0)
		return SS_ENOMEM;
	g->days[g->n_days++] = (struct roll_row){u->series, u->cls, day};
	for (size_t i = 0; i < n; i++) { /* only hours with a changed point */
		int64_t end = ss_hour_start(hours[i].at + 1);

		if (c >= m->n_changed || m->out[m->changed[c]].time_us >= end)
			continue;
		g->hours[g->n_hours++] = (struct roll_row){u->series, u->cls, hours[i]};
		while (c < m->n_changed && m->out[m->changed[c]].time_us < end)
			c++;
	}
	return 0;
}

static int pg_day_put(struct ss_store *s, const struct ss_unit *u, const struct ss_merge *m,
		      const struct ss_roll *hours, size_t n_hours, struct ss_error *err)
{
	struct pg *g = s->own;
	int r = need_month(s, ss_day_start(u->day), err);

	if (r < 0)
		return r;
	if (ss_grow(&g->obs, &g->obs_cap, g->n_obs + m->n_changed, sizeof(*g->obs)) < 0)
		return SS_ENOMEM;
	for (size_t i = 0; i < m->n_changed; i++)
		g->obs[g->n_obs++] = (struct obs_row){m->out[m->changed[i]], u->series};
	return u->rolls ? put_rolls(g, u, m, hours, n_hours) : 0;
}

static int pg_state_put(struct ss_store *s, int32_t id, const struct ss_state *x,
			struct ss_error *err)
{
	struct pg *g = s->own;

	(void)err;
	if (ss_grow(&g->states, &g->states_cap, g->n_states + 1, sizeof(*g->states)) < 0)
		return SS_ENOMEM;
	g->states[g->n_states++] = (struct state_row){id, *x};
	return 0;
}

static int copy_obs(struct ss_store *s, struct ss_error *err)
{
	struct pg *g = s->own;
	struct ss_copy *c;
	int r = ss_copy_begin(s->w, "series_new_observation(series, time_us, value, mark, revised)",
			      5, &c, err);

	if (r < 0)
		return r;
	for (size_t i = 0; i < g->n_obs; i++) {
		const struct obs_row *o = &g->obs[i];

		ss_copy_row(c);
		ss_copy_i32(c, o->series);
		ss_copy_i64(c, o->p.time_us);
		ss_copy_double(c, o->p.value);
		ss_copy_i16(c, o->p.mark);
		ss_copy_i16(c, o->p.revised);
	}
	return ss_copy_end(c, err);
}

static int copy_rolls(struct ss_store *s, const char *table, const struct roll_row *rows, size_t n,
		      struct ss_error *err)
{
	struct ss_copy *c;
	int r = ss_copy_begin(s->w, table, 9, &c, err);

	if (r < 0)
		return r;
	for (size_t i = 0; i < n; i++) {
		ss_copy_row(c);
		ss_copy_i32(c, rows[i].series);
		ss_copy_i32(c, (int32_t)rows[i].r.at);
		ss_copy_i32(c, rows[i].cls);
		ss_copy_i32(c, rows[i].r.n);
		ss_copy_i32(c, rows[i].r.n_valid);
		ss_copy_i16(c, (int16_t)rows[i].r.scale);
		ss_copy_double(c, rows[i].r.sum);
		ss_copy_double(c, rows[i].r.min);
		ss_copy_double(c, rows[i].r.max);
	}
	return ss_copy_end(c, err);
}

static int copy_states(struct ss_store *s, struct ss_error *err)
{
	struct pg *g = s->own;
	struct ss_copy *c;
	int r = ss_copy_begin(
	    s->w, "series_new_state(id, count, first_us, last_us, last_value, last_mark)", 6, &c,
	    err);

	if (r < 0)
		return r;
	for (size_t i = 0; i < g->n_states; i++) {
		const struct state_row *x = &g->states[i];

		ss_copy_row(c);
		ss_copy_i32(c, x->id);
		ss_copy_i64(c, x->x.count);
		ss_copy_i64(c, x->x.first_us);
		ss_copy_i64(c, x->x.last_us);
		ss_copy_double(c, x->x.last_value);
		ss_copy_i32(c, x->x.last_mark);
	}
	return ss_copy_end(c, err);
}

#define ROLL_COLUMNS "(series, at, class, n, n_valid, scale, sum, min, max)"

static int pg_flush_end(struct ss_store *s, struct ss_error *err)
{
	static const char *const merge[] = {"series/block_put", "series/hour_put", "series/day_put",
					    "series/state_put"};
	struct pg *g = s->own;
	int r = copy_obs(s, err);

	if (r == 0)
		r = copy_rolls(s, "series_new_hour" ROLL_COLUMNS, g->hours, g->n_hours, err);
	if (r == 0)
		r = copy_rolls(s, "series_new_day" ROLL_COLUMNS, g->days, g->n_days, err);
	if (r == 0)
		r = copy_states(s, err);
	for (size_t i = 0; i < SS_ARRAY_LEN(merge) && r == 0; i++)
		r = run_named(s->w, merge[i], err);
	return r == 0 ? run_named(s->w, "series/new_clear", err) : r;
}

const struct ss_store_ops ss_store_pgsql = {
    .open = pg_open,
    .close = pg_close,
    .flush_begin = pg_flush_begin,
    .day_get = pg_day_get,
    .hours_get = pg_hours_get,
    .day_put = pg_day_put,
    .day_append = pg_day_put,
    .day_seal = pg_day_seal,
    .state_put = pg_state_put,
    .flush_end = pg_flush_end,
    .points = pg_points,
    .rolls = pg_rolls,
    .scan = pg_scan,
};
