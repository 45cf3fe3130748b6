/* Reading modules: folders to files, files to declarations, and the step that puts a set in force.
 */
#include <dirent.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/os.h"
#include "base/thread.h"
#include "modules_internal.h"

#define DEPTH_MAX 3
#define MODULES_MAX 1000
#define FILES_MAX 64
#define FILE_MAX (512 << 10)

const struct ss_option ss_modules_options[] = {
    SS_OPTION(struct ss_modules_settings, STRING, dir, "modules", "",
	      "模块目录；空为程序旁边的 modules/",
	      "folder of the modules; empty = modules/ beside the program"),
    {0},
};

int ss_modules_dir(const struct ss_modules_settings *s, char *ret, size_t cap)
{
	static const char *const places[] = {"modules", "../modules", "../../modules",
					     "../share/shanshui/modules"};
	char exe[400];
	ssize_t n;
	struct stat st;

	ret[0] = 0;
	if (s->dir && s->dir[0])
		return (size_t)snprintf(ret, cap, "%s", s->dir) >= cap ? SS_ETOOBIG : 0;
	n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	if (n <= 0)
		return 0;
	exe[n] = 0;
	*strrchr(exe, '/') = 0;
	for (size_t i = 0; i < SS_ARRAY_LEN(places); i++)
		if ((size_t)snprintf(ret, cap, "%s/%s", exe, places[i]) < cap &&
		    stat(ret, &st) == 0 && S_ISDIR(st.st_mode))
			return 0;
	ret[0] = 0;
	return 0;
}

void ss_problem(json_t *problems, const char *file, int64_t line, const char *field, const char *zh,
		const char *en)
{
	json_t *p = json_pack("{s:s, s:I, s:s, s:s, s:s}", "file", file, "line", (json_int_t)line,
			      "field", field, "zh", zh, "en", en);

	if (p)
		json_array_append_new(problems, p);
}

void ss_modules_put_problem(struct ss_buf *out, const json_t *p)
{
	const char *field = json_string_value(json_object_get(p, "field"));
	int64_t line = json_integer_value(json_object_get(p, "line"));

	ss_buf_addf(out, "%s", json_string_value(json_object_get(p, "file")));
	if (line > 0)
		ss_buf_addf(out, ":%lld", (long long)line);
	if (field && field[0])
		ss_buf_addf(out, " 字段 %s", field);
	ss_buf_addf(out, "：%s %s", json_string_value(json_object_get(p, "zh")),
		    json_string_value(json_object_get(p, "en")));
}

/* "sources/registry/records.lua:12: what" of the language, as a problem. */
static void script_problem(json_t *problems, const char *file, const struct ss_error *e)
{
	const char *text = e->text, *at = strstr(text, ".lua:");
	char name[200];
	int64_t line = 0;

	snprintf(name, sizeof(name), "%s", file);
	if (at && (size_t)(at - text) < sizeof(name) - 8) {
		char *end;
		long v = strtol(at + 5, &end, 10);

		if (*end == ':') {
			snprintf(name, sizeof(name), "%.*s", (int)(at + 4 - text), text);
			line = v;
			text = end + 1 + (end[1] == ' ');
		}
	}
	ss_problem(problems, name, line, "", text, "");
}

/* --- folders ------------------------------------------------------------------------------------
 */

static int by_name(const void *a, const void *b)
{
	const struct ss_module_file *x = a, *y = b;
	bool fx = strstr(x->name, "/module.lua") != NULL,
	     fy = strstr(y->name, "/module.lua") != NULL;

	return fx != fy ? fy - fx : strcmp(x->name, y->name);
}

static int by_id(const void *a, const void *b)
{
	return strcmp(((const struct ss_module *)a)->id, ((const struct ss_module *)b)->id);
}

bool ss_module_script(const char *name)
{
	return name[0] != '.' && ss_str_ends(ss_str_of(name), SS_STR(".lua"));
}

static int read_file(struct ss_module *m, const char *name, struct ss_error *err)
{
	struct ss_module_file *f, *more;
	char path[800];
	int r;

	if (m->n_files == FILES_MAX)
		return ss_error_set(err, SS_ETOOBIG, "%s：脚本文件过多 too many scripts", m->id);
	more = realloc(m->files, (m->n_files + 1) * sizeof(*more));
	if (!more)
		return SS_ENOMEM;
	m->files = more;
	f = &m->files[m->n_files++];
	*f = (struct ss_module_file){.text = SS_BUF_MAX(FILE_MAX)};
	snprintf(f->name, sizeof(f->name), "%s/%s", m->id, name);
	snprintf(path, sizeof(path), "%s/%s", m->path, name);
	r = ss_file_read(path, &f->text);
	if (r < 0)
		ss_error_set(err, r, "%s：读不了（上限 %d KiB）cannot be read", f->name,
			     FILE_MAX >> 10);
	return r;
}

