#include "cmd/node.h"

#include "base/crypto.h"
#include "base/log.h"
#include "base/os.h"
#include "reason/amend/amend.h"
#include "reason/review/review.h"
#include "reason/suspect/suspect.h"
#include "serve/api/alarms.h"
#include "serve/api/states.h"
#include "serve/evidence/evidence.h"

static const struct ss_option rows[] = {
    SS_OPTION(struct ss_node_settings, STRING, data, "data", "var", "数据目录",
	      "folder of everything that is kept"),
    SS_OPTION(struct ss_node_settings, STRING, db, "db", "", "数据库地址；空为数据目录内的 SQLite",
	      "database; empty = SQLite in the data folder", .secret = true),
    SS_OPTION(struct ss_node_settings, ENUM, log_level, "log.level", "info", "日志级别",
	      "lowest level of the log", .choices = "debug|info|warning|error"),
    SS_OPTION(struct ss_node_settings, BOOL, log_json, "log.json", "false", "日志一行一个 JSON",
	      "one JSON object a log line"),
    SS_OPTION(struct ss_node_settings, STRING, drill_fault, "drill.fault", "",
	      "演练用：让系统调用按此出错，如 datasync:eio:3；平时留空",
	      "for drills: system calls fail as told, such as datasync:eio:3; leave it empty"),
    {0},
};

int ss_node_options(struct ss_config *c, struct ss_node_settings *s)
{
	int r = ss_config_add(c, rows, s);

	if (r == 0)
		r = ss_config_add(c, ss_gateway_options, &s->gateway);
	if (r == 0)
		r = ss_config_add(c, ss_dialogue_options, &s->dialogue);
	if (r == 0)
		r = ss_config_add(c, ss_http_options, &s->http);
	if (r == 0)
		r = ss_config_add(c, ss_journal_options, &s->journal);
	if (r == 0)
		r = ss_config_add(c, ss_series_options, &s->series);
	if (r == 0)
		r = ss_config_add(c, ss_line_options, &s->line);
	if (r == 0)
		r = ss_config_add(c, ss_audit_options, &s->audit);
	if (r == 0)
		r = ss_config_add(c, ss_access_options, &s->access);
	if (r == 0)
		r = ss_config_add(c, ss_links_options, &s->links);
	if (r == 0)
		r = ss_config_add(c, ss_modules_options, &s->core.modules);
	if (r == 0)
		r = ss_config_add(c, ss_files_options, &s->core.files);
	if (r == 0)
		r = ss_config_add(c, ss_notify_options, &s->core.notify);
	if (r == 0)
		r = ss_config_add(c, ss_exchange_options, &s->core.exchange);
	return r;
}

enum path {
	PATH_JOURNAL,
	PATH_TIPS,
	PATH_LAW,
	PATH_RECORD,
	PATH_SERIES,
	PATH_FINDINGS,
	PATH_POISON,
	PATH_DIALOGUE,
	PATH_AUDIT,
	PATH_ACCESS,
	PATH_BUSINESS,
	PATH_KEYS,
};

static int make_paths(struct ss_node *n, const char *data, const char *db)
{
	const size_t cap = sizeof(n->paths[0]);
	int r = ss_mkdirs(data, 0750);

	if (r < 0)
		return r;
	if ((size_t)snprintf(n->paths[PATH_JOURNAL], cap, "%s/journal", data) >= cap - 16)
		return SS_ETOOBIG;
	snprintf(n->paths[PATH_TIPS], cap, "%s/tips", data);
	snprintf(n->paths[PATH_LAW], cap, "%s/law", data);
	snprintf(n->paths[PATH_POISON], cap, "%s/line.state", data);
	snprintf(n->paths[PATH_KEYS], cap, "%s/device.key", data);
	if (db[0]) {
		snprintf(n->paths[PATH_RECORD], cap, "%s", db);
		snprintf(n->paths[PATH_SERIES], cap, "%s", db);
		snprintf(n->paths[PATH_FINDINGS], cap, "%s", db);
		snprintf(n->paths[PATH_DIALOGUE], cap, "%s", db);
		snprintf(n->paths[PATH_AUDIT], cap, "%s", db);
		snprintf(n->paths[PATH_ACCESS], cap, "%s", db);
		snprintf(n->paths[PATH_BUSINESS], cap, "%s", db);
	} else {
		snprintf(n->paths[PATH_RECORD], cap, "sqlite:%s/record.db", data);
		snprintf(n->paths[PATH_SERIES], cap, "sqlite:%s/series.db", data);
		snprintf(n->paths[PATH_FINDINGS], cap, "sqlite:%s/findings.db", data);
		snprintf(n->paths[PATH_DIALOGUE], cap, "sqlite:%s/dialogue.db", data);
		snprintf(n->paths[PATH_AUDIT], cap, "sqlite:%s/audit.db", data);
		snprintf(n->paths[PATH_ACCESS], cap, "sqlite:%s/access.db", data);
		snprintf(n->paths[PATH_BUSINESS], cap, "sqlite:%s/business.db", data);
	}
	return 0;
}

