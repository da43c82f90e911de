#!/bin/bash
# Install what the build, the tests or the benchmark lack on Debian and Ubuntu: says what, asks nothing, does nothing when all is there.
# What a distribution has comes from it (as root, or by sudo); what it has too old or not at all goes into the user's cache,
# ${K0RDENT_MCP_CACHE:-~/.cache/k0rdent-mcp}. Services that come with a package are neither started nor enabled.
# usage: deps.sh build|test|clients|fuzz|bench|dist|dist-check|cross      with LINK=shared no static simdjson is made
set -euo pipefail
cd "$(dirname "$0")/.."
cache=${K0RDENT_MCP_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/k0rdent-mcp}
go_min=1.25         # kube-apiserver 1.35, go-sdk 1.8
go_fetched=1.25.5
peer=kubernetes-mcp-server@0.0.67
go_dir=$cache/go$go_fetched

have() { command -v "$1" >/dev/null 2>&1; }
have_header() { [ -e "/usr/include/$1" ] || [ -e "/usr/local/include/$1" ]; }
at_least() { [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -1)" = "$2" ]; }  # at_least HAVE WANT
fail() { echo "deps.sh: $*" >&2; exit 1; }

# ---- packages of the distribution: the missing ones are collected, then installed at once ----

missing=()
lacks() { missing+=("$1"); }  # PACKAGE or PACKAGE|ALTERNATIVE, the first that the distribution has is taken

want_build() {
  have g++ || have "${CXX:-g++}" || lacks g++
  have_header openssl/ssl.h || lacks libssl-dev
  have_header ares.h || lacks libc-ares-dev
  have_header yaml.h || lacks libyaml-dev
  have_header simdjson.h || lacks libsimdjson-dev
  have_header llhttp.h || [ -e /usr/share/llhttp/llhttp.c ] || lacks 'libllhttp-dev|node-llhttp'
  if have_header llhttp.h && ! have pkg-config; then lacks 'pkgconf|pkg-config'; fi
}

want_test() {
  have_header gtest/gtest.h || lacks libgtest-dev
  have clang-tidy-14 || have clang-tidy || lacks 'clang-tidy-14|clang-tidy'
  have clang-format-14 || have clang-format || lacks 'clang-format-14|clang-format'
  want_fuzz
  have mandoc || lacks mandoc
  have etcd || lacks etcd-server
  have openssl || lacks openssl
  have curl || lacks curl
  have haproxy || lacks haproxy
  have nginx || [ -x /usr/sbin/nginx ] || lacks nginx-light
  want_containers
  want_dist
  have zsh || lacks zsh
  have fish || lacks fish
  want_clients
}

# The client matrix: node, Python and Go, each with its packages.
want_clients() {
  want_npm
  have python3 && python3 -c 'import venv, ensurepip' 2>/dev/null || lacks python3-venv
  have go || lacks golang-go
}

# libFuzzer and the sanitizers' run-time libraries are packages of their own.
want_fuzz() {
  have clang++-14 || have clang++ || lacks 'clang-14|clang'
  compgen -G '/usr/lib/llvm-*/lib/clang/*/lib/linux/libclang_rt.fuzzer-*' >/dev/null || lacks 'libclang-rt-14-dev|libclang-rt-dev'
}

want_bench() {
  have wrk || lacks wrk
  have nginx || [ -x /usr/sbin/nginx ] || lacks nginx-light
  have openssl || lacks openssl
  have curl || lacks curl
  want_npm
}

# Container tests run where these are; without them they are skipped.
want_containers() {
  have runc || [ -x /usr/sbin/runc ] || lacks runc
  have skopeo || lacks skopeo
  have rpm || lacks rpm
}

want_dist() {
  have node || lacks nodejs
  have python3 && python3 -c 'import venv, ensurepip' 2>/dev/null || lacks python3-venv
  have dpkg-shlibdeps || lacks dpkg-dev
  have strip || lacks binutils
  have openssl || lacks openssl
  [ -e /etc/ssl/certs/ca-certificates.crt ] || lacks ca-certificates
}

want_cross() {
  [ "$(uname -m)" = x86_64 ] || fail "a cross build is made on amd64, for arm64: this machine packs its own alone (make dist DIST_ARCH=arm64)"
  have aarch64-linux-gnu-g++ || lacks g++-aarch64-linux-gnu
  have qemu-aarch64-static || have qemu-aarch64 || lacks 'qemu-user-static|qemu-user'
}

want_npm() {
  [ -e /etc/ssl/certs/ca-certificates.crt ] || lacks ca-certificates
  have node || lacks nodejs
  have npm || lacks npm
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif have sudo; then sudo "$@"
  else fail "not root and no sudo here; as root, run: apt-get install --no-install-recommends ${missing[*]}"
  fi
}

apt() { as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300 "$@"; }

choose() {  # A|B: the first that can be installed
  local name
  for name in ${1//|/ }; do
    case $(apt-cache policy "$name" 2>/dev/null) in *"Candidate: (none)"*) ;; *"Candidate: "*) echo "$name"; return ;; esac
  done
  echo "${1%%|*}"
}

