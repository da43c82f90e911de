#!/bin/sh
# Compiles a bundle of bundle.sh. One that does not compile is no error yet: its sources may only not bear each other, so they are
# compiled one by one and put together. Their own errors count.
# usage: compile-bundle.sh OBJECT BUNDLE.cc COMMAND...      the command without -c, -o and the file
set -u
object=$1 bundle=$2
shift 2
rm -f "${object%.o}".part*
# A bundle is no header, whose unnamed namespaces g++ warns of: it takes the parts for such because of their #line.
said=$("$@" -Wno-unknown-warning-option -Wno-subobject-linkage -MT "$object" -c -o "$object" "$bundle" 2>&1) && { [ -z "$said" ] || printf '%s\n' "$said" >&2; exit 0; }
echo "$bundle does not compile as one, now its sources one by one: $(printf '%s\n' "$said" | grep -m1 error)" >&2
parts=
for source in $(sed -n 's/^#line 1 "\(.*\)"$/\1/p' "$bundle"); do
  part=${object%.o}.part$(printf '%s' "$source" | tr / -).o
  "$@" -MT "$object" -c -o "$part" "$source" || exit 1
  parts="$parts $part"
done
ld -r -o "$object" $parts && rm $parts
