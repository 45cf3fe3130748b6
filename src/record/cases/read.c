/* Cases as they are told. */
#include "record/cases/cases_internal.h"

#define CASE_COLUMNS                                                                               \
	"id:s flow:s version:i state:s step:i n:i area:s org:s owner:s title:s parent:s "          \
	"opened_us:i entered_us:i closed_us:i suspended_us:i resume_us:i supervised_us:i"

static const struct part {
	unsigned part;
	const char *key, *statement, *columns;
} parts[] = {
    {SS_CASE_TASKS, "tasks", "cases/task_list",
     "id:s step:i state:s kind:s roles:j area:s org:s person:s person_name:s offer:j offered_us:i "
     "urged:i created_us:i claimed_us:i done_us:i outcome:s"},
    {SS_CASE_CLOCKS, "clocks", "cases/clock_list",
     "id:s clock:s state:s step:i title:j n:i unit:s law:s law_version:s sure:i extended:i "
     "start_us:i last_day:i due_us:i next_step:i next_us:i done_us:i"},
    {SS_CASE_PAUSES, "pauses", "cases/pause_list",
     "id:s kind:s from_us:i to_us:i note:s document:s by_id:s by_name:s"},
    {SS_CASE_SIGNS, "signs", "cases/sign_list",
     "id:s step:i kind:s leave_to:s round:s rule:s person:s person_name:s verdict:s note:s "
     "asked_us:i signed_us:i"},
    {SS_CASE_TRACE, "trace", "cases/trace_list",
     "n:i at_us:i by_id:s by_name:s act:s from_state:s to_state:s step:i note:s data:j"},
    {SS_CASE_LINKS, "links", "cases/link_list", "kind:s ref:s title:s by_id:s by_name:s at_us:i"},
    {SS_CASE_FILES, "files", "cases/file_list",
     "id:s digest:s kind:s name:s type:s size:i about:j state:s step:i by_id:s by_name:s at_us:i"},
    {SS_CASE_DOCUMENTS, "documents", "cases/document_list",
     "id:s document:s version:i number:s title:s digest:s state:s by_id:s by_name:s at_us:i "
     "frozen_us:i void_us:i void_reason:s"},
    {SS_CASE_SUBS, "subs", "cases/case_subs",
     "id:s flow:s state:s title:s opened_us:i closed_us:i"},
    {SS_CASE_FIRINGS, "firings", "cases/firing_list",
     "clock_id:s clock:s step:i act:s due_us:i fired_us:i late_us:i"},
};

int ss_case_load(struct ss_db *db, const char *id, unsigned wanted, json_t **ret,
		 struct ss_error *err)
{
	json_t *c, *list;
	int r = ssc_row(db, "cases/case_get", CASE_COLUMNS, &c, err, id, NULL);

	for (size_t i = 0; r == 0 && i < SS_ARRAY_LEN(parts); i++) {
		if (!(wanted & parts[i].part))
			continue;
		r = ssc_rows(db, parts[i].statement, parts[i].columns, &list, err, "s", id);
		if (r == 0 && json_object_set_new(c, parts[i].key, list) < 0)
			r = SS_ENOMEM;
		if (r < 0)
			json_decref(c);
	}
	if (r == SS_ENOTFOUND)
		return ss_error_set(err, r, "没有案件 %s；there is no case %s", id, id);
	if (r == 0)
		*ret = c;
	return r;
}

/* %word%, with the signs of patterns taken literally. */
static int pattern(struct ss_buf *b, struct ss_str word)
{
	if (word.n == 0)
		return ss_buf_addz(b, "");
	ss_buf_addc(b, '%');
	for (size_t i = 0; i < word.n; i++) {
		if (strchr("%_\\", word.p[i]) && word.p[i])
			ss_buf_addc(b, '\\');
		ss_buf_addc(b, word.p[i]);
	}
	return ss_buf_addc(b, '%');
}

int ss_case_list(struct ss_db *db, const struct ss_case_query *q, json_t **ret,
		 struct ss_error *err)
{
	ss_cleanup(ss_buf_done) struct ss_buf word = SS_BUF_MAX(4096);
	int r = pattern(&word, q->word);

	if (r < 0)
		return ss_error_set(err, r, "查询的词太长；the word is too long");
	return ssc_rows(
	    db, "cases/case_list",
	    "id:s flow:s version:i state:s step:i area:s org:s owner:s title:s parent:s "
	    "opened_us:i entered_us:i closed_us:i suspended_us:i supervised_us:i due_us:i",
	    ret, err, "ssstisisi", q->flow, q->state, q->person, q->overdue_at, (int64_t)q->open,
	    word.p ? word.p : "", q->before_us, q->before_id, q->limit);
}

int ss_case_tasks(struct ss_db *db, const char *person, int64_t after_us, const char *after_id,
		  int64_t limit, json_t **ret, struct ss_error *err)
{
	return ssc_rows(db, "cases/task_open",
			"id:s case_id:s step:i state:s kind:s roles:j area:s org:s person:s "
			"person_name:s offer:j urged:i created_us:i flow:s title:s case_area:s "
			"case_org:s owner:s "
			"suspended_us:i supervised_us:i due_us:i",
			ret, err, "sisi", person, after_us, after_id, limit);
}

int ss_case_counts(struct ss_db *db, json_t **ret, struct ss_error *err)
{
	return ssc_rows(db, "cases/flow_counts", "flow:s state:s cases:i running:i", ret, err, "");
}

int ss_case_of_file(struct ss_db *db, const char *digest, json_t **ret, struct ss_error *err)
{
	return ssc_rows(db, "cases/file_cases", "id:s flow:s title:s type:s name:s", ret, err, "s",
			digest);
}

int ss_case_document(struct ss_db *db, const char *id, const char *document, json_t **ret,
		     struct ss_error *err)
{
	return ssc_row(db, "cases/document_get",
		       "id:s document:s version:i number:s title:s html:s digest:s at_us:i "
		       "frozen_us:i void_us:i void_reason:s",
		       ret, err, id, document);
}

int64_t ss_case_asked(struct ss_db *db, const char *id, const char *ask, struct ss_error *err)
{
	json_t *o;
	int64_t n;
	int r = ssc_row(db, "cases/trace_ask", "n:i", &o, err, id, ask);

	if (r < 0)
		return r == SS_ENOTFOUND ? 0 : r;
	n = json_integer_value(json_object_get(o, "n"));
	json_decref(o);
	return n;
}

int ss_case_resumes_due(struct ss_db *db, int64_t now, int64_t limit, json_t **ret,
			struct ss_error *err)
{
	return ssc_rows(db, "cases/resume_due", "id:s flow:s resume_us:i", ret, err, "ii", now,
			limit);
}

int ss_case_other_law(struct ss_db *db, const char *version, const char *after, int64_t limit,
		      json_t **ret, struct ss_error *err)
{
	return ssc_rows(db, "cases/clock_other_law", "case_id:s flow:s", ret, err, "ssi", version,
			after, limit);
}
