#!/bin/bash
# Single sign-on with real clients: Apache's mod_auth_openidc (discovery, PKCE, ES256, userinfo, logout) and
# mod_auth_cas (CAS 2.0 by XML), CAS 3.0 by curl; and what a dishonest client is refused.
set -u
: "${SHANSHUI:?}"
modules=/usr/lib/apache2/modules
[ -f $modules/mod_auth_openidc.so ] && [ -f $modules/mod_auth_cas.so ] || { echo "未跑 not run: 没有 no libapache2-mod-auth-openidc, libapache2-mod-auth-cas"; exit 77; }
. "$(dirname "$0")/../../acceptance/lib-access.sh"
apache=
trap '[ -n "$apache" ] && kill $apache 2>/dev/null; [ -n "$own" ] && kill $own 2>/dev/null; wait 2>/dev/null; rm -rf "$work"' EXIT
open_house || not_run "服务没有启动 no server"
three || exit 1
person zhang leader_city || exit 1
port=$(perl -MIO::Socket::INET -e 'print IO::Socket::INET->new(Listen=>1,LocalAddr=>"127.0.0.1")->sockport')
app=http://127.0.0.1:$port
say() { code sec POST /api/v1/clients "$1"; }
secret=$(as sec POST /api/v1/clients "{\"id\":\"gis\",\"name\":\"旧地图系统\",\"urls\":[\"$app/app/back\",\"$app/bye\"]}" | jq -r .secret)
prove "登记系统，口令只显示一次 a client is registered" eval '[ ${#secret} = 64 ] && ! as sec GET /api/v1/clients | grep -q "$secret"'
prove "登记 CAS 系统 a service of CAS" equal "$(say "{\"id\":\"oa\",\"name\":\"旧办公\",\"kind\":\"cas\",\"urls\":[\"$app/cas/\"]}")" 201
prove "别人不能登记 nobody else registers" equal "$(code sys POST /api/v1/clients '{"id":"x","name":"x","urls":["https://x.example/"]}')" 403
prove "危险的网址不收 bad addresses are refused" equal "$(say '{"id":"x","name":"x","urls":["http://evil.example/"]}')$(say '{"id":"x","name":"x","urls":["https://a@evil.example/"]}')$(say '{"id":"x","name":"x","urls":["javascript:alert(1)"]}')" 400400400

mkdir -p "$work/www/app" "$work/www/cas" "$work/casc"
echo 地图首页 >"$work/www/app/index.html"; echo 办公首页 >"$work/www/cas/index.html"; echo 再见 >"$work/www/bye"
chmod -R a+rX "$work"; chmod 777 "$work/casc"
{
	echo "ServerRoot $work"; echo "PidFile $work/httpd.pid"; echo "Listen 127.0.0.1:$port"; echo "ServerName 127.0.0.1"
	echo "ErrorLog $work/httpd.log"; echo "LogLevel warn"; echo "DocumentRoot $work/www"
	for m in mpm_event authz_core authn_core authz_user dir headers auth_openidc auth_cas; do echo "LoadModule ${m}_module $modules/mod_$m.so"; done
	[ "$(id -u)" = 0 ] && printf 'User www-data\nGroup www-data\n'
	cat <<END
DirectoryIndex index.html
OIDCProviderMetadataURL $url/.well-known/openid-configuration
OIDCClientID gis
OIDCClientSecret $secret
OIDCRedirectURI $app/app/back
OIDCCryptoPassphrase test-only-passphrase
OIDCPKCEMethod S256
OIDCScope "openid profile"
OIDCRemoteUserClaim preferred_username
OIDCPassClaimsAs none
CASCookiePath $work/casc/
CASLoginURL $url/cas/login
CASValidateURL $url/cas/serviceValidate
CASVersion 2
<Location /app>
	AuthType openid-connect
	Require claim groups:leader_city
	Header set X-User "expr=%{REMOTE_USER}"
</Location>
<Location /cas>
	AuthType CAS
	Require valid-user
	Header set X-User "expr=%{REMOTE_USER}"
</Location>
END
} >"$work/httpd.conf"
apache2 -d "$work" -f "$work/httpd.conf" -DFOREGROUND >"$work/httpd.out" 2>&1 &
apache=$!
until_holds 10 curl -s -o /dev/null "$app/" || { cat "$work/httpd.out" "$work/httpd.log"; exit 1; }

