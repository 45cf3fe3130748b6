/* Declarations of record types and code lists, checked whole. */
#include <math.h>
#include <stdlib.h>

#include "record/things/things_internal.h"

#define TYPES_MAX 2000
#define FIELDS_MAX 300
#define DEPTH_MAX 4
#define MEMORY_MAX ((size_t)64 << 20)

static const struct {
	const char *key;
	enum sst_column column;
} ftypes[] = {
#define X(name, key, column, zh, schema) {key, SST_COL_##column},
#include "record/things/ftypes.def"
#undef X
};

const char *sst_ftype_key(enum sst_ftype f)
{
	return ftypes[f].key;
}

enum sst_column sst_column_of(const struct sst_field *f)
{
	return f->mask ? SST_COL_NONE : ftypes[f->type].column;
}

bool sst_is_multi(enum sst_ftype f)
{
	return f == SST_CHOICES || f == SST_CODES || f == SST_REFS || f == SST_FILES ||
	       f == SST_LIST;
}

bool sst_is_geometry(enum sst_ftype f)
{
	return f == SST_POINT || f == SST_LINE || f == SST_POLYGON;
}

/* --- reading one declaration ------------------------------------------------------------------ */

struct reader {
	struct ss_things *t; /* may be NULL */
	struct sst_types *ts;
	json_t *problems;
	struct ss_error *err;
	const json_t *decl; /* at hand */
	int bad;
};

static const char *text(const json_t *o, const char *name)
{
	return json_string_value(json_object_get(o, name));
}

static void bad(struct reader *r, const char *path, const char *zh, const char *en)
{
	const char *file = text(r->decl, "file");
	int64_t line = json_integer_value(json_object_get(r->decl, "line"));

	if (r->bad++ == 0)
		ss_error_set(r->err, SS_EINVAL, "%s:%lld 字段 %s：%s；%s:%lld field %s: %s",
			     file ? file : "?", (long long)line, path, zh, file ? file : "?",
			     (long long)line, path, en);
	if (r->problems)
		json_array_append_new(r->problems,
				      json_pack("{s:s,s:I,s:s,s:s,s:s}", "file", file ? file : "?",
						"line", (json_int_t)line, "field", path, "zh", zh,
						"en", en));
}

static bool name_is_good(const char *s, size_t most)
{
	size_t n = s ? strlen(s) : 0;

	if (n == 0 || n > most || s[0] < 'a' || s[0] > 'z')
		return false;
	for (; *s; s++)
		if (!((*s >= 'a' && *s <= 'z') || (*s >= '0' && *s <= '9') || *s == '_'))
			return false;
	return true;
}

/* Only these members may stand there: a misspelt one must not be passed over. */
static void known_only(struct reader *r, const json_t *o, const char *path, const char *words)
{
	const char *name;
	json_t *v;
	char where[200];

	json_object_foreach((json_t *)o, name, v)
	{
		struct ss_str rest = ss_str_of(words), w;
		bool known = false;

		while (!known && ss_str_split(&rest, ' ', &w))
			known = ss_str_is(w, name);
		if (known)
			continue;
		snprintf(where, sizeof(where), "%s%s%.60s", path, path[0] ? "." : "", name);
		bad(r, where, "不认识的成员", "unknown member");
	}
}

static void titles(struct reader *r, const json_t *o, const char *path, const char **zh,
		   const char **en)
{
	const json_t *title = json_object_get(o, "title");
	char where[160];

	*zh = text(title, "zh");
	*en = text(title, "en");
	if (*zh && **zh && *en && **en)
		return;
	snprintf(where, sizeof(where), "%s%stitle", path, path[0] ? "." : "");
	bad(r, where, "缺少中文或英文名称 {zh,en}", "a title {zh,en} is missing");
	*zh = *zh ? *zh : "?";
	*en = *en ? *en : "?";
}

static bool is_fn(const json_t *v)
{
	return json_is_integer(json_object_get(v, "$fn"));
}

static const json_t *function(struct reader *r, const json_t *o, const char *name, const char *path)
{
	const json_t *v = json_object_get(o, name);
	char where[160];

	if (!v || is_fn(v))
		return v;
	snprintf(where, sizeof(where), "%s.%s", path, name);
	bad(r, where, "须为函数", "must be a function");
	return NULL;
}

