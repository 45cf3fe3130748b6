# Rows 11 and 14 for the whole server: devices that leave after every answer, ten thousand connections
# and more, while the server is killed and started under them. (Half-open connections, storms and slow
# peers by themselves: fault.gateway_fault and the wire tests.)
. "$(dirname "$0")/lib.sh"

want=${SS_FAULT_CONNECTS:-10000}
set -- --devices 200 --frames $((want / 200)) --window 1 --churn 1
start
register 0 200
send live "$@"
live=$sender
kills=0
while kill -0 "$live" 2>/dev/null; do
	sleep 0.7
	[ $kills -lt 4 ] || continue
	crash
	start
	kills=$((kills + 1))
done
sent "$live"
[ "$(of live connects)" -ge "$want" ] || fail "连接数 connections: $(of live connects)"
say "连接 connections $(of live connects)，其间 kill -9 $kills 次，用时 $(of live ms) ms"
given_back() { fds=$(find "/proc/$server/fd" -mindepth 1 | wc -l) && [ "$fds" -lt 150 ]; }
wait_for 60 "描述符放回 descriptors are given back" given_back
say "   之后描述符 descriptors afterwards: $fds"
finish "$@"