/* What people do, and what is derived of it and of the observations. */
static int open_findings(struct ss_node *n, struct ss_error *err)
{
	const struct ss_findings_settings s = {.url = n->paths[PATH_FINDINGS]};
	int r = ss_findings_open(&s, &n->findings, err);

	if (r == 0)
		r = ss_acts_new(n->journal, n->findings, &n->acts);
	return r < 0 ? r : ss_acts_register(n->acts, ss_api_acts(), NULL, NULL, err);
}

/* Derivers say to it what their rows are made of. */
static int make_figures(struct ss_node *n)
{
	const struct ss_figures_parts parts = {.journal = n->journal,
					       .registry = n->registry,
					       .series = n->series,
					       .findings = n->findings,
					       .acts = n->acts,
					       .codec = ss_hj212_figures_codec};

	int r = ss_figures_new(&parts, &n->figures);

	return r < 0 ? r : ss_node_explainers(n->figures, n->review, n->explainers);
}

/* Its rows come from the line, its acts from people. */
static int add_deriver(struct ss_node *n, const struct ss_deriver *d, struct ss_error *err)
{
	if (n->n_derivers == SS_DERIVERS_MAX)
		return ss_error_set(err, SS_ETOOBIG, "派生者过多 too many derivers");
	n->derivers[n->n_derivers++] = *d;
	return ss_acts_register(n->acts, d->acts, d->self, d->name, err);
}

/* When an entry came: the review begins again where it was. Into what is encrypted nobody can look
 * here; it counts as holding what is asked for. */
int64_t ss_node_arrival(void *journal, uint64_t seq, const char *factor, const char *stat)
{
	ss_cleanup(ss_arena_done) struct ss_arena a;
	struct ss_frame_field f = {.found = true};
	struct ss_entry e;

	ss_arena_init(&a, 1 << 24);
	if (ss_journal_get(journal, seq, &a, &e, NULL) < 0)
		return SS_TIME_NONE;
	if (factor && e.kind == SS_ENTRY_HJ212)
		ss_hj212_figures_codec.field(e.body, factor, stat, &a, &f);
	return f.found || f.sealed ? e.arrived_us : SS_TIME_NONE;
}

static int add_review(struct ss_node *n, int64_t gather_us, struct ss_error *err)
{
	const struct ss_review_parts parts = {.registry = n->registry,
					      .series = n->series,
					      .findings = n->findings,
					      .arrival = ss_node_arrival,
					      .arg = n->journal,
					      .gather_us = gather_us};
	int r = ss_review_new(&parts, &n->review, err);

	return r < 0 ? r : add_deriver(n, ss_review_deriver(n->review), err);
}

static int add_suspect(struct ss_node *n, struct ss_error *err)
{
	const struct ss_suspect_parts parts = {n->registry, n->series, n->findings};
	int r = ss_suspect_new(&parts, &n->suspect, err);

	return r == 0 ? add_deriver(n, ss_suspect_deriver(n->suspect), err) : r;
}

/* The version under which the store keeps it, which is given by the commit. */
static int32_t version_of(struct ss_node *n, const struct ss_finding *x)
{
	struct ss_finding kept = {0};
	ss_cleanup(ss_arena_done) struct ss_arena a;

	ss_arena_init(&a, 4 << 20);
	return ss_findings_stored(n->findings, &x->key, x->start_us, &a, &kept, NULL) == 0
		   ? kept.version
		   : x->version;
}