static double number(const json_t *o, const char *name)
{
	const json_t *v = json_object_get(o, name);

	return json_is_number(v) ? json_number_value(v) : NAN;
}

static bool flag(const json_t *o, const char *name)
{
	return json_is_true(json_object_get(o, name));
}

static enum ss_label label_of(struct reader *r, const json_t *o, const char *path,
			      enum ss_label def)
{
	const char *z = text(o, "label");
	enum ss_label l = def;
	char where[160];

	if (!z || ss_label_parse(ss_str_of(z), &l) == 0)
		return l;
	snprintf(where, sizeof(where), "%s%slabel", path, path[0] ? "." : "");
	bad(r, where, "须为 public、internal 或 restricted",
	    "must be public, internal or restricted");
	return def;
}

/* --- fields ----------------------------------------------------------------------------------- */

static int read_fields(struct reader *r, const json_t *list, const char *path, int depth,
		       struct sst_field **ret, size_t *ret_n);

static void read_type(struct reader *r, struct sst_field *f, const char *path)
{
	const char *key = text(f->decl, "type");
	char where[160];

	for (int i = 0; key && i < SST_FTYPE_COUNT_; i++)
		if (strcmp(ftypes[i].key, key) == 0) {
			f->type = (enum sst_ftype)i;
			return;
		}
	snprintf(where, sizeof(where), "%s.type", path);
	bad(r, where, "没有这种字段类型", "there is no such type of field");
	f->type = SST_TEXT;
}

static void read_personal(struct reader *r, struct sst_field *f, const char *path)
{
	const json_t *p = json_object_get(f->decl, "personal");
	char where[160];

	if (!p)
		return;
	snprintf(where, sizeof(where), "%s.personal", path);
	f->mask = text(p, "mask");
	f->unmask = json_object_get(p, "unmask");
	known_only(r, p, where, "purpose basis keep_days mask unmask");
	if (!f->mask || (strcmp(f->mask, "name") != 0 && strcmp(f->mask, "phone") != 0 &&
			 strcmp(f->mask, "idcard") != 0 && strcmp(f->mask, "address") != 0)) {
		bad(r, where, "mask 须为 name、phone、idcard 或 address",
		    "mask must be name, phone, idcard or address");
		f->mask = "name";
	}
	if (!text(json_object_get(p, "purpose"), "zh") || !text(p, "basis") ||
	    !json_is_integer(json_object_get(p, "keep_days")) || !json_is_array(f->unmask))
		bad(r, where, "个人信息须写明 purpose、basis、keep_days、mask、unmask",
		    "personal data must say purpose, basis, keep_days, mask and unmask");
	if (f->type != SST_TEXT && f->type != SST_LONGTEXT)
		bad(r, where, "个人信息须为文字类型", "personal data must be a text");
	if (f->search || f->filter || f->unique || flag(f->decl, "list"))
		bad(r, where, "个人信息不能检索、筛选、唯一或作列表列",
		    "personal data can be neither searched, filtered, unique nor a column");
}

static void read_choice(struct reader *r, struct sst_field *f, const char *path)
{
	bool choice = f->type == SST_CHOICE || f->type == SST_CHOICES;
	bool code = f->type == SST_CODE || f->type == SST_CODES;
	const char *link;
	size_t i;
	json_t *c;

	f->choices = json_object_get(f->decl, "choices");
	f->codes = text(f->decl, "codes");
	f->ref = text(f->decl, "ref");
	if (choice && !json_array_size(f->choices) && !f->codes)
		bad(r, path, "选项类型须有 choices 或 codes", "a choice needs choices or codes");
	if (code && !f->codes)
		bad(r, path, "代码类型须写明 codes", "a code needs codes");
	if ((f->type == SST_REF || f->type == SST_REFS) && !f->ref)
		bad(r, path, "引用类型须写明 ref", "a reference needs ref");
	link = text(f->decl, "link");
	if (link && strcmp(link, "site") != 0 && strcmp(link, "alarm") != 0)
		bad(r, path, "link 只能是 site 或 alarm", "link is site or alarm");
	json_array_foreach((json_t *)f->choices, i, c)
	{
		if (!text(c, "code") || !text(c, "zh") || !text(c, "en"))
			bad(r, path, "choices 每项须有 code、zh、en",
			    "every choice needs code, zh and en");
	}
}

