# Row 1: kill -9 at any moment while devices send: at random times, before the n-th sync, write and
# rename (the fault layer dies before the call), and before the n-th fdatasync of the system (strace).
. "$(dirname "$0")/lib.sh"

rounds=${SS_FAULT_ROUNDS:-12}
busy="--series.flush-time 100ms --journal.tip 200ms --journal.segment 1M"
set -- --devices 20 --frames 1000000 --window 16 --rate 100

# shellcheck disable=SC2086
start $busy
register 0 20
send live "$@"
live=$sender
slowest=0
note_ready() { [ "$ready_ms" -gt $slowest ] && slowest=$ready_ms; }

for _ in $(seq "$rounds"); do
	sleep "0.$(printf %03d $((RANDOM % 400)))"
	crash
	# shellcheck disable=SC2086
	start $busy
	note_ready
done
say "随机时刻 at random times: $rounds 次 kills，最慢 slowest start $slowest ms，已应答 acknowledged $(acked)"
crash

# n_th CALL: dies before its n-th call; the process may still be starting then. The next start serves.
n_th() {
	# shellcheck disable=SC2086
	launch $busy --drill.fault "$1:kill:$2"
	await_ready || [ "$ended" = 137 ] || fail "--drill.fault $1:kill:$2: $(cat "$work/serve.log")"
	for _ in $(seq 100); do
		alive || break
		sleep 0.02
	done
	if alive; then crash; else await_end; fi
}
n=0
for i in $(seq "$rounds"); do
	for call in datasync pwritev dbwrite dbsync sync rename; do
		[ $((i % 4)) -eq 0 ] || [ $((n % 2)) -eq 0 ] || { n=$((n + 1)); continue; }
		n_th $call $((1 + RANDOM % (i * 8)))
		n=$((n + 1))
	done
	[ $n -ge $((rounds * 2)) ] && break
done
# shellcheck disable=SC2086
start $busy
note_ready
say "第 n 次调用之前 before the n-th call: $n 次，已应答 acknowledged $(acked)"

if command -v strace >/dev/null && strace -f -qq -o /dev/null true 2>/dev/null; then
	for i in $(seq $((rounds / 4))); do
		crash
		wrap="strace -f -qq -o /dev/null -e trace=fdatasync -e inject=fdatasync:signal=SIGKILL:when=$((1 + RANDOM % (20 * i)))"
		# shellcheck disable=SC2086
		launch $busy
		await_ready
		for _ in $(seq 150); do
			alive || break
			sleep 0.02
		done
		if alive; then crash; else await_end; fi
		wrap=
		# shellcheck disable=SC2086
		start $busy
		note_ready
	done
	say "第 n 次 fdatasync（strace）: $((rounds / 4)) 次，已应答 acknowledged $(acked)"
else
	say "   未跑 not run: strace 不可用 is not available here"
fi
enough "$live"
say "最慢启动 slowest start: $slowest ms"
finish --devices 20
