#!/bin/bash
# P1.2.2: all business data in one place, shown live. Sets over observations, records, cases, alarms and the registry are
# asked through one interface and joined by key; a frame changes the number on an open page within seconds; two people of
# two districts see two different answers of the same set.
. "$(dirname "$0")/lib-access.sh"

run_set() { curl -s --max-time $patience -X POST -H 'Content-Type: application/json' --data-binary "{\"spec\":$1}" "$SHANSHUI_URL/api/v1/datasets/preview"; }
for source in '{"kind":"records","type":"discharger"}' '{"kind":"latest","site_kind":"source_water"}' '{"kind":"series","site_kind":"source_water","factor":"w01018","step":"hour","window":{"last":"24h"}}' \
	'{"kind":"alarms"}' '{"kind":"cases","flow":"event"}' '{"kind":"registry","of":"devices"}'; do
	run_set "{\"source\":$source,\"steps\":[{\"do\":\"group\",\"measures\":[{\"as\":\"n\",\"fn\":\"count\"}]}]}" >"$work/n"
	prove "$(jq -r .kind <<<"$source")：$(jq -r .explain.zh "$work/n")，$(jq -c '.rows[0][0]' "$work/n") 行 rows" test "$(jq -r '.rows[0][0] | type' "$work/n")" = number
done

# Joined: observations of an outlet with what the register says of the site.
device source_water "验收排口 $RANDOM" || exit 1
w=acc_$(date +%s%N | tail -c 12)
post /api/v1/things/data_set "$(jq -n --arg c "$w" '{fields:{code:$c,name:"设备",spec:"{\"source\":{\"kind\":\"registry\",\"of\":\"devices\"}}"}}')" >/dev/null || exit 1
say() { echo "QN=$(compact now)$(printf %03d $((RANDOM % 1000)));ST=32;CN=2011;PW=123456;MN=$mn;Flag=5;CP=&&DataTime=$(compact now);w01018-Rtd=$1,w01018-Flag=N&&" | say_frames >"$work/answers"; }
say 41.5
kept() { [ "$(run_set "{\"source\":{\"kind\":\"latest\",\"factor\":\"w01018\",\"sites\":[$site]}}" | jq '[.fields[].name] as $f | .rows[0][$f | index("value")]')" = "$1" ]; }
prove "一帧之后，数据集给出它 a frame later the set has it" until_holds 120 kept 41.5
run_set "{\"source\":{\"kind\":\"latest\",\"factor\":\"w01018\",\"sites\":[$site]},\"steps\":[{\"do\":\"join\",\"set\":\"$w\",\"on\":{\"site\":\"site\"},\"fields\":[\"mn\"]},{\"do\":\"select\",\"fields\":[\"mn\",\"value\"]}]}" >"$work/joined"
prove "观测与登记按键连上 observations joined with the register" equal "$(jq -c '.rows[0]' "$work/joined")" "[\"$mn\",41.5]"
# Hours of which nothing came live are the hour means that the device sent afterwards.
hour=$(day_of %Y%m%d%H '-3 hours')
echo "QN=$(compact now)555;ST=32;CN=2061;PW=123456;MN=$mn;Flag=5;CP=&&DataTime=${hour}0000;w01018-Avg=33,w01018-Min=30,w01018-Max=36,w01018-Flag=N&&" | say_frames >/dev/null
hours() { run_set "{\"source\":{\"kind\":\"series\",\"factor\":\"w01018\",\"sites\":[$site],\"step\":\"hour\",\"window\":{\"last\":\"6h\"}},\"steps\":[{\"do\":\"select\",\"fields\":[\"stat\",\"value\"]}]}" | jq -c .rows; }
filled() { [ "$(hours)" = '[["Avg",33],["Rtd",41.5]]' ]; }
prove "没有实时数据的小时由设备补报的小时均值补上 an hour without live values is the mean that the device sent" until_holds 120 filled
prove "来源、时刻、条款随数而来 source, moment and flags come with the numbers" \
	jq -e '(.explain.zh | length > 3) and (.as_of | length > 10) and (.data_time | length > 10) and .live.topics == ["latest"]' "$work/joined" >/dev/null

# Live: the page that is open, and the stream that tells it to read again.
s=acc_$(date +%s%N | tail -c 12)
post /api/v1/things/data_set "$(jq -n --arg c "$s" --arg p "{\"source\":{\"kind\":\"latest\",\"factor\":\"w01018\",\"sites\":[$site]},\"refresh\":\"live\"}" '{fields:{code:$c,name:"实时",spec:$p}}')" >/dev/null || exit 1
web=$(cd "$(dirname "$0")/../web" && pwd)
if [ "${SHANSHUI_PAGES:-1}" != 1 ]; then # a city without pages: what the page would be told, and would read then
	listen latest
	say 88.25
	heard() { grep -q '88.25' "$work/live"; }
	prove "实时流告知 the live stream tells of it" until_holds 120 heard
	stop_listening
	prove "再读即是 and reading again gives it" until_holds 120 kept 88.25
elif [ -x /usr/bin/chromium ] && [ -d "$web/node_modules/playwright-core" ]; then
	node "$web/e2e/charts.mjs" --base "$SHANSHUI_URL" --shots "$work" --only live --set "$s" >"$work/live.json" 2>"$work/page" &
	page=$!
	ready() { grep -q '^ready 41.5' "$work/page"; }
	until_holds 180 ready || cat "$work/live.json" "$work/page"
	prove "打开的网页上是 41.5 the open page shows it" ready
	sent=$(date +%s%3N)
	say 88.25
	wait $page || { cat "$work/live.json" "$work/page"; exit 1; }
	prove "网页上变成 88.25，不刷新 the page shows the new number by itself" equal "$(jq -r .live.after "$work/live.json")" 88.25
	saw "   从发帧到像素 from frame to pixels: $(($(jq .live.at "$work/live.json") - sent)) ms（含握手与浏览器 handshake and browser included）"
else
	not_run "没有 Chromium 或 playwright-core not here"
fi

# Rights: the same set, two districts, two answers; who has no right to a part gets nothing of it.
open_house || exit 1
sites
three || exit 1
person yi line_dept >/dev/null; prove "业务处室建数据集 a line department makes the set" test "$(code yi POST /api/v1/things/data_set "$(jq -n '{fields:{code:"all_sites",name:"站点",spec:"{\"source\":{\"kind\":\"registry\",\"of\":\"sites\"},\"steps\":[{\"do\":\"select\",\"fields\":[\"site_code\"]},{\"do\":\"sort\",\"by\":[\"site_code\"]}]}"}}')")" = 201
person jia duty_district '["320102"]' && person bing duty_district '["320104"]' && person ding hr || exit 1
rows_of() { as "$1" GET /api/v1/datasets/all_sites/rows | jq -c '[.rows[][0]]'; }
prove "玄武区看到本区的 one district sees its own" equal "$(rows_of jia)" '["SA"]'
prove "秦淮区看到本区的 the other its own" equal "$(rows_of bing)" '["SB"]'
prove "处室看到全市（密点除外）the department sees all but the restricted" equal "$(rows_of yi)" '["SA","SB"]'
prove "人事看不到这个数据集 personnel does not see the set" equal "$(code ding GET /api/v1/datasets/all_sites/rows)" 404
prove "区里的人不能改它 a district cannot change it" test "$(code jia POST /api/v1/things/data_set '{"fields":{"code":"mine","name":"我的","spec":"{}"}}')" = 403