/* Line thread, once the alarm is durable. */
static void tell_alarm(void *arg, const struct ss_finding *x, const char *id)
{
	ss_cleanup(ss_buf_done) struct ss_buf out = SS_BUF_MAX(4 << 20);
	struct ss_json j = ss_json_on(&out);
	struct ss_finding told = *x;
	struct ss_node *n = arg;

	if (!n->hub)
		return;
	told.version = version_of(n, x);
	ss_alarm_put(&j, &n->api, &told, false);
	if (out.err)
		return;
	ss_hub_publish(n->hub, "alarm", ss_buf_str(&out));
	if (n->core)
		ss_core_alarm(n->core, id, x->state, ss_buf_str(&out));
}

/* --- what the review and the rules tell each other -----------------------------------------------
 */

static int mark_excuses(void *arg, const struct ss_review_mark *m, struct ss_error *err)
{
	const struct ss_excuse x = {.site = m->site,
				    .point = m->point,
				    .factor = m->factor,
				    .by = m->id,
				    .from_us = m->from_us,
				    .to_us = m->to_us,
				    .on = m->holds};
	struct ss_node *n = arg;

	return ss_rules_excuse(n->rules, &x, err);
}

static int day_is_judged(void *arg, const struct ss_finding *f, struct ss_error *err)
{
	bool converted = strcmp(f->key.sub, "converted") == 0;
	const struct ss_statistic x = {.site = f->key.site,
				       .point = f->key.point,
				       .factor = f->key.factor,
				       .averaging = "day",
				       .converted = converted,
				       .start_us = f->start_us,
				       .end_us = f->end_us,
				       .value = f->value,
				       .unit = "",
				       .valid = !f->withdrawn && strcmp(f->state, "valid") == 0,
				       .seq = f->seq,
				       .known_us = f->known_us};
	struct ss_node *n = arg;

	return f->key.sub[0] && !converted ? 0 : ss_rules_judge_statistic(n->rules, &x, err);
}

int ss_node_limit_of_day(void *rules, int64_t site, const char *point, const char *factor,
			 bool converted, int64_t day, struct ss_arena *a,
			 struct ss_review_limit *ret)
{
	struct ss_rules_limit l;
	int r = ss_rules_limit(rules, site, point, factor, "day", converted, day, a, &l);

	if (r < 0)
		return r;
	*ret = (struct ss_review_limit){
	    .low = l.low,
	    .high = l.high,
	    .basis = {.rule = "limit.day", .standard = l.standard, .clause = l.clause}};
	return 0;
}

static int limit_of_day(void *arg, int64_t site, const char *point, const char *factor,
			bool converted, int64_t day, struct ss_arena *a,
			struct ss_review_limit *ret)
{
	struct ss_node *n = arg;

	return ss_node_limit_of_day(n->rules, site, point, factor, converted, day, a, ret);
}

/* In this order they see each entry, and settle: those that others build on come first. */
static int make_derivers(struct ss_node *n, const struct ss_node_settings *s, struct ss_error *err)
{
	const struct ss_rules_settings rules = {.findings = n->findings,
						.series = n->series,
						.registry = n->registry,
						.tell = tell_alarm,
						.arg = n};
	struct ss_deriver d;
	int r = add_deriver(n, ss_amend_deriver(), err);

	if (r == 0)
		r = add_review(n, s->line.gather_us, err);
	if (r == 0)
		r = ss_rules_new(&rules, &n->rules, err);
	if (r < 0)
		return r;
	r = ss_review_bind(
	    n->review,
	    &(struct ss_review_hooks){
		.arg = n, .mark = mark_excuses, .day = day_is_judged, .limit = limit_of_day},
	    err);
	if (r < 0)
		return r;
	ss_rules_deriver(n->rules, &d); /* behind all who hand it what is to be judged */
	r = add_deriver(n, &d, err);
	if (r == 0)
		r = add_suspect(n, err); /* reads what the others put */
	return r < 0 || !s->extra ? r : add_deriver(n, s->extra, err);
}

/* The law as it was amended before. What no longer fits is said and does not hold. */
static int restore_law(struct ss_node *n, struct ss_error *err)
{
	size_t left_out = 0;
	struct ss_error why = {0};
	int r = ss_amend_restore(n->findings, n->paths[PATH_LAW], &left_out, &why);

	if (r < 0) {
		*err = why;
		return r;
	}
	if (left_out)
		ss_log_warn("law",
			    "有修订与程序自带的法表不合，或有旧版读不了 an amendment does not "
			    "fit the built-in tables, or an older edition cannot be read",
			    "count=%zu why=\"%s\"", left_out, why.text);
	return 0;
}

