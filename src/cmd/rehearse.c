#include "cmd/rehearse.h"

#include <math.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/json.h"
#include "base/log.h"
#include "base/os.h"
#include "cmd/node.h"
#include "cmd/rehearse_internal.h"
#include "sense/hj212/hj212.h"

#define WAIT (600 * SS_US_PER_SEC)
#define TICKS 3

/* --- a copy to work on --- */

struct mns { /* devices of the site */
	int64_t site;
	char mn[256][65];
	size_t n;
};

static bool take_mn(void *arg, const struct ss_device *d)
{
	struct mns *m = arg;

	if (d->site == m->site && m->n < SS_ARRAY_LEN(m->mn))
		memcpy(m->mn[m->n++], d->mn, sizeof(d->mn));
	return true;
}

static bool of_site(const struct mns *m, const struct ss_entry *e)
{
	ptrdiff_t at;

	if (m->site == 0 || (e->kind != SS_ENTRY_HJ212 && e->kind != SS_ENTRY_HJ212_BAD))
		return true;
	at = ss_str_find(e->body, SS_STR(";MN="));
	for (size_t i = 0; at >= 0 && i < m->n; i++) {
		struct ss_str rest = {e->body.p + at + 4, e->body.n - (size_t)at - 4};
		size_t n = strlen(m->mn[i]);

		if (rest.n > n && memcmp(rest.p, m->mn[i], n) == 0 && rest.p[n] == ';')
			return true;
	}
	return false;
}

static int put(struct ss_lane *l, const struct ss_entry *e, uint64_t *ticket)
{
	int r;

	while ((r = ss_lane_put(l, e, ticket)) == SS_EBUSY)
		ss_lane_wait(l, *ticket, SS_US_PER_SEC);
	return r;
}

/* Every entry keeps its number: what is left out stays as an empty note. */
static int copy_entries(struct ss_journal *from, struct ss_journal *to, const struct mns *m,
			struct ss_error *err)
{
	struct ss_reader *rd = NULL;
	struct ss_lane *lane;
	struct ss_entry e;
	uint64_t ticket = 0;
	int r = ss_journal_lane(to, "copy", -1, &lane);

	if (r >= 0)
		r = ss_reader_open(from, 1, &rd, err);
	while (r >= 0 && (r = ss_reader_next(rd, &e, err)) > 0) {
		struct ss_entry left_out = {.kind = SS_ENTRY_NOTE, .arrived_us = e.arrived_us};

		r = put(lane, of_site(m, &e) ? &e : &left_out, &ticket);
	}
	if (r >= 0 && ticket)
		r = ss_lane_wait(lane, ticket, WAIT);
	ss_reader_close(rd);
	return r;
}

static int copy_journal(const struct ss_rehearsal *a, const char *dir, const struct mns *m,
			struct ss_error *err)
{
	char source[600], target[600];
	struct ss_journal_settings in = {.dir = source, .read_only = true};
	struct ss_journal_settings out = {.dir = target,
					  .segment_bytes = INT64_C(1) << 30,
					  .lane_bytes = 32 << 20,
					  .tip_us = 3600 * SS_US_PER_SEC};
	struct ss_journal *from = NULL, *to = NULL;
	int r;

	snprintf(source, sizeof(source), "%s/journal", a->data);
	snprintf(target, sizeof(target), "%s/journal", dir);
	r = ss_journal_open(&in, &from, err);
	if (r >= 0)
		r = ss_journal_open(&out, &to, err);
	if (r >= 0)
		r = copy_entries(from, to, m, err);
	ss_journal_close(to);
	ss_journal_close(from);
	return r;
}

/* The devices' keys, so that encrypted frames are read there as here; none is made at the source.
 */
