#!/bin/bash
# Checks scripts/bundle.sh and what compiles its bundles: namesakes do not meet, and where they do all the same, the sources are
# compiled one by one.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
mkdir test
fail() { echo "bundle_test: $*" >&2; exit 1; }

unit() {  # NAME FUNCTION NAMESPACE [LINE]: a source whose unnamed namespace has f()
  printf '%s\nnamespace %s {\nnamespace {\nint f() { return 1; }\n}  // namespace\nint %s() { return f(); }\n}  // namespace %s\n' \
    "${4:-}" "$3" "$2" "$3" >"$1.cc"
}
unit a ga n; unit b gb n; unit c gc m; unit d gd o '#define X 1'
printf '#include <vector>\nnamespace {\nint f() { return 1; }\nint g() { return f(); }\n}  // namespace\nint x = 2;\n' >test/t1.cc
sed 's/^int x.*//' test/t1.cc >test/t2.cc

made=$("$root/scripts/bundle.sh" out a.cc b.cc c.cc d.cc test/t1.cc test/t2.cc | tr '\n' ' ')
[ "$made" = "a b d " ] || fail "these bundles: $made"
holds() { grep -q "^#line 1 \"$2\"$" "out/$1.cc" || fail "$2 is not in bundle $1"; }
holds a a.cc; holds a c.cc; holds a test/t1.cc; holds a test/t2.cc  # c is of another namespace, each test gets its own
holds b b.cc  # it has an f, too
holds d d.cc  # its macro would leak
for name in a b d; do "$root/scripts/compile-bundle.sh" "out/$name.o" "out/$name.cc" "${CXX:-g++}" -MMD -MP 2>said || fail "bundle $name: $(cat said)"; done
[ ! -s said ] || fail "a good bundle is commented: $(cat said)"
stat -c %Y out/a.cc >before; sleep 0; "$root/scripts/bundle.sh" out a.cc b.cc c.cc d.cc test/t1.cc test/t2.cc >/dev/null; stat -c %Y out/a.cc | cmp -s before - || fail "an equal bundle was written again"

{ echo '#line 1 "a.cc"'; cat a.cc; echo '#line 1 "b.cc"'; cat b.cc; } >both.cc
"$root/scripts/compile-bundle.sh" both.o both.cc "${CXX:-g++}" -MMD -MP 2>said || fail "sources that do not bear each other: $(cat said)"
grep -q 'one by one' said || fail "it does not say that it went one by one"
nm both.o | grep -q ' T _ZN1n2gaEv' && nm both.o | grep -q ' T _ZN1n2gbEv' || fail "a source is missing in the object"
echo 'int broken(' >>a.cc
{ echo '#line 1 "a.cc"'; cat a.cc; } >both.cc
if "$root/scripts/compile-bundle.sh" both.o both.cc "${CXX:-g++}" 2>said; then fail "an error was passed over"; fi
if "$root/scripts/tidy-bundle.sh" both.cc "${CXX:-g++}" -fsyntax-only @ 2>said; then fail "a complaint was passed over"; fi
grep -q 'a.cc:' said || fail "the complaint does not name its source"
