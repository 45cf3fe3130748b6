/* Every act that the API takes leaves exactly one whole row in the audit, done or refused; and when
 * the audit cannot be written nothing is changed. */
#include "node.h"

#include <unistd.h>

#include "base/os.h"
#include "serve/api/api.h"

struct fixture {
	struct ss_node node;
	struct ss_node_settings set;
	struct ss_config *config;
	char dir[64];
	int port;
};
static struct fixture f;

static int setup(void **state)
{
	(void)state;
	node_prepare("audit", f.dir, &f.config, &f.set);
	f.port = node_start(&f.node, &f.set);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	return node_end(&f.node, f.config, f.dir);
}

struct last {
	int64_t seq, status, at_us;
	char actor[40], via[16], origin[64], request[64], action[64], target[256], outcome[16],
	    detail[2000];
};

static bool keep(void *arg, const struct ss_audit_row *row)
{
	struct last *l = arg;

	*l = (struct last){.seq = row->seq, .status = row->status, .at_us = row->at_us};
#define KEEP(name) ss_str_copy(l->name, sizeof(l->name), row->name)
	KEEP(actor);
	KEEP(via);
	KEEP(origin);
	KEEP(request);
	KEEP(action);
	KEEP(target);
	KEEP(outcome);
	KEEP(detail);
	return false;
}

static struct last last_row(void)
{
	struct ss_audit_filter all = {.from_us = SS_TIME_NONE, .to_us = SS_TIME_NONE, .limit = 1};
	struct ss_error err = {0};
	struct last l = {0};

	if (ss_audit_search(f.node.audit, &all, keep, &l, &err) < 0)
		fail_msg("%s", err.text);
	return l;
}

/* Rows without waiting come a moment after the answer. */
static struct last row_after(int64_t seq)
{
	struct last l = last_row();

	for (int i = 0; i < 12000 && l.seq <= seq; i++) {
		usleep(5000);
		l = last_row();
	}
	assert_int_equal(l.seq, seq + 1);
	return l;
}

static const char *const methods[] = {"GET", "POST", "PUT", "PATCH", "DELETE"};

/* The path with something in place of each parameter. */
static void fill_path(const char *path, char *out, size_t cap)
{
	size_t n = 0;

	for (; *path && n + 8 < cap; path++) {
		out[n++] = *path == '{' ? '1' : *path;
		if (*path == '{')
			path = strchr(path, '}');
	}
	out[n] = 0;
}

static void every_act_that_fails_leaves_one_row(void **state)
{
	int acts = 0;

	(void)state;
	for (const struct ss_route *rt = ss_api_routes; rt->path; rt++) {
		int64_t before = last_row().seq;
		char path[200], id[64];
		struct reply r;
		struct last l;

		if (rt->method == SS_GET || (rt->flags & SS_ROUTE_PURE))
			continue;
		fill_path(rt->path, path, sizeof(path));
		/* Neither JSON nor a table: whatever the act is, this is refused or does nothing.
		 */
		r = client_do(f.port, methods[rt->method], path,
			      "Content-Type: application/json\r\n", SS_STR("[0"));
		snprintf(id, sizeof(id), "%.*s", SS_STR_ARG(reply_header(&r, "X-Request-Id")));
		l = row_after(before);
		assert_string_equal(l.action, rt->permission);
		assert_string_equal(l.actor, "local");
		assert_string_equal(l.via, "api");
		assert_string_equal(l.origin, "127.0.0.1");
		assert_string_equal(l.request, id);
		assert_int_equal(l.status, r.status);
		assert_string_equal(l.outcome, r.status < 300    ? "ok"
					       : r.status == 401 ? "denied"
								 : "failed");
		assert_true(l.target[0] && l.at_us > ss_time_now() - SS_US_PER_HOUR);
		reply_done(&r);
		acts++;
	}
	assert_true(acts >= 5);
}

static const char csv[] = "mn,site_code,site_name,kind,district\n"
			  "A320102000000000000000A1,S1,甲厂,source_water,320102\n";

static void an_act_that_is_done_leaves_one_row_with_what_changed(void **state)
{
	int64_t before = last_row().seq;
	struct reply r;
	struct last l;
	json_t *v;

	(void)state;
	r = client_do(f.port, "POST", "/api/v1/devices/import", "Content-Type: text/csv\r\n",
		      ss_str_of(csv));
	assert_int_equal(r.status, 200);
	reply_done(&r);
	l = row_after(before);
	assert_string_equal(l.outcome, "ok");
	assert_string_equal(l.target, "devices");
	v = json_loads(l.detail, 0, NULL);
	assert_int_equal(json_integer_value(json_object_get(v, "added")), 1);
	json_decref(v);

	r = client_do(f.port, "POST", "/api/v1/devices", "Content-Type: application/json\r\n",
		      SS_STR("{\"mn\":\"A2\",\"site_name\":\"乙厂\",\"district\":\"320104\","
			     "\"kind\":\"source_water\"}"));
	if (r.status != 201)
		fail_msg("%s", r.body.p);
	reply_done(&r);
	l = row_after(before + 1);
	assert_string_equal(l.target, "device/A2");
	assert_non_null(strstr(l.detail, "\"after\":{"));
	assert_null(strstr(l.detail, "pw"));
}

