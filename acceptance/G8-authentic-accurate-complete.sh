#!/bin/bash
# G8: authentic, accurate, complete: the day's score of each source, drilled down to the frame. A
# device of our own sends good, doubtful and broken frames and leaves a hole; the card says each of
# them, names the broken frame, and leads from the score to the bytes.
. "$(dirname "$0")/lib.sh"

[ "$(day_of %H%M)" -ge 0015 ] && [ "$(day_of %H%M)" -lt 2345 ] || not_run "近零点，十分钟前是昨天 about midnight"
mn=$(new_mn)
printf 'mn,site_code,site_name,kind,district,interval_s\n%s,%s,评分排口 scored outlet,source_water,玄武,60\n' "$mn" "S$mn" >"$work/r.csv"
site=$(curl -fsS --max-time $patience -X POST -H 'Content-Type: text/csv' --data-binary "@$work/r.csv" "$SHANSHUI_URL/api/v1/devices/import" >/dev/null &&
	get "/api/v1/devices/$mn" | jq -r '.site.id')
[ -n "$site" ] || { echo "登记失败 registering failed"; exit 1; }
for i in 9 8 7 6 5 4 3; do # six of seven minutes; one value with a fault mark
	[ $i = 6 ] && continue
	flag=N; [ $i = 4 ] && flag=D
	echo "QN=$(compact now)00$i;ST=32;CN=2011;PW=123456;MN=$mn;Flag=5;CP=&&DataTime=$(compact "-$i minutes");w01018-Rtd=4$i.5,w01018-Flag=$flag&&"
done | say_frames >/dev/null
"$SHANSHUI" hj212 encode "QN=$(compact now)555;ST=32;CN=2011;PW=123456;MN=$mn;Flag=5;CP=&&DataTime=$(compact '-2 minutes');w01018-Rtd=99,w01018-Flag=N&&" |
	sed 's/Rtd=99/Rtd=98/' >"$work/broken"
say_raw "$work/broken" 1 >/dev/null
series w01018 Rtd rtd >/dev/null || { echo "没有序列 no series"; exit 1; }
card() { get "/api/v1/scorecard?mn=$mn&day=$(day_of %F)" | jq -c "$1"; }
shows() { [ "$(card "$1")" = "$2" ]; }
seen="[.items[0].authentic | .received, .refused]"
prove "七帧都数到，一帧退回 all seven frames are counted, one refused" until_holds 20 shows "$seen" "[7,1]"
# The tip over them comes within a minute; an export asks for it at once.
id=$(card '.items[0].drill[0].id' | tr -d '"')
post /api/v1/evidence "{\"id\":\"$id\",\"by\":\"验收\",\"why\":\"G8\"}" >"$work/p.tar" || exit 1
prove "真：六帧完好且在签名之下 authentic: six whole and signed" \
	until_holds 90 shows '[.items[0].authentic | .good, .unsigned, .faulty]' '[6,0,0]'
prove "真的得分 its score" equal "$(card '.items[0].authentic.score * 7 | round')" 6
prove "链与锚点完好 the chain of tips is whole" equal "$(card '.chain | .whole and .tips > 0')" true
seq=$(card '.items[0].authentic.bad[0].seq')
prove "坏的那帧指得出来，直到字节 the broken frame is named, down to its bytes" \
	equal "$(get "/api/v1/journal/entries/$seq" | jq -r '.kind, (.raw | test("Rtd=98"))' | tr '\n' ' ')" "hj212_bad true "
prove "准：六个值中五个标记正常 accurate: five of six values normal" equal "$(card '.items[0].accurate | [.values, .normal]')" "[6,5]"
prove "全：应有与实有都列出 complete: what is owed and what is kept" \
	equal "$(card '.items[0].complete | [.kept, (.expected | type)]')" '[6,"number"]'
prove "钻取：从日评分到每一帧 drill: from the day to each frame" \
	equal "$(get "/api/v1/explain?id=$(escape "$id")" | jq '[.. | objects | select(.kind == "entry")] | length')" 6
all=$(get "/api/v1/scorecard?limit=5" | jq -c '{total, worst: [.items[] | {mn, score}]}')
prove "每个源都有一张，最差的在前 one for every source, the worst first" \
	equal "$(jq '(.total > 10) and ([.worst[].score // 2] | . == sort)' <<<"$all")" true
saw "$all"