static int open_store(struct ss_node *n, struct ss_node_settings *s, struct ss_error *err)
{
	int r = make_paths(n, s->data, s->db);

	if (r < 0)
		return ss_error_set(err, r, "数据目录 %s 不能用：%s cannot use the data folder: %s",
				    s->data, ss_err_zh(r), ss_err_en(r));
	r = ss_crypto_self_test(err);
	if (r < 0)
		return r;
	s->journal.dir = n->paths[PATH_JOURNAL];
	if (!s->journal.copy_dir || !s->journal.copy_dir[0])
		s->journal.copy_dir = n->paths[PATH_TIPS];
	r = ss_journal_open(&s->journal, &n->journal, err);
	if (r == 0)
		r = ss_registry_open(n->paths[PATH_RECORD], &n->registry, err);
	if (r == 0)
		r = ss_registry_use_keys(n->registry, n->paths[PATH_KEYS], err);
	s->series.url = n->paths[PATH_SERIES];
	if (r == 0)
		r = ss_series_open(&s->series, &n->series, err);
	if (r == 0)
		r = open_findings(n, err);
	if (r == 0)
		r = restore_law(n, err);
	if (r == 0)
		r = make_derivers(n, s, err);
	if (r == 0)
		r = make_figures(n);
	return r;
}

static int registered(void *arg, struct ss_str mn)
{
	return ss_line_replay(arg, mn);
}

static bool ready(void *arg, struct ss_json *j)
{
	struct ss_line_stat st;

	ss_line_stat(arg, &st);
	ss_json_key(j, "line");
	ss_json_obj(j);
	ss_json_kbool(j, "ok", st.failed == 0);
	ss_json_ki64(j, "cursor", (int64_t)st.cursor);
	if (st.failed)
		ss_json_kz(j, "why", st.why);
	ss_json_end_obj(j);
	return st.failed == 0;
}

static void metrics(void *arg, struct ss_buf *out)
{
	struct ss_line_stat st;
	const struct {
		const char *name, *help;
		int64_t v;
	} rows_[] = {
	    {"entries", "journal entries taken by the line", 0},
	    {"frames", "device frames decoded", 0},
	    {"values", "observations kept", 0},
	    {"no_time", "frames without a usable data time", 0},
	    {"outside_window", "frames with a data time outside the window", 0},
	    {"not_number", "values that are not numbers", 0},
	    {"undecoded", "frames that cannot be read", 0},
	    {"quarantined", "frames of devices nobody registered", 0},
	    {"replayed", "frames read again after a registration", 0},
	    {"poison", "entries set aside after crashes", 0},
	};
	int64_t v[SS_ARRAY_LEN(rows_)];

	ss_line_stat(arg, &st);
	v[0] = st.entries, v[1] = st.frames, v[2] = st.values, v[3] = st.no_time,
	v[4] = st.outside_window;
	v[5] = st.not_number, v[6] = st.undecoded, v[7] = st.quarantined, v[8] = st.replayed,
	v[9] = st.poison;
	for (size_t i = 0; i < SS_ARRAY_LEN(rows_); i++)
		ss_buf_addf(out,
			    "# HELP shanshui_line_%s_total %s\n# TYPE shanshui_line_%s_total "
			    "counter\nshanshui_line_%s_total %lld\n",
			    rows_[i].name, rows_[i].help, rows_[i].name, rows_[i].name,
			    (long long)v[i]);
}

static struct ss_line_parts line_parts(struct ss_node *n)
{
	return (struct ss_line_parts){.journal = n->journal,
				      .registry = n->registry,
				      .series = n->series,
				      .states = n->states,
				      .hub = n->hub,
				      .api = n->hub ? &n->api : NULL,
				      .findings = n->findings,
				      .acts = n->acts,
				      .derivers = n->derivers,
				      .n_derivers = n->n_derivers,
				      .dialogue = n->dialogue};
}

static uint64_t taken(void *arg)
{
	return ss_line_taken(arg);
}

