/* Expressions of computed columns: numbers, "texts", columns (also [in brackets]), + - * / %,
 * comparisons, and or not, and a few functions. No names besides the columns, nothing that waits,
 * loops or grows. */
#include "serve/datasets/datasets_internal.h"

#include <math.h>

#include "reason/models/decimal.h"

#define DEEP 32
#define LONGEST 1000

enum op {
	NUM,
	TEXT,
	COL,
	ADD,
	SUB,
	MUL,
	DIV,
	MOD,
	NEG,
	EQ,
	NE,
	LT,
	LE,
	GT,
	GE,
	AND,
	OR,
	NOT,
	ROUND,
	ABS,
	MIN,
	MAX,
	SQRT,
	LOG10,
	IF,
	COALESCE,
};
static const struct fn {
	const char *name;
	enum op op;
	int n;
} functions[] = {{"round", ROUND, 2}, {"abs", ABS, 1},          {"min", MIN, 2},
		 {"max", MAX, 2},     {"sqrt", SQRT, 1},        {"log10", LOG10, 1},
		 {"if", IF, 3},       {"coalesce", COALESCE, 2}};

struct dsx_expr {
	enum op op;
	bool text;
	int col;
	double v;
	const char *z;
	struct dsx_expr *arg[3];
};

struct parse {
	struct ss_arena *a;
	struct dsx_table *t;
	const char *p, *end, *start;
	struct ss_error *err;
	int deep;
};

static struct dsx_expr *fail(struct parse *s, const char *zh, const char *en)
{
	if (!s->err->code)
		ss_error_set(s->err, SS_EINVAL, "第 %d 个字符处：%s；at character %d: %s",
			     (int)(s->p - s->start) + 1, zh, (int)(s->p - s->start) + 1, en);
	return NULL;
}

static struct dsx_expr *node(struct parse *s, enum op op, struct dsx_expr *l, struct dsx_expr *r)
{
	struct dsx_expr *e = ss_arena_alloc(s->a, sizeof(*e));

	if (!e)
		return fail(s, "内存不足", "out of memory");
	e->op = op;
	e->arg[0] = l;
	e->arg[1] = r;
	return e;
}

static void blanks(struct parse *s)
{
	while (s->p < s->end && (*s->p == ' ' || *s->p == '\t' || *s->p == '\n'))
		s->p++;
}

static bool take(struct parse *s, const char *z)
{
	size_t n = strlen(z);

	blanks(s);
	if ((size_t)(s->end - s->p) < n || memcmp(s->p, z, n) != 0)
		return false;
	s->p += n;
	return true;
}

static bool letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || (unsigned char)c >= 0x80;
}

static bool take_word(struct parse *s, const char *z)
{
	const char *was = s->p;

	if (take(s, z) && (s->p == s->end || !letter(*s->p)))
		return true;
	s->p = was;
	return false;
}

static struct dsx_expr *or_of(struct parse *s);

static struct dsx_expr *column(struct parse *s, struct ss_str name)
{
	const char *z = ss_arena_strdup(s->a, name);
	int i = z ? dsx_col_find(s->t, z) : -1;
	struct dsx_expr *e;

	if (i < 0)
		return fail(s, "没有这一列", "there is no such column");
	e = node(s, COL, NULL, NULL);
	if (!e)
		return NULL;
	s->t->cols[i].used = true;
	e->col = i;
	e->text = s->t->cols[i].type == DSX_TEXT;
	return e;
}

static struct dsx_expr *call(struct parse *s, const struct fn *f)
{
	struct dsx_expr *e = node(s, f->op, NULL, NULL);

	for (int i = 0; e && i < f->n; i++) {
		if (i && !take(s, ","))
			return fail(s, "此处缺逗号", "a comma is missing here");
		e->arg[i] = or_of(s);
		if (!e->arg[i])
			return NULL;
	}
	if (e && !take(s, ")"))
		return fail(s, "此处缺右括号", "a closing bracket is missing here");
	if (e && (f->op == IF || f->op == COALESCE))
		e->text = e->arg[f->n - 1]->text;
	return e;
}

static struct dsx_expr *word(struct parse *s)
{
	const char *from = s->p;
	struct ss_str name;

	while (s->p < s->end && letter(*s->p))
		s->p++;
	name = ss_str_n(from, (size_t)(s->p - from));
	for (size_t i = 0; i < SS_ARRAY_LEN(functions); i++) {
		if (ss_str_is(name, functions[i].name) && take(s, "("))
			return call(s, &functions[i]);
	}
	return column(s, name);
}