static int use_keys(struct ss_registry *from, const char *data, struct ss_registry *to,
		    const char *dir, struct ss_error *err)
{
	char source[600], target[600];
	int r = 0;

	snprintf(source, sizeof(source), "%s/device.key", data);
	snprintf(target, sizeof(target), "%s/device.key", dir);
	if (access(source, R_OK) == 0)
		r = ss_registry_use_keys(from, source, err);
	return r < 0 ? r : ss_registry_use_keys(to, target, err);
}

static int copy_all(const struct ss_rehearsal *a, const char *dir, struct ss_error *err)
{
	struct mns *m = calloc(1, sizeof(*m));
	struct ss_registry *from = NULL, *to = NULL;
	char source[1024], target[600];
	int r = m ? 0 : SS_ENOMEM;

	if (a->db && a->db[0])
		snprintf(source, sizeof(source), "%s", a->db);
	else
		snprintf(source, sizeof(source), "sqlite:%s/record.db", a->data);
	snprintf(target, sizeof(target), "sqlite:%s/record.db", dir);
	if (r >= 0)
		r = ss_registry_open_read(source, &from, err);
	if (r >= 0)
		r = ss_registry_open(target, &to, err);
	if (r >= 0)
		r = use_keys(from, a->data, to, dir, err);
	if (r >= 0)
		r = ss_registry_copy(from, to, err);
	if (r >= 0 && a->site) {
		m->site = a->site;
		ss_registry_devices(from, take_mn, m);
	}
	if (r >= 0)
		r = copy_journal(a, dir, m, err);
	ss_registry_close(to);
	ss_registry_close(from);
	free(m);
	return r;
}

/* --- one run, in a process of its own --- */

/* Rides on the line behind the others, to know how often they were told of the clock. */
static _Atomic int ticks;

static int on_tick(void *self, int64_t now_us, struct ss_error *err)
{
	(void)self, (void)now_us, (void)err;
	ticks++;
	return 0;
}

static const struct ss_deriver rider = {.name = "rehearsal", .on_tick = on_tick};

/* Waits until the line has caught up and ticked a few times more. */
static void some_ticks(int64_t until)
{
	int from = ticks;

	while (ticks < from + TICKS && ss_time_mono() < until)
		usleep(10000);
}

static bool all_idle(struct ss_node *n)
{
	struct ss_findings_stat st;

	for (size_t i = 0; i < n->n_derivers; i++)
		if (n->derivers[i].idle && !n->derivers[i].idle(n->derivers[i].self))
			return false;
	ss_findings_stat(n->findings, &st);
	return st.waiting == 0;
}

struct progress {
	uint8_t digest[32];
};

static int progress_of(struct ss_node *n, struct progress *p, struct ss_error *err)
{
	return ss_findings_digest(n->findings, NULL, p->digest, err);
}

/* Everything is taken, what comes of the clock (silence, hours that are over) has come too, and
 * nobody has anything left to do. A deriver may hold its cursor back for an hour that is still
 * open, so cursors do not tell. */
static int settle(struct ss_node *n, bool *ret_settled, struct ss_error *err)
{
	int64_t until = ss_time_mono() + WAIT;
	struct progress was = {.digest = {0}}, is;
	struct ss_journal_stat st;
	int r, same = 0;

	ss_journal_stat(n->journal, &st);
	r = ss_line_wait(n->line, st.entries, WAIT);
	if (r < 0)
		return ss_error_set(err, r, "重算没有走完 the line did not come to the end");
	while (same < 2 && ss_time_mono() < until) {
		some_ticks(until);
		r = progress_of(n, &is, err);
		if (r < 0)
			return r;
		same = all_idle(n) && memcmp(&is, &was, sizeof(is)) == 0 ? same + 1 : 0;
		was = is;
	}
	*ret_settled = same == 2;
	return 0;
}

static json_t *refused(const char *what, const char *why)
{
	return json_pack("{s:b, s:s, s:s}", "ok", 0, "what", what, "why", why);
}

