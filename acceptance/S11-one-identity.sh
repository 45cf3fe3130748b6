#!/bin/bash
# S11: one identity for the bureau's systems, rights, and behaviour that cannot be denied: who saw what.
# 可并行 beside the others: a house of its own.
. "$(dirname "$0")/lib-access.sh"
open_house || not_run "服务没有启动 no server"
three || exit 1
person zhang leader_city || exit 1
zhang=$id
person wang hr || exit 1
phone=$(as sys POST /api/v1/users '{"login":"li","name":"李","phone":"13912345678","password":"Temp-Qwx7Zk-1!"}' | jq -r .id)

# one sign-in, two systems: OpenID Connect and CAS
secret=$(as sec POST /api/v1/clients '{"id":"gis","name":"旧地图","urls":["https://gis.example/back"]}' | jq -r .secret)
as sec POST /api/v1/clients '{"id":"oa","name":"旧办公","kind":"cas","urls":["https://oa.example/"],"roles":["leader_city"]}' >/dev/null
verifier=$(head -c 32 /dev/urandom | base64 | tr '+/' '-_' | tr -d '=')
challenge=$(printf %s "$verifier" | openssl dgst -sha256 -binary | base64 | tr '+/' '-_' | tr -d '=')
to() { curl -s -o /dev/null -w '%{redirect_url}' -b "$work/$1.jar" "$url$2"; }
code=$(to zhang "/oidc/authorize?client_id=gis&redirect_uri=https%3A%2F%2Fgis.example%2Fback&response_type=code&scope=openid&code_challenge=$challenge&code_challenge_method=S256" | sed -n 's/.*[?&]code=\([0-9a-f]*\).*/\1/p')
tokens=$(curl -s -u "gis:$secret" -d "grant_type=authorization_code&code=$code&code_verifier=$verifier" --data-urlencode redirect_uri=https://gis.example/back "$url/oidc/token")
prove "一次登录，旧地图系统得到身份 one sign-in: the map system learns who it is" eval '[ "$(curl -s -H "Authorization: Bearer $(jq -r .access_token <<<"$tokens")" "$url/oidc/userinfo" | jq -r .preferred_username)" = zhang ]'
# The ID token, checked by openssl with the published key alone.
raw() { tr '_-' '/+' | awk '{while (length % 4) $0 = $0 "="; print}' | base64 -d; }
jwt=$(jq -r .id_token <<<"$tokens")
key=$(curl -s "$url/oidc/jwks" | jq -c '.keys[0]')
{ printf '3059301306072a8648ce3d020106082a8648ce3d030107034200 04' | tr -d ' '; for c in x y; do jq -r ".$c" <<<"$key" | raw | od -An -tx1 | tr -d ' \n'; done; } | sed 's/../\\x&/g' | xargs -0 printf '%b' >"$work/key.der"
sig=$(cut -d. -f3 <<<"$jwt" | raw | od -An -tx1 | tr -d ' \n')
int() { v=$(sed 's/^\(00\)*//' <<<"$1"); case $v in [89a-f]*) v=00$v ;; esac; printf '02%02x%s' $((${#v} / 2)) "$v"; }
both=$(int "${sig:0:64}")$(int "${sig:64:64}")
printf '%b' "$(printf '30%02x%s' $((${#both} / 2)) "$both" | sed 's/../\\x&/g')" >"$work/sig.der"
printf %s "${jwt%.*}" >"$work/signed"
prove "ID 令牌由 openssl 凭公布的公钥验得 openssl verifies the ID token with the published key" openssl dgst -sha256 -verify <(openssl pkey -pubin -inform DER -in "$work/key.der") -signature "$work/sig.der" "$work/signed"
ticket=$(to zhang "/cas/login?service=https%3A%2F%2Foa.example%2F" | sed -n 's/.*ticket=//p')
prove "不再登录，旧办公系统（CAS）也认 without signing in again the office system too" eval 'curl -s "$url/cas/p3/serviceValidate?ticket=$ticket&service=https%3A%2F%2Foa.example%2F" | grep -q "<cas:user>zhang</cas:user>"'
prove "授权：角色不给的进不去 authorisation: not for another role" equal "$(curl -s -o /dev/null -w '%{http_code}' -b "$work/wang.jar" "$url/cas/login?service=https%3A%2F%2Foa.example%2F")" 403

# who saw what, and it cannot be denied
as wang POST "/api/v1/users/$phone/unmask" '{"purpose":"核对值班电话"}' >/dev/null
code zhang GET /api/v1/users >/dev/null
seen() { as aud GET "/api/v1/audit?actor=$1&limit=200" | jq -e "[.items[] | select($2)] | length >= 1" >/dev/null; }
prove "谁进了哪个系统 who went into which system" seen zhang '.action == "sso.authorize" and .target == "client/gis"'
prove "谁看了谁的号码、为何 who saw whose number, and why" seen wang ".action == \"personal.unmask\" and (.target | contains(\"$phone\"))"
prove "被拒的也有 refusals too" seen zhang '.action == "user.read" and .outcome == "denied"'
prove "被拒的单点登录也有 and of single sign-on" seen wang '.action == "sso.cas" and .outcome == "denied"'
"$SHANSHUI" journal cat --data "$house" --limit 1 >/dev/null
"$SHANSHUI" evidence export nothing --by x --why x --data "$house" >/dev/null 2>&1
by_hand() { as aud GET "/api/v1/audit?via=cli&limit=50" | jq -e "[.items[] | select(.actor == \"os:$(id -un)\" and $1)] | length >= 1" >/dev/null; }
prove "命令行看的、导出的（不成的也有）by command too, and what failed" until_holds 60 eval 'by_hand ".action == \"journal cat\" and .outcome == \"ok\"" && by_hand ".action == \"evidence export\" and .outcome == \"failed\""'
prove "授权写明给了什么，收回写明原来有什么 what was given, and what was taken" eval 'as sec DELETE "/api/v1/assignments/$(as sec GET /api/v1/assignments | jq -r ".items[] | select(.login == \"wang\").id")" >/dev/null; as aud GET "/api/v1/audit?action=role.grant&limit=1" | jq -e ".items[0].detail.before | .login == \"wang\" and .role == \"hr\"" >/dev/null'
prove "审计链完好 the chain is whole" "$SHANSHUI" audit verify --data "$house"
command -v sqlite3 >/dev/null || not_run "没有 no sqlite3"
close_house
row=$(sqlite3 "$house/audit.db" "select seq from audit where action='personal.unmask' limit 1")
sqlite3 "$house/audit.db" "update audit set actor='sys' where seq=$row"
prove "改成别人看的，即被指出 rewritten to another's name: found and named" eval '! "$SHANSHUI" audit verify --data "$house" --json >"$work/v" && [ "$(jq -r .first_bad "$work/v")" = "$row" ]'
saw "单点登录、授权、责任认定成立"
