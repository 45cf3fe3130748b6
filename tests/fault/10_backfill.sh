# Row 10: a month in any order, and 100 devices that send their past at full speed while 300 report live.
. "$(dirname "$0")/lib.sh"

hours=$((${SS_FAULT_DAYS:-5} * 24))
start --series.flush-time 500ms
register 0 400
send live --first 0 --devices 300 --frames 100000 --rate 1 --start $(($(date +%s) - 60)) --step 1
live=$sender
wait_for 60 "实时有应答 live values are acknowledged" many_acked 300
send past --first 300 --devices 100 --frames $hours --step 3600 --shuffle 7 --window 32
sent "$sender"
enough "$live"
say "补报 backfill: $(of past acked) 帧 frames，$(of past ms) ms；同时实时 live meanwhile: $(of live acked) 帧，最久无应答 longest without an answer $(of live longest_ms) ms"
compare --devices 400 --step 1
grep -c 'SSFAULT0000000000000[3]' "$work/have" >/dev/null
equal "补报一点不少 the whole past is there" "$(awk '{d = substr($1, 8) + 0} d >= 300' "$work/have" | wc -l)" $((100 * hours * 2))
stop
verify
shuffled=$work/have.sorted
awk '{d = substr($1, 8) + 0} d >= 300' "$shuffled" >"$work/past.shuffled"

# The same past in order in another store: the same values, and the same bytes of the store.
data=$work/data2
rm -f "$ledger".*
start
register 300 100
send ordered --first 300 --devices 100 --frames $hours --step 3600 --window 32
sent "$sender"
compare --first 300 --devices 100 --step 3600
stop
awk '{d = substr($1, 8) + 0} d >= 300' "$work/have.sorted" | cmp -s - "$work/past.shuffled" ||
	fail "次序看得出来 the order can be seen"
say "   乱序与顺序结果相同 shuffled and in order: the same"
