// What k0rdent://cluster-monitor/{namespace}/{name} asks for.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/time.h"

namespace monitor {

constexpr std::string_view kHost = "cluster-monitor";

struct Request {
  std::string ns, name;
  // ?timeout=SECONDS, a positive number: the subscription ends after that long, with a last update;
  // a read does not look at it. Without it a subscription lasts until the cluster is done or the
  // client leaves.
  std::optional<base::Duration> timeout = {};

  // Errc::invalid_argument says what is wrong.
  static base::Result<Request> from_uri(std::string_view uri);
};

}  // namespace monitor
