#include "base/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/list.h"
#include "base/os.h"

struct setting {
	const struct ss_option *row;
	char *field;  /* where the value goes */
	char *value;  /* as text; NULL: not given yet */
	char *source; /* "default", "file:line", a variable or a flag */
};

struct ss_config {
	struct setting *list;
	size_t count, cap;
};

struct ss_config *ss_config_new(void)
{
	return calloc(1, sizeof(struct ss_config));
}

static void setting_done(struct setting *s)
{
	if (s->value)
		explicit_bzero(s->value, strlen(s->value));
	free(s->value);
	free(s->source);
}

void ss_config_free(struct ss_config *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->count; i++)
		setting_done(&c->list[i]);
	free(c->list);
	free(c);
}

/* What the field is set to. */
union parsed {
	int64_t i;
	bool b;
};

static int parse_bool(struct ss_str v, bool *ret)
{
	static const char *const yes[] = {"true", "yes", "on", "1"}, *const no[] = {"false", "no",
										    "off", "0"};

	for (size_t i = 0; i < SS_ARRAY_LEN(yes); i++) {
		if (ss_str_is(v, yes[i]) || ss_str_is(v, no[i])) {
			*ret = ss_str_is(v, yes[i]);
			return 0;
		}
	}
	return SS_EPARSE;
}

static int parse_size(struct ss_str v, int64_t *ret)
{
	uint64_t u;
	int r = ss_parse_size(v, &u);

	if (r < 0)
		return r;
	if (u > INT64_MAX)
		return SS_ERANGE;
	*ret = (int64_t)u;
	return 0;
}

static int parse_choice(const char *choices, struct ss_str v)
{
	struct ss_str rest = ss_str_of(choices), part;

	while (ss_str_split(&rest, '|', &part)) {
		if (ss_str_eq(part, v))
			return 0;
	}
	return SS_EPARSE;
}

static int parse_value(const struct ss_option *row, struct ss_str v, union parsed *ret)
{
	int r = 0;

	switch (row->type) {
	case SS_OPT_STRING:
		return 0;
	case SS_OPT_ENUM:
		return parse_choice(row->choices, v);
	case SS_OPT_BOOL:
		return parse_bool(v, &ret->b);
	case SS_OPT_INT:
		r = ss_parse_i64(v, &ret->i);
		break;
	case SS_OPT_SIZE:
		r = parse_size(v, &ret->i);
		break;
	case SS_OPT_DURATION:
		r = ss_parse_duration(v, &ret->i);
		break;
	}
	if (r == 0 && (row->min || row->max) && (ret->i < row->min || ret->i > row->max))
		return SS_ERANGE;
	return r;
}

static void store(struct setting *s, const union parsed *v)
{
	switch (s->row->type) {
	case SS_OPT_STRING:
	case SS_OPT_ENUM:
		memcpy(s->field, &s->value, sizeof(s->value));
		break;
	case SS_OPT_BOOL:
		memcpy(s->field, &v->b, sizeof(v->b));
		break;
	default:
		memcpy(s->field, &v->i, sizeof(v->i));
	}
}

/* On success the old value is gone; on failure nothing has changed. */
static int set(struct setting *s, struct ss_str text, const char *source)
{
	union parsed v = {0};
	char *value, *from;
	int r = memchr(text.n ? text.p : "", 0, text.n) ? SS_EPARSE : parse_value(s->row, text, &v);

	if (r < 0)
		return r;
	value = strndup(text.n ? text.p : "", text.n);
	from = strdup(source);
	if (!value || !from) {
		free(value);
		free(from);
		return SS_ENOMEM;
	}
	setting_done(s);
	s->value = value;
	s->source = from;
	store(s, &v);
	return 0;
}

static int add_row(struct ss_config *c, const struct ss_option *row, void *settings)
{
	struct setting *s;

	if (ss_grow(&c->list, &c->cap, c->count + 1, sizeof(*c->list)) < 0)
		return SS_ENOMEM;
	s = &c->list[c->count];
	*s = (struct setting){.row = row, .field = (char *)settings + row->offset};
	c->count++;
	return row->def ? set(s, ss_str_of(row->def), "default") : 0;
}

int ss_config_add(struct ss_config *c, const struct ss_option *rows, void *settings)
{
	for (; rows->name; rows++) {
		int r = add_row(c, rows, settings);

		if (r < 0)
			return r;
	}
	return 0;
}

