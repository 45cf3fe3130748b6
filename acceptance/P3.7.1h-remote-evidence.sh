#!/bin/bash
# P3.7.1h: remote evidence. A package of an hour is exported through the public interface and checked
# by a third party: a program built alone from src/verify, run in an empty environment and an empty
# root, with anchors that were kept elsewhere. Good is accepted; each tampering is refused and named.
. "$(dirname "$0")/lib.sh"
root=$(cd "$(dirname "$0")/.." && pwd)

# An outlet of our own: an hour of minutes, and another party's frames between them.
device source_water "举证排口 evidence outlet" || { echo "登记失败 registering failed"; exit 1; }
ours=$mn our_site=$site
device source_water "旁人排口 another outlet" || exit 1
other=$mn
mn=$ours site=$our_site
for i in $(seq 10 49); do
	echo "QN=$(compact now)0$i;ST=32;CN=2011;PW=654321;MN=$ours;Flag=5;CP=&&DataTime=$(day_of %Y%m%d%H '-2 hours')${i}00;w01018-Rtd=$i.25,w01018-Flag=N&&"
	echo "QN=$(compact now)5$i;ST=32;CN=2011;PW=777777;MN=$other;Flag=5;CP=&&DataTime=$(day_of %Y%m%d%H '-2 hours')${i}00;w01018-Rtd=9$i.5,w01018-Flag=N&&"
done | say_frames >/dev/null
id=$(series w01018 Rtd rtd) || { echo "没有序列 no series"; exit 1; }
what="series=$id&time=$(escape "$(hour_iso '-2 hours')")&what=hour"
whole() { get "/api/v1/explain?$what" | jq -e '.n == 40'; }
until_holds 60 whole ||
	{ echo "小时没有到齐 the hour is not there"; get "/api/v1/explain?$what" | jq -c '{n,mean}'; exit 1; }
figure=$(get "/api/v1/explain?$what" | jq -r .id)
prove "推理树一直到日志条目 the tree goes down to the journal" \
	equal "$(get "/api/v1/explain?$what" | jq '[.. | objects | select(.kind == "entry")] | length')" 40
prove "重算得到同样的数 recomputed the same" \
	equal "$(post /api/v1/recompute "{\"id\":\"$figure\"}" | jq -r .same)" true

post /api/v1/evidence "{\"id\":\"$figure\",\"by\":\"验收\",\"why\":\"P3.7.1h\"}" >"$work/package.tar" || exit 1
get "/api/v1/evidence/anchors" >"$work/anchors"
get "/api/v1/evidence/anchors?form=paper" >"$work/paper"
size=$(stat -c %s "$work/package.tar")

# The third party: builds from the sources alone, runs in an empty root with nothing of the platform.
cc -O2 -o "$work/verify-alone" "$root"/src/verify/*.c -lcrypto -lm || not_run "没有编译器 no compiler"
prove "核验程序只依赖 C 库与 libcrypto links nothing else" \
	equal "$(ldd "$work/verify-alone" | awk '{print $1}' | grep -vE '^(linux-vdso|libcrypto|libc|libm|/lib)' | wc -l)" 0
jail=$work/jail
mkdir -p "$jail/case"
for f in $(ldd "$work/verify-alone" | grep -oE '/[^ ]+'); do mkdir -p "$jail$(dirname "$f")" && cp -L "$f" "$jail$f"; done
cp "$work/verify-alone" "$jail/verify"
cp "$work/package.tar" "$work/anchors" "$work/paper" "$jail/case/"
third() { # arguments as seen from inside
	if [ "$(id -u)" = 0 ]; then env -i /usr/sbin/chroot "$jail" /verify "$@"; else (cd "$jail" && env -i ./verify "${@//\/case/case}"); fi
}
third /case/package.tar --anchors /case/anchors --json >"$work/good"
prove "第三方在空环境中离线核验通过 accepted off line" equal "$?" 0
prove "四十个数从报文重新解出 forty values read from the frames" equal "$(jq -c '[.verdict, .values, .means]' "$work/good")" '["good",40,1]'
third /case/package.tar --anchors /case/paper >/dev/null
prove "用纸上印的摘要也通过 with the digests from paper too" equal "$?" 0
third /case/package.tar >/dev/null
prove "没有锚点时只说一致、不说可信 without anchors it does not say good" equal "$?" 3
prove "旁人的报文与口令不在包里 nothing of another party is in it" equal "$(grep -c -a -e "$other" -e 777777 "$work/package.tar")" 0

# Tampering, each named.
refused() { # what, pattern that must be named
	cp "$work/bad.tar" "$jail/case/bad.tar"
	third /case/bad.tar --anchors "${anchors:-/case/anchors}" >"$work/said"
	prove "$1" equal "$?" 1
	prove "  并指明 and named: $2" grep -q "$2" "$work/said"
}
frame=$(tar tf "$work/package.tar" | grep '^frames/' | sed -n 7p)
sed "0,/w01018-Rtd=16.25/s//w01018-Rtd=1.625/" "$work/package.tar" >"$work/bad.tar"
refused "改一个数 one value changed" "frames/.* 条 entry [0-9]"
head -c $((size - 4096)) "$work/package.tar" >"$work/bad.tar"
refused "截尾 tail cut" "tar@"
sed '0,/SSTIP2 0/s//SSTIP2 1/' "$work/package.tar" >"$work/bad.tar"
refused "改锚点 a tip changed" "proof/tips.txt"
mkdir "$work/x" && tar xf "$work/package.tar" -C "$work/x"
sed -i 1d "$work/x/proof/groups.jsonl"
tar --format=ustar --owner=0 --group=0 --numeric-owner --mtime=@0 --mode=0644 -b1 -cf "$work/bad.tar" -C "$work/x" manifest.json manifest.sig \
	$(cd "$work/x" && find . -type f -printf '%P\n' | grep -v ^manifest | LC_ALL=C sort)
refused "删去一组 a group removed" "proof/groups.jsonl"
cp "$work/package.tar" "$work/bad.tar"
awk '/^SSTIP2/ {sub(/.{20}$/, "0000000000000000000\n"); $8 = "00" substr($8, 3)} {print}' "$work/anchors" >"$jail/case/others"
anchors=/case/others
refused "锚点对不上：链被重建 another chain than the anchors'" "anchors"
printf '随机改一字节 random bytes: '
named=0 times=200
[ "$SHANSHUI_SLOW" = 1 ] || times=50 # the third party's program is the same in every city
for i in $(seq $times); do
	at=$((RANDOM * 32768 + RANDOM)); at=$((at % size))
	cp "$work/package.tar" "$jail/case/bad.tar"
	old=$(od -An -tu1 -j $at -N1 "$work/package.tar" | tr -d ' ')
	printf "\\x$(printf %02x $(((old + 1 + RANDOM % 255) % 256)))" | dd of="$jail/case/bad.tar" bs=1 seek=$at conv=notrunc status=none
	third /case/bad.tar --anchors /case/anchors --json >"$work/said"
	[ $? = 1 ] && jq -e '.broken[0].where | length > 0' "$work/said" >/dev/null && named=$((named + 1))
done
echo "$named/$times"
prove "$times 次随机改动全部拒绝并指明 all refused and named" equal "$named" $times
saw "$size 字节的包；第三方程序 $(stat -c %s "$work/verify-alone") 字节，离线、空根目录、空环境"
