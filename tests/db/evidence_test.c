/* Evidence packages of a real line, on both engines, held against the separate verifier: good ones
 * are accepted, every change is refused and named, and forgeries made with the node's own key are
 * refused by the anchors. */
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/os.h"
#include "db/line_fixture.h"
#include "reason/figures/figures.h"
#include "serve/evidence/evidence_internal.h"
#include "verify/verify.h"

#define T0 INT64_C(1772294400000000) /* 2026-03-01 00:00 +08:00 */
#define MINUTES 90
#define WAIT (300 * SS_US_PER_SEC)

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define MUTATIONS 100
#else
#define MUTATIONS 1000
#endif

/* --- a city of two outlets, and a deriver of hours ----------------------------------------------
 */

struct city {
	struct line_env l;
	struct ss_figures *f;
	struct ss_buf full, paper; /* anchors */
	int32_t cod;               /* series of the first outlet */
	double changed;            /* what a forger puts into one frame */
};

static int hour_entry(void *self, const struct ss_taken *t, struct ss_error *err)
{
	struct line_env *l = self;
	struct ss_finding x = {.end_us = SS_TIME_NONE,
			       .state = "seen",
			       .seq = t->entry->seq,
			       .known_us = t->entry->arrived_us,
			       .basis = {.rule = "first.hour",
					 .standard = "GB 3838-2002",
					 .clause = "表1",
					 .code = "test/1"}};

	if (t->n == 0)
		return 0;
	x.start_us = ss_hour_start(ss_hour_of(t->data_us));
	x.end_us = x.start_us + SS_US_PER_HOUR;
	x.key.site = t->site;
	memcpy(x.key.kind, "toy_hour", 9);
	memcpy(x.key.factor, "w01018", 7);
	return ss_findings_put(l->findings, &x, err);
}

static const struct ss_act_field note_target[] = {
    {"site", SS_ACT_INTEGER, true, "站点", "site", NULL}, {0}};
static const struct ss_act_field note_data[] = {{"start", SS_ACT_TIME, true, "起", "start", NULL},
						{"end", SS_ACT_TIME, true, "止", "end", NULL},
						{0}};
static const struct ss_act_kind acts[] = {
    {.name = "mark.file", .zh = "标记", .en = "mark", .target = note_target, .data = note_data},
    {0}};

static void make(struct line_env *l)
{
	l->derivers[l->n_derivers++] =
	    (struct ss_deriver){.name = "toy", .self = l, .on_entry = hour_entry, .acts = acts};
}

static void put_frames(struct city *c)
{
	char values[200];

	for (int i = 0; i < MINUTES; i++) {
		int64_t t = T0 + i * SS_US_PER_MIN;
		double v = i == 30 && c->changed != 0 ? c->changed : 40 + i % 7 + 0.25;

		snprintf(values, sizeof(values), "w01018-Rtd=%.2f,w01018-Flag=%c;w21003-Rtd=1.5", v,
			 i == 40 ? 'D' : 'N');
		line_env_frame(&c->l, t + SS_US_PER_SEC, "OURS0001", 2011, t, values);
		snprintf(values, sizeof(values), "w01018-Rtd=%d.875,w01018-Flag=N", 100 + i);
		line_env_frame(&c->l, t + SS_US_PER_SEC, "OTHER002", 2011, t, values);
		if (i % 20 == 19) { /* so that there are groups and tips between */
			struct ss_journal_stat st;

			assert_int_equal(ss_lane_wait(c->l.lane, c->l.put, WAIT), 0);
			ss_journal_stat(c->l.journal, &st);
			assert_int_equal(ss_journal_tip_now(c->l.journal, st.groups, WAIT), 0);
		}
	}
	/* One value comes again, another one. */
	line_env_frame(&c->l, T0 + 2 * SS_US_PER_HOUR, "OURS0001", 2011, T0 + 10 * SS_US_PER_MIN,
		       "w01018-Rtd=7.5,w01018-Flag=N");
}