static struct setting *find(const struct ss_config *c, struct ss_str name, bool alias)
{
	for (size_t i = 0; i < c->count; i++) {
		const struct ss_option *row = c->list[i].row;

		if (ss_str_is(name, row->name) ||
		    (alias && row->alias && ss_str_is(name, row->alias)))
			return &c->list[i];
	}
	return NULL;
}

static const char *type_zh(const struct ss_option *row)
{
	static const char *const t[] = {
	    "文字", "整数", "true 或 false", "大小（如 64M）", "时长（如 10s、5m）", "下列之一："};

	return t[row->type];
}

static const char *type_en(const struct ss_option *row)
{
	static const char *const t[] = {"text",
					"an integer",
					"true or false",
					"a size such as 64M",
					"a duration such as 10s or 5m",
					"one of"};

	return t[row->type];
}

/* place: "配置文件 x 第 3 行" and its English, or a variable or flag. */
struct place {
	char zh[256];
	char en[256];
};

/* A bound in the unit people write: 10s, 64M, 5. */
static void fmt_bound(const struct ss_option *row, int64_t v, char out[40])
{
	static const struct {
		enum ss_option_type type;
		int64_t unit;
		const char *name;
	} units[] = {
	    {SS_OPT_DURATION, SS_US_PER_DAY, "d"}, {SS_OPT_DURATION, SS_US_PER_HOUR, "h"},
	    {SS_OPT_DURATION, SS_US_PER_MIN, "m"}, {SS_OPT_DURATION, SS_US_PER_SEC, "s"},
	    {SS_OPT_DURATION, 1000, "ms"},         {SS_OPT_DURATION, 1, "us"},
	    {SS_OPT_SIZE, INT64_C(1) << 40, "T"},  {SS_OPT_SIZE, INT64_C(1) << 30, "G"},
	    {SS_OPT_SIZE, INT64_C(1) << 20, "M"},  {SS_OPT_SIZE, INT64_C(1) << 10, "K"},
	};

	for (size_t i = 0; v && i < SS_ARRAY_LEN(units); i++) {
		if (row->type != units[i].type || v % units[i].unit)
			continue;
		snprintf(out, 40, "%lld%s", (long long)(v / units[i].unit), units[i].name);
		return;
	}
	snprintf(out, 40, "%lld", (long long)v);
}

static int out_of_range(struct ss_error *err, const struct place *at, const struct ss_option *row,
			struct ss_str shown)
{
	char min[40], max[40];

	if (!row->min && !row->max)
		return ss_error_set(err, SS_ERANGE,
				    "%s：%s 的值“" SS_STR_FMT "”过大; %s: value \"" SS_STR_FMT
				    "\" of %s is too large",
				    at->zh, row->name, SS_STR_ARG(shown), at->en, SS_STR_ARG(shown),
				    row->name);
	fmt_bound(row, row->min, min);
	fmt_bound(row, row->max, max);
	return ss_error_set(err, SS_ERANGE,
			    "%s：%s 的值“" SS_STR_FMT "”超出范围 %s..%s; %s: value \"" SS_STR_FMT
			    "\" of %s is out of range %s..%s",
			    at->zh, row->name, SS_STR_ARG(shown), min, max, at->en,
			    SS_STR_ARG(shown), row->name, min, max);
}

/* At most 60 bytes of it, whole characters. */
static struct ss_str shorten(struct ss_str v)
{
	if (v.n <= 60)
		return v;
	v.n = 60;
	while (v.n && ((unsigned char)v.p[v.n] & 0xC0) == 0x80)
		v.n--;
	return v;
}

static int bad_value(struct ss_error *err, int code, const struct place *at,
		     const struct setting *s, struct ss_str value)
{
	const struct ss_option *row = s->row;
	struct ss_str shown = row->secret ? SS_STR("****") : shorten(value);
	const char *choices = row->type == SS_OPT_ENUM ? row->choices : "";

	if (code == SS_ENOMEM)
		return ss_error_set(err, code, "%s：内存不足; %s: out of memory", at->zh, at->en);
	if (code == SS_ERANGE)
		return out_of_range(err, at, row, shown);
	return ss_error_set(err, code,
			    "%s：%s 的值“" SS_STR_FMT "”不对，应为%s%s; "
			    "%s: value \"" SS_STR_FMT "\" of %s is wrong, give %s%s%s",
			    at->zh, row->name, SS_STR_ARG(shown), type_zh(row), choices, at->en,
			    SS_STR_ARG(shown), row->name, type_en(row), *choices ? " " : "",
			    choices);
}

static struct place in_file(const char *path, int line)
{
	struct place p;