static int start_line(struct ss_node *n, struct ss_node_settings *s, struct ss_error *err)
{
	struct ss_line_parts parts = line_parts(n);
	int r = ss_line_start(&s->line, &parts, n->paths[PATH_POISON], &n->line, err);

	if (r < 0)
		return r;
	n->api.registered = registered;
	n->api.registered_arg = n->line;
	n->api.ready = ready;
	n->api.metrics = metrics;
	n->api.line_arg = n->line;
	s->gateway.taken = taken;
	s->gateway.taken_arg = n->line;
	return 0;
}

int ss_node_open_line(struct ss_node *n, struct ss_node_settings *s, struct ss_error *err)
{
	struct ss_line_parts parts;
	int r;

	*n = (struct ss_node){0};
	r = open_store(n, s, err);
	if (r == 0)
		n->states = ss_states_new(n->registry);
	if (r == 0 && !n->states)
		r = SS_ENOMEM;
	parts = line_parts(n);
	if (r == 0)
		r = ss_line_start(&s->line, &parts, n->paths[PATH_POISON], &n->line, err);
	if (r < 0)
		ss_node_close(n);
	return r;
}

static int open_dialogue(struct ss_node *n, const struct ss_node_settings *s, struct ss_error *err)
{
	struct ss_dialogue_parts parts = {n->paths[PATH_DIALOGUE], n->registry, n->series,
					  n->journal};

	struct ss_conform_parts conform = {n->journal, n->registry, NULL};
	int r = ss_dialogue_open(&s->dialogue, &parts, &n->dialogue, err);

	conform.dialogue = n->dialogue;
	return r < 0 ? r : ss_conform_new(&conform, &n->conform);
}

static int start_access(struct ss_node *n, struct ss_node_settings *s, struct ss_error *err)
{
	int r;

	s->audit.url = n->paths[PATH_AUDIT];
	s->audit.data = s->data;
	r = ss_audit_open(&s->audit, n->journal, &n->audit, err);
	if (r < 0)
		return r;
	n->api.audit = n->audit;
	s->access.url = n->paths[PATH_ACCESS];
	s->access.data = s->data;
	r = ss_access_open(&s->access, n->audit, n->registry, &n->access, err);
	if (r < 0)
		return r;
	n->api.access = n->access;
	s->links.data = s->data;
	r = ss_links_open(&s->links, n->journal, n->audit, &n->links, err);
	if (r < 0)
		return r;
	n->api.links = n->links;
	s->http.gate = ss_access_gate(n->access);
	s->http.spool = s->data;
	return 0;
}

/* What was raised while nobody could be told, or before a module heard of alarms. */
static bool tell_again(void *arg, const struct ss_finding *x)
{
	ss_cleanup(ss_buf_done) struct ss_buf out = SS_BUF_MAX(4 << 20);
	struct ss_json j = ss_json_on(&out);
	struct ss_node *n = arg;
	char id[SS_FINDING_ID];

	if (ss_finding_id(&x->key, x->start_us, id, sizeof(id)) < 0)
		return true;
	ss_alarm_put(&j, &n->api, x, false);
	if (!out.err)
		ss_core_alarm(n->core, id, x->state, ss_buf_str(&out));
	return true;
}

static int tell_open_alarms(struct ss_node *n, struct ss_error *err)
{
	const struct ss_finding_query q = {.kind = "alarm",
					   .from = SS_TIME_NONE,
					   .to = SS_TIME_NONE,
					   .after_start = SS_TIME_NONE,
					   .open = true,
					   .fn = tell_again,
					   .arg = n};

	return ss_findings_each(n->findings, &q, err);
}

static int start_core(struct ss_node *n, struct ss_node_settings *s, struct ss_error *err)
{
	const struct ss_core_parts parts = {.registry = n->registry,
					    .series = n->series,
					    .findings = n->findings,
					    .acts = n->acts,
					    .hub = n->hub,
					    .access = n->access,
					    .audit = n->audit,
					    .journal = n->journal};
	int r;

	s->core.url = n->paths[PATH_BUSINESS];
	s->core.data = s->data;
	r = ss_core_open(&s->core, &parts, &n->core, err);
	if (r < 0)
		return r;
	ss_core_serve(n->core, &n->api);
	return tell_open_alarms(n, err);
}

/* A node that was put back says so: what others know of it from before may be more than it knows.
 */