static void reading_is_no_act_but_reading_the_audit_is(void **state)
{
	int64_t before;
	json_t *v, *items;

	(void)state;
	before = last_row().seq;
	json_decref(client_json(f.port, "/api/v1/sites"));
	json_decref(client_json(f.port, "/api/v1/audit/stat"));
	assert_int_equal(last_row().seq, before);
	v = client_json(f.port, "/api/v1/audit?limit=2&action=device.register");
	items = json_object_get(v, "items");
	assert_int_equal(json_array_size(items), 2);
	assert_string_equal(json_string_value(json_object_get(json_array_get(items, 0), "target")),
			    "device/A2");
	assert_true(json_is_string(json_object_get(v, "next")));
	json_decref(v);
	assert_string_equal(row_after(before).action, "audit.read");
}

static void paging_goes_through_every_row_once(void **state)
{
	char target[300] = "/api/v1/audit?limit=3";
	int64_t seen = INT64_MAX, n = 0;

	(void)state;
	for (;;) {
		json_t *v = client_json(f.port, target), *row;
		const char *next = json_string_value(json_object_get(v, "next"));
		size_t i;

		json_array_foreach(json_object_get(v, "items"), i, row)
		{
			int64_t seq = json_integer_value(json_object_get(row, "seq"));

			assert_true(seq < seen);
			seen = seq;
			n++;
		}
		if (next)
			snprintf(target, sizeof(target), "/api/v1/audit?limit=3&cursor=%s", next);
		json_decref(v);
		if (!next)
			break;
	}
	assert_int_equal(seen, 1);
	assert_true(n >= 7);
}

static void the_api_verifies(void **state)
{
	struct reply r = client_do(f.port, "POST", "/api/v1/audit/verify", NULL, SS_STR(""));
	json_t *v = json_loads(r.body.p, 0, NULL);

	(void)state;
	assert_int_equal(r.status, 200);
	assert_true(json_is_true(json_object_get(v, "good")));
	json_decref(v);
	reply_done(&r);
}

/* A refusal through a proxy is written down as well, whatever was asked for. */
static void a_refusal_leaves_a_row(void **state)
{
	int64_t before = last_row().seq;
	struct reply r = client_do(f.port, "GET", "/api/v1/sites", "X-Forwarded-For: 8.8.8.8\r\n",
				   ss_str_n(NULL, 0));
	struct last l;

	(void)state;
	assert_int_equal(r.status, 403);
	reply_done(&r);
	l = row_after(before);
	assert_string_equal(l.outcome, "denied");
	assert_string_equal(l.action, "site.read");
}

static void without_an_audit_nothing_is_changed(void **state)
{
	struct ss_audit_stat st = {.waiting = 1};
	struct ss_device d;
	struct reply r;

	(void)state;
	assert_int_equal(ss_os_fault_install("dbwrite:enospc:1+"), 0);
	ss_audit_note(f.node.audit, &(struct ss_audit_row){.actor = SS_STR("x")});
	while (ss_audit_ready(f.node.audit, NULL) == 0)
		usleep(5000);
	r = client_do(f.port, "POST", "/api/v1/devices/import", "Content-Type: text/csv\r\n",
		      SS_STR("mn,site_code,site_name,kind,district\nA3,S3,丙厂,dust,320105\n"));
	assert_int_equal(r.status, 507);
	reply_done(&r);
	ss_os_set(NULL);
	while (st.waiting) {
		usleep(5000);
		ss_audit_stat(f.node.audit, &st);
	}
	assert_int_equal(ss_registry_device(f.node.registry, SS_STR("A3"), &d), SS_ENOTFOUND);
	assert_string_equal(last_row().outcome, "failed");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_act_that_fails_leaves_one_row),
	    cmocka_unit_test(an_act_that_is_done_leaves_one_row_with_what_changed),
	    cmocka_unit_test(reading_is_no_act_but_reading_the_audit_is),
	    cmocka_unit_test(paging_goes_through_every_row_once),
	    cmocka_unit_test(the_api_verifies),
	    cmocka_unit_test(a_refusal_leaves_a_row),
	    cmocka_unit_test(without_an_audit_nothing_is_changed),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
