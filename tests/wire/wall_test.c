/* Commands to a wall's controller: the bytes as docs/protocols/wall.md writes them, and the link
 * against an emulator that is a process of its own and fails as told. */
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "serve/wall/wall.h"

#define LONG_US (120 * SS_US_PER_SEC)
extern char **environ;

static json_t *J(const char *text)
{
	json_t *v = NULL;

	assert_int_equal(ss_json_parse(ss_str_of(text), &v, NULL), 0);
	return v;
}

/* --- the dialect ---------------------------------------------------------------------------------
 */

static void encodes(const char *command, const char *bytes)
{
	ss_cleanup(ss_buf_done) struct ss_buf out = SS_BUF_MAX(2000);
	struct ss_error err = {0};
	json_t *c = J(command);
	bool again;
	int r = ss_wall_angle.encode(c, 2, &out, &again, &err);

	json_decref(c);
	if (!bytes) {
		assert_int_equal(r, SS_EINVAL);
		assert_true(err.text[0]);
		return;
	}
	assert_int_equal(r, 0);
	assert_true(ss_str_is(ss_buf_str(&out), bytes));
}

static void test_commands(void **state)
{
	(void)state;
	encodes("{\"op\":\"open\",\"window\":7,\"input\":3,\"rect\":[0,0,1920,1080]}",
		"<open,2,7,3,0,0,0,0,0,0,1920,1080>");
	encodes(
	    "{\"op\":\"move\",\"window\":7,\"input\":3,\"crop\":[10,20,30,40],\"rect\":[1,2,3,4]}",
	    "<move,7,3,10,20,30,40,1,2,3,4>");
	encodes("{\"op\":\"switch\",\"window\":7,\"input\":4}", "<icha,7,4,0,0,0,0>");
	encodes("{\"op\":\"close\",\"window\":7}", "<shut,7>");
	encodes("{\"op\":\"clear\"}", "<rset,2>");
	encodes("{\"op\":\"order\",\"window\":7,\"order\":\"bottom\"}", "<torb,7,1>");
	encodes("{\"op\":\"save_layout\",\"layout\":39}", "<save,39,2>");
	encodes("{\"op\":\"layout\",\"layout\":0}", "<call,0,2>");
	encodes("{\"op\":\"input\",\"input\":5}", "<rcpm,5>");
	encodes("{\"op\":\"status\"}", "<xsta>");
	encodes("{\"op\":\"windows\"}", "<xlst,2>");
	encodes("{\"op\":\"power\",\"panel\":1,\"on\":false}", "<xpwr,1,0>");
	encodes("{\"op\":\"subtitle\",\"text\":\"汇报中\"}", "<xsub,2,汇报中>");
}

static void test_refused_before_sending(void **state)
{
	(void)state;
	encodes("{\"op\":\"explode\"}", NULL);
	encodes("{}", NULL);
	encodes("{\"op\":\"close\",\"window\":-1}", NULL);
	encodes("{\"op\":\"close\",\"window\":1000}", NULL);
	encodes("{\"op\":\"close\",\"window\":\"7\"}", NULL);
	encodes("{\"op\":\"layout\",\"layout\":40}", NULL);
	encodes("{\"op\":\"open\",\"window\":1,\"input\":1,\"rect\":[5,0,5,9]}", NULL);
	encodes("{\"op\":\"open\",\"window\":1,\"input\":1,\"rect\":[0,0,9]}", NULL);
	encodes("{\"op\":\"open\",\"window\":1,\"input\":1,\"rect\":[0,0,9,70000]}", NULL);
	/* Nothing in a subtitle may end the command, part its fields or begin another. */
	encodes("{\"op\":\"subtitle\",\"text\":\"a>\"}", NULL);
	encodes("{\"op\":\"subtitle\",\"text\":\"<rset,0>\"}", NULL);
	encodes("{\"op\":\"subtitle\",\"text\":\"a,b\"}", NULL);
	encodes("{\"op\":\"subtitle\",\"text\":\"a\\nb\"}", NULL);
}

static void reads(const char *bytes, int64_t cut, int code, const char *first, size_t words)
{
	struct ss_wall_reply reply;

	assert_int_equal(ss_wall_angle.cut(ss_str_of(bytes)), cut);
	if (cut <= 0)
		return;
	assert_int_equal(ss_wall_angle.read(ss_str_n(bytes, (size_t)cut), &reply), code);
	if (code < 0)
		return;
	assert_true(ss_str_is(reply.word[0], first));
	assert_int_equal(reply.n, words);
}

