/* Records in and out as tables, merged, parted, changed in number, and looked through for
 * duplicates. Both engines. */
#include "db/things_stage.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/crypto.h"
#include "record/things/table.h"

static struct ss_error e;

static json_t *import(struct stage *s, const struct ss_viewer *v, struct ss_str file, bool dry)
{
	const struct ss_thing_import o = {.reason = "导入", .dry = dry};
	json_t *report = NULL;

	e = (struct ss_error){0};
	if (ss_things_import(s->things, v, "site", file, &o, &report, &e) < 0)
		fail_msg("%s", e.text);
	return report;
}

static int64_t number(const json_t *o, const char *name)
{
	return json_integer_value(json_object_get(o, name));
}

static void expect(const json_t *report, int64_t rows, int64_t created, int64_t changed,
		   int64_t same, int64_t refused)
{
	if (number(report, "rows") != rows || number(report, "created") != created ||
	    number(report, "changed") != changed || number(report, "same") != same ||
	    number(report, "refused") != refused)
		fail_msg("%s", json_dumps(report, 0));
}

static bool line_of(const json_t *report, int64_t row, const char *field)
{
	size_t i;
	json_t *l;

	json_array_foreach(json_object_get(report, "items"), i, l)
	{
		const json_t *p = json_array_get(json_object_get(l, "problems"), 0);

		if (number(l, "row") == row && p &&
		    strcmp(json_string_value(json_object_get(p, "field")), field) == 0)
			return true;
	}
	return false;
}

static int64_t count(struct stage *s, const struct ss_viewer *v)
{
	json_t *l = stage_list(s, v, "site", NULL, NULL, NULL, 1, NULL);
	int64_t n = number(l, "count");

	json_decref(l);
	return n;
}

/* Through a file, as the server does, and back. */
static int export_into(struct stage *s, const struct ss_viewer *v, const struct ss_thing_query *q,
		       enum ss_thing_format format, struct ss_buf *out, json_t **ret)
{
	int fd = memfd_create("export", MFD_CLOEXEC);
	char piece[4096];
	ssize_t n;
	int r = ss_things_export(s->things, v, "site", q, format, fd, ret, &e);

	for (off_t at = 0; r == 0 && (n = pread(fd, piece, sizeof(piece), at)) > 0; at += n)
		ss_buf_add(out, piece, (size_t)n);
	close(fd);
	if (r == 0) { /* the audit's digest is that of the file */
		const char *told = json_string_value(json_object_get(*ret, "digest"));
		uint8_t sum[SS_SM3_LEN];
		char hex[2 * SS_SM3_LEN + 1] = "";

		assert_int_equal(ss_sm3(out->p, out->n, sum), 0);
		ss_hex_encode(hex, sum, sizeof(sum));
		assert_memory_equal(told, hex, 2 * SS_SM3_LEN);
	}
	return r;
}

static void export(struct stage *s, const struct ss_viewer *v, enum ss_thing_format format,
		   struct ss_buf *out, json_t **ret)
{
	const struct ss_thing_query q = {.sort = "name", .when = SS_THING_NOW, .limit = 1};
	json_t *summary = NULL;

	e = (struct ss_error){0};
	if (export_into(s, v, &q, format, out, &summary) < 0)
		fail_msg("%s", e.text);
	if (ret)
		*ret = summary;
	else
		json_decref(summary);
}

/* --- import
 * ---------------------------------------------------------------------------------------- */

static const char csv[] =
    "名称*,辖区,高度,法人,标签,在产,位置,投产日期,排口\r\n"
    "甲厂,玄武区,12.5,甲公司,重点;大气,是,118.8 32.05 CGCS2000,2020-01-02,\r\n"
    "乙厂,320104,-1,,,,,,\r\n"
    "丙厂,火星,1,,,,,,,\r\n"
    "丁厂,320104,1,没有这个公司,,,,,,\r\n"
    "\"戊,厂\",320105,,,,,\"118.7,32.0\",,\"[{\"\"code\"\":\"\"DW001\"\"}]\",\r\n"
    ",,,,,,,,,\r\n"
    "己厂,320105,,,,否,,,,\r\n";

