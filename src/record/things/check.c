/* Checks that declarations call by name. */
#include "base/base.h"
#include "record/things/things_internal.h"

static bool all_of(struct ss_str v, const char *letters)
{
	for (size_t i = 0; i < v.n; i++)
		if (!v.p[i] || !strchr(letters, v.p[i]))
			return false;
	return true;
}

/* GB 32100-2015: 0-9 A-Z without I O S V Z, character 18 over the 17 before it by weights 3^i mod
 * 31. */
static const char credit_letters[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";

static bool credit_sum(struct ss_str v)
{
	static const int weight[17] = {1,  3,  9,  27, 19, 26, 16, 17, 20,
				       29, 25, 13, 8,  24, 10, 30, 28};
	int sum = 0;

	for (int i = 0; i < 17; i++)
		sum += weight[i] * (int)(strchr(credit_letters, v.p[i]) - credit_letters);
	return credit_letters[(31 - sum % 31) % 31] == v.p[17];
}

static bool credit_code(struct ss_str v, const char **zh, const char **en)
{
	if (v.n != 18) {
		*zh = "统一社会信用代码须为 18 位（GB 32100）",
		*en = "a credit code has 18 characters (GB 32100)";
		return false;
	}
	if (!all_of(v, credit_letters)) {
		*zh = "含有不许用的字符：只用数字和大写字母，不用 I、O、S、V、Z";
		*en = "only digits and capitals are used, not I O S V Z";
		return false;
	}
	*zh = "第 18 位校验字符不对（GB 32100）",
	*en = "the check character, the 18th, is wrong (GB 32100)";
	return credit_sum(v);
}

/* GB 11643-1999: weights 2^i mod 11. */
static bool idcard(struct ss_str v, const char **zh, const char **en)
{
	static const int weight[17] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
	int sum = 0;

	*zh = "公民身份号码须为 17 位数字加一位校验（GB 11643）";
	*en = "an identity number is 17 digits and a check character (GB 11643)";
	if (v.n != 18 || !all_of(ss_str_n(v.p, 17), "0123456789"))
		return false;
	for (int i = 0; i < 17; i++)
		sum += weight[i] * (v.p[i] - '0');
	*zh = "第 18 位校验字符不对（GB 11643）", *en = "the check character is wrong (GB 11643)";
	return "10X98765432"[sum % 11] == v.p[17];
}

static const char mn_letters[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-";

/* What the registry of devices takes. */
static bool mn(struct ss_str v, const char **zh, const char **en)
{
	*zh = "设备唯一标识 MN 须为不超过 64 位的字母、数字、下划线、短横";
	*en = "an MN is at most 64 letters, digits, _ or -";
	return v.n >= 1 && v.n <= 64 && all_of(v, mn_letters);
}

static bool mn_length(struct ss_str v, const char **zh, const char **en)
{
	*zh = "MN 通常为 24 位，旧设备为 14 位，请核对";
	*en = "an MN usually has 24 characters, of old devices 14, please check";
	return v.n == 24 || v.n == 14;
}

/* A mobile number, or an area code with a fixed one. */
static bool phone(struct ss_str v, const char **zh, const char **en)
{
	*zh = "电话须为 11 位手机号，或区号加固定电话（025-12345678）";
	*en = "a phone is 11 digits, or an area code and a fixed number (025-12345678)";
	if (!all_of(v, "0123456789-"))
		return false;
	if (v.n == 11 && v.p[0] == '1')
		return v.p[1] >= '3' && !memchr(v.p, '-', v.n);
	if (v.n >= 10 && (ss_str_starts(v, SS_STR("400")) || ss_str_starts(v, SS_STR("800"))))
		return v.n <= 12;
	return v.n >= 10 && v.n <= 13 && v.p[0] == '0';
}

static bool area(struct ss_str v, const char **zh, const char **en)
{
	*zh = "没有这个行政区代码（GB/T 2260）", *en = "there is no such area code (GB/T 2260)";
	return ss_registry_district(v) && v.n == 6;
}

/* HJ 608: the credit code, a serial of three digits, a letter. Only the first 18 are sure: the last
 * four are told and not refused. */
static bool permit(struct ss_str v, const char **zh, const char **en)
{
	*zh = "许可证编号须为 22 位，前 18 位为统一社会信用代码";
	*en = "a permit number has 22 characters, the first 18 being a credit code";
	return v.n == 22 && credit_code(ss_str_n(v.p, 18), zh, en);
}

static bool permit_tail(struct ss_str v, const char **zh, const char **en)
{
	*zh = "许可证编号末四位通常为三位顺序号加一位字母，请核对";
	*en =
	    "the last four of a permit number usually are three digits and a letter, please check";
	return v.n == 22 && all_of(ss_str_n(v.p + 18, 3), "0123456789") && v.p[21] >= 'A' &&
	       v.p[21] <= 'Z';
}

static const struct {
	const char *name;
	sst_check_fn *fn, *warn;
} checks[] = {
    {"credit_code", credit_code, NULL},
    {"idcard", idcard, NULL},
    {"mn", mn, mn_length},
    {"phone", phone, NULL},
    {"area", area, NULL},
    {"permit", permit, permit_tail},
};

sst_check_fn *sst_check_named(const char *name, sst_check_fn **ret_warn)
{
	for (size_t i = 0; i < SS_ARRAY_LEN(checks); i++)
		if (strcmp(checks[i].name, name) == 0) {
			if (ret_warn)
				*ret_warn = checks[i].warn;
			return checks[i].fn;
		}
	return NULL;
}
