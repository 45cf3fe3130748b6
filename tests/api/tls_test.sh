#!/bin/bash
# TLS of the web by certificate files: the server itself, with curl and openssl as clients.
set -u
: "${SHANSHUI:?}"
work=$(mktemp -d "${TMPDIR:-/tmp}/shanshui-tls-XXXXXX")
server=
trap '[ -n "$server" ] && kill $server 2>/dev/null; wait 2>/dev/null; rm -rf "$work"' EXIT
fail() { printf '不成立 FAILED: %s\n' "$*"; tail -n 5 "$work/log" 2>/dev/null; exit 1; }
cd "$work" || exit 1
authority() { # NAME
	openssl ecparam -name prime256v1 -genkey -noout -out "$1.key"
	openssl req -x509 -new -key "$1.key" -subj "/CN=$1" -days 30 -addext basicConstraints=critical,CA:TRUE -out "$1.crt" 2>/dev/null
}
leaf() { # NAME AUTHORITY DAYS
	openssl ecparam -name prime256v1 -genkey -noout -out "$1.key"
	openssl req -new -key "$1.key" -subj "/CN=$1" -out "$1.csr"
	printf 'subjectAltName=DNS:shanshui.test,IP:127.0.0.1\n' >ext
	openssl x509 -req -in "$1.csr" -CA "$2.crt" -CAkey "$2.key" -CAcreateserial -days "$3" -extfile ext -out "$1.crt" 2>/dev/null
}
authority ca; authority stranger
leaf one ca 20; leaf two ca 20; leaf client ca 5; leaf bad stranger 5
cp one.crt web.crt; cp one.key web.key
start() {
	: >out
	"$SHANSHUI" serve --data "$work/data" --hj212 127.0.0.1:0 "$@" >out 2>>log &
	server=$!
	for _ in $(seq 4000); do grep -q 就绪 out && break; kill -0 $server 2>/dev/null || break; sleep 0.05; done
	port=$(sed -n 's/.*https*:\/\/[0-9.]*:\([0-9]*\).*/\1/p' out)
}
stop() { kill $server; wait $server 2>/dev/null; server=; }
ask() { curl -s -o body -D head -w '%{http_code}' --max-time 20 --cacert ca.crt --resolve "shanshui.test:$port:127.0.0.1" "$@"; }
serial() { openssl s_client -connect "127.0.0.1:$port" -servername shanshui.test </dev/null 2>/dev/null | openssl x509 -noout -serial; }

start --http 0.0.0.0:0
[ -z "$port" ] || fail "没有 TLS 不得在非本机地址监听 without TLS no address but loopback"
grep -q tls_cert log || fail "要说明怎么办 says what to do"
start --http 0.0.0.0:0 --http.tls_cert web.crt
[ -z "$port" ] || fail "证书与私钥须同时给出 both or neither"
start --http 127.0.0.1:0 --http.tls_cert web.crt --http.tls_key two.key
[ -z "$port" ] || fail "证书与私钥不配 a pair that does not match"

start --http 0.0.0.0:0 --http.tls_cert web.crt --http.tls_key web.key --http.names shanshui.test
[ -n "$port" ] || fail "起不来 did not start"
[ "$(ask "https://shanshui.test:$port/health")" = 200 ] || fail "TLS 上的请求 a request over TLS"
grep -qi '^strict-transport-security: max-age' head || fail HSTS
[ "$(ask -H 'Host: evil.test' "https://shanshui.test:$port/health")" = 421 ] || fail "别的 Host another name"
[ "$(curl -s -o /dev/null -w '%{http_code}' --max-time 5 "http://127.0.0.1:$port/health")" = 200 ] && fail "明文不得通 plain text must not work"
openssl s_client -connect "127.0.0.1:$port" -tls1_1 </dev/null >/dev/null 2>&1 && fail "TLS 1.1"
openssl s_client -connect "127.0.0.1:$port" -tls1_3 </dev/null 2>/dev/null | grep -q 'TLSv1.3' || fail "TLS 1.3"
ask -X POST -H 'Content-Type: application/json' -d '{"login":"nobody","password":"x"}' "https://shanshui.test:$port/api/v1/session" >/dev/null
[ "$(ask -X DELETE "https://shanshui.test:$port/api/v1/session")" = 200 ] || fail "退出 sign out"
grep -qi '^set-cookie: __Host-ss_session=.*Secure' head || fail "Cookie 须为 __Host- 与 Secure"

# renewed without a restart, under load; what cannot be used is not taken
was=$(serial)
(for _ in $(seq 100); do ask "https://shanshui.test:$port/health"; echo; done >codes) & load=$!
cp two.key web.key; cp two.crt web.crt
for _ in $(seq 1200); do now=$(serial); [ -n "$now" ] && [ "$now" != "$was" ] && break; sleep 0.1; done
wait $load
[ "$now" = "$(openssl x509 -in two.crt -noout -serial)" ] || fail "换证书不停机 renewed without a restart"
grep -vq 200 codes && fail "换证时有请求失败 a request failed meanwhile"
printf 'nonsense' >web.crt
for _ in $(seq 1200); do grep -q '仍用旧的' log && break; sleep 0.1; done
grep -q '仍用旧的' log || fail "坏文件要说 says that it cannot be used"
[ "$(ask "https://shanshui.test:$port/health")" = 200 ] || fail "旧的仍在用 the old one stays"
grep -q 'TLS 证书将到期.*days=30' log || fail "到期告知 the end is told ahead"
stop

# who connects needs a certificate of the authority
start --http 127.0.0.1:0 --http.tls_cert two.crt --http.tls_key two.key --http.names shanshui.test --http.tls_clients ca.crt
[ -n "$port" ] || fail "起不来 did not start"
[ "$(ask "https://shanshui.test:$port/health")" = 403 ] || fail "没有证书 no certificate"
[ "$(ask --cert client.crt --key client.key "https://shanshui.test:$port/health")" = 200 ] || fail "本机构的证书 its own"
s=$(ask --cert bad.crt --key bad.key "https://shanshui.test:$port/health")
[ "$s" = 403 ] || [ "$s" = 000 ] || fail "别家的证书 a stranger's: $s"
stop
echo 成立 holds
