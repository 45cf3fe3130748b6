#!/bin/sh
# base_headers_test.sh compiler src: banned functions do not compile, headers compile alone.
set -u
cc=$1 src=$2 bad=0 n=0

compiles() {
	printf '%s\n' "$1" | "$cc" -std=gnu17 -D_GNU_SOURCE -fsyntax-only -I"$src" -x c - 2>/dev/null
}

compiles '#include "base/base.h"
int main(void) { return (int)strlen(""); }' || { echo "the plain program does not compile"; exit 1; }

# with HEADERS CALL: does a function that makes this call compile?
with() {
	compiles "$1
void f(char *a, const char *b, time_t *t, const struct tm *tm);
void f(char *a, const char *b, time_t *t, const struct tm *tm) { (void)a, (void)b, (void)t, (void)tm; (void)$2; }"
}

system_headers='#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>'

while read -r call; do
	n=$((n + 1))
	with "$system_headers" "$call" || { echo "the call itself is wrong: $call"; bad=1; }
	with '#include "base/base.h"' "$call" && { echo "not banned: $call"; bad=1; }
done <<'CALLS'
strcpy(a, b)
strcat(a, b)
strncpy(a, b, 1)
strncat(a, b, 1)
sprintf(a, "%s", b)
strtok(a, b)
atoi(b)
atol(b)
atof(b)
gmtime(t)
localtime(t)
ctime(t)
asctime(tm)
system(b)
popen(b, "r")
CALLS

for h in "$src"/base/*.h; do
	n=$((n + 1))
	compiles "#include \"base/${h##*/}\"" || { echo "does not compile alone: $h"; bad=1; }
done
echo "$n looked at"
exit $bad
