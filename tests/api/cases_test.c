/* Cases over HTTP, on the penalties module: who gets what of two districts, by every way in (page,
 * list, tasks, acts, files, documents); what lacks is named; attachments are looked at; acts are
 * audited. */
#include "house.h"

static struct person officer = {.login = "officer"}, far_officer = {.login = "faraway"},
		     review = {.login = "review"}, lead = {.login = "lead"},
		     nobody = {.login = "nobody"};
static char id[40], other[40], digest[80], document[40];

static int setup_house(void **state)
{
	if (setup(state) < 0)
		return -1;
	ss_node_close(&f.node);
	f.set.core.modules.dir = SS_SOURCE_DIR "/modules";
	start_node();
	return 0;
}

static void person(struct person *p, const char *role, const char *areas)
{
	make_user(p, "");
	if (role)
		assert_int_equal(grant(&sec, p->id, role, areas), 201);
	own_password(p);
}

static void people_come(void **state)
{
	(void)state;
	three();
	person(&officer, "enforce_officer", "[\"320102\"]");
	person(&far_officer, "enforce_officer", "[\"320104\"]");
	person(&lead, "enforce_lead", "[\"320102\"]");
	person(&review, "legal_review", NULL);
	person(&nobody, NULL, NULL);
}

__attribute__((format(printf, 1, 2))) static char *path(const char *fmt, ...)
{
	static char out[4][300];
	static int k;
	char *p = out[k++ % 4];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(p, 300, fmt, ap);
	va_end(ap);
	return p;
}
#define CASE(rest) path("/api/v1/cases/penalty/%s" rest, id)

static size_t items(const struct person *p, const char *target)
{
	json_t *v = json(p, "GET", target, NULL, 200);
	size_t n = json_array_size(json_object_get(v, "items"));

	json_decref(v);
	return n;
}

static void a_case_is_started(void **state)
{
	static const char *const ask = "{\"data\":{\"title\":\"超标排放\",\"discovered_at\":\"2026-"
				       "11-20\",\"admin_area\":\"320102\"}}";
	json_t *v;

	(void)state;
	assert_int_equal(status(NULL, "POST", "/api/v1/cases/penalty", ask), 401);
	assert_int_equal(status(&nobody, "POST", "/api/v1/cases/penalty", ask), 404);
	assert_true(status(&far_officer, "POST", "/api/v1/cases/penalty", ask) >= 400);
	assert_true(status(&review, "POST", "/api/v1/cases/penalty", ask) >= 400);
	assert_int_equal(status(&officer, "POST", "/api/v1/cases/nothing", ask), 404);
	assert_int_equal(items(&officer, "/api/v1/cases"), 0);
	v = json(&officer, "POST", "/api/v1/cases/penalty", ask, 201);
	snprintf(id, sizeof(id), "%s", str(v, "id"));
	json_decref(v);
	v = json(&far_officer, "POST", "/api/v1/cases/penalty",
		 "{\"data\":{\"title\":\"偷排\",\"discovered_at\":\"2026-11-21\",\"admin_area\":"
		 "\"320104\"}}",
		 201);
	snprintf(other, sizeof(other), "%s", str(v, "id"));
	json_decref(v);
}

/* A phone sends what it could not learn the answer of again: there is one case all the same. */
static void asked_twice_is_one(void **state)
{
	static const char *const ask =
	    "{\"id\":\"0198c0de-0000-7000-8000-00000000f1e1\",\"data\":{\"title\":\"夜间偷排\","
	    "\"discovered_at\":\"2026-11-22\",\"admin_area\":\"320102\"}}";
	static const char *const theirs =
	    "{\"id\":\"0198c0de-0000-7000-8000-00000000f1e1\",\"data\":{\"title\":\"夜间偷排\","
	    "\"discovered_at\":\"2026-11-22\",\"admin_area\":\"320104\"}}";
	size_t before = items(&officer, "/api/v1/cases");

	(void)state;
	for (int i = 0; i < 3; i++) {
		json_t *v = json(&officer, "POST", "/api/v1/cases/penalty", ask, 201);

		assert_string_equal(str(v, "id"), "0198c0de-0000-7000-8000-00000000f1e1");
		json_decref(v);
	}
	assert_int_equal(items(&officer, "/api/v1/cases"), before + 1);
	assert_int_equal(status(&far_officer, "POST", "/api/v1/cases/penalty", theirs), 409);
	assert_int_equal(status(&officer, "POST", "/api/v1/cases/penalty",
				"{\"id\":\"no uuid\",\"data\":{\"title\":\"x\"}}"),
			 400);
	/* Another flow's case under the same id: not his either. */
	assert_int_equal(items(&officer, "/api/v1/cases"), before + 1);
}

