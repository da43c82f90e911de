// OAuth: what AUTH_MODE=OAUTH adds to the server: its settings, the issuers, the metadata pages.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "app/settings.h"
#include "auth/exchanged_tokens.h"
#include "auth/issuers.h"
#include "auth/resource_metadata.h"
#include "base/error.h"
#include "cluster/cluster.h"
#include "http/message.h"
#include "http/reply.h"
#include "loop/loop.h"
#include "mcp/caller.h"
#include "net/resolve.h"

namespace app {

// Some listener takes access tokens that are checked here.
bool uses_oauth(const Settings& settings);
// What is missing for that, or was given without it.
base::Result<void> check_oauth(const Settings& settings);

class OAuth {
 public:
  // `loop` and `resolver` must outlive this. Requires: check_oauth() succeeded.
  OAuth(loop::Loop& loop, net::Resolver& resolver, const Settings& settings);
  ~OAuth();

  // `cluster` and this must outlive it.
  std::unique_ptr<mcp::Authenticator> authenticator(cluster::Cluster& cluster);
  // Begins to fetch the issuers' keys.
  void start();
  void close();
  // For the client of the API server; nullptr: callers are impersonated. They live as long as this.
  kube::config::CallerTokens* caller_tokens() const { return exchange_.get(); }

  // Is the resource's metadata at this path? At the public URL's own, below the server's root, and
  // where clients look that know the path /mcp only.
  bool serves(std::string_view path) const;
  // For any site's page: it says only what every client is told.
  void send_metadata(const http::Request& request, http::Reply& reply) const;

  std::vector<auth::IssuerStatus> issuers() const;
  const auth::ExchangedTokens* exchanged() const { return exchange_.get(); }

 private:
  static std::vector<std::string> names_of(const std::vector<auth::IssuerSettings>& issuers);

  const OAuthSettings settings_;
  const std::size_t reviews_;
  const auth::ResourceMetadata metadata_;
  std::unique_ptr<auth::Issuers> issuers_;           // nullptr: none is configured
  std::unique_ptr<auth::ExchangedTokens> exchange_;  // nullptr: callers are impersonated
  const cluster::Cluster* cluster_ = nullptr;        // its policy says whether writes are on
};

}  // namespace app
