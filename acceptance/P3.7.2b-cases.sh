#!/bin/bash
# P3.7.2b: a penalty case from the clue to the archive: the order of stages is enforced (each forbidden jump is tried), statutory
# periods by the legal calendar (200 dates against a calendar of their own), excluded time, clocks exact after a restart.
# 可并行 beside the others: a house of its own.
. "$(dirname "$0")/lib-access.sh"
. "$(dirname "$0")/lib-cases.sh"
one_day

open_house || not_run "服务没有启动 no server"
# 200 dates of all steps against a second calculation.
node "$here/tests/golden/penalty-dates.mjs" "$here/standards/calendar/days.csv" 200 >"$work/dates" || exit 1
prove "二百个法定日期与另算的日历一致 200 legal dates are those of a second calendar" equal \
	"$(jq -c .input "$work/dates" | jq -cs . | curl -fsS -X POST -H 'Content-Type: application/json' --data-binary @- "$url/api/v1/calc/penalty.deadline" | jq -c '[.[] | .result]' | md5sum)" \
	"$(jq -c .result "$work/dates" | jq -cs . | md5sum)"

prove "三员 the three" three
person lan enforce_officer '["320106"]' && person zhu enforce_officer '["320106"]' && person dui enforce_lead '["320106"]' &&
	person shen legal_review && person ju leader_district '["320106"]' && person lin enforce_officer '["320104"]' || { cat "$work/body"; exit 1; }
today=$(day_of %F)
day() { day_of %F "$1"; }
P=penalty
clue="{\"title\":\"某化工厂超标排放废水案\",\"admin_area\":\"320106\",\"discovered_at\":\"$(day '-3 days')\"}"
id=$(open_case lan $P "$clue")
prove "立案人员建线索 an officer opens the clue" test -n "$id"
prove "别区人员看不见 another district sees nothing" equal "$(say lin GET "/api/v1/cases/$P/$id" >/dev/null; said)" 404