static void read_check(struct reader *r, struct sst_field *f, const char *path)
{
	const json_t *c = json_object_get(f->decl, "check");

	f->when = function(r, f->decl, "when", path);
	f->compute = function(r, f->decl, "compute", path);
	if (!c)
		return;
	if (is_fn(c))
		f->check_fn = c;
	else if (json_is_string(c) && sst_check_named(json_string_value(c), NULL))
		f->check = json_string_value(c);
	else
		bad(r, path, "没有这个名字的检查", "there is no check of that name");
}

static void read_sight(struct reader *r, struct sst_field *f, const char *path)
{
	f->secret = json_object_get(f->decl, "secret") != NULL;
	f->label = label_of(r, f->decl, path, SS_LABEL_PUBLIC);
	f->roles = json_object_get(f->decl, "roles");
	if ((f->secret || f->roles || f->label == SS_LABEL_RESTRICTED) && f->search)
		bad(r, path, "只给部分人看的字段不能检索",
		    "a field that not everybody sees cannot be searched");
}

static int read_field(struct reader *r, const json_t *o, const char *above, int depth,
		      struct sst_field *f)
{
	const json_t *sub = json_object_get(o, "fields");
	char path[160];

	f->decl = o;
	f->id = text(o, "id");
	snprintf(path, sizeof(path), "%s%s%.60s", above, above[0] ? "." : "", f->id ? f->id : "?");
	if (!name_is_good(f->id, 40)) {
		bad(r, path, "字段名须为小写字母、数字和下划线",
		    "a field's id is lower-case letters, digits and _");
		f->id = "?";
	}
	known_only(
	    r, o, path,
	    "id title type required unique max min decimals unit codes choices ref fields check "
	    "when compute default list filter search personal secret label help roles link");
	titles(r, o, path, &f->zh, &f->en);
	read_type(r, f, path);
	f->required = flag(o, "required"), f->unique = flag(o, "unique");
	f->list = flag(o, "list"), f->filter = flag(o, "filter"), f->search = flag(o, "search");
	f->min = number(o, "min"), f->max = number(o, "max");
	f->decimals = json_object_get(o, "decimals")
			  ? (int)json_integer_value(json_object_get(o, "decimals"))
			  : -1;
	f->def = json_object_get(o, "default");
	read_choice(r, f, path);
	read_check(r, f, path);
	read_sight(r, f, path);
	read_personal(r, f, path);
	if (depth > 0 && (f->unique || f->filter || f->search || f->list))
		bad(r, path, "列表内的字段不能单独检索、筛选、唯一或作列表列",
		    "a field inside a list can be neither searched, filtered, unique nor a column");
	if (f->type != SST_LIST && f->type != SST_OBJECT)
		return 0;
	return read_fields(r, sub, path, depth + 1, &f->sub, &f->n_sub);
}

static int read_fields(struct reader *r, const json_t *list, const char *path, int depth,
		       struct sst_field **ret, size_t *ret_n)
{
	size_t n = json_array_size(list), i;
	json_t *o;
	int e = 0;

	if (n == 0 || n > FIELDS_MAX || depth > DEPTH_MAX) {
		bad(r, path[0] ? path : "fields", "字段须有 1 至 300 个，嵌套不超过 4 层",
		    "1 to 300 fields, nested at most 4 deep");
		return 0;
	}
	*ret = ss_arena_array(&r->ts->a, n, sizeof(**ret));
	if (!*ret)
		return SS_ENOMEM;
	*ret_n = n;
	json_array_foreach((json_t *)list, i, o)
	{
		if (e == 0)
			e = read_field(r, o, path, depth, &(*ret)[i]);
		for (size_t k = 0; e == 0 && k < i; k++)
			if (strcmp((*ret)[k].id, (*ret)[i].id) == 0)
				bad(r, (*ret)[i].id, "字段出现两次", "the field is there twice");
	}
	return e;
}

