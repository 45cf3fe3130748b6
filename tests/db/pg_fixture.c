#include "db/pg_fixture.h"

#include <fcntl.h>
#include <libpq-fe.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/os.h"

#define PG_BIN "/usr/lib/postgresql/15/bin"

static char folder[64]; /* of the server; empty while there is none */
static int life = -1;   /* closing it tells the watcher to stop the server */
static int gone = -1;   /* end of file when the watcher has finished */
static int databases;

static int run(const char *const *argv)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		int null = open("/dev/null", O_RDWR);
		dup2(null, 0);
		dup2(null, 1);
		dup2(null, 2);
		execvp(argv[0], (char *const *)argv);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* One of PostgreSQL's programs; as user postgres when we are root, for it refuses root. */
static int run_pg(const char *program, const char *const *args)
{
	char path[128];
	const char *argv[32] = {"runuser", "-u", "postgres", "--"};
	int n = geteuid() == 0 ? 4 : 0;

	snprintf(path, sizeof(path), PG_BIN "/%s", program);
	argv[n++] = path;
	while (*args && n < 31)
		argv[n++] = *args++;
	argv[n] = NULL;
	return run(argv);
}

/* A grandchild without a parent, in its own session: a killed test program cannot take it along. */
static void watch(int life_end, int gone_end)
{
	char data[64], c;

	setsid();
	signal(SIGPIPE, SIG_IGN);
	while (read(life_end, &c, 1) > 0)
		;
	snprintf(data, sizeof(data), "%s/d", folder);
	run_pg("pg_ctl", (const char *const[]){"-D", data, "-m", "immediate", "-w", "stop", NULL});
	ss_rmtree(folder);
	close(gone_end);
	_exit(0);
}

static int start_watcher(void)
{
	int down[2], up[2], status;

	if (pipe2(down, O_CLOEXEC) < 0 || pipe2(up, O_CLOEXEC) < 0)
		return -1;
	fflush(NULL);
	pid_t pid = fork();
	if (pid == 0) {
		close(down[1]);
		close(up[0]);
		if (fork() == 0)
			watch(down[0], up[1]);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	close(down[0]);
	close(up[1]);
	life = down[1];
	gone = up[0];
	return 0;
}

static int write_settings(void)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/d/postgresql.conf", folder);
	FILE *f = fopen(path, "a");
	if (!f)
		return -1;
	/* Tests lose nothing that matters: the server needs no disk. */
	fprintf(f,
		"\nlisten_addresses=''\nunix_socket_directories='%s'\nfsync=off\n"
		"synchronous_commit=off\nfull_page_writes=off\nshared_buffers=32MB\n"
		"max_connections=60\nautovacuum=off\n",
		folder);
	return fclose(f);
}

/* Short, since the path of a socket is: a long TMPDIR is left alone. */
static const char *scratch(void)
{
	const char *tmp = getenv("TMPDIR");

	return tmp && strlen(tmp) < 32 ? tmp : "/tmp";
}

static int make_cluster(void)
{
	char data[80], log[80];

	snprintf(folder, sizeof(folder), "%s/sspgXXXXXX", scratch());
	if (!mkdtemp(folder))
		return -1;
	snprintf(data, sizeof(data), "%s/d", folder);
	snprintf(log, sizeof(log), "%s/log", folder);
	if (geteuid() == 0 && run((const char *[]){"chown", "postgres", folder, NULL}) != 0)
		return -1;
	if (start_watcher() < 0)
		return -1;
	if (run_pg("initdb",
		   (const char *const[]){"-D", data, "-A", "trust", "-U", "test", "-E", "UTF8",
					 "--locale=C.UTF-8", "--no-sync", NULL}) ||
	    write_settings() < 0)
		return -1;
	return run_pg("pg_ctl", (const char *const[]){"-D", data, "-w", "-t", "30", "-l", log,
						      "start", NULL});
}

