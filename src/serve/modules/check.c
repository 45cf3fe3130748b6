/* What a set declares, checked by itself: known members, labels, names that are taken, and what one
 * module says of another. Records and flows are checked further by their engines. */
#include "modules_internal.h"

#include <fcntl.h>

#include "base/os.h"

/* kind, member, what it must be, required. t title {zh,en}, s text, a list, o object, b boolean,
 * n number, f function, * anything. */
#define MEMBERS(X)                                                                                 \
	X(module, id, s, 1)                                                                        \
	X(module, title, t, 1)                                                                     \
	X(module, about, t, 0)                                                                     \
	X(module, rows, a, 0)                                                                      \
	X(module, needs, a, 0)                                                                     \
	X(code, id, s, 1)                                                                          \
	X(code, title, t, 1)                                                                       \
	X(code, rows, a, 1)                                                                        \
	X(view, id, s, 1)                                                                          \
	X(view, title, t, 1)                                                                       \
	X(view, about, t, 0)                                                                       \
	X(view, menu, s, 0)                                                                        \
	X(view, order, n, 0)                                                                       \
	X(view, type, s, 0)                                                                        \
	X(view, flow, s, 0)                                                                        \
	X(view, layout, s, 1)                                                                      \
	X(view, columns, a, 0)                                                                     \
	X(view, filters, *, 0)                                                                     \
	X(view, sort, s, 0)                                                                        \
	X(view, roles, a, 0)                                                                       \
	X(view, sections, a, 0)                                                                    \
	X(layer, id, s, 1)                                                                         \
	X(layer, title, t, 0)                                                                      \
	X(layer, type, s, 1)                                                                       \
	X(layer, style, o, 0)                                                                      \
	X(layer, filter, *, 0)                                                                     \
	X(layer, order, n, 0)                                                                      \
	X(menu, items, a, 1)                                                                       \
	X(seed, type, s, 0)                                                                        \
	X(seed, data, s, 1)                                                                        \
	X(seed, demo, b, 0)                                                                        \
	X(on, event, s, 1)                                                                         \
	X(on, fn, f, 1)                                                                            \
	X(every, id, s, 1)                                                                         \
	X(every, when, s, 1)                                                                       \
	X(every, fn, f, 1)

static const struct member {
	const char *kind, *name;
	char type;
	bool required;
} members[] = {
#define X(kind, name, type, required) {#kind, #name, #type[0], required},
    MEMBERS(X)
#undef X
};

struct check {
	const struct ss_modset *set;
	json_t *problems;
	const json_t *d; /* at hand */
	json_t *taken;   /* "kind:id" -> declaration */
};

static void say(struct check *c, const char *field, const char *zh, const char *en)
{
	ss_problem(c->problems, ss_json_get_z(c->d, "file"),
		   json_integer_value(json_object_get(c->d, "line")), field, zh, en);
}

static bool is_title(const json_t *v)
{
	return ss_json_get_z(v, "zh")[0] && ss_json_get_z(v, "en")[0];
}

static bool fits(const json_t *v, char type)
{
	switch (type) {
	case 't':
		return is_title(v);
	case 's':
		return json_is_string(v) && json_string_length(v) > 0;
	case 'a':
		return json_is_array(v);
	case 'o':
		return json_is_object(v) || (json_is_array(v) && json_array_size(v) == 0);
	case 'b':
		return json_is_boolean(v);
	case 'n':
		return json_is_number(v);
	case 'f':
		return json_is_integer(json_object_get(v, "$fn"));
	default:
		return true;
	}
}

static void say_type(struct check *c, const struct member *m)
{
	static const struct {
		char type;
		const char *zh, *en;
	} words[] = {
	    {'t', "要有中英文标题 {zh=, en=}", "needs a label in both languages {zh=, en=}"},
	    {'s', "要是一段文字", "must be a text"},
	    {'a', "要是一个列表", "must be a list"},
	    {'o', "要是一张有名字的表", "must be a table with names"},
	    {'n', "要是一个数", "must be a number"},
	    {'b', "要是真或假", "must be true or false"},
	    {'f', "要是一个函数", "must be a function"},
	};

	for (size_t i = 0; i < SS_ARRAY_LEN(words); i++)
		if (words[i].type == m->type)
			say(c, m->name, words[i].zh, words[i].en);
}

