#!/bin/bash
# P1.2.4: style templates. In a real browser a chart is shown in every style; what is bound, its options and its data stay
# the same; so does what is kept when only the style changes.
. "$(dirname "$0")/lib.sh"
needs_pages
web=$(cd "$(dirname "$0")/../web" && pwd)
[ -x /usr/bin/chromium ] && [ -d "$web/node_modules/playwright-core" ] || not_run "没有 Chromium 或 playwright-core not here"

prove "六种风格切换，绑定不变 six styles, the bindings stay" \
	node "$web/e2e/charts.mjs" --base "$SHANSHUI_URL" --shots "$work" --only styles >"$work/styles" || { cat "$work/styles"; exit 1; }
grep -v '^{' "$work/styles"
prove "六种风格 six styles" at_least "$(grep '^{' "$work/styles" | jq .styles.styles)" 6

# Kept: the declaration differs in the style and in nothing else, as a new version.
code=acc_$(date +%s%N | tail -c 12)
spec='{"set":"dischargers_credit","chart":"ring","bind":{"name":"credit","value":"n"},"options":{"limit":{"value":9}},"template":"light-office"}'
id=$(post /api/v1/things/chart "$(jq -n --arg c "$code" --arg s "$spec" '{fields:{code:$c,name:"风格",spec:$s}}')" | jq -r .id)
get "/api/v1/charts/$code" | jq -Sc '.spec | del(.template)' >"$work/before"
for style in deep-blue ink red-alert print high-contrast; do
	v=$(get "/api/v1/charts/$code" | jq .version)
	curl -fsS -X PATCH -H 'Content-Type: application/json' -d "$(jq -n --argjson v "$v" --arg s "$(jq -c --arg t $style '.template = $t' <<<"$spec")" '{version:$v,fields:{spec:$s}}')" \
		"$SHANSHUI_URL/api/v1/things/chart/$id" >/dev/null || exit 1
	get "/api/v1/charts/$code" | jq -Sc '.spec | del(.template)' >"$work/after"
	prove "换成 $style，其余一字不差 nothing else changed" cmp -s "$work/before" "$work/after"
done
prove "每换一次是一个版本 each change is a version" equal "$(get "/api/v1/things/chart/$id/history" | jq '.items | length')" 6
