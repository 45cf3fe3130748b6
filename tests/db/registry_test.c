/* The registry on both engines. */
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/thread.h"
#include "base/uuid.h"
#include "db/pg_fixture.h"
#include "record/registry/registry.h"

static char key_file[] = "/tmp/ss-registry-test-key-XXXXXX";

static struct ss_registry *must_open(struct db_env *env)
{
	struct ss_registry *r = NULL;
	struct ss_error e = {0};

	assert_ok(ss_registry_open(env->url, &r, &e), &e);
	assert_ok(ss_registry_use_keys(r, key_file, &e), &e);
	return r;
}

static struct ss_site a_site(const char *code)
{
	struct ss_site s = {.kind = SS_SITE_WATER, .lon = 118.8, .lat = 32.05};

	snprintf(s.code, sizeof(s.code), "%s", code);
	snprintf(s.name, sizeof(s.name), "断面 %s", code);
	snprintf(s.district, sizeof(s.district), "320102");
	return s;
}

static struct ss_device a_device(const char *mn, int64_t site)
{
	struct ss_device d = {.site = site, .interval_s = 60};

	snprintf(d.mn, sizeof(d.mn), "%s", mn);
	return d;
}

static void put_and_look_up(struct db_env *env)
{
	struct ss_registry *r = must_open(env);
	struct ss_site s = a_site("W1"), got;
	struct ss_device d, back;
	struct ss_error e = {0};
	char uid[37];

	assert_int_equal(ss_registry_device(r, SS_STR("A1"), &back), SS_ENOTFOUND);
	uint64_t v0 = ss_registry_version(r);
	assert_ok(ss_registry_put_site(r, &s, &e), &e);
	assert_int_equal(s.id, 1);
	assert_true(ss_uuid_valid(ss_str_of(s.uid)));
	assert_string_equal(s.state, "running");
	assert_true(ss_registry_version(r) > v0);
	memcpy(uid, s.uid, sizeof(uid));

	d = a_device("010000A8900016F000169DC0", s.id);
	snprintf(d.point, sizeof(d.point), "DW001");
	snprintf(d.edition, sizeof(d.edition), "2025");
	snprintf(d.system, sizeof(d.system), "32");
	snprintf(d.pw, sizeof(d.pw), "123456");
	d.has_sm4_key = true;
	memset(d.sm4_key, 0xa5, sizeof(d.sm4_key));
	d.accept_modbus_crc = true;
	assert_ok(ss_registry_put_device(r, &d, &e), &e);
	/* The same again changes nothing. */
	v0 = ss_registry_version(r);
	assert_ok(ss_registry_put_device(r, &d, &e), &e);
	assert_ok(ss_registry_put_site(r, &s, &e), &e);
	assert_true(ss_registry_version(r) == v0);
	/* By code: the existing one is updated, with its id and uid. */
	s = a_site("W1");
	s.lon = s.lat = NAN;
	assert_ok(ss_registry_put_site(r, &s, &e), &e);
	assert_int_equal(s.id, 1);
	assert_string_equal(s.uid, uid);
	/* And a new code for it. */
	snprintf(s.code, sizeof(s.code), "W9");
	assert_ok(ss_registry_put_site(r, &s, &e), &e);
	ss_registry_close(r);

	r = must_open(env);
	assert_int_equal(ss_registry_site(r, 1, &got), 0);
	assert_string_equal(got.code, "W9");
	assert_string_equal(got.uid, uid);
	assert_string_equal(got.name, "断面 W1");
	assert_int_equal(got.kind, SS_SITE_WATER);
	assert_true(isnan(got.lon) && isnan(got.lat));
	assert_int_equal(ss_registry_device(r, ss_str_of(d.mn), &back), 0);
	assert_true(back.registered_us > 0);
	assert_int_equal(back.site, 1);
	assert_string_equal(back.point, "DW001");
	assert_string_equal(back.edition, "2025");
	assert_string_equal(back.system, "32");
	assert_string_equal(back.pw, "123456");
	assert_true(back.has_sm4_key && back.accept_modbus_crc && !back.accept_wrong_len);
	assert_memory_equal(back.sm4_key, d.sm4_key, sizeof(d.sm4_key));
	assert_int_equal(back.interval_s, 60);
	s = a_site("W1"); /* the old code is free again */
	assert_ok(ss_registry_put_site(r, &s, &e), &e);
	assert_int_equal(s.id, 2);
	snprintf(s.code, sizeof(s.code), "W9");
	assert_int_equal(ss_registry_put_site(r, &s, &e), SS_EUNIQUE);
	ss_registry_close(r);
}

