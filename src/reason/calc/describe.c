/* One table, told three ways: help for people, JSON for machines, the page of the documentation. */
#include "reason/calc/calc_internal.h"

#define ARENA (4u << 20)

static const char *const type_names[SS_CALC_TYPE_COUNT_] = {
    [SS_CALC_NUMBER] = "number",     [SS_CALC_INTEGER] = "integer", [SS_CALC_BOOL] = "boolean",
    [SS_CALC_TOKEN] = "token",       [SS_CALC_TEXT] = "string",     [SS_CALC_DATE] = "date",
    [SS_CALC_NUMBERS] = "numbers[]", [SS_CALC_DATES] = "dates[]",   [SS_CALC_TOKENS] = "tokens[]",
    [SS_CALC_OBJECT] = "object"};

static bool has_words(const struct ss_calc_field *f)
{
	return f->tokens || f->words;
}

/* --- text ---------------------------------------------------------------------------------------
 */

static void put_words(struct ss_buf *out, const struct ss_calc_field *f, const char *between)
{
	struct ss_arena a;
	const struct ss_str *word;
	size_t n;

	ss_arena_init(&a, ARENA);
	word = ss_calc_words(f, &a, &n);
	for (size_t i = 0; i < n; i++) {
		ss_buf_addz(out, i ? between : "");
		ss_buf_adds(out, word[i]);
	}
	ss_arena_done(&a);
}

/* ">= 0, < 21" */
static void put_bounds(struct ss_buf *out, const struct ss_calc_field *f)
{
	double min, max;

	ss_calc_bounds(f, &min, &max);
	if (!isnan(min)) {
		ss_buf_addz(out, f->min_open ? "> " : ">= ");
		ss_buf_add_double(out, min);
	}
	if (!isnan(max)) {
		ss_buf_addz(out, isnan(min) ? "" : ", ");
		ss_buf_addz(out, f->max_open ? "< " : "<= ");
		ss_buf_add_double(out, max);
	}
}

static void put_default(struct ss_buf *out, const struct ss_calc_field *f)
{
	if (f->law_def)
		ss_buf_add_double(out, ss_calc_law_parameter(ss_law_now(), f->law_def, SS_ANY_DAY));
	else
		ss_buf_addz(out, f->def);
}

/* ">= 0, mg/L; 可省 optional" */
static void put_terms(struct ss_buf *out, const struct ss_calc_field *f)
{
	size_t start = out->n;

	put_bounds(out, f);
	if (f->unit)
		ss_buf_addf(out, "%s%s", out->n > start ? ", " : "", f->unit);
	if (f->null_inside)
		ss_buf_addf(out, "%s内可有 null", out->n > start ? "；" : "");
	if (f->not_empty)
		ss_buf_addf(out, "%s不可为空", out->n > start ? "；" : "");
	if (f->def || f->law_def) {
		ss_buf_addf(out, "%s缺省 ", out->n > start ? "；" : "");
		put_default(out, f);
	} else if (f->optional) {
		ss_buf_addf(out, "%s可省", out->n > start ? "；" : "");
	}
}

static void help_field(struct ss_buf *out, const struct ss_calc_field *f)
{
	ss_buf_addf(out, "  %-22s %-10s %s", f->name, type_names[f->type], f->zh);
	ss_buf_addz(out, "  [");
	put_terms(out, f);
	ss_buf_addz(out, "]\n");
	if (has_words(f)) {
		ss_buf_addf(out, "  %-22s %-10s ", "", "");
		put_words(out, f, " ");
		ss_buf_addc(out, '\n');
	}
}

void ss_calc_help(const struct ss_calc *c, struct ss_buf *out)
{
	ss_buf_addf(out, "%s  %s\n  %s\n\n", c->name, c->zh, c->en);
	ss_buf_addf(out, "依据 basis    %s\n公式 formula  %s\n", c->basis, c->formula);
	if (c->note)
		ss_buf_addf(out, "说明 note     %s\n", c->note);
	if (c->unsure)
		ss_buf_addf(out, "存疑 unsure   %s\n", c->unsure);
	ss_buf_addz(out, "\n输入 input（一行一个 JSON 对象 one JSON object a line）\n");
	for (const struct ss_calc_field *f = c->in; f->name; f++)
		help_field(out, f);
	ss_buf_addz(
	    out,
	    "\n输出 output（{\"result\": {...}} 或 or {\"error\": {code, field, message}}）\n");
	for (const struct ss_calc_output *o = c->out; o->name; o++)
		ss_buf_addf(out, "  %-22s %-10s %s\n", o->name, o->type, o->zh);
}

