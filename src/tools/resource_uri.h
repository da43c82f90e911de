// The k0rdent:// URIs: scheme and host in any case, path segments percent-decoded, parameters after
// '?'. What a family allows it checks itself.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"

namespace tools {

struct ResourceUri {
  std::string host;                   // lower case: "events", "podlogs"
  std::vector<std::string> segments;  // without empty ones at the end (a trailing '/')
  std::vector<std::pair<std::string, std::string>> parameters;
};

// Errc::invalid_argument, e.g. for an empty segment in the middle or a broken escape.
base::Result<ResourceUri> parse_resource_uri(std::string_view uri);

// Scheme and host only: is it k0rdent://HOST…?
bool is_resource_uri(std::string_view uri, std::string_view host);

}  // namespace tools