static void report_by_row(struct db_env *env)
{
	struct stage s;
	char person[37];
	json_t *r, *l;
	char *titles;

	stage_open(&s, env);
	stage_put(&s, "person", "{\"name\":\"甲公司\"}", person);
	r = import(&s, &stage_system, SS_STR(csv), true);
	expect(r, 6, 2, 0, 0, 4);
	json_decref(r);
	assert_int_equal(count(&s, &stage_system), 0); /* dry */
	r = import(&s, &stage_system, SS_STR(csv), false);
	expect(r, 6, 2, 0, 0, 4);
	assert_true(line_of(r, 3, "height"));
	assert_true(line_of(r, 4, "area"));
	assert_true(line_of(r, 5, "owner"));
	assert_true(line_of(r, 8, "why_not")); /* not in production needs a reason */
	json_decref(r);
	l = stage_list(&s, &stage_system, "site", NULL, NULL, "name", 10, NULL);
	titles = stage_titles(l);
	assert_string_equal(titles, "戊,厂 甲厂");
	free(titles);
	json_decref(l);
	stage_close(&s);
}

static void gb18030_and_rights(struct db_env *env)
{
	/* 名称,辖区 / 甲厂,320102 / 乙厂,320104 in GB18030 */
	static const char gb[] = "\xc3\xfb\xb3\xc6,\xcf\xbd\xc7\xf8\n\xbc\xd7\xb3\xa7,320102\n"
				 "\xd2\xd2\xb3\xa7,320104\n";
	const struct ss_viewer *v;
	struct stage s;
	json_t *r, *fields, *report = NULL;
	const struct ss_thing_import o = {0};

	stage_open(&s, env);
	v = stage_viewer("officer", "320102", "", SS_LABEL_INTERNAL);
	r = import(&s, v, SS_STR(gb), false);
	expect(r, 2, 1, 0, 0, 1); /* not into another's district */
	json_decref(r);
	/* No number was lost by the refusal. */
	r = import(&s, &stage_system, SS_STR("name,area\n丙,320102\n"), false);
	json_decref(r);
	r = stage_list(&s, &stage_system, "site", NULL, NULL, NULL, 1, NULL);
	fields = json_object_get(json_array_get(json_object_get(r, "items"), 0), "fields");
	assert_string_equal(json_string_value(json_object_get(fields, "no")) + 16, "0002");
	json_decref(r);
	v = stage_viewer("leader", "", "", SS_LABEL_INTERNAL);
	assert_int_equal(ss_things_import(s.things, v, "site", SS_STR(gb), &o, &report, &e),
			 SS_EDENIED);
	v = stage_viewer("stranger", "", "", SS_LABEL_INTERNAL);
	assert_int_equal(ss_things_import(s.things, v, "site", SS_STR(gb), &o, &report, &e),
			 SS_ENOTFOUND);
	assert_int_equal(ss_things_import(s.things, &stage_system, "site", SS_STR("\xff\xfe\x00"),
					  &o, &report, &e),
			 SS_EPARSE);
	assert_int_equal(
	    ss_things_import(s.things, &stage_system, "site", SS_STR(""), &o, &report, &e),
	    SS_EPARSE);
	assert_int_equal(ss_things_import(s.things, &stage_system, "site",
					  SS_STR("PK\x03\x04 no zip"), &o, &report, &e),
			 SS_EPARSE);
	stage_close(&s);
}

static void read_as(struct stage *s, struct ss_str file, const char *encoding,
		    const char *separator)
{
	json_t *r = import(s, &stage_system, file, true), *as = json_object_get(r, "as");

	expect(r, 1, 1, 0, 0, 0);
	assert_string_equal(json_string_value(json_object_get(as, "format")), "csv");
	assert_string_equal(json_string_value(json_object_get(as, "encoding")), encoding);
	assert_string_equal(json_string_value(json_object_get(as, "separator")), separator);
	json_decref(r);
}