static int64_t raw_key(struct db_env *env, uint8_t *ret, size_t cap)
{
	struct ss_error e = {0};
	struct ss_stmt *st;
	struct ss_db *db;
	struct ss_str blob;

	assert_ok(ss_db_open(env->url, NULL, SS_DB_READER, &db, &e), &e);
	assert_ok(ss_db_stmt_text(db, "select sm4_key from device where mn = 'K1'", &st, &e), &e);
	assert_int_equal(ss_step(st, &e), 1);
	blob = ss_col_blob(st, 0);
	assert_true(blob.n <= cap);
	memcpy(ret, blob.p, blob.n);
	ss_stmt_reset(st);
	ss_db_close(db);
	return (int64_t)blob.n;
}

/* Sealed at rest, the ones before are kept, and nobody reads them by another key file. */
static void keys_are_sealed(struct db_env *env)
{
	char other[] = "/tmp/ss-registry-test-key-XXXXXX";
	struct ss_registry *r = must_open(env);
	struct ss_site s = a_site("K");
	struct ss_device d, back;
	struct ss_error e = {0};
	uint8_t raw[512];
	int64_t n;
	int fd = mkstemp(other);

	assert_ok(ss_registry_put_site(r, &s, &e), &e);
	d = a_device("K1", s.id);
	d.has_sm4_key = true;
	for (int i = 0; i < 3; i++) {
		memset(d.sm4_key, 'a' + i, 16);
		assert_ok(ss_registry_put_device(r, &d, &e), &e);
	}
	d.has_sm4_key = false; /* says nothing of a key: the known one stays */
	d.interval_s = 30;
	assert_ok(ss_registry_put_device(r, &d, &e), &e);
	ss_registry_close(r);
	n = raw_key(env, raw, sizeof(raw));
	for (int64_t i = 0; i + 4 <= n; i++)
		assert_false(!memcmp(raw + i, "aaaa", 4) || !memcmp(raw + i, "bbbb", 4) ||
			     !memcmp(raw + i, "cccc", 4));
	r = must_open(env);
	assert_int_equal(ss_registry_device(r, SS_STR("K1"), &back), 0);
	assert_int_equal(back.interval_s, 30);
	assert_true(back.has_sm4_key && back.sm4_key[0] == 'c' && back.sm4_key[15] == 'c');
	assert_int_equal(back.sm4_old_n, 2);
	assert_int_equal(back.sm4_old[0].key[0], 'b');
	assert_int_equal(back.sm4_old[1].key[0], 'a');
	assert_true(back.sm4_old[0].until_us >= back.sm4_old[1].until_us);
	ss_registry_close(r);
	close(fd);
	unlink(other); /* a new one is made there */
	assert_ok(ss_registry_open(env->url, &r, &e), &e);
	assert_int_equal(ss_registry_use_keys(r, other, &e), SS_ECORRUPT);
	assert_non_null(strstr(e.text, "K1"));
	ss_registry_close(r);
	/* And without a key file nothing secret is stored. */
	assert_ok(ss_registry_open(env->url, &r, &e), &e);
	d.has_sm4_key = true;
	snprintf(d.mn, sizeof(d.mn), "K2");
	assert_int_equal(ss_registry_put_device(r, &d, &e), SS_EUNSUPPORTED);
	ss_registry_close(r);
	unlink(other);
}

