#!/bin/bash
# C1: one standard for getting data from devices: a device is held against HJ 212 clause by clause, and a faulty
# one fails exactly the clauses that it breaks; a frame that does not conform is refused but kept, and is the
# evidence. Devices of a city of our own, whose faults are known.
# 可并行 beside the others: a house of its own.
. "$(dirname "$0")/lib.sh"

own= city=
trap 'kill $city $own 2>/dev/null; wait 2>/dev/null; rm -rf "$work"' EXIT
"$SHANSHUI" serve --data "$work/own" --http 127.0.0.1:0 --hj212 127.0.0.1:0 --hj212.command-timeout 30s \
	--hj212.command-resends 0 >"$work/own.out" 2>"$work/own.log" &
own=$!
until_holds 60 grep -q 就绪 "$work/own.out" || { cat "$work/own.log"; exit 1; }
own_url=$(sed -n 's/.*\(http:\/\/[0-9.:]*\).*/\1/p' "$work/own.out")
own_port=$(sed -n 's/.*HJ 212: \([0-9]*\).*/\1/p' "$work/own.out")
the_city="simulate --devices 600 --seed 20261123 --interval 30s"
"$SHANSHUI" $the_city --registry "$work/all.csv"
"$SHANSHUI" $the_city --manners "$work/m.csv"

# devices_of EDITION TRAITS MANNERS: such devices (KEEPS aside); device_of: the first.
devices_of() { awk -F, -v e="$1" -v t="$2" -v m="$3" 'NR > 1 {sub(/keeps/, "", $4); gsub(/^ +| +$/, "", $4); gsub(/  +/, " ", $4)} NR > 1 && $2 == e && $3 == t && $4 == m {print $1}' "$work/m.csv"; }
device_of() { devices_of "$@" | head -n 1; }
# mute is asked beside the others: nothing but its time-out ends its check. Who encrypts with another key is never
# answered, so it speaks apart: it does not come to an end of its past.
mute=$(device_of 2017 "" mute)
asked=$mute
for kind in "2017||" "2005||" "2025||encrypts" "2017|doubles|" "2017|drift|" "2017|late|" "2017||no_history"; do
	IFS='|' read -r edition traits manners <<<"$kind"
	asked=$asked,$(device_of "$edition" "$traits" "$manners")
done
for mn in $(devices_of 2017 bad_crc ""); do asked=$asked,$mn; done # some err, of two frames in a hundred
apart=$(device_of 2025 "" "encrypts wrong_key")
{ head -n 1 "$work/all.csv"; grep -E "^(${asked//,/|}|$apart)," "$work/all.csv"; } >"$work/r.csv"
curl -fsS --max-time $patience -X POST -H 'Content-Type: text/csv' --data-binary "@$work/r.csv" "$own_url/api/v1/devices/import" >/dev/null || exit 1
# Whoever waits an hour for an answer sends nothing twice of himself, however slow this machine answers.
"$SHANSHUI" $the_city --target "127.0.0.1:$own_port" --history 26h --resend 1h --only "$asked" --told "$work/told" --quiet >/dev/null 2>&1 &
city=$!
"$SHANSHUI" $the_city --target "127.0.0.1:$own_port" --history 26h --only "$apart" --quiet >/dev/null 2>&1 &
city="$city $!"
until_holds 600 test -e "$work/told" || { echo "历史没有说完 the history was not told"; exit 1; }

check() { # MN
	[ -n "$1" ] || { echo "没有这样的设备 no such device"; return 1; }
	"$SHANSHUI" conformance --mn "$1" --json --server "$own_url" >"$work/report"
	failing=$(failing_of "$work/report")
}
failing_of() { jq -r '[.items[] | select(.verdict == "fail") | .clause] | join(" ")' "$1"; }
fails() { # EDITION TRAITS MANNERS CLAUSES
	check "$(device_of "$1" "$2" "$3")" && equal "$failing" "$4"
}
"$SHANSHUI" conformance --mn "$mute" --json --server "$own_url" >"$work/mute" &
asking=$!
prove "守规矩的 2017 版设备无一条不符 an honest device of 2017 breaks nothing" fails 2017 "" "" ""
pass=$(jq .pass "$work/report")
prove "查到的条款足够多 enough clauses were seen" at_least "$pass" 25
prove "2005 版 of 2005" fails 2005 "" "" ""
prove "2025 版加密的设备 of 2025, encrypting" fails 2025 "" encrypts ""
erred() { for mn in $(devices_of 2017 bad_crc ""); do [ "$(SHANSHUI_URL=$own_url get "/api/v1/devices/$mn" | jq .faulty)" -gt 0 ] && return; done; return 1; }
prove "有的设备 CRC 错过 some device had a wrong CRC" until_holds 600 erred
prove "CRC 有错的只违反 CRC 一条 wrong CRC breaks that clause alone" eval 'check "$mn" && equal "$failing" frame.crc'
seq=$(jq '.items[] | select(.clause == "frame.crc") | .seq' "$work/report")
prove "证据是日志里被拒收而留下的那一帧 the evidence is the frame refused and kept" equal \
	"$(curl -fsS --max-time $patience "$own_url/api/v1/journal/entries/$seq" | jq -r '[.kind, .verdict] | join(" ")')" "hj212_bad reject_crc"
prove "重发已应答数据的 sending again what was answered" fails 2017 doubles "" "exchange.repeat"
prove "时钟偏差的 a clock that is off" fails 2017 drift "" "data.period clock.drift"
prove "实时数据迟到的 late live data" until_holds 600 fails 2017 late "" "timing.order"
wait $asking
prove "不应答的 a mute device" equal "$(failing_of "$work/mute")" "answer.request"
prove "没有历史的 without history" fails 2017 "" no_history "history.minute history.hour history.day"
prove "密钥不符的 a wrong key" fails 2025 "" "encrypts wrong_key" "data.encrypted"
"$SHANSHUI" conformance --mn "$(device_of 2017 "" "")" --server "$own_url" >"$work/print"
prove "印出的报告中文在前，逐条有证据 the printed report is Chinese first, with evidence" grep -q '^设备 .*一致性检查' "$work/print"
prove "每条写明条款 every clause is named" at_least "$(grep -c 'HJ 212-20' "$work/print")" 30
saw "守规矩的 $pass 条符合；七种毛病各只违反自己的条款；证据帧可查"