/* As spreadsheets save them; the report says as what they were read. */
static void other_tables(struct db_env *env)
{
	struct stage s;

	stage_open(&s, env);
	read_as(&s, SS_STR("名称,辖区\n甲厂,320102\n"), "UTF-8", "comma");
	read_as(&s, SS_STR("名称;辖区\n甲,厂;320102\n"), "UTF-8", "semicolon");
	read_as(&s, SS_STR("\xc3\xfb\xb3\xc6\t\xcf\xbd\xc7\xf8\n\xbc\xd7\xb3\xa7\t320102\n"),
		"GB18030", "tab");
	/* 名称 tab 辖区 / 甲厂 tab 320102, little end first with its mark */
	read_as(&s,
		SS_STR("\xff\xfe\x0d\x54\xf0\x79\x09\x00\x96\x8f\x3a\x53\x0a\x00"
		       "\x32\x75\x82\x53\x09\x00"
		       "3\0002\0000\0001\0000\0002\000\n\000"),
		"UTF-16", "tab");
	stage_close(&s);
}

/* What was exported comes back: the same changes nothing, an edited cell changes its record. */
static void there_and_back(struct db_env *env, enum ss_thing_format format)
{
	struct ss_buf out = SS_BUF_MAX(16 << 20), again = SS_BUF_MAX(16 << 20);
	struct stage s;
	char person[37];
	json_t *r, *summary;

	stage_open(&s, env);
	stage_put(&s, "person", "{\"name\":\"甲公司\"}", person);
	r = import(&s, &stage_system, SS_STR(csv), false);
	json_decref(r);
	export(&s, &stage_system, format, &out, &summary);
	assert_int_equal(number(summary, "rows"), 2);
	assert_int_equal(strlen(json_string_value(json_object_get(summary, "digest"))), 64);
	json_decref(summary);
	r = import(&s, &stage_system, ss_buf_str(&out), false);
	expect(r, 2, 0, 0, 2, 0);
	json_decref(r);
	if (format == SS_THING_CSV) {
		ptrdiff_t at = ss_str_find(ss_buf_str(&out), SS_STR("12.5"));

		assert_true(at > 0);
		out.p[at] = '9'; /* 92.5 */
		r = import(&s, &stage_system, ss_buf_str(&out), false);
		expect(r, 2, 0, 1, 1, 0);
		json_decref(r);
		export(&s, &stage_system, format, &again, NULL);
		assert_true(ss_str_eq(ss_buf_str(&out), ss_buf_str(&again)));
	}
	ss_buf_done(&out);
	ss_buf_done(&again);
	stage_close(&s);
}

/* Days, positions and faults as spreadsheets write them; what was given in another system stays
 * known when the table comes back. */
static void as_spreadsheets_write_it(struct db_env *env)
{
	static const char rows[] = "名称,辖区,位置,投产日期,高度\n"
				   "甲,320102,118.8 32.05 GCJ-02,2026/3/1,1\n"
				   "乙,320102,118.8 32.05 WGS84,2026年3月1日,1\n"
				   "丙,320102,118.8 32.05,2026.3.1 8:05,1\n"
				   "丁,320102,不详,2026/13/1,1\n"
				   "戊,320102,,,#DIV/0!\n"
				   "\"  \",320102,,,1\n";
	struct ss_buf out = SS_BUF_MAX(16 << 20);
	struct stage s;
	json_t *r, *l, *f;

	stage_open(&s, env);
	r = import(&s, &stage_system, SS_STR(rows), false);
	expect(r, 6, 3, 0, 0, 3);
	assert_true(line_of(r, 5, "place"));
	assert_true(line_of(r, 6, "height"));
	assert_true(line_of(r, 7, "name"));
	json_decref(r);
	l = stage_list(&s, &stage_system, "site", NULL, NULL, "name", 10, NULL);
	for (size_t i = 0; i < 3; i++) { /* 丙 乙 甲 */
		static const char *const from[] = {"", "WGS84", "GCJ02"};

		f = json_object_get(json_array_get(json_object_get(l, "items"), i), "fields");
		assert_string_equal(json_string_value(json_object_get(f, "since")), "2026-03-01");
		assert_string_equal(ss_json_get_z(json_object_get(f, "place"), "from"), from[i]);
	}
	json_decref(l);
	for (int format = SS_THING_CSV; format <= SS_THING_XLSX; format++) {
		ss_buf_reset(&out);
		export(&s, &stage_system, (enum ss_thing_format)format, &out, NULL);
		r = import(&s, &stage_system, ss_buf_str(&out), false);
		expect(r, 3, 0, 0, 3, 0);
		json_decref(r);
	}
	ss_buf_done(&out);
	stage_close(&s);
}

