/* The table: method, path, permission, words, parameters, schemas, handler. Router, OpenAPI and the
 * matrix of permissions come from it. */
#include "serve/api/api_internal.h"

#define REF SS_REF
#define ID_PARAM                                                                                   \
	{                                                                                          \
		"id", "integer", true, true, "编号", "id"                                          \
	}
#define FROM_TO                                                                                    \
	{"from", "date-time", false, false, "起（含）", "from, inclusive"},                        \
	{                                                                                          \
		"to", "date-time", false, false, "止（不含）", "to, exclusive"                     \
	}
#define PAGING                                                                                     \
	{"cursor", "string", false, false, "上一页给出的 next", "next of the page before"},        \
	{                                                                                          \
		"limit", "integer", false, false, "每页条数", "items a page"                       \
	}
#define OF_FACTOR                                                                                  \
	{"factor", "string", true, false, "因子编码", "code of the factor"},                       \
	    {"stat", "string", false, false, "统计量，默认 Rtd", "statistic, Rtd by default"},     \
	{                                                                                          \
		"period", "string", false, false, "序列的周期：rtd minute hour day",               \
		    "period of the series"                                                         \
	}

static const struct ss_param p_id[] = {ID_PARAM, {0}};
static const struct ss_param p_sites[] = {
    {"kind", "string", false, false, "站点类别", "kind of site"},
    {"district", "string", false, false, "区的代码", "code of the district"},
    {"q", "string", false, false, "名称或编码里的文字", "text in name or code"},
    {"at", "date-time", false, false, "那时的数值与状态", "values and state as they were then"},
    PAGING,
    {0}};
static const struct ss_param p_points[] = {
    ID_PARAM,
    FROM_TO,
    {"max", "integer", false, false, "最多点数，超过则抽稀", "most points, thinned above"},
    {0}};
static const struct ss_param p_rollup[] = {
    ID_PARAM,
    FROM_TO,
    {"period", "string", false, false, "hour day month year", "hour day month year"},
    {0}};
static const struct ss_param p_latest[] = {
    {"factor", "string", false, false, "因子编码", "code of the factor"},
    {"stat", "string", false, false, "统计量", "statistic"},
    {0}};
static const struct ss_param p_matrix[] = {
    OF_FACTOR,
    {"rollup", "string", false, false, "hour day month year", "hour day month year"},
    FROM_TO,
    {0}};
static const struct ss_param p_top[] = {
    OF_FACTOR,
    FROM_TO,
    {"count", "integer", false, false, "个数，默认 20", "how many, 20 by default"},
    {0}};
static const struct ss_param p_origin[] = {
    ID_PARAM, {"time", "date-time", true, false, "点的时刻", "time of the point"}, {0}};
static const struct ss_param p_devices[] = {
    {"state", "string", false, false, "状态", "state"},
    {"q", "string", false, false, "MN 或站点名称里的文字", "text in MN or name of the site"},
    {"sort", "string", false, false, "排序，前加 - 为降序", "order, with - in front descending"},
    PAGING,
    {0}};
static const struct ss_param p_mn[] = {
    {"mn", "string", true, true, "设备唯一标识", "id of the device"}, {0}};
static const struct ss_param p_commands[] = {
    {"mn", "string", false, false, "只列这台设备", "this device only"}, PAGING, {0}};
static const struct ss_param p_gaps[] = {
    {"mn", "string", false, false, "只列这台设备", "this device only"},
    {"state", "string", false, false, "open filled given_up", "open filled given_up"},
    {"cn", "integer", false, false, "2051 2061 2031", "2051 2061 2031"},
    PAGING,
    {0}};
static const struct ss_param p_arrivals[] = {
    {"mn", "string", true, true, "设备唯一标识", "id of the device"},
    {"cn", "integer", false, false, "2051 2061 2031，缺省 2061", "2051 2061 2031, 2061 by default"},
    FROM_TO,
    {0}};
static const struct ss_param p_clock[] = {
    {"mn", "string", true, true, "设备唯一标识", "id of the device"}, FROM_TO, {0}};
static const struct ss_param p_table[] = {
    {"name", "string", false, false, "文件名，写进来源", "name of the file, kept as its source"},
    {0}};
static const struct ss_param p_seq[] = {
    {"seq", "integer", true, true, "日志序号", "number in the journal"}, {0}};
static const struct ss_param p_entries[] = {
    {"from", "integer", false, false, "起始序号，缺省为最新的",
     "first number, the newest by default"},
    {"limit", "integer", false, false, "条数", "how many"},
    {"kind", "string", false, false, "all hj212 bad import command manual note act",
     "kind of entry"},
    {0}};
static const struct ss_param p_alarms[] = {
    {"at", "date-time", false, false, "那时在案的", "those that stood then"},
    {"active", "string", false, false, "true 只要未解除的", "true: those in force only"},
    {"state", "string", false, false, "raised acknowledged cleared closed withdrawn", "state"},
    {"severity", "string", false, false, "notice warning serious urgent", "severity"},
    {"kind", "string", false, false, "缘由，如 exceedance silence outage flags clock",
     "cause, such as exceedance"},
    {"district", "string", false, false, "区的代码", "code of the district"},
    {"site", "integer", false, false, "站点编号", "id of the site"},
    {"late", "string", false, false, "迟报的另列：true 只要迟报的，all 都要，缺省不列",
     "late ones are listed apart: true, all; left out by default"},
    FROM_TO,
    PAGING,
    {0}};
static const struct ss_param p_alarm[] = {
    {"id", "string", true, true, "告警编号", "id of the alarm"}, {0}};
static const struct ss_param p_limits[] = {
    {"site", "integer", false, false, "站点编号", "id of the site"}, {0}};
static const struct ss_param p_acts[] = {
    {"target", "string", false, false, "对象，名:值，如 site:12", "target as name:value"},
    {"by", "string", false, false, "谁", "who"},
    {"act", "string", false, false, "行为，或以 . 结尾的前缀",
     "the act, or a prefix that ends in ."},
    {"id", "string", false, false, "行为编号", "id of the act"},
    FROM_TO,
    PAGING,
    {0}};
static const struct ss_param p_suspicions[] = {
    {"state", "string", false, false, "new|looking|confirmed|false|unclear，可用 | 相连",
     "new, looking, confirmed, false, unclear, joined by |"},
    {"site", "integer", false, false, "站点编号", "id of the site"},
    {"min", "number", false, false, "最低分数", "lowest score"},
    PAGING,
    {0}};
static const struct ss_param p_suspicion[] = {
    {"id", "string", true, true, "疑点编号", "id of the suspicion"}, {0}};
static const struct ss_param p_span[] = {FROM_TO, {0}};
static const struct ss_param p_exposure[] = {
    {"site", "integer", true, false, "站点编号", "id of the site"}, FROM_TO, {0}};
static const struct ss_param p_books[] = {
    FROM_TO, {"mn", "string", false, false, "只列这台设备", "this device only"}, {0}};
