/* bench_things [URL] [--rows N]: records of one type by the engine itself, without HTTP: how fast
 * they come in, and how long a page of the list, a search of two Chinese characters, an extent of
 * the map take. The first 50,000 come in by the engine and the others are copies of them,
 * moved about, made in SQL. URL: sqlite:FILE (default, made anew) or postgresql://... ; with --rows
 * 0 what is there is measured again. */
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/base.h"
#include "record/things/things.h"

#define TIMES 25
#define CHUNK 5000
#define MADE 50000

static int64_t rows = 1000000;
static struct ss_business *business;
static struct ss_things *things;

static const char types[] =
    "[{\"kind\":\"record\",\"id\":\"plant\",\"module\":\"bench\",\"title\":{\"zh\":\"单位\",\"en\":"
    "\"plant\"},"
    "\"family\":\"registry\",\"title_field\":\"name\",\"area\":\"area\",\"geometry\":\"place\","
    "\"fields\":["
    "{\"id\":\"name\",\"title\":{\"zh\":\"名称\",\"en\":\"name\"},\"type\":\"text\",\"required\":"
    "true,"
    "\"search\":true,\"list\":true},"
    "{\"id\":\"code\",\"title\":{\"zh\":\"编码\",\"en\":\"code\"},\"type\":\"text\",\"unique\":"
    "true},"
    "{\"id\":\"area\",\"title\":{\"zh\":\"辖区\",\"en\":\"area\"},\"type\":\"area\",\"required\":"
    "true},"
    "{\"id\":\"class\",\"title\":{\"zh\":\"类别\",\"en\":\"class\"},\"type\":\"choice\",\"filter\":"
    "true,"
    "\"choices\":[{\"code\":\"key\",\"zh\":\"重点\",\"en\":\"key\"},{\"code\":\"simple\",\"zh\":"
    "\"简化\",\"en\":"
    "\"simple\"},{\"code\":\"register\",\"zh\":\"登记\",\"en\":\"register\"}]},"
    "{\"id\":\"height\",\"title\":{\"zh\":\"高度\",\"en\":\"height\"},\"type\":\"number\","
    "\"filter\":true},"
    "{\"id\":\"since\",\"title\":{\"zh\":\"投产\",\"en\":\"since\"},\"type\":\"date\",\"list\":"
    "true},"
    "{\"id\":\"note\",\"title\":{\"zh\":\"备注\",\"en\":\"note\"},\"type\":\"longtext\"},"
    "{\"id\":\"place\",\"title\":{\"zh\":\"位置\",\"en\":\"place\"},\"type\":\"point\"}],"
    "\"rights\":{\"leader\":\"R all\",\"officer\":\"RU area\"}}]";

static const char *const areas[] = {"320102", "320104", "320105", "320106", "320111", "320113",
				    "320114", "320115", "320116", "320117", "320118"};
static const char *const first[] = {"金陵", "扬子", "紫金", "玄武", "秦淮", "钟山", "栖霞", "六合",
				    "江宁", "浦口", "溧水", "高淳", "雨花", "建邺", "鼓楼", "燕子"};
static const char *const second[] = {"石化", "化工", "机械", "电子", "水务", "印染",
				     "医药", "食品", "建材", "物流", "汽修", "环保",
				     "能源", "纺织", "包装", "电镀"};
static const char *const third[] = {"一", "二", "三", "四", "五", "六", "七", "八"};

static void die(const char *what, const struct ss_error *err)
{
	fprintf(stderr, "%s: %s\n", what, err->text);
	exit(1);
}

static uint64_t state = 0x2545F4914F6CDD1D;
static uint64_t next(uint64_t below)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state % below;
}

static json_t *record(int64_t i)
{
	char name[128], code[32], since[16];

	snprintf(name, sizeof(name), "南京%s%s第%s%lld厂有限公司", first[next(16)],
		 second[next(16)], third[next(8)], (long long)(i % 997));
	snprintf(code, sizeof(code), "C%09lld", (long long)i);
	snprintf(since, sizeof(since), "20%02d-%02d-%02d", (int)next(26), (int)next(12) + 1,
		 (int)next(28) + 1);
	return json_pack("{s:s,s:s,s:s,s:s,s:f,s:s,s:{s:s,s:[f,f],s:s}}", "name", name, "code",
			 code, "area", areas[next(11)], "class",
			 next(100) < 7    ? "key"
			 : next(100) < 30 ? "simple"
					  : "register",
			 "height", (double)next(1200) / 10, "since", since, "place", "type",
			 "Point", "coordinates", 118.4 + (double)next(80000) / 100000,
			 31.3 + (double)next(130000) / 100000, "crs", "CGCS2000");
}