# Every way that the stage does not have is refused, at every stage on the way.
states="clue filing investigation review notice statement hearing panel decision service execution press closing archiving archived not_filed handed_over"
tried=0
no_other_way() { # who, but: the ways there are
	for to in $states; do
		case " $2 " in *" $to "*) continue ;; esac
		s=$(go "$1" $P "$id" "$to")
		[ "$s" -ge 400 ] || { echo "   走通了 went through: $to ($s)"; return 1; }
		tried=$((tried + 1))
	done
}
refused() { [ "$(said)" -ge 400 ] && because "$1"; }
prove "线索只能立案、当场、不予、移送 the clue has its four ways" no_other_way lan "filing service not_filed handed_over"
go lan $P "$id" filing >/dev/null
prove "缺什么逐项说明 what lacks is named" refused "当事人名称"
save lan $P "$id" "{\"party_kind\":\"unit\",\"party_name\":\"南京某化工有限公司\",\"party_code\":\"91320100MA0000001B\",\"party_address\":\"化工路1号\",\"conduct\":\"W01\",
\"act_text\":\"总排口化学需氧量 120 mg/L，超过许可限值 80 mg/L 0.5 倍\",\"act_place\":\"总排口 DW001\",\"act_from\":\"2021-01-01\",\"act_end\":\"2021-01-10\",\"how\":\"data\",
\"violated_clause\":\"生态环境法典（水污染物排放标准条）\",\"penalty_clause\":\"生态环境法典（超标处罚条）\",\"law_version\":\"2026-08-15\"}" >/dev/null
go lan $P "$id" filing >/dev/null
prove "过追责时效不得立案 time-barred is refused" refused "追责时效"
save lan $P "$id" "{\"act_from\":\"$(day '-10 days')\",\"act_end\":\"$(day '-4 days')\"}" >/dev/null
prove "提请立案 proposed" equal "$(go lan $P "$id" filing)" 200
prove "承办人不能自己批 an officer does not approve himself" test "$(go lan $P "$id" investigation)" -ge 400
document dui $P "$id" filing >/dev/null
prove "立案审批后别无去处 no other way from the filing" no_other_way dui "investigation not_filed"
prove "批准立案 filed" equal "$(go dui $P "$id" investigation)" 200
prove "案号连续编号 a number ($(field dui penalty_case "$id" .case_no))" eval 'field dui penalty_case "$id" .case_no | grep -q 宁环立〔'
due() { say lan GET "/api/v1/cases/$P/$id" | jq -c '.clocks[] | select(.clock == "decision") | .last_day'; }
clock=$(due)
go lan $P "$id" review >/dev/null
prove "两名执法人员、要件与证据、裁量缺一不可 officers, elements, evidence, discretion" eval 'refused "执法人员不少于" && because 要件 && because 裁量'
save lan $P "$id" "{\"officers\":[{\"name\":\"兰\",\"certificate\":\"3201001\",\"valid_to\":\"2030-12-31\"},{\"name\":\"竹\",\"certificate\":\"3201002\",\"valid_to\":\"$(day '-1 day')\"}],
\"elements\":[{\"id\":\"1\",\"fact\":\"主体\"},{\"id\":\"2\",\"fact\":\"超标\"}],\"evidence\":[{\"no\":\"1\",\"kind\":\"documentary\",\"proves\":\"1\",\"what\":\"营业执照\"},
{\"no\":\"2\",\"kind\":\"electronic\",\"proves\":\"2\",\"what\":\"自动监测数据包\",\"excluded\":\"取证程序违法\"}],\"site_text\":\"现场检查，生产正常，总排口在排\",\"min_fine\":\"100000\",\"max_fine\":\"1000000\",
\"discretion\":[{\"factor\":\"超标倍数\",\"percent\":20},{\"factor\":\"持续时间\",\"percent\":15},{\"factor\":\"受纳水体\",\"percent\":5}],\"fine\":\"460000\"}" >/dev/null
for d in site_record evidence_list report; do document lan $P "$id" $d >/dev/null; done
prove "裁量按算式得 460000 the discretion is computed" equal "$(field lan penalty_case "$id" .computed_fine)" '"460000"'
go lan $P "$id" review >/dev/null
prove "证件过期、证据被排除的要件都指出 an expired certificate, an element without lawful evidence" eval 'refused 已过期 && because "要件 2"'
save lan $P "$id" "{\"officers\":[{\"name\":\"兰\",\"certificate\":\"3201001\",\"valid_to\":\"2030-12-31\"},{\"name\":\"竹\",\"certificate\":\"3201002\",\"valid_to\":\"2030-12-31\"}],
\"evidence\":[{\"no\":\"1\",\"kind\":\"documentary\",\"proves\":\"1\",\"what\":\"营业执照\"},{\"no\":\"2\",\"kind\":\"electronic\",\"proves\":\"2\",\"what\":\"自动监测数据包\"}]}" >/dev/null
prove "四十六万元达听证数额，不经审核不得告知 the review cannot be left out" eval 'go lan $P "$id" notice >/dev/null; refused 法制审核'
prove "调查环节别无去处 no other way from the investigation" no_other_way lan "review notice closing"
# Time that does not count: laboratory and hearing overlap, counted once.
act lan $P "$id" "{\"act\":\"pause\",\"kind\":\"monitoring\",\"from\":\"$today\",\"until\":\"$(day '+20 days')\",\"note\":\"送检\"}" >/dev/null
[ "$(said)" = 200 ] || cat "$work/body"
act lan $P "$id" "{\"act\":\"pause\",\"kind\":\"hearing\",\"from\":\"$today\",\"until\":\"$(day '+15 days')\",\"note\":\"听证\"}" >/dev/null
after=$(due)
prove "不计入 20 日与其中重叠的 15 日，只顺延 20 日 overlapping time counts once ($clock → $after)" equal "$after" "\"$(date -d "$(tr -d '"' <<<"$clock") +20 days" +%F)\""
go lan $P "$id" review >/dev/null
prove "送审 to the review" equal "$(said)" 200
prove "执法人员不能审核 an officer does not review" test "$(go lan $P "$id" notice)" -ge 400
both=$(as sys GET /api/v1/users | jq -r '.items[] | select(.login == "lan").id')
as sec POST /api/v1/assignments "{\"user\":\"$both\",\"role\":\"legal_review\",\"reason\":\"验收\"}" >/dev/null
prove "兼有审核角色的调查人也不能审核自己的案件 nor an investigator who is also a reviewer" eval 'save lan $P "$id" "{\"review_opinion\":\"agree\",\"review_text\":\"同意\"}" >/dev/null; refused 回避'
as sec GET /api/v1/assignments | jq -r --arg u "$both" '.items[] | select(.user == $u and .role == "legal_review" and .active) | .id' | while read -r a; do as sec DELETE "/api/v1/assignments/$a" >/dev/null; done
save shen $P "$id" '{"review_opinion":"supplement","review_text":"补充超标倍数的计算"}' >/dev/null
document shen $P "$id" review >/dev/null
prove "审核不同意不得告知 no notice without agreement" eval 'go shen $P "$id" notice >/dev/null; refused "意见不是同意"'
prove "退回调查 returned" equal "$(act shen $P "$id" '{"act":"return","note":"补充超标倍数的计算"}')" 200
go lan $P "$id" review >/dev/null
save shen $P "$id" '{"review_opinion":"agree","review_text":"同意"}' >/dev/null
document shen $P "$id" review >/dev/null
prove "审核同意 agreed" equal "$(go shen $P "$id" notice)" 200
save lan $P "$id" "{\"notified_fine\":\"500000\",\"notice_served_at\":\"$today\"}" >/dev/null
for d in notice discretion_sheet; do document lan $P "$id" $d >/dev/null; done
prove "告知额须等于拟处额 what is notified is what is proposed" eval 'go lan $P "$id" statement >/dev/null; refused 不一致'
save lan $P "$id" '{"notified_fine":"460000"}' >/dev/null
prove "告知别无去处 no other way from the notice" no_other_way lan "statement"
prove "已告知 notified" equal "$(go lan $P "$id" statement)" 200
prove "五个工作日未满不得决定 not before the time is over" eval 'go lan $P "$id" decision >/dev/null; refused 期限'
save lan $P "$id" '{"waived":true,"defence":[{"point":"已停产整改"}]}' >/dev/null
prove "申辩没有答复不得决定 not while the defence is unanswered" eval 'go lan $P "$id" decision >/dev/null; refused 没有答复'
save lan $P "$id" '{"defence":[{"point":"已停产整改","answer":"refuse","reason":"整改在违法行为之后"}],"fine":"500000"}' >/dev/null
prove "陈述申辩不得加重 never more than was notified" eval 'go lan $P "$id" decision >/dev/null; refused 不得加重'
save lan $P "$id" "{\"fine\":\"460000\",\"hearing_requested_at\":\"$today\"}" >/dev/null
prove "陈述环节别无去处 no other way from the statement" no_other_way lan "hearing panel decision notice"
prove "按申请组织听证 the hearing that was asked for" equal "$(go lan $P "$id" hearing)" 200
save shen $P "$id" "{\"hearing_notice_served\":\"$today\",\"hearing_at\":\"$(day '+5 days')\",\"hearing_chair\":\"兰\",\"hearing_text\":\"听证笔录\"}" >/dev/null
for d in hearing_notice hearing_minutes; do document shen $P "$id" $d >/dev/null; done
prove "七个工作日前通知、主持人不是调查人 seven working days, another chair" eval 'go shen $P "$id" panel >/dev/null; refused "7 个工作日" && because 调查人员'
save shen $P "$id" "{\"hearing_at\":\"$(day '+20 days')\",\"hearing_chair\":\"审\"}" >/dev/null
prove "听证之后集体讨论 then the panel" equal "$(go shen $P "$id" panel)" 200
save ju $P "$id" '{"panel_size":5,"panel":[{"name":"局","opinion":"同意"},{"name":"队","opinion":"同意"}]}' >/dev/null
document ju $P "$id" panel_minutes >/dev/null
prove "到会不足半数无效 fewer than half is no panel" eval 'go ju $P "$id" decision >/dev/null; refused 半数'
save ju $P "$id" '{"panel":[{"name":"局","opinion":"同意"},{"name":"队","opinion":"同意"},{"name":"审","opinion":"同意"}]}' >/dev/null
document ju $P "$id" panel_minutes >/dev/null
go ju $P "$id" decision >/dev/null
prove "执法人员不能决定 an officer does not decide" test "$(go lan $P "$id" service)" -ge 400
prove "没有决定书不得送达 no service without the decision" eval 'go ju $P "$id" service >/dev/null; refused 处罚决定书'
document ju $P "$id" decision >/dev/null
prove "决定别无去处 no other way from the decision" no_other_way ju "service"
prove "决定 decided" equal "$(go ju $P "$id" service)" 200
save lan $P "$id" "{\"service_way\":\"direct\",\"served_at\":\"$today\",\"received_by\":\"王某，法定代表人\"}" >/dev/null
document lan $P "$id" receipt >/dev/null
prove "送达 served" equal "$(go lan $P "$id" execution)" 200
payment=$("$SHANSHUI" calc penalty.deadline <<<"{\"step\":\"payment\",\"from\":\"$today\",\"legal_calendar\":true}" | jq -r .result.next_working_day)
prove "缴款期限 $payment the day to pay by" equal "$(field lan penalty_case "$id" .payment_due)" "\"$payment\""
save lan $P "$id" "{\"paid\":[{\"on\":\"$today\",\"amount\":\"400000\"}],\"closing_kind\":\"executed\"}" >/dev/null
prove "未缴清不能以执行完毕结案 unpaid is not executed" eval 'go lan $P "$id" closing >/dev/null; refused 应缴'
save lan $P "$id" "{\"paid\":[{\"on\":\"$today\",\"amount\":\"400000\"},{\"on\":\"$today\",\"amount\":\"60000\"}]}" >/dev/null
prove "缴清 paid" equal "$(go lan $P "$id" closing)" 200
prove "结案别无去处 no other way from the closing" no_other_way dui "archiving"
document dui $P "$id" closing >/dev/null
prove "结案 closed" equal "$(go dui $P "$id" archiving)" 200

# The clocks after a restart are what they were.
clocks() { say lan GET "/api/v1/cases/$P/$id" | jq -cS '[.clocks[] | {clock, start, last_day, due, done}]'; }
before=$(clocks)
prove "重启后时钟分毫不差 clocks are exact after a restart" eval 'kill -9 $own; wait $own 2>/dev/null; open_house && [ "$(clocks)" = "$before" ]'
document lan $P "$id" file_index >/dev/null
prove "归档 archived" equal "$(go lan $P "$id" archived)" 200
prove "归档后什么也不能做 nothing more can be done" no_other_way lan ""
trace=$(say lan GET "/api/v1/cases/$P/$id" | jq '.trace | length')
prove "全程留痕 $trace 条 the whole way is traced" at_least "$trace" 40
saw "越级尝试 $tried 次全部拒绝；留痕 $trace 条"
close_house
