# Shared by the proofs. A proof speaks with the city as its users do: HTTP for people, HJ 212 over TCP
# for devices. It says what it saw; `prove` stops at the first thing that does not hold.
set -u
: "${SHANSHUI_URL:=http://127.0.0.1:8080}" "${SHANSHUI_HJ212:=127.0.0.1:9212}" "${SHANSHUI:=build/shanshui}"
work=$(mktemp -d /tmp/shanshui-accept-XXXXXX)
trap 'rm -rf "$work"' EXIT

saw() { printf '%s\n' "$*"; }
not_run() { printf '未跑 not run: %s\n' "$*"; exit 77; }
prove() { # what, then a command that must hold
	what=$1
	shift
	"$@" || { printf '不成立 does not hold: %s\n   %s\n' "$what" "$*"; exit 1; }
	saw "成立 holds: $what"
}
# A build with a checker in it is slow; the one who starts it says how many times as long to wait. No request is given
# up while a server that is merely slow works at it.
: "${SHANSHUI_SLOW:=1}"
patience=$((300 * SHANSHUI_SLOW))
get() { curl -fsS --max-time $patience "$SHANSHUI_URL$1"; }
post() { curl -fsS --max-time $patience -X POST -H "Content-Type: ${3:-application/json}" --data-binary "$2" "$SHANSHUI_URL$1"; }
status_of() { curl -s -o "$work/body" -w '%{http_code}' --max-time $patience "$@"; }
equal() { [ "$1" = "$2" ] || { printf '   是 is %s，应为 should be %s\n' "$1" "$2"; return 1; }; }
at_least() { awk -v a="$1" -v b="$2" 'BEGIN {exit !(a ~ /^-?[0-9.]/ && a + 0 >= b + 0)}' || { printf '   是 is %s，应不小于 should be at least %s\n' "$1" "$2"; return 1; }; }
at_most() { awk -v a="$1" -v b="$2" 'BEGIN {exit !(a ~ /^-?[0-9.]/ && a + 0 <= b + 0)}' || { printf '   是 is %s，应不大于 should be at most %s\n' "$1" "$2"; return 1; }; }

# A proof that looks at pages: not run where the city is started without them.
needs_pages() { [ "${SHANSHUI_PAGES:-1}" = 1 ] || not_run "这座城不跑网页 this city runs no pages"; }
# say_frames [ANSWERS]: segments on standard input, one a line; answers on standard output, one a line, as many
# as frames unless told otherwise. However slow the machine is, they are waited for.
say_frames() {
	"$SHANSHUI" hj212 encode - >"$work/say" || return 1
	say_raw "$work/say" 60 "${1:-$(grep -c '^##' "$work/say")}"
}
# say_raw FILE SECONDS [ANSWERS]: bytes as they are; what comes back until it is quiet for so long, or for
# half a second behind as many answers as are waited for.
say_raw() {
	answers=0 quiet=$(($2 * SHANSHUI_SLOW))
	exec 3<>"/dev/tcp/${SHANSHUI_HJ212%:*}/${SHANSHUI_HJ212##*:}" || return 1
	cat "$1" >&3
	while IFS= read -r -t $quiet answer <&3; do
		case $answer in '##'*) printf '%s\n' "${answer%$'\r'}" ;; *) continue ;; esac
		answers=$((answers + 1))
		[ $answers = "${3:-}" ] && quiet=0.5
	done
	exec 3>&-
	return 0
}
# The days and hours that a proof speaks of are counted from its own start: an hour, a day or a month that ends
# while it runs changes nothing. day_of FORMAT WHEN ("-2 hours", yesterday and the like).
proof_began=$(TZ=Asia/Shanghai date '+%F %T +0800')
day_of() { TZ=Asia/Shanghai date -d "$proof_began ${2:-now}" "+$1"; }
compact() { TZ=Asia/Shanghai date -d "$1" +%Y%m%d%H%M%S; } # "-3 hours" and the like
iso() { TZ=Asia/Shanghai date -d "$1" +%Y-%m-%dT%H:%M:%S+08:00; }
# one_day: a proof whose dates and whose acts on the server must be of one day does not begin just before its end.
one_day() {
	last=2355
	[ "$SHANSHUI_SLOW" = 1 ] || last=2345
	while [ "$(TZ=Asia/Shanghai date +%H%M)" -ge $last ]; do sleep 1; done
	proof_began=$(TZ=Asia/Shanghai date '+%F %T +0800')
}
this_hour() { day_of %Y%m%d%H0000 "$1"; }
hour_iso() { day_of %Y-%m-%dT%H:00:00+08:00 "$1"; }
escape() { jq -rn --arg v "$1" '$v|@uri'; }

