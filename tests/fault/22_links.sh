# Fault 22 on the links between nodes: a peer whose certificate expired, was revoked, bears another name or is another
# authority's, a list of the revoked that is out of date, and a peer whose records are not those it had: refused in
# clear words on both sides, in health, metrics and audit; renewed without a restart. Two whole servers on loopback,
# certificates of the inner authority.
[ -z "${SS_FAULT_SANITIZE:-}" ] || { echo "未跑 not run: 预先装入的库与检查器冲突 a library put before is refused by a sanitizer"; exit 77; }
: "${FAULT_CLOCK:?}" "${SHANSHUI:?}" "${FAULT_DEVICE:?}"
program=$SHANSHUI
dir=$(mktemp -d "${TMPDIR:-/tmp}/shanshui-fault-XXXXXX")
printf '#!/bin/sh\nexec env LD_PRELOAD=%s SS_FAULT_CLOCK=%s/clock "%s" "$@" $EXTRA\n' "$FAULT_CLOCK" "$dir" "$program" >"$dir/serve"
chmod +x "$dir/serve"
SHANSHUI=$dir/serve
export EXTRA=
export SHANSHUI_SLOW=${SHANSHUI_SLOW:-5}
. "$(dirname "$0")/../../acceptance/lib-access.sh"
peer=
trap '[ -n "$own" ] && kill -9 $own 2>/dev/null; [ -n "$peer" ] && kill -9 $peer 2>/dev/null; wait 2>/dev/null; rm -rf "$work" "$dir"' EXIT
clock() { echo "$1" >"$dir/clock.new"; mv "$dir/clock.new" "$dir/clock"; }
clock 0
day=86400

open_house || not_run "服务没有启动 no server"
three || exit 1
[ "$(code sec POST /api/v1/ca '{"name":"链路局","passphrase":"yi-zhi-xing-dao-2026!"}')" = 201 ] || exit 1
# node NAME FILE [DAYS]: a certificate of the authority; its serial in $serial.
node() {
	rm -f "$work/$2.key.new"
	"$program" ca key --kind p256 --out "$work/$2.key.new" && "$program" ca request --key "$work/$2.key.new" --name "$1" >"$work/csr" || return 1
	as sec POST /api/v1/certificates "$(jq -nc --arg c "$(cat "$work/csr")" --arg n "$1" --argjson d "${3:-20}" '{csr:$c,node:$n,dns:$n,days:$d}')" >"$work/c.json"
	jq -re .pem "$work/c.json" >"$work/$2.crt.new" && serial=$(jq -r .serial "$work/c.json") &&
		mv "$work/$2.key.new" "$work/$2.key" && mv "$work/$2.crt.new" "$work/$2.crt"
}
lists() { curl -fsS "$url/api/v1/ca/crl?kind=p256" >"$work/crl.new" && mv "$work/crl.new" "$work/crl"; }
node city city && node gulou gulou && node stranger stranger || exit 1
curl -fsS "$url/api/v1/ca/chain?kind=p256" >"$work/chain" && lists || exit 1
close_house

city() {
	export EXTRA="--link.listen 127.0.0.1:${link:-0} --link.from gulou --link.cert $work/city.crt --link.key $work/city.key --link.ca $work/chain --link.crl $work/crl"
	: >"$work/own.log"
	open_house || return 1
	link=$(sed -n 's/.*taking tips of other nodes.*port=\([0-9]*\).*/\1/p' "$work/own.log")
	[ -n "$link" ]
}
# gulou [NAME] [FILE]: the peer, which sends to NAME with the certificate in FILE.
gulou() {
	: >"$work/peer.out"
	EXTRA= "$SHANSHUI" serve --data "$work/gulou" --http 127.0.0.1:0 --hj212 127.0.0.1:0 --journal.tip 200ms --audit.tip 200ms \
		--link.every 200ms --link.to "${1:-city}@127.0.0.1:$link" --link.cert "$work/${2:-gulou}.crt" --link.key "$work/${2:-gulou}.key" \
		--link.ca "$work/chain" --link.crl "$work/crl" >"$work/peer.out" 2>>"$work/peer.log" &
	peer=$!
	until_holds 30 grep -q 就绪 "$work/peer.out" || return 1
	peer_url=$(sed -n 's/.*\(http:\/\/[0-9.:]*\).*/\1/p' "$work/peer.out")
}
away() { kill $peer; wait $peer 2>/dev/null; peer=; }
ours() { curl -s "$url/health" | jq -r ".parts.links | $1"; }
theirs() { curl -s "$peer_url/health" | jq -r ".parts.links | $1"; }
works() { [ "$(theirs .ready)" = true ]; }
refused() { ours .refused_why | grep -q "$1"; }
told() { theirs '.peers[0].why' | grep -q "$1"; }
frames() { # some of a device, for its journal
	"$FAULT_DEVICE" register --devices 1 >"$work/r.csv"
	curl -fsS -X POST -H 'Content-Type: text/csv' --data-binary "@$work/r.csv" "$peer_url/api/v1/devices/import" >/dev/null || return 1
	sed -n 's/.*HJ 212: \([0-9]*\).*/\1/p' "$work/peer.out" >"$work/peer.port"
	"$FAULT_DEVICE" send --port-file "$work/peer.port" --ledger "$work/ledger" --devices 1 --frames 5 >/dev/null
}
kept() { echo "$house/peers/gulou/epoch-${1:-0}"; }
lines() { wc -l <"$(echo "$(kept)/$1"-*.tips)" 2>/dev/null || echo 0; }

