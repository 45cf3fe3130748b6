#!/bin/bash
# P1.1.2: splicing and switching through the controller's protocol: an emulator that is a process of its own, written from the
# protocol's page; layouts and windows, and every command kept with the bytes of both ways.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib-cases.sh"
emulator=
trap '[ -n "$emulator" ] && kill $emulator 2>/dev/null; wait 2>/dev/null; rm -rf "$work"' EXIT
emulate() { # FAULTS: sets emulator, address
	[ -n "$emulator" ] && { kill $emulator; wait $emulator 2>/dev/null; }
	: >"$work/emulator"
	python3 "$here/tests/wire/wall_emulator.py" --log "$work/heard" --faults "$1" >"$work/emulator" &
	emulator=$!
	until_holds 60 grep -q ready "$work/emulator" || return 1
	address=127.0.0.1:$(sed -n 's/ready //p' "$work/emulator")
}
wall_of() { # ADDRESS TIMEOUT: sets wall
	wall=$(new here wall "{\"name\":\"验收墙\",\"width\":3840,\"height\":1080,\"controller\":\"$1\",\"timeout_ms\":$2}")
	[ -n "$wall" ]
}
steer() { say here POST "/api/v1/walls/$wall/commands" "$1"; }
result() { steer "$1" | jq -r '.result // .detail'; }
OPEN='{"op":"open","window":1,"input":3,"rect":[0,0,1920,1080]}'

prove "模拟的控制器 the emulator" emulate ""
prove "登记一面墙 a wall is registered" wall_of "$address" 60000
prove "开窗 a window is opened" equal "$(result "$OPEN")" OK
prove "同号再开被拒，原话照答 the same number again is refused in the controller's word" equal "$(result "$OPEN")" win_id_used
prove "切换信号源 another source" equal "$(result '{"op":"switch","window":1,"input":5}')" OK
prove "存预案 the layout is saved" equal "$(result '{"op":"save_layout","layout":2}')" OK
prove "移动 moved" equal "$(result '{"op":"move","window":1,"input":5,"rect":[1920,0,3840,1080]}')" OK
prove "查询各窗 the windows, asked" equal "$(steer '{"op":"windows"}' | jq -cS ".windows")" '[{"input":5,"window":1,"x0":1920,"x1":3840,"y0":0,"y1":1080}]'
prove "调预案，窗回原处 the layout is called: the window is where it was" equal "$(result '{"op":"layout","layout":2}') $(steer '{"op":"windows"}' | jq -c '.windows[0].x1')" "OK 1920"
prove "没有的预案被拒 a layout that is not there" equal "$(result '{"op":"layout","layout":7}')" no_scene
prove "关窗 closed" equal "$(result '{"op":"close","window":1}')" OK
prove "信号源参数 parameters of a source" equal "$(steer '{"op":"input","input":4}' | jq -c '.values')" '[4,1920,1080,60]'
say here POST "/api/v1/walls/$wall/commands" '{"op":"subtitle","text":"好>坏<rset,0"}' >/dev/null
prove "会冲破命令的文字发不出去 a text that would break out is not sent" test "$(said)" = 400
prove "控制器没有收到它 the controller never heard it" test "$(grep -c rset "$work/heard")" = 0

log() { say here GET "/api/v1/things/wall_command?limit=200&sort=created&filter=$(escape "{\"field\":\"wall\",\"op\":\"=\",\"value\":\"$wall\"}")"; }
# What the emulator heard, line by line, is what the log says was sent.
log | jq -r '.items[].fields.sent' | sort >"$work/kept"
sed 's/^[^ ]* \(.*\)$/<\1>/' "$work/heard" | sort >"$work/said"
prove "留存的字节就是控制器收到的 the bytes kept are the bytes heard" cmp "$work/kept" "$work/said"
prove "每条都有答复、用时、次数 each with its reply, time and tries" eval 'log | jq -e "[.items[].fields | select((.received | test(\"^<\")) and .tries == 1 and .took_ms >= 0)] | length == 11" >/dev/null'

: >"$work/heard"
prove "一台会失约的 one that fails" emulate hangup,lost,lost,lost
prove "登记它，等半秒 registered, waiting half a second" wall_of "$address" 500
prove "断开后重连，能重发的重发 broken off: connected again, said again" eval 'steer "{\"op\":\"clear\"}" | jq -e ".result == \"timeout\" or .result == \"OK\"" >/dev/null'
prove "没有答复的写明 what was not answered says so" eval 'log | jq -e "[.items[].fields | select(.tries == 3)] | length >= 1" >/dev/null'
kill $emulator
wait $emulator 2>/dev/null
emulator=
prove "关机的连不上，也记下 one that is off: unreachable, and kept" equal "$(result '{"op":"status"}')" unreachable
prove "日志里有 it is in the log" eval 'log | jq -e "[.items[].fields.result] | index(\"unreachable\") != null" >/dev/null'
exit 0
