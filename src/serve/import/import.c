#include "serve/import/import.h"

#include <math.h>

#include "base/map.h"
#include "base/thread.h"
#include "sense/tables/tables.h"

#define LINES_MAX (8 << 20)
#define LINE_ROOM 1024 /* of a reported line and the last one */
#define DURABLE_US (30 * SS_US_PER_SEC)

struct work {
	struct ss_importer *im;
	struct ss_mapping mapping;
	struct ss_str mapping_text, heading;
	const char *name;
	struct ss_import_result *result;
	struct ss_map *sites; /* site code to its id */
	struct ss_buf package;
	int64_t package_line, last_line;
	int package_rows;
	int64_t unlisted; /* bad rows for which the report has no room */
	uint64_t ticket;
	struct ss_error *err;
};

int ss_importer_init(struct ss_importer *im, struct ss_journal *j, struct ss_registry *r)
{
	*im = (struct ss_importer){.journal = j, .registry = r};
	pthread_mutex_init(&im->lock, NULL);
	return ss_journal_lane(j, "import", -1, &im->lane);
}

void ss_importer_done(struct ss_importer *im)
{
	if (im->lane)
		pthread_mutex_destroy(&im->lock);
}

void ss_import_result_done(struct ss_import_result *r)
{
	ss_buf_done(&r->lines);
}

static void report(void *arg, int64_t line, const char *field, const char *why)
{
	struct work *w = arg;

	w->result->rows++;
	w->result->rejected++;
	if (w->result->lines.n > LINES_MAX - LINE_ROOM) {
		w->unlisted++;
		return;
	}
	ss_buf_addf(&w->result->lines, "第 %lld 行 %s：%s line %lld\n", (long long)line, field, why,
		    (long long)line);
}

static int put(struct work *w)
{
	struct ss_entry e = {
	    .kind = SS_ENTRY_IMPORT, .arrived_us = ss_time_now(), .body = ss_buf_str(&w->package)};
	char source[256];
	int r, n = snprintf(source, sizeof(source), "file/%.200s:%lld", w->name,
			    (long long)w->package_line);

	if (w->package_rows == 0)
		return 0;
	e.source = ss_str_n(source, (size_t)n);
	while ((r = ss_lane_put(w->im->lane, &e, &w->ticket)) == SS_EBUSY) {
		r = ss_lane_wait(w->im->lane, w->ticket, DURABLE_US);
		if (r < 0)
			break;
	}
	if (r < 0)
		return ss_error_set(
		    w->err, r, "第 %lld 行起没有写入日志：%s rows from here were not journaled",
		    (long long)w->package_line, ss_err_zh(r));
	w->package_rows = 0;
	ss_buf_reset(&w->package);
	return 0;
}

static int make_site(struct work *w, const struct ss_table_row *row)
{
	struct ss_site site = {.lon = row->lon, .lat = row->lat};
	int r = ss_site_kind_parse(w->mapping.site_kind, &site.kind);

	if (r < 0)
		return ss_error_set(w->err, SS_EPARSE,
				    "映射的 site_kind " SS_STR_FMT " 不认识 unknown site_kind",
				    SS_STR_ARG(w->mapping.site_kind));
	ss_str_copy(site.code, sizeof(site.code), ss_str_of(row->site_code));
	ss_str_copy(site.name, sizeof(site.name), ss_str_of(row->site_name));
	ss_str_copy(site.district, sizeof(site.district), w->mapping.district);
	ss_str_copy(site.state, sizeof(site.state), SS_STR("running"));
	r = ss_registry_put_site(w->im->registry, &site, w->err);
	if (r == 0)
		r = ss_map_put(w->sites, ss_str_of(row->site_code), (uint64_t)site.id);
	w->result->sites_added += r == 0;
	return r;
}

