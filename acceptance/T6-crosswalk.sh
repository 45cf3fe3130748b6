#!/bin/bash
# T6: national codes first, older and local ones still understood: every code of HJ/T 212-2005 leads to one of today,
# frames of both editions end under the same code, old areas and the city's own lead to GB/T 2260.
. "$(dirname "$0")/lib.sh"

factors=$(get "/api/v1/standards/tables/codes/factors?day=all&limit=5000")
old=$(jq -c '[.items[].values | select(.old != null) | {old, code}]' <<<"$factors")
n=$(jq length <<<"$old")
prove "2005 编码 $n 个有对应 codes of 2005 have a twin" at_least "$n" 90
answer=$(post /api/v1/standards/codes "{\"table\":\"codes/factors\",\"codes\":$(jq -c '[.[].old]' <<<"$old")}")
prove "每个都指到同一个国标代码 each leads to its code" equal \
	"$(jq -n --argjson a "$old" --argjson b "$answer" '[range($a | length) | select($b.items[.].state != "old" or $b.items[.].current != $a[.].code)] | length')" 0
prove "标准登记里国家、部、地方标准俱全，各有施行日 national, ministry and local standards with their days" equal \
	"$(get '/api/v1/standards/tables/register/standards?day=all&limit=5000' | jq -c '[.items[].values.kind] | unique | contains(["local", "ministry", "national"])')" true
prove "被代替的标准写明由谁代替 what was replaced says by what" equal \
	"$(get '/api/v1/standards/tables/register/standards/row?key=HJ%20633-2012&day=2026-02-28' | jq -r .row.values.replaced_by)" "HJ 633-2026"

# One outlet, one frame of 2005 and one of 2017: one series.
device source_water "验收兼容 T6 $RANDOM" || exit 1
{
	echo "ST=32;CN=2011;PW=123456;MN=$mn;CP=&&DataTime=$(compact '-2 minutes');011-Rtd=31.5,011-Flag=N;060-Rtd=1.25,060-Flag=N;001-Rtd=7.1,001-Flag=N&&"
	echo "QN=$(compact now)001;ST=32;CN=2011;PW=123456;MN=$mn;Flag=5;CP=&&DataTime=$(compact '-1 minute');w01018-Rtd=32.5,w01018-Flag=N;w21003-Rtd=1.30,w21003-Flag=N;w01001-Rtd=7.2,w01001-Flag=N&&"
} | say_frames 1 >/dev/null
both() {
	id=$(series "$1" Rtd rtd) || return 1
	equal "$(get "/api/v1/series/$id/points" | jq -c '[.points[] | .[1]]')" "$2"
}
prove "COD：011 与 w01018 同一序列 one series" until_holds 60 both w01018 "[31.5,32.5]"
prove "氨氮：060 与 w21003 同一序列 one series" until_holds 60 both w21003 "[1.25,1.3]"
prove "pH：001 与 w01001 同一序列 one series" until_holds 60 both w01001 "[7.1,7.2]"
prove "没有旧码自成的序列 no series under an old code" equal "$(get "/api/v1/sites/$site" | jq '[.series[].factor | select(test("^[0-9]"))] | length')" 0

areas=$(get "/api/v1/standards/tables/area/nanjing?day=all&limit=100")
current=$(jq -c '[.items[] | select(.values.level == "district") | .values.code] | sort' <<<"$areas")
prove "登记用的区就是国标的十一个区 the districts are those of GB/T 2260" equal "$(get /api/v1/districts | jq -c '[.items[].code] | sort')" "$current"
prove "撤并的四个区县各指到现行的区 four former ones lead to one of today" equal \
	"$(jq -c --argjson c "$current" '[.items[] | select(.values.level == "former") | .values.merged_into | IN($c[])]' <<<"$areas")" "[true,true,true,true]"
own=$(get "/api/v1/standards/tables/area/own/row?key=NJ-JBXQ" | jq -r .row.values.covers)
prove "江北新区没有国标代码，写明涉及的国标区 the New Area says which districts it covers" equal \
	"$(jq -n --arg o "$own" --argjson c "$current" '[$o | split(" ")[] | IN($c[])] | all')" true
saw "旧码 $n 个；区 $(jq length <<<"$current") 个"
