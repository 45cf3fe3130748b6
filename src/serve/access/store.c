/* Between the rows and the database. The MAC covers kind, id and body, so that a row can neither be
 * changed nor stand in another's place. */
#include "serve/access/access_internal.h"

#include "access_sql.h"

#define BODY_MAX (64u << 10)

static int mac_of(const struct ss_access *a, struct ss_str kind, struct ss_str id,
		  struct ss_str body, uint8_t out[SS_SM3_LEN])
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(BODY_MAX + 200);

	ss_buf_adds(&b, kind);
	ss_buf_addc(&b, 0);
	ss_buf_adds(&b, id);
	ss_buf_addc(&b, 0);
	ss_buf_adds(&b, body);
	return b.err ? b.err : ss_hmac_sm3(a->key, sizeof(a->key), b.p, b.n, out);
}

int ssa_store_open(struct ss_access *a, struct ss_error *err)
{
	static const char *const features[] = {"access", NULL};
	int r;

	ss_access_sql();
	r = ss_db_open(a->url, NULL, SS_DB_WRITER, &a->db, err);
	return r == 0 ? ss_db_migrate(a->db, features, err) : r;
}

/* A lost connection is opened again by the next write. */
static int ready(struct ss_access *a, struct ss_error *err)
{
	return a->db ? 0 : ssa_store_open(a, err);
}

static int note(struct ss_access *a, int r)
{
	if (r == SS_EGONE || r == SS_EIO) {
		ss_db_close(a->db);
		a->db = NULL;
	}
	return r;
}

static int load_row(struct ss_access *a, struct ss_stmt *st,
		    int (*fn)(struct ss_access *, struct ss_str, struct ss_str, const json_t *))
{
	struct ss_str kind = ss_col_str(st, 0), id = ss_col_str(st, 1), body = ss_col_str(st, 2),
		      mac = ss_col_blob(st, 3);
	uint8_t want[SS_SM3_LEN];
	json_t *v = NULL;
	int r;

	if (body.n > BODY_MAX || mac.n != SS_SM3_LEN || mac_of(a, kind, id, body, want) < 0 ||
	    !ss_same_bytes(want, mac.p, SS_SM3_LEN) || ss_json_parse(body, &v, NULL) < 0) {
		a->damaged++; /* refused; said by the caller */
		return 0;
	}
	r = fn(a, kind, id, v);
	json_decref(v);
	return r;
}

int ssa_store_load(struct ss_access *a,
		   int (*fn)(struct ss_access *, struct ss_str, struct ss_str, const json_t *),
		   struct ss_error *err)
{
	struct ss_stmt *st;
	int r = ss_db_stmt(a->db, "access/list", &st, err), load = 0;

	if (r < 0)
		return r;
	while (load == 0 && (r = ss_step(st, err)) == 1)
		load = load_row(a, st, fn);
	ss_stmt_reset(st);
	return load < 0 ? load : r;
}

int ssa_store_put(struct ss_access *a, const char *kind, const char *id, const struct ss_buf *body,
		  struct ss_error *err)
{
	uint8_t mac[SS_SM3_LEN];
	struct ss_stmt *st;
	int64_t n = 0;
	int r = body->err ? body->err
			  : mac_of(a, ss_str_of(kind), ss_str_of(id), ss_buf_str(body), mac);

	if (r == 0)
		r = ready(a, err);
	if (r == 0)
		r = ss_db_stmt(a->db, "access/put", &st, err);
	if (r == 0)
		r = ss_bind_z(st, 1, kind);
	if (r == 0)
		r = ss_bind_z(st, 2, id);
	if (r == 0)
		r = ss_bind_str(st, 3, ss_buf_str(body));
	if (r == 0)
		r = ss_bind_blob(st, 4, mac, sizeof(mac));
	if (r == 0)
		n = ss_run(st, err);
	return note(a, r < 0 ? r : n < 0 ? (int)n : 0);
}

int ssa_store_del(struct ss_access *a, const char *kind, const char *id, struct ss_error *err)
{
	struct ss_stmt *st;
	int64_t n = 0;
	int r = ready(a, err);

	if (r == 0)
		r = ss_db_stmt(a->db, "access/del", &st, err);
	if (r == 0)
		r = ss_bind_z(st, 1, kind);
	if (r == 0)
		r = ss_bind_z(st, 2, id);
	if (r == 0)
		n = ss_run(st, err);
	return note(a, r < 0 ? r : n < 0 ? (int)n : 0);
}
