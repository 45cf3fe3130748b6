/* Are the modules on disk still those in force? What runs is what was read; a file that changed
 * behind our back is told, and runs only when somebody who may has it loaded. */
#include <dirent.h>

#include "base/os.h"
#include "base/thread.h"
#include "modules_internal.h"

static bool same_file(const struct ss_module *m, const struct ss_module_file *f)
{
	ss_cleanup(ss_buf_done) struct ss_buf now = SS_BUF_MAX(f->text.n + 1);
	char path[800];

	snprintf(path, sizeof(path), "%s%s", m->path, f->name + strlen(m->id));
	return ss_file_read(path, &now) == 0 && ss_str_eq(ss_buf_str(&now), ss_buf_str(&f->text));
}

static bool known(const struct ss_module *m, const char *name)
{
	for (size_t i = 0; i < m->n_files; i++)
		if (strcmp(m->files[i].name + strlen(m->id) + 1, name) == 0)
			return true;
	return false;
}

/* A script that was put beside them. */
static bool added(const struct ss_module *m, char *ret_name, size_t cap)
{
	DIR *d = opendir(m->path);
	struct dirent *e;
	bool found = false;

	while (d && !found && (e = readdir(d))) {
		found = ss_module_script(e->d_name) && !known(m, e->d_name);
		if (found)
			snprintf(ret_name, cap, "%s/%s", m->id, e->d_name);
	}
	if (d)
		closedir(d);
	return found;
}

static bool differs(const struct ss_modset *s, char *ret_name, size_t cap)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct ss_module *m = &s->modules[i];

		for (size_t k = 0; k < m->n_files; k++)
			if (!same_file(m, &m->files[k])) {
				ss_str_copy(ret_name, cap, ss_str_of(m->files[k].name));
				return true;
			}
		if (added(m, ret_name, cap))
			return true;
	}
	return false;
}

static struct ss_modset *hold(struct ss_modules *m)
{
	SS_LOCKED(&m->lock);

	if (m->force)
		m->force->refs++;
	return m->force;
}

bool ss_modules_look(struct ss_modules *m)
{
	char name[sizeof(m->changed)] = "";
	struct ss_modset *s = hold(m);
	bool news;

	if (!s)
		return false;
	differs(s, name, sizeof(name));
	SS_LOCKED(&m->lock);
	s->refs--;
	if (s != m->force)
		return false; /* loaded anew meanwhile */
	news = name[0] && strcmp(name, m->changed) != 0;
	ss_str_copy(m->changed, sizeof(m->changed), ss_str_of(name));
	return news;
}

bool ss_modules_changed(struct ss_modules *m, char *ret_name, size_t cap)
{
	SS_LOCKED(&m->lock);

	ss_str_copy(ret_name, cap, ss_str_of(m->changed));
	return m->changed[0];
}
