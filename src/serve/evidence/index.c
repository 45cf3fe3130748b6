/* index.html: the package for people, Chinese first, to be read on a screen or printed. */
#include "serve/evidence/evidence_internal.h"

static void text(struct ss_buf *b, const char *z)
{
	for (; z && *z; z++)
		switch (*z) {
		case '<':
			ss_buf_addz(b, "&lt;");
			break;
		case '>':
			ss_buf_addz(b, "&gt;");
			break;
		case '&':
			ss_buf_addz(b, "&amp;");
			break;
		case '"':
			ss_buf_addz(b, "&quot;");
			break;
		default:
			ss_buf_addc(b, *z);
		}
}

static void cell(struct ss_buf *b, const char *z)
{
	ss_buf_addz(b, "<td>");
	text(b, z);
	ss_buf_addz(b, "</td>");
}

static void row2(struct ss_buf *b, const char *head, const char *value)
{
	ss_buf_addz(b, "<tr><th>");
	text(b, head);
	ss_buf_addz(b, "</th>");
	cell(b, value);
	ss_buf_addz(b, "</tr>\n");
}

static void value_cell(struct ss_buf *b, const json_t *v)
{
	ss_buf_addz(b, "<td>");
	if (json_is_string(v))
		text(b, json_string_value(v));
	else if (json_is_integer(v))
		ss_buf_add_i64(b, json_integer_value(v));
	else if (json_is_real(v))
		ss_buf_add_double(b, json_real_value(v));
	else if (json_is_boolean(v))
		ss_buf_addz(b, json_is_true(v) ? "是" : "否");
	else
		ss_buf_addz(b, "—");
	ss_buf_addz(b, "</td>");
}

struct column {
	const char *name, *title;
};

/* The first of n rows; all of them are in the file. */
static void table_of(struct ss_buf *b, const char *title, const char *file, const json_t *rows,
		     size_t n, const struct column *c)
{
	if (n == 0)
		return;
	ss_buf_addf(b, "<h2>%s（%zu）</h2>\n<p>全部在 all in <code>%s</code></p>\n<table><tr>",
		    title, n, file);
	for (size_t i = 0; c[i].name; i++)
		ss_buf_addf(b, "<th>%s</th>", c[i].title);
	ss_buf_addz(b, "</tr>\n");
	for (size_t k = 0; k < n && k < SSE_LIST_MOST; k++) {
		ss_buf_addz(b, "<tr>");
		for (size_t i = 0; c[i].name; i++)
			value_cell(b, json_object_get(json_array_get(rows, k), c[i].name));
		ss_buf_addz(b, "</tr>\n");
	}
	ss_buf_addz(b, "</table>\n");
	if (n > SSE_LIST_MOST)
		ss_buf_addf(b, "<p>此处只列前 %d 行。Only the first %d are shown.</p>\n",
			    SSE_LIST_MOST, SSE_LIST_MOST);
}

static void table(struct ss_buf *b, const char *title, const char *file, const json_t *rows,
		  const struct column *c)
{
	table_of(b, title, file, rows, json_array_size(rows), c);
}

static const char head[] =
    "<!DOCTYPE html>\n<html lang=\"zh-CN\"><head><meta charset=\"utf-8\">"
    "<title>证据包目录</title>\n<style>body{font:14px/1.6 \"Noto Sans CJK SC\",\"Microsoft YaHei\","
    "sans-serif;margin:2em auto;max-width:60em;padding:0 1em;color:#1a1a1a}h1{font-size:1.5em}h2{"
    "font-size:1.15em;margin-top:1.6em;border-bottom:1px solid #999}table{border-collapse:collapse;"
    "width:100%}td,th{border:1px solid #bbb;padding:.2em .5em;text-align:left;vertical-align:top;"
    "word-break:break-word}th{background:#f0f2f4;font-weight:600}code,.d{font-family:monospace;"
    "font-size:.85em;word-break:break-all}.warn{border:2px solid #a33;padding:.5em 1em}@media "
    "print{body{margin:0;max-width:none}tr{break-inside:avoid}}</style></head><body>\n";

