#!/bin/bash
# P2.1.3: people by grade, area and roster; the message reaches them with the procedure; receipts; the timer escalates.
# 可并行 beside the others: a house of its own.
. "$(dirname "$0")/lib-events.sh"

prove "值班人员与规则 the people and the rules" events_house
new chu event_limit '{"stage":"read","grade":"4","n":1,"unit":"minute","admin_area":"320106","basis":"验收","valid_from":"2026-01-01"}' >/dev/null
prove "确认一起事件 an event is confirmed" confirmed S1
prove "派给在班、在区的网格员 the grid member on duty in the district" equal "$(field gu event "$event" '[.assignees[].user]')" "[\"$wang\"]"
prove "写明为何是他 and why he" eval 'field gu event "$event" ".assignees[0].why" | grep -q 在班'
sent=$(date +%s)
prove "派发 dispatched" equal "$(go gu event "$event" dispatched)" 200
notice() { say "$1" GET '/api/v1/inbox' | jq -c "[.items[] | select(.title.zh // .title | contains(\"$2\"))][0]"; }
has_come() { told=$(notice wang 异味); [ "$told" != null ]; }
prove "消息到了 the message has come" until_holds 60 has_come
prove "消息带着作业规程 the message has the procedure" eval 'grep -q 沿上风向巡查 <<<"$told"'
prove "别人没有这条消息 nobody else has it" equal "$(notice hua 异味)" null
n=$(jq -r .id <<<"$told")
say wang POST "/api/v1/inbox/$n/read" '{}' >/dev/null
prove "打开与接手是两件事 opened and accepted are two facts" eval 'x=$(say wang GET /api/v1/inbox | jq -c ".items[] | select(.id == \"$n\")"); jq -e "(.opened // .opened_at // .read) != null and (.accepted // .accepted_at) == null" <<<"$x"'
prove "到时没有接收，替班接手，只一次 not accepted in time: the substitute, once" until_holds 110 eval '[ "$(field gu event "$event" "[.assignees[].user]")" = "[\"$wang\",\"$ti\"]" ]'
saw "   派发后 $(($(date +%s) - sent)) 秒 s"
prove "替班收到消息 the substitute is told" until_holds 60 eval 'notice ti 替班 | grep -q 接手'
prove "到场须有位置 arrival needs a position" eval "go wang event \$event on_site '{\"arrived_at\":\"$(at now)\"}' >/dev/null; refused 到场位置"
prove "离得太远须写理由 too far away needs a reason" eval "go wang event \$event on_site '{\"arrived_at\":\"$(at now)\",\"arrived_place\":{\"type\":\"Point\",\"coordinates\":[118.79,32.07],\"crs\":\"CGCS2000\"}}' >/dev/null; refused '超过 300 米'"
prove "到场 on site" equal "$(go wang event "$event" on_site "{\"arrived_at\":\"$(at now)\",\"arrived_place\":{\"type\":\"Point\",\"coordinates\":[118.7705,32.0601],\"crs\":\"CGCS2000\"}}")" 200
