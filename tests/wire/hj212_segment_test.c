/* Header, data area, observations, factors, texts and answers, by the words of the standards and
 * the habits of the field. */
#include <math.h>

#include "hj212_test.h"

/* ---- header ---- */

static void header_in_any_order(void **state)
{
	struct ss_hj212_head h = head_of("MN=320100NJ0000000000000001;PW=123456;Flag=5;"
					 "QN=20260301120000123;CN=2011;ST=32;CP=&&a-Rtd=1&&");

	(void)state;
	assert_s(h.mn, "320100NJ0000000000000001");
	assert_s(h.pw, "123456");
	assert_s(h.qn, "20260301120000123");
	assert_s(h.st, "32");
	assert_int_equal(h.cn_num, 2011);
	assert_int_equal(h.flag, 5);
	assert_s(h.cp, "a-Rtd=1");
	assert_int_equal(h.faults, 0);
}

static void header_habits(void **state)
{
	struct ss_hj212_head h;

	(void)state;
	/* Capitals, stray comma, blanks, missing ; before CP (2017 annex C.19, C.22; field). */
	h = head_of("QN=20260301120000123;ST=32;CN= 2011 ;PW=123456;,MN=320100NJ0000000000000001;"
		    "FLAG=4CP=&& a-Rtd=1 &&");
	assert_int_equal(h.cn_num, 2011);
	assert_s(h.mn, "320100NJ0000000000000001");
	assert_int_equal(h.flag, 4);
	assert_s(h.cp, "a-Rtd=1");
	assert_int_equal(h.faults, SS_HJ212_F_SEPARATOR | SS_HJ212_F_HEAD_CASE);
	/* Flag in the data area. */
	h = head_of("QN=20260301120000123;ST=32;CN=2011;MN=88888880000001;CP=&&Flag=5;a-Rtd=1&&");
	assert_int_equal(h.flag, 5);
	assert_true(h.faults & SS_HJ212_F_FLAG);
	h = head_of("ST=32;CN=2011;MN=88888880000001;CP=&&a-Rtd=1;Flag=N&&");
	assert_int_equal(h.flag, -1);
	/* Twice: the later one; unknown field; a number before the first field. */
	h = head_of("0206ST=32;ST=31;CN=2011;XX=1;MN=88888880000001;CP=&&&&");
	assert_s(h.st, "31");
	assert_int_equal(h.faults,
			 SS_HJ212_F_SEPARATOR | SS_HJ212_F_HEAD_TWICE | SS_HJ212_F_HEAD_UNKNOWN);
	/* No ST, and one of three characters; a request's name that is no time. */
	h = head_of("CN=2011;MN=88888880000001;CP=&&&&");
	assert_int_equal(h.faults, SS_HJ212_F_ST);
	h = head_of("ST=101;CN=2011;MN=88888880000001;CP=&&&&");
	assert_int_equal(h.faults, SS_HJ212_F_ST);
	h = head_of("QN=20260301240000123;ST=32;CN=2011;MN=88888880000001;CP=&&&&");
	assert_int_equal(h.faults, SS_HJ212_F_QN);
	h = head_of("QN=20261301120000123;ST=32;CN=2011;MN=88888880000001;CP=&&&&");
	assert_int_equal(h.faults, SS_HJ212_F_QN);
	h = head_of("QN=20261231235959999;ST=32;CN=2011;MN=88888880000001;CP=&&&&");
	assert_int_equal(h.faults, 0);
	/* No closing &&. */
	h = head_of("ST=32;CN=2011;MN=88888880000001;CP=&&a-Rtd=1");
	assert_s(h.cp, "a-Rtd=1");
	assert_true(h.faults & SS_HJ212_F_CP);
	/* && by accident inside a text. */
	h = head_of("ST=32;CN=3020;MN=88888880000001;CP=&&i11001-Info=//a&&b//&&");
	assert_s(h.cp, "i11001-Info=//a&&b//");
}

static void header_refused(void **state)
{
	struct ss_hj212_head h;

	(void)state;
	assert_int_equal(ss_hj212_head(SS_STR("ST=32;CN=2011;MN=1"), &h), SS_EPARSE);
	assert_int_equal(ss_hj212_head(SS_STR("ST=32;CP=&&&&"), &h), SS_EPARSE);
	assert_int_equal(ss_hj212_head(SS_STR(""), &h), SS_EPARSE);
	assert_int_equal(ss_hj212_head(SS_STR("&&&&"), &h), SS_EPARSE);
}