static void file_mark(struct city *c)
{
	json_t *target = json_pack("{s:i}", "site", 1);
	json_t *data = json_pack("{s:s, s:s}", "start", "2026-03-01T00:10:00+08:00", "end",
				 "2026-03-01T00:20:00+08:00");
	const struct ss_act_new n = {.act = "mark.file",
				     .by = "王工",
				     .target = target,
				     .data = data,
				     .reason = "校准",
				     .at_us = SS_TIME_NONE};
	ss_cleanup(ss_buf_done) struct ss_buf result = SS_BUF_MAX(4096);
	struct ss_error e = {0};
	char id[37];

	assert_ok(ss_acts_append(c->l.acts, &n, WAIT, id, &result, &e), &e);
	json_decref(target);
	json_decref(data);
}

static void city_figures(struct city *c)
{
	const struct ss_figures_parts parts = {.journal = c->l.journal,
					       .registry = c->l.registry,
					       .series = c->l.series,
					       .findings = c->l.findings,
					       .codec = ss_hj212_figures_codec};
	struct ss_series_key k = {
	    .site = 1, .period = SS_PERIOD_RTD, .factor = "w01018", .stat = "Rtd"};
	struct ss_error e = {0};

	assert_int_equal(ss_series_find(c->l.series, &k, &c->cod), 0);
	assert_int_equal(ss_figures_new(&parts, &c->f), 0);
	c->full = c->paper = SS_BUF_MAX(1 << 20);
	assert_ok(ss_evidence_anchors(c->l.journal, false, &c->full, &e), &e);
	assert_ok(ss_evidence_anchors(c->l.journal, true, &c->paper, &e), &e);
}

/* key_of: whose key the node takes over, or NULL. */
static void city_open(struct city *c, struct db_env *env, const char *sub, const char *key_of,
		      double changed)
{
	ss_cleanup(ss_buf_done) struct ss_buf key = SS_BUF_MAX(8192);
	struct ss_journal_stat st;
	char path[300];

	*c = (struct city){.changed = changed};
	line_env_place(&c->l, env, sub);
	c->l.make = make;
	if (key_of) {
		snprintf(path, sizeof(path), "%s/journal", c->l.dir);
		assert_int_equal(ss_mkdirs(path, 0700), 0);
		snprintf(path, sizeof(path), "%s/journal/node.key", key_of);
		assert_int_equal(ss_file_read(path, &key), 0);
		snprintf(path, sizeof(path), "%s/journal/node.key", c->l.dir);
		assert_int_equal(ss_file_write_atomic(path, key.p, key.n, 0600), 0);
	}
	line_env_open(&c->l);
	line_env_register(&c->l, "mn,site_code,site_name,kind,district\n"
				 "OURS0001,S1,甲厂,source_water,玄武\n"
				 "OTHER002,S2,乙厂,source_water,玄武\n");
	line_env_start(&c->l);
	put_frames(c);
	line_env_settle(&c->l);
	file_mark(c);
	line_env_settle(&c->l);
	ss_journal_stat(c->l.journal, &st);
	assert_int_equal(ss_journal_tip_now(c->l.journal, st.groups, WAIT), 0);
	city_figures(c);
}

static void city_close(struct city *c)
{
	ss_figures_free(c->f);
	ss_buf_done(&c->full);
	ss_buf_done(&c->paper);
	line_env_close(&c->l);
}

