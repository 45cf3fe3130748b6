#include "cmd/node_business.h"

#include <stdlib.h>

#include "base/json.h"
#include "base/log.h"
#include "base/os.h"
#include "base/thread.h"
#include "base/uuid.h"
#include "reason/flow/flow.h"
#include "reason/standards/standards.h"
#include "record/audit/audit.h"
#include "record/business/business.h"
#include "record/findings/findings.h"
#include "record/things/things.h"
#include "serve/access/access.h"
#include "serve/api/alarms.h"
#include "serve/api/api.h"
#include "serve/api/datasets.h"
#include "serve/datasets/datasets.h"
#include "serve/http/http.h"
#include "serve/wall/wall.h"

#define TICK_US SS_US_PER_SEC
#define SWEEP_MOST 10000
#define LOOK_US (10 * SS_US_PER_SEC) /* at the modules on the disk */

struct ss_core {
	struct ss_core_parts parts;
	struct ss_business *business;
	struct ss_things *things;
	struct ss_files *files;
	struct ss_flows *flows;
	struct ss_notify *notify;
	struct ss_exchange *exchange;
	struct ss_modules *modules;
	struct ss_walls *walls;
	char folder[400], key[400], files_dir[400];
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool running, stop;
	struct ss_api *api; /* what serves; NULL until then */
};

/* --- code lists: the tables of the law ----------------------------------------------------------
 */

static const struct ss_law_table *list_of(const char *list)
{
	char name[120];

	snprintf(name, sizeof(name), "%s%s", strchr(list, '/') ? "" : "codes/", list);
	return ss_law_table(ss_law_now(), name);
}

static bool has_list(void *arg, const char *list)
{
	const struct ss_law_table *t = list_of(list);

	(void)arg;
	return t && t->n_keys == 1;
}

static const char *column_of(const struct ss_law_row *row, const char *a, const char *b)
{
	const char *name = ss_law_column(row->table, a) >= 0 ? a : b;

	return ss_law_column(row->table, name) >= 0 ? ss_law_text(row, name) : "";
}

static int code(void *arg, const char *list, const char *c, const char **zh, const char **en)
{
	const struct ss_law_row *row = ss_law_find(list_of(list), SS_ANY_DAY, SS_LAW_KEY(c));

	(void)arg;
	if (!row)
		return SS_ENOTFOUND;
	*zh = column_of(row, "name", "title");
	*en = column_of(row, "name_en", "title_en");
	return 0;
}

static void codes_of(void *arg, const char *list,
		     bool (*fn)(void *, const char *, const char *, const char *), void *to)
{
	const struct ss_law_table *t = list_of(list);
	const struct ss_law_row *row = NULL;

	(void)arg;
	while (t && t->n_keys == 1 && (row = ss_law_next(t, SS_ANY_DAY, row)))
		if (!fn(to, row->text[t->key[0]], column_of(row, "name", "title"),
			column_of(row, "name_en", "title_en")))
			return;
}

/* --- what happens -------------------------------------------------------------------------------
 */

static void live(struct ss_core *c, const char *topic, struct ss_str text)
{
	if (c->parts.hub)
		ss_hub_publish(c->parts.hub, topic, text);
}

static void thing_told(void *arg, struct ss_str text)
{
	live(arg, "thing", text);
}

static void case_told(void *arg, struct ss_str text)
{
	live(arg, "case", text);
}

/* Live events of records and cases are for those who may see the record. What decides is not told
 * on. */
static int who_hears(void *arg, const struct ss_viewer *viewer, struct ss_str data,
		     struct ss_buf *out)
{
	struct ss_core *c = arg;
	bool thing = ss_str_starts(data, SS_STR("{\"type\":")),
	     of_case = ss_str_starts(data, SS_STR("{\"flow\":"));
	json_t *v = NULL;
	const char *id;
	int r = 0;

	if (!thing && !of_case)
		return -1;
	if (ss_json_parse(data, &v, NULL) < 0)
		return 0;
	id = json_string_value(json_object_get(v, "id"));
	if (id && (thing ? ss_things_hears(c->things, viewer, v)
			 : ss_things_sees(c->things, viewer, id))) {
		json_object_del(v, "area");
		json_object_del(v, "org");
		json_object_del(v, "label");
		r = ss_json_canonical(out, v) == 0 ? 2 : 0;
	}
	json_decref(v);
	return r;
}