static int read_files(struct ss_module *m, struct ss_error *err)
{
	DIR *d = opendir(m->path);
	struct dirent *e;
	int r = 0;

	if (!d)
		return ss_error_set(err, SS_EIO, "%s：打不开目录 cannot open the folder", m->path);
	while (r == 0 && (e = readdir(d)))
		if (ss_module_script(e->d_name))
			r = read_file(m, e->d_name, err);
	closedir(d);
	ss_sort(m->files, m->n_files, sizeof(*m->files), by_name);
	return r;
}

static int add_module(struct ss_modset *s, struct ss_modules *all, const char *path, const char *id,
		      struct ss_error *err)
{
	struct ss_module *more, *m;

	if (s->n == MODULES_MAX || strlen(id) >= SS_MODULE_ID)
		return ss_error_set(err, SS_ETOOBIG,
				    "%s：模块过多，或目录名过长 too many modules, "
				    "or too long a name",
				    id);
	more = realloc(s->modules, (s->n + 1) * sizeof(*more));
	if (!more)
		return SS_ENOMEM;
	s->modules = more;
	m = &s->modules[s->n++];
	*m = (struct ss_module){.all = all};
	snprintf(m->id, sizeof(m->id), "%s", id);
	snprintf(m->path, sizeof(m->path), "%s", path);
	return read_files(m, err);
}

/* A script outside any module would be left out without a word. */
static void stray(const char *id, const char *name, json_t *problems)
{
	char file[600];

	if (!ss_module_script(name))
		return;
	snprintf(file, sizeof(file), "%s%s%s", id, id[0] ? "/" : "", name);
	ss_problem(
	    problems, file, 0, "",
	    "所在的目录没有 module.lua，不是模块；若是忘了，请补上，否则请移走",
	    "the folder has no module.lua and is no module; add it, or take the script away");
}

static int walk(struct ss_modset *s, struct ss_modules *all, const char *path, const char *id,
		int depth, json_t *problems, struct ss_error *err)
{
	char below[512], name[256];
	struct stat st;
	struct dirent *e;
	DIR *d;
	int r = 0;

	if ((size_t)snprintf(below, sizeof(below), "%s/module.lua", path) < sizeof(below) &&
	    stat(below, &st) == 0)
		return add_module(s, all, path, id, err);
	if (depth == DEPTH_MAX)
		return 0;
	d = opendir(path);
	if (!d)
		return ss_error_set(err, SS_ENOTFOUND, "%s：打不开目录 cannot open the folder",
				    path);
	while (r == 0 && (e = readdir(d))) {
		if (e->d_name[0] == '.' ||
		    (size_t)snprintf(below, sizeof(below), "%s/%s", path, e->d_name) >=
			sizeof(below) ||
		    (size_t)snprintf(name, sizeof(name), "%s%s%s", id, id[0] ? "/" : "",
				     e->d_name) >= sizeof(name) ||
		    stat(below, &st) < 0)
			continue;
		if (!S_ISDIR(st.st_mode))
			stray(id, e->d_name, problems);
		else
			r = walk(s, all, below, name, depth + 1, problems, err);
	}
	closedir(d);
	return r;
}

/* --- declarations -------------------------------------------------------------------------------
 */

/* {"$fn":n} becomes {"$fn":n+first} wherever it stands. */
static void renumber(json_t *v, int64_t first)
{
	const char *name;
	json_t *p;
	size_t i;

	if (json_is_array(v)) {
		json_array_foreach(v, i, p) renumber(p, first);
		return;
	}
	if (!json_is_object(v))
		return;
	p = json_object_get(v, "$fn");
	if (p) {
		json_integer_set(p, json_integer_value(p) + first);
		return;
	}
	json_object_foreach(v, name, p) renumber(p, first);
}

static int declare_module(struct ss_module *m, json_t *problems, struct ss_error *err)
{
	struct ss_error why = {0};
	struct ss_box *b;
	int r;

	m->raw = json_array();
	if (!m->raw)
		return SS_ENOMEM;
	r = ss_module_box(m, m->raw, &b, &why);
	if (r == SS_ENOMEM)
		return ss_error_set(err, r, "内存不足 out of memory");
	if (r < 0) {
		json_array_clear(m->raw);
		script_problem(problems, m->id, &why);
		return 0;
	}
	m->n_fns = b->n_fns;
	m->free[m->n_free++] = b;
	m->n_made = 1;
	return 0;
}

