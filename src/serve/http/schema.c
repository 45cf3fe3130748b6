/* The part of JSON Schema 2020-12 that the tables of routes use: type, enum, const, properties,
 * required, additionalProperties, items, prefixItems, minItems, maxItems, minimum, maximum,
 * exclusiveMinimum, exclusiveMaximum,
 * minLength, maxLength, oneOf, anyOf, $ref to #/components/schemas/. title, description, format,
 * examples and default say something to people and are not checked. */
#include "serve/http/http_internal.h"

#define DEPTH 40
#define PLACE 160

struct check {
	const json_t *schemas;
	struct ss_error *err;
	char place[PLACE];
	size_t place_n;
	int depth;
};

static int check(struct check *c, const json_t *schema, const json_t *v);

static int fail(struct check *c, const char *zh, const char *en, const char *what)
{
	const char *place = c->place_n ? c->place : "/";

	return ss_error_set(c->err, SS_EINVAL, "%s：%s %s；%s: %s %s", place, zh, what, place, en,
			    what);
}

static size_t enter(struct check *c, const char *name, size_t index)
{
	size_t before = c->place_n;
	int n = name ? snprintf(c->place + before, PLACE - before, "/%s", name)
		     : snprintf(c->place + before, PLACE - before, "/%zu", index);

	if (n > 0)
		c->place_n += (size_t)n < PLACE - before ? (size_t)n : PLACE - before - 1;
	return before;
}

static void leave(struct check *c, size_t before)
{
	c->place_n = before;
	c->place[before] = 0;
}

static bool type_fits(const char *t, const json_t *v)
{
	switch (json_typeof(v)) {
	case JSON_OBJECT:
		return strcmp(t, "object") == 0;
	case JSON_ARRAY:
		return strcmp(t, "array") == 0;
	case JSON_STRING:
		return strcmp(t, "string") == 0;
	case JSON_INTEGER:
		return strcmp(t, "integer") == 0 || strcmp(t, "number") == 0;
	case JSON_REAL:
		return strcmp(t, "number") == 0;
	case JSON_TRUE:
	case JSON_FALSE:
		return strcmp(t, "boolean") == 0;
	case JSON_NULL:
		return strcmp(t, "null") == 0;
	}
	return false;
}

static int check_type(struct check *c, const json_t *type, const json_t *v)
{
	if (!type)
		return 0;
	if (json_is_string(type))
		return type_fits(json_string_value(type), v)
			   ? 0
			   : fail(c, "类型应为", "must be of type", json_string_value(type));
	for (size_t i = 0; i < json_array_size(type); i++) {
		if (type_fits(json_string_value(json_array_get(type, i)), v))
			return 0;
	}
	return fail(c, "类型不对", "is of a wrong type", "");
}

static int check_enum(struct check *c, const json_t *schema, const json_t *v)
{
	const json_t *all = json_object_get(schema, "enum"),
		     *one = json_object_get(schema, "const");

	if (one && !json_equal(one, v))
		return fail(c, "值不对", "has a wrong value", "");
	if (!all)
		return 0;
	for (size_t i = 0; i < json_array_size(all); i++) {
		if (json_equal(json_array_get(all, i), v))
			return 0;
	}
	return fail(c, "不是许可的值", "is none of the values allowed", "");
}

static int check_bounds(struct check *c, const json_t *schema, const json_t *v)
{
	const json_t *lo = json_object_get(schema, "minimum"),
		     *hi = json_object_get(schema, "maximum");
	const json_t *above = json_object_get(schema, "exclusiveMinimum"),
		     *below = json_object_get(schema, "exclusiveMaximum");
	const json_t *shortest = json_object_get(schema, "minLength"),
		     *longest = json_object_get(schema, "maxLength");

	if (json_is_number(v)) {
		double x = json_number_value(v);

		if ((lo && x < json_number_value(lo)) || (hi && x > json_number_value(hi)) ||
		    (above && x <= json_number_value(above)) ||
		    (below && x >= json_number_value(below)))
			return fail(c, "超出范围", "is out of range", "");
	}
	if (json_is_string(v)) {
		json_int_t n = (json_int_t)json_string_length(v);

		if ((shortest && n < json_integer_value(shortest)) ||
		    (longest && n > json_integer_value(longest)))
			return fail(c, "长度不合规定", "has a wrong length", "");
	}
	return 0;
}

static int check_required(struct check *c, const json_t *schema, const json_t *v)
{
	const json_t *req = json_object_get(schema, "required");

	for (size_t i = 0; i < json_array_size(req); i++) {
		const char *name = json_string_value(json_array_get(req, i));

		if (!json_object_get(v, name))
			return fail(c, "缺少字段", "lacks the member", name);
	}
	return 0;
}

static int check_object(struct check *c, const json_t *schema, json_t *v)
{
	const json_t *props = json_object_get(schema, "properties");
	const json_t *more = json_object_get(schema, "additionalProperties");
	const char *name;
	json_t *item;
	int r = check_required(c, schema, v);

	if (r < 0)
		return r;
	json_object_foreach(v, name, item)
	{
		const json_t *sub = json_object_get(props, name);
		size_t before = enter(c, name, 0);

		if (!sub && json_is_false(more))
			return fail(c, "没有这个字段", "is not a known member", "");
		if (!sub && json_is_object(more))
			sub = more;
		r = sub ? check(c, sub, item) : 0;
		if (r < 0)
			return r;
		leave(c, before);
	}
	return 0;
}