/* The modules hear of it inside the transaction, and may refuse. */
static int tell_modules(struct ss_core *c, const char *event, const char *of, json_t *in,
			struct ss_error *err)
{
	char name[160];
	int r = 0;

	snprintf(name, sizeof(name), "%s:%s", event, of);
	if (c->modules && ss_modules_hears(c->modules, name))
		r = ss_modules_event(c->modules, name, in, err);
	json_decref(in);
	return r;
}

static const char *event_of(const char *op)
{
	return strcmp(op, "retire") == 0  ? "thing.retired"
	       : strcmp(op, "merge") == 0 ? "thing.merged"
					  : "thing.saved";
}

/* The declaration of a data set or a chart must be right, whichever way it comes. */
static int set_saved(const struct ss_core *c, const struct ss_thing_event *e, struct ss_error *err)
{
	struct ss_set_parts parts = {.things = c->things, .flows = c->flows};

	if (strcmp(e->op, "retire") == 0)
		return 0;
	if (c->api)
		ss_api_set_parts(c->api, &parts);
	return ss_set_saved(&parts, e->by, e->type, e->after, err);
}

static int thing_saved(void *arg, struct ss_db *db, const struct ss_thing_event *e,
		       struct ss_error *err)
{
	struct ss_core *c = arg;
	int r = ss_flow_keeps(c->flows, db, e, err);
	json_t *in = json_pack("{s:s,s:s,s:s,s:I}", "type", e->type, "id", e->id, "op", e->op,
			       "version", (json_int_t)e->version);

	if (r == 0)
		r = set_saved(c, e, err);
	if (r < 0) {
		json_decref(in);
		return r;
	}
	json_object_set(in, "before", (json_t *)(e->before ? e->before : json_null()));
	json_object_set(in, "after", (json_t *)(e->after ? e->after : json_null()));
	json_object_set(in, "record", (json_t *)(e->after ? e->after : json_null()));
	json_object_set_new(in, "area", json_string(e->area ? e->area : ""));
	return tell_modules(arg, event_of(e->op), e->type, in, err);
}

static int case_event(void *arg, struct ss_db *db, const char *event, const char *flow,
		      const json_t *k, struct ss_error *err)
{
	(void)db;
	return tell_modules(arg, event, flow,
			    json_pack("{s:s,s:O*,s:O}", "flow", flow, "id",
				      json_object_get(k, "id"), "case", (json_t *)k),
			    err);
}

static int person(void *arg, const char *id, json_t **ret)
{
	const struct ss_core *c = arg;

	return c->parts.access ? ss_access_person(c->parts.access, id, ret) : SS_ENOTFOUND;
}

/* A notice of a case, as people get it. */
static int case_notice(void *arg, struct ss_db *db, const struct ss_flow_notice *n,
		       struct ss_error *err)
{
	const struct ss_core *c = arg;
	char link[200];
	json_t *out;
	int r;

	(void)db;
	snprintf(link, sizeof(link), "/cases/%s/%s", n->flow, n->id);
	out = json_pack("{s:O,s:{s:s,s:s},s:{s:s,s:s},s:s,s:s}", "to", (json_t *)n->to, "title",
			"zh", n->zh, "en", n->en, "body", "zh", n->title, "en", n->title, "link",
			link, "level", strcmp(n->kind, "task") == 0 ? "info" : "urge");
	r = out ? ss_notify_send(c->notify, n->flow, out, err) : SS_ENOMEM;
	json_decref(out);
	return r < 0 ? r : 0;
}

static int template_text(void *arg, const char *module, const char *path, struct ss_buf *out,
			 struct ss_error *err)
{
	const struct ss_core *c = arg;
	char full[1200];
	int r;

	if (strstr(path, "..") || path[0] == '/')
		return ss_error_set(err, SS_EINVAL,
				    "模板 %s 须在模块的文件夹里；outside the module", path);
	snprintf(full, sizeof(full), "%s/%s/%s", c->folder, module, path);
	r = ss_file_read(full, out);
	return r < 0
		   ? ss_error_set(err, r, "读不了模板 %s；cannot read the template %s", full, full)
		   : 0;
}