# The policy file is what Debian's packages ask before they start a service; an existing one is respected.
install_quietly() {
  local policy=/usr/sbin/policy-rc.d log status=0
  log=$(mktemp)
  [ -e $policy ] || { printf '#!/bin/sh\nexit 101\n' | as_root tee $policy >/dev/null; as_root chmod 755 $policy; trap 'as_root rm -f /usr/sbin/policy-rc.d' EXIT; }
  apt install -y --no-install-recommends "$@" >"$log" 2>&1 || { status=1; cat "$log" >&2; }
  if [ -d /run/systemd/system ]; then
    case " $* " in *" etcd-server "*) as_root systemctl disable -q etcd || true ;; esac
    case " $* " in *" nginx-light "*) as_root systemctl disable -q nginx || true ;; esac
  fi
  rm -f "$log"
  return $status
}

install_missing() {
  [ ${#missing[@]} -gt 0 ] || return 0
  have apt-get || fail "this system has no apt-get; the $1 needs what Debian calls: ${missing[*]}"
  echo "missing for the $1: ${missing[*]}"
  [ "$(id -u)" = 0 ] || have sudo || as_root true
  apt update || fail "apt-get update failed"
  local names=() want
  for want in "${missing[@]}"; do names+=("$(choose "$want")"); done
  echo "installing: ${names[*]}"
  install_quietly "${names[@]}" || fail "apt-get install failed"
  hash -r
}

# ---- what goes into the cache ----

apiserver_built() {
  local mod version
  for mod in test/e2e/go.mod test/e2e/*/go.mod; do
    [ -f "$mod" ] || continue
    version=$(sed -n 's#.*k8s.io/kubernetes ##p' "$mod" | head -1)
    [ -x "$cache/kube-apiserver-$version" ] || return 1
  done
}

system_go_ok() { local v; v=$(GOTOOLCHAIN=local go version 2>/dev/null | sed -n 's/^go version go\([0-9.]*\).*/\1/p') && [ -n "$v" ] && at_least "$v" $go_min; }

# The toolchain as a Go module, which go itself would fetch from version 1.21 on; a module's files carry no execute bits.
fetch_go() {
  if system_go_ok || [ -x "$go_dir/bin/go" ]; then return; fi
  echo "installing: go $go_fetched (its module) in $go_dir"
  local work os_arch
  work=$(mktemp -d)
  os_arch=$(go env GOOS)-$(go env GOARCH)
  (cd "$work" && GOTOOLCHAIN=local GOFLAGS=-modcacherw GOMODCACHE=$work/mod go mod download "golang.org/toolchain@v0.0.1-go$go_fetched.$os_arch") ||
    fail "go mod download of the toolchain failed"
  rm -rf "$go_dir"
  mkdir -p "$cache"
  mv "$work/mod/golang.org/toolchain@v0.0.1-go$go_fetched.$os_arch" "$go_dir.$$"
  chmod -R u+w "$go_dir.$$"
  chmod +x "$go_dir.$$"/bin/* "$go_dir.$$"/pkg/tool/*/*
  mv "$go_dir.$$" "$go_dir"
  rm -rf "$work"
}

fetch_simdjson() {
  [ "${LINK:-static}" = static ] || return 0
  [ -f build/lib/libsimdjson.a ] && [ ! /usr/include/simdjson.h -nt build/lib/libsimdjson.a ] || scripts/static-simdjson.sh build/lib
}

# Newer node, npm packages, kube-apiserver. What cannot be had (status 3, it said what) is for the runner to report as a skip.
fetch_e2e() {
  [ -x test/e2e/setup.sh ] || return 0
  local status=0 path=$PATH
  if [ -x "$go_dir/bin/go" ] && ! system_go_ok; then path=$go_dir/bin:$PATH; fi
  PATH=$path test/e2e/setup.sh >/dev/null || status=$?
  [ $status = 0 ] || [ $status = 3 ] || fail "test/e2e/setup.sh ended with status $status"
}

# Helm's code, for the chart's tests.
fetch_helm() {
  [ -x test/chart/setup.sh ] || return 0
  test/chart/setup.sh >/dev/null || true
}

# The conformance suite and a node for it; a failure is the runner's to report, as above.
fetch_conformance() {
  [ -x test/conformance/run.sh ] || return 0
  test/node.sh >/dev/null && test/npm.sh test/conformance || true
}

# The libraries of the other machine, in a folder: its packages are unpacked there, the system stays as it is. The lists are apt's own
# for that architecture, in a place of their own. They are all that a program is linked with, the C and C++ libraries and start files, too: the
# cross compiler's own copies of these get no security updates in a stable release. Headers of the latter are the compiler's.
sysroot=$cache/sysroot-aarch64-linux-gnu
linked=(libssl-dev libssl3 libc-ares-dev libc-ares2 libyaml-dev libyaml-0-2 libsimdjson-dev libsimdjson14 libgtest-dev)
compilers() { local gcc; gcc=$(aarch64-linux-gnu-g++ -dumpversion); gcc=${gcc%%.*}; echo libc6 libc6-dev libgcc-s1 "libgcc-$gcc-dev" libstdc++6 "libstdc++-$gcc-dev"; }

# Fails when another list of packages was unpacked, or when the lists of this machine (apt-get update) have a newer version of one.
sysroot_is_fresh() {
  [ "$(cat "$sysroot/done" 2>/dev/null)" = "$1" ] || return 1
  have apt-cache || return 0
  local name has there
  while read -r name there; do
    has=$(awk -F'\t' -v name="$name" '$1 == name { print $4 }' "$sysroot/packages")
    # A rebuild without a change of the source (+b1) is one architecture's.
    ! dpkg --compare-versions "${there%+b[0-9]*}" gt "${has%+b[0-9]*}" || return 1
  done < <(LC_ALL=C apt-cache policy $1 2>/dev/null | awk '/^[^ ]/ { name = $1; sub(/:.*/, "", name) } /^  Candidate: [^(]/ { print name, $2 }')
}

fetch_sysroot() {
  local root work name names
  names="${linked[*]} $(compilers)"
  if sysroot_is_fresh "$names"; then return 0; fi
  echo "unpacking: the arm64 libraries in $sysroot"
  work=$(mktemp -d)
  root=$work/root
  mkdir -p "$work/lists/partial" "$work/archives/partial"
  cp /var/lib/dpkg/status "$work/status"
  local apt=(apt-get -qq -o APT::Architecture=arm64 -o APT::Architectures::=arm64 -o Dir::State::lists="$work/lists" -o Dir::State::status="$work/status"
    -o Dir::Cache="$work" -o APT::Sandbox::User=root)
  "${apt[@]}" update >"$work/log" 2>&1 || { cat "$work/log" >&2; fail "apt-get update for arm64 failed"; }
  for name in $names; do
    (cd "$work" && "${apt[@]}" download "$name:arm64" >>"$work/log" 2>&1) || { cat "$work/log" >&2; fail "apt-get download $name:arm64 failed"; }
  done
  mkdir "$root"
  for name in "$work"/*.deb; do
    case " $(compilers) " in
      *" $(dpkg-deb -f "$name" Package) "*) dpkg-deb --fsys-tarfile "$name" | tar -x -C "$root" --exclude=include ;;
      *) dpkg-deb -x "$name" "$root" ;;
    esac
    # For scripts/dist/: package, source, version of the source, version.
    dpkg-deb -f "$name" Package Source Version | awk '{ field[$1] = $2; more[$1] = $3 }
      END { source = field["Source:"] ? field["Source:"] : field["Package:"]; version = more["Source:"] ? more["Source:"] : field["Version:"]
            gsub(/[()]/, "", version); print field["Package:"] "\t" source "\t" version "\t" field["Version:"] }' >>"$root/packages"
  done
  # What they name by its place in a system is in this folder: the linker finds it by -L.
  find "$root" -lname '/*' -printf '%l\t%p\n' | while IFS=$'\t' read -r name link; do ln -sfnr "$root$name" "$link"; done
  sed -i 's| /[^ ]*/| |g' "$root/usr/lib/aarch64-linux-gnu/libc.so"
  printf '%s\n' "$names" >"$root/done"
  rm -rf "$sysroot"
  mkdir -p "$cache"
  mv "$root" "$sysroot"
  rm -rf "$work"
}

fetch_peer() {
  [ -d "$cache/bench-peer/node_modules/${peer%@*}" ] && grep -q "\"version\": *\"${peer#*@}\"" "$cache/bench-peer/node_modules/${peer%@*}/package.json" && return
  echo "installing: $peer (npm) in $cache/bench-peer"
  npm install --loglevel=error --no-audit --no-fund --prefix "$cache/bench-peer" "$peer" </dev/null >&2 || fail "npm install $peer failed"
}

case ${1-} in
  build) want_build; install_missing build; fetch_simdjson ;;
  test) want_test; install_missing tests; fetch_go; fetch_e2e; fetch_helm; scripts/dist/nfpm.sh >/dev/null || true; test/uv/setup.sh >/dev/null || true; fetch_conformance ;;
  clients) want_clients; install_missing clients; fetch_go ;;
  fuzz) want_fuzz; install_missing fuzzers ;;
  bench) want_bench; install_missing benchmark; fetch_peer ;;
  dist) want_dist; install_missing packages; scripts/dist/nfpm.sh >/dev/null ;;
  dist-check) want_test; have lintian || lacks lintian; install_missing "packages' tests"; fetch_go; fetch_e2e; fetch_helm; test/uv/setup.sh >/dev/null || true ;;
  cross) want_cross; install_missing "cross build"; fetch_sysroot ;;
  *) fail "usage: deps.sh build|test|clients|fuzz|bench|dist|dist-check|cross" ;;
esac
