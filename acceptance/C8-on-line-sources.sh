#!/bin/bash
# C8: on-line source monitoring: frames of each form in (see P3.6.1e), a device that nobody registered
# is kept and taken over with one click, remote calibration goes out, what came is reviewed (states, marks,
# checks, mass), nothing is lost in a crash; clock, intervals, history, keys by commands both ways, and what is
# missing is fetched back.
# 可并行 beside the others: devices of its own, then houses of its own.
. "$(dirname "$0")/lib.sh"

# A device that nobody registered: answered, kept, listed; registered, its frames become values.
mn=$(new_mn)
frames=$(for i in 9 8 7; do
	echo "QN=$(compact now)00$i;ST=32;CN=2011;PW=123456;MN=$mn;Flag=5;CP=&&DataTime=$(compact "-$i minutes");w01018-Rtd=7$i.5,w01018-Flag=N&&"
done)
answers=$(say_frames <<<"$frames")
prove "未登记的设备也得到应答 an unknown device is answered" equal "$(grep -c 'CN=9014' <<<"$answers")" 3
state_is() { [ "$(get "/api/v1/devices?q=$mn" | jq -r '.items[0].state')" = "$1" ]; }
prove "列在隔离清单 listed in quarantine" until_holds 6 state_is quarantined
site=$(post /api/v1/devices "{\"mn\":\"$mn\"}" | jq -r '.site.id')
id=$(series w01018 Rtd rtd) || { echo "登记后没有序列 no series after registering"; exit 1; }
prove "一次点击登记后，留存的三帧都入库 after one click the three kept frames are values" until_holds 6 \
	points_are "from=$(escape "$(iso '-1 hour')")&to=$(escape "$(iso '+1 hour')")" '.points | length' 3

# Remote calibration: 3011 reaches the device; it answers and says it is done.
exec 4<>"/dev/tcp/${SHANSHUI_HJ212%:*}/${SHANSHUI_HJ212##*:}"
"$SHANSHUI" hj212 encode "QN=$(compact now)001;ST=32;CN=2011;PW=123456;MN=$mn;Flag=5;CP=&&DataTime=$(compact '-1 minute');w01018-Rtd=64.5,w01018-Flag=N&&" >&4
until_holds 10 connected
curl -s --max-time $patience -X POST -H 'Content-Type: application/json' --data '{"cn":3011,"cp":"PolId=w01018"}' \
	"$SHANSHUI_URL/api/v1/devices/$mn/commands" >/dev/null &
asking=$!
request=$(timeout $((60 * SHANSHUI_SLOW)) grep -m1 -a 'CN=3011' <&4 | tr -d '\r')
qn=$(sed -n 's/.*QN=\([0-9]*\);.*/\1/p' <<<"$request")
prove "远程校准命令到达设备 the calibration command reaches the device" grep -q 'PolId=w01018' <<<"$request"
"$SHANSHUI" hj212 encode "QN=$qn;ST=91;CN=9011;PW=123456;MN=$mn;Flag=4;CP=&&QnRtn=1&&" >&4
"$SHANSHUI" hj212 encode "QN=$qn;ST=91;CN=9012;PW=123456;MN=$mn;Flag=4;CP=&&ExeRtn=1&&" >&4
wait $asking
did() { [ "$(get "/api/v1/commands?mn=$mn" | jq -c '[.items[] | select(.cn == 3011) | .qn_rtn, .exe_rtn]')" = "[1,1]" ]; }
prove "校准结果收回 its result comes back" until_holds 60 did
exec 4>&-

# What came is reviewed: a marked calibration, a failed check that goes back, and what was emitted meanwhile.
day=$(day_of %F '-2 days')
stamp=${day//-/}
mn=$(new_mn)
printf 'mn,site_code,site_name,kind,district,lon,lat,point,edition,interval_s\n%s,%s,审核验收厂,source_water,320106,118.77,32.06,DW001,2017,3600\n' \
	"$mn" "$mn" >"$work/r.csv"
curl -fsS --max-time $patience -X POST -H 'Content-Type: text/csv' --data-binary "@$work/r.csv" "$SHANSHUI_URL/api/v1/devices/import" >/dev/null
site=$(get "/api/v1/devices/$mn" | jq -r .site.id)
next=$(day_of %F yesterday)
for d in "$stamp" "${next//-/}"; do
	for h in $(seq 0 23); do # 36 m3 an hour; 60 mg/L in the last six hours of the first day, else 30
		c=30
		[ "$d" = "$stamp" ] && [ "$h" -ge 18 ] && c=60
		echo "QN=$(compact now)$(printf %03d "$h");ST=32;CN=2061;PW=123456;MN=$mn;Flag=5;CP=&&DataTime=$d$(printf %02d "$h")0000;w00000-Avg=10,w00000-Flag=N;w01018-Avg=$c,w01018-Flag=N&&"
	done
done | say_frames >/dev/null
do_act() { # ACT TARGET_MEMBERS DATA REASON
	status_of -X POST -H 'Content-Type: application/json' --data \
		"{\"act\":\"$1\",\"by\":\"验收员\",\"target\":{\"site\":$site,\"point\":\"DW001\"$2},\"data\":{$3},\"reason\":\"$4\"}" "$SHANSHUI_URL/api/v1/acts"
}
states() { get "/api/v1/review/calendar?site=$site&point=DW001&factor=w01018&from=$day&to=${day}T23:59:59" | jq -c '.factors[0].days[0].hours'; }
has() { [ "$(states | jq ".$1")" = "$2" ]; }
mass() { get "/api/v1/review/rows?kind=mass&sub=day&site=$site&factor=w01018&from=$day" | jq -c '.items[0] | [(.value * 1000 | round), .body.substituted_hours]'; }
mass_is() { [ "$(mass)" = "$1" ]; }
prove "24 小时有效，排放 18x1.08+6x2.16=32.4 kg the whole day" until_holds 60 mass_is '[32400,0]'
prove "标记太晚又无理由被拒 a late mark without a reason is refused" equal \
	"$(do_act mark.file '' "\"code\":\"B01\",\"from\":\"${day}T20:00:00+08:00\",\"to\":\"${day}T21:00:00+08:00\"" '')" 403