prove "收的一方已开 the city listens" city
prove "送的一方已开 the peer runs" gulou
prove "通了 the link works" until_holds 60 works
prove "有了记录 there are records" frames
prove "日志与审计的锚点都送到 tips of journal and audit arrive" until_holds 60 eval '[ "$(lines audit)" -ge 1 ] && [ "$(lines journal)" -ge 1 ]'
prove "指标 metrics" eval 'curl -s "$url/metrics" | grep -q "shanshui_link_up{peer=\"gulou\",direction=\"from\"} 1"'
prove "TLS 1.3，须有证书 TLS 1.3 with a certificate only" eval '! openssl s_client -connect 127.0.0.1:$link -tls1_2 </dev/null >/dev/null 2>&1; openssl s_client -connect 127.0.0.1:$link </dev/null >/dev/null 2>&1; until_holds 30 refused "没有出示证书"'
away
copy=$(kept)
prove "副本可核验审计 the copy proves the audit" "$program" audit verify --data "$work/gulou" --copy "$copy"
prove "副本可核验日志 the copy proves the journal" "$program" journal verify --data "$work/gulou" --copy "$copy"
# The peer writes its past anew, with its own tips: only the copy elsewhere sees it.
cp -a "$work/gulou" "$work/whole"
sqlite3 "$work/gulou/audit.db" 'delete from audit' 2>/dev/null
: >"$work/gulou/audit.tips"; rm -rf "$work/gulou/tips"
prove "对方整体抹去审计：本机看不出 its audit wiped out with its tips: nothing seen there" "$program" audit verify --data "$work/gulou"
prove "副本看得出 the copy sees it" eval '! "$program" audit verify --data "$work/gulou" --copy "$copy"'
prove "链路也看得出 so does the link" eval 'gulou && until_holds 60 told 锚点本节点没有'
away
rm -rf "$work/gulou"; mv "$work/whole" "$work/gulou"

prove "名字不符 another name" eval 'gulou other && until_holds 60 told 名字不符'
away
prove "不在名单里 not among those who may" eval 'gulou city stranger && until_holds 60 refused link.from && until_holds 60 told link.from'
away
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout "$work/foreign.key" -subj /CN=gulou -days 9 -out "$work/foreign.crt" 2>/dev/null
prove "别家机构的 another authority's" eval 'gulou city foreign && until_holds 60 refused 不是本机构签发'
away

prove "又通了 it works again" eval 'gulou && until_holds 60 works'
revoked=$(openssl x509 -in "$work/gulou.crt" -noout -serial | sed 's/.*=//' | tr A-F a-f)
cp "$work/crl" "$work/crl.0"
prove "吊销 revoked" equal "$(code sec POST "/api/v1/certificates/$revoked/revoke" '{"reason":"遗失"}')" 200
lists
prove "吊销之后两边都说 told on both sides" eval 'until_holds 60 refused 已吊销 && until_holds 60 told 拒绝了我们'
prove "指标 metrics" eval '[ "$(curl -s "$url/metrics" | sed -n "s/^shanshui_link_refused_total //p")" -gt 0 ]'
prove "新证书，不重启 a new certificate without a restart" eval 'node gulou gulou && until_holds 60 works'

clock $((8 * day))
prove "吊销列表过期 a list out of date" until_holds 60 told 吊销列表已过期
prove "换新列表即通 a new list, and it works" eval 'until_holds 60 eval "lists && works"'
clock $((21 * day))
prove "证书过期 expired" eval 'until_holds 60 eval "lists; told 已过期 && ! told 吊销列表"'
clock 0
cp "$work/crl.0" "$work/crl"
prove "时钟对了即通 the clock is right again" until_holds 60 works
away

# Put back from a backup: a new epoch gets a folder of its own; the old copy may not come back after it.
echo "1 $(date +%s)000000" >"$work/gulou/journal/epoch"
prove "恢复过的节点另起一代 a restored node begins a new epoch" eval 'gulou && until_holds 60 eval "works && [ -s \"$(kept 1)\"/audit-*.tips ]"'
away
rm "$work/gulou/journal/epoch"
prove "旧的副本被启动：拒绝 an old copy was started: refused" eval 'gulou && until_holds 60 told 旧的副本'
away
# A code is good once, and who tries too often waits: so not ten times a second.
auditor() {
	for _ in $(seq 20); do
		[ "$(sign_in aud "$P_AUD" "$(totp "$(cat "$work/aud.secret")")")" = 201 ] && return 0
		sleep 10
	done
	cat "$work/body"
	return 1
}
prove "审计管理员登录 the audit administrator signs in" auditor
prove "审计里有每一种拒绝 the audit has the refusals" eval '[ "$(as aud GET "/api/v1/audit?action=link.refused&limit=200" | jq "[.items[].detail.why] | unique | length")" -ge 4 ]'
saw "节点链路成立"
