/* What other programs watch: /health and /metrics. */
#include "record/audit/audit.h"
#include "serve/api/api_internal.h"
#include "serve/links/links.h"
#include "serve/modules/modules.h"

/* --- health -------------------------------------------------------------------------------------
 */

static bool part(struct ss_json *j, const char *name, bool there, bool ok, const char *zh,
		 const char *en)
{
	ss_json_key(j, name);
	ss_json_obj(j);
	ss_json_kbool(j, "ready", there && ok);
	if (!there || !ok) {
		ss_json_kz(j, "detail", there ? zh : "没有运行");
		ss_json_kz(j, "detail_en", there ? en : "not running");
	}
	ss_json_end_obj(j);
	return there && ok;
}

/* A file that was changed is an alarm, not a stop: what runs is what was loaded. */
static void put_modules(struct ss_json *j, struct ss_api *api)
{
	char name[160], zh[300], en[300];
	bool changed;

	if (!api->modules)
		return;
	changed = ss_modules_changed(api->modules, name, sizeof(name));
	snprintf(zh, sizeof(zh), "模块文件 %s 与装载的不同", name);
	snprintf(en, sizeof(en), "the module file %s differs from what was loaded", name);
	part(j, "modules", true, !changed, zh, en);
}

static bool put_parts(struct ss_json *j, struct ss_api *api)
{
	struct ss_journal_stat js = {0};
	struct ss_series_stat ss = {0};
	bool ok = true;

	if (api->journal)
		ss_journal_stat(api->journal, &js);
	if (api->series)
		ss_series_stat(api->series, &ss);
	ok &= part(j, "journal", api->journal, js.state == SS_JOURNAL_OK,
		   js.state == SS_JOURNAL_FULL ? "磁盘已满，暂停接收" : "写盘失败，须重新启动",
		   js.state == SS_JOURNAL_FULL ? "disk full, taking in is paused"
					       : "writing failed, start again");
	ok &= part(j, "series", api->series, !ss.failed, "观测库写入失败",
		   "the store of observations failed");
	ok &= part(j, "registry", api->registry, true, "", "");
	ok &= part(j, "states", api->states, true, "", "");
	if (api->audit) {
		struct ss_audit_stat as;

		ss_audit_stat(api->audit, &as);
		part(j, "audit", true, !as.broken && ss_audit_ready(api->audit, NULL) == 0,
		     as.broken ? "审计记录被动过，见 shanshui audit verify"
			       : "审计记录写不了，改动暂停",
		     as.broken ? "the audit has been tampered with, see shanshui audit verify"
			       : "the audit cannot be written, changes pause");
	}
	put_modules(j, api);
	ss_links_health(api->links, j);
	if (api->gateway)
		part(j, "gateway", true, true, "", "");
	if (api->ready)
		ok &= api->ready(api->line_arg, j);
	return ok;
}

int ss_get_health(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_api *api = ss_api_of(rq);
	struct ss_json j = ss_json_on(rs->out);
	bool ok;

	(void)err;
	ss_json_obj(&j);
	ss_json_kz(&j, "version", api->version ? api->version : "");
	ss_json_ktime(&j, "time", ss_time_now());
	ss_json_ki64(&j, "uptime_s", (ss_time_now() - api->started_us) / SS_US_PER_SEC);
	ss_json_ki64(&j, "epoch", api->epoch);
	ss_json_key(&j, "parts");
	ss_json_obj(&j);
	ok = put_parts(&j, api);
	ss_json_end_obj(&j);
	ss_json_kz(&j, "status", ok ? "ready" : "not ready");
	ss_json_end_obj(&j);
	rs->status = ok ? 200 : 503;
	return 0;
}

/* --- metrics: Prometheus text format 0.0.4
 * ------------------------------------------------------------- */

static void head(struct ss_buf *b, const char *name, const char *type, const char *zh,
		 const char *en)
{
	ss_buf_addf(b, "# HELP shanshui_%s %s %s\n# TYPE shanshui_%s %s\n", name, zh, en, name,
		    type);
}