/* --- people -------------------------------------------------------------------------------------
 */

static int people(void *arg, const char *role, const char *area, const char *org,
		  int (*fn)(void *fn_arg, const char *user), void *fn_arg, struct ss_error *err)
{
	const struct ss_core *c = arg;

	(void)err;
	return c->parts.access ? ss_access_people(c->parts.access, role, area, org, fn, fn_arg) : 0;
}

/* Goes to that person's pages only (the access layer looks at the member). */
static void notice_told(void *arg, const char *user)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(256);

	ss_buf_addf(&b, "{\"user\":\"%s\"}", user);
	if (ss_uuid_valid(ss_str_of(user)))
		live(arg, "inbox", ss_buf_str(&b));
}

/* An alarm as the API tells it, for scripts. */
static int alarm_text(void *arg, const char *id, struct ss_buf *out, struct ss_error *err)
{
	ss_cleanup(ss_arena_done) struct ss_arena a;
	const struct ss_core *c = arg;
	struct ss_json j = ss_json_on(out);
	struct ss_finding_key key;
	struct ss_finding x;
	int64_t start;
	int r = ss_finding_id_parse(ss_str_of(id), &key, &start);

	ss_arena_init(&a, 4 << 20);
	if (r < 0 || strcmp(key.kind, "alarm") != 0 || !c->api || !c->parts.findings)
		return SS_ENOTFOUND;
	r = ss_findings_get(c->parts.findings, &key, start, &a, &x, err);
	if (r == 0)
		ss_alarm_put(&j, c->api, &x, true);
	return r < 0 ? r : out->err;
}

/* --- opening ------------------------------------------------------------------------------------
 */

static int flows_check(void *arg, const json_t *d, json_t *problems, struct ss_error *err)
{
	(void)arg;
	return ss_flows_check(d, problems, err);
}

static int flows_load(void *arg, const json_t *d, const struct ss_script *script, json_t *problems,
		      struct ss_error *err)
{
	return ss_flows_load(arg, d, script, problems, err);
}

static int things_check(void *arg, const json_t *d, json_t *problems, struct ss_error *err)
{
	return ss_things_check(arg, d, problems, err);
}

static int things_load(void *arg, const json_t *d, const struct ss_script *script, json_t *problems,
		       struct ss_error *err)
{
	return ss_things_load(arg, d, script, problems, err);
}

static void tell_problems(const json_t *problems)
{
	const json_t *p;
	size_t i;

	json_array_foreach(problems, i, p)
	{
		ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(2000);

		ss_modules_put_problem(&b, p);
		ss_log_error("modules",
			     "模块有问题，未启用 a module has a problem and is not in force",
			     "problem=\"%s\"", b.p ? b.p : "");
	}
}

static int refused(const struct ss_core_settings *s, json_t *problems, const struct ss_error *why,
		   struct ss_error *err)
{
	if (!s->problems) {
		tell_problems(problems);
		return 0;
	}
	json_array_extend(s->problems, problems);
	*err = *why;
	return SS_EINVAL;
}

static int open_modules(struct ss_core *c, const struct ss_core_settings *s, struct ss_error *err)
{
	struct ss_modules_host host = {.business = c->business,
				       .things = c->things,
				       .flows = c->flows,
				       .notify = c->notify,
				       .exchange = c->exchange,
				       .registry = c->parts.registry,
				       .series = c->parts.series,
				       .findings = c->parts.findings,
				       .acts = c->parts.acts,
				       .alarm = alarm_text,
				       .arg = c,
				       .role = ss_access_has_role,
				       .engines = {{c->things, things_check, things_load},
						   {c->flows, flows_check, flows_load}}};
	json_t *problems = json_array();
	struct ss_error why = {0};
	int r = ss_modules_dir(&s->modules, c->folder, sizeof(c->folder));

	if (r == 0)
		r = ss_modules_migrate(c->business, err);
	if (r == 0)
		r = ss_modules_new(c->folder, &host, &c->modules);
	if (r < 0)
		ss_error_set(err, r, "模块打不开；the modules cannot be opened");
	else if (ss_modules_load(c->modules, problems, &why) < 0)
		r = refused(s, problems, &why, err);
	json_decref(problems);
	return r;
}

