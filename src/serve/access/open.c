/* Opening, closing, and what is done now and then. */
#include "serve/access/access_internal.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/os.h"
#include "record/journal/journal.h"

#define KEEP_US (5 * SS_US_PER_SEC)
#define WRITE_SEEN_US (60 * SS_US_PER_SEC)

const struct ss_option ss_access_options[] = {
    SS_OPTION(struct ss_access_settings, DURATION, idle_us, "access.idle", "1800s",
	      "会话多久不用就结束", "a session without a request ends after", .min = SS_US_PER_SEC,
	      .max = SS_US_PER_DAY),
    SS_OPTION(struct ss_access_settings, DURATION, session_us, "access.session", "43200s",
	      "会话最长多久", "a session ends after, whatever is done", .min = SS_US_PER_SEC,
	      .max = 7 * SS_US_PER_DAY),
    SS_OPTION(struct ss_access_settings, INT, lock_tries, "access.lock_tries", "5",
	      "口令错几次锁定账号", "wrong passwords until an account is locked", .min = 1,
	      .max = 100),
    SS_OPTION(struct ss_access_settings, DURATION, lock_us, "access.lock", "900s", "锁定多久",
	      "for how long it is locked", .min = SS_US_PER_SEC, .max = 7 * SS_US_PER_DAY),
    SS_OPTION(struct ss_access_settings, INT, password_days, "access.password_days", "90",
	      "口令多少天须更换，0 为不须",
	      "a password must be changed after so many days, 0 = never", .max = 3650),
    SS_OPTION(struct ss_access_settings, INT, idle_days, "access.idle_days", "90",
	      "账号多少天不用就停用", "an account nobody used for so many days is locked", .min = 1,
	      .max = 3650),
    SS_OPTION(struct ss_access_settings, INT, iterations, "access.iterations", "100000",
	      "PBKDF2 的迭代次数", "iterations of PBKDF2", .min = 1000, .max = 10000000),
    SS_OPTION(struct ss_access_settings, INT, address_tries, "access.address_tries", "60",
	      "一个地址每分钟最多登录几次", "sign-ins a minute from one address", .min = 1,
	      .max = 1000000),
    SS_OPTION(struct ss_access_settings, INT, review_days, "access.review_days", "0",
	      "每季度开始多少天后，未复核的业务授权自动结束；0 为不自动",
	      "days into a quarter after which assignments nobody reviewed end; 0 = never",
	      .max = 90),
    SS_OPTION(struct ss_access_settings, DURATION, step_us, "access.step_up", "300s",
	      "授权、披露之前，多久以前的动态码须重验",
	      "before granting or disclosing, a code shown longer ago is asked for again",
	      .min = SS_US_PER_SEC, .max = SS_US_PER_DAY),
    SS_OPTION(struct ss_access_settings, STRING, issuer, "access.issuer", "",
	      "单点登录的对外网址，如 https://shanshui.example；空为请求里的 Host",
	      "address that single sign-on is known by; empty = as asked"),
    SS_OPTION(struct ss_access_settings, STRING, admin_from, "access.admin_from", "",
	      "三员只能从这些网段登录与管理，逗号分隔，如 10.1.0.0/16,2001:db8::/32；空为不限",
	      "ranges of addresses that administrators may come from, comma between; empty = "
	      "anywhere"),
    {0},
};

/* The key of the MACs and of what is sealed: beside the data, not among them. */
static int load_key(struct ss_access *a, struct ss_error *err)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(200);
	char path[1024], hex[65];
	size_t n = 0;
	int r;

	snprintf(path, sizeof(path), "%s/access.key", a->data);
	r = ss_file_read(path, &b);
	if (r == SS_ENOTFOUND) {
		r = ss_os()->random(a->key, sizeof(a->key));
		ss_hex_encode(hex, a->key, sizeof(a->key));
		hex[64] = '\n';
		if (r >= 0)
			r = ss_file_write_atomic(path, hex, sizeof(hex), 0600);
		explicit_bzero(hex, sizeof(hex));
	} else if (r >= 0) {
		r = ss_hex_decode(ss_str_trim(ss_buf_str(&b)), a->key, sizeof(a->key), &n);
		if (r >= 0 && n != sizeof(a->key))
			r = SS_ECORRUPT;
		explicit_bzero(b.p, b.n);
	}
	return r < 0 ? ss_error_set(err, r,
				    "读不了密钥文件 %s（%s）；the key file %s cannot be read: %s",
				    path, ss_err_zh(r), path, ss_err_en(r))
		     : 0;
}

