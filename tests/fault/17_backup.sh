# Row 17: backup beside a running server, restore to a moment. What was acknowledged until then is there, nothing
# of what came after; journal and audit hold; the node says that it was restored; a damaged backup is refused.
. "$(dirname "$0")/lib.sh"
command -v sqlite3 >/dev/null || not_run "没有 sqlite3"
program() { "$SHANSHUI" "$@" >>"$work/said" 2>&1; }
iso_now() { date -u +%Y-%m-%dT%H:%M:%S.%6NZ; }
# backup NAME: into $work/NAME and $work/NAME.keys
backup() { program backup --data "$data" --out "$work/$1" --keys "$work/$1.keys" || fail "备份 backup: $(tail -n 3 "$work/said")"; }
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
crash # the machine is gone

say "恢复到一刻 restored to a moment: $moment"
program restore --from "$work/night" --journal "$work/noon" --keys "$work/night.keys" --data "$work/new" --to "$moment" ||
	fail "恢复 restore: $(tail -n 3 "$work/said")"
tail -n 1 "$work/said"
mv "$data" "$work/lost"
mv "$work/new" "$data"
equal "密钥只有本人可读 a key is for the owner only" "$(stat -c %a "$data/journal/node.key")" 600
rm -f "$ledger".*
cp "$work/until" "$ledger.until"
start --journal.tip 200ms --series.flush-time 200ms
equal "代 epoch" "$(health | jq .epoch)" 1
compare --devices 10 --frames 100000
grep -q 'restored from a backup' "$work/serve.log" || fail "日志没有说明 the log does not say so"
[ "$(get '/api/v1/devices?q=SSFAULT&limit=1000' | jq '[.items[] | select(.mn | test("100|101|102|103|104"))] | length')" = 0 ] ||
	fail "其后登记的设备也在 devices registered after it are there"
wait_for 60 "审计里有恢复 the audit has the restore" eval \
	'[ "$(sqlite3 "file:$data/audit.db?mode=ro" "select count(*) from audit where action = '"'node.restore'"'")" = 1 ]'
# It goes on from there.
send again --devices 10 --start 1794662400 --frames 20
sent "$sender"
stop
verify
"$SHANSHUI" audit verify --data "$data" >"$work/audit" || fail "审计核验 audit verify: $(cat "$work/audit")"
say "   $(cat "$work/audit")"
# What the lost machine signed after the moment is still evidence against the copy.
if "$SHANSHUI" journal verify --data "$data" --copy "$work/lost/tips" >"$work/verify" 2>&1; then
	fail "旧机器的锚点没有显出缺失 the tips of the lost machine do not show what is missing"
fi

say "坏的备份 a damaged backup"
try() { refused "$1" restore --from "$work/bad" --keys "${2:-$work/noon.keys}" --data "$work/new"; }
spoil() { rm -rf "$work/bad"; cp -a "$work/noon" "$work/bad"; }
for file in record.db audit.db journal/tips "journal/$(basename "$(find "$work/noon/journal" -name 'segment-*' | head -n 1)")"; do
	spoil
	printf '\377' | dd of="$work/bad/$file" bs=1 seek=$(($(stat -c %s "$work/bad/$file") / 2)) conv=notrunc status=none
	try 已损坏
done
spoil
truncate -s -1 "$work/bad/business.db"
try 已损坏
spoil
rm "$work/bad/access.db"
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
refused 不是空的 restore --from "$work/noon" --keys "$work/noon.keys" --data "$data"
refused 只能恢复到 restore --from "$work/noon" --keys "$work/noon.keys" --data "$work/new" --to "$moment"
refused 已经存在 backup --data "$data" --out "$work/noon" --keys "$work/other.keys"
[ -e "$work/new" ] && fail "拒绝之后还有文件夹 a folder is left of what was refused"
# No key and no planted secret is in a backup.
grep -rl 'PRIVATE KEY' "$work/noon" && fail "备份里有私钥 a private key is in the backup"
for key in access.key business.key device.key; do
	grep -rqF "$(head -c 32 "$work/noon.keys/$key")" "$work/noon" && fail "备份里有 $key is in the backup"
done
exit 0
