#!/bin/bash
# G9: one value followed live through the four layers: sensed, transmitted, reasoned, used.
. "$(dirname "$0")/lib.sh"

device air "验收四层 $RANDOM" || exit 1
listen latest
at=$(day_of %Y%m%d%H%M%S)
value=$((RANDOM % 900 + 50)).$((RANDOM % 9 + 1))
sent=$(date +%s%3N)
answers=$(echo "QN=$(compact now)001;ST=22;CN=2011;PW=123456;MN=$mn;Flag=5;CP=&&DataTime=$at;a34004-Rtd=$value,a34004-Flag=N&&" | say_frames)
prove "感：设备发出并得到应答 sensed: sent and answered" grep -q 'CN=9014' <<<"$answers"
prove "用：实时流里见到这个值 used: the live stream shows the value" until_holds 5 grep -q "\"value\":$value" "$work/live"
stop_listening
id=$(series a34004 Rtd rtd) || exit 1
prove "智：入库并带标记 reasoned: kept with its mark" until_holds 5 points_are \
	"from=$(escape "$(iso '-1 hour')")&to=$(escape "$(iso '+1 hour')")" '.points[-1][1:3]' "[$value,\"N\"]"
time=$(jq -r '.points[-1][0] / 1000 | floor' <<<"$points")
rolled() { [ "$(get "/api/v1/series/$id/rollup?period=hour&from=$(escape "$(hour_iso now)")&to=$(escape "$(hour_iso '+1 hour')")" | jq -c '.points[-1][1]')" = "$value" ]; }
prove "智：小时聚合随之成立 the hour follows from it" until_holds 5 rolled
origin=$(get "/api/v1/series/$id/origin?time=$(escape "$(TZ=Asia/Shanghai date -d "@$time" +%Y-%m-%dT%H:%M:%S+08:00)")")
prove "传：日志里的原始帧、组号与链 transmitted: frame, group and chain in the journal" \
	equal "$(jq -r '(.frames[0].raw | contains("'"$value"'")) and (.frames[0].group > 0) and (.frames[0].seq > 0)' <<<"$origin")" true
saw "值 $value：设备 → 日志第 $(jq .frames[0].seq <<<"$origin") 条（组 $(jq .frames[0].group <<<"$origin")）→ 序列 $id → 小时 → 实时流"
