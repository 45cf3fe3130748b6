#!/bin/bash
# P2.1.2: quick grading with its reason, place and elements; confirmed or rejected with a trace.
# 可并行 beside the others: a house of its own.
. "$(dirname "$0")/lib-events.sh"

prove "值班人员与规则 the people and the rules" events_house
event=$(odour gu R1 '-30 minutes' 118.770 32.060 '"people":3')
prove "线索成为事件，自动分级 a signal becomes an event, graded" equal "$(field gu event "$event" '[.grade, .points]')" '["4",16]'
prove "每一分都有事实 every point has its fact" equal "$(field gu event "$event" '[.reasons[] | [.item, .points]]')" '[["危害",10],["范围",6]]'
prove "位置算出管辖区 the place gives the office" equal "$(field gu event "$event" .admin_area)" '"320106"'
prove "别区看不见 another district sees nothing" equal "$(say hua GET "/api/v1/cases/event/$event" >/dev/null; said)" 404
save gu event "$event" '{"grade":"2"}' >/dev/null
prove "改级须写理由 a changed grade needs a reason" eval 'go gu event "$event" dispatching "{\"owner\":\"鼓楼派出局\"}" >/dev/null; refused 须写明理由'
prove "不确认也须有原因 a rejection needs its code" eval 'go gu event "$event" rejected >/dev/null; refused 不予立案原因'
save gu event "$event" '{"sensitive":"school_hospital","grade":"4"}' >/dev/null
again=$(odour gu R2 '-20 minutes' 118.7702 32.0601)
prove "新线索到来重新分级 a new signal grades anew" equal "$again $(field gu event "$event" '[.signals, .points]')" "$event [2,31]"
prove "计算等级随之改变 and the computed grade follows" equal "$(field gu event "$event" .computed_grade)" '"3"'
prove "确认 confirmed" equal "$(go gu event "$event" dispatching '{"owner":"鼓楼派出局","grade":"3"}')" 200
second=$(odour gu R3 "-30 minutes" 118.745 32.075)
prove "不予立案，写明原因 rejected with its reason" equal "$(go gu event "$second" rejected '{"reject_code":"weather","reject_text":"秸秆烟飘过，已散"}')" 200
prove "谁在何时做了什么都在 the trace" equal "$(say zhi GET "/api/v1/cases/event/$second" | jq -c '[.trace[] | select(.act == "go") | [.by_name // .by.name // .by, .to_state // .to]] | length')" 1