static struct dsx_expr *number(struct parse *s)
{
	const char *from = s->p;
	struct dsx_expr *e = node(s, NUM, NULL, NULL);

	while (s->p < s->end && ((*s->p >= '0' && *s->p <= '9') || *s->p == '.'))
		s->p++;
	if (e && ss_parse_double(ss_str_n(from, (size_t)(s->p - from)), &e->v) < 0)
		return fail(s, "不是数", "no number");
	return e;
}

/* Behind the opening quote or bracket. */
static struct dsx_expr *quoted(struct parse *s, char close)
{
	const char *from = s->p;
	struct dsx_expr *e;
	struct ss_str text;

	while (s->p < s->end && *s->p != close)
		s->p++;
	if (s->p == s->end)
		return fail(s, "没有结束", "this does not end");
	text = ss_str_n(from, (size_t)(s->p++ - from));
	if (close == ']')
		return column(s, text);
	e = node(s, TEXT, NULL, NULL);
	if (!e)
		return NULL;
	e->text = true;
	e->z = ss_arena_strdup(s->a, text);
	return e->z ? e : fail(s, "内存不足", "out of memory");
}

static struct dsx_expr *primary(struct parse *s)
{
	struct dsx_expr *e;

	blanks(s);
	if (s->p == s->end)
		return fail(s, "话没有说完", "something is missing at the end");
	if (take(s, "(")) {
		e = or_of(s);
		return !e || take(s, ")")
			   ? e
			   : fail(s, "此处缺右括号", "a closing bracket is missing here");
	}
	if (take(s, "\""))
		return quoted(s, '"');
	if (take(s, "["))
		return quoted(s, ']');
	if ((*s->p >= '0' && *s->p <= '9') || *s->p == '.')
		return number(s);
	if (letter(*s->p))
		return word(s);
	return fail(s, "此处看不懂", "this is not understood");
}

static struct dsx_expr *unary(struct parse *s)
{
	struct dsx_expr *e;

	if (++s->deep > DEEP)
		return fail(s, "嵌套过深", "nested too deep");
	if (take(s, "-"))
		e = unary(s), e = e ? node(s, NEG, e, NULL) : NULL;
	else if (take_word(s, "not"))
		e = unary(s), e = e ? node(s, NOT, e, NULL) : NULL;
	else
		e = primary(s);
	s->deep--;
	return e;
}

static struct dsx_expr *product(struct parse *s)
{
	struct dsx_expr *e = unary(s), *r;

	while (e) {
		enum op op = take(s, "*") ? MUL : take(s, "/") ? DIV : take(s, "%") ? MOD : NUM;

		if (op == NUM)
			break;
		r = unary(s);
		e = r ? node(s, op, e, r) : NULL;
	}
	return e;
}

static struct dsx_expr *sum(struct parse *s)
{
	struct dsx_expr *e = product(s), *r;

	while (e) {
		enum op op = take(s, "+") ? ADD : take(s, "-") ? SUB : NUM;

		if (op == NUM)
			break;
		r = product(s);
		e = r ? node(s, op, e, r) : NULL;
	}
	return e;
}

static struct dsx_expr *comparison(struct parse *s)
{
	struct dsx_expr *e = sum(s), *r;
	enum op op;

	if (!e)
		return NULL;
	op = take(s, "<=")   ? LE
	     : take(s, ">=") ? GE
	     : take(s, "!=") ? NE
	     : take(s, "<")  ? LT
	     : take(s, ">")  ? GT
	     : take(s, "=")  ? EQ
			     : NUM;
	if (op == NUM)
		return e;
	r = sum(s);
	return r ? node(s, op, e, r) : NULL;
}

static struct dsx_expr *and_of(struct parse *s)
{
	struct dsx_expr *e = comparison(s), *r;

	while (e && take_word(s, "and")) {
		r = comparison(s);
		e = r ? node(s, AND, e, r) : NULL;
	}
	return e;
}

static struct dsx_expr *or_of(struct parse *s)
{
	struct dsx_expr *e, *r;

	if (++s->deep > DEEP)
		return fail(s, "嵌套过深", "nested too deep");
	e = and_of(s);
	while (e && take_word(s, "or")) {
		r = and_of(s);
		e = r ? node(s, OR, e, r) : NULL;
	}
	s->deep--;
	return e;
}

