/* A workbook of one sheet by libxlsxwriter, in a file of its own that is gone afterwards. */
#include <stdlib.h>
#include <unistd.h>
#include <xlsxwriter.h>

#include "base/os.h"
#include "record/things/table.h"

#define CELL_MAX 32767 /* characters of a cell, by the format */
#define FILE_MAX ((size_t)512 << 20)

struct sst_sheet {
	lxw_workbook *book;
	lxw_worksheet *sheet;
	lxw_format *heading;
	lxw_row_t row;
	char path[256];
	bool failed;
};

static int temp_name(char *path, size_t cap)
{
	const char *dir = getenv("TMPDIR");
	int fd;

	snprintf(path, cap, "%s/shanshui-xlsx-XXXXXX", dir && *dir ? dir : "/tmp");
	fd = mkstemp(path);
	if (fd < 0)
		return SS_EIO;
	ss_os()->close(fd);
	return 0;
}

int sst_sheet_new(const char *title, const char *footer, struct sst_sheet **ret,
		  struct ss_error *err)
{
	struct sst_sheet *s = calloc(1, sizeof(*s));
	lxw_workbook_options o = {.constant_memory = LXW_TRUE};
	int r = s ? temp_name(s->path, sizeof(s->path)) : SS_ENOMEM;

	if (r == 0) {
		s->book = workbook_new_opt(s->path, &o);
		s->sheet = s->book ? workbook_add_worksheet(s->book, NULL) : NULL;
		r = s->sheet ? 0 : SS_EIO;
	}
	if (r < 0) {
		free(s);
		return ss_error_set(err, r, "XLSX 写不了；cannot write the XLSX file");
	}
	s->heading = workbook_add_format(s->book);
	format_set_bold(s->heading);
	worksheet_freeze_panes(s->sheet, 1, 0);
	worksheet_set_column(s->sheet, 0, SST_TABLE_COLUMNS, 18, NULL);
	worksheet_set_footer(s->sheet, footer);
	worksheet_set_header(s->sheet, title);
	*ret = s;
	return 0;
}

void sst_sheet_cell(struct sst_sheet *s, size_t column, struct ss_str text, bool number)
{
	char small[256], *z = text.n < sizeof(small) ? small : malloc(text.n + 1);
	lxw_col_t c = (lxw_col_t)column;
	double d;

	if (!z || column >= SST_TABLE_COLUMNS) {
		s->failed = true;
	} else if (text.n) {
		ss_str_copy(z, text.n + 1, ss_str_n(text.p, text.n > CELL_MAX ? CELL_MAX : text.n));
		if (number && ss_parse_double(text, &d) == 0)
			s->failed |=
			    worksheet_write_number(s->sheet, s->row, c, d, NULL) != LXW_NO_ERROR;
		else
			s->failed |=
			    worksheet_write_string(s->sheet, s->row, c, z,
						   s->row ? NULL : s->heading) != LXW_NO_ERROR;
	}
	if (z != small)
		free(z);
}

void sst_sheet_next(struct sst_sheet *s)
{
	s->row++;
}

int sst_sheet_end(struct sst_sheet *s, struct ss_buf *out, struct ss_error *err)
{
	int r = s->failed ? SS_EIO : 0;

	if (workbook_close(s->book) != LXW_NO_ERROR)
		r = SS_EIO;
	if (r == 0)
		r = ss_file_read(s->path, out);
	ss_os()->unlink(s->path);
	free(s);
	return r < 0 ? ss_error_set(err, r, "XLSX 写不了；cannot write the XLSX file") : 0;
}
