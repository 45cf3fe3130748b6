# ClickHouse from Debian: MergeTree, RowBinary over HTTP, no fsync.
clickhouse_config() {
	cat >"$T/ch/config.xml" <<X
<yandex><logger><level>warning</level><log>$T/ch/log</log><errorlog>$T/ch/err</errorlog></logger>
<http_port>$p</http_port><tcp_port>$((p + 1))</tcp_port><interserver_http_port>$((p + 2))</interserver_http_port>
<listen_host>127.0.0.1</listen_host><path>$T/ch/data/</path><tmp_path>$T/ch/tmp/</tmp_path>
<users_config>users.xml</users_config><default_profile>default</default_profile><default_database>default</default_database>
<mark_cache_size>1073741824</mark_cache_size><timezone>Asia/Shanghai</timezone></yandex>
X
	cat >"$T/ch/users.xml" <<X
<yandex><profiles><default><max_memory_usage>8000000000</max_memory_usage></default></profiles>
<users><default><password></password><networks><ip>127.0.0.1</ip></networks><profile>default</profile><quota>default</quota></default></users>
<quotas><default><interval><duration>3600</duration><queries>0</queries><errors>0</errors><result_rows>0</result_rows><read_rows>0</read_rows><execution_time>0</execution_time></interval></default></quotas></yandex>
X
}
clickhouse_ask() {
	ask ClickHouse "$1" "$u/?query=$(printf '%s' "$2 FORMAT JSONCompact" | sed 's/ /%20/g; s/>/%3E/g; s/</%3C/g; s/=/%3D/g; s/(/%28/g; s/)/%29/g; s/,/%2C/g; s/*/%2A/g')"
}
clickhouse() {
	which clickhouse-server >/dev/null || { missing ClickHouse 'no clickhouse-server'; return; }
	p=$(port 18523)
	mkdir -p "$T/ch/data" "$T/ch/tmp"
	clickhouse_config
	clickhouse-server --config-file="$T/ch/config.xml" >"$T/ch/out" 2>&1 &
	pid=$!
	pids="$pids $pid"
	u=http://127.0.0.1:$p
	until_ok 200 curl -fs "$u/ping" || { echo 'ClickHouse did not start'; tail -3 "$T/ch/out" "$T/ch/err"; return; }
	for w in W L; do
		"$B/bench_export" rowbinary $w >"$T/rows"
		curl -fs "$u/" --data-binary "create table $w (ts DateTime, station UInt32, factor UInt8, v Float64, mark UInt8) engine = MergeTree partition by toYYYYMM(ts) order by (factor, station, ts)"
		c=$(cpu $pid) t=$(now)
		curl -fs -T "$T/rows" -X POST "$u/?query=insert%20into%20$w%20format%20RowBinary" || echo 'ClickHouse: load failed'
		t=$(minus "$(now)" "$t")
		curl -fs "$u/" --data-binary "optimize table $w final"
		c=$(minus "$(cpu $pid)" "$c")
		size=$(curl -fs "$u/" --data-binary "select sum(bytes_on_disk) from system.parts where active and table = '$w'")
		fact ClickHouse $w "$(points_of $w)" "$t" "$c" "$size"
		rm -f "$T/rows"
	done
	clickhouse_ask q1 "select toUInt32(ts), v, mark from L where factor = 0 and station = 1007 order by ts"
	clickhouse_ask q2 "select toStartOfHour(ts) as h, avg(v), min(v), max(v), count() from L where factor = 0 and station = 1007 group by h order by h"
	clickhouse_ask q3 "select factor, station, max(ts), argMax(v, ts), argMax(mark, ts) from W group by factor, station"
	clickhouse_ask q4 "select station, toStartOfHour(ts) as h, avg(v), min(v), max(v), count() from W where factor = 0 group by station, h order by station, h"
	clickhouse_ask q5 "select station, max(v) as m from W where factor = 0 group by station order by m desc limit 20"
	kill $pid
	wait $pid 2>/dev/null
}
