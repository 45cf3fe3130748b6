/* Values of fields: checked against their declaration, and brought to the form that is kept. */
#include <math.h>

#include "base/base.h"
#include "base/charset.h"
#include "base/uuid.h"
#include "record/things/things_internal.h"

#define TEXT_MOST 4000
#define LONGTEXT_MOST 200000
#define MANY_MOST 1000

static void tell(struct sst_judge *j, const char *path, const char *zh, const char *en, bool warn)
{
	if (j->problems)
		json_array_append_new(j->problems,
				      json_pack("{s:s,s:s,s:s,s:s}", "field", path, "zh", zh, "en",
						en, "level", warn ? "warn" : "error"));
}

void sst_bad(struct sst_judge *j, const struct sst_field *f, const char *path, const char *zh,
	     const char *en)
{
	if (j->bad++ == 0 && !f)
		ss_error_set(j->err, SS_EINVAL, "字段 %.60s：%.200s；field %.60s: %.200s", path, zh,
			     path, en);
	else if (j->bad == 1)
		ss_error_set(j->err, SS_EINVAL,
			     "字段 %s（%.60s）：%.200s；field %.80s (%.60s): %.200s", f->zh, path,
			     zh, f->en, path, en);
	tell(j, path, zh, en, false);
}

void sst_warn(struct sst_judge *j, const struct sst_field *f, const char *path, const char *zh,
	      const char *en)
{
	(void)f;
	tell(j, path, zh, en, true);
}

static struct ss_str str_of(const json_t *v)
{
	return ss_str_n(json_string_value(v), json_string_length(v));
}

static json_t *str_new(struct ss_str s)
{
	return json_stringn(s.p, s.n);
}

static bool has_control(struct ss_str s, bool lines)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < ' ' && !(lines && (s.p[i] == '\n' || s.p[i] == '\t')))
			return true;
	return false;
}

/* Checks that go by name, and their warnings. */
static bool named(struct sst_judge *j, const struct sst_field *f, struct ss_str s, const char *path)
{
	const char *zh, *en;
	sst_check_fn *warn = NULL, *fn = f->check ? sst_check_named(f->check, &warn) : NULL;

	if (fn && !fn(s, &zh, &en)) {
		sst_bad(j, f, path, zh, en);
		return false;
	}
	if (warn && !warn(s, &zh, &en))
		sst_warn(j, f, path, zh, en);
	return true;
}

static void bad_length(struct sst_judge *j, const struct sst_field *f, size_t is, size_t most,
		       const char *path)
{
	char zh[120], en[120];

	if (is > most) {
		snprintf(zh, sizeof(zh), "字数 %zu，超过 %zu", is, most);
		snprintf(en, sizeof(en), "has %zu characters, more than %zu", is, most);
	} else {
		snprintf(zh, sizeof(zh), "字数 %zu，不足 %.0f", is, f->min);
		snprintf(en, sizeof(en), "has %zu characters, fewer than %.0f", is, f->min);
	}
	sst_bad(j, f, path, zh, en);
}

static json_t *text_value(struct sst_judge *j, const struct sst_field *f, const json_t *v,
			  const char *path)
{
	bool lines = f->type == SST_LONGTEXT;
	size_t most = isnan(f->max) ? (lines ? LONGTEXT_MOST : TEXT_MOST) : (size_t)f->max;
	struct ss_str s;

	if (!json_is_string(v)) {
		sst_bad(j, f, path, "须为文字", "must be a text");
		return NULL;
	}
	s = ss_str_trim(str_of(v));
	if (has_control(s, lines)) {
		sst_bad(j, f, path, "含有控制字符", "holds control characters");
		return NULL;
	}
	if (ss_utf8_count(s) > most || (!isnan(f->min) && ss_utf8_count(s) < (size_t)f->min)) {
		bad_length(j, f, ss_utf8_count(s), most, path);
		return NULL;
	}
	return named(j, f, s, path) ? str_new(s) : NULL;
}

