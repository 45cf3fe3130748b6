#!/bin/bash
# P3.7.2a: documents of a penalty case: every kind is made from its template, blanks are refused by name, numbers are gap-free
# also with fifty cases at once and a kill in the middle; HTML and PDF in Chinese; what was served is frozen, a void number keeps its reason.
. "$(dirname "$0")/lib-access.sh"
. "$(dirname "$0")/lib-cases.sh"
one_day
open_house || not_run "服务没有启动 no server"
P=penalty
today=$(day_of %F)
day() { day_of %F "$1"; }
facts="\"title\":\"某化工厂超标排放废水案\",\"admin_area\":\"320106\",\"discovered_at\":\"$(day '-3 days')\",\"party_kind\":\"unit\",\"party_name\":\"南京某化工有限公司\",\"party_address\":\"化工路1号\",\"legal_rep\":\"王大力\",\"conduct\":\"W01\",
\"act_text\":\"总排口化学需氧量 120 mg/L\",\"act_place\":\"总排口\",\"act_from\":\"$(day '-10 days')\",\"act_end\":\"$(day '-4 days')\",\"how\":\"data\",\"violated_clause\":\"法典某条\",\"penalty_clause\":\"法典某条\""
found="\"officers\":[{\"name\":\"兰\",\"certificate\":\"3201001\",\"valid_to\":\"2030-12-31\"},{\"name\":\"竹\",\"certificate\":\"3201002\",\"valid_to\":\"2030-12-31\"}],\"elements\":[{\"id\":\"1\",\"fact\":\"超标\"}],
\"evidence\":[{\"no\":\"1\",\"kind\":\"electronic\",\"proves\":\"1\",\"what\":\"自动监测数据包\",\"taken_on\":\"$today\"}],\"site_text\":\"现场检查，总排口在排\",\"min_fine\":\"100000\",\"max_fine\":\"1000000\",
\"discretion\":[{\"factor\":\"超标倍数\",\"percent\":40}],\"fine\":\"460000\",\"preserved\":[{\"what\":\"账册\",\"on\":\"$today\",\"outcome\":\"release\"}],\"order_text\":\"立即停止超标排放\",
\"statements\":[{\"who\":\"王某\",\"from\":\"${today}T09:00:00+08:00\",\"to\":\"${today}T10:00:00+08:00\",\"officers\":\"兰、竹\",\"text\":\"问答\"}],\"adjust_clause\":\"行政处罚法 33\",\"transfer_to\":\"市公安局\",\"transfer_reason\":\"涉嫌犯罪\""
made=0
make() { # ID documents...
	at=$1
	shift
	for d in "$@"; do
		[ "$(document here $P "$at" "$d")" = 200 ] || { echo "   $d: $(cat "$work/body")"; return 1; }
		made=$((made + 1))
	done
}
case_() { open_case here $P "{$facts}"; }

# Blanks are refused, and named.
empty=$(open_case here $P "{\"title\":\"空白案\",\"admin_area\":\"320106\",\"discovered_at\":\"$today\",\"procedure\":\"simple\"}")
document here $P "$empty" simple >/dev/null
prove "空着的必填项拒绝并指名 blanks are refused by name" eval '[ "$(said)" -ge 400 ] && because 当事人名称 && because 拟处罚款'
prove "没有出文书，也没有用掉编号 nothing was made, no number used" equal "$(say here GET "/api/v1/cases/$P/$empty" | jq '.documents | length')" 0

