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
# judged: what is served is what was there; less is allowed only when it is told.
judged() {
	if ! get /api/v1/series/latest >/dev/null 2>&1; then
		told=$((told + 1))
		return
	fi
	(points_of "$work/after") >"$work/points.out" 2>&1
	if [ ! -s "$work/after" ]; then
		health | grep -qiE 'corrupt|损坏|failed|false|缺' || grep -aqiE 'corrupt|损坏|malformed|缺' "$work/serve.log" "$work/points.out" ||
			fail "$spot: 没有数也没有说明 nothing served and nothing told: $(cat "$work/points.out")"
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

# Repair of the journal's own loss: four hours of a device are behind a bad place; with the derived store made
# again they are missing, found as a gap, asked for, and told again by the device.
rm -rf "$data"
: >"$work/serve.log"
start --journal.segment 1M --dialogue.own 0s --dialogue.scan 200ms --dialogue.due 0s
"$SHANSHUI" simulate --devices 100 --seed 4 --interval 60s --registry "$work/city.csv"
curl -fsS -X POST -H 'Content-Type: text/csv' --data-binary "@$work/city.csv" "$url/api/v1/devices/import" >/dev/null
city() {
	"$SHANSHUI" simulate --devices 100 --seed 4 --interval 60s --target "127.0.0.1:$(cat "$port_file")" "$@" --quiet >/dev/null 2>&1 &
	city=$!
	senders="$senders $city"
}
city --history 30h
taken_in() { [ "$(get /api/v1/summary | jq .frames.total)" -gt 1000 ] && caught_up; }
wait_for 60 "历史已收 the history is in" taken_in
sleep 1
wait_for 60 "入库跟上 the line has caught up" caught_up
kill "$city"
wait "$city" 2>/dev/null
stop
f=$(find "$data/journal" -type f ! -name "*.raw" -size +8k | sort | sed -n 2p)
[ -n "$f" ] || fail "没有封存的段 no sealed segment"
spot=${f#"$data"/}
spoil "$f" page $(($(written "$f") / 2)) || fail "没有改动 nothing was changed"
rm -f "$data"/series.db* "$data"/findings.db* "$data"/dialogue.db* "$data"/line.state
launch --dialogue.own 0s --dialogue.scan 200ms --dialogue.due 0s --dialogue.gap-rate 6000 \
	--hj212.command-timeout 1s --hj212.command-resends 1
if await_ready; then
	wait_for 30 "日志坏处已说明 the bad place is told" grep -aqE '损坏|damaged' "$work/serve.log"
	city
	of_metric() { get /metrics | awk -v n="$1" '$1 == n {print $2}'; }
	asked() { [ "$(of_metric shanshui_dialogue_gaps_asked_total)" -gt 0 ]; }
	wait_for 60 "缺口已发现并补取 the gap is found and asked for" asked
	# Some of the city's devices have lost records, refuse, are mute or away: those gaps say so. At first all are away.
	fetched() { get '/api/v1/gaps?state=filled&cn=2061&limit=1000' | jq '[.items[] | select(.asked > 0) | .expected] | add // 0'; }
	filled() { [ "$(get '/api/v1/gaps?state=open&cn=2061&limit=1000' | jq '[.items[] | select(.why == "")] | length')" = 0 ] && [ "$(fetched)" -gt 0 ]; }
	wait_for 300 "缺口由设备补齐，或说明为何没有 filled by the devices, or said why not" filled
	say "   日志坏一页：由设备补回 a page of the journal gone: $(fetched) 条小时记录 hour records fetched back，请求 requests $(of_metric shanshui_dialogue_gaps_asked_total)"
	crash
else
	await_end
	[ "$ended" -le 1 ] && [ -s "$work/serve.log" ] || fail "日志坏页：没有说明 no message"
	say "   日志坏一页：拒绝启动并说出位置 refused with the place: $(tail -n 1 "$work/serve.log" | cut -c1-200)"
fi
kill "$city" 2>/dev/null
exit 0