prove "检验不合格 a failed check is filed" equal "$(do_act calibration.file ',"factor":"w01018"' "\"kind\":\"standard_sample\",\"at\":\"${day}T18:00:00+08:00\",\"passed\":true" '')" 201
do_act calibration.file ',"factor":"w01018"' "\"kind\":\"standard_sample\",\"at\":\"${day}T22:00:00+08:00\",\"set\":50,\"read\":70" '' >/dev/null
do_act calibration.file ',"factor":"w01018"' "\"kind\":\"standard_sample\",\"at\":\"${next}T00:00:00+08:00\",\"passed\":true" '' >/dev/null
prove "无效回溯到 18:00 上次合格，6 小时 six hours back to the last passed check" until_holds 60 has invalid 6
prove "六小时按前六小时均值替代，只替代排放量 their mass is that of the six hours before" until_holds 60 mass_is '[25920,6]'
prove "缘由写明 the reason is said" equal "$(get "/api/v1/review/hours?site=$site&point=DW001&factor=w01018&from=${day}T20:00:00&to=${day}T21:00:00" | jq -r '.items[0].reasons[0].key')" check_failed

own= city=
trap '[ -n "$own$city" ] && kill -9 $own $city 2>/dev/null; wait 2>/dev/null; rm -rf "$work"' EXIT
ask() { SHANSHUI_URL=$own_url get "$1"; }
# own PORT ARGUMENTS: a server of our own; sets own, own_url, own_port.
own() {
	rm -f "$work/own.out" # the line of the server before must not be taken for this one's
	at=$1
	shift
	"$SHANSHUI" serve --data "$work/own" --http 127.0.0.1:0 --hj212 "127.0.0.1:$at" "$@" >"$work/own.out" 2>"$work/own.log" &
	own=$!
	until_holds 60 grep -q 就绪 "$work/own.out"
	own_url=$(sed -n 's/.*\(http:\/\/[0-9.:]*\).*/\1/p' "$work/own.out")
	own_port=$(sed -n 's/.*HJ 212: \([0-9]*\).*/\1/p' "$work/own.out")
	[ -n "$own_port" ]
}
register() { curl -fsS --max-time $patience -X POST -H 'Content-Type: text/csv' --data-binary "@$1" "$own_url/api/v1/devices/import" >/dev/null; }
# A crash in the middle of a burst. The ledger goes through a pipe: who is not read from goes no further than the
# pipe is long, so the crash is in the middle however fast or slow anybody is. The port is none that the system gives
# to others meanwhile.
burst="simulate --devices 20 --seed 8 --interval 6s --quiet"
own $((20000 + RANDOM % 10000)) || { cat "$work/own.log"; exit 1; }
"$SHANSHUI" $burst --registry "$work/r.csv"
register "$work/r.csv" || exit 1
mkfifo "$work/pipe"
"$SHANSHUI" $burst --target "127.0.0.1:$own_port" --history 1h --duration 1s --ledger "$work/pipe" >/dev/null 2>&1 &
city=$!
{
	for _ in $(seq 200); do IFS= read -r line && printf '%s\n' "$line"; done
	kill -9 $own
	cat
} <"$work/pipe" >"$work/ledger" &
reader=$!
wait $own 2>/dev/null
t0=$(date +%s%3N)
own "$own_port" || { cat "$work/own.log"; exit 1; }
t1=$(date +%s%3N)
wait $city $reader
city=
kill $own
wait $own
own=
acked=$(sort -u "$work/ledger" | wc -l)
"$SHANSHUI" journal verify --data "$work/own" >"$work/verify" || { cat "$work/verify"; exit 1; }
"$SHANSHUI" journal cat --data "$work/own" >"$work/cat"
missing=$(cut -f1,4 "$work/ledger" | sort -u | while IFS="$(printf '\t')" read -r m q; do echo "QN=$q;"; done | sort -u >"$work/want"
	grep -aoE 'QN=[0-9]{17};' "$work/cat" | sort -u >"$work/have"
	comm -23 "$work/want" "$work/have" | wc -l)
