/* Between the registry's records and the database. */
#include <math.h>
#include <stdlib.h>

#include "base/base.h"
#include "record/registry/registry_internal.h"
#include "registry_sql.h"

int ss_registry_store_open(struct ss_registry *r, struct ss_error *err)
{
	static const char *const features[] = {"registry", NULL};
	struct ss_db *db;
	int res;

	ss_registry_sql();
	res = ss_db_open(r->url, NULL, r->read_only ? SS_DB_READER : SS_DB_WRITER, &db, err);
	if (res < 0)
		return res;
	res = r->read_only ? 0 : ss_db_migrate(db, features, err);
	if (res < 0) {
		ss_db_close(db);
		return res;
	}
	r->db = db;
	r->lost = false;
	return 0;
}

/* A lost PostgreSQL connection, or a file that failed to sync, is opened anew by the next call. */
static int note(struct ss_registry *r, int res)
{
	if (res == SS_EGONE || res == SS_EIO)
		r->lost = true;
	return res;
}

int ss_registry_store_ready(struct ss_registry *r, struct ss_error *err)
{
	struct ss_snapshot *s;
	int res;

	if (!r->lost)
		return 0;
	ss_db_close(r->db);
	r->db = NULL;
	res = ss_registry_store_open(r, err);
	if (res < 0)
		return res;
	res = ss_registry_store_load(r, &s, err);
	if (res < 0)
		return note(r, res);
	/* All of the old snapshot's records go with it. */
	struct ss_snapshot *old = atomic_load(&r->now);
	free(s->replaced.p);
	s->replaced = (struct ss_reg_list){0};
	struct ss_reg_list all = {malloc((old->sites.n + old->devices.n + 1) * sizeof(void *)), 0,
				  old->sites.n + old->devices.n + 1};
	if (!all.p) {
		ss_snapshot_discard(s);
		r->lost = true;
		return SS_ENOMEM;
	}
	for (size_t i = 0; i < old->sites.n; i++)
		all.p[all.n++] = old->sites.p[i];
	for (size_t i = 0; i < old->devices.n; i++)
		all.p[all.n++] = old->devices.p[i];
	s->replaced = all;
	ss_registry_publish(r, s);
	return 0;
}

static double number_or_nan(struct ss_stmt *st, int i)
{
	return ss_col_null(st, i) ? NAN : ss_col_double(st, i);
}

static int read_site(struct ss_registry *r, struct ss_stmt *st, struct ss_snapshot *s,
		     struct ss_error *err)
{
	(void)r;
	struct ss_site x = {.id = ss_col_i64(st, 0)};

	if (ss_site_kind_parse(ss_col_str(st, 4), &x.kind) < 0)
		return ss_error_set(err, SS_ECORRUPT, "有不认识的站点类别；unknown kind of site");
	ss_str_copy(x.uid, sizeof(x.uid), ss_col_str(st, 1));
	ss_str_copy(x.code, sizeof(x.code), ss_col_str(st, 2));
	ss_str_copy(x.name, sizeof(x.name), ss_col_str(st, 3));
	ss_str_copy(x.district, sizeof(x.district), ss_col_str(st, 5));
	x.lon = number_or_nan(st, 6);
	x.lat = number_or_nan(st, 7);
	ss_str_copy(x.state, sizeof(x.state), ss_col_str(st, 8));
	for (int i = 0; i < SS_ATTRIBUTE_COUNT_; i++)
		ss_str_copy(x.attribute[i], sizeof(x.attribute[i]), ss_col_str(st, 9 + i));
	return ss_snapshot_put_site(s, &x);
}

static int read_device(struct ss_registry *r, struct ss_stmt *st, struct ss_snapshot *s,
		       struct ss_error *err)
{
	struct ss_device d = {.site = ss_col_i64(st, 1)};
	struct ss_str key = ss_col_blob(st, 9);

	ss_str_copy(d.mn, sizeof(d.mn), ss_col_str(st, 0));
	ss_str_copy(d.point, sizeof(d.point), ss_col_str(st, 2));
	ss_str_copy(d.edition, sizeof(d.edition), ss_col_str(st, 3));
	ss_str_copy(d.system, sizeof(d.system), ss_col_str(st, 4));
	ss_str_copy(d.pw, sizeof(d.pw), ss_col_str(st, 5));
	d.accept_wrong_len = ss_col_i64(st, 6);
	d.accept_modbus_crc = ss_col_i64(st, 7);
	d.stamps_period_end = ss_col_i64(st, 8);
	if (key.n && r->keys) {
		int res = ss_keyring_unseal(r->keys, key, &d);

		if (res < 0)
			return ss_error_set(
			    err, res,
			    "设备 %s 的密钥不能用这个节点密钥文件打开；the keys of this "
			    "device were sealed under another key file",
			    d.mn);
	}
	d.interval_s = (int32_t)ss_col_i64(st, 10);
	d.registered_us = ss_col_i64(st, 11);
	return ss_snapshot_put_device(s, &d);
}