static void packets(void **state)
{
	struct ss_hj212_head h = head_of("ST=31;CN=2051;PW=123456;MN=88888880000001;Flag=3;"
					 "PNUM=0002;PNO=0001;CP=&&&&");

	(void)state;
	assert_int_equal(h.pnum, 2);
	assert_int_equal(h.pno, 1);
	assert_int_equal(h.faults, 0);
	h = head_of(
	    "QN=20260301120000123;ST=31;CN=2051;MN=320100A8900016F000169DC0;Flag=7;CP=&&&&");
	assert_int_equal(h.faults, SS_HJ212_F_PACKET);
	h = head_of(
	    "QN=20260301120000123;ST=31;CN=2051;MN=320100A8900016F000169DC0;Flag=9;RF=1;CP=&&&&");
	assert_true(h.rf);
	assert_int_equal(h.faults, 0);
}

static void editions(void **state)
{
	static const struct {
		const char *segment;
		enum ss_hj212_edition e;
	} cases[] = {
	    {"ST=32;CN=2011;MN=88888880000001;CP=&&&&", SS_HJ212_2005},
	    {"ST=32;CN=2011;MN=88888880000001;Flag=3;CP=&&&&", SS_HJ212_2005},
	    {"ST=32;CN=2011;MN=010000A8900016F000169DC0;Flag=5;CP=&&&&", SS_HJ212_2017},
	    {"ST=32;CN=2011;MN=010000A8900016F000169DC0;Flag=9;CP=&&&&", SS_HJ212_2025},
	    {"ST=21;CN=2011;MN=010000A8900016F000169DC0;Flag=9;CP=&&&&", SS_HJ212_2025},
	    {"ST=21;CN=2061;MN=A140100_2006;Flag=9;CP=&&&&", SS_HJ212_WATER},
	    {"ST=91;CN=9015;MN=A110000_0001;Flag=8;CP=&&&&", SS_HJ212_WATER},
	    {"ST=21;CN=2011;MN=ZLDSZ20210127;Flag=8;CP=&&&&", SS_HJ212_WATER},
	};

	(void)state;
	for (size_t i = 0; i < SS_ARRAY_LEN(cases); i++) {
		struct ss_hj212_head h = head_of(cases[i].segment);

		assert_int_equal(ss_hj212_edition(&h), cases[i].e);
	}
	assert_string_equal(ss_hj212_edition_name(SS_HJ212_WATER), "water");
}

/* ---- observations ---- */

struct got {
	int n;
	struct ss_hj212_value v[64];
	struct ss_hj212_data d;
};

static void collect(void *arg, const struct ss_hj212_data *d, const struct ss_hj212_value *v)
{
	struct got *g = arg;

	g->v[g->n++] = *v;
	g->d = *d;
}

static struct got observe(int cn, const char *cp)
{
	struct got g = {0};
	struct ss_hj212_head h = {.cn_num = cn, .cp = ss_str_of(cp)};
	struct ss_hj212_data d;
	int n;

	n = ss_hj212_observe(&h, &d, collect, &g);
	assert_int_equal(n, g.n);
	g.d = d;
	return g;
}

static void check_value(const struct ss_hj212_value *v, const char *code, const char *cls,
			double value, char mark)
{
	assert_s(v->code, code);
	assert_s(v->cls, cls);
	if (isnan(value))
		assert_true(isnan(v->value));
	else
		assert_true(v->value == value);
	assert_int_equal(v->mark, mark);
}

/* 2026-03-01 12:00:00 in Nanjing, from date(1). */
#define NOON INT64_C(1772337600000000)

static void live_values(void **state)
{
	struct got g = observe(2011, "DataTime=20260301120000;w01018-Rtd=23.4,w01018-Flag=N;"
				     "w21003-Flag=D,w21003-Rtd=0.88;w00000-Rtd=-12");

	(void)state;
	assert_int_equal(g.n, 3);
	assert_int_equal(g.d.period, SS_HJ212_RTD);
	assert_int_equal(g.d.time_us, NOON);
	assert_int_equal(g.d.faults, 0);
	check_value(&g.v[0], "w01018", "Rtd", 23.4, 'N');
	check_value(&g.v[1], "w21003", "Rtd", 0.88, 'D');
	check_value(&g.v[2], "w00000", "Rtd", -12, 'N');
}