/* --- numbers -----------------------------------------------------------------------------------
 */

static bool in_range(struct sst_judge *j, const struct sst_field *f, double d, const char *path)
{
	char zh[120], en[120];

	if (!(d < f->min) && !(d > f->max))
		return true;
	if (d < f->min) {
		snprintf(zh, sizeof(zh), "不得小于 %.10g", f->min);
		snprintf(en, sizeof(en), "must be at least %.10g", f->min);
	} else {
		snprintf(zh, sizeof(zh), "不得大于 %.10g", f->max);
		snprintf(en, sizeof(en), "must be at most %.10g", f->max);
	}
	sst_bad(j, f, path, zh, en);
	return false;
}

static json_t *integer_value(struct sst_judge *j, const struct sst_field *f, const json_t *v,
			     const char *path)
{
	int64_t i = json_integer_value(v);
	bool good = json_is_integer(v);

	if (json_is_real(v) && floor(json_real_value(v)) == json_real_value(v) &&
	    fabs(json_real_value(v)) < 9e15) {
		i = (int64_t)json_real_value(v);
		good = true;
	}
	if (!good && j->lenient && json_is_string(v))
		good = ss_parse_i64(ss_str_trim(str_of(v)), &i) == 0;
	if (!good)
		sst_bad(j, f, path, "须为整数", "must be a whole number");
	return good && in_range(j, f, (double)i, path) ? json_integer(i) : NULL;
}

static json_t *number_value(struct sst_judge *j, const struct sst_field *f, const json_t *v,
			    const char *path)
{
	double d = json_number_value(v);
	bool good = json_is_number(v);

	if (!good && j->lenient && json_is_string(v))
		good = ss_parse_double(ss_str_trim(str_of(v)), &d) == 0;
	if (!good || !isfinite(d)) {
		sst_bad(j, f, path, "须为数", "must be a number");
		return NULL;
	}
	if (!in_range(j, f, d, path))
		return NULL;
	return floor(d) == d && fabs(d) < 1e15 ? json_integer((int64_t)d) : json_real(d);
}

static int decimals_of(struct ss_str s)
{
	ptrdiff_t at = ss_str_find(s, SS_STR("."));

	return at < 0 ? 0 : (int)(s.n - (size_t)at - 1);
}

/* As printed: "0.50" stays "0.50". */
static json_t *decimal_value(struct sst_judge *j, const struct sst_field *f, const json_t *v,
			     const char *path)
{
	int most = f->decimals >= 0 ? f->decimals : f->type == SST_MONEY ? 2 : 30;
	char room[SS_DOUBLE_MAX];
	struct ss_str s = ss_str_n(room, 0);
	double d;

	if (json_is_string(v))
		s = ss_str_trim(str_of(v));
	else if (json_is_integer(v))
		s.n = ss_fmt_i64(room, json_integer_value(v));
	else if (json_is_real(v))
		s.n = ss_fmt_double(room, json_real_value(v));
	if (s.n == 0 || s.n > 60 || ss_parse_double(s, &d) < 0 || !isfinite(d) ||
	    memchr(s.p, 'e', s.n) || memchr(s.p, 'E', s.n)) {
		sst_bad(j, f, path, "须为十进制数，如 0.50",
			"must be a decimal number such as 0.50");
		return NULL;
	}
	if (decimals_of(s) > most) {
		sst_bad(j, f, path, "小数位数过多", "has too many decimals");
		return NULL;
	}
	return in_range(j, f, d, path) ? str_new(s) : NULL;
}

static json_t *bool_value(struct sst_judge *j, const struct sst_field *f, const json_t *v,
			  const char *path)
{
	static const char *const yes[] = {"是", "有", "true", "1", "Y", "y", "√"};
	static const char *const no[] = {"否", "无", "false", "0", "N", "n"};

	if (json_is_boolean(v))
		return json_boolean(json_is_true(v));
	for (size_t i = 0; j->lenient && json_is_string(v) && i < SS_ARRAY_LEN(yes); i++)
		if (strcmp(json_string_value(v), yes[i]) == 0)
			return json_true();
	for (size_t i = 0; j->lenient && json_is_string(v) && i < SS_ARRAY_LEN(no); i++)
		if (strcmp(json_string_value(v), no[i]) == 0)
			return json_false();
	sst_bad(j, f, path, "须为是或否", "must be yes or no");
	return NULL;
}

