/* What a site and a device must be. The same rules for the import, the API and the program. */
#include <ctype.h>
#include <math.h>
#include <stdio.h>

#include "base/base.h"
#include "record/registry/registry_internal.h"

/* The land and sea of China lie between 73 and 136 degrees east and 3 and 54 degrees north. */
#define LON_MIN 73.0
#define LON_MAX 136.0
#define LAT_MIN 3.0
#define LAT_MAX 54.0

int ss_why(struct ss_why *why, const char *field, const char *zh, const char *en)
{
	why->field = field;
	snprintf(why->zh, sizeof(why->zh), "%s", zh);
	snprintf(why->en, sizeof(why->en), "%s", en);
	return SS_EINVAL;
}

static const struct {
	const char *key, *zh, *en;
} kinds[] = {
#define X(name, key, zh, en) {key, zh, en},
#include "record/registry/site_kinds.def"
#undef X
};

const char *ss_site_kind_key(enum ss_site_kind k)
{
	return (unsigned)k < SS_SITE_KIND_COUNT_ ? kinds[k].key : "";
}

int ss_site_kind_parse(struct ss_str key, enum ss_site_kind *ret)
{
	for (size_t i = 0; i < SS_ARRAY_LEN(kinds); i++) {
		if (ss_str_eq_nocase(key, ss_str_of(kinds[i].key)) || ss_str_is(key, kinds[i].zh)) {
			*ret = (enum ss_site_kind)i;
			return 0;
		}
	}
	return SS_EPARSE;
}

/* Published examples have 6 to 24 characters, upper and lower case, and underscores. */
int ss_check_mn(struct ss_str mn, struct ss_why *why)
{
	if (mn.n == 0)
		return ss_why(why, "mn", "没有设备编号", "the device number is missing");
	if (mn.n > 64)
		return ss_why(why, "mn", "设备编号超过 64 个字符", "longer than 64 characters");
	for (size_t i = 0; i < mn.n; i++)
		if (!isalnum((unsigned char)mn.p[i]) && mn.p[i] != '_' && mn.p[i] != '-')
			return ss_why(why, "mn", "只能有字母、数字、下划线和短横",
				      "only letters, digits, _ and - are allowed");
	return 0;
}

static bool clean(const char *z)
{
	for (; *z; z++)
		if ((unsigned char)*z < ' ' || *z == 0x7f)
			return false;
	return true;
}

static bool within(double v, double min, double max)
{
	return v >= min && v <= max;
}

static int check_place(double lon, double lat, struct ss_why *why)
{
	if (isnan(lon) && isnan(lat))
		return 0;
	if (isnan(lon) || isnan(lat))
		return ss_why(why, isnan(lon) ? "lon" : "lat", "经度和纬度须同时填写",
			      "longitude and latitude go together");
	if (within(lon, LAT_MIN, LAT_MAX) && within(lat, LON_MIN, LON_MAX))
		return ss_why(why, "lon", "经度与纬度似乎写反了",
			      "longitude and latitude seem to be swapped");
	if (!within(lon, LON_MIN, LON_MAX))
		return ss_why(why, "lon", "经度不在中国范围（73 至 136）",
			      "longitude outside China (73 to 136)");
	if (!within(lat, LAT_MIN, LAT_MAX))
		return ss_why(why, "lat", "纬度不在中国范围（3 至 54）",
			      "latitude outside China (3 to 54)");
	return 0;
}

static bool area_code(const char *z)
{
	size_t n = strlen(z);

	for (const char *p = z; *p; p++)
		if (!isdigit((unsigned char)*p))
			return false;
	return n == 0 || n == 6 || n == 9;
}

static bool one_of(const char *z, const char *const *list)
{
	for (; *list; list++)
		if (strcmp(z, *list) == 0)
			return true;
	return false;
}

static int check_attributes(const struct ss_site *s, struct ss_why *why)
{
	static const char *const targets[] = {"",  "I", "II", "III", "IV", "V",
					      "Ⅰ", "Ⅱ", "Ⅲ",  "Ⅳ",   "Ⅴ",  NULL};
	static const char *const zones[] = {"", "0", "1", "2", "3", "4", "4a", "4b", NULL};
	static const char *const bodies[] = {"", "river", "lake", NULL};
	static const char *const labels[] = {"", "public", "internal", "restricted", NULL};

	if (!one_of(s->attribute[SS_ATTRIBUTE_TARGET], targets))
		return ss_why(why, "target", "须为 I、II、III、IV 或 V（地表水类别）",
			      "must be I, II, III, IV or V (class of surface water)");
	if (!one_of(s->attribute[SS_ATTRIBUTE_ZONE], zones))
		return ss_why(why, "zone", "须为 0、1、2、3、4a 或 4b（声环境功能区）",
			      "must be 0, 1, 2, 3, 4a or 4b (noise function zone)");
	if (!one_of(s->attribute[SS_ATTRIBUTE_BODY], bodies))
		return ss_why(why, "body", "须为 river（河）或 lake（湖库）",
			      "must be river or lake");
	if (!one_of(s->attribute[SS_ATTRIBUTE_LABEL], labels))
		return ss_why(why, "label",
			      "须为 public（公开）、internal（内部）或 restricted（受限）",
			      "must be public, internal or restricted");
	return 0;
}

