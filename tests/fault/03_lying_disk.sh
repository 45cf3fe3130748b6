# Row 3: a disk that said "written" and was not. What was acknowledged cannot be had back from nowhere;
# the restart must see it and say where, and never serve silent nonsense.
. "$(dirname "$0")/lib.sh"

set -- --devices 10 --frames 300
start --journal.tip 200ms --series.flush-time 200ms
register 0 10
send all "$@"
sent "$sender"
points_of "$work/have"
stop
cp -a "$data" "$work/good"

again() { rm -rf "$data"; cp -a "$work/good" "$data"; }
raw() { find "$data/journal" -name '*.raw' | sort | tail -n 1; }
length() { stat -c %s "$1"; }
# The end of what is written: the file may be longer, filled with zeros ahead.
written() { LC_ALL=C tr '\0' '\n' <"$1" | wc -c >/dev/null; od -An -v -tx1 -w4096 "$1" | awk '/[1-9a-f]/ {n = NR} END {print n * 4096}'; }

told() { grep -qiE 'corrupt|损坏|缺' "$work/serve.log" || [ "$(health | jq -r .status)" != ready ]; }
# seen WHAT: the start is refused with a message, or verify and /health or the log name the place.
seen() {
	: >"$work/serve.log"
	launch
	if await_ready; then
		wait_for 60 "$1: 没有发现 not seen" told
		say "   $1: 启动后说明 told after the start: $(grep -aE 'corrupt|损坏|缺' "$work/serve.log" | head -n 1 | cut -c1-160)"
		crash
	else
		await_end
		[ "$ended" -le 1 ] || fail "$1: 结束码 status $ended"
		[ -s "$work/serve.log" ] || fail "$1: 没有说明 no message"
		say "   $1: 拒绝启动 refused: $(grep -a -m 1 . "$work/serve.log" | cut -c1-200)"
	fi
	if "$SHANSHUI" journal verify --data "$data" --copy "$data/tips" >"$work/verify" 2>&1; then
		[ "${2:-}" = derived ] || fail "$1: journal verify 说完好 says good"
	fi
}

f=$(raw)
again
truncate -s $(($(written "$f") / 2 / 4096 * 4096)) "$f"
seen "日志后半没有写上 the second half of the journal was not written"
again
f=$(raw)
dd if=/dev/zero of="$f" bs=4096 count=1 seek=$(($(written "$f") / 8192)) conv=notrunc status=none
seen "日志中间 4 KiB 没有写上 4 KiB in the middle were not written"
again
rm -f "$(raw)"
seen "整个段文件丢失 a whole segment is gone"
# Everything that vouches for the end is gone with it; only the derived store has been further.
again
f=$(raw)
truncate -s $(($(written "$f") / 2 / 4096 * 4096)) "$f"
rm -rf "$data"/tips/* "$data"/journal/*.chain "$data"/journal/*tip*
seen "日志尾与锚点都没有写上 the end and the tips with it" derived
# The derived store may be rebuilt: damage there must not become wrong figures.
again
rm -f "$data"/series.db-wal "$data"/series.db-shm
dd if=/dev/zero of="$data/series.db" bs=4096 count=1 seek=$(($(length "$data/series.db") / 8192)) conv=notrunc status=none
: >"$work/serve.log"
launch
if await_ready; then
	(points_of "$work/after") >"$work/said" 2>&1
	: >>"$work/after"
	sort "$work/have" >"$work/have.sorted"
	sort "$work/after" | comm -13 "$work/have.sorted" - >"$work/changed"
	[ -s "$work/changed" ] && fail "坏的观测库给出别的数 a damaged store gave other figures"
	crash
else
	await_end
	say "   观测库损坏：拒绝启动 refused: $(grep -a -m 1 . "$work/serve.log" | cut -c1-200)"
fi
rm -f "$data"/series.db* "$data"/findings.db*
start
finish "$@"