# One case through every stage, and three that go other ways: every document.
id=$(case_)
go here $P "$id" filing >/dev/null
make "$id" filing && go here $P "$id" investigation >/dev/null && save here $P "$id" "{$found}" >/dev/null || exit 1
prove "调查环节的文书 documents of the investigation" make "$id" site_record statement_record sampling preserve preserve_done evidence_list order seal seal_list seal_extend seal_lift restrict report discretion_sheet transfer no_penalty
go here $P "$id" review >/dev/null
save here $P "$id" '{"review_opinion":"agree","review_text":"同意"}' >/dev/null
prove "审核意见书 the opinion" make "$id" review
go here $P "$id" notice >/dev/null
save here $P "$id" "{\"notified_fine\":\"460000\",\"notice_served_at\":\"$today\"}" >/dev/null
prove "告知书 the notice" make "$id" notice
go here $P "$id" statement >/dev/null
save here $P "$id" "{\"waived\":true,\"defence\":[{\"point\":\"已整改\",\"answer\":\"refuse\",\"reason\":\"在后\"}],\"hearing_requested_at\":\"$today\",\"heavy\":true}" >/dev/null
prove "复核意见 the review of the defence" make "$id" defence
go here $P "$id" hearing >/dev/null
save here $P "$id" "{\"hearing_notice_served\":\"$today\",\"hearing_at\":\"$(day '+20 days')\",\"hearing_chair\":\"审\",\"hearing_text\":\"听证\"}" >/dev/null
prove "听证三件 the hearing's three" make "$id" hearing_notice hearing_minutes hearing_report
go here $P "$id" panel >/dev/null
save here $P "$id" '{"panel_size":3,"panel":[{"name":"局","opinion":"同意"},{"name":"队","opinion":"同意"}]}' >/dev/null
prove "集体讨论笔录 the panel" make "$id" panel_minutes
go here $P "$id" decision >/dev/null
prove "决定书 the decision" make "$id" decision
go here $P "$id" service >/dev/null
served=$(day_of %F '-200 days') # the court may be asked behind the six months of a suit
save here $P "$id" "{\"service_way\":\"direct\",\"served_at\":\"$served\",\"received_by\":\"王某\"}" >/dev/null
prove "送达回证 the receipt" make "$id" receipt
go here $P "$id" execution >/dev/null
save here $P "$id" "{\"instalment\":\"分三期\"}" >/dev/null
prove "执行中的文书 documents of the execution" make "$id" instalment surcharge press publish
go here $P "$id" press >/dev/null
save here $P "$id" "{\"press_served_at\":\"$today\",\"court_applied_at\":\"$today\",\"closing_kind\":\"court\"}" >/dev/null
prove "强制执行申请 the application" make "$id" court
prove "催告书当日送达的不能申请，写明何时才可 not on the day of the press letter" eval 'go here $P "$id" closing >/dev/null; because 满十日'
save here $P "$id" "{\"press_served_at\":\"$(day_of %F '-11 days')\"}" >/dev/null
go here $P "$id" closing >/dev/null
prove "结案审批 the closing" make "$id" closing
go here $P "$id" archiving >/dev/null
prove "卷宗目录 the index" make "$id" file_index
other=$(case_)
prove "不予立案、移送管辖 not filed, handed over" eval 'save here $P "$other" "{\"not_filed_reason\":\"不属本局\",\"transfer_to\":\"水务局\",\"transfer_reason\":\"管辖\"}" >/dev/null && make "$other" no_filing jurisdiction'
simple=$(open_case here $P "{$facts,\"procedure\":\"simple\"}")
prove "当场处罚 on the spot" eval 'save here $P "$simple" "{${found%%,\"elements\"*},\"fine\":\"3000\"}" >/dev/null && make "$simple" simple'
kinds=$(say here GET /api/v1/flows/$P | jq '.documents | length')
prove "$kinds 种文书全部作成 every kind was made" equal "$made" "$kinds"