int ss_check_site(const struct ss_site *s, struct ss_why *why)
{
	int r;

	if (!s->code[0])
		return ss_why(why, "site_code", "没有站点编码", "the site code is missing");
	if (!clean(s->code))
		return ss_why(why, "site_code", "含有控制字符", "holds control characters");
	if (!s->name[0])
		return ss_why(why, "site_name", "没有站点名称", "the site name is missing");
	if (!clean(s->name))
		return ss_why(why, "site_name", "含有控制字符", "holds control characters");
	if ((unsigned)s->kind >= SS_SITE_KIND_COUNT_)
		return ss_why(why, "kind", "没有站点类别", "the kind of site is missing");
	if (!area_code(s->district))
		return ss_why(why, "district", "不是 GB/T 2260 的区划代码",
			      "not an area code of GB/T 2260");
	if (strcmp(s->state, "running") != 0 && strcmp(s->state, "stopped") != 0)
		return ss_why(why, "state", "须为 running 或 stopped",
			      "must be running or stopped");
	r = check_attributes(s, why);
	return r < 0 ? r : check_place(s->lon, s->lat, why);
}

int ss_check_device(const struct ss_device *d, struct ss_why *why)
{
	static const char *const editions[] = {"", "2005", "2017", "2025", "water", NULL};
	int r = ss_check_mn(ss_str_of(d->mn), why);

	if (r < 0)
		return r;
	if (!one_of(d->edition, editions))
		return ss_why(why, "edition", "须为 2005、2017、2025、water 或空",
			      "must be 2005, 2017, 2025, water or blank");
	if (d->system[0] && (strlen(d->system) != 2 || !isdigit((unsigned char)d->system[0]) ||
			     !isdigit((unsigned char)d->system[1])))
		return ss_why(why, "system", "须为两位数字的系统编码（ST）",
			      "must be a system code (ST) of two digits");
	if (!clean(d->point))
		return ss_why(why, "point", "含有控制字符", "holds control characters");
	if (!clean(d->pw))
		return ss_why(why, "pw", "含有控制字符", "holds control characters");
	if (d->interval_s < 0 || d->interval_s > 7 * 86400)
		return ss_why(why, "interval_s", "须在 0 到 604800 秒之间",
			      "must be 0 to 604800 seconds");
	return 0;
}

static bool same_number(double a, double b)
{
	return a == b || (isnan(a) && isnan(b));
}

static bool same_attributes(const struct ss_site *a, const struct ss_site *b)
{
	for (int i = 0; i < SS_ATTRIBUTE_COUNT_; i++)
		if (strcmp(a->attribute[i], b->attribute[i]) != 0)
			return false;
	return true;
}

bool ss_same_site(const struct ss_site *a, const struct ss_site *b)
{
	return a->id == b->id && strcmp(a->uid, b->uid) == 0 && strcmp(a->code, b->code) == 0 &&
	       strcmp(a->name, b->name) == 0 && a->kind == b->kind &&
	       strcmp(a->district, b->district) == 0 && same_number(a->lon, b->lon) &&
	       same_number(a->lat, b->lat) && strcmp(a->state, b->state) == 0 &&
	       same_attributes(a, b);
}

bool ss_same_device(const struct ss_device *a, const struct ss_device *b)
{
	return strcmp(a->mn, b->mn) == 0 && a->site == b->site && strcmp(a->point, b->point) == 0 &&
	       strcmp(a->edition, b->edition) == 0 && strcmp(a->system, b->system) == 0 &&
	       strcmp(a->pw, b->pw) == 0 && a->accept_wrong_len == b->accept_wrong_len &&
	       a->accept_modbus_crc == b->accept_modbus_crc &&
	       a->stamps_period_end == b->stamps_period_end && a->has_sm4_key == b->has_sm4_key &&
	       (!a->has_sm4_key || memcmp(a->sm4_key, b->sm4_key, sizeof(a->sm4_key)) == 0) &&
	       a->interval_s == b->interval_s;
}