prove "杀进程前后应答过的 $acked 帧一帧不少 none of the acknowledged frames is missing" equal "$missing" 0
# 200 lines read, a pipe of 64 KiB and a buffer of 4 KiB with lines of at least 40 bytes: 2000.
prove "崩溃在当中 the crash fell in the middle: before 2000 of $acked" at_least "$acked" 4000

# A city of our own that answers: commands of each kind, and the gaps of its outages fetched back. Of its devices
# those speak that are asked, and those that have outages.
rm -rf "$work/own"
own 0 --hj212.command-timeout 60s --hj212.command-resends 1 --dialogue.own 5s --dialogue.scan 500ms --dialogue.gap-rate 6000 || { cat "$work/own.log"; exit 1; }
the_city="simulate --devices 600 --seed 20261123 --interval 30s"
"$SHANSHUI" $the_city --registry "$work/all.csv"
"$SHANSHUI" $the_city --manners "$work/m.csv"
mn=$(awk -F, '$2 == "2017" && $3 == "" && $4 == "keeps" {print $1; exit}' "$work/m.csv")
secret=$(awk -F, '$2 == "2025" && $3 == "" && ($4 == "encrypts" || $4 == "keeps encrypts") {print $1; exit}' "$work/m.csv")
speaking=$mn,$secret$(awk -F, '$3 == "outages" {printf ",%s", $1}' "$work/m.csv")
{ head -n 1 "$work/all.csv"; grep -E "^(${speaking//,/|})," "$work/all.csv"; } >"$work/r.csv"
register "$work/r.csv" || exit 1
"$SHANSHUI" $the_city --only "$speaking" --target "127.0.0.1:$own_port" --history 26h --told "$work/told" --quiet >/dev/null 2>&1 &
city=$!
until_holds 600 test -e "$work/told" || { echo "历史没有说完 the history was not told"; exit 1; }
command() { "$SHANSHUI" command send --server "$own_url" --mn "$mn" --by 验收 --reason C8 "$@" >"$work/said"; }
prove "提取时钟 its clock" command clock_get
prove "校时 its clock is set" command clock_set
prove "提取与设置间隔 intervals" command live_interval_get
prove "间隔为 30 秒 of 30 s" grep -q 'RtdInterval=30' "$work/said"
prove "设置间隔 set" command live_interval_set RtdInterval=30
prove "取小时历史 hours of the past" command history_hour "BeginTime=$(this_hour '-8 hours')" "EndTime=$(this_hour '-3 hours')"
prove "六小时一条不少 six of them" equal "$(grep -c 'DataTime=' "$work/said") $(grep -o 'DataTime=[0-9]*' "$work/said" | sort -u | wc -l)" "6 6"
prove "即时采样 sample at once" command sample_now PolId=w01018
prove "留样 keep a sample" command keep_sample
prove "参数 a parameter" command info_get PolId=w01018 InfoId=i12001
prove "改密码后仍收得到 a new password" command password_set NewPW=654321
refused() { ! command "$@"; }
prove "设备拒绝的说明原因 refused with the reason" refused live_interval_set RtdInterval=90
prove "原因 why" grep -q 'QnRtn=2' "$work/said"
prove "不合规定的参数在发出之前拒绝 a wrong parameter is refused before it goes out" refused live_interval_set RtdInterval=5
prove "命令逐条可查，何人何故 each is kept: who and why" equal \
	"$(ask "/api/v1/commands?mn=$mn" | jq -r '[.items[] | select(.origin == "person") | .by + .reason] | unique | join(",")')" "验收C8"
prove "密码不留 no password is kept" equal "$(ask "/api/v1/commands?mn=$mn" | grep -c 654321)" 0
frames_of() { ask "/api/v1/devices/$1" | jq .frames; }
curl -s --max-time $patience -X POST -H 'Content-Type: application/json' --data '{"by":"验收"}' "$own_url/api/v1/devices/$secret/key" >/dev/null
renewed() { ask "/api/v1/commands?mn=$secret" | jq -e '[.items[] | select(.cn == 1014 and .state == "done")] | length == 1'; }
prove "更换密钥（1014） the key is renewed" until_holds 60 renewed
at=$(frames_of "$secret")
more() { [ "$(frames_of "$secret")" -gt "$at" ] && [ "$(ask "/api/v1/devices/$secret" | jq .faulty)" = 0 ]; }
prove "新密钥下照常收数 data go on under the new key" until_holds 90 more
fetched() { [ "$(ask '/api/v1/gaps?state=filled&limit=1000' | jq '[.items[] | select(.asked > 0)] | length')" -ge 5 ]; }
prove "断线时的小时数据由命令补回 hours of outages are fetched back" until_holds 120 fetched
gaps=$(ask '/api/v1/gaps?state=filled&limit=1000' | jq '[.items[] | select(.asked > 0) | .expected] | add')
kill $city $own
wait $city $own 2>/dev/null
own= city=
saw "命令 12 种往返、密钥更换、补回 $gaps 条；隔离 3/3 入库；远程校准；杀进程后 $((t1 - t0)) ms 再就绪，$acked 帧应答一帧不少"
