/* Patterns of the language (manual 6.4.1), matched by a routine that counts every step it takes, so
 * that a pattern that tries for ever is over when its run's steps are. */
#include <ctype.h>

#include "box_internal.h"

#define CAPTURES 32
#define DEPTH 200
#define CAP_OPEN (-1)
#define CAP_PLACE (-2)

struct match {
	lua_State *L;
	const char *text, *text_end, *pat_end;
	int depth, n, steps;
	struct {
		const char *at;
		ptrdiff_t len;
	} cap[CAPTURES];
};

static const char *try_at(struct match *m, const char *s, const char *p);

static void step(struct match *m)
{
	if (++m->steps < 1024)
		return;
	m->steps = 0;
	ss_box_charge(m->L, 1024);
}

/* Behind the single-character class that begins at p. */
static const char *class_end(struct match *m, const char *p)
{
	if (*p++ == '%') {
		if (p == m->pat_end)
			luaL_error(m->L, "malformed pattern (ends with '%%')");
		return p + 1;
	}
	if (p[-1] != '[')
		return p;
	if (p < m->pat_end && *p == '^')
		p++;
	do {
		if (p == m->pat_end)
			luaL_error(m->L, "malformed pattern (missing ']')");
		if (*p++ == '%') {
			if (p == m->pat_end)
				luaL_error(m->L, "malformed pattern (missing ']')");
			p++;
		}
	} while (p == m->pat_end || *p != ']');
	return p + 1;
}

static bool in_class(int c, int class)
{
	bool yes;

	switch (tolower(class)) {
	case 'a':
		yes = isalpha(c);
		break;
	case 'c':
		yes = iscntrl(c);
		break;
	case 'd':
		yes = isdigit(c);
		break;
	case 'g':
		yes = isgraph(c);
		break;
	case 'l':
		yes = islower(c);
		break;
	case 'p':
		yes = ispunct(c);
		break;
	case 's':
		yes = isspace(c);
		break;
	case 'u':
		yes = isupper(c);
		break;
	case 'w':
		yes = isalnum(c);
		break;
	case 'x':
		yes = isxdigit(c);
		break;
	default:
		return class == c;
	}
	return isupper(class) ? !yes : yes;
}

/* p at '[', last at the ']' of it. */
static bool in_set(struct match *m, int c, const char *p, const char *last)
{
	bool yes = true;

	if (p[1] == '^') {
		yes = false;
		p++;
	}
	while (++p < last) {
		step(m);
		if (*p == '%') {
			p++;
			if (in_class(c, (unsigned char)*p))
				return yes;
		} else if (p[1] == '-' && p + 2 < last) {
			p += 2;
			if ((unsigned char)p[-2] <= c && c <= (unsigned char)*p)
				return yes;
		} else if ((unsigned char)*p == c) {
			return yes;
		}
	}
	return !yes;
}

static bool single(struct match *m, const char *s, const char *p, const char *p_end)
{
	int c;

	step(m);
	if (s >= m->text_end)
		return false;
	c = (unsigned char)*s;
	switch (*p) {
	case '.':
		return true;
	case '%':
		return in_class(c, (unsigned char)p[1]);
	case '[':
		return in_set(m, c, p, p_end - 1);
	default:
		return (unsigned char)*p == c;
	}
}

static const char *balanced(struct match *m, const char *s, const char *p)
{
	char open, close;
	int depth = 1;

	if (p + 1 >= m->pat_end)
		luaL_error(m->L, "malformed pattern (missing arguments to '%%b')");
	open = p[0], close = p[1];
	if (s >= m->text_end || *s != open)
		return NULL;
	while (++s < m->text_end) {
		step(m);
		if (*s == close && --depth == 0)
			return s + 1;
		if (*s == open && open != close)
			depth++;
	}
	return NULL;
}

static const char *most(struct match *m, const char *s, const char *p, const char *p_end)
{
	ptrdiff_t i = 0;

	while (single(m, s + i, p, p_end))
		i++;
	for (; i >= 0; i--) {
		const char *r = try_at(m, s + i, p_end + 1);

		if (r)
			return r;
	}
	return NULL;
}