static void csv_there_and_back(struct db_env *env)
{
	there_and_back(env, SS_THING_CSV);
}

static void xlsx_there_and_back(struct db_env *env)
{
	there_and_back(env, SS_THING_XLSX);
}

static void exports_are_his(struct db_env *env)
{
	struct ss_buf out = SS_BUF_MAX(16 << 20);
	const struct ss_thing_query q = {.when = SS_THING_NOW, .limit = 1};
	const struct ss_viewer *v;
	struct stage s;
	char id[37];
	json_t *summary = NULL;

	stage_open(&s, env);
	stage_put(
	    &s, "site",
	    "{\"name\":\"甲厂\",\"area\":\"320102\",\"secret\":7171,\"outlets\":[{\"code\":\"A\","
	    "\"contact\":\"李四光\"}]}",
	    id);
	stage_put(&s, "site", "{\"name\":\"=1+1\",\"area\":\"320104\"}", id);
	v = stage_viewer("officer", "320102", "", SS_LABEL_INTERNAL);
	export(&s, v, SS_THING_CSV, &out, NULL);
	assert_true(ss_str_find(ss_buf_str(&out), SS_STR("甲厂")) > 0);
	assert_true(ss_str_find(ss_buf_str(&out), SS_STR("1+1")) < 0);
	assert_true(ss_str_find(ss_buf_str(&out), SS_STR("7171")) < 0);
	assert_true(ss_str_find(ss_buf_str(&out), SS_STR("李*")) > 0);
	assert_true(ss_str_find(ss_buf_str(&out), SS_STR("李四光")) < 0);
	ss_buf_reset(&out);
	export(&s, &stage_system, SS_THING_CSV, &out, NULL);
	assert_true(ss_str_find(ss_buf_str(&out), SS_STR("'=1+1")) > 0); /* no formula */
	ss_buf_reset(&out);
	export(&s, &stage_system, SS_THING_GEOJSON, &out, NULL);
	json_decref(stage_json(out.p));
	ss_buf_reset(&out);
	v = stage_viewer("leader", "", "", SS_LABEL_INTERNAL);
	assert_int_equal(export_into(&s, v, &q, SS_THING_CSV, &out, &summary), SS_EDENIED);
	ss_buf_reset(&out);
	assert_ok(ss_things_template(s.things, v, "site", SS_THING_CSV, &out, &e), &e);
	assert_true(ss_str_find(ss_buf_str(&out), SS_STR("重点/大气")) > 0);
	assert_true(ss_str_find(ss_buf_str(&out), SS_STR("两倍")) < 0); /* is computed */
	ss_buf_done(&out);
	stage_close(&s);
}

/* 45000.5 days after 1899-12-30 is 2023-03-15 12:00 (Excel's own documentation of serials: 1 is
 * 1900-01-01, 43831 is 2020-01-01). */
static void serial_dates(void **state)
{
	char out[SS_TIME_ISO];

	(void)state;
	assert_int_equal(sst_serial_date(SS_STR("43831"), false, out), 0);
	assert_string_equal(out, "2020-01-01");
	assert_int_equal(sst_serial_date(SS_STR("45000.5"), true, out), 0);
	assert_string_equal(out, "2023-03-15T12:00:00+08:00");
	assert_int_equal(sst_serial_date(SS_STR("x"), false, out), SS_EPARSE);
}

/* --- merging
 * ---------------------------------------------------------------------------------------- */