/* --- rights ----------------------------------------------------------------------------------- */

static bool rows_of(struct ss_str w, enum sst_rows *ret)
{
	static const char *const names[] = {"all", "area", "own", "assigned"};

	for (size_t i = 0; i < SS_ARRAY_LEN(names); i++)
		if (ss_str_is(w, names[i])) {
			*ret = (enum sst_rows)i;
			return true;
		}
	return false;
}

/* "RCUX area" */
static bool clause_of(struct ss_str s, const char *role, struct sst_clause *ret)
{
	struct ss_str verbs = {0}, rows;
	size_t n = 0;

	s = ss_str_trim(s);
	if (!ss_str_split(&s, ' ', &verbs) || verbs.n == 0 || verbs.n >= sizeof(ret->verbs))
		return false;
	rows = ss_str_trim(s);
	*ret = (struct sst_clause){.role = role};
	for (size_t i = 0; i < verbs.n; i++) {
		if (!strchr("RCUDFXKP", verbs.p[i]))
			return false;
		ret->verbs[n++] = verbs.p[i];
	}
	return rows_of(rows, &ret->rows);
}

static void read_rights(struct reader *r, struct sst_type *ty)
{
	const json_t *rights = json_object_get(ty->decl, "rights");
	size_t most = 0;
	const char *role;
	json_t *v;
	char where[100];

	json_object_foreach((json_t *)rights, role, v)
	{
		const char *z = json_string_value(v);

		for (most++; z && *z; z++)
			most += *z == ';';
	}
	ty->clauses = ss_arena_array(&r->ts->a, most + 1, sizeof(*ty->clauses));
	json_object_foreach((json_t *)rights, role, v)
	{
		struct ss_str rest = ss_str_of(json_string_value(v)), part;

		snprintf(where, sizeof(where), "rights.%.60s", role);
		if (!rest.n || !ty->clauses)
			bad(r, where, "须写作 \"RCUX area\"", "is written \"RCUX area\"");
		while (ty->clauses && ss_str_split(&rest, ';', &part)) {
			struct sst_clause *c = &ty->clauses[ty->n_clauses];

			if (!clause_of(part, role, c))
				bad(r, where, "动词为 RCUDFXKP，行为 all area own assigned",
				    "verbs are of RCUDFXKP, rows all area own assigned");
			else if (c->verbs[0] && !strchr(c->verbs, 'R') &&
				 strcmp(c->verbs, "C") != 0)
				bad(r, where, "没有读权（R）就不能有别的权",
				    "without R there is no other right but C");
			else
				ty->n_clauses++;
		}
	}
}

static const struct sst_field *pointed(struct reader *r, const struct sst_type *ty,
				       const char *name, bool must)
{
	const char *id = text(ty->decl, name);
	const struct sst_field *f = id ? sst_field_of(ty, id) : NULL;

	if ((id && !f) || (must && !id))
		bad(r, name, "须指向一个字段", "must name one of the fields");
	return f;
}

static void rows_need_fields(struct reader *r, const struct sst_type *ty)
{
	for (size_t i = 0; i < ty->n_clauses; i++) {
		enum sst_rows rows = ty->clauses[i].rows;

		if ((rows == SST_ROWS_AREA && !ty->area) || (rows == SST_ROWS_OWN && !ty->org) ||
		    (rows == SST_ROWS_ASSIGNED && !ty->assigned)) {
			bad(r, "rights", "行权 area、own、assigned 须声明 area、org、assigned 字段",
			    "rows area, own, assigned need the members area, org, assigned");
			return;
		}
	}
}