static void export(struct city *c, struct ss_buf *out, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
static void export(struct city *c, struct ss_buf *out, const char *fmt, ...)
{
	char id[600];
	struct ss_evidence_ask ask = {
	    .by = "李工", .why = "试", .created_us = T0, .wait_us = WAIT, .folder = c->l.dir};
	struct ss_evidence_made made = {0};
	struct ss_error e = {0};
	uint8_t sm3[32];
	va_list ap;
	int fd = ss_file_nameless(c->l.dir);

	va_start(ap, fmt);
	vsnprintf(id, sizeof(id), fmt, ap);
	va_end(ap);
	ask.id = ss_str_of(id);
	*out = SS_BUF_MAX(64 << 20);
	assert_true(fd >= 0);
	assert_ok(ss_evidence_export(c->f, &ask, fd, &made, &e), &e);
	assert_int_equal(ss_os()->size(fd), made.bytes);
	assert_int_equal(ss_buf_reserve(out, (size_t)made.bytes), 0);
	assert_int_equal(ss_os()->pread(fd, out->p, (size_t)made.bytes, 0), made.bytes);
	out->n = (size_t)made.bytes;
	ss_sm3(out->p, out->n, sm3);
	assert_memory_equal(sm3, made.sm3, 32);
	ss_os()->close(fd);
}

static struct sv_bytes bytes(const struct ss_buf *b)
{
	return (struct sv_bytes){(const uint8_t *)b->p, b->n};
}

static const struct sv_bytes none = {NULL, 0};

static enum sv_verdict check(const struct ss_buf *package, const struct ss_buf *anchors,
			     struct sv_report *r)
{
	sv_check(bytes(package), anchors ? bytes(anchors) : none, r);
	return sv_verdict(r);
}

static void accepted(const struct ss_buf *package, const struct ss_buf *anchors,
		     struct sv_report *r)
{
	if (check(package, anchors, r) != SV_GOOD)
		fail_msg("%s %s", r->broken[0].where, r->broken[0].en);
}

static void id_of_finding(char id[SS_FINDING_ID])
{
	struct ss_finding_key k = {.kind = "toy_hour", .site = 1, .factor = "w01018"};

	assert_int_equal(ss_finding_id(&k, T0, id, SS_FINDING_ID), 0);
}

/* --- good packages ------------------------------------------------------------------------------
 */

static void a_good_package_is_accepted(struct db_env *env)
{
	ss_cleanup(ss_buf_done) struct ss_buf obs, twice, hour, day, finding;
	char id[SS_FINDING_ID];
	static struct sv_report r;
	struct city c;

	city_open(&c, env, "good", NULL, 0);
	export(&c, &obs, "obs~%d~%lld", c.cod, (long long)T0);
	accepted(&obs, &c.full, &r);
	assert_int_equal(r.frames, 1);
	assert_int_equal(r.observations, 1);
	accepted(&obs, &c.paper, &r);
	assert_int_equal(check(&obs, NULL, &r), SV_UNANCHORED);
	export(&c, &twice, "obs~%d~%lld", c.cod, (long long)(T0 + 10 * SS_US_PER_MIN));
	accepted(&twice, &c.full, &r);
	assert_int_equal(r.observations, 2); /* both versions, each from its own frame */
	export(&c, &hour, "hour~%d~%lld", c.cod, (long long)T0);
	accepted(&hour, &c.paper, &r);
	assert_int_equal(r.observations, 61);
	assert_int_equal(r.rollups, 1);
	export(&c, &day, "day~%d~%lld", c.cod, (long long)T0);
	accepted(&day, &c.full, &r);
	assert_int_equal(r.observations, MINUTES + 1);
	assert_int_equal(r.rollups, 3);
	/* What others sent stays hidden, though it stands between, and in the same groups. */
	assert_true(ss_str_find(ss_buf_str(&day), SS_STR("OURS0001")) > 0);
	assert_int_equal(ss_str_find(ss_buf_str(&day), SS_STR("OTHER002")), -1);
	id_of_finding(id);
	export(&c, &finding, "%s", id);
	accepted(&finding, &c.full, &r);
	assert_int_equal(r.acts, 1); /* the mark that met the hour, as an entry of the journal */
	assert_true(ss_str_find(ss_buf_str(&finding), SS_STR("王工")) > 0);
	assert_true(ss_str_find(ss_buf_str(&finding), SS_STR("limits/")) > 0);
	city_close(&c);
}

static void the_same_package_twice_is_the_same_bytes(struct db_env *env)
{
	ss_cleanup(ss_buf_done) struct ss_buf a, b;
	struct city c;
	size_t differ = 0;

	city_open(&c, env, "twice", NULL, 0);
	export(&c, &a, "hour~%d~%lld", c.cod, (long long)T0);
	export(&c, &b, "hour~%d~%lld", c.cod, (long long)T0);
	assert_int_equal(a.n, b.n);
	for (size_t i = 0; i < a.n; i++)
		differ += a.p[i] != b.p[i];
	assert_true(differ <= 145); /* the signature alone */
	city_close(&c);
}

/* --- memory -------------------------------------------------------------------------------------
 */

#define MEMBERS 24
#define MIB ((size_t)1 << 20)

static long peak_kib(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return u.ru_maxrss;
}

static char piece[MIB];

/* As many MiB whole as piece by piece. */
static int pack_much(const char *folder, int out, struct ss_evidence_made *made)
{
	struct pack k;
	struct pack_long l = {.k = &k};
	char path[40];
	int r = sse_pack_open(&k, folder);

	if (r >= 0)
		r = sse_long_begin(&l, &k);
	for (int i = 0; i < MEMBERS && r >= 0; i++) {
		memset(piece, 'a' + i, MIB);
		snprintf(path, sizeof(path), "frames/%02d.frame", i);
		r = sse_pack_add(&k, path, ss_str_n(piece, MIB));
		if (r >= 0)
			r = sse_long_put(&l, ss_str_n(piece, MIB));
	}
	if (r >= 0)
		r = sse_long_end(&l, "proof/groups.jsonl");
	sse_long_done(&l);
	sse_pack_sort(&k);
	if (r >= 0)
		r = sse_pack_write(&k, SS_STR("{}"), SS_STR("00"), out, made);
	sse_pack_done(&k);
	return r;
}

/* In a process of its own: its peak is of this and nothing before. An exit code, as a test has no
 * voice there. */
static int peak_of_packing(const char *folder)
{
	struct ss_evidence_made made = {0};
	int out = ss_file_nameless(folder);
	uint8_t sm3[32];
	long before;

	memset(piece, 1,
	       MIB); /* it, and what a sanitizer keeps about it, are no part of the growth */
	ss_sm3(piece, MIB, sm3);
	before = peak_kib();
	if (out < 0 || pack_much(folder, out, &made) < 0)
		return 2;
	/* Each member has a block before it; the manifest and its signature are a block each, then
	 * come two empty ones. */
	if (made.bytes != (int64_t)(2 * MEMBERS * MIB) + 512 * (MEMBERS + 1 + 4 + 2))
		return 3;
	return peak_kib() - before > 16 * 1024 ? 4 : 0; /* of 48 MiB */
}

static void a_long_package_does_not_wait_in_memory(struct db_env *env)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0)
		_exit(peak_of_packing(env->dir));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

