#include "auth/resource_metadata.h"

#include <algorithm>
#include <utility>

#include "base/json.h"
#include "base/text.h"
#include "base/url.h"
#include "net/loopback.h"

namespace auth {

using mcp::Scope;

namespace {

constexpr std::string_view kRead = "k0rdent:read", kLogs = "k0rdent:logs", kWrite = "k0rdent:write";

base::Error bad(std::string what) {
  return base::Error(base::Errc::invalid_argument, std::move(what));
}

// As URL parsers write it (WHATWG URL, "path state").
std::string as_clients_write(const base::Url& url) {
  std::vector<std::string> segments;
  for (const std::string_view segment : base::split(url.path, '/')) {
    std::string plain = base::to_lower(segment);
    for (std::size_t at = 0; (at = plain.find("%2e", at)) != plain.npos; ++at)
      plain.replace(at, 3, ".");
    if (plain == "..") {
      if (segments.size() > 1) segments.pop_back();
    } else if (plain != ".") {
      segments.emplace_back(segment);
    }
  }
  const bool usual = url.port == 0 || url.port == (url.scheme == "https" ? 443 : 80);
  const bool v6 = url.host.find(':') != url.host.npos;
  std::string out = url.scheme + "://" + (v6 ? "[" + url.host + "]" : url.host);
  if (!usual) out += ":" + std::to_string(url.port);
  return out + base::join(segments, "/");
}

// A list of strings, left out when it is empty (RFC 9728 section 3.2).
void list_if(base::json::Writer& w, std::string_view name, const std::vector<std::string>& values) {
  if (values.empty()) return;
  w.key(name).begin_array();
  for (const std::string& value : values)
    w.string(value);
  w.end_array();
}

}  // namespace

std::string_view all_scopes() {
  return "k0rdent:read k0rdent:logs k0rdent:write";
}

std::string_view needed_scopes(Scope needed) {
  switch (needed) {
    case Scope::write:
      return "k0rdent:read k0rdent:write";
    case Scope::logs:
      return "k0rdent:read k0rdent:logs";
    case Scope::none:
    case Scope::read:
      break;
  }
  return kRead;
}

Scope scope_of(const std::vector<std::string>& granted) {
  Scope most = Scope::none;
  for (const std::string& each : granted) {
    if (each == kRead) most = std::max(most, Scope::read);
    if (each == kLogs) most = std::max(most, Scope::logs);
    if (each == kWrite) most = std::max(most, Scope::write);
  }
  return most;
}

base::Result<void> check_public_url(std::string_view url) {
  const auto parsed = base::parse_url(url);
  if (!parsed || parsed->has_userinfo || !parsed->query.empty() || url.find('?') != url.npos ||
      url.find_first_of("\"\\") != url.npos) {
    return bad("must be a URL like https://mcp.example.com/mcp, without user, query and fragment");
  }
  if (parsed->scheme != "https" && !(parsed->scheme == "http" && net::is_loopback(parsed->host)))
    return bad("must begin with https:// (http:// only for a loopback address)");
  if (url.back() == '/') return bad("must not end with a slash: tokens name it byte for byte");
  if (url.find(parsed->host) == url.npos || base::to_lower(parsed->host) != parsed->host ||
      !url.starts_with(parsed->scheme)) {
    return bad("must have its scheme and host in lower case");
  }
  if (const std::string usual = as_clients_write(*parsed); url != usual)
    return bad("must be " + usual + ": clients write it so, and tokens name it byte for byte");
  return {};
}

ResourceMetadata::ResourceMetadata(std::string url, const std::vector<std::string>& issuers)
    : url_(std::move(url)), path_(kMetadataPath) {
  const auto parsed = base::parse_url(url_);
  const std::string path = parsed ? parsed->path : std::string();
  path_ += path;
  metadata_url_ = url_.substr(0, url_.size() - path.size()) + path_;
  document_ = made(issuers, true);
  read_only_ = made(issuers, false);
}

std::string ResourceMetadata::made(const std::vector<std::string>& issuers, bool writes) const {
  std::string out;
  base::json::Writer w(out);
  w.begin_object().field("resource", url_).field("resource_name", "k0rdent MCP server");
  list_if(w, "authorization_servers", issuers);
  std::vector<std::string> scopes;
  for (const std::string_view scope : base::split(all_scopes(), ' '))
    if (writes || scope != kWrite) scopes.emplace_back(scope);
  list_if(w, "scopes_supported", scopes);
  list_if(w, "bearer_methods_supported", {"header"});
  w.end_object();
  return out;
}

std::string ResourceMetadata::challenge(std::string_view error, std::string_view description,
                                        Scope needed) const {
  std::string out = "Bearer ";
  if (!error.empty()) {
    out.append("error=\"").append(error).append("\", error_description=\"");
    out.append(description).append("\", ");
  }
  out.append("resource_metadata=\"").append(metadata_url_);
  return out.append("\", scope=\"").append(needed_scopes(needed)).append("\"");
}

mcp::Refusal ResourceMetadata::no_token() const {
  return {401, challenge({}, {}, Scope::read),
          "an access token is required; " + metadata_url_ + " says where to get one"};
}

mcp::Refusal ResourceMetadata::bad_token() const {
  return {401, challenge("invalid_token", "the access token is not accepted", Scope::read),
          "the access token is not accepted"};
}

mcp::Refusal ResourceMetadata::not_exchanged() const {
  constexpr std::string_view kText = "the issuer does not exchange the access token";
  std::string text(kText);
  text += " for one of the cluster; log in again";
  return {401, challenge("invalid_token", kText, Scope::read), std::move(text)};
}

mcp::Refusal ResourceMetadata::lacks(Scope needed) const {
  return {
      403,
      challenge("insufficient_scope", "the access token lacks a scope for this request", needed),
      "the access token lacks a scope for this request, which needs " +
          std::string(needed_scopes(needed))};
}

}  // namespace auth
