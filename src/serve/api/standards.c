/* The law for people: its tables, rows, search, differences and history. `day`: which rows hold
 * (today by default, "all" for every one); `known`: the law as it was known at that moment. */
#include <stdlib.h>

#include "reason/lawbook/lawbook.h"
#include "record/acts/acts.h"
#include "serve/api/api_internal.h"
#include "serve/api/standards_internal.h"

#define HITS_MOST 200
#define CHANGES_MOST 5000

int ss_law_day_param(struct ss_request *rq, const char *name, int64_t def, int64_t *ret,
		     struct ss_error *err)
{
	struct ss_str text = ss_request_param(rq, name);
	int64_t t;

	*ret = def;
	if (!text.p)
		return 0;
	if (ss_str_is(text, "all")) {
		*ret = SS_ANY_DAY;
		return 0;
	}
	if (text.n == 10 && ss_time_parse_iso(text, &t) == 0) {
		*ret = ss_day_of(t);
		return 0;
	}
	ss_request_blame(rq, name);
	return ss_error_set(err, SS_EINVAL,
			    "参数 %s 须是日期，如 2026-03-01 parameter %s must be a date", name,
			    name);
}

int ss_law_ask(struct ss_request *rq, struct ss_law_ask *ret, struct ss_error *err)
{
	int64_t now = ss_time_now(), known;
	int r = ss_request_time(rq, "known", now, &known, err);

	if (r == 0)
		r = ss_law_day_param(rq, "day", ss_day_of(now), &ret->day, err);
	if (r == 0)
		ret->law = ss_law_then(known);
	return r;
}

int ss_law_table_param(struct ss_request *rq, const struct ss_law *law,
		       const struct ss_law_table **ret, struct ss_error *err)
{
	struct ss_str folder = ss_request_param(rq, "folder"),
		      table = ss_request_param(rq, "table");
	char name[256];

	snprintf(name, sizeof(name), SS_STR_FMT "/" SS_STR_FMT, SS_STR_ARG(folder),
		 SS_STR_ARG(table));
	*ret = ss_law_table(law, name);
	if (*ret)
		return 0;
	ss_request_blame(rq, "table");
	return ss_error_set(err, SS_ENOTFOUND, "没有法表 %s no such table", name);
}

void ss_law_put_ask(struct ss_json *j, const struct ss_law_ask *a)
{
	char day[SS_TIME_ISO];

	ss_json_key(j, "law");
	ss_lawbook_put_law(j, a->law);
	ss_json_key(j, "day");
	if (a->day == SS_ANY_DAY) {
		ss_json_null(j);
		return;
	}
	ss_time_fmt_iso(day, ss_day_start(a->day));
	ss_json_str(j, ss_str_n(day, 10));
}

/* --- tables and rows ---------------------------------------------------------------------------
 */

/* Is the row one of that standard? .p NULL: of any. */
static bool of_standard(const struct ss_law_row *row, struct ss_str standard)
{
	int c = ss_law_column(row->table, "standard");

	return !standard.p || (c >= 0 && ss_str_is(standard, row->text[c]));
}

/* How many rows of a day rest on that standard. */
static int64_t cited(const struct ss_law_table *t, int64_t day, struct ss_str standard)
{
	const struct ss_law_row *row = NULL;
	int64_t n = 0;

	while ((row = ss_law_next(t, day, row)))
		n += of_standard(row, standard);
	return n;
}

int ss_get_standards(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_json j = ss_json_on(rs->out);
	struct ss_str kind = ss_request_param(rq, "kind"),
		      standard = ss_request_param(rq, "standard");
	const struct ss_law_table *const *t;
	struct ss_law_ask a;
	size_t n;
	int r = ss_law_ask(rq, &a, err);

	if (r < 0)
		return r;
	t = ss_law_tables(a.law, &n);
	ss_json_obj(&j);
	ss_law_put_ask(&j, &a);
	ss_json_key(&j, "items");
	ss_json_arr(&j);
	for (size_t i = 0; i < n; i++) {
		int64_t rows = standard.p ? cited(t[i], a.day, standard) : 0;

		if (strcmp(t[i]->kind, "schema") == 0 || (kind.p && !ss_str_is(kind, t[i]->kind)) ||
		    (standard.p && rows == 0))
			continue;
		ss_json_obj(&j);
		ss_lawbook_put_table(&j, t[i], a.day, false);
		if (standard.p)
			ss_json_ki64(&j, "cited", rows);
		ss_json_end_obj(&j);
	}
	ss_json_end_arr(&j);
	ss_json_end_obj(&j);
	return 0;
}

