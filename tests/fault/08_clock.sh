# Row 8: the platform's clock jumps back and forward (hours, a year, a leap day, a month's end), and
# devices whose clocks are years off. No timer stops, nothing acknowledged is lost or doubled, hours have
# each record once, a connection lives as long as it should, and the jump is told; implausible device
# times are counted and kept, not dropped, and disturb nobody.
. "$(dirname "$0")/lib.sh"

: "${FAULT_CLOCK:?}"
export SS_FAULT_CLOCK=$work/clock
echo 0 >"$SS_FAULT_CLOCK"
wrap="env LD_PRELOAD=$FAULT_CLOCK"
server_pid() { echo "$server"; }
jump() { # seconds from the true clock, words
	echo "$1" >"$SS_FAULT_CLOCK.new"
	mv "$SS_FAULT_CLOCK.new" "$SS_FAULT_CLOCK"
	before=$(acked)
	wait_for 20 "跳变后仍应答（$2） answers after the jump" test_more
}
test_more() { [ "$(acked)" -gt $((before + 20)) ]; }
of_metric() { get /metrics | awk -v n="$1" '$1 == n {print $2}'; }
until_date() { echo $(($(date -d "$1" +%s) - $(date +%s))); }

begin=$(($(date +%s) - 60))
set -- --devices 20 --start $begin --step 1
start --series.flush-time 300ms --hj212.idle 4s --hj212.command-timeout 500ms --hj212.command-resends 1
register 0 30
send live "$@" --frames 100000 --rate 5
live=$sender
before=0
wait_for 20 "开始应答 the first answers" test_more

# A connection that is silent from now on: it must not end at once by a jump, and must end by itself.
exec 6<>"/dev/tcp/$host/$(cat "$port_file")"
printf '##0' >&6
jump 10800 "向前三小时 three hours forward"
jump -10800 "向后三小时 three hours back"
jump $((365 * 86400)) "向前一年 a year forward"
jump "$(until_date '2028-02-29 23:59:58')" "闰日 a leap day"
jump -72000 "向后二十小时 twenty hours back"
jump "$(until_date '2026-12-31 23:59:58')" "年末 a year's end"
# A command to a device that does not answer ends by the time-outs, not by the wall clock.
mn=$(get '/api/v1/devices?q=SSFAULT&limit=1' | jq -r '.items[0].mn')
t0=$(ms_now)
curl -s --max-time 60 -X POST -H 'Content-Type: application/json' --data '{"cn":1011}' \
	"$url/api/v1/devices/$mn/commands" >"$work/command" &
asked=$!
jump -3600 "命令途中 during a command"
wait $asked
took=$(($(ms_now) - t0))
equal "无应答的命令以失败告终 a command without an answer fails" "$(jq -r .state "$work/command")" failed
jump 0 "回到正确时间 right again"
enough "$live"
if timeout 300 cat <&6 >/dev/null; then say "   静默的连接自己关闭 the silent connection was closed"; else fail "静默的连接没有关闭 the silent connection never ended"; fi
exec 6>&-
jumps=$(of_metric shanshui_gateway_clock_jumps_total)
[ "$jumps" -ge 8 ] || fail "跳变没有被记下 jumps were not counted: $jumps"
grep -aq '平台时钟跳变' "$work/serve.log" || fail "日志没有说明跳变 the log does not tell of the jumps"
say "跳变 jumps: $jumps，最久无应答 longest without an answer $(of live longest_ms) ms，命令 command $took ms"

# Device clocks: 1970, 2038, 2099, a year ahead, a year behind. Answered and kept all of them.
mkdir "$work/odd"
n=20
for at in 0 2147483600 4070880000 $((begin + 31536000)) $((begin - 31536000)); do
	send "odd$n" --first $n --devices 1 --start "$at" --step 1 --frames 6
	sent "$sender"
	mv "$ledger.odd$n" "$work/odd/$n"
	equal "设备时钟 $at：每帧都应答 device clock: every frame was answered" "$(($(wc -l <"$work/odd/$n") / 2))" 6
	n=$((n + 1))
done
wait_for 20 "入库跟上 the line has caught up" caught_up
equal "不可信的时间计数而不入库 implausible times are counted, not kept as values" \
	"$(of_metric shanshui_line_outside_window_total)" 24
kept=0
for d in 20 21 22 23; do
	kept=$((kept + $("$SHANSHUI" journal cat --data "$data" 2>/dev/null | grep -ac "MN=SSFAULT$(printf %017d $d);.*CN=2011\|CN=2011;.*MN=SSFAULT$(printf %017d $d);")))
done
equal "原帧都在日志里 their frames stand in the journal" "$kept" 24

# Every record once in its hour: the hours add up to the points.
site=$(get "/api/v1/devices/$mn" | jq -r .site.id)
id=$(get /api/v1/series/latest | jq -r --argjson s "$site" '[.items[] | select(.[1] == $s and .[5] != null)][0][0]')
span='from=2026-01-01T00:00:00%2B08:00&to=2037-12-31T00:00:00%2B08:00'
settled() {
	points=$(get "/api/v1/series/$id/points?$span&max=500000" | jq '.points | length')
	hours=$(get "/api/v1/series/$id/rollup?period=hour&$span" | jq '[.points[][4]] | add')
	[ "$points" -gt 10 ] && [ "$hours" = "$points" ]
}
wait_for 30 "各小时的条数之和等于点数 the hours add up to the points" settled
points_of "$work/all"
behind=SSFAULT$(printf %017d 24)
equal "慢一年的设备有值 the device a year behind has values" "$(grep -c "^$behind " "$work/all")" 12
points_of() { grep -v "^$behind " "$work/all" >"$1"; }
compare "$@" --frames 100000
stop
verify
