#!/bin/sh
# Runs a check of clang's over a bundle of bundle.sh: where it complains, over its sources one by one, whose complaints count.
# usage: tidy-bundle.sh BUNDLE.cc COMMAND...      in the command, @ stands for the file
set -u
bundle=$1
shift
over() {  # FILE COMMAND...
  file=$1
  shift
  for word in "$@"; do
    shift
    [ "$word" != @ ] || word=$file
    set -- "$@" "$word"
  done
  "$@"
}
said=$(over "$bundle" "$@" 2>&1) && exit 0
echo "$bundle: now its sources one by one: $(printf '%s\n' "$said" | grep -m1 -E 'error|warning')" >&2
status=0
for source in $(sed -n 's/^#line 1 "\(.*\)"$/\1/p' "$bundle"); do
  said=$(over "$source" "$@" 2>&1) || { status=1; printf '%s\n' "$said" >&2; }
done
exit $status
