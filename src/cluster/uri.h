// k0rdent:// URIs: scheme and host in any case, percent-decoded path segments, parameters after
// '?'. Each resource family checks for itself which segments and parameters it allows.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"

namespace cluster {

struct Uri {
  std::string host;                   // lower case: "events", "podlogs"
  std::vector<std::string> segments;  // without empty ones at the end (a trailing '/')
  std::vector<std::pair<std::string, std::string>> parameters;
};

// Errc::invalid_argument, e.g. for an empty segment in the middle or a broken escape.
base::Result<Uri> parse_resource_uri(std::string_view uri);

// Whether the URI begins with k0rdent://HOST; the rest is not examined.
bool is_resource_uri(std::string_view uri, std::string_view host);

}  // namespace cluster