static void periods(void **state)
{
	static const struct {
		int cn, period;
	} cases[] = {
	    {2011, SS_HJ212_RTD},    {2021, SS_HJ212_RTD}, {2051, SS_HJ212_MINUTE},
	    {2061, SS_HJ212_HOUR},   {2031, SS_HJ212_DAY}, {2041, SS_HJ212_DAY},
	    {2111, SS_HJ212_MINUTE}, {2052, SS_HJ212_RTD},
	};

	(void)state;
	for (size_t i = 0; i < SS_ARRAY_LEN(cases); i++) {
		struct got g = observe(cases[i].cn, "DataTime=20260301120000;a21026-Avg=1");

		assert_int_equal(g.n, 1);
		assert_int_equal(g.d.period, cases[i].period);
	}
	assert_int_equal(observe(9014, "DataTime=20260301120000;a21026-Avg=1").n, 0);
	assert_int_equal(observe(2051, "BeginTime=20260301110000,EndTime=20260301120000").n, 0);
	assert_int_equal(observe(2051, "BeginTime=20260301110000").d.faults, 0);
}

static void all_classes(void **state)
{
	struct got g =
	    observe(2061, "DataTime=20260301120000;a21002-Min=1,a21002-Avg=2,a21002-Max=3,"
			  "a21002-Cou=4,a21002-ZsMin=5,a21002-ZsAvg=6,a21002-ZsMax=7,"
			  "a21002-ZsCou=8,a21002-Flag=M,a21002-EFlag=A1");

	(void)state;
	assert_int_equal(g.n, 8);
	assert_int_equal(g.d.faults, 0);
	for (int i = 0; i < 8; i++) {
		assert_true(g.v[i].value == i + 1);
		assert_int_equal(g.v[i].mark, 'M');
	}
	assert_s(g.v[7].cls, "ZsCou");
	g = observe(2021, "DataTime=20260301120000;SB1-RS=1;SB2-RS=5");
	check_value(&g.v[1], "SB2", "RS", 5, 'N');
	g = observe(2041, "DataTime=20260301000000;SB1-RT=23.5");
	check_value(&g.v[0], "SB1", "RT", 23.5, 'N');
	g = observe(2031, "DataTime=20260301000000;L5-Data=53.0;Ld-DayData=52.5;Ln-NightData=51.5");
	check_value(&g.v[0], "L5", "Data", 53, 'N');
	check_value(&g.v[1], "Ld", "DayData", 52.5, 'N');
	check_value(&g.v[2], "Ln", "NightData", 51.5, 'N');
	g = observe(2011, "DataTime=20260301120000;LA-td=50.1,LA-Flag=N");
	check_value(&g.v[0], "LA", "Rtd", 50.1, 'N');
	assert_int_equal(g.d.faults, SS_HJ212_F_CLASS);
}

static void odd_values(void **state)
{
	struct got g =
	    observe(2011, "DataTime=20260301120000;a-Rtd=NaN,a-Flag=D;b-Rtd=--,b-Flag=B;"
			  "c-Rtd=,c-Flag=F;d-Rtd=1.2E-3;e-Rtd=+.5;f-Rtd=-0.052;g-Rtd=0x10;"
			  "h-Rtd=1.2.3;i-Rtd=.;j-Rtd=-;k-Rtd=12345678901234567890");
	static const double want[] = {
	    NAN, NAN, NAN, 1.2e-3, 0.5, -0.052, NAN, NAN, NAN, NAN, 12345678901234567890.0};

	(void)state;
	assert_int_equal(g.n, 11);
	for (int i = 0; i < g.n; i++) {
		if (isnan(want[i]))
			assert_true(isnan(g.v[i].value));
		else
			assert_true(g.v[i].value == want[i]);
	}
	assert_int_equal(g.v[0].mark, 'D');
	assert_int_equal(g.v[1].mark, 'B');
	assert_int_equal(g.v[2].mark, 'F');
	assert_int_equal(g.d.faults, SS_HJ212_F_VALUE);
}

