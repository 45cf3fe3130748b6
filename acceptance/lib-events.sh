# Shared by the proofs of events: a closed house with the people of the loop, the rules and the roster.
. "$(dirname "${BASH_SOURCE[0]}")/lib-access.sh"
. "$(dirname "${BASH_SOURCE[0]}")/lib-cases.sh"
events_data=$here/modules/office/events/data
at() { TZ=Asia/Shanghai date -d "$1" +%Y-%m-%dT%H:%M:%S+08:00; }
# People: zhi duty officer of the city, gu of a district, hua of another; wang a grid member, his substitute ti, chu a line
# department, ju the district's leader.
events_house() {
	open_house || not_run "服务没有启动 no server"
	three || return 1
	person chu line_dept && person zhi duty_city && person gu duty_district '["320106"]' && person hua duty_district '["320104"]' &&
		person ju leader_district '["320106"]' && person ti town_grid '["320106"]' && ti=$id && person wang town_grid '["320106"]' && wang=$id || return 1
	for type in nature_rule event_limit procedure; do
		import chu $type "$events_data/$type.csv" >/dev/null
		[ "$(said)" = 200 ] || { cat "$work/body"; return 1; }
	done
	new gu shift "{\"user\":\"$wang\",\"name\":\"王\",\"post\":\"grid\",\"admin_area\":\"320106\",\"from\":\"$(at '-1 hour')\",\"to\":\"$(at '+8 hours')\",\"substitute\":\"$ti\",\"skills\":\"odour\"}" | grep -q .
}
# signal WHO JSON: id of its event.
signal() {
	s=$(new "$1" signal "$2")
	[ -n "$s" ] || { cat "$work/body" >&2; return 1; }
	field "$1" signal "$s" .event | tr -d '"'
}
odour() { # WHO REF WHEN LON LAT [MORE]
	signal "$1" "{\"source_kind\":\"complaint\",\"source_ref\":\"$2\",\"nature\":\"odour\",\"seen_at\":\"$(at "$3")\",\"place\":{\"type\":\"Point\",\"coordinates\":[$4,$5],\"crs\":\"CGCS2000\"},\"text\":\"夜里有刺鼻的异味\"${6:+,$6}}"
}
refused() { [ "$(said)" -ge 400 ] && because "$1"; }
photo() { # WHO ID NAME: a picture of its own
	{ printf '\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x02\x00\x00\x00\x90wS\xde'; printf '%s' "$3"; } >"$work/$3.png"
	curl -s -o "$work/body" -w '%{http_code}' --max-time $patience -X POST -H 'Content-Type: image/png' --data-binary "@$work/$3.png" -b "$work/$1.jar" -H "X-CSRF-Token: $(cat "$work/$1.csrf")" \
		"$url/api/v1/cases/event/$2/files?kind=photo&name=$3.png" >"$work/status"
	said
}
confirmed() { # an event of grade 4 that gu has confirmed; sets event
	event=$(odour gu "$1" '-30 minutes' 118.770 32.060) && [ -n "$event" ] || return 1
	[ "$(go gu event "$event" dispatching '{"owner":"鼓楼派出局","title":"某小区异味"}')" = 200 ] || { cat "$work/body"; return 1; }
}
on_site() { # sent and there
	[ "$(go gu event "$event" dispatched)" = 200 ] || { cat "$work/body"; return 1; }
	[ "$(go wang event "$event" on_site "{\"arrived_at\":\"$(at now)\",\"arrived_place\":{\"type\":\"Point\",\"coordinates\":[118.7705,32.0601],\"crs\":\"CGCS2000\"}}")" = 200 ] || { cat "$work/body"; return 1; }
}
