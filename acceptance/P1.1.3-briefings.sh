#!/bin/bash
# P1.1.3: a briefing is composed, rehearsed, played; it jumps to live data midway and returns; freeze and rewind.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib-screens.sh"
prove "编排、排练、放映、中途看实况、定格与回看 composed, rehearsed, played, live midway, frozen, rewound" pages briefing
