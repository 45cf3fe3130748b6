#include "db/review_stage.h"

#include <math.h>
#include <sys/stat.h>

#include "base/json.h"
#include "record/journal/journal.h"

#define WAIT (300 * SS_US_PER_SEC)

static struct ss_error e;
static struct ss_arena arena;
static bool arena_made;
int64_t stage_arrived[STAGE_ENTRIES];
static char held[STAGE_ENTRIES][12]; /* factor of an entry that is one observation; "" = of all */

void stage_place(struct stage *s, struct db_env *env, const char *sub)
{
	char dir[200];

	memset(s, 0, sizeof(*s));
	memset(held, 0, sizeof(held));
	snprintf(dir, sizeof(dir), "%s/%s", env->dir, sub);
	assert_int_equal(mkdir(dir, 0700), 0);
	snprintf(s->keys, sizeof(s->keys), "%s/device.key", dir);
	if (env->engine == SS_DB_SQLITE) {
		snprintf(s->record_url, sizeof(s->record_url), "sqlite:%s/record.db", dir);
		snprintf(s->series_url, sizeof(s->series_url), "sqlite:%s/series.db", dir);
		snprintf(s->findings_url, sizeof(s->findings_url), "sqlite:%s/findings.db", dir);
		return;
	}
	pg_fixture_database(s->record_url, sizeof(s->record_url));
	memcpy(s->series_url, s->record_url, sizeof(s->record_url));
	memcpy(s->findings_url, s->record_url, sizeof(s->record_url));
}

static int64_t arrival(void *arg, uint64_t seq, const char *factor, const char *stat)
{
	(void)arg;
	(void)stat;
	if (seq >= STAGE_ENTRIES || (factor && held[seq][0] && strcmp(held[seq], factor) != 0))
		return SS_TIME_NONE;
	return stage_arrived[seq];
}

void stage_open(struct stage *s)
{
	struct ss_series_settings set = {
	    .url = s->series_url, .flush_points = 200000, .readers = 2};
	struct ss_review_parts parts;

	if (!arena_made) {
		ss_arena_init(&arena, 64 << 20);
		arena_made = true;
	}
	assert_ok(ss_registry_open(s->record_url, &s->registry, &e), &e);
	assert_ok(ss_registry_use_keys(s->registry, s->keys, &e), &e);
	assert_ok(ss_series_open(&set, &s->series, &e), &e);
	assert_ok(ss_findings_open(&(struct ss_findings_settings){.url = s->findings_url},
				   &s->findings, &e),
		  &e);
	parts = (struct ss_review_parts){.registry = s->registry,
					 .series = s->series,
					 .findings = s->findings,
					 .arrival = arrival,
					 .arg = s};
	assert_ok(ss_review_new(&parts, &s->review, &e), &e);
	s->deriver = ss_review_deriver(s->review);
	s->ticket = ss_findings_committed(s->findings);
}

void stage_close(struct stage *s)
{
	ss_review_free(s->review);
	ss_findings_close(s->findings);
	ss_series_close(s->series);
	ss_registry_close(s->registry);
	ss_arena_done(&arena);
}

void stage_outlet(struct stage *s, enum ss_site_kind kind, const char *code, const char *point,
		  int32_t interval_s)
{
	struct ss_site site = {.kind = kind, .lon = 118.8, .lat = 32.1};
	struct ss_device d = {.interval_s = interval_s};

	snprintf(site.code, sizeof(site.code), "%s", code);
	snprintf(site.name, sizeof(site.name), "%s", code);
	snprintf(site.district, sizeof(site.district), "320106");
	snprintf(site.state, sizeof(site.state), "running");
	assert_ok(ss_registry_put_site(s->registry, &site, &e), &e);
	s->site = site.id;
	snprintf(s->point, sizeof(s->point), "%s", point);
	if (s->table)
		return;
	snprintf(d.mn, sizeof(d.mn), "MN%s%s", code, point);
	snprintf(d.point, sizeof(d.point), "%s", point);
	d.site = site.id;
	assert_ok(ss_registry_put_device(s->registry, &d, &e), &e);
}