static void wrong_records_are_refused(struct db_env *env)
{
	struct ss_registry *r = must_open(env);
	struct ss_error e = {0};
	struct ss_site s = a_site("X");
	struct ss_device d = a_device("M1", 1);

	assert_int_equal(ss_registry_put_device(r, &d, &e), SS_EFOREIGN);
	s.lon = 32.05;
	s.lat = 118.8;
	assert_int_equal(ss_registry_put_site(r, &s, &e), SS_EINVAL);
	assert_non_null(strstr(e.text, "写反"));
	s = a_site("X");
	s.lat = NAN;
	assert_int_equal(ss_registry_put_site(r, &s, &e), SS_EINVAL);
	s = a_site("X");
	s.id = 77;
	assert_int_equal(ss_registry_put_site(r, &s, &e), SS_ENOTFOUND);
	s = a_site("X");
	assert_ok(ss_registry_put_site(r, &s, &e), &e);
	d = a_device("a b", 1);
	assert_int_equal(ss_registry_put_device(r, &d, &e), SS_EINVAL);
	d = a_device("M1", 1);
	snprintf(d.edition, sizeof(d.edition), "2018");
	assert_int_equal(ss_registry_put_device(r, &d, &e), SS_EINVAL);
	ss_registry_close(r);
}

static void attributes_of_a_site(struct db_env *env)
{
	struct ss_registry *r = must_open(env);
	struct ss_site s = a_site("W1");
	struct ss_import_report rep = {0};
	struct ss_error e = {0};
	char v[12];

	snprintf(s.attribute[SS_ATTRIBUTE_TARGET], sizeof(s.attribute[0]), "II");
	assert_ok(ss_registry_put_site(r, &s, &e), &e);
	assert_int_equal(ss_registry_attribute(r, s.id, "target", v, sizeof(v)), 0);
	assert_string_equal(v, "II");
	assert_int_equal(ss_registry_attribute(r, s.id, "zone", v, sizeof(v)), SS_ENOTFOUND);
	assert_int_equal(ss_registry_attribute(r, 99, "target", v, sizeof(v)), SS_ENOTFOUND);
	s = a_site("W1"); /* blank keeps what is known */
	assert_ok(ss_registry_put_site(r, &s, &e), &e);
	assert_string_equal(s.attribute[SS_ATTRIBUTE_TARGET], "II");
	snprintf(s.attribute[SS_ATTRIBUTE_ZONE], sizeof(s.attribute[0]), "7");
	assert_int_equal(ss_registry_put_site(r, &s, &e), SS_EINVAL);
	assert_non_null(strstr(e.text, "zone"));
	assert_ok(ss_registry_import(r,
				     SS_STR("mn,site_code,target,zone,水体类型\n"
					    "M1,W1,III,4a,lake\nM2,W1,VI,,\n"),
				     &rep, &e),
		  &e);
	assert_int_equal(rep.added, 1);
	assert_int_equal(rep.rejected, 1);
	ss_buf_done(&rep.lines);
	ss_registry_close(r);

	r = must_open(env);
	assert_int_equal(ss_registry_attribute(r, s.id, "target", v, sizeof(v)), 0);
	assert_string_equal(v, "III");
	assert_int_equal(ss_registry_attribute(r, s.id, "zone", v, sizeof(v)), 0);
	assert_string_equal(v, "4a");
	assert_int_equal(ss_registry_attribute(r, s.id, "body", v, sizeof(v)), 0);
	assert_string_equal(v, "lake");
	ss_registry_close(r);
}

#define HEADER "mn,site_code,site_name,kind,district,lon,lat,point,edition,system,pw,interval_s\n"

static struct ss_import_report import(struct ss_registry *r, const char *csv)
{
	struct ss_import_report rep = {0};
	struct ss_error e = {0};

	assert_ok(ss_registry_import(r, ss_str_of(csv), &rep, &e), &e);
	return rep;
}

