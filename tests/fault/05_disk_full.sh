# Row 5: the disk fills while devices send. No acknowledgement without room, what is kept stays readable,
# and it goes on by itself when there is room again. The store is a small tmpfs.
. "$(dirname "$0")/lib.sh"

mkdir "$work/disk"
mount -t tmpfs -o size=64m none "$work/disk" 2>/dev/null || not_run "这台机器不许挂载 mounting is not allowed here"
mounted=$work/disk
data=$work/disk/data

# Not faster: a slow machine must not fill the disk before the test does.
set -- --devices 10 --frames 1000000 --rate 20
start --series.flush-time 300ms --journal.segment 1M
register 0 10
send live "$@"
live=$sender
# The server itself gives room back now and then (a file that could not be finished): taken at once.
keep_full() {
	while cat /dev/zero >>"$work/disk/filler"; sleep 0.01; do :; done 2>/dev/null &
	filling=$!
}
no_longer_full() {
	kill "$filling" 2>/dev/null
	wait "$filling" 2>/dev/null
	rm "$work/disk/filler"
}
points() { get /api/v1/series/latest | jq '.items | length'; }
some_points() { [ "$(points)" -gt 0 ]; }
wait_for 30 "有值可读 there is something to read" some_points
for i in $(seq "${SS_FAULT_ROUNDS:-2}"); do
	sleep "0.$(printf %03d $((RANDOM % 900)))"
	keep_full
	wait_for 30 "/health 说磁盘已满 says the disk is full" health_is journal false
	equal "/health" "$(curl -s -o /dev/null -w '%{http_code}' "$url/health")" 503
	no_more_acks "满时不应答 nothing is acknowledged while it is full"
	alive || fail "服务停了 the server has ended"
	some_points || fail "满时读不了 nothing can be read while it is full"
	get "/api/v1/journal/entries?limit=5" >/dev/null || fail "满时日志读不了 the journal cannot be read"
	no_longer_full
	freed=$(ms_now)
	wait_for 30 "有了空间自己继续 goes on by itself" health_is journal true
	more() { [ "$(acked)" -gt "$acked_then" ]; }
	wait_for 30 "又应答 acknowledges again" more
	say "   第 $i 次 round: 腾出空间后 after space is back $(($(ms_now) - freed)) ms 又应答 acknowledges again"
	all_ready() { [ "$(health | jq -r .status)" = ready ]; }
	wait_for 30 "/health ready" all_ready
done
enough "$live"
finish --devices 10
