/* Forward migrations, each in its own transaction together with its row in schema_migration: after
 * a kill at any moment the database holds whole migrations only, and the next start goes on. */
#include "record/db/db_internal.h"

#include <stdlib.h>

#include "base/crypto.h"

#define DIGEST_HEX (2 * SS_SM3_LEN + 1)

struct migration {
	struct ss_str feature;
	int64_t number;
	const char *name; /* "0001-what" */
	const char *sql;
	char digest[DIGEST_HEX];
	bool done;
};

struct plan {
	struct migration *list;
	size_t count;
};

static int describe(const struct ss_sql_entry *e, enum ss_db_engine engine, struct migration *m)
{
	const char *slash = strchr(e->name, '/');
	uint8_t digest[SS_SM3_LEN];
	int r;

	m->feature = ss_str_n(e->name, (size_t)(slash - e->name));
	m->name = strrchr(e->name, '/') + 1;
	m->sql = ss_sql_text(e->name, engine);
	r = ss_parse_i64(ss_str_n(m->name, 4), &m->number);
	if (r == 0)
		r = ss_sm3(m->sql, strlen(m->sql), digest);
	if (r == 0) {
		ss_hex_encode(m->digest, digest, sizeof(digest));
		m->digest[DIGEST_HEX - 1] = 0;
	}
	return r;
}

/* The program's migrations of one feature, in order of number (the table is sorted by name). */
static int collect(const char *feature, enum ss_db_engine engine, struct plan *p)
{
	const struct ss_sql_entry *all;
	size_t n = ss_sql_all(&all), len = strlen(feature);
	int r = 0;

	for (size_t i = 0; i < n && r == 0; i++) {
		if (!all[i].migration || strncmp(all[i].name, feature, len) != 0 ||
		    all[i].name[len] != '/')
			continue;
		struct migration *list =
		    reallocarray(p->list, p->count + 1, sizeof(struct migration));
		if (!list)
			return SS_ENOMEM;
		p->list = list;
		list[p->count] = (struct migration){0};
		r = describe(&all[i], engine, &list[p->count]);
		p->count++;
	}
	return r;
}

static struct migration *known(struct plan *p, int64_t number)
{
	for (size_t i = 0; i < p->count; i++)
		if (p->list[i].number == number)
			return &p->list[i];
	return NULL;
}

static int check_row(struct plan *p, const char *feature, struct ss_stmt *st, struct ss_error *err)
{
	int64_t number = ss_col_i64(st, 0);
	struct ss_str name = ss_col_str(st, 1);
	struct migration *m = known(p, number);

	if (!m)
		return ss_error_set(
		    err, SS_EVERSION,
		    "数据库的结构 %s/" SS_STR_FMT
		    " 比本程序新：请用新版程序打开；the database was migrated by a newer program "
		    "(%s/" SS_STR_FMT "): open it with that one",
		    feature, SS_STR_ARG(name), feature, SS_STR_ARG(name));
	if (!ss_str_is(ss_col_str(st, 2), m->digest))
		return ss_error_set(
		    err, SS_EVERSION,
		    "数据库结构 %s/%s 与本程序的文本不同（摘要不符）；the migration %s/%s that "
		    "was run differs from this program's text (digest)",
		    feature, m->name, feature, m->name);
	m->done = true;
	return 0;
}

static int read_done(struct ss_db *db, const char *feature, struct plan *p, struct ss_error *err)
{
	struct ss_stmt *st;
	int r = ss_db_stmt(db, "db/migration_list", &st, err), step;

	if (r < 0)
		return r;
	ss_bind_z(st, 1, feature);
	while ((step = ss_step(st, err)) == 1) {
		r = check_row(p, feature, st, err);
		if (r < 0)
			break;
	}
	ss_stmt_reset(st);
	return r < 0 ? r : step;
}

static void hook(struct ss_db *db, int statement)
{
	if (db->migrate_hook)
		db->migrate_hook(db->migrate_arg, statement);
}

static int record(struct ss_db *db, const struct migration *m, struct ss_error *err)
{
	struct ss_stmt *st;
	int r = ss_db_stmt(db, "db/migration_add", &st, err);

	if (r < 0)
		return r;
	ss_bind_str(st, 1, m->feature);
	ss_bind_i64(st, 2, m->number);
	ss_bind_z(st, 3, m->name);
	ss_bind_z(st, 4, m->digest);
	ss_bind_i64(st, 5, ss_time_now());
	int64_t n = ss_run(st, err);
	return n < 0 ? (int)n : 0;
}

static int run_texts(struct ss_db *db, const struct migration *m, struct ss_error *err)
{
	struct ss_str rest = ss_str_of(m->sql), one;
	int i = 0, r = 0;

	while (r == 0 && ss_sql_next(&rest, &one)) {
		hook(db, i++);
		r = ss_db_exec(db, one, err);
	}
	hook(db, i++);
	if (r == 0)
		r = record(db, m, err);
	hook(db, i);
	return r;
}

/* Several programs may start at once on one PostgreSQL: the second waits, then finds it done. */
static int take_turn(struct ss_db *db, struct ss_error *err)
{
	if (ss_db_engine(db) != SS_DB_PGSQL)
		return 0; /* begin immediate by the only writer */
	return ss_db_exec(db, SS_STR("select pg_advisory_xact_lock(7307081)"), err);
}

static int run_one(struct ss_db *db, const char *feature, struct plan *p, struct migration *m,
		   struct ss_error *err)
{
	int r = ss_db_begin(db, err);

	if (r < 0)
		return r;
	r = take_turn(db, err);
	if (r == 0)
		r = read_done(db, feature, p, err);
	if (r == 0 && !m->done)
		r = run_texts(db, m, err);
	if (r == 0)
		r = ss_db_commit(db, err);
	if (r < 0) {
		ss_db_rollback(db);
		ss_error_prefix(err, "%s/%s", feature, m->name);
	}
	return r;
}

static int migrate_feature(struct ss_db *db, const char *feature, struct ss_error *err)
{
	struct plan p = {0};
	int r = collect(feature, ss_db_engine(db), &p);

	if (r == 0)
		r = read_done(db, feature, &p, err);
	for (size_t i = 0; i < p.count && r == 0; i++)
		if (!p.list[i].done)
			r = run_one(db, feature, &p, &p.list[i], err);
	free(p.list);
	return r;
}

static int make_table(struct ss_db *db, struct ss_error *err)
{
	int r = ss_db_begin(db, err);

	if (r < 0)
		return r;
	r = take_turn(db, err);
	if (r == 0)
		r = ss_db_exec(db, ss_str_of(ss_sql_text("db/migration_table", ss_db_engine(db))),
			       err);
	if (r == 0)
		return ss_db_commit(db, err);
	ss_db_rollback(db);
	return r;
}

int ss_db_migrate(struct ss_db *db, const char *const *features, struct ss_error *err)
{
	int r;

	if (db->role != SS_DB_WRITER)
		return ss_error_set(err, SS_ESTATE,
				    "只有写入者可以升级结构；only the writer migrates");
	r = make_table(db, err);
	for (; r == 0 && *features; features++)
		r = migrate_feature(db, *features, err);
	return r;
}
