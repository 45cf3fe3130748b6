/* SQLite: a row a series and day for the points (compressed block), a row a series and day for the
 * rollups, with the hours packed into it. Keys put what a flush writes side by side. */
#include "record/series/store_internal.h"

static int64_t day_row_key(int32_t cls, int64_t day, int32_t series)
{
	return (int64_t)cls << 44 | ss_day_key(day, series);
}

/* Parts of a block: a flush adds a small one behind the others instead of writing all points of the
 * day again; parts of like size are made into one. */
#define PART_BITS 3
#define PARTS (1 << PART_BITS)
#define PART_RATIO 8

static int64_t part_key(int64_t day, int32_t series, int part)
{
	return ss_day_key(day, series) << PART_BITS | part;
}

static int64_t day_of_key(int64_t key)
{
	return (key >> SS_SERIES_BITS & (SS_DAY_END - 1)) - SS_DAY_BIAS;
}

static int32_t series_of_key(int64_t key)
{
	return (int32_t)(key & ((1 << SS_SERIES_BITS) - 1));
}

static int lite_open(struct ss_store *s)
{
	s->own = calloc(1, sizeof(struct ss_point_vec)); /* points of the day at hand */
	return s->own ? 0 : SS_ENOMEM;
}

static void lite_close(struct ss_store *s)
{
	struct ss_point_vec *v = s->own;

	if (v)
		free(v->p);
	free(v);
}

/* Each day is its own statement: nothing to gather. */
static int lite_flush_nothing(struct ss_store *s, struct ss_error *err)
{
	(void)s;
	(void)err;
	return 0;
}

static int damaged(struct ss_error *err, int r, int32_t series, int64_t day)
{
	if (r != SS_ECORRUPT)
		return r;
	char when[SS_TIME_ISO];

	ss_time_fmt_iso(when, ss_day_start(day));
	return ss_error_set(
	    err, r,
	    "观测块已损坏：序列 %d，日期 %.10s，可由日志重建 block of series %d, day "
	    "%.10s is damaged; rebuild it from the journal",
	    series, when, series, when);
}

/* Adds the points of a day's parts from `part` on; none is no error. Parts follow one another in
 * time: from the last one back, until one begins at or before `from`. */
static int read_parts(struct ss_db *db, struct ss_codec *c, int32_t series, int64_t day, int part,
		      int64_t from, struct ss_point_vec *v, struct ss_error *err)
{
	size_t start = v->n;
	struct ss_stmt *st;
	bool enough = false;
	int r = ss_db_stmt(db, "series/points", &st, err);

	if (r < 0)
		return r;
	ss_bind_i64(st, 1, part_key(day, series, part));
	ss_bind_i64(st, 2, part_key(day, series, 0) + PARTS);
	while (!enough && (r = ss_step(st, err)) > 0) {
		const struct ss_point *p;
		size_t n, later = v->n - start;

		r = damaged(err, ss_block_decode(c, ss_day_start(day), ss_col_blob(st, 1), &p, &n),
			    series, day);
		if (r == 0)
			r = ss_points_add(v, p, n);
		if (r < 0)
			break;
		memmove(v->p + start + n, v->p + start, later * sizeof(*v->p));
		memcpy(v->p + start, p, n * sizeof(*v->p));
		enough = n > 0 && p[0].time_us <= from;
	}
	ss_stmt_reset(st);
	return r < 0 ? r : 0;
}

/* Hours kept as rows of their own. */
static int plain_hours(struct ss_db *db, int32_t series, int64_t from, int64_t to,
		       struct ss_sroll_vec *v, struct ss_error *err)
{
	struct ss_stmt *st;
	int r = ss_db_stmt(db, "series/hour_get", &st, err);

	if (r < 0)
		return r;
	ss_bind_i64(st, 1, series);
	ss_bind_i64(st, 2, from);
	ss_bind_i64(st, 3, to);
	while ((r = ss_step(st, err)) > 0) {
		struct ss_roll roll = ss_col_roll(st);

		r = ss_srolls_add(v, series, &roll);
		if (r < 0)
			break;
	}
	ss_stmt_reset(st);
	return r;
}

