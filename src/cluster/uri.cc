#include "cluster/uri.h"

#include <optional>

#include "base/encoding.h"
#include "base/limits.h"
#include "base/text.h"

namespace cluster {

using base::Errc;
using base::Error;

constexpr std::string_view kScheme = "k0rdent://";

static std::string_view host_of(std::string_view uri) {
  if (uri.size() < kScheme.size() || !base::iequals(uri.substr(0, kScheme.size()), kScheme))
    return {};
  const std::string_view rest = uri.substr(kScheme.size());
  return rest.substr(0, rest.find_first_of("/?#"));
}

bool is_resource_uri(std::string_view uri, std::string_view host) {
  return base::iequals(host_of(uri), host);
}

static Error bad(std::string_view uri, std::string_view why) {
  return Error(Errc::invalid_argument,
               "URI \"" + base::printable(uri, 200) + "\": " + std::string(why));
}

static base::Result<void> parse_path(std::string_view uri, std::string_view path, Uri& out) {
  while (!path.empty() && path.back() == '/')
    path.remove_suffix(1);
  if (!path.empty() && path.front() == '/') path.remove_prefix(1);
  if (path.empty()) return {};
  for (std::string_view part : base::split(path, '/')) {
    std::optional<std::string> segment = base::percent_decode(part);
    if (!segment) return bad(uri, "broken percent-escape in its path");
    if (segment->empty()) return bad(uri, "empty path segment");
    out.segments.push_back(std::move(*segment));
  }
  return {};
}

static base::Result<void> parse_query(std::string_view uri, std::string_view query, Uri& out) {
  for (std::string_view part : base::split(query, '&')) {
    if (part.empty()) continue;
    const std::size_t eq = part.find('=');
    std::optional<std::string> name = base::percent_decode(part.substr(0, eq));
    std::optional<std::string> value = base::percent_decode(
        eq == std::string_view::npos ? std::string_view() : part.substr(eq + 1));
    if (!name || !value) return bad(uri, "broken percent-escape in its query");
    for (const auto& [seen, unused] : out.parameters) {
      if (seen == *name)
        return bad(uri, "parameter '" + base::printable(*name, 64) + "' is given twice");
    }
    out.parameters.emplace_back(std::move(*name), std::move(*value));
  }
  return {};
}

base::Result<Uri> parse_resource_uri(std::string_view uri) {
  if (uri.size() > base::limits::kUriBytes) return bad(uri, "longer than 2048 bytes");
  const std::string_view host = host_of(uri);
  if (host.empty()) return bad(uri, "must begin with k0rdent://");
  if (uri.find('#') != std::string_view::npos) return bad(uri, "must not have a fragment");
  Uri out;
  out.host = base::to_lower(host);
  std::string_view rest = uri.substr(kScheme.size() + host.size());
  const std::size_t question = rest.find('?');
  if (auto ok = parse_path(uri, rest.substr(0, question), out); !ok) return std::move(ok).error();
  if (question != std::string_view::npos) {
    if (auto ok = parse_query(uri, rest.substr(question + 1), out); !ok)
      return std::move(ok).error();
  }
  return out;
}

}  // namespace cluster