static void marks(void **state)
{
	/* Commas for semicolons: the mark is that of its own code. */
	struct got g = observe(2011, "DataTime=20260301120000,a34004-Rtd=200.5,a34004-Flag=D,"
				     "a21001-Rtd=0.08,a21001-Flag=N");

	(void)state;
	assert_int_equal(g.n, 2);
	check_value(&g.v[0], "a34004", "Rtd", 200.5, 'D');
	check_value(&g.v[1], "a21001", "Rtd", 0.08, 'N');
	/* A bare Flag as an item of its own counts for the item before. */
	g = observe(2011, "DataTime=20260301120000;a34001-Rtd=92;Flag=D");
	check_value(&g.v[0], "a34001", "Rtd", 92, 'D');
	assert_int_equal(g.d.faults, SS_HJ212_F_MARK_STRAY);
	/* An unknown mark is kept. */
	g = observe(2011, "DataTime=20260301120000;zz9999-Rtd=1,zz9999-Flag=Q,zz9999-Foo=7");
	check_value(&g.v[0], "zz9999", "Rtd", 1, 'Q');
	check_value(&g.v[1], "zz9999", "Foo", 7, 'Q');
	assert_int_equal(g.d.faults, SS_HJ212_F_MARK | SS_HJ212_F_CLASS);
}

static void same_code_twice(void **state)
{
	struct got g =
	    observe(2061, "DataTime=20260301120000;w01018-Avg=1;w21003-Avg=5;w01018-Avg=2");

	(void)state;
	assert_int_equal(g.n, 3);
	assert_int_equal(g.d.faults, SS_HJ212_F_CODE_TWICE);
	check_value(&g.v[0], "w01018", "Avg", 1, 'N');
	check_value(&g.v[2], "w01018", "Avg", 2, 'N');
	g = observe(2061, "DataTime=20260301120000;w01018-Min=1;w01018-Avg=2;w01018-Max=3");
	assert_int_equal(g.d.faults, 0);
}

static void data_times(void **state)
{
	struct got g = observe(2011, "DataTime=20260301120000123;a-Rtd=1");

	(void)state;
	assert_int_equal(g.d.time_us, NOON);
	assert_int_equal(g.d.faults, SS_HJ212_F_TIME_LONG);
	g = observe(2011, "DataTime=20260231250000;a-Rtd=1");
	assert_true(g.d.time_us == SS_TIME_NONE);
	assert_int_equal(g.d.faults, SS_HJ212_F_TIME);
	g = observe(2011, "a-Rtd=1");
	assert_true(g.d.time_us == SS_TIME_NONE);
	assert_int_equal(g.d.faults, SS_HJ212_F_TIME_MISSING);
	assert_int_equal(g.n, 1);
	g = observe(2011, "a-Rtd=1;DataTime=20260301120000"); /* known to the first value already */
	assert_int_equal(g.d.time_us, NOON);
}

static void sample_times(void **state)
{
	struct got g = observe(2011, "DataTime=20260301120000;"
				     "w01018-SampleTime=20260301110306,w01018-Rtd=46,w01018-Flag=N;"
				     "w21003-Rtd=1,w21003-SampleTime=20260301110305;"
				     "a01013-SampleTime=,a01013-Rtd=0,a01013-Flag=D;w01001-Rtd=7");

	(void)state;
	assert_int_equal(g.n, 4);
	assert_s(g.v[0].sample_time, "20260301110306");
	assert_s(g.v[1].sample_time, "20260301110305");
	assert_int_equal(g.v[2].sample_time.n, 0);
	assert_int_equal(g.v[3].sample_time.n, 0);
}

/* Names without a class are kept when they are numbers; texts are no observations. */
static void free_names(void **state)
{
	struct got g = observe(2011, "DataTime=20260301120000;FANSTATUS=1;lng=118.8;PolId=w01018;"
				     "NOTE=//a=1;b,c//;i11001-Info=//x//");

	(void)state;
	assert_int_equal(g.n, 2);
	check_value(&g.v[0], "FANSTATUS", "", 1, 'N');
	check_value(&g.v[1], "lng", "", 118.8, 'N');
	/* A value of nothing is none. */
	g = observe(2011, "DataTime=20260301120000;=5;-Rtd=6;-Flag=D;a-Rtd=7");
	assert_int_equal(g.n, 1);
	check_value(&g.v[0], "a", "Rtd", 7, 'N');
	assert_int_equal(g.d.faults, SS_HJ212_F_ITEM);
}