/* Row of series_day: key, n, n_valid, scale, sum, min, max, hours. */
static struct ss_roll day_roll(struct ss_stmt *st)
{
	struct ss_roll r = {.at = day_of_key(ss_col_i64(st, 0)),
			    .n = (int32_t)ss_col_i64(st, 1),
			    .n_valid = (int32_t)ss_col_i64(st, 2),
			    .scale = (int32_t)ss_col_i64(st, 3),
			    .sum = ss_col_double(st, 4),
			    .min = ss_col_double(st, 5),
			    .max = ss_col_double(st, 6)};

	if (r.scale >= 0 && r.scale <= SS_SCALE_MAX) {
		r.min /= ss_series_pow10[r.scale];
		r.max /= ss_series_pow10[r.scale];
	}
	return r;
}

/* Hours of the day row at hand; *ret_packed false when they are rows of their own. */
static int day_hours(struct ss_stmt *st, struct ss_roll ret[24], size_t *ret_n, bool *ret_packed,
		     struct ss_error *err)
{
	int64_t key = ss_col_i64(st, 0), day = day_of_key(key);

	*ret_n = 0;
	*ret_packed = !ss_col_null(st, 7);
	if (!*ret_packed)
		return 0;
	return damaged(err,
		       ss_pack_decode(ss_col_blob(st, 7), day, (int32_t)ss_col_i64(st, 3),
				      ss_col_i64(st, 5), ret, ret_n),
		       series_of_key(key), day);
}

static int get_hours(struct ss_store *s, struct ss_unit *u, struct ss_day *d, struct ss_error *err)
{
	struct ss_sroll_vec v = {0};
	struct ss_stmt *st;
	bool packed = true;
	int r = ss_db_stmt(s->w, "series/day_get", &st, err);

	if (r < 0)
		return r;
	ss_bind_i64(st, 1, day_row_key(u->cls, u->day, u->series));
	r = ss_step(st, err);
	if (r > 0)
		r = day_hours(st, d->hours, &d->n_hours, &packed, err);
	ss_stmt_reset(st);
	u->plain = !packed;
	if (r < 0 || packed)
		return r;
	int64_t first = ss_hour_of(ss_day_start(u->day));

	r = plain_hours(s->w, u->series, first, first + 24, &v, err);
	for (size_t i = 0; i < v.n && i < 24 && r == 0; i++)
		d->hours[d->n_hours++] = v.p[i].r;
	free(v.p);
	return r;
}

static int lite_hours_get(struct ss_store *s, struct ss_unit *u, struct ss_day *d,
			  struct ss_error *err)
{
	d->n_hours = 0;
	return get_hours(s, u, d, err);
}

static int lite_day_get(struct ss_store *s, struct ss_unit *u, struct ss_day *d,
			struct ss_error *err)
{
	struct ss_point_vec *old = s->own;

	old->n = 0;
	d->n_hours = 0;
	int r = read_parts(s->w, s->codec, u->series, u->day, 0, INT64_MIN, old, err);

	d->points = old->p;
	d->n = old->n;
	if (r < 0 || d->n == 0 || !u->rolls)
		return r;
	return get_hours(s, u, d, err);
}

static int drop_parts(struct ss_store *s, int32_t series, int64_t day, int from,
		      struct ss_error *err)
{
	struct ss_stmt *st;
	int r = ss_db_stmt(s->w, "series/part_drop", &st, err);

	if (r < 0)
		return r;
	ss_bind_i64(st, 1, part_key(day, series, from));
	ss_bind_i64(st, 2, part_key(day, series, 0) + PARTS);
	int64_t n = ss_run(st, err);

	return n < 0 ? (int)n : 0;
}

/* Writes the points as part `part`, the last one. */
static int put_part(struct ss_store *s, int32_t series, int64_t day, int part,
		    const struct ss_point *p, size_t n, struct ss_error *err)
{
	struct ss_stmt *st;

	ss_buf_reset(&s->block);
	int r = ss_block_encode(s->codec, ss_day_start(day), p, n, &s->block);

	if (r < 0)
		return ss_error_set(err, r, "压缩失败 cannot encode a block");
	r = ss_db_stmt(s->w, "series/block_put", &st, err);
	if (r < 0)
		return r;
	ss_bind_i64(st, 1, part_key(day, series, part));
	ss_bind_blob(st, 2, s->block.p, s->block.n);
	int64_t k = ss_run(st, err);

	return k < 0 ? (int)k : 0;
}