/* --- taking packages apart and putting them together again --------------------------------------
 */

#define PARTS_MAX 512
struct part {
	char path[101];
	struct ss_buf data;
};
struct parts {
	struct part p[PARTS_MAX];
	size_t n;
};

static void take_apart(const struct ss_buf *package, struct parts *k)
{
	size_t at = 0;

	k->n = 0;
	while (package->p[at]) {
		struct part *p = &k->p[k->n++];
		size_t n = strtoul(package->p + at + 124, NULL, 8);

		assert_true(k->n < PARTS_MAX);
		memcpy(p->path, package->p + at, 100);
		p->path[100] = 0;
		p->data = SS_BUF_MAX(64 << 20);
		ss_buf_add(&p->data, package->p + at + 512, n);
		at += 512 + (n + 511) / 512 * 512;
	}
}

static void parts_done(struct parts *k)
{
	for (size_t i = 0; i < k->n; i++)
		ss_buf_done(&k->p[i].data);
	free(k);
}

static struct part *part(struct parts *k, const char *path)
{
	for (size_t i = 0; i < k->n; i++)
		if (strcmp(k->p[i].path, path) == 0)
			return &k->p[i];
	fail_msg("no %s", path);
	return NULL;
}

static void drop_part(struct parts *k, size_t i)
{
	ss_buf_done(&k->p[i].data);
	memmove(&k->p[i], &k->p[i + 1], (k->n - i - 1) * sizeof(k->p[0]));
	k->n--;
}

