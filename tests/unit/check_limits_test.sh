#!/bin/sh
# tools/check-limits finds what is typed in, in C, Lua and TypeScript, and nothing in comments.
set -eu
root=$1
dir=$(mktemp -d /tmp/shanshui-check-limits-XXXXXX)
trap 'rm -rf "$dir"' EXIT
mkdir -p "$dir/tools" "$dir/src/x" "$dir/modules/x" "$dir/web/src"
cp -r "$root/standards" "$dir/standards"
cp "$root/tools/check-limits" "$dir/tools/"
: >"$dir/tools/check-limits.allow"
cd "$dir"
git init -q .
cat >src/x/right.c <<'END'
/* GB 3838-2002: the limit of w21003 is 1.5; 0.425809 stands here as a source only. */
int table[] = {1, 2, 3, 4, 5, 6}; // 35, 75, 115, 150
const char *code = "w21003";
END
git add -A
tools/check-limits >/dev/null
try() { # file, line that must be found, what it must say
	printf '%s\n' "$2" >"$1"
	git add -A
	if tools/check-limits >out 2>&1; then echo "not found: $2"; exit 1; fi
	grep -q "$3" out || { cat out; exit 1; }
	git rm -qf --cached "$1" && rm "$1"
}
try src/x/a.c 'double a = 0.425809;' 0.425809
try src/x/a.c 'int b[] = {35, 75, 115, 150};' 35,75,115,150
try src/x/a.c 'if (is(f, "a34004") && v > 75)' 'a34004 的限值 75'
try src/x/a.c 'const char *s = "GB 3838-2002";' 'name of a standard'
try modules/x/rules.lua 'if f == "w21003" and v > 1.5 then' 'w21003 的限值 1.5'
try web/src/a.ts "const s = 'GB 3095-2012';" 'name of a standard'
printf 'src/x/none.c :: 75 :: why\n' >tools/check-limits.allow
if tools/check-limits >out; then echo "a line that is no longer needed is not found"; exit 1; fi
grep -q 'no longer needed' out
echo "found what is typed in"
