// PodLogRequest: which log is meant, as a tool's arguments or a URI say it, and back to the
// canonical URI. One set of rules for both.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace tools {

// tailLines and sinceSeconds stay below this: more than any log holds, and safe to add.
constexpr std::int64_t kLogNumberMax = 1000000000;

struct PodLogRequest {
  std::string ns, pod;
  std::string container;  // "" : to be chosen
  std::optional<std::int64_t> tail_lines, since_seconds;
  bool previous = false;

  // k0rdent://podlogs/{namespace}/{pod}[/{container}][?previous=…&sinceSeconds=…&tailLines=…];
  // every part is checked before any request is made.
  static base::Result<PodLogRequest> from_uri(std::string_view uri);
  // Parameters in alphabetical order, `previous` only when true.
  std::string uri() const;
};

}  // namespace tools