static int read_all(struct ss_registry *r, const char *name, struct ss_snapshot *s,
		    int (*read)(struct ss_registry *, struct ss_stmt *, struct ss_snapshot *,
				struct ss_error *),
		    struct ss_error *err)
{
	struct ss_stmt *st;
	int res = ss_db_stmt(r->db, name, &st, err), step = 0;

	if (res < 0)
		return res;
	while (res == 0 && (step = ss_step(st, err)) == 1)
		res = read(r, st, s, err);
	ss_stmt_reset(st);
	return res < 0 ? res : step;
}

static int read_last_id(struct ss_registry *r, struct ss_error *err)
{
	struct ss_stmt *st;
	int res = ss_db_stmt(r->db, "registry/site_last_id", &st, err);

	if (res == 0)
		res = ss_step(st, err);
	if (res < 0)
		return res;
	r->last_site_id = ss_col_i64(st, 0);
	ss_stmt_reset(st);
	return 0;
}

int ss_registry_store_load(struct ss_registry *r, struct ss_snapshot **ret, struct ss_error *err)
{
	struct ss_snapshot *s = ss_snapshot_copy(NULL, 1024, 1024);
	int res;

	if (!s)
		return SS_ENOMEM;
	res = read_last_id(r, err);
	if (res == 0)
		res = read_all(r, "registry/site_list", s, read_site, err);
	if (res == 0)
		res = read_all(r, "registry/device_list", s, read_device, err);
	if (res < 0) {
		ss_snapshot_discard(s);
		return res;
	}
	*ret = s;
	return 0;
}

static void bind_degree(struct ss_stmt *st, int i, double v)
{
	if (isnan(v))
		ss_bind_null(st, i);
	else
		ss_bind_double(st, i, v);
}

static int put_attributes(struct ss_registry *r, const struct ss_site *s, struct ss_error *err)
{
	static const char *const keys[] = {
#define X(name, key, zh) key,
	    SS_SITE_ATTRIBUTES(X)
#undef X
	};
	struct ss_stmt *st;
	int res = ss_db_stmt(r->db, "registry/site_attribute_put", &st, err);

	if (res < 0)
		return note(r, res);
	for (int i = 0; i < SS_ATTRIBUTE_COUNT_; i++) {
		if (!s->attribute[i][0])
			continue;
		ss_bind_i64(st, 1, s->id);
		ss_bind_z(st, 2, keys[i]);
		ss_bind_z(st, 3, s->attribute[i]);
		ss_bind_i64(st, 4, ss_time_now());
		int64_t n = ss_run(st, err);
		if (n < 0)
			return note(r, (int)n);
	}
	return 0;
}

int ss_registry_store_put_site(struct ss_registry *r, const struct ss_site *s, struct ss_error *err)
{
	struct ss_stmt *st;
	int res = ss_db_stmt(r->db, "registry/site_put", &st, err);

	if (res < 0)
		return note(r, res);
	ss_bind_i64(st, 1, s->id);
	ss_bind_z(st, 2, s->uid);
	ss_bind_z(st, 3, s->code);
	ss_bind_z(st, 4, s->name);
	ss_bind_z(st, 5, ss_site_kind_key(s->kind));
	ss_bind_z(st, 6, s->district);
	bind_degree(st, 7, s->lon);
	bind_degree(st, 8, s->lat);
	ss_bind_z(st, 9, s->state);
	ss_bind_i64(st, 10, ss_time_now());
	int64_t n = ss_run(st, err);
	return n < 0 ? note(r, (int)n) : put_attributes(r, s, err);
}

int ss_registry_store_put_device(struct ss_registry *r, const struct ss_device *d,
				 struct ss_error *err)
{
	uint8_t sealed[SS_KEYRING_MAX];
	size_t sealed_n = 0;
	struct ss_stmt *st;
	int res = d->has_sm4_key ? ss_keyring_seal(r->keys, d, sealed, &sealed_n) : 0;

