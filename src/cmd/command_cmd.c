/* shanshui command send --mn MN COMMAND|CN [Name=Value ...] [--by NAME] [--reason TEXT] [--valid
 * 10m] shanshui command list [--mn MN] shanshui command table */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/config.h"
#include "cmd/client.h"
#include "cmd/cmd.h"
#include "cmd/words.h"
#include "sense/hj212/hj212.h"

#define ANSWER_MAX (16 << 20)

struct settings {
	const char *server, *mn, *by, *reason;
	int64_t valid_us;
	bool extension;
};

static const struct ss_option options[] = {
    SS_WORD_SERVER(struct settings, "http://127.0.0.1:8080"),
    SS_OPTION(struct settings, STRING, mn, "mn", "", "设备编号", "number of the device"),
    SS_OPTION(struct settings, STRING, by, "by", "", "下发人", "who asks"),
    SS_OPTION(struct settings, STRING, reason, "reason", "", "原因", "why"),
    SS_OPTION(struct settings, DURATION, valid_us, "valid", "0s", "设备不在线时等待多久，0 为不等",
	      "how long to wait for the device, 0 = it must be connected"),
    SS_OPTION(struct settings, BOOL, extension, "extension", "false", "命令表之外的本地扩展命令",
	      "a local command outside the table"),
    {0},
};

static int usage(void)
{
	fputs("用法 usage:\n"
	      "  shanshui command send --mn MN 命令或编码 COMMAND|CN [参数=值 Name=Value ...] "
	      "[--by 人] "
	      "[--reason 原因] [--valid 10m] [--server URL]\n"
	      "  shanshui command list [--mn MN] [--server URL]\n"
	      "  shanshui command table\n",
	      stderr);
	return 2;
}

/* --- table: the lines of docs/protocols/hj212.md --- */

static void print_editions(unsigned editions)
{
	for (int e = SS_HJ212_2005; e <= SS_HJ212_WATER; e++)
		if (editions & SS_HJ212_BIT(e))
			printf("%s ", ss_hj212_edition_name((enum ss_hj212_edition)e));
}

static int table(void)
{
	static const char *const answers[] = {[SS_HJ212_COMMAND_SET] = "9011 9012",
					      [SS_HJ212_COMMAND_GET] = "9011 数据 9012",
					      [SS_HJ212_COMMAND_TELL] = "9013"};
	size_t n;
	const struct ss_hj212_command *c = ss_hj212_commands(&n);

	printf("| CN | 命令 command | 版本 editions | 应答 answers | 参数 parameters | 说明 |\n"
	       "|---|---|---|---|---|---|\n");
	for (size_t i = 0; i < n; i++) {
		printf("| %d | `%s` | ", c[i].cn, c[i].key);
		print_editions(c[i].editions);
		printf("| %s | %s | %s %s |\n", answers[c[i].kind],
		       c[i].params[0] ? c[i].params : "-", c[i].zh, c[i].en);
	}
	return 0;
}

/* --- send --- */

static json_t *body_of(const struct settings *s, int argc, char **argv)
{
	json_t *body = json_object(), *args = json_object();
	int64_t cn;

	if (ss_parse_i64(ss_str_of(argv[0]), &cn) == 0)
		json_object_set_new(body, "cn", json_integer(cn));
	else
		json_object_set_new(body, "command", json_string(argv[0]));
	for (int i = 1; i < argc; i++) {
		struct ss_str value = ss_str_of(argv[i]), name;
		char key[64];

		if (!strchr(argv[i], '=') || !ss_str_split(&value, '=', &name) ||
		    !ss_str_copy(key, sizeof(key), name)) {
			fprintf(stderr, "参数应写作 名=值：%s should be name=value\n", argv[i]);
			json_decref(body);
			json_decref(args);
			return NULL;
		}
		json_object_set_new(args, key, json_stringn(value.p ? value.p : "", value.n));
	}
	json_object_set_new(body, "args", args);
	if (s->by[0])
		json_object_set_new(body, "by", json_string(s->by));
	if (s->reason[0])
		json_object_set_new(body, "reason", json_string(s->reason));
	if (s->valid_us)
		json_object_set_new(body, "valid_s", json_integer(s->valid_us / SS_US_PER_SEC));
	if (s->extension)
		json_object_set_new(body, "extension", json_true());
	return body;
}

