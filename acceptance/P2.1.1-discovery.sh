#!/bin/bash
# P2.1.1: alarms, video, complaints, patrols and models all become one kind of event; the same thing is one event.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib-cases.sh"

stamp=$(date +%s)$RANDOM
say here GET '/api/v1/things/nature_rule?limit=1' | jq -e '.items | length == 1' >/dev/null || {
	for type in nature_rule event_limit procedure; do import here $type "$here/modules/office/events/data/$type.csv" >/dev/null; done
}
at() { TZ=Asia/Shanghai date -d "$1" +%Y-%m-%dT%H:%M:%S+08:00; }
signal() { # JSON of the fields: id of the event
	s=$(new here signal "$1")
	[ -n "$s" ] || { cat "$work/body" >&2; return 1; }
	field here signal "$s" .event | tr -d '"'
}
of() { # KIND REF NATURE WHEN LON LAT
	signal "{\"source_kind\":\"$1\",\"source_ref\":\"$2-$stamp\",\"nature\":\"$3\",\"seen_at\":\"$(at "$4")\",\"place\":{\"type\":\"Point\",\"coordinates\":[$5,$6],\"crs\":\"CGCS2000\"},\"text\":\"夜里有刺鼻的异味\"}"
}
# A place of this run's own, so that runs do not meet.
lon=118.$((700 + RANDOM % 90)) lat=31.$((900 + RANDOM % 90))$((RANDOM % 10))