/* The page, the list, the tasks, the acts: as if the other's case were not there. */
static void rows_by_area(void **state)
{
	static const char *const acts[] = {"go",      "save",     "claim",  "release", "transfer",
					   "comment", "urge",     "attach", "link",    "document",
					   "suspend", "pause",    "extend", "sign",    "jump",
					   "return",  "withdraw", "void"};
	char body[120];

	(void)state;
	assert_int_equal(status(&officer, "GET", CASE(""), NULL), 200);
	assert_int_equal(status(&review, "GET", CASE(""), NULL), 200);
	assert_int_equal(status(NULL, "GET", CASE(""), NULL), 401);
	assert_int_equal(status(&far_officer, "GET", CASE(""), NULL), 404);
	assert_int_equal(status(&nobody, "GET", CASE(""), NULL), 404);
	assert_int_equal(status(&sys, "GET", CASE(""), NULL), 404);
	assert_int_equal(status(&officer, "GET", path("/api/v1/cases/penalty/%s", other), NULL),
			 404);
	assert_int_equal(status(&officer, "GET", path("/api/v1/cases/draw/%s", id), NULL), 404);
	assert_int_equal(items(&officer, "/api/v1/cases"), 1);
	assert_int_equal(items(&far_officer, "/api/v1/cases"), 1);
	assert_int_equal(items(&review, "/api/v1/cases"), 2);
	assert_int_equal(items(&nobody, "/api/v1/cases"), 0);
	assert_int_equal(items(&officer, "/api/v1/cases?q=%E5%81%B7%E6%8E%92"), 0);
	assert_int_equal(items(&officer, "/api/v1/cases?mine=1"), 1);
	assert_int_equal(items(&officer, "/api/v1/tasks"), 1);
	assert_int_equal(items(&nobody, "/api/v1/tasks"), 0);
	for (size_t i = 0; i < SS_ARRAY_LEN(acts); i++) {
		snprintf(body, sizeof(body), "{\"act\":\"%s\",\"note\":\"x\",\"to\":\"filing\"}",
			 acts[i]);
		assert_int_equal(status(&far_officer, "POST", CASE("/acts"), body), 404);
		assert_int_equal(status(&nobody, "POST", CASE("/acts"), body), 404);
	}
	/* Who sees it but does not work on it. */
	assert_int_equal(
	    status(&review, "POST", CASE("/acts"), "{\"act\":\"go\",\"to\":\"filing\"}"), 403);
	assert_int_equal(status(&review, "POST", CASE("/acts"), "{\"act\":\"claim\"}"), 409);
	assert_int_equal(status(&officer, "POST", CASE("/acts"), "{\"act\":\"explode\"}"), 400);
	assert_int_equal(status(&officer, "POST", CASE("/acts"), "{\"act\":\"go\",\"x\":1}"), 400);
}

static void what_lacks_is_told(void **state)
{
	json_t *v =
	    json(&officer, "POST", CASE("/acts"), "{\"act\":\"go\",\"to\":\"filing\"}", 409);

	(void)state;
	assert_non_null(strstr(str(v, "detail"), "违法事实"));
	assert_true(json_array_size(json_object_get(v, "problems")) > 5);
	assert_string_equal(str(json_array_get(json_object_get(v, "problems"), 0), "what"),
			    "field");
	json_decref(v);
	v = json(&officer, "POST", CASE("/acts"),
		 "{\"act\":\"go\",\"to\":\"filing\",\"data\":{\"party_kind\":\"unit\",\"party_"
		 "name\":\"甲公司\","
		 "\"party_address\":\"南京\",\"conduct\":\"W01\",\"act_text\":\"超标 1.2 "
		 "倍\",\"act_place\":\"总排口\","
		 "\"act_end\":\"2026-11-19\",\"how\":\"data\",\"violated_clause\":\"第十八条\","
		 "\"penalty_clause\":\"第九十九条\"}}",
		 200);
	assert_string_equal(str(v, "state"), "filing");
	json_decref(v);
	assert_int_equal(items(&officer, "/api/v1/tasks"), 0);
	assert_int_equal(items(&lead, "/api/v1/tasks"), 1);
}

