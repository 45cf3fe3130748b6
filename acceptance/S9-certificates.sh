#!/bin/bash
# S9: certificates on SM2: issued, renewed, revoked; keys made and checked by another program (openssl).
# 可并行 beside the others: a house of its own.
. "$(dirname "$0")/lib-access.sh"
open_house || not_run "服务没有启动 no server"
three || exit 1
# openssl sets the id on the certificate it is given, not on those above it: so link by link.
sm2() { openssl verify -vfyopt distid:1234567812345678 -partial_chain -trusted "$1" "$2"; }
say() { jq -nc --arg csr "$(cat "$1")" "{csr: \$csr} + $2"; }
prove "建立机构：SM2 与 P-256 两条链 the authority is made" equal "$(code sec POST /api/v1/ca '{"name":"验收局","passphrase":"yi-zhi-xing-dao-2026!"}')" 201
prove "别人不能 nobody else may" equal "$(code sys POST /api/v1/ca '{"name":"x","passphrase":"yi-zhi-xing-dao-2026!"}')" 403
prove "私钥封存，0600 the keys are sealed, 0600" eval '[ "$(stat -c %a "$house"/ca/*.key | sort -u)" = 600 ] && ! grep -q "PRIVATE KEY" "$house"/ca/*.key'
curl -fsS "$url/api/v1/ca/chain" >"$work/chain.pem"
awk -v d="$work" '/BEGIN/ {n++} {print > (d "/" (n == 1 ? "issuer" : "root") ".pem")}' "$work/chain.pem"
curl -fsS "$url/api/v1/ca/chain?kind=p256" >"$work/chain256.pem"
person zhang leader_city || exit 1
zhang=$id

# A key of openssl's making; only the request leaves its holder.
openssl ecparam -genkey -name SM2 -noout -out "$work/zhang.key" 2>/dev/null
openssl req -new -key "$work/zhang.key" -subj "/CN=whatever" -sm3 -sigopt distid:1234567812345678 -out "$work/zhang.csr"
as sec POST /api/v1/certificates "$(say "$work/zhang.csr" "{user: \"$zhang\", days: 30}")" >"$work/c.json"
jq -r .pem "$work/c.json" >"$work/zhang.crt"
serial=$(jq -r .serial "$work/c.json")
prove "签发，openssl 验得整链 issued, openssl verifies the chain" eval 'sm2 "$work/issuer.pem" "$work/zhang.crt" && sm2 "$work/root.pem" "$work/issuer.pem"'
prove "主体是账号，不是请求里写的 the subject is the account, whatever was asked" eval 'openssl x509 -in "$work/zhang.crt" -noout -subject | grep -q "CN = zhang"'

# sign_in_by KEY CERT [PASSWORD]: status of a sign-in; the signature is openssl's.
sign_in_by() {
	c=$(curl -fsS -X POST "$url/api/v1/session/challenge" | jq -r .challenge)
	printf 'shanshui-sign-in:%s' "$c" >"$work/msg"
	openssl pkeyutl -sign -in "$work/msg" -inkey "$1" -rawin -digest sm3 -pkeyopt distid:1234567812345678 -out "$work/sig"
	jq -nc --arg c "$c" --arg p "$(cat "$2")" --arg s "$(od -An -tx1 "$work/sig" | tr -d ' \n')" \
		'{challenge:$c,certificate:$p,signature:$s}' >"$work/answer"
	curl -s -o "$work/body" -w '%{http_code}' -c "$work/new.jar" -H 'Content-Type: application/json' -d "@$work/answer" "$url/api/v1/session/certificate"
	grep -q ss_session "$work/new.jar" && cp "$work/new.jar" "$work/cert.jar"
	return 0
}
with_cert() { curl -s -o /dev/null -w '%{http_code}' -b "$work/cert.jar" "$url$1"; }
prove "质询以 SM2 签名登录 signs in by a signed challenge" equal "$(sign_in_by "$work/zhang.key" "$work/zhang.crt")" 201
prove "会话可用 the session works" equal "$(with_cert /api/v1/sites)" 200
prove "同一应答再用即拒 the same answer again is refused" equal "$(curl -s -o /dev/null -w '%{http_code}' -H 'Content-Type: application/json' -d "@$work/answer" "$url/api/v1/session/certificate")" 401
openssl ecparam -genkey -name SM2 -noout -out "$work/other.key" 2>/dev/null
prove "别的私钥签的不行 another key's signature is refused" equal "$(sign_in_by "$work/other.key" "$work/zhang.crt")" 401
openssl req -x509 -new -key "$work/other.key" -subj "/CN=zhang" -sm3 -sigopt distid:1234567812345678 -days 9 -out "$work/self.crt"
prove "自己签的证书不行，说明为何 one that signed itself is refused, and told why" eval '[ "$(sign_in_by "$work/other.key" "$work/self.crt")" = 403 ] && grep -q 证书链不完整 "$work/body"'

