#!/bin/bash
# S7: SM2, SM3, SM4: known answers at the start, the register of where each is used, and what is written
# checked by another program (openssl).
# 可并行 beside the others: a house of its own.
. "$(dirname "$0")/lib-access.sh"
command -v sqlite3 >/dev/null || not_run "没有 no sqlite3"
open_house || not_run "服务没有启动 no server"
prove "启动自检通过才服务（SM2 SM3 SM4 标准算例）it serves only after the known answers" curl -fsS -o /dev/null "$url/health"
three || exit 1
until_holds 120 test -s "$house/audit.tips" || { echo "没有审计锚点 no tip of the audit"; exit 1; }
line=$(tail -n 1 "$house/audit.tips")
front=${line:0:285} n=$((10#${line:286:2}))
node=$(openssl dgst -sm3 -r "$house/journal/node.pub" | cut -c1-32)
printf '%s %s' "$node" "$front" >"$work/msg"
printf "$(printf '%s' "${line:289:$((n * 2))}" | sed 's/../\\x&/g')" >"$work/sig"
prove "审计锚点的 SM2 签名由 openssl 验得 openssl verifies the SM2 signature of the audit's tip" \
	openssl pkeyutl -verify -in "$work/msg" -sigfile "$work/sig" -pubin -inkey "$house/journal/node.pub" -rawin -digest sm3 \
	-pkeyopt distid:1234567812345678
printf x >>"$work/msg"
prove "改一字即不过 one letter more and it does not" eval '! openssl pkeyutl -verify -in "$work/msg" -sigfile "$work/sig" -pubin -inkey "$house/journal/node.pub" -rawin -digest sm3 -pkeyopt distid:1234567812345678 >/dev/null 2>&1'
row=$(sqlite3 "$house/access.db" "select body from access_row where kind='user'" | jq -c 'select(.login == "sys").passwords[0]')
want=$(openssl kdf -keylen 32 -kdfopt digest:SM3 -kdfopt "pass:$P_SYS" -kdfopt "hexsalt:$(jq -r .salt <<<"$row")" \
	-kdfopt "iter:$(jq -r .iterations <<<"$row")" PBKDF2 | tr -d ':\n' | tr A-F a-f)
prove "口令存为 PBKDF2-HMAC-SM3（openssl kdf 同值）the stored password is what openssl kdf gives" equal "$(jq -r .hash <<<"$row")" "$want"
prove "算法登记 the register of algorithms" grep -q 'PBKDF2-HMAC-SM3' "$(dirname "$0")/../docs/security/checklist.md"
saw "国产算法自检、签名、口令、登记均成立"
