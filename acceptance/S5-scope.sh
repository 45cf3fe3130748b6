#!/bin/bash
# S5: loss and access control: rows by district and label, fields masked, every cell of the matrix of
# rights is a test (api.access, tests/golden/access.tsv); here the same through the public interface.
# 可并行 beside the others: a house of its own.
. "$(dirname "$0")/lib-access.sh"
open_house && sites || not_run "服务没有启动 no server"
prove "三员以一次性口令产生 the three come by the one-time token" three
prove "此后本机也须登录 now this machine signs in too" equal "$(code nobody GET /api/v1/sites)" 401
person duty duty_district '["320102"]' && person head leader_city || { cat "$work/body"; exit 1; }
names() { as "$1" GET /api/v1/sites | jq -r '[.items[].name] | sort | join(" ")'; }
prove "区值班员只见本区 a district sees its own" equal "$(names duty)" "甲站"
prove "总数也只数本区 and counts it alone" equal "$(as duty GET /api/v1/devices | jq .total)" 1
prove "市领导见两区，不见受限 the city sees both, not the restricted one" equal "$(names head)" "$(printf '甲站\n乙站\n' | sort | paste -sd' ')"
prove "别区的设备如同不存在 another's device is not there" equal "$(code duty GET /api/v1/devices/MNB) $(code duty GET /api/v1/devices/MNX)" "404 404"
prove "搜索、筛选绕不过 nor by search or filter" equal "$(as duty GET '/api/v1/devices?q=MN' | jq -c '[.items[].mn]')$(as duty GET '/api/v1/sites?district=320104' | jq .total)" '["MNA"]0'
id=$(as sys GET /api/v1/users | jq -r '.items[] | select(.login == "head").id')
prove "定密级后可见 with the label it is seen" equal "$(code sec PUT "/api/v1/users/$id/label" '{"label":"restricted"}') $(names head | wc -w)" "200 3"
id=$(as sec GET /api/v1/assignments | jq -r '.items[] | select(.login == "duty" and .active).id')
prove "收回授权，当即不见 a role taken back ends at once" equal "$(code sec DELETE "/api/v1/assignments/$id") $(code duty GET /api/v1/sites)" "200 403"
prove "重启后仍然如此 also after a restart" eval 'close_house; open_house && [ "$(code duty GET /api/v1/sites)" = 403 ] && [ "$(names head | wc -w)" = 3 ]'
saw "按区、按密级、按字段各成立；逐格矩阵见测试 api.access"
