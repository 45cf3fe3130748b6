# Shared by the proofs of accounts and rights: a server of their own, since a house that has administrators is
# closed, and the demo city stays open for the other proofs.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
own=
trap '[ -n "$own" ] && kill $own 2>/dev/null; wait 2>/dev/null; rm -rf "$work"' EXIT
house=$work/house
open_house() { # MORE ARGUMENTS of serve
	: >"$work/own.out"
	"$SHANSHUI" serve --data "$house" --http 127.0.0.1:0 --hj212 127.0.0.1:0 "$@" >"$work/own.out" 2>>"$work/own.log" &
	own=$!
	until_holds 20 grep -q 就绪 "$work/own.out"
	url=$(sed -n 's/.*\(http:\/\/[0-9.:]*\).*/\1/p' "$work/own.out")
	[ -n "$url" ]
}
close_house() { kill $own; wait $own 2>/dev/null; own=; }
# as WHO METHOD PATH [JSON]: prints the body, sets the status in $work/status.
as() {
	who=$1 method=$2 path=$3
	shift 3
	curl -s -o "$work/body" -w '%{http_code}' --max-time $patience -X "$method" -b "$work/$who.jar" -c "$work/$who.jar" \
		-H "X-CSRF-Token: $(cat "$work/$who.csrf" 2>/dev/null)" ${1:+-H 'Content-Type: application/json' -d "$1"} \
		"$url$path" >"$work/status"
	# An administrator's second factor may be too old by now: shown again with a code that was not used yet, as people do.
	if [ "$(cat "$work/status")" = 403 ] && [ -s "$work/$who.secret" ] && grep -q SS_ESTEPUP "$work/body" && fresh_factor "$who"; then
		as "$who" "$method" "$path" "$@"
		return
	fi
	cat "$work/body"
}
# fresh_factor WHO: a code is good once, so the one after this is waited for; and one that came too late is no fault.
fresh_factor() {
	for _ in 1 2 3 4 5; do
		step=$(($(date +%s) / 30))
		until [ $(($(date +%s) / 30)) != $step ]; do sleep 1; done
		shown "$1" && return
	done
	return 1
}
shown() { # WHO: the code of now, as second factor
	[ "$(curl -s -o "$work/factor" -w '%{http_code}' --max-time $patience -b "$work/$1.jar" -H "X-CSRF-Token: $(cat "$work/$1.csrf")" \
		-H 'Content-Type: application/json' -d "{\"code\":\"$(totp "$(cat "$work/$1.secret")")\"}" "$url/api/v1/session/step-up")" = 200 ]
}
code() { as "$@" >/dev/null; cat "$work/status"; }
# The one-time code of now by RFC 6238, by openssl.
totp() {
	key=$(printf '%s' "$1" | base32 -d | od -An -tx1 | tr -d ' \n')
	step=$((${2:-$(date +%s)} / 30))
	mac=$(printf "$(printf '%016x' $step | sed 's/../\\x&/g')" | openssl dgst -sha1 -mac HMAC -macopt "hexkey:$key" | sed 's/.*= *//')
	at=$((16#${mac:39:1} * 2))
	printf '%06d' $(((16#${mac:$at:8} & 0x7fffffff) % 1000000))
}
# sign_in WHO PASSWORD [CODE]: status.
sign_in() {
	s=$(code "$1" POST /api/v1/session "{\"login\":\"$1\",\"password\":\"$2\"${3:+,\"code\":\"$3\"}}")
	as "$1" GET /api/v1/session | jq -r '.csrf // ""' >"$work/$1.csrf"
	echo "$s"
}
P_SYS='Rui-Xue-2026-Feng!Nian' P_SEC='Hai-Na-2026-Bai!Chuan' P_AUD='Tian-Dao-2026-Chou!Qin'
three() { # the first three, each with a code of his own
	token=$(cat "$house/setup.token")
	body="{\"token\":\"$token\",\"admins\":[{\"role\":\"admin_system\",\"login\":\"sys\",\"name\":\"甲\",\"password\":\"$P_SYS\"},
{\"role\":\"admin_security\",\"login\":\"sec\",\"name\":\"乙\",\"password\":\"$P_SEC\"},{\"role\":\"admin_audit\",\"login\":\"aud\",\"name\":\"丙\",\"password\":\"$P_AUD\"}]}"
	[ "$(code nobody POST /api/v1/setup "$body")" = 201 ] || return 1
	for pair in "sys $P_SYS" "sec $P_SEC" "aud $P_AUD"; do
		set -- $pair
		[ "$(sign_in "$1" "$2")" = 201 ] || return 1
		as "$1" POST /api/v1/session/totp | jq -r .secret >"$work/$1.secret"
		until_holds 60 enrolled "$1" || return 1
	done
}
enrolled() { [ "$(code "$1" PUT /api/v1/session/totp "{\"code\":\"$(totp "$(cat "$work/$1.secret")")\"}")" = 200 ]; }
# person LOGIN ROLE [AREAS JSON] [MORE MEMBERS]: an account with a role and a password of its own, signed in.
person() {
	id=$(as sys POST /api/v1/users "{\"login\":\"$1\",\"name\":\"$1\",\"password\":\"Temp-Qwx7Zk-1!\"${4:+,$4}}" | jq -r .id)
	as sec POST /api/v1/assignments "{\"user\":\"$id\",\"role\":\"$2\",\"reason\":\"验收\"${3:+,\"areas\":$3}}" >/dev/null
	sign_in "$1" 'Temp-Qwx7Zk-1!' >/dev/null
	as "$1" PUT /api/v1/session/password '{"old":"Temp-Qwx7Zk-1!","new":"Own-Vlk9Bdm-2!"}' >/dev/null
	[ "$(cat "$work/status")" = 200 ]
}
sites() { # two districts, and one site that only the cleared may see
	printf 'mn,site_code,site_name,kind,district,system,interval_s,label\nMNA,SA,甲站,source_water,320102,32,60,\nMNB,SB,乙站,source_water,320104,32,60,\nMNR,SR,密点,source_water,320102,32,60,restricted\n' >"$work/r.csv"
	curl -fsS -X POST -H 'Content-Type: text/csv' --data-binary "@$work/r.csv" "$url/api/v1/devices/import" >/dev/null
}
