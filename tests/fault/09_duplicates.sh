# Row 9: every frame three times, on two connections at once, before and after a restart.
. "$(dirname "$0")/lib.sh"

set -- --devices 20 --frames 60
start
register 0 20
send a "$@" --copies 3
a=$sender
send b "$@" --copies 3
sent "$a"
sent "$sender"
[ $(($(of a answers) + $(of b answers))) -ge $((20 * 60 * 6)) ] ||
	fail "每一份都应答 each copy is answered: $(of a answers) + $(of b answers)"
say "每帧六份，两条连接：应答 answers $(of a answers) + $(of b answers)"
compare "$@"
equal "一帧一条 one record a frame" "$kept" $((20 * 60 * 2))
stop
start
send again "$@" --copies 3
sent "$sender"
say "重启后再发 again after a restart: $(of again answers)"
compare "$@"
equal "一帧一条 one record a frame" "$kept" $((20 * 60 * 2))
stop
verify
