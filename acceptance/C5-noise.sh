#!/bin/bash
# C5: Leq, Ld, Ln by function zone and the rate of compliance.
. "$(dirname "$0")/lib.sh"

from=$(day_of %Y-%m-%dT00:00:00+08:00 yesterday)
to=$(day_of %Y-%m-%dT00:00:00+08:00)
report() { get "/api/v1/noise/compliance?from=$(escape "$1")&to=$(escape "$2")"; }
now=$(report "$(hour_iso '-24 hours')" "$(hour_iso '+1 hour')")
zones=$(jq '[.zones[] | select(.zone != null and .leq != null)] | length' <<<"$now")
prove "按功能区给出 Leq、Ld、Ln 与达标率 zones with levels and rates" at_least "$zones" 3
prove "限值即 GB 3096 表1 limits are those of GB 3096" equal "$(jq -c '[.zones[] | select(.zone == "2") | .limit_day, .limit_night]' <<<"$now")" "[60,50]"

# A point of zone 2, all of yesterday: day hours 58 and 66 in turn, nights 48.
device noise "验收噪声点 C5 $RANDOM" '"zone":"2"' || exit 1
day=$(day_of %Y%m%d yesterday)
for h in $(seq -w 0 23); do
	v=48.0
	if [ "$h" -ge 06 ] && [ "$h" -lt 22 ]; then [ $((10#$h % 2)) = 0 ] && v=58.0 || v=66.0; fi
	echo "QN=$(compact now)0$h;ST=23;CN=2061;PW=123456;MN=$mn;Flag=5;CP=&&DataTime=$day${h}0000;Leq-Avg=$v,Leq-Flag=N&&"
done | say_frames >/dev/null
mine() { report "$from" "$to" | jq -c ".sites[] | select(.id == $site) | $1"; }
complete() { [ "$(mine .hours)" = 24 ]; }
prove "24 个小时入库 24 hours are kept" until_holds 10 complete
ld=$(awk 'BEGIN {printf "%.1f", 10 * log((10 ^ 5.8 + 10 ^ 6.6) / 2) / log(10)}')
prove "Ld 是能量平均 $ld Ld is the energy mean" equal "$(mine .ld)" "$ld"
prove "Ln 48" equal "$(mine .ln)" 48
prove "昼间超标、夜间达标，达标率 50 % day missed, night met" equal "$(mine '[.rate_day, .rate_night, .rate]')" "[0,100,50]"
prove "站点判断随小时更新 the site's own grade follows" until_holds 60 grade_is '[.kind, .target, .value, .met]' '["noise","2",48,true]'
saw "功能区 $zones 个；自建点 Ld=$ld Ln=48 达标率 50 %；2 类区 $(jq -r '.zones[] | select(.zone == "2") | "Ld \(.ld) Ln \(.ln) 达标率 \(.rate) %"' <<<"$now")"
