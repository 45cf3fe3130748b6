/* Which findings the findings stand on: what a figure's explanation goes through on its way down,
 * and how those of the review are worked out again. Kinds are those of reason/review, reason/rules
 * and reason/suspect. */
#include "base/json.h"
#include "cmd/node.h"
#include "reason/quality/quality.h"
#include "reason/review/review.h"

static int related(struct ss_explain *x, const char *kind, const struct ss_finding *f,
		   struct ss_error *err)
{
	return ss_explain_related(x, kind, &f->key, f->start_us, ss_explain_end(f), err);
}

/* Rows of a kind of the same outlet, of another factor or sub. */
static int rows_of(struct ss_explain *x, const char *kind, const char *factor, const char *sub,
		   const struct ss_finding *f, int64_t from, struct ss_error *err)
{
	struct ss_finding_key k = f->key;

	ss_str_copy(k.kind, sizeof(k.kind), ss_str_of(kind));
	ss_str_copy(k.factor, sizeof(k.factor), ss_str_of(factor));
	ss_str_copy(k.sub, sizeof(k.sub), ss_str_of(sub));
	return ss_explain_findings(x, &k, from, ss_explain_end(f), err);
}

static int of_hour(void *review, struct ss_explain *x, const struct ss_finding *f,
		   struct ss_error *err)
{
	char beside[3][SS_FACTOR_CODE];
	size_t n = ss_review_beside(review, &f->key, beside);
	int r = related(x, "mark", f, err);

	if (r >= 0)
		r = related(x, "check", f, err);
	for (size_t i = 0; i < n && r >= 0; i++)
		r = rows_of(x, "hour_state", beside[i], "", f, f->start_us, err);
	return r;
}

static int of_hours(void *review, struct ss_explain *x, const struct ss_finding *f,
		    struct ss_error *err)
{
	(void)review;
	return related(x, "hour_state", f, err);
}

static int of_substitution(void *review, struct ss_explain *x, const struct ss_finding *f,
			   struct ss_error *err)
{
	int64_t month = ss_month_of(f->start_us);
	int r = of_hours(review, x, f, err);

	return r < 0 ? r
		     : rows_of(x, "capture", f->key.factor, "", f,
			       ss_month_start(month - month % 3), err);
}

/* Months and years are sums of days. */
static int of_mass(void *review, struct ss_explain *x, const struct ss_finding *f,
		   struct ss_error *err)
{
	int r;

	if (strcmp(f->key.sub, "day") != 0)
		return rows_of(x, "mass", f->key.factor, "day", f, f->start_us, err);
	r = of_hours(review, x, f, err);
	return r < 0 ? r : related(x, "substitution", f, err);
}

static int of_transmission(void *review, struct ss_explain *x, const struct ss_finding *f,
			   struct ss_error *err)
{
	if (strcmp(f->key.sub, "day") == 0)
		return of_hours(review, x, f, err);
	return rows_of(x, "transmission", f->key.factor, "day", f, f->start_us, err);
}

static int of_days(void *review, struct ss_explain *x, const struct ss_finding *f,
		   struct ss_error *err)
{
	(void)review;
	return related(x, "day_mean", f, err);
}

/* The hours of the factors that it names, or the days over the limit. */
static int of_sheet(void *review, struct ss_explain *x, const struct ss_finding *f,
		    struct ss_error *err)
{
	json_t *body = NULL, *one;
	size_t i;
	int r;

	(void)review;
	if (strcmp(f->key.sub, "over") == 0)
		return related(x, "exceed_day", f, err);
	r = ss_json_parse(f->body, &body, err);
	json_array_foreach(json_object_get(body, "factors"), i, one)
	{
		const char *factor = json_string_value(json_object_get(one, "factor"));

		if (r >= 0 && factor)
			r = rows_of(x, "hour_state", factor, "", f, f->start_us, err);
	}
	json_decref(body);
	return r;
}

static int of_alarm(void *review, struct ss_explain *x, const struct ss_finding *f,
		    struct ss_error *err)
{
	int r = of_hours(review, x, f, err);

	return r < 0 ? r : of_days(review, x, f, err);
}

/* What people did is told by their acts. */
static int of_nothing(void *review, struct ss_explain *x, const struct ss_finding *f,
		      struct ss_error *err)
{
	(void)review, (void)x, (void)f, (void)err;
	return 0;
}

static int again(void *review, const struct ss_finding *f, struct ss_arena *a,
		 struct ss_finding *ret, struct ss_error *err)
{
	return ss_review_again(review, f, ss_time_now(), a, ret, err);
}

static const char *hour_state(const char *state, bool english)
{
	enum ss_hour_state s;

	if (ss_hour_state_parse(ss_str_of(state), &s) < 0)
		return state;
	return english ? ss_hour_state_en(s) : ss_hour_state_zh(s);
}

static const char *alarm_state(const char *state, bool english)
{
	static const char *const zh[][2] = {{"raised", "待确认"},
					    {"acknowledged", "已确认"},
					    {"cleared", "已解除"},
					    {"closed", "已办结"},
					    {"withdrawn", "已撤回"}};

	for (size_t i = 0; !english && i < SS_ARRAY_LEN(zh); i++)
		if (strcmp(zh[i][0], state) == 0)
			return zh[i][1];
	return state;
}

/* values: the observations too. */
#define MADE_OF(kind_, zh_, en_, of, values, again_, ...)                                          \
	{                                                                                          \
		.kind = kind_, .zh = zh_, .en = en_, .inputs = of, .observations = values,         \
		.recompute = again_, ##__VA_ARGS__                                                 \
	}
static const struct ss_explainer explainers[SS_NODE_EXPLAINERS] = {
    MADE_OF("hour_state", "小时状态", "state of the hour", of_hour, true, again,
	    .state = hour_state),
    MADE_OF("mark", "标记", "mark", of_nothing, false, NULL),
    MADE_OF("check", "核查", "check", of_nothing, false, NULL),
    MADE_OF("sheet_item", "日清单项", "item of the daily sheet", of_sheet, false, again),
    MADE_OF("day_mean", "日均值", "mean of the day", of_hours, false, again),
    MADE_OF("substitution", "替代值", "substituted value", of_substitution, false, again),
    MADE_OF("mass", "排放量", "emission total", of_mass, false, again),
    MADE_OF("transmission", "传输有效率", "effective transmission", of_transmission, false, again),
    MADE_OF("capture", "捕集率", "capture rate", of_transmission, false, again),
    MADE_OF("exceed_day", "超标日", "day over the limit", of_days, false, again),
    MADE_OF("alarm", "告警", "alarm", of_alarm, true, NULL, .state = alarm_state),
    MADE_OF("suspicion", "疑点", "suspicion", of_hours, true, NULL),
};

int ss_node_explainers(struct ss_figures *f, struct ss_review *review,
		       struct ss_explainer ret[SS_NODE_EXPLAINERS])
{
	int r = 0;

	for (size_t i = 0; i < SS_NODE_EXPLAINERS && r >= 0; i++) {
		ret[i] = explainers[i];
		ret[i].self = review;
		r = ss_figures_register(f, &ret[i]);
	}
	return r;
}