static int add_chunk(struct ss_db *db, void *arg, struct ss_error *err)
{
	const struct ss_thing_change c = SS_THING_CHANGE;
	const struct ss_viewer machine = ss_viewer_system("bench");
	int64_t from = *(const int64_t *)arg;
	int r = 0;

	(void)db;
	for (int64_t i = from; r == 0 && i < from + CHUNK && i < rows; i++) {
		json_t *f = record(i);
		char id[37];

		r = ss_things_create(things, &machine, "plant", f, &c, id, NULL, err);
		json_decref(f);
	}
	return r;
}

static void run(struct ss_db *db, const char *sql, int64_t from, struct ss_error *err)
{
	struct ss_stmt *st;

	if (ss_db_stmt_text(db, sql, &st, err) < 0 || ss_bind_i64(st, 1, from) < 0 ||
	    ss_run(st, err) < 0)
		die(sql, err);
}

/* The rows from 1 to MADE again, from `from` on. */
static int copy_chunk(struct ss_db *db, void *arg, struct ss_error *err)
{
	bool sqlite = ss_db_engine(db) == SS_DB_SQLITE;
	int64_t from = *(const int64_t *)arg;
	char sql[2048];

	snprintf(
	    sql, sizeof(sql),
	    "insert into t_plant (n, id, version, state, title, area, org, assigned, label, "
	    "created_us, changed_us, created_by, changed_by, valid_from_us, x0, y0, x1, y1, r, "
	    "find, body, c_name, c_code, c_area, c_class, c_height, c_since) "
	    "select n + cast($1 as bigint), substr(id, 1, 24) || %s, version, state, title, area, "
	    "org, assigned, label, created_us + cast($1 as bigint), changed_us + cast($1 as "
	    "bigint), created_by, changed_by, valid_from_us, x0 + cast($1 as bigint) / 5e7, y0 + "
	    "cast($1 as bigint) / 5e7, x0 + cast($1 as bigint) / 5e7, y0 + cast($1 as bigint) / "
	    "5e7, (r + cast($1 as bigint) * 7919) %% 2147483648, find, body, c_name, c_code || "
	    "cast(cast($1 as bigint) as text), c_area, c_class, c_height, c_since from t_plant "
	    "where n <= 50000",
	    sqlite ? "printf('%012x', n + $1)" : "lpad(to_hex(n + cast($1 as bigint)), 12, '0')");
	run(db, sql, from, err);
	if (sqlite)
		run(db,
		    "insert into x_plant (n, x0, x1, y0, y1) select n, x0, x1, y0, y1 from t_plant "
		    "where n > $1 and n <= $1 + 50000",
		    from, err);
	run(db,
	    "insert into g_plant (gram, n) select gram, n + cast($1 as bigint) from g_plant where "
	    "n <= 50000",
	    from, err);
	return 0;
}

/* As its own housekeeping does some time after so many rows were added. */
static void look_over(const char *url)
{
	struct ss_error err = {0};
	struct ss_stmt *st;
	struct ss_db *db;

	if (ss_db_open(url, "business", SS_DB_WRITER, &db, &err) < 0 ||
	    ss_db_stmt_text(db, "vacuum analyze", &st, &err) < 0 || ss_run(st, &err) < 0)
		die("vacuum analyze", &err);
	ss_db_close(db);
}

static void copy(void)
{
	struct ss_error err = {0};

	for (int64_t from = MADE; from < rows; from += MADE) {
		if (ss_business_write(business, copy_chunk, &from, &err) < 0)
			die("copy", &err);
		fprintf(stderr, "%lld\n", (long long)from);
	}
}

static void fill(int64_t most)
{
	int64_t begin = ss_time_mono();
	struct ss_error err = {0};

	for (int64_t i = 0; i < most; i += CHUNK) {
		if (ss_business_write(business, add_chunk, &i, &err) < 0)
			die("fill", &err);
		if (i % 100000 == 0)
			fprintf(stderr, "%lld\n", (long long)i);
	}
	printf("%lld records in %.1f s: %.0f/s\n", (long long)most,
	       (double)(ss_time_mono() - begin) / 1e6,
	       (double)most * 1e6 / (double)(ss_time_mono() - begin));
}