int pg_fixture_start(void)
{
	if (folder[0])
		return 0;
	if (access(PG_BIN "/initdb", X_OK) < 0) {
		printf("not run: PostgreSQL 15 is not installed (" PG_BIN "/initdb is missing)\n");
		return 77;
	}
	if (make_cluster() != 0) {
		printf("the private PostgreSQL in %s did not start\n", folder);
		return 1;
	}
	atexit(pg_fixture_stop);
	return 0;
}

void pg_fixture_stop(void)
{
	char c;

	if (life < 0)
		return;
	close(life);
	life = -1;
	while (read(gone, &c, 1) > 0)
		;
	close(gone);
	folder[0] = 0;
}

static void url_of(char *out, size_t cap, const char *database)
{
	snprintf(out, cap, "postgresql:///%s?host=%s&user=test&ss_allow_unsafe=1", database,
		 folder);
}

static void admin(const char *sql)
{
	char info[128];

	snprintf(info, sizeof(info), "host=%s user=test dbname=postgres", folder);
	PGconn *c = PQconnectdb(info);
	PGresult *res = PQexec(c, sql);
	ExecStatusType s = PQresultStatus(res);
	if (s != PGRES_COMMAND_OK && s != PGRES_TUPLES_OK)
		print_error("%s: %s\n", sql, PQerrorMessage(c));
	PQclear(res);
	PQfinish(c);
	assert_true(s == PGRES_COMMAND_OK || s == PGRES_TUPLES_OK);
}

void pg_fixture_database(char *out, size_t cap)
{
	char name[32], sql[80];

	/* The process id keeps forked children of a test apart. */
	snprintf(name, sizeof(name), "t%d_%d", (int)getpid(), ++databases);
	snprintf(sql, sizeof(sql), "create database %s template template0", name);
	admin(sql);
	url_of(out, cap, name);
}

void pg_fixture_cut(const char *url)
{
	char sql[200];
	const char *name = url + sizeof("postgresql:///") - 1;

	snprintf(
	    sql, sizeof(sql),
	    "select pg_terminate_backend(pid, 10000) from pg_stat_activity where datname = '%.*s'",
	    (int)strcspn(name, "?"), name);
	admin(sql);
}

static struct db_env *env_new(void **state, enum ss_db_engine engine)
{
	struct db_env *env = calloc(1, sizeof(*env));

	assert_non_null(env);
	env->body = (void (*)(struct db_env *)) * state;
	env->engine = engine;
	snprintf(env->dir, sizeof(env->dir), "%s/ssdbXXXXXX", scratch());
	assert_non_null(mkdtemp(env->dir));
	*state = env;
	return env;
}

int db_env_sqlite(void **state)
{
	struct db_env *env = env_new(state, SS_DB_SQLITE);

	snprintf(env->url, sizeof(env->url), "sqlite:%s/t.db", env->dir);
	return 0;
}

int db_env_pgsql(void **state)
{
	struct db_env *env = env_new(state, SS_DB_PGSQL);

	pg_fixture_database(env->url, sizeof(env->url));
	return 0;
}

int db_env_done(void **state)
{
	struct db_env *env = *state;

	ss_rmtree(env->dir);
	free(env);
	return 0;
}

void db_env_run(void **state)
{
	struct db_env *env = *state;

	env->body(env);
}

int db_test_main(const char *name, const struct CMUnitTest *tests, size_t n)
{
	struct CMUnitTest *list = calloc(n, sizeof(*list));
	int server = pg_fixture_start();
	size_t kept = 0;

	if (!list || (server != 0 && server != 77))
		return 1;
	for (size_t i = 0; i < n; i++)
		if (server == 0 || tests[i].setup_func != db_env_pgsql)
			list[kept++] = tests[i];
	int failed = _cmocka_run_group_tests(name, list, kept, NULL, NULL);
	free(list);
	pg_fixture_stop();
	return failed ? 1 : server;
}
