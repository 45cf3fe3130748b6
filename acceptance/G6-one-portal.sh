#!/bin/bash
# G6: one entry portal. One sign-on reaches every subsystem; the public and the staff side are apart.
. "$(dirname "$0")/lib-access.sh"
open_house || not_run "服务没有启动 no server"
printf 'mn,site_code,site_name,kind,district,lon,lat,system,interval_s,label\nG6A,G6A,公开站,air,320102,118.79,32.05,22,60,public\nG6B,G6B,企业排口,source_water,320102,118.80,32.06,32,60,\nG6C,G6C,保密断面,water,320104,118.78,32.01,21,60,restricted\n' >"$work/r.csv"
curl -fsS -X POST -H 'Content-Type: text/csv' --data-binary "@$work/r.csv" "$url/api/v1/devices/import" >/dev/null || exit 1
three || exit 1
person leader leader_city || exit 1
person officer enforce_officer '["320102"]' || exit 1

# --- one sign-on, every subsystem --------------------------------------------------------------------
prove "登录一次，会话认得是谁 one sign-on: the session knows who it is" equal "$(as leader GET /api/v1/session | jq -c '[.signed_in, .user.login]')" '[true,"leader"]'
as leader GET /api/v1/modules | jq -c 'if type == "array" then . else .items end' >"$work/modules"
prove "业务系统的菜单随登录而来 the subsystems come with it as a menu" at_least "$(jq length "$work/modules")" 5
refused=
for path in $(jq -r '.[] | (.flows[]?.id | "flows/" + .), (.types[]?.id | "things/" + . + "?limit=1")' "$work/modules") sites alarms devices review/dictionary standards inbox tasks districts; do
	[ "$(code leader GET "/api/v1/$path")" = 200 ] || refused="$refused $path:$(cat "$work/status")"
done
prove "同一个会话进入每一个：$(jq -r '[.[].title.zh] | join("、")' "$work/modules") the same session enters each of them" equal "$refused" ""
other=$(as officer GET /api/v1/modules | jq -c '[if type == "array" then .[] else .items[] end | .id]')
prove "别的角色的菜单是他的 another role has a menu of its own" eval '[ "$other" != "$(jq -c "[.[].id]" "$work/modules")" ] || [ "$(as officer GET /api/v1/session | jq -c ".permissions | length")" != "$(as leader GET /api/v1/session | jq -c ".permissions | length")" ]'
as sec POST /api/v1/clients '{"id":"gis","name":"旧系统","urls":["https://gis.example/back"]}' >/dev/null
challenge=$(head -c 32 /dev/urandom | openssl dgst -sha256 -binary | base64 | tr '+/' '-_' | tr -d '=')
back=$(curl -s -o /dev/null -w '%{redirect_url}' -b "$work/leader.jar" "$url/oidc/authorize?client_id=gis&redirect_uri=https%3A%2F%2Fgis.example%2Fback&response_type=code&scope=openid&code_challenge=$challenge&code_challenge_method=S256")
prove "已有的系统也不再登录 nor does a system of old ask again" eval 'grep -q "^https://gis.example/back?.*code=" <<<"$back"'

# --- apart: what anybody may see, and nothing else -----------------------------------------------------
anon() { curl -s -o "$work/body" -w '%{http_code}' --max-time $patience "$@"; }
prove "公众不登录，读公开的站点 the public reads what is public without signing in" equal "$(anon "$url/api/v1/public/sites") $(jq -c '[.items[].name]' "$work/body")" '200 ["公开站"]'
public=$(jq -r '.items[0].id' "$work/body")
prove "公开的答复里没有编码、设备、MN、密级 nothing of codes, devices, labels in it" eval '! grep -Eq "G6A|\"code\":\"G6|devices|\"label\"|attributes|outlets|peer" "$work/body"'
prove "公开的站点，最新的值与依据 a public site with its values" equal "$(anon "$url/api/v1/public/sites/$public")" 200
as leader GET '/api/v1/sites?limit=100' >"$work/staff"
for name in 企业排口; do
	hidden=$(jq -r --arg n "$name" '.items[] | select(.name == $n) | .id' "$work/staff")
	prove "不公开的站点，公众那里没有，与不存在的一样 what is not public is not there, as what does not exist: $name" \
		equal "$(anon "$url/api/v1/public/sites/$hidden") $(anon "$url/api/v1/public/sites/99999999")" "404 404"
done
prove "领导登录后，公众接口给的还是同样的 signed in the public side shows the same" equal "$(as leader GET /api/v1/public/sites | jq -c '[.items[].name]')" '["公开站"]'
curl -fsS -b "$work/sys.jar" "$url/api/v1/openapi.json" | jq -r '.paths | to_entries[] | select(.key | startswith("/api/v1/")) | .key as $k | .value | keys[] | "\(.) \($k)"' >"$work/routes" || exit 1
open_ones='^(get /api/v1/public/|get /api/v1/session$|post /api/v1/session$|delete /api/v1/session$|post /api/v1/session/(challenge|certificate)$|post /api/v1/setup$|get /api/v1/ca/(chain|crl)$|post /api/v1/inbox/receipts$)'
leaks= n=0
while read -r method path; do
	target=$(sed 's/{[^}]*}/1/g' <<<"$path")
	s=$(anon -X "${method^^}" "$url$target")
	n=$((n + 1))
	[ "$s" = 401 ] || leaks="$leaks $method:$path:$s"
done < <(grep -Ev "$open_ones" "$work/routes")
prove "工作人员的接口都要登录（逐个问过）every staff resource asks for a sign-in: each was asked" equal "$leaks" ""
prove "问过的接口数 how many were asked: $n" at_least "$n" 120
for page in / /portal /work /alarms; do
	curl -s --max-time $patience "$SHANSHUI_URL$page" >"$work/page"
	prove "网页 $page 只是外壳，不带数据 the page is a shell without data" eval '! grep -q "公开站\|企业排口\|\"items\"" "$work/page"'
done
saw "一次登录进入 $(jq length "$work/modules") 个业务系统；公众一侧只有公开的站点；$n 个工作接口拒绝未登录者"
