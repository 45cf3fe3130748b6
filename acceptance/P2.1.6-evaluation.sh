#!/bin/bash
# P2.1.6: the evaluation has a score whose parts can be added up, and its lesson becomes a dated version of the rule.
# 可并行 beside the others: a house of its own.
. "$(dirname "$0")/lib-events.sh"
one_day

prove "值班人员与规则 the people and the rules" events_house
prove "事件已回销 an event that is closed" eval 'confirmed V1 && on_site && [ "$(go wang event "$event" closing "{\"findings\":\"垃圾堆放\",\"measure\":\"清运\"}")" = 200 ] &&
	[ "$(photo wang "$event" a)" -lt 300 ] && [ "$(photo wang "$event" b)" -lt 300 ] &&
	[ "$(go wang event "$event" checking "{\"cause\":\"human\",\"affected\":\"住户\",\"callback\":true}")" = 200 ] && [ "$(go gu event "$event" evaluating "{\"truth\":\"true\"}")" = 200 ] || { cat "$work/body"; false; }'
go zhi event "$event" archived >/dev/null
prove "没有评分不归档 not archived without marks" eval 'refused 原因查得对'
save zhi event "$event" '{"cause_right":3,"measure_right":3,"communication":3,"truth":"true"}' >/dev/null
go zhi event "$event" archived >/dev/null
prove "教训，或无须改进的理由 a lesson, or why there is none" eval 'refused 教训'
# 0.4 time + 0.25 evidence + 0.2 effect + 0.15 judgement; judgement = half the marks (9 of 15), half that the grade was right.
prove "归档 archived" equal "$(go zhi event "$event" archived '{"lesson_none":"处置及时"}')" 200
time=$(field zhi event "$event" '.machine_score[] | select(.item == "时效") | .score')
want=$(awk -v t="$time" 'BEGIN {printf "%.1f", 0.4 * t + 25 + 20 + 15 * (0.5 * 9 / 15 + 0.5)}')
prove "总分是各项之和 the score is the sum of its parts ($want)" equal "$(field zhi event "$event" .score | awk '{printf "%.1f", $1}')" "$want"

# The lesson: odour within 1,500 m was too wide. Two signals 700 m apart are one event today, two from tomorrow on.
rule=$(say chu GET '/api/v1/things/nature_rule?limit=50' | jq -r '.items[] | select(.fields.nature == "odour") | .id')
odour zhi V2 '-25 minutes' 118.700 32.060 >/dev/null
one=$(odour zhi V3 '-20 minutes' 118.7021 32.060)
prove "原规则：相距 200 米归为一起 one event by the old rule" equal "$(field zhi event "$one" .signals)" 2
today=$(day_of %F)
lesson=$(open_case chu lesson "{\"title\":\"异味归并过宽\",\"event\":\"$event\",\"rule\":\"$rule\",\"parameter\":\"radius_m\",\"from\":1500,\"to\":100,\"valid_from\":\"$today\"}")
prove "先回放 replayed first" equal "$(go chu lesson "$lesson" replayed)" 200
prove "回放说出前后 before and after ($(field chu lesson "$lesson" '[.before, .after]'))" eval 'field chu lesson "$lesson" ".after > .before" | grep -q true'
prove "提出人不能自己批准 not approved by who proposed" test "$(go chu lesson "$lesson" approved '{"approved_by":"处长"}')" -ge 400
person chu2 line_dept || exit 1
prove "批准 approved" equal "$(go chu2 lesson "$lesson" approved '{"approved_by":"处长"}')" 200
prove "成为规则的新版本 a new version of the rule" equal "$(say chu GET '/api/v1/things/nature_rule?limit=50' | jq -c '[.items[] | select(.fields.nature == "odour") | [.fields.version, .fields.radius_m]] | sort')" '[[1,1500],[2,100]]'
odour zhi V4 now 118.720 32.060 >/dev/null
two=$(odour zhi V5 now 118.7221 32.060)
prove "新规则：同样相距 200 米另立 two events by the new rule" equal "$(field zhi event "$two" .signals)" 1