static const struct member *find_member(const char *kind, const char *name)
{
	for (size_t i = 0; i < SS_ARRAY_LEN(members); i++)
		if (strcmp(members[i].kind, kind) == 0 && strcmp(members[i].name, name) == 0)
			return &members[i];
	return NULL;
}

static void check_members(struct check *c, const char *kind)
{
	static const char *const ours[] = {"kind", "module", "file", "line", NULL};
	const char *name;
	json_t *v;

	for (size_t i = 0; i < SS_ARRAY_LEN(members); i++) {
		if (strcmp(members[i].kind, kind) != 0)
			continue;
		v = json_object_get(c->d, members[i].name);
		if (v ? !fits(v, members[i].type) : members[i].required)
			say_type(c, &members[i]);
	}
	json_object_foreach((json_t *)c->d, name, v)
	{
		bool known = find_member(kind, name) != NULL;

		for (const char *const *o = ours; *o && !known; o++)
			known = strcmp(*o, name) == 0;
		if (!known)
			say(c, name, "没有这个字段", "there is no such field");
	}
}

static bool name_is_good(const char *id)
{
	size_t n = strlen(id);

	return n > 0 && n < 60 && id[0] >= 'a' && id[0] <= 'z' &&
	       strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789_") == n;
}

/* Names of a kind are taken over all modules, those of schedules within one. */
static void check_name(struct check *c, const char *kind)
{
	const char *id = ss_json_get_z(c->d, "id");
	char key[256], zh[256];
	const json_t *other;

	if (strcmp(kind, "module") == 0 || !json_object_get(c->d, "id"))
		return;
	if (!name_is_good(id)) {
		say(c, "id", "名字要用小写字母、数字和下划线，字母开头",
		    "a name is lower case letters, digits and _");
		return;
	}
	snprintf(key, sizeof(key), "%s:%s:%s",
		 strcmp(kind, "every") == 0 ? ss_json_get_z(c->d, "module") : "", kind, id);
	other = json_object_get(c->taken, key);
	if (other) {
		snprintf(zh, sizeof(zh), "名字 %s 已在 %s:%lld 用过", id,
			 ss_json_get_z(other, "file"),
			 (long long)json_integer_value(json_object_get(other, "line")));
		say(c, "id", zh, "the name is taken");
		return;
	}
	json_object_set(c->taken, key, (json_t *)c->d);
}

static bool exists(const struct check *c, const char *kind, const char *id)
{
	char key[256];

	snprintf(key, sizeof(key), ":%s:%s", kind, id);
	return json_object_get(c->taken, key) != NULL;
}

static void must_exist(struct check *c, const char *field, const char *kind, const char *id)
{
	char zh[200], en[200];

	if (!id[0] || exists(c, kind, id))
		return;
	snprintf(zh, sizeof(zh), "没有名为 %.60s 的%s", id,
		 strcmp(kind, "flow") == 0 ? "流程" : "档案类型");
	snprintf(en, sizeof(en), "there is no %s %.60s", kind, id);
	say(c, field, zh, en);
}

/* --- one kind each -------------------------------------------------------------------------------
 */

/* Parts of a record's one page: fields of its own, records that point to it (or to something that
 * does), or what its devices tell. */