int dsx_expr_make(struct ss_arena *a, struct dsx_table *t, struct ss_str text,
		  struct dsx_expr **ret, struct ss_error *err)
{
	struct ss_error own = {0};
	struct parse s = {.a = a,
			  .t = t,
			  .p = text.p,
			  .start = text.p,
			  .end = text.p + text.n,
			  .err = err ? err : &own};

	if (text.n > LONGEST || !ss_utf8_valid(text))
		return ss_error_set(err, SS_EINVAL,
				    "算式过长或不是文字；the expression is too long, or no text");
	s.err->code = 0;
	*ret = or_of(&s);
	blanks(&s);
	if (*ret && s.p != s.end)
		*ret = fail(&s, "此处多余", "too much from here");
	return *ret ? 0 : SS_EINVAL;
}

bool dsx_expr_is_text(const struct dsx_expr *e)
{
	return e->text;
}

/* --- working it out -----------------------------------------------------------------------------
 */

static struct dsx_cell compared(enum op op, struct dsx_cell l, struct dsx_cell r)
{
	int d = dsx_cmp(l, r);

	if (dsx_none(l) || dsx_none(r))
		return DSX_NONE;
	return dsx_num(op == EQ   ? d == 0
		       : op == NE ? d != 0
		       : op == LT ? d < 0
		       : op == LE ? d <= 0
		       : op == GT ? d > 0
				  : d >= 0);
}

static double arithmetic(enum op op, double a, double b)
{
	switch (op) {
	case ADD:
		return a + b;
	case SUB:
		return a - b;
	case MUL:
		return a * b;
	case DIV:
		return b == 0 ? NAN : a / b;
	case MOD:
		return b == 0 ? NAN : fmod(a, b);
	case NEG:
		return -a;
	case ROUND:
		return ss_round_even(a, (int)fmin(fmax(trunc(b), 0), 9));
	case ABS:
		return fabs(a);
	case MIN:
		return isnan(a) || isnan(b) ? NAN : fmin(a, b);
	case MAX:
		return isnan(a) || isnan(b) ? NAN : fmax(a, b);
	case SQRT:
		return a < 0 ? NAN : sqrt(a);
	case LOG10:
		return a <= 0 ? NAN : log10(a);
	case AND:
		return isnan(a) || isnan(b) ? NAN : a != 0 && b != 0;
	case OR:
		return isnan(a) || isnan(b) ? NAN : a != 0 || b != 0;
	case NOT:
		return isnan(a) ? NAN : a == 0;
	default:
		return NAN;
	}
}

struct dsx_cell dsx_expr_of(const struct dsx_expr *e, const struct dsx_cell *row)
{
	struct dsx_cell l, r = DSX_NONE;
	double v;

	if (e->op == NUM)
		return dsx_num(e->v);
	if (e->op == TEXT)
		return dsx_text(e->z);
	if (e->op == COL)
		return row[e->col];
	l = dsx_expr_of(e->arg[0], row);
	if (e->op == IF)
		return dsx_none(l) ? DSX_NONE : dsx_expr_of(e->arg[l.z || l.v != 0 ? 1 : 2], row);
	if (e->op == COALESCE)
		return dsx_none(l) ? dsx_expr_of(e->arg[1], row) : l;
	if (e->arg[1])
		r = dsx_expr_of(e->arg[1], row);
	if (e->op >= EQ && e->op <= GE)
		return compared(e->op, l, r);
	if (l.z || r.z) /* no arithmetic with texts */
		return DSX_NONE;
	v = arithmetic(e->op, l.v, r.v);
	return isfinite(v) ? dsx_num(v) : DSX_NONE;
}

int ss_set_expr_try(struct ss_str text, const char *const *names, size_t n, double *ret,
		    struct ss_error *err)
{
	ss_cleanup(ss_arena_done) struct ss_arena a;
	struct dsx_table t = {0};
	struct dsx_cell row[DSX_COLS];
	struct dsx_expr *e;
	int r;

	ss_arena_init(&a, 1 << 20);
	t.cols = ss_arena_array(&a, DSX_COLS, sizeof(*t.cols));
	if (!t.cols)
		return SS_ENOMEM;
	for (size_t i = 0; i < n && i < DSX_COLS; i++) {
		dsx_col_add(&t, names[i], "", "", DSX_NUMBER);
		row[i] = dsx_num((double)(i + 1));
	}
	r = dsx_expr_make(&a, &t, text, &e, err);
	if (r == 0)
		*ret = dsx_expr_of(e, row).v;
	return r;
}