/* Does the row have the text somewhere, as it stands? ASCII without case; .p NULL: yes. */
static bool has_text(const struct ss_law_row *row, struct ss_str q)
{
	if (!q.p)
		return true;
	for (size_t i = 0; i < row->table->n_columns; i++)
		if (ss_str_find_nocase(ss_str_of(row->text[i]), q) >= 0)
			return true;
	return false;
}

static void put_rows(struct ss_json *j, const struct ss_law_ask *a, const struct ss_law_table *t,
		     struct ss_request *rq, const struct ss_page *page)
{
	struct ss_str q = ss_request_param(rq, "q"), standard = ss_request_param(rq, "standard");
	int64_t start = 0, put = 0, total = 0;
	size_t at = 0;
	char next[24] = "";

	if (page->after.p && ss_parse_i64(page->after, &start) < 0)
		start = 0;
	ss_json_key(j, "items");
	ss_json_arr(j);
	for (const struct ss_law_row *r = NULL; (r = ss_law_next(t, a->day, r));) {
		if (!has_text(r, q) || !of_standard(r, standard))
			continue;
		total++;
		at = (size_t)(r - t->rows) + 1;
		if ((int64_t)at <= start)
			continue;
		if (put == page->limit && !next[0])
			snprintf(next, sizeof(next), "%zu", at - 1);
		if (put < page->limit) {
			ss_lawbook_put_row(j, r);
			put++;
		}
	}
	ss_json_end_arr(j);
	ss_json_ki64(j, "total", total);
	ss_page_next(j, "law", next[0] ? ss_str_of(next) : ss_str_n(NULL, 0));
}

int ss_get_standard(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_json j = ss_json_on(rs->out);
	const struct ss_law_table *t;
	struct ss_law_ask a;
	struct ss_page page;
	int r = ss_law_ask(rq, &a, err);

	if (r == 0)
		r = ss_law_table_param(rq, a.law, &t, err);
	if (r == 0)
		r = ss_page_open(rq, "law", 200, 5000, &page, err);
	if (r < 0)
		return r;
	ss_json_obj(&j);
	ss_law_put_ask(&j, &a);
	ss_lawbook_put_table(&j, t, a.day, true);
	put_rows(&j, &a, t, rq, &page);
	ss_json_end_obj(&j);
	return 0;
}

int ss_get_standard_csv(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	const struct ss_law_table *t;
	struct ss_law_ask a;
	int r = ss_law_ask(rq, &a, err);

	if (r == 0)
		r = ss_law_table_param(rq, a.law, &t, err);
	if (r < 0)
		return r;
	rs->type = "text/csv; charset=utf-8";
	rs->filename = ss_arena_printf(rq->a, "%s.csv", strchr(t->name, '/') + 1);
	return ss_lawbook_csv(rs->out, t, a.day);
}

int ss_get_standard_row(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_json j = ss_json_on(rs->out);
	const struct ss_law_table *t;
	const struct ss_law_row *row;
	struct ss_law_ask a;
	int r = ss_law_ask(rq, &a, err);

	if (r == 0)
		r = ss_law_table_param(rq, a.law, &t, err);
	if (r < 0)
		return r;
	r = ss_lawbook_find(t, a.day, ss_request_param(rq, "key"), &row, err);
	if (r < 0) {
		ss_request_blame(rq, "key");
		return r;
	}
	ss_json_obj(&j);
	ss_law_put_ask(&j, &a);
	ss_json_kz(&j, "table", t->name);
	ss_json_kz(&j, "title", t->title);
	ss_json_key(&j, "row");
	ss_lawbook_put_row(&j, row);
	/* The same on other days, by another edition too. */
	ss_json_key(&j, "others");
	ss_json_arr(&j);
	for (size_t i = 0; i < t->n_rows; i++) {
		if (&t->rows[i] != row && ss_lawbook_same_subject(&t->rows[i], row))
			ss_lawbook_put_row(&j, &t->rows[i]);
	}
	ss_json_end_arr(&j);
	ss_json_end_obj(&j);
	return 0;
}

