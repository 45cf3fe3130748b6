#!/bin/bash
# D2.2: conflicts between standards, between tools and systems, between what is monitored and what the tables know, each
# with its resolution; and the resolutions act: units are converted, the day decides the edition, the kind of water the
# column.
. "$(dirname "$0")/lib.sh"

c=$(get "/api/v1/standards/conflicts")
declared=$(jq '.declared | length' <<<"$c")
prove "登记的矛盾 $declared 条 declared" at_least "$declared" 20
prove "条条有两方、差异与处置 each names both sides, the difference, the resolution" equal \
	"$(jq '[.declared[].values | select(.one == null or .other == null or .difference == null or .resolution == null)] | length' <<<"$c")" 0
prove "限值、代码、单位、术语各有 limits, codes, units, terms" equal "$(jq -c '[.declared[].values.kind] | unique | contains(["code","limit","term","unit"])' <<<"$c")" true
units=$(jq '.units | length' <<<"$c")
prove "单位：表中缺省单位与限值单位不同的 $units 处，给出换算 units" at_least "$units" 5
prove "细颗粒物 ng/m3 与 ug/m3 差 1000 倍 PM2.5" equal "$(jq -c '[.units[] | select(.factor == "a34004" and .limit_unit == "ug/m3") | .ratio] | first' <<<"$c")" 0.001
prove "同一天两个标准限同一项的 $(jq '.limits | length' <<<"$c") 处，各写明从严值 two standards on one day" equal \
	"$(jq '[.limits[] | select(.one.standard == .other.standard or .stricter == null or .resolution == "")] | length' <<<"$c")" 0

# The unit acts: mercury arrives in ug/L by HJ 212, the class is limited in mg/L. 0.08 ug/L is above class II
# (0.00005 mg/L) and within III (0.0001).
device water "验收矛盾 D2.2 $RANDOM" '"target":"III","body":"lake"' || exit 1
echo "QN=$(compact now)001;ST=21;CN=2061;PW=123456;MN=$mn;Flag=5;CP=&&DataTime=$(this_hour '-1 hour');w20111-Avg=0.08,w20111-Flag=N;w21011-Avg=0.15,w21011-Flag=N&&" | say_frames >/dev/null
# Total phosphorus 0.15: class V in a lake (0.1 to 0.2), III in a river (0.1 to 0.2 as well, column of rivers).
prove "湖库的总磷按湖库列：Ⅴ a lake by its column" until_holds 10 grade_is '.text' '"Ⅴ"'
lake=$mn
device water "验收矛盾 D2.2 河 $RANDOM" '"target":"III","body":"river"' || exit 1
echo "QN=$(compact now)002;ST=21;CN=2061;PW=123456;MN=$mn;Flag=5;CP=&&DataTime=$(this_hour '-1 hour');w20111-Avg=0.08,w20111-Flag=N;w21011-Avg=0.02,w21011-Flag=N&&" | say_frames >/dev/null
prove "汞 0.08 ug/L 换算后为Ⅲ类 mercury is class III after conversion" until_holds 10 grade_is '[.text,.primary]' '["Ⅲ",["w20111"]]'

# The day acts: the same hour under the law before and after 2026-03-01.
device air "验收矛盾 D2.2 气 $RANDOM" || exit 1
hour_frame 22 "-2 hours" "a34004-Avg=70,a34004-Flag=N;a34002-Avg=130,a34002-Flag=N;a21026-Avg=10,a21026-Flag=N;a21004-Avg=30,a21004-Flag=N;a21005-Avg=0.7,a21005-Flag=N;a05024-Avg=100,a05024-Flag=N" | say_frames >/dev/null
judged() { get "/api/v1/sites/$site/judged?from=$(escape "$(hour_iso '-4 hours')")&to=$(escape "$(hour_iso '+1 hour')")$1"; }
there() { [ "$(judged "" | jq '.items | length')" -ge 1 ]; }
prove "小时入库 the hour is kept" until_holds 10 there
now=$(judged "")
before=$(judged "&law_day=2026-02-28")
prove "PM2.5 70：2026-03-01 起断点 60、115，指数 110 (HJ 633-2026)" equal "$(jq -c '[.items[0].value, .items[0].edition]' <<<"$now")" '[110,"HJ 633-2026"]'
prove "假设按 2026-02-28 的法：断点 35、75，指数 94 (HJ 633-2012)" equal "$(jq -c '[.items[0].value, .items[0].edition]' <<<"$before")" '[94,"HJ 633-2012"]'
prove "假设写明是假设，不改写 a what-if says so and overwrites nothing" equal "$(jq -c .rule.what_if <<<"$before")/$(judged "" | jq -c '.items[0].value')" true/110
span=$(get "/api/v1/standards/diff?table=limits/air-quality&from_day=2026-02-28&to_day=2026-03-01")
prove "两版限值逐行比较 the editions compared row by row" at_least "$(jq .total <<<"$span")" 20

# What is monitored and what the tables know: an unknown code is kept, listed, and says what to do.
code=a98$(printf %03d $((RANDOM % 1000)))
echo "QN=$(compact now)003;ST=22;CN=2011;PW=123456;MN=$mn;Flag=5;CP=&&DataTime=$(compact '-1 minute');$code-Rtd=3.5,$code-Flag=N&&" | say_frames >/dev/null
listed() { [ "$(get /api/v1/standards/conflicts | jq --arg c "$code" '[.codes[] | select(.factor == $c and .resolution != "")] | length')" = 1 ]; }
prove "表里没有的因子 $code 照存并列入矛盾清单 an unknown factor is kept and listed" until_holds 10 listed
saw "登记 $declared 条，单位 $units 处，同日两标准 $(jq '.limits | length' <<<"$c") 处；湖 $lake"