# browse URL: one step with the browser's cookies; prints the status, leaves head and body.
browse() { curl -s -o "$work/body" -D "$work/head" -w '%{http_code}' --max-time 30 -b "$work/browser" -c "$work/browser" "$@"; }
location() { sed -n 's/^[Ll]ocation: *//p' "$work/head" | tr -d '\r'; }
: >"$work/browser"
follow() { # until something else than a redirect comes
	s=$(browse "$1")
	for _ in 1 2 3 4 5 6 7 8; do
		case $s in 302 | 303) ;; *) break ;; esac
		to=$(location)
		case $to in /*) to=$url$to ;; esac
		[ "${to#"$url"/signin}" = "$to" ] || break
		s=$(browse "$to")
	done
	echo "$s"
}
header() { sed -n "s/^$1: *//Ip" "$work/head" | tr -d '\r'; }
follow "$app/app/" >/dev/null
prove "没有登录：带到本平台的登录页，登录后回来 led to sign in first" eval 'case $to in */signin\?to=%2Foidc%2Fauthorize%3Fclient_id%3Dgis*) true ;; *) false ;; esac'
back=$url$(printf '%b' "$(sed 's/.*to=//; s/%/\\x/g' <<<"$to")")
prove "登录 signs in" equal "$(browse -X POST -H 'Content-Type: application/json' -d '{"login":"zhang","password":"Own-Vlk9Bdm-2!"}' "$url/api/v1/session")" 201
prove "mod_auth_openidc 认了：发现、PKCE、ES256、nonce、userinfo the real client lets him in" equal "$(follow "$back")" 200
prove "是他 it is he" equal "$(header X-User)" zhang
prove "页面 the page" grep -q 地图首页 "$work/body"
prove "再来不用登录 again without signing in" equal "$(browse "$app/app/")" 200
prove "审计：谁用了哪个系统 the audit knows who used what" eval 'as aud GET "/api/v1/audit?action=sso.authorize&actor=zhang" | jq -e ".items | map(select(.target == \"client/gis\")) | length >= 1" >/dev/null'

# --- CAS by Apache, then by hand
prove "mod_auth_cas 认了（单点） the real client of CAS, without signing in again" equal "$(follow "$app/cas/")" 200
prove "是他 it is he" equal "$(header X-User)" zhang
ticket() { browse "$url/cas/login?service=$(escape "$app/cas/x?a=1&b=2")" >/dev/null; sed -n 's/^[Ll]ocation: .*ticket=\(ST-[0-9a-f]*\).*/\1/p' "$work/head"; }
validate() { curl -s "$url/cas/p3/serviceValidate?ticket=$1&service=$(escape "$2")"; }
t=$(ticket)
prove "3.0 验票带属性 attributes by CAS 3.0" eval 'validate "$t" "$app/cas/x?a=1&b=2" | grep -q "<cas:user>zhang</cas:user>.*<cas:groups>leader_city</cas:groups>"'
prove "一票一次 a ticket once" eval 'validate "$t" "$app/cas/x?a=1&b=2" | grep -q "code=\"INVALID_TICKET\""'
t=$(ticket)
prove "别的系统拿去无用 not for another service" eval 'validate "$t" "$app/cas/y" | grep -q INVALID_SERVICE && validate "$t" "$app/cas/x?a=1&b=2" | grep -q INVALID_TICKET'
t=$(ticket)
prove "JSON 验票 a ticket as JSON" eval '[ "$(curl -s "$url/cas/p3/serviceValidate?format=json&ticket=$t&service=$(escape "$app/cas/x?a=1&b=2")" | jq -r ".serviceResponse.authenticationSuccess | [.user, .attributes.groups[0]] | join(\" \")")" = "zhang leader_city" ]'
prove "缺参数 without its parameters" eval 'curl -s "$url/cas/serviceValidate?format=JSON" | jq -e ".serviceResponse.authenticationFailure.code == \"INVALID_REQUEST\"" >/dev/null'
prove "没登记的系统不带票 no ticket for a service that is not registered" equal "$(browse "$url/cas/login?service=https%3A%2F%2Fevil.example%2F")$(browse "$url/cas/login?service=$(escape "$app/casual/")")" 400400

