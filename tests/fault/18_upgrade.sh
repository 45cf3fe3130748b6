# Row 18: an upgrade of the schema that is interrupted. Databases of an earlier release are killed before the n-th write
# of the upgrade, and meet a full disk there: each is then whole old or whole new, the next start ends the upgrade,
# and nothing acknowledged is lost. A database of a later release is refused in clear words, and left as it was.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/upgrade.sh"
command -v sqlite3 >/dev/null || not_run "没有 sqlite3"
rounds=${SS_FAULT_ROUNDS:-9}
source=$(cd "$(dirname "$0")/../.." && pwd)/src/record
databases="record findings series dialogue audit access business"
set -- --devices 5 --frames 40

schema() { sqlite3 "$1" "select type, name, sql from sqlite_master where name not like 'sqlite_%' order by 1, 2"; }
done_in() { sqlite3 "$1" 'select feature, number, name, digest from schema_migration order by 1, 2'; }
again() { rm -rf "$data"; cp -a "$work/$1" "$data"; }

start
register 0 5
send all "$@"
sent "$sender"
wait_for 60 "入库跟上 caught up" caught_up
stop
for db in $databases; do schema "$data/$db.db" >"$work/$db.new"; done
cp -a "$data" "$work/good"

# As an earlier release left it: the register without attributes of sites, findings without the views of the review,
# no accounts and no business yet.
sqlite3 "$data/record.db" "drop table site_attribute; delete from schema_migration where feature = 'registry' and number > 1"
for view in $(sed -n 's/^CREATE VIEW \([a-z_]*\) .*/\1/p' "$source/findings/sql/migrations/0003-review.sqlite.sql"); do
	echo "drop view $view;"
done | sqlite3 "$data/findings.db"
sqlite3 "$data/findings.db" "delete from schema_migration where feature = 'findings' and number > 2"
rm -f "$data"/access.db* "$data"/business.db* "$data"/setup.token
for db in record findings; do schema "$data/$db.db" >"$work/$db.old"; done
cmp -s "$work/record.old" "$work/record.new" && fail "旧库与新库相同 the old one is as the new one"
cp -a "$data" "$work/old"

# whole WHEN: each database is good in itself, and whole old or whole new.
whole() {
	for db in $databases; do
		[ -s "$data/$db.db" ] || continue
		equal "$1 $db 完好 good" "$(sqlite3 "$data/$db.db" 'pragma integrity_check')" ok
		[ -f "$work/$db.old" ] || continue
		schema "$data/$db.db" >"$work/now"
		number=$(sqlite3 "$data/$db.db" "select max(number) from schema_migration where feature in ('registry', 'findings')")
		was=new
		case $db$number in record1 | findings2) was=old ;; esac
		cmp -s "$work/now" "$work/$db.$was" || fail "$1 $db: 记为 recorded as $was（$number），结构却不是 but is not: $(diff "$work/now" "$work/$db.$was" | head -n 3)"
		eval "${db}_$was=1"
	done
}
# upgraded WHEN: the next start ends it; all is new then.
upgraded() {
	start
	stop
	for db in $databases; do
		schema "$data/$db.db" | cmp -s - "$work/$db.new" || fail "$1 $db: 升级后不同 differs after the upgrade"
	done
}

record_old= record_new= findings_old= findings_new=
kill_sweep "$rounds" 4 '次写 writes'
[ -n "$record_old$findings_old" ] || fail "没有一次停在旧的 never was it old"
[ -n "$record_new$findings_new" ] || fail "没有一次停在新的 never was it new"

full=0
for i in 1 3 5; do
	again old
	: >"$work/serve.log"
	launch --drill.fault "dbwrite:enospc:$((1 + (i - 1) * most / 8))+"
	if await_ready; then crash; else
		full=$((full + 1))
		grep -aqE 'SS_ENOSPC|磁盘已满|disk is full' "$work/serve.log" || fail "没有说明盘满 not told: $(tail -n 2 "$work/serve.log")"
	fi
	whole "盘满 disk full $i"
	upgraded "盘满 disk full $i"
done
[ $full -gt 0 ] || fail "盘满没有碰到升级 the full disk never met the upgrade"
say "升级中盘满 disk full in the upgrade: 拒绝 refused $full 次，有空间后完成 done when there is space"

say "新版的库 databases of a later release"
for db in $databases; do
	again good
	feature=$(sqlite3 "$data/$db.db" 'select feature from schema_migration limit 1')
	sqlite3 "$data/$db.db" "insert into schema_migration values ('$feature', 9001, '9001-later', 'd', 0)"
	done_in "$data/$db.db" >"$work/before"
	: >"$work/serve.log"
	launch
	await_ready && fail "$db: 旧程序打开了新版的库 an older program opened a newer database"
	grep -q '9001-later 比本程序新' "$work/serve.log" || fail "$db: 没有说明 not told: $(cat "$work/serve.log")"
	done_in "$data/$db.db" | cmp -s - "$work/before" || fail "$db: 被改动了 was changed"
	say "   拒绝 refused: $(grep -m 1 9001-later "$work/serve.log" | cut -c1-120)"
done

again old
start
compare "$@"
send more "$@" --start 1793548800
sent "$sender"
stop
verify