static void say_damaged(struct ss_access *a)
{
	char detail[64];

	if (!a->damaged)
		return;
	ss_log_error("access",
		     "有账号授权记录被动过，已不采信 rows were tampered with and are refused",
		     "rows=%lld", (long long)a->damaged);
	snprintf(detail, sizeof(detail), "{\"rows\":%lld}", (long long)a->damaged);
	ss_audit_note(a->audit, &(struct ss_audit_row){.at_us = ss_time_now(),
						       .actor = SS_STR("job:access"),
						       .via = SS_STR("job"),
						       .action = SS_STR("access.damaged"),
						       .target = SS_STR("access"),
						       .outcome = SS_STR("failed"),
						       .detail = ss_str_of(detail)});
}

static int64_t last_use(const struct ssa_user *u)
{
	int64_t used = u->last_login_us > u->created_us ? u->last_login_us : u->created_us;

	return used > u->opened_us ? used : u->opened_us;
}

/* Ended sessions go, long unused accounts are locked, what was last seen is written. */
static void tidy(struct ss_access *a)
{
	int64_t now = ssa_now(a);

	pthread_rwlock_wrlock(&a->lock);
	for (size_t i = a->sessions.n; i-- > 0;) {
		struct ssa_session *s = a->sessions.p[i];
		int64_t seen = atomic_load(&s->seen_us);

		if (now - seen > a->s.idle_us || now - s->created_us > a->s.session_us ||
		    (s->cert[0] && !ssa_cert_good(a, s->cert))) {
			ssa_store_del(a, "session", s->id, NULL);
			ssa_remove(&a->sessions, ss_str_of(s->id));
			free(s);
		} else if (seen - s->written_us > WRITE_SEEN_US &&
			   ssa_session_save(a, s, NULL) == 0) {
			s->written_us = seen;
		}
	}
	ssa_ca_tidy(a);
	ssa_sso_tidy(a);
	ssa_review_tidy(a);
	for (size_t i = 0; i < a->users.n; i++) {
		struct ssa_user *u = a->users.p[i], next = *u;

		if (u->status != SSA_ACTIVE || now - last_use(u) < a->s.idle_days * SS_US_PER_DAY)
			continue;
		next.status = SSA_LOCKED;
		if (ssa_user_save(a, &next, NULL) == 0)
			*u = next;
		ssa_changed(a);
	}
	pthread_rwlock_unlock(&a->lock);
}

static void *keeper(void *arg)
{
	struct ss_access *a = arg;

	pthread_mutex_lock(&a->keeper_lock);
	while (!a->stopping) {
		pthread_mutex_unlock(&a->keeper_lock);
		tidy(a);
		pthread_mutex_lock(&a->keeper_lock);
		if (!a->stopping)
			ss_cond_wait_until(&a->keeper_end, &a->keeper_lock,
					   ss_time_mono() + KEEP_US);
	}
	pthread_mutex_unlock(&a->keeper_lock);
	return NULL;
}

/* Sessions that a backup brought back end: whoever had one was perhaps shut out since. */
static int end_restored(struct ss_access *a, struct ss_error *err)
{
	struct ss_epoch e;
	char journal[1024];
	int r;

	snprintf(journal, sizeof(journal), "%s/journal", a->data);
	r = ss_journal_epoch(journal, &e);
	if (r < 0)
		return ss_error_set(err, r, "%s/epoch 读不懂；cannot be read", journal);
	a->restored_us = e.at_us;
	for (size_t i = a->sessions.n; i-- > 0;) {
		struct ssa_session *s = a->sessions.p[i];

		if (s->created_us >= e.at_us)
			continue;
		r = ssa_store_del(a, "session", s->id, err);
		if (r < 0)
			return r;
		ssa_remove(&a->sessions, ss_str_of(s->id));
		free(s);
	}
	return 0;
}

