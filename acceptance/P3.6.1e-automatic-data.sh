#!/bin/bash
# P3.6.1e (as C8): frames of the 2005, 2017 and 2025 form come in, whole, split, late and doubled; a
# wrong CRC is kept as evidence and not answered; commands go out; every value leads to its frame.
. "$(dirname "$0")/lib.sh"

device source_water "验收排污口 $RANDOM" || exit 1
t=$(compact '-10 minutes')
f2005="QN=$(compact now)001;ST=32;CN=2011;PW=123456;MN=$mn;Flag=1;CP=&&DataTime=$t;011-Rtd=61.5,011-Flag=N&&"
f2017="QN=$(compact now)002;ST=32;CN=2011;PW=123456;MN=$mn;Flag=5;CP=&&DataTime=$(compact '-9 minutes');w01018-Rtd=62.5,w01018-Flag=N&&"
f2025="QN=$(compact now)003;ST=32;CN=2011;PW=123456;MN=$mn;Flag=9;RF=1;CP=&&DataTime=$(compact '-8 minutes');w01018-Rtd=63.5,w01018-Flag=N&&"
part1="QN=$(compact now)004;ST=32;CN=2061;PW=123456;MN=$mn;Flag=7;PNUM=2;PNO=1;CP=&&DataTime=$(this_hour '-2 hours');w01018-Avg=60.1,w01018-Flag=N&&"
part2="QN=$(compact now)005;ST=32;CN=2061;PW=123456;MN=$mn;Flag=7;PNUM=2;PNO=2;CP=&&DataTime=$(this_hour '-2 hours');w21003-Avg=3.1,w21003-Flag=N&&"
answers=$(printf '%s\n' "$f2005" "$f2017" "$f2025" "$part2" "$part1" "$f2017" | say_frames)
prove "三种版本、两个分包、一个重复都应答 all six are answered" equal "$(grep -c 'CN=9014' <<<"$answers")" 6
prove "2005 的应答把 QN 放在 CP 里 2005 gets QN inside CP" grep -q 'CP=&&QN=' <<<"$answers"
prove "2025 的应答版本位为 2 2025 is answered with its version" grep -q 'Flag=8' <<<"$answers"
id=$(series w01018 Rtd rtd) || exit 1
prove "三个实时值，旧代码 011 归到 w01018，重复不加倍 three live values, old code mapped, nothing doubled" \
	until_holds 5 points_are "from=$(escape "$(iso '-1 hour')")&to=$(escape "$(iso '+1 hour')")" '[.points[] | .[1]]' "[61.5,62.5,63.5]"
prove "分包的两部分都入库 both parts of the split record are kept" test -n "$(series w21003 Avg hour)"

# Wrong CRC: no answer, no value, kept as evidence.
before=$(get /api/v1/summary | jq .frames.faulty)
seq=$(get /api/v1/journal/stat | jq .entries)
"$SHANSHUI" hj212 encode "${f2017/62.5/99.9}" | sed 's/....\r$/0001\r/' >"$work/bad"
prove "CRC 不对不应答 a wrong CRC is not answered" equal "$(say_raw "$work/bad" 1 | wc -l)" 0
more_faulty() { [ "$(get /api/v1/summary | jq .frames.faulty)" -gt "$before" ]; }
prove "但作为证据留存并计数 but kept as evidence and counted" until_holds 5 more_faulty
in_clear() { get "/api/v1/journal/entries?kind=bad&from=$seq&limit=200" | grep -q "$mn"; }
prove "留存的原文可查 its raw text can be read" until_holds 120 in_clear

# From a value down to its frame.
time=$(jq -r '.points[1][0] / 1000 | floor' <<<"$points")
origin=$(get "/api/v1/series/$id/origin?time=$(escape "$(TZ=Asia/Shanghai date -d "@$time" +%Y-%m-%dT%H:%M:%S+08:00)")")
prove "从值到原始帧 from the value to its frame" grep -q 'w01018-Rtd=62.5' <<<"$(jq -r '.frames[].raw' <<<"$origin")"
prove "两次收到都在 both arrivals are there" equal "$(jq '.frames | length' <<<"$origin")" 2
prove "口令遮住 the password is masked" equal "$(jq -r '.frames[0].raw' <<<"$origin" | grep -c 'PW=123456')" 0

# A command goes out and is carried through: the device plays its part.
exec 4<>"/dev/tcp/${SHANSHUI_HJ212%:*}/${SHANSHUI_HJ212##*:}"
"$SHANSHUI" hj212 encode "QN=$(compact now)006;ST=32;CN=2011;PW=123456;MN=$mn;Flag=5;CP=&&DataTime=$(compact '-1 minute');w01018-Rtd=64.5,w01018-Flag=N&&" >&4
until_holds 10 connected
curl -s --max-time $patience -X POST -H 'Content-Type: application/json' --data '{"cn":1012,"cp":"SystemTime='"$(compact now)"'"}' \
	"$SHANSHUI_URL/api/v1/devices/$mn/commands" >/dev/null &
asking=$!
request=$(timeout $((60 * SHANSHUI_SLOW)) grep -m1 -a 'CN=1012' <&4 | tr -d '\r')
prove "对时命令到达设备 the clock command reaches the device" grep -q "MN=$mn" <<<"$request"
qn=$(sed -n 's/.*QN=\([0-9]*\);.*/\1/p' <<<"$request")
"$SHANSHUI" hj212 encode "QN=$qn;ST=91;CN=9011;PW=123456;MN=$mn;Flag=4;CP=&&QnRtn=1&&" >&4
"$SHANSHUI" hj212 encode "QN=$qn;ST=91;CN=9012;PW=123456;MN=$mn;Flag=4;CP=&&ExeRtn=1&&" >&4
wait $asking
did() { [ "$(get "/api/v1/commands?mn=$mn" | jq -c '[.items[] | select(.cn == 1012) | .qn_rtn, .exe_rtn]')" = "[1,1]" ]; }
prove "执行结果收回 the result comes back" until_holds 60 did
exec 4>&-
saw "2005/2017/2025、分包、重复、坏 CRC、追溯、对时命令均成立"
