#!/bin/bash
# P1.0: the same content on wall, desk and phone: the same numbers of the same moment; forty widgets on one stream.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib-screens.sh"
prove "大屏、电脑、手机同样的数 wall, desk and phone show the same numbers" pages devices
prove "四十个部件一条流，断线不缺 forty widgets on one stream, no gap over a cut" pages widgets