static void check_report(struct ss_import_report *rep, int added, int updated, int unchanged,
			 int rejected)
{
	if (rep->added != added || rep->updated != updated || rep->unchanged != unchanged ||
	    rep->rejected != rejected)
		fail_msg("added %d updated %d unchanged %d rejected %d\n%s", (int)rep->added,
			 (int)rep->updated, (int)rep->unchanged, (int)rep->rejected,
			 ss_buf_str(&rep->lines).p);
	assert_int_equal(rep->rows, added + updated + unchanged + rejected);
}

static void import_good_rows(struct db_env *env)
{
	struct ss_registry *r = must_open(env);
	struct ss_import_report rep;
	struct ss_device d;
	struct ss_site s;

	rep = import(r, "\xef\xbb\xbf" HEADER
			"A1,S1,\"玄武湖, 北\",water,玄武,118.79,32.07,,2017,21,123456,300\r\n"
			"A2,S1,,,,,,P2,,,,\n"
			"\n"
			"A3,S2,六合化工,废水排污单位,320116,,,DW001,2025,32,,60");
	check_report(&rep, 3, 0, 0, 0);
	assert_int_equal(rep.lines.n, 0);
	ss_buf_done(&rep.lines);
	assert_int_equal(ss_registry_device(r, SS_STR("A2"), &d), 0);
	assert_string_equal(d.point, "P2");
	assert_int_equal(ss_registry_site(r, d.site, &s), 0);
	assert_string_equal(s.name, "玄武湖, 北");
	assert_string_equal(s.district, "320102");
	/* Again: the same, one changed by its site, one changed itself, blanks keep. */
	rep = import(r, HEADER "A1,S1,,,,,,,,,,\nA2,S1,,,,,,,,,,\nA3,S2,,,,,,,,,,90\n");
	check_report(&rep, 0, 1, 2, 0);
	ss_buf_done(&rep.lines);
	assert_int_equal(ss_registry_device(r, SS_STR("A3"), &d), 0);
	assert_int_equal(d.interval_s, 90);
	assert_string_equal(d.edition, "2025");
	/* Chinese headings, semicolons. */
	rep = import(r, "设备编号;站点编码;站点名称;站点类别;行政区;备注\n"
			"B1;S3;高淳站;空气站;高淳区;x\n");
	check_report(&rep, 1, 0, 0, 0);
	assert_non_null(strstr(rep.lines.p, "第 1 行 备注：不认识的列"));
	ss_buf_done(&rep.lines);
	ss_registry_close(r);
	r = must_open(env);
	assert_int_equal(ss_registry_device(r, SS_STR("B1"), &d), 0);
	ss_registry_close(r);
}

static void import_gb18030(struct db_env *env)
{
	struct ss_registry *r = must_open(env);
	struct ss_import_report rep;
	struct ss_site s;
	struct ss_error e = {0};

	/* 南京站 / 空气站 / 秦淮 in GBK */
	rep = import(r, "mn,site_code,site_name,kind,district\n"
			"G1,SG,\xc4\xcf\xbe\xa9\xd5\xbe,\xbf\xd5\xc6\xf8\xd5\xbe,"
			"\xc7\xd8\xbb\xb4\n");
	check_report(&rep, 1, 0, 0, 0);
	ss_buf_done(&rep.lines);
	assert_int_equal(ss_registry_site(r, 1, &s), 0);
	assert_string_equal(s.name, "南京站");
	assert_string_equal(s.district, "320104");
	assert_int_equal(ss_registry_import(r, SS_STR("mn,site_code\n\xff\xff,1\n"), &rep, &e),
			 SS_EPARSE);
	assert_int_equal(ss_registry_import(r, SS_STR("mn,name\nA,1\n"), &rep, &e), SS_EPARSE);
	assert_int_equal(ss_registry_import(r, SS_STR("mn,mn,site_code\n"), &rep, &e), SS_EPARSE);
	assert_int_equal(ss_registry_import(r, SS_STR(""), &rep, &e), SS_EPARSE);
	ss_registry_close(r);
}