/* Numbers of functions go on from set to set, so that an old one is never taken for another. */
static int number_all(struct ss_modset *s)
{
	struct ss_modules *all;

	s->decls = json_array();
	if (!s->decls)
		return SS_ENOMEM;
	for (size_t i = 0; i < s->n; i++) {
		struct ss_module *m = &s->modules[i];

		all = m->all;
		m->first_fn = all->next_fn;
		all->next_fn += m->n_fns;
		m->decls = json_deep_copy(m->raw);
		if (!m->decls)
			return SS_ENOMEM;
		renumber(m->decls, m->first_fn);
		if (json_array_extend(s->decls, m->decls) < 0)
			return SS_ENOMEM;
	}
	return 0;
}

/* Who hears what. */
static int index_events(struct ss_modset *s)
{
	json_t *d, *list;
	size_t i;

	s->events = json_object();
	json_array_foreach(s->decls, i, d)
	{
		const char *event = json_string_value(json_object_get(d, "event"));

		if (strcmp(json_string_value(json_object_get(d, "kind")), "on") != 0 || !event)
			continue;
		list = json_object_get(s->events, event);
		if (!list) {
			list = json_array();
			json_object_set_new(s->events, event, list);
		}
		json_array_append(list, d);
	}
	return s->events ? 0 : SS_ENOMEM;
}

int ss_modset_read(struct ss_modules *all, struct ss_modset **ret, json_t *problems,
		   struct ss_error *err)
{
	struct ss_modset *s = calloc(1, sizeof(*s));
	int r = s ? 0 : SS_ENOMEM;

	if (r == 0 && all->dir[0])
		r = walk(s, all, all->dir, "", 0, problems, err);
	if (r == 0 && s->n)
		ss_sort(s->modules, s->n, sizeof(*s->modules), by_id);
	for (size_t i = 0; r == 0 && i < s->n; i++) {
		s->modules[i].set = s;
		r = declare_module(&s->modules[i], problems, err);
	}
	if (r == 0)
		r = number_all(s);
	if (r == 0)
		r = index_events(s);
	if (r < 0) {
		ss_modset_free(s);
		return r;
	}
	*ret = s;
	return 0;
}

void ss_modset_free(struct ss_modset *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->n; i++) {
		struct ss_module *m = &s->modules[i];

		for (int k = 0; k < m->n_free; k++)
			ss_module_box_free(m->free[k]);
		for (size_t k = 0; k < m->n_files; k++)
			ss_buf_done(&m->files[k].text);
		free(m->files);
		json_decref(m->raw);
		json_decref(m->decls);
	}
	free(s->modules);
	json_decref(s->decls);
	json_decref(s->events);
	free(s);
}

/* --- in force -----------------------------------------------------------------------------------
 */

int ss_modules_new(const char *dir, const struct ss_modules_host *host, struct ss_modules **ret)
{
	struct ss_modules *m = calloc(1, sizeof(*m));

	if (!m)
		return SS_ENOMEM;
	if ((size_t)snprintf(m->dir, sizeof(m->dir), "%s", dir) >= sizeof(m->dir)) {
		free(m);
		return SS_ETOOBIG;
	}
	m->host = *host;
	m->script = (struct ss_script){.arg = m, .call = ss_modules_call};
	pthread_mutex_init(&m->lock, NULL);
	pthread_mutex_init(&m->loading, NULL);
	ss_cond_init(&m->freed);
	ss_cond_init(&m->wake);
	m->ran = json_object();
	m->queue = json_array();
	*ret = m;
	return 0;
}

void ss_modules_free(struct ss_modules *m)
{
	struct ss_modset *next;

	if (!m)
		return;
	ss_modules_stop(m);
	for (struct ss_modset *s = m->sets; s; s = next) {
		next = s->next;
		ss_modset_free(s);
	}
	json_decref(m->problems);
	json_decref(m->ran);
	json_decref(m->queue);
	pthread_cond_destroy(&m->wake);
	pthread_cond_destroy(&m->freed);
	pthread_mutex_destroy(&m->loading);
	pthread_mutex_destroy(&m->lock);
	free(m);
}

const struct ss_script *ss_modules_script(struct ss_modules *m)
{
	return &m->script;
}