static int upload(const struct person *p, const char *name, const char *bytes, size_t n,
		  json_t **ret)
{
	char target[300], extra[300];
	struct reply r;
	int s;

	snprintf(target, sizeof(target), "/api/v1/cases/penalty/%s/files?kind=photo&name=%s", id,
		 name);
	snprintf(extra, sizeof(extra),
		 "Cookie: %s\r\nX-CSRF-Token: %s\r\nContent-Type: application/octet-stream\r\n",
		 p->cookie, p->csrf);
	r = client_do(f.port, "POST", target, extra, ss_str_n(bytes, n));
	s = r.status;
	if (ret)
		*ret = json_loads(r.body.p ? r.body.p : "", 0, NULL);
	reply_done(&r);
	return s;
}

#define BYTES(z) z, sizeof(z) - 1
static void attachments(void **state)
{
	json_t *v;
	struct reply r;
	struct ss_str type;

	(void)state;
	assert_int_equal(upload(&far_officer, "a.jpg", BYTES("\xff\xd8\xff\xe0 picture"), NULL),
			 404);
	assert_int_equal(upload(&lead, "a.exe", BYTES("MZ program"), NULL), 400);
	assert_int_equal(upload(&lead, "a.jpg", BYTES("MZ program"), NULL), 400);
	assert_int_equal(upload(&lead, "a.jpg", BYTES("%PDF-1.4 x"), NULL), 400);
	assert_int_equal(upload(&lead, "a.txt", BYTES("<html><script>"), NULL), 400);
	assert_int_equal(upload(&lead, "a.pdf", BYTES("%PDF-1.4 /Encrypt 1 0 R"), NULL), 400);
	assert_int_equal(upload(&lead, "a.jpg", BYTES(""), NULL), 400);
	assert_int_equal(
	    upload(&lead, "%E7%85%A7%E7%89%87.jpg", BYTES("\xff\xd8\xff\xe0 picture"), &v), 201);
	snprintf(digest, sizeof(digest), "%s", str(v, "digest"));
	assert_string_equal(str(v, "type"), "image/jpeg");
	json_decref(v);
	assert_int_equal(upload(&lead, "b.jpg", BYTES("\xff\xd8\xff\xe0 picture"), NULL), 409);
	r = ask(&officer, "GET", path("/api/v1/files/%s", digest), NULL);
	assert_int_equal(r.status, 200);
	assert_memory_equal(r.body.p, "\xff\xd8\xff\xe0 picture", r.body.n);
	type = reply_header(&r, "Content-Disposition");
	assert_non_null(memmem(type.p, type.n, "filename*=UTF-8''%E7%85%A7", 26));
	reply_done(&r);
	assert_int_equal(status(&far_officer, "GET", path("/api/v1/files/%s", digest), NULL), 404);
	assert_int_equal(status(&nobody, "GET", path("/api/v1/files/%s", digest), NULL), 404);
	assert_int_equal(status(NULL, "GET", path("/api/v1/files/%s", digest), NULL), 401);
	assert_int_equal(status(&officer, "GET", "/api/v1/files/..%2f..%2fetc", NULL), 400);
}