static void check_sections(struct check *c)
{
	static const char *const names[] = {"id",   "title", "fields",  "type", "via",    "from",
					    "sort", "limit", "through", "live", "columns"};
	const json_t *s, *v;
	const char *name;
	size_t i;

	json_array_foreach(json_object_get(c->d, "sections"), i, s)
	{
		const json_t *through = json_object_get(s, "through");

		if (!is_title(json_object_get(s, "title")))
			say(c, "sections", "每一段要有 title", "each section needs a title");
		if (!json_is_array(json_object_get(s, "fields")) && !ss_json_get_z(s, "via")[0])
			say(c, "sections", "每一段要有 fields，或 type 与 via",
			    "each section needs fields, or type and via");
		must_exist(c, "sections", "record", ss_json_get_z(s, "type"));
		must_exist(c, "sections", "record", ss_json_get_z(through, "type"));
		json_object_foreach((json_t *)s, name, v)
		{
			size_t k = 0;

			while (k < SS_ARRAY_LEN(names) && strcmp(names[k], name) != 0)
				k++;
			if (k == SS_ARRAY_LEN(names))
				say(c, "sections", "段里有不认识的成员",
				    "a member of a section is unknown");
		}
	}
}

static void check_view(struct check *c)
{
	static const char *const layouts[] = {"list", "board", "map", "desk", "file", NULL};
	bool known = false;

	must_exist(c, "type", "record", ss_json_get_z(c->d, "type"));
	must_exist(c, "flow", "flow", ss_json_get_z(c->d, "flow"));
	for (const char *const *l = layouts; *l; l++)
		known = known || strcmp(*l, ss_json_get_z(c->d, "layout")) == 0;
	if (!known)
		say(c, "layout", "只能是 list board map desk file 之一",
		    "is one of list board map desk file");
	check_sections(c);
	if (!ss_json_get_z(c->d, "type")[0] && !ss_json_get_z(c->d, "flow")[0])
		say(c, "type", "要指明 type 或 flow", "needs a type or a flow");
}

/* thing.saved:TYPE and the like; alarms have no more to say. */
static void check_on(struct check *c)
{
	static const struct {
		const char *event, *kind;
	} events[] = {{"thing.saved", "record"},  {"thing.retired", "record"},
		      {"thing.merged", "record"}, {"case.opened", "flow"},
		      {"case.moved", "flow"},     {"case.closed", "flow"},
		      {"alarm.raised", NULL},     {"alarm.cleared", NULL}};
	const char *event = ss_json_get_z(c->d, "event"), *colon = strchr(event, ':');
	size_t n = colon ? (size_t)(colon - event) : strlen(event);

	for (size_t i = 0; i < SS_ARRAY_LEN(events); i++) {
		if (strlen(events[i].event) != n || strncmp(events[i].event, event, n) != 0)
			continue;
		if (!events[i].kind == !colon) {
			if (colon)
				must_exist(c, "event", events[i].kind, colon + 1);
			return;
		}
	}
	say(c, "event",
	    "没有这样的事件；有 thing.saved|retired|merged:类型、case.opened|moved|closed:流程、"
	    "alarm.raised、alarm.cleared",
	    "there is no such event");
}

static void check_every(struct check *c)
{
	struct ss_every e;

	if (ss_every_parse(ss_json_get_z(c->d, "when"), &e) < 0)
		say(c, "when",
		    "写作 \"PT10M\"（至少一分钟）、\"daily 06:00\" 或 \"monthly 1 06:00\"",
		    "is \"PT10M\" (at least a minute), \"daily 06:00\" or \"monthly 1 06:00\"");
}

static const struct ss_module *module_of(const struct ss_modset *s, const char *id)
{
	for (size_t i = 0; i < s->n; i++)
		if (strcmp(s->modules[i].id, id) == 0)
			return &s->modules[i];
	return NULL;
}

static void check_seed(struct check *c)
{
	const struct ss_module *m = module_of(c->set, ss_json_get_z(c->d, "module"));
	const char *file = ss_json_get_z(c->d, "data");
	char path[900];
	int fd;

	must_exist(c, "type", "record", ss_json_get_z(c->d, "type"));
	if (!ss_json_get_z(c->d, "type")[0] && !ss_str_ends(ss_str_of(file), SS_STR(".jsonl")))
		say(c, "type", "表要指明 type；只有 .jsonl 的故事不用",
		    "a table names its type; only a story in .jsonl does not");
	if (strstr(file, "..") || file[0] == '/') {
		say(c, "data", "要在模块自己的目录里", "must be in the module's own folder");
		return;
	}
	snprintf(path, sizeof(path), "%s/%s", m->path, file);
	if (!file[0])
		return;
	fd = ss_os()->open(path, O_RDONLY, 0);
	if (fd < 0)
		say(c, "data", "没有这个文件", "there is no such file");
	else
		ss_os()->close(fd);
}

