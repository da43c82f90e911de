#!/bin/sh
# Proves that layers.sh refuses what it is there to refuse: each row is one file with one #include, in a tree of its own.
# Prints each row that is judged wrongly and exits 1 if there is one. usage: layers_test.sh
set -eu
cd "$(dirname "$0")"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
bad=0

row() { # refused|allowed FILE HEADER [LINE]
  rm -rf "$dir/src"
  mkdir -p "$dir/src/mcp" "$dir/src/$(dirname "$2")" "$dir/src/$(dirname "$3")"
  : >"$dir/src/$3"
  printf '%s\n' "${4:-#include \"$3\"}" >"$dir/src/$2"
  if sh ./layers.sh "$dir/src" >/dev/null; then got=allowed; else got=refused; fi
  [ "$got" = "$1" ] || { echo "layers.sh: \"$3\" in src/$2 is $got"; bad=1; }
}

for layer in answer deployments events fanout graph graph/model logs objects pods tools; do
  for header in kube/client.h kube/context.h kube/discovery.h kube/list_call.h kube/write_call.h kube/watch/reflector.h \
    kube/watch/log_stream.h kube/config/kubeconfig.h cluster/upstream.h; do
    row refused "$layer/feature.cc" "$header"
  done
  row allowed "$layer/feature.cc" cluster/list.h
  row allowed "$layer/feature.cc" kube/resource.h
done
row allowed cluster/get.cc kube/client.h
row allowed cluster/get.cc cluster/upstream.h
row allowed auth/check.cc cluster/upstream.h
row refused app/app.cc cluster/upstream.h
row refused cluster/get.cc events/list.h
row refused events/list.cc logs/read.h
row refused mcp/legacy/call.cc mcp/modern/call.h
row refused tools/lists.cc openssl/ssl.h
# A header of ours is one in angle brackets, too; one of the system is in none of our folders.
row refused pods/list.cc kube/client.h '#include <kube/client.h>'
row refused pods/list.cc kube/client.h '#  include  <kube/client.h>'
row allowed pods/list.cc base/text.h '#include <base/text.h>'
row allowed base/file.cc base/file.h '#include <net/if.h>'
exit $bad