static int by_time(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

static int64_t server; /* PostgreSQL's process behind our connection, on this machine; or 0 */

static void find_server(void)
{
	struct ss_error err = {0};
	struct ss_stmt *st;
	struct ss_db *db;

	if (ss_business_take(business, &db, &err) < 0 ||
	    ss_db_stmt_text(db, "select cast(pg_backend_pid() as bigint)", &st, &err) < 0 ||
	    ss_step(st, &err) < 0)
		die("pg_backend_pid", &err);
	server = ss_col_i64(st, 0);
	ss_stmt_reset(st);
	ss_business_give(business, db);
}

static int64_t server_us(void)
{
	char path[64];
	long long ns = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%lld/schedstat", (long long)server);
	f = server ? fopen(path, "r") : NULL;
	if (f && fscanf(f, "%lld", &ns) != 1)
		ns = 0;
	if (f)
		fclose(f);
	return ns / 1000;
}

/* Of this thread, and of the server's process. */
static int64_t cpu_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000 + server_us();
}

static void measure(const char *what, const struct ss_viewer *v, struct ss_thing_query q, bool map)
{
	int64_t took[TIMES], cpu[TIMES];
	struct ss_error err = {0};
	size_t n = 0;

	q.when = SS_THING_NOW;
	for (int i = 0; i < TIMES; i++) {
		struct ss_buf out = SS_BUF_MAX(64 << 20);
		json_t *list = NULL;
		int64_t begin = ss_time_mono(), began = cpu_us();
		int r = map ? ss_things_features(things, v, "plant", &q, &out, &err)
			    : ss_things_list(things, v, "plant", &q, &list, &err);

		took[i] = ss_time_mono() - begin;
		cpu[i] = cpu_us() - began;
		if (r < 0)
			die(what, &err);
		n = map ? out.n / 1024 : json_array_size(json_object_get(list, "items"));
		json_decref(list);
		ss_buf_done(&out);
	}
	ss_sort(took, TIMES, sizeof(*took), by_time);
	ss_sort(cpu, TIMES, sizeof(*cpu), by_time);
	printf("%-40s median %6.2f ms  worst %6.2f ms  processor %6.2f ms  (%zu %s)\n", what,
	       (double)took[TIMES / 2] / 1e3, (double)took[TIMES - 1] / 1e3,
	       (double)cpu[TIMES / 2] / 1e3, n, map ? "KiB" : "items");
}

static json_t *filter(const char *text)
{
	json_t *v = NULL;

	if (ss_json_parse(ss_str_of(text), &v, NULL) < 0)
		abort();
	return v;
}