/* Each bad row names its line, its field and a reason; the good ones around it are kept. */
static void import_names_bad_rows(struct db_env *env)
{
	static const char *const rows[][3] = {
	    {"D1,S1,站,air,320102,118.8,32.0,,,,,", NULL, NULL},
	    {"D1,S1,站,air,320102,118.8,32.0,,,,,", "mn", "第 2 行重复"},
	    {"D2,T1,站,moon,320102,,,,,,,", "kind", "不认识的站点类别"},
	    {"D2,T1,站,air,320102,32.0,118.8,,,,,", "lon", "写反"},
	    {"D2,T1,站,air,320102,2.35,48.85,,,,,", "lon", "不在中国"},
	    {"D2,T1,站,air,320102,118.8,60,,,,,", "lat", "不在中国"},
	    {"D2,T1,站,air,320102,118.8,,,,,,", "lat", "同时填写"},
	    {"D2,T1,站,air,320102,118.8,x,,,,,", "lat", "不是数"},
	    {"D2,T1,站,air,110101,,,,,,,", "district", "不是本市的区"},
	    {"D2,T1,站,air,,,,,,,,", "district", "没有行政区"},
	    {"D2,T1,,air,320102,,,,,,,", "site_name", "没有站点名称"},
	    {"D2,T1,站,,320102,,,,,,,", "kind", "没有站点类别"},
	    {"D2,,站,air,320102,,,,,,,", "site_code", "没有站点编码"},
	    {",T1,站,air,320102,,,,,,,", "mn", "没有设备编号"},
	    {"D 2,T1,站,air,320102,,,,,,,", "mn", "只能有字母"},
	    {"南京2,T1,站,air,320102,,,,,,,", "mn", "只能有字母"},
	    {"D2345678901234567890123456789012345678901234567890123456789012345,T1,站,air,"
	     "320102,,,,,,,",
	     "mn", "超过 64"},
	    {"D2,T1,站,air,320102,,,1234567890123456789012345,,,,", "point", "太长"},
	    {"D2,T1,站,air,320102,,,,2018,,,", "edition", "须为 2005"},
	    {"D2,T1,站,air,320102,,,,,3A,,", "system", "两位数字"},
	    {"D2,T1,站,air,320102,,,,,,,-5", "interval_s", "秒数"},
	    {"D2,T1,站,air,320102,,,,,,", "*", "列数"},
	    {"D2,\"T1\"x,站,air,320102,,,,,,,", "*", "RFC 4180"},
	    {"D3,S1,另一个站,air,320102,,,,,,,", "site_code", "第 2 行的同一站点"},
	    {"D4,S2,好站,air,建邺区,,,,,,,", NULL, NULL},
	};
	ss_cleanup(ss_buf_done) struct ss_buf csv = SS_BUF_MAX(10000);
	struct ss_registry *r = must_open(env);
	struct ss_device d;
	char line[64];
	int bad = 0;

	ss_buf_addz(&csv, HEADER);
	for (size_t i = 0; i < SS_ARRAY_LEN(rows); i++) {
		ss_buf_addf(&csv, "%s\n", rows[i][0]);
		bad += rows[i][1] != NULL;
	}
	struct ss_import_report rep = import(r, csv.p);
	check_report(&rep, 2, 0, 0, bad);
	const char *at = rep.lines.p;
	for (size_t i = 0; i < SS_ARRAY_LEN(rows); i++) {
		if (!rows[i][1])
			continue;
		snprintf(line, sizeof(line), "第 %zu 行 %s：", i + 2, rows[i][1]);
		const char *end = strchr(at, '\n');
		assert_non_null(end);
		struct ss_str one = ss_str_n(at, (size_t)(end - at));
		if (!ss_str_starts(one, ss_str_of(line)) ||
		    ss_str_find(one, ss_str_of(rows[i][2])) < 0)
			fail_msg("wanted %s%s, got " SS_STR_FMT, line, rows[i][2], SS_STR_ARG(one));
		snprintf(line, sizeof(line), "；line %zu %s: ", i + 2, rows[i][1]);
		assert_true(ss_str_find(one, ss_str_of(line)) > 0);
		at = end + 1;
	}
	assert_int_equal(*at, 0);
	ss_buf_done(&rep.lines);
	assert_int_equal(ss_registry_device(r, SS_STR("D1"), &d), 0);
	assert_int_equal(ss_registry_device(r, SS_STR("D4"), &d), 0);
	assert_int_equal(ss_registry_device(r, SS_STR("D2"), &d), SS_ENOTFOUND);
	ss_registry_close(r);
}