static void merge_and_unmerge(struct db_env *env)
{
	struct ss_buf before = SS_BUF_MAX(1 << 20), after = SS_BUF_MAX(1 << 20);
	char person[37], a[37], b[37], merge[37], back[37], fields[200];
	const struct ss_viewer *v;
	json_t *choose, *o, *in;
	struct stage s;

	stage_open(&s, env);
	stage_put(&s, "person", "{\"name\":\"甲公司\"}", person);
	stage_put(&s, "site", "{\"name\":\"甲厂\",\"area\":\"320102\",\"height\":10}", a);
	snprintf(fields, sizeof(fields),
		 "{\"name\":\"甲化工厂\",\"area\":\"320102\",\"height\":20,\"owner\":\"%s\"}",
		 person);
	stage_put(&s, "site", fields, b);
	export(&s, &stage_system, SS_THING_CSV, &before, NULL);
	snprintf(fields, sizeof(fields), "{\"height\":20,\"owner\":\"%s\"}", person);
	choose = stage_json(fields);
	v = stage_viewer("leader", "", "", SS_LABEL_INTERNAL);
	assert_int_equal(ss_things_merge(s.things, v, "site", a, b, choose, "同一家", merge, &e),
			 SS_EDENIED);
	assert_int_equal(
	    ss_things_merge(s.things, &stage_system, "site", a, a, choose, "同一家", merge, &e),
	    SS_ESTATE);
	assert_ok(
	    ss_things_merge(s.things, &stage_system, "site", a, b, choose, "同一家", merge, &e),
	    &e);
	assert_int_equal(count(&s, &stage_system), 1);
	/* Asking for the alias answers the winner, writing too. */
	assert_ok(ss_things_get(s.things, &stage_system, "site", b, NULL, &o, &e), &e);
	assert_string_equal(json_string_value(json_object_get(o, "id")), a);
	assert_int_equal(number(json_object_get(o, "fields"), "height"), 20);
	json_decref(o);
	assert_int_equal(
	    ss_things_merge(s.things, &stage_system, "site", a, b, choose, "再", merge, &e),
	    SS_ESTATE);
	/* The person is referred to by the winner alone now. */
	assert_ok(ss_things_relations(s.things, &stage_system, "person", person, &o, &e), &e);
	in = json_array_get(json_object_get(o, "in"), 0);
	assert_int_equal(json_array_size(json_object_get(in, "items")), 1);
	json_decref(o);
	stage_again(&s, env);
	assert_ok(ss_things_unmerge(s.things, &stage_system, "site", a, "", "看错了", back, &e),
		  &e);
	assert_string_equal(back, b);
	export(&s, &stage_system, SS_THING_CSV, &after, NULL);
	assert_int_equal(before.n, after.n);
	assert_memory_equal(before.p, after.p, before.n);
	assert_int_equal(ss_things_unmerge(s.things, &stage_system, "site", a, "", "再", back, &e),
			 SS_ESTATE);
	/* A merge that takes nothing over stands in the history all the same. */
	assert_ok(ss_things_merge(s.things, &stage_system, "site", a, b, NULL, "又是", merge, &e),
		  &e);
	assert_ok(ss_things_history(s.things, &stage_system, "site", a, &o, &e), &e);
	assert_string_equal(ss_json_get_z(json_array_get(o, 0), "op"), "merge");
	assert_string_equal(ss_json_get_z(json_array_get(o, 0), "reason"), "又是");
	json_decref(o);
	json_decref(choose);
	ss_buf_done(&before);
	ss_buf_done(&after);
	stage_close(&s);
}