static void put_header(struct ss_buf *out, const char *path, size_t n, char type)
{
	char h[512] = {0};
	unsigned sum = 0;

	memcpy(h, path, strlen(path));
	snprintf(h + 100, 8, "%07o", 0644);
	snprintf(h + 108, 8, "%07o", 0);
	snprintf(h + 116, 8, "%07o", 0);
	snprintf(h + 124, 12, "%011zo", n);
	snprintf(h + 136, 12, "%011o", 0);
	memset(h + 148, ' ', 8);
	h[156] = type;
	memcpy(h + 257, "ustar\00000", 8);
	snprintf(h + 329, 8, "%07o", 0);
	snprintf(h + 337, 8, "%07o", 0);
	for (int i = 0; i < 512; i++)
		sum += (unsigned char)h[i];
	snprintf(h + 148, 8, "%06o", sum);
	h[155] = ' ';
	ss_buf_add(out, h, 512);
}

static void put_together(const struct parts *k, struct ss_buf *out)
{
	static const char zero[1024];

	*out = SS_BUF_MAX(64 << 20);
	for (size_t i = 0; i < k->n; i++) {
		put_header(out, k->p[i].path, k->p[i].data.n, '0');
		ss_buf_adds(out, ss_buf_str(&k->p[i].data));
		ss_buf_add(out, zero, (512 - k->p[i].data.n % 512) % 512);
	}
	ss_buf_add(out, zero, 1024);
}

/* As the holder of the node's key would: all digests again, and a good signature. */
static void sign_again(struct city *c, struct parts *k)
{
	struct part *m = part(k, "manifest.json"), *s = part(k, "manifest.sig");
	char hex[65] = {0}, msg[200], node[33] = {0};
	uint8_t digest[32], sig[80], id[16];
	struct ss_error e = {0};
	json_t *v, *list = json_array();
	char *text, *pem;
	size_t n;

	assert_int_equal(ss_json_parse(ss_buf_str(&m->data), &v, &e), 0);
	for (size_t i = 2; i < k->n; i++) {
		ss_sm3(k->p[i].data.p, k->p[i].data.n, digest);
		ss_hex_encode(hex, digest, 32);
		json_array_append_new(list,
				      json_pack("{s:s, s:I, s:s}", "path", k->p[i].path, "bytes",
						(json_int_t)k->p[i].data.n, "sm3", hex));
	}
	json_object_set_new(v, "members", list);
	text = json_dumps(v, JSON_COMPACT);
	ss_buf_reset(&m->data);
	ss_buf_addz(&m->data, text);
	free(text);
	json_decref(v);
	assert_int_equal(ss_journal_node(c->l.journal, &pem, id), 0);
	free(pem);
	ss_hex_encode(node, id, 16);
	ss_sm3(m->data.p, m->data.n, digest);
	ss_hex_encode(hex, digest, 32);
	n = (size_t)snprintf(msg, sizeof(msg), "%s shanshui-evidence-1 %s", node, hex);
	assert_ok(ss_journal_sign(c->l.journal, msg, n, sig, &n, &e), &e);
	ss_buf_reset(&s->data);
	for (size_t i = 0; i < n; i++)
		ss_buf_addf(&s->data, "%02x", sig[i]);
	ss_buf_addc(&s->data, '\n');
}

static bool says(const struct sv_report *r, const char *where)
{
	size_t n = r->broken_n < SV_BROKEN_MAX ? r->broken_n : SV_BROKEN_MAX;

	for (size_t i = 0; i < n; i++)
		if (strstr(r->broken[i].where, where))
			return true;
	return false;
}