static bool count_one(void *arg, const struct ss_device *d)
{
	(void)d;
	++*(int *)arg;
	return true;
}

static bool count_site(void *arg, const struct ss_site *s)
{
	(void)s;
	return ++*(int *)arg < 10;
}

/* Sanitized builds are ten times slower and more: there the size proves nothing. */
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
#define MANY 5000
#else
#define MANY 50000
#endif

static void many(struct db_env *env)
{
	ss_cleanup(ss_buf_done) struct ss_buf csv = SS_BUF_MAX(16 << 20);
	struct ss_registry *r = must_open(env);
	struct ss_device d;
	struct ss_site s;
	char last[32], code[16];
	int n = 0;

	snprintf(last, sizeof(last), "320102%08d%010d", (MANY - 1) % 1000, MANY - 1);
	snprintf(code, sizeof(code), "E%d", (MANY - 1) / 3);
	ss_buf_addz(&csv, HEADER);
	for (int i = 0; i < MANY; i++)
		ss_buf_addf(
		    &csv,
		    "320102%08d%010d,E%d,企业 %d 号,source_water,3201%s,118.%04d,32.%04d,DW%d,"
		    "2017,32,123456,60\n",
		    i % 1000, i, i / 3, i / 3, i / 3 % 2 ? "02" : "15", i / 3 % 9000, i / 3 % 500,
		    i % 3);
	int64_t t = ss_time_mono();
	struct ss_import_report rep = import(r, csv.p);
	print_message("%d rows imported in %d ms\n", MANY, (int)((ss_time_mono() - t) / 1000));
	check_report(&rep, MANY, 0, 0, 0);
	t = ss_time_mono();
	rep = import(r, csv.p);
	print_message("the same again in %d ms\n", (int)((ss_time_mono() - t) / 1000));
	check_report(&rep, 0, 0, MANY, 0);
	s = a_site("one more");
	struct ss_error e = {0};
	t = ss_time_mono();
	assert_ok(ss_registry_put_site(r, &s, &e), &e);
	print_message("one site more in %d us\n", (int)(ss_time_mono() - t));
	ss_registry_close(r);
	t = ss_time_mono();
	r = must_open(env);
	print_message("%d devices opened in %d ms\n", MANY, (int)((ss_time_mono() - t) / 1000));
	ss_registry_devices(r, count_one, &n);
	assert_int_equal(n, MANY);
	n = 0;
	ss_registry_sites(r, count_site, &n);
	assert_int_equal(n, 10);
	assert_int_equal(ss_registry_device(r, ss_str_of(last), &d), 0);
	assert_int_equal(ss_registry_site(r, d.site, &s), 0);
	assert_int_equal(strlen(d.mn), 24);
	assert_string_equal(s.code, code);
	t = ss_time_mono();
	for (int i = 0; i < 20 * MANY; i++)
		if (ss_registry_device(r, ss_str_of(last), &d) < 0)
			fail();
	print_message("one look-up in %d ns\n", (int)((ss_time_mono() - t) * 1000 / (20 * MANY)));
	ss_registry_close(r);
}

struct load {
	struct ss_registry *r;
	atomic_bool stop;
	atomic_int bad;
	atomic_long reads;
};

static bool check_pair(void *arg, const struct ss_device *d)
{
	struct load *l = arg;

	/* Written together, so seen together. */
	if (d->interval_s != (int)strlen(d->point))
		l->bad++;
	return true;
}

