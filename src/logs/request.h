// Request: which log is wanted, given as a tool's arguments or as a URI, and its canonical
// URI. One set of rules for both.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "cluster/log.h"

namespace logs {

// Limit of tailLines and sinceSeconds: more than any log holds, and no sum overflows.
constexpr std::int64_t kLogNumberMax = 1000000000;

struct Request {
  std::string ns, pod;
  std::string container;  // "": to be chosen
  std::optional<std::int64_t> tail_lines, since_seconds;
  bool previous = false;

  // k0rdent://podlogs/{namespace}/{pod}[/{container}][?previous=…&sinceSeconds=…&tailLines=…];
  // every part is checked before any request is made. Errc::invalid_argument.
  static base::Result<Request> from_uri(std::string_view uri);
  // Without credentials; followed unless `previous`.
  cluster::LogSpec spec() const;
  // Parameters in alphabetical order; `previous` only when true.
  std::string uri() const;
};

}  // namespace logs
