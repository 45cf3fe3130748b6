# Row 18 with the record in PostgreSQL. A database as an earlier release left it is killed before the n-th command of the
# upgrade, meets a full disk: each migration is then whole there or not at all, the
# next start ends the upgrade, nothing acknowledged is lost. A database of a later release is refused, and left as it was.
SS_FAULT_ENGINE=pgsql
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/upgrade.sh"
rounds=${SS_FAULT_ROUNDS:-5}
source=$(cd "$(dirname "$0")/../.." && pwd)/src
set -- --devices 5 --frames 40

# again NAME: the folder and the database, both called so, become those at hand.
again() {
	rm -rf "$data"
	cp -a "$work/$1" "$data"
	pg dropdb -h "$pgdir" -U test --if-exists --force now || fail "dropdb: $(tail -n 3 "$work/pg.said")"
	pg_new now -T "$1" "${@:2}"
}
schema() { pg_dump -s -h "$pgdir" -U test "$1" | grep -Ev '^(--|\\(un)?restrict|$)' | sort; }
done_in() { psql_in "$1" 'select feature, number, name, digest from schema_migration union all select feature, number, name, digest from business.schema_migration order by 1, 2'; }

pg_start
pg_new good
start
register 0 5
send all "$@"
sent "$sender"
wait_for 60 "入库跟上 caught up" caught_up
stop
schema good >"$work/schema.new"
cp -a "$data" "$work/good"

# As an earlier release left it: the register without attributes of sites, findings without the views of the review, no
# accounts and no business yet. What a migration makes is told by its text.
pg_new old -T good
made_by() { sed -nE 's/^create (table|view) (if not exists )?([a-z_]+).*/\3/Ip' "$1"; }
text_of() { # FEATURE NAME
	for text in "$source"/*/"$1"/sql/migrations/"$2".pgsql.sql "$source"/*/"$1"/sql/migrations/"$2".sql; do
		[ -f "$text" ] && echo "$text" && return
	done
}
gone='registry|0002-site-attribute findings|0003-review access|0001-access'
for row in $gone; do
	for made in $(made_by "$(text_of "${row%|*}" "${row#*|}")"); do
		psql_in old "do \$\$ begin if exists (select 1 from pg_views where viewname = '$made') then drop view $made; else drop table $made cascade; end if; end \$\$" ||
			fail "旧版的库 the earlier database"
	done
	psql_in old "delete from schema_migration where feature = '${row%|*}' and name = '${row#*|}'"
done
business=$(psql_in good "select feature || '|' || name from business.schema_migration")
psql_in old 'drop schema business cascade' 2>/dev/null || fail "旧版的库 the earlier database"
cp -a "$work/good" "$work/old"
rm -f "$work/old/setup.token"
schema old | cmp -s - "$work/schema.new" && fail "旧库与新库相同 the old one is as the new one"

# whole WHEN: what a migration makes is there, all of it, where it is recorded, and nothing of it where it is not.
whole() {
	psql_in now "select relname from pg_class c join pg_namespace n on n.oid = c.relnamespace where relkind in ('r', 'v') and nspname in ('public', 'business')" >"$work/there"
	psql_in now "select feature || '|' || name from schema_migration" >"$work/recorded"
	psql_in now "select feature || '|' || name from business.schema_migration" >>"$work/recorded" 2>/dev/null
	for row in $gone $business; do
		made_by "$(text_of "${row%|*}" "${row#*|}")" | sort -u >"$work/made"
		[ -s "$work/made" ] || continue
		here=$(grep -cxFf "$work/made" "$work/there")
		want=0
		if grep -qxF "$row" "$work/recorded"; then want=$(wc -l <"$work/made") new=1; else old=1; fi
		equal "$1 $row" "$here" "$want"
	done
}
# upgraded WHEN: the next start ends it; all is new then.
upgraded() {
	start
	stop
	schema now | cmp -s - "$work/schema.new" || fail "$1: 升级后不同 differs after the upgrade: $(schema now | diff - "$work/schema.new" | head -n 5)"
}

old= new=
kill_sweep "$rounds" 2 '条命令 commands'
[ -n "$old" ] && [ -n "$new" ] || fail "没有一次停在中间 never was it in the middle"

# A disk with no space left but for the log of the server: the tables of the upgrade cannot be made.
mkdir "$work/tiny"
if mount -t tmpfs -o size=64m,mode=755 none "$work/tiny" 2>/dev/null; then
	mounted="$mounted $work/tiny"
	mkdir "$work/tiny/s"
	[ "$(id -u)" != 0 ] || chown postgres "$work/tiny/s"
	psql_in postgres "create tablespace tiny location '$work/tiny/s'" || fail "tablespace"
	again old -D tiny
	psql_in now 'select 1' >/dev/null # a new database's first connection writes a file of its own
	dd if=/dev/zero of="$work/tiny/full" bs=64k status=none 2>/dev/null
	: >"$work/serve.log"
	launch
	await_ready && fail "盘满仍升级 upgraded on a full disk"
	grep -aqE 'SS_ENOSPC|磁盘已满|disk is full|No space' "$work/serve.log" "$work/serve.out" || fail "没有说明盘满 not told: $(tail -n 2 "$work/serve.log")"
	whole "盘满 disk full"
	rm "$work/tiny/full"
	upgraded "盘满 disk full"
	say "升级中盘满 disk full in the upgrade: 拒绝 refused，有空间后完成 done when there is space"
else
	say "未跑 not run: 盘满 disk full（不能挂载 cannot mount）"
fi

say "新版的库 databases of a later release"
for row in public.registry public.series public.audit business.things; do
	again good
	psql_in now "insert into ${row%.*}.schema_migration values ('${row#*.}', 9001, '9001-later', 'd', 0)"
	done_in now >"$work/before"
	: >"$work/serve.log"
	launch
	await_ready && fail "$row: 旧程序打开了新版的库 an older program opened a newer database"
	grep -q '9001-later 比本程序新' "$work/serve.log" || fail "$row: 没有说明 not told: $(cat "$work/serve.log")"
	done_in now | cmp -s - "$work/before" || fail "$row: 被改动了 was changed"
	say "   拒绝 refused: $(grep -m 1 9001-later "$work/serve.log" | cut -c1-120)"
done

again old
start
compare "$@"
send more "$@" --start 1793548800
sent "$sender"
stop
verify
