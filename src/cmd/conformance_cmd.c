/* shanshui conformance --mn MN [--span 24h] [--recorded] [--json] [--server URL] */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/config.h"
#include "cmd/client.h"
#include "cmd/cmd.h"
#include "cmd/words.h"

#define ANSWER_MAX (4 << 20)

struct settings {
	const char *server, *mn, *by;
	int64_t span_us;
	bool recorded, json;
};

static const struct ss_option options[] = {
    SS_WORD_SERVER(struct settings, "http://127.0.0.1:8080"),
    SS_OPTION(struct settings, STRING, mn, "mn", "", "设备编号", "number of the device"),
    SS_OPTION(struct settings, STRING, by, "by", "", "检查人", "who checks"),
    SS_OPTION(struct settings, DURATION, span_us, "span", "24h", "查看多久以来的报文",
	      "recorded frames of so long"),
    SS_OPTION(struct settings, BOOL, recorded, "recorded", "false", "只看报文，不向设备提问",
	      "frames only, ask nothing"),
    SS_WORD_JSON(struct settings),
    {0},
};

static long long number(const json_t *j, const char *name)
{
	return (long long)json_integer_value(json_object_get(j, name));
}

static void print_clause(const json_t *c)
{
	printf("  %-8s %-24s %s：%s（%lld 次，%lld 次不符）\n", ss_json_get_z(c, "verdict_zh"),
	       ss_json_get_z(c, "clause"), ss_json_get_z(c, "rule"), ss_json_get_z(c, "zh"),
	       number(c, "seen"), number(c, "bad"));
	printf("           %-24s %s\n", ss_json_get_z(c, "verdict"), ss_json_get_z(c, "en"));
	if (ss_json_get_z(c, "why")[0])
		printf("           原因 why: %s %s\n", ss_json_get_z(c, "why"),
		       ss_json_get_z(c, "why_en"));
	if (number(c, "seq"))
		printf("           证据 evidence: 日志第 %lld 条 journal entry\n",
		       number(c, "seq"));
	if (number(c, "command"))
		printf("           证据 evidence: 第 %lld 条命令 command\n", number(c, "command"));
}

static void print_report(const json_t *r)
{
	const json_t *items = json_object_get(r, "items"), *one;
	size_t i;

	printf("设备 %s 一致性检查（HJ 212 %s 版）：符合 %lld 条，不符合 %lld 条，未见 %lld "
	       "条；看了 %lld 帧%s\n",
	       ss_json_get_z(r, "mn"), ss_json_get_z(r, "edition"), number(r, "pass"),
	       number(r, "fail"), number(r, "not_seen"), number(r, "frames"),
	       json_is_true(json_object_get(r, "asked")) ? "，并向设备提问" : "，未向设备提问");
	printf(
	    "Device %s against HJ 212 (%s): %lld pass, %lld fail, %lld not seen; %lld frames\n\n",
	    ss_json_get_z(r, "mn"), ss_json_get_z(r, "edition"), number(r, "pass"),
	    number(r, "fail"), number(r, "not_seen"), number(r, "frames"));
	json_array_foreach((json_t *)(uintptr_t)items, i, one) print_clause(one);
}

static json_t *ask(const struct settings *s, const char *method, const char *path, const char *body)
{
	ss_cleanup(ss_buf_done) struct ss_buf answer = SS_BUF_MAX(ANSWER_MAX);
	struct ss_error e = {0};
	long status = ss_client(method, s->server, path, body ? "application/json" : NULL,
				ss_str_of(body ? body : ""), &answer, &e);

	if (status < 0)
		fprintf(stderr, "%s\n", e.text);
	return status < 0 ? NULL : ss_client_object(status, &answer);
}

static json_t *check(const struct settings *s)
{
	json_t *body =
	    json_pack("{s:I,s:b,s:s}", "span_s", (json_int_t)(s->span_us / SS_US_PER_SEC), "live",
		      !s->recorded, "by", s->by[0] ? s->by : "命令行 command line");
	char *words = json_dumps(body, 0), path[200];
	json_t *r;

	snprintf(path, sizeof(path), "/api/v1/devices/%s/conformance", s->mn);
	r = words ? ask(s, "POST", path, words) : NULL;
	free(words);
	json_decref(body);
	while (r && strcmp(ss_json_get_z(r, "state"), "running") == 0) {
		snprintf(path, sizeof(path), "/api/v1/conformance/%lld", number(r, "id"));
		json_decref(r);
		usleep(200000);
		r = ask(s, "GET", path, NULL);
	}
	return r;
}

static int usage(void)
{
	fputs("用法 usage: shanshui conformance --mn MN [--span 24h] [--recorded] [--json] "
	      "[--by 人] [--server URL]\n"
	      "返回 exit: 0 全部符合 all pass，1 有不符合 some fail，2 没有检查 not checked\n",
	      stderr);
	return 2;
}

static int run(void *settings, int argc, char **argv)
{
	const struct settings *s = settings;
	json_t *r;
	int status;

	(void)argv;
	if (argc > 0 || !s->mn[0])
		return usage();
	r = check(s);
	if (!r)
		return 2;
	if (s->json) {
		json_dumpf(r, stdout, JSON_INDENT(1));
		printf("\n");
	} else {
		print_report(r);
	}
	status = number(r, "fail") > 0 || strcmp(ss_json_get_z(r, "state"), "done") != 0;
	json_decref(r);
	return status;
}

int ss_cmd_conformance(int argc, char **argv)
{
	struct settings s = {0};

	return ss_words_run(&(struct ss_words){options, &s, usage, .run = run}, argc, argv, 1);
}