/* --- time ---------------------------------------------------------------------------------------
 */

static bool digits(struct ss_str *s, size_t least, size_t most, int *ret)
{
	size_t n = 0;

	for (*ret = 0; n < s->n && n < most && s->p[n] >= '0' && s->p[n] <= '9'; n++)
		*ret = *ret * 10 + (s->p[n] - '0');
	*s = ss_str_n(s->p + n, s->n - n);
	return n >= least;
}

static bool word(struct ss_str *s, const char *w)
{
	bool is = ss_str_starts(*s, ss_str_of(w));

	if (is)
		*s = ss_str_n(s->p + strlen(w), s->n - strlen(w));
	return is;
}

/* In tables a day is also 2026/3/1, 2026.3.1 and 2026年3月1日, as spreadsheets save it, and a time
 * that day with 8:05 behind it. Anything else stays as it is. */
static struct ss_str usual_day(const struct sst_judge *j, struct ss_str was, char room[32])
{
	struct ss_str s = was;
	int y, m, d, h = 0, min = 0, sec = 0;
	bool day = j->lenient && digits(&s, 4, 4, &y) &&
		   (word(&s, "/") || word(&s, ".") || word(&s, "年")) && digits(&s, 1, 2, &m) &&
		   (word(&s, "/") || word(&s, ".") || word(&s, "月")) && digits(&s, 1, 2, &d);

	word(&s, "日");
	if (!day)
		return was;
	s = ss_str_trim(s);
	if (s.n && !(digits(&s, 1, 2, &h) && word(&s, ":") && digits(&s, 2, 2, &min)))
		return was;
	if (word(&s, ":") && !digits(&s, 2, 2, &sec))
		return was;
	if (s.n)
		return was;
	snprintf(room, 32, "%04d-%02d-%02dT%02d:%02d:%02d", y, m, d, h, min, sec);
	return ss_str_of(room);
}

static json_t *date_value(struct sst_judge *j, const struct sst_field *f, const json_t *v,
			  const char *path)
{
	char room[32];
	struct ss_str s = usual_day(j, ss_str_trim(str_of(v)), room);
	int64_t us;
	char out[SS_TIME_ISO];

	if (!json_is_string(v) || s.n < 10 || (s.n > 10 && !j->lenient) ||
	    ss_time_parse_iso(s, &us) < 0) {
		sst_bad(j, f, path, "须为日期，如 2026-03-01", "must be a date such as 2026-03-01");
		return NULL;
	}
	ss_time_fmt_iso(out, us);
	return json_stringn(out, 10);
}

static json_t *time_value(struct sst_judge *j, const struct sst_field *f, const json_t *v,
			  const char *path)
{
	int64_t us;
	char out[SS_TIME_ISO], room[32];
	struct ss_str s = usual_day(j, ss_str_trim(str_of(v)), room);

	if (!json_is_string(v) || ss_time_parse_iso(s, &us) < 0) {
		sst_bad(j, f, path, "须为时刻，如 2026-03-01T08:00:00+08:00",
			"must be a time such as 2026-03-01T08:00:00+08:00");
		return NULL;
	}
	ss_time_fmt_iso(out, us);
	return json_string(out);
}

/* --- words of a list ----------------------------------------------------------------------------
 */

/* A code by its title, for tables. */
static const char *by_title(const struct sst_field *f, struct ss_str s)
{
	size_t i;
	json_t *c;

	json_array_foreach((json_t *)f->choices, i, c)
	{
		if (ss_str_is(s, json_string_value(json_object_get(c, "zh"))))
			return json_string_value(json_object_get(c, "code"));
	}
	return NULL;
}

