/* Amendments of the law, checks before them, and codes looked up in its lists. */
#include "reason/amend/amend.h"
#include "reason/lawbook/lawbook.h"
#include "serve/api/api_internal.h"
#include "serve/api/standards_internal.h"

#define WAIT_US (30 * SS_US_PER_SEC)
#define CHANGES_MOST 2000
#define CODES_MOST 5000

/* {"rows","end"} of the body, owned by the caller. */
static json_t *data_of(const json_t *body)
{
	static const char *const parts[] = {"rows", "end"};
	json_t *data = json_object();

	for (size_t i = 0; data && i < SS_ARRAY_LEN(parts); i++) {
		json_t *v = json_object_get(body, parts[i]);

		if (v)
			json_object_set(data, parts[i], v);
	}
	return data;
}

/* Both days of a change matter: what holds today may stay as it is. */
static void put_changes(struct ss_json *j, const struct ss_law *a, const struct ss_law *b,
			const char *table, struct ss_lawbook_change *list)
{
	size_t n = ss_lawbook_diff(ss_law_table(a, table), SS_ANY_DAY, ss_law_table(b, table),
				   SS_ANY_DAY, list, CHANGES_MOST);

	ss_json_key(j, "changes");
	ss_json_arr(j);
	for (size_t i = 0; i < n && i < CHANGES_MOST; i++)
		ss_lawbook_put_change(j, &list[i]);
	ss_json_end_arr(j);
}

int ss_post_standards_check(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_json j = ss_json_on(rs->out);
	const json_t *body = ss_request_json(rq);
	json_t *data = data_of(body);
	const struct ss_law_change c = {.id = "",
					.table = ss_json_get_z(body, "table"),
					.data = data,
					.recorded_us = ss_time_now()};
	struct ss_lawbook_change *list = ss_arena_array(rq->a, CHANGES_MOST, sizeof(*list));
	const struct ss_law *now = ss_law_now();
	struct ss_law *law = NULL;
	int r = data && list ? ss_law_supposed(now, &c, &law, err) : SS_ENOMEM;

	if (r == 0) {
		ss_json_obj(&j);
		ss_json_kbool(&j, "fits", true);
		ss_json_kz(&j, "table", c.table);
		ss_json_key(&j, "law");
		ss_lawbook_put_law(&j, now);
		put_changes(&j, now, law, c.table, list);
		ss_json_end_obj(&j);
	}
	ss_law_free(law);
	json_decref(data);
	return r;
}

static void put_amended(struct ss_json *j, const char *id, struct ss_str result)
{
	ss_json_obj(j);
	ss_json_kz(j, "id", id);
	ss_json_key(j, "result");
	ss_json_raw(j, result.n ? result : SS_STR("{}"));
	ss_json_key(j, "law");
	ss_lawbook_put_law(j, ss_law_now());
	ss_json_end_obj(j);
}

/* The rows themselves are in the journal. */
static const char *const kept[] = {"table", "reason", NULL};

int ss_post_amendment(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	ss_cleanup(ss_buf_done) struct ss_buf result = SS_BUF_MAX(1 << 20);
	struct ss_api *api = ss_api_of(rq);
	struct ss_json j = ss_json_on(rs->out);
	const json_t *body = ss_request_json(rq);
	json_t *data = data_of(body),
	       *target = json_pack("{s:s}", "table", ss_json_get_z(body, "table"));
	const struct ss_act_new act = {.act = SS_ACT_LAW_AMEND,
				       .by = ss_api_by(rq, body),
				       .verified = rq->actor->signed_in,
				       .target = target,
				       .data = data,
				       .reason = ss_json_get_z(body, "reason"),
				       .at_us = SS_TIME_NONE};
	char id[37] = "";
	int r = ss_api_need(api->acts, "acts", err);

	ss_api_keep(rq, kept);
	if (r == 0 && (!data || !target))
		r = SS_ENOMEM;
	if (r == 0)
		r = ss_acts_append(api->acts, &act, WAIT_US, id, &result, err);
	json_decref(data);
	json_decref(target);
	if (r < 0 && !(r == SS_ETIMEOUT && id[0]))
		return r;
	rs->status = r < 0 ? 202 : 201;
	put_amended(&j, id, r < 0 ? SS_STR("{\"waiting\":true}") : ss_buf_str(&result));
	return 0;
}

