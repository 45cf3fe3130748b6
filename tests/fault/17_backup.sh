# Row 17: backup beside a running server, restore to a moment. What was acknowledged until then is there, nothing
# of what came after; journal and audit hold; the node says that it was restored; a damaged backup is refused.
. "$(dirname "$0")/lib.sh"
if [ $engine = pgsql ]; then
	pg_start
	pg_new lost
else
	command -v sqlite3 >/dev/null || not_run "没有 sqlite3"
fi
program() { "$SHANSHUI" "$@" >>"$work/said" 2>&1; }
iso_now() { date -u +%Y-%m-%dT%H:%M:%S.%6NZ; }
# backup NAME: into $work/NAME and $work/NAME.keys
backup() { program backup --data "$data" ${db_url:+--db "$db_url"} --out "$work/$1" --keys "$work/$1.keys" || fail "备份 backup: $(tail -n 3 "$work/said")"; }
# audited ACTION: how many rows of the audit have it.
audited() {
	audited_sql="select count(*) from audit where action = '$1'"
	if [ -n "$db_url" ]; then psql_in new "$audited_sql"; else sqlite3 "file:$data/audit.db?mode=ro" "$audited_sql"; fi
}
# refused WORDS COMMAND...: it fails and says why.
refused() {
	refused_words=$1
	shift
	: >"$work/said"
	program "$@" && fail "本应拒绝 should have been refused: $*"
	grep -q "$refused_words" "$work/said" || fail "没有说明 no such word: $refused_words: $(cat "$work/said")"
	say "   拒绝 refused: $(head -n 1 "$work/said" | cut -c1-150)"
}

start --journal.tip 200ms --series.flush-time 200ms --audit.tip 200ms
register 0 10
send first --devices 10 --frames 60
sent "$sender"
# The backup is made while they go on: none waits for it.
send during --devices 10 --start 1793466000 --frames 100000 --rate 20
backup night
wait_for 60 "其间有新的应答 acknowledged meanwhile" eval '[ "$(wc -l <"$ledger.during")" -gt 20 ]'
enough "$sender"
sleep 0.01
moment=$(iso_now)
sort -u "$ledger.first" "$ledger.during" >"$work/until"
sleep 0.01
# What comes after the moment must not be there: other devices, and an act.
register 100 5
send after --first 100 --devices 5 --frames 30
sent "$sender"
backup noon
# What it has signed of them is kept elsewhere.
signed() {
	get /api/v1/journal/stat >"$work/stat" && jq -e '.tip_group >= .groups' "$work/stat" >/dev/null &&
		cmp -s "$data/journal/tips" "$data"/tips/journal-*.tips
}
wait_for 60 "锚点及副本 the tips and their copy" signed
crash # the machine is gone

say "恢复到一刻 restored to a moment: $moment"
lost_db=$db_url
[ -z "$db_url" ] || pg_new new
program restore --from "$work/night" --journal "$work/noon" --keys "$work/night.keys" --data "$work/new" ${db_url:+--db "$db_url"} --to "$moment" ||
	fail "恢复 restore: $(tail -n 3 "$work/said")"
tail -n 1 "$work/said"
mv "$data" "$work/lost"
mv "$work/new" "$data"
equal "密钥只有本人可读 a key is for the owner only" "$(stat -c %a "$data/journal/node.key")" 600
rm -f "$ledger".*
cp "$work/until" "$ledger.until"
if [ -n "$db_url" ]; then
	# The database of the lost machine is ahead of these files: they do not start with it.
	new_db=$db_url db_url=$lost_db
	launch
	await_ready && fail "旧机器的库也开了 the database of the lost machine was taken"
	say "   拒绝 refused: $(tail -n 2 "$work/serve.log" | head -n 1 | cut -c1-150)"
	db_url=$new_db
fi
start --journal.tip 200ms --series.flush-time 200ms
equal "代 epoch" "$(health | jq .epoch)" 1
compare --devices 10 --frames 100000
grep -q 'restored from a backup' "$work/serve.log" || fail "日志没有说明 the log does not say so"
[ "$(get '/api/v1/devices?q=SSFAULT&limit=1000' | jq '[.items[] | select(.mn | test("100|101|102|103|104"))] | length')" = 0 ] ||
	fail "其后登记的设备也在 devices registered after it are there"
