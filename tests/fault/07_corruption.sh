# Row 7: single bits and 4 KiB pages go bad at random places of everything that is kept, while the server is
# stopped and while it runs. It is seen and told with the place, nothing wrong is served in silence, the
# rest goes on; the derived stores are made again from the journal, and what a bad place of the journal has
# swallowed is fetched back from the devices.
. "$(dirname "$0")/lib.sh"

set -- --devices 12 --frames 400
start --journal.tip 200ms --series.flush-time 200ms
register 0 12
send all "$@"
sent "$sender"
points_of "$work/have"
stop
sort "$work/have" >"$work/good.points"
cp -a "$data" "$work/good"
again() { rm -rf "$data"; cp -a "$work/good" "$data"; : >"$work/serve.log"; }
files() { find "$data" -type f -size +0 \( -path '*/journal/*' -o -name '*.db' -o -name '*.db-wal' \) ! -name '*.lock' | sort; }
# The end of what is written: files are longer, filled with zeros ahead.
written() { od -An -v -tx1 -w4096 "$1" | awk -v most="$(stat -c %s "$1")" '/[1-9a-f]/ {n = NR} END {n *= 4096; print n < most ? n : most}'; }

# spoil FILE HOW AT: one bit, or 4 KiB of zeros; false when that changes nothing.
spoil() {
	cp "$1" "$work/before"
	if [ "$2" = bit ]; then
		byte=$(od -An -tu1 -j "$3" -N 1 "$1" | tr -d ' ')
		printf "\\$(printf %03o $((byte ^ (1 << (RANDOM % 8)))))" | dd of="$1" bs=1 seek="$3" conv=notrunc status=none
	else
		dd if=/dev/zero of="$1" bs=4096 count=1 seek=$(($3 / 4096)) conv=notrunc status=none
	fi
	! cmp -s "$1" "$work/before"
}
# told_of: by /health, by the log, or to the one who asks (points_of keeps what he is answered).
told_of() {
	health | grep -qiE 'corrupt|损坏|failed|false|缺' ||
		cat "$work/serve.log" "$work/said" "$work"/points.* 2>/dev/null | grep -aqiE 'corrupt|损坏|malformed|缺'
}
# judged: what is served is what was there; less is allowed only when it is told.
judged() {
	if ! get /api/v1/series/latest >/dev/null 2>&1; then
		told=$((told + 1))
		return
	fi
	rm -f "$work/after"
	(points_of "$work/after") >"$work/said" 2>&1
	if [ ! -s "$work/after" ]; then
		wait_for 60 "$spot: 没有数也没有说明 nothing served and nothing told: $(cat "$work/said")" told_of
		told=$((told + 1))
		return
	fi
	sort "$work/after" >"$work/after.sorted"
	comm -13 "$work/good.points" "$work/after.sorted" >"$work/changed"
	if [ -s "$work/changed" ]; then fail "$spot: 给出别的数 other figures: $(head -n 2 "$work/changed")"; fi
	if cmp -s "$work/good.points" "$work/after.sorted"; then same=$((same + 1)); else less=$((less + 1)); fi
}