static const char *fewest(struct match *m, const char *s, const char *p, const char *p_end)
{
	for (;;) {
		const char *r = try_at(m, s, p_end + 1);

		if (r)
			return r;
		if (!single(m, s, p, p_end))
			return NULL;
		s++;
	}
}

static const char *open_capture(struct match *m, const char *s, const char *p, ptrdiff_t what)
{
	const char *r;

	if (m->n >= CAPTURES)
		luaL_error(m->L, "too many captures");
	m->cap[m->n].at = s;
	m->cap[m->n].len = what;
	m->n++;
	r = try_at(m, s, p);
	if (!r)
		m->n--;
	return r;
}

static const char *close_capture(struct match *m, const char *s, const char *p)
{
	int k = m->n - 1;
	const char *r;

	while (k >= 0 && m->cap[k].len != CAP_OPEN)
		k--;
	if (k < 0)
		luaL_error(m->L, "invalid pattern capture");
	m->cap[k].len = s - m->cap[k].at;
	r = try_at(m, s, p);
	if (!r)
		m->cap[k].len = CAP_OPEN;
	return r;
}

static const char *same_again(struct match *m, const char *s, int digit)
{
	int k = digit - '1';
	size_t n;

	if (k < 0 || k >= m->n || m->cap[k].len < 0)
		luaL_error(m->L, "invalid capture index %%%d", k + 1);
	n = (size_t)m->cap[k].len;
	ss_box_charge(m->L, (int64_t)n);
	if ((size_t)(m->text_end - s) < n || memcmp(m->cap[k].at, s, n) != 0)
		return NULL;
	return s + n;
}

/* %f[set]: between a character outside the set and one in it. p at the '['. */
static bool frontier(struct match *m, const char *s, const char *p, const char **ret_end)
{
	int before = s == m->text ? 0 : (unsigned char)s[-1];
	int after = s == m->text_end ? 0 : (unsigned char)*s;

	if (p >= m->pat_end || *p != '[')
		luaL_error(m->L, "missing '[' after '%%f' in pattern");
	*ret_end = class_end(m, p);
	return !in_set(m, before, p, *ret_end - 1) && in_set(m, after, p, *ret_end - 1);
}

/* What begins with a per cent sign and is no class: true when it was that; *ps NULL = no match,
 * else both moved on. */
static bool special(struct match *m, const char **ps, const char **pp)
{
	const char *s = *ps, *p = *pp, *end;

	if (p + 1 >= m->pat_end)
		return false;
	if (p[1] == 'b') {
		*ps = balanced(m, s, p + 2);
		*pp = p + 4;
		return true;
	}
	if (p[1] == 'f') {
		*ps = frontier(m, s, p + 2, &end) ? s : NULL;
		*pp = end;
		return true;
	}
	if (isdigit((unsigned char)p[1])) {
		*ps = same_again(m, s, (unsigned char)p[1]);
		*pp = p + 2;
		return true;
	}
	return false;
}

/* One class with what follows it. Returns whether to go on with *ps, *pp; else *ps is the answer.
 */
static bool one_class(struct match *m, const char **ps, const char **pp)
{
	const char *s = *ps, *p = *pp, *end = class_end(m, p), *r;
	char how = end < m->pat_end ? *end : 0;

	if (how == '*' || how == '-') {
		*ps = how == '*' ? most(m, s, p, end) : fewest(m, s, p, end);
		return false;
	}
	if (how == '+') {
		*ps = single(m, s, p, end) ? most(m, s + 1, p, end) : NULL;
		return false;
	}
	if (how == '?') {
		if (single(m, s, p, end) && (r = try_at(m, s + 1, end + 1))) {
			*ps = r;
			return false;
		}
		*pp = end + 1;
		return true;
	}
	if (!single(m, s, p, end)) {
		*ps = NULL;
		return false;
	}
	*ps = s + 1;
	*pp = end;
	return true;
}

static const char *try_from(struct match *m, const char *s, const char *p)
{
	while (s && p != m->pat_end) {
		step(m);
		if (*p == '(') {
			bool place = p + 1 < m->pat_end && p[1] == ')';

			return open_capture(m, s, p + (place ? 2 : 1),
					    place ? CAP_PLACE : CAP_OPEN);
		}
		if (*p == ')')
			return close_capture(m, s, p + 1);
		if (*p == '$' && p + 1 == m->pat_end)
			return s == m->text_end ? s : NULL;
		if (*p == '%' && special(m, &s, &p))
			continue;
		if (!one_class(m, &s, &p))
			return s;
	}
	return s;
}

