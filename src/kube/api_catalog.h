// ApiCatalog: everything that an API server serves, from one call: aggregated discovery where the
// server supports it (for both /api and /apis), otherwise legacy discovery, one request for each
// group and version. A part that fails (an aggregated API server that is down, one group/version
// with a 503) is reported in its entry and does not fail the rest.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/delegate.h"
#include "base/json.h"
#include "kube/client.h"
#include "kube/discovery.h"
#include "loop/loop.h"

namespace kube {

// Legacy discovery: most group/versions requested; a large cluster has some 150.
constexpr std::size_t kCatalogGroups = 1024;
constexpr base::Duration kCatalogTime = base::seconds(32);  // for one request; client-go's

struct CatalogEntry {
  std::string group, version;
  std::vector<ServedResource> resources;
  // Why this part could not be read; "" : it was. With a problem the resources are empty or from an
  // earlier call (keep_known).
  std::string problem;
  const ServedResource* find(std::string_view plural) const;
};

struct ApiCatalog {
  bool aggregated = false;            // aggregated discovery was used
  std::vector<CatalogEntry> entries;  // within a group the preferred version comes first
  const CatalogEntry* find(std::string_view group, std::string_view version) const;
  // Copies the resources of `before` into each entry that has a problem and no resources.
  void keep_known(const ApiCatalog& before);
};

// Whether this Content-Type names an APIGroupDiscoveryList of apidiscovery.k8s.io v2. Its
// parameters may come in any order and may be quoted.
bool is_aggregated_discovery(std::string_view content_type);

class ApiCatalogCall {
 public:
  struct Outcome {
    std::optional<Failure> failure;  // the request of /apis itself failed
    ApiCatalog catalog;
  };
  using Fn = base::Delegate<void(Outcome)>;
  ApiCatalogCall(Client& client, Fn fn);  // `client` must outlive it
  ~ApiCatalogCall();
  // Never calls `fn` inside start(). Requires: !active().
  void start(config::Credentials credentials);
  void cancel();
  bool active() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// The catalog from the cache of a Discovery, or from an ApiCatalogCall. What is served is the same
// for all callers that may ask: one catalog is kept for each kind of credentials. One query at a
// time; the destructor cancels.
class CatalogQuery {
 public:
  // catalog: nullptr with a failure, else valid inside the call only.
  using Fn = base::Delegate<void(const ApiCatalog* catalog, const Failure* failure)>;
  // Both must outlive it.
  CatalogQuery(Client& client, Discovery& discovery, Fn fn);
  // Never calls `fn` inside start(). `max_age`: of a catalog in the cache; longer than
  // kDiscoveryTtl is that. Requires: not active.
  void start(config::Credentials credentials, base::Duration max_age);
  void cancel();

 private:
  void on_catalog(ApiCatalogCall::Outcome outcome);
  void on_known();

  Discovery& discovery_;
  Fn fn_;
  config::Credentials::Kind kind_ = config::Credentials::Kind::none;
  base::Duration max_age_{};
  ApiCatalogCall call_;
  loop::Deferred known_;
};

}  // namespace kube
