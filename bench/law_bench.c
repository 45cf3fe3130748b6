/* Looking the law up, as the hot paths do: a row by key and day, a limit by item and day, the name
 * of a factor; against SQLite with the same rows in memory and a prepared statement. And the load
 * at the start, and an amendment of a limit. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

#include "reason/judge/judge.h"
#include "reason/standards/standards.h"

#define ROUNDS 2000000

static double since(int64_t t0)
{
	return (double)(ss_time_mono() - t0);
}

static double rows_by_key(const struct ss_law_table *t, int64_t day)
{
	int64_t t0 = ss_time_mono(), found = 0;

	for (int i = 0; i < ROUNDS; i++) {
		const struct ss_law_row *like = &t->rows[(size_t)i % t->n_rows];

		found += ss_law_find(t, day, SS_LAW_KEY(like->text[t->key[0]])) != NULL;
	}
	if (found != ROUNDS)
		exit(1);
	return since(t0) * 1000 / ROUNDS;
}

static double limits(int64_t day)
{
	int64_t t0 = ss_time_mono(), found = 0;

	for (int i = 0; i < ROUNDS / 10; i++) {
		struct ss_class_scale s;

		found +=
		    ss_judge_class(NULL, day, "river", i % 2 ? "w21003" : "w21011", &s) != NULL;
	}
	if (found != ROUNDS / 10)
		exit(1);
	return since(t0) * 1000 / (ROUNDS / 10.0);
}

static double sqlite(const struct ss_law_table *t)
{
	sqlite3 *db;
	sqlite3_stmt *st;
	int64_t t0, found = 0;

	if (sqlite3_open(":memory:", &db) != SQLITE_OK ||
	    sqlite3_exec(
		db, "CREATE TABLE t (code TEXT PRIMARY KEY, name TEXT, unit TEXT) WITHOUT ROWID",
		NULL, NULL, NULL) != SQLITE_OK)
		exit(1);
	sqlite3_prepare_v2(db, "INSERT INTO t VALUES (?, ?, ?)", -1, &st, NULL);
	for (size_t i = 0; i < t->n_rows; i++) {
		sqlite3_bind_text(st, 1, t->rows[i].text[t->key[0]], -1, SQLITE_STATIC);
		sqlite3_bind_text(st, 2, ss_law_text(&t->rows[i], "name"), -1, SQLITE_STATIC);
		sqlite3_bind_text(st, 3, ss_law_text(&t->rows[i], "unit"), -1, SQLITE_STATIC);
		if (sqlite3_step(st) != SQLITE_DONE || sqlite3_reset(st) != SQLITE_OK)
			exit(1);
	}
	sqlite3_finalize(st);
	sqlite3_prepare_v2(db, "SELECT unit FROM t WHERE code = ?", -1, &st, NULL);
	t0 = ss_time_mono();
	for (int i = 0; i < ROUNDS / 10; i++) {
		const struct ss_law_row *like = &t->rows[(size_t)i % t->n_rows];

		sqlite3_bind_text(st, 1, like->text[t->key[0]], -1, SQLITE_STATIC);
		found += sqlite3_step(st) == SQLITE_ROW && sqlite3_column_text(st, 0);
		sqlite3_reset(st);
	}
	if (found != ROUNDS / 10)
		exit(1);
	sqlite3_finalize(st);
	sqlite3_close(db);
	return since(t0) * 1000 / (ROUNDS / 10.0);
}

static double amend(void)
{
	struct ss_law_change c = {.id = "", .table = "limits/noise-zone", .recorded_us = 1};
	struct ss_error err = {0};
	struct ss_law *law = NULL;
	json_t *data;
	int64_t t0;

	if (ss_json_parse(
		SS_STR("{\"rows\":[{\"medium\":\"noise\",\"item\":\"Leq\",\"grade\":\"2\","
		       "\"averaging\":\"day\",\"high\":57,\"valid_from\":\"2027-01-01\","
		       "\"standard\":\"GB 3096-2008\",\"mark\":\"U\"}]}"),
		&data, &err) < 0)
		exit(1);
	c.data = data;
	t0 = ss_time_mono();
	for (int i = 0; i < 20; i++) {
		if (ss_law_supposed(ss_law_now(), &c, &law, &err) < 0)
			exit(1);
		ss_law_free(law);
	}
	json_decref(data);
	return since(t0) / 20 / 1000;
}

int main(void)
{
	struct ss_error err = {0};
	int64_t t0 = ss_time_mono(), day;
	const struct ss_law_table *t;
	double load, own, peer;

	if (ss_standards_load(&err) < 0)
		return 1;
	load = since(t0) / 1000;
	day = ss_day_of(ss_time_now());
	t = ss_law_table(ss_law_now(), "codes/factors");
	own = rows_by_key(t, day);
	peer = sqlite(t);
	printf("law.load_ms %.1f\n", load);
	printf("law.row_by_key_and_day_ns %.0f sqlite_ns %.0f ratio %.3f\n", own, peer, own / peer);
	printf("law.class_scale_ns %.0f ratio_to_sqlite_row %.3f\n", limits(day),
	       limits(day) / peer);
	printf("law.amend_checked_whole_ms %.1f\n", amend());
	return 0;
}