static void test_replies(void **state)
{
	(void)state;
	reads("<OK>", 4, 0, "OK", 1);
	reads("<OK><win_id_used>", 4, 0, "OK", 1);
	reads("\r\n## <OK>", 9, 0, "OK", 1);
	reads("<no_win<OK>", 11, 0, "OK", 1);
	reads("<xlst,0,1,3,0,0,9,9>", 20, 0, "xlst", 8);
	reads("", 0, 0, NULL, 0);
	reads("<OK", 0, 0, NULL, 0);
	reads("OK>", 3, SS_EPARSE, NULL, 0);
	reads("<>", 2, SS_EPARSE, NULL, 0);
	reads("<\xff>", 3, SS_EPARSE, NULL, 0);
}

static void test_a_reply_without_end(void **state)
{
	char *long_one = calloc(1, SS_WALL_REPLY_MAX + 2);

	(void)state;
	memset(long_one, 'x', SS_WALL_REPLY_MAX + 1);
	assert_int_equal(ss_wall_angle.cut(ss_str_of(long_one)), SS_EPARSE);
	free(long_one);
}

/* --- the link ------------------------------------------------------------------------------------
 */

struct stage {
	pid_t pid;
	char address[40];
	struct ss_walls *walls;
};

static void stage_open(struct stage *s, const char *faults)
{
	const char *argv[] = {"python3", SS_TEST_DIR "/wire/wall_emulator.py", "--faults", faults,
			      NULL};
	posix_spawn_file_actions_t acts;
	char line[64] = "";
	int out[2], port = 0;
	size_t n = 0;
	ssize_t got;

	assert_int_equal(pipe(out), 0);
	posix_spawn_file_actions_init(&acts);
	posix_spawn_file_actions_adddup2(&acts, out[1], 1);
	posix_spawn_file_actions_addclose(&acts, out[0]);
	assert_int_equal(
	    posix_spawnp(&s->pid, "python3", &acts, NULL, (char *const *)argv, environ), 0);
	posix_spawn_file_actions_destroy(&acts);
	close(out[1]);
	while (!strchr(line, '\n') && n < sizeof(line) - 1 &&
	       (got = read(out[0], line + n, sizeof(line) - 1 - n)) > 0)
		n += (size_t)got;
	close(out[0]);
	assert_int_equal(sscanf(line, "ready %d", &port), 1);
	snprintf(s->address, sizeof(s->address), "127.0.0.1:%d", port);
	assert_int_equal(ss_walls_new(&s->walls), 0);
}

static void stage_kill(struct stage *s)
{
	if (s->pid > 0) {
		kill(s->pid, SIGKILL);
		waitpid(s->pid, NULL, 0);
	}
	s->pid = 0;
}

static void stage_close(struct stage *s)
{
	stage_kill(s);
	ss_walls_free(s->walls);
}

/* Result and tries of one command; *ret_answer may be NULL. */
static void sends(struct stage *s, const char *command, int64_t timeout_us, const char *result,
		  int tries, json_t **ret_answer)
{
	const struct ss_wall_to to = {
	    .address = s->address, .timeout_us = timeout_us, .dialect = &ss_wall_angle};
	struct ss_wall_sent sent;
	struct ss_error err = {0};
	json_t *c = J(command);

	assert_int_equal(ss_walls_send(s->walls, &to, c, &sent, &err), 0);
	assert_string_equal(json_string_value(json_object_get(sent.answer, "result")), result);
	assert_int_equal(json_is_true(json_object_get(sent.answer, "ok")),
			 strcmp(result, "OK") == 0);
	if (tries)
		assert_int_equal(sent.tries, tries);
	if (ret_answer)
		*ret_answer = json_incref(sent.answer);
	ss_wall_sent_done(&sent);
	json_decref(c);
}

#define OPEN(n) "{\"op\":\"open\",\"window\":" #n ",\"input\":2,\"rect\":[0,0,1920,1080]}"
#define MOVE(n) "{\"op\":\"move\",\"window\":" #n ",\"input\":2,\"rect\":[0,0,960,1080]}"

static void window_is(struct stage *s, size_t i, int64_t window, int64_t x1)
{
	json_t *a, *w;

	sends(s, "{\"op\":\"windows\"}", LONG_US, "OK", 1, &a);
	w = json_array_get(json_object_get(a, "windows"), i);
	assert_int_equal(json_integer_value(json_object_get(w, "window")), window);
	assert_int_equal(json_integer_value(json_object_get(w, "x1")), x1);
	json_decref(a);
}