static void check_code(struct check *c)
{
	json_t *row;
	size_t i;

	json_array_foreach(json_object_get(c->d, "rows"), i, row)
	{
		char field[40];

		snprintf(field, sizeof(field), "rows.%zu", i + 1);
		if (!ss_json_get_z(row, "code")[0])
			say(c, field, "要有 code", "needs a code");
		else if (!is_title(row))
			say(c, field, "要有 zh 和 en", "needs zh and en");
	}
}

static void check_menu(struct check *c)
{
	json_t *item;
	size_t i;

	json_array_foreach(json_object_get(c->d, "items"), i, item)
	{
		char field[40];

		snprintf(field, sizeof(field), "items.%zu", i + 1);
		if (!ss_json_get_z(item, "id")[0] || !is_title(json_object_get(item, "title")))
			say(c, field, "要有 id 和 title={zh=,en=}", "needs an id and a title");
	}
}

static void check_refs(struct check *c, const char *kind)
{
	static const struct {
		const char *kind;
		void (*fn)(struct check *);
	} more[] = {{"view", check_view}, {"on", check_on},     {"every", check_every},
		    {"seed", check_seed}, {"code", check_code}, {"menu", check_menu}};

	for (size_t i = 0; i < SS_ARRAY_LEN(more); i++)
		if (strcmp(more[i].kind, kind) == 0)
			more[i].fn(c);
	if (strcmp(kind, "layer") == 0)
		must_exist(c, "type", "record", ss_json_get_z(c->d, "type"));
	if (strcmp(kind, "flow") == 0)
		must_exist(c, "record", "record", ss_json_get_z(c->d, "record"));
}

/* --- modules
 * -------------------------------------------------------------------------------------- */

static void check_needs(struct check *c)
{
	json_t *need;
	size_t i;

	json_array_foreach(json_object_get(c->d, "needs"), i, need)
	{
		const char *id = json_string_value(need);
		char zh[160];

		if (id && module_of(c->set, id))
			continue;
		snprintf(zh, sizeof(zh), "需要的模块 %.80s 不在", id ? id : "?");
		say(c, "needs", zh, "a module that it needs is not there");
	}
}

/* Exactly one module{}, of the name of its folder. */
static void check_module(struct check *c, const struct ss_module *m)
{
	const json_t *own = NULL;
	json_t *d;
	size_t i, n = 0;
	char file[SS_MODULE_ID + 16];

	json_array_foreach(m->decls, i, d)
	{
		if (strcmp(ss_json_get_z(d, "kind"), "module") == 0) {
			own = d;
			n++;
		}
	}
	snprintf(file, sizeof(file), "%s/module.lua", m->id);
	if (n != 1) {
		if (json_array_size(m->decls) || m->n_made)
			ss_problem(c->problems, file, 0, "module", "要有且只有一个 module { ... }",
				   "there must be one module { ... }");
		return;
	}
	c->d = own;
	if (strcmp(ss_json_get_z(own, "id"), m->id) != 0)
		say(c, "id", "要与目录名相同", "must be the name of the folder");
	check_needs(c);
}

void ss_modset_check(const struct ss_modset *s, json_t *problems)
{
	struct check c = {.set = s, .problems = problems, .taken = json_object()};
	const char *kind;
	json_t *d;
	size_t i;

	json_array_foreach(s->decls, i, d)
	{
		c.d = d;
		kind = ss_json_get_z(d, "kind");
		if (strcmp(kind, "record") != 0 && strcmp(kind, "flow") != 0)
			check_members(&c, kind);
		check_name(&c, kind);
	}
	json_array_foreach(s->decls, i, d)
	{
		c.d = d;
		check_refs(&c, ss_json_get_z(d, "kind"));
	}
	for (size_t k = 0; k < s->n; k++)
		check_module(&c, &s->modules[k]);
	json_decref(c.taken);
}
