/* The tables of src/reason/detect: parameters, roles of factors, weights. Built in, read once. */
#include <math.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/csv.h"
#include "reason/detect/detect_internal.h"

#include "ss_detect_figures_text.h"
#include "ss_detect_params_text.h"
#include "ss_detect_roles_text.h"
#include "ss_detect_weights_text.h"

#define ROLES_MAX 64

static const struct {
	const char *name;
	size_t offset;
} fields[] = {
#define X(name) {#name, offsetof(struct ss_detect_params, name)},
#include "reason/detect/params.def"
#undef X
};

static struct {
	struct ss_detect_params params;
	char unit[SS_ARRAY_LEN(fields)][16], meaning[SS_ARRAY_LEN(fields)][160];
	bool given[SS_ARRAY_LEN(fields)];
	struct {
		bool gas;
		int channel;
		char factor[16], name[32];
	} role[ROLES_MAX];
	int roles;
	struct ss_detect_weights weights;
	struct ss_detect_figure figure[128];
	int figures;
	struct ss_error err;
	int code;
} t;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static int take_param(const struct ss_str *f)
{
	for (size_t i = 0; i < SS_ARRAY_LEN(fields); i++) {
		if (!ss_str_is(f[0], fields[i].name))
			continue;
		t.given[i] = true;
		ss_str_copy(t.unit[i], sizeof(t.unit[i]), f[2]);
		ss_str_copy(t.meaning[i], sizeof(t.meaning[i]), f[3]);
		return ss_parse_double(f[1],
				       (double *)(void *)((char *)&t.params + fields[i].offset));
	}
	return SS_EPARSE;
}

static int channel_named(struct ss_str role)
{
	static const char *const names[SS_CH_COUNT_] = {
	    "pollutant1",  "pollutant2",   "pollutant3", "pollutant4", "flow",
	    "temperature", "conductivity", "ph",         "oxygen",     "inflow",
	    "production",  "treatment",    "chemicals"};

	for (int i = 0; i < SS_CH_COUNT_; i++)
		if (ss_str_is(role, names[i]))
			return i;
	return SS_CH_NONE;
}

static int take_role(const struct ss_str *f)
{
	int c = channel_named(f[1]);

	if (c == SS_CH_NONE || t.roles == ROLES_MAX)
		return SS_EPARSE;
	t.role[t.roles].gas = ss_str_is(f[0], "gas");
	t.role[t.roles].channel = c;
	ss_str_copy(t.role[t.roles].factor, sizeof(t.role[0].factor), f[2]);
	ss_str_copy(t.role[t.roles].name, sizeof(t.role[0].name), f[3]);
	t.roles++;
	return 0;
}

static int family_named(struct ss_str name)
{
	static const char *const names[] = {
#define X(id, zh, en) #id,
#include "reason/detect/families.def"
#undef X
	};

	for (int i = 0; i < SS_FAMILY_COUNT_; i++)
		if (ss_str_is(name, names[i]))
			return i;
	return -1;
}

/* prior,,value | weight,FAMILY,value | knot,raw,score | seeds,text, | version,text, */
static int take_weight(const struct ss_str *f)
{
	struct ss_detect_weights *w = &t.weights;
	int family = family_named(f[1]);

	if (ss_str_is(f[0], "prior"))
		return ss_parse_double(f[2], &w->prior);
	if (ss_str_is(f[0], "weight") && family >= 0)
		return ss_parse_double(f[2], &w->weight[family]);
	if (ss_str_is(f[0], "seeds"))
		return ss_str_copy(w->seeds, sizeof(w->seeds), f[1]) ? 0 : SS_ETOOBIG;
	if (ss_str_is(f[0], "version"))
		return ss_str_copy(w->version, sizeof(w->version), f[1]) ? 0 : SS_ETOOBIG;
	if (ss_str_is(f[0], "knot") && w->knots < (int)SS_ARRAY_LEN(w->raw)) {
		int r = ss_parse_double(f[1], &w->raw[w->knots]);

		if (r == 0)
			r = ss_parse_double(f[2], &w->score[w->knots++]);
		return r;
	}
	return SS_EPARSE;
}

