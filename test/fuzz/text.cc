// URIs and URLs: what was read is what can be written and read again.
#include "base/text.h"

#include "base/encoding.h"
#include "base/limits.h"
#include "base/url.h"
#include "cluster/uri.h"
#include "fuzz/fuzz.h"

namespace fuzz {

void resource_uri(std::string_view input) {
  const auto uri = cluster::parse_resource_uri(input);
  if (!uri) {
    HOLDS(!uri.error().what().empty());
    HOLDS(base::valid_utf8(uri.error().what()));  // it goes into a JSON answer
    HOLDS(uri.error().what().size() < 1024);
    return;
  }
  HOLDS(input.size() <= base::limits::kUriBytes);
  HOLDS(cluster::is_resource_uri(input, uri->host));
  std::string canonical = "k0rdent://" + uri->host;
  for (const std::string& segment : uri->segments) {
    HOLDS(!segment.empty());
    canonical += "/" + base::percent_encode(segment);
  }
  for (std::size_t i = 0; i < uri->parameters.size(); ++i) {
    const auto& [name, value] = uri->parameters[i];
    canonical += i == 0 ? "?" : "&";
    canonical += base::percent_encode(name) + "=" + base::percent_encode(value);
  }
  if (canonical.size() > base::limits::kUriBytes) return;
  const auto again = cluster::parse_resource_uri(canonical);
  HOLDS(again.has_value());
  HOLDS(again->host == uri->host);
  HOLDS(again->segments == uri->segments);
  HOLDS(again->parameters == uri->parameters);
}

void url(std::string_view input) {
  if (const auto url = base::parse_url(input)) {
    HOLDS(!url->host.empty());
    HOLDS(url->port >= 0 && url->port <= 65535);
    HOLDS(url->path.empty() || url->path.front() == '/');
    const std::string host =
        url->host.find(':') == std::string::npos ? url->host : "[" + url->host + "]";
    std::string text = url->scheme + "://" + host;
    if (const std::size_t zone = host.find("%"); host.front() == '[' && zone != host.npos)
      text.replace(text.rfind('%'), 1, "%25");
    if (url->port != 0) text += ":" + std::to_string(url->port);
    text += url->path;
    if (!url->query.empty()) text += "?" + url->query;
    const auto again = base::parse_url(text);
    HOLDS(again.has_value());
    HOLDS(again->host == url->host && again->port == url->port && again->path == url->path);
    HOLDS(again->query == url->query && again->scheme == url->scheme && !again->has_userinfo);
  }
  if (const auto pair = base::parse_host_port(input)) {
    HOLDS(pair->port >= 0 && pair->port <= 65535);
    const auto again = base::parse_host_port(base::join_host_port(pair->host, pair->port));
    HOLDS(again.has_value());
    HOLDS(again->host == pair->host && again->port == pair->port);
  }
  if (const auto decoded = base::percent_decode(input)) {
    const auto again = base::percent_decode(base::percent_encode(*decoded));
    HOLDS(again && *again == *decoded);
  }
  if (const auto decoded = base::parse_base64(input)) {
    const auto again = base::parse_base64(base::base64(*decoded));
    HOLDS(again && *again == *decoded);
  }
  HOLDS(base::valid_utf8(base::repair_utf8(input)));
  HOLDS(!base::valid_utf8(input) || base::repair_utf8(input) == input);
  HOLDS(base::valid_utf8(base::printable(input, 40)));
  HOLDS(base::printable(input, 40).size() <= 40);
}

}  // namespace fuzz