code=EV$stamp mn=$(new_mn)
printf 'mn,site_code,site_name,kind,district,lon,lat,point,system,interval_s\n%s,%s,验收排污单位,source_water,320106,118.77,32.06,DW001,32,3600\n' "$mn" "$code" >"$work/r.csv"
prove "登记一台废水设备 a device of an outlet" eval 'post /api/v1/devices/import "@$work/r.csv" text/csv | grep -q "\"added\":1"'
site=$(get "/api/v1/sites?q=$code" | jq -r '.items[0].id')
code=$code/DW001
prove "许可限值 50 mg/L its permit's limit" eval 'post /api/v1/acts "{\"act\":\"limit.set\",\"by\":\"验收\",\"reason\":\"许可证\",\"target\":{\"site\":$site,\"point\":\"DW001\",\"factor\":\"w01018\"},\"data\":{\"averaging\":\"hour\",\"high\":50,\"from\":\"2026-01-01\",\"permit\":\"验收\"}}" | grep -q \"id\"'
hour_frame 32 '-1 hour' 'w01018-Avg=160,w01018-Flag=N' | say_frames >/dev/null
found() { event=$(say here GET "/api/v1/things/event?filter=$(escape "[{\"field\":\"object\",\"op\":\"=\",\"value\":\"$code\"}]")" | jq -r '.items[0].id // empty'); [ -n "$event" ]; }
prove "超标告警自己成为事件 the alarm becomes an event by itself" until_holds 20 found
prove "告警的区就是事件的区 the alarm's district is the event's" equal "$(field here event "$event" .admin_area)" '"320106"'
# 160 against 50: 3.2 times; 8 + 4 log2(3.2) = 14.7 points of hazard.
prove "性质为超标，超标倍数计入分级 exceedance, graded by how far above" equal "$(field here event "$event" '[.nature, .reasons[0].points]')" '["exceed",14.7]'
object() { signal "{\"source_kind\":\"$1\",\"source_ref\":\"$1-$stamp\",\"nature\":\"$2\",\"seen_at\":\"$(at '-20 minutes')\",\"object\":\"$code\",\"text\":\"$3\"}"; }
prove "视频线索归入同一事件 video joins it" equal "$(object video facility "画面见治污设施停运")" "$event"
prove "模型线索归入同一事件 the model joins it" equal "$(object model abnormal_data "模型提示数据异常")" "$event"
prove "一个事件，三类来源 one event, three kinds of source" equal "$(field here event "$event" '[.signals, .sources]')" '[3,"alarm model video"]'

first=$(of complaint A odour '-60 minutes' "$lon" "$lat")
prove "投诉成为同一种事件 a complaint becomes the same kind of event" eval '[ "$(state_of here event "$first")" = confirming ]'
prove "巡查看到的同一处归为一件 a patrol that sees it joins" equal "$(of patrol B odour '-50 minutes' "$lon" "$lat")" "$first"
prove "三公里外另是一件，有风也是 three kilometres away is another, whatever the wind" test "$(of complaint C odour '-50 minutes' "$(awk -v x="$lon" 'BEGIN {print x + 0.036}')" "$lat")" != "$first"
new here signal "{\"source_kind\":\"complaint\",\"source_ref\":\"A-$stamp\",\"nature\":\"odour\",\"seen_at\":\"$(at now)\",\"object\":\"X\",\"text\":\"重复\"}" >/dev/null
prove "同一编号的投诉只收一次 the same number is taken once" test "$(said)" -ge 400
new here signal "{\"source_kind\":\"complaint\",\"source_ref\":\"P-$stamp\",\"nature\":\"odour\",\"seen_at\":\"$(at now)\",\"text\":\"没有位置\"}" >/dev/null
prove "没有位置也没有对象的说明缺什么 neither place nor object is refused" because 位置与对象至少写一样
prove "泄漏从不自动归并 spills never merge by themselves" test "$(of patrol D spill '-5 minutes' "$lon" "$lat")" != "$(of patrol E spill '-5 minutes' "$lon" "$lat")"

# Late: the signal between comes last; the same events as in order.
lon2=118.$((600 + RANDOM % 90))
a=$(of complaint L1 odour '-20 hours' "$lon2" "$lat")
c=$(of complaint L3 odour '-10 hours' "$lon2" "$lat")
prove "相隔十小时是两件 ten hours apart are two" test "$a" != "$c"
b=$(of complaint L2 odour '-15 hours' "$lon2" "$lat")
late() { say here GET "/api/v1/things/event/$1" | jq -r '.fields.signals // 0'; }
prove "迟到的线索把两件连成一件 the late one makes them one" eval '[ "$(late "$b")" = 3 ]'
prove "并掉的一件有去处 the other says where it went" eval '[ "$(state_of here event "$a") $(state_of here event "$c")" = "confirming rejected" ] || [ "$(state_of here event "$a") $(state_of here event "$c")" = "rejected confirming" ]'

# Along the river: two places of one river a few kilometres apart, seen when the water comes; by the reaches that the city has.
say here GET '/api/v1/things/river_reach?limit=1' | jq -e '.items | length == 1' >/dev/null || import here river_reach "$here/modules/water/rivers/data/river_reach.csv" >/dev/null
say here GET "/api/v1/things/river_reach?filter=$(escape '[{"field":"code","op":"=","value":"CH"}]')&fields=line" >"$work/reach"
upper=$((10 + RANDOM % 60)) past=$((80 + RANDOM % 300))
spot() { jq -r ".items[0].fields.line.coordinates[$1] | join(\" \")" "$work/reach"; } # lon lat of a corner of the line
water() { # REF HOURS-AGO LON LAT
	signal "{\"source_kind\":\"complaint\",\"source_ref\":\"$1-$stamp\",\"nature\":\"water_colour\",\"seen_at\":\"$(at "-$2 hours")\",\"place\":{\"type\":\"Point\",\"coordinates\":[$3,$4],\"crs\":\"CGCS2000\"},\"text\":\"水面发黑，有泡沫\"}"
}
how() { field here signal "$(say here GET "/api/v1/things/signal?filter=$(escape "[{\"field\":\"source_ref\",\"op\":\"=\",\"value\":\"$1-$stamp\"}]")" | jq -r '.items[0].id')" "$2"; }
above=$(water W1 $past $(spot $upper))
# Ten corners of that line are 5 to 8 km; at the 0.1 to 0.5 m/s of its reach the water takes more than 2 h and less than a day.
prove "下游在水流到的时候看见，归为一件 seen below when the water has come, it is one event" equal "$(water W2 $((past - 10)) $(spot $((upper + 10))))" "$above"
prove "为何归并写在线索上 the signal says why" eval '[ "$(how W2 .attach_how)" = "\"river\"" ] && how W2 .attach_reason | grep -q "沿滁河，线索在下游"'
prove "水还没有流到的是另一件 where the water cannot have come yet it is another" test "$(water W3 $((past + 200)) $(spot $((upper + 22))))" != "$(water W4 $((past + 200)) $(spot $upper))"

# Along the wind: the station says it blows from the north; the complaint to the south and the patrol 2.2 km upwind are one.
wlon=119.0$((10 + RANDOM % 80)) wlat=31.6$((10 + RANDOM % 80)) mn=$(new_mn)
printf 'mn,site_code,site_name,kind,district,lon,lat,point,system,interval_s\n%s,%s,验收空气站,air,320117,%s,%s,,22,3600\n' "$mn" "WD$stamp" "$wlon" "$wlat" >"$work/r.csv"
prove "一个测风的空气站 a station that tells the wind" eval 'post /api/v1/devices/import "@$work/r.csv" text/csv | grep -q "\"added\":1"'
hour_frame 22 '-1 hour' 'a01007-Avg=2.4,a01007-Flag=N;a01008-Avg=10,a01008-Flag=N' | say_frames >/dev/null
wsite=$(get "/api/v1/sites?q=WD$stamp" | jq -r '.items[0].id')
blown() { get "/api/v1/sites/$wsite" | jq -e '[.. | objects | select(.factor? == "a01008")] | length > 0' >/dev/null; }
prove "风到了 the wind has arrived" until_holds 20 blown
below=$(of complaint V1 odour '-40 minutes' "$wlon" "$wlat")
prove "上风 2.2 公里的归为一件 2.2 km upwind it is one event" equal "$(of patrol V2 odour '-30 minutes' "$wlon" "$(awk -v x="$wlat" 'BEGIN {print x + 0.02}')")" "$below"
prove "理由写明风向与站 the reason tells wind and station" eval '[ "$(how V2 .attach_how)" = "\"wind\"" ] && how V2 .attach_reason | grep -q "线索在上风 2.2 公里，风自 10°，2.4 m/s（验收空气站"'
prove "侧风方向的另是一件 across the wind it is another" test "$(of complaint V3 odour '-30 minutes' "$(awk -v x="$wlon" 'BEGIN {print x + 0.025}')" "$wlat")" != "$below"

# Parted again: the signal leaves, both events are right, the reason and the trace stay.
left=$(say here GET "/api/v1/things/signal?filter=$(escape "[{\"field\":\"source_ref\",\"op\":\"=\",\"value\":\"V2-$stamp\"}]")" | jq -r '.items[0].id')
new here parting "{\"event\":\"$below\",\"signals\":[\"$left\"]}" >/dev/null
prove "不写理由不能拆 not without a reason" test "$(said)" -ge 400
parting=$(new here parting "{\"event\":\"$below\",\"signals\":[\"$left\"],\"reason\":\"巡查闻到的是食品厂\"}")
made=$(field here parting "$parting" .made | tr -d '"')
prove "拆出的另立一件 what leaves is an event of its own" eval '[ -n "$made" ] && [ "$made" != "$below" ] && [ "$(field here signal "$left" .event)" = "\"$made\"" ]'
prove "两件的线索数都对 both count their signals" equal "$(field here event "$below" .signals) $(field here event "$made" .signals)" "1 1"
prove "两件的经过都写明理由 both traces tell why" eval 'for e in $below $made; do say here GET "/api/v1/cases/event/$e" | jq -e "[.trace[].note // empty | select(test(\"巡查闻到的是食品厂\"))] | length == 1" >/dev/null || exit 1; done'
prove "线索的旧版本还在 the signal before it is kept" eval 'say here GET "/api/v1/things/signal/$left/history" | jq -e ".items | length >= 3" >/dev/null'
