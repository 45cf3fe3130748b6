/* Tables from outside (CSV in UTF-8, GB18030 or UTF-16, separated by comma, semicolon or tab; XLSX)
 * as rows of texts, and tables written. Numbers and dates of a spreadsheet come as it keeps them: a
 * date is the count of days since 1899-12-30. Thread: any. */
#pragma once

#include "base/base.h"

#define SST_TABLE_COLUMNS 400
#define SST_TABLE_ROWS 200000

/* A negative answer ends the reading and becomes its result. row: as people count, from 1. */
typedef int sst_row_fn(void *arg, int64_t row, const struct ss_str *cell, size_t n,
		       struct ss_error *err);
/* A bad row of a CSV (a quote that never closes ...) is told with n = SIZE_MAX. */
/* As what it was read: for whom its characters look wrong. */
struct sst_table_as {
	const char *format, *encoding, *separator; /* "csv", "GB18030", "tab"; of "xlsx" no more */
};
int sst_table_read(struct ss_str file, sst_row_fn *fn, void *arg, struct sst_table_as *ret_as,
		   struct ss_error *err);
int sst_xlsx_read(struct ss_str file, sst_row_fn *fn, void *arg, struct ss_error *err);

/* Days since 1899-12-30 of a spreadsheet as "2026-03-01" or, with a time, ISO at +08:00. */
int sst_serial_date(struct ss_str serial, bool with_time, char out[SS_TIME_ISO]);

/* A workbook of one sheet, written row by row. */
struct sst_sheet;
int sst_sheet_new(const char *title, const char *footer, struct sst_sheet **ret,
		  struct ss_error *err);
void sst_sheet_cell(struct sst_sheet *s, size_t column, struct ss_str text, bool number);
void sst_sheet_next(struct sst_sheet *s); /* the row is done; the first one is the heading */
/* Ends it and hands it over piece by piece; frees s in every case. put NULL: it is thrown away. */
typedef int sst_put_fn(void *arg, struct ss_str piece, struct ss_error *err);
int sst_sheet_end(struct sst_sheet *s, sst_put_fn *put, void *arg, struct ss_error *err);