/* --- codes -------------------------------------------------------------------------------------
 */

struct verdict {
	const char *state; /* valid ended old alias unknown */
	const struct ss_law_row *row;
	const char *current; /* code to be used; NULL = none */
};

/* A factor by its code of 2005, or by another name. Several media may share one: the first. */
static void factor_otherwise(const struct ss_law *law, const char *code, struct verdict *v)
{
	const struct ss_law_table *t = ss_law_table(law, "codes/factors");
	const struct ss_law_table *a = ss_law_table(law, "codes/factor-aliases");

	for (const struct ss_law_row *r = NULL; (r = ss_law_next(t, SS_ANY_DAY, r));) {
		if (strcmp(ss_law_text(r, "old"), code) != 0)
			continue;
		*v = (struct verdict){"old", r, ss_law_text(r, "code")};
		return;
	}
	for (const struct ss_law_row *r = NULL; (r = ss_law_next(a, SS_ANY_DAY, r));) {
		if (!ss_str_eq_nocase(ss_str_of(ss_law_text(r, "alias")), ss_str_of(code)))
			continue;
		v->current = ss_law_text(r, "factor");
		v->state = "alias";
		v->row = ss_law_find(t, SS_ANY_DAY, SS_LAW_KEY(v->current));
		return;
	}
}

static struct verdict look_up(const struct ss_law *law, const struct ss_law_table *t,
			      const char *code, int64_t day)
{
	struct verdict v = {"unknown", NULL, NULL};
	const struct ss_law_row *row = ss_law_find(t, day, SS_LAW_KEY(code));
	int into = ss_law_column(t, "merged_into");

	if (row)
		return (struct verdict){"valid", row, row->text[t->key[0]]};
	row = ss_law_find(t, SS_ANY_DAY, SS_LAW_KEY(code));
	if (row) {
		v = (struct verdict){"ended", row, NULL};
		if (into >= 0 && row->text[into][0])
			v.current = row->text[into];
	} else if (strcmp(t->name, "codes/factors") == 0) {
		factor_otherwise(law, code, &v);
	}
	return v;
}

static int code_list(const json_t *body, const struct ss_law *law, const struct ss_law_table **ret,
		     struct ss_error *err)
{
	const char *name = ss_json_get_z(body, "table");

	*ret = ss_law_table(law, name);
	if (*ret && (*ret)->n_keys == 1)
		return 0;
	return ss_error_set(err, *ret ? SS_EINVAL : SS_ENOTFOUND,
			    "%s 不是一列主键的代码表 not a list of codes with one key", name);
}

int ss_post_codes(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_json j = ss_json_on(rs->out);
	const json_t *body = ss_request_json(rq), *codes = json_object_get(body, "codes"), *one;
	const struct ss_law_table *t = NULL;
	struct ss_law_ask a;
	int64_t faults = 0;
	size_t i;
	int r = ss_law_ask(rq, &a, err);

	if (r == 0)
		r = code_list(body, a.law, &t, err);
	if (r == 0 && json_array_size(codes) > CODES_MOST)
		r = ss_error_set(err, SS_ETOOBIG, "一次至多 %d 个代码 at most %d codes at once",
				 CODES_MOST, CODES_MOST);
	if (r < 0)
		return r;
	ss_json_obj(&j);
	ss_law_put_ask(&j, &a);
	ss_json_kz(&j, "table", t->name);
	ss_json_key(&j, "items");
	ss_json_arr(&j);
	json_array_foreach((json_t *)codes, i, one)
	{
		const char *code = json_string_value(one);
		struct verdict v = look_up(a.law, t, code ? code : "", a.day);

		faults += strcmp(v.state, "valid") != 0;
		ss_json_obj(&j);
		ss_json_kz(&j, "code", code);
		ss_json_kz(&j, "state", v.state);
		ss_json_kz(&j, "current", v.current);
		ss_json_key(&j, "row");
		ss_lawbook_put_row(&j, v.row);
		ss_json_end_obj(&j);
	}
	ss_json_end_arr(&j);
	ss_json_ki64(&j, "faults", faults);
	ss_json_end_obj(&j);
	return 0;
}