static int take_figure(const struct ss_str *f)
{
	struct ss_detect_figure *x = &t.figure[t.figures];

	if (t.figures == (int)SS_ARRAY_LEN(t.figure))
		return SS_ETOOBIG;
	ss_str_copy(x->kind, sizeof(x->kind), f[0]);
	ss_str_copy(x->strength, sizeof(x->strength), f[1]);
	x->of = NAN;
	t.figures++;
	if (f[3].n && ss_parse_double(f[3], &x->of) < 0)
		return SS_EPARSE;
	return ss_parse_double(f[2], &x->value);
}

static int read(const char *name, const char *text, size_t n, int (*take)(const struct ss_str *))
{
	struct ss_str rest = ss_str_of(text), line;
	struct ss_csv csv;
	int got, r = 0, comments = 0;

	while (rest.n && rest.p[0] == '#') {
		ss_str_split(&rest, '\n', &line);
		comments++;
	}
	ss_csv_init(&csv, ',', 4096, n);
	ss_csv_feed(&csv, rest, true);
	got = ss_csv_next(&csv); /* the header */
	while (r == 0 && got == 1 && (got = ss_csv_next(&csv)) == 1)
		r = csv.fields == n ? take(csv.field) : SS_EPARSE;
	r = r == 0 && got < 0 ? got : r;
	if (r < 0)
		ss_error_set(&t.err, r, "src/reason/detect/%s 第 %lld 行不对 bad line", name,
			     (long long)csv.line + comments);
	ss_csv_done(&csv);
	return r;
}

static void load(void)
{
	t.code = read("params.csv", ss_detect_params_text, 4, take_param);
	for (size_t i = 0; t.code == 0 && i < SS_ARRAY_LEN(fields); i++)
		if (!t.given[i])
			t.code = ss_error_set(&t.err, SS_EPARSE,
					      "src/reason/detect/params.csv 缺 %s is missing",
					      fields[i].name);
	if (t.code == 0)
		t.code = read("roles.csv", ss_detect_roles_text, 4, take_role);
	if (t.code == 0)
		t.code = read("weights.csv", ss_detect_weights_text, 3, take_weight);
	if (t.code == 0)
		t.code = read("figures.csv", ss_detect_figures_text, 4, take_figure);
}

int ss_detect_load(struct ss_error *err)
{
	pthread_once(&once, load);
	if (t.code < 0 && err)
		*err = t.err;
	return t.code;
}

const struct ss_detect_params *ss_detect_params(void)
{
	pthread_once(&once, load);
	return &t.params;
}

void ss_detect_params_each(void (*fn)(void *, const char *, double, const char *, const char *),
			   void *arg)
{
	pthread_once(&once, load);
	for (size_t i = 0; i < SS_ARRAY_LEN(fields); i++)
		fn(arg, fields[i].name,
		   *(const double *)(const void *)((const char *)&t.params + fields[i].offset),
		   t.unit[i], t.meaning[i]);
}

const struct ss_detect_weights *ss_detect_weights(void)
{
	pthread_once(&once, load);
	return &t.weights;
}

void ss_detect_figures(void (*fn)(void *, const struct ss_detect_figure *), void *arg)
{
	pthread_once(&once, load);
	for (int i = 0; i < t.figures; i++)
		fn(arg, &t.figure[i]);
}

int ss_detect_channel(bool gas, struct ss_str factor)
{
	pthread_once(&once, load);
	for (int i = 0; i < t.roles; i++)
		if (t.role[i].gas == gas && ss_str_is(factor, t.role[i].factor))
			return t.role[i].channel;
	return SS_CH_NONE;
}

const char *ss_detect_factor(bool gas, int channel)
{
	pthread_once(&once, load);
	for (int i = 0; i < t.roles; i++)
		if (t.role[i].gas == gas && t.role[i].channel == channel)
			return t.role[i].factor;
	return NULL;
}

const char *ss_detect_channel_name(bool gas, int channel)
{
	pthread_once(&once, load);
	for (int i = 0; i < t.roles; i++)
		if (t.role[i].gas == gas && t.role[i].channel == channel)
			return t.role[i].name;
	return "";
}
