#!/bin/bash
# T3a: the code sets are machine readable, whole and validated: factors (HJ 212, HJ 524, HJ 525), systems, areas
# (GB/T 2260), industries (GB/T 4754), waste, units ...; codes are checked against them; bad rows are refused.
. "$(dirname "$0")/lib.sh"

lists=$(get "/api/v1/standards?kind=codes&day=all")
n=$(jq '.items | length' <<<"$lists")
prove "代码集 $n 张，各有中英文名称、主键、行数 code sets with titles, keys, rows" equal \
	"$(jq '[.items[] | select(.title == "" or .title_en == "" or (.key | length) == 0 or .rows < 1)] | length' <<<"$lists")" 0
prove "不少于 20 张 at least 20" at_least "$n" 20
for t in codes/factors codes/systems codes/units codes/industries codes/process-factors area/nanjing waste/categories quality/marks; do
	prove "有 there is $t" equal "$(jq --arg t "$t" '[.items[] | select(.table == $t)] | length' <<<"$lists")" 1
done

# Each one as JSON, as CSV, and with its columns described: the same rows.
rows=0
for t in $(jq -r '.items[].table' <<<"$lists"); do
	json=$(get "/api/v1/standards/tables/$t?day=all&limit=5000")
	count=$(jq '.items | length' <<<"$json")
	csv=$(get "/api/v1/standards/tables/$t/csv?day=all" | tail -n +2 | grep -c .)
	described=$(jq '[.columns[] | select(.title == "" or .type == "")] | length' <<<"$json")
	marked=$(jq '[.items[] | select(.standard == null or (.mark | IN("S","R","G","U") | not))] | length' <<<"$json")
	[ "$count/$csv/$described/$marked" = "$count/$count/0/0" ] || prove "$t 两种格式一致、列有说明、行有出处 $count/$csv/$described/$marked" false
	rows=$((rows + count))
done
prove "两种格式逐张一致，每列有说明，每行有标准与可信程度，共 $rows 行 JSON and CSV agree" at_least "$rows" 2000
built_in_fits() { "$SHANSHUI" standards check >"$work/check"; }
prove "自带的法表整套检查通过 the built-in tables are checked" built_in_fits

check() { post "/api/v1/standards/codes?day=${3:-$(date +%F)}" "{\"table\":\"$1\",\"codes\":$2}"; }
f=$(check codes/factors '["a21026","w01018","w01003","a05024","011","B01","PM2.5","氨氮","x99999"]')
prove "HJ 212、HJ 524、HJ 525 编码有效 valid" equal "$(jq -c '[.items[:4][].state] | unique' <<<"$f")" '["valid"]'
prove "旧码、别名指到现行编码，未知的说未知 old, alias, unknown" equal "$(jq -c '[.items[4:][] | [.state, .current]]' <<<"$f")" \
	'[["old","w01018"],["old","w00000"],["alias","a34004"],["alias","w21003"],["unknown",null]]'
a=$(check area/nanjing '["320115","320107"]')
prove "行政区划：现行有效，撤并的指到现行 areas" equal "$(jq -c '[.items[] | [.state, .current]]' <<<"$a")" '[["valid","320115"],["ended","320106"]]'
prove "2012 年的资料里 320107 有效 valid in 2012" equal "$(check area/nanjing '["320107"]' 2012-06-01 | jq -r '.items[0].state')" valid

# What is wrong is refused, and says which column of which row.
refuse() { # words that must be in the answer, body
	[ "$(status_of -X POST -H 'Content-Type: application/json' --data-binary "$2" "$SHANSHUI_URL/api/v1/standards/check")" = 400 ] &&
		jq -r .detail <"$work/body" | grep -q "$1"
}
row='"name":"甲","medium":"air","standard":"平台自定","mark":"U"'
prove "单位不在表里即拒绝 an unknown unit" refuse 'unit 的 mg/M3' "{\"table\":\"codes/factors\",\"rows\":[{\"code\":\"a00009\",\"unit\":\"mg/M3\",$row}]}"
prove "缺名称即拒绝 a missing name" refuse '列 name' "{\"table\":\"codes/factors\",\"rows\":[{\"code\":\"a00009\",\"medium\":\"air\",\"standard\":\"平台自定\",\"mark\":\"U\"}]}"
prove "没有登记的标准即拒绝 an unregistered standard" refuse 'GB 0-0000' "{\"table\":\"codes/factors\",\"rows\":[{\"code\":\"a00009\",\"name\":\"甲\",\"medium\":\"air\",\"standard\":\"GB 0-0000\",\"mark\":\"U\"}]}"
prove "没有的列即拒绝 an unknown column" refuse 'data.rows\[0\].colour' "{\"table\":\"codes/factors\",\"rows\":[{\"code\":\"a00009\",\"colour\":\"red\",$row}]}"
prove "断点不相接即拒绝 a gap between breakpoints" refuse '不相接' '{"table":"limits/air-aqi","rows":[{"medium":"air","item":"a34004","grade":"0-50","averaging":"day","low":0,"high":30,"unit":"ug/m3","valid_from":"2099-01-01","standard":"HJ 633-2026","mark":"U"}]}'
saw "代码集 $n 张 $rows 行；法 $(jq -r .law.version <<<"$lists")"
