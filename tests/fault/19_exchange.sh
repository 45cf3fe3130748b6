# Row 19: packages that are replayed, stale, out of order, for another, cut, changed, of another city. Each number of a
# sender is taken once, also after a restart and a restore; each refusal says why in both languages and is in the audit.
. "$(dirname "$0")/lib.sh"
: "${FAULT_PACKAGE:?}"
if [ $engine = pgsql ]; then
	pg_start
	pg_new node
else
	command -v sqlite3 >/dev/null || not_run "没有 sqlite3"
fi
us=南京市 other=苏州市
mkdir "$work/p"
# made FILE EPOCH SEQUENCE AGE BODY [RECEIVER [KEY]]: a package of the other city, in $work/p.
made() { "$FAULT_PACKAGE" "$work/${7:-other}.key" $other "${6:-$us}" "$2" "$3" "$4" "$5" >"$work/p/$1" || fail "fault_package"; }
key_of() { openssl pkey -in "$work/$1.key" -pubout -out "$work/$1.pub" 2>/dev/null || fail "openssl"; }
with() { "$SHANSHUI" exchange "$1" "$work/p/$2" --key "$work/other.pub" --from $other --as $us "${@:3}" >"$work/said" 2>&1; }
put() { with take "$1" --data "$data" ${db_url:+--db "$db_url"} "${@:2}"; }
took() { put "$@" || fail "没有收下 $1 was not taken: $(cat "$work/said")"; say "   $(cat "$work/said")"; }
refusals=0
# refused WORDS FILE: not taken, and why, in Chinese and English.
refused() {
	put "$2" && fail "$2 本应拒收 should have been refused"
	grep -q "$1" "$work/said" || fail "$2 没有说明 no such word: $1: $(cat "$work/said")"
	grep '^拒收' "$work/said" | grep -q '；[^；]*[a-z]' || fail "$2 没有英文 no English: $(cat "$work/said")"
	refusals=$((refusals + 1))
	say "   $(head -n 1 "$work/said" | cut -c1-160)"
}
audited() { # OUTCOME: how many
	audited_sql="select count(*) from audit where action = 'exchange.take' and outcome = '$1'"
	if [ -n "$db_url" ]; then psql_in node "$audited_sql"; else sqlite3 "file:$data/audit.db?mode=ro" "$audited_sql"; fi
}

start
made first 0 1 0 "一号"
key_of other
took first --receipt "$work/p/receipt"
made second 0 2 60 "二号"
made third 0 3 0 "三号"
refused 次序不对 third
took second
took third
cp "$data/journal/node.pub" "$work/node.pub"
"$SHANSHUI" exchange verify "$work/p/receipt" --key "$work/node.pub" --from $us --as $other >"$work/said" 2>&1 || fail "回执 receipt: $(cat "$work/said")"
grep -q '"sequence":1' "$work/p/receipt" || fail "回执没有写明哪一号 the receipt does not say of which"

say "重放 replayed"
refused 已经收过 first
refused 已经收过 third
stop
refused 已经收过 second
start
refused 已经收过 second
made twin 0 2 0 "另一个二号"
refused 一号两版 twin

say "错投、伪造、过期 for another, forged, stale"
made elsewhere 0 4 0 "四号" 无锡市
refused "不是本方" elsewhere
made forged 0 4 0 "四号" $us wuxi
refused 签名不符 forged
made stale 0 4 $((31 * 86400)) "四号"
refused 已过期 stale
made early 0 4 -3600 "四号"
refused 在将来 early
"$SHANSHUI" exchange take "$work/p/third" --key "$work/other.pub" --from 无锡市 --as $us --data "$data" ${db_url:+--db "$db_url"} >"$work/said" 2>&1 && fail "别人的名字 another's name"
grep -q '另一个\|公钥是' "$work/said" || fail "$(cat "$work/said")"

say "改动、截短、压缩 changed, cut, compressed"
made fourth 0 4 0 "四号正文甲乙丙丁"
size=$(stat -c %s "$work/p/fourth")
# Every byte, each changed to another: none is taken. The check needs no server and writes nothing.
for at in $(seq 0 $((1 + size / 60)) $((size - 1))); do
	cp "$work/p/fourth" "$work/p/changed"
	printf "\\$(printf %o $((($(od -An -tu1 -j "$at" -N 1 "$work/p/fourth") + 1) % 256)))" | dd of="$work/p/changed" bs=1 seek="$at" conv=notrunc status=none
	with verify changed && fail "改了第 $at 字节仍收 taken with byte $at changed"
done
# Each field of the manifest, to something else that could stand there.
for change in 's/苏州市/苏洲市/' 's/南京市/南宁市/' 's/"node":"[^a]/"node":"a/;t;s/"node":"a/"node":"b/' 's,test/1,test/2,' 's/"epoch":0/"epoch":7/' \
	's/"sequence":4/"sequence":5/' 's/\("time":"[^.]*\.\)[^5]/\15/;t;s/\("time":"[^.]*\.\)5/\16/' 's/"count":1/"count":3/' 's/"name":"one"/"name":"eno"/'; do
	sed "2{$change}" "$work/p/fourth" >"$work/p/changed"
	cmp -s "$work/p/fourth" "$work/p/changed" && fail "$change 没有改到 was not changed"
	refused 签名不符 changed
done
for n in 10 $((size / 2)) $((size - 1)); do
	head -c "$n" "$work/p/fourth" >"$work/p/cut"
	refused . cut
done
(cat "$work/p/fourth"; echo more) >"$work/p/longer"
refused 多出 longer
sed 's/四号正文/肆号正文/' "$work/p/fourth" >"$work/p/body"
refused 'one 被改过' body
head -c 20000000 /dev/zero | gzip -c >"$work/p/bomb"
refused 压缩过的不收 bomb
truncate -s 10G "$work/p/huge"
refused 过大 huge
rm "$work/p/huge"
took fourth

say "杀死与恢复 killed, and restored"
made fifth 0 5 0 "五号"
"$SHANSHUI" backup --data "$data" ${db_url:+--db "$db_url"} --out "$work/b" --keys "$work/k" >"$work/said" 2>&1 || fail "备份 backup: $(cat "$work/said")"
took fifth
crash
start
refused 已经收过 fifth
wait_for 60 "审计里都有 all in the audit" eval '[ "$(audited refused)" = $((refusals + 1)) ] && [ "$(audited ok)" = 5 ]'
stop
mv "$data" "$work/lost"
if [ -n "$db_url" ]; then pg dropdb -h "$pgdir" -U test node; pg_new node; fi
"$SHANSHUI" restore --from "$work/b" --keys "$work/k" --data "$data" ${db_url:+--db "$db_url"} >"$work/said" 2>&1 || fail "恢复 restore: $(cat "$work/said")"
refused 已经收过 fourth
refused 一号两版 twin
# The backup is older than the fifth: what it held is not there, so it is taken once more, and once only.
took fifth --receipt "$work/p/receipt"
grep -q '"epoch":1,' "$work/p/receipt" || fail "回执没有写明恢复过 the receipt does not say that we were restored"
refused 已经收过 fifth
# The sender was restored: its numbers begin anew, and what it made before is void.
made again 1 1 0 "恢复之后"
took again
made sixth 0 6 0 "六号"
refused 已作废 sixth
start
stop
verify
