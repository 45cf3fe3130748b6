# Shared by run, check and the acceptance proofs. Plain words, one line a step.
# say TEXT; fail TEXT; need SECTION...; as_root CMD...

say() { printf '\033[1m==\033[0m %s\n' "$*"; }
fail() {
	printf '\n停止：%s\n' "$1" >&2
	shift
	for line in "$@"; do printf '      %s\n' "$line" >&2; done
	exit 1
}

as_root() {
	if [ "$(id -u)" = 0 ]; then
		"$@"
	elif command -v sudo >/dev/null 2>&1; then
		sudo "$@"
	else
		fail "安装软件包需要 root 或 sudo / installing packages needs root or sudo" "$*"
	fi
}

packages_of() { # sections of tools/packages.txt
	for section in "$@"; do
		awk -v s="[$section]" '/^\[/ {on = ($0 == s); next} on && NF && !/^#/' "$root/tools/packages.txt"
	done
}

missing_packages() {
	for p in $(packages_of "$@"); do
		case $p in
		nodejs) command -v node >/dev/null 2>&1 && command -v npm >/dev/null 2>&1 && continue ;;
		esac
		dpkg-query -W -f='${Status}' "$p" 2>/dev/null | grep -q 'ok installed' || echo "$p"
	done
}

# Installs what is missing; no service is started by the installation.
need() {
	list=$(missing_packages "$@")
	case " $list " in *nodejs*) list="$list npm" ;; esac
	[ -z "$list" ] && return 0
	say "安装缺少的软件包 installing packages: $(echo $list)"
	as_root apt-get update -q >"$root/build/apt.log" 2>&1 ||
		fail "apt-get update 失败（见 build/apt.log）；请检查网络或软件源 / check the network or the package source"
	policy=/usr/sbin/policy-rc.d
	made=
	if [ ! -e $policy ]; then
		printf '#!/bin/sh\nexit 101\n' | as_root tee $policy >/dev/null
		as_root chmod +x $policy
		made=1
	fi
	as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $list >>"$root/build/apt.log" 2>&1
	status=$?
	[ -n "$made" ] && as_root rm -f $policy
	[ $status = 0 ] || fail "安装失败（见 build/apt.log）：$(tail -n 2 "$root/build/apt.log")" \
		"需要 Debian 12 和可用的软件源 / needs Debian 12 and a working package source"
}

# Whoever builds again, in whatever folder, finds what was compiled before.
if command -v ccache >/dev/null 2>&1; then
	export CMAKE_C_COMPILER_LAUNCHER="${CMAKE_C_COMPILER_LAUNCHER:-ccache}"
	export CCACHE_BASEDIR="${CCACHE_BASEDIR:-$root}" CCACHE_NOHASHDIR=1
fi

build_c() { # preset dir [target]
	[ -f "$root/build/$1.configured" ] && [ -f "$2/build.ninja" ] ||
		cmake -S "$root" --preset "$1" >"$root/build/cmake-$1.log" 2>&1 ||
		fail "配置失败 configuring failed (build/cmake-$1.log)" "$(tail -n 5 "$root/build/cmake-$1.log")"
	touch "$root/build/$1.configured"
	cmake --build "$2" ${3:+--target $3} >"$root/build/build-$1.log" 2>&1 ||
		fail "编译失败 build failed (build/build-$1.log)" "$(grep -m3 -E ' error: |FAILED: |undefined reference' "$root/build/build-$1.log")"
}

build_web() {
	(
		cd "$root/web" || exit 1
		stamp=node_modules/.lock-used
		cmp -s package-lock.json $stamp 2>/dev/null || {
			npm ci --no-audit --no-fund >"$root/build/npm.log" 2>&1 || exit 1
			cp package-lock.json $stamp
		}
		npm run build >"$root/build/web.log" 2>&1
	) || fail "网页构建失败 building the web pages failed (build/npm.log, build/web.log)" \
		"$(tail -n 3 "$root/build/web.log" 2>/dev/null)"
}

# Waits until URL answers 200, at most SECONDS.
wait_http() {
	i=0
	until curl -fsS -o /dev/null "$1" 2>/dev/null; do
		i=$((i + 1))
		[ $i -gt $(($2 * 10)) ] && return 1
		sleep 0.1
	done
}
