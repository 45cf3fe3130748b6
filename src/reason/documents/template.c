/* Templates: blocks and placeholders, filled with values. */
#include "reason/documents/documents_internal.h"

#define EACH_MOST 2000
#define PATH_MAX_ 120

struct scope { /* of one {{#each}} */
	const json_t *item;
	size_t index;
};

struct fill {
	const json_t *values; /* NULL: only checking */
	struct ss_buf *out;
	json_t *blanks;
	size_t n_blanks;
	struct scope scopes[SSD_DEPTH];
	int depth, nest;
	const char *start; /* of the template, for lines */
	struct ss_error *err;
};

enum part_kind { TEXT, VALUE, IF, EACH, ELSE, END };
struct part {
	enum part_kind kind;
	struct ss_str text; /* the text, or what stands behind the word */
	const char *at;
};

static int fail(const struct fill *f, const char *at, const char *zh, const char *en,
		struct ss_str what)
{
	int line = 1;

	for (const char *p = f->start; p < at; p++)
		line += *p == '\n';
	if (what.n > 60)
		what.n = 60;
	return ss_error_set(f->err, SS_EPARSE,
			    "模板第 %d 行：%s " SS_STR_FMT "；line %d of the template: %s", line,
			    zh, SS_STR_ARG(what), line, en);
}

/* --- pieces of the template ---------------------------------------------------------------------
 */

static bool word(struct ss_str *s, const char *w)
{
	if (!ss_str_starts(*s, ss_str_of(w)))
		return false;
	*s = ss_str_trim(ss_str_n(s->p + strlen(w), s->n - strlen(w)));
	return true;
}

static void what_of(struct part *p)
{
	if (word(&p->text, "#if "))
		p->kind = IF;
	else if (word(&p->text, "#each "))
		p->kind = EACH;
	else if (ss_str_is(p->text, "else"))
		p->kind = ELSE;
	else if (word(&p->text, "/"))
		p->kind = END;
	else
		p->kind = VALUE;
}

/* The next text or {{...}}; 1, 0, SS_EPARSE. */
static int next(const struct fill *f, struct ss_str *rest, struct part *ret)
{
	ptrdiff_t at = ss_str_find(*rest, SS_STR("{{")), end;

	if (rest->n == 0)
		return 0;
	*ret = (struct part){TEXT, ss_str_n(rest->p, at < 0 ? rest->n : (size_t)at), rest->p};
	if (at != 0) {
		*rest = ss_str_n(rest->p + ret->text.n, rest->n - ret->text.n);
		return 1;
	}
	end = ss_str_find(*rest, SS_STR("}}"));
	if (end < 0)
		return fail(f, rest->p, "{{ 没有结尾", "{{ has no end", SS_STR(""));
	ret->text = ss_str_trim(ss_str_n(rest->p + 2, (size_t)end - 2));
	what_of(ret);
	*rest = ss_str_n(rest->p + end + 2, rest->n - (size_t)end - 2);
	return 1;
}

/* --- values ------------------------------------------------------------------------------------
 */

static bool path_ok(struct ss_str p)
{
	if (p.n == 0 || p.n > PATH_MAX_ - 1)
		return false;
	for (size_t i = 0; i < p.n; i++) {
		char c = p.p[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		      c == '_' || c == '.'))
			return false;
	}
	return true;
}

static const json_t *look_up(const struct fill *f, struct ss_str path)
{
	const json_t *v = f->values;
	struct ss_str part;
	char name[PATH_MAX_];
	bool first = true;

	while (ss_str_split(&path, '.', &part)) {
		int64_t i;

		ss_str_copy(name, sizeof(name), part);
		if (first && strcmp(name, "this") == 0)
			v = f->depth ? f->scopes[f->depth - 1].item : NULL;
		else if (json_is_array(v))
			v = ss_parse_i64(part, &i) == 0 && i >= 0 ? json_array_get(v, (size_t)i)
								  : NULL;
		else
			v = json_object_get(v, name);
		first = false;
	}
	return v;
}

static bool truth(const json_t *v)
{
	if (json_is_array(v))
		return json_array_size(v) > 0;
	if (json_is_string(v))
		return json_string_length(v) > 0;
	return v && !json_is_null(v) && !json_is_false(v);
}

static void blank(struct fill *f, struct ss_str path)
{
	const json_t *e;
	char name[PATH_MAX_];
	size_t i;

	ss_str_copy(name, sizeof(name), path);
	f->n_blanks++;
	json_array_foreach(f->blanks, i, e)
	{
		if (strcmp(json_string_value(e), name) == 0)
			return;
	}
	if (f->blanks)
		json_array_append_new(f->blanks, json_string(name));
}

