/* Names that a declaration takes from elsewhere: fields of the record a page or a layer shows, and
 * roles wherever people are let in. */
#include "modules_internal.h"

struct names {
	const json_t *decls;
	const json_t *d; /* at hand */
	json_t *problems;
	bool (*role)(const char *id); /* NULL: not asked */
};

static void say(struct names *n, const char *field, const char *name, const char *zh,
		const char *en)
{
	char z[240], e[240];

	snprintf(z, sizeof(z), "%s：%.80s", zh, name);
	snprintf(e, sizeof(e), "%s: %.80s", en, name);
	ss_problem(n->problems, ss_json_get_z(n->d, "file"),
		   json_integer_value(json_object_get(n->d, "line")), field, z, e);
}

static const json_t *declared(const struct names *n, const char *kind, const char *id)
{
	json_t *d;
	size_t i;

	json_array_foreach((json_t *)n->decls, i, d)
	{
		if (strcmp(ss_json_get_z(d, "kind"), kind) == 0 &&
		    strcmp(ss_json_get_z(d, "id"), id) == 0)
			return d;
	}
	return NULL;
}

/* --- fields -------------------------------------------------------------------------------------
 */

static void field_exists(struct names *n, const json_t *record, const char *place, const char *name)
{
	json_t *f;
	size_t i;

	name += name[0] == '-'; /* of an order: downwards */
	json_array_foreach(json_object_get(record, "fields"), i, f)
	{
		if (strcmp(ss_json_get_z(f, "id"), name) == 0)
			return;
	}
	/* What every record has beside its fields. */
	if (strcmp(name, "changed") != 0 && strcmp(name, "created") != 0)
		say(n, place, name, "记录没有这个字段", "the record has no such field");
}

/* A name or a list of names. */
static void fields_exist(struct names *n, const json_t *record, const char *place, const json_t *v)
{
	const json_t *one;
	size_t i;

	if (json_is_string(v))
		field_exists(n, record, place, json_string_value(v));
	json_array_foreach((json_t *)v, i, one)
	{
		if (json_is_string(one))
			field_exists(n, record, place, json_string_value(one));
	}
}

static void section_fields(struct names *n, const json_t *own, const json_t *s)
{
	const json_t *through = json_object_get(s, "through");
	const json_t *shown = declared(n, "record", ss_json_get_z(s, "type"));
	const json_t *between = declared(n, "record", ss_json_get_z(through, "type"));

	fields_exist(n, own, "sections.fields", json_object_get(s, "fields"));
	fields_exist(n, own, "sections.from", json_object_get(s, "from"));
	if (shown) {
		fields_exist(n, shown, "sections.columns", json_object_get(s, "columns"));
		fields_exist(n, shown, "sections.sort", json_object_get(s, "sort"));
		fields_exist(n, shown, "sections.via", json_object_get(s, "via"));
	}
	if (between)
		fields_exist(n, between, "sections.through.via", json_object_get(through, "via"));
}

static void view_fields(struct names *n)
{
	const json_t *flow = declared(n, "flow", ss_json_get_z(n->d, "flow"));
	const char *type = ss_json_get_z(n->d, "type");
	const json_t *own = declared(n, "record", type[0] ? type : ss_json_get_z(flow, "record"));
	json_t *s;
	size_t i;

	if (!own)
		return; /* told elsewhere */
	fields_exist(n, own, "columns", json_object_get(n->d, "columns"));
	fields_exist(n, own, "filters", json_object_get(n->d, "filters"));
	fields_exist(n, own, "sort", json_object_get(n->d, "sort"));
	json_array_foreach(json_object_get(n->d, "sections"), i, s) section_fields(n, own, s);
}

static void layer_fields(struct names *n)
{
	const json_t *own = declared(n, "record", ss_json_get_z(n->d, "type"));

	if (own)
		fields_exist(n, own, "style.field",
			     json_object_get(json_object_get(n->d, "style"), "field"));
}

/* --- roles --------------------------------------------------------------------------------------
 */

static void role_exists(struct names *n, const char *place, const char *name)
{
	if (!n->role(name))
		say(n, place, name, "没有这个角色", "there is no such role");
}

/* Members that hold a list of roles, wherever they stand. */
static bool holds_roles(const char *member)
{
	static const char *const names[] = {"roles", "open_roles", "jump_roles", "extend_roles",
					    "unmask"};

	for (size_t i = 0; i < SS_ARRAY_LEN(names); i++)
		if (strcmp(names[i], member) == 0)
			return true;
	return false;
}

static void roles_exist(struct names *n, const char *place, const json_t *v)
{
	const char *name;
	json_t *part;
	size_t i;

	json_array_foreach((json_t *)v, i, part)
	{
		if (json_is_string(part) && holds_roles(place))
			role_exists(n, place, json_string_value(part));
		else
			roles_exist(n, "", part);
	}
	json_object_foreach((json_t *)v, name, part) roles_exist(n, name, part);
}

static void rights_exist(struct names *n)
{
	const char *name;
	json_t *v;
	char place[80];

	json_object_foreach(json_object_get(n->d, "rights"), name, v)
	{
		snprintf(place, sizeof(place), "rights.%.60s", name);
		role_exists(n, place, name);
	}
}

void ss_modset_check_names(const struct ss_modset *s, bool (*role)(const char *id),
			   json_t *problems)
{
	struct names n = {.decls = s->decls, .problems = problems, .role = role};
	json_t *d;
	size_t i;

	json_array_foreach(s->decls, i, d)
	{
		const char *kind = ss_json_get_z(d, "kind");

		n.d = d;
		if (strcmp(kind, "view") == 0)
			view_fields(&n);
		else if (strcmp(kind, "layer") == 0)
			layer_fields(&n);
		if (!role)
			continue;
		roles_exist(&n, "", d);
		rights_exist(&n);
	}
}
