#include "monitor/request.h"

#include <algorithm>

#include "base/text.h"
#include "cluster/uri.h"
#include "mcp/schema.h"

namespace monitor {

using base::Errc;
using base::Error;

// A year: the loop's clock has no end at a larger one.
constexpr std::int64_t kMostSeconds = 366 * 24 * 3600;

base::Result<Request> Request::from_uri(std::string_view uri) {
  auto parsed = cluster::parse_resource_uri(uri);
  if (!parsed) return std::move(parsed).error();
  if (parsed->segments.size() != 2) {
    return Error(Errc::invalid_argument,
                 "the URI must be k0rdent://cluster-monitor/{namespace}/{name}");
  }
  Request out{parsed->segments[0], parsed->segments[1]};
  using Form = mcp::Field::Form;
  if (auto ok = mcp::check_form("namespace", out.ns, Form::dns_label); !ok)
    return std::move(ok).error();
  if (auto ok = mcp::check_form("name", out.name, Form::dns_subdomain); !ok)
    return std::move(ok).error();
  for (const auto& [name, value] : parsed->parameters) {
    if (name != "timeout") {
      return Error(Errc::invalid_argument,
                   "unknown parameter '" + base::printable(name, 64) + "' (parameters: timeout)");
    }
    if (const auto seconds = base::parse_int(value); !seconds || *seconds <= 0) {
      return Error(Errc::invalid_argument, "'timeout' must be a positive number of seconds, got '" +
                                               base::printable(value, 64) + "'");
    } else {
      out.timeout = base::seconds(std::min(*seconds, kMostSeconds));
    }
  }
  return out;
}

}  // namespace monitor
