#!/bin/bash
# P1.1.1: one picture over many screens: four real browsers in one frame, laid together they are the whole; the server away
# and back.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib-screens.sh"
prove "四个浏览器一幅画，同一拍，无缝 four browsers, one picture, one tick, no seam" pages sync
prove "服务器断开与回来 the server away and back" pages offline
prove "设计一块屏 a screen is designed" pages design