static const char *try_at(struct match *m, const char *s, const char *p)
{
	const char *r;

	if (++m->depth > DEPTH)
		luaL_error(m->L, "pattern too complex");
	r = try_from(m, s, p);
	m->depth--;
	return r;
}

/* --- the functions
 * --------------------------------------------------------------------------------- */

static void push_capture(struct match *m, int k, const char *s, const char *e)
{
	if (k >= m->n) {
		if (k != 0)
			luaL_error(m->L, "invalid capture index %%%d", k + 1);
		lua_pushlstring(m->L, s, (size_t)(e - s));
	} else if (m->cap[k].len == CAP_PLACE) {
		lua_pushinteger(m->L, m->cap[k].at - m->text + 1);
	} else if (m->cap[k].len == CAP_OPEN) {
		luaL_error(m->L, "unfinished capture");
	} else {
		lua_pushlstring(m->L, m->cap[k].at, (size_t)m->cap[k].len);
	}
}

/* All captures; the whole match where there are none and `whole`. */
static int push_captures(struct match *m, const char *s, const char *e, bool whole)
{
	int n = m->n == 0 && whole ? 1 : m->n;

	luaL_checkstack(m->L, n, "too many captures");
	for (int k = 0; k < n; k++)
		push_capture(m, k, s, e);
	return n;
}

static void start(struct match *m, lua_State *L, struct ss_str text, struct ss_str pat)
{
	*m = (struct match){
	    .L = L, .text = text.p, .text_end = text.p + text.n, .pat_end = pat.p + pat.n};
}

static bool is_plain(struct ss_str pat)
{
	for (size_t i = 0; i < pat.n; i++)
		if (strchr("^$*+?.([%-", pat.p[i]) && pat.p[i])
			return false;
	return true;
}

static int find_plain(lua_State *L, struct ss_str text, struct ss_str pat, size_t init)
{
	const char *at = memmem(text.p + init, text.n - init, pat.p, pat.n);

	ss_box_charge(L, (int64_t)(text.n - init) / 4 + (int64_t)pat.n);
	if (!at) {
		lua_pushnil(L);
		return 1;
	}
	lua_pushinteger(L, at - text.p + 1);
	lua_pushinteger(L, at - text.p + (lua_Integer)pat.n);
	return 2;
}

static int find_or_match(lua_State *L, bool find)
{
	struct ss_str text = ss_box_text(L, 1), pat = ss_box_text(L, 2);
	lua_Integer at = luaL_optinteger(L, 3, 1);
	size_t init = at > 0                                 ? (size_t)at - 1
		      : at == 0 || at < -(lua_Integer)text.n ? 0
							     : text.n - (size_t)-at;
	bool anchor = pat.n && pat.p[0] == '^';
	const char *s, *e;
	struct match m;

	if (init > text.n) {
		lua_pushnil(L);
		return 1;
	}
	if (find && (lua_toboolean(L, 4) || is_plain(pat)))
		return find_plain(L, text, pat, init);
	start(&m, L, text, pat);
	for (s = text.p + init; s <= m.text_end; s++) {
		m.n = m.depth = 0;
		e = try_at(&m, s, pat.p + anchor);
		if (e && find) {
			lua_pushinteger(L, s - text.p + 1);
			lua_pushinteger(L, e - text.p);
			return 2 + push_captures(&m, s, e, false);
		}
		if (e)
			return push_captures(&m, s, e, true);
		if (anchor)
			break;
	}
	lua_pushnil(L);
	return 1;
}

int ss_box_find(lua_State *L)
{
	return find_or_match(L, true);
}

int ss_box_match(lua_State *L)
{
	return find_or_match(L, false);
}