# --- a dishonest client
verifier=$(head -c 32 /dev/urandom | base64 | tr '+/' '-_' | tr -d '=')
challenge=$(printf %s "$verifier" | openssl dgst -sha256 -binary | base64 | tr '+/' '-_' | tr -d '=')
authorize() { browse "$url/oidc/authorize?client_id=gis&redirect_uri=$(escape "$1")&response_type=code&scope=openid&state=s1&nonce=n1&code_challenge=$challenge&code_challenge_method=${2:-S256}${3:-}"; }
new_code() { authorize "$app/app/back" >/dev/null; location | sed -n 's/.*[?&]code=\([0-9a-f]*\).*/\1/p'; }
token() { curl -s -o "$work/tok" -w '%{http_code}' -u "gis:${3:-$secret}" -d grant_type=authorization_code -d "code=$1" -d "code_verifier=$2" --data-urlencode "redirect_uri=${4:-$app/app/back}" "$url/oidc/token"; }
prove "别的回跳地址不去 another address is not gone to" eval '[ "$(authorize https://evil.example/)" = 400 ] && [ -z "$(location)" ]'
prove "没有 PKCE 或 plain 不行 no PKCE, or plain: no" eval 'authorize "$app/app/back" plain >/dev/null; location | grep -q error=invalid_request'
prove "state 与 iss 带回 state and issuer come back" eval 'authorize "$app/app/back" >/dev/null; location | grep -q "state=s1" && location | grep -q "iss=$(escape "$url")"'
# the same question as a form (OpenID Connect Core 3.1.2.1): with and without the session's cookie
form() { browse -X POST "$@" --data-urlencode "redirect_uri=$app/app/back" -d "client_id=gis&response_type=code&scope=openid&state=s2&nonce=n2&code_challenge=$challenge&code_challenge_method=S256" "$url/oidc/authorize"; }
prove "以表单问：转为 GET asked by a form: goes on as GET" eval '[ "$(form)" = 303 ] && to=$(location) && [ "$(browse "$url$to")" = 302 ] && location | grep -q "code=.*state=s2"'
prove "别站的表单也只是转 a form of another site too" eval '[ "$(curl -s -o /dev/null -w "%{http_code}" -X POST -d client_id=gis "$url/oidc/authorize")" = 303 ]'
c=$(new_code)
prove "校验码不对 a wrong verifier" eval '[ "$(token "$c" "${verifier%?}x")" = 400 ] && grep -q invalid_grant "$work/tok"'
prove "错过一次的码不再有效 and the code is spent" equal "$(token "$c" "$verifier")" 400
c=$(new_code)
prove "系统口令不对 a wrong secret" eval '[ "$(token "$c" "$verifier" 0000)" = 401 ] && grep -q invalid_client "$work/tok"'
prove "回跳地址不同 another redirect_uri" equal "$(token "$c" "$verifier" "$secret" "$app/bye")" 400
c=$(new_code)
prove "正常 the honest one" equal "$(token "$c" "$verifier")" 200
access=$(jq -r .access_token "$work/tok") id=$(jq -r .id_token "$work/tok")
info() { curl -s -o "$work/info" -w '%{http_code}' -H "Authorization: Bearer $1" "$url/oidc/userinfo"; }
part() { cut -d. -f"$2" <<<"$1" | tr '_-' '/+' | awk '{while (length % 4) $0 = $0 "="; print}' | base64 -d; }
prove "ID 令牌：发行者、对象、时限、nonce the ID token" eval '[ "$(part "$id" 2 | jq -r "[.iss, .aud, .nonce, .preferred_username, (.exp - .iat | tostring)] | join(\" \")")" = "$url gis n1 zhang 300" ]'
prove "userinfo 同一个 sub the same sub" eval '[ "$(info "$access")" = 200 ] && [ "$(jq -r .sub "$work/info")" = "$(part "$id" 2 | jq -r .sub)" ]'
prove "ID 令牌不能当访问令牌 an ID token is no access token" equal "$(info "$id")" 401
prove "访问令牌不是会话、不能调接口 an access token opens no API" equal "$(curl -s -o /dev/null -w '%{http_code}' -H "Authorization: Bearer $access" "$url/api/v1/sites")" 401
prove "码用两次：前次所得作废 a code shown twice ends what came of it" eval '[ "$(token "$c" "$verifier")" = 400 ] && [ "$(info "$access")" = 401 ]'
c=$(new_code); token "$c" "$verifier" >/dev/null
access=$(jq -r .access_token "$work/tok") id=$(jq -r .id_token "$work/tok")
# signed out by the client: only with a token of ours, back only to a registered address
logout() { browse "$url/oidc/logout?id_token_hint=$1&post_logout_redirect_uri=$(escape "$2")&state=z"; }
none=$(printf '{"alg":"none","kid":"%s"}' "$(part "$id" 1 | jq -r .kid)" | base64 -w0 | tr '+/' '-_' | tr -d '=').$(cut -d. -f2 <<<"$id").
prove "alg=none、改过的、别处的不认 alg none, changed, elsewhere: no" equal "$(logout "$none" "$app/bye")$(logout "${id%?????}AAAAA" "$app/bye")$(logout "$id" https://evil.example/)" 400400400
prove "以表单退出：转为 GET signing out by a form goes on as GET" eval '[ "$(browse -X POST -d "id_token_hint=$none" "$url/oidc/logout")" = 303 ] && to=$(location) && [ "$(browse "$url$to")" = 400 ]'
# begun by the real client: it ends its own session, then ours, and comes back
prove "mod_auth_openidc 发起退出 signing out begun by the real client" eval 'browse "$app/app/back?logout=$(escape "$app/bye")" >/dev/null; to=$(location); case $to in "$url"/oidc/logout\?*id_token_hint=*) true ;; *) false ;; esac'
prove "到这里，又回到登记的地址 it comes here, and back to its address" eval '[ "$(browse "$to")" = 302 ] && case $(location) in "$app/bye"*) true ;; *) false ;; esac'
prove "由系统退出，回到登记的地址 signed out by the client" eval '[ "$(logout "$id" "$app/bye")" = 302 ] && [ "$(location)" = "$app/bye?state=z" ]'
prove "会话与访问令牌都结束 the session and its tokens are over" equal "$(browse "$url/api/v1/sites")$(info "$access")" 401401
prove "没有登录、prompt=none not signed in, prompt=none" eval 'authorize "$app/app/back" S256 "&prompt=none" >/dev/null; location | grep -q error=login_required'

