#!/usr/bin/env bash
# shanshui import as a user runs it: files as spreadsheets and people make them. Every bad row is
# named, the others are taken, and a damaged file is refused before its first row.
set -euo pipefail

dir=$(mktemp -d "${TMPDIR:-/tmp}/shanshui-import.XXXXXX")
trap 'rm -rf "$dir"' EXIT
cd "$dir"

fail() {
	echo "$1"
	cat out err
	exit 1
}
# take FILES...: imports them; the exit status in $status
take() {
	status=0
	"$SHANSHUI" import --mapping "$dir/t.map" --data "$dir/data" "$@" >out 2>err || status=$?
}
says() { # says FILE TEXT
	grep -qF -- "$2" "$1" || fail "没有说 not said: $2"
}

cat >t.map <<'MAP'
mapping t 1
site_kind water
site_code {code}
site_name {name}
place lon lat
time {at}
period hour
mark state 正常=N else D
value w01001 Avg ph 1
MAP
head='code,name,lon,lat,at,state,ph'

# Each fault on a line of its own; the lines between come in.
cat >faults.csv <<CSV
$head
A1,甲,118.8,32.0,2026-03-01 00:00,正常,7.1
A2,甲,118.8,32.0,2026-02-30 00:00,正常,7.2
A3,"甲,118.8,32.0,2026-03-01 00:00,正常,7.3
A4,甲,118.8,32.0,2026-03-01 00:00,正常,7.4
A5,"甲",118.8,32.0,2026-03-01 00:00,正常,7.5
A6,甲,118.8,32.0,2026-03-01 00:00,正常,7.6,9
A7,甲,east,32.0,2026-03-01 00:00,正常,7.7
A8,甲,1180,32.0,2026-03-01 00:00,正常,7.8
A9,甲,118.8,32.0,2026-03-01 00:00Z,正常,7.9
B1,"两
行",118.8,32.0,2026-03-01 00:00,正常,8.1
B3,甲,118.8,32.0,2026-03-01 00:00,正常
B4,"甲,118.8,32.0,2026-03-01 00:00,正常,8.4
B5,甲,118.8,32.0,2026-03-01 00:00,正常,8.5
CSV
take faults.csv
[ "$status" = 0 ] || fail "faults.csv: $status"
for line in 3 4 7 8 9 10 11 13 14; do
	says err "第 $line 行"
done
[ "$(wc -l <err)" = 9 ] || fail "more is named than is wrong"
says out "taken 4"
says err "第 8 行 lon"

# A byte order mark, CR LF, CR alone, GBK, no line end at the end.
printf '\xef\xbb\xbf%s\r\nC1,丙,118.8,32.0,2026-03-01 00:00,正常,7.1\r\n' "$head" >bom.csv
printf '%s\rC2,丙,118.8,32.0,2026-03-01 00:00,正常,7.1\rC3,丙,118.8,32.0,2026-03-01 01:00,正常,7.2' "$head" >cr.csv
printf '%s\nC4,丙,118.8,32.0,2026-03-01 00:00,正常,7.1\n' "$head" | iconv -t GBK >gbk.csv
take bom.csv cr.csv gbk.csv
[ "$status" = 0 ] && [ ! -s err ] || fail "bom, cr, gbk: $status"
says out "bom.csv：1 行"
says out "cr.csv：2 行"
says out "gbk.csv：1 行"

# One spoilt character does not make the others foreign.
printf '%s\nD1,丁,118.8,32.0,2026-03-01 00:00,正常,7.1\nD2,\xff,118.8,32.0,2026-03-01 00:00,正常,7.1\nD3,丁,118.8,32.0,2026-03-01 00:00,正常,7.1\n' "$head" >spoilt.csv
take spoilt.csv
says out "taken 2"
says err "第 3 行 name"

# A gzip file that is cut off, or was changed, brings in nothing; the next file comes in.
{
	echo "$head"
	for i in $(seq 2000); do
		echo "E$i,戊,118.8,32.0,2026-03-01 00:00,正常,$((i % 14)).$i"
	done
} >long.csv
gzip -c long.csv >long.csv.gz
head -c 9000 long.csv.gz >cut.csv.gz
take cut.csv.gz bom.csv
[ "$status" = 1 ] || fail "a file cut off: $status"
says err "cut.csv.gz"
grep -q "^cut" out && fail "rows of a file cut off"
says out "bom.csv：1 行"
take long.csv.gz
says out "taken 2000"

# However many rows are bad, each is named.
sed 's/,[0-9]*\.[0-9]*$/,这不是一个数这不是一个数这不是一个数这不是一个数/' long.csv >bad.csv
for i in 1 2 3 4 5 6; do tail -n +2 bad.csv; done >>bad.csv.more
cat bad.csv.more >>bad.csv
take bad.csv
[ "$(grep -c '^第 ' err)" = 14000 ] || fail "not every bad row is named"
