/* Run by the build: the codec's factor tables out of the tables of the law.
 *   gen_factors FACTORS.csv ALIASES.csv SYSTEMS.csv OUT.h
 * The codec may use base alone and is pure, so it gets its codes compiled in; standards/codes stays
 * their one source. Sorted in byte order, as the codec searches them. */
#include "base/base.h"
#include "base/csv.h"

#include <stdio.h>
#include <stdlib.h>

#define ROWS_MAX 4096
#define COLUMNS_MAX 32

struct table {
	char *text[ROWS_MAX][COLUMNS_MAX];
	size_t rows, columns; /* row 0 is the header */
};

static void stop(const char *what, const char *file)
{
	fprintf(stderr, "gen_factors: %s %s\n", what, file);
	exit(1);
}

static void read_table(const char *file, struct table *t)
{
	static char bytes[1 << 20];
	FILE *f = fopen(file, "rb");
	size_t n = f ? fread(bytes, 1, sizeof(bytes), f) : 0;
	struct ss_csv csv;
	int got;

	if (!f || n == 0 || n == sizeof(bytes))
		stop("cannot read", file);
	fclose(f);
	ss_csv_init(&csv, ',', 16384, COLUMNS_MAX);
	ss_csv_feed(&csv, ss_str_n(bytes, n), true);
	while ((got = ss_csv_next(&csv)) == 1 && t->rows < ROWS_MAX) {
		for (size_t i = 0; i < csv.fields; i++)
			t->text[t->rows][i] = strndup(csv.field[i].p, csv.field[i].n);
		t->columns = t->rows++ ? t->columns : csv.fields;
		if (csv.fields != t->columns)
			stop("a row has not as many fields as the header in", file);
	}
	ss_csv_done(&csv);
	if (got < 0 || t->rows < 2)
		stop("not a table:", file);
}

static const char *cell(const struct table *t, size_t row, const char *column)
{
	for (size_t i = 0; i < t->columns; i++) {
		if (strcmp(t->text[0][i], column) == 0)
			return t->text[row][i];
	}
	stop("no column", column);
	return NULL;
}

static void put_text(FILE *out, const char *s)
{
	fputc('"', out);
	for (; *s; s++)
		fprintf(out, *s == '"' || *s == '\\' ? "\\%c" : "%c", *s);
	fputs("\", ", out);
}

static const struct table *sorting;
static const char *sort_column;

static int by_column(const void *a, const void *b)
{
	return strcmp(cell(sorting, *(const size_t *)a, sort_column),
		      cell(sorting, *(const size_t *)b, sort_column));
}

/* Rows 1.. that have a text in `column`, in its byte order. */
static size_t sorted(const struct table *t, const char *column, size_t *ret)
{
	size_t n = 0;

	for (size_t i = 1; i < t->rows; i++) {
		if (cell(t, i, column)[0])
			ret[n++] = i;
	}
	sorting = t;
	sort_column = column;
	ss_sort(ret, n, sizeof(*ret), by_column);
	return n;
}

static void put_factors(FILE *out, const struct table *t)
{
	static const char *const columns[] = {"code", "old",        "name", "name_en",
					      "unit", "total_unit", "type"};
	size_t order[ROWS_MAX], n = sorted(t, "code", order);

	fputs("static const struct ss_hj212_factor_info infos[] = {\n", out);
	for (size_t i = 0; i < n; i++) {
		fputs("\t{", out);
		for (size_t k = 0; k < SS_ARRAY_LEN(columns); k++)
			put_text(out, cell(t, order[i], columns[k]));
		fputs("},\n", out);
	}
	fputs("};\n\n/* 2005 codes: water has three digits, air two; both have a few letters. */\n"
	      "static const struct twin old_codes[] = {\n",
	      out);
	n = sorted(t, "old", order);
	for (size_t i = 0; i < n; i++) {
		fputs("\t{", out);
		put_text(out, cell(t, order[i], "old"));
		put_text(out, cell(t, order[i], "code"));
		fputs("},\n", out);
	}
	fputs("};\n\n", out);
}

static void put_names(FILE *out, const struct table *t, const char *medium, const char *array)
{
	fprintf(out, "static const struct twin %s[] = {\n", array);
	for (size_t i = 1; i < t->rows; i++) {
		if (strcmp(cell(t, i, "kind"), "device") != 0 ||
		    strcmp(cell(t, i, "medium"), medium) != 0)
			continue;
		fputs("\t{", out);
		put_text(out, cell(t, i, "alias"));
		put_text(out, cell(t, i, "factor"));
		fputs("},\n", out);
	}
	fputs("};\n\n", out);
}

static void put_systems(FILE *out, const struct table *t)
{
	fputs("static const struct twin systems[] = {\n", out);
	for (size_t i = 1; i < t->rows; i++) {
		fputs("\t{", out);
		put_text(out, cell(t, i, "code"));
		put_text(out, cell(t, i, "medium"));
		fputs("},\n", out);
	}
	fputs("};\n", out);
}

int main(int argc, char **argv)
{
	static struct table factors, aliases, systems;
	FILE *out;

	if (argc != 5)
		stop("usage: gen_factors FACTORS ALIASES SYSTEMS", "OUT");
	read_table(argv[1], &factors);
	read_table(argv[2], &aliases);
	read_table(argv[3], &systems);
	out = fopen(argv[4], "wb");
	if (!out)
		stop("cannot write", argv[4]);
	fputs("/* Made by the build from standards/codes. */\n", out);
	put_factors(out, &factors);
	put_names(out, &aliases, "air", "names");
	put_names(out, &aliases, "water", "water_names");
	put_systems(out, &systems);
	if (fclose(out) != 0)
		stop("cannot write", argv[4]);
	return 0;
}