void stage_keep(struct stage *s, int64_t arrived_us, const char *factor, const char *stat,
		enum ss_period period, int64_t time_us, double value, uint8_t mark,
		struct stage_told *ret)
{
	struct ss_series_key k = {.site = s->site, .period = period};
	uint64_t seq = ++s->seq;

	ret->obs[0] = (struct ss_obs){.mark = mark, .time_us = time_us, .value = value, .seq = seq};
	ret->obs[1] =
	    (struct ss_obs){.mark = 'N', .time_us = time_us, .value = (double)seq, .seq = seq};
	ret->entry = (struct ss_entry){.seq = seq,
				       .kind = s->table ? SS_ENTRY_IMPORT : SS_ENTRY_HJ212,
				       .arrived_us = arrived_us};
	ret->taken = (struct ss_taken){.entry = &ret->entry,
				       .obs = ret->obs,
				       .n = s->table ? 1 : 2,
				       .site = s->site,
				       .data_us = time_us,
				       .cn = 2011,
				       .live = period == SS_PERIOD_RTD,
				       .has_frame = true};
	memcpy(k.point, s->point, sizeof(k.point));
	snprintf(k.factor, sizeof(k.factor), "%s", factor);
	snprintf(k.stat, sizeof(k.stat), "%s", stat);
	assert_ok(ss_series_resolve(s->series, &k, &ret->obs[0].series, &e), &e);
	snprintf(k.factor, sizeof(k.factor), "@MN"); /* the frame index */
	snprintf(k.stat, sizeof(k.stat), "2011");
	if (!s->table)
		assert_ok(ss_series_resolve(s->series, &k, &ret->obs[1].series, &e), &e);
	assert_ok(ss_series_put(s->series, ret->obs, ret->taken.n, seq, &e), &e);
	assert_true(seq < STAGE_ENTRIES);
	stage_arrived[seq] = arrived_us;
	snprintf(held[seq], sizeof(held[0]), "%s", factor);
}

void stage_tell(struct stage *s, const struct stage_told *t)
{
	assert_ok(s->deriver->on_entry(s->deriver->self, &t->taken, &e), &e);
}

void stage_obs(struct stage *s, int64_t arrived_us, const char *factor, const char *stat,
	       enum ss_period period, int64_t time_us, double value, uint8_t mark)
{
	struct stage_told t;

	stage_keep(s, arrived_us, factor, stat, period, time_us, value, mark, &t);
	stage_tell(s, &t);
}

void stage_hour(struct stage *s, const char *factor, int64_t time_us, double value)
{
	stage_obs(s, time_us + HOUR + MIN, factor, "Avg", SS_PERIOD_HOUR, time_us, value, 'N');
}

static json_t *object_of(const char *members, const struct stage *s)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(65536);
	json_t *o;

	ss_buf_addc(&b, '{');
	if (s)
		ss_buf_addf(&b, "\"site\":%lld,\"point\":\"%s\"%s", (long long)s->site, s->point,
			    members[0] ? "," : "");
	ss_buf_addz(&b, members);
	ss_buf_addc(&b, '}');
	assert_ok(ss_json_parse(ss_buf_str(&b), &o, &e), &e);
	return o;
}

static const struct ss_act_kind *kind_of(const struct stage *s, const char *act)
{
	const struct ss_act_kind *k = s->deriver->acts;

	while (k->name && strcmp(k->name, act) != 0)
		k++;
	assert_non_null(k->name);
	return k;
}

