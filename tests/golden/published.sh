#!/bin/sh
# Published hours and classes through the whole pipeline: brought in as tables, kept as series, judged as
# sites. Says how many of the published AQI and water classes come out, and lists and explains the rest.
#   published.sh PROGRAM GOLDEN_DIR [WHOLE_DIR]
# Without WHOLE_DIR (or when it is not there) the samples of tests/golden are judged.
set -u
export LC_ALL=C
program=$1 golden=$2 whole=${3:-/nonexistent}
command -v jq >/dev/null || { echo "未跑 not run: 没有 jq is missing"; exit 77; }
maps=$(dirname "$0")/../../standards/mappings
work=$(mktemp -d /tmp/ss-published-XXXXXX)
server=
trap '[ -n "$server" ] && kill "$server" 2>/dev/null && wait "$server" 2>/dev/null; rm -rf "$work"' EXIT
die() { printf '%s\n' "$*"; exit 1; }

"$program" serve --data "$work/data" --http 127.0.0.1:0 --hj212 127.0.0.1:0 >"$work/out" 2>"$work/log" &
server=$!
for _ in $(seq 600); do grep -q 就绪 "$work/out" && break; sleep 0.1; done
url=$(sed -n 's/.*\(http:\/\/[0-9.:]*\).*/\1/p' "$work/out")
[ -n "$url" ] || die "服务没有启动 the server did not start: $(cat "$work/log")"

take() { "$program" import --server "$url" --mapping "$maps/$1.map" "$2" >>"$work/import" 2>&1 || die "$(cat "$work/import")"; }
# All sites of a kind with their grade: code, value, primary items.
sites() {
	cursor=
	while :; do
		curl -fsS --max-time 60 "$url/api/v1/sites?kind=$1&limit=500${cursor:+&cursor=$cursor}" >"$work/page" || return 1
		jq -r '.items[] | [.code, (.grade.value // "-"), ((.grade.primary // []) | join("+"))] | @tsv' "$work/page"
		cursor=$(jq -r '.next // empty' "$work/page")
		[ -n "$cursor" ] || return 0
	done
}
# sites KIND until all of `want` are there and the line has taken everything.
settled() {
	last=
	for _ in $(seq 600); do
		sites "$1" | sort >"$work/have"
		now=$(cksum <"$work/have")
		[ "$(wc -l <"$work/have")" -ge "$2" ] && [ "$now" = "$last" ] && return 0
		last=$now
		sleep 0.3
	done
	die "站点没有到齐 not all sites came: $(wc -l <"$work/have") / $2"
}
# want: code <tab> published. Joined with have.
compare() { join -t "$(printf '\t')" "$work/want" "$work/have" >"$work/both"; }

# --- AQI of an hour -------------------------------------------------------------------------------
air() { # FILE in the form of air-national-hour
	take air-national-hour "$1"
	sed -E ':a; s/("[^",]*),([^"]*")/\1;\2/; ta' "$1" >"$work/flat.csv" # a list inside quotes is one field
	awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) c[$i] = i; next }
		$c["aqi"] != "" && $c["pm10"] != "" && $c["pm2_5"] != "" && $c["o3_1h"] != "" && $c["no2"] != "" && $c["so2"] != "" && $c["co"] != "" {
			print $c["stationcode"] "\t" $c["aqi"] }' "$work/flat.csv" | sort >"$work/want"
	settled air "$(awk 'NR > 1' "$1" | wc -l)"
	compare
	awk -F'\t' '{ n++; if ($2 == $3) ok++; else print "  " $1 " 发布 published " $2 " 计算 ours " $3 }
		END { printf "小时 AQI hours: %d / %d\n", ok, n; exit !(n > 0 && ok == n) }' "$work/both"
}
if [ -f "$whole/air/national_stations_2017-07-07T16.csv" ]; then
	cp "$whole/air/national_stations_2017-07-07T16.csv" "$work/air.csv"
else
	awk -F, 'NR == 1 { print "timepoint,stationcode,longitude,latitude,area,positionname,pm2_5,pm10,so2,no2,co,o3_1h,aqi"; next }
		$1 ~ /^2017/ { print $1 "," $2 ",118.8,32.1,样本," $2 "," $3 "," $4 "," $5 "," $6 "," $7 "," $8 "," $9 }' \
		"$golden/aqi-hours.csv" >"$work/air.csv"
