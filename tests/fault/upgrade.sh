# The sweep of kills over an upgrade, for both engines. Whoever sources it has again NAME (puts the folder and databases of
# that name in place), whole WHEN (neither old nor new in part) and upgraded WHEN (the next start ends it).

# kill_sweep ROUNDS EARLY UNIT: dies before the n-th write of ROUNDS places over the whole upgrade, each of the first EARLY
# among them. Sets most: no fewer than the upgrade has.
kill_sweep() {
	local i at killed=0
	most=1
	while :; do
		again old
		: >"$work/serve.log"
		launch --drill.fault "dbwrite:kill:$most"
		if await_ready; then crash; else equal "死于演练 died of the drill" "$ended" 137; fi
		grep -q '接入已启动' "$work/serve.log" && break
		most=$((most * 2))
	done
	for i in $(seq "$1"); do
		at=$((1 + (i - 1) * most / $1))
		[ "$i" -le "$2" ] && at=$i
		again old
		launch --drill.fault "dbwrite:kill:$at"
		if await_ready; then crash; else killed=$((killed + 1)); fi
		whole "第 $at $3 before number $at"
		upgraded "第 $at $3 before number $at"
	done
	[ $killed -ge $(($1 / 3)) ] || fail "升级中只死了 $killed 次 died in the upgrade only so often"
	say "升级中杀死 killed in the upgrade: $killed 次（至多 of at most $most $3），每次非旧即新 each whole old or whole new"
}
