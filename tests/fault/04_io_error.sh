# Row 4: write or sync says EIO. Nothing is acknowledged from then on, /health says so, what is kept
# stays readable, a restart recovers.
. "$(dirname "$0")/lib.sh"

set -- --devices 10 --frames 1000000 --rate 100
start
register 0 10
stop

not_ready() { [ "$(health | jq -r .status)" != ready ]; }
# fails FAULT N MORE PART...: from the N-th call on (MORE is + for all behind it too); one of these parts of /health
# must say it, $part is the one. Met while it still opens its stores, it is refused and told; then a later call fails.
says() {
	for part in $parts; do health_is "$part" false && return 0; done
	return 1
}
fails() {
	parts=${*:4}
	for n in "$2" $(($2 * 2)) $(($2 * 4)) $(($2 * 8)); do
		launch --series.flush-time 300ms --drill.fault "$1:$n$3"
		await_ready && break
		[ "$ended" -le 1 ] && [ -s "$work/serve.log" ] || fail "$1:$n: 启动时的结束码 status at the start: $ended"
	done
	alive || fail "$1: 没有启动 not started"
	wait_for 60 "$1: /health 说 $parts 不可用 says so" says
	equal "$1: /health" "$(curl -s -o /dev/null -w '%{http_code}' "$url/health")" 503
	[ "$part" != journal ] || no_more_acks "$1: 出错后不再应答 nothing is acknowledged after it"
	get /api/v1/series/latest >/dev/null || fail "$1: 读不了 cannot be read"
	get "/api/v1/journal/entries?limit=5" >/dev/null || fail "$1: 日志读不了 the journal cannot be read"
	say "   $1: $(health | jq -c ".parts.$part")"
	kill -TERM "$(server_pid)"
	await_end
	[ "$ended" -le 1 ] || fail "$1: 结束码 status $ended"
}

send live "$@"
live=$sender
for first in $(seq 1 19 "${SS_FAULT_ROUNDS:-1}"); do
	for fault in datasync:eio pwritev:eio pwritev:short; do
		fails "$fault" "$((first + 5))" "" journal
	done
done
# The database that meets it first may be any; with every call behind it failing too, that of the observations or of
# the findings, at which the line stops, meets it as well.
fails dbsync:eio 6 + series line
fails dbwrite:eio 20 + series line
start
acked_then=$(acked)
more() { [ "$(acked)" -gt "$acked_then" ]; }
wait_for 20 "重启后又应答 acknowledges again after the restart" more
enough "$live"
finish --devices 10
