#!/bin/sh
# shanshui standards refuses words that it would leave unread, and a comparison without a day to begin with: an answer
# to another question than the one asked is worse than none.
set -eu
shanshui=$1
refused() { # STATUS WORDS...
	want=$1
	shift
	got=0
	"$shanshui" standards "$@" >/dev/null 2>&1 || got=$?
	[ "$got" = "$want" ] || { echo "standards $*: $got, not $want"; exit 1; }
}
refused 2 list limits
refused 2 show limits/noise-zone day
refused 2 diff limits/air-quality 2026-02-28 2026-03-01
refused 2 check a b c
refused 2 no-such-thing
refused 1 list --kind no-such-kind
refused 1 diff
refused 1 diff limits/air-quality --to 2026-03-01
refused 1 search
"$shanshui" standards diff limits/air-quality --from 2026-02-28 --to 2026-03-01 2>/dev/null | grep -q gb3095_2026_transition
"$shanshui" standards list --kind limits | grep -q limits/water-class
