/* shanshui accept: runs the proofs of the plan's rows against a running demo city through its
 * public interfaces, and prints the acceptance book. A proof is an executable file
 * acceptance/<ROW>...; it ends with 0 (proved), 77 (could not run, said why) or anything else (not
 * proved). Those that say "可并行" in their file (a house of their own, or devices of their own and
 * nothing that the whole city feels) run one after the other beside the rest. */
#include "base/base.h"
#include "base/config.h"
#include "base/os.h"
#include "cmd/cmd.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROOFS_MAX 1024
#define OUTPUT_MAX (1 << 20)

struct accept_settings {
	const char *server, *hj212, *data, *dir, *book;
	int64_t timeout_us;
};

#define ROW(name, type, field, def, zh, en)                                                        \
	SS_OPTION(struct accept_settings, type, field, name, def, zh, en)
static const struct ss_option rows[] = {
    ROW("server", STRING, server, "http://127.0.0.1:8080", "演示城市地址", "the running demo city"),
    ROW("hj212", STRING, hj212, "127.0.0.1:9212", "网关地址", "its gateway"),
    ROW("data", STRING, data, "var/demo", "其数据目录（核验用）",
	"its data folder, for the verifiers"),
    ROW("dir", STRING, dir, "", "验收程序目录", "folder of the proofs"),
    ROW("book", STRING, book, "", "验收簿写到（Markdown）", "write the book to this file"),
    ROW("timeout", DURATION, timeout_us, "1800s", "每项时限", "time a proof may take"),
    {0},
};

struct proof {
	char file[256]; /* "C8-frames.sh" */
	char row[64];   /* "C8" */
	bool beside;    /* says of itself that it may run beside others */
	int status;     /* exit status; -1 = timed out or killed */
	pid_t pid;      /* while it runs */
	int fd;         /* what it says, while it runs */
	int64_t start_us, took_us;
	char *output; /* owned */
};

struct book {
	struct proof list[PROOFS_MAX];
	int n;
	struct ss_buf plan; /* rows.tsv */
	char dir[1024];
};

static int by_file(const void *a, const void *b)
{
	return strcmp(((const struct proof *)a)->file, ((const struct proof *)b)->file);
}

/* "P3.6.1e-automatic.sh" proves row P3.6.1e; without a hyphen the name up to the last dot. */
static void row_of(const char *file, char *row, size_t cap)
{
	const char *end = strchr(file, '-');

	if (!end)
		end = strrchr(file, '.');
	if (!end)
		end = file + strlen(file);
	ss_str_copy(row, cap, ss_str_n(file, (size_t)(end - file)));
}

static bool wanted(const char *row, int argc, char **argv)
{
	for (int i = 0; i < argc; i++)
		if (strcmp(argv[i], row) == 0)
			return true;
	return argc == 0;
}

static bool says_beside(const char *path)
{
	ss_cleanup(ss_buf_done) struct ss_buf text = SS_BUF_MAX(4 << 20);

	return ss_file_read(path, &text) == 0 &&
	       ss_str_find(ss_buf_str(&text), SS_STR("\n# 可并行")) >= 0;
}

static int collect(struct book *b, int argc, char **argv)
{
	DIR *d = opendir(b->dir);
	struct dirent *e;

	if (!d)
		return ss_err_from_errno(errno);
	while ((e = readdir(d)) && b->n < PROOFS_MAX) {
		struct proof *p = &b->list[b->n];
		char path[2048];

		snprintf(path, sizeof(path), "%s/%s", b->dir, e->d_name);
		if (e->d_name[0] == '.' || strchr(e->d_name, '-') == NULL ||
		    access(path, X_OK) != 0)
			continue;
		*p = (struct proof){.status = -1, .beside = says_beside(path)};
		ss_str_copy(p->file, sizeof(p->file), ss_str_of(e->d_name));
		row_of(p->file, p->row, sizeof(p->row));
		b->n += wanted(p->row, argc, argv);
	}
	closedir(d);
	ss_sort(b->list, (size_t)b->n, sizeof(b->list[0]), by_file);
	return 0;
}

