#!/bin/sh
# Run the link command given and pass on all that it says, except the linker's notes that an archive of the distribution
# (libcrypto.a, libcares.a) calls a function for which a static glibc wants its shared libraries at run time. The product reaches
# none of those paths. The same note about an object of our own is passed on. Exits as the command does.
# usage: quiet-link.sh COMMAND...
set -u
said=$(LC_ALL=C "$@" 2>&1)
status=$?
[ -z "$said" ] || printf '%s\n' "$said" | awk '
  / in function `/ { context = $0; shown = 0; next }
  /warning: Using .* in statically linked applications requires at runtime the shared libraries/ &&
    (context $0) ~ /\/lib[^\/]*\.a\(/ && (context $0) !~ /build\// { next }
  { if (context != "" && !shown) { print context; shown = 1 }
    print }' >&2
exit $status