fi
air "$work/air.csv" || die "AQI 有不一致 the AQI do not all agree"

# The same sites once more, registered as lakes: what their class is then.
lakes() {
	{
		echo "mn,site_code,site_name,kind,district,body"
		cut -f1 "$work/both" | awk -v tag="$1" '{ printf "LAKE%s%06d,%s,%s,water,320106,lake\n", tag, NR, $0, $0 }'
	} >"$work/lakes.csv"
	curl -fsS --max-time 120 -X POST -H 'Content-Type: text/csv' --data-binary "@$work/lakes.csv" \
		"$url/api/v1/devices/import" >"$work/registered" || return 1
	sites water
}

# --- classes of water -----------------------------------------------------------------------------
# The newest row of a station is judged; published for it: its class.
water() { # MAPPING FILE
	take "$1" "$2"
	awk -F, -v day="$([ "$1" = water-daily ] && echo date_file || echo year_month)" '
		NR == 1 { for (i = 1; i <= NF; i++) c[$i] = i; next }
		{
			code = "W-" substr($c["province"], 1, 6) "-" $c["station"]
			when = substr($c[day], 1, 4) "-" $c["monitor_time"]
			if (when < newest[code]) next
			ok = $c["station_status"] == "正常"
			for (k in need) if ($c[k] == "--" || $c[k] == "*" || $c[k] == "") ok = 0
			newest[code] = when; class[code] = ok ? $c["published_class"] : ""
		}
		BEGIN { split("ph do_mg_l codmn_mg_l nh3n_mg_l tp_mg_l", a, " "); for (i in a) need[a[i]] = 1 }
		END { for (s in class) if (class[s] != "") print s "\t" class[s] }' "$2" |
		sed 's/劣Ⅴ/6/; s/Ⅳ/4/; s/Ⅲ/3/; s/Ⅱ/2/; s/Ⅰ/1/; s/Ⅴ/5/' | sort >"$work/want"
	settled water "$(wc -l <"$work/want")"
	compare
	lakes "$(wc -l <"$work/both")" >"$work/lakes" || die "登记湖库失败 registering as lakes failed"
	awk -F'\t' -v lakes_file="$work/lakes" '
		BEGIN { while ((getline line < lakes_file) > 0) { split(line, a, "\t"); lakes[a[1]] = a[2] } }
		{ n++ }
		$2 == $3 { ok++; next }
		lakes[$1] == $2 { lake++; print "  " $1 " 发布 published " $2 " 计算 ours " $3 "：按湖库总磷限值一致 agrees by the TP limits of lakes"; next }
		{ other++; print "  " $1 " 发布 " $2 " 计算 " $3 "（" $4 "）：未能解释 not explained" }
		END {
			printf "水质类别 classes: %d / %d，湖库总磷可解释 explained by TP of lakes: %d，未能解释 not explained: %d\n", ok, n, lake, other
			exit !(n > 0 && ok >= 0.8 * n && other <= 0.03 * n + 1)
		}' "$work/both"
}
if [ -f "$whole/water/anhui_zhejiang_4hourly_2021-04.csv.gz" ]; then
	gzip -dc "$whole/water/anhui_zhejiang_4hourly_2021-04.csv.gz" >"$work/w4.csv"
	water water-4hourly "$work/w4.csv" || die "水质类别不够一致 too few classes agree"
	gzip -dc "$whole/water/jiangsu_auto_stations_2020-05_2020-12.csv.gz" >"$work/wd.csv"
	water water-daily "$work/wd.csv" || die "水质类别不够一致 too few classes agree"
else
	awk -F, 'NR == 1 { print "year_month,province,station,monitor_time,water_temp_c,ph,do_mg_l,conductivity_us_cm,turbidity_ntu,codmn_mg_l,nh3n_mg_l,tp_mg_l,tn_mg_l,chla_mg_l,station_status,published_class"; next }
		{ print $1 ",样本," $3 "," $2 ",--," $4 "," $5 ",--,--," $6 "," $7 "," $8 ",--,--,正常," $9 }' "$golden/water-classes.csv" >"$work/w.csv"
	water water-4hourly "$work/w.csv" || die "水质类别不够一致 too few classes agree"
fi
