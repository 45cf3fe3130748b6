#!/bin/bash
# P2.1.4: a decision with its options, its basis and its signer.
# 可并行 beside the others: a house of its own.
. "$(dirname "$0")/lib-events.sh"

prove "值班人员与规则 the people and the rules" events_house
prove "事件到场 an event with people on site" eval 'confirmed T1 && on_site'
prove "报请决策 to the decision" equal "$(go wang event "$event" deciding '{"findings":"喷涂车间废气未收集","measure":"已令停喷"}')" 200
prove "网格员不能决定 a grid member does not decide" test "$(go wang event "$event" closing)" -ge 400
go ju event "$event" closing >/dev/null
prove "选项、决定、依据、签发人缺一不可 options, decision, basis, signer" eval 'refused 可选措施 && because 决定 && because 依据 && because 签发人'
save ju event "$event" '{"options":[{"option":"停产整治","effect":"三日内异味消除"},{"option":"限时收集","effect":"七日"}],"chosen":"停产整治","basis":"大气污染防治法 99","signer":"局长"}' >/dev/null
go ju event "$event" closing >/dev/null
prove "没有签署不生效 nothing without the signature" eval 'refused 签署'
prove "签署 signed" equal "$(act ju event "$event" '{"act":"sign","to":"closing","verdict":"agree","note":"同意停产整治"}')" 200
[ "$(state_of gu event "$event")" = closing ] || go ju event "$event" closing >/dev/null
prove "决定生效 the decision holds" equal "$(state_of gu event "$event")" closing
prove "谁签的留着 who signed is kept" eval 'say gu GET "/api/v1/cases/event/$event" | jq -e "[.signs[] | select(.verdict == \"agree\")] | length == 1" >/dev/null'
