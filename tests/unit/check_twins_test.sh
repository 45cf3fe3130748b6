#!/bin/sh
# tools/check-twins finds a function that stands twice under other names, tools/check-unused what nobody
# uses; neither says anything of what is right.
set -eu
root=$1
dir=$(mktemp -d /tmp/shanshui-check-twins-XXXXXX)
trap 'rm -rf "$dir"' EXIT
mkdir -p "$dir/tools" "$dir/src/x/sql"
cp "$root/tools/check-twins" "$root/tools/check-unused" "$dir/tools/"
cd "$dir"
git init -q .
body() { # name, its list, its index, what it calls
	printf 'int %s(const int *%s, int %s)\n{\n\tint n = 0;\n\n\tfor (; %s > 0; %s--)\n\t\tn += %s(%s[%s]);\n\treturn n;\n}\n' \
		"$1" "$2" "$3" "$3" "$3" "$4" "$2" "$3"
}
{ printf 'const char *how = "cc src/verify/*.c";\n'; body main list i half; } >src/x/a.c
body ss_cmd_other v k twice >src/x/b.c
printf '#define X(name) ss_cmd_##name\nask("x/rows");\n' >src/x/list.h
echo 'select 1' >src/x/sql/rows.sql
git add -A
tools/check-twins >/dev/null
tools/check-unused >/dev/null
body ss_cmd_third v k half >src/x/b.c
git add -A
if tools/check-twins >out; then echo "a twin is not found"; exit 1; fi
grep -q 'src/x/a.c:2 main = src/x/b.c:1 ss_cmd_third' out
body ss_lonely v k twice >src/x/b.c
echo 'select 2' >src/x/sql/none.sql
git add -A
if tools/check-unused >out; then echo "what lies unused is not found"; exit 1; fi
grep -q 'ss_lonely src/x/b.c:1' out
grep -q 'src/x/sql/none.sql' out
[ "$(wc -l <out)" = 2 ]
echo "found what stands twice and what lies unused"