/* --- every changed byte -------------------------------------------------------------------------
 */

/* Which member a byte of the package belongs to, where that begins, and the one before it. */
static size_t owner(const struct ss_buf *package, size_t byte, char own[101], char before[101])
{
	size_t at = 0;

	own[0] = before[0] = 0;
	while (package->p[at]) {
		size_t n = strtoul(package->p + at + 124, NULL, 8);
		size_t end = at + 512 + (n + 511) / 512 * 512;

		memcpy(before, own, 101);
		memcpy(own, package->p + at, 100);
		own[100] = 0;
		if (byte < end)
			return at;
		at = end;
	}
	memcpy(before, own, 101); /* the end: named by the last member */
	return at;
}

static uint64_t next_random(uint64_t *state)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return *state >> 33;
}

static void change_one(struct ss_buf *package, const struct ss_buf *anchors, uint64_t *seed)
{
	static struct sv_report r;
	size_t at = (size_t)next_random(seed) % package->n;
	uint8_t by = (uint8_t)(1 + next_random(seed) % 255);
	char own[101], before[101], place[40];

	snprintf(place, sizeof(place), "tar@%zu ", owner(package, at, own, before));
	package->p[at] = (char)((uint8_t)package->p[at] ^ by);
	if (check(package, anchors, &r) != SV_BROKEN)
		fail_msg("byte %zu xor %02x of %s was taken", at, by, own);
	if (!says(&r, own) && !(before[0] && says(&r, before)) && !says(&r, place))
		fail_msg("byte %zu xor %02x of %s: named %s", at, by, own, r.broken[0].where);
	package->p[at] = (char)((uint8_t)package->p[at] ^ by);
	if (strncmp(own, "frames/", 7) == 0 && says(&r, own)) { /* the entry too */
		uint64_t seq = 0;

		for (size_t i = 0; i < r.broken_n && i < SV_BROKEN_MAX; i++)
			seq = strstr(r.broken[i].where, own) && r.broken[i].seq ? r.broken[i].seq
										: seq;
		if (!says(&r, "tar@"))
			assert_int_equal(seq, strtoull(own + 7, NULL, 10));
	}
}

static void every_changed_byte_is_named(struct db_env *env)
{
	const char *want = getenv("SS_MUTATIONS");
	long n = want ? strtol(want, NULL, 10) : MUTATIONS;
	ss_cleanup(ss_buf_done) struct ss_buf obs, hour, day, finding;
	struct ss_buf *package[] = {&obs, &hour, &day, &finding};
	uint64_t seed = 20261127;
	char id[SS_FINDING_ID];
	struct city c;

	city_open(&c, env, "bytes", NULL, 0);
	export(&c, &obs, "obs~%d~%lld", c.cod, (long long)T0);
	export(&c, &hour, "hour~%d~%lld", c.cod, (long long)T0);
	export(&c, &day, "day~%d~%lld", c.cod, (long long)T0);
	id_of_finding(id);
	export(&c, &finding, "%s", id);
	for (long i = 0; i < n; i++)
		change_one(package[i % 4], &c.full, &seed);
	for (int i = 0; i < 4; i++) { /* and they are whole again */
		static struct sv_report r;

		accepted(package[i], &c.full, &r);
	}
	city_close(&c);
}

/* --- forgeries with the node's own key ----------------------------------------------------------
 */

struct forgery {
	struct city *c;
	struct parts *k;
	struct ss_buf out;
	struct sv_report r;
};

static void begin(struct forgery *g, struct city *c, const struct ss_buf *package)
{
	*g = (struct forgery){.c = c, .k = calloc(1, sizeof(*g->k))};
	assert_non_null(g->k);
	take_apart(package, g->k);
}