/* --- deadlines ---------------------------------------------------------------------------------
 */

static void put_day(struct ss_json *j, const char *name, int64_t day)
{
	char text[SS_TIME_ISO];

	ss_time_fmt_iso(text, ss_day_start(day));
	ss_json_kstr(j, name, ss_str_n(text, 10));
}

int ss_get_deadline(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_json j = ss_json_on(rs->out);
	const struct ss_law_table *t;
	const struct ss_law_row *row;
	struct ss_deadline d;
	struct ss_law_ask a;
	int64_t from = 0;
	int r = ss_law_ask(rq, &a, err);

	if (r == 0)
		r = ss_law_table_param(rq, a.law, &t, err);
	if (r == 0)
		r = ss_law_day_param(rq, "from", ss_day_of(ss_time_now()), &from, err);
	if (r == 0 && (strcmp(t->kind, "deadlines") != 0 || ss_law_column(t, "limit") < 0))
		r = ss_error_set(err, SS_EINVAL, "%s 不是期限表 not a table of deadlines", t->name);
	/* The period that held on its first day. */
	if (r == 0)
		r = ss_lawbook_find(t, from, ss_request_param(rq, "key"), &row, err);
	if (r < 0)
		return r;
	r = ss_law_deadline(a.law, row, from, &d);
	if (r < 0)
		return ss_error_set(err, r, "这个期限不按日计 not counted in days");
	ss_json_obj(&j);
	ss_json_kz(&j, "table", t->name);
	put_day(&j, "from", from);
	put_day(&j, "last_day", d.last_day);
	put_day(&j, "due_day", d.due_day);
	ss_json_kbool(&j, "sure", d.sure);
	ss_json_key(&j, "row");
	ss_lawbook_put_row(&j, row);
	ss_json_end_obj(&j);
	return 0;
}

/* --- search ------------------------------------------------------------------------------------
 */

int ss_get_standards_search(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_json j = ss_json_on(rs->out);
	struct ss_lawbook_hit *hits;
	struct ss_law_ask a;
	size_t n, total;
	int64_t limit;
	int r = ss_law_ask(rq, &a, err);

	if (r == 0)
		r = ss_request_i64(rq, "limit", 50, 1, HITS_MOST, &limit, err);
	if (r < 0)
		return r;
	hits = ss_arena_array(rq->a, HITS_MOST, sizeof(*hits));
	if (!hits)
		return SS_ENOMEM;
	n = ss_lawbook_search(a.law, ss_request_param(rq, "q"), a.day, hits, (size_t)limit, &total);
	ss_json_obj(&j);
	ss_law_put_ask(&j, &a);
	ss_json_ki64(&j, "total", (int64_t)total);
	ss_json_key(&j, "items");
	ss_json_arr(&j);
	for (size_t i = 0; i < n; i++) {
		const struct ss_law_table *t = hits[i].row->table;

		ss_json_obj(&j);
		ss_json_kz(&j, "table", t->name);
		ss_json_kz(&j, "title", t->title);
		ss_json_kz(&j, "title_en", t->title_en);
		ss_json_kz(&j, "column",
			   hits[i].column < 0 ? NULL : t->columns[hits[i].column].name);
		ss_json_key(&j, "row");
		ss_lawbook_put_row(&j, hits[i].row);
		ss_json_end_obj(&j);
	}
	ss_json_end_arr(&j);
	ss_json_end_obj(&j);
	return 0;
}

/* --- differences -------------------------------------------------------------------------------
 */

struct sides {
	struct ss_law_ask a, b;
	struct ss_str table; /* .p NULL: all */
};

static int read_sides(struct ss_request *rq, struct sides *s, struct ss_error *err)
{
	int64_t now = ss_time_now(), known;
	int r = ss_law_day_param(rq, "from_day", ss_day_of(now), &s->a.day, err);

	if (r == 0)
		r = ss_law_day_param(rq, "to_day", ss_day_of(now), &s->b.day, err);
	if (r == 0)
		r = ss_request_time(rq, "from_known", now, &known, err);
	if (r < 0)
		return r;
	s->a.law = ss_law_then(known);
	r = ss_request_time(rq, "to_known", now, &known, err);
	s->b.law = ss_law_then(known);
	s->table = ss_request_param(rq, "table");
	return r;
}

