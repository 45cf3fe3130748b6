#!/bin/bash
# P2.1.5: no event is closed without the evidence its nature asks for, nor by who handled it.
# 可并行 beside the others: a house of its own.
. "$(dirname "$0")/lib-events.sh"

prove "值班人员与规则 the people and the rules" events_house
prove "事件到场并就地处置 handled on the spot" eval 'confirmed U1 && on_site && [ "$(go wang event "$event" closing "{\"findings\":\"垃圾堆放\",\"measure\":\"清运\"}")" = 200 ]'
go wang event "$event" checking >/dev/null
prove "缺原因、影响，逐项说明 what lacks is named" eval 'refused 原因 && because 影响'
save wang event "$event" '{"cause":"human","affected":"附近住户"}' >/dev/null
go wang event "$event" checking >/dev/null
prove "缺照片与回访不能回销 not without photos and the call-back" eval 'refused "照片（需 2 张" && because 回访报告人'
prove "不是图片的收不下 what is no picture is refused" eval 'printf "MZ\220\0" >"$work/x"; s=$(curl -s -o "$work/body" -w "%{http_code}" -X POST -H "Content-Type: image/png" --data-binary @"$work/x" -b "$work/wang.jar" -H "X-CSRF-Token: $(cat "$work/wang.csrf")" "$url/api/v1/cases/event/$event/files?kind=photo&name=x.png"); [ "$s" -ge 400 ]'
prove "不办这一步的值班员也看得到还缺什么 the duty officer, who does not walk this way, is told what lacks" eval 'say zhi GET "/api/v1/cases/event/$event" | jq -e "([.may[].to] | index(\"checking\") == null) and (.ways[] | select(.to == \"checking\") | [.missing[].zh] == [\"照片（需 2 张，已有 0 张）\", \"回访报告人\"])" >/dev/null'
prove "两张照片 two photos" eval '[ "$(photo wang "$event" one)" -lt 300 ] && [ "$(photo wang "$event" two)" -lt 300 ]'
prove "回访之后可以申请 with the call-back it may go" equal "$(go wang event "$event" checking '{"callback":true}')" 200
prove "自己不能核查 not checked by oneself" test "$(go wang event "$event" evaluating '{"truth":"true"}')" -ge 400
prove "退回补齐，次数留着 sent back, and counted" eval '[ "$(go gu event "$event" closing)" = 200 ] && [ "$(field gu event "$event" .returns)" = 1 ]'
prove "再次申请 asked again" equal "$(go wang event "$event" checking)" 200
prove "另一人核查后回销 closed by another" equal "$(go gu event "$event" evaluating '{"truth":"true"}')" 200