static void read_special(struct reader *r, struct sst_type *ty)
{
	const json_t *number_ = json_object_get(ty->decl, "number");
	const json_t *dup = json_object_get(ty->decl, "duplicates");

	ty->title = pointed(r, ty, "title_field", true);
	ty->area = pointed(r, ty, "area", false);
	ty->org = pointed(r, ty, "org", false);
	ty->assigned = pointed(r, ty, "assigned", false);
	ty->geometry = pointed(r, ty, "geometry", false);
	if (ty->title && ty->title->mask)
		bad(r, "title_field", "个人信息不能作名称", "personal data cannot be the title");
	if (ty->geometry && !sst_is_geometry(ty->geometry->type))
		bad(r, "geometry", "须指向点、线或面", "must name a point, line or polygon");
	if (number_) {
		const char *field = text(number_, "field");

		ty->number_format = text(number_, "format");
		ty->number = field ? sst_field_of(ty, field) : NULL;
		if (!ty->number || !ty->number_format || !strstr(ty->number_format, "{n"))
			bad(r, "number", "须有 format（含 {n}）和 field",
			    "needs a format with {n}, and a field");
	}
	ty->checks = json_object_get(ty->decl, "checks");
	ty->block = json_object_get(dup, "block");
	ty->score = json_object_get(dup, "score");
	ty->propose = json_integer_value(json_object_get(dup, "propose"));
	ty->list = json_integer_value(json_object_get(dup, "list"));
	if (dup && (!json_array_size(ty->block) || !is_fn(ty->score)))
		bad(r, "duplicates", "须有 block（数组）和 score（函数）",
		    "needs block, an array, and score, a function");
	rows_need_fields(r, ty);
}

static int read_record(struct reader *r, struct sst_type *ty)
{
	int e;

	r->decl = ty->decl;
	ty->id = text(ty->decl, "id");
	ty->family = text(ty->decl, "family");
	ty->module = text(ty->decl, "module") ? text(ty->decl, "module") : "";
	ty->all = r->ts;
	if (!name_is_good(ty->id, 40)) {
		bad(r, "id", "类型名须为小写字母、数字和下划线，不超过 40 个",
		    "a type's id is at most 40 lower-case letters, digits and _");
		ty->id = "?";
	}
	known_only(
	    r, ty->decl, "",
	    "kind id module file line title family label title_field number area org assigned "
	    "geometry fields checks rights duplicates relations history help");
	titles(r, ty->decl, "", &ty->zh, &ty->en);
	if (!ty->family || !*ty->family)
		bad(r, "family", "缺少权限族", "the family of rights is missing");
	ty->label = label_of(r, ty->decl, "", SS_LABEL_INTERNAL);
	e = read_fields(r, json_object_get(ty->decl, "fields"), "", 0, &ty->fields, &ty->n_fields);
	if (e < 0)
		return e;
	read_rights(r, ty);
	read_special(r, ty);
	return 0;
}

/* --- the whole -------------------------------------------------------------------------------- */

static bool has_list(const struct reader *r, const char *list)
{
	if (sst_codes_here(r->ts, list))
		return true;
	return !r->t || !r->t->s.has_list || r->t->s.has_list(r->t->s.codes, list);
}

static void check_links(struct reader *r, const struct sst_field *f, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (f[i].codes && !has_list(r, f[i].codes))
			bad(r, f[i].id, "没有这个代码表", "there is no such code list");
		if (f[i].ref && !sst_type_of(r->ts, f[i].ref))
			bad(r, f[i].id, "引用的类型没有声明",
			    "the type referred to is not declared");
		check_links(r, f[i].sub, f[i].n_sub);
	}
}

static int collect(struct reader *r)
{
	size_t n = json_array_size(r->ts->decls), i;
	json_t *d;

	if (n > TYPES_MAX)
		return ss_error_set(r->err, SS_ETOOBIG, "声明过多；too many declarations");
	r->ts->type = ss_arena_array(&r->ts->a, n + 1, sizeof(struct sst_type *));
	r->ts->codes = ss_arena_array(&r->ts->a, n + 1, sizeof(const json_t *));
	if (!r->ts->type || !r->ts->codes)
		return SS_ENOMEM;
	json_array_foreach(r->ts->decls, i, d)
	{
		const char *kind = text(d, "kind");

		if (kind && strcmp(kind, "code") == 0)
			r->ts->codes[r->ts->n_codes++] = d;
		if (!kind || strcmp(kind, "record") != 0)
			continue;
		struct sst_type *ty = ss_arena_alloc(&r->ts->a, sizeof(*ty));
		if (!ty)
			return SS_ENOMEM;
		ty->decl = d;
		r->ts->type[r->ts->n++] = ty;
	}
	return 0;
}