static void measure_all(void)
{
	static const double city[] = {118.3, 31.2, 119.3, 32.7},
			    district[] = {118.7, 31.95, 118.85, 32.1},
			    street[] = {118.78, 32.03, 118.79, 32.04};
	static const char *const one[] = {"320106"};
	static const char *const four[] = {"320102", "320104", "320105", "320106"};
	const struct ss_viewer_role all = {"leader", NULL, 0}, area = {"officer", one, 1},
				    more = {"officer", four, 4};
	const struct ss_viewer leader = {.user = "l",
					 .name = "l",
					 .org = "",
					 .label = SS_LABEL_INTERNAL,
					 .roles = &all,
					 .n_roles = 1};
	const struct ss_viewer officer = {.user = "o",
					  .name = "o",
					  .org = "",
					  .label = SS_LABEL_INTERNAL,
					  .roles = &area,
					  .n_roles = 1};
	const struct ss_viewer chief = {.user = "c",
					.name = "c",
					.org = "",
					.label = SS_LABEL_INTERNAL,
					.roles = &more,
					.n_roles = 1};
	json_t *key = filter("{\"field\":\"class\",\"op\":\"=\",\"value\":\"key\"}");

	measure("list, newest first", &leader, (struct ss_thing_query){.limit = 50}, false);
	measure("list, one district", &officer, (struct ss_thing_query){.limit = 50}, false);
	measure("list, four districts", &chief, (struct ss_thing_query){.limit = 50}, false);
	measure("list by name", &leader, (struct ss_thing_query){.limit = 50, .sort = "name"},
		false);
	measure("list by date, latest, one district", &officer,
		(struct ss_thing_query){.limit = 50, .sort = "-since"}, false);
	measure("filter class, by height", &leader,
		(struct ss_thing_query){.limit = 50, .sort = "height", .filter = key}, false);
	measure("search 化工 (a sixteenth of all)", &leader,
		(struct ss_thing_query){.limit = 50, .q = SS_STR("化工")}, false);
	measure("search 化工, one district", &officer,
		(struct ss_thing_query){.limit = 50, .q = SS_STR("化工")}, false);
	measure("search 公司 (all)", &leader,
		(struct ss_thing_query){.limit = 50, .q = SS_STR("公司")}, false);
	measure("search 九厂 (none)", &leader,
		(struct ss_thing_query){.limit = 50, .q = SS_STR("九厂")}, false);
	measure("search 栖霞电镀 by name", &leader,
		(struct ss_thing_query){.limit = 50, .q = SS_STR("栖霞电镀"), .sort = "name"},
		false);
	measure("search 栖霞 by name", &leader,
		(struct ss_thing_query){.limit = 50, .q = SS_STR("栖霞"), .sort = "name"}, false);
	measure("search 鼓楼 by name (at its end)", &leader,
		(struct ss_thing_query){.limit = 50, .q = SS_STR("鼓楼"), .sort = "name"}, false);
	measure("search 鼓楼 by name, one district", &officer,
		(struct ss_thing_query){.limit = 50, .q = SS_STR("鼓楼"), .sort = "name"}, false);
	measure("search 化工 by date, latest", &leader,
		(struct ss_thing_query){.limit = 50, .q = SS_STR("化工"), .sort = "-since"}, false);
	measure("search 鼓 by name", &leader,
		(struct ss_thing_query){.limit = 50, .q = SS_STR("鼓"), .sort = "name"}, false);
	measure("list by date, earliest, four districts", &chief,
		(struct ss_thing_query){.limit = 50, .sort = "since"}, false);
	measure("filter class, newest, four districts", &chief,
		(struct ss_thing_query){.limit = 50, .filter = key}, false);
	measure("map, the whole city, 1000", &leader,
		(struct ss_thing_query){.limit = 1000, .bbox = city}, true);
	measure("map, the whole city, one district", &officer,
		(struct ss_thing_query){.limit = 1000, .bbox = city}, true);
	measure("map, a part of the city, 1000", &leader,
		(struct ss_thing_query){.limit = 1000, .bbox = district}, true);
	measure("map, a few streets", &leader,
		(struct ss_thing_query){.limit = 1000, .bbox = street}, true);
	measure("list, with the count of all", &leader,
		(struct ss_thing_query){.limit = 50, .count = true}, false);
	measure("filter class, with the count", &leader,
		(struct ss_thing_query){.limit = 50, .filter = key, .count = true}, false);
	measure("four districts, with the count", &chief,
		(struct ss_thing_query){.limit = 50, .count = true}, false);
	measure("search 化工, with the count", &leader,
		(struct ss_thing_query){.limit = 50, .q = SS_STR("化工"), .count = true}, false);
	json_decref(key);
}

int main(int argc, char **argv)
{
	const char *url = "sqlite:bench-things.db";
	struct ss_things_settings set = {.key_path = "bench-things.key"};
	struct ss_error err = {0};
	json_t *t;
	bool sqlite;

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--rows") == 0 && i + 1 < argc)
			rows = strtoll(argv[++i], NULL, 10);
		else
			url = argv[i];
	}
	sqlite = strncmp(url, "sqlite:", 7) == 0;
	if (rows > 0 && strcmp(url, "sqlite:bench-things.db") == 0)
		unlink("bench-things.db");
	if (ss_business_open(url, &business, &err) < 0)
		die(url, &err);
	set.business = business;
	t = filter(types);
	if (ss_things_open(&set, &things, &err) < 0 ||
	    ss_things_load(things, t, NULL, NULL, &err) < 0)
		die("open", &err);
	json_decref(t);
	if (rows > 0)
		fill(rows > MADE ? MADE : rows);
	if (rows > MADE)
		copy();
	if (!sqlite) {
		look_over(url);
		find_server();
	}
	measure_all();
	ss_things_close(things);
	ss_business_close(business);
	return 0;
}
