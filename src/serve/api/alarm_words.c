#include "serve/api/alarm_words.h"

#include <math.h>

#include "reason/standards/standards.h"
#include "record/findings/findings.h"
#include "serve/api/api_internal.h"

struct words {
	struct ss_buf zh, en;
};

/* What was measured, to four digits: a mean has more than it means. Where these are the limit
 * itself, all of them, so that the sentence is still true. */
static void add_measured(struct ss_buf *b, const json_t *v, const json_t *limit)
{
	double x = json_number_value(v);
	double unit = x == 0 ? 1 : pow(10, 3 - floor(log10(fabs(x))));
	double told = unit > 1 ? round(x * unit) / unit : round(x);

	if (json_is_number(v))
		ss_buf_add_double(b, told == json_number_value(limit) ? x : told);
}

static void add_number(struct ss_buf *b, const json_t *o, const char *name)
{
	const json_t *v = json_object_get(o, name);

	if (json_is_number(v))
		ss_buf_add_double(b, json_number_value(v));
}

static const char *averaging_zh(const char *a)
{
	return strcmp(a, "hour") == 0 ? "小时值" : strcmp(a, "day") == 0 ? "日均值" : "实时值";
}

/* "表1" as "Table 1"; other clauses are numbers, or stand as the law has them. */
static void add_clause_en(struct ss_buf *b, const char *clause)
{
	static const struct {
		const char *zh, *en;
	} parts[] = {{"表", "Table "}, {"附录", "Annex "}};

	for (size_t i = 0; i < SS_ARRAY_LEN(parts); i++) {
		if (ss_str_starts(ss_str_of(clause), ss_str_of(parts[i].zh))) {
			clause += strlen(parts[i].zh);
			clause += strspn(clause, " ");
			ss_buf_addz(b, parts[i].en);
		}
	}
	ss_buf_addz(b, clause);
}

/* "化学需氧量小时值 61.5，限值 50 mg/L（GB 18918-2002 表1）" */
static void exceedance(struct words *w, const json_t *m)
{
	const json_t *what = json_object_get(m, "what"), *limit = json_object_get(what, "limit");
	const char *code = ss_json_get_z(what, "factor"),
		   *averaging = ss_json_get_z(what, "averaging");
	const char *peak = json_object_get(m, "peak") ? "peak" : "first";
	const char *bound = json_object_get(limit, "high") ? "high" : "low";
	struct ss_factor f = {.name = code, .name_en = code};

	ss_law_factor(ss_law_now(), code, &f);
	ss_buf_addf(&w->zh, "%s%s ", f.name, averaging_zh(averaging));
	ss_buf_addf(&w->en, "%s (%s) ", f.name_en, averaging);
	add_measured(&w->zh, json_object_get(m, peak), json_object_get(limit, bound));
	add_measured(&w->en, json_object_get(m, peak), json_object_get(limit, bound));
	ss_buf_addz(&w->zh, "，限值 ");
	ss_buf_addz(&w->en, ", limit ");
	add_number(&w->zh, limit, bound);
	add_number(&w->en, limit, bound);
	ss_buf_addf(&w->zh, " %s", ss_json_get_z(limit, "unit"));
	ss_buf_addf(&w->en, " %s", ss_json_get_z(limit, "unit"));
	if (ss_json_get_z(m, "standard")[0] || ss_json_get_z(limit, "permit")[0]) {
		ss_buf_addf(&w->zh, "（%s %s%s%s）", ss_json_get_z(m, "standard"),
			    ss_json_get_z(m, "clause"),
			    ss_json_get_z(limit, "permit")[0] ? " 许可证 " : "",
			    ss_json_get_z(limit, "permit"));
		ss_buf_addf(&w->en, " (%s ", ss_json_get_z(m, "standard"));
		add_clause_en(&w->en, ss_json_get_z(m, "clause"));
		ss_buf_addf(&w->en, "%s%s)", ss_json_get_z(limit, "permit")[0] ? " permit " : "",
			    ss_json_get_z(limit, "permit"));
	}
}

static void flags(struct words *w, const json_t *m)
{
	const char *code = ss_json_get_z(json_object_get(m, "what"), "factor");
	struct ss_factor f = {.name = code, .name_en = code};

	ss_law_factor(ss_law_now(), code, &f);
	ss_buf_addf(&w->zh, "%s 数据标记持续异常，没有标记说明", f.name);
	ss_buf_addf(&w->en, "%s: marks other than normal for hours, unexplained", f.name_en);
}

