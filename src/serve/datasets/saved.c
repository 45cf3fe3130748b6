/* What is checked when a set or a chart is saved, whatever the way it comes by. */
#include "serve/datasets/datasets_internal.h"

/* Kinds of charts with their channels: "!" must be bound, "+" may be several columns. */
static const struct {
	const char *kind, *channels;
} charts[] = {
    {"bar", "x! y!+ colour"},
    {"line", "x! y!+ colour"},
    {"pie", "name! value!"},
    {"ring", "name! value!"},
    {"funnel", "name! value!"},
    {"treemap", "name! value! parent"},
    {"rank", "name! value!"},
    {"words", "name! value!"},
    {"scatter", "x! y! size colour name"},
    {"radar", "name! value!+ max"},
    {"heat", "x! y! value!"},
    {"gauge", "value! name"},
    {"number", "value! name"},
    {"map", "lon lat district value name colour"},
    {"sankey", "from! to! value!"},
    {"graph", "from! to! value"},
    {"calendar", "time! value!"},
    {"box", "name! value!"},
    {"table", "columns!+"},
    {"rose", "direction! value! speed"},
    {"wind", "direction! speed!"},
};

static int bad_chart(struct ss_error *err, const char *field, const char *zh, const char *en)
{
	return ss_error_set(err, SS_EINVAL, "spec.%s：%s；spec.%s: %s", field, zh, field, en);
}

/* One channel of "x! y!+". */
static int check_channel(struct ss_str c, const json_t *bind, struct ss_error *err)
{
	bool many = ss_str_ends(c, SS_STR("+")), must;
	char name[40], field[60];
	const json_t *v;

	c.n -= many;
	must = ss_str_ends(c, SS_STR("!"));
	c.n -= must;
	ss_str_copy(name, sizeof(name), c);
	snprintf(field, sizeof(field), "bind.%s", name);
	v = json_object_get(bind, name);
	if (!v)
		return must ? bad_chart(err, field, "这个通道必须绑定一列",
					"a column must be bound to this channel")
			    : 0;
	if (json_is_string(v) ||
	    (many && json_is_array(v) && json_array_size(v) > 0 && json_array_size(v) <= 40))
		return 0;
	return bad_chart(err, field, many ? "须为列名或列名的数组" : "须为一个列名",
			 many ? "a column or an array of columns is wanted"
			      : "one column is wanted");
}

static int check_known(const char *channels, const json_t *bind, struct ss_error *err)
{
	const char *name;
	json_t *v;

	json_object_foreach((json_t *)bind, name, v)
	{
		struct ss_str rest = ss_str_of(channels), c;
		bool known = false;

		(void)v;
		while (!known && ss_str_split(&rest, ' ', &c)) {
			while (c.n && (c.p[c.n - 1] == '+' || c.p[c.n - 1] == '!'))
				c.n--;
			known = ss_str_is(c, name);
		}
		if (!known)
			return bad_chart(err, "bind", "有这种图没有的通道",
					 "there is a channel that this kind of chart has not");
	}
	return 0;
}

static int check_chart(const json_t *spec, struct ss_error *err)
{
	const json_t *bind = json_object_get(spec, "bind");
	struct ss_str rest, c;
	int r = 0;

	if (!json_is_object(spec) || !json_is_object(bind))
		return bad_chart(err, "bind", "须为对象", "an object is wanted");
	if (!*dsx_word(spec, "set") && !json_is_object(json_object_get(spec, "spec")))
		return bad_chart(err, "set", "须绑定一个数据集", "a data set must be bound");
	for (size_t i = 0; i < SS_ARRAY_LEN(charts); i++) {
		if (strcmp(charts[i].kind, dsx_word(spec, "chart")) != 0)
			continue;
		rest = ss_str_of(charts[i].channels);
		while (r == 0 && ss_str_split(&rest, ' ', &c))
			r = check_channel(c, bind, err);
		return r < 0 ? r : check_known(charts[i].channels, bind, err);
	}
	return bad_chart(err, "chart", "没有这种图", "there is no such kind of chart");
}

/* By the rights of who saves it, short of rows. */
static int check_set(const struct ss_set_parts *p, const struct ss_viewer *by, const json_t *spec,
		     struct ss_error *err)
{
	struct ss_set_ask q = {.viewer = by, .as_of_us = SS_TIME_NONE, .strict = true};
	struct ss_set_result *res = NULL;
	json_t *problems = json_array();
	int r = ss_set_check(p, &q, spec, &res, problems, err);
	const json_t *first = json_array_get(problems, 0);

	if (r == SS_EINVAL && first)
		ss_error_set(err, r, "spec.%s：%s；spec.%s: %s", dsx_word(first, "field"),
			     dsx_word(first, "zh"), dsx_word(first, "field"),
			     dsx_word(first, "en"));
	ss_set_done(res);
	json_decref(problems);
	return r == SS_EUNSUPPORTED ? 0 : r;
}

int ss_set_saved(const struct ss_set_parts *p, const struct ss_viewer *by, const char *type,
		 const json_t *fields, struct ss_error *err)
{
	bool set = strcmp(type, SS_SET_TYPE) == 0, chart = strcmp(type, SS_CHART_TYPE) == 0;
	json_t *spec = NULL;
	int r;

	if (!fields || (!set && !chart))
		return 0;
	r = ss_json_parse(ss_str_of(dsx_word(fields, "spec")), &spec, err);
	if (r < 0) {
		ss_error_prefix(err, "spec：");
		return SS_EINVAL;
	}
	r = set ? check_set(p, by, spec, err) : check_chart(spec, err);
	json_decref(spec);
	return r;
}