static void *look_up_all_the_time(void *arg)
{
	struct load *l = arg;
	struct ss_device d;
	struct ss_site s;
	char mn[16];

	for (int i = 0; !l->stop; i++) {
		snprintf(mn, sizeof(mn), "L%d", i % 50);
		if (ss_registry_device(l->r, ss_str_of(mn), &d) < 0 || !check_pair(l, &d) ||
		    ss_registry_site(l->r, d.site, &s) < 0)
			l->bad++;
		if (i % 100 == 0)
			ss_registry_devices(l->r, check_pair, l);
		l->reads++;
	}
	return NULL;
}

static void readers_and_writers(struct db_env *env)
{
	struct load l = {.r = must_open(env)};
	struct ss_error e = {0};
	struct ss_site s = a_site("L");
	struct ss_device d;
	pthread_t t[4];
	char mn[16];

	assert_ok(ss_registry_put_site(l.r, &s, &e), &e);
	for (int i = 0; i < 50; i++) {
		snprintf(mn, sizeof(mn), "L%d", i);
		d = a_device(mn, s.id);
		d.interval_s = 0;
		assert_ok(ss_registry_put_device(l.r, &d, &e), &e);
	}
	for (int i = 0; i < 4; i++)
		assert_int_equal(ss_thread_start(&t[i], "look-up", look_up_all_the_time, &l), 0);
	for (int i = 0; i < 300; i++) {
		snprintf(mn, sizeof(mn), "L%d", i % 60);
		d = a_device(mn, s.id);
		d.interval_s = i % 20;
		memset(d.point, 'p', (size_t)(i % 20));
		assert_ok(ss_registry_put_device(l.r, &d, &e), &e);
	}
	while (l.reads < 1000 && l.bad == 0)
		sched_yield();
	l.stop = true;
	for (int i = 0; i < 4; i++)
		pthread_join(t[i], NULL);
	assert_int_equal(l.bad, 0);
	ss_registry_close(l.r);
}

static bool first_unknown(void *arg, const struct ss_unknown *u)
{
	*(struct ss_unknown *)arg = *u;
	return false;
}

static void quarantine(struct db_env *env)
{
	struct ss_registry *r = must_open(env);
	struct ss_unknown u = {0};
	struct ss_error e = {0};

	for (int i = 0; i < 5; i++)
		assert_int_equal(ss_registry_heard_unknown(r, SS_STR("Q1"), SS_STR("32"),
							   SS_STR("10.0.0.1:5\n"), 1000 + i,
							   100 + (uint64_t)i),
				 0);
	assert_int_equal(
	    ss_registry_heard_unknown(r, SS_STR("Q2"), SS_STR("21"), SS_STR("p"), 7, 8), 0);
	/* Read again after a crash: nothing is counted twice. */
	assert_int_equal(
	    ss_registry_heard_unknown(r, SS_STR("Q1"), SS_STR("32"), SS_STR("p"), 1001, 101), 0);
	assert_int_equal(ss_registry_heard_unknown(r, SS_STR("\xff"), SS_STR(""), SS_STR(""), 1, 1),
			 SS_EINVAL);
	assert_int_equal(ss_registry_unknown(r, SS_STR("Q1"), &u), 0);
	assert_int_equal(u.frames, 5);
	assert_ok(ss_registry_flush(r, &e), &e);
	assert_ok(ss_registry_flush(r, &e), &e);
	assert_int_equal(
	    ss_registry_heard_unknown(r, SS_STR("Q1"), SS_STR("32"), SS_STR("q"), 2000, 200), 0);
	ss_registry_close(r); /* flushes */

	r = must_open(env);
	assert_int_equal(ss_registry_unknown(r, SS_STR("Q1"), &u), 0);
	assert_int_equal(u.frames, 6);
	assert_int_equal(u.first_us, 1000);
	assert_int_equal(u.last_us, 2000);
	assert_int_equal(u.first_seq, 100);
	assert_int_equal(u.last_seq, 200);
	assert_string_equal(u.system, "32");
	assert_string_equal(u.peer, "q");
	ss_registry_unknowns(r, first_unknown, &u);
	assert_string_equal(u.mn, "Q1");
	assert_ok(ss_registry_forget_unknown(r, SS_STR("Q1"), &e), &e);
	assert_ok(ss_registry_forget_unknown(r, SS_STR("never"), &e), &e);
	assert_int_equal(ss_registry_unknown(r, SS_STR("Q1"), &u), SS_ENOTFOUND);
	assert_int_equal(ss_registry_unknown(r, SS_STR("Q2"), &u), 0);
	ss_registry_close(r);
	r = must_open(env);
	assert_int_equal(ss_registry_unknown(r, SS_STR("Q1"), &u), SS_ENOTFOUND);
	assert_int_equal(ss_registry_unknown(r, SS_STR("Q2"), &u), 0);
	ss_registry_close(r);
}

