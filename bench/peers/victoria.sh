# VictoriaMetrics from Debian: influx lines over HTTP, no flags.
victoria() {
	which victoria-metrics >/dev/null || { missing VictoriaMetrics 'no victoria-metrics'; return; }
	p=$(port 18428)
	for w in W L; do
		victoria-metrics -storageDataPath="$T/vm$w" -httpListenAddr="127.0.0.1:$p" -retentionPeriod=100y \
			-search.latencyOffset=0s -search.maxPointsPerTimeseries=100000 -search.maxStalenessInterval=5m \
			>"$T/vm.log" 2>&1 &
		pid=$!
		pids="$pids $pid"
		u=http://127.0.0.1:$p
		until_ok 100 curl -fs "$u/health" || { echo "VictoriaMetrics did not start"; tail -3 "$T/vm.log"; return; }
		"$B/bench_export" influx $w >"$T/influx"
		c=$(cpu $pid) t=$(now)
		curl -fs -T "$T/influx" -X POST "$u/write" || echo 'VictoriaMetrics: load failed'
		curl -fs "$u/internal/force_flush"
		t=$(minus "$(now)" "$t")
		sleep 2
		c=$(minus "$(cpu $pid)" "$c")
		curl -fs "$u/internal/force_merge"
		sleep 2
		fact VictoriaMetrics $w "$(points_of $w)" "$t" "$c" "$(bytes "$T/vm$w")"
		rm -f "$T/influx"
		if [ $w = L ]; then
			ask VictoriaMetrics q1 "$u/api/v1/export?match[]=o_w01018{station=\"1007\"}&start=$T0&end=$MONTH"
			ask VictoriaMetrics q2 "$u/api/v1/query_range?query=avg_over_time(o_w01018{station=\"1007\"}[1h])&start=$T0&end=$MONTH&step=1h&nocache=1"
		else
			ask VictoriaMetrics q3 "$u/api/v1/query?query={__name__=~\"o_w.*\"}&time=$((HALF - 60))&nocache=1"
			ask VictoriaMetrics q4 "$u/api/v1/query_range?query=avg_over_time(o_w01018[1h])&start=$((T0 + 3600))&end=$HALF&step=1h&nocache=1"
			ask VictoriaMetrics q5 "$u/api/v1/query?query=topk(20,max_over_time(o_w01018[12h]))&time=$HALF&nocache=1"
		fi
		kill $pid
		wait $pid 2>/dev/null
		rm -rf "$T/vm$w"
	done
}