/* Signs, packs, checks: must be broken there. */
static void refused(struct forgery *g, const char *where)
{
	sign_again(g->c, g->k);
	put_together(g->k, &g->out);
	assert_int_equal(check(&g->out, &g->c->full, &g->r), SV_BROKEN);
	if (!says(&g->r, where))
		fail_msg("should name %s, named %s (%s)", where, g->r.broken[0].where,
			 g->r.broken[0].en);
	ss_buf_done(&g->out);
	parts_done(g->k);
}

static size_t first_frame(const struct parts *k)
{
	size_t i = 0;

	while (strncmp(k->p[i].path, "frames/", 7) != 0)
		i++;
	return i;
}

static void forged_members(struct city *c, const struct ss_buf *hour)
{
	struct forgery g;
	struct part *p;
	char *at;
	size_t i;

	begin(&g, c, hour); /* a value in a frame */
	i = first_frame(g.k);
	at = strstr(g.k->p[i].data.p, "w01018-Rtd=4");
	assert_non_null(at);
	at[11] = '3';
	refused(&g, "proof/groups.jsonl");
	assert_true(g.r.broken[0].group > 0);

	begin(&g, c, hour); /* a frame away */
	i = first_frame(g.k);
	drop_part(g.k, i);
	refused(&g, "proof/groups.jsonl");

	begin(&g, c, hour); /* a group away: its frames stand alone */
	p = part(g.k, "proof/groups.jsonl");
	at = strchr(p->data.p, '\n') + 1;
	ss_buf_cut(&p->data, (size_t)(at - p->data.p));
	refused(&g, "frames/");

	begin(&g, c, hour); /* the last group cut off */
	p = part(g.k, "proof/groups.jsonl");
	for (i = p->data.n - 1; p->data.p[i - 1] != '\n'; i--)
		;
	p->data.n = i;
	refused(&g, "frames/");

	begin(&g, c, hour); /* the tail of the tips away */
	p = part(g.k, "proof/tips.txt");
	assert_true(p->data.n > 2 * 459);
	p->data.n = 459;
	refused(&g, "proof/groups.jsonl");

	begin(&g, c, hour); /* a value in the rows */
	p = part(g.k, "data/observations.jsonl");
	at = strstr(p->data.p, "\"value\":4");
	assert_non_null(at);
	at[8] = '3';
	refused(&g, "data/observations.jsonl");
	assert_true(g.r.broken[0].seq > 0);

	begin(&g, c, hour); /* a mean */
	p = part(g.k, "data/rollups.jsonl");
	at = strstr(p->data.p, "\"mean\":4");
	assert_non_null(at);
	at[7] = '3';
	refused(&g, "data/rollups.jsonl");

	begin(&g, c, hour); /* another's key */
	p = part(g.k, "proof/node.pub");
	ss_buf_addc(&p->data, '\n');
	refused(&g, "manifest");
}

/* The whole chain made anew with the node's key, one value another: whole in itself, but not the
 * one whose tips were kept elsewhere. */
static void a_rebuilt_chain_is_refused_by_the_anchors(struct db_env *env)
{
	ss_cleanup(ss_buf_done) struct ss_buf true_one, forged;
	static struct sv_report r;
	struct city c, f;

	city_open(&c, env, "true", NULL, 0);
	city_open(&f, env, "forged", c.l.dir, 3.5);
	export(&c, &true_one, "hour~%d~%lld", c.cod, (long long)T0);
	export(&f, &forged, "hour~%d~%lld", f.cod, (long long)T0);
	assert_int_equal(check(&forged, NULL, &r), SV_UNANCHORED);
	assert_int_equal(r.observations, 61);
	accepted(&forged, &f.full, &r); /* by its own, forged anchors it holds */
	accepted(&true_one, &c.full, &r);
	accepted(&true_one, &c.paper, &r);
	assert_int_equal(check(&forged, &c.full, &r), SV_BROKEN);
	assert_true(says(&r, "anchors"));
	assert_int_equal(check(&forged, &c.paper, &r), SV_BROKEN);
	assert_true(says(&r, "anchors"));
	forged_members(&c, &true_one);
	city_close(&f);
	city_close(&c);
}

