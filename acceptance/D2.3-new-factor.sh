#!/bin/bash
# D2.3: a new factor is added once, as a row, without restart, and is everywhere; so is a new limit with a later day: it
# judges from its day on, and is explained with its clause.
. "$(dirname "$0")/lib.sh"

code=a97$(printf %03d $((RANDOM % 1000)))
name="验收新因子 $code"
device air "验收新因子 D2.3 $RANDOM" || exit 1
say() { echo "QN=$(compact now)$1;ST=22;CN=2011;PW=123456;MN=$mn;Flag=5;CP=&&DataTime=$(compact "$2");$code-Rtd=$3,$code-Flag=N;a34004-Rtd=30,a34004-Flag=N&&" | say_frames; }
prove "监测先行：设备先报新因子，照存照答 the device comes first: kept and answered" grep -q 'CN=9014' <<<"$(say 001 '-3 minutes' 2.5)"
known() { get "/api/v1/sites/$site" | jq -e --arg c "$code" --arg n "$1" '[.series[] | select(.factor == $c and .name == $n)] | length > 0' >/dev/null; }
prove "登记之前只有代码 until then it has its code for a name" until_holds 10 known "$code"

add="{\"table\":\"codes/factors\",\"by\":\"数据中心\",\"reason\":\"验收 D2.3\",\"rows\":[{\"code\":\"$code\",\"name\":\"$name\",\"name_en\":\"New factor\",\"unit\":\"ug/m3\",\"medium\":\"air\",\"standard\":\"平台自定\",\"clause\":\"验收\",\"source\":\"验收\",\"mark\":\"U\"}]}"
before=$(get /api/v1/standards/history | jq -r '.items[0].law.digest')
done_=$(post /api/v1/standards/amendments "$add")
prove "登记一次，记入日志并生效 added once: journalled, and it holds" equal "$(jq -c .result.holds <<<"$done_")" true
prove "法的摘要变了 the law has a new digest" test "$(jq -r .law.digest <<<"$done_")" != "$before"
prove "因子目录里有 in the list of factors" equal "$(get /api/v1/factors | jq -r --arg c "$code" '.items[] | select(.factor == $c) | .name')" "$name"
prove "站点的序列有了名称 the site's series has its name" until_holds 60 known "$name"
id=$(series "$code" Rtd rtd) || exit 1
prove "序列、点、单位 points and unit" until_holds 60 answer_is "/api/v1/series/$id/points" '[.series.name, .series.unit, (.points | length)]' "[\"$name\",\"ug/m3\",1]"
prove "最新值一览 in the list of latest values" until_holds 60 answer_is "/api/v1/series/latest?factor=$code" '.items | length' 1
prove "全部站点的汇总 over all sites" until_holds 60 answer_is "/api/v1/series/matrix?factor=$code" '.items | length' 1
prove "能搜到 search finds it" equal "$(get "/api/v1/standards/search?q=$(escape "$name")" | jq -r '.items[0].row.values.code')" "$code"
prove "代码核对为有效 valid in the check of codes" equal "$(post /api/v1/standards/codes "{\"table\":\"codes/factors\",\"codes\":[\"$code\"]}" | jq -r '.items[0].state')" valid
prove "矛盾清单里不再有 no longer a conflict" equal "$(get /api/v1/standards/conflicts | jq --arg c "$code" '[.codes[] | select(.factor == $c)] | length')" 0
prove "修订有人、有理由、有日志序号 who, why, where in the journal" equal "$(get /api/v1/standards/history | jq -c '.items[0] | [.by, .reason, (.seq > 0)]')" '["数据中心","验收 D2.3",true]'
seq=$(get /api/v1/standards/history | jq '.items[0].seq')
prove "日志里就是这一条 the entry of the journal is this act" grep -q "$code" <<<"$(get "/api/v1/journal/entries/$seq")"

# A limit with a later day: ammonia of class III in one year far ahead.
year=$((2100 + RANDOM % 800))
device water "验收新限值 D2.3 $RANDOM" '"target":"III","body":"river"' || exit 1
hour_frame 21 "-1 hour" "w21003-Avg=1.2,w21003-Flag=N" | say_frames >/dev/null
prove "氨氮 1.2 为Ⅳ类 class IV today" until_holds 10 grade_is .text '"Ⅳ"'
limit="{\"table\":\"limits/water-class\",\"by\":\"法规处\",\"reason\":\"验收 D2.3 未来限值\",\"rows\":[{\"medium\":\"water\",\"item\":\"w21003\",\"grade\":\"III\",\"averaging\":\"\",\"high\":1.3,\"unit\":\"mg/L\",\"valid_from\":\"$year-01-01\",\"valid_to\":\"$year-12-31\",\"standard\":\"GB 3838-2002\",\"clause\":\"验收修改单\",\"source\":\"验收\",\"mark\":\"U\"}]}"
known_at=$(iso now)
sleep 1.1
prove "加一行 $year-01-01 起的限值 a row from that day" equal "$(post /api/v1/standards/amendments "$limit" | jq -c .result.holds)" true
prove "今天的判断不变 nothing changes today" grade_is .text '"Ⅳ"'
prove "那天起按新限值判断，写明条款 from that day on by the new limit, with its clause" equal \
	"$(get "/api/v1/sites/$site/judged?law_day=$year-01-01" | jq -c '.items[-1] | [.text, .basis]')" '["Ⅲ","GB 3838-2002 验收修改单"]'
prove "前一天仍按旧限值 the day before by the old one" equal "$(get "/api/v1/sites/$site/judged?law_day=$((year - 1))-12-31" | jq -c '.items[-1] | [.text, .basis]')" '["Ⅳ","GB 3838-2002 表1"]'
row=/api/v1/standards/tables/limits/water-class/row?key=$(escape 'GB 3838-2002|water|w21003|III|')
prove "那一行有条款、出处、何时所知 the row says clause, source, since when it is known" equal \
	"$(get "$row&day=$year-01-01" | jq -c '.row | [.values.high, .clause, (.recorded != null), (.amendment != null)]')" '[1.3,"验收修改单",true,true]'
prove "当时所知的法可以再问 what was known before can be asked" equal "$(get "$row&day=$year-01-01&known=$(escape "$known_at")" | jq -c '.row | [.values.high, .amendment]')" '[1,null]'
saw "新因子 $code；法 $(get /api/v1/standards | jq -r .law.version)"
