/* The string library of a box: the functions and patterns of the language's manual, 6.4, each
 * bounded; no string.dump, no packing. Patterns are matched in box_match.c. */
#include <ctype.h>

#include "box_internal.h"

/* A position of the language: from 1, negative from the end; 0-based and cut to [0, n]. */
static size_t start_of(lua_Integer i, size_t n)
{
	if (i > 0)
		return (size_t)i - 1 > n ? n : (size_t)i - 1;
	if (i == 0 || i < -(lua_Integer)n)
		return 0;
	return n - (size_t)-i;
}

static size_t end_of(lua_Integer i, size_t n)
{
	if (i > (lua_Integer)n)
		return n;
	if (i >= 0)
		return (size_t)i;
	return i < -(lua_Integer)n ? 0 : n - (size_t)-i + 1;
}

static int s_len(lua_State *L)
{
	size_t n;

	luaL_checklstring(L, 1, &n);
	lua_pushinteger(L, (lua_Integer)n);
	return 1;
}

static int s_sub(lua_State *L)
{
	size_t n, from, to;
	const char *s = luaL_checklstring(L, 1, &n);

	from = start_of(luaL_checkinteger(L, 2), n);
	to = end_of(luaL_optinteger(L, 3, -1), n);
	ss_box_charge(L, to > from ? (int64_t)(to - from) / 16 : 0);
	lua_pushlstring(L, s + from, to > from ? to - from : 0);
	return 1;
}

static int each_byte(lua_State *L, int (*fn)(int), bool reverse)
{
	size_t n;
	const char *s = luaL_checklstring(L, 1, &n);
	luaL_Buffer b;
	char *out;

	ss_box_charge(L, (int64_t)n);
	out = luaL_buffinitsize(L, &b, n);
	for (size_t i = 0; i < n; i++)
		out[reverse ? n - 1 - i : i] = (char)(fn ? fn((unsigned char)s[i]) : s[i]);
	luaL_pushresultsize(&b, n);
	return 1;
}

static int lower_ascii(int c)
{
	return c >= 'A' && c <= 'Z' ? c + 32 : c;
}

static int upper_ascii(int c)
{
	return c >= 'a' && c <= 'z' ? c - 32 : c;
}

static int s_lower(lua_State *L)
{
	return each_byte(L, lower_ascii, false);
}

static int s_upper(lua_State *L)
{
	return each_byte(L, upper_ascii, false);
}

static int s_reverse(lua_State *L)
{
	return each_byte(L, NULL, true);
}

static int s_rep(lua_State *L)
{
	size_t n, sep_n, all;
	const char *s = luaL_checklstring(L, 1, &n), *sep;
	lua_Integer times = luaL_checkinteger(L, 2);
	luaL_Buffer b;

	sep = luaL_optlstring(L, 3, "", &sep_n);
	if (times <= 0) {
		lua_pushliteral(L, "");
		return 1;
	}
	if (n + sep_n > 0 && (size_t)times > SS_BOX_BLOCK / (n + sep_n))
		return luaL_error(L, "结果超过 %d MiB the result is too long",
				  (int)(SS_BOX_BLOCK >> 20));
	if (n + sep_n == 0)
		times = 1;
	all = (size_t)times * n + (size_t)(times - 1) * sep_n;
	ss_box_charge(L, times + (int64_t)all / 16);
	luaL_buffinitsize(L, &b, all);
	for (lua_Integer i = 0; i < times; i++) {
		luaL_addlstring(&b, s, n);
		if (i + 1 < times)
			luaL_addlstring(&b, sep, sep_n);
	}
	luaL_pushresult(&b);
	return 1;
}

static int s_byte(lua_State *L)
{
	size_t n, from, to;
	const char *s = luaL_checklstring(L, 1, &n);
	lua_Integer i = luaL_optinteger(L, 2, 1);

	from = start_of(i, n);
	to = end_of(luaL_optinteger(L, 3, i), n);
	if (to <= from)
		return 0;
	ss_box_charge(L, (int64_t)(to - from));
	luaL_checkstack(L, (int)(to - from), "string slice too long");
	for (size_t k = from; k < to; k++)
		lua_pushinteger(L, (unsigned char)s[k]);
	return (int)(to - from);
}

static int s_char(lua_State *L)
{
	int n = lua_gettop(L);
	luaL_Buffer b;

	luaL_buffinitsize(L, &b, (size_t)n);
	for (int i = 1; i <= n; i++) {
		lua_Integer c = luaL_checkinteger(L, i);

		luaL_argcheck(L, c >= 0 && c <= 255, i, "value out of range");
		luaL_addchar(&b, (char)c);
	}
	luaL_pushresult(&b);
	return 1;
}

/* --- format -------------------------------------------------------------------------------------
 */

#define SPEC_MAX 16