/* Upvalues: text, pattern, where to go on, end of the match before (-1: none). */
static int gmatch_step(lua_State *L)
{
	struct ss_str text, pat;
	lua_Integer from = lua_tointeger(L, lua_upvalueindex(3));
	lua_Integer last = lua_tointeger(L, lua_upvalueindex(4));
	struct match m;
	const char *e;

	text.p = lua_tolstring(L, lua_upvalueindex(1), &text.n);
	pat.p = lua_tolstring(L, lua_upvalueindex(2), &pat.n);
	start(&m, L, text, pat);
	for (const char *s = text.p + from; s <= m.text_end; s++) {
		m.n = m.depth = 0;
		e = try_at(&m, s, pat.p);
		if (!e || e - text.p == last)
			continue;
		lua_pushinteger(L, e - text.p);
		lua_pushvalue(L, -1);
		lua_replace(L, lua_upvalueindex(3));
		lua_replace(L, lua_upvalueindex(4));
		return push_captures(&m, s, e, true);
	}
	return 0;
}

int ss_box_gmatch(lua_State *L)
{
	ss_box_text(L, 1);
	ss_box_text(L, 2);
	lua_settop(L, 2);
	lua_pushinteger(L, 0);
	lua_pushinteger(L, -1);
	lua_pushcclosure(L, gmatch_step, 4);
	return 1;
}

static void add_pattern(struct match *m, luaL_Buffer *b, const char *s, const char *e)
{
	size_t n;
	const char *t = lua_tolstring(m->L, 3, &n);

	for (size_t i = 0; i < n; i++) {
		if (t[i] != '%') {
			luaL_addchar(b, t[i]);
			continue;
		}
		i++;
		if (i < n && t[i] == '%') {
			luaL_addchar(b, '%');
		} else if (i < n && t[i] == '0') {
			luaL_addlstring(b, s, (size_t)(e - s));
		} else if (i < n && isdigit((unsigned char)t[i])) {
			push_capture(m, t[i] - '1', s, e);
			ss_box_tostring(m->L, -1, NULL);
			lua_remove(m->L, -2);
			luaL_addvalue(b);
		} else {
			luaL_error(m->L, "invalid use of '%%' in replacement string");
		}
	}
}

static void add_value(struct match *m, luaL_Buffer *b, const char *s, const char *e)
{
	lua_State *L = m->L;

	ss_box_charge(L, (e - s) / 16 + 4);
	if (lua_type(L, 3) == LUA_TFUNCTION) {
		lua_pushvalue(L, 3);
		lua_call(L, push_captures(m, s, e, true), 1);
	} else if (lua_type(L, 3) == LUA_TTABLE) {
		push_capture(m, 0, s, e);
		lua_gettable(L, 3);
	} else {
		add_pattern(m, b, s, e);
		return;
	}
	if (!lua_toboolean(L, -1)) {
		lua_pop(L, 1);
		lua_pushlstring(L, s, (size_t)(e - s));
	} else if (lua_type(L, -1) != LUA_TSTRING && lua_type(L, -1) != LUA_TNUMBER) {
		luaL_error(L, "invalid replacement value (a %s)", luaL_typename(L, -1));
	}
	luaL_addvalue(b);
}

int ss_box_gsub(lua_State *L)
{
	struct ss_str text = ss_box_text(L, 1), pat = ss_box_text(L, 2);
	int type = lua_type(L, 3);
	lua_Integer most_n = luaL_optinteger(L, 4, (lua_Integer)text.n + 1), n = 0;
	bool anchor = pat.n && pat.p[0] == '^';
	const char *s = text.p, *e, *last = NULL;
	struct match m;
	luaL_Buffer b;

	luaL_argcheck(L,
		      type == LUA_TNUMBER || type == LUA_TSTRING || type == LUA_TFUNCTION ||
			  type == LUA_TTABLE,
		      3, "string/function/table expected");
	luaL_buffinit(L, &b);
	start(&m, L, text, pat);
	while (n < most_n) {
		m.n = m.depth = 0;
		e = try_at(&m, s, pat.p + anchor);
		if (e && e != last) {
			n++;
			add_value(&m, &b, s, e);
			s = last = e;
		} else if (s < m.text_end) {
			luaL_addchar(&b, *s++);
		} else {
			break;
		}
		if (anchor)
			break;
	}
	luaL_addlstring(&b, s, (size_t)(m.text_end - s));
	luaL_pushresult(&b);
	lua_pushinteger(L, n);
	return 2;
}
