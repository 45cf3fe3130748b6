/* Registration of many devices from CSV. Good rows are written in one transaction, a bad row leaves
 * a line in the report and nothing else. A blank cell keeps what is known. */
#include <math.h>
#include <stdlib.h>

#include "base/base.h"
#include "base/charset.h"
#include "base/csv.h"
#include "base/map.h"
#include "base/thread.h"
#include "base/uuid.h"
#include "record/registry/registry_internal.h"

#define COLUMNS_MAX 64
#define ROW_MAX (64 * 1024)
#define CSV_MAX (256 * 1024 * 1024)
#define REPORT_MAX (8 * 1024 * 1024)
#define UNSET ((enum ss_site_kind) - 1)

struct import {
	struct ss_registry *r;
	struct ss_snapshot *next; /* what will be published */
	struct ss_import_report *rep;
	struct ss_text *text;
	struct ss_csv csv;
	const struct ss_row_column *column[COLUMNS_MAX];
	size_t columns, mn, code; /* positions of the two that must be there */
	struct ss_map *mn_line;   /* where the file had this MN, and this site, first */
	struct ss_map *site_line;
	int64_t last_site_id, now_us;
	struct ss_error *err;
};

static void report(struct import *m, int64_t line, const char *field, const char *zh,
		   const char *en)
{
	/* A report that is full stays as it is; the counts go on. */
	ss_buf_addf(&m->rep->lines, "第 %lld 行 %s：%s；line %lld %s: %s\n", (long long)line, field,
		    zh, (long long)line, field, en);
}

static int read_header(struct import *m)
{
	struct ss_csv *c = &m->csv;

	m->mn = m->code = SIZE_MAX;
	for (size_t i = 0; i < c->fields; i++) {
		struct ss_str h = ss_str_trim(c->field[i]);
		const struct ss_row_column *col = ss_row_column(h);
		char name[64];
		m->column[i] = col;
		ss_str_copy(name, sizeof(name), h);
		for (char *p = name; *p; p++) /* a line of the report is one line */
			if ((unsigned char)*p < ' ')
				*p = '?';
		if (!col && h.n)
			report(m, c->line, name, "不认识的列，已忽略", "unknown column, ignored");
		for (size_t k = 0; col && k < i; k++)
			if (m->column[k] == col)
				return ss_error_set(
				    m->err, SS_EPARSE,
				    "表头中 %s 列出现两次；the column %s comes twice", name, name);
		if (col && strcmp(ss_row_column_key(col), "mn") == 0)
			m->mn = i;
		if (col && strcmp(ss_row_column_key(col), "site_code") == 0)
			m->code = i;
	}
	m->columns = c->fields;
	if (m->mn == SIZE_MAX || m->code == SIZE_MAX)
		return ss_error_set(
		    m->err, SS_EPARSE,
		    "表头缺少 mn 或 site_code 列（见 shanshui device template）；the "
		    "header lacks mn or site_code (see: shanshui device template)");
	return 0;
}

static int defaults(const struct import *m, struct ss_site *site, struct ss_device *d)
{
	struct ss_str mn = ss_str_trim(m->csv.field[m->mn]);
	struct ss_str code = ss_str_trim(m->csv.field[m->code]);
	const struct ss_site *s = ss_snapshot_site_by_code(m->next, code);
	const struct ss_device *old = ss_snapshot_device(m->next, mn);

	*site =
	    s ? *s : (struct ss_site){.kind = UNSET, .lon = NAN, .lat = NAN, .state = "running"};
	*d = old ? *old : (struct ss_device){.registered_us = m->now_us};
	return 0;
}

static int take_cells(const struct import *m, struct ss_site *site, struct ss_device *d,
		      struct ss_why *why)
{
	for (size_t i = 0; i < m->columns; i++) {
		struct ss_str v = ss_str_trim(m->csv.field[i]);
		if (!m->column[i] || v.n == 0)
			continue;
		int r = ss_row_take(m->column[i], v, site, d, why);
		if (r < 0)
			return r;
	}
	return 0;
}

