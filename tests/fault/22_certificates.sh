#!/bin/bash
# Fault 22: certificates that expired, are not valid yet, were revoked, whose chain is broken, a clock that is
# wrong, an issuing key that is damaged: refused in clear words, told ahead, and nothing stands still.
[ -z "${SS_FAULT_SANITIZE:-}" ] || { echo "未跑 not run: 预先装入的库与检查器冲突 a library put before is refused by a sanitizer"; exit 77; }
: "${FAULT_CLOCK:?}" "${SHANSHUI:?}"
program=$SHANSHUI
dir=$(mktemp -d "${TMPDIR:-/tmp}/shanshui-fault-XXXXXX")
# One address speaks for a whole crowd here: its limit of sign-ins a minute is for others to test.
printf '#!/bin/sh\n[ "$1" = serve ] && set -- "$@" --access.address_tries 100000\nexec env LD_PRELOAD=%s SS_FAULT_CLOCK=%s/clock "%s" "$@"\n' "$FAULT_CLOCK" "$dir" "$program" >"$dir/serve"
chmod +x "$dir/serve"
SHANSHUI=$dir/serve
export SHANSHUI_SLOW=${SHANSHUI_SLOW:-5}
. "$(dirname "$0")/../../acceptance/lib-access.sh"
trap '[ -n "$own" ] && kill -9 $own 2>/dev/null; wait 2>/dev/null; rm -rf "$work" "$dir"' EXIT
clock() { echo "$1" >"$dir/clock.new"; mv "$dir/clock.new" "$dir/clock"; sleep 0.1; }
clock 0
day=86400

open_house || not_run "服务没有启动 no server"
three || exit 1
[ "$(code sec POST /api/v1/ca '{"name":"故障局","passphrase":"yi-zhi-xing-dao-2026!"}')" = 201 ] || exit 1
person zhang leader_city || exit 1
"$program" ca key --out "$work/k" && "$program" ca request --key "$work/k" --name zhang >"$work/csr"
as sec POST /api/v1/certificates "$(jq -nc --arg c "$(cat "$work/csr")" --arg u "$id" '{csr:$c,user:$u,days:10}')" >"$work/c.json"
jq -r .pem "$work/c.json" >"$work/crt"
serial=$(jq -r .serial "$work/c.json")
by_cert() { # status of a sign-in; the cookie goes to jar $1
	c=$(curl -fsS -X POST "$url/api/v1/session/challenge" | jq -r .challenge)
	curl -s -o "$work/why.$1" -w '%{http_code}' -c "$work/jar.$1" -H 'Content-Type: application/json' "$url/api/v1/session/certificate" \
		-d "$(jq -nc --arg c "$c" --arg p "$(cat "$work/crt")" --arg s "$("$program" ca sign --key "$work/k" "$c")" '{challenge:$c,certificate:$p,signature:$s}')"
}
get_by() { curl -s -o /dev/null -w '%{http_code}' -b "$work/jar.$1" "$url/api/v1/sites"; }
refused() { [ "$(by_cert no)" = 403 ] && grep -q "$1" "$work/why.no"; }
told() { grep -q "serial=$serial days=$1" "$work/own.log"; }

prove "有效时可登录 good: signs in" equal "$(by_cert a)$(get_by a)" 201200
prove "到期前 30 天告知 told 30 days ahead" until_holds 20 told 30
clock $((4 * day))
prove "7 天 7 days" until_holds 20 told 7
clock $((9 * day + day / 2))
prove "1 天 1 day" until_holds 20 told 1
prove "仍可登录 still signs in" equal "$(by_cert a)" 201
clock $((10 * day + 60))
prove "过期：会话结束，登录被拒并说明 expired: the session ends, signing in is refused and told why" until_holds 60 eval '[ "$(get_by a)" = 401 ] && refused 已过期'
kill -9 $own; wait $own 2>/dev/null
clock $((-400 * day))
open_house || exit 1
prove "时钟错到从前：尚未生效 a clock that is wrong: not valid yet" refused 尚未生效
kill -9 $own; wait $own 2>/dev/null
clock 0
open_house || exit 1
prove "时钟对了即可 the clock is right again" equal "$(by_cert a)" 201

# an issuing key that is damaged: nothing can be issued, who has a certificate goes on
close_house
cp "$house/ca/issuer-sm2.key" "$work/good.key"
printf 'X' | dd of="$house/ca/issuer-sm2.key" bs=1 seek=40 conv=notrunc 2>/dev/null
open_house || exit 1
prove "签发私钥坏一字节：说明，照常服务 one byte of the issuing key: told, and it serves" eval 'grep -q "签发私钥读不了" "$work/own.log" && [ "$(by_cert a)" = 201 ]'
until_holds 60 eval '[ "$(sign_in sec "$P_SEC" "$(totp "$(cat "$work/sec.secret")")")" = 201 ]' || exit 1
prove "签发被拒并说明 issuing is refused" equal "$(code sec POST /api/v1/certificates "$(jq -nc --arg c "$(cat "$work/csr")" --arg u "$id" '{csr:$c,user:$u}')")" 409

crowd=
# revoked while many sign in: behind the answer nobody gets in
for i in 1 2 3 4 5 6 7 8; do (for _ in 1 2 3 4 5; do by_cert "p$i" >/dev/null; done) & crowd="$crowd $!"; done 2>/dev/null
prove "人多时吊销 revoked in a crowd" equal "$(code sec POST "/api/v1/certificates/$serial/revoke" '{"reason":"遗失"}')" 200
wait $crowd
prove "此后无人可入，会话全断 nobody gets in any more, every session is over" eval 'until_holds 120 refused 已吊销 && for i in 1 2 3 4 5 6 7 8; do [ "$(get_by "p$i")" = 401 ] || exit 1; done'
close_house
cp "$work/good.key" "$house/ca/issuer-sm2.key"
open_house || exit 1
curl -fsS "$url/api/v1/ca/crl" >"$work/crl" && curl -fsS "$url/api/v1/ca/chain" >"$work/chain"
prove "私钥恢复后列表补上 the list catches up" eval '"$program" ca check --chain "$work/chain" --crl "$work/crl" "$work/crt" 2>&1 | grep -q 已吊销'
saw "故障 22 成立"