static void one(struct ss_buf *b, const char *name, const char *type, const char *zh,
		const char *en, double v)
{
	head(b, name, type, zh, en);
	ss_buf_addf(b, "shanshui_%s ", name);
	ss_buf_add_double(b, v);
	ss_buf_addc(b, '\n');
}

static void put_http(struct ss_buf *b, const struct ss_http *h)
{
	struct ss_http_stat s;

	if (!h)
		return;
	ss_http_stat(h, &s);
	head(b, "http_requests_total", "counter", "HTTP 请求", "HTTP requests by class of status");
	ss_buf_addf(b, "shanshui_http_requests_total{status=\"2xx\"} %lld\n",
		    (long long)s.status_2xx);
	ss_buf_addf(b, "shanshui_http_requests_total{status=\"3xx\"} %lld\n",
		    (long long)s.status_3xx);
	ss_buf_addf(b, "shanshui_http_requests_total{status=\"4xx\"} %lld\n",
		    (long long)s.status_4xx);
	ss_buf_addf(b, "shanshui_http_requests_total{status=\"5xx\"} %lld\n",
		    (long long)s.status_5xx);
	one(b, "http_limited_total", "counter", "因太多而拒绝的请求",
	    "requests refused because there were too many of one sender", (double)s.limited);
	one(b, "http_connections", "gauge", "HTTP 连接", "HTTP connections now",
	    (double)s.connections);
	one(b, "http_streams", "gauge", "实时流", "live streams now", (double)s.streams);
	one(b, "http_busy_seconds_total", "counter", "处理请求用时", "seconds spent on requests",
	    (double)s.busy_us / 1e6);
}

static void put_journal(struct ss_buf *b, struct ss_journal *jn)
{
	struct ss_journal_stat s;

	if (!jn)
		return;
	ss_journal_stat(jn, &s);
	one(b, "journal_up", "gauge", "日志可写", "the journal takes entries",
	    s.state == SS_JOURNAL_OK);
	one(b, "journal_entries_total", "counter", "日志条目", "journal entries",
	    (double)s.entries);
	one(b, "journal_syncs_total", "counter", "日志落盘次数", "journal syncs", (double)s.syncs);
	one(b, "journal_chain_lag_groups", "gauge", "未入链的组", "groups not chained yet",
	    (double)(s.groups - s.chained));
	one(b, "journal_bytes", "gauge", "日志占用", "bytes of the journal on disk",
	    (double)(s.bytes_open + s.bytes_sealed));
	one(b, "journal_tip_timestamp_seconds", "gauge", "最近签名时间",
	    "time of the last signed tip", (double)s.tip_time_us / 1e6);
}

static void put_series(struct ss_buf *b, struct ss_series *st)
{
	struct ss_series_stat s;

	if (!st)
		return;
	ss_series_stat(st, &s);
	one(b, "series_up", "gauge", "观测库正常", "the store of observations works", !s.failed);
	one(b, "series", "gauge", "序列数", "series", (double)s.series);
	one(b, "series_points", "gauge", "观测点数", "points kept", (double)s.points_kept);
	one(b, "series_points_waiting", "gauge", "未落盘的点", "points not yet flushed",
	    (double)s.points_waiting);
	one(b, "series_revised_points", "gauge", "有多个版本的点",
	    "points with more than one version", (double)s.revised);
	one(b, "series_flushes_total", "counter", "落盘次数", "flushes", (double)s.flushes);
	one(b, "series_cursor", "gauge", "已用到的日志条目", "journal entry used up to",
	    (double)s.cursor);
	one(b, "series_memory_bytes", "gauge", "内存占用", "memory of recent points",
	    (double)s.memory_bytes);
	one(b, "series_store_bytes", "gauge", "磁盘占用", "bytes on disk", (double)s.store_bytes);
}