static int refuse_again(struct ss_why *why, const char *field, const char *zh, const char *en,
			uint64_t line)
{
	char z[160], e[160];

	snprintf(z, sizeof(z), "%s第 %llu 行%s", "与", (unsigned long long)line, zh);
	snprintf(e, sizeof(e), "%s line %llu", en, (unsigned long long)line);
	return ss_why(why, field, z, e);
}

/* Nothing in this file may speak against what an earlier line of it said. */
static int check_against_file(const struct import *m, const struct ss_site *site,
			      const struct ss_device *d, struct ss_why *why)
{
	uint64_t line;

	if (ss_map_get(m->mn_line, ss_str_of(d->mn), &line))
		return refuse_again(why, "mn", "重复", "the same as in", line);
	if (!ss_map_get(m->site_line, ss_str_of(site->code), &line))
		return 0;
	const struct ss_site *first = ss_snapshot_site_by_code(m->next, ss_str_of(site->code));
	if (first && !ss_same_site(first, site))
		return refuse_again(why, "site_code", "的同一站点内容不同",
				    "the site differs from the one in", line);
	return 0;
}

static int check_row(struct import *m, struct ss_site *site, struct ss_device *d,
		     struct ss_why *why)
{
	int r;

	if (m->csv.fields != m->columns)
		return ss_why(why, "*", "列数与表头不同", "not as many fields as the header");
	defaults(m, site, d);
	r = take_cells(m, site, d, why);
	if (r == 0)
		r = ss_check_device(d, why);
	if (r == 0)
		r = ss_check_site(site, why);
	if (r == 0 && !site->district[0])
		r = ss_why(why, "district", "没有行政区", "the district is missing");
	return r < 0 ? r : check_against_file(m, site, d, why);
}

/* Writes the site when it is new or changed; *changed tells. */
static int keep_site(struct import *m, struct ss_site *site, bool *changed)
{
	const struct ss_site *old = ss_snapshot_site_by_code(m->next, ss_str_of(site->code));
	int r = 0;

	if (old && ss_same_site(old, site))
		return 0;
	if (!old) {
		r = ss_uuid7(site->uid);
		site->id = m->last_site_id + 1;
	}
	if (r == 0)
		r = ss_registry_store_put_site(m->r, site, m->err);
	if (r == 0)
		r = ss_snapshot_put_site(m->next, site);
	if (r == 0 && !old)
		m->last_site_id++;
	*changed = r == 0;
	return r;
}

static int keep_device(struct import *m, struct ss_device *d, bool *is_new, bool *changed)
{
	const struct ss_device *old = ss_snapshot_device(m->next, ss_str_of(d->mn));
	int r;

	*is_new = !old;
	ss_registry_renew_key(old, d);
	if (old && ss_same_device(old, d))
		return 0;
	r = ss_registry_store_put_device(m->r, d, m->err);
	if (r == 0)
		r = ss_snapshot_put_device(m->next, d);
	*changed = r == 0;
	return r;
}

static int keep_row(struct import *m, struct ss_site *site, struct ss_device *d)
{
	bool site_changed = false, changed = false, is_new = false;
	int r = keep_site(m, site, &site_changed);

	d->site = site->id;
	if (r == 0)
		r = keep_device(m, d, &is_new, &changed);
	if (r == 0)
		r = ss_map_put(m->mn_line, ss_str_of(d->mn), (uint64_t)m->csv.line);
	uint64_t line;
	if (r == 0 && !ss_map_get(m->site_line, ss_str_of(site->code), &line))
		r = ss_map_put(m->site_line, ss_str_of(site->code), (uint64_t)m->csv.line);
	if (r < 0)
		return r;
	if (is_new)
		m->rep->added++;
	else if (changed || site_changed)
		m->rep->updated++;
	else
		m->rep->unchanged++;
	return 0;
}

