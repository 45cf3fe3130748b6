#!/bin/bash
# G3: every class of objects that lie somewhere, of every module, can be switched on in one map, at one moment, now or past.
. "$(dirname "$0")/lib-access.sh"
. "$(dirname "$0")/lib-cases.sh"

open_house || not_run "服务没有启动 no server"
modules=$here/modules
as nobody GET /api/v1/types | jq -r '.items[].id' | sort >"$work/types"
as nobody GET "/api/v1/map/layers?count=1" >"$work/tree"
jq -r '.groups[].layers[].id' "$work/tree" | sort >"$work/layers"
declared=$(find "$modules" -name '*.lua' -exec cat {} + | grep -c '^record "')
prove "类型与模块文件里声明的一样多 as many types as the modules' files declare" equal "$(wc -l <"$work/types")" "$declared"
# Worked out here from the declarations: a place of its own, a district, or a reference (three steps) to what has a place.
while read -r t; do as nobody GET "/api/v1/types/$t"; echo; done <"$work/types" | jq -rs '. as $all
	| (map(select(.geometry)) | map(.id)) as $own
	| reduce range(3) as $_ ($own; . as $at | [$all[] | select(.id as $i | ($at | index($i)) or any(.fields[]?; .type == "ref" and (.ref as $r | $at | index($r)))) | .id])
	| . + [$all[] | select(.area) | .id] | unique[]' | sort >"$work/placed"
prove "每一类有位置的记录都是图层，没有位置的都不是 every type with a place is a layer, no other ($(wc -l <"$work/layers"))" cmp -s "$work/placed" "$work/layers"
prove "数据集、图、大屏不是图层 data sets, charts, screens are none" equal "$(grep -cxE 'data_set|chart|screen|briefing' "$work/layers")" 0
prove "审批、执法、应急都在树里 approvals, enforcement, emergencies are in the tree" eval 'for m in office/approvals enforcement/penalties enforcement/inspections office/events sources/registry; do jq -e --arg m $m ".groups[] | select(.id == \$m)" "$work/tree" >/dev/null || exit 1; done'
prove "每一层都打得开 every layer answers" eval 'while read -r l; do as nobody GET "/api/v1/map/features?layer=$l" >/dev/null; [ "$(cat "$work/status")" = 200 ] || { echo "$l"; false; break; }; done <"$work/layers"'

sites
point() { echo "\"place\":{\"type\":\"Point\",\"coordinates\":[$1],\"crs\":\"CGCS2000\"}"; }
id_of() { as nobody POST "/api/v1/things/$1" "$2" | jq -r .id; }
plant=$(id_of discharger "{\"fields\":{\"name\":\"验收化工厂\",\"source_code\":\"ACC1\",\"admin_area\":\"320102\",\"address\":\"石城路\",\"industry\":\"C1499\",\"manage_class\":\"key\",$(point 118.8,32.05)}}")
case_id=$(id_of penalty_case "{\"fields\":{\"title\":\"验收案件\",\"discovered_at\":\"2026-11-20\",\"admin_area\":\"320102\",\"discharger\":\"$plant\"}}")
event=$(id_of event "{\"fields\":{\"title\":\"验收异味\",\"nature\":\"odour\",\"grade\":\"3\",\"first_seen\":\"2026-11-20T08:00:00+08:00\",\"last_seen\":\"2026-11-20T08:00:00+08:00\",\"found_at\":\"2026-11-20T08:10:00+08:00\",\"admin_area\":\"320102\",$(point 118.8,32.051)}}")
at() { as nobody GET "/api/v1/map/features?layer=$1${2:+&as_of=$(escape "$2")}" | jq -c --arg id "$3" '[.features[] | select(.id == $id) | .geometry.coordinates][0]'; }
prove "自己有位置的落在自己的位置 a place of its own" equal "$(at event '' "$event")" '[118.8,32.051]'
prove "没有位置的案件落在它引用的单位 a case lies where the firm lies" equal "$(at penalty_case '' "$case_id")" '[118.8,32.05]'
then=$(date -u +%FT%T.%NZ | sed 's/...Z$/Z/')
version=$(as nobody GET "/api/v1/things/event/$event" | jq .version)
as nobody PATCH "/api/v1/things/event/$event" "{\"version\":$version,\"reason\":\"查明\",\"fields\":{$(point 118.9,32.1)}}" >/dev/null
prove "此刻在新的位置 now at the new place" equal "$(at event '' "$event")" '[118.9,32.1]'
prove "那一刻在原来的位置 at that moment where it was" equal "$(at event "$then" "$event")" '[118.8,32.051]'
prove "更早的时刻没有它 earlier it was not there" equal "$(at event 2020-01-01 "$event")" null
prove "那时的站点 sites of that moment" equal "$(as nobody GET '/api/v1/sites?at=2020-01-01' | jq -r '[.items[].state] | unique | join(" ")')" never
prove "不存在的图层拒绝 a layer that is none is refused" equal "$(code nobody GET '/api/v1/map/features?layer=nothing')" 404
