#!/bin/bash
# P3.7.2c: cases shared with the police, the court, industry, energy and the market regulator, and between city and districts: one
# packet with its digest, a receipt that quotes it, an answer by its own deadline; a changed packet is refused, silence escalates.
# Behind the decision also: what is published holds no personal string, and is withdrawn; the daily fine, round by round.
. "$(dirname "$0")/lib-access.sh"
. "$(dirname "$0")/lib-cases.sh"
one_day
open_house || not_run "服务没有启动 no server"
today=$(day_of %F)
day() { day_of %F "$1"; }
T=transfer
case_fields() { echo "{\"title\":\"某印染厂超标排放废水案\",\"procedure\":\"general\",\"admin_area\":\"320106\",\"discovered_at\":\"$(day '-60 days')\",\"act_end\":\"$(day '-70 days')\",\"party_kind\":\"unit\",\"party_name\":\"南京某印染有限公司\",
\"party_code\":\"91320100MA0000001B\",\"party_address\":\"印染路1号\",\"legal_rep\":\"王大力\",\"conduct\":\"W01\",\"act_text\":\"总排口化学需氧量 120 mg/L\",\"act_place\":\"总排口\",\"penalty_clause\":\"超标处罚条\",\"fine\":\"80000\",
\"decision_date\":\"$(day '-40 days')\",\"evidence\":[{\"no\":\"1\",\"kind\":\"electronic\",\"what\":\"自动监测数据包\",\"digest\":\"ab12\"},{\"no\":\"2\",\"kind\":\"documentary\",\"what\":\"被排除的\",\"excluded\":\"程序违法\"}]${1:-}}"; }
penalty=$(new here penalty_case "$(case_fields)")