static void split(struct db_env *env)
{
	char person[37], other[37], site[37], text[300];
	json_t *fields = stage_json("{\"name\":\"乙公司\"}"), *move, *o;
	struct stage s;

	stage_open(&s, env);
	stage_put(&s, "person",
		  "{\"name\":\"甲公司\",\"credit_code\":\"91320100100000000G\",\"phone\":"
		  "\"13812345678\"}",
		  person);
	snprintf(text, sizeof(text), "{\"name\":\"厂\",\"area\":\"320102\",\"owner\":\"%s\"}",
		 person);
	stage_put(&s, "site", text, site);
	snprintf(text, sizeof(text), "[{\"type\":\"site\",\"id\":\"%s\",\"field\":\"owner\"}]",
		 site);
	move = stage_json(text);
	assert_ok(ss_things_split(s.things, &stage_system, "person", person, fields, move, "分立",
				  other, NULL, &e),
		  &e);
	assert_ok(ss_things_get(s.things, &stage_system, "site", site, NULL, &o, &e), &e);
	assert_string_equal(
	    json_string_value(json_object_get(json_object_get(o, "fields"), "owner")), other);
	json_decref(o);
	assert_ok(ss_things_get(s.things, &stage_system, "person", other, NULL, &o, &e), &e);
	assert_null(
	    json_object_get(json_object_get(o, "fields"), "credit_code")); /* stays with the old */
	assert_non_null(json_object_get(json_object_get(o, "fields"), "phone"));
	json_decref(o);
	assert_ok(ss_things_relations(s.things, &stage_system, "person", other, &o, &e), &e);
	assert_string_equal(json_string_value(json_object_get(
				json_array_get(json_object_get(o, "links"), 0), "kind")),
			    "split_from");
	json_decref(o);
	json_decref(fields);
	json_decref(move);
	stage_close(&s);
}

static void bulk(struct db_env *env)
{
	json_t *set = stage_json("{\"count\":5}"), *bad = stage_json("{\"height\":999}"), *r;
	json_t *filter = stage_json("{\"field\":\"area\",\"op\":\"=\",\"value\":\"320102\"}");
	const struct ss_viewer *v;
	struct stage s;
	char id[37];

	stage_open(&s, env);
	for (int i = 0; i < 5; i++)
		stage_put(&s, "site",
			  i % 2 ? "{\"name\":\"甲\",\"area\":\"320102\"}"
				: "{\"name\":\"乙\",\"area\":\"320104\"}",
			  id);
	assert_int_equal(
	    ss_things_bulk(s.things, &stage_system, "site", NULL, filter, set, "", &r, &e),
	    SS_EINVAL);
	assert_ok(
	    ss_things_bulk(s.things, &stage_system, "site", NULL, filter, set, "统一", &r, &e), &e);
	assert_int_equal(number(r, "changed"), 2);
	json_decref(r);
	v = stage_viewer("officer", "320104", "", SS_LABEL_INTERNAL);
	assert_ok(ss_things_bulk(s.things, v, "site", NULL, NULL, set, "统一", &r, &e), &e);
	assert_int_equal(number(r, "changed"), 3); /* his own three */
	json_decref(r);
	assert_ok(
	    ss_things_bulk(s.things, &stage_system, "site", NULL, filter, bad, "统一", &r, &e), &e);
	assert_int_equal(number(r, "changed"), 0);
	assert_int_equal(json_array_size(json_object_get(r, "refused")), 2);
	json_decref(r);
	json_decref(set);
	json_decref(bad);
	json_decref(filter);
	stage_close(&s);
}

