#!/bin/bash
# P3.7.1c: warnings of unlawful acts. A labelled set of outlets (some cheat, some fail, some only look
# as if) tells its last forty days to the running city; the detectors find who cheats, with reasons,
# charts and what to look at on site, and leave the honest alone; a person decides.
. "$(dirname "$0")/lib.sh"

# The set stands beside the demo city under numbers of its own, in the same weather.
first=$((20000 + $(date +%s) % 9000 * 100))
set_of="--seed 20261123 --devices 30 --first $first --cheats $(day_of %F '-12 days')
	--cheats.spread 3d --cheats.share 42 --faults.share 12 --traps.share 12"
"$SHANSHUI" simulate $set_of --registry "$work/register.csv" || exit 1
"$SHANSHUI" simulate $set_of --truth "$work/truth.jsonl" || exit 1
"$SHANSHUI" simulate $set_of --history 40d --acts "$work/acts.jsonl" || exit 1
post /api/v1/devices/import "@$work/register.csv" text/csv >"$work/registered" || exit 1
"$SHANSHUI" simulate $set_of --target "$SHANSHUI_HJ212" --history 40d --history.minutes 8d --duration 1s --quiet \
	>"$work/told" || exit 1
saw "真相 truth: $(jq -r .class "$work/truth.jsonl" | sort | uniq -c | tr '\n' ' ')，报文 frames $(jq .acked "$work/told")"

# What people put on record: visits, marks, parameters, notes. Sites by their codes.
get "/api/v1/devices?limit=500&q=厂" >/dev/null || exit 1
cursor=
while :; do
	get "/api/v1/sites?limit=500${cursor:+&cursor=$cursor}" >"$work/page" || exit 1
	jq -r '.items[] | [.code, .id, .kind] | @tsv' "$work/page"
	cursor=$(jq -r '.next // empty' "$work/page")
	[ -n "$cursor" ] || break
done >"$work/sites.tsv"
codes=$(tail -n +2 "$work/register.csv" | cut -d, -f2 | tr '\n' ' ')
post_act() { curl -s -o /dev/null -w '%{http_code}\n' --max-time $patience -X POST -H 'Content-Type: application/json' --data "$1" "$SHANSHUI_URL/api/v1/acts"; }
export -f post_act
export SHANSHUI_URL patience
jq -c -R 'split("\t") | {(.[0]): (.[1] | tonumber)}' "$work/sites.tsv" | jq -cs add >"$work/ids.json"
jq -c --slurpfile ids "$work/ids.json" 'select(.act != "calibration.file") |
	{act, by, target: ({site: $ids[0][.target.site_code]} + (.target | del(.site_code))), data, reason}' \
	"$work/acts.jsonl" >"$work/acts.ready"
tr '\n' '\0' <"$work/acts.ready" | xargs -0 -n 1 -P 8 bash -c 'post_act "$1"' _ | sort | uniq -c >"$work/posted"
taken=$(awk '$2 == 201 {print $1}' "$work/posted")
prove "登记的到场、标记、备案入账 what people filed is on record ($taken)" at_least "${taken:-0}" 50

# The detectors come to rest, over all that was told.
until_holds 600 line_has_read || { echo "历史没有读完 the history was not read"; exit 1; }
cheats=$(jq -r 'select(.class == "cheat") | .outlet' "$work/truth.jsonl" | sort -u)
n=$(wc -l <<<"$cheats")
rested() { get /api/v1/detectors >"$work/run" && jq -e '.run | .failed == false and .waiting == 0' "$work/run"; }
search() { # what stands now: sets suspects, found, false
	get "/api/v1/suspicions?limit=500" >"$work/all" || return 1
	jq -c --arg codes "$codes" '[.items[] | select(.site.code as $c | ($codes | split(" ")) | index($c))]' "$work/all" >"$work/ours"
	suspects=$(jq -r '.[].site.code' "$work/ours" | sort -u)
	[ -n "$suspects" ] || return 1
	found=$(comm -12 <(echo "$cheats") <(echo "$suspects") | wc -l)
	false=$(comm -13 <(echo "$cheats") <(echo "$suspects") | wc -l)
}
# Between two stages of the way (kept, reviewed, judged) there may be nothing to wait for: what is asked for decides.
judged() { rested && search && [ $((100 * found)) -ge $((80 * n)) ] && [ "$false" -le 1 ]; }
until_holds 120 judged
prove "检测器跑完 the detectors have come to rest" until_holds 60 rested
search
outlets=$(grep -cE ',source_(water|air),' "$work/register.csv")
jq -r 'select(.class == "cheat") | [.outlet, .kind, .strength, .what] | @tsv' "$work/truth.jsonl" | while IFS=$'\t' read -r o k s w; do
	printf '   %s %-4s %-6s %s: %s\n' "$o" "$k" "$s" "$w" "$(jq -r --arg o "$o" '[.[] | select(.site.code == $o) | .detectors | join("+")] | join(" ") | if . == "" then "未发现 not found" else . end' "$work/ours")"
done
prove "造假排口发现八成以上 found $found of $n cheating outlets" at_least $((100 * found)) $((80 * n))
prove "守法排口误报至多一处 false suspicions on $((outlets - n)) honest outlets: $false" at_most "$false" 1

# Each with its reasons in words and numbers, its charts, and what to look at.
for id in $(jq -r '.[].id' "$work/ours"); do
	get "/api/v1/suspicions/$id" >"$work/one" || exit 1
	jq -e '.reasons | length >= 1 and all(.[]; (.sentence | test("[0-9]")) and (.charts | length >= 1) and (.on_site | length > 10))' \
		"$work/one" >/dev/null || { echo "没有理由或图 no reasons or charts: $id"; exit 1; }
	series=$(jq -r '.series[.reasons[0].charts[0].factor]' "$work/one")
	points=$(get "/api/v1/series/$series/points?from=$(escape "$(jq -r '.reasons[0].charts[0].from' "$work/one")")&to=$(escape "$(jq -r '.reasons[0].charts[0].to' "$work/one")")" | jq '.points | length')
	[ "$points" -ge 24 ] || { echo "图上没有数据 the chart is empty: $id"; exit 1; }
done
prove "每个疑点有带数的理由、有数据的图、现场要看的 each has reasons with numbers, charts with data, a list for the site" true
saw "   $(jq -r '.reasons[0].sentence' "$work/one")"

# A person decides; it stands in the journal.
id=$(jq -r '.[0].id' "$work/ours")
post "/api/v1/suspicions/$id/verdict" '{"by":"验收员","verdict":"confirmed","reason":"验收：现场查实"}' >"$work/verdict" || exit 1
decided() { [ "$(get "/api/v1/suspicions/$id" | jq -r .state)" = confirmed ]; }
prove "结论生效 the verdict holds" until_holds 60 decided
prove "记入行为日志 it is in the log of acts" test "$(get "/api/v1/acts?act=suspicion.verdict" | jq --arg id "$id" '[.items[] | select(.target.suspicion == $id)] | length')" -ge 1
saw "发现 $found/$n，误报 $false；离线成绩 offline: $(jq -c '[.figures[] | {(.what): .value}] | add' "$work/run")"