/* Facts of GB/T 2260 for Nanjing, from outside the program. */
/* Well-known places of the city: Fuzimiao, the seats of Luhe, Gaochun and Lishui; and Shanghai. */
static void places_lie_in_districts(struct db_env *env)
{
	(void)env;
	assert_string_equal(ss_registry_area_at(118.789, 32.022), "320104");
	assert_string_equal(ss_registry_area_at(118.847, 32.342), "320116");
	assert_string_equal(ss_registry_area_at(118.876, 31.327), "320118");
	assert_string_equal(ss_registry_area_at(119.029, 31.653), "320117");
	assert_null(ss_registry_area_at(121.47, 31.23));
	assert_null(ss_registry_area_at(NAN, 32));
}

static void districts(struct db_env *env)
{
	size_t n;
	const struct ss_district *d = ss_registry_districts(&n);

	(void)env;
	assert_int_equal(n, 11);
	assert_string_equal(d[0].code, "320102");
	assert_string_equal(d[0].zh, "玄武区");
	assert_string_equal(d[10].code, "320118");
	assert_string_equal(d[10].zh, "高淳区");
	assert_ptr_equal(ss_registry_district(SS_STR("玄武")), &d[0]);
	assert_null(ss_registry_district(SS_STR("")));
	assert_null(ss_registry_district(SS_STR("320103"))); /* 白下, merged in 2013 */
}

static void survives_a_lost_server(struct db_env *env)
{
	struct ss_registry *r = must_open(env);
	struct ss_site s = a_site("S1"), t = a_site("S2");
	struct ss_error e = {0};

	assert_ok(ss_registry_put_site(r, &s, &e), &e);
	pg_fixture_cut(env->url);
	assert_int_equal(ss_registry_put_site(r, &t, &e), SS_EGONE);
	assert_int_equal(ss_registry_site(r, s.id, &s), 0); /* look-ups go on */
	assert_int_equal(ss_registry_site(r, 2, &t), SS_ENOTFOUND);
	t = a_site("S2");
	assert_ok(ss_registry_put_site(r, &t, &e), &e);
	assert_int_equal(t.id, 2);
	assert_int_equal(ss_registry_site(r, s.id, &s), 0);
	ss_registry_close(r);
}

int main(void)
{
	int fd = mkstemp(key_file), r;

	if (fd < 0)
		return 1;
	close(fd);
	unlink(key_file); /* made by the first test */
	const struct CMUnitTest tests[] = {
	    DB_TEST(put_and_look_up),
	    DB_TEST(keys_are_sealed),
	    DB_TEST(wrong_records_are_refused),
	    DB_TEST(attributes_of_a_site),
	    DB_TEST(import_good_rows),
	    DB_TEST(import_gb18030),
	    DB_TEST(import_names_bad_rows),
	    DB_TEST(many),
	    DB_TEST(readers_and_writers),
	    DB_TEST(quarantine),
	    DB_TEST_SQLITE(districts),
	    DB_TEST_SQLITE(places_lie_in_districts),
	    DB_TEST_PGSQL(survives_a_lost_server),
	};
	r = db_test_main("registry", tests, SS_ARRAY_LEN(tests));
	unlink(key_file);
	return r;
}