static const struct ss_param p_calc[] = {
    {"name", "string", true, true, "名称，如 air.iaqi", "name, such as air.iaqi"}, {0}};
static const struct ss_param p_uuid[] = {{"id", "string", true, true, "编号", "id"}, {0}};
static const struct ss_param p_authorize[] = {
    {"client_id", "string", false, false, "系统", "client"},
    {"redirect_uri", "string", false, false, "登记的回跳地址", "registered address to go back to"},
    {"response_type", "string", false, false, "code", "code"},
    {"scope", "string", false, false, "含 openid", "openid among them"},
    {"state", "string", false, false, "原样带回", "given back"},
    {"nonce", "string", false, false, "写进 ID 令牌", "goes into the ID token"},
    {"code_challenge", "string", false, false, "PKCE 质询", "PKCE challenge"},
    {"code_challenge_method", "string", false, false, "S256", "S256"},
    {"prompt", "string", false, false, "none 或 login", "none or login"},
    {"response_mode", "string", false, false, "query", "query"},
    {"display", "string", false, false, "不用", "ignored"},
    {"ui_locales", "string", false, false, "不用", "ignored"},
    {"login_hint", "string", false, false, "不用", "ignored"},
    {"id_token_hint", "string", false, false, "不用", "ignored"},
    {"acr_values", "string", false, false, "不用", "ignored"},
    {"claims", "string", false, false, "不用", "ignored"},
    {"resource", "string", false, false, "不用", "ignored"},
    {"max_age", "integer", false, false, "登录至多多少秒以前",
     "signed in at most so many seconds ago"},
    {0}};
static const struct ss_param p_sso_logout[] = {
    {"id_token_hint", "string", false, false, "给这个系统的 ID 令牌", "ID token of the client"},
    {"post_logout_redirect_uri", "string", false, false, "登记的回跳地址", "registered address"},
    {"state", "string", false, false, "原样带回", "given back"},
    {"client_id", "string", false, false, "不用", "ignored"},
    {"logout_hint", "string", false, false, "不用", "ignored"},
    {"ui_locales", "string", false, false, "不用", "ignored"},
    {0}};
static const struct ss_param p_cas_login[] = {
    {"service", "string", false, false, "登记的系统网址", "registered service"},
    {"renew", "string", false, false, "须重新登录", "sign in anew"},
    {"gateway", "string", false, false, "没有登录就直接回去", "go back when not signed in"},
    {"method", "string", false, false, "不用", "ignored"},
    {0}};
static const struct ss_param p_cas_validate[] = {
    {"service", "string", false, false, "系统网址", "service"},
    {"ticket", "string", false, false, "票据", "ticket"},
    {"renew", "string", false, false, "只认刚登录所得的票", "only a ticket of a sign-in just now"},
    {"format", "string", false, false, "XML（缺省）或 JSON", "XML (default) or JSON"},
    {"pgtUrl", "string", false, false, "不支持代理", "no proxies"},
    {0}};
static const struct ss_param p_text_id[] = {{"id", "string", true, true, "编号", "id"}, {0}};
static const struct ss_param p_people[] = {
    {"q", "string", false, false, "姓名里的文字", "text in the name"},
    {"role", "string", false, false, "现任这个角色的", "who hold this role now"},
    {"area", "string", false, false, "管这个区的", "whose role is for this district"},
    {"limit", "integer", false, false, "条数", "how many"},
    {0}};
static const struct ss_param p_serial[] = {
    {"serial", "string", true, true, "证书序列号", "serial of the certificate"}, {0}};
static const struct ss_param p_certs[] = {{"days", "integer", false, false, "只要这么多天内到期的",
					   "only those that end within so many days"},
					  {0}};
static const struct ss_param p_chain[] = {
    {"kind", "string", false, false, "sm2（缺省）或 p256", "sm2 (default) or p256"}, {0}};
static const struct ss_param p_audit[] = {
    FROM_TO,
    {"actor", "string", false, false, "谁", "who"},
    {"action", "string", false, false, "做了什么，如 device.register", "act"},
    {"outcome", "string", false, false, "ok denied failed", "ok denied failed"},
    {"via", "string", false, false, "api cli job", "api cli job"},
    {"q", "string", false, false, "对象、地址或内容里的文字", "text in target, origin or detail"},
    PAGING,
    {0}};
static const struct ss_param p_explain[] = {
    {"id", "string", false, false, "编号，如 obs~12~1764201600000000", "id of the figure"},
    {"series", "integer", false, false, "代替 id：序列编号", "instead of id: the series"},
    {"time", "date-time", false, false, "代替 id：时刻", "instead of id: the time"},
    {"what", "string", false, false, "obs hour day，默认 obs", "obs hour day, obs by default"},
    {"max", "integer", false, false, "最多节点数，默认 5000", "most nodes, 5000 by default"},
    {0}};
static const struct ss_param p_scorecard[] = {
    {"day", "date-time", false, false, "哪一天，默认今天", "which day, today by default"},
    {"site", "integer", false, false, "只要这个站点", "this site only"},
    {"mn", "string", false, false, "只要这台设备", "this device only"},
    {"limit", "integer", false, false, "条数，最差的在前，默认 200",
     "rows, worst first, 200 by default"},
    {0}};
static const struct ss_param p_anchors[] = {{"form", "string", false, false,
					     "paper：每日最后一个的摘要，供打印",
					     "paper: digest of the last of each day, for printing"},
					    {0}};
static const struct ss_param p_live[] = {
    {"topics", "string", false, false, "summary,state,latest,frame,alarm,thing,case,inbox",
     "topics, comma between"},
    {"site", "integer", false, false, "只要这个站点的 frame", "frames of this site only"},
    {0}};

#define LAW_KNOWN                                                                                  \
	{                                                                                          \
		"known", "date-time", false, false, "当时所知的法，缺省为现在",                    \
		    "the law as it was known then, now by default"                                 \
	}
#define LAW_ASK                                                                                    \
	{"day",                                                                                    \
	 "string",                                                                                 \
	 false,                                                                                    \
	 false,                                                                                    \
	 "哪一天适用的行：日期，或 all；缺省今天",                                                 \
	 "rows that hold on that day, or all; today by default"},                                  \
	    LAW_KNOWN
#define LAW_TABLE                                                                                  \
	{"folder", "string", true, true, "法表的文件夹，如 limits", "folder of the table"},        \
	{                                                                                          \
		"table", "string", true, true, "法表的名称，如 air-aqi", "name of the table"       \
	}
#define LAW_STANDARD                                                                               \
	{                                                                                          \
		"standard", "string", false, false, "只要出自这一标准的行，写法同登记表的编号",    \
		    "only rows of this standard, as the register writes its number"                \
	}
static const struct ss_param p_standards[] = {
    {"kind", "string", false, false, "codes limits parameters deadlines calendar register",
     "codes limits parameters deadlines calendar register"},
    LAW_STANDARD,
    LAW_ASK,
    {0}};
