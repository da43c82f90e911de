// ResourceMetadata: how a client that knows nothing but the server's URL finds out where to log in:
// the protected resource's metadata (RFC 9728) and the challenges that lead to them (RFC 6750 section
// 3, MCP 2026-07-28, Authorization). All of it is made once, from the settings alone: no header of a
// request changes it. A scope that no call can use now is not named: clients ask for all that are.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "mcp/caller.h"
#include "mcp/scope.h"

namespace auth {

// RFC 9728 section 3.1; the path of the resource follows it.
constexpr std::string_view kMetadataPath = "/.well-known/oauth-protected-resource";

// The scopes' names: k0rdent:read, k0rdent:logs, k0rdent:write, separated by spaces. Each includes
// those before it (mcp/scope.h).
std::string_view all_scopes();
// All that a request with this need should be granted, for clients whose issuer knows no hierarchy.
std::string_view needed_scopes(mcp::Scope needed);
// The highest of those granted; none: none of ours.
mcp::Scope scope_of(const std::vector<std::string>& granted);

// The server's own URL, as clients write it and as tokens name it in aud (RFC 8707 section 2): https://,
// or http:// on a loopback host; without query, user and final slash, and as URL parsers of clients write
// it: without the scheme's own port and without "." and "..". Errors: "must be …".
base::Result<void> check_public_url(std::string_view url);

class ResourceMetadata {
 public:
  // `url` passed check_public_url(). `issuers`: where clients can log in; may be empty.
  ResourceMetadata(std::string url, const std::vector<std::string>& issuers);

  const std::string& resource() const { return url_; }
  // JSON. `writes`: they are on.
  const std::string& document(bool writes) const { return writes ? document_ : read_only_; }
  const std::string& path() const {
    return path_;
  }  // where it is: kMetadataPath and the URL's path

  // The refusals. No message says why a token was refused: that goes to the log.
  mcp::Refusal no_token() const;   // RFC 6750 section 3.1: no error code, since nothing was wrong
  mcp::Refusal bad_token() const;  // invalid_token
  mcp::Refusal not_exchanged() const;  // the same; its issuer gives none for the cluster for it
  mcp::Refusal lacks(mcp::Scope needed) const;  // insufficient_scope

 private:
  std::string challenge(std::string_view error, std::string_view description,
                        mcp::Scope needed) const;

  std::string made(const std::vector<std::string>& issuers, bool writes) const;

  std::string url_, path_, document_, read_only_;
  std::string metadata_url_;
};

}  // namespace auth
