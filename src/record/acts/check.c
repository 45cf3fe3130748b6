/* An act against the fields of its kind. */
#include "record/acts/acts_internal.h"

#define TEXT_MOST 4000

static bool is_time(const json_t *v)
{
	int64_t t;

	return json_is_string(v) && ss_time_parse_iso(ss_str_of(json_string_value(v)), &t) == 0;
}

static bool is_day(const json_t *v)
{
	return is_time(v) && json_string_length(v) == 10;
}

static bool is_choice(const char *choices, const char *z)
{
	struct ss_str rest = ss_str_of(choices), one;

	while (ss_str_split(&rest, '|', &one))
		if (ss_str_is(one, z))
			return true;
	return false;
}

static bool fits(const struct ss_act_field *f, const json_t *v)
{
	switch (f->type) {
	case SS_ACT_STRING:
		return json_is_string(v) && json_string_length(v) > 0 &&
		       json_string_length(v) <= TEXT_MOST &&
		       (!f->choices || is_choice(f->choices, json_string_value(v)));
	case SS_ACT_NUMBER:
		return json_is_number(v);
	case SS_ACT_INTEGER:
		return json_is_integer(v);
	case SS_ACT_BOOL:
		return json_is_boolean(v);
	case SS_ACT_TIME:
		return is_time(v);
	case SS_ACT_DAY:
		return is_day(v);
	case SS_ACT_OBJECT:
		return json_is_object(v);
	case SS_ACT_ARRAY:
		return json_is_array(v);
	}
	return false;
}

const char *ss_act_type_name(enum ss_act_type t)
{
	static const char *const names[] = {
	    [SS_ACT_STRING] = "string", [SS_ACT_NUMBER] = "number", [SS_ACT_INTEGER] = "integer",
	    [SS_ACT_BOOL] = "boolean",  [SS_ACT_TIME] = "time",     [SS_ACT_DAY] = "day",
	    [SS_ACT_OBJECT] = "object", [SS_ACT_ARRAY] = "array"};

	return names[t];
}

static int blame(const char *part, const struct ss_act_field *f, const char *zh, const char *en,
		 struct ss_error *err)
{
	return ss_error_set(
	    err, SS_EINVAL, "字段 %s.%s（%s）%s：须为 %s%s%s；field %s.%s %s: %s%s%s", part,
	    f->name, f->zh, zh, ss_act_type_name(f->type), f->choices ? " " : "",
	    f->choices ? f->choices : "", part, f->name, en, ss_act_type_name(f->type),
	    f->choices ? " " : "", f->choices ? f->choices : "");
}

static const struct ss_act_field *field_of(const struct ss_act_field *f, const char *name)
{
	for (; f && f->name; f++)
		if (strcmp(f->name, name) == 0)
			return f;
	return NULL;
}

static int check_part(const char *part, const struct ss_act_field *fields, const json_t *o,
		      struct ss_error *err)
{
	const char *name;
	json_t *v;

	json_object_foreach((json_t *)o, name, v)
	{
		const struct ss_act_field *f = field_of(fields, name);

		if (!f)
			return ss_error_set(err, SS_EINVAL,
					    "没有字段 %s.%.60s；there is no field %s.%.60s", part,
					    name, part, name);
		if (!fits(f, v))
			return blame(part, f, "不合规定", "does not fit", err);
	}
	for (const struct ss_act_field *f = fields; f && f->name; f++)
		if (f->required && !json_object_get(o, f->name))
			return blame(part, f, "缺少", "is missing", err);
	return 0;
}

static bool control(const char *z)
{
	for (; *z; z++)
		if ((unsigned char)*z < 0x20 && *z != '\n')
			return true;
	return false;
}

int ss_act_check(const struct ss_act_kind *k, const struct ss_act *a, struct ss_error *err)
{
	int r;

	if (!a->by[0] || control(a->by))
		return ss_error_set(err, SS_EINVAL,
				    "字段 by：须写明是谁；field by: say who does it");
	if (k->needs_reason && !a->reason[0])
		return ss_error_set(err, SS_EINVAL,
				    "字段 reason：%s 须写明理由；field reason: a reason is needed",
				    k->zh);
	if (strlen(a->reason) > TEXT_MOST || control(a->reason))
		return ss_error_set(
		    err, SS_EINVAL,
		    "字段 reason：过长或含控制字符；field reason: too long, or with "
		    "control characters");
	r = check_part("target", k->target, a->target, err);
	return r < 0 ? r : check_part("data", k->data, a->data, err);
}
