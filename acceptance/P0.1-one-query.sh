#!/bin/bash
# P0.1: one query joins the elements, approvals, enforcement, emergencies and the ground at a place; each person gets his own.
. "$(dirname "$0")/lib-access.sh"
. "$(dirname "$0")/lib-cases.sh"

open_house || not_run "服务没有启动 no server"
printf 'mn,site_code,site_name,kind,district,lon,lat,label\nMNA,SA,甲站,source_water,320102,118.801,32.05,\nMNB,SB,乙站,air,320104,118.802,32.05,\nMNR,SR,密点,air,320102,118.803,32.05,restricted\nMNX,SX,远站,air,320102,118.95,32.15,\n' >"$work/r.csv"
curl -fsS -X POST -H 'Content-Type: text/csv' --data-binary "@$work/r.csv" "$url/api/v1/devices/import" >/dev/null
point() { echo "\"place\":{\"type\":\"Point\",\"coordinates\":[$1],\"crs\":\"CGCS2000\"}"; }
id_of() { as nobody POST "/api/v1/things/$1" "$2" | jq -r .id; }
plant=$(id_of discharger "{\"fields\":{\"name\":\"验收化工厂\",\"source_code\":\"ACC1\",\"admin_area\":\"320102\",\"address\":\"石城路\",\"industry\":\"C1499\",\"manage_class\":\"key\",$(point 118.8,32.051)}}")
id_of penalty_case "{\"fields\":{\"title\":\"验收案件\",\"discovered_at\":\"2026-11-20\",\"admin_area\":\"320102\",\"discharger\":\"$plant\"}}" >/dev/null
id_of event "{\"fields\":{\"title\":\"验收异味\",\"nature\":\"odour\",\"grade\":\"3\",\"first_seen\":\"2026-11-20T08:00:00+08:00\",\"last_seen\":\"2026-11-20T08:00:00+08:00\",\"found_at\":\"2026-11-20T08:10:00+08:00\",\"admin_area\":\"320102\",$(point 118.8,32.0505)}}" >/dev/null
as nobody POST /api/v1/things/approval_item "{\"fields\":{}}" >/dev/null # refused: it has required fields
item=$(id_of approval_item '{"fields":{"code":"F02","name":"夜间施工","kind":"other","level":"district","basis":"条例","who":"施工单位","legal_days":5,"promised_days":3,"version":1,"valid_from":"2026-01-01"}}')
night=$(day_of %F '+12 days')
work_id=$(as nobody POST /api/v1/cases/night_work "{\"data\":{\"item\":\"$item\",\"project\":\"验收大桥\",\"licence\":\"320102202601010101\",\"contractor\":\"南京某建设有限公司\",\"credit_code\":\"91320100MA0000001B\",\"manager\":\"赵六\",\"phone\":\"13800000000\",$(point 118.8,32.0495),\"process\":\"pour\",\"evidence\":\"须连续浇筑\",\"nights\":[{\"night\":\"$night\",\"from\":\"22:00\",\"to\":\"06:00\"}],\"machines\":[{\"kind\":\"泵车\",\"count\":2,\"level\":90,\"at_m\":5}],\"facade_m\":50,\"barrier_db\":10}}" | jq -r .id)
prove "审批申请在案 an application is there" test -n "$work_id" -a "$work_id" != null
prove "三员 the three" three
prove "市局领导、两个区的执法 a leader, officers of two districts" eval 'person li leader_city && person wang enforce_officer "[\"320102\"]" && person zhao enforce_officer "[\"320104\"]"'

here() { # WHO BODY: the counts by layer
	as "$1" POST /api/v1/map/here "$2" >"$work/here"
	jq -c '[.groups[] | .id as $g | .layers[] | {($g + ":" + .id): .count}] | add' "$work/here"
}
n() { jq -r --arg k "$1" '.[$k] // 0' <<<"$counts"; }
round='{"lon":118.8,"lat":32.05,"radius_m":1000}'
counts=$(here li "$round")
saw "一问 one question: $counts"
prove "站点（要素） sites" equal "$(n sites:sites)" 2
prove "排污单位（要素管理） discharger" equal "$(n sources/registry:discharger)" 1
prove "审批 approvals" equal "$(n office/approvals:night_work)" 1
prove "执法 enforcement" equal "$(n enforcement/penalties:penalty_case)" 1
prove "应急 emergencies" equal "$(n office/events:event)" 1
prove "基础地理与土地覆盖 the ground" eval '[ $(($(n base:water) + $(n base:roads) + $(n base:parks))) -gt 0 ]'
prove "按距离排列，带距离 in the order of distance" equal "$(jq -c '[.groups[] | select(.id == "sites") | .layers[0].items[].distance_m] | . == sort' "$work/here")" true
prove "案件写明由哪个单位落位 the case says by whom it is placed" equal "$(jq -r '.groups[] | select(.id == "enforcement/penalties") | .layers[] | select(.id == "penalty_case") | .items[0].via.title' "$work/here")" 验收化工厂
counts=$(here wang "$round")
prove "320102 的执法看到本区的 an officer sees his district" equal "$(n sites:sites) $(n enforcement/penalties:penalty_case)" "1 1"
counts=$(here zhao "$round")
prove "320104 的执法看不到别区的 nothing of another" equal "$(n sites:sites) $(n enforcement/penalties:penalty_case) $(n office/events:event)" "1 0 0"
counts=$(here li '{"polygon":[[118.79,32.049],[118.81,32.049],[118.81,32.0502],[118.79,32.0502]]}')
prove "多边形 by an outline" equal "$(n sites:sites) $(n office/approvals:night_work) $(n office/events:event)" "2 1 0"
counts=$(here li '{"line":[[118.7,32.0505],[118.9,32.0505]],"buffer_m":20}')
prove "沿线缓冲 by a buffer of a line" equal "$(n office/events:event) $(n office/approvals:night_work)" "1 0"
counts=$(here li '{"lon":118.8,"lat":32.05,"radius_m":1000,"as_of":"2020-01-01"}')
prove "2020 年此处没有这些 in 2020 nothing of it" equal "$(n sources/registry:discharger) $(n office/events:event)" "0 0"
here li '{"lon":118.805205,"lat":32.04795,"radius_m":200,"crs":"GCJ02"}' >/dev/null
prove "GCJ-02 换算并注明 GCJ-02 is converted and marked" equal "$(jq -r '.from_crs' "$work/here") $(jq -r '(.lon * 1000 | round)' "$work/here")" "GCJ02 118800"
prove "没有登录的拒绝 nobody is refused" equal "$(code stranger POST /api/v1/map/here "$round")" 401
