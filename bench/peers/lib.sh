# Shared by the peers. T is the folder of the run, B the folder of the benches, S the server.
quiet() { "$@" >/dev/null 2>&1; }
missing() { printf '没有运行 not run: %s（%s）\n' "$1" "$2"; }

# CPU seconds of a process and of its ended children.
cpu() {
	sed 's/.*) //' "/proc/$1/stat" | awk -v hz="$(getconf CLK_TCK)" '{ printf "%.2f", ($12 + $13 + $14 + $15) / hz }'
}
now() { date +%s.%N; }
minus() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.3f", a - b }'; }
bytes() { du -sb "$1" | cut -f1; }

# A free port of loopback: the kernel's own choice would be held by nobody after, so one is tried.
port() {
	p=$1
	while quiet curl -s --max-time 1 "http://127.0.0.1:$p/" || grep -q "$(printf ':%04X ' "$p")" /proc/net/tcp; do p=$((p + 1)); done
	printf '%s' "$p"
}
# until N-tenths COMMAND...
until_ok() {
	tries=$1
	shift
	until quiet "$@"; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] || return 1
		sleep 0.1
	done
}
# fact STORE WORKLOAD POINTS SECONDS CPU BYTES
fact() {
	awk -v s="$1" -v w="$2" -v n="$3" -v t="$4" -v c="$5" -v b="$6" 'BEGIN {
		printf "%-14s %s  %8.2f M points/s  %7.3f CPU-s per M points  %6.2f bytes a point  (%.2f M points)\n",
			s, w, n / t / 1e6, c / (n / 1e6), b / n, n / 1e6 }'
}
# Times of one request, 31 times over one connection: median in ms and the size of the answer. A
# fragment is never sent, so it makes curl ask again. What is not 200 fails.
ask() {
	store=$1 name=$2 url=$3
	curl -gs -o /dev/null "$url" # once to warm up
	curl -s -o /dev/null -w '%{http_code} %{time_total} %{size_download}\n' "$(printf '%s' "$url" | sed 's/\[/\\[/g; s/\]/\\]/g; s/{/\\{/g; s/}/\\}/g')#[1-31]" |
		spread "$store" "$name"
}
# Lines "code seconds bytes" to one line of median and the 29th of 31.
spread() {
	sort -k2 -n | awk -v s="$1" -v q="$2" '
		$1 != 200 { bad = $1 }
		{ t[NR] = $2; size = $3 }
		END {
			if (NR == 0 || bad) { printf "%-14s %s  FAILED %s\n", s, q, bad; exit }
			printf "%-14s %s  median %9.3f ms  p95 %9.3f ms  %9d bytes\n", s, q,
				t[int((NR + 1) / 2)] * 1000, t[int(NR * 0.95)] * 1000, size }'
}
points_of() { [ "$1" = W ] && echo "$POINTS_W" || echo "$POINTS_L"; }
T0=1793808000          # 2026-11-05 00:00 +08:00
HALF=$((T0 + 43200))   # 12 hours
MONTH=$((T0 + 2592000))
