#!/bin/bash
# E4: double random draw: pools frozen, a public seed, results and swaps from one stream of whole numbers; an independent
# program replays it from what is published alone, one changed byte is found with its place, and nobody can choose.
. "$(dirname "$0")/lib-access.sh"
. "$(dirname "$0")/lib-cases.sh"
one_day
replay() { node "$here/tests/draw/replay.mjs" "$@"; }
open_house --http.web "$here/web/dist" || not_run "服务没有启动 no server"
for t in legal_person discharger; do import here $t "$data/$t.csv" >/dev/null; done
import here inspector "$here/modules/enforcement/inspections/data/inspector.csv" >/dev/null
firms=$(say here GET '/api/v1/things/discharger?count=1&limit=1' | jq .count)
prove "名录与人员导入 pools are there ($firms)" at_least "$firms" 200
day=$(day_of %F)
secret="山水 $(date +%N)"
draw() { echo "{\"draw\":\"$1\",\"quarter\":\"2026Q4\",\"day\":\"$day\",\"public_source\":\"某市某日第 1 期彩票\",\"secret_digest\":\"$(printf '%s' "$secret" | sm3_of)\"}"; }
kit() { say here GET "/api/v1/things/draw/$1" >"$work/kit.json"; }

# Frozen: digests anyone can compute; not drawn before the public number can be there; nothing of it changes.
id=$(open_case here draw "$(draw D1)")
prove "冻结名录 the pools are frozen" equal "$(go here draw "$id" frozen)" 200
kit "$id"
prove "公布的摘要人人可算 the published digest is that of the published list" equal "$(jq -r .fields.objects "$work/kit.json" | sm3_of)" "$(jq -r .fields.objects_digest "$work/kit.json")"
go here draw "$id" drawn '{"public_number":"0712213033"}' >/dev/null
prove "冻结未满 24 小时不能抽 not drawn within 24 hours of the freeze" because 24
prove "冻结后名录不能改 a frozen pool cannot be changed" test "$(put here draw "$id" "{\"objects\":$(jq '.fields.objects | sub("general"; "key")' "$work/kit.json")}")" -ge 400
prove "承诺不能改 nor the commitment" test "$(put here draw "$id" '{"secret_digest":"'$(printf x | sm3_of)'"}')" -ge 400

# The proof itself does not wait a day: the period is law, amended here in a house of its own.
say here POST /api/v1/standards/amendments "{\"table\":\"enforcement/parameters\",\"by\":\"验收\",\"reason\":\"验收\",\"rows\":[{\"name\":\"draw.freeze_hours\",\"value\":0,\"unit\":\"h\",
\"title\":\"冻结\",\"title_en\":\"freeze\",\"standard\":\"平台自定\",\"clause\":\"\",\"valid_from\":\"2026-01-01\",\"source\":\"验收\",\"mark\":\"U\"}]}" >/dev/null
prove "期限是法，可修订 the period is law" equal "$(said)" 201
body=$(draw D2)
crowd 8 8 eval 'curl -s --max-time $patience -X POST -H "Content-Type: application/json" -d "{\"data\":$body}" "$url/api/v1/cases/draw" | jq -r ".id // empty" >"$work/d2.$n"'
prove "同一编号并发八次，只有一次成立 one of eight at once" equal "$(cat "$work"/d2.* | grep -c .)" 1
id=$(cat "$work"/d2.* | grep .)
go here draw "$id" frozen >/dev/null
go here draw "$id" drawn '{"public_number":"0712213033","secret":"不是它"}' >/dev/null
prove "密语与承诺不符即拒绝 a secret that was not committed to is refused" because 承诺
prove "抽取 drawn" equal "$(go here draw "$id" drawn "{\"public_number\":\"0712213033\",\"secret\":\"$secret\"}")" 200
kit "$id"
drawn=$(jq '.fields.results | length' "$work/kit.json")
prove "独立程序只凭公布的材料复算一致（$drawn 家） the independent program replays it" eval 'replay "$work/kit.json"'
prove "每家一条任务 one task for each" equal "$(say here GET "/api/v1/things/inspection_task?count=1&limit=1&filter=$(escape '{"field":"draw","op":"=","value":"D2"}')" | jq .count)" "$drawn"

# One byte anywhere is found with its place.
while read -r what filter; do
	jq "$filter" "$work/kit.json" >"$work/bad.json"
	replay "$work/bad.json" >"$work/found" && { echo "没有发现 not found: $what"; exit 1; }
	grep -q 不符 "$work/found" || { cat "$work/found"; exit 1; }