refused=0 told=0 same=0 less=0 named=0 journal_hits=0 rounds=${SS_FAULT_ROUNDS:-8}
for i in $(seq "$rounds"); do
	again
	f=$(files | sed -n "$((RANDOM % $(files | wc -l) + 1))p")
	end=$(written "$f")
	[ "$end" -gt 0 ] || continue
	how=bit
	[ $((RANDOM % 2)) = 0 ] && how=page
	spot="${f#"$data"/} $how $(((RANDOM * 32768 + RANDOM) % end))"
	spoil "$f" $how "${spot##* }" || continue
	case $f in
	*/journal/*)
		journal_hits=$((journal_hits + 1))
		"$SHANSHUI" journal verify --data "$data" --copy "$data/tips" >"$work/verify" 2>&1 || named=$((named + 1)) ;;
	esac
	launch
	if await_ready; then
		judged
		alive || fail "$spot: 崩溃 crashed"
		crash
	else
		await_end
		[ "$ended" -le 1 ] || fail "$spot: 结束码 status $ended"
		[ -s "$work/serve.log" ] || fail "$spot: 没有说明 no message"
		refused=$((refused + 1))
	fi
done
say "停时坏 $rounds 处 places gone bad while stopped: 拒绝启动并说明 refused with the place $refused，照常 unharmed $same，少而说明 less $less，说明 told $told；日志坏处由核验指出 of the journal $named / $journal_hits"

# While it runs: the page is bad when it is read next. Still answering, still alive.
for i in 1 2 3; do
	again
	start --series.flush-time 200ms
	f=$(find "$data" -name 'series.db' -o -name 'findings.db' -o -name 'dialogue.db' | sort | sed -n "${i}p")
	[ "$(written "$f")" -gt 8192 ] && spoil "$f" page $((4096 * (1 + RANDOM % ($(written "$f") / 4096 - 1))))
	spot="${f#"$data"/} 运行中 running"
	send "live$i" --first 0 --devices 3 --frames 60 --start 1793548800 --rate 60
	sent "$sender"
	alive || fail "$spot: 崩溃 crashed"
	judge_running() { get /health >/dev/null 2>&1 || health | grep -q why; }
	wait_for 10 "$spot: /health 有话 /health speaks" judge_running
	crash
	rm -f "$ledger.live$i"
done
say "   运行中坏页，照常应答 pages gone bad while running: answered all the same"

# Repair of what is derived: made again from the journal.
again
rm -f "$data"/series.db* "$data"/findings.db* "$data"/line.state
start
compare "$@"
stop
say "   观测库由日志重做 the derived stores are made again from the journal"

# Repair of the journal's own loss: hours of devices are behind a bad place; with the derived store made again
# they are missing, found as a gap, asked for, and told again by the devices.
rm -rf "$data"
: >"$work/serve.log"
start --journal.segment 1M --dialogue.own 0s --dialogue.scan 200ms --dialogue.due 0s
"$SHANSHUI" simulate --devices 100 --seed 4 --interval 60s --registry "$work/city.csv"
"$SHANSHUI" simulate --devices 100 --seed 4 --interval 60s --manners "$work/manners.csv"
curl -fsS -X POST -H 'Content-Type: text/csv' --data-binary "@$work/city.csv" "$url/api/v1/devices/import" >/dev/null
city() {
	"$SHANSHUI" simulate --devices 100 --seed 4 --interval 60s --target "$host:$(cat "$port_file")" "$@" --quiet >/dev/null 2>&1 &
	city=$!
	senders="$senders $city"
}
# hours FILE: device and hour of every hour record that the journal still tells.
hours() {
	"$SHANSHUI" journal cat --data "$data" 2>/dev/null |
		awk '/;CN=2061;/ && match($0, /;MN=[^;]*/) {
			mn = substr($0, RSTART + 4, RLENGTH - 4)
			if (match($0, /DataTime=[0-9]*/)) print mn, substr($0, RSTART + 9, RLENGTH - 9)
		}' | sort -u >"$1"
}
city --history 30h
# The second segment is spoiled: the first holds earlier hours of the same devices, without which there is no gap.
two_sealed() { [ "$(get /api/v1/journal/stat | jq .sealed)" -ge 2 ]; }
wait_for 600 "两段已封存 two segments are sealed" two_sealed
kill "$city"
wait "$city" 2>/dev/null
stop
hours "$work/hours"
f=$data/journal/segment-0000000002.zst
[ -s "$f" ] || fail "第二段没有封存 the second segment is not sealed: $(ls "$data/journal")"
spot=${f#"$data"/}
spoil "$f" page $(($(written "$f") / 2)) || fail "没有改动 nothing was changed"
# Those lost of devices without a fault or an ill manner, an earlier hour of which is still there: all must come back.
hours "$work/hours.left"
comm -23 "$work/hours" "$work/hours.left" | awk -v left="$work/hours.left" -v manners="$work/manners.csv" '
	BEGIN {
		while ((getline line <manners) > 0) if (split(line, m, ",") == 4 && m[3] == "" && m[4] ~ /^(keeps)?$/) able[m[1]] = 1
		while ((getline <left) > 0) if (!($1 in first)) first[$1] = $2
	}
	able[$1] && ($1 in first) && first[$1] < $2' >"$work/hours.lost"
[ -s "$work/hours.lost" ] || fail "坏页里没有能补回的小时记录 no hour record that can be told again is lost"
rm -f "$data"/series.db* "$data"/findings.db* "$data"/dialogue.db* "$data"/line.state
launch --dialogue.own 0s --dialogue.scan 200ms --dialogue.due 0s --dialogue.gap-rate 6000 \
	--dialogue.gap-in-flight 64 --hj212.command-timeout 20s --hj212.command-resends 1
if await_ready; then
	wait_for 60 "日志坏处已说明 the bad place is told" grep -aqE '损坏|damaged' "$work/serve.log"
	city
	told_again() {
		hours "$work/hours.now"
		[ -z "$(comm -23 "$work/hours.lost" "$work/hours.now")" ]
	}
	wait_for 900 "缺口由设备补齐 filled by the devices" told_again
	asked=$(get /metrics | awk '$1 == "shanshui_dialogue_gaps_asked_total" {print $2}')
	filled() { [ "$(get '/api/v1/gaps?state=filled&cn=2061&limit=1000' | jq '[.items[] | select(.asked > 0)] | length')" -gt 0 ]; }
	wait_for 300 "缺口记为补齐 the gap is told as filled" filled
	say "   日志坏一页：由设备补回 a page of the journal gone: $(wc -l <"$work/hours.lost") 条小时记录 hour records told again，请求 requests $asked"
	crash
else
	await_end
	[ "$ended" -le 1 ] && [ -s "$work/serve.log" ] || fail "日志坏页：没有说明 no message"
	say "   日志坏一页：拒绝启动并说出位置 refused with the place: $(tail -n 1 "$work/serve.log" | cut -c1-200)"
fi
kill "$city" 2>/dev/null
exit 0
