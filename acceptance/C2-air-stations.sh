#!/bin/bash
# C2: hour values, validity, outage and state of each air station; back-fill after an outage.
. "$(dirname "$0")/lib.sh"

all=$(get "/api/v1/sites?kind=air&limit=500")
n=$(jq '.items | length' <<<"$all")
prove "演示城市有空气站 air stations are listed" at_least "$n" 9
prove "其中有国控站奥体中心 the national station is among them" grep -q 奥体中心 <<<"$all"
with_hours=$(get /api/v1/series/latest | jq --argjson s "$(jq -c '[.items[].id]' <<<"$all")" \
	'[.items[] | select(.[3] == "Avg" and .[4] == "hour" and .[5] != null) | .[1]] | unique as $h | $s - ($s - $h) | length')
prove "有设备的空气站有小时值 stations have hour values: $with_hours / $n" at_least "$with_hours" $((n * 7 / 10))
prove "每站给出状态 each says its state" equal "$(jq '[.items[] | select(.state | IN("online","silent","partial","never","stopped") | not)] | length' <<<"$all")" 0

# A station of our own: hours 6, 5 and 2 ago arrive, 4 and 3 ago are missing.
device air "验收空气站 C2 $RANDOM" || exit 1
hour() { # hours ago, value, mark, extra
	echo "QN=$(compact now)$(printf %03d "$1");ST=22;CN=2061;PW=123456;MN=$mn;Flag=5;CP=&&DataTime=$(this_hour "-$1 hours");a34004-Avg=$2,a34004-Min=$2,a34004-Max=$2,a34004-Flag=$3&&"
}
answers=$({ hour 6 35 N; hour 5 36 N; hour 2 41 D; } | say_frames)
prove "三帧三应答 each frame is answered after it is on disk" equal "$(grep -c 'CN=9014' <<<"$answers")" 3
id=$(series a34004 Avg hour) || exit 1
range="from=$(escape "$(hour_iso '-7 hours')")&to=$(escape "$(hour_iso '+1 hour')")"
prove "缺的两小时就是空着 the two missing hours stay a gap" until_holds 5 points_are "$range" '.points | length' 3
prove "仪器故障标记 D 保留 the mark D is kept" equal "$(jq -r '.points[2][2]' <<<"$points")" D
prove "有故障标记的小时不算有效 an hour marked D is not valid" until_holds 60 answer_is "/api/v1/series/$id/rollup?period=hour&$range" '[.points[] | .[5]]' "[1,1,0]"

# The outage is over: the device reports what it kept, later than newer data.
answers=$({ hour 4 37 N; hour 3 38 N; } | say_frames)
prove "补报也应答 the back-fill is answered" equal "$(grep -c 'CN=9014' <<<"$answers")" 2
prove "补报后按数据时间归位 back-filled hours stand at their own time" until_holds 5 points_are "$range" '[.points[] | .[1]]' "[35,36,37,38,41]"
saw "空气站 $n 个，有小时值 $with_hours 个；断线补报归位 5/5"