static void defaults(struct ss_access_settings *s)
{
	s->idle_us = s->idle_us > 0 ? s->idle_us : 1800 * SS_US_PER_SEC;
	s->session_us = s->session_us > 0 ? s->session_us : 43200 * SS_US_PER_SEC;
	s->lock_tries = s->lock_tries > 0 ? s->lock_tries : 5;
	s->lock_us = s->lock_us > 0 ? s->lock_us : 900 * SS_US_PER_SEC;
	s->step_us = s->step_us > 0 ? s->step_us : 300 * SS_US_PER_SEC;
	s->idle_days = s->idle_days > 0 ? s->idle_days : 90;
	s->iterations = s->iterations > 0 ? s->iterations : 100000;
	s->address_tries = s->address_tries > 0 ? s->address_tries : 60;
}

static int start(struct ss_access *a, struct ss_error *err)
{
	const struct ssa_role *roles;
	size_t n;
	int r = ssa_roles(&roles, &n, err);

	if (r == 0)
		r = ssa_place_read(a, ss_str_of(a->s.admin_from ? a->s.admin_from : ""), err);
	if (r == 0)
		r = load_key(a, err);
	if (r == 0)
		r = ssa_store_open(a, err);
	if (r == 0)
		r = ssa_model_load(a, err);
	if (r == 0)
		r = end_restored(a, err);
	if (r == 0)
		r = ssa_setup_prepare(a, err);
	if (r < 0)
		return r;
	ssa_ca_open(a);
	ssa_sso_tidy(a);
	say_damaged(a);
	r = ss_thread_start(&a->keeper, "access", keeper, a);
	a->keeper_on = r == 0;
	return r;
}

int ss_access_open(const struct ss_access_settings *s, struct ss_audit *audit,
		   const struct ss_registry *registry, struct ss_access **ret, struct ss_error *err)
{
	struct ss_access *a = calloc(1, sizeof(*a));
	int r;

	if (!a)
		return ss_error_set(err, SS_ENOMEM, "内存不足；out of memory");
	a->s = *s;
	defaults(&a->s);
	a->audit = audit;
	a->registry = registry;
	ss_str_copy(a->url, sizeof(a->url), ss_str_of(s->url));
	ss_str_copy(a->data, sizeof(a->data), ss_str_of(s->data));
	ss_str_copy(a->issuer, sizeof(a->issuer), ss_str_of(s->issuer ? s->issuer : ""));
	pthread_rwlock_init(&a->lock, NULL);
	pthread_mutex_init(&a->limits, NULL);
	pthread_mutex_init(&a->slow, NULL);
	ss_cond_init(&a->slow_free);
	pthread_mutex_init(&a->keeper_lock, NULL);
	ss_cond_init(&a->keeper_end);
	a->tries = ss_map_new();
	a->challenges = ss_map_new();
	ssa_gate_init(a);
	r = a->tries ? start(a, err) : SS_ENOMEM;
	if (r < 0)
		ss_access_close(a);
	else
		*ret = a;
	return r;
}

void ss_access_close(struct ss_access *a)
{
	if (!a)
		return;
	if (a->keeper_on) {
		pthread_mutex_lock(&a->keeper_lock);
		a->stopping = true;
		pthread_cond_signal(&a->keeper_end);
		pthread_mutex_unlock(&a->keeper_lock);
		pthread_join(a->keeper, NULL);
	}
	ssa_model_free(a);
	ss_db_close(a->db);
	ss_map_free(a->tries);
	ss_map_free(a->challenges);
	pthread_rwlock_destroy(&a->lock);
	pthread_mutex_destroy(&a->limits);
	pthread_mutex_destroy(&a->slow);
	pthread_cond_destroy(&a->slow_free);
	pthread_mutex_destroy(&a->keeper_lock);
	pthread_cond_destroy(&a->keeper_end);
	explicit_bzero(a, sizeof(*a));
	free(a);
}

const char *ss_access_issuer(const struct ss_access *a)
{
	return a->issuer;
}

const struct ss_gate *ss_access_gate(struct ss_access *a)
{
	return &a->gate;
}