static int open_engines(struct ss_core *c, const struct ss_core_settings *s, struct ss_error *err)
{
	struct ss_things_settings things = {.key_path = c->key,
					    .has_list = has_list,
					    .code = code,
					    .codes_of = codes_of,
					    .saved = thing_saved,
					    .told = thing_told,
					    .arg = c};
	struct ss_flows_settings flows = {.text = template_text,
					  .person = person,
					  .event = case_event,
					  .notify = case_notice,
					  .told = case_told,
					  .arg = c};
	struct ss_files_settings files = s->files;
	struct ss_notify_settings notify = s->notify;
	int r = ss_business_open(s->url, &c->business, err);

	things.business = c->business;
	if (!files.dir || !files.dir[0])
		files.dir = c->files_dir;
	if (r == 0)
		r = ss_files_open(&files, &c->files, err);
	things.files = c->files;
	if (r == 0)
		r = ss_things_open(&things, &c->things, err);
	flows.business = c->business;
	flows.things = c->things;
	flows.files = c->files;
	notify.business = c->business;
	notify.people = people;
	notify.told = notice_told;
	notify.arg = c;
	if (r == 0)
		r = ss_notify_open(&notify, &c->notify, err);
	if (r == 0)
		r = ss_exchange_open(&s->exchange, c->business, c->parts.journal, s->data,
				     &c->exchange, err);
	if (r == 0)
		r = ss_walls_new(&c->walls);
	return r < 0 ? r : ss_flows_open(&flows, &c->flows, err);
}

/* --- the thread of the clocks -------------------------------------------------------------------
 */

static void tick(struct ss_core *c)
{
	int64_t now = ss_time_now();
	struct ss_flow_swept swept;
	struct ss_error err = {0};

	if (ss_flow_sweep(c->flows, now, SWEEP_MOST, &swept, &err) < 0)
		ss_log_error("cases", "时钟扫描失败，稍后再试 the sweep of the clocks failed",
			     "why=\"%s\"", err.text);
	else if (swept.late || swept.redated)
		ss_log_warn("cases", "有时钟迟到或重排 clocks fired late or were worked out again",
			    "fired=%lld late=%lld redated=%lld", (long long)swept.fired,
			    (long long)swept.late, (long long)swept.redated);
}

/* A module that was changed on the disk, not by a load: told once a file, in the log and in the
 * audit. */
static void look_at_modules(struct ss_core *c)
{
	struct ss_audit_row row = {.actor = SS_STR("job:modules"),
				   .via = SS_STR("job"),
				   .action = SS_STR("module.changed"),
				   .outcome = SS_STR("failed")};
	char name[160];

	if (!ss_modules_look(c->modules) || !ss_modules_changed(c->modules, name, sizeof(name)))
		return;
	ss_log_error("modules", "模块文件与装载的不同 a module file differs from what was loaded",
		     "file=\"%s\"", name);
	row.at_us = ss_time_now();
	row.target = ss_str_of(name);
	if (c->parts.audit)
		ss_audit_note(c->parts.audit, &row);
}

static void *run(void *arg)
{
	struct ss_core *c = arg;
	int64_t looked = 0;

	pthread_mutex_lock(&c->lock);
	while (!c->stop) {
		pthread_mutex_unlock(&c->lock);
		tick(c);
		if (ss_time_mono() - looked >= LOOK_US) {
			look_at_modules(c);
			looked = ss_time_mono();
		}
		pthread_mutex_lock(&c->lock);
		if (!c->stop)
			ss_cond_wait_until(&c->wake, &c->lock, ss_time_mono() + TICK_US);
	}
	pthread_mutex_unlock(&c->lock);
	return NULL;
}

static int start_thread(struct ss_core *c, struct ss_error *err)
{
	int r = ss_thread_start(&c->thread, "cases", run, c);

	c->running = r == 0;
	if (r == 0)
		r = ss_modules_start(c->modules);
	if (r == 0)
		r = ss_notify_start(c->notify);
	return r < 0 ? ss_error_set(err, r, "时钟线程起不来；the thread of the clocks cannot start")
		     : 0;
}

int ss_core_open(const struct ss_core_settings *s, const struct ss_core_parts *p,
		 struct ss_core **ret, struct ss_error *err)
{
	struct ss_core *c = calloc(1, sizeof(*c));
	int r;

