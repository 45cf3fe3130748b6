/* A workbook of one sheet by libxlsxwriter, in a file of its own that is gone afterwards. */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>
#include <xlsxwriter.h>

#include "base/os.h"
#include "record/things/table.h"

#define CELL_MAX 32767 /* characters of a cell, by the format */

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

static int hand_over(const char *path, sst_put_fn *put, void *arg, struct ss_error *err)
{
	char piece[16384];
	int fd = ss_os()->open(path, O_RDONLY, 0);
	int64_t n = fd, at = 0;
	int r = fd < 0 ? fd : 0;

	while (r == 0 && (n = ss_os()->pread(fd, piece, sizeof(piece), at)) > 0) {
		r = put(arg, ss_str_n(piece, (size_t)n), err);
		at += n;
	}
	if (fd >= 0)
		ss_os()->close(fd);
	return n < 0 ? (int)n : r;
}

int sst_sheet_end(struct sst_sheet *s, sst_put_fn *put, void *arg, struct ss_error *err)
{
	int r = s->failed ? SS_EIO : 0;

	if (workbook_close(s->book) != LXW_NO_ERROR)
		r = SS_EIO;
	if (r == 0 && put)
		r = hand_over(s->path, put, arg, err);
	ss_os()->unlink(s->path);
	free(s);
	return r < 0 ? ss_error_set(err, r, "XLSX 写不了；cannot write the XLSX file") : 0;
}
