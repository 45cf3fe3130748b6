# Row 24: 200 descriptors and 400 devices that stay. Accepting pauses without turning in circles, HTTP,
# journal and database still work; when the first leave the others are served.
. "$(dirname "$0")/lib.sh"

ulimit -n 1024
start
register 0 400
stop
wrap="prlimit --nofile=200:200"
command -v prlimit >/dev/null || not_run "没有 no prlimit"
server_pid() { echo "$server"; } # prlimit becomes the server
start --series.flush-time 200ms
equal "描述符上限 the limit" "$(awk '/open files/ {print $4}' "/proc/$server/limits")" 200
send crowd --devices 400 --frames 100000 --rate 2
crowd=$sender
metric() { get /metrics | awk -v n="shanshui_gateway_$1" '$1 == n {print $2}'; }
full() { [ "$(metric connections)" -ge 104 ] && [ "$(metric accept_pauses_total)" -gt 0 ]; } # 200 less 96 for files, database, web
wait_for 60 "接满而暂停接入 as many as there is room for, and accepting pauses" full
alive || fail "服务停了 the server has ended"
all_ready() { [ "$(health | jq -r .status)" = ready ]; }
for _ in $(seq 5); do
	wait_for 30 "/health ready" all_ready
	get /api/v1/series/latest >/dev/null || fail "读不了 cannot be read"
done
# While it is full: every turn of a gateway's loop has a cause. A frame makes at most a few (bytes, the
# journal's sync), a pause one each 20 ms; a loop in circles makes a hundred thousand a second.
t_then=$(ms_now) turns_then=$(metric turns_total) frames_then=$(metric frames_total) acked_then=$(acked)
more() { [ "$(acked)" -gt $((acked_then + 800)) ]; }
wait_for 60 "满时日志仍走 the journal still moves when full" more
turns=$(($(metric turns_total) - turns_then)) frames=$(($(metric frames_total) - frames_then)) took=$(($(ms_now) - t_then))
say "   满时 $took ms 内应答 acknowledged: $((($(acked) - acked_then) / 2)) 帧，循环 turns $turns"
most=$((frames * 6 + (took / 10 + 10) * $(nproc)))
[ $turns -le $most ] || fail "空转 turns in circles: $turns 轮，至多 at most $most（$frames 帧，$took ms）"
wait_for 30 "仍然接满 still full" full
enough "$crowd"
# Everybody once, each leaves when answered.
send once --devices 400 --frames 3 --start 1795000000 --step 1
sent "$sender"
say "   400 台都得到应答 all 400 were answered: $(of once acked) 帧，$(of once ms) ms"
stop
wrap=
start
finish --devices 400 --step 1