	if (!c)
		return ss_error_set(err, SS_ENOMEM, "内存不足；out of memory");
	c->parts = *p;
	pthread_mutex_init(&c->lock, NULL);
	ss_cond_init(&c->wake);
	snprintf(c->key, sizeof(c->key), "%s/business.key", s->data);
	snprintf(c->files_dir, sizeof(c->files_dir), "%s/files", s->data);
	r = open_engines(c, s, err);
	if (r == 0)
		r = open_modules(c, s, err);
	if (r == 0 && !s->still)
		r = start_thread(c, err);
	if (r < 0) {
		ss_core_close(c);
		return r;
	}
	if (p->access)
		ss_access_hears(p->access, who_hears, c);
	*ret = c;
	return 0;
}

struct ss_modules *ss_core_modules(struct ss_core *c)
{
	return c->modules;
}

void ss_core_close(struct ss_core *c)
{
	if (!c)
		return;
	pthread_mutex_lock(&c->lock);
	c->stop = true;
	pthread_cond_broadcast(&c->wake);
	pthread_mutex_unlock(&c->lock);
	if (c->running)
		pthread_join(c->thread, NULL);
	ss_modules_stop(c->modules);
	ss_notify_close(c->notify);
	ss_exchange_close(c->exchange);
	ss_walls_free(c->walls);
	ss_flows_close(c->flows);
	ss_things_close(c->things);
	ss_files_close(c->files);
	ss_modules_free(c->modules);
	ss_business_close(c->business);
	pthread_cond_destroy(&c->wake);
	pthread_mutex_destroy(&c->lock);
	free(c);
}

void ss_core_alarm(struct ss_core *c, const char *id, const char *state, struct ss_str alarm)
{
	const char *event = strcmp(state, "cleared") == 0 ? "alarm.cleared" : "alarm.raised";
	ss_cleanup(ss_buf_done) struct ss_buf in = SS_BUF_MAX(4 << 20);

	if (!ss_modules_hears(c->modules, event))
		return;
	ss_buf_addf(&in, "{\"event\":\"%s\",\"id\":\"%s\",\"alarm\":", event, id);
	ss_buf_adds(&in, alarm);
	ss_buf_addc(&in, '}');
	if (ss_modules_tell(c->modules, event, id, ss_buf_str(&in)) < 0)
		ss_log_error("modules",
			     "告警没能交给模块 an alarm could not be told to the modules", "id=%s",
			     id);
}

/* Asked for by a signal, so by whoever runs the machine. */
static void write_down(struct ss_core *c, bool good, size_t problems)
{
	char detail[60];
	struct ss_audit_row row = {.at_us = ss_time_now(),
				   .status = good ? 200 : 400,
				   .actor = SS_STR("local"),
				   .via = SS_STR("job"),
				   .origin = SS_STR("local"),
				   .action = SS_STR("module.load"),
				   .target = ss_str_of(c->folder),
				   .outcome = good ? SS_STR("ok") : SS_STR("failed")};
	struct ss_error err = {0};

	snprintf(detail, sizeof(detail), "{\"problems\":%zu}", problems);
	row.detail = ss_str_of(detail);
	if (c->parts.audit && ss_audit_put(c->parts.audit, &row, &err) < 0)
		ss_log_error("modules", "装载没有记进审计 the load is not in the audit",
			     "why=\"%s\"", err.text);
}

void ss_core_reload(struct ss_core *c)
{
	json_t *problems = json_array();
	struct ss_error err = {0};
	bool good = ss_modules_load(c->modules, problems, &err) == 0;

	if (good)
		ss_log_info("modules", "模块已重新装载 the modules were loaded again", "dir=\"%s\"",
			    c->folder);
	else
		ss_log_error("modules", "模块没有换，仍用原来的 the old modules stay", "why=\"%s\"",
			     err.text);
	tell_problems(problems);
	write_down(c, good, json_array_size(problems));
	json_decref(problems);
}

void ss_core_serve(struct ss_core *c, struct ss_api *api)
{
	c->api = api;
	api->things = c->things;
	api->flows = c->flows;
	api->files = c->files;
	api->modules = c->modules;
	api->notify = c->notify;
	api->walls = c->walls;
}