/* Column `index` of the plan's line for the row. */
static struct ss_str plan_of(const struct book *b, const char *row, int index)
{
	struct ss_str rest = ss_buf_str(&b->plan), line, cell;

	while (ss_str_split(&rest, '\n', &line)) {
		if (!ss_str_split(&line, '\t', &cell) || !ss_str_is(cell, row))
			continue;
		for (int i = 1; ss_str_split(&line, '\t', &cell); i++)
			if (i == index)
				return cell;
	}
	return SS_STR("");
}

static void child(const struct book *b, const struct proof *p, const struct accept_settings *s,
		  int out)
{
	char path[2048], self[1024];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	self[n > 0 ? n : 0] = 0;
	setenv("SHANSHUI", self, 1);
	setenv("SHANSHUI_URL", s->server, 1);
	setenv("SHANSHUI_HJ212", s->hj212, 1);
	setenv("SHANSHUI_DATA", s->data, 1);
	snprintf(path, sizeof(path), "%s/%s", b->dir, p->file);
	dup2(out, 1);
	dup2(out, 2);
	setpgid(0, 0);
	execl(path, path, (char *)NULL);
	fprintf(stderr, "%s: %s\n", path, strerror(errno));
	_exit(127);
}

/* Output goes through a file, so that a proof that leaves children behind cannot hold a pipe open.
 */
static void begin(const struct book *b, struct proof *p, const struct accept_settings *s)
{
	char name[] = "/tmp/shanshui-proof-XXXXXX";

	p->start_us = ss_time_mono();
	p->fd = mkostemp(name, O_CLOEXEC);
	if (p->fd < 0)
		return;
	unlink(name);
	fflush(NULL);
	p->pid = fork();
	if (p->pid == 0)
		child(b, p, s, p->fd);
}

/* Whether it has ended; one that takes too long is ended here. */
static bool over(struct proof *p, const struct accept_settings *s)
{
	int status = 0;

	if (p->fd < 0 || p->pid <= 0)
		return true;
	if (waitpid(p->pid, &status, WNOHANG) != 0) {
		p->status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
		return true;
	}
	if (ss_time_mono() <= p->start_us + s->timeout_us)
		return false;
	kill(-p->pid, SIGKILL);
	waitpid(p->pid, &status, 0);
	return true;
}

static void take_output(struct proof *p)
{
	ss_cleanup(ss_buf_done) struct ss_buf out = SS_BUF_MAX(OUTPUT_MAX);
	char bytes[4096];
	ssize_t n;

	p->took_us = ss_time_mono() - p->start_us;
	if (p->fd < 0)
		return;
	lseek(p->fd, 0, SEEK_SET);
	while ((n = read(p->fd, bytes, sizeof(bytes))) > 0)
		ss_buf_add(&out, bytes, (size_t)n);
	close(p->fd);
	p->output = ss_buf_take(&out);
}

static const char *verdict(const struct proof *p)
{
	return p->status == 0 ? "过   proved " : p->status == 77 ? "未跑 not run" : "不过 FAILED ";
}

static struct ss_str last_line(const char *text)
{
	struct ss_str s = ss_str_trim(ss_str_of(text)), line = s;

	while (ss_str_split(&s, '\n', &line))
		;
	return line;
}

static void print_proof(const struct book *b, const struct proof *p)
{
	struct ss_str name = plan_of(b, p->row, 1);

	printf("%s %-8s " SS_STR_FMT "  (%.1f s)\n", verdict(p), p->row, SS_STR_ARG(name),
	       (double)p->took_us / 1e6);
	if (p->status == 0)
		printf("             " SS_STR_FMT "\n", SS_STR_ARG(last_line(p->output)));
	else
		printf("%s\n", p->output ? p->output : "");
	fflush(stdout);
}