/* Sizes of the day's parts in points; their number or negative. */
static int count_parts(struct ss_store *s, int32_t series, int64_t day, size_t ret[PARTS],
		       struct ss_error *err)
{
	struct ss_stmt *st;
	int r = ss_db_stmt(s->w, "series/parts", &st, err), n = 0;

	if (r < 0)
		return r;
	ss_bind_i64(st, 1, part_key(day, series, 0));
	ss_bind_i64(st, 2, part_key(day, series, 0) + PARTS);
	while ((r = ss_step(st, err)) > 0 && n < PARTS)
		ret[n++] = ss_block_count(ss_col_blob(st, 1));
	ss_stmt_reset(st);
	return r < 0 ? r : n;
}

/* Makes parts from `part` on and the points p into one. */
static int join_parts(struct ss_store *s, int32_t series, int64_t day, int part,
		      const struct ss_point *p, size_t n, struct ss_error *err)
{
	struct ss_point_vec *all = s->own;

	all->n = 0;
	int r = read_parts(s->w, s->codec, series, day, part, INT64_MIN, all, err);

	if (r == 0)
		r = ss_points_add(all, p, n);
	if (r == 0)
		r = drop_parts(s, series, day, part + 1, err);
	return r < 0 ? r : put_part(s, series, day, part, all->p, all->n, err);
}

static int append_points(struct ss_store *s, const struct ss_unit *u, const struct ss_merge *m,
			 struct ss_error *err)
{
	size_t sizes[PARTS], behind = m->n;
	int n = count_parts(s, u->series, u->day, sizes, err), at = n;

	if (n < 0)
		return n;
	while (at > 0 && (at == PARTS || sizes[at - 1] <= PART_RATIO * behind))
		behind += sizes[--at];
	if (at == n)
		return put_part(s, u->series, u->day, at, m->out, m->n, err);
	return join_parts(s, u->series, u->day, at, m->out, m->n, err);
}

static int lite_day_seal(struct ss_store *s, int32_t series, int64_t day, struct ss_error *err)
{
	size_t sizes[PARTS];
	int n = count_parts(s, series, day, sizes, err);

	return n <= 1 ? n < 0 ? n : 0 : join_parts(s, series, day, 0, NULL, 0, err);
}

static int put_plain_hours(struct ss_store *s, const struct ss_unit *u, const struct ss_roll *h,
			   size_t n, struct ss_error *err)
{
	for (size_t i = 0; i < n; i++) {
		struct ss_stmt *st;
		int r = ss_db_stmt(s->w, "series/hour_put", &st, err);

		if (r < 0)
			return r;
		ss_bind_i64(st, 1, u->series);
		ss_bind_i64(st, 2, h[i].at);
		ss_bind_i64(st, 3, h[i].n);
		ss_bind_i64(st, 4, h[i].n_valid);
		ss_bind_i64(st, 5, h[i].scale);
		ss_bind_double(st, 6, h[i].sum);
		ss_bind_double(st, 7, h[i].min);
		ss_bind_double(st, 8, h[i].max);
		int64_t k = ss_run(st, err);

		if (k < 0)
			return (int)k;
	}
	return 0;
}

static int drop_plain_hours(struct ss_store *s, const struct ss_unit *u, struct ss_error *err)
{
	struct ss_stmt *st;
	int64_t first = ss_hour_of(ss_day_start(u->day));
	int r = ss_db_stmt(s->w, "series/hour_del", &st, err);

	if (r < 0)
		return r;
	ss_bind_i64(st, 1, u->series);
	ss_bind_i64(st, 2, first);
	ss_bind_i64(st, 3, first + 24);
	int64_t n = ss_run(st, err);

	return n < 0 ? (int)n : 0;
}