/* --- JSON Schema --------------------------------------------------------------------------------
 */

static void schema_words(struct ss_json *j, const struct ss_calc_field *f)
{
	struct ss_arena a;
	const struct ss_str *word;
	size_t n;

	ss_arena_init(&a, ARENA);
	word = ss_calc_words(f, &a, &n);
	ss_json_kz(j, "type", "string");
	ss_json_key(j, "enum");
	ss_json_arr(j);
	for (size_t i = 0; i < n; i++)
		ss_json_str(j, word[i]);
	ss_json_end_arr(j);
	ss_arena_done(&a);
}

static void schema_number(struct ss_json *j, const struct ss_calc_field *f)
{
	double min, max;

	ss_json_key(j, "type");
	if (f->null_inside) {
		ss_json_arr(j);
		ss_json_z(j, "number");
		ss_json_z(j, "null");
		ss_json_end_arr(j);
	} else {
		ss_json_z(j, f->type == SS_CALC_INTEGER ? "integer" : "number");
	}
	ss_calc_bounds(f, &min, &max);
	if (!isnan(min))
		ss_json_kdouble(j, f->min_open ? "exclusiveMinimum" : "minimum", min);
	if (!isnan(max))
		ss_json_kdouble(j, f->max_open ? "exclusiveMaximum" : "maximum", max);
}

static void schema_element(struct ss_json *j, const struct ss_calc_field *f)
{
	ss_json_kz(j, "type", "array");
	if (f->not_empty)
		ss_json_ki64(j, "minItems", 1);
	ss_json_key(j, "items");
	ss_json_obj(j);
	if (f->type == SS_CALC_TOKENS)
		schema_words(j, f);
	else if (f->type == SS_CALC_NUMBERS)
		schema_number(j, f);
	else
		ss_json_kz(j, "type", "string");
	if (f->type == SS_CALC_DATES)
		ss_json_kz(j, "format", "date");
	ss_json_end_obj(j);
}

static void schema_object(struct ss_json *j, const struct ss_calc_field *f)
{
	struct ss_arena a;
	const struct ss_str *word;
	size_t n;

	ss_arena_init(&a, ARENA);
	word = ss_calc_words(f, &a, &n);
	ss_json_kz(j, "type", "object");
	ss_json_key(j, "properties");
	ss_json_obj(j);
	for (size_t i = 0; i < n; i++) {
		char *name = ss_arena_strdup(&a, word[i]);

		ss_json_key(j, name ? name : "");
		ss_json_obj(j);
		schema_number(j, f);
		ss_json_end_obj(j);
	}
	ss_json_end_obj(j);
	ss_json_kbool(j, "additionalProperties", false);
	ss_arena_done(&a);
}

static void schema_type(struct ss_json *j, const struct ss_calc_field *f)
{
	switch (f->type) {
	case SS_CALC_NUMBER:
	case SS_CALC_INTEGER:
		schema_number(j, f);
		break;
	case SS_CALC_BOOL:
		ss_json_kz(j, "type", "boolean");
		break;
	case SS_CALC_TOKEN:
		schema_words(j, f);
		break;
	case SS_CALC_OBJECT:
		schema_object(j, f);
		break;
	case SS_CALC_TEXT:
		ss_json_kz(j, "type", "string");
		break;
	case SS_CALC_DATE:
		ss_json_kz(j, "type", "string");
		ss_json_kz(j, "format", "date");
		break;
	default:
		schema_element(j, f);
	}
}

static void schema_default(struct ss_json *j, const struct ss_calc_field *f)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(256);

	if (!f->def && !f->law_def)
		return;
	put_default(&b, f);
	ss_json_key(j, "default");
	ss_json_raw(j, ss_buf_str(&b));
}