/* --- archives -----------------------------------------------------------------------------------
 */

static void refused_as_it_is(struct ss_buf *b, const struct city *c, const char *what)
{
	static struct sv_report r;

	if (check(b, &c->full, &r) != SV_BROKEN)
		fail_msg("taken: %s", what);
}

static void odd_member(struct city *c, const struct ss_buf *package, const char *path, char type)
{
	struct ss_buf out = SS_BUF_MAX(64 << 20);
	static const char zero[1024];

	ss_buf_add(&out, package->p, package->n - 1024);
	put_header(&out, path, 3, type);
	ss_buf_add(&out, "abc", 3);
	ss_buf_add(&out, zero, 509);
	ss_buf_add(&out, zero, 1024);
	refused_as_it_is(&out, c, path);
	ss_buf_done(&out);
}

static void odd_archives_are_refused(struct db_env *env)
{
	static const char *const paths[] = {"../up",    "/etc/passwd",   "zz//double", "zz/./here",
					    "zz/../up", "z z",           "zz/",        ".hidden",
					    "zz\\back", "manifest.json", "README.txt", "zzz"};
	ss_cleanup(ss_buf_done) struct ss_buf p;
	uint64_t seed = 3;
	struct city c;

	city_open(&c, env, "odd", NULL, 0);
	export(&c, &p, "obs~%d~%lld", c.cod, (long long)T0);
	for (size_t i = 0; i < SS_ARRAY_LEN(paths); i++)
		odd_member(&c, &p, paths[i], '0');
	for (const char *type = "1235xgL"; *type; type++) /* links, folders, extensions */
		odd_member(&c, &p, "zzz", *type);
	for (int i = 0; i < 200; i++) { /* cut short: at blocks, and anywhere */
		struct ss_buf cut = p;

		cut.n = i % 2 ? (size_t)next_random(&seed) % p.n
			      : (size_t)next_random(&seed) % (p.n / 512) * 512;
		refused_as_it_is(&cut, &c, "cut");
	}
	ss_buf_addc(&p, 0);
	refused_as_it_is(&p, &c, "a byte more");
	for (int i = 0; i < 511; i++)
		ss_buf_addc(&p, 0);
	refused_as_it_is(&p, &c, "a block more");
	city_close(&c);
}

static void two_members_doubled_or_swapped_are_refused(struct db_env *env)
{
	ss_cleanup(ss_buf_done) struct ss_buf p;
	struct parts *k = calloc(1, sizeof(*k));
	struct part held;
	struct ss_buf out;
	struct city c;

	city_open(&c, env, "swap", NULL, 0);
	export(&c, &p, "obs~%d~%lld", c.cod, (long long)T0);
	take_apart(&p, k);
	held = k->p[3];
	k->p[3] = k->p[4];
	k->p[4] = held;
	sign_again(&c, k);
	put_together(k, &out);
	refused_as_it_is(&out, &c, "swapped");
	ss_buf_done(&out);
	memcpy(k->p[4].path, k->p[3].path, sizeof(held.path));
	sign_again(&c, k);
	put_together(k, &out);
	refused_as_it_is(&out, &c, "doubled");
	ss_buf_done(&out);
	parts_done(k);
	city_close(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    DB_TEST_SQLITE(a_long_package_does_not_wait_in_memory),
	    DB_TEST(a_good_package_is_accepted),
	    DB_TEST(the_same_package_twice_is_the_same_bytes),
	    DB_TEST_SQLITE(every_changed_byte_is_named),
	    DB_TEST_SQLITE(a_rebuilt_chain_is_refused_by_the_anchors),
	    DB_TEST_SQLITE(odd_archives_are_refused),
	    DB_TEST_SQLITE(two_members_doubled_or_swapped_are_refused),
	};

	return db_test_main("evidence", tests, SS_ARRAY_LEN(tests));
}
