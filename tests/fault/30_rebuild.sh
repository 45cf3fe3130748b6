# Rebuild: the derived store thrown away after crashes, late, doubled and shuffled data, and made again
# from the journal, is the same: same points, same `series digest`.
. "$(dirname "$0")/lib.sh"

set -- --devices 20 --frames 400
start --series.flush-time 200ms
register 0 20
send a "$@" --shuffle 3 --rate 150
a=$sender
wait_for 60 "有应答 something is acknowledged" many_acked 400
crash
start --series.flush-time 200ms
send b "$@" --copies 2 --shuffle 9
sent "$a"
sent "$sender"
compare "$@"
cp "$work/have.sorted" "$work/before"
stop
before=$("$SHANSHUI" series digest --data "$data") || fail "series digest"
for i in 1 2; do
	rm -f "$data"/series.db* "$data"/findings.db*
	rebuilt=$(ms_now)
	start
	compare "$@"
	rebuilt=$(($(ms_now) - rebuilt))
	stop
	equal "重建后 series digest after the rebuild" "$("$SHANSHUI" series digest --data "$data")" "$before"
done
cmp -s "$work/before" "$work/have.sorted" || fail "重建后的点不同 the points differ"
say "重建 rebuilt twice: $before"
verify