/* path, path?, path|filter, path?|filter */
static int value(struct fill *f, const struct part *p)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(1 << 16);
	struct ss_str rest = p->text, path;
	bool optional, lines = false;
	int filter = -1;

	if (!ss_str_split(&rest, '|', &path))
		return fail(f, p->at, "空的占位", "an empty placeholder", SS_STR(""));
	path = ss_str_trim(path);
	rest = ss_str_trim(rest);
	optional = path.n && path.p[path.n - 1] == '?';
	path.n -= optional;
	lines = ss_str_is(rest, "lines");
	if (rest.n && !lines)
		filter = ssd_filter(rest);
	if (!path_ok(path) || (rest.n && !lines && filter < 0))
		return fail(f, p->at, "看不懂的占位", "a placeholder that is not understood",
			    p->text);
	if (!f->values)
		return 0;
	if (ss_str_is(path, "index"))
		return ss_buf_add_i64(f->out,
				      f->depth ? (int64_t)f->scopes[f->depth - 1].index : 0);
	if (ssd_words(look_up(f, path), filter, &b) < 0)
		return fail(f, p->at, "值不合格式", "the value does not fit", p->text);
	if (b.n == 0 && !optional)
		blank(f, path);
	return ssd_escape(ss_buf_str(&b), lines, f->out);
}

/* --- blocks ------------------------------------------------------------------------------------
 */

static int run(struct fill *f, struct ss_str text);

/* Cuts what is between a block's head and its end; *ret_else is behind {{else}}. */
static int cut(const struct fill *f, struct ss_str *rest, const struct part *head,
	       struct ss_str *ret_then, struct ss_str *ret_else)
{
	const char *word = head->kind == IF ? "if" : "each", *split = NULL, *after = NULL;
	const char *begin = rest->p;
	struct part p;
	int depth = 0, r;

	while ((r = next(f, rest, &p)) == 1) {
		if (p.kind == IF || p.kind == EACH)
			depth++;
		if (p.kind == ELSE && depth == 0 && head->kind == IF && !split) {
			split = p.at;
			after = rest->p;
		} else if (p.kind == ELSE && depth == 0) {
			return fail(f, p.at, "多出的 else", "an else too many", SS_STR(""));
		}
		if (p.kind == END && depth-- == 0) {
			if (!ss_str_is(p.text, word))
				return fail(f, p.at, "结尾与开头不符", "the wrong end", p.text);
			*ret_then = ss_str_n(begin, (size_t)((split ? split : p.at) - begin));
			*ret_else = split ? ss_str_n(after, (size_t)(p.at - after)) : SS_STR("");
			return 0;
		}
	}
	return r < 0 ? r : fail(f, head->at, "没有结尾的块", "a block without an end", head->text);
}

static int each(struct fill *f, const struct part *head, struct ss_str body)
{
	const json_t *list = look_up(f, head->text), *e;
	size_t i;
	int r = 0;

	f->depth++;
	if (!f->values) {
		r = run(f, body);
	} else if (json_array_size(list) > EACH_MOST) {
		r = fail(f, head->at, "列表太长", "the list is too long", head->text);
	} else {
		json_array_foreach(list, i, e)
		{
			f->scopes[f->depth - 1] = (struct scope){e, i + 1};
			if (r == 0)
				r = run(f, body);
		}
	}
	f->depth--;
	return r;
}

static int block(struct fill *f, struct ss_str *rest, const struct part *head)
{
	struct ss_str then, otherwise;
	int r;

	if (!path_ok(head->text))
		return fail(f, head->at, "看不懂的块", "a block that is not understood",
			    head->text);
	if (f->nest >= SSD_DEPTH - 1)
		return fail(f, head->at, "块套得太深", "blocks nest too deep", head->text);
	r = cut(f, rest, head, &then, &otherwise);
	if (r < 0)
		return r;
	f->nest++;
	if (head->kind == EACH)
		r = each(f, head, then);
	else if (f->values)
		r = run(f, truth(look_up(f, head->text)) ? then : otherwise);
	else
		r = run(f, then) < 0 ? SS_EPARSE : run(f, otherwise);
	f->nest--;
	return r;
}

static int run(struct fill *f, struct ss_str text)
{
	struct part p;
	int r;

	while ((r = next(f, &text, &p)) == 1) {
		if (p.kind == TEXT)
			r = ss_buf_adds(f->out, p.text);
		else if (p.kind == VALUE)
			r = value(f, &p);
		else if (p.kind == IF || p.kind == EACH)
			r = block(f, &text, &p);
		else
			r = fail(f, p.at, "多出的结尾", "an end too many", p.text);
		if (r < 0)
			return r;
	}
	return r;
}

/* Checking prints every branch once: what comes out must be whole markup. */
int ss_template_check(struct ss_str text, struct ss_error *err)
{
	ss_cleanup(ss_buf_done) struct ss_buf out = SS_BUF_MAX(8 << 20);
	struct fill f = {.out = &out, .start = text.p, .err = err};
	int r;

	if (!ss_utf8_valid(text))
		return ss_error_set(err, SS_EPARSE, "模板不是 UTF-8；the template is not UTF-8");
	r = run(&f, text);
	return r < 0 ? r : ssd_tags_check(ss_buf_str(&out), err);
}

int ss_template_fill(struct ss_str text, const json_t *values, struct ss_buf *out, json_t *blanks,
		     struct ss_error *err)
{
	struct fill f = {
	    .values = values, .out = out, .blanks = blanks, .start = text.p, .err = err};
	int r = run(&f, text);

	if (r < 0)
		return r;
	if (f.n_blanks)
		return ss_error_set(err, SS_EINVAL,
				    "文书有 %zu 处必填的空白；the document has %zu required blanks",
				    f.n_blanks, f.n_blanks);
	return ssd_tags_check(ss_buf_str(out), err);
}
