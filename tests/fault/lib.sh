# Shared by the fault tests: a whole server in a folder of its own, devices of our own, a ledger of what
# was acknowledged, and the comparison that ends every test. Sourced by bash.
#   SHANSHUI FAULT_DEVICE   the two programs        SS_FAULT_ROUNDS   rounds, where a test has rounds
set -u
export LC_ALL=C TZ=Asia/Shanghai
: "${SHANSHUI:?}" "${FAULT_DEVICE:?}"
work=$(mktemp -d "${TMPDIR:-/tmp}/shanshui-fault-XXXXXX")
data=$work/data
ledger=$work/ledger
port_file=$work/port
# An address of its own: a device that comes again while its server is away must not find another test's server on
# the port that has become free.
host=127.$((1 + $$ / 64516 % 254)).$((1 + $$ / 254 % 254)).$((1 + $$ % 254))
export SS_FAULT_HOST=$host
server= senders=
mounted=
# The engine of the record: SQLite in the data folder, or (SS_FAULT_ENGINE=pgsql) a PostgreSQL of our own, whose URL
# is in $db_url.
engine=${SS_FAULT_ENGINE:-sqlite}
db_url= pgdir=
RANDOM=${SS_FAULT_SEED:-20261123}

say() { printf '%s\n' "$*"; }
not_run() {
	printf '未跑 not run: %s\n' "$*"
	exit 77
}
fail() {
	printf '不成立 FAILED: %s\n' "$*"
	if [ -s "$work/serve.log" ]; then
		printf -- '-- serve.log --\n'
		grep -m1 -A12 'ERROR: .*Sanitizer\|WARNING: ThreadSanitizer\|runtime error' "$work/serve.log"
		tail -n 15 "$work/serve.log"
	fi
	exit 1
}
equal() { [ "$2" = "$3" ] || fail "$1: 是 is $2，应为 should be $3"; }
ms_now() { echo $(($(date +%s%N) / 1000000)); }

clean_up() {
	trap '' INT TERM
	for pid in $senders $server; do kill -9 "$pid" 2>/dev/null; done
	wait 2>/dev/null
	[ -n "$pgdir" ] && pg pg_ctl -D "$pgdir/d" -m immediate -w stop
	for m in $mounted; do umount -l "$m" 2>/dev/null; done
	if [ -n "${SS_FAULT_KEEP:-}" ]; then say "kept: $work"; else rm -rf "$work"; fi
}
trap clean_up EXIT
trap 'exit 1' INT TERM

# ---- PostgreSQL ----

pgbin=/usr/lib/postgresql/15/bin
# pg PROGRAM...: one of its programs, as user postgres when we are root, for it refuses root.
pg() {
	pg_program=$1
	shift
	if [ "$(id -u)" = 0 ]; then set -- runuser -u postgres -- $pgbin/"$pg_program" "$@"; else set -- $pgbin/"$pg_program" "$@"; fi
	"$@" >>"$work/pg.said" 2>&1
}
# pg_start: the power stays on in these tests, so it needs no disk.
pg_start() {
	[ -x $pgbin/initdb ] || not_run "没有 PostgreSQL 15"
	command -v pg_dump >/dev/null && command -v psql >/dev/null || not_run "没有 pg_dump、psql"
	chmod 755 "$work"
	mkdir "$work/pg"
	[ "$(id -u)" != 0 ] || chown postgres "$work/pg"
	pgdir=$work/pg
	pg initdb -D "$pgdir/d" -A trust -U test -E UTF8 --locale=C.UTF-8 --no-sync || fail "initdb: $(tail -n 3 "$work/pg.said")"
	printf "\nlisten_addresses=''\nunix_socket_directories='%s'\nfsync=off\nsynchronous_commit=off\nfull_page_writes=off\nmax_connections=200\n" \
		"$pgdir" >>"$pgdir/d/postgresql.conf"
	pg pg_ctl -D "$pgdir/d" -w -t 300 -l "$pgdir/log" start || fail "PostgreSQL 没有启动 did not start: $(cat "$pgdir/log")"
}
# pg_new NAME OPTION...: an empty database; $db_url is its URL then.
pg_new() {
	pg_name=$1
	shift
	pg createdb -h "$pgdir" -U test "$@" "$pg_name" || fail "createdb: $(tail -n 3 "$work/pg.said")"
	db_url=$(pg_url "$pg_name")
}
pg_url() { echo "postgresql://test@/$1?host=$pgdir&ss_allow_unsafe=1"; }
# psql_in DATABASE SQL: one cell a line, | between.
psql_in() { psql -h "$pgdir" -U test -d "$1" -XAtq -v ON_ERROR_STOP=1 -c "$2"; }