int stage_act(struct stage *s, int64_t at_us, const char *act, const char *target, const char *data,
	      const char *reason, char ret_id[37])
{
	const struct ss_act_kind *k = kind_of(s, act);
	ss_cleanup(ss_buf_done) struct ss_buf said = SS_BUF_MAX(65536);
	struct ss_json result = ss_json_on(&said);
	struct ss_act a = {.seq = 0, .at_us = at_us, .reason = reason};
	json_t *t = object_of(target, strstr(target, "\"mark\"") ? NULL : s);
	json_t *d = object_of(data, NULL);
	int r;

	snprintf(a.act, sizeof(a.act), "%s", act);
	snprintf(a.id, sizeof(a.id), "01890000-0000-7000-8000-%012d", ++s->acts);
	snprintf(a.by, sizeof(a.by), "李四");
	a.target = t;
	a.data = d;
	r = k->validate ? k->validate(s->deriver->self, &a, &e) : 0;
	if (r == 0) {
		a.seq = ++s->seq;
		stage_arrived[s->seq] = at_us;
		ss_json_obj(&result);
		assert_ok(k->apply(s->deriver->self, &a, &result, &e), &e);
		ss_json_end_obj(&result);
		if (ret_id)
			memcpy(ret_id, a.id, 37);
	} else {
		assert_true(e.text[0] != 0); /* a refusal says why */
	}
	json_decref(t);
	json_decref(d);
	return r;
}

void stage_now(struct stage *s, int64_t now_us)
{
	struct ss_findings_mark m = {"quality", s->seq};

	assert_ok(ss_review_drain(s->review, now_us, &e), &e);
	m.seq = s->seq;
	assert_ok(s->deriver->on_settle(s->deriver->self, s->seq, &m.seq, &e), &e);
	assert_int_equal(m.seq, s->seq); /* nothing is undone */
	assert_ok(ss_findings_commit(s->findings, &m, 1, ++s->ticket, &e), &e);
	assert_ok(ss_findings_wait(s->findings, s->ticket, WAIT, &e), &e);
}

const struct ss_finding *stage_row(struct stage *s, const char *kind, const char *factor,
				   const char *sub, int64_t start_us)
{
	static struct ss_finding f;
	struct ss_finding_key k = {.site = s->site};
	int r;

	snprintf(k.kind, sizeof(k.kind), "%s", kind);
	memcpy(k.point, s->point, sizeof(k.point));
	snprintf(k.factor, sizeof(k.factor), "%s", factor);
	snprintf(k.sub, sizeof(k.sub), "%s", sub);
	ss_arena_reset(&arena);
	r = ss_findings_get(s->findings, &k, start_us, &arena, &f, &e);
	if (r == SS_ENOTFOUND || (r == 0 && f.withdrawn))
		return NULL;
	assert_ok(r, &e);
	return &f;
}

double stage_value(struct stage *s, const char *kind, const char *factor, const char *sub,
		   int64_t start_us)
{
	const struct ss_finding *f = stage_row(s, kind, factor, sub, start_us);

	return f ? f->value : (double)NAN;
}

const char *stage_state(struct stage *s, const char *kind, const char *factor, const char *sub,
			int64_t start_us)
{
	const struct ss_finding *f = stage_row(s, kind, factor, sub, start_us);

	return f ? f->state : "";
}

double stage_number(struct stage *s, const char *kind, const char *factor, const char *sub,
		    int64_t start_us, const char *name)
{
	const struct ss_finding *f = stage_row(s, kind, factor, sub, start_us);
	const char *dot = strchr(name, '.');
	json_t *o = NULL, *at, *v;
	double d;

	if (!f)
		return NAN;
	assert_ok(ss_json_parse(f->body, &o, &e), &e);
	at = dot ? json_object_getn(o, name, (size_t)(dot - name)) : o;
	v = json_object_get(at, dot ? dot + 1 : name);
	d = json_is_number(v) ? json_number_value(v) : (double)NAN;
	json_decref(o);
	return d;
}

bool stage_says(struct stage *s, const char *kind, const char *factor, int64_t start_us,
		enum ss_reason r)
{
	const struct ss_finding *f = stage_row(s, kind, factor, "", start_us);
	char quoted[64];

	snprintf(quoted, sizeof(quoted), "\"%s\"", ss_reason_key(r));
	return f && ss_str_find(f->body, ss_str_of(quoted)) >= 0;
}

void stage_digest(struct stage *s, char hex[65])
{
	uint8_t sum[32];

	assert_ok(ss_findings_digest(s->findings, NULL, sum, &e), &e);
	ss_hex_encode(hex, sum, 32);
	hex[64] = 0;
}