static void put_side(struct ss_json *j, const char *name, const struct ss_law_ask *a)
{
	ss_json_key(j, name);
	ss_json_obj(j);
	ss_law_put_ask(j, a);
	ss_json_end_obj(j);
}

static size_t put_table_changes(struct ss_json *j, const struct sides *s,
				const struct ss_law_table *b, struct ss_lawbook_change *list)
{
	const struct ss_law_table *a = ss_law_table(s->a.law, b->name);
	size_t n;

	if (a == b && s->a.day == s->b.day)
		return 0;
	n = ss_lawbook_diff(a, s->a.day, b, s->b.day, list, CHANGES_MOST);
	if (n == 0)
		return 0;
	ss_json_obj(j);
	ss_json_kz(j, "table", b->name);
	ss_json_kz(j, "title", b->title);
	ss_json_kz(j, "title_en", b->title_en);
	ss_json_ki64(j, "changed", (int64_t)n);
	ss_json_key(j, "changes");
	ss_json_arr(j);
	for (size_t i = 0; i < n && i < CHANGES_MOST; i++)
		ss_lawbook_put_change(j, &list[i]);
	ss_json_end_arr(j);
	ss_json_end_obj(j);
	return n;
}

int ss_get_standards_diff(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_json j = ss_json_on(rs->out);
	struct ss_lawbook_change *list;
	const struct ss_law_table *const *t;
	size_t n, total = 0;
	bool found = false;
	struct sides s;
	int r = read_sides(rq, &s, err);

	if (r < 0)
		return r;
	list = ss_arena_array(rq->a, CHANGES_MOST, sizeof(*list));
	if (!list)
		return SS_ENOMEM;
	t = ss_law_tables(s.b.law, &n);
	ss_json_obj(&j);
	put_side(&j, "from", &s.a);
	put_side(&j, "to", &s.b);
	ss_json_key(&j, "items");
	ss_json_arr(&j);
	for (size_t i = 0; i < n; i++) {
		if (strcmp(t[i]->kind, "schema") == 0 ||
		    (s.table.p && !ss_str_is(s.table, t[i]->name)))
			continue;
		found = true;
		total += put_table_changes(&j, &s, t[i], list);
	}
	ss_json_end_arr(&j);
	ss_json_ki64(&j, "total", (int64_t)total);
	ss_json_end_obj(&j);
	if (found)
		return 0;
	ss_request_blame(rq, "table");
	return ss_error_set(err, SS_ENOTFOUND, "没有法表 " SS_STR_FMT " no such table",
			    SS_STR_ARG(s.table));
}

/* --- history -----------------------------------------------------------------------------------
 */

static bool put_act(void *arg, const struct ss_act *act, struct ss_str result)
{
	struct ss_json *j = arg;

	(void)result;
	ss_json_kz(j, "by", act->by);
	ss_json_kz(j, "reason", act->reason);
	ss_json_ktime(j, "at", act->at_us);
	ss_json_ki64(j, "seq", (int64_t)act->seq);
	return false;
}

int ss_get_standards_history(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_api *api = ss_api_of(rq);
	struct ss_json j = ss_json_on(rs->out);
	int r = 0;

	ss_json_obj(&j);
	ss_json_key(&j, "items");
	ss_json_arr(&j);
	for (const struct ss_law *l = ss_law_now(); r == 0 && l; l = ss_law_before(l)) {
		const char *id = ss_law_amendment(l);
		struct ss_act_query q = {
		    .id = id, .from = SS_TIME_NONE, .to = SS_TIME_NONE, .fn = put_act, .arg = &j};

		ss_json_obj(&j);
		ss_json_key(&j, "law");
		ss_lawbook_put_law(&j, l);
		ss_json_kz(&j, "amendment", id[0] ? id : NULL);
		ss_json_kz(&j, "table", id[0] ? ss_law_amended_table(l) : NULL);
		if (id[0] && api->findings)
			r = ss_findings_acts(api->findings, &q, err);
		ss_json_end_obj(&j);
	}
	ss_json_end_arr(&j);
	ss_json_end_obj(&j);
	return r;
}