static void bad_csv(struct import *m, int code)
{
	m->rep->rows++;
	m->rep->rejected++;
	if (code == SS_ETOOBIG)
		report(m, m->csv.line, "*", "行太长或列太多",
		       "the row is too long or has too many fields");
	else
		report(m, m->csv.line, "*", "引号不配对，不合 RFC 4180",
		       "the quotes do not match (RFC 4180)");
}

static int take_row(struct import *m)
{
	struct ss_site site;
	struct ss_device d;
	struct ss_why why;

	m->rep->rows++;
	if (check_row(m, &site, &d, &why) < 0) {
		m->rep->rejected++;
		report(m, m->csv.line, why.field, why.zh, why.en);
		return 0;
	}
	return keep_row(m, &site, &d);
}

static int read_rows(struct import *m)
{
	int got, r = 0;

	do {
		got = ss_csv_read(&m->csv, m->text);
	} while (got < 0 && got != SS_ENOMEM);
	if (got == 0)
		return ss_error_set(m->err, SS_EPARSE, "没有表头；there is no header");
	r = got < 0 ? got : read_header(m);
	while (r == 0 && (got = ss_csv_read(&m->csv, m->text)) != 0) {
		if (got == 1)
			r = take_row(m);
		else if (got == SS_ENOMEM)
			r = got;
		else
			bad_csv(m, got);
	}
	return r;
}

static size_t lines_of(struct ss_str csv)
{
	size_t n = 1;

	for (size_t i = 0; i < csv.n; i++)
		n += csv.p[i] == '\n';
	return n;
}

static int import_text(struct import *m, struct ss_str csv)
{
	size_t lines = lines_of(csv);
	int r;

	m->next = ss_snapshot_copy(atomic_load(&m->r->now), lines, lines);
	m->mn_line = ss_map_new();
	m->site_line = ss_map_new();
	if (!m->next || !m->mn_line || !m->site_line)
		return SS_ENOMEM;
	m->last_site_id = m->r->last_site_id;
	m->now_us = ss_time_now();
	r = ss_csv_open(&m->csv, m->text, ROW_MAX, COLUMNS_MAX);
	if (r == 0)
		r = ss_registry_store_begin(m->r, m->err);
	if (r == 0)
		r = ss_registry_store_end(m->r, read_rows(m), m->err);
	ss_csv_done(&m->csv);
	return r;
}

static int import_locked(struct import *m, struct ss_str csv)
{
	SS_LOCKED(&m->r->lock);
	int r = ss_registry_store_ready(m->r, m->err);

	if (r == 0)
		r = import_text(m, csv);
	ss_map_free(m->mn_line);
	ss_map_free(m->site_line);
	if (r < 0 || m->rep->added + m->rep->updated == 0) {
		ss_snapshot_discard(m->next);
		return r;
	}
	m->r->last_site_id = m->last_site_id;
	ss_registry_publish(m->r, m->next);
	return 0;
}

int ss_registry_import(struct ss_registry *r, struct ss_str csv, struct ss_import_report *ret,
		       struct ss_error *err)
{
	struct ss_import_report rep = {.lines = SS_BUF_MAX(REPORT_MAX)};
	struct ss_text text;
	struct import m = {.r = r, .rep = &rep, .text = &text, .err = err};
	int res;

	if (csv.n > CSV_MAX)
		return ss_error_set(err, SS_ETOOBIG, "文件超过 256 MB；the file exceeds 256 MB");
	if (ss_text_open(&text, csv) < 0)
		return ss_error_set(
		    err, SS_EPARSE,
		    "文件不是 UTF-8、GB18030 或 UTF-16；the file is neither UTF-8 nor "
		    "GB18030 nor UTF-16");
	res = import_locked(&m, csv);
	ss_text_done(&text);
	if (res < 0) {
		ss_buf_done(&rep.lines);
		return res;
	}
	*ret = rep;
	return 0;
}