static const struct ss_param p_standard[] = {
    LAW_TABLE, LAW_STANDARD, LAW_ASK, {"q", "string", false, false, "行里的文字", "text in a row"},
    PAGING,    {0}};
static const struct ss_param p_standard_csv[] = {LAW_TABLE, LAW_ASK, {0}};
static const struct ss_param p_standard_row[] = {
    LAW_TABLE,
    {"key", "string", true, false, "主键，各段以 | 分开，如 3201|air", "key, parts with | between"},
    LAW_ASK,
    {0}};
static const struct ss_param p_deadline[] = {
    LAW_TABLE,
    {"key", "string", true, false, "步骤，如 payment", "step, such as payment"},
    {"from", "string", false, false, "起算日（次日为第一日），缺省今天",
     "day it is counted from; the day behind it is the first"},
    LAW_KNOWN,
    {0}};
static const struct ss_param p_standards_search[] = {
    {"q", "string", true, false, "要找的词，空格分开，如 总磷 湖", "words, blanks between"},
    {"limit", "integer", false, false, "条数，默认 50", "how many, 50 by default"},
    LAW_ASK,
    {0}};
static const struct ss_param p_standards_diff[] = {
    {"table", "string", false, false, "只比这张表，如 limits/air-aqi", "this table only"},
    {"from_day", "string", false, false, "从哪天的法", "the law of that day"},
    {"to_day", "string", false, false, "到哪天的法", "against that day"},
    {"from_known", "date-time", false, false, "从何时所知", "as known then"},
    {"to_known", "date-time", false, false, "到何时所知", "against as known then"},
    {0}};
static const struct ss_param p_conflicts[] = {LAW_ASK, {0}};
static const struct ss_param p_judged[] = {
    ID_PARAM,
    FROM_TO,
    {"law_day", "string", false, false, "假设：都按这一天的法（不改写）",
     "what-if: by the law of that day; nothing is overwritten"},
    LAW_KNOWN,
    {0}};

#define OF_OUTLET(must)                                                                            \
	{"site", "integer", must, false, "站点编号", "id of the site"},                            \
	{                                                                                          \
		"point", "string", false, false, "排口或测点，缺省为站点本身", "outlet or point"   \
	}
#define P_DAY                                                                                      \
	{                                                                                          \
		"day", "date-time", false, false, "日期，缺省为昨天", "day, yesterday by default"  \
	}
static const struct ss_param p_review_rows[] = {
    {"kind", "string", true, false, "行的种类：hour_state day_mean mass substitution 等",
     "kind of row"},
    OF_OUTLET(false),
    {"factor", "string", false, false, "因子", "factor"},
    {"sub", "string", false, false, "统计量、时段或编号", "statistic, period or id"},
    {"state", "string", false, false, "状态，竖线分隔", "states, bars between"},
    FROM_TO,
    PAGING,
    {0}};
static const struct ss_param p_review_hours[] = {
    OF_OUTLET(true), {"factor", "string", true, false, "因子", "factor"}, FROM_TO, {0}};
static const struct ss_param p_review_calendar[] = {
    OF_OUTLET(true),
    {"factor", "string", false, false, "只列这个因子", "this factor only"},
    FROM_TO,
    {0}};
static const struct ss_param p_review_sheet[] = {
    P_DAY,
    {"state", "string", false, false, "open 或 closed", "open or closed"},
    {"what", "string", false, false, "not_received invalid unmarked over", "which kind of item"},
    {0}};
static const struct ss_param p_review_rates[] = {
    {"by", "string", false, false, "outlet area maintainer", "outlet, area or maintainer"},
    {"period", "string", false, false, "day month quarter", "day, month or quarter"},
    P_DAY,
    {0}};
static const struct ss_param p_review_cover[] = {OF_OUTLET(true), FROM_TO, {0}};

#define GET(path, permission, zh, en, params, result, handler, flags)                              \
	{                                                                                          \
		SS_GET, "/api/v1" path, permission, zh, en, params, NULL, REF(result), handler,    \
		    flags                                                                          \
	}

#define GET_TEXT(path, permission, zh, en, params, handler, flags)                                 \
	{                                                                                          \
		SS_GET, "/api/v1" path, permission, zh, en, params, NULL, NULL, handler, flags     \
	}