static void add_up(void *arg, const struct ss_hj212_data *d, const struct ss_hj212_value *v)
{
	(void)d;
	*(double *)arg += v->value;
}

/* More values in one item than wait for a mark: none is lost. */
static void monster_item(void **state)
{
	struct ss_buf b = SS_BUF_MAX(8192);
	struct ss_hj212_head h = {.cn_num = 2011};
	struct ss_hj212_data d;
	double sum = 0;

	(void)state;
	ss_buf_addz(&b, "DataTime=20260301120000;");
	for (int i = 0; i < 300; i++)
		ss_buf_addf(&b, "c%d-Rtd=%d,", i, i);
	h.cp = ss_buf_str(&b);
	assert_int_equal(ss_hj212_observe(&h, &d, add_up, &sum), 300);
	assert_true(sum == 299 * 300 / 2);
	ss_buf_done(&b);
}

/* ---- data area ---- */

static void texts_stay_whole(void **state)
{
	struct ss_hj212_walk w = ss_hj212_walk(
	    SS_STR("i11001-Info=//a;b,c=d # http://x/y//;PolId=w01018,,;;k;=v;t=//open;u=1"));
	static const struct {
		const char *name, *value;
		int item;
		bool has_value;
	} want[] = {
	    {"i11001-Info", "//a;b,c=d # http://x/y//", 0, true},
	    {"PolId", "w01018", 1, true},
	    {"k", "", 2, false},
	    {"", "v", 3, true},
	    {"t", "//open", 4, true},
	    {"u", "1", 5, true},
	};
	struct ss_hj212_pair p;

	(void)state;
	for (size_t i = 0; i < SS_ARRAY_LEN(want); i++) {
		assert_true(ss_hj212_next_pair(&w, &p));
		assert_s(p.name, want[i].name);
		assert_s(p.value, want[i].value);
		assert_int_equal(p.item, want[i].item);
		assert_int_equal(p.has_value, want[i].has_value);
	}
	assert_false(ss_hj212_next_pair(&w, &p));
	assert_int_equal(w.faults, SS_HJ212_F_ITEM | SS_HJ212_F_TEXT_OPEN);
}

/* ---- factors ---- */

static void check_factor(const char *st, const char *code, const char *want)
{
	assert_s(ss_hj212_factor(ss_str_of(st), ss_str_of(code)), want);
}

static void factors(void **state)
{
	size_t n;
	const struct ss_hj212_factor_info *all = ss_hj212_factors(&n), *info;

	(void)state;
	assert_int_equal(n, 200); /* 196 of tables B.1 to B.3, three of practice, VehFlow */
	for (size_t i = 0; i < n; i++) {
		assert_ptr_equal(ss_hj212_factor_info(ss_str_of(all[i].code)), &all[i]);
		assert_true(all[i].zh[0] && all[i].en[0]);
		if (all[i].old[0])
			check_factor(all[i].code[0] == 'w' ? "32" : "31", all[i].old, all[i].code);
	}
	info = ss_hj212_factor_info(SS_STR("w01018"));
	assert_string_equal(info->zh, "化学需氧量");
	assert_string_equal(info->en, "COD");
	assert_string_equal(info->unit, "mg/L");
	assert_string_equal(info->total_unit, "kg");
	assert_string_equal(info->old, "011");
	assert_null(ss_hj212_factor_info(SS_STR("w0101")));
	assert_null(ss_hj212_factor_info(SS_STR("")));
}

static void factor_aliases(void **state)
{
	(void)state;
	check_factor("32", "011", "w01018");
	check_factor("31", "011", "011"); /* a maker's number on another system */
	check_factor("31", "02", "a21026");
	check_factor("32", "02", "02");
	check_factor("32", "B01", "w00000");
	check_factor("31", "B02", "a00000");
	check_factor("31", "S01", "a19001");
	check_factor("31", "023", "023");
	check_factor("32", "01018", "w01018"); /* in the 2017 standard's own example */
	check_factor("39", "PM25", "a34004");
	check_factor("39", "pm10", "a34002");
	check_factor("39", "TSP", "a34001");
	check_factor("39", "WD", "a01008");
	check_factor("21", "TEM", "w01010");
	check_factor("22", "TEM", "a01001");
	check_factor("32", "w01018", "w01018");
	check_factor("23", "Leq", "Leq");
	check_factor("31", "a99949", "a99949");
	check_factor("31", "LAMPBLACK", "LAMPBLACK");
	check_factor("", "", "");
}