static void put_audit(struct ss_buf *b, struct ss_audit *a)
{
	struct ss_audit_stat s;

	if (!a)
		return;
	ss_audit_stat(a, &s);
	one(b, "audit_rows_total", "counter", "审计记录", "audit rows", (double)s.rows);
	one(b, "audit_rows_waiting", "gauge", "未落盘的审计记录", "audit rows not yet on disk",
	    (double)s.waiting);
	one(b, "audit_rows_unsigned", "gauge", "未签名的审计记录", "audit rows not yet signed",
	    (double)(s.rows - s.signed_rows));
	one(b, "audit_broken", "gauge", "审计记录被动过", "the audit has been tampered with",
	    s.broken);
}

static void put_states(struct ss_buf *b, struct ss_states *st)
{
	struct ss_states_sum s;

	if (!st)
		return;
	ss_states_sum(st, &s);
	head(b, "devices", "gauge", "设备数", "devices by state");
	for (int i = 0; i < SS_DEVICE_STATE_COUNT_; i++)
		ss_buf_addf(b, "shanshui_devices{state=\"%s\"} %lld\n",
			    ss_device_state_key((enum ss_device_state)i), (long long)s.devices[i]);
	one(b, "frames_total", "counter", "设备报文", "frames of devices", (double)s.frames);
	one(b, "frames_faulty_total", "counter", "有误的报文", "frames with a fault",
	    (double)s.faulty);
	one(b, "frames_per_second", "gauge", "每秒报文", "frames a second, mean of 10 s",
	    s.per_second);
}

static void put_gateway(struct ss_buf *b, const struct ss_gateway *g)
{
	struct ss_gateway_stat s;
	char name[80];

	if (!g)
		return;
	ss_gateway_stat(g, &s);
#define X(field, type, zh, en)                                                                     \
	snprintf(name, sizeof(name), "gateway_" #field "%s",                                       \
		 strcmp(type, "counter") == 0 ? "_total" : "");                                    \
	one(b, name, type, zh, en, (double)s.field);
	SS_GATEWAY_COUNTERS(X)
#undef X
}

static void put_dialogue(struct ss_buf *b, struct ss_dialogue *d)
{
	struct ss_dialogue_stat s;
	char name[80];

	if (!d)
		return;
	ss_dialogue_stat(d, &s);
#define X(field, type, zh, en)                                                                     \
	snprintf(name, sizeof(name), "dialogue_" #field "%s",                                      \
		 strcmp(type, "counter") == 0 ? "_total" : "");                                    \
	one(b, name, type, zh, en, (double)s.field);
	SS_DIALOGUE_COUNTERS(X)
#undef X
}

static void put_modules_gauge(struct ss_buf *b, struct ss_modules *m)
{
	char name[160];

	if (m)
		one(b, "modules_changed", "gauge", "模块文件与装载的不同",
		    "a module file differs from what was loaded",
		    ss_modules_changed(m, name, sizeof(name)));
}

int ss_get_metrics(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_api *api = ss_api_of(rq);

	(void)err;
	one(rs->out, "start_time_seconds", "gauge", "启动时间",
	    "start of the process since the epoch", (double)api->started_us / 1e6);
	one(rs->out, "node_epoch", "gauge", "从备份恢复过几次",
	    "how often the node was restored from a backup", (double)api->epoch);
	put_http(rs->out, api->http);
	put_journal(rs->out, api->journal);
	put_series(rs->out, api->series);
	put_audit(rs->out, api->audit);
	ss_links_metrics(api->links, rs->out);
	put_modules_gauge(rs->out, api->modules);
	put_states(rs->out, api->states);
	put_gateway(rs->out, api->gateway);
	put_dialogue(rs->out, api->dialogue);
	if (api->metrics)
		api->metrics(api->line_arg, rs->out);
	rs->type = "text/plain; version=0.0.4; charset=utf-8";
	return 0;
}