/* A field that may be left out may also be null. */
static void schema_field(struct ss_json *j, const struct ss_calc_field *f)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(256);
	bool may_lack = f->optional || f->def || f->law_def;

	ss_buf_addz(&b, f->zh);
	if (f->unit)
		ss_buf_addf(&b, "，%s", f->unit);
	ss_json_key(j, f->name);
	ss_json_obj(j);
	ss_json_key(j, "description");
	ss_json_str(j, ss_buf_str(&b));
	schema_default(j, f);
	if (may_lack) {
		ss_json_key(j, "anyOf");
		ss_json_arr(j);
		ss_json_obj(j);
	}
	schema_type(j, f);
	if (may_lack) {
		ss_json_end_obj(j);
		ss_json_obj(j);
		ss_json_kz(j, "type", "null");
		ss_json_end_obj(j);
		ss_json_end_arr(j);
	}
	ss_json_end_obj(j);
}

void ss_calc_input_schema(const struct ss_calc *c, struct ss_json *j)
{
	ss_json_obj(j);
	ss_json_kz(j, "type", "object");
	ss_json_kz(j, "description", c->zh);
	ss_json_key(j, "required");
	ss_json_arr(j);
	for (const struct ss_calc_field *f = c->in; f->name; f++) {
		if (!f->optional && !f->def && !f->law_def)
			ss_json_z(j, f->name);
	}
	ss_json_end_arr(j);
	ss_json_key(j, "properties");
	ss_json_obj(j);
	for (const struct ss_calc_field *f = c->in; f->name; f++)
		schema_field(j, f);
	ss_json_end_obj(j);
	ss_json_kbool(j, "additionalProperties", false);
	ss_json_end_obj(j);
}

static void schema_output(struct ss_json *j, const struct ss_calc_output *o)
{
	struct ss_str t = ss_str_of(o->type);
	bool null = ss_str_ends(t, SS_STR("?")), list = ss_str_ends(t, SS_STR("[]"));
	struct ss_str one = ss_str_n(t.p, t.n - (null ? 1 : list ? 2 : 0));

	ss_json_key(j, o->name);
	ss_json_obj(j);
	ss_json_kz(j, "description", o->zh);
	ss_json_key(j, "type");
	if (null) {
		ss_json_arr(j);
		ss_json_str(j, one);
		ss_json_z(j, "null");
		ss_json_end_arr(j);
	} else {
		ss_json_str(j, list ? SS_STR("array") : one);
	}
	if (list) {
		ss_json_key(j, "items");
		ss_json_obj(j);
		ss_json_key(j, "type");
		ss_json_str(j, one);
		ss_json_end_obj(j);
	}
	ss_json_end_obj(j);
}

void ss_calc_result_schema(const struct ss_calc *c, struct ss_json *j)
{
	ss_json_obj(j);
	ss_json_kz(j, "type", "object");
	ss_json_key(j, "required");
	ss_json_arr(j);
	for (const struct ss_calc_output *o = c->out; o->name; o++)
		ss_json_z(j, o->name);
	ss_json_end_arr(j);
	ss_json_key(j, "properties");
	ss_json_obj(j);
	for (const struct ss_calc_output *o = c->out; o->name; o++)
		schema_output(j, o);
	ss_json_end_obj(j);
	ss_json_end_obj(j);
}

static void put_units(const struct ss_calc *c, struct ss_json *j)
{
	ss_json_key(j, "units");
	ss_json_obj(j);
	for (const struct ss_calc_field *f = c->in; f->name; f++) {
		if (f->unit)
			ss_json_kz(j, f->name, f->unit);
	}
	ss_json_end_obj(j);
}

void ss_calc_describe(const struct ss_calc *c, struct ss_json *j)
{
	ss_json_obj(j);
	ss_json_kz(j, "name", c->name);
	ss_json_kz(j, "title", c->zh);
	ss_json_kz(j, "title_en", c->en);
	ss_json_kz(j, "basis", c->basis);
	ss_json_kz(j, "formula", c->formula);
	ss_json_kz(j, "note", c->note);
	ss_json_kbool(j, "sure", c->unsure == NULL);
	ss_json_kz(j, "unsure", c->unsure);
	put_units(c, j);
	ss_json_key(j, "input");
	ss_calc_input_schema(c, j);
	ss_json_key(j, "result");
	ss_calc_result_schema(c, j);
	ss_json_end_obj(j);
}

/* --- the page -----------------------------------------------------------------------------------
 */

/* "|" would end a cell. */
static void put_cell(struct ss_buf *out, struct ss_str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '|')
			ss_buf_addc(out, '\\');
		ss_buf_addc(out, s.p[i]);
	}
}

