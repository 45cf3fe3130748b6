#!/bin/bash
# S10: secret and intact: planted secrets lie nowhere in the open; what is changed behind the product's
# back is found, named, and not believed.
# 可并行 beside the others: a house of its own.
. "$(dirname "$0")/lib-access.sh"
command -v sqlite3 >/dev/null || not_run "没有 no sqlite3"
open_house && sites || not_run "服务没有启动 no server"
three || exit 1
person hong leader_city '' '"phone":"13912345678"' && person hr hr || exit 1
token=$(awk '/ss_session/ {print $7}' "$work/hong.jar")
for secret in "$P_SYS" 13912345678 "$token" "$(cat "$work/sys.secret")" 'Own-Vlk9Bdm-2!'; do
	prove "植入的机密在数据目录里找不到明文 a planted secret lies nowhere in the open" eval '! grep -rqaF -- "$secret" "$house"'
done
prove "号码遮盖 the number is masked" equal "$(as hr GET /api/v1/users | jq -r '.items[] | select(.login == "hong").phone')" '139****5678'
id=$(as hr GET /api/v1/users | jq -r '.items[] | select(.login == "hong").id')
prove "明文逐次可查 in clear once" equal "$(as hr POST "/api/v1/users/$id/unmask" '{"purpose":"验收"}' | jq -r .phone)" 13912345678
prove "并记入审计 and it is in the audit" equal "$(as aud GET '/api/v1/audit?action=personal.unmask&outcome=ok' | jq '.items | length')" 1
prove "审计完好 the audit is whole" eval '[ "$(as aud POST /api/v1/audit/verify | jq .good)" = true ]'
close_house
prove "停机后也完好 also at rest" "$SHANSHUI" audit verify --data "$house"
cp -r "$house" "$work/good"
last=$(sqlite3 "$house/audit.db" 'select max(seq) from audit')
tamper() { # WHAT SQL ROW
	cp "$work/good/audit.db" "$house/audit.db"
	sqlite3 "$house/audit.db" "$2"
	prove "$1：指出第 $3 行 names the row" equal "$("$SHANSHUI" audit verify --data "$house" --json | jq .first_bad)" "$3"
}
tamper "改 edit" "update audit set actor='x' where seq=7" 7
tamper "删 removal" "delete from audit where seq=5" 5
tamper "插 insertion" "update audit set seq=-seq where seq>=9; update audit set seq=1-seq where seq<0; insert into audit select 9,at_us,status,'x',via,origin,session,request,action,target,outcome,detail,chain from audit where seq=1" 9
tamper "换 swap" "update audit set seq=-1 where seq=4; update audit set seq=4 where seq=6; update audit set seq=6 where seq=-1" 4
tamper "截尾 cut tail" "delete from audit where seq=$last" "$last"
cp "$work/good/audit.db" "$house/audit.db"
sqlite3 "$house/access.db" "update access_row set body=replace(body,'leader_city','monitor_eng') where kind='grant'"
open_house || exit 1
prove "改过的授权不采信 a changed assignment is not believed" equal "$(code hong GET /api/v1/sites)" 403
prove "并告警 and it is in the audit" equal "$(as aud GET '/api/v1/audit?action=access.damaged' | jq '.items | length')" 1
saw "加密存放、逐行防改、审计五种改动均指出位置"
