# Row 25: a network that delays, cuts everything into pieces and resets connections in the middle of
# frames and of answers. Devices send again; nothing is lost, nothing is there twice, one slow peer stops
# nobody.
. "$(dirname "$0")/lib.sh"

set -- --devices 40 --frames 120
start
register 0 50
direct=$port_file
"$FAULT_DEVICE" proxy --port-file "$direct" --out "$work/proxy_port" --seed 5 --reset 6 >"$work/proxy.json" &
proxy=$!
senders="$senders $proxy"
wait_for 5 "proxy" test -s "$work/proxy_port"
port_file=$work/proxy_port
send bad "$@"
bad=$sender
port_file=$direct
send good --first 40 --devices 10 --frames 600 --rate 100
sent "$sender"
sent "$bad"
kill -TERM $proxy
wait $proxy
[ "$(of bad drops)" -gt 40 ] || fail "网络不够坏 the network was not bad enough: $(of bad drops)"
say "坏网络 bad network: $(of bad acked) 帧，断 drops $(of bad drops)，重发共 sent $(of bad sent)；同时好网络 the others: 最久无应答 longest wait $(of good longest_ms) ms"
compare --devices 50
equal "都在 all is there" "$kept" $(((40 * 120 + 10 * 600) * 2))
stop
verify