static void print_one(const json_t *c)
{
	const json_t *data = json_object_get(c, "data"), *one;
	size_t i;

	printf("%lld  %s  %lld %s  %s  %s  %s\n",
	       (long long)json_integer_value(json_object_get(c, "id")), ss_json_get_z(c, "mn"),
	       (long long)json_integer_value(json_object_get(c, "cn")), ss_json_get_z(c, "name"),
	       ss_json_get_z(c, "cp"), ss_json_get_z(c, "state_zh"), ss_json_get_z(c, "detail"));
	json_array_foreach((json_t *)(uintptr_t)data, i, one)
	    printf("    %s\n", json_string_value(one));
}

static json_t *ask(const struct settings *s, const char *method, const char *path,
		   const char *words)
{
	ss_cleanup(ss_buf_done) struct ss_buf answer = SS_BUF_MAX(ANSWER_MAX);
	struct ss_error e = {0};
	long status = ss_client(method, s->server, path, words ? "application/json" : NULL,
				ss_str_of(words ? words : ""), &answer, &e);

	if (status < 0)
		ss_words_failed(e.code, &e);
	return status < 0 ? NULL : ss_client_object(status, &answer);
}

/* The server answers a request before a slow device has answered: asked again until it is over.
 * One that may wait for its device is left alone. */
static json_t *follow(const struct settings *s, json_t *j)
{
	char path[80];

	while (j && s->valid_us == 0 &&
	       (strcmp(ss_json_get_z(j, "state"), "queued") == 0 ||
		strcmp(ss_json_get_z(j, "state"), "sent") == 0)) {
		snprintf(path, sizeof(path), "/api/v1/commands/%lld",
			 (long long)json_integer_value(json_object_get(j, "id")));
		json_decref(j);
		usleep(200000);
		j = ask(s, "GET", path, NULL);
	}
	return j;
}

static int send(const struct settings *s, int argc, char **argv)
{
	char path[200];
	json_t *body, *j;
	char *words;
	bool done;

	if (argc < 1 || !s->mn[0])
		return usage();
	body = body_of(s, argc, argv);
	words = body ? json_dumps(body, 0) : NULL;
	json_decref(body);
	if (!words)
		return 2;
	snprintf(path, sizeof(path), "/api/v1/devices/%s/commands", s->mn);
	j = follow(s, ask(s, "POST", path, words));
	free(words);
	if (!j)
		return 1;
	print_one(j);
	done = strcmp(ss_json_get_z(j, "state"), "done") == 0;
	json_decref(j);
	return !done;
}

static int list(const struct settings *s)
{
	char path[200];
	json_t *j, *items, *one;
	size_t i;

	snprintf(path, sizeof(path), "/api/v1/commands%s%s", s->mn[0] ? "?mn=" : "", s->mn);
	j = ask(s, "GET", path, NULL);
	if (!j)
		return 1;
	items = json_object_get(j, "items");
	json_array_foreach(items, i, one) print_one(one);
	json_decref(j);
	return 0;
}

static int run(void *settings, int argc, char **argv)
{
	const struct settings *s = settings;

	if (argc >= 1 && strcmp(argv[0], "send") == 0)
		return send(s, argc - 1, argv + 1);
	if (argc == 1 && strcmp(argv[0], "list") == 0)
		return list(s);
	if (argc == 1 && strcmp(argv[0], "table") == 0)
		return table();
	return usage();
}

int ss_cmd_command(int argc, char **argv)
{
	struct settings s = {0};

	return ss_words_run(&(struct ss_words){options, &s, usage, .run = run}, argc, argv, 1);
}
