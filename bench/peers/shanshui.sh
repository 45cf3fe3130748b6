# Ours: the store loaded by bench_series (its own line of figures: in process, synced), then
# `shanshui serve` on that folder, asked over HTTP with JSON like the others.
shanshui() {
	for w in W L; do
		mkdir -p "$T/ss$w"
		"$B/bench_series" $w "sqlite:$T/ss$w/series.db" >"$T/series.txt" 2>&1 || { cat "$T/series.txt"; return; }
		awk -v w=$w '/^rate to the store/ { r = $5 } /^CPU per M/ { c = $5 } /^whole store/ { b = $3 } /^points/ { n = $2 }
			END { printf "%-14s %s  %8.2f M points/s  %7.3f CPU-s per M points  %6.2f bytes a point  (%.2f M points)\n", "Shanshui", w, r, c, b, n }' "$T/series.txt"
		"$S" serve --data "$T/ss$w" --http 127.0.0.1:0 --hj212 127.0.0.1:0 --log.level error >"$T/ss.out" 2>"$T/ss.log" &
		pid=$!
		pids="$pids $pid"
		until_ok 200 grep -q ready "$T/ss.out" || { echo 'shanshui did not start'; tail -3 "$T/ss.log"; return; }
		u=$(sed -n 's/.*\(http:\/\/[0-9.:]*\).*/\1/p' "$T/ss.out")/api/v1
		id=$(curl -fs "$u/series/latest?factor=w01018&stat=Rtd" | sed 's/.*"items"://; s/\],\[/\n/g' | awk -F, '{ gsub(/\[/, ""); if ($2 == 1007) print $1 }')
		if [ $w = L ]; then
			ask Shanshui q1 "$u/series/$id/points?from=2026-11-05T00:00:00&to=2026-12-05T00:00:00&max=500000"
			ask Shanshui q2 "$u/series/$id/rollup?from=2026-11-05T00:00:00&to=2026-12-05T00:00:00&period=hour"
		else
			ask Shanshui q3 "$u/series/latest"
			ask Shanshui q4 "$u/series/matrix?factor=w01018&from=2026-11-05T00:00:00&to=2026-11-05T12:00:00"
			ask Shanshui q5 "$u/series/top?factor=w01018&from=2026-11-05T00:00:00&to=2026-11-05T12:00:00"
		fi
		kill $pid
		wait $pid 2>/dev/null
		rm -rf "$T/ss$w"
	done
}