static json_t *apply_act(struct ss_node *n, const json_t *c)
{
	ss_cleanup(ss_buf_done) struct ss_buf result = SS_BUF_MAX(1 << 20);
	const char *by = json_string_value(json_object_get(c, "by"));
	struct ss_act_new act = {.act = json_string_value(json_object_get(c, "act")),
				 .by = by ? by : "预演 rehearsal",
				 .target = json_object_get(c, "target"),
				 .data = json_object_get(c, "data"),
				 .reason = json_string_value(json_object_get(c, "reason")),
				 .at_us = SS_TIME_NONE};
	struct ss_error why = {0};
	char id[37] = "";
	int r = ss_acts_append(n->acts, &act, WAIT, id, &result, &why);

	if (r < 0)
		return refused(act.act, why.text[0] ? why.text : ss_err_zh(r));
	return json_pack("{s:b, s:s, s:s}", "ok", 1, "what", act.act, "id", id);
}

static json_t *apply_frame(struct ss_node *n, struct ss_lane *lane, const char *text)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(16384);
	struct ss_entry e = {
	    .kind = SS_ENTRY_HJ212, .arrived_us = ss_time_now(), .source = SS_STR("rehearsal")};
	struct ss_hj212_policy policy = {.segment_cap = SS_HJ212_SEGMENT_MAX};
	struct ss_hj212_frame f;
	uint64_t ticket = 0;
	size_t used;

	(void)n;
	if (strncmp(text, "##", 2) == 0)
		ss_buf_addz(&b, text);
	else if (ss_hj212_frame_put(&b, ss_str_of(text)) < 0)
		return refused("frame", "数据段过长 the segment is too long");
	if (ss_hj212_cut(b.p, b.n, true, &policy, &f, &used) != 1 || f.verdict != SS_HJ212_ACCEPT)
		return refused("frame", "不是完好的 HJ 212 报文 no whole frame");
	e.body = f.raw;
	if (put(lane, &e, &ticket) < 0 || ss_lane_wait(lane, ticket, WAIT) < 0)
		return refused("frame", "写不进去 cannot be written");
	return json_pack("{s:b, s:s}", "ok", 1, "what", "frame");
}

static json_t *apply(struct ss_node *n, const json_t *changes)
{
	json_t *done = json_array(), *c;
	struct ss_lane *lane = NULL;
	size_t i;

	if (ss_journal_lane(n->journal, "rehearsal", -1, &lane) < 0)
		return done;
	json_array_foreach((json_t *)changes, i, c)
	{
		const char *frame = json_string_value(json_object_get(c, "frame"));

		json_array_append_new(done, frame ? apply_frame(n, lane, frame) : apply_act(n, c));
	}
	return done;
}

/* The run; *ret says what became of the changes. */
static int derive(const struct ss_rehearsal *a, const char *dir, const json_t *changes,
		  json_t **ret, struct ss_error *err)
{
	struct ss_node_settings s = {0};
	struct ss_config *c = ss_config_new();
	struct ss_node n = {0};
	json_t *done = NULL;
	bool settled = false;
	int r = c ? ss_node_options(c, &s) : SS_ENOMEM;

	s.data = dir;
	s.extra = &rider;
	s.line.gather_us = 0;
	if (r >= 0)
		r = copy_all(a, dir, err);
	if (r >= 0)
		r = ss_node_open_line(&n, &s, err);
	if (r >= 0) {
		struct ss_journal_stat st;

		ss_journal_stat(n.journal, &st);
		r = settle(&n, &settled, err);
		if (r >= 0 && json_array_size(changes)) {
			done = apply(&n, changes);
			r = settle(&n, &settled, err);
		}
		*ret = json_pack("{s:I, s:b, s:o}", "entries", (json_int_t)st.entries, "settled",
				 settled, "changes", done ? done : json_array());
		ss_node_close(&n);
	}
	ss_config_free(c);
	return r;
}