# ---- the server ----

# Libraries put before the program's own come before the sanitizer's too.
export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}verify_asan_link_order=0

# launch OPTION...: starts it in the background without waiting. $wrap: words put before it.
wrap=
launch() {
	rm -f "$port_file" "$work/serve.out"
	launched_ms=$(ms_now)
	# shellcheck disable=SC2086
	$wrap "$SHANSHUI" serve --data "$data" --http "$host:0" --hj212 "$host:0" \
		--journal.reserve 1M ${db_url:+--db "$db_url"} "$@" >"$work/serve.out" 2>>"$work/serve.log" &
	server=$!
}
# await_ready: 0 when the line of the ports is there, 1 when the process ended before (status: $ended).
await_ready() {
	for _ in $(seq 15000); do
		if grep -q '^山水已就绪.*ms)' "$work/serve.out" 2>/dev/null; then
			ready_ms=$(($(ms_now) - launched_ms))
			url=http://$host:$(sed -n 's/.*http:\/\/[0-9.]*:\([0-9]*\).*/\1/p' "$work/serve.out")
			sed -n 's/.*HJ 212: \([0-9]*\).*/\1/p' "$work/serve.out" >"$port_file.new"
			mv "$port_file.new" "$port_file"
			return 0
		fi
		if ! kill -0 "$server" 2>/dev/null; then
			await_end
			return 1
		fi
		sleep 0.02
	done
	fail "五分钟内没有就绪 not ready within five minutes"
}
start() {
	launch "$@"
	await_ready || fail "没有启动 not started: $(cat "$work/serve.out")"
}
# The server itself, not what is wrapped round it.
server_pid() {
	if [ -n "$wrap" ]; then pgrep -P "$server" -f ' serve ' | head -n 1; else echo "$server"; fi
}
# crash: kill -9, as at a power cut but for the page cache.
crash() {
	pid=$(server_pid)
	[ -n "$pid" ] && kill -9 "$pid" 2>/dev/null
	await_end
}
# await_end: waits for its end, whatever ends it; its status in $ended.
ended=
await_end() {
	[ -n "$server" ] || return 0
	wait "$server" 2>/dev/null
	ended=$?
	server=
}
stop() {
	kill -TERM "$(server_pid)" 2>/dev/null
	await_end
	equal "平稳结束的返回值 status of a clean end" "$ended" 0
}
alive() { [ -n "$server" ] && kill -0 "$server" 2>/dev/null; }