static void summary(struct ss_buf *b, const struct ss_evidence_ask *ask, const char *node,
		    const json_t *tree, const struct collected *c, const json_t *again)
{
	ss_cleanup(ss_buf_done) struct ss_buf count = SS_BUF_MAX(64);
	const json_t *same = json_object_get(again, "same");
	char iso[SS_TIME_ISO], id[600];

	ss_time_fmt_iso(iso, ask->created_us);
	snprintf(id, sizeof(id), SS_STR_FMT, SS_STR_ARG(ask->id));
	ss_buf_addf(&count, "%zu", c->seq_n);
	ss_buf_addz(b, "<h1>证据包目录 <small>Evidence package</small></h1>\n<table>\n");
	row2(b, "对象 subject", json_string_value(json_object_get(tree, "zh")));
	row2(b, "", json_string_value(json_object_get(tree, "en")));
	row2(b, "编号 id", id);
	row2(b, "出具节点 node", node);
	row2(b, "出具时间 made at", iso);
	row2(b, "申请人（身份未核实） by", ask->by);
	row2(b, "用途 for", ask->why);
	row2(b, "出示的日志条目 entries shown", count.p);
	row2(b, "重算 worked out again",
	     json_is_true(same)    ? "与所存一致 the same"
	     : json_is_false(same) ? "与所存不一致，见 recompute.json differs"
				   : json_string_value(json_object_get(again, "why")));
	ss_buf_addz(b, "</table>\n");
	ss_buf_addz(b,
		    "<p "
		    "class=\"warn\">本包出示所列设备报文的全文，其中含设备口令（PW="
		    "）。遮去任何字节，摘要即不成立，"
		    "故未遮。仅交办案、鉴定与审判人员，不得公开；移交后应更改设备口令。同组其他条目"
		    "只给摘要，不泄露其内容。"
		    "<br>Frames are shown in full, with device passwords: not for publication. Of "
		    "all other "
		    "entries only digests are given.</p>\n"
		    "<h2>怎样核对 How to check</h2>\n<ol><li>在自己的机器上编译核验程序 build the "
		    "verifier："
		    "<code>cc -O2 -o shanshui-verify src/verify/*.c -lcrypto -lm</code></li>"
		    "<li>向平台以外的保存者取锚点 get the anchors from somebody else</li>"
		    "<li><code>shanshui-verify 本包.tar --anchors anchors.txt</code></li></ol>\n");
}

static void members(struct ss_buf *b, const struct pack *k)
{
	char hex[65] = {0};

	ss_buf_addf(b,
		    "<h2>文件与摘要 Files and digests（%zu）</h2>\n<p>本目录与清单自身的摘要在 "
		    "<code>manifest.json</code>。</p>\n<table><tr><th>文件 "
		    "file</th><th>字节 bytes</th><th>SM3</th></tr>\n",
		    k->n);
	for (size_t i = 0; i < k->n; i++) {
		ss_hex_encode(hex, k->m[i].sm3, 32);
		ss_buf_addf(
		    b, "<tr><td><code>%s</code></td><td>%zu</td><td class=\"d\">%s</td></tr>\n",
		    k->m[i].path, k->m[i].n, hex);
	}
	ss_buf_addz(b, "</table>\n");
}

int sse_index(const struct ss_evidence_ask *ask, const char *node, const json_t *tree,
	      const struct collected *c, const struct told_tips *tips, const json_t *again,
	      const struct pack *k, struct ss_buf *out)
{
	static const struct column observations[] = {
	    {"time", "时间"},    {"site", "站点"},    {"point", "点位"},     {"factor", "因子"},
	    {"stat", "统计量"},  {"value", "数值"},   {"mark", "标记"},      {"version", "版本"},
	    {"current", "现行"}, {"seq", "日志序号"}, {"field", "报文字段"}, {0}};
	static const struct column findings[] = {{"zh", "判定"},
						 {"state", "状态"},
						 {"value", "数值"},
						 {"version", "版本"},
						 {"start", "起"},
						 {"known", "得知于"},
						 {0}};
	static const struct column law[] = {
	    {"zh", "依据"}, {"from", "生效"}, {"to", "失效"}, {"sure", "确度"}, {0}};
	static const struct column acts[] = {{"zh", "操作"}, {0}};
	static const struct column sites[] = {
	    {"code", "编码"}, {"name", "名称"}, {"kind", "类别"}, {"district", "区"}, {0}};
	static const struct column devices[] = {
	    {"mn", "MN"},       {"point", "点位"},        {"edition", "规范"},
	    {"system", "系统"}, {"interval_s", "间隔 s"}, {0}};
	static const struct column tip_columns[] = {
	    {"group", "组"}, {"digest", "摘要（与纸上所印、别处抄存的比对）"}, {0}};

	ss_buf_addz(out, head);
	summary(out, ask, node, tree, c, again);
	table(out, "站点 Sites", "data/sites.jsonl", c->sites, sites);
	table(out, "设备 Devices", "data/devices.jsonl", c->devices, devices);
	table(out, "判定 Findings", "data/findings.jsonl", c->findings, findings);
	table(out, "依据 Law", "data/law.jsonl", c->law, law);
	table(out, "人的操作与标记 Acts and marks", "data/acts.jsonl", c->acts, acts);
	table(out, "均值 Means", "data/rollups.jsonl", c->rollups, acts);
	table(out, "观测 Observations", "data/observations.jsonl", c->observations, observations);
	table_of(out, "签名锚点 Signed tips", "proof/tips.txt", tips->first, tips->n, tip_columns);
	members(out, k);
	ss_buf_addz(out, "</body></html>\n");
	return out->err;
}