static int take_row(void *arg, const struct ss_table_row *row, struct ss_str raw)
{
	struct work *w = arg;
	uint64_t id;
	int r = 0;

	if (strlen(row->site_code) >= sizeof(((struct ss_site *)0)->code)) {
		report(w, row->line, "site_code", "站点代码超过 39 字节 is longer than 39 bytes");
		return 0;
	}
	if (!ss_map_get(w->sites, ss_str_of(row->site_code), &id))
		r = make_site(w, row);
	if (r == SS_EINVAL || r == SS_ERANGE) { /* the row's own doing: the others go on */
		report(w, row->line, "站点 site",
		       w->err && w->err->text[0] ? w->err->text : ss_err_zh(r));
		if (w->err)
			*w->err = (struct ss_error){0};
		return 0;
	}
	if (r < 0)
		return r;
	if (w->package_rows && row->line != w->last_line + 1)
		r = put(w); /* the rows of a package are neighbours, so that each keeps its line
			       number */
	if (r < 0)
		return r;
	w->last_line = row->line;
	if (w->package_rows == 0) {
		w->package_line = row->line;
		ss_table_package(&w->package, w->mapping_text, w->heading, row->line - 1);
	}
	ss_buf_adds(&w->package, raw);
	r = ss_buf_addc(&w->package, '\n');
	if (r < 0)
		return r;
	w->result->rows++;
	w->result->taken++;
	for (int i = 0; i < row->n; i++)
		w->result->values += !isnan(row->value[i].value);
	return ++w->package_rows == SS_TABLE_PACKAGE_ROWS ? put(w) : 0;
}

static bool note_site(void *arg, const struct ss_site *s)
{
	struct work *w = arg;

	return ss_map_put(w->sites, ss_str_of(s->code), (uint64_t)s->id) == 0;
}

/* A file without a heading gets the mapping's; its lines keep their numbers. */
static int import_headed(struct work *w, struct ss_str csv, int64_t first_line)
{
	struct ss_str rest = csv;
	int r;

	ss_str_split(&rest, '\n', &w->heading);
	w->heading = ss_str_trim(w->heading);
	ss_registry_sites(w->im->registry, note_site, w);
	r = ss_table_scan(&w->mapping, csv, first_line, take_row, report, w, w->err);
	if (r == 0)
		r = put(w);
	if (r == 0 && w->ticket)
		r = ss_lane_wait(w->im->lane, w->ticket, DURABLE_US);
	return r;
}

static int import(struct work *w, struct ss_str csv, int64_t first_line)
{
	struct ss_buf b = SS_BUF_MAX(csv.n + w->mapping.heading.n + 2);
	int r;

	if (!w->mapping.heading.n)
		return import_headed(w, csv, first_line);
	ss_buf_adds(&b, w->mapping.heading);
	ss_buf_addc(&b, '\n');
	r = ss_buf_adds(&b, csv);
	if (r == 0)
		r = import_headed(w, ss_buf_str(&b), first_line - 1);
	ss_buf_done(&b);
	return r;
}

int ss_import_package(struct ss_importer *im, struct ss_str package, const char *name,
		      struct ss_import_result *ret, struct ss_error *err)
{
	struct work w = {.im = im, .name = name, .result = ret, .err = err};
	struct ss_journal_stat stat;
	struct ss_str csv;
	int64_t first_line;
	int r = ss_table_open(package, &w.mapping_text, &csv, &first_line);

	*ret = (struct ss_import_result){.lines = SS_BUF_MAX(LINES_MAX)};
	if (r < 0)
		return ss_error_set(err, r, "不是导入包：应为 SSTABLE 1 not an import package");
	r = ss_mapping_parse(w.mapping_text, &w.mapping, err);
	if (r < 0)
		return r;
	w.sites = ss_map_new();
	ss_buf_init(&w.package, 16 << 20);
	SS_LOCKED(&im->lock);
	r = w.sites ? import(&w, csv, first_line) : SS_ENOMEM;
	if (w.unlisted)
		ss_buf_addf(&ret->lines, "另有 %lld 行未列出 more bad rows are not listed\n",
			    (long long)w.unlisted);
	ss_journal_stat(im->journal, &stat);
	ret->last_seq = stat.entries;
	ss_map_free(w.sites);
	ss_buf_done(&w.package);
	return r;
}
