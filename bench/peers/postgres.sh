# PostgreSQL 15: COPY binary into a narrow table with a BRIN index on the time. fsync is off, which
# favours it.
postgres_ask() {
	{ printf '\\timing on\n\\o /dev/null\n'; for i in $(seq 11); do printf '%s;\n' "$2"; done; } |
		psql -X -q -d postgres | awk '/^Time:/ { print 200, $2 / 1000, 0 }' | tail -n 10 | spread PostgreSQL "$1"
}
postgres() {
	pg=/usr/lib/postgresql/15/bin
	[ -x $pg/initdb ] && which psql >/dev/null || { missing PostgreSQL 'no postgresql-15'; return; }
	d=$(mktemp -d /tmp/ss_pg_XXXXXX)
	chown postgres "$d"
	runuser -u postgres -- $pg/initdb -D "$d/d" -A trust -U bench -E UTF8 --locale=C.UTF-8 --no-sync >/dev/null
	printf "listen_addresses=''\nunix_socket_directories='%s'\nfsync=off\nsynchronous_commit=off\nfull_page_writes=off\nshared_buffers=512MB\nmax_wal_size=8GB\n" "$d" >>"$d/d/postgresql.conf"
	runuser -u postgres -- $pg/pg_ctl -D "$d/d" -w -t 20 -l "$d/log" start >/dev/null
	pgdir=$d
	export PGHOST="$d" PGUSER=bench
	pid=$(head -n 1 "$d/d/postmaster.pid")
	for w in W L; do
		"$B/bench_export" pgcopy $w >"$d/rows"
		psql -X -q -d postgres -c "create table $w (series int, ts timestamptz, v float8, mark smallint); create index on $w using brin (ts)"
		c=$(cpu "$pid") t=$(now)
		psql -X -q -d postgres -c "copy $w from '$d/rows' (format binary)" || echo 'PostgreSQL: load failed'
		t=$(minus "$(now)" "$t")
		sleep 0.5
		c=$(minus "$(cpu "$pid")" "$c")
		size=$(psql -X -At -d postgres -c "select pg_total_relation_size('$w')")
		fact PostgreSQL $w "$(points_of $w)" "$t" "$c" "$size"
		rm -f "$d/rows"
		psql -X -q -d postgres -c "analyze $w"
	done
	postgres_ask q1 'select ts, v, mark from l where series = 56 order by ts'
	postgres_ask q2 "select date_trunc('hour', ts) h, avg(v), min(v), max(v), count(*) from l where series = 56 group by h order by h"
	postgres_ask q3 "select distinct on (series) series, ts, v, mark from w where ts >= to_timestamp($HALF - 300) order by series, ts desc"
	postgres_ask q4 "select series, date_trunc('hour', ts) h, avg(v), min(v), max(v), count(*) from w where series % 8 = 0 group by series, h"
	postgres_ask q5 'select series, max(v) m from w where series % 8 = 0 group by series order by m desc limit 20'
	runuser -u postgres -- $pg/pg_ctl -D "$d/d" -m immediate stop >/dev/null
	rm -rf "$d"
	pgdir=
}
