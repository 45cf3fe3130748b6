#!/bin/bash
# S6: strong administrators' passwords, named people, split duty.
# 可并行 beside the others: a house of its own.
. "$(dirname "$0")/lib-access.sh"
open_house || not_run "服务没有启动 no server"
prove "新装没有账号 no account by default" equal "$(sign_in admin admin)" 401
prove "一次性口令文件只有本人可读 the token is its owner's alone" equal "$(stat -c %a "$house/setup.token")" 600
weak="{\"token\":\"$(cat "$house/setup.token")\",\"admins\":[{\"role\":\"admin_system\",\"login\":\"a\",\"name\":\"甲\",\"password\":\"Nanjing-2026!\"},{\"role\":\"admin_security\",\"login\":\"b\",\"name\":\"乙\",\"password\":\"$P_SEC\"},{\"role\":\"admin_audit\",\"login\":\"c\",\"name\":\"丙\",\"password\":\"$P_AUD\"}]}"
prove "弱口令被拒 a weak password is refused" equal "$(code nobody POST /api/v1/setup "$weak")" 400
prove "三员各自登录并启用动态码（openssl 算的码）the three, with codes computed by openssl" three
prove "口令用后即焚 the token is gone" test ! -e "$house/setup.token"
prove "没有第二因素什么也做不了 without the second factor nothing" eval '[ "$(sign_in sys "$P_SYS")" = 401 ]'
ids=$(as sec GET /api/v1/assignments)
id_of() { jq -r --arg l "$1" '.items[] | select(.login == $l).user' <<<"$ids"; }
give() { code sec POST /api/v1/assignments "{\"user\":\"$(id_of "$1")\",\"role\":\"$2\",\"reason\":\"验收\"}"; }
for pair in "sys admin_security" "sys admin_audit" "aud admin_system" "aud admin_security" "sys leader_city" "aud leader_city" "sec admin_system"; do
	set -- $pair
	prove "$1 不能再有 cannot hold $2" equal "$(give "$1" "$2")" 403
done
prove "系统管理员不看审计、不授权、不看业务 system: no audit, no grants, no data" equal "$(code sys GET /api/v1/audit) $(code sys GET /api/v1/assignments) $(code sys GET /api/v1/sites)" "403 403 403"
prove "安全管理员不建账号、不看审计 security: no accounts, no audit" equal "$(code sec POST /api/v1/users '{"login":"xx","name":"x"}') $(code sec GET /api/v1/audit)" "403 403"
prove "审计管理员什么也不改 audit changes nothing" equal "$(code aud POST /api/v1/users '{"login":"xx","name":"x"}') $(code aud POST /api/v1/assignments '{"user":"x","role":"hr","reason":"x"}')" "403 403"
person zhang hr || exit 1
for _ in 1 2 3 4 5; do sign_in zhang 'Wrong-Password-1!' >/dev/null; done
prove "错五次即锁，对的也不行 five wrong ones lock, the right one too" equal "$(sign_in zhang 'Own-Vlk9Bdm-2!')" 401
close_house
open_house || exit 1
prove "锁定不因重启解除 a restart does not unlock" equal "$(sign_in zhang 'Own-Vlk9Bdm-2!')" 401
saw "口令策略、三员互斥、两因素、锁定均成立"