static int say_epoch(struct ss_node *n, struct ss_error *err)
{
	struct ss_epoch e;
	char at[SS_TIME_ISO];

	if (ss_journal_epoch(n->paths[PATH_JOURNAL], &e) < 0)
		return ss_error_set(err, SS_ECORRUPT, "%s/epoch 读不懂；cannot be read",
				    n->paths[PATH_JOURNAL]);
	n->api.epoch = e.number;
	if (e.number == 0)
		return 0;
	ss_time_fmt_iso(at, e.at_us);
	ss_log_warn("serve", "这个节点是从备份恢复的 this node was restored from a backup",
		    "epoch=%lld at=%s", (long long)e.number, at);
	return 0;
}

static int start(struct ss_node *n, struct ss_node_settings *s, struct ss_error *err)
{
	int r;

	n->states = ss_states_new(n->registry);
	if (!n->states)
		return SS_ENOMEM;
	r = ss_hub_new(16 << 20, &n->hub);
	if (r == 0)
		r = ss_importer_init(&n->importer, n->journal, n->registry);
	if (r < 0)
		return r;
	n->api = (struct ss_api){.journal = n->journal,
				 .registry = n->registry,
				 .series = n->series,
				 .findings = n->findings,
				 .acts = n->acts,
				 .figures = n->figures,
				 .review = n->review,
				 .program = s->program,
				 .data = s->data,
				 .db = s->db,
				 .suspect = n->suspect,
				 .hub = n->hub,
				 .states = n->states,
				 .importer = &n->importer,
				 .started_us = ss_time_now(),
				 .version = SS_VERSION};
	r = say_epoch(n, err);
	if (r == 0)
		r = open_dialogue(n, s, err);
	if (r == 0)
		r = start_line(n, s, err);
	if (r == 0)
		r = ss_gateway_start(&s->gateway, n->journal, n->registry, &n->gateway, err);
	n->api.gateway = n->gateway;
	n->api.dialogue = n->dialogue;
	n->api.conform = n->conform;
	if (r == 0)
		ss_dialogue_run(n->dialogue, n->gateway);
	if (r == 0)
		r = start_access(n, s, err);
	if (r == 0)
		r = start_core(n, s, err);
	if (r == 0)
		r = ss_api_start(&s->http, &n->api, &n->http, err);
	return r;
}

/* A drill is never silent: whoever reads the log sees why calls fail. */
static int start_drill(const char *spec, struct ss_error *err)
{
	int r;

	if (!spec || !spec[0])
		return 0;
	r = ss_os_fault_install(spec);
	if (r < 0)
		return ss_error_set(err, r, "drill.fault %s 写法不对 cannot be read", spec);
	ss_log_warn("drill", "演练：系统调用将按设定出错 drill: calls fail as told", "fault=\"%s\"",
		    spec);
	return 0;
}

int ss_node_open(struct ss_node *n, struct ss_node_settings *s, struct ss_error *err)
{
	int r;

	*n = (struct ss_node){0};
	ss_log_set_level((enum ss_log_level)ss_log_level_parse(s->log_level));
	ss_log_set_json(s->log_json);
	r = start_drill(s->drill_fault, err);
	if (r == 0)
		r = open_store(n, s, err);
	if (r == 0)
		r = start(n, s, err);
	if (r < 0)
		ss_node_close(n);
	return r;
}

void ss_node_close(struct ss_node *n)
{
	ss_http_stop(n->http);
	ss_core_close(n->core);
	ss_conform_free(n->conform);
	ss_links_close(n->links);
	ss_access_close(n->access);
	ss_audit_close(n->audit);
	ss_dialogue_rest(n->dialogue);
	ss_gateway_stop(n->gateway);
	ss_line_stop(n->line);
	ss_dialogue_close(n->dialogue);
	ss_importer_done(&n->importer);
	ss_hub_free(n->hub);
	ss_states_free(n->states);
	ss_figures_free(n->figures);
	ss_review_free(n->review);
	ss_suspect_free(n->suspect);
	ss_rules_free(n->rules);
	ss_acts_free(n->acts);
	ss_findings_close(n->findings);
	ss_series_close(n->series);
	ss_registry_close(n->registry);
	ss_journal_close(n->journal);
	*n = (struct ss_node){0};
}
