#!/bin/bash
# K2.5: the city's situation live, and how early it was warned of: first value above the limit, alarm, exceedance by the hour's mean.
. "$(dirname "$0")/lib.sh"

situation() { get /api/v1/situation; }
standing() { situation | jq "[.alarms.urgent, .alarms.serious, .alarms.warning, .alarms.notice] | add"; }
get "/api/v1/alarms/counts" >/dev/null || not_run "没有告警 no alarms"
device source_water 验收态势厂 || not_run "登记不了设备 no device"
post /api/v1/acts "{\"act\":\"limit.set\",\"by\":\"验收\",\"target\":{\"site\":$site,\"factor\":\"w01018\"},\"data\":{\"averaging\":\"rtd\",\"high\":50,\"from\":\"2026-01-01\"}}" >/dev/null
post /api/v1/acts "{\"act\":\"limit.set\",\"by\":\"验收\",\"target\":{\"site\":$site,\"factor\":\"w01018\"},\"data\":{\"averaging\":\"hour\",\"high\":50,\"from\":\"2026-01-01\"}}" >/dev/null
hour=$(day_of %Y%m%d%H '-2 hours')
for m in 05 10 15 20 25 30; do
	echo "QN=$(compact now)$(printf %03d $((10#$m)));ST=32;CN=2011;PW=123456;MN=$mn;Flag=5;CP=&&DataTime=${hour}${m}00;w01018-Rtd=80,w01018-Flag=N&&"
done | say_frames >/dev/null
echo "QN=$(compact now)700;ST=32;CN=2061;PW=123456;MN=$mn;Flag=5;CP=&&DataTime=${hour}0000;w01018-Avg=80,w01018-Min=70,w01018-Max=90,w01018-Flag=N&&" | say_frames >/dev/null
mine() { situation | jq -c --argjson s "$site" '[.warnings.items[] | select(.alarm.site.id == $s and .exceeded != null)][0] // empty'; }
there() { [ -n "$(mine)" ]; }
prove "超标告警进了预警提前量 the exceedance is in the log" until_holds 120 there
w=$(mine)
saw "$(jq -c '{first_sign, raised, exceeded, noticed_minutes, lead_minutes}' <<<"$w")"
start=$(TZ=Asia/Shanghai date -d "${hour:0:8} ${hour:8:2}:00" +%s)
epoch() { date -d "$(jq -r ".$1" <<<"$w")" +%s; }
prove "首个超限值是第 5 分钟 the first value above the limit" equal "$(epoch first_sign)" $((start + 300))
prove "告警在超标成立之前 the alarm came before" eval '[ "$(epoch raised)" -gt "$(epoch first_sign)" ] && [ "$(epoch raised)" -lt "$(epoch exceeded)" ]'
prove "小时均值期满才算超标 the hour's mean stands at its end" equal "$(epoch exceeded)" $((start + 3600))
prove "提前量就是两者之差 the lead is the difference" equal "$(jq '.lead_minutes * 60 | round' <<<"$w")" $(($(epoch exceeded) - $(epoch raised)))
prove "统计里数了它 it is counted" at_least "$(situation | jq .warnings.warned_ahead)" 1
known() { situation | jq -e --argjson n "$(get /api/v1/alarms/counts | jq .active)" '([.alarms.urgent, .alarms.serious, .alarms.warning, .alarms.notice] | add) == $n'; }
prove "在案数与告警台一致 the counts are the desk's" until_holds 60 known
prove "按要素列出全部站点 elements hold all sites" until_holds 60 eval '[ "$(situation | jq "[.elements[].sites] | add")" = "$(get "/api/v1/sites?limit=1" | jq .total)" ]'
prove "按区列出十一个区 eleven districts" equal "$(situation | jq '.districts | length')" "$(get /api/v1/districts | jq '.items | length')"
device drinking 验收旧数据水源地 '"target":"III","body":"lake"' || not_run "登记不了设备 no device"
echo "QN=$(compact now)800;ST=21;CN=2011;PW=123456;MN=$mn;Flag=5;CP=&&DataTime=$(day_of %Y%m%d%H%M%S '-3 days');w01009-Rtd=8.1,w01009-Flag=N;w21003-Rtd=0.2,w21003-Flag=N&&" | say_frames >/dev/null
graded() { get "/api/v1/sites/$site" | jq -e '.grade.level == 2' >/dev/null; }
prove "三天前的数据判得出等级 values of three days ago make a class" until_holds 120 graded
drinking() { situation | jq -e '.elements[] | select(.kind == "drinking") | .stale >= 1 and (.levels | add) + .stale == .sites' >/dev/null; }
prove "但不算现状，另计为过时 which is not how the city stands: counted as stale" until_holds 60 drinking