/* ---- texts ---- */

static void encodings(void **state)
{
	struct ss_arena a;
	struct ss_str s;
	const char *encoding;

	(void)state;
	ss_arena_init(&a, 1 << 16);
	assert_int_equal(ss_hj212_text(&a, SS_STR("清洗"), &s, &encoding), 0);
	assert_s(s, "清洗");
	assert_string_equal(encoding, "utf-8");
	assert_int_equal(ss_hj212_text(&a, SS_STR("\xC7\xE5\xCF\xB4"), &s, &encoding), 0);
	assert_s(s, "清洗");
	assert_string_equal(encoding, "gbk");
	assert_int_equal(ss_hj212_text(&a, SS_STR("\xFF\xFE\x01"), &s, &encoding), 0);
	assert_s(s, "fffe01");
	assert_string_equal(encoding, "hex");
	assert_int_equal(ss_hj212_text(&a, ss_str_n("a\0b", 3), &s, &encoding), 0);
	assert_s(s, "610062");
	assert_string_equal(encoding, "hex");
	ss_arena_done(&a);
}

/* ---- answers ---- */

static void check_answer(const char *request, int cn, const char *cp, const char *want_segment)
{
	struct ss_hj212_head h = head_of(request);
	struct ss_buf got = SS_BUF_MAX(4096), want = SS_BUF_MAX(4096);

	assert_int_equal(ss_hj212_answer_put(&got, &h, cn, ss_str_of(cp)), 0);
	add_frame(&want, want_segment);
	assert_string_equal(got.p, want.p);
	ss_buf_done(&got);
	ss_buf_done(&want);
}

/* The 2017 ones are printed in its annex C.1 and C.14, the bare 9014 and the 9012 in 2005 annex C.
 */
static void answers(void **state)
{
	static const char up2017[] = "QN=20160801085857223;ST=32;CN=2011;PW=123456;"
				     "MN=010000A8900016F000169DC0;Flag=5;CP=&&&&";
	static const char up2025[] = "QN=20160801085857223;ST=32;CN=2011;PW=123456;"
				     "MN=010000A8900016F000169DC0;Flag=9;CP=&&&&";
	static const char water[] =
	    "QN=20260706103512345;ST=21;CN=2061;PW=123456;MN=A110000_0001;Flag=9;CP=&&&&";
	static const char up2005[] = "QN=20040516010101001;ST=32;CN=2051;PW=123456;"
				     "MN=88888880000001;Flag=1;CP=&&&&";

	(void)state;
	check_answer(up2017, 9014, "",
		     "QN=20160801085857223;ST=91;CN=9014;PW=123456;MN=010000A8900016F000169DC0;"
		     "Flag=4;CP=&&&&");
	check_answer(up2017, 9012, "ExeRtn=1",
		     "QN=20160801085857223;ST=91;CN=9012;PW=123456;MN=010000A8900016F000169DC0;"
		     "Flag=4;CP=&&ExeRtn=1&&");
	check_answer(up2025, 9014, "",
		     "QN=20160801085857223;ST=91;CN=9014;PW=123456;MN=010000A8900016F000169DC0;"
		     "Flag=8;CP=&&&&");
	check_answer(water, 9014, "",
		     "QN=20260706103512345;ST=91;CN=9014;PW=123456;MN=A110000_0001;Flag=8;CP=&&&&");
	check_answer(up2005, 9014, "", "ST=91;CN=9014;CP=&&QN=20040516010101001;CN=2051&&");
	check_answer(up2005, 9012, "ExeRtn=1",
		     "ST=91;CN=9012;PW=123456;MN=88888880000001;Flag=0;"
		     "CP=&&QN=20040516010101001;ExeRtn=1&&");
	check_answer(
	    "ST=31;CN=2051;PW=1;MN=88888880000001;Flag=3;PNUM=2;PNO=1;QN=20040516010101001;"
	    "CP=&&&&",
	    9014, "", "ST=91;CN=9014;CP=&&QN=20040516010101001;CN=2051;PNO=1;PNUM=2&&");
	check_answer("ST=31;CN=2051;MN=88888880000001;Flag=1;CP=&&&&", 9014, "",
		     "ST=91;CN=9014;CP=&&CN=2051&&");
}