static void duplicates(struct db_env *env)
{
	json_t *r, *p,
	    *fields = stage_json("{\"name\":\"南京化工\",\"area\":\"320102\",\"org\":\"O9\"}");
	const struct ss_viewer *v;
	struct stage s;
	char a[37], b[37], c[37];

	stage_open(&s, env);
	stage_put(&s, "site", "{\"name\":\"南京化工\",\"area\":\"320102\",\"org\":\"O1\"}", a);
	stage_put(&s, "site", "{\"name\":\"南京化工\",\"area\":\"320104\",\"org\":\"O2\"}", b);
	stage_put(&s, "site", "{\"name\":\"南京化学\",\"area\":\"320102\",\"org\":\"O3\"}", c);
	stage_put(&s, "site", "{\"name\":\"扬子石化\",\"area\":\"320102\",\"org\":\"O1\"}", c);
	assert_ok(ss_things_find_duplicates(s.things, "site", &r, &e), &e);
	/* By the first two characters three pairs, by organisation one more; the same name is
	 * proposed, the like ones are listed. */
	assert_int_equal(number(r, "compared"), 4);
	assert_int_equal(number(r, "proposed"), 1);
	assert_int_equal(number(r, "listed"), 2);
	json_decref(r);
	assert_ok(ss_things_duplicates(s.things, &stage_system, "site", "proposed", &r, &e), &e);
	assert_int_equal(json_array_size(r), 1);
	p = json_array_get(r, 0);
	assert_int_equal(number(p, "score"), 95);
	json_decref(r);
	v = stage_viewer("officer", "320102", "", SS_LABEL_INTERNAL);
	assert_ok(ss_things_duplicates(s.things, v, "site", "proposed", &r, &e), &e);
	assert_int_equal(json_array_size(r), 0); /* one of the two is not his */
	json_decref(r);
	assert_ok(ss_things_similar(s.things, v, "site", fields, "", &r, &e), &e);
	assert_int_equal(json_array_size(r), 1);
	json_decref(r);
	/* A person's word stays. */
	assert_ok(ss_things_apart(s.things, &stage_system, "site", b, a, &e), &e);
	assert_ok(ss_things_find_duplicates(s.things, "site", &r, &e), &e);
	json_decref(r);
	assert_ok(ss_things_duplicates(s.things, &stage_system, "site", "proposed", &r, &e), &e);
	assert_int_equal(json_array_size(r), 0);
	json_decref(r);
	json_decref(fields);
	stage_close(&s);
}

/* --- inside somebody's write
 * ------------------------------------------------------------------------ */

struct nested {
	struct stage *s;
	int first, second;
};

static int nested_in(struct ss_db *db, void *arg, struct ss_error *err)
{
	const struct ss_thing_change c = SS_THING_CHANGE;
	json_t *bad = stage_json("{\"name\":\"坏\",\"area\":\"320102\",\"count\":666}");
	json_t *good = stage_json("{\"name\":\"好\",\"area\":\"320102\"}");
	struct nested *n = arg;
	char id[37], number_[64];

	(void)db;
	/* A module refuses it after the row was written: nothing of it stays, the rest goes on. */
	n->first = ss_things_create(n->s->things, &stage_system, "site", bad, &c, id, NULL, err);
	n->second = ss_things_create(n->s->things, &stage_system, "site", good, &c, id, NULL, err);
	assert_ok(ss_things_number(n->s->things, "宁环罚〔{year}〕{n}号", "", 1767225600000000,
				   number_, sizeof(number_), err),
		  err);
	assert_string_equal(number_, "宁环罚〔2026〕1号");
	json_decref(bad);
	json_decref(good);
	return 0;
}

static void undone_alone(struct db_env *env)
{
	struct stage s;
	struct nested n = {.s = &s};
	char number_[64];
	json_t *l;
	char *titles;

	stage_open(&s, env);
	assert_ok(ss_business_write(s.business, nested_in, &n, &e), &e);
	assert_int_equal(n.first, SS_ESTATE);
	assert_int_equal(n.second, 0);
	assert_int_equal(s.told, 1); /* of what stayed */
	l = stage_list(&s, &stage_system, "site", NULL, NULL, NULL, 10, NULL);
	titles = stage_titles(l);
	assert_string_equal(titles, "好");
	free(titles);
	json_decref(l);
	assert_int_equal(ss_things_number(s.things, "{n}", "", 0, number_, sizeof(number_), &e),
			 SS_ESTATE);
	assert_int_equal(ss_things_number(s.things, "{x}{n}", "", 0, number_, sizeof(number_), &e),
			 SS_EINVAL);
	stage_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    DB_TEST(report_by_row),
	    DB_TEST(gb18030_and_rights),
	    DB_TEST(other_tables),
	    DB_TEST(csv_there_and_back),
	    DB_TEST(xlsx_there_and_back),
	    DB_TEST(as_spreadsheets_write_it),
	    DB_TEST(exports_are_his),
	    cmocka_unit_test(serial_dates),
	    DB_TEST(merge_and_unmerge),
	    DB_TEST(split),
	    DB_TEST(bulk),
	    DB_TEST(duplicates),
	    DB_TEST(undone_alone),
	};

	return db_test_main("things as tables", tests, SS_ARRAY_LEN(tests));
}
