#include "record/series/store_internal.h"

#include <math.h>

#include "series_sql.h"

int ss_points_add(struct ss_point_vec *v, const struct ss_point *p, size_t n)
{
	if (v->max && v->n + n > v->max)
		return SS_ETOOBIG;
	if (ss_grow(&v->p, &v->cap, v->n + n, sizeof(*p)) < 0)
		return SS_ENOMEM;
	if (n > 0)
		memcpy(v->p + v->n, p, n * sizeof(*p));
	v->n += n;
	return 0;
}

int ss_srolls_add(struct ss_sroll_vec *v, int32_t id, const struct ss_roll *r)
{
	if (ss_grow(&v->p, &v->cap, v->n + 1, sizeof(*v->p)) < 0)
		return SS_ENOMEM;
	v->p[v->n++] = (struct ss_sroll){id, *r};
	return 0;
}

static const char *const features[] = {"series", NULL};

int ss_store_open(struct ss_store *s, const char *url, int zstd_level, bool read_only,
		  struct ss_error *err)
{
	ss_series_sql();
	ss_buf_init(&s->block, (size_t)1 << 30);
	ss_buf_init(&s->pack, 4096);
	int r = ss_db_open(url, NULL, read_only ? SS_DB_READER : SS_DB_WRITER, &s->w, err);

	if (r == 0 && !read_only)
		r = ss_db_migrate(s->w, features, err);
	if (r < 0)
		return r;
	s->codec = ss_codec_new(zstd_level);
	s->ops = ss_db_engine(s->w) == SS_DB_SQLITE ? &ss_store_sqlite : &ss_store_pgsql;
	r = s->codec ? s->ops->open(s) : SS_ENOMEM;
	return r < 0 ? ss_error_set(err, r, "打开观测库失败 cannot open the series store") : 0;
}

void ss_store_close(struct ss_store *s)
{
	if (s->ops)
		s->ops->close(s);
	ss_codec_free(s->codec);
	ss_db_close(s->w);
	ss_buf_done(&s->block);
	ss_buf_done(&s->pack);
	*s = (struct ss_store){0};
}

int ss_bind_number(struct ss_stmt *st, int i, double v)
{
	return v == v ? ss_bind_double(st, i, v) : ss_bind_null(st, i);
}

double ss_col_number(struct ss_stmt *st, int i)
{
	return ss_col_null(st, i) ? (double)NAN : ss_col_double(st, i);
}

struct ss_roll ss_col_roll(struct ss_stmt *st)
{
	return (struct ss_roll){.at = ss_col_i64(st, 1),
				.n = (int32_t)ss_col_i64(st, 2),
				.n_valid = (int32_t)ss_col_i64(st, 3),
				.scale = (int32_t)ss_col_i64(st, 4),
				.sum = ss_col_double(st, 5),
				.min = ss_col_double(st, 6),
				.max = ss_col_double(st, 7)};
}

int ss_store_meta_get(struct ss_db *db, const char *name, int64_t *ret, struct ss_error *err)
{
	struct ss_stmt *st;
	int r = ss_db_stmt(db, "series/meta_get", &st, err);

	if (r < 0)
		return r;
	ss_bind_z(st, 1, name);
	r = ss_step(st, err);
	*ret = r > 0 ? ss_col_i64(st, 0) : 0;
	ss_stmt_reset(st);
	return r < 0 ? r : 0;
}

int ss_store_meta_put(struct ss_db *db, const char *name, int64_t v, struct ss_error *err)
{
	struct ss_stmt *st;
	int r = ss_db_stmt(db, "series/meta_put", &st, err);

	if (r < 0)
		return r;
	ss_bind_z(st, 1, name);
	ss_bind_i64(st, 2, v);
	int64_t n = ss_run(st, err);

	return n < 0 ? (int)n : 0;
}

int ss_store_versions_point(struct ss_db *db, int32_t series, int64_t time_us, struct ss_merge *m,
			    struct ss_error *err)
{
	struct ss_stmt *st;
	int r = ss_db_stmt(db, "series/versions_point", &st, err);

	if (r < 0)
		return r;
	ss_bind_i64(st, 1, series);
	ss_bind_i64(st, 2, time_us);
	while ((r = ss_step(st, err)) > 0) {
		struct ss_ver v = {time_us, ss_col_number(st, 2), (uint64_t)ss_col_i64(st, 1),
				   (uint8_t)ss_col_i64(st, 3)};

		r = ss_merge_version(m, v);
		if (r < 0)
			break;
	}
	ss_stmt_reset(st);
	return r;
}

int ss_store_version_put(struct ss_db *db, int32_t series, const struct ss_ver *v, size_t no,
			 struct ss_error *err)
{
	struct ss_stmt *st;
	int r = ss_db_stmt(db, "series/version_put", &st, err);

	if (r < 0)
		return r;
	ss_bind_i64(st, 1, series);
	ss_bind_i64(st, 2, v->time_us);
	ss_bind_i64(st, 3, (int64_t)no);
	ss_bind_i64(st, 4, (int64_t)v->seq);
	ss_bind_number(st, 5, v->value);
	ss_bind_i64(st, 6, v->mark);
	int64_t n = ss_run(st, err);

	return n < 0 ? (int)n : 0;
}

int ss_store_dirty_add(struct ss_db *db, int32_t series, int64_t hour, struct ss_error *err)
{
	struct ss_stmt *st;
	int r = ss_db_stmt(db, "series/dirty_add", &st, err);

	if (r < 0)
		return r;
	ss_bind_i64(st, 1, series);
	ss_bind_i64(st, 2, hour);
	int64_t n = ss_run(st, err);

	return n < 0 ? (int)n : 0;
}