/* The frame of annex C.14 byte for byte, with the CRC that the sample file has for it. */
static void answer_bytes(void **state)
{
	struct ss_hj212_head h = head_of("QN=20160801085857223;ST=32;CN=2011;PW=123456;"
					 "MN=010000A8900016F000169DC0;Flag=5;CP=&&&&");
	struct ss_buf b = SS_BUF_MAX(4096);

	(void)state;
	ss_buf_addz(&b, "before");
	assert_int_equal(ss_hj212_answer_put(&b, &h, 9014, SS_STR("")), 0);
	assert_string_equal(b.p, "before##0087QN=20160801085857223;ST=91;CN=9014;PW=123456;"
				 "MN=010000A8900016F000169DC0;Flag=4;CP=&&&&3240\r\n");
	ss_buf_done(&b);
}

static int answer_for(int cn, int flag)
{
	struct ss_hj212_head h = {.cn_num = cn, .flag = flag};

	return ss_hj212_answer_for(&h);
}

static void who_is_answered(void **state)
{
	(void)state;
	assert_int_equal(answer_for(2011, 5), 9014);
	assert_int_equal(answer_for(2011, 4), 0);
	assert_int_equal(answer_for(2011, -1), 0);
	assert_int_equal(answer_for(1013, 5), 9013);
	assert_int_equal(answer_for(2072, 1), 9013);
	assert_int_equal(answer_for(9015, 9), 9013);
	assert_int_equal(answer_for(9021, 1), 9014);
	for (int cn = 9011; cn <= 9014; cn++) {
		assert_int_equal(answer_for(cn, 5), 0);
		assert_true(ss_hj212_is_answer(cn));
	}
}

/* Echoed fields of any length cannot make an answer above the standard's limit. */
static void answer_too_big(void **state)
{
	static char pw[2000];
	struct ss_hj212_head h = {.flag = 5, .pw = {pw, sizeof(pw)}};
	struct ss_buf b = SS_BUF_MAX(4096);

	(void)state;
	assert_int_equal(ss_hj212_answer_put(&b, &h, 9014, SS_STR("")), SS_ETOOBIG);
	assert_int_equal(b.n, 0);
	ss_buf_done(&b);
}

/* Every fault has all its texts and a key of its own. */
static void fault_texts(void **state)
{
	(void)state;
	for (uint32_t bit = 1; bit; bit <<= 1) {
		assert_non_null(ss_hj212_fault_key(bit));
		assert_true(ss_hj212_fault_rule(bit)[0] && ss_hj212_fault_zh(bit)[0] &&
			    ss_hj212_fault_en(bit)[0]);
		for (uint32_t other = 1; other < bit; other <<= 1)
			assert_string_not_equal(ss_hj212_fault_key(bit), ss_hj212_fault_key(other));
	}
	assert_null(ss_hj212_fault_key(3));
	assert_null(ss_hj212_fault_key(0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(header_in_any_order),
	    cmocka_unit_test(header_habits),
	    cmocka_unit_test(header_refused),
	    cmocka_unit_test(packets),
	    cmocka_unit_test(editions),
	    cmocka_unit_test(live_values),
	    cmocka_unit_test(periods),
	    cmocka_unit_test(all_classes),
	    cmocka_unit_test(odd_values),
	    cmocka_unit_test(marks),
	    cmocka_unit_test(same_code_twice),
	    cmocka_unit_test(data_times),
	    cmocka_unit_test(sample_times),
	    cmocka_unit_test(free_names),
	    cmocka_unit_test(monster_item),
	    cmocka_unit_test(texts_stay_whole),
	    cmocka_unit_test(factors),
	    cmocka_unit_test(factor_aliases),
	    cmocka_unit_test(encodings),
	    cmocka_unit_test(answers),
	    cmocka_unit_test(answer_bytes),
	    cmocka_unit_test(who_is_answered),
	    cmocka_unit_test(answer_too_big),
	    cmocka_unit_test(fault_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
