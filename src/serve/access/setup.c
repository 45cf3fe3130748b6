/* The first three administrators, by the one-time token of a fresh house. */
#include "serve/access/access_internal.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/os.h"

#define TOKEN_LEN 32

static void path_of(const struct ss_access *a, const char *name, char *out, size_t cap)
{
	snprintf(out, cap, "%s/%s", a->data, name);
}

/* Random, for this file only; its being there says that setting up is still to be done. */
int ssa_setup_prepare(struct ss_access *a, struct ss_error *err)
{
	char path[1024], done[1024], text[TOKEN_LEN + 2];
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(200);
	uint8_t random[TOKEN_LEN / 2];
	int r;

	path_of(a, "access.set", done, sizeof(done));
	path_of(a, "setup.token", path, sizeof(path));
	if (access(done, F_OK) == 0) /* rows that went missing do not open the house again */
		atomic_store(&a->has_admin, true);
	if (atomic_load(&a->has_admin)) {
		ss_os()->unlink(path);
		return 0;
	}
	if (ss_file_read(path, &b) == 0 && b.n == TOKEN_LEN + 1)
		return 0;
	r = ss_os()->random(random, sizeof(random));
	if (r >= 0) {
		ss_hex_encode(text, random, sizeof(random));
		text[TOKEN_LEN] = '\n';
		r = ss_file_write_atomic(path, text, TOKEN_LEN + 1, 0600);
	}
	explicit_bzero(random, sizeof(random));
	explicit_bzero(text, sizeof(text));
	if (r < 0)
		return ss_error_set(
		    err, r, "写不了一次性口令 %s；cannot write the one-time token %s", path, path);
	ss_log_info("access",
		    "尚无管理员，一次性口令在文件里 no administrator yet, the one-time token is in",
		    "file=%s", path);
	return 0;
}

static bool token_is(const struct ss_access *a, struct ss_str token)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(200);
	char path[1024];
	bool same;

	path_of(a, "setup.token", path, sizeof(path));
	if (ss_file_read(path, &b) < 0 || b.n != TOKEN_LEN + 1)
		return false;
	token = ss_str_trim(token);
	same = token.n == TOKEN_LEN && ss_same_bytes(token.p, b.p, TOKEN_LEN);
	explicit_bzero(b.p, b.n);
	return same;
}

static bool same_number(struct ss_str x, struct ss_str y)
{
	x = ss_str_trim(x);
	return x.n && ss_str_eq_nocase(x, ss_str_trim(y));
}

/* Each of the three kinds once. */
static int check_three(const json_t *admins, struct ss_error *err)
{
	bool seen[4] = {false};

	if (json_array_size(admins) != 3)
		return ssa_fault(err, "admins", "须恰好三位：系统、安全、审计管理员",
				 "exactly three: system, security, audit");
	for (size_t i = 0; i < 3; i++) {
		const json_t *x = json_array_get(admins, i), *y;
		const struct ssa_role *role = ssa_role(ss_json_get_str(x, "role"));

		if (!role || role->kind == SSA_BUSINESS || seen[role->kind])
			return ssa_fault(err, "admins", "角色须是三种管理员各一",
					 "each of the three kinds once");
		seen[role->kind] = true;
		for (size_t k = 0; k < i; k++) {
			y = json_array_get(admins, k);
			if (ss_str_eq_nocase(ss_str_trim(ss_json_get_str(x, "login")),
					     ss_str_trim(ss_json_get_str(y, "login"))) ||
			    ss_str_eq(ss_str_trim(ss_json_get_str(x, "name")),
				      ss_str_trim(ss_json_get_str(y, "name"))) ||
			    same_number(ss_json_get_str(x, "staff_no"),
					ss_json_get_str(y, "staff_no")) ||
			    ss_str_eq(ss_json_get_str(x, "password"),
				      ss_json_get_str(y, "password")))
				return ssa_fault(err, "admins", "须是三个不同的人，口令也不同",
						 "three different people with three passwords");
		}
	}
	return 0;
}

static int grant_first(struct ss_access *a, const struct ssa_user *u, const struct ssa_role *role,
		       struct ss_error *err)
{
	struct ssa_grant *g = calloc(1, sizeof(*g));
	int r = g ? ss_uuid7(g->id) : SS_ENOMEM;

	if (r < 0) {
		free(g);
		return r;
	}
	g->role = role;
	ss_str_copy(g->user, sizeof(g->user), ss_str_of(u->id));
	ss_str_copy(g->granted_by, sizeof(g->granted_by), SS_STR("setup"));
	ss_str_copy(g->reason, sizeof(g->reason), SS_STR("首次设置 first set-up"));
	g->from_us = g->at_us = ssa_now(a);
	g->to_us = g->revoked_us = INT64_MAX;
	r = ssa_grant_add(a, g, err);
	if (r < 0)
		free(g);
	return r;
}

/* One transaction: all three, or none. With the lock. */
static int put_three(struct ss_access *a, const json_t *admins, struct ssa_user *users[3],
		     struct ss_error *err)
{
	char path[1024];
	int r;

	if (atomic_load(&a->has_admin))
		return ss_error_set(err, SS_ESTATE, "已设置过管理员；administrators exist already");
	r = ss_db_begin(a->db, err);
	for (int i = 0; r == 0 && i < 3; i++) {
		const json_t *x = json_array_get(admins, (size_t)i);

		r = ssa_user_add(a, x, users[i], err);
		if (r == 0)
			r = grant_first(a, users[i], ssa_role(ss_json_get_str(x, "role")), err);
	}
	if (r == 0) {
		path_of(a, "access.set", path, sizeof(path));
		r = ss_file_write_atomic(path, "1\n", 2, 0600);
	}
	if (r == 0)
		return ss_db_commit(a->db, err);
	ss_db_rollback(a->db);
	return r;
}

int ss_access_setup(struct ss_access *a, struct ss_str token, const json_t *admins,
		    struct ss_error *err)
{
	struct ssa_user *users[3] = {0};
	char path[1024];
	int r = check_three(admins, err);

	if (atomic_load(&a->has_admin))
		return ss_error_set(err, SS_ESTATE, "已设置过管理员；administrators exist already");
	if (!token_is(a, token))
		return ss_error_set(err, SS_EDENIED, "一次性口令不对；the one-time token is wrong");
	for (size_t i = 0; r == 0 && i < 3; i++)
		r = ssa_user_admin(a, json_array_get(admins, i), &users[i], err);
	if (r < 0)
		return r;
	pthread_rwlock_wrlock(&a->lock);
	r = put_three(a, admins, users, err);
	pthread_rwlock_unlock(&a->lock);
	if (r < 0)
		return r; /* what was made stays in memory until the end: the house is closed */
	path_of(a, "setup.token", path, sizeof(path));
	ss_os()->unlink(path);
	ssa_changed(a);
	return 0;
}