# renewed, without a stop; then revoked, at once
"$SHANSHUI" ca request --key "$work/zhang.key" --name zhang >"$work/zhang2.csr"
as sec POST "/api/v1/certificates/$serial/renew" "$(say "$work/zhang2.csr" '{days: 365}')" | jq -r .pem >"$work/zhang2.crt"
prove "换发后旧会话不断，新证书可登录 renewed: the old session goes on, the new one signs in" eval '[ "$(with_cert /api/v1/sites)" = 200 ] && [ "$(sign_in_by "$work/zhang.key" "$work/zhang2.crt")" = 201 ]'
prove "命令行验证 shanshui ca check" "$SHANSHUI" ca check --chain "$work/chain.pem" "$work/zhang2.crt"
serial2=$(as sec GET /api/v1/certificates | jq -r '.items[] | select(.state == "valid" and .login == "zhang").serial')
prove "吊销须写理由 revoking needs a reason" equal "$(code sec POST "/api/v1/certificates/$serial2/revoke" '{"reason":""}')" 400
prove "吊销 revoked" equal "$(code sec POST "/api/v1/certificates/$serial2/revoke" '{"reason":"U 盾遗失"}')" 200
prove "会话即刻结束 its session is over at once" equal "$(with_cert /api/v1/sites)" 401
prove "再登录被拒，说明为何 and cannot sign in" eval '[ "$(sign_in_by "$work/zhang.key" "$work/zhang2.crt")" = 403 ] && grep -q 证书已吊销 "$work/body"'
curl -fsS "$url/api/v1/ca/crl" >"$work/crl.pem"
prove "吊销列表里有，注明下次更新 the list says so, and when the next comes" eval 'openssl crl -in "$work/crl.pem" -noout -text | tr -d ":" | grep -qi "$serial2" && openssl crl -in "$work/crl.pem" -noout -nextupdate'
prove "命令行据列表判为已吊销 shanshui ca check says revoked" eval '"$SHANSHUI" ca check --chain "$work/chain.pem" --crl "$work/crl.pem" "$work/zhang2.crt" 2>&1 | grep -q 已吊销'

# a node's, for TLS
"$SHANSHUI" ca key --out "$work/node.key" --kind p256
"$SHANSHUI" ca request --key "$work/node.key" --name edge-1 >"$work/node.csr"
as sec POST /api/v1/certificates "$(say "$work/node.csr" '{node: "edge-1", dns: "localhost,127.0.0.1"}')" | jq -r .pem >"$work/node.crt"
prove "节点证书（P-256），openssl 验得 a node's certificate" openssl verify -CAfile "$work/chain256.pem" -purpose sslserver "$work/node.crt"
prove "每一步都在审计里 every step is in the audit" eval '[ "$(as aud GET "/api/v1/audit?action=cert.write&outcome=ok" | jq ".items | length")" = 4 ]'
saw "SM2 证书签发、换发、吊销、登录均成立"
