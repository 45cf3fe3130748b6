#!/bin/bash
# C16: tables and forms come in by the same checks as devices; a duplicate is refused or one value.
. "$(dirname "$0")/lib.sh"

code="ACC-$RANDOM$RANDOM"
mapping="mapping acceptance 1
site_kind water
site_code {site}
site_name 验收导入断面 {site}
time {time}
period hour
missing --
value w01001 Avg ph 1
value w21003 Avg nh3n 1"
{
	printf 'SSTABLE 1 1\n%s\n--\n' "$mapping"
	printf 'site,time,ph,nh3n\n'
	printf '%s,2026-03-01 00:00,7.51,0.31\n%s,2026-03-01 04:00,7.49,--\n' "$code" "$code"
	printf '%s,2026-02-30 04:00,7.49,0.3\n%s,2026-03-01 08:00,seven,0.3\n' "$code" "$code"
	printf '%s,2026-03-01 12:00,7.40,0.29\n' "$code"
} >"$work/table"
report=$(post "/api/v1/imports?name=acceptance.csv" "@$work/table" text/plain)
prove "五行入三行，两行退回 five rows: three taken, two refused" equal "$(jq -c '[.rows,.taken,.rejected]' <<<"$report")" "[5,3,2]"
prove "说明哪一行哪个字段 the report names line and field" grep -q '第 4 行 time' <<<"$(jq -r .report <<<"$report")"
prove "说明错在哪里 and what is wrong" grep -q '“seven”' <<<"$(jq -r .report <<<"$report")"
again=$(post "/api/v1/imports?name=acceptance.csv" "@$work/table" text/plain)
prove "同一份再导一次也给报告 the same table again is reported" equal "$(jq .taken <<<"$again")" 3
site=$(get "/api/v1/sites?q=$code" | jq '.items[0].id')
id=$(series w01001 Avg hour) || exit 1
prove "重复的不加倍 nothing is doubled" until_holds 5 points_are "from=2026-03-01T00:00:00%2B08:00&to=2026-03-02T00:00:00%2B08:00" \
	'[.points[] | .[1]]' "[7.51,7.49,7.4]"

# A device registered twice, and a list with faults.
device water "验收登记 C16" || exit 1
second=$(status_of -X POST -H 'Content-Type: application/json' --data "{\"mn\":\"$mn\",\"site_name\":\"另一处\",\"kind\":\"water\",\"district\":\"320106\"}" "$SHANSHUI_URL/api/v1/devices")
prove "同一 MN 再登记被拒 the same MN again is refused" equal "$second" 409
printf 'mn,site_code,site_name,kind,district,lon,lat\nACCB%s1,AB1,甲,water,320106,118.77,32.06\nACCB%s2,AB2,乙,nosuch,320106,118.77,32.06\nACCB%s1,AB3,丙,water,320106,118.77,32.06\n' $RANDOM $RANDOM $RANDOM |
	sed '4s/.*/'"$mn"',AB4,丁,water,999999,118.77,32.06/' >"$work/list"
report=$(post /api/v1/devices/import "@$work/list" text/csv)
prove "批量登记逐行报告 bulk registration reports by row" equal "$(jq .rejected <<<"$report")" 2
saw "表格 5 行入 3 退 2（逐行说明）；重复导入不加倍；重复登记 409；批量登记逐行报告"
