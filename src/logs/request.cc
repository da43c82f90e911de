#include "logs/request.h"

#include <utility>

#include "base/encoding.h"
#include "base/text.h"
#include "cluster/uri.h"
#include "mcp/schema.h"

namespace logs {

using base::Errc;
using base::Error;
using mcp::Field;

static Error bad_parameter(const std::string& name, std::string_view came, std::string_view right) {
  return Error(Errc::invalid_argument, "parameter '" + name + "' must be " + std::string(right) +
                                           ", got \"" + base::printable(came, 64) + "\"");
}

static base::Result<std::optional<std::int64_t>> number(const std::string& name,
                                                        const std::string& value,
                                                        std::int64_t least) {
  if (value.empty()) return std::optional<std::int64_t>();
  const std::optional<std::int64_t> n = base::parse_int(value);
  if (!n || *n < least || *n > kLogNumberMax) {
    return bad_parameter(
        name, value,
        "an integer from " + std::to_string(least) + " to " + std::to_string(kLogNumberMax));
  }
  return n;
}

static base::Result<bool> truth(const std::string& name, const std::string& value) {
  for (std::string_view yes : {"1", "t", "T", "TRUE", "true", "True"}) {
    if (value == yes) return true;
  }
  for (std::string_view no : {"", "0", "f", "F", "FALSE", "false", "False"}) {
    if (value == no) return false;
  }
  return bad_parameter(name, value, "true or false");
}

static base::Result<void> set_parameter(Request& request, const std::string& name,
                                        const std::string& value) {
  if (name == "previous") {
    auto flag = truth(name, value);
    if (!flag) return std::move(flag).error();
    request.previous = *flag;
    return {};
  }
  const bool tail = name == "tailLines";
  if (!tail && name != "sinceSeconds") {
    return Error(Errc::invalid_argument, "unknown parameter '" + base::printable(name, 64) +
                                             "' (known: previous, sinceSeconds, tailLines)");
  }
  auto n = number(name, value, tail ? 0 : 1);
  if (!n) return std::move(n).error();
  (tail ? request.tail_lines : request.since_seconds) = *n;
  return {};
}

base::Result<Request> Request::from_uri(std::string_view uri) {
  auto parsed = cluster::parse_resource_uri(uri);
  if (!parsed) return std::move(parsed).error();
  const std::size_t parts = parsed->segments.size();
  if (parts != 2 && parts != 3) {
    return Error(Errc::invalid_argument,
                 "URI must be k0rdent://podlogs/{namespace}/{pod}/{container}, got \"" +
                     base::printable(uri, 200) + "\"");
  }
  Request request;
  request.ns = parsed->segments[0];
  request.pod = parsed->segments[1];
  if (parts == 3) request.container = parsed->segments[2];
  if (auto ok = mcp::check_form("namespace", request.ns, Field::Form::dns_label); !ok)
    return std::move(ok).error();
  if (auto ok = mcp::check_form("pod", request.pod, Field::Form::dns_subdomain); !ok)
    return std::move(ok).error();
  if (parts == 3) {
    if (auto ok = mcp::check_form("container", request.container, Field::Form::dns_label); !ok) {
      return std::move(ok).error();
    }
  }
  for (const auto& [name, value] : parsed->parameters) {
    if (auto ok = set_parameter(request, name, value); !ok) return std::move(ok).error();
  }
  return request;
}

cluster::LogSpec Request::spec() const {
  cluster::LogSpec spec;
  spec.ns = ns;
  spec.pod = pod;
  spec.container = container;
  spec.previous = previous;
  spec.follow = !previous;
  spec.tail_lines = tail_lines;
  spec.since_seconds = since_seconds;
  return spec;
}

std::string Request::uri() const {
  std::string out =
      "k0rdent://podlogs/" + base::percent_encode(ns) + "/" + base::percent_encode(pod);
  if (!container.empty()) out += "/" + base::percent_encode(container);
  char separator = '?';
  const auto add = [&](std::string_view name, const std::string& value) {
    out += separator;
    out.append(name).append("=").append(value);
    separator = '&';
  };
  if (previous) add("previous", "true");
  if (since_seconds) add("sinceSeconds", std::to_string(*since_seconds));
  if (tail_lines) add("tailLines", std::to_string(*tail_lines));
  return out;
}

}  // namespace logs
