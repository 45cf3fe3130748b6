#include "record/things/table.h"

#include <math.h>

#include "base/charset.h"
#include "base/csv.h"

#define ROW_MAX (1 << 20)

static int read_csv(struct ss_csv *c, struct ss_text *text, sst_row_fn *fn, void *arg,
		    struct ss_error *err)
{
	int64_t rows = 0;

	for (;;) {
		int r = ss_csv_read(c, text);

		if (r == 0)
			return 0;
		if (r == SS_ENOMEM)
			return r;
		if (++rows > SST_TABLE_ROWS + 1)
			return ss_error_set(err, SS_ETOOBIG,
					    "表格超过 20 万行；more than 200000 rows");
		r = r < 0 ? fn(arg, c->line, NULL, SIZE_MAX, err)
			  : fn(arg, c->line, c->field, c->fields, err);
		if (r < 0)
			return r;
	}
}

static const char *separator_name(char c)
{
	return c == ';' ? "semicolon" : c == '\t' ? "tab" : "comma";
}

int sst_table_read(struct ss_str file, sst_row_fn *fn, void *arg, struct sst_table_as *ret_as,
		   struct ss_error *err)
{
	struct ss_text text;
	struct ss_csv c;
	int r;

	*ret_as = (struct sst_table_as){.format = "xlsx"};
	if (ss_str_starts(file, SS_STR("PK\x03\x04")))
		return sst_xlsx_read(file, fn, arg, err);
	r = ss_text_open(&text, file);
	if (r < 0)
		return ss_error_set(err, r,
				    "文件不是 XLSX，也不是 UTF-8、GB18030 或 UTF-16 的 CSV；the "
				    "file is neither XLSX nor CSV in UTF-8, GB18030 or UTF-16");
	r = ss_csv_open(&c, &text, ROW_MAX, SST_TABLE_COLUMNS);
	*ret_as = (struct sst_table_as){"csv", text.encoding, separator_name(c.separator)};
	if (r == 0)
		r = read_csv(&c, &text, fn, arg, err);
	ss_csv_done(&c);
	ss_text_done(&text);
	return r;
}

#define EPOCH_DAYS 25569 /* from 1899-12-30 to 1970-01-01 */

int sst_serial_date(struct ss_str serial, bool with_time, char out[SS_TIME_ISO])
{
	double d;
	int r = ss_parse_double(serial, &d);

	if (r < 0 || !(d >= 1 && d < 2958466)) /* to 9999-12-31 */
		return SS_EPARSE;
	/* A spreadsheet knows no zone: it is the clock on the wall. Seconds are what it keeps. */
	ss_time_fmt_iso(out, llround((d - EPOCH_DAYS) * 86400) * SS_US_PER_SEC - SS_UTC8_US);
	if (!with_time)
		out[10] = 0;
	return 0;
}