# roles
secret=$(as sec POST /api/v1/clients "{\"id\":\"hrsys\",\"name\":\"人事\",\"urls\":[\"$app/hr\"],\"roles\":[\"hr\"]}" | jq -r .secret)
browse -X POST -H 'Content-Type: application/json' -d '{"login":"zhang","password":"Own-Vlk9Bdm-2!"}' "$url/api/v1/session" >/dev/null
browse "$url/oidc/authorize?client_id=hrsys&redirect_uri=$(escape "$app/hr")&response_type=code&scope=openid&code_challenge=$challenge&code_challenge_method=S256" >/dev/null
prove "角色不给的系统进不去 not for whose roles do not give it" eval 'location | grep -q error=access_denied'
prove "注销系统后不再发码 a removed client gets nothing" eval '[ "$(code sec DELETE /api/v1/clients/gis)" = 200 ] && [ "$(authorize "$app/app/back")" = 400 ]'
kids=$(curl -s "$url/oidc/jwks" | jq -r '.keys[].kid')
close_house
open_house || exit 1
prove "签名密钥重启不变，封存 the signing key stays over a restart, sealed" eval '[ "$(curl -s "$url/oidc/jwks" | jq -r ".keys[].kid")" = "$kids" ] && ! grep -aq "PRIVATE KEY" "$house/access.db"'
saw "单点登录成立"
