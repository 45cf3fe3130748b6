# Row 2: the power goes. The store is an ext4 in a loop file; at random moments the server is stopped
# in its tracks, the file is copied as the disk stood (nothing of the page cache is in it), and the
# copy is mounted and served. Every acknowledged value must be in the copy.
. "$(dirname "$0")/lib.sh"

rounds=${SS_FAULT_ROUNDS:-4}
image=$work/disk.img
[ "$(id -u)" = 0 ] || not_run "挂载须为 root mounting needs root"
command -v mkfs.ext4 >/dev/null || not_run "没有 no mkfs.ext4"
truncate -s 512M "$image"
mkfs.ext4 -q -F "$image" 2>/dev/null || not_run "mkfs.ext4"
mkdir "$work/disk" "$work/copy"
mount_image "$image" "$work/disk" || not_run "这台机器不许挂载 mounting is not allowed here"
mounted="$work/disk $work/copy"
data=$work/disk/data

disk_stat=/sys/class/block/$(basename "$(findmnt -no SOURCE "$work/disk")")/stat
# cut: the disk as it stands between two writes; the kernel writes on while the file is being copied, and then it is
# copied anew.
writes() { awk '{print $5, $9}' "$disk_stat"; }
cut() {
	until [ "$(writes)" = "${before:=$(writes)}" ] && [ "${before#* }" = 0 ] &&
		cp --sparse=always "$image" "$work/cut.img" && [ "$(writes)" = "$before" ]; do
		before=
		sleep 0.02
	done
	before=
}
# Not faster: however long a slow machine takes, the disk must not be full before the end.
set -- --devices 10 --frames 1000000 --window 16 --rate 40
start --series.flush-time 100ms
register 0 10
send live "$@"
live=$sender
for i in $(seq "$rounds"); do
	at_least=$(($(acked) + 100))
	wait_for 60 "其间有应答 something is acknowledged meanwhile" many_acked $at_least
	sleep "0.$(printf %03d $((RANDOM % 700)))"
	kill -STOP "$server"
	cut
	grep -h '\.5$' "$ledger".* >"$work/ledger_then"
	kill -CONT "$server"
	mount_image "$work/cut.img" "$work/copy" || fail "挂载不了断电时的盘 the disk of the cut cannot be mounted: $(cat "$work/mount.why")"
	(
		server= senders= mounted= data=$work/copy/data port_file=$work/port2
		trap '[ -n "$server" ] && kill -9 "$server"' EXIT
		ledger=$work/cut
		rm -f "$work/cut".*
		cp "$work/ledger_then" "$work/cut.then"
		work=$work/w
		mkdir -p "$work"
		start
		compare --devices 10
		stop
		verify
		rm -rf "$work"
	) || fail "断电第 $i 次 power cut $i"
	umount "$work/copy"
done
enough "$live"
say "断电 power cuts: $rounds，已应答 acknowledged $(acked)"
finish --devices 10
