/* shanshui: one program, many commands. */
#include <pwd.h>
#include <unistd.h>

#include "base/base.h"
#include "cmd/cmd.h"
#include "record/audit/audit.h"

#define COMMANDS(X)                                                                                \
	X(serve, "运行平台", "run the platform")                                                   \
	X(simulate, "让演示城市的设备上报", "let the demo city's devices report")                  \
	X(device, "设备登记：import list template", "register devices")                            \
	X(import, "导入历史数据（CSV）", "bring in historical data")                               \
	X(command, "向设备下发命令：send list table", "send commands to devices")                  \
	X(conformance, "设备一致性检查，逐条对照 HJ 212", "check a device against HJ 212")         \
	X(hj212, "解码 HJ 212 报文：decode", "decode HJ 212 bytes")                                \
	X(journal, "查看、核验日志：stat cat verify", "look at and verify the journal")            \
	X(series, "查看观测序列：list cat digest", "look at the observation series")               \
	X(openapi, "接口的 OpenAPI 文档", "the API as OpenAPI")                                    \
	X(calc, "标准里的计算器：JSON 行进，JSON 行出", "the calculators of the standards")        \
	X(backup, "备份，不停机", "a backup, beside a running server")                             \
	X(restore, "恢复到某一刻，进空的文件夹", "restore to a moment, into an empty folder")      \
	X(audit, "核验审计记录：verify", "verify the audit: verify")                               \
	X(ca, "证书：key request sign check", "certificates: key, request, sign, check")           \
	X(detect, "疑点检测：bench fit", "detectors of cheating: bench, fit")                      \
	X(explain, "一个数或判定从何而来", "where a figure comes from")                            \
	X(recompute, "重算并与所存比对", "work a figure out again and compare")                    \
	X(rehearse, "预演：变更之前看会变什么", "what would change, before it does")               \
	X(exchange, "交换包：verify take", "packages from others: verify, take")                   \
	X(evidence, "证据包：export anchors", "evidence packages")                                 \
	X(standards, "法表：list show search diff check import", "the law as tables")              \
	X(module, "业务模块：check list new test seed reload", "modules of business")              \
	X(accept, "跑验收并出验收簿", "run the acceptance proofs and print the book")

static const struct {
	const char *name, *zh, *en;
	int (*fn)(int argc, char **argv);
} commands[] = {
#define X(name, zh, en) {#name, zh, en, ss_cmd_##name},
    COMMANDS(X)
#undef X
};

/* What changes a node's data, or gives them out: a row of the audit, left in the spool of the data
 * folder. Through a server (--server) it is the server that writes it down. */
static const char *const audited[] = {"import",      "device import",   "device list",
				      "journal cat", "series cat",      "audit verify",
				      "backup",      "evidence export", "explain"};

struct act {
	const char *action;
	char data[900], words[256], actor[128], origin[64];
};

static const char *value_of(int argc, char **argv, const char *name, const char *def)
{
	size_t n = strlen(name);

	for (int i = 1; i < argc; i++) {
		if (strncmp(argv[i], name, n) == 0 && argv[i][n] == '=')
			return argv[i] + n + 1;
		if (strcmp(argv[i], name) == 0 && i + 1 < argc)
			return argv[i + 1];
	}
	return def;
}

/* The words, without a database's address: it may hold a password. */
static void words_of(int argc, char **argv, char *out, size_t cap)
{
	size_t n = 0;

	out[0] = 0;
	for (int i = 1; i < argc && n + 1 < cap; i++) {
		const char *word = argv[i];

		if (strncmp(word, "--db=", 5) == 0)
			word = "--db=****";
		else if (strcmp(argv[i - 1], "--db") == 0)
			word = "****";
		n += (size_t)snprintf(out + n, cap - n, "%s%s", n ? " " : "", word);
	}
}

/* 1 when the command is one that is written down. */
static int act_of(int argc, char **argv, struct act *ret)
{
	const struct passwd *pw = getpwuid(getuid());
	const char *ssh = getenv("SSH_CONNECTION");
	char full[80], node[1000];

	if (value_of(argc, argv, "--server", NULL))
		return 0;
	snprintf(full, sizeof(full), "%s %s", argv[0], argc > 1 ? argv[1] : "");
	for (size_t i = 0; i < SS_ARRAY_LEN(audited) && !ret->action; i++)
		if (strcmp(audited[i], full) == 0 || strcmp(audited[i], argv[0]) == 0)
			ret->action = audited[i];
	snprintf(ret->data, sizeof(ret->data), "%s", value_of(argc, argv, "--data", "var"));
	snprintf(node, sizeof(node), "%s/journal/node.key", ret->data);
	if (!ret->action || access(node, F_OK) < 0)
		return 0; /* nobody's node */
	words_of(argc, argv, ret->words, sizeof(ret->words));
	snprintf(ret->actor, sizeof(ret->actor), "os:%s", pw ? pw->pw_name : "?");
	snprintf(ret->origin, sizeof(ret->origin), "%.*s", ssh ? (int)strcspn(ssh, " ") : 5,
		 ssh ? ssh : "local");
	return 1;
}

static int write_down(const struct act *a, int status)
{
	struct ss_error err = {0};
	struct ss_audit_row row = {.status = status,
				   .actor = ss_str_of(a->actor),
				   .via = SS_STR("cli"),
				   .origin = ss_str_of(a->origin),
				   .action = ss_str_of(a->action),
				   .target = ss_str_of(a->words),
				   .outcome = status == 0 ? SS_STR("ok") : SS_STR("failed")};

	if (ss_audit_spool(a->data, &row, &err) == 0)
		return status;
	fprintf(stderr, "%s\n", err.text);
	return status ? status : 1;
}

static int run(int (*fn)(int argc, char **argv), int argc, char **argv)
{
	struct act a = {0};
	int audit = act_of(argc, argv, &a); /* before: a command moves its words about */
	struct ss_error err = {0};

	if (audit && ss_audit_spool_ready(a.data, &err) < 0) {
		fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	return audit ? write_down(&a, fn(argc, argv)) : fn(argc, argv);
}

static void usage(FILE *f)
{
	fprintf(f, "山水 Shanshui " SS_VERSION
		   "\n\n用法 usage: shanshui 命令 command [--选项 option 值 value ...]\n\n");
	for (size_t i = 0; i < SS_ARRAY_LEN(commands); i++)
		fprintf(f, "  %-11s %s  %s\n", commands[i].name, commands[i].zh, commands[i].en);
	fprintf(f, "\nshanshui serve --print-config 列出全部选项 lists every option\n");
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		usage(stderr);
		return 2;
	}
	for (size_t i = 0; i < SS_ARRAY_LEN(commands); i++)
		if (strcmp(argv[1], commands[i].name) == 0)
			return run(commands[i].fn, argc - 1, argv + 1);
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0) {
		usage(stdout);
		return 0;
	}
	if (strcmp(argv[1], "--version") == 0) {
		printf("shanshui " SS_VERSION "\n");
		return 0;
	}
	fprintf(stderr, "没有命令 %s no such command\n\n", argv[1]);
	usage(stderr);
	return 2;
}
