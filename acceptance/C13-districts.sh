#!/bin/bash
# C13: districts ranked by completeness, validity and timeliness. Two outlets of this proof report a day:
# one whole and in time as far as it can be, one with holes and faults; their rates are what the frames say,
# and each district's figure is the mean of its outlets.
. "$(dirname "$0")/lib.sh"

day=$(day_of %F '-2 days')
stamp=${day//-/}
# outlet NAME DISTRICT: a waste-water outlet with an hourly device.
outlet() {
	mn=$(new_mn)
	printf 'mn,site_code,site_name,kind,district,lon,lat,point,edition,interval_s\n%s,%s,%s,source_water,%s,118.77,32.06,DW001,2017,3600\n' \
		"$mn" "$mn" "$1" "$2" >"$work/r.csv"
	curl -fsS -X POST -H 'Content-Type: text/csv' --data-binary "@$work/r.csv" "$SHANSHUI_URL/api/v1/devices/import" |
		jq -e '.rejected == 0' >/dev/null || return 1
	site=$(get "/api/v1/devices/$mn" | jq -r .site.id)
	[ -n "$site" ] && [ "$site" != null ]
}
# hours HOURS BAD: COD of those hours of the day; hour BAD is a fault.
hours() {
	for h in $1; do
		echo "QN=$(compact now)$(printf %03d "$h");ST=32;CN=2061;PW=123456;MN=$mn;Flag=5;CP=&&DataTime=$stamp$(printf %02d "$h")0000;w01018-Avg=30,w01018-Flag=$([ "$h" = "$2" ] && echo D || echo N)&&"
	done | say_frames >/dev/null
}
rates() { get "/api/v1/review/transmission?by=$1&period=day&day=$day"; }
mine() { rates outlet | jq -c --argjson s "$1" '.items[] | select(.site == $s) | [.expected, .received, .valid]'; }
is_mine() { [ "$(mine "$1")" = "$2" ]; }

outlet "完整排口 $$" 320106 || { echo "登记失败 registering failed"; exit 1; }
whole=$site
hours "$(seq 0 23 | tr '\n' ' ')" 99
outlet "残缺排口 $$" 320102 || exit 1
holed=$site
hours "$(seq 0 17 | tr '\n' ' ')" 5
prove "完整的排口应到 24、实到 24、有效 24 the whole outlet" until_holds 60 is_mine "$whole" "[24,24,24]"
prove "残缺的排口应到 24、实到 18、有效 17 the holed outlet" until_holds 60 is_mine "$holed" "[24,18,17]"
e=$(rates outlet | jq --argjson s "$holed" '.items[] | select(.site == $s) | .effective * 10000 | round')
prove "传输 75 %、有效 94.4444 %、传输有效率 70.8333 % its rates" equal "$e" 708333
t=$(rates outlet | jq --argjson s "$holed" '.items[] | select(.site == $s) | .timely')
prove "两天后才到，及时率为 0 nothing came in time" equal "$t" 0

# A district is the mean of its outlets.
means_agree() { # WHAT: both are asked in turn, while other outlets of the city may still be reviewed
	rates outlet >"$work/outlets" && rates area >"$work/areas" || return 1
	want=$(jq --arg w "$1" '[.items[] | select(.district.code == "320102") | .[$w] | select(. != null)] | add / length * 1e6 | round' "$work/outlets")
	have=$(jq --arg w "$1" '.items[] | select(.district.code == "320102") | .[$w] * 1e6 | round' "$work/areas")
	[ -n "$want" ] && equal "$have" "$want"
}
for what in transmission validity; do
	prove "区的 $what 是其排口的平均 the district is the mean of its outlets" until_holds 60 means_agree $what
done
prove "列出了两个区 both districts are there" at_least "$(jq '[.items[] | select(.district.code == "320102" or .district.code == "320106")] | length' "$work/areas")" 2
saw "各区排名 ranking by effective transmission ($day):"
jq -r '.items | sort_by(-(.effective // 0))[] | "  \(.district.name // .name): 完整 \(.transmission * 100 | round / 100) % 有效 \((.validity // 0) * 100 | round / 100) % 及时 \((.timely // 0) * 100 | round / 100) % 传输有效率 \((.effective // 0) * 100 | round / 100) %"' "$work/areas"