static json_t *code_value(struct sst_judge *j, const struct sst_field *f, const json_t *v,
			  const char *path)
{
	const char *zh, *en, *code = json_string_value(v), *other;
	char titled[100];

	if (code && sst_code(j->t, j->ty->all, f, code, &zh, &en) == 0)
		return json_string(code);
	other = j->lenient && code ? by_title(f, ss_str_trim(str_of(v))) : NULL;
	if (other)
		return json_string(other);
	if (j->lenient && code && f->codes &&
	    sst_code_titled(j->t, j->ty->all, f->codes, ss_str_trim(str_of(v)), titled,
			    sizeof(titled)))
		return json_string(titled);
	sst_bad(j, f, path, "不在代码表中", "is not in the list of codes");
	return NULL;
}

static json_t *area_value(struct sst_judge *j, const struct sst_field *f, const json_t *v,
			  const char *path)
{
	const struct ss_district *d = json_is_string(v) ? ss_registry_district(str_of(v)) : NULL;
	const char *zh, *en;

	if (d)
		return json_string(d->code);
	if (json_is_string(v) && j->t->s.code &&
	    j->t->s.code(j->t->s.codes, "area/own", json_string_value(v), &zh, &en) == 0)
		return json_incref((json_t *)v);
	sst_bad(j, f, path, "没有这个行政区（GB/T 2260）", "there is no such area (GB/T 2260)");
	return NULL;
}

static json_t *id_value(struct sst_judge *j, const struct sst_field *f, const json_t *v,
			const char *path)
{
	struct ss_str s = str_of(v);

	if (f->type == SST_USER && json_is_string(v) && s.n > 0 && s.n <= 64 &&
	    !has_control(s, false))
		return json_incref((json_t *)v);
	if (json_is_string(v) && ss_uuid_valid(s))
		return json_incref((json_t *)v);
	sst_bad(j, f, path, "须为记录的编号", "must be the id of a record");
	return NULL;
}

/* A digest, or {"digest","name"}. */
static json_t *file_value(struct sst_judge *j, const struct sst_field *f, const json_t *v,
			  const char *path)
{
	const json_t *digest = json_is_object(v) ? json_object_get(v, "digest") : v;
	const json_t *name = json_is_object(v) ? json_object_get(v, "name") : NULL;
	struct ss_str s = str_of(digest);
	uint8_t raw[32];
	size_t n;

	if (json_is_string(digest) && s.n == 64 && ss_hex_decode(s, raw, sizeof(raw), &n) == 0 &&
	    (!name || (json_is_string(name) && json_string_length(name) <= 255))) {
		if (sst_file_there(j->t, json_string_value(digest)))
			return json_incref((json_t *)v);
		sst_bad(j, f, path, "没有这个文件，请先上传",
			"there is no such file, upload it first");
		return NULL;
	}
	sst_bad(j, f, path, "须为文件的摘要（64 位十六进制）",
		"must be the digest of a file (64 hex digits)");
	return NULL;
}

static json_t *geometry_value(struct sst_judge *j, const struct sst_field *f, const json_t *v,
			      const char *path)
{
	json_t *g = NULL;
	struct sst_geometry_why why;
	double box[4];

	if (sst_geometry(v, f->type, &g, &why) < 0) {
		sst_bad(j, f, path, why.zh, why.en);
		return NULL;
	}
	if (sst_geometry_box(g, box) && !sst_in_city(box))
		sst_warn(j, f, path, "位置在本市以外，请核对坐标和坐标系",
			 "lies outside the city, please check coordinates and crs");
	return g;
}

/* --- groups -------------------------------------------------------------------------------------
 */