static void write_all(int fd, const char *p, size_t n)
{
	while (n) {
		ssize_t w = write(fd, p, n);

		if (w <= 0)
			return;
		p += w;
		n -= (size_t)w;
	}
}

static void child(const struct ss_rehearsal *a, const char *dir, const json_t *changes, int fd)
{
	struct ss_error err = {0};
	json_t *v = NULL;
	char *text;
	int r;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	ss_log_set_level(SS_LOG_ERROR);
	r = derive(a, dir, changes, &v, &err);
	if (r < 0)
		v = json_pack("{s:i, s:s}", "code", r, "why",
			      err.text[0] ? err.text : ss_err_zh(r));
	text = json_dumps(v, JSON_COMPACT);
	if (text)
		write_all(fd, text, strlen(text));
	_exit(0);
}

static int read_all(int fd, struct ss_buf *b)
{
	char part[4096];
	ssize_t n;

	while ((n = read(fd, part, sizeof(part))) > 0)
		ss_buf_add(b, part, (size_t)n);
	return b->err;
}

static int run(const struct ss_rehearsal *a, const char *dir, const json_t *changes, json_t **ret,
	       struct ss_error *err)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(64 << 20);
	int fd[2], status, r;
	const char *why;
	pid_t pid;

	if (ss_mkdirs(dir, 0700) < 0 || pipe(fd) < 0)
		return ss_error_set(err, SS_EIO, "没有地方预演 no room for it: %s", dir);
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		close(fd[0]);
		child(a, dir, changes, fd[1]);
	}
	close(fd[1]);
	r = pid < 0 ? SS_EIO : read_all(fd[0], &b);
	close(fd[0]);
	if (pid > 0)
		waitpid(pid, &status, 0);
	if (r >= 0)
		r = ss_json_parse(ss_buf_str(&b), ret, err);
	if (r < 0)
		return ss_error_set(err, SS_EIO, "预演的进程中断了 its process was cut off");
	why = json_string_value(json_object_get(*ret, "why"));
	if (!why)
		return 0;
	r = (int)json_integer_value(json_object_get(*ret, "code"));
	ss_error_set(err, r, "%s", why);
	json_decref(*ret);
	*ret = NULL;
	return r;
}

static int check_changes(const json_t *changes, struct ss_error *err)
{
	for (size_t i = 0; i < json_array_size(changes); i++) {
		const json_t *c = json_array_get(changes, i);

		if (!json_is_string(json_object_get(c, "act")) &&
		    !json_is_string(json_object_get(c, "frame")))
			return ss_error_set(err, SS_EINVAL,
					    "第 %zu 项变更须有 act 或 frame；change %zu needs an "
					    "act or a frame",
					    i + 1, i + 1);
	}
	return 0;
}

int ss_rehearse(const struct ss_rehearsal *a, json_t **ret, struct ss_error *err)
{
	const char *tmp = getenv("TMPDIR");
	char dir[300], plain[320], with[320];
	json_t *first = NULL, *second = NULL;
	int r = check_changes(a->changes, err);

	if (r < 0)
		return r;
	snprintf(dir, sizeof(dir), "%s/shanshui-rehearsal-XXXXXX", tmp ? tmp : "/tmp");
	if (!mkdtemp(dir))
		return ss_error_set(err, SS_EIO, "没有地方预演 no room for it: %s", dir);
	snprintf(plain, sizeof(plain), "%s/plain", dir);
	snprintf(with, sizeof(with), "%s/with", dir);
	r = run(a, plain, NULL, &first, err);
	if (r >= 0 && json_array_size(a->changes))
		r = run(a, with, a->changes, &second, err);
	if (r >= 0)
		r = ssr_compare(a, plain, second ? with : plain, second ? second : first, err);
	if (r >= 0)
		*ret = json_incref(second ? second : first);
	json_decref(first);
	json_decref(second);
	ss_rmtree(dir);
	return r;
}