done <<'END'
对象 .fields.objects|=sub("1000";"1001")
人员 .fields.officers|=sub("ZF001";"ZF00I")
公开数 .fields.public_number|=sub("0";"1")
密语 .fields.secret|=sub("山";"仙")
种子 .fields.seed|=sub("[0-8]";"9")
结果 .fields.results[7].object|=sub("3201";"3202")
人 .fields.results[3].officers|=sub("ZF0";"ZF1")
位置 .fields.position|=.+1
次序 .fields.results|=[.[1],.[0]]+.[2:]
END
prove "九处各改一个字节，都指出位置 one byte changed in nine places is found each time" true

# A citizen, not signed in, has the material and checks it in his own browser.
prove "公众不登录就有材料，没有办事人的名字 anybody has the material, without the staff's names" equal \
	"$(curl -s --max-time $patience "$url/api/v1/public/records/draw/$id" | jq -c '[.fields == $kit[0].fields, has("created_by"), has("may")]' --slurpfile kit "$work/kit.json")" '[true,false,false]'
prove "公众看不到内部的记录 nothing internal is public" equal "$(curl -s -o /dev/null -w '%{http_code}' --max-time $patience "$url/api/v1/public/records/inspection_task")" 404
browser_checks() { # the same material, and four that were changed
	bad() { jq "$2" "$work/kit.json" >"$work/bad-$1.json" && printf -- '--bad %s=%s ' "$work/bad-$1.json" "$1"; }
	# shellcheck disable=SC2046
	E2E_WAIT=${E2E_WAIT:-300000} node "$here/web/e2e/draws.mjs" --base "$url" --draw D2 $(bad objects '.fields.objects|=sub("1000";"1001")'
		bad secret '.fields.secret|=sub("山";"仙")' && bad results '.fields.results[3].officers|=sub("ZF0";"ZF1")' && bad position '.fields.position|=.+1')
}
if [ "${SHANSHUI_PAGES:-1}" = 1 ] && [ -d "$here/web/node_modules/playwright-core" ] && [ -x /usr/bin/chromium ]; then
	prove "市民在浏览器里核对：一致；四处改动各指出哪一步 a citizen's browser checks it, and finds four changes" browser_checks
fi

# Nobody chooses: not by the interface, not in the database.
chosen=$(jq -c '.fields.results | .[0].object = "3201D0000001"' "$work/kit.json")
prove "接口不能指定单位 no firm by the interface" test "$(put here draw "$id" "{\"results\":$chosen}")" -ge 400
prove "说明理由 and says why" because 数流
object=$(jq -r '.fields.results[0].object' "$work/kit.json") out=$(jq -r '.fields.results[0].officers | split(",")[0]' "$work/kit.json")
prove "换人是数流的下一个 a swap takes the next of the stream" equal "$(go here draw "$id" swap "{\"swap_object\":\"$object\",\"swap_out\":\"$out\",\"swap_reason\":\"病假\"}")" 200
kit "$id"
prove "换人也能复算 the swap replays too" eval 'replay "$work/kit.json"'
swaps=$(jq -c '.fields.swaps | .[0].incoming = "ZF044"' "$work/kit.json")
prove "接口不能指定人 no person by the interface" test "$(put here draw "$id" "{\"swaps\":$swaps}")" -ge 400
prove "不在其中的人不能换 only one of the pair leaves" test "$(go here draw "$id" swap "{\"swap_object\":\"$object\",\"swap_out\":\"ZF999\",\"swap_reason\":\"x\"}")" -ge 400
prove "一千次同样名录的抽取是均匀的 a thousand draws of these pools are uniform" replay --uniform 1000 "$work/kit.json"
# A name swapped in the database itself: whoever replays what is then published finds it.
if command -v sqlite3 >/dev/null; then
	read -r object pair < <(jq -r '.fields.results[4] | [.object, .officers] | join(" ")' "$work/kit.json")
	close_house
	for t in t_draw thing_version; do sqlite3 "$house/business.db" "update $t set body = replace(body, '\"object\":\"$object\",\"officers\":\"$pair\"', '\"object\":\"$object\",\"officers\":\"ZF044,ZF043\"')"; done
	open_house
	kit "$id"
	prove "在数据库里换了人，复算指出第几个 a name swapped in the database is found with its place" eval '! replay "$work/kit.json" >"$work/found"; grep -q "第 5 个" "$work/found"'
fi
close_house
saw "抽中 $drawn 家，数流位置 $(jq .fields.position "$work/kit.json")，换人 1 次；种子 $(jq -r .fields.seed "$work/kit.json")"