static int read_all(struct reader *r)
{
	int e = collect(r);

	for (size_t i = 0; e == 0 && i < r->ts->n; i++) {
		e = read_record(r, r->ts->type[i]);
		for (size_t k = 0; e == 0 && k < i; k++)
			if (strcmp(r->ts->type[k]->id, r->ts->type[i]->id) == 0)
				bad(r, "id", "类型已在别处声明",
				    "the type is declared elsewhere too");
	}
	for (size_t i = 0; e == 0 && i < r->ts->n; i++) {
		r->decl = r->ts->type[i]->decl;
		check_links(r, r->ts->type[i]->fields, r->ts->type[i]->n_fields);
	}
	return e < 0 ? e : r->bad ? SS_EINVAL : 0;
}

int sst_types_make(struct ss_things *t, const json_t *declarations, const struct ss_script *script,
		   json_t *problems, struct sst_types **ret, struct ss_error *err)
{
	struct sst_types *ts = calloc(1, sizeof(*ts));
	struct reader r = {.t = t, .ts = ts, .problems = problems, .err = err};
	int e;

	if (!ts)
		return SS_ENOMEM;
	ss_arena_init(&ts->a, MEMORY_MAX);
	atomic_init(&ts->refs, 1);
	if (script)
		ts->script = *script;
	ts->decls = json_deep_copy(declarations);
	if (!ts->decls)
		e = SS_ENOMEM;
	else if (!json_is_array(ts->decls))
		e = ss_error_set(err, SS_EINVAL, "声明须为数组；declarations must be an array");
	else
		e = read_all(&r);
	if (e < 0) {
		sst_types_free(ts);
		return e;
	}
	*ret = ts;
	return 0;
}

void sst_types_free(struct sst_types *ts)
{
	if (!ts)
		return;
	json_decref(ts->decls);
	ss_arena_done(&ts->a);
	free(ts);
}

struct sst_types *sst_types_hold(struct ss_things *t)
{
	SS_LOCKED(&t->mu);
	if (t->types)
		atomic_fetch_add(&t->types->refs, 1);
	return t->types;
}

void sst_types_drop(struct sst_types **ts)
{
	if (*ts && atomic_fetch_sub(&(*ts)->refs, 1) == 1)
		sst_types_free(*ts);
	*ts = NULL;
}

const struct sst_type *sst_type_of(const struct sst_types *ts, const char *id)
{
	for (size_t i = 0; ts && i < ts->n; i++)
		if (strcmp(ts->type[i]->id, id) == 0)
			return ts->type[i];
	return NULL;
}

const struct sst_field *sst_field_of(const struct sst_type *ty, const char *id)
{
	for (size_t i = 0; i < ty->n_fields; i++)
		if (strcmp(ty->fields[i].id, id) == 0)
			return &ty->fields[i];
	return NULL;
}

/* --- codes ------------------------------------------------------------------------------------ */

static int in_rows(const json_t *rows, const char *code, const char **zh, const char **en)
{
	size_t i;
	json_t *c;

	json_array_foreach((json_t *)rows, i, c)
	{
		const char *z = text(c, "code");

		if (!z || strcmp(z, code) != 0)
			continue;
		*zh = text(c, "zh") ? text(c, "zh") : code;
		*en = text(c, "en") ? text(c, "en") : code;
		return 0;
	}
	return SS_ENOTFOUND;
}

json_t *sst_codes_here(const struct sst_types *ts, const char *list)
{
	for (size_t i = 0; i < ts->n_codes; i++) {
		const char *id = text(ts->codes[i], "id");

		if (id && strcmp(id, list) == 0)
			return json_object_get(ts->codes[i], "rows");
	}
	return NULL;
}

int sst_code(const struct ss_things *t, const struct sst_types *ts, const struct sst_field *f,
	     const char *code, const char **zh, const char **en)
{
	if (json_array_size(f->choices))
		return in_rows(f->choices, code, zh, en);
	if (f->codes && sst_codes_here(ts, f->codes))
		return in_rows(sst_codes_here(ts, f->codes), code, zh, en);
	if (!f->codes || !t->s.code)
		return SS_ENOTFOUND;
	return t->s.code(t->s.codes, f->codes, code, zh, en);
}
