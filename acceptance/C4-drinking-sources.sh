#!/bin/bash
# C4: alarm on the first exceedance of a drinking-water source and on its silence, once each.
. "$(dirname "$0")/lib.sh"

n=$(get "/api/v1/sites?kind=drinking&limit=500" | jq '[.items[] | select(.attributes.target != null)] | length')
prove "演示城市有水源地 drinking-water sources are listed" at_least "$n" 3

# Silent is who is not heard for three intervals; a slow build says its frame a second late.
every=5
[ "$SHANSHUI_SLOW" = 1 ] || every=10
mn=$(new_mn)
printf 'mn,site_code,site_name,kind,district,lon,lat,interval_s,target,body\n%s,%s,验收水源地 C4,drinking,320106,118.77,32.06,%s,III,river\n' "$mn" "$mn" "$every" >"$work/list"
prove "登记水源地设备，间隔 $every 秒 a source whose device reports every $every s" equal "$(post /api/v1/devices/import "@$work/list" text/csv | jq .added)" 1
site=$(get "/api/v1/sites?q=$mn" | jq '.items[0].id')
alarms() { get "/api/v1/alarms?site=$site" | jq -c "[.items[] | select(.kind == \"$1\")] | $2"; }
alarm_is() { [ "$(alarms "$1" "$2")" = "$3" ]; }
listen alarm
items="w01001-Avg=7.8,w01001-Flag=N;w01009-Avg=7.9,w01009-Flag=N;w01019-Avg=1.9,w01019-Flag=N;w21011-Avg=0.05,w21011-Flag=N"
# A device that keeps talking: a live frame a second until the file is gone. It is the same one, so that nothing has
# to be started for it on a machine with much to do.
"$SHANSHUI" hj212 encode "QN=$(compact now)001;ST=21;CN=2011;PW=123456;MN=$mn;Flag=5;CP=&&DataTime=$(compact now);w01010-Rtd=17.1,w01010-Flag=N&&" >"$work/word"
talk() {
	touch "$work/talk"
	(
		exec 3<>"/dev/tcp/${SHANSHUI_HJ212%:*}/${SHANSHUI_HJ212##*:}"
		while [ -e "$work/talk" ]; do
			cat "$work/word" >&3
			sleep 1
		done
	) &
	talker=$!
}
fall_silent() { rm "$work/talk"; wait $talker; }
talk
hour_frame 21 '-4 hours' "$items;w21003-Avg=0.2,w21003-Flag=N" | say_frames >/dev/null
prove "达标时没有告警 no alarm while the target is met" until_holds 5 grade_is .met true
prove "（确认）(checked)" alarm_is exceedance length 0
hour_frame 21 '-3 hours' "$items;w21003-Avg=1.2,w21003-Flag=N" | say_frames >/dev/null
prove "首次超标即告警 the first exceedance raises an alarm" until_holds 5 alarm_is exceedance '[length, .[0].active]' '[1,true]'
told() { sed -n 's/^data: //p' "$work/live" | jq -c --argjson s "$site" "select(.site.id == \$s and .kind == \"$1\")" 2>/dev/null | grep -q .; }
prove "实时流报出 told on the live stream" until_holds 5 told exceedance
one_told() { sed -n 's/^data: //p' "$work/live" | jq -c --argjson s "$site" 'select(.site.id == $s and .kind == "exceedance")' 2>/dev/null | head -n 1; }
versions=$(get "/api/v1/alarms/$(escape "$(one_told | jq -r .id)")" | jq -c '[.versions[].version]')
prove "所报带留存的那一版的版本号 it bears the version that is kept" eval 'echo "$versions" | jq -e --argjson v "$(one_told | jq .version)" "index(\$v) != null" >/dev/null'
prove "说明是什么、目标几类 it says what and against which class" equal "$(alarms exceedance '.[0] | [([.members[].factor] | unique), .members[0].limit.high, .members[0].standard]')" '[["w21003"],1,"GB 3838-2002"]'
hour_frame 21 '-2 hours' "$items;w21003-Avg=1.3,w21003-Flag=N" | say_frames >/dev/null
to_read=
until_holds 60 line_has_read
prove "持续超标不再重复 lasting exceedance is not told again" alarm_is exceedance length 1
hour_frame 21 '-1 hours' "$items;w21003-Avg=0.3,w21003-Flag=N" | say_frames >/dev/null
prove "恢复即解除 it is cleared when the target is met again" until_holds 5 alarm_is exceedance '[length, .[0].active]' '[1,false]'

prove "在报时没有静默告警 no silence while it reports" alarm_is silence length 0
fall_silent
prove "停报即静默告警 silence raises an alarm" until_holds 25 alarm_is silence '[length, .[0].active]' '[1,true]'
prove "实时流报出 told on the live stream" until_holds 5 told silence
talk
prove "再报即解除 it is cleared when the device is heard" until_holds 5 alarm_is silence '.[0].active' false
fall_silent
stop_listening
saw "水源地 $n 个；首次超标、静默各一次告警，实时流与列表一致，恢复即解除"
