/* The law from outside bytes: a CSV file of standards/ (first byte even), or an amendment as JSON
 * (odd). Whatever comes, it is taken whole or refused with words, and the set before stays. */
#include <stdint.h>
#include <stdlib.h>

#include "reason/lawbook/lawbook.h"
#include "reason/standards/standards_internal.h"

#define TABLES                                                                                     \
	"table,kind,title,title_en,key,order,gaps,about\n"                                         \
	"tables,schema,t,t,table,,,\ncolumns,schema,c,c,table column,,,\n"                         \
	"t,parameters,T,T,name,continuous name : low high,,\n"
#define COLUMNS                                                                                    \
	"table,column,type,required,title,title_en,about\n"                                        \
	"*,table,text,yes,t,t,\n*,column,text,,t,t,\n*,type,text,,t,t,\n*,required,text,,t,t,\n"   \
	"*,kind,text,,t,t,\n*,key,text,,t,t,\n*,order,text,,t,t,\n*,gaps,text,,t,t,\n"             \
	"*,title,text,,t,t,\n*,title_en,text,,t,t,\n*,about,text,,t,t,\n"                          \
	"*,standard,text,yes,t,t,\n*,clause,text,,t,t,\n*,valid_from,day,,t,t,\n"                  \
	"*,valid_to,day,,t,t,\n*,source,text,,t,t,\n*,mark,mark,yes,t,t,\n"                        \
	"t,name,text,yes,n,n,\nt,low,number,,l,l,\nt,high,number,,h,h,\nt,count,int,,c,c,\n"
#define ROWS                                                                                       \
	"name,low,high,count,standard,clause,valid_from,valid_to,source,mark\n"                    \
	"x,1,2,,GB 1,1,,2026-01-31,s,S\nx,1,3,7,GB 1,1,2026-02-01,,s,U\n"

static int build(struct ss_str text, struct ss_law **ret)
{
	const struct ss_law_file files[] = {
	    {"tables", ss_str_of(TABLES)}, {"columns", ss_str_of(COLUMNS)}, {"t", text}};
	struct ss_error err = {0};
	int r = ss_law_build(files, SS_ARRAY_LEN(files), ret, &err);

	ss_assert(r == 0 || (err.code == r && err.text[0] && ss_utf8_valid(ss_str_of(err.text))));
	return r;
}

/* Every row that was taken is found under its key on its first day. */
static void look(const struct ss_law *law)
{
	const struct ss_law_table *t = ss_law_table(law, "t");
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(1 << 24);

	for (size_t i = 0; i < t->n_rows; i++) {
		const struct ss_law_row *row = &t->rows[i];
		const char *key = row->text[t->key[0]];
		int64_t day = row->from_day == INT64_MIN ? row->to_day : row->from_day;

		ss_assert(day == INT64_MAX || ss_law_find(t, day, SS_LAW_KEY(key)) == row);
	}
	(void)ss_lawbook_csv(&b, t, SS_ANY_DAY);
}

static void amend(const struct ss_law *base, struct ss_str text)
{
	struct ss_law_change c = {.id = "f", .table = "t", .recorded_us = 1};
	struct ss_law *law = NULL;
	struct ss_error err = {0};
	json_t *data = NULL;
	size_t n = ss_law_table(base, "t")->n_rows;

	if (ss_json_parse(text, &data, NULL) < 0 && ss_lawbook_rows(text, &data, NULL) < 0)
		return;
	c.data = data;
	if (ss_law_supposed(base, &c, &law, &err) == 0)
		look(law);
	else
		ss_assert(err.text[0]);
	ss_assert(ss_law_table(base, "t")->n_rows == n);
	ss_law_free(law);
	json_decref(data);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ss_str text;
	struct ss_law *law = NULL;

	if (size == 0)
		return 0;
	text = ss_str_n((const char *)data + 1, size - 1);
	if (data[0] % 2 == 0) {
		if (build(text, &law) == 0)
			look(law);
	} else if (build(ss_str_of(ROWS), &law) == 0) {
		amend(law, text);
	}
	ss_law_free(law);
	return 0;
}
