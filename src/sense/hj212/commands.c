/* The table of commands to devices, and the check of their data areas. */
#include <stdio.h>

#include "base/num.h"
#include "sense/hj212/hj212_internal.h"

#define O SS_HJ212_BIT(SS_HJ212_2005)
#define S SS_HJ212_BIT(SS_HJ212_2017)
#define T SS_HJ212_BIT(SS_HJ212_2025)
#define W SS_HJ212_BIT(SS_HJ212_WATER)

static const struct ss_hj212_command commands[] = {
#define C(cn, key, editions, kind, changes, params, zh, en)                                        \
	{cn, key, editions, SS_HJ212_COMMAND_##kind, changes, params, zh, en},
#include "sense/hj212/commands.def"
};

static const struct ss_hj212_command_param params[] = {
#define P(name, editions, type, least, most, secret, zh, en)                                       \
	{name, editions, SS_HJ212_PARAM_##type, least, most, secret, zh, en},
#include "sense/hj212/commands.def"
};

const struct ss_hj212_command *ss_hj212_commands(size_t *ret_n)
{
	*ret_n = SS_ARRAY_LEN(commands);
	return commands;
}

const struct ss_hj212_command *ss_hj212_command(int cn, enum ss_hj212_edition e)
{
	for (size_t i = 0; i < SS_ARRAY_LEN(commands); i++)
		if (commands[i].cn == cn && (commands[i].editions & SS_HJ212_BIT(e)))
			return &commands[i];
	return NULL;
}

const struct ss_hj212_command *ss_hj212_command_named(struct ss_str key, enum ss_hj212_edition e)
{
	for (size_t i = 0; i < SS_ARRAY_LEN(commands); i++)
		if (ss_str_is(key, commands[i].key) && (commands[i].editions & SS_HJ212_BIT(e)))
			return &commands[i];
	return NULL;
}

/* "w01018-Info" is "*-Info", and so is a row's own name. */
static bool is_named(const char *row, struct ss_str name)
{
	const char *dash;

	if (row[0] != '*')
		return ss_str_is(name, row);
	dash = memchr(name.p, '-', name.n);
	return dash && dash > name.p &&
	       ss_str_is(ss_str_n(dash, name.n - (size_t)(dash - name.p)), row + 1);
}

const struct ss_hj212_command_param *ss_hj212_command_param(struct ss_str name,
							    enum ss_hj212_edition e)
{
	for (size_t i = 0; i < SS_ARRAY_LEN(params); i++)
		if ((params[i].editions & SS_HJ212_BIT(e)) && is_named(params[i].name, name))
			return &params[i];
	return NULL;
}

bool ss_hj212_command_next_param(struct ss_str *rest, struct ss_str *ret_name, bool *ret_must)
{
	if (!ss_str_split(rest, ' ', ret_name) || !ret_name->n)
		return false;
	*ret_must = ss_str_ends(*ret_name, SS_STR("!"));
	ret_name->n -= *ret_must;
	return true;
}

static bool digits(struct ss_str v, size_t n)
{
	for (size_t i = 0; i < v.n; i++)
		if (!ss_hj212_is_digit(v.p[i]))
			return false;
	return v.n == n;
}

static bool whole(struct ss_str v, int64_t least, int64_t most)
{
	int64_t n;

	return ss_parse_i64(v, &n) == 0 && n >= least && n <= most;
}

static bool minutes(struct ss_str v)
{
	int64_t n;

	return ss_parse_i64(v, &n) == 0 && n >= 1 && n <= 30 && 60 % n == 0;
}

static bool clock_text(struct ss_str v, size_t n)
{
	return digits(v, n) && whole(ss_str_n(v.p, 2), 0, 23) &&
	       whole(ss_str_n(v.p + 2, 2), 0, 59) && (n == 4 || whole(ss_str_n(v.p + 4, 2), 0, 59));
}

static bool hex(struct ss_str v, size_t n)
{
	for (size_t i = 0; i < v.n; i++)
		if (ss_hj212_hex_value(v.p[i]) < 0)
			return false;
	return v.n == n;
}

/* No control characters, and nothing that ends an item, a class or the data area. */
static bool plain_text(struct ss_str v, const char *without)
{
	for (size_t i = 0; i < v.n; i++)
		if ((unsigned char)v.p[i] < 0x20 || v.p[i] == 0x7f || strchr(without, v.p[i]))
			return false;
	return true;
}

static bool value_fits(const struct ss_hj212_command_param *p, struct ss_str v)
{
	int64_t t;
	double d;

	switch (p->type) {
	case SS_HJ212_PARAM_TIME:
		return digits(v, 14) && ss_time_parse_compact(v, &t) == 0;
	case SS_HJ212_PARAM_INT:
		return whole(v, p->least, p->most);
	case SS_HJ212_PARAM_NUMBER:
		return ss_parse_double(v, &d) == 0;
	case SS_HJ212_PARAM_MINUTES:
		return minutes(v);
	case SS_HJ212_PARAM_HHMM:
		return clock_text(v, 4);
	case SS_HJ212_PARAM_HHMMSS:
		return clock_text(v, 6);
	case SS_HJ212_PARAM_HEX:
		return hex(v, (size_t)p->most);
	default:
		return v.n >= (size_t)p->least && v.n <= (size_t)p->most &&
		       plain_text(v, p->type == SS_HJ212_PARAM_CODE ? ";,=&#/ -" : ";,=&#");
	}
}

/* Whether the row's list of parameters has the name; *ret_at: its place in the list. */
static bool listed(const struct ss_hj212_command *c, struct ss_str name, int *ret_at)
{
	struct ss_str rest = ss_str_of(c->params), one;
	bool must;

	for (*ret_at = 0; ss_hj212_command_next_param(&rest, &one, &must); ++*ret_at) {
		char row[32];

		ss_str_copy(row, sizeof(row), one);
		if (is_named(row, name))
			return true;
	}
	return false;
}

static int bad_value(const struct ss_hj212_command *c, const struct ss_hj212_command_param *p,
		     struct ss_str name, struct ss_error *err)
{
	char range[64] = "";

	if (p->most)
		snprintf(range, sizeof(range), "，%lld–%lld%s", (long long)p->least,
			 (long long)p->most,
			 p->type == SS_HJ212_PARAM_INT ? "" : " 个字符 characters");
	return ss_error_set(err, SS_EINVAL,
			    "命令 %d 的参数 " SS_STR_FMT
			    " 不合规定（%s%s）；its value is not allowed (%s)",
			    c->cn, SS_STR_ARG(name), p->zh, range, p->en);
}

static int pair_check(const struct ss_hj212_command *c, enum ss_hj212_edition e,
		      const struct ss_hj212_pair *pair, unsigned *seen, struct ss_error *err)
{
	const struct ss_hj212_command_param *p = ss_hj212_command_param(pair->name, e);
	int at;

	if (!p || !listed(c, pair->name, &at))
		return ss_error_set(
		    err, SS_EINVAL,
		    "命令 %d %s 没有参数 " SS_STR_FMT "；command %d takes no parameter " SS_STR_FMT,
		    c->cn, c->zh, SS_STR_ARG(pair->name), c->cn, SS_STR_ARG(pair->name));
	if (*seen & 1u << at && p->name[0] != '*')
		return ss_error_set(err, SS_EINVAL,
				    "命令 %d 的参数 " SS_STR_FMT " 写了两次；is there twice", c->cn,
				    SS_STR_ARG(pair->name));
	if (!pair->has_value || !value_fits(p, pair->value))
		return bad_value(c, p, pair->name, err);
	*seen |= 1u << at;
	return 0;
}

static int missing_check(const struct ss_hj212_command *c, unsigned seen, struct ss_error *err)
{
	struct ss_str rest = ss_str_of(c->params), name;
	bool must;

	for (int i = 0; ss_hj212_command_next_param(&rest, &name, &must); i++)
		if (must && !(seen & 1u << i))
			return ss_error_set(err, SS_EINVAL,
					    "命令 %d %s 缺参数 " SS_STR_FMT
					    "；command %d needs the parameter " SS_STR_FMT,
					    c->cn, c->zh, SS_STR_ARG(name), c->cn,
					    SS_STR_ARG(name));
	return 0;
}

static int span_check(struct ss_str cp, struct ss_error *err)
{
	struct ss_str from = ss_hj212_pair_value(cp, "BeginTime"),
		      to = ss_hj212_pair_value(cp, "EndTime");

	if (from.n && to.n && ss_str_cmp(from, to) > 0)
		return ss_error_set(err, SS_EINVAL,
				    "BeginTime 晚于 EndTime；BeginTime lies after EndTime");
	return 0;
}

int ss_hj212_command_check(const struct ss_hj212_command *c, enum ss_hj212_edition e,
			   struct ss_str cp, struct ss_error *err)
{
	struct ss_hj212_walk w = ss_hj212_walk(cp);
	struct ss_hj212_pair pair;
	unsigned seen = 0;
	int r = 0;

	if (cp.n > SS_HJ212_COMMAND_CP_MAX)
		return ss_error_set(err, SS_ETOOBIG, "命令参数过长；the parameters are too long");
	while (r == 0 && ss_hj212_next_pair(&w, &pair))
		r = pair_check(c, e, &pair, &seen, err);
	if (r == 0)
		r = missing_check(c, seen, err);
	return r == 0 ? span_check(cp, err) : r;
}

struct ss_str ss_hj212_pair_value(struct ss_str cp, const char *name)
{
	struct ss_hj212_walk w = ss_hj212_walk(cp);
	struct ss_hj212_pair pair;

	while (ss_hj212_next_pair(&w, &pair))
		if (ss_str_is(pair.name, name))
			return pair.value;
	return (struct ss_str){0};
}

bool ss_hj212_command_secret(struct ss_str cp)
{
	struct ss_hj212_walk w = ss_hj212_walk(cp);
	struct ss_hj212_pair pair;

	while (ss_hj212_next_pair(&w, &pair))
		for (size_t i = 0; i < SS_ARRAY_LEN(params); i++)
			if (params[i].secret && is_named(params[i].name, pair.name))
				return true;
	return false;
}

const char *ss_hj212_qn_rtn_zh(int rtn)
{
	static const char *const zh[] = {NULL,      "准备执行请求", "请求被拒绝", "PW 错误",
					 "MN 错误", "ST 错误",      "Flag 错误",  "QN 错误",
					 "CN 错误", "CRC 校验错误"};

	return rtn >= 1 && rtn <= 9 ? zh[rtn] : rtn == 100 ? "未知错误" : "标准之外的返回码";
}

const char *ss_hj212_exe_rtn_zh(int rtn)
{
	static const char *const zh[] = {NULL,
					 "执行成功",
					 "执行失败，不知道原因",
					 "命令请求条件错误",
					 "通讯超时",
					 "系统繁忙不能执行",
					 "系统故障"};

	return rtn >= 1 && rtn <= 6 ? zh[rtn] : rtn == 100 ? "没有数据" : "标准之外的返回码";
}
