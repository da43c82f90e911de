// What k0rdent://cluster-monitor/{namespace}/{name} asks for.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "base/time.h"

namespace monitor {

constexpr std::string_view kHost = "cluster-monitor";

struct Request {
  std::string ns, name;

  // ?timeout=SECONDS, a positive number, is taken for clients of the original, whose watches needed
  // an end; here a subscription lasts until the cluster is done or the client leaves.
  // Errc::invalid_argument says what is wrong.
  static base::Result<Request> from_uri(std::string_view uri);
};

}  // namespace monitor
