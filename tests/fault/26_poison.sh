# Row 26: an entry that brings the process down (drill). After three tries it is set aside and told of;
# everything else, before and behind it, is served; the entry itself stays in the journal, and a rebuild
# without the drill brings its values in.
. "$(dirname "$0")/lib.sh"

# Device 3, frame 40: 2026-11-01 00:40:00.
poison='MN=SSFAULT00000000000000003;Flag=5;CP=&&DataTime=20261101004000;'
set -- --devices 10 --frames 100
start
register 0 10
stop
start --line.drill-poison "$poison"
send all "$@"
set_aside() { [ "$(get /metrics 2>/dev/null | awk '/^shanshui_line_poison_total/ {print $2}')" = 1 ]; }
deaths=0
while [ $deaths -lt 5 ]; do
	for _ in $(seq 4000); do # it dies of the entry or has set it aside
		alive || break
		set_aside && break
		sleep 0.03
	done
	alive && break
	await_end
	equal "崩溃的信号 dies of SIGABRT" "$ended" 134
	deaths=$((deaths + 1))
	until launch --line.drill-poison "$poison" && await_ready; do
		equal "崩溃的信号 dies of SIGABRT" "$ended" 134
		deaths=$((deaths + 1))
		[ $deaths -lt 5 ] || break
	done
done
equal "三次之后搁置 set aside after three crashes" $deaths 3
sent "$sender"
equal "shanshui_line_poison_total" "$(get /metrics | awk '/^shanshui_line_poison_total/ {print $2}')" 1
grep -aq '搁置' "$work/serve.log" || fail "日志里没有说 the log does not tell of it"
points_of "$work/have"
sort "$work/have" >"$work/have.sorted"
grep -h '\.5$' "$ledger".* | sort -u | comm -23 - "$work/have.sorted" >"$work/missing"
equal "只少被搁置的一帧 only the frame set aside is missing" "$(cut -d' ' -f1,3 "$work/missing" | sort -u)" \
	"SSFAULT00000000000000003 1793464800000"
stop
say "崩溃 crashes: $deaths，搁置 set aside: 1 条，其余 the others: $(wc -l <"$work/have.sorted") 点"
rm -f "$data"/series.db* "$data"/findings.db* "$data/line.state"
start
finish "$@"
