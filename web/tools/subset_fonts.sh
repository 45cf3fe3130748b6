#!/bin/sh
# Makes public/fonts/shanshui-serif.woff2: Noto Serif CJK SC Bold cut to the characters of our titles and menus, place names of
# the map, ASCII and figures. Needs Debian's fonts-noto-cjk, python3-fonttools and python3-brotli. Run by hand; the
# result is committed (SIL Open Font License 1.1, public/fonts/OFL.txt).
set -eu
cd "$(dirname "$0")/.."
text=$(mktemp)
trap 'rm -f "$text"' EXIT
cat src/app/locale/zh.ts src/app/glyphs.ts public/map/places.json public/map/water_lines.json public/map/hills.json >"$text"
printf '%s' '南京玄武秦淮建邺鼓楼浦口栖霞雨花台江宁六合溧水高淳区市站断面自动监测空气质量水源厂公司有限集团化工热电污处理园中心大桥河湖路山镇街道学校医院国控省噪声扬尘工地东西南北ⅠⅡⅢⅣⅤ劣取人旗优良轻重度' >>"$text"
/usr/bin/python3 -m fontTools.subset /usr/share/fonts/opentype/noto/NotoSerifCJK-Bold.ttc --font-number=2 --text-file="$text" \
	--unicodes=U+0020-007E,U+00B7,U+2013,U+2014,U+3000-3002,U+FF08,U+FF09,U+FF0C,U+2080-2089 \
	--layout-features='kern,locl' --flavor=woff2 --output-file=public/fonts/shanshui-serif.woff2
ls -l public/fonts/shanshui-serif.woff2