# One packet for each partner; the digest is anybody's SM3; the deadline by a calendar of its own.
packet() { say here GET "/api/v1/things/case_transfer/$1"; }
# Signed by the node, for the partner alone: checked as the partner does, who has this key and the program, nothing else.
signed_package() {
	packet "$1" | jq -j .fields.package >"$work/package"
	cp "$house/journal/node.pub" "$work/node.pub" || return 1
	node_id=$(sm3_of <"$work/node.pub" | cut -c1-32)
	"$SHANSHUI" exchange verify "$work/package" --key "$work/node.pub" --from "$node_id" --as 某机关 >/dev/null || { echo "   交换包 package"; return 1; }
	! "$SHANSHUI" exchange verify "$work/package" --key "$work/node.pub" --from "$node_id" --as 别的机关 >/dev/null 2>&1 && tail -c "$(jq -j .fields.packet "$work/packet.json" | wc -c)" "$work/package" | cmp -s - <(jq -j .fields.packet "$work/packet.json")
}
shared() { # PARTNER WORKING_DAYS
	id=$(open_case here $T "{\"case\":\"$penalty\",\"partner\":\"$1\",\"to_office\":\"某机关\",\"reason\":\"依法移送\",\"clause\":\"某条\"}")
	go here $T "$id" approval >/dev/null
	[ "$(go here $T "$id" approved)" = 200 ] || { why; return 1; }
	packet "$id" >"$work/packet.json"
	[ "$(jq -j .fields.packet "$work/packet.json" | sm3_of)" = "$(jq -r .fields.digest "$work/packet.json")" ] || { echo "   摘要 digest"; return 1; }
	jq -r .fields.packet "$work/packet.json" | grep -q '^evidence|1|' && ! grep -q 被排除的 "$work/packet.json" || return 1
	[ "$(go here $T "$id" sent)" -ge 400 ] && document here $T "$id" packet >/dev/null && [ "$(go here $T "$id" sent)" = 200 ] || { why; return 1; }
	signed_package "$id" || return 1
	receipt() { echo "{\"receipt_no\":\"HZ-1\",\"receipt_by\":\"接收人\",\"received_on\":\"$today\",\"receipt_digest\":\"$1\"}"; }
	go here $T "$id" waiting "$(receipt "$(printf 'x' | sm3_of)")" >/dev/null
	because 不符 && [ "$(go here $T "$id" waiting "$(receipt "$(jq -r .fields.digest "$work/packet.json")")")" = 200 ] || { why; return 1; }
	[ "$(field here case_transfer "$id" .answer_due)" = "\"$(node "$here/tests/golden/last-day.mjs" "$here/standards/calendar/days.csv" "$(field here case_transfer "$id" .received_on | tr -d '"')" "$2" working)\"" ] || { echo "   期限 $(field here case_transfer "$id" .answer_due)"; return 1; }
	[ "$(say here GET "/api/v1/cases/$T/$id" | jq '[.clocks[] | select(.clock | startswith("answer"))] | length')" = 1 ] || { echo "   时钟 clocks"; return 1; }
	[ "$(go here $T "$id" answered "{\"answer\":\"accepted\",\"answer_text\":\"已办\",\"answered_on\":\"$today\"}")" = 200 ]
}
while read -r partner days name; do
	prove "$name：移送包、回执、$days 个工作日反馈 packet, receipt, answer" shared "$partner" "$days"
done <<'END'
police 3 公安
court 5 法院
industry 10 工信
energy 10 能源
market 7 市场监管
office 7 市区两级
END

id=$(open_case here $T "{\"case\":\"$penalty\",\"partner\":\"market\",\"to_office\":\"市场监管\",\"reason\":\"公示\",\"clause\":\"某条\"}")
go here $T "$id" approval >/dev/null && go here $T "$id" approved >/dev/null
prove "移送包改一字即拒 a packet changed by one letter is refused" eval '[ "$(put here case_transfer "$id" "{\"packet\":$(packet "$id" | jq ".fields.packet | sub(\"印染\"; \"印刷\")")}")" -ge 400 ] && because 被改动过'
document here $T "$id" packet >/dev/null && go here $T "$id" sent >/dev/null
go here $T "$id" waiting "{\"receipt_no\":\"HZ-2\",\"receipt_by\":\"接收人\",\"received_on\":\"$(day '-60 days')\",\"receipt_digest\":$(field here case_transfer "$id" .digest)}" >/dev/null
fired() { [ "$(say here GET "/api/v1/cases/$T/$id" | jq -c '[.trace[] | select(.act == "clock") | .data.act]')" = '["remind","superior","supervise"]' ]; }
prove "逾期不反馈逐级升级 silence escalates step by step" until_holds 60 fired

# Publicity: drafted by machine, checked by a second, public without signing in, withdrawn.
man=$(open_case here penalty "{\"title\":\"夜间施工案\",\"procedure\":\"simple\",\"admin_area\":\"320106\",\"discovered_at\":\"$today\",\"party_kind\":\"person\",\"party_name\":\"欧阳小明\",\"party_address\":\"中山路8号302室\",\"party_phone\":\"13800001111\",
\"party_idcard\":\"320106199001010015\",\"conduct\":\"N01\",\"act_text\":\"欧阳小明（320106199001010015，13800001111）在中山路8号302室夜间施工\",\"penalty_clause\":\"某条\",\"fine\":\"200\",\"officers\":[{\"name\":\"兰\",\"certificate\":\"1\",\"valid_to\":\"2030-01-01\"}]}")
document here penalty "$man" simple >/dev/null
go here penalty "$man" service >/dev/null
put here penalty_case "$man" "{\"decision_date\":\"$today\"}" >/dev/null
draft() { say here GET "/api/v1/things/penalty_disclosure?filter=$(escape "{\"field\":\"case\",\"op\":\"=\",\"value\":\"$man\"}")" | jq -r '.items[0].id // empty'; }
d=$(draft)
prove "决定一出即起草 a decision opens its publicity" test -n "$d"
open_penalties() { curl -s --max-time $patience "$url/api/v1/public/records/penalty_public"; }
prove "没有核对的，公众看不到 nothing is public before the check" equal "$(open_penalties | jq '.items | length')" 0
go here disclosure "$d" check '{"facts":"欧阳小明夜间施工"}' >/dev/null
go here disclosure "$d" published >/dev/null
prove "留着姓名的公开不了 not with a name in it" because 个人姓名
put here penalty_disclosure "$d" '{"facts":"欧某夜间施工"}' >/dev/null
prove "公开 published" equal "$(go here disclosure "$d" published)" 200
prove "公众不登录读到，只有姓氏 the public reads it, with the surname alone" equal "$(open_penalties | jq -c '[.items[].fields | [.party, .content]]')" '[["欧某","罚款 200 元。"]]'
prove "公开的没有个人字样 no personal string in it" eval '! open_penalties | grep -qE "小明|中山路|1380000|320106199"'
go here disclosure "$d" repair "{\"repaired_on\":\"$today\"}" >/dev/null
prove "修复也不短于最短公示期 not shorter than the shortest term" because '最短的 3 个月'
go here disclosure "$d" withdraw "{\"changed_on\":\"$today\",\"withdraw_reason\":\"复议撤销\"}" >/dev/null
prove "撤回后公众看不到 gone for the public" equal "$(said) $(open_penalties | jq '.items | length')" "200 0"

# The daily fine: 80,000 yuan, order served 20 days ago, found continuing 3 days ago: days 1 to 17 behind the service.
D=daily_fine
r=$(open_case here $D "{\"case\":\"$penalty\",\"order_served_at\":\"$(day '-20 days')\",\"rechecked_on\":\"$(day '-3 days')\",\"found\":\"continuing\",\"found_text\":\"总排口仍超标\"}")
prove "17 日，1360000 元 seventeen days" equal "$(field here daily_round "$r" '[.days, .total, .total_words]')" '[17,"1360000","壹佰叁拾陆万元整"]'
go here $D "$r" notice >/dev/null
document here $D "$r" daily_notice >/dev/null
go here $D "$r" deciding "{\"notice_served_at\":\"$today\",\"new_order_text\":\"立即停止超标排放\"}" >/dev/null
prove "陈述申辩期限未满不得决定 not before the time to state is over" because 未满
go here $D "$r" deciding "{\"notice_served_at\":\"$today\",\"new_order_text\":\"立即停止超标排放\",\"waived\":true}" >/dev/null
for x in daily_decision daily_order; do document here $D "$r" $x >/dev/null; done
doc=$(say here GET "/api/v1/cases/$D/$r" | jq -r '.documents[] | select(.document == "daily_decision") | .id')
prove "决定书写明日数、数额与依据 days, sum and basis in the decision" eval 'say here GET "/api/v1/cases/$D/$r/documents/$doc.html" | grep -q "计罚 17 日" && grep -q 壹佰叁拾陆万元整 "$work/body" && grep -qE "第五十九条|待核对" "$work/body"'
go here $D "$r" service >/dev/null
go here $D "$r" served "{\"served_at\":\"$today\",\"received_by\":\"王某\"}" >/dev/null
prove "送达即开始第二轮 the second round begins with the service" equal "$(say here GET "/api/v1/things/daily_round?filter=$(escape "{\"field\":\"before\",\"op\":\"=\",\"value\":\"$r\"}")" | jq -c '[.items[].fields | [.round, .order_served_at]]')" "[[2,\"$today\"]]"
late=$(open_case here $D "{\"case\":\"$penalty\",\"order_served_at\":\"$(day '-40 days')\",\"rechecked_on\":\"$(day '-5 days')\",\"found\":\"continuing\",\"found_text\":\"仍超标\"}")
go here $D "$late" notice >/dev/null
prove "复查晚于 30 日的不能按日计罚 rechecked too late" because '30 日'
close_house
saw "五类机关与市区之间各有移送包、回执与反馈期限；公示、撤下；按日连续处罚两轮"