static json_t *object_value(struct sst_judge *j, const struct sst_field *f, const json_t *v,
			    const char *path)
{
	json_t *out, *value;
	const char *name;
	char where[200];

	if (!json_is_object(v)) {
		sst_bad(j, f, path, "须为一组字段", "must be a group of fields");
		return NULL;
	}
	json_object_foreach((json_t *)v, name, value)
	{
		bool known = false;

		for (size_t i = 0; !known && i < f->n_sub; i++)
			known = strcmp(f->sub[i].id, name) == 0;
		snprintf(where, sizeof(where), "%s.%.60s", path, name);
		if (!known)
			sst_bad(j, f, where, "没有这个字段", "there is no such field");
	}
	out = json_object();
	for (size_t i = 0; i < f->n_sub; i++) {
		const json_t *part = json_object_get(v, f->sub[i].id);

		snprintf(where, sizeof(where), "%s.%.60s", path, f->sub[i].id);
		if (part && !json_is_null(part))
			json_object_set_new(out, f->sub[i].id,
					    sst_value(j, &f->sub[i], part, where));
		else if (f->sub[i].required)
			sst_bad(j, &f->sub[i], where, "必填", "is required");
	}
	return out;
}

static json_t *one_value(struct sst_judge *j, const struct sst_field *f, const json_t *v,
			 const char *path)
{
	switch (f->type) {
	case SST_TEXT:
	case SST_LONGTEXT:
		return text_value(j, f, v, path);
	case SST_INTEGER:
		return integer_value(j, f, v, path);
	case SST_NUMBER:
		return number_value(j, f, v, path);
	case SST_DECIMAL:
	case SST_MONEY:
		return decimal_value(j, f, v, path);
	case SST_DATE:
		return date_value(j, f, v, path);
	case SST_TIME:
		return time_value(j, f, v, path);
	case SST_BOOL:
		return bool_value(j, f, v, path);
	case SST_CHOICE:
	case SST_CHOICES:
	case SST_CODE:
	case SST_CODES:
		return code_value(j, f, v, path);
	case SST_REF:
	case SST_REFS:
	case SST_USER:
		return id_value(j, f, v, path);
	case SST_AREA:
		return area_value(j, f, v, path);
	case SST_FILE:
	case SST_FILES:
		return file_value(j, f, v, path);
	case SST_POINT:
	case SST_LINE:
	case SST_POLYGON:
		return geometry_value(j, f, v, path);
	default:
		return object_value(j, f, v, path);
	}
}

/* "a;b；c" of a table. */
static json_t *cut_list(struct ss_str s)
{
	json_t *out = json_array();
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(1 << 16);
	struct ss_str rest, part;

	for (size_t i = 0; i < s.n; i++) {
		if (i + 2 < s.n && memcmp(s.p + i, "；", 3) == 0) {
			ss_buf_addc(&b, ';');
			i += 2;
		} else {
			ss_buf_addc(&b, s.p[i]);
		}
	}
	rest = ss_buf_str(&b);
	while (ss_str_split(&rest, ';', &part))
		if (ss_str_trim(part).n)
			json_array_append_new(out, str_new(ss_str_trim(part)));
	return out;
}

static json_t *many_values(struct sst_judge *j, const struct sst_field *f, const json_t *v,
			   const char *path)
{
	json_t *out, *item;
	size_t i;
	char where[200];

	if (!json_is_array(v) || json_array_size(v) > MANY_MOST) {
		sst_bad(j, f, path, "须为列表，不超过 1000 项", "must be a list of at most 1000");
		return NULL;
	}
	out = json_array();
	json_array_foreach((json_t *)v, i, item)
	{
		json_t *one;

		snprintf(where, sizeof(where), "%s.%zu", path, i);
		one = one_value(j, f, item, where);
		if (one)
			json_array_append_new(out, one);
	}
	return out;
}

json_t *sst_value(struct sst_judge *j, const struct sst_field *f, const json_t *v, const char *path)
{
	json_t *list, *out;

	if (!sst_is_multi(f->type))
		return one_value(j, f, v, path);
	if (!j->lenient || !json_is_string(v))
		return many_values(j, f, v, path);
	list = cut_list(str_of(v));
	out = many_values(j, f, list, path);
	json_decref(list);
	return out;
}
