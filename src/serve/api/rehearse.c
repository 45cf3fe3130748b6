/* What would change: a process of its own derives everything again beside the running node. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/os.h"
#include "serve/api/api_internal.h"

extern char **environ;

static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;

static int read_answer(struct ss_request *rq, int fd, pid_t pid, struct ss_buf *out)
{
	char part[65536];
	ssize_t n;
	int status = 0;

	while ((n = read(fd, part, sizeof(part))) > 0) {
		ss_buf_add(out, part, (size_t)n);
		if (ss_request_cancelled(rq))
			kill(pid, SIGKILL);
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	/* 1: nothing was changed and what is stored differs, which the answer says. */
	return WIFEXITED(status) && WEXITSTATUS(status) <= 1 ? out->err : SS_EIO;
}

static int spawn(struct ss_api *api, const char *changes, const char *site, int fd, pid_t *ret)
{
	char *const argv[] = {(char *)"shanshui",  (char *)"rehearse", (char *)"--json",
			      (char *)"--data",    (char *)api->data,  (char *)"--db",
			      (char *)api->db,     (char *)"--site",   (char *)site,
			      (char *)"--changes", (char *)changes,    NULL};
	posix_spawn_file_actions_t acts;
	posix_spawnattr_t attr;
	sigset_t none;
	int r;

	sigemptyset(&none);
	posix_spawn_file_actions_init(&acts);
	posix_spawn_file_actions_adddup2(&acts, fd, 1);
	posix_spawn_file_actions_adddup2(&acts, fd, 2);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK);
	r = posix_spawn(ret, api->program, &acts, &attr, argv, environ);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&acts);
	return r == 0 ? 0 : ss_err_from_errno(r);
}

static int rehearse(struct ss_request *rq, const char *changes, int64_t site, struct ss_buf *out,
		    struct ss_error *err)
{
	char number[24];
	pid_t pid;
	int fd[2], r;

	snprintf(number, sizeof(number), "%lld", (long long)site);
	if (pipe2(fd, O_CLOEXEC) < 0)
		return ss_err_from_errno(errno);
	r = spawn(ss_api_of(rq), changes, number, fd[1], &pid);
	close(fd[1]);
	if (r >= 0)
		r = read_answer(rq, fd[0], pid, out);
	close(fd[0]);
	if (r < 0 && out->n) { /* what it said instead */
		ss_error_set(err, SS_EINVAL, SS_STR_FMT, SS_STR_ARG(ss_str_trim(ss_buf_str(out))));
		ss_buf_reset(out);
		return SS_EINVAL;
	}
	return r;
}

static int write_changes(const json_t *changes, char path[64], struct ss_error *err)
{
	char *text = json_dumps(changes, JSON_COMPACT);
	int fd = mkstemp(path), r = text && fd >= 0 ? 0 : SS_EIO;

	if (r >= 0 && write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		r = SS_EIO;
	if (fd >= 0)
		close(fd);
	free(text);
	return r < 0 ? ss_error_set(err, r, "临时文件写不了；cannot write a file for it") : 0;
}

int ss_api_rehearse(struct ss_request *rq, const json_t *changes, int64_t site, struct ss_buf *out,
		    struct ss_error *err)
{
	struct ss_api *api = ss_api_of(rq);
	char path[64] = "/tmp/shanshui-changes-XXXXXX";
	json_t *none = json_array();
	int r = ss_api_need(api->program && api->program[0] ? api->program : NULL, "rehearse", err);

	if (r >= 0 && pthread_mutex_trylock(&one_at_a_time) != 0)
		r = ss_error_set(err, SS_EBUSY,
				 "另一次预演还没有结束；another rehearsal is under way");
	if (r >= 0) {
		r = write_changes(changes ? changes : none, path, err);
		if (r >= 0)
			r = rehearse(rq, path, site, out, err);
		unlink(path);
		pthread_mutex_unlock(&one_at_a_time);
	}
	json_decref(none);
	return r;
}

int ss_post_rehearse(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	const json_t *body = ss_request_json(rq);
	int64_t site = json_integer_value(json_object_get(body, "site"));

	if (site ? !ss_api_sees(rq, site) : !ss_api_sees_all(rq))
		return ss_error_set(err, SS_ENOTFOUND,
				    "没有编号为 %lld 的站点；there is no site %lld",
				    (long long)site, (long long)site);
	return ss_api_rehearse(rq, json_object_get(body, "changes"), site, rs->out, err);
}