wait_for 60 "审计里有恢复 the audit has the restore" eval \
	'[ "$(audited node.restore)" = 1 ]'
# It goes on from there.
send again --devices 10 --start 1794662400 --frames 20
sent "$sender"
stop
verify
"$SHANSHUI" audit verify --data "$data" ${db_url:+--db "$db_url"} >"$work/audit" || fail "审计核验 audit verify: $(cat "$work/audit")"
say "   $(cat "$work/audit")"
# What the lost machine signed after the moment is still evidence against the copy.
if "$SHANSHUI" journal verify --data "$data" --copy "$work/lost/tips" >"$work/verify" 2>&1; then
	fail "旧机器的锚点没有显出缺失 the tips of the lost machine do not show what is missing"
fi

say "坏的备份 a damaged backup"
[ -z "$db_url" ] || pg_new spare
try() { refused "$1" restore --from "$work/bad" --keys "${2:-$work/noon.keys}" --data "$work/new" ${db_url:+--db "$db_url"}; }
spoil() { rm -rf "$work/bad"; cp -a "$work/noon" "$work/bad"; }
files="record.db audit.db" cut=business.db gone=access.db
[ -z "$db_url" ] || files=database.dump cut=database.dump gone=database.dump
for file in $files journal/tips "journal/$(basename "$(find "$work/noon/journal" -name 'segment-*' | head -n 1)")"; do
	spoil
	printf '\377' | dd of="$work/bad/$file" bs=1 seek=$(($(stat -c %s "$work/bad/$file") / 2)) conv=notrunc status=none
	try 已损坏
done
spoil
truncate -s -1 "$work/bad/$cut"
try 已损坏
spoil
rm "$work/bad/$gone"
try 缺失
spoil
sed -i 's/"reaches_us":1/"reaches_us":2/' "$work/bad/backup.json"
try 签名不符
spoil
rm "$work/bad/backup.sig"
try 签名
mkdir "$work/no.keys"
spoil
try 密钥夹 "$work/no.keys"
"$SHANSHUI" ca key --out "$work/no.keys/node.key"
try 签名不符 "$work/no.keys"
from_noon() { refused "$1" restore --from "$work/noon" --keys "$work/noon.keys" ${db_url:+--db "$db_url"} --data "$2" "${@:3}"; }
from_noon 不是空的 "$data"
from_noon 只能恢复到 "$work/new" --to "$moment"
refused 已经存在 backup --data "$data" ${db_url:+--db "$db_url"} --out "$work/noon" --keys "$work/other.keys"
if [ -n "$db_url" ]; then
	equal "拒绝之后库还是空的 the database is still empty" "$(psql_in spare "select count(*) from pg_tables where schemaname = 'public'")" 0
	refused "用 --db" restore --from "$work/noon" --keys "$work/noon.keys" --data "$work/new"
	db_url=$(pg_url new) from_noon 目标数据库不是空的 "$work/full"
	rm -rf "$work/full.restoring"
	db_url=$lost_db
	refused 目标数据库不是空的 restore --from "$work/night" --keys "$work/night.keys" --data "$work/x" --db "$db_url"
	# A dump that cannot be made is no backup.
	refused "没有做成" backup --data "$data" --db "$(pg_url nobody)" --out "$work/none" --keys "$work/none.keys"
	[ -e "$work/none/backup.json" ] && fail "没有转储却有清单 a manifest without a dump"
fi
[ -e "$work/new" ] && fail "拒绝之后还有文件夹 a folder is left of what was refused"
# No key and no planted secret is in a backup.
grep -rl 'PRIVATE KEY' "$work/noon" && fail "备份里有私钥 a private key is in the backup"
for key in access.key business.key device.key; do
	grep -rqF "$(head -c 32 "$work/noon.keys/$key")" "$work/noon" && fail "备份里有 $key is in the backup"
done
exit 0
