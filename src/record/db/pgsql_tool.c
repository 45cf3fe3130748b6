/* A whole PostgreSQL database into a file and out of it: by the server's own pg_dump and
 * pg_restore, which know every kind of object of their version. Where to connect goes by the
 * environment, never by the command line, which everybody on the machine can read. */
#include "record/db/pgsql_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define SETTINGS_MAX 64

/* What the URL says as PGHOST=... in front of our own environment: the first of a name counts. */
struct settings {
	char *own[SETTINGS_MAX];
	char **all;
};

static void settings_done(struct settings *s)
{
	for (size_t i = 0; s->own[i]; i++)
		free(s->own[i]);
	free(s->all);
}

static int add_options(struct settings *s, const PQconninfoOption *o)
{
	size_t n = 0;

	for (; o->keyword; o++) {
		if (!o->val || !o->envvar)
			continue;
		if (n + 1 == SETTINGS_MAX)
			return SS_ETOOBIG;
		if (asprintf(&s->own[n], "%s=%s", o->envvar, o->val) < 0) {
			s->own[n] = NULL;
			return SS_ENOMEM;
		}
		n++;
	}
	return 0;
}

static int join(struct settings *s)
{
	size_t own = 0, had = 0;

	while (s->own[own])
		own++;
	while (environ[had])
		had++;
	s->all = calloc(own + had + 1, sizeof(*s->all));
	if (!s->all)
		return SS_ENOMEM;
	memcpy(s->all, s->own, own * sizeof(*s->all));
	memcpy(s->all + own, environ, had * sizeof(*s->all));
	return 0;
}

static int settings_of(const char *url, struct settings *s, struct ss_error *err)
{
	ss_cleanup(ss_buf_done) struct ss_buf clean = SS_BUF_MAX(4096);
	PQconninfoOption *options;
	bool unsafe;
	int r = ss_pgsql_clean_url(url, &clean, &unsafe);

	if (r < 0)
		return r;
	options = PQconninfoParse(clean.p, NULL);
	if (!options)
		return ss_error_set(err, SS_EINVAL,
				    "数据库地址读不懂；the database URL cannot be read");
	r = add_options(s, options);
	PQconninfoFree(options);
	return r == 0 ? join(s) : r;
}

/* Both its outputs into what it said; 0 when it ended well. */
static int run(const char *const *argv, char *const *env, struct ss_buf *said)
{
	posix_spawn_file_actions_t acts;
	int fd[2], status, r;
	char piece[512];
	ssize_t n;
	pid_t pid;

	if (pipe2(fd, O_CLOEXEC) < 0)
		return ss_err_from_errno(errno);
	posix_spawn_file_actions_init(&acts);
	posix_spawn_file_actions_addopen(&acts, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&acts, fd[1], 1);
	posix_spawn_file_actions_adddup2(&acts, fd[1], 2);
	r = posix_spawnp(&pid, argv[0], &acts, NULL, (char *const *)argv, env);
	posix_spawn_file_actions_destroy(&acts);
	close(fd[1]);
	while (r == 0 && ((n = read(fd[0], piece, sizeof(piece))) > 0 || (n < 0 && errno == EINTR)))
		if (n > 0)
			ss_buf_add(said, piece, (size_t)n); /* the rest over its size is not kept */
	close(fd[0]);
	if (r != 0)
		return ss_err_from_errno(r);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : SS_EIO;
}

static int run_tool(const char *url, const char *const *argv, struct ss_error *err)
{
	ss_cleanup(ss_buf_done) struct ss_buf said = SS_BUF_MAX(2048);
	struct settings s = {0};
	int r = settings_of(url, &s, err);

	if (r == 0)
		r = run(argv, s.all, &said);
	settings_done(&s);
	if (r == SS_ENOTFOUND)
		return ss_error_set(err, r,
				    "没有 %s：请装上与服务器同版的 PostgreSQL 客户端；is not here: "
				    "install the PostgreSQL client of the server's version",
				    argv[0]);
	if (r < 0 && !(err && err->code)) {
		for (size_t i = 0; i < said.n; i++)
			if ((unsigned char)said.p[i] < ' ')
				said.p[i] = ' ';
		ss_error_set(err, r, "%s 没有做成 did not succeed: " SS_STR_FMT, argv[0],
			     SS_STR_ARG(ss_str_trim(ss_buf_str(&said))));
	}
	return r;
}

int ss_db_dump(const char *url, const char *to, struct ss_error *err)
{
	const char *const argv[] = {"pg_dump", "-Fc", "--no-password", "-f", to, NULL};

	return run_tool(url, argv, err);
}

/* Into what is not empty nothing is restored: two records would be mixed. */
static int check_empty(const char *url, struct ss_error *err)
{
	struct ss_db *db = NULL;
	struct ss_stmt *st;
	int64_t n = 0;
	int r = ss_db_open(url, NULL, SS_DB_READER, &db, err);

	if (r == 0)
		r = ss_db_stmt(db, "db/relations", &st, err);
	if (r == 0)
		r = ss_step(st, err);
	if (r == 1)
		n = ss_col_i64(st, 0);
	ss_db_close(db);
	if (r < 0)
		return r;
	return n ? ss_error_set(
		       err, SS_EEXISTS,
		       "目标数据库不是空的：恢复只进新建的空库；the database is not empty: "
		       "restoring is only into a new one")
		 : 0;
}

int ss_db_load(const char *url, const char *from, struct ss_error *err)
{
	/* No name of a database: as with all else, the environment says it. */
	const char *const argv[] = {"pg_restore",
				    "--exit-on-error",
				    "--single-transaction",
				    "--no-owner",
				    "--no-acl",
				    "--no-password",
				    "-d",
				    "",
				    from,
				    NULL};
	int r = check_empty(url, err);

	return r == 0 ? run_tool(url, argv, err) : r;
}