static int check_array(struct check *c, const json_t *schema, const json_t *v)
{
	const json_t *items = json_object_get(schema, "items"),
		     *first = json_object_get(schema, "prefixItems");
	const json_t *least = json_object_get(schema, "minItems"),
		     *most = json_object_get(schema, "maxItems");
	json_int_t n = (json_int_t)json_array_size(v);

	if ((least && n < json_integer_value(least)) || (most && n > json_integer_value(most)))
		return fail(c, "元素个数不对", "has a wrong number of items", "");
	for (size_t i = 0; i < (size_t)n; i++) {
		const json_t *sub = i < json_array_size(first) ? json_array_get(first, i) : items;
		size_t before = enter(c, NULL, i);
		int r = sub ? check(c, sub, json_array_get(v, i)) : 0;

		if (r < 0)
			return r;
		leave(c, before);
	}
	return 0;
}

static const json_t *ref_of(const json_t *schemas, const char *ref)
{
	static const char base[] = "#/components/schemas/";

	return strncmp(ref, base, sizeof(base) - 1) == 0
		   ? json_object_get(schemas, ref + sizeof(base) - 1)
		   : NULL;
}

static int check_any(struct check *c, const json_t *list, const json_t *v)
{
	struct ss_error *err = c->err;
	size_t before = c->place_n;
	int r = 0;

	for (size_t i = 0; i < json_array_size(list); i++) {
		if (i + 1 < json_array_size(list))
			c->err = NULL;
		r = check(c, json_array_get(list, i), v);
		c->err = err;
		if (r == 0)
			return 0;
		if (i + 1 < json_array_size(list))
			leave(c, before);
	}
	return r;
}

static int check_inner(struct check *c, const json_t *schema, const json_t *v)
{
	const char *ref = json_string_value(json_object_get(schema, "$ref"));
	int r;

	if (ref) {
		const json_t *to = ref_of(c->schemas, ref);

		return to ? check(c, to, v) : fail(c, "模式不存在", "has no such schema:", ref);
	}
	r = check_type(c, json_object_get(schema, "type"), v);
	if (r == 0)
		r = check_enum(c, schema, v);
	if (r == 0)
		r = check_bounds(c, schema, v);
	if (r == 0 && json_is_object(v))
		r = check_object(c, schema, (json_t *)(uintptr_t)v);
	if (r == 0 && json_is_array(v))
		r = check_array(c, schema, v);
	if (r == 0)
		r = check_any(c, json_object_get(schema, "oneOf"), v);
	return r < 0 ? r : check_any(c, json_object_get(schema, "anyOf"), v);
}

static int check(struct check *c, const json_t *schema, const json_t *v)
{
	int r;

	if (++c->depth > DEPTH)
		return fail(c, "嵌套太深", "is nested too deep", "");
	r = check_inner(c, schema, v);
	c->depth--;
	return r;
}

int ss_schema_check(const json_t *schema, const json_t *schemas, const json_t *value,
		    struct ss_error *err)
{
	struct check c = {.schemas = schemas, .err = err};

	return check(&c, schema, value);
}

/* --- the schemas themselves ------------------------------------------------------------------ */

static const char *const known[] = {"type",
				    "enum",
				    "const",
				    "properties",
				    "required",
				    "additionalProperties",
				    "items",
				    "prefixItems",
				    "minItems",
				    "maxItems",
				    "minimum",
				    "maximum",
				    "exclusiveMinimum",
				    "exclusiveMaximum",
				    "minLength",
				    "maxLength",
				    "oneOf",
				    "anyOf",
				    "$ref",
				    "title",
				    "description",
				    "format",
				    "examples",
				    "default"};

static int lint(const json_t *schema, const json_t *schemas, int depth, struct ss_error *err);

static int lint_list(const json_t *list, const json_t *schemas, int depth, struct ss_error *err)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		int r = lint(json_array_get(list, i), schemas, depth, err);

		if (r < 0)
			return r;
	}
	return 0;
}

static int lint_word(const char *word, json_t *value, const json_t *schemas, int depth,
		     struct ss_error *err)
{
	json_t *sub;
	const char *name;

	if (strcmp(word, "$ref") == 0 &&
	    (!json_is_string(value) || !ref_of(schemas, json_string_value(value))))
		return ss_error_set(err, SS_EINVAL,
				    "模式引用 %s 不存在；schema reference %s leads nowhere",
				    json_string_value(value), json_string_value(value));
	if (strcmp(word, "properties") == 0) {
		json_object_foreach(value, name, sub)
		{
			int r = lint(sub, schemas, depth, err);

			if (r < 0)
				return r;
		}
	}
	if (strcmp(word, "oneOf") == 0 || strcmp(word, "anyOf") == 0 ||
	    strcmp(word, "prefixItems") == 0)
		return lint_list(value, schemas, depth, err);
	if (strcmp(word, "items") == 0 ||
	    (strcmp(word, "additionalProperties") == 0 && json_is_object(value)))
		return lint(value, schemas, depth, err);
	return 0;
}

static int lint(const json_t *schema, const json_t *schemas, int depth, struct ss_error *err)
{
	const char *word;
	json_t *value;

	if (!json_is_object(schema) || depth > DEPTH)
		return ss_error_set(err, SS_EINVAL, "模式须为对象；a schema must be an object");
	json_object_foreach((json_t *)(uintptr_t)schema, word, value)
	{
		bool ok = false;
		int r;

		for (size_t i = 0; i < SS_ARRAY_LEN(known); i++)
			ok = ok || strcmp(word, known[i]) == 0;
		if (!ok)
			return ss_error_set(
			    err, SS_EINVAL,
			    "模式里有不认识的关键字 %s；unknown keyword %s in a schema", word,
			    word);
		r = lint_word(word, value, schemas, depth + 1, err);
		if (r < 0)
			return r;
	}
	return 0;
}

int ss_schema_lint(const json_t *schema, const json_t *schemas, struct ss_error *err)
{
	return lint(schema, schemas, 0, err);
}
