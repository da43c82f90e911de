#!/bin/sh
# Rules of src/, the first three checked by reading its #include lines:
#   a folder (a/ and a/b/ are two) is a layer: it includes itself and the layers named for it below, nothing else;
#   a third-party library has one door: its headers are included in the files named for it, nowhere else;
#   a cluster has one door, too: above cluster/ only auth/ and app/ include what can send a request to the API server;
#   nothing frees itself: its owner lets an object go (base/own_list.h);
#   what leaves for a client of MCP passes the filter: only mcp/outgoing.h and update_frame() write an envelope, and only
#   mcp/shared/answer.cc makes an event or a JSON body of one.
# Prints every violation and exits 1 if there is one. usage: layers.sh [SRC]
set -eu
cd "${1:-$(dirname "$0")/../src}"

status=0
grep -rnE --include='*.h' --include='*.cc' 'delete this|unique_ptr<[^<>]*>( [a-z_]+)?[({](this|&)[),}a-z_]' . |
  grep -v '^\./base/own_list\.h:' | sed 's#^\./#src/#; s#$#  (an object frees itself, or is freed by one who only knows it)#' | grep . && status=1
grep -rnE --include='*.h' --include='*.cc' '[({]"jsonrpc"|sse::message\(|\.send\([^;]*"application/json"' mcp |
  grep -vE '^mcp/(outgoing\.(h|cc)|resource\.cc|shared/answer\.cc):' | sed 's#^#src/#; s#$#  (a message leaves past mcp/outgoing.h)#' | grep . && status=1

# g++ 12 gives mcp::field<&A::m> of two unnamed namespaces one symbol when they and their structs have one name: the linker
# then keeps the offsets of one struct for both.
grep -rlE --include='*.cc' 'static mcp::Fields fields\(\)' . | LC_ALL=C sort | xargs awk '
  /^struct [A-Za-z]+ (final )?\{/ { name = $2 }
  /static mcp::Fields fields\(\)/ {
    folder = FILENAME; sub(/\/[^\/]*$/, "", folder)
    key = folder "/" name
    if (key in seen && seen[key] != FILENAME) { print FILENAME ":" FNR ": " seen[key] " has a struct " name " with fields, too"; bad = 1 }
    seen[key] = FILENAME
  }
  END { exit bad }' || status=1

grep -rnE --include='*.h' --include='*.cc' '^[[:space:]]*#[[:space:]]*include' . | sed 's#^\./##' | LC_ALL=C sort | awk '
  BEGIN {
    allow["base"] = ""
    allow["loop"] = "base"
    allow["redact"] = "base"
    allow["sandbox"] = "base"
    allow["net"] = "loop base"
    allow["http"] = "net loop base"
    allow["door"] = "http net loop base"
    allow["watchutil"] = "base"
    allow["kube/config"] = "http net loop watchutil base"
    allow["kube"] = "kube/config " allow["kube/config"]
    allow["kube/watch"] = "kube " allow["kube"]
    allow["mcp"] = "http net loop base"
    allow["mcp/shared"] = "mcp " allow["mcp"]
    allow["mcp/legacy"] = allow["mcp/modern"] = "mcp/shared " allow["mcp/shared"]
    allow["mcp/endpoint"] = "mcp/legacy mcp/modern mcp/shared " allow["mcp/shared"]
    allow["audit"] = "loop base"
    allow["policy"] = "base"
    allow["cluster"] = "audit policy redact kube kube/config kube/watch mcp http loop watchutil base"
    allow["kinds"] = "cluster kube mcp base"
    allow["rbac"] = "kinds mcp base"
    allow["auth/token"] = "http net loop watchutil base"
    allow["auth"] = "auth/token net cluster " allow["cluster"]
    allow["fanout"] = "auth " allow["auth"]
    allow["graph/model"] = "kinds cluster kube mcp base"
    allow["graph"] = "answer graph/model kinds fanout " allow["fanout"]
    allow["answer"] = "kinds cluster redact kube mcp loop base"
    allow["change"] = "graph/model kinds cluster redact kube mcp loop base"
    allow["pods"] = "answer " allow["answer"]
    allow["objects"] = "change answer kinds fanout " allow["fanout"]
    allow["logs"] = "answer kinds fanout " allow["fanout"]
    allow["events"] = "answer kinds fanout " allow["fanout"]
    allow["deployments"] = "answer kinds fanout " allow["fanout"]
    allow["monitor"] = "deployments " allow["deployments"]
    allow["catalog"] = "net change answer " allow["answer"] " http"
    allow["describe"] = "pods graph/model answer " allow["answer"]
    allow["deploy"] = "monitor objects describe deployments change answer kinds graph/model fanout " allow["fanout"]
    allow["tools"] = "change deploy catalog monitor describe deployments pods objects answer kinds events logs graph graph/model fanout " allow["fanout"]
    allow["app"] = "tools rbac sandbox audit policy mcp/endpoint mcp/shared kube/config net door " allow["tools"]
    allow["client"] = "http net loop base"
    allow["cli"] = "app client http net loop base"
    # header pattern -> the files that may include it. SHA-256 and the keys of tokens are OpenSSL, too;
    # app/parts.cc asks each for its version.
    door["^openssl/"] = "^(net/tls[a-z_]*|base/hash|auth/token/key|app/parts)\\.cc$"
    door["^(llhttp/)?llhttp\\.h$"] = "^(http/parser|app/parts)\\.cc$"
    door["^simdjson"] = "^(base/json_tape\\.h|app/parts\\.cc)$"
    door["^(ares|ares_.*)\\.h$"] = "^(net/resolve|app/parts)\\.cc$"
    door["^yaml\\.h$"] = "^(base/yaml|app/parts)\\.cc$"
    door["^cluster/upstream\\.h$"] = "^(cluster|auth)/"
    # What of kube/ sends no request: its headers may be included by the features, all others only by these layers.
    harmless = "^kube/((failure|gate|request_info|pulse|resource)|watch/(attempt|change|health|retry|watch_status))\\.h$"
    clients = "^(kube|kube/config|kube/watch|cluster|auth|app)$"
  }
  {
    split($0, part, ":")
    file = part[1]; line = part[2]
    if (!match($0, /include[[:space:]]*[<"][^>"]*/)) { complain("an #include that names no file"); next }
    name = substr($0, RSTART, RLENGTH); quoted = name ~ /"/; sub(/^include[[:space:]]*[<"]/, "", name)
    if (!quoted && (getline ignored < name) >= 0) { quoted = 1; close(name) }  # a header of ours in angle brackets
    layer = folder(file)
    for (header in door)
      if (name ~ header && file !~ door[header]) complain("<" name "> may be included only in " door[header])
    if (!quoted || layer == "") next                      # main.cc is above all layers
    if (name ~ /^kube\// && layer !~ clients && name !~ harmless)
      complain("\"" name "\" is behind the door: src/" layer " may use only what cluster/cluster.h names")
    if (!(layer in allow)) { complain("src/" layer " is no layer that test/layers.sh knows"); next }
    to = folder(name); if (to == "") { complain("\"" name "\" should be \"folder/file.h\""); next }
    if (to != layer && index(" " allow[layer] " ", " " to " ") == 0)
      complain("\"" name "\" is not below: src/" layer " may include " (allow[layer] == "" ? "only itself" : allow[layer]))
  }
  function folder(path) { return sub(/\/[^\/]*$/, "", path) ? path : "" }
  function complain(what) { print "src/" file ":" line ": " what; bad = 1 }
  END { exit bad }' || status=1
exit $status