static int write_book(const struct book *b, const char *path, const int count[3])
{
	ss_cleanup(ss_buf_done) struct ss_buf o = SS_BUF_MAX(16 << 20);
	char now[SS_TIME_ISO];

	ss_time_fmt_iso(now, ss_time_now());
	ss_buf_addf(&o, "# 验收簿 Acceptance book\n\n%s · 过 %d · 不过 %d · 未跑 %d\n\n", now,
		    count[0], count[1], count[2]);
	for (int i = 0; i < b->n; i++) {
		const struct proof *p = &b->list[i];

		ss_buf_addf(&o,
			    "## %s " SS_STR_FMT
			    " — %s\n\n计划要求的证明 proof asked for: " SS_STR_FMT
			    "\n\n```\n%s```\n\n",
			    p->row, SS_STR_ARG(plan_of(b, p->row, 1)), verdict(p),
			    SS_STR_ARG(plan_of(b, p->row, 4)), p->output ? p->output : "");
	}
	return o.err ? o.err : ss_file_write_atomic(path, o.p, o.n, 0644);
}

/* The next proof of a lane: those that run beside others, and the rest. NULL when there is none. */
static struct proof *next_of(struct book *b, bool beside, int *at)
{
	while (*at < b->n)
		if (b->list[(*at)++].beside == beside)
			return &b->list[*at - 1];
	return NULL;
}

static void run_lanes(struct book *b, const struct accept_settings *s, int count[3])
{
	struct proof *now[2] = {NULL};
	int at[2] = {0};

	for (;;) {
		for (int lane = 0; lane < 2; lane++) {
			struct proof *p = now[lane];

			if (p && !over(p, s))
				continue;
			if (p) {
				take_output(p);
				print_proof(b, p);
				count[p->status == 0 ? 0 : p->status == 77 ? 2 : 1]++;
			}
			now[lane] = next_of(b, lane == 1, &at[lane]);
			if (now[lane])
				begin(b, now[lane], s);
		}
		if (!now[0] && !now[1])
			return;
		usleep(20000);
	}
}

static int run_all(struct book *b, const struct accept_settings *s)
{
	int count[3] = {0};

	run_lanes(b, s, count);
	if (s->book[0] && write_book(b, s->book, count) < 0)
		fprintf(stderr, "验收簿写不进 %s cannot write the book\n", s->book);
	for (int i = 0; i < b->n; i++)
		free(b->list[i].output);
	printf("%d passed, %d failed, %d not run\n", count[0], count[1], count[2]);
	return count[1] > 0 || b->n == 0;
}

/* acceptance/ beside the build folder the program stands in, unless --dir says otherwise. */
static void find_dir(struct book *b, const char *given)
{
	char self[1024];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char *slash;

	self[n > 0 ? n : 0] = 0;
	slash = strrchr(self, '/');
	if (slash)
		*slash = 0;
	if (given[0])
		snprintf(b->dir, sizeof(b->dir), "%s", given);
	else
		snprintf(b->dir, sizeof(b->dir), "%.900s/../acceptance", self);
}

static int accept_rows(struct accept_settings *s, int argc, char **argv)
{
	struct book *b = calloc(1, sizeof(*b));
	char path[2048];
	int status = 1, r;

	if (!b)
		return 1;
	ss_buf_init(&b->plan, 4 << 20);
	find_dir(b, s->dir);
	snprintf(path, sizeof(path), "%s/rows.tsv", b->dir);
	r = ss_file_read(path, &b->plan);
	if (r == 0)
		r = collect(b, argc, argv);
	if (r < 0)
		fprintf(stderr, "读不了验收目录 %s：%s cannot read the proofs: %s\n", b->dir,
			ss_err_zh(r), ss_err_en(r));
	else
		status = run_all(b, s);
	ss_buf_done(&b->plan);
	free(b);
	return status;
}

int ss_cmd_accept(int argc, char **argv)
{
	struct accept_settings s = {0};
	struct ss_config *c = ss_config_new();
	struct ss_error err = {0};
	int rest = argc, status = 2;
	int r = c ? ss_config_add(c, rows, &s) : SS_ENOMEM;

	if (r == 0)
		r = ss_config_args(c, argc, argv, 1, &rest, &err);
	if (r < 0)
		fprintf(stderr, "%s\n", err.code ? err.text : ss_err_zh(r));
	else
		status = accept_rows(&s, rest - 1, argv + 1);
	ss_config_free(c);
	return status;
}
