#!/bin/bash
# C7: the exposure curve of a road with its traffic.
. "$(dirname "$0")/lib.sh"

all=$(get "/api/v1/sites?kind=roadside&limit=500")
n=$(jq '[.items[] | select(.name | startswith("验收") | not)] | length' <<<"$all")
prove "演示城市有交通干道站 roadside stations are listed" at_least "$n" 3
demo=$(jq '[.items[] | select(.grade.value != null)][0].id' <<<"$all")
curve=$(get "/api/v1/exposure?site=$demo&from=$(escape "$(hour_iso '-24 hours')")&to=$(escape "$(hour_iso now)")")
prove "24 小时曲线 a curve of 24 hours" equal "$(jq '.hours | length' <<<"$curve")" 24
prove "每小时有车流与二氧化氮 most hours have traffic and NO2" at_least "$(jq '[.hours[] | select(.[1] != null and .[2] != null)] | length' <<<"$curve")" 12

device roadside "验收交通站 C7 $RANDOM" || exit 1
for i in 1 2 3; do
	hour_frame 22 "-$((5 - i)) hours" "a21004-Avg=$((20 + 20 * i)),a21004-Flag=N;VehFlow-Avg=$((1000 * i)),VehFlow-Flag=N"
done | say_frames >/dev/null
series VehFlow Avg hour >/dev/null || exit 1
own() { get "/api/v1/exposure?site=$site&from=$(escape "$(hour_iso '-4 hours')")&to=$(escape "$(hour_iso '-1 hours')")" | jq -c "$1"; }
there() { [ "$(own '[.hours[][1:3]]')" = "[[1000,40],[2000,60],[3000,80]]" ]; }
prove "逐时车流与浓度并列 traffic and concentration hour by hour" until_holds 5 there
prove "累计暴露 180 ug/m3·h，与车流相关系数 1 sum and correlation" equal "$(own '.factors[] | select(.factor == "a21004") | [.sum_hours, .with_traffic]')" "[180,1]"
saw "交通站 $n 个；$(jq -r '"\(.name)：NO2 均值 \(.factors[] | select(.factor == "a21004") | .mean * 10 | round / 10)，与车流相关 \(.factors[] | select(.factor == "a21004") | .with_traffic)"' <<<"$curve")"
