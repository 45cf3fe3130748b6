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
prove "两公里外另是一件 two kilometres away is another" test "$(of complaint C odour '-50 minutes' "$(awk -v x="$lon" 'BEGIN {print x + 0.022}')" "$lat")" != "$first"
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