new_mn() { printf 'ACC%s%05d' "$(date +%H%M%S%N | cut -c1-12)" $((RANDOM % 100000)); }
# device KIND NAME [MEMBERS]: registers a device of its own on a site of its own; sets mn and site. MEMBERS: more JSON,
# such as '"target":"III"'.
device() {
	mn=$(new_mn)
	site=$(post /api/v1/devices "{\"mn\":\"$mn\",\"site_name\":\"$2\",\"kind\":\"$1\",\"district\":\"320106\",\"lon\":118.77,\"lat\":32.06${3:+,$3}}" |
		jq -r '.site.id')
	[ -n "$site" ] && [ "$site" != null ]
}
# series FACTOR STAT PERIOD: id of the series of $site; waits until it is there.
series() {
	for _ in $(seq $((600 * SHANSHUI_SLOW))); do
		id=$(get "/api/v1/sites/$site" | jq -r --arg f "$1" --arg s "$2" --arg p "$3" \
			'[.series[] | select(.factor == $f and .stat == $s and .period == $p)][0].id // empty')
		[ -n "$id" ] && { echo "$id"; return 0; }
		sleep 0.1
	done
	return 1
}
# Live events of some topics into $work/live, until stop_listening. The stream greets whoever it takes in.
listen() {
	: >"$work/live"
	curl -sN --max-time $((600 * SHANSHUI_SLOW)) "$SHANSHUI_URL/api/v1/live?topics=$1" >"$work/live" &
	listener=$!
	until_holds 60 test -s "$work/live"
}
stop_listening() { kill "$listener" 2>/dev/null; wait "$listener" 2>/dev/null; }
# until_holds SECONDS COMMAND...: tries ten times a second, a minute at the least: what holds is seen at once, and on
# a machine with much to do nothing fails for being late. It rests as long as it asked: the server has other work.
until_holds() {
	tries=$((($1 > 60 ? $1 : 60) * 10 * SHANSHUI_SLOW))
	shift
	for _ in $(seq $tries); do
		asked_at=${EPOCHREALTIME/[.,]/}
		"$@" >/dev/null 2>&1 && return 0
		rest=$((${EPOCHREALTIME/[.,]/} - asked_at))
		[ $rest -gt 100000 ] || rest=100000
		printf -v rest '%d.%06d' $((rest / 1000000)) $((rest % 1000000))
		sleep "$rest"
	done
	return 1
}
# points_are QUERY JQ WANT: points of series $id; sets points. For until_holds.
points_are() {
	points=$(get "/api/v1/series/$id/points?$1") && [ "$(jq -c "$2" <<<"$points")" = "$3" ]
}
# answer_is PATH JQ WANT: what the server answers to that. For until_holds.
answer_is() { [ "$(get "$1" | jq -c "$2")" = "$3" ]; }
# line_has_read: what is in the journal at the first call is among the observations. For until_holds.
line_has_read() {
	: "${to_read:=$(get /api/v1/journal/stat | jq .entries)}"
	[ "$(get /health | jq .parts.line.cursor)" -ge "$to_read" ]
}
# connected: the device $mn holds a connection. For until_holds, before a command is sent to it.
connected() { get "/api/v1/devices/$mn" | jq -e .connected; }
# hour_frame ST AGO VALUES: an hour record of $mn that began AGO ("-2 hours").
hour_frame() {
	echo "QN=$(compact now)$(printf %03d $((RANDOM % 1000)));ST=$1;CN=2061;PW=123456;MN=$mn;Flag=5;CP=&&DataTime=$(this_hour "$2");$3&&"
}
grade() { get "/api/v1/sites/$site" | jq -c ".grade | $1"; }
grade_is() { [ "$(grade "$1")" = "$2" ]; }