/* What a phone took: place and time stay with it, bytes that changed are refused, twice is once. */
static void files_sent_twice(void **state)
{
	static const char taken[] = "\xff\xd8\xff\xe0 taken in the field";
	char hex[2 * SS_SM3_LEN + 1] = "", name[300];
	uint8_t d[SS_SM3_LEN];
	const json_t *file;
	json_t *v;

	(void)state;
	assert_int_equal(ss_sm3(taken, sizeof(taken) - 1, d), 0);
	ss_hex_encode(hex, d, sizeof(d));
	hex[2 * SS_SM3_LEN] = 0;
	snprintf(name, sizeof(name), "f.jpg&sm3=%064d", 7);
	assert_int_equal(upload(&lead, name, BYTES("\xff\xd8\xff\xe0 changed"), NULL), 400);
	assert_int_equal(upload(&lead, "f.jpg&about=7", BYTES(taken), NULL), 400);
	snprintf(name, sizeof(name), "f.jpg&ask=a1&about=%%7B%%22lon%%22:118.8%%7D&sm3=%s", hex);
	for (int i = 0; i < 3; i++)
		assert_int_equal(upload(&lead, name, taken, sizeof(taken) - 1, NULL), 201);
	v = json(&lead, "GET", CASE(""), NULL, 200);
	assert_int_equal(json_array_size(json_object_get(v, "files")), 2);
	file = json_array_get(json_object_get(v, "files"), 1);
	assert_string_equal(str(file, "digest"), hex);
	assert_true(json_number_value(json_object_get(json_object_get(file, "about"), "lon")) >
		    118);
	json_decref(v);
}

static void documents(void **state)
{
	char target[300];
	json_t *v;
	struct reply r;

	(void)state;
	v = json(&lead, "POST", CASE("/acts"), "{\"act\":\"document\",\"document\":\"filing\"}",
		 200);
	snprintf(document, sizeof(document), "%s", str(v, "document"));
	json_decref(v);
	snprintf(target, sizeof(target), "/api/v1/cases/penalty/%s/documents/%s.pdf", id, document);
	r = ask(&officer, "GET", target, NULL);
	assert_int_equal(r.status, 200);
	assert_memory_equal(r.body.p, "%PDF-", 5);
	reply_done(&r);
	assert_int_equal(status(&far_officer, "GET", target, NULL), 404);
	assert_int_equal(status(NULL, "GET", target, NULL), 401);
	snprintf(target, sizeof(target), "/api/v1/cases/penalty/%s/documents/%s.html", id,
		 document);
	r = ask(&lead, "GET", target, NULL);
	assert_int_equal(r.status, 200);
	assert_non_null(strstr(r.body.p, "甲公司"));
	reply_done(&r);
	snprintf(target, sizeof(target), "/api/v1/cases/penalty/%s/documents/%s.exe", id, document);
	assert_int_equal(status(&lead, "GET", target, NULL), 404);
}

static void flows_are_told(void **state)
{
	json_t *v = json(&officer, "GET", "/api/v1/flows/penalty", NULL, 200);

	(void)state;
	assert_true(json_array_size(json_object_get(v, "states")) > 5);
	json_decref(v);
	assert_int_equal(status(&nobody, "GET", "/api/v1/flows/penalty", NULL), 404);
	assert_int_equal(items(&nobody, "/api/v1/flows"), 0);
	v = json(&officer, "POST", "/api/v1/flows/penalty/simulate",
		 "{\"cases\":500,\"per_day\":2,\"days\":{\"investigation\":20}}", 200);
	assert_int_equal(json_array_size(json_object_get(v, "unreachable")), 0);
	json_decref(v);
}

static void acts_are_audited(void **state)
{
	json_t *v = json(&aud, "GET", path("/api/v1/audit?q=%s&limit=200", id), NULL, 200), *e;
	size_t i, ok = 0, failed = 0, disclosed = 0;

	(void)state;
	json_array_foreach(json_object_get(v, "items"), i, e)
	{
		const char *outcome = str(e, "outcome"), *action = str(e, "action");

		ok += strcmp(outcome, "ok") == 0 && strcmp(action, "case.act") == 0;
		failed += strcmp(outcome, "ok") != 0;
		disclosed += strcmp(action, "case.read") == 0;
	}
	assert_true(ok >= 3);
	assert_true(failed >= 10);
	assert_true(disclosed >= 2);
	json_decref(v);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(people_come),        cmocka_unit_test(a_case_is_started),
	    cmocka_unit_test(rows_by_area),       cmocka_unit_test(what_lacks_is_told),
	    cmocka_unit_test(attachments),        cmocka_unit_test(documents),
	    cmocka_unit_test(flows_are_told),     cmocka_unit_test(acts_are_audited),
	    cmocka_unit_test(asked_twice_is_one), cmocka_unit_test(files_sent_twice),
	};

	return cmocka_run_group_tests_name("cases", tests, setup_house, teardown);
}