/* Keeps the newest two that were in force, and those with calls at work. With the lock. */
static void forget_old(struct ss_modules *m)
{
	struct ss_modset **p = &m->sets;
	int kept = 0;

	while (*p) {
		struct ss_modset *s = *p;
		bool keep = s == m->force || s->refs > 0 || (!s->refused && kept < 2);

		if (keep) {
			kept += !s->refused;
			p = &s->next;
			continue;
		}
		*p = s->next;
		ss_modset_free(s);
	}
}

/* It comes into force, or never will. */
static void settle(struct ss_modules *m, struct ss_modset *s, bool good)
{
	SS_LOCKED(&m->lock);
	s->refused = !good;
	if (good) {
		m->force = s;
		m->changed[0] = 0;
	}
	forget_old(m);
}

static void know(struct ss_modules *m, struct ss_modset *s)
{
	SS_LOCKED(&m->lock);
	s->next = m->sets;
	m->sets = s;
}

static int engines_check(struct ss_modules *m, const struct ss_modset *s, json_t *problems,
			 struct ss_error *err)
{
	const struct ss_modules_engine *e = m->host.engines;
	int r = 0;

	for (; (r == 0 || r == SS_EINVAL) && e < m->host.engines + SS_MODULES_ENGINES && e->check;
	     e++)
		r = e->check(e->arg, s->decls, problems, err);
	return r == SS_EINVAL ? 0 : r;
}

/* One engine after the other; when one refuses, those before it get the old declarations back. */
static int engines_load(struct ss_modules *m, const struct ss_modset *s, json_t *problems,
			struct ss_error *err)
{
	const struct ss_modules_engine *first = m->host.engines, *e = first;
	json_t *none = json_array();
	int r = none ? 0 : SS_ENOMEM;

	for (; r == 0 && e < first + SS_MODULES_ENGINES && e->load; e++)
		r = e->load(e->arg, s->decls, &m->script, problems, err);
	if (r < 0)
		for (e -= 2; e >= first; e--)
			e->load(e->arg, m->force ? m->force->decls : none, &m->script, none, NULL);
	json_decref(none);
	return r;
}

/* Reads and checks; *ret is known (its functions can be called), not in force; NULL when it was not
 * even read. */
static int prepare(struct ss_modules *m, json_t *problems, struct ss_modset **ret,
		   struct ss_error *err)
{
	size_t before = json_array_size(problems);
	struct ss_modset *s;
	int r = ss_modset_read(m, &s, problems, err);

	*ret = NULL;
	if (r < 0)
		return r;
	know(m, s);
	*ret = s;
	ss_modset_check(s, problems);
	ss_modset_check_names(s, m->host.role, problems);
	r = engines_check(m, s, problems, err);
	if (r == 0 && json_array_size(problems) > before)
		r = ss_error_set(err, SS_EINVAL,
				 "模块有 %zu 处问题，没有装载 the modules have %zu problems and "
				 "were not loaded",
				 json_array_size(problems) - before,
				 json_array_size(problems) - before);
	return r;
}

int ss_modules_check(struct ss_modules *m, json_t *problems, struct ss_error *err)
{
	struct ss_modset *s;

	int r;

	SS_LOCKED(&m->loading);
	r = prepare(m, problems, &s, err);
	if (s)
		settle(m, s, false);
	return r;
}

static void keep_problems(struct ss_modules *m, const json_t *problems)
{
	SS_LOCKED(&m->lock);
	json_decref(m->problems);
	m->problems = json_deep_copy(problems);
}

json_t *ss_modules_problems(struct ss_modules *m)
{
	SS_LOCKED(&m->lock);
	return m->problems ? json_deep_copy(m->problems) : json_array();
}

int ss_modules_load(struct ss_modules *m, json_t *problems, struct ss_error *err)
{
	struct ss_modset *s;
	int r;

	SS_LOCKED(&m->loading);
	r = prepare(m, problems, &s, err);
	if (r == 0)
		r = engines_load(m, s, problems, err);
	if (s)
		settle(m, s, r == 0);
	keep_problems(m, problems);
	return r;
}

json_t *ss_modules_declarations(struct ss_modules *m, const char *kind, const char *module)
{
	json_t *out = json_array(), *d;
	size_t i;

	SS_LOCKED(&m->lock);
	json_array_foreach(m->force ? m->force->decls : NULL, i, d)
	{
		if (kind && strcmp(json_string_value(json_object_get(d, "kind")), kind) != 0)
			continue;
		if (module && strcmp(json_string_value(json_object_get(d, "module")), module) != 0)
			continue;
		json_array_append(out, d);
	}
	return out;
}