# As people read them.
decision=$(say here GET "/api/v1/cases/$P/$id" | jq -r '.documents[] | select(.document == "decision") | .id')
say here GET "/api/v1/cases/$P/$id/documents/$decision.html" >"$work/d.html"
prove "金额大小写一致、权利段、依据、日期都在 sums, rights, basis, date" eval 'grep -q 肆拾陆万元整 "$work/d.html" && grep -q 460000 "$work/d.html" && grep -q 六十日内 "$work/d.html" && grep -q 宁环罚〔 "$work/d.html" && grep -q "$(TZ=Asia/Shanghai date +%Y年)" "$work/d.html"'
prove "送达的文书写明当事人，档案里仍遮盖 the party is named in what is served, masked in the record" eval 'grep -q 王大力 "$work/d.html" && ! say here GET "/api/v1/things/penalty_case/$id" | grep -q 王大力 && say here GET "/api/v1/cases/$P/$id" | jq -e "[.trace[] | select(.act == \"document\") | .data.unmasked // [] | index(\"legal_rep\")] | any" >/dev/null'
say here GET "/api/v1/cases/$P/$id/documents/$decision.pdf" >"$work/d.pdf"
prove "PDF 内嵌中文字体 a PDF with its fonts" eval 'head -c 5 "$work/d.pdf" | grep -q %PDF && [ "$(stat -c %s "$work/d.pdf")" -gt 5000 ]'

# Served is frozen; void keeps its number and reason.
one=$(case_)
go here $P "$one" filing >/dev/null; document here $P "$one" filing >/dev/null; go here $P "$one" investigation >/dev/null; save here $P "$one" "{$found}" >/dev/null
document here $P "$one" order >/dev/null
doc=$(jq -r '.document' "$work/body") number=$(jq -r '.number' "$work/body")
prove "送达后定稿 served, it is frozen" eval '[ "$(act here $P "$one" "{\"act\":\"serve\",\"document\":\"$doc\"}")" = 200 ] && [ "$(document here $P "$one" order)" -ge 400 ]'
prove "作废留理由，号不再用 a void number keeps its reason and is not used again" eval 'act here $P "$one" "{\"act\":\"void\",\"document\":\"$doc\",\"note\":\"当事人名称有误\"}" >/dev/null; document here $P "$one" order >/dev/null
	[ "$(jq -r .number "$work/body")" != "$number" ] && say here GET "/api/v1/cases/$P/$one" | jq -e --arg n "$number" ".documents[] | select(.number == \$n) | .void_reason // .reason | . == \"当事人名称有误\"" >/dev/null'

# Fifty cases at once, a kill in the middle: numbers without gap or double.
ready() {
	c=$(curl -s --max-time $patience -X POST -H 'Content-Type: application/json' -d "{\"data\":{$facts}}" "$url/api/v1/cases/$P" | jq -r .id)
	echo "$c" >"$work/many.$n"
	for body in '{"act":"go","to":"filing"}' '{"act":"document","document":"filing"}' '{"act":"go","to":"investigation"}' "{\"act\":\"save\",\"data\":{$found}}"; do
		curl -s -o /dev/null --max-time $patience -X POST -H 'Content-Type: application/json' -d "$body" "$url/api/v1/cases/$P/$c/acts"
	done
}
restrict() { curl -s -o /dev/null --max-time $patience -X POST -H 'Content-Type: application/json' -d '{"act":"document","document":"restrict"}' "$url/api/v1/cases/$P/$(cat "$work/many.$n")/acts"; }
crowd 50 10 ready
(sleep 0.2; kill -9 $own) &
crowd 50 50 restrict
wait $own 2>/dev/null
open_house
crowd 50 50 restrict
number_of() { say here GET "/api/v1/cases/$P/$1" | jq -r '.documents[] | select(.document == "restrict") | .number'; }
for n in $(seq 50); do # whom a machine with much to do turned away among fifty asks again
	[ -n "$(number_of "$(cat "$work/many.$n")")" ] || restrict
done
numbers() { for n in $(seq 50); do number_of "$(cat "$work/many.$n")"; done; number_of "$id"; }
numbers | sed 's/.*〕\([0-9]*\)号/\1/' | sort -n | uniq >"$work/numbers"
prove "五十案并发加一次杀进程，编号 1 至 $(wc -l <"$work/numbers") 连续不重 gap-free under fifty cases and a kill" equal "$(head -1 "$work/numbers")-$(tail -1 "$work/numbers")" "1-$(wc -l <"$work/numbers")"
prove "每案都有 every case has one" equal "$(wc -l <"$work/numbers")" 51
close_house
saw "文书 $kinds 种；限停编号 $(wc -l <"$work/numbers") 个连续"
