#!/bin/bash
# C3: each section's value against its target class, by the law, in real time.
. "$(dirname "$0")/lib.sh"
kind=${1:-water}

all=$(get "/api/v1/sites?kind=$kind&limit=500" | jq '[.items[] | select(.attributes.target != null and (.name | startswith("验收") | not))]')
n=$(jq length <<<"$all")
prove "演示城市有带目标类别的断面 sections with a target are listed" at_least "$n" 3
judged=$(jq '[.[] | select(.grade.met != null)] | length' <<<"$all")
prove "断面有类别并与目标比较 they are classed against it: $judged / $n" at_least "$judged" $((n * 7 / 10))
prove "每个判断写明依据 each says its basis" equal "$(jq -c '[.[] | select(.grade.value != null) | .grade.basis] | unique' <<<"$all")" '["GB 3838-2002 表1"]'

# A section of our own, target III: class III is met, one ammonia value of 1.6 mg/L is class V.
device "$kind" "验收断面 $RANDOM" '"target":"III","body":"river"' || exit 1
items="w01001-Avg=7.6,w01001-Flag=N;w01009-Avg=6.2,w01009-Flag=N;w01019-Avg=5.1,w01019-Flag=N;w21011-Avg=0.12,w21011-Flag=N"
hour_frame 21 '-3 hours' "$items;w21003-Avg=0.62,w21003-Flag=N" | say_frames >/dev/null
prove "按表1为Ⅲ类，达到目标Ⅲ class III meets target III" until_holds 5 grade_is '[.text,.target,.met]' '["Ⅲ","III",true]'
listen latest
hour_frame 21 '-2 hours' "$items;w21003-Avg=1.6,w21003-Flag=N" | say_frames >/dev/null
prove "氨氮 1.6 即Ⅴ类，未达目标 ammonia 1.6 is class V and misses it" until_holds 5 grade_is '[.text,.primary,.met]' '["Ⅴ",["w21003"],false]'
told() { sed -n 's/^data: //p' "$work/live" | jq -c --argjson s "$site" '.items[]? | select(.site == $s) | select(.grade.met == false)' 2>/dev/null | grep -q .; }
prove "实时流随即带来新判断 the live stream brings the new judgement" until_holds 5 told
stop_listening
hour_frame 21 '-1 hours' "$items;w21003-Avg=1.6,w21003-Flag=D" | say_frames >/dev/null
prove "仪器故障的值不参评 a value marked D does not count" until_holds 5 grade_is '[.text,.met]' '["Ⅲ",true]'

# The same phosphorus at a lake is two classes worse.
device "$kind" "验收湖库 $RANDOM" '"target":"III","body":"lake"' || exit 1
hour_frame 21 '-2 hours' "${items/w21011-Avg=0.12/w21011-Avg=0.09};w21003-Avg=0.3,w21003-Flag=N" | say_frames >/dev/null
prove "湖库总磷 0.09 为Ⅳ类 phosphorus 0.09 in a lake is class IV" until_holds 5 grade_is '[.text,.primary,.met]' '["Ⅳ",["w21011"],false]'
saw "断面 $n 个，参评 $judged 个；Ⅲ → Ⅴ 实时可见，故障值不参评，湖库按湖库限值"
