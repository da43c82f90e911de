#!/bin/bash
# Fails when the distribution has a newer package of a part that a program or the image is made of: a release would hand out what the
# distribution has mended. It asks the distribution now, in lists of its own, and needs no root.
# usage: fresh.sh [ARCH...]      arm64: on another machine, the libraries of `deps.sh cross`, too
set -euo pipefail
sysroot=${K0RDENT_MCP_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/k0rdent-mcp}/sysroot-aarch64-linux-gnu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/lists/partial" "$work/archives/partial"
apt=(-o Dir::State::lists="$work/lists" -o Dir::Cache="$work" -o APT::Sandbox::User=root)
cross=
case " $* "$(uname -m) in *" arm64 "*x86_64) [ ! -e "$sysroot/packages" ] || cross=:arm64 ;; esac
for each in amd64 ${cross:+arm64}; do [ -z "$cross" ] || apt+=(-o APT::Architectures::="$each"); done
apt-get -qq "${apt[@]}" update >"$work/log" 2>&1 || { cat "$work/log" >&2; echo "fresh.sh: apt-get update failed" >&2; exit 1; }

gcc=$(g++ -dumpversion 2>/dev/null || true)
own=(libssl-dev libc-ares-dev libyaml-dev libc6-dev "libstdc++-${gcc%%.*}-dev" "libgcc-${gcc%%.*}-dev" libsimdjson-dev libllhttp-dev node-llhttp node-undici ca-certificates)
others=()
[ -z "$cross" ] || mapfile -t others < <(cut -f1 "$sysroot/packages" | sed 's/$/:arm64/')
# NAME INSTALLED CANDIDATE: all at once, because apt reads its lists anew each time.
LC_ALL=C apt-cache "${apt[@]}" policy "${own[@]}" "${others[@]}" |
  awk '/^[^ ]/ { name = $1; sub(/:$/, "", name) } $1 == "Installed:" { has = $2 } $1 == "Candidate:" { print name, has, $2 }' >"$work/policy"
stale=0
compare() {  # PACKAGE HAS WHERE CANDIDATE
  case $2/$4 in */ | */'(none)' | '(none)'/* | "$2/$2") return ;; esac
  echo "fresh.sh: $1 $2 is $3, $4 is there" >&2
  stale=1
}
while read -r name has there; do
  case $name in *:arm64) ;; *) compare "$name" "$has" installed "$there" ;; esac
done <"$work/policy"
[ $stale = 0 ] || echo "fresh.sh: install them, then release" >&2
old=$stale stale=0
while IFS=$'\t' read -r name _ _ has; do
  compare "$name:arm64" "$has" unpacked "$(awk -v name="$name:arm64" '$1 == name { print $3 }' "$work/policy")"
done < <([ -z "$cross" ] || cat "$sysroot/packages")
[ $stale = 0 ] || echo "fresh.sh: apt-get update; scripts/deps.sh cross" >&2
[ $old$stale = 00 ]