	snprintf(p.zh, sizeof(p.zh), "配置文件 %s 第 %d 行", path, line);
	snprintf(p.en, sizeof(p.en), "config file %s line %d", path, line);
	return p;
}

/* The value without a comment behind it; in quotes it may hold # and blanks at its ends. */
static int file_value(struct ss_str v, struct ss_str *ret)
{
	v = ss_str_trim(v);
	if (v.n && v.p[0] == '"') {
		const char *end = memchr(v.p + 1, '"', v.n - 1);
		struct ss_str rest;

		if (!end)
			return SS_EPARSE;
		rest = ss_str_trim(ss_str_n(end + 1, v.n - (size_t)(end + 1 - v.p)));
		if (rest.n && rest.p[0] != '#')
			return SS_EPARSE;
		*ret = ss_str_n(v.p + 1, (size_t)(end - v.p - 1));
		return 0;
	}
	for (size_t i = 0; i < v.n; i++) {
		if (v.p[i] == '#' && (i == 0 || v.p[i - 1] == ' ' || v.p[i - 1] == '\t')) {
			v.n = i;
			break;
		}
	}
	*ret = ss_str_trim(v);
	return 0;
}

static int file_line(struct ss_config *c, struct ss_str line, const char *path, int n,
		     struct ss_error *err)
{
	struct place at = in_file(path, n);
	struct ss_str name, value;
	struct setting *s;
	char source[300];
	int r;

	line = ss_str_trim(line);
	if (line.n == 0 || line.p[0] == '#')
		return 0;
	if (!memchr(line.p, '=', line.n))
		return ss_error_set(err, SS_EPARSE, "%s：应写作 名称 = 值; %s: write name = value",
				    at.zh, at.en);
	ss_str_split(&line, '=', &name);
	name = ss_str_trim(name);
	s = find(c, name, false);
	if (!s)
		return ss_error_set(err, SS_EINVAL,
				    "%s：没有名为“" SS_STR_FMT
				    "”的配置项; %s: there is no setting \"" SS_STR_FMT "\"",
				    at.zh, SS_STR_ARG(name), at.en, SS_STR_ARG(name));
	if (file_value(line, &value) < 0)
		return ss_error_set(err, SS_EPARSE, "%s：引号不成对; %s: the quotes do not match",
				    at.zh, at.en);
	snprintf(source, sizeof(source), "%s:%d", path, n);
	r = set(s, value, source);
	return r < 0 ? bad_value(err, r, &at, s, value) : 0;
}

#define CONFIG_FILE_MOST ((size_t)1 << 20)

int ss_config_file(struct ss_config *c, const char *path, struct ss_error *err)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(CONFIG_FILE_MOST);
	int r = ss_file_read(path, &b);
	struct ss_str rest = ss_buf_str(&b), line;

	if (r < 0)
		return ss_error_set(err, r,
				    "配置文件 %s 读不了：%s; config file %s cannot be read: %s",
				    path, ss_err_zh(r), path, ss_err_en(r));
	for (int n = 1; ss_str_split(&rest, '\n', &line); n++) {
		r = file_line(c, line, path, n, err);
		if (r < 0)
			return r;
	}
	return 0;
}

/* "hj212.idle" as SHANSHUI_HJ212_IDLE. */
static void env_name(const char *name, char out[128])
{
	size_t n = (size_t)snprintf(out, 128, "SHANSHUI_%s", name);

	for (size_t i = 9; i < n && i < 127; i++) {
		if (out[i] == '.' || out[i] == '-')
			out[i] = '_';
		else if (out[i] >= 'a' && out[i] <= 'z')
			out[i] = (char)(out[i] - 32);
	}
}

int ss_config_env(struct ss_config *c, struct ss_error *err)
{
	for (size_t i = 0; i < c->count; i++) {
		char name[128];
		const char *v;
		struct place at;
		int r;

		env_name(c->list[i].row->name, name);
		v = getenv(name);
		if (!v)
			continue;
		r = set(&c->list[i], ss_str_of(v), name);
		if (r < 0) {
			snprintf(at.zh, sizeof(at.zh), "环境变量 %s", name);
			snprintf(at.en, sizeof(at.en), "environment %s", name);
			return bad_value(err, r, &at, &c->list[i], ss_str_of(v));
		}
	}
	return 0;
}