/* sum, min and max as whole numbers where they are. */
static void bind_day(struct ss_stmt *st, const struct ss_roll *d)
{
	int64_t low = 0, high = 0;

	ss_bind_i64(st, 2, d->n);
	ss_bind_i64(st, 3, d->n_valid);
	ss_bind_i64(st, 4, d->scale);
	if (d->scale == SS_ROLL_RAW) {
		ss_bind_double(st, 5, d->sum);
		ss_bind_double(st, 6, d->min);
		ss_bind_double(st, 7, d->max);
		return;
	}
	ss_assert(ss_mantissa(d->min + 0.0, d->scale, &low) &&
		  ss_mantissa(d->max + 0.0, d->scale, &high));
	ss_bind_i64(st, 5, (int64_t)d->sum);
	ss_bind_i64(st, 6, low);
	ss_bind_i64(st, 7, high);
}

static int put_day(struct ss_store *s, const struct ss_unit *u, const struct ss_roll *hours,
		   size_t n, struct ss_error *err)
{
	struct ss_roll day = ss_roll_combine(u->day, hours, n);
	struct ss_stmt *st;
	int64_t base = 0;

	ss_buf_reset(&s->pack);
	if (day.scale != SS_ROLL_RAW)
		ss_mantissa(day.min + 0.0, day.scale, &base);
	bool packed = ss_pack_encode(hours, n, day.scale, base, &s->pack);
	int r = !packed    ? put_plain_hours(s, u, hours, n, err)
		: u->plain ? drop_plain_hours(s, u, err)
			   : 0;

	if (r == 0)
		r = ss_db_stmt(s->w, "series/day_put", &st, err);
	if (r < 0)
		return r;
	ss_bind_i64(st, 1, day_row_key(u->cls, u->day, u->series));
	bind_day(st, &day);
	if (packed)
		ss_bind_blob(st, 8, s->pack.p, s->pack.n);
	else
		ss_bind_null(st, 8);
	int64_t k = ss_run(st, err);

	return k < 0 ? (int)k : 0;
}

static int lite_day_put(struct ss_store *s, const struct ss_unit *u, const struct ss_merge *m,
			const struct ss_roll *hours, size_t n_hours, struct ss_error *err)
{
	int r = drop_parts(s, u->series, u->day, 1, err);

	if (r == 0)
		r = put_part(s, u->series, u->day, 0, m->out, m->n, err);
	return r < 0 || !u->rolls ? r : put_day(s, u, hours, n_hours, err);
}

static int lite_day_append(struct ss_store *s, const struct ss_unit *u, const struct ss_merge *m,
			   const struct ss_roll *hours, size_t n_hours, struct ss_error *err)
{
	int r = append_points(s, u, m, err);

	return r < 0 || !u->rolls ? r : put_day(s, u, hours, n_hours, err);
}

static int lite_state_put(struct ss_store *s, int32_t id, const struct ss_state *x,
			  struct ss_error *err)
{
	struct ss_stmt *st;
	int r = ss_db_stmt(s->w, "series/state_put", &st, err);

	if (r < 0)
		return r;
	ss_bind_i64(st, 1, id);
	ss_bind_i64(st, 2, x->count);
	ss_bind_i64(st, 3, x->first_us);
	ss_bind_i64(st, 4, x->last_us);
	ss_bind_number(st, 5, x->last_value);
	ss_bind_i64(st, 6, x->last_mark);
	int64_t n = ss_run(st, err);

	return n < 0 ? (int)n : 0;
}

/* Takes away the points outside [from, to) of those added since `start`. */
static void cut(struct ss_point_vec *v, size_t start, int64_t from, int64_t to)
{
	size_t a = start, b = v->n;

	while (a < b && v->p[a].time_us < from)
		a++;
	while (b > a && v->p[b - 1].time_us >= to)
		b--;
	if (a > start)
		memmove(v->p + start, v->p + a, (b - a) * sizeof(*v->p));
	v->n = start + (b - a);
}