static void test_windows_and_layouts(void **state)
{
	struct stage s = {0};

	(void)state;
	stage_open(&s, "");
	sends(&s, OPEN(1), LONG_US, "OK", 1, NULL);
	sends(&s, OPEN(1), LONG_US, "win_id_used", 1, NULL);
	sends(&s, "{\"op\":\"save_layout\",\"layout\":3}", LONG_US, "OK", 1, NULL);
	sends(&s, MOVE(1), LONG_US, "OK", 1, NULL);
	window_is(&s, 0, 1, 960);
	sends(&s, "{\"op\":\"switch\",\"window\":1,\"input\":99}", LONG_US, "no_src", 1, NULL);
	sends(&s, "{\"op\":\"close\",\"window\":1}", LONG_US, "OK", 1, NULL);
	sends(&s, MOVE(1), LONG_US, "no_win", 1, NULL);
	sends(&s, "{\"op\":\"layout\",\"layout\":9}", LONG_US, "no_scene", 1, NULL);
	sends(&s, "{\"op\":\"layout\",\"layout\":3}", LONG_US, "OK", 1, NULL);
	window_is(&s, 0, 1, 1920);
	stage_close(&s);
}

/* Late, doubled, noisy and broken replies: the next command still gets its own. */
static void test_bad_replies(void **state)
{
	struct stage s = {0};

	(void)state;
	stage_open(&s, "delay,garbage,double,old,busy");
	sends(&s, OPEN(1), LONG_US, "OK", 1, NULL);
	sends(&s, OPEN(2), LONG_US, "OK", 1, NULL);
	sends(&s, OPEN(3), LONG_US, "OK", 1, NULL);
	sends(&s, "{\"op\":\"close\",\"window\":3}", LONG_US, "OK", 1, NULL);
	sends(&s, "{\"op\":\"close\",\"window\":2}", LONG_US, "busy", 1, NULL);
	sends(&s, "{\"op\":\"close\",\"window\":3}", LONG_US, "no_win", 1, NULL);
	window_is(&s, 1, 2, 1920);
	stage_close(&s);
}

/* A lost reply: what may be said twice is, what may not is told as it is. */
static void test_lost_replies(void **state)
{
	struct stage s = {0};

	(void)state;
	stage_open(&s, "lost");
	sends(&s, OPEN(1), SS_US_PER_SEC / 2, "timeout", 1, NULL);
	sends(&s, OPEN(1), LONG_US, "win_id_used", 1, NULL);
	window_is(&s, 0, 1, 1920);
	stage_close(&s);
	stage_open(&s, "hangup,hangup");
	sends(&s, "{\"op\":\"clear\"}", LONG_US, "OK", 3, NULL);
	stage_close(&s);
	stage_open(&s, "half,half,half");
	sends(&s, "{\"op\":\"clear\"}", SS_US_PER_SEC / 4, "timeout", 3, NULL);
	stage_close(&s);
}

/* It was switched off and on again: the next command finds it by itself. */
static void test_unreachable(void **state)
{
	struct stage s = {0};

	(void)state;
	stage_open(&s, "");
	sends(&s, OPEN(1), LONG_US, "OK", 1, NULL);
	stage_kill(&s);
	sends(&s, "{\"op\":\"status\"}", LONG_US, "unreachable", 3, NULL);
	stage_close(&s);
}

static void test_address(void **state)
{
	const struct ss_wall_to to = {
	    .address = "wall.example:5000", .timeout_us = 1000, .dialect = &ss_wall_angle};
	struct ss_wall_sent sent;
	struct ss_error err = {0};
	struct ss_walls *w;
	json_t *c = J("{\"op\":\"status\"}");

	(void)state;
	assert_int_equal(ss_walls_new(&w), 0);
	assert_int_equal(ss_walls_send(w, &to, c, &sent, &err), SS_EINVAL);
	assert_non_null(strstr(err.text, "wall.example"));
	ss_wall_sent_done(&sent);
	json_decref(c);
	ss_walls_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_commands),
	    cmocka_unit_test(test_refused_before_sending),
	    cmocka_unit_test(test_replies),
	    cmocka_unit_test(test_a_reply_without_end),
	    cmocka_unit_test(test_windows_and_layouts),
	    cmocka_unit_test(test_bad_replies),
	    cmocka_unit_test(test_lost_replies),
	    cmocka_unit_test(test_unreachable),
	    cmocka_unit_test(test_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