static void silence(struct words *w, const json_t *m)
{
	const json_t *what = json_object_get(m, "what");
	char heard[SS_TIME_ISO] = "";

	ss_time_fmt_iso(heard, json_integer_value(json_object_get(what, "heard_us")));
	ss_buf_addf(&w->zh, "设备 %s 自 %.16s 起没有数据，请查看电源、网络与设备",
		    ss_json_get_z(what, "mn"), heard);
	ss_buf_addf(&w->en,
		    "device %s has not been heard since %.16s: check power, network, device",
		    ss_json_get_z(what, "mn"), heard);
}

static void outage(struct words *w, const json_t *m)
{
	const json_t *what = json_object_get(m, "what");
	long long n = json_integer_value(json_object_get(what, "members"));

	ss_buf_addf(&w->zh, "线路 %s 上 %lld 台设备同时没有数据，请先查网络与供电",
		    ss_json_get_z(what, "route"), n);
	ss_buf_addf(&w->en,
		    "%lld devices by route %s fell silent together: look at network and power", n,
		    ss_json_get_z(what, "route"));
}

static void clock_off(struct words *w, const json_t *m)
{
	const json_t *what = json_object_get(m, "what");

	ss_buf_addf(&w->zh, "设备 %s 的时钟偏差 ", ss_json_get_z(what, "mn"));
	add_number(&w->zh, m, "first");
	ss_buf_addz(&w->zh, " 秒");
	ss_buf_addf(&w->en, "the clock of device %s is off by ", ss_json_get_z(what, "mn"));
	add_number(&w->en, m, "first");
	ss_buf_addz(&w->en, " s");
}

static void other(struct words *w, const json_t *m)
{
	ss_buf_addz(&w->zh, ss_json_get_z(json_object_get(m, "what"), "title"));
	ss_buf_addz(&w->en, ss_json_get_z(json_object_get(m, "what"), "title_en"));
}

static void platform(struct words *w, const json_t *m)
{
	(void)m;
	ss_buf_addz(&w->zh, "所有设备都没有数据，请检查本平台的网络与总线路");
	ss_buf_addz(&w->en, "no device at all is heard: check the platform's own network");
}

static const struct {
	const char *cause;
	void (*say)(struct words *w, const json_t *m);
} sentences[] = {{"exceedance", exceedance}, {"flags", flags},     {"silence", silence},
		 {"outage", outage},         {"clock", clock_off}, {"platform", platform}};

static void say(struct words *w, const char *cause, const json_t *members)
{
	const json_t *m = json_array_get(members, 0);
	size_t n = json_array_size(members), i = 0;

	while (i < SS_ARRAY_LEN(sentences) && strcmp(sentences[i].cause, cause) != 0)
		i++;
	if (m)
		(i < SS_ARRAY_LEN(sentences) ? sentences[i].say : other)(w, m);
	if (n > 1) {
		ss_buf_addf(&w->zh, "；共 %zu 项", n);
		ss_buf_addf(&w->en, "; %zu in all", n);
	}
}

void ss_alarm_words(struct ss_json *j, struct ss_api *api, const struct ss_site *s,
		    const struct ss_finding *x, const json_t *body)
{
	struct words w = {SS_BUF_MAX(4096), SS_BUF_MAX(4096)};
	bool source = s->id && s->kind == SS_SITE_DRINKING && strcmp(x->key.sub, "exceedance") == 0;

	(void)api;
	if (s->id) {
		ss_buf_addf(&w.zh, "%s%s%s%s：", source ? "水源地 " : "", s->name,
			    x->key.point[0] ? " " : "", x->key.point);
		ss_buf_addf(&w.en, "%s%s%s%s: ", source ? "drinking source " : "", s->name,
			    x->key.point[0] ? " " : "", x->key.point);
	}
	if (x->withdrawn) {
		ss_buf_addz(&w.zh, ss_json_get_z(body, "into")[0] ? "已并入另一条告警"
								  : "所据数据已变，告警撤回");
		ss_buf_addz(&w.en, ss_json_get_z(body, "into")[0]
				       ? "merged into another alarm"
				       : "its data have changed: withdrawn");
	} else {
		say(&w, x->key.sub, json_object_get(body, "members"));
	}
	ss_json_kz(j, "text", w.zh.p ? w.zh.p : "");
	ss_json_kz(j, "text_en", w.en.p ? w.en.p : "");
	ss_buf_done(&w.zh);
	ss_buf_done(&w.en);
}