static int lite_points(struct ss_reading *rd, int32_t id, int64_t from, int64_t to,
		       struct ss_point_vec *v)
{
	for (int64_t day = ss_day_of(from); from < to && day <= ss_day_of(to - 1); day++) {
		size_t start = v->n, max = v->max;

		v->max = 0; /* what is cut off does not count */
		int r = read_parts(rd->db, rd->codec, id, day, 0, from, v, rd->err);

		v->max = max;
		if (r < 0)
			return r;
		cut(v, start, from, to);
		if (max && v->n > max)
			return SS_ETOOBIG;
	}
	return 0;
}

/* Adds what the day row at hand says about [from, to). */
static int take_row(struct ss_reading *rd, struct ss_stmt *st, bool day, int64_t from, int64_t to,
		    struct ss_sroll_vec *v)
{
	struct ss_roll h[24];
	int32_t id = series_of_key(ss_col_i64(st, 0));
	size_t n = 1;
	bool packed = true;
	int r = 0;

	if (day)
		h[0] = day_roll(st);
	else
		r = day_hours(st, h, &n, &packed, rd->err);
	for (size_t i = 0; i < n && r == 0; i++)
		if (h[i].at >= from && h[i].at < to)
			r = ss_srolls_add(v, id, &h[i]);
	if (r < 0 || packed)
		return r;
	int64_t first = ss_hour_of(ss_day_start(day_of_key(ss_col_i64(st, 0))));

	return plain_hours(rd->db, id, from > first ? from : first,
			   to < first + 24 ? to : first + 24, v, rd->err);
}

/* Days that hold the periods. */
static void days_of(bool day, int64_t from, int64_t to, int64_t *ret_first, int64_t *ret_last)
{
	*ret_first = day ? from : ss_day_of(ss_hour_start(from));
	*ret_last = day ? to - 1 : ss_day_of(ss_hour_start(to - 1));
}

static int lite_rolls(struct ss_reading *rd, int32_t cls, int32_t id, bool day, int64_t from,
		      int64_t to, struct ss_sroll_vec *v)
{
	int64_t first, last;

	days_of(day, from, to, &first, &last);
	for (int64_t d = first; from < to && d <= last; d++) {
		struct ss_stmt *st;
		int r = ss_db_stmt(rd->db, "series/day_get", &st, rd->err);

		if (r < 0)
			return r;
		ss_bind_i64(st, 1, day_row_key(cls, d, id));
		r = ss_step(st, rd->err);
		if (r > 0)
			r = take_row(rd, st, day, from, to, v);
		ss_stmt_reset(st);
		if (r < 0)
			return r;
	}
	return 0;
}

static int cmp_sroll(const void *a, const void *b)
{
	const struct ss_sroll *x = a, *y = b;

	if (x->id != y->id)
		return x->id < y->id ? -1 : 1;
	return (x->r.at > y->r.at) - (x->r.at < y->r.at);
}

static int lite_scan(struct ss_reading *rd, int32_t cls, bool day, int64_t from, int64_t to,
		     struct ss_sroll_vec *v)
{
	int64_t first, last;
	struct ss_stmt *st;

	if (from >= to)
		return 0;
	days_of(day, from, to, &first, &last);
	int r = ss_db_stmt(rd->db, "series/day_scan", &st, rd->err);

	if (r < 0)
		return r;
	ss_bind_i64(st, 1, day_row_key(cls, first, 0));
	ss_bind_i64(st, 2, day_row_key(cls, last + 1, 0));
	while ((r = ss_step(st, rd->err)) > 0) {
		r = take_row(rd, st, day, from, to, v);
		if (r < 0)
			break;
	}
	ss_stmt_reset(st);
	if (r == 0 && first != last && v->n > 0)
		ss_sort(v->p, v->n, sizeof(*v->p), cmp_sroll);
	return r;
}

const struct ss_store_ops ss_store_sqlite = {
    .open = lite_open,
    .close = lite_close,
    .flush_begin = lite_flush_nothing,
    .day_get = lite_day_get,
    .hours_get = lite_hours_get,
    .day_put = lite_day_put,
    .day_append = lite_day_append,
    .day_seal = lite_day_seal,
    .state_put = lite_state_put,
    .flush_end = lite_flush_nothing,
    .points = lite_points,
    .rolls = lite_rolls,
    .scan = lite_scan,
};
