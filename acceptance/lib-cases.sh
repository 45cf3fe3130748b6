# Shared by the proofs of records and cases: speaks as WHO (a jar of lib-access.sh), or as this machine in a house that is open.
# say WHO METHOD PATH [JSON]: body on standard output, status in $work/status.
say() {
	case $1 in
	here)
		curl -s -o "$work/body" -w '%{http_code}' --max-time $patience -X "$2" ${4:+-H 'Content-Type: application/json' --data-binary "$4"} "${url:-$SHANSHUI_URL}$3" >"$work/status"
		cat "$work/body"
		;;
	*) as "$@" ;;
	esac
}
said() { cat "$work/status"; }
# new WHO TYPE JSON: a record; its id.
new() { say "$1" POST "/api/v1/things/$2" "{\"fields\":$3}" | jq -r '.id // empty'; }
put() { # WHO TYPE ID JSON: status; on the version that is there
	version=$(say "$1" GET "/api/v1/things/$2/$3" | jq '.version // 0')
	say "$1" PATCH "/api/v1/things/$2/$3" "{\"fields\":$4,\"version\":$version}" >/dev/null
	said
}
field() { say "$1" GET "/api/v1/things/$2/$3" | jq -c ".fields | $4"; } # WHO TYPE ID FILTER
# open_case WHO FLOW JSON: id of the case.
open_case() { say "$1" POST "/api/v1/cases/$2" "{\"data\":$3}" | jq -r '.id // empty'; }
# act WHO FLOW ID JSON: status.
act() { say "$1" POST "/api/v1/cases/$2/$3/acts" "$4" >/dev/null; said; }
go() { act "$1" "$2" "$3" "{\"act\":\"go\",\"to\":\"$4\"${5:+,\"data\":$5}}"; }
save() { act "$1" "$2" "$3" "{\"act\":\"save\",\"data\":$4}"; }
document() { act "$1" "$2" "$3" "{\"act\":\"document\",\"document\":\"$4\"}"; }
state_of() { say "$1" GET "/api/v1/cases/$2/$3" | jq -r '.state'; }
why() { jq -r '[(.detail // ""), (.problems[]?.zh // "")] | join("；")' "$work/body"; }
because() { why | grep -qF "$1" || { printf '   答复 answered: %s\n' "$(cat "$work/body")"; return 1; }; } # the last refusal names it
sm3_of() { openssl dgst -sm3 -r | cut -d' ' -f1; }
# import WHO TYPE FILE
import() {
	curl -s -o "$work/body" -w '%{http_code}' --max-time $patience -X POST -H 'Content-Type: text/csv' --data-binary "@$3" \
		-b "$work/$1.jar" -H "X-CSRF-Token: $(cat "$work/$1.csrf" 2>/dev/null)" "${url:-$SHANSHUI_URL}/api/v1/things/$2/import" >"$work/status"
	cat "$work/body"
}
# crowd N WIDTH COMMAND...: N times at once, at most WIDTH together; $n says which. The server is not waited for.
crowd() {
	many=$1 width=$2
	shift 2
	crowd=
	for n in $(seq "$many"); do
		"$@" &
		crowd="$crowd $!"
		[ $((n % width)) = 0 ] && { wait $crowd; crowd=; }
	done
	[ -z "$crowd" ] || wait $crowd
}
here=$(cd "$(dirname "$0")/.." && pwd)
data=$here/modules/sources/registry/data