const struct ss_route ss_api_routes[] = {
    GET("/summary", "summary.read", "总览", "summary", NULL, "Summary", ss_get_summary,
	SS_ROUTE_SCOPED),
    GET("/public/sites", "public.read", "公众：公开的站点与实时评价（未经审核）",
	"the public: sites that are public, with what the law says of the newest hour", NULL,
	"PublicSites", ss_get_public_sites, SS_ROUTE_SLOW | SS_ROUTE_PUBLIC),
    GET("/public/sites/{id}", "public.read", "公众：一个公开的站点与最新的值",
	"the public: one public site with its newest values", p_id, "PublicSite",
	ss_get_public_site, SS_ROUTE_SLOW | SS_ROUTE_PUBLIC),
    GET("/sites", "site.read", "站点列表", "list of sites", p_sites, "Sites", ss_get_sites,
	SS_ROUTE_SLOW | SS_ROUTE_SCOPED),
    GET("/sites/{id}", "site.read", "一个站点", "one site", p_id, "SiteDetail", ss_get_site,
	SS_ROUTE_SLOW | SS_ROUTE_OF_SITE),
    GET("/series/latest", "series.read", "所有序列的最新值", "latest value of every series",
	p_latest, "LatestRows", ss_get_latest, SS_ROUTE_SLOW | SS_ROUTE_SCOPED),
    GET("/series/matrix", "series.read", "一个因子在所有站点的汇总", "one factor over all sites",
	p_matrix, "Matrix", ss_get_matrix, SS_ROUTE_SLOW | SS_ROUTE_SCOPED),
    GET("/series/top", "series.read", "最大值最高的序列", "series with the greatest maximum", p_top,
	"Top", ss_get_top, SS_ROUTE_SLOW | SS_ROUTE_SCOPED),
    GET("/series/{id}/points", "series.read", "序列的观测点", "points of a series", p_points,
	"Points", ss_get_points, SS_ROUTE_SLOW | SS_ROUTE_SCOPED),
    GET("/series/{id}/rollup", "series.read", "序列的时日月年汇总", "rollups of a series", p_rollup,
	"Rollups", ss_get_rollup, SS_ROUTE_SLOW | SS_ROUTE_SCOPED),
    GET("/series/{id}/origin", "origin.read", "一个点的原始报文", "the frame a point came from",
	p_origin, "Origin", ss_get_origin, SS_ROUTE_SLOW | SS_ROUTE_SCOPED),
    GET("/devices", "device.read", "设备列表", "list of devices", p_devices, "Devices",
	ss_get_devices, SS_ROUTE_SLOW | SS_ROUTE_SCOPED),
    GET("/devices/{mn}", "device.read", "一台设备", "one device", p_mn, "Device", ss_get_device,
	SS_ROUTE_OF_DEVICE),
    {SS_POST, "/api/v1/devices", "device.register", "登记设备", "register a device", NULL,
     REF("NewDevice"), REF("Device"), ss_post_device, SS_ROUTE_SLOW},
    {SS_POST, "/api/v1/devices/import", "device.register", "从 CSV 登记设备（text/csv）",
     "register devices from CSV (text/csv)", NULL, NULL, REF("ImportReport"), ss_post_import,
     SS_ROUTE_SLOW},
    {SS_POST, "/api/v1/imports", "table.import", "导入表格（text/plain 导入包）",
     "bring a table in (text/plain package)", p_table, NULL, REF("TableReport"), ss_post_table,
     SS_ROUTE_SLOW},
    {SS_POST, "/api/v1/devices/{mn}/commands", "device.command", "向设备下发命令",
     "send a command to a device", p_mn, REF("NewCommand"), REF("Command"), ss_post_command,
     SS_ROUTE_SLOW | SS_ROUTE_OF_DEVICE},
    {SS_POST, "/api/v1/devices/{mn}/key", "device.command", "更换设备密钥（1014，2025 版）",
     "renew a device's key (1014, 2025)", p_mn, REF("Why"), REF("Command"), ss_post_key,
     SS_ROUTE_SLOW | SS_ROUTE_OF_DEVICE},
    GET("/commands", "device.command", "命令清单", "commands, newest first", p_commands, "Commands",
	ss_get_commands, SS_ROUTE_SLOW),
    GET("/commands/{id}", "device.command", "命令的结果", "result of a command", p_id, "Command",
	ss_get_command, SS_ROUTE_SLOW),
    {SS_DELETE, "/api/v1/commands/{id}", "device.command", "撤销还在排队的命令",
     "withdraw a command that still waits", p_id, NULL, REF("Command"), ss_delete_command,
     SS_ROUTE_SLOW},
    GET("/command-table", "reference.read", "命令表（各版本的命令与参数）",
	"table of commands by edition, with their parameters", NULL, "CommandTable",
	ss_get_command_table, SS_ROUTE_SAME_FOR_ALL),
    {SS_POST, "/api/v1/devices/{mn}/conformance", "device.command", "设备一致性检查，逐条对照标准",
     "check a device against the standard, clause by clause", p_mn, REF("NewConformance"),
     REF("Conformance"), ss_post_conformance, SS_ROUTE_SLOW | SS_ROUTE_OF_DEVICE},
    GET("/conformance/{id}", "device.read", "一致性检查的结果", "result of a check", p_id,
	"Conformance", ss_get_conformance, SS_ROUTE_SCOPED),
    GET("/gaps", "device.read", "缺口清单", "gaps in what devices owe", p_gaps, "Gaps", ss_get_gaps,
	SS_ROUTE_SLOW | SS_ROUTE_SCOPED),
    {SS_POST, "/api/v1/gaps/{id}/retry", "device.command", "再次补取已放弃的缺口",
     "fetch a gap that was given up once more", p_id, NULL, REF("Taken"), ss_post_gap_retry,
     SS_ROUTE_SLOW | SS_ROUTE_SCOPED},
    GET("/devices/{mn}/contract", "device.read", "到数约定", "arrival contract", p_mn, "Contract",
	ss_get_contract, SS_ROUTE_SLOW | SS_ROUTE_OF_DEVICE),
    {SS_PUT, "/api/v1/devices/{mn}/contract", "device.register", "声明到数间隔",
     "declare an interval of arrival", p_mn, REF("NewContract"), REF("Contract"), ss_put_contract,
     SS_ROUTE_SLOW | SS_ROUTE_OF_DEVICE},
    GET("/devices/{mn}/arrivals", "device.read", "逐条到数：应到、实到、迟到",
	"each record owed: received, late, missing", p_arrivals, "Arrivals", ss_get_arrivals,
	SS_ROUTE_SLOW | SS_ROUTE_OF_DEVICE),
    GET("/devices/{mn}/clock", "device.read", "时钟偏差（逐小时）", "clock drift by hour", p_clock,
	"Clock", ss_get_clock, SS_ROUTE_SLOW | SS_ROUTE_OF_DEVICE),
    GET("/review/rows", "review.read", "数据审核的行：小时状态、日均、排放量、替代、传输、标记等",
	"rows of the review: hour states, days, masses, substitutes, rates, marks", p_review_rows,
	"ReviewRows", ss_get_review_rows, SS_ROUTE_SLOW | SS_ROUTE_SCOPED),
    GET("/review/hours", "review.read", "逐小时的状态与缘由", "hours with their reasons",
	p_review_hours, "ReviewHours", ss_get_review_hours, SS_ROUTE_SLOW | SS_ROUTE_SCOPED),
    GET("/review/calendar", "review.read", "有效性日历", "calendar of validity", p_review_calendar,
	"ReviewCalendar", ss_get_review_calendar, SS_ROUTE_SLOW | SS_ROUTE_SCOPED),
    GET("/review/sheet", "review.read", "日清单：未收到、无效、未标记、超标", "the daily sheet",
	p_review_sheet, "ReviewSheet", ss_get_review_sheet, SS_ROUTE_SLOW | SS_ROUTE_SCOPED),
    GET("/review/transmission", "review.read", "传输有效率（按排口、区、运维单位）",
	"transmission by outlet, area, maintainer", p_review_rates, "ReviewRates",
	ss_get_review_transmission, SS_ROUTE_SLOW | SS_ROUTE_SCOPED),
    GET("/review/dictionary", "review.read", "状态、缘由、标记、关闭代码",
	"states, reasons, marks, closing codes", NULL, "ReviewDictionary", ss_get_review_dictionary,
	SS_ROUTE_SAME_FOR_ALL),
    GET("/review/cover", "review.read", "标记掩盖超标的统计", "marks as a cover", p_review_cover,
	"ReviewCover", ss_get_review_cover, SS_ROUTE_SLOW | SS_ROUTE_SCOPED),
    GET("/journal/stat", "journal.read", "日志的状况", "state of the journal", NULL, "JournalStat",
	ss_get_journal_stat, 0),
    GET("/journal/entries", "journal.read", "日志条目", "entries of the journal", p_entries,
	"Entries", ss_get_entries, SS_ROUTE_SLOW | SS_ROUTE_SCOPED),
    GET("/journal/entries/{seq}", "journal.read", "一条日志", "one entry of the journal", p_seq,
	"Entry", ss_get_entry, SS_ROUTE_SLOW | SS_ROUTE_SCOPED),
    GET("/acts", "act.read", "人的行为，新的在前", "what people did, latest first", p_acts, "Acts",
	ss_get_acts, SS_ROUTE_SLOW | SS_ROUTE_SCOPED),
    {SS_POST, "/api/v1/acts", "act.write", "做一件事：写进日志、施行、返回改变了什么",
     "do something: journalled, applied, answered with what it changed", NULL, REF("NewAct"),
     REF("ActDone"), ss_post_act, SS_ROUTE_SLOW | SS_ROUTE_SCOPED},
    GET("/act-kinds", "act.read", "可以做的事与所需字段", "what can be done, with its fields", NULL,
	"ActKinds", ss_get_act_kinds, SS_ROUTE_SAME_FOR_ALL),
    GET("/alarms", "alarm.read", "告警，新的在前", "alarms, latest first", p_alarms, "Alarms",
	ss_get_alarms, SS_ROUTE_SLOW | SS_ROUTE_SCOPED),
    GET("/alarms/counts", "alarm.read", "在案告警的数目", "how many alarms stand", NULL,
	"AlarmCounts", ss_get_alarm_counts, SS_ROUTE_SLOW | SS_ROUTE_SCOPED),
    GET("/alarms/{id}", "alarm.read", "一条告警：依据、版本、处置",
	"one alarm: basis, versions, acts", p_alarm, "AlarmLife", ss_get_alarm,
	SS_ROUTE_SLOW | SS_ROUTE_SCOPED),
    GET("/limits", "alarm.read", "设定的限值", "limits that were set", p_limits, "Limits",
	ss_get_limits, SS_ROUTE_SLOW | SS_ROUTE_SCOPED),
    GET("/noise/compliance", "figure.read", "噪声按功能区的达标情况",
	"noise by function zone against its limits", p_span, "NoiseCompliance", ss_get_noise,
	SS_ROUTE_SLOW | SS_ROUTE_SCOPED),
    GET("/exposure", "figure.read", "路边暴露曲线与车流", "roadside exposure with traffic",
	p_exposure, "Exposure", ss_get_exposure, SS_ROUTE_SLOW | SS_ROUTE_SCOPED),
    GET("/reconciliation", "journal.read", "汇交对账", "reconciliation of counts", p_books,
	"Reconciliation", ss_get_reconciliation, SS_ROUTE_SLOW),
    {SS_POST, "/api/v1/reconciliation/province", "reconciliation.write",
     "交省厅对账单（text/csv：mn,day,cn,count）", "give the province's statement (text/csv)", NULL,
     NULL, REF("Statement"), ss_post_province, SS_ROUTE_SLOW},
    GET("/calc", "calc.read", "计算器：输入、输出、公式、条款", "calculators", NULL, "Calculators",
	ss_get_calculators, SS_ROUTE_SLOW | SS_ROUTE_SAME_FOR_ALL),
    {SS_POST, "/api/v1/calc/{name}", "calc.run", "按名称运行计算器（各有自己的接口）",
     "run a calculator by name (each has its own operation)", p_calc, NULL, NULL, ss_post_calc,
     SS_ROUTE_SLOW | SS_ROUTE_LINES | SS_ROUTE_PURE | SS_ROUTE_SAME_FOR_ALL},
    GET("/explain", "explain.read", "一个数或一项判定从何而来", "where a figure comes from",
	p_explain, "Explanation", ss_get_explain, SS_ROUTE_SLOW | SS_ROUTE_SCOPED),
    {SS_POST, "/api/v1/recompute", "explain.read", "重算并与所存比对",
     "work a figure out again and compare", NULL, REF("FigureAsk"), REF("Recomputed"),
     ss_post_recompute, SS_ROUTE_SLOW | SS_ROUTE_SCOPED | SS_ROUTE_PURE},
    GET("/scorecard", "figure.read", "真准全：逐源的日评分",
	"authentic, accurate, complete: the day's score of each source", p_scorecard, "Scorecard",
	ss_get_scorecard, SS_ROUTE_SLOW | SS_ROUTE_SCOPED),
    {SS_POST, "/api/v1/rehearse", "rehearse.run", "预演：变更之前看会变什么",
     "what would change, before it does", NULL, REF("RehearsalAsk"), REF("Rehearsal"),
     ss_post_rehearse, SS_ROUTE_SLOW | SS_ROUTE_SCOPED | SS_ROUTE_PURE},
    {SS_POST, "/api/v1/evidence", "evidence.export", "导出证据包（application/x-tar）",
     "export an evidence package (application/x-tar)", NULL, REF("EvidenceAsk"), NULL,
     ss_post_evidence, SS_ROUTE_SLOW | SS_ROUTE_SCOPED},
    GET_TEXT("/evidence/anchors", "evidence.anchors", "签名锚点，供别处抄存（text/plain）",
	     "signed tips, to be kept elsewhere (text/plain)", p_anchors, ss_get_anchors,
	     SS_ROUTE_SLOW | SS_ROUTE_SAME_FOR_ALL),
    GET("/districts", "reference.read", "本市的区", "districts of the city", NULL, "Districts",
	ss_get_districts, SS_ROUTE_SAME_FOR_ALL | SS_ROUTE_SELF),
    GET("/factors", "reference.read", "污染因子", "factors", NULL, "Factors", ss_get_factors,
	SS_ROUTE_SAME_FOR_ALL),
    GET("/audit", "audit.read", "审计记录", "audit rows", p_audit, "AuditRows", ss_get_audit,
	SS_ROUTE_SLOW | SS_ROUTE_DISCLOSES | SS_ROUTE_STEP_UP),
    GET("/audit/stat", "audit.read", "审计的状况", "state of the audit", NULL, "AuditStat",
	ss_get_audit_stat, 0),
    {SS_POST, "/api/v1/audit/verify", "audit.verify", "核验全部审计记录", "verify every audit row",
     NULL, NULL, REF("AuditReport"), ss_post_audit_verify, SS_ROUTE_SLOW},
    GET("/standards", "standard.read", "法表一览", "tables of the law", p_standards, "LawTables",
	ss_get_standards, SS_ROUTE_SAME_FOR_ALL),
    GET("/standards/search", "standard.read", "在全部法表里找", "search in all tables of the law",
	p_standards_search, "LawHits", ss_get_standards_search,
	SS_ROUTE_SLOW | SS_ROUTE_SAME_FOR_ALL),
    GET("/standards/diff", "standard.read", "两天或两个时刻的法有何不同",
	"differences between two days or two moments of knowledge", p_standards_diff, "LawDiff",
	ss_get_standards_diff, SS_ROUTE_SLOW | SS_ROUTE_SAME_FOR_ALL),
    GET("/standards/history", "standard.read", "法的历次修订", "amendments of the law", NULL,
	"LawHistory", ss_get_standards_history, SS_ROUTE_SLOW | SS_ROUTE_SAME_FOR_ALL),
    GET("/standards/conflicts", "standard.read", "标准、单位、代码的矛盾与处置",
	"conflicts of standards, units, codes, with their resolution", p_conflicts, "LawConflicts",
	ss_get_conflicts, SS_ROUTE_SLOW | SS_ROUTE_SAME_FOR_ALL),
    {SS_POST, "/api/v1/standards/codes", "standard.read",
     "核对代码（有效、旧码、别名、已撤、未知）", "check codes (valid, old, alias, ended, unknown)",
     p_conflicts, REF("LawCodes"), REF("LawCodesChecked"), ss_post_codes,
     SS_ROUTE_SAME_FOR_ALL | SS_ROUTE_PURE},
    {SS_POST, "/api/v1/standards/check", "standard.read", "修订之前整表检查，不写入",
     "check an amendment as a whole; nothing is written", NULL, REF("LawChange"),
     REF("LawChangeChecked"), ss_post_standards_check,
     SS_ROUTE_SLOW | SS_ROUTE_SAME_FOR_ALL | SS_ROUTE_PURE},
    {SS_POST, "/api/v1/standards/amendments", "standard.amend", "修订法表（记入日志，不停机生效）",
     "amend a table of the law (journalled, takes effect without restart)", NULL,
     REF("NewAmendment"), REF("Amendment"), ss_post_amendment, SS_ROUTE_SLOW},
    GET("/standards/tables/{folder}/{table}", "standard.read", "一张法表", "one table of the law",
	p_standard, "LawTable", ss_get_standard, SS_ROUTE_SLOW | SS_ROUTE_SAME_FOR_ALL),
    {SS_GET, "/api/v1/standards/tables/{folder}/{table}/csv", "standard.read", "一张法表（CSV）",
     "one table of the law (CSV)", p_standard_csv, NULL, NULL, ss_get_standard_csv,
     SS_ROUTE_SLOW | SS_ROUTE_SAME_FOR_ALL},
    GET("/standards/tables/{folder}/{table}/row", "standard.read", "法表的一行及其他日子怎么说",
	"one row, and what other days say of the same", p_standard_row, "LawRowFound",
	ss_get_standard_row, SS_ROUTE_SAME_FOR_ALL),
    GET("/standards/tables/{folder}/{table}/deadline", "standard.read",
	"期限的末日（工作日按法定日历，遇节假日顺延）",
	"last day of a period, by the legal calendar of working days", p_deadline, "LawDeadline",
	ss_get_deadline, SS_ROUTE_SAME_FOR_ALL),
    GET("/sites/{id}/judged", "figure.read", "历史按当日的法、或假设按某日的法判断",
	"the past judged by its own law, or what-if by another day's", p_judged, "Judged",
	ss_get_judged, SS_ROUTE_SLOW | SS_ROUTE_OF_SITE),
    {SS_GET, "/api/v1/session", "session.read", "我是谁，能做什么", "who am I, and what may I",
     NULL, NULL, REF("Self"), ss_get_session, SS_ROUTE_OPEN},
    {SS_POST, "/api/v1/session", "session.open", "登录", "sign in", NULL, REF("SignIn"),
     REF("Done"), ss_post_session, SS_ROUTE_SLOW | SS_ROUTE_OPEN | SS_ROUTE_SECRET},
    {SS_DELETE, "/api/v1/session", "session.close", "退出", "sign out", NULL, NULL, REF("Done"),
     ss_delete_session, SS_ROUTE_SLOW | SS_ROUTE_OPEN},
    {SS_GET, "/api/v1/sessions", "session.list", "我的会话", "my sessions", NULL, NULL,
     REF("SessionHeads"), ss_get_sessions, SS_ROUTE_SLOW | SS_ROUTE_SELF},
    {SS_DELETE, "/api/v1/sessions", "session.close", "处处退出", "sign out everywhere", NULL, NULL,
     REF("Done"), ss_delete_sessions, SS_ROUTE_SLOW | SS_ROUTE_SELF},
    {SS_PUT, "/api/v1/session/password", "password.change", "改口令", "change the password", NULL,
     REF("NewPassword"), REF("Done"), ss_put_password,
     SS_ROUTE_SLOW | SS_ROUTE_SELF | SS_ROUTE_SECRET},
    {SS_POST, "/api/v1/session/totp", "totp.start", "新的动态码密钥", "a new secret for codes",
     NULL, NULL, REF("Totp"), ss_post_totp, SS_ROUTE_SLOW | SS_ROUTE_SELF},
    {SS_PUT, "/api/v1/session/totp", "totp.confirm", "启用动态码", "put codes in force", NULL,
     REF("TotpCode"), REF("Done"), ss_put_totp, SS_ROUTE_SLOW | SS_ROUTE_SELF | SS_ROUTE_SECRET},
    {SS_POST, "/api/v1/session/step-up", "totp.again", "再验动态码（授权、披露之前）",
     "the second factor again (before granting or disclosing)", NULL, REF("TotpCode"), REF("Done"),
     ss_post_step_up, SS_ROUTE_SLOW | SS_ROUTE_SELF | SS_ROUTE_SECRET},
    {SS_POST, "/api/v1/setup", "access.setup", "首次设置三员", "the first three administrators",
     NULL, REF("Setup"), REF("Done"), ss_post_setup,
     SS_ROUTE_SLOW | SS_ROUTE_OPEN | SS_ROUTE_SECRET},
    GET("/users", "user.read", "账号（个人信息遮盖）", "accounts, personal data masked", NULL,
	"Users", ss_get_users, SS_ROUTE_SLOW),
    {SS_POST, "/api/v1/users", "user.write", "新建账号", "make an account", NULL, REF("NewUser"),
     REF("Made"), ss_post_user, SS_ROUTE_SLOW | SS_ROUTE_SECRET},
    {SS_PATCH, "/api/v1/users/{id}", "user.write", "改账号", "change an account", p_uuid,
     REF("UserChange"), REF("Done"), ss_patch_user,
     SS_ROUTE_SLOW | SS_ROUTE_STEP_UP | SS_ROUTE_SECRET},
    {SS_PUT, "/api/v1/users/{id}/password", "user.write", "重置口令", "reset a password", p_uuid,
     REF("ResetPassword"), REF("Done"), ss_put_user_password,
     SS_ROUTE_SLOW | SS_ROUTE_STEP_UP | SS_ROUTE_SECRET},
    {SS_PUT, "/api/v1/users/{id}/label", "label.write", "定密级", "label of an account", p_uuid,
     REF("UserLabel"), REF("Done"), ss_put_user_label, SS_ROUTE_SLOW | SS_ROUTE_STEP_UP},
    {SS_DELETE, "/api/v1/users/{id}/sessions", "session.end", "令其退出",
     "end an account's sessions", p_uuid, NULL, REF("Done"), ss_delete_user_sessions,
     SS_ROUTE_SLOW},
    {SS_POST, "/api/v1/users/{id}/unmask", "personal.unmask", "查看明文号码（逐次记审计）",
     "a number in clear, audited each time", p_uuid, REF("Unmask"), REF("Phone"), ss_post_unmask,
     SS_ROUTE_SLOW | SS_ROUTE_STEP_UP},
    GET("/people", "people.read", "找人（姓名、组织、角色）",
	"find people: name, organisation, roles", p_people, "People", ss_get_people,
	SS_ROUTE_SLOW | SS_ROUTE_DECLARED),
    GET("/orgs", "org.read", "组织", "organisations", NULL, "Orgs", ss_get_orgs, SS_ROUTE_SLOW),
    {SS_POST, "/api/v1/orgs", "org.write", "新建组织", "make an organisation", NULL, REF("NewOrg"),
     REF("Made"), ss_post_org, SS_ROUTE_SLOW},
    {SS_PATCH, "/api/v1/orgs/{id}", "org.write", "改组织", "change an organisation", p_uuid,
     REF("OrgChange"), REF("Done"), ss_patch_org, SS_ROUTE_SLOW | SS_ROUTE_STEP_UP},
    {SS_POST, "/api/v1/assignments/{id}/review", "role.grant", "季度复核：保留或收回",
     "quarterly review: keep or end", p_uuid, REF("Review"), REF("Done"), ss_post_review,
     SS_ROUTE_SLOW | SS_ROUTE_STEP_UP},
    {SS_GET, "/api/v1/delegations", "delegation.own", "我给出与受到的委托",
     "what I lent and was lent", NULL, NULL, REF("Assignments"), ss_get_delegations,
     SS_ROUTE_SLOW | SS_ROUTE_SELF},
    {SS_POST, "/api/v1/delegations", "delegation.own", "委托自己的角色（至多 30 天）",
     "lend a role of one's own (30 days at most)", NULL, REF("NewDelegation"), REF("Made"),
     ss_post_delegation, SS_ROUTE_SLOW | SS_ROUTE_SELF},
    {SS_DELETE, "/api/v1/delegations/{id}", "delegation.own", "结束委托", "end a delegation",
     p_uuid, NULL, REF("Done"), ss_delete_delegation, SS_ROUTE_SLOW | SS_ROUTE_SELF},
    {SS_POST, "/api/v1/emergencies", "emergency.ask", "提出应急授权（领导）",
     "ask for a role in an emergency (a leader)", NULL, REF("NewEmergency"), REF("Made"),
     ss_post_emergency, SS_ROUTE_SLOW | SS_ROUTE_SELF},
    {SS_POST, "/api/v1/emergencies/{id}/agree", "role.grant", "同意应急授权，两小时",
     "agree to it, for two hours", p_uuid, NULL, REF("Done"), ss_post_emergency_agree,
     SS_ROUTE_SLOW | SS_ROUTE_STEP_UP},
    {SS_GET, "/api/v1/emergencies", "emergency.ask", "应急授权：我提出与受到的；管授权的见全部",
     "emergencies: mine; all of them for whom the roles are shown to", NULL, NULL,
     REF("Emergencies"), ss_get_emergencies, SS_ROUTE_SLOW | SS_ROUTE_SELF},
    {SS_POST, "/api/v1/emergencies/{id}/review", "role.grant", "应急授权的事后复核",
     "look back at an emergency that is over", p_uuid, REF("Finding"), REF("Done"),
     ss_post_emergency_review, SS_ROUTE_SLOW},
    GET("/roles", "role.read", "角色", "roles", NULL, "Roles", ss_get_roles, SS_ROUTE_SLOW),
    GET("/assignments", "role.read", "授权", "assignments", NULL, "Assignments", ss_get_assignments,
	SS_ROUTE_SLOW),
    {SS_POST, "/api/v1/assignments", "role.grant", "授予角色", "give a role", NULL,
     REF("NewAssignment"), REF("Made"), ss_post_assignment, SS_ROUTE_SLOW | SS_ROUTE_STEP_UP},
    {SS_DELETE, "/api/v1/assignments/{id}", "role.grant", "收回授权", "take a role back", p_uuid,
     NULL, REF("Done"), ss_delete_assignment, SS_ROUTE_SLOW},
    GET("/tokens", "role.read", "接口令牌", "tokens of programs", NULL, "TokenHeads", ss_get_tokens,
	SS_ROUTE_SLOW),
    {SS_POST, "/api/v1/tokens", "token.write", "发令牌", "make a token", NULL, REF("NewToken"),
     REF("Token"), ss_post_token, SS_ROUTE_SLOW | SS_ROUTE_STEP_UP},
    {SS_DELETE, "/api/v1/tokens/{id}", "token.write", "收回令牌", "end a token", p_uuid, NULL,
     REF("Done"), ss_delete_token, SS_ROUTE_SLOW},
    {SS_POST, "/api/v1/session/challenge", "session.open", "证书登录的质询",
     "a challenge for signing in with a certificate", NULL, NULL, REF("Challenge"),
     ss_post_challenge, SS_ROUTE_SLOW | SS_ROUTE_OPEN | SS_ROUTE_PURE},
    {SS_POST, "/api/v1/session/certificate", "session.open", "用证书登录（SM2）",
     "sign in with a certificate (SM2)", NULL, REF("CertSignIn"), REF("Done"), ss_post_session_cert,
     SS_ROUTE_SLOW | SS_ROUTE_OPEN | SS_ROUTE_SECRET},
    GET("/ca", "cert.read", "证书机构", "the authority", NULL, "Ca", ss_get_ca, SS_ROUTE_SLOW),
    {SS_POST, "/api/v1/ca", "ca.make", "建立证书机构", "make the authority", NULL, REF("NewCa"),
     REF("Done"), ss_post_ca, SS_ROUTE_SLOW | SS_ROUTE_STEP_UP | SS_ROUTE_SECRET},
    {SS_POST, "/api/v1/ca/renew", "ca.make", "换发签发证书", "renew the issuing certificates", NULL,
     REF("RenewCa"), REF("Done"), ss_post_ca_renew,
     SS_ROUTE_SLOW | SS_ROUTE_STEP_UP | SS_ROUTE_SECRET},
    {SS_GET, "/api/v1/ca/chain", "ca.public", "签发证书与根证书（PEM）",
     "issuing and root certificate (PEM)", p_chain, NULL, NULL, ss_get_ca_chain,
     SS_ROUTE_SLOW | SS_ROUTE_OPEN},
    {SS_GET, "/api/v1/ca/crl", "ca.public", "吊销列表（PEM）", "list of the revoked (PEM)", p_chain,
     NULL, NULL, ss_get_ca_crl, SS_ROUTE_SLOW | SS_ROUTE_OPEN},
    GET("/certificates", "cert.read", "证书", "certificates", p_certs, "Certificates",
	ss_get_certificates, SS_ROUTE_SLOW),
    {SS_POST, "/api/v1/certificates", "cert.write", "签发证书（人员 SM2，节点 SM2 或 P-256）",
     "issue a certificate", NULL, REF("NewCertificate"), REF("Certificate"), ss_post_certificate,
     SS_ROUTE_SLOW | SS_ROUTE_STEP_UP},
    {SS_POST, "/api/v1/certificates/{serial}/renew", "cert.write", "换发证书",
     "renew a certificate", p_serial, REF("RenewCertificate"), REF("Certificate"),
     ss_post_certificate_renew, SS_ROUTE_SLOW | SS_ROUTE_STEP_UP},
    {SS_POST, "/api/v1/certificates/{serial}/revoke", "cert.write", "吊销证书，其会话即刻结束",
     "revoke a certificate, its sessions end", p_serial, REF("RevokeCertificate"), REF("Done"),
     ss_post_certificate_revoke, SS_ROUTE_SLOW},
    {SS_GET, "/.well-known/openid-configuration", "sso.public", "OpenID Connect 的自述",
     "OpenID Connect discovery", NULL, NULL, NULL, ss_get_openid, SS_ROUTE_OPEN},
    {SS_GET, "/oidc/jwks", "sso.public", "签名公钥", "public signing keys", NULL, NULL, NULL,
     ss_get_jwks, SS_ROUTE_SLOW | SS_ROUTE_OPEN},
    {SS_GET, "/oidc/authorize", "sso.authorize", "授权（code，PKCE S256）",
     "authorize (code, PKCE S256)", p_authorize, NULL, NULL, ss_get_authorize,
     SS_ROUTE_SLOW | SS_ROUTE_OPEN | SS_ROUTE_DISCLOSES},
    {SS_POST, "/oidc/authorize", "sso.authorize", "授权（表单，转为 GET）",
     "authorize (a form, goes on as GET)", NULL, NULL, NULL, ss_post_authorize,
     SS_ROUTE_OPEN | SS_ROUTE_PURE | SS_ROUTE_LINES},
    {SS_POST, "/oidc/token", "sso.token", "以授权码换令牌（表单）", "tokens for a code (form)",
     NULL, NULL, NULL, ss_post_sso_token, SS_ROUTE_SLOW | SS_ROUTE_OPEN | SS_ROUTE_LINES},
    {SS_GET, "/oidc/userinfo", "sso.userinfo", "是谁", "who it is", NULL, NULL, NULL,
     ss_get_userinfo, SS_ROUTE_SLOW | SS_ROUTE_OPEN},
    {SS_POST, "/oidc/userinfo", "sso.userinfo", "是谁（表单）", "who it is (form)", NULL, NULL,
     NULL, ss_get_userinfo, SS_ROUTE_SLOW | SS_ROUTE_OPEN | SS_ROUTE_PURE | SS_ROUTE_LINES},
    {SS_GET, "/oidc/logout", "sso.logout", "由系统发起的退出", "sign-out begun by a client",
     p_sso_logout, NULL, NULL, ss_get_sso_logout,
     SS_ROUTE_SLOW | SS_ROUTE_OPEN | SS_ROUTE_DISCLOSES},
    {SS_POST, "/oidc/logout", "sso.logout", "由系统发起的退出（表单，转为 GET）",
     "sign-out begun by a client (a form, goes on as GET)", NULL, NULL, NULL, ss_post_sso_logout,
     SS_ROUTE_OPEN | SS_ROUTE_PURE | SS_ROUTE_LINES},
    {SS_GET, "/cas/login", "sso.cas", "CAS 登录", "CAS login", p_cas_login, NULL, NULL,
     ss_get_cas_login, SS_ROUTE_SLOW | SS_ROUTE_OPEN | SS_ROUTE_DISCLOSES},
    {SS_GET, "/cas/serviceValidate", "sso.cas", "CAS 2.0 验票", "CAS 2.0 ticket validation",
     p_cas_validate, NULL, NULL, ss_get_cas_validate,
     SS_ROUTE_SLOW | SS_ROUTE_OPEN | SS_ROUTE_DISCLOSES},
    {SS_GET, "/cas/p3/serviceValidate", "sso.cas", "CAS 3.0 验票（带属性）",
     "CAS 3.0 ticket validation, with attributes", p_cas_validate, NULL, NULL, ss_get_cas_validate3,
     SS_ROUTE_SLOW | SS_ROUTE_OPEN | SS_ROUTE_DISCLOSES},
    GET("/clients", "client.read", "单点登录的系统", "systems that rely on us", NULL, "SsoClients",
	ss_get_clients, SS_ROUTE_SLOW),
    {SS_POST, "/api/v1/clients", "client.write", "登记系统（口令只显示一次）",
     "register a system (its secret is shown once)", NULL, REF("NewClient"), REF("Client"),
     ss_post_client, SS_ROUTE_SLOW | SS_ROUTE_STEP_UP},
    {SS_PATCH, "/api/v1/clients/{id}", "client.write", "改系统，停用与恢复，换口令",
     "change a system, disable it, give it a new secret", p_text_id, REF("ClientChange"),
     REF("Client"), ss_patch_client, SS_ROUTE_SLOW | SS_ROUTE_STEP_UP},
    {SS_DELETE, "/api/v1/clients/{id}", "client.write", "注销系统", "remove a system", p_text_id,
     NULL, REF("Done"), ss_delete_client, SS_ROUTE_SLOW},
    GET("/suspicions", "suspicion.read", "疑点，分数高的在前", "suspicions, highest score first",
	p_suspicions, "Suspicions", ss_get_suspicions, SS_ROUTE_SLOW | SS_ROUTE_SCOPED),
    GET("/suspicions/{id}", "suspicion.read", "一个疑点：理由、各检测器的数、图",
	"one suspicion: reasons, numbers of all detectors, charts", p_suspicion, "Suspicion",
	ss_get_suspicion, SS_ROUTE_SCOPED),
    {SS_POST, "/api/v1/suspicions/{id}/verdict", "suspicion.decide", "给疑点下结论（记入日志）",
     "verdict on a suspicion (journalled)", p_suspicion, REF("NewVerdict"), REF("Verdict"),
     ss_post_verdict, SS_ROUTE_SLOW | SS_ROUTE_SCOPED},
    GET("/detectors", "suspicion.read", "检测器：参数、盲区、在已知答案上的成绩",
	"detectors: parameters, blind spots, what they reach on known answers", NULL, "Detectors",
	ss_get_detectors, SS_ROUTE_SCOPED),
    {SS_GET, SS_API_LIVE_PATH, SS_API_LIVE_PERMISSION, "实时流（text/event-stream）",
     "live stream (text/event-stream)", p_live, NULL, NULL, NULL, SS_ROUTE_SCOPED},
    {SS_GET, "/health", "health.read", "健康状况", "health", NULL, NULL, REF("Health"),
     ss_get_health, SS_ROUTE_LOCAL | SS_ROUTE_SAME_FOR_ALL},
    {SS_GET, "/metrics", "metrics.read", "运行指标（Prometheus）", "metrics (Prometheus)", NULL,
     NULL, NULL, ss_get_metrics, SS_ROUTE_LOCAL | SS_ROUTE_SAME_FOR_ALL},
    {0},
};
