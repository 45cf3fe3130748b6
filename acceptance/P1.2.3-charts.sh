#!/bin/bash
# P1.2.3: charts. In a real browser twenty-one kinds, the eight that the plan names among them, are built from the city's own
# data by drag and drop; each draws, and its numbers are those of the interface. A chart is kept, read back, saved as a
# picture and as a file. A declaration that is wrong is refused by field, whichever way it comes.
. "$(dirname "$0")/lib.sh"
needs_pages
web=$(cd "$(dirname "$0")/../web" && pwd)
[ -x /usr/bin/chromium ] && [ -d "$web/node_modules/playwright-core" ] || not_run "没有 Chromium 或 playwright-core not here"

try() { curl -s --max-time $patience -X POST -H 'Content-Type: application/json' --data-binary "$1" "$SHANSHUI_URL/api/v1/datasets/check"; }
try '{"spec":{"source":{"kind":"records","type":"discharger"},"steps":[{"do":"group","by":["nix"],"measures":[{"as":"n","fn":"cnt"}]},{"do":"compute","as":"x","expr":"1 +"}]}}' >"$work/bad"
prove "写错的逐字段指出 what is wrong is told field by field" equal "$(jq -c '[.ok, (.problems[].field)]' "$work/bad")" \
	'[false,"steps.0.by.0","steps.0.measures.0.fn","steps.1.expr"]'
code=acc_$(date +%s%N | tail -c 12)
prove "经记录接口存错的写法被退回 a wrong declaration is refused by the resource of records" equal \
	"$(status_of -X POST -H 'Content-Type: application/json' -d "$(jq -n --arg c "$code" '{fields:{code:$c,name:"错",spec:"{\"source\":{\"kind\":\"alarms\"},\"steps\":[{\"do\":\"sort\",\"by\":[\"nix\"]}]}"}}')" "$SHANSHUI_URL/api/v1/things/data_set")" 400
prove "理由写明字段 with the field" grep -q 'steps.0.by.0' "$work/body"

prove "浏览器里拖放做成二十一种图，逐种换遍六种风格 twenty-one kinds are built by drag and drop, each shown in all six styles" \
	node "$web/e2e/charts.mjs" --base "$SHANSHUI_URL" --shots "$work" --only build >"$work/built" || { cat "$work/built"; exit 1; }
grep -v '^{' "$work/built"
grep '^{' "$work/built" >"$work/built.json"
for kind in bar pie ring scatter line radar heat gauge; do
	prove "$kind 画出来了 is drawn" at_least "$(jq ".build.ink.$kind" "$work/built.json")" 500
done
prove "另有十三种 and thirteen more" at_least "$(jq .build.kinds "$work/built.json")" 21
