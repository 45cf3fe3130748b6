# Row 23: memory runs out: one call in so many fails (a library put before malloc), and the address space
# has no room (RLIMIT_AS). Work may be refused; the process does not die, what was acknowledged is there,
# and it serves fully again when there is memory.
. "$(dirname "$0")/lib.sh"

: "${FAULT_MALLOC:?}"
control=$work/malloc
export SS_FAULT_MALLOC=$control
# Under a sanitizer: its reports end the process like a signal, and what OpenSSL itself lets go of when it
# has no memory is not ours. The address space it takes for itself leaves RLIMIT_AS no meaning.
echo 'leak:libcrypto.so' >"$work/leaks"
export ASAN_OPTIONS=$ASAN_OPTIONS:exitcode=134 LSAN_OPTIONS=suppressions=$work/leaks:print_suppressions=0
no_leaks() { ! grep -q 'LeakSanitizer: detected' "$work/serve.log" || fail "没有归还的内存 memory not given back"; }
printf '0 0\n' >"$control"
set -- --devices 20 --frames 1000000 --rate 50

# At start: the n-th call fails. It starts all the same or says why; it never dies of a signal once a file
# of the store is open. (Before that, OpenSSL 3.0 follows a null pointer when the 40 allocations of its own
# context fail: nothing is at risk then, and a supervisor starts it again.)
store=$data ok=0 refused=0 before=0
server_pid() { echo "$server"; }
for i in $(seq "${SS_FAULT_ROUNDS:-16}"); do
	data=$store.$i
	wrap="env LD_PRELOAD=$FAULT_MALLOC SS_FAULT_MALLOC_NTH=$((i < 8 ? i * 3 : RANDOM % 4000))"
	launch
	if await_ready; then
		ok=$((ok + 1))
		stop
	elif [ "$ended" -lt 128 ]; then
		refused=$((refused + 1))
	else
		[ ! -e "$data/journal" ] || fail "第 n 次分配失败时死于信号 died of signal $((ended - 128)): $wrap"
		before=$((before + 1))
	fi
	no_leaks
	rm -rf "$data"
done
data=$store
say "启动时第 n 次分配失败 the n-th allocation fails at the start: 照常启动 started $ok，说明后退出 refused $refused，打开数据之前崩溃 crashed before opening $before"

wrap="env LD_PRELOAD=$FAULT_MALLOC"
start --series.flush-time 300ms
register 0 20
send live "$@"
live=$sender
for one_in in 1000 100 20 3; do
	printf '%d\n' $one_in >"$control"
	for _ in $(seq 10); do
		curl -s --max-time 5 -o /dev/null "$url/api/v1/series/latest"
		sleep 0.1
	done
	printf '0\n' >"$control"
	sleep 0.3
	alive || { await_end; fail "每 $one_in 次分配失败一次时停了 ended ($ended) when one allocation in $one_in fails"; }
done
acked_then=$(acked)
more() { [ "$(acked)" -gt "$acked_then" ]; }
wait_for 30 "又应答 acknowledges again" more
say "   分配失败之后 after allocations failed: $(health | jq -c '[.status, .parts.journal.ready, .parts.series.ready, .parts.line.ok]')"
wait_for 30 "日志恢复 the journal has recovered" health_is journal true

room=$(awk '/VmSize/ {print $2 * 1024 + 4194304}' "/proc/$server/status")
if [ -n "${SS_FAULT_SANITIZE:-}" ]; then
	say "   RLIMIT_AS：检查器自占地址空间，此项只在发布版里做 done in the release build only, a sanitizer fills the address space"
elif command -v prlimit >/dev/null; then
	prlimit --pid "$server" --as="$room:" || fail prlimit
	for _ in $(seq 20); do
		curl -s --max-time 5 -o /dev/null "$url/api/v1/series/latest"
		sleep 0.05
	done
	alive || { await_end; fail "RLIMIT_AS: 停了 ended ($ended)"; }
	prlimit --pid "$server" --as=unlimited: || fail prlimit
	say "   RLIMIT_AS +4 MiB: 服务仍在 still serving"
fi
acked_then=$(acked)
wait_for 30 "又应答 acknowledges again" more
enough "$live"
if [ "$(health | jq -r .status)" != ready ]; then # says so itself; the restart recovers
	say "   $(health | jq -c .parts)"
	kill -TERM "$server"
	await_end
	wrap=
	start
fi
finish --devices 20
