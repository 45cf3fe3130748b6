#!/bin/bash
# S5: loss and access control: rows by district and label, fields masked, every cell of the matrix of
# rights is a test (api.access, tests/golden/access.tsv); here the same through the public interface.
# 可并行 beside the others: a house of its own.
. "$(dirname "$0")/lib-access.sh"
open_house && sites || not_run "服务没有启动 no server"
maker=$(as nobody POST /api/v1/things/legal_person '{"fields":{"name":"甲厂","temp_no":"T-1","temp_reason":"未登记","kind":"company","status":"open","legal_rep":"钱学文","phone":"13912345678","admin_area":"320102"}}' | jq -r .id)
prove "三员以一次性口令产生 the three come by the one-time token" three
prove "此后本机也须登录 now this machine signs in too" equal "$(code nobody GET /api/v1/sites)" 401
person duty duty_district '["320102"]' && person head leader_city || { cat "$work/body"; exit 1; }
names() { as "$1" GET /api/v1/sites | jq -r '[.items[].name] | sort | join(" ")'; }
prove "区值班员只见本区 a district sees its own" equal "$(names duty)" "甲站"
prove "总数也只数本区 and counts it alone" equal "$(as duty GET /api/v1/devices | jq .total)" 1
prove "市领导见两区，不见受限 the city sees both, not the restricted one" equal "$(names head)" "$(printf '甲站\n乙站\n' | sort | paste -sd' ')"
prove "别区的设备如同不存在 another's device is not there" equal "$(code duty GET /api/v1/devices/MNB) $(code duty GET /api/v1/devices/MNX)" "404 404"
prove "搜索、筛选绕不过 nor by search or filter" equal "$(as duty GET '/api/v1/devices?q=MN' | jq -c '[.items[].mn]')$(as duty GET '/api/v1/sites?district=320104' | jq .total)" '["MNA"]0'
# fields: masked in the record, the list and the export; not found by what is masked; in clear once, with a purpose
person officer enforce_officer '["320102"]' && person engineer data_engineer || { cat "$work/body"; exit 1; }
one() { as "$1" GET "/api/v1/things/legal_person/$maker" | jq -c '[.fields.legal_rep, .fields.phone, .masked]'; }
prove "字段：姓名、电话遮盖 fields: the name and the number are masked" equal "$(one head)" '["钱*","139****5678",["legal_rep","phone"]]'
prove "有权查看明文的人平时也遮盖 for whom may unmask as well" equal "$(one officer)" '["钱*","139****5678",["legal_rep","phone"]]'
prove "清单、导出里没有明文 not in clear in the list nor in the export" eval '! { as head GET "/api/v1/things/legal_person"; as engineer GET "/api/v1/things/legal_person/export"; } | grep -q -e 钱学文 -e 13912345678 && grep -q "甲厂" "$work/body"'
prove "按被遮盖的字段找不到 nothing is found by it" equal "$(as head GET '/api/v1/things/legal_person?q=13912345678' | jq '.items | length')" 0
unmask() { code "$1" POST "/api/v1/things/legal_person/$maker/unmask" '{"field":"phone","purpose":"送达文书"}'; }
prove "没有权的不能看明文 who may not, may not" eval 'case $(unmask head) in 403 | 404) ;; *) false ;; esac'
prove "有权的逐次看一个字段，记入审计 who may is shown one field once, and the audit knows" eval '[ "$(unmask officer)" = 200 ] && grep -q 13912345678 "$work/body" && [ "$(as aud GET "/api/v1/audit?action=thing.unmask&outcome=ok&actor=officer" | jq ".items | length")" = 1 ]'
prove "别区的记录没有 another district's is not there" equal "$(code duty GET "/api/v1/things/legal_person/$maker") $(person other duty_district '["320104"]' >/dev/null; code other GET "/api/v1/things/legal_person/$maker")" "200 404"
id=$(as sys GET /api/v1/users | jq -r '.items[] | select(.login == "head").id')
prove "定密级后可见 with the label it is seen" equal "$(code sec PUT "/api/v1/users/$id/label" '{"label":"restricted"}') $(names head | wc -w)" "200 3"
id=$(as sec GET /api/v1/assignments | jq -r '.items[] | select(.login == "duty" and .active).id')
prove "收回授权，当即不见 a role taken back ends at once" equal "$(code sec DELETE "/api/v1/assignments/$id") $(code duty GET /api/v1/sites)" "200 403"
prove "重启后仍然如此 also after a restart" eval 'close_house; open_house && [ "$(code duty GET /api/v1/sites)" = 403 ] && [ "$(names head | wc -w)" = 3 ]'
saw "按区、按密级、按字段各成立；逐格矩阵见测试 api.access"