	if (res < 0)
		return ss_error_set(
		    err, res,
		    "设备 %s 的密钥无法保存：没有节点密钥文件；its key cannot be kept: "
		    "there is no key file of the node",
		    d->mn);
	res = ss_db_stmt(r->db, "registry/device_put", &st, err);
	if (res < 0)
		return note(r, res);
	ss_bind_z(st, 1, d->mn);
	ss_bind_i64(st, 2, d->site);
	ss_bind_z(st, 3, d->point);
	ss_bind_z(st, 4, d->edition);
	ss_bind_z(st, 5, d->system);
	ss_bind_z(st, 6, d->pw);
	ss_bind_i64(st, 7, d->accept_wrong_len);
	ss_bind_i64(st, 8, d->accept_modbus_crc);
	ss_bind_i64(st, 9, d->stamps_period_end);
	if (d->has_sm4_key)
		ss_bind_blob(st, 10, sealed, sealed_n);
	else
		ss_bind_null(st, 10);
	ss_bind_i64(st, 11, d->interval_s);
	ss_bind_i64(st, 12, d->registered_us);
	ss_bind_i64(st, 13, ss_time_now());
	int64_t n = ss_run(st, err);
	return n < 0 ? note(r, (int)n) : 0;
}

int ss_registry_store_put_unknown(struct ss_registry *r, const struct ss_unknown *u,
				  struct ss_error *err)
{
	struct ss_stmt *st;
	int res = ss_db_stmt(r->db, "registry/unknown_put", &st, err);

	if (res < 0)
		return note(r, res);
	ss_bind_z(st, 1, u->mn);
	ss_bind_z(st, 2, u->system);
	ss_bind_z(st, 3, u->peer);
	ss_bind_i64(st, 4, u->first_us);
	ss_bind_i64(st, 5, u->last_us);
	ss_bind_i64(st, 6, u->frames);
	ss_bind_i64(st, 7, (int64_t)u->first_seq);
	ss_bind_i64(st, 8, (int64_t)u->last_seq);
	int64_t n = ss_run(st, err);
	return n < 0 ? note(r, (int)n) : 0;
}

int ss_registry_store_forget_unknown(struct ss_registry *r, struct ss_str mn, struct ss_error *err)
{
	struct ss_stmt *st;
	int res = ss_db_stmt(r->db, "registry/unknown_forget", &st, err);

	if (res < 0)
		return note(r, res);
	ss_bind_str(st, 1, mn);
	int64_t n = ss_run(st, err);
	return n < 0 ? note(r, (int)n) : 0;
}

static void read_unknown(struct ss_stmt *st, struct ss_unknown *u)
{
	*u = (struct ss_unknown){0};
	ss_str_copy(u->mn, sizeof(u->mn), ss_col_str(st, 0));
	ss_str_copy(u->system, sizeof(u->system), ss_col_str(st, 1));
	ss_str_copy(u->peer, sizeof(u->peer), ss_col_str(st, 2));
	u->first_us = ss_col_i64(st, 3);
	u->last_us = ss_col_i64(st, 4);
	u->frames = ss_col_i64(st, 5);
	u->first_seq = (uint64_t)ss_col_i64(st, 6);
	u->last_seq = (uint64_t)ss_col_i64(st, 7);
}

int ss_registry_store_load_unknowns(struct ss_registry *r,
				    int (*fn)(void *, const struct ss_unknown *), void *arg,
				    struct ss_error *err)
{
	struct ss_unknown u;
	struct ss_stmt *st;
	int res = ss_db_stmt(r->db, "registry/unknown_list", &st, err), step = 0;

	if (res < 0)
		return res;
	while (res == 0 && (step = ss_step(st, err)) == 1) {
		read_unknown(st, &u);
		res = fn(arg, &u);
	}
	ss_stmt_reset(st);
	return res < 0 ? res : step;
}

int ss_registry_store_begin(struct ss_registry *r, struct ss_error *err)
{
	if (r->read_only)
		return ss_error_set(err, SS_ESTATE, "登记库只读；the registry is open for reading");
	return note(r, ss_db_begin(r->db, err));
}

int ss_registry_store_end(struct ss_registry *r, int res, struct ss_error *err)
{
	if (res < 0) {
		ss_db_rollback(r->db);
		return note(r, res);
	}
	return note(r, ss_db_commit(r->db, err));
}
