#!/bin/bash
# C17: counts expected, received, journaled and kept by device and day; city against province.
. "$(dirname "$0")/lib.sh"

device water "验收汇交 $RANDOM" || exit 1
day=$(day_of %F yesterday)
stamp=${day//-/}
live() { echo "QN=$(compact now)00$1;ST=21;CN=2011;PW=123456;MN=$mn;Flag=5;CP=&&DataTime=${stamp}12000$1;w01001-Rtd=7.$1,w01001-Flag=N&&"; }
{ for i in 1 2 3 4 5; do live $i; done; live 5; } | say_frames >/dev/null
"$SHANSHUI" hj212 encode "$(live 6)" | sed 's/....\r$/0001\r/' >"$work/bad"
say_raw "$work/bad" 1 >/dev/null
span="from=$(escape "${day}T00:00:00+08:00")&to=$(escape "${day}T23:59:59+08:00")"
books() { get "/api/v1/reconciliation?$span&mn=$mn" | jq -c "$1"; }
settled() { [ "$(books '.items[] | select(.cn == 2011) | [.received, .refused, .journaled, .kept]')" = "[7,1,6,5]" ]; }
prove "收到 7、坏 CRC 1、留存 6、入库 5（重复不加倍）received 7, refused 1, journaled 6, kept 5" until_holds 10 settled

statement() { printf 'mn,day,cn,count\n%s,%s,2011,%s\n' "$mn" "$day" "$1" >"$work/province" && post /api/v1/reconciliation/province "@$work/province" text/csv | jq .rows; }
prove "交省厅对账单 the province's statement is taken" equal "$(statement 4)" 1
prove "差异列出 the difference is listed" equal "$(books '.province.differences[] | [.city, .province, .difference]')" "[5,4,1]"
statement 5 >/dev/null
prove "一致则无差异 none when they agree" equal "$(books '[.province.compared, .province.equal, (.province.differences | length)]')" "[1,1,0]"
prove "坏的对账单说明哪一行 a bad statement is refused by line" equal "$(status_of -X POST -H 'Content-Type: text/csv' --data-binary $'mn,day,cn,count\nX,yesterday,2011,1\n' "$SHANSHUI_URL/api/v1/reconciliation/province")" 400
grep -q '第 2 行' "$work/body" || exit 1

city=$(get "/api/v1/reconciliation?from=$(escape "$(iso '-3 hours')")" | jq -c .total)
saw "全市今日：应收 $(jq .expected <<<"$city")，收到 $(jq .received <<<"$city")，留存 $(jq .journaled <<<"$city")，入库 $(jq .kept <<<"$city")，退回 $(jq .refused <<<"$city")"
prove "收到 = 留存 + 退回 received = journaled + refused" equal "$(jq '.received' <<<"$city")" "$(jq '.journaled + .refused' <<<"$city")"