/* One --name at argv[*i]; *i moves over a value in the next word. */
static int flag(struct ss_config *c, int argc, char **argv, int *i, struct ss_error *err)
{
	struct ss_str word = ss_str_of(argv[*i] + 2), name = {0}, value;
	bool has_value = memchr(word.p, '=', word.n) != NULL;
	char source[160];
	struct place at;
	struct setting *s;
	int r;

	ss_str_split(&word, '=', &name); /* never empty: "--" alone ends the flags */
	value = word;
	s = find(c, name, true);
	if (!s)
		return ss_error_set(err, SS_EINVAL,
				    "没有 --" SS_STR_FMT
				    " 这个选项（--help 列出全部）; there is no option --" SS_STR_FMT
				    " (--help lists all)",
				    SS_STR_ARG(name), SS_STR_ARG(name));
	if (!has_value && s->row->type == SS_OPT_BOOL) {
		value = SS_STR("true");
	} else if (!has_value) {
		if (*i + 1 >= argc)
			return ss_error_set(err, SS_EINVAL,
					    "选项 --" SS_STR_FMT " 缺少值; option --" SS_STR_FMT
					    " needs a value",
					    SS_STR_ARG(name), SS_STR_ARG(name));
		value = ss_str_of(argv[++*i]);
	}
	snprintf(source, sizeof(source), "--" SS_STR_FMT, SS_STR_ARG(name));
	r = set(s, value, source);
	if (r == 0)
		return 0;
	snprintf(at.zh, sizeof(at.zh), "选项 %s", source);
	snprintf(at.en, sizeof(at.en), "option %s", source);
	return bad_value(err, r, &at, s, value);
}

static int all_given(const struct ss_config *c, struct ss_error *err)
{
	for (size_t i = 0; i < c->count; i++) {
		const char *name = c->list[i].row->name;

		if (!c->list[i].value)
			return ss_error_set(err, SS_EINVAL,
					    "必须给出 %s（%s）：用 --%s 或写入配置文件; setting %s "
					    "is required: give "
					    "--%s or put it into the config file",
					    name, c->list[i].row->zh ? c->list[i].row->zh : "",
					    name, name, name);
	}
	return 0;
}

static void help(const struct ss_config *c)
{
	ss_cleanup(ss_buf_done) struct ss_buf out = SS_BUF_MAX(1 << 20);

	ss_buf_addz(&out, "# 写作 --名称 值；given as --name value\n");
	ss_config_print(c, &out);
	fwrite(out.p, 1, out.n, stdout);
	fflush(stdout);
}

int ss_config_args(struct ss_config *c, int argc, char **argv, int from, int *ret_rest,
		   struct ss_error *err)
{
	int rest = from, i, r;

	for (i = from; i < argc; i++) {
		if (strcmp(argv[i], "--") == 0) {
			i++;
			break;
		}
		if (strcmp(argv[i], "--help") == 0) {
			help(c);
			exit(0);
		}
		if (strncmp(argv[i], "--", 2) != 0) {
			argv[rest++] = argv[i];
			continue;
		}
		r = flag(c, argc, argv, &i, err);
		if (r < 0)
			return r;
	}
	for (; i < argc; i++)
		argv[rest++] = argv[i];
	r = all_given(c, err);
	if (r < 0)
		return r;
	*ret_rest = rest;
	return 0;
}

/* A value as the file would have it: in quotes where blanks or # would be lost. Line ends, which a
 * variable of the environment may hold, are shown as blanks: the output stays one line a setting.
 */
static void print_value(struct ss_buf *out, struct ss_str v)
{
	struct ss_str bare = {0};
	bool quote = file_value(v, &bare) < 0 || bare.n != v.n;

	if (quote)
		ss_buf_addc(out, '"');
	for (size_t i = 0; i < v.n; i++)
		ss_buf_addc(out, (unsigned char)v.p[i] < 0x20 ? ' ' : v.p[i]);
	if (quote)
		ss_buf_addc(out, '"');
}

int ss_config_print(const struct ss_config *c, struct ss_buf *out)
{
	for (size_t i = 0; i < c->count; i++) {
		const struct setting *s = &c->list[i];
		const struct ss_option *row = s->row;

		if (row->zh || row->en)
			ss_buf_addf(out, "# %s%s%s\n", row->zh ? row->zh : "",
				    row->zh && row->en ? "  " : "", row->en ? row->en : "");
		ss_buf_addf(out, "%s = ", row->name);
		if (row->secret && s->value && *s->value)
			ss_buf_addz(out, "****");
		else
			print_value(out, ss_str_of(s->value));
		ss_buf_addf(out, "  # %s\n", s->source ? s->source : "未给出 not given");
	}
	return out->err;
}
