#include "catalog/source.h"

#include <utility>

#include "base/text.h"
#include "base/url.h"
#include "net/loopback.h"

namespace catalog {

using base::Errc;
using base::Error;

namespace {

constexpr std::string_view kFileName = "index.json";

base::Result<Source> of_url(std::string_view text) {
  auto url = base::parse_url(text);
  if (!url) return std::move(url).error();
  if (url->scheme != "https" && url->scheme != "http")
    return Error(Errc::invalid_argument, "the scheme is not https");
  if (url->has_userinfo) return Error(Errc::invalid_argument, "it has a user in it");
  Source source;
  source.url = text;
  source.name = text.substr(0, text.find('?'));
  source.tls = url->scheme == "https";
  source.host = url->host;
  source.port = url->port > 0 ? url->port : (source.tls ? 443 : 80);
  source.target = url->path.empty() ? "/" : url->path;
  if (!url->query.empty()) source.target += "?" + url->query;
  return source;
}

}  // namespace

base::Result<Source> parse_source(std::string_view text) {
  const Error wrong(Errc::invalid_argument,
                    "must be https://HOST[:PORT]/PATH, or the absolute path of an index file or of "
                    "a directory with index.json");
  if (text.starts_with("file:///")) text.remove_prefix(7);
  if (text.starts_with('/')) {
    Source source;
    source.path = text;
    if (!text.ends_with(".json"))
      source.path.append(text.ends_with('/') ? "" : "/").append(kFileName);
    source.name = source.path;
    return source;
  }
  auto source = of_url(text);
  if (!source || (!source->tls && !net::is_loopback(source->host))) return wrong;
  return source;
}

base::Result<Source> redirected(const Source& from, std::string_view location) {
  location = base::trim(location.substr(0, location.find('#')));
  if (location.empty()) return Error(Errc::protocol, "a redirect that leads nowhere");
  const std::string scheme = from.tls ? "https:" : "http:";
  std::string whole(location);
  if (location.starts_with("//")) {
    whole = scheme + whole;
  } else if (location.find("://") == location.npos ||
             location.find_first_of("/?") < location.find(':')) {
    const std::size_t host_end = from.url.find_first_of("/?", from.url.find("://") + 3);
    const std::string site = from.url.substr(0, host_end);
    std::string folder = from.target.substr(0, from.target.find('?'));
    folder.erase(folder.rfind('/') + 1);
    whole = site + (location.starts_with('/') ? "" : folder) + whole;
  }
  auto to = of_url(whole);
  if (!to) return std::move(to).error().within("a redirect");
  if (!to->tls) return Error(Errc::forbidden, "a redirect to http://, which is not followed");
  return to;
}

}  // namespace catalog