get() { curl -fsS --max-time 300 "$url$1"; }
health() { curl -s --max-time 300 "$url/health"; }
# wait_for SECONDS WHAT COMMAND...: five minutes at the least, so that nothing fails on a machine with much to do. It
# rests as long as it asked: the server has other work.
wait_for() {
	wait_until=$(($(ms_now) + ($1 > 300 ? $1 : 300) * 1000)) wait_what=$2
	shift 2
	while asked_ms=$(ms_now) && ! "$@"; do
		rest_ms=$(($(ms_now) - asked_ms))
		[ "$(ms_now)" -gt $wait_until ] && fail "等不到 still not so: $wait_what"
		[ $rest_ms -gt 50 ] || rest_ms=50
		sleep $((rest_ms / 1000)).$(printf %03d $((rest_ms % 1000)))
	done
}
health_is() { [ "$(health | jq -r ".parts.$1 | if has(\"ready\") then .ready else .ok end")" = "$2" ]; }
caught_up() {
	[ "$(health | jq -r '.parts.line.cursor')" -ge "$(get /api/v1/journal/stat | jq -r .entries)" ] 2>/dev/null
}

# mount_image FILE DIRECTORY: a loop device may be taken by another between finding and using it.
mount_image() {
	for _ in $(seq 50); do
		mount -o loop "$1" "$2" 2>"$work/mount.why" && return 0
		sleep 0.1
	done
	return 1
}

# ---- devices ----

# register FIRST COUNT
register() {
	"$FAULT_DEVICE" register --first "$1" --devices "$2" >"$work/register.csv"
	curl -fsS --max-time 300 -X POST -H 'Content-Type: text/csv' --data-binary "@$work/register.csv" \
		"$url/api/v1/devices/import" >"$work/register.json" || fail "登记失败 registering failed"
}
# send NAME OPTION...: in the background; what it says goes to $work/NAME.json. Its pid in $sender.
send() {
	send_name=$1
	shift
	"$FAULT_DEVICE" send --port-file "$port_file" --ledger "$ledger.$send_name" "$@" >"$work/$send_name.json" &
	sender=$!
	senders="$senders $sender"
}
# sent PID: waits until all of it is answered.
sent() {
	wait "$1"
	equal "全部得到应答 everything was answered" $? 0
	senders=${senders/ $1/}
}
# enough PID: no new frames; waits until what is on its way is answered.
enough() {
	kill -TERM "$1" 2>/dev/null
	sent "$1"
}
# no_more_acks WHAT: nothing is acknowledged for a second; what was on its way when it stopped comes in first,
# however slow the machine is. Sets acked_then.
no_more_acks() {
	for _ in $(seq 60); do
		acked_then=$(acked)
		sleep 1
		[ "$(acked)" = "$acked_then" ] && return 0
	done
	fail "$1"
}
# many_acked NUMBER: for wait_for, before something happens "under load".
many_acked() { [ "$(acked)" -ge "$1" ]; }
acked() { cat "$ledger".* 2>/dev/null | wc -l; }
of() { jq -r ".$2" "$work/$1.json"; }

# ---- the comparison ----

# points_of FILE: every point of our devices as the public API tells it, as ledger lines.
points_of() {
	wait_for 60 "入库跟上日志 the line has caught up" caught_up
	rm -f "$work"/points.*
	: >"$work/sites"
	next=
	while :; do
		get "/api/v1/devices?q=SSFAULT&limit=1000${next:+&cursor=$next}" >"$work/page" || fail "设备列表 list of devices"
		jq -r '.items[] | "\(.site.id // .site) \(.mn)"' "$work/page" >>"$work/sites"
		next=$(jq -r '.next // empty' "$work/page")
		[ -n "$next" ] || break
	done
	get /api/v1/series/latest | jq -r '.items[] | select(.[5] != null) | "\(.[1]) \(.[0]) \(.[2])"' >"$work/latest"
	awk -v url="$url" -v out="$work/points." 'NR == FNR {mn[$1] = $2; next} $1 in mn {
		printf "url = \"%s/api/v1/series/%s/points?from=2020-01-01T00:00:00%%2B08:00&to=2037-12-31T00:00:00%%2B08:00&max=500000\"\n", url, $2
		printf "output = \"%s%s.%s\"\n", out, mn[$1], $3}' "$work/sites" "$work/latest" >"$work/curl"
	if [ -s "$work/curl" ]; then
		curl --fail-with-body --fail-early -sS --max-time 300 -K "$work/curl" || fail "读取序列 reading the points"
	fi
	find "$work" -name 'points.*' -print0 | xargs -0 -r jq -r '
		(input_filename | sub(".*/points\\."; "") | sub("\\."; " ")) as $k |
		if .sampled then "sampled" else .points[] |
			"\($k) \(.[0]) \(.[1])\(if .[2] != "N" or .[3] then " marked" else "" end)" end' >"$1"
}

# compare OPTION...: the ledger against the public query. OPTIONS: as given to the senders (--devices at
# least): nothing else may be there.
compare() {
	points_of "$work/have"
	sort "$work/have" >"$work/have.sorted"
	# A line that is just being written is not yet in the ledger; each whole one ends in .5
	grep -h '\.5$' "$ledger".* | sort -u >"$work/acked.sorted"
	kept=$(wc -l <"$work/have.sorted") ledgered=$(wc -l <"$work/acked.sorted")
	[ "$ledgered" -gt 0 ] || fail "台账是空的 the ledger is empty"
	comm -23 "$work/acked.sorted" "$work/have.sorted" >"$work/missing"
	uniq -d "$work/have.sorted" >"$work/doubled"
	"$FAULT_DEVICE" judge "$@" <"$work/have.sorted" >"$work/changed"
	for what in missing doubled changed; do
		[ -s "$work/$what" ] || continue
		head -n 5 "$work/$what"
		fail "$what: $(wc -l <"$work/$what")（已应答 acknowledged $ledgered，库中 kept $kept）"
	done
	say "   已应答 acknowledged $ledgered = 库中都在 all kept ($kept)，无重复 none twice，无改动 none changed"
}
verify() {
	"$SHANSHUI" journal verify --data "$data" --copy "$data/tips" >"$work/verify" 2>&1 ||
		fail "日志核验 journal verify: $(cat "$work/verify")"
	say "   日志核验 journal verify: $(tail -n 1 "$work/verify")"
}
# finish OPTION...: the end of every test.
finish() {
	compare "$@"
	stop
	verify
}
