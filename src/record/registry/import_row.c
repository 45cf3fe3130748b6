/* The columns of the import: their headings, and how a cell goes into the records. */
#include <stdio.h>

#include "base/base.h"
#include "record/registry/registry_internal.h"

struct cell {
	struct ss_str v;
	struct ss_site *site;
	struct ss_device *d;
	struct ss_why *why;
	const char *key;
};

struct ss_row_column {
	const char *key, *zh;
	int (*take)(const struct cell *c);
};

static int text(const struct cell *c, char *to, size_t cap)
{
	char zh[80], en[80];

	if (ss_str_copy(to, cap, c->v))
		return 0;
	snprintf(zh, sizeof(zh), "太长，最多 %zu 个字节", cap - 1);
	snprintf(en, sizeof(en), "too long, at most %zu bytes", cap - 1);
	return ss_why(c->why, c->key, zh, en);
}

static int number(const struct cell *c, double *to)
{
	if (ss_parse_double(c->v, to) == 0)
		return 0;
	return ss_why(c->why, c->key, "不是数", "not a number");
}

static int yes_no(const struct cell *c, bool *to)
{
	static const char *const yes[] = {"1", "true", "yes", "是"};
	static const char *const no[] = {"0", "false", "no", "否"};

	for (size_t i = 0; i < SS_ARRAY_LEN(yes); i++) {
		bool y = ss_str_eq_nocase(c->v, ss_str_of(yes[i]));
		if (y || ss_str_eq_nocase(c->v, ss_str_of(no[i]))) {
			*to = y;
			return 0;
		}
	}
	return ss_why(c->why, c->key, "须为 是 或 否（1 或 0）", "must be yes or no (1 or 0)");
}

static int take_mn(const struct cell *c)
{
	int r = ss_check_mn(c->v, c->why);

	return r < 0 ? r : text(c, c->d->mn, sizeof(c->d->mn));
}

static int take_site_code(const struct cell *c)
{
	return text(c, c->site->code, sizeof(c->site->code));
}

static int take_site_name(const struct cell *c)
{
	return text(c, c->site->name, sizeof(c->site->name));
}

static int take_kind(const struct cell *c)
{
	if (ss_site_kind_parse(c->v, &c->site->kind) == 0)
		return 0;
	return ss_why(c->why, c->key, "不认识的站点类别", "unknown kind of site");
}

static int take_district(const struct cell *c)
{
	const struct ss_district *d = ss_registry_district(c->v);

	if (!d)
		return ss_why(c->why, c->key, "不是本市的区（代码或名称）",
			      "not a district of this city (code or name)");
	ss_str_copy(c->site->district, sizeof(c->site->district), ss_str_of(d->code));
	return 0;
}

static int take_lon(const struct cell *c)
{
	return number(c, &c->site->lon);
}

static int take_lat(const struct cell *c)
{
	return number(c, &c->site->lat);
}

static int take_state(const struct cell *c)
{
	return text(c, c->site->state, sizeof(c->site->state));
}

static int take_point(const struct cell *c)
{
	return text(c, c->d->point, sizeof(c->d->point));
}

static int take_edition(const struct cell *c)
{
	return text(c, c->d->edition, sizeof(c->d->edition));
}

static int take_system(const struct cell *c)
{
	return text(c, c->d->system, sizeof(c->d->system));
}

static int take_pw(const struct cell *c)
{
	return text(c, c->d->pw, sizeof(c->d->pw));
}

static int take_interval(const struct cell *c)
{
	int64_t v;

	if (ss_parse_i64(c->v, &v) < 0 || v < 0 || v > INT32_MAX)
		return ss_why(c->why, c->key, "须为秒数", "must be a number of seconds");
	c->d->interval_s = (int32_t)v;
	return 0;
}

static int take_wrong_len(const struct cell *c)
{
	return yes_no(c, &c->d->accept_wrong_len);
}

static int take_modbus_crc(const struct cell *c)
{
	return yes_no(c, &c->d->accept_modbus_crc);
}

static int take_period_end(const struct cell *c)
{
	return yes_no(c, &c->d->stamps_period_end);
}

static int take_sm4_key(const struct cell *c)
{
	size_t n;

	if (c->v.n != 32 || ss_hex_decode(c->v, c->d->sm4_key, sizeof(c->d->sm4_key), &n) < 0)
		return ss_why(c->why, c->key, "须为 32 位十六进制", "must be 32 hex digits");
	c->d->has_sm4_key = true;
	return 0;
}

static int attribute(const struct cell *c, enum ss_site_attribute a)
{
	return text(c, c->site->attribute[a], sizeof(c->site->attribute[a]));
}

static int take_target(const struct cell *c)
{
	return attribute(c, SS_ATTRIBUTE_TARGET);
}

static int take_zone(const struct cell *c)
{
	return attribute(c, SS_ATTRIBUTE_ZONE);
}

static int take_body(const struct cell *c)
{
	return attribute(c, SS_ATTRIBUTE_BODY);
}

static int take_label(const struct cell *c)
{
	return attribute(c, SS_ATTRIBUTE_LABEL);
}

static const struct ss_row_column columns[] = {
    {"mn", "设备编号", take_mn},
    {"site_code", "站点编码", take_site_code},
    {"site_name", "站点名称", take_site_name},
    {"kind", "站点类别", take_kind},
    {"district", "行政区", take_district},
    {"lon", "经度", take_lon},
    {"lat", "纬度", take_lat},
    {"state", "状态", take_state},
    {"point", "排口或点位", take_point},
    {"edition", "协议版本", take_edition},
    {"system", "系统编码", take_system},
    {"pw", "访问密码", take_pw},
    {"interval_s", "上报间隔秒", take_interval},
    {"accept_wrong_len", "容许长度错", take_wrong_len},
    {"accept_modbus_crc", "容许标准CRC", take_modbus_crc},
    {"stamps_period_end", "时间为时段末", take_period_end},
    {"sm4_key", "SM4密钥", take_sm4_key},
    {"target", "目标类别", take_target},
    {"zone", "功能区", take_zone},
    {"body", "水体类型", take_body},
    {"label", "安全标记", take_label},
};

const struct ss_row_column *ss_row_column(struct ss_str heading)
{
	for (size_t i = 0; i < SS_ARRAY_LEN(columns); i++)
		if (ss_str_eq_nocase(heading, ss_str_of(columns[i].key)) ||
		    ss_str_is(heading, columns[i].zh))
			return &columns[i];
	return NULL;
}

const char *ss_row_column_key(const struct ss_row_column *c)
{
	return c->key;
}

int ss_row_take(const struct ss_row_column *col, struct ss_str v, struct ss_site *site,
		struct ss_device *d, struct ss_why *why)
{
	struct cell c = {v, site, d, why, col->key};

	return col->take(&c);
}