/* Flags, a width and a precision of at most two digits; s is behind the per cent sign. */
static const char *read_spec(lua_State *L, const char *s, char spec[SPEC_MAX])
{
	size_t n = strspn(s, "-+ #0");

	if (n > 5)
		luaL_error(L, "invalid format (repeated flags)");
	for (int part = 0; part < 2; part++) {
		for (int digits = 0; isdigit((unsigned char)s[n]); n++)
			if (++digits > 2)
				luaL_error(L, "invalid format (width or precision too long)");
		if (part == 0 && s[n] == '.')
			n++;
		else
			break;
	}
	spec[0] = '%';
	memcpy(spec + 1, s, n);
	spec[n + 1] = 0;
	return s + n;
}

static void add_text(lua_State *L, luaL_Buffer *b, const char *spec, int arg)
{
	size_t n;
	const char *s = ss_box_tostring(L, arg, &n);
	char out[128];

	if (spec[1] == 0) {
		ss_box_charge(L, (int64_t)n / 16 + 1);
		luaL_addvalue(b);
		return;
	}
	if (n >= 100 && !strchr(spec, '.')) {
		luaL_addvalue(b);
		return;
	}
	luaL_argcheck(L, strlen(s) == n, arg, "string contains zeros");
	{
		char full[SPEC_MAX + 2];

		snprintf(full, sizeof(full), "%ss", spec);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		snprintf(out, sizeof(out), full, s);
#pragma GCC diagnostic pop
	}
	lua_pop(L, 1);
	luaL_addstring(b, out);
}

static void add_quoted(lua_State *L, luaL_Buffer *b, int arg)
{
	size_t n;
	const char *s = luaL_checklstring(L, arg, &n);

	ss_box_charge(L, (int64_t)n);
	luaL_addchar(b, '"');
	for (size_t i = 0; i < n; i++) {
		if (s[i] == '"' || s[i] == '\\' || s[i] == '\n')
			luaL_addchar(b, '\\');
		luaL_addchar(b, s[i] ? s[i] : '0');
	}
	luaL_addchar(b, '"');
}

static void add_number(lua_State *L, luaL_Buffer *b, const char *spec, char kind, int arg)
{
	char full[SPEC_MAX + 4], out[512];

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	if (strchr("diouxX", kind)) {
		snprintf(full, sizeof(full), "%sll%c", spec, kind);
		snprintf(out, sizeof(out), full, (long long)luaL_checkinteger(L, arg));
	} else if (kind == 'c') {
		snprintf(full, sizeof(full), "%sc", spec);
		snprintf(out, sizeof(out), full, (int)luaL_checkinteger(L, arg));
	} else {
		snprintf(full, sizeof(full), "%s%c", spec, kind);
		snprintf(out, sizeof(out), full, luaL_checknumber(L, arg));
	}
#pragma GCC diagnostic pop
	luaL_addstring(b, out);
}

int ss_box_format(lua_State *L)
{
	int arg = 1, top = lua_gettop(L);
	size_t n;
	const char *s = luaL_checklstring(L, 1, &n), *end = s + n;
	char spec[SPEC_MAX];
	luaL_Buffer b;

	luaL_buffinit(L, &b);
	ss_box_charge(L, (int64_t)n);
	while (s < end) {
		if (*s != '%') {
			luaL_addchar(&b, *s++);
			continue;
		}
		s = read_spec(L, s + 1, spec);
		if (*s == '%') {
			luaL_addchar(&b, *s++);
			continue;
		}
		luaL_argcheck(L, ++arg <= top, arg, "no value");
		ss_box_charge(L, 8);
		if (*s == 's')
			add_text(L, &b, spec, arg);
		else if (*s == 'q')
			add_quoted(L, &b, arg);
		else if (*s && strchr("diouxXceEfFgG", *s))
			add_number(L, &b, spec, *s, arg);
		else
			return luaL_error(L, "invalid conversion '%%%c' to 'format'",
					  *s ? *s : ' ');
		s++;
	}
	luaL_pushresult(&b);
	return 1;
}

static const luaL_Reg strings[] = {
    {"len", s_len},
    {"sub", s_sub},
    {"lower", s_lower},
    {"upper", s_upper},
    {"reverse", s_reverse},
    {"rep", s_rep},
    {"byte", s_byte},
    {"char", s_char},
    {"format", ss_box_format},
    {"find", ss_box_find},
    {"match", ss_box_match},
    {"gmatch", ss_box_gmatch},
    {"gsub", ss_box_gsub},
    {NULL, NULL},
};

/* The same table stands behind the texts themselves: ("x"):rep(n) is the bounded one. */
void ss_box_open_string(lua_State *L)
{
	luaL_newlib(L, strings);
	lua_pushliteral(L, "");
	lua_newtable(L);
	lua_pushvalue(L, -3);
	lua_setfield(L, -2, "__index");
	lua_setmetatable(L, -2);
	lua_pop(L, 1);
	ss_box_library(L, "string", NULL);
}
