#!/bin/bash
# P2.0: items with their guides; one approval from the guide to the rating: the proof of night construction.
# 可并行 beside the others: a house of its own.
. "$(dirname "$0")/lib-access.sh"
. "$(dirname "$0")/lib-cases.sh"

open_house || not_run "服务没有启动 no server"
# Every item that runs, from application to decision, by this table (what the domain's guide says, not the program): days
# legal and promised, kind of days, how it runs, papers asked for, papers never asked for, notices.
data=$here/modules/office/approvals/data
import here approval_item "$data/approval_item.csv" >/dev/null
import here approval_material "$data/approval_material.csv" >"$work/materials"
item_id() { say here GET '/api/v1/things/approval_item?limit=50' | jq -r ".items[] | select(.fields.code == \"$1\") | .id"; }
printf '%%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%%%EOF\n' >"$work/e.pdf"
attach() { curl -s -o "$work/body" -w '%{http_code}' -X POST -H 'Content-Type: application/pdf' --data-binary "@$work/e.pdf" "$url/api/v1/cases/approval/$1/files?kind=$2&name=$2.pdf" >"$work/status"; [ "$(said)" -lt 300 ]; }
A=approval past=$(TZ=Asia/Shanghai date -d '-40 days' +%F) soon=$(TZ=Asia/Shanghai date -d '+90 days' +%F)
runs() { # CODE COURSE LEGAL PROMISED UNIT PAPERS SHARED NOTICES ANSWERS: one item to its end
	item=$(item_id "$1")
	id=$(open_case here $A "{\"item\":\"$item\",\"project\":\"验收 $1\",\"applicant\":\"南京验收有限公司\",\"credit_code\":\"91320100MA0000001B\",\"contact\":\"赵六\",\"phone\":\"13800000000\",\"district\":\"320106\",
\"place\":{\"type\":\"Point\",\"coordinates\":[118.77,32.06],\"crs\":\"CGCS2000\"}}")
	to=$([ "$2" = at_once ] && echo delivered || echo received)
	[ "$(go here $A "$id" $to)" -ge 400 ] || { [ "$9" = '{}' ] && [ "$6" = - ] || { echo "   $1 没有填就走了 went on empty"; return 1; }; }
	[ "$9" = '{}' ] || { why | grep -q 没有填写 && save here $A "$id" "$9" >/dev/null; } || { echo "   $1 $(why)"; return 1; }
	for paper in $(tr , ' ' <<<"${6#-}"); do
		go here $A "$id" $to >/dev/null
		why | grep -q "（$paper）" && ! why | grep -qE "（(${7//,/|})）" || { echo "   $1 $paper: $(why)"; return 1; }
		attach "$id" "$paper" || return 1
	done
	[ "$2" = at_once ] || [ "$(state_of here $A "$id")" != draft ] || [ "$(go here $A "$id" $to)" = 200 ] || { echo "   $1 $(why)"; return 1; }
	if [ "$2" = at_once ]; then
		[ "$(go here $A "$id" delivered)" = 200 ] || { echo "   $1 $(why)"; return 1; }
		field here application "$id" .result_no | grep -q 宁环备 && [ "$(document here $A "$id" filing)" = 200 ] && [ "$(go here $A "$id" done '{"stars":5}')" = 200 ]
		return
	fi
	[ "$(go here $A "$id" accept)" = 200 ] || { echo "   $1 $(why)"; return 1; }
	clock() { say here GET "/api/v1/cases/$A/$id" | jq -r ".clocks[] | select(.clock == \"$1\") | .last_day"; }
	for pair in "legal $3" "promised $4"; do # the last day, by a calendar of its own
		[ "$(clock "${pair% *}")" = "$(node "$here/tests/golden/last-day.mjs" "$here/standards/calendar/days.csv" "$(field here application "$id" .accepted_at | tr -d '"')" "${pair#* }" "$5")" ] || { echo "   $1 $pair $(clock "${pair% *}")"; return 1; }
	done
	document here $A "$id" receipt >/dev/null
	save here $A "$id" '{"opinion":"符合条件"}' >/dev/null
	if [ "$8" != 0 ]; then
		go here $A "$id" publicity >/dev/null
		because 受理公示至 && put here application "$id" "{\"accept_notice_to\":\"$past\"}" >/dev/null && [ "$(go here $A "$id" publicity)" = 200 ] || { echo "   $1 $(why)"; return 1; }
		go here $A "$id" deciding >/dev/null
		because 拟批公示至 && put here application "$id" "{\"proposed_notice_to\":\"$past\"}" >/dev/null || return 1
		[ "$(curl -s "$url/api/v1/public/records/approval_notice?filter=$(escape "{\"field\":\"application\",\"op\":\"=\",\"value\":$(field here application "$id" .no)}")" | jq '.items | length')" = 2 ] || return 1
	fi
	[ "$(go here $A "$id" deciding)" = 200 ] || { echo "   $1 $(why)"; return 1; }
	[ "$(go here $A "$id" granted)" -ge 400 ] && document here $A "$id" decision >/dev/null && [ "$(go here $A "$id" granted)" = 200 ] || { echo "   $1 $(why)"; return 1; }
	field here application "$id" .result_no | grep -q 宁环准 && [ "$(go here $A "$id" delivered "{\"delivered_at\":\"$(iso now)\"}")" = 200 ] && [ "$(go here $A "$id" done '{"stars":5}')" = 200 ]
}
while read -r code course legal promised unit papers shared notices answers; do
	prove "$code 从申请到决定 from application to decision（法定 $legal、承诺 $promised，材料 $papers）" runs "$code" "$course" "$legal" "$promised" "$unit" "$papers" "$shared" "$notices" "$answers"
done <<END
A01 examined 60 15 calendar form,document,public_copy,deletion,participation licence 2 {"project_code":"2611-320106-04-01-100001"}
A02 examined 30 7 calendar form,document,public_copy,deletion licence 2 {"project_code":"2611-320106-04-01-100002"}
A03 at_once 0 0 working form none 0 {"project_code":"2611-320106-04-01-100003"}
B01 examined 30 18 working form,disclosure eia,licence 0 {"manage_class":"key","disclosed_on":"$past","trade":"chemical"}
B01 examined 20 12 working form eia,licence,disclosure 0 {"manage_class":"simple","trade":"other"}
B02 examined 20 12 working form permit,licence 0 {"change_kind":"renew","permit_no":"91320100MA0000001B001P","permit_expiry":"$soon"}
B03 at_once 0 0 working form none 0 {"trade":"other"}
C01 examined 20 12 working form,report,basis brief 0 {"river":"秦淮河","outlet_way":"continuous","flow_m3d":120,"trade":"dyeing"}
C01 examined 20 12 working form,brief,basis report 0 {"river":"秦淮河","outlet_way":"continuous","flow_m3d":120,"trade":"other"}
C02 at_once 0 0 working form none 0 {"river":"秦淮河","outlet_way":"continuous"}
H02 examined 20 20 working - none 0 {"request":"某企业 2025 年自行监测结果"}
END
guides=$(say here GET '/api/v1/things/approval_item?limit=50' | jq -r '[.items[].fields | select(.course == "guide") | .code] | sort | join(" ")')
prove "其余只有指南的事项不能申报，也不装作能 the items with a guide only cannot be applied for: $guides" eval 'id=$(open_case here $A "{\"item\":\"$(item_id D01)\",\"project\":\"试\",\"contact\":\"赵\",\"phone\":\"13800000000\"}"); go here $A "$id" received >/dev/null; because 只有办事指南'

prove "三员 the three" three
prove "窗口、审查、处长 window, handler, chief" eval 'person chang approve_window "[\"320106\"]" && person shen approve_handler "[\"320106\"]" && person zhang approve_chief "[\"320106\"]" &&
	person bie approve_handler "[\"320104\"]"'
prove "十九个事项的办事指南 the guides of 19 items" equal "$(say chang GET '/api/v1/things/approval_item?limit=50' | jq '.items | length')" 19
prove "指南写明依据、时限、救济 basis, days and remedy in each" equal "$(say chang GET '/api/v1/things/approval_item?limit=50' | jq '[.items[] | select(.fields.basis and .fields.legal_days != null and .fields.remedy and .fields.who)] | length')" 19
new zhang approval_item '{"code":"X","name":"试","kind":"other","level":"district","basis":"试","who":"试","legal_days":2,"promised_days":3,"version":1,"valid_from":"2026-01-01"}' >/dev/null
prove "承诺不得长于法定 promised is never longer than legal" because 承诺时限
new zhang ban_window "{\"name\":\"高考\",\"from\":\"2027-06-07\",\"to\":\"2027-06-10\",\"exempt\":\"rescue\",\"basis\":\"通告\"}" >/dev/null
item=$(say chang GET '/api/v1/things/approval_item?limit=50' | jq -r '.items[] | select(.fields.code == "F02") | .id')
night=$(day_of %F '+12 days')
form() { # NIGHTS: the application
	echo "{\"item\":\"$item\",\"project\":\"某大桥承台\",\"licence\":\"320106202601010101\",\"contractor\":\"南京某建设有限公司\",\"credit_code\":\"91320100MA0000001B\",\"manager\":\"赵六\",\"phone\":\"13800000000\",
\"place\":{\"type\":\"Point\",\"coordinates\":[118.77,32.06],\"crs\":\"CGCS2000\"},\"process\":\"pour\",\"evidence\":\"承台混凝土 2000 方须连续浇筑\",\"nights\":$1,
\"machines\":[{\"kind\":\"泵车\",\"count\":2,\"level\":90,\"at_m\":5}],\"facade_m\":50,\"barrier_db\":10}"
}
id=$(open_case chang night_work "$(form "[{\"night\":\"$night\",\"from\":\"22:00\",\"to\":\"06:00\"}]")")
prove "网上填报，有编号 filled in online, with a number ($(field chang night_work "$id" .no))" eval 'field chang night_work "$id" .no | grep -q YJ'
prove "住户处声级按算式 63 dB the level at the houses" equal "$(field chang night_work "$id" .facade_db)" 63
prove "负责人与电话遮盖 person and phone are masked" eval '! say chang GET "/api/v1/things/night_work/$id" | grep -q 13800000000'
prove "别区看不见 another district sees nothing" equal "$(say bie GET "/api/v1/cases/night_work/$id" >/dev/null; said)" 404
go chang night_work "$id" received >/dev/null
prove "没有工序证明不能提交 not without the evidence" because 工序证明材料
curl -s -o "$work/body" -X POST -H 'Content-Type: application/pdf' --data-binary "@$work/e.pdf" -b "$work/chang.jar" -H "X-CSRF-Token: $(cat "$work/chang.csrf")" "$url/api/v1/cases/night_work/$id/files?kind=evidence&name=e.pdf"
save chang night_work "$id" '{"nights":[{"night":"2027-06-08","from":"22:00","to":"06:00"}]}' >/dev/null
go chang night_work "$id" received >/dev/null
prove "考试期间不受理，说出是哪一夜 a ban is named by its night" because '2027-06-08 在“高考”期间'
save chang night_work "$id" "{\"nights\":[{\"night\":\"$night\",\"from\":\"22:00\",\"to\":\"06:00\"}]}" >/dev/null
prove "提交 submitted" equal "$(go chang night_work "$id" received)" 200
clocks() { say chang GET "/api/v1/cases/night_work/$id" | jq -c "[.clocks[] | select(.clock == \"$1\") | .last_day]"; }
prove "五个工作日内受理 the clock of acceptance $(clocks acceptance)" test "$(clocks acceptance)" != '[]'
prove "受理 accepted" equal "$(go chang night_work "$id" accept)" 200
prove "承诺与法定两个时限 promised and legal clocks $(clocks promised) $(clocks legal)" eval '[ "$(clocks promised)" != "[]" ] && [[ "$(clocks promised)" < "$(clocks legal)" ]]'
document shen night_work "$id" receipt >/dev/null
save shen night_work "$id" '{"opinion":"符合条件"}' >/dev/null
go shen night_work "$id" deciding >/dev/null
prove "超过夜间 55 dB 须有措施 above 55 dB needs measures" because 降噪措施
save shen night_work "$id" '{"measures":"三面隔声屏，低噪声振捣"}' >/dev/null
prove "审查完毕 examined" equal "$(go shen night_work "$id" deciding)" 200
prove "审查人不能决定 the handler does not decide" test "$(go shen night_work "$id" granted)" -ge 400
go zhang night_work "$id" granted >/dev/null
prove "没有证明文本不能准予 no grant without the paper" because 夜间施工证明
document zhang night_work "$id" proof >/dev/null
prove "准予 granted" equal "$(go zhang night_work "$id" granted)" 200
prove "证明有号 the proof has its number ($(field chang night_work "$id" .proof_no))" eval 'field chang night_work "$id" .proof_no | grep -q 宁环夜'
proof=$(say chang GET "/api/v1/cases/night_work/$id" | jq -r ".documents[] | select(.document == \"proof\") | .id")
as chang GET "/api/v1/cases/night_work/$id/documents/$proof.pdf" >/dev/null
prove "可下载 PDF the PDF" eval 'head -c 5 "$work/body" | grep -q %PDF'
prove "送达 delivered" equal "$(go chang night_work "$id" delivered "{\"delivered_at\":\"$(TZ=Asia/Shanghai date +%FT%T+08:00)\"}")" 200
prove "评价 rated" equal "$(go chang night_work "$id" done '{"stars":2,"rating_text":"等得太久"}')" 200
prove "差评通知处长回访 a bad rating is told to the chief" until_holds 60 eval 'say zhang GET /api/v1/inbox | grep -q 差评须'
prove "全程有迹 the whole trace" equal "$(say chang GET "/api/v1/cases/night_work/$id" | jq '[.trace[] | select(.act == "go")] | length')" 6
