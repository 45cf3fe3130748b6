# Row 6: the file system turns read-only under load, as ext4 does after an error of the disk. As row 4.
. "$(dirname "$0")/lib.sh"

image=$work/disk.img
[ "$(id -u)" = 0 ] || not_run "挂载须为 root mounting needs root"
command -v mkfs.ext4 >/dev/null || not_run "没有 no mkfs.ext4"
truncate -s 512M "$image"
mkfs.ext4 -q -F "$image" 2>/dev/null || not_run "mkfs.ext4"
mkdir "$work/disk"
mount_image "$image" "$work/disk" || not_run "这台机器不许挂载 mounting is not allowed here"
mounted=$work/disk
data=$work/disk/data

set -- --devices 10 --frames 1000000 --rate 100
start --series.flush-time 300ms
register 0 10
send live "$@"
live=$sender
wait_for 60 "有应答 something is acknowledged" many_acked 200
# Files are open for writing, so a plain remount is refused; this is what an error of the disk does.
mount -o remount,ro "$work/disk" 2>/dev/null || mount -o remount,abort "$work/disk" 2>/dev/null
touch "$work/disk/probe" 2>/dev/null && not_run "盘变不成只读 the disk cannot be made read-only here"
wait_for 30 "/health 说写不了 says it cannot write" health_is journal false
equal "/health" "$(curl -s -o /dev/null -w '%{http_code}' "$url/health")" 503
no_more_acks "只读后不应答 nothing is acknowledged"
get /api/v1/series/latest >/dev/null || fail "读不了 cannot be read"
say "   $(health | jq -c .parts.journal)"
kill -TERM "$server"
await_end
[ "$ended" -le 1 ] || fail "结束码 status $ended"
wait_for 60 umount umount "$work/disk"
mount_image "$image" "$work/disk" || fail "再挂载 mount again: $(cat "$work/mount.why")"
start
more() { [ "$(acked)" -gt "$acked_then" ]; }
wait_for 30 "重启后又应答 acknowledges again after the restart" more
enough "$live"
finish --devices 10
