/* A new module from the template that the program carries: complete, working, small. */
#include <sys/stat.h>

#include "base/os.h"
#include "modules_internal.h"
#include "ss_module_template_flows.h"
#include "ss_module_template_module.h"
#include "ss_module_template_readme.h"
#include "ss_module_template_records.h"
#include "ss_module_template_rules.h"
#include "ss_module_template_seed.h"
#include "ss_module_template_test.h"
#include "ss_module_template_views.h"

struct words {
	const char *id, *name, *zh, *en;
};

/* @ID@ @NAME@ @ZH@ @EN@ in the template's text. */
static int fill_in(struct ss_str text, const struct words *w, struct ss_buf *out)
{
	const struct {
		const char *mark, *word;
	} marks[] = {{"@ID@", w->id}, {"@NAME@", w->name}, {"@ZH@", w->zh}, {"@EN@", w->en}};

	while (text.n && !out->err) {
		const char *at = memchr(text.p, '@', text.n);
		size_t plain = at ? (size_t)(at - text.p) : text.n, used = 0;

		ss_buf_add(out, text.p, plain);
		text = ss_str_n(text.p + plain, text.n - plain);
		for (size_t i = 0; text.n && i < SS_ARRAY_LEN(marks) && !used; i++)
			if (ss_str_starts(text, ss_str_of(marks[i].mark))) {
				ss_buf_addz(out, marks[i].word);
				used = strlen(marks[i].mark);
			}
		if (text.n && !used) {
			ss_buf_addc(out, '@');
			used = 1;
		}
		text = ss_str_n(text.p + used, text.n - used);
	}
	return out->err;
}

static int write_one(const char *dir, const char *file, struct ss_str text, const struct words *w,
		     struct ss_error *err)
{
	ss_cleanup(ss_buf_done) struct ss_buf out = SS_BUF_MAX(1 << 20);
	char path[900];
	int r = fill_in(text, w, &out);

	snprintf(path, sizeof(path), "%s/%s", dir, file);
	if (r == 0)
		r = ss_file_write_atomic(path, out.p, out.n, 0644);
	return r < 0 ? ss_error_set(err, r, "%s：写不了 cannot be written", path) : 0;
}

static int write_all(const char *dir, const struct words *w, struct ss_error *err)
{
	char seed[SS_MODULE_ID + 16];
	const struct {
		const char *file;
		struct ss_str text;
	} files[] = {
	    {"module.lua", {ss_module_template_module, ss_module_template_module_n}},
	    {"records.lua", {ss_module_template_records, ss_module_template_records_n}},
	    {"flows.lua", {ss_module_template_flows, ss_module_template_flows_n}},
	    {"rules.lua", {ss_module_template_rules, ss_module_template_rules_n}},
	    {"views.lua", {ss_module_template_views, ss_module_template_views_n}},
	    {"tests/first.lua", {ss_module_template_test, ss_module_template_test_n}},
	    {"README.md", {ss_module_template_readme, ss_module_template_readme_n}},
	    {seed, {ss_module_template_seed, ss_module_template_seed_n}},
	};
	int r = 0;

	snprintf(seed, sizeof(seed), "data/%s.csv", w->name);
	for (size_t i = 0; r == 0 && i < SS_ARRAY_LEN(files); i++)
		r = write_one(dir, files[i].file, files[i].text, w, err);
	return r;
}

/* "water/well": two names of lower case letters, digits and _. */
static bool id_is_good(const char *id)
{
	const char *slash = strchr(id, '/');

	return slash && slash > id && !strchr(slash + 1, '/') && strlen(id) < SS_MODULE_ID &&
	       id[0] >= 'a' && id[0] <= 'z' && slash[1] >= 'a' && slash[1] <= 'z' &&
	       strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789_/") == strlen(id);
}

/* A label goes into quotes: no quote, no backslash, no line end. */
static bool label_is_good(const char *z)
{
	return z[0] && strlen(z) < 100 && ss_utf8_valid(ss_str_of(z)) && !strpbrk(z, "\"\\\n\r@");
}

int ss_modules_make(const char *dir, const char *id, const char *zh, const char *en,
		    struct ss_error *err)
{
	const struct words w = {
	    .id = id, .name = strchr(id, '/') ? strchr(id, '/') + 1 : id, .zh = zh, .en = en};
	char path[700], below[760];
	struct stat st;
	int r;

	if (!id_is_good(id))
		return ss_error_set(err, SS_EINVAL,
				    "模块名 %s 写作 组/名，用小写字母、数字和下划线，如 water/well "
				    "a module is named GROUP/NAME",
				    id);
	if (!label_is_good(zh) || !label_is_good(en))
		return ss_error_set(err, SS_EINVAL,
				    "标题不能空，不能含引号、反斜线、@ 与换行 a title must not be "
				    "blank or hold quotes, backslashes, @ or line ends");
	if ((size_t)snprintf(path, sizeof(path), "%s/%s", dir, id) >= sizeof(path))
		return SS_ETOOBIG;
	if (stat(path, &st) == 0)
		return ss_error_set(err, SS_EEXISTS, "%s：已经有了 is there already", path);
	for (int i = 0; i < 2; i++) {
		snprintf(below, sizeof(below), "%s/%s", path, i ? "tests" : "data");
		r = ss_mkdirs(below, 0755);
		if (r < 0)
			return ss_error_set(err, r, "%s：建不了目录 cannot make the folder", below);
	}
	return write_all(path, &w, err);
}