static void page_field(struct ss_buf *out, const struct ss_calc_field *f)
{
	ss_cleanup(ss_buf_done) struct ss_buf terms = SS_BUF_MAX(4096);

	put_terms(&terms, f);
	ss_buf_addf(out, "| `%s` | %s | ", f->name, type_names[f->type]);
	put_cell(out, ss_str_of(f->zh));
	if (has_words(f)) {
		ss_buf_addz(out, "：`");
		put_words(out, f, "` `");
		ss_buf_addc(out, '`');
	}
	ss_buf_addz(out, " | ");
	put_cell(out, ss_buf_str(&terms));
	ss_buf_addz(out, " |\n");
}

static void page_calc(struct ss_buf *out, const struct ss_calc *c)
{
	ss_buf_addf(out, "\n## %s  %s\n\n*%s.*\n\n依据：%s。\n\n公式：`%s`。\n\n", c->name, c->zh,
		    c->en, c->basis, c->formula);
	if (c->note)
		ss_buf_addf(out, "%s\n\n", c->note);
	if (c->unsure)
		ss_buf_addf(out, "**存疑 unsure**：%s。\n\n", c->unsure);
	ss_buf_addz(out, "| 输入 input | 类型 type | 意思 meaning | 范围、单位 range, unit "
			 "|\n|---|---|---|---|\n");
	for (const struct ss_calc_field *f = c->in; f->name; f++)
		page_field(out, f);
	ss_buf_addz(out, "\n| 输出 output | 类型 type | 意思 meaning |\n|---|---|---|\n");
	for (const struct ss_calc_output *o = c->out; o->name; o++) {
		ss_buf_addf(out, "| `%s` | %s | ", o->name, o->type);
		put_cell(out, ss_str_of(o->zh));
		ss_buf_addz(out, " |\n");
	}
}

static const char page_head[] =
    "# 计算器 Calculators\n\n"
    "本页由程序里的一张表生成（`shanshui calc --page`），`./check` 核对它是新的；不要手改。\n"
    "*This page is made from the table in the program (`shanshui calc --page`) and checked to be "
    "current; do not edit it.*\n\n"
    "`shanshui calc 名称` 从标准输入读 JSON 行，每行写出一个 JSON 对象，次序不变："
    "`{\"result\": {...}}` 或 `{\"error\": {\"code\", \"field\", \"message\"}}`。"
    "一行有错不影响其余。每行都有答复就退出 0（有错误也是），没有这个名称退出 2。"
    "`POST /api/v1/calc/名称` 做同样的事：`application/json` 里一个对象得一个对象，数组得数组；"
    "`application/x-ndjson` 按行。\n\n"
    "错误代码：`json`（不是 JSON 对象，field 为 "
    "null）、`unknown_field`（没有这个字段）、`missing`（缺少或为 "
    "null）、`type`、`format`（日期、代码的写法）、`range`、`unknown_value`（没有这个取值）、`"
    "unsupported`"
    "（标准没有这种组合的规则）。先报不认识的字段（按输入的次序），再按下表的次序报第一个有错的字段"
    "，"
    "最后才报字段之间的问题。对象里的写作 `items.cod`，列表里的写列表名。\n\n"
    "数须为 JSON 数：字符串、布尔、NaN、无穷都是 `type`；整数可写 5 或 5.0；日期 "
    "`YYYY-MM-DD`；没有与 null 同义。"
    "结果除写明外不修约；超出双精度范围的结果报 `range`，不给出无意义的数。浓度按十进制写法修约"
    "（4.35 恰为中间值），分指数按精确分数向上取整（35 得 50）。限值与参数都取自 `standards/` "
    "的表，"
    "没有日期的输入按今天的法。\n\n"
    "*Convention: JSON lines in and out, in order; exit 0 when every line got an answer, 2 for an "
    "unknown name. Unknown fields are told first, then the first bad field in the order below, "
    "then "
    "what is wrong between fields. A result beyond all doubles is a `range` error. Limits and "
    "parameters come from the tables of `standards/`; inputs without a date are judged by today's "
    "law.*\n";

void ss_calc_page(struct ss_buf *out)
{
	const struct ss_calc *c;

	ss_buf_addz(out, page_head);
	for (size_t i = 0; (c = ss_calc_at(i)); i++)
		page_calc(out, c);
}
